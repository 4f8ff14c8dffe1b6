"""Newton's method on a system in changes, and what is tried where it fails.

Entry at its lower bound (scale one) is held by an interior point, Mehrotra's predictor and corrector: Ŝ and the multiplier of Ŝ ≥ 0 are
both positive and their product goes to zero, and at the end the smaller of the two is set to zero exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from cge.krylov import Step, newton_step, preconditioner
from cge.linear import Linearised, Rows, rows
from cge.system import Array, System, Unknowns, Values, between, evaluate, start

LONGEST = {"wage": 1.0, "spending": 1.0, "price": 2.0, "sender": 5.0}
"""Longest Newton step in logs: factor prices, spending, prices, and cost × exponent (beyond, the linearisation says little)."""


@dataclass(eq=False)
class Point:
    """A candidate with everything that was computed at it.

    Attributes:
        u, v: unknowns and values.
        multiplier: of Ŝ ≥ 0 where scale is one [sector, country], zero elsewhere (and where not given).
        rows: residuals of markets, prices, spending.
        entry: ln q plus the multiplier [sector, country], zero where there is no free entry.
    """

    system: System
    u: Unknowns
    multiplier: Array = None  # type: ignore[assignment]
    v: Values = field(init=False)
    rows: Rows = field(init=False)
    entry: Array = field(init=False)

    def __post_init__(self) -> None:
        # Trial steps may leave the range of floats; `finite` says so and no such point is kept.
        if self.multiplier is None:
            self.multiplier = np.zeros(self.system.home.shape)
        with np.errstate(all="ignore"):
            self.evaluate()

    def evaluate(self) -> None:
        """Values and residuals at the unknowns."""
        self.v = evaluate(self.system, self.u)
        self.rows = rows(self.system, self.u, self.v)
        s = self.system
        self.entry = np.where((s.scale > 0) & s.produced, self.v.log_profitability + self.multiplier, 0.0)

    @property
    def largest(self) -> float:
        """Largest residual."""
        return max(float(np.abs(r).max()) for r in (*self.rows, self.entry))

    @property
    def norm(self) -> float:
        """Euclidean norm of the residuals."""
        with np.errstate(over="ignore"):
            return float(np.sqrt(sum(float((r * r).sum()) for r in (*self.rows, self.entry))))

    @property
    def finite(self) -> bool:
        """Whether every residual is a number."""
        return bool(np.isfinite(self.norm))


@np.errstate(over="ignore", invalid="ignore")
def moved(point: Point, step: Step, length: float, multiplier: Array) -> Point:
    """The point after a step of `length`; entry moves in logs where scale is below one, in levels where it is one."""
    s, u = point.system, point.u
    log_entry = u.log_entry + length * np.where((s.scale > 0) & (s.scale < 1), step.entry, 0.0)
    linear = u.entry * np.maximum(1 + length * step.entry, 0.0)
    entry = np.where(s.scale < 1, np.where(s.scale > 0, np.exp(log_entry) * s.produced, u.entry), linear)
    price, spending = u.log_price + length * step.price, u.log_spending_change + length * step.spending
    new = Point(s, Unknowns(u.log_factor_price + length * step.wage, price, spending, entry, log_entry), multiplier)
    if s.input_share is None:
        # Without inputs prices follow from the rest, and nothing from them.
        new.u = new.u._replace(log_price=new.v.log_price)
        new.rows = new.rows._replace(price=np.zeros_like(price))
    return new


def longest(point: Point, step: Step) -> float:
    """How much of a step may be taken at once."""
    s = point.system
    cost = (s.factor_share * step.wage[:, None, :]).sum(axis=0)
    if s.input_share is not None:
        cost = cost + np.matmul(s.input_share, step.price.T[..., None])[..., 0].T
    sizes = {"wage": step.wage, "spending": step.spending, "price": step.price, "sender": s.cost * cost}
    return min([1.0, *(LONGEST[name] / max(float(np.abs(size).max()), 1e-300) for name, size in sizes.items())])


@dataclass(eq=False)
class Solver:
    """Newton steps on one system; keeps the preconditioner from step to step, and counts.

    Attributes:
        report: is told the iteration and the largest residual after every step.
    """

    system: System
    report: Callable[[int, float], None] | None = None
    iterations: int = 0
    products: int = 0
    blocks: Array | None = None
    first_products: int = 0

    def on(self, system: System) -> Solver:
        """The same solver on another system."""
        self.system, self.blocks = system, None
        return self

    def linearise(self, point: Point, curvature: Array) -> Linearised:
        """The system linearised at a point; counts as one iteration."""
        self.iterations += 1
        if self.report:
            self.report(self.iterations, point.largest)
        return Linearised(self.system, point.u, point.v, curvature)

    def step(self, lin: Linearised, residual: Rows, ask: Array, tolerance: float) -> Step:
        """A Newton step; the preconditioner is made anew when it has aged."""
        if self.blocks is None:
            self.blocks = preconditioner(lin)
            self.first_products = 0
        step, products = newton_step(lin, residual, ask, self.blocks, tolerance)
        self.products += products
        if self.first_products == 0:
            self.first_products = products
        elif products > self.first_products + 6:
            self.blocks = None
        return step


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


FIRST_MULTIPLIERS = (0.3, 1.0, 0.03)
"""Multipliers of Ŝ ≥ 0 at the start (Ŝ = 1), tried in turn; they need about the same number of steps, by different ways."""

LEAST_ENTRY = 0.01
"""Least Ŝ to start from where an earlier point is taken up: interior points need room."""

LEAST_CURVATURE = 1e-7
"""Added to the entry equations of scale one: where two exporters sell to the same markets only, these say nothing of who sells how much."""

WHOLE = 1 - 1e-9
"""Most of the way to zero that Ŝ and its multiplier go in one step: neither may reach it before the end."""

EXPLODED = 1e12
"""Ŝ at which entry dynamics have left for good: more entry lowers costs faster than competition lowers profits."""

CLOSED = 1e-21
"""Product of Ŝ and its multiplier that counts as zero: then the smaller is below 3e-11 even where both vanish together."""


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


def short_run(solver: Solver, system: System, base: System) -> Point:
    """A start for entry dynamics: the equilibrium in which nobody enters or leaves, or the nearest to it that was found."""
    still, still_base = (replace(s, scale=np.zeros_like(s.scale)) for s in (system, base))
    loose = 1e-6
    point = approach(solver.on(still), Point(still, consistent(still, start(still))), loose)
    if point.largest > loose:
        point, _ = follow(solver, still_base, still, loose)
    beginning = start(system)
    return Point(system, point.u._replace(entry=beginning.entry, log_entry=beginning.log_entry))


def approach(solver: Solver, point: Point, tolerance: float, limit: int = 100, first: float = FIRST_MULTIPLIERS[0]) -> Point:
    """Newton steps towards a solution; the last point: at `tolerance`, or where no progress was made."""
    s = point.system
    corner = (s.scale == 1) & s.produced
    if corner.any():
        inside = point.u._replace(entry=np.where(corner, np.maximum(point.u.entry, LEAST_ENTRY), point.u.entry))
        return interior(solver, Point(s, inside, np.where(corner, first, 0.0)), corner, tolerance, limit)
    nothing = np.zeros(s.home.shape)
    before, short = np.inf, 0
    for _ in range(limit):
        if point.largest <= tolerance or not point.finite:
            break
        lin = solver.linearise(point, nothing)
        step = solver.step(lin, point.rows, point.entry, min(0.05, max(1e-4, 0.5 * (point.norm / before) ** 1.5)))
        length, before = longest(point, step), point.norm
        new = moved(point, step, length, nothing)
        while length > 1e-6 and not (new.finite and new.norm < (1 - 1e-4 * length) * before):
            length /= 2
            new = moved(point, step, length, nothing)
        short = short + 1 if length < 0.1 else 0
        if length <= 1e-6 or short == 4:
            break
        point = new
    return point


def interior(solver: Solver, point: Point, corner: Array, tolerance: float, limit: int) -> Point:
    """Interior-point steps: entry of the cells in `corner` and its multiplier stay positive, their product falls to zero."""
    for _ in range(limit):
        entry, z = np.where(corner, point.u.entry, 1.0), np.where(corner, point.multiplier, 1.0)
        gap = float((entry * z)[corner].mean())
        if (point.largest <= tolerance and gap <= CLOSED) or gap == 0 or not point.finite:
            break
        lin = solver.linearise(point, np.where(corner, np.maximum(z, LEAST_CURVATURE), 0.0))
        step, d_multiplier = corrected_step(solver, lin, point, corner, gap)
        margin = min(max(0.9, 1 - gap), WHOLE)
        length = min(longest(point, step), margin * reach(step.entry[corner]), margin * reach((d_multiplier / z)[corner]))
        new = moved(point, step, length, point.multiplier + length * d_multiplier)
        while length > 1e-8 and not (new.finite and new.norm < 10 * max(point.norm, 1e-12)):
            length /= 2
            new = moved(point, step, length, point.multiplier + length * d_multiplier)
        if length <= 1e-8:
            break
        point = new
    return point


def corrected_step(solver: Solver, lin: Linearised, point: Point, corner: Array, gap: float) -> tuple[Step, Array]:
    """Interior-point step and change of the multiplier: Ŝ z = target, the target from how far a step to zero would go."""
    entry, z = np.where(corner, point.u.entry, 1.0), np.where(corner, point.multiplier, 1.0)
    plain = point.entry - point.multiplier
    eta = min(1e-2, max(1e-6, 0.1 * point.largest))
    affine = solver.step(lin, point.rows, plain, max(eta, 3e-2))
    d_z = np.where(corner, -z - z * affine.entry, 0.0)
    out, up = reach(affine.entry[corner]), reach((d_z / z)[corner])
    after = float((entry * (1 + out * affine.entry) * (z + up * d_z))[corner].mean())
    target = min(1.0, max((after / gap) ** 3, 1e-6)) * gap - entry * affine.entry * d_z
    step = solver.step(lin, point.rows, np.where(corner, plain + target / entry, plain), eta)
    return step, np.where(corner, target / entry - z - z * step.entry, 0.0)


def reach(relative: Array) -> float:
    """The longest part of a step, at most one, that keeps 1 + relative change non-negative."""
    worst = float(relative.min(initial=0.0))
    return 1.0 if worst > -1 else -1.0 / worst


def snapped(point: Point) -> Point:
    """The point with entry exactly zero where its multiplier is the larger of the two."""
    s = point.system
    closed = (s.scale == 1) & s.produced & (point.u.entry < point.multiplier)
    return Point(s, point.u._replace(entry=np.where(closed, 0.0, point.u.entry)), np.where(closed, point.multiplier, 0.0))


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
