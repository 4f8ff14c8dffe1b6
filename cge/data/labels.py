"""Which labels a run file means: labels, groups, patterns and lists of them become masks."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Protocol

import numpy as np
import numpy.typing as npt

from cge.data.countries import hint
from cge.errors import nearest

Mask = npt.NDArray[np.bool_]

WILD = "*?["
"""Characters that make an entry a pattern, where no label or group bears it as its name."""

PLURAL = {"country": "countries", "sector": "sectors", "factor": "factors"}

KIND = {"exporter": "country", "importer": "country", "country": "country", "sector": "sector", "factor": "factor"}
"""What the label keys of a shock select."""

RESERVED = "World"
"""Row of all countries in the group outputs; no group may bear this name."""


class Labelled(Protocol):
    """An economy, its benchmark or a world written by hand, as far as its labels go."""

    @property
    def countries(self) -> list[str]: ...
    @property
    def sectors(self) -> list[str]: ...
    @property
    def factors(self) -> list[str]: ...


def by_kind(given: Labelled) -> dict[str, list[str]]:
    """Labels by what they are: `country`, `sector`, `factor`."""
    return {"country": given.countries, "sector": given.sectors, "factor": given.factors}


@dataclass(frozen=True)
class Names:
    """Everything an entry of one kind can name.

    Attributes:
        kind: `country`, `sector` or `factor`; labels: of the economy, in its order; groups: labels of each group of this kind.
        elsewhere: names of other kinds, with what they are, for messages; broken: groups with faults, which are named once, not at each use.
        ready: makes the names of groups that come with the package, which a run file may give by name; asked where a name is unknown.
    """

    kind: str
    labels: list[str]
    groups: Mapping[str, list[str]] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    ready: Callable[[], Collection[str]] = frozenset


@dataclass(frozen=True, eq=False)
class Selection:
    """Labels that a key of a shock selects.

    Attributes:
        mask: selected or not, in the order of the labels; single: the label, where the key is one label written out.
    """

    mask: Mask
    single: str | None = None


def name_tables(
    labels: Mapping[str, list[str]], raw: Mapping[str, list[str]], faults: list[str], asked: frozenset[str] = frozenset()
) -> dict[str, Names]:
    """What entries of each kind can name, with the groups of a run file; adds to `faults` for groups that cannot be.

    Args:
        labels: of each kind, `factor` may be absent; raw: the table [groups], labels, patterns or other groups in each group. asked: names of
            groups that are not in `raw` because of faults that are told already.
    """
    groups: dict[str, dict[str, list[str]]] = {kind: {} for kind in labels}
    for name in raw:
        wrong = list(_name_faults(name, labels))
        faults += wrong
        found = _group(name, raw, labels, faults)
        if found is not None and not wrong:
            groups[found[0]][name] = found[1]
    sound = {name for found in [*labels.values(), *groups.values()] for name in found}
    broken = (asked | frozenset(raw)) - sound
    return {kind: Names(kind, labels[kind], groups[kind], _elsewhere(kind, labels, groups), broken) for kind in labels}


def _name_faults(name: str, labels: Mapping[str, list[str]]) -> Iterable[str]:
    for kind, known in labels.items():
        if name in known:
            yield f"groups.{name}: the economy has a {kind} of this name; give the group another one."
    if name == RESERVED:
        yield f"groups.{name}: outputs give this name to the sum of all countries; choose another one."
    if name.startswith("!") or any(c in name for c in WILD):
        yield f"groups.{name}: a name may not begin with ! or hold any of {WILD}; these have a meaning in selections."


def _group(name: str, raw: Mapping[str, list[str]], labels: Mapping[str, list[str]], faults: list[str]) -> tuple[str, list[str]] | None:
    """Whether a group is of countries or of sectors, and its labels in the order of the economy; None after adding to `faults`, or where a group
    inside it has some.
    """
    where = f"groups.{name}"
    every = [*labels["country"], *labels["sector"]]
    circle = _circle((name,), raw, every)
    if circle:
        if name == next(group for group in raw if group in circle[circle.index(circle[-1]) :]):  # told once, by the first that is in it
            faults.append(f"{where}: contains itself ({' → '.join(circle)}); list labels somewhere on the way.")
        return None
    entries = _entries(name, raw, every)
    found = {kind: {entry: _of_entry(entry, labels[kind]) for entry in entries} for kind in ("country", "sector")}
    lost = [e for e in entries if not any(found[kind][e] for kind in found)]
    own = [e for e in lost if e in raw[name]]  # those of a group inside are told there
    faults += [f"{where}: no country, sector or group {entry}.{nearest(entry, [*every, *raw])}" for entry in own]
    whole = [kind for kind in found if all(found[kind].values())]
    if lost:
        return None
    if len(whole) != 1:
        problem = "can be read as countries and as sectors" if whole else "mixes countries and sectors"
        faults.append(f"{where}: {problem}; a group is wholly of one kind: write out labels, or patterns that fit one kind only.")
        return None
    kind = whole[0]
    chosen = {label for members in found[kind].values() for label in members}
    return kind, [label for label in labels[kind] if label in chosen]


def _entries(name: str, raw: Mapping[str, list[str]], labels: list[str]) -> list[str]:
    """Labels and patterns of a group, those of groups inside it written out."""
    found = [[entry] if entry in labels or entry not in raw else _entries(entry, raw, labels) for entry in raw[name]]
    return list(dict.fromkeys(entry for part in found for entry in part))


def _circle(chain: tuple[str, ...], raw: Mapping[str, list[str]], labels: list[str]) -> tuple[str, ...]:
    """Groups from the last of a chain back to one that is in it; nothing where none leads back."""
    for entry in raw[chain[-1]]:
        if entry in raw and entry not in labels:
            found = (*chain, entry) if entry in chain else _circle((*chain, entry), raw, labels)
            if found:
                return found
    return ()


def _of_entry(entry: str, labels: list[str]) -> list[str]:
    """Labels that a label or a pattern stands for."""
    if entry in labels:
        return [entry]
    return [label for label in labels if fnmatchcase(label, entry)] if any(c in entry for c in WILD) else []


def _elsewhere(kind: str, labels: Mapping[str, list[str]], groups: Mapping[str, Mapping[str, list[str]]]) -> dict[str, str]:
    others = [other for other in labels if other != kind]
    return {label: f"a {other}" for other in others for label in labels[other]} | {
        group: f"a group of {PLURAL[other]}" for other in others for group in groups[other]
    }


def select(value: str | list[str], names: Names, where: str, faults: list[str]) -> Selection | None:
    """What an entry or a list of entries selects; None after adding to `faults`.

    Entries are labels, groups or patterns, in this order of precedence; those that begin with ! take away, wherever they stand in the list. A list
    of nothing but such entries takes away from everything.

    Args:
        value: entries; names: what they can name; where: place in the run file, for messages.
    """
    entries = [value] if isinstance(value, str) else value
    minus = [entry for entry in entries if entry.startswith("!") and entry not in names.labels]
    plus = [entry for entry in entries if entry not in minus]
    known = len(faults)
    mask = _union(plus, names, where, faults) if plus else np.ones(len(names.labels), dtype=bool)
    mask &= ~_union([entry[1:] for entry in minus], names, where, faults)
    if len(faults) > known or any(entry.removeprefix("!") in names.broken for entry in entries):
        return None
    if not mask.any():
        faults.append(f"{where}: {_written(entries)} matches nothing: all that it names is taken away again.")
        return None
    return Selection(mask, entries[0] if len(entries) == 1 and entries[0] in names.labels else None)


def _union(entries: list[str], names: Names, where: str, faults: list[str]) -> Mask:
    chosen: set[str] = set()
    for entry in entries:
        found = names.groups[entry] if entry in names.groups and entry not in names.labels else _of_entry(entry, names.labels)
        if not found and entry not in names.broken:
            faults.append(f"{where}: {_unknown(entry, names)}")
        chosen.update(found)
    return np.fromiter((label in chosen for label in names.labels), dtype=bool, count=len(names.labels))


def _unknown(entry: str, names: Names) -> str:
    if entry in names.elsewhere:
        return f"{entry} is {names.elsewhere[entry]}; here {PLURAL[names.kind]} are selected."
    if any(c in entry for c in WILD):
        return f"the pattern {entry} matches nothing: no {names.kind} has such a label."
    groups = f" or group of {PLURAL[names.kind]}" if names.groups else ""
    if entry in names.ready():
        return f'no {names.kind}{groups} {entry}. It comes with the package: write {entry} = "{entry}" in [groups].'
    close = (hint if names.kind == "country" else nearest)(entry, [*names.labels, *names.groups])
    return f"no {names.kind}{groups} {entry or '(empty)'}.{close}"


def _written(entries: list[str]) -> str:
    return ", ".join(f'"{entry}"' for entry in entries)


def pairs(exporter: Selection, importer: Selection) -> Mask:
    """Selected pairs [exporter, importer]: of different countries, unless both sides are one and the same single label."""
    chosen = exporter.mask[:, None] & importer.mask[None, :]
    if not home(exporter, importer):
        np.fill_diagonal(chosen, False)
    return chosen


def home(exporter: Selection, importer: Selection) -> bool:
    """Whether the domestic pair of one country is meant."""
    return exporter.single is not None and exporter.single == importer.single
