"""Variable mark-ups on a world table: the Krugman row with what mark-ups keep from real income."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from worlds import K, abroad, drawn, random_economy, random_shock, same, shuffled, solve

from cge import (
    Benchmark,
    DataError,
    Exponents,
    calibrate,
    change,
    eaton_kortum,
    firm_markups,
    gains,
    gradient,
    groups_table,
    krugman,
    markups_table,
    solve_levels,
    variable_markups,
    welfare_table,
)
from cge.errors import InputError
from cge.model import equations as eq
from cge.model.demand import demand, markups
from cge.results.channels import CHANNELS
from cge.results.markups import stretch
from cge.solve.adjoint import real_income

PLAIN = drawn(21)
INPUTS = drawn(22, F=2, inputs=0.4)
ADDITIVE = {"S0": "cara", "S1": "translog", "S2": "pollak"}
SHAPES = dict(zip(["S0", "S1", "S2"], K, strict=False))


def mixed(**more: Any) -> Exponents:
    """An additive, a homothetic and another additive demand side by side."""
    return variable_markups(SHAPES, demand=ADDITIVE, demand_parameter=2.0, **more)


def named(name: str, parameter: float | None, k: Any) -> Exponents:
    """One demand in all sectors."""
    return variable_markups(k, demand=name, demand_parameter=parameter)


# --- what does not change ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [PLAIN, INPUTS], ids=["no inputs", "inputs"])
def test_homothetic_demand_is_krugman_with_sigma_k_plus_one(data: Benchmark) -> None:
    """To the last digit: shares, entry, prices, real income."""
    shock = random_shock(np.random.default_rng(1), data)
    sigma = {sector: k + 1 for sector, k in SHAPES.items()}
    other = solve(data, krugman(sigma, 0.9), **shock)
    found = solve(data, variable_markups({s: v - 1 for s, v in sigma.items()}, demand="qmor", demand_parameter=-1.5, scale=0.9), **shock)
    assert found.data.identical(other.data.assign_attrs(found.data.attrs))
    table = welfare_table(found)
    assert_array_equal(table["real_income_constant_markups_pct"], table["real_income_pct"])
    assert not table["markups_log"].any()


def test_additive_demand_changes_real_income_alone() -> None:
    """Shares, entry, incomes and channels are Krugman's; with one η for all, real income is that power of his; the sixth channel closes the sum."""
    shock = random_shock(np.random.default_rng(2), PLAIN)
    krugmans = solve(PLAIN, krugman({s: k + 1 for s, k in SHAPES.items()}), **shock)
    found, one = solve(PLAIN, mixed(), **shock), solve(PLAIN, variable_markups(SHAPES, eta=0.1), **shock)
    same(found.data.drop_vars("real_income"), krugmans.data, "factor_price", "price_index", "entry", "income", "flow", rtol=1e-12)
    assert_allclose(one.log_real_income, 0.9 * krugmans.log_real_income, rtol=1e-12)
    table, plain = welfare_table(found), welfare_table(krugmans)
    assert_allclose(table["real_income_constant_markups_pct"], plain["real_income_pct"], rtol=1e-11)
    assert_allclose(table[list(CHANNELS)].sum(axis=1), 100 * found.log_real_income, atol=1e-11)
    assert_allclose(table[list(CHANNELS[:-1])], plain[list(CHANNELS[:-1])], atol=1e-10)
    assert np.abs(table["markups_log"]).max() > 0.1
    income = found.reference.values.income
    assert_allclose(table["equivalent_variation"], income * np.expm1(found.log_real_income), rtol=1e-12)
    world = groups_table(found, {}).iloc[0]
    assert_allclose(world["markups_log"], (table["markups_log"] * income).sum() / income.sum(), rtol=1e-12)


def test_restricted_entry_is_eaton_kortum_with_the_same_rule() -> None:
    shock = random_shock(np.random.default_rng(3), PLAIN)
    found, other = solve(PLAIN, variable_markups(4.0, eta=0.2, scale=0.0), **shock), solve(PLAIN, eaton_kortum(4.0), **shock)
    same(found.data, other.data, "factor_price", "price_index", "flow", rtol=1e-12)
    assert_allclose(found.log_real_income, 0.8 * other.log_real_income, rtol=1e-12)


def test_one_sector_in_closed_form() -> None:
    """Û = λ̂^(−(1 − η)/k), and gains from trade 1 − λ^((1 − η)/k)."""
    data = drawn(23, 4, 1, tariffs=False, transfers=False)
    found = solve(data, named("quadratic", None, 4.0), iceberg=abroad(data, 0.8))
    own = np.diagonal(found.data["flow"].values[0]) / found.data["spending"].values[0]
    before = np.diagonal(data.arrays["trade_share"][0])
    assert_allclose(found.log_real_income, -(1 - 0.12) / 4 * np.log(own / before), rtol=1e-10)
    table = gains(data, named("quadratic", None, 4.0)).table
    assert_allclose(table["gains_from_trade_pct"], 100 * (1 - before ** (0.88 / 4)), rtol=1e-10)


