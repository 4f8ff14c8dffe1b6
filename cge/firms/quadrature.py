"""Any continuous `scipy.stats` distribution as a `Productivity`: its integrals as piecewise Chebyshev series, made once for each power."""

from __future__ import annotations

import math
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numpy.polynomial import chebyshev

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.productivity import Productivity

ACCURACY = 1e-9
"""Largest relative error of an integral, by the quadrature's own estimate."""

DEGREE, AIM, SPAN = 16, 1e-12, 1e3
"""Degree of the series in a piece, its last terms over the first at which it is left as it is, and the largest integrand there over the smallest."""

POINTS = chebyshev.chebpts1(DEGREE + 1)
PROJECTION = chebyshev.chebvander(POINTS, DEGREE).T * np.where(np.arange(DEGREE + 1) > 0, 2, 1)[:, None] / (DEGREE + 1)
"""Where the integrand is known in a piece, and what makes a series of it [term, point]."""

HALVINGS, MOST = 40, 1000
"""How often a piece may be halved: in what is left, a jump or an end without bound, integrals are made one by one. And pieces at once from which on
their densities are rough all over and are left as they are, with their errors."""

RESOLVED = 1e-300
"""Density below which integrals are made one by one, for it may have few digits."""

NOTHING = 1e-250
"""An integral over all of these that is no larger is none."""

SURVIVAL = (
    1 - 1e-15, 1 - 1e-12, 1 - 1e-9, 1 - 1e-6, 0.999, 0.9, 0.7, 0.5, 0.3, 0.1, 1e-2, 1e-3, 1e-5, 1e-8, 1e-12, 1e-18, 1e-30, 1e-60, 1e-120, 1e-200,
    1e-280, 1e-300,
)  # fmt: skip
"""Probabilities of a higher productivity at which the range is cut into pieces, so that no piece hides its mass in a corner; below the first
there is nothing to count."""


def from_scipy(distribution: Any, name: str = "") -> Productivity:
    """The distribution G from a frozen continuous distribution of `scipy.stats`, as `scipy.stats.weibull_min(2.0)`.

    ∫_φ*^∞ φ^p dG is integrated over ln φ in pieces; those above a cutoff's own are integrated once. Where the support is unbounded, the tail
    index is φ·g(φ)/[1 − G(φ)] at the farthest productivity the distribution can resolve.

    Args:
        distribution: frozen, with support in the positive numbers.
        name: for messages; the distribution's own, if empty.

    Raises:
        DataError: not a frozen continuous distribution, or productivity could be negative; when an integral is wanted, one that the quadrature
            cannot give to nine digits.
    """
    if not all(hasattr(distribution, word) for word in ("logpdf", "logsf", "isf", "support")):
        raise DataError("productivity: not a frozen continuous distribution of scipy.stats, as scipy.stats.lognorm(0.4).")
    name = name or str(getattr(getattr(distribution, "dist", None), "name", "the distribution"))
    lower, upper = (float(end) for end in distribution.support())
    if not (0 <= lower < upper):
        raise DataError(f"productivity: {name} has support [{lower:g}, {upper:g}], but productivity is positive; shift or truncate it.")
    farthest = _nodes(distribution, upper)
    nodes = farthest if math.isfinite(upper) else farthest[distribution.pdf(farthest) >= RESOLVED]

    @cache
    def table(power: float) -> _Table:
        return _table(distribution, power, nodes, upper)

    def moment(cutoff: Array, power: float) -> Array:
        phi = np.atleast_1d(np.asarray(cutoff, dtype=float)).ravel()
        value, error = _look_up(table(power), np.log(np.clip(phi, nodes[0], nodes[-1])))
        beyond = phi >= nodes[-1]
        value[beyond] = error[beyond] = 0.0
        for k in np.flatnonzero(beyond & (table(power).above[-1] > NOTHING)):
            value[k], error[k] = _top(distribution, power, nodes, phi[k], upper)
        for k in np.flatnonzero(np.isnan(value)):
            value[k], error[k] = _rest(distribution, table(power), power, phi[k])
        bad = ~(error <= ACCURACY * value)
        if bad.any():
            at, found, doubt = (float(part[bad][0]) for part in (phi, value, error))
            raise DataError(f"productivity: ∫ φ^{power:g} dG above {at:g} resists quadrature for {name}: {found:g} ± {doubt:.1g}.")
        return value.reshape(np.shape(cutoff))

    def density(phi: Array) -> Array:
        return np.asarray(distribution.pdf(phi), dtype=float)

    def survival(phi: Array) -> Array:
        return np.asarray(distribution.sf(phi), dtype=float)

    return Productivity(name, lower, upper, _tail_index(distribution, farthest, upper), survival, density, moment)


def _nodes(distribution: Any, upper: float) -> Array:
    """Increasing productivities that cut the range into pieces; the last is the upper bound where there is one."""
    with np.errstate(all="ignore"):
        nodes = np.asarray(distribution.isf(SURVIVAL), dtype=float)
    nodes = np.unique(nodes[np.isfinite(nodes) & (nodes > 0)])
    return np.unique(np.append(nodes, upper)) if math.isfinite(upper) else nodes


