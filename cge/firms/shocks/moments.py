"""What firms of one country sell by market, as moments that a model can be held against (chapter, section 6.4)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError, nearest

SALES = (0.05, 0.1, 0.25, 0.75, 0.9, 0.98)
AT_HOME = (0.1, 0.25, 0.5, 0.75, 0.95)
RATIOS = (0.1, 0.25, 0.5, 0.75, 0.9)
"""Quantiles of the data: of sales in a market, of sales at home of its sellers, and of the ratio of both. The median of sales in a market is
not among them, since it gives the scale."""


MOST = 12
"""Foreign markets whose sets are told apart; there are two to this power."""


class FirmData(NamedTuple):
    """Firms of one country that sell anywhere.

    Attributes:
        markets: names, home first.
        sales: zero where a firm does not sell [firm, market]. weight: how many firms each stands for [firm].
    """

    markets: tuple[str, ...]
    sales: Array
    weight: Array

    @property
    def sellers(self) -> Array:
        """N_n, also of firms that do not sell at home [market]: counting home sellers alone would bias everything."""
        return np.asarray(self.weight @ (self.sales > 0))


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
        sales: columns `firm`, `market`, `sales` > 0, and `weight` > 0 where rows stand for several firms, the same in all rows of a firm; a pair at
            most once. Firms that do not sell at home belong there too.
        home: the market that is their own.

    Raises:
        DataError: a column that is missing, an empty cell, a pair that stands twice, sales or weights that are not positive numbers, fewer than two
            foreign markets or more than twelve, a market in which no firm sells that sells at home, nobody who sells at home; all at once.
    """
    missing = [f"sales: no column {name}." for name in ("firm", "market", "sales") if name not in sales.columns]
    if missing:
        raise DataError(missing)
    faults = []
    for name in ("sales", "weight") if "weight" in sales.columns else ("sales",):
        number = pd.to_numeric(sales[name], errors="coerce").to_numpy(dtype=float)
        bad = ~((number > 0) & (number < np.inf))
        if bad.any():
            where = (
                f"{int(bad.sum())} rows are not positive numbers, the first row {int(bad.argmax())} ({sales[name].iloc[int(bad.argmax())]})"
            )
            faults.append(f"{name}: {where}; leave out markets where nothing is sold.")
    for name in ("firm", "market"):
        if (empty := sales[name].isna()).any():
            faults.append(f"{name}: {int(empty.sum())} rows are empty, the first row {int(empty.to_numpy().argmax())}.")
    market = sales["market"].astype(str)
    twice = pd.DataFrame({"firm": sales["firm"], "market": market}).duplicated()
    if twice.any():
        first = (sales["firm"] == sales[twice]["firm"].iloc[0]) & (market == market[twice].iloc[0])
        more = "" if twice.sum() < first.sum() else f", and {int(twice.sum() - first.sum() + 1)} more rows are such"
        faults.append(
            f"sales: firm {sales[twice]['firm'].iloc[0]} stands {int(first.sum())} times in market {market[twice].iloc[0]}{more}; add its sales up."
        )
    if "weight" in sales.columns and (uneven := sales.groupby("firm")["weight"].nunique() > 1).any():
        faults.append(f"weight: firm {uneven.index[uneven][0]} has several; it must be the same in all its rows.")
    names = [str(name) for name in pd.unique(market)]
    foreign = sorted(name for name in names if name != home)
    if home not in names:
        faults.append(
            f"home: nobody sells in {home}; the market of the firms' own country must be among the markets.{nearest(home, names)}"
        )
    else:
        apart = set(market[sales["firm"].isin(sales["firm"][market == home])])
        faults += [f"market: no firm sells both in {name} and in {home}; leave {name} out." for name in foreign if name not in apart]
    if not 2 <= len(foreign) <= MOST:
        reason = (
            "at least two are needed to tell the shocks apart"
            if len(foreign) < 2
            else f"sets of at most {MOST} are told apart; choose some"
        )
        faults.append(f"market: {len(foreign)} foreign markets, but {reason}.")
    if faults:
        raise DataError(faults)
    markets = [home, *foreign]
    wide = sales.assign(market=market).pivot(index="firm", columns="market", values="sales")[markets].fillna(0.0)
    first = sales.groupby("firm")["weight"].first().loc[wide.index] if "weight" in sales.columns else np.ones(len(wide))
    return FirmData(tuple(markets), wide.to_numpy(dtype=float), np.asarray(first, dtype=float))


def quantile(values: Array, weight: Array, at: Array) -> Array:
    """Weighted quantiles: the lowest value below or at which the share lies; shape [quantile] of `at`, values and weights [firm]."""
    order = np.argsort(values)
    upto = np.cumsum(weight[order])
    return np.asarray(values[order][np.minimum(np.searchsorted(upto, at * upto[-1]), len(values) - 1)])


def cuts(data: FirmData) -> Cuts:
    """The quantiles of the data that `moments` uses."""
    sales, at_home, ratios, median = [], [], [], []
    for n, (own, home, weight) in enumerate(_at_home(data)):
        sales.append(quantile(own, weight, np.array(SALES)))
        median.append(float(quantile(own, weight, np.array([0.5]))[0]))
        if n:
            at_home.append(quantile(home, weight, np.array(AT_HOME)))
            ratios.append(quantile(own / home, weight, np.array(RATIOS)))
    return Cuts(np.array(sales), np.array(at_home), np.array(ratios), np.array(median))


def moments(data: FirmData, by: Cuts) -> tuple[Array, Array]:
    """Shares of firms that sell at home, and of how many firms each is a share: both [moment], in the order of `names`."""
    here = data.sales[:, 0] > 0
    foreign, weight = data.sales[here, 1:] > 0, data.weight[here]
    sets = np.bincount(foreign @ (1 << np.arange(foreign.shape[1])), weights=weight, minlength=1 << foreign.shape[1])
    shares, counts = [sets[1:] / weight.sum()], [np.full(len(sets) - 1, weight.sum())]
    for n, (own, home, w) in enumerate(_at_home(data)):
        looked_at = [(own, by.sales[n])] + ([(home, by.at_home[n - 1]), (own / home, by.ratios[n - 1])] if n else [])
        for values, at in looked_at:
            shares.append((w @ (values[:, None] < at)) / w.sum())
            counts.append(np.full(len(at), w.sum()))
    return np.concatenate(shares), np.concatenate(counts)


def _at_home(data: FirmData) -> Iterator[tuple[Array, Array, Array]]:
    """Market by market, of firms that sell there and at home: sales there, sales at home, weights [firm]."""
    home = data.sales[:, 0]
    for own in data.sales.T:
        there = (own > 0) & (home > 0)
        yield own[there], home[there], data.weight[there]


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
