"""Figures of quadratic demand: the residual demand of a firm as its market grows, and welfare along an iceberg cost (chapter, section 8)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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

LINES = ((BLUE, "-"), (VERMILLION, "--"), ("0.45", "-."), ("black", ":"))
"""Colours and styles of lines, in their order."""


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
    for factor, (colour, style) in zip((1.0, larger), LINES, strict=False):
        here = replace(economy, labour=factor * economy.labour)
        choke = quadratic_equilibrium(here).cutoff[0]
        price = np.array([0.0, choke])
        label = f"{here.labour[0]:g} workers, choke price {choke:.3g}"
        ax.plot(here.labour[0] * (choke - price) / economy.gamma, price, color=colour, linestyle=style, linewidth=1.2, label=label)
    return finish(ax, "Quantity of one variety", "Price")


def markups_figure(economies: Mapping[str, QuadraticEconomy], ax: Axes | None = None) -> Axes:
    """Price over cost at home by productivity φ = 1/c, (1 + φ c_D)/2 above 1/c_D, in the first country of several economies.

    Args:
        economies: by label, as {"before": …, "after": …}.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: no economy, more than there are lines for, or one without equilibrium.
    """
    if not 0 < len(economies) <= len(LINES):
        raise DataError(f"economies: {len(economies)} given, but the figure draws 1 to {len(LINES)}.")
    ax = axes(ax)
    chokes = {label: float(quadratic_equilibrium(economy).cutoff[0]) for label, economy in economies.items()}
    for (label, choke), (colour, style) in zip(chokes.items(), LINES, strict=False):
        productivity = np.array([1 / choke, 3 / min(chokes.values())])
        ax.plot(productivity, (1 + productivity * choke) / 2, color=colour, linestyle=style, linewidth=1.2, label=label)
    return finish(ax, "Productivity φ = 1/c", "Price over cost at home")


def liberalisation_curves(
    economy: QuadraticEconomy, importer: str, icebergs: Iterable[float], exporter: str = "", country: str = "", ax: Axes | None = None
) -> Axes:
    """Welfare of a country against the iceberg cost of imports, in the long run and, with the entrants of the dearest, in the short run.

    Args:
        importer: its name; icebergs: τ ≥ 1 of what it imports; exporter: from this country alone, and both ways (preferential); else from all.
        country: whose welfare; the importer's, if empty.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: a country that is not there, an empty grid, or an economy without equilibrium.
    """
    grid, country = sorted(float(tau) for tau in icebergs), country or importer
    asked = [name for name in (importer, exporter, country) if name]
    faults = [f"country: no country {name}.{nearest(name, economy.names)}" for name in dict.fromkeys(asked) if name not in economy.names]
    if not grid:
        faults.append("icebergs: the grid is empty; give at least one iceberg cost.")
    if faults:
        raise DataError(faults)
    n, ax = economy.names.index(country), axes(ax)
    worlds = [_at(economy, importer, exporter, tau) for tau in grid]
    before = quadratic_equilibrium(worlds[-1]).entrants
    for label, entrants, (colour, style) in (("Long run", None, LINES[0]), ("Short run", before, LINES[1])):
        welfare = [quadratic_equilibrium(world, entrants).welfare[n] for world in worlds]
        ax.plot(grid, welfare, color=colour, linestyle=style, linewidth=1.2, label=label)
    between = f"between {importer} and {exporter}" if exporter else f"of imports of {importer}"
    return finish(ax, f"Iceberg cost {between}", f"Welfare of {country} per head")


def _at(economy: QuadraticEconomy, importer: str, exporter: str, tau: float) -> QuadraticEconomy:
    iceberg, n = economy.iceberg.copy(), economy.names.index(importer)
    if exporter:
        i = economy.names.index(exporter)
        iceberg[n, i] = iceberg[i, n] = tau
    else:
        iceberg[n, np.arange(len(iceberg)) != n] = tau
    return replace(economy, iceberg=iceberg)
