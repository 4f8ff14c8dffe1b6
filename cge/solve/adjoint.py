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
from cge.model.transposed import Seeds, Sensitivity, backwards
from cge.solve.blocks import Blocks
from cge.solve.directions import Directions
from cge.solve.equilibrium import Equilibrium
from cge.solve.interior import RIDGE
from cge.solve.krylov import Layout, preconditioner
from cge.solve.partners import Partners
from cge.solve.world import World

ACCURACY = 1e-11
"""Largest residual of the adjoint equation, relative to its right-hand side."""

ACCEPTED = 1e-8
"""The same, where rounding lets it go no further; beyond, there is no derivative to give."""

ROUGH = 0.1
"""The same, of an answer that was asked for with little accuracy."""

SINGLE = 1e-6
"""The same, of what is left to the next correction where corrections are computed in single precision."""

SINGULAR = (
    "No derivative: the linearised system is singular, or nearly so, at this equilibrium (a fold, or the edge of stability). "
    "Try a lower scale, or another point."
)


def entry_weights(lin: Linearised, entry: Array) -> Array:
    """Weights of ln q that take the derivative by ln Ŝ to zero [sector, country, column]: `Linearised.entry`, transposed."""
    out = np.zeros(entry.shape)
    if lin.free.any():
        out[lin.at] = np.matmul(lin.entry_inverse.transpose(0, 2, 1), np.where(lin.still[..., None], 0.0, entry)[lin.at])
        out[lin.still] = 0.0
    return out


def rows_of(layout: Layout, columns: Array) -> Rows:
    """Weights of the rows from columns [row, column]: the transpose of `Layout.pack`."""
    s = layout.system
    if s.input_share is not None:
        return Rows(*layout.unpack(columns))
    table = columns.reshape(s.endowed.shape[1], -1, columns.shape[1]).transpose(1, 0, 2)
    return Rows(table[:-1], np.zeros((*s.home.shape, 1)), s.final_share[..., None] * table[-1])


def columns_of(layout: Layout, *parts: Sensitivity) -> Array:
    """Derivatives by the unknowns, summed over `parts`, as columns [unknown, column]: the transpose of `Layout.unpack`."""
    s = layout.system
    wage, price, spending = (sum(getattr(part, name) for part in parts) for name in ("factor_price", "price", "spending"))
    if s.input_share is None:
        table = np.concatenate([wage, np.where(s.bought[..., None], spending, 0.0).sum(axis=0)[None]])
    else:
        table = np.concatenate([wage, price, spending])
    return table.transpose(1, 0, 2).reshape(-1, table.shape[2])


def transposed(lin: Linearised, layout: Layout, columns: Array) -> Array:
    """The transposed Jacobian of markets, prices and spending, entry responding, times columns [row, column] (`krylov.product`, backwards)."""
    no_profit = np.zeros((*lin.system.home.shape, 1))
    first = backwards(lin, rows_of(layout, columns), no_profit)
    if not lin.free.any():
        return columns_of(layout, first)
    return columns_of(layout, first, backwards(lin, nothing(lin.system), entry_weights(lin, first.entry)))


def nothing(system: System) -> Rows:
    """No weight on any row."""
    cells = np.zeros((*system.home.shape, 1))
    return Rows(np.zeros((*system.endowed.shape, 1)), cells, cells)


class Weights(NamedTuple):
    """Weights of the rows, and of ln q [sector, country, column]."""

    rows: Rows
    profit: Array

    def plus(self, other: Weights) -> Weights:
        """The sum."""
        return Weights(Rows(*(a + b for a, b in zip(self.rows, other.rows, strict=True))), self.profit + other.profit)


class Kept(NamedTuple):
    """What an adjoint equation leaves to the next at an equilibrium near by, for the same outputs.

    Attributes:
        weights: its answer; size: of its right-hand sides [column]; blocks: what it was preconditioned by; taken: how many directions.
    """

    weights: Weights
    size: Array
    blocks: Array
    taken: int


