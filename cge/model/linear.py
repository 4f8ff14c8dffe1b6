"""The system linearised at a candidate: one Newton step, without ever building the Jacobian.

This is the one permitted second writing of the equations; tests tie it to them by complex step. Perturbations carry a trailing batch axis
[…, column]. Entry is eliminated sector by sector through a matrix of countries; `krylov.py` solves what remains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.model.factor_markets import FactorMarkets, market_rows
from cge.model.inverse import TOGETHER, by_halves
from cge.model.system import System, Unknowns, Values


class Rows(NamedTuple):
    """Residuals of the equations that close the unknowns, all relative.

    Attributes:
        market: factor markets (`cge.model.factor_markets`), in the last factor's place the country's trade balance, ln[(exports + D⁺)/(imports
            + D⁻)]; the numeraire's error is added to all [market, country].
        price: ln P̂ less its equation; spending: ln X̂ less its equation [sector, country].
    """

    market: Array
    price: Array
    spending: Array


def transfers_received(values: Values) -> tuple[Array, Array]:
    """Transfers as receipts and payments [country]; a country may change sides within a solve where transfers move with income."""
    receives = values.transfer.real > 0
    return np.where(receives, values.transfer, 0.0), np.where(receives, 0.0, -values.transfer)


def rows(system: System, u: Unknowns, v: Values) -> Rows:
    """Residuals at a candidate [market, country] and [sector, country], relative."""
    s = system
    exports = eq.exports(v.sender, v.foreign_access) + v.export_tax_revenue
    imports = eq.imports(v.demand, v.foreign_competition, v.tariff_revenue)
    received, given = transfers_received(v)
    balance = np.log((exports + received) / (imports + given))
    numeraire = v.factor_income.sum(axis=(0, 1)) / s.endowed.sum(axis=(0, 1)) - 1
    wanted = np.where(s.bought, v.spending, 1.0) / np.where(s.bought, s.benchmark_spending, 1.0)
    return Rows(
        market_rows(s, u, v, balance) + numeraire,
        (u.log_price - v.log_price),
        np.where(s.bought, u.log_spending_change - np.log(wanted), 0.0),
    )


@dataclass(eq=False)
class Linearised:
    """Derivatives at a candidate.

    Attributes:
        system, u, v: where.
        curvature: what is added to the diagonal of the entry equations, [sector, country]: the multiplier of Ŝ ≥ 0 (interior point), or
            one over the length of a step in time (entry dynamics).
        ridge: least curvature where scale is one, as a part of what a cell's entry does to its own profits. Where two exporters sell to the same
            markets only, the entry equations say nothing of who sells how much; and of a producer near zero they say little, but all there is.
    """

    system: System
    u: Unknowns
    v: Values
    curvature: Array
    ridge: float = 0.0

    def __post_init__(self) -> None:
        s, v = self.system, self.v
        self.column = {
            "sender": v.sender[..., None], "competition": v.competition[..., None], "demand": v.demand[..., None],
            "access": np.where(s.produced, v.access, 1.0)[..., None], "home": s.home[..., None], "paid": v.paid[..., None],
            "foreign_access": v.foreign_access[..., None], "foreign_competition": v.foreign_competition[..., None],
            "spending": np.where(s.bought, v.spending, 1.0)[..., None], "bought": s.bought[..., None],
            "per_cost": s.per_cost[..., None],
        }  # fmt: skip
        self.seller, self.buyer = s.seller.columns, s.buyer.columns
        self.free = s.scale[:, 0] > 0
        self.at: Array | slice = slice(None) if self.free.all() else self.free  # sectors with free entry, without a copy where that is all
        self.exports = eq.exports(v.sender, v.foreign_access) + v.export_tax_revenue  # what comes in from abroad
        self.imports = eq.imports(v.demand, v.foreign_competition, v.tariff_revenue)
        self.received, self.given = transfers_received(v)
        self.markets = FactorMarkets(s, self.u, v)

    @property
    def precision(self) -> type[np.floating[Any]]:
        """Of everything."""
        return self.v.sender.dtype.type

    # -- entry -----------------------------------------------------------------------------------------------------------

    def patterns(self, at: Array | slice, room: tuple[Array | None, Array | None] = (None, None)) -> tuple[Array, Array]:
        """Shares of an exporter's sales by market, and of a market's spending by exporter, in some sectors [sector, exporter, importer].

        Args:
            room: to write both in [the same].
        """
        s, v, access = self.system, self.v, self.column["access"][at, :, 0]
        sales = np.multiply(s.net_foreign[at], v.demand[at][:, None, :], out=room[0])
        sales *= (1 / access)[:, :, None]
        share = np.multiply(s.foreign[at], v.sender[at][:, :, None], out=room[1])
        share *= (1 / v.competition[at])[:, None, :]
        diagonal = np.arange(s.home.shape[1])
        sales[:, diagonal, diagonal] = s.home[at] * v.demand[at] / access
        share[:, diagonal, diagonal] = s.home[at] * v.sender[at] / v.competition[at]
        return sales, share

    @cached_property
    def diagonal(self) -> Array:
        """What stands on the diagonal of the entry equations beside the effect through markets [sector, country]; one for cells that do
        not move.
        """
        least = np.where(self.system.scale == 1, self.ridge * self.crowding, 0.0) if self.ridge else 0.0
        return np.where(self.still, 1.0, (1 - self.system.scale) + np.maximum(self.curvature, least))

    @cached_property
    def crowding(self) -> Array:
        """What a cell takes from its own sales through competition in its markets, for a change in ln of its weight [sector, country]."""
        s, v = self.system, self.v
        return np.asarray(self.crowding_abroad + s.home * v.demand / self.column["access"][..., 0] * (s.home * v.sender / v.competition))

    @cached_property
    def crowding_abroad(self) -> Array:
        """The part of it in foreign markets [sector, country]."""
        s, v = self.system, self.v
        reached = np.einsum("sin,sin,sn->si", s.net_foreign, s.foreign, v.demand / v.competition)
        return np.asarray(reached * v.sender / self.column["access"][..., 0])

    @cached_property
    def still(self) -> Array:
        """Cells without an entry equation [sector, country]."""
        return ~self.system.produced

    @cached_property
    def entry_inverse(self) -> Array:
        """Inverse of ∂(−ln q + multiplier)/∂ ln Ŝ at given costs and spending [free sector, country, country]."""
        free, countries = np.flatnonzero(self.free), self.system.home.shape[1]
        out, rooms = (np.empty((count, *2 * (countries,)), self.precision) for count in (len(free), 2 * TOGETHER))
        diagonal = np.arange(countries)
        for first in range(0, len(free), TOGETHER):
            some = slice(first, min(first + TOGETHER, len(free)))
            at, count = some if len(free) == len(self.free) else free[some], some.stop - first
            sales, share = self.patterns(at, (rooms[:count], rooms[TOGETHER:][:count]))
            sales *= self.system.scale[at][..., None]
            matrix = np.matmul(sales, share.transpose(0, 2, 1))
            matrix[:, diagonal, diagonal] += self.diagonal[at]
            out[some] = by_halves(matrix)
        return out

    def entry(self, d_cost: Array, d_spending: Array, ask: Array | float = 0.0) -> Array:
        """d ln Ŝ that answers changes of cost and spending, and gives ln q the change that a step asks for [sector, country, column].

        The entry equations say (diagonal + scale·Q λ') d ln Ŝ = Q (d ln X̂ − λ' d ln weight) + what cost and spending do to ln q themselves + ask,
        with Q the patterns of sales, and weights at given entry. With Q λ' = ((diagonal + scale·Q λ') − diagonal)/scale no product with λ' is left.
        """
        out = np.zeros_like(d_cost)
        if not self.free.any():
            return out
        at, scale = self.at, self.seller.entry[self.at]
        weight = self.seller.log_weight(0.0, d_cost, d_spending)[at] / scale
        pull = (self.access(d_spending)[1] + self.seller.profit.log_weight(0.0, d_cost, d_spending) + ask)[at]
        out[at] = np.matmul(self.entry_inverse, pull + self.diagonal[at][..., None] * weight) - weight
        out[self.still] = 0.0
        return out

    def entry_asked(self, ask: Array) -> Array:
        """As `entry`, cost and spending given [sector, country, column]."""
        out = np.zeros_like(ask)
        if self.free.any() and ask.any():
            out[self.at] = np.matmul(self.entry_inverse, ask[self.at])
            out[self.still] = 0.0
        return out

    # -- the equations in differences --------------------------------------------------------------------------------------

    def unit_cost(self, d_wage: Array, d_price: Array) -> Array:
        """d ln ĉ [sector, country, column]."""
        s = self.system
        out = (
            np.einsum("fsc,fcb->scb", s.factor_share, d_wage)
            if s.supply is None and len(d_wage) > 1
            else sum(share[..., None] * price for share, price in zip(s.factor_share, s.by_factor(d_wage), strict=True))
        )
        if self.system.input_share is not None:
            out = out + np.matmul(self.system.input_share, d_price.transpose(1, 0, 2)).transpose(1, 0, 2)
        return np.asarray(out)

    def competition(self, d_sender: Array) -> tuple[Array, Array]:
        """d of foreign competition, and d ln Φ [sector, country, column]."""
        s, c = self.system, self.column
        moved = c["sender"] * d_sender
        foreign = np.matmul(s.foreign.transpose(0, 2, 1), moved)
        return foreign, (foreign + c["home"] * moved) / c["competition"]

    def access(self, d_demand: Array) -> tuple[Array, Array]:
        """d of foreign access, and d ln access [sector, country, column]."""
        c = self.column
        moved = c["demand"] * d_demand
        foreign = np.matmul(self.system.net_foreign, moved)
        return foreign, (foreign + c["home"] * moved) / c["access"]

    def rows(
        self, d_wage: Array, d_cost: Array, d_price: Array, d_spending: Array, d_entry: Array, push: Array | float = 0.0
    ) -> tuple[Array, Array, Array, Array]:
        """d of `Rows` and, last, d ln access; all with a trailing column axis. `push` is a change of ln sender from outside."""
        s, v, c = self.system, self.v, self.column
        d_sender = self.seller.log_weight(d_entry, d_cost, d_spending) + push
        d_foreign_competition, d_competition = self.competition(d_sender)
        d_demand = self.buyer.d_demand(d_competition, d_spending)
        d_foreign_access, d_access = self.access(d_demand)
        d_paid = c["paid"] * np.where(self.seller.entry > 0, d_entry + d_cost, d_sender + d_access)
        d_earned = self.markets.earned(d_wage)
        d_factor = v.factor_income[..., None] * d_earned
        d_revenue, d_levy = self.revenue(d_sender, d_demand), self.levy(d_sender, d_demand)
        d_transfer = self.transfer(d_factor.sum(axis=0))
        d_income = d_factor.sum(axis=0) + d_revenue + d_levy + d_transfer
        if s.profit is not None:
            d_income = d_income + (c["per_cost"] * d_paid).sum(axis=0)
        d_wanted = s.final_share[..., None] * d_income
        if s.input_share is not None:
            d_wanted = d_wanted + np.matmul(s.input_share.transpose(0, 2, 1), d_paid.transpose(1, 0, 2)).transpose(1, 0, 2)
        d_balance = self.balance(d_sender, d_demand, d_foreign_access, d_foreign_competition, d_revenue, d_levy, d_transfer)
        market = self.markets.rows(d_paid, d_balance, d_earned, d_wage)
        market += d_factor.sum(axis=(0, 1)) / s.endowed.sum()
        price = d_price - self.buyer.d_log_price(d_competition, d_spending) * c["bought"]
        spending = d_spending - d_wanted / c["spending"] * c["bought"]
        return market, price, spending, d_access

    def revenue(self, d_sender: Array, d_demand: Array) -> Array:
        """d of tariff revenue [country, column]."""
        c = self.column
        if self.system.taxed is None:
            return np.zeros(d_demand.shape[1:])
        moved = np.matmul(self.system.taxed.transpose(0, 2, 1), c["sender"] * d_sender)
        return np.asarray((c["demand"] * (d_demand * self.v.taxed_weight[..., None] + moved)).sum(axis=0))

    def levy(self, d_sender: Array, d_demand: Array) -> Array:
        """d of export tax revenue [country, column]."""
        c = self.column
        if self.system.levied is None:
            return np.zeros(d_demand.shape[1:])
        moved = np.matmul(self.system.levied, c["demand"] * d_demand)
        return np.asarray((c["sender"] * (d_sender * self.v.levied_access[..., None] + moved)).sum(axis=0))

    def transfer(self, d_own: Array) -> Array:
        """d of transfers [country, column] from d of own factor income."""
        s = self.system
        return s.rule.derivative(self.v.factor_income.sum(axis=0), d_own, s.transfer, s.benchmark_income)

    def balance(
        self, d_sender: Array, d_demand: Array, d_fa: Array, d_fc: Array, d_revenue: Array, d_levy: Array, d_transfer: Array
    ) -> Array:
        """d of the log trade balance [country, column]."""
        c = self.column
        d_exports = (c["sender"] * (c["foreign_access"] * d_sender + d_fa)).sum(axis=0) + d_levy
        d_imports = (c["demand"] * (c["foreign_competition"] * d_demand + d_fc)).sum(axis=0) - d_revenue
        receives = (self.v.transfer > 0)[:, None]
        up = (d_exports + np.where(receives, d_transfer, 0.0)) / (self.exports + self.received)[:, None]
        down = (d_imports - np.where(receives, 0.0, d_transfer)) / (self.imports + self.given)[:, None]
        return np.asarray(up - down)
