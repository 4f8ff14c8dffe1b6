"""The distribution of wages before and after trade, and inequality along openness."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.journal import BLUE, VERMILLION
from cge.errors import DataError
from cge.firms.figure import axes, finish
from cge.firms.wages.equilibrium import SearchEquilibrium
from cge.firms.wages.inequality import MEASURES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

TOP = 0.99
"""Share of workers that the figure of wages shows, from the lowest wage on."""

LINES = {
    "theil": ("Theil", BLUE, "-"), "gini": ("Gini", VERMILLION, "-"), "variance_log": ("Variance of logs", BLUE, "--"),
    "cv_squared": ("Squared CV", VERMILLION, "--"),
}  # fmt: skip

ACROSS = {
    "rho": "Openness φ*/φ*X (0: none exports, 1: all do)", "iceberg": "Iceberg cost τ (units shipped per unit received)",
    "fixed_cost": "Fixed cost of a foreign market (outside good)",
}  # fmt: skip


def wages_figure(found: Mapping[str, SearchEquilibrium], ax: Axes | None = None) -> Axes:
    """Shares of workers who earn at most a wage, flat where trade leaves a gap between exporters' wages and those of others.

    Args:
        found: one or two equilibria, by label, as {"closed": …, "open": …}.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: none, or more than two; productivity that is not Pareto.
    """
    if not 1 <= len(found) <= 2:
        raise DataError(f"found: {len(found)} given, but the figure shows one or two.")
    ax, wages = axes(ax), {label: one.wages() for label, one in found.items()}
    ends = [one.lowest_wage * np.array([1.0, float(wages[label].quantile(TOP))]) for label, one in found.items()]
    grid = np.linspace(min(end[0] for end in ends), max(end[1] for end in ends), 400)
    for (label, one), colour, style in zip(found.items(), (BLUE, VERMILLION), ("--", "-"), strict=False):
        w = wages[label]
        kinks = one.lowest_wage * np.array([1.0, float(w.top_domestic_wage), float(w.lowest_exporter_wage)])
        at = np.unique(np.append(grid, kinks[kinks < grid[-1]]))
        ax.plot(at, w.cdf(at / one.lowest_wage), color=colour, linestyle=style, linewidth=1.2, label=label)
    ax.set_ylim(0, 1)
    return finish(ax, "Wage (expected income = 1)", "Workers who earn at most as much")


def inequality_figure(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Measures of inequality along openness, a trade cost or another cost; a measure that is infinite is left out.

    Args:
        table: of `inequality_path` or `inequality_along`.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: the table has no measure of inequality, or a single row.
    """
    known = [name for name in MEASURES if name in table.columns and np.isfinite(table[name]).all()]
    faults = [] if known else ["table: no measure of inequality; give the table of inequality_path or inequality_along."]
    if len(table) < 2:
        faults.append("table: one row or none; a line needs two.")
    if faults:
        raise DataError(faults)
    ax, data = axes(ax), table.sort_index()
    for name in known:
        label, colour, style = LINES[name]
        ax.plot(data.index.to_numpy(), data[name].to_numpy(), color=colour, linestyle=style, linewidth=1.2, label=label)
    ax.set_ylim(bottom=0)
    across = str(data.index.name)
    return finish(ax, ACROSS.get(across, across.replace("_", " ").capitalize()), "Inequality of wages", above=True)
