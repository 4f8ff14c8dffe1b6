"""Who exits, shrinks and grows when countries alike trade more or less (chapter, sections 5.5, 5.6)."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.choices import Choices, choices
from cge.firms.envelope import Option
from cge.firms.industry import Industry
from cge.firms.productivity import tail_moment
from cge.firms.symmetric import lines

GROUPS = {
    ("nothing", "home"): "entry", ("nothing", "export"): "entry, export", ("home", "nothing"): "exit", ("export", "nothing"): "exit, exported",
    ("home", "home"): "domestic", ("home", "export"): "new exporter", ("export", "home"): "former exporter", ("export", "export"): "exporter",
}  # fmt: skip
"""Names of groups by what a firm does before and after; another is called by both."""

NOTHING = Option("nothing", 0.0, 0.0)


def reallocation(before: Industry | Choices, after: Industry | Choices) -> pd.DataFrame:
    """Firms by what they do before and after a change, from the least productive upwards.

    For the opening of closed economies, `before` is `replace(after, countries=1)`. Firms that have other choices than exporting are told by the
    `Choices` of both equilibria, as `adoption(…).choices`.

    Returns:
        One row for each group (index `group`): productivity `from` and `to`; `firms`, `sales`, `labour` with `_before` and `_after`, of one country,
        sales and labour in labour, entry costs left out; `firm_sales_pct`, the change of a firm's sales, the same in a group (NaN if it sold nothing
        before).

    Raises:
        DataError: the two have different distributions of productivity or different σ.
    """
    if before.productivity is not after.productivity or before.sigma != after.sigma:
        raise DataError("reallocation: both industries must share one productivity and one sigma, or firms cannot be told again.")
    both = [choices(e, lines(e)) if isinstance(e, Industry) else e for e in (before, after)]
    cuts = sorted({float(cut) for e in both for cut in e.cutoffs})
    rows = []
    for low, high in zip(cuts, [*cuts[1:], math.inf], strict=True):
        does = [_done(e, low) for e in both]
        names = does[0].name, does[1].name
        row = {"group": GROUPS.get(names, f"{names[0]} → {names[1]}"), "from": low, "to": high}
        for suffix, e, option in zip(("before", "after"), both, does, strict=True):
            row |= {f"{name}_{suffix}": value for name, value in _size(e, option, np.array([low, high])).items()}
        sales = [option.slope * e.demand for e, option in zip(both, does, strict=True)]
        row["firm_sales_pct"] = 100 * (sales[1] / sales[0] - 1) if sales[0] > 0 else math.nan
        rows.append(row)
    return pd.DataFrame(rows).set_index("group")


def _done(found: Choices, productivity: float) -> Option:
    """What a firm does."""
    at = int((productivity >= found.cutoffs).sum())
    return found.options[at - 1] if at else NOTHING


def _size(found: Choices, does: Option, ends: Array) -> dict[str, float]:
    """Firms, sales and labour between two productivities."""
    firms = found.entrants * float(-np.diff(found.productivity.survival(ends))[0]) if does.slope else 0.0
    sold = found.entrants * float(-np.diff(tail_moment(found.productivity, found.sigma, ends))[0])
    sales = found.sigma * does.slope * found.demand * sold
    return {"firms": firms, "sales": sales, "labour": (found.sigma - 1) / found.sigma * sales + does.fixed_cost * firms}
