"""A statistic of countries as a map of the world."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.data.geography import UNNAMED, centre, located, rings, world
from cge.results.welfare import welfare_table
from cge.solve.solution import Solution
from cge.tell.digits import sized
from cge.tell.plot.style import EDGE, FONT, LAND, PAGE, axes, colour_bar, numbers, scale, table_of, worded

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.path import Path

TOO_SMALL = 900.0
"""Square units of the map (a square of one and a half degrees at the equator) below which a country gets a round mark."""


def world_map(
    source: Solution | pd.DataFrame,
    statistic: str = "real_income_pct",
    title: str = "",
    ax: Axes | None = None,
    names: Mapping[str, str] = UNNAMED,
    attrs: Mapping[str, Any] = UNNAMED,
) -> Axes:
    """Countries coloured by a statistic: vermillion below zero, blue above; grey where there is no number. Small countries are round marks.

    Labels that name no country of the map (regions, the rest of the world) are listed below it with their values.

    Args:
        source: a solution, or a table with `country` and the statistic; title: of the scale, the statistic's name where left out; names: of
            countries in words, by label, where the economy has its own; attrs: of the economy, which tell the members of merged labels.

    Raises:
        DataError: the table has no such statistic.
    """
    table = table_of(source, welfare_table)
    values = dict(zip((str(label) for label in table["country"]), numbers(table, statistic).tolist(), strict=True))
    found, without = located(values, names, attrs)
    shapes, box = world().countries, world().box
    shown = {label: "".join(shapes[code] for code in codes) for label, codes in found.items() if np.isfinite(values[label])}
    taken = {code for label in shown for code in found[label]}
    ax = axes(ax, PAGE, PAGE * (box[3] - box[1]) / (box[2] - box[0]) + 0.55)
    _land(ax, [*(shape for code, shape in shapes.items() if code not in taken), world().other])
    _countries(ax, shown, values, title or statistic)
    ax.set_xlim(box[0], box[2])
    ax.set_ylim(box[3], box[1])
    ax.set_aspect("equal")
    ax.axis("off")
    if without:
        ax.set_title(_listed(without, values, names), fontsize=FONT - 1, loc="left", y=-0.06, va="top", wrap=True)
    return ax


def _listed(labels: list[str], values: dict[str, float], names: Mapping[str, str]) -> str:
    """Labels that have no place on the map, in one line."""
    most = 6
    words = {label: worded(names.get(label, label)) for label in labels[:most]}
    parts = [f"{word} ({sized(values[label], 3, plus=True)})" if np.isfinite(values[label]) else word for label, word in words.items()]
    more = f" and {len(labels) - most} more" if len(labels) > most else ""
    return f"Not on the map: {', '.join(parts)}{more}"


def _outline(shape: str) -> Path:
    """A path of `world.json` as matplotlib's."""
    from matplotlib.path import Path

    return Path.make_compound_path(*(Path(np.vstack([ring, ring[:1]]), closed=True) for ring in rings(shape)))


def _land(ax: Axes, shapes: list[str]) -> None:
    """Land without a number."""
    from matplotlib.collections import PathCollection

    ax.add_collection(PathCollection([_outline(shape) for shape in shapes], facecolor=LAND, edgecolor=EDGE, linewidth=0.2))


def _countries(ax: Axes, shown: dict[str, str], values: dict[str, float], title: str) -> None:
    """Countries with a number and their shapes (collection `countries`, in the order of their labels), marks for the small ones, and the scale."""
    from matplotlib.collections import PathCollection

    if not shown:
        return
    array = np.array([values[label] for label in shown])
    colours, limits = scale(array)
    shapes = list(shown.values())
    filled = PathCollection([_outline(shape) for shape in shapes], edgecolor=EDGE, linewidth=0.2, cmap=colours, norm=limits)
    filled.set_array(array)
    filled.set_gid("countries")
    ax.add_collection(filled)
    middles = np.array([centre(shape) for shape in shapes])
    small = middles[:, 2] < TOO_SMALL
    ax.scatter(
        middles[small, 0], middles[small, 1], c=array[small], s=9, cmap=colours, norm=limits, edgecolor="black", linewidth=0.3, zorder=3
    )
    colour_bar(ax, filled, limits, worded(title, 80), shrink=0.45, pad=0.01)
