"""Entry and demand shocks (chapter, section 6.4): worked cases, a firm's own search, simulated firms, moments, and parameters that are recovered."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import integrate, optimize, stats
from validation import Validate
from worked import SOURCE, cases, meet

from cge.errors import DataError
from cge.firms import (
    Estimate,
    Industry,
    ShockEconomy,
    Shocks,
    deciles,
    deciles_figure,
    equilibrium,
    estimate,
    firm_moments,
    pareto,
    penetration_cost,
    shock_economy,
    shock_equilibrium,
    simulate_firms,
)
from cge.firms.shocks.expected import expected
from cge.firms.shocks.likelihood import grid, likelihood
from cge.firms.shocks.moments import FirmData, cuts, firm_data, moments, names
from cge.firms.shocks.search import Wanted, objective, point_of, resampled, shocks_of, wanted
from cge.firms.shocks.simulate import drawn, draws, highest

Array = NDArray[np.float64]

CASES = cases("shocks")
ICEBERG = np.array([[1, 1.5, 1.7, 1.6], [1.5, 1, 1.4, 1.8], [1.7, 1.4, 1, 1.5], [1.6, 1.8, 1.5, 1]])
COST = 0.02 * np.array([[1, 1.6, 1.8, 1.7], [1.5, 0.9, 1.6, 1.9], [1.7, 1.5, 1.1, 1.6], [1.8, 1.9, 1.5, 0.8]])
EKK = Shocks(2.46, 0.91, 1.69, 0.34, -0.65)
NONE = Shocks(2.46, np.inf, 0.0, 0.0, 0.0)
TRUTH = Shocks(2.0, 0.6, 0.8, 0.4, -0.3)


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


def four(shocks: Shocks = EKK, cheaper: float = 1.0) -> ShockEconomy:
    iceberg = np.where(np.eye(4) > 0, 1, cheaper * ICEBERG)
    return shock_economy(3.0, shocks, [30, 18, 25, 10], [100, 60, 80, 30], iceberg, COST)


# --- market penetration ----------------------------------------------------------------------------------------------------------------------


def test_worked_penetration(validate: Validate) -> None:
    reach = np.array([0.2, 0.5, 0.9])
    title, table = case("F1 M(e)")
    meet(validate, title, table, {row: penetration_cost(reach, float(row.split("=")[1])) for row in table})
    title, table = case("F1 marginal")
    step = 1e-6
    slope = {row: (penetration_cost(reach + step, lam) - penetration_cost(reach - step, lam)) / (2 * step) for row in table
             for lam in [float(row.split("=")[1])]}  # fmt: skip
    exact = {row: (1 - reach) ** (-1 / float(row.split("=")[1])) for row in table}
    for row in table:
        assert_allclose(slope[row], exact[row], rtol=1e-6)
    meet(validate, title, table, exact)
    assert penetration_cost(1.0, 0.8) == np.inf  # λ ≤ 1: all consumers together cost infinitely much
    assert penetration_cost(1.0, 2.0) == pytest.approx(2.0)


@pytest.mark.parametrize("lam", [0.5, 0.91, 1.0, 2.0])
def test_a_firm_reaches_what_is_best(lam: float) -> None:
    """e = 1 − y^(−λ), by maximisation of e·y − M(e)."""
    for y in (1.2, 2.0, 5.0):
        bounds = {"bounds": (0, 1 - 1e-12), "method": "bounded", "options": {"xatol": 1e-10}}
        best = optimize.minimize_scalar(lambda e, y=y: float(penetration_cost(e, lam)) - e * y, **bounds)
        assert best.x == pytest.approx(1 - y**-lam, abs=1e-5)


def test_worked_sellers_without_shocks(validate: Validate) -> None:
    """Averages over v, uniform among sellers; market costs are (θ̃−1)/θ̃ of gross profits whatever λ. And the lower tail of sales: F3 by the same v."""
    title, table = case("F2")
    t = 2.46
    here = {}
    for row in table:
        lam = float(row.split("=")[1])
        reach = (lambda v, lam=lam: 1 - v ** (lam / t)) if np.isfinite(lam) else (lambda v: 1.0)
        sales = integrate.quad(lambda y, reach=reach: t * y ** (t - 2) * reach(y**t), 0, 1, epsrel=1e-13)[0]  # v = y^θ̃
        cost = integrate.quad(
            lambda y, reach=reach, lam=lam: t * y ** (t - 1) * float(penetration_cost(reach(y**t), lam)), 0, 1, epsrel=1e-13
        )[0]
        assert Shocks(t, lam, 0.0, 0.0, 0.0).kappa_1 == pytest.approx(sales, rel=1e-10)
        here[row] = [sales, cost, cost / sales]
    meet(validate, title, table, here)


def test_the_lower_tail_departs_from_pareto_for_every_finite_convexity(validate: Validate) -> None:
    """Shares below a tenth and a hundredth of mean sales, on the case's grid of 200,000 firms."""
    title, table = case("F3")
    v, t, here = (np.arange(200_000) + 0.5) / 200_000, 2.46, {}
    for row in table:
        lam = float(row.split("=")[1])
        sales = v ** (-1 / t) * (1 - v ** (lam / t) if np.isfinite(lam) else 1)
        mean = Shocks(t, lam, 0.0, 0.0, 0.0).kappa_1
        here[row] = [(sales < 0.1 * mean).mean(), (sales < 0.01 * mean).mean()]
    published = {(row, f"number {k + 1}"): values[k] for row, values in table.items() for k in (0, 1)}
    validate(SOURCE, title, published, {key: float(here[key[0]][int(key[1][-1]) - 1]) for key in published}, 1e-5)
    assert here["lambda=10.0"][0] > 0.03
    assert here["lambda=inf"][0] == 0


