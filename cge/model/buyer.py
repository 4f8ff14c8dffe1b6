"""The buyer's side of trade: what a market spends per unit of weight, and its price index, with their derivatives and transposes.

Whoever solves, linearises or reads a solution asks this record. A demand system that is not log-linear is another record with the same functions.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array, Values
from cge.model import equations as eq


class Buyer(NamedTuple):
    """Constant elasticity of substitution over the weights of sellers.

    Arrays are [sector, country], with a trailing axis of columns where exponents have it (`columns`).

    Attributes:
        trade: trade elasticity; market: elasticity of the price index to the size of the market, with the opposite sign [sector, 1].
    """

    trade: Array
    market: Array

    def demand(self, spending: Values, competition: Values) -> Values:
        """X'/Φ, what a market spends per unit of weight (`cge.model.equations.demand`)."""
        return eq.demand(spending, competition)

    def log_price(self, log_competition: Values, log_spending: Values) -> Values:
        """ln P̂ (`cge.model.equations.log_price_index`)."""
        return eq.log_price_index(log_competition, log_spending, self.trade, self.market)

    def log_competition(self, log_price: Values, log_spending: Values) -> Values:
        """ln Φ at which the price index is this: `log_price` solved for it."""
        return -self.trade * (log_price + self.market * log_spending)

    def d_demand(self, d_competition: Array, d_spending: Array | float) -> Array:
        """d ln demand from d ln Φ and d ln X."""
        return d_spending - d_competition

    def d_log_price(self, d_competition: Array, d_spending: Array | float) -> Array:
        """d ln P̂ from d ln Φ and d ln X."""
        return -d_competition / self.trade - self.market * d_spending

    def owed(self, demand: Array, price: Array) -> tuple[Array, Array]:
        """Derivatives by ln Φ and by ln X, from those by ln demand and ln P̂: the transpose of `d_demand` and `d_log_price`."""
        return -(demand + price / self.trade), demand - self.market * price

    def by_exponent(self, price: Array, log_competition: Array, log_spending: Array) -> dict[str, Array]:
        """Derivatives by the exponents [sector], from those by ln P̂."""
        return {
            "trade": (price * log_competition).sum(axis=1) / self.trade[:, 0] ** 2,
            "market": -(price * log_spending).sum(axis=1),
        }

    @property
    def feels_size(self) -> Array:
        """Whether the size of a market moves its price index, of every scenario [scenario]."""
        return np.asarray(self.market.any(axis=(0, 1)))

    @property
    def columns(self) -> Buyer:
        """For arrays with a trailing axis of columns."""
        return Buyer(*(exponent[..., None] for exponent in self))
