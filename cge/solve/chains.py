"""Every country's own part of the Jacobian, undone by following its supply chain for some rounds: cheaper to make than its inverse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array
from cge.model.inverse import inverse
from cge.model.linear import Linearised
from cge.solve.blocks import own_answers, spent_of_payments
from cge.solve.borders import Border, border

ROUNDS = 2
"""How often prices go down the supply chain and payments up. A round more saves no step of the methods that this serves."""


@dataclass(eq=False)
class Chains:
    """Near the inverse of `cge.solve.blocks.country_blocks`, without making it, in single precision; what spending does to prices is left out.

    Everything is country by country, as vectors of rows are (`cge.solve.krylov.Layout`).

    Attributes:
        lin: a system linearised, with inputs; inputs: γ [country, sector, input]; outlays: of those who get payments [country,
            sector, producer]. border: what closes the country beside prices and spending.
        price_cost, paid_cost, paid_spending: its countries' own answers (`Border.answers`) [country, sector, 1]; wanted and paid, too, in
            units of a country's spending, since money may leave the range of single precision.
        by_cost, by_spending: of the border's equations [country, unknown, sector].
        through: what the border's unknowns do to prices and spending [country, sector, unknown]; corner: inverse of what is left of its equations.
    """

    lin: Linearised
    border: Border = field(init=False)
    inputs: Array = field(init=False)
    outlays: Array = field(init=False)
    price_cost: Array = field(init=False)
    paid_cost: Array = field(init=False)
    paid_spending: Array = field(init=False)
    wanted: Array = field(init=False)
    paid: Array = field(init=False)
    by_cost: Array = field(init=False)
    by_spending: Array = field(init=False)
    through: tuple[Array, Array, Array] = field(init=False)
    corner: Array = field(init=False)

    def __post_init__(self) -> None:
        s = self.lin.system
        self.border = closed = border(self.lin, own_answers(self.lin))
        own = closed.answers
        self.inputs, self.outlays = single(s.input_share), single(spent_of_payments(s))
        for name in ("price_cost", "paid_cost", "paid_spending"):
            setattr(self, name, single(getattr(own, name).T[..., None]))
        self.by_cost, self.by_spending = single(closed.by_cost), single(closed.by_spending)
        size = self.lin.v.spending.sum(axis=0)
        self.wanted, self.paid = single((own.wanted * size).T[..., None]), single((self.lin.v.paid / size).T[..., None])
        earned = single((own.wanted * s.final_share).T[..., None] * (s.endowed.sum() * closed.earned)[:, None])
        self.through = self.inside(np.zeros_like(earned), -earned, single(closed.cost))
        _, cost, spending = self.through
        # small, and singular first in single precision
        self.corner = single(inverse(closed.own + self.equations(cost, spending)))

    def __call__(self, columns: Array) -> Array:
        """Times columns [row, column]."""
        sectors = len(self.lin.system.home)
        table = single(columns).reshape(len(self.inputs), -1, columns.shape[1])
        markets, price, spending = np.split(table, (table.shape[1] - 2 * sectors, table.shape[1] - sectors), axis=1)
        parts = self.inside(price, spending, self.border.beside(markets))
        closing = np.matmul(self.corner, self.border.right(markets) - self.equations(*parts[1:]))
        price, cost, spending = (part + np.matmul(through, closing) for part, through in zip(parts, self.through, strict=True))
        return np.concatenate([self.border.prices(closing, markets, cost, spending), price, spending], axis=1).reshape(columns.shape)

    def inside(self, price: Array, spending: Array, beside: Array | float) -> tuple[Array, Array, Array]:
        """Changes of prices, of cost, and of spending, by values of their rows and by what else moves cost [country, sector, column]."""
        found = price - self.price_cost * beside
        cost = np.matmul(self.inputs, found) + beside
        for _ in range(ROUNDS):
            found = price - self.price_cost * cost
            cost = np.matmul(self.inputs, found) + beside
        wanted = spending = spending - self.spent(self.paid_cost * cost)
        for _ in range(ROUNDS):
            spending = wanted - self.spent(self.paid_spending * spending)
        return found, cost, spending

    def spent(self, paid: Array) -> Array:
        """What payments of producers, relative, do to the row of spending [country, sector, column]."""
        return np.asarray(self.wanted * np.matmul(self.outlays, self.paid * paid))

    def equations(self, cost: Array, spending: Array) -> Array:
        """What cost and spending do to the equations of the border [country, unknown, column]."""
        return np.asarray(np.matmul(self.by_cost, cost) + np.matmul(self.by_spending, spending))


def single(array: Array | None) -> Array:
    """In single precision, in one piece [dims as they are]."""
    return np.ascontiguousarray(array, np.float32)
