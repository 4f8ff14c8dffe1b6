"""Numbers as the page carries them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cge.tell.digits import NOTHING
from cge.tell.question import Statistics

DIGITS = 6


def rounded(values: Any) -> Any:
    """Numbers to six digits, None where not finite; lists as deep as the array."""
    array = np.asarray(values, dtype=np.float64)
    some = np.isfinite(array) & (array != 0)
    power = DIGITS - 1 - np.floor(np.log10(np.where(some, np.abs(array), 1.0)))
    up, down = (
        10.0 ** np.clip(sign * power, 0, 300) for sign in (1, -1)
    )  # whole powers of ten, so that a quotient is the nearest number to its decimals
    short = np.rint(np.where(some, array, 0.0) / down * up) / up * down
    return _plain(np.where(np.isfinite(array), short, np.nan).tolist())


def _plain(values: Any) -> Any:
    """Lists with None in place of what is no number."""
    if isinstance(values, list):
        return [_plain(one) for one in values] if values and isinstance(values[0], list) else [None if v != v else v for v in values]
    return None if values != values else values


def moves(values: list[float | None]) -> bool:
    """Whether any number is more than what rounding leaves."""
    return any(value is not None and abs(value) > NOTHING for value in values)


def statistics(table: pd.DataFrame) -> Statistics:
    """Columns of numbers that are not empty, in their order."""
    return {str(name): rounded(table[name]) for name in table if pd.api.types.is_numeric_dtype(table[name]) and table[name].notna().any()}
