"""What the reader of a terminal sees, in the order of the page: the answer, who gains and loses, the rates, limits, the verdict, the files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.text import Text

from cge.questions.run.first import opening
from cge.results.channels import CHANNELS
from cge.results.welfare import CONSTANT
from cge.runfile.case import Case
from cge.runfile.in_words import listed
from cge.solve.solution import Solution
from cge.tell.answer import Told
from cge.tell.digits import NOTHING
from cge.tell.headings import stacked
from cge.tell.opening import show_answer, show_rates_and_limits
from cge.tell.satellites import show_satellites
from cge.tell.terminal import add, money, plain_table, say, show_table, signed
from cge.tell.verdict import show_corners, show_files, show_solved

ENDS = 10
"""Countries that gain most, and that lose most, of a world with more than twice as many."""


def show_run(out: Console, solution: Solution, case: Case, told: Told, folder: Path) -> None:
    """All of a run."""
    tables, first = told.tables, opening(told)
    show_answer(out, case.title, first)
    parts = ends(tables["welfare"], tables["groups"], first.who)
    show_welfare(out, f"Who gains and who loses (money: {told.unit})", parts, told)
    if sum(map(len, parts.values())) < len(tables["welfare"]) + len(tables["groups"]):
        say(out, f"The other countries are in {folder / 'welfare.csv'}.")
    say(out, "Channels are log points × 100 and add up to 100·ln of real income (of groups, averages do so nearly).")
    if "groups_income" in tables:
        show_workers(out, tables["groups_income"], list(dict.fromkeys(pd.concat(list(parts.values()))["country"])), told)
    if len(solution.benchmark.factors) > 1:
        rows = pd.concat(list(parts.values()))["country"]
        show_factors(out, tables["factors"], [label for label in rows if label in set(case.countries)], told)
    show_satellites(out, told.summary, tables, told)
    show_rates_and_limits(out, first, told.summary)
    show_solved(out, solution, case)
    show_corners(out, solution)
    if case.scenario:
        named = listed([str(one.get("name")) for one in case.scenario])
        say(out, f"Scenarios of this file: {named}. --scenario NAME takes one, cge compare shows all side by side.")
    show_files(out, folder)


def ends(welfare: pd.DataFrame, groups: pd.DataFrame, who: str) -> dict[str, pd.DataFrame]:
    """World and groups, then the countries that gain and lose most, by their real income, and the one that acts; all of a small world."""
    order = welfare.sort_values("real_income_pct", ascending=False, kind="stable")
    if len(order) <= 2 * ENDS:
        return {"": groups, "countries": order}
    gain, lose = order.head(ENDS), order.tail(ENDS)[::-1]
    between = order[(order["country"] == who) & ~order.index.isin([*gain.index, *lose.index])]
    return {"": groups, **({"acts": between} if len(between) else {}), "gain most": gain, "lose most": lose}


def show_welfare(out: Console, title: str, parts: Mapping[str, pd.DataFrame], told: Told) -> None:
    """Real income, equivalent variation and the channels that move; a part with a name stands under it."""
    every = pd.concat(list(parts.values()))
    some = [column for column in CHANNELS if column in every and (every[column].abs() > NOTHING).any()]
    beside = {name: head for name, head in BESIDE.items() if name in every}
    table = plain_table(["", "real\nincome %", *beside.values(), "equivalent\nvariation", *map(stacked, some)], 1)
    for name, part in parts.items():
        if name:
            table.add_row(Text(name, style="italic"))
        for row in part.to_dict("records"):
            numbers = [signed(row[column]) for column in some]
            add(
                table,
                [
                    told.labelled(row["country"]),
                    signed(row["real_income_pct"]),
                    *(signed(row[name]) for name in beside),
                    money(row["equivalent_variation"], every["equivalent_variation"]),
                    *numbers,
                ],
            )
    show_table(out, title, table)


WORKERS = {"income_pct": "\nincome %", "real_income_pct": "real\nincome %", "moved_pct": "change\nsector %"}
"""Columns of groups_income.csv that are shown, and their headings."""


def show_workers(out: Console, workers: pd.DataFrame, countries: list[str], told: Told) -> None:
    """Groups of workers of these countries: those that gain most and lose most of each where they are many."""
    table = plain_table(["", "group", *WORKERS.values()], 2)
    for country in countries:
        rows = workers[workers["country"] == country].sort_values("real_income_pct", ascending=False, kind="stable")
        shown = rows if len(rows) <= 2 * FEW else pd.concat([rows.head(FEW), rows.tail(FEW)])
        for row in shown.to_dict("records"):
            add(table, [told.labelled(row["country"]), row["group"], *(signed(row[name]) for name in WORKERS)])
    show_table(out, "Who wins at home (change sector: of the group's workers, net)", table)


FEW = 3
"""Groups of workers of a country that gain most, and that lose most, where it has more than twice as many."""

BESIDE = {CONSTANT: "constant\nmark-ups %"}
"""Columns of welfare.csv that stand beside real income where there are any, and their headings."""

REWARDS = {"real_price_pct": "real\nreward %", "cost_log": "\ncost", "variety_log": "\nvariety", "productivity_log": "produc-\ntivity"}
"""Columns of factors.csv: the real reward of a factor and its parts, and their headings."""


def show_factors(out: Console, factors: pd.DataFrame, countries: list[str], told: Told) -> None:
    """Real rewards of every factor, and their split into cost, variety and productivity."""
    table = plain_table(["", "factor", "price %", *REWARDS.values()], 2)
    rows = factors.set_index("country").loc[countries].reset_index()
    for row in rows.to_dict("records"):
        add(table, [told.labelled(row["country"]), row["factor"], signed(row["price_pct"]), *(signed(row[name]) for name in REWARDS)])
    show_table(out, "Factors (cost, variety, productivity: log points × 100, which add up to 100·ln of the real reward)", table)
