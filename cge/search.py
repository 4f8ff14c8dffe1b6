"""How an equilibrium is looked for: Newton from the benchmark or a neighbour; failing that by entry dynamics, then by following the shock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from cge.interior import FIRST_MULTIPLIERS, LEAST_ENTRY, interior, snapped
from cge.newton import Point, Solver, descend, longest, moved
from cge.system import Array, System, Unknowns, between, evaluate, start

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
        point = approach(solver, Point(system, memory.u), tolerance, 20)
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


def approach(solver: Solver, point: Point, tolerance: float, limit: int = 100, first: float = FIRST_MULTIPLIERS[0]) -> Point:
    """Newton steps towards a solution; the last point: at `tolerance`, or where no progress was made."""
    s = point.system
    corner = (s.scale == 1) & s.produced
    if corner.any():
        inside = point.u._replace(entry=np.where(corner, np.maximum(point.u.entry, LEAST_ENTRY), point.u.entry))
        return interior(solver, Point(s, inside, np.where(corner, first, 0.0)), corner, tolerance, limit)
    return descend(solver, point, tolerance, limit)


def consistent(system: System, u: Unknowns, passes: int = 12) -> Unknowns:
    """Spending and prices that follow from unchanged factor prices and entry, by a few passes over their equations."""
    for _ in range(passes):
        v = evaluate(system, u)
        wanted = np.where(system.bought, v.spending, 1.0) / np.where(system.bought, system.benchmark_spending, 1.0)
        change = np.log(wanted) - u.log_spending_change
        u = u._replace(log_price=v.log_price, log_spending_change=u.log_spending_change + change)
        if np.abs(change).max() < 0.1:
            break
    return u


def short_run(solver: Solver, system: System, base: System) -> Point:
    """A start for entry dynamics: the equilibrium in which nobody enters or leaves, or the nearest to it that was found."""
    still, still_base = (replace(s, scale=np.zeros_like(s.scale)) for s in (system, base))
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


def follow(solver: Solver, base: System, target: System, tolerance: float, shortest: float = 1e-3) -> tuple[Point, float]:
    """Follow the equilibrium from `base` to `target` in parts of the shock, each from the last, shorter after a failure.

    The first point is the benchmark under the target's rule for transfers.

    Returns the last point that solves its part, and the part that was reached.
    """
    first = between(base, target, 0.0)
    point = approach(solver.on(first), Point(first, consistent(first, start(first))), tolerance)
    reached, length = 0.0, 0.5
    if point.largest > tolerance:
        return point, reached
    while reached < 1 and length >= shortest:
        part = min(1.0, reached + length)
        system = between(base, target, part)
        new = approach(solver.on(system), Point(system, point.u), tolerance, 40)
        if new.largest <= tolerance:
            point, reached, length = new, part, 2 * length
        else:
            length *= 0.35
    return point, reached
