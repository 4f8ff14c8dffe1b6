"""What a planner would choose in a closed economy with quadratic utility."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.errors import DataError
from cge.firms.quadratic.conditions import flows
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.selling import selling


class QuadraticPlan(NamedTuple):
    """What a planner chooses: the highest cost that produces, entrants, sellers (masses), and the welfare that is reached per head."""

    cutoff: float
    entrants: float
    sellers: float
    welfare: float


def quadratic_planner(economy: QuadraticEconomy) -> QuadraticPlan:
    """The most utility that the technology of a closed economy allows: q = (c_O − c)/γ, where marginal utility is marginal cost.

    The last entrant is worth what entry costs, L∫(c_O − c)²/(2γ)dG = f_E: twice the profit that a market would pay at this cutoff, so that c_O lies
    below c_D (under Pareto by 2^(−1/(k+2))): the market selects too little. Entrants follow from α − c_O = η N_E ∫(c_O − c)/γ dG, and
    U = 1 + (α − c_O)²/(2η). Where even c_O = α does not pay for entry there is no sector.

    Raises:
        DataError: several countries.
    """
    from scipy.optimize import brentq

    if len(economy.labour) > 1:
        raise DataError(f"labour: {len(economy.labour)} countries, but the planner's is a closed economy.")
    wage = np.ones(1)

    def worth(choke: float) -> float:
        return float(2 * flows(economy, selling(economy, np.array([choke]), wage)).profit[0, 0] / economy.entry_cost[0]) - 1

    if worth(economy.alpha) <= 0:
        return QuadraticPlan(economy.alpha, 0.0, 0.0, 1.0)
    low = economy.alpha
    while worth(low) > 0:
        low /= 2
    cutoff = float(brentq(worth, low, 2 * low, xtol=1e-300, rtol=1e-15))
    sold = selling(economy, np.array([cutoff]), wage)
    entrants = (economy.alpha - cutoff) / (economy.eta * float(sold.margin[0, 0]) / economy.gamma)
    return QuadraticPlan(cutoff, entrants, entrants * float(sold.varieties[0, 0]), 1 + (economy.alpha - cutoff) ** 2 / (2 * economy.eta))
