"""What the reader of a terminal sees: the verdict first, then corners, countries and where the files are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console
from rich.text import Text

from cge.case import Case
from cge.datasets import unit_of
from cge.gains import Gains
from cge.highlights import countries_to_show, largest_emptied
from cge.provenance import notes
from cge.solution import Solution
from cge.terminal import add, money, number, plain_table, say, show_table, signed

FEW = 25
"""All countries are shown up to this number, a selection beyond it."""


CHANNELS = {
    "income_over_cost_log": "income\nover cost",
    "own_share_log": "own\nshare",
    "entry_log": "\nentry",
    "market_log": "\nmarket",
    "technology_log": "tech-\nnology",
}
"""Columns of welfare.csv whose sum is 100·ln of real income, and their headings."""


def show_run(out: Console, solution: Solution, case: Case, tables: Mapping[str, pd.DataFrame], folder: Path) -> None:
    """All of a run: verdict, notes, corners, countries, groups, files."""
    show_verdict(out, solution, case)
    show_corners(out, solution)
    welfare = tables["welfare"]
    unit = unit_of(solution)
    if len(welfare) <= FEW:
        show_welfare(out, f"Countries (money: {unit})", {"": welfare})
    else:
        show_welfare(out, f"Countries (money: {unit})", countries_to_show(solution, welfare))
        say(out, f"The other countries are in {folder / 'welfare.csv'}.")
    if len(solution.benchmark.factors) > 1:
        show_factors(out, tables["factors"], shown_countries(solution, welfare))
    show_welfare(out, "World and groups", {"": tables["groups"]})
    say(out, "Channels are log points × 100 and add up to 100·ln of real income (of groups, averages do so nearly).")
    show_files(out, folder)


def show_verdict(out: Console, solution: Solution, case: Case) -> None:
    """Title, model, how it was solved and verified, stability, notes."""
    say(out, case.title, "bold")
    links = "with inputs" if case.intermediates else "without inputs"
    size = f"{len(solution.benchmark.countries)} countries × {len(solution.benchmark.sectors)} sectors"
    say(out, f"{case.model}, {case.elasticity_source}; {links}; transfers {case.transfers}; {size}, {economy_title(case)}")
    verdict = f"{solution.outcome.sentence}; {solution.dropped} (implied by the others, Walras): {solution.walras:.1e}"
    steps = "Newton steps" if solution.method == "hat" else "iterations of IPOPT"
    say(out, f"{verdict}; {solution.iterations} {steps}, {solution.seconds:.2f} s", "green")
    if solution.levels_vs_hat is not None:
        say(out, f"Levels and changes differ by {solution.levels_vs_hat:.1e} at most.", "green")
    found = solution.stability
    if found is None:
        say(out, f"Stability: {solution.stability_note}.")
    else:
        after = "" if found.radius_solution is None else f", {found.radius_solution:.4g} at the solution"
        say(out, f"Stability: radius {found.radius:.4g} at the benchmark{after}; critical scale {found.critical_scale:.4g}.")
    for note in notes(solution, case):
        say(out, f"Note: {note}", "yellow")


def economy_title(case: Case) -> str:
    """What the economy calls itself, or where it came from."""
    return str(case.benchmark.attrs.get("title", case.economy.origin))


# --- corners -------------------------------------------------------------------------------------------------------------------------


def show_corners(out: Console, solution: Solution, shown: int = 8) -> None:
    """How many producers vanish, and the largest of them by sales in the benchmark."""
    if not solution.counterfactual.system.scale.any():
        return
    counts = solution.corners
    producing = int(((solution.reference.values.sales > 0) & (solution.reference.system.scale > 0)).sum())
    say(
        out,
        f"Corners: {counts['emptied']} of {producing} industries (country and sector) empty out, {counts['refilled']} come back; "
        f"{counts['benchmark']} were empty before.",
    )
    emptied = largest_emptied(solution)
    if emptied.empty:
        return
    table = plain_table(["country", "sector", "", "sales", "% of country"], 3)
    for row in emptied.head(shown).to_dict("records"):
        add(table, [row["country"], row["sector"], row["name"], money(row["sales"], emptied["sales"]), f"{row['share']:.2f}"])
    show_table(out, "Largest industries that vanish", table)
    whole = int((emptied["share"] > 1).sum())
    say(out, f"{whole} of {len(emptied)} made more than 1 % of their country's sales; all are in sectors.csv (entry_pct = -100).")


# --- countries -----------------------------------------------------------------------------------------------------------------------


def show_welfare(out: Console, title: str, parts: Mapping[str, pd.DataFrame]) -> None:
    """Real income, equivalent variation and the five channels; a part with a name stands under it."""
    table = plain_table(["", "real\nincome %", "equivalent\nvariation", *CHANNELS.values()], 1)
    every = pd.concat(list(parts.values()))["equivalent_variation"]
    for name, part in parts.items():
        if name:
            table.add_row(Text(name, style="italic"))
        for row in part.to_dict("records"):
            numbers = [signed(row[column]) for column in CHANNELS]
            add(table, [str(row["country"]), signed(row["real_income_pct"]), money(row["equivalent_variation"], every), *numbers])
    show_table(out, title, table)


def shown_countries(solution: Solution, welfare: pd.DataFrame) -> list[str]:
    """Countries that the tables show, in this order."""
    parts = {"": welfare} if len(welfare) <= FEW else countries_to_show(solution, welfare)
    return [str(country) for part in parts.values() for country in part["country"]]


REWARDS = {"real_price_pct": "real\nreward %", "cost_log": "\ncost", "variety_log": "\nvariety", "productivity_log": "produc-\ntivity"}
"""Columns of factors.csv: the real reward of a factor and its parts, and their headings."""


def show_factors(out: Console, factors: pd.DataFrame, countries: list[str]) -> None:
    """Real rewards of every factor, and their split into cost, variety and productivity."""
    table = plain_table(["", "factor", "price %", *REWARDS.values()], 2)
    rows = factors.set_index("country").loc[countries].reset_index()
    for row in rows.to_dict("records"):
        add(table, [row["country"], row["factor"], signed(row["price_pct"]), *(signed(row[name]) for name in REWARDS)])
    show_table(out, "Factors (cost, variety, productivity: log points × 100, which add up to 100·ln of the real reward)", table)


def show_gains(out: Console, found: Gains, case: Case, folder: Path) -> None:
    """Gains from trade by country, why some are negative, and why some countries have no number."""
    show_verdict(out, found.solution, case)
    table = plain_table(["", "gains %", "radius"], 1)
    for row in found.table.to_dict("records"):
        add(table, [row["country"], signed(row["gains_from_trade_pct"]), number(row["radius"])])
    show_table(out, "Gains from trade: real income that autarky would cost", table)
    if np.any(found.solution.reference.values.transfer):
        say(
            out,
            "Autarky has no transfers: a country that gives them (a trade surplus) wins back what it gives, so its gains can be negative.",
        )
    show_reasons(out, found)
    show_files(out, folder)


def show_reasons(out: Console, found: Gains) -> None:
    """Countries without a number, by kind of reason; the reason of each, with sectors and figures, is in summary.json."""
    if not found.reasons:
        return
    say(
        out,
        f"No number for {len(found.reasons)} of {len(found.table)} countries (`reasons` in summary.json names sectors and figures):",
        "yellow",
    )
    without = found.table[found.table["country"].isin(found.reasons)]
    explosive = without["radius"] >= 1
    kinds = {
        "buy what they do not make, directly or through their suppliers": without[~explosive],
        "have scale effects through inputs that leave no autarky (radius of the autarky price map 1 or more)": without[explosive],
    }
    for kind, rows in kinds.items():
        if len(rows):
            say(out, f"  {len(rows)} {kind}: {', '.join(rows['country'])}")


def show_files(out: Console, folder: Path) -> None:
    """Where the results are."""
    say(out, f"Files: {folder}/ ({', '.join(sorted(path.name for path in folder.iterdir()))})")


# --- pieces --------------------------------------------------------------------------------------------------------------------------
