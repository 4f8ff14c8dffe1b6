"""Concordances: which label becomes which, read from csv or from the groups that come with the package, and checked against the labels they meet."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from cge.data import bundled
from cge.data.countries import by_code, hint, reading
from cge.data.csv import read_csv
from cge.data.labels import RESERVED
from cge.errors import DataError, nearest

HEADER = ("dim", "from", "to")
"""Columns of a concordance; further ones are optional: `name` (what a new sector is called in words), `weight` (of products in averages)."""

DIMENSIONS = ("country", "sector")


@dataclass(frozen=True, eq=False)
class Concordance:
    """Rows `dim, from, to, name`, all text.

    Attributes:
        rows: the table; origin: file or name, for messages; general: it covers whole classifications (a bundled one), so that labels which the
            economy lacks are passed over.
    """

    rows: pd.DataFrame
    origin: str = "concordance"
    general: bool = False


def group_names() -> list[str]:
    """Names of the groups that come with the package (`EU27`, `sections`)."""
    return [name.removeprefix("groups/") for name in bundled.names("calibration") if name.startswith("groups/")]


def read_concordance(given: str | os.PathLike[str]) -> Concordance:
    """A concordance in a csv file, or a bundled one by its name.

    Raises:
        DataError: neither a file nor a name; not csv; a column is missing.
    """
    path, known = Path(given), group_names()
    if path.is_file():
        return Concordance(read_csv(path, HEADER), str(given))
    if str(given) in known:
        return Concordance(read_csv(bundled.find("calibration", f"groups/{given}"), HEADER), str(given), general=True)
    siblings = [p.name for p in path.parent.glob("*.csv")] if path.parent.is_dir() else []
    raise DataError(
        f"concordance: no file {given}, and no groups of this name come with the package.{nearest(path.name, [*known, *siblings])}"
    )


def bundled_groups(labels: Mapping[str, list[str]]) -> dict[str, dict[str, list[str]]]:
    """The groups that come with the package, by dim and name, with those of their members that are among `labels` (of `country` and `sector`).

    Countries are found whatever codes or names the labels are (`cge.data.countries`).
    """
    found: dict[str, dict[str, list[str]]] = {dim: {} for dim in DIMENSIONS}
    own = _own(labels)
    for dim, label, group in bundled_members():
        at = own[dim].get(label)
        if at is not None and at not in found[dim].setdefault(group, []):
            found[dim][group].append(at)
    return {dim: {group: members for group, members in groups.items() if members} for dim, groups in found.items()}


def _own(labels: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
    """The label of an economy that each label of the bundled groups is, by dim."""
    codes = by_code(labels["country"])
    members = {label for dim, label, _ in bundled_members() if dim == "country"}
    read = {label: codes.get(each.code) for label in members if (each := reading(label)) is not None}
    same = {dim: {label: label for label in labels[dim]} for dim in DIMENSIONS}
    return same | {"country": {label: at for label, at in read.items() if at is not None} | same["country"]}


@cache
def bundled_members() -> tuple[tuple[str, str, str], ...]:
    """Dim, label and group of every member of the groups that come with the package."""
    rows = [read_concordance(name).rows for name in group_names()]
    return tuple((dim, label, group) for part in rows for dim, label, group in zip(part["dim"], part["from"], part["to"], strict=True))


def as_concordance(given: Concordance | pd.DataFrame | str | os.PathLike[str]) -> Concordance:
    """A concordance from whatever a caller has: one, its table, a file or the name of bundled groups."""
    if isinstance(given, Concordance):
        return given
    if not isinstance(given, pd.DataFrame):
        return read_concordance(given)
    absent = [column for column in HEADER if column not in given]
    if absent:
        raise DataError(f"concordance: no column {', '.join(absent)}; the columns are {', '.join(HEADER)}.")
    return Concordance(given.astype(str).reset_index(drop=True))


def new_labels(concordance: Concordance, labels: Mapping[str, list[str]]) -> dict[str, dict[str, str]]:
    """The new label of every label, by dim, in the order of `labels`; labels that are not listed stay.

    Args:
        concordance: rows; labels: of the dims `country` and `sector`.

    Raises:
        DataError: with every fault: no rows, unknown dims and labels, empty entries, a `from` twice.
    """
    rows = concordance.rows
    if concordance.general:
        own = _own(labels)
        found_in = [own[dim].get(label, "") for dim, label in zip(rows["dim"], rows["from"], strict=True)]
        rows = rows.assign(**{"from": found_in}).loc[[at != "" for at in found_in]].drop_duplicates(["dim", "from"])
    faults = list(_row_faults(rows, labels)) if len(rows) else [_nothing(concordance)]
    if faults:
        raise DataError(f"{concordance.origin}: {fault}" for fault in faults)
    found: dict[str, dict[str, str]] = {}
    for dim in DIMENSIONS:
        listed = rows[rows["dim"] == dim]
        to = dict(zip(listed["from"], listed["to"], strict=True))
        found[dim] = {label: to.get(label, label) for label in labels[dim]}
    return found


def sector_names(concordance: Concordance) -> dict[str, str]:
    """What new sectors are called in words, where the concordance says so."""
    rows = concordance.rows
    if "name" not in rows:
        return {}
    named = rows[(rows["dim"] == "sector") & (rows["name"] != "")]
    return dict(zip(named["to"], named["name"], strict=True))


def _nothing(concordance: Concordance) -> str:
    if concordance.general:
        return "no label of the economy stands in these groups; write a concordance of your own (dim,from,to)."
    return "holds no rows; a concordance lists dim,from,to, and labels that are not listed stay."


def _row_faults(rows: pd.DataFrame, labels: Mapping[str, list[str]]) -> Iterable[str]:
    seen: dict[tuple[str, str], int] = {}
    for place, (dim, old, new) in enumerate(zip(rows["dim"], rows["from"], rows["to"], strict=True)):
        where = f"row {place + 2}"
        if dim not in DIMENSIONS:
            yield f"{where}: dim {dim or '(empty)'} is not one of {', '.join(DIMENSIONS)}.{nearest(dim, DIMENSIONS)}"
            continue
        if old not in labels[dim]:
            other = next((d for d in DIMENSIONS if d != dim and old in labels[d]), None)
            near = hint(old, labels[dim]) if dim == "country" else nearest(old, labels[dim])
            yield f"{where}: no {dim} {old or '(empty)'}.{f' It is a {other}: write dim {other}.' if other else near}"
        if not new:
            yield f"{where}: {dim} {old} goes nowhere (to is empty); to leave a {dim} as it is, leave the row out."
        if dim == "country" and new == RESERVED:
            yield f"{where}: outputs give the name {RESERVED} to the sum of all countries; choose another one."
        if (dim, old) in seen:
            yield f"{where}: {dim} {old} stands in row {seen[dim, old]} already; each label goes to one other."
        seen.setdefault((dim, old), place + 2)
