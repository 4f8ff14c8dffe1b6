"""How an equilibrium is looked for: Newton from the benchmark or a neighbour; failing that by entry dynamics, then by following the shock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cge.data.arrays import Array
from cge.model.system import System, Unknowns, start
from cge.solve.follow import consistent, follow
from cge.solve.interior import FIRST_MULTIPLIERS, approach, snapped
from cge.solve.mixing import mixed, mixes
from cge.solve.newton import Point, Solver, longest, moved

EXPLODED = 1e12
"""Ŝ at which entry dynamics have left for good: more entry lowers costs faster than competition lowers profits."""


@dataclass(eq=False)
class Memory:
    """What one solve leaves to the next on the same economy: where to start and how to precondition.

    Entry at its lower bound is approached from inside, so that systems of scale one start anew; they neither read nor write this.
    """

    u: Unknowns | None = None
    blocks: Array | None = None


def solve(
    system: System,
    base: Callable[[], System],
    tolerance: float,
    report: Callable[[int, float], None] | None = None,
    memory: Memory | None = None,
) -> tuple[Point, Solver, float]:
    """The equilibrium of `system`, by Newton from the benchmark; failing that by entry dynamics, then by following the shock.

    Args:
        system: to solve; base: makes the system of the same benchmark and exponents without a shock, from where a shock is followed.
        tolerance: largest residual; report: told the iteration and the largest residual.
        memory: of a neighbouring solve, which is tried first, and which this one leaves its own in.
    Returns:
        The last point, the solver with its counts, and the part of the shock that was reached (1 unless following it stopped).
    """
    if memory is None or (system.scale == 1).any():
        return solve_anew(system, base, tolerance, report)
    if memory.u is not None:
        solver = Solver(system, report, blocks=memory.blocks)
        point = Point(system, memory.u)
        if point.largest > tolerance:
            point = mixed(solver, memory.u, tolerance) if mixes(system) else approach(solver, point, tolerance, 20)
        if point.largest <= tolerance:
            memory.u, memory.blocks = point.u, solver.blocks
            return point, solver, 1.0
    point, solver, reached = solve_anew(system, base, tolerance, report)
    if reached == 1 and solver.system is system:
        memory.u, memory.blocks = point.u, solver.blocks
    return point, solver, reached


def solve_anew(
    system: System, base: Callable[[], System], tolerance: float, report: Callable[[int, float], None] | None = None
) -> tuple[Point, Solver, float]:
    """As `solve`, from the benchmark."""
    solver = Solver(system, report)
    if mixes(system):
        point = mixed(solver, start(system), tolerance)
        if point.largest <= tolerance:
            return point, solver, 1.0
    for first in FIRST_MULTIPLIERS if (system.scale == 1).any() else FIRST_MULTIPLIERS[:1]:
        point = approach(solver.on(system), Point(system, consistent(system, start(system))), tolerance, first=first)
        if point.largest <= tolerance:
            return snapped(point), solver, 1.0
    if ((system.scale > 0) & (system.scale < 1)).any() and not (system.scale == 1).any():
        beginning = short_run(solver, system, base())
        point = relax(solver.on(system), beginning, tolerance)
        if point.largest <= tolerance:
            return point, solver, 1.0
    point, reached = follow(solver, base(), system, tolerance)
    return snapped(point), solver, reached


def short_run(solver: Solver, system: System, base: System) -> Point:
    """A start for entry dynamics: the equilibrium in which nobody enters or leaves, or the nearest to it that was found."""
    still, still_base = (replace(s, seller=s.seller._replace(entry=np.zeros_like(s.scale))) for s in (system, base))
    loose = 1e-6
    point = approach(solver.on(still), Point(still, consistent(still, start(still))), loose)
    if point.largest > loose:
        point, _ = follow(solver, still_base, still, loose)
    beginning = start(system)
    return Point(system, point.u._replace(entry=beginning.entry, log_entry=beginning.log_entry))


def relax(solver: Solver, point: Point, tolerance: float, limit: int = 400) -> Point:
    """Entry dynamics d ln Ŝ/dt = ln q (everything else adjusts at once) in implicit steps that lengthen into Newton's as it settles.

    Reaches only equilibria that are stable under entry. Returns the last point.
    """
    s = point.system
    pace = np.where((s.scale > 0) & s.produced, 1.0, 0.0)
    time = 1.0
    for _ in range(limit):
        if point.largest <= tolerance or time < 1e-6 or not point.finite or point.u.entry.max() > EXPLODED:
            break
        lin = solver.linearise(point, pace / time)
        step = solver.step(lin, point.rows, point.entry, min(1e-2, max(1e-6, 0.1 * point.norm)))
        calm = 0.5 / max(float(np.abs(step.wage).max()), 1e-300)
        new = moved(point, step, min(longest(point, step), calm), point.multiplier)
        if np.abs(step.entry).max() > 1.5 or not new.finite:
            time *= 0.3
            continue
        time *= float(np.clip(1.5 * point.norm / max(new.norm, 1e-300), 0.6, 4.0))
        point = new
    return point
