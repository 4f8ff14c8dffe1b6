"""Any smooth Pyomo model to IPOPT, from pip wheels alone, with exact sparse first and second derivatives.

Every row is a linear part, kept in one sparse matrix, plus a nonlinear part, differentiated by CasADi; the objective is one more row, the
last. So a dense sum (Pyomo's `LinearExpression`) costs its coefficients and nothing else.

`compile` reads expressions and parameters. Values, bounds, what is fixed (an unknown between equal bounds) and which of the constraints
are active are read from the Pyomo model at every solve, so that a second stage needs no second `compile`.
"""

from __future__ import annotations

import logging
import os
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial, reduce
from time import perf_counter
from types import SimpleNamespace
from typing import Any

import casadi as ca
import cyipopt
import numpy as np
from numpy.typing import ArrayLike, NDArray
from pyomo.common.numeric_types import native_numeric_types
from pyomo.core.expr.numeric_expr import ExternalFunctionExpression
from pyomo.environ import Block, Constraint, Expression, Objective, Param, RangeSet, Set, Suffix, Var, maximize, value
from pyomo.repn import generate_standard_repn
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_bipartite_matching
from scipy.sparse.linalg import splu

from cge.errors import InputError, Outcome

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Report = Callable[[int, float], None]
logger = logging.getLogger(__name__)

COMPONENTS = {Block, Constraint, Expression, Objective, Param, RangeSet, Set, Suffix, Var}
FUNCTIONS = "neg exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"


def fold(operation: int) -> Callable[..., ca.SX]:
    """CasADi's operation on two arguments, for any number of them."""
    return lambda *arguments: reduce(partial(ca.SX.binary, operation), arguments)


OPERATIONS = {"sum": fold(ca.OP_ADD), "prod": fold(ca.OP_MUL), "mon": fold(ca.OP_MUL), "div": fold(ca.OP_DIV), "pow": fold(ca.OP_POW)}
OPERATIONS |= {name: partial(ca.SX.unary, getattr(ca, f"OP_{name.upper()}")) for name in FUNCTIONS.split(" ")} | {"log10": ca.log10}
"""What is smooth, by Pyomo's names; `SX.binary` and `SX.unary` take a tenth of the time of Python's operators on SX."""

SILENT: dict[str, float | str] = {"print_level": 0, "sb": "yes", "option_file_name": ""}
DEFAULTS = {**SILENT, "check_derivatives_for_naninf": "yes", "acceptable_iter": 0, "mu_strategy": "adaptive"}
"""IPOPT's options unless the caller sets them: nothing printed, no file `ipopt.opt` read, NaN in derivatives noticed, no loose stop."""

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


def compile(model: Any) -> Problem:
    """Read a Pyomo model: active constraints and objective, and the variables in them.

    Raises:
        InputError: everything that is not continuous or not smooth, by name.
    """
    constraints = list(model.component_data_objects(Constraint, active=True))
    objective, *others = list(model.component_data_objects(Objective, active=True)) or [None]
    faults = [f"{o.name}: a second active objective" for o in others]
    faults += [f"{c.name}: {c.ctype.__name__} is not supported" for c in model.component_objects(active=True) if c.ctype not in COMPONENTS]
    bounded = [c.to_bounded_expression(evaluate_bounds=True) for c in constraints]
    parts = separate(model, [*(body for _, body, _ in bounded), 0.0 if objective is None else objective.expr])
    order = {id(v): k for k, v in enumerate(model.component_data_objects(Var))}
    met = {id(v): v for part in parts for v in (*part.linear_vars, *part.nonlinear_vars)}
    variables = sorted(met.values(), key=lambda v: order.get(id(v), len(order)))
    faults += [f"{v.name}: not a continuous variable" for v in variables if not v.is_continuous()]

    x = ca.SX.sym("x", len(variables))
    symbols = dict(zip(map(id, variables), ca.vertsplit(x), strict=True)) if variables else {}
    curved: dict[int, ca.SX] = {}
    for row, part in enumerate(parts):
        try:
            if part.nonlinear_expr is not None:
                curved[row] = smooth(part.nonlinear_expr, symbols)
        except TypeError as fault:
            faults.append(f"{[*constraints, objective][row].name}: {fault}")
    if faults or not variables:
        raise InputError(faults or "the model has no variable in an active constraint or objective")
    limits = ends([(low, high) for low, _, high in bounded])
    return Problem(model, variables, constraints, objective, *limits, *assemble(parts, list(symbols), x, curved))


