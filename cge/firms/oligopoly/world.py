"""Wages, incomes and trade of few firms inside CES, in levels or in changes: one system for both.

In levels delivered costs and weights are primitives. In changes they are what observed shares imply at P = 1: cost over the index is
s^(1/(1−σ))/m(s), a sector's weight its share of spending, and labour its income; a hat then stands wherever a level would.

    labour of i     w_i L_i = Σ_ns B_ns X_n Σ_(f of i) s_f/(T m_f)          (but one, which the others imply)
    income          X_i = w_i L_i + profits_i + tariff revenue_i            linear in X at given shares
    spending        B_ns ∝ a_ns P_ns^(1−θ)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.oligopoly.markets import Markets, Sellers, markets
from cge.firms.semismooth import Residual, newton

ENOUGH = 1e-9
"""Largest relative gap of a labour market."""


ROUNDS = (0, 30, 300)
"""Rounds of an auction from whose wages Newton's method starts: from far away it may run off to where a country trades with nobody."""


class World(NamedTuple):
    """What firms and countries are given.

    Attributes:
        sellers; log_cost: at wages of one, delivered, tariffs included [market, seller]; after_tariff: T = 1 + t [market, seller].
        weight: a [market, sector]; theta: θ; labour: L [country].
    """

    sellers: Sellers
    log_cost: Array
    after_tariff: Array
    weight: Array
    theta: float
    labour: Array


class State(NamedTuple):
    """Everything at given wages.

    Attributes:
        wage; markets; spending_share: B [market, sector]; income: X [country].
        work, earned: what one unit of income of a market pays for labour and as profits to each origin [origin, market]; revenue: and to its own
            treasury [market].
        sales: what a market pays for a seller's goods, of all the firms it stands for, in its income [market, seller].
    """

    wage: Array
    markets: Markets
    spending_share: Array
    income: Array
    work: Array
    earned: Array
    revenue: Array
    sales: Array


def solve(world: World) -> State:
    """The equilibrium; the last country's wage is one.

    Raises:
        SolveError: Newton's method stops before the labour markets clear to 1e-9, or shares of a market are not found.
    """
    if len(world.labour) == 1:
        return state(world, np.zeros(1))
    for rounds in ROUNDS:
        found = newton(lambda x: _residual(world, np.append(x, 0.0)), _auction(world, rounds)[:-1])
        if found.largest <= ENOUGH:
            return state(world, np.append(found.x, 0.0))
    worst = int(np.abs(found.residual).argmax())
    sentence = f"Few firms: the labour market of country {worst + 1} fails by {found.residual[worst]:.1g}."
    raise SolveError(Outcome("not_converged", sentence))


def _auction(world: World, rounds: int) -> Array:
    """ln w [country], the last zero, after rounds in which wages rise where more labour is asked for than there is, by a part that σ allows."""
    log_wage = np.zeros(len(world.labour))
    for _ in range(rounds):
        here = state(world, log_wage)
        log_wage = log_wage + np.log(here.work @ here.income / (here.wage * world.labour)) / world.sellers.sigma.max()
        log_wage = log_wage - log_wage[-1]
    return log_wage


def state(world: World, log_wage: Array) -> State:
    """Everything at wages [country]."""
    sellers = world.sellers
    one = markets(sellers, world.log_cost + log_wage[sellers.origin], world.weight.shape[1])
    share = world.weight * np.exp((1 - world.theta) * one.log_price)
    share = share / share.sum(axis=1, keepdims=True)
    sales = share[:, sellers.sector] * one.share * sellers.firms
    net = sales / world.after_tariff
    work, earned = (by_origin(sellers, net * part, len(log_wage)) for part in (1 / one.markup, 1 - 1 / one.markup))
    revenue = (sales - net).sum(axis=1)
    wage = np.exp(log_wage)
    income = np.linalg.solve(np.eye(len(wage)) - earned - np.diag(revenue), wage * world.labour)
    return State(wage, one, share, income, work, earned, revenue, sales)


def by_origin(sellers: Sellers, values: Array, countries: int) -> Array:
    """Sums over the sellers of each origin: [market, seller] becomes [origin, market]."""
    sums = np.zeros((countries, len(values)))
    np.add.at(sums, sellers.origin, values.T)
    return sums


def _residual(world: World, log_wage: Array) -> Residual:
    """ln of labour asked for over labour, of all countries but the last, and slopes in ln w of the same."""
    here = state(world, log_wage)
    asked = here.work @ here.income
    return Residual(np.log(asked / (here.wage * world.labour))[:-1], lambda: _slopes(world, here)[:-1, :-1])


def _slopes(world: World, here: State) -> Array:
    """d ln(asked/(w L)) in ln w [country, country].

    With e = d ln s/d ln(P/cost), indices move by d ln P = Σ e s d ln cost/Σ e s over a sector's sellers, and mark-ups by g = d ln m/d ln s, which
    e = (σ−1)/(1 + (σ−1)g) gives.
    """
    sellers, one, n = world.sellers, here.markets, len(here.wage)
    power = sellers.sigma - 1
    sells = one.slope > 0
    rises = np.where(sells, (power / np.where(sells, one.slope, 1.0) - 1) / power, 0.0)
    net = here.sales / world.after_tariff
    labour = net / one.markup
    pull = one.share * one.slope
    total = sellers.by_sector(pull, world.weight.shape[1])
    solve_income = np.linalg.inv(np.eye(n) - here.earned - np.diag(here.revenue))
    asked = here.work @ here.income
    slopes = np.empty((n, n))
    for j in range(n):
        mine = sellers.origin == j
        index = sellers.by_sector(np.where(mine, pull, 0.0), world.weight.shape[1]) / total
        spending = (1 - world.theta) * (index - (here.spending_share * index).sum(axis=1, keepdims=True))
        by_share = one.slope * (index[:, sellers.sector] - mine)
        by_sales = spending[:, sellers.sector] + by_share
        by_labour = by_sales - rises * by_share
        work, paid = by_origin(sellers, labour * by_labour, n), by_origin(sellers, net * by_sales, n)
        revenue = ((here.sales - net) * by_sales).sum(axis=1)
        moved = (paid - work) @ here.income + revenue * here.income + np.where(np.arange(n) == j, here.wage * world.labour, 0.0)
        slopes[:, j] = (work @ here.income + here.work @ (solve_income @ moved)) / asked
    return slopes - np.eye(n)
