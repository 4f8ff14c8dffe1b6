"""Distributions of productivity among entrants, and the integrals over them that sections 3 to 6 of the chapter need.

A `Productivity` holds G as functions; `pareto`, `truncated_pareto` and `log_normal` have closed forms, `from_scipy` integrates numerically. Every
function takes one cutoff or an array of them, anywhere from zero to infinity, also outside the support of G.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.paying import paying


@dataclass(frozen=True)
class Productivity:
    """The distribution G of productivity φ among entrants; φ is output per unit of labour.

    Attributes:
        name: for messages and outputs.
        lower, upper: the ends of the support (upper may be infinite).
        tail_index: the moments E φ^p with p below it are finite: k under Pareto, infinite under truncation and log-normal.
        survival: φ → 1 − G(φ).
        density: φ → g(φ), zero outside the support.
        moment: (φ*, p) → ∫_φ*^∞ φ^p dG, not checked against `tail_index`.
    """

    name: str
    lower: float
    upper: float
    tail_index: float
    survival: Callable[[Array], Array]
    density: Callable[[Array], Array]
    moment: Callable[[Array, float], Array]


# --- what the chapter makes of them --------------------------------------------------------------------------------------------------------


def tail_faults(productivity: Productivity, sigma: float) -> list[str]:
    """A sentence for each reason why ∫ φ^(σ−1) dG is not a number: σ ≤ 1, or a tail so heavy that average sales are infinite."""
    if not 1 < sigma < math.inf:
        return [f"sigma = {sigma:g}, but it must exceed 1 and be finite."]
    if productivity.tail_index <= sigma - 1:
        return [
            f"productivity: {productivity.name} has so many very productive firms that their average sales are infinite: its tail index is "
            f"{productivity.tail_index:.6g}, but it must exceed sigma − 1 = {sigma - 1:g}. Lower sigma, raise the index, or truncate."
        ]
    if not math.isfinite(productivity.moment(np.zeros(()), sigma - 1)):
        return [f"productivity: average sales under {productivity.name} and sigma = {sigma:g} exceed floating point: lower sigma."]
    return []


def _checked(productivity: Productivity, sigma: float, cutoff: npt.ArrayLike) -> Array:
    phi = np.asarray(cutoff, dtype=float)
    faults = tail_faults(productivity, sigma)
    if not (phi >= 0).all():
        faults.append("cutoff: a cutoff is negative or not a number; productivity is positive.")
    if faults:
        raise DataError(faults)
    return phi


def tail_moment(productivity: Productivity, sigma: float, cutoff: npt.ArrayLike) -> Array:
    """∫_φ*^∞ φ^(σ−1) dG, by which sales of the firms above a cutoff add up (chapter, eq. 9) […], the shape of `cutoff`.

    Raises:
        DataError: σ ≤ 1, the moment is infinite (k ≤ σ − 1), or a cutoff is negative.
    """
    return productivity.moment(_checked(productivity, sigma, cutoff), sigma - 1)


def J(productivity: Productivity, sigma: float, cutoff: npt.ArrayLike) -> Array:
    """J(φ*) = ∫_φ*^∞ [(φ/φ*)^(σ−1) − 1] dG: an entrant's expected profit over the fixed cost (chapter, eq. 5); shape of `cutoff`.

    Below the support every entrant produces and J(φ*) = E φ^(σ−1)/φ*^(σ−1) − 1; above it, zero. Under Pareto (σ−1)/(k−σ+1)·(φmin/φ*)^k.

    Raises:
        DataError: as `tail_moment`.
    """
    return _J(productivity, sigma, _checked(productivity, sigma, cutoff))


def _J(productivity: Productivity, sigma: float, phi: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.maximum(productivity.moment(phi, sigma - 1) * phi ** (1 - sigma) - productivity.survival(phi), 0.0)


def inverse_J(productivity: Productivity, sigma: float, value: npt.ArrayLike) -> Array:
    """The cutoff φ* where J(φ*) = value (chapter, eq. 5) […], the shape of `value`; infinite for zero and, since nobody can sell for less than
    nothing, below it.

    Raises:
        DataError: as `tail_moment`.
    """
    everyone, wanted = tail_moment(productivity, sigma, 0.0), np.asarray(value, dtype=float)
    pays = wanted > 0

    def best(demand: Array) -> tuple[Array, Array]:
        """Of entrants with a fixed cost of one."""
        cutoff = demand ** (1 / (1 - sigma))
        return productivity.survival(cutoff), productivity.moment(cutoff, sigma - 1)

    found = np.full(wanted.shape, math.inf)
    found[pays] = paying(best, wanted[pays], (1 + wanted[pays]) / everyone) ** (1 / (1 - sigma))
    return found


def mean_productivity(productivity: Productivity, sigma: float, cutoff: npt.ArrayLike) -> Array:
    """φ̃ = E[φ^(σ−1) | φ ≥ φ*]^(1/(σ−1)), the productivity of the firm with average sales (chapter, section 4.1).

    NaN where no firm lies above the cutoff. Has the shape […] of `cutoff`.

    Raises:
        DataError: as `tail_moment`.
    """
    phi = _checked(productivity, sigma, cutoff)
    return _ratio(productivity.moment(phi, sigma - 1), productivity.survival(phi)) ** (1 / (sigma - 1))


def sales_hazard(productivity: Productivity, sigma: float, cutoff: npt.ArrayLike) -> Array:
    """h(φ*) = φ*^σ g(φ*)/∫_φ*^∞ φ^(σ−1) dG: percent of sales above the cutoff that one percent more of it drives out; k − σ + 1 under Pareto.

    NaN where no firm lies above the cutoff. Has the shape […] of `cutoff`.

    Raises:
        DataError: as `tail_moment`.
    """
    phi = _checked(productivity, sigma, cutoff)
    with np.errstate(invalid="ignore", over="ignore"):
        return _ratio(phi**sigma * productivity.density(phi), productivity.moment(phi, sigma - 1))


def _ratio(part: Array, whole: Array) -> Array:
    """part/whole; NaN where the whole is zero, or too small a number to divide by."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        ratio = np.asarray(part / whole)
    return np.where(np.isfinite(ratio), ratio, np.nan)


