"""What the model says of the moments of firms' sales, by integration (chapter, section 6.4).

Given u, what a firm does in one market says nothing of another, so that every moment is an integral over u and the entry shocks of one market or
two; over demand shocks the normal distribution integrates. Firms that sell in n have v uniform and ln η normal around θ̃σ_h², independent, and
u = (N_n/κ_2)v·η^θ̃: no indicator is left, all is smooth, and the trapezoid rule converges faster than any power. It is the limit of simulation with
draws without end, and rid of its error: with 65,536 draws that adds ten to an objective of 85 and puts its lowest point elsewhere.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.firms.shocks.economy import Shocks
from cge.firms.shocks.moments import Cuts

STEP, FINEST = 0.75, 0.06
"""Widest and narrowest step in the logit of v and in standard normals; where shocks are small it is as wide as these make it."""


class Sellers(NamedTuple):
    """Firms that sell in a market, whichever it is, on a grid [point].

    Attributes:
        weight: of a point, 1 in sum; log_u: ln u less ln(N_n/κ_2); log_sales: expected ln of sales over their scale, given v and η.
    """

    weight: Array
    log_u: Array
    log_sales: Array


class Rules(NamedTuple):
    """Nodes and weights of v among sellers, of a standard normal, and of what part of all higher entry shocks lies above one."""

    position: tuple[Array, Array]
    normal: tuple[Array, Array]
    above: tuple[Array, Array]


def rules(shocks: Shocks) -> Rules:
    """Steps fine enough for the shocks: decisions change over θ̃σ_h of ln v, and ln of sales by one with every step of one towards v = 1."""
    spread = _spread(shocks)
    step = min(STEP, max(FINEST, min(shocks.theta * shocks.sigma_entry, spread)))
    z = np.arange(-6.0, 6.0 + STEP / 2, STEP)
    normal = np.exp(-(z**2) / 2)
    return Rules(_between(step, 18.0), (z, normal / normal.sum()), _between(min(1.0, max(0.2, 1.8 * spread)), 14.0))


def _between(step: float, reach: float) -> tuple[Array, Array]:
    """Nodes and weights on (0, 1): the trapezoid rule in the logit."""
    from scipy.special import expit

    grid = np.arange(-reach, reach + step / 2, step)
    share = expit(grid)
    weight = share * expit(-grid)
    return share, weight / weight.sum()


def _spread(shocks: Shocks) -> float:
    """Standard deviation of ln α given η."""
    return float(shocks.sigma_demand * np.sqrt(1 - shocks.correlation**2))


def log_sales(shocks: Shocks, log_v: Array, entry: Array) -> Array:
    """Expected ln of sales over their scale, (α/η)v^(−1/θ̃)(1 − v^(λ/θ̃)), given ln v < 0 and the standard normal of entry […], both of one shape.

    The scale is free where sales are matched to data, and taken with 1 + 1/λ: few consumers are reached where λ is small, and with nothing else
    changed sales would vanish.
    """
    t, slope = shocks.theta, shocks.sigma_demand * shocks.correlation - shocks.sigma_entry
    reach = np.log((1 + 1 / shocks.convexity) * -np.expm1(shocks.convexity / t * log_v)) if np.isfinite(shocks.convexity) else 0.0
    return np.asarray(slope * entry - log_v / t + reach)


def sellers_of(shocks: Shocks, by: Rules) -> Sellers:
    """Those of a market, as many as there are."""
    (v, part), (z, normal) = by.position, by.normal
    entry = z + shocks.theta * shocks.sigma_entry
    log_v = np.repeat(np.log(v), len(z))
    entry = np.tile(entry, len(v))
    return Sellers((part[:, None] * normal).ravel(), log_v + shocks.theta * shocks.sigma_entry * entry, log_sales(shocks, log_v, entry))


class Chances(NamedTuple):
    """Sellers on their grid at numbers of sellers: what part of those of n sells at home, and of home sellers in n [market, point]; ones at home."""

    grid: Sellers
    at_home: Array
    abroad: Array


def chances(shocks: Shocks, sellers: Array, grid: Sellers) -> Chances:
    """From N_n [market]: a firm of n with u sells in m with Φ((ln(N_m/κ_2) − ln u)/(θ̃σ_h))."""
    from scipy.special import ndtr

    larger = (np.log(sellers) - np.log(sellers[0]))[:, None]
    tilt = shocks.theta * shocks.sigma_entry
    at_home, abroad = ndtr((-larger - grid.log_u) / tilt), ndtr((larger - grid.log_u) / tilt)
    at_home[0] = abroad[0] = 1.0
    return Chances(grid, at_home, abroad)


def scales(shocks: Shocks, sellers: Array, median: Array) -> Array:
    """ln of the unit of sales [market] with which home sellers have given median sales there [market], at numbers of sellers [market]."""
    at = chances(shocks, sellers, sellers_of(shocks, rules(shocks)))
    return _scales(shocks, at, median)


def _scales(shocks: Shocks, at: Chances, median: Array) -> Array:
    own = [_median(at.grid.weight * part, at.grid.log_sales, _spread(shocks)) for part in at.at_home]
    return np.asarray(np.log(median) - own)


def expected(shocks: Shocks, sellers: Array, by: Cuts) -> Array:
    """The moments [moment], in the order of `moments`, at numbers of sellers N_n [market] and cuts and medians of the data."""
    rule = rules(shocks)
    grid = sellers_of(shocks, rule)
    at, spread = chances(shocks, sellers, grid), _spread(shocks)
    scale = _scales(shocks, at, by.median)
    sets = np.array([grid.weight])
    for chance in at.abroad[1:]:  # of sets of the markets so far, the last market's bit highest
        sets = np.concatenate([sets * (1 - chance), sets * chance])
    found = [sets.sum(axis=1)[1:]]
    for n in range(len(sellers)):
        found.append(_below(np.log(by.sales[n]) - scale[n], grid.weight * at.at_home[n], grid.log_sales, spread))
        if n:
            found.append(_below(np.log(by.at_home[n - 1]) - scale[0], grid.weight * at.abroad[n], grid.log_sales, spread))
            cut = np.log(by.ratios[n - 1]) - scale[n] + scale[0]
            found.append(_ratios(shocks, rule, grid, float(np.log(sellers[n] / sellers[0])), cut))
    return np.concatenate(found)


def _below(cut: Array, weight: Array, mean: Array, spread: float) -> Array:
    """What part of a mixture of normals with weights and means [component] lies below cuts [cut]."""
    from scipy.special import ndtr

    return np.asarray(weight @ ndtr((cut - mean[:, None]) / spread) / weight.sum())


def _median(weight: Array, mean: Array, spread: float) -> float:
    """The median of a mixture of normals with means and weights [component] that share a spread."""
    from scipy.optimize import brentq

    low, high = mean.min() - 9 * spread, mean.max() + 9 * spread
    return float(brentq(lambda x: float(_below(np.array([x]), weight, mean, spread)[0]) - 0.5, low, high, xtol=1e-12))


def _ratios(shocks: Shocks, rule: Rules, grid: Sellers, log_size: float, cut: Array) -> Array:
    """Shares, among sellers of a market that also sell at home, of ln ratios of sales below `cut` [quantile]; `log_size`: ln N_n − ln N at home."""
    from scipy.special import log_ndtr, ndtr, ndtri_exp

    tilt, (part, above) = shocks.theta * shocks.sigma_entry, rule.above
    log_u = (grid.log_u + log_size)[:, None]  # over what bounds home sellers without a shock
    least = log_u / tilt  # the lowest shock with which they enter; those above it lie where `part` of the tail is still higher
    entry = -ndtri_exp(log_ndtr(-least) + np.log(part))
    at_home = log_sales(shocks, np.minimum(log_u - tilt * entry, -1e-300), entry)
    spread = np.sqrt(2.0) * _spread(shocks)
    weight = (grid.weight * ndtr(-least[:, 0]))[:, None] * above
    return _below(cut, weight.ravel(), (grid.log_sales[:, None] - at_home).ravel(), float(spread))
