"""A csv of rates as a table of text that is small in memory: labels once each, and no column that nobody asks for."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO, Any, cast

import pandas as pd
import pyarrow as pa
from pyarrow import csv as arrow

from cge.data.csv import DECIMAL_COMMA, SEPARATORS, Read
from cge.errors import DataError

PACKED: dict[bytes, Callable[[IO[bytes]], Any]] = {
    b"\x1f\x8b": lambda file: gzip.GzipFile(fileobj=file),
    b"BZh": bz2.BZ2File,
    b"\xfd7zXZ\x00": lzma.LZMAFile,
}
"""Compressions of one file, by their first bytes, and what opens them."""

FIRST = 1 << 16
"""Bytes in which the header of a csv is looked for."""

Wanted = Callable[[list[str]], tuple[Iterable[str], Iterable[str]]]
"""Which columns of a header are labels, and which are numbers; others are not read."""


def read_sheet(path: Path, wanted: Wanted, read: Read | None = None) -> pd.DataFrame:
    """The columns of a csv that are wanted, as text, labels as categories. Rows keep their order. It may be packed (gzip, bzip2, xz, a zip of one).

    Args:
        path: of the file, for messages, too. wanted: says which columns to read, from the header. read: how its bytes are come by.

    Raises:
        DataError: it cannot be read: no header, rows of other lengths (with their number), bytes that are no text.
    """
    try:
        with _opened(path, read) as file:
            first = file.read(FIRST)
        encoding = _encoding(first)
        line = first.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()[0] if first.strip() else ""
        separator = max(SEPARATORS, key=line.count)
        header = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
        labels, values = wanted(header)
        return _columns(path, read, header, list(labels), list(values), separator, encoding)
    except (OSError, EOFError, lzma.LZMAError, zipfile.BadZipFile, UnicodeError, csv.Error, pa.ArrowInvalid) as error:
        raise DataError(f"{path} cannot be read as csv ({_place(str(error))}). Fetch it again, or mend the row.") from error


def _columns(
    path: Path, read: Read | None, header: list[str], labels: list[str], values: list[str], separator: str, encoding: str
) -> pd.DataFrame:
    kinds = {name: pa.dictionary(pa.int32(), pa.string()) for name in labels} | dict.fromkeys(values, pa.string())
    repeated = sorted({name for name in header if header.count(name) > 1} & set(kinds))
    if repeated:
        raise DataError(f"{path}: column {', '.join(repeated)} stands twice in the header; keep one of them.")

    def table(coding: str, threads: bool = True) -> pa.Table:
        with _opened(path, read) as file:
            return arrow.read_csv(
                file,
                arrow.ReadOptions(column_names=header, skip_rows=1, encoding=coding, use_threads=threads),
                arrow.ParseOptions(delimiter=separator),
                arrow.ConvertOptions(include_columns=list(kinds), column_types=kinds, strings_can_be_null=False, null_values=[]),
            )

    try:
        found = table(encoding)
    except pa.ArrowInvalid as error:
        found = table("cp1252") if "UTF8" in str(error) else table(encoding, threads=False)  # one thread knows the number of the row
    found = found.unify_dictionaries()
    frame = pd.DataFrame({name: found.column(name).to_pandas() for name in kinds})
    return frame if separator == "," else frame.assign(**{name: _with_points(frame[name]) for name in values})


def _with_points(column: pd.Series) -> pd.Series:
    return column.str.replace(DECIMAL_COMMA, r"\1.\2", regex=True)


def _encoding(first: bytes) -> str:
    """What the bytes of a file are written in, by the mark at their beginning."""
    return "utf-16" if first[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"


def _opened(path: Path, read: Read | None) -> IO[bytes]:
    """The content of a file, unpacked by what it is."""
    file: IO[bytes] = path.open("rb") if read is None else io.BytesIO(read(path))
    start = file.read(8)
    file.seek(0)
    if start.startswith(b"PK\x03\x04"):
        archive = zipfile.ZipFile(file)
        inside = [name for name in archive.namelist() if not name.endswith("/")]
        if len(inside) != 1:
            raise DataError(f"{path} is a zip archive of {len(inside)} files ({', '.join(inside[:3])}); unpack it and give one of them.")
        return archive.open(inside[0])
    opener = next((opener for magic, opener in PACKED.items() if start.startswith(magic)), None)
    return file if opener is None else cast("IO[bytes]", opener(file))


def _place(error: str) -> str:
    """What pyarrow says of a row, in one line."""
    return " ".join(error.split())
