"""The inverse of the Jacobian where workers move between sectors and producers buy no inputs, with entry or without.

Sectors then know of each other only through what the border of a country has in common (`cge.solve.borders`) and its income. In each, what producers
of all countries pay, entry responding, and the prices of its workers are solved for together; a matrix of what is left, all countries' borders and
incomes, is small.
"""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array
from cge.model.inverse import TOGETHER
from cge.model.linear import Linearised
from cge.model.whole import Answers, Some
from cge.solve.blocks import own_answers
from cge.solve.borders import Movers


class Apart(Some):
    """Some sectors, each by itself: what they add to sums is by cost and by spending [two, sector, row, other country]."""

    def summed(self, weights: Array, answers: Answers, beside: Array | float = 0.0) -> Array:
        """Weights [sector, row, country] times answers, and beside them what spending does itself [two, sector, row, other country]."""
        return np.stack([np.matmul(weights, answers.cost), np.matmul(weights, answers.spending) + beside])


class Unlinked:
    """The inverse times columns [row, column], rows as in `cge.solve.krylov.Layout`.

    Attributes:
        lin: the system linearised; closed: its border.
        paid, balance, other, competition: ln of payments, log trade balances (transfers still), incomes beside those of factors and transfers, and ln
            Φ, by what moves cost beside prices of workers and by spending, these prices responding [two, sector, country, other country].
        wanted: of ln of spending by income [country, sector].
        corner: inverse of the equations of borders and incomes [country · unknown, country · unknown], income last.
    """

    def __init__(self, lin: Linearised) -> None:
        s = lin.system
        self.lin, self.closed = lin, Movers(lin, own_answers(lin), np.asarray)
        self.wanted = (s.final_share * s.bought / lin.column["spending"][..., 0]).T
        sectors = len(s.home)
        parts = [self.answers(slice(first, min(first + TOGETHER, sectors))) for first in range(0, sectors, TOGETHER)]
        self.paid, self.balance, self.other, self.competition = (np.concatenate(each, axis=1) for each in zip(*parts, strict=True))
        whole = self.equations()
        self.corner = np.linalg.inv(whole.reshape(whole.shape[0] * whole.shape[1], -1))

    def answers(self, at: slice) -> list[Array]:
        """`paid` and what follows it, of some sectors."""
        some, through = Apart(self.lin, at), self.closed.through.T[at][:, None, :]
        paid = np.stack(some.paid)
        found = np.matmul(np.linalg.inv(np.eye(paid.shape[2]) - paid[0] * through), paid)
        competition = np.matmul(some.share.transpose(0, 2, 1), np.stack(some.sender))
        every = (some.balance(), some.revenue() + some.levy() + some.profits() + np.zeros_like(paid), competition)
        return [found, *(part + np.matmul(part[0] * through, found) for part in every)]

    def equations(self) -> Array:
        """Equations by unknowns of every country [country, equation, other country, unknown]."""
        lin, closed = self.lin, self.closed
        countries, size = closed.own.shape[:2]
        place, out = np.arange(countries), np.zeros((countries, size + 1, countries, size + 1))
        for n in range(countries):
            moved = self.paid[0][:, n, :, None] * closed.cost.transpose(1, 0, 2)
            out[n, :-1, :, :-1] = np.tensordot(closed.by_paid[n], moved, 1)
            out[n, :-1, :, -1] = closed.by_paid[n] @ (self.paid[1][:, n] * self.wanted.T)
        out[place, :-1, place, :-1] += closed.own
        level = out[:, closed.level]
        level[place, place, closed.level] -= 1
        transfer, balance = self.transferred(-level.reshape(countries, -1))
        balance = balance.reshape(level.shape) + self.by_unknown(self.balance)
        out[:, :-1] += closed.by_balance[:, :, None, None] * balance[:, None]
        out[:, -1] = lin.system.endowed.sum() * level - transfer.reshape(level.shape) - self.by_unknown(self.other)
        out[:, closed.level] = level.sum(axis=0)
        for unknown in (closed.level, size):
            out[place, unknown, place, unknown] += 1
        return out

    def transferred(self, earned: Array) -> tuple[Array, Array]:
        """Transfers, and what they do to log trade balances [country, column], from what factors earn over the world's income [the same]."""
        lin = self.lin
        transfer = lin.transfer(earned * lin.system.endowed.sum())
        size = np.where(lin.v.transfer > 0, lin.exports + lin.received, lin.imports + lin.given)
        return transfer, transfer / size[:, None]

    def by_unknown(self, answers: Array) -> Array:
        """Sums over sectors of answers [two, sector, country, other country], by unknowns [country, other country, unknown]."""
        cost = np.matmul(answers[0].transpose(2, 1, 0), self.closed.cost).transpose(1, 0, 2)
        return np.concatenate([cost, (answers[1] * self.wanted.T[:, None, :]).sum(axis=0)[..., None]], axis=2)

    def __call__(self, columns: Array) -> Array:
        """Times columns [row, column]."""
        s, closed = self.lin.system, self.closed
        sectors, countries = s.home.shape
        table = columns.reshape(countries, -1, columns.shape[1])
        markets, price, spending = np.split(table, (table.shape[1] - 2 * sectors, table.shape[1] - sectors), axis=1)
        cost = closed.beside(markets)
        right = self.right(markets, cost, spending)
        found = (self.corner @ right.reshape(len(self.corner), -1)).reshape(right.shape)
        border, income = found[:, :-1], found[:, -1]
        cost = cost + np.matmul(closed.cost, border)
        spending = spending + self.wanted[..., None] * income[:, None]
        market = closed.closing(border, markets, by_sector(self.paid, cost, spending))
        competition = by_sector(self.competition, cost, spending).transpose(1, 0, 2)
        moved = self.lin.buyer.d_log_price(competition, spending.transpose(1, 0, 2)) * s.bought[..., None]
        return np.concatenate([market, price + moved.transpose(1, 0, 2), spending], axis=1).reshape(columns.shape)

    def right(self, markets: Array, cost: Array, spending: Array) -> Array:
        """Right-hand sides of the equations [country, equation, column], from rows of markets, and cost and spending at no more than rows."""
        closed = self.closed
        out = closed.right(markets) - np.matmul(closed.by_paid, by_sector(self.paid, cost, spending))
        earned = out[:, closed.level].copy()
        transfer, balance = self.transferred(earned)
        out -= closed.by_balance[..., None] * (balance + by_sector(self.balance, cost, spending).sum(axis=1))[:, None]
        out[:, closed.level] = earned.sum(axis=0)
        income = self.lin.system.endowed.sum() * earned + transfer + by_sector(self.other, cost, spending).sum(axis=1)
        return np.concatenate([out, income[:, None]], axis=1)


def by_sector(answers: Array, cost: Array, spending: Array) -> Array:
    """Answers [two, sector, country, other country] to cost and spending [country, sector, column]: [country, sector, column]."""
    moved = np.matmul(answers[0], cost.transpose(1, 0, 2)) + np.matmul(answers[1], spending.transpose(1, 0, 2))
    return np.asarray(moved.transpose(1, 0, 2))
