"""Classifications of sectors as divisions of ISIC, and the concordance between any two of them (ICIO, FIGARO, WIOD, GTAP, EXIOBASE 3, Eora26, …)."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache

import pandas as pd

from cge.data import bundled
from cge.errors import DataError, nearest

BARE = ("isic3", "isic4")
"""Classifications whose codes are bare numbers, which mean one thing in one revision and another in the next: they are never guessed from a code."""


WORDS = ("eora26", "gloria")
"""Classifications whose codes are words, of which many are those of anyone."""

OTHER = "_other"
"""Behind the name of a classification: codes of other editions that are several of its own merged, so that none of its divisions is told twice."""


@cache
def _rows() -> list[dict[str, str]]:
    """Rows of the bundled table: `classification, code, revision, divisions, name`."""
    with bundled.find("calibration", "classifications").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def divisions() -> dict[str, dict[str, frozenset[str]]]:
    """By classification and code, the divisions of ISIC revision 4 that the code covers (24 and 30 are told apart by metal and by ships).

    Classifications of revision 3 go through the divisions of revision 3, each with the divisions of revision 4 that took its main parts.
    """
    older = {row["code"]: row["divisions"].split() for row in _rows() if row["classification"] == "isic3"}
    found: dict[str, dict[str, frozenset[str]]] = {}
    for row in _rows():
        own = row["divisions"].split()
        covered = own if row["revision"] == "4" else [new for old in own for new in older[old]]
        found.setdefault(row["classification"], {})[row["code"]] = frozenset(covered)
    return found


@cache
def _names() -> dict[str, dict[str, str]]:
    """By classification, codes by the names that tables have as labels, by their letters alone: of codes with names, and of those that are names
    themselves (`Growing cereals n.e.c` or `n.e.c.`)."""
    found: dict[str, dict[str, str]] = {}
    for row in _rows():
        own = found.setdefault(row["classification"], {})
        if row["name"] or " " in row["code"]:
            own[_letters(row["name"] or row["code"])] = row["code"]
    return found


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def concordance(source: str, target: str) -> pd.DataFrame:
    """Columns `from, to, weight, how`: every code of one classification with the codes of another that share a division with it.

    Divisions of a code count the same, and one that several codes of the other have is shared equally between them; `weight` is the part of the code
    that goes to each. `how`: `exact`, all of it lies in one code; `spread`, it is shared among several; `part`, some of its divisions lie in none.

    Raises:
        DataError: no such classification.
    """
    every = divisions()
    for name in (source, target):
        if name not in every:
            raise DataError(f"classification: no {name}; known are {', '.join(every)}.{nearest(name, every)}")
    return between(every[source], every[target])


def between(source: Mapping[str, frozenset[str]], target: Mapping[str, frozenset[str]]) -> pd.DataFrame:
    """As `concordance`, of codes with their divisions."""
    rows: list[tuple[str, str, float, str]] = []
    for old, mine in source.items():
        shares = shared(mine, target)
        how = "part" if sum(shares.values()) < 1 - 1e-9 else "exact" if len(shares) == 1 else "spread"
        rows += [(old, new, share, how) for new, share in shares.items()]
    return pd.DataFrame(rows, columns=["from", "to", "weight", "how"])


def shared(mine: Iterable[str], target: Mapping[str, frozenset[str]]) -> dict[str, float]:
    """Parts of some divisions that go to the codes of a classification: each counts the same, and one of several codes is shared equally."""
    own, found = sorted(mine), dict[str, Fraction]()
    for each in own:
        there = [new for new, theirs in target.items() if each in theirs]
        for new in there:
            found[new] = found.get(new, Fraction(0)) + Fraction(1, len(own) * len(there))
    return {new: float(found[new]) for new in target if new in found}


def of_sectors(sectors: Iterable[str]) -> dict[str, frozenset[str]]:
    """Divisions of those sectors of an economy that are codes or names of some classification but the bare numbers of ISIC.

    Of the one that has most of them, and of others where that lacks one: Agriculture is without fishing in Eora, and with it elsewhere. Bare numbers
    (16 in the ICIO of 2018) are read beside other codes of the same table alone, and words where at least half of the sectors are of their table:
    what is called Transport may be vehicles elsewhere.
    """
    labels, every = list(sectors), divisions()
    read = {name: _of_table(name, labels) for name in every if name not in BARE}
    found: dict[str, frozenset[str]] = {}
    for name in sorted(read, key=lambda name: len(read[name])):
        found |= {label: every[name][code] for label, code in read[name].items()}
    return {label: found[label] for label in labels if label in found}


def _of_table(name: str, labels: list[str]) -> dict[str, str]:
    """The code in a classification of each label that is one of its codes, or its name where the others are, too."""
    codes, names = divisions()[name], _names()[name]
    meant = {label: code for label in labels if (code := label if label in codes else names.get(_letters(label)))}
    sure = {label: code for label, code in meant.items() if label in codes and name not in WORDS}
    found = meant if 2 * len(meant) >= len(labels) else sure
    return {} if all(label.isdigit() for label in found) else found


def division(code: str, revision: str) -> frozenset[str]:
    """Divisions of revision 4 of a class of ISIC (four digits) of revision 3 or 4; none where it has none.

    24 and 30 are told apart by metal and by ships: castings go with their metal.
    """
    if revision == "3":
        return divisions()["isic3"].get(code[:2], frozenset())
    parts = {"241": "241", "242": "242", "2431": "241", "2432": "242", "301": "301"}
    found = parts.get(code) or parts.get(code[:3]) or ("302" if code[:2] == "30" and len(code) > 2 else "")
    return frozenset({found}) if found else divisions()["isic4"].get(code[:2], frozenset())


def sharing(mine: frozenset[str], target: str, among: Iterable[str]) -> list[str]:
    """Codes of a classification or of its other editions, among those given, that share one of some divisions."""
    own = divisions().get(target, {}) | divisions().get(f"{target}{OTHER}", {})
    return [str(other) for other in among if mine & own.get(str(other), frozenset())]
