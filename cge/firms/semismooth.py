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
    """Newton's method with a line search, from x [unknown] on: to a residual of 1e-13, or to where rounding or a corner ends its progress.

    The caller judges what was found. Slopes may be singular: the shortest of the best steps is taken then.
    """
    here = evaluate(x)
    for step in range(STEPS):
        if np.abs(here.values).max() <= SMALL:
            return Found(x, here.values, step)
        found = _search(evaluate, x, _direction(here), float(np.linalg.norm(here.values)))
        if found is None:
            return Found(x, here.values, step)
        x, here = found
    return Found(x, here.values, STEPS)


def _direction(here: Residual) -> Array:
    return np.asarray(-np.linalg.lstsq(here.slopes(), here.values)[0])


def _search(evaluate: Callable[[Array], Residual], x: Array, step: Array, norm: float) -> tuple[Array, Residual] | None:
    """The first point along the step, halved until the residual falls; nothing where it does not."""
    length = LONGEST / max(float(np.abs(step).max()), LONGEST)
    while length > 1e-10:
        there = evaluate(x + length * step)
        if np.linalg.norm(there.values) < (1 - 1e-4 * length) * norm:
            return x + length * step, there
        length /= 2
    return None
