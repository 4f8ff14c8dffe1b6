"""The whole Jacobian where there are no inputs: small, since factor prices and incomes are all that is left of the unknowns.

It is `Linearised.rows` with entry responding, for a change in every unknown at once; tests tie it to the product with unit vectors. Matrices
[sector, country, other country] hold the answer of a country to another's cost or spending in the same sector.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.inverse import TOGETHER
from cge.model.linear import Linearised


def jacobian(lin: Linearised) -> Array:
    """Derivatives of factor markets and income of every country by its factor prices and spending, entry responding [row, unknown].

    Rows and unknowns country by country, factors first.
    """
    s, v = lin.system, lin.v
    factors, countries = s.endowed.shape
    earned, place = np.zeros((countries, countries, factors + 1)), np.arange(countries)
    earned[place, place, :factors] = v.factor_income.T
    transfer = lin.transfer(earned.reshape(countries, -1)).reshape(earned.shape)
    paid, balance, other = through_trade(lin)
    paid[:, place, place, :-1] += lin.markets.by_price.transpose(1, 0, 2)[:-1]
    up, down = 1 / (lin.exports + lin.received), 1 / (lin.imports + lin.given)
    balance = balance + transfer * np.where(v.transfer > 0, up, down)[:, None, None]
    market = np.concatenate([paid, balance[None]]) + earned.sum(axis=0) / s.endowed.sum()
    wanted = (s.final_share**2 * s.bought / lin.column["spending"][..., 0]).sum(axis=0)
    income = -wanted[:, None, None] * (earned + transfer + other)
    income[place, place, -1] += (s.final_share * s.bought).sum(axis=0)
    return np.concatenate([market, income[None]]).transpose(1, 0, 2, 3).reshape(countries * (factors + 1), -1)


class Sums(NamedTuple):
    """Derivatives through trade of payments to every factor but the last over what it earns [factor, country, other country, unknown]; of the log
    trade balance, and of incomes beside those of factors and transfers [country, other country, unknown].
    """

    paid: Array
    balance: Array
    other: Array


def through_trade(lin: Linearised) -> Sums:
    """The sums over sectors, some at a time, so that what is in work stays in the processor's cache."""
    sectors = len(lin.system.home)
    parts = [Some(lin, slice(first, min(first + TOGETHER, sectors))).sums() for first in range(0, sectors, TOGETHER)]
    return Sums(*(np.sum(each, axis=0) for each in zip(*parts, strict=True)))


class Answers(NamedTuple):
    """Derivatives of an ln by ln of every country's cost, and of its spending, in the same sector [sector, country, other country]."""

    cost: Array
    spending: Array


