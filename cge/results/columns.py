"""Columns of tables: a name, its words, numbers by country, and what a group of countries has of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Literal, TypeVar

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, nearest

Unit = Literal["%", "log points × 100", "money", "rate"]

P = TypeVar("P")
"""What the columns of a table are made of."""

Piece = Callable[[P], Array]
Pair = Callable[[P], tuple[Array, Array]]
Add = Callable[[Array], Array]
"""Sums an array over the members of every group: [country] to [group], [sector, country] to [sector group, group]."""

Together = Callable[[P, Array, Add], Array]
"""The numbers of groups, from the pieces, the numbers of countries and what sums over members."""


@dataclass(frozen=True)
class Column(Generic[P]):
    """A column of a table.

    Attributes:
        name; word, unit: as a reader meets it (`rate`: a share that is shown in percent); make: its numbers by country.
        together: what groups have (`total`, `mean`, `change_of`); brief: the word where there is little room.
    """

    name: str
    word: str
    unit: Unit
    make: Piece[P]
    together: Together[P]
    brief: str = ""

    @property
    def additive(self) -> bool:
        """Whether groups have the sum of their members."""
        return self.together is total


def total(pieces: Any, values: Array, add: Add) -> Array:
    """The sum over members [..., group] of values [..., country]."""
    return add(values)


def mean(weight: Piece[P]) -> Together[P]:
    """The average over members with these weights; a member of no weight has no say, NaN where nobody has any."""

    def together(pieces: P, values: Array, add: Add) -> Array:
        given = weight(pieces)
        some = given > 0
        return per(add(np.where(some, given * values, 0.0)), add(np.where(some, given, 0.0)))

    return together


def change_of(pair: Pair[P]) -> Together[P]:
    """The change in percent of sums over members (reference, counterfactual), so that what was nothing before counts, too."""
    return lambda pieces, values, add: percent(*map(add, pair(pieces)))


def changing(name: str, word: str, pair: Pair[P]) -> Column[P]:
    """A column that is the change of something in percent, for countries and groups alike."""
    return Column(name, word, "%", lambda pieces: percent(*pair(pieces)), change_of(pair))


def percent(old: Array, new: Array) -> Array:
    """100·(new/old − 1) [any dims], NaN where there was nothing."""
    return 100 * (per(new, old) - 1)


def per(top: Array, bottom: Array) -> Array:
    """A ratio [any dims], NaN where there is nothing below."""
    some = bottom > 0
    return np.where(some, top / np.where(some, bottom, 1.0), np.nan)


def membership(labels: Sequence[str], groups: Mapping[str, Sequence[str]]) -> Array:
    """Who belongs to which group, ones and zeros [group, label]; `DataError` where a group has a label that is none of these."""
    known = set(labels)
    lists = {
        name: [] if isinstance(members, str) or not isinstance(members, Iterable) else list(members) for name, members in groups.items()
    }
    faults = [f"groups: {name} is no list of labels, or an empty one." for name, members in lists.items() if not members]
    faults += [
        f"groups: {name} has {member}, which the solution lacks.{nearest(str(member), labels)}"
        for name, members in lists.items()
        for member in members
        if member not in known
    ]
    if faults:
        raise DataError(faults)
    return np.array([np.isin(labels, list(members)) for members in groups.values()], dtype=float).reshape(len(groups), len(labels))
