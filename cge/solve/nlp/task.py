"""One solve of a compiled model: what the Pyomo model asks now, why there may be nothing to solve, and the verdict."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyomo.environ import Constraint, Objective, maximize
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching

from cge.errors import InputError, Outcome
from cge.solve.nlp.problem import Problem, ends
from cge.solve.nlp.terms import Array

Report = Callable[[int, float], None]
logger = logging.getLogger(__name__)

FAILURES = {
    2: ("infeasible", "Loosen what is named here, or start elsewhere."),
    4: ("diverging", "Bound the variables, or start elsewhere."),
    -1: ("not_converged", "Raise max_iter, or start elsewhere."),
    -4: ("time_limit", "Time is up: raise max_cpu_time, or start nearer to the solution."),
    -5: ("time_limit", "Time is up: raise max_wall_time, or start nearer to the solution."),
    -10: ("too_few_degrees_of_freedom", "Free a variable or deactivate an equation."),
    -13: ("invalid_number", "Start the variables of these rows where they are defined, and bound them to stay there."),
}
OTHER = ("not_converged", "Start elsewhere.")
"""Our name and advice for IPOPT's status where it did not succeed; `OTHER` for any other."""

STEEP = ("not_converged", "Start where slopes are moderate, or change the units of what is named here.")
"""The same where it says that it succeeded, but in a scaling of its own that is far from the units of the model."""


class Task:
    """One solve: what the Pyomo model asks now, and the verdict.

    Attributes:
        x: the start, within bounds. lower, upper: of the variables, equal where fixed; free: the others.
        active: of the constraints; least, most: their bounds, infinite where not active; equation: where equal.
        sign: of the objective as it is minimised, 0 where there is none.
        iterations: so far; earlier: those of a first run.
    """

    def __init__(self, problem: Problem, start: ArrayLike | None, tolerance: float, report: Report | None) -> None:
        self.problem, self.tolerance, self.report, self.began = problem, tolerance, report, perf_counter()
        self.iterations = self.earlier = 0
        active = {id(c): c for c in problem.model.component_data_objects((Constraint, Objective), active=True)}
        if new := active.keys() - {id(c) for c in (*problem.constraints, problem.objective)}:
            raise InputError(f"{active[new.pop()].name}: active, but not when the model was compiled. Compile it again.")
        self.active = np.array([id(c) in active for c in problem.constraints], dtype=bool)
        self.least, self.most = np.where(self.active, problem.least, -np.inf), np.where(self.active, problem.most, np.inf)
        self.equation = self.least == self.most
        constant = problem.linear.indptr[-2] == problem.linear.nnz
        self.sign = 0.0 if constant or id(problem.objective) not in active else -1.0 if problem.objective.sense == maximize else 1.0
        variables = problem.variables
        fixed, values = np.array([v.fixed for v in variables]), np.array([v.value for v in variables], dtype=float)
        self.lower, self.upper = ends([(v.value, v.value) if v.fixed else v.bounds for v in variables])
        self.free = self.lower < self.upper
        x = values if start is None else np.asarray(start, dtype=float)
        if x.shape != values.shape:
            raise InputError(f"start: shape {x.shape}, but there are {values.size} variables")
        self.x = np.clip(np.where(fixed, values, x), self.lower, self.upper)

    def refusal(self) -> tuple[str, tuple[str, str]] | None:
        """Why there is nothing to solve, if so: a sentence, and name and advice."""
        p = self.problem
        if missing := named(p.variables, ~np.isfinite(self.x)):
            return f"No finite start value: {missing}.", ("invalid_number", "Give each a value.")
        if crossed := named(p.variables, self.lower > self.upper) or named(p.constraints, self.least > self.most):
            return f"The lower bound is above the upper one: {crossed}.", ("infeasible", "Move one of them.")
        if (equations := int(self.equation.sum())) > (free := int(self.free.sum())):
            pattern = csr_array((np.ones(p.linear.nnz), p.linear.indices, p.linear.indptr), shape=p.linear.shape)[:-1]
            partner = maximum_bipartite_matching(pattern[self.equation][:, self.free], perm_type="column")
            left = self.equation.copy()
            left[left] = partner < 0
            return f"{equations} equations in {free} free variables: none is left for {named(p.constraints, left)}.", FAILURES[-10]
        return None

    def progress(self, iteration: int, infeasibility: float) -> bool:
        """Count, log and report an iteration; True: go on."""
        self.iterations = self.earlier + iteration
        logger.debug("iteration %d: infeasibility %.2e", self.iterations, infeasibility)
        if self.report:
            self.report(self.iterations, infeasibility)
        return True

    def slopes(self, x: Array, multipliers: Array) -> Array:
        """What is left of the slope along every variable [variable], in the units of the model: IPOPT judges in its own, from slopes at the start.

        The slope of the Lagrangian times the room (at most one) to the bound that it leads to, and slopes of the constraints times their
        multipliers and the room to the bounds that these speak for. It is relative to the terms that cancel in it, and to what a small
        relative change of `x` makes of it, where these are above one.
        """
        p, bodies = self.problem, self.problem.rows(x)[:-1]
        weights, jacobian = np.append(multipliers, self.sign), p.jacobian(x)
        slope, parts = jacobian.T @ weights, abs(jacobian).T
        curvature = csr_array((np.abs(p.hessian(x, weights)), p.triangle), shape=(x.size, x.size))
        size = parts @ np.abs(weights) + curvature @ np.abs(x) + curvature.T @ np.abs(x)

        def left(slopes: Array, below: Array, above: Array) -> Array:
            return np.asarray(np.abs(slopes) * np.clip(np.where(slopes > 0, below, above), 0.0, 1.0))

        with np.errstate(invalid="ignore"):
            idle = parts[:, :-1] @ left(-multipliers, bodies - self.least, self.most - bodies)
            share = (left(slope, x - self.lower, self.upper - x) + self.free * idle) / np.maximum(1.0, size)
        return np.asarray(np.where(np.isnan(share), np.inf, share))

    def result(self, x: Array, said: str, failure: tuple[str, str], ended_well: bool = False, multipliers: Array | None = None) -> Result:
        """The verdict at `x` [variable]: solved if it ended well and neither a violation nor, where there is an objective, what is left of its
        slopes is beyond the tolerance, both computed anew; else `failure`. `multipliers` are of the constraints.
        """
        p, x = self.problem, np.clip(x, self.lower, self.upper)
        with np.errstate(invalid="ignore"):
            rows = p.rows(x)
            violations = np.maximum(np.maximum(self.least - rows[:-1], rows[:-1] - self.most), 0.0)
            finite = np.isfinite(rows + p.jacobian(x) @ np.ones(x.size))
        violations[np.isnan(violations)] = np.inf
        violations[~self.active] = 0.0
        slopes = np.zeros(x.size) if multipliers is None or not self.sign else self.slopes(x, multipliers)
        taken = perf_counter() - self.began
        found = Result(p, Outcome("solved", said), x, float(rows[-1]), violations, slopes, self.iterations, taken)
        if ended_well and found.violation <= self.tolerance and found.slope <= self.tolerance:
            return replace(found, outcome=Outcome("solved", f"{said} Largest violation {found.violation:.1e}."))
        worst = ", ".join(f"{constraint} {violation:.2g}" for constraint, violation in found.worst(3))
        where = f"Violated most: {worst or 'nothing'}."
        if ended_well and found.violation <= self.tolerance:
            steep = ", ".join(f"{name} {slope:.2g}" for name, slope in found.steepest(3))
            where, failure = f"But it is not optimal: slopes are left along {steep}.", STEEP
        if undefined := named([*p.constraints, p.objective], ~finite & [*self.active, True]):
            where, failure = f"Value or slope not a number: {undefined}.", FAILURES[-13] if failure is OTHER else failure
        return replace(found, outcome=Outcome(failure[0], f"{said} {where} {failure[1]}"))


