"""Countries by the codes and names that publishers give them: which country of an economy a label of a table is."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Collection, Iterable
from functools import cache

from cge.data import bundled
from cge.data.geography import iso3166

ALPHA3, ALPHA2, NUMBER, NAME = "ISO alpha-3 codes", "ISO alpha-2 codes", "UN numbers", "names of countries"


@cache
def other_codes() -> list[dict[str, str]]:
    """Rows of the bundled table of codes and names that are not those of ISO 3166-1: `kind, code, alpha3, source`."""
    with (bundled.folder("data") / "geography" / "other_codes.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def schemes() -> dict[str, dict[str, str]]:
    """For each scheme that a whole column may be written in, the alpha-3 code by what stands there (`written`)."""
    other = {kind: {row["code"]: row["alpha3"] for row in other_codes() if row["kind"] == kind} for kind in ("number", "name")}
    own = {key: {row[key]: row["alpha3"] for row in iso3166() if row[key]} for key in ("alpha3", "alpha2", "numeric", "name")}
    names = {plain(name): code for name, code in (own["name"] | other["name"]).items()}
    return {ALPHA3: own["alpha3"], ALPHA2: own["alpha2"], NUMBER: own["numeric"] | other["number"], NAME: names}


def plain(name: str) -> str:
    """A name in small letters without accents, signs, blanks and the article, so that Cote d'Ivoire is Côte d’Ivoire."""
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower().replace("&", " and ")
    return "".join(word for word in re.split(r"[^a-z]+", letters) if word != "the")


def read(label: str, scheme: str) -> str | None:
    """The alpha-3 code of a label in a scheme, in capitals or not, numbers with or without their leading zeros."""
    written = plain(label) if scheme == NAME else label.zfill(3) if scheme == NUMBER and label.isdigit() else label.upper()
    return schemes()[scheme].get(written)


def scheme_of(labels: Collection[str]) -> str | None:
    """The scheme in which every one of these labels is a country; None where there is none, or there are no labels."""
    return next((scheme for scheme in schemes() if labels and all(read(label, scheme) for label in labels)), None)


def by_code(labels: Iterable[str]) -> dict[str, str]:
    """The labels of an economy by alpha-3 code, in the one scheme that reads most of them; codes that two of them bear are left out."""
    every = list(labels)
    found = max(({label: code for label in every if (code := read(label, scheme))} for scheme in schemes()), key=len)
    codes = list(found.values())
    return {code: label for label, code in found.items() if codes.count(code) == 1}


@cache
def _loose() -> dict[str, tuple[str, str]]:
    """Alpha-3 code and source of codes in no scheme of their own: former ones, those of single publishers, unions (`group`)."""
    return {row["code"].upper(): (row["alpha3"], row["source"]) for row in other_codes() if row["kind"] in ("code", "group")}


def nearest_reading(label: str) -> tuple[str, str] | None:
    """The alpha-3 code of a label, and where it is read so; the code is `*` for the world, and the name of bundled groups for a union."""
    found = ((code, scheme) for scheme in schemes() if (code := read(label, scheme)))
    return next(found, None) or _loose().get(label.zfill(3) if label.isdigit() else label.upper())
