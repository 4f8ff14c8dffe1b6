"""What closes a country's own part of the Jacobian beside prices and spending: a few unknowns, whatever the number of factor markets.

Where every factor is one pool they are its price. Where workers move between sectors a price in a sector answers to what is paid there and to what
its workers earn elsewhere, so that it is eliminated sector by sector, and what is left are the wages of groups, and two numbers that all markets
of a factor have in common.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised
from cge.solve.blocks import Answers, market_answers, single


class Border(Protocol):
    """The unknowns beside prices and spending, country by country; `cost` stands for what inputs and these unknowns do to unit cost.

    Attributes:
        answers: `price_cost`, `paid_cost`, `paid_spending` with what is eliminated responding [sector, country]; cost: by the unknowns, of ln unit
            cost [country, sector, unknown]; earned: by them, of ln of factor income over the world's [country, unknown].
        by_cost, by_spending: of the equations by cost and spending [country, unknown, sector]; own: by the unknowns [country, unknown, unknown].
    """

    answers: Answers
    cost: Array
    earned: Array
    by_cost: Array
    by_spending: Array
    own: Array

    def beside(self, rows: Array) -> Array | float:
        """What rows of markets [country, market, column] do to cost through what is eliminated [country, sector, column]."""

    def right(self, rows: Array) -> Array:
        """The equations' right-hand sides from rows of markets [country, market, column]: [country, unknown, column]."""

    def prices(self, found: Array, rows: Array, cost: Array, spending: Array) -> Array:
        """Prices of markets [country, market, column] from the unknowns, rows, cost and spending."""


def border(lin: Linearised, own: Answers) -> Border:
    """The border of a system linearised, from its countries' own answers."""
    return Pools(lin, own) if lin.system.supply is None else Movers(lin, own)


class Pools:
    """Every factor one pool: its price, closed by its market."""

    def __init__(self, lin: Linearised, own: Answers) -> None:
        s, v = lin.system, lin.v
        cost, spending, _ = market_answers(lin, own)
        self.answers, self.cost = own, s.factor_share.transpose(2, 1, 0)
        self.earned = (v.factor_income / s.endowed.sum()).T
        self.by_cost, self.by_spending = cost.transpose(2, 0, 1), spending.transpose(2, 0, 1)
        self.own = self.earned[:, None, :] + lin.markets.by_price

    def beside(self, rows: Array) -> float:
        """Nothing is eliminated [country, sector, column]."""
        return 0.0

    def right(self, rows: Array) -> Array:
        """The rows themselves [country, unknown, column]."""
        return rows

    def prices(self, found: Array, rows: Array, cost: Array, spending: Array) -> Array:
        """The unknowns themselves [country, market, column]."""
        return found


@dataclass(eq=False)
class Moving:
    """The markets of one factor whose workers move; [country, sector] unless said otherwise.

    Attributes:
        at: its markets; unknowns: places of its groups' wages; answer: 1/κ̄ where anybody works, what a price answers to payments; share: a, of cost.
        earned: of what is earned in the world; by_wage: of ln of what is earned in a sector by wages of groups elsewhere, over κ̄ [country, sector,
        group]; allocation: π' [country, group, sector]; last: whether its markets hold the trade balance.
    """

    at: slice
    unknowns: slice
    answer: Array
    share: Array
    earned: Array
    by_wage: Array
    allocation: Array
    last: bool

    def eliminated(self, level: int, kept: Callable[[Array], Array]) -> Eliminated:
        """What its prices answer, `kept` in some precision; `level`: the place of ν among the unknowns, with τ behind it."""
        idle = 1.0 * (self.answer == 0)  # where nobody works the row is the price, and the numeraire's error
        right = np.zeros((len(self.answer), level + 2, self.answer.shape[1]))
        right[:, self.unknowns] = -self.allocation * self.answer[:, None]
        right[:, level] = -self.earned * self.answer
        by_unknown = np.zeros((*self.answer.shape, level + 2))
        by_unknown[:, :, self.unknowns] = -self.by_wage
        by_unknown[:, :, level] = self.answer - idle
        if self.last:
            right[:, level + 1] = self.earned / self.earned.sum(axis=1, keepdims=True)
            by_unknown[:, :, level + 1] = self.answer
        by_rows, share = idle - self.answer, self.share * self.answer
        answer, by_rows, share = (kept(part[..., None]) for part in (self.answer, by_rows, share))
        return Eliminated(self.at, answer, share, by_rows, kept(right), kept(by_unknown))


