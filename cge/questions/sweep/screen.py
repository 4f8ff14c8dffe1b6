"""What the reader of a terminal sees of a sweep: how many scenarios were solved, ranges or bands of real income, what the variance comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

from cge.data.csv import read_results
from cge.questions.sweep.store import STORE, open_store
from cge.results.highlights import largest_countries
from cge.runfile.case import Case, Start
from cge.tell.terminal import add, plain_table, say, show_table, signed

SHOWN = 15
"""Countries, the largest by income."""


def show_sweep(out: Console, case: Case, summary: Mapping[str, object], folder: Path) -> None:
    """All of a sweep: verdict, failures, real income, sectors that matter, files."""
    say(out, case.title, "bold")
    axes = summary["axes"]
    assert isinstance(axes, dict)
    parts = [f"{name}: {count}" for name, count in axes.items()] + ([f"draws: {summary['draws']}"] if summary["draws"] else [])
    say(out, f"{summary['scenarios']} scenarios ({', '.join(parts)}), {case.model}, {summary['economy']}")
    say(out, f"{summary['solved']} solved, largest relative residual {summary['residual']:.1e}", "green")
    failed = summary["failed"]
    assert isinstance(failed, dict)
    if failed:
        kinds = ", ".join(f"{count} {name}" for name, count in failed.items())
        say(out, f"{summary['failed_share']:.2%} failed ({kinds}); they are in failures.csv, and in no figure below.", "red")
    countries = largest(case)
    if summary["draws"]:
        show_bands(out, read_results(folder / "bands.csv"), list(axes), countries)
        show_variance(out, read_results(folder / "variance.csv"), countries)
    else:
        show_range(out, folder, countries)
    say(out, f"Files: {folder}/ ({', '.join(sorted(path.name for path in folder.iterdir()))})")


def largest(case: Case) -> list[str]:
    """Countries to show: the largest by income, and by endowment where the benchmark of a technology is not solved."""
    if isinstance(case.start, Start):
        return largest_countries(case.start.benchmark, SHOWN)
    size = case.start.technology.endowment.sum(axis=0)
    return [case.countries[n] for n in np.argsort(-size, kind="stable")[:SHOWN]]


def show_range(out: Console, folder: Path, countries: list[str]) -> None:
    """The least and the most real income over scenarios, and where."""
    real = open_store(folder / STORE)["real_income_pct"].load()
    table = plain_table(["", "least %", "scenario", "most %", "scenario"], 1)
    for country in countries:
        values = real.sel(country=country).values
        if np.isfinite(values).any():
            low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
            add(table, [country, signed(values[low]), low, signed(values[high]), high])
    show_table(out, "Real income over scenarios, change in %", table)


def show_bands(out: Console, table: pd.DataFrame, axes: list[str], countries: list[str]) -> None:
    """Mean and quantiles of real income for the first combination of the axes."""
    rows = table[table["statistic"] == "real_income_pct"]
    title = "Real income over draws, change in %"
    if axes:
        first = rows.iloc[0]
        title += f" ({', '.join(f'{name} = {first[name]}' for name in axes)}; the others are in bands.csv)"
        rows = rows[(rows[axes] == first[axes]).all(axis=1)]
    shown = plain_table(["", "mean", "sd", "p05", "median", "p95"], 1)
    for row in rows.set_index("country").loc[countries].reset_index().to_dict("records"):
        add(shown, [row["country"], *(signed(row[name]) for name in ("mean", "sd", "p05", "median", "p95"))])
    show_table(out, title, shown)


def show_variance(out: Console, table: pd.DataFrame, countries: list[str], most: int = 3) -> None:
    """The sectors whose elasticity explains most of the variance of real income."""
    if table.empty:
        return
    shown = plain_table(["", *(f"sector {k + 1}" for k in range(most))], most + 1)
    for country in countries:
        rows = table[table["country"] == country].head(table["sector"].nunique()).nlargest(most, "first_order")
        add(shown, [country, *(f"{row['sector']} {row['first_order']:.0%}" for row in rows.to_dict("records"))])
    show_table(out, "Share of the variance of real income by sector's elasticity (first order)", shown)
