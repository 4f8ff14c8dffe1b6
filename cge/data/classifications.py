"""Classifications of sectors (ISIC, ICIO, WIOD, GTAP) as divisions of ISIC, and the concordance between any two of them."""

from __future__ import annotations

from collections.abc import Iterable
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
    """Columns `from, to`: every code of one classification with the codes of another that share a division with it.

    A row does not say how much is shared: `gtap` pdr (rice) and all of `icio` A01 share division 01.

    Raises:
        DataError: no such classification.
    """
    every = divisions()
    for name in (source, target):
        if name not in every:
            raise DataError(f"classification: no {name}; known are {', '.join(every)}.{nearest(name, every)}")
    rows = [(old, new) for old, mine in every[source].items() for new, theirs in every[target].items() if mine & theirs]
    return pd.DataFrame(rows, columns=["from", "to"])


def sharing(code: str, target: str, among: Iterable[str]) -> list[str]:
    """Codes of a classification, among those given, that share a division with a code of any classification but the bare numbers of ISIC."""
    every = divisions()
    mine = next((codes[code] for name, codes in every.items() if name not in BARE and code in codes), None)
    if mine is None or target not in every:
        return []
    return [str(other) for other in among if mine & every[target].get(str(other), frozenset())]
