"""Pyomo expressions taken apart: what is linear as coefficients, and the rest as terms, of which many have the same shape.

Rows of an indexed constraint differ in their variables and numbers only, so that shapes are few.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyomo.common.numeric_types import native_numeric_types
from pyomo.core.expr.numeric_expr import (
    DivisionExpression,
    ExternalFunctionExpression,
    LinearExpression,
    MonomialTermExpression,
    NegationExpression,
    ProductExpression,
    SumExpression,
)
from pyomo.environ import value

from cge.solve.nlp.functions import FUNCTIONS

Array = NDArray[np.float64]
Indices = NDArray[np.int64]
Code = tuple[Any, ...]
"""A shape in prefix order: operations with their number of arguments, `VARIABLE`, `NUMBER`, or zero or one as they are."""

VARIABLE, NUMBER = "variable", "number"
SMOOTH = {"sum", "prod", "mon", "div", "pow", *FUNCTIONS}
"""What is smooth, by Pyomo's names."""


@dataclass
class Terms:
    """All terms of one shape, in lists: their rows, the factors before them, and their variables and numbers in the order of the shape."""

    rows: list[int] = field(default_factory=list)
    factors: list[float] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)
    numbers: list[float] = field(default_factory=list)


@dataclass
class Parts:
    """Rows taken apart, in lists: for every row a constant and where its linear part ends in the lists of coefficients and variables; and terms by
    shape.
    """

    constants: list[float] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    coefficients: list[float] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)
    terms: dict[Code, Terms] = field(default_factory=dict)

    def add(self, body: Any) -> None:
        """Take one more row apart. Fixed variables are unknowns, parameters numbers.

        Raises:
            TypeError: at a node that is not smooth or not known.
        """
        constant, row, left = 0.0, len(self.constants), [(1.0, body)]
        while left:
            factor, e = left.pop()
            if e.__class__ in SUMS:
                arguments = e.args
                self.linear(factor, [a.args for a in arguments if a.__class__ is MonomialTermExpression])
                left += [(factor, a) for a in arguments if a.__class__ is not MonomialTermExpression]
            elif is_constant(e):
                constant += factor * value(e)
            elif e.is_variable_type():
                self.linear(factor, [(1.0, e)])
            elif e.is_named_expression_type():
                left.append((factor, e.args[0]))
            elif (scaled := scaling(e)) is not None:
                left.append((factor * scaled[0], scaled[1]))
            else:
                self.term(row, factor, e)
        self.constants.append(constant)
        self.ends.append(len(self.variables))

    def linear(self, factor: float, terms: list[tuple[Any, Any]]) -> None:
        """File coefficients and their variables, except where zero."""
        numbers = [factor * (c if c.__class__ in native_numeric_types else value(c)) for c, _ in terms]
        self.coefficients += [number for number in numbers if number != 0.0]
        self.variables += [v for number, (_, v) in zip(numbers, terms, strict=True) if number != 0.0]

    def term(self, row: int, factor: float, e: Any) -> None:
        """File a term under its shape. Raises TypeError: as `add`."""
        code: list[Any] = []
        variables: list[Any] = []
        numbers: list[float] = []
        shape(e, code, variables, numbers)
        if factor != 0.0:
            terms = self.terms.setdefault(tuple(code), Terms())
            terms.rows.append(row)
            terms.factors.append(factor)
            terms.variables += variables
            terms.numbers += numbers


SUMS, PRODUCTS = {SumExpression, LinearExpression}, {ProductExpression, MonomialTermExpression, DivisionExpression}


def is_constant(e: Any) -> bool:
    return e.__class__ in native_numeric_types or not e.is_potentially_variable()


def scaling(e: Any) -> tuple[float, Any] | None:
    """A number and the expression that it multiplies in `e`, or None."""
    if e.__class__ is NegationExpression:
        return -1.0, e.args[0]
    if e.__class__ in PRODUCTS:
        one, other = e.args
        if is_constant(other):
            return (1.0 / value(other) if e.__class__ is DivisionExpression else value(other)), one
        if e.__class__ is not DivisionExpression and is_constant(one):
            return value(one), other
    return None


def shape(e: Any, code: list[Any], variables: list[Any], numbers: list[float]) -> None:
    """Append the shape, variables and numbers of an expression. Zero and one belong to the shape: what they leave out is left out, where
    0 · ∞ would not be a number. Raises TypeError at a node that is not smooth or not known.
    """
    if is_constant(e):
        number = value(e)
        code.append(number if number in (0, 1) else NUMBER)
        if code[-1] is NUMBER:
            numbers.append(number)
    elif e.is_variable_type():
        code.append(VARIABLE)
        variables.append(e)
    elif e.is_named_expression_type():
        shape(e.args[0], code, variables, numbers)
    else:
        name = e.getname()
        if name not in SMOOTH or isinstance(e, ExternalFunctionExpression):
            raise TypeError(f"{e.__class__.__name__} ({name}) is not a smooth function that can be differentiated here")
        arguments = e.args
        code += (name, len(arguments))
        for argument in arguments:
            shape(argument, code, variables, numbers)
