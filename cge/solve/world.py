"""The world's Jacobian where entry is given, in relative changes and single precision: cheap to multiply by, forwards and backwards.

It is `cge.model.linear.Linearised.rows` with trade as shares and everything that does not change put together beforehand, for methods whose answers
are checked with the equations themselves: what it rounds off costs steps, not accuracy. Vectors are of rows or unknowns country by country
(`cge.solve.krylov.Layout`).
"""

from __future__ import annotations

import copy
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised
from cge.model.system import System
from cge.solve.blocks import single, spent_of_payments


@dataclass(eq=False)
class World:
    """The Jacobian of a system with inputs whose entry is given, times columns; money in units of the world's income.

    The balance of a country is ln of exports over imports. Of cells that are [country, sector, 1] a change in ln makes:

    Attributes:
        lin: the system linearised.
        sales, share: of an exporter's sales by market, of a market's spending by exporter [sector, exporter, importer].
        cost: of unit costs to factor prices and prices [country, sector, unknown]; sent, own: of sellers' weights to their costs, and to spending of
            their own market [1, sector, 1].
        spent: of rows of spending to payments and, last, to income [country, sector + 1, row].
        competition, size: of rows of prices to ln Φ and to spending [cells].
        of_sender, of_access, of_demand, of_competition: of balances, tariffs and export taxes held still [cells].
        revenue: of tariffs to demand, levy: of export taxes to weights [cells]; taxed, levied: of tariffs to weights of exporters, of export taxes to
            demand [sector, exporter, importer], of the importers `taxing` and the exporters `levying` alone.
        payments, balanced, prices: of rows of factor markets to payments [country, market, sector], to the balance [country, market, 1] and to factor
            prices [country, market, market] (`cge.model.factor_markets`); earned: of what factors earn to their prices [country, market, 1].
        up, down: of balances to money that comes in, and to less that goes out [country, 1]; receives: who receives transfers.
    """

    lin: Linearised

    def __post_init__(self) -> None:
        lin = self.lin
        s, v, unit = lin.system, lin.v, lin.system.endowed.sum()
        assert s.input_share is not None
        self.sales, self.share = (single(part) for part in lin.patterns(slice(None)))
        self.cost = single(np.concatenate([s.price_share.transpose(2, 1, 0), s.input_share], axis=2))
        self.takes(s.columns)
        wanted = np.where(s.bought, -1 / np.where(s.bought, v.spending, 1.0), 0.0).T[:, None, :]
        outlays = spent_of_payments(s).transpose(0, 2, 1) * v.paid.T[..., None]
        self.spent = single(np.concatenate([outlays, unit * s.final_share.T[:, None, :]], axis=1) * wanted)
        up, down = 1 / (lin.exports + lin.received), 1 / (lin.imports + lin.given)
        sold, bought, home = v.sender * v.access, v.demand * v.competition, s.home * v.sender * v.demand
        self.of_sender, self.of_access = cells(up * (sold - home) + down * home), cells(up * sold)
        self.of_demand, self.of_competition = cells(-up * home - down * (bought - home)), cells(-down * bought)
        tariff, levy = v.demand * v.taxed_weight, v.sender * v.levied_access
        self.revenue, self.levy = cells(tariff / unit), cells(levy / unit)
        self.taxing, self.levying = np.flatnonzero(tariff.any(axis=0)), np.flatnonzero(levy.any(axis=0))
        self.taxed, self.levied = (
            self.taxes(part, *at) for part, at in ((s.taxed, (slice(None), self.taxing)), (s.levied, (self.levying, slice(None))))
        )
        markets = lin.markets
        self.payments, self.prices = single(markets.by_payments.transpose(2, 0, 1)), single(markets.by_price)
        self.balanced, self.receives = single(markets.by_balance.T[..., None]), (v.transfer > 0)[:, None]
        self.earned = single(markets.earned_owed(v.factor_income[..., None] / unit).transpose(1, 0, 2))
        self.up, self.down = single(unit * up)[:, None], single(unit * down)[:, None]

    def taxes(self, weights: Array | None, exporters: Array | slice, importers: Array | slice) -> Array | None:
        """What rates bring in between some countries, in the world's income; `weights`: `taxed` or `levied` of the system, where there are any."""
        if weights is None:
            return None
        v, unit = self.lin.v, self.lin.system.endowed.sum()
        flow = weights[:, exporters][:, :, importers] * v.sender[:, exporters, None] * v.demand[:, None, importers]
        return single(flow / unit)

    def takes(self, system: System) -> None:
        """Take exponents from those of columns, which may be scenarios that differ in them."""
        self.sent, self.own = (flipped(single(exponent)) for exponent in (system.seller.unit_cost, system.seller.spending))
        one, none = 1.0 * system.bought, 0.0 * system.bought
        self.competition, self.size = (flipped(single(-system.buyer.d_log_price(*by))) for by in ((one, none), (none, one)))

    def under(self, system: System) -> World:
        """The same world where every column is of a scenario with exponents of its own."""
        out = copy.copy(self)
        out.takes(system)
        return out

    def times(self, columns: Array) -> Array:
        """The Jacobian times columns [unknown, column]."""
        return self.moved(columns)[0]

    def moved(self, columns: Array, push: Array | float = 0.0) -> tuple[Array, Array]:
        """The rows that unknowns move [row, column], and ln of access [sector, country, column], where ln of weights change by `push` [the same]
        besides.
        """
        table, markets, sectors = self.table(columns), len(self.lin.system.endowed), len(self.lin.system.home)
        wage, price, spending = table[:, :markets], table[:, markets:-sectors], table[:, -sectors:]
        sender = self.sent * np.matmul(self.cost, table[:, :-sectors])
        if self.own.any():
            sender += self.own * spending
        if isinstance(push, np.ndarray):
            sender += flipped(push)
        competition = flipped(np.matmul(self.share.transpose(0, 2, 1), flipped(sender)))
        demand = spending - competition
        access = flipped(np.matmul(self.sales, flipped(demand)))
        own, tariffs, levies = (self.earned * wage).sum(axis=1), total(self.revenue, demand), total(self.levy, sender)
        if self.taxed is not None:
            tariffs[self.taxing] += np.matmul(self.taxed.transpose(0, 2, 1), flipped(sender)).sum(axis=0)
        if self.levied is not None:
            levies[self.levying] += np.matmul(self.levied, flipped(demand)).sum(axis=0)
        transfer = single(self.lin.transfer(own))
        money = np.concatenate([sender + access, (own + transfer + tariffs + levies)[:, None]], axis=1)
        out = np.empty_like(table)
        of_trade = total(self.of_sender, sender) + total(self.of_access, access) + total(self.of_demand, demand)
        of_money = self.up * levies + self.down * tariffs + np.where(self.receives, self.up, self.down) * transfer
        balance = of_trade + total(self.of_competition, competition) + of_money
        out[:, :markets] = self.balanced * balance[:, None] + own.sum(axis=0)
        if markets > 1:
            out[:, :markets] += np.matmul(self.payments, money[:, :-1]) + np.matmul(self.prices, wage)
        out[:, markets:-sectors] = price + self.competition * competition
        if self.size.any():
            out[:, markets:-sectors] += self.size * spending
        np.add(spending, np.matmul(self.spent.transpose(0, 2, 1), money), out=out[:, -sectors:])
        return out.reshape(columns.shape), flipped(access)

    def backwards(self, columns: Array) -> Array:
        """The transposed Jacobian times columns [row, column]."""
        table, markets, sectors = self.table(columns), len(self.lin.system.endowed), len(self.lin.system.home)
        market, price, spending = table[:, :markets], table[:, markets:-sectors], table[:, -sectors:]
        balance = (self.balanced * market).sum(axis=1, keepdims=True)
        money = np.matmul(self.spent, spending)
        paid, income = money[:, :-1], money[:, -1]
        if markets > 1:
            paid += np.matmul(self.payments.transpose(0, 2, 1), market)
        tariffs, levies = income + self.down * balance[:, 0], income + self.up * balance[:, 0]
        demand = flipped(np.matmul(self.sales.transpose(0, 2, 1), flipped(paid + self.of_access * balance)))
        demand += self.of_demand * balance
        if self.taxed is not None:
            demand += self.revenue * tariffs[:, None]
        if self.levied is not None:
            demand += flipped(np.matmul(self.levied.transpose(0, 2, 1), levies[self.levying]))
        competition = self.competition * price + self.of_competition * balance
        competition -= demand
        sender = flipped(np.matmul(self.share, flipped(competition)))
        sender += paid
        sender += self.of_sender * balance
        if self.taxed is not None:
            sender += flipped(np.matmul(self.taxed, tariffs[self.taxing]))
        if self.levied is not None:
            sender += self.levy * levies[:, None]
        s = self.lin.system
        transfer = income + np.where(self.receives, self.up, self.down) * balance[:, 0]
        own = income + single(s.rule.transposed(self.lin.v.factor_income.sum(axis=0), transfer, s.transfer, s.benchmark_income))
        out = np.empty_like(table)
        np.matmul(self.cost.transpose(0, 2, 1), self.sent * sender, out=out[:, :-sectors])
        out[:, :markets] += self.earned * (own + market.sum(axis=(0, 1)))[:, None]
        if markets > 1:
            out[:, :markets] += np.matmul(self.prices.transpose(0, 2, 1), market)
        out[:, markets:-sectors] += price
        np.add(spending, demand, out=out[:, -sectors:])
        for exponent, part in ((self.size, price), (self.own, sender)):
            if exponent.any():
                out[:, -sectors:] += exponent * part
        return out.reshape(columns.shape)

    def table(self, columns: Array) -> Array:
        """Columns [unknown, column] by country, in single precision [country, unknown, column]."""
        return columns.astype(np.float32, copy=False).reshape(len(self.cost), -1, columns.shape[1])


def cells(table: Array) -> Array:
    """What is [sector, country] as [country, sector, 1], in single precision."""
    return single(table.T[..., None])


def flipped(table: Array) -> Array:
    """What is [country, sector, column] with sectors first, or back."""
    return table.transpose(1, 0, 2)


def total(weights: Array, table: Array) -> Array:
    """Sums over sectors [country, column] of a table [country, sector, column], weighted [country, sector, 1]."""
    return np.asarray(np.matmul(weights.transpose(0, 2, 1), table)[:, 0])
