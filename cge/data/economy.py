"""An economy: the values of one year of world trade and production, with labels, checked once at the door."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cge.data import bundled, rounding
from cge.data.arrays import Labels, described
from cge.data.csv import Read
from cge.data.netcdf import read_netcdf
from cge.data.text import with_text_labels
from cge.data.units import RATES, STATED, unit_fault
from cge.errors import DataError, nearest, unlike

DIMS = {
    "flow": ("exporter", "importer", "sector"),
    "tariff": ("exporter", "importer", "sector"),
    "export_tax": ("exporter", "importer", "sector"),
    "intermediate": ("country", "input", "sector"),
    "value_added": ("country", "sector", "factor"),
}
"""Variables of an economy file and their dims, in any order; only `flow` is required."""

OWN_SALES = (
    "Without them no share of spending and no gain means anything: add flows with exporter = importer, own sales = gross output − exports "
    "(in a tidy table rows with use = output are enough)."
)

AXES = {"exporter": "country", "importer": "country", "country": "country", "sector": "sector", "input": "sector", "factor": "factor"}


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
    faults = _label_faults(dataset) or list(_word_faults(dataset))
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    data = _complete(dataset)
    tolerance = rounding.tolerance(dataset)
    rates = [data[name] for name in ("tariff", "export_tax") if name in data]
    faults = [*_value_faults(data, tolerance), *(fault for array in rates for fault in _unit_faults(array))]
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    data = data if tolerance == rounding.IDENTITY_TOLERANCE else rounding.rebalanced(data)
    data = described(data, data.attrs.get("unit", "money"))
    for array in rates:
        data[array.name].attrs |= RATES
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
    if _label_faults(dataset):
        return {}
    factors = dataset["value_added"]["factor"].values if "value_added" in dataset else ["labour"]
    found = {"country": dataset["flow"]["exporter"].values, "sector": dataset["flow"]["sector"].values, "factor": factors}
    return {kind: [str(label) for label in labels] for kind, labels in found.items()}


def _unit_faults(rates: xr.DataArray) -> list[str]:
    """Tariffs or export taxes that are no rates, by what the variable says of itself or else by what they look like."""
    name, stated = rates.name, STATED.get(str(rates.attrs.get("units", "")))
    if stated == "percent":
        return [f"{name}: its units are percent; divide it by 100 and say units = 1."]
    remedy = f'If they are rates all the same, say so in the attribute `units` of the variable: {name}.attrs["units"] = "1".'
    return [] if stated == "rate" else [f"{name}: {fault}" for fault in unit_fault(rates.values, remedy)]


def _label_faults(dataset: xr.Dataset) -> list[str]:
    """Faults of dims and labels: nothing may be computed before they are mended."""
    if "flow" not in dataset:
        return [f"no variable `flow` [exporter, importer, sector]; found {', '.join(map(str, dataset.data_vars)) or 'none'}."]
    faults = []
    labels: dict[str, tuple[str, set[str]]] = {}
    for name, dims in DIMS.items():
        if name not in dataset:
            continue
        if set(dataset[name].dims) != set(dims):
            faults.append(f"{name}: dims are ({', '.join(map(str, dataset[name].dims))}); they must be ({', '.join(dims)}), in any order.")
            continue
        for dim in dims:
            faults += _dim_faults(dataset, name, dim, labels)
    return list(dict.fromkeys(faults))


def _dim_faults(dataset: xr.Dataset, name: str, dim: str, labels: dict[str, tuple[str, set[str]]]) -> Iterable[str]:
    """Faults of one dim: no labels, repeated labels, labels that differ from those of the same axis elsewhere."""
    if dim not in dataset.coords:
        yield f"{dim}: has no labels; give each position a string label."
        return
    values = [str(v) for v in dataset[dim].values]
    if not values:
        yield f"{dim}: is empty."
    repeated = sorted({v for v in values if values.count(v) > 1}) if len(set(values)) < len(values) else []
    if repeated:
        yield f"{dim}: label {', '.join(repeated)} appears more than once; labels must be unique, and blanks at either end do not count."
    if any(not v.strip() for v in values):
        yield f"{dim}: an empty label; give every position a name."
    where, known = labels.setdefault(AXES[dim], (f"`{dim}` of {name}", set(values)))
    for label in sorted(known - set(values)):
        yield f"{dim} of {name}: lacks {label}, which stands in {where}; the label sets must be the same."
    for label in sorted(set(values) - known):
        yield f"{dim} of {name}: {label} does not stand in {where}; the label sets must be the same."


def _word_faults(dataset: xr.Dataset) -> Iterable[str]:
    """Variables that hold words, with the first of them."""
    for name, dims in DIMS.items():
        if name in dataset and (fault := word_fault(dataset[name].transpose(*dims))):
            yield f"{name}: {fault}"


def word_fault(array: xr.DataArray) -> str:
    """A sentence on values [any dims] that are no real numbers, with the first of them; none where there are none."""
    if array.dtype.kind not in "OSUc":
        return ""
    words = np.vectorize(_is_word, otypes=[bool])(array.values)
    if not words.any():
        return ""
    return f"{str(array.values[words][0])!r} at {place(array, words)} is not a number ({words.sum()} {_entries(words.sum())}); write numbers there."


def _is_word(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return True
    return False


def _complete(dataset: xr.Dataset) -> xr.Dataset:
    """All variables as float64, aligned to the label order of `flow` (country in the order of exporters)."""
    countries, sectors = ([str(v) for v in dataset["flow"][dim].values] for dim in ("exporter", "sector"))
    order = {"exporter": countries, "importer": countries, "country": countries, "sector": sectors, "input": sectors}

    def ordered(name: str) -> xr.DataArray:
        array = dataset[name].transpose(*DIMS[name])
        values, labels = array.values.astype("float64"), {str(d): [str(v) for v in array[d].values] for d in array.dims}
        for axis, (dim, own) in enumerate(labels.items()):
            if own != (known := order.get(dim, own)):
                values, labels[dim] = values.take([own.index(label) for label in known], axis=axis), known
        return xr.DataArray(values, labels, DIMS[name], attrs=array.attrs)

    flow = ordered("flow")
    tariff = ordered("tariff") if "tariff" in dataset else xr.zeros_like(flow)
    if "intermediate" in dataset:
        intermediate = ordered("intermediate")
    else:
        shape = (len(countries), len(sectors), len(sectors))
        intermediate = xr.DataArray(np.zeros(shape), {d: order[d] for d in DIMS["intermediate"]}, DIMS["intermediate"])
    if "value_added" in dataset:
        value_added = ordered("value_added")
    else:
        cost = flow.sum("importer").rename(exporter="country") - intermediate.sum("input")
        value_added = cost.expand_dims(factor=["labour"]).transpose(*DIMS["value_added"])
    variables = {"flow": flow, "tariff": tariff, "intermediate": intermediate, "value_added": value_added}
    if "export_tax" in dataset and dataset["export_tax"].values.any():
        variables["export_tax"] = ordered("export_tax")
    return xr.Dataset(variables, attrs=dict(dataset.attrs)).assign_coords(_in_words(dataset, order))


def _in_words(dataset: xr.Dataset, order: dict[str, list[str]]) -> dict[str, tuple[str, Any]]:
    """Further names of sectors and countries (`sector_name`, `country_name`, codes), those of countries along `exporter`, in the label order."""
    found = {}
    for name, array in dataset.coords.items():
        dim = str(array.dims[0]) if len(array.dims) == 1 else ""
        if name == dim or dim not in ("sector", "exporter", "importer", "country"):
            continue
        labels = [str(label) for label in dataset[dim].values]
        called = dict(zip(labels, array.values, strict=True))
        found[str(name)] = ("sector" if dim == "sector" else "exporter", [called[label] for label in order[dim]])
    return found


def _value_faults(data: xr.Dataset, tolerance: float) -> Iterable[str]:
    """Faults of the values, one sentence each, with the worst cell by name."""
    for name in (name for name in DIMS if name in data):
        array = data[name]
        bad = ~np.isfinite(array.values)
        if bad.any():
            yield (
                f"{name}: {bad.sum()} {_entries(bad.sum())} not a finite number, first at {place(array, bad)}. "
                "A missing value is not a zero: fill it on purpose."
            )
        negative = array.values < 0
        if negative.any():
            worst = float(np.nanmin(array.values))
            hint = {
                "flow": " Treat inventory changes first: cge import --inventories spread.",
                "tariff": " Subsidies to imports are not supported; of a published table: cge import --subsidies zero.",
                "export_tax": " Subsidies to exports are not supported in the data.",
                "value_added": " Inputs exceed sales there: correct the table or merge the cell (cge aggregate).",
                "intermediate": " Correct the table.",
            }[name]
            yield (
                f"{name}: {negative.sum()} negative {_entries(negative.sum())}, largest {worst:.6g} at {place(array, array.values == worst)}.{hint}"
            )
    for name in (name for name in ("tariff", "export_tax") if name in data):
        home = data[name].values[np.arange(data.sizes["exporter"]), np.arange(data.sizes["importer"])]
        if not np.any(home != 0):
            continue
        country, sector = np.argwhere(home != 0)[0]
        label, good = str(data["exporter"].values[country]), str(data["sector"].values[sector])
        yield (
            f"{name}: {np.count_nonzero(home)} nonzero {'rate' if np.count_nonzero(home) == 1 else 'rates'} on own-country sales, "
            f"first at exporter={label} importer={label} sector={good}; the diagonal must be 0."
        )
    if not np.all(np.isfinite(data["flow"])) or not np.all(np.isfinite(data["value_added"])):
        return
    yield from _home_faults(data["flow"])
    yield from _identity_faults(data, tolerance)


def _home_faults(flow: xr.DataArray) -> Iterable[str]:
    """Countries that sell nothing at home: trade statistics, from which no share of spending follows. A cell alone may well be empty."""
    countries = [str(c) for c in flow["exporter"].values[np.einsum("iis->i", flow.values) == 0]]
    if countries:
        whole = " (no country has any: these are trade statistics)" if len(countries) == flow.sizes["exporter"] else ""
        yield f"flow: no sales at home in {listed(countries)}{whole}. {OWN_SALES}"


def _identity_faults(data: xr.Dataset, tolerance: float) -> Iterable[str]:
    sales = data["flow"].sum("importer").rename(exporter="country")
    cost = data["intermediate"].sum("input") + data["value_added"].sum("factor")
    gap = (cost - sales).transpose("country", "sector")
    relative = np.abs(gap.values) / np.maximum(
        np.maximum(sales.transpose("country", "sector").values, np.abs(cost.transpose("country", "sector").values)), 1e-300
    )
    # Differences below a thousandth of that (1e-12) of the country's sales are rounding whatever the cell.
    floor = tolerance / 1000 * sales.sum("sector").values[:, None]
    broken = (relative > tolerance) & (np.abs(gap.values) > floor)
    if broken.any():
        worst = np.where(broken, relative, 0.0)
        where = place(gap, worst == worst.max())
        yield (
            f"sales: {broken.sum()} {'cell differs' if broken.sum() == 1 else 'cells differ'} from intermediates plus value added, most at {where} "
            f"(relative {worst.max():.3g}). Check units and the rows that were left out."
        )
    payments = data["value_added"].sum("sector")
    unpaid = payments.values <= 0
    if unpaid.any():
        yield f"value_added: nothing is paid to {place(payments, unpaid)}; every country needs a positive income of every factor (drop or merge it)."


def listed(labels: Sequence[str], most: int = 12) -> str:
    """Labels in a sentence, the first of them where they are many."""
    rest = len(labels) - most
    return f"{', '.join(labels[:most])}{f' and {rest} more' if rest > 0 else ''}"


def _entries(count: int) -> str:
    return "entry" if count == 1 else "entries"


def place(array: xr.DataArray, mask: np.ndarray) -> str:
    """The labels of the first true cell of `mask` [dims of `array`], as `exporter=LUX importer=BEL sector=C30`."""
    index = np.argwhere(mask)[0]
    return " ".join(f"{dim}={array[dim].values[i]}" for dim, i in zip(array.dims, index, strict=True))
