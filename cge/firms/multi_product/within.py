"""Products within firms: sums over firms and their products in one market, for any two distributions.

Both sums are one integral over attributes below Λ, that of the marginal firm's last product: with c = λ*(φ)·φ, the productivity φλ at which a
product just pays, exchanging the order of integration gives

    ∫_φ* φ^p ∫_{c/φ} λ^p dZ dG = M_G(φ*) M_Z(Λ) + ∫_0^Λ λ^p M_G(c/λ) dZ,   M_G(x) = ∫_x^∞ φ^p dG,   Λ = c/φ*

which needs no density of ability, so that it may have an atom, and no end of an unbounded range. Rows are an origin's firms in a market, all at once.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.origins import Origins
from cge.firms.productivity import Productivity

POINTS, WEIGHTS = np.polynomial.legendre.leggauss(16)
"""Gauss and Legendre's rule in a piece."""

PIECES, HALVINGS = 2, 9
"""Pieces in ln λ at first, and how often one may be halved."""

AIM, ACCURACY = 1e-13, 1e-9
"""Change of an integral, relative to all of it, from a piece to its halves at which halving ends, and the largest one accepted in all."""

BELOW = 2.0 ** -np.arange(200)
"""Parts of a distribution's mean among which its lower end is looked for."""


N = TypeVar("N", float, Array)


class Sums(NamedTuple, Generic[N]):
    """Firms of an entrant in a market, or in every row of markets [row].

    Attributes:
        firms: 1 − G(φ*), the probability of being there.
        products: ∫_φ* [1 − Z(c/φ)] dG, expected number of products.
        sold: ∫_φ* φ^(σ−1) ∫_{c/φ} λ^(σ−1) dZ dG, to which sales are proportional.
        marginal_products, marginal_sold: what is lost of both for one per cent more of c, φ* given, over 0.01: the last products of firms.
        lost_firms, lost_products, lost_sold: the same for one per cent more of φ*, c given: the marginal firms with all their products.
    """

    firms: N
    products: N
    sold: N
    marginal_products: N
    marginal_sold: N
    lost_firms: N
    lost_products: N
    lost_sold: N


def sums(ability: Origins, attributes: Productivity, power: float, last: Array, cutoff: Array) -> Sums[Array]:
    """The sums over firms of ability φ ≥ φ* = `cutoff` and their products with φλ ≥ c = `last`; zero where either is infinite.

    Args:
        power: σ − 1.
        last, cutoff: [row], of the origins of `ability`.

    Raises:
        DataError: an integral that quadrature cannot give to nine digits.
    """
    there, found = np.isfinite(cutoff) & np.isfinite(last), np.zeros((len(Sums._fields), len(last)))
    if there.any():
        found[:, there] = _sums(ability.of(there), attributes, power, last[there], cutoff[there])
    return Sums(*found)


def _sums(ability: Origins, attributes: Productivity, power: float, last: Array, cutoff: Array) -> Array:
    with np.errstate(divide="ignore"):
        edge = last / cutoff
    low, high = _range(ability, attributes, power, last, edge)
    inside, some = np.zeros((3, len(last))), low < high
    if some.any():
        inside[:, some] = _integral(ability.of(some), attributes, power, last[some], low[some], high[some])
    firms, able = ability.survival(cutoff), ability.moment(cutoff, power)
    everyone = attributes.survival(high), attributes.moment(high, power)  # which every firm that is there sells
    density = np.where(cutoff > 0, cutoff * ability.density(np.where(cutoff > 0, cutoff, 1.0)), 0.0)
    return np.array([
        firms, firms * everyone[0] + inside[0], able * everyone[1] + inside[1], inside[2], last**power * inside[2],
        density, density * attributes.survival(edge), density * cutoff**power * attributes.moment(edge, power),
    ])  # fmt: skip


def _range(ability: Origins, attributes: Productivity, power: float, last: Array, edge: Array) -> tuple[Array, Array]:
    """Attributes between which the integral is not in closed form [row]: above, every firm that is there sells; below, none does."""
    with np.errstate(divide="ignore"):
        high = np.minimum(np.minimum(edge, attributes.upper), last / ability.rows_of(lambda g: g.lower))
    if not np.isfinite(high).all():
        high = np.minimum(high, last / ability.rows_of(lambda g: _lower(g, power)))
    return np.maximum(_lower(attributes, power), last / ability.rows_of(lambda g: g.upper)), high


@lru_cache(maxsize=256)
def _lower(g: Productivity, power: float) -> float:
    """The lower end of a distribution; without one, a value below which rounding leaves nothing of it and of its moment."""
    if g.lower > 0:
        return g.lower
    nothing = np.zeros(1)
    at = float(g.moment(nothing, power)[0]) ** (1 / power) * BELOW
    whole = (g.survival(at) == g.survival(nothing)) & (g.moment(at, power) == g.moment(nothing, power))
    return float(at[whole.argmax() if whole.any() else -1])


def _integral(ability: Origins, attributes: Productivity, power: float, last: Array, low: Array, high: Array) -> Array:
    """∫ dZ of S_G(c/λ), of λ^p M_G(c/λ), and of what the first loses per unit of ln c, (c/λ) g, all [row]: in pieces halved until they stay."""

    def whole(row: npt.NDArray[np.intp], parts: Array) -> Array:
        return np.array([np.bincount(row, part, len(last)) for part in parts])

    def rule(row: npt.NDArray[np.intp], start: Array, width: Array) -> Array:
        return _rule(ability.of(row), attributes, power, last[row], start, width)

    row, found = np.arange(len(last)).repeat(PIECES), np.zeros((3, len(last)))
    width = np.log(high / low)[row] / PIECES
    start = np.log(low)[row] + width * np.tile(np.arange(PIECES), len(last))
    coarse = rule(row, start, width)
    for _ in range(HALVINGS):
        halves, half = row.repeat(2), width.repeat(2) / 2
        starts = start.repeat(2) + half * np.tile([0, 1], len(row))
        fine = rule(halves, starts, half)
        both = fine[:, ::2] + fine[:, 1::2]
        change, total = np.abs(both - coarse), found + whole(row, both)
        stays = (change <= AIM * total[:, row]).all(axis=0)
        if stays.all():
            return total
        found += whole(row[stays], both[:, stays])
        again = ~stays.repeat(2)
        row, start, width, coarse = halves[again], starts[again], half[again], fine[:, again]
    if not (whole(halves[::2], change) <= ACCURACY * total).all():
        names = " and ".join(dict.fromkeys(g.name for g in ability.draws))
        raise DataError(f"multi-product firms: sums over {names} ability and {attributes.name} attributes resist quadrature.")
    return total


def _rule(ability: Origins, attributes: Productivity, power: float, last: Array, start: Array, width: Array) -> Array:
    """The three integrals over pieces of ln λ, [row] each."""
    log_lam = start[:, None] + width[:, None] / 2 * (1 + POINTS)
    lam = np.exp(log_lam)
    mass = width[:, None] / 2 * WEIGHTS * lam * attributes.density(lam)
    phi = last[:, None] / lam
    parts = ability.survival(phi), np.exp(power * log_lam) * ability.moment(phi, power), phi * ability.density(phi)
    return np.array([(mass * part).sum(axis=1) for part in parts])
