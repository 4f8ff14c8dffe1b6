"""Tables for papers: chosen countries and statistics of an output folder, with sensible decimals and a note on where they come from."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import InputError, nearest
from cge.questions.sweep.uncertainty import spread
from cge.results.channels import CHANNELS
from cge.runfile.in_words import spoken
from cge.tell.folder import QUANTILES, Results
from cge.tell.headings import Unit, decimals, heading, in_unit, shown_unit

DEFAULTS = {
    "run": ("real_income_pct", "equivalent_variation", *CHANNELS),
    "gains": ("gains_from_trade_pct",),
    "comparison": ("real_income_pct",),
    "sweep": ("real_income_pct",),
}
"""Statistics of a table unless others are chosen."""

NOTHING = 1e-9
"""Below this a number is what rounding leaves; a channel that is nothing else is left out of the default table."""

MOST_COLUMNS = 12
"""Scenarios of a sweep that stand side by side; of more the least, the median and the most are shown."""


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
        text = f"{abs(value):,.{self.decimals}f}"
        negative = value < 0 and any(digit in "123456789" for digit in text)
        return f"−{text}" if negative else text


@dataclass(frozen=True)
class Paper:
    """A table for a paper: `rows` are labels (countries, then World and groups from place `aggregates` on)."""

    title: str
    rows: tuple[str, ...]
    aggregates: int
    columns: tuple[Column, ...]
    note: str


def paper(found: Results, countries: Iterable[str] = (), statistics: Iterable[str] = ()) -> Paper:
    """The table of an output folder.

    Args:
        countries: labels of countries, `World` or groups, in this order (all where left out); statistics: columns of the folder's tables.

    Raises:
        InputError: labels or statistics that the folder does not have, all of them.
    """
    given, chosen = list(statistics), list(countries)
    wanted, asked = given or list(DEFAULTS[found.kind]), bool(given)
    wide = _wide(found, wanted, asked)
    known = [str(label) for label in next(iter(wide.values())).index]
    faults = [f"countries: no {label} in {found.folder}.{nearest(label, known)}" for label in chosen if label not in known]
    if faults:
        raise InputError(faults)
    rows = chosen or known
    inside = set(found.countries)
    return Paper(found.title, tuple(rows), sum(label in inside for label in rows), _columns(wide, rows, found.unit), note(found, wanted))


Wide = dict[tuple[str, Unit], pd.Series]
"""Columns by word and unit, all with the same labels."""


def _columns(wide: Wide, rows: list[str], money: str) -> tuple[Column, ...]:
    """The rows that are shown; columns of one unit share their decimals, so that they can be compared."""
    shown = {key: tuple(in_unit(float(value), key[1]) for value in values.loc[rows]) for key, values in wide.items()}
    places = {
        unit: decimals(v for (_, other), values in shown.items() if other == unit for v in values if abs(v) > NOTHING) for _, unit in shown
    }
    return tuple(Column(word, shown_unit(unit, money), values, places[unit]) for (word, unit), values in shown.items())


def _wide(found: Results, wanted: list[str], asked: bool) -> Wide:
    """Numbers of the chosen statistics."""
    if found.kind == "comparison":
        return _of_comparison(found, wanted)
    if found.kind == "sweep":
        return _of_sweep(found, wanted)
    table = found.tables["gains"] if found.kind == "gains" else pd.concat([found.tables["welfare"], found.tables["groups"]])
    table = table.set_index("country")
    _known(wanted, [str(name) for name in table], found)
    kept = [name for name in wanted if asked or name not in CHANNELS or (table[name].abs() > NOTHING).any()]
    return {(heading(name).word, heading(name).unit): table[name] for name in kept}


def _of_comparison(found: Results, wanted: list[str]) -> Wide:
    """A column for each model, under each statistic."""
    table = pd.concat([found.tables["comparison"], found.tables["comparison_groups"]])
    _known(wanted, list(dict.fromkeys(table["statistic"])), found)
    order, several = list(dict.fromkeys(table["country"])), len(wanted) > 1
    columns: Wide = {}
    for name in wanted:
        words = heading(name)
        for member in dict.fromkeys(table["member"]):
            rows = table[(table["member"] == member) & (table["statistic"] == name)]
            word = f"{words.word}: {spoken(str(member))}" if several else spoken(str(member))
            columns[word, words.unit] = rows.set_index("country")["value"].reindex(order)
    return columns


def _of_sweep(found: Results, wanted: list[str]) -> Wide:
    """Quantiles over the draws; without draws a column for each scenario, or the least, median and most of many."""
    assert found.store is not None
    _known(wanted, [str(name) for name in found.store.data_vars if "country" in found.store[name].dims], found)
    columns: Wide = {}
    for name in wanted:
        words, table = heading(name), spread(found, name)
        square = {key: table[key].to_numpy(float).reshape(-1, len(found.countries)) for key in QUANTILES}
        labels = [_scenario(found, table.iloc[k * len(found.countries)]) for k in range(len(square["median"]))]
        for word, values in _sides(square, labels, bool(found.summary["draws"])).items():
            full = f"{words.word}: {word}" if len(wanted) > 1 else word
            columns[full, words.unit] = pd.Series(values, index=found.countries)
    return columns


def _sides(square: dict[str, Array], labels: list[str], draws: bool) -> dict[str, Array]:
    """Columns of a sweep by their words, from quantiles [combination, country]."""
    if draws and len(labels) == 1:
        return {word: values[0] for word, values in square.items()}
    median = square["median"]
    if len(labels) <= MOST_COLUMNS:
        return dict(zip(labels, median, strict=True))
    known = median[np.isfinite(median).any(axis=1)]
    return {"least": known.min(axis=0), "median": np.median(known, axis=0), "most": known.max(axis=0)}


def _scenario(found: Results, row: pd.Series) -> str:
    """The keys of a scenario."""
    return ", ".join(
        f"{name} = {row[name]:g}" if isinstance(row[name], float) else f"{name} = {row[name]}" for name in found.summary["axes"]
    )


def _known(wanted: list[str], known: list[str], found: Results) -> None:
    faults = [f"statistics: no {name} in {found.folder}.{nearest(name, known)}" for name in wanted if name not in known]
    if faults:
        raise InputError(faults)


def note(found: Results, statistics: list[str]) -> str:
    """Model, elasticities, inputs, transfers, data, verification, in one paragraph."""
    s = found.summary
    links = "input-output links" if s["intermediates"] else "no input-output links"
    parts = [f"{spoken(s['model'])}; {s['elasticities']}; {links}; transfers {s['transfers']}"]
    if found.kind == "comparison":
        kept = [f"{spoken(m['name'])}: {m.get('elasticities', m['outcome'])}, transfers {m['transfers']}" for m in s["members"]]
        parts = [f"Elasticities and transfers by model: {'; '.join(kept)}"]
    size = f"{s['countries']} countries, {s['sectors']} sectors"
    parts.append(str(s["economy"]) if size in s["economy"] else f"{s['economy']}, {size}")
    if any(heading(name).unit.startswith("log") for name in statistics):
        parts.append("Channels are log points × 100 and add up to 100 times the log change of real income")
    if found.kind == "sweep":
        parts.append(f"{s['solved']} of {s['scenarios']} scenarios solved")
        parts += [f"Quantiles over {s['draws']} draws of elasticities"] if s["draws"] else []
    if s.get("residual") is not None:
        parts.append(f"Largest relative residual of the equations {s['residual']:.0e}")
    return f"{'. '.join(parts)}. cge {s['versions']['cge']}."
