"""Quadrature on (0, 1) that does not mind what an integrand does at its ends: powers, logarithms (Takahasi and Mori, Publ. RIMS 9, 1974).

With u = 1/(1 + e^(−π sinh t)) and the trapezoidal rule in t, weights fall off twice exponentially towards both ends.
"""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array

STEP = 1 / 20
"""Distance of the nodes in t."""

LOWEST, HIGHEST = -6.0, 3.3
"""Ends in t: the lowest node is e^(−634), and the highest less than 1e-16 below one."""


def _rule() -> tuple[Array, Array]:
    """Nodes and weights [node]."""
    t = np.arange(LOWEST, HIGHEST + STEP / 2, STEP)
    below = np.exp(-np.pi * np.sinh(t))
    node = 1 / (1 + below)
    return node, STEP * np.pi * np.cosh(t) * node * below / (1 + below)


NODES, WEIGHTS = _rule()
"""u and its weight [node]; the weights add up to one."""
