"""The scenarios of a [sweep] table: values and labels in turn over any key of the run file, and draws of elasticities, as their product."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.errors import RunFileError
from cge.questions.sweep.axes import Axis, Path, read_axis
from cge.questions.sweep.draws import draw
from cge.questions.sweep.grounds import Grounds, grounds, names_file
from cge.runfile.case import Case
from cge.runfile.faults import section
from cge.runfile.keys import SHOCK_TABLES, DrawKeys, as_toml

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Scenarios:
    """Every combination of the axes and the draws, numbered, the draws changing fastest.

    Attributes:
        axes: keys that vary; places: of each scenario's value on each axis [scenario before draws, axis].
        draws: trade elasticities [draw, sector], or None; sectors: their labels.
        grounds: countries and files of all of them.
    """

    axes: tuple[Axis, ...]
    places: Integers
    draws: npt.NDArray[np.float64] | None
    sectors: tuple[str, ...]
    grounds: Grounds

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
            for path, value in axis.given(place):
                put(table, path, value)
        if self.draws is not None:
            kept = {key: value for key, value in table["elasticities"].items() if key not in ("set", "trade")}
            drawn = dict(zip(self.sectors, self.draws[repeat].tolist(), strict=True))
            table["elasticities"] = {**kept, "trade": drawn}
        return table

    def coordinates(self) -> dict[str, npt.NDArray[Any]]:
        """The value of each axis in every scenario [scenario], and the number of the draw."""
        rows = np.repeat(np.arange(len(self.places)), self.repeats)
        found = {axis.name: axis.coordinate[self.places[rows, k]] for k, axis in enumerate(self.axes)}
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
    axes = [axis for name, given in raw.items() if (axis := read_axis(name, given, case, faults)) is not None]
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
    elif not _moves(case, axes):
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
    scenarios = Scenarios(tuple(axes), places, drawn, tuple(case.sectors), grounds(case, ()))
    return replace(scenarios, grounds=grounds(case, [scenarios.table(case.table, number) for number in _reading(scenarios)]))


def _reading(scenarios: Scenarios) -> list[int]:
    """Scenarios that between them name every file: the first of each combination of the keys that name one."""
    naming = [k for k, axis in enumerate(scenarios.axes) if any(names_file(path) for path in axis.paths)]
    if not naming:
        return []
    _, rows = np.unique(scenarios.places[:, naming], axis=0, return_index=True)
    return [int(row) * scenarios.repeats for row in np.sort(rows)]


def _moves(case: Case, axes: Iterable[Axis]) -> bool:
    """Whether anything moves real income: a shock, or a baseline that changes are measured from."""
    given = any(case.table.get(name) for name in (*SHOCK_TABLES, "baseline"))
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
