"""Defects of real tables, each with a named treatment that says what it changed.

`rest_of_world`: sales for which the table names no buyer, or a rest of the world whose uses do not add up to its output. They are left out:
its sales are what is sold to a named country. `reexports`: a producer exports more than it makes; its output is raised to its sales.
`rounding`: uses do not add up to output, or inputs and value added to output, by no more than `LIMIT`; sales are the sum of uses and value
added is the remainder. `inventories …`: see `cge.data.sources.inventories`. `zero_output`, `no_home_sales`: kept as zeros, counted. `value_added`:
inputs exceed sales; the purchases in excess are counted as final demand of the country, and value added is zero. `factor_payments`: taxes and
margins in value added go to the factors in proportion to their payments.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.data.named import some
from cge.data.sources.final_uses import SIGNED, recognised
from cge.data.sources.inventories import Step
from cge.data.sources.matrix import short
from cge.data.sources.table import Table, Treatment
from cge.data.value_faults import OWN_SALES
from cge.errors import DataError

LIMIT = 0.01
"""Largest share of world output by which a table may miss an identity and be treated. Ours: published tables miss theirs by less than a
thousandth (0.0004 in WIOD 2013 when cut to whole millions), one that lacks a country or is cut off misses it by far more."""

ROUNDING = 1e-9
"""Gaps of less than this share of world output per cell are those of floating point."""

REST = ("ROW", "ROTW", "WWW", "XTW", "FIGW1")
"""Labels of a rest of the world, in capitals."""


def refuse_negative_cells(table: Table) -> None:
    """`DataError` with every negative cell among inputs and among uses that cannot be negative, by row and column."""
    faults = []
    for place in np.argwhere(table.intermediate < 0):
        buyer = f"{table.countries[place[2]]} {table.sectors[place[3]]}"
        faults.append(_negative(table, place, buyer, table.intermediate[tuple(place)]))
    signed = {*table.inventories, *table.signed}
    for use in (k for k, name in enumerate(table.uses) if name not in signed):
        for place in np.argwhere(table.final[..., use] < 0):
            buyer = f"{table.countries[place[2]]} {table.uses[use]}"
            faults.append(_negative(table, place, buyer, table.final[(*place, use)]))
    if table.output is not None:
        faults += [f"output of row {table.seller(p)} is {table.output[tuple(p)]:.6g}, below zero." for p in np.argwhere(table.output < 0)]
    if faults:
        raise DataError([*short(faults), *_may_be_negative(table, signed)])


def _may_be_negative(table: Table, signed: set[str]) -> Iterator[str]:
    """What a use must be called in order to be read as one that may be negative, where a use that is none of them is."""
    other = [use for k, use in enumerate(table.uses) if use not in signed and (table.final[..., k] < 0).any()]
    if other:
        yield (
            f"Final uses that may be negative are known by name or code; {', '.join(other)} is none. Changes in inventories: "
            f"{recognised('inventories')}. Disposals of assets, purchases abroad: {recognised(*SIGNED)}. Rename a use that is one."
        )


def _negative(table: Table, place: Iterable[Any], buyer: str, value: float) -> str:
    return f"row {table.seller(list(place)[:2])}, column {buyer}: {value:.6g} is negative and no change in inventories. Correct the table."


def treat_rest_of_world(table: Table) -> Step:
    """Leave out what has no buyer; take a rest of the world's sales from its uses where these miss its output by more than rounding."""
    lost = np.zeros(table.sales.shape) if table.unallocated is None else table.unallocated
    if table.output is None:
        return replace(table, unallocated=None), _entries(table, "rest_of_world", np.abs(lost), "Sales without a buyer are left out")
    output = table.output - lost
    gap = np.where(_open_rest(table, output), np.abs(output - table.sales), 0.0)
    text = "Sales without a buyer are left out, and sales of a rest of the world that does not close are the sum of its uses"
    entries = _entries(table, "rest_of_world", np.abs(lost) + gap, text)
    return replace(table, unallocated=None, output=np.where(gap > 0, table.sales, output)), entries


def _open_rest(table: Table, output: Array) -> npt.NDArray[np.bool_]:
    """Whether a country is a rest of the world whose uses miss its output by more than `LIMIT` of it [country, 1]."""
    gap = np.abs(output - table.sales).sum(1)
    rest = np.array([country.upper() in REST for country in table.countries])
    return np.asarray((rest & (gap > LIMIT * output.sum(1)))[:, None])


def treat_reexports(table: Table) -> Step:
    """Raise output to sales where exports alone exceed it; where home sales are negative as well, that is a change in inventories."""
    if table.output is None:
        return table, []
    home = np.einsum("isi->is", table.flow)
    excess = np.maximum(table.sales - home - table.output, 0.0)
    over = (excess > ROUNDING * table.output.sum()) & (home >= 0)
    entries = _entries(table, "reexports", np.where(over, excess, 0.0), "Exports exceed output, which is raised to all that is sold")
    return replace(table, output=np.where(over, table.sales, table.output)), entries


