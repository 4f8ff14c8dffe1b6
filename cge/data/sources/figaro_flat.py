"""Flat files of FIGARO: a line for each cell of the table."""

from __future__ import annotations

from pathlib import Path
from typing import IO

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from cge.data.arrays import Array
from cge.data.sources.matrix import SHOWN, short, wrong
from cge.data.sources.wide import Wide, blocks, decimal_point, number, text_of
from cge.errors import DataError


def read_flat(path: Path, file: IO[bytes], heads: list[str], separator: str) -> Wide:
    """A flat file of FIGARO as a matrix; a cell without a line is zero.

    Args:
        file: its content behind the first line. heads: fields of that line; separator: what stands between them.

    Raises:
        DataError: a column is missing.
    """
    ends = {end: [k for k, head in enumerate(heads) if head.strip().endswith(end)] for end in ("Row", "Col", "obsValue")}
    if any(len(places) != 1 for places in ends.values()):
        raise DataError(f"{path}: not one column each of …Row, …Col, obsValue; found {', '.join(heads)}.")
    columns = [places[0] for places in ends.values()]
    decimal, start = decimal_point(file, separator), file.tell()
    try:
        return _cells(file, len(heads), separator, columns, decimal, pa.float64())
    except pa.ArrowInvalid:
        file.seek(start)
        return _cells(file, len(heads), separator, columns, decimal, pa.binary())


def _cells(file: IO[bytes], width: int, separator: str, columns: list[int], decimal: str, kind: pa.DataType) -> Wide:
    """The lines of a flat file, in blocks.

    Args:
        columns: places of the label of the row, of the column, and of the value. kind: what values are read as; text, where some are no numbers.
    """
    label = pa.dictionary(pa.int32(), pa.string())
    types = dict(zip(map(str, columns), (label, label, kind), strict=True))
    labels: tuple[dict[str, int], dict[str, int]] = ({}, {})
    found: list[tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Array]] = []
    faults: list[str] = []
    for block in blocks(file, width, separator, types, decimal, faults):
        down, across = (_places(block.column(k), known) for k, known in enumerate(labels))
        values = block.column(2)
        text = [] if kind == pa.float64() else text_of(values)
        numbers = np.array([number(cell, decimal) for cell in text]) if text else values.to_numpy(zero_copy_only=False)
        for k in np.flatnonzero(~np.isfinite(numbers))[: max(0, SHOWN + 1 - len(faults))].tolist():
            named = f"row {list(labels[0])[down[k]]}, column {list(labels[1])[across[k]]}"
            faults.append(f"{named} {wrong(text[k] if text else values[k].as_py())}")
        found.append((down, across, numbers))
    shape = (len(labels[0]), len(labels[1]))
    flat = np.concatenate([np.ravel_multi_index((d, a), shape) for d, a, _ in found]) if found else np.zeros(0, dtype=np.int64)
    whole = np.zeros(shape)
    whole.ravel()[flat] = np.concatenate([numbers for _, _, numbers in found]) if found else 0.0
    times = np.bincount(flat, minlength=whole.size).reshape(shape)
    rows, cols = (list(known) for known in labels)
    faults += short([f"row {rows[i]}, column {cols[j]} stands more than once." for i, j in np.argwhere(times > 1)])
    return Wide("", rows, cols, whole, short(faults), absent=times == 0)


def _places(column: pa.DictionaryArray, known: dict[str, int]) -> npt.NDArray[np.int32]:
    """Where the labels of a column stand among those that are known; new ones are put behind them."""
    place = np.array([known.setdefault(label.strip(), len(known)) for label in column.dictionary.to_pylist()], dtype=np.int32)
    return np.asarray(place[column.indices.to_numpy()])
