"""Label columns of a table of rates: what their entries name, and how those that an economy does not know as they stand are read."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.named import arrows, counted, some
from cge.data.tariffs.columns import distinct
from cge.data.tariffs.items import ONE, Entry, Items, Positions
from cge.data.tariffs.partners import Found, read_countries
from cge.errors import nearest


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


def read_column(column: pd.Series, items: Items, packaged: Iterable[str] = ()) -> Read:
    """What the entries of a label column name.

    Countries that are unknown as they stand are read by the table of all codes and names (`cge.data.countries`), products where every unknown one of
    the column is written in one way (10129 as 010129); what is read is said. Where only some can be read, the fault says how each of them would be.

    Args:
        column: entries as text, named `importer`, `exporter` or `sector`. items: what they can name.
        packaged: names of groups that come with the package.
    """
    names, code = distinct(column)
    kind = str(column.name)
    known = [items.entry(name) for name in names]
    unknown = [name for name, entry in zip(names, known, strict=True) if entry is None]
    if not unknown:
        return Read([entry for entry in known if entry is not None], code, tuple(_groups(kind, known, packaged)), ())
    count = pd.Series(np.bincount(code, minlength=len(names)), index=names)
    found = read_countries(names, count[unknown], items) if items.merged else _products(count[unknown], items)
    if found.faults:
        return Read([], code, (), tuple(f"{kind}: {fault}" for fault in found.faults))
    said = [f"{kind.capitalize()}s {line}" for line in found.account]
    said += (
        [f"If {some(found.strange)} are groups that are given preferences, say who is in them (--members)."]
        if found.strange and kind == "exporter"
        else []
    )
    none = np.empty(0, dtype=np.intp)
    entries = [entry or found.entries.get(name) or Entry(name, none, ONE) for name, entry in zip(names, known, strict=True)]
    return Read(entries, code, (*said, *_groups(kind, entries, packaged)), ())


def _groups(kind: str, entries: Sequence[Entry | None], packaged: Iterable[str]) -> list[str]:
    """Which entries are groups that come with the package, since no one wrote down what is in them, and which are given preferences."""
    own = set(packaged)
    every = [entry for entry in entries if entry is not None]
    named = {
        "groups of the package": [entry for entry in every if entry.kind != ONE and not entry.programme and entry.name in own],
        "groups given preferences": [entry for entry in every if entry.programme],
    }
    return [
        f"{kind.capitalize()}s that are {words}: {some(f'{entry.name} ({len(entry.whole)})' for entry in found)}."
        for words, found in named.items()
        if found
    ]


def _products(count: pd.Series[int], items: Items) -> Found:
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
            return Found({name: items.entry(label) for name, label in to.items()}, (f"read as {scheme}: {arrows(to)}.",))
        nearest_ones |= to
    return Found({}, (), (_unknown_products(count, nearest_ones, items),))


def _unknown_products(unknown: pd.Series[int], near: dict[str, str], items: Items) -> str:
    said = f" {some(f'{name} is {label}' for name, label in near.items())}." if near else ""
    if items.listed:
        remedy = "Add rows; an empty `to` leaves a product out on purpose."
        return f"{len(unknown)} products stand nowhere in the concordance: {counted(unknown)}.{said} {remedy}"
    hint = said or nearest(str(unknown.index[0]), items.labels)
    return f"{len(unknown)} sectors are not of the economy: {counted(unknown)}.{hint} Products need a concordance (from,to[,weight])."
