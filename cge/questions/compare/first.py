"""What a reader of a comparison sees first: who acts, what that costs under one model and another, and what each scenario adds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from cge.data.text import counted
from cge.runfile.in_words import listed, spoken
from cge.runfile.scenarios import OWN
from cge.tell.answer import (
    DUTIES,
    WORLD,
    Answer,
    At,
    Span,
    Tile,
    Told,
    gains,
    quoted,
    ranged,
    ranged_money,
    shifts,
    span,
    spread,
    spread_money,
    where,
)
from cge.tell.deed import alone, deed, rate_tables
from cge.tell.headings import DIFFERENCE

Member = Mapping[str, Any]
"""A member in summary.json."""

MOST = 3
"""Scenarios that the sentence names; the others are counted."""

LEADS = "real_income_pct"


def opening(told: Told) -> Answer:
    """The answer of an output folder of a comparison."""
    asked = questions(told.summary["members"])
    place = next((k for k, members in enumerate(asked) if members[0]["acting"]["kind"]), 0)
    first, others = asked[place], [members for k, members in enumerate(asked) if k > place]
    done, numbers = first[0], Numbers(told)
    names = done["acting"]["names"]
    who = names[0] if names else WORLD
    under = f" ({quoted(name)})" if (name := done.get("scenario")) else ""
    one = "it" if alone(done) else told.name(who)
    parts = [f"{one} {gains(span(numbers.of(who, first)))}"]
    if who != WORLD:
        parts.append(f"the world {gains(span(numbers.of(WORLD, first)))}")
    more = [adds(told, numbers, who, members, done) for members in others[:MOST]]
    rest = [f"{counted(len(others) - MOST, 'more scenario')} below"] if len(others) > MOST else []
    sentence = "; ".join([f"{deed(told, done)}{under}: {', and '.join(parts)}", *more, *rest])
    return Answer(who, f"{sentence}.", _tiles(told, numbers, who, first, others), rate_tables(told, done))


def questions(members: Iterable[Member]) -> list[list[Member]]:
    """Members that were solved, those who change the same thing together: of one scenario, or of tables that give shocks of their own; those that
    answer the question of the file first.
    """
    found: dict[tuple[str, ...], list[Member]] = {}
    for member in members:
        if member["outcome"] == "solved":
            found.setdefault((member.get("scenario", ""), *member["changes"]), []).append(member)
    return list(found.values())


class Numbers:
    """The numbers of a comparison by country or group, member and statistic."""

    def __init__(self, told: Told) -> None:
        groups, countries = told.tables["comparison_groups"], told.tables["comparison"]
        both = pd.concat([groups, countries]).drop_duplicates(["country", "member", "statistic"])  # World and groups first
        self.values = both.set_index(["country", "member", "statistic"])["value"]

    def of(self, label: str, members: Iterable[Member], statistic: str = LEADS) -> list[At]:
        """A statistic of a country or group under every member."""
        rows = self.values.reindex([(label, member["name"], statistic) for member in members])
        return [At(float(value), _called(member)) for value, member in zip(rows, members, strict=True)]

    def duties(self, label: str, members: list[Member]) -> list[At]:
        """What the treasury of a country or group takes more under every member; what a member has no column of is nothing."""
        kinds = [self.of(label, members, f"{name}_change") for name in DUTIES]
        return [At(float(np.nansum([one.value for one in every])), every[0].where) for every in zip(*kinds, strict=True)]


def _called(member: Member) -> str:
    """A member without the name of its scenario, its model in words."""
    name = str(member["name"])
    return "" if name == member.get("scenario") else spoken(name.removesuffix(f", {member.get('scenario') or OWN}"))


def adds(told: Told, numbers: Numbers, who: str, members: list[Member], done: Member) -> str:
    """What a scenario adds to what it stands on; what members of a table that changes something else say of who acts."""
    name = members[0].get("scenario")
    if not name:
        called = listed([spoken(str(member["name"])) for member in members])
        return f"under {called}, where something else changes, {told.name(who)} {gains(span(numbers.of(who, members)))}"
    below = members[0].get("on_top_of", "")
    stands = "" if below == done.get("scenario", "") else f" on top of {quoted(below)}" if below else " on top of the file alone"
    own = [shifts(found, told.name(label)) for label in dict.fromkeys((who, WORLD)) if (found := added(numbers, label, members))]
    return f"{quoted(name)}{stands} {listed(own)}"


def added(numbers: Numbers, label: str, members: list[Member]) -> Span:
    """What a scenario adds to the real income of a country or group, percentage points."""
    return span(numbers.of(label, members, LEADS + DIFFERENCE))


def _tiles(told: Told, numbers: Numbers, who: str, first: list[Member], others: list[list[Member]]) -> tuple[Tile, ...]:
    """Real income of who acts and of the world; between them what scenarios add, or duties and pay where there are none."""
    scenarios = [members for members in others if members[0].get("scenario")][:2]
    between = [_added(told, numbers, who, members) for members in scenarios]
    usual = [
        spread_money("Duties to the treasury", numbers.duties(who, first), told.unit),
        spread("Real pay of factors", numbers.of(who, first, "real_factor_income_pct"), "over consumer prices"),
    ]
    notes = [f"{ranged_money(span(numbers.of(label, first, 'equivalent_variation')), told.unit)} a year" for label in (who, WORLD)]
    return (
        spread(f"Real income, {told.name(who)}", numbers.of(who, first), notes[0]),
        *[*between, *usual][:2],
        spread("Real income, world", numbers.of(WORLD, first), notes[1]),
    )


def _added(told: Told, numbers: Numbers, who: str, members: list[Member]) -> Tile:
    """What a scenario adds to the real income of who acts."""
    found, world = added(numbers, who, members), added(numbers, WORLD, members)
    note = f"percentage points of real income, {told.name(who)}; world {ranged(world, '')}".strip()
    return Tile(f"{quoted(members[0]['scenario'])} adds", ranged(found, "").strip(), "; ".join(filter(None, [note, where(found)])))
