"""The end of an interior point's way: once it shows which cells close, they are closed, and the rest are Newton's method's.

An active set by itself goes in circles from afar; from an interior point near the end it is the right one, or nearly so, and takes two or three steps
where the interior point would take as many as six.
"""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised
from cge.model.system import log_profitability
from cge.solve.newton import Point, Solver, longest, moved

NOTHING = 1e-15
"""Ŝ of a closed cell on the way: nobody else feels it, and a step can still open it."""

MOST = 8
"""Most steps."""

LESS = 0.5
"""Most of the residuals that a step may leave; more says that other cells close than was thought."""


def closing(lin: Linearised, multiplier: Array) -> Array:
    """Cells that make a larger loss than would be gone if they alone left [sector, country], at a multiplier of Ŝ ≥ 0 [the same].

    To first order ln q rises by what a cell takes from its own sales (`crowding`), in whatever unit its entry is counted.
    """
    return np.asarray((lin.system.scale == 1) & lin.system.produced & (lin.crowding < multiplier))


def closed(solver: Solver, point: Point, shut: Array, tolerance: float, ridge: float) -> Point | None:
    """The equilibrium in which these cells are closed [sector, country], or nearly these; None where Newton's method does not find it at once.

    Who would earn a profit is opened, who would have less than nothing is closed.
    """
    s, before = point.system, np.inf
    corner = (s.scale == 1) & s.produced
    point = Point(s, point.u._replace(entry=np.where(shut, NOTHING, point.u.entry)))
    for _ in range(MOST):
        gain = log_profitability(s, point.u, point.v)
        shut = shut & (gain <= 0)
        point.entry = np.where(shut, 0.0, point.entry)
        size = point.largest
        if size <= tolerance:
            found = Point(s, point.u._replace(entry=np.where(shut, 0.0, point.u.entry)), np.where(shut, -gain, 0.0))
            return found if found.balances(tolerance) else None
        if not size <= LESS * before:
            return None
        lin = solver.linearise(point, 1.0 * shut, ridge)
        step = solver.step(lin, point.rows, point.entry, max(1e-9, min(1e-2, 0.01 * size)))
        length, before = longest(point, step), size
        entry = point.u.entry * (1 + length * step.entry)
        shut = shut | (corner & (entry < 0))
        point = moved(point, step, length, point.multiplier, np.where(shut, NOTHING, np.where(corner, entry, point.u.entry)))
    return None
