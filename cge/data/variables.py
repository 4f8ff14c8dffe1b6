"""The variables of an economy: their dims, and what stands for one that is absent."""

from __future__ import annotations

from typing import Any

import numpy as np
import xarray as xr

DIMS = {
    "flow": ("exporter", "importer", "sector"),
    "tariff": ("exporter", "importer", "sector"),
    "export_tax": ("exporter", "importer", "sector"),
    "intermediate": ("country", "input", "sector"),
    "value_added": ("country", "sector", "factor"),
}
"""Variables of an economy file and their dims, in any order; only `flow` is required."""

RATED = ("tariff", "export_tax")
"""Those that are ad valorem rates."""


def complete(dataset: xr.Dataset) -> xr.Dataset:
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
