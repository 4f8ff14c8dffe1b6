"""Fixed points looked for by what earlier steps teach of the next (Anderson 1965; type II of Fang and Saad 2009), within bounds."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array

MOST = 8
"""Steps that are remembered."""

ALIKE = 1e-10
"""Relative size of a direction in what was learnt that says nothing new."""


@dataclass(eq=False)
class Mixer:
    """Steps towards a fixed point of a map.

    Attributes:
        points, images: points and their images under the map, newest last [variable].
    """

    points: list[Array] = field(default_factory=list)
    images: list[Array] = field(default_factory=list)

    def next(self, point: Array, image: Array) -> Array:
        """Where to go from a point [variable] with this image: the image, less what changes of the last steps say is yet to come."""
        self.points, self.images = [*self.points[-MOST:], point], [*self.images[-MOST:], image]
        if len(self.points) == 1:
            return image
        residuals = np.stack(self.images) - np.stack(self.points)
        change, moved = np.diff(residuals, axis=0), np.diff(np.stack(self.images), axis=0)
        parts, *_ = np.linalg.lstsq(change.T, residuals[-1], rcond=ALIKE)
        return np.asarray(image - parts @ moved)

    def forget(self) -> None:
        """Begin anew."""
        self.points, self.images = [], []
