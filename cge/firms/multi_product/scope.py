"""What firms of given abilities sell, and the margins on which trade of multi-product firms adjusts."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.multi_product.equilibrium import MultiProduct, in_markets, outlay, scale
from cge.firms.multi_product.industry import MultiProductIndustry
from cge.firms.multi_product.within import Sums


def product_scope(industry: MultiProductIndustry, found: MultiProduct, ability: npt.ArrayLike) -> pd.DataFrame:
    """Firms of given abilities in an equilibrium (section 9.1).

    Attributes may be common to all markets or drawn for each: the equilibrium is the same, but not how many products a firm makes at all, and only
    common ones have the best products sold in most markets.

    Args:
        ability: φ > 0 [firm].

    Returns:
        One row for each ability (index `ability`): `products_home` and `products_abroad` (share of all products, in one market), `products_made`
        (sold anywhere, attributes common to markets) and `products_made_if_drawn` (attributes drawn for each market), `revenue`, `profit`,
        `labour`, `mean_productivity_home` and `mean_productivity_abroad`, φ·E[λ^(σ−1) | λ ≥ λ*]^(1/(σ−1)), NaN where nothing is sold.

    Raises:
        DataError: an ability that is not positive.
    """
    phi = np.atleast_1d(np.asarray(ability, dtype=float))
    if not (phi > 0).all():
        raise DataError("ability: a firm's ability must be positive.")
    i, power, abroad_cost = industry, industry.sigma - 1, max(industry.countries - 1, 0)
    home, home_sold = _products(i, phi, found.cutoff, found.product_cutoff)
    abroad, abroad_sold = _products(i, phi, found.export_cutoff, found.export_product_cutoff)
    exports = np.where(phi >= found.export_cutoff, 1.0, 0.0)
    fixed = np.where(phi >= found.cutoff, i.market_cost, 0.0) + i.product_cost * home
    if abroad_cost:
        fixed = fixed + abroad_cost * (i.export_market_cost * exports + i.export_product_cost * abroad)
    variable = found.demand * phi**power * (home_sold + i.market_access * abroad_sold)
    table = {
        "products_home": home,
        "products_abroad": abroad,
        "products_made": np.maximum(home, abroad),
        "products_made_if_drawn": 1 - (1 - home) * (1 - abroad) ** abroad_cost,
        "revenue": i.sigma * variable,
        "profit": variable - fixed,
        "labour": power * variable + fixed,
        "mean_productivity_home": _mean(phi, home, home_sold, power),
        "mean_productivity_abroad": _mean(phi, abroad, abroad_sold, power),
    }
    return pd.DataFrame(table, index=pd.Index(phi, name="ability"))


def _products(i: MultiProductIndustry, phi: Array, cutoff: float, last: float) -> tuple[Array, Array]:
    """1 − Z(λ*) and ∫_λ* λ^(σ−1) dZ; nothing below the firm's cutoff."""
    there, at = phi >= cutoff, last / phi
    return np.where(there, i.attributes.survival(at), 0.0), np.where(there, i.attributes.moment(at, i.sigma - 1), 0.0)


def _mean(phi: Array, products: Array, sold: Array, power: float) -> Array:
    some = products > 0
    return np.where(some, phi * (sold / np.where(some, products, 1.0)) ** (1 / power), np.nan)


def trade_margins(industry: MultiProductIndustry, found: MultiProduct) -> pd.DataFrame:
    """Elasticities of exports to τ: by how many per cent they change where τ rises by one, and on which margin.

    Under Pareto ability all firms are scaled copies of one another, seen from their cutoff: at given demand the elasticity is −k, all of it
    exporters, whatever attributes are; products per exporter and exports per product move under other distributions only.

    Returns:
        Rows (index `margins`) `given demand`, B and M_E fixed, and `equilibrium`; columns `total`, and what it is the sum of: `exporters`,
        `products_per_exporter`, `exports_per_product`.

    Raises:
        DataError: a closed economy.
    """
    i, power = industry, industry.sigma - 1
    if i.countries == 1:
        raise DataError("countries = 1, but there is no trade in a closed economy.")
    home, abroad = in_markets(i, scale(i), found.demand)
    weight = _foreign_weight(i, found) if found.joint else 1.0
    fall = 1 - found.domestic_share  # B rises with τ by (σ−1)(1−λ) per cent, which moves every cutoff by −(1−λ)
    given = _margins(i, abroad, 1.0, weight, -power)
    product, firm = 1 - fall, weight - fall
    spent = -_lost(i, home, -fall, firm if found.joint else -fall, i.market_cost, i.product_cost)
    spent -= (i.countries - 1) * _lost(i, abroad, product, firm, i.export_market_cost, i.export_product_cost)
    entry = -spent / (i.entry_cost + outlay(i, home, abroad))
    full = _margins(i, abroad, product, firm, power * (fall - 1)) + np.array([entry, entry, 0.0, 0.0])
    columns = ["total", "exporters", "products_per_exporter", "exports_per_product"]
    return pd.DataFrame([given, full], index=pd.Index(["given demand", "equilibrium"], name="margins"), columns=columns)


def _margins(i: MultiProductIndustry, abroad: Sums[float], product: float, firm: float, within: float) -> Array:
    """Total and its three parts, where cutoffs of products and of firms move by so much, and sales of a product by `within`."""
    total = within - (product * abroad.marginal_sold + firm * abroad.lost_sold) / abroad.sold
    exporters = -firm * abroad.lost_firms / abroad.firms
    products = -(product * abroad.marginal_products + firm * abroad.lost_products) / abroad.products
    return np.array([total, exporters, products - exporters, total - products])


def _lost(i: MultiProductIndustry, market: Sums[float], product: float, firm: float, market_cost: float, product_cost: float) -> float:
    """Outlay in a market that falls away where cutoffs move."""
    return market_cost * firm * market.lost_firms + product_cost * (product * market.marginal_products + firm * market.lost_products)


def _foreign_weight(i: MultiProductIndustry, found: MultiProduct) -> float:
    """Foreign markets in the variable profits of the marginal firm: per cent by which its ability must rise for one per cent more of τ."""
    last = np.array([found.product_cutoff, found.export_product_cutoff]) / found.cutoff
    home, abroad = i.attributes.moment(last, i.sigma - 1)
    return float(i.market_access * abroad / (home + i.market_access * abroad))
