"""What innovation costs a firm and how much of it is best (chapter, eq. 29).

A firm of size ϕ = φ^(σ−1) that succeeds has ι times the size. Success with probability α costs ϕ·c(α) of labour, c(α) = χα^(1+ν)/(1+ν).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError


@dataclass(frozen=True)
class Innovation:
    """The technology of innovation.

    Attributes:
        step: ι > 1, by which success multiplies a firm's size φ^(σ−1).
        cost: χ > 0, labour per unit of size. curvature: ν > 0, elasticity of the marginal cost.

    Raises:
        DataError: all numbers out of range.
    """

    step: float
    cost: float
    curvature: float

    def __post_init__(self) -> None:
        faults = []
        if not 1 < self.step < math.inf:
            faults.append(f"step = {self.step:g}, but success must multiply a firm's size by more than 1.")
        for name in ("cost", "curvature"):
            if not 0 < getattr(self, name) < math.inf:
                faults.append(f"{name} = {getattr(self, name):g}, but it must be positive and finite.")
        if faults:
            raise DataError(faults)

    def spent(self, intensity: Array) -> Array:
        """c(α), labour per unit of size; shape […] of `intensity`."""
        return np.asarray(self.cost * intensity ** (1 + self.curvature) / (1 + self.curvature))

    def best(self, gain: Array) -> Array:
        """α with c′(α) = gain, at most one: what success adds to value, labour per unit of size; shape […] of `gain`."""
        return np.minimum(1.0, (np.maximum(gain, 0.0) / self.cost) ** (1 / self.curvature))

    def worth(self, gain: Array) -> Array:
        """max_α {α·gain − c(α)}, labour per unit of size; shape […] of `gain`."""
        at = self.best(gain)
        return np.asarray(at * gain - self.spent(at))
