"""Entry at its lower bound (scale one) by an interior point, Mehrotra's predictor and corrector.

Ŝ and the multiplier of Ŝ ≥ 0 are both positive and their product goes to zero; at the end the smaller of the two is set to zero exactly.
"""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised
from cge.model.system import log_profitability
from cge.solve.closing import closed, closing
from cge.solve.krylov import Step
from cge.solve.newton import SHORT, STALLED, Point, Solver, descend, longest, moved

FIRST_MULTIPLIER = 1.0
"""Multiplier of Ŝ ≥ 0 at the start (Ŝ = 1)."""


LEAST_ENTRY = 0.01
"""Least Ŝ, and least multiplier, to start from where an earlier point is taken up: interior points need room."""


RIDGE = 1e-7
"""Of the entry equations (`Linearised`), without which their matrix may be singular."""


WHOLE = 1 - 1e-9
"""Most of the way to zero that Ŝ and its multiplier go in one step: neither may reach it before the end."""


CLOSED = 1e-14
"""Product of Ŝ and its multiplier from which on the smaller may be zero, if the equations say so."""


NEAR = 1e-4
"""Product at which it begins to show which cells close: they are tried as soon as no more than one of them changes in a step; where that was too
early, when none does.
"""


CALM = 1e-2
"""Largest residual at which they are tried."""


@np.errstate(over="ignore", divide="ignore", invalid="ignore")
def interior(solver: Solver, point: Point, corner: Array, tolerance: float, limit: int) -> Point:
    """Interior-point steps: entry of the cells in `corner` [sector, country] and its multiplier stay positive, their product falls to zero.

    Far from the end steps are computed in single precision, and again in double where that leads nowhere, as it does where numbers leave its range.
    """
    short, last, moves, rough = 0, None, 1, True
    for _ in range(limit):
        entry, z = np.where(corner, point.u.entry, 1.0), np.where(corner, point.multiplier, 1.0)
        gap = float((entry * z)[corner].mean())
        if gap == 0 or not point.finite or (gap <= CLOSED and point.largest <= tolerance and snapped(point).balances(tolerance)):
            break
        rough = rough and gap > NEAR
        lin = solver.linearise(point, np.where(corner, z, 0.0), RIDGE, rough=rough)
        shut = closing(lin, point.multiplier)
        if gap <= NEAR and point.largest <= CALM and last is not None and np.count_nonzero(shut != last) <= moves:
            found = closed(solver, point, shut, tolerance, RIDGE)
            if found is not None:
                return found
            moves = 0
        last = shut
        step, d_multiplier = corrected_step(solver, lin, point, corner, gap)
        margin = min(max(0.9, 1 - gap), WHOLE)
        length = min(longest(point, step), margin * reach(step.entry[corner]), margin * reach((d_multiplier / z)[corner]))
        new = moved(point, step, length, point.multiplier + length * d_multiplier)
        while length > 1e-8 and not (new.finite and new.norm < 10 * max(point.norm, 1e-12)):
            length /= 2
            new = moved(point, step, length, point.multiplier + length * d_multiplier)
        if rough and not (new.finite and length > SHORT):
            rough = False
            continue
        short = short + 1 if length < SHORT else 0
        if length <= 1e-8 or short == STALLED:
            break
        point = new
    return point


def corrected_step(solver: Solver, lin: Linearised, point: Point, corner: Array, gap: float) -> tuple[Step, Array]:
    """Interior-point step and change of the multiplier [sector, country]: Ŝ z = target, the target from how far a step to zero would go."""
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
    """The longest part of a step, at most one, that keeps 1 + relative change [cell] non-negative."""
    worst = float(relative.min(initial=0.0))
    return 1.0 if worst > -1 else -1.0 / worst


def snapped(point: Point) -> Point:
    """The point with entry exactly zero where its multiplier is the larger of the two."""
    s = point.system
    closed = (s.scale == 1) & s.produced & (point.u.entry < point.multiplier)
    return Point(s, point.u._replace(entry=np.where(closed, 0.0, point.u.entry)), np.where(closed, point.multiplier, 0.0))


def approach(solver: Solver, point: Point, tolerance: float, limit: int = 60) -> Point:
    """Newton steps to a solution, from a start that knows nothing of who enters; the last point: at `tolerance`, or where the way was lost."""
    corner = (point.system.scale == 1) & point.system.produced
    return _inside(solver, Point(point.system, point.u, np.where(corner, FIRST_MULTIPLIER, 0.0)), corner, tolerance, limit)


def resume(solver: Solver, point: Point, tolerance: float, limit: int = 60) -> Point:
    """As `approach`, from a neighbour of the solution: who makes losses is thought to leave, or to shrink back where it was given room."""
    corner = (point.system.scale == 1) & point.system.produced
    low = corner & (point.u.entry < LEAST_ENTRY)
    inside = Point(point.system, point.u._replace(entry=np.where(low, LEAST_ENTRY, point.u.entry))) if low.any() else point
    loss = -np.where(low, *(log_profitability(point.system, at.u, at.v) for at in (inside, point)))
    return _inside(solver, Point(point.system, inside.u, np.where(corner, np.maximum(loss, LEAST_ENTRY), 0.0)), corner, tolerance, limit)


def _inside(solver: Solver, point: Point, corner: Array, tolerance: float, limit: int) -> Point:
    """Newton steps, with the cells in `corner` [sector, country] kept inside."""
    if not corner.any():
        return descend(solver, point, tolerance, limit)
    return snapped(interior(solver, point, corner, tolerance, limit))
