"""The case of a run file that is a table, read in two phases: the files that it names, and then the case."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from functools import partial
from pathlib import Path
from typing import Any

from cge.errors import RunFileError
from cge.model.exponents import Exponents
from cge.model.shock import Shock, change
from cge.model.variants import VARIANTS
from cge.runfile.accounts import read_accounts
from cge.runfile.baseline import STACKS, First, Side, disagreements, own_policies
from cge.runfile.case import Case, Start
from cge.runfile.elasticities import idle_keys, made
from cge.runfile.faults import Given, checked
from cge.runfile.files import Files, read_files
from cge.runfile.groups import name_groups
from cge.runfile.keys.top import RunFile
from cge.runfile.reading import Cache, Key, Reading, caught, noted
from cge.runfile.shocks.changes import changes
from cge.runfile.start import paid, start_of
from cge.runfile.toml import parse


def make_case(table: dict[str, Any], text: str, path: Path, cache: Cache | None = None, imposed: Mapping[str, Any] | None = None) -> Case:
    """The case of a run file that is already a table (other commands may change it before).

    Args:
        table: the TOML; text: the same, raw, for outputs; path: of the run file, from which relative paths are meant.
        cache: what was read already.
        imposed: keys in which a run file and its baselines must agree, in place of those that a baseline gives.

    Raises:
        RunFileError: with every fault, one sentence each.
    """
    known = Cache() if cache is None else cache
    reading = Reading(path, known, (known.place(path),))
    _, case = _read(reading, table, text, imposed or {})
    if case is None:
        raise RunFileError(reading.faults)
    return case


def reads(table: dict[str, Any], case: Case, imposed: Mapping[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Countries of a run file in place of that of a case, none where they are not known, and `Case.inputs`, both as far as it can be read: its
    faults are left to who makes its case. Arguments as `make_case`.
    """
    reading = Reading(case.path, case.cache, (case.cache.place(case.path),))
    side, _ = _read(reading, table, case.text, imposed)
    return side.ground.labels.get("country", []), reading.inputs


def _read(reading: Reading, table: dict[str, Any], text: str, imposed: Mapping[str, Any]) -> tuple[Side, Case | None]:
    """A run file in its two phases, files first, as far as it can be read; the case is None after adding to the faults."""
    reading.note(str(reading.path), reading.path)
    given = checked(table, reading.faults)
    files = read_files(reading, given)
    _note_bounds(reading, given.top.policy)
    first = _first(reading, given.top, imposed)

    names = name_groups(files.ground.labels, given.groups, reading.faults) if files.ground.labels else {}
    elasticities = made(reading, given, files)
    side = Side(given, files.ground, elasticities.exponents)
    rates = files.ground.rates
    unlike = [] if first is None else list(disagreements(side, first))
    under = {} if first is None else first.under(rates, not unlike)

    def moved() -> Shock | None:
        known = len(reading.faults)
        arrays = changes(
            given.shocks, names, rates, elasticities.exponents, files.rates, reading.faults, under, subsidies=given.top.subsidies
        )
        made = _shock(reading, given.top, files, arrays, first)
        return made if len(reading.faults) == known else None  # one with faults is not kept: who asks again must hear of them

    shock = moved() if first is not None else reading.cache.again(_same_shock(reading, given, files, elasticities.exponents), moved)
    start = start_of(reading, given, files)
    if isinstance(start, Start) and elasticities.exponents is not None:
        reading.take(caught(partial(paid, start.benchmark, elasticities.exponents)))
    accounts = read_accounts(reading, given, files, start)
    reading.faults.extend(unlike)
    if reading.faults or start is None or shock is None:
        return side, None
    read: dict[str, Any] = {field.name: getattr(given.top, field.name) for field in fields(Case) if field.name in RunFile.model_fields}
    read |= {"path": reading.path, "text": text, "table": table, "inputs": reading.inputs, "cache": reading.cache, "imposed": imposed}
    read |= {"start": start, "shock": shock, "accounts": accounts, "unused": _unused(given), **elasticities._asdict()}
    read |= _in_force(table, first)
    read |= {"groups": dict(names["country"].groups), "sector_groups": dict(names["sector"].groups)}
    return side, Case(**read)


