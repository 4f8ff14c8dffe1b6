"""Terms of one shape with their derivatives, evaluated for all of them in one call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from cge.solve.nlp.functions import Values
from cge.solve.nlp.jets import jet
from cge.solve.nlp.terms import VARIABLE, Array, Code, Indices, Terms


@dataclass(frozen=True, eq=False)
class Shape:
    """Terms of one shape; a slot is a place for a variable in it.

    Attributes:
        code: the shape; numbers: of the terms, in its order [term, number].
        rows, factors: of the terms [term]; columns: their variables [term, slot].
        slots: those along which the shape has a slope [slope]; pairs: of slots in which it has curvature, the larger first [2, bend].
    """

    code: Code
    numbers: Array
    rows: Indices
    factors: Array
    columns: Indices
    slots: Indices
    pairs: Indices

    def value(self, x: Array) -> Array:
        """Of the shape without its factor [term], from values of the variables [term, slot]."""
        return self._filled([jet(self.code, x, self.numbers, 0).value])[:, 0]

    def slope(self, x: Array) -> Array:
        """Its derivatives along `slots` [term, slope]; `x` as in `value`."""
        found = jet(self.code, x, self.numbers, 1).slope
        return self._filled([found[slot] for slot in self.slots.tolist()])

    def curvature(self, x: Array) -> Array:
        """Its second derivatives in `pairs` [term, bend]; `x` as in `value`."""
        found = jet(self.code, x, self.numbers, 2).bend
        return self._filled([found[one, other] for one, other in self.pairs.T.tolist()])

    def _filled(self, columns: list[Values]) -> Array:
        """Columns that are numbers of every term, or one for all."""
        out = np.empty((len(self.rows), len(columns)))
        for place, column in enumerate(columns):
            out[:, place] = column
        return out

    @property
    def bends(self) -> Indices:
        """The larger and the smaller of the two columns of every second derivative [2, term, bend]."""
        return np.sort(self.columns[:, self.pairs].transpose(1, 0, 2), axis=0)[::-1]

    @property
    def twice(self) -> Array:
        """How often a mixed derivative counts [term, bend]: two slots may hold the same variable."""
        one, other = self.bends
        return np.where((self.pairs[0] != self.pairs[1]) & (one == other), 2.0, 1.0)


def derive(code: Code, terms: Terms, place: Mapping[int, int]) -> Shape:
    """Terms of a shape, and where it has derivatives; `place` is the column of a variable by its id."""
    count, slots = len(terms.rows), code.count(VARIABLE)
    numbers = np.array(terms.numbers, dtype=float).reshape(count, -1)
    form = jet(code, np.ones((1, slots)), numbers[:1], 2)
    return Shape(
        code,
        numbers,
        np.array(terms.rows, dtype=np.int64),
        np.array(terms.factors, dtype=float),
        np.array([place[id(v)] for v in terms.variables], dtype=np.int64).reshape(count, slots),
        np.array(sorted(form.slope), dtype=np.int64),
        np.array(sorted(form.bend), dtype=np.int64).reshape(-1, 2).T,
    )
