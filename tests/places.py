"""Where things are: the checkout, and data and references that may stand beside it."""

from pathlib import Path

TOP = Path(__file__).resolve().parents[1]
SHARED = TOP.parent / "shared"
