"""Five demands with a choke price: what a firm charges, how far its mark-up moves, and what that is worth, when costs are Pareto.

A variety's price p enters through x = p/P, P the choke price of its market: demand is Q·D(x), D(1) = 0. A firm of full cost a c stands at
z = a c/P and charges x(z), where z = x + D/D'. Two families, each with one parameter, hold all five:

    homothetic, r = 2a ≤ 2    D = x^(a−1) E, E = (1 − x^a)/a, and ∫E over varieties is constant     translog r = 0, linear r = 2
    directly additive, s      D = E, E = (x^(−s) − 1)/s, u'(D) ∝ x                                  CARA s = 0, quadratic s = −1, Pollak s > 0

Both are written in y = −ln x with (e^t − 1)/t, so that no value of the parameter is an exception.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.model.double_exponential import NODES, WEIGHTS

STEPS = 100
"""Newton steps for a price; a dozen are usual."""


@dataclass(frozen=True, eq=False)
class Demand:
    """A demand with a choke price; functions of x = p/P in (0, 1], any shape […], which the result has.

    Attributes:
        name, parameter: of the demand; the parameter is r or s, NaN where it has none.
        homothetic: else directly additive.
        bend: r of the homothetic family, s of the additive one.
        lowest: the price over the choke price that a firm without costs charges.
        sales: x D(x), over Q and the choke price; cost: z(x), full cost over the choke price; cost_slope: z'(x).
        measure: what adds up over varieties to fix P or utility: H = E where demand is homothetic, u(D) where it is additive.
    """

    name: str
    parameter: float
    homothetic: bool
    bend: float
    lowest: float
    sales: Callable[[Array], Array]
    cost: Callable[[Array], Array]
    cost_slope: Callable[[Array], Array]
    measure: Callable[[Array], Array]

    def quantity(self, x: Array) -> Array:
        """D(x), over Q […]; without bound where firms that cost nothing ask nothing."""
        with np.errstate(over="ignore"):
            return np.asarray(self.sales(x) / x)


def _growth(t: Array) -> Array:
    """(e^t − 1)/t."""
    from scipy.special import exprel

    return np.asarray(exprel(t))


def _homothetic(name: str, parameter: float, r: float) -> Demand:
    a = r / 2

    def measure(x: Array) -> Array:
        y = -np.log(x)
        return np.asarray(y * _growth(-a * y))

    def parts(x: Array) -> tuple[Array, Array, Array, Array]:
        """z = x n/d, and x n', x d'; over x^a where a < 0, so that nothing overflows."""
        y = -np.log(x)
        if a >= 0:
            power = x**a
            return 2 * power - 1, (1 - a) * measure(x) + power, 2 * a * power, (2 * a - 1) * power
        power = x**-a
        return 2 - power, (1 - a) * y * _growth(a * y) + 1, a * power, (a - 1) * power

    def cost(x: Array) -> Array:
        n, d, *_ = parts(x)
        return np.asarray(x * n / d)

    def cost_slope(x: Array) -> Array:
        n, d, by_n, by_d = parts(x)
        return np.asarray((n + by_n) / d - n * by_d / d**2)

    def sales(x: Array) -> Array:
        return np.asarray(x**a * measure(x))

    return Demand(name, parameter, True, r, 2 ** (-1 / a) if a > 0 else 0.0, sales, cost, cost_slope, measure)


def _additive(name: str, parameter: float, s: float, unit: float = 1.0) -> Demand:
    def sales(x: Array) -> Array:
        return np.asarray(unit * x ** (1 - s) * spared(x))

    def spared(x: Array) -> Array:
        """x^s E = (1 − x^s)/s."""
        y = -np.log(x)
        return np.asarray(y * _growth(-s * y))

    def cost(x: Array) -> Array:
        return np.asarray(x * (1 - spared(x)))

    def cost_slope(x: Array) -> Array:
        return np.asarray(1 - spared(x) + x**s)

    def measure(x: Array) -> Array:
        y = -np.log(x)
        return np.asarray(unit * y * _growth((s - 1) * y))

    lowest = 0.0 if s >= 1 else math.exp(-1) if s == 0 else (1 - s) ** (1 / s)
    return Demand(name, parameter, False, s, lowest, sales, cost, cost_slope, measure)


class Kind(NamedTuple):
    """How a demand is made: its family, the word for its parameter (empty: none), what is asked of it, whether it is so at k, and the maker."""

    homothetic: bool
    parameter: str
    wanted: str
    good: Callable[[float, float], bool]
    make: Callable[[float], Demand]


DEMANDS: dict[str, Kind] = {
    "translog": Kind(True, "", "", lambda p, k: True, lambda p: _homothetic("translog", p, 0.0)),
    "qmor": Kind(True, "r", "above −k and at most 2", lambda p, k: -k < p <= 2, lambda p: _homothetic("qmor", p, p)),
    "cara": Kind(False, "", "", lambda p, k: True, lambda p: _additive("cara", p, 0.0)),
    "quadratic": Kind(False, "", "", lambda p, k: True, lambda p: _additive("quadratic", p, -1.0)),
    "pollak": Kind(False, "s", "positive and below k + 1", lambda p, k: 0 < p < k + 1, lambda p: _additive("pollak", p, p, p)),
}
"""The five demands by name; `Kind.good` takes the parameter and k."""


def demand_faults(name: str, parameter: float | None = None, k: float = math.inf) -> list[str]:
    """A sentence for each reason why there is no such demand, or none under Pareto costs of shape k."""
    if name not in DEMANDS:
        return [f"demand: there is no {name!r}.{nearest(name, DEMANDS)}"]
    kind, faults = DEMANDS[name], []
    if kind.parameter and parameter is None:
        faults.append(f"demand: {name} needs its parameter {kind.parameter}, {kind.wanted}.")
    elif kind.parameter and not (math.isfinite(parameter) and kind.good(parameter, k)):  # type: ignore[arg-type]
        shape = f" at k = {k:g}" if math.isfinite(k) else ""
        faults.append(f"demand: {name} with {kind.parameter} = {parameter:g}{shape}, but it must be {kind.wanted}.")
    elif not kind.parameter and parameter is not None:
        faults.append(f"demand: {name} has no parameter, but {parameter:g} is given.")
    if not k > 0:
        faults.append(f"k = {k:g}, but it must be positive.")
    return faults


def demand(name: str, parameter: float | None = None) -> Demand:
    """A demand by name: translog, qmor (r ≤ 2), cara, quadratic, pollak (s > 0).

    Raises:
        DataError: no such name, a parameter out of range, missing or too many.
    """
    faults = demand_faults(name, parameter)
    if faults:
        raise DataError(faults)
    return DEMANDS[name].make(math.nan if parameter is None else parameter)


# --- one firm ------------------------------------------------------------------------------------------------------------------------------


def price(demand: Demand, cost: npt.ArrayLike) -> Array:
    """x(z), the best price over the choke price of firms whose full cost over it is z in [0, 1] […]: the root of z = x + D/D'.

    Newton's method from x = 1 falls to the root without overshooting: z is convex in x, and ln z in ln x where a firm without costs asks nothing.
    """
    z = np.asarray(cost, dtype=float)
    target = np.where(z > 0, z, 1.0)
    x = np.ones_like(z)
    for _ in range(STEPS):
        at, slope = demand.cost(x), demand.cost_slope(x)
        lower = x * np.exp(-np.log(at / target) * at / (x * slope)) if demand.lowest == 0 else x - (at - z) / slope
        settled = (lower >= x * (1 - 4e-16)).all()
        x = np.minimum(lower, x)
        if settled:
            break
    return np.asarray(np.where(z > 0, x, demand.lowest))


def pass_through(demand: Demand, x: Array) -> Array:
    """d ln p/d ln c of firms that charge x […], at a given choke price: z/(x z'), below one."""
    return np.asarray(demand.cost(x) / (x * demand.cost_slope(x)))


# --- all firms, when costs are Pareto ------------------------------------------------------------------------------------------------------


class Markups(NamedTuple):
    """What a demand makes of Pareto costs of shape k: the same in every market, at every size, trade cost and tariff.

    Attributes:
        k, eta: η, the part of a gain that mark-ups take: ρ/(k + 1) where demand is additive, zero where it is homothetic.
        rho: mean of d ln m/d ln(1/z), weighted by sales; one less the pass-through.
        utility_over_sales: ∫u/∫u'q, one where demand is homothetic.
        aggregate_markup: sales over variable cost; mean_markup: of price over delivered cost, by variety; sales_weighted_markup;
            mean_log_markup: of its log, by variety.
    """

    k: float
    eta: float
    rho: float
    utility_over_sales: float
    aggregate_markup: float
    mean_markup: float
    sales_weighted_markup: float
    mean_log_markup: float


def markups(demand: Demand, k: float) -> Markups:
    """The constants of a demand under Pareto costs of shape k, by quadrature over z with the density k z^(k−1) on (0, 1).

    Raises:
        DataError: k that is not positive, or a parameter that k does not allow.
    """
    parameter = None if math.isnan(demand.parameter) else demand.parameter
    faults = demand_faults(demand.name, parameter, k)
    if faults:
        raise DataError(faults)
    z = NODES ** (1 / k)
    x = price(demand, z)
    sales = demand.sales(x) * WEIGHTS
    total = float(sales.sum())
    rho = float(((1 - pass_through(demand, x)) * sales).sum()) / total
    worth = 1.0 if demand.homothetic else float((demand.measure(x) * WEIGHTS).sum()) / total
    over = x / z
    mean = float((over * WEIGHTS).sum()) if k > 1 else math.inf
    eta = 0.0 if demand.homothetic else rho / (k + 1)
    return Markups(k, eta, rho, worth, (k + 1) / k, mean, float((over * sales).sum()) / total, float((np.log(over) * WEIGHTS).sum()))


def incidence(demand: Demand, k: Array) -> tuple[Array, Array]:
    """η of a demand under Pareto costs of shape k, and dη/dk [as k, one axis]; as `markups`, for many k and without its checks."""
    if demand.homothetic:
        return np.zeros(k.shape), np.zeros(k.shape)
    z = NODES[:, None] ** (1 / k)
    x = price(demand, z)
    weight = demand.sales(x) * WEIGHTS[:, None]
    moving, by_k = 1 - pass_through(demand, x), np.log(z)  # the density k z^(k−1) moves by 1/k + ln z, of which 1/k is in all alike
    total = weight.sum(axis=0)
    rho = (weight * moving).sum(axis=0) / total
    rho_by_k = ((weight * (moving - rho)) * by_k).sum(axis=0) / total
    return rho / (k + 1), (rho_by_k - rho / (k + 1)) / (k + 1)


def markup_at(demand: Demand, k: float, percentile: npt.ArrayLike) -> Array:
    """Mark-up, price over delivered cost, of the seller at a percentile of productivity among a market's sellers, in [0, 100) […]."""
    z = (1 - np.asarray(percentile, dtype=float) / 100) ** (1 / k)
    return np.asarray(price(demand, z) / z)
