"""What a reader of a sweep sees first: who acts, and how far the answer goes along a key, over its labels, or over draws of elasticities."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from cge.data.arrays import Array
from cge.data.text import counted
from cge.questions.sweep.axes import NAME
from cge.questions.sweep.together import together
from cge.runfile.in_words import percent, spoken, swept
from cge.runfile.scenarios import OWN
from cge.tell.answer import (
    DUTIES,
    MINUS,
    WORLD,
    Answer,
    At,
    Span,
    Tile,
    Told,
    gains,
    money,
    quoted,
    ranged,
    ranged_money,
    signed,
    span,
    spread,
    spread_money,
)
from cge.tell.deed import alone, deed, rate_tables
from cge.tell.digits import sized

if TYPE_CHECKING:
    import xarray as xr

REAL, VALUE = "real_income_pct", "equivalent_variation"

RATES = ("set", "add")
"""Last parts of keys whose numbers are rates."""


class Swept:
    """The numbers of a sweep, [combination, draw], of a country or group; and its combinations in words.

    Attributes:
        told: summary and names; store: of the sweep; table: the run file.
    """

    def __init__(self, told: Told, store: xr.Dataset, table: Mapping[str, Any]) -> None:
        self.told, self.store, self.table = told, store, table
        self.repeats = max(int(told.summary["draws"]), 1)
        self.axes = [name for name, count in told.summary["axes"].items() if count > 1]

    def of(self, label: str, *statistics: str) -> Array:
        """Statistics of a country or group, added up [combination, draw]; of who acts in turn, each at its turn, where the label is empty."""
        return np.asarray(np.sum([self._one(label, statistic) for statistic in statistics or (REAL,)], axis=0))

    def _one(self, label: str, statistic: str) -> Array:
        members = self.told.summary["together"]
        if label in members:
            found = together(self.store, {label: members[label]}, statistic)[:, 0]
        elif label:
            found = self.store[statistic].sel(country=label).values
        else:
            turn = self.store[self.told.summary["turn"]].values
            found = self.store[statistic].values[np.arange(len(turn)), self.store.get_index("country").get_indexer(turn)]
        return np.asarray(found.reshape(-1, self.repeats))

    def medians(self, label: str, *statistics: str) -> list[At]:
        """Medians over draws, each with its combination in words."""
        values = self.of(label, *statistics)
        known = [row[np.isfinite(row)] for row in values]
        middle = [float(np.median(row)) if len(row) else float("nan") for row in known]
        return [At(value, self.where(k)) for k, value in enumerate(middle)]

    def where(self, combination: int) -> str:
        """The values of the keys of a combination in words."""
        return ", ".join(self.value(name, self.store[name].values[combination * self.repeats]) for name in self.axes)

    def value(self, name: str, value: Any) -> str:
        """A value of a key in words: a rate in percent, a label by its name."""
        last = name.split("|")[0].rpartition(".")[2]
        if isinstance(value, float | np.floating):
            return percent(value) if last in RATES else f"{float(value):g}"
        text = str(value)
        if name == ".".join(map(str, NAME)):
            return "the file alone" if text == OWN else quoted(text)
        if last in ("importer", "exporter", "country"):
            return self.told.name(text)
        return spoken(text) if last == "model" else self.told.sector(text) if last == "sector" else text

    def key(self, name: str) -> str:
        """A key in words."""
        return re.sub(r" \([^)]*\)", "", swept(name, self.table))


def opening(told: Told, store: xr.Dataset, table: Mapping[str, Any]) -> Answer:
    """The answer of an output folder of a sweep; `table`: its run file."""
    found, summary = Swept(told, store, table), told.summary
    turn, names = summary["turn"], summary["acting"]["names"]
    who = WORLD if turn else names[0] if names else WORLD
    label = "" if turn else who
    each = f"Each of {counted(summary['axes'][turn], 'country', 'countries')} in turn" if turn else ""
    does = deed(told, summary, not summary["varies"] and not turn, each)
    one = "it" if turn or alone(summary) else told.name(who)
    rates = () if summary["varies"] or turn else rate_tables(told, summary)
    return Answer(who, f"{does}: {_sentence(found, label, one)}.", _tiles(found, label), rates)


# --- the sentence --------------------------------------------------------------------------------------------------------------------


def _sentence(found: Swept, label: str, one: str) -> str:
    """What that does to who acts and to the world."""
    draws = f"{found.repeats:,} draws of elasticities"
    others = [] if label == WORLD else [WORLD]
    if not found.axes:
        parts = [f"{who} {_band(found.of(at)[0])}" for who, at in ((one, label), *(("the world", name) for name in others))]
        return f"over {draws} {', and '.join(parts)}"
    if len(found.axes) == 1 and label and _numbers(found):
        told = _along(found, label, one, others)
    else:
        parts = [f"{who} {gains(span(found.medians(at)))}" for who, at in ((one, label), *(("the world", name) for name in others))]
        told = ", and ".join(parts)
    return f"{told} (medians over {draws})" if found.repeats > 1 else told


def _band(values: Array) -> str:
    """What somebody gains or loses over draws: gains 0.20 % of real income in the median (0.18 to 0.21 % in nine of ten)."""
    low, middle, high = _quantiles(values)
    return f"{gains(span([At(float(middle))]))} in the median ({_between(low, high)} in nine of ten)"


def _between(low: float, high: float) -> str:
    return ranged(span([At(float(low)), At(float(high))]), "%")


def _numbers(found: Swept) -> bool:
    """Whether the key has an order: numbers, or the periods of a calendar."""
    name = found.axes[0]
    return name == "period" or np.issubdtype(found.store[name].dtype, np.number)


def _along(found: Swept, label: str, one: str, others: list[str]) -> str:
    """How real income goes from the first value of a key to the last, and where it is most or least between them."""
    name = found.axes[0]
    values = found.medians(label)
    ends = [(one_of.where, one_of.value) for one_of in (values[0], values[-1])]
    key = "" if name == "period" else f"as {found.key(name)} goes "
    whose = "its real income" if one == "it" else f"real income of {one}"
    parts = [f"{whose} changes by {_ends(values)}"]
    middle = span(values)
    for word, extreme in (("most", middle.high), ("least", middle.low)):
        if all(abs(extreme.value - end) > 0.05 * (middle.high.value - middle.low.value) for _, end in ends):
            parts[0] += f" ({word} at {extreme.where}: {signed(extreme.value)})"
    parts += [f"that of the world by {_ends(found.medians(other))}" for other in others]
    return f"{key}from {ends[0][0]} to {ends[1][0]}, {', and '.join(parts)}"


def _ends(values: list[At]) -> str:
    """The first and the last of several numbers."""
    first, last = (
        "no number" if not np.isfinite(one.value) else f"{sized(one.value, plus=True, minus=MINUS)} %" for one in (values[0], values[-1])
    )
    return f"{first} at first and {last} at last" if first != last else f"{first} throughout"


# --- tiles ---------------------------------------------------------------------------------------------------------------------------


def _tiles(found: Swept, label: str) -> tuple[Tile, ...]:
    """Real income of who acts, in money, duties, and of the world."""
    return (
        _percent(found, f"Real income, {found.told.name(label)}" if label else "Real income of who acts", label),
        _money(found, "The same in money, a year", label, VALUE),
        _money(found, "Duties to the treasury", label, *(f"{name}_change" for name in DUTIES)),
        _percent(found, "Real income, world", WORLD),
    )


def _percent(found: Swept, word: str, label: str) -> Tile:
    """A change in percent: its median and band over draws, or its range over combinations."""
    if found.axes:
        return spread(word, found.medians(label))
    low, middle, high = _quantiles(found.of(label)[0])
    return Tile(word, signed(middle), f"{_between(low, high)} in nine of ten draws")


def _money(found: Swept, word: str, label: str, *statistics: str) -> Tile:
    """The same of money."""
    unit = found.told.unit
    if found.axes:
        return spread_money(word, found.medians(label, *statistics), unit)
    low, middle, high = _quantiles(found.of(label, *statistics)[0])
    return Tile(word, money(middle, unit), f"{ranged_money(Span(At(low), At(high)), unit)} in nine of ten draws")


def _quantiles(values: Array) -> tuple[float, float, float]:
    known = values[np.isfinite(values)]
    low, middle, high = np.quantile(known, (0.05, 0.5, 0.95)) if len(known) else (np.nan,) * 3
    return float(low), float(middle), float(high)
