"""The run file that another is measured from: which of its policies stay in force, and in what the two must agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import xarray as xr

from cge.model.exponents import Exponents
from cge.runfile.case import Case, Policy
from cge.runfile.faults import Given
from cge.runfile.ground import Ground
from cge.runfile.in_words import sentence
from cge.runfile.keys.shocks import SHOCK_TABLES
from cge.solve.levels.world import World

STACKS = {"baseline": False, "on_top_of": True}
"""Keys that name the run file that changes are measured from, and whether its policies stay in force under those of the file (else that one starts
from the data).
"""

AGREE = ("model", "transfers", "intermediates", "negative_final_demand", "scale", "mobility", "group_shares")
"""Keys in which a run file and its baseline must agree, or changes from one to the other would mix two worlds."""


SAME = ("economy", "technology", "model", "scale")
"""What must be the same before elasticities can be compared."""


class Side(NamedTuple):
    """A run file as far as another must agree with it, also where it has faults.

    Attributes:
        given: its keys; ground: economy or technology; exponents: None where they are not known.
    """

    given: Given
    ground: Ground
    exponents: Exponents | None


@dataclass(frozen=True, eq=False)
class First:
    """The run file that changes are measured from, as far as it could be read.

    Attributes:
        key: that names it, of `STACKS`; name: as it is written; side, case: what it says, the case None where it has faults.
    """

    key: str
    name: str
    side: Side
    case: Case | None

    def under(self, rates: Mapping[str, xr.DataArray], alike: bool) -> Mapping[str, xr.DataArray]:
        """Arrays that the shock of the file acts on in place of the data, by name of the table; rates are NaN where they are not known.

        Args:
            rates: of the data by name [sector, exporter, importer], none without labels; alike: whether the two files agree where they must.
        """
        if not STACKS[self.key]:
            return {}
        if self.case is None or not alike:
            return {name: xr.full_like(array, np.nan) for name, array in rates.items()}
        return {name: array for name in SHOCK_TABLES if (array := getattr(self.case.shock, name)) is not None}

    @property
    def policies(self) -> tuple[Policy, ...]:
        """Those that stay in force."""
        return self.case.policies if self.case is not None and STACKS[self.key] else ()

    def ended(self, policies: tuple[Policy, ...]) -> tuple[str, ...]:
        """A sentence on its policies that are not among those of the file, where there are any."""
        gone = [] if self.case is None else [policy for policy in self.case.policies if policy not in policies]
        if not gone:
            return ()
        words = " ".join(sentence(table, row) for table, row in gone)
        return (
            f"This file starts from the data, and {self.name} is solved beside it: what that file does and this one does not repeat is no longer in "
            f'force ({words.removesuffix(".")}). To keep it: on_top_of = "{self.name}" in place of baseline.',
        )


def own_policies(table: Mapping[str, Any]) -> tuple[Policy, ...]:
    """Entries of the shock tables of a run file, in their order."""
    return tuple((name, row) for name in SHOCK_TABLES for row in table.get(name, []))


def disagreements(here: Side, first: First) -> Iterator[str]:
    """In what a run file and the one that it is measured from differ but must agree; what has a fault in one of them is passed over."""
    there = first.side
    unlike = {}
    for key in AGREE:
        mine, other = getattr(here.given.top, key), getattr(there.given.top, key)
        if mine != other and key in here.given.sound and key in there.given.sound:
            unlike[key] = f" ({mine} here, {other} there)"
    for ground in _unlike_grounds(here.ground, there.ground):
        unlike[ground] = ""
    if unlike.keys().isdisjoint(SAME) and _unlike_exponents(here, there):
        unlike["elasticities"] = ""
    for key, values in unlike.items():
        yield f'{first.key}: "{first.name}" differs in {key}{values}; changes can be measured only from the same {key}.'


def _unlike_grounds(here: Ground, there: Ground) -> Iterator[str]:
    if here.labelled is None or there.labelled is None or here.labelled is there.labelled:
        return
    if here.economy is not None and there.economy is not None:
        if not here.economy.data.equals(there.economy.data):
            yield "economy"
    elif here.world is None or there.world is None or not _same(here.world, there.world):
        yield "technology"


def _same(one: World, other: World) -> bool:
    """Whether two worlds have the same labels and primitives."""
    labels = all(getattr(one, name) == getattr(other, name) for name in ("countries", "sectors", "factors"))
    primitives = [field.name for field in fields(one.technology)]
    return labels and all(np.array_equal(getattr(one.technology, name), getattr(other.technology, name)) for name in primitives)


def _unlike_exponents(here: Side, there: Side) -> bool:
    """Whether exponents on the sectors of the same ground differ, where both are known."""
    labelled = here.ground.labelled
    if here.exponents is None or there.exponents is None or labelled is None or there.ground.labelled is None:
        return False
    mine, other = here.exponents.on(labelled.sectors), there.exponents.on(labelled.sectors)
    return not all(np.array_equal(mine[key], other[key]) for key in mine)
