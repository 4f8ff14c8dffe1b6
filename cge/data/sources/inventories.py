"""Changes in inventories: a negative sum of final uses is refused, kept, or treated by one of three named rules."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cge.data.arrays import Array
from cge.data.choices import Inventories
from cge.data.sources.final_uses import recognised
from cge.data.sources.matrix import short
from cge.data.sources.table import Table, Treatment
from cge.errors import DataError

Step = tuple[Table, list[Treatment]]
"""A table after a treatment, and what the treatment has to say; nothing where there was nothing to do."""


def treat_inventories(table: Table, rule: Inventories) -> Step:
    """The table after one of the rules for changes in inventories.

    refuse: nothing is changed; a negative sum of final uses of a good from one country in another is an error. keep: nothing is changed, and
    negative final demand is left to `negative_final_demand` of the run file. drop: the columns of inventories are left out, and output is
    lowered by them. spread: each seller's change in inventories is spread over its other uses in proportion, so that output stays (a seller
    without other uses keeps what it adds, and what it runs down is left out). zero: negative sums are
    set to zero, and output is solved anew at given input coefficients.

    Raises:
        DataError: under any rule but keep, with each negative sum that is left; the rule needs a column of inventories and there is none.
    """
    if rule in ("drop", "spread") and not table.stocks:
        uses = ", ".join(table.uses)
        raise DataError(
            f"--inventories {rule}: the table has no column of inventories; final uses: {uses}. Give refuse, keep or zero, or call the column one "
            f"of {recognised('inventories')}."
        )
    table, account = RULES[rule](table)
    if rule != "keep":
        _refuse_negative(table, rule)
    return table, account


def _sums(table: Table) -> Array:
    """All final uses together [exporter, sector, importer]."""
    return np.asarray(table.final.sum(3))


def _refuse_negative(table: Table, rule: Inventories) -> None:
    sums = _sums(table)
    negative = np.argwhere(sums < 0)
    if not len(negative):
        return
    order = negative[np.argsort(sums[tuple(negative.T)], kind="stable")]
    worst = [f"row {table.seller(place[:2])}, final uses of {table.countries[place[2]]}: {sums[tuple(place)]:.6g}" for place in order]
    total = f"{len(negative):,} of {sums.size:,} sums of final uses are negative, {sums[sums < 0].sum():,.6g} in all"
    others = "keep, drop, spread or zero" if rule == "refuse" else "zero"
    raise DataError([f"inventories: {total}. Say how to treat them: --inventories {others}.", *short(worst)])


def _untouched(table: Table) -> Step:
    return table, []


def _keep(table: Table) -> Step:
    sums = _sums(table)
    low = sums < 0
    if not low.any():
        return table, []
    place = np.unravel_index(int(sums.argmin()), sums.shape)
    text = (
        f"Negative sums of final uses stay, most for row {table.seller(place[:2])} in {table.countries[place[2]]}; output is as published."
    )
    return table, [table.treatment("inventories keep", low.sum(), -sums[low].sum(), text)]


def _drop(table: Table) -> Step:
    stocks = table.final[..., table.stocks]
    moved = stocks.sum((2, 3))
    final = np.delete(table.final, table.stocks, axis=3)
    uses = [use for use in table.uses if use not in table.inventories]
    output = None if table.output is None else table.output - moved
    text = f"Changes in inventories are left out; world output falls by {moved.sum():,.6g} net."
    entry = table.treatment("inventories drop", np.count_nonzero(stocks), np.abs(stocks).sum(), text)
    return replace(table, uses=uses, final=final, output=output), [entry] if entry.cells else []


def _spread(table: Table) -> Step:
    stocks = table.final[..., table.stocks]
    moved = stocks.sum((2, 3))
    other = table.sales - moved
    alone = (other <= 0) & (moved != 0)
    low = np.argwhere((other + moved < 0) & ~alone)
    if len(low):
        raise DataError(
            short(
                [
                    f"--inventories spread: row {table.seller(p)} runs down more than it sells ({moved[tuple(p)]:.6g}); give zero."
                    for p in low
                ]
            )
        )
    factor = np.where(alone | (other <= 0), 1.0, (other + moved) / np.where(other > 0, other, 1.0))[:, :, None, None]
    final = table.final * factor
    final[..., table.stocks] = np.where(alone[:, :, None, None], np.maximum(stocks, 0.0), 0.0)
    text = "Each seller's change in inventories is spread over its other uses in proportion."
    if alone.any():
        text += f" {alone.sum()} sellers have no other use (first {table.seller(np.argwhere(alone)[0])}): additions stay, run-downs are left out."
    entry = table.treatment("inventories spread", np.count_nonzero(stocks), np.abs(stocks).sum(), text)
    return replace(table, intermediate=table.intermediate * factor, final=final), [entry] if entry.cells else []


def _zero(table: Table) -> Step:
    """Negative sums to zero; x = (I − Z/x₀)⁻¹ f with the published output x₀ (the row sums where the source has none)."""
    sums = _sums(table)
    low = sums < 0
    old = table.sales if table.output is None else table.output
    shape, flat = table.intermediate.shape, old.size
    coefficient = table.intermediate.reshape(flat, flat) * np.where(old > 0, 1.0 / np.where(old > 0, old, 1.0), 0.0).ravel()
    demand = np.where(low, 0.0, sums)
    try:
        new = np.linalg.solve(np.eye(flat) - coefficient, demand.sum(2).ravel())
    except np.linalg.LinAlgError as error:
        raise DataError("--inventories zero: output cannot be solved at these input coefficients (they are singular).") from error
    if not np.all(np.isfinite(new)) or new.min(initial=0.0) < -1e-9 * old.max():
        where = table.seller(np.unravel_index(int(new.argmin()), old.shape))
        raise DataError(
            f"--inventories zero: output solved at given input coefficients is negative, most for {where}; inputs exceed output."
        )
    new = np.maximum(new, 0.0)
    coefficient *= new
    # one column for what is left: the published uses cannot be told apart where their sum was negative
    final = np.where(low[..., None], 0.0, table.final)
    solved = replace(table, intermediate=coefficient.reshape(shape), final=final, output=new.reshape(old.shape))
    return solved, [_account_of_zero(table, sums, old, new.reshape(old.shape))]


def _account_of_zero(table: Table, sums: Array, old: Array, new: Array) -> Treatment:
    change = np.abs(new - old)
    place = np.unravel_index(int(change.argmax()), old.shape)
    relative = 100 * (new.sum() / old.sum() - 1) if old.sum() > 0 else 0.0
    text = (
        f"Negative sums of final uses are zero and output is solved anew at given input coefficients: world output changes by {relative:+.3g} %, "
        f"most for {table.seller(place)} ({old[place]:,.6g} to {new[place]:,.6g})."
    )
    return table.treatment("inventories zero", (sums < 0).sum(), -sums[sums < 0].sum(), text)


RULES: dict[Inventories, Callable[[Table], Step]] = {
    "refuse": _untouched, "keep": _keep, "drop": _drop, "spread": _spread, "zero": _zero,
}  # fmt: skip
"""What each rule does to a table."""
