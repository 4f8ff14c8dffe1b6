"""Tables of tariffs by importer, exporter and product: the nearest row for each pair and product, averaged over the products of each sector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.choices import Average, TariffLayout, Unit
from cge.data.concordance import bundled_groups
from cge.data.countries import by_code, unions
from cge.data.labels import KIND, Labelled
from cge.data.tariffs.columns import distinct, stacked
from cge.data.tariffs.headings import KEYS
from cge.data.tariffs.items import Items, make_items
from cge.data.tariffs.lines import Lines
from cge.data.tariffs.means import account, means, nothing_fault, tie_faults
from cge.data.tariffs.members import NO_PROGRAMMES, Programmes
from cge.data.tariffs.nearer import Rows, make_column, with_unions
from cge.data.tariffs.readings import Read, read_column
from cge.data.tariffs.sheets import Ours, Sheets, our_rows
from cge.data.tariffs.trade import read_trade
from cge.data.tariffs.values import Numbers, empty_faults, numbers_of, own_faults
from cge.data.variables import DIMS
from cge.errors import DataError, nearest


@dataclass(frozen=True, eq=False)
class Weights:
    """Tables of trade that weigh rates (`cge.data.tariffs.trade`), and the file they are from."""

    table: pd.DataFrame | Sheets
    origin: str = "weights"


@dataclass(frozen=True, eq=False)
class Rates:
    """Tariff rates on the labels of an economy.

    Attributes:
        values: ad valorem rates [exporter, importer, sector], NaN where there is none; origin: file, for messages.
        account: what was read and averaged, in sentences.
    """

    values: xr.DataArray
    origin: str = "tariffs"
    account: tuple[str, ...] = ()


def tariff_rates(
    economy: Labelled,
    table: pd.DataFrame | Sheets,
    products: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Mapping[str, list[str]]] | None = None,
    average: Average = "simple",
    unit: Unit | None = None,
    year: int | None = None,
    layout: TariffLayout | None = None,
    trade: Weights | None = None,
    subsidies: bool = False,
    members: Programmes = NO_PROGRAMMES,
    origin: str = "tariffs",
) -> Rates:
    """Rates by importer, exporter and sector of an economy, NaN where the table has none.

    An entry is a label, a name of `products`, a group (of `groups`, or one that comes with the package), a chapter of products that are
    codes, a pattern, or `*`; a label column that is missing is `*` throughout. For each pair and product the nearest row speaks
    (`cge.data.tariffs.nearer`); then products are averaged.

    Args:
        economy: whose labels are wanted; countries that it lacks are left out. table: columns `importer, exporter, sector, tariff` (a rate: 0.05 is
            five percent) and, for weighted averages, `weight` (value of trade, shared equally by all that a row names). products: as from
            `read_products`; without it, `sector` must be sectors of the economy. groups: labels of each group of `country` and of `sector`.
        average: `simple`: mean of the rates, `weighted`: mean with the values of trade as weights (the simple mean where none of the
            products is traded). Both count a product by its weight in `products`.
        unit: of the rates; None: that of the layout, else rates, and refused where they look like anything else. year: which rows, where the
            table has several years; importers without it are given their nearest one. layout: of which publisher; None: recognised by its headings.
        trade: that weighs the rates in weighted averages, in place of a column `weight`. subsidies: whether rates may be below zero, above −1.
            members: of groups to which preferences are given; the lowest rate speaks of several that are equally near.

    Raises:
        DataError: with every kind of fault: columns, rates that are not numbers or negative or in percent, unknown labels, rows equally near for
            the same pair and product, no rate for any cell.
    """
    sheets = table if isinstance(table, Sheets) else Sheets((table,))
    parts, lines = our_rows(sheets, average, year, layout, origin), sheets.lines
    given, faults = numbers_of(parts, "simple" if trade is not None else average, unit, lines, subsidies)
    said = [*sheets.left, *(line for ours in parts for line in ours.said), *members.account]
    table = stacked([ours.table[list(KEYS)] for ours in parts])
    items, ready = items_of(economy, products, groups or {}, _year_of(parts) if year is None else year, members)
    read = {key: read_column(table[key].rename(key), items[key], ready) for key in KEYS}
    if trade is not None and average == "simple":
        raise DataError(f"{trade.origin}: weighs nothing in simple averages: average = weighted takes it (--average).")
    weights = None if trade is None else read_trade(trade.table, items, year, trade.origin)
    faults += [*_target_faults(economy, products), *empty_faults(table, lines), *(fault for key in KEYS for fault in read[key].faults)]
    if not any(read[key].faults for key in KEYS):
        rows = _rows(given, read, items, lines)
        found = means(rows, items["importer"], items["sector"], weights)
        faults += [*own_faults(given, read, lines), *tie_faults(found, rows, items)]
        faults += [] if faults or np.isfinite(found.rates).any() else [nothing_fault(table, items)]
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    account_lines = [
        *said,
        *given.account,
        *(() if weights is None else weights.account),
        *account(found, rows, average, origin),
        *(line for key in KEYS for line in read[key].account),
    ]
    labels = {"exporter": economy.countries, "importer": economy.countries, "sector": economy.sectors}
    return Rates(xr.DataArray(found.rates, labels, DIMS["tariff"]), origin, tuple(account_lines))


def _year_of(parts: Iterable[Ours]) -> int | None:
    """The year of all rows, where there is one."""
    years = {year for ours in parts if "year" in ours.table for year in distinct(ours.table["year"])[0]}
    return int(float(years.pop())) if len(years) == 1 else None


def items_of(
    economy: Labelled,
    products: pd.DataFrame | None,
    groups: Mapping[str, Mapping[str, list[str]]],
    year: int | None,
    members: Programmes = NO_PROGRAMMES,
) -> tuple[dict[str, Items], frozenset[str]]:
    """What the entries of each label column can name, and the names of groups among it that come with the package."""
    listed = pd.DataFrame(columns=["dim", "from", "to", "weight"]) if products is None else products
    labels = {"country": economy.countries, "sector": economy.sectors}
    ready = bundled_groups(labels)
    codes = by_code(economy.countries)
    within = {union: [codes[code] for code in members if code in codes] for union, members in unions(year).items()}
    union_labels: dict[str, Mapping[str, list[str]]] = {"country": within, "sector": {}}
    found = {
        kind: make_items(
            labels[kind],
            listed[listed["dim"] == kind],
            {**ready[kind], **groups.get(kind, {})},
            merged=kind == "country",
            unions=union_labels[kind],
            programmes=members.members if kind == "country" else {},
        )
        for kind in labels
    }
    own = {name for kind in groups for name in groups[kind]}
    return {key: found[KIND[key]] for key in KEYS}, frozenset(name for kind in ready for name in ready[kind]) - own


def _rows(given: Numbers, read: Mapping[str, Read], items: Mapping[str, Items], lines: Lines) -> Rows:
    """The rows with how near they are, those of unions cut at the border of the union."""
    entries = {key: list(read[key].entries) for key in KEYS}
    code, row, free = with_unions(entries, {key: read[key].code for key in KEYS}, items["importer"])
    value = given.value
    if value is not None:
        value = value[row]
        for key in KEYS:
            value = value / np.array([items[key].count(entry) for entry in entries[key]])[code[key]]
    columns = {key: make_column(entries[key], code[key], len(items[key].name)) for key in KEYS}
    rate = np.where(free, 0.0, given.rate[row]) if free.any() else given.rate
    return Rows(columns, rate, value, given.line[row], free, lines)


def _target_faults(economy: Labelled, products: pd.DataFrame | None) -> Iterable[str]:
    labels = {"country": economy.countries, "sector": economy.sectors}
    listed = pd.DataFrame(columns=["dim", "to"]) if products is None else products
    for dim, to in listed.loc[listed["to"] != "", ["dim", "to"]].drop_duplicates().itertuples(index=False):
        if to not in labels[dim]:
            yield f"concordance: {to} is no {dim} of the economy.{nearest(to, labels[dim])}"
