"""Firms with the shares that they are seen to have, or that concentration implies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.oligopoly.conduct import CONDUCTS, conduct, elasticity_faults
from cge.firms.oligopoly.economy import competition_faults, for_sectors
from cge.firms.oligopoly.markets import Sellers
from cge.firms.primitives import number, numbers, positive, settle, shape_faults, spread, value_faults

COLUMNS = ("sector", "market", "origin", "firm", "share")
"""Columns of the table of firms; `firms`, how many equal firms a row stands for, may join them."""

ROUNDING = 1e-6
"""Shares of a market may add up to one but for this, and are scaled to it."""


@dataclass(frozen=True, eq=False)
class ObservedOligopoly:
    """Firms with the shares they are seen to have of their sector's sales in each market. Trade balances: incomes follow from shares.

    Attributes:
        firms: one row for each firm and market it sells in: `sector`, `market`, `origin`, `firm` (its label, the same in every market), `share` of
            the sector's spending there, tariff included; and `firms`, how many equal firms of that share the row stands for (one, if left out).
        spending_share: B of sectors in each market's spending [market, sector], rows adding up to one.
        sigma: σ_s [sector], or one number; theta: θ, 1 ≤ θ < σ; tariff: t of the benchmark [sector, market, origin], or as `Oligopoly` takes it.
        conduct: cournot or bertrand.
        names, sectors: in the order of arrays; those of the table in the order in which they come, if empty.

    Raises:
        DataError: columns that are missing, labels that are unknown, rows that stand twice, shares that do not add up, parameters out of range.
    """

    firms: pd.DataFrame
    spending_share: Array
    sigma: Array
    theta: float
    tariff: Array
    conduct: str = "cournot"
    names: tuple[str, ...] = ()
    sectors: tuple[str, ...] = ()

    def __init__(
        self,
        firms: pd.DataFrame,
        spending_share: npt.ArrayLike,
        sigma: npt.ArrayLike,
        theta: float,
        tariff: npt.ArrayLike = 0.0,
        conduct: str = "cournot",
        names: Sequence[str] = (),
        sectors: Sequence[str] = (),
    ) -> None:
        missing = [f"firms: no column {column}; it needs {', '.join(COLUMNS)}." for column in COLUMNS if column not in firms.columns]
        if missing:
            raise DataError(missing)
        table = firms.reset_index(drop=True).assign(**{word: firms[word].astype(str).to_numpy() for word in COLUMNS[:4]})
        table = table if "firms" in table.columns else table.assign(firms=1.0)
        labels = tuple(names) or tuple(dict.fromkeys([*table["market"], *table["origin"]]))
        kinds = tuple(sectors) or tuple(dict.fromkeys(table["sector"]))
        values = {
            "firms": table,
            "spending_share": numbers("spending_share", spending_share),
            "sigma": spread("sigma", sigma, (len(kinds),)),
            "theta": number("theta", theta),
            "tariff": for_sectors("tariff", tariff, len(kinds), len(labels), 0.0),
            "conduct": conduct,
            "names": labels,
            "sectors": kinds,
        }
        settle(self, values, lambda one: [*_shapes(one), *_rows(one)], _values)

    @cached_property
    def sellers(self) -> Sellers:
        """Every firm, or row of equal firms, with its place."""
        firms = self.firms.drop_duplicates(["sector", "origin", "firm"])
        sector, origin = firms["sector"].map(self.sectors.index).to_numpy(), firms["origin"].map(self.names.index).to_numpy()
        theta = np.full(len(firms), self.theta)
        return Sellers(sector, origin, firms["firms"].to_numpy(dtype=float), self.sigma[sector], theta, conduct(self.conduct))

    @cached_property
    def share(self) -> Array:
        """s of each firm [market, seller], scaled so that shares of a market add up to one; zero where it does not sell."""
        keys = pd.MultiIndex.from_frame(self.firms[["sector", "origin", "firm"]])
        seller = keys.unique().get_indexer(keys)
        share = np.zeros((len(self.names), len(self.sellers.sector)))
        share[self.firms["market"].map(self.names.index).to_numpy(), seller] = self.firms["share"].to_numpy(dtype=float)
        return np.asarray(share / self.sellers.by_sector(share, len(self.sectors))[:, self.sellers.sector])


def _shapes(observed: ObservedOligopoly) -> Iterator[str]:
    n, s = len(observed.names), len(observed.sectors)
    shapes = {"spending_share": (n, s), "sigma": (s,), "tariff": (s, n, n)}
    arrays: dict[str, tuple[Array, tuple[int, ...]]] = {name: (getattr(observed, name), shape) for name, shape in shapes.items()}
    yield from shape_faults(arrays, f"there are {n} countries and {s} sectors")


def _rows(observed: ObservedOligopoly) -> Iterator[str]:
    """Faults of single rows of the table, numbered from one."""
    table = observed.firms
    known = {"sector": observed.sectors, "market": observed.names, "origin": observed.names}
    for column, labels in known.items():
        for label in dict.fromkeys(table.loc[~table[column].isin(labels), column]):
            yield f"firms: {column} {label} is not among {', '.join(labels)}."
    rows = ("row", [str(i + 1) for i in range(len(table))])
    share, count = (pd.to_numeric(table[column], errors="coerce").to_numpy(dtype=float) for column in ("share", "firms"))
    yield from value_faults("firms: share", share, (share > 0) & (share <= 1), "above 0 and at most 1", rows)
    yield from positive("firms: firms", count, rows)
    twice = table.duplicated(list(COLUMNS[:4]))
    for at in np.flatnonzero(twice):
        yield f"firms: row {at + 1} stands twice: {' '.join(f'{word}={table[word][at]}' for word in COLUMNS[:4])}."
    several = table.groupby(["sector", "origin", "firm"])["firms"].nunique()
    for sector, origin, firm in several.index[several.to_numpy() > 1]:
        yield f"firms: firm {firm} of sector {sector}, origin {origin} stands for different numbers of firms in different markets."


def _values(observed: ObservedOligopoly) -> Iterator[str]:
    o, market, sector = observed, ("market", observed.names), ("sector", observed.sectors)
    if o.conduct not in CONDUCTS:
        yield f"conduct: there is no {o.conduct!r}; known: {', '.join(CONDUCTS)}."
    yield from elasticity_faults(o.sigma, np.array(o.theta))
    yield from positive("spending_share", o.spending_share, market, sector)
    total = o.spending_share.sum(axis=1)
    yield from value_faults("spending_share: the sum", total, np.isclose(total, 1, rtol=ROUNDING), "1", market)
    pair = (sector, ("market", o.names), ("origin", o.names))
    yield from value_faults("tariff", o.tariff, np.isfinite(o.tariff) & (o.tariff > -1), "above -1 and finite", *pair)
    yield from value_faults("tariff", o.tariff, ~np.eye(len(o.names), dtype=bool) | (o.tariff == 0), "0 at home", *pair)
    places = o.firms["market"].map(o.names.index).to_numpy(), o.firms["sector"].map(o.sectors.index).to_numpy()
    shares, count = np.zeros(o.spending_share.shape), np.zeros(o.spending_share.shape)
    np.add.at(shares, places, o.firms["share"].to_numpy(dtype=float) * o.firms["firms"].to_numpy(dtype=float))
    np.add.at(count, places, o.firms["firms"].to_numpy(dtype=float))
    seen = count > 0
    yield from value_faults("firms: the sum of shares", shares, ~seen | (np.abs(shares - 1) <= ROUNDING), "1", market, sector)
    yield from competition_faults(count, o.theta, o.names, o.sectors)
    for name in o.names:
        if name not in set(o.firms["origin"]):
            yield f"firms: country {name} has no firm in any sector, and its labour no use."


def equal_firms(trade_share: npt.ArrayLike, hhi: npt.ArrayLike, names: Sequence[str], sectors: Sequence[str]) -> pd.DataFrame:
    """A table of firms for `ObservedOligopoly` where only concentration is known: 1/H equal firms in each sector and country.

    H is the Herfindahl index of a country's own firms among themselves; 1/H, not a whole number as a rule, is how many equal firms have it. Each
    has the same part of its country's share in every market. What firms differ in beyond that is lost, and with it how their mark-ups differ.

    Args:
        trade_share: of origins in the spending of each market on each sector [sector, market, origin].
        hhi: H in (0, 1] [sector, origin]; no matter where the country sells nothing of the sector.

    Returns:
        Columns `sector`, `market`, `origin`, `firm` ("equal firms"), `share` (of one of them) and `firms` (1/H).

    Raises:
        DataError: shapes that do not fit, shares or indices out of range.
    """
    share, index, n, s = numbers("trade_share", trade_share), numbers("hhi", hhi), len(names), len(sectors)
    faults = list(shape_faults({"trade_share": (share, (s, n, n)), "hhi": (index, (s, n))}, f"there are {s} sectors and {n} countries"))
    if not faults:
        sector, country = ("sector", sectors), ("origin", names)
        faults += value_faults("trade_share", share, (share >= 0) & (share <= 1), "between 0 and 1", sector, ("market", names), country)
        sells = share.sum(axis=1) > 0
        faults += value_faults("hhi", index, ~sells | ((index > 0) & (index <= 1)), "above 0 and at most 1", sector, country)
    if faults:
        raise DataError(faults)
    kind, market, origin = np.nonzero(share)
    return pd.DataFrame({
        "sector": np.array(sectors)[kind],
        "market": np.array(names)[market],
        "origin": np.array(names)[origin],
        "firm": "equal firms",
        "share": share[kind, market, origin] * index[kind, origin],
        "firms": 1 / index[kind, origin],
    })  # fmt: skip
