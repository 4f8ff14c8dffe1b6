"""Firms whose productivity moves and who begin to export once and for all: primitives and stationary state (chapter, section 9.3).

Sizes lie on a ladder ϕ_n = step^(n − entry), n = 0 to `top`; a firm moves up or down with given probabilities, stays at the ends, and dies with
probability δ. A firm that does not export draws in every period what beginning would cost, uniform up to S̄, in all foreign markets together; an
exporter remains one. The random cost makes everything smooth: with one cost, thresholds on a ladder would jump, and no exact path exist.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.dynamics.stationary import rates_faults
from cge.firms.symmetric import price_level


@dataclass(frozen=True)
class SunkIndustry:
    """Countries alike whose firms have neither overhead nor export costs per period; costs in labour.

    Attributes:
        sigma: σ > 1. entry_cost: f_E > 0; entrants produce from the next period on, on step `entry`. start_cost: S̄ > 0. labour: L > 0.
        countries: N ≥ 2. iceberg: τ ≥ 1.
        death: δ; discount: β; both between 0 and 1. risk_aversion: γ > 0, of households.
        step: > 1, ratio of neighbouring sizes φ^(σ−1). up, down: probabilities. top: highest step, entry: that of entrants.

    Raises:
        DataError: all numbers out of range.
    """

    sigma: float
    entry_cost: float
    start_cost: float
    labour: float
    countries: int
    iceberg: float
    death: float
    discount: float
    risk_aversion: float
    step: float
    up: float
    down: float
    top: int
    entry: int

    def __post_init__(self) -> None:
        faults = rates_faults(self.death, self.discount)
        for name in ("sigma", "step"):
            if not 1 < getattr(self, name) < math.inf:
                faults.append(f"{name} = {getattr(self, name):g}, but it must exceed 1 and be finite.")
        for name in ("entry_cost", "start_cost", "labour", "risk_aversion"):
            if not 0 < getattr(self, name) < math.inf:
                faults.append(f"{name} = {getattr(self, name):g}, but it must be positive and finite.")
        if self.countries != int(self.countries) or self.countries < 2:
            faults.append(f"countries = {self.countries:g}, but trade needs a whole number of at least 2.")
        if not 1 <= self.iceberg < math.inf:
            faults.append(f"iceberg = {self.iceberg:g}, but it must be at least 1 and finite.")
        if not (self.up >= 0 and self.down >= 0 and self.up + self.down <= 1):
            faults.append(f"up = {self.up:g}, down = {self.down:g}, but they are probabilities, together at most 1.")
        if not (self.top == int(self.top) and self.entry == int(self.entry) and 0 <= self.entry <= self.top):
            faults.append(f"top = {self.top:g}, entry = {self.entry:g}, but they are whole numbers, entry from 0 to top.")
        if faults:
            raise DataError(faults)

    @property
    def market_access(self) -> float:
        """(N − 1)·τ^(1−σ)."""
        return float((self.countries - 1) * self.iceberg ** (1 - self.sigma))

    @property
    def sizes(self) -> Array:
        """ϕ_n [step]."""
        return self.step ** (np.arange(self.top + 1.0) - self.entry)

    @property
    def moves(self) -> Array:
        """Probabilities of the next step, given that a firm lives [step, next step]."""
        n = self.top + 1
        chain = self.up * np.eye(n, k=1) + self.down * np.eye(n, k=-1)
        return np.asarray(chain + np.diag(1 - chain.sum(axis=1)))


class Begin(NamedTuple):
    """What the right to begin to export is worth on each step beyond c, its value where it is not used; any leading dims […, step].

    Attributes:
        chance: p, probability to begin; worth: expected gain; outlay: expected labour.
    """

    chance: Array
    worth: Array
    outlay: Array


def begin(gain: Array, most: float) -> Begin:
    """With S uniform on [0, S̄] a firm begins if S ≤ g: p = min(1, g/S̄), and gains g²/(2S̄), or g − S̄/2 where it begins whatever the cost.

    Args:
        gain: g = W − c, negative as zero […, step]; complex numbers carry derivatives. most: S̄.
    """
    g = np.where(gain.real > 0, gain, 0.0)
    always = g.real >= most
    square = g**2 / (2 * most)
    return Begin(np.where(always, 1.0, g / most), np.where(always, g - most / 2, square), np.where(always, most / 2, square))


class SunkState(NamedTuple):
    """A stationary state; masses of one country.

    Attributes:
        demand: B; spending: E; consumption: C; entrants: m per period; firms; exporters; domestic_share.
        value, export_value, waiting: of a firm at home, of exporting, of the right to begin [step].
        staying, exporting: firms that do not export and that do when a period begins [step].
    """

    demand: float
    spending: float
    consumption: float
    entrants: float
    firms: float
    exporters: float
    domestic_share: float
    value: Array
    export_value: Array
    waiting: Array
    staying: Array
    exporting: Array


def sunk_state(i: SunkIndustry) -> SunkState:
    """The stationary state: B at which an entrant's value is f_E, masses by step from what comes in and goes out, entry from the labour market."""
    from scipy.optimize import brentq

    q, chain, size = i.discount * (1 - i.death), i.moves, i.sizes
    unit = np.linalg.solve(np.eye(len(size)) - q * chain, size)  # discounted sizes

    def values(demand: float) -> tuple[Array, Array, Array]:
        abroad, waiting = i.market_access * demand * unit, np.zeros_like(size)
        for _ in range(100_000):
            kept = q * (chain @ waiting)
            after = kept + begin(abroad - kept, i.start_cost).worth
            if np.abs(after - waiting).max() <= 1e-15 * np.abs(after).max():
                break
            waiting = after
        return demand * unit, abroad, after

    def excess(log_demand: float) -> float:
        home, _, waiting = values(math.exp(log_demand))
        return q * float((home + waiting)[i.entry]) - i.entry_cost

    top = math.log(i.entry_cost / (q * unit[i.entry]))
    demand = math.exp(brentq(excess, top - math.log(1 + i.market_access) - 1e-9, top + 1e-9, xtol=1e-15, rtol=1e-15))
    home, abroad, waiting = values(demand)
    starting = begin(abroad - q * (chain @ waiting), i.start_cost)
    lives, come = 1 - i.death, np.eye(len(size))[i.entry]
    stay = np.linalg.solve(np.eye(len(size)) - lives * (chain * (1 - starting.chance)[:, None]).T, lives * come)
    export = np.linalg.solve(np.eye(len(size)) - lives * chain.T, lives * chain.T @ (starting.chance * stay))
    sells = export + starting.chance * stay
    variable = demand * float(size @ (stay + export) + i.market_access * size @ sells)
    entrants = i.labour / ((i.sigma - 1) * variable + float(starting.outlay @ stay) + i.entry_cost)
    spending = i.sigma * variable * entrants
    return SunkState(
        demand=demand,
        spending=spending,
        consumption=spending / price_level(i.sigma, demand, spending),
        entrants=entrants,
        firms=entrants * float((stay + export).sum()),
        exporters=entrants * float(sells.sum()),
        domestic_share=demand * float(size @ (stay + export)) / variable,
        value=home,
        export_value=abroad,
        waiting=waiting,
        staying=entrants * stay,
        exporting=entrants * export,
    )
