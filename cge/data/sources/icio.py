"""OECD Inter-Country Input-Output tables, csv as published in the editions of 2021, 2023 and 2025, plain or in the zip archives.

One row and one column for each country and industry (`AUS_01T02` in 2021, `AUS_A01_02` in 2023, `AUS_A01` in 2025), six final uses of every
country (`AUS_HFCE` … `AUS_DPABR`) and gross output (`OUT`, formerly `TOTAL`); below, taxes less subsidies (`TLS`, in 2021 and before
`AUS_TAXSUB` for each country), value added (`VA`, formerly `VALU`) and output (`OUT`, formerly `OUTPUT`). The first cell is empty, `V1` or
another name. China and Mexico are split into producers for export and others (`CN1`, `CN2`, `MX1`, `MX2`), whose final uses stand under `CHN`
and `MEX`; the parts are summed. Million USD, basic prices.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.sources.files import agreed_year, existing, frame, opened, year_in
from cge.data.sources.final_uses import CODES, kind
from cge.data.sources.forms import headed
from cge.data.sources.matrix import assemble, frame_numbers, merged, repeated, short
from cge.data.sources.table import Table
from cge.errors import DataError

USES = tuple(use for use in CODES["ICIO"] if kind(use) != "discrepancy")
"""Final uses of all editions."""

OUTPUT, PARTS = (
    ("OUT", "OUTPUT", "TOTAL"),
    {"CN1": "CHN", "CN2": "CHN", "CN3": "CHN", "CN4": "CHN", "MX1": "MEX", "MX2": "MEX", "MX3": "MEX"},
)
PRIMARY = re.compile(r"(?:[A-Z0-9]{3}_)?(TLS|TAXSUB|VA|VALU)")

LICENCE = "OECD terms and conditions: attribution; cite OECD, Inter-Country Input-Output tables, and the edition"


def read_icio(path: Path, year: int | None = None) -> Table:
    """An ICIO table.

    Raises:
        DataError: with every fault: what cannot be read, cells that are no numbers, labels that are repeated or absent, another year.
    """
    with opened(existing(path), year) as (name, file):
        heads, data = frame(path, lambda: _read(file), "csv")
    named = year_in(name)
    dated = agreed_year(path, year, None, named)
    labels, rows = [head.strip() for head in heads[1:]], [str(label).strip() for label in data.index]
    if not any(use for _, use in {_split(row) for row in rows} & {_split(label) for label in labels}):
        raise DataError(f"{path} is no ICIO table as published, for no row stands among the columns: it is {headed(heads)}")
    faults = [*repeated("row", rows), *repeated("column", labels)]
    if not faults:
        data = _filled_below(data, rows, labels)
    values, empty = frame_numbers(data, lambda i, j: f"row {rows[i]}, column {labels[j]}")
    faults += empty
    faults += _unknown(rows, labels)
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    edition = re.search(r"ICIO(\d{4})", path.name)
    title = f"OECD ICIO{f', edition {edition[1]}' if edition else ''}, {dated}"
    about: dict[str, object] = {
        "title": title,
        "source": "OECD Inter-Country Input-Output tables",
        "licence": LICENCE,
        "year": dated or "",
        "unit": "million USD",
    }
    return _table(path, values, rows, labels, about)


def _read(file: IO[bytes]) -> tuple[list[str], pd.DataFrame]:
    """Labels of columns as they stand, for pandas would make repeated ones differ, and the table under them."""
    heads = [str(h) for h in pd.read_csv(file, header=None, nrows=1, dtype=str, keep_default_na=False, encoding="utf-8-sig").iloc[0]]
    file.seek(0)
    options: dict[str, Any] = {
        "keep_default_na": False,
        "na_values": [""],
        "low_memory": False,
        "encoding": "utf-8-sig",
        "skip_blank_lines": True,
    }
    data = pd.read_csv(file, header=None, skiprows=1, names=range(len(heads)), index_col=0, dtype={0: str}, **options)
    return heads, data


def _filled_below(data: pd.DataFrame, rows: list[str], columns: list[str]) -> pd.DataFrame:
    """The table with zeros where rows of taxes, value added and output are empty under final uses and output; they are not read there."""
    under = [k for k, row in enumerate(rows) if row in OUTPUT or PRIMARY.fullmatch(row)]
    made = {_split(row) for k, row in enumerate(rows) if k not in under}
    filled = data.copy()
    for place in (k for k, label in enumerate(columns) if _split(label) not in made):
        column: Any = data.iloc[:, place]
        if column.iloc[under].isna().any():
            filled.isetitem(place, column.where(column.notna() | ~np.isin(np.arange(len(rows)), under), 0.0))
    return filled


def _unknown(rows: list[str], columns: list[str]) -> list[str]:
    """Labels that fit no pattern of the editions."""
    good = [row for row in rows if row not in OUTPUT and not PRIMARY.fullmatch(row)]
    found = [f"row {label!r} is not COUNTRY_INDUSTRY, TLS, VA or OUT." for label in good if not _split(label)[1]]
    seen = [column for column in columns if column not in OUTPUT and not _discrepancy(column)]
    found += [f"column {label!r} is not COUNTRY_INDUSTRY, COUNTRY_USE or OUT." for label in seen if not _split(label)[1]]
    if not good:
        found.append("no row of a country and industry; this is not an ICIO table as published.")
    if not any(column in OUTPUT for column in columns):
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


def _table(path: Path, values: Array, rows: list[str], columns: list[str], about: dict[str, object]) -> Table:
    """The parts of the published matrix: producers, final uses, output, discrepancies, and the rows below."""
    across = {label: k for k, label in enumerate(columns)}
    made = [k for k, row in enumerate(rows) if row not in OUTPUT and not PRIMARY.fullmatch(row)]
    bought = [k for k, column in enumerate(columns) if column not in OUTPUT and not _discrepancy(column)]
    sales, sellers = merged(values[made], [_split(rows[k]) for k in made])
    output = sales[:, next(across[name] for name in OUTPUT if name in across)]
    lost = [k for k, column in enumerate(columns) if _discrepancy(column)]
    matrix, buyers = merged(sales[:, bought].T, [_split(columns[k]) for k in bought])
    below: dict[str, Array] = {}
    for k, row in enumerate(rows):
        kind = PRIMARY.fullmatch(row)
        if kind:
            added = merged(values[k, bought], [_split(columns[j]) for j in bought])[0]
            below[kind[1]] = below.get(kind[1], np.zeros(len(buyers))) + added
    return assemble(
        matrix.T, sellers, buyers, str(path), USES, below, output,
        attrs=about, unallocated=sales[:, lost].sum(1) if lost else None,
    )  # fmt: skip
