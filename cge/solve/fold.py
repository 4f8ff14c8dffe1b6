"""Why the equilibrium that continues the benchmark ends: it meets another, and beyond there is neither."""

from __future__ import annotations

import numpy as np

from cge.model.system import System, Unknowns
from cge.solve.follow import Path
from cge.solve.interior import resume
from cge.solve.newton import Point, Solver
from cge.solve.stability import Fold, radius

BACK = (1e-3, 1e-2, 5e-2)
"""Parts of the shock before the end at which the other equilibrium is looked for, in turn: near the end both are alike."""

BEYOND = (3.0, 6.0, 12.0, 2.0)
"""How many times as far as the end it is looked for, on the line through it."""

STEPS = 20
"""Newton steps of one search; both equilibria are near."""

APART = 0.1
"""Least distance of the other, as a part of the distance to the end: nearer it is the same."""


def fold(solver: Solver, path: Path, end: Point, reached: float, tolerance: float) -> Fold | None:
    """The fold at which following a path stopped, `end` being the last point; None where there is no other equilibrium.

    An equilibrium that ends at a fold moves as the root of what is left of the way, and the other mirrors it on the far side of the end.
    """
    largest = float(end.system.scale.max())
    for back in BACK:
        system = path(reached - back)
        before = resume(solver.on(system), Point(system, end.u), tolerance, STEPS)
        if not before.solves(tolerance):
            continue
        for times in BEYOND:
            other = resume(solver, Point(system, line(system, before.u, end.u, times)), tolerance, STEPS)
            if other.solves(tolerance) and distance(other.u, before.u) > APART * distance(end.u, before.u):
                return Fold(reached - back, radius(system, before.u) * largest, radius(system, other.u) * largest)
    return None


def line(system: System, before: Unknowns, end: Unknowns, times: float) -> Unknowns:
    """The point `times` as far from `before` as `end`, in the same direction; entry in logs where it has them."""
    u = Unknowns(*(a + times * (b - a) for a, b in zip(before, end, strict=True)))
    logs = (system.scale > 0) & (system.scale < 1) & system.produced
    return u._replace(entry=np.where(logs, np.exp(u.log_entry), np.maximum(u.entry, 0.0)))


def distance(one: Unknowns, other: Unknowns) -> float:
    """Largest difference of any unknown."""
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))
