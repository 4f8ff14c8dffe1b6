"""A Pyomo model compiled: values, Jacobian and Hessian of its rows as sparse arrays.

Every row is a linear part, kept in one sparse matrix, plus nonlinear terms, differentiated shape by shape; the objective is one more
row, the last. So a dense sum (Pyomo's `LinearExpression`) costs its coefficients and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyomo.common.gc_manager import PauseGC
from pyomo.environ import Block, Constraint, Expression, Objective, Param, RangeSet, Set, Suffix, Var
from scipy.sparse import csr_array

from cge.errors import InputError
from cge.solve.nlp.shapes import Shape, derive
from cge.solve.nlp.terms import Array, Indices, Parts

COMPONENTS = {Block, Constraint, Expression, Objective, Param, RangeSet, Set, Suffix, Var}


def compile(model: Any) -> Problem:
    """Read a Pyomo model: active constraints and objective, and the variables in them.

    Raises:
        InputError: everything that is not continuous, not smooth, or no number where parameters are put in, by name.
    """
    with PauseGC():  # which would look through all expressions again and again
        constraints = list(model.component_data_objects(Constraint, active=True))
        objective, *others = list(model.component_data_objects(Objective, active=True)) or [None]
        faults = [f"{o.name}: a second active objective" for o in others]
        faults += [
            f"{c.name}: {c.ctype.__name__} is not supported" for c in model.component_objects(active=True) if c.ctype not in COMPONENTS
        ]
        bounded = [c.to_bounded_expression(evaluate_bounds=True) for c in constraints]
        parts = Parts()
        for row, body in enumerate([*(body for _, body, _ in bounded), 0.0 if objective is None else objective.expr]):
            try:
                parts.add(body)
            except (TypeError, ValueError, ArithmeticError) as fault:
                faults.append(f"{[*constraints, objective][row].name}: {fault}")
        variables = ordered(model, parts)
        faults += [f"{v.name}: not a continuous variable" for v in variables if not v.is_continuous()]
        if faults or not variables:
            raise InputError(faults or "the model has no variable in an active constraint or objective")
        limits = ends([(low, high) for low, _, high in bounded])
        return Problem(model, variables, constraints, objective, *limits, *assemble(parts, variables))


def ordered(model: Any, parts: Parts) -> list[Any]:
    """The variables that are met in the rows, in the order of the model."""
    met: dict[int, Any] = {}
    for found in (parts.variables, *(terms.variables for terms in parts.terms.values())):
        met.update(zip(map(id, found), found, strict=True))
    return [v for v in model.component_data_objects(Var) if met.pop(id(v), None) is not None] + list(met.values())


def ends(pairs: list[tuple[float | None, float | None]]) -> tuple[Array, Array]:
    """Lower and upper ends of intervals [pair], infinite where None."""
    both = np.array(pairs, dtype=float).reshape(-1, 2)
    return np.where(np.isnan(both[:, 0]), -np.inf, both[:, 0]), np.where(np.isnan(both[:, 1]), np.inf, both[:, 1])


def assemble(parts: Parts, variables: list[Any]) -> tuple[Any, ...]:
    """The fields of `Problem` from `linear` on: linear parts on the sparsity of the whole Jacobian, and where derivatives of terms lie."""
    place, n, m = {id(v): k for k, v in enumerate(variables)}, len(variables), len(parts.constants)
    shapes = [derive(code, terms, place) for code, terms in parts.terms.items()]
    row = np.repeat(np.arange(m), np.diff(parts.ends, prepend=0))
    column = np.array([place[i] for i in map(id, parts.variables)], dtype=np.int64)
    cells, where = joined([row * n + column, *(s.rows[:, None] * n + s.columns[:, s.slots] for s in shapes)])
    data = np.bincount(where[: row.size], parts.coefficients, cells.size).astype(float)
    linear = csr_array((data, cells % n, np.searchsorted(cells, n * np.arange(m + 1))), shape=(m, n))
    bends, bent = joined([high * n + low for high, low in (s.bends for s in shapes)])
    return linear, np.array(parts.constants, dtype=float), shapes, where[row.size :], np.array([bends // n, bends % n]), bent


def joined(arrays: Iterable[Indices]) -> tuple[Indices, Indices]:
    """The different numbers in arrays, and the place among them of every element in turn."""
    numbers, places = np.unique(np.concatenate([np.zeros(0, np.int64), *(a.ravel() for a in arrays)]), return_inverse=True)
    return numbers, places


@dataclass(frozen=True, eq=False, repr=False)
class Problem:
    """A compiled model of n variables and m constraints, in Pyomo's order.

    Attributes:
        model, variables, constraints, objective (or None): Pyomo's own.
        least, most: bounds of the constraints [m].
        linear: coefficients [m + 1, n] on the sparsity of the whole Jacobian, row m the objective; constant: of the rows [m + 1].
        shapes: the nonlinear terms; places: of their slopes, in turn, among the nonzeros of `linear`.
        triangle: rows and columns [2, …] of the nonzeros of `hessian`; bent: places of second derivatives, in turn, among them.
    """

    model: Any
    variables: list[Any]
    constraints: list[Any]
    objective: Any
    least: Array
    most: Array
    linear: csr_array
    constant: Array
    shapes: list[Shape]
    places: Indices
    triangle: Indices
    bent: Indices

    def rows(self, x: Array) -> Array:
        """Bodies of the constraints, and last the objective [m + 1]."""
        values = np.asarray(self.linear @ x + self.constant)
        for s in self.shapes:
            values += np.bincount(s.rows, s.factors * s.value(x[s.columns]), values.size)
        return values

    def jacobian(self, x: Array) -> csr_array:
        """Derivatives of the rows [m + 1, n]."""
        slopes = [(s.factors[:, None] * s.slope(x[s.columns])).ravel() for s in self.shapes]
        data = self.linear.data + np.bincount(self.places, np.concatenate([np.zeros(0), *slopes]), self.linear.nnz)
        return csr_array((data, self.linear.indices, self.linear.indptr), shape=self.linear.shape)

    def hessian(self, x: Array, weights: Array) -> Array:
        """Second derivatives weighted over rows [m + 1]: nonzeros of the lower triangle, at `triangle`."""
        bends = [((weights[s.rows] * s.factors)[:, None] * s.twice * s.curvature(x[s.columns])).ravel() for s in self.shapes]
        return np.bincount(self.bent, np.concatenate([np.zeros(0), *bends]), self.triangle.shape[1]).astype(float)
