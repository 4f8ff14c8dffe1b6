"""Rows of a table of rates placed on pairs and products, the farther first and nearer ones over them (`cge.data.tariffs.nearer` says which are)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from cge.data.tariffs.items import Items, Positions
from cge.data.tariffs.nearer import ORDER, Mask, Rows


@dataclass(frozen=True, eq=False)
class Won:
    """Which rows speak for what one importer buys.

    Attributes:
        importer: its item. rows [mine]: rows that name it. winner [exporter item, product item]: place among `mine`, −1 where none does.
        ties [case, (cell, row, row)]: rows that meet another one equally near.
    """

    importer: int
    rows: Positions
    winner: Positions
    ties: Positions


def nearest_rows(rows: Rows, countries: Items, products: Items) -> Iterator[Won]:
    """For every importer the rows that speak: farther ones are placed first, in blocks of equal rank and exporter, and nearer ones over them."""
    importer, far = rows.columns["importer"], _far_first(rows)
    by_entry = np.argsort(importer.code, kind="stable").astype(np.int32)
    bounds = np.searchsorted(importer.code[by_entry], np.arange(len(importer.entries) + 1))
    naming = np.zeros((len(importer.entries), len(countries.name)), dtype=bool)
    for at, entry in enumerate(importer.entries):
        naming[at, entry.items] = True
    lists = ragged([entry.items for entry in rows.columns["sector"].entries])
    for item in range(len(countries.name)):
        own = np.concatenate([by_entry[bounds[at] : bounds[at + 1]] for at in np.flatnonzero(naming[:, item])] or [by_entry[:0]])
        key = far(own)
        order = np.argsort(key, kind="stable")
        own, key = own[order], key[order]
        starts = [0, *(np.flatnonzero(key[1:] != key[:-1]) + 1).tolist()] if len(key) else []
        board = Board(rows, own, np.full((len(countries.name), len(products.name)), -1, dtype=np.int32))
        abroad = countries.label != countries.label[item]
        for start, end in zip(starts, [*starts[1:], len(own)][: len(starts)], strict=True):
            board.place(start, end, abroad, lists)
        yield Won(item, own, board.winner, board.tied())


def _far_first(rows: Rows) -> Callable[[Positions], Positions]:
    """A number for each of some rows, the smaller the farther; rows with the same one are of equal rank and exporter."""
    dense = {}
    for name in ORDER:
        values, place = np.unique(-rows.columns[name].rank, return_inverse=True)
        dense[name] = (place.astype(np.int64), len(values))

    def far(own: Positions) -> Positions:
        key = np.zeros(len(own), dtype=np.int64)
        for name in ORDER:
            place, size = dense[name]
            if size > 1:
                key = key * size + place[rows.columns[name].code[own]]
        exporter = rows.columns["exporter"]
        key = (key * 2 + ~rows.free[own]) * len(exporter.entries) + exporter.code[own]
        return key.astype(np.int16) if len(key) and key.max() <= np.iinfo(np.int16).max else key  # short numbers are sorted by their digits

    return far


@dataclass(frozen=True, eq=False)
class Board:
    """Where rows of one importer are placed.

    Attributes:
        rows: of the table. own [mine]: those of the importer. winner [exporter item, product item]: as of `Won`, filled by `place`.
        unsettled: rows that lost a cell to another which is no nearer [case, (cell, row)].
    """

    rows: Rows
    own: Positions
    winner: Positions
    unsettled: list[Positions] = field(default_factory=list)

    def place(self, start: int, end: int, abroad: Mask, products: tuple[Positions, Positions, Positions]) -> None:
        """Put rows [start, end) of `own`, of equal rank and exporter, over what is there.

        Args:
            abroad [exporter item]: which goods cross a border. products: items of the entries of sectors, as from `ragged`.
        """
        column, sector = self.rows.columns["exporter"], self.rows.columns["sector"]
        code = column.code[self.own[start]]
        items = column.entries[code].items
        exporter = items[abroad[items]]
        at, product = spread(sector.code[self.own[start:end]], products)
        if not len(exporter) or not len(product):
            return
        mine = (start + at).astype(np.int32)
        cells = (exporter[:, None], product[None, :]) if len(exporter) > 1 else (int(exporter[0]), product)
        shape = (len(exporter), len(product))
        if start == 0:
            self.winner[cells] = mine
        else:
            before = self.winner[cells]
            won, lost = self._lowest(np.broadcast_to(mine, before.shape), before) if column.programme[code] else (mine, before)
            self.winner[cells] = won
            if before.max() >= 0:
                self._contested(exporter, product, np.broadcast_to(won, shape), lost.reshape(shape), column.kind[code])
        if np.bincount(product).max() > 1:
            self._contested(exporter, product, self.winner[cells].reshape(shape), np.broadcast_to(mine, shape), None)

    def _lowest(self, mine: Positions, before: Positions) -> tuple[Positions, Positions]:
        """Of rows of a group to which preferences are given and of those that are there the one that speaks and the other, cell by cell."""
        exporter, there = self.rows.columns["exporter"], self.own[before]
        meet = (before >= 0) & exporter.programme[exporter.code[there]]  # any other row is farther
        keeps = np.zeros(before.shape, dtype=bool)
        keeps[meet] = ~self.rows.settled(self.own[mine][meet], there[meet])
        return np.where(keeps, before, mine), np.where(keeps, mine, before)

    def _contested(self, exporter: Positions, product: Positions, won: Positions, lost: Positions, kind: int | None) -> None:
        """Note rows [exporter, product] that lost a cell to another which is no nearer; a nearer `kind` of exporter settles it."""
        meet = np.flatnonzero(((lost >= 0) & (won != lost)).ravel())
        if not len(meet):
            return
        if kind is not None:
            column = self.rows.columns["exporter"]
            meet = meet[column.kind[column.code[self.own[lost.ravel()[meet]]]] <= kind]
        winner, other = self.own[won.ravel()[meet]], self.own[lost.ravel()[meet]]
        tied = ~self.rows.settled(winner, other)
        which, what = np.divmod(meet[tied], len(product))
        cell = exporter[which] * self.winner.shape[1] + product[what]
        self.unsettled.append(np.stack([cell, other[tied]], axis=1))

    def tied(self) -> Positions:
        """Ties with the rows that speak in the end [case, (cell, row, row)]: a nearer one that came after settles those of before."""
        cell, other = np.concatenate([np.empty((0, 2), dtype=np.intp), *self.unsettled]).T
        speaks = self.own[self.winner.ravel()[cell]] if len(cell) else other
        left = ~self.rows.settled(speaks, other)
        return np.stack([cell[left], speaks[left], other[left]], axis=1)


def ragged(lists: Sequence[Positions]) -> tuple[Positions, Positions, Positions]:
    """Lists of different lengths in one array: where each begins, how long it is, and all of them in a row."""
    count = np.array([len(each) for each in lists], dtype=np.intp)
    return np.cumsum(count) - count, count, np.concatenate([*lists, np.empty(0, dtype=np.intp)])


def spread(code: Positions, lists: tuple[Positions, Positions, Positions]) -> tuple[Positions, Positions]:
    """Every element of the list that each row names: which row it is of, and the element."""
    start, count, flat = lists
    many = count[code]
    if (many == 1).all():
        return np.arange(len(code)), flat[start[code]]
    row = np.repeat(np.arange(len(code)), many)
    within = np.arange(len(row)) - np.repeat(np.cumsum(many) - many, many)
    return row, flat[start[code][row] + within]
