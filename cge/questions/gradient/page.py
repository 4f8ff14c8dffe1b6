"""Derivatives as the instruments of telling know them: by country what a small change of everything does, and the largest by name."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.questions.gradient.answer import COLUMNS, MEANING, TOP
from cge.runfile.in_words import counted, question
from cge.tell.folder import kept
from cge.tell.headings import Heading, titled
from cge.tell.page.figures import world_map
from cge.tell.page.numbers import rounded, statistics
from cge.tell.page.words import of_solution
from cge.tell.paper.table import refuse_unknown
from cge.tell.question import SOLVED, Fact, Question, Results, Verdict, Views, Wide

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes

ASKED = "Which tariffs, trade costs, primitives and elasticities matter most to real income at the solution of this run file?"

TOTALS = {
    "own_tariffs": Heading("Own tariffs", "% per point"),
    "tariffs_abroad": Heading("Tariffs on its exports", "% per point"),
    "import_costs": Heading("Costs of importing", "% per %"),
    "export_costs": Heading("Costs of exporting", "% per %"),
    "own_productivity": Heading("Own productivity", "% per %"),
    "productivity_abroad": Heading("Productivity abroad", "% per %"),
}
"""What all rates or primitives of a kind do to a country's real income when they move together."""


def read(results: Results) -> Results:
    """With what gradient.nc keeps of run file and economy, and a table `totals` of the countries that were differentiated."""
    import xarray as xr

    with xr.open_dataset(results.folder / "gradient.nc", engine="netcdf4") as data:
        table, sectors = totals(data), tuple(str(label) for label in data["sector"].values)
        about = kept(data.attrs)
    tables = {**results.tables, "gradient": results.table.fillna(dict.fromkeys(COLUMNS[:-1], "")), "totals": table}
    return replace(results, tables=tables, countries=table["country"].tolist(), sectors=sectors, **about)


def totals(data: xr.Dataset) -> pd.DataFrame:
    """`country` and `TOTALS`: derivatives summed over sectors and partners; trade within a country is left out.

    Of a group what all members do at once is summed: their own tariffs and costs of importing, also on each other's goods, and what others do to
    them.
    """
    countries = [str(label) for label in data["country"].values]
    groups = json.loads(str(data.attrs.get("groups", "{}")))
    inside = np.array([np.isin(data["exporter"].values, groups.get(label, [label])) for label in countries], dtype=float)
    off = 1 - np.eye(data.sizes["exporter"])
    tariff, iceberg = (off * data[name].sum("sector").transpose("country", "exporter", "importer").values for name in ("tariff", "iceberg"))
    productivity = data["productivity"].sum("sector").transpose("country", "exporter").values
    own = (productivity * inside).sum(axis=1)
    columns = {
        "own_tariffs": np.einsum("cin,cn->c", tariff, inside),
        "tariffs_abroad": np.einsum("cin,ci,cn->c", tariff, inside, 1 - inside),
        "import_costs": np.einsum("cin,cn->c", iceberg, inside),
        "export_costs": np.einsum("cin,ci,cn->c", iceberg, inside, 1 - inside),
        "own_productivity": own,
        "productivity_abroad": productivity.sum(axis=1) - own,
    }
    return pd.DataFrame({"country": countries, **columns})


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
    return Views([{"name": "", "views": [{"name": "", "stats": statistics(results.tables["totals"])}]}])


def payload(results: Results) -> dict[str, Any]:
    """The largest derivatives of each kind: what it is, its unit, heads of its labels, and rows by country, the largest first."""
    table, place = largest(results), {label: n for n, label in enumerate(results.countries)}
    found = []
    for kind, rows in table.groupby("of", sort=False):
        dims = [dim for dim in ("exporter", "importer", "sector", "factor") if (rows[dim] != "").any()]
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
    return rows.assign(entry=[entry(row) for row in rows.to_dict("records")])


def entry(row: dict[Any, Any]) -> str:
    """Labels of a derivative: CHN → USA, C26."""
    pair = f"{row['exporter']} → {row['importer']}" if row["importer"] else row["exporter"]
    return ", ".join(part for part in (pair, row["sector"], row["factor"]) if part)


# --- its figures and table -----------------------------------------------------------------------------------------------------------


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """A map of what a country's own tariffs do."""
    return world_map(results.tables["totals"], GRADIENT.leads, titled(results.heading(GRADIENT.leads), results.unit))


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
    says=(*SOLVED, "gradient"),
    headings=TOTALS,
    read=read,
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
