"""Who is in the groups of countries to which a preference is given, from a table of them.

UNCTAD TRAINS gives preferences to groups by codes of its own (beneficiaries of the Generalized System of Preferences, least developed countries,
parties of an agreement); WITS publishes their members as a workbook, `TRAINSPreferenceBenficiaries.xls`, whose columns `RegionCode` and `Partner` (UN
numbers) public readers take. It was not tried on an original. A table of one's own has columns `group, country`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from cge.data.countries import by_code, hint, readings, unions
from cge.data.csv import read_csv
from cge.data.named import some
from cge.data.sources.files import sheet
from cge.data.tariffs.layouts import plain
from cge.errors import DataError, nearest

GROUPS, MEMBERS = ("group", "regioncode"), ("partner", "country", "member")
"""Headings, plain."""

WORKBOOKS = (".xls", ".xlsx", ".xlsb")


@dataclass(frozen=True)
class Programmes:
    """Labels of an economy that are in each group that is given a preference.

    Attributes:
        members: labels by group, none where the economy has none of it. account: in sentences.
    """

    members: Mapping[str, list[str]] = field(default_factory=dict)
    account: tuple[str, ...] = ()


NO_PROGRAMMES = Programmes()


def read_members(path: str | os.PathLike[str], countries: Sequence[str], year: int | None = None) -> Programmes:
    """The members of groups in a csv or a workbook, on the labels of an economy; those that it lacks are left out and counted, and those of which
    nothing is known, such as countries of the past, named.

    Args:
        countries: labels. year: of whose members a customs union that is a member itself is (None: today's).

    Raises:
        DataError: no such file, columns, empty entries.
    """
    given = Path(path)
    if not given.is_file():
        siblings = [p.name for p in given.parent.iterdir()] if given.parent.is_dir() else []
        raise DataError(f"members: no file {given}.{nearest(given.name, siblings)}")
    table = _workbook(given) if given.suffix.lower() in WORKBOOKS else read_csv(given, ())
    own = {plain(str(name)): str(name) for name in table}
    columns = [next((own[name] for name in names if name in own), None) for names in (GROUPS, MEMBERS)]
    if None in columns:
        raise DataError(f"{given}: not a column each of {' or '.join(GROUPS)} and {' or '.join(MEMBERS)}; found {', '.join(own.values())}.")
    pairs = table[columns].astype(str).apply(lambda column: column.str.strip()).set_axis(["group", "country"], axis=1).drop_duplicates()
    empty = pairs.index[(pairs == "").any(axis=1)]
    if len(empty):
        raise DataError(f"{given}: row {empty[0] + 2}: a group or a country is empty ({len(empty)} such rows).")
    return _on(pairs, countries, year, str(given))


def _on(pairs: pd.DataFrame, countries: Sequence[str], year: int | None, origin: str) -> Programmes:
    labels, codes, of_union = set(countries), by_code(countries), unions(year)
    read = readings(pairs["country"].unique())
    found: dict[str, list[str]] = {}
    lacking: set[str] = set()
    unknown: set[str] = set()
    for group, name in pairs.itertuples(index=False):
        mine = found.setdefault(group, [])
        code = read[name].code if name in read else None
        within = [name] if name in labels else [codes[each] for each in of_union.get(str(code), [code]) if each in codes]
        (unknown if code is None and not within else lacking if not within else set()).add(name)
        mine += [label for label in within if label not in mine]
    said = [f"{origin}: {len(found)} groups of countries; {len(lacking)} of their members are not in the economy."]
    if unknown:
        names = sorted(unknown)
        said.append(f"{origin}: {len(names)} members of which nothing is known, left out: {some(names)}.{hint(names[0], countries)}")
    return Programmes(found, tuple(said))


def _workbook(path: Path) -> pd.DataFrame:
    """The first sheet as text, headings in its first row."""
    _, cells = sheet(path)
    text = [
        ["" if cell is None else str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell) for cell in row]
        for row in cells
    ]
    if not text:
        raise DataError(f"{path}: an empty sheet.")
    return pd.DataFrame(text[1:], columns=text[0])
