"""Years in tables."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array


def is_year(numbers: Array) -> npt.NDArray[np.bool_]:
    """Whether numbers [any dims] are years: whole and of at most four digits; NaN, infinity and 2018.5 are none."""
    return np.asarray((numbers >= 0) & (numbers <= 9999) & (numbers == np.round(numbers)))
