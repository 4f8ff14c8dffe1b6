"""Small files in every publisher's layout, each damaged in every way that fits it.

    python tests/damage.py FOLDER

writes them all, a folder each, with a table of what each is. A damaged file must be refused on one screen, with file, place and cure, or be read as
if nothing had happened (`tests/data/test_damage.py`).
"""

from __future__ import annotations

import bz2
import csv
import gzip
import lzma
import re
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from layouts import (
    ADB_USES,
    FIGARO_COUNTRIES,
    FIGARO_USES,
    ICIO,
    ICIO_USES,
    MRIO_USES,
    WIOD2013_USES,
    WIOD2016_USES,
    adb_cells,
    economy,
    eora26,
    figaro_flat,
    figaro_frame,
    gloria,
    gtap_csv,
    gtap_headers,
    icio_frame,
    published,
    tidy_frame,
    wiod_cells,
    wiod_columns,
    write_xlsx,
)

WORLD = economy(4, 3)
CODES = ["A01", "A02", "B"]
NUMBERS = ["c1", "c2", "c3"]
FIGARO = replace(published(WORLD, FIGARO_USES, CODES), countries=FIGARO_COUNTRIES[:4])

Cells = list[list[object]]
"""A table cell by cell: its headings, labels and numbers."""


@dataclass(frozen=True)
class Layout:
    """A valid small file.

    Attributes:
        source: what `cge import` calls it. name: of the file. kind: csv, xlsx, or that of a folder, of which one file is damaged.
        cells: the table. corner: row and column of the first number. wide: whether columns are labelled (so that they can be shuffled).
        files: a folder around it, where there is one. separator: of its fields.
    """

    source: str
    name: str
    kind: str
    cells: Callable[[], Cells]
    corner: tuple[int, int]
    wide: bool = True
    files: Callable[[Path], Path] | None = None
    separator: str = ","


def of_frame(frame: pd.DataFrame, index: bool = True) -> Cells:
    """A frame as cells, labels of rows first."""
    table = frame.reset_index() if index else frame
    heads = [frame.index.name or "", *frame.columns] if index else list(frame.columns)
    return [heads, *(["" if pd.isna(cell) else cell for cell in row] for row in table.to_numpy(object).tolist())]


def of_file(folder: Callable[[Path], Path], name: str, separator: str) -> Callable[[], Cells]:
    """The cells of one file of a folder."""

    def read() -> Cells:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as place:
            top = folder(Path(place))
            return [list(row) for row in csv.reader((top / name).read_text().splitlines(), delimiter=separator)]

    return read


def with_eora(folder: Path) -> Path:
    return eora26(folder, published(WORLD, MRIO_USES), 2017)


def with_gloria(folder: Path) -> Path:
    return gloria(folder, published(WORLD, MRIO_USES), 2020)


def with_gtap(folder: Path) -> Path:
    return gtap_csv(folder, gtap_headers())


GLORIA_T = "GLORIA_MRIOs_59_2020/0_120secMother_AllCountries_002_T-Results_2020_059_Markup001(full).csv"

