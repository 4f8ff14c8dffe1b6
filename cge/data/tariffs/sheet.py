"""A csv of rates as a table of text that is small in memory: labels once each, and no column that nobody asks for."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv as arrow

from cge.data.csv import DECIMAL_COMMA, separator_of, told
from cge.data.packed import BROKEN
from cge.data.tariffs.parts import Part
from cge.errors import DataError

BLOCK = 1 << 23
"""Bytes that are read at once."""

FIRST = 1 << 16
"""Bytes in which the header of a csv is looked for."""

HEADINGS = "The first line must be the headings: delete what stands above them."


@dataclass(frozen=True)
class Columns:
    """Which columns of a csv to read: `labels`, `values` (numbers), and what stands for `nothing` among numbers."""

    labels: list[str]
    values: list[str]
    nothing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Written:
    """How a csv is written: header, separator and encoding, and how many lines end with the header."""

    part: Part
    header: list[str]
    separator: str
    encoding: str
    lines: int


def read_sheet(part: Part, wanted: Callable[[list[str]], Columns]) -> pd.DataFrame:
    """The columns of a csv that are wanted: labels as categories, numbers as numbers, or as text where a column has any other text.

    Rows keep their order. It may be packed (gzip, bzip2, xz, a zip of one file), in any alphabet, with semicolons or tabs and decimal commas.

    Args:
        wanted: says which columns to read, from the header.

    Raises:
        DataError: it cannot be read: no header, a wanted column twice in it, rows of other lengths, bytes that are no text.
    """
    try:
        written = _written(part)
        columns = wanted(written.header)
        repeated = sorted({name for name in written.header if written.header.count(name) > 1} & {*columns.labels, *columns.values})
        if repeated:
            raise DataError(f"{part.name}: column {', '.join(repeated)} stands twice in the header; keep one of them.")
        return _first_that_can(written, columns)
    except (*BROKEN, UnicodeError, csv.Error, pa.ArrowInvalid) as error:
        why = " ".join(str(error).split())
        above = f" {HEADINGS}" if re.search(r"Expected \d+ columns, got", why) else ""
        raise DataError(f"{part.name} cannot be read as csv ({why}).{above} Fetch it again, or mend the row.") from error


def _written(part: Part) -> Written:
    """How a file is written, by its first line, or the one after a line `sep=,`."""
    with part.opened() as file:
        first = file.read(FIRST)
    if not first.strip():
        raise DataError(f"{part.name} is empty. Fetch it again.")
    encoding = "utf-16" if first[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8"
    lines = first.decode(encoding, errors="replace").lstrip("\ufeff").splitlines()
    above = told(lines[0])
    line = lines[1] if above and len(lines) > 1 else lines[0]
    separator = above or separator_of(line)
    header = [name.strip() for name in next(csv.reader([line], delimiter=separator), [])]
    if sum(name != "" for name in header) < min(2, len(header) or 1):
        raise DataError(f"{part.name} cannot be read: its first line is {line.strip()!r}. {HEADINGS}")
    return Written(part, header, separator, encoding, 2 if above else 1)


def _first_that_can(written: Written, columns: Columns) -> pd.DataFrame:
    """Numbers as numbers, or as text where one of them is none; in the letters of Western Europe where it is not in those of all."""
    for encoding in (written.encoding, "cp1252"):
        for number in (pa.float64(), pa.string()):
            try:
                return _table(written, columns, encoding, number)
            except pa.ArrowInvalid as error:
                wrong = error
                if "UTF8" in str(error):
                    break
                if "conversion error" not in str(error):
                    raise
    raise wrong


def _table(written: Written, columns: Columns, encoding: str, number: pa.DataType) -> pd.DataFrame:
    kinds = {name: pa.dictionary(pa.int32(), pa.string()) for name in columns.labels} | dict.fromkeys(columns.values, number)
    parts: dict[str, Labels | Values] = {name: Labels() if name in columns.labels else Values(written.separator) for name in kinds}
    with written.part.opened() as file:
        batches = arrow.open_csv(
            file,
            arrow.ReadOptions(column_names=written.header, skip_rows=written.lines, encoding=encoding, block_size=BLOCK),
            arrow.ParseOptions(delimiter=written.separator),
            arrow.ConvertOptions(
                include_columns=list(kinds),
                column_types=kinds,
                strings_can_be_null=False,
                null_values=list(columns.nothing),
                decimal_point="." if written.separator == "," else ",",
            ),
        )
        for batch in batches:
            for name, column in parts.items():
                column.add(batch.column(name))
    return pd.DataFrame({name: column.whole() for name, column in parts.items()}, copy=False)


class Labels:
    """A column of labels that comes in parts: distinct ones once, and the position of each row's among them, of the fewest bytes that hold it."""

    def __init__(self) -> None:
        self.place: dict[str, int] = {}
        self.parts: list[npt.NDArray[np.integer[Any]]] = []

    def add(self, part: pa.DictionaryArray) -> None:
        """The next rows [row of the part]."""
        own = np.array([self.place.setdefault(name, len(self.place)) for name in part.dictionary.to_pylist()], dtype=np.int32)
        size = next(kind for kind in (np.int8, np.int16, np.int32) if len(self.place) <= np.iinfo(kind).max)
        self.parts.append(own.astype(size)[part.indices.to_numpy()])

    def whole(self) -> pd.Series:
        """The column as categories."""
        code = np.concatenate(self.parts) if self.parts else np.empty(0, dtype=np.int8)
        self.parts.clear()
        return pd.Series(pd.Categorical.from_codes(code, categories=pd.Index(list(self.place), dtype="str"), validate=False))


class Values:
    """A column of numbers that comes in parts, as numbers or as text; text with decimal commas where fields are not separated by commas."""

    def __init__(self, separator: str) -> None:
        self.separator = separator
        self.parts: list[pa.Array] = []

    def add(self, part: pa.Array) -> None:
        """The next rows [row of the part]."""
        text = part.type == pa.string() and self.separator != ","
        self.parts.append(pc.replace_substring_regex(part, DECIMAL_COMMA, r"\1.\2") if text else part)

    def whole(self) -> pd.Series:
        """The column, NaN where a number stands for nothing."""
        if self.parts and self.parts[0].type == pa.string():
            return pd.Series(pa.chunked_array(self.parts).to_pandas())
        found = np.concatenate([np.empty(0), *(part.to_numpy(zero_copy_only=False) for part in self.parts)])
        self.parts.clear()
        return pd.Series(found)
