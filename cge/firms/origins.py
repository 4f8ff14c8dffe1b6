"""Distributions of productivity that differ by origin, asked together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.firms.productivity import Productivity


class Origins:
    """What `Productivity` has, for arrays whose rows are firms of different origins; a distribution that several share is asked once."""

    def __init__(self, draws: Sequence[Productivity], row: npt.NDArray[np.intp] | None = None) -> None:
        """Args:
        draws: G_i [origin]; row: i, the origin of each row; one row for each origin, if not given.
        """
        distinct = {id(g): g for g in draws}
        place = {key: k for k, key in enumerate(distinct)}
        of_origin = np.array([place[id(g)] for g in draws])
        self.draws = tuple(distinct.values())
        self.row: npt.NDArray[np.intp] = of_origin if row is None else of_origin[row]

    def of(self, rows: npt.NDArray[np.bool_ | np.intp]) -> Origins:
        """Some of the rows, by whether or by place [row]."""
        return Origins(self.draws, self.row[rows])

    def rows_of(self, number: Callable[[Productivity], float]) -> Array:
        """A number of the distribution of each row [row]."""
        return np.array([number(g) for g in self.draws])[self.row]

    def survival(self, at: Array) -> Array:
        """1 − G_i at each productivity [row, …]."""
        return self._each(lambda g, phi: g.survival(phi), at)

    def density(self, at: Array) -> Array:
        """g_i [row, …]."""
        return self._each(lambda g, phi: g.density(phi), at)

    def moment(self, at: Array, power: float) -> Array:
        """∫_φ*^∞ φ^p dG_i [row, …]."""
        return self._each(lambda g, phi: g.moment(phi, power), at)

    def _each(self, function: Callable[[Productivity, Array], Array], at: Array) -> Array:
        if len(self.draws) == 1:
            return function(self.draws[0], at)
        found = np.empty_like(at)
        for k, g in enumerate(self.draws):
            rows = np.flatnonzero(self.row == k)
            if len(rows):
                found[rows] = function(g, at[rows])
        return found
