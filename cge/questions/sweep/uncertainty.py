"""What draws of elasticities say: bands of every output, the sectors whose elasticity matters, and whether the draws are enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.results.welfare import COLUMNS
from cge.tell.question import Results

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

    from cge.questions.sweep.scenarios import Scenarios

QUANTILES = {"p05": 0.05, "p25": 0.25, "median": 0.5, "p75": 0.75, "p95": 0.95}

HARMONICS = 10
"""Frequencies of RBD-FAST that belong to a parameter (Tarantola, Gatelli and Mara 2006, Reliability Engineering and System Safety 91)."""

FEWEST = 256
"""Fewer draws say nothing of single sectors: the error of an index is about twice the harmonics over their number."""


def by_combination(values: Array, scenarios: Scenarios) -> Array:
    """Scenarios as [combination of the axes, draw, …]."""
    return values.reshape(len(scenarios.places), scenarios.repeats, *values.shape[1:])


def bands(data: xr.Dataset, scenarios: Scenarios) -> pd.DataFrame:
    """Mean, standard deviation and quantiles over the draws of every output, the draws that failed left out and counted.

    Columns: the axes of the sweep, `country, statistic, draws, failed, mean, sd, p05, p25, median, p75, p95`.
    """
    solved = by_combination(data["outcome"].values == "solved", scenarios)
    labels = {axis.name: [axis.values[place] for place in scenarios.places[:, k]] for k, axis in enumerate(scenarios.axes)}
    parts = []
    for statistic in COLUMNS[1:]:
        values = by_combination(data[statistic].values, scenarios)
        for row, kept in enumerate(solved):
            good = values[row][kept]
            empty = np.full(values.shape[2], np.nan)
            some = len(good) > 0 and np.isfinite(good).all()
            spread = good.std(axis=0, ddof=1) if some and len(good) > 1 else empty
            columns = {"mean": good.mean(axis=0) if some else empty, "sd": spread}
            columns |= {name: np.quantile(good, q, axis=0) if some else empty for name, q in QUANTILES.items()}
            about = {name: [values_of[row]] * len(empty) for name, values_of in labels.items()}
            counts = {"draws": int(kept.sum()), "failed": int((~kept).sum())}
            parts.append(pd.DataFrame({**about, "country": data["country"].values, "statistic": statistic, **counts, **columns}))
    return pd.concat(parts, ignore_index=True)


def variance(data: xr.Dataset, scenarios: Scenarios, statistic: str = "real_income_pct") -> pd.DataFrame:
    """First-order share of each sector's elasticity in the variance of an output (Sobol index), from the draws themselves by RBD-FAST.

    Columns: the axes, `country, sector, first_order`; no rows below `FEWEST` draws. Shares are estimates with an error of about twice the
    harmonics over the draws (2 % at 1,000), so that small ones may come out below zero. Where elasticities are correlated they overlap
    and do not add up.
    """
    from SALib.analyze import rbd_fast

    drawn = np.ptp(scenarios.draws, axis=0) > 0  # type: ignore[arg-type]
    names = [sector for sector, varies in zip(scenarios.sectors, drawn, strict=True) if varies]
    problem = {"num_vars": len(names), "names": names, "bounds": [[0, 1]] * len(names)}
    solved = by_combination(data["outcome"].values == "solved", scenarios)
    values = by_combination(data[statistic].values, scenarios)
    rows = []
    for row, kept in enumerate(solved):
        about = {axis.name: axis.values[scenarios.places[row, k]] for k, axis in enumerate(scenarios.axes)}
        draws = scenarios.draws[kept][:, drawn]  # type: ignore[index]
        for place, country in enumerate(data["country"].values):
            output = values[row][kept][:, place]
            if len(output) >= FEWEST and np.ptp(output) > 1e-9:
                first = rbd_fast.analyze(problem, draws, output, M=HARMONICS, num_resamples=2, seed=0)["S1"]
                rows += [{**about, "country": country, "sector": s, "first_order": float(v)} for s, v in zip(names, first, strict=True)]
    columns = [*(axis.name for axis in scenarios.axes), "country", "sector", "first_order"]
    return pd.DataFrame(rows, columns=columns)


def convergence(data: xr.Dataset, scenarios: Scenarios, statistic: str = "real_income_pct") -> pd.DataFrame:
    """How mean and quantiles settle with the number of draws, at each power of two and at all of them, for the first combination.

    Columns: `draws, country, mean, p05, p95`; draws that failed are left out.
    """
    kept = by_combination(data["outcome"].values == "solved", scenarios)[0]
    good = by_combination(data[statistic].values, scenarios)[0][kept]
    sizes = sorted({*(2**k for k in range(2, 40) if 2**k <= len(good)), len(good)} - {0, 1})
    parts = []
    for size in sizes:
        low, high = np.quantile(good[:size], [0.05, 0.95], axis=0)
        columns = {"draws": size, "country": data["country"].values, "mean": good[:size].mean(axis=0), "p05": low, "p95": high}
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["draws", "country", "mean", "p05", "p95"])


def convergence_figure(table: pd.DataFrame, country: str, ax: Axes | None = None) -> Axes:
    """Mean and 90 % band of real income of a country against the number of draws, as matplotlib Axes."""
    from cge.firms.figure import BLUE, FONT, SIZE

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


def spread(results: Results, statistic: str = "real_income_pct") -> pd.DataFrame:
    """Quantiles of a statistic of a sweep over the draws, for every combination of its keys and country; without draws all are the value itself.

    Columns: the keys of the sweep, `country, p05, p25, median, p75, p95`; scenarios that failed are left out (NaN where all failed).
    """
    assert results.store is not None
    axes, repeats = list(results.summary["axes"]), max(int(results.summary["draws"]), 1)
    values = results.store[statistic].values
    values = values.reshape(-1, repeats, values.shape[1])
    bands = [quantiles(draws) for draws in values]
    countries = results.countries
    keys = {name: np.repeat(results.store[name].values[::repeats], len(countries)) for name in axes}
    labels = {**keys, "country": np.tile(np.array(countries, dtype=object), len(bands))}
    return pd.DataFrame({**labels, **dict(zip(QUANTILES, np.hstack(bands), strict=True))})


def quantiles(draws: Array) -> Array:
    """`QUANTILES` [quantile, country] over the draws [draw, country] that were solved; NaN where none was."""
    solved = draws[np.isfinite(draws).any(axis=1)]
    if not len(solved):
        return np.full((len(QUANTILES), draws.shape[1]), np.nan)
    return np.asarray(np.quantile(solved, list(QUANTILES.values()), axis=0))
