"""One key of a table [sweep]: the keys of the run file that it sets, and the values that they take in turn."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.data.text import counted
from cge.errors import nearest
from cge.questions.sweep.grounds import TOPS
from cge.runfile.case import Case
from cge.runfile.keys.elasticities import ElasticityKeys
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.runfile.keys.table import as_toml
from cge.runfile.keys.top import RunFile
from cge.runfile.scenarios import OWN, read_scenarios

Path = tuple[str | int, ...]

EACH = {"importer": "countries", "exporter": "countries", "country": "countries", "sector": "sectors"}
"""Keys whose labels `each` takes in turn; of `scenario.name` it takes the file's own question and every scenario."""

NAME: Path = ("scenario", "name")
"""The key `scenario.name`: which scenario of the run file is asked."""


@dataclass(frozen=True)
class Axis:
    """One key of [sweep]: keys of the run file that move together.

    Attributes:
        name: as written; paths: to each key; values: in turn, of each key its own where an entry is a list and there are several keys; or, where the
            axis is a calendar, the periods.
        parts: keys that move along a calendar, each with a value for every period.
    """

    name: str
    paths: tuple[Path, ...]
    values: tuple[Any, ...]
    parts: tuple[Axis, ...] = ()

    def given(self, place: int) -> list[tuple[Path, Any]]:
        """Every key with what it is given at the value of this place."""
        if self.parts:
            return [pair for part in self.parts for pair in part.given(place)]
        value = self.values[place]
        own = value if len(self.paths) > 1 and isinstance(value, list) else [value] * len(self.paths)
        return list(zip(self.paths, own, strict=True))

    @property
    def coordinate(self) -> npt.NDArray[Any]:
        """The values as labels of the store [value]; lists and tables as text."""
        return np.array([value if isinstance(value, str | int | float | bool) else str(value) for value in self.values])


def read_axes(raw: Mapping[str, Any], case: Case, faults: list[str]) -> list[Axis]:
    """The keys of [sweep] but draws, those that move along its calendar as one; adds to the faults."""
    keys, periods = dict(raw), raw.get(PERIOD)
    keys.pop(PERIOD, None)
    moving = [name for name, given in keys.items() if PERIOD in raw and isinstance(given, list) and _moves(name)]
    axes = [axis for name, given in keys.items() if name not in moving and (axis := read_axis(name, given, case, faults)) is not None]
    if PERIOD not in raw:
        return axes
    known = len(faults)
    parts = [part for name in moving if (part := read_axis(name, keys[name], case, faults, distinct=False)) is not None]
    if not isinstance(periods, list) or not periods or not all(isinstance(one, str | int) for one in periods):
        faults.append(f"sweep.period: {as_toml(periods)} is not a list of years or names.")
    elif not moving:
        faults.append(
            'sweep.period: names the steps of keys that move over time, and no key has a list of values, as "tariff[0].times" = [1.0, 0.5].'
        )
    else:
        faults += [
            f'sweep."{part.name}": {counted(len(part.values), "value")} for {counted(len(periods), "period")}; a list has one for each.'
            for part in parts
            if len(part.values) != len(periods)
        ]
    if len(faults) > known or not isinstance(periods, list):
        return axes
    calendar = Axis(PERIOD, tuple(path for part in parts for path in part.paths), tuple(periods), tuple(parts))
    _distinct(calendar, "sweep.period", faults)
    return [calendar, *axes]


PERIOD = "period"
"""The key that names the steps of a calendar."""


def _moves(name: str) -> bool:
    """Whether a list under a key goes along a calendar: what changes and what is read does; who answers makes a product with it."""
    return any(re.split(r"[.\[]", part)[0] in (*SHOCK_TABLES, *TOPS) for part in name.split("|"))


def read_axis(name: str, given: Any, case: Case, faults: list[str], distinct: bool = True) -> Axis | None:
    """One key of [sweep]; None after adding to the faults. `distinct`: no value may stand twice."""
    known, where, parts = len(faults), f'sweep."{name}"', name.split("|")
    paths = [_path(part, case.table, where, faults) for part in parts]
    axis = Axis(
        name,
        tuple(path for path in paths if path is not None),
        tuple(_values(given, [part.rsplit(".", 1)[-1] for part in parts], case, where, faults)),
    )
    if len(faults) == known:
        _fitting(axis, where, faults)
    if len(faults) == known and distinct:
        _distinct(axis, where, faults)
    return axis if len(faults) == known else None


def _fitting(axis: Axis, where: str, faults: list[str]) -> None:
    """Adds to the faults every list that gives keys which move together more or fewer values than there are keys."""
    count = len(axis.paths)
    for value in axis.values:
        if count > 1 and isinstance(value, list) and len(value) != count:
            faults.append(
                f"{where}: {as_toml(value)} gives {counted(len(value), 'value')} to {count} keys; a list as entry gives each key its own."
            )


