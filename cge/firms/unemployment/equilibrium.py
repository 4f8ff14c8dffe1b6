"""Equilibrium of countries with search in two sectors (chapter, section 10; Helpman and Itskhoki 2010)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms import entry
from cge.firms.open_equilibrium import verified
from cge.firms.unemployment.economy import SearchEconomy
from cge.firms.unemployment.sector import sector


class SearchTrade(NamedTuple):
    """The equilibrium; countries [country], pairs [market, origin]; money in the outside good, masses in firms.

    Attributes:
        outside_tightness, tightness: x_0 and x, share of searchers that find work in the outside good and in the differentiated sector.
        wage: b, in the differentiated sector, where a hire costs as much; in the outside good it is ½.
        expected_income: ω, of a worker in either sector.
        demand: B_n, so that operating profits in a market are B_n(τ_ni b_i/φ)^(1−σ).
        cutoff: φ*_ni; infinite where nothing can be sold.
        entrants: M_Ei; sellers: M_ni.
        flow: X_ni, sales; trade_share: in the market's spending. sales: of an origin in all markets.
        searchers: workers in the differentiated sector; share_searchers: of all workers.
        unemployment: share of all workers without work.
        price_index: P_n of the sector; spending: X_n on it; welfare: U_n, per worker.
        entry_gap: share of the entry cost that expected profits would not cover; above zero where nobody enters.
    """

    outside_tightness: Array
    tightness: Array
    wage: Array
    expected_income: Array
    demand: Array
    cutoff: Array
    entrants: Array
    sellers: Array
    flow: Array
    trade_share: Array
    sales: Array
    searchers: Array
    share_searchers: Array
    unemployment: Array
    price_index: Array
    spending: Array
    welfare: Array
    entry_gap: Array


def search_economy_equilibrium(economy: SearchEconomy) -> SearchTrade:
    """The equilibrium of entry and demand, with corners where nobody enters, and the unemployment that the size of the sector makes.

    Searchers get (σ−1)/(2σ−1) of sales, and expect ω: they are that over ω. A country's unemployment is the mean of 1 − x and 1 − x_0, weighted by
    who searches where: an institution makes it through x, trade through the weights alone.

    Raises:
        DataError: a sector that would take all workers of a country or more than its income, so that the outside good is not made or not bought.
        SolveError: the equilibrium was not found, or an equation fails by more than 1e-9.
    """
    firms = sector(economy)
    point, gap = verified(firms)
    demand, mass = np.exp(point.log_demand), entry.entrants(firms, point.entry)
    flow = firms.revenue_per_profit * mass * point.sold.profit
    income, price = firms.income, firms.price_index(demand)
    spending = firms.spending(demand, np.ones_like(demand))[0]
    searchers = (economy.sigma - 1) / firms.revenue_per_profit * flow.sum(axis=0) / income
    _check(economy, searchers, spending)
    share, x, x0 = searchers / economy.labour, economy.tightness, economy.outside_tightness
    return SearchTrade(
        outside_tightness=x0,
        tightness=x,
        wage=economy.hiring_cost,
        expected_income=income,
        demand=demand,
        cutoff=point.sold.cutoff,
        entrants=mass,
        sellers=mass * point.sold.survival,
        flow=flow,
        trade_share=flow / spending[:, None],
        sales=flow.sum(axis=0),
        searchers=searchers,
        share_searchers=share,
        unemployment=share * (1 - x) + (1 - share) * (1 - x0),
        price_index=price,
        spending=spending,
        welfare=economy.preferences.welfare(income, price),
        entry_gap=gap,
    )


def _check(economy: SearchEconomy, searchers: Array, spending: Array) -> None:
    faults = [
        f"The differentiated sector of country {economy.names[k]} would need {searchers[k] / economy.labour[k]:.4g} times its workers, and no "
        "outside good would be left that fixes incomes: lower the sector's share in spending, or raise its search cost or labour."
        for k in np.flatnonzero(~(searchers < economy.labour))
    ]
    income = economy.expected_income * economy.labour
    faults += [
        f"Country {economy.names[k]} would spend {spending[k] / income[k]:.4g} times its income on the differentiated sector: lower the weight of it "
        "in preferences."
        for k in np.flatnonzero(~(spending < income))
    ]
    if faults:
        raise DataError(faults)


def unemployment_table(economy: SearchEconomy, found: SearchTrade) -> pd.DataFrame:
    """An equilibrium by `country` (index): what `SearchTrade` has of countries, `cutoff` and `trade_share` of their own market."""
    home = {name: np.diagonal(getattr(found, name)) for name in ("cutoff", "trade_share")}
    columns = [name for name in found._fields if name not in ("sellers", "flow")]
    table = {name: home.get(name, getattr(found, name)) for name in columns}
    return pd.DataFrame(table, index=pd.Index(economy.names, name="country"))


ALONG = ("unemployment", "share_searchers", "sales", "welfare", "entrants")
"""What `unemployment_along` tells."""


def unemployment_along(economy: SearchEconomy, times: Iterable[float]) -> xr.Dataset:
    """Equilibria under trade costs that are so many times those of the economy.

    Args:
        times: factors on all foreign iceberg costs.

    Returns:
        `unemployment`, `share_searchers`, `sales`, `welfare` and `entrants` [times, country], as in `SearchTrade`.

    Raises:
        DataError: no factor, or one that takes an iceberg cost below one; as `search_economy_equilibrium`.
    """
    factors, home = [float(factor) for factor in times], np.eye(len(economy.labour), dtype=bool)
    if not factors:
        raise DataError("times: there are none; give at least one.")
    found = [search_economy_equilibrium(replace(economy, iceberg=np.where(home, 1.0, factor * economy.iceberg))) for factor in factors]
    arrays = {name: (("times", "country"), np.array([getattr(one, name) for one in found])) for name in ALONG}
    return xr.Dataset(arrays, coords={"times": factors, "country": list(economy.names)})
