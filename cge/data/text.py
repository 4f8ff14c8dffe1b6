"""Labels are text without blanks around it, whatever a file holds them in; and numbers of things."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import xarray as xr

Labelled = TypeVar("Labelled", xr.Dataset, xr.DataArray)


def text(value: object) -> str:
    """A label as text: characters decoded, blanks, no-break spaces and the padding of fixed widths at either end taken away, 36.0 as 36."""
    if isinstance(value, bytes):
        value = value.decode("utf-8", errors="replace")
    if isinstance(value, float | np.floating) and float(value).is_integer():
        value = int(value)
    return str(value).replace("\0", " ").strip()


def counted(number: int, one: str, many: str = "") -> str:
    """A number of things: 1 sector, 2 sectors; `many` where that is not the word with an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def with_text_labels(data: Labelled) -> Labelled:
    """The same values, every coordinate along one dim as text."""
    along = {name: coordinate for name, coordinate in data.coords.items() if coordinate.ndim == 1}
    found = {name: (coordinate.dims[0], [text(v) for v in coordinate.values], coordinate.attrs) for name, coordinate in along.items()}
    return data.assign_coords(found)
