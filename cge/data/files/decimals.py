"""Numbers as text with 17 significant digits, many at once: byte for byte what `"%.17g" % number` is of each, in a quarter of its time."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from cge.data.arrays import Array

LEAST, MOST = -4, 15
"""Exponents of ten of the numbers that are written here, those with a point and without an exponent; of others Python makes the text."""

TENS = np.array([float(10 ** (16 - exponent)) for exponent in range(LEAST, MOST + 1)])
"""By exponent: what brings a number to 17 digits before the point. Powers of ten up to the 22nd are exact."""

MINUS, POINT, ZERO = b"-.0"

FOUR = (ZERO + np.arange(10**4)[:, None] // [1000, 100, 10, 1] % 10).astype(np.uint8).view(np.uint32)[:, 0]
"""The text of every number of four digits, as one number of four bytes."""

WIDTH = 24
"""Bytes of the longest text, that of -1.7976931348623157e+308."""


def texts(values: Array) -> Array:
    """Text [number, byte] of numbers [number]; zero bytes, which are none of the text, may stand anywhere, and alone where one is not finite."""
    found = np.zeros((values.size, WIDTH), np.uint8)
    size = np.abs(values)
    with np.errstate(divide="ignore", invalid="ignore"):  # of zero, and of what is no number
        exponents = np.floor(np.log10(size))
        ours = (exponents >= LEAST) & (exponents <= MOST) & (size != np.rint(size))
    kinds = np.where(ours, exponents - LEAST, len(TENS)).astype(np.int8)
    order, (*counts, others) = np.argsort(kinds, kind="stable"), np.bincount(kinds, minlength=len(TENS) + 1)
    here, left = np.split(order, [values.size - others])
    digits, missed = significant(size[here], counts)
    found[here] = placed(np.signbit(values[here]), digits, counts)
    left = np.concatenate([left, here[missed]])
    plain = [b"%.17g" % value if known else b"" for value, known in zip(values[left].tolist(), np.isfinite(values[left]), strict=True)]
    found[left] = np.array(plain, f"S{WIDTH}")[:, None].view(np.uint8)
    return found


def significant(size: Array, counts: Sequence[int]) -> tuple[Array, Array]:
    """The 17 significant digits [number, digit] of numbers [number] without sign, as text, zeros at their end left out; and which numbers [number]
    they are not of, because the logarithm fell on the wrong side of a power of ten. Numbers stand by exponent, of each so many as `counts` says.

    A number times its power of ten is the sum of two floats, exactly (Dekker 1971); the first is even, beyond 2⁵³, so that rounding the second rounds
    the sum, to the even one where two are as near.
    """
    tens = np.repeat(TENS, counts)
    most = size * tens
    (high, low), (tens_high, tens_low) = halves(size), halves(tens)
    rest = low * tens_low - (((most - high * tens_high) - low * tens_high) - high * tens_low)
    whole = most.astype(np.int64) + np.rint(rest).astype(np.int64)
    front, back = np.divmod(whole, 10**8)
    first, front = np.divmod(front, 10**8)
    pairs = (pair for half in (front, back) for pair in np.divmod(half.astype(np.uint32), 10**4))
    digits = FOUR[np.stack([first, *pairs], axis=1)].view(np.uint8)[:, 3:]
    ends, place = np.arange(size.size), 16
    while (ends := ends[digits[ends, place] == ZERO]).size:
        digits[ends, place] = 0
        place -= 1
    return digits, (whole < 10**16) | (whole >= 10**17)


def halves(values: Array) -> tuple[Array, Array]:
    """Floats [any] as sums of two of half as many bits each, whose products are exact."""
    far = (2.0**27 + 1) * values
    high = far - (far - values)
    return high, values - high


def placed(negative: Array, digits: Array, counts: Sequence[int]) -> Array:
    """Text [number, byte] of signs [number] and digits [number, digit], with the point in its place; numbers stand as in `significant`."""
    found = np.zeros((len(digits), WIDTH), np.uint8)
    found[:, 0] = negative * np.uint8(MINUS)
    end = 0
    for exponent, count in enumerate(counts, LEAST):
        rows, end = slice(end, end + count), end + count
        before, zeros = max(exponent + 1, 0), max(-exponent - 1, 0)  # digits before the point, zeros behind it
        point = 1 + max(before, 1)
        behind = point + 1 + zeros
        found[rows, 1:behind] = ZERO
        found[rows, 1 : 1 + before] = digits[rows, :before]
        found[rows, point] = POINT
        found[rows, behind : behind + 17 - before] = digits[rows, before:]
    return found
