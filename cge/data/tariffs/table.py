"""Tables of tariffs by importer, exporter and product: the nearest row for each pair and product, averaged over the products of each sector."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import Array
from cge.data.choices import Average, TariffLayout, Unit
from cge.data.concordance import bundled_groups
from cge.data.countries import by_code, unions
from cge.data.economy import DIMS
from cge.data.labels import KIND, Labelled
from cge.data.tariffs.columns import blank, distinct, numbers, shown, trade_values
from cge.data.tariffs.headings import KEYS, of_year, with_our_headings
from cge.data.tariffs.items import ONE, Items, Positions, make_items
from cge.data.tariffs.layouts import recognised
from cge.data.tariffs.means import account, means, nothing_fault, tie_faults
from cge.data.tariffs.nearer import Rows, make_column, with_unions
from cge.data.tariffs.published import as_our_rows, in_our_columns
from cge.data.tariffs.readings import Read, read_column
from cge.data.tariffs.trade import read_trade
from cge.data.units import as_rates, unit_fault
from cge.errors import DataError, nearest

UNIT_REMEDY = (
    "Say what they are: unit = percent divides them by 100, unit = power takes one away, unit = rate leaves them (2.5 is 250 %) (--unit)."
)


@dataclass(frozen=True, eq=False)
class Weights:
    """A table of trade that weighs rates (`cge.data.tariffs.trade`), and the file it is from."""

    table: pd.DataFrame
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
    table: pd.DataFrame,
    products: pd.DataFrame | None = None,
    *,
    groups: Mapping[str, Mapping[str, list[str]]] | None = None,
    average: Average = "simple",
    unit: Unit | None = None,
    year: int | None = None,
    layout: TariffLayout | None = None,
    trade: Weights | None = None,
    subsidies: bool = False,
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

    Raises:
        DataError: with every kind of fault: columns, rates that are not numbers or negative or in percent, unknown labels, rows equally near for
            the same pair and product, no rate for any cell.
    """
    table, said, unit = _our_rows(table.reset_index(drop=True), average, unit, year, layout, origin)
    items, ready = items_of(economy, products, groups or {}, _year_of(table) if year is None else year)
    read = {key: read_column(table[key].rename(key), items[key], ready) for key in KEYS}
    if trade is not None and average == "simple":
        raise DataError(f"{trade.origin}: weighs nothing in simple averages: average = weighted takes it (--average).")
    weights = None if trade is None else read_trade(trade.table, items, year, trade.origin)
    given, faults = _numbers(table, "simple" if weights is not None else average, unit, subsidies)
    table = table[list(KEYS)]
    faults += [*_target_faults(economy, products), *empty_faults(table), *(fault for key in KEYS for fault in read[key].faults)]
    if not any(read[key].faults for key in KEYS):
        rows = _rows(given, read, items)
        found = means(rows, items["importer"], items["sector"], weights)
        faults += [*_own_faults(given, read), *tie_faults(found, rows, items)]
        faults += [] if faults or np.isfinite(found.rates).any() else [nothing_fault(table, items)]
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    lines = [
        *said,
        *given.account,
        *(() if weights is None else weights.account),
        *account(found, rows, average, origin),
        *(line for key in KEYS for line in read[key].account),
    ]
    labels = {"exporter": economy.countries, "importer": economy.countries, "sector": economy.sectors}
    return Rates(xr.DataArray(found.rates, labels, DIMS["tariff"]), origin, tuple(lines))


def _our_rows(
    table: pd.DataFrame, average: Average, unit: Unit | None, year: int | None, asked: TariffLayout | None, origin: str
) -> tuple[pd.DataFrame, list[str], Unit | None]:
    """The rows of one year under our headings, what was read in sentences, and the unit of the rates."""
    layout = recognised(map(str, table.columns), asked, origin)
    if layout is None:
        table, said = with_our_headings(table, origin)
        table, more = of_year(table, year, origin)
        return table, [*said, *more], unit
    if "tariff" not in layout.columns:
        raise DataError(
            f"{origin} is {layout.words}: trade and no duties. Give a table of duties, and this one as their weights (--weights)."
        )
    table, said = as_our_rows(in_our_columns(table, layout, average), layout, year, origin)
    return table, said, unit or layout.unit


