"""θ̃, λ and the shocks from firms' sales (chapter, section 6.4; Eaton, Kortum and Kramarz 2011).

Moments first, from several starts: numbers of sellers are taken from the data, and the scale of sales in each market from its median; the mean is too
noisy. They lead from anywhere to the neighbourhood, but cannot end there: with 60,000 home sellers in five markets those 85 tell θ̃ to ±0.3 and λ to
±0.3, since both lie along a ridge, and no weights would tell them to better than ±0.2. All sales of all firms do, so that the likelihood ends the
search.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.files.kept import Kept
from cge.data.versions import versions
from cge.errors import DataError
from cge.firms.shocks.economy import Shocks
from cge.firms.shocks.moments import FirmData, firm_data
from cge.firms.shocks.search import (
    STARTS,
    Highest,
    Tell,
    along_ridge,
    by_moments,
    highest,
    in_words,
    objective,
    per_unit,
    resampled,
    shocks_of,
    wanted,
)
from cge.solve.threads import one_thread

RIDGE = 0.8
"""Correlation of the estimates of θ̃ and λ from which their combination is told much better than either."""


class Estimate(NamedTuple):
    """What firms' sales say of the five parameters.

    Attributes:
        theta: θ̃; convexity: λ; sigma_demand: σ_a; sigma_entry: σ_h; correlation: ρ.
        objective: weighted squares of moments missed there; about as large as the number of moments where the model is right.
        moments: how many.
        standard_errors: of the five, from the information in the likelihood, or by bootstrap over firms where that was asked for.
        ridge: correlation of the estimates of θ̃ and λ; close to ±1 their combination is told much better than either.
        theta_sigma_entry: θ̃σ_h, which is told sharply also then.
        by_moments: the five at which moments alone are met best.
        starts: objective reached from each start, by moments.
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
    by_moments: Shocks
    starts: tuple[float, ...]

    @property
    def note(self) -> str:
        """What a reader should know of the estimate; empty where there is nothing."""
        if abs(self.ridge) < RIDGE:
            return ""
        return (
            f"θ̃ and λ lie on a ridge (correlation of their estimates {self.ridge:.2f}): θ̃·σ_h = {self.theta_sigma_entry:.3f} is told sharply, "
            f"θ̃ only to ±{self.standard_errors[0]:.2g} and λ to ±{self.standard_errors[1]:.2g}, one against the other."
        )


@one_thread
def estimate(
    sales: pd.DataFrame,
    home: str,
    seed: int = 0,
    starts: int = 4,
    bootstrap: int = 0,
    journal: Path | str | None = None,
    progress: Tell | None = None,
) -> Estimate:
    """θ̃, λ, σ_a, σ_h and ρ from a table of firms' sales by market: where the likelihood of all sales is highest, near where moments are met best.

    Args:
        sales: columns `firm`, `market`, `sales`, as `firm_data` reads it; all firms of one country, those that do not sell at home too.
        home: their own market.
        seed: of the bootstrap. starts: from how many points the search by moments begins, 1 to 4.
        bootstrap: samples of firms for standard errors; 0: these are from the information in the likelihood.
        journal: file that keeps what is done, so that an interrupted estimation goes on from there and ends with the same numbers; it is removed
            at the end.
        progress: is told in words what was done; `print`, for instance.

    Raises:
        DataError: as `firm_data`; numbers out of range.
        SolveError: no highest likelihood was found.
    """
    faults = [] if 1 <= starts <= len(STARTS) else [f"starts = {starts}, but there are 1 to {len(STARTS)}."]
    if bootstrap < 0 or bootstrap == 1:
        faults.append(f"bootstrap = {bootstrap}, but it takes none or at least two samples.")
    try:
        data = firm_data(sales, home)
    except DataError as error:
        faults += error.faults
    if faults:
        raise DataError(faults)
    kept = None if journal is None else Kept[list[float]](Path(journal), _signature(data, seed), list, list)
    tell: Tell = progress or (lambda words: None)
    of = wanted(data)

    def done(key: str, make: Callable[[], Array]) -> Array:
        """What is known of a step, or what it finds, which is kept."""
        known = np.array(kept.known[key]) if kept and key in kept.known else make()
        if kept and key not in kept.known:
            kept.keep(key, known.tolist())
        tell(f"{key}: {in_words(shocks_of(known))}")
        return known

    def likely(number: int, near: Sequence[Array]) -> Array:
        """The highest likelihood of the data, or of a sample of the bootstrap, from one."""
        return np.concatenate([part.ravel() for part in highest(resampled(data, seed, number) if number else data, near, tell)])

    names = [f"moments from start {n + 1} of {len(STARTS)}" for n in range(starts)]
    found = [done(name, partial(by_moments, of, Shocks(*start))) for name, start in zip(names, STARTS, strict=False)]
    reached = tuple(objective(of, point) for point in found)
    near = found[int(np.argmin(reached))]
    best = done("highest likelihood", lambda: likely(0, along_ridge(of, near)))
    count = 5 + 2 * len(data.markets)
    top = Highest(best[:count], best[count:].reshape(count, count))
    names = [f"sample {n} of the bootstrap" for n in range(1, bootstrap + 1)]
    samples = [done(name, partial(likely, n, [top.point[:5]]))[:5] for n, name in enumerate(names, 1)]
    shocks, spread = shocks_of(top.point), np.linalg.inv(top.information)[:5, :5]
    result = Estimate(
        *shocks,
        objective=objective(of, top.point),
        moments=len(of.share),
        standard_errors=_standard_errors(shocks, spread, samples),
        ridge=float(spread[0, 1] / np.sqrt(spread[0, 0] * spread[1, 1])),
        theta_sigma_entry=shocks.theta * shocks.sigma_entry,
        by_moments=shocks_of(near),
        starts=reached,
    )
    if kept:
        kept.drop()
    return result


def _standard_errors(shocks: Shocks, spread: Array, samples: Sequence[Array]) -> tuple[float, ...]:
    """From samples, or without any from the variance of transformed parameters [parameter, parameter]."""
    if samples:
        return tuple(np.std([shocks_of(point) for point in samples], axis=0, ddof=1).tolist())
    return tuple((per_unit(shocks) * np.sqrt(np.diag(spread))).tolist())


def _signature(data: FirmData, seed: int) -> str:
    """Changes with whatever decides what a step finds: the data, the seed, versions."""
    whole = hashlib.sha256(repr((data.markets, seed, versions())).encode())
    for array in (data.sales, data.weight):
        whole.update(np.ascontiguousarray(array).tobytes())
    return whole.hexdigest()
