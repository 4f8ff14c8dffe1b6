"""What users ask of a counterfactual, held by theory: prices and volumes of trade, real GDP, sectors of groups, trade by partner."""

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from worlds import abroad, by_country, drawn, random_economy, random_shock, shuffled, solve, variants

from cge import calibrate, change, solve_hat
from cge.results.sectors import TABLE as SECTORS
from cge.results.sectors import sector_groups_table, sectors_table
from cge.results.tables import partners_table
from cge.results.welfare import groups_table, welfare_table
from cge.solve.solution import Solution

BENCHMARK = drawn(5, F=2)
FREE = drawn(8, tariffs=False)
MODELS = variants(BENCHMARK.sectors, 0.5)
GROUPS = {"Pair": ["C1", "C3"]}
PARTS = {"Goods": ["S0", "S2"]}
ONE = {label: [label] for label in BENCHMARK.countries}


@pytest.fixture(scope="module", params=list(MODELS))
def found(request: pytest.FixtureRequest) -> Solution:
    return solve(BENCHMARK, MODELS[request.param], **random_shock(np.random.default_rng(3), BENCHMARK))


def money(table: pd.DataFrame, name: str, by: str) -> pd.Series:
    return table.set_index(by)[name]


# --- trade -------------------------------------------------------------------------------------------------------------------------------


def test_what_one_country_gains_by_prices_of_trade_another_loses(found: Solution) -> None:
    world = groups_table(found, {}).iloc[0]
    assert world["barter_terms_of_trade_pct"] == pytest.approx(0, abs=1e-10)
    assert world["export_price_pct"] == pytest.approx(world["import_price_pct"], abs=1e-10)
    assert welfare_table(found)["barter_terms_of_trade_pct"].abs().max() > 0.1


@pytest.mark.parametrize("name", ["armington", "eaton_kortum"])
def test_prices_of_trade_are_the_linear_terms_where_there_are_any(name: str) -> None:
    """Terms of trade in money: exports at the price of exports less imports at that of imports."""
    solved = solve(BENCHMARK, MODELS[name], **random_shock(np.random.default_rng(3), BENCHMARK))
    table, flow = welfare_table(solved), solved.reference.flow * ~np.eye(4, dtype=bool)
    worth = flow.sum(axis=(0, 2)) * table["export_price_pct"] - flow.sum(axis=(0, 1)) * table["import_price_pct"]
    assert_allclose(worth / solved.reference.values.income, table["terms_of_trade_pct"], rtol=1e-9, atol=1e-12)


def test_what_partners_sell_each_other_adds_up(found: Solution) -> None:
    table = partners_table(found, GROUPS).set_index(["country", "partner"])
    flow = found.data["flow"].sum("sector").transpose("exporter", "importer").to_pandas()
    assert table.loc[("C0", "C1"), "exports"] == pytest.approx(flow.loc["C0", "C1"])
    assert table.loc[("C1", "C3"), "exports"] + table.loc[("C3", "C1"), "exports"] == pytest.approx(table.loc[("Pair", "Pair"), "exports"])
    assert ("C0", "C0") not in table.index
    for label, pct in welfare_table(found).set_index("country")["exports_pct"].items():
        assert table.loc[(label, "World"), "exports_pct"] == pytest.approx(pct)
    mirrored = table.reorder_levels(["partner", "country"]).reindex(table.index)
    assert_allclose(table[["exports", "exports_pct"]], mirrored[["imports", "imports_pct"]], rtol=1e-12)


# --- real GDP ----------------------------------------------------------------------------------------------------------------------------


def test_real_gdp_of_the_world_is_its_real_income(found: Solution) -> None:
    """Transfers add up to nothing, and volumes of exports are those of imports; GDP of the world is what it spends on final goods."""
    world = groups_table(found, {}).iloc[0]
    assert world["real_gdp_expenditure_pct"] == pytest.approx(world["real_income_pct"], rel=1e-9)


@pytest.mark.parametrize("name", ["armington", "eaton_kortum"])
def test_without_tariffs_real_gdp_is_real_income_less_the_trading_gain(name: str) -> None:
    """Balanced trade and no tariffs: income is GDP; of it is left what volumes of trade take, at the price of exports after (Paasche)."""
    benchmark = calibrate(random_economy(np.random.default_rng(4), tariffs=False, transfers=False))
    solved = solve(benchmark, variants(benchmark.sectors)[name], iceberg=abroad(benchmark, 0.8))
    table, new = welfare_table(solved), solved.data["flow"] / 0.8 / solved.data["unit_cost"].rename(country="exporter")
    away = new.where(new["exporter"] != new["importer"], 0.0).sum("sector")
    volume = (away.sum("importer").rename(exporter="c") - away.sum("exporter").rename(importer="c")).values
    expected = solved.reference.values.income * table["real_income_pct"] / 100 + volume
    assert_allclose(solved.reference.values.income * table["real_gdp_expenditure_pct"] / 100, expected, rtol=1e-8, atol=1e-12)


@pytest.mark.parametrize("name", ["armington", "eaton_kortum"])
def test_without_tariffs_policy_moves_real_gdp_in_second_order_alone(name: str) -> None:
    """The envelope theorem: a tariff ten times as small moves real GDP a hundred times less, and real income ten times less."""
    exponents = variants(FREE.sectors)[name]
    sizes = {rate: welfare_table(solve(FREE, exponents, tariff=abroad(FREE, rate, 0.0))) for rate in (0.01, 0.001)}
    gdp = [float(sizes[rate]["real_gdp_expenditure_pct"].abs().max()) for rate in sizes]
    income = [float(sizes[rate]["real_income_pct"].abs().max()) for rate in sizes]
    assert gdp[0] / gdp[1] == pytest.approx(100, rel=0.05)
    assert income[0] / income[1] == pytest.approx(10, rel=0.05)


