"""Closed economies of firms and many factors: autarky in closed form (chapter, sections 4, 6.1 and 7).

Cobb–Douglas tastes and bundles, Pareto productivity, every cost paid in the sector's bundle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.model.exponents import Exponents
from cge.solve.levels.world import World

ROUNDING = 1e-12
"""A cutoff this little below the lower bound of productivity, relative to the power k, is rounding."""


@dataclass(frozen=True, eq=False)
class Closed:
    """Closed economies, each with the numeraire Σ_f w_f V_f = Σ_f V_f; arrays [sector, economy] unless said otherwise.

    Attributes:
        factor_price: w; real_reward: w over Π P^β. Both [factor, economy].
        sales: R, money; bundle_cost: c; cutoff: φ*; average_productivity: φ̃ of the firms that produce; entrants: M_E; firms: M, that produce.
        price_level: P of a sector.
    """

    factor_price: Array
    real_reward: Array
    sales: Array
    bundle_cost: Array
    cutoff: Array
    average_productivity: Array
    entrants: Array
    firms: Array
    price_level: Array


def closed_economies(world: World, exponents: Exponents) -> Closed:
    """Every country of a world in autarky.

    - factor prices: w_f V_f = Σ_s a_fs R_s with R_s = β_s Σ_f w_f V_f;
    - cutoff: φ*^k = (σ − 1)/(k − σ + 1) · f/f_E · φmin^k (chapter, section 6.1), the same whatever factors cost;
    - entrants: M_E = (σ − 1)/(kσ) · R/(c f_E) (eq. 22); firms: M = M_E (φmin/φ*)^k; φ̃ = (k/(k − σ + 1))^(1/(σ−1)) φ* (section 4.1, under Pareto);
    - price index: P = σ/(σ − 1) · (σ f c/R)^(1/(σ−1)) · c/φ* (eq. 24, R/c for β L̄).

    Raises:
        DataError: the model is not Melitz with scale one, a good is not made or bought in some country, there are inputs, or a cutoff lies below
            the lower bound of productivity.
    """
    t = world.technology
    refuse(world, _closed_faults(world, exponents))
    p = exponents.parameters_on(world.sectors)
    sigma, k = p["sigma"][:, None], p["k"][:, None]
    fixed_cost = np.diagonal(t.fixed_cost, axis1=1, axis2=2)
    income = t.endowment.sum(axis=0)
    sales = t.final_share * income
    factor_price = (t.factor_share * sales).sum(axis=1) / t.endowment
    bundle_cost = np.exp((t.factor_share * np.log(factor_price)[:, None, :]).sum(axis=0))
    cutoff = t.productivity * ((sigma - 1) / (k - sigma + 1) * fixed_cost / t.entry_cost) ** (1 / k)
    entrants = (sigma - 1) / (k * sigma) * sales / (bundle_cost * t.entry_cost)
    price_level = sigma / (sigma - 1) * (sigma * fixed_cost * bundle_cost / sales) ** (1 / (sigma - 1)) * bundle_cost / cutoff
    return Closed(
        factor_price=factor_price,
        real_reward=factor_price / np.exp((t.final_share * np.log(price_level)).sum(axis=0)),
        sales=sales,
        bundle_cost=bundle_cost,
        cutoff=cutoff,
        average_productivity=(k / (k - sigma + 1)) ** (1 / (sigma - 1)) * cutoff,
        entrants=entrants,
        firms=entrants * (t.productivity / cutoff) ** k,
        price_level=price_level,
    )


def refuse(world: World, faults: Iterator[str]) -> None:
    """`DataError` with all the faults of a world, if there are any."""
    found = list(faults)
    if found:
        raise DataError(f"{world.origin}: {fault}" for fault in found)


def _closed_faults(world: World, exponents: Exponents) -> Iterator[str]:
    """Why a world has no closed economies of this kind."""
    t = world.technology
    if not exponents.entrants.differ:
        yield f"closed economies of firms that differ need melitz, not {exponents.variant}."
        return
    if (exponents.on(world.sectors)["scale"] != 1).any():
        yield "closed economies in closed form need scale = 1."
    if t.input_share.any():
        yield "input_share: closed economies with inputs are not a closed form; leave inputs out."
    lacking = ~(t.made & (t.final_share > 0))
    if lacking.any():
        s, n = np.argwhere(lacking)[0]
        yield f"{world.sectors[s]} in {world.countries[n]} is not made or not bought; autarky needs both: give it a final_share and a productivity."
    p = exponents.parameters_on(world.sectors)
    selection = ((p["sigma"] - 1) / (p["k"] - p["sigma"] + 1))[:, None] * np.diagonal(t.fixed_cost, axis1=1, axis2=2) / t.entry_cost
    if (selection < 1 - ROUNDING).any():
        s, n = np.argwhere(selection < 1 - ROUNDING)[0]
        yield (
            f"every entrant would produce {world.sectors[s]} in a closed {world.countries[n]}: (σ − 1)/(k − σ + 1)·f/f_E = {selection[s, n]:.4g} is "
            "below 1. Raise home_fixed_cost or lower entry_cost."
        )
