"""Every country's own part of the Jacobian: what Newton's steps with inputs are preconditioned by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.inverse import TOGETHER, inverse
from cge.model.linear import Linearised
from cge.model.system import System


@dataclass(frozen=True, eq=False)
class Blocks:
    """Multiplication of columns [unknown, column] by a block-diagonal matrix [block, row, row], in its precision."""

    matrices: Array

    def __call__(self, columns: Array) -> Array:
        """The matrix times columns."""
        return self.times(self.matrices, columns)

    def backwards(self, columns: Array) -> Array:
        """Its transpose times columns."""
        return self.times(self.matrices.transpose(0, 2, 1), columns)

    def times(self, matrices: Array, columns: Array) -> Array:
        """These matrices times columns, which come back in the precision that they had."""
        product = np.matmul(matrices, columns.astype(matrices.dtype, copy=False).reshape(*matrices.shape[:2], -1))
        return np.asarray(product.reshape(columns.shape), columns.dtype)


class Parts(NamedTuple):
    """A country's own Jacobian by row and column: factor markets and prices (w), prices (p), spending (x); [country, row, column].

    `px` is a diagonal [country, sector]; the diagonal of one in `pp` and `xx` is in them.
    """

    ww: Array
    wp: Array
    wx: Array
    pw: Array
    pp: Array
    px: Array
    xw: Array
    xp: Array
    xx: Array


def country_blocks(lin: Linearised, dtype: type = np.float64) -> Array:
    """Inverse of every country's own part of the Jacobian, other countries held still [country, row, row], rows as in `Layout`."""
    parts = own_jacobian(lin)
    factors, sectors = parts.wp.shape[1:]
    out = np.empty((len(parts.ww), factors + 2 * sectors, factors + 2 * sectors), dtype)
    for first in range(0, len(out), TOGETHER):
        some = slice(first, first + TOGETHER)
        bordered(inner_inverse(*(part[some] for part in parts[4:6] + parts[7:])), Parts(*(part[some] for part in parts)), out[some])
    return out


def inner_inverse(pp: Array, px: Array, xp: Array, xx: Array) -> Array:
    """Inverse of the part of prices and spending, by elimination of spending, which without entry does not move prices [country, row, row]."""
    sectors = xx.shape[1]
    head, tail = slice(sectors), slice(sectors, None)
    out = np.zeros((len(xx), 2 * sectors, 2 * sectors))
    spending = inverse(xx)
    fed = np.matmul(spending, xp)
    out[:, head, head] = price = inverse(pp - px[:, :, None] * fed)
    out[:, tail, head] = -np.matmul(fed, price)
    out[:, tail, tail] = spending
    if px.any():
        out[:, head, tail] = back = -np.matmul(price * px[:, None, :], spending)
        out[:, tail, tail] -= np.matmul(fed, back)
    return out


def bordered(inner: Array, parts: Parts, out: Array) -> None:
    """Write the inverse of the whole, from the inverse of the part of prices and spending, to `out` [country, row, row]."""
    factors = parts.ww.shape[1]
    head, tail = slice(factors), slice(factors, None)
    right = np.matmul(inner, np.concatenate([parts.pw, parts.xw], axis=1))
    below = np.concatenate([parts.wp, parts.wx], axis=2)
    corner = np.linalg.inv(parts.ww - np.matmul(below, right))
    out[:, head, head] = corner
    out[:, head, tail] = left = -np.matmul(corner, np.matmul(below, inner))
    out[:, tail, head] = -np.matmul(right, corner)
    out[:, tail, tail] = inner - np.matmul(right, left)


def own_jacobian(lin: Linearised) -> Parts:
    """Every country's own part of the Jacobian, other countries held still."""
    s, m = lin.system, own_answers(lin)
    assert s.input_share is not None
    a, inputs = s.price_share.transpose(2, 1, 0), s.input_share
    by_cost, paid_cost, paid_spending = (part.T for part in (m.price_cost, m.paid_cost, m.paid_spending))
    spent = m.wanted.T[..., None] * spent_of_payments(s) * lin.v.paid.T[:, None, :]
    weighted = spent * paid_cost[:, None, :]
    market_cost, market_spending, market_wage = market_answers(lin, m)
    earned = (m.wanted * s.final_share).T[..., None] * lin.v.factor_income.T[:, None, :]
    prices, spending = by_cost[..., None] * inputs, spent * paid_spending[:, None, :]
    place = np.arange(len(s.home))
    prices[:, place, place] += 1
    spending[:, place, place] += 1
    return Parts(
        ww=market_wage,
        wp=np.matmul(market_cost.transpose(2, 0, 1), inputs),
        wx=market_spending.transpose(2, 0, 1),
        pw=by_cost[..., None] * a,
        pp=prices,
        px=m.price_spending.T,
        xw=np.matmul(weighted, a) + earned,
        xp=np.matmul(weighted, inputs),
        xx=spending,
    )


class Answers(NamedTuple):
    """What a country's own rows owe to its own cost and spending in the same sector [sector, country] unless said otherwise.

    Attributes:
        balance_cost, balance_spending: of the log trade balance.
        price_cost, price_spending: of the row of prices.
        paid_cost, paid_spending: of what producers pay, relative. wanted: of the row of spending to money that is spent.
    """

    balance_cost: Array
    balance_spending: Array
    price_cost: Array
    price_spending: Array
    paid_cost: Array
    paid_spending: Array
    wanted: Array


