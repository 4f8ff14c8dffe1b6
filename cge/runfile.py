"""A run file (TOML): which economy, which model, what changes. Read whole, with all its faults at once."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from cge import elasticities, parameters
from cge.case import Case, describe
from cge.economy import Economy
from cge.errors import RunFileError
from cge.exponents import Exponents, PerSector
from cge.keys import RunFile
from cge.messages import Given, checked
from cge.parameters import Parameters
from cge.reading import Opened, Reading, locate, parse
from cge.selection import KIND, Mask, Names, name_tables
from cge.shock import BILATERAL, Shock, change
from cge.shock_tables import Array, changes
from cge.tariff_file import read_rates
from cge.technology import Levels

__all__ = ["Case", "describe", "load", "make_case"]

PARAMETERS = tuple(field.name for field in fields(Parameters))

NOT_IN_SET = "{} has no estimate under these labels. Write trade = a table by sector; for merged sectors cge.aggregate.averaged makes one"
"""What to do where a set has nothing for a sector."""

AGREE = ("model", "transfers", "intermediates", "negative_final_demand", "scale")
"""Keys in which a run file and its baseline must agree, or changes from one to the other would mix two worlds."""


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


class Made(NamedTuple):
    """Exponents, the parameters that they are made from, and where those come from, in words."""

    exponents: Exponents | None
    parameters: Parameters
    elasticity_source: str


def _made(reading: Reading, given: Given, sectors: list[str], active: Mask) -> Made:
    """Exponents on the sectors of an economy, `active` those with sales or spending; None in place of them after adding to the faults."""
    parameters, source = _parameters(reading, given, sectors, active)
    return Made(_exponents(reading, given.top, parameters), parameters, source)


def _active(economy: Economy) -> Mask:
    return np.asarray(economy.data["flow"].sum(["exporter", "importer"]).values > 0)


def _written(reading: Reading, given: Given) -> tuple[Economy | None, Levels | None, Made | None]:
    """The economy that follows from a technology, both in levels, and the exponents it took; None after adding to the faults."""
    from cge.world import solve_world

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
    labels = {dim: names[KIND[dim]].labels for dim in BILATERAL}
    arrays = changes(given.shocks, names, economy, exponents, lambda name, where: _rates(reading, name, where, labels), reading.faults)
    if benchmark is None or reading.faults:
        raise RunFileError(reading.faults)
    shock = reading.attempt(lambda: change(benchmark, **arrays, transfers=keys.transfers, baseline=baseline))
    if shock is None:
        raise RunFileError(reading.faults)
    return {"benchmark": benchmark, "shock": shock, **made._asdict()}


def _rates(reading: Reading, name: str, where: str, labels: dict[str, list[str]]) -> Array | None:
    """Tariff rates in a file that the run file names; None after adding to the faults."""
    path = reading.find(name, f"{where}.file", ".nc", ".csv")
    if path is None:
        return None
    reading.note(name, path)
    return reading.attempt(lambda: read_rates(path, labels), f"{where}.file: ")


def _parameters(reading: Reading, given: Given, sectors: list[str], active: Mask) -> tuple[Parameters, str]:
    """Elasticities on the sectors of the economy, and where those that count come from, in words."""
    keys = given.elasticities
    tables: dict[str, PerSector] = {name: getattr(keys, name) for name in PARAMETERS if getattr(keys, name) is not None}
    words = {name: f"{name} = {value:g}" if isinstance(value, float) else f"{name} by sector" for name, value in tables.items()}
    of_set = None if keys.set is None else _of_set(reading, keys.set, sectors)
    if keys.set is not None and of_set is not None:
        tables["trade"] = {str(sector): float(trade) for sector, trade in of_set["trade"].dropna().items()}
        words["trade"] = elasticities.origin(keys.set, of_set)
    idle = _idle(given)
    values = {}
    for name, value in tables.items():
        from_set = name == "trade" and keys.set is not None
        where, more = ("elasticities.set", {"cure": NOT_IN_SET.format(keys.set)}) if from_set else (f"elasticities.{name}", {})
        values[name] = parameters.on_sectors(value, sectors, active, where, reading.faults, cover=name not in idle, **more)
    return Parameters(**values), ", ".join(words[name] for name in PARAMETERS if name in words and name not in idle)


def _of_set(reading: Reading, name: str, sectors: list[str]) -> pd.DataFrame | None:
    """A set matched to the sectors of the economy; None after adding to the faults."""
    chosen = elasticities.chosen(name, reading.path.parent)
    if isinstance(chosen, Path) and reading.find(name, "elasticities.set", ".csv") is None:
        return None
    matched = reading.attempt(lambda: elasticities.match(chosen, sectors), "elasticities.set: " if isinstance(chosen, Path) else "")
    if matched is not None:
        table, *concordance = elasticities.set_files(chosen)
        reading.note(name, table)
        for path in concordance:
            reading.note(f"concordance {path.stem}", path)
    return matched


def _exponents(reading: Reading, keys: RunFile, given: Parameters) -> Exponents | None:
    """The exponents of the model; None where the model or an elasticity has a fault, or after adding to the faults."""
    if keys.model is None or any(fault.startswith("elasticities") for fault in reading.faults):
        return None
    return reading.attempt(lambda: parameters.exponents(keys.model, given, keys.scale))


def _idle(given: Given) -> list[str]:
    """Parameters that the run file gives and the model does not use."""
    keys = given.top
    names = ["trade" if name == "set" else name for name in (*PARAMETERS, "set") if getattr(given.elasticities, name) is not None]
    return [] if keys.model is None else parameters.unused(keys.model, names, keys.scale)


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


def _disagreements(case: Case, baseline: Case, name: str) -> Iterator[str]:
    """In what a run file and its baseline differ but must agree."""
    same = {key: getattr(case, key) == getattr(baseline, key) for key in AGREE}
    same["economy"] = case.economy is baseline.economy or case.economy.data.equals(baseline.economy.data)
    if same["economy"] and same["model"] and same["scale"]:
        mine, other = case.exponents.on(case.economy.sectors), baseline.exponents.on(case.economy.sectors)
        same["elasticities"] = all(np.array_equal(mine[key], other[key]) for key in mine)
    for key in (key for key, agrees in same.items() if not agrees):
        values = f" ({getattr(case, key)} here, {getattr(baseline, key)} there)" if key in AGREE else ""
        yield f'baseline: "{name}" differs in {key}{values}; changes can be measured only from the same {key}.'
