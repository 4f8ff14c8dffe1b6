"""A world input-output table as published, before any treatment, and what a treatment did to it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

from cge.data.arrays import Array
from cge.data.economy import Economy


@dataclass(frozen=True)
class Treatment:
    """What was done about one kind of defect of a table.

    Attributes:
        name: of the treatment, as in `cge.data.sources.treatments`.
        cells: how many cells it concerns.
        money: their size, in the table's unit; share: the same over world output.
        sentence: what was found and done, where it is largest.
    """

    name: str
    cells: int
    money: float
    share: float
    sentence: str

    def __str__(self) -> str:
        cells = f"{self.cells:,} {'cell' if self.cells == 1 else 'cells'}"
        return f"{self.name}: {cells}, {self.money:,.6g} ({100 * self.share:.3g} % of world output). {self.sentence}"


@dataclass(frozen=True, eq=False)
class Table:
    """A world input-output table as published; money in one unit, producer prices net of tariff.

    Attributes:
        countries, sectors, uses: labels of countries, of selling and using sectors, of final uses.
        intermediate: sales to producers [exporter, sector, importer, use sector].
        final: sales to final users [exporter, sector, importer, use].
        output: gross output as published [country, sector]; None where the source has none.
        primary: rows below the intermediate uses (taxes, margins, value added), by name [country, sector]; with the inputs they make up output.
        inventories: the uses that are changes in inventories. signed: further uses whose cells may be negative (disposals of fixed assets).
        unallocated: sales for which the table names no buyer [country, sector]; None where it has no such column.
        factors: payments to factors of production, by name [country, sector]; empty where the source does not tell them apart.
        tariff: ad valorem rates [exporter, importer, sector]; None where the source has none.
        names: further names of the sectors, by kind. attrs: title, source, licence, year, unit.
        account: what the reader itself had to treat. notes: what it merged or moved, in sentences, where nothing was wrong.
    """

    countries: list[str]
    sectors: list[str]
    uses: list[str]
    intermediate: Array
    final: Array
    output: Array | None = None
    primary: Mapping[str, Array] = field(default_factory=dict)
    inventories: tuple[str, ...] = ()
    signed: tuple[str, ...] = ()
    unallocated: Array | None = None
    factors: Mapping[str, Array] = field(default_factory=dict)
    tariff: Array | None = None
    names: Mapping[str, list[str]] = field(default_factory=dict)
    attrs: Mapping[str, object] = field(default_factory=dict)
    account: tuple[Treatment, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def sales(self) -> Array:
        """Sums of the rows [country, sector], without what has no buyer."""
        return np.asarray(self.intermediate.sum((2, 3)) + self.final.sum((2, 3)))

    @property
    def flow(self) -> Array:
        """Sales to producers and final users together [exporter, sector, importer]."""
        return np.asarray(self.intermediate.sum(3) + self.final.sum(3))

    @property
    def stocks(self) -> list[int]:
        """Positions of changes in inventories among the uses."""
        return [place for place, use in enumerate(self.uses) if use in self.inventories]

    def treatment(self, name: str, cells: Any, money: Any, sentence: str) -> Treatment:
        """An entry of the account, with the share of this table's world output."""
        total = float(self.sales.sum())
        return Treatment(name, int(cells), float(money), float(money) / total if total > 0 else 0.0, sentence)

    def seller(self, place: Iterable[Any]) -> str:
        """A row by its labels; `place` is [country, sector]."""
        country, sector = place
        return f"{self.countries[country]} {self.sectors[sector]}"


def account(economy: Economy) -> list[Treatment]:
    """The treatments of an imported economy, in the order in which they were made; none where it was not imported."""
    return accounted(economy.data.attrs)


def accounted(attrs: Mapping[Any, Any]) -> list[Treatment]:
    """The same from the attributes of an economy, which its results keep."""
    return [Treatment(**entry) for entry in json.loads(str(attrs.get("treatments", "[]")))]


def as_attribute(treatments: Iterable[Treatment]) -> str:
    """An account as an attribute of an economy file can hold it."""
    return json.dumps([asdict(entry) for entry in treatments], ensure_ascii=False)
