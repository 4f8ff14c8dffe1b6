"""The closed economy: sectors and their labour, Krugman's firms as the degenerate case, and what a planner would choose (chapter, section 4)."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.industry import Industry
from cge.firms.productivity import Productivity, tail_moment
from cge.firms.symmetric import equilibrium

OUTSIDE = "homogeneous"
"""Row of the homogeneous good: no mark-up, no firms."""

OF_SECTOR = ("cutoff", "demand", "survival", "mean_productivity", "average_profit", "average_revenue", "entrants", "firms", "price_index")


class ClosedEconomy(NamedTuple):
    """A closed economy of several sectors; the wage is one.

    Attributes:
        sectors: one row for each sector, the homogeneous good last where there is one: `spending_share`, `labour_share` of the market,
            `planner_labour_share`, and of `Equilibrium` what a closed sector has.
        welfare: U of (13), per worker.
        planner_gain_log: what the planner's allocation of labour adds to ln U, in log points × 100.
    """

    sectors: pd.DataFrame
    welfare: float
    planner_gain_log: float


def closed_economy(sectors: Mapping[str, Industry], spending: Mapping[str, float]) -> ClosedEconomy:
    """Sectors that share the labour of a closed economy (section 4.2): R_j = X_j = L_j = β_j L̄, whatever is left of spending being homogeneous.

    Within a sector the market does what a planner would (`planner`). Across sectors it does not: Q_j is proportional to L_j^(σ_j/(σ_j−1)), so
    that the planner's labour shares are proportional to β_j σ_j/(σ_j−1), and the market gives too little to sectors of high mark-ups.

    Args:
        sectors: closed, each with the labour L̄ of the whole economy.
        spending: β_j of each sector, together at most one.

    Raises:
        DataError: sectors and spending differ, a sector is open, labour differs, or shares are out of range.
    """
    _check(sectors, spending)
    rest = 1 - math.fsum(spending.values())
    share = {name: spending[name] for name in sectors} | ({OUTSIDE: rest} if rest > 1e-12 else {})
    power = {name: industry.sigma / (industry.sigma - 1) for name, industry in sectors.items()} | {OUTSIDE: 1.0}
    wanted = {name: share[name] * power[name] for name in share}
    planned = {name: value / math.fsum(wanted.values()) for name, value in wanted.items()}
    found = {name: equilibrium(replace(industry, labour=share[name] * industry.labour)) for name, industry in sectors.items()}
    rows = [
        {"spending_share": share[name], "labour_share": share[name], "planner_labour_share": planned[name]}
        | {column: getattr(found[name], column) if name in found else math.nan for column in OF_SECTOR}
        for name in share
    ]
    log_welfare = -math.fsum(share[name] * math.log(found[name].price_index) for name in found)
    gain = math.fsum(wanted[name] * math.log(planned[name] / share[name]) for name in share)
    return ClosedEconomy(pd.DataFrame(rows, index=pd.Index(list(share), name="sector")), math.exp(log_welfare), 100 * gain)


def _check(sectors: Mapping[str, Industry], spending: Mapping[str, float]) -> None:
    faults = [f"spending: no share for sector {name}." for name in sectors if name not in spending]
    faults += [f"spending: sector {name} is not among the sectors." for name in spending if name not in sectors]
    faults += [f"spending: {name} = {value:g}, but a share must be positive." for name, value in spending.items() if not value > 0]
    if math.fsum(spending.values()) > 1 + 1e-12:
        faults.append(f"spending: shares add up to {math.fsum(spending.values()):g}, more than one.")
    faults += [f"sectors: {name} has countries = {industry.countries}, but the economy is closed." for name, industry in sectors.items()
               if industry.countries > 1]  # fmt: skip
    if len({industry.labour for industry in sectors.values()}) != 1:
        faults.append("sectors: each must have the labour of the whole economy, the same in all; there must be at least one.")
    if faults:
        raise DataError(faults)


# --- Krugman -------------------------------------------------------------------------------------------------------------------------------


def degenerate(productivity: float) -> Productivity:
    """All entrants have the same productivity: Krugman's firms. There is no density; the function is zero.

    Raises:
        DataError: a productivity that is not positive and finite.
    """
    if not 0 < productivity < math.inf:
        raise DataError(f"productivity = {productivity:g}, but it must be positive and finite.")

    def moment(cutoff: Array, power: float) -> Array:
        return np.where(np.asarray(cutoff) <= productivity, productivity**power, 0.0)

    name = f"one productivity, {productivity:g}"
    return Productivity(name, productivity, productivity, math.inf, lambda phi: moment(phi, 0.0), np.zeros_like, moment)


def krugman(industry: Industry) -> Industry:
    """The industry of firms alike that has the closed Melitz economy's aggregates and averages (section 4.1).

    Every firm has the mean productivity φ̃ of Melitz' producers in autarky, and pays f_E/[1 − G(φ*)] to enter: what one producer costs in entry, where
    only some entrants produce. With f_E itself the mass of firms would differ. Trade is that of `industry`.
    """
    autarky = equilibrium(replace(industry, countries=1))
    return replace(industry, productivity=degenerate(autarky.mean_productivity), entry_cost=autarky.average_profit)


# --- planner -------------------------------------------------------------------------------------------------------------------------------


class Plan(NamedTuple):
    """What a planner chooses in one sector of each country: cutoffs, entrants M_E, consumption Q of the sector's index."""

    cutoff: float
    export_cutoff: float
    entrants: float
    output: float


def planner(industry: Industry) -> Plan:
    """The most consumption that the entry and trade technology allows, found without prices, profits or free entry (sections 4.2, 5.6).

    Labour L_p in production is best spread in proportion to φ^(σ−1), which yields Q = L_p·[M_E(T + (N−1)τ^(1−σ) T_X)]^(1/(σ−1)), with T and T_X the
    integrals of φ^(σ−1) above the cutoffs; L_p = L − M_E F with F = f_E + f[1 − G(φ*)] + (N−1) f_X [1 − G(φ*_X)]. So M_E = L/(σF) is best, and
    the cutoffs maximise (T + (N−1)τ^(1−σ) T_X)/F: a search on them alone.

    Raises:
        SolveError: the search does not converge.
    """
    from scipy.optimize import minimize

    g, sigma = industry.productivity, industry.sigma

    def parts(x: Array) -> tuple[Array, float, float]:
        at = np.exp(np.array([x[0], max(x)]))
        sold = tail_moment(g, sigma, at) @ [1.0, industry.market_access]
        outlay = industry.entry_cost + g.survival(at) @ [industry.home_fixed_cost, industry.export_outlay]
        return at, float(sold), float(outlay)

    def loss(x: Array) -> float:
        _, sold, outlay = parts(x)
        return math.log(outlay) - math.log(sold) if sold > 0 else math.inf

    typical = math.log(float(tail_moment(g, sigma, 0.0))) / (sigma - 1)
    start = [typical, typical + 0.3] if industry.countries > 1 else [typical]
    best = minimize(loss, start, method="Nelder-Mead", options={"xatol": 1e-10, "fatol": 1e-16, "maxiter": 2000})
    if not best.success:
        raise SolveError(Outcome("not_converged", f"The planner's search stopped: {best.message}"))
    at, sold, outlay = parts(best.x)
    entrants = industry.labour / (sigma * outlay)
    output = industry.labour * (sigma - 1) / sigma * (entrants * sold) ** (1 / (sigma - 1))
    return Plan(float(at[0]), float(at[1]) if industry.countries > 1 else math.inf, entrants, output)
