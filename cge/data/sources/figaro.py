"""FIGARO, Eurostat's EU inter-country input-output tables: industry by industry and product by product, matrices and flat files.

Matrix (`matrix_eu-ic-io_ind-by-ind_25ed_2023.csv`, `…_prod-by-prod_…`): the first cell is `rowLabels`; a row and a column for each country and
industry (`AT_A01`, product `AT_CPA_A01`), then five final uses of each country (`AT_P3_S13`, `AT_P3_S14`, `AT_P3_S15`, `AT_P51G`, `AT_P5M`); below,
primary inputs (`W2_D21X31` taxes less subsidies on products, `W2_OP_RES` and `W2_OP_NRES` purchases abroad and by non-residents, `W2_D1`,
`W2_D29X39`, `W2_B2A3G`). Flat (`flatfile_eu-ic-io_…`, also in a zip): a line for each cell with columns `icioiRow, icioiCol, refArea, rowIi,
counterpartArea, colIi, obsValue` (`Pp` in place of `Ii` for products). There is no output: it is what a producer sells. Countries have ISO's two
letters, Greece `GR`, the rest of the world `FIGW1`; every member of the Union is a country, and what members sell each other is trade. Million
EUR to three decimals, basic prices; 46 economies up to the edition of 2024, 50 from 2025 on; the edition is in the name (`24ed`, none in 2022).

Numbers are rounded to 0.001, and by that some uses that cannot be negative are: they are moved to P5M of the same row and country, so that
neither output nor spending changes.

Layouts are those of Eurostat's description of the tables (ESMS metadata of naio_10_fcp) and of public readers: `extract_figaro` of the R package
exvatools, `parse_figaro` of MARIO with its test files, notes of Open Risk's Leontief on the columns and numbers of lines of flat files. No
original was at hand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import IO

import numpy as np

from cge.data.sources.figaro_flat import read_flat
from cge.data.sources.files import agreed_year, existing, frame, opened, year_in
from cge.data.sources.final_uses import CODES
from cge.data.sources.forms import headed
from cge.data.sources.matrix import Label, assemble, repeated, short
from cge.data.sources.table import Table
from cge.data.sources.wide import Mask, Wide, heading, read_wide
from cge.errors import DataError

USES = tuple(CODES["ESA 2010"])
"""Final uses of all editions."""

PRIMARY = "W2"
"""The area under which primary inputs stand."""

DIGIT = 0.001
"""The last digit of the published numbers, in million EUR."""

FLAT = ("refArea", "counterpartArea", "obsValue")
"""Columns of every flat file."""

OTHER = {"supply": re.compile(r"icsup|-supply_", re.I), "use": re.compile(r"icuse|-use_", re.I)}
"""How a supply or a use table is told, by its first column or its name."""

LICENCE = "Eurostat, reuse with acknowledgement of the source (CC BY 4.0); cite Eurostat, FIGARO tables, and the edition"


def read_figaro(path: Path, year: int | None = None) -> Table:
    """A FIGARO input-output table.

    Raises:
        DataError: with every fault: what cannot be read, cells that are no numbers, labels that are repeated or absent, another year, a supply or use
            table.
    """
    with opened(existing(path), year) as (name, file):
        dated = agreed_year(path, year, None, year_in(name) or year_in(path.name))
        wide = frame(path, lambda: _read(path, file, name), "csv")
    faults = [*repeated("row", wide.rows), *repeated("column", wide.columns), *wide.faults, *_odd([*wide.rows, *wide.columns])]
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    rows, columns = ([_split(label) for label in labels] for labels in (wide.rows, wide.columns))
    made = [k for k, (country, _) in enumerate(rows) if country != PRIMARY]
    below = {rest: wide.values[k] for k, (country, rest) in enumerate(rows) if country == PRIMARY}
    if not below:
        raise DataError(f"{path}: no row of primary inputs (W2_D1 …); the file is cut off, or not a FIGARO table as published.")
    table = assemble(
        wide.values[made], [rows[k] for k in made], columns, str(path), USES, below, wide.values[made].sum(1),
        attrs=_about(f"{path.name} {name}", wide.rows, dated),
    )  # fmt: skip
    return _rounded(_with_absent(table, wide, made))


def _about(name: str, rows: Iterable[str], dated: int | None) -> dict[str, object]:
    """Attributes, from names of file and archive and from the labels."""
    edition = re.search(r"(?<!\d)(\d\d)ed(?![a-z])", name)
    kind = "product by product" if any("_CPA_" in row for row in rows) else "industry by industry"
    words = ["FIGARO", *([f"edition 20{edition[1]}"] if edition else []), *([str(dated)] if dated else [])]
    return {
        "title": f"{', '.join(words)} ({kind})",
        "source": f"Eurostat, FIGARO inter-country input-output tables, {kind}",
        "licence": LICENCE,
        "edition": int(f"20{edition[1]}") if edition else "",
        "year": dated or "",
        "unit": "million EUR",
    }


def _split(label: str) -> Label:
    country, _, rest = label.partition("_")
    return country, rest


def _odd(labels: list[str]) -> list[str]:
    odd = [label for label in dict.fromkeys(labels) if not re.fullmatch(r"[A-Z][A-Z0-9]{1,5}_\w+", label)]
    return short([f"label {label!r} is not COUNTRY_INDUSTRY, COUNTRY_USE or W2_INPUT." for label in odd])


def _read(path: Path, file: IO[bytes], name: str) -> Wide:
    """A matrix as it is, or a flat file as a matrix."""
    start = file.tell()
    heads, separator, _ = heading(path, file)
    for kind, told in OTHER.items():
        if told.search(f"{heads[0] if heads else ''} {name}"):
            raise DataError(f"{path} is a {kind} table of FIGARO, not an input-output table (matrix_eu-ic-io_… or flatfile_eu-ic-io_…).")
    if set(FLAT) <= set(heads):
        return read_flat(path, file, heads, separator)
    if not any(head.endswith(f"_{use}") for head in heads for use in ("P3_S14", "P51G")):
        raise DataError(f"{path} is no FIGARO table as published, for no column is a final use (AT_P3_S14): it is {headed(heads)}")
    file.seek(start)
    return read_wide(path, file, _empty)


def _empty(rows: list[str], columns: list[str]) -> tuple[Mask, Mask]:
    """Primary inputs may be empty under final uses; they are not read there."""
    final = [_split(column)[1] in USES for column in columns]
    return np.array([row.startswith(f"{PRIMARY}_") for row in rows]), np.array(final)


def _rounded(table: Table) -> Table:
    """The table without negative uses that are no more than rounding: they go to changes in inventories of the same row and country."""
    signed = {*table.inventories, *table.signed}
    last = [k for k, use in enumerate(table.uses) if use not in signed]
    cells = table.final[..., last]
    low = (cells < 0) & (cells >= -1.5 * DIGIT)
    if not low.any() or not table.inventories:
        return table
    moved = np.where(low, cells, 0.0)
    final = table.final.copy()
    final[..., last] -= moved
    final[..., table.uses.index(table.inventories[0])] += moved.sum(3)
    i, s, n, _ = np.argwhere(low)[0]
    text = (
        f"Uses that rounding to {DIGIT:g} million made negative are moved to {table.inventories[0]} of the same row and country, "
        f"first {table.seller((i, s))} in {table.countries[n]}."
    )
    entry = table.treatment("rounded_below_zero", np.count_nonzero(low), -moved.sum(), text)
    return replace(table, final=final, account=(*table.account, entry))


def _with_absent(table: Table, wide: Wide, made: list[int]) -> Table:
    """The table with the count of its cells that have no line in a flat file."""
    if wide.absent is None or not wide.absent[made].any():
        return table
    cells = np.argwhere(wide.absent[made])
    text = f"Cells without a line are zero, first row {wide.rows[made[cells[0][0]]]}, column {wide.columns[cells[0][1]]}."
    return replace(table, account=(*table.account, table.treatment("absent_flows", len(cells), 0.0, text)))
