"""Countries alike whose firms choose products and markets: one equation in the demand level (chapter, section 9.1)."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.multi_product.industry import MultiProductIndustry, joint_cutoff, last_attribute
from cge.firms.multi_product.within import Sums, sums
from cge.firms.origins import Origins
from cge.firms.paying import paying
from cge.firms.productivity import tail_moment
from cge.firms.symmetric import TOLERANCE, price_level


class MultiProduct(NamedTuple):
    """The equilibrium of firms with many products, the same in every country; money in labour, masses in firms or in firms' products.

    Attributes:
        cutoff, export_cutoff: φ* and φ*_X, lowest ability that sells at home and abroad; infinite in a closed economy.
        attribute_cutoff_marginal, attribute_cutoff_marginal_exporter: Λ, attribute of the last product of the firm at the cutoff; NaN where there is
            no such firm.
        product_cutoff, export_product_cutoff: φλ at which a product just pays.
        saturation_ability: ability from which all products are sold at home; infinite where attributes have no lower bound.
        demand: B, so that a product earns B(φλ)^(σ−1) − f at home.
        entrants: M_E; firms: M, that sell at home; exporters_per_firm.
        products_per_firm, products_per_exporter: average share of the products there are that a firm sells at home, an exporter in a foreign market.
        varieties_per_product: firms, home and foreign, that offer a product in a country.
        domestic_share: λ, own goods in spending.
        average_exports_per_product: sales of an exporter's product in a foreign market.
        price_index: P; welfare: U = 1/P, per worker.
        joint: whether the marginal firm decides on home and foreign markets together, exporting being easier than selling at home.
    """

    cutoff: float
    export_cutoff: float
    attribute_cutoff_marginal: float
    attribute_cutoff_marginal_exporter: float
    product_cutoff: float
    export_product_cutoff: float
    saturation_ability: float
    demand: float
    entrants: float
    firms: float
    exporters_per_firm: float
    products_per_firm: float
    products_per_exporter: float
    varieties_per_product: float
    domestic_share: float
    average_exports_per_product: float
    price_index: float
    welfare: float
    joint: bool


class Scale(NamedTuple):
    """Cutoffs in units of B^(−1/(σ−1)), which are parameters: of ability (`firm`, `exporter`), of a product's productivity (`product`, `export`)."""

    firm: float
    exporter: float
    product: float
    export: float
    joint: bool


def scale(industry: MultiProductIndustry) -> Scale:
    """Where profits of a firm from each market are zero, f J_Z(λ*(φ)) = F, or from all together where exporting is easier than selling at home."""
    i, power = industry, industry.sigma - 1
    product = i.product_cost ** (1 / power)
    if i.countries == 1:
        firm = product / float(last_attribute(i.attributes, i.sigma, i.market_cost, i.product_cost))
        return Scale(firm, math.inf, product, math.inf, False)
    export = i.iceberg * i.export_product_cost ** (1 / power)
    market_cost, product_cost = np.array([i.market_cost, i.export_market_cost]), np.array([i.product_cost, i.export_product_cost])
    firm, exporter = (np.array([product, export]) / last_attribute(i.attributes, i.sigma, market_cost, product_cost)).tolist()
    if exporter > firm or firm == 0:
        return Scale(firm, exporter, product, export, False)
    number, slope, home = np.array([[1.0], [i.countries - 1]]), np.array([[1.0], [i.market_access]]), np.array([[True], [False]])
    costs = number * market_cost[:, None], number * product_cost[:, None]
    both = float(joint_cutoff(i.attributes, i.sigma, slope, *costs, home, np.array([firm]))[0])
    return Scale(both, both, product, export, True)


def in_markets(industry: MultiProductIndustry, at: Scale, demand: float) -> tuple[Sums[float], Sums[float]]:
    """An entrant's firms and products at home and in a foreign market, at B."""
    unit, power = demand ** (-1 / (industry.sigma - 1)), industry.sigma - 1
    last, cutoff = np.array([at.product, at.export]) * unit, np.array([at.firm, at.exporter]) * unit
    both = sums(Origins([industry.ability, industry.ability]), industry.attributes, power, last, cutoff)
    home, abroad = (Sums(*(float(part[row]) for part in both)) for row in (0, 1))
    return home, abroad


