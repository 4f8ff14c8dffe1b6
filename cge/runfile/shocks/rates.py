"""New rates: each entry acts on the result of those before it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import xarray as xr

from cge.data.arrays import BILATERAL, Array, Labels, place
from cge.data.labels import Mask, Names
from cge.data.units import as_rates
from cge.errors import DataError
from cge.model.shock import SUBSIDIES
from cge.runfile.keys.shocks import ACTIONS, ExportTax, Tariff
from cge.runfile.shocks.cells import cells, gaps
from cge.runfile.shocks.sources import Sources

RateEntry = Tariff | ExportTax

ROUNDING = 1e-12
"""A rate this far below zero is the rounding of a sum (0.3 − 3 · 0.1) and read as zero."""


def rates(
    table: str, entries: Sequence[RateEntry], names: Mapping[str, Names], old: xr.DataArray, given: Sources, faults: list[str]
) -> Array | None:
    """New tariffs or export taxes [sector, exporter, importer]: each entry acts on the result of those before it; adds to `faults`.

    Args:
        table: which of the two; old: rates before on the same dims, NaN where they are not known; given: what files hold.

    Returns:
        None where one of them is not known.
    """
    rate, known = old.values.copy(), len(faults)
    last: list[tuple[int, Mask]] = []
    for number, entry in enumerate(entries):
        where = f"{table}[{number}]"
        mask = cells(table, entry, names, where, faults)
        action = _action(entry)
        if mask is None or action is None:
            continue
        last.append((number, mask))
        if action != "file":
            _ACTIONS[action](rate, _number(entry, action), mask)
        elif (levels := _levels(table, entry, where, names, given, faults)) is not None:
            if entry.partial:
                mask &= ~np.isnan(levels)
            faults += gaps(old.copy(data=levels), mask, f"{where}.file: {entry.file}", "rate")
            rate[mask] = levels[mask]
        else:
            rate[mask] = np.nan
    lowest = rate.min(initial=0.0)
    if lowest > -1 if given.subsidies else lowest >= 0:  # which no rate is that is not known
        return rate
    if (rate <= -1 if given.subsidies else rate < -ROUNDING).any():
        if len(faults) == known:
            faults.append(_too_low(table, old.copy(data=rate), last, given.subsidies))
    elif not given.subsidies:
        np.maximum(rate, 0.0, out=rate)
    return None if np.isnan(rate).any() else rate


def _levels(table: str, entry: RateEntry, where: str, names: Mapping[str, Names], given: Sources, faults: list[str]) -> Array | None:
    """Rates in the file of an entry [sector, exporter, importer], NaN where it has none; None after adding to the faults."""
    name, known = str(entry.file), {kind: names[kind] for kind in ("country", "sector")}
    if name not in given.files:
        return None
    labels = Labels(known["country"].labels, known["sector"].labels, [])
    groups = {kind: of_kind.groups for kind, of_kind in known.items()}
    from cge.data.tariffs.file import export_taxes_on, rates_on

    try:
        if table == "export_tax":
            read = export_taxes_on(labels, given.files[name], groups=groups, unit=entry.unit, origin=name)
        else:
            read = rates_on(labels, given.files[name], groups=groups, unit=entry.unit, subsidies=given.subsidies, origin=name)
    except DataError as error:
        faults.extend(f"{where}.file: {fault}" for fault in error.faults)
        return None
    given.account.extend(read.account)
    return np.asarray(read.values.transpose(*BILATERAL).values)


def _number(entry: RateEntry, action: str) -> float:
    """What an entry sets, adds or multiplies by: rates as rates, whatever the unit they are given in."""
    number = float(getattr(entry, action))
    return number if action == "times" else as_rates(number, entry.unit)


_ACTIONS: dict[str, Callable[[Array, float, Mask], object]] = {
    "set": lambda rate, number, mask: np.copyto(rate, number, where=mask),
    "add": lambda rate, number, mask: np.add(rate, number, out=rate, where=mask),
    "times": lambda rate, number, mask: np.multiply(rate, number, out=rate, where=mask),
}
"""What an action does to the rates of cells."""


def _action(entry: RateEntry) -> str | None:
    """What an entry does to a rate; None where it says nothing or several things, or a value has a fault."""
    given = [key for key in ACTIONS if key in entry.model_fields_set]
    return given[0] if len(given) == 1 and getattr(entry, given[0]) is not None else None


def _too_low(table: str, rate: xr.DataArray, entries: Sequence[tuple[int, Mask]], subsidies: bool) -> str:
    """The lowest rate, where it is and which of these entries made it, by number and cells; the first where it stood before."""
    lowest, count = np.nanmin(rate.values), int((rate.values <= -1 if subsidies else rate.values < -ROUNDING).sum())
    worst = rate.values == lowest
    first = np.unravel_index(int(worst.argmax()), worst.shape)
    number = max((number for number, mask in entries if mask[first]), default=0)
    return (
        f"{table}: the rate is {lowest:g} at {place(rate, worst)} after {table}[{number}] ({count} such {'cell' if count == 1 else 'cells'}); "
        + ("a rate must end above -1, where nothing would be paid." if subsidies else f"no rate may end below zero ({SUBSIDIES}).")
    )
