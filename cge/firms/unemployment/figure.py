"""Unemployment along trade costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import pandas as pd

from cge.data.journal import BLUE, VERMILLION
from cge.errors import DataError
from cge.firms.figure import axes, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (BLUE, VERMILLION, "0.45", "0.75")


def unemployment_figure(found: Mapping[str, pd.Series[float]], ax: Axes | None = None) -> Axes:
    """Unemployment against trade costs, in percentage points from where these are highest.

    Args:
        found: one to four lines by label, each unemployment (a share) by trade costs over those of some base.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: no line, more than four, or one with fewer than two points.
    """
    faults = [f"found: {label} has {len(line)} points, but a line needs two." for label, line in found.items() if len(line) < 2]
    if not 1 <= len(found) <= len(COLOURS):
        faults.append(f"found: {len(found)} lines given, but the figure shows one to {len(COLOURS)}.")
    if faults:
        raise DataError(faults)
    ax = axes(ax)
    for (label, line), colour in zip(found.items(), COLOURS, strict=False):
        data = line.sort_index()
        ax.plot(data.index.to_numpy(), 100 * (data.to_numpy() - data.iloc[-1]), color=colour, linewidth=1.2, label=label)
    ax.axhline(0, color="0.7", linewidth=0.7)
    return finish(ax, "Trade costs (times those of the base)", "Unemployment (change in points)", above=True)