def outlay(industry: MultiProductIndustry, home: Sums[float], abroad: Sums[float]) -> float:
    """O, labour of an entrant for markets and products."""
    spent = industry.market_cost * home.firms + industry.product_cost * home.products
    if industry.countries > 1:
        each = industry.export_market_cost * abroad.firms + industry.export_product_cost * abroad.products
        spent += (industry.countries - 1) * each
    return spent


def demand_of(industry: MultiProductIndustry, at: Scale) -> float:
    """B at which expected profits of an entrant are f_E."""
    i = industry

    def best(demand: Array) -> tuple[Array, Array]:
        home, abroad = in_markets(i, at, float(demand))
        return np.asarray(outlay(i, home, abroad)), np.asarray(home.sold + i.market_access * abroad.sold)

    everyone = (1 + i.market_access) * tail_moment(i.ability, i.sigma, 0.0) * tail_moment(i.attributes, i.sigma, 0.0)
    all_costs = i.market_cost + i.product_cost + i.entry_cost
    if i.countries > 1:
        all_costs += (i.countries - 1) * (i.export_market_cost + i.export_product_cost)
    return float(paying(best, np.asarray(i.entry_cost), all_costs / everyone))


def multi_product(industry: MultiProductIndustry) -> MultiProduct:
    """The equilibrium of N countries alike, or of a closed economy, whose firms choose their products in each market (section 9.1).

    A firm sells the products with λ ≥ λ*(φ) = (f/B)^(1/(σ−1))/φ, abroad λ*_X(φ) = τ(f_X/B)^(1/(σ−1))/φ, and earns f J_Z(λ*(φ)) − F at home, so that
    the attribute of the marginal firm's last product, J_Z(Λ) = F/f, and all cutoffs in units of B^(−1/(σ−1)) are parameters. Free entry gives B;
    entrants employ all labour, M_E = L/(σ(f_E + O)), with O an entrant's outlay for markets and products.

    Raises:
        SolveError: expected profits do not equal the entry cost.
        DataError: an integral that quadrature cannot give to nine digits.
    """
    at = scale(industry)
    demand = demand_of(industry, at)
    home, abroad = in_markets(industry, at, demand)
    spent, access, sigma = outlay(industry, home, abroad), industry.market_access, industry.sigma
    market = home.sold + access * abroad.sold
    gap = abs(demand * market - spent - industry.entry_cost) / (industry.entry_cost + spent)
    if not gap <= TOLERANCE:
        raise SolveError(Outcome("not_converged", f"Free entry of multi-product firms fails by {gap:.1g} of fixed outlays."))
    entrants = industry.labour / (sigma * (industry.entry_cost + spent))
    unit, price = demand ** (-1 / (sigma - 1)), price_level(sigma, demand, industry.labour)
    exports = sigma * demand * industry.iceberg ** (1 - sigma) * abroad.sold if abroad.products else math.nan
    lowest = industry.attributes.lower
    return MultiProduct(
        cutoff=at.firm * unit,
        export_cutoff=at.exporter * unit,
        attribute_cutoff_marginal=at.product / at.firm if at.firm else math.nan,
        attribute_cutoff_marginal_exporter=at.export / at.exporter if 0 < at.exporter < math.inf else math.nan,
        product_cutoff=at.product * unit,
        export_product_cutoff=at.export * unit,
        saturation_ability=at.product * unit / lowest if lowest else math.inf,
        demand=demand,
        entrants=entrants,
        firms=entrants * home.firms,
        exporters_per_firm=abroad.firms / home.firms,
        products_per_firm=home.products / home.firms,
        products_per_exporter=abroad.products / abroad.firms if abroad.firms else math.nan,
        varieties_per_product=entrants * (home.products + (industry.countries - 1) * abroad.products),
        domestic_share=home.sold / market,
        average_exports_per_product=exports / abroad.products if abroad.products else math.nan,
        price_index=price,
        welfare=1 / price,
        joint=at.joint,
    )
