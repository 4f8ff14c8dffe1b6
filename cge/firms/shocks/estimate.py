"""θ̃, λ and the shocks by simulated method of moments (chapter, section 6.4; Eaton, Kortum and Kramarz 2011).

Numbers of sellers are taken from the data, and the scale of sales in each market from its median; the mean is too noisy. The draws are the same in
all evaluations, Sobol's, for pseudo-random ones would make the objective rough; steps of its differences are large, since moments are shares of
firms. θ̃ and λ lie along a ridge when demand noise is large, so that several starts are needed, and the ridge is reported.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.shocks.economy import Shocks
from cge.firms.shocks.moments import Cuts, FirmData, cuts, firm_data, moments
from cge.firms.shocks.simulate import Draws, density, drawn, draws

COARSE, FINE, FINEST = 1 << 14, 1 << 16, 1 << 18
"""Draws while looking for the neighbourhood from each start, while comparing what starts lead to, and at the end."""

STARTS = ((2.0, 1.0, 1.0, 0.4, 0.0), (3.0, 0.5, 1.5, 0.3, -0.5), (1.5, 0.5, 0.7, 0.6, 0.3), (2.5, 3.0, 1.0, 0.5, -0.3))
"""Where the search begins: θ̃, λ, σ_a, σ_h, ρ."""

WIDE, NARROW = 0.1, 0.05
"""Steps of differences, in the transformed parameters."""

BOX = np.array([[-4.0, -4.0, -4.0, -4.0, -3.0], [3.0, 5.0, 2.0, 1.0, 3.0]])
"""Lowest and highest transformed parameters; a search that left them would not find back."""

RIDGE = 0.8
"""Correlation of the estimates of ln(θ̃−1) and ln λ from which only their combination is told."""

log = logging.getLogger(__name__)


class Estimate(NamedTuple):
    """What firms' sales say of the five parameters.

    Attributes:
        theta: θ̃; convexity: λ; sigma_demand: σ_a; sigma_entry: σ_h; correlation: ρ.
        objective: weighted squares of moments missed; about as large as the number of moments where the model is right.
        moments: how many.
        standard_errors: of the five, by bootstrap over firms; NaN without.
        ridge: correlation of the estimates of ln(θ̃−1) and ln λ; close to ±1 they are not told apart, their combination is.
        theta_sigma_entry: θ̃σ_h, which is told sharply also then.
        starts: objective reached from each start, before the last search.
    """

    theta: float
    convexity: float
    sigma_demand: float
    sigma_entry: float
    correlation: float
    objective: float
    moments: int
    standard_errors: tuple[float, ...]
    ridge: float
    theta_sigma_entry: float
    starts: tuple[float, ...]

    @property
    def note(self) -> str:
        """What a reader should know of the estimate; empty where there is nothing."""
        if abs(self.ridge) < RIDGE:
            return ""
        return (
            f"θ̃ and λ lie on a ridge (correlation of their estimates {self.ridge:.2f}): the data tell θ̃·σ_h = {self.theta_sigma_entry:.3f}, but "
            "hardly either of them."
        )


def shocks_of(point: Array) -> Shocks:
    """The five parameters from (ln(θ̃−1), ln λ, ln σ_a, ln σ_h, artanh ρ) [parameter]."""
    return Shocks(*(float(x) for x in (1 + np.exp(point[0]), *np.exp(point[1:4]), np.tanh(point[4]))))


def point_of(shocks: Shocks) -> Array:
    """The inverse of `shocks_of`: (ln(θ̃−1), ln λ, ln σ_a, ln σ_h, artanh ρ) [parameter]."""
    return np.array(
        [np.log(shocks.theta - 1), *np.log([shocks.convexity, shocks.sigma_demand, shocks.sigma_entry]), np.arctanh(shocks.correlation)]
    )


class Model(NamedTuple):
    """The data as the simulator meets them: their cuts, moments, inverse standard deviations of these [moment], and draws."""

    data: FirmData
    by: Cuts
    wanted: Array
    weight: Array
    of: Draws


def model(data: FirmData, of: Draws) -> Model:
    """Moments of the data, with weights from the variance of a share; no share counts as surer than one firm more or less would make it."""
    by = cuts(data)
    wanted, count = moments(data, by)
    share = np.clip(wanted, 1 / count, 1 - 1 / count)
    return Model(data, by, wanted, np.sqrt(count / (share * (1 - share))), of)


def simulated(m: Model, shocks: Shocks) -> FirmData:
    """Firms that sell at home under parameters, sales scaled to the data's medians."""
    # entry shocks at home as those that sell there have them, a normal moved by θ̃σ_h, and u up to where they still sell: no draw is wasted, and
    # their probabilities multiply to N_home/κ_2·E η^θ̃ = N_home for each
    tilt = shocks.theta * shocks.sigma_entry
    entry = m.of.entry.copy()
    entry[:, 0] += tilt
    firms = drawn(shocks, m.data.sellers, m.of._replace(entry=entry), m.data.sellers[0] / shocks.kappa_2 * np.exp(tilt * entry[:, 0]))
    sales, weight = firms.sales, m.data.sellers[0] * density(m.of)
    scale = np.ones(sales.shape[1])
    for n in range(sales.shape[1]):
        there = sales[:, n] > 0
        order = np.argsort(sales[there, n])
        upto = np.cumsum(weight[there][order])
        if len(upto):
            scale[n] = m.by.median[n] / sales[there, n][order][np.searchsorted(upto, upto[-1] / 2)]
    return FirmData(m.data.markets, m.data.sellers, sales * scale, weight)


def missed(m: Model, point: Array) -> Array:
    """By how many standard deviations each moment is missed [moment], at transformed parameters [parameter]."""
    shocks = shocks_of(np.clip(point, *BOX))
    return np.asarray((moments(simulated(m, shocks), m.by)[0] - m.wanted) * m.weight)


