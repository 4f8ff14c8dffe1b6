"""What a run file asks, in words."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from cge.data.elasticities import is_file
from cge.data.text import counted
from cge.data.units import as_rates
from cge.model import variants

EVERYTHING = {
    "importer": "every country",
    "exporter": "every country",
    "country": "every country",
    "sector": "all sectors",
    "factor": "all factors",
}

TABLES = ("tariff", "export_tax", "iceberg", "fixed_cost", "productivity", "endowment")

FIELDS = {"set": "rate", "add": "added rate", "times": "factor"}
"""Keys of a shock table that a sweep varies, in words; the others are words themselves."""

ORDINALS = ("first", "second", "third")


def spoken(member: str) -> str:
    """The name of a member of a comparison with its model in words: `krugman, same σ` is Krugman, same σ."""
    model, comma, rest = member.partition(",")
    return variants.spoken(model) + comma + rest


def parsed(text: str) -> dict[str, Any]:
    """A run file as a table; empty where the text is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def question(text: str) -> list[str]:
    """Sentences on what a run file changes, one for each entry of its shock tables, and what it is measured from."""
    return asked(parsed(text))


def asked(table: Mapping[str, Any]) -> list[str]:
    """`question` of a run file that is already a table."""
    return [*changed(table), *_measured(table)]


def changed(table: Mapping[str, Any]) -> list[str]:
    """Sentences on the shock tables of a run file or of a scenario, one for each entry."""
    groups = table.get("groups")
    known = groups if isinstance(groups, Mapping) else NO_GROUPS
    return [sentence(name, row, known) for name in TABLES for row in table.get(name) or [] if isinstance(row, Mapping)]


def reference(text: str) -> list[str]:
    """What the changes of a run file are measured from, where that is not the data."""
    return _measured(parsed(text))


def _measured(table: Mapping[str, Any]) -> list[str]:
    if table.get("on_top_of"):
        return [f"This comes on top of the policies of {table['on_top_of']}; changes are measured from the equilibrium under these."]
    return [f"Changes are measured from the equilibrium of {table['baseline']}."] if table.get("baseline") else []


NO_GROUPS: Mapping[str, Any] = {}

FEW = 4
"""Up to this many entries of a group are said in place of its name."""


def sentence(table: str, row: Mapping[str, Any], groups: Mapping[str, Any] = NO_GROUPS) -> str:
    """One entry of a shock table, with the groups of the run file, whose names say nothing to a reader."""
    row = {key: _members(value, groups) if key in EVERYTHING else value for key, value in row.items()}
    what = {"fixed_cost": "The fixed cost of selling", "iceberg": "The cost of trade in"}
    if table == "tariff":
        place = f"imports of {selected(row, 'sector')} from {selected(row, 'exporter')}"
        return f"{capital(selected(row, 'importer'))}: the tariff on {place} {_tariff(row)}."
    if table == "export_tax":
        place = f"exports of {selected(row, 'sector')} to {selected(row, 'importer')}"
        return f"{capital(selected(row, 'exporter'))}: the tax on {place} {_tariff(row)}."
    if table in what:
        ends = selected(row, "exporter"), selected(row, "importer")
        between = "between all countries" if set(ends) == {"every country"} else f"from {ends[0]} to {ends[1]}"
        pair = f"{selected(row, 'sector')} {between}"
        if table == "iceberg" and row.get("times") == math.inf:
            return f"Trade in {pair} is closed."
        return f"{what[table]} {pair} {_factor(row)}."
    of = "sector" if table == "productivity" else "factor"
    return f"{capital(selected(row, 'country'))}: the {table} of {selected(row, of)} {_factor(row)}."


def _tariff(row: Mapping[str, Any]) -> str:
    """What happens to a rate."""
    rate = {key: as_rates(float(row[key]), row.get("unit")) for key in ("set", "add") if key in row}
    if "set" in rate:
        return f"is set to {percent(rate['set'])}"
    if "add" in rate:
        return f"{'rises' if rate['add'] >= 0 else 'falls'} by {percent(abs(rate['add'])).removesuffix(' %')} percentage points"
    if "times" in row:
        return f"is multiplied by {float(row['times']):g}"
    return f"follows the rates of a table ({row.get('file', '?')}){_partly(row)}"


def _partly(row: Mapping[str, Any]) -> str:
    """What a file leaves as it is."""
    return " where it has one" if row.get("partial") else ""


