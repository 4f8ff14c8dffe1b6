"""The numbers of tables of rates: rates in their unit, values of trade, and the faults of rows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.choices import Average, Unit
from cge.data.tariffs.columns import blank, numbers, shown, trade_values
from cge.data.tariffs.headings import KEYS
from cge.data.tariffs.items import ONE as ONE_ITEM
from cge.data.tariffs.items import Positions
from cge.data.tariffs.lines import ONE, Lines
from cge.data.tariffs.readings import Read
from cge.data.tariffs.sheets import Ours
from cge.data.units import as_rates, unit_fault

UNIT_REMEDY = (
    "Say what they are: unit = percent divides them by 100, unit = power takes one away, unit = rate leaves them (2.5 is 250 %) (--unit)."
)


@dataclass(frozen=True, eq=False)
class Numbers:
    """What rows say.

    Attributes:
        rate [row]; value [row]: of trade, None where no mean is weighted; line [row]: place in the tables. Zero where text is no number.
        account: what stands for no trade, in words.
    """

    rate: Array
    value: Array | None
    line: Positions
    account: tuple[str, ...] = ()


def numbers_of(
    parts: Sequence[Ours], average: Average, unit: Unit | None, lines: Lines, subsidies: bool = False
) -> tuple[Numbers, list[str]]:
    """The numbers of the rows, and their faults; `subsidies`: whether rates may be below zero, above −1."""
    found = [_of_layout(ours.table, average, unit or ours.unit, lines, subsidies) for ours in parts]
    faults = [fault for _, told in found for fault in told]
    every = [each for each, _ in found]
    if len(every) == 1:
        return every[0], faults
    rate, line = (np.concatenate([getattr(each, name) for each in every]) for name in ("rate", "line"))
    value = None if average == "simple" else np.concatenate([each.value for each in every if each.value is not None])
    return Numbers(rate, value, line, tuple(said for each in every for said in each.account)), faults


def _of_layout(table: pd.DataFrame, average: Average, unit: Unit | None, lines: Lines, subsidies: bool) -> tuple[Numbers, list[str]]:
    """The numbers of the rows of one layout, and their faults."""
    wanted = {
        "tariff": f"tariff {{}} is not a rate {'above -1' if subsidies else 'from 0 up'}",
        "weight": "weight {} is not a value from 0 up",
    }
    line = np.asarray(table.index, dtype=np.int32)
    if average == "simple":
        wanted.pop("weight")
    elif "weight" not in table:
        nothing = np.zeros(len(table))
        return Numbers(nothing, nothing, line), ["no column weight (the value of trade, for weighted averages)."]
    faults, found = [], {}
    account: list[str] = []
    for column, said in wanted.items():
        if column == "tariff":
            number = as_rates(numbers(table[column]), unit)
            low = number > -1 if subsidies else number >= 0
        else:
            number, account = trade_values(table[column])
            low = number >= 0
        bad = ~(low & (number < np.inf))
        at = table.index[bad]
        faults += first_fault(at, said.format(shown(table[column][at[0]])) if len(at) else "", lines)
        found[column] = np.where(bad, 0.0, number) if len(at) else number
    if unit is None:
        faults += unit_fault(found["tariff"], UNIT_REMEDY)
    return Numbers(found["tariff"], found.get("weight"), line, tuple(account)), faults


def empty_faults(table: pd.DataFrame, lines: Lines = ONE) -> Iterable[str]:
    """Label columns with an empty entry, by the first row that has one."""
    for key in KEYS:
        yield from first_fault(table.index[blank(table[key], frozenset({""}))], f"{key} is empty; * stands for all of them", lines)


def first_fault(rows: pd.Index[int], said: str, lines: Lines = ONE) -> list[str]:
    """A sentence on the first of these rows, with their number; none where there are none."""
    return [f"row {lines.of(int(rows[0]))}: {said} ({len(rows)} such {'row' if len(rows) == 1 else 'rows'})."] if len(rows) else []


def own_faults(given: Numbers, read: Mapping[str, Read], lines: Lines) -> list[str]:
    """Rates of a country on its own goods."""
    first = {
        key: np.array(
            [int(entry.items[0]) if entry.kind == ONE_ITEM and entry.items.size else -1 for entry in read[key].entries], dtype=np.int32
        )
        for key in ("importer", "exporter")
    }
    importer, exporter = (first[key][read[key].code] for key in first)
    own = np.flatnonzero((importer >= 0) & (importer == exporter) & (given.rate > 0))
    if not len(own):
        return []
    name = read["importer"].entries[int(read["importer"].code[own[0]])].name
    return first_fault(pd.Index(given.line[own]), f"{name} has a tariff of {given.rate[own[0]]:g} on its own goods", lines)
