"""What is wrong with the values of an economy: its accounts, its rates, what it lacks, with the worst cell by name."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import xarray as xr

from cge.data.arrays import place
from cge.data.named import some
from cge.data.text import counted
from cge.data.units import STATED, unit_fault
from cge.data.variables import DIMS, RATED

OWN_SALES = (
    "Without them no share of spending and no gain means anything: add flows with exporter = importer, own sales = gross output − exports "
    "(in a tidy table rows with use = output are enough)."
)


NEGATIVE = {
    "flow": "Treat inventory changes first: cge import --inventories spread.",
    "tariff": "Subsidies to imports are not supported; of a published table: cge import --subsidies zero.",
    "export_tax": "Subsidies to exports are not supported in the data.",
    "value_added": "Inputs exceed sales there: correct the table or merge the cell (cge aggregate).",
    "intermediate": "Correct the table.",
}
"""What to do where a variable is below zero."""


def value_faults(data: xr.Dataset, tolerance: float) -> Iterable[str]:
    """Faults of the values of all variables, one sentence each, with the worst cell by name."""
    for name in (name for name in DIMS if name in data):
        yield from cell_faults(name, data[name])
    for name in (name for name in RATED if name in data):
        yield from _rate_faults(name, data[name])
    if not np.all(np.isfinite(data["flow"])) or not np.all(np.isfinite(data["value_added"])):
        return
    yield from _home_faults(data["flow"])
    yield from _identity_faults(data, tolerance)


def cell_faults(name: str, array: xr.DataArray) -> Iterable[str]:
    """Values of one variable [its dims] that are no finite numbers from zero."""
    bad = ~np.isfinite(array.values)
    if bad.any():
        count = counted(int(bad.sum()), "entry", "entries")
        yield f"{name}: {count} not a finite number, first at {place(array, bad)}. A missing value is not a zero: fill it on purpose."
    negative = array.values < 0
    if negative.any():
        worst, count = float(np.nanmin(array.values)), counted(int(negative.sum()), "negative entry", "negative entries")
        yield f"{name}: {count}, largest {worst:.6g} at {place(array, array.values == worst)}. {NEGATIVE[name]}"


def _rate_faults(name: str, rates: xr.DataArray) -> Iterable[str]:
    """Tariffs or export taxes at home, and those that are no rates, by what the variable says of itself or else by what they look like."""
    home = rates.values[np.arange(rates.sizes["exporter"]), np.arange(rates.sizes["importer"])]
    if np.any(home != 0):
        country, sector = np.argwhere(home != 0)[0]
        label, good = str(rates["exporter"].values[country]), str(rates["sector"].values[sector])
        count = counted(int(np.count_nonzero(home)), "nonzero rate")
        yield f"{name}: {count} on own-country sales, first at exporter={label} importer={label} sector={good}; the diagonal must be 0."
    stated = STATED.get(str(rates.attrs.get("units", "")))
    if stated == "percent":
        yield f"{name}: its units are percent; divide it by 100 and say units = 1."
    elif stated != "rate":
        remedy = f'If they are rates all the same, say so in the attribute `units` of the variable: {name}.attrs["units"] = "1".'
        yield from (f"{name}: {fault}" for fault in unit_fault(rates.values, remedy))


def unread_faults(dataset: xr.Dataset) -> Iterable[str]:
    """Words in place of numbers and, where there are any, what else is wrong in the variables that have none; nothing where all are numbers."""
    given = {name: dataset[name].transpose(*dims) for name, dims in DIMS.items() if name in dataset}
    words = {name: fault for name, array in given.items() if (fault := word_fault(array))}
    for name, array in given.items():
        if name in words:
            yield f"{name}: {words[name]}"
        elif words:
            yield from cell_faults(name, array.astype(float))


def word_fault(array: xr.DataArray) -> str:
    """A sentence on values [any dims] that are no real numbers, with the first of them; none where there are none."""
    if array.dtype.kind not in "OSUc":
        return ""
    words = np.vectorize(_is_word, otypes=[bool])(array.values)
    if not words.any():
        return ""
    count = counted(int(words.sum()), "entry", "entries")
    return f"{str(array.values[words][0])!r} at {place(array, words)} is not a number ({count}); write numbers there."


def _is_word(value: object) -> bool:
    try:
        float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return True
    return False


def _home_faults(flow: xr.DataArray) -> Iterable[str]:
    """Countries that sell nothing at home: trade statistics, from which no share of spending follows. A cell alone may well be empty."""
    countries = [str(c) for c in flow["exporter"].values[np.einsum("iis->i", flow.values) == 0]]
    if countries:
        whole = " (no country has any: these are trade statistics)" if len(countries) == flow.sizes["exporter"] else ""
        yield f"flow: no sales at home in {some(countries)}{whole}. {OWN_SALES}"


def _identity_faults(data: xr.Dataset, tolerance: float) -> Iterable[str]:
    sales = data["flow"].sum("importer").rename(exporter="country")
    cost = data["intermediate"].sum("input") + data["value_added"].sum("factor")
    gap = (cost - sales).transpose("country", "sector")
    relative = np.abs(gap.values) / np.maximum(
        np.maximum(sales.transpose("country", "sector").values, np.abs(cost.transpose("country", "sector").values)), 1e-300
    )
    # Differences below a thousandth of that (1e-12) of the country's sales are rounding whatever the cell.
    floor = tolerance / 1000 * sales.sum("sector").values[:, None]
    broken = (relative > tolerance) & (np.abs(gap.values) > floor)
    if broken.any():
        worst = np.where(broken, relative, 0.0)
        where = place(gap, worst == worst.max())
        yield (
            f"sales: {counted(int(broken.sum()), 'cell differs', 'cells differ')} from intermediates plus value added, most at {where} "
            f"(relative {worst.max():.3g}). Check units and the rows that were left out."
        )
    payments = data["value_added"].sum("sector")
    unpaid = payments.values <= 0
    if unpaid.any():
        yield f"value_added: nothing is paid to {place(payments, unpaid)}; every country needs a positive income of every factor (drop or merge it)."
