"""Is an equilibrium with free entry and inputs stable? The spectral radius of the response of profits to entry."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.model.linear import Linearised
from cge.model.system import System, Unknowns, evaluate
from cge.solve.blocks import Blocks
from cge.solve.directions import Directions
from cge.solve.krylov import Layout, directions, preconditioner
from cge.solve.sectors import near_inverse
from cge.solve.world import World

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
        pattern: entry that feeds on itself at the benchmark, as d ln Ŝ [sector, country].
    """

    radius: float
    critical_scale: float
    radius_solution: float | None = None
    pattern: Array | None = field(default=None, repr=False, compare=False)


class Mode(NamedTuple):
    """An eigenvalue, and the pattern of entry that feeds on itself with it [sector, country]."""

    value: float
    pattern: Array


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
    """The value of `leading_mode`."""
    return leading_mode(system, u).value


def leading_mode(system: System, u: Unknowns, near: Array | None = None) -> Mode:
    """The eigenvalue of K·diag(scale)/max(scale) with the largest real part at an equilibrium.

    An equilibrium is stable under entry where profits are positive if and only if this times the largest scale is below one. K is
    applied by solving the system at given entry, linearised. What error is left is far below the distance to the edge of stability.

    Args:
        near: pattern at an equilibrium near by [sector, country], to start from.
    """
    given = at_given_entry(system, u)
    still = u._replace(entry=np.ones_like(u.entry), log_entry=np.zeros_like(u.log_entry))
    lin = Linearised(given, still, evaluate(given, still), np.zeros(system.home.shape))
    seen, largest = ways(lin), float(system.scale.max())
    moving = system.produced & (system.scale > 0) & (u.entry > 0)
    weight = (np.broadcast_to(system.scale, moving.shape) / largest)[moving]

    def respond(vector: Array, accuracy: float) -> Array:
        push = np.zeros(moving.shape)
        push[moving] = weight * vector
        return profits(lin, seen, push, accuracy)[moving]

    # a little of everything, so that no pattern is out of reach
    start = np.random.default_rng(0).standard_normal(int(moving.sum()))
    if near is not None and near[moving].any():
        start = near[moving] / np.linalg.norm(near[moving]) + 0.1 * start / np.linalg.norm(start)
    value, vector = leading(respond, start, lambda found: error_allowed(found * largest) / largest)
    pattern = np.zeros(moving.shape)
    pattern[moving] = vector
    return Mode(value, pattern)


class Way(NamedTuple):
    """One way to see how prices, wages and spending adjust.

    Attributes:
        accuracy: the least for which it serves; moved: rows and ln of access, from unknowns [unknown, column] and from a change of ln of weights
            [sector, country, column]; space: what answers right-hand sides of it.
    """

    accuracy: float
    moved: Callable[[Array, Array], tuple[Array, Array]]
    space: Directions


def ways(lin: Linearised) -> list[Way]:
    """The ways of a system whose entry is given, the cheapest first."""
    layout = Layout(lin.system)

    def moved(columns: Array, push: Array) -> tuple[Array, Array]:
        d_wage, d_price, d_spending = layout.unpack(columns)
        *found, d_access = lin.rows(d_wage, lin.unit_cost(d_wage, d_price), d_price, d_spending, np.zeros_like(push), push)
        return layout.pack(*found), d_access

    if lin.system.input_share is None:
        return [Way(0.0, moved, directions(lin, Blocks(preconditioner(lin))))]
    near, world = near_inverse(lin), World(lin)
    single = Way(SINGLE, world.moved, Directions(world.times, near, layout.size, np.float32))
    return [single, Way(0.0, moved, directions(lin, near))]


def error_allowed(value: float) -> float:
    """How well radius · scale must be known: to a tenth of its distance to where it decides."""
    distance = min(abs(value - 1 - EDGE), abs(value - 1 + EDGE))
    return float(np.clip(0.1 * distance, 1e-8, ROUGH))


ROUGH = 5e-5
"""Error of the radius where nothing is decided near by: half of the last digit that is shown."""

FIRST = 1e-2
"""Accuracy at which the vector is found that Arnoldi's method begins with: rough products are cheap, and from there fewer good ones are needed."""

SINGLE = 1e-5
"""Accuracy from which on single precision serves."""

LOST = 1e-3
"""What may be left of a linear system, relative, before nothing is known of its answer (twice what was asked for, where that is more)."""

UNKNOWN = "No certificate: at given entry the linearised system is singular, or nearly so, and how prices respond is not known. Try a lower scale."

