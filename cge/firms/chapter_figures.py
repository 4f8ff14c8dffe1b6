"""Figures 1.1 to 1.4 of the chapter, drawn from the numbers of an industry.

The first three show profits against φ^(σ−1), in which they are straight lines, with the productivities φ of the cutoffs marked below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.journal import BLUE, FONT, VERMILLION
from cge.errors import DataError
from cge.firms.figure import axes, finish
from cge.firms.industry import Industry
from cge.firms.symmetric import Equilibrium, equilibrium, firm

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GREY = "0.45"
REACH = 1.6
"""How far beyond the highest cutoff a figure goes, in φ^(σ−1)."""


def profit_figure(industry: Industry, ax: Axes | None = None) -> Axes:
    """Profits by productivity (3), (14), (15): figure 1.1 for a closed economy, figure 1.2 for countries alike that trade.

    Closed: the line Bφ^(σ−1) − f crosses zero at φ*, and firms above the dashed f_E earn more than they paid to enter. Open: domestic profits, export
    profits in one market, and their total, whose slope rises from B to B(1 + (N−1)τ^(1−σ)) at φ*_X.

    Args:
        ax: axes to draw on; without them, those of a new figure of one column's width.
    """
    ax, found = axes(ax), equilibrium(industry)
    across = _across(industry, found)
    if industry.countries == 1:
        ax.plot(across, found.demand * across - industry.home_fixed_cost, color=BLUE, linewidth=1.2, label="Profit Bφ^(σ−1) − f")
        ax.axhline(industry.entry_cost, color=VERMILLION, linestyle="--", linewidth=0.9, label="Entry cost")
    else:
        _total(ax, industry, found, across, "Total", BLUE, "-")
        ax.plot(across, found.demand * across - industry.home_fixed_cost, color=GREY, linestyle="--", linewidth=0.9, label="Domestic")
        abroad = found.demand * industry.iceberg ** (1 - industry.sigma)
        ax.plot(across, abroad * across - industry.fixed_cost, color=VERMILLION, linestyle="-.", linewidth=0.9, label="Export, one market")
    return _mark(ax, industry, {"φ*": found.cutoff} | ({} if industry.countries == 1 else {"φ*X": found.export_cutoff}))


def opening_figure(industry: Industry, ax: Axes | None = None) -> Axes:
    """Total profits by productivity in the closed and in the open economy: figure 1.3.

    The curves cross: B < B_A < B(1 + (N−1)τ^(1−σ)), so that the least productive firms exit and only exporters gain.

    Args:
        industry: countries alike that trade.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: a closed economy.
    """
    if industry.countries == 1:
        raise DataError("countries = 1, but figure 1.3 compares an open economy with the closed one.")
    closed = replace(industry, countries=1)
    ax, autarky, found = axes(ax), equilibrium(closed), equilibrium(industry)
    across = _across(industry, found)
    _total(ax, closed, autarky, across, "Closed economy", GREY, "--")
    _total(ax, industry, found, across, "Open economy", BLUE, "-")
    return _mark(ax, industry, {"φ*A": autarky.cutoff, "φ*": found.cutoff, "φ*X": found.export_cutoff})


def curves_figure(tables: Mapping[str, pd.DataFrame], ax: Axes | None = None) -> Axes:
    """Competitiveness (18) and trade balance (19) in the plane of w_1 and φ*_21: figure 1.4, with one pair of curves for each table.

    Args:
        tables: of `curves`, by label, as {"before": …, "after": …}.
        ax: axes to draw on; without them, those of a new figure of one column's width.
    """
    ax = axes(ax)
    for number, ((label, table), style) in enumerate(zip(tables.items(), ("-", "--", "-.", ":"), strict=False)):
        for column, name, colour in (("competitiveness", "Competitiveness", BLUE), ("trade_balance", "Trade balance", VERMILLION)):
            named = name if number == 0 else "_"  # a colour is named once, and a leading _ keeps a line out of the legend
            ax.plot(table.index.to_numpy(), table[column].to_numpy(), color=colour, linestyle=style, linewidth=1.2, label=named)
        if len(tables) > 1:
            ax.plot([], [], color=GREY, linestyle=style, linewidth=1.2, label=label)
    return finish(ax, "Wage of country 1 (country 2 = 1)", "Export cutoff of country 1, φ*21", above=True)


def _across(industry: Industry, found: Equilibrium) -> Array:
    """φ^(σ−1) from zero to beyond the highest cutoff that firms reach."""
    highest = found.export_cutoff if np.isfinite(found.export_cutoff) else 1.5 * (found.cutoff or found.mean_productivity)
    return np.linspace(0, REACH * highest ** (industry.sigma - 1), 400)[1:]


def _total(ax: Axes, industry: Industry, found: Equilibrium, across: Array, label: str, colour: str, style: str) -> None:
    """π(φ) of firms: zero for those that exit."""
    profit = firm(industry, found, across ** (1 / (industry.sigma - 1))).profit
    ax.plot(across, profit, color=colour, linestyle=style, linewidth=1.2, label=label)


def _mark(ax: Axes, industry: Industry, cutoffs: dict[str, float]) -> Axes:
    """Zero profit, the cutoffs and the labels."""
    ax.axhline(0.0, color="black", linewidth=0.6)
    for cutoff in cutoffs.values():
        ax.axvline(cutoff ** (industry.sigma - 1), color=GREY, linestyle=":", linewidth=0.7)
    names = [f"{name}\n{cutoff:.3g}" for name, cutoff in cutoffs.items()]
    ax.set_xticks([cutoff ** (industry.sigma - 1) for cutoff in cutoffs.values()], names, fontsize=FONT)
    if len(cutoffs) == 3:  # the first two are close
        ax.get_xticklabels()[0].set_horizontalalignment("right")
        ax.get_xticklabels()[1].set_horizontalalignment("left")
    return finish(ax, "Productivity φ, on the scale of φ^(σ−1)", "Profit (labour)")
