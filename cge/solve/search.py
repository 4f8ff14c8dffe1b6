"""How an equilibrium is looked for: Newton from the benchmark or a neighbour; failing that by entry dynamics, then by following the shock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from cge.data.arrays import Array
from cge.model.system import System, Unknowns, start
from cge.solve.dynamics import settle
from cge.solve.fold import fold
from cge.solve.follow import consistent, follow
from cge.solve.interior import approach
from cge.solve.mixing import mixed, mixes
from cge.solve.newton import Point, Solver
from cge.solve.units import Units, units


@dataclass(eq=False)
class Memory:
    """What one solve leaves to the next on the same economy: where to start and how to precondition.

    Entry at its lower bound is approached from inside, so that systems of scale one start anew; they neither read nor write this.
    """

    u: Unknowns | None = None
    blocks: Callable[[Array], Array] | None = None


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
        if not point.solves(tolerance):
            point = mixed(solver, memory.u, tolerance) if mixes(system) else approach(solver, point, tolerance, 20)
        if point.solves(tolerance):
            memory.u, memory.blocks = point.u, solver.blocks
            return point, solver, 1.0
    point, solver, reached = solve_anew(system, base, tolerance, report)
    if reached == 1 and solver.system is system:
        memory.u, memory.blocks = point.u, solver.blocks
    return point, solver, reached


def solve_anew(
    system: System, base: Callable[[], System], tolerance: float, report: Callable[[int, float], None] | None = None
) -> tuple[Point, Solver, float]:
    """As `solve`, from the benchmark; entry is counted in units of its own on the way."""
    unit = units(system)
    solver = Solver(unit.of(system), report)
    point, reached = search(solver, unit, base, tolerance)
    at = system if reached == 1 else unit.inverse.of(point.system)
    if point.system is at:
        return point, solver, reached
    return Point(at, unit.inverse.counted(point.u), point.multiplier), solver, reached


def search(solver: Solver, unit: Units, base: Callable[[], System], tolerance: float) -> tuple[Point, float]:
    """What is tried in turn on the solver's system, which counts entry in these units; the last point, and the part of the shock that is solved.

    Args:
        base: makes the system without a shock, entry counted in benchmarks.
    """
    system = solver.system
    benchmark = unit.counted(start(system))
    if (system.scale == 1).any() and (point := Point(system, benchmark)).solves(tolerance):
        return point, 1.0  # an interior point would leave it, and come back without the producers that are nearly nothing
    if mixes(system):
        point = mixed(solver, start(system), tolerance)
        if point.solves(tolerance):
            return point, 1.0
    point = approach(solver, Point(system, consistent(system, start(system))), tolerance)
    if point.solves(tolerance):
        return point, 1.0
    origin = unit.of(base())
    if (system.scale > 0).any():
        point = settle(solver, system, origin, tolerance)
        if point.solves(tolerance):
            return point, 1.0
    point, reached, path = follow(solver, origin, system, benchmark, tolerance)
    if reached < 1 and system.scale.any():
        solver.ended = fold(solver, path, point, reached, tolerance)
    return point, reached
