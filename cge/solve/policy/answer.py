"""The answer to a question of rates: the best of several searches, what that is worth to each player, and what certifies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.solve.changes import solve_hat
from cge.solve.policy.aims import AIMS, Own, Player
from cge.solve.policy.certificate import Deviation, deviations, epsilons, own_searches
from cge.solve.policy.game import Choice
from cge.solve.policy.points import Points
from cge.solve.policy.question import Ground, by_partner_alone, contest
from cge.solve.policy.searches import Found, Search, Work, searches
from cge.solve.policy.smooth import STAGES, kinked, smoothed
from cge.solve.solution import Solution

ALIKE = 1e-6
"""Largest difference (ln) of values that are of one optimum."""

REFUSED = 1e-5
"""Gain from deviating, as a part of real income, above which rates are no answer where nothing has kinks: 1e-3 percentage points."""

ROUNDS = 3
"""How often a search is made anew from a deviation that was better."""

MANY_STARTS, FEW_STARTS, HIGH = 8, 2, 0.9
"""Least number of starts above a scale of `HIGH`, where optima may be several, and below it."""


def starts_for(ground: Ground, asked: int | None) -> int:
    """How many starts serve: what was asked for, and at least as many as the scale makes prudent."""
    scale = float(ground.solution.counterfactual.system.scale.max())
    least = MANY_STARTS if scale > HIGH else FEW_STARTS
    return max(least, asked or 0) if scale > HIGH or asked is None else asked


@dataclass(frozen=True, eq=False)
class Certificate:
    """What was tried against an answer.

    Attributes:
        derivative: largest that bounds do not excuse, ln of what is wanted per unit of rate; slope: all of them at the answer [rate].
        starts: how many searches there were; optima: ln of what is wanted at the distinct ones that were found, the answer's first (mean of all
            players where there are several objectives); differ: places of sectors in which the next best has other rates.
        deviation: the largest gain of a deviation that was drawn, or of rates at their bounds, as a part of what is wanted.
        epsilon: the largest gain of any search of a player's own, by place; of a single objective that of any start or deviation.
        solves: equilibria that were looked for, for the answer and for all that it is held against.
    """

    derivative: float
    slope: Array
    starts: int
    optima: tuple[float, ...]
    differ: tuple[int, ...]
    deviation: float
    epsilon: Mapping[int, float]
    solves: int

    @property
    def largest(self) -> float:
        """The largest gain that was found, as a part of what is wanted."""
        return max([0.0, self.deviation, *self.epsilon.values()])


@dataclass(frozen=True, eq=False)
class Answer:
    """Rates that answer a question.

    Attributes:
        points: where; rates: of the answer [rate]; certificate: what was tried against it.
        solution: the counterfactual with these rates, solved cold from the data.
        real: ln of real income of each player; without: the same with this player's rates as the shock leaves them, or, of an agreement, in
            the fallback [player]. weights: of the players in an agreement [player]; None elsewhere.
        tied: whether free rates were looked for by partner alone; smooth: whether the answer was looked for where nothing has kinks.
        levels_vs_hat: largest difference of a rate from those that IPOPT finds in levels; None where it was not asked.
    """

    points: Points
    rates: Array
    certificate: Certificate
    solution: Solution
    real: Array
    without: Array
    weights: Array | None = None
    tied: bool = False
    smooth: bool = False
    levels_vs_hat: float | None = None


def best_of(points: Points, count: int, work: Work, what: str) -> tuple[Found, list[Found]]:
    """The best of searches from several starts (of a contest the first that found anything), and all that found something.

    Raises:
        SolveError: none found anything.
    """
    made = list(work(searches(points, count, what)))
    good = [found for found in made if not found.failed]
    if not good:
        raise SolveError(Outcome("not_converged", made[0].failed))
    if len(points.game.objectives) > 1:
        return good[0], good
    return max(good, key=lambda found: float(found.values[0])), good


def distinct(best: Found, found: Sequence[Found]) -> list[Found]:
    """One of each optimum, the answer first, then by what they are worth."""
    kept = [best]
    for one in sorted(found, key=lambda one: -float(one.values.mean())):
        if all(np.abs(one.values - other.values).max() > ALIKE for other in kept):
            kept.append(one)
    return kept


def contested(ground: Ground, choice: Choice, players: Sequence[Player], aim: str, count: int, work: Work) -> Answer:
    """The answer where each player chooses for itself: one alone, or all against each other.

    Raises:
        DataError: as `make_game`; SolveError: none was found, or the one that was does not stand its trial.
    """
    tied = by_partner_alone(ground, choice, players, aim)
    points = contest(ground, Choice(**{**vars(choice), "rates": "partner"}) if tied else choice, players, aim)
    what = "contest" if len(players) > 1 else aim.replace("_", " ")
    best, found = best_of(points, count, work, what)
    best, found, tried, spent = improved(points, best, found, work)
    made: list[tuple[int, Found]] = []
    if len(players) > 1:
        own = own_searches(points, best.rates)
        made = list(zip((player for player, _ in own), work([one for _, one in own]), strict=True))
    epsilon = epsilons(made, best.values) if made else {0: max([0.0, *(one.gain for one in tried)])}
    spent += sum(one.solves for one in found) + sum(one.solves for _, one in made)
    real, without = worth(points, players, ground, best.rates)
    return finished(ground, points, best, found, count, tried, epsilon, spent, real, without, tied=tied)


def improved(points: Points, best: Found, found: list[Found], work: Work) -> tuple[Found, list[Found], list[Deviation], int]:
    """The answer after searches from deviations that were better, where there is one objective; with what was found, tried, and equilibria spent."""
    spent = 0
    for number in range(ROUNDS):
        before = points.solves
        tried = list(deviations(points, best.rates, best.values))
        spent += points.solves - before
        better = max(tried, key=lambda one: one.gain, default=None)
        if len(points.game.objectives) > 1 or better is None or better.gain <= ALIKE:
            break
        (again,) = work([Search(f"from a better deviation, {number + 1}", points, better.rates)])
        if again.failed or again.values[0] <= best.values[0]:
            break
        best, found = again, [*found, again]
    return best, found, tried, spent


def worth(points: Points, players: Sequence[Player], ground: Ground, rates: Array) -> tuple[Array, Array]:
    """ln of real income of each player at rates [rate], and with this player's as the shock leaves them [player]."""
    own = [Own(AIMS["real_income"], Player(player.name, player.members), ground.before) for player in players]
    without = [one.value(points.equilibrium(rates, left=points.game.of(place))) for place, one in enumerate(own)]
    return points.values(rates, own), np.array(without)


