"""Correspondences of products and industries as they are published: from products of tariffs to the sectors of an economy, by divisions of ISIC.

Layouts: the product concordances of WITS (`HS 2007 Product Code`, …, `ISIC Revision 3 Product Code`, …; wits.worldbank.org, product concordance)
and the correspondence tables of the United Nations Statistics Division (`ISIC4code`, `partialISIC4` or `ISIC4part`, `ISIC31code`, `CPC21code`,
`HS12code`; also `Rev31`, `Rev3`), as public programs read them. Neither was tried on an original. A code that goes to several takes equal shares, or
those of a column `weight`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from cge.data import bundled
from cge.data.classifications import between, division, divisions, of_sectors, shared
from cge.data.csv import read_csv
from cge.data.economy import open_economy
from cge.data.named import some
from cge.errors import DataError, nearest

SCHEMES = (
    ("ISIC revision 4", 4, r"isic(revision|rev)?4(productcode|code)?|rev4(code)?"),
    ("ISIC revision 3.1", 4, r"isic(revision|rev)?31(productcode|code)?|rev31(code)?"),
    ("ISIC revision 3", 4, r"isic(revision|rev)?3(productcode|code)?|rev3(code)?"),
    ("CPC", 5, r"cpc(ver(sion)?)?\d*(productcode|code)?"),
    ("HS", 6, r"(hs(combined|198892|\d{2,4})?|h[0-6])(productcode|code)?"),
)
"""Classifications of published tables: words, digits of a code, and their headings in small letters without blanks and signs."""


@dataclass(frozen=True)
class Published:
    """Pairs of codes of two classifications, with shares that add up to one for each code of the first.

    Attributes:
        source, target: words of `SCHEMES`; links: columns `from, to, weight`.
    """

    source: str
    target: str
    links: pd.DataFrame


def published(path: Path) -> Published | None:
    """A correspondence in the layout of a publisher; None where its headings are of none."""
    table = read_csv(path, ())
    found = {scheme: column for column in table for scheme in [_scheme(str(column))] if scheme}
    if len(found) != 2 or {"from", "to"} <= {str(column) for column in table}:
        return None
    source, target = sorted(found, key=lambda scheme: -[each[0] for each in SCHEMES].index(scheme))
    digits = {scheme: width for scheme, width, _ in SCHEMES}
    old, new = ([_whole(code, digits[scheme]) for code in table[found[scheme]]] for scheme in (source, target))
    weight = pd.to_numeric(table["weight"], errors="coerce") if "weight" in table else pd.Series(1.0, index=table.index)
    empty = np.array([not (a and b) for a, b in zip(old, new, strict=True)], dtype=bool)
    bad = table.index[empty | ~(weight > 0).to_numpy()]
    if len(bad):
        raise DataError(f"{path}: row {bad[0] + 2}: no code of {source} and {target}, or no share above zero ({len(bad)} such rows).")
    return Published(source, target, _shares(pd.DataFrame({"from": old, "to": new, "weight": weight.astype(float)})))


def _scheme(heading: str) -> str | None:
    plain = re.sub(r"[\W_]", "", heading).lower()
    return next((scheme for scheme, _, pattern in SCHEMES if re.fullmatch(pattern, plain)), None)


def _whole(code: str, digits: int) -> str:
    """A code without points, and with the zero that a spreadsheet took from it."""
    bare = code.strip().strip('"').replace(".", "").replace(" ", "")
    return bare.zfill(digits) if bare.isdigit() and len(bare) == digits - 1 else bare


def _shares(links: pd.DataFrame) -> pd.DataFrame:
    merged = _summed(links)
    weight = merged["weight"] / merged.groupby("from")["weight"].transform("sum")
    return pd.DataFrame({"from": merged["from"], "to": merged["to"], "weight": weight})


def _summed(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(["from", "to"], sort=False)["weight"].sum().reset_index()


def to_sectors(tables: Sequence[Published], sectors: Sequence[str], origin: str) -> tuple[pd.DataFrame, list[str]]:
    """Columns `dim, from, to, weight`: products of the tables with the sectors of an economy, and in sentences what is exact and what is spread.

    Tables are chained where one ends in the codes with which another begins (HS to CPC, CPC to ISIC). Sectors are those that are codes or
    names of a published classification which covers the division of ISIC; a division of several of them, and an older one that is several of
    revision 4, is shared equally.

    Raises:
        DataError: no chain ends in ISIC; no sector of the economy is known by divisions.
    """
    on_the_way = {table.target for table in tables}
    first = [table for table in tables if not table.source.startswith("ISIC") and table.source not in on_the_way]
    links = [chain for table in first if (chain := _chained(table, tables)) is not None]
    if not links:
        named = " and ".join(f"{table.source} to {table.target}" for table in tables)
        raise DataError(f"{origin}: {named} do not lead from products to ISIC; add a table that does.")
    own = of_sectors(sectors)
    if not own:
        raise DataError(
            f"{origin}: none of the sectors {some(sectors)} is a code or name of a published classification; write from,to with your sectors."
        )
    parts = []
    for chain in links:
        classes = sorted(set(chain.links["to"]))
        revision = "3" if "3" in chain.target else "4"
        rows = [(code, sector, share) for code in classes for sector, share in shared(division(code, revision), own).items()]
        on = pd.DataFrame(rows, columns=["to", "sector", "share"])
        joined = chain.links.merge(on, on="to", how="left")
        whole = joined.assign(to=joined["sector"].fillna(""), weight=joined["weight"] * joined["share"].fillna(1.0))
        parts.append((chain, _summed(whole[["from", "to", "weight"]])))
    said = [line for chain, rows in parts for line in _account(chain, rows)]
    every = pd.concat([rows for _, rows in parts], ignore_index=True).drop_duplicates(["from", "to"])
    return every.assign(dim="sector")[["dim", "from", "to", "weight"]], said


def _chained(table: Published, tables: Iterable[Published]) -> Published | None:
    """A table of products carried on to ISIC; None where no other table carries it there."""
    if table.target.startswith("ISIC"):
        return table
    for other in tables:
        ends = {other.source, other.target}
        goal = next((end for end in ends if end.startswith("ISIC")), None)
        if goal is None or table.target not in ends:
            continue
        links = other.links if other.source == table.target else _shares(other.links.rename(columns={"from": "to", "to": "from"}))
        joined = table.links.merge(links.rename(columns={"from": "to", "to": "end", "weight": "share"}), on="to")
        return Published(
            table.source,
            goal,
            _shares(joined.assign(to=joined["end"], weight=joined["weight"] * joined["share"])[["from", "to", "weight"]]),
        )
    return None


def _account(chain: Published, rows: pd.DataFrame) -> list[str]:
    """How many products go to one sector, to several, and to none."""
    nowhere = rows.loc[rows["to"] == "", "from"]
    many = rows[rows["to"] != ""].groupby("from")["to"].nunique()
    spread = many.index[many > 1]
    said = f"{len(set(chain.links['from']))} products of {chain.source} by {chain.target}: {int((many == 1).sum())} go to one sector"
    lines = [f"{said}, {len(spread)} to several in shares{f' ({some(map(str, spread[:6]))})' if len(spread) else ''}."]
    lost = sorted(set(nowhere) - set(many.index))
    return [*lines, *([f"{len(lost)} products go to no sector of the economy, left out: {some(lost)}."] if lost else [])]


def build(source: str, target: str) -> pd.DataFrame:
    """Columns `from, to, weight, how` between two classifications or economies, by divisions of ISIC (`cge.data.classifications.concordance`).

    Args:
        source, target: the name of a classification, or an economy by name or file, whose sectors are codes or names of one.

    Raises:
        DataError: neither; an economy none of whose sectors is such a code.
    """
    return between(_divisions(source), _divisions(target))


def _divisions(name: str) -> dict[str, frozenset[str]]:
    if name in divisions():
        return divisions()[name]
    if name not in bundled.names("data") and not Path(name).is_file():
        known = [*divisions(), *bundled.names("data")]
        raise DataError(f"{name}: no classification or economy of this name, and no such file.{nearest(name, known)}")
    sectors = open_economy(name).sectors
    found = of_sectors(sectors)
    if not found:
        raise DataError(f"{name}: none of its sectors {some(sectors)} is a code or name of a published classification.")
    return found


def account(rows: pd.DataFrame, source: str, target: str) -> list[str]:
    """How many codes lie in one of the others, are spread or lie partly in none, and which lie in none at all."""
    how = rows.drop_duplicates("from").set_index("from")["how"]
    kinds = {kind: [str(code) for code in how.index[how == kind]] for kind in ("exact", "spread", "part")}
    nowhere = [code for code in _divisions(source) if code not in how.index]
    words = {"exact": "lie in one code", "spread": "are shared among several", "part": "lie in part in none"}
    said = [f"{len(codes)} codes of {source} {words[kind]} of {target}" for kind, codes in kinds.items() if codes]
    listed = [f" ({some(codes)})." if kind != "exact" else "." for kind, codes in kinds.items() if codes]
    lost = [f"{len(nowhere)} codes of {source} lie in none of {target}: {some(nowhere)}."] if nowhere else []
    return [*(line + end for line, end in zip(said, listed, strict=True)), *lost]
