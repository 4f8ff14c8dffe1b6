"""A Newton step: a Krylov method on the linearised system, preconditioned by its inverse where that is small, else by one block for each country."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised, Rows
from cge.model.system import System
from cge.model.whole import jacobian
from cge.solve.blocks import Blocks, country_blocks
from cge.solve.directions import Directions
from cge.solve.unlinked import Unlinked

FEW = 3000
"""Wages of groups and prices of factors in the world, up to which a matrix of all of them is inverted."""


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
    zero_wage, zero = (np.zeros((*shape, 1), lin.precision) for shape in (lin.system.endowed.shape, lin.system.home.shape))
    asked = ask[..., None].astype(lin.precision)
    first = lin.entry_asked(asked)
    right = -layout.pack(*(r[..., None] for r in residual))
    if first.any():
        right -= layout.pack(*lin.rows(zero_wage, zero, zero, zero, first)[:3])
    solution, _ = space.solve(right, tolerance)
    d_wage, d_price, d_spending = layout.unpack(solution)
    d_entry = lin.entry(lin.unit_cost(d_wage, d_price), d_spending, asked)
    return Step(*(part[..., 0].astype(float) for part in (d_wage, d_price, d_spending, d_entry)))


def product(lin: Linearised, layout: Layout, columns: Array) -> Array:
    """The Jacobian of markets, prices and spending, entry responding, times columns [unknown, column]."""
    d_wage, d_price, d_spending = layout.unpack(columns)
    d_cost = lin.unit_cost(d_wage, d_price)
    return layout.pack(*lin.rows(d_wage, d_cost, d_price, d_spending, lin.entry(d_cost, d_spending))[:3])


def preconditioner(lin: Linearised) -> Array:
    """Inverse of (part of) the Jacobian [block, row, row]: the whole of it without inputs, where it is small; else one block per country.

    Blocks are only near the Jacobian, so that single precision serves them as well, at half the memory.
    """
    if lin.system.input_share is not None:
        return country_blocks(lin, np.float32)
    return np.linalg.inv(jacobian(lin))[None]


def near(lin: Linearised) -> Callable[[Array], Array]:
    """Near the inverse of the Jacobian, times columns [row, column]; where workers move between sectors without inputs it is the inverse itself."""
    s = lin.system
    few = s.supply is not None and (len(s.supply.groups) + len(s.supply.places)) * s.home.shape[1] <= FEW
    return Unlinked(lin) if few and not s.linked else Blocks(preconditioner(lin))


def directions(lin: Linearised, precondition: Callable[[Array], Array]) -> Directions:
    """For right-hand sides of the system linearised, entry responding; `precondition`: near its inverse, times columns [row, column]."""
    layout = Layout(lin.system)
    return Directions(lambda columns: product(lin, layout, columns), precondition, layout.size, lin.precision)


@dataclass(frozen=True)
class Layout:
    """Unknowns or rows as one vector, country by country.

    With inputs [country, markets + sectors + sectors] of factor prices, prices and spending. Without inputs prices close nothing and
    spending
    moves with income in all sectors alike: [country, markets + 1].
    """

    system: System

    @property
    def size(self) -> int:
        """Number of unknowns."""
        factors, countries = self.system.endowed.shape[:2]
        return int(countries * (factors + (1 if self.system.input_share is None else 2 * len(self.system.home))))

    def pack(self, wage: Array, price: Array, spending: Array) -> Array:
        """Columns [row, column] from rows [market, country, column] and [sector, country, column]."""
        if self.system.input_share is None:
            income = np.einsum("sn,snb->nb", self.system.final_share, spending)[None]
            table = np.concatenate([wage, income])
        else:
            table = np.concatenate([wage, price, spending])
        return table.transpose(1, 0, 2).reshape(-1, table.shape[2])

    def unpack(self, columns: Array) -> tuple[Array, Array, Array]:
        """Changes in factor prices [market, country, column], prices and spending [sector, country, column] from [unknown, column]."""
        factors, countries = self.system.endowed.shape[:2]
        table = np.ascontiguousarray(columns.reshape(countries, -1, columns.shape[1]).transpose(1, 0, 2))
        if self.system.input_share is None:
            return table[:factors], np.zeros((1, 1, 1)), table[factors:] * self.system.bought[..., None]
        sectors = (len(table) - factors) // 2
        return table[:factors], table[factors : factors + sectors], table[factors + sectors :]
