"""Labels of a table of rates that an economy does not know as they stand: read where the whole column is written in one scheme, else a fault."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.countries import by_code, nearest_reading, read, scheme_of
from cge.data.geography import country_names
from cge.data.tariffs.items import ONE, Entry, Items, Positions
from cge.errors import nearest

SHOWN = 12
"""Labels that a sentence names."""


@dataclass(frozen=True, eq=False)
class Read:
    """A label column.

    Attributes:
        entries: what its distinct entries name; code [row]: position of the entry of a row. account, faults: sentences.
    """

    entries: list[Entry]
    code: Positions
    account: tuple[str, ...]
    faults: tuple[str, ...]


def read_column(column: pd.Series[str], items: Items, packaged: Iterable[str] = ()) -> Read:
    """What the entries of a label column name.

    Labels that are unknown as they stand are read (US as USA, 10129 as 010129) where every label of the column is written in one scheme; where only
    some of them can be read, nothing is, and the fault says how each of them would be.

    Args:
        column: entries as text, named `importer`, `exporter` or `sector`. items: what they can name.
        packaged: names of groups that come with the package.
    """
    code, found = pd.factorize(column)
    names = [str(name) for name in found]
    kind = str(column.name)
    known = [items.entry(name) for name in names]
    unknown = [name for name, entry in zip(names, known, strict=True) if entry is None]
    if not unknown:
        return Read([entry for entry in known if entry is not None], np.asarray(code), tuple(_groups(kind, known, packaged)), ())
    plain = [name for name, entry in zip(names, known, strict=True) if entry is None or entry.kind == ONE]
    count = pd.Series(np.bincount(code, minlength=len(names)), index=names)
    to, scheme, faults = _countries(plain, unknown, items) if items.merged else _products(count[unknown], items)
    if faults:
        return Read([], np.asarray(code), (), tuple(f"{kind}: {fault}" for fault in faults))
    said = [f"{kind.capitalize()}s read as {scheme}: {_some(f'{name} → {label}' for name, label in to.items())}."] if to else []
    lost = count[[name for name in unknown if name not in to]]
    if len(lost):
        said.append(f"{kind.capitalize()}s that the economy lacks, left out: {_counted(lost)}.")
    none = np.empty(0, dtype=np.intp)
    entries = [entry or items.entry(to.get(name, "")) or Entry(name, none, ONE) for name, entry in zip(names, known, strict=True)]
    return Read(entries, np.asarray(code), (*said, *_groups(kind, entries, packaged)), ())


def _groups(kind: str, entries: Sequence[Entry | None], packaged: Iterable[str]) -> list[str]:
    """Which entries are groups that come with the package, since no one wrote down what is in them."""
    own = set(packaged)
    named = [f"{entry.name} ({len(entry.whole)})" for entry in entries if entry is not None and entry.kind != ONE and entry.name in own]
    return [f"{kind.capitalize()}s that are groups of the package: {_some(named)}."] if named else []


def _countries(plain: list[str], unknown: list[str], items: Items) -> tuple[dict[str, str], str, list[str]]:
    """Readings of unknown countries in the scheme of the whole column, and the scheme; else faults where some of them can be read in any."""
    own = by_code(items.labels)
    scheme = scheme_of(plain)
    if scheme is not None:
        codes = {name: str(read(name, scheme)) for name in unknown}
        return {name: own[code] for name, code in codes.items() if code in own}, scheme, []
    found = {name: reading for name in unknown if (reading := _nearest(name, own, items))}
    if not found:
        return {}, "", []
    rest = [name for name in unknown if name not in found]
    more = f" Of {_some(rest)} nothing is known." if rest else ""
    remedy = (
        "Nothing is read where a column is not of one scheme: write labels of the economy, or list them in a concordance (dim country)."
    )
    return {}, "", [f"{_some(found.values())}. {remedy}{more}"]


def _nearest(name: str, own: dict[str, str], items: Items) -> str | None:
    """What a label is most likely, in words; None where it is no country of the economy."""
    same = [label for label in items.labels if label.lower() == name.lower()]
    if len(same) == 1:
        return f"{name} is {same[0]}"
    reading = nearest_reading(name)
    if reading is None:
        return None
    code, source = reading
    if code == "*":
        return f"{name} is the world ({source}): write *"
    if code in items.groups:
        return f"{name} is a union ({source}): write {code}, or its members of that year"
    return f"{name} is {own[code]} ({country_names()[code]}; {source})" if code in own else None


def _products(count: pd.Series[int], items: Items) -> tuple[dict[str, str], str, list[str]]:
    """Readings of unknown products, `count` rows each: numbers that lost their leading zeros, other capitals; else the fault that names them."""
    unknown = [str(name) for name in count.index]
    known = [*dict.fromkeys([*items.listed, *items.labels])]
    schemes: tuple[tuple[str, Callable[[str], str]], ...] = (
        ("codes without their leading zeros", lambda name: name.lstrip("0") if name.isdigit() else name),
        ("labels in other capitals", str.lower),
    )
    nearest_ones: dict[str, str] = {}
    for scheme, form in schemes:
        of_form: dict[str, list[str]] = {}
        for label in known:
            of_form.setdefault(form(label), []).append(label)
        to = {name: of_form[form(name)][0] for name in unknown if len(of_form.get(form(name), ())) == 1}
        headings = {name: f"0{name}" for name in unknown if name not in to and name.isdigit() and items.entry(f"0{name}") is not None}
        to |= headings if scheme == schemes[0][0] else {}
        if len(to) == len(unknown):
            return to, scheme, []
        nearest_ones |= to
    return {}, "", [_unknown_products(count, nearest_ones, items)]


def _unknown_products(unknown: pd.Series[int], near: dict[str, str], items: Items) -> str:
    said = f" {_some(f'{name} is {label}' for name, label in near.items())}." if near else ""
    if items.listed:
        remedy = "Add rows; an empty `to` leaves a product out on purpose."
        return f"{len(unknown)} products stand nowhere in the concordance: {_counted(unknown)}.{said} {remedy}"
    hint = said or nearest(str(unknown.index[0]), items.labels)
    return f"{len(unknown)} sectors are not of the economy: {_counted(unknown)}.{hint} Products need a concordance (from,to[,weight])."


def _counted(rows: pd.Series[int]) -> str:
    """Names with how many rows have them, those of most first."""
    return _some(f"{name or '(empty)'} ({many} rows)" for name, many in rows.sort_values(ascending=False, kind="stable").items())


def _some(names: Iterable[str]) -> str:
    every = [name or "(empty)" for name in names]
    return ", ".join(every[:SHOWN]) + (f" and {len(every) - SHOWN} more" if len(every) > SHOWN else "")