def estimate(sales: pd.DataFrame, home: str, seed: int = 0, starts: int = 4, bootstrap: int = 0) -> Estimate:
    """θ̃, λ, σ_a, σ_h and ρ from a table of firms' sales by market.

    Gauss and Newton's method with large steps from several starts, on few draws and then on many, and Nelder and Mead's from the best.

    Args:
        sales: columns `firm`, `market`, `sales`, as `firm_data` reads it; all firms of one country, those that do not sell at home too.
        home: their own market.
        seed: of the draws. starts: how many of `STARTS`, 1 to 4. bootstrap: samples of firms for standard errors, 0 for none.

    Raises:
        DataError: as `firm_data`; numbers out of range.
        SolveError: no start leads to a finite objective.
    """
    faults = [] if 1 <= starts <= len(STARTS) else [f"starts = {starts}, but there are 1 to {len(STARTS)}."]
    if bootstrap < 0 or bootstrap == 1:
        faults.append(f"bootstrap = {bootstrap}, but it takes none or at least two samples.")
    if faults:
        raise DataError(faults)
    data = firm_data(sales, home)
    coarse = model(data, draws(COARSE, len(data.markets), seed))
    found = []
    for number in range(starts):
        point, value = gauss_newton(partial(missed, coarse), point_of(Shocks(*STARTS[number])), WIDE)
        log.info("start %d of %d: objective %.4g at %s", number + 1, starts, value, shocks_of(point))
        found.append((value, point))
    if not np.isfinite([value for value, _ in found]).any():
        raise SolveError(Outcome("not_converged", "No start leads to parameters under which firms sell in every market."))
    # few draws do not tell which start is best: each goes on with more of them
    fine = model(data, draws(FINE, len(data.markets), seed))
    again = [gauss_newton(partial(missed, fine), point, NARROW) for value, point in found if np.isfinite(value)]
    last = partial(missed, model(data, draws(FINEST, len(data.markets), seed)))
    point, value = _polished(last, *gauss_newton(last, min(again, key=lambda pair: pair[1])[0], NARROW))
    log.info("all draws: objective %.4g at %s", value, shocks_of(point))
    errors = standard_errors(data, point, bootstrap, seed) if bootstrap else (np.nan,) * 5
    shocks = shocks_of(point)
    told = ridge(_slopes(last, point, NARROW))
    values = tuple(pair[1] for pair in again)
    return Estimate(*shocks, value, len(fine.wanted), errors, told, shocks.theta * shocks.sigma_entry, values)


def ridge(slopes: Array) -> float:
    """Correlation of the estimates of the first two parameters, from slopes of moments over their errors [moment, parameter]."""
    normal = slopes.T @ slopes
    spread = np.linalg.pinv(normal + 1e-9 * np.diag(np.diag(normal) + 1e-300), hermitian=True)
    return float(np.clip(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1]), -1, 1))


def _slopes(gaps: Callable[[Array], Array], point: Array, step: float) -> Array:
    columns = [(gaps(point + step * unit) - gaps(point - step * unit)) / (2 * step) for unit in np.eye(len(point))]
    return np.column_stack(columns)


def gauss_newton(gaps: Callable[[Array], Array], point: Array, step: float, limit: int = 25) -> tuple[Array, float]:
    """The point [parameter] to which Gauss and Newton's method with damping leads, and its sum of squares; slopes by differences of a large step."""
    at = gaps(point)
    value, damping = float(at @ at), 1e-2
    for _ in range(limit):
        slopes = _slopes(gaps, point, step)
        normal, better = slopes.T @ slopes, False
        for _ in range(8):
            move = -np.linalg.solve(normal + damping * np.diag(np.diag(normal) + 1e-12), slopes.T @ at)
            tried = np.clip(point + move * min(1.0, 1.0 / max(np.abs(move).max(), 1e-300)), *BOX)
            new = gaps(tried)
            if float(new @ new) < value:
                better = True
                break
            damping *= 4
        if not better:
            break
        gain, point, at, value = value - float(new @ new), tried, new, float(new @ new)
        damping = max(damping / 10, 1e-6)
        if gain < 1e-4 * value:
            break
    return point, value


def _polished(gaps: Callable[[Array], Array], point: Array, value: float) -> tuple[Array, float]:
    """Nelder and Mead's search from a simplex of its own: the usual one hardly moves a coordinate that is zero."""
    from scipy.optimize import minimize

    simplex = np.vstack([point, point + NARROW * np.eye(len(point))])

    def loss(x: Array) -> float:
        at = gaps(x)
        return float(at @ at)

    best = minimize(loss, point, method="Nelder-Mead", options={"initial_simplex": simplex, "maxfev": 120, "xatol": 1e-4, "fatol": 1e-3})
    return (best.x, float(best.fun)) if best.fun < value else (point, value)


def standard_errors(data: FirmData, point: Array, samples: int, seed: int) -> tuple[float, ...]:
    """Standard deviations of the five over samples of firms, each estimated from the estimate [parameter] on few draws of its own."""
    rng, found = np.random.default_rng(seed), []
    for number in range(samples):
        times = rng.multinomial(len(data.sales), np.full(len(data.sales), 1 / len(data.sales)))
        weight = data.weight * times
        again = data._replace(sales=data.sales[times > 0], weight=weight[times > 0])
        resampled = model(again, draws(COARSE, len(data.markets), seed + 1 + number))
        found.append(list(shocks_of(gauss_newton(partial(missed, resampled), point, WIDE, 6)[0])))
        log.info("bootstrap %d of %d", number + 1, samples)
    return tuple(float(x) for x in np.std(found, axis=0, ddof=1))
