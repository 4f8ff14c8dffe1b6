"""Trade without a rate: named, and refused or given one."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import xarray as xr

from cge.data.arrays import Array
from cge.data.choices import Missing
from cge.data.economy import Economy
from cge.data.tariffs.table import Rates
from cge.data.text import counted
from cge.errors import DataError


def filled(economy: Economy, rates: Rates, missing: Missing) -> tuple[Array, list[str]]:
    """A rate for every cell [exporter, importer, sector], and what was missing in words; cells without trade keep the rate they have."""
    data = economy.data
    own = np.eye(len(economy.countries), dtype=bool)[:, :, None]
    lacks = np.isnan(rates.values.values) & ~own
    needed = lacks & (data["flow"].values > 0)
    words = _missing_words(economy, rates.values, needed) if needed.any() else []
    if words and missing == "refuse":
        hint = "missing = zero reads them as no tariff, missing = benchmark keeps the rates of the economy (--missing)."
        raise DataError([f"{rates.origin}: {' '.join(words)} {hint}"])
    stand_in = np.where(needed, 0.0, data["tariff"].values) if missing == "zero" else data["tariff"].values
    treatment = {"zero": "They are set to zero.", "benchmark": "They keep the rates of the economy.", "refuse": ""}[missing]
    return np.where(own, 0.0, np.where(lacks, stand_in, rates.values.values)), [*words, treatment] if words else []


def _missing_words(economy: Economy, rates: xr.DataArray, needed: npt.NDArray[np.bool_]) -> list[str]:
    """How much trade has no rate, and which: whole importers, exporters and sectors first, then pairs."""
    flow = economy.data["flow"].values * ~np.eye(len(economy.countries), dtype=bool)[:, :, None]
    lines = [f"No rate for {needed.sum()} cells with {flow[needed].sum() / flow.sum():.2%} of trade between countries."]
    rest = needed.copy()
    known = ~np.isnan(rates.values)
    whole = {"importers": (0, 2), "exporters": (1, 2), "sectors": (0, 1)}
    labels = {"importers": economy.countries, "exporters": economy.countries, "sectors": economy.sectors}
    for axis, (kind, others) in zip((1, 0, 2), whole.items(), strict=True):
        none = needed.any(axis=others) & ~known.any(axis=others)
        if none.any():
            lines.append(f"{kind.capitalize()} without any: {', '.join(np.array(labels[kind])[none])}.")
            rest &= ~np.moveaxis(np.broadcast_to(none, (*np.delete(rest.shape, axis), none.size)), -1, axis)
    count = rest.sum(axis=2)
    pairs = sorted(zip(*np.nonzero(count), strict=True), key=lambda at: -(flow[at] * rest[at]).sum())
    if pairs:
        named = [f"{economy.countries[n]} from {economy.countries[i]} ({counted(int(count[i, n]), 'sector')})" for i, n in pairs[:20]]
        more = f" and {len(pairs) - 20} more" if len(pairs) > 20 else ""
        lines.append(f"{counted(len(pairs), 'further pair')}, by trade: {', '.join(named)}{more}.")
    return lines
