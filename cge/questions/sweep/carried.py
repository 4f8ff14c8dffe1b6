"""The numbers of a sweep that the page carries: quantiles by country, and curves along the longest of its keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from cge.data.geography import UNNAMED
from cge.questions.sweep.together import SUMMED, WEIGHTED
from cge.questions.sweep.uncertainty import QUANTILES, quantiles, spread
from cge.runfile.in_words import capital, parsed, swept
from cge.tell.headings import DIFFERENCE
from cge.tell.page.numbers import rounded
from cge.tell.question import Results, Statistics, Views

KEPT = ("real_income_pct", "equivalent_variation", "income_pct", "consumer_price_pct", "exports_pct", "imports_pct")
"""Statistics of a sweep that the page carries."""

TOGETHER = (*WEIGHTED, *SUMMED)
"""Statistics that the world and groups have, too."""

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
    aggregates, both = list(results.summary["together"]), {name: spread(results, name, groups=True) for name in KEPT if name in TOGETHER}
    combinations = len(tables[KEPT[0]]) // len(results.countries)
    if combinations > MOST_GROUPS:
        shown = _over_all(tables, len(results.countries)), _over_all(both, len(aggregates))
        views = [_view(name, one, other) for name, one, other in zip(QUANTILES, *shown, strict=True)]
        return Views([{"name": f"over {combinations:,} combinations", "views": views}], MEDIAN, CHOOSER, aggregates)
    groups = []
    for k in range(combinations):
        parts, whole = _part(tables, k, len(results.countries)), _part(both, k, len(aggregates))
        kept = list(QUANTILES) if draws else ["median"]
        views = [
            _view(q if draws else "", *({name: rounded(one[q]) for name, one in part.items()} for part in (parts, whole))) for q in kept
        ]
        groups.append({"name": named(parts[KEPT[0]].iloc[0], axes, results.words), "views": views})
    return Views(groups, MEDIAN if draws else 0, CHOOSER, aggregates)


def _part(tables: dict[str, pd.DataFrame], k: int, size: int) -> dict[str, pd.DataFrame]:
    """Rows of one combination."""
    return {name: table.iloc[k * size : (k + 1) * size] for name, table in tables.items()}


def _view(quantile: str, stats: Statistics, together: Statistics) -> dict[str, Any]:
    """A quantile, with what it is called."""
    return {"name": quantile, "word": PERCENTILES.get(quantile, quantile), "stats": stats, "together": together}


def _over_all(tables: dict[str, pd.DataFrame], size: int) -> list[Statistics]:
    """Quantiles of the medians over all combinations, a table for each quantile."""
    found: list[Statistics] = [{} for _ in QUANTILES]
    for statistic, table in tables.items():
        medians = table["median"].to_numpy(float).reshape(-1, size)
        for stats, row in zip(found, quantiles(medians), strict=True):
            stats[statistic] = rounded(row)
    return found


def curves(results: Results) -> dict[str, Any] | None:
    """Real income along the key with the most values, a line for each combination of the others; None where nothing but draws varies.

    `values` of the key, whether they are `numeric`, `of` how many, and `lines` with a `name` and quantiles [quantile][point][country, then world and
    groups] (the median alone without draws); `words` of its labels; `left`: lines that are not there.
    """
    found_along = along(results, groups=True)
    if found_along is None:
        return None
    axis, parts = found_along
    values = list(dict.fromkeys(parts[0][1][axis].tolist()))
    count, numeric = len(values), is_number(parts[0][1][axis])
    values = sorted(values)[:: -(-count // MOST_POINTS)] if numeric else values  # a label left out would be missed
    lines = []
    places = [*results.countries, *results.summary["together"]]
    for name, part in parts[:MOST_LINES]:
        squares = {q: _square(part, axis, q, values, places) for q in (QUANTILES if results.summary["draws"] else ("median",))}
        lines.append({"name": name, "bands": squares})
    shown, word = values if numeric else [str(value) for value in values], capital(swept(axis, parsed(results.run_file)))
    words = {label: _value(label, results.words) for label in shown} if not numeric else {}
    return {
        "axis": word,
        "words": words,
        "values": shown,
        "numeric": numeric,
        "lines": lines,
        "of": count,
        "left": max(len(parts) - MOST_LINES, 0),
    }


MOST_SIDES = 24
"""Differences that the page carries."""


def differences(results: Results) -> dict[str, Any]:
    """Bands of what one combination of the keys has more real income than another over the same draws, from bands.csv: `rows`, each with a `name` and
    `p05`, `median`, `p95` [country], percentage points; `left`: those that are not there.
    """
    table, axes = results.tables.get("bands"), list(results.summary["axes"])
    if table is None or not axes:
        return {"rows": [], "left": 0}
    sides = list(table[table["statistic"] == f"real_income_pct{DIFFERENCE}"].groupby([*axes, "against"], sort=False))
    rows = []
    for (*values, against), part in sides[:MOST_SIDES]:
        bands = part.set_index("country").reindex(results.countries)
        name = f"{', '.join(_value(value, results.words) for value in values)} less {against}"
        rows.append({"name": name, **{q: rounded(bands[q]) for q in ("p05", "median", "p95")}})
    return {"rows": rows, "left": max(len(sides) - MOST_SIDES, 0)}


def along(results: Results, groups: bool = False) -> tuple[str, list[tuple[str, pd.DataFrame]]] | None:
    """The key with the most values, and what `spread` says along it for each combination of the others, with its name in words; None where nothing
    but draws varies. `groups`: of the world and groups behind the countries, as well.
    """
    axes = {name: count for name, count in results.summary["axes"].items() if count > 1}
    if not axes:
        return None
    axis, table = max(axes, key=lambda name: axes[name]), pd.concat([spread(results), *([spread(results, groups=True)] if groups else [])])
    others = [name for name in results.summary["axes"] if name != axis]
    parts = [table] if not others else [part for _, part in table.groupby(others, sort=False, dropna=False)]
    return axis, [(named(part.iloc[0], others, results.words), part) for part in parts]


def is_number(values: pd.Series) -> bool:
    """Whether a key takes numbers, which have a place on an axis; yes and no are labels."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _square(part: pd.DataFrame, axis: str, quantile: str, values: list[Any], countries: list[str]) -> list[list[float | None]]:
    """A quantile as [point][country]."""
    square = part.pivot(index=axis, columns="country", values=quantile).reindex(index=values, columns=countries)
    return [rounded(row) for row in square.to_numpy(float)]


def named(row: pd.Series, axes: list[str], words: Mapping[str, str] = UNNAMED) -> str:
    """The values of keys, labels with their names in `words`."""
    return ", ".join(f"{name} = {_value(row[name], words)}" for name in axes)


def _value(value: Any, words: Mapping[str, str]) -> str:
    """A value of a key; a label with its name."""
    if isinstance(value, float):
        return f"{value:g}"
    word = words.get(str(value), "")
    return f"{value} {word}" if word and word != str(value) else str(value)