def ends(pairs: list[tuple[float | None, float | None]]) -> tuple[Array, Array]:
    """Lower and upper ends of intervals, infinite where None."""
    both = np.array(pairs, dtype=float).reshape(-1, 2)
    return np.where(np.isnan(both[:, 0]), -np.inf, both[:, 0]), np.where(np.isnan(both[:, 1]), np.inf, both[:, 1])


def separate(model: Any, bodies: list[Any]) -> list[Any]:
    """Pyomo's linear and nonlinear part of each body, with fixed variables as unknowns."""
    fixed = [v for v in model.component_data_objects(Var) if v.fixed]
    for v in fixed:
        v.fixed = False
    try:
        return [generate_standard_repn(body, quadratic=False) for body in bodies]
    finally:
        for v in fixed:
            v.fixed = True


def smooth(e: Any, symbols: Mapping[int, ca.SX]) -> Any:
    """A Pyomo expression in CasADi. Raises TypeError at a node that is not smooth or not known."""
    if e.__class__ in native_numeric_types:
        return e
    if not e.is_potentially_variable():
        return value(e)
    if e.is_variable_type():
        return symbols[id(e)]
    if e.is_named_expression_type():
        return smooth(e.args[0], symbols)
    name = e.getname()
    if name not in OPERATIONS or isinstance(e, ExternalFunctionExpression):
        raise TypeError(f"{e.__class__.__name__} ({name}) is not a smooth function that can be differentiated here")
    return OPERATIONS[name](*[smooth(argument, symbols) for argument in e.args])


def assemble(parts: list[Any], order: list[int], x: ca.SX, curved: dict[int, ca.SX]) -> tuple[Any, ...]:
    """The fields of `Problem` from `linear` on: linear parts on the sparsity of the whole Jacobian, and compiled nonlinear ones."""
    stack, weight = ca.vertcat(ca.SX(0, 1), *curved.values()), ca.SX.sym("w", len(curved))
    slope, curvature = ca.jacobian(stack, x), ca.tril(ca.hessian(ca.dot(weight, stack), x)[0])
    n, place, bent = len(order), {key: k for k, key in enumerate(order)}, np.array(list(curved), dtype=np.int64)
    row = np.repeat(np.arange(len(parts)), [len(part.linear_vars) for part in parts])
    column = np.array([place[id(v)] for part in parts for v in part.linear_vars], dtype=np.int64)
    bent_row, bent_column = np.array(slope.sparsity().get_triplet(), dtype=np.int64)
    cells, where = np.unique(np.concatenate([row * n + column, bent[bent_row] * n + bent_column]), return_inverse=True)
    data = np.bincount(where[: row.size], [c for part in parts for c in part.linear_coefs], cells.size).astype(float)
    linear = csr_array((data, cells % n, np.searchsorted(cells, n * np.arange(len(parts) + 1))), shape=(len(parts), n))
    constant, at = np.array([part.constant for part in parts], dtype=float), np.array(curvature.sparsity().get_triplet(), dtype=np.int64)
    functions = compiled([x], stack), compiled([x], slope), compiled([x, weight], curvature)
    return linear, constant, bent, where[row.size :], at, *functions