SMALL = 40
"""Up to this many cells the matrix itself is made: it takes no more products than Arnoldi's method."""

LONGEST = 120
"""Most vectors of Arnoldi's method."""


def leading(product: Callable[[Array, float], Array], start: Array, allowed: Callable[[float], float]) -> tuple[float, Array]:
    """Largest real part of the eigenvalues of a matrix, given by its products with vectors [row] to a relative accuracy, and its vector [row].

    By Arnoldi's method; where the matrix is small or the method does not converge, from the matrix itself.

    Args:
        start: a vector to begin with; allowed: the error that an eigenvalue may have.
    """
    accuracy = 0.3 * ROUGH
    if len(start) > SMALL:
        _, start, _ = arnoldi(product, start, FIRST)
    while len(start) > SMALL and accuracy > 1e-10:
        value, start, error = arnoldi(product, start, accuracy)
        if error <= allowed(value):
            return value, start
        accuracy *= 0.3 * min(1.0, allowed(value) / error)
    values, vectors = np.linalg.eig(np.stack([product(column, 1e-12) for column in np.eye(len(start))], axis=1))
    lead = int(values.real.argmax())
    return float(values[lead].real), vectors[:, lead].real


def arnoldi(product: Callable[[Array, float], Array], start: Array, accuracy: float) -> tuple[float, Array, float]:
    """Leading eigenvalue, its vector [row], and an estimate of the error: what is left of the pair and what products lack, times its condition.

    Products may be the less accurate the nearer the pair is (Simoncini and Szyld 2003, SIAM Journal on Scientific Computing 25).
    """
    basis, hessenberg, left = np.empty((LONGEST + 1, len(start))), np.zeros((LONGEST + 1, LONGEST)), 1.0
    basis[0] = start / np.linalg.norm(start)
    for k in range(LONGEST):
        new = product(basis[k], min(0.3, accuracy / max(left, accuracy)))
        for _ in range(2):
            parts = basis[: k + 1] @ new
            new, hessenberg[: k + 1, k] = new - parts @ basis[: k + 1], hessenberg[: k + 1, k] + parts
        hessenberg[k + 1, k] = height = float(np.linalg.norm(new))
        values, vectors = np.linalg.eig(hessenberg[: k + 1, : k + 1])
        lead = int(values.real.argmax())
        left = min(1.0, height * abs(vectors[k, lead]))
        if left <= accuracy * abs(values[lead]):
            break
        basis[k + 1] = new / height
    others, backwards = np.linalg.eig(hessenberg[: k + 1, : k + 1].T)
    match = abs(backwards[:, np.abs(others - values[lead]).argmin()] @ vectors[:, lead])
    error = (left + accuracy * abs(values[lead])) / max(match, 1e-300)
    return float(values[lead].real), (vectors[:, lead] @ basis[: k + 1]).real, float(error)


def at_given_entry(system: System, u: Unknowns) -> System:
    """The same equilibrium with entry given: Ŝ^scale becomes part of the trade weights."""
    size = np.where(system.scale > 0, u.entry, 1.0) ** system.scale
    return replace(
        system.with_sellers(size),
        seller=system.seller._replace(entry=np.zeros_like(system.scale)),
        home=system.home * size,
        produced=system.produced & (size > 0),
    )


def profits(lin: Linearised, ways: list[Way], push: Array, accuracy: float) -> Array:
    """d ln(R'/ĉ) when ln Ŝ^scale changes by `push` and prices, wages and spending adjust [sector, country].

    Args:
        ways: to see how they adjust, of which the first serves that can.

    Raises:
        SolveError: how they adjust cannot be found, so that nothing is known of stability.
    """
    layout, push, left = Layout(lin.system), push[..., None], np.full(1, np.inf)
    for way in ways:
        if way.accuracy > accuracy:
            continue
        right, _ = way.moved(np.zeros((layout.size, 1)), push)
        solution, left = way.space.solve(-right, accuracy)
        if (left <= max(2 * accuracy, LOST)).all():
            _, d_access = way.moved(solution, push)
            d_wage, d_price, d_spending = layout.unpack(solution)
            earned = lin.seller.profit.log_weight(0.0, lin.unit_cost(d_wage, d_price), d_spending)
            return np.asarray(push + d_access + earned)[..., 0]
    raise SolveError(Outcome("singular", UNKNOWN), {"market": "stability under entry", "residual": float(left.max())})
