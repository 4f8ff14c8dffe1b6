"""The answer in plain words, for whoever reads one sentence: the records that a question fills, and amounts in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cge.data.economy import names_in
from cge.data.geography import name_of
from cge.model.benchmark import Benchmark
from cge.tell.digits import NOTHING, amounts, money_in_words, sized
from cge.tell.rates import Names, RateTable, called

WORLD = "World"

DUTIES = ("tariff_revenue", "export_tax_revenue")
"""What treasuries take, columns of welfare.csv as far as a folder has them."""


class Tile(NamedTuple):
    """A number of the first screen: what, how much, and what goes with it."""

    word: str
    value: str
    note: str


class Answer(NamedTuple):
    """What a reader sees first.

    Attributes:
        who: label of the country or group that acts, `World` where nobody does alone; sentence, tiles: of it; rates: where tariffs moved.
    """

    who: str
    sentence: str
    tiles: tuple[Tile, ...]
    rates: tuple[RateTable, ...] = ()


class Told(NamedTuple):
    """What an answer is made from: summary.json, the tables of the folder, the unit of money, and countries and sectors in words."""

    summary: Mapping[str, Any]
    tables: Mapping[str, pd.DataFrame]
    unit: str
    countries: Names
    sectors: Names

    def name(self, label: str) -> str:
        """A country or group in words."""
        return "the world" if label == WORLD else called(self.countries.get(label) or name_of(label))

    def labelled(self, label: str) -> str:
        """A country with its code and its name; a group by its name."""
        word = self.countries.get(label) or name_of(label)
        return label if word == label else f"{label} {word}"

    def sector(self, label: str) -> str:
        """A sector in words, within a sentence."""
        return self.sectors.get(label) or label

    def row(self, label: str) -> dict[str, float]:
        """The numbers of a country or group."""
        for table in (self.tables["groups"], self.tables["welfare"]):  # World and groups first: no country bears their name
            places = np.flatnonzero(table["country"].to_numpy() == label)
            if places.size:
                return dict(table.iloc[places[0]])
        raise KeyError(label)


def told_of(summary: Mapping[str, Any], tables: Mapping[str, pd.DataFrame], benchmark: Benchmark) -> Told:
    """`Told` where the economy is at hand."""
    words = names_in(benchmark.data, "sector")
    return Told(summary, tables, benchmark.unit, names_in(benchmark.data), within_sentences(words))


def within_sentences(sectors: Names) -> Names:
    """Sectors as they stand in a sentence: Manufacture of food products becomes food products; parts stand between commas."""
    bare = {label: word.removeprefix("Manufacture of ").replace("; ", ", ") for label, word in sectors.items()}
    return {label: word if word[1:2].isupper() else word[:1].lower() + word[1:] for label, word in bare.items()}


# --- amounts -------------------------------------------------------------------------------------------------------------------------

MINUS = "−"


def signed(value: float, unit: str = "%") -> str:
    """A change with its sign and unit."""
    return f"{sized(value, plus=True, minus=MINUS)} {unit}"


def money(value: float, unit: str) -> str:
    """A change in money with its sign."""
    sign = "" if not value else MINUS if value < 0 else "+"
    return f"{sign}{money_in_words(value, unit)}"


def quoted(name: str) -> str:
    """A name that somebody gave."""
    return f"“{name}”"


class At(NamedTuple):
    """A number, and where it was found: under which model, at which value; empty where there is one."""

    value: float
    where: str = ""


class Span(NamedTuple):
    """The least and the most of several numbers."""

    low: At
    high: At

    @property
    def alone(self) -> bool:
        """Whether both read as the same number."""
        return sized(self.low.value) == sized(self.high.value)

    def slight(self, value: float) -> bool:
        """Whether a number is next to nothing beside the other end, so that its digits would say nothing."""
        return NOTHING < abs(value) < SLIGHT * max(abs(one.value) for one in self)


SLIGHT = 1e-3
"""What is smaller than this part of the other end of a range is next to nothing."""


def span(found: Iterable[At]) -> Span:
    """The least and the most; what is no number is passed over, and nothing else but that is one that is no number."""
    known = [one for one in found if np.isfinite(one.value)] or [At(float("nan"))]
    return Span(min(known, key=lambda one: one.value), max(known, key=lambda one: one.value))


def gains(found: Span, of: str = "real income") -> str:
    """What somebody gains or loses: loses 0.014 % (Krugman) to 0.028 % (Melitz) of real income."""
    low, high = found
    if not np.isfinite(low.value):
        return f"has no number for {of}"
    if max(-low.value, high.value) < NOTHING:
        return f"keeps its {of}"
    if low.value < -NOTHING and high.value > NOTHING:
        return f"ends between a loss of {_at(found, low)} and a gain of {_at(found, high)} of {of}"
    ends = (low, high) if high.value > NOTHING else (high, low)
    amount = f"{sized(abs(ends[1].value))} %" if found.alone else " to ".join(_at(found, one) for one in ends)
    return f"gains {amount} of {of}" if high.value > NOTHING else f"loses {amount} of {of}"


def _at(found: Span, one: At) -> str:
    """A size in percent, with where it was found."""
    size = "almost nothing" if found.slight(one.value) else f"{sized(abs(one.value))} %"
    return f"{size} ({one.where})" if one.where else size


def shifts(found: Span, name: str) -> str:
    """What something adds to somebody's real income: takes 0.51 to 0.60 percentage points from China."""
    low, high = found.low.value, found.high.value
    if not np.isfinite(low):
        return f"leaves no number for {name}"
    if max(-low, high) < NOTHING:
        return f"changes nothing for {name}"
    if low < -NOTHING and high > NOTHING:
        return f"moves {name} by {sized(low, minus=MINUS)} to {sized(high, plus=True)} percentage points"
    sizes = sorted((abs(low), abs(high)))
    amount = sized(sizes[1]) if found.alone else " to ".join(map(sized, sizes))
    return f"takes {amount} percentage points from {name}" if low < -NOTHING else f"brings {name} {amount} percentage points"


