"""A Krylov method that keeps what it learns: one linear system, many right-hand sides, in turn or together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array

MOST = 120
"""Times that directions are looked for in answer to one set of right-hand sides."""

TOGETHER = 8
"""Columns that the matrix is applied to at a time, so that what is in work stays in the processor's cache."""

PASSES = 4
"""Most passes of Gram–Schmidt: two serve, unless nothing is left."""

NOTHING = 1e-14
"""Part of an image that is left, and squared length of what is left of all, below which a direction says nothing that others do not."""


@dataclass(eq=False)
class Directions:
    """Right-preconditioned conjugate residuals (as GMRES without restart) that keep their directions for the next right-hand sides.

    Every answer begins with the best one in the space of all directions so far, so that the few eigenvalues far from one, which are what slows a
    Krylov method down, are paid for once. Right-hand sides that come together are answered in the space of all of theirs.

    Attributes:
        product, precondition: the matrix, and the inverse of something near it, times columns [unknown, column].
        size: number of unknowns; known: directions so far; count: how many.
        weights: of the directions in that which has each image [image, direction].
    """

    product: Callable[[Array], Array]
    precondition: Callable[[Array], Array]
    size: int
    known: list[Shelf] = field(default_factory=list)
    weights: Array = field(default_factory=lambda: np.zeros((0, 0)))

    @property
    def count(self) -> int:
        """Number of directions."""
        return len(self.weights)

    def solve(self, right: Array, tolerance: Array | float) -> tuple[Array, Array]:
        """Answers to right-hand sides [unknown, column], and their residuals relative to these [column].

        Args:
            tolerance: of the residuals, relative [column]; where directions come to an end, or after `MOST` times, they are larger.
        """
        right = np.ascontiguousarray(right.T)
        norm = np.linalg.norm(right, axis=1)
        left, parts = self.split(right)
        for _ in range(MOST):
            going = np.linalg.norm(left, axis=1) > tolerance * norm
            if not going.any():
                break
            images = self.extend(left[going])
            if not len(images):
                break
            new = left @ images.T
            left, parts = left - new @ images, np.concatenate([parts, new], axis=1)
        return self.answer(parts).T, np.linalg.norm(left, axis=1) / np.where(norm > 0, norm, 1.0)

    def explain(self, vectors: Array) -> tuple[Array, Array]:
        """What directions leave of vectors, and the answers to the rest, in the space of directions [vector, unknown]."""
        left, parts = self.split(vectors)
        return left, self.answer(parts)

    def split(self, vectors: Array) -> tuple[Array, Array]:
        """What images leave of vectors [vector, unknown], and the parts of each in them [vector, image]: Gram–Schmidt, again where much cancels."""
        parts, height = np.zeros((len(vectors), self.count)), np.linalg.norm(vectors, axis=1)
        for _ in range(PASSES):
            first = 0
            for shelf in self.known:
                part = vectors @ shelf.images.T
                vectors = vectors - part @ shelf.images
                parts[:, first : first + shelf.count] += part
                first += shelf.count
            last, height = height, np.linalg.norm(vectors, axis=1)
            if (height > 0.5 * last).all():
                break
        return vectors, parts

    def answer(self, parts: Array) -> Array:
        """What has these parts in images [vector, image] for its own [vector, unknown]."""
        weights, first, out = parts @ self.weights, 0, np.zeros((len(parts), self.size))
        for shelf in self.known:
            out += weights[:, first : first + shelf.count] @ shelf.taken
            first += shelf.count
        return out

    def extend(self, left: Array) -> Array:
        """Images of new directions, from what is left of right-hand sides [column, unknown]: orthonormal [direction, unknown]; no more than there are
        unknowns, beyond which nothing but rounding is left.
        """
        room = self.size - self.count
        if room <= 0:
            return left[:0]
        taken = self.precondition(left.T)
        images = np.concatenate([self.product(taken[:, first : first + TOGETHER]) for first in range(0, len(left), TOGETHER)], axis=1).T
        known = np.isfinite(images).all(axis=1)  # a product that left the range of floats says nothing
        images, taken = images[known], taken.T[known]
        before = np.linalg.norm(images, axis=1)
        images, parts = self.split(images)
        height = np.linalg.norm(images, axis=1)
        alive = height > NOTHING * before
        if not alive.any():
            return images[:0]
        images, parts, taken = (part[alive] / height[alive][:, None] for part in (images, parts, taken))
        lengths, mixes = np.linalg.eigh(images @ images.T)
        kept = (lengths > NOTHING) & (np.arange(len(lengths)) >= len(lengths) - room)  # the longest
        mix = (mixes[:, kept] / np.sqrt(lengths[kept])).T
        images = mix @ images
        self.keep(mix @ taken, images, mix @ parts)
        return np.asarray(images)

    def keep(self, taken: Array, images: Array, parts: Array) -> None:
        """Put directions, where there is room, whose images are these [direction, unknown] beside parts in those before [direction, image]."""
        if not self.known or not self.known[-1].room(len(taken)):
            self.known.append(Shelf(max(ROOM, len(taken)), self.size))
        self.known[-1].put(taken, images)
        before, self.weights = self.weights, np.eye(self.count + len(taken))
        self.weights[: len(before), : len(before)], self.weights[len(before) :, : len(before)] = before, -parts @ before


ROOM = 40
"""Directions on a shelf."""


class Shelf:
    """Directions and their images, with room for more.

    Attributes:
        taken, images: directions, and what the matrix makes of them that it makes of none before, orthonormal [direction, unknown].
    """

    def __init__(self, room: int, size: int) -> None:
        self.store = np.empty((2, room, size))
        self.count = 0

    def room(self, count: int) -> bool:
        """Whether there is room for as many more."""
        return self.count + count <= self.store.shape[1]

    def put(self, taken: Array, images: Array) -> None:
        """Add directions and images [direction, unknown]."""
        some = slice(self.count, self.count + len(taken))
        self.store[0, some], self.store[1, some] = taken, images
        self.count += len(taken)

    @property
    def taken(self) -> Array:
        """Directions [direction, unknown]."""
        return self.store[0, : self.count]

    @property
    def images(self) -> Array:
        """Their images [direction, unknown]."""
        return self.store[1, : self.count]


def by_blocks(blocks: Array) -> Callable[[Array], Array]:
    """Multiplication of columns [unknown, column] by a block-diagonal matrix [block, row, row], in its precision."""

    def times(columns: Array) -> Array:
        product = np.matmul(blocks, columns.astype(blocks.dtype).reshape(*blocks.shape[:2], -1))
        return np.asarray(product.reshape(columns.shape), np.float64)

    return times
