"""Rates at which nobody who chooses gains by a little more or less: the formula's fixed point, for one player or for all at once."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.solve.policy.anderson import Mixer
from cge.solve.policy.points import FINEST, Point, Points

ENOUGH = 1e-7
"""Largest projected derivative (ln of real income per unit of a rate) at which a search ends."""

MOST = 150
"""Steps of a search."""

FIRST = 1e-4
"""Accuracy of the first equilibrium of a search; the others are as much more accurate as the search is nearer to its end."""

LONGEST = 1.0
"""Most that ln of one plus a rate moves in a step."""

LOST = 3.0
"""Times the smallest derivative so far that it may grow to before what was learnt is forgotten."""

PATIENCE = 30
"""Steps without a smaller derivative after which a search is given up."""

Tell = Callable[[int, float], None]
"""Is told the step and the largest projected derivative."""


def silent(step: int, derivative: float) -> None:
    """Nobody is told."""


def projected(points: Points, point: Point) -> Array:
    """Derivatives that bounds do not excuse [rate]."""
    game = points.game
    low, high = point.rates <= game.lower, point.rates >= game.upper
    return np.where((low & (point.slope < 0)) | (high & (point.slope > 0)), 0.0, point.slope)


def usual(points: Points) -> Array:
    """Where a search begins: one over the median trade elasticity of what a player taxes, within bounds, and zero where it has another instrument
    that does the same [rate].
    """
    game = points.game
    owner, start = game.chooser[game.rate], np.zeros(len(game.lower))
    for player in np.unique(game.chooser):
        start[game.of(player)] = 1 / np.median(points.elasticity[owner == player])
    start[game.laid > 0] = 0.0
    return game.clipped(start)


def settle(points: Points, start: Array, tell: Tell = silent, enough: float = ENOUGH, most: int = MOST) -> Point:
    """The point at which all projected derivatives vanish, looked for from rates [rate] by the formula of `Points.told`, in ln(1 + rate).

    Raises:
        SolveError: an equilibrium on the way could not be found, or the search came to no end.
    """
    mixer, rates, accuracy, best, since = Mixer(), points.game.clipped(start), FIRST, np.inf, 0
    for step in range(most):
        point = points.at(rates, accuracy)
        largest = float(np.abs(projected(points, point)).max(initial=0.0))
        tell(step, largest)
        if largest <= enough:
            if accuracy <= max(FINEST, 1e-2 * enough):
                return points.levelled(point)
            accuracy = FINEST
            continue
        if largest > LOST * best:
            mixer.forget()
        since = 0 if largest < best else since + 1
        if since > PATIENCE:
            break
        best, here = min(best, largest), np.log1p(rates)
        gone = mixer.next(here, np.log1p(point.target)) - here
        accuracy = float(np.clip(1e-3 * largest, FINEST, FIRST))
        rates = points.game.clipped(np.expm1(here + np.clip(gone, -LONGEST, LONGEST)))
    sentence = f"No rates were found at which nobody gains by a little more or less: the largest derivative is {largest:.1e} after {step + 1} steps."
    raise SolveError(Outcome("not_converged", sentence), {"derivative": largest, "steps": step + 1})
