"""Workers who move between sectors with a finite elasticity: limits, closed forms, simulated workers, and what must hold in every world."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import roy
from numpy.testing import assert_allclose
from worlds import (
    MODELS,
    Array,
    bilateral,
    by_country,
    dataset,
    group_shares,
    hats,
    random_economy,
    random_shock,
    same,
    shuffled,
    solve,
    variants,
)

from cge import Benchmark, DataError, Economy, Exponents, Solution, armington, calibrate, change, make_economy, solve_levels
from cge.data.factors.worker_groups import read_group_shares
from cge.model.build import build
from cge.model.equations import NUMBERS
from cge.model.system import start
from cge.solve.equilibrium import Equilibrium, check, equilibrium, residuals
from cge.solve.stability import radius

each_model = pytest.mark.parametrize("model", MODELS)
each_inputs = pytest.mark.parametrize("inputs", [0.0, 0.4], ids=["no inputs", "inputs"])


def economy(inputs: float = 0.0, F: int = 1, zeros: float = 0.0) -> Economy:
    return random_economy(np.random.default_rng(8), 4, 3, F, inputs=inputs, zeros=zeros)


def of(model: str, data: Benchmark) -> Exponents:
    """With inputs, entry at three tenths of its scale."""
    return variants(data.sectors, 0.3 if data.uses is not None else None)[model]


def shocked(data: Benchmark, model: str, size: float = 0.15, **more: Any) -> Solution:
    return solve(data, of(model, data), **random_shock(np.random.default_rng(5), data, size), **more)


def allocation(found: Equilibrium, factor: int = 0) -> Array:
    """π' [group, sector, country]."""
    assert found.system.supply is not None
    one = found.system.supply.roys[factor]
    return one.allocation(found.unknowns.log_factor_price[one.at])


# --- limits ------------------------------------------------------------------------------------------------------------------------------


@each_model
@each_inputs
def test_one_group_without_a_bound_is_the_model_without_groups(model: str, inputs: float) -> None:
    given = economy(inputs)
    ours, theirs = (shocked(data, model) for data in (calibrate(given, mobility=np.inf), calibrate(given)))
    assert ours.counterfactual.system.supply is None
    for one, other in zip(ours.counterfactual.unknowns, theirs.counterfactual.unknowns, strict=True):
        assert np.array_equal(one, other)


@each_model
@each_inputs
def test_the_distance_to_it_falls_like_one_over_kappa(model: str, inputs: float) -> None:
    given = economy(inputs)
    limit = shocked(calibrate(given), model, 0.02).log_real_income
    far, near = (np.abs(shocked(calibrate(given, mobility=kappa), model, 0.02).log_real_income - limit).max() for kappa in (2e3, 2e4))
    assert far > 1e-8
    assert_allclose(far / near, 10, rtol=0.05)


@each_inputs
def test_near_one_efficiency_units_stay_and_heads_move(inputs: float) -> None:
    found = shocked(calibrate(economy(inputs), mobility=1 + 1e-5), "armington")
    old, new = found.reference, found.counterfactual
    units = new.values.factor_income / np.exp(new.unknowns.log_factor_price)
    endowed = new.system.endowed
    assert_allclose(units / endowed, 1, atol=1e-5)
    assert np.abs(allocation(new) - allocation(old)).max() > 0.01


@each_model
def test_groups_that_are_alike_are_one(model: str) -> None:
    given = economy()
    halves = group_shares(given, 2).assign(share=0.5)
    ours, theirs = (shocked(data, model) for data in (calibrate(given, mobility=2.0, group_shares=halves), calibrate(given, mobility=2.0)))
    same(ours.data, theirs.data, rtol=1e-10)


