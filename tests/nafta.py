"""Caliendo and Parro (2015): their economies and scenarios solved, and what their tables report, from their data beside the checkout."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cache

import pandas as pd
import xarray as xr
from places import SHARED

import cge
from cge.model.benchmark import labelled
from cge.results.welfare import welfare_table

DATA = SHARED / "data"
MEMBERS = ["Canada", "Mexico", "USA"]

Measure = tuple[tuple[str, str], float]
"""Unit and statistic as the reference tables name them, and the number."""


@cache
def economy() -> cge.Economy:
    return cge.open_economy(DATA / "cp2015_economy.nc")


@cache
def later() -> xr.DataArray:
    """Tariffs of 2005."""
    with xr.open_dataset(DATA / "cp2015_tariff2005.nc") as dataset:
        return dataset["tariff"].load()


def exponents() -> cge.Exponents:
    table = pd.read_csv(DATA / "cp2015_elasticities.csv")
    return cge.eaton_kortum(dict(zip(table["sector"], table["trade"], strict=True)))


def among_members(inside: xr.DataArray, outside: xr.DataArray) -> xr.DataArray:
    """Tariffs between members from one year, all others from another."""
    return xr.where(inside.exporter.isin(MEMBERS) & inside.importer.isin(MEMBERS), inside, outside)


def nafta(benchmark: cge.Benchmark, exponents: cge.Exponents, tariff: xr.DataArray, transfers: str = "zero") -> cge.Solution:
    new = among_members(tariff, benchmark.data["tariff"])
    return cge.solve_hat(benchmark, exponents, cge.change(benchmark, tariff=new, transfers=transfers))


def own_inputs() -> cge.Economy:
    """A sector buys only its own good: what this is of all its materials becomes its share of cost, the rest is value added."""
    data = economy().data.drop_vars("value_added")
    materials = data["intermediate"].sum("input")
    own = data["intermediate"].where(data["input"] == data["sector"], 0.0) / materials.where(materials > 0, 1.0)
    sales = data["flow"].sum("importer").rename(exporter="country")
    return cge.make_economy(data.assign(intermediate=own * sales), "own inputs")


def one_sector(elasticity: float) -> cge.Solution:
    """All sectors added up, without inputs; tariffs are averages weighted by trade in 1993."""
    merged = pd.DataFrame({"dim": "sector", "from": economy().sectors, "to": "all"})
    rates = cge.aggregate(cge.make_economy(economy().data.assign(tariff=later())), merged).data["tariff"]
    return nafta(cge.calibrate(cge.aggregate(economy(), merged), intermediates=False), cge.eaton_kortum(elasticity), rates)


def solutions() -> dict[str, cge.Solution]:
    """All scenarios by name."""
    benchmark, trade = cge.calibrate(economy(), negative_final_demand="zero"), exponents()
    world = cge.change(benchmark, tariff=later(), transfers="zero")
    without = cge.change(benchmark, tariff=among_members(benchmark.data["tariff"], later()), transfers="zero")
    return {
        "nafta": nafta(benchmark, trade, later()),
        "nafta with deficits": nafta(benchmark, trade, later(), "fixed"),
        "world": cge.solve_hat(benchmark, trade, world),
        "world without nafta": cge.solve_hat(benchmark, trade, without),
        "nafta given world": cge.solve_hat(benchmark, trade, replace(world, baseline=without)),
        "no inputs": nafta(cge.calibrate(economy(), intermediates=False), trade, later()),
        "own inputs": nafta(cge.calibrate(own_inputs(), negative_final_demand="zero"), trade, later()),
        "one sector": one_sector(4.55),
    }


def measured(solutions: dict[str, cge.Solution]) -> dict[str, pd.Series]:
    """Measures by scenario; what NAFTA adds to the world is a difference of linear terms, and a ratio of real incomes."""
    found = {name: pd.Series(dict(measures(solution))) for name, solution in solutions.items()}
    ratio = found["nafta given world"]
    exact = ratio.index.get_level_values(1).str.startswith("real_")
    return found | {"nafta given world": ratio.where(exact, found["world"] - found["world without nafta"])}


def measures(solution: cge.Solution) -> Iterator[Measure]:
    yield from welfare_table(solution).set_index("country").stack().items()
    yield from imports(solution)
    income = labelled(solution.benchmark, solution.reference.values.income, "country")
    for term, by_partner in cge.bilateral_terms(solution).items():
        for country in MEMBERS:
            yield from parts(str(term), by_partner.sel(country=country), float(income.sel(country=country)))


def imports(solution: cge.Solution) -> Iterator[Measure]:
    """Growth of a member's imports from each of the others, and from both together."""
    flows = (solution.reference.flow, solution.counterfactual.flow)
    old, new = (labelled(solution.benchmark, flow, "sector", "exporter", "importer").sum("sector") for flow in flows)
    for country in MEMBERS:
        others = [other for other in MEMBERS if other != country]
        before, after = (flow.sel(importer=country, exporter=others) for flow in (old, new))
        growth = 100 * (after / before - 1)
        yield from (((f"imports of {country} from {other}", "imports_pct"), float(growth.sel(exporter=other))) for other in others)
        yield (country, "imports_from_nafta_pct"), float(100 * (after.sum() / before.sum() - 1))


def parts(term: str, money: xr.DataArray, income: float) -> Iterator[Measure]:
    """A country's linear term [sector, partner]: by group of partners in percent of income, by sector in percent of the term."""
    country, member = str(money["country"].item()), money["partner"].isin(MEMBERS)
    for group, chosen in (("nafta", member), ("row", ~member)):
        yield (country, f"{term}_{group}_pct"), float(100 * money.where(chosen, 0.0).sum() / income)
    for sector, share in (100 * money.sum("partner") / money.sum()).to_series().items():
        yield (f"{country}, sector {sector}", f"{term}_share_pct"), float(share)
