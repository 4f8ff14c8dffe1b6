"""Exporting and adopting a better technology as one list of choices, in countries alike."""

from __future__ import annotations

import math
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.choices import Choices, choices
from cge.firms.envelope import Option, envelope
from cge.firms.industry import Industry
from cge.firms.productivity import tail_moment
from cge.firms.symmetric import lines

BETTER = {"home": "adopt", "export": "export+adopt"}
"""What a choice is called together with the better technology."""


class Adoption(NamedTuple):
    """The equilibrium where firms may adopt a better technology, the same in every country; money in labour.

    Attributes:
        order: what firms do, from the least productive producers upwards, as `home < export < export+adopt`.
        cutoffs: lowest productivity at each step of `order`.
        cutoff, export_cutoff, adoption_cutoff: lowest productivity that produces, exports, adopts; infinite where none does.
        demand: B; entrants: M_E; firms: M, producers.
        exporters_per_firm, adopters_per_firm: shares of producers.
        sales_share_adopters: of adopters in sales.
        mean_log_technology: mean of ln ι among producers, ι = 1 for those that do not adopt.
        domestic_share: λ, own goods in spending.
        price_index: P; welfare: U = 1/P, per worker.
        choices: the same as a list of choices, for `reallocation`.
    """

    order: str
    cutoffs: Array
    cutoff: float
    export_cutoff: float
    adoption_cutoff: float
    demand: float
    entrants: float
    firms: float
    exporters_per_firm: float
    adopters_per_firm: float
    sales_share_adopters: float
    mean_log_technology: float
    domestic_share: float
    price_index: float
    welfare: float
    choices: Choices


def adoption_options(industry: Industry, upgrade: float, upgrade_cost: float) -> tuple[Option, ...]:
    """What a firm may do: sell at home or also abroad, each with the old technology or with the better one, whose sales are ι^(σ−1) as large.

    Raises:
        DataError: ι not above one, or a negative cost.
    """
    faults = []
    if not 1 < upgrade < math.inf:
        faults.append(f"upgrade = {upgrade:g}, but a better technology must multiply productivity by more than 1.")
    if not 0 <= upgrade_cost < math.inf:
        faults.append(f"upgrade_cost = {upgrade_cost:g}, but it must be at least 0 and finite (nobody adopts: use equilibrium).")
    if faults:
        raise DataError(faults)
    gain, old = upgrade ** (industry.sigma - 1), lines(industry)
    return *old, *(Option(BETTER[name], gain * slope, cost + upgrade_cost) for name, slope, cost in old)


def adoption(industry: Industry, upgrade: float, upgrade_cost: float) -> Adoption:
    """The equilibrium where f_I of labour multiplies a firm's productivity by ι (section 9.2.1).

    A firm takes the best of its choices, the upper envelope of straight lines in Bφ^(σ−1): cutoffs for exporting and for adopting, each found alone,
    would be wrong where both are one decision. `adoption_ordering` says in which f_I firms do what; the chapter's four groups (exit, produce,
    export, export and adopt) are the order under a high f_I only.

    Args:
        upgrade: ι > 1; upgrade_cost: f_I ≥ 0, labour, once for all markets.

    Raises:
        DataError: ι not above one, or a negative cost.
    """
    options = adoption_options(industry, upgrade, upgrade_cost)
    found = choices(industry, options)
    names = [option.name for option in found.options]
    exports = np.array([name.startswith("export") for name in names])
    adopts = np.array([name in BETTER.values() for name in names])
    sold = tail_moment(found.productivity, found.sigma, np.append(found.cutoffs, math.inf))
    home = np.where(adopts, upgrade ** (industry.sigma - 1), 1.0) @ -np.diff(sold)
    slope = np.array([option.slope for option in found.options])
    return Adoption(
        order=found.order,
        cutoffs=found.cutoffs,
        cutoff=float(found.cutoffs[0]),
        export_cutoff=_first(found.cutoffs, exports),
        adoption_cutoff=_first(found.cutoffs, adopts),
        demand=found.demand,
        entrants=found.entrants,
        firms=found.firms,
        exporters_per_firm=float(found.firm_share @ exports),
        adopters_per_firm=float(found.firm_share @ adopts),
        sales_share_adopters=float(found.sales_share @ adopts),
        mean_log_technology=float(found.firm_share @ adopts) * math.log(upgrade),
        domestic_share=float(home / (slope @ -np.diff(sold))),
        price_index=found.price_index,
        welfare=found.welfare,
        choices=found,
    )


def _first(cutoffs: Array, does: Array) -> float:
    return float(cutoffs[does.argmax()]) if does.any() else math.inf


def adoption_ordering(industry: Industry, upgrade: float) -> pd.DataFrame:
    """Which orders of choices hold for which cost of the better technology, at any demand and under any distribution.

    Under selection into exporting there are four, with g = ι^(σ−1), T = (N−1)τ^(1−σ) and fixed export costs F_X: all producers adopt; adopters that
    do not export; both as one decision, for (g−1)F_X/(gT) ≤ f_I ≤ (g−1)(1+T)F_X/T; and exporters that do not adopt, the chapter's case. The bounds
    are the costs at which three lines meet in one point.

    Returns:
        One row for each order, from low costs upwards (index `order`): upgrade_cost `from` and `to`, and `missing`, the choices that no firm takes.

    Raises:
        DataError: ι not above one.
    """
    free = adoption_options(industry, upgrade, 0.0)
    extra = {option: float(option.name in BETTER.values()) for option in free}
    points = [(0.0, 0.0, 0.0), *((option.slope, option.fixed_cost, extra[option]) for option in free)]
    meeting = {cost for three in combinations(points, 3) if (cost := _concurrent(three)) > 0}
    edges = [0.0, *sorted(meeting), math.inf]
    rows: list[dict[str, object]] = []
    for low, high in pairwise(edges):
        options = adoption_options(industry, upgrade, (low + high) / 2 if high < math.inf else 2 * low + 1)
        order = [options[k].name for k in envelope(options).chosen]
        if rows and rows[-1]["order"] == " < ".join(order):
            rows[-1]["to"] = high
        else:
            missing = ", ".join(option.name for option in options if option.name not in order)
            rows.append({"order": " < ".join(order), "from": low, "to": high, "missing": missing})
    return pd.DataFrame(rows).set_index("order")


def _concurrent(three: tuple[tuple[float, float, float], ...]) -> float:
    """f_I at which lines of slope a and cost F + d f_I meet in one point; NaN where they never or always do."""
    (a, F, d), (b, G, e), (c, H, h) = three
    constant = (b - a) * (H - F) - (c - a) * (G - F)
    slope = (b - a) * (h - d) - (c - a) * (e - d)
    return -constant / slope if slope else math.nan
