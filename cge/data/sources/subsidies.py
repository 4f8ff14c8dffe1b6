"""Subsidies to imports, which a table holds as tariffs below zero: refused, or taken off by a named rule.

GTAP has such cells: imports are worth less at basic prices than at cif prices (`VMSB` below `VCIF`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cge.data.arrays import Array
from cge.data.choices import Subsidies
from cge.data.sources.inventories import Step
from cge.data.sources.matrix import short
from cge.data.sources.table import Table
from cge.errors import DataError


def treat_subsidies(table: Table, rule: Subsidies) -> Step:
    """The table after one of the rules for tariffs below zero.

    refuse: nothing is changed; a rate below zero is an error. zero: these rates are zero, and flows stay: buyers pay the value of the flow in
    full, out of the income from which the subsidy was paid. Final spending rises by what final users were given; where producers were given it,
    purchases of inputs rise and value added falls.

    Raises:
        DataError: under `refuse`, with each rate below zero.
    """
    if table.tariff is None or not (table.tariff < 0).any():
        return table, []
    return RULES[rule](table, table.tariff)


def _money(table: Table, tariff: Array) -> Array:
    """Subsidies [exporter, importer, sector], none where a rate is above zero."""
    return np.asarray(np.maximum(-tariff, 0.0) * table.flow.transpose(0, 2, 1))


def _refuse(table: Table, tariff: Array) -> Step:
    low, paid = np.argwhere(tariff < 0), _money(table, tariff)
    order = low[np.argsort(-paid[tuple(low.T)], kind="stable")]
    cells = [
        f"exporter={table.countries[i]} importer={table.countries[n]} sector={table.sectors[s]}: {tariff[i, n, s]:.6g}" for i, n, s in order
    ]
    share = 100 * paid.sum() / table.sales.sum() if table.sales.sum() > 0 else 0.0
    total = f"{len(low):,} of {tariff.size:,} rates are below zero: imports are subsidised, by {paid.sum():,.6g} ({share:.3g} % of world output)"
    raise DataError([f"tariff: {total}. Correct them, or set them to zero: --subsidies zero.", *short(cells)])


def _zero(table: Table, tariff: Array) -> Step:
    paid = _money(table, tariff)
    i, n, s = np.unravel_index(int(paid.argmax()), paid.shape)
    inputs = (np.maximum(-tariff, 0.0).transpose(0, 2, 1) * table.intermediate.sum(3)).sum()
    text = (
        f"Rates below zero are zero, most for {table.sectors[s]} from {table.countries[i]} in {table.countries[n]} ({tariff[i, n, s]:.3g}); "
        f"buyers pay in full what was subsidised, so that value added falls by what producers were given for inputs ({inputs:,.6g})."
    )
    entry = table.treatment("subsidies zero", (tariff < 0).sum(), paid.sum(), text)
    return replace(table, tariff=np.maximum(tariff, 0.0)), [entry]


RULES: dict[Subsidies, Callable[[Table, Array], Step]] = {"refuse": _refuse, "zero": _zero}
"""What each rule does to a table that has subsidies."""