def treat_rounding(table: Table) -> Step:
    """Account for small gaps between output, its uses and its cost; refuse large ones.

    Raises:
        DataError: the gaps come to more than `LIMIT` of world output: the table is incomplete or not what it is taken for.
    """
    if table.output is None:
        return table, []
    gap = np.abs(table.output - table.sales)
    entries = _entries(table, "rounding", gap, "Uses do not add up to output; sales are the sum of uses")
    if table.primary:
        cost = table.intermediate.sum((0, 1)) + sum(table.primary.values())
        entries += _entries(table, "rounding of cost", np.abs(table.output - cost), "Inputs and value added do not add up to output")
    for entry in entries:
        _limited(entry)
    return table, entries


def _limited(entry: Treatment) -> None:
    if entry.share > LIMIT:
        raise DataError(f"{entry} This is more than {LIMIT:.0%} and no rounding: is the file complete, and of this release and year?")


def _entries(table: Table, name: str, gap: Array, text: str) -> list[Treatment]:
    """An account of gaps [country, sector], none where all are those of floating point."""
    gap = np.where(gap > ROUNDING * table.sales.sum(), gap, 0.0)
    if not gap.any():
        return []
    place = np.unravel_index(int(gap.argmax()), gap.shape)
    return [
        table.treatment(name, np.count_nonzero(gap), gap.sum(), f"{text.rstrip('.')}, most for {table.seller(place)} ({gap[place]:,.6g}).")
    ]


def refuse_no_home_sales(table: Table) -> None:
    """`DataError` where no country sells a good at home that is traded: rows of trade statistics stand beside those of a table.

    A world written by hand may have such a good, a published one has none; countries without any home sales are refused in every economy.
    """
    home, sales = np.einsum("isi->s", table.flow), table.sales.sum(0)
    goods = [good for good, own, sold in zip(table.sectors, home, sales, strict=True) if own == 0 and sold > 0]
    if goods and home.any():
        raise DataError(f"no country sells {some(goods)} at home. {OWN_SALES}")


def note_zeros(table: Table) -> Iterator[Treatment]:
    """Country-sectors without output, and those that sell abroad only: real zeros, which stay."""
    sales, home = table.sales, np.einsum("isi->is", table.flow)
    for name, cells, text in (
        ("zero_output", sales == 0, "Country-sectors without sales stay without"),
        ("no_home_sales", (home == 0) & (sales > 0), "Country-sectors that sell abroad only stay so"),
    ):
        if cells.any():
            yield table.treatment(name, cells.sum(), 0.0, f"{text}, first {table.seller(np.argwhere(cells)[0])}.")


def treat_value_added(table: Table, intermediate: Array) -> tuple[Array, list[Treatment]]:
    """Inputs [country, input, sector] of which none exceed the sales of their buyer; the excess becomes final demand.

    Raises:
        DataError: the excess comes to more than `LIMIT` of world output.
    """
    sales, cost = table.sales, intermediate.sum(1)
    excess = np.where(cost - sales > 1e-12 * sales, cost - sales, 0.0)
    if not excess.any():
        return intermediate, []
    place = np.unravel_index(int(excess.argmax()), excess.shape)
    text = (
        f"Inputs exceed sales, most for {table.seller(place)} ({cost[place]:,.6g} against {sales[place]:,.6g}); "
        "purchases in excess are counted as final demand, and value added there is zero."
    )
    entry = table.treatment("value_added", (excess > 0).sum(), excess.sum(), text)
    _limited(entry)
    share = np.where(excess > 0, sales / np.where(cost > 0, cost, 1.0), 1.0)
    return np.asarray(intermediate * share[:, None, :]), [entry]


def factor_shares(table: Table) -> Array:
    """Shares of factors in value added [country, sector, factor], those of the whole country where a sector pays none; one factor, all of it."""
    if not table.factors:
        return np.ones((*table.sales.shape, 1))
    paid = np.stack(list(table.factors.values()), axis=2)
    whole = paid.sum(1, keepdims=True)
    paid = np.where(paid.sum(2, keepdims=True) > 0, paid, whole)
    total = paid.sum(2, keepdims=True)
    return np.asarray(np.where(total > 0, paid / np.where(total > 0, total, 1.0), 1.0 / paid.shape[2]))


def note_factors(table: Table, value_added: Array) -> list[Treatment]:
    """How far payments to factors differ from what sales leave [country, sector], which is divided as they are."""
    if not table.factors:
        return []
    gap = np.abs(sum(table.factors.values()) - value_added)
    return _entries(
        table, "factor_payments", gap, "Value added with product taxes and margins is divided as payments to factors are; it differs"
    )