@pytest.mark.parametrize("scale", [0.0, 1.0])
def test_autarky_in_closed_form(scale: float) -> None:
    """P̂ = ŵ (λ Ŝ^scale)^(−1/k), Ŝ = R'/(ŵ R), I' = ŵ V in a country without trade, where sectors mark up unlike."""
    data, k = drawn(24), np.array([SHAPES[s] for s in drawn(24).sectors])[:, None]
    value_added = data.data["factor_income"].sum("factor").values
    own = np.diagonal(data.arrays["trade_share"], axis1=1, axis2=2)
    beta = data.arrays["final_share"]
    log_entry = scale * np.log(beta * value_added / data.arrays["sales"])
    log_real = np.log(value_added / data.arrays["income"]) + (np.log(own) + log_entry) / k
    eta = mixed(scale=scale).on(data.sectors)["eta"][:, None]
    lost = 100 * np.expm1((beta * (1 - eta) * log_real).sum(axis=0))
    exponents = variable_markups(SHAPES, eta=dict(zip(data.sectors, eta[:, 0].tolist(), strict=True)), scale=scale)
    assert_allclose(gains(data, exponents).table["gains_from_trade_pct"], -lost, rtol=1e-10)


# --- derivatives, levels, order ----------------------------------------------------------------------------------------------------------


def test_gradient_by_k_and_by_eta() -> None:
    """η follows k where a demand gives it, and is a parameter of its own where it is given."""
    shock = random_shock(np.random.default_rng(6), PLAIN)
    given = dict(zip(SHAPES, [0.05, 0.1, 0.2], strict=True))
    direction, step = dict(zip(SHAPES, [0.3, -0.2, 0.5], strict=True)), 1e-4
    cases = {
        "trade": lambda h: variable_markups({s: k + h * direction[s] for s, k in SHAPES.items()}, ADDITIVE, 2.0),
        "eta": lambda h: variable_markups(SHAPES, eta={s: v + h * direction[s] for s, v in given.items()}),
    }
    for name, make in cases.items():
        found = gradient(solve(PLAIN, make(0.0), **shock))[name]
        exact = (found * np.array(list(direction.values()))).sum("sector").values
        ends = [solve(PLAIN, make(h), **shock).log_real_income for h in (step, -step)]
        assert_allclose(exact, (ends[0] - ends[1]) / (2 * step), rtol=2e-6, atol=1e-9)
        assert np.abs(exact).max() > 1e-4


def test_gradient_by_policy() -> None:
    """Through unequal η's: tariffs by differences."""
    data, exponents = PLAIN, mixed()
    rate = data.rates("tariff") + 0.05
    direction = np.random.default_rng(7).standard_normal(rate.shape) * ~np.eye(4, dtype=bool)
    found = gradient(solve(data, exponents, tariff=abroad(data, rate, 0.0)))["tariff"].values
    ends = [solve(data, exponents, tariff=abroad(data, rate + h * direction, 0.0)).log_real_income for h in (1e-5, -1e-5)]
    assert_allclose((found * direction).sum(axis=tuple(range(1, found.ndim))), (ends[0] - ends[1]) / 2e-5, rtol=1e-6, atol=1e-9)


def test_what_real_income_adds_to_the_adjoint_by_complex_step() -> None:
    """By income, prices and η, through the equation itself."""
    found = solve(PLAIN, mixed(), **random_shock(np.random.default_rng(12), PLAIN))
    old, new, rng = found.reference, found.counterfactual, np.random.default_rng(13)
    weight, by = rng.standard_normal((4, 1)), 1e-30j
    d_income, d_price, d_eta = rng.standard_normal(4), rng.standard_normal((3, 4)), rng.standard_normal(3)
    share = new.system.final_share * (1 - new.system.eta - by * d_eta[:, None])
    income = np.log((new.values.income + by * d_income) / old.values.income)
    moved = eq.log_real_income(income, new.unknowns.log_price + by * d_price - old.unknowns.log_price, share)
    seeds = real_income(new, weight, old)
    ours = seeds["income"][:, 0] @ d_income + (seeds["log_price"][..., 0] * d_price).sum() + seeds["eta"][:, 0] @ d_eta
    assert_allclose(ours, weight[:, 0] @ np.imag(moved) / 1e-30, rtol=1e-12)


def test_levels_agree_with_changes() -> None:
    shock = random_shock(np.random.default_rng(8), PLAIN, 0.1)
    found, hats = solve_levels(PLAIN, mixed(), change(PLAIN, **shock)), solve(PLAIN, mixed(), **shock)
    assert found.levels_vs_hat is not None
    assert found.levels_vs_hat < 1e-8
    assert_allclose(found.log_real_income, hats.log_real_income, rtol=1e-8, atol=1e-10)