def _factor(row: Mapping[str, Any]) -> str:
    """What happens to something that is multiplied."""
    if "file" in row:
        by = "changes by the effect on trade" if row.get("effect") else "is multiplied by the factor"
        return f"{by} in the file {row['file']}{_partly(row)}"
    times = float(row.get("times", 1.0))
    change = 100 * (times - 1)
    if abs(change) > 100:
        return f"is multiplied by {times:g}"
    return "stays as it is" if change == 0 else f"{'rises' if change > 0 else 'falls'} by {abs(change):.4g} %"


def _members(given: Any, groups: Mapping[str, Any]) -> list[str]:
    """Entries of a selection with small groups written out; a name of many members says that it is one."""
    found: list[str] = []
    for entry in given if isinstance(given, list) else [given]:
        sign, name = ("!", str(entry)[1:]) if str(entry).startswith("!") else ("", str(entry))
        inside = groups.get(name)
        if isinstance(inside, list) and len(inside) <= FEW and not any(str(one) in groups or "*" in str(one) for one in inside):
            found += [f"{sign}{one}" for one in inside]
        else:
            found.append(f"{sign}the group {name}" if isinstance(inside, list) else f"{sign}{name}")
    return found


def selected(row: Mapping[str, Any], key: str) -> str:
    """The labels of a key in words: `["*", "!MEX"]` is every country except MEX."""
    given = row.get(key, "*")
    entries = [str(entry) for entry in (given if isinstance(given, list) else [given])]
    taken, left = [e for e in entries if not e.startswith("!")], [e[1:] for e in entries if e.startswith("!")]
    words = EVERYTHING[key] if "*" in taken else listed(taken)
    return f"{words} except {listed(left)}" if left else words


def varied(text: str) -> list[str]:
    """Sentences on what the table [sweep] of a run file varies."""
    table, found = parsed(text), []
    for name, values in table.get("sweep", {}).items():
        if name == "draws" and isinstance(values, Mapping):
            found.append(f"Elasticities are drawn {values.get('n')} times {_errors(values, table)}.")
            continue
        if name == "period":
            found.append(f"Periods are {listed([str(value) for value in values])}, and a list of values has one for each.")
            continue
        keys = capital(swept(name, table))
        together = "|" in name
        if isinstance(values, Mapping):
            found.append(f"{keys} {'go' if together else 'goes'} from {values.get('from')} to {values.get('to')} in {_steps(values)}.")
        elif values == "each":
            found.append(f"{keys} {'take' if together else 'takes'} every label in turn.")
        elif isinstance(values, list):
            found.append(f"{keys} {'take' if together else 'takes'} {counted(len(values), 'value')} in turn.")
    return found


def _steps(grid: Mapping[str, Any]) -> str:
    """How many values a grid has."""
    steps = grid.get("steps")
    return counted(steps, "step") if isinstance(steps, int) else f"{steps} steps"


def _errors(draws: Mapping[str, Any], table: Mapping[str, Any]) -> str:
    """Whose standard errors draws have: those that the run file gives in [sweep.draws], else those of its set."""
    given, name = draws.get("standard_error"), table.get("elasticities", {}).get("set")
    if isinstance(given, Mapping):
        return "with standard errors that the run file gives by sector"
    if given is not None:
        return f"with a standard error of {given:g} that the run file gives"
    if name is not None and is_file(str(name)):
        return f"from the standard errors in {name}"
    return "from their published standard errors" + ("" if name is None else f" (set {name})")


def swept(key: str, table: Mapping[str, Any]) -> str:
    """A key of a sweep in words and as it is written: `tariff[0].add` is the added rate of the tariff (tariff[0].add).

    Args:
        table: the run file; where it has several tables of that name the words say which.
    """
    if "|" in key:
        return listed([swept(one, table) for one in key.split("|")])
    if key == "scenario.name":
        return "the scenario that is asked"
    match = re.fullmatch(r"(\w+)\[(\d+)\]\.(\w+)", key)
    if match is None:
        return key
    name, place, last = match[1], int(match[2]), match[3]
    which = "" if len(table.get(name, [])) < 2 else f"{ORDINALS[place]} " if place < len(ORDINALS) else f"{place + 1}th "
    return f"the {FIELDS.get(last, last)} of the {which}{name.replace('_', ' ')} ({key})"


def percent(rate: Any) -> str:
    """A rate in percent."""
    return f"{100 * float(rate):.4g} %"


def listed(words: list[str]) -> str:
    """Words in a row: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nothing"


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]
