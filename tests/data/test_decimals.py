"""Numbers as text with 17 significant digits, against what Python makes of each."""

import math

import numpy as np
import pytest

from cge.data.arrays import Array
from cge.data.files.decimals import LEAST, MOST, texts


def expected(values: Array) -> list[bytes]:
    return [b"%.17g" % value if math.isfinite(value) else b"" for value in values.tolist()]


def made(values: Array) -> list[bytes]:
    return [row.tobytes().replace(b"\0", b"") for row in texts(values)]


def around(values: Array) -> Array:
    """With the floats next to them, and those next but one."""
    below, above = np.nextafter(values, -np.inf), np.nextafter(values, np.inf)
    return np.concatenate([np.nextafter(below, -np.inf), below, values, above, np.nextafter(above, np.inf)])


RANDOM = np.random.default_rng(17)
SIZES = 10.0 ** RANDOM.uniform(LEAST - 2, MOST + 3, 20_000)
BITS = RANDOM.integers(0, 2**64, 20_000, dtype=np.uint64)
CASES = {
    "of every size": SIZES * RANDOM.choice([-1.0, 1.0], SIZES.size),
    "of any bits": BITS.view(np.float64),
    "around the powers of ten": around(10.0 ** np.arange(-25, 26)),
    "of few digits": np.round(SIZES, 3),
    "of few bits, half-way between two texts": SIZES.astype(np.float32).astype(np.float64),
    "around whole numbers": around(np.floor(SIZES)),
    "that are none": np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, 5e-324, -1.7976931348623157e308]),
}


@pytest.mark.parametrize("kind", CASES)
def test_the_text_is_that_of_python(kind: str) -> None:
    assert made(CASES[kind]) == expected(CASES[kind])


def test_some_are_half_way_between_two_texts() -> None:
    """Of those of few bits: what follows 17 digits is a five, and nothing behind it."""
    texts_of = [f"{value:.40f}" for value in CASES["of few bits, half-way between two texts"].tolist()]
    digits = [text.replace(".", "").strip("0") for text in texts_of]
    assert sum(len(text) == 18 and text.endswith("5") for text in digits) > 10
