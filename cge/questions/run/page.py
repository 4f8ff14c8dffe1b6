"""A run as the instruments of telling know it: how its folder is read, what its page shows, its figures."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.questions.run.carried import by_country, firms, industries, packed
from cge.questions.run.first import opening
from cge.results.channels import CHANNELS
from cge.results.sectors import FIRMS
from cge.results.sectors import TABLE as SECTORS
from cge.results.welfare import CONSTANT
from cge.tell import plot
from cge.tell.answer import Answer
from cge.tell.digits import NOTHING
from cge.tell.folder import from_solution
from cge.tell.headings import titled
from cge.tell.page.figures import plain, world_map
from cge.tell.page.numbers import rounded
from cge.tell.page.satellites import satellites
from cge.tell.question import AT_TIMES, OF_SOLUTION, SOLVED, Question, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# --- its page ------------------------------------------------------------------------------------------------------------------------


def first(results: Results) -> Answer:
    """What a reader sees first."""
    return opening(results.told)


def payload(results: Results) -> dict[str, Any]:
    """Sectors and their sales, flows, factor prices, groups of workers, firms; the last two None where the folder has no table of them."""
    assert results.sales is not None
    assert results.flows is not None
    return {
        "sectors": list(results.sectors),
        "sectorNames": [results.sector_names.get(label, "") for label in results.sectors],
        "sales": {"before": rounded(results.sales[0]), "after": rounded(results.sales[1])},
        "sectorStatistics": by_sector(results),
        "partners": partners(results),
        "flows": packed(*results.flows),
        "factors": by_country(results, "factors", "factor"),
        "workers": by_country(results, "groups_income", "group"),
        "firms": firms(results),
        "satellites": satellites(results),
    }


def places(results: Results) -> list[str]:
    """What a reader can choose: countries, then World and groups."""
    return [*results.countries, *results.tables["groups"]["country"].astype(str)]


def sectors_of(results: Results) -> pd.DataFrame:
    """Rows of sectors.csv, and those of sector_groups.csv but for groups of sectors; of a place that is named twice the first."""
    every = pd.concat([results.tables["sectors"], results.tables["sector_groups"]], ignore_index=True)
    return every[every["sector"].isin(results.sectors)].drop_duplicates(["country", "sector"])


def by_sector(results: Results) -> list[dict[str, Any]]:
    """Changes in percent of sectors, `key`, `title` and `values` [sector][place]; what changes nowhere is left out."""
    every = sectors_of(results).set_index(["sector", "country"])
    square = every.reindex(pd.MultiIndex.from_product([results.sectors, places(results)]))
    found = []
    for column in (*SECTORS, *FIRMS):
        if column.unit == "%" and column.name in square:
            values = square[column.name].to_numpy().reshape(len(results.sectors), -1)
            if (np.abs(values) > NOTHING).any():
                found.append({"key": column.name, "title": titled(results.heading(column.name), results.unit), "values": rounded(values)})
    return sorted(found, key=lambda one: one["key"] != LEADING_SECTOR)  # the first is shown first


def partners(results: Results) -> dict[str, Any]:
    """Exports of each place (row) to each other (column), in money after and as a change in percent."""
    labels, square = places(results), results.tables["partners"].set_index(["country", "partner"])
    return {name: rounded(square[name].unstack().reindex(index=labels, columns=labels).to_numpy()) for name in ("exports", "exports_pct")}


LEADING_SECTOR = "output_pct"
"""The statistic of sectors that is shown first."""


# --- its figures ---------------------------------------------------------------------------------------------------------------------

MOST_FIRMS = 12
"""Industries whose distribution of firms is drawn: those whose exports change most."""


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """Welfare, a map, flows, sectors of the country that moves most, firms."""
    welfare, chosen, names = results.tables["welfare"], results.chosen, results.names
    every = pd.concat([welfare, results.tables["groups"]], ignore_index=True)
    yield "welfare", plot.welfare_bars(every if chosen.countries else welfare, chosen.countries or None, names=names, most=chosen.rows)
    title = titled(results.heading(RUN.leads), results.unit)
    yield from world_map(welfare, RUN.leads, title, names=results.country_names, attrs=results.economy)
    pair = [label for label in chosen.countries or traders(results)[: chosen.rows] if label in names]
    if len(pair) > 1:
        yield "flows", plot.flow_heatmap(flows_frame(results), countries=pair, names=names)
    sectors = sectors_of(results)
    for label in chosen.countries or [first(results).who]:
        about = names.get(label, label)
        yield (
            f"sectors_{plain(label)}",
            plot.sector_dumbbells(
                sectors,
                label,
                names=results.sector_names or None,
                place=about,
                most=chosen.rows,
            ),
        )
    if "satellites" in results.tables:
        accounts = results.tables["satellites"]
        for name in dict.fromkeys(accounts["name"]):
            few = [label for label in chosen.countries if label in names] or None
            yield f"satellite_{plain(name)}", plot.satellite_bars(accounts, name, few, names=names, most=chosen.rows)
    if "firms" in results.tables:
        table = results.tables["firms"]
        for country, sector in industries(table)[["exporter", "sector"]].head(MOST_FIRMS).itertuples(index=False):
            yield f"firms_{plain(country)}_{plain(sector)}", plot.firms_distribution(table, country, sector)


def traders(results: Results) -> list[str]:
    """Countries by what they trade with others in the benchmark, the largest first."""
    assert results.flows is not None
    flow = results.flows[0].sum(axis=0)
    trade = flow.sum(axis=0) + flow.sum(axis=1) - 2 * np.diagonal(flow)
    return [results.countries[place] for place in np.argsort(-trade, kind="stable")]


def flows_frame(results: Results) -> pd.DataFrame:
    """Flows over all sectors as a table with the columns of flows.csv, from solution.nc."""
    assert results.flows is not None
    old, new = (array.sum(axis=0) for array in results.flows)
    labels, count = np.array(results.countries, dtype=object), len(results.countries)
    pairs = {"exporter": np.repeat(labels, count), "importer": np.tile(labels, count), "sector": "all"}
    return pd.DataFrame({**pairs, "benchmark": old.ravel(), "counterfactual": new.ravel()})


RUN = Question(
    "run",
    files=OF_SOLUTION,
    sometimes=AT_TIMES,
    says=(*SOLVED, "acting"),
    read=from_solution,
    answer=first,
    payload=payload,
    parts=Path(__file__).parent,
    figures=figures,
    statistics=("real_income_pct", CONSTANT, "equivalent_variation", *CHANNELS),
)
