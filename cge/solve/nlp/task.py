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
from cge.solve.nlp.problem import Array, Problem, ends

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


class Task:
    """One solve: what the Pyomo model asks now, and the verdict.

    Attributes:
        x: the start, within bounds. lower, upper: of the variables, equal where fixed; free: the others.
        active: of the constraints; least, most: their bounds, infinite where not active; equation: where equal.
        sign: of the objective as it is minimised, 0 where there is none.
    """

    def __init__(self, problem: Problem, start: ArrayLike | None, tolerance: float, report: Report | None) -> None:
        self.problem, self.tolerance, self.report, self.began, self.iterations = problem, tolerance, report, perf_counter(), 0
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
        self.iterations = iteration
        logger.debug("iteration %d: infeasibility %.2e", iteration, infeasibility)
        if self.report:
            self.report(iteration, infeasibility)
        return True

    def result(self, x: Array, said: str, failure: tuple[str, str], ended_well: bool = False) -> Result:
        """The verdict at `x` [variable]: solved if it ended well and no violation, computed anew, is beyond the tolerance; else `failure`."""
        p, x = self.problem, np.clip(x, self.lower, self.upper)
        with np.errstate(invalid="ignore"):
            rows = p.rows(x)
            violations = np.maximum(np.maximum(self.least - rows[:-1], rows[:-1] - self.most), 0.0)
            finite = np.isfinite(rows + p.jacobian(x) @ np.ones(x.size))
        violations[np.isnan(violations)] = np.inf
        violations[~self.active] = 0.0
        found = Result(p, Outcome("solved", said), x, float(rows[-1]), violations, self.iterations, perf_counter() - self.began)
        if ended_well and found.violation <= self.tolerance:
            return replace(found, outcome=Outcome("solved", f"{said} Largest violation {found.violation:.1e}."))
        worst = ", ".join(f"{constraint} {violation:.2g}" for constraint, violation in found.worst(3))
        where = f"Violated most: {worst or 'nothing'}."
        if undefined := named([*p.constraints, p.objective], ~finite & [*self.active, True]):
            where, failure = f"Value or slope not a number: {undefined}.", FAILURES[-13] if failure is OTHER else failure
        return replace(found, outcome=Outcome(failure[0], f"{said} {where} {failure[1]}"))


def named(components: Sequence[Any], which: NDArray[np.bool_], most: int = 5) -> str:
    """Names of the components picked out [component], the first few."""
    picked = np.flatnonzero(which)
    more = f" and {picked.size - most} more" if picked.size > most else ""
    return ", ".join(components[i].name for i in picked[:most]) + more


@dataclass(frozen=True, eq=False)
class Result:
    """How a solve ended.

    Attributes:
        outcome: `solved` only if `violation` is within the tolerance and, where there is an objective, IPOPT found `x` optimal.
        x: of `problem.variables`, within their bounds; objective: at `x`.
        violations: max(lower − body, body − upper, 0) of `problem.constraints`, evaluated anew at `x`.
        iterations, seconds: of this solve.
    """

    problem: Problem
    outcome: Outcome
    x: Array
    objective: float
    violations: Array
    iterations: int
    seconds: float

    @property
    def violation(self) -> float:
        """The largest violation."""
        return float(self.violations.max(initial=0.0))

    def worst(self, n: int = 5) -> list[tuple[str, float]]:
        """Names and violations of the `n` constraints violated most."""
        order = np.argsort(-self.violations, kind="stable")[:n]
        return [(self.problem.constraints[i].name, float(self.violations[i])) for i in order if self.violations[i] > 0]

    def load(self) -> None:
        """Give the Pyomo variables the values `x`."""
        for variable, number in zip(self.problem.variables, self.x.tolist(), strict=True):
            variable.set_value(number, skip_validation=True)
