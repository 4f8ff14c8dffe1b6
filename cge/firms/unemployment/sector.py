"""The differentiated sector of countries with search, as the conditions of entry and demand see it: Melitz with other unit costs and mark-ups."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.firms.envelope import Option, demand_level, envelope, step_cutoffs
from cge.firms.productivity import Productivity
from cge.firms.selling import Selling, selling
from cge.firms.unemployment.economy import SearchEconomy
from cge.firms.unemployment.preferences import Preferences


@dataclass(frozen=True, eq=False)
class Sector:
    """What `cge.firms.entry` asks of an economy; `OpenEconomy` and `SearchEconomy` say what each attribute is.

    Hires cost b_i, and a worker gets as much: of sales (2σ−1)⁻¹ is left to the firm and prices are (2σ−1)/(σ−1) times τ_ni b_i/φ. Operating profits
    are B_n(τ_ni b_i)^(1−σ)φ^(σ−1), B_n = X_n P_n^(σ−1)((2σ−1)/(σ−1))^(1−σ)/(2σ−1), so that b_i works like a part of iceberg costs, at home too.
    """

    productivity: tuple[Productivity, ...]
    sigma: float
    labour: Array
    entry_cost: Array
    fixed_cost: Array
    iceberg: Array
    unit_cost: Array
    income: Array
    preferences: Preferences
    names: tuple[str, ...]
    outside: bool = True
    workers_per_profit: float = 0.0

    @property
    def revenue_per_profit(self) -> float:
        """2σ − 1, sales over operating profits."""
        return 2 * self.sigma - 1

    def price_index(self, demand: Array) -> Array:
        """P_n at B_n [country]: with X_n = X_n(1)·P_n^−η it is a power of B_n."""
        s, at_one = self.sigma - 1, self.labour * self.preferences.spending(self.income, np.ones_like(demand))
        scale = (self.revenue_per_profit / s) ** s * self.revenue_per_profit / at_one
        return np.asarray((scale * demand) ** (1 / (s - self.preferences.price_elasticity())))

    def spending(self, demand: Array, wage: Array) -> tuple[Array, Array]:
        """X_n at B_n, and its elasticity to it, −η/(σ − 1 − η) [country]; wages stay where they are."""
        falls = self.preferences.price_elasticity()
        spent = self.labour * self.preferences.spending(self.income, self.price_index(demand))
        return spent, np.full_like(demand, -falls / (self.sigma - 1 - falls))

    def selling(self, demand: Array, wage: Array) -> Selling:
        """Who sells where at B_n [country]; wages stay at one."""
        return selling(Costs(self.productivity, self.sigma, self.fixed_cost, self.iceberg * self.unit_cost), demand, wage)

    def autarky(self) -> tuple[Array, Array]:
        """B of every country closed, and an entrant's fixed costs there [country]."""
        found = []
        for g, entry, home, cost in zip(self.productivity, self.entry_cost, np.diagonal(self.fixed_cost), self.unit_cost, strict=True):
            steps = envelope([Option("home", float(cost) ** (1 - self.sigma), float(home))])
            demand = demand_level(g, self.sigma, steps, float(entry))
            found.append((demand, steps.cost @ g.survival(step_cutoffs(steps, self.sigma, demand))))
        return tuple(np.array(found).T)


@dataclass(frozen=True, eq=False)
class Costs:
    """What decides who sells where, `iceberg` times unit costs; there is no better technology."""

    productivity: tuple[Productivity, ...]
    sigma: float
    fixed_cost: Array
    iceberg: Array
    upgrade: float = 1.0

    @property
    def upgrade_cost(self) -> Array:
        """Infinite [country]."""
        return np.full(len(self.iceberg), np.inf)


def sector(economy: SearchEconomy) -> Sector:
    """The differentiated sector of an economy."""
    return Sector(
        economy.productivity, economy.sigma, economy.labour, economy.entry_cost, economy.fixed_cost, economy.iceberg,
        economy.hiring_cost, economy.expected_income, economy.preferences, economy.names,
    )  # fmt: skip
