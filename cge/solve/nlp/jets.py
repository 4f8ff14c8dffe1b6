"""Numbers with their first and second derivatives: a shape is evaluated once for all of its terms, and every operation carries all three.

Which derivatives there are depends on the shape alone: what is zero by its form has no entry.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import reduce
from typing import Any, NamedTuple

import numpy as np

from cge.solve.nlp.functions import FUNCTIONS, Values
from cge.solve.nlp.terms import NUMBER, VARIABLE, Array, Code

Pair = tuple[int, int]
"""Two slots, the larger first."""


class Jet(NamedTuple):
    """A value with its derivatives.

    Attributes:
        value: [term], or a number that stands in the shape itself; slope: by slot; bend: second derivatives by pair of slots.
    """

    value: Values
    slope: Mapping[int, Values] = {}
    bend: Mapping[Pair, Values] = {}


def jet(code: Code, variables: Array, numbers: Array, order: int) -> Jet:
    """Terms of a shape with derivatives up to `order` (0, 1 or 2), from values of their variables [term, slot] and numbers [term, number].

    What is no number, or infinite, stays so: whoever asks looks at the result.
    """
    slots = (Jet(values, {slot: 1.0}) for slot, values in enumerate(variables.T))
    with np.errstate(all="ignore"):
        return _read(iter(code), slots, (Jet(values) for values in numbers.T), order)


def _read(code: Iterator[Any], slots: Iterator[Jet], numbers: Iterator[Jet], order: int) -> Jet:
    """The next expression in prefix order."""
    token = next(code)
    if token is VARIABLE:
        return next(slots)
    if token is NUMBER:
        return next(numbers)
    if token not in OPERATIONS and token not in FUNCTIONS:
        return Jet(token)
    arguments = [_read(code, slots, numbers, order) for _ in range(next(code))]
    if token in FUNCTIONS:
        return function(token, arguments[0], order)
    return reduce(lambda a, b: OPERATIONS[token](a, b, order), arguments)


First = tuple[Callable[[], Values], Jet]
Second = tuple[Callable[[], Values], Jet, Jet]
"""A partial derivative, made where it is needed, and what it is taken by (mixed ones in both orders)."""


def chained(order: int, value: Values, firsts: list[First], seconds: list[Second]) -> Jet:
    """The chain rule for f(a, b) [term]: Σ f_p ∂p, and Σ f_p ∂²p + Σ f_pq ∂p ∂q over arguments p and q."""
    slope: dict[int, Values] = {}
    bend: dict[Pair, Values] = {}
    for make, a in firsts if order else ():
        if a.slope:
            partial = make()
            for slot, s in a.slope.items():
                _add(slope, slot, _product(partial, s))
            for pair, b in a.bend.items():
                _add(bend, pair, _product(partial, b))
    for make, a, b in seconds if order == 2 else ():
        if a.slope and b.slope:
            partial = make()
            for i, s in a.slope.items():
                for j, t in b.slope.items():
                    if i >= j:
                        _add(bend, (i, j), _product(partial, _product(s, t)))
    return Jet(value, slope, bend)


def _add(to: dict[Any, Values], key: Any, values: Values) -> None:
    to[key] = to[key] + values if key in to else values


def _product(a: Values, b: Values) -> Values:
    return b if _is(a, 1) else a if _is(b, 1) else a * b


def _is(values: Values, number: int) -> bool:
    """Whether the shape itself says so, whatever its variables are."""
    return not isinstance(values, np.ndarray) and bool(values == number)


# --- operations on two jets, by Pyomo's names ------------------------------------------------------------------------------------------


def plus(a: Jet, b: Jet, order: int) -> Jet:
    """a + b."""
    return chained(order, a.value + b.value, [(lambda: 1.0, a), (lambda: 1.0, b)], [])


def times(a: Jet, b: Jet, order: int) -> Jet:
    """a · b. What the shape multiplies by zero is zero, where the other is not finite too."""
    if _is(a.value, 0) or _is(b.value, 0):
        return Jet(0.0)
    firsts: list[First] = [(lambda: b.value, a), (lambda: a.value, b)]
    return chained(order, _product(a.value, b.value), firsts, [(lambda: 1.0, a, b), (lambda: 1.0, b, a)])


def over(a: Jet, b: Jet, order: int) -> Jet:
    """a / b."""
    if _is(a.value, 0):
        return Jet(0.0)
    x, y = a.value, b.value
    value = np.divide(x, y)

    def mixed() -> Values:
        return -1 / (y * y)

    firsts: list[First] = [(lambda: 1 / y, a), (lambda: -value / y, b)]
    return chained(order, value, firsts, [(mixed, a, b), (mixed, b, a), (lambda: 2 * value / (y * y), b, b)])


def power(a: Jet, b: Jet, order: int) -> Jet:
    """a to the power b. Zero and one as exponents of the shape leave nothing of a, and a itself."""
    if _is(b.value, 0) or _is(b.value, 1):
        return Jet(1.0) if _is(b.value, 0) else a
    x, y = a.value, b.value
    value = np.power(x, y)

    def mixed() -> Values:
        return np.power(x, y - 1) * (1 + y * np.log(x))

    firsts: list[First] = [(lambda: y * np.power(x, y - 1), a), (lambda: value * np.log(x), b)]
    seconds: list[Second] = [
        (lambda: y * (y - 1) * np.power(x, y - 2), a, a),
        (mixed, a, b),
        (mixed, b, a),
        (lambda: value * np.log(x) ** 2, b, b),
    ]
    return chained(order, value, firsts, seconds)


OPERATIONS: dict[str, Callable[[Jet, Jet, int], Jet]] = {"sum": plus, "prod": times, "mon": times, "div": over, "pow": power}
"""Of two arguments; of more, from the left."""


# --- functions of one argument ---------------------------------------------------------------------------------------------------------


def function(name: str, a: Jet, order: int) -> Jet:
    """A function of one argument."""
    f, first, second = FUNCTIONS[name]
    x, value = a.value, f(a.value)
    slope = first(x, value) if order and a.slope else None
    return chained(order, value, [(lambda: slope, a)], [] if second is None else [(lambda: second(x, value, slope), a, a)])
