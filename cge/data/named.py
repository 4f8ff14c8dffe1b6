"""Names in a sentence: the first of them where they are many, with how often each stands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import pandas as pd

SHOWN = 12
"""Names that a sentence holds."""


def arrows(to: Mapping[str, str]) -> str:
    """Labels with what they are read as."""
    return some(f"{name} → {label}" for name, label in to.items())


def counted(rows: pd.Series[int]) -> str:
    """Names with how many rows have them, those of most first."""
    return some(f"{name or '(empty)'} ({many} rows)" for name, many in rows.sort_values(ascending=False, kind="stable").items())


def some(names: Iterable[str]) -> str:
    """Names, the first of them where they are many."""
    every = [name or "(empty)" for name in names]
    return ", ".join(every[:SHOWN]) + (f" and {len(every) - SHOWN} more" if len(every) > SHOWN else "")
