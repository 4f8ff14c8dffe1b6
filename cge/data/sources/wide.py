"""A wide csv: labels along its first row and down its first column, numbers between.

Read by pyarrow in blocks, each laid into one array, so that little more than the numbers is ever held. Fields may be separated by tabs, or by
semicolons and have decimal commas then. Where a cell is no number, the file is read once more as text and every such cell is named.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pyarrow import csv as arrow

from cge.data.arrays import Array
from cge.data.csv import IN_UTF_16, WITH_DECIMAL_COMMAS, separator_of, told
from cge.data.sources.matrix import SHOWN, short, wrong
from cge.errors import DataError

BLOCK = 1 << 23
"""Bytes read at once; a row of a large table has some hundred thousand."""

TURNED = str.maketrans(",.", ".,")
"""Decimal commas to points; a point to what is in no number."""

Mask = npt.NDArray[np.bool_]
May = Callable[[list[str], list[str]], tuple[Mask, Mask]]
"""Rows and columns, from all of their labels, that may be empty where they cross."""


@dataclass(frozen=True, eq=False)
class Wide:
    """A csv with labels on two sides.

    Attributes:
        corner: what stands in the first cell. rows, columns: labels as they stand, without blanks around them.
        values: numbers [row, column]; NaN where `faults` says so.
        faults: cells that are no numbers, lines that are cut off. absent: cells [row, column] of which a list had no line; None where it is no list.
    """

    corner: str
    rows: list[str]
    columns: list[str]
    values: Array
    faults: list[str]
    absent: Mask | None = None


def read_wide(path: Path, file: IO[bytes], may_be_empty: May) -> Wide:
    """The table in a csv file.

    Args:
        path: for messages. file: its content, from its beginning. may_be_empty: cells that may, and are zero then.

    Raises:
        DataError: it is not text in UTF-8, or has a line of labels and nothing below.
    """
    heads, separator, _ = heading(path, file)
    start = file.tell()
    decimal = decimal_point(file, separator)
    try:
        rows, values, faults = _numbers(file, len(heads), separator, decimal)
    except pa.ArrowInvalid:
        file.seek(start)
        rows, values, faults = _numbers(file, len(heads), separator, decimal, as_text=True)
    if not rows:
        lost = faults or ["there is a line of labels and nothing below; the file is cut off: fetch it again."]
        raise DataError(f"{path}: {fault}" for fault in lost)
    columns = [head.strip() for head in heads[1:]]
    if not np.isfinite(values).all():
        across, along = may_be_empty(rows, columns)
        excused = across[:, None] & along
        bad = ~np.isfinite(values)
        shown = np.zeros_like(bad)
        shown[tuple(np.argwhere(bad & ~excused)[:SHOWN].T)] = True
        file.seek(start)
        text = dict(_texts(file, len(heads), separator, shown | (bad & excused)))
        values[tuple(np.array([place for place, cell in text.items() if cell == "" and excused[place]], dtype=int).reshape(-1, 2).T)] = 0.0
        named = [f"row {rows[i]}, column {columns[j]} {wrong(text[i, j])}" for i, j in sorted(text) if text[i, j] or not excused[i, j]]
        rest = np.count_nonzero(bad & ~excused) - np.count_nonzero(shown)
        faults += [*short(named), *([f"and {rest:,} more cells that are no numbers."] if rest else [])]
    return Wide(heads[0].strip(), rows, columns, values, faults)


def heading(path: Path, file: IO[bytes]) -> tuple[list[str], str, int]:
    """The fields of the line of headings, what separates them, and how many lines stand above it (`sep=;`, or none).

    Raises:
        DataError: the line is not text in UTF-8.
    """
    text = _line(path, file)
    above = told(text)
    if above is not None:
        text = _line(path, file)
    separator = above or separator_of(text)
    return next(csv.reader([text], delimiter=separator), []), separator, 0 if above is None else 1


def _line(path: Path, file: IO[bytes]) -> str:
    """The next line as text."""
    line = file.readline()
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DataError(f"{path} is not text in UTF-8 ({error.reason} at byte {error.start}); save it as csv in UTF-8.") from error
    if "\0" in text:
        raise DataError(f"{path} {IN_UTF_16}")
    return text


def decimal_point(file: IO[bytes], separator: str) -> str:
    """What stands before decimals, from the next line; the file is left where it was."""
    start = file.tell()
    line = file.readline()
    file.seek(start)
    return "," if separator == WITH_DECIMAL_COMMAS and b"," in line and b"." not in line else "."


def blocks(
    file: IO[bytes], width: int, separator: str, types: dict[str, pa.DataType], decimal: str, lines: list[str]
) -> Iterator[pa.RecordBatch]:
    """The rest of a file in blocks of rows, columns named by their place, those of `types`; lines of another width are left out and said in `lines`.

    Raises:
        pyarrow.ArrowInvalid: a cell of a column of numbers is none.
    """

    def odd(row: Any) -> str:
        lines.append(
            f"a line ({row.text[:40]} …) has {row.actual_columns} fields where the heading has {width}; it is cut off there, or has decimal commas."
        )
        return "skip"

    names = [str(k) for k in range(width)]
    yield from arrow.open_csv(
        file,
        arrow.ReadOptions(use_threads=False, block_size=BLOCK, column_names=names),
        arrow.ParseOptions(delimiter=separator, invalid_row_handler=odd),
        arrow.ConvertOptions(
            column_types=types,
            include_columns=list(types),
            null_values=[""],
            strings_can_be_null=False,
            decimal_point=decimal,
            check_utf8=False,
        ),
    )


def _numbers(file: IO[bytes], width: int, separator: str, decimal: str, as_text: bool = False) -> tuple[list[str], Array, list[str]]:
    """Labels, numbers [row, column], and lines of another width.

    Args:
        as_text: read cells as text, so that those that are no numbers become NaN.

    Raises:
        pyarrow.ArrowInvalid: a cell is no number, where they are not read as text.
    """
    types: dict[str, pa.DataType] = {str(k): pa.float64() if k and not as_text else pa.binary() for k in range(width)}
    rows: list[str] = []
    lines: list[str] = []
    whole = np.empty((width + 16, width - 1))
    for block in blocks(file, width, separator, types, decimal, lines):
        if as_text:
            cells = np.array([[number(cell, decimal) for cell in text_of(column)] for column in block.columns[1:]]).T
        else:
            cells = block.drop_columns(["0"]).to_tensor(null_to_nan=True).to_numpy()
        whole = _laid(whole, len(rows), cells)
        rows += text_of(block.column(0))
        del block, cells  # before the next block is read
    return rows, whole[: len(rows)], short(lines)


def _laid(whole: Array, row: int, block: Array) -> Array:
    """The array with a block of rows laid into it, larger where it has no room."""
    if row + len(block) > len(whole):
        whole = np.concatenate([whole[:row], np.empty((max(row, len(block)) + len(block), whole.shape[1]))])
    whole[row : row + len(block)] = block
    return whole


def text_of(column: pa.Array) -> list[str]:
    """The cells of a column of bytes [row] as text, without blanks around it."""
    return [cell.decode("utf-8", errors="replace").strip() for cell in column.to_pylist()]


def number(cell: str, decimal: str) -> float:
    """A cell as a number, NaN where it is none; `decimal` stands before its decimals, and nothing else does."""
    try:
        return float(cell.translate(TURNED) if decimal != "." else cell)
    except ValueError:
        return np.nan


def _texts(file: IO[bytes], width: int, separator: str, wanted: Mask) -> Iterator[tuple[tuple[int, int], str]]:
    """What stands in the cells of a mask, by row and column."""
    row = 0
    for block in blocks(file, width, separator, {str(k): pa.binary() for k in range(width)}, ".", []):
        here = wanted[row : row + len(block)]
        for column in np.flatnonzero(here.any(0)).tolist():
            cells = text_of(block.column(column + 1))
            yield from (((row + place, column), cells[place]) for place in np.flatnonzero(here[:, column]).tolist())
        row += len(block)
