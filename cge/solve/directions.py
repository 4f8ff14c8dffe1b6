"""A Krylov method that keeps what it learns: one linear system, many right-hand sides, in turn or together."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from cge.data.arrays import Array

MOST = 120
"""Times that directions are looked for in answer to one set of right-hand sides."""

SLOW = 0.7
"""Part of a residual that a step may leave, before all are answered together."""

LINE = 64
"""Bytes of a row of the columns that the matrix is applied to at a time, so that what is in work stays in the processor's cache."""

PASSES = 4
"""Most passes of Gram–Schmidt: two serve, unless nothing is left."""

NOTHING = 50
"""In units of rounding: part of an image that is left, and squared length of what is left of all, below which a direction says nothing that others do
not.
"""


Precision = type[np.float64] | type[np.float32]


@dataclass(eq=False)
class Directions:
    """Right-preconditioned conjugate residuals (as GMRES without restart) that keep their directions for the next right-hand sides.

    Every answer begins with the best one in the space of all directions so far, so that the few eigenvalues far from one, which are what slows a
    Krylov method down, are paid for once. Right-hand sides that come together are answered in the space of all of theirs.

    Attributes:
        product, precondition: the matrix, and the inverse of something near it, times columns [unknown, column].
        size: number of unknowns; precision: of everything that is computed; known: directions so far; count: how many.
        weights: of the directions in that which has each image [direction, image].
        basis: images of all directions [direction, unknown], and what the matrix makes them of [unknown, direction], as of the last step.
    """

    product: Callable[[Array], Array]
    precondition: Callable[[Array], Array]
    size: int
    precision: Precision = np.float64
    known: list[Shelf] = field(default_factory=list)
    weights: Array = field(init=False)
    basis: tuple[Array, Array] = field(init=False)

    def __post_init__(self) -> None:
        self.weights = np.zeros((0, 0), self.precision)
        self.basis = np.zeros((0, self.size), self.precision), np.zeros((self.size, 0), self.precision)
        self.nothing = NOTHING * float(np.finfo(self.precision).eps)

    @property
    def count(self) -> int:
        """Number of directions."""
        return len(self.weights)

    def solve(self, right: Array, tolerance: Array | float) -> tuple[Array, Array]:
        """Answers to right-hand sides [unknown, column], and their residuals relative to these [column].

        Args:
            tolerance: of the residuals, relative [column]; where directions come to an end, or after `MOST` times, they are larger.
        """
        right = np.ascontiguousarray(right, self.precision)
        norm = lengths(right)
        left, parts = self.split(right)
        for _ in range(MOST):
            going = lengths(left) > tolerance * norm
            if not going.any():
                break
            images = self.extend(left if going.all() else left[:, going])
            if not len(images):
                break
            new = images @ left
            left, parts = left - images.T @ new, np.concatenate([parts, new])
        return self.answer(parts), lengths(left) / np.where(norm > 0, norm, 1.0)

    def solve_many(self, right: Array, tolerance: Array | float) -> tuple[Array, Array]:
        """As `solve`, where many right-hand sides come a few at a time: directions are kept for the first, and after them each goes on alone.

        A step is the answer in the space of directions and what `precondition` makes of the rest, as much of it as serves: it takes a product a
        column and no memory. Those to whom steps bring little are answered together in the end.
        """
        if not self.count:
            return self.solve(right, tolerance)
        count, norm = right.shape[1], lengths(right)
        allowed = tolerance * norm
        answer, left = (np.empty(right.shape, self.precision) for _ in range(2))
        wide = LINE // answer.itemsize
        for first in range(0, count, wide):
            some = slice(first, first + wide)
            answer[:, some], left[:, some] = self.steps(right[:, some].astype(self.precision), allowed[some])
        slow = ~(lengths(left) <= allowed)
        if slow.any():
            more, rest = self.solve(left[:, slow], allowed[slow] / lengths(left[:, slow]))
            answer[:, slow] += more
            left[:, slow] *= rest
        return answer, lengths(left) / np.where(norm > 0, norm, 1.0)

    def near(self, columns: Array, steps: int, product: Callable[[Array], Array]) -> Array:
        """Near their answers [unknown, column], by so many steps, each taken whole: a linear function of columns, which teaches nothing.

        Args:
            product: a matrix near that of the directions, times columns.
        """
        left = columns.astype(self.precision)
        taken = self.step(left)
        answer = taken
        for _ in range(steps - 1):
            left = left - product(taken)
            taken = self.step(left)
            answer = answer + taken
        return answer

    def step(self, left: Array) -> Array:
        """Near the answers to columns [unknown, column]: those in the space of directions, and what `precondition` makes of the rest."""
        if self.count != len(self.basis[0]):
            images = np.concatenate([shelf.images for shelf in self.known])
            self.basis = images, self.answer(np.eye(self.count, dtype=self.precision))
        images, answers = self.basis
        parts = images @ left
        return np.asarray(self.precondition(left - images.T @ parts) + answers @ parts)

    def steps(self, left: Array, allowed: Array) -> tuple[Array, Array]:
        """Answers to columns and what is left of them [unknown, column], by steps until that has this size [column] or they bring little."""
        answer, size = np.zeros_like(left), lengths(left)
        for _ in range(MOST):
            going = ~(size <= allowed)
            if not going.any():
                break
            taken = self.step(left)
            image = self.product(taken)
            height = np.einsum("uc,uc->c", image, image)
            length = np.einsum("uc,uc->c", left, image) / np.where(height > 0, height, 1.0)
            taken *= length
            image *= length
            onward = left - image
            last, after = size, lengths(onward)
            better = after < size  # not where a product left the range of floats
            if not better.all():
                taken[:, ~better], onward[:, ~better] = 0.0, left[:, ~better]
            answer += taken
            left, size = onward, np.where(better, after, size)
            if not (size < SLOW * last)[going].all():
                break
        return answer, left

    def explain(self, columns: Array) -> tuple[Array, Array]:
        """What directions leave of columns, and the answers to the rest, in the space of directions [unknown, column]."""
        left, parts = self.split(columns)
        return left, self.answer(parts)

    def split(self, columns: Array) -> tuple[Array, Array]:
        """What images leave of columns [unknown, column], and the parts of each in them [image, column]: Gram–Schmidt, again where much cancels."""
        parts = np.zeros((self.count, columns.shape[1]), self.precision)
        if not self.count:
            return columns, parts
        height = lengths(columns)
        for _ in range(PASSES):
            first = 0
            for shelf in self.known:
                part = shelf.images @ columns
                columns = columns - shelf.images.T @ part
                parts[first : first + shelf.count] += part
                first += shelf.count
            last, height = height, lengths(columns)
            if (height > 0.5 * last).all():
                break
        return columns, parts

    def answer(self, parts: Array) -> Array:
        """What has these parts in images [image, column] for its own [unknown, column]."""
        weights, first, out = self.weights @ parts, 0, np.zeros((self.size, parts.shape[1]), self.precision)
        for shelf in self.known:
            out += shelf.taken.T @ weights[first : first + shelf.count]
            first += shelf.count
        return out

    def extend(self, left: Array) -> Array:
        """Images of new directions, from what is left of right-hand sides [unknown, column]: orthonormal [direction, unknown]; no more than there are
        unknowns, beyond which nothing but rounding is left.
        """
        room = self.size - self.count
        if room <= 0:
            return np.empty((0, self.size), self.precision)
        taken = self.precondition(left)
        images, wide = np.empty_like(left), LINE // left.itemsize
        for first in range(0, left.shape[1], wide):
            some = slice(first, first + wide)
            images[:, some] = self.product(taken[:, some])
        before = lengths(images)
        known = np.isfinite(before)  # a product that left the range of floats says nothing
        if not known.all():
            images, taken, before = images[:, known], taken[:, known], before[known]
        images, parts = self.split(images)
        height = lengths(images)
        alive = height > self.nothing * before
        weight = np.where(alive, 1 / np.where(alive, height, 1.0), 0.0)
        span, mixes = np.linalg.eigh((images.T @ images) * weight * weight[:, None])
        kept = (span > self.nothing) & (np.arange(len(span)) >= len(span) - room)  # the longest
        mix = weight[:, None] * (mixes[:, kept] / np.sqrt(span[kept])).astype(self.precision)
        return self.keep(taken, images, parts, mix)

    def keep(self, taken: Array, images: Array, parts: Array, mix: Array) -> Array:
        """Put mixes [column, direction] of columns, with images beside their parts in those before [image, column], where there is room; the images
        [direction, unknown].
        """
        many = mix.shape[1]
        if not self.known or not self.known[-1].room(many):
            self.known.append(Shelf(max(ROOM, many), self.size, self.precision))
        found = self.known[-1].put(mix.T @ taken.T, mix.T @ images.T)
        before, self.weights = self.weights, np.eye(self.count + many, dtype=self.precision)
        self.weights[: len(before), : len(before)], self.weights[: len(before), len(before) :] = before, -before @ (parts @ mix)
        return found


def lengths(columns: Array) -> Array:
    """Their Euclidean norms [column]."""
    return np.asarray(np.sqrt(np.einsum("uc,uc->c", columns, columns)))


ROOM = 40
"""Directions on a shelf."""


class Shelf:
    """Directions and their images, with room for more.

    Attributes:
        taken, images: directions, and what the matrix makes of them that it makes of none before, orthonormal [direction, unknown].
    """

    def __init__(self, room: int, size: int, precision: Precision) -> None:
        self.store = np.empty((2, room, size), precision)
        self.count = 0

    def room(self, count: int) -> bool:
        """Whether there is room for as many more."""
        return self.count + count <= self.store.shape[1]

    def put(self, taken: Array, images: Array) -> Array:
        """Add directions and images [direction, unknown]; the images, as they are kept."""
        some = slice(self.count, self.count + len(taken))
        self.store[0, some], self.store[1, some] = taken, images
        self.count += len(taken)
        return np.asarray(self.store[1, some])

    @property
    def taken(self) -> Array:
        """Directions [direction, unknown]."""
        return self.store[0, : self.count]

    @property
    def images(self) -> Array:
        """Their images [direction, unknown]."""
        return self.store[1, : self.count]
