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
from cge.firms.multi_product.equilibrium import multi_product
from cge.firms.multi_product.industry import MultiProductIndustry, draws_faults, last_attribute
from cge.firms.multi_product.within import Sums, sums
from cge.firms.open_equilibrium import OpenEquilibrium, open_equilibrium
from cge.firms.primitives import settle
from cge.firms.productivity import J, Productivity
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
        values["last"] = _last(attributes, same.sigma, market, same.fixed_cost) if last is None else last
        settle(self, values)

    def selling(self, demand: Array, wage: Array) -> Selling:
        """Who sells where at B_n and w_i [country], for profits in a market of w_i [f_ni J_Z(λ*_ni(φ)) − F_ni]."""
        power, n = self.sigma - 1, len(wage)
        home = np.eye(n, dtype=bool)
        slope = demand[:, None] * (self.iceberg * wage) ** -power
        cut = np.where(slope > 0, wage * self.product_cost / np.where(slope > 0, slope, 1.0), np.inf) ** (1 / power)
        cutoff = cut / self.last
        together = home.copy()
        for i in range(n):
            if (cutoff[:, i] < cutoff[i, i]).any():
                cutoff[:, i], together[:, i] = self._jointly(i, cut[:, i], cutoff[:, i])
        each = [[sums(self.ability[i], self.attributes, power, cut[m, i], cutoff[m, i]) for i in range(n)] for m in range(n)]
        of = {name: np.array([[getattr(entry, name) for entry in row] for row in each]) for name in Sums._fields}
        step = slope * of["lost_sold"]
        weight = slope * self.attributes.moment(np.where(cutoff > 0, cut / np.where(cutoff > 0, cutoff, 1.0), np.inf), power)
        weight = np.where(together, weight, 0.0)
        whole = weight.sum(axis=0)
        return Selling(
            cutoff=cutoff,
            survival=of["firms"],
            profit=slope * of["sold"],
            outlay=(self.market_cost * of["firms"] + self.product_cost * of["products"]).sum(axis=0),
            own=(slope * of["marginal_sold"] + np.where(together, 0.0, step)) / power,
            joint=np.where(together, step, 0.0)[None] / power,
            weight=np.where(whole > 0, weight / np.where(whole > 0, whole, 1.0), home)[None],
            upgrade_cutoff=np.full(n, np.inf),
        )

    def _jointly(self, i: int, cut: Array, alone: Array) -> tuple[Array, npt.NDArray[np.bool_]]:
        """Cutoffs of firms of i where the marginal one decides on home and the markets that it serves together, and which these are [market]."""
        from scipy.optimize import brentq

        foreign = np.arange(len(cut)) != i

        def profit(phi: float) -> float:
            each = self.product_cost[:, i] * J(self.attributes, self.sigma, cut / phi) - self.market_cost[:, i]
            return float(each[i] + np.maximum(each[foreign], 0.0).sum())

        low, high = max(float(alone.min()), 1e-300), float(alone[i])
        producer = float(brentq(profit, low, high, xtol=1e-300, rtol=1e-15)) if profit(low) < 0 < profit(high) else high
        joint = ~foreign | (alone < producer)
        return np.where(joint, producer, alone), joint

    def autarky(self) -> tuple[Array, Array]:
        """B of every country closed, and an entrant's labour for markets and products there [country]."""
        found = []
        for i, g in enumerate(self.ability):
            market, product = float(self.market_cost[i, i]), float(self.product_cost[i, i])
            entry, labour = float(self.entry_cost[i]), float(self.labour[i])
            closed = multi_product(MultiProductIndustry(g, self.attributes, self.sigma, market, product, entry, labour))
            found.append((closed.demand, self.labour[i] / (self.sigma * closed.entrants) - self.entry_cost[i]))
        return tuple(np.array(found).T)


def _named(fault: str, words: tuple[tuple[str, str], ...]) -> str:
    for old, new in words:
        fault = fault.replace(old, new)
    return fault


def _last(attributes: Productivity, sigma: float, market: Array, product: Array) -> Array:
    known: dict[tuple[float, float], float] = {}
    for pair in zip(market.ravel().tolist(), product.ravel().tolist(), strict=True):
        known.setdefault(pair, last_attribute(attributes, sigma, *pair))
    return np.array([known[pair] for pair in zip(market.ravel().tolist(), product.ravel().tolist(), strict=True)]).reshape(market.shape)


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
    found, power = open_equilibrium(economy), economy.sigma - 1
    slope = found.demand[:, None] * (economy.iceberg * found.wage) ** -power
    cut = np.where(slope > 0, found.wage * economy.product_cost / np.where(slope > 0, slope, 1.0), np.inf) ** (1 / power)
    products = np.full(cut.shape, np.nan)
    for m, i in np.argwhere(np.isfinite(found.cutoff)):
        there = sums(economy.ability[i], economy.attributes, power, cut[m, i], found.cutoff[m, i])
        products[m, i] = there.products / there.firms if there.firms else np.nan
    return MultiProductTrade(found, cut, products)
