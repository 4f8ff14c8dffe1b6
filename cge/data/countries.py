"""Countries by every code and name that publishers give them, in one table: which country, region or union a label is.

ISO 3166-1 (`data/geography/iso3166.csv`) and what else is in use (`other_codes.csv`: former codes, numbers of Comtrade, names of statistical
offices, codes of single publishers, their regions and unions). A label is known by its code: alpha-3, or the package's word for a region (`ROW`) or
a union (`EU`).
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from cge.data import bundled
from cge.errors import nearest

ALPHA3, ALPHA2, NUMBER, NAME = "ISO alpha-3 codes", "ISO alpha-2 codes", "UN numbers", "names of countries"

WORLD = "*"
"""Code of the world."""


@dataclass(frozen=True)
class Reading:
    """What a label is.

    Attributes:
        code: alpha-3 of a country, the package's word for a region or a union, or `WORLD`; scheme: where it is written so.
    """

    code: str
    scheme: str


def _rows(name: str) -> list[dict[str, str]]:
    with (bundled.folder("data") / "geography" / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def iso3166() -> list[dict[str, str]]:
    """Rows of the bundled table: `numeric, alpha3, alpha2, name`."""
    return _rows("iso3166")


@cache
def other_codes() -> list[dict[str, str]]:
    """Rows of the bundled table of what is not in ISO 3166-1: `kind, code, alpha3, source`."""
    return _rows("other_codes")


@cache
def country_names() -> dict[str, str]:
    """Common English name by alpha-3 code."""
    return {row["alpha3"]: row["name"] for row in iso3166()}


@cache
def _schemes() -> dict[str, dict[str, str]]:
    """For each scheme of ISO 3166-1, with the further numbers and names, the alpha-3 code by what stands there (`_written`)."""
    other = {kind: {row["code"]: row["alpha3"] for row in other_codes() if row["kind"] == kind} for kind in ("number", "name")}
    own = {key: {row[key]: row["alpha3"] for row in iso3166() if row[key]} for key in ("alpha3", "alpha2", "numeric", "name")}
    names = {_plain(name): code for name, code in (own["name"] | other["name"]).items()}
    letters = {code: found for code, found in own["alpha2"].items() if code not in _others()}
    return {ALPHA3: own["alpha3"], ALPHA2: letters, NUMBER: own["numeric"] | other["number"], NAME: names}


@cache
def _others() -> dict[str, Reading]:
    """Readings of codes in no scheme of their own: former ones, those of single publishers, regions, unions, the world."""
    found = (row for row in other_codes() if row["kind"] in ("code", "region", "group"))
    return {row["code"].upper(): Reading(row["alpha3"], f"codes of {row['source']}") for row in found}


def _plain(name: str) -> str:
    """A name in small letters without accents, signs, blanks and the article, so that Cote d'Ivoire is Côte d’Ivoire."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("&", " and ")
    return "".join(word for word in re.split(r"[^a-z]+", letters) if word != "the")


def _written(label: str, scheme: str) -> str:
    """A label as it stands in a scheme: in capitals or not, numbers with or without their leading zeros."""
    return _plain(label) if scheme == NAME else label.zfill(3) if scheme == NUMBER and label.isdigit() else label.upper()


def reading(label: str, among: Iterable[str] | None = None) -> Reading | None:
    """What a label is, in one of the schemes `among` (None: any) or by a code that is in none of them; None where nothing is known of it."""
    schemes = _schemes()
    for scheme in schemes if among is None else among:
        code = schemes[scheme].get(_written(label, scheme))
        if code is not None:
            return Reading(code, scheme)
    return _others().get(label.zfill(3) if label.isdigit() else label.upper())


def readings(labels: Iterable[str]) -> dict[str, Reading]:
    """What each of the labels of one column or economy is; those of which nothing is known are left out.

    Two letters are a country only where labels of two letters are the rule: beside USA and DEU, NA is more likely North America than Namibia.
    """
    every = list(labels)
    main = max(_schemes(), key=lambda scheme: sum(_written(label, scheme) in _schemes()[scheme] for label in every))
    among = [main, *(scheme for scheme in (ALPHA3, NUMBER, NAME) if scheme != main)]
    return {label: found for label in every if (found := reading(label, among)) is not None}


def by_code(labels: Iterable[str]) -> dict[str, str]:
    """The labels of an economy by code; codes that two of them bear are left out."""
    found = {label: each.code for label, each in readings(labels).items()}
    codes = list(found.values())
    return {code: label for label, code in found.items() if codes.count(code) == 1}


def hint(label: str, known: Iterable[str]) -> str:
    """The end of a sentence on a label that is none of the known countries: which of them it is in the table, or the nearest in spelling."""
    names = list(known)
    found = reading(label)
    own = by_code(names).get(found.code) if found else None
    spelt = own is None or own.lower() == label.lower()
    return nearest(label, names) if found is None or spelt else f" {label} is {own} ({found.scheme})."


@cache
def _unions() -> Mapping[str, tuple[tuple[str, int, int], ...]]:
    """Country, first and last year, of every member of every customs union of the bundled table."""
    found: dict[str, list[tuple[str, int, int]]] = {}
    for row in _rows("unions"):
        found.setdefault(row["union"], []).append((row["alpha3"], int(row["since"] or 0), int(row["until"] or 9999)))
    return {union: tuple(members) for union, members in found.items()}


def unions(year: int | None) -> dict[str, list[str]]:
    """Alpha-3 codes of the members of each customs union in a year (None: of those still in it); fixed memberships are those of every year."""
    at = 9998 if year is None else year
    return {union: [code for code, since, until in members if since <= at <= until] for union, members in _unions().items()}
