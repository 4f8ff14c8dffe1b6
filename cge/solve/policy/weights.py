"""Whose real income an agreement looks to, and how much: rules for the weights of its players."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.solve.equilibrium import Equilibrium

LEAST = 1e-4
"""Gain over the fallback, as a part of real income, below which its ln goes on as a straight line: a search may begin where somebody loses."""


@dataclass(frozen=True, eq=False)
class Given:
    """Weights ω that are given [player]: Σ ω ln U is to be largest."""

    given: Array

    def weights(self, found: Equilibrium, each: Array) -> Array:
        """ω [player]; `each`: ln U [player]."""
        return self.given

    def value(self, found: Equilibrium, each: Array) -> float:
        """Σ ω ln U, from ln U [player]."""
        return float(self.given @ each)


@dataclass(frozen=True, eq=False)
class ByIncome:
    """Weights that are the players' parts in their income at the equilibrium: without distortions free trade is then best of all.

    Attributes:
        members: places of each player's countries [member].
    """

    members: tuple[Array, ...]

    def weights(self, found: Equilibrium, each: Array) -> Array:
        """ω [player], which sum to one; they are held still when the equilibrium moves."""
        income = np.array([found.values.income[places].sum() for places in self.members])
        return np.asarray(income / income.sum())

    def value(self, found: Equilibrium, each: Array) -> float:
        """Σ ω ln U at these weights, from ln U [player]."""
        return float(self.weights(found, each) @ each)


@dataclass(frozen=True, eq=False)
class ByBargaining:
    """Nash bargaining: Π (U − d) is to be largest, d being the fallback.

    Attributes:
        fallback: ln of real income without an agreement [player].
    """

    fallback: Array

    def weights(self, found: Equilibrium, each: Array) -> Array:
        """U/(U − d) over their number [player], from ln U [player]."""
        gain = -np.expm1(self.fallback - each)
        return np.asarray((1 + (1 - gain) / np.maximum(gain, LEAST)) / len(each))

    def value(self, found: Equilibrium, each: Array) -> float:
        """Mean of ln (U − d), from ln U [player]."""
        gain = -np.expm1(self.fallback - each)
        return float(np.mean(each + np.log(np.maximum(gain, LEAST)) + np.minimum(gain / LEAST - 1, 0.0)))
