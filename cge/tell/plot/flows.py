"""Changes of trade between every pair of countries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.geography import UNNAMED
from cge.errors import DataError, nearest
from cge.results.tables import flows_table
from cge.solve.solution import Solution
from cge.tell.plot.style import COLUMN, FONT, GREY, LAND, PAGE, SMALLEST, axes, colour_bar, scale, table_of, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def flow_heatmap(
    source: Solution | pd.DataFrame,
    sector: str | None = None,
    countries: Iterable[str] | None = None,
    ax: Axes | None = None,
    names: Mapping[str, str] = UNNAMED,
) -> Axes:
    """Change in percent of the flow from each exporter (row) to each importer (column); sales at home (dark) and what never flowed (light
    grey) are left out. A flow that appears from nothing is drawn as the largest increase.

    Args:
        source: a solution, or a table with the columns of flows.csv; sector: this one, all together where left out; countries: these only;
            names: in words, by label.

    Raises:
        DataError: an unknown sector or country.
    """
    from matplotlib.colors import ListedColormap

    table = table_of(source, flows_table)
    labels = list(countries) if countries is not None else _labels(table)
    _check(table, sector, labels)
    change = flow_change(table, labels, sector)
    count = len(labels)
    width = float(np.clip(0.3 * count, COLUMN, PAGE))
    ax = axes(ax, width, width + 0.4)
    away = change[~np.eye(count, dtype=bool)]
    colours, limits = scale(away)
    capped = np.where(np.isposinf(change), max(limits.vmax or 0.0, 1.0), change)
    edges = np.arange(count + 1) - 0.5
    image = ax.pcolormesh(edges, edges, np.ma.masked_invalid(capped), cmap=colours.with_extremes(bad=LAND), norm=limits)
    ax.pcolormesh(edges, edges, np.ma.masked_equal(np.eye(count), 0.0), cmap=ListedColormap([GREY]))
    ax.set(xlim=(-0.5, count - 0.5), ylim=(count - 0.5, -0.5), aspect="equal")
    _label_axes(ax, [names.get(label, label) for label in labels], width)
    colour_bar(ax, image, limits, f"Change of the flow in %, {worded(sector or 'all sectors')}", shrink=0.5, pad=0.02)
    return ax


def _labels(table: pd.DataFrame) -> list[str]:
    """Countries of a table of flows, in its own order."""
    return list(dict.fromkeys([*table["exporter"].astype(str), *table["importer"].astype(str)]))


def _check(table: pd.DataFrame, sector: str | None, labels: list[str]) -> None:
    known = list(dict.fromkeys(table["sector"].astype(str)))
    faults = [] if sector is None or sector in known else [f"sector: no {sector} in these flows.{nearest(sector, known)}"]
    found = set(_labels(table))
    faults += [f"country: no {label} in these flows.{nearest(label, found)}" for label in labels if label not in found]
    if faults:
        raise DataError(faults)


def flow_change(table: pd.DataFrame, labels: list[str], sector: str | None = None) -> npt.NDArray[np.float64]:
    """100·(counterfactual/benchmark − 1) [exporter, importer]: inf where a flow appears, NaN where there never was one, and at home."""
    place = {label: k for k, label in enumerate(labels)}
    rows = table if sector is None else table[table["sector"].astype(str) == sector]
    row, column = (rows[side].astype(str).map(place).to_numpy(dtype=float) for side in ("exporter", "importer"))
    inside = np.isfinite(row) & np.isfinite(column)
    cell = row[inside].astype(int) * len(labels) + column[inside].astype(int)
    old, new = (
        np.bincount(cell, rows[name].to_numpy(dtype=float)[inside], len(labels) ** 2).reshape(len(labels), -1)
        for name in ("benchmark", "counterfactual")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        change = 100 * (new / old - 1)
    np.fill_diagonal(change, np.nan)
    return change


def _label_axes(ax: Axes, labels: list[str], width: float) -> None:
    """Importers above, exporters on the left, in letters that fit their rows."""
    size = float(np.clip(72 * width * 0.8 / len(labels) * 0.8, SMALLEST - 0.5, FONT))
    words = [worded(label, 18) for label in labels]
    ax.set_xticks(range(len(labels)), words, rotation=90, fontsize=size)
    ax.set_yticks(range(len(labels)), words, fontsize=size)
    ax.xaxis.tick_top()
    ax.xaxis.set_label_position("top")
    ax.tick_params(length=0, pad=1.5)
    ax.set_xlabel("Importer", fontsize=FONT)
    ax.set_ylabel("Exporter", fontsize=FONT)
    ax.spines[:].set_linewidth(0.4)