def _note_bounds(reading: Reading, policy: Mapping[str, Any]) -> None:
    """Record the files that a table [policy] names; who reads them tells what is wrong with them."""
    for key in ("lower", "upper", "weights"):
        name = (policy or {}).get(key)
        if isinstance(name, str) and (reading.path.parent / name).is_file():
            reading.note(name, reading.path.parent / name)


def _in_force(table: dict[str, Any], first: First | None) -> dict[str, Any]:
    """The fields of a case on which policies are in force, and which of a baseline are not."""
    if first is None:
        return {"policies": own_policies(table)}
    policies = (*first.policies, *own_policies(table))
    return {"policies": policies, "stacked": STACKS[first.key], "ended": first.ended(policies)}


def _same_shock(reading: Reading, given: Given, files: Files, exponents: Exponents | None) -> Key:
    """What a shock without a baseline is made of, files named from the folder of the run file: scenarios that differ in something else have one."""
    sectors, bearing = files.ground.labels.get("sector"), ["fixed"]  # fixed costs play no role where their exponent is zero
    if any(getattr(entry, "effect", None) for entries in given.shocks.values() for entry in entries):
        bearing.append("trade")  # a cost is what its effect on trade is over the elasticity
    known = None if exponents is None or sectors is None else exponents.on(sectors)
    of_model = None if known is None else tuple(known[name].tobytes() for name in bearing)
    return (
        "shock",
        reading.place(reading.path.parent),
        files.key,
        repr(given.groups),
        repr(given.shocks),
        given.top.transfers,
        given.top.subsidies,
        of_model,
    )


def _shock(reading: Reading, keys: RunFile, files: Files, arrays: dict[str, Any], first: First | None) -> Shock | None:
    """The shock of these arrays; None without labels, or after adding to the faults."""
    labelled = files.ground.labelled
    if labelled is None:
        return None
    before = None if first is None or first.case is None else first.case.shock
    return reading.take(caught(lambda: change(labelled, **arrays, transfers=keys.transfers, baseline=before, subsidies=keys.subsidies)))


def _unused(given: Given) -> tuple[str, ...]:
    """Sentences on keys that are given and play no role under the model."""
    keys = given.top
    found = [f"elasticities.{name} is not used by {keys.model}." for name in idle_keys(given)]
    if keys.firms and keys.model is not None and not VARIANTS[keys.model].entrants.differ:
        found.append(f"firms is not used by {keys.model}: only melitz tells firms apart.")
    return tuple(found)


def _first(reading: Reading, keys: RunFile, imposed: Mapping[str, Any]) -> First | None:
    """The run file that changes are measured from; None where there is none, or after adding to the faults."""
    named = {key: str(name) for key in STACKS if (name := getattr(keys, key)) is not None}
    if len(named) > 1:
        reading.faults.append(
            "on_top_of: stands beside baseline; give one of them: on_top_of keeps the policies of the other file, baseline ends them."
        )
    found = [_other(reading, key, name, imposed) for key, name in named.items()]
    return found[0] if found else None


def _other(reading: Reading, key: str, name: str, imposed: Mapping[str, Any]) -> First | None:
    """The run file that a key names; None after adding to the faults."""
    whole = reading.place(reading.path.parent / name)
    if whole in reading.chain:
        steps = " → ".join(p.name for p in (*reading.chain, whole))
        reading.faults.append(f"{key}: goes round in a circle ({steps}); give a file that does not lead back here.")
        return None
    path = reading.find(name, key, ".toml")
    content = None if path is None else reading.opened(("toml", whole), lambda: parse(path, reading.cache.read), f'{key} "{name}": ')
    if path is None or content is None:
        return None
    table, text = content
    below = reading.below(path)
    side, case = _read(below, {**table, **imposed}, text, imposed)
    reading.faults.extend(f'{key} "{name}": {fault}' for fault in below.faults)
    noted(reading.inputs, below.inputs, name)
    return First(key, name, side, case)
