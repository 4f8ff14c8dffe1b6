"""Products within firms: sums over firms and their products in one market, for any two distributions.

Both sums are one integral over attributes below Λ, that of the marginal firm's last product: with c = λ*(φ)·φ, the productivity φλ at which a
product just pays, exchanging the order of integration gives

    ∫_φ* φ^p ∫_{c/φ} λ^p dZ dG = M_G(φ*) M_Z(Λ) + ∫_0^Λ λ^p M_G(c/λ) dZ,   M_G(x) = ∫_x^∞ φ^p dG,   Λ = c/φ*

which needs no density of ability, so that it may have an atom, and no end of an unbounded range.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.productivity import Productivity

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(16)
"""Gauss and Legendre's rule in a piece."""

PIECES, MOST = 8, 512
"""Pieces in ln λ at first, and at most."""

AIM, ACCURACY = 1e-13, 1e-9
"""Relative change of an integral, from one number of pieces to twice as many, at which refining ends, and the largest one accepted."""

HALVINGS = 32
"""Lower ends of a range looked at together."""

NEGLIGIBLE = 1e-18
"""Part of a sum that may be left out at either end of the range."""


class Sums(NamedTuple):
    """An entrant's firms in one market.

    Attributes:
        firms: 1 − G(φ*), the probability of being there.
        products: ∫_φ* [1 − Z(c/φ)] dG, expected number of products.
        sold: ∫_φ* φ^(σ−1) ∫_{c/φ} λ^(σ−1) dZ dG, to which sales are proportional.
        marginal_products, marginal_sold: what is lost of both for one per cent more of c, φ* given, over 0.01: the last products of firms.
        lost_firms, lost_products, lost_sold: the same for one per cent more of φ*, c given: the marginal firms with all their products.
    """

    firms: float
    products: float
    sold: float
    marginal_products: float
    marginal_sold: float
    lost_firms: float
    lost_products: float
    lost_sold: float


def sums(ability: Productivity, attributes: Productivity, power: float, last: float, cutoff: float) -> Sums:
    """The sums over firms of ability φ ≥ φ* = `cutoff` and their products with φλ ≥ c = `last`.

    Args:
        power: σ − 1.

    Raises:
        DataError: an integral that quadrature cannot give to nine digits.
    """
    if not (math.isfinite(cutoff) and math.isfinite(last)):
        return Sums(*8 * [0.0])
    edge = last / cutoff if cutoff > 0 else math.inf
    low, high = _range(ability, attributes, power, last, edge)
    inside = _integral(ability, attributes, power, last, low, high) if low < high else np.zeros(4)
    firms, able = _above(ability, power, cutoff)
    products, sold = _above(attributes, power, high)  # which every firm that is there sells
    of_firm, of_firm_sold = _above(attributes, power, edge)
    density = cutoff * float(ability.density(np.asarray(cutoff))) if cutoff > 0 else 0.0
    return Sums(
        firms=firms,
        products=firms * products + float(inside[0]),
        sold=able * sold + float(inside[1]),
        marginal_products=float(inside[2]),
        marginal_sold=float(inside[3]),
        lost_firms=density,
        lost_products=density * of_firm,
        lost_sold=density * cutoff**power * of_firm_sold,
    )


def _above(g: Productivity, power: float, cutoff: float) -> tuple[float, float]:
    """1 − G and ∫ φ^p dG above a cutoff."""
    at = np.asarray(cutoff)
    return float(g.survival(at)), float(g.moment(at, power))


def _range(ability: Productivity, attributes: Productivity, power: float, last: float, edge: float) -> tuple[float, float]:
    """Attributes between which the integral is not in closed form: above, every firm that is there sells; below, next to none does."""
    high = min(edge, attributes.upper)
    if ability.lower > 0:
        high = min(high, last / ability.lower)
    elif high == math.inf:
        lowest, whole = 1.0, _above(ability, power, 0.0)
        while _above(ability, power, lowest) != whole:
            lowest /= 2
        high = last / lowest
    low, top = max(attributes.lower, last / ability.upper), high
    if low > 0:
        return low, high
    everything, least = np.array(_above(attributes, power, 0.0))[:, None], np.zeros((2, 1))
    while True:
        lows = high / 2.0 ** np.arange(HALVINGS)
        has, sells = (np.array([g.survival(at), g.moment(at, power)]) for g, at in ((attributes, lows), (ability, last / lows)))
        least = np.maximum.accumulate(np.hstack([least[:, -1:], has * sells]), axis=1)  # all of these are in the sums
        enough = (np.maximum(everything - has, 0.0) * sells <= NEGLIGIBLE * least[:, 1:]).all(axis=0)
        if enough.any():
            return float(lows[enough.argmax()]), top
        high = float(lows[-1] / 2)


def _integral(ability: Productivity, attributes: Productivity, power: float, last: float, low: float, high: float) -> Array:
    """∫ dZ of S_G(c/λ), λ^p M_G(c/λ), and of what each loses per unit of ln c: (c/λ) g and (c/λ)^(p+1) g λ^p; refined until it stays."""
    pieces, before = PIECES, np.full(4, math.nan)
    while True:
        found = _rule(ability, attributes, power, last, np.linspace(math.log(low), math.log(high), pieces + 1))
        change = np.abs(found - before)
        if (change <= AIM * np.abs(found)).all():
            return found
        if pieces >= MOST:
            break
        pieces, before = 2 * pieces, found
    if not (change <= ACCURACY * np.abs(found)).all():
        raise DataError(f"multi-product firms: sums over {ability.name} ability and {attributes.name} attributes resist quadrature.")
    return found


def _rule(ability: Productivity, attributes: Productivity, power: float, last: float, edges: Array) -> Array:
    half = np.diff(edges)[:, None] / 2
    lam = np.exp(edges[:-1, None] + half * (1 + POINTS))
    mass = half * WEIGHTS * lam * attributes.density(lam)
    phi = last / lam
    density, scaled = phi * ability.density(phi), lam**power
    parts = ability.survival(phi), scaled * ability.moment(phi, power), density, last**power * density
    return np.array([float((mass * part).sum()) for part in parts])
