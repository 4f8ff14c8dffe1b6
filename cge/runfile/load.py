"""A run file (TOML): which economy, which model, what changes. Read whole, with all its faults at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.economy import Economy
from cge.data.labels import Mask, Names, name_tables
from cge.errors import RunFileError
from cge.model.shock import Shock, change
from cge.model.technology import Levels
from cge.runfile.baseline import _disagreements
from cge.runfile.case import Case, describe
from cge.runfile.elasticities import Made, _idle, _made
from cge.runfile.faults import Given, checked
from cge.runfile.files import Opened, Reading
from cge.runfile.keys import RunFile
from cge.runfile.shocks import changes
from cge.runfile.toml import locate, parse

__all__ = ["Case", "describe", "load", "make_case"]


def load(path: str | os.PathLike[str]) -> Case:
    """Read and check a run file, or a bundled one by name, with everything it names.

    Raises:
        RunFileError: with every fault of the run file and its data, one sentence each.
    """
    file = locate(Path(path))
    return make_case(*parse(file), file)


def make_case(
    table: dict[str, Any],
    text: str,
    path: Path,
    opened: Opened | None = None,
    chain: tuple[Path, ...] = (),
    imposed: Mapping[str, Any] | None = None,
) -> Case:
    """The case of a run file that is already a table (other commands may change it before).

    Args:
        table: the TOML; text: the same, raw, for outputs; path: of the run file, from which relative paths are meant.
        opened: what was read already; chain: run files whose baselines lead here.
        imposed: keys in which a run file and its baselines must agree, in place of those that a baseline gives.

    Raises:
        RunFileError: with every fault, one sentence each.
    """
    reading = Reading(path, (*chain, path.resolve()), Opened() if opened is None else opened)
    reading.note(str(path), path)
    given = checked(table, reading.faults)
    baseline = _baseline(reading, given.top, imposed or {})
    economy, written, made = _written(reading, given) if given.top.technology is not None else (reading.economy(given.top), None, None)
    if economy is None:
        raise RunFileError(reading.faults)
    names = name_tables(economy, given.groups, reading.faults)
    read: dict[str, Any] = {field.name: getattr(given.top, field.name) for field in fields(Case) if field.name in RunFile.model_fields}
    read |= {"path": path, "text": text, "table": table, "economy": economy, "inputs": reading.inputs, "unused": _unused(given)}
    read |= {"technology": written}
    read |= {"groups": dict(names["country"].groups), "sector_groups": dict(names["sector"].groups)}
    made = _made(reading, given, economy.sectors, _active(economy)) if made is None else made
    case = Case(**read | _arguments(reading, given, economy, names, None if baseline is None else baseline.shock, made))
    if baseline is not None:
        reading.faults.extend(_disagreements(case, baseline, str(given.top.baseline)))
    if reading.faults:
        raise RunFileError(reading.faults)
    return case


def _active(economy: Economy) -> Mask:
    return np.asarray(economy.data["flow"].sum(["exporter", "importer"]).values > 0)


def _written(reading: Reading, given: Given) -> tuple[Economy | None, Levels | None, Made | None]:
    """The economy that follows from a technology, both in levels, and the exponents it took; None after adding to the faults."""
    from cge.solve.levels.world import solve_world

    world = reading.world(given.top)
    if world is None:
        return None, None, None
    made = _made(reading, given, world.sectors, world.active)
    exponents = made.exponents
    solved = None if reading.faults or exponents is None else reading.attempt(lambda: solve_world(world, exponents), "technology ")
    return (None, None, made) if solved is None else (solved[1], solved[0], made)


def _arguments(
    reading: Reading, given: Given, economy: Economy, names: dict[str, Names], baseline: Shock | None, made: Made
) -> dict[str, Any]:
    """Benchmark, exponents and shock, with the parameters that the exponents are made from and their source.

    Raises:
        RunFileError: with every fault so far.
    """
    keys = given.top
    links, rule = keys.intermediates, keys.negative_final_demand
    benchmark = reading.attempt(lambda: reading.opened.benchmark(economy, links, rule))
    exponents = made.exponents
    arrays = changes(given.shocks, names, economy, exponents, lambda name, where: _rates(reading, name, where), reading.faults)
    if benchmark is None or reading.faults:
        raise RunFileError(reading.faults)
    shock = reading.attempt(lambda: change(benchmark, **arrays, transfers=keys.transfers, baseline=baseline))
    if shock is None:
        raise RunFileError(reading.faults)
    return {"benchmark": benchmark, "shock": shock, **made._asdict()}


def _rates(reading: Reading, name: str, where: str) -> Path | None:
    """The file of tariff rates that the run file names; None after adding to the faults."""
    path = reading.find(name, f"{where}.file", ".nc", ".csv")
    if path is not None:
        reading.note(name, path)
    return path


def _unused(given: Given) -> tuple[str, ...]:
    """Sentences on keys that are given and play no role under the model."""
    keys = given.top
    found = [f"elasticities.{name} is not used by {keys.model}." for name in _idle(given)]
    if keys.firms and keys.model != "melitz":
        found.append(f"firms is not used by {keys.model}: only melitz tells firms apart.")
    return tuple(found)


def _baseline(reading: Reading, keys: RunFile, imposed: Mapping[str, Any]) -> Case | None:
    """The run file that changes are measured from; None where there is none, or after adding to the faults."""
    name = keys.baseline
    if name is None:
        return None
    whole = (reading.path.parent / name).resolve()
    if whole in reading.chain:
        steps = " → ".join(p.name for p in (*reading.chain, whole))
        reading.faults.append(f"baseline: goes round in a circle ({steps}); a baseline is a file that does not lead back here.")
        return None
    path = reading.find(name, "baseline", ".toml")
    if path is None:
        return None

    def make() -> Case:
        table, text = parse(path)
        return make_case({**table, **imposed}, text, path, reading.opened, reading.chain, imposed)

    case = reading.attempt(make, f'baseline "{name}": ')
    for file, digest in ({} if case is None else case.inputs).items():
        reading.inputs[file if reading.inputs.get(file, digest) == digest else f"{name}: {file}"] = digest
    return case
