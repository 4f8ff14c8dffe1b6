"""A run file against its keys: every fault as a sentence that says where, what is wrong and what may stand there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, get_args

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from cge.data.units import single_fault
from cge.errors import nearest
from cge.runfile.keys.elasticities import ElasticityKeys
from cge.runfile.keys.kinds import Partly
from cge.runfile.keys.shocks import BILATERAL_ACTIONS, SHOCK_TABLES
from cge.runfile.keys.table import Keys, as_toml
from cge.runfile.keys.top import RunFile

K = TypeVar("K", bound=Keys)


@dataclass(frozen=True)
class Given:
    """What a run file gives, each table checked on its own; keys with faults have their default or None.

    Attributes:
        top: keys of the whole file; sound: those without faults; elasticities: of [elasticities]; groups: what stands in each.
        shocks: entries of each table of a shock.
    """

    top: RunFile
    sound: frozenset[str]
    elasticities: ElasticityKeys
    groups: dict[str, list[str] | str]
    shocks: dict[str, list[Any]]


def checked(table: Mapping[str, Any], faults: list[str]) -> Given:
    """A run file that is already a table, checked key by key; adds to `faults`."""
    top = section(RunFile, table, "", faults)
    given = section(ElasticityKeys, top.elasticities or {}, "elasticities", faults)
    for other, name in (("trade", "set"), ("sigma", "size_shape"), ("demand", "eta")):
        if getattr(given, other) is not None and getattr(given, name) is not None:
            faults.append(f"elasticities: has {other} and {name}; give one of them.")
    groups = group_entries(top.groups, faults)
    shocks = shock_entries({name: getattr(top, name) for name in SHOCK_TABLES}, faults)
    sound = frozenset(key for key in RunFile.model_fields if key not in table or table[key] == getattr(top, key))
    return Given(top, sound, given, groups, shocks)


def shock_entries(tables: Mapping[str, Sequence[Any]], faults: list[str]) -> dict[str, list[Any]]:
    """The entries of every table of a shock, by name of the table, checked key by key; adds to `faults`."""
    shocks = {name: [_entry(name, raw, f"{name}[{i}]", faults) for i, raw in enumerate(tables.get(name, ()))] for name in SHOCK_TABLES}
    for name, actions in BILATERAL_ACTIONS.items():
        for number, entry in enumerate(shocks[name]):
            if isinstance(tables[name][number], Mapping):
                faults += _action_faults(entry, f"{name}[{number}]", actions)
    return shocks


def _entry(table: str, raw: Any, where: str, faults: list[str]) -> Keys:
    """The keys of one entry of a table of a shock; adds to `faults`."""
    keys = SHOCK_TABLES[table]
    if isinstance(raw, Mapping) and all(isinstance(key, str) for key in raw):
        optional = {name for name, field in keys.model_fields.items() if not field.is_required()}
        nothing = [key for key, value in raw.items() if value is None and key in optional]
        faults.extend(f"{where}.{key}: None says nothing. {keys.model_fields[key].description}" for key in nothing)
        return section(keys, {key: value for key, value in raw.items() if key not in nothing}, where, faults)
    faults.append(f"{where}: {as_toml(raw)} is no entry; give one as keys with their values, of {', '.join(keys.model_fields)}.")
    return section(keys, {}, where, [])


def _action_faults(entry: Keys, where: str, actions: tuple[str, ...]) -> list[str]:
    """Whether an entry says more than one thing of a pair, or nothing; and whether a number looks like something else than a rate."""
    given = [key for key in actions if key in entry.model_fields_set]
    if len(given) != 1:
        return [f"{where}: has {' and '.join(given) or 'no action'}; give exactly one of {', '.join(actions)}."]
    of_file = [key for key in ("partial", "effect") if key in entry.model_fields_set and given != ["file"]]
    if of_file:
        return [f"{where}.{key}: is said of a file; leave it out, or give file in place of {given[0]}." for key in of_file]
    action, value, unit = given[0], getattr(entry, given[0]), getattr(entry, "unit", None)
    if action == "times" and unit is not None:
        return [f"{where}.unit: says nothing of times, which is a factor; leave it out."]
    if action not in ("set", "add") or value is None or unit is not None:
        return []
    remedy = f'If {100 * value:,.4g} % is meant, write unit = "rate" beside it.'
    return [f"{where}.{action}: {fault}" for fault in single_fault(value, remedy)]


def group_entries(raw: Mapping[str, Any], faults: list[str]) -> dict[str, list[str] | str]:
    """The labels, patterns or groups of each group, or the name of bundled groups; adds to `faults` for what is neither."""
    found: dict[str, list[str] | str] = {}
    faults += [f"groups: {name!r} is no name of a group; give text." for name in raw if not isinstance(name, str)]
    for name, labels in ((name, labels) for name, labels in raw.items() if isinstance(name, str)):
        entries = labels if isinstance(labels, list) else [labels]
        if entries and all(isinstance(label, str) and label for label in entries):
            found[name] = labels
        else:
            faults.append(
                f'groups.{name}: {as_toml(labels)} is not a list of labels, as ["DEU", "FRA"], or the name of a bundled group, as "EU27".'
                f"{_home_of(name, 'groups')}"
            )
    return found


def section(keys: type[K], raw: Mapping[str, Any], where: str, faults: list[str]) -> K:
    """A table of the run file against its keys; those with faults, which are added to `faults`, have their default or None, and a table of which
    some values have faults has None in their places.

    Args:
        where: place of the table in the run file, empty for the top.
    """
    try:
        return keys.model_validate(raw)
    except ValidationError as error:
        details = {str(detail["loc"][0]): detail for detail in reversed(error.errors())}
        faults.extend(_sentence(keys, raw, where, key, details[key]) for key in reversed(details))
        fields = keys.model_fields
        spare = {name: None if info.is_required() else info.get_default(call_default_factory=True) for name, info in fields.items()}
        sound = {key: value for key, value in raw.items() if key in fields and key not in details}
        causes = {key: detail.get("ctx", {}).get("error") for key, detail in details.items()}
        partly = {key: cause.sound for key, cause in causes.items() if isinstance(cause, Partly)}
        return keys.model_construct(_fields_set=set(raw) & set(fields), **{**spare, **sound, **partly})


def _sentence(keys: type[Keys], raw: Mapping[str, Any], where: str, key: str, detail: ErrorDetails) -> str:
    """One fault of one key: where, what is wrong, what may stand there."""
    spot = f"{where}.{key}" if where else key
    if detail["type"] == "extra_forbidden":
        return f"{spot}: unknown key `{key}`.{_home_of(key, where) or nearest(key, keys.model_fields)}"
    info = keys.model_fields[key]
    if detail["type"] == "missing":
        return f"{spot}: is missing. {info.description}"
    reason = detail["msg"].removeprefix("Value error, ") if detail["type"] == "value_error" else ""
    close = nearest(str(raw[key]), get_args(info.annotation)) if detail["type"] == "literal_error" else ""
    return f"{spot}: {reason or f'{as_toml(raw[key])} is not allowed'}. {info.description}{close}"


def _home_of(key: str, where: str) -> str:
    """Where a key belongs that stands in the wrong table: the trap of TOML, where a table holds everything down to the next one."""
    if where and key in RunFile.model_fields and key not in SHOCK_TABLES:
        return " It is a key of the whole file: write it above the first [table]."
    if where != "elasticities" and key in ElasticityKeys.model_fields:
        return " It belongs in [elasticities]."
    return ""