@dataclass(eq=False)
class Adjoint:
    """The adjoint equation at an equilibrium, made once for any number of outputs.

    Attributes:
        lin: the system linearised, cells at a corner (Ŝ = 0) held there; blocks: near its inverse [block, row, row].
        space: what was learnt of its transpose; exact: of the same in double precision, for where single precision leads nowhere.
    """

    lin: Linearised
    blocks: Array
    space: Directions
    exact: Directions

    @property
    def moving(self) -> Array:
        """Cells with an entry equation [sector, country]."""
        return np.asarray(self.lin.free[:, None] & ~self.lin.still)

    def solve(self, seeds: Seeds) -> Sensitivity:
        """Derivatives of outputs by everything, the unknowns responding; a column for each output. Raises as `answer`."""
        return self.answer(seeds)[0]

    def answer(self, seeds: Seeds, kept: Kept | None = None, accuracy: float = ACCURACY) -> tuple[Sensitivity, Kept]:
        """As `solve`, with what it leaves to the next.

        Args:
            kept: of an equilibrium near by; accuracy: largest residual, relative.

        Raises:
            SolveError: the adjoint equation could not be solved: the equilibrium is at, or very near, a fold.
        """
        before = np.array([np.inf])
        # without inputs the first correction is exact
        weights, size = (
            (kept.weights, kept.size) if kept is not None and self.lin.system.input_share is not None else (self.bare(seeds), None)
        )
        while True:
            found = backwards(self.lin, *weights, seeds)
            left, left_entry, error = self.error(found, weights)
            size = error if size is None else size
            accepted = bool((error <= min(ACCEPTED * accuracy / ACCURACY, ROUGH) * size).all())
            if ((error <= accuracy * size) | ~(error < 0.5 * before)).all():  # solved, or as far as rounding lets it
                if accepted or self.space is self.exact:
                    break
                self.space = self.exact
                if not np.isfinite(error).all():
                    weights, before = self.bare(seeds), np.array([np.inf])
                    continue
            weights, before = weights.plus(self.correction(left, left_entry, 0.5 * accuracy * size)), error
        if not accepted:
            raise SolveError(Outcome("singular", SINGULAR), {"market": "adjoint", "residual": float((error / size).max())})
        return found, Kept(weights, size, self.blocks, self.space.count)

    def bare(self, seeds: Seeds) -> Weights:
        """No weight on any row; without inputs, where prices follow from the rest and nothing from them, their rows answer the outputs alone."""
        system = self.lin.system
        rows, no_profit = nothing(system), np.zeros((*system.home.shape, 1))
        return Weights(
            rows if system.input_share is not None else rows._replace(price=-seeds.log_price * np.ones_like(no_profit)), no_profit
        )

    def error(self, found: Sensitivity, weights: Weights) -> tuple[Array, Array, Array]:
        """What is left of the derivatives by the unknowns (columns) and by entry, and its size [column]."""
        left = columns_of(Layout(self.lin.system), found)
        bent = found.entry - self.lin.curvature[..., None] * weights.profit  # entry equations may hold more than ln q
        left_entry = np.where(self.moving[..., None], bent, 0.0)
        return left, left_entry, np.hypot(np.linalg.norm(left, axis=0), np.linalg.norm(left_entry, axis=(0, 1)))

    def correction(self, left: Array, left_entry: Array, error: Array) -> Weights:
        """Weights that remove what is left of the derivatives by the unknowns (columns) and by entry, up to an error of this size [column].

        Entry is eliminated with a ridge, so that some of it is left: what remains asks for another correction.
        """
        lin, layout, none = self.lin, Layout(self.lin.system), nothing(self.lin.system)
        no_profit = np.zeros((*lin.system.home.shape, 1))
        profit = entry_weights(lin, left_entry) if lin.free.any() else no_profit
        right = -(left + columns_of(layout, backwards(lin, none, profit))) if lin.free.any() else -left
        tolerance = np.minimum(0.1, error / np.maximum(np.linalg.norm(right, axis=0), 1e-300))
        rough = self.space is not self.exact
        tolerance = np.maximum(tolerance, SINGLE) if rough else tolerance
        if lin.system.input_share is None:
            columns = self.space.precondition(right)
        else:
            columns, _ = self.space.solve_many(right, tolerance) if rough else self.space.solve(right, tolerance)
        rows = rows_of(layout, columns)
        return Weights(rows, profit + entry_weights(lin, backwards(lin, rows, no_profit).entry) if lin.free.any() else profit)


def real_income(found: Equilibrium, weight: Array, before: Equilibrium | None = None) -> dict[str, Array]:
    """Derivatives of Σ weight · ln U [country, column] at an equilibrium, ln U_n = Σ_s β_ns (1 − η_s)(ln I_n − ln P_ns), as fields of `Seeds`.

    Those by η belong to the change of real income as a whole: they are there where it says `before`, from where that is measured.
    """
    real = found.system.real_share[..., None] * weight
    seeds = {"income": real.sum(axis=0) / found.values.income[:, None], "log_price": -real}
    if before is None:
        return seeds
    gained = np.log(found.values.income / before.values.income) - found.unknowns.log_price + before.unknowns.log_price
    return {**seeds, "eta": -((found.system.final_share * gained)[..., None] * weight).sum(axis=1)}


def adjoint(system: System, unknowns: Unknowns, curvature: Array | None = None, blocks: Array | None = None) -> Adjoint:
    """The adjoint equation at an equilibrium; `SolveError` where the linearised system is singular.

    Args:
        curvature: what entry equations hold beside ln q, as its derivative by ln Ŝ with the opposite sign [sector, country]; None: nothing.
        blocks: what serves as its preconditioner [block, row, row]; None: it is made anew.
    """
    held = replace(system, produced=system.produced & ((system.scale == 0) | (unknowns.entry > 0)))
    bent = np.zeros(held.home.shape) if curvature is None else curvature
    lin = Linearised(held, unknowns, evaluate(held, unknowns), bent, RIDGE)
    layout = Layout(held)
    try:
        blocks = preconditioner(lin) if blocks is None else blocks
    except np.linalg.LinAlgError as error:
        raise SolveError(Outcome("singular", SINGULAR), {"market": "adjoint"}) from error
    own = Blocks(blocks)
    exact = rough = Directions(lambda columns: transposed(lin, layout, columns), own.backwards, layout.size)
    if held.input_share is not None and not lin.free.any():
        partners = Partners(lin, own)
        rough = Directions(World(lin).backwards, lambda columns: partners.backwards(columns, own.backwards), layout.size, np.float32)
    return Adjoint(lin, blocks, rough, exact)
