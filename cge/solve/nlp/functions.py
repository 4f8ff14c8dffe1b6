"""Functions of one argument, with their first and second derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

Values = Any
"""Of every term [term], or one number for all."""

FUNCTIONS: dict[str, tuple[Callable[..., Values], Callable[..., Values], Callable[..., Values] | None]] = {
    "neg": (np.negative, lambda x, f: -1.0, None),
    "exp": (np.exp, lambda x, f: f, lambda x, f, d: f),
    "log": (np.log, lambda x, f: 1 / x, lambda x, f, d: -d * d),
    "log10": (np.log10, lambda x, f: 1 / (np.log(10) * x), lambda x, f, d: -d / x),
    "sqrt": (np.sqrt, lambda x, f: 0.5 / f, lambda x, f, d: -0.5 * d / x),
    "sin": (np.sin, lambda x, f: np.cos(x), lambda x, f, d: -f),
    "cos": (np.cos, lambda x, f: -np.sin(x), lambda x, f, d: -f),
    "tan": (np.tan, lambda x, f: 1 + f * f, lambda x, f, d: 2 * f * d),
    "asin": (np.arcsin, lambda x, f: 1 / np.sqrt(1 - x * x), lambda x, f, d: x * d * d * d),
    "acos": (np.arccos, lambda x, f: -1 / np.sqrt(1 - x * x), lambda x, f, d: x * d * d * d),
    "atan": (np.arctan, lambda x, f: 1 / (1 + x * x), lambda x, f, d: -2 * x * d * d),
    "sinh": (np.sinh, lambda x, f: np.cosh(x), lambda x, f, d: f),
    "cosh": (np.cosh, lambda x, f: np.sinh(x), lambda x, f, d: f),
    "tanh": (np.tanh, lambda x, f: 1 - f * f, lambda x, f, d: -2 * f * d),
    "asinh": (np.arcsinh, lambda x, f: 1 / np.sqrt(1 + x * x), lambda x, f, d: -x * d * d * d),
    "acosh": (np.arccosh, lambda x, f: 1 / np.sqrt(x * x - 1), lambda x, f, d: -x * d * d * d),
    "atanh": (np.arctanh, lambda x, f: 1 / (1 - x * x), lambda x, f, d: 2 * x * d * d),
}
"""By Pyomo's names: a function f of x, f′ from (x, f), and f″ from (x, f, f′), None where it is zero."""
