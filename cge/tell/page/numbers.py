"""Numbers as the page carries them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cge.tell.digits import NOTHING
from cge.tell.question import Statistics


def rounded(values: Any) -> Any:
    """Numbers to six digits, None where not finite; lists as deep as the array."""
    array = np.asarray(values, dtype=np.float64)
    if array.ndim > 1:
        return [rounded(row) for row in array]
    return [float(f"{value:.6g}") if np.isfinite(value) else None for value in array.tolist()]


def moves(values: list[float | None]) -> bool:
    """Whether any number is more than what rounding leaves."""
    return any(value is not None and abs(value) > NOTHING for value in values)


def statistics(table: pd.DataFrame) -> Statistics:
    """Columns of numbers that are not empty, in their order."""
    return {str(name): rounded(table[name]) for name in table if pd.api.types.is_numeric_dtype(table[name]) and table[name].notna().any()}
