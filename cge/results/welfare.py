"""Real income by country and by group, with everything that stands beside it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.channels import CHANNELS, LINEAR, channels, linear_terms, price_change
from cge.solve.moved import primitives, tariffs
from cge.solve.solution import Solution

COLUMNS = (
    "country", "real_income_pct", "income_pct", "consumer_price_pct", "real_factor_income_pct", "real_gdp_pct", "equivalent_variation",
    *CHANNELS, *LINEAR, "exports_pct", "imports_pct", "tariff_revenue", "tariff_revenue_change", "average_tariff", "average_tariff_new",
    "transfer", "transfer_change",
)  # fmt: skip
ADDITIVE = ("equivalent_variation", "tariff_revenue", "tariff_revenue_change", "transfer", "transfer_change")


def welfare_table(solution: Solution) -> pd.DataFrame:
    """One row for each country, the columns of welfare.csv.

    Percent changes are 100·(hat − 1), counterfactual over reference; `_log` columns are log points × 100 and add up to 100·ln Û. Money
    (`tariff_revenue`, `transfer`) is that of the counterfactual, `_change` the difference from the reference, in the economy's unit.

    - `real_income_pct`: income over the consumer price index Π P̂^β; `equivalent_variation` = I·(Û − 1).
    - `real_gdp_pct`: factor services at benchmark factor prices and import volumes at benchmark prices and tariff rates,
      Σ_f payments·V̂ + Σ_is t_ins F_ins·(F̂_ins / price change), over factor income plus tariff revenue.
    - `exports_pct`, `imports_pct`: producer prices, own sales excluded.
    - the linear terms (`terms_of_trade_pct` and on) as in Caliendo and Parro (2015), percent of benchmark income; NaN with free entry or
      selection.
    """
    pieces = _pieces(solution)
    table = pd.DataFrame({name: pieces.columns[name] for name in COLUMNS if name != "country"})
    table.insert(0, "country", solution.benchmark.countries)
    return table


def groups_table(solution: Solution, groups: dict[str, list[str]]) -> pd.DataFrame:
    """The columns of `welfare_table` for `World` and every group of countries.

    Money is summed. Real income, prices, channels and linear terms are averages weighted by benchmark income; factor income, GDP,
    exports, imports and tariffs by their own benchmark (or new) values, trade inside a group included.
    """
    pieces = _pieces(solution)
    countries = solution.benchmark.countries
    members = {"World": countries, **groups}
    rows: list[dict[str, object]] = []
    for name, labels in members.items():
        inside = np.isin(countries, labels)
        row: dict[str, object] = {"country": name}
        for column in COLUMNS[1:]:
            values = pieces.columns[column][inside]
            weight = pieces.weights[column][inside] if column in pieces.weights else pieces.income[inside]
            total = float(weight.sum())
            row[column] = float(values.sum()) if column in ADDITIVE else float((weight * values).sum() / total) if total > 0 else np.nan
        rows.append(row)
    return pd.DataFrame(rows, columns=list(COLUMNS))


@dataclass(frozen=True)
class _Pieces:
    """Columns by country, benchmark income, and the weights of columns that are not weighted by it."""

    columns: dict[str, Array]
    income: Array
    weights: dict[str, Array]


def _pieces(solution: Solution) -> _Pieces:
    old, new = solution.reference, solution.counterfactual
    beta = new.system.final_share
    income, log_income = old.values.income, np.log(new.values.income / old.values.income)
    log_price = eq.log_consumer_price(new.unknowns.log_price - old.unknowns.log_price, beta)
    log_welfare = solution.log_real_income
    factor_old, factor_new = old.values.factor_income.sum(axis=0), new.values.factor_income.sum(axis=0)
    rate_old, rate_new = tariffs(solution)
    trade_old, trade_new = abroad(old.flow), abroad(new.flow)
    exports = [t.sum(axis=(0, 2)) for t in (trade_old, trade_new)]
    imports = [t.sum(axis=(0, 1)) for t in (trade_old, trade_new)]
    gdp = factor_old + old.values.tariff_revenue
    columns = {
        "real_income_pct": 100 * np.expm1(log_welfare),
        "income_pct": 100 * np.expm1(log_income),
        "consumer_price_pct": 100 * np.expm1(log_price),
        "real_factor_income_pct": 100 * np.expm1(np.log(factor_new / factor_old) - log_price),
        "real_gdp_pct": 100 * _real_gdp_change(solution, rate_old) / gdp,
        "equivalent_variation": income * np.expm1(log_welfare),
        **{name: 100 * value for name, value in zip(CHANNELS, channels(solution), strict=True)},
        **dict(zip(LINEAR, linear_terms(solution), strict=True)),
        "exports_pct": _percent(exports),
        "imports_pct": _percent(imports),
        "tariff_revenue": new.values.tariff_revenue,
        "tariff_revenue_change": new.values.tariff_revenue - old.values.tariff_revenue,
        "average_tariff": _average(rate_old, trade_old, imports[0]),
        "average_tariff_new": _average(rate_new, trade_new, imports[1]),
        "transfer": new.values.transfer,
        "transfer_change": new.values.transfer - old.values.transfer,
    }
    weights = {
        "real_factor_income_pct": factor_old,
        "real_gdp_pct": gdp,
        "exports_pct": exports[0],
        "imports_pct": imports[0],
        "average_tariff": imports[0],
        "average_tariff_new": imports[1],
    }
    return _Pieces(columns, income, weights)


def abroad(flow: Array) -> Array:
    """`flow` [sector, exporter, importer] without sales at home."""
    return np.asarray(flow * ~np.eye(flow.shape[1], dtype=bool))


def _percent(old_new: list[Array]) -> Array:
    old, new = old_new
    traded = old > 0
    return np.where(traded, 100 * (new / np.where(traded, old, 1.0) - 1), np.nan)


def _average(rate: Array, trade: Array, imports: Array) -> Array:
    traded = imports > 0
    return np.where(traded, (rate * trade).sum(axis=(0, 1)) / np.where(traded, imports, 1.0), np.nan)


def _real_gdp_change(solution: Solution, rate: Array) -> Array:
    """Change of GDP at benchmark prices, money [country]."""
    old, new = solution.reference, solution.counterfactual
    _, arriving = price_change(solution)
    volume = np.where(np.isfinite(arriving), new.flow / np.where(np.isfinite(arriving), arriving, 1.0), 0.0)
    factors = (old.values.factor_income * (primitives(solution).endowment - 1)).sum(axis=0)
    return np.asarray(factors + (rate * (volume - old.flow)).sum(axis=(0, 1)))