def test_a_group_for_each_sector_is_a_specific_factor_whatever_its_mobility() -> None:
    """Two countries; each makes a good that it trades and one that it does not, with workers who know one sector each, and country 1 lays a tariff.

    With Cobb–Douglas shares a1 and a2 of the traded goods and b of the good at home, sales are linear in incomes.
    """
    a1, a2, b, t = 0.3, 0.2, 0.5, 0.4
    flow = np.zeros((2, 2, 4))  # sectors: traded good of 1, of 2; home good of 1, of 2
    income = np.array([a1 / a2, 1.0]) * 100  # balanced: a2 I1 = a1 I2
    flow[0, :, 0], flow[1, :, 1] = a1 * income, a2 * income
    flow[0, 0, 2], flow[1, 1, 3] = b * income
    data = make_economy(dataset(flow))
    rows = [(c, f"{s} workers", s, 1.0) for c in data.countries for s in data.sectors]
    table = pd.DataFrame(rows, columns=["country", "group", "sector", "share"])
    tariff = np.zeros((4, 2, 2))
    tariff[1, 1, 0] = t
    found = []
    for kappa in (1.3, 6.0):
        benchmark = calibrate(data, mobility=kappa, group_shares=table)
        found.append(solve(benchmark, armington(5.0), tariff=bilateral(benchmark, tariff)).counterfactual)
    # I1 (1 − a2 t/(1 + t)) = Y1; R2 = a2 I1/(1 + t) + a2 I2; Y1 + Y2 as it was
    kept = 1 - a2 * t / (1 + t)
    first = income.sum() / (kept + (a2 / (1 + t) / (1 - a2 - b)))  # Y2 = I2 = R2 + b I2
    second = a2 * first / (1 + t) / (1 - a2 - b)
    paid = {0: a1 * (first + second), 1: a2 * (first / (1 + t) + second), 2: b * first, 3: b * second}
    for one in found:
        assert one.system.supply is not None
        wage = np.exp(one.system.supply.log_wage(one.unknowns.log_factor_price))
        for sector, country in ((0, 0), (1, 1), (2, 0), (3, 1)):
            assert_allclose(wage[sector, country], paid[sector] / flow.sum(axis=1)[country, sector], rtol=1e-9)


# --- simulated workers -------------------------------------------------------------------------------------------------------------------


def roy_world(kappa: Array) -> roy.World:
    """Three countries, three sectors, two groups, of which the second cannot do the last sector in country 0."""
    rng = np.random.default_rng(2)
    level = rng.uniform(0.5, 1.5, (3, 3, 2))
    level[0, 2, 1] = 0.0
    budget = rng.dirichlet(np.full(3, 5.0), 3)
    taste = rng.uniform(0.1, 0.3, (3, 3, 3)) + 0.7 * np.eye(3)[..., None]
    tariff = rng.uniform(0, 0.2, (3, 3, 3)) * ~np.eye(3, dtype=bool)[..., None]
    return roy.World(level, rng.uniform(0.5, 2, (3, 2)), kappa, taste, budget, 4.0, tariff)


@pytest.mark.parametrize("kappa", [np.array([1.7, 1.7]), np.array([1.8, 3.5])], ids=["one elasticity", "one for each group"])
def test_simulated_workers(kappa: Array) -> None:
    world, rng = roy_world(kappa), np.random.default_rng(3)
    before = roy.solve(world)
    given = make_economy(dataset(before.flow, world.tariff, value_added=before.flow.sum(axis=1)[..., None]))
    rows = [
        (f"C{n}", f"G{g}", f"S{s}", before.pay[n, g, s] / before.pay[n, :, s].sum()) for n in range(3) for g in range(2) for s in range(3)
    ]
    table = pd.DataFrame(rows, columns=["country", "group", "sector", "share"])
    data = calibrate(given, mobility={"G0": kappa[0], "G1": kappa[1]}, group_shares=table)
    productivity, iceberg = rng.lognormal(0, 0.1, (3, 3)), rng.lognormal(0, 0.1, (3, 3, 3))
    tariff, endowment = rng.uniform(0, 0.5, (3, 3, 3)) * ~np.eye(3, dtype=bool)[..., None], rng.lognormal(0, 0.2, 3)
    moved = replace(
        world,
        workers=world.workers * endowment[:, None],
        taste=world.taste * (iceberg / productivity[:, None, :]) ** (1 - world.sigma),
        tariff=tariff,
    )
    after = roy.solve(moved)
    shock = {
        "tariff": bilateral(data, tariff.transpose(2, 0, 1)),
        "iceberg": bilateral(data, iceberg.transpose(2, 0, 1)),
        "productivity": by_country(data, "sector", productivity.T),
        "endowment": by_country(data, "factor", endowment[None]),
    }
    found = solve(data, armington(world.sigma), transfers="zero", **shock)
    real = after.income / after.price / (before.income / before.price)
    assert_allclose(found.data["real_income"], real, rtol=1e-8)
    new = found.counterfactual
    share = allocation(new).transpose(2, 0, 1)
    assert_allclose(share, after.pay / after.pay.sum(axis=2, keepdims=True), atol=1e-8)
    assert_allclose(share, after.heads, atol=1e-8)  # heads and pay are spread alike
    assert new.system.supply is not None
    wage = new.system.supply.log_wage(new.unknowns.log_factor_price)
    ours = np.exp(wage - wage[0, 0]).T * endowment[:, None] / endowment[0]
    theirs = after.pay.sum(axis=2) / before.pay.sum(axis=2)
    assert_allclose(ours, theirs / theirs[0, 0], rtol=1e-8)