def compiled(arguments: list[ca.SX], result: ca.SX) -> Callable[..., Array]:
    """A function of arrays that returns the nonzeros of `result`, all on memory allocated here: the next call overwrites."""
    function: Any = ca.Function("f", arguments, [result])
    buffer, run = function.buffer()
    inputs, output = [np.zeros(a.numel()) for a in arguments], np.zeros(result.nnz())
    for place, array in enumerate(inputs):
        buffer.set_arg(place, array.data)
    buffer.set_res(0, output.data)

    def call(*values: Array) -> Array:
        for array, given in zip(inputs, values, strict=True):
            array[:] = given
        run()
        if buffer.ret():  # and `run` lives only as long as `buffer`
            raise ArithmeticError("CasADi could not evaluate a compiled function")
        return output

    return call


@dataclass(frozen=True, eq=False, repr=False)
class Problem:
    """A compiled model of n variables and m constraints, in Pyomo's order.

    Attributes:
        model, variables, constraints, objective (or None): Pyomo's own.
        least, most: bounds of the constraints [m].
        linear: coefficients [m + 1, n] on the sparsity of the whole Jacobian, row m the objective; constant: of the rows [m + 1].
        curved: rows with a nonlinear part; places: of its derivatives among the nonzeros of `linear`.
        triangle: rows and columns [2, …] of the nonzeros of `hessian`.
        part, slope, curvature: value of the nonlinear parts, nonzeros of their Jacobian and of their weighted Hessian.
    """

    model: Any
    variables: list[Any]
    constraints: list[Any]
    objective: Any
    least: Array
    most: Array
    linear: csr_array
    constant: Array
    curved: Indices
    places: Indices
    triangle: Indices
    part: Callable[..., Array]
    slope: Callable[..., Array]
    curvature: Callable[..., Array]

    def rows(self, x: Array) -> Array:
        """Bodies of the constraints, and last the objective [m + 1]."""
        values = np.asarray(self.linear @ x + self.constant)
        values[self.curved] += self.part(x)
        return values

    def jacobian(self, x: Array) -> csr_array:
        """Derivatives of the rows [m + 1, n]."""
        data = self.linear.data.copy()
        data[self.places] += self.slope(x)
        return csr_array((data, self.linear.indices, self.linear.indptr), shape=self.linear.shape)

    def hessian(self, x: Array, weights: Array) -> Array:
        """Second derivatives weighted over rows [m + 1]: nonzeros of the lower triangle, at `triangle`."""
        return self.curvature(x, weights[self.curved]).copy()

    def solve(
        self,
        start: ArrayLike | None = None,
        options: Mapping[str, float | str] | None = None,
        tolerance: float = 1e-8,
        report: Report | None = None,
        flat: bool = False,
    ) -> Result:
        """Solve with IPOPT.

        Args:
            start: [n]; by default the values of the Pyomo variables.
            options: IPOPT's (max_iter, max_wall_time, …), over `DEFAULTS`.
            tolerance: largest violation of a solved model. IPOPT's own tolerances are set so that its status 0 keeps to it.
            report: is told iteration and infeasibility.
            flat: leave second derivatives out, which may help where there is nothing to minimise but inequalities to keep to.
        Raises:
            InputError: options that IPOPT refuses. KeyboardInterrupt: at the end of the iteration.
        """
        task = Task(self, start, tolerance, report)
        on, kept = task.active, np.append(np.flatnonzero(task.active), task.active.size)
        entries = np.repeat([*on, False], np.diff(self.linear.indptr))
        calls = SimpleNamespace(
            objective=lambda x: task.sign * self.rows(x)[-1],
            gradient=lambda x: task.sign * self.jacobian(x)[[-1]].toarray()[0],
            constraints=lambda x: self.rows(x)[:-1][on],
            jacobian=lambda x: self.jacobian(x).data[entries],
            jacobianstructure=lambda: self.linear[:-1][on].tocoo().coords,
            hessian=lambda x, weights, factor: (
                np.zeros(0) if flat else self.hessian(x, np.bincount(kept, np.append(weights, task.sign * factor)).astype(float))
            ),
            hessianstructure=lambda: tuple(self.triangle[:, :0] if flat else self.triangle),
            intermediate=lambda _, iteration, objective, infeasibility, *others: task.progress(iteration, infeasibility),
        )
        ipopt = cyipopt.Problem(task.x.size, int(on.sum()), calls, task.lower, task.upper, task.least[on], task.most[on])
        try:
            ours = {"tol": tolerance / 10, "constr_viol_tol": tolerance, "bound_relax_factor": 0.0}
            set_options(ipopt, {**DEFAULTS, **ours, **(options or {})})
            if refusal := task.refusal():
                return task.result(task.x, *refusal)
            x, info = ipopt.solve(task.x)
        finally:
            ipopt.close()
        status = info["status"]
        if status == -12:
            raise InputError("IPOPT refused an option when it started: perhaps a linear solver that is not installed")
        said = f"IPOPT status {status}: {info['status_msg'].decode().removesuffix('.')}."
        return task.result(x, said, FAILURES.get(status, OTHER), ended_well=status == 0 or not task.sign)


