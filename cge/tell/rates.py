"""Rates that were imposed, as a table in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from cge.data.geography import name_of
from cge.runfile.in_words import capital, listed
from cge.tell.digits import fixed

Names = Mapping[str, str]
"""Words by label."""


class RateTable(NamedTuple):
    """Rates that were imposed, before and after, as text: a row for each partner, a column for each sector."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[str, ...]], ...]


ARTICLE = (
    "United ",
    "Netherlands",
    "Philippines",
    "Bahamas",
    "Maldives",
    "Gambia",
    "Comoros",
    "Seychelles",
    "Dominican Republic",
    "Russian Federation",
)
"""How names begin that take an article."""


def called(name: str) -> str:
    """A country's name within a sentence."""
    return f"the {name}" if name.startswith(ARTICLE) else name


def part_in_words(part: Mapping[str, Any], names: Names, every: str) -> str:
    """Labels that stand together, in words."""
    labels = part["labels"]
    if part["name"]:
        return every if part["name"] == "*" else str(part["name"])
    if part["rest"] or len(labels) > 3:
        return f"{len(labels)} others" if part["rest"] else f"{_word(labels[0], names)} and {len(labels) - 1} more"
    return listed([_word(label, names) for label in labels])


def _word(label: str, names: Names) -> str:
    return called(names.get(label) or name_of(label))


def rate_in_words(rate: float) -> str:
    return f"{fixed(100 * rate, 1).removesuffix('.0')} %"


def rate_table(importer: str, rates: Mapping[str, Any], countries: Names, sectors: Names) -> RateTable:
    """The rates of an importer, from what summary.json holds of them."""
    columns = tuple(capital(part_in_words(part, sectors, "all sectors")) for part in rates["sectors"])
    cells = zip(rates["before"], rates["after"], strict=True)
    texts = [tuple(f"{rate_in_words(a).removesuffix(' %')} → {rate_in_words(b)}" for a, b in zip(*pair, strict=True)) for pair in cells]
    rows = (capital(part_in_words(part, countries, "every partner")) for part in rates["partners"])
    return RateTable(f"Tariffs of {importer}, before → after", columns, tuple(zip(rows, texts, strict=True)))