def _distinct(axis: Axis, where: str, faults: list[str]) -> None:
    """Adds to the faults every value that stands twice: scenarios are told apart by their values."""
    counts = Counter(axis.coordinate.tolist())
    if twice := [as_toml(value) for value, count in counts.items() if count > 1]:
        remedy = 'write each value once (keys that move together are joined: "a|b" = [[1.0, 1.0], [0.5, 0.8]])'
        faults.append(f"{where}: {', '.join(twice)} more than once, and scenarios are told apart by their values; {remedy}.")


def _path(text: str, table: Mapping[str, Any], where: str, faults: list[str]) -> Path | None:
    """`tariff[0].add` as a path; None after adding to the faults."""
    steps = [re.fullmatch(r"([A-Za-z0-9_*]+)(?:\[(\d+)\])?", part) for part in text.split(".")]
    if not all(steps):
        faults.append(f'{where}: is not a path into the run file, as "tariff[0].add" or "elasticities.trade".')
        return None
    path: list[str | int] = []
    for step in steps:
        path += [step[1]] if step[2] is None else [step[1], int(step[2])]  # type: ignore[index]
    top = str(path[0])
    fields = SHOCK_TABLES[top].model_fields if top in SHOCK_TABLES else ElasticityKeys.model_fields
    if top == NAME[0]:
        if tuple(path) != NAME:
            faults.append(
                f'{where}: "scenario.name" says which scenario is asked; what is in one varies under cge sweep FILE --scenario NAME.'
            )
    elif top not in RunFile.model_fields or top in ("sweep", "compare"):
        faults.append(f"{where}: the run file has no key {top}.{nearest(top, RunFile.model_fields)}")
    elif top in SHOCK_TABLES and not (len(path) == 3 and isinstance(path[1], int) and path[1] < len(table.get(top, []))):
        faults.append(f"{where}: there is no such entry; the run file has {len(table.get(top, []))} of [[{top}]], the first is {top}[0].")
    elif (top in SHOCK_TABLES and path[2] not in fields) or (top == "elasticities" and len(path) > 1 and path[1] not in fields):
        faults.append(f"{where}: [{top}] has no key {path[-1]}.{nearest(str(path[-1]), fields)}")
    elif not isinstance(_above(path, table), dict):
        faults.append(f"{where}: {text.rpartition('.')[0]} is no table of the run file; write it as one, or vary it as a whole.")
    return tuple(path)


def _above(path: list[str | int], table: Any) -> Any:
    """What holds the last key of a path; None where the run file has no such thing."""
    for key in path[:-1]:
        inside = isinstance(table, list) and isinstance(key, int) and key < len(table) if not isinstance(table, dict) else key in table
        table = table[key] if inside else None
    return table


def _values(given: Any, last: list[str], case: Case, where: str, faults: list[str]) -> list[Any]:
    """The values of a key in turn: a list, a grid, or `each`."""
    if last == [NAME[1]] and where == f'sweep."{".".join(map(str, NAME))}"':
        return _scenarios(given, case, where, faults)
    if isinstance(given, list) and given:
        return given
    if given == "each":
        kinds = {EACH.get(key) for key in last}
        if len(kinds) == 1 and None not in kinds:
            return case.countries if kinds == {"countries"} else case.sectors
        faults.append(f'{where}: "each" takes labels in turn, of {", ".join(EACH)}.')
    elif isinstance(given, dict):
        return _grid(given, where, faults)
    else:
        faults.append(f'{where}: {as_toml(given)} is not a list of values, a grid {{from, to, steps}} or "each".')
    return []


def _scenarios(given: Any, case: Case, where: str, faults: list[str]) -> list[str]:
    """Names of scenarios in turn."""
    known = [OWN, *(one.name for one in read_scenarios(case.table, faults))]
    if case.named:
        faults.append(f"{where}: stands beside --scenario {case.named}, which asks for one scenario alone; leave out one of the two.")
    elif len(known) == 1:
        faults.append(f"{where}: the run file has no tables [[scenario]].")
    elif given == "each":
        return known
    elif not isinstance(given, list) or not given:
        faults.append(f'{where}: {as_toml(given)} is not a list of names of scenarios or "each".')
    else:
        faults += [f"{where}: no scenario {name}.{nearest(str(name), known)}" for name in given if name not in known]
        return given
    return []


def _grid(given: Mapping[str, Any], where: str, faults: list[str]) -> list[Any]:
    """Evenly spaced numbers, both ends included."""
    numbers = [given.get(key) for key in ("from", "to", "steps")]
    good = all(isinstance(n, int | float) and not isinstance(n, bool) for n in numbers) and set(given) == {"from", "to", "steps"}
    if not good or not isinstance(given["steps"], int) or given["steps"] < 1:
        faults.append(
            f"{where}: {as_toml(dict(given))} is not a grid; write {{from = 0, to = 0.6, steps = 61}}, steps a whole number above 0."
        )
        return []
    return [float(value) for value in np.linspace(given["from"], given["to"], given["steps"])]
