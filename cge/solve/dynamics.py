"""Entry in time: from where nobody has entered or left yet, profits draw firms in and losses drive them out until entry settles."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cge.model.system import System, start
from cge.solve.follow import LOOSE, consistent, follow
from cge.solve.interior import approach, resume
from cge.solve.newton import Point, Solver, longest, moved

SOFT = 0.99
"""Scale in place of one, under which no cell closes: Ŝ then has a logarithm throughout."""

CLOSING = -5.0
"""ln Ŝ below which a cell may fall as fast as it likes: it is too small to matter to others."""

PATIENCE = 1.5
"""Longest step of ln Ŝ otherwise: entry is followed in time, not jumped to."""

SETTLED = 1e-2
"""Largest residual, or Ŝ where that is smaller, at which it is known who stays, and Newton's method takes over."""

EXPLODED = 1e12
"""Ŝ at which entry dynamics have left for good: more entry lowers costs faster than competition lowers profits."""


def settle(solver: Solver, system: System, base: System, tolerance: float) -> Point:
    """The equilibrium at which entry dynamics arrive, which is stable under entry; the last point where they arrive at none."""
    corner = (system.scale == 1) & system.produced
    soft = softened(system) if corner.any() else system
    point = short_run(solver, soft, softened(base))
    if point is None:
        return Point(system, start(system))
    if not corner.any():
        return relax(solver.on(system), point, lambda point: point.balances(tolerance))
    point = relax(solver.on(soft), point, settled)
    u = point.u._replace(log_entry=np.where(system.scale == 1, 0.0, point.u.log_entry))
    return resume(solver.on(system), Point(system, u), tolerance) if point.finite else Point(system, u)


def softened(system: System) -> System:
    """The system with scale a little below one where it is one."""
    return replace(system, seller=system.seller._replace(entry=np.where(system.scale == 1, SOFT, system.scale)))


def settled(point: Point) -> bool:
    """Whether cells earn what entry costs, or are nearly closed, and all else is nearly in equilibrium."""
    entry = np.minimum(np.abs(point.entry), np.where(point.u.log_entry < 0, point.u.entry, np.inf))
    return max(float(np.abs(r).max()) for r in (*point.rows, entry)) <= SETTLED


def short_run(solver: Solver, system: System, base: System) -> Point | None:
    """A start for entry dynamics: the equilibrium in which nobody enters or leaves; None where none is found."""
    still, still_base = (replace(s, seller=s.seller._replace(entry=np.zeros_like(s.scale))) for s in (system, base))
    point, reached = approach(solver.on(still), Point(still, consistent(still, start(still))), LOOSE), 1.0
    if not point.balances(LOOSE):
        point, reached, _ = follow(solver, still_base, still, start(still_base), LOOSE)
    beginning = start(system)
    return Point(system, point.u._replace(entry=beginning.entry, log_entry=beginning.log_entry)) if reached == 1 else None


def relax(solver: Solver, point: Point, enough: Callable[[Point], bool], limit: int = 150) -> Point:
    """Entry dynamics d ln Ŝ/dt = ln q (everything else adjusts at once) in implicit steps that lengthen into Newton's as it settles.

    Reaches only equilibria that are stable under entry. Returns the last point.
    """
    s = point.system
    pace = np.where((s.scale > 0) & s.produced, 1.0, 0.0)
    time = 1.0
    for _ in range(limit):
        if time < 1e-6 or not point.finite or point.u.entry.max() > EXPLODED or enough(point):
            break
        lin = solver.linearise(point, pace / time)
        step = solver.step(lin, point.rows, point.entry, min(1e-2, max(1e-6, 0.1 * point.norm)))
        calm = 0.5 / max(float(np.abs(step.wage).max()), 1e-300)
        new = moved(point, step, min(longest(point, step), calm), point.multiplier)
        hurry = np.where(point.u.log_entry < CLOSING, step.entry, np.abs(step.entry))
        if hurry.max() > PATIENCE or not new.finite:
            time *= 0.3
            continue
        time *= float(np.clip(1.5 * point.norm / max(new.norm, 1e-300), 0.6, 4.0))
        point = new
    return point
