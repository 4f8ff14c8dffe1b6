"""The scenarios of a [sweep] table: values and labels in turn over any key of the run file, and draws of elasticities, as their product."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.errors import RunFileError
from cge.questions.sweep.axes import NAME, Axis, Path, read_axes
from cge.questions.sweep.draws import read_draws
from cge.questions.sweep.grounds import Grounds, grounds, names_file
from cge.runfile.case import Case
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.runfile.scenarios import OWN, STATED, Scenario
from cge.runfile.scenarios import read_scenarios as read_scenarios_of

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Every combination of the axes and the draws, numbered, the draws changing fastest.

    Attributes:
        axes: keys that vary; places: of each scenario's value on each axis [scenario before draws, axis].
        draws: trade elasticities [draw, sector], or None; sectors: their labels.
        grounds: countries and files of all of them. asked: scenarios of the run file, of which an axis may take one.
        follows: keys in which baselines follow a scenario: those of `STATED` that vary, or that a scenario of the run file gives.
    """

    axes: tuple[Axis, ...]
    places: Integers
    draws: npt.NDArray[np.float64] | None
    sectors: tuple[str, ...]
    grounds: Grounds
    asked: Mapping[str, Scenario] = field(default_factory=dict)
    follows: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.places) * self.repeats

    @property
    def repeats(self) -> int:
        """Draws for each combination."""
        return 1 if self.draws is None else len(self.draws)

    def table(self, base: Mapping[str, Any], number: int) -> dict[str, Any]:
        """The run file of a scenario, as a table: `base` with its own values in place."""
        row, repeat = divmod(number, self.repeats)
        given = [pair for axis, place in zip(self.axes, self.places[row], strict=True) for pair in axis.given(place)]
        named = next((value for path, value in given if path == NAME), OWN)
        start = base if named == OWN else self.asked[named].table
        table = copy.deepcopy({key: value for key, value in start.items() if key not in ("sweep", "scenario")})
        for path, value in given:
            if path != NAME:
                put(table, path, value)
        if self.draws is not None:
            kept = {key: value for key, value in table["elasticities"].items() if key not in ("set", "trade")}
            drawn = dict(zip(self.sectors, self.draws[repeat].tolist(), strict=True))
            table["elasticities"] = {**kept, "trade": drawn}
        return table

    def coordinates(self) -> dict[str, npt.NDArray[Any]]:
        """The value of each axis in every scenario [scenario], those of the keys that move along a calendar, and the number of the draw."""
        rows = np.repeat(np.arange(len(self.places)), self.repeats)
        found = {part.name: part.coordinate[self.places[rows, k]] for k, axis in enumerate(self.axes) for part in (axis, *axis.parts)}
        return found if self.draws is None else {**found, "draw": np.tile(np.arange(self.repeats), len(self.places))}


def put(table: dict[str, Any], path: Path, value: Any) -> None:
    """Set a key of a run file."""
    *above, last = path
    part: Any = reduce(lambda inner, key: inner[key], above, table)  # type: ignore[index]
    part[last] = value


def read_scenarios(case: Case) -> Scenarios:
    """The scenarios of a run file.

    Raises:
        RunFileError: every fault of the table [sweep]: unknown keys, values that are none, draws without standard errors, nothing to vary,
            no shock.
    """
    faults: list[str] = []
    raw = dict(case.sweep)
    spec = raw.pop("draws", None)
    axes = read_axes(raw, case, faults)
    asked = {one.name: one for one in read_scenarios_of(case.table, [])}
    faults += _hidden(axes, asked, spec is not None)
    drawn = None if spec is None else read_draws(spec, case, faults)
    if not case.sweep:
        faults.append(
            'sweep: is missing. Write a table [sweep] with keys of this file, as "tariff[0].add" = {from = 0, to = 0.6, steps = 61}.'
        )
    elif not faults and not case.policy and not _moves(case, axes, asked):
        faults.append(
            "sweep: nothing changes in any scenario. Write what does, as [[tariff]] with importer, exporter, sector and add = 0.1."
        )
    if faults:
        raise RunFileError(faults)
    shape = [len(axis.values) for axis in axes]
    places = np.indices(shape, dtype=np.int64).reshape(len(axes), int(np.prod(shape))).T
    places = places[_apart(axes, places, case)]
    if not len(places):
        raise RunFileError("sweep: no scenario is left, since a country is never paired with itself.")
    follows = _followed(case, axes, asked, drawn is not None)
    scenarios = Scenarios(tuple(axes), places, drawn, tuple(case.sectors), grounds(case, ()), asked, follows)
    tables = [scenarios.table(case.table, number) for number in _reading(scenarios)]
    return replace(scenarios, grounds=grounds(case, tables, follows))


