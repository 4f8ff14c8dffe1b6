"""Aggregation: countries and sectors of an economy merged by a concordance, with every total conserved, and results carried back for plots."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from cge.data.arrays import Array, place
from cge.data.choices import InternalTariffs
from cge.data.concordance import Concordance, as_concordance, new_labels, sector_names
from cge.data.economy import Economy, make_economy
from cge.data.variables import DIMS
from cge.errors import DataError

CONSERVED = 1e-11
"""Largest change of a total, relative to the sales of its country, that is read as rounding of sums."""

Given = Concordance | pd.DataFrame | str | os.PathLike[str]


@dataclass(frozen=True, eq=False)
class Merger:
    """Old labels and the new ones they become, of one kind.

    Attributes:
        old, new: labels; new ones stand where the first of their members stood. to: position of the new label of each old one [old].
    """

    old: list[str]
    new: list[str]
    to: npt.NDArray[np.intp]

    def of(self, array: Array, axis: int) -> Array:
        """Sums over members along an axis: old labels → new ones."""
        indicator = (np.arange(len(self.new))[:, None] == self.to[None, :]).astype(float)
        return np.moveaxis(np.tensordot(indicator, array, (1, axis)), 0, axis)

    @property
    def groups(self) -> dict[str, list[str]]:
        """Members of every new label that is not an old one left alone."""
        members = {new: [o for o, t in zip(self.old, self.to, strict=True) if t == n] for n, new in enumerate(self.new)}
        return {new: old for new, old in members.items() if old != [new]}


def merger(to: dict[str, str]) -> Merger:
    """From the new label of every old one, in order."""
    new = list(dict.fromkeys(to.values()))
    return Merger(list(to), new, np.array([new.index(label) for label in to.values()], dtype=np.intp))


def mergers(economy: Economy, concordance: Concordance) -> tuple[Merger, Merger]:
    """Of countries and of sectors; `DataError` with every fault of the concordance."""
    to = new_labels(concordance, {"country": economy.countries, "sector": economy.sectors})
    return merger(to["country"]), merger(to["sector"])


def aggregate(economy: Economy, concordance: Given, *, internal_tariffs: InternalTariffs = "refuse") -> Economy:
    """The economy with countries and sectors merged.

    Flows, intermediates and value added are sums. A tariff or export tax is the average of its members weighted by what it is laid on, so that
    revenue is theirs; where nothing is traded it is their simple mean. Sales, spending, intermediates, value added and transfers of every new
    country and sector are checked against sums over the old ones. Trade between members becomes home sales.

    Args:
        economy: of any labels. concordance: table `dim, from, to` (and `name`), a csv file with these columns, or the name of bundled groups.
        internal_tariffs: tariffs and export taxes between members have no place in a country, whose own sales bear none. `refuse`: an error if
            there are any.
            `value_added`: what buyers paid in tariffs becomes part of the price of the good made in the new country: its sales and
            value added rise by the revenue, tariff revenue falls by it; spending, final demand, income and transfers are as before.

    Raises:
        DataError: faults of the concordance, internal tariffs under `refuse`, a total that is not conserved.
    """
    rows = as_concordance(concordance)
    countries, sectors = mergers(economy, rows)
    flow, rates, inside = _trade(economy, countries, sectors)
    if inside.any() and internal_tariffs == "refuse":
        raise DataError(_inside_fault(economy, countries, sectors, inside))
    at = np.arange(len(countries.new))
    flow[at, at] += inside
    added = sectors.of(countries.of(economy.data["value_added"].values, 0), 1)
    purchases = sectors.of(sectors.of(countries.of(economy.data["intermediate"].values, 0), 1), 2)
    values = {"flow": flow, **rates, "intermediate": purchases, "value_added": added + inside[:, :, None] * _split(added)}
    data = _dataset(economy, countries, sectors, values)
    data = data.assign_coords({**_names(economy, sectors, sector_names(rows)), **_country_names(economy, countries)})
    made = make_economy(data, f"{economy.origin} aggregated by {rows.origin}")
    faults = list(_broken(economy, made, countries, sectors, inside))
    if faults:
        raise DataError(f"{made.origin}: {fault}" for fault in faults)
    return made


def _trade(economy: Economy, countries: Merger, sectors: Merger) -> tuple[Array, dict[str, Array], Array]:
    """New flows and rates by name [exporter, importer, sector], and the revenue of tariffs and export taxes between members [country, sector]."""

    def merged(array: Array) -> Array:
        return sectors.of(countries.of(countries.of(array, 0), 1), 2)

    cell = np.ix_(countries.to, countries.to, sectors.to)
    count = merged(np.ones_like(economy.border))[cell]
    at = np.arange(len(countries.new))
    rates, inside = {}, np.zeros((len(countries.new), len(sectors.new)))
    for name, base in (("tariff", economy.border), ("export_tax", economy.data["flow"].values)):
        if name in economy.data:
            whole = merged(base)
            total = whole[cell]
            # a weight and not revenue over flow: of a single member it is exactly one, so that merging nothing changes nothing
            weight = np.where(total > 0, base / np.where(total > 0, total, 1.0), 1.0 / count)
            rates[name] = merged(weight * economy.data[name].values)
            inside += rates[name][at, at] * whole[at, at]
            rates[name][at, at] = 0.0
    return merged(economy.data["flow"].values), rates, inside


def _inside_fault(economy: Economy, countries: Merger, sectors: Merger, inside: Array) -> str:
    total = sum(float(part.sum()) for part in revenue(economy))
    n, s = np.unravel_index(int(inside.argmax()), inside.shape)
    return (
        f"{economy.origin}: countries that become one pay tariffs or export taxes to each other, {inside.sum():.6g} "
        f"({inside.sum() / total:.2%} of all such "
        f"revenue), most of it in {countries.new[n]} on {sectors.new[s]} ({inside[n, s]:.6g}). A country pays none to itself. "
        'internal_tariffs = "value_added" (--internal-tariffs value_added) makes them income of the factors that make the good; '
        "or give them a rate of zero first (cge tariffs)."
    )


def _split(added: Array) -> Array:
    """Shares of factors in value added [country, sector, factor], those of the country where a cell has none."""
    cell, country = added.sum(axis=2, keepdims=True), added.sum(axis=1, keepdims=True)
    return np.where(cell > 0, added / np.where(cell > 0, cell, 1.0), country / country.sum(axis=2, keepdims=True))


def _dataset(economy: Economy, countries: Merger, sectors: Merger, values: dict[str, Array]) -> xr.Dataset:
    labels = {"exporter": countries.new, "importer": countries.new, "country": countries.new, "sector": sectors.new, "input": sectors.new}
    labels["factor"] = economy.factors
    arrays = {name: xr.DataArray(v, {d: labels[d] for d in DIMS[name]}, DIMS[name]) for name, v in values.items()}
    for name in ("tariff", "export_tax"):
        if name in arrays:
            arrays[name].attrs |= economy.data[name].attrs
    groups = [f"{new} = {', '.join(old)}" for each in (countries, sectors) for new, old in each.groups.items()]
    earlier = [str(economy.data.attrs["aggregation"])] if economy.data.attrs.get("aggregation") else []
    attrs = dict(economy.data.attrs)
    if groups:
        attrs["aggregation"] = "; ".join([*earlier, *groups])
        if "title" in attrs and not earlier:  # it may tell sizes that are no longer true
            attrs["title"] = f"{attrs['title']}, aggregated"
    return xr.Dataset(arrays, attrs=attrs)


def _names(economy: Economy, sectors: Merger, words: dict[str, str]) -> dict[str, tuple[str, list[str]]]:
    """Sectors in words, where economy or concordance have any: those left alone as before, merged ones by the concordance or as their members."""
    merged = sectors.groups
    if "sector_name" not in economy.data.coords and not set(words) & set(merged):
        return {}
    old = economy.data["sector_name"].values if "sector_name" in economy.data.coords else sectors.old
    called = dict(zip(sectors.old, (str(name) for name in old), strict=True))
    joined = {new: "; ".join(called[label] for label in merged.get(new, [new])) for new in sectors.new}
    return {"sector_name": ("sector", [words.get(new, joined[new]) if new in merged else joined[new] for new in sectors.new])}


def _country_names(economy: Economy, countries: Merger) -> dict[str, tuple[str, list[str]]]:
    """Countries in words, where the economy has any: those left alone as before, merged ones by their new label."""
    called = economy.country_names
    words = [new if new in countries.groups else called.get(new, new) for new in countries.new]
    return {"country_name": ("exporter", words)} if called else {}


def revenue(economy: Economy) -> tuple[Array, Array]:
    """Of tariffs and of export taxes, by the country that gets it [country]."""
    data, border = economy.data, economy.border
    return (border * data["tariff"].values).sum(axis=(0, 2)), (border - data["flow"].values).sum(axis=(1, 2))


def totals(economy: Economy) -> dict[str, Array]:
    """Money that aggregation conserves: `sales`, `spending`, `intermediates`, `value added` [country, sector] and `transfers` [country, 1]."""
    data = economy.data
    flow, spending = data["flow"].values, (economy.border * (1 + data["tariff"].values)).sum(axis=0)
    inputs, added = data["intermediate"].values.sum(axis=2), data["value_added"].values.sum(axis=2)
    transfer = (spending - inputs).sum(axis=1) - added.sum(axis=1) - sum(revenue(economy))
    return {"sales": flow.sum(axis=1), "spending": spending, "intermediates": inputs, "value added": added, "transfers": transfer[:, None]}


def _broken(before: Economy, after: Economy, countries: Merger, sectors: Merger, inside: Array) -> Iterable[str]:
    """Totals of the new economy that are not the sums of the old ones (and of tariffs that became value added)."""
    old, new = totals(before), totals(after)
    size = new["sales"].sum(axis=1, keepdims=True) + new["spending"].sum(axis=1, keepdims=True)
    for name, values in new.items():
        wanted = countries.of(old[name], 0)
        if name != "transfers":
            wanted = sectors.of(wanted, 1) + (inside if name in ("sales", "value added") else 0.0)
        gap = np.abs(values - wanted)
        if (gap > CONSERVED * size).any():
            array = xr.DataArray(gap, {"country": countries.new, "sector": ["all"] if name == "transfers" else sectors.new})
            where = place(array, gap == gap.max())
            yield f"{name}: {gap.max():.6g} off the sum over members at {where}. This is a fault of the program; please report it."


def averaged(values: Mapping[str, float], economy: Economy, concordance: Given) -> dict[str, float]:
    """Numbers by sector of an economy (elasticities) as numbers by new sector: means weighted by world sales, equal weights where there are none.

    Raises:
        DataError: a sector without a number, faults of the concordance.
    """
    lacking = [sector for sector in economy.sectors if sector not in values or not np.isfinite(values[sector])]
    if lacking:
        raise DataError(f"averaged: no number for {', '.join(lacking)}.")
    sectors = mergers(economy, as_concordance(concordance))[1]
    sales = economy.data["flow"].sum(["exporter", "importer"]).values
    total, count = sectors.of(sales, 0)[sectors.to], sectors.of(np.ones_like(sales), 0)[sectors.to]
    weight = np.where(total > 0, sales / np.where(total > 0, total, 1.0), 1.0 / count)
    mean = sectors.of(weight * np.array([values[sector] for sector in economy.sectors]), 0)
    return dict(zip(sectors.new, mean.tolist(), strict=True))


def account(before: Economy, after: Economy) -> list[str]:
    """What aggregation did, in sentences: sizes, groups, world totals, trade that became home sales."""
    lines = []
    for kind, old, new in (("countries", before.countries, after.countries), ("sectors", before.sectors, after.sectors)):
        made = [label for label in new if label not in old]
        named = f" (new: {_some(made)})" if made else ""
        lines.append(f"{len(old)} {kind} as before." if old == new else f"{len(old)} {kind} became {len(new)}{named}.")
    sums = [{name: float(values.sum()) for name, values in totals(economy).items()} for economy in (before, after)]
    unit = str(before.data.attrs.get("unit", "units of the economy"))
    for name in ("sales", "spending", "value added"):
        change = sums[1][name] - sums[0][name]
        moved = f", of which {change:.6g} are tariffs inside new countries" if change > CONSERVED * sums[0][name] else ", as before"
        lines.append(f"World {name}: {sums[1][name]:,.6g} {unit}{moved}.")
    shares = [_abroad(economy) for economy in (before, after)]
    lines.append(f"Trade between countries: {shares[0]:.2%} of sales before, {shares[1]:.2%} after.")
    return lines


def _abroad(economy: Economy) -> float:
    flow = economy.data["flow"].values
    return 1.0 - float(np.trace(flow.sum(axis=2))) / float(flow.sum())


def _some(labels: list[str], limit: int = 12) -> str:
    return ", ".join(labels[:limit]) + (f" and {len(labels) - limit} more" if len(labels) > limit else "")
