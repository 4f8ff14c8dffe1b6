"""Rates that players choose, by sector."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from cge.errors import DataError
from cge.tell.plot.style import COLUMN, FONT, LAND, PAGE, SMALLEST, axes, colour_bar, scale, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def rates_heatmap(rates: npt.NDArray[np.float64], players: Sequence[str], sectors: Sequence[str], ax: Axes | None = None) -> Axes:
    """A heat map of rates, a row for each player; where nothing is bought it is light grey.

    Args:
        rates: in percent [player, sector], NaN where there is none; players, sectors: their names.

    Raises:
        DataError: names that are not as many as the rates.
    """
    if rates.shape != (len(players), len(sectors)):
        raise DataError(f"rates: {rates.shape[0]} by {rates.shape[1]} numbers for {len(players)} players and {len(sectors)} sectors.")
    width = float(np.clip(0.22 * len(sectors) + 0.8, COLUMN, PAGE))
    cell = (width - 0.8) / len(sectors)
    ax = axes(ax, width, float(np.clip(cell * len(players), 0.5, PAGE)) + 1.2)
    colours, limits = scale(rates)
    image = ax.pcolormesh(
        np.arange(len(sectors) + 1) - 0.5,
        np.arange(len(players) + 1) - 0.5,
        np.ma.masked_invalid(rates),
        cmap=colours.with_extremes(bad=LAND),
        norm=limits,
    )
    ax.set(xlim=(-0.5, len(sectors) - 0.5), ylim=(len(players) - 0.5, -0.5))
    size = float(np.clip(72 * cell * 0.8, SMALLEST, FONT))
    ax.set_xticks(range(len(sectors)), [worded(word, 18) for word in sectors], rotation=90, fontsize=size)
    ax.set_yticks(range(len(players)), [worded(word, 18) for word in players], fontsize=min(size, FONT))
    ax.xaxis.tick_top()
    ax.tick_params(length=0, pad=1.5)
    ax.spines[:].set_linewidth(0.4)
    colour_bar(ax, image, limits, "Rate in %", shrink=0.6, pad=0.03)
    return ax
