"""Every country's own part of the Jacobian, undone by following its supply chain for some rounds: cheaper to make than its inverse."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised
from cge.solve.blocks import Answers, own_answers
from cge.solve.krylov import Layout

ROUNDS = 2
"""How often prices go down the supply chain and payments up. A round more saves no step of the methods that this serves."""


@dataclass(eq=False)
class Chains:
    """Near the inverse of `cge.solve.blocks.country_blocks`, without making it, in single precision; what spending does to prices is left out.

    Attributes:
        lin: a system linearised, with inputs; own: its countries' own answers; inputs: γ [country, sector, input].
        through: what factor prices do to prices and spending [sector, country, factor]; corner: inverse of what is left of the factor markets.
    """

    lin: Linearised
    own: Answers = field(init=False)
    inputs: Array = field(init=False)
    through: tuple[Array, Array] = field(init=False)
    corner: Array = field(init=False)

    def __post_init__(self) -> None:
        s = self.lin.system
        self.inputs = np.asarray(s.input_share, np.float32)
        self.own = own = Answers(*(part.astype(np.float32) for part in own_answers(self.lin)))
        direct = s.factor_share.transpose(1, 2, 0).astype(np.float32)  # cost by factor price
        income = own.wanted[..., None] * (s.final_share[..., None] * self.lin.v.factor_income.T).astype(np.float32)
        self.through = self.inside(own.price_cost[..., None] * direct, self.spent(own.paid_cost[..., None] * direct) + income)
        self.corner = np.linalg.inv(own.market_wage - self.markets(*self.through).transpose(1, 0, 2))

    def __call__(self, columns: Array) -> Array:
        """Times columns [row, column]."""
        layout = Layout(self.lin.system)
        market, price, spending = layout.unpack(columns.astype(np.float32))
        price, spending = self.inside(price, spending)
        wage = np.matmul(self.corner, (market - self.markets(price, spending)).transpose(1, 0, 2))
        price, spending = (
            part - np.matmul(through.transpose(1, 0, 2), wage).transpose(1, 0, 2)
            for part, through in zip((price, spending), self.through, strict=True)
        )
        return layout.pack(wage.transpose(1, 0, 2), price, spending)

    def inside(self, price: Array, spending: Array) -> tuple[Array, Array]:
        """Changes of prices and spending that give their rows these values at given factor prices [sector, country, column]."""
        own, wanted = self.own, spending
        found = price
        for _ in range(ROUNDS):
            found = price - own.price_cost[..., None] * self.cost(found)
        wanted = spending = spending - self.spent(own.paid_cost[..., None] * self.cost(found))
        for _ in range(ROUNDS):
            spending = wanted - self.spent(own.paid_spending[..., None] * spending)
        return found, spending

    def cost(self, price: Array) -> Array:
        """d ln ĉ by prices of inputs [sector, country, column]."""
        return np.asarray(np.matmul(self.inputs, price.swapaxes(0, 1)).swapaxes(0, 1))

    def spent(self, paid: Array) -> Array:
        """What payments of producers, money, do to the row of spending [sector, country, column]."""
        uses = np.matmul(self.inputs.transpose(0, 2, 1), paid.swapaxes(0, 1)).swapaxes(0, 1)
        return np.asarray(self.own.wanted[..., None] * uses)

    def markets(self, price: Array, spending: Array) -> Array:
        """What prices and spending do to factor markets [factor, country, column]."""
        own = self.own
        through = [(own.market_cost, self.cost(price)), (own.market_spending, spending)]
        return np.asarray(sum(np.matmul(rows.transpose(2, 0, 1), part.transpose(1, 0, 2)).transpose(1, 0, 2) for rows, part in through))
