"""What the reader of a terminal sees: the verdict first, then corners, countries and where the files are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from rich.console import Console
from rich.text import Text

from cge.questions.datasets import unit_of
from cge.results.channels import CHANNELS
from cge.runfile.case import Case
from cge.runfile.in_words import listed
from cge.solve.solution import Solution
from cge.tell.headings import stacked
from cge.tell.terminal import add, money, plain_table, say, show_table, signed
from cge.tell.verdict import countries_shown, show_corners, show_files, show_verdict


def show_run(out: Console, solution: Solution, case: Case, tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """All of a run: verdict, notes, corners, countries, groups, files."""
    show_verdict(out, solution, case)
    show_corners(out, solution)
    welfare = tables["welfare"]
    unit = unit_of(solution)
    shown = countries_shown(solution, welfare)
    show_welfare(out, f"Countries (money: {unit})", shown)
    if sum(map(len, shown.values())) < len(welfare):
        say(out, f"The other countries are in {folder / 'welfare.csv'}.")
    if len(solution.benchmark.factors) > 1:
        show_factors(out, tables["factors"], [str(country) for part in shown.values() for country in part["country"]])
    show_welfare(out, "World and groups", {"": tables["groups"]})
    say(out, "Channels are log points × 100 and add up to 100·ln of real income (of groups, averages do so nearly).")
    if case.scenario:
        named = listed([str(one.get("name")) for one in case.scenario])
        say(out, f"Scenarios of this file: {named}. --scenario NAME takes one, cge compare shows all side by side.")
    show_files(out, folder)


def show_welfare(out: Console, title: str, parts: Mapping[str, pd.DataFrame]) -> None:
    """Real income, equivalent variation and the five channels; a part with a name stands under it."""
    table = plain_table(["", "real\nincome %", "equivalent\nvariation", *map(stacked, CHANNELS)], 1)
    every = pd.concat(list(parts.values()))["equivalent_variation"]
    for name, part in parts.items():
        if name:
            table.add_row(Text(name, style="italic"))
        for row in part.to_dict("records"):
            numbers = [signed(row[column]) for column in CHANNELS]
            add(table, [str(row["country"]), signed(row["real_income_pct"]), money(row["equivalent_variation"], every), *numbers])
    show_table(out, title, table)


REWARDS = {"real_price_pct": "real\nreward %", "cost_log": "\ncost", "variety_log": "\nvariety", "productivity_log": "produc-\ntivity"}
"""Columns of factors.csv: the real reward of a factor and its parts, and their headings."""


def show_factors(out: Console, factors: pd.DataFrame, countries: list[str]) -> None:
    """Real rewards of every factor, and their split into cost, variety and productivity."""
    table = plain_table(["", "factor", "price %", *REWARDS.values()], 2)
    rows = factors.set_index("country").loc[countries].reset_index()
    for row in rows.to_dict("records"):
        add(table, [row["country"], row["factor"], signed(row["price_pct"]), *(signed(row[name]) for name in REWARDS)])
    show_table(out, "Factors (cost, variety, productivity: log points × 100, which add up to 100·ln of the real reward)", table)
