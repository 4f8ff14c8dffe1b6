"""What sectors.csv says of sectors: real output beside sales, exports and imports."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import Array, bilateral, by_country, drawn, random_shock, solve, variants

from cge import calibrate, change, krugman, open_economy, scenario, solve_hat
from cge.model.exponents import Exponents
from cge.results.sectors import sector_groups_table, sectors_table
from cge.results.volumes import abroad, delivered, trade_volumes
from cge.results.welfare import welfare_table
from cge.solve.solution import Solution

BENCHMARK = drawn(5)
MODELS = variants(BENCHMARK.sectors, 0.5)


def shocked(model: Exponents, **more: Array) -> Solution:
    tariff = BENCHMARK.data["tariff"] + bilateral(BENCHMARK, 0.1)
    return solve(BENCHMARK, model, tariff=tariff.where(tariff["exporter"] != tariff["importer"], 0.0), **more)


def column(solution: Solution, name: str) -> Array:
    """A column of sectors.csv [country, sector]."""
    return sectors_table(solution)[name].to_numpy().reshape(len(BENCHMARK.countries), -1)


@pytest.mark.parametrize("name", ["armington", "eaton_kortum"])
def test_output_is_employment_where_one_factor_makes_everything(name: str) -> None:
    """One factor, no inputs, the same technology: nominal sales can rise where output and employment fall."""
    found = shocked(MODELS[name])
    assert_allclose(column(found, "output_pct"), column(found, "employment_pct"), rtol=0, atol=1e-9)
    assert np.abs(column(found, "sales_pct") - column(found, "output_pct")).max() > 0.1


@pytest.mark.parametrize("name", MODELS)
def test_output_is_bundles_times_what_a_bundle_yields(name: str) -> None:
    """Bundles R̂/ĉ, as many as productivity makes of them; with external economies Ŝ^ψ of it, with firms one each."""
    model = MODELS[name]
    gain = by_country(BENCHMARK, "sector", np.linspace(0.9, 1.2, 12).reshape(3, 4))
    found = shocked(model, productivity=gain)
    sales, cost, entry = (1 + column(found, f"{key}_pct") / 100 for key in ("sales", "input_cost", "entry"))
    psi = np.zeros(3) if model.entrants.firms else model.on(BENCHMARK.sectors)["scale"] / model.on(BENCHMARK.sectors)["trade"]
    assert_allclose(1 + column(found, "output_pct") / 100, sales / cost * gain.values.T * entry**psi, rtol=1e-12)
    if model.entrants.firms or not psi.any():
        return
    assert_allclose(1 + column(found, "output_pct") / 100, entry ** (1 + psi) * gain.values.T, rtol=1e-7)  # free entry: Ŝ = R̂/ĉ


@pytest.mark.parametrize("name", MODELS)
def test_without_a_shock_nothing_moves(name: str) -> None:
    """With inputs and, under restricted entry, profits, which are no employment."""
    linked = drawn(5, inputs=0.4)
    table = sectors_table(solve(linked, MODELS[name], unstable="follow"))
    assert_allclose(table[["sales_pct", "output_pct", "employment_pct", "value_added_pct"]], 0.0, atol=1e-8)


@pytest.mark.parametrize("name", ["armington", "eaton_kortum"])
def test_output_does_not_depend_on_the_numeraire(name: str) -> None:
    """Twice all endowments under constant returns, at transfers that grow with them: twice all output; the price of a seller stays."""
    double = by_country(BENCHMARK, "factor", np.full((1, 4), 2.0))
    found = solve(BENCHMARK, MODELS[name], endowment=double, transfers="own_share")
    assert_allclose(column(found, "output_pct"), 100.0, rtol=1e-8)


@pytest.mark.parametrize("name", ["eaton_kortum", "melitz"])
def test_trade_of_sectors_adds_up_to_that_of_countries(name: str) -> None:
    found = solve(BENCHMARK, MODELS[name], **random_shock(np.random.default_rng(2), BENCHMARK))
    whole = welfare_table(found)
    flow = found.reference.flow * ~np.eye(4, dtype=bool)
    for key, axis in (("exports", 2), ("imports", 1)):
        weight = flow.sum(axis=axis).T
        assert_allclose((weight * column(found, f"{key}_pct")).sum(axis=1) / weight.sum(axis=1), whole[f"{key}_pct"], rtol=1e-9)


def test_what_was_not_traded_has_no_change() -> None:
    sparse = drawn(5, zeros=0.5)
    table = sectors_table(solve(sparse, variants(sparse.sectors)["eaton_kortum"]))
    flow = (sparse.data["flow"].values * ~np.eye(4, dtype=bool)).sum(axis=2).T.ravel()
    assert (table["exports_pct"].isna().to_numpy() == (flow == 0)).all()
    sales = sparse.data["sales"].values.T.ravel()
    assert (table["output_pct"].isna().to_numpy() == (sales == 0)).all()


def test_an_industry_that_comes_back_counts_in_sums() -> None:
    """One factor a country, endowments as they were: over all its sectors, employment of every country stays, whoever comes back."""
    benchmark = calibrate(open_economy("mini"), intermediates=False)
    harder = scenario(benchmark, productivity={"country": "North", "sector": "goods", "times": 0.3})
    found = solve_hat(benchmark, krugman(5.0), change(benchmark, baseline=harder))
    assert found.corners["refilled"] == 1
    table = sector_groups_table(found, {}, {"All": benchmark.sectors}).query("sector == 'All'").set_index("country")
    assert_allclose(table["employment_pct"], 0.0, atol=1e-9)
    assert np.isfinite(table["output_pct"]).all()
    assert np.isnan(sectors_table(found).set_index(["country", "sector"]).loc[("North", "goods"), "output_pct"])


@pytest.mark.parametrize("name", MODELS)
def test_a_pair_that_opens_again_has_a_real_gdp(name: str) -> None:
    """Taxed trade that was closed counts at the price of the counterfactual, on both sides of GDP."""
    closed = BENCHMARK.data["tariff"].copy(data=np.ones_like(BENCHMARK.data["tariff"].values))
    closed.loc[{"exporter": "C1", "importer": "C0", "sector": "S1"}] = np.inf
    found = solve(BENCHMARK, MODELS[name], baseline=change(BENCHMARK, iceberg=closed))
    welfare = welfare_table(found)
    assert np.isfinite(welfare[["real_gdp_pct", "real_gdp_expenditure_pct"]].to_numpy()).all()


def test_volumes_of_trade_are_the_same_by_sums_and_by_pairs() -> None:
    found = shocked(MODELS["melitz"])
    pairs = abroad(delivered(found))
    for fast, slow in zip(trade_volumes(found), (pairs.sum(axis=(0, 2)), pairs.sum(axis=(0, 1))), strict=True):
        assert_allclose(fast, slow, rtol=1e-12)
