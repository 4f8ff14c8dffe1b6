"""Variable mark-ups on a world table: the worked cases, from what firms made of their primitives and from a table of the world."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from choke_cases import CASES
from numpy.testing import assert_allclose
from validation import Validate
from worked import compare, rounded
from worlds import abroad, by_country, recorded, solve, stretched

from cge import calibrate, markups_table, open_economy, variable_markups, welfare_table
from cge.data.bundled import find
from cge.firms import ChokeEconomy, choke_equilibrium, pareto
from cge.model.demand import demand
from cge.solve.solution import Solution

Array = npt.NDArray[np.float64]

DEMANDS: dict[str, tuple[str, float | None]] = {
    "translog": ("translog", None),
    "QMOR r=-2": ("qmor", -2.0),
    "QMOR r=1": ("qmor", 1.0),
    "CARA": ("cara", None),
    "quadratic": ("quadratic", None),
    "Pollak s=2": ("pollak", 2.0),
}


def case(name: str, ending: str = "") -> Any:
    """The rows of a case's only table, and its columns."""
    (table,) = next(tables for title, tables in CASES.items() if title.startswith(name) and title.endswith(ending))
    return table[1], table[2]


def modelled(before: ChokeEconomy, after: ChokeEconomy, kind: Any, parameter: Any = None, labour: Any = 1.0) -> Solution:
    """The change of one world into the other, on what a statistician records of the first; `labour` grows as efficiency units."""
    data = recorded(before, choke_equilibrium(before))
    k = {sector: draws[0].tail_index for sector, draws in zip(data.sectors, before.productivity, strict=True)}
    shock = stretched(data, before, after)
    if np.any(np.asarray(labour) != 1):
        shock["endowment"] = by_country(data, "factor", np.asarray(labour, dtype=float)[None])
    return solve(data, variable_markups(k, kind, parameter), **shock)


def ratios(published: Any, row: str) -> Array:
    """A row of the counterfactual over the same row of the benchmark."""
    return np.array(published[f"counterfactual: {row}"]) / np.array(published[f"benchmark: {row}"])


def by_market(solution: Solution, column: str) -> Array:
    """A column of markups.csv as hats [sector, country]."""
    table = markups_table(solution).pivot(index="sector", columns="country", values=column)
    return 1 + table.reindex(index=solution.benchmark.sectors, columns=solution.benchmark.countries).to_numpy() / 100


K4, K5 = pareto(4.0, 0.25), pareto(5.0, 0.25)
BEFORE, AFTER = [[[1, 1.5], [1.6, 1]]], [[[1, 1.2], [1.4, 1]]]


@pytest.mark.parametrize("name", DEMANDS)
def test_two_countries(name: str) -> None:
    """B2: choke prices, varieties and real income of each demand, from one record of trade."""
    kind, parameter = DEMANDS[name]
    worlds = [ChokeEconomy(demand(kind, parameter), K4, [100, 60], iceberg=iceberg) for iceberg in (BEFORE, AFTER)]
    found = modelled(*worlds, kind, parameter)
    columns, published = case("B2")
    at = [columns.index(f"{name} {n}") for n in (1, 2)]
    rows = {row: np.array(values)[at] for row, values in published.items()}
    wage = np.array([0.9696610415 / 1.017921355, 1.0])  # prices of the case are in labour of country 2
    unit = found.data["factor_price"].values[0] / wage
    assert_allclose(unit, unit[0], rtol=1e-9)
    assert_allclose(
        by_market(found, "choke_price_pct")[0] / unit[0], rows["choke price, after"] / rows["choke price, benchmark"], rtol=1e-9
    )
    assert_allclose(by_market(found, "sellers_pct")[0], rows["varieties, after"] / rows["varieties, benchmark"], rtol=1e-9)
    assert_allclose(100 * found.log_real_income, rows["real income, log points × 100"], rtol=1e-9)
    assert_allclose(welfare_table(found)["real_income_constant_markups_pct"], 100 * np.expm1([0.02699954548, 0.04667297259]), rtol=1e-9)


def test_trade_without_costs() -> None:
    """B3: the chained measure, which is neither the ratio of utilities nor the compensating variation."""
    worlds = [ChokeEconomy(demand("cara"), K4, [100, 60], iceberg=iceberg) for iceberg in (BEFORE, 1.0)]
    found = modelled(*worlds, "cara")
    _, published = case("B3")
    assert_allclose(100 * found.log_real_income, published["formula (1 − eta), 100 ln"], rtol=1e-9)
    constant = np.log1p(welfare_table(found)["real_income_constant_markups_pct"] / 100)
    assert_allclose(100 * constant, published["Krugman, 100 ln"], rtol=1e-9)


