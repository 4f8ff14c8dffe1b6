"""What the reader of a terminal sees of a sweep: how many scenarios were solved, ranges or bands of real income, what the variance comes from."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from rich.console import Console

from cge.data.csv import read_results
from cge.data.text import counted
from cge.questions.datasets import in_words
from cge.questions.sweep.carried import named
from cge.questions.sweep.chunks import LOG, reasons
from cge.questions.sweep.first import opening
from cge.questions.sweep.grounds import gaps
from cge.questions.sweep.store import STORE, open_store
from cge.results.highlights import largest_countries
from cge.runfile.case import Case, Start
from cge.tell.answer import Told, within_sentences
from cge.tell.headings import DIFFERENCE
from cge.tell.opening import show_answer, show_rates_and_limits
from cge.tell.terminal import add, plain_table, say, show_table, signed

SHOWN = 15
"""Countries, the largest by income."""

MOST_REASONS = 5
"""Why scenarios failed, in as many sentences at most."""

MOST_SIDES = 4
"""Differences that stand in one table."""


def show_sweep(out: Console, case: Case, summary: Mapping[str, object], folder: Path) -> None:
    """All of a sweep: the answer, real income, sectors that matter, rates and limits, how many were solved, failures, files."""
    if summary["solved"]:
        told = _told(case, summary)
        first = opening(told, open_store(folder / STORE), case.table)
        show_answer(out, case.title, first)
        show_figures(out, case, summary, folder, told)
        show_rates_and_limits(out, first, summary)
    else:
        say(out, case.title, "bold")
    axes = summary["axes"]
    assert isinstance(axes, dict)
    parts = [f"{name}: {count}" for name, count in axes.items()] + ([f"draws: {summary['draws']}"] if summary["draws"] else [])
    say(out, f"{counted(cast(int, summary['scenarios']), 'scenario')} ({', '.join(parts)}), {case.model}, {summary['economy']}")
    failed = summary["failed"]
    assert isinstance(failed, dict)
    if summary["solved"]:
        say(out, f"{summary['solved']} solved, largest relative residual {summary['residual']:.1e}", "green")
    else:
        say(out, "0 solved", "red")
    if summary["gaps"]:
        say(out, gaps(cast(list[str], summary["gaps"])), "yellow")
    if failed:
        kinds = ", ".join(f"{count} {name}" for name, count in failed.items())
        say(out, f"{summary['failed_share']:.2%} failed ({kinds}); they are in failures.csv, and in no figure below.", "red")
        why = reasons(folder / LOG)
        for reason in why[:MOST_REASONS]:
            say(out, reason, "red")
        if len(why) > MOST_REASONS:
            say(out, f"{counted(len(why) - MOST_REASONS, 'more reason')} in {LOG}", "red")
    say(out, f"Files: {folder}/ ({', '.join(sorted(path.name for path in folder.iterdir()))})")


def _told(case: Case, summary: Mapping[str, object]) -> Told:
    """What the first sentence is made from."""
    words = in_words(case)
    return Told(summary, {}, str(case.attrs.get("unit", "money")), words.get("country", {}), within_sentences(words.get("sector", {})))


def show_figures(out: Console, case: Case, summary: Mapping[str, object], folder: Path, told: Told) -> None:
    """Ranges or bands of real income, and what the variance comes from."""
    axes = list(cast(dict[str, int], summary["axes"]))
    known = [str(country) for country in open_store(folder / STORE)["country"].values]
    countries = {label: told.labelled(label) for label in largest(case, known)}
    if summary["draws"]:
        table = read_results(folder / "bands.csv")
        show_bands(out, table, axes, countries)
        show_differences(out, table, axes, countries)
        show_variance(out, read_results(folder / "variance.csv"), axes, countries)
    else:
        show_range(out, folder, axes, countries)


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


def show_range(out: Console, folder: Path, axes: list[str], countries: Mapping[str, str]) -> None:
    """The least and the most real income over scenarios, and at which values of the keys."""
    real = open_store(folder / STORE)["real_income_pct"].load()
    keys = real.to_dataset()[axes].to_dataframe()
    table = plain_table(["", "least %", "at", "most %", "at"], 1)
    for country, word in countries.items():
        values = real.sel(country=country).values
        if np.isfinite(values).any():
            low, high = int(np.nanargmin(values)), int(np.nanargmax(values))
            add(table, [word, signed(values[low]), named(keys.iloc[low], axes), signed(values[high]), named(keys.iloc[high], axes)])
    show_table(out, "Real income over scenarios, change in %", table)


def show_bands(out: Console, table: pd.DataFrame, axes: list[str], countries: Mapping[str, str]) -> None:
    """Mean and quantiles of real income for the first combination of the axes."""
    rows = table[table["statistic"] == "real_income_pct"]
    title = "Real income over draws, change in %"
    if axes:
        title += f" ({', '.join(f'{name} = {rows.iloc[0][name]}' for name in axes)}; the others are in bands.csv)"
        rows = first(rows, axes)
    shown = plain_table(["", "mean", "sd", "p05", "median", "p95"], 1)
    for row in rows.set_index("country").loc[list(countries)].reset_index().to_dict("records"):
        add(shown, [countries[row["country"]], *(signed(row[name]) for name in ("mean", "sd", "p05", "median", "p95"))])
    show_table(out, title, shown)


def show_differences(out: Console, table: pd.DataFrame, axes: list[str], countries: Mapping[str, str]) -> None:
    """Median and band of what real income is more under one combination of the axes than under another, as far as they stand in one table."""
    rows = table[table["statistic"] == f"real_income_pct{DIFFERENCE}"]
    sides = list(rows.groupby([*axes, "against"], sort=False)) if axes else []
    if not sides:
        return
    heads = ["\n".join([*(str(part.iloc[0][axis]) for axis in axes), f"less {against}"]) for (*_, against), part in sides[:MOST_SIDES]]
    shown = plain_table(["", *heads], 1)
    by_country = [part.set_index("country").to_dict("index") for _, part in sides[:MOST_SIDES]]
    for country, word in countries.items():
        cells = [part[country] for part in by_country]
        add(shown, [word, *(f"{signed(c['median'])} ({signed(c['p05'])}, {signed(c['p95'])})" for c in cells)])
    more = "" if len(sides) <= MOST_SIDES else f"; {len(sides) - MOST_SIDES} more in bands.csv"
    words = f"median (5th, 95th percentile) by {', '.join(axes)}{more}"
    show_table(out, f"Difference of real income over the same draws, percentage points: {words}", shown)


def first(rows: pd.DataFrame, axes: list[str]) -> pd.DataFrame:
    """Rows of the first combination of the axes."""
    return rows[(rows[axes] == rows.iloc[0][axes]).all(axis=1)]


def show_variance(out: Console, table: pd.DataFrame, axes: list[str], countries: Mapping[str, str], most: int = 3) -> None:
    """The sectors whose elasticity explains most of the variance of real income, as far as that is more than chance."""
    if table.empty:
        return
    table = first(table, axes)
    certain = table[table["first_order"] > table["bound"]]
    shown = plain_table(["", *(f"sector {k + 1}" for k in range(most))], most + 1)
    for country, word in countries.items():
        rows = certain[certain["country"] == country].nlargest(most, "first_order")
        found = [f"{row['sector']} {row['first_order']:.0%}" for row in rows.to_dict("records")]
        add(shown, [word, *found, *["–"] * (most - len(found))])
    chance = f"left out: below {table['bound'].max():.1%}, which chance alone makes"
    show_table(out, f"Share of the variance of real income by sector's elasticity (first order; {chance})", shown)
