"""Which combinations of a sweep stand against which: scenarios against what they stand on, models and rules against the first of them.

Both sides have the same draws of elasticities, so that a band of their difference holds what the elasticities leave open of it, and not what they
leave open of each side.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from cge.questions.sweep.axes import NAME, Axis
from cge.questions.sweep.combinations import Scenarios
from cge.runfile.scenarios import OWN, Scenario

COMPARED = ("model", "transfers", "intermediates", "mobility")
"""Keys whose values stand against the first of them."""


def pairs(scenarios: Scenarios) -> Iterator[tuple[int, int, str]]:
    """A combination of the axes, the one that it stands against, and the value of the key that sets them apart there."""
    for k, axis in enumerate(scenarios.axes):
        for place, other in _against(axis, scenarios.asked).items():
            for row in np.flatnonzero(scenarios.places[:, k] == place):
                wanted = scenarios.places[row].copy()
                wanted[k] = other
                for found in np.flatnonzero((scenarios.places == wanted).all(axis=1)):
                    yield int(row), int(found), str(axis.values[other])


def _against(axis: Axis, asked: Mapping[str, Scenario]) -> dict[int, int]:
    """Place of the value that each value of an axis stands against, by its own place; those without one are left out."""
    if axis.name in COMPARED:
        return dict.fromkeys(range(1, len(axis.values)), 0)
    if axis.paths != (NAME,):
        return {}
    under = {place: _under(str(name), axis, asked) for place, name in enumerate(axis.values)}
    return {place: other for place, other in under.items() if other is not None}


def _under(name: str, axis: Axis, asked: Mapping[str, Scenario]) -> int | None:
    """Place of the nearest scenario below one that is among the values of an axis; None where there is none."""
    while name != OWN:
        name = asked[name].under or OWN
        if name in axis.values:
            return axis.values.index(name)
    return None
