"""What draws of elasticities say: bands of every output, the sectors whose elasticity matters, and whether the draws are enough."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.questions.policy.chosen import INCOME
from cge.questions.sweep.differences import pairs
from cge.questions.sweep.together import together
from cge.results.welfare import SOMETIMES
from cge.tell.headings import DIFFERENCE
from cge.tell.question import Results

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from cge.questions.sweep.combinations import Scenarios

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}

HARMONICS = 10
"""Frequencies of RBD-FAST that belong to a parameter (Tarantola, Gatelli and Mara 2006, Reliability Engineering and System Safety 91; its bias is
taken off as in Tissot and Prieur 2012, the same journal 107)."""

FEWEST = 256
"""Fewer draws say nothing of single sectors: chance alone makes shares of twice the harmonics over their number."""


def by_combination(values: Array, scenarios: Scenarios) -> Array:
    """Scenarios as [combination of the axes, draw, …]."""
    return values.reshape(len(scenarios.places), scenarios.repeats, *values.shape[1:])


def bands(data: xr.Dataset, scenarios: Scenarios) -> pd.DataFrame:
    """Mean, standard deviation and quantiles over the draws of every output, the draws that failed left out and counted; and under
    `<statistic>_difference` of what one combination of the axes has more than another, draw by draw.

    Columns: the axes of the sweep, `country, statistic, draws, failed, mean, sd, p05, p25, median, p75, p95, against`, the last being the value of
    the key by which the other combination of a difference is another, empty for the output itself.
    """
    solved = by_combination(data["outcome"].values == "solved", scenarios)
    sides = list(pairs(scenarios))
    parts = []
    own = [str(name) for name, array in data.data_vars.items() if array.dims == ("scenario", "country") and name != INCOME]
    for statistic in [name for name in own if name not in SOMETIMES or np.nan_to_num(data[name].values).any()]:
        values = by_combination(data[statistic].values, scenarios)
        for row, kept in enumerate(solved):
            parts.append(_band(data, scenarios, row, statistic, values[row], kept))
        for row, other, against in sides:
            both, name = solved[row] & solved[other], f"{statistic}{DIFFERENCE}"
            parts.append(_band(data, scenarios, row, name, values[row] - values[other], both).assign(against=against))
    return pd.concat(parts, ignore_index=True)


def _band(data: xr.Dataset, scenarios: Scenarios, row: int, statistic: str, values: Array, kept: Array) -> pd.DataFrame:
    """Rows of `bands` for one combination of the axes, from values [draw, country] of which some draws are `kept`."""
    countries = data["country"].values
    about = {axis.name: [axis.values[scenarios.places[row, k]]] * len(countries) for k, axis in enumerate(scenarios.axes)}
    counts = {"draws": int(kept.sum()), "failed": int((~kept).sum())}
    return pd.DataFrame({**about, "country": countries, "statistic": statistic, **counts, **moments(values[kept]), "against": ""})


def moments(good: Array) -> dict[str, Array]:
    """Mean, standard deviation and quantiles [country] over draws [draw, country]; NaN for countries without numbers."""
    known = np.isfinite(good).all(axis=0) & (len(good) > 0)
    found = {name: np.full(good.shape[1], np.nan) for name in ("mean", "sd", *QUANTILES)}
    if known.any():
        some = good[:, known]
        found["mean"][known] = some.mean(axis=0)
        if len(some) > 1:
            found["sd"][known] = some.std(axis=0, ddof=1)
        for name, q in QUANTILES.items():
            found[name][known] = np.quantile(some, q, axis=0)
    return found


def variance(
    data: xr.Dataset, scenarios: Scenarios, statistic: str = "real_income_pct", among: Collection[str] | None = None
) -> pd.DataFrame:
    """First-order share of each sector's elasticity in the variance of an output (Sobol index), from the draws themselves by RBD-FAST.

    Columns: the axes, `country, sector, first_order, bound`; no rows below `FEWEST` draws. Shares are estimates, corrected for their bias
    (Tissot and Prieur 2012), so that those of sectors without effect lie around zero, on both sides; one that does not exceed `bound` may be
    chance (`chance`). Where elasticities are correlated shares overlap and do not add up.

    Args:
        among: sectors whose elasticity can matter (default: all that are drawn).
    """
    drawn = np.ptp(scenarios.draws, axis=0) > 0  # type: ignore[arg-type]
    drawn &= np.array([among is None or sector in among for sector in scenarios.sectors])
    names = [sector for sector, varies in zip(scenarios.sectors, drawn, strict=True) if varies]
    solved = by_combination(data["outcome"].values == "solved", scenarios)
    values = by_combination(data[statistic].values, scenarios)
    rows = []
    for row, kept in enumerate(solved):
        about = {axis.name: axis.values[scenarios.places[row, k]] for k, axis in enumerate(scenarios.axes)}
        output = values[row][kept]
        if not names or len(output) < FEWEST:
            continue
        moving = np.ptp(output, axis=0) > 1e-9
        shares = first_order(scenarios.draws[kept][:, drawn], output[:, moving])  # type: ignore[index]
        bound = chance(len(output), len(names))
        for country, share in zip(data["country"].values[moving], shares.T.tolist(), strict=True):
            found = {**about, "country": country, "bound": bound}
            rows += [{**found, "sector": s, "first_order": v} for s, v in zip(names, share, strict=True)]
    columns = [*(axis.name for axis in scenarios.axes), "country", "sector", "first_order", "bound"]
    return pd.DataFrame(rows, columns=columns)


def first_order(draws: Array, output: Array) -> Array:
    """First-order shares [sector, country] by RBD-FAST from elasticities [draw, sector] and an output of every country [draw, country].

    Walked through by every second value of an elasticity upwards and the others back, an output is a wave as far as it depends on this
    elasticity alone: its share in the variance is that of the lowest frequencies, 2 Σ_h |F_h|² / (n Σ (y − ȳ)²) (Plischke 2010, Reliability
    Engineering and System Safety 95, eq. 8).
    """
    deviation = output - output.mean(axis=0)
    power = []
    for values in draws.T:
        upwards = np.argsort(values)
        walk = np.concatenate([upwards[::2], upwards[1::2][::-1]])
        waves = np.fft.rfft(deviation[walk], axis=0)[1 : HARMONICS + 1]
        power.append((np.abs(waves) ** 2).sum(axis=0))
    raw = 2 * np.stack(power) / (len(draws) * (deviation**2).sum(axis=0))
    return np.asarray(unbiased(raw, len(draws)))


def unbiased(share: Any, draws: int) -> Any:
    """Shares [any dims] without what so many draws add to them by chance (Tissot and Prieur 2012)."""
    bias = 2 * HARMONICS / draws
    return share - bias / (1 - bias) * (1 - share)


def chance(draws: int, sectors: int) -> float:
    """The share that the largest of so many sectors without any effect exceeds in one sweep of twenty.

    Sorted by an elasticity that has no effect an output is in random order, white noise, and each of the (draws − 1)/2 frequencies of its
    spectrum has an exponential share in its variance; the sum of M of them is Beta(M, (draws − 1)/2 − M), here corrected for its mean as the
    share itself is. A sector exceeds the bound once in 20 · `sectors` times (Bonferroni).
    """
    from scipy.stats import beta

    return float(unbiased(beta.ppf(1 - 0.05 / sectors, HARMONICS, (draws - 1) / 2 - HARMONICS), draws))


def convergence(data: xr.Dataset, scenarios: Scenarios, statistic: str = "real_income_pct") -> pd.DataFrame:
    """How mean and quantiles settle with the number of draws, at each power of two and at all of them, for the first combination.

    Columns: `draws, country, mean, p05, p95`; draws that failed are left out, and countries that the economy of this combination lacks.
    """
    kept = by_combination(data["outcome"].values == "solved", scenarios)[0]
    good = by_combination(data[statistic].values, scenarios)[0][kept]
    known = np.isfinite(good).all(axis=0)
    good, countries = good[:, known], data["country"].values[known]
    sizes = sorted({*(2**k for k in range(2, 40) if 2**k <= len(good)), len(good)} - {0, 1})
    parts = []
    for size in sizes:
        low, high = np.quantile(good[:size], [0.05, 0.95], axis=0)
        columns = {"draws": size, "country": countries, "mean": good[:size].mean(axis=0), "p05": low, "p95": high}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["draws", "country", "mean", "p05", "p95"])


def convergence_figure(table: pd.DataFrame, country: str, ax: Axes | None = None) -> Axes:
    """Mean and 90 % band of real income of a country against the number of draws, as matplotlib Axes."""
    from cge.data.journal import BLUE, FONT, SIZE

    if ax is None:
        from matplotlib.figure import Figure

        ax = Figure(figsize=SIZE, layout="constrained").add_subplot()
    rows = table[table["country"] == country]
    draws = rows["draws"].to_numpy(float)
    ax.fill_between(draws, rows["p05"].to_numpy(float), rows["p95"].to_numpy(float), color=BLUE, alpha=0.25, linewidth=0, label="90 % band")
    ax.plot(draws, rows["mean"].to_numpy(float), color=BLUE, linewidth=1.2, label="mean")
    ax.set_xscale("log", base=2)
    ax.set_xlabel("Number of draws", fontsize=FONT)
    ax.set_ylabel(f"Real income of {country}, change in %", fontsize=FONT)
    ax.tick_params(labelsize=FONT)
    ax.legend(fontsize=FONT, frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def spread(results: Results, statistic: str = "real_income_pct", groups: bool = False) -> pd.DataFrame:
    """Quantiles of a statistic of a sweep over the draws, for every combination of its keys and country; without draws all are the value itself.

    Columns: the keys of the sweep, `country, p05, p25, median, p75, p95`; scenarios that failed are left out (NaN where all failed).

    Args:
        groups: of the world and groups, in place of countries.
    """
    assert results.store is not None
    axes, repeats, members = list(results.summary["axes"]), max(int(results.summary["draws"]), 1), results.summary["together"]
    values = together(results.store, members, statistic) if groups else results.store[statistic].values
    values = values.reshape(-1, repeats, values.shape[1])
    bands = [quantiles(draws) for draws in values]
    countries = list(members) if groups else results.countries
    keys = {name: np.repeat(results.store[name].values[::repeats], len(countries)) for name in axes}
    labels = {**keys, "country": np.tile(np.array(countries, dtype=object), len(bands))}
    return pd.DataFrame({**labels, **dict(zip(QUANTILES, np.hstack(bands), strict=True))})


def quantiles(draws: Array) -> Array:
    """`QUANTILES` [quantile, country] over the draws [draw, country] that were solved and have the country; NaN where none does."""
    found = np.full((len(QUANTILES), draws.shape[1]), np.nan)
    solved = draws[np.isfinite(draws).any(axis=1)]
    gaps = np.isnan(solved).any(axis=0)
    if len(solved):
        found[:, ~gaps] = np.quantile(solved[:, ~gaps], list(QUANTILES.values()), axis=0)
    for place in np.flatnonzero(gaps):
        if len(known := solved[~np.isnan(solved[:, place]), place]):
            found[:, place] = np.quantile(known, list(QUANTILES.values()))
    return found
