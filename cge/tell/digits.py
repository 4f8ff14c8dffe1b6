"""Numbers as text whose digits follow their size: nothing that is something is shown as zero, and no zero has a sign."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence

NOTHING = 1e-9
"""Below this a change (percent, log points × 100) is what rounding leaves."""

MOST = 9
"""Decimals at most, those of `NOTHING`."""


def fixed(value: float, places: int, plus: bool = False, minus: str = "-") -> str:
    """A number with so many decimals, thousands apart; more of them where it would be zero and is not; 0 where it is less than `NOTHING`.

    Args:
        plus: whether what is above zero has a sign; minus: the sign of what is below.
    """
    size = abs(value)
    if size < NOTHING:
        return f"{0:.{places}f}"
    if round(size, places) == 0:
        places = min(MOST, -math.floor(math.log10(size)))
    text = f"{size:,.{places}f}"
    return f"{minus if value < 0 else '+' if plus else ''}{text}"


def sized(value: float, digits: int = 2, plus: bool = False, minus: str = "-") -> str:
    """A number that shows so many digits, and no fewer than its whole part; signs as of `fixed`."""
    if abs(value) < NOTHING:
        return "0"
    text = f"{value:.{digits}g}"  # what it rounds to counts: 0.0996 is 0.10
    places = max(0, digits - 1 - math.floor(math.log10(abs(float(text)))))
    return fixed(value, min(places, MOST), plus, minus)


STEPS = ((1e12, "trillion"), (1e9, "billion"), (1e6, "million"), (1e3, "thousand"))
"""Money in words."""


def money_in_words(value: float, unit: str) -> str:
    """An amount without sign, in the largest step that fits: 26,774 of `million USD` is 26.8 billion USD."""
    (amount,), words = amounts((value,), unit)
    return f"{amount} {words}".strip()


def amounts(values: Sequence[float], unit: str) -> tuple[list[str], str]:
    """Amounts without sign in the step that fits the largest, and their unit in words."""
    step = next(((size, word) for size, word in STEPS if unit.startswith(f"{word} ")), None)
    bare = re.sub(r"^\w+ ", "", unit) if step else unit
    sizes = [abs(value) * (step[0] if step else 1.0) for value in values]
    size, word = next(((size, word) for size, word in STEPS if step and max(sizes) >= size), (1.0, ""))
    return [sized(amount / size, 3) for amount in sizes], " ".join(part for part in (word, bare) if part)
