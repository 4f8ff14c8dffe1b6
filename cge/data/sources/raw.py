"""Folders as they are downloaded, parsed through pymrio: Eora26, GLORIA; and archives of EXIOBASE 3 in a folder, which are saved systems.

Which publisher's a folder is, is told by the names in it and in its folders: `Eora26_2017_bp.zip` or what it holds (`Eora26_2017_bp_T.txt`,
`labels_T.txt` …), `GLORIA_MRIOs_59_2020(.zip)` with its satellite accounts and `GLORIA_ReadMe_059.xlsx`, `IOT_2020_ixi(.zip)`. Basic prices go
before purchasers' prices where both are there. GLORIA is supply and use, from which pymrio makes a table product by product. What pymrio leaves out
(the region ROW that only balances Eora, countries of GLORIA without any transaction) it writes into the history of the system, and the account
says it. Layouts are those that pymrio 0.7 parses; tried on small tables built so and on test files of pymrio, on no original.
"""

from __future__ import annotations

import csv
import re
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cge.data.sources.files import frame
from cge.data.sources.forms import inside
from cge.data.sources.matrix import SHOWN, wrong
from cge.data.sources.saved import Meta, Saved, read_saved
from cge.data.sources.wide import number
from cge.errors import DataError

EXTRA = "needs pymrio; install it with the extra: pip install 'cge[mrio]'."


@dataclass(frozen=True)
class Raw:
    """How a publisher's folder is told and parsed.

    Attributes:
        name: of the data base. licence: as its publisher says.
        found: pattern of names in the folder, with groups `year` and `kind` (prices, version, or what stands on the sides). first: the kind that is
            taken where several are there; None where one must be named.
        needs: further files, as patterns of `Path.glob` beside the one that was found, with {year} and {kind}.
        numbers: files of numbers, as such patterns, and what separates them.
        said: name and version of the system of a kind. parse: the system in the folder of the file that was found, of a year and kind.
    """

    name: str
    licence: str
    found: str
    first: str | None
    needs: tuple[str, ...]
    numbers: tuple[str, str]
    said: Callable[[str], tuple[str, str]]
    parse: Callable[[Path, int, str], Any]


def _eora26(folder: Path, year: int, kind: str) -> Any:
    import pymrio

    return pymrio.parse_eora26(folder, year=year, price=kind)


def _gloria(folder: Path, year: int, kind: str) -> Any:
    import pymrio

    with pd.option_context("io.excel.xlsx.reader", "calamine"):  # what reads workbooks here everywhere
        system = pymrio.parse_gloria(folder, year=year, version=int(kind) if kind.isdigit() else kind)
    return system.calc_system()


RAW = (
    Raw(
        "Eora26", "Eora: licence of eora.org; cite Lenzen et al. (2012, 2013)",
        r"(?:^|/)Eora26_(?P<year>\d{4})_(?P<kind>bp|pp)(?:_T\.txt|\.zip)$", "bp", (), ("Eora26_{year}_{kind}_*.txt", "\t"),
        {"bp": ("Eora26, basic prices", ""), "pp": ("Eora26, purchasers' prices", "")}.__getitem__, _eora26,
    ),
    Raw(
        "GLORIA", "GLORIA: licence of the Industrial Ecology Virtual Laboratory; cite Lenzen et al. (2022)",
        r"(?:^|/)GLORIA_MRIOs_(?P<kind>\d+[a-z]?)_(?P<year>\d{4})(?:\.zip)?$", None,
        ("GLORIA_SatelliteAccounts_0{kind}_{year}*", "GLORIA_ReadMe_0{kind}.xlsx"),
        ("GLORIA_*_{year}/*-Results_{year}_*.csv", ","), lambda kind: ("GLORIA", kind), _gloria,
    ),
)  # fmt: skip
"""Data bases that pymrio parses."""

EXIOBASE = re.compile(r"(?:^|/)IOT_(?P<year>\d{4})_(?P<kind>ixi|pxp)(?:\.zip|/file_parameters\.json)$")
"""A saved system of EXIOBASE 3 in a folder."""


def read_raw(path: Path, year: int | None) -> Saved | None:
    """The system in a folder as downloaded; None where it is none of these.

    Raises:
        DataError: pymrio is not installed; several years or kinds and none named; files that are missing or cannot be parsed.
    """
    names = [path.name] if path.is_file() else inside(path)
    top = path.parent if path.is_file() else path
    if path.is_dir() and (kept := [match for name in names if (match := EXIOBASE.search(name))]):
        target = top / _chosen(path, kept, year, None).string
        return read_saved(target if target.suffix == ".zip" else target.parent)
    for raw in RAW:
        if kept := [match for name in names if (match := re.search(raw.found, name))]:
            return _parsed(path, top, raw, _chosen(path, kept, year, raw.first))
    return None


