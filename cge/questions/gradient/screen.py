"""What the reader of a terminal sees of a gradient: the tariffs, trade costs and the elasticity that matter most to each country."""

from __future__ import annotations

from itertools import zip_longest
from pathlib import Path

import pandas as pd
from rich.console import Console

from cge.questions.gradient.answer import KINDS, TOP, Gradient, elasticity, gradient_summary
from cge.questions.gradient.first import opening
from cge.questions.gradient.levers import levers, totals
from cge.results.gradient import MOBILITY
from cge.runfile.case import Case
from cge.tell.answer import told_of
from cge.tell.digits import sized
from cge.tell.opening import show_answer, show_rates_and_limits
from cge.tell.terminal import add, plain_table, say, show_table
from cge.tell.verdict import show_files, show_solved

BLOCK = ("importer", "exporter", "sector")


def show_gradient(out: Console, gradient: Gradient, case: Case, folder: Path) -> None:
    """All of a gradient: the answer, a table for each country, rates and limits, verdict, corners, files."""
    tables = {"totals": totals(gradient.data), "levers": levers(gradient.data)}
    told = told_of(gradient_summary(gradient, case), tables, gradient.solution.benchmark)
    first = opening(told)
    show_answer(out, case.title, first)
    out.print()
    say(
        out,
        "At this solution, percent of real income for one percentage point of a tariff (left, with its rate in percent), for one percent of an "
        f"iceberg trade cost between countries (right), the {TOP} largest, and for one percent of an elasticity.",
    )
    for country, rows in gradient.table.groupby("country", sort=False):
        show_country(out, gradient, told.labelled(str(country)), rows)
    say(out, f"Whole arrays are in {folder / 'gradient.nc'}.")
    show_rates_and_limits(out, first, told.summary)
    show_solved(out, gradient.solution, case)
    note = str(gradient.data.attrs["note"])
    if note:
        say(out, f"Note: {note}", "yellow")
    show_files(out, folder)


def show_country(out: Console, gradient: Gradient, title: str, rows: pd.DataFrame) -> None:
    """The largest derivatives of one country's real income."""
    tariffs, costs = (rows[rows["of"] == kind].head(TOP).to_dict("records") for kind in ("tariff", "iceberg"))
    table = plain_table([*BLOCK, "rate %", "per point", "", *BLOCK, "per percent"], 3)
    rate = gradient.solution.data["tariff"]
    for tariff, cost in zip_longest(tariffs, costs):
        left = ["", "", "", "", ""]
        if tariff:
            labels = {dim: tariff[dim] for dim in BLOCK}
            left = [*labels.values(), f"{100 * float(rate.sel(labels)):.1f}", small(tariff["value"])]
        add(table, [*left, "  ", *([*(cost[dim] for dim in BLOCK), small(cost["value"])] if cost else [""] * 4)])
    show_table(out, title, table)
    say(out, elasticity_line(gradient, rows))


def elasticity_line(gradient: Gradient, rows: pd.DataFrame) -> str:
    """The elasticity that matters most to one country, in words."""
    best: tuple[float, str] | None = None
    for row in rows[~rows["of"].isin(KINDS)].to_dict("records"):
        dim = "group" if row["of"] == MOBILITY else "sector"
        label = row[dim]
        value = float(elasticity(gradient.solution, row["of"])[list(gradient.data[dim].values).index(label)])
        effect = value * row["value"]
        if best is None or abs(effect) > abs(best[0]):
            name = "the trade elasticity" if row["of"] == "trade" else row["of"]
            best = effect, f"Elasticity that matters most: {name} of {label} ({value:g}), {small(effect)} per percent."
    return "No elasticity matters to first order here." if best is None else best[1]


def small(value: float) -> str:
    """A small change in percent, three digits of it."""
    return sized(value, 3, plus=True)
