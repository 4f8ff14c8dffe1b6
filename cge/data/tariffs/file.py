"""Tariff rates in a file: opened, and then on the labels of an economy. One reader for tables of tariffs and for the files that a run file names."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.choices import Average, TariffLayout, Unit
from cge.data.csv import Read
from cge.data.economy import DIMS
from cge.data.labels import Labelled
from cge.data.netcdf import read_netcdf
from cge.data.tariffs.cells import cell_values
from cge.data.tariffs.headings import wanted
from cge.data.tariffs.layouts import ALWAYS, LABELS, NOTHING, VALUES, plain, recognised
from cge.data.tariffs.sheet import Columns, read_sheet
from cge.data.tariffs.table import UNIT_REMEDY, Rates, Weights, tariff_rates
from cge.data.text import with_text_labels
from cge.data.units import STATED, as_rates, unit_fault
from cge.errors import DataError, nearest

Opened = pd.DataFrame | xr.DataArray
"""What a file of rates holds: a table of text, or labelled rates [exporter, importer, sector]."""


def read_rates(
    path: str | os.PathLike[str],
    world: Labelled,
    products: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Mapping[str, list[str]]] | None = None,
    average: Average = "simple",
    unit: Unit | None = None,
    year: int | None = None,
    layout: TariffLayout | None = None,
    weights: str | os.PathLike[str] | None = None,
) -> Rates:
    """Rates in a file: netCDF with a variable `tariff` [exporter, importer, sector], or a csv table (`tariff_rates`, which has the arguments).

    Labels of netCDF that the economy lacks are left out.

    Raises:
        DataError: the file is neither; faults of its rates.
    """
    opened = open_rates(Path(path), layout=layout, average=average)
    trade = None if weights is None else Weights(open_table(Path(weights)), str(weights))
    return rates_on(
        world, opened, products, groups=groups, average=average, unit=unit, year=year, layout=layout, trade=trade, origin=str(path)
    )


def open_rates(path: Path, read: Read | None = None, layout: TariffLayout | None = None, average: Average = "simple") -> Opened:
    """What a file of rates holds, before anything is known of whom it is for; `read` says how its bytes are come by (None: as they are), `layout` of
    which publisher it is (None: recognised by its headings), `average` what its averages will be, and so which columns are needed.

    Raises:
        DataError: there is no such file, it cannot be read, or is netCDF without rates by exporter, importer and sector.
    """
    if not path.is_file():
        siblings = [p.name for kind in ("*.csv", "*.nc") for p in path.parent.glob(kind)] if path.parent.is_dir() else []
        raise DataError(f"tariffs: no file {path}.{nearest(path.name, siblings)}")
    if path.suffix == ".nc":
        return _netcdf(path, Path.read_bytes if read is None else read)
    return open_table(path, read, layout, average)


def open_table(path: Path, read: Read | None = None, layout: TariffLayout | None = None, average: Average = "weighted") -> pd.DataFrame:
    """A csv of rates, or of the trade that weighs them, in the columns that are needed; arguments and errors as `open_rates`."""
    if not path.is_file():
        raise DataError(f"weights: no file {path}.{nearest(path.name, [p.name for p in path.parent.glob('*.csv')])}")
    return read_sheet(path, lambda header: _wanted(header, layout, average, str(path)), read)


def _wanted(header: list[str], asked: TariffLayout | None, average: Average, origin: str) -> Columns:
    """Columns of labels and of numbers that a table of rates with this header has."""
    layout = recognised(header, asked, origin)
    if layout is None:
        return wanted(header)
    found = layout.found_in(header)
    needed = [name for name in header if plain(name) in layout.needs]  # so that it is recognised again
    numbers = {found[role] for role in VALUES if role in found}
    values = [found[role] for role in VALUES if role in found and (role in ALWAYS or average == "weighted")]
    labels = [found[role] for role in LABELS if role in found]
    parts = [name for name in header if plain(name) in layout.whole]
    known = [name for name in (*needed, *parts) if name not in labels and name not in values]
    nothing = tuple(dict.fromkeys(form(word) for word in NOTHING for form in (str.lower, str.upper, str.title)))
    return Columns(
        [*labels, *(name for name in known if name not in numbers)], [*values, *(name for name in known if name in numbers)], nothing
    )


def rates_on(
    world: Labelled,
    opened: Opened,
    products: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Mapping[str, list[str]]] | None = None,
    average: Average = "simple",
    unit: Unit | None = None,
    year: int | None = None,
    layout: TariffLayout | None = None,
    trade: Weights | None = None,
    subsidies: bool = False,
    origin: str = "tariffs",
) -> Rates:
    """What `open_rates` found, on labels; arguments and errors as `read_rates` (`subsidies`: whether rates may be below zero)."""
    if isinstance(opened, pd.DataFrame):
        options = {"average": average, "unit": unit, "year": year, "layout": layout, "trade": trade, "subsidies": subsidies}
        return tariff_rates(world, opened, products, groups=groups, origin=origin, **options)  # type: ignore[arg-type]
    stated = unit or STATED.get(str(opened.attrs.get("units", "")))
    values = as_rates(opened.values.astype(np.float64), stated)
    faults = [] if stated else unit_fault(values, UNIT_REMEDY)
    array = opened.copy(data=values).reset_coords(drop=True)
    labels = {"exporter": world.countries, "importer": world.countries, "sector": world.sectors}
    array = array.reindex(labels).transpose(*DIMS["tariff"])
    if not faults and not np.isfinite(array.values).any():
        faults = ["none of its labels is of the economy."]
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    return Rates(array, origin)


def export_taxes_on(
    world: Labelled,
    opened: Opened,
    *,
    groups: Mapping[str, Mapping[str, list[str]]] | None = None,
    unit: Unit | None = None,
    origin: str = "export taxes",
) -> Rates:
    """Export taxes of a csv table `exporter, importer, sector, export_tax` on labels, as `cge.data.tariffs.cells.cell_values`.

    Raises:
        DataError: it is netCDF; as there; numbers that look like percent or powers where no unit is said.
    """
    if not isinstance(opened, pd.DataFrame):
        raise DataError(f"{origin}: is netCDF; give csv exporter,importer,sector,export_tax.")
    read = cell_values(world, opened, "export_tax", groups=groups, origin=origin)
    values = as_rates(read.values.values, unit)
    if unit is None and (faults := unit_fault(values, UNIT_REMEDY)):
        raise DataError(f"{origin}: {fault}" for fault in faults)
    return Rates(read.values.copy(data=values), origin, read.account)


def _netcdf(path: Path, read: Read) -> xr.DataArray:
    try:
        array = with_text_labels(read_netcdf(path, Path.read_bytes if read is None else read)["tariff"])
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
    return array


def _repeated(labels: np.ndarray) -> list[str]:
    """Labels [label] that stand more than once."""
    found = pd.Index(labels)
    return [str(label) for label in found[found.duplicated()].unique()]
