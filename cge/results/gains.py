"""Gains from trade: the benchmark against autarky, where autarky exists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.model.benchmark import Benchmark
from cge.model.buyer import Buyer
from cge.model.exponents import Exponents, buyer, seller
from cge.model.profits import CostAccounts, cost_accounts
from cge.model.seller import Seller
from cge.model.shock import Shock
from cge.solve.changes import solve_hat
from cge.solve.counterfactual import Report
from cge.solve.solution import Solution


@dataclass(frozen=True, eq=False)
class Gains:
    """Gains from trade by country.

    Attributes:
        table: `country, gains_from_trade_pct` (100·(1 − U autarky/U benchmark)), `radius` (of the autarky price map); NaN where not
            defined.
        reasons: country → why it has no number.
        solution: the equilibrium that gains are measured from, as a solution without a shock.
    """

    table: pd.DataFrame
    reasons: dict[str, str]
    solution: Solution


def gains(
    benchmark: Benchmark, exponents: Exponents, shock: Shock | None = None, *, tolerance: float = 1e-10, report: Report | None = None
) -> Gains:
    """Gains from trade of every country: 100·(1 − U_autarky/U_benchmark).

    Autarky has neither transfers nor tariff revenue. It is a closed form (see `autarky`), so free entry with inputs is not refused here:
    the
    certificate of the benchmark stands in `solution`.

    Args:
        shock: its transfer rule and baseline say what the benchmark is; policy in it is left out.

    Raises:
        DataError, SolveError: as `solve_hat`.
    """
    asked = shock or Shock()
    baseline = replace(asked.reference, baseline=asked.baseline)
    solution = solve_hat(benchmark, exponents, baseline, tolerance=tolerance, unstable="follow", report=report)
    log_now = solution.reference.log_real_income(benchmark.arrays["income"])
    rows, reasons, e = [], dict[str, str](), exponents.on(benchmark.sectors)
    paid = cost_accounts(benchmark, e["profit"])
    for n, country in enumerate(benchmark.countries):
        log_autarky, radius, reason = autarky(benchmark, e, paid, n)
        if reason:
            reasons[country] = reason
        rows.append((country, -100 * np.expm1(log_autarky - log_now[n]), radius))
    return Gains(pd.DataFrame(rows, columns=["country", "gains_from_trade_pct", "radius"]), reasons, solution)


def autarky(benchmark: Benchmark, e: Mapping[str, Array], paid: CostAccounts, country: int) -> tuple[float, float, str]:
    """ln(U autarky / U data) of a country, the radius of its price map, and the reason where there is no autarky (then NaN).

    With all spending at home, sales R' = (1 − Γ (1 − ν))⁻¹ β I', income I' = Σ_f payments + ν R' and factor prices ŵ_f V_f = Σ_s a_fs (1 − ν_s)
    R'_s do not depend on prices; entry is Ŝ = R'/(ĉ R), so that Φ = λ_nn Ŝ^scale ĉ^−cost gives, with ln ĉ = a' ln ŵ + γ' ln P̂, a linear map: ln P̂
    = −[ln λ_nn + scale·ln(R'/R)]/trade + (cost + scale)/trade · ln ĉ − market · ln X̂. It has a solution with finite prices only if the spectral
    radius of diag((cost + scale)/trade)·γ' is below one.

    Args:
        e: exponents [sector]; paid: what producers pay; country: its place.
    """
    data, profit, weight, price = benchmark.arrays, e["profit"], seller(e), buyer(e)
    beta = data["final_share"][:, country]
    inputs = np.zeros((len(beta), len(beta))) if paid.input_share is None else paid.input_share[country].T  # input, sector
    per_income = np.linalg.solve(np.eye(len(beta)) - inputs * (1 - profit), beta)
    income = paid.factor_income[:, country].sum() / (1 - profit @ per_income)  # with what of sales is profit
    sales = per_income * income
    needed = sales > 1e-14 * sales.sum()
    home = data["trade_share"][:, country, country]
    missing = needed & ((home <= 0) | (data["sales"][:, country] <= 0))
    if missing.any():
        labels = [s for s, lacking in zip(benchmark.sectors, missing, strict=True) if lacking]
        return np.nan, np.nan, f"buys but does not make {', '.join(labels)}, directly or through its suppliers, so it has no autarky"
    by_cost = -price.d_log_price(weight.entry - weight.unit_cost, 0.0)  # Ŝ falls with ĉ
    price_map = (by_cost * inputs.T)[np.ix_(needed, needed)]
    radius = float(np.abs(np.linalg.eigvals(price_map)).max()) if price_map.any() else 0.0
    if radius >= 1:
        return (
            np.nan,
            radius,
            f"the autarky price map has a spectral radius of {radius:.4g} ≥ 1: scale effects through inputs leave no autarky",
        )
    closed = Closed(income, sales, _factor_cost(benchmark, paid, country, (1 - profit) * sales), beta * (1 - e["eta"]))
    return _autarky_welfare(benchmark, weight, price, country, closed, needed, price_map), radius, ""


def _factor_cost(benchmark: Benchmark, paid: CostAccounts, country: int, cost: Array) -> Array:
    """Σ_f a_fs ln ŵ_fs of a country whose producers pay this [sector], money [sector]: prices at which factors earn what they are paid."""
    share, before = paid.factor_share[:, :, country], paid.payments[:, :, country]
    log_price = np.log((share * cost).sum(axis=1) / paid.factor_income[:, country])[:, None] * np.ones(len(cost))
    supply = paid.supply(benchmark)
    for f, place in enumerate(supply.places if supply is not None else ()):
        if isinstance(place, slice) and supply is not None:
            some = (before[f] > 0) & (cost > 0)
            change = np.where(some, share[f] * cost / np.where(before[f] > 0, before[f], 1.0), 1.0)
            roy = next(roy for roy in supply.roys if roy.at == place)
            here = roy.mapped(lambda array: array[..., country : country + 1] if array.shape[-1] > 1 else array)
            log_price[f] = here.within(some[:, None]).clearing(np.log(change)[:, None])[:, 0]
    return np.asarray((share * log_price).sum(axis=0))


class Closed(NamedTuple):
    """A country in autarky: income, with factor income as in the data; sales R', the part of factors in ln ĉ, and β (1 − η) [sector]."""

    income: float
    sales: Array
    log_factor_cost: Array
    real_share: Array


def _autarky_welfare(
    benchmark: Benchmark, weight: Seller, price: Buyer, country: int, closed: Closed, needed: Array, price_map: Array
) -> float:
    """ln(U autarky / U data).

    Args:
        weight, price: exponents; closed: the country in autarky; needed: sectors that are used [sector]; price_map: of these.
    """
    data = benchmark.arrays
    income, sales = data["income"][country], closed.sales
    weight, price = Seller(*(e[needed] for e in weight)), Buyer(*(e[needed] for e in price))
    made, spent, home = data["sales"][needed, country], data["spending"][needed, country], data["trade_share"][needed, country, country]
    log_cost = closed.log_factor_cost[needed][:, None]
    log_spending = np.log(sales[needed] / spent)[:, None]
    log_entry = np.log(sales[needed] / made)[:, None] - log_cost
    log_competition = np.log(home)[:, None] + weight.log_weight(log_entry, log_cost, log_spending)
    constant = price.log_price(log_competition, log_spending)
    log_price = np.linalg.solve(np.eye(len(constant)) - price_map, constant)
    return float(eq.log_real_income(np.log(closed.income / income), log_price[:, 0], closed.real_share[needed]))
