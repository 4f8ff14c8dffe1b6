"""Which row of a table of rates speaks for a pair of countries and a product, where rows of different generality meet.

The nearer row does, and nearness is settled in this order:

1. the exporter: a row that names it goes before one that names a group of exporters, and that before `*`. So preferences go before the rate for
   most favoured nations, as in the effectively applied rates of WITS, even where the preference is for a whole chapter;
2. the importer: its own row goes before the row of its union;
3. the product: its row goes before that of its chapter, sector or pattern, and that before `*`.

Of two groups the nearer one lies inside the other. Rows that are equally near, or groups of which neither lies inside the other, are a
fault. A row of a union (a group as importer) whose exporters are of the union and of other countries says nothing of trade between its
members: there is no tariff there, unless a row says so whose exporters are all of the union.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.data.tariffs.items import GROUP, Entry, Items, Positions

ORDER = ("exporter", "importer", "sector")
"""Columns in the order in which they settle nearness."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Column:
    """A label column of a table: the entry of every row, and how near entries are.

    Attributes:
        entries: distinct ones. code [row]: position of the entry of a row. rank [entry]: the nearer of two that can be compared has the smaller one.
        inside, same [group, group]: whether what one names lies inside the other, and is the same; group [entry]: its place there.
    """

    entries: Sequence[Entry]
    code: Positions
    rank: Positions
    kind: Positions
    group: Positions
    inside: Mask
    same: Mask

    def nearer(self, one: Positions, other: Positions) -> Mask:
        """Whether entries are nearer than others, where both name the same item."""
        within = self.inside[self.group[one], self.group[other]]
        return np.asarray((self.kind[one] < self.kind[other]) | ((self.kind[one] == self.kind[other]) & within))

    def equal(self, one: Positions, other: Positions) -> Mask:
        """Whether entries are equally near, where both name the same item."""
        return np.asarray((self.kind[one] == self.kind[other]) & self.same[self.group[one], self.group[other]])


