"""Which cells a run file means: labels, groups, patterns and lists become masks, and the tables of a shock become arrays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr
from pydantic import BaseModel, ConfigDict, Field, PlainValidator

from cge.economy import Economy, place
from cge.errors import DataError, nearest
from cge.shock import BILATERAL, SHOCK_DIMS

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

WILD = "*?["
"""Characters that make an entry a pattern, where no label or group bears it as its name."""

PLURAL = {"country": "countries", "sector": "sectors", "factor": "factors"}

KIND = {"exporter": "country", "importer": "country", "country": "country", "sector": "sector", "factor": "factor"}
"""What the label keys of a shock select."""

ROUNDING = 1e-12
"""A rate this far below zero is the rounding of a sum (0.3 − 3 · 0.1) and read as zero."""

RESERVED = "World"
"""Row of all countries in the group outputs; no group may bear this name."""


@dataclass(frozen=True)
class Names:
    """Everything an entry of one kind can name.

    Attributes:
        kind: `country`, `sector` or `factor`; labels: of the economy, in its order; groups: labels of each group of this kind.
        elsewhere: names of other kinds, with what they are, for messages; broken: groups with faults, which are named once, not at each use.
    """

    kind: str
    labels: list[str]
    groups: Mapping[str, list[str]] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


@dataclass(frozen=True, eq=False)
class Selection:
    """Labels that a key of a shock selects.

    Attributes:
        mask: selected or not, in the order of the labels; single: the label, where the key is one label written out.
    """

    mask: Mask
    single: str | None = None


def name_tables(economy: Economy, raw: Mapping[str, list[str]], faults: list[str]) -> dict[str, Names]:
    """What entries of each kind can name, with the groups of a run file; adds to `faults` for groups that cannot be.

    Args:
        economy: labels; raw: the table [groups], labels or patterns of each group.
    """
    labels = {"country": economy.countries, "sector": economy.sectors, "factor": economy.factors}
    groups: dict[str, dict[str, list[str]]] = {kind: {} for kind in labels}
    for name, entries in raw.items():
        known = len(faults)
        faults += _name_faults(name, labels)
        kind, found = _group_kind(name, entries, raw, labels, faults)
        if len(faults) == known:
            groups[kind][name] = found
    sound = {name for found in [*labels.values(), *groups.values()] for name in found}
    broken = frozenset(raw) - sound
    return {kind: Names(kind, labels[kind], groups[kind], _elsewhere(kind, labels, groups), broken) for kind in labels}


def _name_faults(name: str, labels: Mapping[str, list[str]]) -> Iterable[str]:
    for kind, known in labels.items():
        if name in known:
            yield f"groups.{name}: the economy has a {kind} of this name; give the group another one."
    if name == RESERVED:
        yield f"groups.{name}: outputs give this name to the sum of all countries; choose another one."
    if name.startswith("!") or any(c in name for c in WILD):
        yield f"groups.{name}: a name may not begin with ! or hold any of {WILD}; these have a meaning in selections."


def _group_kind(
    name: str, entries: list[str], raw: Mapping[str, list[str]], labels: Mapping[str, list[str]], faults: list[str]
) -> tuple[str, list[str]]:
    """Whether a group is of countries or of sectors, and its labels in the order of the economy; adds to `faults` where it is neither or both."""
    where = f"groups.{name}"
    every = [*labels["country"], *labels["sector"]]
    nested = [e for e in entries if e in raw and e not in every]
    faults += [f"{where}: {entry} is a group, and groups may not contain groups; list its labels." for entry in nested]
    found = {kind: {entry: _of_entry(entry, labels[kind]) for entry in entries} for kind in ("country", "sector")}
    lost = [e for e in entries if e not in nested and not any(found[kind][e] for kind in found)]
    faults += [f"{where}: no country or sector {entry}.{nearest(entry, every)}" for entry in lost]
    whole = [kind for kind in found if all(found[kind].values())]
    if not nested and not lost and len(whole) != 1:
        problem = "can be read as countries and as sectors" if whole else "mixes countries and sectors"
        faults.append(f"{where}: {problem}; a group is wholly of one kind: write out labels, or patterns that fit one kind only.")
    kind = whole[0] if whole else "country"
    chosen = {label for members in found[kind].values() for label in members}
    return kind, [label for label in labels[kind] if label in chosen]


def _of_entry(entry: str, labels: list[str]) -> list[str]:
    """Labels that a label or a pattern stands for."""
    if entry in labels:
        return [entry]
    return [label for label in labels if fnmatchcase(label, entry)] if any(c in entry for c in WILD) else []


def _elsewhere(kind: str, labels: Mapping[str, list[str]], groups: Mapping[str, Mapping[str, list[str]]]) -> dict[str, str]:
    others = [other for other in labels if other != kind]
    return {label: f"a {other}" for other in others for label in labels[other]} | {
        group: f"a group of {PLURAL[other]}" for other in others for group in groups[other]
    }


def select(value: str | list[str], names: Names, where: str, faults: list[str]) -> Selection | None:
    """What an entry or a list of entries selects; None after adding to `faults`.

    Entries are labels, groups or patterns, in this order of precedence; those that begin with ! take away, wherever they stand in the list. A list
    of nothing but such entries takes away from everything.

    Args:
        value: entries; names: what they can name; where: place in the run file, for messages.
    """
    entries = [value] if isinstance(value, str) else value
    minus = [entry for entry in entries if entry.startswith("!") and entry not in names.labels]
    plus = [entry for entry in entries if entry not in minus]
    known = len(faults)
    mask = _union(plus, names, where, faults) if plus else np.ones(len(names.labels), dtype=bool)
    mask &= ~_union([entry[1:] for entry in minus], names, where, faults)
    if len(faults) > known or any(entry.removeprefix("!") in names.broken for entry in entries):
        return None
    if not mask.any():
        faults.append(f"{where}: {_written(entries)} matches nothing: all that it names is taken away again.")
        return None
    return Selection(mask, entries[0] if len(entries) == 1 and entries[0] in names.labels else None)


def _union(entries: list[str], names: Names, where: str, faults: list[str]) -> Mask:
    chosen: set[str] = set()
    for entry in entries:
        found = names.groups[entry] if entry in names.groups and entry not in names.labels else _of_entry(entry, names.labels)
        if not found and entry not in names.broken:
            faults.append(f"{where}: {_unknown(entry, names)}")
        chosen.update(found)
    return np.fromiter((label in chosen for label in names.labels), dtype=bool, count=len(names.labels))


def _unknown(entry: str, names: Names) -> str:
    if entry in names.elsewhere:
        return f"{entry} is {names.elsewhere[entry]}; here {PLURAL[names.kind]} are selected."
    if any(c in entry for c in WILD):
        return f"the pattern {entry} matches nothing: no {names.kind} has such a label."
    groups = f" or group of {PLURAL[names.kind]}" if names.groups else ""
    return f"no {names.kind}{groups} {entry or '(empty)'}.{nearest(entry, [*names.labels, *names.groups])}"


def _written(entries: list[str]) -> str:
    return ", ".join(f'"{entry}"' for entry in entries)


def pairs(exporter: Selection, importer: Selection) -> Mask:
    """Selected pairs [exporter, importer]: of different countries, unless both sides are one and the same single label."""
    chosen = exporter.mask[:, None] & importer.mask[None, :]
    if not home(exporter, importer):
        np.fill_diagonal(chosen, False)
    return chosen


def home(exporter: Selection, importer: Selection) -> bool:
    """Whether the domestic pair of one country is meant."""
    return exporter.single is not None and exporter.single == importer.single


class Keys(BaseModel):
    """A table of the run file. Unknown keys are faults, and so are values of another type (`"yes"` for true, text for a number).

    The description of a field says what may stand there; messages end in it.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


