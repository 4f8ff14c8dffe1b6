"""Choke prices, entrants and wages under quadratic demand as one complementarity problem (chapter, section 8, with its corners).

With z = (ln c_D, m, ln w), N_Ei = m_i L_i/f_Ei, and per entrant S = E1/(2γ), Π = L E2/(4γT), costs K = L (d E1 − E2)/(2γT), for every country

    α − c_Dn = η Σ_i N_Ei S_ni                      demand (26)
    0 ≤ m_i    ⟂  1 − Σ_n Π_ni/(w_i f_Ei) ≥ 0      free entry; or N_E as given, in the short run
    0 ≤ ln w_i ⟂  1 − N_Ei (f_Ei + Σ_n K_ni/w_i)/L_i ≥ 0    the outside good is made where the sector leaves labour

At w = 1 and without ad valorem tariffs ∂Π_ni/∂c_Dn = L_n S_ni, so that the first two are the first-order conditions of a convex program, maximise
Σ L_n (α c_n − c_n²/2)/η subject to Σ_n Π_ni(c_n) ≤ f_Ei with multipliers N_Ei: choke prices exist and are unique for any G, corners included. An
ad valorem tariff divides that slope by T, and no such program is known then, nor where wages move.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.selling import Selling, selling
from cge.firms.semismooth import Residual, meet


class Point(NamedTuple):
    """Where the conditions are evaluated: c_D, N_E and w [country], and what entrants sell there."""

    choke: Array
    entrants: Array
    wage: Array
    sold: Selling


class Flows(NamedTuple):
    """Per entrant of each origin in each market, [market, origin]: quantity a head, profit, cost of production and sales net of tariff."""

    quantity: Array
    profit: Array
    cost: Array
    revenue: Array


def at(economy: QuadraticEconomy, x: Array) -> Point:
    """The point of z = (ln c_D, m, ln w) [3N]."""
    log_choke, entry, log_wage = np.split(x, 3)
    choke, wage = np.exp(log_choke), np.exp(log_wage)
    return Point(choke, entry * economy.labour / economy.entry_cost, wage, selling(economy, choke, wage))


def flows(economy: QuadraticEconomy, sold: Selling) -> Flows:
    """What follows from the integrals for an entrant; all [market, origin]."""
    scale = economy.labour[:, None] / (2 * economy.gamma * economy.after_tariff)
    profit, cost = scale * sold.square / 2, scale * (sold.room * sold.margin - sold.square)
    return Flows(sold.margin / (2 * economy.gamma), profit, cost, profit + cost)


def gaps(economy: QuadraticEconomy, point: Point) -> tuple[Array, Array, Array]:
    """1 − (c_D + ηQ)/α, 1 − Π/(w f_E) and the part of labour that is left, 1 − N_E (f_E + K/w)/L [country]."""
    e, made = economy, flows(economy, point.sold)
    demand = 1 - (point.choke + e.eta * made.quantity @ point.entrants) / e.alpha
    free = 1 - made.profit.sum(axis=0) / (point.wage * e.entry_cost)
    left = 1 - point.entrants * (e.entry_cost + made.cost.sum(axis=0) / point.wage) / e.labour
    return demand, free, left


def residual(economy: QuadraticEconomy, entrants: Array | None, x: Array) -> Residual:
    """The three conditions [3N] at z [3N], and their slopes; `entrants` [country] as given in the short run."""
    point = at(economy, x)
    demand, free, left = gaps(economy, point)
    entry, log_wage = x[len(demand) : 2 * len(demand)], x[2 * len(demand) :]
    if entrants is None:
        enter, by_entry, by_free = meet(entry, free)
    else:
        given = entrants * economy.entry_cost / economy.labour
        enter, by_entry, by_free = entry - given, np.ones_like(entry), np.zeros_like(entry)
    clear, by_wage, by_left = meet(log_wage, left)

    def slopes() -> Array:
        of_demand, of_free, of_left = derivatives(economy, point)
        zero = np.zeros((len(demand), len(demand)))
        second = by_free[:, None] * of_free + np.hstack([zero, np.diag(by_entry), zero])
        third = by_left[:, None] * of_left + np.hstack([zero, zero, np.diag(by_wage)])
        return np.vstack([of_demand, second, third])

    return Residual(np.concatenate([demand, enter, clear]), slopes)


def derivatives(economy: QuadraticEconomy, point: Point) -> tuple[Array, Array, Array]:
    """Exact slopes of the three `gaps` in z = (ln c_D, m, ln w), each [N, 3N].

    ∂E1/∂d = M0, ∂E2/∂d = 2 E1; and in ln w, since a ∝ w, ∂E1 = E1 − d M0 and ∂E2 = 2(E2 − d E1).
    """
    e, n, sold, wage, mass = economy, len(point.wage), point.sold, point.wage, point.entrants
    made, scale = flows(e, sold), e.labour[:, None] / (2 * e.gamma * e.after_tariff)
    per_entry = e.labour / e.entry_cost
    open_market = np.where(sold.room > 0, point.choke[:, None], 0.0)  # ∂d/∂ln c_D
    by_wage = sold.margin - sold.room * sold.varieties
    part = e.eta / (2 * e.gamma * e.alpha)
    of_demand = np.hstack([
        -np.diag(point.choke / e.alpha + part * (open_market * sold.varieties) @ mass),
        -part * sold.margin * per_entry,
        -part * by_wage * mass,
    ])  # fmt: skip
    money = (wage * e.entry_cost)[:, None]
    of_free = np.hstack([
        -(scale * sold.margin * open_market).T / money,
        np.zeros((n, n)),
        np.diag((made.cost + made.profit).sum(axis=0) / (wage * e.entry_cost)),
    ])  # fmt: skip
    cost_by_choke = scale * open_market * (sold.room * sold.varieties - sold.margin)
    cost_by_wage = scale * (sold.room * (3 * sold.margin - sold.room * sold.varieties) - 2 * sold.square)
    share = mass / (wage * e.labour)
    of_left = np.hstack([
        -(cost_by_choke * share).T,
        -np.diag(1 + made.cost.sum(axis=0) / money[:, 0]),
        -np.diag((cost_by_wage - made.cost).sum(axis=0) * share),
    ])  # fmt: skip
    return of_demand, of_free, of_left
