"""Tariff rates in a file that a run file names: netCDF or csv, on the labels of the economy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import BILATERAL, Array
from cge.data.csv import Read, read_csv
from cge.data.netcdf import read_netcdf
from cge.errors import DataError


def read_rates(path: Path, read: Read = Path.read_bytes) -> xr.DataArray:
    """Rates in a file [sector, exporter, importer], in its own labels; NaN where it has none. `read` says how its bytes are come by.

    Raises:
        DataError: the file is not what the Contract says: netCDF with a variable `tariff`, or csv exporter, importer, sector, tariff.
    """
    array = (_tariff_csv if path.suffix == ".csv" else _tariff_netcdf)(path, read)
    for dim in BILATERAL:
        found = pd.Index([str(label) for label in array[dim].values])
        if found.has_duplicates:
            raise DataError(f"{path}: {dim} {found[found.duplicated()][0]} appears more than once.")
        array = array.assign_coords({dim: found})
    return array.transpose(*BILATERAL)


def on_labels(rates: xr.DataArray, labels: Mapping[str, list[str]]) -> Array:
    """Rates as `read_rates` gives them on the `labels` of each dim [sector, exporter, importer]; NaN where there are none, others are left out."""
    return np.asarray(rates.reindex({dim: labels[dim] for dim in BILATERAL}).values, dtype=np.float64)


def _tariff_netcdf(path: Path, read: Read) -> xr.DataArray:
    try:
        array = read_netcdf(path, read)["tariff"]
    except KeyError as error:
        raise DataError(f"{path}: no variable `tariff`.") from error
    if set(array.dims) != set(BILATERAL) or not set(BILATERAL) <= set(array.coords):
        raise DataError(
            f"{path}: tariff has dims ({', '.join(map(str, array.dims))}); they must be exporter, importer, sector, with labels."
        )
    return array.astype("float64").reset_coords(drop=True)


def _tariff_csv(path: Path, read: Read) -> xr.DataArray:
    keys = ["exporter", "importer", "sector"]
    table = read_csv(path, [*keys, "tariff"], read)
    rate = pd.to_numeric(table["tariff"], errors="coerce")
    text = table.index[rate.isna()]
    if len(text):
        raise DataError(f"{path}: row {text[0] + 2}: {table['tariff'][text[0]]!r} is not a rate ({len(text)} such rows).")
    repeated = table.index[table.duplicated(keys)]
    if len(repeated):
        raise DataError(f"{path}: row {repeated[0] + 2} repeats {' '.join(table.loc[repeated[0], keys])} ({len(repeated)} such rows).")
    codes, labels = zip(*(pd.factorize(table[key]) for key in keys), strict=True)
    values = np.full([len(found) for found in labels], np.nan)
    values[codes] = rate.to_numpy(float)
    return xr.DataArray(values, dict(zip(keys, labels, strict=True)), keys)
