"""Classifications of sectors (ISIC, ICIO, WIOD, GTAP) as divisions of ISIC, and the concordance between any two of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from functools import cache

import pandas as pd

from cge.data import bundled
from cge.errors import DataError, nearest

BARE = ("isic3", "isic4")
"""Classifications whose codes are bare numbers, which mean one thing in one revision and another in the next: they are never guessed from a code."""


@cache
def divisions() -> dict[str, dict[str, frozenset[str]]]:
    """By classification and code, the divisions of ISIC revision 4 that the code covers (24 and 30 are told apart by metal and by ships).

    Classifications of revision 3 go through the divisions of revision 3, each with the divisions of revision 4 that took its main parts.
    """
    table = pd.read_csv(bundled.find("calibration", "classifications"), dtype=str, keep_default_na=False)
    rows = [(str(name), str(code), str(revision), str(own).split()) for name, code, revision, own in table.itertuples(index=False)]
    older = {code: own for name, code, _, own in rows if name == "isic3"}
    found: dict[str, dict[str, frozenset[str]]] = {}
    for name, code, revision, own in rows:
        covered = own if revision == "4" else [new for old in own for new in older[old]]
        found.setdefault(name, {})[code] = frozenset(covered)
    return found


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
    """Divisions of those sectors of an economy that are codes of some classification but the bare numbers of ISIC."""
    every = divisions()
    known = {code: own for name, codes in every.items() if name not in BARE for code, own in codes.items()}
    return {sector: known[sector] for sector in sectors if sector in known}


def division(code: str, revision: str) -> frozenset[str]:
    """Divisions of revision 4 of a class of ISIC (four digits) of revision 3 or 4; none where it has none.

    24 and 30 are told apart by metal and by ships: castings go with their metal.
    """
    if revision == "3":
        return divisions()["isic3"].get(code[:2], frozenset())
    parts = {"241": "241", "242": "242", "2431": "241", "2432": "242", "301": "301"}
    found = parts.get(code) or parts.get(code[:3]) or ("302" if code[:2] == "30" and len(code) > 2 else "")
    return frozenset({found}) if found else divisions()["isic4"].get(code[:2], frozenset())


def sharing(code: str, target: str, among: Iterable[str]) -> list[str]:
    """Codes of a classification, among those given, that share a division with a code of any classification but the bare numbers of ISIC."""
    every = divisions()
    mine = next((codes[code] for name, codes in every.items() if name not in BARE and code in codes), None)
    if mine is None or target not in every:
        return []
    return [str(other) for other in among if mine & every[target].get(str(other), frozenset())]
