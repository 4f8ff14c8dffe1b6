"""A table of group shares says who works where: which part of what a sector pays to a factor each group of workers gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.csv import Read, read_csv
from cge.data.economy import Economy
from cge.data.labels import Selection, by_kind, name_tables, select
from cge.errors import DataError, nearest

HEADER = ("country", "group", "sector", "share")
"""Columns of a table; `factor` beside them where an economy has several."""

ROUNDING = 1e-6
"""Shares of a cell may miss one by this much (six digits are published), and are scaled."""


@dataclass(frozen=True, eq=False)
class GroupShares:
    """Groups of workers on the labels of an economy.

    Attributes:
        groups: labels; factor: the place of the factor that each is a part of [group]; part: θ, its part of what a sector pays to that factor [group,
            sector, country].
    """

    groups: tuple[str, ...]
    factor: tuple[int, ...]
    part: Array


def read_group_shares(path: Path, read: Read = Path.read_bytes) -> pd.DataFrame:
    """Rows of a csv file with the header `country,factor,group,sector,share` (`factor` may be left out); shares as they stand, for `group_shares`.

    Raises:
        DataError: the file is not that.
    """
    table = read_csv(path, HEADER, read)
    return table[[*HEADER, *(["factor"] if "factor" in table else [])]]


def group_shares(
    economy: Economy, table: pd.DataFrame, groups: Mapping[str, list[str]] | None = None, origin: str = "group_shares"
) -> GroupShares:
    """Groups of workers on the labels of an economy, in the order in which the table first names them; a factor that it does not name is one group.

    Args:
        table: columns `country, group, sector, share`, and `factor` where the economy has several; country and sector are labels, groups of these or
            patterns (`*` is all). Later rows replace earlier ones where they meet, and no two say the same. In the end the shares of a factor add up
            to one over groups in every cell that pays it something.
        groups: labels of groups of countries or sectors that rows may name; origin: file, for messages.

    Raises:
        DataError: columns missing, unknown labels, a group without a name or with that of another factor, a group of two factors, rows given twice,
            shares that are no numbers from 0 to 1 or do not add up; all at once.
    """
    lacking = [name for name in HEADER if name not in table]
    if lacking:
        raise DataError(f"{origin}: no column {', '.join(lacking)}; found {', '.join(map(str, table.columns))}.")
    faults = _repeated(table)
    owner = _owners(economy, table, faults)
    for place, factor in enumerate(economy.factors):
        if place not in owner.values():
            owner[factor] = place
    part = _filled(economy, table, list(owner), groups or {}, faults)
    value = economy.data["value_added"].transpose("factor", "sector", "country").values
    for place, factor in enumerate(economy.factors):
        mine = np.array([own == place for own in owner.values()])
        if factor in owner and mine.sum() == 1 and factor not in set(table["group"]):
            part[mine] = 1.0
        total = part[mine].sum(axis=0)
        off = (np.abs(total - 1) > ROUNDING) & (value[place] > 0)
        if off.any():
            s, n = np.argwhere(off)[0]
            faults.append(
                f"shares of {factor} add up to {total[s, n]:.6g} at country={economy.countries[n]} sector={economy.sectors[s]} (and in "
                f'{off.sum() - 1} further cells); they must add up to 1 over groups wherever it is paid. "*" as country or sector names all.'
            )
        part[mine] /= np.where(total > 0, total, 1.0)
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    return GroupShares(tuple(owner), tuple(owner.values()), part)


def _repeated(table: pd.DataFrame) -> list[str]:
    """Rows that speak of the same cells in the same words as one above them, of which the last would count unseen."""
    columns = [name for name in table if name != "share"]
    found = table.reset_index(drop=True).groupby(columns, sort=False, dropna=False).indices.values()
    return [f"row {place + 2}: says again what row {rows[0] + 2} says; leave one of them out." for rows in found for place in rows[1:]]


def _owners(economy: Economy, table: pd.DataFrame, faults: list[str]) -> dict[str, int]:
    """The place of the factor that each group is a part of."""
    factors = economy.factors
    for place, group in enumerate(table["group"]):
        if not isinstance(group, str) or group in ("", "*"):
            faults.append(f"row {place + 2}: {group!r} is no name of a group.")
    if "factor" not in table:
        if len(factors) > 1:
            faults.append(f"no column factor, and the economy has several ({', '.join(factors)}); say which each row is about.")
        return dict.fromkeys(table["group"], 0)
    owner: dict[str, int] = {}
    for place, (factor, group) in enumerate(zip(table["factor"], table["group"], strict=True)):
        if factor not in factors:
            faults.append(f"row {place + 2}: no factor {factor} in the economy.{nearest(factor, factors)}")
        elif group in factors and group != factor:
            faults.append(f"row {place + 2}: group {group} of {factor} bears the name of another factor; give it one of its own.")
        elif owner.setdefault(group, factors.index(factor)) != factors.index(factor):
            other = factors[owner[group]]
            faults.append(f"row {place + 2}: group {group} is one of {factor} here and of {other} above; give the two different names.")
    return owner


def _filled(economy: Economy, table: pd.DataFrame, labels: list[str], groups: Mapping[str, list[str]], faults: list[str]) -> Array:
    """Shares [group, sector, country] after all rows in turn; adds to the faults."""
    names = name_tables(by_kind(economy), groups, faults)
    part = np.zeros((len(labels), len(economy.sectors), len(economy.countries)))
    found: dict[tuple[str, str], Selection] = {}

    def chosen(kind: str, entry: str, where: str) -> Selection | None:
        """What an entry selects, looked up where it stands first; one with faults is told in every row."""
        if (kind, entry) not in found and (selection := select(entry, names[kind], where, faults)) is not None:
            found[kind, entry] = selection
        return found.get((kind, entry))

    rows = zip(*(table[column].tolist() for column in HEADER), pd.to_numeric(table["share"], errors="coerce"), strict=True)
    for place, (country, group, sector, value, share) in enumerate(rows):
        where = f"row {place + 2}"
        some, goods = chosen("country", country, where), chosen("sector", sector, where)
        if not 0 <= share <= 1:
            faults.append(f"{where}: share {value!r} is not a number from 0 to 1.")
        elif some is not None and goods is not None and group in labels:
            part[labels.index(group)][np.ix_(goods.mask, some.mask)] = share
    return part
