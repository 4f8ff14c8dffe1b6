"""What an entrant does in each market at given choke prices and full costs, by quadrature over its cost."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.firms.choke.economy import ChokeEconomy
from cge.firms.productivity import Productivity
from cge.model.demand import Demand, price
from cge.model.double_exponential import NODES, WEIGHTS

ACCURACY = 1e-9
"""Largest relative error of the mass of sellers by the same nodes."""


class PerEntrant(NamedTuple):
    """Expected over the distribution of costs, per entrant [sector, market, origin]; quantities over Q, money over Q and the choke price.

    Attributes:
        sellers: chance of selling; quantity: ∫D; sales: ∫x D; profit: ∫(x − z)D, tariffs apart; cost: ∫z D.
        measure: ∫H or ∫u; square: ∫H² (homothetic).
    """

    sellers: Array
    quantity: Array
    sales: Array
    profit: Array
    cost: Array
    measure: Array
    square: Array


def per_entrant(economy: ChokeEconomy, highest: Array) -> PerEntrant:
    """What entrants do where `highest` [sector, market, origin] is the cost c at which full cost is the choke price, P/(T τ w)."""
    found = np.empty((len(PerEntrant._fields), *highest.shape))
    for s, (kind, row) in enumerate(zip(economy.demand, economy.productivity, strict=True)):
        same: dict[int, list[int]] = {}
        for i, g in enumerate(row):
            same.setdefault(id(g), []).append(i)
        for origins in same.values():
            found[:, s][:, :, origins] = integrals(kind, row[origins[0]], highest[s][:, origins])
    return PerEntrant(*found)


def integrals(demand: Demand, productivity: Productivity, highest: Array) -> Array:
    """The integrals of `PerEntrant` over costs c = 1/φ up to `highest` […]: [integral, …]."""
    g = productivity
    low = 1 / g.upper
    end = np.minimum(highest, 1 / g.lower) if g.lower > 0 else highest
    sells = (end > low) & (highest > 0)
    end, top = np.where(sells, end, low + 1), np.where(sells, highest, low + 1)
    cost = low + (end - low)[..., None] * NODES
    mass = g.density(1 / cost) / cost / cost * (end - low)[..., None] * WEIGHTS
    z = np.where(mass > 0, np.minimum(cost / top[..., None], 1.0), 1.0)
    x = price(demand, z)
    sales, part, measure = demand.sales(x), z / x, demand.measure(x)
    kernels = (np.ones_like(x), demand.quantity(x), sales, (1 - part) * sales, part * sales, measure, measure**2)
    return np.where(sells, np.array([(kernel * mass).sum(axis=-1) for kernel in kernels]), 0.0)


def unresolved(economy: ChokeEconomy, highest: Array, sellers: Array) -> list[str]:
    """A sentence for each distribution whose mass below `highest` costs is not what the nodes make of it, `sellers` [sector, market, origin]."""
    faults = []
    for s, row in enumerate(economy.productivity):
        for i, g in enumerate(row):
            with np.errstate(divide="ignore"):
                wanted = g.survival(1 / highest[s, :, i])
            wrong = ~(np.abs(sellers[s, :, i] - wanted) <= ACCURACY * wanted)
            if wrong.any():
                at = f"sector {economy.sectors[s]}, country {economy.names[i]}"
                numbers = f"{sellers[s, wrong, i][0]:.10g} for {wanted[wrong][0]:.10g} of entrants"
                faults.append(
                    f"productivity of {at}: {g.name} resists the quadrature, {numbers}: its density is too steep or has jumps inside."
                )
    return faults
