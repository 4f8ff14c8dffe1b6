"""What the reader of a terminal sees of a sweep: how many scenarios were solved, ranges or bands of real income, what the variance comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from rich.console import Console

from cge.data.csv import read_results
from cge.questions.sweep.grounds import gaps
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
    if summary["gaps"]:
        say(out, gaps(cast(list[str], summary["gaps"])), "yellow")
    if failed:
        kinds = ", ".join(f"{count} {name}" for name, count in failed.items())
        say(out, f"{summary['failed_share']:.2%} failed ({kinds}); they are in failures.csv, and in no figure below.", "red")
    known = [str(country) for country in open_store(folder / STORE)["country"].values]
    countries = largest(case, known)
    if summary["draws"]:
        show_bands(out, read_results(folder / "bands.csv"), list(axes), countries)
        show_variance(out, read_results(folder / "variance.csv"), list(axes), countries)
    else:
        show_range(out, folder, countries)
    say(out, f"Files: {folder}/ ({', '.join(sorted(path.name for path in folder.iterdir()))})")


def largest(case: Case, known: list[str]) -> list[str]:
    """Countries of the sweep to show: the largest by income in the economy of the run file (by endowment where the benchmark of a technology is
    not solved), then those that it does not have.
    """
    if isinstance(case.start, Start):
        order = largest_countries(case.start.benchmark, len(case.countries))
    else:
        size = case.start.technology.endowment.sum(axis=0)
        order = [case.countries[n] for n in np.argsort(-size, kind="stable")]
    return [*(country for country in order if country in known), *(country for country in known if country not in order)][:SHOWN]


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
        title += f" ({', '.join(f'{name} = {rows.iloc[0][name]}' for name in axes)}; the others are in bands.csv)"
        rows = first(rows, axes)
    shown = plain_table(["", "mean", "sd", "p05", "median", "p95"], 1)
    for row in rows.set_index("country").loc[countries].reset_index().to_dict("records"):
        add(shown, [row["country"], *(signed(row[name]) for name in ("mean", "sd", "p05", "median", "p95"))])
    show_table(out, title, shown)


def first(rows: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """Rows of the first combination of the axes."""
    return rows[(rows[axes] == rows.iloc[0][axes]).all(axis=1)]


def show_variance(out: Console, table: pd.DataFrame, axes: list[str], countries: list[str], most: int = 3) -> None:
    """The sectors whose elasticity explains most of the variance of real income, as far as that is more than chance."""
    if table.empty:
        return
    table = first(table, axes)
    certain = table[table["first_order"] > table["bound"]]
    shown = plain_table(["", *(f"sector {k + 1}" for k in range(most))], most + 1)
    for country in countries:
        rows = certain[certain["country"] == country].nlargest(most, "first_order")
        found = [f"{row['sector']} {row['first_order']:.0%}" for row in rows.to_dict("records")]
        add(shown, [country, *found, *["–"] * (most - len(found))])
    chance = f"left out: below {table['bound'].max():.1%}, which chance alone makes"
    show_table(out, f"Share of the variance of real income by sector's elasticity (first order; {chance})", shown)
