"""A run as the instruments of telling know it: how its folder is read, what its page shows, its figures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.economy import names_in
from cge.questions.run.carried import factors, firms, industries, packed
from cge.results.channels import CHANNELS
from cge.tell import plot
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


def payload(results: Results) -> dict[str, Any]:
    """Sectors and their sales, flows, factor prices, firms; the last two None where the folder has no table of them."""
    assert results.sales is not None
    assert results.flows is not None
    return {
        "sectors": list(results.sectors),
        "sectorNames": [results.sector_names.get(label, "") for label in results.sectors],
        "output": rounded(output(results)),
        "sales": {"before": rounded(results.sales[0]), "after": rounded(results.sales[1])},
        "flows": packed(*results.flows),
        "factors": factors(results),
        "firms": firms(results),
    }


def output(results: Results) -> Array:
    """Change of real output in percent [sector, country]."""
    table = results.tables["sectors"].pivot(index="sector", columns="country", values="output_pct")
    return table.reindex(index=list(results.sectors), columns=results.countries).to_numpy()


# --- its figures ---------------------------------------------------------------------------------------------------------------------

MOST_FIRMS = 12
"""Industries whose distribution of firms is drawn: those whose exports change most."""


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """Welfare, a map, flows, sectors of the country that moves most, firms."""
    welfare, sectors = results.tables["welfare"], results.tables["sectors"]
    yield "welfare", plot.welfare_bars(welfare)
    yield from world_map(welfare, RUN.leads, titled(results.heading(RUN.leads), results.unit), names=results.country_names)
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
    payload=payload,
    parts=Path(__file__).parent,
    figures=figures,
    statistics=("real_income_pct", "equivalent_variation", *CHANNELS),
)
