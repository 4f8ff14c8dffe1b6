"""Columns of published tables of tariffs by the names that their publishers give them, and the rows of one year."""

from __future__ import annotations

import re

import pandas as pd

from cge.errors import DataError

KEYS = ("importer", "exporter", "sector")
"""Columns of labels. A table may lack any of them, and then speaks for all labels of it."""

COLUMNS = (*KEYS, "tariff", "weight", "year")

ALIASES = {
    "importer": "reporter reporteriso3 reportercode reportingcountry importingcountry destination",
    "exporter": "partner partneriso3 partnercode partnercountry exportingcountry origin",
    "sector": "product productcode commodity commoditycode hs hscode hs6",
    "tariff": "rate tariffrate duty dutyrate advalorem aveadv ave simpleaverage",
    "weight": "tradevalue imports importvalue",
    "year": "tariffyear",
}
"""Other headings, in small letters without blanks and signs: those of WITS (reporter, partner, product, simple average), MAcMap (reporting country,
product code, AveAdv) and the WTO (duty). Where duties are laid the reporter is who imports."""


def with_our_headings(table: pd.DataFrame, origin: str) -> tuple[pd.DataFrame, list[str]]:
    """The table under the headings of `COLUMNS`, and in words which other ones were read; a missing label column says `*` in every row.

    Raises:
        DataError: no rates; two columns that could be the same; a label column that is missing while there are columns of other names, of which
            one may be it.
    """
    plain = {column: re.sub(r"[\W_]", "", str(column)).lower() for column in table}
    meant = {name: [name] if name in table else [c for c in plain if plain[c] in (name, *ALIASES[name].split())] for name in COLUMNS}
    found = ", ".join(map(str, table))
    faults = [f"{' and '.join(map(str, c))} could each be {name}; keep one of them." for name, c in meant.items() if len(c) > 1]
    if not meant["tariff"]:
        faults.append(f"no column tariff; found {found}. The header is importer,exporter,sector,tariff.")
    absent = [name for name in KEYS if not meant[name]]
    others = [str(column) for column in table if not any(column in columns for columns in meant.values())]
    if absent and others:
        faults.append(
            f"no column {', '.join(absent)}; found {found}. A table may lack one, and then speaks for all labels of it, but {', '.join(others)} "
            f"may be it: call it {' or '.join(absent)}, or leave it out."
        )
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    renamed = {columns[0]: name for name, columns in meant.items() if columns}
    said = ", ".join(f"{column} as {name}" for column, name in renamed.items() if str(column) != name)
    lines = [f"{origin}: headings read: {said}."] if said else []
    lines += [f"{origin}: no column {name}: every row speaks for all." for name in absent]
    return table[list(renamed)].rename(columns=renamed).assign(**dict.fromkeys(absent, "*")), lines


def of_year(table: pd.DataFrame, year: int | None, origin: str) -> pd.DataFrame:
    """The rows of one year of a table that may have a column `year`; rows keep their number.

    Raises:
        DataError: several years and none is named, or the one named is not there, or an entry that is no year.
    """
    if "year" not in table:
        if year is None:
            return table
        raise DataError(f"{origin}: no column year, so no rows of {year} (--year).")
    number = pd.to_numeric(table["year"], errors="coerce")
    bad = table.index[number.isna()]
    if len(bad):
        raise DataError(f"{origin}: row {bad[0] + 2}: {table['year'][bad[0]]!r} is no year ({len(bad)} such rows).")
    years = sorted({int(y) for y in number})
    if year is None and len(years) > 1:
        raise DataError(f"{origin}: the years are {', '.join(map(str, years))}; name one of them (--year), or keep its rows alone.")
    if year is not None and year not in years:
        raise DataError(f"{origin}: no rows of {year}; the years are {', '.join(map(str, years))} (--year).")
    return table if year is None else table[number == year]
