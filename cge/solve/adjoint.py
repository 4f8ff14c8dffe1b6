"""The adjoint equation: one linear solve that gives the derivatives of an output by everything, the unknowns responding.

For rows r(x, p) = 0 and an output o(x, p), do/dp = ∂o/∂p + y·∂r/∂p with the weights y for which ∂o/∂x + y·∂r/∂x = 0. Source: the implicit
function theorem. As in a Newton step (`cge/solve/krylov.py`), entry is eliminated sector by sector and a Krylov method solves what remains,
transposed.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.model.linear import Linearised, Rows
from cge.model.system import System, Unknowns, evaluate
from cge.model.transposed import Seeds, Sensitivity, backwards, times
from cge.solve.interior import LEAST_CURVATURE
from cge.solve.krylov import Directions, Layout, by_blocks, preconditioner

ACCURACY = 1e-11
"""Largest residual of the adjoint equation, relative to its right-hand side."""

ACCEPTED = 1e-8
"""The same, where rounding lets it go no further; beyond, there is no derivative to give."""

SINGULAR = (
    "No derivative: the linearised system is singular, or nearly so, at this equilibrium (a fold, or the edge of stability). "
    "Try a lower scale, or another point."
)


def entry_weights(lin: Linearised, entry: Array) -> Array:
    """Weights of ln q that take the derivative by ln Ŝ to zero [sector, country]; entry is eliminated as in `Linearised.entry`, transposed."""
    out, f = np.zeros(entry.shape), lin.free
    if f.any():
        out[f] = times(lin.entry_inverse.transpose(0, 2, 1), np.where(lin.still, 0.0, entry)[f])
        out[lin.still] = 0.0
    return out


def rows_of(layout: Layout, vector: Array) -> Rows:
    """Weights of the rows from one vector [row]: the transpose of `Layout.pack`."""
    s = layout.system
    if s.input_share is not None:
        return Rows(*(part[..., 0] for part in layout.unpack(vector[:, None])))
    table = vector.reshape(s.endowed.shape[1], -1).T
    return Rows(table[:-1], np.zeros(s.home.shape), s.final_share * table[-1])


def vector_of(layout: Layout, *parts: Sensitivity) -> Array:
    """Derivatives by the unknowns, summed over `parts`, as one vector [unknown]: the transpose of `Layout.unpack`."""
    s = layout.system
    wage, price, spending = (sum(getattr(part, name) for part in parts) for name in ("factor_price", "price", "spending"))
    if s.input_share is None:
        return np.concatenate([wage, np.where(s.bought, spending, 0.0).sum(axis=0)[None]]).T.ravel()
    return np.concatenate([wage, price, spending]).T.ravel()


def transposed(lin: Linearised, layout: Layout, vector: Array) -> Array:
    """The transposed Jacobian of markets, prices and spending, entry responding, times a vector [row] (`krylov.product`, backwards)."""
    first = backwards(lin, rows_of(layout, vector), np.zeros(lin.system.home.shape))
    if not lin.free.any():
        return vector_of(layout, first)
    return vector_of(layout, first, backwards(lin, nothing(lin.system), entry_weights(lin, first.entry)))


def nothing(system: System) -> Rows:
    """No weight on any row."""
    return Rows(np.zeros(system.endowed.shape), np.zeros(system.home.shape), np.zeros(system.home.shape))


class Weights(NamedTuple):
    """Weights of the rows, and of ln q [sector, country]."""

    rows: Rows
    profit: Array

    def plus(self, other: Weights) -> Weights:
        """The sum."""
        return Weights(Rows(*(a + b for a, b in zip(self.rows, other.rows, strict=True))), self.profit + other.profit)


@dataclass(eq=False)
class Adjoint:
    """The adjoint equation at an equilibrium, made once for any number of outputs.

    Attributes:
        lin: the system linearised, cells at a corner (Ŝ = 0) held there; blocks: its preconditioner [block, row, row].
        products: with the transposed Jacobian, so far.
    """

    lin: Linearised
    blocks: Array
    products: int = 0

    @property
    def moving(self) -> Array:
        """Cells with an entry equation [sector, country]."""
        return np.asarray(self.lin.free[:, None] & ~self.lin.still)

    def solve(self, seeds: Seeds) -> Sensitivity:
        """Derivatives of an output by everything, the unknowns responding.

        Raises:
            SolveError: the adjoint equation could not be solved: the equilibrium is at, or very near, a fold.
        """
        system = self.lin.system
        weights = Weights(nothing(system), np.zeros(system.home.shape))
        if system.input_share is None:  # prices follow from the rest and nothing from them: their rows answer the output alone
            weights = Weights(weights.rows._replace(price=-seeds.log_price * np.ones(system.home.shape)), weights.profit)
        before, size = np.inf, 0.0
        while True:
            found = backwards(self.lin, weights.rows, weights.profit, seeds)
            left, left_entry = vector_of(Layout(system), found), np.where(self.moving, found.entry, 0.0)
            error = float(np.hypot(np.linalg.norm(left), np.linalg.norm(left_entry)))
            size = size or error
            if error <= ACCURACY * size or not error < 0.5 * before:  # solved, or as far as rounding lets it
                break
            weights, before = weights.plus(self.correction(left, left_entry, 0.5 * ACCURACY * size)), error
        if not error <= ACCEPTED * size:
            raise SolveError(Outcome("singular", SINGULAR), {"market": "adjoint", "residual": error / size})
        return found

    def correction(self, left: Array, left_entry: Array, error: float) -> Weights:
        """Weights that remove what is left of the derivatives by the unknowns (a vector) and by entry, up to an error of this size.

        Entry is eliminated with its least curvature, so that some of it is left: what remains asks for another correction.
        """
        lin, layout, none = self.lin, Layout(self.lin.system), nothing(self.lin.system)
        profit = entry_weights(lin, left_entry)
        right = -(left + vector_of(layout, backwards(lin, none, profit))) if lin.free.any() else -left
        tolerance = min(0.1, error / max(float(np.linalg.norm(right)), 1e-300))
        space = Directions(lambda v: transposed(lin, layout, v), by_blocks(self.blocks.transpose(0, 2, 1)), len(right))
        vector, _ = space.solve(right, tolerance)
        self.products += space.count
        rows = rows_of(layout, vector)
        return Weights(rows, profit + entry_weights(lin, backwards(lin, rows, np.zeros(profit.shape)).entry) if lin.free.any() else profit)


def adjoint(system: System, unknowns: Unknowns) -> Adjoint:
    """The adjoint equation at an equilibrium; `SolveError` where the linearised system is singular."""
    held = replace(system, produced=system.produced & ((system.scale == 0) | (unknowns.entry > 0)))
    curvature = np.where((system.scale == 1) & held.produced, LEAST_CURVATURE, 0.0)
    lin = Linearised(held, unknowns, evaluate(held, unknowns), curvature)
    try:
        return Adjoint(lin, preconditioner(lin))
    except np.linalg.LinAlgError as error:
        raise SolveError(Outcome("singular", SINGULAR), {"market": "adjoint"}) from error