@dataclass(frozen=True, eq=False)
class Eliminated:
    """Prices by sector of one factor that are eliminated.

    Attributes:
        at: its markets; by_paid: of prices to payments; share: the same times the factor's share of cost; by_rows: of prices to their own rows
            [country, sector, 1]. right: of the border's equations to these rows [country, unknown, sector]; by_unknown: of prices to the border's
            unknowns [country, sector, unknown].
    """

    at: slice
    by_paid: Array
    share: Array
    by_rows: Array
    right: Array
    by_unknown: Array


class Movers:
    """Prices of pools, wages of groups ω̂, the error of the numeraire ν, and τ, what the last factor's markets have in common (zero equation else).

    Args:
        lin: the system linearised; own: answers of countries' sectors, prices of workers still; kept: the precision in which columns are answered.

    Attributes:
        through: of prices of markets, payments given back, on cost by ln of payments [country, sector].
        by_paid: of the equations by ln of payments [country, unknown, sector]; by_balance: by the log trade balance [country, unknown].
    """

    def __init__(self, lin: Linearised, own: Answers, kept: Callable[[Array], Array] = single) -> None:
        s, v = lin.system, lin.v
        assert s.supply is not None
        total, last = s.endowed.sum(), len(s.factor_share) - 1
        pools = [f for f, place in enumerate(s.supply.places) if isinstance(place, int)]
        self.pools = np.array([s.supply.places[f] for f in pools], dtype=int)
        self.moving, first = [], len(pools)
        for f, (roy, allocation, by_group) in zip(sorted(set(range(last + 1)) - set(pools)), lin.markets.groups, strict=True):
            answer = np.where(roy.works, 1 / np.where(roy.works, (by_group * roy.kappa).sum(axis=0), 1.0), 0.0)
            by_wage = ((1 - roy.kappa) * by_group * answer).transpose(2, 1, 0)
            place = slice(first, first + len(allocation))
            share, earned = s.factor_share[f].T, v.factor_income[roy.at].T / total
            self.moving.append(Moving(roy.at, place, answer.T, share, earned, by_wage, allocation.transpose(2, 0, 1), f == last))
            first = place.stop
        self.level, size = first, first + 2  # ν, and τ behind it
        countries, sectors = s.home.shape[1], len(s.home)
        self.through = through = np.sum([m.share * m.answer for m in self.moving], axis=0)
        dear = 1 / (1 - through * own.paid_cost.T)  # what cost adds to itself through payments and prices, all in all
        cost = np.zeros((countries, sectors, size))
        cost[:, :, : len(pools)] = s.factor_share[pools].transpose(2, 1, 0)
        for m in self.moving:
            cost[:, :, m.unknowns] -= m.share[..., None] * m.by_wage
            cost[:, :, self.level] += m.share * m.answer
            cost[:, :, self.level + 1] += m.last * m.share * m.answer
        self.cost = cost
        self.answers = own._replace(
            price_cost=own.price_cost * dear.T,
            price_spending=own.price_spending + own.price_cost * (dear * through).T * own.paid_spending,
            paid_cost=own.paid_cost * dear.T,
            paid_spending=own.paid_spending * dear.T,
        )
        balance_cost = own.balance_cost.T * dear
        balance_spending = own.balance_spending.T + balance_cost * through * own.paid_spending.T
        self.earned = np.zeros((countries, size))
        self.earned[:, self.level] = 1.0
        by_paid, by_balance = np.zeros((countries, size, sectors)), np.zeros((countries, size))
        self.own = np.zeros((countries, size, size))
        self._pools(lin, pools, by_paid, by_balance, total)
        for m in self.moving:
            self._groups(m, by_paid)
        self.own[:, self.level, self.level] += 1.0
        self._last(lin, by_paid, by_balance)
        self.by_paid, self.by_balance = by_paid, by_balance
        paid_cost, paid_spending = self.answers.paid_cost.T[:, None], self.answers.paid_spending.T[:, None]
        self.by_cost = by_paid * paid_cost + by_balance[..., None] * balance_cost[:, None]
        self.by_spending = by_paid * paid_spending + by_balance[..., None] * balance_spending[:, None]
        self.eliminated = [m.eliminated(self.level, kept) for m in self.moving]
        self.paid_cost, self.paid_spending = (kept(part[:, 0, :, None]) for part in (paid_cost, paid_spending))

    def _pools(self, lin: Linearised, pools: list[int], by_paid: Array, by_balance: Array, total: float) -> None:
        """Markets of pools, and what their prices do to the numeraire."""
        s, v = lin.system, lin.v
        for k, (f, place) in enumerate(zip(pools, self.pools, strict=True)):
            self.own[:, k, self.level] = 1.0
            self.own[:, self.level, k] = -v.factor_income[place] / total
            if f == len(s.factor_share) - 1:
                by_balance[:, k] = 1.0
                continue
            payments = (s.factor_share[f] * v.paid / v.factor_income[place]).T
            by_paid[:, k] = payments
            self.own[:, k, k] = -payments.sum(axis=1)

    def _groups(self, m: Moving, by_paid: Array) -> None:
        """Wages of groups are those of their sectors; what prices by sector do to the numeraire."""
        weights = np.concatenate([m.allocation, m.earned[:, None]], axis=1)  # of prices, in wages and in the numeraire
        rows = [*range(m.unknowns.start, m.unknowns.stop), self.level]
        by_wage, by_level = np.matmul(weights, m.by_wage), np.matmul(weights, m.answer[..., None])[..., 0]
        by_paid[:, rows] -= weights * m.answer[:, None]
        self.own[:, rows, m.unknowns] += by_wage
        self.own[:, rows, self.level] -= by_level
        if m.last:
            self.own[:, rows, self.level + 1] -= by_level
        groups = np.arange(m.unknowns.start, m.unknowns.stop)
        self.own[:, groups, groups] += 1.0

    def _last(self, lin: Linearised, by_paid: Array, by_balance: Array) -> None:
        """What is in all markets of the last factor: the trade balance less what sets all of them together apart; nothing where it is a pool."""
        tau = self.level + 1
        if not self.moving or not self.moving[-1].last:
            self.own[:, tau, tau] = 1.0
            return
        part = lin.markets.parts[-1]
        by_balance[:, tau] = 1.0
        self.own[:, tau, self.level] = 1.0
        by_paid[:, tau] = (part.earned - part.asked).T  # type: ignore[union-attr]

    def beside(self, rows: Array) -> Array:
        """As `Border.beside` [country, sector, column]."""
        return np.asarray(-sum(m.share * rows[:, m.at] for m in self.eliminated))

    def right(self, rows: Array) -> Array:
        """As `Border.right` [country, unknown, column]."""
        out = np.asarray(sum(np.matmul(m.right, rows[:, m.at]) for m in self.eliminated))
        out[:, : len(self.pools)] = rows[:, self.pools]
        return out

    def prices(self, found: Array, rows: Array, cost: Array, spending: Array) -> Array:
        """As `Border.prices` [country, market, column]."""
        return self.closing(found, rows, self.paid_cost * cost + self.paid_spending * spending)

    def closing(self, found: Array, rows: Array, paid: Array) -> Array:
        """Prices of markets [country, market, column] from the unknowns, rows, and ln of what producers pay [country, sector, column]."""
        out = np.empty(rows.shape, rows.dtype)
        out[:, self.pools] = found[:, : len(self.pools)]
        for m in self.eliminated:
            out[:, m.at] = m.by_paid * paid + m.by_rows * rows[:, m.at] + np.matmul(m.by_unknown, found)
        return out
