"""What all figures share: sizes, colours, axes, and how they are saved."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.journal import BLUE, FONT, VERMILLION
from cge.errors import DataError, nearest
from cge.solve.solution import Solution
from cge.tell.digits import NOTHING, sized

if TYPE_CHECKING:
    import os

    from matplotlib.axes import Axes
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import LinearSegmentedColormap, Normalize

COLUMN, PAGE = 3.4, 7.0
"""Widths in inches: one column of a two-column page, and the whole page."""

TALLEST = 9.3
"""Inches: the height of a page's type area."""

SMALLEST = 5.0
"""Points: letters below this size cannot be read in print."""

ORANGE, SKY, GREEN, PURPLE, GREY = "#E69F00", "#56B4E9", "#009E73", "#CC79A7", "#8C8C8C"
"""With blue and vermillion: colours that colour-blind readers tell apart (Okabe and Ito, Color Universal Design, 2008)."""

LAND, EDGE = "#DADADA", "#9A9A9A"
"""What has no number, and the borders of countries."""

DIVERGING = ("#8C3300", "#D55E00", "#F3B48C", "#F7F7F7", "#9CC9E5", "#0072B2", "#004166")
"""From losses (vermillion) through nothing (near white) to gains (blue); lightness falls evenly on both sides, so that it also prints in grey."""

DIVERGING_DARK = ("#ffb98a", "#d55e00", "#7a3d14", "#20262d", "#1c4a69", "#2f8fd0", "#a6dcff")
"""The same on a dark page: from nothing (near its black) both ways into light."""


class Size(NamedTuple):
    """A size of figures.

    Attributes:
        width, height: inches at which letters of `FONT` points are right; None: as the figure was drawn. dots: per inch of a PNG.
        rows: of countries or sectors, those that fit.
    """

    width: float | None
    height: float | None
    dots: float
    rows: int


SIZES = {
    "paper": Size(None, None, 300, 20),
    "column": Size(COLUMN, None, 300, 20),
    "slide": Size(5.76, 3.24, 1920 / 5.76, 14),
}
"""Sizes by name. As each figure is drawn, a column or the page of a journal; one column; a slide (1920 by 1080 dots), whose letters are of 18 points
where it is shown 13.3 inches wide."""

FORMATS = (".png", ".svg", ".pdf")


def table_of(source: Solution | pd.DataFrame, make: Callable[[Solution], pd.DataFrame]) -> pd.DataFrame:
    """The table itself, or the one that `make` makes of a solution."""
    return make(source) if isinstance(source, Solution) else source


def chosen(table: pd.DataFrame, labels: Iterable[str] | None, column: str = "country") -> pd.DataFrame:
    """Rows of the labels in the given order, all rows where none are given.

    Raises:
        DataError: a label that the table does not have.
    """
    if labels is None:
        return table
    wanted, known = list(labels), [str(label) for label in table[column]]
    unknown = [label for label in wanted if label not in known]
    if unknown:
        raise DataError([f"{column}: no {label} in this table.{nearest(label, known)}" for label in unknown])
    return table.set_index(column).loc[wanted].reset_index()


