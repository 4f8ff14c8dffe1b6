"""Countries in a table of rates that an economy does not know as they stand: read by the table of all codes and names, and said."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from cge.data.countries import WORLD, Reading, by_code, country_names, hint, reading, readings
from cge.data.named import arrows, counted
from cge.data.tariffs.items import Entry, Items


@dataclass(frozen=True)
class Found:
    """What unknown labels of a column were read as.

    Attributes:
        entries: by label, of those that are read; account, faults: sentences, or what follows the name of the column in one.
            strange: labels of which nothing is known.
    """

    entries: Mapping[str, Entry | None]
    account: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    strange: tuple[str, ...] = ()


def read_countries(names: list[str], unknown: pd.Series[int], items: Items) -> Found:
    """What labels of countries are, the world and customs unions among them.

    Args:
        names: all labels of the column, which say whether two letters are a country. unknown: how many rows have each that no label is.

    Returns:
        Entries of those that the economy has. A fault where one that is not read can only mean a country of the economy.
    """
    own = by_code(dict.fromkeys([*items.listed, *items.labels]))
    read = readings(names)
    entries = {name: entry for name in unknown.index if name in read and (entry := _entry(name, read[name], own, items)) is not None}
    rest = [name for name in unknown.index if name not in read]
    meant = {name: label for name in rest if (label := _meant(name, own, items)) is not None}
    if meant:
        listed = "; ".join(f"{name} is {label}" for name, label in meant.items())
        return Found({}, (), (f"{listed}. Write these labels, or list them in a concordance (dim country).",))
    by_scheme: dict[str, dict[str, str]] = {}
    for name in entries:
        by_scheme.setdefault(read[name].scheme, {})[name] = _label(read[name], own, items)
    said = [f"read as {scheme}: {arrows(to)}." for scheme, to in by_scheme.items()]
    lacking = unknown[[name for name in unknown.index if name in read and name not in entries]]
    said += [f"that the economy lacks, left out: {counted(lacking)}."] if len(lacking) else []
    said += [f"of which nothing is known, left out: {counted(unknown[rest])}.{hint(rest[0], items.labels)}"] if rest else []
    return Found(entries, tuple(said), strange=tuple(rest))


def _entry(name: str, read: Reading, own: Mapping[str, str], items: Items) -> Entry | None:
    if read.code == WORLD:
        return items.everything(name)
    if read.code in own:
        return items.entry(own[read.code])
    return items.union(name, read.code) if items.unions.get(read.code) else None


def _label(read: Reading, own: Mapping[str, str], items: Items) -> str:
    if read.code == WORLD:
        return "all (*)"
    return own[read.code] if read.code in own else f"{read.code} ({len(items.unions[read.code])} members in the economy)"


def _meant(name: str, own: Mapping[str, str], items: Items) -> str | None:
    """The label of the economy that a label is most likely, in words; None where it is no country of the economy."""
    same = [label for label in items.labels if label.lower() == name.lower()]
    if len(same) == 1:
        return same[0]
    found = reading(name)
    return (
        None
        if found is None or found.code not in own
        else f"{own[found.code]} ({country_names().get(found.code, found.code)}; {found.scheme})"
    )
