"""Satellite accounts: jobs, tonnes of CO2, energy by country and sector, beside the money of a world table."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.choices import MovesWith
from cge.data.countries import hint
from cge.data.csv import Read, read_csv
from cge.data.labels import Mask
from cge.data.text import counted
from cge.errors import DataError, nearest

HEADER = ("country", "sector", "name", "amount", "moves_with")
CELL = ("country", "sector", "name")
"""What a row speaks of, and so no other may."""


@dataclass(frozen=True, eq=False)
class Accounts:
    """Amounts of the year of the data.

    Attributes:
        names: of the accounts, in the order of the table; amount: by what it moves with, those that some row names [name, sector, country], in the
            unit of each account.
    """

    names: tuple[str, ...]
    amount: Mapping[MovesWith, Array]


def read_satellite(path: Path, read: Read = Path.read_bytes) -> pd.DataFrame:
    """Rows of a csv file with the header `country,sector,name,amount,moves_with`, as text; `read` says how its bytes are come by.

    Raises:
        DataError: it cannot be read, or lacks a column.
    """
    return read_csv(path, HEADER, read)[list(HEADER)]


def accounts(
    table: pd.DataFrame,
    countries: Sequence[str],
    sectors: Sequence[str],
    origin: str = "satellite",
    sales: Array | None = None,
    factors: Array | None = None,
) -> Accounts:
    """Satellite accounts on the labels of an economy; a cell without a row has nothing.

    Args:
        table: columns `country, sector, name, amount, moves_with`, one row for each cell; origin: file, for messages.
        sales, factors: what a cell sells, and the part of its cost that factors get [sector, country]; None where that is not known.

    Raises:
        DataError: with every fault, by row: labels that the economy lacks, a cell twice, amounts that are not numbers from zero, no name, another
            `moves_with` than `output` and `employment`; no row at all; an amount that has nothing to move with.
    """
    absent = [column for column in HEADER if column not in table]
    if absent:
        raise DataError(f"{origin}: no column {', '.join(absent)}; the header is {','.join(HEADER)}.")
    table = table.reset_index(drop=True).assign(
        amount=pd.to_numeric(table["amount"], errors="coerce").to_numpy(float), written=table["amount"].to_numpy()
    )
    known = {"country": countries, "sector": sectors}
    faults = list(_faults(table, known))
    found = _on_labels(table[_sound(table, known)] if faults else table, countries, sectors)
    if sales is not None and factors is not None:
        faults += _cell_faults(found, sales, factors, countries, sectors)
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    return found


def _sound(table: pd.DataFrame, known: Mapping[str, Sequence[str]]) -> Mask:
    """Rows that say something of a cell, though another may say something else."""
    labelled = table["country"].isin(list(known["country"])) & table["sector"].isin(list(known["sector"]))
    return np.asarray(labelled & (table["name"] != "") & np.isfinite(table["amount"]) & table["moves_with"].isin(get_args(MovesWith)))


def _on_labels(table: pd.DataFrame, countries: Sequence[str], sectors: Sequence[str]) -> Accounts:
    """Amounts of these rows."""
    names = list(dict.fromkeys(table["name"]))
    at = [
        pd.Index(own).get_indexer(pd.Index(table[column])) for own, column in ((names, "name"), (sectors, "sector"), (countries, "country"))
    ]
    amount: dict[MovesWith, Array] = {}
    for kind in get_args(MovesWith):
        mine = (table["moves_with"] == kind).to_numpy()
        if mine.any():
            amount[kind] = np.zeros((len(names), len(sectors), len(countries)))
            amount[kind][tuple(place[mine] for place in at)] = table["amount"].to_numpy()[mine]
    return Accounts(tuple(names), amount)


def _faults(table: pd.DataFrame, known: Mapping[str, Sequence[str]]) -> Iterable[str]:
    """What is wrong with rows, one sentence for each label, amount or cell."""
    if table.empty:
        yield "has no rows; write one for each country, sector and account."
    for column, labels in known.items():
        lost = table[~table[column].isin(list(labels))]
        for label, rows in lost.groupby(column, sort=False):
            close = (hint if column == "country" else nearest)(str(label), labels)
            yield f"{_rows(rows)}: no {column} {str(label) or '(empty)'} in the economy.{close}"
    nameless = table[table["name"] == ""]
    if len(nameless):
        yield f"{_rows(nameless)}: no name; give the account one, with its unit (CO2 in Mt)."
    amount = table["amount"]
    for row in table.index[~np.isfinite(amount)]:
        yield f"row {row + 2}: amount {str(table['written'][row])!r} is not a number."
    for row in table.index[amount < 0]:
        yield f"row {row + 2}: amount {amount[row]:g} is below zero; what is taken away is an account of its own, under another name."
    for word, rows in table[~table["moves_with"].isin(get_args(MovesWith))].groupby("moves_with", sort=False):
        yield f"{_rows(rows)}: moves_with {str(word) or '(empty)'}; give {' or '.join(get_args(MovesWith))}."
    twice = table[table.duplicated(list(CELL), keep=False)]
    for (country, sector, name), rows in twice.groupby(list(CELL), sort=False):
        yield f"{_rows(rows)}: country={country} sector={sector} name={name} stands there {len(rows)} times; give one amount."


SHOWN = 3
"""Rows that are named."""


def _rows(rows: pd.DataFrame) -> str:
    """Places in the file, the header being the first row."""
    places = [str(row + 2) for row in rows.index[:SHOWN]]
    more = f" and {len(rows) - SHOWN} more" if len(rows) > SHOWN else ""
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(places)}{more}"


def check_cells(found: Accounts, sales: Array, factors: Array, countries: Sequence[str], sectors: Sequence[str]) -> None:
    """Raise `DataError` where an amount of accounts that stand already has nothing to move with.

    Args:
        sales, factors: what a cell sells, and the part of its cost that factors get [sector, country]; only whether they are positive counts.
    """
    faults = [f"satellite: {fault}" for fault in _cell_faults(found, sales, factors, countries, sectors)]
    if faults:
        raise DataError(faults)


def _cell_faults(found: Accounts, sales: Array, factors: Array, countries: Sequence[str], sectors: Sequence[str]) -> Iterable[str]:
    """Amounts that have nothing to move with."""
    exist: dict[MovesWith, Array] = {"output": sales > 0, "employment": (sales > 0) & (factors > 0)}
    for kind, amount in found.amount.items():
        for name, own in zip(found.names, amount, strict=True):
            lost = (own > 0) & ~exist[kind]
            if lost.any():
                s, n = np.argwhere(lost)[0]
                cells = counted(int(lost.sum()), "cell")
                yield (
                    f"{name} moves with {kind} in {cells} that {WITHOUT[kind]} in the economy, first country={countries[n]} "
                    f"sector={sectors[s]} (amount {own[s, n]:g}). {CURE[kind]}"
                )


WITHOUT: dict[MovesWith, str] = {"output": "make nothing", "employment": "pay no factors"}
CURE: dict[MovesWith, str] = {
    "output": "Lay the amount on a sector that sells, or merge the cells (cge aggregate).",
    "employment": "Let it move with output there, or lay it on a sector that pays factors.",
}


def told(found: Accounts) -> list[str]:
    """The accounts in sentences: how much of each in how many cells, and what it moves with."""
    lines = []
    for place, name in enumerate(found.names):
        own = {kind: amount[place] for kind, amount in found.amount.items() if amount[place].any()}
        cells = {kind: counted(int((amount > 0).sum()), "country-sector") for kind, amount in own.items()}
        parts = [f"{own[kind].sum():.6g} in {cells[kind]}, moving with {kind}" for kind in own]
        lines.append(f"Satellite account {name}: {'; '.join(parts) or 'nothing anywhere'}.")
    return lines
