"""Source files: found, opened by well-kept libraries, and of the year that was asked for."""

from __future__ import annotations

import re
import struct
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypeVar

from cge.errors import DataError, nearest

T = TypeVar("T")


def existing(path: Path, folder: bool = False) -> Path:
    """`path`, if it is a file (or a folder, where one may be given) with something in it; `DataError` otherwise."""
    if path.is_dir() and folder:
        return path
    if path.is_dir():
        raise DataError(f"{path} is a folder; give one of its files.")
    if not path.is_file():
        siblings = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
        raise DataError(f"no file {path}.{nearest(path.name, siblings)}")
    if path.stat().st_size == 0:
        raise DataError(f"{path} is empty; fetch it again.")
    return path


def sheet(path: Path) -> tuple[str, list[list[object]]]:
    """Name and cells [row][column] of the first sheet of a workbook (xlsx or xlsb): numbers, text, "" where empty.

    Raises:
        DataError: the file is not a workbook, or is cut off.
    """
    from python_calamine import CalamineError, CalamineWorkbook, ZipError

    try:
        book = CalamineWorkbook.from_path(str(path))
        return book.sheet_names[0], [list(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]
    except (CalamineError, ZipError, OSError, ValueError, IndexError) as error:
        raise DataError(f"{path} cannot be read as a workbook ({error}); it may be cut off: fetch it again.") from error


def frame(path: Path, read: Callable[[], T], kind: str) -> T:
    """What a reader of pandas returns; `DataError` where the file is not of its kind."""
    try:
        return read()
    except (OSError, ValueError, LookupError, EOFError, struct.error) as error:
        raise DataError(f"{path} cannot be read as {kind} ({error}); it may be cut off: fetch it again.") from error


@contextmanager
def opened(path: Path, year: int | None) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of a csv file, or of the one of this year in a zip archive of such files.

    Raises:
        DataError: the archive is cut off, or it has no csv file of the year, or several and no year was given.
    """
    if path.suffix.lower() != ".zip":
        with path.open("rb") as file:
            yield path.name, file
        return
    try:
        with zipfile.ZipFile(path) as archive, archive.open(_member(path, archive.namelist(), year)) as file:
            yield file.name or "", file
    except zipfile.BadZipFile as error:
        raise DataError(f"{path} cannot be read as a zip archive ({error}); it may be cut off: fetch it again.") from error


def _member(path: Path, names: list[str], year: int | None) -> str:
    tables = [name for name in names if name.lower().endswith(".csv")]
    chosen = tables if year is None else [name for name in tables if year_in(name) == year] or (tables if len(tables) == 1 else [])
    if len(chosen) != 1:
        wanted = "" if year is None else f" of {year}"
        raise DataError(f"{path} holds {len(chosen)} csv files{wanted}: {', '.join(tables[:8]) or 'none'}. Name one year with --year.")
    return chosen[0]


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
