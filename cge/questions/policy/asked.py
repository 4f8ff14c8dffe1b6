"""The table [policy] of a run file: who chooses which rates, within which bounds, and wants what."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.data.concordance import bundled_groups
from cge.data.labels import Names, select
from cge.errors import InputError, RunFileError, nearest
from cge.questions.policy.given import bounds, by_industry, by_player
from cge.runfile.case import Case
from cge.runfile.faults import section
from cge.runfile.keys.questions import PolicyKeys
from cge.runfile.making import make_case
from cge.runfile.reading import caught
from cge.runfile.toml import near
from cge.solve.policy.agreed import WAYS
from cge.solve.policy.aims import Player
from cge.solve.policy.game import Choice
from cge.solve.policy.instruments import INSTRUMENTS

TRANSFERS = "zero"
"""The rule for transfers where the run file names none: a war would reprice transfers that are fixed in the numeraire."""


@dataclass(frozen=True)
class Kind:
    """A kind of question.

    Attributes:
        several: whether several players choose; joint: whether they do so together; aim: what each wants; words: of the answer.
    """

    several: bool
    words: str
    joint: bool = False
    aim: str = "real_income"


KINDS = {
    "best": Kind(False, "best rates"),
    "war": Kind(True, "war"),
    "retaliate": Kind(True, "answer"),
    "agree": Kind(True, "agreement", joint=True),
    "revenue": Kind(False, "rates of most revenue", aim="revenue"),
}
"""Kinds of questions, by name."""


@dataclass(frozen=True, eq=False)
class Asked:
    """What is asked.

    Attributes:
        case: of the run file, under the rule for transfers that is meant; keys: of the table. kind, players, choice: who chooses what and how.
        rule: for the weights of an agreement; given: weights in place of one [player]. assumed: whether the rule for transfers is that of
            questions of rates, as the run file names none.
    """

    case: Case
    keys: PolicyKeys
    kind: Kind
    players: tuple[Player, ...]
    choice: Choice
    rule: str
    given: Array | None
    assumed: bool

    @property
    def instrument(self) -> str:
        """What is laid on flows, one of `INSTRUMENTS`."""
        return self.keys.instrument or next(iter(INSTRUMENTS))


def meant(case: Case) -> Case:
    """The case under the rule for transfers that a question of rates stands on, where it is one. Raises `RunFileError`."""
    if not case.policy or "transfers" in case.table:
        return case
    table = {**case.table, "transfers": TRANSFERS}
    return replace(make_case(table, case.text, case.path, case.cache, {**case.imposed, "transfers": TRANSFERS}), named=case.named)


def faults(case: Case) -> list[str]:
    """Faults of the table [policy] of a run file, as far as they can be found without solving; none where there is no such table."""
    if not case.policy:
        return []
    found = caught(lambda: read(case))
    return list(found.faults) if isinstance(found, InputError) else []


def read(case: Case) -> Asked:
    """What a run file asks of rates.

    Raises:
        RunFileError: it has no table [policy], or that has faults, all of them.
    """
    if not case.policy:
        raise RunFileError('policy: the run file has no table [policy]; write one with question = "best" and player = "…".')
    reading = Reading(meant(case))
    keys = section(PolicyKeys, case.policy, "policy", reading.faults)
    kind = KINDS.get(keys.question or "", KINDS["best"])
    players = reading.players(keys, kind) if keys.question else reading.known(keys)
    if keys.instrument == "both" and (groups := [name for name, places in players if len(places) > 1]):
        reading.faults.append(
            f"policy.instrument: both is of countries; of a group ({', '.join(groups)}) tariffs and export taxes nearly do the same, and its best "
            'rates are not found to the accuracy that is promised. Write "tariff" or "export_tax", or let its members play.'
        )
    choice = reading.choice(keys)
    kinked = bool((case.exponents.on(case.sectors)["scale"] == 1).any())
    if case.method == "levels" and (
        keys.question != "best" or keys.weights not in (None, "incomes") or kinked or keys.instrument not in (None, "tariff")
    ):
        reading.faults.append(
            'method: levels finds rates of question = "best" alone, with instrument = "tariff", without political weights and below a scale of one; '
            'write method = "hat".'
        )
    rule, given = reading.weights(keys, kind, [name for name, _ in players])
    favour = None if kind.joint or keys.weights is None or keys.weights == "incomes" else reading.favour(keys.weights)
    if reading.faults:
        raise RunFileError(reading.faults)
    who = tuple(Player(name, np.array(places), favour) for name, places in players)
    return Asked(reading.case, keys, kind, who, choice, rule, given, "transfers" not in case.table)


@dataclass(eq=False)
class Reading:
    """A table [policy] being read; faults gather."""

    case: Case
    faults: list[str] = field(default_factory=list)

    def names(self, kind: str) -> Names:
        """What entries of a kind can name."""
        labels, groups = (self.case.countries, self.case.groups) if kind == "country" else (self.case.sectors, self.case.sector_groups)
        return Names(kind, labels, groups)

    def players(self, keys: PolicyKeys, kind: Kind) -> list[tuple[str, list[int]]]:
        """Names of the players and places of their countries; adds to the faults."""
        here, other = ("players", "player") if kind.several else ("player", "players")
        if getattr(keys, other) is not None:
            self.faults.append(f"policy.{other}: is not of this question; give {here}.")
        given = getattr(keys, here)
        if given is None:
            if f"policy.{here}" not in " ".join(self.faults):
                self.faults.append(f"policy.{here}: is missing. {PolicyKeys.model_fields[here].description}")
            return []
        entries = [given] if isinstance(given, str) else given
        found = [(str(name), self.members(str(name), f"policy.{here}")) for name in entries if name != "*"]
        if "*" in entries:  # every country that is not named, each for itself
            named = {place for _, places in found for place in places}
            found += [(label, [place]) for place, label in enumerate(self.case.countries) if place not in named]
        seen: dict[int, str] = {}
        for name, places in found:
            if twice := [self.case.countries[place] for place in places if place in seen]:
                self.faults.append(f"policy.{here}: {', '.join(twice)} would play twice, as {seen.get(places[0], name)} and {name}.")
            seen |= dict.fromkeys(places, name)
        return found

    def known(self, keys: PolicyKeys) -> list[tuple[str, list[int]]]:
        """No player; looks up who is named all the same, so that what else is misspelt is told with an unknown question; adds to the faults."""
        named = {"player": [keys.player], "players": [keys.players] if isinstance(keys.players, str) else keys.players or []}
        for here, entries in named.items():
            for name in entries:
                if name not in (None, "*"):
                    self.members(str(name), f"policy.{here}")
        return []

    def members(self, name: str, where: str) -> list[int]:
        """Places of the countries of a player; adds to the faults."""
        labels = self.case.countries
        if name in labels:
            return [labels.index(name)]
        if name in self.case.groups:
            return [labels.index(label) for label in self.case.groups[name]]
        ready = bundled_groups({"country": labels, "sector": []})["country"]
        more = (
            f' It comes with the package: write {name} = "{name}" in [groups].'
            if name in ready
            else nearest(name, [*labels, *self.case.groups])
        )
        self.faults.append(f"{where}: no country or group {name}.{more}")
        return []

    def choice(self, keys: PolicyKeys) -> Choice:
        """Which rates may move, within which bounds; adds to the faults."""
        masks = []
        for key, kind in (("sectors", "sector"), ("partners", "country")):
            value = getattr(keys, key)
            found = None if value is None else select(value, self.names(kind), f"policy.{key}", self.faults)
            masks.append(np.ones(len(self.names(kind).labels), dtype=bool) if found is None else found.mask)
        lower, upper = (self.bound(getattr(keys, name), name, PolicyKeys.model_fields[name].default) for name in ("lower", "upper"))
        if (lower > upper).any():
            self.faults.append("policy.lower: is above upper somewhere; give bounds that leave room.")
        if not self.case.table.get("subsidies", False) and (lower < 0).any():
            self.faults.append(
                "policy.lower: below zero, rates are subsidies; write subsidies = true at the top of the file if they are meant."
            )
        sectors, partners = masks
        return Choice(INSTRUMENTS[keys.instrument or next(iter(INSTRUMENTS))], keys.rates or "sector", sectors, partners, lower, upper)

    def bound(self, value: Any, name: str, otherwise: float) -> Array:
        """A bound of every rate: one number, or by flow [sector, partner, country that chooses]; adds to the faults."""
        if not isinstance(value, str):
            return np.asarray(otherwise if value is None else value, dtype=float)
        return self.opened(value, f"policy.{name}", partial(bounds, self.case, name, otherwise), np.asarray(otherwise))

    def opened(self, name: str, where: str, make: Callable[[Path], Array], otherwise: Array) -> Array:
        """What is made of a csv file that the table names; `otherwise` after adding to the faults."""
        path = self.case.path.parent / name
        if not path.is_file():
            self.faults.append(f"{where}: no file {path}.{near(path, '.csv')}")
            return otherwise
        made = caught(lambda: make(path))
        if isinstance(made, InputError):
            self.faults += [f"{where}: {fault}" for fault in made.faults]
            return otherwise
        return made

    def weights(self, keys: PolicyKeys, kind: Kind, players: list[str]) -> tuple[str, Array | None]:
        """The rule for the weights of an agreement, and weights that are given in its place [player]; adds to the faults."""
        if not kind.joint or keys.weights is None or keys.weights in WAYS:
            if not kind.joint and keys.weights in WAYS and keys.weights != "incomes":
                self.faults.append(
                    f"policy.weights: {keys.weights} is of agreements; give a csv country,sector,weight of political weights."
                )
            return (keys.weights if kind.joint and keys.weights in WAYS else "incomes"), None
        if not keys.weights.endswith(".csv"):
            self.faults.append(f"policy.weights: {keys.weights} is no rule and no csv.{nearest(keys.weights, WAYS)}")
            return "incomes", None
        make = partial(by_player, self.case, players)
        return "incomes", self.opened(keys.weights, "policy.weights", make, np.ones(len(players)))

    def favour(self, name: str) -> Array:
        """Political weights of industries [sector, country], one where none is given; adds to the faults."""
        every = np.ones((len(self.case.sectors), len(self.case.countries)))
        return self.opened(name, "policy.weights", partial(by_industry, self.case, self.names), every)
