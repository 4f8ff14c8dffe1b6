"""Tariffs of an economy from a table at any classification: averaged to its sectors, attached to its flows, with what is missing named."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from cge.data.arrays import Array, place
from cge.data.choices import Average, Inputs, Missing, TariffLayout, Unit
from cge.data.economy import Economy, make_economy
from cge.data.tariffs.file import Given as Files
from cge.data.tariffs.file import read_rates
from cge.data.tariffs.missing import filled
from cge.data.tariffs.products import Given, products_on
from cge.data.tariffs.table import Rates, tariff_rates
from cge.data.tariffs.values import UNIT_REMEDY
from cge.data.units import RATES, as_rates, unit_fault
from cge.data.variables import DIMS
from cge.errors import DataError


@dataclass(frozen=True)
class Change:
    """What new rates do to the money of an economy.

    Attributes:
        ratio: price paid for a good, all origins together, new over old [country, input]; cost: rise in what producers pay for inputs
            [country, sector].
    """

    ratio: Array
    cost: Array


def import_tariffs(
    economy: Economy,
    path: Files,
    concordance: Given | None = None,
    *,
    average: Average = "simple",
    missing: Missing = "refuse",
    inputs: Inputs = "net",
    unit: Unit | None = None,
    year: int | None = None,
    layout: TariffLayout | None = None,
    weights: Files | None = None,
    members: str | os.PathLike[str] | None = None,
    report: Callable[[str], None] | None = None,
) -> Economy:
    """The economy with the tariffs of a file, or of several: `read_rates` and `attach_tariffs` in one, whose arguments these are.

    `concordance` may be several files, published correspondences among them (`cge.data.correspondences`).
    """
    products, said = (None, []) if not concordance else products_on(concordance, economy.sectors)
    rates = read_rates(
        path,
        economy,
        products,
        average=average,
        unit=unit,
        year=year,
        layout=layout,
        weights=weights,
        members=members,
        report=report,
    )
    return attach_tariffs(economy, replace(rates, account=(*said, *rates.account)), missing=missing, inputs=inputs)


def attach_tariffs(
    economy: Economy,
    rates: Rates | pd.DataFrame | xr.DataArray,
    *,
    missing: Missing = "refuse",
    inputs: Inputs = "net",
    unit: Unit | None = None,
) -> Economy:
    """The economy with these tariffs in place of its own.

    Flows are net of tariff and stay, and so do sales and transfers. The price that users of a good pay, all origins together, changes by
    ratio = Σ_i F_i (1 + t_i) / Σ_i F_i (1 + t_i of before), F at the border, and spending with it. Of intermediates, which include tariffs,

    - `inputs = "net"` (a table at basic prices, without these tariffs): purchases of a good by producers change by `ratio`, as those of final
      buyers do (inputs and final buyers share one origin mix), and value added of the buying industry falls by what its inputs cost more: there the
      tariffs were, in the remainder of sales over inputs. Final demand changes by `ratio`.
    - `inputs = "gross"` (a table at prices paid, which held the tariffs before): intermediates and value added stay, and all of the change is
      final demand.
    - `inputs = "mixed"`: net, but gross in industries whose value added does not cover what their inputs would cost more; these are named.

    Income changes by tariff revenue less the fall of value added, which is the change of final demand.

    Args:
        economy: with or without tariffs. rates: from `tariff_rates`; or columns `importer, exporter, sector, tariff` by its labels; or
            an array [exporter, importer, sector], NaN where there is none. missing: what cells with trade and without a rate become.
        unit: of a table or an array; None: rates, and refused where they look like percent or powers.

    Raises:
        DataError: missing rates under `refuse`, with the pairs by name (`missing_rates` has all cells); tariffs on inputs that exceed value
                added; labels or rates at fault.
    """
    given = _rates(economy, rates, unit)
    tariff, lacking = filled(economy, given, missing)
    change = _change(economy, tariff)
    data = economy.data
    flow = data["flow"].values
    purchases, added = data["intermediate"].values, data["value_added"].values
    covered = _covered(economy, change.cost) if inputs == "mixed" else np.full(change.cost.shape, inputs == "net")
    faults = [*_cost_faults(economy, change.cost * covered), *_final_faults(economy, tariff, change, covered)]
    if faults:
        raise DataError(f"{given.origin}: {fault}" for fault in faults)
    before = added.sum(axis=2)
    added = added * np.where(before > 0, 1 - change.cost * covered / np.where(before > 0, before, 1.0), 1.0)[:, :, None]
    purchases = purchases * np.where(covered[:, None, :], change.ratio[:, :, None], 1.0)
    values = {"flow": flow, "tariff": tariff, "intermediate": purchases, "value_added": added}
    arrays = {name: (DIMS[name], value, RATES if name == "tariff" else {}) for name, value in values.items()}
    lines = [*given.account, *lacking, *_money(economy, tariff, change, covered, inputs)]
    return make_economy(data.assign(arrays).assign_attrs(tariffs="\n".join(lines)), economy.origin)


def missing_rates(economy: Economy, rates: Rates | pd.DataFrame | xr.DataArray, unit: Unit | None = None) -> pd.DataFrame:
    """All cells with trade and without a rate: columns `importer, exporter, sector, flow` (money), the largest first; labelled rates are
    [exporter, importer, sector]."""
    flow = economy.data["flow"].transpose(*DIMS["flow"]).reset_coords(drop=True)
    abroad = flow["exporter"] != flow["importer"]
    needed = _rates(economy, rates, unit).values.isnull() & (flow > 0) & abroad
    table = flow.where(needed).to_series().dropna().sort_values(ascending=False).rename("flow").reset_index()
    return table[["importer", "exporter", "sector", "flow"]]


def _rates(economy: Economy, rates: Rates | pd.DataFrame | xr.DataArray, unit: Unit | None) -> Rates:
    """Rates on the labels of the economy; `DataError` where labels of an array are not those, or its numbers are no rates."""
    if isinstance(rates, pd.DataFrame):
        return tariff_rates(economy, rates, unit=unit)
    given = rates if isinstance(rates, Rates) else Rates(rates)
    wanted = {dim: [str(v) for v in economy.data[dim].values] for dim in DIMS["tariff"]}
    for dim, labels in wanted.items():
        if dim not in given.values.coords or sorted(str(v) for v in given.values[dim].values) != sorted(labels):
            raise DataError(f"{given.origin}: {dim} of the rates must have the labels of the economy.")
    array = given.values.reindex(wanted).transpose(*DIMS["tariff"]).astype("float64")
    judged = unit is not None or given is rates
    array = array if given is rates else array.copy(data=as_rates(array.values, unit))
    bad = (array.values < 0) | np.isinf(array.values)
    faults = [f"{bad.sum()} rates below zero or infinite, first at {place(array, bad)}."] if bad.any() else []
    faults += [] if judged else unit_fault(array.values, UNIT_REMEDY)
    faults += [] if array.notnull().any() else ["there is no rate in the array."]
    if faults:
        raise DataError(f"{given.origin}: {fault}" for fault in faults)
    return replace(given, values=array)


def _change(economy: Economy, tariff: Array) -> Change:
    flow, old = economy.border, economy.data["tariff"].values
    before, after = (flow * (1 + old)).sum(axis=0), (flow * (1 + tariff)).sum(axis=0)
    ratio = np.where(before > 0, after / np.where(before > 0, before, 1.0), 1.0)
    return Change(ratio, (economy.data["intermediate"].values * (ratio - 1)[:, :, None]).sum(axis=1))


def _covered(economy: Economy, cost: Array) -> npt.NDArray[np.bool_]:
    """Industries whose value added is more than what their inputs would cost more [country, sector]."""
    return np.asarray((economy.data["value_added"].values.sum(axis=2) > cost) | (cost <= 0))


def _cost_faults(economy: Economy, cost: Array) -> Iterable[str]:
    left = economy.data["value_added"].sum("factor").transpose("country", "sector") - cost
    bad = ~_covered(economy, cost)
    if bad.any():
        worst = left.values[bad].min()
        where = place(left, left.values == worst)
        yield (
            f"tariffs on inputs exceed value added in {bad.sum()} {'cell' if bad.sum() == 1 else 'cells'}, most at {where} ({worst:.6g} would be "
            "left). inputs = mixed leaves the inputs of these industries as they are, inputs = gross those of all (--inputs)."
        )


def _final_faults(economy: Economy, tariff: Array, change: Change, covered: npt.NDArray[np.bool_]) -> Iterable[str]:
    """Final demand that falls below zero because intermediates of some industries do not fall with the rates."""
    data = economy.data
    flow, purchases = economy.border, data["intermediate"].values
    final = [
        (flow * (1 + rate)).sum(axis=0) - (purchases * np.where(covered[:, None, :], ratio, 1.0)).sum(axis=2)
        for rate, ratio in ((data["tariff"].values, 1.0), (tariff, change.ratio[:, :, None]))
    ]
    rounding = 1e-12 * flow.sum(axis=(0, 2))[:, None]
    bad = (final[1] < -rounding) & (final[0] >= -rounding)
    if bad.any():
        array = xr.DataArray(final[1], {"country": economy.countries, "sector": economy.sectors})
        yield (
            f"the new rates leave less spending than intermediates hold in {bad.sum()} cells, first at {place(array, bad)}; "
            "inputs = net lowers intermediates too."
        )


def _money(economy: Economy, tariff: Array, change: Change, covered: npt.NDArray[np.bool_], inputs: Inputs) -> list[str]:
    """What attaching did to revenue, intermediates and value added, in sentences."""
    data = economy.data
    flow, unit = economy.border, str(data.attrs.get("unit", "units of the economy"))
    trade = flow.sum() - np.trace(flow.sum(axis=2))
    revenue = [float((flow * rate).sum()) for rate in (data["tariff"].values, tariff)]
    lines = [
        f"Tariff revenue {revenue[0]:,.6g} before, {revenue[1]:,.6g} after ({unit}); average tariff on imports {revenue[0] / trade:.2%} before, "
        f"{revenue[1] / trade:.2%} after, highest rate {tariff.max():.1%}."
    ]
    if inputs == "gross":
        return [*lines, "Intermediates and value added stay; final demand takes the change."]
    moved, added = float((change.cost * covered).sum()), float(data["value_added"].sum())
    lines.append(f"Intermediates rise by {moved:,.6g} and value added falls by it ({moved / added:.2%} of value added).")
    kept = np.argwhere(~covered)
    if len(kept):
        named = ", ".join(f"{economy.sectors[s]} in {economy.countries[n]}" for n, s in kept)
        lines.append(f"Inputs stay as they are in {len(kept)} industries, whose value added does not cover the tariffs on them: {named}.")
    return lines
