"""The scenarios of a [sweep] table: values and labels in turn over any key of the run file, and draws of elasticities, as their product."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.errors import RunFileError, nearest
from cge.questions.sweep.draws import draw
from cge.runfile.case import Case
from cge.runfile.faults import section
from cge.runfile.keys import SHOCK_TABLES, DrawKeys, ElasticityKeys, RunFile, as_toml

Path = tuple[str | int, ...]
Integers = npt.NDArray[np.int64]

EACH = {"importer": "countries", "exporter": "countries", "country": "countries", "sector": "sectors"}
"""Keys whose labels `each` takes in turn."""


@dataclass(frozen=True)
class Axis:
    """One key of [sweep]: keys of the run file that take the same value, in turn.

    Attributes:
        name: as written; paths: to each key; values: in turn.
    """

    name: str
    paths: tuple[Path, ...]
    values: tuple[Any, ...]


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Every combination of the axes and the draws, numbered, the draws changing fastest.

    Attributes:
        axes: keys that vary; places: of each scenario's value on each axis [scenario before draws, axis].
        draws: trade elasticities [draw, sector], or None; sectors: their labels.
    """

    axes: tuple[Axis, ...]
    places: Integers
    draws: npt.NDArray[np.float64] | None
    sectors: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.places) * self.repeats

    @property
    def repeats(self) -> int:
        """Draws for each combination."""
        return 1 if self.draws is None else len(self.draws)

    def table(self, base: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The run file of a scenario, as a table: `base` with its own values in place."""
        table = copy.deepcopy({key: value for key, value in base.items() if key != "sweep"})
        row, repeat = divmod(number, self.repeats)
        for axis, place in zip(self.axes, self.places[row], strict=True):
            for path in axis.paths:
                put(table, path, axis.values[place])
        if self.draws is not None:
            kept = {key: value for key, value in table["elasticities"].items() if key not in ("set", "trade")}
            drawn = dict(zip(self.sectors, self.draws[repeat].tolist(), strict=True))
            table["elasticities"] = {**kept, "trade": drawn}
        return table

    def coordinates(self) -> dict[str, npt.NDArray[Any]]:
        """The value of each axis in every scenario [scenario], and the number of the draw."""
        rows = np.repeat(np.arange(len(self.places)), self.repeats)
        found = {axis.name: np.array([plain(v) for v in axis.values])[self.places[rows, k]] for k, axis in enumerate(self.axes)}
        return found if self.draws is None else {**found, "draw": np.tile(np.arange(self.repeats), len(self.places))}


def plain(value: Any) -> Any:
    """A value as a coordinate can hold it."""
    return value if isinstance(value, str | int | float | bool) else as_toml(value)


def put(table: dict[str, Any], path: Path, value: Any) -> None:
    """Set a key of a run file."""
    *above, last = path
    part: Any = reduce(lambda inner, key: inner[key], above, table)  # type: ignore[index]
    part[last] = value


def read_scenarios(case: Case) -> Scenarios:
    """The scenarios of a run file.

    Raises:
        RunFileError: every fault of the table [sweep]: unknown keys, values that are none, draws without standard errors, nothing to vary.
    """
    faults: list[str] = []
    raw = dict(case.sweep)
    spec = raw.pop("draws", None)
    axes = [axis for name, given in raw.items() if (axis := _axis(name, given, case, faults)) is not None]
    drawn = None
    if spec is not None and not isinstance(spec, dict):
        faults.append(f"sweep.draws: {as_toml(spec)} is not a table; write [sweep.draws] with n = 1000.")
    elif spec is not None:
        known = len(faults)
        keys = section(DrawKeys, spec, "sweep.draws", faults)
        drawn = draw(case, keys, faults) if len(faults) == known else None
    if not case.sweep:
        faults.append(
            'sweep: is missing. Write a table [sweep] with keys of this file, as "tariff[0].add" = {from = 0, to = 0.6, steps = 61}.'
        )
    if faults:
        raise RunFileError(faults)
    shape = [len(axis.values) for axis in axes]
    places = np.indices(shape, dtype=np.int64).reshape(len(axes), int(np.prod(shape))).T
    places = places[_apart(axes, places, case)]
    if not len(places):
        raise RunFileError("sweep: no scenario is left, since a country is never paired with itself.")
    return Scenarios(tuple(axes), places, drawn, tuple(case.sectors))


def _axis(name: str, given: Any, case: Case, faults: list[str]) -> Axis | None:
    """One key of [sweep]; None after adding to the faults."""
    known = len(faults)
    paths = [_path(part, case.table, f'sweep."{name}"', faults) for part in name.split("|")]
    values = _values(given, [part.rsplit(".", 1)[-1] for part in name.split("|")], case, f'sweep."{name}"', faults)
    return Axis(name, tuple(path for path in paths if path is not None), tuple(values)) if len(faults) == known else None


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
    if top not in RunFile.model_fields or top in ("sweep", "compare"):
        faults.append(f"{where}: the run file has no key {top}.{nearest(top, RunFile.model_fields)}")
    elif top in SHOCK_TABLES and not (len(path) == 3 and isinstance(path[1], int) and path[1] < len(table.get(top, []))):
        faults.append(f"{where}: there is no such entry; the run file has {len(table.get(top, []))} of [[{top}]], the first is {top}[0].")
    elif (top in SHOCK_TABLES and path[2] not in fields) or (top == "elasticities" and len(path) > 1 and path[1] not in fields):
        faults.append(f"{where}: [{top}] has no key {path[-1]}.{nearest(str(path[-1]), fields)}")
    return tuple(path)


def _values(given: Any, last: list[str], case: Case, where: str, faults: list[str]) -> list[Any]:
    """The values of a key in turn: a list, a grid, or `each`."""
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


def _apart(axes: Iterable[Axis], places: Integers, case: Case) -> npt.NDArray[np.bool_]:
    """Which combinations pair no country with itself in an entry where labels are taken in turn."""
    keep = np.ones(len(places), dtype=bool)
    labels: dict[tuple[str | int, ...], dict[str, npt.NDArray[Any]]] = {}
    for k, axis in enumerate(axes):
        for path in axis.paths:
            if path[-1] in ("importer", "exporter") and case.sweep[axis.name] == "each":
                labels.setdefault(path[:-1], {})[str(path[-1])] = np.array(axis.values, dtype=object)[places[:, k]]
    for entry, sides in labels.items():
        fixed = case.table[str(entry[0])][entry[1]]
        both = [sides.get(side, np.full(len(places), fixed.get(side), dtype=object)) for side in ("importer", "exporter")]
        keep &= np.array([one != other for one, other in zip(*both, strict=True)], dtype=bool)
    return keep