def _tail_index(distribution: Any, nodes: Array, upper: float) -> float:
    """The limit of φ g/(1 − G), at the farthest node where it is a number; infinite where productivity is bounded."""
    if math.isfinite(upper):
        return math.inf
    with np.errstate(all="ignore"):
        density, survival = (np.asarray(log(nodes), dtype=float) for log in (distribution.logpdf, distribution.logsf))
    known = np.isfinite(density) & np.isfinite(survival)
    return float((nodes * np.exp(density - survival))[known][-1])


class _Table(NamedTuple):
    """∫ φ^p dG from any productivity on: ln φ of the edges of pieces and the integral from each on with its error [edge]; in each piece the series of
    the integral from its start, NaN where there is none [term, piece].
    """

    edges: Array
    above: Array
    error: Array
    series: Array


def _table(distribution: Any, power: float, nodes: Array, upper: float) -> _Table:
    """Pieces between nodes, halved until a series holds the integrand in each."""
    edges = np.unique(np.log(nodes))
    start, end = edges[:-1], edges[1:]
    done: list[tuple[Array, Array, Array, Array]] = []
    for halving in range(HALVINGS + 1):
        series, error, good = _series(distribution, power, start, end)
        good |= len(start) > MOST
        done.append((start[good], end[good], series[:, good].T, error[good]))
        start, end = start[~good], end[~good]
        if halving == HALVINGS or not len(start):
            break
        middle = (start + end) / 2
        start, end = np.concatenate([start, middle]), np.concatenate([middle, end])
    done.append((start, end, np.full((len(start), DEGREE + 2), np.nan), np.full(len(start), np.nan)))
    start, end, series, error = (np.concatenate(part) for part in zip(*done, strict=True))
    order = np.argsort(start)
    start, end, series, error = start[order], end[order], series[order].T, error[order]
    value = series.sum(axis=0)
    for k in np.flatnonzero(np.isnan(value)):
        value[k], error[k] = _integral(distribution, power, math.exp(start[k]), math.exp(end[k]))
    pieces = np.column_stack([[*value, 0.0], [*error, 0.0]])
    pieces[-1] = _top(distribution, power, nodes, nodes[-1], upper)
    above, error = np.cumsum(pieces[::-1], axis=0)[::-1].T
    return _Table(np.append(start, end[-1]), above, error, series)


def _series(distribution: Any, power: float, start: Array, end: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """Of the integral in ln φ from the start of pieces [term, piece], its error, and whether it is as good as it may be [both piece]."""
    half = (end - start) / 2
    with np.errstate(all="ignore"):
        x = start + half * (1 + POINTS[:, None])
        at = half * np.exp((power + 1) * x + np.asarray(distribution.logpdf(np.exp(x)), dtype=float))
        terms = PROJECTION @ at
        largest = np.abs(terms[-2:]).sum(axis=0)
        good = (largest <= AIM * np.abs(terms[0])) & (at.max(axis=0) <= SPAN * at.min(axis=0))
        return chebyshev.chebint(terms, lbnd=-1.0, axis=0), largest / DEGREE, good


def _look_up(table: _Table, x: Array) -> tuple[Array, Array]:
    """The integral from x = ln φ on and its error, NaN where a piece has no series [both cutoff]."""
    k = np.clip(np.searchsorted(table.edges, x, side="right") - 1, 0, table.series.shape[1] - 1)
    t = 2 * (x - table.edges[k]) / (table.edges[k + 1] - table.edges[k]) - 1
    series = table.series[:, k]
    return table.above[k + 1] + series.sum(axis=0) - chebyshev.chebval(t, series, tensor=False), table.error[k]


def _rest(distribution: Any, table: _Table, power: float, phi: float) -> tuple[float, float]:
    """The integral from a productivity on whose piece has no series, and its error."""
    k = int(np.searchsorted(table.edges, math.log(phi), side="right"))
    value, error = _integral(distribution, power, phi, math.exp(table.edges[k]))
    return value + float(table.above[k]), error + float(table.error[k])


def _integral(distribution: Any, power: float, start: float, end: float, width: float = 1.0) -> tuple[float, float]:
    """∫_start^end φ^p dG and the estimate of its error; the variable is ln φ, counted from `start` in units of `width`."""
    from scipy.integrate import quad

    origin = math.log(start)

    def integrand(steps: float) -> float:
        x = origin + width * steps
        if x > 700:  # productivities beyond floating point
            return 0.0
        log_density = float(distribution.logpdf(math.exp(x)))
        return 0.0 if log_density == math.inf else width * math.exp((power + 1) * x + log_density)

    with np.errstate(all="ignore"):  # with full_output trouble shows in the estimate of the error, not as a warning
        value, error, *_ = quad(integrand, 0.0, math.log(end / start) / width, epsabs=0.0, epsrel=1e-13, limit=200, full_output=1)
    return float(value), float(error)


def _top(distribution: Any, power: float, nodes: Array, start: float, upper: float) -> tuple[float, float]:
    """∫_start^∞ φ^p dG and its error above the last node: nothing where the support is bounded."""
    if math.isfinite(upper) or start == math.inf:
        return 0.0, 0.0
    return _integral(distribution, power, start, math.inf, math.log(nodes[-1] / nodes[-2]))
