"""Firms with many products in countries that differ: another seller in the same equilibrium of entry, demand and wages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.countries import OneWage, OpenEconomy
from cge.firms.multi_product.industry import draws_faults, joint_cutoff, last_attribute
from cge.firms.multi_product.within import Sums, sums
from cge.firms.open_equilibrium import OpenEquilibrium, open_equilibrium
from cge.firms.origins import Origins
from cge.firms.paying import paying
from cge.firms.primitives import settle
from cge.firms.productivity import Productivity
from cge.firms.selling import Selling


@dataclass(frozen=True, eq=False)
class MultiProductCountries(OneWage):
    """Firms with many products in N countries that differ; matrices have markets in rows and origins in columns, costs are in the origin's labour.

    Attributes:
        ability: G_i, of firms of each country; one alone stands for all. attributes: Z, of products everywhere.
        sigma, labour, entry_cost, iceberg, spending_share, names: as in `OpenEconomy`.
        market_cost: F_ni ≥ 0, per firm of i that sells in n; product_cost: f_ni > 0, per product that it sells there [market, origin].
        last: Λ_ni, attribute of the last product of a firm that just covers its market cost [market, origin].

    Raises:
        DataError: all shapes that do not fit and parameters out of range.
    """

    ability: tuple[Productivity, ...]
    attributes: Productivity
    sigma: float
    labour: Array
    market_cost: Array
    product_cost: Array
    entry_cost: Array
    iceberg: Array
    spending_share: float
    names: tuple[str, ...]
    last: Array

    def __init__(
        self,
        ability: Productivity | Sequence[Productivity],
        attributes: Productivity,
        sigma: float,
        labour: npt.ArrayLike,
        market_cost: npt.ArrayLike,
        product_cost: npt.ArrayLike,
        entry_cost: npt.ArrayLike,
        iceberg: npt.ArrayLike,
        spending_share: float = 1.0,
        names: Sequence[str] = (),
        last: npt.ArrayLike | None = None,
    ) -> None:
        faults = draws_faults((), attributes, sigma)
        try:
            # its checks of shapes, labour, entry and trade costs and ability; a product's cost is a fixed cost per firm there
            same = OpenEconomy(ability, sigma, labour, entry_cost, product_cost, iceberg, spending_share, names)
        except DataError as fault:
            words = (("fixed_cost", "product_cost"), ("productivity", "ability"))
            raise DataError(dict.fromkeys([*(_named(f, words) for f in fault.faults), *faults])) from fault
        market = np.array(market_cost, dtype=float)
        if market.shape != same.iceberg.shape:
            faults.append(
                f"market_cost: shape {market.shape}, but labour has {len(same.labour)} countries: {same.iceberg.shape} (markets in rows)."
            )
        elif not ((market >= 0) & np.isfinite(market)).all():
            faults.append(f"market_cost: {market.min():g} is the lowest, but each must be at least 0 and finite.")
        if not (same.fixed_cost > 0).all():
            faults.append("product_cost: a product costs nothing in some market, but it must cost something, or its number has no bound.")
        if faults:
            raise DataError(faults)
        values = {name: getattr(same, name) for name in ("sigma", "labour", "entry_cost", "iceberg", "spending_share", "names")}
        values |= {"ability": same.productivity, "attributes": attributes, "market_cost": market, "product_cost": same.fixed_cost}
        values["last"] = last_attribute(attributes, same.sigma, market, same.fixed_cost) if last is None else last
        settle(self, values)

    def selling(self, demand: Array, wage: Array) -> Selling:
        """Who sells where at B_n and w_i [country], for profits in a market of w_i [f_ni J_Z(λ*_ni(φ)) − F_ni]."""
        power, n = self.sigma - 1, len(wage)
        home = np.eye(n, dtype=bool)
        slope, cut = self.products(demand, wage)
        cutoff, together = np.divide(cut, self.last, out=np.full_like(cut, np.inf), where=slope > 0), home.copy()
        easier = np.flatnonzero((cutoff < np.diagonal(cutoff)).any(axis=0))
        if len(easier):
            cutoff[:, easier], together[:, easier] = self._jointly(easier, slope, wage, cutoff)
        of = self.within(cut, cutoff)
        step = slope * of.lost_sold
        weight = slope * self.attributes.moment(np.where(cutoff > 0, cut / np.where(cutoff > 0, cutoff, 1.0), np.inf), power)
        weight = np.where(together, weight, 0.0)
        whole = weight.sum(axis=0)
        return Selling(
            cutoff=cutoff,
            survival=of.firms,
            profit=slope * of.sold,
            outlay=(self.market_cost * of.firms + self.product_cost * of.products).sum(axis=0),
            own=(slope * of.marginal_sold + np.where(together, 0.0, step)) / power,
            joint=np.where(together, step, 0.0)[None] / power,
            weight=np.where(whole > 0, weight / np.where(whole > 0, whole, 1.0), home)[None],
            upgrade_cutoff=np.full(n, np.inf),
        )

    def products(self, demand: Array, wage: Array) -> tuple[Array, Array]:
        """Variable profits of a product over (φλ)^(σ−1), and φλ at which it just pays [both market, origin]."""
        power = self.sigma - 1
        slope = demand[:, None] * (self.iceberg * wage) ** -power
        with np.errstate(divide="ignore"):
            return slope, (wage * self.product_cost / slope) ** (1 / power)

    def within(self, cut: Array, cutoff: Array) -> Sums[Array]:
        """An entrant's firms and products [market, origin]."""
        n = len(cut)
        pairs = sums(Origins(self.ability, np.tile(np.arange(n), n)), self.attributes, self.sigma - 1, cut.ravel(), cutoff.ravel())
        return Sums(*(part.reshape(n, n) for part in pairs))

    def _jointly(self, i: npt.NDArray[np.intp], slope: Array, wage: Array, alone: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Cutoffs of firms of some origins where the marginal one decides on home and the markets that it serves together, and which these are
        [both market, origin].
        """
        home = np.eye(len(wage), dtype=bool)[:, i]
        costs = (wage * self.market_cost)[:, i], (wage * self.product_cost)[:, i]
        producer = joint_cutoff(self.attributes, self.sigma, slope[:, i], *costs, home, np.diagonal(alone)[i])
        joint = home | (alone[:, i] < producer)
        return np.where(joint, producer, alone[:, i]), joint

    def autarky(self) -> tuple[Array, Array]:
        """B of every country closed, and an entrant's labour for markets and products there [country]."""
        power, g = self.sigma - 1, Origins(self.ability)
        market, product, last = (np.diagonal(part) for part in (self.market_cost, self.product_cost, self.last))

        def best(demand: Array) -> tuple[Array, Array]:
            cut = (product / demand) ** (1 / power)
            found = sums(g, self.attributes, power, cut, cut / last)
            return market * found.firms + product * found.products, found.sold

        everyone = g.moment(np.zeros_like(self.entry_cost), power) * self.attributes.moment(np.zeros(()), power)
        demand = paying(best, self.entry_cost, (market + product + self.entry_cost) / everyone)
        return demand, best(demand)[0]


def _named(fault: str, words: tuple[tuple[str, str], ...]) -> str:
    for old, new in words:
        fault = fault.replace(old, new)
    return fault


class MultiProductTrade(NamedTuple):
    """The equilibrium of countries that differ.

    Attributes:
        equilibrium: wages, cutoffs of firms, demand, entrants, sellers, flows, price indices, welfare, as of firms with one product.
        product_cutoff: φλ at which a product just pays [market, origin].
        products_per_seller: average share of products that a firm of i sells in n, of those that sell there [market, origin]; NaN where none does.
    """

    equilibrium: OpenEquilibrium
    product_cutoff: Array
    products_per_seller: Array


def multi_product_countries(economy: MultiProductCountries) -> MultiProductTrade:
    """The equilibrium of firms with many products in countries that differ (section 9.1), with corners and an outside good as `open_equilibrium`.

    Raises:
        SolveError: as `open_equilibrium`.
        DataError: an integral that quadrature cannot give to nine digits.
    """
    found = open_equilibrium(economy)
    cut = economy.products(found.demand, found.wage)[1]
    there = economy.within(cut, found.cutoff)
    some = there.firms > 0
    products = np.where(some, there.products / np.where(some, there.firms, 1.0), np.nan)
    return MultiProductTrade(found, cut, products)
