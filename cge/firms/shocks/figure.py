"""Who gains from a change, by size."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.journal import BLUE, VERMILLION
from cge.errors import DataError, nearest
from cge.firms.figure import axes, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLUMNS = ("sales_before", "sales_after", "exit_share")


def deciles_figure(table: pd.DataFrame, ax: Axes | None = None) -> Axes:
    """Change of sales of firms by decile of size before, and the share of firms that exit, both in percent.

    Args:
        table: of `deciles`.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: the table lacks a column.
    """
    faults = [f"table: no column {name}.{nearest(name, table.columns)}" for name in COLUMNS if name not in table.columns]
    if faults:
        raise DataError(faults)
    ax, rows = axes(ax), table[table["exit_share"].notna()]
    across = np.arange(1, len(rows) + 1)
    ax.bar(across - 0.2, 100 * (rows["sales_after"] / rows["sales_before"] - 1), width=0.4, color=BLUE, label="Change of sales")
    ax.bar(across + 0.2, 100 * rows["exit_share"], width=0.4, color=VERMILLION, label="Firms that exit")
    ax.axhline(0.0, color="black", linewidth=0.6)
    ax.set_xticks(across)
    return finish(ax, "Decile of sales before", "Percent")
