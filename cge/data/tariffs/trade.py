"""Trade that weighs rates of products, from a table of its own: statistics of UN Comtrade, or `importer, exporter, sector, value`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.named import counted
from cge.data.tariffs.board import ragged, spread
from cge.data.tariffs.columns import distinct, rows_of, shown, stacked, trade_values
from cge.data.tariffs.headings import KEYS, of_year, with_our_headings
from cge.data.tariffs.items import ONE, Items, Positions
from cge.data.tariffs.layouts import Layout, plain, recognised
from cge.data.tariffs.lines import Lines
from cge.data.tariffs.published import in_our_columns, with_zeros
from cge.data.tariffs.readings import Read, read_column
from cge.data.tariffs.sheets import Sheets
from cge.errors import DataError


@dataclass(frozen=True, eq=False)
class Trade:
    """Values of trade by importer, exporter and product.

    Attributes:
        importer, exporter, product [entry]: items. value [entry]: any money. account: what was read, in sentences.
    """

    importer: Positions
    exporter: Positions
    product: Positions
    value: Array
    account: tuple[str, ...]

    def of(self, importer: int, shape: tuple[int, int]) -> Array:
        """Values of what one importer buys [exporter, product]."""
        mine = self.importer == importer
        cell = self.exporter[mine].astype(np.int64) * shape[1] + self.product[mine]
        return np.bincount(cell, weights=self.value[mine], minlength=shape[0] * shape[1]).reshape(shape)


def read_trade(given: pd.DataFrame | Sheets, items: Mapping[str, Items], year: int | None, origin: str) -> Trade:
    """Trade of single countries and products in tables; what is of several of them at once (the world, a chapter) is left out and counted.

    Raises:
        DataError: columns, values below zero or that are no numbers, unknown products, nothing that the items name.
    """
    sheets = given if isinstance(given, Sheets) else Sheets((given,))
    table, said = _ours(sheets, year, origin)
    lines = sheets.lines
    read = {key: read_column(table[key].rename(key), items[key]) for key in KEYS}
    value, untraded = trade_values(table["value"])
    bad = table.index[~((value >= 0) & (value < np.inf))]
    faults = (
        [f"row {lines.of(int(bad[0]))}: value {shown(table['value'][bad[0]])} is not a value from 0 up ({len(bad)} such rows)."]
        if len(bad)
        else []
    )
    faults += [fault for key in KEYS for fault in read[key].faults]
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    single = np.ones(len(table), dtype=bool)
    for key in KEYS:
        single &= np.array([entry.kind == ONE for entry in read[key].entries], dtype=bool)[read[key].code]
    row, at = np.flatnonzero(single), {}
    for key in KEYS:
        more, at[key] = spread(read[key].code[row], ragged([entry.items for entry in read[key].entries]))
        row, at = row[more], {name: each[more] if name != key else each for name, each in at.items()}
    if not len(row):
        raise DataError(f"{origin}: none of its rows is trade of countries and products of the economy.")
    repeated = _repeated(at, table.index[row], items, lines)
    if repeated:
        raise DataError(f"{origin}: {repeated}")
    several = int((~single).sum())
    account = [*said, *untraded, f"{origin}: trade of {len(np.unique(row))} rows weighs the rates."]
    account += [f"{several} rows are of several countries or products at once, left out."] if several else []
    account += [line for key in KEYS for line in read[key].account]
    return Trade(at["importer"], at["exporter"], at["sector"], _shared(value[row], read, row), tuple(account))


def _repeated(at: Mapping[str, Positions], line: pd.Index[int], items: Mapping[str, Items], lines: Lines) -> str | None:
    """The fault of rows that are trade of the same countries in the same product, which would count several times over.

    Args:
        at: by key, items [entry]. line [entry]: place in the tables.
    """
    cell = np.zeros(len(line), dtype=np.int64)
    for key in KEYS:
        cell = cell * len(items[key].name) + at[key]
    again = pd.Series(cell).duplicated().to_numpy()
    if not again.any():
        return None
    second = int(np.argmax(again))
    first = int(np.argmax(cell == cell[second]))
    importer, exporter, product = (items[key].name[at[key][second]] for key in KEYS)
    return (
        f"rows {lines.of(int(line[first]))} and {lines.of(int(line[second]))} are both trade of {importer} from {exporter} in {product} "
        f"({len(np.unique(line[again]))} such rows). Keep one of them where it is the total or a copy; add them up where they are parts."
    )


def _shared(value: Array, read: Mapping[str, Read], row: Positions) -> Array:
    """The value of a row over the items that it is of [entry]: a product in two sectors counts in both by its weight, as its rate does."""
    times = np.ones(len(row))
    for key in ("importer", "exporter"):
        times *= np.array([max(1, len(entry.items)) for entry in read[key].entries])[read[key].code[row]]
    return np.asarray(value / times)


def _whole(table: pd.DataFrame, layout: Layout, origin: str) -> tuple[pd.DataFrame, list[str]]:
    """The rows of all trade of a pair and product, without those that break it down, and in words how many these are.

    Raises:
        DataError: there are only parts.
    """
    keep, said = np.ones(len(table), dtype=bool), []
    for column in (name for name in map(str, table.columns) if plain(name) in layout.whole):
        names, code = distinct(table[column])
        whole = np.array([name.upper() in layout.whole[plain(column)] for name in names], dtype=bool)[code]
        said += (
            [] if whole.all() else [f"Rows that are parts of a total by {column}, left out: {counted(rows_of(table.loc[~whole, column]))}."]
        )
        keep &= whole
    if len(table) and not keep.any():
        raise DataError(f"{origin}: no row is a total. {' '.join(said)} Fetch the totals, or add the parts up and write 0 (C00) there.")
    return (table, said) if keep.all() else (table[keep], said)


def _ours(sheets: Sheets, year: int | None, origin: str) -> tuple[pd.DataFrame, list[str]]:
    """Rows of imports of one year, under our headings."""
    parts, said = [], [*sheets.left]
    for table, name in sheets.placed(origin):
        part, lines = _imports(table, name)
        parts.append(part)
        said += lines
    table, more = of_year(stacked(parts), year, origin, sheets.lines)
    return table, [*said, *more]


def _imports(table: pd.DataFrame, origin: str) -> tuple[pd.DataFrame, list[str]]:
    """Rows of imports of one table, under our headings."""
    layout = recognised(map(str, table.columns), None, origin)
    if layout is None:
        return with_our_headings(table, origin, "value")
    if "tariff" in layout.columns:
        raise DataError(f"{origin} is {layout.words}: duties, not trade that weighs them.")
    table, parts = _whole(table, layout, origin)
    table = in_our_columns(table, layout, "weighted").rename(columns={"weight": "value"})
    names, code = distinct(table["flow"])
    imports = np.array([name.upper() in layout.imports for name in names], dtype=bool)[code]
    other = rows_of(table.loc[~imports, "flow"])
    table, more = with_zeros(table[imports])
    lost = [f"Rows that are no imports, left out: {counted(other)}."] if len(other) else []
    return table, [f"{origin}: read as {layout.words}.", *parts, *lost, *more]
