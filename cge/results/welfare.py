"""Real income by country and by group, with everything that stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.results.channels import CHANNELS, LINEAR, channels, linear_terms, price_change
from cge.solve.moved import primitives, tariffs
from cge.solve.solution import Solution

Unit = Literal["%", "log points × 100", "money", "rate"]


@dataclass(frozen=True)
class Pieces:
    """What the columns are made of, arrays [country] and pairs of them (reference, counterfactual).

    Attributes:
        income: of the reference; log_income, log_price, log_welfare, log_factor_income: ln of the changes of income, consumer prices, real income
            and factor income.
        factor_income, revenue, transfer, exports, imports, average_tariff: pairs; gdp, gdp_change: at benchmark prices.
        channels, linear: by name.
    """

    income: Array
    log_income: Array
    log_price: Array
    log_welfare: Array
    log_factor_income: Array
    factor_income: tuple[Array, Array]
    revenue: tuple[Array, Array]
    transfer: tuple[Array, Array]
    exports: tuple[Array, Array]
    imports: tuple[Array, Array]
    average_tariff: tuple[Array, Array]
    gdp: Array
    gdp_change: Array
    channels: dict[str, Array]
    linear: dict[str, Array]


Piece = Callable[[Pieces], Array]


@dataclass(frozen=True)
class Column:
    """A column of welfare.csv.

    Attributes:
        name; word, unit: as a reader meets it (`rate`: a share that is shown in percent); make: its numbers by country.
        weight: groups are averages with these weights [country], or sums where it is None; brief: the word where there is little room.
    """

    name: str
    word: str
    unit: Unit
    make: Piece
    weight: Piece | None = lambda p: p.income
    brief: str = ""


def _channel(name: str, word: str, brief: str = "") -> Column:
    """One of `CHANNELS`."""
    return Column(name, word, "log points × 100", lambda p: 100 * p.channels[name], brief=brief)


def _linear(name: str, word: str) -> Column:
    """One of `LINEAR`."""
    return Column(name, word, "%", lambda p: p.linear[name])


TABLE = (
    Column("real_income_pct", "Real income", "%", lambda p: 100 * np.expm1(p.log_welfare)),
    Column("income_pct", "Income", "%", lambda p: 100 * np.expm1(p.log_income)),
    Column("consumer_price_pct", "Consumer prices", "%", lambda p: 100 * np.expm1(p.log_price)),
    Column(
        "real_factor_income_pct",
        "Real factor income",
        "%",
        lambda p: 100 * np.expm1(p.log_factor_income - p.log_price),
        lambda p: p.factor_income[0],
    ),
    Column("real_gdp_pct", "Real GDP", "%", lambda p: 100 * p.gdp_change / p.gdp, lambda p: p.gdp),
    Column("equivalent_variation", "Equivalent variation", "money", lambda p: p.income * np.expm1(p.log_welfare), None),
    _channel("income_over_cost_log", "Income over cost"),
    _channel("own_share_log", "Own share"),
    _channel("entry_log", "Entry"),
    _channel("market_log", "Market size and selection", "market"),
    _channel("technology_log", "Technology"),
    _linear("terms_of_trade_pct", "Terms of trade"),
    _linear("volume_of_trade_pct", "Volume of trade"),
    _linear("direct_pct", "Direct effect"),
    _linear("welfare_linear_pct", "Linear welfare"),
    Column("exports_pct", "Exports", "%", lambda p: _percent(p.exports), lambda p: p.exports[0]),
    Column("imports_pct", "Imports", "%", lambda p: _percent(p.imports), lambda p: p.imports[0]),
    Column("tariff_revenue", "Tariff revenue", "money", lambda p: p.revenue[1], None),
    Column("tariff_revenue_change", "Change of tariff revenue", "money", lambda p: p.revenue[1] - p.revenue[0], None),
    Column("average_tariff", "Average tariff before", "rate", lambda p: p.average_tariff[0], lambda p: p.imports[0]),
    Column("average_tariff_new", "Average tariff after", "rate", lambda p: p.average_tariff[1], lambda p: p.imports[1]),
    Column("transfer", "Transfer", "money", lambda p: p.transfer[1], None),
    Column("transfer_change", "Change of transfer", "money", lambda p: p.transfer[1] - p.transfer[0], None),
)
"""The columns of welfare.csv behind `country`, in their order; headings, groups and sweeps follow from it."""

COLUMNS = ("country", *(column.name for column in TABLE))
ADDITIVE = tuple(column.name for column in TABLE if column.weight is None)


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
    return pd.DataFrame({"country": solution.benchmark.countries, **dict(zip(COLUMNS[1:], welfare_numbers(solution).T, strict=True))})


def welfare_numbers(solution: Solution) -> Array:
    """The numbers of `welfare_table` [country, column]."""
    pieces = _pieces(solution)
    return np.stack([column.make(pieces) for column in TABLE], axis=1)


def groups_table(solution: Solution, groups: dict[str, list[str]]) -> pd.DataFrame:
    """The columns of `welfare_table` for `World` and every group of countries.

    Money is summed. Real income, prices, channels and linear terms are averages weighted by benchmark income; factor income, GDP,
    exports, imports and tariffs by their own benchmark (or new) values, trade inside a group included.
    """
    pieces = _pieces(solution)
    countries = solution.benchmark.countries
    values = [(column.make(pieces), None if column.weight is None else column.weight(pieces)) for column in TABLE]
    rows = []
    for name, labels in {"World": countries, **groups}.items():
        inside = np.isin(countries, labels)
        rows.append((name, *(_together(of[inside], None if weight is None else weight[inside]) for of, weight in values)))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _together(values: Array, weight: Array | None) -> float:
    """Values of the members of a group as one: their sum, or their average where there are weights (NaN where these are nothing)."""
    if weight is None:
        return float(values.sum())
    total = float(weight.sum())
    return float((weight * values).sum() / total) if total > 0 else np.nan


def _pieces(solution: Solution) -> Pieces:
    old, new = solution.reference, solution.counterfactual
    beta = new.system.final_share
    income, log_income = old.values.income, np.log(new.values.income / old.values.income)
    log_price = eq.log_consumer_price(new.unknowns.log_price - old.unknowns.log_price, beta)
    factor_income = old.values.factor_income.sum(axis=0), new.values.factor_income.sum(axis=0)
    imports = old.imports, new.imports
    return Pieces(
        income=income,
        log_income=log_income,
        log_price=log_price,
        log_welfare=solution.log_real_income,
        log_factor_income=np.log(factor_income[1] / factor_income[0]),
        factor_income=factor_income,
        revenue=(old.values.tariff_revenue, new.values.tariff_revenue),
        transfer=(old.values.transfer, new.values.transfer),
        exports=(old.exports, new.exports),
        imports=imports,
        average_tariff=(_average(old.values.tariff_revenue, imports[0]), _average(new.values.tariff_revenue, imports[1])),
        gdp=factor_income[0] + old.values.tariff_revenue,
        gdp_change=_real_gdp_change(solution),
        channels=dict(zip(CHANNELS, channels(solution), strict=True)),
        linear=dict(zip(LINEAR, linear_terms(solution), strict=True)),
    )


def abroad(flow: Array) -> Array:
    """`flow` [sector, exporter, importer] without sales at home."""
    return np.asarray(flow * ~np.eye(flow.shape[1], dtype=bool))


def _percent(old_new: tuple[Array, Array]) -> Array:
    old, new = old_new
    traded = old > 0
    return np.where(traded, 100 * (new / np.where(traded, old, 1.0) - 1), np.nan)


def _average(revenue: Array, imports: Array) -> Array:
    """Import-weighted rate [country], NaN where nothing is imported."""
    traded = imports > 0
    return np.where(traded, revenue / np.where(traded, imports, 1.0), np.nan)


def _real_gdp_change(solution: Solution) -> Array:
    """Change of GDP at benchmark prices, money [country]; volumes of trade count at the tariffs that were laid on them."""
    old, new = solution.reference, solution.counterfactual
    factors = (old.values.factor_income * (primitives(solution).endowment - 1)).sum(axis=0)
    rate, _ = tariffs(solution)
    if not rate.any():
        return np.asarray(factors)
    _, arriving = price_change(solution)
    volume = np.where(np.isfinite(arriving), new.flow / np.where(np.isfinite(arriving), arriving, 1.0), 0.0)
    return np.asarray(factors + (rate * (volume - old.flow)).sum(axis=(0, 1)))
