"""How tables and results stand in files: csv read as text and written to the last digit, valid JSON, packed netCDF."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from cge.data.arrays import Array
from cge.data.files import decimals

NUMBERS = 8192
"""Numbers of a table that are text in memory at once: what stays in the cache of a core."""

Entries = Callable[[slice], Array]
"""Of some rows of a column: the numbers, or their text as bytes."""


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write csv: UTF-8, comma, one header row, 17 significant digits, nothing where a number is not finite."""
    columns = [entries(table[name]) for name in table]
    step = max(NUMBERS // max(sum(map(pd.api.types.is_float_dtype, table.dtypes)), 1), 1)
    with path.open("wb") as file:
        file.write(b",".join(quoted(str(name)).encode() for name in table) + b"\n")
        for start in range(0, len(table), step):
            file.write(lines([column(slice(start, start + step)) for column in columns]))


def lines(columns: Sequence[Array]) -> bytes:
    """Rows of columns [row] as csv: every one as wide as its longest text, side by side, and the zero bytes between taken out."""
    numbers = [column for column in columns if column.dtype.kind == "f"]
    made = iter(decimals.texts(np.concatenate(numbers)).reshape(len(numbers), -1, decimals.WIDTH) if numbers else ())
    fields = [next(made) if column.dtype.kind == "f" else column[:, None].view(np.uint8) for column in columns]
    comma, end = (np.full((len(fields[0]), 1), mark, np.uint8) for mark in b",\n")
    ends = [comma] * (len(fields) - 1) + [end]
    return np.hstack([part for pair in zip(fields, ends, strict=True) for part in pair]).tobytes().translate(None, b"\0")


def entries(column: pd.Series) -> Entries:
    """The entries of a column; labels, most of which stand there again and again, are quoted once."""
    if isinstance(column.dtype, pd.StringDtype):
        return entries(column.astype("category"))
    if isinstance(column.dtype, pd.CategoricalDtype):
        every = [*(quoted(str(label)).encode() for label in column.cat.categories), b""]  # the last where there is none
        labels, codes = np.array(every), column.cat.codes.to_numpy()
        return lambda rows: labels[codes[rows]]
    if not pd.api.types.is_float_dtype(column.dtype):
        return lambda rows: np.array([b"" if pd.isna(value) else quoted(str(value)).encode() for value in column.iloc[rows].tolist()])
    values = column.to_numpy(dtype=np.float64)
    return lambda rows: values[rows]


def quoted(text: str) -> str:
    """A csv field, in quotes where it must be."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def write_json(value: object, path: Path) -> None:
    """Write JSON, UTF-8; what is not finite is null."""
    path.write_text(as_json(value) + "\n", encoding="utf-8")


def as_json(value: object) -> str:
    """Valid JSON, numbers to the last digit."""
    return json.dumps(plain(value), indent=2, ensure_ascii=False, allow_nan=False, default=str)


def as_line(value: object) -> str:
    """Valid JSON on one line without spaces, for machines alone; of plain values, which are written as they are."""
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def plain(value: object) -> object:
    """`value` as JSON can hold it: numpy scalars as Python's, numbers that are not finite as None."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple | np.ndarray):
        return [plain(item) for item in value]
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def write_netcdf(data: xr.DataTree, path: Path) -> None:
    """Write netCDF4; numbers that repeat are packed at the fastest level."""
    encoding = {node.path: {name: packing(array.values) for name, array in node.data_vars.items()} for node in data.subtree}
    try:
        data.to_netcdf(path, engine="netcdf4", encoding=encoding)
    except RuntimeError as error:  # how netCDF reports a full disk
        raise OSError(f"netCDF: {error}") from error


def packing(values: npt.NDArray[Any]) -> dict[str, object]:
    """How netCDF packs an array [any dims]: most rates of tariffs equal their neighbour and nearly vanish; flows would take five times as long to
    write and be a seventh smaller.
    """
    flat = values.ravel()
    repeats = np.count_nonzero(flat[1:] == flat[:-1]) > flat.size / 2
    return {"zlib": True, "complevel": 1, "shuffle": True} if repeats else {}