def ends(table: pd.DataFrame, column: str, most: int | None) -> pd.DataFrame:
    """The largest first; of more rows than `most` half of them from either end, and those without a number last."""
    order = table.sort_values(column, ascending=False, kind="stable")
    if most is None or len(order) <= most:
        return order.reset_index(drop=True)
    known = order[order[column].notna()]
    return pd.concat([known.head(most - most // 2), known.tail(most // 2)], ignore_index=True)


def numbers(table: pd.DataFrame, column: str) -> npt.NDArray[np.float64]:
    """A column of numbers [row]. Raises DataError where the table has no such column."""
    if column not in table:
        raise DataError(f"statistic: no {column} in this table.{nearest(column, [str(name) for name in table])}")
    return table[column].to_numpy(dtype=np.float64)


LONGEST = 24
"""Letters of a label that are shown."""


def legend_columns(words: Iterable[str]) -> int:
    """Columns of a legend above one column of a journal, so that none of these words leaves it."""
    return 3 if max(map(len, words), default=0) <= 12 else 2


def worded(label: object, longest: int = LONGEST) -> str:
    """A label as text of a figure: dollars are no mathematics, and a long one is cut."""
    text = str(label)
    return (text if len(text) <= longest else f"{text[: longest - 1].rstrip()}…").replace("$", r"\$")


def axes(ax: Axes | None, width: float, height: float) -> Axes:
    """`ax`, or new Axes of that size in inches."""
    if ax is not None:
        return ax
    from matplotlib.figure import Figure  # not pyplot: nothing to close, and no display needed

    return Figure(figsize=(width, height), layout="constrained").add_subplot()


def rows_layout(count: int) -> tuple[float, float]:
    """Height in inches and letters in points for rows of labels: as large as the page allows."""
    height = min(TALLEST, 1.1 + 0.155 * count)
    return height, float(np.clip(72 * (height - 1.0) / max(count, 1) * 0.85, SMALLEST, FONT))


def tidy(ax: Axes, size: float = FONT) -> None:
    """Letters of one size and no frame on the right and above."""
    ax.tick_params(labelsize=size)
    ax.spines[["top", "right"]].set_visible(False)


def row_labels(ax: Axes, labels: list[str], size: float) -> None:
    """Labels down the left side, the first at the top, with hair lines to lead the eye."""
    ax.set_yticks(range(len(labels)), labels)
    ax.set_ylim(len(labels) - 0.4, -0.6)
    ax.tick_params(axis="y", length=0, labelsize=size)
    ax.tick_params(axis="x", labelsize=FONT - 1)
    ax.set_axisbelow(True)
    ax.grid(axis="y", color="#EEEEEE", linewidth=0.6)
    ax.spines[["top", "right", "left"]].set_visible(False)


def scale(values: npt.NDArray[np.float64]) -> tuple[LinearSegmentedColormap, Normalize]:
    """Colours and limits for values [any dims]: both signs alike around zero, one from zero, up to the largest.

    Colours follow values in proportion up to what three quarters stay within, and ever more slowly (asinh) beyond, so that a few that move much hide
    neither themselves nor the others.
    """
    from matplotlib.colors import AsinhNorm, LinearSegmentedColormap

    known = values[np.isfinite(values)]
    sizes = np.sort(np.abs(known[np.abs(known) > NOTHING]))
    top = float(sizes[-1]) if sizes.size else 1.0
    width = float(np.quantile(sizes, 0.75, method="lower")) if sizes.size else 1.0
    low, high = (-top if (known < -NOTHING).any() else 0.0), (top if (known > NOTHING).any() or not known.size else 0.0)
    low, high = (low, high) if low < high else (-1.0, 1.0)
    middle = len(DIVERGING) // 2
    shades = DIVERGING if low < 0 < high else DIVERGING[middle:] if low == 0 else DIVERGING[: middle + 1]
    return LinearSegmentedColormap.from_list("diverging", shades), AsinhNorm(linear_width=width, vmin=low, vmax=high)


def colour_bar(ax: Axes, of: ScalarMappable, norm: Normalize, title: str, shrink: float, pad: float) -> None:
    """The scale of a figure below it, with numbers at even distances; `shrink`, `pad`: as of matplotlib's."""
    ticks = np.asarray(norm.inverse(np.linspace(0, 1, 5)))
    bar = ax.get_figure(root=True).colorbar(of, ax=ax, orientation="horizontal", aspect=32, shrink=shrink, pad=pad)  # type: ignore[union-attr]
    bar.set_ticks(ticks.tolist(), labels=[sized(float(value), plus=True, minus="−") for value in ticks])
    bar.minorticks_off()
    bar.set_label(title, fontsize=FONT)
    bar.ax.tick_params(labelsize=FONT - 1)
    bar.outline.set_linewidth(0.4)


def save(ax: Axes, path: str | os.PathLike[str], size: Size = SIZES["paper"]) -> Path:
    """Write the figure of `ax` as PNG, SVG or PDF, in a size; the same figure always gives the same bytes.

    Raises:
        DataError: the name ends in none of these.
    """
    import matplotlib

    path = Path(path)
    if path.suffix not in FORMATS:
        raise DataError(f"{path.name}: figures are written as {', '.join(FORMATS)}.")
    figure = ax.get_figure(root=True)
    assert figure is not None
    drawn = figure.get_size_inches()
    width = size.width or drawn[0]
    figure.set_size_inches(width, size.height or drawn[1] * width / drawn[0])
    undated = {".png": {"Software": None}, ".svg": {"Date": None}, ".pdf": {"CreationDate": None}}[path.suffix]
    with matplotlib.rc_context({"svg.hashsalt": "cge", "svg.fonttype": "none", "pdf.fonttype": 42}):
        if (engine := figure.get_layout_engine()) is not None:
            engine.execute(figure)
            figure.set_layout_engine(None)  # laid out once: a figure with an engine is drawn twice
        figure.savefig(path, dpi=size.dots, metadata=undated)
    return path


__all__ = ["BLUE", "FONT", "VERMILLION"]
