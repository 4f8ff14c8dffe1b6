"""Tables of rates that belong together, one for each reporter or year: read all, told apart, and laid one after the other under our headings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import pandas as pd

from cge.data.choices import Average, TariffLayout, Unit
from cge.data.named import some
from cge.data.tariffs.columns import distinct, rows_of, stacked
from cge.data.tariffs.headings import KEYS, of_year, one_year, with_our_headings
from cge.data.tariffs.layouts import Layout, recognised
from cge.data.tariffs.lines import Lines
from cge.data.tariffs.parts import Part
from cge.data.tariffs.published import as_our_rows, in_our_columns
from cge.data.tariffs.sheet import Columns, read_sheet
from cge.errors import DataError

SHOWN = 12
"""Faults of files that are told; of others, how many there are."""


@dataclass(frozen=True, eq=False)
class Sheets:
    """Tables of rates as they were read. names: of their files; left: what was found beside them and is none, in sentences."""

    tables: tuple[pd.DataFrame, ...]
    names: tuple[str, ...] = ("",)
    left: tuple[str, ...] = ()

    @property
    def lines(self) -> Lines:
        """Where the rows of each begin."""
        return Lines(self.names, tuple(accumulate((len(table) for table in self.tables[:-1]), initial=0)))

    def placed(self, origin: str) -> Iterator[tuple[pd.DataFrame, str]]:
        """Each table, rows by their places in all of them, and its name; one alone is what is called `origin`."""
        for table, name, start in zip(self.tables, self.names, self.lines.starts, strict=True):
            yield table.set_axis(pd.RangeIndex(start, start + len(table))), name if len(self.tables) > 1 else origin


Named = tuple[pd.DataFrame, str]
"""A table and what it is called."""


@dataclass(frozen=True, eq=False)
class Ours:
    """Rows of tables of one layout under our headings, of one year, by their places in all tables. unit: of the rates; said: in sentences."""

    table: pd.DataFrame
    unit: Unit | None
    said: list[str]


def read_sheets(
    parts: Sequence[Part],
    faults: Iterable[str],
    wanted: Callable[[list[str], str], Columns],
    fits: Callable[[list[str]], bool],
    say: Callable[[str], None],
) -> Sheets:
    """The tables of some files. What lies beside others and has no headings of rates, or no rows, is left out and named.

    Args:
        faults: found before. wanted: columns to read, from header and name. fits: whether a header is of such a table. say: told what is being read.

    Raises:
        DataError: with the faults of every file; two files that hold the same; no table of rates among them.
    """
    told, tables, names, left = [*faults], [], [], []
    for number, part in enumerate(parts, start=1):
        if len(parts) > 1:
            say(f"Reading {number} of {len(parts)}: {part.name}")
        try:
            table = read_sheet(part, partial(_wanted, part, wanted, fits))
        except _NoRatesError as error:
            left.append(f"{part.name} is no such table (columns {some(error.header)}), left out.")
        except DataError as error:
            told += error.faults
        else:
            if table.empty and part.found:
                left.append(f"{part.name} has a header and no rows, left out.")
                continue
            tables.append(table)
            names.append(part.name)
    told += _copies(tables, names)
    if told:
        more = [f"{len(told) - SHOWN} more files have faults; mend these first."] if len(told) > SHOWN else []
        raise DataError([*told[:SHOWN], *more])
    if not tables:
        raise DataError([*left, "none of the files that were given is a table of rates or of trade."])
    return Sheets(tuple(tables), tuple(names), tuple(left))


class _NoRatesError(Exception):
    """The header of a file beside others is of something else."""

    def __init__(self, header: list[str]) -> None:
        super().__init__(header)
        self.header = header


def _wanted(part: Part, wanted: Callable[[list[str], str], Columns], fits: Callable[[list[str]], bool], header: list[str]) -> Columns:
    if part.found and not fits(header):
        raise _NoRatesError(header)
    return wanted(header, part.name)


def _copies(tables: Sequence[pd.DataFrame], names: Sequence[str]) -> list[str]:
    """Faults of tables that hold the same rows, as an archive beside what was unpacked from it."""
    seen: dict[tuple[object, ...], list[int]] = {}
    told = []
    for at, table in enumerate(tables):
        key = (len(table), *table.columns, *(str(cell) for cell in table.iloc[:1].to_numpy().ravel()))
        same = next((other for other in seen.get(key, []) if table.equals(tables[other])), None)
        if same is not None:
            told.append(f"{names[same]} and {names[at]} hold the same rows; give one of them.")
        seen.setdefault(key, []).append(at)
    return told


def our_rows(sheets: Sheets, average: Average, year: int | None, asked: TariffLayout | None, origin: str) -> list[Ours]:
    """The rows of one year of all tables, under our headings, those of each layout together.

    Raises:
        DataError: faults of headings and years; trade in place of duties; tables of several years where none is named.
    """
    of_layout: dict[str, tuple[Layout | None, list[Named]]] = {}
    for table, name in sheets.placed(origin):
        layout = recognised(map(str, table.columns), asked, name)
        of_layout.setdefault("" if layout is None else layout.words, (layout, []))[1].append((table, name))
    found: list[Ours] = []
    faults: list[str] = []
    for layout, tables in of_layout.values():
        try:
            found.append(_of_layout(tables, layout, average, year, sheets.lines))
        except DataError as error:
            faults += error.faults
    if faults:
        raise DataError(faults)
    if year is None:
        one_year((name for ours in found if "year" in ours.table for name in distinct(ours.table["year"])[0]), origin)
    return found


def _of_layout(tables: Sequence[Named], layout: Layout | None, average: Average, year: int | None, lines: Lines) -> Ours:
    """The rows of the tables of one layout."""
    several = len(lines.names) > 1
    parts: list[pd.DataFrame] = []
    said: list[str] = []
    faults: list[str] = []
    for table, name in tables:
        try:
            part, headings = with_our_headings(table, name) if layout is None else (_duties(table, layout, average, name), [])
        except DataError as error:
            faults += error.faults
            continue
        parts.append(part)
        said += [*headings, *([_contents(part, name, layout)] if several else [])]
    if faults:
        raise DataError(faults)
    table, where = stacked(parts), tables[0][1] if len(tables) == 1 else f"{len(tables)} files"
    if layout is not None:
        table, more = as_our_rows(table, layout, year, where, lines)
        return Ours(table, layout.unit, [*said, *more])
    if several and "year" not in table:
        return Ours(table, None, [*said, *([f"{where}: no column year, so of any."] if year is not None else [])])
    table, more = of_year(table, year, where, lines)
    return Ours(table, None, [*said, *more])


def _duties(table: pd.DataFrame, layout: Layout, average: Average, origin: str) -> pd.DataFrame:
    if "tariff" not in layout.columns:
        raise DataError(
            f"{origin} is {layout.words}: trade and no duties. Give a table of duties, and this one as their weights (--weights)."
        )
    return in_our_columns(table, layout, average)


def _contents(table: pd.DataFrame, name: str, layout: Layout | None) -> str:
    """What a file contains, in a sentence."""
    listed = "; ".join(f"{key}s {some(map(str, rows_of(table[key]).index))}" for key in (*KEYS[:2], "kind", "year") if key in table)
    return f"{name}: {len(table)} rows, {'headings of its own' if layout is None else layout.words}; {listed}."
