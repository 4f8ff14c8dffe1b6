"""Entry and demand shocks (chapter, section 6.4): worked cases, a firm's own search, simulated firms, moments, and parameters that are recovered."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import integrate, optimize
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
from cge.firms.shocks.estimate import missed, model, point_of, ridge, shocks_of, simulated, standard_errors
from cge.firms.shocks.moments import cuts, firm_data, moments, names
from cge.firms.shocks.simulate import draws

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
    assert len(data.sales) == len(at_home) < len(wide)
    assert len(set(names(data.markets))) == 85
    shuffled = table.sample(frac=1, random_state=0).assign(sales=lambda t: 7 * t["sales"])
    pd.testing.assert_series_equal(firm_moments(shuffled, "m0"), found)  # neither order nor units matter


def test_the_simulators_own_draws_are_met_at_the_truth_alone() -> None:
    """F9: the objective is zero at the truth, and larger on both sides in every parameter."""
    table = table_of(TRUTH, (6000, 1200, 500, 200, 70), 4)
    m = model(firm_data(table, "m0"), draws(1 << 14, 5, 0))
    own = simulated(m, TRUTH)
    by = cuts(own)
    m = m._replace(by=by, wanted=moments(own, by)[0])
    at = point_of(TRUTH)
    assert_allclose(missed(m, at), 0, atol=1e-9)
    assert shocks_of(at) == pytest.approx(TRUTH)
    for change in (0.1, -0.1):
        for moved in (
            TRUTH._replace(theta=TRUTH.theta + change), TRUTH._replace(convexity=TRUTH.convexity + change),
            TRUTH._replace(sigma_demand=TRUTH.sigma_demand + change), TRUTH._replace(sigma_entry=TRUTH.sigma_entry + change / 2),
            TRUTH._replace(correlation=TRUTH.correlation + change),
        ):  # fmt: skip
            assert (missed(m, point_of(moved)) ** 2).sum() > 1


@pytest.mark.slow
def test_what_independent_data_tell() -> None:
    """60,000 home sellers: the model fits as it should, and σ_a, ρ and θ̃σ_h are those of the truth; θ̃ and λ lie on a ridge."""
    found = estimate(table_of(TRUTH, (60000, 12000, 5000, 2000, 700), 1), "m0")
    assert found.moments == 85
    assert found.objective < 130
    assert found.sigma_demand == pytest.approx(0.8, abs=0.03)
    assert found.correlation == pytest.approx(-0.3, abs=0.1)
    assert found.theta_sigma_entry == pytest.approx(0.8, abs=0.08)
    assert abs(found.ridge) > 0.8


def test_standard_errors_and_the_ridge() -> None:
    data = firm_data(table_of(TRUTH, (3000, 600, 250, 100, 40), 2), "m0")
    assert (np.array(standard_errors(data, point_of(TRUTH), 2, 0)) > 0).all()
    told = np.random.default_rng(0).standard_normal((85, 5))
    assert abs(ridge(told)) < 0.5
    along = told.copy()
    along[:, 1] = along[:, 0] + 0.05 * told[:, 1]  # moving one or the other does nearly the same
    assert ridge(along) < -0.9
    found = Estimate(2.4, 0.2, 0.8, 0.34, -0.3, 78.0, 85, (np.nan,) * 5, -0.95, 0.816, (80.0,))
    assert "θ̃·σ_h = 0.816" in found.note
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
    rows = pd.DataFrame({"firm": [1, 1, 1, 2], "market": ["a", "a", "b", "b"], "sales": [1.0, 2.0, -1.0, np.nan]})
    with pytest.raises(DataError) as raised:
        firm_moments(rows, "a")
    assert [
        word in fault
        for word, fault in zip(("2 rows are not positive", "stands 2 times", "1 foreign markets"), raised.value.faults, strict=True)
    ]
    assert len(raised.value.faults) == 3
    with pytest.raises(DataError, match="nobody sells in c"):
        firm_moments(rows.iloc[[0, 2]].assign(sales=1.0), "c")
    with pytest.raises(DataError, match="no column market"):
        firm_moments(rows[["firm", "sales"]], "a")
    with pytest.raises(DataError) as raised:
        estimate(rows, "a", starts=9, bootstrap=1)
    assert len(raised.value.faults) == 2


def test_figure_shows_deciles() -> None:
    economy = four()
    table = deciles(economy, shock_equilibrium(economy), shock_equilibrium(four(cheaper=0.9)), "1", 1 << 12)
    ax = deciles_figure(table)
    heights = [bar.get_height() for bar in ax.patches]
    assert_allclose(heights[10:], 100 * table["exit_share"].iloc[:10])
    with pytest.raises(DataError, match="no column exit_share"):
        deciles_figure(table.drop(columns="exit_share"))