# --- equilibrium -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "shocks"), [("F4", EKK), ("F5", NONE)])
def test_worked_equilibria(name: str, shocks: Shocks, validate: Validate) -> None:
    title, table = case(name)
    found = shock_equilibrium(four(shocks))
    here = found._asdict() | {"kappa1": shocks.kappa_1, "kappa2": shocks.kappa_2}
    meet(validate, title, table, here, P="price_index", U="real_wage")


def test_worked_counterfactual(validate: Validate) -> None:
    title, table = case("F6")
    before, after = shock_equilibrium(four()), shock_equilibrium(four(cheaper=0.9))
    here = {name: getattr(after, name) / getattr(before, name) for name in ("wage", "welfare", "sellers")}
    meet(validate, title, table, here | {"domestic_share": np.diagonal(after.trade_share)})


def test_changes_do_not_depend_on_shocks() -> None:
    """Wages, shares and welfare changes are those without shocks; welfare changes by λ_nn^(−1/k)."""
    old, new = (shock_equilibrium(four(cheaper=c)) for c in (1.0, 0.9))
    bare, later = (shock_equilibrium(four(NONE, c)) for c in (1.0, 0.9))
    assert_allclose(old.wage, bare.wage, rtol=1e-12)
    assert_allclose(new.welfare / old.welfare, later.welfare / bare.welfare, rtol=1e-11)
    own = np.diagonal(new.trade_share) / np.diagonal(old.trade_share)
    assert_allclose(new.welfare / old.welfare, own ** (-1 / four().k), rtol=1e-11)
    assert_allclose(old.trade_share.T @ old.income, old.income, rtol=1e-11)


