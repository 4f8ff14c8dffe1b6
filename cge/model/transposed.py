"""The linearised system read backwards: what a weighted sum of outputs and rows owes to everything that it is made from.

With `cge/model/linear.py` this is the one permitted second writing of the equations; tests tie the two to each other (⟨A x, y⟩ = ⟨x, Aᵀ y⟩) and to
the equations by complex step.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised, Rows


@dataclass(frozen=True)
class Seeds:
    """Outputs, one a column, by their derivatives [sector, country, column] unless said otherwise; zero where absent.

    Attributes:
        log_factor_price: by ln of what a unit of endowment earns in a market, ŵ where all sectors are one [market, country, column].
        log_unit_cost, log_price, log_spending, log_entry, log_sales: by ln ĉ, ln P̂, ln X',
            ln Ŝ, ln R'. income, profit, tariff_revenue, export_tax_revenue, transfer: by money [country, column]. log_flow: by ln of flows [sector,
            exporter, importer, column]. eta: by η of the sector [sector, column], in which no equation has a part.
    """

    log_factor_price: Array | float = 0.0
    log_unit_cost: Array | float = 0.0
    log_price: Array | float = 0.0
    log_spending: Array | float = 0.0
    log_entry: Array | float = 0.0
    log_sales: Array | float = 0.0
    income: Array | float = 0.0
    profit: Array | float = 0.0
    tariff_revenue: Array | float = 0.0
    export_tax_revenue: Array | float = 0.0
    transfer: Array | float = 0.0
    eta: Array | float = 0.0
    log_flow: Array | None = None

    def column(self, place: int) -> Seeds:
        """Those of one output, without the axis of columns."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        return Seeds(**{name: value[..., place] if isinstance(value, np.ndarray) else value for name, value in given.items()})


NO_SEEDS = Seeds()


class Trade(NamedTuple):
    """Derivatives by the variables of trade [sector, country, column].

    Attributes:
        price_index: by what the equation of ln P̂ gives; sender: by its ln; spending: by ln X̂, through demand and price index.
        competition, foreign_competition, access, foreign_access, taxed_weight, levied_access: by these themselves; the foreign ones include what
            goes through imports and exports.
    """

    price_index: Array
    sender: Array
    spending: Array
    competition: Array
    foreign_competition: Array
    access: Array
    foreign_access: Array
    taxed_weight: Array
    levied_access: Array


class Sensitivity(NamedTuple):
    """Derivatives of output + Σ weight · row by what they are made from, all else given; [sector, country, column] unless said otherwise.

    Attributes:
        factor_price, price, spending, entry: by the unknowns ln ŵ [market, country, column], ln P̂, ln X̂, ln Ŝ.
        profit: by ln q.
        factor_income: by ln of what markets pay to factors [market, country, column]; numeraire: what a larger world income, per unit of it, takes
            back [column].
        trade: by the variables of trade between countries.
    """

    factor_price: Array
    price: Array
    spending: Array
    entry: Array
    profit: Array
    factor_income: Array
    numeraire: Array
    trade: Trade

    def column(self, place: int) -> Sensitivity:
        """Those of one output, without the axis of columns."""
        own = {name: part[..., place] for name, part in self._asdict().items() if name != "trade"}
        return Sensitivity(**own, trade=Trade(*(part[..., place] for part in self.trade)))


class _Money(NamedTuple):
    """Derivatives by exports, imports, revenue of tariffs and of export taxes, by ln of factor income and directly by ln of factor prices [market,
    country, column], and by what producers pay [sector, country, column].
    """

    exports: Array
    imports: Array
    revenue: Array
    levy: Array
    factor_income: Array
    factor_price: Array
    paid: Array


def _money(lin: Linearised, rows: Rows, seeds: Seeds) -> _Money:
    """Backwards through factor markets, trade balance, income and spending."""
    s, v, c = lin.system, lin.v, lin.column
    wanted = np.where(c["bought"], -rows.spending / c["spending"], 0.0)
    paid, balance, earned, price = lin.markets.owed(rows.market)
    up, down = balance / (lin.exports + lin.received)[:, None], balance / (lin.imports + lin.given)[:, None]
    income = (s.final_share[..., None] * wanted).sum(axis=0) + seeds.income
    transfer = income + np.where((v.transfer > 0)[:, None], up, down) + seeds.transfer
    if s.input_share is not None:
        paid = paid + np.matmul(s.input_share, wanted.transpose(1, 0, 2)).transpose(1, 0, 2)
    if s.profit is not None:
        paid = paid + c["per_cost"] * (income + seeds.profit)
    own = s.rule.transposed(v.factor_income.sum(axis=0), transfer, s.transfer, s.benchmark_income)
    factor_income = v.factor_income[..., None] * (income + own) + earned
    revenue, levy = income + down + seeds.tariff_revenue, income + up + seeds.export_tax_revenue
    return _Money(up, -down, revenue, levy, factor_income, price, paid)


