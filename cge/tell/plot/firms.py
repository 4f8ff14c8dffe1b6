"""The distribution of firms of an industry, before and after, with the markets that they reach."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.errors import DataError, nearest
from cge.results.firms import firms_table
from cge.solve.solution import Solution
from cge.tell.plot.style import BLUE, COLUMN, FONT, VERMILLION, axes, table_of, tidy, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_LABELS = 8
"""Markets that are named beside their marks."""


def firms_distribution(source: Solution | pd.DataFrame, country: str, sector: str, ax: Axes | None = None) -> Axes:
    """Mass of a country's firms above each productivity, before and after, both axes in logs, with a mark at the cutoff of every market it sells in.

    Under Pareto the line is straight with slope −k; the mark furthest left is the home market, and a market far to the right is
    reached by the most productive firms alone.

    Args:
        source: a Melitz solution, or a table with the columns of firms.csv.

    Raises:
        DataError: an unknown country or sector.
    """
    table = table_of(source, firms_table)
    rows = table[(table["exporter"].astype(str) == country) & (table["sector"].astype(str) == sector)]
    if rows.empty:
        faults = []
        for name, label in (("exporter", country), ("sector", sector)):
            known = set(table[name].astype(str))
            if label not in known:
                faults.append(f"{name}: no {label} in this table.{nearest(label, known)}")
        raise DataError(faults or [f"firms: {country} has none in {sector}."])
    ax = axes(ax, COLUMN, 2.8)
    for suffix, word, colour, mark in (("_benchmark", "benchmark", VERMILLION, "s"), ("", "counterfactual", BLUE, "o")):
        points = rows.assign(x=rows[f"cutoff{suffix}"], y=rows[f"exporters{suffix}"]).sort_values("x")
        points = points[np.isfinite(points["x"]) & (points["y"] > 0)]
        x, y = points["x"].to_numpy(float), points["y"].to_numpy(float)
        ax.plot(
            x,
            y,
            color=colour,
            marker=mark,
            markersize=3.5,
            linewidth=1.1,
            linestyle="-" if suffix == "" else "--",
            label=word if len(x) else f"{word}: none",
        )
        if suffix == "" and len(points) <= MOST_LABELS:
            for market, at, mass in zip(points["importer"].astype(str), x, y, strict=True):
                ax.annotate(worded(market), (at, mass), textcoords="offset points", xytext=(4, 3), fontsize=FONT - 1)
    _logs(ax)
    ax.set_xlabel(f"Productivity of firms in {worded(country)}, {worded(sector)}", fontsize=FONT)
    ax.set_ylabel("Mass of firms above it", fontsize=FONT)
    ax.legend(fontsize=FONT - 1, frameon=False)
    tidy(ax)
    return ax


def _logs(ax: Axes) -> None:
    """Log axes with plain numbers, also where they span less than a decade."""
    from matplotlib.ticker import LogFormatterSciNotation, LogLocator, NullFormatter

    for line, name in ((ax.xaxis, "x"), (ax.yaxis, "y")):
        ax.set(**{f"{name}scale": "log"})
        low, high = sorted(line.get_view_interval())
        if high / low < 100:
            line.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high / low > 5 else (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0)))
        line.set_major_formatter("{x:.4g}" if low >= 1e-4 and high < 1e4 else LogFormatterSciNotation())
        line.set_minor_formatter(NullFormatter())