@dataclass(eq=False)
class Some:
    """Some sectors of a system linearised.

    Attributes:
        at: which; sales, share: patterns of trade [sector, exporter, importer]; entry, sender: answers of ln Ŝ and of ln of the weight.
    """

    lin: Linearised
    at: slice

    def __post_init__(self) -> None:
        self.sales, self.share = self.lin.patterns(self.at)
        self.entry = self.entry_answers()
        scale, cost, spending = (exponent[self.at] for exponent in self.lin.system.seller)
        self.sender = Answers(*(own(scale[..., None] * part, by) for part, by in zip(self.entry, (cost, spending), strict=True)))

    def entry_answers(self) -> Answers:
        """d ln Ŝ by cost and by spending, markets responding; zero without free entry."""
        lin, seller = self.lin, self.lin.system.seller
        found, free = Answers(np.zeros_like(self.sales), np.zeros_like(self.sales)), lin.free[self.at]
        if not free.any():
            return found
        before = int(lin.free[: self.at.start].sum())
        inverse = lin.entry_inverse[before : before + int(free.sum())]
        scale, by_cost, by_spending = (exponent[self.at][free] for exponent in seller)
        _, profit_cost, profit_spending = (exponent[self.at][free] for exponent in seller.profit)
        # d ln q = −sales·share'·weight·d + sales·dx + profit·d in d = (dc, dx), and inverse·sales·share' = (1 − inverse·still)/scale
        still = lin.diagonal[self.at][free] / scale
        found.cost[free] = own(inverse * (profit_cost + by_cost * still)[:, None, :], -by_cost / scale)
        found.spending[free] = np.matmul(inverse, self.sales[free])
        if seller.spending.any():
            found.spending[free] += own(inverse * (profit_spending + by_spending * still)[:, None, :], -by_spending / scale)
        for part in found:
            part[lin.still[self.at]] = 0.0
        return found

    def sums(self) -> Sums:
        """What these sectors add to the sums over all."""
        return Sums(self.payments(), self.balance(), self.revenue() + self.levy() + self.profits())

    def payments(self) -> Array:
        """d of what producers pay to every factor but the last, over what it earns [factor, country, other country, unknown]."""
        shares = self.lin.markets.by_payments[:-1, self.at]
        if not len(shares):
            return np.zeros((0, *self.sales.shape[1:], len(self.lin.system.endowed) + 1))
        return np.stack([self.summed(own(np.zeros_like(self.sales), part), self.paid) for part in shares])

    @cached_property
    def paid(self) -> Answers:
        """Of ln of what producers pay."""
        lin, sender = self.lin, self.sender
        crowded = np.matmul(self.sales, self.share.transpose(0, 2, 1))
        free = lin.free[self.at, None, None]
        by_cost = np.where(free, self.entry.cost, sender.cost - np.matmul(crowded, sender.cost))
        by_spending = np.where(free, self.entry.spending, self.sales + sender.spending - np.matmul(crowded, sender.spending))
        return Answers(own(by_cost, 1.0 * lin.free[self.at, None]), by_spending)

    def profits(self) -> Array:
        """d of profits [country, other country, unknown]."""
        s, at = self.lin.system, self.at
        if s.profit is None:
            return np.zeros((1, 1, 1))
        return self.summed(own(np.zeros_like(self.sales), (s.per_cost * self.lin.v.paid)[at]), self.paid)

    def balance(self) -> Array:
        """d of the log trade balance without transfers [country, other country, unknown]."""
        s, v, lin, at = self.lin.system, self.lin.v, self.lin, self.at
        up, down = 1 / (lin.exports + lin.received), 1 / (lin.imports + lin.given)
        bought = v.demand[at] * (v.foreign_competition[at] - v.taxed_weight[at])
        border = s.net_foreign[at] if s.levied is None else s.net_foreign[at] + s.levied[at]
        by_sender = border.transpose(0, 2, 1) * v.sender[at][:, None, :]
        by_sender *= (-down * v.demand[at])[..., None]
        by_demand = border * v.demand[at][:, None, :]
        by_demand *= (up * v.sender[at])[..., None]
        sold = v.sender[at] * (v.foreign_access[at] + v.levied_access[at])
        return self.through_demand(own(by_sender, up * sold), own(by_demand, -down * bought))

    def revenue(self) -> Array:
        """d of tariff revenue [country, other country, unknown]."""
        s, v, at = self.lin.system, self.lin.v, self.at
        if s.taxed is None:
            return np.zeros((1, 1, 1))
        by_sender = s.taxed[at].transpose(0, 2, 1) * v.sender[at][:, None, :]
        by_sender *= v.demand[at][..., None]
        return self.through_demand(by_sender, own(np.zeros_like(by_sender), v.demand[at] * v.taxed_weight[at]))

    def levy(self) -> Array:
        """d of export tax revenue [country, other country, unknown]."""
        s, v, at = self.lin.system, self.lin.v, self.at
        if s.levied is None:
            return np.zeros((1, 1, 1))
        by_demand = s.levied[at] * v.demand[at][:, None, :]
        by_demand *= v.sender[at][..., None]
        return self.through_demand(own(np.zeros_like(by_demand), v.sender[at] * v.levied_access[at]), by_demand)

    def through_demand(self, by_sender: Array, by_demand: Array) -> Array:
        """Weights of senders and of demand [sector, row, country] times their answers [row, other country, unknown].

        d demand = d spending − share'·d sender.
        """
        by_sender -= np.matmul(by_demand, self.share.transpose(0, 2, 1))
        return self.summed(by_sender, self.sender, by_demand)

    def summed(self, weights: Array, answers: Answers, beside: Array | float = 0.0) -> Array:
        """Weights [sector, row, country] times answers, and beside them what spending does itself [the same], over sectors [row, other country,
        unknown].
        """
        s, at = self.lin.system, self.at
        rows = weights.transpose(1, 0, 2).reshape(weights.shape[1], -1)
        parts = [*(answers.cost * share[at][:, None, :] for share in s.factor_share), answers.spending * s.bought[at][:, None, :]]
        out = np.stack([rows @ part.reshape(rows.shape[1], -1) for part in parts], axis=-1)
        out[..., -1] += (beside * s.bought[at][:, None, :]).sum(axis=0)
        return out


def own(matrix: Array, exponent: Array) -> Array:
    """A matrix [sector, country, other country] with an exponent [sector, 1] added where the other country is the country itself, in place."""
    place = np.arange(matrix.shape[1])
    matrix[:, place, place] += exponent
    return matrix