def test_average_sales_of_the_base_model() -> None:
    """Without shocks and λ = ∞ average sales are (20), those of a Melitz exporter under Pareto."""
    found = shock_equilibrium(four(NONE))
    k, s = four().k, 2.0
    assert_allclose(found.average_sales, 3 * k / (k - s) * found.wage * COST, rtol=1e-12)
    same = equilibrium(Industry(pareto(k), 3.0, 0.02, 0.0001, 100.0))
    assert_allclose(same.average_revenue, 3 * k / (k - s) * 0.02, rtol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_wages_of_countries_drawn_at_random(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = 30
    iceberg = np.where(np.eye(n) > 0, 1, rng.uniform(1.1, 4, (n, n)))
    e = shock_economy(4.0, EKK, rng.lognormal(0, 2, n), rng.lognormal(0, 2, n), iceberg, rng.uniform(0.01, 1, (n, n)))
    found = shock_equilibrium(e)
    assert_allclose(found.trade_share.T @ found.income, found.income, rtol=1e-10)
    assert found.wage[-1] == 1


# --- firms -------------------------------------------------------------------------------------------------------------------------------------


def test_simulated_firms_are_as_many_and_sell_as_much() -> None:
    """Numbers of sellers and, with mild shocks, average sales and the part that market costs take; total sales by weights."""
    mild = Shocks(2.46, 0.91, 0.4, 0.3, -0.3)
    economy = four(mild)
    found = shock_equilibrium(economy)
    firms = simulate_firms(economy, found, "1", 1 << 15, seed=1)
    by = firms.assign(sold=firms["weight"] * firms["sales"], spent=firms["weight"] * firms["market_cost"]).groupby("market")
    assert_allclose(by["weight"].sum(), found.sellers[:, 0], rtol=0.03)
    assert_allclose(by["sold"].sum(), (found.sellers * found.average_sales)[:, 0], rtol=0.05)
    assert_allclose(by["spent"].sum() / by["sold"].sum() * 3, 1.46 / 2.46, rtol=0.02)


def test_the_hierarchy_of_markets_breaks_with_entry_shocks_only(validate: Validate) -> None:
    """F10: exporters that skip a market easier than one they serve; a Monte-Carlo number, met within a point and a half."""
    title, table = case("F10")

    def broken(shocks: Shocks) -> float:
        economy = four(shocks)
        found = shock_equilibrium(economy)
        firms = simulate_firms(economy, found, "1", 1 << 16)
        sells = firms.pivot(index="firm", columns="market", values="sales").notna()[["2", "3", "4"]].to_numpy()
        order = np.argsort(-found.sellers[1:, 0])
        ranked = sells[:, order]
        some = ranked.any(axis=1)
        weight = firms.groupby("firm")["weight"].first().to_numpy()[some]
        skips = (np.diff(ranked[some].astype(int), axis=1) > 0).any(axis=1)
        return float(weight @ skips / weight.sum())

    assert broken(EKK._replace(sigma_entry=0.0)) == 0
    validate(SOURCE, title, {("share", "value"): table["share"][0]}, {("share", "value"): broken(EKK)}, 0.015)


def test_who_gains_by_size(validate: Validate) -> None:
    """F7 (Monte-Carlo): only the top decile gains; exit falls with size. Shares of exit to a point, sales of middle deciles to a few per cent."""
    title, table = case("F7")
    economy = four()
    found = deciles(economy, shock_equilibrium(economy), shock_equilibrium(four(cheaper=0.9)), "1", 1 << 16)
    rows = [f"decile {n}" for n in range(1, 11)]
    exits = {(row, "share that exits"): table[row][2] for row in rows}
    validate(SOURCE, title, exits, {key: float(found.loc[key[0], "exit_share"]) for key in exits}, 0.012)
    sales = {(row, column): table[row][k] for row in rows[3:9] for k, column in enumerate(("sales before", "sales after"))}
    near = {key: 0.05 * value for key, value in sales.items()}
    validate(SOURCE, title, sales, {key: float(found.loc[key[0], key[1].replace(" ", "_")]) for key in sales}, near)
    gains = found.loc[rows, "sales_after"] > found.loc[rows, "sales_before"]
    assert list(gains) == [False] * 9 + [True]
    assert (np.diff(found.loc[rows, "exit_share"]) < 0).all()


# --- moments and estimation --------------------------------------------------------------------------------------------------------------------


def table_of(truth: Shocks, sellers: tuple[float, ...], seed: int) -> pd.DataFrame:
    """Independent firms: a Poisson number of potential ones, each with its own efficiency and shocks, written anew."""
    rng, scale = np.random.default_rng(seed), (10.0, 6.0, 5.0, 4.0, 3.0)
    kappa = np.exp((truth.theta * truth.sigma_entry) ** 2 / 2)
    top = sellers[0] / kappa * np.exp(4.5 * truth.theta * truth.sigma_entry)
    u = rng.random(rng.poisson(top)) * top
    rows = []
    for market, (number, average) in enumerate(zip(sellers, scale, strict=False)):
        z, other = rng.standard_normal((2, len(u)))
        eta = np.exp(truth.sigma_entry * z)
        alpha = np.exp(truth.sigma_demand * (truth.correlation * z + np.sqrt(1 - truth.correlation**2) * other))
        v = u * kappa / number * eta**-truth.theta
        firm = np.flatnonzero(v < 1)
        sales = average * (alpha / eta * v ** (-1 / truth.theta) * (1 - v ** (truth.convexity / truth.theta)))[firm]
        rows.append(pd.DataFrame({"firm": firm, "market": f"m{market}", "sales": sales}))
    return pd.concat(rows, ignore_index=True)


def test_moments_of_a_table() -> None:
    """85 with four foreign markets; quantiles are themselves, sets of markets are counted, firms that do not sell at home count as sellers only."""
    table = table_of(TRUTH, (6000, 1200, 500, 200, 70), 3)
    found = firm_moments(table, "m0")
    assert len(found) == 85
    assert found["m1: sales below quantile 0.25"] == pytest.approx(0.25, abs=2e-3)
    wide = table.pivot(index="firm", columns="market", values="sales").notna()
    at_home = wide[wide["m0"]]
    alone = at_home[at_home["m1"] & ~at_home["m2"] & ~at_home["m3"] & ~at_home["m4"]]
    assert found["sells in m1 alone of foreign markets"] == pytest.approx(len(alone) / len(at_home))
    data = firm_data(table, "m0")
    assert_allclose(data.sellers, wide.sum())
    assert len(at_home) < len(wide) == len(data.sales)
    assert len(set(names(data.markets))) == 85
    shuffled = table.sample(frac=1, random_state=0).assign(sales=lambda t: 7 * t["sales"])
    pd.testing.assert_series_equal(firm_moments(shuffled, "m0"), found)  # neither order nor units matter


REACH = np.log(TRUTH.convexity / (1 + TRUTH.convexity))
"""By which scales of sales exceed what they multiply in a table's."""

SELLERS = np.array([60000.0, 12000, 5000, 2000, 700])


def test_what_the_model_expects_is_met_at_the_truth_alone() -> None:
    """F9: the objective is zero at the truth, and larger on both sides in every parameter."""
    by = cuts(firm_data(table_of(TRUTH, (6000, 1200, 500, 200, 70), 4), "m0"))
    of = Wanted(SELLERS, by, expected(TRUTH, SELLERS, by), np.ones(85))
    assert shocks_of(point_of(TRUTH)) == pytest.approx(TRUTH)
    assert objective(of, point_of(TRUTH)) < 1e-20
    for change in (0.1, -0.1):
        for moved in (
            TRUTH._replace(theta=TRUTH.theta + change), TRUTH._replace(convexity=TRUTH.convexity + change),
            TRUTH._replace(sigma_demand=TRUTH.sigma_demand + change), TRUTH._replace(sigma_entry=TRUTH.sigma_entry + change / 2),
            TRUTH._replace(correlation=TRUTH.correlation + change),
        ):  # fmt: skip
            assert objective(of, point_of(moved)) > 1e-4


@pytest.mark.parametrize("shocks", [TRUTH, EKK, Shocks(1.6, 3.0, 0.4, 0.15, 0.5), Shocks(2.0, np.inf, 0.5, 0.3, 0.0)])
def test_moments_by_integration_are_those_of_simulated_firms(shocks: Shocks) -> None:
    """131,072 firms by Sobol's draws, weighted: every share to half a percentage point, and closer with more draws."""
    by = cuts(firm_data(table_of(TRUTH, (6000, 1200, 500, 200, 70), 4), "m0"))
    of = draws(1 << 17, 5, 0)
    firms = drawn(shocks, SELLERS, of, highest(shocks, SELLERS))
    anywhere = (firms.sales > 0).any(axis=1)
    data = FirmData(tuple("01234"), firms.sales[anywhere], firms.weight[anywhere])
    assert_allclose(data.sellers, SELLERS, rtol=0.02)
    own = cuts(data)
    # to the units of the cuts: medians of those who sell at home
    share = moments(data._replace(sales=data.sales * (by.median / own.median)), by)[0]
    assert_allclose(expected(shocks, SELLERS, by), share, atol=0.012)
    assert np.sqrt(np.mean((expected(shocks, SELLERS, by) - share) ** 2)) < 0.004


def test_independent_firms_miss_the_moments_of_the_truth_as_chance_would() -> None:
    missing = [objective(wanted(firm_data(table_of(TRUTH, (6000, 1200, 500, 200, 70), seed), "m0")), point_of(TRUTH)) for seed in range(3)]
    assert 40 < np.mean(missing) < 130


def test_how_likely_one_firm_is() -> None:
    """Against adaptive quadrature over u and the shock to entry, written anew: a firm that sells at home and in the third market alone."""
    data = firm_data(table_of(TRUTH, (600, 120, 50), 1), "m0")
    size, scale = np.log([600.0, 120, 50]), np.log([10.0, 6, 5])
    unknown = np.concatenate([point_of(TRUTH), size, scale + REACH])
    one = int(np.flatnonzero((data.sales > 0) @ [1, 2, 4] == 5)[0])
    by = grid(data, [TRUTH])
    whole = likelihood(by, shocks_of, unknown, slopes=False).value
    without = likelihood(by._replace(weight=data.weight - np.eye(len(data.weight))[one]), shocks_of, unknown, slopes=False).value
    kappa = np.exp((TRUTH.theta * TRUTH.sigma_entry) ** 2 / 2)

    def sells(u: float, n: int) -> float:
        def density(z: float) -> float:
            eta = np.exp(TRUTH.sigma_entry * z)
            v = u * kappa / np.exp(size[n]) * eta**-TRUTH.theta
            if not v < 1:
                return 0.0
            rest = (
                np.log(data.sales[one, n]) - scale[n] - np.log(v ** (-1 / TRUTH.theta) * (1 - v ** (TRUTH.convexity / TRUTH.theta)) / eta)
            )
            spread = TRUTH.sigma_demand * np.sqrt(1 - TRUTH.correlation**2)
            off = (rest - TRUTH.sigma_demand * TRUTH.correlation * z) / spread
            return float(np.exp(-(off**2) / 2 - z**2 / 2) / (2 * np.pi * spread))

        least = np.log(u * kappa / np.exp(size[n])) / (TRUTH.theta * TRUTH.sigma_entry)
        return float(integrate.quad(density, least, max(least, 0) + 10, epsrel=1e-9, limit=200)[0])

    def all_three(log_u: float) -> float:
        u = np.exp(log_u)
        stays_out = stats.norm.cdf(np.log(u * kappa / np.exp(size[1])) / (TRUTH.theta * TRUTH.sigma_entry))
        return float(u * sells(u, 0) * sells(u, 2) * stays_out)

    exact = integrate.quad(all_three, -6, 12, epsrel=1e-7, limit=200)[0]
    assert whole - without == pytest.approx(np.log(exact), abs=2e-4)


def test_slopes_of_the_likelihood_and_what_chance_makes_of_them_at_the_truth() -> None:
    """By differences; and slopes squared over the information have the mean of 15 degrees of freedom where the model is right."""
    data = firm_data(table_of(TRUTH, (6000, 1200, 500, 200, 70), 5), "m0")
    unknown = np.concatenate([point_of(TRUTH), np.log([6000.0, 1200, 500, 200, 70]), np.log([10.0, 6, 5, 4, 3]) + REACH])
    by = grid(data, [TRUTH])
    found = likelihood(by, shocks_of, unknown)
    for k in (0, 3, 6, 12):
        ends = [likelihood(by, shocks_of, unknown + sign * 1e-3 * np.eye(15)[k], slopes=False).value for sign in (1, -1)]
        assert (ends[0] - ends[1]) / 2e-3 == pytest.approx(found.slope[k], rel=1e-3, abs=0.05)
    assert 2.6 < found.slope @ np.linalg.solve(found.information, found.slope) < 37.7  # from one in ten thousand to 999 of 1000


@pytest.mark.slow
def test_known_parameters_are_recovered_from_independent_firms() -> None:
    """F8, 60,000 home sellers: means over three data sets are within the case's tolerances, and each set within what the information in all sales
    allows, which tells θ̃ and λ to a standard error of .18, one against the other. No estimate from such data is sharper.
    """
    found = [estimate(table_of(TRUTH, (60000, 12000, 5000, 2000, 700), seed), "m0", starts=1) for seed in (1, 2, 3)]
    away = np.array([one[:5] for one in found]) - np.array(TRUTH)
    near = np.array([0.2, 0.25, 0.03, 0.04, 0.1])
    assert (np.abs(away.mean(axis=0)) < near).all()
    assert (np.abs(away) < 2.5 * np.array([0.18, 0.19, 0.01, 0.036, 0.037])).all()
    assert all(one.moments == 85 and one.objective < 130 and one.ridge < -0.9 for one in found)
    assert [one.theta_sigma_entry for one in found] == pytest.approx([0.8] * 3, abs=0.03)


@pytest.mark.slow
def test_an_estimation_that_was_interrupted_ends_with_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is done is told, kept and not done again."""
    monkeypatch.setattr("cge.firms.shocks.search.RIDGE", (0.4,))
    table = table_of(TRUTH, (1000, 500, 300), 3)
    whole = estimate(table, "m0", seed=3, starts=1, bootstrap=2)
    assert 0 < whole.standard_errors[2] < 0.3

    said: list[str] = []
    made = 0

    def interrupted(data: FirmData, seed: int, number: int) -> FirmData:
        nonlocal made
        made += 1
        if made == 2:
            raise KeyboardInterrupt
        return resampled(data, seed, number)

    path = tmp_path / "firms.journal"
    monkeypatch.setattr("cge.firms.shocks.estimate.resampled", interrupted)
    with pytest.raises(KeyboardInterrupt):
        estimate(table, "m0", seed=3, starts=1, bootstrap=2, journal=path, progress=said.append)
    assert path.is_file()
    assert said[0].startswith("moments from start 1 of 4: θ̃ ")
    assert said[-1].startswith("sample 1 of the bootstrap: θ̃ ")
    monkeypatch.setattr("cge.firms.shocks.estimate.by_moments", pytest.fail)  # it is known
    found = estimate(table, "m0", seed=3, starts=1, bootstrap=2, journal=path)
    assert found == whole
    assert made == 3
    assert not path.exists()


def test_one_processor_finds_what_two_do(monkeypatch: pytest.MonkeyPatch) -> None:
    data = firm_data(table_of(TRUTH, (1000, 400, 250), 2), "m0")
    monkeypatch.setattr("cge.firms.shocks.likelihood.BLOCK", 200)
    by, unknown = grid(data, [TRUTH]), np.concatenate([point_of(TRUTH), np.log([1000.0, 400, 250]), np.log([10.0, 6, 5])])
    one = likelihood(by, shocks_of, unknown)
    with ThreadPoolExecutor(2) as pool:
        two = likelihood(by, shocks_of, unknown, spread=pool.map)
    assert one.value == two.value
    assert (one.slope == two.slope).all()
    assert (one.information == two.information).all()


def test_the_ridge_is_said() -> None:
    found = Estimate(2.4, 0.2, 0.8, 0.34, -0.3, 78.0, 85, (0.2, 0.1, 0.01, 0.02, 0.03), -0.95, 0.816, TRUTH, (80.0,))
    assert "θ̃·σ_h = 0.816" in found.note
    assert "θ̃ only to ±0.2" in found.note
    assert found._replace(ridge=0.1).note == ""


# --- input -------------------------------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        shock_economy(1.0, Shocks(1.0, 0.0, -1.0, np.nan, 1.0), [1.0], [1.0, -1.0], [[1, 0.5], [1, 1]], [[1, 1], [1, 0]], ["a"])
    words = ("theta", "convexity", "sigma_demand", "sigma_entry", "correlation", "sigma = 1", "labour: -1", "technology: shape", "iceberg: 0.5",
             "market_cost: 0", "names")  # fmt: skip
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * len(words)
    with pytest.raises(DataError) as raised:
        penetration_cost(1.5, 0.0)
    assert len(raised.value.faults) == 2
    economy = four()
    with pytest.raises(DataError, match="not a country"):
        simulate_firms(economy, shock_equilibrium(economy), "5")
    with pytest.raises(DataError, match="at least one draw"):
        simulate_firms(economy, shock_equilibrium(economy), "1", 0)


def test_faults_of_a_table() -> None:
    """All at once, those of the options with them."""
    rows = pd.DataFrame({
        "firm": [1, 1, 1, 2, None, 3], "market": ["a", "a", "b", "b", "b", "b"], "sales": [1.0, 2.0, -1.0, np.nan, 1.0, "x"],
        "weight": [1.0, 1.0, 2.0, 1.0, 0.0, 1.0],
    })  # fmt: skip
    words = (
        "starts = 9", "bootstrap = 1", "sales: 3 rows are not positive numbers, the first row 2 (-1.0)", "weight: 1 rows are not positive",
        "firm: 1 rows are empty, the first row 4", "firm 1.0 stands 2 times in market a", "weight: firm 1.0 has several", "1 foreign markets",
    )  # fmt: skip
    with pytest.raises(DataError) as raised:
        estimate(rows, "a", starts=9, bootstrap=1)
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * len(words)
    good = pd.DataFrame({"firm": [1, 1, 1, 2, 3], "market": ["a", "b", "c", "a", "d"], "sales": 1.0})
    with pytest.raises(DataError, match="no firm sells both in d and in a; leave d out"):
        firm_moments(good, "a")
    with pytest.raises(DataError, match="nobody sells in e"):
        firm_moments(good, "e")
    with pytest.raises(DataError, match="no column market"):
        firm_moments(good[["firm", "sales"]], "a")
    many = pd.DataFrame({"firm": 1, "market": [f"m{n}" for n in range(14)], "sales": 1.0})
    with pytest.raises(DataError, match="13 foreign markets, but sets of at most 12"):
        firm_moments(many, "m0")


def test_figure_shows_deciles() -> None:
    economy = four()
    table = deciles(economy, shock_equilibrium(economy), shock_equilibrium(four(cheaper=0.9)), "1", 1 << 12)
    ax = deciles_figure(table)
    heights = [bar.get_height() for bar in ax.patches]
    assert_allclose(heights[10:], 100 * table["exit_share"].iloc[:10])
    with pytest.raises(DataError, match="no column exit_share"):
        deciles_figure(table.drop(columns="exit_share"))