def test_order_of_labels_does_not_matter() -> None:
    economy = random_economy(np.random.default_rng(9))
    one, other = calibrate(economy), calibrate(shuffled(economy, 3))
    assert one.countries != other.countries
    shock = random_shock(np.random.default_rng(10), one)
    left, right = solve(one, mixed(), **shock), solve(other, mixed(), **shock)
    same(left.data, right.data)
    tables = [markups_table(found).set_index(["country", "sector"]).sort_index() for found in (left, right)]
    assert_allclose(tables[0].drop(columns="demand"), tables[1].drop(columns="demand"), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("seed", range(30, 36))
def test_random_worlds(seed: int) -> None:
    """With holes: channels add up, the rule is that of the equation, gains are one another's inverse."""
    data = drawn(seed, J=3, F=1 + seed % 2, zeros=0.3)
    found = solve(data, mixed(), unstable="follow", **random_shock(np.random.default_rng(seed), data))
    eta = found.exponents.on(data.sectors)["eta"][:, None]
    price, beta = np.where(found.reference.system.bought, found.data["price_index"].values, 1.0), data.arrays["final_share"]
    income = np.log(found.data["income"].values / found.data["income_benchmark"].values)
    assert_allclose(found.log_real_income, (beta * (1 - eta) * (income - np.log(price))).sum(axis=0), rtol=1e-10, atol=1e-13)
    table = welfare_table(found)
    assert_allclose(table[list(CHANNELS)].sum(axis=1), 100 * found.log_real_income, atol=1e-9)


# --- bad input ---------------------------------------------------------------------------------------------------------------------------


def test_all_faults_at_once() -> None:
    table = {"S0": "translog", "S1": "qmor", "S2": "pollack"}
    with pytest.raises(DataError) as fault:
        variable_markups({"S0": -1.0, "S1": 3.0, "S2": 2.0}, table, {"S0": 0.0, "S1": -3.0, "S2": 1.0}, 1.5, scale=1.5)
    said = "\n".join(fault.value.faults)
    for words in (
        "trade = -1 at sector=S0, but it must be positive",
        "needs demand or eta, and not both",
        "eta = 1.5, but it must be below 1",
        "qmor with r = -3 at k = 3, but it must be above −k and at most 2. Sectors: S1.",
        "there is no 'pollack'. Did you mean pollak? Sectors: S2.",
        "scale = 1.5, but it must lie in [0, 1]",
    ):
        assert words in said, said
    with pytest.raises(DataError, match="needs demand or eta"):
        variable_markups(4.0)
    with pytest.raises(DataError, match=r"pollak with s = 6 at k = 4, but it must be positive and below k \+ 1"):
        variable_markups(4.0, "pollak", 6.0)
    with pytest.raises(DataError, match="pollak needs its parameter s"):
        variable_markups(4.0, "pollak")
    with pytest.raises(DataError, match="give 1 or 0, or a homothetic demand"):
        variable_markups(4.0, "cara", scale=0.5)
    assert variable_markups(4.0, "translog", scale=0.5).scale == 0.5


def test_an_additive_demand_sells_no_inputs() -> None:
    with pytest.raises(DataError, match="S0, S2 sell inputs"):
        solve(INPUTS, mixed(scale=0.0), tariff=abroad(INPUTS, 0.1, 0.0))


def test_what_says_nothing_of_firms() -> None:
    found = solve(PLAIN, variable_markups(SHAPES, eta=0.1), tariff=abroad(PLAIN, 0.1, 0.0))
    table = markups_table(found)
    assert_allclose(table["aggregate_markup"], 1 + 1 / table["k"])
    assert table[["rho", "mean_markup", "choke_price_pct", "sellers_pct"]].isna().all().all()
    assert stretch(found) is None
    for call, words in (
        (lambda: firm_markups(found, "C0", "S0"), "sector S0 has eta in place of a demand"),
        (lambda: firm_markups(found, "C9", "S0", [100]), "country C9 is not in the solution"),
        (lambda: markups_table(solve(PLAIN, krugman(4.0))), "Mark-ups do not vary under krugman"),
    ):
        with pytest.raises(InputError, match=words):
            call()


def test_mark_ups_without_a_mean() -> None:
    """k ≤ 1: the unweighted mean is infinite, and all else is there."""
    table = markups_table(solve(drawn(27, 3, 1), variable_markups(0.9, "cara"), tariff=abroad(drawn(27, 3, 1), 0.1, 0.0)))
    assert np.isinf(table["mean_markup"]).all()
    assert_allclose(table["eta"], markups(demand("cara"), 0.9).eta, rtol=1e-12)
    assert np.isfinite(table.drop(columns=["country", "sector", "demand", "mean_markup"]).to_numpy(float)).all()
