"""A run file (TOML): which economy, which model, what changes; its own question and its scenarios, all faults at once."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from cge.errors import InputError, RunFileError, nearest
from cge.runfile.case import Case
from cge.runfile.making import make_case
from cge.runfile.reading import Cache, caught
from cge.runfile.scenarios import Scenario, read_scenarios
from cge.runfile.toml import locate, parse, written


def load(path: str | os.PathLike[str], scenario: str = "", cache: Cache | None = None) -> Case:
    """Read and check a run file, or a bundled one by name, with everything it names. Nothing is solved.

    Args:
        scenario: name of one of its scenarios; empty: the file's own question. cache: what other run files have read already.

    Raises:
        RunFileError: with every fault of the run file and its data, one sentence each; no scenario of this name.
    """
    file, cache = locate(Path(path)), Cache() if cache is None else cache
    table, text = parse(file, cache.read)
    if not scenario:
        return make_case(table, text, file, cache)
    faults: list[str] = []
    found = {one.name: one for one in read_scenarios(table, faults)}
    if scenario not in found:
        more = nearest(scenario, found) or " It has no tables [[scenario]]."
        faults.append(f"--scenario: the run file has no scenario {scenario}.{more}")
        raise RunFileError(faults)
    made = caught(partial(_as_scenario, found[scenario], file, cache))
    if faults or isinstance(made, InputError):
        raise RunFileError([*faults, *(made.faults if isinstance(made, InputError) else ())])
    return made


def load_all(path: str | os.PathLike[str]) -> list[Case]:
    """The cases of a run file: its own question, and then its scenarios.

    Raises:
        RunFileError: with every fault of the file and of all its scenarios; one that they share is told once.
    """
    file, cache = locate(Path(path)), Cache()
    table, text = parse(file, cache.read)
    own = caught(lambda: make_case(table, text, file, cache))
    faults = list(own.faults) if isinstance(own, InputError) else []
    cases = [] if isinstance(own, InputError) else [own]
    cases += _scenarios(table, file, cache, faults)
    if faults:
        raise RunFileError(faults)
    return cases


def scenario_cases(case: Case) -> list[Case]:
    """The cases of the scenarios of a run file. Raises `RunFileError` as `load_all`."""
    faults: list[str] = []
    found = _scenarios(case.table, case.path, case.cache, faults)
    if faults:
        raise RunFileError(faults)
    return found


def _scenarios(table: dict[str, Any], path: Path, cache: Cache, faults: list[str]) -> list[Case]:
    """The cases of all scenarios; adds what is wrong with them to the faults of the file, each once."""
    cases, told = [], set(faults)
    for scenario in read_scenarios(table, faults):
        made = caught(partial(_as_scenario, scenario, path, cache))
        if isinstance(made, InputError):
            faults += [f"scenario {scenario.name}: {fault}" for fault in made.faults if fault not in told]
            told.update(made.faults)
        else:
            cases.append(made)
    return cases


def _as_scenario(scenario: Scenario, path: Path, cache: Cache) -> Case:
    """The case of a scenario; its text is that of its own run file. Faults say where in the file that it is made from an entry stands."""
    try:
        case = make_case(scenario.table, written(scenario.table), path, cache, scenario.imposed)
    except RunFileError as error:
        raise RunFileError(scenario.located(fault) for fault in error.faults) from error
    return replace(case, named=scenario.name)
