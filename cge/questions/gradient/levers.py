"""What moves a country's real income most, from whole arrays of derivatives: all of a kind together, and the largest by name."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import Array
from cge.tell.headings import Heading

TOTALS = {
    "own_tariffs": Heading("Own tariffs", "% per point"),
    "tariffs_abroad": Heading("Tariffs on its exports", "% per point"),
    "import_costs": Heading("Costs of importing", "% per %"),
    "export_costs": Heading("Costs of exporting", "% per %"),
    "own_productivity": Heading("Own productivity", "% per %"),
    "productivity_abroad": Heading("Productivity abroad", "% per %"),
}
"""What all rates or primitives of a kind do to a country's real income when they move together."""

DIMS = ("sector", "exporter", "importer")


def inside(data: xr.Dataset) -> Array:
    """Whether an exporter is the country, or in the group, that was asked for [country, exporter]."""
    groups = json.loads(str(data.attrs.get("groups", "{}")))
    return np.array([np.isin(data["exporter"].values, groups.get(str(label), [label])) for label in data["country"].values], dtype=float)


def totals(data: xr.Dataset) -> pd.DataFrame:
    """`country` and `TOTALS`: derivatives summed over sectors and partners; trade within a country is left out.

    Of a group what all members do at once is summed: their own tariffs and costs of importing, also on each other's goods, and what others do to
    them.
    """
    own_of = inside(data)
    off = 1 - np.eye(data.sizes["exporter"])
    tariff, iceberg = (off * data[name].sum("sector").transpose("country", "exporter", "importer").values for name in ("tariff", "iceberg"))
    productivity = data["productivity"].sum("sector").transpose("country", "exporter").values
    own = (productivity * own_of).sum(axis=1)
    columns = {
        "own_tariffs": np.einsum("cin,cn->c", tariff, own_of),
        "tariffs_abroad": np.einsum("cin,ci,cn->c", tariff, own_of, 1 - own_of),
        "import_costs": np.einsum("cin,cn->c", iceberg, own_of),
        "export_costs": np.einsum("cin,ci,cn->c", iceberg, own_of, 1 - own_of),
        "own_productivity": own,
        "productivity_abroad": productivity.sum(axis=1) - own,
    }
    return pd.DataFrame({"country": [str(label) for label in data["country"].values], **columns})


def levers(data: xr.Dataset) -> pd.DataFrame:
    """The largest derivatives that a reader asks for first: `country, lever, exporter, importer, sector, value`, trade within a country left out.

    Levers: `raise` and `cut`, its own tariff that adds and that takes most where it rises; `abroad`, the tariff on its exports that takes most;
    `cost`, the trade cost of its own imports and exports that takes most. One that does not exist (no own tariff that adds) has no row.
    """
    rows = []
    for place, (country, own) in enumerate(zip(data["country"].values, inside(data), strict=True)):
        buys, sells = np.broadcast_arrays(own[None, None, :] > 0, own[None, :, None] > 0)
        tariff, cost = (data[name].isel(country=place).transpose(*DIMS).values for name in ("tariff", "iceberg"))
        away = ~np.eye(data.sizes["exporter"], dtype=bool)
        asked = {
            "raise": (tariff, away & buys),
            "cut": (-tariff, away & buys),
            "abroad": (-tariff, away & sells & ~buys),
            "cost": (-cost, away & (buys | sells)),
        }
        for lever, (values, among) in asked.items():
            found = np.where(np.broadcast_to(among, values.shape), values, -np.inf)
            at = np.unravel_index(int(found.argmax()), values.shape)
            if found[at] > 0:
                labels = {dim: str(data[dim].values[k]) for dim, k in zip(DIMS, at, strict=True)}
                value = float((cost if lever == "cost" else tariff)[at])
                rows.append({"country": str(country), "lever": lever, **labels, "value": value})
    return pd.DataFrame(rows, columns=["country", "lever", "exporter", "importer", "sector", "value"])
