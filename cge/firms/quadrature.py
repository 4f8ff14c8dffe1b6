"""Any continuous `scipy.stats` distribution as a `Productivity`, by adaptive quadrature."""

from __future__ import annotations

import math
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.productivity import Productivity

ACCURACY = 1e-9
"""Largest relative error of an integral, by the quadrature's own estimate; it aims at 1e-13."""

MANY, ORDER = 24, 16
"""Cutoffs from which on integrals are made between neighbours, and points of Gauss and Legendre's rule there."""

SURVIVAL = (
    1 - 1e-15, 1 - 1e-12, 1 - 1e-9, 1 - 1e-6, 0.999, 0.9, 0.7, 0.5, 0.3, 0.1, 1e-2, 1e-3, 1e-5, 1e-8, 1e-12, 1e-18, 1e-30, 1e-60, 1e-120, 1e-300,
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
    nodes = _nodes(distribution, upper)

    @cache
    def beyond(power: float) -> tuple[list[float], list[float]]:
        """∫ φ^p dG from each node upwards, and the error of each."""
        pieces = [_integral(distribution, power, a, b) for a, b in pairwise(nodes)] + [_top(distribution, power, nodes, nodes[-1], upper)]
        value, error = np.cumsum(np.array(pieces)[::-1], axis=0)[::-1].T
        return value.tolist(), error.tolist()

    def checked(value: float, error: float, phi: float, power: float) -> float:
        if not error <= ACCURACY * value:
            raise DataError(f"productivity: ∫ φ^{power:g} dG above {phi:g} resists quadrature for {name}: {value:g} ± {error:.1g}.")
        return float(value)

    def above(cutoff: float, power: float) -> float:
        phi = min(max(cutoff, float(nodes[0])), upper)
        if phi == math.inf:
            return 0.0
        at = int(np.searchsorted(nodes, phi, side="right"))
        if at == len(nodes):
            value, error = _top(distribution, power, nodes, phi, upper)
        else:
            value, error = np.add(_integral(distribution, power, phi, nodes[at]), [column[at] for column in beyond(power)])
        return checked(value, error, phi, power)

    def above_many(cutoff: Array, power: float) -> Array:
        """Many at once: one integral between each and the next."""
        phi = np.clip(cutoff, nodes[0], nodes[-1]).ravel()
        edges = np.unique(np.concatenate([phi, nodes[nodes > phi.min()]]))
        pieces = np.array([*_between(distribution, power, edges), _top(distribution, power, nodes, nodes[-1], upper)])
        value, error = np.cumsum(pieces[::-1], axis=0)[::-1].T
        at = np.searchsorted(edges, phi)
        found = np.array([checked(value[k], error[k], edges[k], power) for k in at]).reshape(cutoff.shape)
        far = cutoff > nodes[-1]
        found[far] = [above(float(one), power) for one in cutoff[far]]
        return found

    def moment(cutoff: Array, power: float) -> Array:
        many = np.asarray(cutoff, dtype=float)
        return above_many(many, power) if many.size >= MANY else np.asarray(np.vectorize(above, otypes=[float])(many, power))

    def density(phi: Array) -> Array:
        return np.asarray(distribution.pdf(phi), dtype=float)

    def survival(phi: Array) -> Array:
        return np.asarray(distribution.sf(phi), dtype=float)

    return Productivity(name, lower, upper, _tail_index(distribution, nodes, upper), survival, density, moment)


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


def _between(distribution: Any, power: float, edges: Array) -> list[tuple[float, float]]:
    """∫ φ^p dG between each productivity and the next, and its error: all by Gauss's rule; again, one by one, where two orders of it do not agree or
    it misses what the distribution says of the probability (a jump of the density close to an end).
    """
    start, width = np.log(edges[:-1]), np.diff(np.log(edges))

    def rule(order: int, power: float) -> Array:
        points, weights = np.polynomial.legendre.leggauss(order)
        x = start[:, None] + width[:, None] * (1 + points) / 2
        with np.errstate(all="ignore"):
            values = np.exp((power + 1) * x + np.asarray(distribution.logpdf(np.exp(x)), dtype=float))
        return np.asarray(width / 2 * (values @ weights))

    value, probability = rule(ORDER, power), -np.diff(np.asarray(distribution.sf(edges), dtype=float))
    error = np.abs(value - rule(ORDER // 2, power))
    agree = (error <= 1e-13 * value) & (np.abs(rule(ORDER, 0.0) - probability) <= 1e-12 * probability + 1e-15)
    return [
        (float(value[k]), float(error[k])) if agree[k] else _integral(distribution, power, edges[k], edges[k + 1])
        for k in range(len(value))
    ]


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
    if math.isfinite(upper):
        return 0.0, 0.0
    return _integral(distribution, power, start, math.inf, math.log(nodes[-1] / nodes[-2]))
