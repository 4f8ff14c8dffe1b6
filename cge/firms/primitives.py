"""What records of primitives have in common: arrays that nobody can change, and faults that name the place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.productivity import Productivity

SHOWN = 5
"""Places that a fault names one by one; of the others it says how many there are."""

Axis = tuple[str, Sequence[str]]
"""What a dim is called, and its labels."""


def numbers(name: str, value: npt.ArrayLike) -> Array:
    """A copy […] that nobody can change, of numbers in rows of one length."""
    try:
        array = np.array(value, dtype=float)
    except (TypeError, ValueError) as fault:
        raise DataError(f"{name}: not numbers in rows of one length.") from fault
    array.setflags(write=False)
    return array


def number(name: str, value: Any) -> float:
    """One number."""
    try:
        return float(value)
    except (TypeError, ValueError) as fault:
        raise DataError(f"{name}: {value!r} is not a number.") from fault


def settle(record: object, values: Mapping[str, object], *checks: Callable[[Any], Iterable[str]]) -> None:
    """Give a frozen record its values; `DataError` with the faults that the first of `checks` to find any finds in it.

    Args:
        checks: in turn, each on what those before it have let pass: of shapes, and then of values.
    """
    for name, value in values.items():
        object.__setattr__(record, name, value)
    for check in checks:
        if faults := list(check(record)):
            raise DataError(faults)


def spread(name: str, value: npt.ArrayLike, shape: tuple[int, ...], home: float | None = None) -> Array:
    """A copy of numbers, one number standing for all of [shape], but for `home`, which stands on the diagonal of the last two dims, if given."""
    array = numbers(name, value)
    if array.ndim:
        return array
    if home is None:
        return numbers(name, np.full(shape, array))
    return numbers(name, np.broadcast_to(np.where(np.eye(shape[-1], dtype=bool), home, array), shape))


def each(productivity: Productivity | Sequence[Productivity], count: int) -> tuple[Productivity, ...]:
    """One distribution for each country; one alone stands for all."""
    return (productivity,) * count if isinstance(productivity, Productivity) else tuple(productivity)


def numbered(names: Sequence[str], count: int) -> tuple[str, ...]:
    """Names, or 1 to `count` where none are given."""
    return tuple(names) or tuple(str(i + 1) for i in range(count))


def shape_faults(shapes: Mapping[str, tuple[Array, tuple[int, ...]]], wants: str) -> Iterator[str]:
    """A sentence for each array [as given] whose shape is not the one beside it; `wants` says why it should be."""
    for name, (array, shape) in shapes.items():
        if array.shape != shape:
            rows = " (markets in rows)" if len(shape) > 1 else ""
            yield f"{name}: shape {array.shape}, but {wants}: {shape}{rows}."


def label_faults(**lists: Sequence[str]) -> Iterator[str]:
    """A sentence for each list of labels, by its name, in which some stand more than once: no table could tell them apart."""
    for name, labels in lists.items():
        twice = [label for label, count in Counter(labels).items() if count > 1]
        if twice:
            yield f"{name}: {', '.join(twice[:SHOWN])} given more than once."


def value_faults(name: str, array: Array, good: npt.NDArray[np.bool_], wanted: str, *axes: Axis) -> Iterator[str]:
    """A sentence for each place where an array [axes] is not good."""
    places = np.argwhere(~np.asarray(good))
    for place in places[:SHOWN]:
        at = " ".join(f"{dim}={labels[i]}" for (dim, labels), i in zip(axes, place, strict=True))
        yield f"{name} = {array[tuple(place)]:g}{' at ' if at else ''}{at}, but it must be {wanted}."
    if len(places) > SHOWN:
        yield f"{name}: {len(places) - SHOWN} more that must be {wanted}."


def positive(name: str, array: Array, *axes: Axis) -> Iterator[str]:
    """A sentence for each place where an array [axes] is not positive and finite."""
    return value_faults(name, array, np.isfinite(array) & (array > 0), "positive and finite", *axes)
