"""What the two releases of the World Input-Output Database call things, and a `Table` from the parts of one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cge.data.arrays import Array
from cge.data.sources.matrix import Label, assemble
from cge.data.sources.table import Table


@dataclass(frozen=True)
class Release:
    """What differs between the releases.

    Attributes:
        title, source: for the attributes. by_number: industries are known by number (c1), not by code (A01).
        uses: final uses, in the order of the columns; inventories, signed: those of them that may be negative.
        totals: rows that are sums of others; output: the row of gross output.
    """

    title: str
    source: str
    by_number: bool
    uses: tuple[str, ...]
    inventories: tuple[str, ...]
    signed: tuple[str, ...]
    totals: tuple[str, ...]
    output: str


LICENCE = "CC BY 4.0; cite Timmer, Dietzenbacher, Los, Stehrer and de Vries (2015), Review of International Economics 23(3), 575-605"

WIOD2013 = Release(
    "WIOD 2013 release", "World Input-Output Database, release of November 2013, current prices", True,
    ("c37", "c38", "c39", "c41", "c42"), ("c42",), ("c41",), ("r60",), "r69",
)  # fmt: skip
"""c37 households, c38 non-profit institutions, c39 government, c41 gross fixed capital formation, c42 inventories and valuables."""

WIOD2016 = Release(
    "WIOD 2016 release", "World Input-Output Database, release of November 2016, current prices", False,
    ("CONS_h", "CONS_np", "CONS_g", "GFCF", "INVEN"), ("INVEN",), ("GFCF",), ("II_fob",), "GO",
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
        inventories=release.inventories, signed=release.signed, names=names, attrs=about,
    )  # fmt: skip
