"""A Newton step: GMRES on the linearised system, preconditioned by its inverse where that is small, else by one block for each country."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised, Rows
from cge.model.system import System


class Step(NamedTuple):
    """Changes in the unknowns (d ln ŵ, d ln P̂, d ln X̂, d ln Ŝ), shapes as in `Unknowns`."""

    wage: Array
    price: Array
    spending: Array
    entry: Array


def newton_step(lin: Linearised, residual: Rows, ask: Array, blocks: Array, tolerance: float) -> tuple[Step, int]:
    """The step that removes `residual` and gives the entry equations what they ask for.

    Args:
        residual: rows to remove; ask: change in ln q that the entry equations need [sector, country].
        blocks: preconditioner, from `preconditioner`.
        tolerance: of the linear residual, relative to the right-hand side.
    Returns:
        The step, and the number of products with the Jacobian.
    """
    layout = Layout(lin.system)
    zero_wage, zero = np.zeros((*lin.system.endowed.shape, 1)), np.zeros((*lin.system.home.shape, 1))
    first = lin.entry(ask[..., None])
    right = -layout.pack(*(r[..., None] for r in residual))
    if first.any():
        right -= layout.pack(*lin.rows(zero_wage, zero, zero, zero, first)[:3])
    solution, products = gmres(lambda vector: product(lin, layout, vector[:, None])[:, 0], right[:, 0], blocks, tolerance)
    d_wage, d_price, d_spending = layout.unpack(solution[:, None])
    d_entry = first + lin.entry(lin.pull(lin.unit_cost(d_wage, d_price), d_spending))
    return Step(d_wage[..., 0], d_price[..., 0], d_spending[..., 0], d_entry[..., 0]), products


def product(lin: Linearised, layout: Layout, columns: Array) -> Array:
    """The Jacobian of markets, prices and spending, entry responding, times columns [unknown, column]."""
    d_wage, d_price, d_spending = layout.unpack(columns)
    d_cost = lin.unit_cost(d_wage, d_price)
    return layout.pack(*lin.rows(d_wage, d_cost, d_price, d_spending, lin.entry(lin.pull(d_cost, d_spending)))[:3])


def preconditioner(lin: Linearised) -> Array:
    """Inverse of (part of) the Jacobian [block, row, row]: the whole of it without inputs, where it is small; else one block per country."""
    if lin.system.input_share is not None:
        return country_blocks(lin)
    layout = Layout(lin.system)
    factors, countries = lin.system.endowed.shape
    return np.linalg.inv(product(lin, layout, np.eye((factors + 1) * countries)))[None]


@dataclass(frozen=True)
class Layout:
    """Unknowns or rows as one vector, country by country.

    With inputs [country, factors + sectors + sectors] of factor prices, prices and spending. Without inputs prices close nothing and
    spending
    moves with income in all sectors alike: [country, factors + 1].
    """

    system: System

    def pack(self, wage: Array, price: Array, spending: Array) -> Array:
        """Columns [row, column] from rows [factor, country, column] and [sector, country, column]."""
        if self.system.input_share is None:
            income = np.einsum("sn,snb->nb", self.system.final_share, spending)[None]
            table = np.concatenate([wage, income])
        else:
            table = np.concatenate([wage, price, spending])
        return table.transpose(1, 0, 2).reshape(-1, table.shape[2])

    def unpack(self, columns: Array) -> tuple[Array, Array, Array]:
        """Changes in factor prices [factor, country, column], prices and spending [sector, country, column] from [unknown, column]."""
        factors, countries = self.system.endowed.shape
        table = np.ascontiguousarray(columns.reshape(countries, -1, columns.shape[1]).transpose(1, 0, 2))
        if self.system.input_share is None:
            return table[:factors], np.zeros((1, 1, 1)), table[factors:] * self.system.bought[..., None]
        sectors = (len(table) - factors) // 2
        return table[:factors], table[factors : factors + sectors], table[factors + sectors :]


def gmres(product: Callable[[Array], Array], right: Array, blocks: Array, tolerance: float, limit: int = 120) -> tuple[Array, int]:
    """Right-preconditioned GMRES without restart; `blocks` [block, row, row] is the block-diagonal preconditioner's inverse."""
    count, size = blocks.shape[:2]

    def precondition(vector: Array) -> Array:
        return np.asarray(np.matmul(blocks, vector.reshape(count, size, 1)).ravel())

    norm = float(np.linalg.norm(right))
    if norm == 0:
        return np.zeros_like(right), 0
    basis = np.empty((limit + 1, right.size))
    basis[0] = right / norm
    hessenberg = np.zeros((limit + 1, limit))
    for k in range(limit):
        new = product(precondition(basis[k]))
        for _ in range(2):  # Gram–Schmidt twice keeps the basis orthogonal to rounding
            overlap = basis[: k + 1] @ new
            new -= overlap @ basis[: k + 1]
            hessenberg[: k + 1, k] += overlap
        hessenberg[k + 1, k] = height = float(np.linalg.norm(new))
        target = np.zeros(k + 2)
        target[0] = norm
        weights, *_ = np.linalg.lstsq(hessenberg[: k + 2, : k + 1], target, rcond=None)
        error = float(np.linalg.norm(hessenberg[: k + 2, : k + 1] @ weights - target))
        if error <= tolerance * norm or height <= 1e-15 * norm:
            break
        basis[k + 1] = new / height
    return precondition(weights @ basis[: k + 1]), k + 1


