"""An equilibrium under quadratic demand as tables: countries, and pairs of market and origin (chapter, section 8)."""

from __future__ import annotations

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.firms.quadratic.conditions import flows
from cge.firms.quadratic.economy import QuadraticEconomy
from cge.firms.quadratic.equilibrium import QuadraticEquilibrium

COLUMNS = {
    "cutoff": "c_D, choke price at home and highest cost that sells there, numeraire",
    "entrants": "N_E, mass of firms that paid to enter",
    "producers": "mass of firms that sell at home",
    "survival": "producers over entrants; NaN where nobody enters",
    "sellers": "N, mass of varieties on sale, home and foreign",
    "average_cost": "of varieties on sale, delivered, tariffs included, numeraire",
    "average_price": "p̄ of varieties on sale, what consumers pay",
    "price_variance": "σ_p² of these prices over varieties, not weighted by sales",
    "average_markup": "of varieties on sale, producer's price less delivered cost, tariffs apart",
    "relative_markup": "of varieties on sale, mean of producer's price over delivered cost; infinite where low costs have too thick a tail (k ≤ 1)",
    "aggregate_markup": "sales net of tariff over variable cost, of all varieties on sale",
    "average_output": "units sold in all markets, per producer",
    "average_revenue": "sales net of tariff in all markets, per producer, numeraire",
    "average_profit": "variable profits in all markets, per producer, numeraire",
    "consumer_surplus": "per head",
    "profit_income": "profits less the entry cost, per head; zero in the long run",
    "revenue_income": "tariff revenue per head",
    "income": "per head",
    "welfare": "U per head, income and consumer surplus",
    "spending_share": "of the sector in income",
    "sector_labour": "workers, entry included",
    "outside_labour": "workers in the outside good",
    "wage": "w, one where the outside good is made",
    "free_entry_gap": "share of the entry cost that expected profits do not cover",
}
"""Columns of `quadratic_table`: what each holds, and its unit."""


def quadratic_table(economy: QuadraticEconomy, found: QuadraticEquilibrium) -> pd.DataFrame:
    """An equilibrium by `country` (index); columns and units in `COLUMNS`. Averages are over varieties, NaN where there are none."""
    e, sold, mass = economy, found.selling, found.entrants
    made = flows(e, sold)
    sellers, producers = sold.varieties @ mass, mass * np.diagonal(sold.firms)
    room = (found.cutoff[:, None] - sold.room) * sold.varieties  # the specific tariff, per entrant
    below, square = _over(sold.margin @ mass, sellers), _over(sold.square @ mass, sellers)
    total = {"output": e.labour @ made.quantity, "revenue": made.revenue.sum(axis=0), "profit": made.profit.sum(axis=0)}
    values = {
        "cutoff": found.cutoff,
        "entrants": mass,
        "producers": producers,
        "survival": _over(producers, mass),
        "sellers": sellers,
        "average_cost": found.cutoff - below - _over(room @ mass, sellers),
        "average_price": found.cutoff - below / 2,
        "price_variance": (square - below**2) / 4,
        "average_markup": _over((sold.margin / (2 * e.after_tariff)) @ mass, sellers),
        "relative_markup": _over((np.where(mass > 0, _relative_markups(e, found), 0.0) * mass).sum(axis=1), sellers),
        "aggregate_markup": _over(made.revenue @ mass, made.cost @ mass),
        **{f"average_{name}": _over(mass * value, producers) for name, value in total.items()},
        "consumer_surplus": found.consumer_surplus,
        "profit_income": found.profit_income,
        "revenue_income": found.revenue_income,
        "income": found.income,
        "welfare": found.welfare,
        "spending_share": found.spending / found.income,
        "sector_labour": found.sector_labour,
        "outside_labour": found.outside_labour,
        "wage": found.wage,
        "free_entry_gap": found.free_entry_gap,
    }
    return pd.DataFrame(values, index=pd.Index(e.names, name="country"), columns=list(COLUMNS))


def quadratic_flows(economy: QuadraticEconomy, found: QuadraticEquilibrium) -> pd.DataFrame:
    """Every flow.

    Returns:
        One row for each `market` and `origin`: `cutoff` (c_X, labour per unit), `firms` and `varieties` (masses that sell), `products_per_firm`
        (NaN where nobody sells), `trade_share` (in the market's spending on the sector), `spending` (what consumers pay), `flow` (net of tariffs)
        and `tariff_revenue`, all money in the numeraire.
    """
    e, sold, mass = economy, found.selling, found.entrants
    made = flows(e, sold)
    flow = made.revenue * mass
    revenue = e.tariff * flow + e.specific_tariff * made.quantity * mass * e.labour[:, None]
    spending = flow + revenue
    market, origin = (place.ravel() for place in np.indices(flow.shape))
    names = np.array(e.names)
    values = {
        "cutoff": sold.cutoff,
        "firms": mass * sold.firms,
        "varieties": mass * sold.varieties,
        "products_per_firm": _over(sold.varieties, sold.firms),
        "trade_share": _over(spending, spending.sum(axis=1, keepdims=True)),
        "spending": spending,
        "flow": flow,
        "tariff_revenue": revenue,
    }
    return pd.DataFrame({"market": names[market], "origin": names[origin]} | {name: value.ravel() for name, value in values.items()})


def _relative_markups(economy: QuadraticEconomy, found: QuadraticEquilibrium) -> Array:
    """∫(d + a c)/(2 a c) dG = (M0 + x ∫φ dG)/2 per entrant [market, origin], over the products of a ladder."""
    result = found.selling.varieties / 2
    for i, g in enumerate(economy.productivity):
        if not g.tail_index > 1:
            result[:, i] = np.where(found.selling.varieties[:, i] > 0, np.inf, 0.0)
            continue
        x, sells = found.selling.cutoff[:, i].copy(), found.selling.firms[:, i] > 0
        while sells.any():
            result[:, i] += np.where(sells, x * g.moment(np.where(sells, 1 / np.where(sells, x, 1.0), np.inf), 1.0) / 2, 0.0)
            if economy.ladder is None:
                break
            x *= economy.ladder[i]
            sells = sells & (g.survival(1 / np.where(sells, x, 1.0)) > 1e-17 * found.selling.varieties[:, i])
    return result


def _over(part: Array, whole: Array) -> Array:
    """part/whole, NaN where there is nothing."""
    return np.asarray(np.where(whole > 0, part / np.where(whole > 0, whole, 1.0), np.nan))
