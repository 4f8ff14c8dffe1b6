"""Demand with a choke price and Pareto costs: what firms charge, and how much of a change of prices reaches real income.

A price p enters demand through x = p/P alone, P being the choke price: q ∝ D(x), D(1) = 0. A firm of delivered cost c charges x(z), z = c/P. Costs
are Pareto with shape k, so z has the density k z^(k−1) in every market from every origin, and mark-ups m = x/z are distributed alike everywhere and
always (chapter, footnote 37; Arkolakis, Costinot, Donaldson and Rodríguez-Clare 2019, Review of Economic Studies 86(1)).

Everything is explicit in u = 1/m, cost over price, so that no price is searched inside an integral. Two families, each with a parameter a:

- homothetic (quadratic mean of order r, a = r/2; translog at a = 0): D = x^(r/2−1)(1 − x^(r/2))·2/r, h = (1 − u)/(r + u(1 − r));
- directly additive (Pollak s, a = s; CARA at 0, quadratic at −1): D = x^(−s) − 1, h = 1 − u;

with h = (1 − x^a)/a, so that ln x = ln(1 − a h)/a, and sales x·D ∝ h·x^a, or h·x^(1 − a).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from cge.data.arrays import Array

Pair = tuple[Array, Array]

NEAR, TINY = 1e-15, 1e-150
"""How near to the least u a firm is looked for, in parts and absolutely; its square is still a number."""


@dataclass(frozen=True)
class Family:
    """Demand systems of one form, with a parameter.

    Attributes:
        homothetic: whether real consumption is an index, so that nothing stands between prices and real income; else demand is additive.
        power: a from the parameter; least: the least u; steep: the power of productivity with which mark-ups rise at the top (1 where a firm
            without cost still charges a price); height: h and its derivative by u; sales: x·D from ln x and h, up to a factor.
    """

    homothetic: bool
    power: Callable[[Array], Array]
    least: Callable[[Array], Array]
    steep: Callable[[Array], Array]
    height: Callable[[Array, Array], Pair]
    sales: Callable[[Array, Array, Array], Array]


def _least_mean(r: Array) -> Array:
    """Where r < 0 the mark-up stays below 1 − 1/r: demand is nearly of constant elasticity at prices far below the choke price."""
    negative = np.minimum(r, 0.0)
    return np.asarray(negative / (negative - 1))


def _height_mean(u: Array, r: Array) -> Pair:
    below = r + u * (1 - r)
    return (1 - u) / below, -1 / below**2


def _least_pollak(s: Array) -> Array:
    """Where s > 1 the mark-up stays below s/(s − 1)."""
    return np.asarray(1 - 1 / np.maximum(s, 1.0))


QUADRATIC_MEAN = Family(
    homothetic=True,
    power=lambda r: r / 2,
    least=_least_mean,
    steep=lambda r: np.where(r > 0, 1.0, 0.0),
    height=_height_mean,
    sales=lambda log_x, h, r: np.asarray(h * np.exp(r / 2 * log_x)),
)
POLLAK = Family(
    homothetic=False,
    power=lambda s: s,
    least=_least_pollak,
    steep=lambda s: np.where(s < 1, 1.0, np.where(s == 1, 0.5, 0.0)),
    height=lambda u, s: (1 - u, -np.ones_like(u)),
    sales=lambda log_x, h, s: np.asarray(h * np.exp((1 - s) * log_x)),
)


@dataclass(frozen=True)
class Demand:
    """A demand system that a run file can name.

    Attributes:
        words: for readers; family; parameter: of its family where it is fixed; symbol: of the one that the user gives, empty where it is fixed.
        limits: what that exceeds and what it does not, from k; reached: whether it may equal the latter.
    """

    words: str
    family: Family
    parameter: float | None = None
    symbol: str = ""
    limits: Callable[[float], tuple[float, float]] = lambda k: (-np.inf, np.inf)
    reached: bool = False

    def given(self, parameter: Array | float | None) -> Array:
        """The parameter of its family [any dims]."""
        return np.asarray(parameter if self.symbol else self.parameter, dtype=np.float64)


DEMANDS: dict[str, Demand] = {
    "translog": Demand("translog", QUADRATIC_MEAN, 0.0),
    "qmor": Demand("quadratic mean of order r", QUADRATIC_MEAN, symbol="r", limits=lambda k: (-k, 2.0), reached=True),
    "cara": Demand("CARA", POLLAK, 0.0),
    "quadratic": Demand("quadratic", POLLAK, -1.0),
    "pollak": Demand("Pollak", POLLAK, symbol="s", limits=lambda k: (0.0, k + 1)),
}
"""Demand systems with a choke price, by name."""


def incidence(demand: str, k: Array | float, parameter: Array | float | None = None) -> tuple[Array, Array]:
    """η, the part of a change of prices that variable mark-ups keep from real income, and dη/dk [as k].

    ρ/(k + 1) under additive demand, zero under homothetic (Arkolakis, Costinot, Donaldson and Rodríguez-Clare 2019, proposition 1).

    Args:
        demand: key of `DEMANDS`; k: shape of the Pareto distribution, positive [any dims]; parameter: r or s, broadcast with k, where the system
            takes one.
    """
    shape, given = np.broadcast_arrays(np.asarray(k, dtype=np.float64), DEMANDS[demand].given(parameter))
    if DEMANDS[demand].family.homothetic:
        return np.zeros(shape.shape), np.zeros(shape.shape)
    found = {name: _integral(DEMANDS[demand].family, part, shape, given) for name, part in {**WEIGHED, **BY_K}.items()}
    rho = found["moving"] / found["sold"]
    by_k = (found["moving_by_k"] - rho * found["sold_by_k"]) / found["sold"]
    return rho / (shape + 1), (by_k - rho / (shape + 1)) / (shape + 1)


@dataclass(frozen=True, eq=False)
class Markups:
    """Mark-ups of price over delivered cost in any market under one demand system; arrays as k.

    Attributes:
        rho: ρ, sales-weighted mean of d ln m/d ln(productivity); aggregate: sales over variable cost, (k + 1)/k.
        mean: unweighted; weighted: by sales; both are infinite where k does not exceed `Family.steep`. mean_log: mean of ln m.
    """

    rho: Array
    aggregate: Array
    mean: Array
    weighted: Array
    mean_log: Array


def markups(demand: str, k: Array | float, parameter: Array | float | None = None) -> Markups:
    """What firms charge under a demand system; arguments as `incidence`."""
    family = DEMANDS[demand].family
    shape, given = np.broadcast_arrays(np.asarray(k, dtype=np.float64), DEMANDS[demand].given(parameter))
    found = {name: _integral(family, part, shape, given) for name, part in {**WEIGHED, **CHARGED}.items()}
    finite = shape > family.steep(given)
    mean, weighted = (np.where(finite, one, np.inf) for one in (shape * found["charged"], found["charged_by_sales"] / found["sold"]))
    return Markups(found["moving"] / found["sold"], (shape + 1) / shape, mean, weighted, shape * found["charged_in_logs"])


@dataclass(frozen=True)
class Firm:
    """Firms at u, arrays [any dims]: ln z, ln m, sales x·D up to a factor, and the derivative of ln z by u."""

    log_z: Array
    log_markup: Array
    sales: Array
    slope: Array


def at(family: Family, u: Array, parameter: Array) -> Firm:
    """Firms whose cost over price is u [any dims, as the parameter]."""
    a = family.power(parameter)
    h, by_u = family.height(u, parameter)
    left = 1 - a * h
    log_x = np.where(a == 0, -h, np.log(left) / np.where(a == 0, 1.0, a))
    return Firm(log_x + np.log(u), -np.log(u), family.sales(log_x, h, parameter), 1 / u - by_u / left)


Part = Callable[[Firm], Array]

WEIGHED: dict[str, Part] = {"sold": lambda f: f.sales * f.slope, "moving": lambda f: f.sales * np.exp(f.log_markup)}
BY_K: dict[str, Part] = {
    "sold_by_k": lambda f: f.sales * f.slope * f.log_z,
    "moving_by_k": lambda f: f.sales * np.exp(f.log_markup) * f.log_z,
}
CHARGED: dict[str, Part] = {
    "charged": lambda f: f.slope * np.exp(f.log_markup),
    "charged_by_sales": lambda f: f.sales * f.slope * np.exp(f.log_markup),
    "charged_in_logs": lambda f: f.slope * f.log_markup,
}
"""What is integrated over u with the weight z^k. Since d ln m/d ln(1/z) = 1/(u · d ln z/du), what moves is sales times 1/u."""


def _integral(family: Family, part: Part, k: Array, parameter: Array) -> Array:
    from scipy.integrate import tanhsinh

    def weighted(u: Array, k: Array, parameter: Array) -> Array:
        firm = at(family, u, parameter)
        return np.asarray(part(firm) * np.exp(k * firm.log_z))

    return np.asarray(tanhsinh(weighted, family.least(parameter), 1.0, args=(k, parameter)).integral)


def markup_of(demand: str, log_z: Array | float, parameter: Array | float | None = None) -> tuple[Array, Array]:
    """Mark-up and pass-through of firms.

    Args:
        demand: key of `DEMANDS`; log_z: ln of delivered cost over the choke price, negative where a firm sells [any dims]; parameter: as `markups`.

    Returns:
        Price over delivered cost, and d ln price/d ln cost [as log_z]; NaN where a firm sells nothing.
    """
    from scipy.optimize import elementwise

    family, sells = DEMANDS[demand].family, np.asarray(log_z, dtype=np.float64) <= 0
    wanted, given = np.broadcast_arrays(np.where(sells, log_z, 0.0), DEMANDS[demand].given(parameter))
    least = np.maximum(family.least(given) * (1 + NEAR), TINY)
    inputs: Any = (wanted, given)

    def excess(u: Any, z: Any, a: Any) -> Any:
        return at(family, u, a).log_z - z

    u = elementwise.find_root(excess, (least, np.ones_like(least)), args=inputs).x
    firm = at(family, u, given)
    return np.where(sells, 1 / u, np.nan), np.where(sells, 1 - 1 / (u * firm.slope), np.nan)
