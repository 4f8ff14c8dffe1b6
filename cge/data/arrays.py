"""Bare arrays inside the solvers, the order of their dims, and the labels that they get outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import xarray as xr

from cge.names import BY_WORD

Array = npt.NDArray[Any]
"""A bare array; its dims stand in brackets behind its meaning, as [sector, exporter, importer]."""

Values = Any
"""An array of floats, complex numbers or algebraic expressions."""

BILATERAL = ("sector", "exporter", "importer")
"""Dims of what belongs to a pair of countries, in the order of the solvers."""


class Labels(NamedTuple):
    """Labels of a world, in the order of its arrays."""

    countries: list[str]
    sectors: list[str]
    factors: list[str]

    def of(self, dim: str) -> list[str]:
        """Labels of a dim: `exporter`, `importer` and `country` share theirs, and so do `sector` and `input`."""
        return self.factors if dim == "factor" else self.sectors if dim in ("sector", "input") else self.countries

    def array(self, values: Array, *dims: str) -> xr.DataArray:
        """A bare array [`dims`] with labels."""
        return labelled(values, {dim: self.of(dim) for dim in dims})


def labelled(values: Array, labels: Mapping[str, Sequence[str]]) -> xr.DataArray:
    """A bare array [dims of `labels`] with labels, by dim in the order of its axes."""
    return xr.DataArray(values, _coordinates(*((dim, tuple(own)) for dim, own in labels.items())), tuple(labels))


@lru_cache(maxsize=64)
def _coordinates(*labels: tuple[str, tuple[str, ...]]) -> xr.Coordinates:
    """Dims with their labels, made once: scenarios by the thousand have the same."""
    return xr.Coordinates({dim: list(own) for dim, own in labels})


def described(data: xr.Dataset, unit: object) -> xr.Dataset:
    """`data` whose variables say what they are: `long_name`, `symbol` and `units`, as far as they have any; money is in `unit`."""
    data = data.copy()
    for word in data.variables:
        data[word].attrs |= attributes(str(word), unit)
    return data


def attributes(word: str, unit: object = "money") -> dict[str, str]:
    """What `described` says of one variable; nothing where the word is foreign (an economy may bring further names of its sectors)."""
    name = BY_WORD.get(word)
    if name is None:
        return {}
    units = {"money": str(unit), "label": ""}.get(name.unit, name.unit)
    words = {"long_name": name.meaning, "symbol": name.symbol, "units": units}
    return {key: value for key, value in words.items() if value}


def place(array: xr.DataArray, mask: npt.NDArray[np.bool_]) -> str:
    """The labels of the first true cell of `mask` [dims of `array`], as `exporter=LUX importer=BEL sector=C30`."""
    index = np.unravel_index(int(mask.argmax()), mask.shape)
    return " ".join(f"{dim}={array[dim].values[i]}" for dim, i in zip(array.dims, index, strict=True))
