"""What real rewards of factors are made of: the identity in every economy, and productivity as the sum over firms that defines it."""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from worlds import MODELS, abroad, bilateral, drawn, random_shock, solve, variants

from cge import Benchmark, Solution, calibrate, change, firm_levels, make_world, melitz, solve_levels, solve_world
from cge.model.shock import Shock
from cge.model.technology import recovered
from cge.results.rewards import average_factor_price, log_varieties, real_rewards, taste_for_variety
from cge.results.sectors import sectors_table
from cge.results.tables import factors_table
from cge.solve.firms import after, before, levels_of
from cge.solve.moved import tariffs

Array = NDArray[np.float64]

WITHOUT_INPUTS = {"F": 2}
WITH_INPUTS = {"F": 2, "inputs": 0.4}
SPARSE = {"N": 5, "zeros": 0.5, "F": 2}


def shocked(seed: int, model: str, scale: float | None = None, size: float = 0.1, **options: Any) -> Solution:
    """A random shock to a random economy."""
    benchmark = drawn(seed, **options)
    shock = random_shock(np.random.default_rng(seed), benchmark, size)
    return solve(benchmark, variants(benchmark.sectors, scale)[model], **shock)


def adds_up(solution: Solution) -> None:
    """The parts are finite, and make the real reward that follows from prices, in the split and in the table."""
    parts, table, data = real_rewards(solution), factors_table(solution), solution.data
    price = np.prod(np.nan_to_num(data["price_index"].values, nan=1.0) ** solution.counterfactual.system.final_share, axis=0)
    assert_allclose(parts.total, np.log(data["factor_price"].values / price), rtol=0, atol=1e-11)
    assert all(np.isfinite(part).all() for part in parts)
    columns = ["country", "factor", "price_pct", "real_price_pct", "cost_log", "variety_log", "productivity_log", "relative_price_pct"]
    assert list(table.columns) == columns
    assert np.isfinite(table[columns[2:]].to_numpy()).all()
    whole = table["cost_log"] + table["variety_log"] + table["productivity_log"]
    assert_allclose(whole, 100 * np.log1p(table["real_price_pct"] / 100), rtol=0, atol=1e-9)


# --- the identity --------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize(
    ("options", "scale"),
    [(WITHOUT_INPUTS, None), (WITH_INPUTS, 0.3), (SPARSE, None), (SPARSE | {"inputs": 0.3}, 0.3), (WITHOUT_INPUTS, 0.6)],
)
@pytest.mark.parametrize("seed", [1, 2])
def test_the_parts_add_up(model: str, options: dict[str, Any], scale: float | None, seed: int) -> None:
    adds_up(shocked(seed, model, scale, **options))


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_the_parts_add_up_where_cells_are_emptied(model: str) -> None:
    emptied = 0
    for seed in range(4):
        benchmark = drawn(seed, F=2)
        solution = solve(benchmark, variants(benchmark.sectors)[model], iceberg=abroad(benchmark, 0.5))
        adds_up(solution)
        emptied += solution.corners["emptied"]
    assert emptied > 0


@pytest.mark.parametrize("model", MODELS)
def test_the_parts_add_up_without_own_sales(model: str) -> None:
    """Goods that are bought and not made, and markets closed to their own producers."""
    benchmark = drawn(3, **SPARSE)
    home = np.diagonal(benchmark.data["trade_share"].values, axis1=1, axis2=2)
    assert ((home == 0) & (benchmark.data["spending"].values > 0)).any()
    adds_up(solve(benchmark, variants(benchmark.sectors)[model], iceberg=abroad(benchmark, 0.95)))
    complete = drawn(1, F=2)
    shut = np.ones((3, 4, 4))
    shut[0, 1, 1] = np.inf
    solution = solve(complete, variants(complete.sectors)[model], iceberg=bilateral(complete, shut))
    adds_up(solution)
    if model == "melitz":
        row = sectors_table(solution).set_index(["country", "sector"]).loc[("C1", "S0")]
        assert row["firms_pct"] == -100
        assert np.isnan(row["average_productivity_pct"])