def largest(components: Sequence[Any], numbers: Array, n: int) -> list[tuple[str, float]]:
    """Names and numbers of the `n` components with the largest positive ones [component]."""
    return [(components[i].name, float(numbers[i])) for i in np.argsort(-numbers, kind="stable")[:n] if numbers[i] > 0]


def named(components: Sequence[Any], which: NDArray[np.bool_], most: int = 5) -> str:
    """Names of the components picked out [component], the first few."""
    picked = np.flatnonzero(which)
    more = f" and {picked.size - most} more" if picked.size > most else ""
    return ", ".join(components[i].name for i in picked[:most]) + more


@dataclass(frozen=True, eq=False)
class Result:
    """How a solve ended.

    Attributes:
        outcome: `solved` only if `violation` is within the tolerance and, where there is an objective, IPOPT found `x` optimal and `slope` is, too.
        x: of `problem.variables`, within their bounds; objective: at `x`.
        violations: max(lower − body, body − upper, 0) of `problem.constraints`, evaluated anew at `x`.
        slopes: what is left of the slope along `problem.variables` at `x`, bounds and multipliers of constraints considered (the projected gradient
            of the Lagrangian, and complementarity), relative to the terms that cancel in it; zeros where nothing was to be minimised.
        iterations, seconds: of this solve.
    """

    problem: Problem
    outcome: Outcome
    x: Array
    objective: float
    violations: Array
    slopes: Array
    iterations: int
    seconds: float

    @property
    def violation(self) -> float:
        """The largest violation."""
        return float(self.violations.max(initial=0.0))

    @property
    def slope(self) -> float:
        """The largest of what is left of the slopes."""
        return float(self.slopes.max(initial=0.0))

    def worst(self, n: int = 5) -> list[tuple[str, float]]:
        """Names and violations of the `n` constraints violated most."""
        return largest(self.problem.constraints, self.violations, n)

    def steepest(self, n: int = 5) -> list[tuple[str, float]]:
        """Names of the `n` variables along which most slope is left, and how much."""
        return largest(self.problem.variables, self.slopes, n)

    def load(self) -> None:
        """Give the Pyomo variables the values `x`."""
        for variable, number in zip(self.problem.variables, self.x.tolist(), strict=True):
            variable.set_value(number, skip_validation=True)
