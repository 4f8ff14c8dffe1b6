"""Every country's own part of the Jacobian: what Newton's steps with inputs are preconditioned by."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.equations import NUMBERS
from cge.model.inverse import inverse
from cge.model.linear import Linearised


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
    return inverse(_input_block(lin, own, market_wage, market_cost, market_spending))


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
    abroad = NUMBERS.contract(s.net_foreign * s.foreign, v.demand / competition) * v.sender / access
    crowding = abroad + home_sales * home_share
    weight, profit = s.seller, s.seller.profit
    sender_cost, sender_spending = (np.broadcast_to(exponent, s.home.shape).copy() for exponent in (weight.unit_cost, weight.spending))
    competition_cost, competition_spending = weight.unit_cost * home_share, weight.spending * home_share
    paid_cost, paid_spending = weight.unit_cost * (1 - crowding), home_sales + weight.spending * (1 - crowding)
    if lin.free.any():
        f = lin.at
        sales, share = (pattern[f] for pattern in lin.patterns)
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
