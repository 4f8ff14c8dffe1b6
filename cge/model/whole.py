"""The whole Jacobian where there are no inputs: small, since factor prices and incomes are all that is left of the unknowns.

It is `Linearised.rows` with entry responding, for a change in every unknown at once; tests tie it to the product with unit vectors. Matrices
[sector, country, other country] hold the answer of a country to another's cost or spending in the same sector.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised


class Answers(NamedTuple):
    """Derivatives of an ln by ln of every country's cost, and of its spending, in the same sector [sector, country, other country]."""

    cost: Array
    spending: Array


def jacobian(lin: Linearised) -> Array:
    """Derivatives of factor markets and income of every country by its factor prices and spending, entry responding [row, unknown].

    Rows and unknowns country by country, factors first.
    """
    s, v = lin.system, lin.v
    factors, countries = s.endowed.shape
    entry = entry_answers(lin)
    sender = Answers(*(own(s.scale[..., None] * part, by) for part, by in zip(entry, (s.seller.unit_cost, s.seller.spending), strict=True)))
    earned, place = np.zeros((countries, countries, factors + 1)), np.arange(countries)
    earned[place, place, :factors] = v.factor_income.T
    transfer = lin.transfer(earned.reshape(countries, -1)).reshape(earned.shape)
    up, down = 1 / (lin.exports + lin.received), 1 / (lin.imports + lin.given)
    market = np.empty((factors, *earned.shape))
    if factors > 1:
        market[:-1] = payments(lin, entry, sender)
    market[-1] = balance(lin, sender, up, down) + transfer * np.where(v.transfer > 0, up, down)[:, None, None]
    market += earned.sum(axis=0) / s.endowed.sum()
    wanted = (s.final_share**2 * s.bought / lin.column["spending"][..., 0]).sum(axis=0)
    income = -wanted[:, None, None] * (earned + transfer + revenue(lin, sender))
    income[place, place, -1] += (s.final_share * s.bought).sum(axis=0)
    return np.concatenate([market, income[None]]).transpose(1, 0, 2, 3).reshape(countries * (factors + 1), -1)


def own(matrix: Array, exponent: Array) -> Array:
    """A matrix [sector, country, other country] with an exponent [sector, 1] added where the other country is the country itself, in place."""
    place = np.arange(matrix.shape[1])
    matrix[:, place, place] += exponent
    return matrix


def entry_answers(lin: Linearised) -> Answers:
    """d ln Ŝ by cost and by spending, markets responding."""
    f, seller = lin.at, lin.system.seller
    cells = lin.system.home.shape
    found = Answers(*(np.zeros((*cells, cells[1])) for _ in range(2)))
    if not lin.free.any():
        return found
    sales, _ = lin.patterns
    scale, by_cost, by_spending = (exponent[f] for exponent in seller)
    _, profit_cost, profit_spending = (exponent[f] for exponent in seller.profit)
    # d ln q = −sales·share'·weight·d + sales·dx + profit·d in d = (dc, dx), and inverse·sales·share' = (1 − inverse·still)/scale
    inverse, still = lin.entry_inverse, lin.diagonal[f] / scale
    found.cost[f] = own(inverse * (profit_cost + by_cost * still)[:, None, :], -by_cost / scale)
    found.spending[f] = np.matmul(inverse, sales[f])
    if seller.spending.any():
        found.spending[f] += own(inverse * (profit_spending + by_spending * still)[:, None, :], -by_spending / scale)
    for part in found:
        part[lin.still] = 0.0
    return found


def payments(lin: Linearised, entry: Answers, sender: Answers) -> Array:
    """d of what producers pay to every factor but the last, over what it earns [factor, country, other country, unknown]."""
    sales, share = lin.patterns
    crowded = np.matmul(sales, share.transpose(0, 2, 1))
    free = lin.free[:, None, None]
    by_cost = np.where(free, entry.cost, sender.cost - np.matmul(crowded, sender.cost))
    by_spending = np.where(free, entry.spending, sales + sender.spending - np.matmul(crowded, sender.spending))
    paid = Answers(own(by_cost, 1.0 * lin.free[:, None]), by_spending)
    out = np.stack([summed(lin, own(np.zeros_like(sales), part), paid) for part in lin.share_of_payments[:-1]])
    place = np.arange(out.shape[1])
    for f in range(len(out)):
        out[f, place, place, f] -= lin.share_of_payments[f].sum(axis=0)
    return out


def balance(lin: Linearised, sender: Answers, up: Array, down: Array) -> Array:
    """d of the log trade balance without transfers [country, other country, unknown]; `up`, `down`: per unit of exports and imports [country]."""
    s, v = lin.system, lin.v
    sold, bought = v.sender * v.foreign_access, v.demand * v.foreign_competition
    if s.taxed is not None:
        bought = bought - v.demand * v.taxed_weight
    by_sender = s.net_foreign.transpose(0, 2, 1) * v.sender[:, None, :]
    by_sender *= (-down * v.demand)[..., None]
    by_demand = s.net_foreign * v.demand[:, None, :]
    by_demand *= (up * v.sender)[..., None]
    return through_demand(lin, own(by_sender, up * sold), own(by_demand, -down * bought), sender)


def revenue(lin: Linearised, sender: Answers) -> Array:
    """d of tariff revenue [country, other country, unknown]."""
    s, v = lin.system, lin.v
    if s.taxed is None:
        return np.zeros((1, 1, 1))
    by_sender = s.taxed.transpose(0, 2, 1) * v.sender[:, None, :]
    by_sender *= v.demand[..., None]
    return through_demand(lin, by_sender, own(np.zeros_like(by_sender), v.demand * v.taxed_weight), sender)


def through_demand(lin: Linearised, by_sender: Array, by_demand: Array, sender: Answers) -> Array:
    """Weights of senders and of demand [sector, row, country] times their answers [row, other country, unknown], d demand = d spending − share'·d
    sender.
    """
    _, share = lin.patterns
    by_sender -= np.matmul(by_demand, share.transpose(0, 2, 1))
    out = summed(lin, by_sender, sender)
    out[..., -1] += (by_demand * lin.system.bought[:, None, :]).sum(axis=0)
    return out


def summed(lin: Linearised, by_sender: Array, sender: Answers) -> Array:
    """Weights of senders [sector, row, country] times their answers, over sectors [row, other country, unknown]."""
    s = lin.system
    rows = by_sender.transpose(1, 0, 2).reshape(by_sender.shape[1], -1)
    parts = [*(sender.cost * share[:, None, :] for share in s.factor_share), sender.spending * s.bought[:, None, :]]
    return np.stack([rows @ part.reshape(rows.shape[1], -1) for part in parts], axis=-1)
