"""Source files: found, opened by well-kept libraries, and of the year that was asked for."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from cge.data.packed import BROKEN, ZIP, only, table_in, unpacked
from cge.data.sources.forms import form, mistaken, unreadable
from cge.errors import DataError, nearest

T = TypeVar("T")

ASIDE = ("legend", "readme", "read me", "notes", "contents")
"""Names of sheets, in small letters, that stand beside a table."""


def existing(path: Path, folder: bool = False) -> Path:
    """`path`, if it is a file (or a folder, where one may be given) with something in it; `DataError` otherwise."""
    if path.is_dir() and folder:
        return path
    if path.is_dir():
        known = form(path)
        raise DataError(f"{path} is a folder{f' with {known.words}. {known.cure_of(path)}' if known else '; give one of its files.'}")
    if not path.is_file():
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(f"no file {path}.{nearest(path.name, siblings)}")
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty; fetch it again.")
    return path


def sheet(path: Path) -> tuple[str, list[list[object]]]:
    """Name and cells [row][column] of the first sheet of a workbook (xlsx or xlsb) that is no legend: numbers, text, "" where empty.

    Raises:
        DataError: the file is not a workbook, or is cut off.
    """
    from python_calamine import CalamineError, CalamineWorkbook, ZipError

    try:
        with path.open("rb") as file:  # by content, whatever its name
            book = CalamineWorkbook.from_filelike(file)
        name = next(sheet for sheet in [*book.sheet_names, book.sheet_names[0]] if sheet.lower() not in ASIDE)
        cells: list[list[object]] = [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
    except (CalamineError, ZipError, OSError, ValueError, IndexError) as error:
        raise unreadable(path, "a workbook", error) from error
    for (row, column), words in error_cells(path, name).items():
        cells[row][column] = words
    return name, cells


def error_cells(path: Path, name: str) -> dict[tuple[int, int], str]:
    """Errors (#N/A, #REF! …) in a sheet of an xlsx workbook by row and column, counted from zero: calamine takes them for empty cells."""
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        pages = [page for page in archive.namelist() if re.fullmatch(r"xl/worksheets/[^/]+\.xml", page)]
        if not any(b't="e"' in archive.read(page) for page in pages):
            return {}
    from openpyxl import load_workbook

    book = load_workbook(path, read_only=True, data_only=True)
    try:
        cells = (cell for row in book[name].iter_rows() for cell in row)
        return {(cell.row - 1, cell.column - 1): str(cell.value) for cell in cells if cell.data_type == "e"}
    finally:
        book.close()


def frame(path: Path, read: Callable[[], T], kind: str) -> T:
    """What a reader of pandas returns; `DataError` where the file is not of its kind."""
    try:
        return read()
    except (*BROKEN, ValueError, LookupError, struct.error) as error:
        raise unreadable(path, kind, error) from error


@contextmanager
def opened(path: Path, year: int | None) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of a csv file, plain or packed (gz, bz2, xz), or of the one of this year in a zip archive of such files.

    Raises:
        DataError: the file is of another form or cut off; an archive has no csv file of the year, or several and no year was given.
    """
    with path.open("rb") as file:
        packed = file.read(4).startswith(ZIP) or path.suffix.lower() == ".zip"
    if not packed:
        if other := mistaken(path, "csv"):
            raise other
        with unpacked(path) as file:
            yield path.name, file
        return
    try:
        with table_in(path, lambda names: _chosen(path, names, year)) as found:
            yield found
    except zipfile.BadZipFile as error:
        raise unreadable(path, "a zip archive", error) from error


def _chosen(path: Path, names: list[str], year: int | None) -> str:
    """The table of a year among csv files and archives in an archive."""
    if not names and (other := mistaken(path, "csv")):
        raise other
    if year is None and len(names) > 1:
        raise DataError(f"{path} holds {len(names)} csv files: {', '.join(names[:8])}. Name one year with --year.")
    if year is None or len(names) == 1:
        return only(path, names)
    return only(path, [name for name in names if year_in(name) == year], f" of {year} (--year) among {len(names)}")


def year_in(text: str) -> int | None:
    """The last year from 1900 to 2099 in a name, or the year that WIOD 2013 writes with two digits (`wiot11_row_sep12`)."""
    short = re.match(r"wiot(\d\d)_", text.rsplit("/", 1)[-1].lower())
    if short:
        return (1900 if int(short[1]) > 50 else 2000) + int(short[1])
    found = re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    return int(found[-1]) if found else None


def agreed_year(path: Path, asked: int | None, inside: int | None, named: int | None = None) -> int | None:
    """The year of a table: as it says itself, as its name says, as was asked for; these must agree as far as they are known.

    Raises:
        DataError: the table is not of the year that was asked for, or its name and its content differ and none was asked for.
    """
    named = year_in(path.name) if named is None else named
    if asked is None:
        if inside is not None and named is not None and inside != named:
            raise DataError(f"{path}: the table says that it is of {inside}, its name says {named}; settle it with --year {inside}.")
        return named if inside is None else inside
    found = named if inside is None else inside
    if found is not None and found != asked:
        raise DataError(f"{path}: the table is of {found}, not of {asked} (--year).")
    return asked