def _entries(value: Any) -> str | list[str]:
    """A label, group or pattern, or a list of them."""
    entries = [value] if isinstance(value, str) else value
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, str) and entry for entry in entries):
        raise ValueError
    return value  # type: ignore[no-any-return]


def _positive(value: Any) -> float:
    """A number above zero, or inf."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
        raise ValueError
    return float(value)


def _factor(value: Any) -> float:
    """A finite number above zero."""
    if _positive(value) == np.inf:
        raise ValueError
    return float(value)


Number = Annotated[float, Field(allow_inf_nan=False)]
Factor = Annotated[float, PlainValidator(_factor), Field(description="Give a positive number that multiplies the benchmark, as 0.9.")]
Country = Annotated[Any, PlainValidator(_entries), Field(description='Give a country, group, pattern or a list of these; "*" is all.')]
Sector = Annotated[Any, PlainValidator(_entries), Field(description='Give a sector, group, pattern or a list of these; "*" is all.')]


class Tariff(Keys):
    """[[tariff]]: new rates; exactly one of `set`, `add`, `times`, `file`."""

    importer: Country
    exporter: Country
    sector: Sector
    set: Number | None = Field(None, description="Give the new rate, as 0.25.")
    add: Number | None = Field(None, description="Give what is added to the rate, as 0.1.")
    times: Number | None = Field(None, description="Give the factor on the rate, as 0.5.")
    file: str | None = Field(
        None, description="Give a file of rates: netCDF with the variable tariff, or csv exporter,importer,sector,tariff."
    )


class Iceberg(Keys):
    """[[iceberg]]: factor on the variable trade cost; inf closes a pair."""

    importer: Country
    exporter: Country
    sector: Sector
    times: Annotated[float, PlainValidator(_positive)] = Field(
        description="Give a positive factor on the benchmark cost; inf closes the pair."
    )


class FixedCost(Keys):
    """[[fixed_cost]]: factor on the fixed cost of serving a market."""

    importer: Country
    exporter: Country
    sector: Sector
    times: Factor


class Productivity(Keys):
    """[[productivity]]: factor on the productivity of a country's sector."""

    country: Country
    sector: Sector
    times: Factor


