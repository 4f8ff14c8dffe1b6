"""From a Melitz counterfactual down to firms: sums, a simulation, primitives, closed forms."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from cge import Solution, calibrate, change, krugman, melitz, open_economy, solve_hat, solve_levels
from cge.data.bundled import find
from cge.errors import InputError
from cge.firms import Industry, distribution, equilibrium, pareto, reallocation, turnover
from cge.model.shock import Shock
from cge.results.firm_distribution import Cell, cells, employment, mean_log_productivity, sales
from cge.runfile.technology import make_world
from cge.solve.firms import after, before
from cge.solve.levels.world import solve_world

Array = NDArray[np.float64]

SIGMA, K = 4.0, 5.0


def counterfactual(**shock: Any) -> Solution:
    """Ten percent off all foreign iceberg costs in the smallest bundled economy, or another shock."""
    benchmark = calibrate(open_economy(find("data", "mini")), intermediates=False)
    if not shock:
        shock = {"iceberg": benchmark.data["flow"].copy(data=np.where(np.eye(3), 1, 0.9) * np.ones((2, 1, 1)))}
    return solve_hat(benchmark, melitz({"goods": 4.0, "services": 3.0}, {"goods": 5.0, "services": 3.5}), change(benchmark, **shock))


@pytest.mark.parametrize("sector", ["goods", "services"])
def test_bands_add_up(sector: str) -> None:
    solution = counterfactual()
    s, i = ["goods", "services"].index(sector), solution.benchmark.countries.index("North")
    table = distribution(solution, "North", sector)
    for suffix, state in (("_benchmark", before(solution)), ("", after(solution))):
        flow = np.nan_to_num(state.exporters[s, i] * state.average_sales[s, i])
        assert_allclose(table[f"sales{suffix}"].sum(), flow.sum(), rtol=1e-10)
        assert_allclose(table[f"firms{suffix}"].sum(), state.exporters[s, i].max(), rtol=1e-10)
        abroad = np.arange(3) != i
        assert_allclose(table[f"exporters{suffix}"].sum(), state.exporters[s, i][abroad].max(), rtol=1e-10)
        # sales pay for production, fixed costs and entry: σ(k)/(k−σ+1) of (22) and (20)
        sigma, k = {"goods": (4.0, 5.0), "services": (3.0, 3.5)}[sector]
        entry = (sigma - 1) / (k * sigma) * flow.sum()
        assert_allclose(state.bundle_cost[s, i] * table[f"employment{suffix}"].sum() + entry, flow.sum(), rtol=1e-10)
    assert (table["firms_benchmark"] >= 0).all()
    shares = table["firms_benchmark"] / table["firms_benchmark"].sum()
    assert_allclose(shares, np.diff([0, 10, 25, 50, 75, 90, 95, 99, 100]) / 100, rtol=1e-10)


def test_a_simulation_of_firms() -> None:
    """Entrants drawn at random, each deciding market by market by (6): masses, sales, employment and means of productivity."""
    solution = counterfactual()
    old, new = cells(solution, "Home", "services")
    draws = np.random.default_rng(0).uniform(size=400_000)
    for cell in (old, new):
        log_phi = cell.log_lower - np.log(draws) / cell.k
        cutoff = cell.log_lower - np.log(cell.rank) / cell.k
        sells = log_phi[:, None] >= cutoff
        sold = np.where(sells, cell.sigma * cell.cost * cell.outlay * np.exp((cell.sigma - 1) * (log_phi[:, None] - cutoff)), 0.0)
        labour = (cell.sigma - 1) / cell.sigma * sold.sum(axis=1) / cell.cost + (sells * cell.outlay).sum(axis=1)
        per_draw, active = cell.entrants / len(draws), sells.any(axis=1)
        assert_allclose(active.sum() * per_draw, cell.entrants * cell.producing, rtol=0.02)
        top = draws <= 0.1 * cell.producing
        for weight, whole in ((sold.sum(axis=1), sales), (labour, employment)):
            # the part of all but the most productive tenth, whose sample mean has little noise
            part = whole(cell, np.array([1.0, 0.1 * cell.producing]))
            assert_allclose(weight[~top].sum() * per_draw, part[0] - part[1], rtol=0.03)
        by_firms, by_sales, by_employment = mean_log_productivity(cell)
        assert_allclose(log_phi[active].mean(), by_firms, atol=0.02)
        assert by_firms < by_employment < by_sales


def test_means_by_integration() -> None:
    """Means of ln φ over ranks by quadrature on a fine grid of ln u."""
    for cell in cells(counterfactual(), "South", "goods"):
        x = np.linspace(-60, np.log(cell.producing), 400_001)
        u = np.exp(x)
        log_phi = (cell.log_lower - x / cell.k)[1:] / 2 + (cell.log_lower - x / cell.k)[:-1] / 2
        weights = (u, sales(cell, u), employment(cell, u))
        for weight, mean in zip(weights, mean_log_productivity(cell), strict=True):
            mass = np.diff(weight)
            assert_allclose(mass @ log_phi / mass.sum(), mean, atol=1e-4)


def test_countries_alike_agree_with_primitives() -> None:
    """Exit, exporters and sales by group are those of the symmetric industry (section 5.6), from levels and from changes of the shares."""
    countries = ["A", "B", "C"]
    costs = {"iceberg": 1.6, "fixed_cost": 1.2, "home_fixed_cost": 1.0, "entry_cost": 0.5}
    world = make_world({"countries": countries, "sectors": ["goods"], "endowment": 100.0, **costs})
    levels, economy = solve_world(world, melitz(SIGMA, K))
    benchmark = calibrate(economy)
    iceberg = benchmark.data["flow"].copy(data=np.where(np.eye(3), 1.0, 1.3 / 1.6)[None])
    solution = solve_levels(benchmark, melitz(SIGMA, K), change(benchmark, iceberg=iceberg), written=levels)
    industry = Industry(pareto(K), SIGMA, 1.0, 0.5, 100.0, 3, 1.6, 1.2)
    freer = replace(industry, iceberg=1.3)
    groups, old, new = reallocation(industry, freer), equilibrium(industry), equilibrium(freer)
    row = turnover(solution).iloc[0]
    assert_allclose(row["exit_pct"], 100 * groups.loc["exit", "firms_before"] / old.firms, rtol=1e-8)
    assert_allclose(row["exporters_benchmark_pct"], 100 * old.exporters_per_firm, rtol=1e-8)
    assert_allclose(row["exporters_pct"], 100 * new.exporters_per_firm, rtol=1e-8)
    assert_allclose(row["new_exporters_pct"], 100 * ((new.export_cutoff / old.export_cutoff) ** -K - 1), rtol=1e-8)
    assert_allclose(row["productivity_firms_log"], 100 * np.log(new.cutoff / old.cutoff), rtol=1e-8)
    # bands that end where groups do
    survival = [old.survival, new.survival, new.survival * new.exporters_per_firm, old.survival * old.exporters_per_firm]
    begin = [0.0, *(100 * (1 - np.array(survival[1:]) / old.survival))]
    table = distribution(solution, "B", "goods", begin)
    names = {"firms": "firms", "sales": "sales", "employment": "labour"}
    for ours, theirs in names.items():
        assert_allclose(table[f"{ours}_benchmark"], groups[f"{theirs}_before"], rtol=1e-7)
        assert_allclose(table[ours], groups[f"{theirs}_after"], rtol=1e-7, atol=1e-9)
    assert_allclose(table["productivity"], groups["from"], rtol=1e-8)


def test_dearer_trade_lets_less_productive_firms_in() -> None:
    benchmark = calibrate(open_economy(find("data", "mini")), intermediates=False)
    solution = counterfactual(iceberg=benchmark.data["flow"].copy(data=np.where(np.eye(3), 1, 1.1) * np.ones((2, 1, 1))))
    table = distribution(solution, "Home", "goods")
    assert table.index[0] == "new"
    assert table.loc["new", "firms_benchmark"] == table.loc["new", "sales_benchmark"] == 0
    assert table.loc["new", "sales"] > 0
    row = turnover(solution).set_index(["country", "sector"]).loc[("Home", "goods")]
    assert row["exit_pct"] == 0 < row["entry_pct"]
    assert row["new_exporters_pct"] == 0
    assert row["productivity_firms_log"] < 0


def test_freer_trade_reallocates() -> None:
    table = turnover(counterfactual())
    assert (table["exit_pct"] > 0).all()
    assert (table["exporters_pct"] > table["exporters_benchmark_pct"]).all()
    assert (table[["productivity_firms_log", "productivity_sales_log"]] > 0).all().all()
    assert_allclose(table["productivity_employment_log"], table["productivity_sales_log"], rtol=1e-9)
    assert (table["top_1_pct"] < table["top_10_pct"]).all()


@pytest.mark.slow
def test_a_firm_keeps_its_rank_when_productivity_changes() -> None:
    """Producers of every country a tenth more productive: nobody exits, and every mean of ln φ rises by ln 1.1."""
    world = make_world({"countries": ["A", "B"], "sectors": ["goods"], "endowment": 100.0, "iceberg": 30.0, "fixed_cost": 1.0,
                        "home_fixed_cost": 1.0, "entry_cost": 0.5})  # fmt: skip
    levels, economy = solve_world(world, melitz(SIGMA, K))
    benchmark = calibrate(economy)
    shock = change(benchmark, productivity=xr.full_like(benchmark.data["sales"], 1.1))
    row = turnover(solve_levels(benchmark, melitz(SIGMA, K), shock, written=levels)).iloc[0]
    assert_allclose([row["exit_pct"], row["entry_pct"]], 0, atol=1e-6)
    assert_allclose(row["new_exporters_pct"], 0, atol=1e-3)  # of a mass of 4e-8
    assert_allclose([row[f"productivity_{w}_log"] for w in ("firms", "sales", "employment")], 100 * np.log(1.1), rtol=1e-8)
    # hardly any trade, so sales of the most productive 1 percent are 0.01^(1 − (σ−1)/k) of those at home
    assert_allclose([row["top_1_pct"], row["top_10_pct"]], [100 * 0.01 ** (1 - 3 / K), 100 * 0.1 ** (1 - 3 / K)], rtol=1e-5)


def test_faults() -> None:
    solution = counterfactual()
    with pytest.raises(InputError) as fault:
        distribution(solution, "Hom", "good")
    assert "Did you mean Home?" in fault.value.faults[0]
    assert "Did you mean goods?" in fault.value.faults[1]
    for wrong in ([], [5.0, 10.0], [0.0, 50.0, 20.0], [0.0, 100.0]):
        with pytest.raises(InputError, match="percentiles"):
            distribution(solution, "Home", "goods", wrong)
    benchmark = solution.benchmark
    with pytest.raises(InputError, match="need melitz"):
        turnover(solve_hat(benchmark, krugman(5.0), Shock()))
    assert isinstance(cells(solution, "Home", "goods")[0], Cell)
