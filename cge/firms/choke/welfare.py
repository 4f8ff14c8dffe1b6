"""Real income between two worlds, chained along the path from one to the other, firm by firm."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.choke.economy import ChokeEconomy
from cge.firms.choke.equilibrium import ChokeEquilibrium, choke_equilibrium

MOVES = ("labour", "entry_cost", "iceberg")
"""What may differ between the two worlds, beside tariffs; the path is straight in logs, of tariffs in ln(1 + t)."""


class RealIncome(NamedTuple):
    """What a change of the world is worth, per head [country], log points × 100; the two ends of the path.

    Attributes:
        real_income_log: chained, the integral of the change in utility over the marginal utility of income, relative to income.
        before, after: the equilibria.
    """

    real_income_log: Array
    before: ChokeEquilibrium
    after: ChokeEquilibrium


def chained_real_income(before: ChokeEconomy, after: ChokeEconomy, nodes: int = 9) -> RealIncome:
    """The money-metric change of real income, integrated along the path: ∫ Σ_s β_s d ln U_s / Σ_s(β_s/ε_s), ε = ∫u/∫u'q.

    The integrand is interpolated at Chebyshev points of the path, each an equilibrium. Where costs are Pareto with every cutoff below the highest
    cost, ε is constant and two points give the exact answer. For additive demand this chained (Divisia) measure is not the compensating variation.

    Args:
        before, after: worlds with the same demands, productivity, weights and labels.
        nodes: equilibria along the path, at least 2.

    Raises:
        DataError: worlds that differ in more than labour, entry cost, iceberg costs and tariffs, a trade cost that is infinite in one of them alone,
            or too few nodes.
        SolveError: an equilibrium that is not found.
    """
    faults = _faults(before, after)
    if nodes < 2:
        faults.append(f"nodes = {nodes}, but a path has at least 2.")
    if faults:
        raise DataError(faults)
    points = -np.cos(np.pi * np.arange(nodes) / (nodes - 1))
    found = [choke_equilibrium(_between(before, after, (1 + point) / 2)) for point in points]
    weight = before.weight[:, None]
    log_utility = np.array([(weight * np.log(one.utility)).sum(axis=0) for one in found])
    worth = np.array([1 / (weight / one.utility_elasticity).sum(axis=0) for one in found])
    fits = chebyshev.chebfit(points, log_utility, nodes - 1), chebyshev.chebfit(points, worth, nodes - 1)
    at, weights = np.polynomial.legendre.leggauss(nodes)
    slope, height = chebyshev.chebval(at, chebyshev.chebder(fits[0])), chebyshev.chebval(at, fits[1])
    return RealIncome(100 * (slope * height) @ weights, found[0], found[-1])


def _between(before: ChokeEconomy, after: ChokeEconomy, part: float) -> ChokeEconomy:
    """The world at a part of the path in [0, 1]."""
    labour, entry, iceberg = (_mean(getattr(before, name), getattr(after, name), part) for name in MOVES)
    tariff = _mean(before.after_tariff, after.after_tariff, part) - 1
    return replace(before, labour=labour, entry_cost=entry, iceberg=iceberg, tariff=tariff)


def _mean(first: Array, last: Array, part: float) -> Array:
    """Weighted mean in logs; what does not move stays as it is, to the last digit [of both]."""
    with np.errstate(invalid="ignore"):
        moved = first ** (1 - part) * last**part
    return np.where(first == last, first, moved)


def _faults(before: ChokeEconomy, after: ChokeEconomy) -> list[str]:
    faults = [
        f"{name}: the two worlds have other {name}." for name in ("names", "sectors") if getattr(before, name) != getattr(after, name)
    ]
    if faults:
        return faults
    kinds = [(kind.name, kind.bend) for kind in before.demand], [(kind.name, kind.bend) for kind in after.demand]
    drawn = [[id(g) for row in world.productivity for g in row] for world in (before, after)]
    faults += ["demand: the two worlds have other demands."] if kinds[0] != kinds[1] else []
    faults += ["productivity: the two worlds draw from other distributions."] if drawn[0] != drawn[1] else []
    for name in ("weight", "varieties", "substitution"):
        if not np.array_equal(getattr(before, name), getattr(after, name)):
            faults.append(f"{name}: the two worlds differ in it.")
    if (np.isinf(before.iceberg) != np.isinf(after.iceberg)).any():
        faults.append("iceberg: a pair is closed in one world alone, and no path leads there; take a high cost for it.")
    return faults