class Endowment(Keys):
    """[[endowment]]: factor on a country's endowment of a factor of production."""

    country: Country
    factor: Annotated[Any, PlainValidator(_entries)] = Field(
        description='Give a factor of production, a pattern or a list of these; "*" is all.'
    )
    times: Factor


TABLES: dict[str, type[Keys]] = {
    "tariff": Tariff, "iceberg": Iceberg, "fixed_cost": FixedCost, "productivity": Productivity, "endowment": Endowment,
}  # fmt: skip
"""Tables of a shock; names as those of `Shock`."""


def cells(table: str, entry: Keys, names: Mapping[str, Names], where: str, faults: list[str]) -> Mask | None:
    """Cells that an entry of a shock table selects, on the dims of `SHOCK_DIMS`; None after adding to `faults`, or for a key that has one."""
    dims = SHOCK_DIMS[table]
    keys = {dim: getattr(entry, dim) for dim in dims}
    chosen = {dim: select(value, names[KIND[dim]], f"{where}.{dim}", faults) for dim, value in keys.items() if value is not None}
    found = {dim: selection for dim, selection in chosen.items() if selection is not None}
    if dims == BILATERAL and "exporter" in found and "importer" in found:
        pair = pairs(found["exporter"], found["importer"])
        if table == "tariff" and home(found["exporter"], found["importer"]):
            faults.append(f"{where}: exporter and importer are both {found['exporter'].single}; sales at home bear no tariff.")
            return None
        if not pair.any():
            faults.append(
                f"{where}: matches nothing: exporter and importer select the same country, and a selection never pairs a country with itself. "
                "Write its label on both sides if its domestic cost is meant."
            )
            return None
        return found["sector"].mask[:, None, None] & pair if "sector" in found else None
    return None if len(found) < len(dims) else found[dims[0]].mask[:, None] & found[dims[1]].mask


def factors(table: str, entries: Sequence[Keys], names: Mapping[str, Names], faults: list[str], unused: Mask | None = None) -> Array:
    """Factors on the benchmark, entries multiplied, on the dims of `SHOCK_DIMS`; adds to `faults`.

    Args:
        unused: sectors where a change does nothing under the model (its exponent is zero); selecting one is a fault.
    """
    array = np.ones([len(names[KIND[dim]].labels) for dim in SHOCK_DIMS[table]])
    for number, entry in enumerate(entries):
        mask = cells(table, entry, names, f"{table}[{number}]", faults)
        times = getattr(entry, "times", None)
        if mask is None or times is None:
            continue
        if unused is not None and (mask.any(axis=(1, 2)) & unused).any():
            faults.append(f"{table}[{number}]: plays no role under this model (the exponent is zero); use melitz, or an iceberg shock.")
        array[mask] *= times
    return array


