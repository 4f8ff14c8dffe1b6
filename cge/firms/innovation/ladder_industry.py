"""The primitives of firms that grow by innovation, in countries alike (chapter, section 9.2.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cge.errors import DataError
from cge.firms.dynamics.stationary import rates_faults
from cge.firms.industry import Alike, cost_faults
from cge.firms.innovation.effort import Innovation


@dataclass(frozen=True)
class LadderIndustry(Alike):
    """An industry of firms that grow, in countries alike; costs in labour.

    Attributes:
        sigma: σ > 1. home_fixed_cost: f ≥ 0, per producer and period. entry_cost: f_E > 0, once. labour: L > 0, of each country.
        technology: of innovation.
        death: δ; discount: β; both between 0 and 1.
        start: q0, 0 ≤ q0 < 1: entrants begin on step n with probability (1−q0)q0^n, at once.
        countries: N. iceberg: τ ≥ 1. fixed_cost: f_X ≥ 0, per exporter, foreign market and period. Both mean nothing in a closed economy.

    Raises:
        DataError: all numbers out of range; sizes of entrants without a mean, q0·ι ≥ 1, among them.
    """

    sigma: float
    home_fixed_cost: float
    entry_cost: float
    labour: float
    technology: Innovation
    death: float
    discount: float
    start: float
    countries: int = 1
    iceberg: float = math.inf
    fixed_cost: float = math.inf

    def __post_init__(self) -> None:
        faults = rates_faults(self.death, self.discount)
        if not 1 < self.sigma < math.inf:
            faults.append(f"sigma = {self.sigma:g}, but it must exceed 1 and be finite.")
        faults += cost_faults(self)
        if not 0 <= self.start < 1 or self.start * self.technology.step >= 1:
            faults.append(
                f"start = {self.start:g}, but it must be at least 0 and below 1/step = {1 / self.technology.step:g}, or entrants have no mean size."
            )
        if faults:
            raise DataError(faults)

    @property
    def lives(self) -> float:
        """β(1 − δ), what a unit of value of the next period is worth."""
        return self.discount * (1 - self.death)
