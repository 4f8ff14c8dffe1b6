"""Scale one without corners: 0 ≤ Ŝ ⟂ −ln q ≥ 0 becomes ln q + μ/Ŝ = 0, so that what is wanted is smooth in rates; then what that is exactly.

Real income has a kink wherever an industry is about to leave, and best rates lie on kinks: no formula that needs derivatives settles there. As μ goes
to zero the smooth equilibrium becomes the exact one (an interior point that stops on its way).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.model.system import System, start
from cge.solve.equilibrium import Equilibrium
from cge.solve.follow import consistent
from cge.solve.interior import RIDGE
from cge.solve.krylov import Step
from cge.solve.newton import Point as Candidate
from cge.solve.newton import Solver, longest, moved
from cge.solve.policy.game import Game
from cge.solve.policy.points import FINEST, Point, Points
from cge.solve.policy.search import ENOUGH, Tell, projected, settle, silent

STAGES = (1e-2, 1e-3, 1e-4)
"""μ, each from the last."""

STEPS = 60
"""Most Newton steps to a smooth equilibrium."""

EVALUATIONS = 150
"""Most equilibria at which an ascent evaluates."""

LEAST = 1e-8
"""Part of a Newton step below which the way is lost."""


FINE = 1e-8
"""Largest projected derivative at which the search of one objective ends, whose values then say to many digits which of several optima is best."""


@dataclass(eq=False)
class Smooth(Points):
    """As `Points`, where no industry of scale one is at its corner.

    Attributes:
        mu: the product of Ŝ and of what an entrant loses, ln.
    """

    mu: float = STAGES[0]

    def corner(self, system: System) -> Array:
        """Cells that could be at their corner [sector, country]."""
        return np.asarray((system.scale == 1) & system.produced)

    def solved(self, system: System, accuracy: float) -> Equilibrium:
        """The smooth equilibrium, by Newton's method in ln Ŝ from the last one."""
        corner, before = self.corner(system), self.memory.u
        u = consistent(system, start(system)) if before is None else before
        u = u._replace(entry=np.where(corner, np.maximum(u.entry, self.mu), u.entry))
        point, solver = Candidate(system, u, self.multiplier(corner, u.entry)), Solver(system)
        for _ in range(STEPS):
            if not point.finite or point.largest <= accuracy:
                break
            lin = solver.linearise(point, self.multiplier(corner, point.u.entry), RIDGE)
            step = solver.step(lin, point.rows, point.entry, min(1e-2, max(1e-8, 0.1 * point.norm)))
            length = longest(point, step)
            new = self.after(point, step, length, corner)
            while length > LEAST and not (new.finite and new.norm < max(2 * point.norm, accuracy)):
                length /= 2
                new = self.after(point, step, length, corner)
            point = new
        if not point.largest <= max(accuracy, self.tolerance):
            sentence = f"The equilibrium smoothed by {self.mu:g} could not be found (residual {point.largest:.1e}). Try a scale below one."
            raise SolveError(Outcome("not_converged", sentence), {"market": "smoothed entry", "residual": point.largest})
        self.memory.u = point.u
        return Equilibrium(system, point.u, point.v)

    def multiplier(self, corner: Array, entry: Array) -> Array:
        """μ/Ŝ where an industry could be at its corner, zero elsewhere [sector, country]."""
        return np.where(corner, self.mu / np.where(corner, entry, 1.0), 0.0)

    def after(self, point: Candidate, step: Step, length: float, corner: Array) -> Candidate:
        """The candidate after a step; Ŝ stays positive [sector, country]: Ŝ(1 + d), or Ŝ/(1 − d) where it falls."""
        d = length * step.entry
        grown = point.u.entry * np.where(d >= 0, 1 + d, 1 / (1 - np.minimum(d, 0.0)))
        entry = np.where(corner, grown, point.u.entry)
        return moved(point, step, length, self.multiplier(corner, entry), entry)

    def curvature(self, found: Equilibrium) -> Array | None:
        """μ/Ŝ [sector, country]."""
        return self.multiplier(self.corner(found.system), found.unknowns.entry)


def kinked(points: Points) -> bool:
    """Whether what is wanted has kinks: some industry's scale is one."""
    return bool((points.exponents.on(points.benchmark.sectors)["scale"] == 1).any())


def smoothed(points: Points, mu: float, last: Points | None) -> Smooth:
    """The same points, smooth; from the last of them."""
    memory = replace(points.memory) if last is None else last.memory
    return Smooth(points.benchmark, points.exponents, points.shock, points.game, points.tolerance, memory, mu=mu)


def settle_smoothly(points: Points, rates: Array, tell: Tell = silent) -> Point:
    """As `settle` from rates [rate] on smooth points with ever smaller μ: by the formula, or by ascent where one objective's rates are all free."""
    last: Smooth | None = None
    for mu in STAGES:
        last = smoothed(points, mu, last)
        found = ascend(last, rates, tell) if many(points.game) else settled(last, rates, tell)
        points.solves, points.adjoints = points.solves + last.solves, points.adjoints + last.adjoints
        rates = found.rates
    return found


def settled(points: Points, start: Array, tell: Tell) -> Point:
    """By the formula; where that comes to no end and there is one objective, by ascent, both from rates [rate]."""
    joint = len(points.game.objectives) == 1
    try:
        return settle(points, start, tell, FINE if joint else ENOUGH)
    except SolveError as error:
        if not joint or error.outcome.name != "not_converged":
            raise
    return ascend(points, start, tell)


def many(game: Game) -> bool:
    """Whether one objective has a rate for every flow: the formula then wanders, as flows compete for an industry's being there or not."""
    return len(game.objectives) == 1 and len(game.lower) == len(game.rate) and len(np.unique(game.partner)) > 1


def ascend(points: Points, rates: Array, tell: Tell = silent) -> Point:
    """The point of a local maximum of the one objective, by L-BFGS-B from rates [rate]."""
    from scipy.optimize import minimize

    step = 0

    def downhill(at: Array) -> tuple[float, Array]:
        nonlocal step
        point, step = points.at(at, FINEST), step + 1
        tell(step, float(np.abs(projected(points, point)).max()))
        return -point.values[0], -point.slope

    bounds = list(zip(points.game.lower, points.game.upper, strict=True))
    options: Any = {"maxiter": EVALUATIONS, "maxfun": EVALUATIONS, "ftol": 1e-12, "gtol": 1e-7}
    best = minimize(downhill, rates, jac=True, method="L-BFGS-B", bounds=bounds, options=options)
    return points.levelled(points.at(points.game.clipped(best.x)))