def set_options(ipopt: Any, options: Mapping[str, float | str]) -> None:
    """Set IPOPT's options. Raises InputError: those it refuses, in its own words, which it would otherwise print."""
    refused = []
    sys.stdout.flush()
    with tempfile.TemporaryFile() as said:
        stdout = os.dup(1)
        os.dup2(said.fileno(), 1)
        try:
            for name, given in options.items():
                plain = given.item() if isinstance(given, np.generic) else given
                for same in (plain, float(plain)) if type(plain) is int else (plain,):
                    with suppress(TypeError):
                        ipopt.add_option(name, same)
                        break
                else:
                    refused.append(f"{name} = {given!r}")
        finally:
            os.dup2(stdout, 1)
            os.close(stdout)
        if refused:
            said.seek(0)
            raise InputError(f"IPOPT refuses {', '.join(refused)}. {' '.join(said.read().decode().split())}")


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
        """The verdict at `x`: solved if it ended well and no violation, computed anew, is beyond the tolerance; else `failure`."""
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
    """Names of the components picked out, the first few."""
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


def newton(
    problem: Problem, start: ArrayLike | None = None, tolerance: float = 1e-10, limit: int = 50, report: Report | None = None
) -> Result:
    """Newton's method on as many equations as free variables, with sparse LU; `problem.solve(result.x)` lets IPOPT confirm.

    Much faster than IPOPT on large square systems, whose symmetric factorisation is twice the size. Steps stay within the bounds and are
    halved until the residuals fall.

    Args:
        start, tolerance, report: as in `Problem.solve`. limit: of iterations.
    Raises:
        InputError: there are more or fewer equations than free variables.
    """
    task = Task(problem, start, tolerance, report)
    if refusal := task.refusal():
        return task.result(task.x, *refusal)
    rows, columns = np.flatnonzero(task.equation), np.flatnonzero(task.free)
    if rows.size != columns.size:
        raise InputError(f"Newton's method needs as many equations as free variables; there are {rows.size} and {columns.size}")
    x, step, said = task.x, np.zeros(task.x.size), ""
    residual = problem.rows(x)[rows] - task.least[rows]
    with np.errstate(all="ignore"):
        while np.isfinite(size := np.abs(residual).max(initial=0.0)) and size > tolerance and task.iterations < limit:
            task.progress(task.iterations + 1, size)
            try:
                step[columns] = splu(problem.jacobian(x)[rows][:, columns].tocsc()).solve(-residual)
            except RuntimeError as error:
                said = str(error)
                break
            room = ((np.where(step > 0, task.upper, task.lower) - x) / step)[step != 0].min(initial=np.inf)
            for length in (1.0 if room >= 1 else 0.99 * room) * 0.5 ** np.arange(30):
                trial = problem.rows(x + length * step)[rows] - task.least[rows]
                if np.linalg.norm(trial) < (1 - 1e-4 * length) * np.linalg.norm(residual):
                    break
            else:
                said = "no step reduces the residuals"
                break
            x, residual = x + length * step, trial
    return task.result(x, f"Newton's method: {said or f'{task.iterations} iterations'}.", OTHER, ended_well=True)
