"""A sweep as the instruments of telling know it: quantiles by country, and curves along the longest of its keys."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.questions.sweep.store import STORE, open_store
from cge.questions.sweep.uncertainty import QUANTILES, spread
from cge.runfile.in_words import question, varied
from cge.tell import plot
from cge.tell.folder import every, kept
from cge.tell.headings import titled
from cge.tell.page.figures import world_map
from cge.tell.page.numbers import rounded
from cge.tell.page.words import counted, size
from cge.tell.paper.table import refuse_unknown
from cge.tell.question import Fact, Question, Results, Statistics, Verdict, Views, Wide

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KEPT = ("real_income_pct", "equivalent_variation", "income_pct", "consumer_price_pct", "exports_pct", "imports_pct")
"""Statistics of a sweep that the page carries."""

MOST_GROUPS = 100
"""Combinations of keys that the page tells apart."""

MOST_LINES, MOST_POINTS = 12, 60
"""Curves, and points of each, that the page carries; of a longer key of numbers every second, third, … value."""

PERCENTILES = {"p05": "5th percentile", "p25": "25th percentile", "p75": "75th percentile", "p95": "95th percentile"}
MEDIAN, CHOOSER = list(QUANTILES).index("median"), "Quantile"
"""Place of the view that is shown first, and what a view is."""

MOST = 15
"""Sectors whose elasticity matters most."""

MOST_COLUMNS = 12
"""Scenarios that stand side by side in a table; of more the least, the median and the most are shown."""


# --- its folder ----------------------------------------------------------------------------------------------------------------------


def read(results: Results) -> Results:
    """With the store, and what it keeps of run file and economy."""
    store = open_store(results.folder / STORE)
    return replace(results, countries=every(results, store["country"].values), store=store, **kept(store.attrs))


def asks(text: str) -> list[str]:
    """What the run file changes, and what varies."""
    return [*question(text), *varied(text)]


# --- its page ------------------------------------------------------------------------------------------------------------------------


def verdict(results: Results) -> Verdict:
    """Scenarios solved and failed."""
    s = results.summary
    axes = [f"{name}: {counted(count, 'value', 'values')}" for name, count in s["axes"].items()] + (
        [counted(s["draws"], "draw of elasticities", "draws of elasticities")] if s["draws"] else []
    )
    failed = ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in s["failed"].items())
    facts = [
        Fact("Scenarios", f"{s['scenarios']:,} ({'; '.join(axes)}), of which {s['solved']:,} were solved and verified"),
        Fact("Failed", f"{failed}: they are in no figure here, and listed in failures.csv" if failed else "none"),
        Fact("Largest residual", f"{size(s['residual'])}, relative, of all equations and scenarios"),
    ]
    return Verdict(f"Solved and verified: {s['solved']:,} of {s['scenarios']:,} scenarios.", facts)


def limits(results: Results) -> list[str]:
    """What bands do not hold."""
    said = "Bands hold what the standard errors of elasticities imply, and no other uncertainty: not the model's, nor that of the data."
    return [said] if results.summary["draws"] else []


def payload(results: Results) -> dict[str, Any]:
    """Curves along a key, and sectors whose elasticity matters."""
    return {"curves": curves(results), "variance": variance(results)}


def variance(results: Results) -> list[dict[str, str]]:
    """The sectors whose elasticity explains most of the variance of real income, averaged over countries and combinations."""
    table = results.tables.get("variance")
    if table is None or table.empty:
        return []
    mean = table.groupby("sector", sort=False)["first_order"].mean().sort_values(ascending=False).head(MOST)
    return [{"sector": str(sector), "share": f"{100 * value:.1f} %"} for sector, value in mean.items()]


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
        quantiles = list(QUANTILES) if draws else ["median"]
        shown = [_view(q if draws else "", {name: rounded(part[q]) for name, part in parts.items()}) for q in quantiles]
        groups.append({"name": _named(parts[KEPT[0]].iloc[0], axes), "views": shown})
    return Views(groups, MEDIAN if draws else 0, CHOOSER)


def _view(quantile: str, stats: Statistics) -> dict[str, Any]:
    """A quantile, with what it is called."""
    return {"name": quantile, "word": PERCENTILES.get(quantile, quantile), "stats": stats}


def _over_all(results: Results, tables: dict[str, pd.DataFrame]) -> list[dict[str, Any]]:
    """Quantiles of the medians over all combinations."""
    views: list[dict[str, Any]] = [_view(name, {}) for name in QUANTILES]
    for statistic, table in tables.items():
        medians = table["median"].to_numpy(float).reshape(-1, len(results.countries))
        for view, q in zip(views, QUANTILES.values(), strict=True):
            view["stats"][statistic] = rounded(_quantile(medians, q))
    return views


def _quantile(values: np.ndarray[Any, np.dtype[np.float64]], q: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """A quantile [country] over rows that are known."""
    known = values[np.isfinite(values).any(axis=1)]
    return np.asarray(np.quantile(known, q, axis=0) if len(known) else np.full(values.shape[1], np.nan))


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
    return axis, [(_named(part.iloc[0], others), part) for part in parts]


def is_number(values: pd.Series) -> bool:
    """Whether a key takes numbers, which have a place on an axis; yes and no are labels."""
    return pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)


def _square(part: pd.DataFrame, axis: str, quantile: str, values: list[Any], countries: list[str]) -> list[list[float | None]]:
    """A quantile as [point][country]."""
    square = part.pivot(index=axis, columns="country", values=quantile).reindex(index=values, columns=countries)
    return [rounded(row) for row in square.to_numpy(float)]


def _named(row: pd.Series, axes: list[str]) -> str:
    """The values of keys in words."""
    return ", ".join(f"{name} = {row[name]:g}" if isinstance(row[name], float) else f"{name} = {row[name]}" for name in axes)


# --- its figures and table -----------------------------------------------------------------------------------------------------------


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """Bands of the first combination over countries, and effects along the key with the most values for every combination of the others."""
    countries, title = len(results.countries), titled(results.heading(SWEEP.leads), results.unit)
    if results.summary["draws"]:
        yield "bands", plot.sweep_bands(spread(results).head(countries))
    found_along = along(results)
    if found_along is None:
        last = spread(results).tail(countries).rename(columns={"median": SWEEP.leads})
        yield from world_map(last, SWEEP.leads, f"{title} (median)")
        return
    axis, parts = found_along
    draw, word = (plot.sweep_bands, "curves") if is_number(parts[0][1][axis]) else (plot.sweep_labels, "labels")
    for number, (name, part) in enumerate(parts[:MOST_LINES], start=1):
        yield (word if len(parts) == 1 else f"{word}_{number}"), draw(part, axis, title=f"{title}{', ' if name else ''}{name}")


def wide(results: Results, wanted: list[str], asked: bool) -> Wide:
    """Quantiles over the draws; without draws a column for each scenario, or the least, median and most of many."""
    assert results.store is not None
    refuse_unknown(results, wanted, [str(name) for name in results.store.data_vars if "country" in results.store[name].dims])
    columns, s = {}, results.summary
    for name in wanted:
        words, table = results.heading(name), spread(results, name)
        square = {key: table[key].to_numpy(float).reshape(-1, len(results.countries)) for key in QUANTILES}
        labels = [_named(table.iloc[k * len(results.countries)], list(s["axes"])) for k in range(len(square["median"]))]
        for word, values in _sides(square, labels, bool(s["draws"])).items():
            full = f"{words.word}: {word}" if len(wanted) > 1 else word
            columns[full, words.unit] = pd.Series(values, index=results.countries)
    drawn = (f"Quantiles over {s['draws']} draws of elasticities",) if s["draws"] else ()
    return Wide(columns, notes=(f"{s['solved']} of {s['scenarios']} scenarios solved", *drawn))


def _sides(square: dict[str, Array], labels: list[str], draws: bool) -> dict[str, Array]:
    """Columns by their words, from quantiles [combination, country]."""
    if draws and len(labels) == 1:
        return {word: values[0] for word, values in square.items()}
    median = square["median"]
    if len(labels) <= MOST_COLUMNS:
        return dict(zip(labels, median, strict=True))
    known = median[np.isfinite(median).any(axis=1)]
    return {"least": known.min(axis=0), "median": np.median(known, axis=0), "most": known.max(axis=0)}


SWEEP = Question(
    "sweep",
    files=("sweep.zarr", "failures.csv"),
    sometimes=("sweep.log", "bands.csv", "variance.csv", "convergence.csv", "convergence.png"),
    column="outcome",
    says=("scenarios", "solved", "failed", "axes", "draws", "residual"),
    read=read,
    asks=asks,
    verdict=verdict,
    limits=limits,
    views=views,
    payload=payload,
    parts=Path(__file__).parent,
    figures=figures,
    wide=wide,
)
