"""How factors supply themselves to sectors: in one pool, or by workers who are better at some sectors than at others (Roy, with Fréchet draws).

A group of workers draws productivities by sector, and each works where it earns most. Where a factor has such groups it has a market in every sector,
with a price of its own for an efficiency unit; else one market serves all sectors. Source: Galle, Rodríguez-Clare and Yi (2023), Review of Economic
Studies 90(1), section 2.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cge.data.arrays import Array, Values
from cge.model import equations as eq

Place = int | slice
"""Where the markets of a factor stand among all: one, or one for each sector."""


EXACT = 1e-13
"""What may be left of a labour market, in logs, where nothing else is solved for."""


@dataclass(frozen=True, eq=False)
class Roy:
    """The groups of one factor, with an axis of scenarios at the end of all arrays where several are solved together.

    Attributes:
        at: its markets, one for each sector; kappa: κ, shape of the draws [group, 1, 1].
        share: π, shares of a group's income (and of its workers) by sector [group, sector, country], zero where nothing can be produced;
            part: θ, shares of what a sector pays by group [the same].
    """

    at: slice
    kappa: Array
    share: Array
    part: Array

    @property
    def works(self) -> Array:
        """Where anybody works [sector, country]."""
        return np.asarray(self.part.any(axis=0))

    def log_wage(self, log_price: Values, algebra: eq.Algebra) -> Values:
        """ln ω̂ [group, country]; zero where there is nobody of a group."""
        return eq.log_group_wage(log_price, self.share, self.kappa, algebra)

    def supply(self, log_price: Values, log_wage: Values, algebra: eq.Algebra) -> Values:
        """Income from a sector over what it would be at unchanged prices [sector, country]."""
        return eq.group_supply(log_price, log_wage, self.part, self.kappa, algebra)

    def allocation(self, log_price: Array) -> Array:
        """π' [group, sector, country]."""
        log_wage = self.log_wage(log_price, eq.NUMBERS)
        with np.errstate(over="ignore", under="ignore"):
            return np.asarray(self.share * np.exp(self.kappa * (log_price - log_wage[:, None])))

    def by_group(self, log_price: Array) -> Array:
        """Shares of what workers earn in a sector by group [group, sector, country]; zero where nobody works."""
        log_wage = self.log_wage(log_price, eq.NUMBERS)[:, None]
        some = self.part > 0
        logs = np.where(some, (1 - self.kappa) * log_wage + self.kappa * log_price, -np.inf)
        top = np.where(self.works, logs.max(axis=0), 0.0)
        weight = self.part * np.exp(np.where(some, logs - top, 0.0))
        return np.asarray(weight / np.where(self.works, weight.sum(axis=0), 1.0))

    def earned_by_price(self, allocation: Array, by_group: Array) -> Array:
        """ln of what is earned in each sector by ln of prices in all [country, sector, sector], from π' and `by_group`."""
        out = np.matmul((by_group * (1 - self.kappa)).transpose(2, 1, 0), allocation.transpose(2, 0, 1))
        sector = np.arange(out.shape[1])
        out[:, sector, sector] += (by_group * self.kappa).sum(axis=0).T
        return np.asarray(out)

    def clearing(self, log_paid: Array, steps: int = 200) -> Array:
        """ln ŵ at which workers earn what sectors pay, over what they did [sector, country]; zero where nobody works.

        Newton's method, in steps of one log point at most. What is earned rises in proportion to all prices together, and in each sector with its
        own.

        Args:
            log_paid: ln of payments over those of the benchmark [sector, country].
        """
        log_price = np.where(self.works, log_paid, 0.0)
        pinned = ~self.works.T[..., None] * np.eye(len(log_paid))
        for _ in range(steps):
            earned = self.supply(log_price, self.log_wage(log_price, eq.NUMBERS), eq.NUMBERS)
            left = np.where(self.works, log_paid - np.log(np.where(self.works, earned, 1.0)), 0.0)
            if np.abs(left).max() < EXACT:
                break
            slope = self.earned_by_price(self.allocation(log_price), self.by_group(log_price)) + pinned
            step = np.linalg.solve(slope, left.T[..., None])[..., 0].T
            log_price = log_price + step / max(1.0, float(np.abs(step).max()))
        return log_price

    def within(self, produced: Array) -> Roy:
        """With nobody who works where nothing can be produced [sector, country]."""
        return replace(self, share=self.share * produced, part=self.part * produced)

    def mapped(self, own: Callable[[Array], Array]) -> Roy:
        """With what `own` makes of every array [any dims]."""
        return replace(self, kappa=own(self.kappa), share=own(self.share), part=own(self.part))


@dataclass(frozen=True, eq=False)
class Supply:
    """The markets of all factors, where some have groups.

    Attributes:
        places: of each factor's markets; roys: the groups of those that have them, in the order of factors.
        names: of markets; groups: of groups, as `roys` have them.
    """

    places: tuple[Place, ...]
    roys: tuple[Roy, ...]
    names: tuple[str, ...]
    groups: tuple[str, ...]

    def by_factor(self, markets: Values) -> list[Any]:
        """Of each factor its markets' numbers [market, country, …]: those of one market [country, …], or by sector [sector, country, …]."""
        return [markets[place] for place in self.places]

    def income(self, log_price: Values, endowed: Array, algebra: eq.Algebra, define: Callable[[str, Values], Values]) -> Values:
        """What every market pays to those who work there [market, country], money; zero where nobody can."""
        income = eq.factor_income(log_price, endowed, algebra)
        for roy, log_wage in zip(self.roys, self._wages(log_price, algebra, define), strict=True):
            income[roy.at] = endowed[roy.at] * roy.supply(log_price[roy.at], log_wage, algebra)
        return income

    def _wages(self, log_price: Values, algebra: eq.Algebra, define: Callable[[str, Values], Values]) -> Iterable[Values]:
        """ln ω̂ of the groups of each factor [group, country]."""
        every = [roy.log_wage(log_price[roy.at], algebra) for roy in self.roys]
        whole = define("log_group_wage", np.concatenate(every))
        return np.split(whole, np.cumsum([len(one) for one in every])[:-1])

    def log_wage(self, log_price: Array) -> Array:
        """ln ω̂ of all groups [group, country]."""
        return np.concatenate([roy.log_wage(log_price[roy.at], eq.NUMBERS) for roy in self.roys])

    def mapped(self, own: Callable[[Array], Array]) -> Supply:
        """With what `own` makes of every array [any dims]."""
        return replace(self, roys=tuple(roy.mapped(own) for roy in self.roys))

    def endowed(self, by_factor: Array, payments: Array) -> Array:
        """What markets pay at benchmark prices [market, country], from what factors get in all [factor, country] and payments of the benchmark
        [factor, sector, country].
        """
        parts = []
        for place, whole, paid in zip(self.places, by_factor, payments, strict=True):
            parts.append(whole[None] if isinstance(place, int) else paid * (whole / paid.sum(axis=0)))
        return np.concatenate(parts)

    def within(self, produced: Array) -> Supply:
        """With nobody who works where nothing can be produced [sector, country]."""
        return replace(self, roys=tuple(roy.within(produced) for roy in self.roys))

    @property
    def columns(self) -> Supply:
        """For arrays with an axis of scenarios, or of columns, at their end."""
        return self.mapped(lambda array: array[..., None])
