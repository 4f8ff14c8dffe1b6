"""What a run file asks, in words."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from typing import Any

MODELS = {
    "armington": "Armington",
    "eaton_kortum": "Eaton–Kortum",
    "krugman": "Krugman",
    "melitz": "Melitz–Pareto",
    "external_economies": "external economies of scale",
}
"""Models by their key, in words."""

EVERYTHING = {
    "importer": "every country",
    "exporter": "every country",
    "country": "every country",
    "sector": "all sectors",
    "factor": "all factors",
}

TABLES = ("tariff", "iceberg", "fixed_cost", "productivity", "endowment")


def parsed(text: str) -> dict[str, Any]:
    """A run file as a table; empty where the text is none."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return {}


def question(text: str) -> list[str]:
    """Sentences on what a run file changes, one for each entry of its shock tables, and what a sweep varies."""
    table = parsed(text)
    found = [_sentence(name, row) for name in TABLES for row in table.get(name, []) if isinstance(row, Mapping)]
    if table.get("baseline"):
        found.append(f"Changes are measured from the equilibrium of {table['baseline']}.")
    return [*found, *_varied(table.get("sweep", {}))]


def _sentence(table: str, row: Mapping[str, Any]) -> str:
    """One entry of a shock table."""
    what = {"fixed_cost": "The fixed cost of selling", "iceberg": "The cost of trade in"}
    if table == "tariff":
        place = f"imports of {selected(row, 'sector')} from {selected(row, 'exporter')}"
        return f"{capital(selected(row, 'importer'))}: the tariff on {place} {_tariff(row)}."
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
    if "set" in row:
        return f"is set to {percent(row['set'])}"
    if "add" in row:
        return f"{'rises' if float(row['add']) >= 0 else 'falls'} by {percent(abs(float(row['add']))).removesuffix(' %')} percentage points"
    if "times" in row:
        return f"is multiplied by {float(row['times']):g}"
    return f"is that of the file {row.get('file', '?')}"


def _factor(row: Mapping[str, Any]) -> str:
    """What happens to something that is multiplied."""
    times = float(row.get("times", 1.0))
    change = 100 * (times - 1)
    if abs(change) > 100:
        return f"is multiplied by {times:g}"
    return "stays as it is" if change == 0 else f"{'rises' if change > 0 else 'falls'} by {abs(change):.4g} %"


def selected(row: Mapping[str, Any], key: str) -> str:
    """The labels of a key in words: `["*", "!MEX"]` is every country except MEX."""
    given = row.get(key, "*")
    entries = [str(entry) for entry in (given if isinstance(given, list) else [given])]
    taken, left = [e for e in entries if not e.startswith("!")], [e[1:] for e in entries if e.startswith("!")]
    words = EVERYTHING[key] if "*" in taken else listed(taken)
    return f"{words} except {listed(left)}" if left else words


def _varied(sweep: Mapping[str, Any]) -> list[str]:
    """What a sweep varies."""
    found = []
    for name, values in sweep.items():
        if name == "draws" and isinstance(values, Mapping):
            found.append(f"Elasticities are drawn {values.get('n')} times from their published standard errors.")
        elif isinstance(values, Mapping):
            found.append(f"{name} goes from {values.get('from')} to {values.get('to')} in {values.get('steps')} steps.")
        elif values == "each":
            found.append(f"{name} takes every label in turn.")
        elif isinstance(values, list):
            found.append(f"{name} takes {len(values)} values in turn.")
    return found


def percent(rate: Any) -> str:
    """A rate in percent."""
    return f"{100 * float(rate):.4g} %"


def listed(words: list[str]) -> str:
    """Words in a row: a, b and c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else "nothing"


def capital(text: str) -> str:
    """The text with its first letter as a capital."""
    return text[:1].upper() + text[1:]
