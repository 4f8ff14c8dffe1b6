"""Market penetration, and countries whose firms draw entry and demand shocks for every market (chapter, section 6.4).

Potential firms of a country number T z^(−k) with efficiency above z; there is no free entry, and profits are income. Reaching a share e of a market's
consumers costs εwF·M(e) in the origin's labour; sales there are multiplied by α. With η = α/ε, ln α and ln η are normal around zero.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError

TOLERANCE, STEPS = 1e-12, 500
"""Largest relative excess demand for a country's goods, and steps before giving up."""


def penetration_cost(reach: npt.ArrayLike, convexity: float) -> Array:
    """M(e) = [1 − (1−e)^(1−1/λ)]/(1 − 1/λ), labour over that of one fixed cost for reaching a share e of consumers.

    The marginal cost (1−e)^(−1/λ) rises for every finite λ; λ = 1 gives −ln(1−e), and without bound M(e) = e, the fixed cost of the base model. Where
    λ ≤ 1 all consumers together cost infinitely much; above, the last of them does.

    Args:
        reach: e from 0 to 1, any shape […]; convexity: λ > 0, the smaller the more convex; may be infinite.

    Raises:
        DataError: a share or λ out of range.
    """
    e = np.asarray(reach, dtype=float)
    faults = [] if ((e >= 0) & (e <= 1)).all() else ["reach: a share of consumers must lie between 0 and 1."]
    if not convexity > 0:
        faults.append(f"convexity = {convexity:g}, but it must be positive.")
    if faults:
        raise DataError(faults)
    return _cost(e, convexity)


def _cost(e: Array, convexity: float) -> Array:
    power = 1 - 1 / convexity
    with np.errstate(divide="ignore"):
        return np.asarray(-np.log1p(-e) if power == 0 else -np.expm1(power * np.log1p(-e)) / power)


class Shocks(NamedTuple):
    """What firms differ in beside efficiency.

    Attributes:
        theta: θ̃ = k/(σ−1) > 1, tail index of sales; convexity: λ > 0 of market penetration.
        sigma_demand, sigma_entry: standard deviations of ln α and ln η ≥ 0; correlation: ρ of both, between −1 and 1.
    """

    theta: float
    convexity: float
    sigma_demand: float
    sigma_entry: float
    correlation: float

    @property
    def kappa_1(self) -> float:
        """κ_1 = [θ̃/(θ̃−1) − θ̃/(θ̃+λ−1)]·E[αη^(θ̃−1)], of sales."""
        t, a, h = self.theta, self.sigma_demand, self.sigma_entry
        tilted = math.exp((a**2 + 2 * (t - 1) * self.correlation * a * h + (t - 1) ** 2 * h**2) / 2)
        return (t / (t - 1) - t / (t + self.convexity - 1)) * tilted

    @property
    def kappa_2(self) -> float:
        """κ_2 = E η^θ̃, of numbers."""
        return math.exp((self.theta * self.sigma_entry) ** 2 / 2)


def shocks_faults(shocks: Shocks) -> list[str]:
    """A sentence for each number out of range."""
    faults = []
    if not 1 < shocks.theta < math.inf:
        faults.append(f"theta = {shocks.theta:g}, but k/(sigma − 1) must exceed 1, or average sales are infinite.")
    if not shocks.convexity > 0:
        faults.append(f"convexity = {shocks.convexity:g}, but it must be positive (infinite: one fixed cost).")
    for name in ("sigma_demand", "sigma_entry"):
        if not 0 <= getattr(shocks, name) < math.inf:
            faults.append(f"{name} = {getattr(shocks, name):g}, but a standard deviation must be at least 0 and finite.")
    if not -1 < shocks.correlation < 1:
        faults.append(f"correlation = {shocks.correlation:g}, but it must lie between −1 and 1.")
    return faults


class ShockEconomy(NamedTuple):
    """Countries whose firms draw shocks; make it by `shock_economy`. Markets are rows and origins columns.

    Attributes:
        sigma: σ; shocks; technology: T_i [country]; labour: L_i [country]; iceberg: τ_ni; market_cost: F_ni, labour [market, origin]; names.
    """

    sigma: float
    shocks: Shocks
    technology: Array
    labour: Array
    iceberg: Array
    market_cost: Array
    names: tuple[str, ...]

    @property
    def k(self) -> float:
        """Shape of efficiency, θ̃(σ−1)."""
        return self.shocks.theta * (self.sigma - 1)