def ranged(found: Span, unit: str) -> str:
    """Both ends with signs and one unit, percent or points."""
    if not np.isfinite(found.low.value):
        return "–"
    low, high = ("almost 0" if found.slight(one.value) else sized(one.value, plus=True, minus=MINUS) for one in found)
    return f"{high if found.alone else f'{low} to {high}'} {unit}"


def ranged_money(found: Span, unit: str) -> str:
    """Both ends with signs in money: −1.2 to +26.8 billion USD."""
    if not np.isfinite(found.low.value):
        return "–"
    sizes, words = amounts([one.value for one in found], unit)
    signs = ("" if size == "0" else MINUS if one.value < 0 else "+" for size, one in zip(sizes, found, strict=True))
    low, high = ("almost 0" if found.slight(one.value) else sign + size for one, sign, size in zip(found, signs, sizes, strict=True))
    return f"{high if low == high else f'{low} to {high}'} {words}"


def where(found: Span) -> str:
    """Where the ends of a range were found."""
    return "" if found.alone or not found.low.where else f"lowest: {found.low.where}; highest: {found.high.where}"


def spread(word: str, values: Sequence[At], note: str = "", unit: str = "%") -> Tile:
    """A tile of a range, with where its ends were found, else a note."""
    found = span(values)
    return Tile(word, ranged(found, unit), where(found) or note)


def spread_money(word: str, values: Sequence[At], unit: str, note: str = "") -> Tile:
    """The same of money."""
    found = span(values)
    return Tile(word, ranged_money(found, unit), where(found) or note)


# --- what it cannot tell -------------------------------------------------------------------------------------------------------------


def limits_in_brief(summary: Mapping[str, Any]) -> tuple[str, str]:
    """What the numbers cannot tell, in two lines."""
    links = "Every buyer of a country takes the same mix of origins, and final demand is what the table leaves when inputs are taken out"
    without = "Producers buy no inputs, so that all of sales counts as income and money is larger than value added"
    fixed_deficits = "; trade deficits stay in money" if summary["transfers"] == "fixed" else ""
    return (
        "This is the long run, when everybody has adjusted: it says nothing of the way there, of unemployment or of investment.",
        f"{links if summary['intermediates'] else without}{fixed_deficits}.",
    )
