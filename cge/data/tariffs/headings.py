"""Columns of published tables of tariffs by the names that their publishers give them, and the rows of one year."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.countries import WORLD, reading
from cge.data.named import some
from cge.data.tariffs.columns import distinct
from cge.data.tariffs.layouts import plain
from cge.data.tariffs.lines import ONE, Lines
from cge.data.tariffs.sheet import Columns
from cge.data.years import is_year
from cge.errors import DataError

KEYS = ("importer", "exporter", "sector")
"""Columns of labels. A table may lack any of them, and then speaks for all labels of it."""

COLUMNS = (*KEYS, "tariff", "weight", "year")

ALIASES = {
    "importer": "reporter reporteriso3 reportercode reportingcountry importingcountry destination",
    "exporter": "partner partneriso3 partnercode partnercountry exportingcountry origin",
    "sector": "product productcode commodity commoditycode hs hscode hs6",
    "tariff": "rate tariffrate duty dutyrate advalorem aveadv ave simpleaverage",
    "export_tax": "exporttax exporttaxrate exportduty",
    "weight": "tradevalue imports importvalue",
    "year": "tariffyear",
}
"""Other headings, in small letters without blanks and signs: those of WITS (reporter, partner, product, simple average), MAcMap (reporting country,
product code, AveAdv) and the WTO (duty). Where duties are laid the reporter is who imports."""


VALUES = ("tariff", "export_tax", "weight", "value", "times", "effect")
"""Columns of numbers: rates and their weights, trade of a table of its own, factors on trade costs, effects on trade."""


def wanted(header: list[str]) -> Columns:
    """Columns of labels and of numbers of a table under its own headings, as `read_sheet` asks."""
    values = [name for name in header if any(plain(name) in (value, *ALIASES.get(value, "").split()) for value in VALUES)]
    return Columns([name for name in header if name not in values], values)


def with_our_headings(table: pd.DataFrame, origin: str, value: str = "tariff") -> tuple[pd.DataFrame, list[str]]:
    """The table under the headings of `COLUMNS`, with another `value` in place of the tariff where that is said, and in words which other headings
    were read; a missing label column says `*` in every row.

    Raises:
        DataError: no rates; two columns that could be the same; a label column that is missing while there are columns of other names, of which
            one may be it.
    """
    columns = [value if name == "tariff" else name for name in COLUMNS]
    short = {column: plain(str(column)) for column in table}
    meant = {
        name: [name] if name in table else [c for c in short if short[c] in (name, *ALIASES.get(name, "").split())] for name in columns
    }
    found = ", ".join(map(str, table))
    faults = [f"{' and '.join(map(str, c))} could each be {name}; keep one of them." for name, c in meant.items() if len(c) > 1]
    if not meant[value]:
        faults.append(f"no column {value}; found {found}. The header is importer,exporter,sector,{value}.")
    absent = [name for name in KEYS if not meant[name]]
    others = [str(column) for column in table if not any(column in each for each in meant.values())]
    if absent and others:
        faults.append(
            f"no column {', '.join(absent)}; found {found}. A table may lack one, and then speaks for all labels of it, but {', '.join(others)} "
            f"may be it: call it {' or '.join(absent)}, or leave it out."
        )
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    renamed = {each[0]: name for name, each in meant.items() if each}
    said = ", ".join(f"{column} as {name}" for column, name in renamed.items() if str(column) != name)
    lines = [f"{origin}: headings read: {said}."] if said else []
    lines += [f"{origin}: no column {name}: every row speaks for all." for name in absent]
    return table[list(renamed)].rename(columns=renamed).assign(**dict.fromkeys(absent, "*")), lines


def has_column(header: Iterable[str], column: str) -> bool:
    """Whether a table has one of our columns under one of its headings."""
    return any(plain(name) in (column, *ALIASES.get(column, "").split()) for name in header)


def one_year(years: Iterable[str], origin: str) -> None:
    """That the rows of all tables are of one year; `DataError` where they are of several."""
    found = sorted({int(float(year)) for year in years if year})
    if len(found) > 1:
        raise DataError(f"{origin}: the years are {', '.join(map(str, found))}; name one of them (--year), or keep its rows alone.")


def of_year(table: pd.DataFrame, year: int | None, origin: str, lines: Lines = ONE) -> tuple[pd.DataFrame, list[str]]:
    """The rows of one year of a table that may have a column `year`; rows keep their number.

    Importers without rows of the year (of a kind of duty, where the table has kinds, else for all partners or for some) are given those of their
    nearest year, the earlier of two, and named.

    Raises:
        DataError: several years and none is named, or one is named and there is no column, or an entry that is no year.
    """
    if "year" not in table:
        if year is None:
            return table, []
        raise DataError(f"{origin}: no column year, so no rows of {year} (--year).")
    names, code = distinct(table["year"])
    number = pd.to_numeric(pd.Series(names), errors="coerce").to_numpy(float)
    bad = np.flatnonzero(~is_year(number)[code])
    if len(bad):
        raise DataError(f"{origin}: row {lines.of(int(table.index[bad[0]]))}: {names[code[bad[0]]]!r} is no year ({len(bad)} such rows).")
    if year is None:
        one_year(names, origin)
    return (table, []) if year is None else _nearest_year(table, number[code].astype(np.int64), year)


def _nearest_year(table: pd.DataFrame, years: npt.NDArray[np.int64], year: int) -> tuple[pd.DataFrame, list[str]]:
    """Of each importer and kind of duty the rows [row, of `years`] of the year that is nearest."""
    importers, of = distinct(table["importer"])
    kinds, kind = distinct(table["kind"]) if "kind" in table else _by_partner(table)
    group = of.astype(np.int64) * len(kinds) + kind
    away = 2 * np.abs(years - year) + (years > year)
    best = np.full(len(importers) * len(kinds), np.iinfo(np.int64).max)
    np.minimum.at(best, group, away)
    keep = away == best[group]
    filled = pd.DataFrame({"at": group[keep & (years != year)], "year": years[keep & (years != year)]}).drop_duplicates()
    named = [
        f"{importers[at // len(kinds)]} {' '.join((kinds[at % len(kinds)], str(own))).strip()}"
        for at, own in filled.itertuples(index=False)
    ]
    said = f"Importers without rows of {year}, given those of their nearest year: {some(named)}."
    return table[keep], [said] if named else []


def _by_partner(table: pd.DataFrame) -> tuple[list[str], npt.NDArray[np.intp]]:
    """Whether rows speak for all partners or for some, in words and by row: what a publisher has of each may be of another year."""
    names, code = distinct(table["exporter"])
    each = np.array([name != WORLD and ((found := reading(name)) is None or found.code != WORLD) for name in names], dtype=np.intp)
    own = each[code] if len(names) else np.zeros(0, dtype=np.intp)
    return ["for all partners", "by partner"] if 0 < own.sum() < len(own) else ["", ""], own