# --- in every world ----------------------------------------------------------------------------------------------------------------------


def random_world(inputs: float, zeros: float = 0.25) -> tuple[Economy, dict[str, Any]]:
    given = economy(inputs, 2, zeros)
    return given, {"mobility": {"F0g0": 1.6, "F0g1": 2.4, "F0g2": 4.0, "F1": 8.0}, "group_shares": group_shares(given, 3)}


@each_model
@each_inputs
def test_every_market_clears_with_the_implied_one(model: str, inputs: float) -> None:
    given, groups = random_world(inputs)
    found = shocked(calibrate(given, **groups), model)
    assert found.residual < 1e-10
    assert abs(found.walras) < 1e-10
    assert found.dropped.startswith("factor market of F1 in S")
    s, v = found.counterfactual.system, found.counterfactual.values
    markets = residuals(found.counterfactual)["factor market"]
    assert markets.shape == s.endowed.shape == (6, 4)
    # each group earns what its sectors pay it, and what nobody pays is earned by nobody
    for roy_, factor in zip(s.supply.roys, (0, 1), strict=True):
        log_wage = roy_.log_wage(found.counterfactual.unknowns.log_factor_price[roy_.at], NUMBERS)
        before = (roy_.part * s.endowed[roy_.at]).sum(axis=1)
        assert_allclose((before * np.exp(log_wage)).sum(axis=0), v.factor_income[roy_.at].sum(axis=0), rtol=1e-12, err_msg=str(factor))
        assert not v.factor_income[roy_.at][~roy_.works].any()


@each_model
def test_the_order_of_labels_is_nothing(model: str) -> None:
    given, groups = random_world(0.4)
    shock = random_shock(np.random.default_rng(5), calibrate(given))
    mixed = shuffled(given, 4)
    order = groups["group_shares"].sample(frac=1, random_state=1)
    ours, theirs = calibrate(given, **groups), calibrate(mixed, mobility=groups["mobility"], group_shares=order)
    same(hats(ours, of(model, ours), **shock), hats(theirs, of(model, theirs), **shock), rtol=1e-9)


@each_model
@each_inputs
def test_levels_are_changes(model: str, inputs: float) -> None:
    given, groups = random_world(inputs)
    data = calibrate(given, **groups)
    found = solve_levels(data, of(model, data), change(data, **random_shock(np.random.default_rng(5), data)))
    assert found.levels_vs_hat is not None
    assert found.levels_vs_hat < 1e-8


@pytest.mark.parametrize("model", ["krugman", "melitz", "external_economies"])
def test_entry_feeds_on_itself_the_less_the_harder_workers_move(model: str) -> None:
    """The radius of the answer of profits to entry, prices by sector in equilibrium; what is refused as one pool is stable with workers who stay."""
    given = economy(0.4)
    radii = []
    for kappa in (1.5, 3.0, 10.0, 1e4, np.inf):
        data = calibrate(given, mobility=kappa)
        found = solve(data, of(model, data)).reference
        radii.append(radius(found.system, found.unknowns))
    assert radii == sorted(radii)
    assert_allclose(radii[-2], radii[-1], rtol=1e-3)


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_small_producers_take_no_more_steps(model: str) -> None:
    """Entry is held near what it was by workers who stay, so that a producer of a billionth starts where it ends."""
    steps = []
    for size in (1.0, 1e-3, 1e-9):
        flow = np.array([[[60, 20.0], [20, 5], [20, 4]], [[15, 6], [90, 30], [10, 7]], [[18, 5], [12, 8], [70, 25]]])
        flow[0, :, 1] *= size
        data = calibrate(make_economy(dataset(flow)), mobility=2.0)
        steps.append(solve(data, of(model, data), tariff=bilateral(data, 0.3 * (1 - np.eye(3)))).iterations)
    assert max(steps) <= 2 * steps[0], steps


