"""A run as the instruments of telling know it: how its folder is read, what its page shows, its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.data.economy import names_in
from cge.questions.run.carried import factors, firms, industries, packed
from cge.results.channels import CHANNELS
from cge.results.sectors import FIRMS
from cge.results.sectors import TABLE as SECTORS
from cge.tell import plot
from cge.tell.answer import Answer, Told, answer
from cge.tell.digits import NOTHING
from cge.tell.folder import every
from cge.tell.headings import titled
from cge.tell.page.figures import plain, world_map
from cge.tell.page.numbers import rounded
from cge.tell.question import Question, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes


# --- its folder ----------------------------------------------------------------------------------------------------------------------


def read(results: Results) -> Results:
    """With what solution.nc holds of flows, sales, the economy and the run file."""
    import xarray as xr

    path = results.folder / "solution.nc"
    with xr.open_dataset(path, engine="netcdf4") as root:
        run_file = str(root.attrs["run_file"])
    with xr.open_dataset(path, group="benchmark", engine="netcdf4") as data:
        economy, sectors = dict(data.attrs), tuple(str(label) for label in data["sector"].values)
        words, called = names_in(data, "sector"), names_in(data)
    order = {"flow": ("sector", "exporter", "importer"), "sales": ("sector", "country")}
    with xr.open_dataset(path, group="solution", engine="netcdf4") as data:
        flows, sales = (
            (data[f"{name}_benchmark"].transpose(*dims).values, data[name].transpose(*dims).values) for name, dims in order.items()
        )
    about = replace(results, countries=every(results), run_file=run_file, economy=economy, sector_names=words, country_names=called)
    return replace(about, sectors=sectors, flows=flows, sales=sales)


# --- its page ------------------------------------------------------------------------------------------------------------------------


def first(results: Results) -> Answer | None:
    """What a reader sees first; None where an earlier version of the package made the folder."""
    if "acting" not in results.summary:
        return None
    return answer(Told(results.summary, results.tables, results.unit, results.country_names, results.sector_names))


def payload(results: Results) -> dict[str, Any]:
    """Sectors and their sales, flows, factor prices, firms; the last two None where the folder has no table of them."""
    assert results.sales is not None
    assert results.flows is not None
    return {
        "sectors": list(results.sectors),
        "sectorNames": [results.sector_names.get(label, "") for label in results.sectors],
        "sales": {"before": rounded(results.sales[0]), "after": rounded(results.sales[1])},
        "sectorStatistics": by_sector(results),
        "partners": partners(results),
        "flows": packed(*results.flows),
        "factors": factors(results),
        "firms": firms(results),
    }


def places(results: Results) -> list[str]:
    """What a reader can choose: countries, then World and groups."""
    return [*results.countries, *results.tables["groups"]["country"].astype(str)]


def by_sector(results: Results) -> list[dict[str, Any]]:
    """Changes in percent of sectors, `key`, `title` and `values` [sector][place]; what changes nowhere is left out."""
    tables = [results.tables[name] for name in ("sectors", "sector_groups") if name in results.tables]
    every = pd.concat(tables).drop_duplicates(["country", "sector"]).set_index(["sector", "country"])
    found = []
    for column in (*SECTORS, *FIRMS):
        if column.unit == "%" and column.name in every:
            values = every[column.name].unstack().reindex(index=list(results.sectors), columns=places(results)).to_numpy()
            if (np.abs(values) > NOTHING).any():
                found.append({"key": column.name, "title": titled(results.heading(column.name), results.unit), "values": rounded(values)})
    return sorted(found, key=lambda one: one["key"] != LEADING_SECTOR)  # the first is shown first


def partners(results: Results) -> dict[str, Any] | None:
    """Exports of each place (row) to each other (column), in money after and as a change in percent; None in folders of earlier versions."""
    table = results.tables.get("partners")
    if table is None:
        return None
    labels = places(results)
    square = table.set_index(["country", "partner"])
    return {name: rounded(square[name].unstack().reindex(index=labels, columns=labels).to_numpy()) for name in ("exports", "exports_pct")}


LEADING_SECTOR = "output_pct"
"""The statistic of sectors that is shown first."""


# --- its figures ---------------------------------------------------------------------------------------------------------------------

MOST_FIRMS = 12
"""Industries whose distribution of firms is drawn: those whose exports change most."""


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """Welfare, a map, flows, sectors of the country that moves most, firms."""
    welfare, sectors = results.tables["welfare"], results.tables["sectors"]
    yield "welfare", plot.welfare_bars(welfare)
    yield from world_map(
        welfare, RUN.leads, titled(results.heading(RUN.leads), results.unit), names=results.country_names, attrs=results.economy
    )
    if len(results.countries) > 1:
        yield "flows", plot.flow_heatmap(flows_frame(results))
    most = most_moved(welfare)
    yield f"sectors_{plain(most)}", plot.sector_dumbbells(sectors, most, names=results.sector_names or None)
    if "firms" in results.tables:
        table = results.tables["firms"]
        for country, sector in industries(table)[["exporter", "sector"]].head(MOST_FIRMS).itertuples(index=False):
            yield f"firms_{plain(country)}_{plain(sector)}", plot.firms_distribution(table, country, sector)


def flows_frame(results: Results) -> pd.DataFrame:
    """Flows over all sectors as a table with the columns of flows.csv, from solution.nc."""
    assert results.flows is not None
    old, new = (array.sum(axis=0) for array in results.flows)
    labels, count = np.array(results.countries, dtype=object), len(results.countries)
    pairs = {"exporter": np.repeat(labels, count), "importer": np.tile(labels, count), "sector": "all"}
    return pd.DataFrame({**pairs, "benchmark": old.ravel(), "counterfactual": new.ravel()})


def most_moved(welfare: pd.DataFrame) -> str:
    """The country whose real income changes most in money."""
    size = np.nan_to_num(np.abs(welfare["equivalent_variation"].to_numpy(float)))
    return str(welfare["country"].iloc[int(size.argmax())])


RUN = Question(
    "run",
    files=("welfare.csv", "groups.csv", "factors.csv", "sectors.csv", "solution.nc"),
    sometimes=("flows.csv", "flows.nc", "firms.csv", "trade_costs.csv"),
    read=read,
    answer=first,
    payload=payload,
    parts=Path(__file__).parent,
    figures=figures,
    statistics=("real_income_pct", "equivalent_variation", *CHANNELS),
)
