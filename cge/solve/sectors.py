"""What countries do to each other in one sector: a correction of what takes sectors together (`cge.solve.partners`), where workers move.

Where workers move between sectors at a price, what is paid in a sector moves what it costs there, and that what its sellers abroad are paid. The
world has one number in every sector for this: by how much it costs more abroad. Where everybody's cost rises by as much, nobody is paid more or
less, and prices rise with cost: a country answers to what sets its cost apart. Of its supply chain what a sector buys of itself counts here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised
from cge.solve.blocks import single
from cge.solve.borders import Movers
from cge.solve.chains import Chains
from cge.solve.partners import Partners, shares


@dataclass(eq=False)
class Sectors:
    """Near the inverse of the Jacobian of a system with inputs and workers who move, whose entry is given, in single precision.

    Attributes:
        lin: the system linearised; near: near the inverse as well, times columns [row, column], with countries' sectors taken together; chains: what
            undoes its countries' own parts; border: that of `chains`.
        inputs: γ [country, sector, input]; factors: shares of cost [factor, country, sector, 1].
        exported, trade: shares of exporters in a sector's exports [country, sector, 1], and of sectors in all [sector, 1].
        rises: what a cost abroad that is given becomes through the answers of all [sector, 1].
        price, paid: what it does to prices and to what producers pay [country, sector, 1].
    """

    lin: Linearised
    chains: Chains
    near: Callable[[Array], Array]
    border: Movers
    inputs: Array = field(init=False)
    factors: Array = field(init=False)
    exported: Array = field(init=False)
    trade: Array = field(init=False)
    rises: Array = field(init=False)
    price: Array = field(init=False)
    paid: Array = field(init=False)

    def __post_init__(self) -> None:
        s, v, own = self.lin.system, self.lin.v, self.chains.answers
        itself = np.diagonal(self.chains.inputs, axis1=1, axis2=2).T
        through = sum(m.share[..., 0].T for m in self.border.eliminated)  # of cost, to payments
        # by how much cost stays behind that abroad where it is one higher there
        apart = (1 - itself) / (1 + itself * own.price_cost - through * own.paid_cost)
        exports = v.sender * v.foreign_access
        exported, trade = shares(exports), exports.sum(axis=1, keepdims=True)
        self.trade = single(shares(trade.T).T)
        self.rises = single(1 / np.where(trade > 0, (exported * apart).sum(axis=1, keepdims=True), 1.0))
        self.exported, self.price, self.paid = (
            single(part.T[..., None]) for part in (exported, 1 + own.price_cost * apart, -own.paid_cost * apart)
        )
        self.inputs, self.factors = self.chains.inputs, single(s.factor_share.transpose(0, 2, 1)[..., None])

    def __call__(self, columns: Array) -> Array:
        """Times columns [row, column]."""
        table, sectors = self.near(columns).reshape(len(self.inputs), -1, columns.shape[1]), len(self.trade)
        wage, price = table[:, : -2 * sectors], table[:, -2 * sectors : -sectors]
        dearer = self.abroad(self.cost(wage, price))
        price += self.price * dearer
        for m in self.border.eliminated:
            wage[:, m.at] += m.by_paid * self.paid * dearer
        return table.reshape(columns.shape)

    def cost(self, wage: Array, price: Array) -> Array:
        """ln of unit cost [country, sector, column], from prices of markets [country, market, column] and of sectors."""
        out = np.matmul(self.inputs, price)
        for share, own in zip(self.factors, self.lin.system.by_factor(wage.swapaxes(0, 1)), strict=True):
            out += share * (own[:, None] if own.ndim == 2 else own.swapaxes(0, 1))
        return np.asarray(out)

    def abroad(self, cost: Array) -> Array:
        """How much dearer than in all sectors together it is abroad in each, all answers told [sector, column], from cost before they are."""
        dearer = (self.exported * cost).sum(axis=0)
        return np.asarray(self.rises * (dearer - (self.trade * dearer).sum(axis=0)))


def near_inverse(lin: Linearised) -> Callable[[Array], Array]:
    """Near the inverse of the Jacobian of a system with inputs whose entry is given, times columns [row, column], in single precision.

    Sector by sector countries are told of each other only where workers move: else cost answers little to payments, and it saves what it costs.
    """
    chains = Chains(lin)
    partners = Partners(lin, chains)
    return Sectors(lin, chains, partners, chains.border) if isinstance(chains.border, Movers) else partners