@pytest.mark.parametrize("model", MODELS)
def test_nothing_changes_without_a_shock(model: str) -> None:
    benchmark = drawn(1, **SPARSE)
    parts = real_rewards(solve(benchmark, variants(benchmark.sectors)[model]))
    assert all((part == 0).all() for part in parts)


@pytest.mark.parametrize("model", MODELS)
@pytest.mark.parametrize("rule", ["fixed", "zero"])
def test_parts_from_a_baseline_are_differences(model: str, rule: str) -> None:
    """From the data to the baseline, and from there on, make the whole way."""
    benchmark = drawn(5, F=2)
    e = variants(benchmark.sectors)[model]
    first, second = (random_shock(np.random.default_rng(seed), benchmark, 0.05) for seed in (1, 2))
    whole, half = (solve(benchmark, e, transfers=rule, **shock) for shock in (second, first))
    rest = solve(benchmark, e, transfers=rule, **second, baseline=half.shock)
    for one, two, both in zip(real_rewards(half), real_rewards(rest), real_rewards(whole), strict=True):
        assert_allclose(one + two, both, rtol=0, atol=1e-9)


# --- what the parts mean -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_with_one_factor_and_no_inputs_cost_does_not_part_from_the_reward(model: str) -> None:
    """Also in sectors that the country does not make."""
    solution = shocked(4, model, N=5, zeros=0.5)
    assert_allclose(real_rewards(solution).cost, 0.0, atol=1e-12)
    assert_allclose(factors_table(solution)["relative_price_pct"], 0.0, atol=1e-12)


@pytest.mark.parametrize("model", MODELS)
def test_relative_prices_average_to_one(model: str) -> None:
    solution = shocked(4, model, F=2)
    table = factors_table(solution)
    payments = solution.reference.values.factor_income.T.ravel()
    relative = np.log1p(table["relative_price_pct"] / 100).to_numpy()
    assert_allclose((payments * relative).reshape(-1, 2).sum(axis=1), 0.0, atol=1e-10)
    gap = np.log1p(table["price_pct"] / 100).to_numpy() - relative
    assert_allclose(gap.reshape(-1, 2), np.broadcast_to(average_factor_price(solution)[:, None], (4, 2)), atol=1e-12)


@pytest.mark.parametrize("model", ["armington", "eaton_kortum", "external_economies"])
def test_variety_needs_firms(model: str) -> None:
    assert (real_rewards(shocked(2, model, F=2)).variety == 0).all()


def test_a_closed_pair_has_no_varieties() -> None:
    """Under Krugman a variety counts however dear it is."""
    benchmark = drawn(2, F=2)
    e = variants(benchmark.sectors)["krugman"]
    dear, closed = (np.ones((3, 4, 4)) for _ in range(2))
    dear[:, 0, 1], closed[:, 0, 1] = 1e3, np.inf
    variety = [real_rewards(solve(benchmark, e, iceberg=bilateral(benchmark, cost))).variety[1] for cost in (dear, closed)]
    assert variety[1] < variety[0] - 0.01


def test_taste_for_variety() -> None:
    benchmark = drawn(1)
    sigma = variants(benchmark.sectors)["melitz"].parameters_on(benchmark.sectors)["sigma"][:, None]
    for scale in (None, 0.5):
        found = {model: taste_for_variety(shocked(1, model, scale).counterfactual) for model in ("krugman", "melitz", "armington")}
        assert_allclose(found["melitz"], 1 / (sigma - 1), rtol=1e-12)
        assert_allclose(found["krugman"], (scale or 1) / (sigma - 1), rtol=1e-12)
        assert (found["armington"] == 0).all()


# --- productivity, firm by firm ------------------------------------------------------------------------------------------------------------


