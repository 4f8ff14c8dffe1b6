"""What countries do to each other through trade, the sectors of each taken together: a correction of what undoes every country's own part.

A country's own part holds its partners still. Of what these do to it three numbers are kept here: by how much competition from abroad changes in its
markets, by how much its sellers' access to markets abroad, both partners' means and alike in all sectors; and what the others' factors earn, which
the numeraire holds against its wages. With these three columns a country the Jacobian is inverted by Woodbury's formula, by way of a matrix of three
rows a country.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array
from cge.model.inverse import inverse
from cge.model.linear import Linearised
from cge.model.system import System
from cge.solve.chains import single
from cge.solve.krylov import Layout

NUMBERS = 3
"""That countries feel and give."""


@dataclass(eq=False)
class Partners:
    """Near the inverse of the Jacobian of a system with inputs whose entry is given, in single precision.

    Numbers from abroad are of competition, of access and of incomes, those that a country gives of the weights of its sellers, of the demand of its
    markets, and of its own income.

    Attributes:
        lin: the system linearised; own: near the inverse of its countries' own parts, times columns [row, column].
        felt: what numbers from abroad do to unknowns [country, unknown, number]; given: what unknowns do to numbers given [country, number, unknown].
        passed: numbers from abroad by the numbers that countries would give if they felt nothing [country · number, country · number].
    """

    lin: Linearised
    own: Callable[[Array], Array]
    felt: Array = field(init=False)
    given: Array = field(init=False)
    passed: Array = field(init=False)

    def __post_init__(self) -> None:
        layout, countries = Layout(self.lin.system), self.lin.system.home.shape[1]
        self.felt = single(self.own(layout.pack(*feels(self.lin)))).reshape(countries, -1, NUMBERS)
        self.given = single(layout.pack(*gives(self.lin)).reshape(countries, -1, NUMBERS).transpose(0, 2, 1))
        links = self.links()
        back = np.matmul(links.reshape(-1, countries, NUMBERS).swapaxes(0, 1), np.matmul(self.given, self.felt)).swapaxes(0, 1)
        self.passed = inverse(single(np.eye(len(links)) + back.reshape(links.shape))[None])[0] @ single(links)

    def __call__(self, columns: Array) -> Array:
        """Times columns [row, column]."""
        alone = self.own(columns).reshape(*self.felt.shape[:2], -1)
        return np.asarray(alone - corrected(alone, self.given, self.passed, self.felt)).reshape(columns.shape)

    def backwards(self, columns: Array, own: Callable[[Array], Array]) -> Array:
        """The transpose times columns; `own`: that of what undoes countries' own parts, times columns."""
        table = columns.reshape(*self.felt.shape[:2], -1)
        given, felt = (part.transpose(0, 2, 1) for part in (self.felt, self.given))
        return own((table - corrected(table, given, self.passed.T, felt)).reshape(columns.shape))

    def links(self) -> Array:
        """Numbers from abroad by the numbers that partners give [country · number, country · number].

        What a country's own weights do to its own access through its partners' markets belongs to its own part.
        """
        s, v = self.lin.system, self.lin.v
        flow = np.einsum("sin,si,sn->in", s.net_foreign, v.sender, v.demand)
        imports = v.demand * v.foreign_competition
        competition = shares(flow.T)
        by_competition = (shares(imports.T).T * s.buyer.d_demand(v.foreign_competition / v.competition, 0.0)).sum(axis=0)
        access = shares(flow)
        crowding = np.matmul(access * by_competition, competition)
        np.fill_diagonal(crowding, 0.0)
        out = np.zeros((len(flow), NUMBERS, len(flow), NUMBERS))
        out[:, 0, :, 0], out[:, 1, :, 0], out[:, 1, :, 1], out[:, 2, :, 2] = competition, crowding, access, 1 - np.eye(len(flow))
        return out.reshape(NUMBERS * len(flow), -1)


def corrected(table: Array, given: Array, passed: Array, felt: Array) -> Array:
    """What a table [country, row, column] gives, passed on between countries, and what that does, as it is felt [country, row, column]."""
    numbers = np.matmul(given, table)
    return np.asarray(np.matmul(felt, np.matmul(passed, numbers.reshape(len(passed), -1)).reshape(numbers.shape)))


def feels(lin: Linearised) -> tuple[Array, Array, Array]:
    """What numbers from abroad do to rows: of markets [market, country, number], of prices and spending [sector, country, number]."""
    s, v, c = lin.system, lin.v, lin.column
    competition = v.foreign_competition / v.competition
    demand = s.buyer.d_demand(competition, 0.0)
    access = np.stack([s.home * v.demand * demand, v.foreign_access], axis=-1) / c["access"]
    payments = c["paid"] * access
    price, spending = (np.zeros((*s.home.shape, NUMBERS)) for _ in range(2))
    balance = np.empty((s.home.shape[1], 2))
    balance[:, 0] = -(v.demand * v.foreign_competition * (1 + demand)).sum(axis=0) / (lin.imports + lin.given)
    balance[:, 1] = lin.exports / (lin.exports + lin.received)
    still = np.zeros((*s.endowed.shape, 2))
    market = np.ones((*s.endowed.shape, NUMBERS))
    market[..., :2] = lin.markets.rows(payments, balance, still, still)
    price[..., 0] = -s.buyer.d_log_price(competition, 0.0) * s.bought
    spending[..., :2] = -through_inputs(s, payments) / c["spending"] * c["bought"]
    return market, price, spending


def gives(lin: Linearised) -> tuple[Array, Array, Array]:
    """What unknowns do to numbers given, numbers from abroad held still: factor prices [market, country, number], prices and spending as `feels`."""
    s, v = lin.system, lin.v
    sold, bought = shares((v.sender * v.foreign_access).T).T, shares((v.demand * v.foreign_competition).T).T
    by_competition, by_spending = s.buyer.owed(bought, np.zeros_like(bought))
    owed = s.seller.owed(np.stack([sold, by_competition * s.home * v.sender / v.competition]))
    wage, price, spending = (np.zeros((*shape, NUMBERS)) for shape in (s.endowed.shape, s.home.shape, s.home.shape))
    wage[..., :2] = lin.markets.cost_owed(owed.unit_cost.transpose(1, 2, 0))
    wage[..., 2:] = lin.markets.earned_owed((v.factor_income / s.endowed.sum())[..., None])
    price[..., :2] = through_inputs(s, owed.unit_cost.transpose(1, 2, 0))
    spending[..., :2] = owed.spending.transpose(1, 2, 0)
    spending[..., 1] += by_spending
    return wage, price, spending


def through_inputs(system: System, producers: Array) -> Array:
    """Σ_s γ_nsk · producers_sn [input, country, number], from [sector, country, number]."""
    assert system.input_share is not None
    return np.asarray(np.matmul(system.input_share.transpose(0, 2, 1), producers.transpose(1, 0, 2)).transpose(1, 0, 2))


def shares(table: Array) -> Array:
    """Rows over their sums, zero where these are [row, column]."""
    total = table.sum(axis=1, keepdims=True)
    return np.asarray(table / np.where(total > 0, total, 1.0))
