"""What is wrong with the dims and labels of an economy: nothing may be computed before that is mended."""

from __future__ import annotations

from collections.abc import Iterable

import xarray as xr

from cge.data.variables import DIMS

AXES = {"exporter": "country", "importer": "country", "country": "country", "sector": "sector", "input": "sector", "factor": "factor"}
"""Which labels stand along a dim."""


def label_faults(dataset: xr.Dataset) -> list[str]:
    """Faults of dims and labels, one sentence each."""
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
