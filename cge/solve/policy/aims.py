"""What somebody wants: real income, that of favoured industries, or revenue; as a value at an equilibrium and as its derivatives there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cge.data.arrays import Array
from cge.model.transposed import Seeds
from cge.solve.adjoint import real_income
from cge.solve.equilibrium import Equilibrium

Derivatives = dict[str, Array]
"""Fields of `Seeds`, with an axis of one column."""


@dataclass(frozen=True, eq=False)
class Player:
    """Who chooses rates: a country, or several that act as one.

    Attributes:
        name: in outputs; members: places of its countries [member].
        favour: political weights of industries [sector, country]; None: all alike.
    """

    name: str
    members: Array
    favour: Array | None = None


@dataclass(frozen=True, eq=False)
class Before:
    """From where changes are measured: income [country], ln of prices [sector, country]."""

    income: Array
    log_price: Array

    @classmethod
    def at(cls, found: Equilibrium) -> Before:
        """An equilibrium."""
        return cls(found.values.income, found.unknowns.log_price)

    def real_income(self, found: Equilibrium) -> Array:
        """I Û [country], money: income at the prices from where changes are measured."""
        return np.asarray(self.income * np.exp(found.log_real_income(self.income, self.log_price)))


@dataclass(frozen=True)
class Aim:
    """What a player wants.

    Attributes:
        name: as in outputs; words: for readers.
        value: ln of it, from an equilibrium; seeds: the derivatives of that.
    """

    name: str
    words: str
    value: Callable[[Equilibrium, Before, Player], float]
    seeds: Callable[[Equilibrium, Before, Player], Derivatives]


def favoured(found: Equilibrium, player: Player) -> Array:
    """Σ_s λ_s V_s / Σ_s V_s with value added V, political weights λ [country]: what weighting incomes by where they are earned adds to income.

    As in Ossa (2014), where revenue, too, is shared out by where factors are employed.
    """
    if player.favour is None:
        return np.ones(found.system.home.shape[1])
    added = added_value(found)
    weighted: Array = np.sum(player.favour * added, axis=0)
    return np.asarray(weighted / added.sum(axis=0))


def added_value(found: Equilibrium) -> Array:
    """What industries pay to factors [sector, country], money."""
    return np.asarray(found.system.factor_share.sum(axis=0) * found.values.sales)


def member_shares(found: Equilibrium, before: Before, player: Player) -> Array:
    """Members' parts in what they want together [country], zero for all others."""
    real = before.real_income(found) * favoured(found, player)
    own = np.zeros(len(real))
    own[player.members] = real[player.members]
    return np.asarray(own / own.sum())


def _income_value(found: Equilibrium, before: Before, player: Player) -> float:
    """ln of the mean of Û with weights of benchmark income, over the members."""
    real = before.real_income(found) * favoured(found, player)
    return float(np.log(real[player.members].sum() / before.income[player.members].sum()))


def _income_seeds(found: Equilibrium, before: Before, player: Player) -> Derivatives:
    weight = member_shares(found, before, player)
    seeds = real_income(found, weight[:, None])
    if player.favour is not None:
        added = added_value(found)
        wanted = player.favour * added
        seeds["log_sales"] = (weight * (wanted / wanted.sum(axis=0) - added / added.sum(axis=0)))[..., None]
    return seeds


def _real_revenue(found: Equilibrium, before: Before) -> Array:
    """Revenue of tariffs and export taxes over consumer prices [country], money at the prices from where changes are measured."""
    price = (found.system.final_share * (found.unknowns.log_price - before.log_price)).sum(axis=0)
    return np.asarray(duties(found) * np.exp(-price))


def duties(found: Equilibrium) -> Array:
    """What tariffs and export taxes bring in [country], money."""
    return np.asarray(found.values.tariff_revenue + found.values.export_tax_revenue)


def _revenue_value(found: Equilibrium, before: Before, player: Player) -> float:
    revenue = _real_revenue(found, before)[player.members].sum()
    return float(np.log(revenue)) if revenue > 0 else -np.inf


def _revenue_seeds(found: Equilibrium, before: Before, player: Player) -> Derivatives:
    revenue, weight = _real_revenue(found, before), np.zeros(len(before.income))
    weight[player.members] = revenue[player.members] / revenue[player.members].sum()
    by_money = np.divide(weight, duties(found), out=np.zeros_like(weight), where=weight != 0)[:, None]
    return {"tariff_revenue": by_money, "export_tax_revenue": by_money, "log_price": -found.system.final_share[..., None] * weight[:, None]}


AIMS = {
    aim.name: aim
    for aim in (
        Aim("real_income", "real income", _income_value, _income_seeds),
        Aim("revenue", "revenue of tariffs and export taxes over consumer prices", _revenue_value, _revenue_seeds),
    )
}
"""What can be wanted, by name."""


@dataclass(frozen=True, eq=False)
class Own:
    """What one player wants."""

    aim: Aim
    player: Player
    before: Before

    def value(self, found: Equilibrium) -> float:
        """ln of it at an equilibrium."""
        return self.aim.value(found, self.before, self.player)

    def seeds(self, found: Equilibrium) -> Derivatives:
        """Its derivatives."""
        return self.aim.seeds(found, self.before, self.player)


class Weighing(Protocol):
    """A rule for the weights of several: what is to be largest, and by how much it rises with ln of what each wants [player]."""

    def value(self, found: Equilibrium, each: Array) -> float: ...
    def weights(self, found: Equilibrium, each: Array) -> Array: ...


@dataclass(frozen=True, eq=False)
class Joint:
    """What several want together, as far as it moves with ln of their real incomes.

    Attributes:
        wants: of each; rule: for their weights.
    """

    wants: tuple[Own, ...]
    rule: Weighing

    def value(self, found: Equilibrium) -> float:
        """What is to be largest, at an equilibrium."""
        return self.rule.value(found, self.each(found))

    def weights(self, found: Equilibrium) -> Array:
        """By how much that rises with ln of what each wants [player]."""
        return self.rule.weights(found, self.each(found))

    def each(self, found: Equilibrium) -> Array:
        """ln of what each wants [player]."""
        return np.array([one.value(found) for one in self.wants])

    def seeds(self, found: Equilibrium) -> Derivatives:
        """Its derivatives."""
        parts = [{k: w * v for k, v in one.seeds(found).items()} for w, one in zip(self.weights(found), self.wants, strict=True)]
        return {
            name: np.sum([part[name] for part in parts if name in part], axis=0) for name in sorted({k for part in parts for k in part})
        }


Objective = Own | Joint


def together(every: list[Mapping[str, Array]]) -> Seeds:
    """Seeds of several objectives from those of each [dims of `Seeds`, column]."""
    names = sorted({name for one in every for name in one})
    shape = {name: next(one[name] for one in every if name in one).shape for name in names}
    return Seeds(**{name: np.concatenate([one.get(name, np.zeros(shape[name])) for one in every], axis=-1) for name in names})
