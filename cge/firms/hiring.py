"""Search in one labour market: how many of those who search find work, at a hiring cost that rises with it."""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array


def tightness(cost: Array, elasticity: Array, expected_income: Array) -> tuple[Array, Array]:
    """x, the share of searchers that find work, and b, the cost of a hire, which is also the wage in Stole and Zwiebel's bargain [country].

    A hire costs b = a·x^e, and searchers go where xb, the wage times the chance of it, is their expected income ω elsewhere: x = (ω/a)^(1/(1+e)).

    Args:
        cost: a [country]; elasticity: e [country]; expected_income: ω [country].
    """
    x = (expected_income / cost) ** (1 / (1 + elasticity))
    return x, np.asarray(expected_income / x)
