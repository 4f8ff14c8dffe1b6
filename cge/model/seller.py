"""The seller's side of trade: the exponents of a flow's weight on the exporter's own variables, and all that follows from them."""

from __future__ import annotations

from typing import NamedTuple

from cge.data.arrays import Array, Values


class Seller(NamedTuple):
    """Exponents of a seller's weight, summed by variable of the exporter [sector, 1] (`cge.model.exponents.SELLER` says which make them up).

    The weight is log-linear in these variables, so that one function serves logs, changes of logs and derivatives alike.

    Attributes:
        entry: on Ŝ; unit_cost: on ĉ; spending: on X̂, what the exporter's own market spends.
    """

    entry: Array
    unit_cost: Array
    spending: Array

    def log_weight(self, log_entry: Values, log_unit_cost: Values, log_spending: Values) -> Values:
        """ln of the weight from the logs of the variables [sector, country, …], or its change from theirs."""
        return self.entry * log_entry + self.unit_cost * log_unit_cost + self.spending * log_spending

    def owed(self, weight: Array) -> Seller:
        """Derivatives by ln of each variable, from those by ln of the weight: the transpose of `log_weight`."""
        return Seller(*(exponent * weight for exponent in self))

    @property
    def per_entrant(self) -> Seller:
        """Exponents of the weight over Ŝ, which stays finite at Ŝ = 0 where scale is one."""
        return self._replace(entry=self.entry - 1)

    @property
    def profit(self) -> Seller:
        """Exponents of revenue per entrant over the cost of entry, R'/(Ŝ ĉ), at given access to markets."""
        return self.per_entrant._replace(unit_cost=self.unit_cost - 1)

    def over(self, trade: Array) -> Seller:
        """What a variable of the seller does to ln of the price in its own market, with the opposite sign, at a given own share."""
        return Seller(*(exponent / trade for exponent in self))

    @property
    def columns(self) -> Seller:
        """For arrays with a trailing axis of columns."""
        return Seller(*(exponent[..., None] for exponent in self))
