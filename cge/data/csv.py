"""Csv read as text, so that labels stay what they are."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from cge.data.packed import BROKEN, plain
from cge.errors import DataError

Read = Callable[[Path], bytes]
"""How the bytes of a file are come by: `Path.read_bytes`, or what also notes their checksum."""

SEPARATORS = (",", ";", "\t")
"""What may stand between the fields of a file; a spreadsheet that writes decimal commas puts semicolons."""


WITH_DECIMAL_COMMAS = ";"
"""What separates fields where numbers may have decimal commas; between tabs, as between commas, `1,234` may well be a thousand."""


IN_UTF_16 = "is not text in UTF-8 (it has bytes that are zero, as UTF-16 has); save it as csv in UTF-8."


TOLD = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)
"""A first line that tells a spreadsheet what stands between fields."""


def told(line: str) -> str | None:
    """What stands between fields below a line that tells a spreadsheet so (`sep=;`); None of any other line."""
    found = TOLD.fullmatch(line.strip(" \r\n\ufeff"))
    return found[1] if found else None


def separator_of(line: str) -> str:
    """What separates the fields of a line of headings: the one of `SEPARATORS` that stands in it most often, a comma where none does."""
    return max(SEPARATORS, key=line.count)


LABELS = (
    "country",
    "exporter",
    "importer",
    "sector",
    "factor",
    "member",
    "model",
    "mobility",
    "group",
    "statistic",
    "of",
    "against",
    "name",
)
"""Columns of our own outputs that are text whatever it looks like: a country may be called NA, 036 or 1e5."""

DECIMAL_COMMA = r"^([+-]?\d*),(\d+(?:[eE][+-]?\d+)?)$"


def read_csv(path: Path, header: Iterable[str], read: Read = Path.read_bytes) -> pd.DataFrame:
    """A csv file, plain or packed (gz, bz2, xz, zip), as text without blanks around it, so that labels stay what they are.

    A country may be called NA. Letters may be those of UTF-8, UTF-16 or Western Europe. Fields may stand between tabs, or
    semicolons: columns of nothing but numbers then have points for decimal commas.

    Args:
        header: columns that it must have; read: how its bytes are come by.

    Raises:
        DataError: it cannot be read, or lacks a column.
    """
    columns = list(header)
    try:
        data = _decoded(path, plain(path, read(path)))
        lines = _text(data, sep="\x01", nrows=2, header=None, quoting=csv.QUOTE_NONE)[0].tolist()
        above = told(lines[0])
        separator = above or separator_of(lines[0])
        table = _text(data, sep=separator, skiprows=0 if above is None else 1)
    except (*BROKEN, ValueError) as error:
        raise DataError(f"{path} cannot be read as csv ({error}).") from error
    table = pd.DataFrame({str(column).strip(): table[column].fillna("").str.strip() for column in table})
    absent = [column for column in columns if column not in table]
    if absent:
        raise DataError(f"{path}: no column {', '.join(absent)}; found {', '.join(map(str, table))}; the header is {','.join(columns)}.")
    return table.apply(_with_points) if separator == WITH_DECIMAL_COMMAS else table


def _decoded(path: Path, data: bytes) -> str:
    """The letters of a csv: UTF-8, UTF-16 where it says so by its first bytes, or those of Western Europe, in which WITS has its correspondences."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16")
    if b"\0" in data:
        raise DataError(f"{path} {IN_UTF_16}")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")


def _text(data: str, **options: Any) -> pd.DataFrame:
    """Csv as text, with further options of pandas."""
    return pd.DataFrame(pd.read_csv(io.StringIO(data), dtype=str, keep_default_na=False, **options))


def _with_points(column: pd.Series[str]) -> pd.Series[str]:
    """A column of numbers with decimal points in place of commas; any other as it is."""
    pointed = column.str.replace(DECIMAL_COMMA, r"\1.\2", regex=True)
    return pointed if pd.to_numeric(pointed, errors="coerce").notna().eq(pointed != "").all() else column


def read_results(path: Path) -> pd.DataFrame:
    """A csv file that this package wrote: labels are text, other columns numbers where all of their entries are; empty is NaN.

    A swept key stands under its own path: `tariff[0].importer` holds labels as `importer` does.
    """
    columns = pd.read_csv(path, nrows=0, encoding="utf-8").columns
    labels = {column: str for column in columns if str(column).rsplit(".", 1)[-1] in LABELS}
    return pd.read_csv(path, dtype=labels, keep_default_na=False, na_values=[""], encoding="utf-8")
