"""The level of demand at which the best that a firm can do pays."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from cge.data.arrays import Array

NEAR = 1e-10
"""Relative fall from which on the next step of Newton is right to rounding, for its error is the square of it."""


def paying(best: Callable[[Array], tuple[Array, Array]], cost: Array, demand: Array) -> Array:
    """The lowest B at which B·V(B) − O(B) = cost, V and O what is sold and paid where a firm does what is best at B.

    The best profit is convex in B, with V its slope, so that Newton's step is (cost + O)/V: the demand that pays for what is chosen now. From a
    demand that more than pays it falls to the root and never below it. NaN where that is no number.

    Args:
        best: B → O and V there, both […].
        cost: positive, or zero where something is paid at every B above zero […].
        demand: B at which profits cover the cost […].
    """
    while True:
        outlay, sold = best(demand)
        lower = np.minimum((cost + outlay) / sold, demand)
        if not (lower < demand * (1 - NEAR)).any():  # so that what is no number ends it, too
            return np.asarray(lower)
        demand = lower
