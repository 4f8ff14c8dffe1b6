"""The system linearised at a candidate: one Newton step, without ever building the Jacobian.

This is the one permitted second writing of the equations; tests tie it to them by complex step. Perturbations carry a trailing batch axis
[…, column]. Entry is eliminated sector by sector through a matrix of countries; what remains is solved by GMRES with one block for each
country as preconditioner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cge import equations as eq
from cge.system import Array, System, Unknowns, Values


class Rows(NamedTuple):
    """Residuals of the equations that close the unknowns, all relative.

    Attributes:
        market: factor markets; in the last factor's row the country's trade balance, ln[(exports + D⁺)/(imports + D⁻)], which they
            imply (it keeps its accuracy where trade is small); the numeraire's error is added to all [factor, country].
        price: ln P̂ less its equation; spending: ln X̂ less its equation [sector, country].
    """

    market: Array
    price: Array
    spending: Array


def transfers_received(values: Values) -> tuple[Array, Array]:
    """Transfers as receipts and payments [country]; a country may change sides within a solve where transfers move with income."""
    receives = values.transfer.real > 0
    return np.where(receives, values.transfer, 0.0), np.where(receives, 0.0, -values.transfer)


def rows(system: System, u: Unknowns, v: Values) -> Rows:
    """Residuals at a candidate."""
    s = system
    exports = eq.exports(v.sender, v.foreign_access)
    imports = eq.imports(v.demand, v.foreign_competition, v.tariff_revenue)
    received, given = transfers_received(v)
    balance = np.log((exports + received) / (imports + given))
    markets = (s.factor_share * v.paid).sum(axis=1) / v.factor_income - 1
    numeraire = v.factor_income.sum() / s.endowed.sum() - 1
    wanted = np.where(s.bought, v.spending, 1.0) / np.where(s.bought, s.benchmark_spending, 1.0)
    return Rows(
        np.concatenate([markets[:-1], balance[None]]) + numeraire,
        (u.log_price - v.log_price),
        np.where(s.bought, u.log_spending_change - np.log(wanted), 0.0),
    )


@dataclass(eq=False)
class Linearised:
    """Derivatives at a candidate.

    Attributes:
        system, u, v: where.
        curvature: what is added to the diagonal of the entry equations, [sector, country]: the multiplier of Ŝ ≥ 0 (interior point), or
            one over the length of a step in time (entry dynamics).
    """

    system: System
    u: Unknowns
    v: Values
    curvature: Array

    def __post_init__(self) -> None:
        s, v = self.system, self.v
        self.column = {
            "trade": s.trade[..., None], "cost": s.cost[..., None], "scale": s.scale[..., None], "market": s.market[..., None],
            "sender": v.sender[..., None], "competition": v.competition[..., None], "demand": v.demand[..., None],
            "access": np.where(s.produced, v.access, 1.0)[..., None], "home": s.home[..., None], "paid": v.paid[..., None],
            "foreign_access": v.foreign_access[..., None], "foreign_competition": v.foreign_competition[..., None],
            "spending": np.where(s.bought, v.spending, 1.0)[..., None], "bought": s.bought[..., None],
        }  # fmt: skip
        self.free = s.scale[:, 0] > 0
        self.exports = eq.exports(v.sender, v.foreign_access)
        self.imports = eq.imports(v.demand, v.foreign_competition, v.tariff_revenue)
        self.received, self.given = transfers_received(v)
        self.share_of_payments = s.factor_share * v.paid / v.factor_income[:, None]

    # -- entry -----------------------------------------------------------------------------------------------------------

    @cached_property
    def patterns(self) -> tuple[Array, Array]:
        """Shares of an exporter's sales by market, and of a market's spending by exporter [free sector, exporter, importer]."""
        s, v, c, f = self.system, self.v, self.column, self.free
        sales = s.net_foreign[f] * v.demand[f][:, None, :]
        share = s.foreign[f] * (1.0 / v.competition[f])[:, None, :]
        diagonal = np.arange(s.home.shape[1])
        sales[:, diagonal, diagonal] = s.home[f] * v.demand[f]
        share[:, diagonal, diagonal] = s.home[f] / v.competition[f]
        sales /= c["access"][f]
        share *= c["sender"][f]
        return sales, share

    @cached_property
    def diagonal(self) -> Array:
        """What stands on the diagonal of the entry equations beside the effect through markets [sector, country]; one for cells that do
        not move.
        """
        return np.where(self.still, 1.0, (1 - self.system.scale) + self.curvature)

    @cached_property
    def still(self) -> Array:
        """Cells without an entry equation [sector, country]."""
        return ~self.system.produced

    @cached_property
    def entry_inverse(self) -> Array:
        """Inverse of ∂(−ln q + multiplier)/∂ ln Ŝ at given costs and spending [free sector, country, country]."""
        sales, share = self.patterns
        s, f = self.system, self.free
        matrix = np.matmul(sales, share.transpose(0, 2, 1))
        matrix *= s.scale[f][..., None]
        diagonal = np.arange(matrix.shape[1])
        matrix[:, diagonal, diagonal] += self.diagonal[f]
        return np.linalg.inv(matrix)

    def entry(self, pull: Array) -> Array:
        """d ln Ŝ that answers `pull`, the change in ln q at given entry plus what the step asks for [sector, country, column]."""
        out = np.zeros(pull.shape)
        if self.free.any() and pull.any():
            out[self.free] = np.matmul(self.entry_inverse, pull[self.free])
            out[self.still] = 0.0
        return out

    # -- the equations in differences --------------------------------------------------------------------------------------

    def unit_cost(self, d_wage: Array, d_price: Array) -> Array:
        """d ln ĉ [sector, country, column]."""
        out = (
            np.einsum("fsc,fcb->scb", self.system.factor_share, d_wage)
            if len(d_wage) > 1
            else self.system.factor_share[0][..., None] * d_wage[0]
        )
        if self.system.input_share is not None:
            out = out + np.matmul(self.system.input_share, d_price.transpose(1, 0, 2)).transpose(1, 0, 2)
        return np.asarray(out)

    def competition(self, d_sender: Array) -> tuple[Array, Array]:
        """d of foreign competition, and d ln Φ [sector, country, column]."""
        s, c = self.system, self.column
        moved = c["sender"] * d_sender
        foreign = np.matmul(s.foreign.transpose(0, 2, 1), moved)
        return foreign, (foreign + c["home"] * moved) / c["competition"]

    def access(self, d_demand: Array) -> tuple[Array, Array]:
        """d of foreign access, and d ln access [sector, country, column]."""
        c = self.column
        moved = c["demand"] * d_demand
        foreign = np.matmul(self.system.net_foreign, moved)
        return foreign, (foreign + c["home"] * moved) / c["access"]

    def pull(self, d_cost: Array, d_spending: Array) -> Array:
        """d ln q at given entry: what higher cost and spending do to profits per entrant [sector, country, column]."""
        c = self.column
        if not self.free.any():
            return np.zeros((*self.system.home.shape, d_cost.shape[2]))
        _, d_competition = self.competition(-c["cost"] * d_cost)
        _, d_access = self.access(d_spending - d_competition)
        return np.asarray(d_access - (c["cost"] + 1) * d_cost)

    def rows(
        self, d_wage: Array, d_cost: Array, d_price: Array, d_spending: Array, d_entry: Array, push: Array | float = 0.0
    ) -> tuple[Array, Array, Array, Array]:
        """d of `Rows` and, last, d ln access; all with a trailing column axis. `push` is a change of ln sender from outside."""
        s, v, c = self.system, self.v, self.column
        d_sender = c["scale"] * d_entry - c["cost"] * d_cost + push
        d_foreign_competition, d_competition = self.competition(d_sender)
        d_demand = d_spending - d_competition
        d_foreign_access, d_access = self.access(d_demand)
        d_paid = c["paid"] * np.where(c["scale"] > 0, d_entry + d_cost, d_sender + d_access)
        d_factor = v.factor_income[..., None] * d_wage
        d_revenue = self.revenue(d_sender, d_demand)
        d_transfer = self.transfer(d_factor.sum(axis=0))
        d_income = d_factor.sum(axis=0) + d_revenue + d_transfer
        d_wanted = s.final_share[..., None] * d_income
        if s.input_share is not None:
            d_wanted = d_wanted + np.matmul(s.input_share.transpose(0, 2, 1), d_paid.transpose(1, 0, 2)).transpose(1, 0, 2)
        market = np.empty(d_wage.shape)
        for f in range(len(market) - 1):
            payments = (s.factor_share[f][..., None] * d_paid).sum(axis=0) / v.factor_income[f][:, None]
            market[f] = payments - self.share_of_payments[f].sum(axis=0)[:, None] * d_wage[f]
        market[-1] = self.balance(d_sender, d_demand, d_foreign_access, d_foreign_competition, d_revenue, d_transfer)
        market += d_factor.sum(axis=(0, 1)) / s.endowed.sum()
        price = d_price + (d_competition / c["trade"] + c["market"] * d_spending) * c["bought"]
        spending = d_spending - d_wanted / c["spending"] * c["bought"]
        return market, price, spending, d_access

    def revenue(self, d_sender: Array, d_demand: Array) -> Array:
        """d of tariff revenue [country, column]."""
        c = self.column
        if self.system.taxed is None:
            return np.zeros(d_demand.shape[1:])
        moved = np.matmul(self.system.taxed.transpose(0, 2, 1), c["sender"] * d_sender)
        return np.asarray((c["demand"] * (d_demand * self.v.taxed_weight[..., None] + moved)).sum(axis=0))

    def transfer(self, d_own: Array) -> Array:
        """d of transfers [country, column] from d of own factor income."""
        s, own = self.system, self.v.factor_income.sum(axis=0)
        if s.rule != "own_share":
            return np.zeros(d_own.shape)
        ratio = s.transfer / s.benchmark_income
        mean = (ratio * own).sum() / own.sum()
        d_mean = ((ratio[:, None] - mean) * d_own).sum(axis=0) / own.sum()
        return np.asarray(d_own * (ratio - mean)[:, None] - own[:, None] * d_mean)

    def balance(self, d_sender: Array, d_demand: Array, d_fa: Array, d_fc: Array, d_revenue: Array, d_transfer: Array) -> Array:
        """d of the log trade balance [country, column]."""
        c = self.column
        d_exports = (c["sender"] * (c["foreign_access"] * d_sender + d_fa)).sum(axis=0)
        d_imports = (c["demand"] * (c["foreign_competition"] * d_demand + d_fc)).sum(axis=0) - d_revenue
        receives = (self.v.transfer > 0)[:, None]
        up = (d_exports + np.where(receives, d_transfer, 0.0)) / (self.exports + self.received)[:, None]
        down = (d_imports - np.where(receives, 0.0, d_transfer)) / (self.imports + self.given)[:, None]
        return np.asarray(up - down)


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
    by_cost = (own.competition_cost / s.trade * s.bought).T[..., None]
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
    block[:, row, row + sectors] = ((own.competition_spending / s.trade + s.market) * s.bought).T
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
    sender_cost, sender_spending = np.broadcast_to(-s.cost, s.home.shape).copy(), np.zeros(s.home.shape)
    competition_cost, competition_spending = -s.cost * home_share, np.zeros(s.home.shape)
    paid_cost, paid_spending = -s.cost * (1 - crowding), home_sales.copy()
    if lin.free.any():
        f = lin.free
        sales, share = lin.patterns
        inverse = lin.entry_inverse
        d, k = s.scale[f], s.cost[f]
        still = lin.diagonal[f]
        diagonal = np.diagonal(inverse, axis1=1, axis2=2)
        # d ln Ŝ = inverse·[−(cost + 1) dc + sales·(dx + cost·share' dc)], and sales·share' = (inverse⁻¹ − still)/scale
        entry_cost = -(k + 1) * diagonal + k * (1 - diagonal * still) / d
        entry_spending = np.einsum("sij,sji->si", inverse, sales)
        share_inverse = np.einsum("sin,sin->sn", share, inverse)
        by_cost = -(k + 1) * share_inverse + k * (home_share[f] - share_inverse * still) / d
        by_spending = np.einsum("sin,sin->sn", share, np.matmul(inverse, sales))
        sender_cost[f], sender_spending[f] = d * entry_cost - k, d * entry_spending
        competition_cost[f], competition_spending[f] = d * by_cost - k * home_share[f], d * by_spending
        paid_cost[f], paid_spending[f] = entry_cost + 1, entry_spending
    foreign_access = np.where(v.foreign_access > 0, v.foreign_access, 1.0)
    exports = 1 - abroad * access / foreign_access
    return Own(sender_cost, sender_spending, competition_cost, competition_spending, paid_cost, paid_spending, exports)
