"""A Newton step: a Krylov method on the linearised system, preconditioned by its inverse where that is small, else by one block for each country."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised, Rows
from cge.model.system import System
from cge.model.whole import jacobian
from cge.solve.blocks import country_blocks


class Step(NamedTuple):
    """Changes in the unknowns (d ln ŵ, d ln P̂, d ln X̂, d ln Ŝ), shapes as in `Unknowns`."""

    wage: Array
    price: Array
    spending: Array
    entry: Array


def newton_step(lin: Linearised, residual: Rows, ask: Array, space: Directions, tolerance: float) -> Step:
    """The step that removes `residual` and gives the entry equations what they ask for.

    Args:
        residual: rows to remove; ask: change in ln q that the entry equations need [sector, country].
        space: of this linearisation, from `directions`; tolerance: of the linear residual, relative to the right-hand side.
    """
    layout = Layout(lin.system)
    zero_wage, zero = np.zeros((*lin.system.endowed.shape, 1)), np.zeros((*lin.system.home.shape, 1))
    first = lin.entry(ask[..., None])
    right = -layout.pack(*(r[..., None] for r in residual))
    if first.any():
        right -= layout.pack(*lin.rows(zero_wage, zero, zero, zero, first)[:3])
    solution, _ = space.solve(right[:, 0], tolerance)
    d_wage, d_price, d_spending = layout.unpack(solution[:, None])
    d_entry = first + lin.entry(lin.pull(lin.unit_cost(d_wage, d_price), d_spending))
    return Step(d_wage[..., 0], d_price[..., 0], d_spending[..., 0], d_entry[..., 0])


def product(lin: Linearised, layout: Layout, columns: Array) -> Array:
    """The Jacobian of markets, prices and spending, entry responding, times columns [unknown, column]."""
    d_wage, d_price, d_spending = layout.unpack(columns)
    d_cost = lin.unit_cost(d_wage, d_price)
    return layout.pack(*lin.rows(d_wage, d_cost, d_price, d_spending, lin.entry(lin.pull(d_cost, d_spending)))[:3])


def preconditioner(lin: Linearised) -> Array:
    """Inverse of (part of) the Jacobian [block, row, row]: the whole of it without inputs, where it is small; else one block per country.

    Blocks are only near the Jacobian, so that single precision serves them as well, at half the memory.
    """
    if lin.system.input_share is not None:
        return country_blocks(lin).astype(np.float32)
    return np.linalg.inv(jacobian(lin))[None]


def directions(lin: Linearised, blocks: Array) -> Directions:
    """For right-hand sides of the system linearised, entry responding; `blocks`: preconditioner [block, row, row]."""
    layout = Layout(lin.system)
    return Directions(lambda vector: product(lin, layout, vector[:, None])[:, 0], by_blocks(blocks), layout.size)


@dataclass(frozen=True)
class Layout:
    """Unknowns or rows as one vector, country by country.

    With inputs [country, factors + sectors + sectors] of factor prices, prices and spending. Without inputs prices close nothing and
    spending
    moves with income in all sectors alike: [country, factors + 1].
    """

    system: System

    @property
    def size(self) -> int:
        """Number of unknowns."""
        factors, countries = self.system.endowed.shape[:2]
        return int(countries * (factors + (1 if self.system.input_share is None else 2 * len(self.system.home))))

    def pack(self, wage: Array, price: Array, spending: Array) -> Array:
        """Columns [row, column] from rows [factor, country, column] and [sector, country, column]."""
        if self.system.input_share is None:
            income = np.einsum("sn,snb->nb", self.system.final_share, spending)[None]
            table = np.concatenate([wage, income])
        else:
            table = np.concatenate([wage, price, spending])
        return table.transpose(1, 0, 2).reshape(-1, table.shape[2])

    def unpack(self, columns: Array) -> tuple[Array, Array, Array]:
        """Changes in factor prices [factor, country, column], prices and spending [sector, country, column] from [unknown, column]."""
        factors, countries = self.system.endowed.shape[:2]
        table = np.ascontiguousarray(columns.reshape(countries, -1, columns.shape[1]).transpose(1, 0, 2))
        if self.system.input_share is None:
            return table[:factors], np.zeros((1, 1, 1)), table[factors:] * self.system.bought[..., None]
        sectors = (len(table) - factors) // 2
        return table[:factors], table[factors : factors + sectors], table[factors + sectors :]


MOST = 120
"""Directions looked for in answer to one right-hand side."""

STORE = 40
"""Directions by which their store grows."""


@dataclass(eq=False)
class Directions:
    """Right-preconditioned conjugate residuals (as GMRES without restart) that keep their directions for the next right-hand side.

    Every answer begins with the best one in the space of all directions so far, so that the few eigenvalues far from one, which are what slows a
    Krylov method down, are paid for once.

    Attributes:
        product, precondition: the matrix, and the inverse of something near it, times a vector [unknown].
        size: number of unknowns; count: of directions.
        taken, images: directions, and the matrix times these, orthonormal [direction, unknown]; the first `count` are filled.
    """

    product: Callable[[Array], Array]
    precondition: Callable[[Array], Array]
    size: int
    count: int = 0
    taken: Array = field(init=False)
    images: Array = field(init=False)

    def __post_init__(self) -> None:
        self.taken, self.images = (np.empty((STORE, self.size)) for _ in range(2))

    def solve(self, right: Array, tolerance: float) -> tuple[Array, float]:
        """The answer to a right-hand side [unknown], and its residual relative to it: `tolerance`, or as near as directions came."""
        norm = float(np.linalg.norm(right))
        if norm == 0:
            return np.zeros_like(right), 0.0
        weights = self.images[: self.count] @ right
        answer, left = weights @ self.taken[: self.count], right - weights @ self.images[: self.count]
        for _ in range(MOST):
            if np.linalg.norm(left) <= tolerance * norm or not self.extend(left):
                break
            taken, image = self.taken[self.count - 1], self.images[self.count - 1]
            weight = image @ left
            answer, left = answer + weight * taken, left - weight * image
        return answer, float(np.linalg.norm(left)) / norm

    def extend(self, left: Array) -> bool:
        """One more direction, from what is left of a right-hand side [unknown]; whether there was one."""
        if self.count == len(self.images):
            self.taken, self.images = (np.concatenate([kept, np.empty((STORE, self.size))]) for kept in (self.taken, self.images))
        taken = self.precondition(left)
        image = self.product(taken)
        before, known = float(np.linalg.norm(image)), self.images[: self.count]
        image, total = without(image, known)
        height = float(np.linalg.norm(image))
        if not height > 1e-14 * before:
            return False
        self.images[self.count] = image / height
        self.taken[self.count] = (taken - total @ self.taken[: self.count]) / height
        self.count += 1
        return True


def without(vector: Array, known: Array) -> tuple[Array, Array]:
    """A vector less its parts along orthonormal ones [vector, row], and these parts: Gram–Schmidt, again where much was cancelled."""
    parts = known @ vector
    rest = vector - parts @ known
    if np.linalg.norm(rest) < 0.5 * np.linalg.norm(vector):
        again = known @ rest
        rest, parts = rest - again @ known, parts + again
    return rest, parts


def by_blocks(blocks: Array) -> Callable[[Array], Array]:
    """Multiplication of a vector [unknown] by a block-diagonal matrix [block, row, row], in its precision."""
    return lambda vector: np.matmul(blocks, vector.astype(blocks.dtype).reshape(len(blocks), -1, 1)).ravel().astype(np.float64)