def _chosen(path: Path, found: list[re.Match[str]], year: int | None, first: str | None) -> re.Match[str]:
    """The one system that is meant among those in a folder."""
    years = sorted({int(match["year"]) for match in found})
    if year is None and len(years) > 1:
        raise DataError(f"{path}: the years are {', '.join(map(str, years))}; name one of them with --year.")
    of_year = [match for match in found if int(match["year"]) == (year or years[0])]
    if not of_year:
        raise DataError(f"{path}: no data of {year} (--year); the years are {', '.join(map(str, years))}.")
    kinds = sorted({match["kind"] for match in of_year})
    if len(kinds) > 1 and first not in kinds:
        names = ", ".join(sorted({match[0].strip("/") for match in of_year}))
        raise DataError(f"{path} holds several systems of {year or years[0]} ({names}); put the one that you want in a folder of its own.")
    kind = first if first in kinds else kinds[0]
    return next(match for match in of_year if match["kind"] == kind)


def _parsed(path: Path, top: Path, raw: Raw, match: re.Match[str]) -> Saved:
    """What pymrio makes of a folder."""
    try:
        import pymrio
    except ImportError as error:
        raise DataError(f"{path} is {raw.name} as downloaded: it {EXTRA}") from error
    year, kind = int(match["year"]), match["kind"]
    folder = (top / match.string).parent
    needs = [pattern.format(year=year, kind=kind) for pattern in raw.needs]
    if missing := [pattern for pattern in needs if not any(folder.glob(pattern))]:
        raise DataError(f"{path}: no {name} beside {match[0].strip('/')}; fetch it too, pymrio needs it." for name in missing)

    def parse() -> Any:
        try:
            with warnings.catch_warnings(), np.errstate(invalid="raise"):
                warnings.simplefilter("ignore", pd.errors.PerformanceWarning)  # pymrio drops ROW from labels in the order of the publisher
                return raw.parse(folder, year, kind)
        except (pymrio.ParserError, TypeError, FloatingPointError) as error:
            raise ValueError(str(error)) from error

    try:
        system = frame(path, parse, f"{raw.name} as downloaded")
    except DataError as error:
        pattern, separator = raw.numbers
        files = sorted(folder.glob(pattern.format(year=year, kind=kind)))
        faults = [*islice(_text_in(files, separator), SHOWN), *([_sizes(files, separator)] if files else [])]
        raise DataError([*error.faults, *(f"{path}: {fault}" for fault in faults)]) from error
    name, version = raw.said(kind)
    history = [str(line) for line in system.meta.history]
    meta = Meta(name, f"{name}, {year}", history, version, raw.licence, tuple(left_out(history)))
    return Saved(system.Z, system.Y, system.x, system.unit, meta)


def _text_in(files: list[Path], separator: str) -> Iterator[str]:
    """Cells of files of numbers that are none."""
    for file in files:
        with file.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
            for line, cells in enumerate(csv.reader(lines, delimiter=separator), start=1):
                yield from (
                    f"{file.name}, line {line}, field {field} {wrong(cell)}"
                    for field, cell in enumerate(cells, start=1)
                    if not np.isfinite(number(cell, "."))
                )


def _sizes(files: list[Path], separator: str) -> str:
    """How many lines and fields each file of numbers has, so that the one that is cut off can be seen."""
    sizes = []
    for file in files:
        with file.open("rb") as lines:
            first = next(lines, b"")
            sizes.append(f"{file.name} {1 + sum(1 for _ in lines)} × {1 + first.count(separator.encode())}")
    return f"lines and fields of its files: {'; '.join(sizes)}."


def left_out(history: list[str]) -> list[str]:
    """What pymrio says that it took away, in sentences; nothing where it was nothing."""
    said = [
        found[1]
        for line in history
        if (found := re.search(r"(Remove .+)$", line)) and not re.search(r"\(\[\]\)|loosing 0(\.0)?$", found[1])
    ]
    tables = [line for line in said if re.search(r"\b(?:from|row from|column from) (?:Z|Y|T)\b", line)]
    return [f"pymrio: {line.replace('loosing', 'losing')}." for line in dict.fromkeys(tables)]
