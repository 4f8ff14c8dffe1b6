"""Numbers by pair of countries and sector that are no tariffs: export taxes, factors on trade costs, effects of gravity equations. The nearer row
speaks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xarray as xr

from cge.data.arrays import Array
from cge.data.labels import Labelled, Mask
from cge.data.tariffs.columns import numbers, shown, stacked
from cge.data.tariffs.headings import KEYS, of_year, with_our_headings
from cge.data.tariffs.items import ONE
from cge.data.tariffs.means import means, nothing_fault, tie_faults
from cge.data.tariffs.nearer import Rows, make_column
from cge.data.tariffs.readings import Read, read_column
from cge.data.tariffs.sheets import Sheets
from cge.data.tariffs.table import Rates, items_of
from cge.data.tariffs.values import empty_faults, first_fault
from cge.data.variables import DIMS
from cge.errors import DataError

ACCEPTS: dict[str, tuple[Callable[[Array], Mask], str]] = {
    "times": (lambda value: value > 0, "times {} is not a factor above zero"),
    "effect": (np.isfinite, "effect {} is not a number"),
    "export_tax": (np.isfinite, "export_tax {} is not a number"),
    "lower": (lambda value: (value > -1) & np.isfinite(value), "lower {} is not a rate above -1"),
    "upper": (lambda value: (value > -1) & np.isfinite(value), "upper {} is not a rate above -1"),
}
"""What may stand in a column of values, and the words where something else does."""


def cell_values(
    world: Labelled, given: Sheets, column: str, *, groups: Mapping[str, Mapping[str, list[str]]] | None = None, origin: str = "file"
) -> Rates:
    """Values of a table of pairs [exporter, importer, sector], NaN where it has none; labels, groups and `*` as of tables of tariffs.

    Args:
        given: tables with columns `importer, exporter, sector` and `column` (a key of `ACCEPTS`); a label column that is missing is `*` throughout.

    Raises:
        DataError: columns, values, unknown labels, rows equally near for the same cell, no value for any cell.
    """
    headed = [with_our_headings(table, name, column) for table, name in given.placed(origin)]
    lines = given.lines
    table, more = of_year(stacked([table for table, _ in headed]), None, origin, lines)
    items, ready = items_of(world, None, groups or {}, None)
    read = {key: read_column(table[key].rename(key), items[key], ready) for key in KEYS}
    value = numbers(table[column])
    accepts, words = ACCEPTS[column]
    bad = table.index[~accepts(value)]
    faults = first_fault(bad, words.format(shown(table[column][bad[0]])) if len(bad) else "", lines)
    faults += [*empty_faults(table, lines), *(fault for key in KEYS for fault in read[key].faults)]
    if not any(read[key].faults for key in KEYS):
        columns = {key: make_column(read[key].entries, read[key].code, len(items[key].name)) for key in KEYS}
        rows = Rows(columns, value, None, np.asarray(table.index), np.zeros(len(table), dtype=bool), lines)
        found = means(rows, items["importer"], items["sector"])
        faults += tie_faults(found, rows, items)
        faults += [] if faults or not np.isnan(found.rates).all() else [nothing_fault(table, items)]
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    home = _at_home(read)
    own = [f"{origin}: {home} rows of a country with itself say nothing of trade between countries, and are not used."] if home else []
    account = [*(line for _, said in headed for line in said), *more, *own, *(line for key in KEYS for line in read[key].account)]
    labels = {"exporter": world.countries, "importer": world.countries, "sector": world.sectors}
    return Rates(xr.DataArray(found.rates, labels, DIMS["tariff"]), origin, tuple(account))


def _at_home(read: Mapping[str, Read]) -> int:
    """How many rows are of one country with itself."""
    item = {
        key: np.array([int(entry.items[0]) if entry.kind == ONE and entry.items.size else -1 for entry in read[key].entries])
        for key in ("importer", "exporter")
    }
    importer, exporter = (item[key][read[key].code] for key in item)
    return int(((importer >= 0) & (importer == exporter)).sum())
