"""What is wrong with a table [sweep], found before anything is solved: every value of a key is tried, the other keys at their first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from cge.errors import InputError
from cge.questions.sweep.combinations import Scenarios, read_scenarios
from cge.runfile.case import Case
from cge.runfile.keys.table import as_toml
from cge.runfile.making import make_case
from cge.runfile.reading import caught
from cge.runfile.scenarios import stated

MOST = 3
"""Values that a sentence names."""


def faults(case: Case) -> list[str]:
    """Faults of the table [sweep] of a run file, of its shape and of every value of its keys; none where there is no such table.

    Draws are not tried: those that a model refuses are counted among the failures of the sweep.
    """
    if not case.sweep:
        return []
    found = caught(lambda: read_scenarios(case))
    if isinstance(found, InputError):
        return list(found.faults)
    scenarios = replace(found, draws=None)
    common = refused(case, scenarios, 0)
    by_fault: dict[tuple[str, str], list[str]] = {}
    for name, value, row in one_at_a_time(scenarios):
        for fault in refused(case, scenarios, row):
            if fault not in common:
                by_fault.setdefault((name, fault), []).append(value)
    return [
        *(f"sweep, the first scenario: {fault}" for fault in common),
        *(f'sweep."{name}" = {_listed(values)}: {fault}' for (name, fault), values in by_fault.items()),
    ]


def one_at_a_time(scenarios: Scenarios) -> Iterator[tuple[str, str, int]]:
    """Every value of every key, in words, with the scenario that has it and otherwise as much as can be of the first."""
    alike = scenarios.places == scenarios.places[:1]
    for k, axis in enumerate(scenarios.axes):
        for place, value in enumerate(axis.values):
            rows = np.flatnonzero(scenarios.places[:, k] == place)
            if len(rows):
                yield axis.name, as_toml(value), int(rows[alike[rows].sum(axis=1).argmax()])


def refused(case: Case, scenarios: Scenarios, number: int) -> tuple[str, ...]:
    """Faults of a scenario."""
    table = scenarios.table(case.table, number)
    made = caught(lambda: make_case(table, case.text, case.path, case.cache, stated(table, scenarios.follows)))
    return made.faults if isinstance(made, InputError) else ()


def _listed(values: list[str]) -> str:
    """Values with commas between, of many the first."""
    more = f" and {len(values) - MOST} more" if len(values) > MOST else ""
    return ", ".join(values[:MOST]) + more
