"""Products by ability, and what trade does to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from cge.data.journal import BLUE, VERMILLION
from cge.errors import DataError
from cge.firms.figure import axes, finish
from cge.firms.multi_product.equilibrium import multi_product
from cge.firms.multi_product.industry import MultiProductIndustry
from cge.firms.multi_product.scope import product_scope

if TYPE_CHECKING:
    from matplotlib.axes import Axes

REACH = 1.8
"""How far beyond the highest cutoff the figure goes, in ability."""


def scope_figure(industries: Mapping[str, MultiProductIndustry], ax: Axes | None = None) -> Axes:
    """The share of products that a firm sells at home, and dashed in a foreign market, against its ability, one colour for each industry.

    Args:
        industries: one or two, by label, as {"closed": …, "open": …}.
        ax: axes to draw on; without them, those of a new figure of one column's width.

    Raises:
        DataError: none, or more than two.
    """
    if not 1 <= len(industries) <= 2:
        raise DataError(f"industries: {len(industries)} given, but the figure shows one or two.")
    ax, found = axes(ax), {label: multi_product(industry) for label, industry in industries.items()}
    highest = max(cut for f in found.values() for cut in (f.cutoff, f.export_cutoff, f.product_cutoff) if np.isfinite(cut))
    ability = np.linspace(0, REACH * highest, 600)[1:]
    for (label, industry), colour in zip(industries.items(), (BLUE, VERMILLION), strict=False):
        scope = product_scope(industry, found[label], ability)
        for column, style, where in (("products_home", "-", "at home"), ("products_abroad", "--", "abroad")):
            if column == "products_home" or industry.countries > 1:
                sold = np.where(scope[column] > 0, scope[column], np.nan)
                ax.plot(ability, sold, color=colour, linestyle=style, linewidth=1.2, label=f"{label}, {where}")
    ax.set_ylim(0, 1.02)
    return finish(ax, "Ability φ", "Products sold (share of all)", above=True)
