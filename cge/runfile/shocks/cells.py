"""Which cells an entry of a table means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import xarray as xr

from cge.data.arrays import BILATERAL, place
from cge.data.labels import KIND, Mask, Names, Selection, home, pairs, select
from cge.model.shock import RATES, SHOCK_DIMS
from cge.runfile.keys.table import Keys


def cells(table: str, entry: Keys, names: Mapping[str, Names], where: str, faults: list[str]) -> Mask | None:
    """Cells that an entry of a shock table selects, on the dims of `SHOCK_DIMS`; None after adding to `faults`, for a key that has one, or where the
    labels of a dim are not known.
    """
    dims = SHOCK_DIMS[table]
    keys = {dim: value for dim in dims if (value := getattr(entry, dim)) is not None and KIND[dim] in names}
    chosen = {dim: select(value, names[KIND[dim]], f"{where}.{dim}", faults) for dim, value in keys.items()}
    found = {dim: selection for dim, selection in chosen.items() if selection is not None}
    if dims == BILATERAL:
        pair = _pairs(table, found, where, faults)
        return found["sector"].mask[:, None, None] & pair if pair is not None and "sector" in found else None
    return None if len(found) < len(dims) else found[dims[0]].mask[:, None] & found[dims[1]].mask


def _pairs(table: str, found: Mapping[str, Selection], where: str, faults: list[str]) -> Mask | None:
    """Pairs [exporter, importer] that an entry selects; None where a side is not known, or after adding to `faults`."""
    if "exporter" not in found or "importer" not in found:
        return None
    exporter, importer = found["exporter"], found["importer"]
    if table in RATES and home(exporter, importer):
        faults.append(f"{where}: exporter and importer are both {exporter.single}; sales at home bear no {table.replace('_', ' ')}.")
        return None
    pair = pairs(exporter, importer)
    if not pair.any():
        faults.append(
            f"{where}: matches nothing: exporter and importer select the same country, and a selection never pairs a country with itself. "
            "Write its label on both sides if its domestic cost is meant."
        )
        return None
    return pair


def gaps(levels: xr.DataArray, mask: Mask, where: str, what: str) -> Iterator[str]:
    """A sentence where a file lacks some of the cells [sector, exporter, importer] that an entry selects."""
    missing = mask & np.isnan(levels.values)
    if missing.any():
        count = f"{missing.sum()} of {mask.sum()} selected cells"
        cure = "select fewer, fill the file, or write partial = true, by which these stay"
        yield f"{where} has no {what} for {count}, first {place(levels, missing)}; {cure}."
