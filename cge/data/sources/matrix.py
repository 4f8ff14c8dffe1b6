"""From a published matrix, its numbers and the labels of its rows and columns, to a `Table`; every fault names row and column."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.data.sources.final_uses import SIGNED, of_kind
from cge.data.sources.table import Table
from cge.errors import DataError

Label = tuple[str, str]
"""Country and sector of a row; country and sector or final use of a column."""

SHOWN = 10
"""Faults of one kind that are listed before the rest is counted."""

COMMAS = ": write decimal points and nothing between thousands; a csv may have decimal commas where semicolons separate its fields."

SHOWN_OF_A_CELL = 40
"""Letters of a cell that are shown."""


def numbers(cells: Sequence[Sequence[object]], name: Callable[[int, int], str]) -> tuple[Array, list[str]]:
    """Cells of a sheet [row, column] as numbers, and a fault for each that is empty, text or not finite.

    Args:
        name: a cell in words, from its row and column within `cells`.
    """
    width = max(map(len, cells), default=0)
    values = np.full((len(cells), width), np.nan)
    faults = []
    for row, line in enumerate(cells):
        if len(line) == width and set(map(type, line)) <= {float, int}:
            values[row] = line
            bad = np.flatnonzero(~np.isfinite(values[row]))
        else:
            bad = np.array([k for k, cell in enumerate(line) if type(cell) not in (float, int)] + list(range(len(line), width)), dtype=int)
            values[row, : len(line)] = [cell if type(cell) in (float, int) else np.nan for cell in line]
        faults += [f"{name(row, k)} {wrong(line[k] if k < len(line) else None)}" for k in bad.tolist()]
    return values, short(faults)


def frame_numbers(frame: pd.DataFrame, name: Callable[[int, int], str]) -> tuple[Array, list[str]]:
    """The same [row, column] for a table that pandas read, where an empty cell is NaN and text keeps its column from being numbers."""
    numeric = [pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind) for kind in frame.dtypes]
    if all(numeric):
        values = frame.to_numpy(dtype=np.float64)
    else:
        values = np.empty(frame.shape)
        for place, number in enumerate(numeric):
            column = frame.iloc[:, place]
            values[:, place] = column if number else pd.to_numeric(column.astype("object").where(column.notna(), None), errors="coerce")
    faults = []
    for row, place in np.argwhere(~np.isfinite(values)).tolist():
        cell: Any = frame.iat[row, place]
        faults.append(f"{name(row, place)} {wrong(None if pd.isna(cell) else cell)}")
    return values, short(faults)


def wrong(cell: object) -> str:
    """What is wrong with a cell that is no number, as it follows its name."""
    if cell is None or cell == "" or (isinstance(cell, str) and not cell.strip()):
        return "is empty. A missing value is not a zero: fill it on purpose, or fetch the file again."
    shown = repr(cell if len(cell) <= SHOWN_OF_A_CELL else f"{cell[:SHOWN_OF_A_CELL]}…") if isinstance(cell, str) else str(cell)
    if isinstance(cell, str) and re.fullmatch(r"[+-]?\d+(,\d+)+(\.\d*)?", cell.strip()):
        return f"holds {shown}, which is not a finite number{COMMAS}"
    return f"holds {shown}, which is not a finite number."


def short(faults: Sequence[str]) -> list[str]:
    """The first faults of a kind and the number of the others."""
    rest = len(faults) - SHOWN
    return [*faults[:SHOWN], *([f"and {rest:,} more of this kind."] if rest > 0 else [])]


def as_labels(cells: Iterable[object]) -> list[str]:
    """Labels as they are called: without blanks around them, and whole where all of them are numbers that were stored with decimals (10111.0)."""
    text = ["" if pd.isna(cell) else str(cell).strip() for cell in cells]  # type: ignore[call-overload]
    whole = [re.fullmatch(r"(\d+)\.0", label) for label in text]
    return [found[1] for found in whole if found] if all(whole) else text


def merged(values: Array, labels: Sequence[Hashable]) -> tuple[Array, list[Any]]:
    """Rows of `values` [row, …] summed where they bear the same label, in the order of first appearance."""
    kept = list(dict.fromkeys(labels))
    if len(kept) == len(labels):
        return values, kept
    place = {label: k for k, label in enumerate(kept)}
    summed = np.zeros((len(kept), *values.shape[1:]))
    for row, label in zip(values, labels, strict=True):
        summed[place[label]] += row
    return summed, kept


def assemble(
    values: Array,
    rows: Sequence[Label],
    columns: Sequence[Label],
    origin: str,
    uses: Sequence[str] | None = None,
    below: Mapping[str, Array] | None = None,
    output: Array | None = None,
    **facts: Any,
) -> Table:
    """A `Table` from a matrix whose rows and columns are labelled.

    Args:
        values: sales [row, column]. rows: country and sector that sell. columns: country and the sector or final use that buys.
        origin: the file, for messages. uses: final uses that the source has; anything else in a column must be a sector.
        below: rows of value added, taxes and the like [column]; output: gross output [row]. facts: further attributes of `Table`; which uses
            may be negative is known by what they are called (`final_uses`).

    Raises:
        DataError: with every label that is repeated, or stands in rows but not in columns, or the other way round.
    """
    countries, sectors = list(dict.fromkeys(c for c, _ in rows)), list(dict.fromkeys(s for _, s in rows))
    final = list(dict.fromkeys(use for _, use in columns if use not in sectors and (uses is None or use in uses)))
    faults = [*repeated("row", map(" ".join, rows)), *repeated("column", map(" ".join, columns))]
    faults += short(list(_absent(countries, sectors, final, rows, columns)))
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    down = _order(rows, product(countries, sectors))
    along, across = _order(columns, product(countries, sectors)), _order(columns, product(countries, final))
    sizes = (len(countries), len(sectors))
    if facts.get("unallocated") is not None:
        facts["unallocated"] = facts["unallocated"][down].reshape(sizes)
    intermediate = _part(values, down, along).reshape(*sizes, *sizes)
    last = _part(values, down, across).reshape(*sizes, len(countries), len(final))
    made = None if output is None else output[down].reshape(sizes)
    primary = {name: row[along].reshape(sizes) for name, row in (below or {}).items()}
    stocks, signed = of_kind(final, "inventories"), of_kind(final, *SIGNED)
    return Table(countries, sectors, final, intermediate, last, made, primary, stocks, signed, **facts)


def _order(labels: Sequence[Label], wanted: Iterable[Label]) -> npt.NDArray[np.intp]:
    """Where each wanted label stands."""
    place = {label: k for k, label in enumerate(labels)}
    return np.array([place[label] for label in wanted], dtype=np.intp)


def _part(values: Array, down: npt.NDArray[np.intp], along: npt.NDArray[np.intp]) -> Array:
    """Rows and columns of a matrix in an order; a view where they stand in it already, so that a large table is not held twice."""
    runs = [slice(order[0], order[-1] + 1) if len(order) and (np.diff(order) == 1).all() else None for order in (down, along)]
    return values[np.ix_(down, along)] if None in runs else values[tuple(runs)]


def repeated(what: str, labels: Iterable[str]) -> list[str]:
    """A fault for each label that appears more than once."""
    return short(
        [f"{what} {label} appears more than once; labels must be unique." for label, times in Counter(labels).items() if times > 1]
    )


def _absent(
    countries: Sequence[str], sectors: Sequence[str], final: Sequence[str], rows: Sequence[Label], columns: Sequence[Label]
) -> Iterator[str]:
    """Labels that a complete table would have, and labels that it would not; a country as a whole where all of its labels are absent."""
    hint = "; the file is incomplete, or not of this release"
    have, sold = set(columns), set(rows)
    bought = {c for c, _ in columns}
    for country in dict.fromkeys(c for c, _ in columns):
        if country not in countries:
            yield f"country {country} has columns but no row{hint}."
    for country in countries:
        if country not in bought:
            yield f"country {country} has rows but no column{hint}."
            continue
        yield from (f"no row {country} {sector}{hint}." for sector in sectors if (country, sector) not in sold)
        yield from (f"no column {country} {use}{hint}." for use in [*sectors, *final] if (country, use) not in have)
    known = {*sectors, *final}
    yield from (f"column {c} {use} is neither a sector with rows nor a final use{hint}." for c, use in columns if use not in known)
    if not final:
        yield f"no column of a final use{hint}."
