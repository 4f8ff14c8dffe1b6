"""Pyomo expressions as the numbers of the equations: an algebra that builds the system in place of computing it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pyomo.environ as pyo
from pyomo.core.expr import LinearExpression

from cge.data.arrays import Array
from cge.model import equations as eq

Objects = Any
"""An array of numbers and Pyomo expressions."""


def each(function: Callable[[Any], Any]) -> Callable[[Objects], Objects]:
    """`function` for every element of an array [any dims]; numbers stay numbers."""
    each: Callable[[Objects], Objects] = np.frompyfunc(function, 1, 1)
    return each


def is_number(value: Any) -> bool:
    return isinstance(value, (int, float, np.number))


def term(value: Any) -> tuple[float, Any]:
    """(coefficient, variable) of a variable or a number times one; (number, None) of a number."""
    if is_number(value):
        return float(value), None
    return (1.0, value) if value.is_variable_type() else (float(value.args[0]), value.args[1])


def _contract(matrices: Array, vectors: Objects) -> Objects:
    """Products of matrices [b, r, c] with vectors [b, c] of variables in their units, or numbers: a linear expression for every row of numbers."""
    if matrices.dtype == object:  # weights that are expressions themselves
        return np.stack([_rows(matrix, vector) for matrix, vector in zip(matrices, vectors, strict=True)])
    out = np.empty(matrices.shape[:2], dtype=object)
    for b, (matrix, vector) in enumerate(zip(matrices, vectors, strict=True)):
        terms = [term(value) for value in vector]
        known = np.array([0.0 if variable is not None else number for number, variable in terms])
        unknown = [c for c, (_, variable) in enumerate(terms) if variable is not None]
        variables = [terms[c][1] for c in unknown]
        weights = matrix[:, unknown] * np.array([terms[c][0] for c in unknown])
        constants = (matrix @ known).tolist()
        for r, row in enumerate(weights.tolist()):
            kept = [(a, v) for a, v in zip(row, variables, strict=True) if a != 0.0]
            out[b, r] = (
                LinearExpression(constant=constants[r], linear_coefs=[a for a, _ in kept], linear_vars=[v for _, v in kept])
                if kept
                else constants[r]
            )
    return out


def _rows(matrix: Objects, vector: Objects) -> Objects:
    """Products of a matrix [r, c] of numbers and expressions with a vector [c] of the same."""
    out = np.empty(len(matrix), dtype=object)
    for r, row in enumerate(matrix):
        kept = [weight * value for weight, value in zip(row, vector, strict=True) if not (is_number(weight) and weight == 0)]
        out[r] = pyo.quicksum(kept) if kept else 0.0
    return out


_exp = each(lambda v: np.exp(v) if is_number(v) else pyo.exp(v))
_log = each(lambda v: np.log(v) if is_number(v) else pyo.log(v))


def _log_mean(weight: Array, value: Objects) -> Objects:
    """`Algebra.log_mean` of expressions [group, sector, country]."""
    out = np.zeros((len(weight), weight.shape[2]), dtype=object)
    for g, n in np.argwhere(weight.any(axis=1)):
        some = np.flatnonzero(weight[g, :, n])
        out[g, n] = _log(pyo.quicksum(float(weight[g, s, n]) * _exp(value[g, s, n]) for s in some))
    return out


EXPRESSIONS = eq.Algebra(contract=_contract, exp=_exp, log=_log, log_mean=_log_mean)
