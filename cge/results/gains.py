"""Gains from trade: the benchmark against autarky, where autarky exists."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.model.benchmark import Benchmark
from cge.model.buyer import Buyer
from cge.model.exponents import Exponents, buyer, seller
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
    for n, country in enumerate(benchmark.countries):
        log_autarky, radius, reason = autarky(benchmark, seller(e), buyer(e), n)
        if reason:
            reasons[country] = reason
        rows.append((country, -100 * np.expm1(log_autarky - log_now[n]), radius))
    return Gains(pd.DataFrame(rows, columns=["country", "gains_from_trade_pct", "radius"]), reasons, solution)


def autarky(benchmark: Benchmark, weight: Seller, price: Buyer, country: int) -> tuple[float, float, str]:
    """ln(U autarky / U data) of a country, the radius of its price map, and the reason where there is no autarky (then NaN).

    With all spending at home, sales R' = (1 − Γ)⁻¹ β I' and factor prices ŵ_f V_f = Σ_s a_fs R'_s do not depend on prices; entry is
    Ŝ = R'/(ĉ R), so that Φ = λ_nn Ŝ^scale ĉ^−cost gives, with ln ĉ = a' ln ŵ + γ' ln P̂, a linear map:
    ln P̂ = −[ln λ_nn + scale·ln(R'/R)]/trade + (cost + scale)/trade · ln ĉ − market · ln X̂. It has a solution with finite prices only if the
    spectral radius of diag((cost + scale)/trade)·γ' is below one.

    Args:
        weight, price: exponents; country: its place.
    """
    data = benchmark.arrays
    beta = data["final_share"][:, country]
    inputs = data["input_share"][:, :, country]  # input, sector
    sales = np.linalg.solve(np.eye(len(beta)) - inputs, beta * data["factor_income"][:, country].sum())
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
    return _autarky_welfare(benchmark, weight, price, country, sales, needed, price_map), radius, ""


def _autarky_welfare(
    benchmark: Benchmark, weight: Seller, price: Buyer, country: int, sales: Array, needed: Array, price_map: Array
) -> float:
    """ln(U autarky / U data), with income in autarky equal to factor income in the data.

    Args:
        weight, price: exponents; sales: R' [sector]; needed: sectors that are used [sector]; price_map: of these.
    """
    data = benchmark.arrays
    beta, income = data["final_share"][:, country], data["income"][country]
    factor_share = data["factor_share"][:, :, country]
    payments = data["factor_income"][:, country]
    weight, price = Seller(*(e[needed] for e in weight)), Buyer(*(e[needed] for e in price))
    made, spent, home = data["sales"][needed, country], data["spending"][needed, country], data["trade_share"][needed, country, country]
    log_wage = np.log((factor_share * sales).sum(axis=1) / payments)
    log_cost = (factor_share[:, needed] * log_wage[:, None]).sum(axis=0)[:, None]
    log_spending = np.log(sales[needed] / spent)[:, None]
    log_entry = np.log(sales[needed] / made)[:, None] - log_cost
    log_competition = np.log(home)[:, None] + weight.log_weight(log_entry, log_cost, log_spending)
    constant = price.log_price(log_competition, log_spending)
    log_price = np.linalg.solve(np.eye(len(constant)) - price_map, constant)
    return float(eq.log_real_income(np.log(payments.sum() / income), log_price[:, 0], beta[needed]))