def make_column(entries: Sequence[Entry], code: Positions, items: int) -> Column:
    """Entries with their nearness; `items` is how many there are to name."""
    kind = np.array([entry.kind for entry in entries], dtype=np.intp)
    groups = np.flatnonzero(kind == GROUP)
    named = np.zeros((len(groups) + 1, items), dtype=bool)  # the last row stands for all entries that are no groups
    for row, at in enumerate(groups.tolist()):
        named[row, entries[at].whole] = True
    size = named.sum(axis=1)
    shared = named.astype(np.int64) @ named.T.astype(np.int64)
    within = shared == size[:, None]
    group = np.full(len(entries), len(groups), dtype=np.intp)
    group[groups] = np.arange(len(groups))
    rank = kind * (items + 1) + size[group]
    return Column(entries, code, rank, kind, group, within & ~within.T, within & within.T)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table of rates.

    Attributes:
        columns: by name of `ORDER`. rate, value [row]: the rate, and the value of trade of what the row names. line [row]: number in the file.
        free [row]: it stands for no tariff between members of a union, and is none of the file.
    """

    columns: dict[str, Column]
    rate: Array
    value: Array
    line: Positions
    free: Mask

    def settled(self, winner: Positions, other: Positions) -> Mask:
        """Whether rows are nearer than others that speak for the same pair and product."""
        found, level = np.zeros(len(winner), dtype=bool), np.ones(len(winner), dtype=bool)
        for name in ORDER:
            column = self.columns[name]
            one, two = column.code[winner], column.code[other]
            found |= level & column.nearer(one, two)
            level &= column.equal(one, two)
        return found | self.free[winner] | (level & self.free[other])


def with_unions(
    entries: dict[str, list[Entry]], code: dict[str, Positions], countries: Items
) -> tuple[dict[str, Positions], Positions, Mask]:
    """Rows of unions cut at their borders: entries of exporters outside and inside are added to `entries`.

    Returns:
        The entries of all rows, the new ones last; the row of the file that each comes from; whether it stands for no tariff inside a union.
    """
    code = {name: each.copy() for name, each in code.items()}
    row, added = np.arange(len(code["importer"])), []
    importer, exporter = code["importer"], code["exporter"].copy()
    of_union = np.array([entry.union for entry in entries["importer"]], dtype=bool)[importer]
    width = len(entries["exporter"])
    for pair in np.unique((importer * width + exporter)[of_union]).tolist():
        one, other = divmod(pair, width)
        union, partner = entries["importer"][one], entries["exporter"][other]
        within = np.isin(countries.label[partner.items], countries.label[union.items])
        if within.all() or not within.any():
            continue
        rows = np.flatnonzero((importer == one) & (exporter == other))
        code["exporter"][rows] = len(entries["exporter"])
        entries["exporter"] += [
            Entry(partner.name, partner.items[~within], partner.kind, partner.union, partner.items),
            Entry(union.name, partner.items[within], union.kind, True, union.items),
        ]
        added.append(rows)
    if not added:
        return code, row, np.zeros(len(row), dtype=bool)
    extra = np.concatenate(added)
    inside = {name: each[extra] + (name == "exporter") for name, each in code.items()}
    free = np.repeat([False, True], [len(row), len(extra)])
    return {name: np.concatenate([code[name], inside[name]]) for name in code}, np.concatenate([row, row[extra]]), free


def nearest_rows(rows: Rows, countries: Items, products: Items) -> Iterator[tuple[int, Array, Array]]:
    """For every importer (item): the row that speaks for each exporter and product [exporter item, product item], −1 where none does.

    The third of each is the rows that meet another one equally near [case, (cell, row, row)].
    """
    importer = rows.columns["importer"]
    order = np.lexsort([~rows.free, *(-rows.columns[name].rank[rows.columns[name].code] for name in reversed(ORDER))])
    turn = np.empty(len(order), dtype=np.intp)
    turn[order] = np.arange(len(order))  # a row that is nearer comes later
    named = ragged([entry.items for entry in importer.entries])
    row, of_item = spread(importer.code, named)
    by_item = np.lexsort([turn[row], of_item])
    row, bounds = row[by_item], np.searchsorted(of_item[by_item], np.arange(len(countries.name) + 1))
    parts = {name: ragged([entry.items for entry in rows.columns[name].entries]) for name in ("exporter", "sector")}
    for item in range(len(countries.name)):
        mine = row[bounds[item] : bounds[item + 1]]
        at, exporter = spread(rows.columns["exporter"].code[mine], parts["exporter"])
        abroad = countries.label[exporter] != countries.label[item]
        mine, exporter = mine[at[abroad]], exporter[abroad]
        at, product = spread(rows.columns["sector"].code[mine], parts["sector"])
        mine, cell = mine[at], exporter[at] * len(products.name) + product
        winner = np.full(len(countries.name) * len(products.name), -1, dtype=np.intp)
        winner[cell] = mine  # of several for one cell the last stays
        beaten = np.flatnonzero(winner[cell] != mine)
        tied = beaten[~rows.settled(winner[cell[beaten]], mine[beaten])]
        yield item, winner.reshape(len(countries.name), -1), np.stack([cell[tied], winner[cell[tied]], mine[tied]], axis=1)


def ragged(lists: Sequence[Positions]) -> tuple[Positions, Positions, Positions]:
    """Lists of different lengths in one array: where each begins, how long it is, and all of them in a row."""
    count = np.array([len(each) for each in lists], dtype=np.intp)
    return np.cumsum(count) - count, count, np.concatenate([*lists, np.empty(0, dtype=np.intp)])


def spread(code: Positions, lists: tuple[Positions, Positions, Positions]) -> tuple[Positions, Positions]:
    """Every element of the list that each row names: which row it is of, and the element."""
    start, count, flat = lists
    many = count[code]
    row = np.repeat(np.arange(len(code)), many)
    within = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    return row, flat[start[code][row] + within]
