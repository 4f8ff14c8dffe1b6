"""Primitives of a technology file: numbers and tables by label become arrays."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.data.labels import Mask
from cge.errors import nearest
from cge.model.shock import RATES

AXES = {
    "endowment": ("country", "factor"),
    "transfer": ("country",),
    "entry_cost": ("country", "sector"),
    "productivity": ("country", "sector"),
    "home_fixed_cost": ("country", "sector"),
    "final_share": ("country", "sector"),
    "iceberg": ("exporter", "importer", "sector"),
    "fixed_cost": ("exporter", "importer", "sector"),
    "tariff": ("exporter", "importer", "sector"),
    "export_tax": ("exporter", "importer", "sector"),
    "factor_share": ("country", "sector", "factor"),
    "input_share": ("country", "input", "sector"),
}
"""Primitives and the dims by which their tables nest."""

KIND = {
    "country": "countries",
    "exporter": "countries",
    "importer": "countries",
    "sector": "sectors",
    "input": "sectors",
    "factor": "factors",
}
"""Which labels of the file stand along a dim."""


def read_arrays(table: Mapping[str, Any], labels: Mapping[str, list[str]], faults: list[str]) -> dict[str, Array]:
    """Every primitive as an array [dims of `AXES`]; one with faults, which are added to `faults`, is left out."""
    spare, whole = _spare(labels), len(labels["factors"]) == 1 and "factor_share" not in table
    arrays = {}
    for name, dims in AXES.items():
        if whole and name == "factor_share":
            continue
        array = _array(table.get(name), name, [labels[KIND[dim]] for dim in dims], spare.get(name), faults)
        if array is not None:
            arrays[name] = array
    if whole and "input_share" in arrays:  # one factor has all of cost that inputs leave
        arrays["factor_share"] = 1.0 - arrays["input_share"].sum(axis=1)[:, :, None]
    return arrays


def _spare(labels: Mapping[str, list[str]]) -> dict[str, float]:
    """What primitives are where nothing is said of them."""
    spare = {"transfer": 0.0, "productivity": 1.0, "input_share": 0.0} | dict.fromkeys(RATES, 0.0)
    alone = {} if len(labels["countries"]) > 1 else {"iceberg": 1.0, "fixed_cost": 1.0}
    return spare | alone | ({"final_share": 1.0} if len(labels["sectors"]) == 1 else {})


def _array(value: Any, name: str, axes: list[list[str]], spare: float | None, faults: list[str]) -> Array | None:
    """One primitive; None after adding to the faults.

    Args:
        value: what the file gives, None where it gives nothing; axes: labels along its dims; spare: what it is where nothing is said.
    """
    dims, known = AXES[name], len(faults)
    array = np.full([len(axis) for axis in axes], np.nan)
    if value is not None:
        _fill(array, value, dims, axes, name, faults)
    elif spare is None:
        faults.append(f'{name}: is missing. Give a number, or a table by {", ".join(dims)}; "*" names the rest.')
        return None
    if spare is not None:
        array[np.isnan(array)] = spare
    _own(array, name)
    gaps = np.isnan(array)
    if gaps.any() and len(faults) == known:
        faults.append(f'{name}: no value for {place(gaps, dims, axes)}; give one, or "*" for the rest.')
    return array if len(faults) == known else None


def _fill(array: Array, value: Any, dims: tuple[str, ...], axes: list[list[str]], where: str, faults: list[str]) -> None:
    """Put a number, or a table by the labels of one of the dims that are left, into a view of an array; labels before `"*"`, whatever their order."""
    if isinstance(value, bool) or not isinstance(value, int | float | dict):
        faults.append(f"{where}: {value!r} is not a number or a table by {', '.join(dims) or 'label'}.")
        return
    if not isinstance(value, dict):
        array[...] = value
        return
    if not dims:
        faults.append(f"{where}: has a table where a number must stand.")
        return
    named = [key for key in value if key != "*"]
    at = next((d for d, axis in enumerate(axes) if set(named) <= set(axis)), 0)
    faults += [f"{where}: no {dims[at]} {key}.{nearest(key, [*axes[at], '*'])}" for key in named if key not in axes[at]]
    rest = (*dims[:at], *dims[at + 1 :]), [*axes[:at], *axes[at + 1 :]]
    for key in sorted(value, key=lambda key: key != "*"):
        chosen = axes[at] if key == "*" else [key] if key in axes[at] else []
        for label in chosen:
            view = np.moveaxis(array, at, 0)[axes[at].index(label), ...]
            if key == "*" and label in value:
                continue
            _fill(view, value[key], *rest, f"{where}.{key}", faults if label == chosen[0] or key != "*" else [])


def _own(array: Array, name: str) -> None:
    """Own sales bear no iceberg, no tariff and no export tax, and have a fixed cost of their own key."""
    if AXES[name][0] == "exporter":
        diagonal = np.arange(len(array))
        array[diagonal, diagonal] = 0.0 if name in RATES else 1.0


def place(mask: Mask, dims: tuple[str, ...], axes: list[list[str]]) -> str:
    """The labels of the first true cell."""
    return " ".join(f"{dim}={axis[i]}" for dim, axis, i in zip(dims, axes, np.argwhere(mask)[0], strict=True))


def made(arrays: Mapping[str, Array]) -> Mask:
    """Where a good can be made [country, sector]."""
    return np.asarray(arrays["productivity"] > 0)


def bought(arrays: Mapping[str, Array]) -> Mask:
    """Where a good is bought, finally or as an input of something that is made [country, sector]."""
    used = (arrays["input_share"] * made(arrays)[:, None, :]).sum(axis=2)
    return np.asarray((arrays["final_share"] > 0) | (used > 0))
