"""What the reader of a terminal sees of gains from trade."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from cge.data.text import counted
from cge.questions.gains.answer import Drawn, gains_summary
from cge.questions.gains.first import opening
from cge.results.gains import Gains
from cge.runfile.case import Case
from cge.tell.answer import told_of
from cge.tell.opening import show_answer, show_rates_and_limits
from cge.tell.terminal import add, number, plain_table, say, show_table, signed
from cge.tell.verdict import show_files, show_solved

ENDS = 10
"""Countries with the largest gains, and with the smallest, of a world with more than twice as many."""

SHOWN = ["p05", "median", "p95"]
"""Quantiles over draws."""


def show_gains(out: Console, answer: Drawn, case: Case, folder: Path) -> None:
    """Gains from trade by country, with their bands over draws, why some are negative, and why some countries have no number."""
    gains, bands = answer.found, answer.bands
    tables = {"gains": gains.table, **({} if bands is None else {"bands": bands})}
    told = told_of(gains_summary(answer, case), tables, gains.solution.benchmark)
    first = opening(told)
    show_answer(out, case.title, first)
    table = plain_table(["", "gains %", "radius", *([] if bands is None else SHOWN)], 1)
    drawn = {} if bands is None else {row[0]: [signed(v) for v in row[1:]] for row in bands[["country", *SHOWN]].itertuples(index=False)}
    order = gains.table.sort_values("gains_from_trade_pct", ascending=False, kind="stable")
    known = order[order["gains_from_trade_pct"].notna()]
    shown = known if len(known) <= 2 * ENDS else pd.concat([known.head(ENDS), known.tail(ENDS)])
    for row in shown.to_dict("records"):
        add(
            table,
            [told.labelled(row["country"]), signed(row["gains_from_trade_pct"]), number(row["radius"]), *drawn.get(row["country"], [])],
        )
    ends = "" if len(shown) == len(known) else f", the {ENDS} largest and the {ENDS} smallest"
    show_table(out, f"Gains from trade: real income that autarky would cost{ends}", table)
    if ends:
        say(out, f"The other countries are in {folder / 'gains.csv'}.")
    if bands is not None:
        failed = int(bands["failed"].iloc[0])
        refused = f", {failed} that the model refuses left out" if failed else ""
        say(out, f"Last columns: over {counted(int(bands['draws'].iloc[0]), 'draw')} of elasticities{refused}.")
    if np.any(gains.solution.reference.values.transfer):
        say(
            out,
            "Autarky has no transfers: a country that gives them (a trade surplus) wins back what it gives, so its gains can be negative.",
        )
    show_reasons(out, gains)
    show_rates_and_limits(out, first, told.summary)
    show_solved(out, gains.solution, case)
    show_files(out, folder)


def show_reasons(out: Console, gains: Gains) -> None:
    """Countries without a number, by kind of reason; the reason of each, with sectors and figures, is in summary.json."""
    if not gains.reasons:
        return
    say(
        out,
        f"No number for {len(gains.reasons)} of {len(gains.table)} countries (`reasons` in summary.json names sectors and figures):",
        "yellow",
    )
    without = gains.table[gains.table["country"].isin(gains.reasons)]
    explosive = without["radius"] >= 1
    kinds = {
        "buy what they do not make, directly or through their suppliers": without[~explosive],
        "have scale effects through inputs that leave no autarky (radius of the autarky price map 1 or more)": without[explosive],
    }
    for kind, rows in kinds.items():
        if len(rows):
            say(out, f"  {len(rows)} {kind}: {', '.join(rows['country'])}")
