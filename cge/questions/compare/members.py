"""Who takes part in a comparison: the run file itself, and the other models that answer its question."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product
from typing import Any, Literal, get_args

import numpy as np

from cge.errors import InputError, RunFileError, nearest
from cge.model.exponents import PerSector, by_sector
from cge.model.transfers import TRANSFER_RULES
from cge.model.variants import VARIANTS
from cge.model.variants.melitz import SIZE_SHAPE
from cge.runfile.case import Case
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.runfile.load import scenario_cases
from cge.runfile.making import make_case
from cge.runfile.reading import caught
from cge.runfile.scenarios import read_scenarios, stated

Rule = Literal["same_elasticity", "same_sigma"]
"""What models have in common: the exponent on trade costs (σ − 1, θ or k), or σ (Krugman's trade elasticity is then σ − 1 < k)."""

SELECTING = next(name for name, variant in VARIANTS.items() if variant.entrants.differ)
"""The variant whose σ others can share, since its trade elasticity is not σ − 1."""

AXES = ("models", "transfers", "intermediates", "mobility")
"""What a comparison can go across; models always."""

POOL, STAYING = np.inf, 1.01
"""Mobility at its ends: workers for whom all sectors are one, and workers whose efficiency units hardly leave theirs."""


@dataclass(frozen=True)
class Member:
    """One way to answer the question of a run file.

    Attributes:
        keys: of the run file that it replaces (None takes one away); rule: what it has in common with the others.
        label: what the run file calls it, empty where it does not.
    """

    keys: Mapping[str, Any]
    rule: Rule = "same_elasticity"
    label: str = ""

    def of(self, case: Case) -> Case:
        """The case of this member; raises `RunFileError` where the model cannot be made of the run file."""
        imposed = {**case.imposed, **stated(self.keys)}
        return replace(make_case({**case.table, **self.keys}, case.text, case.path, case.cache, imposed), named=case.named)

    def identity(self, case: Case) -> str:
        """What tells members apart: their run files, and what they have in common with the others."""
        table = {"transfers": case.transfers, "intermediates": case.intermediates, "mobility": POOL, **case.table, **self.keys}
        return repr((self.rule, sorted((name, value) for name, value in table.items() if value is not None)))


ITSELF = Member({})
"""The run file as it stands."""


@dataclass(frozen=True, eq=False)
class Asked:
    """A question of a comparison: that of the run file, or of one of its scenarios.

    Attributes:
        case: of it; under: name of the scenario that it stands on, empty where that is the file's own (None: it is the file's own).
        members: who answers it, the case as it stands among them.
    """

    case: Case
    under: str | None
    members: tuple[Member, ...]


def questions(case: Case, models: Iterable[str] = (), across: Iterable[str] = ()) -> tuple[list[Asked], list[str]]:
    """Every question of a comparison with its members, that of the run file itself first, and what was decided about elasticities, in sentences.

    Args:
        models, across: as in `members`. Where the file has scenarios each is answered by its own model, unless models or tables `[[compare]]` say
            who answers.

    Raises:
        RunFileError: unknown models or axes, and every fault of scenarios and tables `[[compare]]`.
    """
    models, across = list(models), list(across)
    wrong = [f"--models: no model {name}.{nearest(name, VARIANTS)}" for name in models if name not in VARIANTS]
    wrong += [f"--across: {name} is not one of {', '.join(AXES)}.{nearest(name, AXES)}" for name in across if name not in AXES]
    if wrong := [*wrong, *faults(case)]:
        raise RunFileError(wrong)
    under = {one.name: one.under for one in read_scenarios(case.table, [])}
    notes: dict[str, None] = {}
    found = []
    for one in [case, *scenario_cases(case)]:
        chosen, said = members(one, models, across, alone=bool(under))
        found.append(Asked(one, under.get(one.named), tuple(chosen)))
        notes.update(dict.fromkeys(said))
    return found, list(notes)


def members(case: Case, models: Sequence[str] = (), across: Sequence[str] = (), alone: bool = False) -> tuple[list[Member], list[str]]:
    """The members that answer one question, the run file as it stands among them, and what was decided about elasticities, in sentences.

    They are the tables `[[compare]]` of the run file, or where it has none: Armington (Eaton–Kortum if that is the file's model), Krugman
    with the same trade elasticity and with the same σ, Melitz, and variable mark-ups where the file gives their demand or η.

    Args:
        models: these only, beside the file's own; across: `transfers`, `intermediates`, `mobility`: every member under every rule, with and without
            inputs, with the mobility of the file and with both of its ends.
        alone: the file's own model answers alone where neither models nor tables are named.
    """
    named = [_named(raw, f"compare[{i}]", []) for i, raw in enumerate(case.compare)]
    notes: list[str] = []
    found = named or ([ITSELF] if alone and not models else _usual(case, list(models), notes))
    chosen = [m for m in found if not models or m.keys.get("model", case.model) in models]
    rules: list[dict[str, Any]] = [{"transfers": rule} for rule in TRANSFER_RULES] if "transfers" in across else [{}]
    links: list[dict[str, Any]] = [{}]
    if "intermediates" in across and case.start.linked:
        links = [{"intermediates": link} for link in (True, False)]
    elif "intermediates" in across:
        notes.append("The economy has no input-output links: there is nothing to compare across intermediates.")
    moving: list[dict[str, Any]] = [{}]
    if "mobility" in across:
        moving = [*([{}] if case.mobility is not None else []), {"mobility": POOL}, {"mobility": STAYING}]
    wide = [replace(m, keys={**m.keys, **rule, **link, **move}) for rule, link, move, m in product(rules, links, moving, chosen)]
    every = {m.identity(case): m for m in wide}
    return list(every.values() if ITSELF.identity(case) in every else [ITSELF, *every.values()]), notes


def faults(case: Case) -> list[str]:
    """Faults of the scenarios of a run file and of its tables `[[compare]]`: of their own keys, and of the cases that they make."""
    found: list[str] = []
    made = caught(lambda: scenario_cases(case))
    scenarios = () if isinstance(made, InputError) else made
    found += made.faults if isinstance(made, InputError) else ()
    for place, raw in enumerate(case.compare):
        where = f"compare[{place}]"
        member = _named(raw, where, found)
        found += _hidden(case, member, where)
        for one in (case, *scenarios):
            answers = caught(partial(member.of, one))
            if isinstance(answers, InputError):
                told = f"scenario {one.named}, " if one.named else ""
                found += [f"{told}{where}: {fault}" for fault in answers.faults if not told or f"{where}: {fault}" not in found]
    return found


def _hidden(case: Case, member: Member, where: str) -> Iterator[str]:
    """What a member would hide of the scenarios of a run file."""
    scenarios = read_scenarios(case.table, [])
    if not scenarios:
        return
    for name in member.keys:
        if name in SHOCK_TABLES:
            yield f"{where}.{name}: where the file has scenarios these say what changes, and [[compare]] who answers; write it as a [[scenario]]."
        elif givers := [one.name for one in scenarios if name in one.own]:
            yield f"{where}.{name}: scenario {', '.join(givers)} gives {name}, too, which this would hide; give it in one of the two."


def _named(raw: Mapping[str, Any], where: str, faults: list[str]) -> Member:
    """The member of a `[[compare]]` table: any keys of the run file, `elasticity_rule` and `label`."""
    keys = dict(raw)
    if "name" in keys:
        faults.append(f"{where}.name: unknown key `name`; what a member is called stands under label.")
        del keys["name"]
    rule, label = keys.pop("elasticity_rule", "same_elasticity"), keys.pop("label", "")
    if not isinstance(label, str):
        faults.append(f"{where}.label: {label!r} is not text.")
    if rule not in get_args(Rule):
        faults.append(f"{where}.elasticity_rule: {rule!r} is not allowed. Give one of {', '.join(get_args(Rule))}.")
    faults += [f"{where}.{key}: cannot stand in a table of the comparison." for key in ("compare", "sweep", "scenario") if key in keys]
    return Member(keys, rule, str(label))


def _usual(case: Case, models: list[str], notes: list[str]) -> list[Member]:
    """The members where the run file names none; adds to the notes."""
    variant = VARIANTS[case.model]
    plain = next(iter(VARIANTS)) if variant.scales or variant.fewer else case.model
    usual = [name for name, variant in VARIANTS.items() if variant.compared or set(variant.invited) & set(case.parameters)]
    chosen = models or [plain, *usual]
    elasticities = _for_every_model(case, chosen, notes)
    found = []
    for model in chosen:
        # `scale` belongs to free entry, and the file's own model has its elasticities already
        keys = {"model": model} | ({} if case.scale is None or VARIANTS[model].scales else {"scale": None})
        found.append(Member(keys if model == case.model else {**keys, "elasticities": elasticities}))
        if VARIANTS[model].at_same_sigma and (sigma := _sigma(case, elasticities)) is not None:
            found.append(Member({**keys, "elasticities": {"sigma": sigma}}, "same_sigma"))
    return found


def _for_every_model(case: Case, models: list[str], notes: list[str]) -> dict[str, Any]:
    """[elasticities] under which every model is defined; says what was added to those of the run file and counts for one of `models`."""
    table = dict(case.table["elasticities"])
    if "trade" not in case.parameters and "sigma" in case.parameters:
        table["trade"] = by_sector(lambda value: value - 1, case.parameters["sigma"])
        del table["sigma"]
        notes.append("The run file gives sigma alone: the trade elasticity sigma − 1 is common to all models.")
    if not {"sigma", "size_shape"} & set(table):
        table["size_shape"] = SIZE_SHAPE
        if any(VARIANTS[model].at_same_sigma or "size_shape" in VARIANTS[model].uses for model in models):
            notes.append(
                f"Under {SELECTING} sigma = 1 + k/{SIZE_SHAPE} (Melitz and Redding 2015: k 4.25, sigma 4), since the run file gives none."
            )
    return table


def _sigma(case: Case, elasticities: dict[str, Any]) -> PerSector | None:
    """σ where firms are selected, by sector where it differs; None where the run file makes no such model (which its own member then says)."""
    if case.exponents.entrants.differ:
        return case.exponents.parameters["sigma"]
    try:
        return Member({"model": SELECTING, "elasticities": elasticities}).of(case).exponents.parameters["sigma"]
    except InputError:
        return None