def finished(
    ground: Ground,
    points: Points,
    best: Found,
    found: Sequence[Found],
    count: int,
    tried: Sequence[Deviation],
    epsilon: Mapping[int, float],
    spent: int,
    real: Array,
    without: Array,
    *,
    weights: Array | None = None,
    tied: bool = False,
) -> Answer:
    """The answer with its certificate, solved cold; arrays are [player] as in `Answer`.

    Raises:
        SolveError: it has no verified solution, or somebody gains too much by deviating though nothing has kinks.
    """
    s, smooth = ground.solution, kinked(points)
    every = distinct(best, found)
    certificate = Certificate(
        derivative=best.derivative,
        slope=(smoothed(points, STAGES[-1], None) if smooth else points).at(best.rates).slope,
        starts=count,
        optima=tuple(float(one.values.mean()) for one in every),
        differ=unlike(points, every[0], every[1]) if len(every) > 1 else (),
        deviation=max((one.gain for one in tried), default=0.0),
        epsilon=epsilon,
        solves=spent,
    )
    if not smooth and certificate.largest > REFUSED:
        sentence = (
            f"No answer: a deviation gains {100 * certificate.largest:.2g} percentage points where at most {100 * REFUSED:.0e} are accepted. "
            "Try more starts, or bounds that are nearer."
        )
        raise SolveError(Outcome("not_certified", sentence), {"epsilon_pp": 100 * certificate.largest, "derivative": best.derivative})
    solution = solve_hat(s.benchmark, s.exponents, points.shocked(best.rates), tolerance=ground.tolerance, unstable=ground.unstable)
    return Answer(points, best.rates, certificate, solution, real, without, weights, tied, smooth)


def unlike(points: Points, one: Found, other: Found) -> tuple[int, ...]:
    """Places of sectors in which two optima have rates that differ by more than a tenth of the largest difference, those that do most first."""
    gap = np.abs(one.rates - other.rates)[points.game.rate]
    most = np.zeros(len(points.benchmark.sectors))
    np.maximum.at(most, points.game.cells.sector, gap)
    return tuple(int(place) for place in np.argsort(-most, kind="stable") if most[place] > 0.1 * most.max() > 0)