def by_levels(seed: int) -> Solution:
    """Shocks to icebergs, fixed costs and tariffs in a world written by hand, where fixed costs, entry costs and productivity differ."""
    rng = np.random.default_rng(seed)

    def drawn_by(low: float, high: float, *axes: list[str]) -> Any:
        if not axes:
            return float(rng.uniform(low, high))
        return {label: drawn_by(low, high, *axes[1:]) for label in axes[0]}

    countries, sectors, factors = ["A", "B", "C"], ["goods", "services"], ["skills", "labour"]
    skills = drawn_by(0.2, 0.8, countries, sectors)
    share = drawn_by(0.3, 0.7, countries)
    world = make_world({
        "countries": countries, "sectors": sectors, "factors": factors,
        "endowment": drawn_by(50, 100, countries, factors), "productivity": drawn_by(0.9, 1.1, countries, sectors),
        "iceberg": {c: {d: drawn_by(1.5, 2.0, sectors) for d in countries if d != c} for c in countries},
        "fixed_cost": {c: {d: drawn_by(1.0, 1.5, sectors) for d in countries if d != c} for c in countries},
        "tariff": {c: {d: drawn_by(0.0, 0.3, sectors) for d in countries if d != c} for c in countries},
        "home_fixed_cost": drawn_by(0.8, 1.2, countries, sectors), "entry_cost": drawn_by(0.2, 0.3, countries, sectors),
        "factor_share": {c: {s: {"skills": v, "labour": 1 - v} for s, v in row.items()} for c, row in skills.items()},
        "final_share": {c: {"goods": v, "services": 1 - v} for c, v in share.items()},
    })  # fmt: skip
    e = melitz({"goods": 4.0, "services": 3.0}, {"goods": 4.4, "services": 2.6})
    levels, economy = solve_world(world, e)
    benchmark = calibrate(economy)
    shock = random_shock(rng, benchmark, 0.05) | {"fixed_cost": bilateral(benchmark, rng.lognormal(0, 0.05, (2, 3, 3)))}
    return solve_levels(benchmark, e, change(benchmark, **shock), written=levels)


def perceived(solution: Solution) -> tuple[Array, Array]:
    """Changes of ln V and ln Z from the masses, cutoffs, costs and tariffs of firms: worked case 6, below the table of 6b."""
    sigma = solution.exponents.parameters_on(solution.benchmark.sectors)["sigma"][:, None]
    k = solution.exponents.parameters_on(solution.benchmark.sectors)["k"][:, None]
    levels = []
    for state, rate in zip((before(solution), after(solution)), tariffs(solution), strict=True):
        mass = state.exporters
        average = (k / (k - sigma + 1))[:, :, None] * state.cutoff ** (sigma - 1)[:, :, None]
        variety = mass.sum(axis=1)
        cost = state.iceberg * (1 + rate) * state.bundle_cost[:, :, None] / state.bundle_cost[:, None, :]
        power = np.where(mass > 0, mass * cost ** (1 - sigma)[:, :, None] * average, 0.0).sum(axis=1) / variety
        levels.append((np.log(variety), np.log(power) / (sigma - 1)))
        # the price index of the case
        assert_allclose(
            state.price_level,
            sigma / (sigma - 1) * state.bundle_cost * variety ** (1 / (1 - sigma)) * power ** (1 / (1 - sigma)),
            rtol=1e-9,
        )
    return levels[1][0] - levels[0][0], levels[1][1] - levels[0][1]


@pytest.mark.parametrize("kind", ["changes", "tariffs", "inputs", "levels"])
def test_productivity_is_the_average_of_sellers(kind: str) -> None:
    """Under Melitz what is left of the price index is Z, summed over sellers, in changes and in levels; without tariffs and with."""
    if kind == "levels":
        solution = by_levels(3)
    else:
        benchmark = drawn(6, F=2, tariffs=kind != "changes", inputs=0.1 if kind == "inputs" else 0.0)
        shock = random_shock(np.random.default_rng(6), benchmark, 0.05, tariffs=kind != "changes")
        shock["fixed_cost"] = bilateral(benchmark, np.random.default_rng(7).lognormal(0, 0.1, (3, 4, 4)))
        solution = solve(benchmark, variants(benchmark.sectors)["melitz"], unstable="follow", **shock)
    parts, (variety, productivity) = real_rewards(solution), perceived(solution)
    sigma = solution.exponents.parameters_on(solution.benchmark.sectors)["sigma"][:, None]
    share = solution.counterfactual.system.final_share
    assert_allclose(parts.variety, (share * variety / (sigma - 1)).sum(axis=0), rtol=0, atol=1e-10)
    assert_allclose(parts.productivity, (share * productivity).sum(axis=0), rtol=0, atol=1e-10)


