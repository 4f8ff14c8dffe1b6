"""Paths after a change of trade costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from cge.data.journal import BLUE, VERMILLION
from cge.errors import DataError, nearest
from cge.firms.dynamics.sunk_path import SunkTransition
from cge.firms.dynamics.transition import Transition
from cge.firms.figure import axes, finish

if TYPE_CHECKING:
    from matplotlib.axes import Axes

COLOURS = (BLUE, VERMILLION, "0.45")


Path = Transition | SunkTransition


def transition_figure(found: Mapping[str, Path], variable: str = "welfare_ratio", periods: int = 60, ax: Axes | None = None) -> Axes:
    """One variable along one to three paths, consumption relative to before the change if not said otherwise; dashed where each path ends.

    Args:
        found: up to three transitions, by label.
        variable: of `Transition.paths`.
        periods: how many are shown.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: no such variable, or not one to three paths.
    """
    known = sorted({str(name) for one in found.values() for name in one.paths})
    faults = [
        f"variable: no {variable} in the path {label}.{nearest(variable, known)}"
        for label, one in found.items()
        if variable not in one.paths
    ]
    if not 1 <= len(found) <= len(COLOURS):
        faults.append(f"found: {len(found)} paths given, but the figure shows one to three.")
    if faults:
        raise DataError(faults)
    ax = axes(ax)
    for (label, one), colour in zip(found.items(), COLOURS, strict=False):
        path = one.paths[variable].isel(period=slice(periods))
        ax.plot(path["period"].to_numpy(), path.to_numpy(), color=colour, linewidth=1.2, label=label)
        ax.axhline(float(one.paths[variable][-1]), color=colour, linestyle="--", linewidth=0.7)
    words = "Consumption (ratio to before)" if variable == "welfare_ratio" else variable.replace("_", " ").capitalize()
    return finish(ax, "Period", words)
