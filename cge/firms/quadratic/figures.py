"""Figures of quadratic demand: the residual demand of a firm as its market grows, and welfare along an iceberg cost (chapter, section 8)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from cge.data.journal import BLUE, VERMILLION
from cge.errors import DataError, nearest
from cge.firms.figure import axes, finish
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.equilibrium import quadratic_equilibrium

if TYPE_CHECKING:
    from matplotlib.axes import Axes

STYLES = ((BLUE, "-"), (VERMILLION, "--"))


def residual_demand_figure(economy: QuadraticEconomy, larger: float = 2.0, ax: Axes | None = None) -> Axes:
    """A firm's demand L(c_D − p)/γ in a closed economy and in one with `larger` times the workers: it turns, lower at high prices, higher at low.

    Args:
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: several countries, or a market that is not positive.
    """
    faults = [] if len(economy.labour) == 1 else [f"labour: {len(economy.labour)} countries, but the figure is of a closed economy."]
    if not 0 < larger < np.inf:
        faults.append(f"larger = {larger:g}, but it must be positive and finite.")
    if faults:
        raise DataError(faults)
    ax = axes(ax)
    for factor, (colour, style) in zip((1.0, larger), STYLES, strict=True):
        here = replace(economy, labour=factor * economy.labour)
        choke = quadratic_equilibrium(here).cutoff[0]
        price = np.array([0.0, choke])
        label = f"{here.labour[0]:g} workers, choke price {choke:.3g}"
        ax.plot(here.labour[0] * (choke - price) / economy.gamma, price, color=colour, linestyle=style, linewidth=1.2, label=label)
    return finish(ax, "Quantity of one variety", "Price")


def liberalisation_curves(
    economy: QuadraticEconomy, importer: str, icebergs: Iterable[float], exporter: str = "", ax: Axes | None = None
) -> Axes:
    """Welfare of a country against the iceberg cost of its imports, in the long run and, with the entrants of the dearest, in the short run.

    Args:
        importer: its name; icebergs: τ ≥ 1 of what it imports; exporter: from this country alone, and both ways (preferential); else from all.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: a country that is not there, an empty grid, or an economy without equilibrium.
    """
    grid = sorted(float(tau) for tau in icebergs)
    faults = [
        f"country: no country {name}.{nearest(name, economy.names)}" for name in (importer, exporter) if name and name not in economy.names
    ]
    if not grid:
        faults.append("icebergs: the grid is empty; give at least one iceberg cost.")
    if faults:
        raise DataError(faults)
    n, ax = economy.names.index(importer), axes(ax)
    worlds = [_at(economy, importer, exporter, tau) for tau in grid]
    before = quadratic_equilibrium(worlds[-1]).entrants
    for label, entrants, (colour, style) in (("Long run", None, STYLES[0]), ("Short run", before, STYLES[1])):
        welfare = [quadratic_equilibrium(world, entrants).welfare[n] for world in worlds]
        ax.plot(grid, welfare, color=colour, linestyle=style, linewidth=1.2, label=label)
    return finish(ax, f"Iceberg cost of imports of {importer}", f"Welfare of {importer} per head")


def _at(economy: QuadraticEconomy, importer: str, exporter: str, tau: float) -> QuadraticEconomy:
    iceberg, n = economy.iceberg.copy(), economy.names.index(importer)
    if exporter:
        i = economy.names.index(exporter)
        iceberg[n, i] = iceberg[i, n] = tau
    else:
        iceberg[n, np.arange(len(iceberg)) != n] = tau
    return replace(economy, iceberg=iceberg)
