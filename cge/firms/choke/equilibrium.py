"""General equilibrium of sectors whose demands have a choke price: choke prices, entrants and wages (chapter, footnote 37).

With z = (ln P_sn, m_si, ln w_n), N_Esi = m_si L_i/f_Esi, the conditions are

    ∫H over varieties = h0_s  (homothetic);  Q_sn = L_n/(1 + δ_s ∫D)  (additive)       what fixes choke prices
    0 ≤ m_si ⟂ 1 − Π_si/(w_i f_Esi) ≥ 0                                              free entry
    Σ_s N_Esi (f_Esi + costs/w_i) = L_i                                             labour, one of which the others imply

where Q_sn is what spending buys, X_sn = P Q ∫x D, and X_sn = I_n (β_s/ε_sn)/Σ(β/ε), ε = ∫u/∫u'q (one where homothetic). Worlds here are small, and
slopes are taken by differences.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.choke.economy import ChokeEconomy
from cge.firms.choke.entrants import PerEntrant, per_entrant, unresolved
from cge.firms.semismooth import Residual, meet, newton

ENOUGH = 1e-9
"""Largest residual of an equilibrium, relative."""

DIFFERENCE = 1e-7
"""Step of the differences in logs."""


class ChokeEquilibrium(NamedTuple):
    """The equilibrium; money in the last country's labour, masses in firms.

    Attributes:
        wage, income: w_n and I_n = w_n L_n + tariff revenue [country].
        choke_price: P; spending: X; quantity: Q; utility: U_s per head, the index or the sum of u(q); utility_elasticity: ε, of utility in spending;
            sellers: mass of varieties on sale, all [sector, market].
        entrants: N_E [sector, country]; entry_gap: share of the entry cost that expected profits do not cover [sector, country].
        trade_share: λ, tariff included, in the market's spending; highest_cost: P/(T τ w), the cutoff; both [sector, market, origin].
        aggregate_markup: sales net of tariff over variable cost [sector, market].
    """

    wage: Array
    income: Array
    choke_price: Array
    spending: Array
    quantity: Array
    utility: Array
    utility_elasticity: Array
    sellers: Array
    entrants: Array
    entry_gap: Array
    trade_share: Array
    highest_cost: Array
    aggregate_markup: Array


class Point(NamedTuple):
    """Everything at given choke prices, entrants and wages."""

    choke: Array
    entrants: Array
    wage: Array
    firms: PerEntrant
    highest: Array
    bought: Array
    elasticity: Array
    utility: Array
    income: Array
    spending: Array
    quantity: Array


def choke_equilibrium(economy: ChokeEconomy) -> ChokeEquilibrium:
    """Choke prices, entrants and wages of a world, solved from the firm up, for any distribution of costs.

    Raises:
        SolveError: Newton's method stops before every condition holds to 1e-9.
        DataError: a distribution that the quadrature does not resolve.
    """
    e = economy
    found = newton(lambda x: _residual(e, x), _start(e))
    with np.errstate(all="ignore"):  # where Newton's method has lost its way, of which the next lines speak
        p = _at(e, found.x)
    faults = unresolved(e, p.highest, p.firms.sellers)
    if faults:
        raise DataError(faults)
    if not found.largest <= ENOUGH:
        worst = int(np.abs(found.residual).argmax())
        sentence = f"The world was not solved: {_condition(e, worst)} fails by {found.residual[worst]:.1g}."
        raise SolveError(Outcome("not_converged", sentence))
    free = _gaps(e, p)[1]
    enters = p.entrants * e.entry_cost / e.labour > free
    p = p._replace(entrants=np.where(enters, p.entrants, 0.0))
    sales = p.firms.sales * p.entrants[:, None, :]
    made = p.firms.cost * p.entrants[:, None, :] / e.after_tariff
    return ChokeEquilibrium(
        wage=p.wage,
        income=p.income,
        choke_price=p.choke,
        spending=p.spending,
        quantity=p.quantity,
        utility=p.utility,
        utility_elasticity=p.elasticity,
        sellers=(p.firms.sellers * p.entrants[:, None, :]).sum(axis=2),
        entrants=p.entrants,
        entry_gap=np.where(enters, 0.0, free),
        trade_share=sales / sales.sum(axis=2, keepdims=True),
        highest_cost=p.highest,
        aggregate_markup=(sales / e.after_tariff).sum(axis=2) / made.sum(axis=2),
    )


def _condition(economy: ChokeEconomy, place: int) -> str:
    s, n = len(economy.demand), len(economy.labour)
    if place >= 2 * s * n:
        return f"the labour market of country {economy.names[place - 2 * s * n]}"
    kind, place = ("demand", "free entry")[place // (s * n)], place % (s * n)
    return f"{kind} of sector {economy.sectors[place // n]} in country {economy.names[place % n]}"


def _split(economy: ChokeEconomy, x: Array) -> tuple[Array, Array, Array]:
    s, n = len(economy.demand), len(economy.labour)
    return x[: s * n].reshape(s, n), x[s * n : 2 * s * n].reshape(s, n), x[2 * s * n :]


def _at(economy: ChokeEconomy, x: Array) -> Point:
    e, (log_choke, entry, log_wage) = economy, _split(economy, x)
    choke, wage, mass = np.exp(log_choke), np.exp(log_wage), entry * e.labour / e.entry_cost
    highest = choke[:, :, None] / (e.after_tariff * e.iceberg * wage)
    firms = per_entrant(e, highest)
    whole = np.einsum("ksni,si->ksn", np.array([firms.quantity, firms.sales, firms.measure, firms.square]), mass)
    bought, measure = whole[1], whole[2]
    utility, elasticity = _utility(e, log_choke, whole)
    share = e.weight[:, None] / elasticity
    share = share / share.sum(axis=0)
    revenue = ((e.tariff / e.after_tariff * firms.sales * mass[:, None, :]).sum(axis=2) / bought * share).sum(axis=0)
    income = wage * e.labour / (1 - revenue)
    spending = share * income
    index = np.array([kind.homothetic for kind in e.demand])[:, None]
    per_head = np.where(index, spending / e.labour * utility, utility)
    return Point(choke, mass, wage, firms, highest, measure, elasticity, per_head, income, spending, spending / (choke * bought))


def _utility(economy: ChokeEconomy, log_choke: Array, whole: Array) -> tuple[Array, Array]:
    """What one unit of spending buys of the index where demand is homothetic, else U_s per head; and ε; both [sector, market].

    The index costs ln P + ln(1 − r ∫H²/(2 h0))/r, which is ln P − ∫H²/(2 h0) of translog at r = 0. With quadratic demand and substitution,
    quantities are K D, K = 1/(1 + δ∫D), and marginal utility is K x.
    """
    quantity, sales, measure, square = whole
    utility, elasticity = np.empty_like(quantity), np.ones_like(quantity)
    for s, kind in enumerate(economy.demand):
        if kind.homothetic:
            inside = -square[s] / (2 * economy.varieties[s])
            log_index = np.log1p(kind.bend * inside) / kind.bend if kind.bend else inside
            utility[s] = np.exp(-log_choke[s] - log_index)
        else:
            delta = economy.substitution[s]
            total = quantity[s] if delta else np.zeros_like(quantity[s])  # which without substitution may be infinite
            scale = 1 / (1 + delta * total)
            utility[s] = scale * total - scale**2 * (total - measure[s]) - delta * (scale * total) ** 2 / 2 if delta else measure[s]
            elasticity[s] = utility[s] / (scale**2 * sales[s])
    return utility, elasticity


def _gaps(economy: ChokeEconomy, p: Point) -> tuple[Array, Array, Array]:
    """Demand [sector, market], free entry [sector, country] and labour [country], relative."""
    e, firms = economy, p.firms
    money = (p.choke * p.quantity)[:, :, None] / e.after_tariff
    profit, cost = (money * firms.profit).sum(axis=1), (money * firms.cost).sum(axis=1)
    index = np.array([kind.homothetic for kind in e.demand])[:, None]
    delta = e.substitution[:, None]
    total = np.where(delta > 0, np.einsum("sni,si->sn", firms.quantity, p.entrants), 0.0)
    additive = p.quantity / e.labour * (1 + delta * total) - 1
    closed = np.where(index, p.bought / e.varieties[:, None] - 1, additive)
    used = (p.entrants * (e.entry_cost + cost / p.wage)).sum(axis=0)
    return closed, 1 - profit / (p.wage * e.entry_cost), used / e.labour - 1


def _values(economy: ChokeEconomy, x: Array) -> Array:
    """Residuals [unknown]; the last country's ln w, which Walras' law makes zero, is added to every labour market."""
    with np.errstate(all="ignore"):  # a trial step may leave the range where anything is bought; no such point is kept
        point = _at(economy, x)
        closed, free, labour = _gaps(economy, point)
        entry = _split(economy, x)[1]
        values = np.concatenate([closed.ravel(), meet(entry, free)[0].ravel(), labour + x[-1]])
    return np.where(np.isfinite(values), values, 1e6)


def _residual(economy: ChokeEconomy, x: Array) -> Residual:
    here = _values(economy, x)

    def slopes() -> Array:
        return np.transpose([(_values(economy, x + step) - here) / DIFFERENCE for step in DIFFERENCE * np.eye(len(x))])

    return Residual(here, slopes)


def _start(economy: ChokeEconomy) -> Array:
    """A first guess: wages of one, labour in entry as under Pareto, and choke prices at which entry at home alone costs what it yields."""
    e, (s, n) = economy, (len(economy.demand), len(economy.labour))
    k = np.array([min(*(g.tail_index for g in row), 5.0) for row in e.productivity])
    entry = np.repeat((e.weight / (k + 1))[:, None], n, axis=1)
    wage, low, high = np.ones(n), np.full((s, n), -15.0), np.full((s, n), 15.0)
    for _ in range(50):  # by halves: what a market closes at given entrants of all rises in P where homothetic, and falls where additive
        middle = (low + high) / 2
        point = np.concatenate([middle.ravel(), entry.ravel(), np.log(wage)])
        with np.errstate(all="ignore"):
            closed = _gaps(e, _at(e, point))[0]
        index = np.array([kind.homothetic for kind in e.demand])[:, None]
        above = np.where(index, closed > 0, closed < 0)  # and where nothing is bought, P is too low
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return np.concatenate([((low + high) / 2).ravel(), entry.ravel(), np.zeros(n)])