@pytest.mark.parametrize("name", ["translog", "CARA"])
def test_three_countries_tariff_and_labour(name: str) -> None:
    """B4: country 3 grows by a tenth. The package reads that as workers who are worth more; were they more, η ln L̂ would come on top of all alike."""
    kind, _ = DEMANDS[name]
    shared = {"iceberg": [[[1, 1.6, 1.7], [1.5, 1, 1.6], [1.8, 1.5, 1]]], "entry_cost": [[1, 0.9, 1.1]], "varieties": 0.5}
    rates = [[[[0, t, 0.1], [0.1, 0, 0.05], [0.05, 0.15, 0]]] for t in (0.05, 0.25)]
    worlds = [ChokeEconomy(demand(kind), K5, [100, 70, 40], tariff=rate, **shared) for rate in rates]
    grown = np.array([1, 1, 1.1])
    found = modelled(*worlds, kind, labour=grown)
    _, published = case("B4", name)
    eta = found.exponents.on(found.benchmark.sectors)["eta"][0]
    per_head = 100 * (found.log_real_income - (1 - eta) * np.log(grown))
    assert_allclose(per_head, published["real income per head, log points × 100"], rtol=1e-8)
    income = found.data["income"].values / found.data["income_benchmark"].values
    assert_allclose(income / income[0], ratios(published, "income") / ratios(published, "income")[0], rtol=1e-9)


SECTORS = ChokeEconomy(
    [demand("cara"), demand("translog")], [K4, K5], [100, 70], [[1.0, 1.1], [0.9, 1.0]], [[[1, 1.5], [1.6, 1]], [[1, 1.4], [1.5, 1]]],
    [[[0, 0.1], [0.2, 0]], [[0, 0.05], [0.0, 0]]], [0.45, 0.55], 0.5,
)  # fmt: skip
OTHER = ChokeEconomy(
    [demand("cara"), demand("translog")], [K4, K5], [100, 70], [[1.0, 1.1], [0.9, 1.0]], [[[1, 1.5], [1.6, 1]], [[1, 1.4], [1.3, 1]]],
    [[[0, 0.0], [0.2, 0]], [[0, 0.3], [0.0, 0]]], [0.45, 0.55], 0.5,
)  # fmt: skip


def test_two_sectors_tariffs_and_entry() -> None:
    """B5: an additive and a homothetic demand, where the gain exceeds Krugman's in country 1."""
    found = modelled(SECTORS, OTHER, {"S0": "cara", "S1": "translog"})
    _, published = case("B5")
    wage = ratios(published, "wage")
    unit = found.data["factor_price"].values[0] / wage
    assert_allclose(unit, unit[0], rtol=1e-9)
    for column, row, money in (
        ("choke_price_pct", "choke price, sector %d", unit[0]),
        ("sellers_pct", "varieties, sector %d", 1.0),
    ):
        wanted = [ratios(published, row % s) for s in (1, 2)]
        assert_allclose(by_market(found, column) / money, wanted, rtol=1e-9)
    assert_allclose(found.data["entry"].values, [ratios(published, f"entrants, sector {s}") for s in (1, 2)], rtol=1e-9)
    assert_allclose(100 * found.log_real_income, published["real income per head, log points × 100"], rtol=1e-8)
    constant = 100 * np.log1p(welfare_table(found)["real_income_constant_markups_pct"] / 100)
    assert_allclose(constant, published["Krugman, log points × 100"], rtol=1e-8)


WORLD = {
    "USA": (0.1881076911, 0.1709265931, 0.1698039256, 0.1771882728),
    "CHN": (-0.03818981965, -0.03470527678, -0.03447756065, -0.03597530749),
    "MEX": (-0.3645032878, -0.3312944099, -0.3291238528, -0.3433993819),
    "CAN": (-0.4958760408, -0.450725255, -0.4477739766, -0.4671838029),
    "DEU": (-0.07989138428, -0.07260325944, -0.0721269682, -0.07525963495),
    "LUX": (-0.1087995206, -0.09887554407, -0.09822698635, -0.1024926651),
    "IRL": (-1.395523704, -1.268981888, -1.260706838, -1.315121573),
}
"""B7: a tariff of 10 % of the USA on everything from everybody, no inputs; real income, percent."""

COLUMNS: dict[str, Any] = {
    "Krugman, translog, QMOR": {"demand": "translog"},
    "CARA, k = 5": {"demand": "cara"},
    "quadratic, k = 5": {"demand": "quadratic"},
    "Pollak s = 3, k = 5": {"demand": "pollak", "demand_parameter": 3.0},
}


def test_a_table_of_the_world(validate: Validate) -> None:
    data = calibrate(open_economy(find("data", "icio2022")), intermediates=False)
    places = [data.countries.index(country) for country in WORLD]
    rate = np.zeros((len(data.sectors), len(data.countries), len(data.countries)))
    rate[:, :, data.countries.index("USA")] = 0.1
    found = {
        name: welfare_table(solve(data, variable_markups(5.0, **given), tariff=abroad(data, rate, 0.0))) for name, given in COLUMNS.items()
    }
    got = np.array([table["real_income_pct"].to_numpy()[places] for table in found.values()]).T
    compare(
        validate,
        "Mark-ups, B7. A table of the world",
        tuple(COLUMNS),
        WORLD,
        dict(zip(WORLD, got, strict=True)),
        rounded(tuple(COLUMNS), WORLD),
    )
    for table in found.values():
        assert_allclose(
            table["real_income_constant_markups_pct"], found["Krugman, translog, QMOR"]["real_income_pct"], rtol=1e-9, atol=1e-11
        )
