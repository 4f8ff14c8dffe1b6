"""The numbers of a sweep that the page carries: quantiles by country, and curves along the longest of its keys."""

from __future__ import annotations

from typing import Any

import pandas as pd

from cge.questions.sweep.uncertainty import QUANTILES, quantiles, spread
from cge.tell.page.numbers import rounded
from cge.tell.question import Results, Statistics, Views

KEPT = ("real_income_pct", "equivalent_variation", "income_pct", "consumer_price_pct", "exports_pct", "imports_pct")
"""Statistics of a sweep that the page carries."""

MOST_GROUPS = 100
"""Combinations of keys that the page tells apart."""

MOST_LINES, MOST_POINTS = 12, 60
"""Curves, and points of each, that the page carries; of a longer key of numbers every second, third, … value."""

PERCENTILES = {"p05": "5th percentile", "p25": "25th percentile", "p75": "75th percentile", "p95": "95th percentile"}
MEDIAN, CHOOSER = list(QUANTILES).index("median"), "Quantile"
"""Place of the view that is shown first, and what a view is."""


def views(results: Results) -> Views:
    """A group for each combination of keys with a view for each quantile (one view without draws); of too many combinations only quantiles."""
    axes, draws = list(results.summary["axes"]), bool(results.summary["draws"])
    tables = {name: spread(results, name) for name in KEPT}
    combinations = len(tables[KEPT[0]]) // len(results.countries)
    if combinations > MOST_GROUPS:
        return Views([{"name": f"over {combinations:,} combinations", "views": _over_all(results, tables)}], MEDIAN, CHOOSER)
    groups = []
    for k in range(combinations):
        rows = slice(k * len(results.countries), (k + 1) * len(results.countries))
        parts = {name: table.iloc[rows] for name, table in tables.items()}
        kept = list(QUANTILES) if draws else ["median"]
        shown = [_view(q if draws else "", {name: rounded(part[q]) for name, part in parts.items()}) for q in kept]
        groups.append({"name": named(parts[KEPT[0]].iloc[0], axes), "views": shown})
    return Views(groups, MEDIAN if draws else 0, CHOOSER)


def _view(quantile: str, stats: Statistics) -> dict[str, Any]:
    """A quantile, with what it is called."""
    return {"name": quantile, "word": PERCENTILES.get(quantile, quantile), "stats": stats}


def _over_all(results: Results, tables: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Quantiles of the medians over all combinations."""
    views: list[dict[str, Any]] = [_view(name, {}) for name in QUANTILES]
    for statistic, table in tables.items():
        medians = table["median"].to_numpy(float).reshape(-1, len(results.countries))
        for view, row in zip(views, quantiles(medians), strict=True):
            view["stats"][statistic] = rounded(row)
    return views


def curves(results: Results) -> dict[str, Any] | None:
    """Real income along the key with the most values, a line for each combination of the others; None where nothing but draws varies.

    `values` of the key, whether they are `numeric`, `of` how many, and `lines` with a `name` and quantiles [quantile][point][country] (the
    median alone without draws); `left`: lines that are not there.
    """
    found_along = along(results)
    if found_along is None:
        return None
    axis, parts = found_along
    values = list(dict.fromkeys(parts[0][1][axis].tolist()))
    count, numeric = len(values), is_number(parts[0][1][axis])
    values = sorted(values)[:: -(-count // MOST_POINTS)] if numeric else values  # a label left out would be missed
    lines = []
    for name, part in parts[:MOST_LINES]:
        squares = {q: _square(part, axis, q, values, results.countries) for q in (QUANTILES if results.summary["draws"] else ("median",))}
        lines.append({"name": name, "bands": squares})
    shown = values if numeric else [str(value) for value in values]
    return {"axis": axis, "values": shown, "numeric": numeric, "lines": lines, "of": count, "left": max(len(parts) - MOST_LINES, 0)}


def along(results: Results) -> tuple[str, list[tuple[str, pd.DataFrame]]] | None:
    """The key with the most values, and what `spread` says along it for each combination of the others, with its name in words; None where nothing
    but draws varies.
    """
    axes = {name: count for name, count in results.summary["axes"].items() if count > 1}
    if not axes:
        return None
    axis, table = max(axes, key=lambda name: axes[name]), spread(results)
    others = [name for name in results.summary["axes"] if name != axis]
    parts = [table] if not others else [part for _, part in table.groupby(others, sort=False, dropna=False)]
    return axis, [(named(part.iloc[0], others), part) for part in parts]


def is_number(values: pd.Series) -> bool:
    """Whether a key takes numbers, which have a place on an axis; yes and no are labels."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _square(part: pd.DataFrame, axis: str, quantile: str, values: list[Any], countries: list[str]) -> list[list[float | None]]:
    """A quantile as [point][country]."""
    square = part.pivot(index=axis, columns="country", values=quantile).reindex(index=values, columns=countries)
    return [rounded(row) for row in square.to_numpy(float)]


def named(row: pd.Series, axes: list[str]) -> str:
    """The values of keys in words."""
    return ", ".join(f"{name} = {row[name]:g}" if isinstance(row[name], float) else f"{name} = {row[name]}" for name in axes)
