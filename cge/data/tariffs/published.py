"""Rows of a published table of tariffs as rows of our own: one kind of duty for each pair and product, rates that are numbers, whole codes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.choices import Average
from cge.data.named import counted, some
from cge.data.tariffs.columns import categories, distinct, numbers, numbers_or_nothing, rows_of
from cge.data.tariffs.headings import KEYS, of_year
from cge.data.tariffs.layouts import LABELS, MFN, VALUES, Layout
from cge.data.tariffs.lines import ONE, Lines
from cge.errors import DataError

Mask = npt.NDArray[np.bool_]

REVISIONS = {"H0": "HS 1988/92", "H1": "HS 1996", "H2": "HS 2002", "H3": "HS 2007", "H4": "HS 2012", "H5": "HS 2017", "H6": "HS 2022"}
"""Revisions of the Harmonized System by the codes of Comtrade and WITS."""


def in_our_columns(table: pd.DataFrame, layout: Layout, average: Average) -> pd.DataFrame:
    """The columns of a layout under our names; the mean weighted by trade stands as the duty where `average` asks for it and there is one,
    with the simple mean beside it as `simple`."""
    found = layout.found_in(map(str, table.columns))
    mean = found.pop("mean", None)
    if average == "weighted" and mean is not None:
        found |= {"simple": found["tariff"], "tariff": mean}
    ours = pd.DataFrame({role: table[found[role]] for role in (*LABELS, *VALUES, "simple") if role in found}, copy=False)
    return ours.assign(**{key: everything(ours) for key in KEYS if key not in ours})


def everything(table: pd.DataFrame) -> pd.Series:
    """A label column that says `*` in every row."""
    return categories(["*"], np.zeros(len(table), dtype=np.int8), pd.Series(index=table.index, dtype="str"))


def as_our_rows(table: pd.DataFrame, layout: Layout, year: int | None, origin: str, lines: Lines = ONE) -> tuple[pd.DataFrame, list[str]]:
    """The rows of one year that say what is paid, and in sentences what was left out, mended or chosen. Rows keep their number.

    Kinds of duties that no one pays (bound rates) are left out, and so are rows without an ad valorem rate. Of several kinds for one importer,
    partner and product the effectively applied goes before the preference, and that before the rate for most favoured nations. An empty partner of
    the last stands for all where the layout says so. Codes of the Harmonized System that lost a leading zero get it back.

    Args:
        table: as from `in_our_columns`. year, lines: as of `of_year`.

    Raises:
        DataError: nothing is left; faults of years.
    """
    if table.empty:
        raise DataError(f"{origin}: read as {layout.words}, it has a header and no rows. Fetch it again.")
    unit = "" if layout.unit is None else f"; duties are in {layout.unit}"
    table, said = _paid(table, layout)
    table, more = of_year(table, year, origin, lines)
    said = [f"{origin}: read as {layout.words}{unit}.", *said, *more, *_revisions(table)]
    table, more = _with_simple(table)
    said += more
    table, more = _priced(table)
    said += more
    if layout.coded:
        table, more = with_zeros(table)
        said += more
    table, more = _nearest_kind(table, layout)
    said += [*more, *_averaged_without(table)]
    if table.empty:
        raise DataError(f"{origin}: no row says what is paid. {' '.join(said[1:])}")
    return table[[name for name in (*KEYS, "tariff", "weight", "year") if name in table]], said


def _revisions(table: pd.DataFrame) -> list[str]:
    """Which revisions of the Harmonized System the products are of."""
    if "revision" not in table:
        return []
    rows = rows_of(table["revision"]).rename(lambda name: REVISIONS.get(name.upper(), name))
    several = " The concordance must have the codes of each." if len(rows) > 1 else ""
    return [f"Products are of {counted(rows)}.{several}"]


def _paid(table: pd.DataFrame, layout: Layout) -> tuple[pd.DataFrame, list[str]]:
    """Rows of the kinds of duty that are paid; those for most favoured nations that name no partner speak for all."""
    if "kind" not in table or not layout.kinds:
        return table, []
    names, code = distinct(table["kind"])
    paid = np.array([name.upper() in layout.kinds for name in names], dtype=bool)[code]
    other = rows_of(table.loc[~paid, "kind"])
    table = table if paid.all() else table[paid]
    said = [f"Rows that are no duties paid, left out: {counted(other)}."] if len(other) else []
    if layout.everybody:
        partners, at = distinct(table["exporter"])
        for_all = np.array([layout.kinds.get(name.upper(), 0) >= MFN for name in names], dtype=bool)[code[paid]]
        empty = for_all & np.array([name == "" for name in partners], dtype=bool)[at]
        table = table.assign(exporter=categories([*partners, "*"], np.where(empty, len(partners), at), table["exporter"]))
    return table, [f"Kinds of duties: {counted(rows_of(table['kind']))}.", *said]


def _with_simple(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Rows with the simple mean where nothing stands for the weighted one: a publisher has none where nothing is traded."""
    if "simple" not in table:
        return table, []
    lost = numbers_or_nothing(table["tariff"])[1] & ~numbers_or_nothing(table["simple"])[1]
    if not lost.any():
        return table, []
    kept, other = table["tariff"], table["simple"]
    if kept.dtype != other.dtype:
        kept, other = kept.astype(object), other.astype(object)
    return table.assign(tariff=kept.where(~lost, other)), [f"{lost.sum()} rows have no weighted mean, and are given the simple one."]


