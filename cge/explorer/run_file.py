"""The run file of a question: what `cge run` reads and the explorer solves, and the only way from the one to the other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cge.data.units import single_fault
from cge.explorer.ground import KINDS, Ground
from cge.explorer.question import Fault, Invalid, Kept, Measure, Question
from cge.model.parameters import PARAMETERS
from cge.model.variants import VARIANTS
from cge.runfile.in_words import changed
from cge.runfile.toml import written


class RunFile(NamedTuple):
    """A run file that a question became.

    Attributes:
        table: as a table; text: as it is written; places: the id of the measure that each entry of a shock table came from, by table.
    """

    table: dict[str, Any]
    text: str
    places: Mapping[str, list[str]]


Extra = Mapping[str, Any]
"""Tables of other commands beside the question: [policy], [sweep]."""


def run_file(ground: Ground, question: Question, extra: Extra | None = None) -> RunFile:
    """The run file of a question on a ground; `extra`: tables beside it. Raises `Invalid` where an entry that is kept does not exist."""
    faults = [
        Fault(one.id, "number", f"no entry {one.number} is kept.")
        for one in question.measures
        if isinstance(one, Kept) and one.number >= len(ground.kept)
    ]
    if faults:
        raise Invalid(faults)
    shocks: dict[str, list[dict[str, Any]]] = {}
    places: dict[str, list[str]] = {}
    for one in question.measures:
        for name, row in _entries(ground, one):
            shocks.setdefault(name, []).append(row)
            places.setdefault(name, []).append(one.id)
    shared = {key: value for key, value in ground.table.items() if key != "groups"}
    groups = {**ground.table.get("groups", {}), **{name: name for name in _named(ground, question)}}
    table = {
        "title": _title(ground, {**shocks, "groups": groups}),
        **shared,
        "model": question.model,
        "intermediates": question.intermediates,
        "transfers": question.transfers,
        **({} if question.scale is None else {"scale": question.scale}),
        **({"groups": groups} if groups else {}),
        "elasticities": _elasticities(ground, question),
        **(extra or {}),
        **shocks,
    }
    return RunFile(table, written(table), places)


def _entries(ground: Ground, one: Measure | Kept) -> Iterable[tuple[str, dict[str, Any]]]:
    """Entries of shock tables that a measure is: its own, and that of partners who answer in kind."""
    if isinstance(one, Kept):
        name, row = ground.kept[one.number]
        return [(name, dict(row))]
    sides = [(one.actor, one.partner), *([(one.partner, one.actor)] if one.answered else [])]
    acts, on = KINDS[one.kind]
    unit = {"unit": "rate"} if one.how != "times" and single_fault(one.value, "") else {}
    return [
        (one.kind, {acts: _short(actor), on: _short(partner), "sector": _short(one.sector), one.how: one.value, **unit})
        for actor, partner in sides
    ]


def _short(labels: list[str]) -> str | list[str]:
    """A label alone as it is, several as a list."""
    return labels[0] if len(labels) == 1 else list(labels)


def _named(ground: Ground, question: Question) -> list[str]:
    """Groups that come with the package and that a measure names."""
    measures = [one for one in question.measures if isinstance(one, Measure)]
    words = {entry.removeprefix("!") for one in measures for side in (one.actor, one.partner, one.sector) for entry in side}
    return [name for groups in ground.groups.values() for name in groups if name in words]


def _elasticities(ground: Ground, question: Question) -> dict[str, Any]:
    """The table [elasticities]."""
    given, names = question.elasticity, ("trade", "set")
    trade = {"set": given.set} if given.trade is None else {"trade": given.trade}
    if given.kept:
        trade = {name: value for name, value in ground.elasticities.items() if name in names or isinstance(value, Mapping)}
    idle = VARIANTS[question.model].unused([*(names[:1] if trade else ()), *question.parameters], question.scale)
    return {**trade, **{name: question.parameters[name] for name in PARAMETERS if name in question.parameters and name not in idle}}


def _title(ground: Ground, table: Mapping[str, Any]) -> str:
    """What the measures do, in a sentence."""
    first, *others = changed(table) or [f"{ground.case.economy_title}: nothing changes."]
    return first.removesuffix(".") + (f"; and {len(others)} more" if others else "")


def located(faults: Iterable[str], places: Mapping[str, list[str]]) -> list[Fault]:
    """Faults of a run file as those of the question that it came from."""
    found = []
    for text in faults:
        match = re.match(r"(\w+)\[(\d+)\](?:\.(\w+))?", text)
        ids = places.get(match[1], []) if match else []
        at = int(match[2]) if match else 0
        key = _side(match[1], match[3] or "") if match and at < len(ids) else text.partition(":")[0].partition(".")[0]
        found.append(Fault(ids[at], key, text[match.end() :].lstrip(": ")) if match and at < len(ids) else Fault("", key, text))
    return found


def _side(table: str, key: str) -> str:
    """The key of a measure that a key of a shock table is."""
    acts, on = KINDS.get(table, ("", ""))
    return {acts: "actor", on: "partner"}.get(key, key)