def country_blocks(lin: Linearised) -> Array:
    """Inverse of every country's own part of the Jacobian, other countries held still [country, row, row], rows as in `Layout`."""
    s, v = lin.system, lin.v
    own = own_derivatives(lin)
    # markets by own cost and own spending, [factor, sector, country]
    into = v.demand * v.foreign_competition / (lin.imports + lin.given)
    out = v.sender * v.foreign_access / (lin.exports + lin.received) * own.exports
    balance_cost = out * own.sender_cost + into * own.competition_cost
    balance_spending = out * own.sender_spending - into * (1 - own.competition_spending)
    market_cost = np.concatenate([lin.share_of_payments[:-1] * own.paid_cost, balance_cost[None]])
    market_spending = np.concatenate([lin.share_of_payments[:-1] * own.paid_spending, balance_spending[None]])
    # markets by own factor prices, [country, factor, factor]
    market_wage = np.einsum("fsn,gsn->nfg", market_cost, s.factor_share) + (v.factor_income / s.endowed.sum()).T[:, None, :]
    factors = len(market_cost)
    last = np.arange(factors - 1)
    market_wage[:, last, last] -= lin.share_of_payments[:-1].sum(axis=1).T
    return block_inverse(_input_block(lin, own, market_wage, market_cost, market_spending), factors)


def block_inverse(matrices: Array, first: int) -> Array:
    """Inverse of matrices [batch, row, row] of a `first` small block and two equal large ones, by elimination of the last block, then the middle.

    Two inverses of half the size and some products take about half the time of one inverse.
    """
    size = (matrices.shape[1] - first) // 2
    head = slice(0, first + size)
    last = slice(first + size, None)
    right = np.linalg.inv(matrices[:, last, last])
    from_last = np.matmul(matrices[:, head, last], right)
    rest = matrices[:, head, head] - np.matmul(from_last, matrices[:, last, head])
    top = np.linalg.inv(rest)
    corner = -np.matmul(top, from_last)
    below = np.matmul(right, matrices[:, last, head])
    out = np.empty_like(matrices)
    out[:, head, head] = top
    out[:, head, last] = corner
    out[:, last, head] = -np.matmul(below, top)
    out[:, last, last] = right - np.matmul(below, corner)
    return out


def _input_block(lin: Linearised, own: Own, market_wage: Array, market_cost: Array, market_spending: Array) -> Array:
    """Own Jacobian in (ln ŵ, ln P̂, ln X̂) [country, row, row]."""
    s, v = lin.system, lin.v
    assert s.input_share is not None
    factors, countries = v.factor_income.shape
    sectors = len(s.home)
    wage, price, spending = slice(factors), slice(factors, factors + sectors), slice(factors + sectors, None)
    block = np.zeros((countries, factors + 2 * sectors, factors + 2 * sectors))
    a = s.factor_share.transpose(2, 1, 0)  # country, sector, factor
    uses = s.input_share.transpose(0, 2, 1)
    block[:, wage, wage] = market_wage
    block[:, wage, price] = np.matmul(market_cost.transpose(2, 0, 1), s.input_share)
    block[:, wage, spending] = market_spending.transpose(2, 0, 1)
    by_cost = (-s.buyer.d_log_price(own.competition_cost, 0.0) * s.bought).T[..., None]
    block[:, price, wage] = by_cost * a
    block[:, price, price] = by_cost * s.input_share
    per_spending = np.where(s.bought, 1 / np.where(s.bought, v.spending, 1.0), 0.0).T[..., None]
    paid_cost, paid_spending = (v.paid * own.paid_cost).T, (v.paid * own.paid_spending).T
    weighted = uses * paid_cost[:, None, :]
    final = s.final_share.T[..., None] * v.factor_income.T[:, None, :]
    block[:, spending, wage] = -per_spending * (np.matmul(weighted, a) + final)
    block[:, spending, price] = -per_spending * np.matmul(weighted, s.input_share)
    block[:, spending, spending] = -per_spending * uses * paid_spending[:, None, :]
    row = factors + np.arange(sectors)
    block[:, row, row] += 1
    block[:, row, row + sectors] = (-s.buyer.d_log_price(own.competition_spending, 1.0) * s.bought).T
    block[:, row + sectors, row + sectors] += 1
    return block


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
    # what an exporter's sender does to its own access, through competition in every market
    abroad = np.einsum("sin,sin,sn->si", s.net_foreign, s.foreign, v.demand / competition) * v.sender / access
    crowding = abroad + home_sales * home_share
    weight, profit = s.seller, s.seller.profit
    sender_cost, sender_spending = (np.broadcast_to(exponent, s.home.shape).copy() for exponent in (weight.unit_cost, weight.spending))
    competition_cost, competition_spending = weight.unit_cost * home_share, weight.spending * home_share
    paid_cost, paid_spending = weight.unit_cost * (1 - crowding), home_sales + weight.spending * (1 - crowding)
    if lin.free.any():
        f = lin.free
        sales, share = lin.patterns
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
