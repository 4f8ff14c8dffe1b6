"""The tables of a shock as arrays: which cells an entry means, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from cge.data.arrays import BILATERAL, Array
from cge.data.economy import Economy, place
from cge.data.labels import KIND, Mask, Names, Selection, home, pairs, select
from cge.data.tariffs.file import read_rates
from cge.data.units import as_rates, single_fault
from cge.errors import DataError
from cge.model.exponents import Exponents
from cge.model.shock import SHOCK_DIMS
from cge.runfile.keys import Keys, Tariff

Find = Callable[[str, str], Path | None]
"""The file of rates of a name, given the place in the run file that names it; None after adding to the faults."""

ROUNDING = 1e-12
"""A rate this far below zero is the rounding of a sum (0.3 − 3 · 0.1) and read as zero."""


def changes(
    shocks: Mapping[str, Sequence[Any]],
    names: Mapping[str, Names],
    economy: Economy,
    exponents: Exponents | None,
    find: Find,
    faults: list[str],
) -> dict[str, xr.DataArray]:
    """What the tables of a shock change, labelled, by name of the table; what they leave as it is is left out. Adds to `faults`.

    Args:
        shocks: entries of each table; names: what they can name; find: how a file of rates is found.
        exponents: of the model, which say where fixed costs play no role; None: not known.
    """
    old = economy.data["tariff"].transpose(*BILATERAL)
    idle = None if exponents is None else np.asarray(exponents.on(economy.sectors)["fixed"] == 0)
    found, account = {}, list[str]()
    for table, entries in shocks.items():
        if not entries:
            continue
        if table == "tariff":
            array, same = rates(entries, names, economy, find, account, faults), old.values
        else:
            array, same = factors(table, entries, names, faults, idle if table == "fixed_cost" else None), np.ones(1)
        if not np.all(array == same):
            found[table] = xr.DataArray(array, {dim: names[KIND[dim]].labels for dim in SHOCK_DIMS[table]}, SHOCK_DIMS[table])
    if account and "tariff" in found:
        found["tariff"].attrs["account"] = "\n".join(account)
    return found


def factors(table: str, entries: Sequence[Any], names: Mapping[str, Names], faults: list[str], idle: Mask | None = None) -> Array:
    """Factors on the benchmark, entries multiplied, on the dims of `SHOCK_DIMS`; adds to `faults`.

    Args:
        idle: sectors where a change does nothing under the model (its exponent is zero); selecting one is a fault.
    """
    array = np.ones([len(names[KIND[dim]].labels) for dim in SHOCK_DIMS[table]])
    for number, entry in enumerate(entries):
        mask = cells(table, entry, names, f"{table}[{number}]", faults)
        if mask is None or entry.times is None:
            continue
        if idle is not None and (mask.any(axis=(1, 2)) & idle).any():
            faults.append(f"{table}[{number}]: plays no role under this model (the exponent is zero); use melitz, or an iceberg shock.")
        array[mask] *= entry.times
    return array


def rates(
    entries: Sequence[Tariff], names: Mapping[str, Names], economy: Economy, find: Find, account: list[str], faults: list[str]
) -> Array:
    """New tariff rates [sector, exporter, importer]: each entry acts on the result of those before it; adds to `faults`.

    Args:
        economy: whose rates entries act on; find: how a file of rates is found; account: what was read in files is added to it.
    """
    old = economy.data["tariff"].transpose(*BILATERAL)
    rate, known = old.values.copy(), len(faults)
    last = np.zeros(rate.shape, dtype=np.int32)
    for number, entry in enumerate(entries):
        where = f"tariff[{number}]"
        mask = cells("tariff", entry, names, where, faults)
        action = _action(entry, where, faults)
        levels = _levels(entry, where, names, economy, find, account, faults) if action == "file" else None
        if mask is None:
            continue
        last[mask] = number
        if levels is not None:
            faults += _gaps(old.copy(data=levels), mask, f"{where}.file: {entry.file}")
            rate[mask] = levels[mask]
        elif action is not None and action != "file":
            rate[mask] = _ACTIONS[action](rate[mask], _number(entry, action))
    low = rate < -ROUNDING
    if low.any() and len(faults) == known:
        faults.append(_below_zero(old.copy(data=rate), int(low.sum()), last))
    return np.where(low, rate, np.maximum(rate, 0.0))


def _levels(
    entry: Tariff, where: str, names: Mapping[str, Names], economy: Economy, find: Find, account: list[str], faults: list[str]
) -> Array | None:
    """Rates in the file of an entry [sector, exporter, importer], NaN where it has none; None after adding to the faults."""
    path = find(str(entry.file), where)
    if path is None:
        return None
    groups = {kind: names[kind].groups for kind in ("country", "sector")}
    try:
        read = read_rates(path, economy, groups=groups, unit=entry.unit)
    except DataError as error:
        faults.extend(f"{where}.file: {fault}" for fault in error.faults)
        return None
    account.extend(read.account)
    return np.asarray(read.values.transpose(*BILATERAL).values)


def _number(entry: Tariff, action: str) -> float:
    """What an entry sets, adds or multiplies by: rates as rates, whatever the unit they are given in."""
    number = float(getattr(entry, action))
    return number if action == "times" else as_rates(number, entry.unit)


_ACTIONS: dict[str, Callable[[Array, float], Array]] = {"set": np.full_like, "add": np.add, "times": np.multiply}


def _action(entry: Tariff, where: str, faults: list[str]) -> str | None:
    """What an entry does to a rate; None after adding to `faults`, or where its value has one."""
    given = [key for key in (*_ACTIONS, "file") if key in entry.model_fields_set]
    if len(given) != 1:
        faults.append(f"{where}: has {' and '.join(given) or 'no action'}; give exactly one of set, add, times, file.")
        return None
    action, value = given[0], getattr(entry, given[0])
    if action == "times" and entry.unit is not None:
        faults.append(f"{where}.unit: says nothing of times, which is a factor; leave it out.")
    if action in ("set", "add") and value is not None and entry.unit is None:
        remedy = f'If {100 * value:,.4g} % is meant, write unit = "rate" beside it.'
        faults += [f"{where}.{action}: {fault}" for fault in single_fault(value, remedy)]
    return action if value is not None else None


def _below_zero(rate: xr.DataArray, count: int, last: npt.NDArray[np.int32]) -> str:
    """The lowest rate, where it is and which entry made it."""
    worst = rate.values == rate.values.min()
    return (
        f"tariff: the rate is {rate.values.min():g} at {place(rate, worst)} after tariff[{last[worst][0]}] ({count} such "
        f"{'cell' if count == 1 else 'cells'}); no rate may end below zero."
    )


def _gaps(levels: xr.DataArray, mask: Mask, where: str) -> Iterator[str]:
    missing = mask & np.isnan(levels.values)
    if missing.any():
        count = f"{missing.sum()} of {mask.sum()} selected cells"
        yield f"{where} has no rate for {count}, first {place(levels, missing)}; select fewer, or fill the file."


def cells(table: str, entry: Keys, names: Mapping[str, Names], where: str, faults: list[str]) -> Mask | None:
    """Cells that an entry of a shock table selects, on the dims of `SHOCK_DIMS`; None after adding to `faults`, or for a key that has one."""
    dims = SHOCK_DIMS[table]
    keys = {dim: getattr(entry, dim) for dim in dims}
    chosen = {dim: select(value, names[KIND[dim]], f"{where}.{dim}", faults) for dim, value in keys.items() if value is not None}
    found = {dim: selection for dim, selection in chosen.items() if selection is not None}
    if dims == BILATERAL:
        pair = _pairs(table, found, where, faults)
        return found["sector"].mask[:, None, None] & pair if pair is not None and "sector" in found else None
    return None if len(found) < len(dims) else found[dims[0]].mask[:, None] & found[dims[1]].mask


def _pairs(table: str, found: Mapping[str, Selection], where: str, faults: list[str]) -> Mask | None:
    """Pairs [exporter, importer] that an entry selects; None where a side is not known, or after adding to `faults`."""
    if "exporter" not in found or "importer" not in found:
        return None
    exporter, importer = found["exporter"], found["importer"]
    if table == "tariff" and home(exporter, importer):
        faults.append(f"{where}: exporter and importer are both {exporter.single}; sales at home bear no tariff.")
        return None
    pair = pairs(exporter, importer)
    if not pair.any():
        faults.append(
            f"{where}: matches nothing: exporter and importer select the same country, and a selection never pairs a country with itself. "
            "Write its label on both sides if its domestic cost is meant."
        )
        return None
    return pair
