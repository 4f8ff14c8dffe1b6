"""Intensity of innovation by productivity."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from cge.data.journal import BLUE, VERMILLION
from cge.errors import DataError
from cge.firms.figure import axes, finish
from cge.firms.industry import Industry
from cge.firms.innovation.effort import Innovation
from cge.firms.innovation.static import innovation, innovation_intensity

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REACH = 1.3
"""How far beyond the highest cutoff the figure goes, in productivity."""


def intensity_figure(industries: Mapping[str, Industry], technology: Innovation, ax: Axes | None = None) -> Axes:
    """α of firms against their productivity: levels where (29) holds, and the two regions between them in which success changes a decision.

    Args:
        industries: one or two, by label, as {"closed": …, "open": …}.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: none, or more than two.
    """
    if not 1 <= len(industries) <= 2:
        raise DataError(f"industries: {len(industries)} given, but the figure shows one or two.")
    ax, found = axes(ax), {label: innovation(industry, technology) for label, industry in industries.items()}
    cuts = [
        cut for f in found.values() for cut in (f.lowest_innovator, f.cutoff_without_success, f.export_cutoff_without) if np.isfinite(cut)
    ]
    phi = np.linspace(0.9 * min(cuts), REACH * max(cuts), 600)
    for (label, industry), colour in zip(industries.items(), (BLUE, VERMILLION), strict=False):
        ax.plot(phi, innovation_intensity(industry, technology, found[label], phi), color=colour, linewidth=1.2, label=label)
    ax.set_ylim(bottom=0)
    return finish(ax, "Productivity φ", "Innovation (probability of success)")
