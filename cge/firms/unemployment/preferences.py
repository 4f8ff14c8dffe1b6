"""What households spend on the differentiated sector, and what that is worth to them."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from cge.data.arrays import Array


class Preferences(Protocol):
    """Utility over the outside good, the numeraire, and the sector. Arguments and results are [country], per worker."""

    def faults(self, sigma: float) -> Iterator[str]:
        """A sentence for each number out of range."""

    def spending(self, income: Array, price_index: Array) -> Array:
        """X/L, spending on the sector at an income and a price index."""

    def price_elasticity(self) -> float:
        """−∂ ln X/∂ ln P."""

    def welfare(self, income: Array, price_index: Array) -> Array:
        """U."""


@dataclass(frozen=True)
class CobbDouglas:
    """The chapter's (1): a share of income buys the sector's varieties, U = income/P^share. Arguments and results are [country].

    Attributes:
        share: β, 0 < β < 1.
    """

    share: float

    def faults(self, sigma: float) -> Iterator[str]:
        """A sentence where the share is out of range."""
        if not 0 < self.share < 1:
            yield f"share = {self.share:g}, but it must lie between 0 and 1: without the outside good incomes are not fixed."

    def spending(self, income: Array, price_index: Array) -> Array:
        """β·income."""
        return np.asarray(self.share * income + 0 * price_index)

    def price_elasticity(self) -> float:
        """Zero: spending does not move with prices."""
        return 0.0

    def welfare(self, income: Array, price_index: Array) -> Array:
        """income/P^β."""
        return np.asarray(income * price_index**-self.share)


@dataclass(frozen=True)
class QuasiLinear:
    """Helpman and Itskhoki's: demand for the sector is elastic, and income buys the outside good alone. Arguments and results are [country].

    U = q_0 + weight^(1/ε) ε/(ε−1) Q^((ε−1)/ε), so that X/L = weight·P^(1−ε), U = income + X/(L(ε−1)).

    Attributes:
        weight: > 0, spending per worker at P = 1.
        elasticity: ε, 1 < ε < σ.
    """

    weight: float
    elasticity: float

    def faults(self, sigma: float) -> Iterator[str]:
        """A sentence for each number out of range."""
        if not 0 < self.weight < math.inf:
            yield f"weight = {self.weight:g}, but it must be positive and finite."
        if not 1 < self.elasticity < sigma:
            yield (
                f"elasticity = {self.elasticity:g}, but it must exceed 1 and lie below sigma = {sigma:g}: varieties are nearer to each other than "
                "to the outside good."
            )

    def spending(self, income: Array, price_index: Array) -> Array:
        """weight·P^(1−ε), whatever the income."""
        return np.asarray(self.weight * price_index ** (1 - self.elasticity) + 0 * income)

    def price_elasticity(self) -> float:
        """ε − 1."""
        return self.elasticity - 1

    def welfare(self, income: Array, price_index: Array) -> Array:
        """income + X/(L(ε−1))."""
        return np.asarray(income + self.spending(income, price_index) / (self.elasticity - 1))
