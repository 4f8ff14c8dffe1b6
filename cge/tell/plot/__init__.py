"""Figures of results: each takes a solution, or the table of it, and returns matplotlib Axes; `save` writes them.

    from cge.tell import plot
    plot.save(plot.welfare_bars(solution), "welfare.pdf")

Widths and letters are those of a journal's page; colours are told apart by colour-blind readers.
"""

from cge.tell.plot.bands import sweep_bands
from cge.tell.plot.firms import firms_distribution
from cge.tell.plot.flows import flow_heatmap
from cge.tell.plot.labels import sweep_labels
from cge.tell.plot.rates import rates_heatmap
from cge.tell.plot.satellites import satellite_bars
from cge.tell.plot.sectors import sector_dumbbells
from cge.tell.plot.style import Size, save
from cge.tell.plot.welfare import welfare_bars
from cge.tell.plot.world import world_map

__all__ = [
    "Size", "firms_distribution", "flow_heatmap", "rates_heatmap", "satellite_bars", "save", "sector_dumbbells", "sweep_bands", "sweep_labels",
    "welfare_bars", "world_map",
]  # fmt: skip