def test_an_industry_that_is_shut_leaves_its_workers_to_the_others() -> None:
    """Nothing is paid where nothing can be sold; the workers of that sector have lost a choice."""
    data = calibrate(economy(), mobility=2.0)
    closed = bilateral(data, 1.0)
    closed[1, 0, :] = np.inf
    found = solve(data, armington(4.0), iceberg=closed).counterfactual
    share = allocation(found)[0]
    assert share[1, 0] == 0
    assert_allclose(share.sum(axis=0), 1, rtol=1e-12)


# --- what is refused ---------------------------------------------------------------------------------------------------------------------


def test_all_faults_of_mobility_are_told_at_once() -> None:
    given = random_economy(np.random.default_rng(1), 3, 2, 2)
    table = group_shares(given, 2)
    with pytest.raises(DataError) as error:
        calibrate(given, mobility={"F0g0": 1.0, "F0gg": 2.0, "F1": 1e7}, group_shares=table)
    told = "\n".join(error.value.faults)
    assert "no group or factor F0gg in the economy" in told
    assert "F0g0" in told
    assert "must exceed 1" in told
    assert "F0g1 has none (inf) and other groups of F0 have" in told
    assert "not told from one pool" in told
    with pytest.raises(DataError, match="says nothing without mobility"):
        calibrate(given, group_shares=table)


def test_all_faults_of_groups_are_told_at_once() -> None:
    given = random_economy(np.random.default_rng(1), 3, 2, 2)
    table = group_shares(given, 2)
    wrong = table.copy()
    wrong.loc[0, "share"] += 0.25
    wrong.loc[1, "sector"] = "S9"
    wrong.loc[2, "factor"] = "F7"
    wrong.loc[3, "group"] = "F1g0"
    with pytest.raises(DataError) as error:
        calibrate(given, mobility=2.0, group_shares=wrong)
    told = "\n".join(error.value.faults)
    for part in ("shares of F0 add up to", "row 3", "no factor F7", "give the two different names"):
        assert part in told
    with pytest.raises(DataError, match="no column factor"):
        calibrate(given, mobility=2.0, group_shares=table.drop(columns="factor"))
    with pytest.raises(DataError, match="no column share; found"):
        calibrate(given, mobility=2.0, group_shares=table.drop(columns="share"))


def test_rows_given_twice_and_names_that_mean_something_else_are_refused() -> None:
    """Of two rows for the same cells the last would count unseen; a group may not be called like another factor or like all the rest."""
    given = random_economy(np.random.default_rng(1), 3, 2, 2)
    table = group_shares(given, 2)
    twice = pd.concat([table, table.iloc[[0]].assign(share=0.123)], ignore_index=True)
    with pytest.raises(DataError, match=f"row {len(table) + 2}: says again what row 2 says"):
        calibrate(given, mobility=2.0, group_shares=twice)
    for name, words in (
        ("F1", "group F1 of F0 bears the name of another factor"),
        ("*", "'\\*' is no name"),
        ("", "'' is no name"),
        (np.nan, "nan is no name"),
    ):
        with pytest.raises(DataError, match=words):
            calibrate(given, mobility=2.0, group_shares=table.replace({"group": {"F0g0": name}}))


def test_numbers_and_labels_of_a_file_of_groups_are_told_together(tmp_path: Path) -> None:
    given = random_economy(np.random.default_rng(1), 3, 2, 2)
    table = group_shares(given, 2).astype({"share": object})
    table.loc[0, "share"], table.loc[1, "share"], table.loc[2, "country"] = "abc", "", "C9"
    table.to_csv(tmp_path / "groups.csv", index=False)
    with pytest.raises(DataError) as error:
        calibrate(given, mobility=2.0, group_shares=read_group_shares(tmp_path / "groups.csv"))
    told = "\n".join(error.value.faults)
    for part in ("row 2: share 'abc' is not a number", "row 3: share '' is not a number", "row 4: no country C9"):
        assert part in told, told


def test_a_market_that_does_not_clear_is_named() -> None:
    """The worst of all labour markets, by factor, sector and country."""
    data = calibrate(economy(0.4, 2), mobility=2.0)
    system = build(data, armington(5.0), change(data))
    at_rest = start(system)
    wage = at_rest.log_factor_price.copy()
    wage[1, 2] += 1e-3
    found = check(data, equilibrium(system, at_rest._replace(log_factor_price=wage)))
    assert found.market == "factor market of F0 in S1 in C2"
