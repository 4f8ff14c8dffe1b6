"""The primitives of an industry of heterogeneous firms in countries alike."""

from __future__ import annotations

import math
from dataclasses import dataclass

from cge.errors import DataError
from cge.firms.productivity import Productivity, tail_faults


class Alike:
    """Countries that are alike, as firms of any of them see the others."""

    sigma: float
    home_fixed_cost: float
    entry_cost: float
    labour: float
    countries: int
    iceberg: float
    fixed_cost: float

    @property
    def market_access(self) -> float:
        """(N − 1)·τ^(1−σ): demand of all foreign markets relative to the home market; zero in a closed economy."""
        return 0.0 if self.countries == 1 else (self.countries - 1) * self.iceberg ** (1 - self.sigma)

    @property
    def export_outlay(self) -> float:
        """(N − 1)·f_X: fixed labour of an exporter in all foreign markets; zero in a closed economy."""
        return 0.0 if self.countries == 1 else (self.countries - 1) * self.fixed_cost


def cost_faults(industry: Alike) -> list[str]:
    """Costs, labour and countries that cannot be, a sentence each."""
    faults = []
    if not 0 <= industry.home_fixed_cost < math.inf:
        faults.append(f"home_fixed_cost = {industry.home_fixed_cost:g}, but it must be at least 0 and finite.")
    for name in ("entry_cost", "labour"):
        if not 0 < getattr(industry, name) < math.inf:
            faults.append(f"{name} = {getattr(industry, name):g}, but it must be positive and finite.")
    if industry.countries != int(industry.countries) or industry.countries < 1:
        faults.append(f"countries = {industry.countries:g}, but it must be a whole number, at least 1.")
    for name, least in (("iceberg", 1), ("fixed_cost", 0)):
        if industry.countries > 1 and not least <= getattr(industry, name) < math.inf:
            faults.append(f"{name} = {getattr(industry, name):g}, but it must be at least {least} and finite (no trade: countries = 1).")
    return faults


@dataclass(frozen=True)
class Industry(Alike):
    """The primitives of the industry, the same in every country.

    Attributes:
        productivity: G, the distribution that entrants draw from.
        sigma: σ > 1, elasticity of substitution between varieties.
        home_fixed_cost: f ≥ 0, labour per producer.
        entry_cost: f_E > 0, labour per entrant.
        labour: L > 0, of each country.
        countries: N; one is the closed economy, where the two costs below mean nothing.
        iceberg: τ ≥ 1, units shipped abroad for one to arrive.
        fixed_cost: f_X ≥ 0, labour per exporter and foreign market.

    Raises:
        DataError: all parameters out of range, infinite average sales (k ≤ σ − 1 under Pareto) among them.
    """

    productivity: Productivity
    sigma: float
    home_fixed_cost: float
    entry_cost: float
    labour: float
    countries: int = 1
    iceberg: float = math.inf
    fixed_cost: float = math.inf

    def __post_init__(self) -> None:
        faults = tail_faults(self.productivity, self.sigma)
        faults += cost_faults(self)
        if faults:
            raise DataError(faults)

    @property
    def selects_exporters(self) -> bool:
        """Whether exporting takes more productivity than producing: τ^(σ−1) f_X > f (chapter, section 5.5); true in a closed economy."""
        return self.countries == 1 or self.iceberg ** (self.sigma - 1) * self.fixed_cost > self.home_fixed_cost
