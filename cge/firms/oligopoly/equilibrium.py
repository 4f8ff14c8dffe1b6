"""The equilibrium of few firms inside CES, in levels, and what it says of firms, sectors and countries."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.firms.oligopoly.economy import Oligopoly
from cge.firms.oligopoly.world import State, World, by_origin, solve


class OligopolyEquilibrium(NamedTuple):
    """The equilibrium; money in the last country's labour.

    Attributes:
        wage, income, profit, revenue: of countries [country]; revenue of tariffs.
        consumer_price: P_n; welfare: income over it, per head; aggregate_markup: of a country's firms, sales net of tariff over labour [country].
        trade_share: in the market's spending, tariff included [market, origin].
        spending_share, price_index: of sectors; hhi: Herfindahl index Σ s² of all firms that sell; sector_markup: their sales net of tariff over
            labour, all [market, sector].
        share, markup: of firms in their sector and market [market, seller].
    """

    wage: Array
    income: Array
    profit: Array
    revenue: Array
    consumer_price: Array
    welfare: Array
    aggregate_markup: Array
    trade_share: Array
    spending_share: Array
    price_index: Array
    hhi: Array
    sector_markup: Array
    share: Array
    markup: Array


def oligopoly_equilibrium(economy: Oligopoly) -> OligopolyEquilibrium:
    """Shares and mark-ups of all firms, wages and incomes.

    Within a market the shares are unique; that wages are is not proved.

    Raises:
        SolveError: shares of a market are not found, or a labour market fails by more than 1e-9.
    """
    world = world_of(economy)
    return told(world, solve(world), economy.labour)


def world_of(economy: Oligopoly) -> World:
    """The primitives as the system takes them."""
    sellers, n = economy.sellers, len(economy.labour)
    after = (1 + economy.tariff[sellers.sector, :, sellers.origin]).T
    full = after * economy.iceberg[sellers.sector, :, sellers.origin].T * economy.cost
    return World(sellers, np.log(full), after, np.tile(economy.weight, (n, 1)), economy.theta, economy.labour)


def told(world: World, state: State, people: Array) -> OligopolyEquilibrium:
    """What a state says; `people` [country] share the income."""
    sellers, one, income = world.sellers, state.markets, state.income
    sectors = world.weight.shape[1]
    net = state.sales / world.after_tariff
    index = consumer_price(one.log_price, world.weight, world.theta)
    paid = (state.earned + state.work) @ income
    return OligopolyEquilibrium(
        wage=state.wage,
        income=income,
        profit=state.earned @ income,
        revenue=state.revenue * income,
        consumer_price=index,
        welfare=income / (people * index),
        aggregate_markup=paid / (state.work @ income),
        trade_share=by_origin(sellers, state.sales, len(income)).T,
        spending_share=state.spending_share,
        price_index=np.exp(one.log_price),
        hhi=sellers.by_sector(one.share**2, sectors),
        sector_markup=_by_sector(world, net) / _by_sector(world, net / one.markup),
        share=one.share,
        markup=one.markup,
    )


def _by_sector(world: World, values: Array) -> Array:
    """Sums over sellers, of which each already stands for all its firms: [market, seller] becomes [market, sector]."""
    return world.sellers.by_sector(values / world.sellers.firms, world.weight.shape[1])


def consumer_price(log_price: Array, weight: Array, theta: float) -> Array:
    """P_n = (Σ a_s P_ns^(1−θ))^(1/(1−θ)), at θ = 1 the weighted geometric mean [market], from ln P and a [market, sector]."""
    if theta == 1:
        return np.asarray(np.exp((weight * log_price).sum(axis=1)))
    return np.asarray((weight * np.exp((1 - theta) * log_price)).sum(axis=1) ** (1 / (1 - theta)))


def oligopoly_firms(economy: Oligopoly, found: OligopolyEquilibrium) -> pd.DataFrame:
    """One row for each `sector`, `market`, `origin` and `firm` (numbered within its country): `cost` (delivered, tariffs apart), `share` of
    the sector's sales there, `markup`, `price` (what consumers pay), `sales` and `profit` (net of tariff). A firm that cannot sell has an
    infinite cost.
    """
    sellers, world = economy.sellers, world_of(economy)
    number = np.concatenate([np.arange(1, len(own) + 1) for row in economy.firms for own in row]).astype(int)
    cost = np.exp(world.log_cost) / world.after_tariff * found.wage[sellers.origin]
    sales = found.spending_share[:, sellers.sector] * found.income[:, None] * found.share / world.after_tariff
    market, seller = (place.ravel() for place in np.indices(cost.shape))
    names, sectors = np.array(economy.names), np.array(economy.sectors)
    labels = {
        "sector": sectors[sellers.sector[seller]],
        "market": names[market],
        "origin": names[sellers.origin[seller]],
        "firm": number[seller],
    }
    values = {
        "cost": cost,
        "share": found.share,
        "markup": found.markup,
        "price": found.markup * cost * world.after_tariff,
        "sales": sales,
        "profit": sales * (1 - 1 / found.markup),
    }
    return pd.DataFrame(labels | {name: value.ravel() for name, value in values.items()})


def oligopoly_table(economy: Oligopoly, found: OligopolyEquilibrium) -> pd.DataFrame:
    """An equilibrium by `country` (index): `wage`, `income`, `profit`, `revenue`, `consumer_price`, `welfare`, `aggregate_markup` and
    `trade_share` (of home firms in spending).
    """
    words = ("wage", "income", "profit", "revenue", "consumer_price", "welfare", "aggregate_markup")
    values = {word: getattr(found, word) for word in words} | {"trade_share": np.diagonal(found.trade_share)}
    return pd.DataFrame(values, index=pd.Index(economy.names, name="country"))


def oligopoly_sectors(economy: Oligopoly, found: OligopolyEquilibrium) -> pd.DataFrame:
    """One row for each `market` and `sector`: `spending_share`, `price_index`, `hhi` and `markup` (sales net of tariff over labour, all sellers)."""
    market, sector = (place.ravel() for place in np.indices(found.hhi.shape))
    values = {"spending_share": found.spending_share, "price_index": found.price_index, "hhi": found.hhi, "markup": found.sector_markup}
    labels = {"market": np.array(economy.names)[market], "sector": np.array(economy.sectors)[sector]}
    return pd.DataFrame(labels | {name: value.ravel() for name, value in values.items()})
