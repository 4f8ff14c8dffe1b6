"""Anderson's method: fixed points of preconditioned residuals, for one scenario or many at once. What serves where nothing stands at a corner.

Each step removes of the preconditioned residual what earlier steps have shown to be removable, and takes the rest as it is (Walker and Ni 2011, SIAM
Journal on Numerical Analysis 49, without restart). It needs one residual a step, against a residual and about eight products of Newton's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised, rows
from cge.model.system import System, Unknowns, Values, evaluate
from cge.solve.krylov import Layout
from cge.solve.newton import Point, Solver
from cge.solve.sectors import near_inverse

LONGEST = 1.0
"""Longest step in logs."""

PATIENCE = 12
"""Steps in which the largest residual must fall to a tenth; a scenario that does not is left to Newton's method."""

MOST = 5 * PATIENCE
"""Most steps."""


Parts = TypeVar("Parts", Unknowns, Values)

NOTHING = 1e-6
"""Part of a change of the residual that is left, below which earlier directions explain it."""


@dataclass(eq=False)
class Secants:
    """What steps so far did to the preconditioned residual, in single precision: the next residual shows what that leaves.

    Attributes:
        taken, images: directions, and the change of the residual along them, orthonormal [direction, scenario, unknown]; the first `count` count.
        point, residual: of the last step [scenario, unknown].
    """

    shape: tuple[int, int]
    count: int = 0
    taken: Array = field(init=False)
    images: Array = field(init=False)
    point: Array | None = None
    residual: Array | None = None

    def __post_init__(self) -> None:
        scenarios, unknowns = self.shape
        self.taken, self.images = (np.empty((MOST, scenarios, unknowns), np.float32) for _ in range(2))

    def step(self, point: Array, residual: Array) -> Array:
        """The next step from a point with this preconditioned residual, in single precision [scenario, unknown]."""
        if self.point is None or self.residual is None:
            self.point, self.residual = point, residual
            return -residual
        # the newest change of the residual and the residual itself, together: what earlier directions explain of them; relative to the residual,
        # whose squares would leave the range of single precision
        size = lengths(residual)
        size = np.where(size > 0, size, 1.0).astype(np.float32)
        known, taken = self.images[: self.count].swapaxes(0, 1), self.taken[: self.count].swapaxes(0, 1)
        rest = np.stack([residual - self.residual, residual], axis=1)
        rest /= size[:, None]
        change = lengths(rest[:, 0])
        parts = np.matmul(rest, known.swapaxes(1, 2))
        rest -= np.matmul(parts, known)
        moved = np.matmul(parts, taken)
        image, direction = self.learn(rest[:, 0], (point - self.point).astype(np.float32) / size - moved[:, 0], change)
        part = (image * rest[:, 1]).sum(axis=1)[:, None]
        self.point, self.residual = point, residual
        return np.asarray(size * (part * image - rest[:, 1] - moved[:, 1] - part * direction))

    def learn(self, image: Array, direction: Array, change: Array) -> tuple[Array, Array]:
        """The newest direction and its image, less what others explain [scenario, unknown]; nothing where that is all of the change [scenario, 1]."""
        height = lengths(image)
        weight = np.where(height > NOTHING * change, 1 / np.where(height > 0, height, 1.0), 0.0).astype(np.float32)
        self.images[self.count], self.taken[self.count] = weight * image, weight * direction
        self.count += 1
        return self.images[self.count - 1], self.taken[self.count - 1]


def lengths(table: Array) -> Array:
    """Euclidean norms of rows [row, 1]."""
    return np.asarray(np.sqrt(np.einsum("su,su->s", table, table)))[:, None]


class Mixed(NamedTuple):
    """Where mixing ended, scenarios at the end of all arrays.

    Attributes:
        u, v: unknowns and values; largest: residuals [scenario].
    """

    u: Unknowns
    v: Values
    largest: Array


def mix(
    system: System,
    u: Unknowns,
    precondition: Callable[[Array], Array],
    tolerance: float,
    report: Callable[[float], None] = lambda largest: None,
    v: Values | None = None,
) -> Mixed:
    """What solves a system without free entry but with inputs, scenarios at the end of all arrays.

    Args:
        u: to start from, with scenarios; v: values there, where they are known.
        precondition: the inverse of something near the Jacobian, times columns [row, scenario].
        tolerance: largest residual; report: told the largest residual of every step.
    """
    layout = Layout(system)
    point = np.ascontiguousarray(layout.pack(*u[:3]).T)
    secants, history = Secants(point.shape), list[Array]()
    with np.errstate(all="ignore"):  # a scenario that leaves the range of floats is given up
        v = evaluate(system, u) if v is None else v
        for _ in range(MOST):
            left = rows(system, u, v)
            largest = np.max([np.abs(part).max(axis=(0, 1)) for part in left], axis=0)
            history.append(largest)
            report(float(largest.max()))
            going = np.isfinite(largest) & (largest > tolerance)
            if len(history) > PATIENCE:
                going &= largest < 0.1 * history[-1 - PATIENCE]
            if not going.any():
                break
            step = secants.step(point, np.ascontiguousarray(precondition(layout.pack(*left)).T, np.float32))
            longest = np.abs(step).max(axis=1)
            point = point + step * np.where(going, np.minimum(1.0, LONGEST / longest), 0.0)[:, None]
            u = u._replace(**dict(zip(u._fields[:3], layout.unpack(point.T), strict=True)))
            v = evaluate(system, u)
    return Mixed(u, v, largest)


def mixes(system: System) -> bool:
    """Whether the method serves: nothing enters or leaves, and prices and spending close equations of their own."""
    return system.input_share is not None and not system.scale.any()


def mixed(solver: Solver, u: Unknowns, tolerance: float) -> Point:
    """The point that `mix` finds from these unknowns; counts its steps as the solver's."""
    s = solver.system
    many, begin = s.columns, Unknowns(*(part[..., None] for part in u))
    v = evaluate(many, begin)
    lin = Linearised(s, u, alone(v), np.zeros(s.home.shape))

    def report(largest: float) -> None:
        solver.iterations += 1
        if solver.report:
            solver.report(solver.iterations, largest)

    found = mix(many, begin, near_inverse(lin), tolerance, report, v)
    return Point(s, alone(found.u), v=alone(found.v))


def alone(parts: Parts, place: int = 0) -> Parts:
    """Unknowns or values of one scenario."""
    return type(parts)(*(part[..., place].copy() for part in parts))
