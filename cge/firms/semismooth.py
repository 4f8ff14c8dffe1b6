"""Newton's method for conditions that meet at corners, 0 ≤ a ⟂ b ≥ 0, with exact slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array

STEPS = 100
"""Newton steps before giving up; ten are usual."""

SMALL = 1e-13
"""Residual at which Newton stops at once."""

LONGEST = 1.0
"""Largest change of an unknown in one step; unknowns are logs or numbers near one."""

MEMORY = 8
"""Steps that the search for the next point remembers, and after so many without a new best it ends."""

FARTHEST = 1e4
"""A step longer than this comes from slopes that are singular but for rounding."""


class Residual(NamedTuple):
    """Residuals at a point [unknown], and what makes their slopes [unknown, unknown]."""

    values: Array
    slopes: Callable[[], Array]


class Found(NamedTuple):
    """Where Newton's method ended: the unknowns and the residuals there, both [unknown], and the steps that it took."""

    x: Array
    residual: Array
    steps: int

    @property
    def largest(self) -> float:
        """Largest residual."""
        return float(np.abs(self.residual).max())


def meet(first: Array, second: Array) -> tuple[Array, Array, Array]:
    """a + b − √(a² + b²), zero iff 0 ≤ a ⟂ b ≥ 0 (Fischer, Optimization 24, 1992), and its slopes in a and b [all country]
    (one of them where both are zero).
    """
    size = np.hypot(first, second)
    safe = np.where(size > 0, size, 1.0)
    corner = 1 - np.sqrt(0.5)
    return first + second - size, np.where(size > 0, 1 - first / safe, corner), np.where(size > 0, 1 - second / safe, corner)


def newton(evaluate: Callable[[Array], Residual], x: Array) -> Found:
    """Newton's method from x [unknown] on: to a residual of 1e-13, or to the least that it comes to before rounding or a corner ends its progress.

    A step is halved until the residual lies below the largest of the last few (Grippo, Lampariello and Lucidi, SIAM Journal on Numerical Analysis
    23, 1986): below the last alone, the search would creep along the kinks that corners make. The caller judges what was found.
    """
    here = best = evaluate(x)
    found, past, since = x, [_norm(here)], 0
    for step in range(STEPS):
        if np.abs(here.values).max() <= SMALL:
            return Found(x, here.values, step)
        there = _search(evaluate, x, _direction(here), max(past[-MEMORY:]))
        if there is None or since == MEMORY:
            return Found(found, best.values, step)
        x, here = there
        since = since + 1 if _norm(here) >= min(past) else 0
        found, best = (x, here) if since == 0 else (found, best)
        past.append(_norm(here))
    return Found(found, best.values, STEPS)


def _norm(here: Residual) -> float:
    return float(np.linalg.norm(here.values))


def _direction(here: Residual) -> Array:
    """Newton's step; where slopes are singular, the shortest of the best."""
    slopes = here.slopes()
    try:
        step = np.asarray(np.linalg.solve(slopes, -here.values))
    except np.linalg.LinAlgError:
        step = np.full_like(here.values, np.inf)
    if np.abs(step).max() < FARTHEST:
        return step
    return np.asarray(-np.linalg.lstsq(slopes, here.values)[0])


def _search(evaluate: Callable[[Array], Residual], x: Array, step: Array, norm: float) -> tuple[Array, Residual] | None:
    """The first point along the step, halved until the residual falls below a norm; nothing where it does not."""
    length = LONGEST / max(float(np.abs(step).max()), LONGEST)
    while length > 1e-10:
        there = evaluate(x + length * step)
        if _norm(there) < (1 - 1e-4 * length) * norm:
            return x + length * step, there
        length /= 2
    return None
