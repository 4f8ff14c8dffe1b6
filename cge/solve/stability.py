"""Is an equilibrium with free entry and inputs stable? The spectral radius of the response of profits to entry."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

import numpy as np

from cge.data.arrays import Array
from cge.model.linear import Linearised
from cge.model.system import System, Unknowns, evaluate
from cge.solve.krylov import Layout, gmres, preconditioner, product

EDGE = 1e-3
"""Radius · scale this close to one is at the edge of stability; beyond 1 + EDGE an equilibrium is refused by default."""


@dataclass(frozen=True)
class Stability:
    """The certificate of free entry with inputs.

    Attributes:
        radius: largest real part of the eigenvalues of K = ∂ln(R'/ĉ)/∂ln Ŝ^scale at the benchmark, prices, wages and spending in
            equilibrium
            (weighted by the sectors' scale relative to the largest, where scale differs by sector).
        critical_scale: 1/radius: a larger (largest) scale makes the benchmark unstable under entry where profits are positive.
        radius_solution: the same at the counterfactual, over the cells that are not empty.
    """

    radius: float
    critical_scale: float
    radius_solution: float | None = None


@dataclass(frozen=True)
class Fold:
    """Two equilibria of the same part of a shock, which meet a little later; beyond there is neither.

    Attributes:
        part: of the shock; radius, radius_other: of the one that continues the benchmark and of the other, times scale: below and above one, where
            an equilibrium stops being stable under entry.
    """

    part: float
    radius: float
    radius_other: float


def radius(system: System, u: Unknowns) -> float:
    """Largest real part of the eigenvalues of K·diag(scale)/max(scale) at an equilibrium.

    An equilibrium is stable under entry where profits are positive if and only if this times the largest scale is below one. K is
    applied by solving the system at given entry, linearised.
    """
    given = at_given_entry(system, u)
    still = u._replace(entry=np.ones_like(u.entry), log_entry=np.zeros_like(u.log_entry))
    lin = Linearised(given, still, evaluate(given, still), np.zeros(system.home.shape))
    blocks = preconditioner(lin)
    moving = system.produced & (system.scale > 0) & (u.entry > 0)
    weight = (np.broadcast_to(system.scale, moving.shape) / system.scale.max())[moving]

    def respond(vector: Array) -> Array:
        push = np.zeros((*moving.shape, 1))
        push[moving, 0] = weight * np.real(vector).ravel()
        return np.asarray(profits(lin, blocks, push)[moving, 0])

    return leading(respond, int(moving.sum()))


SMALL = 40
"""Up to this many cells the matrix itself is made: it takes no more products than Arnoldi's method, which needs three rows at least."""


def leading(product: Callable[[Array], Array], count: int) -> float:
    """Largest real part of the eigenvalues of a matrix of `count` rows, given by its products with vectors [row].

    By Arnoldi's method; where the matrix is small or the method does not converge, from the matrix itself.
    """
    if count > SMALL:
        from scipy.sparse.linalg import ArpackNoConvergence, LinearOperator, eigs

        operator = LinearOperator((count, count), matvec=product, dtype=np.float64)
        with suppress(ArpackNoConvergence):
            values = eigs(operator, k=1, which="LR", tol=1e-5, ncv=12, v0=np.ones(count), return_eigenvectors=False, maxiter=200)
            return float(values.real.max())
    return float(np.linalg.eigvals(np.stack([product(column) for column in np.eye(count)], axis=1)).real.max())


def at_given_entry(system: System, u: Unknowns) -> System:
    """The same equilibrium with entry given: Ŝ^scale becomes part of the trade weights."""
    size = np.where(system.scale > 0, u.entry, 1.0) ** system.scale
    by_seller = size[:, :, None]
    return replace(
        system,
        seller=system.seller._replace(entry=np.zeros_like(system.scale)),
        foreign=system.foreign * by_seller,
        net_foreign=system.net_foreign * by_seller,
        taxed=None if system.taxed is None else system.taxed * by_seller,
        home=system.home * size,
        produced=system.produced & (size > 0),
    )


def profits(lin: Linearised, blocks: Array, push: Array) -> Array:
    """d ln(R'/ĉ) [sector, country, 1] when ln Ŝ^scale changes by `push` and prices, wages and spending adjust."""
    layout = Layout(lin.system)
    nothing, no_wage = np.zeros_like(push), np.zeros((*lin.system.endowed.shape, 1))
    right = -layout.pack(*lin.rows(no_wage, nothing, nothing, nothing, nothing, push)[:3])[:, 0]
    solution, _ = gmres(lambda vector: product(lin, layout, vector[:, None])[:, 0], right, blocks, 1e-7)
    d_wage, d_price, d_spending = layout.unpack(solution[:, None])
    d_cost = lin.unit_cost(d_wage, d_price)
    *_, d_access = lin.rows(d_wage, d_cost, d_price, d_spending, nothing, push)
    return np.asarray(push + d_access + lin.seller.profit.log_weight(nothing, d_cost, d_spending))