# --- distributions with closed forms -------------------------------------------------------------------------------------------------------


def _raise(**positive: float) -> None:
    """`DataError` that names every parameter which is not positive and finite."""
    faults = [f"productivity: {name} = {value:g}, but it must be positive and finite." for name, value in positive.items()
              if not 0 < value < math.inf]  # fmt: skip
    if faults:
        raise DataError(faults)


def pareto(k: float, lower: float = 1.0) -> Productivity:
    """Pareto: G(φ) = 1 − (φmin/φ)^k (chapter, section 6.1).

    Args:
        k: shape; models need k > σ − 1, which they check.
        lower: φmin, the lower bound of productivity.

    Raises:
        DataError: a parameter that is not positive and finite.
    """
    _raise(k=k, lower=lower)

    def moment(cutoff: Array, power: float) -> Array:
        phi = np.maximum(cutoff, lower)
        return np.asarray(k / (k - power) * lower**power * (phi / lower) ** (power - k))

    def density(phi: Array) -> Array:
        return np.where(phi >= lower, k / lower * (np.maximum(phi, lower) / lower) ** (-k - 1), 0.0)

    return Productivity(f"Pareto with k = {k:g}", lower, math.inf, k, lambda phi: moment(phi, 0.0), density, moment)


def truncated_pareto(k: float, upper: float, lower: float = 1.0) -> Productivity:
    """Pareto on [lower, upper): G(φ) = [1 − (φmin/φ)^k]/[1 − (φmin/φmax)^k], the distribution of Helpman et al. (2008) (chapter, section 6.3).

    All moments are finite, so that k need not exceed σ − 1.

    Args:
        k: shape.
        upper, lower: φmax and φmin, the bounds of productivity.

    Raises:
        DataError: a parameter that is not positive and finite, or bounds in the wrong order.
    """
    from scipy.special import exprel

    _raise(k=k, upper=upper, lower=lower)
    if upper <= lower:
        raise DataError(f"productivity: upper = {upper:g} does not exceed lower = {lower:g}.")
    mass = -math.expm1(-k * math.log(upper / lower))

    def moment(cutoff: Array, power: float) -> Array:
        phi = np.clip(cutoff, lower, upper)
        span, excess = np.log(upper / phi), power - k
        # ∫ φ^(p−k−1) dφ = φ^(p−k) (e^((p−k) span) − 1)/(p − k), written so that p = k is no exception
        return np.asarray(k / mass * lower**power * (phi / lower) ** excess * span * exprel(excess * span))

    def density(phi: Array) -> Array:
        inside = (phi >= lower) & (phi < upper)
        return np.where(inside, k / mass / lower * (np.clip(phi, lower, upper) / lower) ** (-k - 1), 0.0)

    name = f"Pareto with k = {k:g} truncated at {upper:g}"
    return Productivity(name, lower, upper, math.inf, lambda phi: moment(phi, 0.0), density, moment)


def log_normal(s: float, mu: float = 0.0) -> Productivity:
    """Log-normal: ln φ is normal with mean mu and standard deviation s.

    ∫_φ*^∞ φ^p dG = exp(p·mu + p²s²/2)·Φ(p·s − (ln φ* − mu)/s).

    Args:
        s: standard deviation of ln φ.
        mu: mean of ln φ.

    Raises:
        DataError: s is not positive and finite, or mu not finite.
    """
    from scipy.special import ndtr

    _raise(s=s)
    if not math.isfinite(mu):
        raise DataError(f"productivity: mu = {mu:g}, but it must be finite.")

    def score(phi: Array) -> Array:
        with np.errstate(divide="ignore"):
            return np.asarray((np.log(phi) - mu) / s)

    def moment(cutoff: Array, power: float) -> Array:
        with np.errstate(over="ignore"):  # an infinite moment is a fault that `tail_faults` finds
            whole = np.exp(power * mu + (power * s) ** 2 / 2)
        return np.asarray(whole * ndtr(power * s - score(cutoff)))

    def density(phi: Array) -> Array:
        return np.exp(-(score(phi) ** 2) / 2) / (np.where(phi > 0, phi, 1.0) * s * math.sqrt(2 * math.pi))

    return Productivity(f"log-normal with s = {s:g}", 0.0, math.inf, math.inf, lambda phi: moment(phi, 0.0), density, moment)


# --- what is made of them ------------------------------------------------------------------------------------------------------------------


def scaled(productivity: Productivity, times: float) -> Productivity:
    """The distribution of productivities that are so many times those of another.

    Raises:
        DataError: a factor that is not positive and finite.
    """
    g = productivity
    if times == 1:
        return g
    _raise(times=times)
    return Productivity(
        f"{g.name} times {times:g}",
        g.lower * times,
        g.upper * times,
        g.tail_index,
        lambda phi: g.survival(phi / times),
        lambda phi: np.asarray(g.density(phi / times) / times),
        lambda phi, power: np.asarray(times**power * g.moment(phi / times, power)),
    )
