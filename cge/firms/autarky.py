"""Closed economies of firms and many factors: autarky (chapter, sections 4, 6.1 and 7).

Cobb–Douglas tastes and bundles, every cost paid in the sector's bundle; any distribution of productivity.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.firms.productivity import Productivity, inverse_J, mean_productivity, pareto, scaled, tail_faults
from cge.model.exponents import Exponents
from cge.solve.levels.world import World

Draws = Productivity | Mapping[str, Productivity] | None
"""The distribution of a draw of productivity: of all sectors, by sector, or the model's own."""

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


def closed_economies(world: World, exponents: Exponents, productivity: Draws = None) -> Closed:
    """Every country of a world in autarky; a world may have one country.

    - factor prices: w_f V_f = Σ_s a_fs R_s with R_s = β_s Σ_f w_f V_f;
    - cutoff: f J(φ*) = f_E (eq. 5), the same whatever factors cost; under Pareto φ*^k = (σ − 1)/(k − σ + 1) · f/f_E · φmin^k (section 6.1);
    - entrants: M_E = R/(σ c [f_E + f(1 − G(φ*))]), for a firm's expected revenue is σ times its fixed costs; (22) under Pareto;
    - firms: M = M_E [1 − G(φ*)]; φ̃ as section 4.1 has it;
    - price index: P = σ/(σ − 1) · (σ f c/R)^(1/(σ−1)) · c/φ* (eq. 24, R/c for β L̄).

    Args:
        productivity: G of a draw, of all sectors or by sector, which a country's `productivity` in the sector multiplies; without it Pareto with
            the model's k on [1, ∞), so that the world's productivity is φmin. σ is the model's.

    Raises:
        DataError: the model is not Melitz with scale one, a good is not made or bought in some country, there are inputs, average sales are
            infinite; under the model's own Pareto also where a cutoff lies below the lower bound of productivity.
    """
    t = world.technology
    refuse(world, _closed_faults(world, exponents, productivity))
    sigma, fixed_cost = sigmas(world, exponents), np.diagonal(t.fixed_cost, axis1=1, axis2=2)
    of = draws(world, exponents, productivity)
    income = t.endowment.sum(axis=0)
    sales = t.final_share * income
    factor_price = (t.factor_share * sales).sum(axis=1) / t.endowment
    bundle_cost = np.exp((t.factor_share * np.log(factor_price)[:, None, :]).sum(axis=0))

    def each(number: Callable[[Productivity, float, float], float], of_cell: Array) -> Array:
        """A number of every cell, from its distribution, σ and another number [sector, country]."""
        return np.array([
            [number(g, float(sigma[s, 0]), float(x)) for g, x in zip(row, cells, strict=True)]
            for s, (row, cells) in enumerate(zip(of, of_cell, strict=True))
        ])  # fmt: skip

    cutoff = each(lambda g, s, cost: float(inverse_J(g, s, cost)), t.entry_cost / fixed_cost)
    survival = each(lambda g, _, phi: float(g.survival(np.asarray(phi))), cutoff)
    entrants = sales / (sigma * bundle_cost * (t.entry_cost + fixed_cost * survival))
    price_level = sigma / (sigma - 1) * (sigma * fixed_cost * bundle_cost / sales) ** (1 / (sigma - 1)) * bundle_cost / cutoff
    return Closed(
        factor_price=factor_price,
        real_reward=factor_price / np.exp((t.final_share * np.log(price_level)).sum(axis=0)),
        sales=sales,
        bundle_cost=bundle_cost,
        cutoff=cutoff,
        average_productivity=each(lambda g, s, phi: float(mean_productivity(g, s, phi)), cutoff),
        entrants=entrants,
        firms=entrants * survival,
        price_level=price_level,
    )


def sigmas(world: World, exponents: Exponents) -> Array:
    """σ [sector, 1]."""
    return np.asarray(exponents.parameters_on(world.sectors)["sigma"][:, None])


def draws(world: World, exponents: Exponents, productivity: Draws) -> list[list[Productivity]]:
    """G of every sector and country; the same object where it is the same distribution."""
    t, known = world.technology, exponents.parameters_on(world.sectors)
    made: dict[tuple[int, float], Productivity] = {}
    base = [_of_sector(productivity, name) or pareto(float(known["k"][s])) for s, name in enumerate(world.sectors)]
    return [[made.setdefault((s, float(x)), scaled(base[s], float(x))) for x in row] for s, row in enumerate(t.productivity)]


def _of_sector(productivity: Draws, sector: str) -> Productivity | None:
    return productivity.get(sector) if isinstance(productivity, Mapping) else productivity


def refuse(world: World, faults: Iterator[str]) -> None:
    """`DataError` with all the faults of a world, if there are any."""
    found = list(faults)
    if found:
        raise DataError(f"{world.origin}: {fault}" for fault in found)


def _closed_faults(world: World, exponents: Exponents, productivity: Draws) -> Iterator[str]:
    """Why a world has no closed economies of this kind."""
    t = world.technology
    if not exponents.entrants.differ:
        yield f"closed economies of firms that differ need melitz, not {exponents.variant}."
        return
    if (exponents.on(world.sectors)["scale"] != 1).any():
        yield "economies of firms from primitives need scale = 1."
    if t.input_share.any():
        yield "input_share: economies of firms from primitives buy no inputs; leave inputs out."
    lacking = ~(t.made & (t.final_share > 0))
    if lacking.any():
        s, n = np.argwhere(lacking)[0]
        yield f"{world.sectors[s]} in {world.countries[n]} is not made or not bought; autarky needs both: give it a final_share and a productivity."
    if productivity is not None:
        yield from _draws_faults(world, exponents, productivity)
        return
    p = exponents.parameters_on(world.sectors)
    selection = ((p["sigma"] - 1) / (p["k"] - p["sigma"] + 1))[:, None] * np.diagonal(t.fixed_cost, axis1=1, axis2=2) / t.entry_cost
    if (selection < 1 - ROUNDING).any():
        s, n = np.argwhere(selection < 1 - ROUNDING)[0]
        yield (
            f"every entrant would produce {world.sectors[s]} in a closed {world.countries[n]}: (σ − 1)/(k − σ + 1)·f/f_E = {selection[s, n]:.4g} is "
            "below 1. Raise home_fixed_cost or lower entry_cost."
        )


def _draws_faults(world: World, exponents: Exponents, productivity: Productivity | Mapping[str, Productivity]) -> Iterator[str]:
    """Sectors without a distribution or with a wrong one."""
    if isinstance(productivity, Mapping):
        for name in productivity:
            if name not in world.sectors:
                yield f"productivity: no sector {name}.{nearest(name, world.sectors)}"
    for name, sigma in zip(world.sectors, sigmas(world, exponents)[:, 0], strict=True):
        g = _of_sector(productivity, name)
        if g is None:
            yield f"productivity: sector {name} has no distribution."
        else:
            yield from (f"{name}: {fault}" for fault in tail_faults(g, float(sigma)))
