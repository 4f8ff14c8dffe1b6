"""Tariff rates in a file that a run file names: netCDF or csv, on the labels of the economy."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import BILATERAL, Array
from cge.data.csv import read_csv
from cge.errors import DataError


def read_rates(path: Path, labels: Mapping[str, list[str]]) -> Array:
    """Rates in a file, [sector, exporter, importer] on `labels`; NaN where it has none, labels that are not among these are left out.

    Raises:
        DataError: the file is not what the Contract says: netCDF with a variable `tariff`, or csv exporter, importer, sector, tariff.
    """
    array = _tariff_csv(path) if path.suffix == ".csv" else _tariff_netcdf(path)
    for dim in BILATERAL:
        found = pd.Index([str(label) for label in array[dim].values])
        if found.has_duplicates:
            raise DataError(f"{path}: {dim} {found[found.duplicated()][0]} appears more than once.")
        array = array.assign_coords({dim: found})
    return np.asarray(array.reindex({dim: labels[dim] for dim in BILATERAL}).transpose(*BILATERAL).values, dtype=np.float64)


def _tariff_netcdf(path: Path) -> xr.DataArray:
    try:
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            array = dataset["tariff"].load()
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as netCDF ({error}).") from error
    except KeyError as error:
        raise DataError(f"{path}: no variable `tariff`.") from error
    if set(array.dims) != set(BILATERAL) or not set(BILATERAL) <= set(array.coords):
        raise DataError(
            f"{path}: tariff has dims ({', '.join(map(str, array.dims))}); they must be exporter, importer, sector, with labels."
        )
    return array.astype("float64").reset_coords(drop=True)


def _tariff_csv(path: Path) -> xr.DataArray:
    keys = ["exporter", "importer", "sector"]
    table = read_csv(path, [*keys, "tariff"])
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
