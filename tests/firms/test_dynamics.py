"""Firms in time (chapter, section 9.3): worked cases, the static equilibrium as a limit, shooting as another method, horizons, conditions."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import optimize
from validation import Validate
from worked import cases, meet

from cge.errors import DataError
from cge.firms import Industry, Transition, equilibrium, log_normal, pareto, stationary, transition, transition_figure, truncated_pareto
from cge.firms.dynamics.transition import equivalent

Array = NDArray[np.float64]

CASES = cases("dynamics")
NAMES = {"B": "demand", "M": "firms", "P": "price_index", "U": "welfare"}
BASE = Industry(log_normal(0.4), 4.0, 1.0, 5.0, 100.0, 3, 1.4, 1.3)
DEATH = 0.1


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


# --- stationary ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "discount", "sunk"), [
    ("D1 no discounting, per", 1.0, False), ("D1 no discounting, sunk", 1.0, True), ("D1 beta=.96, per", 0.96, False),
    ("D1 beta=.96, sunk", 0.96, True),
])  # fmt: skip
def test_worked_stationary_states(name: str, discount: float, sunk: bool, validate: Validate) -> None:
    title, table = case(name)
    found = stationary(BASE, DEATH, discount, 1.3 / (1 - discount * (1 - DEATH)) if sunk else None)
    meet(validate, title, table, found._asdict(), **NAMES)


def test_sunk_export_costs_matter_with_discounting_only(validate: Validate) -> None:
    """Cutoffs and B agree always; masses, spending and welfare without discounting beyond death alone: interest on the outlay is income."""
    title, table = case("D2")
    for discount in (1.0, 0.96):
        per, once = stationary(BASE, DEATH, discount), stationary(BASE, DEATH, discount, 1.3 / (1 - discount * (1 - DEATH)))
        for name in ("cutoff", "export_cutoff", "demand"):
            assert_allclose(getattr(per, name), getattr(once, name), rtol=1e-13)
        more = {row: getattr(once, NAMES.get(row, row)) / getattr(per, NAMES.get(row, row)) - 1 for row in table}
        if discount == 1:
            assert_allclose(list(more.values()), 0, atol=1e-13)
            assert_allclose((per.interest_income, once.interest_income), 0, atol=1e-12)
        else:
            meet(validate, title, table, more)


@pytest.mark.parametrize("g", [log_normal(0.4), pareto(4.25), truncated_pareto(3.0, 6.0)])
@pytest.mark.parametrize("costs", [{}, {"countries": 1}, {"fixed_cost": 0.2}, {"home_fixed_cost": 0.0}])
def test_without_discounting_it_is_the_static_industry(g: object, costs: dict[str, float]) -> None:
    """Firm profit replaced by firm value: entry_cost = δ f_E gives everything but entrants, δ and f_E count as a product."""
    industry = replace(BASE, productivity=g, **costs)
    found, same = stationary(industry, DEATH), equilibrium(replace(industry, entry_cost=DEATH * industry.entry_cost))
    for name in ("cutoff", "export_cutoff", "demand", "firms", "average_profit", "price_index", "welfare"):
        assert_allclose(getattr(found, name), getattr(same, name), rtol=1e-12, err_msg=name)
    assert_allclose(found.draws, same.entrants, rtol=1e-12)
    assert_allclose(found.entrants_per_period, DEATH * same.entrants, rtol=1e-12)
    half = stationary(replace(industry, entry_cost=2 * industry.entry_cost), DEATH / 2)
    assert_allclose((half.cutoff, half.welfare), (found.cutoff, found.welfare), rtol=1e-12)


def test_a_cohort_of_simulated_firms() -> None:
    """Profits of a cohort, discounted and thinned by death, pay for entry; with a sunk export cost paid once."""
    discount, sunk = 0.96, 1.3 / (1 - 0.96 * 0.9)
    phi = np.exp(0.4 * np.random.default_rng(0).standard_normal(400_000))
    for cost in (None, sunk):
        found = stationary(BASE, DEATH, discount, cost)
        x = found.demand * phi**3
        each = np.where(phi >= found.export_cutoff, 2 * 1.4**-3.0 * x - (2 * 1.3 if cost is None else 0.0), 0.0)
        value = (np.where(phi >= found.cutoff, x - 1, 0.0) + each) / (1 - discount * 0.9)
        value -= 0.0 if cost is None else np.where(phi >= found.export_cutoff, 2 * cost, 0.0)
        assert abs(value.mean() - 5.0) < 4 * value.std() / np.sqrt(len(phi))


# --- transition ------------------------------------------------------------------------------------------------------------------------------


LIVES = 0.99 * (1 - 0.025)
GM = Industry(pareto(3.4), 3.8, 0.0, 1.0, 1.0, 2, 1.3, 0.235 * (1 - LIVES) / LIVES)
BM = Industry(pareto(4.25), 4.0, 0.05, 1.0, 10.0, 2, 1.4, 0.06)
PATHS: dict[str, tuple[Industry, float, float, float, float, int]] = {
    "D5": (GM, 1.17, 0.025, 0.99, 2.0, 400),
    "D6": (replace(GM, iceberg=1.17), 1.3, 0.025, 0.99, 2.0, 400),
    "D7": (BM, 1.2, 0.05, 0.96, 1.0, 250),
    "D8": (replace(BM, iceberg=1.2), 1.4, 0.05, 0.96, 1.0, 250),
    "D9": (replace(BM, productivity=log_normal(0.4)), 1.2, 0.05, 0.96, 1.0, 250),
}


@cache
def path(name: str) -> Transition:
    return transition(*PATHS[name])


@pytest.mark.parametrize("name", PATHS)
def test_worked_transitions(name: str, validate: Validate) -> None:
    title, table = case(name)
    found = path(name)
    at = found.paths.sel(period=[int(t) for t in table["periods"]])
    old, new = found.before, found.after
    here = {
        "old_C": old.consumption, "new_C": new.consumption, "old_D": old.draws, "new_D": new.draws, "old_entrants": old.entrants,
        "old_exporters_per_draw": old.exporters / old.draws, "old_exporters": old.exporters, "old_domestic_share": old.domestic_share,
        "periods": at["period"], "C_over_old": at["welfare_ratio"], "D_over_old": at["draws"] / old.draws,
        "gain_with_transition_pct": found.gain_with_transition_pct, "gain_steady_states_pct": found.gain_steady_states_pct,
    } | {row: at[row] for row in ("entrants", "exporters", "producers", "cutoff", "domestic_share")}  # fmt: skip
    meet(validate, title, table, here)
    assert found.horizon_gap < 1e-7


def residuals(name: str, log_demand: Array) -> tuple[Array, Array]:
    """The path shot forward from B, period by period, written anew for Pareto: Euler errors and D."""
    i, tau, death, beta, gamma, _ = PATHS[name]
    k, s, f, T = i.productivity.tail_index, i.sigma - 1, i.home_fixed_cost, (i.countries - 1) * tau ** (1 - i.sigma)
    old, draws = path(name).before, path(name).before.draws
    alive, euler, last, stocks = draws, [], None, []

    def above(x: float, power: float) -> float:
        return float(k / (k - power) * max(x, 1.0) ** (power - k))

    for b in np.exp(log_demand):
        home, abroad = (f / b) ** (1 / s), tau * (i.fixed_cost / b) ** (1 / s)
        parts = []
        for low, mass in ((0.0, draws - alive), (old.cutoff, alive)):
            h, x = max(home, low), max(abroad, low)
            variable = b * (above(h, s) + T * above(x, s))
            fixed = f * above(h, 0) + (i.countries - 1) * i.fixed_cost * above(x, 0)
            parts.append((mass, variable, fixed))
        V, fixed = (sum(part[0] * part[j] for part in parts) for j in (1, 2))
        E, profit = i.sigma * V, parts[0][1] - parts[0][2]
        P = i.sigma / s * (i.sigma * b / E) ** (1 / s)
        C = E / P
        if last:
            euler.append(beta * (1 - death) * (C / last[0]) ** -gamma * last[1] / P * (profit + i.entry_cost) / i.entry_cost - 1)
        last = C, P
        stocks.append(draws)
        draws, alive = (1 - death) * (draws + (i.labour - s * V - fixed) / i.entry_cost), (1 - death) * alive
    return np.array(euler), np.array(stocks)


@pytest.mark.parametrize("name", ["D5", "D6", "D7", "D8"])
def test_equations_written_anew_hold_along_the_path(name: str) -> None:
    found = path(name).paths
    euler, stock = residuals(name, np.log(found["demand"].to_numpy()))
    assert_allclose(euler, 0, atol=1e-10)
    assert_allclose(stock, found["draws"], rtol=1e-10)


def test_shooting_finds_the_same_first_period() -> None:
    """B of period 0 from which forward solution ends in the new stationary state, independent of the stacked system (a horizon of 40)."""
    found, length = path("D8"), 40

    def end(first: float) -> float:
        b = [first]
        for _ in range(length):
            guess = optimize.brentq(lambda x: float(residuals("D8", np.array([*b, x]))[0][-1]), b[-1] - 0.5, b[-1] + 0.5, xtol=1e-15)
            b.append(float(guess))
            if abs(b[-1] - b[-2]) > 0.05:
                break
        return b[-1] - np.log(found.after.demand)

    start = float(np.log(found.paths["demand"][0]))
    wide = 1e-4
    assert end(start - wide) * end(start + wide) < 0  # the saddle path lies between


@pytest.mark.parametrize("kind", ["no overhead", "Pareto", "log-normal", "joint"])
def test_no_change_leaves_the_stationary_state(kind: str) -> None:
    industry = {"no overhead": GM, "Pareto": BM, "log-normal": PATHS["D9"][0], "joint": replace(BM, iceberg=1.0, fixed_cost=0.01)}[kind]
    found = transition(industry, industry.iceberg, 0.05, 0.96, 1.5, 20)
    assert_allclose(found.paths["welfare_ratio"], 1, rtol=1e-12)
    assert_allclose(found.paths["draws"], found.before.draws, rtol=1e-12)
    assert abs(found.gain_with_transition_pct) < 1e-9


def test_when_there_is_a_transition() -> None:
    """With a fixed cost of producing and Pareto a fall of τ jumps to the new state, for any β and γ: if some draws do not produce. A rise does not,
    nor does another distribution.
    """
    for beta, gamma in ((0.9, 0.5), (0.98, 4.0)):
        selecting = replace(BM, home_fixed_cost=0.5, fixed_cost=0.6)
        fall = transition(selecting, 1.2, 0.05, beta, gamma, 60).paths
        assert (fall["cutoff"] > 1).all()
        assert_allclose(fall["welfare_ratio"], fall["welfare_ratio"][-1], rtol=1e-12)
    everyone = transition(replace(BM, home_fixed_cost=0.02), 1.2, 0.05, 0.9, 0.5, 60)
    assert (everyone.paths["cutoff"] < 1).all()
    for slow in (path("D8").paths, path("D9").paths, everyone.paths):
        assert abs(float(slow["welfare_ratio"][0] / slow["welfare_ratio"][-1]) - 1) > 0.01


def test_consumption_overshoots_without_overhead() -> None:
    """Profits pay export costs out of a given share of sales: fewer firms in the end, and the gain on the way exceeds that between the ends."""
    found = path("D5")
    assert found.after.draws < found.before.draws
    assert found.gain_with_transition_pct > found.gain_steady_states_pct > 0
    assert (np.diff(found.paths["welfare_ratio"]) < 0).all()
    back = path("D6")
    assert 0 > back.gain_steady_states_pct > back.gain_with_transition_pct


def test_firms_that_do_not_select_decide_on_all_markets_together() -> None:
    """From selection into exporting to none: the same stationary states as the static industry, and a path between them."""
    found = transition(replace(BM, iceberg=1.5, fixed_cost=0.03), 1.0, 0.05, 0.96, 1.0, 200)
    assert found.after.exporters == pytest.approx(found.after.producers, rel=1e-12)
    assert found.paths["export_cutoff"][-1] == pytest.approx(found.after.cutoff, rel=1e-9)
    assert_allclose(found.paths["exporters"], found.paths["producers"], rtol=1e-12)


def test_an_announced_change() -> None:
    """Trade costs fall in period 5, known in period 0: they move before, continuously in the limit of a later date, and less is gained."""
    at_once = path("D9")
    later = transition(*PATHS["D9"], announced=5)
    assert_allclose(later.paths["iceberg"], [1.4] * 5 + [1.2] * 245)
    assert abs(later.paths["welfare_ratio"][0] - 1) > 1e-3
    assert 0 < later.gain_with_transition_pct < at_once.gain_with_transition_pct
    assert later.paths["entrants"][0] != pytest.approx(later.before.entrants, rel=1e-3)
    far = transition(*PATHS["D9"], announced=150)
    assert_allclose(far.paths["welfare_ratio"][0], 1, atol=1e-4)


def test_worth_of_a_path() -> None:
    assert equivalent(np.full(7, 1.02), 1.02, 0.9, 1.0) == pytest.approx(1.02)
    assert equivalent(np.full(7, 1.02), 1.02, 0.9, 3.0) == pytest.approx(1.02)
    assert equivalent(np.array([1.1, 0.9]), 1.0, 0.9, 1.0 + 1e-7) == pytest.approx(
        equivalent(np.array([1.1, 0.9]), 1.0, 0.9, 1.0), rel=1e-6
    )


# --- input and figure ------------------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        stationary(BASE, 0.0, 1.1, -1.0)
    assert [
        word in fault for word, fault in zip(("death = 0", "discount = 1.1", "sunk_export_cost = -1"), raised.value.faults, strict=True)
    ] == [True] * 3
    with pytest.raises(DataError) as raised:
        transition(replace(BM, countries=1), 0.9, 1.0, 1.0, -1.0, 1, 2)
    words = ("death = 1", "discount = 1", "countries = 1", "iceberg_after = 0.9", "risk_aversion = -1", "periods = 1", "announced = 2")
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * 7
    with pytest.raises(DataError, match="give more"):
        transition(*PATHS["D9"][:5], 20)
    with pytest.raises(DataError) as raised:
        transition_figure(dict.fromkeys("abcd", path("D7")), "welfare")
    assert len(raised.value.faults) == 5


def test_entry_that_would_be_negative_is_an_error() -> None:
    """Hardly any firm dies, and trade turns so cheap that far fewer are wanted."""
    with pytest.raises(DataError, match="negative in period 0"):
        transition(replace(GM, iceberg=2.5, fixed_cost=0.02), 1.0, 0.002, 0.99, 0.2, 600)


def test_figure_shows_the_paths() -> None:
    ax = transition_figure({"fall": path("D7"), "rise": path("D8")}, periods=30)
    assert [line.get_label() for line in ax.lines if not line.get_label().startswith("_")] == ["fall", "rise"]
    assert_allclose(ax.lines[2].get_ydata(), path("D8").paths["welfare_ratio"][:30])
