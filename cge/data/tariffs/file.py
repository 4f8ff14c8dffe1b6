"""Files of tariff rates on the labels of an economy: one reader for `cge tariffs` and for the run file."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.csv import read_csv
from cge.data.economy import DIMS, Economy
from cge.data.tariffs.table import UNIT_REMEDY, Average, Rates, tariff_rates
from cge.data.text import with_text_labels
from cge.data.units import STATED, Unit, as_rates, unit_fault
from cge.errors import DataError, nearest


def read_rates(
    path: str | os.PathLike[str],
    economy: Economy,
    products: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Mapping[str, list[str]]] | None = None,
    average: Average = "simple",
    unit: Unit | None = None,
    year: int | None = None,
) -> Rates:
    """Rates in a file: netCDF with a variable `tariff` [exporter, importer, sector], or a csv table (`tariff_rates`, which has the arguments).

    Labels of netCDF that the economy lacks are left out.

    Raises:
        DataError: the file is neither; faults of its rates.
    """
    file = Path(path)
    if not file.is_file():
        siblings = [p.name for kind in ("*.csv", "*.nc") for p in file.parent.glob(kind)] if file.parent.is_dir() else []
        raise DataError(f"tariffs: no file {path}.{nearest(file.name, siblings)}")
    if file.suffix == ".nc":
        return _netcdf(file, economy, unit)
    return tariff_rates(economy, read_csv(file, ()), products, groups=groups, average=average, unit=unit, year=year, origin=str(path))


def _netcdf(path: Path, economy: Economy, unit: Unit | None) -> Rates:
    try:
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            array = with_text_labels(dataset["tariff"].load())
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as netCDF ({error}).") from error
    except KeyError as error:
        raise DataError(f"{path}: no variable `tariff`.") from error
    dims = DIMS["tariff"]
    if set(array.dims) != set(dims) or not set(dims) <= set(array.coords):
        raise DataError(
            f"{path}: tariff has dims ({', '.join(map(str, array.dims))}); they must be exporter, importer, sector, with labels."
        )
    repeated = {dim: found for dim in dims if (found := _repeated(array[dim].values))}
    if repeated:
        raise DataError(f"{path}: {dim} {', '.join(labels)} appears more than once." for dim, labels in repeated.items())
    stated = unit or STATED.get(str(array.attrs.get("units", "")))
    values = as_rates(array.values.astype(np.float64), stated)
    faults = [] if stated else unit_fault(values, UNIT_REMEDY)
    array = array.copy(data=values).reset_coords(drop=True)
    labels = {"exporter": economy.countries, "importer": economy.countries, "sector": economy.sectors}
    array = array.reindex(labels).transpose(*dims)
    if not faults and not np.isfinite(array.values).any():
        faults = ["none of its labels is of the economy."]
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    return Rates(array, str(path))


def _repeated(labels: np.ndarray) -> list[str]:
    found = pd.Index(labels)
    return [str(label) for label in found[found.duplicated()].unique()]
