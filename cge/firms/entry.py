"""Demand, entrants and wages of countries that differ: the conditions of sections 5.2 and 5.3 as one complementarity problem.

With z = (ln B, m, ln w), where M_E = m L̄/(σ f_E) makes m a number near one, the conditions are, for every country,

    0 ≤ m_i    ⟂  1 − Π_i/(w_i f_Ei) ≥ 0        free entry (7); nobody enters where that does not pay
    κ B_n Σ_i M_Ei V_ni / X_n = 1               demand (11), V_ni = (τ_ni w_i)^(1−σ) ∫ φ^(σ−1) dG_i, X_n = β w_n L̄_n
    0 ≤ ln w_i ⟂  1 − L_i/L̄_i ≥ 0              the outside good is made where the sector leaves labour; without outside good L_i = L̄_i

κ is sales over variable profits, σ where workers earn one wage. Where they bargain (section 10) it is larger, and X_n may fall with prices.

Solving free entry with equality for B first and demand for M_E afterwards would be wrong where nobody enters. At given wages the first two are the
first-order conditions of a convex program, maximise Σ X_n ln B_n subject to Π_i ≤ w_i f_Ei, so that B exists and is unique, for any G.
"""

from __future__ import annotations

from dataclasses import Field
from typing import Any, ClassVar, NamedTuple, Protocol

import numpy as np

from cge.data.arrays import Array
from cge.firms.selling import Selling
from cge.firms.semismooth import meet


class Economy(Protocol):
    """What the conditions need of countries whose firms choose, a dataclass; `OpenEconomy` says what each is: labour and entry
    cost [country], iceberg costs [market, origin]. `revenue_per_profit` is κ; `workers_per_profit` is labour in the sector over variable profits
    in units of labour, zero where wages do not answer to how large the sector is.
    """

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    @property
    def sigma(self) -> float: ...
    @property
    def labour(self) -> Array: ...
    @property
    def entry_cost(self) -> Array: ...
    @property
    def iceberg(self) -> Array: ...
    @property
    def outside(self) -> bool: ...
    @property
    def names(self) -> tuple[str, ...]: ...
    @property
    def revenue_per_profit(self) -> float: ...
    @property
    def workers_per_profit(self) -> float: ...
    def spending(self, demand: Array, wage: Array) -> tuple[Array, Array]:
        """X_n at B_n and w_n, and its elasticity to B_n [country]; that to w_n is one."""

    def selling(self, demand: Array, wage: Array) -> Selling:
        """Who sells where at B_n and w_i [country]."""

    def autarky(self) -> tuple[Array, Array]:
        """B and an entrant's labour for fixed costs, each country closed [country]."""


class Point(NamedTuple):
    """Where the conditions are evaluated: ln B, m and ln w [country], and what firms do there."""

    log_demand: Array
    entry: Array
    log_wage: Array
    sold: Selling


def entrants(economy: Economy, entry: Array) -> Array:
    """M_E = m L̄/(σ f_E) [country], from m [country]."""
    return entry * economy.labour / (economy.sigma * economy.entry_cost)


def autarky(economy: Economy) -> Point:
    """Every country closed, an upper bound on its demand level under trade."""
    demand, spent = economy.autarky()
    sales = economy.spending(demand, np.ones_like(demand))[0] / economy.revenue_per_profit
    entry = economy.sigma * sales / economy.labour * economy.entry_cost / (economy.entry_cost + spent)
    return at(economy, np.log(demand), entry, np.zeros_like(demand))


def at(economy: Economy, log_demand: Array, entry: Array, log_wage: Array) -> Point:
    """The point of given ln B, m and ln w [country]."""
    return Point(log_demand, entry, log_wage, economy.selling(np.exp(log_demand), np.exp(log_wage)))


