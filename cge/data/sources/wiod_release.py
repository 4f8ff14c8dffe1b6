"""What the two releases of the World Input-Output Database and the ADB, whose tables are made like them, call things; a `Table` from parts."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cge.data.arrays import Array
from cge.data.sources.files import year_in
from cge.data.sources.final_uses import CODES
from cge.data.sources.matrix import Label, assemble
from cge.data.sources.table import Table


@dataclass(frozen=True)
class Release:
    """What differs between the releases.

    Attributes:
        title, source, licence: for the attributes. command: what `cge import` calls it.
        by_number: industries are known by number (c1), not by code (A01).
        uses: final uses, in the order of the columns.
        totals: rows that are sums of others; output: the row of gross output.
        year: of a title or the name of a file; edition: of the name of a file. None where there is none.
    """

    title: str
    source: str
    licence: str
    command: str
    by_number: bool
    uses: tuple[str, ...]
    totals: tuple[str, ...]
    output: str
    year: Callable[[str], int | None] = year_in
    edition: Callable[[str], str] = lambda name: ""


LICENCE = "CC BY 4.0; cite Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics 23(3), 575-605"

WIOD2013 = Release(
    "WIOD 2013 release", "World Input-Output Database, release of November 2013, current prices", LICENCE, "wiod2013", True,
    tuple(CODES["WIOD 2013"]), ("r60",), "r69",
)  # fmt: skip

WIOD2016 = Release(
    "WIOD 2016 release", "World Input-Output Database, release of November 2016, current prices", LICENCE, "wiod2016", False,
    tuple(CODES["WIOD 2016"]), ("II_fob",), "GO",
)  # fmt: skip


def _adb_year(text: str) -> int | None:
    """The first year in a title ("Multiregional Input-Output Table 2024") or a name; later ones are editions or base years of prices."""
    found = re.search(r"(?<!\d)(?:19|20)\d\d(?!\d)", text)
    return int(found[0]) if found else None


def _adb_edition(name: str) -> str:
    """Month and year in a name behind the year of the table: `ADB-MRIO62-2023_July 2025.xlsx`, `ADB-MRIO-2019_Dec2022.xlsx`."""
    found = re.search(r"(?i)(?<![a-z])(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)([a-z]*)[ _]?(20\d\d)", name)
    return f"{found[1].title()}{found[2].lower()} {found[3]}" if found else ""


ADB = Release(
    "ADB MRIO", "Asian Development Bank, Multiregional Input-Output Tables", "ADB: attribution; cite ADB, MRIO database, and the edition",
    "adb", True, tuple(CODES["ADB MRIO"]), ("r60",), "r69", _adb_year, _adb_edition,
)  # fmt: skip

RELEASES = (WIOD2013, WIOD2016, ADB)


def release_table(
    path: Path,
    values: Array,
    rows: Sequence[Label],
    columns: Sequence[Label],
    below: Mapping[str, Array],
    release: Release,
    year: int | None,
    names: Mapping[str, list[str]],
    prices: str = "",
) -> Table:
    """A table from its parts: `values` [row, column] with output as the last column, and the rows under the industries by name [column].

    `prices` are what the table says of them, where they are not current ones.
    """
    primary = {name: row for name, row in below.items() if name not in (*release.totals, release.output)}
    edition = release.edition(path.name)
    words = [release.title, *([f"edition {edition}"] if edition else []), *([str(year)] if year else []), *([prices] if prices else [])]
    about: dict[str, object] = {"title": ", ".join(words), "source": release.source, "licence": release.licence}
    about |= {"edition": edition, "year": year or "", "unit": "million USD"}
    return assemble(
        values[:, : len(columns)], rows, columns, str(path), release.uses, primary, values[:, len(columns)],
        names=names, attrs=about,
    )  # fmt: skip