def _priced(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Rows with an ad valorem rate, as numbers where every one is a number."""
    rate, without = numbers_or_nothing(table["tariff"])
    lost = np.isnan(rate)
    if not lost.any():
        return table.assign(tariff=rate), []
    importers, products = (rows_of(table.loc[without, key]) for key in ("importer", "sector"))
    said = f"{without.sum()} rows have no ad valorem rate (specific duties without an equivalent), left out"
    rest = table if (lost & ~without).any() else table.assign(tariff=rate)  # text that is none of the words is a fault, told with the text
    return rest[~without], [f"{said}: importers {counted(importers)}; products {counted(products)}."] if without.any() else []


def with_zeros(table: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Codes of an odd number of digits with the zero that a spreadsheet took from them."""
    names, code = distinct(table["sector"])
    odd = {name: f"0{name}" for name in names if name.isdigit() and len(name) % 2}
    if not odd:
        return table, []
    rows = int(np.isin(code, [at for at, name in enumerate(names) if name in odd]).sum())
    said = f"{rows} rows have codes that lost their leading zero: {some(f'{name} → {whole}' for name, whole in odd.items())}."
    return table.assign(sector=categories([odd.get(name, name) for name in names], code, table["sector"])), [said]


def _nearest_kind(table: pd.DataFrame, layout: Layout) -> tuple[pd.DataFrame, list[str]]:
    """Of rows for the same importer, partner and product those of the nearest kind."""
    if "kind" not in table or len(rows_of(table["kind"])) < 2:
        return table, []
    kinds, at = distinct(table["kind"])
    kind = np.array([layout.kinds.get(name.upper(), -1) for name in kinds], dtype=np.int8)[at]
    rows = np.flatnonzero(_shared(table, kind))
    cell = np.zeros(len(rows), dtype=np.int64)
    for key in KEYS:
        names, code = distinct(table[key])
        cell = cell * len(names) + code[rows]
    order = np.lexsort((kind[rows], cell))
    first = np.r_[True, cell[order][1:] != cell[order][:-1]][: len(order)]
    best = kind[rows][order][first][np.cumsum(first) - 1]
    beaten = rows[order][kind[rows][order] > best]
    if not len(beaten):
        return table, []
    keep = np.ones(len(table), dtype=bool)
    keep[beaten] = False
    return table[keep], [f"{len(beaten)} rows give way to a nearer kind of duty for the same importer, partner and product."]


def _shared(table: pd.DataFrame, kind: npt.NDArray[np.int8]) -> Mask:
    """Rows [row] of an importer and partner that have duties of several kinds."""
    (importers, importer), (partners, partner) = distinct(table["importer"]), distinct(table["exporter"])
    pair = importer.astype(np.int32) * len(partners) + partner
    size = len(importers) * len(partners)
    several = np.zeros(size, dtype=np.int8)
    for each in np.unique(kind):
        several += np.bincount(pair[kind == each], minlength=size) > 0
    shared: Mask = (several > 1)[pair]
    return shared


def _averaged_without(table: pd.DataFrame) -> list[str]:
    """How many lines the averages of the publisher leave out because their duty has no ad valorem rate."""
    if "unpriced" not in table:
        return []
    lines = numbers(table["unpriced"])
    some_rows = lines > 0
    if not some_rows.any():
        return []
    return [f"{some_rows.sum()} rows are means without {int(lines[some_rows].sum())} tariff lines whose duty has no ad valorem rate."]
