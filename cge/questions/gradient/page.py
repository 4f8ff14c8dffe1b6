"""Derivatives as the instruments of telling know them: by country what a small change of everything does, and the largest by name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cge.data.geography import name_of
from cge.data.text import counted
from cge.questions.gradient.answer import COLUMNS, MEANING, TOP
from cge.questions.gradient.first import opening
from cge.questions.gradient.levers import TOTALS, levers, totals
from cge.runfile.in_words import question
from cge.tell.answer import Answer, Told
from cge.tell.folder import kept
from cge.tell.headings import titled
from cge.tell.page.figures import world_map
from cge.tell.page.numbers import rounded, statistics
from cge.tell.page.words import of_solution
from cge.tell.paper.table import refuse_unknown
from cge.tell.question import SOLVED, Fact, Question, Results, Verdict, Views, Wide

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ASKED = "Which tariffs, trade costs, primitives and elasticities matter most to real income at the solution of this run file?"


def read(results: Results) -> Results:
    """With what gradient.nc keeps of run file and economy, and tables `totals` and `levers` of the countries that were differentiated."""
    import xarray as xr

    with xr.open_dataset(results.folder / "gradient.nc", engine="netcdf4") as data:
        found = {"totals": totals(data), "levers": levers(data)}
        sectors = tuple(str(label) for label in data["sector"].values)
        about = kept(data.attrs)
    tables = {**results.tables, "gradient": results.table.fillna(dict.fromkeys((*COLUMNS[:-1], "group"), "")), **found}
    return replace(results, tables=tables, countries=found["totals"]["country"].tolist(), sectors=sectors, **about)


def first(results: Results) -> Answer:
    """What a reader sees first."""
    return opening(results.told)


def asks(text: str) -> list[str]:
    """What is asked at the solution, and what the run file changes."""
    return [ASKED, *question(text)]


# --- its page ------------------------------------------------------------------------------------------------------------------------


def verdict(results: Results) -> Verdict:
    """Of the solution, and how smooth real income is there."""
    solved, s = of_solution(results), results.summary["gradient"]
    smooth = f"{counted(s['near_corner'], 'industry', 'industries')} (country and sector) near a corner, {s['corners']} held at one"
    return Verdict(solved.headline, [*solved.facts, Fact("Smoothness", smooth)])


def limits(results: Results) -> list[str]:
    """How far a derivative reaches."""
    note = str(results.summary["gradient"]["note"])
    return ["Derivatives are effects of small changes at this solution; large ones are a run of their own.", *([note] if note else [])]


def views(results: Results) -> Views:
    """What all rates or primitives of a kind do."""
    return Views([{"name": "", "views": [{"name": "", "stats": statistics(results.tables["totals"]), "together": {}}]}])


def payload(results: Results) -> dict[str, Any]:
    """The largest derivatives of each kind: what it is, its unit, heads of its labels, and rows by country, the largest first."""
    table, place = largest(results), {label: n for n, label in enumerate(results.countries)}
    found = []
    for kind, rows in table.groupby("of", sort=False):
        dims = [dim for dim in ("exporter", "importer", "sector", "factor", "group") if dim in rows and (rows[dim] != "").any()]
        entries = zip(rows["country"], rows[dims].to_numpy().tolist(), rows["entry"], rounded(rows["value"]), strict=True)
        meaning, unit = MEANING[str(kind)]
        found.append(
            {
                "word": meaning.removeprefix("d ln real income by "),
                "unit": unit,
                "heads": [dim.capitalize() for dim in dims],
                "rows": [{"country": place[country], "head": head, "word": word, "value": v} for country, head, word, v in entries],
            }
        )
    return {"derivatives": found, "most": TOP}


def largest(results: Results) -> pd.DataFrame:
    """The largest rows of gradient.csv by country and kind, as many as `cge gradient` shows, with `entry`: their labels as text."""
    table = results.table
    abroad = table[(table["importer"] != table["exporter"]) | (table["importer"] == "")]
    rows = abroad.groupby(["country", "of"], sort=False).head(TOP).reset_index(drop=True)
    return rows.assign(entry=[entry(results.told, row) for row in rows.to_dict("records")])


def entry(told: Told, row: dict[Any, Any]) -> str:
    """Labels of a derivative in words: China → United States, machinery."""
    pair = [told.countries.get(row[side]) or name_of(row[side]) for side in ("exporter", "importer") if row[side]]
    return ", ".join(part for part in (" → ".join(pair), told.sector(row["sector"]), row["factor"], row.get("group", "")) if part)


# --- its figures and table -----------------------------------------------------------------------------------------------------------


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """A map of what a country's own tariffs do."""
    return world_map(
        results.tables["totals"],
        GRADIENT.leads,
        titled(results.heading(GRADIENT.leads), results.unit),
        names=results.country_names,
        attrs=results.economy,
    )


def wide(results: Results, wanted: list[str], asked: bool) -> Wide:
    """A row for each of the largest derivatives of a country, a column for each unit."""
    table = largest(results)
    refuse_unknown(results, wanted, list(dict.fromkeys(table["of"])))
    rows = pd.concat([table[(table["country"] == country) & (table["of"] == kind)] for country in results.countries for kind in wanted])
    names = [f"{kind}, {word}" for kind, word in zip(rows["of"], rows["entry"], strict=True)]
    index = pd.MultiIndex.from_arrays([rows["country"], names])
    unit = rows["of"].map(lambda kind: MEANING[kind][1])
    columns = {("Real income", one): pd.Series(rows["value"].where(unit == one).to_numpy(), index) for one in dict.fromkeys(unit)}
    return Wide(columns, notes=(f"Derivatives at the solution, at most the {TOP} largest of a kind for each country",))


GRADIENT = Question(
    "gradient",
    files=("gradient.csv", "gradient.nc"),
    leads="own_tariffs",
    column="value",
    says=(*SOLVED, "gradient", "acting"),
    headings=TOTALS,
    read=read,
    answer=first,
    asks=asks,
    verdict=verdict,
    limits=limits,
    views=views,
    payload=payload,
    parts=Path(__file__).parent,
    figures=figures,
    statistics=("tariff", "iceberg"),
    wide=wide,
)
