"""OECD Inter-Country Input-Output tables, csv as published in the editions of 2016, 2018, 2021, 2023 and 2025, plain or in the zip archives.

One row and one column for each country and industry (`AUS_C01T05AGR` in 2016, `AUS_01T03` in 2018, `AUS_01T02` in 2021, `AUS_A01_02` in 2023,
`AUS_A01` in 2025), six final uses of every country (`AUS_HFCE` … `AUS_DPABR`; in 2016 the use stands first, `HFCE_AUS`, and in the small tables
of 2023 there may be one, `AUS_FD`) and gross output (`OUT`, formerly `TOTAL`); below, taxes less subsidies (`TLS`, in 2018 and 2021 `AUS_TAXSUB`
for each country), value added (`VA`, formerly `VALU`; in 2016 both together, `VA+TAXSUB`) and output (`OUT`, formerly `OUTPUT`). The edition of
2016 has no column of output but one of discrepancies (`DISC`), and nothing below final uses. The first cell is empty, `V1` or another name.
Archives hold a year each (`ICIO2018_2015.zip`) or five, in 2023 as archives in an archive. China and Mexico are split into producers for export
and others (`CN1`, `CN2`, `MX1`, `MX2`; up to four in 2016), whose final uses stand under `CHN` and `MEX`; the parts are added up. Million USD,
basic prices.

The layouts of 2016 and 2018 are those that `parse_oecd` of pymrio (0.7) and its test files, and `extract_icio` of the R package exvatools, read;
no original of these two was at hand.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from cge.data.arrays import Array
from cge.data.sources.files import agreed_year, existing, frame, opened, year_in
from cge.data.sources.final_uses import CODES, kind
from cge.data.sources.forms import headed
from cge.data.sources.matrix import assemble, merged, repeated, short
from cge.data.sources.table import Table
from cge.data.sources.wide import Mask, Wide, read_wide
from cge.errors import DataError

USES = tuple(use for use in CODES["ICIO"] if kind(use) != "discrepancy")
"""Final uses of all editions."""

EDITIONS = {"C01T05AGR": 2016, "01T03": 2018, "01T02": 2021, "A01_02": 2023, "A01": 2025}
"""Editions by what they call their first industry."""

OUTPUT, PARTS = (
    ("OUT", "OUTPUT", "TOTAL"),
    {"CN1": "CHN", "CN2": "CHN", "CN3": "CHN", "CN4": "CHN", "MX1": "MEX", "MX2": "MEX", "MX3": "MEX"},
)
PRIMARY = re.compile(r"(?:[A-Z0-9]{3}_)?(TLS|TAXSUB|VA|VALU|VA\+TAXSUB)")

LICENCE = "OECD terms and conditions: attribution; cite OECD, Inter-Country Input-Output tables, and the edition"


def read_icio(path: Path, year: int | None = None) -> Table:
    """An ICIO table.

    Raises:
        DataError: with every fault: what cannot be read, cells that are no numbers, labels that are repeated or absent, another year.
    """
    with opened(existing(path), year) as (name, file):
        dated = agreed_year(path, year, None, year_in(name))
        wide = frame(path, lambda: read_wide(path, file, _empty), "csv")
    labels, rows = wide.columns, wide.rows
    if not any(use for _, use in {_split(row) for row in rows} & {_split(label) for label in labels}):
        raise DataError(
            f"{path} is no ICIO table as published, for no row stands among the columns: it is {headed([wide.corner, *labels])}"
        )
    faults = [*repeated("row", rows), *repeated("column", labels), *wide.faults, *_unknown(rows, labels)]
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    edition = _edition(f"{path.name} {name}", rows)
    about: dict[str, object] = {
        "title": ", ".join(["OECD ICIO", *([f"edition {edition}"] if edition else []), *([str(dated)] if dated else [])]),
        "source": "OECD Inter-Country Input-Output tables",
        "licence": LICENCE,
        "edition": edition or "",
        "year": dated or "",
        "unit": "million USD",
    }
    return _table(path, wide, about)


def _edition(name: str, rows: list[str]) -> int | None:
    """The edition that the name of the file says, or else the name of the first industry."""
    named = re.search(r"ICIO(\d{4})_", name)
    return int(named[1]) if named else EDITIONS.get(_split(rows[0])[1])


def _below(row: str) -> bool:
    """Whether a row stands below the producers: taxes, value added, output."""
    return row in OUTPUT or PRIMARY.fullmatch(row) is not None


def _empty(rows: list[str], columns: list[str]) -> tuple[Mask, Mask]:
    """Rows of taxes, value added and output may be empty under final uses and output; they are not read there."""
    made = {_split(row) for row in rows if not _below(row)}
    return np.array([_below(row) for row in rows]), np.array([_split(column) not in made for column in columns])


def _unknown(rows: list[str], columns: list[str]) -> list[str]:
    """Labels that fit no pattern of the editions."""
    good = [row for row in rows if not _below(row)]
    found = [f"row {label!r} is not COUNTRY_INDUSTRY, TLS, VA or OUT." for label in good if not _split(label)[1]]
    seen = [column for column in columns if column not in OUTPUT and not _discrepancy(column)]
    found += [f"column {label!r} is not COUNTRY_INDUSTRY, COUNTRY_USE or OUT." for label in seen if not _split(label)[1]]
    if not good:
        found.append("no row of a country and industry; this is not an ICIO table as published.")
    if not any(column in OUTPUT for column in columns) and not any(column.partition("_")[0] in USES for column in columns):
        found.append("no column of output (OUT or TOTAL); the file is cut off, or not an ICIO table as published.")
    if not any(row in OUTPUT for row in rows):
        found.append("no row of output (OUT or OUTPUT); the file is cut off, or not an ICIO table as published.")
    return short(found)


def _split(label: str) -> tuple[str, str]:
    """Country and industry or use, parts of China and Mexico under their country; in the edition of 2016 (so pymrio) uses stand first, `HFCE_AUS`."""
    country, _, rest = label.partition("_")
    if country in USES:
        country, rest = rest, country
    return PARTS.get(country, country), rest


def _discrepancy(column: str) -> bool:
    """Whether a column (`DISC`, `ALL_DISC`) holds what the table cannot lay on a buyer."""
    return kind(column.rpartition("_")[2]) == "discrepancy"


def _table(path: Path, wide: Wide, about: dict[str, object]) -> Table:
    """The parts of the published matrix: producers, final uses, output, discrepancies, and the rows below."""
    rows, columns, values = wide.rows, wide.columns, wide.values
    made = [k for k, row in enumerate(rows) if not _below(row)]
    bought = [k for k, column in enumerate(columns) if column not in OUTPUT and not _discrepancy(column)]
    lost = [k for k, column in enumerate(columns) if _discrepancy(column)]
    sales, sellers = merged(_kept(values, made), [_split(rows[k]) for k in made])
    matrix, buyers = merged(_kept(sales.T, bought), [_split(columns[k]) for k in bought])
    below: dict[str, Array] = {}
    for k, row in enumerate(rows):
        if _below(row):
            named = PRIMARY.fullmatch(row)
            across = merged(values[k, bought], [_split(columns[j]) for j in bought])[0]
            below[named[1] if named else OUTPUT[0]] = below.get(named[1] if named else OUTPUT[0], 0.0) + across
    published = below.pop(OUTPUT[0])
    down = next((sales[:, k] for k, column in enumerate(columns) if column in OUTPUT), None)
    output = published[[buyers.index(seller) for seller in sellers]] if down is None else down
    parts = sorted({row[:3] for row in rows} & set(PARTS))
    notes = (f"Producers for export and others are added up: {', '.join(f'{part} to {PARTS[part]}' for part in parts)}.",) if parts else ()
    return assemble(
        matrix.T, sellers, buyers, str(path), USES, below, output,
        attrs=about, unallocated=sales[:, lost].sum(1) if lost else None, notes=notes,
    )  # fmt: skip


def _kept(values: Array, places: list[int]) -> Array:
    """Rows of an array; a view where they are the first ones."""
    return values[: len(places)] if places == list(range(len(places))) else values[places]
