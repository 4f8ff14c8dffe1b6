"""Gains from trade: the benchmark against autarky, where autarky exists."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model.benchmark import Benchmark
from cge.model.exponents import Exponents
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
    baseline = Shock(transfers=asked.transfers, baseline=asked.baseline)
    if asked.baseline is not None:
        b = asked.baseline
        baseline = Shock(b.tariff, b.iceberg, b.fixed_cost, b.productivity, b.endowment, b.transfers, asked.baseline)
    solution = solve_hat(benchmark, exponents, baseline, tolerance=tolerance, unstable="follow", report=report)
    found = solution.reference
    beta = found.system.final_share
    log_now = np.log(found.values.income / benchmark.data["income"].values) - (beta * found.unknowns.log_price).sum(axis=0)
    rows, reasons = [], {}
    for n, country in enumerate(benchmark.countries):
        log_autarky, radius, reason = autarky(benchmark, exponents, n)
        if reason:
            reasons[country] = reason
        rows.append((country, -100 * np.expm1(log_autarky - log_now[n]), radius))
    return Gains(pd.DataFrame(rows, columns=["country", "gains_from_trade_pct", "radius"]), reasons, solution)


def autarky(benchmark: Benchmark, exponents: Exponents, country: int) -> tuple[float, float, str]:
    """ln(U autarky / U data) of a country, the radius of its price map, and the reason where there is no autarky (then NaN).

    With all spending at home, sales R' = (1 − Γ)⁻¹ β I' and factor prices ŵ_f V_f = Σ_s a_fs R'_s do not depend on prices; entry is
    Ŝ = R'/(ĉ R), and Φ = λ_nn Ŝ^scale ĉ^−cost gives, with ln ĉ = a' ln ŵ + γ' ln P̂, a linear map:
    ln P̂ = −[ln λ_nn + scale·ln(R'/R)]/trade + (cost + scale)/trade · ln ĉ − market · ln X̂. It has a solution with finite prices only if the
    spectral radius of diag((cost + scale)/trade)·γ' is below one.
    """
    data = benchmark.data
    e = exponents.on(benchmark.sectors)
    beta = data["final_share"].values[:, country]
    inputs = data["input_share"].values[:, :, country]  # input, sector
    sales = np.linalg.solve(np.eye(len(beta)) - inputs, beta * data["factor_income"].values[:, country].sum())
    needed = sales > 1e-14 * sales.sum()
    home = data["trade_share"].values[:, country, country]
    missing = needed & ((home <= 0) | (data["sales"].values[:, country] <= 0))
    if missing.any():
        labels = [s for s, lacking in zip(benchmark.sectors, missing, strict=True) if lacking]
        return np.nan, np.nan, f"buys but does not make {', '.join(labels)}, directly or through its suppliers, so it has no autarky"
    price_map = (((e["cost"] + e["scale"]) / e["trade"])[:, None] * inputs.T)[np.ix_(needed, needed)]
    radius = float(np.abs(np.linalg.eigvals(price_map)).max()) if price_map.any() else 0.0
    if radius >= 1:
        return (
            np.nan,
            radius,
            f"the autarky price map has a spectral radius of {radius:.4g} ≥ 1: scale effects through inputs leave no autarky",
        )
    return _autarky_welfare(benchmark, e, country, sales, needed, price_map), radius, ""


def _autarky_welfare(benchmark: Benchmark, e: dict[str, Array], country: int, sales: Array, needed: Array, price_map: Array) -> float:
    """ln(U autarky / U data), with income in autarky equal to factor income in the data."""
    data = benchmark.data
    beta, income = data["final_share"].values[:, country], data["income"].values[country]
    factor_share = data["factor_share"].values[:, :, country]
    payments = data["factor_income"].values[:, country]
    trade, scale, cost, market = (e[name][needed] for name in ("trade", "scale", "cost", "market"))
    made, spent, home = (
        data["sales"].values[needed, country],
        data["spending"].values[needed, country],
        data["trade_share"].values[needed, country, country],
    )
    log_wage = np.log((factor_share * sales).sum(axis=1) / payments)
    by_wage = (factor_share[:, needed] * log_wage[:, None]).sum(axis=0)
    constant = (
        -(np.log(home) + scale * np.log(sales[needed] / made)) / trade
        + (cost + scale) / trade * by_wage
        - market * np.log(sales[needed] / spent)
    )
    log_price = np.linalg.solve(np.eye(len(constant)) - price_map, constant)
    return float(np.log(payments.sum() / income) - (beta[needed] * log_price).sum())
