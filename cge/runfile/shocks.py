"""The tables of a shock as arrays: which cells an entry means, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import xarray as xr

from cge.data.arrays import BILATERAL, Array, Labels, labelled
from cge.data.economy import place
from cge.data.labels import KIND, Mask, Names, Selection, home, pairs, select
from cge.data.units import as_rates
from cge.errors import DataError
from cge.model.exponents import Exponents
from cge.model.shock import RATES, SHOCK_DIMS, SUBSIDIES
from cge.runfile.keys.shocks import ACTIONS, ExportTax, Tariff
from cge.runfile.keys.table import Keys

if TYPE_CHECKING:
    from cge.data.tariffs.file import Opened

Rates = Mapping[str, "Opened"]
"""What files of rates hold, by name; one with faults, which are told already, is absent."""

RateEntry = Tariff | ExportTax

NOTHING: Mapping[str, xr.DataArray] = {}

ROUNDING = 1e-12
"""A rate this far below zero is the rounding of a sum (0.3 − 3 · 0.1) and read as zero."""


def changes(
    shocks: Mapping[str, Sequence[Any]],
    names: Mapping[str, Names],
    old: Mapping[str, xr.DataArray],
    exponents: Exponents | None,
    files: Rates,
    faults: list[str],
    first: Mapping[str, xr.DataArray] = NOTHING,
    *,
    subsidies: bool = False,
) -> dict[str, xr.DataArray]:
    """What the tables of a shock change, labelled, by name of the table; one that changes nothing or has faults is left out. Adds to `faults`.

    Args:
        shocks: entries of each table; names: what they can name, of the kinds whose labels are known.
        old: rates before by name [sector, exporter, importer], NaN where they are not known; none without labels. files: rates in files.
        exponents: of the model, which say where fixed costs play no role; None: not known.
        first: what the tables act on in place of the data, by name of the table. subsidies: whether rates may end below zero.
    """
    idle = None if exponents is None else _idle(exponents, names)
    found = {}
    for table, entries in shocks.items():
        account = list[str]()
        before = first.get(table)
        if not entries and before is None:
            continue
        known = len(faults)
        given = Given(files, exponents, account, subsidies)
        if table in RATES:
            if table not in old:
                continue
            under = old[table] if before is None else before
            array, same = rates(table, entries, names, under, given, faults), old[table].values
        else:
            array, same = factors(table, entries, names, faults, idle if table == "fixed_cost" else None, given), np.ones(1)
            array = array if array is None or before is None else array * before.values
        if array is not None and len(faults) == known and not np.all(array == same):
            found[table] = labelled(array, {dim: names[KIND[dim]].labels for dim in SHOCK_DIMS[table]})
            found[table].attrs |= {"account": "\n".join(account)} if account else {}
    return found


def _idle(exponents: Exponents, names: Mapping[str, Names]) -> Mask:
    """Where fixed costs play no role under a model [sector]; one place for all where sectors are not known."""
    sectors = names["sector"].labels if "sector" in names else ["*"]
    return np.asarray(exponents.on(sectors)["fixed"] == 0)


@dataclass(frozen=True, eq=False)
class Given:
    """What entries take from elsewhere.

    Attributes:
        files: by name. exponents: of the model, None where they are not known. account: what was read is added to it. subsidies: whether rates
            may be below zero.
    """

    files: Rates = field(default_factory=dict)
    exponents: Exponents | None = None
    account: list[str] = field(default_factory=list)
    subsidies: bool = False


def factors(
    table: str, entries: Sequence[Any], names: Mapping[str, Names], faults: list[str], idle: Mask | None = None, given: Given | None = None
) -> Array | None:
    """Factors on the benchmark, entries multiplied [dims of `SHOCK_DIMS`]; adds to `faults`. None where labels of a dim are not known.

    Args:
        idle: sectors where a change does nothing under the model (its exponent is zero); selecting one is a fault. given: what files hold.
    """
    known = [names[KIND[dim]].labels for dim in SHOCK_DIMS[table] if KIND[dim] in names]
    array = np.ones([len(labels) for labels in known])
    for number, entry in enumerate(entries):
        where = f"{table}[{number}]"
        mask = cells(table, entry, names, where, faults)
        if idle is not None and (idle.all() or (mask is not None and (mask.any(axis=(1, 2)) & idle).any())):
            faults.append(f"{where}: plays no role under this model (the exponent is zero); use melitz, or an iceberg shock.")
        if mask is None:
            continue
        if entry.times is not None:
            array[mask] *= entry.times
        elif getattr(entry, "file", None) is not None and given is not None:
            array[mask] *= _listed(entry, mask, where, names, given, faults)[mask]
    return array if len(known) == len(SHOCK_DIMS[table]) else None


def _listed(entry: Any, mask: Mask, where: str, names: Mapping[str, Names], given: Given, faults: list[str]) -> Array:
    """Factors in the file of an entry [sector, exporter, importer], one where it has none; adds to `faults` for selected cells that it lacks.

    An effect e on ln trade is the factor exp(−e/trade): trade costs enter trade with the exponent −trade (equation of the trade weight).
    """
    one = np.ones(mask.shape)
    name, log = str(entry.file), getattr(entry, "effect", None) is not None
    if name not in given.files:
        return one
    labels = Labels(names["country"].labels, names["sector"].labels, [])
    groups = {kind: names[kind].groups for kind in ("country", "sector")}
    from cge.data.tariffs.cells import cell_values  # readers of rates are many modules, loaded where a file is named
    from cge.data.tariffs.sheets import Sheets

    opened = given.files[name]
    try:
        if not isinstance(opened, Sheets):
            raise DataError(f"{name}: is netCDF; give csv exporter,importer,sector,{'effect' if log else 'times'}.")
        read = cell_values(labels, opened, "effect" if log else "times", groups=groups, origin=name)
    except DataError as error:
        faults.extend(f"{where}.file: {fault}" for fault in error.faults)
        return one
    given.account.extend(read.account)
    found = read.values.transpose(*BILATERAL)
    if not entry.partial:
        faults += _gaps(found, mask, f"{where}.file: {name}", "value")
    values = np.asarray(found.values)
    if log:
        if given.exponents is None:  # and that is told already
            return one
        values = np.exp(-values / given.exponents.on(labels.sectors)["trade"][:, None, None])
    return np.where(np.isnan(values), 1.0, values)


def rates(
    table: str, entries: Sequence[RateEntry], names: Mapping[str, Names], old: xr.DataArray, given: Given, faults: list[str]
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
            faults += _gaps(old.copy(data=levels), mask, f"{where}.file: {entry.file}", "rate")
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


def _levels(table: str, entry: RateEntry, where: str, names: Mapping[str, Names], given: Given, faults: list[str]) -> Array | None:
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


def _gaps(levels: xr.DataArray, mask: Mask, where: str, what: str) -> Iterator[str]:
    missing = mask & np.isnan(levels.values)
    if missing.any():
        count = f"{missing.sum()} of {mask.sum()} selected cells"
        cure = "select fewer, fill the file, or write partial = true, by which these stay"
        yield f"{where} has no {what} for {count}, first {place(levels, missing)}; {cure}."


def cells(table: str, entry: Keys, names: Mapping[str, Names], where: str, faults: list[str]) -> Mask | None:
    """Cells that an entry of a shock table selects, on the dims of `SHOCK_DIMS`; None after adding to `faults`, for a key that has one, or where the
    labels of a dim are not known.
    """
    dims = SHOCK_DIMS[table]
    keys = {dim: value for dim in dims if (value := getattr(entry, dim)) is not None and KIND[dim] in names}
    chosen = {dim: select(value, names[KIND[dim]], f"{where}.{dim}", faults) for dim, value in keys.items()}
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
    if table in RATES and home(exporter, importer):
        faults.append(f"{where}: exporter and importer are both {exporter.single}; sales at home bear no {table.replace('_', ' ')}.")
        return None
    pair = pairs(exporter, importer)
    if not pair.any():
        faults.append(
            f"{where}: matches nothing: exporter and importer select the same country, and a selection never pairs a country with itself. "
            "Write its label on both sides if its domestic cost is meant."
        )
        return None
    return pair
