"""Real income by country and by group, with everything that stands beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError, unlike
from cge.model import equations as eq
from cge.results.channels import CHANNELS, LINEAR, channels, linear_terms
from cge.results.columns import Add, Column, changing, mean, membership, per, total
from cge.results.volumes import factor_services, real_gdp_change, seller_price, taxed_volumes, trade_prices
from cge.results.workers import Groups, columns, groups
from cge.solve.moved import rates_before
from cge.solve.solution import Answered, Solution


@dataclass(frozen=True)
class Pieces:
    """What the columns are made of, arrays [country] and pairs of them (reference, counterfactual).

    Attributes:
        income: of the reference; log_income, log_price, log_welfare, log_constant, log_factor_income: ln of the changes of income, consumer prices,
            real income (as it is, and were mark-ups constant) and factor income.
        factor_income, profit, revenue, levy, transfer, exports, imports, dutiable, average_tariff: pairs, of which revenue is that of tariffs, levy
            that of export taxes and dutiable what tariffs are laid on; gdp, gdp_change, gdp_expenditure_change: at benchmark prices.
        export_price, import_price: hats.
        channels, linear: by name. vary: whether mark-ups do, in each scenario where there are several [() or scenario].
        groups: of workers, None where nothing is known of them.
    """

    income: Array
    log_income: Array
    log_price: Array
    log_welfare: Array
    log_constant: Array
    log_factor_income: Array
    factor_income: tuple[Array, Array]
    profit: tuple[Array, Array]
    revenue: tuple[Array, Array]
    levy: tuple[Array, Array]
    transfer: tuple[Array, Array]
    exports: tuple[Array, Array]
    imports: tuple[Array, Array]
    dutiable: tuple[Array, Array]
    average_tariff: tuple[Array, Array]
    gdp: Array
    gdp_change: Array
    gdp_expenditure_change: Array
    export_price: Array
    import_price: Array
    channels: dict[str, Array]
    linear: dict[str, Array]
    vary: Array
    groups: Groups | None


def _income(p: Pieces) -> Array:
    return p.income


def _channel(name: str, word: str, brief: str = "") -> Column[Pieces]:
    """One of `CHANNELS`."""
    return Column(name, word, "log points × 100", lambda p: 100 * p.channels[name], mean(_income), brief)


def _linear(name: str, word: str) -> Column[Pieces]:
    """One of `LINEAR`."""
    return Column(name, word, "%", lambda p: p.linear[name], mean(_income))


def _barter(p: Pieces) -> Array:
    return 100 * (p.export_price / p.import_price - 1)


def _barter_together(p: Pieces, values: Array, add: Add) -> Array:
    """Of the prices of all that members export and import."""
    prices = ((p.exports[0], p.export_price), (p.imports[0], p.import_price))
    exports, imports = (mean(lambda _, trade=trade: trade)(p, price, add) for trade, price in prices)  # type: ignore[misc]
    return np.asarray(100 * (exports / imports - 1))


TABLE: tuple[Column[Pieces], ...] = (
    Column("real_income_pct", "Real income", "%", lambda p: 100 * np.expm1(p.log_welfare), mean(_income)),
    Column("income_pct", "Income", "%", lambda p: 100 * np.expm1(p.log_income), mean(_income)),
    Column("consumer_price_pct", "Consumer prices", "%", lambda p: 100 * np.expm1(p.log_price), mean(_income)),
    Column(
        "real_factor_income_pct",
        "Real factor income",
        "%",
        lambda p: 100 * np.expm1(p.log_factor_income - p.log_price),
        mean(lambda p: p.factor_income[0]),
    ),
    Column("real_gdp_pct", "Real GDP, factors and duties", "%", lambda p: 100 * p.gdp_change / p.gdp, mean(lambda p: p.gdp)),
    Column("equivalent_variation", "Equivalent variation", "money", lambda p: p.income * np.expm1(p.log_welfare), total),
    _channel("income_over_cost_log", "Income over cost"),
    _channel("own_share_log", "Own share"),
    _channel("entry_log", "Entry"),
    _channel("market_log", "Market size and selection", "market"),
    _channel("technology_log", "Technology"),
    _linear("terms_of_trade_pct", "Terms of trade, part of income"),
    _linear("volume_of_trade_pct", "Volume of trade"),
    _linear("direct_pct", "Direct effect"),
    _linear("welfare_linear_pct", "Linear welfare"),
    changing("exports_pct", "Exports", lambda p: p.exports),
    changing("imports_pct", "Imports", lambda p: p.imports),
    Column("tariff_revenue", "Tariff revenue", "money", lambda p: p.revenue[1], total),
    Column("tariff_revenue_change", "Change of tariff revenue", "money", lambda p: p.revenue[1] - p.revenue[0], total),
    Column("average_tariff", "Average tariff before", "rate", lambda p: p.average_tariff[0], mean(lambda p: p.dutiable[0])),
    Column("average_tariff_new", "Average tariff after", "rate", lambda p: p.average_tariff[1], mean(lambda p: p.dutiable[1])),
    Column("transfer", "Transfer", "money", lambda p: p.transfer[1], total),
    Column("transfer_change", "Change of transfer", "money", lambda p: p.transfer[1] - p.transfer[0], total),
    Column("export_price_pct", "Export prices", "%", lambda p: 100 * (p.export_price - 1), mean(lambda p: p.exports[0])),
    Column("import_price_pct", "Import prices", "%", lambda p: 100 * (p.import_price - 1), mean(lambda p: p.imports[0])),
    Column("barter_terms_of_trade_pct", "Terms of trade", "%", _barter, _barter_together),
    Column("real_gdp_expenditure_pct", "Real GDP", "%", lambda p: 100 * p.gdp_expenditure_change / p.gdp, mean(lambda p: p.gdp)),
)
"""The columns of welfare.csv behind `country`, in their order; headings, groups and sweeps follow from it."""

INCOMES: tuple[Column[Pieces], ...] = (
    Column("export_tax_revenue", "Export tax revenue", "money", lambda p: p.levy[1], total),
    Column("export_tax_revenue_change", "Change of export tax revenue", "money", lambda p: p.levy[1] - p.levy[0], total),
    Column("profit", "Profits", "money", lambda p: p.profit[1], total),
    Column("profit_change", "Change of profits", "money", lambda p: p.profit[1] - p.profit[0], total),
)
"""Further columns where some income is of other kinds than those above."""


def _constant_markups(p: Pieces) -> Array:
    return np.where(p.vary, 100 * np.expm1(p.log_constant), np.nan)


CONSTANT = "real_income_constant_markups_pct"
"""What real income would be were mark-ups constant; where they are it is `real_income_pct`, and no column of its own."""

MARKUPS: tuple[Column[Pieces], ...] = (
    _channel("markups_log", "Variable mark-ups", "mark-ups"),
    Column(CONSTANT, "Real income at constant mark-ups", "%", _constant_markups, mean(_income)),
)
"""Further columns where mark-ups vary."""

FURTHER = (*INCOMES, *MARKUPS)
"""Columns that not every solution has."""

SOMETIMES = frozenset(column.name for column in FURTHER)
"""Their names."""


def _groups(p: Pieces) -> Groups:
    assert p.groups is not None
    return p.groups


OF_GROUPS: tuple[Column[Pieces], ...] = columns(_groups)
"""Further columns where groups of workers are known."""

EVERY = (*TABLE, *FURTHER)
COLUMNS = ("country", *(column.name for column in EVERY))
ADDITIVE = tuple(column.name for column in EVERY if column.additive)


def columns_of(solution: Solution) -> tuple[Column[Pieces], ...]:
    """The columns of welfare.csv that a solution has."""
    incomes = INCOMES if solution.taxes_exports or solution.has_profits else ()
    groups = OF_GROUPS if solution.benchmark.workers is not None else ()
    return (*TABLE, *incomes, *(MARKUPS if solution.exponents.entrants.vary else ()), *groups)


def welfare_table(solution: Solution) -> pd.DataFrame:
    """One row for each country, the columns of welfare.csv (`INCOMES` where exports are taxed or there are profits, `MARKUPS` where
    mark-ups vary).

    Percent changes are 100·(hat − 1), counterfactual over reference; `_log` columns are log points × 100 and add up to 100·ln Û. Money
    (`tariff_revenue`, `export_tax_revenue`, `transfer`) is that of the counterfactual, `_change` the difference from the reference, in the
    economy's unit.

    - `real_income_pct`: income over the consumer price index Π P̂^β; where mark-ups vary η of what a sector gains is lost
      (`cge.model.equations.log_real_income`), and `real_income_constant_markups_pct` is without that; `equivalent_variation` = I·(Û − 1).
    - `real_gdp_pct`: factor services at benchmark factor prices (of every sector, where workers move between them)
      and import volumes at benchmark prices and tariff rates,
      Σ_f payments·V̂ + Σ_is t_ins F_ins·(F̂_ins / price change), over factor income plus tariff revenue; export taxes as tariffs, and
      profits as a part of what is sold.
    - `real_gdp_expenditure_pct`: final demand plus exports minus imports at benchmark prices (`cge.results.volumes.real_gdp_change`), over the same.
    - `export_price_pct`, `import_price_pct`: at the seller and at benchmark quantities (`cge.results.volumes.trade_prices`);
      `barter_terms_of_trade_pct`: the price of exports over that of imports, under every model.
    - `exports_pct`, `imports_pct`: producer prices, own sales excluded.
    - `inequality_log`, `weighted_real_income_pct`: of groups of workers, where they are known (`cge.results.workers`).
    - the linear terms (`terms_of_trade_pct` and on) as in Caliendo and Parro (2015), percent of benchmark income; NaN with free entry or
      selection.
    """
    pieces = _pieces(solution)
    return pd.DataFrame({"country": solution.benchmark.countries, **{column.name: column.make(pieces) for column in columns_of(solution)}})


def welfare_numbers(solution: Answered) -> Array:
    """The numbers of `COLUMNS` behind `country` [country, column], of solutions that were found together with their axis at the end."""
    pieces = _pieces(solution)
    return np.stack(np.broadcast_arrays(*(column.make(pieces) for column in EVERY)), axis=1)


def groups_table(solution: Solution, groups: dict[str, list[str]]) -> pd.DataFrame:
    """The columns of `welfare_table` for `World` and every group of countries.

    Money is summed. Real income, consumer prices, channels and linear terms are averages weighted by benchmark income; factor income, GDP,
    prices of trade and tariffs by their own benchmark (or new) values; exports and imports are those of all members, trade inside a group included.
    `DataError` where a group has a country that the solution lacks.
    """
    if faults := unlike("groups", groups, Mapping, 'give them as {"EU": ["DEU", "FRA"]}'):
        raise DataError(faults)
    pieces = _pieces(solution)
    named = {"World": solution.benchmark.countries, **groups}
    members = membership(solution.benchmark.countries, named)
    columns = {
        column.name: column.together(pieces, column.make(pieces), lambda values: values @ members.T) for column in columns_of(solution)
    }
    return pd.DataFrame({"country": list(named), **columns})


_GATHERED: WeakKeyDictionary[Answered, Pieces] = WeakKeyDictionary()
"""What the tables of a solution share; it goes with the solution."""


def _pieces(solution: Answered) -> Pieces:
    """What columns are made from, gathered once for a solution."""
    if solution not in _GATHERED:
        _GATHERED[solution] = _gathered(solution)
    return _GATHERED[solution]


def _gathered(solution: Answered) -> Pieces:
    old, new = solution.reference, solution.counterfactual
    beta = new.system.final_share
    income, log_income = old.values.income, np.log(new.values.income / old.values.income)
    prices = new.unknowns.log_price - old.unknowns.log_price
    factor_income = old.values.factor_income.sum(axis=0), new.values.factor_income.sum(axis=0)
    export_price, import_price = trade_prices(solution)
    dutiable = old.border_imports, new.border_imports
    return Pieces(
        income=income,
        log_income=log_income,
        log_price=eq.log_consumer_price(prices, beta),
        log_welfare=solution.log_real_income,
        log_constant=eq.log_real_income(log_income, prices, beta),
        log_factor_income=np.log(factor_income[1] / factor_income[0]),
        factor_income=factor_income,
        profit=(old.values.profit, new.values.profit),
        revenue=(old.values.tariff_revenue, new.values.tariff_revenue),
        levy=(old.values.export_tax_revenue, new.values.export_tax_revenue),
        transfer=(old.values.transfer, new.values.transfer),
        exports=(old.exports, new.exports),
        imports=(old.imports, new.imports),
        dutiable=dutiable,
        average_tariff=(_average(old.values.tariff_revenue, dutiable[0]), _average(new.values.tariff_revenue, dutiable[1])),
        gdp=factor_income[0] + old.values.profit + old.values.tariff_revenue + old.values.export_tax_revenue,
        gdp_change=_real_gdp_change(solution),
        gdp_expenditure_change=real_gdp_change(solution),
        export_price=export_price,
        import_price=import_price,
        channels=dict(zip(CHANNELS, channels(solution), strict=True)),
        linear=dict(zip(LINEAR, linear_terms(solution), strict=True)),
        vary=solution.each(lambda exponents, _: np.asarray(exponents.entrants.vary)),
        groups=None if solution.axis else groups(solution),
    )


def _average(revenue: Array, imports: Array) -> Array:
    """Import-weighted rate [country], NaN where nothing is imported."""
    return per(revenue, imports)


def _real_gdp_change(solution: Answered) -> Array:
    """Change of factor services and volumes of trade at benchmark factor prices and rates, money [country]."""
    old = solution.reference
    factors = factor_services(solution)
    if (profit := old.system.profit) is not None:
        made = solution.counterfactual.values.sales / seller_price(solution) - old.values.sales
        factors = factors + (profit * made).sum(axis=0)
    if not rates_before(solution).any() and not solution.taxes_exports:
        return np.asarray(factors)
    return np.asarray(factors + taxed_volumes(solution) - old.values.tariff_revenue - old.values.export_tax_revenue)
