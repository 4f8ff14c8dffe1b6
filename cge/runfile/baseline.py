"""In what a run file and its baseline must agree."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields
from typing import NamedTuple

import numpy as np

from cge.model.exponents import Exponents
from cge.runfile.faults import Given
from cge.runfile.ground import Ground
from cge.solve.levels.world import World

AGREE = ("model", "transfers", "intermediates", "negative_final_demand", "scale")
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


def disagreements(here: Side, there: Side, name: str) -> Iterator[str]:
    """In what a run file and its baseline, of this name, differ but must agree; what has a fault in one of them is passed over."""
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
        yield f'baseline: "{name}" differs in {key}{values}; changes can be measured only from the same {key}.'


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
