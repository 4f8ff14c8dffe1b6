"""Published factor accounts as they stand in files: socio-economic accounts of WIOD and the Penn World Table, read into one shape."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pandas as pd

from cge.data.csv import read_csv
from cge.data.sources.files import error_cells
from cge.data.sources.matrix import short
from cge.data.text import text
from cge.errors import DataError, nearest

SHEETS = ("DATA", "Data")
"""Where the tables stand in Excel files of WIOD and of the Penn World Table."""

ISIC3 = (
    "AtB", "C", "15t16", "17t18", "19", "20", "21t22", "23", "24", "25", "26", "27t28", "29", "30t33", "34t35", "36t37", "E", "F", "50", "51", "52",
    "H", "60", "61", "62", "63", "64", "J", "70", "71t74", "L", "M", "N", "O", "P",
)  # fmt: skip
"""Codes of the accounts of the WIOD release of 2013, in the order of the sectors c1 to c35 of its tables."""

BLANK = ("", "NA", "N/A", "n/a", "n.a.", "na", "NaN", "nan", "null", "NULL", "#N/A", ".", "..")
"""What stands in a number cell that is empty."""

SKILLS = {"high_skilled": "LABHS", "medium_skilled": "LABMS", "low_skilled": "LABLS"}
"""Shares of labour compensation by skill in the release of 2013."""


def read_frame(path: Path) -> pd.DataFrame:
    """A table in csv, Excel or Stata with lower-case column names; `DataError` where it cannot be read."""
    if not path.is_file():
        siblings = [p.name for p in path.parent.iterdir() if p.is_file()] if path.parent.is_dir() else []
        raise DataError(f"{path}: no such file.{nearest(path.name, siblings)}")
    try:
        if path.suffix in (".xlsx", ".xls"):
            table = _workbook(path)
        elif path.suffix == ".dta":
            table = pd.read_stata(path)
        else:
            return _named(read_csv(path, ()))
    except ImportError as error:
        raise DataError(f"{path}: this installation reads no Excel files ({error}); save the sheet {SHEETS[0]} as csv.") from error
    except (OSError, ValueError) as error:
        raise DataError(f"{path}: cannot be read as a table ({error}).") from error
    return _named(table)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """Text without blanks around it (a country may be called NA), under lower-case column names; rows without any are left out."""
    words = [column for column in table if not pd.api.types.is_numeric_dtype(table[column])]
    table = table.assign(**{str(column): table[column].map(text, na_action="ignore") for column in words})
    return table[~table.isin([""]).all(axis=1)].rename(columns={column: str(column).strip().lower() for column in table})


def _workbook(path: Path) -> pd.DataFrame:
    """The sheet of the tables (`SHEETS`), else the first, as text; `DataError` where it holds errors of Excel, which pandas takes for empty cells."""
    with pd.ExcelFile(path, engine="calamine" if find_spec("python_calamine") else None) as book:
        name = next((s for s in SHEETS if s in book.sheet_names), str(book.sheet_names[0]))
        table = pd.read_excel(book, name, dtype=str, keep_default_na=False)
    wrong = error_cells(path, name)
    if wrong:
        cells = [f"row {row + 1}, column {column + 1} of {name} holds {words}" for (row, column), words in wrong.items()]
        raise DataError(f"{path}: {fault}" for fault in short(cells))
    return table


def socio_economic(path: str | os.PathLike[str], year: int | None, wanted: tuple[str, ...]) -> pd.DataFrame:
    """Variables of WIOD's socio-economic accounts in one year.

    Two layouts are read: as published (`country, variable, description, code` and a column for each year, `2011` or `_2011`), and with a row for each
    year (`country, code, year` and a column for each variable).

    Args:
        path: csv or Excel. year: needed where the file has several. wanted: names of variables (`LAB`).

    Returns:
        A column of numbers for each variable (NaN where the cell is empty), indexed by `country, code`.

    Raises:
        DataError: columns, variables or the year are missing; text in a number cell; a country and code twice.
    """
    file = Path(path)
    table = read_frame(file)
    long = _published(table, file, year) if "variable" in table else _by_year(table, file, year)
    absent = [name for name in wanted if name not in long]
    if absent:
        raise DataError(f"{file}: no variable {', '.join(absent)}; it has {', '.join(sorted(map(str, long)))}.")
    return _numbers(long[list(wanted)], file)


def _published(table: pd.DataFrame, file: Path, year: int | None) -> pd.DataFrame:
    _require(table, ("country", "variable", "code"), file)
    years = {int(found.group(1)): column for column in table if (found := re.fullmatch(r"_?(\d{4})(?:\.0)?", str(column)))}
    column = years[_year(sorted(years), year, file)]
    repeated = table.index[table.duplicated(["country", "code", "variable"])]
    if len(repeated):
        first = table.loc[repeated[0], ["country", "code", "variable"]]
        raise DataError(f"{file}: row {repeated[0] + 2} repeats {' '.join(map(str, first))} ({len(repeated)} such rows).")
    return table.pivot(index=["country", "code"], columns="variable", values=column)


def _by_year(table: pd.DataFrame, file: Path, year: int | None) -> pd.DataFrame:
    rows = of_year(table, file, year, ("country", "code"))
    repeated = rows.index[rows.duplicated(["country", "code"])]
    if len(repeated):
        raise DataError(f"{file}: row {repeated[0] + 2} repeats {rows['country'][repeated[0]]} {rows['code'][repeated[0]]}.")
    return rows.set_index(["country", "code"]).rename(columns=str.upper)


def of_year(table: pd.DataFrame, file: Path, year: int | None, keys: tuple[str, ...]) -> pd.DataFrame:
    """Rows of one year of a table with a column `year` and the columns `keys`."""
    _require(table, (*keys, "year"), file)
    years = pd.to_numeric(table["year"], errors="coerce")
    found = _year(sorted({int(y) for y in years.dropna()}), year, file)
    return table.loc[years == found]


def _year(years: list[int], year: int | None, file: Path) -> int:
    if year is None and len(years) == 1:
        return years[0]
    if year not in years:
        which = f"{years[0]} to {years[-1]}" if years else "none"
        raise DataError(f"{file}: {'several years' if year is None else f'no year {year}'}; it has {which}: say which with year (--year).")
    return int(year)


def _require(table: pd.DataFrame, columns: tuple[str, ...], file: Path) -> None:
    absent = [column for column in columns if column not in table]
    if absent:
        raise DataError(f"{file}: no column {', '.join(absent)}; it has {', '.join(map(str, list(table)[:12]))}.")


def _numbers(table: pd.DataFrame, file: Path) -> pd.DataFrame:
    """Text as numbers; empty cells and the marks for them are NaN, anything else is an error."""
    blank = table.isna() | table.isin(BLANK)
    numbers = pd.DataFrame({name: pd.to_numeric(table[name].where(~blank[name]), errors="coerce") for name in table})
    bad = ~blank & ~np.isfinite(numbers.to_numpy(float))
    if bad.to_numpy().any():
        row, column = np.argwhere(bad.to_numpy())[0]
        where = " ".join(map(str, table.index[row]))
        raise DataError(
            f"{file}: {table.columns[column]} of {where} is {table.iloc[row, column]!r}, not a number ({int(bad.to_numpy().sum())} such)."
        )
    return numbers.astype(float)


def wiod2013(path: str | os.PathLike[str], year: int | None) -> pd.DataFrame:
    """Payments to `high_skilled, medium_skilled, low_skilled, capital`, indexed by country and sector (c1 … c35); national currency.

    Labour compensation (LAB) times its shares by skill (LABHS, LABMS, LABLS, which add up to one), and capital compensation (CAP).
    """
    table = socio_economic(path, year, ("LAB", "CAP", *SKILLS.values()))
    table = table[table.index.get_level_values("code").isin(ISIC3)]
    country, code = (table.index.get_level_values(level) for level in ("country", "code"))
    table = table.iloc[np.lexsort((np.array([ISIC3.index(c) for c in code]), np.asarray(country)))]
    share = table[list(SKILLS.values())]
    off = (share.sum(axis=1, skipna=False) - 1).abs() > 0.01  # published with three digits or more
    if off.any():
        where = " ".join(map(str, table.index[off][0]))
        raise DataError(
            f"{path}: shares of labour by skill add up to {share[off].sum(axis=1).iloc[0]:.4g} in {where} ({off.sum()} such); they must be 1."
        )
    share = share.div(share.sum(axis=1, skipna=False), axis=0)
    found = pd.DataFrame({factor: table["LAB"] * share[name] for factor, name in SKILLS.items()}).assign(capital=table["CAP"])
    sectors = {code: f"c{place + 1}" for place, code in enumerate(ISIC3)}
    return found.rename(index=sectors, level="code")


def wiod2016(path: str | os.PathLike[str], year: int | None) -> pd.DataFrame:
    """Payments to `labour` (LAB) and `capital` (CAP), indexed by country and sector (A01 … U); national currency."""
    table = socio_economic(path, year, ("LAB", "CAP"))
    table = table[~table.index.get_level_values("code").str.upper().str.startswith("TOT")]
    return table.rename(columns={"LAB": "labour", "CAP": "capital"})


def penn_world_table(path: str | os.PathLike[str], year: int | None) -> pd.DataFrame:
    """Shares of `labour` (`labsh`) and `capital` (the rest), indexed by country and `*`: the table has no sectors; NaN where it has no share."""
    file = Path(path)
    rows = of_year(read_frame(file), file, year, ("countrycode", "labsh"))
    share = _numbers(rows.set_index("countrycode")[["labsh"]].rename_axis("country"), file)["labsh"]
    if share.index.has_duplicates:
        raise DataError(f"{file}: country {share.index[share.index.duplicated()][0]} appears more than once in this year.")
    index = pd.MultiIndex.from_product([share.index, ["*"]], names=["country", "code"])
    return pd.DataFrame({"labour": share.to_numpy(), "capital": 1 - share.to_numpy()}, index=index)


SOURCES = {"wiod2013": wiod2013, "wiod2016": wiod2016, "pwt": penn_world_table}
"""Readers by the name of their source."""
