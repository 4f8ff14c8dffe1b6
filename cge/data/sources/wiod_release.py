"""What the two releases of the World Input-Output Database call things, and a `Table` from the parts of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cge.data.arrays import Array
from cge.data.sources.final_uses import CODES
from cge.data.sources.matrix import Label, assemble
from cge.data.sources.table import Table


@dataclass(frozen=True)
class Release:
    """What differs between the releases.

    Attributes:
        title, source: for the attributes. command: what `cge import` calls it. by_number: industries are known by number (c1), not by code (A01).
        uses: final uses, in the order of the columns.
        totals: rows that are sums of others; output: the row of gross output.
    """

    title: str
    source: str
    command: str
    by_number: bool
    uses: tuple[str, ...]
    totals: tuple[str, ...]
    output: str


LICENCE = "CC BY 4.0; cite Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics 23(3), 575-605"

WIOD2013 = Release(
    "WIOD 2013 release", "World Input-Output Database, release of November 2013, current prices", "wiod2013", True,
    tuple(CODES["WIOD 2013"]), ("r60",), "r69",
)  # fmt: skip

WIOD2016 = Release(
    "WIOD 2016 release", "World Input-Output Database, release of November 2016, current prices", "wiod2016", False,
    tuple(CODES["WIOD 2016"]), ("II_fob",), "GO",
)  # fmt: skip


def release_table(
    path: Path,
    values: Array,
    rows: Sequence[Label],
    columns: Sequence[Label],
    below: Mapping[str, Array],
    release: Release,
    year: int | None,
    names: Mapping[str, list[str]],
) -> Table:
    """A table from its parts: `values` [row, column] with output as the last column, and the rows under the industries by name [column]."""
    primary = {name: row for name, row in below.items() if name not in (*release.totals, release.output)}
    about = {"title": f"{release.title}, {year}", "source": release.source, "licence": LICENCE, "year": year or "", "unit": "million USD"}
    return assemble(
        values[:, : len(columns)], rows, columns, str(path), release.uses, primary, values[:, len(columns)],
        names=names, attrs=about,
    )  # fmt: skip
