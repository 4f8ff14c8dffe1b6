"""Searches that can be made apart from each other: what each begins with, and the little that is kept of what it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.errors import SolveError
from cge.solve.policy.points import Points
from cge.solve.policy.search import Tell, projected, silent, usual
from cge.solve.policy.smooth import kinked, settle_smoothly, settled
from cge.solve.threads import one_thread

TRIED_RATES = 1.0
"""Highest rate that a search begins with where bounds allow more."""


@dataclass(frozen=True, eq=False)
class Search:
    """One search for rates.

    Attributes:
        name: in words, unlike that of any other of the same question; points: where; start: rates [rate].
    """

    name: str
    points: Points
    start: Array


@dataclass(frozen=True, eq=False)
class Found:
    """What a search found.

    Attributes:
        name: of the search; rates: [rate]; values: ln of what is wanted [objective]; derivative: the largest that bounds do not excuse; where
            there are kinks that of the smooth points nearest to the exact ones, while values are exact.
        solves, adjoints: what it took; failed: why nothing was found, empty where something was.
    """

    name: str
    rates: Array
    values: Array
    derivative: float
    solves: int
    adjoints: int
    failed: str = ""


Work = Callable[[Sequence[Search]], Iterable[Found]]
"""Makes searches, in order."""


def here(searches: Sequence[Search], tell: Callable[[str], Tell] = lambda name: silent) -> Iterator[Found]:
    """In this process, one after the other; `tell` makes who is told of the steps of each."""
    return (search(one, tell(one.name)) for one in searches)


@one_thread
def search(one: Search, tell: Tell = silent) -> Found:
    """Make a search."""
    points = one.points.playing(one.points.game)
    try:
        point = settle_smoothly(points, one.start, tell) if kinked(points) else settled(points, one.start, tell)
        values = points.values(point.rates) if kinked(points) else point.values
    except SolveError as error:
        nothing = np.full(len(points.game.objectives), np.nan)
        return Found(one.name, one.start, nothing, np.nan, points.solves, points.adjoints, error.outcome.sentence)
    largest = float(np.abs(projected(points, point)).max(initial=0.0))
    return Found(one.name, point.rates, values, largest, points.solves, points.adjoints)


def starts(points: Points, count: int, seed: int = 0) -> list[Array]:
    """Where searches begin: one over the trade elasticity, then random rates within bounds [rate]."""
    game, random = points.game, np.random.default_rng(seed)
    low, high = np.maximum(game.lower, -0.5), np.minimum(game.upper, np.maximum(game.lower, 0.0) + TRIED_RATES)
    return [usual(points), *(game.clipped(low + (high - low) * random.random(len(low))) for _ in range(count - 1))]


def searches(points: Points, count: int, what: str) -> list[Search]:
    """Searches from several starts for what is named."""
    return [Search(f"{what}, start {number + 1} of {count}", points, start) for number, start in enumerate(starts(points, count))]
