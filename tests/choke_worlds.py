"""Firms behind shares and hats where demand has a choke price, each with its own best price: shares no code with `cge`.

A market buys q = Q D(p/P) of a variety. Firms of origin i draw costs with density k c^(k−1), so that M_i (P/a_i)^k of them sell where delivering one
unit of cost takes a_i; all integrals below are over these firms.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.polynomial import chebyshev
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import lambertw

Array = NDArray[np.float64]
Function = Callable[[Array], Array]

NODES, WEIGHTS = np.polynomial.legendre.leggauss(120)
GENTLE = 8
"""Power that flattens the integrand at the most productive firms, whose sales are without bound."""


@dataclass(frozen=True)
class Kind:
    """A demand: D(x); H, whose integral is h0 (homothetic), or utility u of a quantity (additive); x(z), found by bisection where not given."""

    quantity: Function
    closing: Function | None = None
    utility: Function | None = None
    price: Function | None = None
    log_index: Callable[[float, float, Callable[[Function], float]], float] | None = None

    def best(self, z: Array) -> Array:
        """The price over the choke price that earns most at cost z: z = x + D/D', D' by difference."""
        if self.price is not None:
            return self.price(z)
        low, high = np.zeros_like(z), np.ones_like(z)
        for _ in range(55):
            x = (low + high) / 2
            slope = np.imag(self.quantity(x + 1e-30j)) / 1e-30  # type: ignore[arg-type]
            above = x + self.quantity(x) / slope > z
            low, high = np.where(above, low, x), np.where(above, x, high)
        return (low + high) / 2


def qmor(r: float) -> Kind:
    """E = P (∫x D)^(1/r)."""
    return Kind(
        lambda x: x ** (r / 2 - 1) * (1 - x ** (r / 2)) * 2 / r,
        closing=lambda x: (1 - x ** (r / 2)) * 2 / r,
        log_index=lambda log_choke, h0, total: log_choke + np.log(total(lambda x: x ** (r / 2) * (1 - x ** (r / 2)) * 2 / r)) / r,
    )


def pollak(s: float) -> Kind:
    return Kind(lambda x: x**-s - 1, utility=lambda q: ((1 + q) ** (1 - 1 / s) - 1) / (1 - 1 / s))


KINDS: dict[tuple[str, float | None], Kind] = {
    ("translog", None): Kind(
        lambda x: -np.log(x) / x,
        closing=lambda x: -np.log(x),
        price=lambda z: z * np.real(lambertw(np.e / z)),
        log_index=lambda log_choke, h0, total: log_choke - total(lambda x: np.log(x) ** 2) / (2 * h0),
    ),
    ("qmor", -2.0): qmor(-2.0),
    ("qmor", 1.0): qmor(1.0),
    ("cara", None): Kind(lambda x: -np.log(x), utility=lambda q: 1 - np.exp(-q), price=lambda z: z / np.real(lambertw(np.e * z))),
    ("quadratic", None): Kind(lambda x: 1 - x, utility=lambda q: q - q**2 / 2, price=lambda z: (1 + z) / 2),
    ("pollak", 2.0): pollak(2.0),
    ("pollak", 0.5): pollak(0.5),
}


class Market(NamedTuple):
    """A market: ln of its choke price, mass of sellers, shares of origins in spending, and ln of utility (the index or Σu) with its elasticity in
    spending.
    """

    log_choke: float
    sellers: float
    share: Array
    log_utility: float
    elasticity: float


def market(kind: Kind, k: float, entrants: Array, delivered: Array, spending: float, h0: float = 1.0) -> Market:
    """A market from the firm up.

    Args:
        entrants, delivered: M_i and a_i by origin; spending: of a head, who is alone.
    """
    t = ((NODES + 1) / 2) ** GENTLE
    part = WEIGHTS / 2 * GENTLE * ((NODES + 1) / 2) ** (GENTLE - 1)
    x = kind.best(t ** (1 / k))

    def masses(choke: float) -> Array:
        return np.asarray(entrants * (choke / delivered) ** k)

    def total(choke: float, function: Function) -> float:
        return float(masses(choke).sum() * (function(x) @ part))

    def open_(log_choke: float) -> float:
        choke = np.exp(log_choke)
        if kind.closing is not None:
            return float(np.log(total(choke, kind.closing) / h0))
        return float(np.log(choke * total(choke, lambda x: x * kind.quantity(x)) / spending))

    log_choke = float(brentq(open_, -60.0, 60.0, xtol=1e-15, rtol=1e-15))
    choke = np.exp(log_choke)
    sales = masses(choke) * ((x * kind.quantity(x)) @ part)
    share = sales / sales.sum()
    if kind.utility is None:
        assert kind.log_index is not None
        index = kind.log_index(log_choke, h0, lambda function: total(choke, function))
        return Market(log_choke, float(masses(choke).sum()), share, float(np.log(spending)) - index, 1.0)
    utility = kind.utility
    worth = total(choke, lambda x: utility(kind.quantity(x)))
    # u'(q) is u'(0) x, so that ∫u'q over ∫u is the elasticity's inverse
    marginal = total(choke, lambda x: x * kind.quantity(x)) * float(np.imag(utility(np.array([1e-30j]))[0]) / 1e-30)
    return Market(log_choke, float(masses(choke).sum()), share, float(np.log(worth)), worth / marginal)


def integral(log_utility: Array, worth: Array) -> Array:
    """∫ Σ worth d ln U along a path whose Chebyshev points are the first axis [point, sector, country]; [country]."""
    count = len(log_utility)
    points = -np.cos(np.pi * np.arange(count) / (count - 1))
    at, weights = np.polynomial.legendre.leggauss(count)
    flat = log_utility.reshape(count, -1)
    slope = chebyshev.chebval(at, chebyshev.chebder(chebyshev.chebfit(points, flat, count - 1)))
    height = chebyshev.chebval(at, chebyshev.chebfit(points, worth.reshape(count, -1), count - 1))
    return np.asarray(((slope * height) @ weights).reshape(log_utility.shape[1:]).sum(axis=0))
