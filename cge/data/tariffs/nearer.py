"""Which row of a table of rates speaks for a pair of countries and a product, where rows of different generality meet.

The nearer row does, and nearness is settled in this order:

1. the exporter: a row that names it goes before one that names a group of exporters, and that before `*`. So preferences go before the rate for
   most favoured nations, as in the effectively applied rates of WITS, even where the preference is for a whole chapter;
2. the importer: its own row goes before the row of its union;
3. the product: its row goes before that of its chapter, sector or pattern, and that before `*`.

Of two groups the nearer one lies inside the other; but of groups to which preferences are given (`cge.data.tariffs.members`) a country may be in
several, and of their rows that are equally near otherwise the lowest rate speaks, as in the effectively applied rates of WITS. Rows that are
equally near, or groups of which neither lies inside the other, are a fault. A row of a union (a group as importer) whose exporters are of the union
and of other countries says nothing of trade between its members: there is no tariff there, unless a row says so whose exporters are all of the
union.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.data.tariffs.items import GROUP, Entry, Items, Positions
from cge.data.tariffs.lines import ONE, Lines

ORDER = ("exporter", "importer", "sector")
"""Columns in the order in which they settle nearness."""

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Column:
    """A label column of a table: the entry of every row, and how near entries are.

    Attributes:
        entries: distinct ones. code [row]: position of the entry of a row. rank [entry]: the nearer of two that can be compared has the smaller one.
        inside, same [group, group]: whether what one names lies inside the other, and is the same; group [entry]: its place there.
            Groups to which preferences are given are all the same, and the others inside. programme [entry]: it is one of these.
    """

    entries: Sequence[Entry]
    code: Positions
    rank: Positions
    kind: Positions
    group: Positions
    inside: Mask
    same: Mask
    programme: Mask

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
    programme = np.array([entry.programme for entry in entries], dtype=bool)
    given = np.append(programme[groups], False)  # to the widest of groups, whoever is in them
    inside = np.where(given[:, None], False, given[None, :] | (within & ~within.T))
    same = np.where(given[:, None] | given[None, :], given[:, None] & given[None, :], within & within.T)
    rank = kind * (items + 1) + np.where(programme, items, size[group])
    return Column(entries, code, rank, kind, group, inside, same, programme)


@dataclass(frozen=True, eq=False)
class Rows:
    """Rows of a table of rates.

    Attributes:
        columns: by name of `ORDER`. rate [row]. value [row]: of the trade of what it names; None where no mean is weighted. line [row]: its place in
            the tables, and lines: what that is called.
        free [row]: it stands for no tariff between members of a union, and is none of the file.
    """

    columns: dict[str, Column]
    rate: Array
    value: Array | None
    line: Positions
    free: Mask
    lines: Lines = ONE

    def settled(self, winner: Positions, other: Positions) -> Mask:
        """Whether rows are nearer than others that speak for the same pair and product."""
        found, level = np.zeros(np.shape(winner), dtype=bool), np.ones(np.shape(winner), dtype=bool)
        for name in ORDER:
            column = self.columns[name]
            one, two = column.code[winner], column.code[other]
            found |= level & column.nearer(one, two)
            level &= column.equal(one, two)
        exporter = self.columns["exporter"]
        given = level & exporter.programme[exporter.code[winner]] & (exporter.code[winner] != exporter.code[other])
        lowest = given & (self.rate[winner] <= self.rate[other])
        return np.asarray(found | lowest | self.free[winner] | (level & self.free[other]))


def with_unions(
    entries: dict[str, list[Entry]], code: dict[str, Positions], countries: Items
) -> tuple[dict[str, Positions], Positions | slice, Mask]:
    """Rows of unions cut at their borders: entries of exporters outside and inside are added to `entries`.

    Returns:
        The entries of all rows, the new ones last; the row of the file that each comes from (an index); whether it stands for no tariff inside a
        union.
    """
    importer, exporter = code["importer"], code["exporter"]
    added = []
    of_union = np.flatnonzero(np.array([entry.union for entry in entries["importer"]], dtype=bool)[importer])
    width = len(entries["exporter"])
    pair = importer[of_union].astype(np.int64) * width + exporter[of_union]
    for at in np.unique(pair).tolist():
        one, other = divmod(at, width)
        union, partner = entries["importer"][one], entries["exporter"][other]
        within = np.isin(countries.label[partner.items], countries.label[union.items])
        if within.all() or not within.any():
            continue
        added.append((of_union[pair == at], len(entries["exporter"])))
        entries["exporter"] += [
            Entry(partner.name, partner.items[~within], partner.kind, partner.union, partner.items, partner.programme),
            Entry(union.name, partner.items[within], union.kind, True, union.items),
        ]
    if not added:
        return code, slice(None), np.zeros(len(importer), dtype=bool)
    extra = np.concatenate([rows for rows, _ in added])
    outside = np.concatenate([np.full(len(rows), new, dtype=np.int32) for rows, new in added])
    found = {name: np.concatenate([each, each[extra]]) for name, each in code.items() if name != "exporter"}
    cut = exporter.astype(np.int32)
    cut[extra] = outside
    free = np.repeat([False, True], [len(importer), len(extra)])
    return {**found, "exporter": np.concatenate([cut, outside + 1])}, np.concatenate([np.arange(len(importer)), extra]), free
