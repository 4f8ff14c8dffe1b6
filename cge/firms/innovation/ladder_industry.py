"""The primitives of firms that grow by innovation, in countries alike (chapter, section 9.2.2)."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cge.errors import DataError
from cge.firms.dynamics.stationary import rates_faults
from cge.firms.innovation.effort import Innovation


@dataclass(frozen=True)
class LadderIndustry:
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
        for name in ("entry_cost", "labour"):
            if not 0 < getattr(self, name) < math.inf:
                faults.append(f"{name} = {getattr(self, name):g}, but it must be positive and finite.")
        if not 0 <= self.home_fixed_cost < math.inf:
            faults.append(f"home_fixed_cost = {self.home_fixed_cost:g}, but it must be at least 0 and finite.")
        if not 0 <= self.start < 1 or self.start * self.technology.step >= 1:
            faults.append(
                f"start = {self.start:g}, but it must be at least 0 and below 1/step = {1 / self.technology.step:g}, or entrants have no mean size."
            )
        if self.countries != int(self.countries) or self.countries < 1:
            faults.append(f"countries = {self.countries:g}, but it must be a whole number, at least 1.")
        for name, least in (("iceberg", 1), ("fixed_cost", 0)):
            if self.countries > 1 and not least <= getattr(self, name) < math.inf:
                faults.append(f"{name} = {getattr(self, name):g}, but it must be at least {least} and finite (no trade: countries = 1).")
        if faults:
            raise DataError(faults)

    @property
    def market_access(self) -> float:
        """(N − 1)·τ^(1−σ)."""
        return 0.0 if self.countries == 1 else (self.countries - 1) * self.iceberg ** (1 - self.sigma)

    @property
    def export_outlay(self) -> float:
        """(N − 1)·f_X."""
        return 0.0 if self.countries == 1 else (self.countries - 1) * self.fixed_cost

    @property
    def lives(self) -> float:
        """β(1 − δ), what a unit of value of the next period is worth."""
        return self.discount * (1 - self.death)
