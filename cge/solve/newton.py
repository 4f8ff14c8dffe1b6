"""Newton's method on a system in changes: candidates with all that is computed at them, steps, and the descent where no entry is at a corner."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised, Rows, rows
from cge.model.rounded import rounded
from cge.model.system import System, Unknowns, Values, evaluate, log_profitability
from cge.solve.directions import Directions
from cge.solve.equilibrium import Equilibrium, residuals
from cge.solve.krylov import Step, directions, near, newton_step
from cge.solve.stability import Fold

LONGEST = {"wage": 1.0, "spending": 1.0, "price": 2.0, "sender": 5.0}
"""Longest Newton step in logs: factor prices, spending, prices, and weights (beyond, the linearisation says little)."""


SHORT, STALLED = 0.1, 4
"""A step of less than this part of Newton's is short; after so many in a row the way is lost."""


@dataclass(eq=False)
class Point:
    """A candidate with everything that was computed at it.

    Attributes:
        u, v: unknowns and values, which are evaluated where they are not given.
        multiplier: of Ŝ ≥ 0 where scale is one [sector, country], zero elsewhere (and where not given).
        rows: residuals of markets, prices, spending.
        entry: ln q plus the multiplier [sector, country], zero where there is no free entry.
    """

    system: System
    u: Unknowns
    multiplier: Array = None  # type: ignore[assignment]
    v: Values = None  # type: ignore[assignment]
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
        if self.v is None:
            self.v = evaluate(self.system, self.u)
        self.rows = rows(self.system, self.u, self.v)
        s = self.system
        self.entry = np.where((s.scale > 0) & s.produced, log_profitability(s, self.u, self.v) + self.multiplier, 0.0)

    @property
    def largest(self) -> float:
        """Largest residual."""
        return max(float(np.abs(r).max()) for r in (*self.rows, self.entry))

    @property
    def norm(self) -> float:
        """Euclidean norm of the residuals."""
        with np.errstate(over="ignore"):
            return float(np.sqrt(sum(float((r * r).sum()) for r in (*self.rows, self.entry))))

    def balances(self, tolerance: float) -> bool:
        """Whether the rows are solved, and with them every original equation.

        Rows say little of equations that they imply: the market of a country's last factor is its trade balance times trade over income.
        """
        if not self.largest <= tolerance:
            return False
        return all(bool((array <= tolerance).all()) for array in residuals(Equilibrium(self.system, self.u, self.v)).values())

    def solves(self, tolerance: float) -> bool:
        """Whether it is an equilibrium: a root of the equations at which no country would have less than nothing to spend."""
        return self.balances(tolerance) and bool((self.v.income > 0).all())

    @property
    def finite(self) -> bool:
        """Whether every residual is a number."""
        return bool(np.isfinite(self.norm))


@np.errstate(over="ignore", invalid="ignore")
def moved(point: Point, step: Step, length: float, multiplier: Array, entry: Array | None = None) -> Point:
    """The point after a step of `length`, with this multiplier [sector, country]; entry moves in logs where scale is below one, in levels
    where it is one, or is what is given there [sector, country].
    """
    s, u = point.system, point.u
    log_entry = u.log_entry + length * np.where((s.scale > 0) & (s.scale < 1), step.entry, 0.0)
    linear = u.entry * np.maximum(1 + length * step.entry, 0.0) if entry is None else entry
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
    cost = sum(share * price for share, price in zip(s.factor_share, s.by_factor(step.wage), strict=True))
    if s.input_share is not None:
        cost = cost + np.matmul(s.input_share, step.price.T[..., None])[..., 0].T
    sender = s.seller.log_weight(0.0, cost, step.spending)
    sizes = {"wage": step.wage, "spending": step.spending, "price": step.price, "sender": sender}
    return min([1.0, *(LONGEST[name] / max(float(np.abs(size).max()), 1e-300) for name, size in sizes.items())])


AGED = 10
"""Products more than with a new preconditioner at which it is made anew."""


@dataclass(eq=False)
class Solver:
    """Newton steps on one system; keeps the preconditioner from step to step, and counts.

    Attributes:
        report: is told the iteration and the largest residual after every step.
        blocks: preconditioner, times columns [row, column]; fresh: products of the first linearisation that it served.
        space: of the last linearisation.
        ended: the fold at which following a shock stopped.
        rough: the system in single precision, once it is needed.
    """

    system: System
    report: Callable[[int, float], None] | None = None
    iterations: int = 0
    blocks: Callable[[Array], Array] | None = None
    fresh: int | None = None
    space: tuple[Linearised, Directions] | None = None
    ended: Fold | None = None
    rough: System | None = None

    def on(self, system: System) -> Solver:
        """The same solver on another system."""
        self.system, self.blocks, self.rough = system, None, None
        return self

    def linearise(self, point: Point, curvature: Array, ridge: float = 0.0, *, rough: bool = False) -> Linearised:
        """The system linearised at a point, with a curvature [sector, country] and a ridge (`Linearised`); counts as one iteration.

        Args:
            rough: in single precision, where factors are pools.
        """
        self.iterations += 1
        if self.report:
            self.report(self.iterations, point.largest)
        if not rough or self.system.supply is not None:
            return Linearised(self.system, point.u, point.v, curvature, ridge)
        self.rough = rounded(self.system) if self.rough is None else self.rough
        return Linearised(self.rough, rounded(point.u), rounded(point.v), rounded(curvature), ridge)

    def step(self, lin: Linearised, residual: Rows, ask: Array, tolerance: float) -> Step:
        """A Newton step, `ask` [sector, country] as in `newton_step`; the preconditioner is made anew when it has aged."""
        return newton_step(lin, residual, ask, self.space_of(lin), tolerance)

    def space_of(self, lin: Linearised) -> Directions:
        """The directions of a linearisation, which its steps have in common."""
        if self.space is None or self.space[0] is not lin:
            if self.space is not None and self.blocks is not None:
                count = self.space[1].count
                self.fresh = count if self.fresh is None else self.fresh
                self.blocks = None if count > self.fresh + AGED else self.blocks
            if self.blocks is None:
                self.blocks, self.fresh = near(lin), None
            self.space = lin, directions(lin, self.blocks)
        return self.space[1]


def descend(solver: Solver, point: Point, tolerance: float, limit: int) -> Point:
    """Newton steps that reduce the residuals, where no entry is at its lower bound; the last point."""
    nothing = np.zeros(point.system.home.shape)
    before, short = np.inf, 0
    for _ in range(limit):
        if not point.finite or point.balances(tolerance):
            break
        lin = solver.linearise(point, nothing)
        step = solver.step(lin, point.rows, point.entry, min(0.05, max(1e-4, 0.5 * (point.norm / before) ** 1.5)))
        length, before = longest(point, step), point.norm
        new = moved(point, step, length, nothing)
        while length > 1e-6 and not (new.finite and new.norm < (1 - 1e-4 * length) * before):
            length /= 2
            new = moved(point, step, length, nothing)
        short = short + 1 if length < SHORT else 0
        if length <= 1e-6 or short == STALLED:
            break
        point = new
    return point