def shock_economy(
    sigma: float, shocks: Shocks, technology: npt.ArrayLike, labour: npt.ArrayLike, iceberg: npt.ArrayLike, market_cost: npt.ArrayLike,
    names: Sequence[str] = (),
) -> ShockEconomy:  # fmt: skip
    """Countries after a check of all numbers.

    Args:
        sigma: σ > 1. technology: T_i > 0; labour: L_i > 0 [country]. iceberg: τ_ni ≥ 1; market_cost: F_ni > 0 [market, origin].
        names: of the countries; 1 to N, if empty.

    Raises:
        DataError: all shapes that do not fit and numbers out of range.
    """
    size, tech = (np.atleast_1d(np.array(x, dtype=float)) for x in (labour, technology))
    tau, cost, n = np.array(iceberg, dtype=float), np.array(market_cost, dtype=float), len(size)
    known = tuple(names) or tuple(str(i + 1) for i in range(n))
    faults = shocks_faults(shocks)
    if not 1 < sigma < math.inf:
        faults.append(f"sigma = {sigma:g}, but it must exceed 1 and be finite.")
    checks = (("labour", size, (n,), 0), ("technology", tech, (n,), 0), ("iceberg", tau, (n, n), 1), ("market_cost", cost, (n, n), 0))
    for name, array, shape, least in checks:
        good = (array >= 1) if least else (array > 0)
        if array.shape != shape:
            faults.append(f"{name}: shape {array.shape}, but there are {n} countries: {shape} (markets in rows).")
        elif not (good & np.isfinite(array)).all():
            faults.append(
                f"{name}: {array[~(good & np.isfinite(array))][0]:g}, but each must be {'at least 1' if least else 'positive'} and finite."
            )
    if len(known) != n:
        faults.append(f"names: {len(known)} given, but there are {n} countries.")
    if faults:
        raise DataError(faults)
    return ShockEconomy(float(sigma), shocks, tech, size, tau, cost, known)


class ShockEquilibrium(NamedTuple):
    """The equilibrium; labour of the last country is the numeraire.

    Attributes:
        wage: w_i; income: Y_i, wages and profits; income_per_worker [country].
        trade_share: λ_ni; sellers: N_ni, numbers of firms; average_sales [market, origin].
        price_index: P_n; real_wage: w/P; welfare: income per worker over P [country].
    """

    wage: Array
    income: Array
    income_per_worker: Array
    trade_share: Array
    sellers: Array
    average_sales: Array
    price_index: Array
    real_wage: Array
    welfare: Array


def shock_equilibrium(economy: ShockEconomy) -> ShockEquilibrium:
    """The equilibrium: shares (23) with T_i in place of entrants, balanced trade, profits (σ−1)/(σk) of sales as income.

    Wages, shares and changes of welfare depend on θ̃ and σ alone, not on λ and the shocks, which enter numbers of sellers (κ_2/κ_1) and price levels.

    Raises:
        SolveError: wages were not found.
    """
    e, s, theta = economy, economy.sigma - 1, economy.shocks.theta
    income_per_wage = 1 / (1 - s / (e.sigma * e.k))
    log_pull = np.log(e.technology) - e.k * np.log(e.iceberg) - (theta - 1) * np.log(e.market_cost)
    log_wage = _wages(e, log_pull, e.k + theta - 1)
    wage, income = np.exp(log_wage), income_per_wage * np.exp(log_wage) * e.labour
    log_weight = log_pull - (e.k + theta - 1) * log_wage
    share = _shares(log_weight)
    kappa_1, kappa_2 = e.shocks.kappa_1, e.shocks.kappa_2
    unit = e.sigma * wage * e.market_cost
    flow = share * income[:, None]
    market = kappa_1 * e.sigma ** (1 - theta) * np.exp(log_weight).sum(axis=1)
    price = e.sigma / s * market ** (-1 / e.k) * income ** (1 / e.k - 1 / s)
    return ShockEquilibrium(
        wage=wage,
        income=income,
        income_per_worker=income / e.labour,
        trade_share=share,
        sellers=flow / unit * kappa_2 / kappa_1,
        average_sales=unit * kappa_1 / kappa_2,
        price_index=price,
        real_wage=wage / price,
        welfare=income / e.labour / price,
    )


def _shares(log_weight: Array) -> Array:
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _wages(e: ShockEconomy, log_pull: Array, elasticity: float) -> Array:
    """ln w with Σ_n λ_ni w_nL_n = w_iL_i. Goods are gross substitutes, so that raising wages where demand exceeds supply leads there; Newton's method
    ends it.
    """
    log_wage = np.zeros(len(e.labour))
    for step in range(STEPS):
        share, size = _shares(log_pull - elasticity * log_wage), np.exp(log_wage) * e.labour
        sold = share.T @ size
        excess = sold / size - 1
        if np.abs(excess).max() <= TOLERANCE:
            return np.asarray(log_wage - log_wage[-1])
        if np.abs(excess).max() > 0.1 or step < 3:
            log_wage = log_wage + np.log(sold / size) / (1 + elasticity)
            continue
        slopes = ((share * size[:, None]).T - elasticity * (np.diag(sold) - (share * size[:, None]).T @ share)) / size[:, None] - np.diag(
            sold / size
        )
        log_wage = log_wage - np.linalg.lstsq(slopes, excess)[0]
    worst = int(np.abs(excess).argmax())
    sentence = f"Wages were not found: demand for goods of country {e.names[worst]} fails by {excess[worst]:.1g}."
    raise SolveError(Outcome("not_converged", sentence))
