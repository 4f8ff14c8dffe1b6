"""What a solution says of itself follows from its equations: channels add up to real income, and gains from trade are a limit of the solver.

Over all variants, worlds with inputs, tariffs, several factors and corners; real income is taken from incomes and price indices alone.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import MODELS, Array, abroad, bilateral, drawn, random_shock, solve, variants

from cge import Benchmark, Exponents, Solution, gains, solve_hat
from cge.model.shock import change
from cge.results.channels import channels

WORLDS: dict[str, dict[str, Any]] = {
    "no inputs": {},
    "inputs": {"inputs": 0.3},
    "two factors": {"F": 2},
    "inputs, two factors": {"inputs": 0.3, "F": 2},
    "zeros": {"zeros": 0.3},
    "zeros, inputs, two factors": {"zeros": 0.3, "inputs": 0.3, "F": 2},
}

each_model = pytest.mark.parametrize("model", MODELS)
each_world = pytest.mark.parametrize("world", WORLDS)
each_seed = pytest.mark.parametrize("seed", range(4))


def exponents_for(model: str, benchmark: Benchmark) -> Exponents:
    """Full scale without inputs, where industries leave; with inputs one at which entry is stable."""
    return variants(benchmark.sectors, 0.3 if benchmark.intermediates and benchmark.data["input_share"].values.any() else None)[model]


def log_real_income(solution: Solution) -> Array:
    """ln of income over Π P^β, from the labelled results [country]."""
    data = solution.data
    prices = np.log(data["price_index"]).fillna(0.0)
    income = np.log(data["income"] / data["income_benchmark"])
    return np.asarray((income - (solution.benchmark.data["final_share"] * prices).sum("sector")).values)


def shocked(model: str, world: str, seed: int, size: float = 0.15, rule: str = "fixed") -> Solution:
    """A solution after everything has changed, fixed costs included where they count."""
    benchmark, random = drawn(seed, **WORLDS[world]), np.random.default_rng(seed)
    exponents = exponents_for(model, benchmark)
    shock = random_shock(random, benchmark, size)
    if exponents.on(benchmark.sectors)["fixed"].any():
        shock["fixed_cost"] = bilateral(benchmark, random.lognormal(0, size, shock["iceberg"].shape))
    return solve(benchmark, exponents, unstable="follow", transfers=rule, **shock)


@each_model
@each_world
@each_seed
def test_channels_add_up_to_real_income(model: str, world: str, seed: int) -> None:
    solution = shocked(model, world, seed, rule=("fixed", "own_share", "zero")[seed % 3])
    expected = log_real_income(solution)
    assert np.abs(expected).max() > 1e-3
    assert_allclose(sum(channels(solution)), expected, atol=1e-10)
    assert_allclose(np.log(solution.data["real_income"]), expected, atol=1e-12)


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_channels_add_up_where_industries_leave(model: str) -> None:
    """Large shocks: some cells of every kind (emptied, without own sales, still there) are among them."""
    emptied = 0
    for seed in range(6):
        solution = shocked(model, "zeros", seed, size=0.5)
        emptied += solution.corners["emptied"]
        assert_allclose(sum(channels(solution)), log_real_income(solution), atol=1e-10)
    assert emptied >= 5


@each_model
@pytest.mark.parametrize("world", [world for world in WORLDS if "zeros" not in world])
@pytest.mark.parametrize("seed", range(2))
def test_gains_from_trade_are_what_prohibitive_trade_costs_take(model: str, world: str, seed: int) -> None:
    """Trade costs that take all but a billionth of trade in every sector, no transfers: what is left of real income is that of autarky."""
    benchmark = drawn(seed, **WORLDS[world])
    exponents = exponents_for(model, benchmark)
    found = gains(benchmark, exponents)
    assert not found.reasons
    prohibitive = 1e9 ** (1 / exponents.on(benchmark.sectors)["trade"][:, None, None])
    closed = change(benchmark, iceberg=abroad(benchmark, prohibitive), transfers="zero")
    solution = solve_hat(benchmark, exponents, closed, unstable="follow")
    left = solution.counterfactual.log_real_income(benchmark.data["income"].values)
    assert solution.counterfactual.trade_share[:, ~np.eye(len(benchmark.countries), dtype=bool)].max() < 1e-6
    assert np.abs(found.table["gains_from_trade_pct"]).min() > 0.1
    assert_allclose(found.table["gains_from_trade_pct"], -100 * np.expm1(left), rtol=2e-6)
