"""What publishers call final uses: one table of codes, and a few words, for every reader.

WIOD, release of 2013 (c37 to c42, of which c42 holds inventories and valuables) and of 2016 (CONS_h to INVEN): headings of the published sheets.
OECD ICIO, editions of 2016 to 2025, which pymrio's `parse_oecd` passes on as they are: HFCE (HC), NPISH (NPS), GGFC, GFCF, INVNT (INV), purchases
abroad (DIRP, P33, DPABR) and by non-residents (NONRES), and the column DISC of discrepancies. Eurostat, so FIGARO: codes of the European System
of Accounts (ESA 2010, chapter 3, transactions in products), P3 by sector S13 to S15, P51G, and P52 and P53 apart or together as P5M. Eora26 and
GLORIA write words with such a code ("Changes in inventories P.52"), EXIOBASE and the full names of WIOD 2013 words alone. ADB: F1 to F5.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Literal

Kind = Literal["households", "npish", "government", "fixed_capital", "inventories", "valuables", "abroad", "all", "discrepancy"]

CODES: dict[str, dict[str, Kind]] = {
    "WIOD 2013": {"c37": "households", "c38": "npish", "c39": "government", "c41": "fixed_capital", "c42": "inventories"},
    "WIOD 2016": {
        "CONS_h": "households", "CONS_np": "npish", "CONS_g": "government", "GFCF": "fixed_capital", "INVEN": "inventories",
    },
    "ICIO": {
        "HFCE": "households", "HC": "households", "NPISH": "npish", "NPS": "npish", "GGFC": "government", "GFCF": "fixed_capital",
        "INVNT": "inventories", "INV": "inventories", "DPABR": "abroad", "DIRP": "abroad", "P33": "abroad", "NONRES": "abroad",
        "FD": "all", "DISC": "discrepancy",
    },
    "ESA 2010": {
        "P3_S14": "households", "P3_S15": "npish", "P3_S13": "government", "P51": "fixed_capital", "P51G": "fixed_capital",
        "P52": "inventories", "P53": "valuables", "P5M": "inventories",
    },
    "ADB MRIO": {"F1": "households", "F2": "npish", "F3": "government", "F4": "fixed_capital", "F5": "inventories"},
}  # fmt: skip
"""Codes of final uses by publisher, in the order of the published columns."""

WORDS: dict[Kind, tuple[str, ...]] = {
    "inventories": ("inventor", "stock"),
    "fixed_capital": ("fixed capital",),
    "valuables": ("valuables", "acquisition"),
    "discrepancy": ("discrepanc",),
}
"""Beginnings of words that tell a use where its name is no code (livestock is no stock); the first kind that is found counts."""

SIGNED: tuple[Kind, ...] = ("fixed_capital", "valuables", "abroad")
"""Kinds besides inventories of which a cell may be negative: disposals of assets, purchases by non-residents."""


def _plain(use: str) -> str:
    """A code without what spellings differ in: capitals, dots, blanks, underscores."""
    return re.sub(r"[^A-Z0-9]", "", use.upper())


KNOWN = {_plain(code): kind for codes in CODES.values() for code, kind in codes.items()}


def kind(use: str) -> Kind | None:
    """What a final use is, by its code or by a word in its name; None where neither tells."""
    told = (what for what, words in WORDS.items() if re.search(rf"(?<![a-z])(?:{'|'.join(words)})", use.lower()))
    return KNOWN.get(_plain(use)) or next(told, None)


def of_kind(uses: Iterable[str], *kinds: Kind) -> tuple[str, ...]:
    """The uses that are of one of these kinds."""
    return tuple(use for use in uses if kind(use) in kinds)


def recognised(*kinds: Kind) -> str:
    """In words, what is read as a use of one of these kinds."""
    codes = dict.fromkeys(code for known in CODES.values() for code, what in known.items() if what in kinds)
    words = [f'"{word}"' for what in kinds for word in WORDS.get(what, ())]
    return f"{', '.join(codes)}, or a name with {' or '.join(words)}"