def test_varieties_are_those_of_firm_levels() -> None:
    for solution in (by_levels(4), shocked(7, "melitz", F=2), shocked(7, "melitz", 0.6), shocked(1, "melitz", **SPARSE)):
        found = firm_levels(solution)
        ratio = (found["exporters"].sum("exporter") / found["exporters_benchmark"].sum("exporter")).values
        old, new = (log_varieties(solution, e, s) for e, s in states(solution))
        some = np.isfinite(ratio)
        assert_allclose((new - old)[some], np.log(ratio[some]), rtol=0, atol=1e-9)
        assert (new - old)[~some].any() == np.False_


def states(solution: Solution) -> list[tuple[Any, Shock]]:
    return [(solution.reference, solution.shock.baseline or Shock()), (solution.counterfactual, solution.shock)]


@pytest.mark.parametrize("tariff", [False, True])
def test_under_krugman_productivity_is_trade_costs_and_cheap_sources(tariff: bool) -> None:
    """Z^(σ−1) = Σ_i (M_i/V) (τ_i (1 + t_i) c_i/(c_n φ_i))^(1−σ), with the technology that reproduces the data."""
    benchmark: Benchmark = drawn(8, F=2, tariffs=tariff)
    solution = solve(
        benchmark, variants(benchmark.sectors)["krugman"], **random_shock(np.random.default_rng(8), benchmark, 0.05, tariffs=tariff)
    )
    t, start = (levels := recovered(benchmark, solution.exponents)).technology, levels.point.entry
    sigma = solution.exponents.parameters_on(benchmark.sectors)["sigma"][:, None]
    found = []
    for (state, shock), rate in zip(states(solution), tariffs(solution), strict=True):
        iceberg, productivity = (1.0 if a is None else a.values for a in (shock.iceberg, shock.productivity))
        c, mass = np.exp(state.values.log_unit_cost), start * state.unknowns.entry
        phi = t.productivity * productivity
        cost = t.iceberg * iceberg * (1 + rate) * (c / phi)[:, :, None] / c[:, None, :]
        variety = np.broadcast_to(mass.sum(axis=1, keepdims=True), c.shape)
        found.append((np.log(variety), np.log((mass[:, :, None] * cost ** (1 - sigma)[:, :, None]).sum(axis=1) / variety) / (sigma - 1)))
    share, parts = solution.counterfactual.system.final_share, real_rewards(solution)
    assert_allclose(parts.variety, (share * (found[1][0] - found[0][0]) / (sigma - 1)).sum(axis=0), atol=1e-10)
    assert_allclose(parts.productivity, (share * (found[1][1] - found[0][1])).sum(axis=0), atol=1e-10)


# --- the columns on firms that sell at home ------------------------------------------------------------------------------------------------


def test_sectors_say_what_becomes_of_firms() -> None:
    for solution in (by_levels(5), shocked(7, "melitz", F=2)):
        table, found = sectors_table(solution), firm_levels(solution)
        assert list(table.columns)[-3:] == ["cutoff_pct", "firms_pct", "average_productivity_pct"]
        cutoff = (found["domestic_cutoff"] / found["domestic_cutoff_benchmark"]).values.T.ravel()
        firms = (np.diagonal(found["exporters"] / found["exporters_benchmark"], axis1=1, axis2=2)).T.ravel()
        assert_allclose(table["cutoff_pct"], 100 * (cutoff - 1), atol=1e-8)
        assert_allclose(table["firms_pct"], 100 * (firms - 1), atol=1e-8)
        assert_allclose(table["average_productivity_pct"], table["cutoff_pct"], rtol=0)
    assert "cutoff_pct" not in sectors_table(shocked(7, "krugman", F=2)).columns


def test_levels_and_changes_split_alike() -> None:
    benchmark = drawn(9, F=2)
    e, shock = variants(benchmark.sectors)["melitz"], random_shock(np.random.default_rng(9), benchmark, 0.05)
    one, other = solve(benchmark, e, **shock), solve_levels(benchmark, e, change(benchmark, **shock))
    assert other.levels is not None
    assert levels_of(one).technology.fixed_cost.shape == other.levels.technology.fixed_cost.shape
    for a, b in zip(real_rewards(one), real_rewards(other), strict=True):
        assert_allclose(a, b, rtol=0, atol=1e-9)
