"""What firms of one country sell by market, as moments that a model can be held against (chapter, section 6.4)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError

SALES = (0.05, 0.1, 0.25, 0.75, 0.9, 0.98)
AT_HOME = (0.1, 0.25, 0.5, 0.75, 0.95)
RATIOS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of the data: of sales in a market, of sales at home of its sellers, and of the ratio of both. The median of sales in a market is
not among them, since it gives the scale."""


class FirmData(NamedTuple):
    """Firms of one country, those that sell at home.

    Attributes:
        markets: names, home first. sellers: N_n, of all firms of the country that sell there [market].
        sales: of firms that sell at home; zero where they do not [firm, market]. weight: how many firms each stands for [firm].
    """

    markets: tuple[str, ...]
    sellers: Array
    sales: Array
    weight: Array


class Cuts(NamedTuple):
    """Quantiles of the data by which moments are told: of sales [market, quantile], of home sales and of ratios [foreign market, quantile]; medians
    of sales [market].
    """

    sales: Array
    at_home: Array
    ratios: Array
    median: Array


def firm_data(sales: pd.DataFrame, home: str) -> FirmData:
    """Firms from a table of what they sell.

    Args:
        sales: columns `firm`, `market`, `sales` > 0, and `weight` where rows stand for several firms; a pair at most once.
        home: the market that is their own.

    Raises:
        DataError: a column that is missing, a pair that stands twice, sales that are not positive, fewer than two foreign markets, nobody who sells
            at home; all at once.
    """
    missing = [f"sales: no column {name}." for name in ("firm", "market", "sales") if name not in sales.columns]
    if missing:
        raise DataError(missing)
    faults = []
    sold = sales["sales"].to_numpy(dtype=float)
    bad = ~((sold > 0) & (sold < np.inf))
    if bad.any():
        where = f"{int(bad.sum())} rows are not positive numbers, the first row {int(bad.argmax())}"
        faults.append(f"sales: {where}; leave out markets where nothing is sold.")
    twice = sales.duplicated(["firm", "market"])
    if twice.any():
        first = sales[twice].iloc[0]
        faults.append(f"sales: firm {first['firm']} stands {int(twice.sum()) + 1} times in market {first['market']}; add its sales up.")
    names = [str(name) for name in pd.unique(sales["market"].astype(str))]
    if home not in names:
        faults.append(f"home: nobody sells in {home}; the market of the firms' own country must be among the markets.")
    elif len(names) < 3:
        faults.append(f"market: {len(names) - 1} foreign markets, but at least two are needed to tell the shocks apart.")
    if faults:
        raise DataError(faults)
    markets = [home, *sorted(name for name in names if name != home)]
    wide = sales.assign(market=sales["market"].astype(str)).pivot(index="firm", columns="market", values="sales")[markets].fillna(0.0)
    weight = (
        np.ones(len(wide))
        if "weight" not in sales.columns
        else sales.groupby("firm")["weight"].first().loc[wide.index].to_numpy(dtype=float)
    )
    table = wide.to_numpy(dtype=float)
    at_home = table[:, 0] > 0
    return FirmData(tuple(markets), weight @ (table > 0), table[at_home], weight[at_home])


def quantile(values: Array, weight: Array, at: Array) -> Array:
    """Weighted quantiles: the lowest value below or at which the share lies; shape [quantile] of `at`, values and weights [firm]."""
    order = np.argsort(values)
    upto = np.cumsum(weight[order])
    return np.asarray(values[order][np.minimum(np.searchsorted(upto, at * upto[-1]), len(values) - 1)])


def cuts(data: FirmData) -> Cuts:
    """The quantiles of the data that `moments` uses."""
    home, weight, sales, at_home, ratios, median = data.sales[:, 0], data.weight, [], [], [], []
    for n in range(len(data.markets)):
        there = data.sales[:, n] > 0
        own, w = data.sales[there, n], weight[there]
        sales.append(quantile(own, w, np.array(SALES)))
        median.append(float(quantile(own, w, np.array([0.5]))[0]))
        if n:
            at_home.append(quantile(home[there], w, np.array(AT_HOME)))
            ratios.append(quantile(own / home[there], w, np.array(RATIOS)))
    return Cuts(np.array(sales), np.array(at_home), np.array(ratios), np.array(median))


def moments(data: FirmData, by: Cuts) -> tuple[Array, Array]:
    """Shares of firms, and of how many firms each is a share: both [moment], in the order of `names`."""
    foreign = data.sales[:, 1:] > 0
    sets = np.bincount(foreign @ (1 << np.arange(foreign.shape[1])), weights=data.weight, minlength=1 << foreign.shape[1])
    total, home = data.weight.sum(), data.sales[:, 0]
    shares, counts = [sets[1:] / total], [np.full(len(sets) - 1, total)]
    for n in range(len(data.markets)):
        there = data.sales[:, n] > 0
        own, w = data.sales[there, n], data.weight[there]
        looked_at = [(own, by.sales[n])] + ([(home[there], by.at_home[n - 1]), (own / home[there], by.ratios[n - 1])] if n else [])
        for values, at in looked_at:
            shares.append((w @ (values[:, None] < at)) / max(w.sum(), 1e-300))
            counts.append(np.full(len(at), w.sum()))
    return np.concatenate(shares), np.concatenate(counts)


def names(markets: tuple[str, ...]) -> list[str]:
    """What each of `moments` is, in words."""
    sets = ["+".join(m for k, m in enumerate(markets[1:]) if s >> k & 1) for s in range(1, 1 << (len(markets) - 1))]
    words = [f"sells in {one} alone of foreign markets" if "+" not in one else f"sells in {one}" for one in sets]
    for n, market in enumerate(markets):
        words += [f"{market}: sales below quantile {q:g}" for q in SALES]
        if n:
            words += [f"{market}: sales at home below quantile {q:g}" for q in AT_HOME]
            words += [f"{market}: ratio to sales at home below quantile {q:g}" for q in RATIOS]
    return words


def firm_moments(sales: pd.DataFrame, home: str) -> pd.Series:
    """The moments of a table of firms, shares by name: sets of foreign markets, and by construction the quantiles themselves.

    Args:
        sales: as `firm_data` reads it. home: the firms' own market.

    Raises:
        DataError: as `firm_data`.
    """
    data = firm_data(sales, home)
    return pd.Series(moments(data, cuts(data))[0], index=pd.Index(names(data.markets), name="moment"), name="share")
