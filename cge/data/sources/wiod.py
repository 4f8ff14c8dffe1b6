"""World Input-Output Database: the releases of 2013 (41 × 35, 1995–2011) and 2016 (44 × 56, 2000–2014), in every form they are spread in.

Sheet (`wiotYY_row_*.xlsx` of 2013, `WIOTyyyy_Nov16_ROW.xlsb` of 2016): title, prices, kind and unit in the first four cells of the first
column, the title of 2013 ending in the year; columns headed by industry code, name, country and number (c1, c2, …) in rows 3 to 6; rows
headed by the same in columns A to D (r1, r2, …), numbers from E7 on. Behind the producers stand five final uses of every country and total
output; below them, with country TOT, total intermediate consumption, taxes less subsidies, cif/fob adjustments, purchases abroad and by
non-residents, value added, transport margins and output.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from cge.data.sources.files import agreed_year, existing, frame, opened, sheet
from cge.data.sources.forms import headed
from cge.data.sources.matrix import numbers
from cge.data.sources.table import Table
from cge.data.sources.wiod_columns import read_columns
from cge.data.sources.wiod_netcdf import read_netcdf
from cge.data.sources.wiod_release import ADB, RELEASES, WIOD2013, WIOD2016, Release, release_table
from cge.errors import DataError


def read_wiod2013(path: Path, year: int | None = None) -> Table:
    """A table of the 2013 release: the published xlsx, or netCDF with `Z`, `F` and `output` as in the open data of this project.

    Raises:
        DataError: with every fault: what cannot be read, cells that are no numbers, labels that are repeated or absent, another year.
    """
    if existing(path).suffix == ".nc":
        return read_netcdf(path, year)
    return _read_sheet(path, sheet(path), WIOD2013, year)


def read_wiod2016(path: Path, year: int | None = None) -> Table:
    """A table of the 2016 release: the published xlsb, the same sheet as xlsx or csv, or Stata and csv with a column for each variable.

    Raises:
        DataError: as for `read_wiod2013`.
    """
    kinds = [kind.lower() for kind in existing(path).suffixes]
    if kinds[-1:] == [".dta"]:
        return read_columns(path, frame(path, lambda: pd.read_stata(path, convert_categoricals=False), "a Stata file"), year)
    if ".csv" not in kinds:
        return _read_sheet(path, sheet(path), WIOD2016, year)
    with opened(path, year) as (name, file):
        by_columns, data = frame(path, lambda: _read_csv(file), "csv")
    if by_columns:
        if not isinstance(data.index, pd.RangeIndex):  # what pandas makes of lines with more fields than headings
            raise DataError(f"{path}: lines have more fields than the heading has; it is damaged, or has decimal commas.")
        return read_columns(path, data, year)
    return _read_sheet(path, (name, [[_cell(c) for c in row] for row in data.to_numpy().tolist()]), WIOD2016, year)


def read_adb(path: Path, year: int | None = None) -> Table:
    """A table of the ADB's MRIO database: the published xlsx.

    Raises:
        DataError: as for `read_wiod2013`.
    """
    return _read_sheet(path, sheet(existing(path)), ADB, year)


def _read_csv(file: IO[bytes]) -> tuple[bool, pd.DataFrame]:
    """Whether a csv has a variable for each column, and what it holds; else it is the sheet, whose first lines hold a title and no more."""
    options: dict[str, Any] = {"keep_default_na": False, "na_values": [""], "low_memory": False, "encoding": "utf-8-sig"}
    by_columns = b"IndustryCode" in file.readline()
    file.seek(0)
    if by_columns:
        return True, pd.read_csv(file, **options)
    width = max(line.count(b",") for line in file) + 1
    file.seek(0)
    return False, pd.read_csv(file, header=None, names=range(width), dtype=object, **options)


def _cell(text: object) -> object:
    """A cell of a csv file as a sheet would have it."""
    if pd.isna(text):  # type: ignore[call-overload]
        return ""
    try:
        return float(text)  # type: ignore[arg-type]
    except ValueError:
        return text


def _read_sheet(path: Path, content: tuple[str, list[list[object]]], release: Release, year: int | None) -> Table:
    name, cells = content
    header, stub = _corner(path, cells, name)
    _refuse_other(path, cells[header - 3], cells[header], release)
    above = [_text(row, 0) for row in cells[: min(header, 5)]]
    _refuse_other_unit(path, above)
    first, top = stub + 1, header + 1
    columns = [
        (_text(cells[header - 1], j), _text(cells[header if release.by_number else header - 3], j))
        for j in range(first, _end(cells, header))
    ]
    body = [row for row in cells[top:] if any(cell != "" for cell in row[:first])]
    rows = [(_text(row, stub - 1), _text(row, stub if release.by_number else stub - 3)) for row in body]
    last = next((k for k, (country, _) in enumerate(columns) if country.upper() in ("", "TOT")), None)
    made = [k for k, (country, _) in enumerate(rows) if country.upper() not in ("", "TOT")]
    if last is None or not made or made != list(range(len(made))):
        raise DataError(f"{path}: no column of total output (country TOT) behind the final uses; the table is cut off or not as published.")
    # only the rows of industries have numbers that match columns: r1 stands beside c1
    rows = [(c, s.replace("r", "c", 1) if release.by_number and k < len(made) else s) for k, (c, s) in enumerate(rows)]
    named = partial(_named, rows=rows, columns=columns, top=top, first=first)
    values, faults = numbers([row[first : first + last + 1] for row in body[: len(made)]], named)
    # below final uses the rows of value added and taxes may be empty; only what producers pay is read
    bought = len({*columns[:last]} & {*rows[: len(made)]})
    under, more = numbers([row[first : first + bought] for row in body[len(made) :]], lambda i, j: named(i + len(made), j))
    under = np.pad(under, ((0, 0), (0, last - bought)))
    faults += more
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    names = {"sector_name": _by_sector(body, rows[: len(made)], stub - 2)}
    if any(codes := _by_sector(body, rows[: len(made)], stub - 3)) and release.by_number:
        names["sector_isic3"] = codes
    below = {label: row for (_, label), row in zip(rows[len(made) :], under, strict=True)}
    title = next((found for text in above if (found := release.year(text))), None) or release.year(name)
    dated = agreed_year(path, year, title, release.year(path.name))
    constant = re.search(r"at constant \d{4} prices", " ".join(above))
    return release_table(path, values, rows[: len(made)], columns[:last], below, release, dated, names, constant[0] if constant else "")


def _corner(path: Path, cells: Sequence[Sequence[object]], sheet_name: str) -> tuple[int, int]:
    """Row of the numbers of columns, and column of the numbers of rows."""
    for row in range(min(20, len(cells))):
        if "c1" in cells[row] and row >= 3 and list(cells[row]).index("c1") >= 4:
            first = list(cells[row]).index("c1")
            if early := [str(cell) for cell in cells[row][:first] if cell != ""]:
                raise DataError(f"{path}: column {early[0]} stands before c1; the columns are not in the order of the table as published.")
            return row, first - 1
    other = f" It is {headed(map(str, cells[0]))}" if ".csv" in path.suffixes else ""
    where = "" if other else f" (sheet {sheet_name})"
    raise DataError(f"{path}: no column is numbered c1 below its code, name and country{where}; this is not a table as published.{other}")


def _refuse_other(path: Path, codes: Sequence[object], heads: Sequence[object], release: Release) -> None:
    """`DataError` where the codes and numbers of the columns have the final uses of another release."""
    told = {WIOD2016: codes, WIOD2013: heads, ADB: heads}
    found = next((other for other in RELEASES if other.uses[-1] in told[other]), release)
    if found is not release:
        raise DataError(f"{path} is a table of the {found.title}, not of the {release.title}: `cge import {found.command}` reads it.")


def _refuse_other_unit(path: Path, above: Sequence[str]) -> None:
    """`DataError` where what stands above the table says millions of anything but dollars of the United States."""
    for text in above:
        if "million" in text.lower() and not re.search(r"US ?\$|USD|US dollar", text, re.I):
            raise DataError(f"{path}: the unit is {text!r} where millions of US$ are published; this is not the table as published.")


def _end(cells: Sequence[Sequence[object]], header: int) -> int:
    """Behind the last column with a heading."""
    return 1 + max(j for row in cells[header - 3 : header + 1] for j, cell in enumerate(row) if cell != "")


def _text(row: Sequence[object], place: int) -> str:
    cell = row[place] if place < len(row) else ""
    return str(int(cell)) if isinstance(cell, float) and cell == int(cell) else str(cell).strip()


def _named(row: int, column: int, rows: list[tuple[str, str]], columns: list[tuple[str, str]], top: int, first: int) -> str:
    """A cell in words, with its address in the sheet."""
    letters, place = "", first + column + 1
    while place:
        place, rest = divmod(place - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return f"row {' '.join(rows[row])}, column {' '.join(columns[column])} (cell {letters}{top + row + 1})"


def _by_sector(body: list[list[object]], rows: list[tuple[str, str]], place: int) -> list[str]:
    """What the headings of rows say of each sector, in the order of sectors."""
    found: dict[str, str] = {}
    for line, (_, sector) in zip(body, rows, strict=False):
        found.setdefault(sector, _text(line, place))
    return list(found.values())
