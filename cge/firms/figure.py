"""The comparison of Melitz with its Krugman twin as a figure for one column of a journal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from cge.errors import DataError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, VERMILLION = "#0072B2", "#D55E00"
"""Two colours that colour-blind readers tell apart (Okabe and Ito, Color Universal Design, 2008)."""

SIZE = (3.4, 2.6)
"""Inches: one column of a two-column page."""

FONT = 8
"""Points."""

LINES = {"welfare_ratio": ("Melitz", BLUE, "-"), "twin_welfare_ratio": ("Krugman twin", VERMILLION, "--")}


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
    if ax is None:
        from matplotlib.figure import Figure  # not pyplot: nothing to close, and no display needed

        ax = Figure(figsize=SIZE, layout="constrained").add_subplot()
    data = table.sort_index()
    for name, (label, colour, style) in LINES.items():
        ax.plot(data.index.to_numpy(), data[name].to_numpy(), color=colour, linestyle=style, linewidth=1.2, label=label)
    ax.set_xlabel("Iceberg cost τ (units shipped per unit received)", fontsize=FONT)
    ax.set_ylabel(f"Welfare (ratio to τ = {data['frozen_at'].iloc[0]:g})", fontsize=FONT)
    ax.tick_params(labelsize=FONT)
    ax.legend(fontsize=FONT, frameon=False)
    ax.spines[["top", "right"]].set_visible(False)
    return ax