def _year_of(table: pd.DataFrame) -> int | None:
    """The year of all rows, where there is one."""
    years = distinct(table["year"])[0] if "year" in table else []
    return int(float(years[0])) if len(years) == 1 else None


def items_of(
    economy: Labelled, products: pd.DataFrame | None, groups: Mapping[str, Mapping[str, list[str]]], year: int | None
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
        )
        for kind in labels
    }
    own = {name for kind in groups for name in groups[kind]}
    return {key: found[KIND[key]] for key in KEYS}, frozenset(name for kind in ready for name in ready[kind]) - own


@dataclass(frozen=True, eq=False)
class Numbers:
    """What rows say.

    Attributes:
        rate [row]; value [row]: of trade, None where no mean is weighted; line [row]: number in the file. Zero where text is no number.
        account: what stands for no trade, in words.
    """

    rate: Array
    value: Array | None
    line: Positions
    account: tuple[str, ...] = ()


def _numbers(table: pd.DataFrame, average: Average, unit: Unit | None, subsidies: bool) -> tuple[Numbers, list[str]]:
    """The numbers of the rows, and their faults."""
    wanted = {
        "tariff": f"tariff {{}} is not a rate {'above -1' if subsidies else 'from 0 up'}",
        "weight": "weight {} is not a value from 0 up",
    }
    line = np.asarray(table.index, dtype=np.int32) + 2
    if average == "simple":
        wanted.pop("weight")
    elif "weight" not in table:
        nothing = np.zeros(len(table))
        return Numbers(nothing, nothing, line), ["no column weight (the value of trade, for weighted averages)."]
    faults, found = [], {}
    account: list[str] = []
    for column, said in wanted.items():
        if column == "tariff":
            number = as_rates(numbers(table[column]), unit)
            low = number > -1 if subsidies else number >= 0
        else:
            number, account = trade_values(table[column])
            low = number >= 0
        bad = ~(low & (number < np.inf))
        at = table.index[bad]
        faults += first_fault(at, said.format(shown(table[column][at[0]])) if len(at) else "")
        found[column] = np.where(bad, 0.0, number) if len(at) else number
    if unit is None:
        faults += unit_fault(found["tariff"], UNIT_REMEDY)
    return Numbers(found["tariff"], found.get("weight"), line, tuple(account)), faults


def empty_faults(table: pd.DataFrame) -> Iterable[str]:
    """Label columns with an empty entry, by the first row that has one."""
    for key in KEYS:
        yield from first_fault(table.index[blank(table[key], frozenset({""}))], f"{key} is empty; * stands for all of them")


def first_fault(rows: pd.Index[int], said: str) -> list[str]:
    """A sentence on the first of these rows, with their number; none where there are none."""
    return [f"row {rows[0] + 2}: {said} ({len(rows)} such {'row' if len(rows) == 1 else 'rows'})."] if len(rows) else []


def _own_faults(given: Numbers, read: Mapping[str, Read]) -> list[str]:
    """Rates of a country on its own goods."""
    first = {
        key: np.array(
            [int(entry.items[0]) if entry.kind == ONE and entry.items.size else -1 for entry in read[key].entries], dtype=np.int32
        )
        for key in ("importer", "exporter")
    }
    importer, exporter = (first[key][read[key].code] for key in first)
    own = np.flatnonzero((importer >= 0) & (importer == exporter) & (given.rate > 0))
    if not len(own):
        return []
    name = read["importer"].entries[int(read["importer"].code[own[0]])].name
    return first_fault(pd.Index(given.line[own] - 2), f"{name} has a tariff of {given.rate[own[0]]:g} on its own goods")


def _rows(given: Numbers, read: Mapping[str, Read], items: Mapping[str, Items]) -> Rows:
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
    return Rows(columns, rate, value, given.line[row], free)


def _target_faults(economy: Labelled, products: pd.DataFrame | None) -> Iterable[str]:
    labels = {"country": economy.countries, "sector": economy.sectors}
    listed = pd.DataFrame(columns=["dim", "to"]) if products is None else products
    for dim, to in listed.loc[listed["to"] != "", ["dim", "to"]].drop_duplicates().itertuples(index=False):
        if to not in labels[dim]:
            yield f"concordance: {to} is no {dim} of the economy.{nearest(to, labels[dim])}"
