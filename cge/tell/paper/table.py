"""Tables for papers: chosen countries and statistics of an output folder, with sensible decimals and a note on where they come from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from cge.data.text import counted
from cge.errors import InputError, nearest
from cge.results.channels import CHANNELS
from cge.results.welfare import SOMETIMES
from cge.runfile.in_words import spoken
from cge.tell.digits import NOTHING, fixed
from cge.tell.headings import decimals, in_unit, shown_unit
from cge.tell.question import Results, Wide


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Attributes:
        word, unit: its head; values: as shown (rates in percent), NaN where not defined; decimals: how many are shown.
    """

    word: str
    unit: str
    values: tuple[float, ...]
    decimals: int

    def cell(self, row: int) -> str:
        """A number as text with a minus sign of its own; empty where not defined."""
        value = self.values[row]
        if not math.isfinite(value):
            return ""
        return fixed(value, self.decimals, minus="−")


@dataclass(frozen=True)
class Paper:
    """A table for a paper: `rows` are labels (countries, then World and groups from place `aggregates` on)."""

    title: str
    rows: tuple[str, ...]
    aggregates: int
    columns: tuple[Column, ...]
    note: str


def paper(results: Results, countries: Iterable[str] = (), statistics: Iterable[str] = ()) -> Paper:
    """The table of an output folder.

    Args:
        countries: labels of countries, `World` or groups, in this order (all where left out); statistics: columns of the folder's tables.

    Raises:
        InputError: labels or statistics that the folder does not have, all of them.
    """
    question, given, chosen = results.question, list(statistics), list(countries)
    wanted = given or list(question.statistics or (question.leads,))
    wide = (question.wide or by_country)(results, wanted, bool(given))
    index = next(iter(wide.columns.values())).index
    labels = [str(label) for label in index.get_level_values(0)]
    faults = [f"countries: no {label} in {results.folder}.{nearest(label, labels)}" for label in chosen if label not in labels]
    if faults:
        raise InputError(faults)
    places = [place for label in chosen for place, one in enumerate(labels) if one == label] if chosen else list(range(len(labels)))
    words = results.names
    rows = tuple(": ".join(map(str, row)) if isinstance(row := index[place], tuple) else words.get(str(row), str(row)) for place in places)
    inside = set(results.countries)
    aggregates = sum(labels[place] in inside for place in places)
    return Paper(results.title, rows, aggregates, columns_of(wide, places, results.unit), note(results, wanted, wide))


def columns_of(wide: Wide, places: list[int], money: str) -> tuple[Column, ...]:
    """The rows that are shown; columns of one unit share their decimals, so that they can be compared."""
    shown = {key: tuple(in_unit(float(value), key[1]) for value in values.iloc[places]) for key, values in wide.columns.items()}
    digits = {
        unit: decimals(v for (_, other), values in shown.items() if other == unit for v in values if abs(v) > NOTHING) for _, unit in shown
    }
    return tuple(Column(word, shown_unit(unit, money), values, digits[unit]) for (word, unit), values in shown.items())


def by_country(results: Results, wanted: list[str], asked: bool) -> Wide:
    """A column for each statistic that there is, a row for each country and group; channels that are nothing only where they were asked for."""
    table = pd.concat([results.table, *([results.tables["groups"]] if "groups" in results.tables else [])]).set_index("country")
    there = [name for name in wanted if asked or name in table or name not in SOMETIMES]
    refuse_unknown(results, there, [str(name) for name in table])
    kept = [name for name in there if asked or name not in CHANNELS or (table[name].abs() > NOTHING).any()]
    return Wide({(results.heading(name).word, results.heading(name).unit): table[name] for name in kept})


def refuse_unknown(results: Results, wanted: list[str], known: list[str]) -> None:
    """InputError where the folder does not have a statistic."""
    faults = [f"statistics: no {name} in {results.folder}.{nearest(name, known)}" for name in wanted if name not in known]
    if faults:
        raise InputError(faults)


def note(results: Results, statistics: list[str], wide: Wide) -> str:
    """Model, elasticities, inputs, transfers, data, verification, in one paragraph."""
    s = results.summary
    links = "input-output links" if s["intermediates"] else "no input-output links"
    parts = [wide.about or f"{spoken(s['model'])}; {s['elasticities']}; {links}; transfers {s['transfers']}"]
    size = f"{counted(s['countries'], 'country', 'countries')}, {counted(s['sectors'], 'sector')}"
    parts.append(str(s["economy"]) if size in s["economy"] else f"{s['economy']}, {size}")
    if any(name in CHANNELS for name in statistics):
        parts.append("Channels are log points × 100 and add up to 100 times the log change of real income")
    parts += wide.notes
    if s.get("residual") is not None:
        parts.append(f"Largest relative residual of the equations {s['residual']:.0e}")
    return f"{'. '.join(parts)}. cge {s['versions']['cge']}."
