"""Entry at its lower bound: both sides of its complementarity free, or the smaller one fixed at zero."""

from __future__ import annotations

from cge.solve.levels.pyomo_model import Model

PATH = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-9, 1e-10, 1e-11, 1e-12)
"""What the product is in turn on the way to its bound, where Newton's method follows it."""

INSIDE = 0.1
"""Smallest entry to start from, in units of that at the start: one that is zero never leaves its bound."""


def relax_corners(model: Model, gap: float) -> None:
    """Free entry and loss of every cell, their product at most `gap`, and start them inside their bounds, at the first of `PATH`."""
    for entry, loss in zip(model.entry, model.loss, strict=True):
        entry.unfix()
        loss.unfix()
        entry.set_value(max(entry.value, INSIDE))
        loss.set_value(PATH[0] / entry.value)
    model.pyomo.gap.fix(gap)
    model.pyomo.closes.complementarity.activate()


def close_corners(model: Model) -> None:
    """Fix at zero the smaller of entry and loss in every cell, and drop their products: what is left is a square system."""
    for entry, loss in zip(model.entry, model.loss, strict=True):
        (entry if entry.value < loss.value else loss).fix(0.0)
    model.pyomo.closes.complementarity.deactivate()