LAYOUTS = {
    "wiod2013": Layout(
        "wiod2013", "wiot11_row_sep12.xlsx", "xlsx", lambda: wiod_cells(published(WORLD, WIOD2013_USES, NUMBERS), 2011, 2013), (6, 4)
    ),
    "wiod2016": Layout(
        "wiod2016", "WIOT2014_Nov16_ROW.xlsx", "xlsx", lambda: wiod_cells(published(WORLD, WIOD2016_USES, CODES), 2014, 2016), (6, 4)
    ),
    "wiod2016 by columns": Layout(
        "wiod2016",
        "WIOT2014_October16_ROW.csv",
        "csv",
        lambda: of_frame(wiod_columns(published(WORLD, WIOD2016_USES, CODES), 2014), False),
        (1, 5),
    ),
    "adb": Layout("adb", "ADB-MRIO62-2023_July 2025.xlsx", "xlsx", lambda: adb_cells(published(WORLD, ADB_USES, NUMBERS), 2023), (7, 4)),
    "icio 2016": Layout(
        "icio", "ICIO2016_2011.csv", "csv", lambda: of_frame(icio_frame(published(WORLD, ICIO[2016][4], list(ICIO[2016][5])), 2016)), (1, 1)
    ),
    "icio 2021 extended": Layout(
        "icio", "ICIO2021_2018.csv", "csv", lambda: of_frame(icio_frame(published(WORLD, ICIO_USES, CODES), 2021, True)), (1, 1)
    ),
    "icio 2025": Layout("icio", "2022_SML.csv", "csv", lambda: of_frame(icio_frame(published(WORLD, ICIO_USES, CODES), 2025)), (1, 1)),
    "figaro": Layout("figaro", "matrix_eu-ic-io_ind-by-ind_25ed_2023.csv", "csv", lambda: of_frame(figaro_frame(FIGARO)), (1, 1)),
    "figaro by product": Layout(
        "figaro", "matrix_eu-ic-io_prod-by-prod_26ed_2024.csv", "csv", lambda: of_frame(figaro_frame(FIGARO, True)), (1, 1)
    ),
    "figaro flat": Layout(
        "figaro", "flatfile_eu-ic-io_ind-by-ind_25ed_2023.csv", "csv", lambda: of_frame(figaro_flat(figaro_frame(FIGARO)), False), (1, 6)
    ),
    "tidy": Layout(
        "tidy", "flows.csv", "csv", lambda: of_frame(tidy_frame(published(WORLD, ("households", "inventories"), CODES)), False), (1, 4)
    ),
    "eora26": Layout(
        "mrio", "Eora26_2017_bp_T.txt", "folder", of_file(with_eora, "Eora26_2017_bp_T.txt", "\t"), (0, 0), False, with_eora, "\t"
    ),
    "gloria": Layout("mrio", GLORIA_T, "folder", of_file(with_gloria, GLORIA_T, ","), (3, 0), False, with_gloria),
    "gtap": Layout("gtap", "VDFB.csv", "folder", of_file(with_gtap, "VDFB.csv", ","), (1, 3), files=with_gtap),
}


def damaged(cells: Cells, place: tuple[int, int], value: object) -> Cells:
    """The table with another value in one cell."""
    made = [list(row) for row in cells]
    made[place[0]][place[1]] = value
    return made


def off_diagonal(layout: Layout) -> tuple[int, int]:
    """A sale to another producer, beside the first number, or a line below it in a list."""
    row, column = layout.corner
    listed = layout.name.startswith("flatfile") or layout.source in ("tidy", "gtap")
    return (row + 1, column) if listed else (row, column + 1)


def shuffled(cells: Cells, layout: Layout, along: str) -> Cells:
    """Rows of numbers, or columns with their headings, in another order."""
    rng = np.random.default_rng(3)
    row, column = layout.corner
    if along == "rows":
        order = rng.permutation(len(cells) - row) + row
        return [*cells[:row], *(cells[k] for k in order)]
    order = [*range(column), *(rng.permutation(max(map(len, cells)) - column) + column)]
    return [[line[k] for k in order] if len(line) == len(order) else line for line in cells]


def doubled(cells: Cells, layout: Layout) -> Cells:
    row = layout.corner[0]
    return [*cells[: row + 1], cells[row], *cells[row + 1 :]]


def scaled(cells: Cells, layout: Layout, factor: float) -> Cells:
    """The lower half of the numbers in another unit."""
    row, column = layout.corner
    half = row + (len(cells) - row) // 2
    return [
        [float(cell) * factor if k >= column and is_number(cell) else cell for k, cell in enumerate(line)] if j >= half else line
        for j, line in enumerate(cells)
    ]


def is_number(cell: object) -> bool:
    try:
        float(cell)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return False
    return True


def relabelled(cells: Cells, layout: Layout, label: str) -> Cells:
    """Another word in place of the last label before the first number, or of the heading above it."""
    row, column = layout.corner
    return damaged(cells, (row, column - 1), label) if column else damaged(cells, (row, column), label)


Change = Callable[[Cells, Layout], Cells]