def _trade(lin: Linearised, rows: Rows, profit: Array, seeds: Seeds, money: _Money) -> Trade:
    """Backwards through sales and profits to access, through access to what markets demand, through competition to sellers."""
    s, v, c = lin.system, lin.v, lin.column
    sent, bought = (0.0, 0.0) if seeds.log_flow is None else (seeds.log_flow.sum(axis=2), seeds.log_flow.sum(axis=1))
    sold = np.where(lin.seller.entry > 0, 0.0, money.paid)  # without free entry producers pay out what they sell, but for profits
    access = (profit + seeds.log_sales) / c["access"] + sold / (1 + c["per_cost"]) * c["sender"]
    foreign_access = access + money.exports * c["sender"]
    levied_access = money.levy * c["sender"]
    demand = c["home"] * access + np.matmul(s.net_foreign.transpose(0, 2, 1), foreign_access) + money.imports * c["foreign_competition"]
    if s.levied is not None:
        demand = demand + np.matmul(s.levied.transpose(0, 2, 1), levied_access)
    demand = c["demand"] * (demand + money.revenue * v.taxed_weight[..., None]) + bought
    price_index = np.where(c["bought"], -rows.price, 0.0)
    by_competition, spending = lin.buyer.owed(demand, price_index)
    competition = by_competition / c["competition"]
    foreign_competition = competition + money.imports * c["demand"]
    taxed_weight = money.revenue * c["demand"]
    sender = c["home"] * competition + np.matmul(s.foreign, foreign_competition) + money.exports * c["foreign_access"]
    if s.taxed is not None and money.revenue.any():
        sender += np.matmul(s.taxed, taxed_weight)
    if s.levied is not None:
        sender = sender + money.levy * v.levied_access[..., None]
    sender = c["sender"] * sender + sold * c["paid"] + seeds.log_sales + sent
    return Trade(price_index, sender, spending, competition, foreign_competition, access, foreign_access, taxed_weight, levied_access)


def backwards(lin: Linearised, rows: Rows, profit: Array, seeds: Seeds = NO_SEEDS) -> Sensitivity:
    """Derivatives of output + Σ rows · `Rows` + Σ profit · ln q at a candidate, from the last equation to the first.

    Args:
        rows: weights of the residuals, shapes as in `Rows`; profit: of ln q [sector, country]; seeds: the outputs. All with an axis of columns.
    """
    s, v, c = lin.system, lin.v, lin.column
    money = _money(lin, rows, seeds)
    trade = _trade(lin, rows, profit, seeds, money)
    free = lin.seller.entry > 0
    weight = lin.seller.owed(trade.sender)
    entry, cost, spent = weight.entry + seeds.log_entry, weight.unit_cost + seeds.log_unit_cost, trade.spending + weight.spending
    if lin.free.any() or profit.any():
        costs = np.where(free, money.paid * c["paid"], 0.0)  # Ŝ ĉ R under free entry
        earned = lin.seller.profit.owed(profit)
        entry, cost, spent = entry + costs + np.where(free, earned.entry, 0.0), cost + costs + earned.unit_cost, spent + earned.spending
    numeraire = rows.market.sum(axis=(0, 1)) / s.endowed.sum()
    factor_income = money.factor_income + v.factor_income[..., None] * numeraire
    price = rows.price + seeds.log_price
    if s.input_share is not None:
        price = price + np.matmul(s.input_share.transpose(0, 2, 1), cost.transpose(1, 0, 2)).transpose(1, 0, 2)
    through_earned = lin.markets.earned_owed(factor_income + seeds.log_factor_price)
    return Sensitivity(
        factor_price=lin.markets.cost_owed(cost) + through_earned + money.factor_price,
        price=price,
        spending=np.where(c["bought"], rows.spending + spent, 0.0) + seeds.log_spending,
        entry=entry,
        profit=np.broadcast_to(profit, entry.shape),
        factor_income=factor_income,
        numeraire=numeraire * v.factor_income.sum() / s.endowed.sum(),
        trade=trade,
    )
