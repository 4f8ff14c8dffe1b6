"""Numbers rounded to single precision: what a step is computed from as long as it is far from the last."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np

from cge.model.system import System


def rounded(numbers: Any) -> Any:
    """A system whose factors are pools, an array, or arrays in a tuple with names [dims as they are], in single precision where they are floats."""
    if isinstance(numbers, System):
        return replace(numbers, **{field.name: rounded(getattr(numbers, field.name)) for field in fields(numbers)})
    if isinstance(numbers, tuple):
        return type(numbers)(*map(rounded, numbers))
    return numbers.astype(np.float32) if isinstance(numbers, np.ndarray) and numbers.dtype == np.float64 else numbers
