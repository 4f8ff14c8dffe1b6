"""Scenarios of a run file: each is a run file of its own, which the tables `[[scenario]]` make from the one that holds them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ConfigDict, Field

from cge.errors import nearest
from cge.runfile.baseline import AGREE
from cge.runfile.faults import section
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.runfile.keys.table import Keys, as_toml

MEASURED = ("economy", "technology", "factor_shares", "group_shares", "baseline")
"""Keys that would change what is measured from; a scenario has none of them."""

OWN = "file's own"
"""What the question of the run file itself is called beside its scenarios."""

WHOLE = ("groups", "scenario", "compare", "sweep")
"""Tables that are of the whole file and not of a scenario."""

NOT_OWN = ("name", "on_top_of", *SHOCK_TABLES, *MEASURED, *WHOLE)
"""Keys that do not take the place of the file's."""

STATED = (*AGREE, "elasticities")
"""Keys that say which world answers: a scenario gives those that the one it stands on gives, or their difference would not be one of policies alone
and nobody would see it.
"""


def stated(table: Mapping[str, Any], among: Iterable[str] = STATED) -> dict[str, Any]:
    """The keys of `STATED` that a table gives, or those of them that are `among` others: baselines follow them."""
    return {key: table[key] for key in among if key in STATED and key in table}


class ScenarioKeys(Keys):
    """[[scenario]]: another question of the same file. Any other key of the file takes the place of the file's; entries of shock tables are added
    and act after those of the file and of the scenario that this one stands on. All are measured from the file's own benchmark.
    """

    model_config = ConfigDict(extra="allow", strict=True, frozen=True)

    name: str = Field(title="What the scenario is called", min_length=1, description='Give a name of its own: name = "retaliation".')
    on_top_of: str | None = Field(
        None, title="Whose shocks stay in force under those of this one", min_length=1, description="Give the name of another scenario."
    )


@dataclass(frozen=True)
class Scenario:
    """A scenario of a run file.

    Attributes:
        name: of its own, its place where the file gives none; under: name of the scenario it stands on, empty where that is the file's own.
        table: its run file; places: where each entry of a shock table stands in the file, by table; own: keys that it gives, beside shocks.
    """

    name: str
    under: str
    table: dict[str, Any]
    places: Mapping[str, Sequence[str]]
    own: Mapping[str, Any]

    @property
    def imposed(self) -> dict[str, Any]:
        """Keys in which the baselines of the file follow it."""
        return stated(self.own)

    def located(self, fault: str) -> str:
        """A fault of its run file as one of the file that it is made from; one of a baseline stays as it is."""

        def place(found: re.Match[str]) -> str:
            known = self.places.get(found[1], ())
            return known[int(found[2])] if int(found[2]) < len(known) else found[0]

        here = fault.startswith(tuple(SHOCK_TABLES))
        return re.sub(rf"\b({'|'.join(SHOCK_TABLES)})\[(\d+)\]", place, fault) if here else fault


def read_scenarios(table: Mapping[str, Any], faults: list[str]) -> list[Scenario]:
    """The scenarios of a run file, in its order; adds to the faults of these tables alone, and leaves out the keys that have any, so that the others
    can be checked, too.

    What a scenario makes of the keys of the file is checked where its run file is read.
    """
    given = table.get("scenario", [])
    raw = [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []
    keys = [section(ScenarioKeys, entry, f"scenario[{i}]", faults) for i, entry in enumerate(raw)]
    known = {key.name: i for i, key in reversed(list(enumerate(keys))) if key.name}
    found = []
    for i, (key, entry) in enumerate(zip(keys, raw, strict=True)):
        faults += [f"scenario[{i}]{fault}" for fault in _faults(i, key, entry, keys, known)]
        chain = _chain(i, keys, known) or [i]
        found.append(_made(table, [raw[k] for k in chain], chain, key))
    return found


def _faults(i: int, key: ScenarioKeys, entry: Mapping[str, Any], keys: Sequence[ScenarioKeys], known: Mapping[str, int]) -> Iterator[str]:
    """What is wrong with one table, behind its place in the file."""
    if key.name and not plain(key.name):
        yield f".name: {as_toml(key.name)} has no letter and no digit, and the output folder is named after it; give it some."
    elif key.name and plain(key.name) in [plain(other.name) for other in keys[:i] if other.name]:
        yield f".name: {as_toml(key.name)} is the name of another scenario (capitals and signs do not tell them apart)."
    if key.name == OWN:
        yield f".name: {as_toml(OWN)} is what outputs call the question of the file itself; choose another name."
    for name in entry:
        if name in MEASURED:
            yield f".{name}: all scenarios are measured from the file's own benchmark; vary {name} in [sweep], or write another run file."
        elif name in WHOLE:
            yield f".{name}: is a table of the whole file; write it there."
    if key.on_top_of is None:
        return
    if key.on_top_of not in known:
        hint = " A file is named at the top of the run file." if key.on_top_of.endswith(".toml") else nearest(key.on_top_of, known)
        yield f".on_top_of: no scenario {key.on_top_of}.{hint}"
        return
    chain = _chain(i, keys, known)
    if chain is None:
        yield ".on_top_of: goes round in a circle; one of these scenarios must stand on the file alone."
        return
    below = keys[known[key.on_top_of]].model_extra or {}
    for name in STATED:
        if name in below and name not in entry:
            yield f": stands on {key.on_top_of}, which gives {name} ({as_toml(below[name])}); give {name} here, too, the same or another."


def _chain(i: int, keys: Sequence[ScenarioKeys], known: Mapping[str, int]) -> list[int] | None:
    """Places of the scenarios that one stands on, the lowest first and itself last; None where they go round or one is unknown."""
    chain = [i]
    while (under := keys[chain[0]].on_top_of) is not None:
        if under not in known or known[under] in chain:
            return None
        chain.insert(0, known[under])
    return chain


def _made(table: Mapping[str, Any], entries: Sequence[Mapping[str, Any]], chain: Sequence[int], key: ScenarioKeys) -> Scenario:
    """The run file of a scenario: its own keys in place of the file's, and shock tables one after the other."""
    own = {name: value for name, value in entries[-1].items() if name not in NOT_OWN}
    whole = {**{name: value for name, value in table.items() if name != "scenario"}, **own}
    if "title" not in own and isinstance(table.get("title"), str):
        whole["title"] = f"{table['title']}: {key.name}"
    places = {}
    for name in SHOCK_TABLES:
        parts = [("", table.get(name)), *((f"scenario[{i}].", entry.get(name)) for i, entry in zip(chain, entries, strict=True))]
        lists = [(where, part) for where, part in parts if part is not None]
        if not lists:
            continue
        if all(isinstance(part, list) for _, part in lists):
            whole[name] = [row for _, part in lists for row in part]
            places[name] = [f"{where}{name}[{k}]" for where, part in lists for k in range(len(part))]
        else:
            whole[name] = next(part for _, part in lists if not isinstance(part, list))  # a fault, told where the run file is read
    return Scenario(key.name or f"[{chain[-1]}]", key.on_top_of or "", whole, places, own)


def plain(name: str) -> str:
    """A name as a part of the name of an output folder."""
    return re.sub(r"[\W_]+", "-", name.lower()).strip("-")
