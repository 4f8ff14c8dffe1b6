"""Agreements: rates that are best for a weighted sum of what the players want, with weights that are incomes, bargained, given, or even out gains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.solve.policy.aims import AIMS, Joint, Own, Player, Weighing
from cge.solve.policy.game import Choice, make_game
from cge.solve.policy.points import Points
from cge.solve.policy.question import Ground
from cge.solve.policy.search import Tell, silent
from cge.solve.policy.searches import Found, Search, search
from cge.solve.policy.weights import ByBargaining, ByIncome, Given
from cge.solve.search import Memory

EVEN = 1e-6
"""Largest difference of gains (ln) at which they are equal."""


STEP, TRIES = 1e-3, 20
"""Step in ln of a weight by which the root finder learns what it does; most agreements that it asks for, times the number of players."""

FARTHEST = 5.0
"""Most that ln of a weight differs from ln of income."""


def pact(ground: Ground, choice: Choice, players: Sequence[Player], rule: Weighing | None = None) -> Points:
    """Where players choose rates together; weights are incomes unless there is another rule. Raises as `make_game`."""
    found, s = ground.solution.counterfactual, ground.solution
    wants = tuple(Own(AIMS["real_income"], player, ground.before) for player in players)
    joint = Joint(wants, ByIncome(tuple(player.members for player in players)) if rule is None else rule)
    game = make_game(found.system, choice, players, [joint], joint=True)
    return Points(s.benchmark, s.exponents, s.shock, game, ground.tolerance, Memory(found.unknowns))


def weighted(points: Points, rule: Weighing) -> Points:
    """The same agreement under another rule for weights."""
    return points.playing(replace(points.game, objectives=(replace(joint_of(points), rule=rule),)))


def joint_of(points: Points) -> Joint:
    """What the players of an agreement want together."""
    (joint,) = points.game.objectives
    assert isinstance(joint, Joint)
    return joint


def of_each(points: Points, rates: Array) -> Array:
    """ln of what each player wants at rates [rate], [player]."""
    return points.values(rates, joint_of(points).wants)


def bargained(points: Points, fallback: Array) -> Points:
    """The agreement with the weights of Nash bargaining over a fallback, ln [player]."""
    return weighted(points, ByBargaining(fallback))


@dataclass(eq=False)
class Evening:
    """Agreements by the weights of their players, as a root finder asks for them.

    Attributes:
        points: of the agreement; fallback: ln of real income without one; income: weights to begin with [player].
        last: the newest agreement; least: the smallest difference of gains so far (ln).
    """

    points: Points
    fallback: Array
    income: Array
    last: Found
    tell: Tell
    least: float = np.inf

    def agreed(self, x: Array) -> Points:
        """The agreement whose weights are incomes times e^x, x [all players but the last] summing to zero with that of the last."""
        log = np.clip(np.append(x, -x.sum()), -FARTHEST, FARTHEST)
        weights = self.income * np.exp(log)
        one = weighted(self.points, Given(weights / weights.sum()))
        found = search(Search("weights", one, self.last.rates), self.tell)
        if found.failed:
            raise SolveError(Outcome("not_converged", found.failed))
        self.last = found
        return one

    def uneven(self, x: Array) -> Array:
        """Gains less their mean, of all players but the last [player]."""
        gain = of_each(self.agreed(x), self.last.rates) - self.fallback
        left = gain - gain.mean()
        self.least = min(self.least, float(np.abs(left).max()))
        return np.asarray(left[:-1])


def evened(points: Points, fallback: Array, start: Array, tell: Tell = silent) -> tuple[Points, Found]:
    """The agreement whose weights give all players the same gain over a fallback (ln [player]), by a root finder on the weights.

    Args:
        start: rates to begin with [rate].

    Raises:
        SolveError: no weights do: bounds keep rates from moving as much income as that takes.
    """
    from scipy.optimize import root  # takes longer to load than many a command, which knows of agreements and asks for none

    members = tuple(one.player.members for one in joint_of(points).wants)
    income = ByIncome(members).weights(points.equilibrium(start), np.empty(0))
    first = search(Search("incomes", weighted(points, Given(income)), start), tell)
    evening = Evening(points, fallback, income, first, tell)
    options: Any = {"xtol": 1e-10, "eps": STEP, "maxfev": TRIES * len(income)}
    try:
        answer = root(evening.uneven, np.zeros(len(income) - 1), method="hybr", options=options)
        left = float(np.abs(evening.uneven(answer.x)).max())
    except SolveError as error:
        raise _uneven(evening) from error
    if left > EVEN:
        raise _uneven(evening)
    return evening.agreed(answer.x), evening.last


def _uneven(evening: Evening) -> SolveError:
    sentence = (
        f"No weights give all players the same gain: gains lie {100 * evening.least:.2g} % from their mean at best, as bounds keep rates from moving "
        'more income. Lower the bound (lower, with subsidies = true), or take weights = "bargain".'
    )
    return SolveError(Outcome("no_equilibrium", sentence), {"gap": evening.least})
