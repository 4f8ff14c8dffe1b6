"""What a sweep over labels says: which importer, exporter, country or sector matters most."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.geography import UNNAMED
from cge.errors import DataError, nearest
from cge.tell.plot.bands import LINES, widest
from cge.tell.plot.style import COLUMN, FONT, axes, chosen, legend_columns, numbers, row_labels, rows_layout, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MARKS = ("o", "s", "^", "D", "v", "P")
"""One for each of the colours of `LINES`."""


def sweep_labels(
    table: pd.DataFrame,
    axis: str,
    countries: Iterable[str] | None = None,
    title: str = "Real income, change in %",
    ax: Axes | None = None,
    names: Mapping[str, str] = UNNAMED,
) -> Axes:
    """A row for each label that a key of the sweep takes, with a mark for each country; the largest effect on the first country above.

    A line through a mark holds nine tenths of the draws, where there are any.

    Args:
        table: as for `sweep_bands`, a row for each value of the key `axis` (labels) and country; countries: the most that one figure tells apart;
            those whose medians lie furthest apart where left out; names: labels of countries and of the key in words.

    Raises:
        DataError: an unknown country or key, several rows for a label and country, a column that is missing.
    """
    if axis not in table:
        raise DataError(f"axis: no key {axis} in this table.{nearest(axis, [str(name) for name in table])}")
    if table.duplicated([axis, "country"]).any():
        raise DataError(
            f"table: has several rows for a value of {axis} and a country; filter it to one statistic and one value of every other key."
        )
    known = list(dict.fromkeys(table["country"].astype(str)))
    chosen(table.drop_duplicates("country"), countries)  # raises where one is unknown
    wanted = list(countries) if countries is not None else widest(table, known)
    rows = {label: table[table["country"].astype(str) == label].set_index(axis) for label in wanted[: len(LINES)]}
    order = rows[wanted[0]].sort_values("median", ascending=False, kind="stable").index
    height, size = rows_layout(len(order))
    ax = axes(ax, COLUMN, height)
    place = np.arange(len(order))
    for (label, one), (colour, _), mark in zip(rows.items(), LINES, MARKS, strict=False):
        effect = one.loc[order]
        if (numbers(effect, "p05") != numbers(effect, "p95")).any():
            ax.hlines(place, numbers(effect, "p05"), numbers(effect, "p95"), color=colour, linewidth=0.8)
        middle = numbers(effect, "median")
        ax.plot(
            middle,
            place,
            linestyle="none",
            marker=mark,
            markersize=2.8,
            color=colour,
            markeredgewidth=0,
            label=worded(names.get(label, label)),
        )
    ax.axvline(0, color="black", linewidth=0.6)
    row_labels(ax, [worded(names.get(label, label)) for label in order], size)
    ax.set_xlabel(title, fontsize=FONT)
    ax.set_ylabel(worded(axis, 60), fontsize=FONT)
    columns = legend_columns(worded(names.get(label, label)) for label in rows)
    ax.legend(
        fontsize=FONT - 1, frameon=False, ncols=columns, loc="lower right", bbox_to_anchor=(1.0, 1.0), handlelength=1.0, columnspacing=1.0
    )
    return ax
