"""The verdict on a solution, in a terminal."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
from rich.console import Console

from cge.data.text import counted
from cge.results.highlights import countries_to_show, largest_emptied
from cge.runfile.case import Case
from cge.solve.solution import Solution
from cge.tell.provenance import notes
from cge.tell.terminal import add, money, plain_table, say, show_table


def show_solved(out: Console, solution: Solution, case: Case) -> None:
    """Model, how it was solved and verified, stability, notes."""
    links = "with inputs" if case.linked else "without inputs"
    size = f"{counted(len(case.countries), 'country', 'countries')} × {counted(len(case.sectors), 'sector')}"
    say(out, f"{case.model}, {case.elasticity_source}; {links}; transfers {case.transfers}; {size}, {case.economy_title}")
    verdict = f"{solution.outcome.sentence}; {solution.dropped} (implied by the others, Walras): {solution.walras:.1e}"
    steps = "Newton steps" if solution.method == "hat" else "iterations, confirmed by IPOPT"
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


FEW = 25
"""All countries are shown up to this number, a selection beyond it."""


def countries_shown(solution: Solution, welfare: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Rows of welfare.csv that a table shows, by the reason why: all of a small world, else those worth showing."""
    return {"": welfare} if len(welfare) <= FEW else countries_to_show(solution, welfare)


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


def show_files(out: Console, folder: Path) -> None:
    """Where the results are."""
    say(out, f"Files: {folder}/ ({', '.join(sorted(path.name for path in folder.iterdir()))})")