def draws_alone(case: Case) -> Scenarios:
    """The draws of a run file, everything else as it is in the file.

    Raises:
        RunFileError: there are none, or the table [sweep.draws] has faults.
    """
    faults: list[str] = []
    spec = case.sweep.get("draws")
    if spec is None:
        faults.append("--draws: the run file has no draws. Write a table [sweep.draws] with n = 1000.")
    drawn = None if spec is None else read_draws(spec, case, faults)
    if faults:
        raise RunFileError(faults)
    follows = _followed(case, (), {}, draws=True)
    return Scenarios((), np.zeros((1, 0), dtype=np.int64), drawn, tuple(case.sectors), grounds(case, ()), follows=follows)


def _followed(case: Case, axes: Iterable[Axis], asked: Mapping[str, Scenario], draws: bool) -> tuple[str, ...]:
    """`Scenarios.follows`; what does not vary is compared with a baseline as in any run file."""
    paths = {path for axis in axes for path in axis.paths}
    varied = {str(path[0]) for path in paths} | set(case.imposed) | ({"elasticities"} if draws else set())
    if NAME in paths:
        varied.update(key for one in asked.values() for key in one.imposed)
    return tuple(key for key in STATED if key in varied)


def _reading(scenarios: Scenarios) -> list[int]:
    """Scenarios that between them name every file: the first of each combination of the keys that name one."""
    naming = [k for k, axis in enumerate(scenarios.axes) if any(names_file(path) for path in axis.paths)]
    if not naming:
        return []
    _, rows = np.unique(scenarios.places[:, naming], axis=0, return_index=True)
    return [int(row) * scenarios.repeats for row in np.sort(rows)]


DRAWN: tuple[Path, ...] = (("elasticities",), ("elasticities", "set"), ("elasticities", "trade"))
"""Keys that a draw takes the place of."""


def _hidden(axes: Iterable[Axis], asked: Mapping[str, Scenario], draws: bool) -> Iterator[str]:
    """What one key of [sweep] would hide of another, of a scenario, or of the draws."""
    paths = {path: axis.name for axis in axes for path in axis.paths}
    for path in DRAWN if draws else ():
        if path in paths:
            yield f'sweep."{paths[path]}": draws take the place of these elasticities; leave out the key or [sweep.draws].'
    if NAME not in paths:
        return
    for one in asked.values():
        for path, name in paths.items():
            if len(path) == 1 and path[0] in one.own:
                yield f'sweep."{name}": scenario {one.name} gives {path[0]}, too, which this would hide; give it in one of the two.'
        if draws and "elasticities" in one.own:
            yield f"sweep.draws: are around the elasticities of the file, and scenario {one.name} gives its own; run its draws alone (--scenario)."


def _moves(case: Case, axes: Iterable[Axis], asked: Mapping[str, Scenario]) -> bool:
    """Whether anything moves real income: a shock, or a baseline that changes are measured from."""
    tables = [case.table, *(one.table for one in asked.values() if any(NAME in axis.paths for axis in axes))]
    given = any(table.get(name) for table in tables for name in (*SHOCK_TABLES, "baseline"))
    return given or any(path[0] == "baseline" for axis in axes for path in axis.paths)


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
