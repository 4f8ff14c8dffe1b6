"""World and groups of countries in a sweep, from what its store holds of countries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from cge.data.arrays import Array
from cge.questions.policy.chosen import INCOME
from cge.tell.answer import DUTIES

if TYPE_CHECKING:
    import xarray as xr

WEIGHTED = ("real_income_pct", "income_pct")
"""Columns of welfare.csv that are averages with benchmark incomes as weights."""

SUMMED = ("equivalent_variation", *(f"{name}_change" for name in DUTIES))
"""Columns that are sums."""


def together(store: xr.Dataset, groups: Mapping[str, Sequence[str]], statistic: str) -> Array:
    """A column of groups.csv, of `WEIGHTED` or `SUMMED` [scenario, group]; NaN where a scenario failed. Countries that an economy lacks are left
    out.
    """
    values, weight = store[statistic].values, store[INCOME].values if statistic in WEIGHTED else None
    members = np.array([np.isin(store["country"].values, list(labels)) for labels in groups.values()], dtype=float)
    known = np.isfinite(values)
    filled = np.where(known, values, 0.0)
    if weight is None:
        total = filled @ members.T
    else:
        share = np.where(known, weight, 0.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            total = (filled * share) @ members.T / (share @ members.T)
    return np.where(known @ members.T > 0, total, np.nan)
