"""Who exits, shrinks and grows when countries alike trade more or less (chapter, sections 5.5, 5.6)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.industry import Industry
from cge.firms.productivity import tail_moment
from cge.firms.symmetric import Equilibrium, equilibrium

GROUPS = {
    (1, 0): "exit", (2, 0): "exit, exported", (0, 1): "entry", (0, 2): "entry, export", (1, 1): "domestic", (1, 2): "new exporter",
    (2, 1): "former exporter", (2, 2): "exporter",
}  # fmt: skip
"""Names of groups by what a firm does before and after: 0 nothing, 1 sells at home, 2 exports too."""


def reallocation(before: Industry, after: Industry) -> pd.DataFrame:
    """Firms by what they do before and after a change, from the least productive upwards.

    For the opening of closed economies, `before` is `replace(after, countries=1)`.

    Returns:
        One row for each group (index `group`): productivity `from` and `to`; `firms`, `sales`, `labour` with `_before` and `_after`, of one country,
        sales and labour in labour, entry costs left out; `firm_sales_pct`, the change of a firm's sales, the same in a group (NaN if it sold nothing
        before).

    Raises:
        DataError: the two industries have different distributions of productivity or different σ.
    """
    if before.productivity is not after.productivity or before.sigma != after.sigma:
        raise DataError("reallocation: both industries must share one productivity and one sigma, or firms cannot be told again.")
    old, new = equilibrium(before), equilibrium(after)
    cuts = sorted({cut for e in (old, new) for cut in (e.cutoff, e.export_cutoff) if math.isfinite(cut)})
    rows = []
    for low, high in zip(cuts, [*cuts[1:], math.inf], strict=True):
        row = {"group": GROUPS[_status(old, low), _status(new, low)], "from": low, "to": high}
        sales = [_sales_factor(e, low) for e in (old, new)]
        for suffix, industry, e in (("before", before, old), ("after", after, new)):
            row |= {f"{name}_{suffix}": value for name, value in _size(industry, e, np.array([low, high])).items()}
        row["firm_sales_pct"] = 100 * (sales[1] / sales[0] - 1) if sales[0] > 0 else math.nan
        rows.append(row)
    return pd.DataFrame(rows).set_index("group")


def _status(found: Equilibrium, productivity: float) -> int:
    return int(productivity >= found.cutoff) + int(productivity >= found.export_cutoff)


def _sales_factor(found: Equilibrium, productivity: float) -> float:
    """A firm's sales over σφ^(σ−1): nothing, B, or B(1 + (N−1)τ^(1−σ))."""
    return (0.0, found.demand, found.exporter_demand)[_status(found, productivity)]


def _size(industry: Industry, found: Equilibrium, ends: Array) -> dict[str, float]:
    """Firms, sales and labour between two productivities."""
    does, sigma = _status(found, float(ends[0])), industry.sigma
    firms = found.entrants * float(-np.diff(industry.productivity.survival(ends))[0]) if does else 0.0
    sold = found.entrants * float(-np.diff(tail_moment(industry.productivity, sigma, ends))[0])
    sales = sigma * _sales_factor(found, float(ends[0])) * sold
    fixed = (0.0, industry.home_fixed_cost, industry.home_fixed_cost + industry.export_outlay)[does]
    return {"firms": firms, "sales": sales, "labour": (sigma - 1) / sigma * sales + fixed * firms}
