"""Real income of countries and the channels that add up to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.geography import UNNAMED
from cge.results.channels import CHANNELS
from cge.results.welfare import SOMETIMES, welfare_table
from cge.solve.solution import Solution
from cge.tell.digits import NOTHING
from cge.tell.headings import BRIEF
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
    ends,
    numbers,
    row_labels,
    rows_layout,
    table_of,
    worded,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = dict(zip(CHANNELS, (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION), strict=True))
"""Of the columns of welfare.csv that add up to 100·ln Û."""


def welfare_bars(
    source: Solution | pd.DataFrame,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
    names: Mapping[str, str] = UNNAMED,
    most: int | None = None,
) -> Axes:
    """One bar for each country, made of its channels (log points × 100), with real income (their sum) as a mark; the largest gain first.

    A channel that is zero everywhere is left out. A country without numbers has a name and no bar.

    Args:
        source: a solution, or a table with the columns of welfare.csv; countries: these only, in this order; names: in words, by
            label; most: rows that are shown where no countries are given, half of them from either end.

    Raises:
        DataError: an unknown country, a column that is missing.
    """
    table = chosen(table_of(source, welfare_table), countries)
    if countries is None:
        table = ends(table, "real_income_pct", most)
    height, size = rows_layout(len(table))
    ax = axes(ax, COLUMN, height)
    place = np.arange(len(table))
    left, right = np.zeros(len(table)), np.zeros(len(table))
    for column, colour in COLOURS.items():
        if column in SOMETIMES and column not in table:
            continue
        values = np.nan_to_num(numbers(table, column))
        if (np.abs(values) > NOTHING).any():
            start = np.where(values < 0, left, right)
            ax.barh(place, values, left=start, height=0.72, color=colour, label=BRIEF[column], linewidth=0)
            left, right = left + np.minimum(values, 0), right + np.maximum(values, 0)
    total = 100 * np.log1p(numbers(table, "real_income_pct") / 100)
    ax.plot(total, place, linestyle="none", marker="D", markersize=2.6, color="black", markeredgewidth=0, label="real income")
    ax.axvline(0, color="black", linewidth=0.6)
    ax.use_sticky_edges = False
    row_labels(ax, [worded(names.get(label, label)) for label in table["country"]], size)
    ax.set_xlabel("Log points × 100", fontsize=FONT)
    ax.legend(fontsize=FONT - 1, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, columnspacing=1.0, handlelength=1.2)
    return ax
