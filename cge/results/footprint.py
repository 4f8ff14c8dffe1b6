"""Who buys in the end what producers use up: amounts of producers handed on along all supply chains to final buyers, with the world table of an
equilibrium.

Producers of a cell hand the content of its sales on in proportion to them, net of tariffs and export taxes: all buyers pay the producer the same
price, so that shares of money are shares of goods. With u_js the content of all sales of a cell, a_js its own amount, R sales, F_ins flows, X
spending and U_nks what producers of s in n pay for good k,

    u_ns = a_ns + Σ_k U_nks · p_nk,    p_nk = Σ_i F_ink u_ik/R_ik / X_nk,

p being the content of what a market spends on a good, and the footprint of final buyers of n is Σ_k p_nk (X_nk − Σ_s U_nks). In matrices that is
a' (I − A)^{-1} Y, with A the flows to producers over the sales of those, and Y those to final buyers. Sales are what all flows add up to, so the
sum over buyers is that over producers.

Source: Miller and Blair (2009), Input–Output Analysis, chapters 2 and 10 (Leontief inverse, environmental accounts of a world table).
"""

from __future__ import annotations

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.model.overlaid import contract
from cge.solve.directions import Directions
from cge.solve.equilibrium import Equilibrium

ACCURACY = 1e-14
"""What may be left of the equations of u, relative to the amounts of producers."""

LOST = 1e-12
"""What may be left where rounding ends the search before."""


def footprints(found: Equilibrium, amount: Array) -> Array:
    """Amounts by final buyer [name, country], from those by producer [name, sector, country].

    Raises:
        SolveError: supply chains cannot be followed to their ends, as where producers buy no factors.
    """
    world = found.columns
    sales, spending = world.values.sales, world.spending
    cost, shape = world.system.cost(sales), sales.shape[:2]
    uses = world.system.input_share

    def price(content: Array) -> Array:
        """What a market's spending contains, by its money [sector, country, name], from the content of sales."""
        return _per(world.of_sellers(_per(content, sales)), spending)

    def bought(content: Array) -> Array:
        """The content of what producers buy [sector, country, name]."""
        return np.zeros_like(content) if uses is None else cost * contract(uses, price(content).swapaxes(0, 1)).swapaxes(0, 1)

    def rows(columns: Array) -> Array:
        content = columns.reshape(*shape, -1)
        return np.asarray((content - bought(content)).reshape(columns.shape))

    right = amount.transpose(1, 2, 0).reshape(-1, len(amount))
    answer, left = Directions(rows, lambda columns: columns, len(right)).solve(right, ACCURACY)
    if not (left <= LOST).all():
        sentence = "Supply chains cannot be followed to their ends: producers pay next to nothing to factors. Merge these cells."
        raise SolveError(Outcome("singular", sentence), {"market": "footprints", "residual": float(left.max())})
    final = spending if uses is None else spending - contract(uses.transpose(0, 2, 1), cost.swapaxes(0, 1)).swapaxes(0, 1)
    return np.asarray((final * price(answer.reshape(*shape, -1))).sum(axis=0).T)


def _per(top: Array, bottom: Array) -> Array:
    """A ratio [any dims], zero where there is nothing below."""
    some = bottom > 0
    return np.where(some, top / np.where(some, bottom, 1.0), 0.0)
