"""A sweep as the instruments of telling know it: how its folder is read and judged, its figures and its table."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cge.data.arrays import Array
from cge.data.text import counted
from cge.questions.sweep.carried import MOST_LINES, along, curves, differences, is_number, named, views
from cge.questions.sweep.first import opening
from cge.questions.sweep.grounds import gaps
from cge.questions.sweep.store import STORE, open_store
from cge.questions.sweep.trial import faults
from cge.questions.sweep.uncertainty import QUANTILES, spread
from cge.runfile.in_words import parsed, question, varied
from cge.tell import plot
from cge.tell.answer import Answer
from cge.tell.folder import every, kept
from cge.tell.headings import titled
from cge.tell.page.figures import world_map
from cge.tell.page.words import size
from cge.tell.paper.table import refuse_unknown
from cge.tell.question import Fact, Question, Results, Verdict, Wide

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST = 15
"""Sectors whose elasticity matters most."""

MOST_COLUMNS = 12
"""Scenarios that stand side by side in a table; of more the least, the median and the most are shown."""


# --- its folder ----------------------------------------------------------------------------------------------------------------------


def read(results: Results) -> Results:
    """With the store, and what it keeps of run file and economy."""
    store = open_store(results.folder / STORE)
    return replace(results, countries=every(results, store["country"].values), store=store, **kept(store.attrs))


def first(results: Results) -> Answer:
    """What a reader sees first."""
    assert results.store is not None
    return opening(results.told, results.store, parsed(results.run_file))


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
    facts += [Fact("Gaps", gaps(s["gaps"]))] if s.get("gaps") else []
    return Verdict(f"Solved and verified: {s['solved']:,} of {s['scenarios']:,} scenarios.", facts)


def limits(results: Results) -> list[str]:
    """What bands do not hold."""
    said = "Bands hold what the standard errors of elasticities imply, and no other uncertainty: not the model's, nor that of the data."
    return [said] if results.summary["draws"] else []


def payload(results: Results) -> dict[str, Any]:
    """Curves along a key, differences over the same draws, and sectors whose elasticity matters."""
    return {"curves": curves(results), "differences": differences(results), "variance": variance(results)}


def variance(results: Results) -> list[dict[str, str]]:
    """The sectors whose elasticity explains most of the variance of real income, averaged over countries and combinations; no share that chance
    alone could make.
    """
    table = results.tables.get("variance")
    if table is None or table.empty:
        return []
    mean = table.groupby("sector", sort=False)[["first_order", "bound"]].mean()
    largest = mean[mean["first_order"] > mean["bound"]].nlargest(MOST, "first_order")
    return [
        {"sector": str(sector), "share": f"{100 * row['first_order']:.1f} %", "bound": f"{100 * row['bound']:.1f} %"}
        for sector, row in largest.iterrows()
    ]


# --- its figures and table -----------------------------------------------------------------------------------------------------------


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """Bands of the first combination over countries, and effects along the key with the most values for every combination of the others."""
    countries, names, title = (
        len(results.countries),
        results.words,
        titled(results.heading(SWEEP.leads), results.unit),
    )
    if results.summary["draws"]:
        yield "bands", plot.sweep_bands(spread(results).head(countries), names=names)
    found_along = along(results)
    if found_along is None:
        last = spread(results).tail(countries).rename(columns={"median": SWEEP.leads})
        yield from world_map(last, SWEEP.leads, f"{title} (median)", names=results.country_names, attrs=results.economy)
        return
    axis, parts = found_along
    draw, word = (plot.sweep_bands, "curves") if is_number(parts[0][1][axis]) else (plot.sweep_labels, "labels")
    for number, (name, part) in enumerate(parts[:MOST_LINES], start=1):
        yield (word if len(parts) == 1 else f"{word}_{number}"), draw(part, axis, title=f"{title}{', ' if name else ''}{name}", names=names)


def wide(results: Results, wanted: list[str], asked: bool) -> Wide:
    """Quantiles over the draws; without draws a column for each scenario, or the least, median and most of many."""
    assert results.store is not None
    refuse_unknown(results, wanted, [str(name) for name in results.store.data_vars if "country" in results.store[name].dims])
    columns, s = {}, results.summary
    for name in wanted:
        words, table = results.heading(name), spread(results, name)
        square = {key: table[key].to_numpy(float).reshape(-1, len(results.countries)) for key in QUANTILES}
        labels = [named(table.iloc[k * len(results.countries)], list(s["axes"])) for k in range(len(square["median"]))]
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
    known = pd.DataFrame(median)  # whose statistics pass over scenarios that failed and economies without the country
    return {"least": known.min().to_numpy(), "median": known.median().to_numpy(), "most": known.max().to_numpy()}


SWEEP = Question(
    "sweep",
    files=("sweep.zarr", "failures.csv"),
    sometimes=("sweep.log", "bands.csv", "variance.csv", "convergence.csv", "convergence.png"),
    column="outcome",
    says=("scenarios", "solved", "failed", "axes", "draws", "residual", "acting"),
    read=read,
    answer=first,
    asks=asks,
    verdict=verdict,
    limits=limits,
    views=views,
    payload=payload,
    parts=Path(__file__).parent,
    faults=faults,
    figures=figures,
    wide=wide,
)
