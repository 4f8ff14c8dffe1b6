"""Rates of pairs and products averaged to the sectors of an economy, with an account of which rows speak."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.countries import WORLD, readings
from cge.data.tariffs.board import nearest_rows
from cge.data.tariffs.items import Items, Positions
from cge.data.tariffs.nearer import ORDER, Rows
from cge.data.tariffs.trade import Trade
from cge.errors import nearest

HOW_MANY = ("one {}", "a group of {}s", "all {}s")
"""What rows name, by the kind of their entry."""

SHAPE = (len(HOW_MANY),) * len(ORDER)
EVERY = len(HOW_MANY) ** len(ORDER)
"""Generalities of rows: a kind of entry for each of the columns."""

SHOWN = 8
"""Faults of one kind, or names, that are written out."""


@dataclass(frozen=True, eq=False)
class Means:
    """Rates on the labels of an economy.

    Attributes:
        rates [exporter, importer, sector]: NaN where there is none. untraded: weighted means of products that are not traded.
        spoken [generality]: for how many pairs and products rows of each generality speak, as `_generality` numbers them.
        ties [case, (importer, exporter, product, row, row)]: rows equally near,
            at positions of items.
    """

    rates: Array
    untraded: int
    spoken: Array
    ties: Array


def means(rows: Rows, countries: Items, products: Items, trade: Trade | None = None) -> Means:
    """Mean rates of the nearest rows over the items of each label; weighted ones where there is a value of trade, of rows or in a table of its
    own, and it is not nothing."""
    size = (len(countries.labels), len(countries.labels), len(products.labels))
    weighted = rows.value is not None or trade is not None
    terms = ("count", "plain", "weight", "weighted") if weighted else ("count", "plain")
    sums = {name: np.zeros(size) for name in terms}
    spoken, ties = np.zeros(EVERY + len(rows.columns["importer"].entries)), []
    for won in nearest_rows(rows, countries, products):
        known = won.winner >= 0
        if not len(won.rows):
            continue
        times = np.bincount(won.winner.ravel() + 1, minlength=len(won.rows) + 1)[1:]
        spoken += np.bincount(_generality(rows, won.rows), weights=times, minlength=len(spoken))
        part = known * products.weight
        rate = rows.rate[won.rows][won.winner]  # of the last row where there is none
        rate[~known] = 0.0
        rated = part * rate
        found = {"count": part, "plain": rated}
        if weighted:
            value = trade.of(won.importer, known.shape) if trade is not None else np.asarray(rows.value)[won.rows][won.winner]
            found |= {"weight": part * value, "weighted": rated * value}
        for name, term in found.items():
            by_sector = np.add.reduceat(term, products.starts(), axis=1)
            sums[name][:, countries.label[won.importer]] += np.add.reduceat(by_sector, countries.starts(), axis=0)
        exporter, product = np.divmod(won.ties[:, 0], len(products.name))
        ties.append(np.column_stack([np.full(len(won.ties), won.importer), exporter, product, won.ties[:, 1:]]))
    rates = np.full(size, np.nan)
    np.divide(sums["plain"], sums["count"], out=rates, where=sums["count"] > 0)
    if weighted:
        np.divide(sums["weighted"], sums["weight"], out=rates, where=sums["weight"] > 0)
    untraded = int(((sums["weight"] == 0) & (sums["count"] > 0)).sum()) if weighted else 0
    return Means(rates, untraded, spoken, np.concatenate([np.empty((0, 5), dtype=np.intp), *ties]))


def tie_faults(found: Means, rows: Rows, items: Mapping[str, Items]) -> Iterable[str]:
    """Rows that are equally near for the same pair and product: both, where they first meet, and how often they do."""
    pairs, first, count = np.unique(np.sort(found.ties[:, 3:], axis=1), axis=0, return_index=True, return_counts=True)
    for (one, other), at, many in list(zip(pairs, first, count, strict=True))[:SHOWN]:
        importer, exporter, product = found.ties[at, :3]
        first_row, second_row = (rows.lines.of(int(rows.line[row])) for row in (one, other))
        where = f"importer={items['importer'].name[importer]} exporter={items['exporter'].name[exporter]} sector={items['sector'].name[product]}"
        rates = " and ".join("none inside a union" if rows.free[row] else f"{rows.rate[row]:g}" for row in (one, other))
        more = f", and in {many - 1} further cells" if many > 1 else ""
        yield (
            f"rows {first_row} and {second_row} are equally near for {where}{more} ({rates}): leave one of them out, or add a row "
            "that names the exporter, the importer and the product."
        )
    if len(pairs) > SHOWN:
        yield f"{len(pairs) - SHOWN} further pairs of rows are equally near for the same pair and product."


def nothing_fault(table: pd.DataFrame, items: Mapping[str, Items]) -> str:
    """That no rate is for trade of the economy, with what was found and what it should be."""
    parts = []
    for key, of in items.items():
        names = [str(name) for name in table[key].unique()[:SHOWN]]
        read = readings(names) if of.merged else {}
        elsewhere = [
            f"{name} is {read[name].code}" for name in names if name in read and of.entry(name) is None and read[name].code != WORLD
        ]
        strange = [name for name in names if of.entry(name) is None and name not in read]
        hint = nearest(strange[0], of.labels) if strange else ""
        aside = "; ".join([*elsewhere, *([f"unknown: {', '.join(strange)}"] if strange else [])])
        parts.append(f"{key}s {', '.join(names)}{f' ({aside})' if aside else ''}.{hint}")
    return f"none of the {len(table)} rates is for trade between countries of the economy. Found: {' '.join(parts)}"


def account(found: Means, rows: Rows, average: str, origin: str) -> list[str]:
    """What averaging did, in sentences: how many cells, and by rows of which generality where these differ."""
    kind = {"simple": "simple means", "weighted": "means weighted by trade"}[average]
    file = int((~rows.free).sum())
    lines = [f"{origin}: {file} rates gave {np.isfinite(found.rates).sum()} cells ({kind})."]
    counts = _in_words(found.spoken, rows)
    if counts and list(counts) != [", ".join(HOW_MANY[0].format(name) for name in ORDER)]:
        said = "; ".join(f"{words}: {count:,}" for words, count in counts.items())
        lines.append(f"Pairs and products, by what the nearest row names: {said}.")
    if found.untraded:
        lines.append(f"{found.untraded} cells have rates and no weight; they take the simple mean.")
    return lines


def _generality(rows: Rows, own: Positions) -> Positions:
    """Of which generality rows are: the kinds of their entries as digits, and behind them a number for each union that stays free inside."""
    kinds = np.zeros(len(own), dtype=np.intp)
    for name in ORDER:
        kinds = kinds * len(HOW_MANY) + rows.columns[name].kind[rows.columns[name].code[own]]
    return np.where(rows.free[own], EVERY + rows.columns["importer"].code[own].astype(np.intp), kinds)


def _in_words(spoken: Array, rows: Rows) -> dict[str, int]:
    """For how many pairs and products rows of each generality speak, in words, the nearest first; unions, which stay free inside, come last."""
    said = {}
    for at in np.flatnonzero(spoken).tolist():
        named = ", ".join(HOW_MANY[kind].format(name) for kind, name in zip(np.unravel_index(at % EVERY, SHAPE), ORDER, strict=True))
        said[named if at < EVERY else f"none inside {rows.columns['importer'].entries[at - EVERY].name}"] = int(spoken[at])
    return said
