"""Inverses of many small matrices by halves: mostly matrix products, which are several times as fast as LAPACK's inverse on batches of this size."""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array

SMALL = 16
"""Rows up to which LAPACK is as fast."""

TOGETHER = 10
"""Matrices at a time, so that what is in work stays in the processor's cache."""


def inverse(matrices: Array) -> Array:
    """Inverse of matrices [batch, row, row]; `LinAlgError` where one is singular.

    Rows are not exchanged between halves, so that the upper left part must be well conditioned too: that of one country's own supply chain, or of a
    sector's entry equations, is.
    """
    out = np.empty_like(matrices)
    for first in range(0, len(matrices), TOGETHER):
        some = slice(first, first + TOGETHER)
        out[some] = by_halves(matrices[some])
    return out


def by_halves(matrices: Array) -> Array:
    """Inverse of matrices [batch, row, row] from those of the upper left half and of what its elimination leaves of the lower right."""
    rows = matrices.shape[1]
    if rows <= SMALL:
        return np.linalg.inv(matrices)
    head, tail = slice(rows // 2), slice(rows // 2, None)
    out = np.empty_like(matrices)
    first = by_halves(matrices[:, head, head])
    below = np.matmul(matrices[:, tail, head], first)
    out[:, tail, tail] = last = by_halves(matrices[:, tail, tail] - np.matmul(below, matrices[:, head, tail]))
    out[:, tail, head] = -np.matmul(last, below)
    out[:, head, tail] = beside = -np.matmul(np.matmul(first, matrices[:, head, tail]), last)
    out[:, head, head] = first - np.matmul(beside, below)
    return out
