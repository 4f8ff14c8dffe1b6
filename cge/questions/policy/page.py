"""A question of rates as the instruments of telling know it: that of a run at the solution, with who sets what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.model.shock import RATES
from cge.questions.policy.asked import faults
from cge.questions.run.first import opening
from cge.tell import plot
from cge.tell.answer import Answer
from cge.tell.folder import from_solution
from cge.tell.headings import Heading, titled
from cge.tell.page.figures import world_map
from cge.tell.page.numbers import rounded
from cge.tell.page.satellites import satellites
from cge.tell.page.words import of_solution
from cge.tell.paper.table import by_country
from cge.tell.question import AT_TIMES, OF_SOLUTION, SOLVED, Fact, Question, Results, Verdict, Wide

if TYPE_CHECKING:
    from matplotlib.axes import Axes

HEADINGS = {
    "gain_from_policy_pp": Heading("Gain from own policy", "percentage points", change=False),
    "rate_median_pct": Heading("Median rate", "%", change=False),
    "rate_mean_weighted_pct": Heading("Mean rate, weighted by trade", "%", change=False),
    "revenue_share_pct": Heading("Revenue over income", "%", change=False),
    "epsilon_pp": Heading("Could gain by deviating", "percentage points", change=False),
}
"""Columns of players.csv that no other question has."""

SHOWN = ("real_income_pct", *HEADINGS)
"""Columns of players.csv that the page and a table for papers show."""

MOST_CELLS = 100_000
"""Rates by partner that the page carries; of a larger question means over partners alone."""

ASKED = {
    "best": "Which {rates} are best for {who}?",
    "war": "What if each of {who} sets the {rates} that are best for itself?",
    "retaliate": "With which {rates} would {who} answer what the run file changes?",
    "agree": "Which {rates} could {who} agree on?",
    "revenue": "Which {rates} raise most revenue for {who}?",
}
"""What is asked, by the question of the table [policy]."""

WORDS = {"tariff": "tariffs", "export_tax": "export taxes", "both": "tariffs and export taxes"}
"""What is laid on flows, for readers, by instrument of the table [policy]."""


def first(results: Results) -> Answer:
    """What a reader sees first."""
    return opening(results.told)


def verdict(results: Results) -> Verdict:
    """Of the solution, and of the rates."""
    solved, said = of_solution(results), results.summary["policy"]
    optima = f"{said['starts']} starts, {len(said['optima'])} found to be different"
    trial = f"{said['deviation_pp']:.1e} percentage points (largest gain of a deviation that was drawn), {said['epsilon_pp']:.1e} (of any search)"
    return Verdict(
        solved.headline, [*solved.facts, Fact("Certificate", said["sentence"]), Fact("Optima", optima), Fact("Deviations", trial)]
    )


def limits(results: Results) -> list[str]:
    """What rates as numbers cannot tell."""
    return [
        "Rates on flows that do not exist are not determined: they stay as they are and are not counted.",
        *map(str, results.summary["policy"]["messages"]),
    ]


def payload(results: Results) -> dict[str, Any]:
    """Players with their numbers, and rates in percent: means over partners [row][sector], and by partner where rates differ by it; a row for each
    player, or for each of its instruments.
    """
    said = results.summary["policy"]
    table, rows = in_rows(results)
    players, sectors = list(said["players"]), list(results.sectors)
    partners = [label for label in results.countries if label in set(table["partner"])]
    one = table.groupby(["row", "sector"], sort=False)["rate"]
    differ = bool((one.max() - one.min() > 1e-9).any()) and len(rows) * len(sectors) * len(partners) <= MOST_CELLS
    columns = [(name, results.heading(name)) for name in SHOWN]
    numbers = results.tables["players"]
    return {
        "sectors": sectors,
        "satellites": satellites(results),
        "policy": {
            "sentence": said["sentence"],
            "messages": said["messages"],
            "players": players,
            "rows": rows,
            "sectors": sectors,
            "partners": [results.names[label] for label in partners] if differ else [],
            "columns": [{"word": h.word, "unit": h.unit, "values": rounded(numbers[name])} for name, h in columns],
            "mean": rounded(square(table, rows, sectors)),
            "byPartner": [rounded(square(table[table["partner"] == label], rows, sectors)) for label in partners] if differ else [],
        },
    }


def in_rows(results: Results) -> tuple[pd.DataFrame, list[str]]:
    """policy.csv with a column `row`, and the rows: players, each once for every instrument where there are several."""
    table, players = results.tables["policy"], [str(name) for name in results.summary["policy"]["players"]]
    tools = [name for name in RATES if name in set(table["instrument"])]
    if len(tools) == 1:
        return table.assign(row=table["player"]), players
    named = table["player"].astype(str) + ", " + table["instrument"].map(WORDS)
    return table.assign(row=named), [f"{player}, {WORDS[name]}" for player in players for name in tools]


def square(table: pd.DataFrame, rows: list[str], sectors: list[str]) -> np.ndarray[Any, np.dtype[np.float64]]:
    """Rates in percent, means weighted by trade (all alike where there is none) [row, sector]; NaN where there is none."""
    weight = table["trade"].where(table["trade"] > 0, 1e-12 * (1 + table["trade_benchmark"]))
    sums = table.assign(weight=weight, paid=weight * table["rate"]).groupby(["row", "sector"], sort=False)[["weight", "paid"]].sum()
    mean = 100 * sums["paid"] / sums["weight"]
    return mean.unstack().reindex(index=rows, columns=sectors).to_numpy(float)


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """A heat map of the rates, and a map of real income."""
    table, rows = in_rows(results)
    yield "rates", plot.rates_heatmap(square(table, rows, list(results.sectors)), rows, list(results.sectors))
    title = titled(results.heading(POLICY.leads), results.unit)
    yield from world_map(results.table, POLICY.leads, title, names=results.country_names, attrs=results.economy)


def wide(results: Results, wanted: list[str], asked: bool) -> Wide:
    """A row for each player; where other statistics are asked for than theirs a row for each country."""
    table = results.tables["players"].set_index("player")
    if not set(wanted) <= set(table):
        return by_country(results, wanted, asked)
    notes = (str(results.summary["policy"]["sentence"]).rstrip("."),)
    return Wide({(results.heading(name).word, results.heading(name).unit): table[name] for name in wanted}, notes=notes)


def asks(text: str) -> list[str]:
    """What is asked of rates, in one sentence."""
    from cge.runfile.in_words import listed, parsed

    given = parsed(text).get("policy", {})
    who = given.get("player") or given.get("players", "*")
    named = "all countries" if who == "*" else listed([who] if isinstance(who, str) else [str(one) for one in who])
    return [ASKED[given.get("question", "best")].format(who=named, rates=WORDS[given.get("instrument", "tariff")])]


POLICY = Question(
    "policy",
    files=("policy.csv", "players.csv", *OF_SOLUTION),
    main="welfare",
    sometimes=AT_TIMES,
    says=(*SOLVED, "policy"),
    headings=HEADINGS,
    read=from_solution,
    answer=first,
    asks=asks,
    limits=limits,
    verdict=verdict,
    payload=payload,
    parts=Path(__file__).parent,
    faults=faults,
    figures=figures,
    statistics=SHOWN,
    wide=wide,
)
