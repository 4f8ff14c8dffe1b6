"""Every country's own part of the Jacobian, undone by following its supply chain for some rounds: cheaper to make than its inverse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array
from cge.model.inverse import inverse
from cge.model.linear import Linearised
from cge.solve.blocks import own_answers, spent_of_payments

ROUNDS = 2
"""How often prices go down the supply chain and payments up. A round more saves no step of the methods that this serves."""


@dataclass(eq=False)
class Chains:
    """Near the inverse of `cge.solve.blocks.country_blocks`, without making it, in single precision; what spending does to prices is left out.

    Everything is country by country, as vectors of rows are (`cge.solve.krylov.Layout`).

    Attributes:
        lin: a system linearised, with inputs; inputs: γ [country, sector, input]; outlays: of those who get payments [country,
            sector, producer].
        price_cost, paid_cost, paid_spending: its countries' own answers (`cge.solve.blocks.Answers`) [country, sector, 1]; wanted and paid, too, in
            units of a country's spending, since money may leave the range of single precision.
        market_cost, market_spending: those of factor markets [country, market, sector].
        through: what factor prices do to prices and spending [country, sector, market]; corner: inverse of what is left of the factor markets.
    """

    lin: Linearised
    inputs: Array = field(init=False)
    outlays: Array = field(init=False)
    price_cost: Array = field(init=False)
    paid_cost: Array = field(init=False)
    paid_spending: Array = field(init=False)
    wanted: Array = field(init=False)
    paid: Array = field(init=False)
    market_cost: Array = field(init=False)
    market_spending: Array = field(init=False)
    through: tuple[Array, Array] = field(init=False)
    corner: Array = field(init=False)

    def __post_init__(self) -> None:
        s, own = self.lin.system, own_answers(self.lin)
        self.inputs, self.outlays = single(s.input_share), single(spent_of_payments(s))
        for name in ("price_cost", "paid_cost", "paid_spending"):
            setattr(self, name, single(getattr(own, name).T[..., None]))
        self.market_cost, self.market_spending = (single(part.transpose(2, 0, 1)) for part in (own.market_cost, own.market_spending))
        direct = single(s.price_share.transpose(2, 1, 0))  # cost by factor price
        size = self.lin.v.spending.sum(axis=0)
        self.wanted, self.paid = single((own.wanted * size).T[..., None]), single((self.lin.v.paid / size).T[..., None])
        price, cost, spending = self.inside(self.price_cost * direct, self.spent(self.paid_cost * direct) + single(own.earned))
        self.through = price, spending
        self.corner = single(inverse(own.market_wage - self.markets(cost, spending)))  # small, and singular first in single precision

    def __call__(self, columns: Array) -> Array:
        """Times columns [row, column]."""
        factors, sectors = self.market_cost.shape[1:]
        table = single(columns).reshape(len(self.inputs), -1, columns.shape[1])
        price, cost, spending = self.inside(table[:, factors : factors + sectors], table[:, factors + sectors :])
        wage = np.matmul(self.corner, table[:, :factors] - self.markets(cost, spending))
        parts = (part - np.matmul(through, wage) for part, through in zip((price, spending), self.through, strict=True))
        return np.concatenate([wage, *parts], axis=1).reshape(columns.shape)

    def inside(self, price: Array, spending: Array) -> tuple[Array, Array, Array]:
        """Changes of prices, of what inputs cost, and of spending, by values of their rows at given factor prices [country, sector, column]."""
        found, cost = price, np.matmul(self.inputs, price)
        for _ in range(ROUNDS):
            found = price - self.price_cost * cost
            cost = np.matmul(self.inputs, found)
        wanted = spending = spending - self.spent(self.paid_cost * cost)
        for _ in range(ROUNDS):
            spending = wanted - self.spent(self.paid_spending * spending)
        return found, cost, spending

    def spent(self, paid: Array) -> Array:
        """What payments of producers, relative, do to the row of spending [country, sector, column]."""
        return np.asarray(self.wanted * np.matmul(self.outlays, self.paid * paid))

    def markets(self, cost: Array, spending: Array) -> Array:
        """What costs of inputs and spending do to factor markets [country, market, column]."""
        return np.asarray(np.matmul(self.market_cost, cost) + np.matmul(self.market_spending, spending))


def single(array: Array | None) -> Array:
    """In single precision, in one piece [dims as they are]."""
    return np.ascontiguousarray(array, np.float32)
