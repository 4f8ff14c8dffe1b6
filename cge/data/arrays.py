"""Bare arrays inside the solvers, the order of their dims, and the labels that they get outside."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, NamedTuple

import numpy.typing as npt
import xarray as xr

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