def gaps(economy: Economy, point: Point) -> tuple[Array, Array, Array]:
    """1 − Π_i/(w_i f_Ei), sales in n over X_n less one, and 1 − L_i/L̄_i [country]; sales and L_i are proportional to variable profits."""
    wage, mass = np.exp(point.log_wage), entrants(economy, point.entry)
    profit = point.sold.profit.sum(axis=0) / wage - point.sold.outlay
    demand = economy.revenue_per_profit * point.sold.profit @ mass / economy.spending(np.exp(point.log_demand), wage)[0] - 1
    labour = 1 - economy.workers_per_profit * mass * point.sold.profit.sum(axis=0) / (wage * economy.labour)
    return 1 - profit / economy.entry_cost, demand, labour


def system(economy: Economy, point: Point, slopes: bool = True) -> tuple[Array, Array]:
    """Residuals of the three conditions [3N] and their exact slopes in z [3N, 3N] (empty on request)."""
    free, demand, labour = gaps(economy, point)
    n = len(free)
    enter, by_entry, by_free = meet(point.entry, free)
    if economy.outside:
        clear, slope, by_labour = meet(point.log_wage, labour)
        by_wage = np.diag(slope)
    else:  # every labour market, with mean ln w added, which is then zero by Walras' law
        clear, by_wage, by_labour = labour + point.log_wage.mean(), np.full((n, n), 1 / n), np.ones(n)
    residual = np.concatenate([enter, demand, clear])
    if not slopes:
        return residual, np.empty((0, 0))
    of_free, of_demand, of_labour = derivatives(economy, point)
    zero, eye = np.zeros((n, n)), np.eye(n)
    first = by_free[:, None] * of_free + np.hstack([zero, by_entry[:, None] * eye, zero])
    last_block = by_labour[:, None] * of_labour + np.hstack([zero, zero, by_wage])
    return residual, np.vstack([first, of_demand, last_block])


def derivatives(economy: Economy, point: Point) -> tuple[Array, Array, Array]:
    """Exact slopes of the three `gaps` in z = (ln B, m, ln w), each [N, 3N].

    Profits are maximal in the cutoffs, so that ∂Π_i/∂ln B_n = B_n V_ni and ∂(Π_i/w_i)/∂ln w_i = −σ Σ_n B_n V_ni/w_i. Sales also move with the
    cutoffs: φ*^(σ−1) by −1 for ln B_n, by −weight_ni at a step where firms of i decide on several markets, and by σ for ln w_i.
    """
    sold, sigma, eye = point.sold, economy.sigma, np.eye(len(economy.labour))
    wage, unit = np.exp(point.log_wage), entrants(economy, np.ones_like(point.entry))
    mass = unit * point.entry
    own = sold.profit + sold.own
    by_wage = (1 - sigma) * sold.profit - sigma * (sold.own + sold.joint.sum(axis=0))
    together = sum((step * mass) @ weight.T for step, weight in zip(sold.joint, sold.weight, strict=True))
    of_step = (sold.joint.sum(axis=1, keepdims=True) * sold.weight).sum(axis=0)
    per_entrant = sold.profit.sum(axis=0)
    spending, reacts = economy.spending(np.exp(point.log_demand), wage)
    free = np.hstack(
        [-sold.profit.T / (wage * economy.entry_cost)[:, None], 0 * eye, np.diag(sigma * per_entrant / (wage * economy.entry_cost))]
    )
    level = sold.profit @ mass
    scale = (economy.revenue_per_profit / spending)[:, None]
    demand = np.hstack([
        scale * (np.diag(own @ mass - reacts * level) + together), scale * sold.profit * unit, scale * (by_wage * mass - np.diag(level)),
    ])  # fmt: skip
    per_profit = -economy.workers_per_profit / (wage * economy.labour)
    scale = (per_profit * mass)[:, None]
    labour = np.hstack([
        scale * (own + of_step).T, np.diag(per_profit * unit * per_entrant),
        scale * np.diag(by_wage.sum(axis=0) - per_entrant),
    ])  # fmt: skip
    return free, demand, labour
