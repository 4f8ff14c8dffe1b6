"""Bare arrays inside the solvers, and the order of their dims."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

Array = npt.NDArray[Any]
"""A bare array; its dims stand in brackets behind its meaning, as [sector, exporter, importer]."""

Values = Any
"""An array of floats, complex numbers or algebraic expressions."""

BILATERAL = ("sector", "exporter", "importer")
"""Dims of what belongs to a pair of countries, in the order of the solvers."""
