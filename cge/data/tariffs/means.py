"""Rates of pairs and products averaged to the sectors of an economy, with an account of which rows speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.tariffs.items import Items
from cge.data.tariffs.nearer import ORDER, Rows, nearest_rows
from cge.errors import nearest

HOW_MANY = ("one {}", "a group of {}s", "all {}s")
"""What rows name, by the kind of their entry."""

SHOWN = 8
"""Faults of one kind, or names, that are written out."""


@dataclass(frozen=True, eq=False)
class Means:
    """Rates on the labels of an economy.

    Attributes:
        rates [exporter, importer, sector]: NaN where there is none. untraded: weighted means of products that are not traded.
        spoken [row]: for how many pairs and products each row speaks. ties [case, (importer, exporter, product, row, row)]: rows equally near,
            at positions of items.
    """

    rates: Array
    untraded: int
    spoken: Array
    ties: Array


def means(rows: Rows, countries: Items, products: Items, *, weighted: bool) -> Means:
    """Mean rates of the nearest rows over the items of each label; weighted ones where `weighted`, and where there is a weight."""
    size = (len(countries.labels), len(countries.labels), len(products.labels))
    sums = {name: np.zeros(size) for name in ("count", "plain", "weight", "weighted")}
    spoken, ties = np.zeros(len(rows.rate), dtype=np.int64), []
    for item, winner, tied in nearest_rows(rows, countries, products):
        known = winner >= 0
        spoken += np.bincount(winner[known], minlength=len(spoken))
        part = known * products.weight
        rate, value = rows.rate[winner], rows.value[winner]  # of the last row where there is none, and then nothing of it counts
        for name, term in (("count", part), ("plain", part * rate), ("weight", part * value), ("weighted", part * value * rate)):
            by_sector = np.add.reduceat(term, products.starts(), axis=1)
            sums[name][:, countries.label[item]] += np.add.reduceat(by_sector, countries.starts(), axis=0)
        exporter, product = np.divmod(tied[:, 0], len(products.name))
        ties.append(np.column_stack([np.full(len(tied), item), exporter, product, tied[:, 1:]]))
    rates = np.full(size, np.nan)
    np.divide(sums["plain"], sums["count"], out=rates, where=sums["count"] > 0)
    if weighted:
        np.divide(sums["weighted"], sums["weight"], out=rates, where=sums["weight"] > 0)
    untraded = int(((sums["weight"] == 0) & (sums["count"] > 0)).sum()) if weighted else 0
    return Means(rates, untraded, spoken, np.concatenate(ties))


def tie_faults(found: Means, rows: Rows, items: Mapping[str, Items]) -> Iterable[str]:
    """Rows that are equally near for the same pair and product: both, where they first meet, and how often they do."""
    pairs, first, count = np.unique(np.sort(found.ties[:, 3:], axis=1), axis=0, return_index=True, return_counts=True)
    for (one, other), at, many in list(zip(pairs, first, count, strict=True))[:SHOWN]:
        importer, exporter, product = found.ties[at, :3]
        where = f"importer={items['importer'].name[importer]} exporter={items['exporter'].name[exporter]} sector={items['sector'].name[product]}"
        rates = " and ".join("none inside a union" if rows.free[row] else f"{rows.rate[row]:g}" for row in (one, other))
        more = f", and in {many - 1} further cells" if many > 1 else ""
        yield (
            f"rows {rows.line[one]} and {rows.line[other]} are equally near for {where}{more} ({rates}): leave one of them out, or add a row "
            "that names the exporter, the importer and the product."
        )
    if len(pairs) > SHOWN:
        yield f"{len(pairs) - SHOWN} further pairs of rows are equally near for the same pair and product."


def nothing_fault(table: pd.DataFrame, items: Mapping[str, Items]) -> str:
    """That no rate is for trade of the economy, with what was found and what it should be."""
    parts = []
    for key, of in items.items():
        names = [str(name) for name in table[key].unique()[:SHOWN]]
        strange = [name for name in names if of.entry(name) is None]
        hint = nearest(strange[0], of.labels) if strange else ""
        parts.append(f"{key}s {', '.join(names)}{' (unknown: ' + ', '.join(strange) + ')' if strange else ''}.{hint}")
    return f"none of the {len(table)} rates is for trade between countries of the economy. Found: {' '.join(parts)}"


def account(found: Means, rows: Rows, average: str, origin: str) -> list[str]:
    """What averaging did, in sentences: how many cells, and by rows of which generality where these differ."""
    kind = {"simple": "simple means", "weighted": "means weighted by trade"}[average]
    file = int((~rows.free).sum())
    lines = [f"{origin}: {file} rates gave {np.isfinite(found.rates).sum()} cells ({kind})."]
    counts = _generality(found, rows)
    if counts and list(counts) != [", ".join(HOW_MANY[0].format(name) for name in ORDER)]:
        said = "; ".join(f"{words}: {count:,}" for words, count in counts.items())
        lines.append(f"Pairs and products, by what the nearest row names: {said}.")
    if found.untraded:
        lines.append(f"{found.untraded} cells have rates and no weight; they take the simple mean.")
    return lines


def _generality(found: Means, rows: Rows) -> dict[str, int]:
    """For how many pairs and products rows of each generality speak, in words, the nearest first; unions, which stay free inside, come last."""
    shape = (len(HOW_MANY),) * len(ORDER)
    kinds = np.ravel_multi_index(tuple(rows.columns[name].kind[rows.columns[name].code] for name in ORDER), shape)
    importer = rows.columns["importer"]
    every = int(np.prod(shape))
    count = np.bincount(np.where(rows.free, every + importer.code, kinds), weights=found.spoken)
    said = {}
    for at in np.flatnonzero(count).tolist():
        named = ", ".join(HOW_MANY[kind].format(name) for kind, name in zip(np.unravel_index(at % every, shape), ORDER, strict=True))
        said[named if at < every else f"none inside {importer.entries[at - every].name}"] = int(count[at])
    return said
