"""How tables and results stand in files: csv read as text and written to the last digit, valid JSON, packed netCDF."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
import xarray as xr


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write csv: UTF-8, comma, one header row, 17 significant digits, nothing where a number is not finite."""
    columns = [cells(table[name]) for name in table]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(quoted(str(name)) for name in table) + "\n")
        file.write("".join(f"{row}\n" for row in map(",".join, zip(*columns, strict=True))))


def cells(column: pd.Series) -> list[str]:
    """The entries of a column as csv text; one pass of Python's own formatting, which is twice as fast as pandas' `float_format`."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        labels = np.array([quoted(str(label)) for label in column.cat.categories], dtype=object)
        return cast(list[str], labels[column.cat.codes.to_numpy()].tolist())
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64)
        text = [format(value, ".17g") for value in values.tolist()]
        for row in np.flatnonzero(~np.isfinite(values)):
            text[row] = ""
        return text
    return ["" if pd.isna(value) else quoted(str(value)) for value in column.tolist()]


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
    """Write netCDF4, numbers packed at the fastest level."""
    packing = {"zlib": True, "complevel": 1, "shuffle": True}
    encoding = {node.path: dict.fromkeys(node.data_vars, packing) for node in data.subtree}
    try:
        data.to_netcdf(path, engine="netcdf4", encoding=encoding)
    except RuntimeError as error:  # how netCDF reports a full disk
        raise OSError(f"netCDF: {error}") from error
