"""A Pyomo model compiled: values, Jacobian and Hessian of its rows as sparse arrays.

Every row is a linear part, kept in one sparse matrix, plus a nonlinear part, differentiated by CasADi; the objective is one more row, the
last. So a dense sum (Pyomo's `LinearExpression`) costs its coefficients and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import casadi as ca
import numpy as np
from numpy.typing import NDArray
from pyomo.common.numeric_types import native_numeric_types
from pyomo.core.expr.numeric_expr import ExternalFunctionExpression
from pyomo.environ import Block, Constraint, Expression, Objective, Param, RangeSet, Set, Suffix, Var, value
from pyomo.repn import generate_standard_repn
from scipy.sparse import csr_array

from cge.errors import InputError

Array = NDArray[np.float64]
Indices = NDArray[np.int64]

COMPONENTS = {Block, Constraint, Expression, Objective, Param, RangeSet, Set, Suffix, Var}
FUNCTIONS = "neg exp log sqrt sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh"


def fold(operation: int) -> Callable[..., ca.SX]:
    """CasADi's operation on two arguments, for any number of them."""
    return lambda *arguments: reduce(partial(ca.SX.binary, operation), arguments)


OPERATIONS = {"sum": fold(ca.OP_ADD), "prod": fold(ca.OP_MUL), "mon": fold(ca.OP_MUL), "div": fold(ca.OP_DIV), "pow": fold(ca.OP_POW)}
OPERATIONS |= {name: partial(ca.SX.unary, getattr(ca, f"OP_{name.upper()}")) for name in FUNCTIONS.split(" ")} | {"log10": ca.log10}
"""What is smooth, by Pyomo's names; `SX.binary` and `SX.unary` take a tenth of the time of Python's operators on SX."""


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
    """Lower and upper ends of intervals [pair], infinite where None."""
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
    """A function of arrays that returns the nonzeros of `result` [entry], all on memory allocated here: the next call overwrites."""
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
