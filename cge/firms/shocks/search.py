"""The search for parameters: by moments from a start, and then for the highest likelihood (chapter, section 6.4)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.shocks.economy import Shocks
from cge.firms.shocks.expected import expected, scales
from cge.firms.shocks.likelihood import Likelihood, grid, likelihood
from cge.firms.shocks.moments import Cuts, FirmData, cuts, moments
from cge.solve.threads import processors

STARTS = ((2.0, 1.0, 1.0, 0.4, 0.0), (3.0, 0.5, 1.5, 0.3, -0.5), (1.5, 0.5, 0.7, 0.6, 0.3), (2.5, 3.0, 1.0, 0.5, -0.3))
"""Where the search begins: θ̃, λ, σ_a, σ_h, ρ."""

LOW, HIGH = np.array([-4.0, 0.01, -3.0, -3.0, -3.0]), np.array([3.0, 0.999, 2.0, 1.0, 3.0])
"""Lowest and highest transformed parameters; a search that left them would not find back."""

ENOUGH, STEPS = 1e-6, 100
"""By how much a further step would raise the logarithm of the likelihood where the search ends, and steps before giving up."""

Tell = Callable[[str], None]
"""Is told in words what was done."""


def shocks_of(point: Array) -> Shocks:
    """The five parameters from (ln(θ̃−1), λ/(1+λ), ln σ_a, ln σ_h, artanh ρ) [parameter]; sales hardly depend on ln λ where λ is small or large."""
    t, reach, a, h, rho = (float(x) for x in point[:5])
    return Shocks(1 + float(np.exp(t)), reach / (1 - reach), float(np.exp(a)), float(np.exp(h)), float(np.tanh(rho)))


def point_of(shocks: Shocks) -> Array:
    """The inverse of `shocks_of` [parameter]."""
    t, lam, a, h, rho = shocks
    return np.array([np.log(t - 1), 1 / (1 + 1 / lam), np.log(a), np.log(h), np.arctanh(rho)])


def per_unit(shocks: Shocks) -> Array:
    """Derivatives of the five in what `shocks_of` takes [parameter]."""
    return np.array([shocks.theta - 1, (1 + shocks.convexity) ** 2, *shocks[2:4], 1 - shocks.correlation**2])


class Wanted(NamedTuple):
    """What a search by moments has to meet: N_n [market], cuts, shares, and inverse standard deviations of these [moment]."""

    sellers: Array
    by: Cuts
    share: Array
    weight: Array


def wanted(data: FirmData) -> Wanted:
    """Moments of data. Weights are from the variance of a share; none counts as surer than one firm more or less would make it."""
    by = cuts(data)
    share, count = moments(data, by)
    clipped = np.clip(share, 1 / count, 1 - 1 / count)
    return Wanted(data.sellers, by, share, np.sqrt(count / (clipped * (1 - clipped))))


def missed(of: Wanted, point: Array) -> Array:
    """By how many standard deviations each moment is missed [moment], at transformed parameters [parameter]."""
    return np.asarray((expected(shocks_of(point), of.sellers, of.by) - of.share) * of.weight)


def objective(of: Wanted, point: Array) -> float:
    """The sum of squares of what is `missed`, at transformed parameters [parameter]."""
    gaps = missed(of, point)
    return float(gaps @ gaps)


def by_moments(of: Wanted, start: Shocks) -> Array:
    """The point [parameter] to which Gauss and Newton's method leads within bounds."""
    from scipy.optimize import least_squares

    found = least_squares(
        partial(missed, of), point_of(start), bounds=(LOW, HIGH), diff_step=np.full(5, 1e-3), xtol=1e-6, ftol=1e-8, max_nfev=60
    )
    return np.asarray(found.x)


RIDGE = (0.1, 0.25, 0.4, 0.6, 0.8)
"""λ/(1+λ) of points along the ridge."""


def along_ridge(of: Wanted, near: Array) -> list[Array]:
    """Points [parameter] with given λ at which moments are met best, after the one at which they are met best of all, from where the search for them
    begins: moments hardly tell which it is.
    """
    from scipy.optimize import least_squares

    rest, found = np.array([0, 2, 3, 4]), [near]
    for reach in RIDGE:

        def gaps(x: Array, reach: float = reach) -> Array:
            return missed(of, np.insert(x, 1, reach))

        x = least_squares(gaps, near[rest], bounds=(LOW[rest], HIGH[rest]), diff_step=np.full(4, 1e-3), xtol=1e-3, ftol=1e-3, max_nfev=20).x
        found.append(np.insert(x, 1, reach))
    return found


class Highest(NamedTuple):
    """Where the likelihood is highest: parameters, ln N_n and ln scales [unknown], and the information there [unknown, unknown]."""

    point: Array
    information: Array


def highest(data: FirmData, near: Sequence[Array], tell: Tell) -> Highest:
    """The highest likelihood, from the likeliest of some points [parameter], by Gauss and Newton's method with damping: information in the place of
    curvature.

    Raises:
        SolveError: no step raises the likelihood any more, but the slopes are not zero.
    """
    by, median = grid(data, [shocks_of(point) for point in near]), cuts(data).median
    whole = [np.concatenate([point, np.log(data.sellers), scales(shocks_of(point), data.sellers, median)]) for point in near]
    low, high = (np.pad(bound, (0, len(whole[0]) - 5), constant_values=rest) for bound, rest in ((LOW, -np.inf), (HIGH, np.inf)))
    with ThreadPoolExecutor(processors()) as pool:
        at = partial(likelihood, by, shocks_of, spread=pool.map)
        unknown = max(whole, key=lambda point: at(point, slopes=False).value)
        here, damping = at(unknown), 1e-2
        for number in range(STEPS):
            free = ~(((unknown <= low) & (here.slope < 0)) | ((unknown >= high) & (here.slope > 0)))
            while True:
                step = _step(here, free, damping)
                gain, tried = float(here.slope @ step), np.clip(unknown + step, low, high)
                if gain < ENOUGH or at(tried, slopes=False).value > here.value:
                    break
                damping = max(4 * damping, 1e-3)
            if gain < ENOUGH:
                return Highest(unknown, here.information)
            unknown, here, damping = tried, at(tried), damping / 8
            tell(f"likelihood, step {number + 1}: its logarithm rises by {gain:.1g}, {in_words(shocks_of(unknown))}")
    raise SolveError(
        Outcome("not_converged", f"The highest likelihood was not found in {STEPS} steps; it lies near {in_words(shocks_of(unknown))}.")
    )


def _step(here: Likelihood, free: npt.NDArray[np.bool_], damping: float) -> Array:
    """The step that information and slopes suggest, where unknowns are free."""
    step = np.zeros(len(free))
    information = here.information[np.ix_(free, free)]
    step[free] = np.linalg.solve(information + damping * np.diag(np.diag(information)), here.slope[free])
    return step


def resampled(data: FirmData, seed: int, number: int) -> FirmData:
    """As many firms drawn from the data anew, with replacement; which ones follows from the seed and the sample's number."""
    count = len(data.weight)
    times = np.random.default_rng([seed, number]).multinomial(count, np.full(count, 1 / count))
    return data._replace(sales=data.sales[times > 0], weight=(data.weight * times)[times > 0])


def in_words(shocks: Shocks) -> str:
    """The five, to read."""
    names = ("θ̃", "λ", "σ_a", "σ_h", "ρ")
    return ", ".join(f"{name} {value:.3g}" for name, value in zip(names, shocks, strict=True))
