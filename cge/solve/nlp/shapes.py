"""Terms of one shape with their derivatives: CasADi differentiates the shape, and evaluates it for all terms in one call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any

import casadi as ca
import numpy as np

from cge.solve.nlp.terms import FUNCTIONS, NUMBER, VARIABLE, Array, Code, Indices, Terms


def fold(operation: int) -> Callable[..., ca.SX]:
    """CasADi's operation on two arguments, for any number of them."""
    return lambda *arguments: reduce(partial(ca.SX.binary, operation), arguments)


OPERATIONS = {"sum": fold(ca.OP_ADD), "prod": fold(ca.OP_MUL), "mon": fold(ca.OP_MUL), "div": fold(ca.OP_DIV), "pow": fold(ca.OP_POW)}
OPERATIONS |= {name: partial(ca.SX.unary, getattr(ca, f"OP_{name.upper()}")) for name in FUNCTIONS if name != "log10"} | {"log10": ca.log10}
"""What CasADi calls the operations of a shape."""


@dataclass(frozen=True, eq=False)
class Shape:
    """Terms of one shape; a slot is a place for a variable in it.

    Attributes:
        rows, factors: of the terms [term]; columns: their variables [term, slot].
        slots: those along which the shape has a slope [slope]; pairs: of slots in which it has curvature [2, bend].
        value, slope, curvature: of the shape without its factor, from values of the variables [term, slot]; [term], [term, slope], [term, bend].
    """

    rows: Indices
    factors: Array
    columns: Indices
    slots: Indices
    pairs: Indices
    value: Callable[[Array], Array]
    slope: Callable[[Array], Array]
    curvature: Callable[[Array], Array]

    @property
    def bends(self) -> Indices:
        """The larger and the smaller of the two columns of every second derivative [2, term, bend]."""
        return np.sort(self.columns[:, self.pairs].transpose(1, 0, 2), axis=0)[::-1]

    @property
    def twice(self) -> Array:
        """How often a mixed derivative counts [term, bend]: two slots may hold the same variable."""
        one, other = self.bends
        return np.where((self.pairs[0] != self.pairs[1]) & (one == other), 2.0, 1.0)


def derive(code: Code, terms: Terms, place: Mapping[int, int]) -> Shape:
    """Terms of a shape, with functions for it; `place` is the column of a variable by its id."""
    count, slots = len(terms.rows), code.count(VARIABLE)
    x, c = ca.SX.sym("x", slots), ca.SX.sym("c", code.count(NUMBER))
    f = symbolic(iter(code), iter(ca.vertsplit(x)), iter(ca.vertsplit(c)))
    slope, curvature = ca.jacobian(f, x), ca.tril(ca.hessian(f, x)[0])
    numbers = np.array(terms.numbers, dtype=float).reshape(count, -1)
    return Shape(
        np.array(terms.rows, dtype=np.int64),
        np.array(terms.factors, dtype=float),
        np.array([place[id(v)] for v in terms.variables], dtype=np.int64).reshape(count, slots),
        np.array(slope.sparsity().get_triplet()[1], dtype=np.int64),
        np.array(curvature.sparsity().get_triplet(), dtype=np.int64).reshape(2, -1),
        *(compiled(x, c, result, numbers) for result in (f, slope, curvature)),
    )


def symbolic(code: Iterator[Any], variables: Iterator[ca.SX], numbers: Iterator[ca.SX]) -> ca.SX:
    """The expression that a shape stands for."""
    token = next(code)
    if token is VARIABLE:
        return next(variables)
    if token is NUMBER:
        return next(numbers)
    if token in OPERATIONS:
        return OPERATIONS[token](*[symbolic(code, variables, numbers) for _ in range(next(code))])
    return ca.SX(token)


def compiled(x: ca.SX, c: ca.SX, result: ca.SX, numbers: Array) -> Callable[[Array], Array]:
    """The nonzeros of `result` for every term [term, nonzero], from values of `x` [term, slot]; `numbers` are those of `c` [term, number].

    All on memory allocated here: the next call overwrites it.
    """
    function: Any = ca.Function("f", [x, c], [result]).map(len(numbers))
    buffer, run = function.buffer()
    inputs, out = (np.zeros((len(numbers), x.numel())), numbers), np.zeros((len(numbers), result.nnz()))
    for place, array in enumerate(inputs):
        buffer.set_arg(place, array.ravel().data)
    buffer.set_res(0, out.ravel().data)

    def call(values: Array) -> Array:
        inputs[0][:] = values
        run()
        if buffer.ret():  # and `run` lives only as long as `buffer`
            raise ArithmeticError("CasADi could not evaluate a compiled function")
        return out

    return call
