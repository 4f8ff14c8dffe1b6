"""Real rewards of factors, taken apart: what factors cost, how many varieties are on sale, and how productive their sellers are (chapter, section 7).

With V_ns the mass of varieties on sale in a country and Z_ns the average productivity of their sellers as the country sees it, the price index of a
sector is P_ns = σ/(σ − 1) · c_ns · V_ns^(1/(1−σ)) / Z_ns, where Z_ns^(σ−1) = Σ_i (N_ins/V_ns) (τ_ins (1 + t_ins) c_is/c_ns)^(1−σ) φ̃_ins^(σ−1).
So, exactly,

    Δ ln(w_f/P) = [Δ ln w_f − Σ_s β_s Δ ln c_s] + Σ_s β_s Δ ln V_s/(σ_s − 1) + Σ_s β_s Δ ln Z_s.

The first term is the Stolper–Samuelson effect; the second the variety of Helpman and Krugman; the third selection, trade costs and cheap sources.
It is computed as what is left of P, which is the sum over firms above under every variant that has firms, and needs no primitives.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.model.shock import Shock
from cge.solve.equilibrium import Equilibrium
from cge.solve.solution import Solution


class Split(NamedTuple):
    """Changes of ln(w/P), which add up to it.

    Attributes:
        cost: of the factor over the bundles of the country's own producers (Stolper–Samuelson) [factor, country].
        variety: varieties on sale; productivity: of their sellers, as the country sees it. Both are the same for all factors [country].
    """

    cost: Array
    variety: Array
    productivity: Array

    @property
    def total(self) -> Array:
        """Δ ln(w/P) [factor, country]."""
        return np.asarray(self.cost + self.variety + self.productivity)


def split(final_share: Array, log_factor_price: Array, log_cost: Array, log_price: Array, log_variety: Array) -> Split:
    """The split of changes of real rewards.

    Args:
        final_share: β [sector, country]. Every other argument is a change: log_factor_price: Δ ln w [factor, country]; log_cost: Δ ln c of the
            country's own bundles; log_price: Δ ln P; log_variety: Δ ln V/(σ − 1). All three [sector, country].
    Source: chapter, section 7 (in words); the identity from the price index (10).
    """
    cost, price, variety = (eq.log_consumer_price(term, final_share) for term in (log_cost, log_price, log_variety))
    return Split(log_factor_price - cost, variety, cost - price - variety)


def real_rewards(solution: Solution) -> Split:
    """The split of a solution's real rewards, in logs (not × 100): counterfactual over reference, any variant.

    The bundle of a good that a country does not make is the average of its factors (`average_factor_price`), so that the cost part does not
    depend on the numeraire. Where a cell is emptied its bundle still has a cost. Under Armington, Eaton–Kortum and external economies no firms
    stand behind a flow: variety is zero, and sourcing, trade costs and external economies are all under productivity.
    """
    old, new = solution.reference, solution.counterfactual
    made = new.system.benchmark_sales > 0
    variety = log_varieties(solution, new, solution.shock) - log_varieties(solution, old, solution.shock.reference)
    log_cost = np.where(made, new.values.log_unit_cost - old.values.log_unit_cost, average_factor_price(solution))
    return split(
        new.system.final_share,
        new.log_factor_price - old.log_factor_price,
        log_cost,
        new.unknowns.log_price - old.unknowns.log_price,
        taste_for_variety(new) * variety,
    )


def average_factor_price(solution: Solution) -> Array:
    """Change of ln of a country's average factor price, weighted by factor income in the reference [country]."""
    old, new = solution.reference, solution.counterfactual
    payments = old.by_factor(old.values.factor_income)
    return np.asarray((payments * (new.log_factor_price - old.log_factor_price)).sum(axis=0) / payments.sum(axis=0))


def taste_for_variety(found: Equilibrium) -> Array:
    """By how much ln P falls with ln V [sector, 1]: scale/trade + market, which is 1/(σ − 1) under Krugman and under Melitz at any scale.

    Under Krugman with scale below one (nested CES) it is scale/(σ − 1): varieties of one country are closer substitutes.
    """
    return np.asarray(found.system.seller.entry / found.system.buyer.trade + found.system.buyer.market)


def log_varieties(solution: Solution, found: Equilibrium, shock: Shock) -> Array:
    """ln V, up to a constant of the sector: mass of varieties on sale in a country [sector, country]; zero where nothing is.

    Under Melitz V_n = Σ_i N_in with N_in = F_in/(c_i f_in) · (k − σ + 1)/(σk) (chapter, eq. 20, F net of tariff); under Krugman the sum of M_i over
    the pairs that trade, so that a variety counts however dear it is, and only a closed pair is without.

    Shares and sales do not tell how many varieties are behind a flow. Where no technology was written by hand, M and N are in the units of
    `cge.model.technology.recover`: at the data entry costs are the same in all countries, and fixed costs in all pairs. The border between
    variety and productivity depends on that (with dear export licences fewer foreign varieties are behind the same imports); their sum does not.

    Args:
        found: an equilibrium of the solution; shock: the one it solves.
    """
    behind = solution.exponents.entrants
    if not behind.firms:
        return np.zeros(found.values.sales.shape)
    mass = _log_sellers(solution, found, shock) if behind.differ else _log_firms(solution, found)[:, :, None]
    some = (found.flow > 0) & np.isfinite(mass)
    total = np.logaddexp.reduce(np.where(some, mass, -np.inf), axis=1)
    return np.where(some.any(axis=1), total, 0.0)


def _log_sellers(solution: Solution, found: Equilibrium, shock: Shock) -> Array:
    """ln of flow over c f, the mass of sellers up to a constant of the sector [sector, exporter, importer]."""
    log_bundle, log_fixed = found.values.log_unit_cost, np.zeros(found.flow.shape)
    if solution.levels is not None:
        t = solution.levels.technology
        log_bundle = log_bundle + t.log_bundle(solution.levels.point)
        log_fixed = log_fixed + np.log(t.fixed_cost)
    log_fixed = log_fixed + np.log(shock.factor("fixed_cost"))
    return np.asarray(np.log(np.where(found.flow > 0, found.flow, 1.0)) - log_bundle[:, :, None] - log_fixed)


def _log_firms(solution: Solution, found: Equilibrium) -> Array:
    """ln of the mass of firms, up to a constant of the sector [sector, country]; −inf where there are none."""
    start = found.system.benchmark_sales if solution.levels is None else solution.levels.point.entry
    partial = (found.system.scale > 0) & (found.system.scale < 1)
    with np.errstate(divide="ignore"):
        return np.asarray(np.log(start) + np.where(partial, found.unknowns.log_entry, np.log(found.unknowns.entry)))
