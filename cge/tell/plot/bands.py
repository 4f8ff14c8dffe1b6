"""What a sweep says: bands over draws of elasticities, curves over a key that varies."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.geography import UNNAMED
from cge.errors import DataError, nearest
from cge.tell.plot.style import (
    BLUE,
    COLUMN,
    FONT,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    axes,
    chosen,
    legend_columns,
    numbers,
    row_labels,
    rows_layout,
    tidy,
    worded,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = ((BLUE, "-"), (VERMILLION, "--"), (GREEN, "-."), (PURPLE, ":"), (ORANGE, "-"), (SKY, "--"))
"""Colours and strokes of curves, the most that one figure tells apart."""


def sweep_bands(
    table: pd.DataFrame,
    axis: str | None = None,
    countries: Iterable[str] | None = None,
    title: str = "Real income, change in %",
    ax: Axes | None = None,
    names: Mapping[str, str] = UNNAMED,
) -> Axes:
    """Median with the bands that hold half and nine tenths of the draws: by country, or along a key of the sweep.

    Args:
        table: `country, p05, p25, median, p75, p95` of one statistic, a row for each country, or for each value of the key `axis` (numbers) and
            country; bands.csv filtered to one statistic is such a table, and `cge.questions.sweep.uncertainty.spread` makes it of any sweep.
        axis: the key along the bottom; None: countries one below the other, sorted by their median.
        countries: these only; the six whose medians lie furthest apart where left out and there is an axis. names: in words, by label.

    Raises:
        DataError: an unknown country, a column that is missing.
    """
    if axis is None:
        return _by_country(table, countries, title, ax, names)
    if axis not in table:
        raise DataError(f"axis: no key {axis} in this table.{nearest(axis, [str(name) for name in table])}")
    known = list(dict.fromkeys(table["country"].astype(str)))
    chosen(table.drop_duplicates("country"), countries)
    wanted = list(countries) if countries is not None else widest(table, known)
    ax = axes(ax, COLUMN, 2.8)
    for label, (colour, stroke) in zip(wanted, LINES, strict=False):
        rows = table[table["country"].astype(str) == label].sort_values(axis)
        x = numbers(rows, axis)
        for low, high, shade in (("p05", "p95", 0.18), ("p25", "p75", 0.3)):
            if (numbers(rows, low) != numbers(rows, high)).any():
                ax.fill_between(x, numbers(rows, low), numbers(rows, high), color=colour, alpha=shade, linewidth=0)
        word, mark = worded(names.get(label, label)), "." if len(x) < 3 else ""
        ax.plot(x, numbers(rows, "median"), color=colour, linestyle=stroke, linewidth=1.2, label=word, marker=mark)
    ax.axhline(0, color="black", linewidth=0.5)
    ax.set_xlabel(worded(axis, 60), fontsize=FONT)
    ax.set_ylabel(title, fontsize=FONT)
    columns = legend_columns(worded(names.get(label, label)) for label in wanted)
    ax.legend(fontsize=FONT - 1, frameon=False, ncols=columns, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    tidy(ax)
    return ax


def widest(table: pd.DataFrame, known: list[str]) -> list[str]:
    """The countries whose median moves most, at most as many as one figure tells apart."""
    moves = table.assign(country=table["country"].astype(str)).groupby("country", sort=False)["median"].agg(lambda v: v.max() - v.min())
    order = moves.reindex(known).fillna(-np.inf).sort_values(ascending=False, kind="stable")
    return [str(label) for label in order.index[: len(LINES)]]


def _by_country(table: pd.DataFrame, countries: Iterable[str] | None, title: str, ax: Axes | None, names: Mapping[str, str]) -> Axes:
    """Countries one below the other: median (mark), half of the draws (thick), nine tenths (thin)."""
    rows = chosen(table, countries)
    if rows["country"].duplicated().any():
        raise DataError("table: has several rows for a country; filter it to one statistic and one value of every key, or name the axis.")
    if countries is None:
        rows = rows.sort_values("median", ascending=False, kind="stable")
    height, size = rows_layout(len(rows))
    ax = axes(ax, COLUMN, height)
    place = np.arange(len(rows))
    ax.hlines(place, numbers(rows, "p05"), numbers(rows, "p95"), color=BLUE, linewidth=0.8, label="90 % of draws")
    ax.hlines(place, numbers(rows, "p25"), numbers(rows, "p75"), color=BLUE, linewidth=2.4, alpha=0.6, label="50 %")
    ax.plot(numbers(rows, "median"), place, linestyle="none", marker="o", markersize=2.4, color="black", markeredgewidth=0, label="median")
    ax.axvline(0, color="black", linewidth=0.6)
    row_labels(ax, [worded(names.get(label, label)) for label in rows["country"]], size)
    ax.set_xlabel(title, fontsize=FONT)
    ax.legend(fontsize=FONT - 1, frameon=False, ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), handlelength=1.2, columnspacing=1.0)
    return ax
