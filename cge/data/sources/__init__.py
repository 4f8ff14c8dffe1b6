"""Economies from the tables that statistical offices and databases publish."""

from __future__ import annotations

import hashlib
import importlib
import os
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from cge.data.choices import Inventories, Source, Subsidies
from cge.data.economy import Economy
from cge.data.sources.economy import to_economy
from cge.data.sources.figures import as_published
from cge.data.sources.table import Table, Treatment, account
from cge.errors import DataError, nearest

__all__ = [
    "READERS",
    "Inventories",
    "Source",
    "Subsidies",
    "Table",
    "Treatment",
    "account",
    "import_economy",
    "summary",
    "to_economy",
    "told",
]


READERS = {
    "wiod2013": ("cge.data.sources.wiod", "read_wiod2013"),
    "wiod2016": ("cge.data.sources.wiod", "read_wiod2016"),
    "icio": ("cge.data.sources.icio", "read_icio"),
    "figaro": ("cge.data.sources.figaro", "read_figaro"),
    "adb": ("cge.data.sources.wiod", "read_adb"),
    "tidy": ("cge.data.sources.tidy", "read_tidy"),
    "mrio": ("cge.data.sources.mrio", "read_mrio"),
    "gtap": ("cge.data.sources.gtap", "read_gtap"),
}
"""Module and function that read each source into a `Table`; modules are imported where they are used."""


SCREEN = 22
"""Lines of faults that are shown at once."""


def import_economy(
    source: str,
    path: str | os.PathLike[str] | Any,
    *,
    year: int | None = None,
    inventories: Inventories = "refuse",
    subsidies: Subsidies = "refuse",
    strict: bool = False,
    report: Callable[[str], None] | None = None,
) -> Economy:
    """An economy from a published table, with the account of what had to be treated (`account(economy)`).

    Args:
        source: one of `READERS`. path: the published file; for `mrio` a folder that pymrio has saved, or its `IOSystem`.
        year: must be that of the table, and picks one where a file holds several.
        inventories: rule for negative changes in inventories: refuse, keep, drop, spread, zero.
        subsidies: rule for tariffs below zero: refuse, zero.
        strict: refuse a table that needs any treatment. report: told in words what is being done.

    Raises:
        DataError: with every fault, by row and column; nothing is made of a table with faults.
    """
    if source not in READERS:
        raise DataError(f"source: there is no source {source}.{nearest(source, READERS)}")
    if inventories not in get_args(Inventories):
        raise DataError(f"inventories: there is no rule {inventories}.{nearest(inventories, get_args(Inventories))}")
    if subsidies not in get_args(Subsidies):
        raise DataError(f"subsidies: there is no rule {subsidies}.{nearest(subsidies, get_args(Subsidies))}")
    say = report or (lambda words: None)
    module, function = READERS[source]
    given = Path(path) if isinstance(path, str | os.PathLike) else path
    say(f"Reading {given if isinstance(given, Path) else source}")
    try:
        table = getattr(importlib.import_module(module), function)(given, year)
        say(f"Treating and checking {len(table.countries)} countries, {len(table.sectors)} sectors")
        economy = to_economy(table, inventories, strict, str(given) if isinstance(given, Path) else source, subsidies)
    except DataError as error:
        raise DataError(_on_a_screen(error.faults, str(given))) from error
    if isinstance(given, Path) and given.is_file():
        economy.data.attrs["source_sha256"] = checksum(given)
    return economy


def _on_a_screen(faults: tuple[str, ...], origin: str) -> list[str]:
    """The first faults, of each kind some, and the number of the others."""
    rest = len(faults) - SCREEN
    return list(faults) if rest <= 0 else [*faults[:SCREEN], f"{origin}: and {rest} more lines of faults; mend these first."]


def told(economy: Economy) -> list[str]:
    """What reading and treating a published table came to, in sentences: what was merged, every treatment, and the table as published."""
    published, unit = as_published(economy), str(economy.data.attrs.get("unit", "money"))
    merged = str(economy.data.attrs.get("merged", ""))
    as_it_was = [f"As published: {published.sentence(unit)}"] if published else []
    return [*([merged] if merged else []), *map(str, account(economy)), *as_it_was]


def summary(economy: Economy, path: Path, out: Path) -> dict[str, object]:
    """What `cge import` says of an economy that it wrote, in plain Python types."""
    about = {key: economy.data.attrs.get(key) for key in ("title", "edition", "year", "unit", "inventories", "merged")}
    sizes = {"countries": len(economy.countries), "sectors": len(economy.sectors), "factors": economy.factors}
    treatments = [vars(entry) for entry in account(economy)]
    published = as_published(economy)
    inputs = {str(path): economy.data.attrs.get("source_sha256")}
    return {
        "outcome": "imported", "economy": str(out), **about, **sizes, "treatments": treatments,
        "published": asdict(published) if published else None, "inputs": inputs,
    }  # fmt: skip


def checksum(path: Path) -> str:
    """SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
