"""Firms of a Melitz run that wrote firms.csv: which industries are shown, and what the page carries of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from cge.tell.folder import Results

MOST_PAIRS = 32_000
"""Markets that the page carries, four numbers each; of a larger economy the industries of every country whose exports change most."""

COLUMNS = {"cutoff_benchmark": "before", "cutoff": "after", "exporters_benchmark": "firmsBefore", "exporters": "firmsAfter"}
"""What the page carries of firms.csv, and its names there."""


def industries(table: pd.DataFrame) -> pd.DataFrame:
    """`exporter, sector, moved` of every industry in firms.csv, the largest change of exports (mass of exporters times average sales, money, summed
    over markets abroad without sign) first.
    """
    before, after = ((table[f"exporters{suffix}"] * table[f"average_sales{suffix}"]).fillna(0.0) for suffix in ("_benchmark", ""))
    moved = (after - before).abs().where(table["exporter"] != table["importer"], 0.0)
    summed = moved.groupby([table["exporter"], table["sector"]], sort=False).sum()
    return summed.rename("moved").reset_index().sort_values("moved", ascending=False, kind="stable", ignore_index=True)


def firms(found: Results) -> list[dict[str, Any]] | None:
    """What the page draws: for each industry `country` (its place), `sector` (its label), `markets` (places) and, by market, the lowest productivity
    that sells and the mass of firms above it, before and after; None where the folder has no firms.csv. Countries come in their order, and the
    industries of each with the largest change of exports first.
    """
    table = found.tables.get("firms")
    if table is None:
        return None
    place = {label: n for n, label in enumerate(found.countries)}
    most = max(MOST_PAIRS // len(place) ** 2, 1)
    kept = industries(table).groupby("exporter", sort=False).head(most)
    kept = kept.assign(order=kept["exporter"].map(place)).sort_values("order", kind="stable")
    rows = dict(list(table.merge(kept[["exporter", "sector"]]).groupby(["exporter", "sector"], sort=False)))
    return [
        {
            "country": int(order),
            "sector": sector,
            "markets": [place[label] for label in rows[exporter, sector]["importer"]],
            **{name: _short(rows[exporter, sector][column]) for column, name in COLUMNS.items()},
        }
        for exporter, sector, order in kept[["exporter", "sector", "order"]].itertuples(index=False)
    ]


def _short(values: pd.Series) -> list[float | None]:
    """Numbers to five digits, None where nothing can be sold (a cutoff that is infinite)."""
    return [float(f"{value:.5g}") if np.isfinite(value) else None for value in values.to_numpy(float).tolist()]
