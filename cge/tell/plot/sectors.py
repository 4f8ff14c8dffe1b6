"""Sectors of a country that gain and lose."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.results.sectors import sectors_table
from cge.solve.solution import Solution
from cge.tell.digits import NOTHING, fixed
from cge.tell.headings import heading
from cge.tell.plot.style import (
    BLUE,
    COLUMN,
    FONT,
    GREY,
    SMALLEST,
    VERMILLION,
    axes,
    chosen,
    ends,
    numbers,
    row_labels,
    rows_layout,
    table_of,
    worded,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTERS = 38
"""Longest name of a sector that is written out."""


def sector_dumbbells(
    source: Solution | pd.DataFrame,
    country: str,
    statistic: str = "output_pct",
    sectors: Iterable[str] | None = None,
    names: Mapping[str, str] | None = None,
    ax: Axes | None = None,
    place: str = "",
    most: int | None = None,
) -> Axes:
    """From the benchmark (open mark at zero) to the change in percent (filled mark) for every sector of a country, the largest gain first.

    A change far beyond all others is a number at the end of the axis. A sector without a number (nothing sold before) keeps its row, without a
    mark. A cross marks a sector that vanishes (−100 %).

    Args:
        source: a solution, or a table with the columns of sectors.csv (of sector_groups.csv for a group); sectors: these only, in this order.
        names: in words, by label; place: the country in words; most: rows that are shown where no sectors are given, half of them from either end.

    Raises:
        DataError: an unknown country or sector, a statistic that is missing.
    """
    whole = table_of(source, sectors_table)
    chosen(whole.drop_duplicates("country"), [country])  # raises where it is unknown
    table = chosen(whole[whole["country"].astype(str) == country], sectors, "sector")
    values = numbers(table, statistic)
    table = table.assign(**{statistic: np.where(np.abs(values) < NOTHING, 0.0, values)})
    if sectors is None:
        table = ends(table, statistic, most)
    values = numbers(table, statistic)
    height, size = rows_layout(len(table))
    ax = axes(ax, COLUMN if names is None else 1.5 * COLUMN, height)
    _dumbbells(ax, values)
    row_labels(ax, [_named(str(label), names) for label in table["sector"]], size)
    ax.set_xlabel(f"{heading(statistic).word} in {worded(place or country)}, change in %", fontsize=FONT)
    return ax


def reach(values: Array) -> float:
    """How far the axis goes for values [sector]: twice what four fifths stay within, at least to 100 %; inf where none lies more than twice as far.

    A mine that sold next to nothing can grow by thousands of percent, and would press all other sectors onto the axis.
    """
    known = np.abs(values[np.isfinite(values)])
    limit = max(2 * float(np.quantile(known, 0.8, method="lower")), 100.0) if known.size else np.inf
    return limit if known.size and known.max() > 2 * limit else np.inf


def _dumbbells(ax: Axes, values: Array) -> None:
    """Lines from zero, marks at both ends (the filled ones are the collection `change`), a cross for what vanishes, and a number for what lies
    beyond the axis.
    """
    place, limit = np.arange(len(values)), reach(values)
    some = np.isfinite(values)
    colours = np.where(values < 0, VERMILLION, BLUE)
    for row in np.flatnonzero(some & (values > limit)):
        ax.annotate(
            f"{fixed(values[row], 0, plus=True)} →",
            (limit, row),
            ha="right",
            va="center",
            fontsize=SMALLEST + 1,
            xytext=(-3, 0),
            textcoords="offset points",
            zorder=6,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )
    ax.hlines(place[some], 0, np.minimum(values[some], limit), color=colours[some], linewidth=1.0)
    ax.axvline(0, color="black", linewidth=0.6)
    ax.scatter(np.zeros(some.sum()), place[some], s=9, facecolor="white", edgecolor=GREY, linewidth=0.7, zorder=3)
    ax.scatter(values[some], place[some], s=11, color=colours[some], linewidth=0, zorder=4, gid="change")
    if not values[some].any():
        ax.set_xlim(-1.0, 1.0)
    elif np.isfinite(limit):
        ax.set_xlim(1.05 * min(float(values[some].min()), 0.0), limit)
    gone = some & (values <= -100)
    ax.scatter(values[gone], place[gone], s=22, marker="x", color="black", linewidth=0.9, zorder=5)


def _named(label: str, names: Mapping[str, str] | None) -> str:
    """A sector's label, with its name in words where there is one."""
    name = (names or {}).get(label, "").removeprefix("Manufacture of ")
    name = name[:1].upper() + name[1:]
    return worded(label) if not name or name == label else f"{worded(label)} {worded(name, LETTERS)}"
