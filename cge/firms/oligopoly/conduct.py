"""Mark-ups of firms that know their weight in the market: Cournot and Bertrand (Atkeson and Burstein, American Economic Review 98, 2008)."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError, nearest


class Conduct(NamedTuple):
    """How firms compete. Both functions take shares s in [0, 1] […], σ and θ of their shape, and have it.

    Attributes:
        elasticity: ε, of demand as the firm sees it; mark-up m = ε/(ε − 1).
        slope: dε/ds.
    """

    elasticity: Callable[[Array, Array, Array], Array]
    slope: Callable[[Array, Array, Array], Array]


def _cournot(share: Array, sigma: Array, theta: Array) -> Array:
    """The harmonic mean: 1/ε = (1 − s)/σ + s/θ."""
    return np.asarray(1 / ((1 - share) / sigma + share / theta))


def _bertrand(share: Array, sigma: Array, theta: Array) -> Array:
    """The arithmetic mean: ε = (1 − s)σ + sθ."""
    return np.asarray((1 - share) * sigma + share * theta)


CONDUCTS = {
    "cournot": Conduct(_cournot, lambda s, sigma, theta: np.asarray(-(_cournot(s, sigma, theta) ** 2) * (1 / theta - 1 / sigma))),
    "bertrand": Conduct(_bertrand, lambda s, sigma, theta: theta - sigma + 0 * s),
}
"""Competition in quantities, and in prices."""


def conduct(name: str) -> Conduct:
    """By name; `DataError` where there is none."""
    if name not in CONDUCTS:
        raise DataError(f"conduct: there is no {name!r}.{nearest(name, CONDUCTS)}")
    return CONDUCTS[name]


def oligopoly_markup(share: npt.ArrayLike, sigma: npt.ArrayLike, theta: npt.ArrayLike, name: str = "cournot") -> Array:
    """m = ε/(ε − 1) of firms with shares s in [0, 1] of their sector's sales in a market […]; infinite for s = 1 where θ = 1.

    Raises:
        DataError: a conduct that is not there, shares out of range, θ < 1, or σ that does not exceed θ.
    """
    one = conduct(name)
    s, sigma, theta = (np.asarray(value, dtype=float) for value in (share, sigma, theta))
    faults = [] if ((s >= 0) & (s <= 1)).all() else ["share: a share must lie between 0 and 1."]
    faults += elasticity_faults(sigma, theta)
    if faults:
        raise DataError(faults)
    with np.errstate(divide="ignore"):
        return markup(one, s, sigma, theta)


def markup(one: Conduct, share: Array, sigma: Array, theta: Array) -> Array:
    """m = ε/(ε − 1) […]."""
    elasticity = one.elasticity(share, sigma, theta)
    return np.asarray(elasticity / (elasticity - 1))


def elasticity_faults(sigma: Array, theta: Array) -> list[str]:
    """Sentences for θ < 1 and for σ that does not exceed θ [sector]."""
    faults = [f"theta = {theta:g}, but it must be at least 1 and finite."] if not (np.isfinite(theta) & (theta >= 1)).all() else []
    if not (np.isfinite(sigma) & (sigma > theta)).all():
        faults.append(f"sigma = {np.min(sigma):g}, but it must exceed theta = {np.max(theta):g} and be finite.")
    return faults


def sector_markup(concentration: npt.ArrayLike, sigma: npt.ArrayLike, theta: npt.ArrayLike) -> Array:
    """Sales over variable cost of a sector under Cournot from its Herfindahl index H = Σ s² […]: 1/(1 − 1/σ − (1/θ − 1/σ) H)."""
    sigma, theta = np.asarray(sigma, dtype=float), np.asarray(theta, dtype=float)
    return np.asarray(1 / (1 - 1 / sigma - (1 / theta - 1 / sigma) * np.asarray(concentration)))
