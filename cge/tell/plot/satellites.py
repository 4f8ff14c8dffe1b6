"""Satellite accounts of countries: producers and final buyers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.geography import UNNAMED
from cge.tell.plot.style import BLUE, COLUMN, FONT, ORANGE, axes, chosen, ends, row_labels, rows_layout, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def satellite_bars(
    table: pd.DataFrame,
    account: str,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
    names: Mapping[str, str] = UNNAMED,
    most: int | None = None,
) -> Axes:
    """Two bars for each country: the change of an account by producer and by final buyer, in its unit, the largest rise of producers first.

    Args:
        table: with the columns of satellites.csv; account: one of its names; countries: these only, in this order; names: in words, by label; most:
            rows that are shown where no countries are given, half of them from either end.

    Raises:
        DataError: an unknown account or country.
    """
    own = chosen(chosen(table, [account], "name"), countries)
    own = own.assign(made=own["producer"] - own["producer_benchmark"], bought=own["buyer"] - own["buyer_benchmark"])
    if countries is None:
        own = ends(own, "made", most)
    height, size = rows_layout(len(own))
    ax = axes(ax, COLUMN, height)
    place = np.arange(len(own))
    ax.barh(place - 0.19, own["made"], height=0.36, color=BLUE, label="by producer", linewidth=0)
    ax.barh(place + 0.19, own["bought"], height=0.36, color=ORANGE, label="by final buyer", linewidth=0)
    ax.axvline(0, color="black", linewidth=0.6)
    row_labels(ax, [worded(names.get(label, label)) for label in own["country"]], size)
    ax.set_xlabel(f"{worded(account)}, change", fontsize=FONT)
    ax.legend(fontsize=FONT - 1, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return ax
