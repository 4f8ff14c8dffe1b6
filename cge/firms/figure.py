"""The style of figures for one column of a journal, and the comparison of Melitz with its Krugman twin in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cge.data.journal import BLUE, FONT, SIZE, VERMILLION
from cge.errors import DataError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LINES = {"welfare_ratio": ("Melitz", BLUE, "-"), "twin_welfare_ratio": ("Krugman twin", VERMILLION, "--")}


def axes(ax: Axes | None) -> Axes:
    """The axes given, or those of a new figure of one column's width."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure  # not pyplot: nothing to close, and no display needed

    return Figure(figsize=SIZE, layout="constrained").add_subplot()


def finish(ax: Axes, across: str, up: str, above: bool = False) -> Axes:
    """Labels of both axes, legend (where there is room, or above the axes in two columns) and frame."""
    ax.set_xlabel(across, fontsize=FONT)
    ax.set_ylabel(up, fontsize=FONT)
    ax.tick_params(labelsize=FONT)
    if above:
        ax.legend(fontsize=FONT, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    else:
        ax.legend(fontsize=FONT, frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax


def liberalisation_figure(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Welfare of Melitz and of its frozen Krugman twin, relative to τ0, against the iceberg cost.

    The two touch at τ0; on either side Melitz lies above its twin. Save it with `ax.figure.savefig("name.pdf")`.

    Args:
        table: of `liberalisation`.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: the table lacks a column, or its index is not the iceberg cost.
    """
    faults = [f"table: no column {name}.{nearest(name, table.columns)}" for name in (*LINES, "frozen_at") if name not in table.columns]
    if table.index.name != "iceberg":
        faults.append(f"table: the index is {table.index.name}, not iceberg; give the table of liberalisation.")
    if faults:
        raise DataError(faults)
    ax = axes(ax)
    data = table.sort_index()
    for name, (label, colour, style) in LINES.items():
        ax.plot(data.index.to_numpy(), data[name].to_numpy(), color=colour, linestyle=style, linewidth=1.2, label=label)
    return finish(ax, "Iceberg cost τ (units shipped per unit received)", f"Welfare (ratio to τ = {data['frozen_at'].iloc[0]:g})")