CHANGES: dict[str, Change] = {
    "text": lambda cells, layout: damaged(cells, layout.corner, "n.a."),
    "two dots": lambda cells, layout: damaged(cells, layout.corner, "1.234.5"),
    "euro": lambda cells, layout: damaged(cells, layout.corner, "€ 12"),
    "blank": lambda cells, layout: damaged(cells, layout.corner, ""),
    "NaN": lambda cells, layout: damaged(cells, layout.corner, "NaN"),
    "infinite": lambda cells, layout: damaged(cells, layout.corner, "inf"),
    "negative": lambda cells, layout: damaged(cells, layout.corner, -7.0),
    "huge": lambda cells, layout: damaged(cells, off_diagonal(layout), 1e9),
    "cut below": lambda cells, layout: cells[: layout.corner[0] + (len(cells) - layout.corner[0]) // 2],
    "cut right": lambda cells, layout: [line[: layout.corner[1] + (len(line) - layout.corner[1]) // 2] for line in cells],
    "headings alone": lambda cells, layout: cells[: layout.corner[0]],
    "no headings": lambda cells, layout: cells[layout.corner[0] :],
    "repeated row": doubled,
    "renamed row": lambda cells, layout: relabelled(cells, layout, "Xyz"),
    "blank label": lambda cells, layout: relabelled(cells, layout, ""),
    "row gone": lambda cells, layout: [*cells[: layout.corner[0]], *cells[layout.corner[0] + 1 :]],
    "rows shuffled": lambda cells, layout: shuffled(cells, layout, "rows"),
    "columns shuffled": lambda cells, layout: shuffled(cells, layout, "columns"),
    "other unit below": lambda cells, layout: scaled(cells, layout, 1000.0),
}
"""What happens to cells."""

UNSEEN = {
    "huge": ("tidy", "eora26", "gloria", "gtap"),
    "other unit below": ("tidy", "eora26", "gloria", "gtap"),
    "row gone": ("tidy", "gtap", "figaro flat"),
    "renamed row": ("tidy",),
    "cut below": ("tidy", "gtap"),
}
"""What cannot be seen in tables that hold no sum to hold cells against, and in lists in which what is zero may be left out."""


def as_csv(cells: Cells, separator: str = ",", decimal: str = ".") -> str:
    rows = [[str(cell).replace(".", decimal) if is_number(cell) and decimal != "." else str(cell) for cell in row] for row in cells]
    return "\n".join(separator.join(row) for row in rows) + "\n"


CODINGS: dict[str, Callable[[Cells, Layout], bytes]] = {
    "with a byte-order mark": lambda cells, layout: as_csv(cells, layout.separator).encode("utf-8-sig"),
    "in UTF-16": lambda cells, layout: as_csv(cells, layout.separator).encode("utf-16"),
    "in Latin-1": lambda cells, layout: as_csv(cells, layout.separator).replace("A01", "Ä01").encode("latin-1"),
    "decimal commas": lambda cells, layout: as_csv(cells, ";", ",").encode(),
    "thousands between tabs": lambda cells, layout: as_csv(damaged(cells, layout.corner, "1,234"), "\t").encode(),
    "a point among decimal commas": lambda cells, layout: (
        as_csv(damaged(cells, (layout.corner[0] + 2, layout.corner[1]), "POINT"), ";", ",").replace("POINT", "1.234").encode()
    ),
    "decimal commas between commas": lambda cells, layout: as_csv(cells, layout.separator, ",").encode(),
    "the separator told": lambda cells, layout: b"sep=;\n" + as_csv(cells, ";", ",").encode(),
    "Windows ends of lines": lambda cells, layout: as_csv(cells, layout.separator).replace("\n", "\r\n").encode(),
    "empty lines at the end": lambda cells, layout: as_csv(cells, layout.separator).encode() + b"\n\n",
    "bytes cut": lambda cells, layout: as_csv(cells, layout.separator).encode()[: len(as_csv(cells, layout.separator)) * 2 // 3],
    "zero bytes": lambda cells, layout: as_csv(cells, layout.separator).encode()[:200] + bytes(400),
    "a web page": lambda cells, layout: b"<!DOCTYPE html>\n<html><body>Please log in</body></html>\n",
    "another source": lambda cells, layout: b"reporter,partner,hs,rate\nUSA,CHN,010121,2.5\n",
}
"""What happens to the bytes of a csv."""

PACKINGS: dict[str, Callable[[bytes], bytes]] = {
    "gz": gzip.compress,
    "xz": lzma.compress,
    "bz2": bz2.compress,
    "gz cut": lambda content: gzip.compress(content)[: len(gzip.compress(content)) // 2],
    "zip": lambda content: zipped(content),
    "zip cut": lambda content: zipped(content)[:-30],
    "zip locked": lambda content: locked(zipped(content)),
}
"""How a csv may be packed, whole and not."""


def zipped(content: bytes) -> bytes:
    from io import BytesIO

    whole = BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("table.csv", content)
    return whole.getvalue()


def locked(content: bytes) -> bytes:
    """An archive whose entries say that they need a password."""
    changed = bytearray(content)
    for magic, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        for found in re.finditer(re.escape(magic), content):
            changed[found.start() + flags] |= 1
    return bytes(changed)


def xlsx_cells(cells: Cells) -> Cells:
    """Cells of a sheet: what looks like a number and is none is text there."""
    width = max(map(len, cells), default=0)
    return [[*line, *[""] * (width - len(line))] for line in cells]


BOOKS: dict[str, Callable[[Path, Cells], Path]] = {
    "wrong sheet first": lambda path, cells: write_xlsx(path, cells, "Table", before="Summary"),
    "legend first": lambda path, cells: write_xlsx(path, cells, "Table", before="Legend"),
    "no table": lambda path, cells: write_xlsx(path, [["Contents", ""], ["", 1.0]]),
    "numbers as text": lambda path, cells: write_xlsx(path, [[str(cell) for cell in line] for line in cells], "Table"),
    "other currency": lambda path, cells: write_xlsx(
        path, [[cell.replace("US$", "EUR") if isinstance(cell, str) else cell for cell in line] for line in cells], "Table"
    ),
    "bytes cut": lambda path, cells: cut(write_xlsx(path, cells, "Table")),
    "xls by name": lambda path, cells: write_xlsx(path.with_suffix(".xls"), cells, "Table"),
}
"""What happens to a workbook."""


def cut(path: Path) -> Path:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


def placed(folder: Path, layout: Layout, content: bytes) -> Path:
    """A file with this content, in the folder that belongs to it; what is to be imported."""
    folder.mkdir(parents=True, exist_ok=True)
    if layout.files is None:
        (folder / layout.name).write_bytes(content)
        return folder / layout.name
    top = layout.files(folder)
    (top / layout.name).write_bytes(content)
    return top


def whole(folder: Path, layout: Layout) -> Path:
    """The file undamaged."""
    if layout.kind == "xlsx":
        folder.mkdir(parents=True, exist_ok=True)
        return write_xlsx(folder / layout.name, layout.cells(), "Table")
    return placed(folder, layout, as_csv(layout.cells(), layout.separator).encode())


def cases(name: str) -> Iterator[tuple[str, Callable[[Path], Path]]]:
    """What was done to the file of a layout, and what writes it into a folder."""
    layout = LAYOUTS[name]
    cells = layout.cells()

    def book(write: Callable[[Path, Cells], Path], table: Cells) -> Callable[[Path], Path]:
        def make(folder: Path) -> Path:
            folder.mkdir(parents=True, exist_ok=True)
            return write(folder / layout.name, table)

        return make

    for what, change in CHANGES.items():
        if not layout.wide and what in ("no headings", "headings alone", "renamed row", "blank label", "rows shuffled", "columns shuffled"):
            continue
        if name in UNSEEN.get(what, ()):
            continue
        table = change(cells, layout)
        if layout.kind == "xlsx":
            yield what, book(lambda path, cells: write_xlsx(path, cells, "Table"), xlsx_cells(table))
        else:
            yield what, lambda folder, table=table: placed(folder, layout, as_csv(table, layout.separator).encode())  # type: ignore[misc]
    if layout.kind == "xlsx":
        for what, write in BOOKS.items():
            yield what, book(write, cells)
        return
    for what, code in CODINGS.items():
        yield what, lambda folder, code=code: placed(folder, layout, code(cells, layout))  # type: ignore[misc]
    if layout.kind == "csv":
        for what, pack in PACKINGS.items():
            content = as_csv(cells).encode()
            yield what, lambda folder, pack=pack, content=content: placed(folder, layout, pack(content))  # type: ignore[misc]
        yield (
            "other year in its name",
            lambda folder: placed(folder, replace(layout, name=layout.name.replace("20", "19")), as_csv(cells).encode()),
        )


def main(folder: Path) -> None:
    """Write every damaged file."""
    lines = [["folder", "source", "what was done"]]
    for name, layout in LAYOUTS.items():
        for k, (what, write) in enumerate(cases(name)):
            place = folder / f"{name.replace(' ', '-')}-{k:02}"
            write(place)
            lines.append([place.name, layout.source, what])
    with (folder / "damage.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(lines)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
