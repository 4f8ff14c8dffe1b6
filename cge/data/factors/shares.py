"""A table of factor shares splits the value added of an economy of one factor into factors (skilled and unskilled labour, labour and capital)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import Array
from cge.data.csv import Read, read_csv
from cge.data.economy import Economy
from cge.data.labels import by_kind, name_tables, select
from cge.data.variables import DIMS
from cge.errors import DataError

HEADER = ("country", "sector", "factor", "share")
ROUNDING = 1e-6
"""Shares of a cell may miss one by this much (six digits are published), and are scaled."""


def read_shares(path: Path, read: Read = Path.read_bytes) -> pd.DataFrame:
    """Rows of a csv file with the header `country,sector,factor,share`, shares as numbers; `read` says how its bytes are come by.

    Raises:
        DataError: the file is not that, with row and column.
    """
    table = read_csv(path, HEADER, read)
    share = pd.to_numeric(table["share"], errors="coerce")
    bad = ~(share >= 0) | ~np.isfinite(share)
    faults = [f"row {row + 2}: share {table['share'][row]!r} is not a number from 0 to 1." for row in table.index[bad | (share > 1)]]
    faults += [f"row {row + 2}: no factor." for row in table.index[table["factor"] == ""]]
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    return table[list(HEADER)].assign(share=share.astype(float))


def with_factors(economy: Economy, shares: pd.DataFrame, groups: Mapping[str, list[str]] | None = None, origin: str = "shares") -> Economy:
    """The economy with value added split among factors, in the order in which the table first names them.

    Args:
        economy: of one factor. shares: columns `country, sector, factor, share`; country and sector are labels, groups or patterns
            (`*` is all), the share is of value added of a cell, from 0 to 1. Later rows replace earlier ones where they meet, factor by
            factor; in the end the shares of every cell with value added must add up to one.
        groups: labels of groups that rows may name; origin: file, for messages.

    Raises:
        DataError: the economy has several factors; unknown labels; shares that do not add up; a factor that some country has nothing of.
    """
    if len(economy.factors) > 1:
        raise DataError(
            f"{origin}: {economy.origin} has the factors {', '.join(economy.factors)} already; a table of shares splits an economy of one."
        )
    factors = list(dict.fromkeys(shares["factor"]))
    share, faults = _filled(economy, shares, factors, groups or {})
    value = economy.data["value_added"].values[:, :, 0]
    total = share.sum(axis=2)
    off = (np.abs(total - 1) > ROUNDING) & (value > 0)
    if not faults and off.any():
        n, s = np.argwhere(off)[0]
        faults.append(
            f"shares add up to {total[n, s]:.6g} at country={economy.countries[n]} sector={economy.sectors[s]} (and in {off.sum() - 1} further "
            'cells); they must add up to 1 wherever there is value added. "*" as country or sector names all.'
        )
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    added = value[:, :, None] * share / np.where(total > 0, total, 1.0)[:, :, None]
    unpaid = added.sum(axis=1) <= 0
    if unpaid.any():
        n, f = np.argwhere(unpaid)[0]
        raise DataError(f"{origin}: nothing is paid to {factors[f]} in {economy.countries[n]}; every country needs some of every factor.")
    labels = {"country": economy.countries, "sector": economy.sectors, "factor": factors}
    array = xr.DataArray(added, labels, DIMS["value_added"])
    attrs = {**economy.data.attrs, "factors": f"value added split by {origin}"}
    return replace(economy, data=economy.data.drop_dims("factor").assign(value_added=array).assign_attrs(attrs))


def _filled(economy: Economy, shares: pd.DataFrame, factors: list[str], groups: Mapping[str, list[str]]) -> tuple[Array, list[str]]:
    """Shares [country, sector, factor] after all rows in turn, and the faults of the rows."""
    faults: list[str] = []
    names = name_tables(by_kind(economy), groups, faults)
    share = np.zeros((len(economy.countries), len(economy.sectors), len(factors)))
    rows = zip(*(shares[column].tolist() for column in HEADER), strict=True)
    for place, (country, sector, factor, value) in enumerate(rows):
        where = f"row {place + 2}"
        sellers, goods = select(country, names["country"], where, faults), select(sector, names["sector"], where, faults)
        if sellers is not None and goods is not None:
            share[np.ix_(sellers.mask, goods.mask, np.arange(len(factors)) == factors.index(factor))] = value
    return share, faults