@pytest.mark.parametrize("inputs", [0.0, 0.5])
def test_productivity_moves_real_gdp_by_sales_over_gdp(inputs: float) -> None:
    """Hulten's theorem, without distortions."""
    benchmark = drawn(6, tariffs=False, inputs=inputs)
    gain = np.random.default_rng(1).uniform(-1e-5, 1e-5, (3, 4))
    solved = solve(benchmark, variants(benchmark.sectors)["armington"], productivity=by_country(benchmark, "sector", np.exp(gain)))
    domar = solved.reference.values.sales / solved.reference.values.factor_income.sum(axis=0)
    assert_allclose(welfare_table(solved)["real_gdp_expenditure_pct"], 100 * (domar * gain).sum(axis=0), rtol=1e-3, atol=1e-8)


# --- sectors -----------------------------------------------------------------------------------------------------------------------------


def test_the_world_exports_what_it_imports_in_every_sector(found: Solution) -> None:
    table = sector_groups_table(found, GROUPS, PARTS).set_index(["country", "sector"]).loc["World"]
    assert_allclose(table["exports"], table["imports"], rtol=1e-12)
    assert_allclose(table["exports_pct"], table["imports_pct"], rtol=1e-9)


def test_money_of_sectors_adds_up_over_members_and_parts(found: Solution) -> None:
    single, groups = sectors_table(found).set_index(["country", "sector"]), sector_groups_table(found, GROUPS, PARTS)
    assert not groups.duplicated(["country", "sector"]).any()
    groups = groups.set_index(["country", "sector"])
    for name in [column.name for column in SECTORS if column.additive]:
        pair = single[name].loc[["C1", "C3"]]
        assert groups.loc[("Pair", "S1"), name] == pytest.approx(pair.xs("S1", level="sector").sum())
        assert groups.loc[("C0", "Goods"), name] == pytest.approx(single[name].loc["C0"][["S0", "S2"]].sum())
        assert groups.loc[("Pair", "Goods"), name] == pytest.approx(pair.loc[(slice(None), ["S0", "S2"])].sum())


def test_a_group_of_one_is_the_country(found: Solution) -> None:
    names = [column.name for column in SECTORS]
    single, groups = sectors_table(found).set_index(["country", "sector"]), sector_groups_table(found, {"Only": ["C2"]}, {})
    assert_allclose(groups[groups["country"] == "Only"][names], single.loc["C2"][names], rtol=1e-9, atol=1e-9)
    countries, group = welfare_table(found).set_index("country"), groups_table(found, {"Only": ["C2"]}).set_index("country")
    assert_allclose(group.loc["Only"].to_numpy(float), countries.loc["C2"].to_numpy(float), rtol=1e-9, atol=1e-9)


def test_real_value_added_of_all_sectors_is_real_income_of_factors_and_profits(found: Solution) -> None:
    whole = sector_groups_table(found, ONE, {"All": BENCHMARK.sectors})
    whole = whole[(whole["sector"] == "All") & whole["country"].isin(BENCHMARK.countries)].drop_duplicates("country").set_index("country")
    old, income = (e.values.factor_income.sum(axis=0) + e.values.profit for e in (found.reference, found.counterfactual))
    assert_allclose(whole["value_added"], income, rtol=1e-9)
    prices = 1 + welfare_table(found).set_index("country")["consumer_price_pct"] / 100
    assert_allclose(whole["real_value_added_pct"], 100 * (income / old / prices - 1), rtol=1e-8)
    if not found.has_profits:
        assert_allclose(whole["real_value_added_pct"], welfare_table(found).set_index("country")["real_factor_income_pct"], rtol=1e-8)


# --- all of them -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["armington", "krugman"])
def test_real_statistics_do_not_depend_on_the_numeraire_nor_on_the_order_of_labels(name: str) -> None:
    """Money in another unit, labels in another order: the same changes, label by label; what is real has no numeraire."""
    economy = random_economy(np.random.default_rng(2), zeros=0.2)
    mixed = shuffled(economy, 1)
    tables = []
    for given in (economy, mixed):
        benchmark = calibrate(given)
        shock = change(benchmark, iceberg=abroad(benchmark, 0.9))
        solved = solve_hat(benchmark, variants(benchmark.sectors)[name], shock)
        parts = [welfare_table(solved).set_index("country"), sectors_table(solved).set_index(["country", "sector"])]
        parts += [partners_table(solved, GROUPS).astype({"country": str, "partner": str}).set_index(["country", "partner"])]
        tables.append(parts)
    for one, other in zip(*tables, strict=True):
        assert_allclose(other.reindex(one.index)[list(one)], one, rtol=1e-7, atol=1e-8)


def test_twice_all_endowments_is_twice_everything_real_and_no_change_of_relative_prices() -> None:
    double = by_country(BENCHMARK, "factor", np.full((2, 4), 2.0))
    solved = solve(BENCHMARK, MODELS["armington"], endowment=double, transfers="own_share")
    table = welfare_table(solved)
    assert_allclose(table["real_gdp_expenditure_pct"], 100.0, rtol=1e-7)
    assert_allclose(table["barter_terms_of_trade_pct"], 0.0, atol=1e-8)
    assert_allclose(sectors_table(solved)[["output_pct", "real_value_added_pct", "employment_pct"]], 100.0, rtol=1e-7)
