"""What competition adds to gains in productivity, where few firms compete in one country or in countries alike."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cge.errors import DataError
from cge.firms.oligopoly.economy import Oligopoly
from cge.firms.oligopoly.equilibrium import consumer_price, oligopoly_equilibrium, world_of


class Procompetitive(NamedTuple):
    """Productivity is real consumption per worker; the first best has all prices at costs.

    Attributes:
        productivity_before, productivity_after: A; first_best_before, first_best_after: A*.
        loss_before_pct, loss_after_pct: 100(1 − A/A*), from mark-ups that differ.
        productivity_log, first_best_log: changes in log points × 100; procompetitive_log: the first less the second.
        markup_before, markup_after: sales over labour of the country's firms.
    """

    productivity_before: float
    productivity_after: float
    first_best_before: float
    first_best_after: float
    loss_before_pct: float
    loss_after_pct: float
    productivity_log: float
    first_best_log: float
    procompetitive_log: float
    markup_before: float
    markup_after: float


def procompetitive(before: Oligopoly, after: Oligopoly) -> Procompetitive:
    """Pro-competitive gains Δ ln A − Δ ln A*: what smaller and more equal mark-ups add to a change, or take from it.

    Equal mark-ups, however high, cost nothing; the loss is from their differences.

    Args:
        before, after: each one country, or countries alike without tariffs.

    Raises:
        DataError: countries that differ, for which a planner of the whole world would be needed, or tariffs.
    """
    faults = [f"{word}: {fault}" for word, world in (("before", before), ("after", after)) for fault in _unlike(world)]
    if faults:
        raise DataError(faults)
    (a, best, markup), (a1, best1, markup1) = _productivity(before), _productivity(after)
    gain, first = 100 * math.log(a1 / a), 100 * math.log(best1 / best)
    return Procompetitive(a, a1, best, best1, 100 * (1 - a / best), 100 * (1 - a1 / best1), gain, first, gain - first, markup, markup1)


def _productivity(economy: Oligopoly) -> tuple[float, float, float]:
    """A, A* and sales over labour of the first country, whose wage is one."""
    found, world, sellers = oligopoly_equilibrium(economy), world_of(economy), economy.sellers
    power = 1 - sellers.sigma
    with np.errstate(over="ignore"):
        sums = sellers.by_sector(np.exp(power * world.log_cost), len(economy.firms))
    best = consumer_price(np.log(sums) / (1 - economy.sigma), world.weight, economy.theta)
    return float(found.welfare[0]), float(1 / best[0]), float(found.aggregate_markup[0])


def _unlike(economy: Oligopoly) -> list[str]:
    """Why countries are not alike."""
    faults = ["tariff: productivity is compared without tariffs."] if economy.tariff.any() else []
    foreign = ~np.eye(len(economy.labour), dtype=bool)
    alike = [sorted(map(sorted, row)) == [sorted(row[0])] * len(row) for row in economy.firms]
    costs = [np.unique(table[foreign]).size <= 1 for table in economy.iceberg]
    if np.ptp(economy.labour) > 0 or not all(alike) or not all(costs):
        faults.append(
            "countries differ in labour, firms or trade costs, and only a planner of the whole world could tell their first best."
        )
    return faults
