"""Products of trade weights with what countries send or demand, for one scenario or many that have most weights in common."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from cge.data.arrays import Array, Values


@dataclass(frozen=True, eq=False)
class Overlaid:
    """Matrices [sector, exporter, importer] of many scenarios, which differ in the columns of some importers alone.

    Attributes:
        common: of all others [sector, exporter, importer], or None where it is nothing but zero; importers: their places; own: theirs [scenario,
            sector, exporter, place].
        turned: whether this is [sector, importer, exporter].
    """

    common: Array | None
    importers: Array
    own: Array
    turned: bool = False

    def transpose(self, *axes: int) -> Overlaid:
        """With exporters and importers exchanged, the only order of axes that is asked for."""
        return replace(self, turned=not self.turned)

    def alone(self, place: int) -> Array:
        """The matrices of one scenario [sector, exporter, importer]."""
        out = np.zeros(self.own.shape[1:3] + self.own.shape[2:3]) if self.common is None else self.common.copy()
        out[:, :, self.importers] = self.own[place]
        return out

    def some(self, places: Array) -> Overlaid:
        """Those of some scenarios."""
        return replace(self, own=self.own[places])

    def times(self, pairs: Array) -> Overlaid:
        """Every matrix times numbers that all scenarios have in common [sector, exporter, importer], element by element; not `turned`."""
        common = None if self.common is None else self.common * pairs
        return replace(self, common=common, own=self.own * pairs[:, :, self.importers])

    def contract(self, vectors: Array) -> Array:
        """Products with vectors [sector, country, scenario]: sums over the last axis of the matrices."""
        by_scenario = vectors.transpose(2, 0, 1)[..., None]
        if self.turned:
            out = np.zeros_like(vectors) if self.common is None else np.matmul(self.common.transpose(0, 2, 1), vectors)
            out[:, self.importers] = np.matmul(self.own.swapaxes(2, 3), by_scenario)[..., 0].transpose(1, 2, 0)
            return out
        some = by_scenario[:, :, self.importers]
        # of one importer the product is element by element, which takes half as long
        own = (self.own * some if some.shape[2] == 1 else np.matmul(self.own, some))[..., 0].transpose(1, 2, 0)
        if self.common is None:
            return np.asarray(own)
        others = vectors.copy()
        others[:, self.importers] = 0.0
        return np.asarray(np.matmul(self.common, others) + own)


def times(matrices: Any, pairs: Array) -> Any:
    """Matrices [sector, exporter, importer], an array or `Overlaid`, times numbers of pairs, element by element."""
    return matrices.times(pairs) if isinstance(matrices, Overlaid) else matrices * pairs


def contract(matrices: Any, vectors: Values) -> Values:
    """Products of matrices [b, r, c], an array or `Overlaid`, with vectors [b, c] or [b, c, scenario], for every b."""
    if isinstance(matrices, Overlaid):
        return matrices.contract(vectors)
    return np.matmul(matrices, vectors) if vectors.ndim == 3 else np.matmul(matrices, vectors[..., None])[..., 0]


def where_taxed(foreign: Array, net_foreign: Array, taxed: Array | None) -> tuple[Any, Any]:
    """`net_foreign` and `taxed` [sector, exporter, importer] for products: where most importers have no tariffs, as `foreign` but for the others."""
    if taxed is None:
        return net_foreign, taxed
    importers = np.flatnonzero(taxed.any(axis=(0, 1)))
    if 2 * len(importers) > taxed.shape[2]:
        return net_foreign, taxed
    return Overlaid(foreign, importers, net_foreign[None, :, :, importers]), Overlaid(None, importers, taxed[None, :, :, importers])
