"""The answer where players choose rates together: against what each has without an agreement."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from cge.data.arrays import Array
from cge.solve.policy.agree import bargained, evened, joint_of, of_each, pact, weighted
from cge.solve.policy.aims import Player
from cge.solve.policy.answer import Answer, best_of, contested, finished, improved
from cge.solve.policy.game import Choice
from cge.solve.policy.points import Points
from cge.solve.policy.question import Ground
from cge.solve.policy.search import usual
from cge.solve.policy.searches import Found, Search, Work
from cge.solve.policy.weights import Given

Way = Callable[[Points, Array, int, Work], tuple[Points, Found, list[Found]]]
"""From an agreement by incomes, ln of real income in the fallback [player], and how many starts: the agreement, the best, and all that was found."""


def _by_incomes(points: Points, fallback: Array, count: int, work: Work) -> tuple[Points, Found, list[Found]]:
    return points, *best_of(points, count, work, "agreement")


def _by_bargaining(points: Points, fallback: Array, count: int, work: Work) -> tuple[Points, Found, list[Found]]:
    bargain = bargained(points, fallback)
    return bargain, *best_of(bargain, count, work, "bargain")


def _by_equal_gains(points: Points, fallback: Array, count: int, work: Work) -> tuple[Points, Found, list[Found]]:
    even, found = evened(points, fallback, usual(points))
    (again,) = work([Search("with equal gains", even, found.rates)])
    return even, again, [again]


WAYS: dict[str, Way] = {"incomes": _by_incomes, "bargain": _by_bargaining, "equal_gains": _by_equal_gains}
"""How weights are found, by the name of their rule; weights that are given take the place of incomes."""


def war(ground: Ground, choice: Choice, players: Sequence[Player], count: int, work: Work) -> Array:
    """ln of real income of each player in a war: a fallback [player]. Raises as `contested`."""
    return contested(ground, choice, players, "real_income", count, work).real


def benchmark(ground: Ground, choice: Choice, players: Sequence[Player], count: int, work: Work) -> Array:
    """ln of real income of each player where nothing is done: a fallback [player]."""
    return np.zeros(len(players))


FALLBACKS = {"war": war, "benchmark": benchmark}
"""What players have without an agreement, by name."""


def agreed(
    ground: Ground, choice: Choice, players: Sequence[Player], rule: str, given: Array | None, fallback: Array, count: int, work: Work
) -> Answer:
    """The agreement of players.

    Args:
        rule: for weights, of `WAYS`; given: weights in place of incomes [player]; fallback: ln of real income without an agreement [player].

    Raises:
        DataError: as `make_game`; SolveError: none was found, or the one that was does not stand its trial.
    """
    points = pact(ground, choice, players)
    if given is not None:
        points = weighted(points, Given(given / given.sum()))
    points, best, found = WAYS[rule](points, fallback, count, work)
    at_best = points.equilibrium(best.rates)
    joint = joint_of(points)
    weights = joint.weights(at_best) / joint.weights(at_best).sum()
    held = weighted(points, Given(weights))
    still = Found(best.name, best.rates, held.values(best.rates), best.derivative, best.solves, best.adjoints)
    _, _, tried, spent = improved(held, still, found, work)
    spent += sum(one.solves for one in found)
    real = of_each(points, best.rates)
    gain = {0: max([0.0, *(one.gain for one in tried)])}
    return finished(ground, points, best, found, count, tried, gain, spent, real, fallback, weights=weights)
