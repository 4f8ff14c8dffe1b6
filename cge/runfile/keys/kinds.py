"""Kinds of values in a run file: labels, numbers, numbers by sector; what is none of the kind is a fault, which says why where it can."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import numpy as np
from pydantic import Field, PlainValidator

from cge.model.exponents import Named, PerSector
from cge.model.workers import Mobility
from cge.runfile.keys.table import as_toml


def _entries(value: Any) -> str | list[str]:
    """A label, group or pattern, or a list of them."""
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, str) and entry for entry in entries):
        raise ValueError
    return value  # type: ignore[no-any-return]


def _positive(value: Any) -> float:
    """A number above zero, or inf."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError
    return float(value)


def _factor(value: Any) -> float:
    """A finite number above zero."""
    if _positive(value) == np.inf:
        raise ValueError
    return float(value)


class Partly(ValueError):
    """Values of a table that are none of its kind.

    Attributes:
        sound: the table, with None in their places; None where it is no table.
    """

    def __init__(self, reason: str, sound: dict[str, Any] | None) -> None:
        super().__init__(reason)
        self.sound = sound


def _by_label(value: Any, good: Callable[[Any], bool], what: str, dim: str = "") -> Any:
    """One of a kind, or a table of them by label of a dim."""
    table = value if isinstance(value, dict) else {"": value}
    if not table:
        raise ValueError("the table is empty")
    found = {label: (float(one) if isinstance(one, int) else one) if good(one) else None for label, one in table.items()}
    wrong = [f"{as_toml(table[label])}{f' at {dim}{label}' if label else ''} is not {what}" for label, one in found.items() if one is None]
    if wrong:
        raise Partly("; ".join(wrong), found if table is value else None)
    return found if table is value else found[""]


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and not np.isnan(value)


def _by_sector(value: Any) -> PerSector:
    """A finite number, or a table {sector = number}."""
    return _by_label(value, lambda one: _number(one) and np.isfinite(one), "a number", "sector=")  # type: ignore[no-any-return]


def _named_by_sector(value: Any) -> Named:
    """A name, or a table {sector = name}."""
    return _by_label(value, lambda one: isinstance(one, str) and one != "", "a name", "sector=")  # type: ignore[no-any-return]


def _mobility(value: Any) -> Mobility:
    """A number, inf, or a table of these by group or factor."""
    return _by_label(value, _number, "a number or inf")  # type: ignore[no-any-return]


def _bound(value: Any) -> float | str:
    """A rate above −1, or the name of a file."""
    if isinstance(value, str) and value:
        return value
    if isinstance(value, bool) or not isinstance(value, int | float) or not -1 < value < np.inf:
        raise ValueError
    return float(value)


Number = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float | None, PlainValidator(_positive)]
Finite = Annotated[float | None, PlainValidator(_factor)]
Moves = Annotated[Mobility | None, PlainValidator(_mobility)]
Factor = Annotated[float, PlainValidator(_factor), Field(description="Give a positive number that multiplies the benchmark, as 0.9.")]
Entries = Annotated[Any, PlainValidator(_entries)]
Country = Annotated[Entries, Field(description='Give a country, group, pattern or a list of these; "*" is all.')]
Sector = Annotated[Entries, Field(description='Give a sector, group, pattern or a list of these; "*" is all.')]
BySector = Annotated[
    PerSector | None,
    PlainValidator(_by_sector),
    Field(None, description='Give a number or a table {sector = number}; "*" names the rest.'),
]
NamedBySector = Annotated[
    Named | None,
    PlainValidator(_named_by_sector),
    Field(None, description='Give a name or a table {sector = name}; "*" names the rest.'),
]
Bound = Annotated[
    Any,
    PlainValidator(_bound),
    Field(description="Give a rate above -1, or a csv player,partner,sector,lower,upper (any labels, * names all)."),
]
Tables = Annotated[
    list[dict[str, Any]], Field(default_factory=list, description="Give it as tables in double brackets, any number of them.")
]
