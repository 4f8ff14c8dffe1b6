"""What the page of a run carries beside its statistics: flows packed in two bytes each, factor prices, firms."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.tell.headings import heading
from cge.tell.page.numbers import rounded, statistics
from cge.tell.question import Results

LOG_STEP = 1e-3
"""Flows are kept as whole multiples of this in logs: to a tenth of a percent, which is what a reader of a tooltip can use."""

CHANGE_STEP = 1e-4
"""Changes of flows are kept as whole multiples of this in logs: to a hundredth of a percent."""

NEVER, GONE, NEW = -32768, -32767, 32767
"""Marks in place of a change: nothing before or after, nothing after, nothing before."""

MOST_CELLS = 700_000
"""Cells of flows that the page carries, four bytes each; of a larger economy the sectors that trade most."""


# --- flows -------------------------------------------------------------------------------------------------------------------------


def packed(before: Array, after: Array) -> dict[str, Any]:
    """Flows [sector, exporter, importer] as two-byte numbers in base64: benchmark in logs (0: nothing), change in logs, with marks.

    `sectors`: places of those that are kept; `appeared`: what flows where nothing did; `totals`: over all sectors.
    """
    whole = totals(before, after)
    traded = before.sum(axis=(1, 2)) - np.trace(before, axis1=1, axis2=2)
    kept = np.sort(np.argsort(-traded, kind="stable")[: max(MOST_CELLS // before[0].size, 1)])
    before, after = before[kept], after[kept]
    some, still = before > 0, after > 0
    low = float(np.log(before[some].min())) if some.any() else 0.0
    span = float(np.log(before[some].max())) - low if some.any() else 0.0
    step = max(LOG_STEP, span / 65000)
    level = np.where(some, 1 + np.rint((np.log(np.where(some, before, 1.0)) - low) / step), 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        change = np.rint(np.log(after / before) / CHANGE_STEP)
    change = np.where(some & still, np.clip(change, GONE + 1, NEW - 1), np.where(some, GONE, np.where(still, NEW, NEVER)))
    new = np.argwhere(still & ~some)
    return {
        "sectors": kept.tolist(),
        "level": encoded(level, "<u2"),
        "change": encoded(change, "<i2"),
        "low": low,
        "step": step,
        "changeStep": CHANGE_STEP,
        "never": NEVER,
        "gone": GONE,
        "new": NEW,
        "appeared": [[int(kept[s]), int(i), int(n), float(f"{after[s, i, n]:.6g}")] for s, i, n in new],
        "totals": whole,
    }


def totals(before: Array, after: Array) -> dict[str, Any]:
    """Flows over all sectors [exporter, importer], six digits."""
    return {"before": rounded(before.sum(axis=0)), "after": rounded(after.sum(axis=0))}


def encoded(values: Array, kind: str) -> str:
    """An array [any dims] as base64, row by row."""
    return base64.b64encode(np.ascontiguousarray(values).astype(kind).tobytes()).decode("ascii")


# --- factors -----------------------------------------------------------------------------------------------------------------------


def by_country(results: Results, name: str, label: str) -> dict[str, Any] | None:
    """Rows of a table by country and another label, as those of factors.csv or groups_income.csv; None where the folder has none."""
    table = results.tables.get(name)
    if table is None:
        return None
    stats = statistics(table.drop(columns=label))
    words = [{"key": key, "word": heading(key).word, "unit": heading(key).unit} for key in stats]
    return {"country": table["country"].tolist(), "label": table[label].tolist(), "statistics": words, "stats": stats}


# --- firms -------------------------------------------------------------------------------------------------------------------------

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


def firms(results: Results) -> list[dict[str, Any]] | None:
    """What the page draws: for each industry `country` (its place), `sector` (its label), `markets` (places) and, by market, the lowest productivity
    that sells and the mass of firms above it, before and after; None where the folder has no firms.csv. Countries come in their order, and the
    industries of each with the largest change of exports first.
    """
    table = results.tables.get("firms")
    if table is None:
        return None
    place = {label: n for n, label in enumerate(results.countries)}
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
