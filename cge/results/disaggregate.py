"""Results of an aggregated economy on the labels of the one it was made of, for maps and plots."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd
import xarray as xr

from cge.data.aggregate import Given, mergers
from cge.data.concordance import as_concordance
from cge.data.economy import Economy
from cge.errors import DataError, nearest
from cge.results.welfare import ADDITIVE

KEYS = {"exporter": 0, "importer": 0, "country": 0, "sector": 1}
"""Columns of labels, and whether they are of countries (0) or of sectors (1)."""


def disaggregate(table: pd.DataFrame, economy: Economy, concordance: Given, additive: Iterable[str] = ADDITIVE) -> pd.DataFrame:
    """A table by new labels as one by old labels.

    Every member has the percentages and rates of its group; money (`additive`) is given to members by their share in the group. This adds no
    information: members of a group do not differ but in size.

    Args:
        table: with columns of labels among `exporter, importer, country, sector`. economy: before aggregation. concordance: that made the groups.
        additive: columns that are sums over members [default: money in welfare.csv].

    Returns:
        The table with a row for every old label (or combination), further columns `<key>_group` with the new label and `share`: of the cell in
        its group by value added (countries), sales (sectors, country and sector) or flows (exporter and importer), equal shares where there is none.

    Raises:
        DataError: no column of labels, labels that are not those of the groups, faults of the concordance.
    """
    keys = [key for key in KEYS if key in table]
    weight = _weight(economy, keys)
    each = mergers(economy, as_concordance(concordance))
    faults: list[str] = []
    for key in keys:
        merger = each[KEYS[key]]
        unknown = sorted({str(label) for label in table[key]} - set(merger.new))
        faults += [f"{key}: {label} is no label of the aggregated economy.{nearest(label, merger.new)}" for label in unknown]
        members = pd.DataFrame({key: [merger.new[t] for t in merger.to], "member": merger.old})
        table = table.merge(members, on=key, how="inner").rename(columns={key: f"{key}_group", "member": key})
    if faults:
        raise DataError(faults)
    groups = [f"{key}_group" for key in keys]
    table = table.merge(weight.rename("share").reset_index(), on=keys, how="left")
    of_group = table.groupby(groups, sort=False)["share"]
    total, count = of_group.transform("sum"), of_group.transform("count")
    table["share"] = (table["share"] / total.where(total > 0, 1.0)).where(total > 0, 1.0 / count)
    shared = {column: table[column] * table["share"] for column in additive if column in table}
    return table.assign(**shared)[[*keys, *groups, "share", *(c for c in table if c not in {*keys, *groups, "share"})]]


def _weight(economy: Economy, keys: list[str]) -> pd.Series:
    """Money that tells members of a group apart by size, by the labels in `keys`."""
    sales = economy.data["flow"].sum("importer").rename(exporter="country")
    known: dict[tuple[str, ...], xr.DataArray] = {
        ("country",): economy.data["value_added"].sum(["sector", "factor"]),
        ("sector",): sales.sum("country"),
        ("country", "sector"): sales,
        ("exporter", "importer"): economy.data["flow"].sum("sector"),
        ("exporter", "importer", "sector"): economy.data["flow"],
    }
    if tuple(keys) not in known:
        sets = "; ".join(", ".join(each) for each in known)
        raise DataError(
            f"disaggregate: the table has the label columns {', '.join(keys) or 'none'}; it must have one of these sets: {sets}."
        )
    return known[tuple(keys)].transpose(*keys).reset_coords(drop=True).to_series()
