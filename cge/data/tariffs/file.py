"""Tariff rates in a file: opened, and then on the labels of an economy. One reader for tables of tariffs and for the files that a run file names."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.choices import Average, TariffLayout, Unit
from cge.data.csv import Read
from cge.data.labels import Labelled
from cge.data.netcdf import read_netcdf
from cge.data.tariffs.cells import ACCEPTS, cell_values
from cge.data.tariffs.headings import has_column, wanted
from cge.data.tariffs.layouts import ALWAYS, LABELS, NOTHING, VALUES, plain, recognised
from cge.data.tariffs.members import NO_PROGRAMMES, Programmes, read_members
from cge.data.tariffs.parts import parts_of
from cge.data.tariffs.sheet import Columns
from cge.data.tariffs.sheets import Sheets, read_sheets
from cge.data.tariffs.table import Rates, Weights, tariff_rates
from cge.data.tariffs.values import UNIT_REMEDY
from cge.data.text import with_text_labels
from cge.data.units import STATED, as_rates, unit_fault
from cge.data.variables import DIMS
from cge.errors import DataError

Given = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A file, an archive or a folder of files, or several of these."""

Opened = Sheets | xr.DataArray
"""What files of rates hold: tables, or labelled rates [exporter, importer, sector]."""


def _is_of_duties(header: list[str], asked: TariffLayout | None) -> bool:
    layout = recognised(header, None, "")
    return any(has_column(header, value) for value in ("tariff", *ACCEPTS)) if layout is None else asked in (None, layout.name)


def _is_trade(header: list[str], asked: TariffLayout | None) -> bool:
    layout = recognised(header, None, "")
    return has_column(header, "value") if layout is None else "tariff" not in layout.columns


def read_rates(
    path: Given,
    world: Labelled,
    products: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Mapping[str, list[str]]] | None = None,
    average: Average = "simple",
    unit: Unit | None = None,
    year: int | None = None,
    layout: TariffLayout | None = None,
    weights: Given | None = None,
    members: str | os.PathLike[str] | None = None,
    report: Callable[[str], None] | None = None,
) -> Rates:
    """Rates in files: netCDF with a variable `tariff` [exporter, importer, sector], or csv tables (`tariff_rates`, which has the arguments).

    Labels of netCDF that the economy lacks are left out.

    Args:
        path, weights: a file, an archive of csv files, a folder of both, or several of these. members: file of `read_members`.
        report: told in words what is being read.

    Raises:
        DataError: a file is neither; faults of its rates.
    """
    say = report or (lambda words: None)
    opened = open_rates(path, layout=layout, average=average, say=say)
    trade = None if weights is None else Weights(open_table(weights, fits=_is_trade, what="weights", say=say), named(weights))
    given = NO_PROGRAMMES if members is None else read_members(members, world.countries, year)
    say("Laying rates on pairs of countries and sectors")
    return rates_on(
        world,
        opened,
        products,
        groups=groups,
        average=average,
        unit=unit,
        year=year,
        layout=layout,
        trade=trade,
        members=given,
        origin=named(path),
    )


def named(given: Given) -> str:
    """What files are called together, for messages."""
    paths = _paths(given)
    return str(paths[0]) if len(paths) == 1 else f"{paths[0]} and {len(paths) - 1} more"


def _paths(given: Given) -> list[Path]:
    return [Path(given)] if isinstance(given, str | os.PathLike) else [Path(path) for path in given]


def open_rates(
    given: Given,
    read: Read | None = None,
    layout: TariffLayout | None = None,
    average: Average = "simple",
    say: Callable[[str], None] = lambda words: None,
) -> Opened:
    """What files of rates hold, before anything is known of whom they are for; `read` says how the bytes of a file are come by (None: as they are),
    `layout` of which publisher they are (None: recognised by their headings), `average` what their averages will be, and so which columns are needed.

    Raises:
        DataError: there is no such file, it cannot be read, or is netCDF without rates by exporter, importer and sector; of all files at once.
    """
    paths = _paths(given)
    nets = [path for path in paths if path.suffix == ".nc" and path.is_file()]
    if nets and len(paths) > 1:
        raise DataError(f"{nets[0]}: netCDF holds the rates of all; give it alone.")
    if nets:
        return _netcdf(paths[0], Path.read_bytes if read is None else read)
    return open_table(paths, read, layout, average, say=say)


def open_table(
    given: Given,
    read: Read | None = None,
    layout: TariffLayout | None = None,
    average: Average = "weighted",
    *,
    fits: Callable[[list[str], TariffLayout | None], bool] = _is_of_duties,
    what: str = "tariffs",
    say: Callable[[str], None] = lambda words: None,
) -> Sheets:
    """Csv tables of rates, or of the trade that weighs them, in the columns that are needed; arguments and errors as `open_rates`.

    Args:
        fits: whether a table with some header, of the layout that is asked for, is meant where others lie beside it. what: it is, for messages.
    """
    parts, faults = parts_of(_paths(given), read, what)
    return read_sheets(parts, faults, lambda header, name: _wanted(header, layout, average, name), lambda header: fits(header, layout), say)


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
    members: Programmes = NO_PROGRAMMES,
    origin: str = "tariffs",
) -> Rates:
    """What `open_rates` found, on labels; arguments and errors as `read_rates` (`subsidies`: whether rates may be below zero)."""
    if isinstance(opened, Sheets):
        return tariff_rates(
            world,
            opened,
            products,
            groups=groups,
            average=average,
            unit=unit,
            year=year,
            layout=layout,
            trade=trade,
            subsidies=subsidies,
            members=members,
            origin=origin,
        )
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
    if not isinstance(opened, Sheets):
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