def rates(
    entries: Sequence[Tariff],
    names: Mapping[str, Names],
    benchmark: xr.DataArray,
    read: Callable[[str, str], Array | None],
    faults: list[str],
) -> Array:
    """New tariff rates [sector, exporter, importer]: each entry acts on the result of those before it; adds to `faults`.

    Args:
        benchmark: rates of the data on the same dims; read: the rates in a file, given its name and the place in the run file that names it,
            NaN where it has none (None after adding to `faults`).
    """
    rate, known = benchmark.values.copy(), len(faults)
    last = np.zeros(rate.shape, dtype=np.int32)
    for number, entry in enumerate(entries):
        where = f"tariff[{number}]"
        mask = cells("tariff", entry, names, where, faults)
        action = _action(entry, where, faults)
        if action == "file":
            levels = read(str(entry.file), where)
            if mask is not None and levels is not None:
                faults += _gaps(benchmark.copy(data=levels), mask, f"{where}.file: {entry.file}")
                rate[mask] = levels[mask]
        elif mask is not None and action is not None:
            rate[mask] = _acted(rate[mask], action, getattr(entry, action))
        if mask is not None:
            last[mask] = number
    low = rate < -ROUNDING
    if low.any() and len(faults) == known:
        worst = rate == rate.min()
        faults.append(
            f"tariff: the rate is {rate.min():g} at {place(benchmark, worst)} after tariff[{last[worst][0]}] ({low.sum()} such "
            f"{'cell' if low.sum() == 1 else 'cells'}); no rate may end below zero."
        )
    return np.where(low, rate, np.maximum(rate, 0.0))


def _acted(rate: Array, action: str, value: float) -> Array:
    return np.full_like(rate, value) if action == "set" else rate + value if action == "add" else rate * value


def _action(entry: Tariff, where: str, faults: list[str]) -> str | None:
    given = [key for key in ("set", "add", "times", "file") if key in entry.model_fields_set]
    if len(given) != 1:
        faults.append(f"{where}: has {' and '.join(given) or 'no action'}; give exactly one of set, add, times, file.")
        return None
    return given[0] if getattr(entry, given[0]) is not None else None


def _gaps(levels: xr.DataArray, mask: Mask, where: str) -> Iterable[str]:
    missing = mask & np.isnan(levels.values)
    if missing.any():
        count = f"{missing.sum()} of {mask.sum()} selected cells"
        yield f"{where} has no rate for {count}, first {place(levels, missing)}; select fewer, or fill the file."


def tariff_file(path: Path, names: Mapping[str, Names]) -> Array:
    """Rates in a file, [sector, exporter, importer] in the order of the economy; NaN where it has none, labels the economy lacks are left out.

    Raises:
        DataError: the file is not what the Contract says: netCDF with a variable `tariff`, or csv exporter, importer, sector, tariff.
    """
    array = _tariff_csv(path) if path.suffix == ".csv" else _tariff_netcdf(path)
    order = {dim: names[KIND[dim]].labels for dim in BILATERAL}
    for dim in BILATERAL:
        labels = pd.Index([str(label) for label in array[dim].values])
        if labels.has_duplicates:
            raise DataError(f"{path}: {dim} {labels[labels.duplicated()][0]} appears more than once.")
        array = array.assign_coords({dim: labels})
    return np.asarray(array.reindex(order).transpose(*BILATERAL).values, dtype=np.float64)


def _tariff_netcdf(path: Path) -> xr.DataArray:
    try:
        with xr.open_dataset(path, engine="netcdf4") as dataset:
            array = dataset["tariff"].load()
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as netCDF ({error}).") from error
    except KeyError as error:
        raise DataError(f"{path}: no variable `tariff`.") from error
    if set(array.dims) != set(BILATERAL) or not set(BILATERAL) <= set(array.coords):
        raise DataError(
            f"{path}: tariff has dims ({', '.join(map(str, array.dims))}); they must be exporter, importer, sector, with labels."
        )
    return array.astype("float64").reset_coords(drop=True)


def _tariff_csv(path: Path) -> xr.DataArray:
    try:
        table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read as csv ({error}).") from error
    keys = ["exporter", "importer", "sector"]
    absent = [column for column in [*keys, "tariff"] if column not in table]
    if absent:
        raise DataError(f"{path}: no column {', '.join(absent)}; the header is exporter,importer,sector,tariff.")
    rate = pd.to_numeric(table["tariff"], errors="coerce")
    text = table.index[rate.isna()]
    if len(text):
        raise DataError(f"{path}: row {text[0] + 2}: {table['tariff'][text[0]]!r} is not a rate ({len(text)} such rows).")
    repeated = table.index[table.duplicated(keys)]
    if len(repeated):
        raise DataError(f"{path}: row {repeated[0] + 2} repeats {' '.join(table.loc[repeated[0], keys])} ({len(repeated)} such rows).")
    codes, labels = zip(*(pd.factorize(table[key]) for key in keys), strict=True)
    values = np.full([len(found) for found in labels], np.nan)
    values[codes] = rate.to_numpy(float)
    return xr.DataArray(values, dict(zip(keys, labels, strict=True)), keys)
