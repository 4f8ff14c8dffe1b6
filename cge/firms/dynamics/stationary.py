"""The stationary equilibrium of firms that die and are replaced (chapter, section 9.3; Melitz 2003)."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cge.errors import DataError
from cge.firms.industry import Industry
from cge.firms.productivity import tail_moment
from cge.firms.symmetric import price_level, solved


class Stationary(NamedTuple):
    """The stationary equilibrium, the same in every country and period; money in labour of one period, masses in firms.

    Attributes:
        cutoff, export_cutoff: φ* and φ*_X. demand: B.
        draws: D, living draws of productivity, those that do not produce included; entrants_per_period: δD.
        firms: M, producers; exporters.
        average_profit: per producer and period, export costs that are sunk counted as their interest.
        spending: E = σ·variable profits, on goods; interest_income: E − L, what firms earn on sunk costs; zero without discounting.
        price_index: P; welfare: U = E/(L·P), per worker and period.
    """

    cutoff: float
    export_cutoff: float
    demand: float
    draws: float
    entrants_per_period: float
    firms: float
    exporters: float
    average_profit: float
    spending: float
    interest_income: float
    price_index: float
    welfare: float


def stationary(industry: Industry, death: float, discount: float = 1.0, sunk_export_cost: float | None = None) -> Stationary:
    """The stationary equilibrium where firms die with probability δ, and f_E is paid once (section 9.3).

    With ρ = 1 − β(1−δ) a firm is worth its profit over ρ, the first one earned at once: free entry is that of `equilibrium` with ρf_E for f_E. A sunk
    export cost f_X^s weighs on decisions like ρf_X^s per period, but takes δf_X^s of labour for each exporter: without discounting both are the same,
    and only then does it not matter whether the cost is sunk. Without discounting all is `equilibrium` of entry_cost = δf_E, but for entrants.

    Args:
        industry: `home_fixed_cost` and `fixed_cost` are paid in every period, `entry_cost` once.
        death: δ, 0 < δ < 1; discount: β, 0 < β ≤ 1.
        sunk_export_cost: f_X^s ≥ 0, labour per foreign market, paid once in place of `fixed_cost`.

    Raises:
        DataError: a number out of its range; all at once.
    """
    faults = rates_faults(death, discount, undiscounted=True)
    if sunk_export_cost is not None and not 0 <= sunk_export_cost < math.inf:
        faults.append(f"sunk_export_cost = {sunk_export_cost:g}, but it must be at least 0 and finite.")
    if faults:
        raise DataError(faults)
    rho, g, sigma = 1 - discount * (1 - death), industry.productivity, industry.sigma
    as_if = replace(industry, entry_cost=rho * industry.entry_cost)
    uses = industry.export_outlay
    if sunk_export_cost is not None and industry.countries > 1:
        as_if = replace(as_if, fixed_cost=rho * sunk_export_cost)
        uses = (industry.countries - 1) * death * sunk_export_cost
    demand, cutoff, export_cutoff = solved(as_if)
    both = np.array([cutoff, export_cutoff])
    survival, exporting = g.survival(both).tolist()
    sold, exported = tail_moment(g, sigma, both).tolist()
    variable = demand * (sold + industry.market_access * exported)
    fixed = industry.home_fixed_cost * survival + uses * exporting
    draws = industry.labour / ((sigma - 1) * variable + fixed + death * industry.entry_cost)
    spending = sigma * variable * draws
    price = price_level(sigma, demand, spending)
    return Stationary(
        cutoff=cutoff,
        export_cutoff=export_cutoff,
        demand=demand,
        draws=draws,
        entrants_per_period=death * draws,
        firms=draws * survival,
        exporters=draws * exporting,
        average_profit=as_if.entry_cost / survival,
        spending=spending,
        interest_income=spending - industry.labour,
        price_index=price,
        welfare=spending / (industry.labour * price),
    )


def rates_faults(death: float, discount: float, undiscounted: bool = False) -> list[str]:
    """A sentence for each of δ and β that is out of range."""
    faults = []
    if not 0 < death < 1:
        faults.append(f"death = {death:g}, but a probability of death must lie between 0 and 1.")
    if not (0 < discount < 1 or (undiscounted and discount == 1)):
        faults.append(f"discount = {discount:g}, but a discount factor must be positive and {'at most' if undiscounted else 'below'} 1.")
    return faults
