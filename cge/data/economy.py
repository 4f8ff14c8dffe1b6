"""An economy: the values of one year of world trade and production, with labels, checked once at the door."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cge.data import bundled, rounding
from cge.data.arrays import Labels, described
from cge.data.csv import Read
from cge.data.label_faults import label_faults
from cge.data.netcdf import read_netcdf
from cge.data.text import with_text_labels
from cge.data.units import RATES
from cge.data.value_faults import unread_faults, value_faults
from cge.data.variables import RATED, complete
from cge.errors import DataError, nearest, unlike


@dataclass(frozen=True)
class Economy:
    """One year of world trade and production, in one currency unit.

    Attributes:
        data: variables `flow` and `tariff` [exporter, importer, sector], `intermediate` [country, input, sector],
            `value_added` [country, sector, factor], all present, in the label order of `flow`, and `export_tax` [as tariff] where there are any;
            flows are at producer prices net of both, intermediates include both, which are ad valorem rates: buyers pay
            flow·(1 + export_tax)·(1 + tariff). Attributes as in the file.
        origin: file or description it came from, for error messages and provenance.
    """

    data: xr.Dataset
    origin: str = "economy"

    @cached_property
    def labels(self) -> Labels:
        """All labels."""
        return Labels(*([str(label) for label in self.data[dim].values] for dim in ("country", "sector", "factor")))

    @property
    def countries(self) -> list[str]:
        """Country labels, in the order of the results."""
        return list(self.labels.countries)

    @property
    def sectors(self) -> list[str]:
        """Sector labels, in the order of the results."""
        return list(self.labels.sectors)

    @property
    def factors(self) -> list[str]:
        """Factor labels."""
        return list(self.labels.factors)

    @property
    def country_names(self) -> dict[str, str]:
        """Countries in words by label; empty where the file has none."""
        return names_in(self.data)

    @property
    def border(self) -> np.ndarray[Any, np.dtype[np.float64]]:
        """Flows at the border, export taxes included [exporter, importer, sector]: what tariffs are laid on."""
        flow = self.data["flow"].values
        return np.asarray(flow * (1 + self.data["export_tax"].values) if "export_tax" in self.data else flow)

    @property
    def linked(self) -> bool:
        """Whether producers buy inputs."""
        return bool(self.data["intermediate"].values.any())


def open_economy(path: str | os.PathLike[str]) -> Economy:
    """Read and check an economy file (netCDF, the Contract's format), or one that comes with the package, by its name (`icio2022`).

    Raises:
        DataError: there is no such file and no such name, it is empty or not netCDF, or the economy in it has faults (all are listed).
    """
    known = bundled.names("data")
    file = bundled.find("data", str(path)) if str(path) in known else Path(path)
    if not file.is_file():
        siblings = [p.name for p in file.parent.glob("*.nc")] if file.parent.is_dir() else []
        close = nearest(file.name, [*known, *siblings])
        raise DataError(f"economy: no file {file}, and no economy of this name comes with the package.{close}")
    return make_economy(read_dataset(file), str(file))


def read_dataset(path: Path, read: Read = Path.read_bytes) -> xr.Dataset:
    """What an economy file holds, before any check; `read` says how its bytes are come by.

    Raises:
        DataError: it is empty or not netCDF.
    """
    if path.stat().st_size == 0:
        raise DataError(f"economy: {path} is empty; an economy file is netCDF with a variable `flow`.")
    try:
        return read_netcdf(path, read)
    except DataError as error:
        raise DataError(f"economy: {fault}" for fault in error.faults) from error


def make_economy(dataset: xr.Dataset, origin: str = "economy") -> Economy:
    """An `Economy` from a dataset with the variables of `DIMS`; absent ones are filled as the Contract says.

    Absent tariffs and intermediates are zero, export taxes that are zero throughout are absent; absent value added is sales minus intermediates,
    one factor `labour`. Where a variable is stored in single precision, the accounts may be open by its rounding; they are closed, and the
    attribute `rounding` says so.

    Raises:
        DataError: with every fault found: missing or foreign dims and labels, values that are not numbers, negative values, a rate at
            home or what looks like percent in place of rates, a country without any sales at home, sales that are not cost, negative value added.
    """
    if wrong := unlike("economy", dataset, xr.Dataset, "give one with the variable flow [exporter, importer, sector]"):
        raise DataError(wrong)
    dataset = with_text_labels(dataset)
    faults = label_faults(dataset) or list(unread_faults(dataset))
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    data = complete(dataset)
    tolerance = rounding.tolerance(dataset)
    faults = list(value_faults(data, tolerance))
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    data = data if tolerance == rounding.IDENTITY_TOLERANCE else rounding.rebalanced(data)
    data = described(data, data.attrs.get("unit", "money"))
    for name in RATED:
        if name in data:
            data[name].attrs |= RATES
    return Economy(data, origin)


def names_in(data: xr.Dataset, kind: str = "country") -> dict[str, str]:
    """Countries or sectors in words by label, as far as an economy or its benchmark says; empty where there are none."""
    words, dim = f"{kind}_name", "exporter" if kind == "country" else kind
    if words not in data.coords:
        return {}
    return {str(label): str(word) for label, word in zip(data[dim].values, data[words].values, strict=True) if str(word).strip()}


def labels_in(dataset: xr.Dataset) -> dict[str, list[str]]:
    """Labels by kind (`country`, `sector`, `factor`) of what is to become an economy, whatever its values; empty where the labels have faults."""
    dataset = with_text_labels(dataset)
    if label_faults(dataset):
        return {}
    factors = dataset["value_added"]["factor"].values if "value_added" in dataset else ["labour"]
    found = {"country": dataset["flow"]["exporter"].values, "sector": dataset["flow"]["sector"].values, "factor": factors}
    return {kind: [str(label) for label in labels] for kind, labels in found.items()}
