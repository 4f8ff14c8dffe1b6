"""The unit in which entry is counted: a producer near zero may grow by many orders, and is looked for in units of what it could become."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from cge.data.arrays import Array
from cge.model.system import System, Unknowns

FAINT = 3e-3
"""A cell of scale one that sells less than this part of its country's factor income is counted in units of that part, where its factors are pools."""


@dataclass(frozen=True, eq=False)
class Units:
    """Entry of scale one counted in other units than its benchmark.

    Where scale is one, a weight is Ŝ times a shifter and the cost of entry is Ŝ times benchmark sales: in another unit of Ŝ both are multiplied
    by that unit, and nothing else changes. Interior points start at Ŝ = 1 with one multiplier for all, and so weigh cells by their unit. From a
    benchmark of 1e-12 a cell would have to grow to its market by as many orders, or to be told from an empty one; from a unit of its country's
    size it does either in a few steps.

    Attributes:
        size: a unit, in benchmarks [sector, country]; one but where a producer is faint.
    """

    size: Array

    def of(self, system: System) -> System:
        """The system with entry in these units."""
        if (self.size == 1).all():
            return system
        return replace(
            system.with_sellers(self.size),
            home=system.home * self.size,
            benchmark_sales=system.benchmark_sales * self.size,
            log_benchmark_sales=system.log_benchmark_sales + np.log(self.size),
        )

    def counted(self, u: Unknowns) -> Unknowns:
        """Unknowns with entry in these units."""
        return u._replace(entry=u.entry / self.size)

    @property
    def inverse(self) -> Units:
        """The units that lead back."""
        return Units(1 / self.size)


def units(system: System) -> Units:
    """The units for a system in changes: benchmarks where workers have to be won from other sectors, whose pay holds entry near what it was."""
    least = FAINT * system.endowed.sum(axis=0)
    faint = (system.scale == 1) & system.produced & (system.benchmark_sales < least)
    for place, share in () if system.supply is None else zip(system.supply.places, system.factor_share, strict=True):
        if isinstance(place, slice):
            faint &= share == 0
    return Units(np.where(faint, least / np.where(faint, system.benchmark_sales, 1.0), 1.0))