def own_answers(lin: Linearised) -> Answers:
    """Every country's own answers, other countries held still, of a system with inputs."""
    s, v = lin.system, lin.v
    assert s.input_share is not None
    own = own_derivatives(lin)
    into = v.demand * v.foreign_competition / (lin.imports + lin.given)
    out = v.sender * (v.foreign_access + v.levied_access) / (lin.exports + lin.received) * own.exports
    balance_cost = out * own.sender_cost + into * own.competition_cost
    balance_spending = out * own.sender_spending - into * (1 - own.competition_spending)
    wanted = np.where(s.bought, -1 / np.where(s.bought, v.spending, 1.0), 0.0)
    return Answers(
        balance_cost,
        balance_spending,
        price_cost=-s.buyer.d_log_price(own.competition_cost, 0.0) * s.bought,
        price_spending=-s.buyer.d_log_price(own.competition_spending, 1.0) * s.bought,
        paid_cost=own.paid_cost,
        paid_spending=own.paid_spending,
        wanted=wanted,
    )


def market_answers(lin: Linearised, own: Answers) -> tuple[Array, Array, Array]:
    """What a country's factor markets owe to its cost and spending in every sector [market, sector, country], and to its factor prices, all through
    [country, market, market].
    """
    s, v = lin.system, lin.v
    by_payments, by_balance = lin.markets.by_payments, lin.markets.by_balance[:, None]
    cost = by_payments * own.paid_cost + by_balance * own.balance_cost
    spending = by_payments * own.paid_spending + by_balance * own.balance_spending
    wage = np.matmul(cost.transpose(2, 0, 1), s.price_share.transpose(2, 1, 0))
    return cost, spending, wage + (v.factor_income / s.endowed.sum()).T[:, None, :] + lin.markets.by_price


def spent_of_payments(s: System) -> Array:
    """What is spent on a sector where producers pay one more, on inputs and, as far as there are profits, by those who get them [country, sector,
    producer].
    """
    assert s.input_share is not None
    inputs = s.input_share.transpose(0, 2, 1)
    return inputs if s.profit is None else inputs + s.final_share.T[..., None] * s.per_cost[:, 0]


class Own(NamedTuple):
    """Derivatives by a country's own cost and spending in the same sector, entry responding, others still [sector, country]."""

    sender_cost: Array
    sender_spending: Array
    competition_cost: Array
    competition_spending: Array
    paid_cost: Array
    paid_spending: Array
    exports: Array


def own_derivatives(lin: Linearised) -> Own:
    """The diagonals that `country_blocks` is made of."""
    s, v, c = lin.system, lin.v, lin.column
    access, competition = c["access"][..., 0], v.competition
    home_share = s.home * v.sender / competition
    home_sales = s.home * v.demand / access
    abroad, crowding = lin.crowding_abroad, lin.crowding
    weight, profit = s.seller, s.seller.profit
    sender_cost, sender_spending = (np.broadcast_to(exponent, s.home.shape).copy() for exponent in (weight.unit_cost, weight.spending))
    competition_cost, competition_spending = weight.unit_cost * home_share, weight.spending * home_share
    paid_cost, paid_spending = weight.unit_cost * (1 - crowding), home_sales + weight.spending * (1 - crowding)
    if lin.free.any():
        f = lin.at
        sales, share = lin.patterns(f)
        inverse, still = lin.entry_inverse, lin.diagonal[f]
        scale, by_cost, by_spending = (exponent[f] for exponent in weight)
        diagonal, share_inverse = np.diagonal(inverse, axis1=1, axis2=2), np.einsum("sin,sin->sn", share, inverse)
        # d ln Ŝ = inverse·[profit·d + sales·(dx − share'·weight·d)] in d = (dc, dx), and sales·share' = (inverse⁻¹ − still)/scale
        through_own, through_market = (1 - diagonal * still) / scale, (home_share[f] - share_inverse * still) / scale
        entry_cost = profit.unit_cost[f] * diagonal - by_cost * through_own
        entry_spending = np.einsum("sij,sji->si", inverse, sales) + profit.spending[f] * diagonal - by_spending * through_own
        market_cost = profit.unit_cost[f] * share_inverse - by_cost * through_market
        market_spending = np.einsum("sin,sin->sn", share, np.matmul(inverse, sales)) + profit.spending[f] * share_inverse
        market_spending -= by_spending * through_market
        sender_cost[f], sender_spending[f] = scale * entry_cost + by_cost, scale * entry_spending + by_spending
        competition_cost[f] = scale * market_cost + by_cost * home_share[f]
        competition_spending[f] = scale * market_spending + by_spending * home_share[f]
        paid_cost[f], paid_spending[f] = entry_cost + 1, entry_spending
    foreign_access = np.where(v.foreign_access > 0, v.foreign_access, 1.0)
    exports = 1 - abroad * access / foreign_access
    return Own(sender_cost, sender_spending, competition_cost, competition_spending, paid_cost, paid_spending, exports)
