"""Inequality of wages along openness (chapter, section 10)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.firms.wages.distribution import WageDistribution, wage_distribution
from cge.firms.wages.equilibrium import search_equilibrium
from cge.firms.wages.industry import SearchIndustry

MEASURES = {
    "theil": WageDistribution.theil,
    "gini": WageDistribution.gini,
    "variance_log": WageDistribution.variance_log,
    "cv_squared": WageDistribution.cv_squared,
}
"""Measures of inequality, by column."""

GRID = 401
"""Openness at which a peak is looked for first."""


def inequality_path(
    shape: float,
    employment_exponent: float,
    wage_exponent: float,
    employment_premium: float,
    wage_premium: float,
    cutoff_ratios: npt.ArrayLike,
) -> pd.DataFrame:
    """Inequality at given premia, from no firm that exports (ρ = 0) to all firms that do (ρ = 1), where it is the same.

    Between, it rises and then falls. That is a statement on ρ, not yet on trade costs, with which premia move too and which end at τ = 1: the peak
    lies on the way only if foreign markets are cheap enough to enter for all firms to export in the end.

    Args:
        cutoff_ratios: ρ [ρ]; the others as in `wage_distribution`.

    Returns:
        One row for each ρ (index `rho`): `theil`, `gini`, `variance_log`, `cv_squared`, `share_domestic`.

    Raises:
        DataError: as `wage_distribution`.
    """
    rho = np.atleast_1d(np.asarray(cutoff_ratios, dtype=float))
    found = wage_distribution(shape, employment_exponent, wage_exponent, employment_premium, wage_premium, rho)
    table = {name: measure(found) for name, measure in MEASURES.items()} | {"share_domestic": found.share_domestic()}
    return pd.DataFrame(table, index=pd.Index(rho, name="rho"))


def inequality_peaks(
    shape: float, employment_exponent: float, wage_exponent: float, employment_premium: float, wage_premium: float
) -> pd.DataFrame:
    """Where inequality is highest on the way from autarky to all firms exporting, at given premia; arguments as in `wage_distribution`.

    Returns:
        One row for each `measure` (index): `rho`, `value` there, and `over_autarky`, its ratio to the value without trade; where a measure is
        infinite whatever ρ, the other two are NaN.

    Raises:
        DataError: as `wage_distribution`; premia that are both one, so that exporting changes nothing.
    """
    given = (shape, employment_exponent, wage_exponent, employment_premium, wage_premium)
    found = wage_distribution(*given, np.linspace(0, 1, GRID))
    if employment_premium == wage_premium == 1:
        raise DataError("employment_premium = wage_premium = 1: exporting changes no wage and no employment, and inequality has no peak.")
    rows = {name: _peak(found, name) for name in MEASURES}
    return pd.DataFrame.from_dict(rows, orient="index", columns=["rho", "value", "over_autarky"]).rename_axis("measure")


def _peak(found: WageDistribution, name: str) -> tuple[float, float, float]:
    """From the highest point of a grid to where the slope, by a complex step, is zero."""
    from scipy.optimize import brentq

    measure, rho = MEASURES[name], found.cutoff_ratio
    values = measure(found)
    if not np.isfinite(values).all():
        return np.nan, np.inf, np.nan
    step = 1e-30

    def slope(at: float) -> float:
        there: Array = np.asarray(complex(at, step))
        return float(np.imag(measure(replace(found, cutoff_ratio=there))) / step)

    best = int(values.argmax())
    at = float(brentq(slope, rho[max(best - 1, 0)] + 1e-9, rho[min(best + 1, GRID - 1)] - 1e-9, xtol=1e-15, rtol=1e-15))
    value = float(measure(replace(found, cutoff_ratio=np.asarray(at))))
    return at, value, value / float(values[0])


COSTS = ("iceberg", "fixed_cost", "search_cost", "screening_cost")
"""What `inequality_along` may change."""


def inequality_along(industry: SearchIndustry, cost: str, values: Iterable[float]) -> pd.DataFrame:
    """Inequality and unemployment in equilibrium under each of several trade, search or screening costs, premia and cutoffs moving with it.

    Args:
        cost: `iceberg`, `fixed_cost`, `search_cost` or `screening_cost` of the industry; values: those it takes.

    Returns:
        One row for each value (index: the cost): `cutoff_ratio`, `revenue_premium`, the measures of `inequality_path`, `unemployment_sector`,
        `unemployment`, `real_income`.

    Raises:
        DataError: no such cost, no value, trade costs in a closed economy; a value out of range; productivity that is not Pareto.
    """
    grid = [float(value) for value in values]
    faults = [] if cost in COSTS else [f"cost: no {cost}; it is one of {', '.join(COSTS)}.{nearest(cost, COSTS)}"]
    if not grid:
        faults.append("values: there are none; give at least one.")
    if industry.countries == 1 and cost in ("iceberg", "fixed_cost"):
        faults.append("countries = 1, but there is no trade in a closed economy.")
    if faults:
        raise DataError(faults)
    rows = []
    for value in grid:
        changed: dict[str, Any] = {cost: value}
        found = search_equilibrium(replace(industry, **changed))
        told = ("unemployment_sector", "unemployment", "real_income")
        measured = {name: float(measure(found.wages())) for name, measure in MEASURES.items()}
        rows.append(
            {"cutoff_ratio": found.cutoff_ratio, "revenue_premium": found.revenue_premium} | measured | {n: getattr(found, n) for n in told}
        )
    return pd.DataFrame(rows, index=pd.Index(grid, name=cost))
