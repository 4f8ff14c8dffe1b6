"""Profits by productivity where firms may export and adopt."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from cge.data.journal import BLUE, FONT, VERMILLION
from cge.firms.adoption.equilibrium import Adoption
from cge.firms.figure import axes, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

GREY = "0.45"
COLOURS = {"home": GREY, "export": VERMILLION, "adopt": "tab:green", "export+adopt": BLUE}
REACH = 1.4
"""How far beyond the highest cutoff the figure goes, in φ^(σ−1)."""


def adoption_figure(found: Adoption, ax: Axes | None = None) -> Axes:
    """Profits of each choice that firms take against φ^(σ−1), and the best of them, thick; the cutoffs are marked below.

    Args:
        ax: axes to draw on; without them, those of a new figure of one column's width.
    """
    ax, power = axes(ax), found.choices.sigma - 1
    across = np.linspace(0, REACH * found.cutoffs[-1] ** power, 400)
    lines = {name: slope * found.demand * across - cost for name, slope, cost in found.choices.options}
    for name, profit in lines.items():
        ax.plot(across, profit, color=COLOURS[name], linestyle="--", linewidth=0.9, label=name)
    ax.plot(across, np.maximum(0, np.max(list(lines.values()), axis=0)), color="black", linewidth=1.4, label="best")
    for cutoff in found.cutoffs:
        ax.axvline(cutoff**power, color=GREY, linestyle=":", linewidth=0.7)
    ax.set_xticks([cutoff**power for cutoff in found.cutoffs], [f"{cutoff:.3g}" for cutoff in found.cutoffs], fontsize=FONT)
    return finish(ax, "Productivity φ, on the scale of φ^(σ−1)", "Profit (labour)", above=True)
