"""When a firm begins and ceases to export where that costs something once: option values, and why trade does not come back (chapter, section 9.3).

In continuous time demand is a geometric Brownian motion (Dixit 1989, Baldwin 1988); in discrete time a Markov chain. Both at given demand.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.productivity import Productivity

WIDEST = 60.0
"""Largest ln(x_H/x_L) that is looked at."""


class Band(NamedTuple):
    """Revenue per unit of time at which a firm ceases to export and begins to; between them it goes on with what it does."""

    leave: float
    enter: float


def export_band(drift: float, volatility: float, discount: float, fixed_cost: float, entry: float, exit: float = 0.0) -> Band:
    """The band of inaction where export revenue x follows dx/x = μ dt + s dz, and a firm abroad earns x − f.

    Outside, the right to enter is worth A_1x^b1; inside, the firm x/(r−μ) − f/r + A_2x^b2, with b the roots of s²b(b−1)/2 + μb = r. Values meet up to
    S and K, and their slopes too, at both ends. With z = x_H/x_L slopes make both A proportional to x_L, so that one equation in z is left.

    Without uncertainty the band is Marshall's, [f − rK, f + rS], and not empty. As S and K vanish both ends approach f, but like S^(1/3). A firm of
    productivity φ at demand e has x = eBτ^(1−σ)φ^(σ−1): in φ the band is (x_H/x_L)^(1/(σ−1)) wide.

    Args:
        drift: μ; volatility: s ≥ 0, zero only without drift; discount: r > μ, death included.
        fixed_cost: f > 0, per unit of time; entry: S ≥ 0, once; exit: K ≥ 0, once. A firm never leaves if K ≥ f/r.

    Raises:
        DataError: numbers out of range; all at once.
    """
    from scipy.optimize import brentq

    _check_band(drift, volatility, discount, fixed_cost, entry, exit)
    r, f = discount, fixed_cost
    if volatility == 0:
        return Band(max(f - r * exit, 0.0), f + r * entry)
    if entry + exit == 0:
        return Band(f, f)
    half, c = volatility**2 / 2, 1 / (r - drift)
    middle, root = (drift - half) / (2 * half), math.sqrt(((drift - half) / (2 * half)) ** 2 + r / half)
    up, down = -middle + root, -middle - root
    if exit >= f / r:
        return Band(0.0, up / (up - 1) * (entry + f / r) / c)

    def parts(width: float) -> tuple[float, float]:
        """Both sides of the equations at x_L = 1: value inside less outside at x_L but for −f/r, and its rise from x_L to x_H."""
        # by flat slopes at 1 and z: c + down·a2 − up·a1 = 0 and cz + down·a2 z^down − up·a1 z^up = 0, in powers that do not overflow
        falls, gap, z = math.exp(down * width), math.expm1((down - up) * width), math.exp(width)
        far = c / up * (falls - z) / gap  # a1 z^up
        a1 = far * math.exp(-up * width)
        a2 = (up * a1 - c) / down
        rise = c * (z - 1) + a2 * (falls - 1) + far * math.expm1(-up * width)
        return c + a2 - a1, rise

    def excess(width: float) -> float:
        start, rise = parts(width)
        return (f / r - exit) * rise - (entry + exit) * start

    high = 1.0
    while excess(high) < 0 and high < WIDEST:
        high *= 2
    low = high
    while excess(low) > 0:
        low /= 2
    width = float(brentq(excess, low, high, xtol=1e-15, rtol=1e-14))
    leave = (f / r - exit) / parts(width)[0]
    return Band(leave, leave * math.exp(width))


class Thresholds(NamedTuple):
    """κ from which a firm begins to export (`enter`) and down to which it goes on (`leave`), by state of demand [state]."""

    enter: Array
    leave: Array


def export_thresholds(levels: npt.ArrayLike, transition: npt.ArrayLike, discount: float, fixed_cost: float, entry: float) -> Thresholds:
    """Thresholds in κ = Bτ^(1−σ)φ^(σ−1) where demand e_j follows a Markov chain and a firm abroad earns κe_j − f in a period.

    Being abroad is worth D_j = κe_j − f + d·Σ_k P_jk min(max(D_k, 0), S) more than not: a firm enters where D_j ≥ S and leaves where D_j < 0.
    Without uncertainty it enters at f + (1 − d)S and leaves at f.

    Args:
        levels: e_j > 0 [state]; transition: P, rows are of today and add up to one [state, state].
        discount: d, 0 < d < 1, death included; fixed_cost: f > 0; entry: S ≥ 0, once.

    Raises:
        DataError: shapes that do not fit, numbers out of range; all at once.
    """
    from scipy.optimize import brentq

    e, chain = np.atleast_1d(np.asarray(levels, dtype=float)), np.atleast_2d(np.asarray(transition, dtype=float))
    _check_chain(e, chain, discount, fixed_cost, entry)
    f, S, d = fixed_cost, entry, discount

    def at(state: int, wanted: float, low: float, high: float) -> float:
        if high - low < 1e-14 * high:
            return high
        ends = low - 1e-12 * high, high * (1 + 1e-12)
        return float(brentq(lambda kappa: _worth(kappa * e - f, chain, d, S)[state] - wanted, *ends, xtol=1e-15, rtol=1e-14))

    enter = np.array([at(j, S, (f + (1 - d) * S) / e[j], (f + S) / e[j]) for j in range(len(e))])
    leave = np.array([at(j, 0.0, max(f - d * S, 0.0) / e[j], f / e[j]) for j in range(len(e))])
    return Thresholds(enter, leave)


def _worth(profit: Array, chain: Array, discount: float, entry: float) -> Array:
    """D, by policy iteration: in each state a firm abroad will leave, go on, or would have entered [state]."""
    worth = profit
    for _ in range(10 * len(profit) + 10):
        goes_on, enters = (worth > 0) & (worth < entry), worth >= entry
        after = np.linalg.solve(np.eye(len(profit)) - discount * chain * goes_on, profit + discount * entry * (chain @ enters))
        if np.array_equal((after > 0) & (after < entry), goes_on) and np.array_equal(after >= entry, enters):
            return after
        worth = after
    return worth


def exporters_along(
    thresholds: Thresholds, path: Sequence[int], productivity: Productivity, sigma: float, scale: float = 1.0
) -> pd.DataFrame:
    """Who exports along a path of states of demand, beginning with nobody: hysteresis, where demand returns and exporters do not.

    Those that are abroad have κ above some c_t, and c_t = max(leave_j, min(c_(t−1), enter_j)).

    Args:
        path: states, 0 the first; productivity: G, of firms; scale: Bτ^(1−σ), so that κ = scale·φ^(σ−1).

    Returns:
        One row for each `period` (index): `state`, `kappa` and `cutoff`, the lowest κ and φ that exports, and `exporters`, the share of firms.

    Raises:
        DataError: a state that does not exist, or σ or scale out of range.
    """
    faults = [f"path: state {j}, but states are 0 to {len(thresholds.enter) - 1}." for j in path if not 0 <= j < len(thresholds.enter)]
    if not (sigma > 1 and 0 < scale < math.inf):
        faults.append(f"sigma = {sigma:g}, scale = {scale:g}, but the first must exceed 1, the second be positive and finite.")
    if faults:
        raise DataError(faults)
    kappa, rows = math.inf, []
    for j in path:
        kappa = max(float(thresholds.leave[j]), min(kappa, float(thresholds.enter[j])))
        cutoff = (kappa / scale) ** (1 / (sigma - 1))
        rows.append({"state": j, "kappa": kappa, "cutoff": cutoff, "exporters": float(productivity.survival(np.asarray(cutoff)))})
    return pd.DataFrame(rows, index=pd.RangeIndex(len(path), name="period"))


def _check_band(drift: float, volatility: float, discount: float, fixed_cost: float, entry: float, exit: float) -> None:
    least = {"volatility": volatility, "entry": entry, "exit": exit}
    faults = [f"{name} = {value:g}, but it must be at least 0 and finite." for name, value in least.items() if not 0 <= value < math.inf]
    if not 0 < fixed_cost < math.inf:
        faults.append(f"fixed_cost = {fixed_cost:g}, but it must be positive and finite.")
    if not (0 < discount < math.inf and -math.inf < drift < discount):
        faults.append(
            f"discount = {discount:g}, drift = {drift:g}, but discount must be positive and exceed drift, or values are infinite."
        )
    if volatility == 0 and drift != 0:
        faults.append("volatility = 0: without uncertainty there must be no drift, or a firm leaves and enters for reasons of time alone.")
    if faults:
        raise DataError(faults)


def _check_chain(e: Array, chain: Array, discount: float, fixed_cost: float, entry: float) -> None:
    faults = []
    if not (e.ndim == 1 and ((e > 0) & np.isfinite(e)).all()):
        faults.append("levels: each must be positive and finite, in one row.")
    if chain.shape != (len(e), len(e)):
        faults.append(f"transition: shape {chain.shape}, but there are {len(e)} levels.")
    elif not ((chain >= 0).all() and np.allclose(chain.sum(axis=1), 1, rtol=0, atol=1e-12)):
        faults.append("transition: probabilities must not be negative, and each row must add up to one.")
    if not 0 < discount < 1:
        faults.append(f"discount = {discount:g}, but it must lie between 0 and 1.")
    if not 0 < fixed_cost < math.inf:
        faults.append(f"fixed_cost = {fixed_cost:g}, but it must be positive and finite.")
    if not 0 <= entry < math.inf:
        faults.append(f"entry = {entry:g}, but it must be at least 0 and finite.")
    if faults:
        raise DataError(faults)
