"""Export costs that are sunk (chapter, section 9.3): worked cases, values on grids, Marshall's limits, simulated firms, a path with its horizon."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from validation import Validate
from worked import cases, meet

from cge.errors import DataError
from cge.firms import (
    SunkIndustry,
    export_band,
    export_thresholds,
    exporters_along,
    log_normal,
    pareto,
    sunk_state,
    sunk_transition,
    transition_figure,
)

Array = NDArray[np.float64]

CASES = cases("dynamics")
LEVELS = np.exp([-0.4, -0.2, 0.0, 0.2, 0.4])
CHAIN = np.array(
    [[0.85, 0.15, 0, 0, 0], [0.075, 0.85, 0.075, 0, 0], [0, 0.075, 0.85, 0.075, 0], [0, 0, 0.075, 0.85, 0.075], [0, 0, 0, 0.15, 0.85]]
)
BASE = SunkIndustry(4.0, 6.0, 12.0, 10.0, 2, 1.5, 0.08, 0.96, 1.0, 1.25, 0.3, 0.3, 24, 8)


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


# --- the band of inaction ----------------------------------------------------------------------------------------------------------------------


def test_worked_bands(validate: Validate) -> None:
    title, table = case("D3")
    bands = {row: export_band(0.0, float(row.split("=")[1]), 0.1, 1.0, 2.0) for row in table}
    meet(validate, title, table, {row: [band.leave, band.enter, band.enter / band.leave] for row, band in bands.items()})


@pytest.mark.parametrize(
    ("drift", "volatility", "r", "S", "K"), [(0.0, 0.2, 0.1, 2.0, 0.0), (0.03, 0.15, 0.1, 1.0, 3.0), (-0.02, 0.15, 0.12, 5.0, 5.0)]
)
def test_bands_from_values_on_a_grid(drift: float, volatility: float, r: float, S: float, K: float) -> None:
    """A firm in short periods on a grid of ln x, without a word of smooth pasting: to the grid's spacing."""
    band = export_band(drift, volatility, r, 1.0, S, K)
    step = 0.02
    dt = (step / volatility) ** 2 / 2  # half of all periods nothing moves
    x = np.exp(np.arange(-300, 301) * step)
    up = 0.25 + (drift - volatility**2 / 2) * dt / (2 * step)
    down = 0.5 - up
    beta, inside, outside = np.exp(-r * dt), x / (r - drift) - 1 / r, np.zeros_like(x)

    def ahead(value: Array) -> Array:
        padded = np.concatenate([[value[0]], value, [2 * value[-1] - value[-2]]])
        return beta * (up * padded[2:] + down * padded[:-2] + 0.5 * value)

    for _ in range(6000):
        stay_in, stay_out = (x - 1) * dt + ahead(inside), ahead(outside)
        inside, outside = np.maximum(stay_in, stay_out - K), np.maximum(stay_out, stay_in - S)
    assert_allclose(x[stay_in - stay_out >= S][0], band.enter, rtol=0.025)
    assert_allclose(x[stay_in - stay_out >= -K][0], band.leave, rtol=0.025)


def test_without_uncertainty_the_band_is_marshalls() -> None:
    """[f − rK, f + rS] and not empty; as sunk costs vanish both ends go to f, but like S^(1/3)."""
    assert export_band(0.0, 0.0, 0.1, 1.0, 2.0, 3.0) == pytest.approx((0.7, 1.2))
    assert export_band(0.0, 1e-4, 0.1, 1.0, 2.0, 3.0) == pytest.approx((0.7, 1.2), rel=1e-3)
    assert export_band(0.02, 0.3, 0.1, 1.0, 0.0, 0.0) == (1.0, 1.0)
    assert export_band(0.0, 0.2, 0.1, 1.0, 1e-6) == pytest.approx((0.9969, 1.0031), abs=5e-5)
    widths = [np.log(b.enter / b.leave) for b in (export_band(0.0, 0.2, 0.1, 1.0, S) for S in (1e-6, 1e-3))]
    assert widths[1] / widths[0] == pytest.approx(10, rel=0.02)  # a cost a thousand times as high


def test_a_firm_never_leaves_where_that_costs_as_much_as_staying() -> None:
    for K, leaves in ((9.99, True), (10.0, False), (30.0, False)):
        assert (export_band(0.0, 0.2, 0.1, 1.0, 2.0, K).leave > 0) == leaves
    assert export_band(0.0, 0.2, 0.1, 1.0, 2.0, 10.0 - 1e-6).enter == pytest.approx(
        export_band(0.0, 0.2, 0.1, 1.0, 2.0, 10.0).enter, rel=1e-4
    )


# --- discrete time -----------------------------------------------------------------------------------------------------------------------------


def test_worked_thresholds(validate: Validate) -> None:
    title, table = case("D4 five")
    found = export_thresholds(LEVELS, CHAIN, 0.864, 1.0, 4.0)
    meet(validate, title, table, found._asdict())
    title, table = case("D4 hyst")
    share = exporters_along(found, [2, 4, 2], pareto(4.25), 4.0)["exporters"]
    meet(validate, title, table, {"before": share[0], "after": share[2], "ratio": share[2] / share[0]})


@pytest.mark.parametrize("seed", range(4))
def test_thresholds_by_value_iteration(seed: int) -> None:
    """Values in and out of a firm just above and just below each threshold, for any chain."""
    rng = np.random.default_rng(seed)
    e, chain = np.exp(rng.uniform(-0.5, 0.5, 4)), rng.dirichlet(np.ones(4), 4)
    f, S, d = 1.0, float(rng.uniform(0.1, 6)), 0.9
    found = export_thresholds(e, chain, d, f, S)
    assert (found.leave < found.enter).all()

    def in_less_out(kappa: float) -> Array:
        inside, outside = np.zeros(4), np.zeros(4)
        for _ in range(400):
            stay, away = kappa * e - f + d * chain @ inside, d * chain @ outside
            inside, outside = np.maximum(stay, away), np.maximum(away, stay - S)
        return np.asarray(stay - away)

    for j in range(4):
        for kappa, wanted in ((found.enter[j], S), (found.leave[j], 0.0)):
            assert in_less_out(kappa * (1 - 1e-6))[j] < wanted < in_less_out(kappa * (1 + 1e-6))[j]


def test_without_uncertainty_thresholds_are_marshalls() -> None:
    found = export_thresholds([0.8, 1.25], np.eye(2), 0.9, 1.0, 3.0)
    assert_allclose(found.enter * [0.8, 1.25], 1 + 0.1 * 3, rtol=1e-12)
    assert_allclose(found.leave * [0.8, 1.25], 1, rtol=1e-12)
    none = export_thresholds(LEVELS, CHAIN, 0.9, 1.0, 0.0)
    assert_allclose(none.enter, none.leave, rtol=1e-10)


def test_exporters_do_not_come_back_with_demand() -> None:
    """Up and back leaves more exporters, down and back fewer; without sunk costs as many. Many firms, each by its own rule, say the same."""
    found = export_thresholds(LEVELS, CHAIN, 0.864, 1.0, 4.0)
    path = [3, 4, 3, 1, 0, 1, 3, 2]
    table = exporters_along(found, path, log_normal(0.4), 4.0)
    kappa = np.exp(0.4 * np.random.default_rng(0).standard_normal(200_000)) ** 3
    abroad = np.zeros(len(kappa), dtype=bool)
    for j, share in zip(path, table["exporters"], strict=True):
        abroad = np.where(abroad, kappa >= found.leave[j], kappa >= found.enter[j])
        assert abs(abroad.mean() - share) < 4 * np.sqrt(share * (1 - share) / len(kappa))
    assert table["exporters"][2] > table["exporters"][0]
    free = export_thresholds(LEVELS, CHAIN, 0.864, 1.0, 0.0)
    back = exporters_along(free, [2, 4, 2], pareto(4.25), 4.0, scale=0.5)["exporters"]
    assert_allclose(back[0], back[2], rtol=1e-9)


# --- a path ------------------------------------------------------------------------------------------------------------------------------------


def test_worked_path(validate: Validate) -> None:
    title, table = case("D10")
    found = sunk_transition(BASE, 1.3, 150)
    at = found.paths.sel(period=[int(t) for t in table["periods"]])
    words = {"B": "demand", "C": "consumption"} | {word: word for word in ("domestic_share", "exporters", "firms", "entrants")}
    here = {f"{age}_{row}": getattr(found, state) for age, state in (("old", "before"), ("new", "after")) for row in words}
    here = {key: getattr(state, words[key.split("_", 1)[1]]) for key, state in here.items()}
    here |= {row: at[row] for row in ("entrants", "exporters", "firms", "domestic_share")}
    here |= {"periods": at["period"], "C_over_old": at["welfare_ratio"]}
    here |= {row: getattr(found, row) for row in ("gain_with_transition_pct", "gain_steady_states_pct")}
    here["trade_elasticity_then_long_run"] = [*at["trade_elasticity"].to_numpy(), found.long_run_elasticity]
    meet(validate, title, table, here)
    # trade reacts gradually, and the horizon does not matter
    assert (np.diff(found.paths["trade_elasticity"][:15]) > 0).all()
    shorter = sunk_transition(BASE, 1.3, 110)
    assert_allclose(found.paths["welfare_ratio"][:20], shorter.paths["welfare_ratio"][:20], rtol=1e-12)
    gap = np.abs(shorter.paths["welfare_ratio"] / found.paths["welfare_ratio"][:110] - 1).max()
    assert gap < 1e-7
    # beyond the shorter path the state is nearly reached, so that doubling it says what another forty periods do
    assert float(gap) == pytest.approx(shorter.horizon_gap, rel=0.02)
    assert found.horizon_gap < shorter.horizon_gap < 1e-7


def test_no_change_leaves_the_stationary_state() -> None:
    found = sunk_transition(replace(BASE, risk_aversion=2.0), 1.5, 12)
    assert_allclose(found.paths["welfare_ratio"], 1, rtol=1e-12)
    assert_allclose(found.paths["exporters"], found.before.exporters, rtol=1e-12)
    assert np.isnan(found.long_run_elasticity)


def test_all_export_where_beginning_costs_next_to_nothing() -> None:
    state = sunk_state(replace(BASE, start_cost=1e-9))
    assert_allclose(state.exporters, state.firms, rtol=1e-12)
    assert_allclose(state.domestic_share, 1 / (1 + 1.5**-3), rtol=1e-9)
    none = sunk_state(replace(BASE, start_cost=1e9))
    assert none.exporters < 1e-6


def test_values_and_simulated_firms_of_the_stationary_state() -> None:
    """Free entry from values by iteration in and out; and 3,000 entrants a period that draw their costs: the share of exporters to one per cent."""
    state, rng = sunk_state(BASE), np.random.default_rng(0)
    q, chain, size = BASE.discount * (1 - BASE.death), BASE.moves, BASE.sizes
    assert_allclose(chain.sum(axis=1), 1)
    assert_allclose(state.value, state.demand * size + q * chain @ state.value, rtol=1e-12)
    assert_allclose(q * (state.value + state.waiting)[BASE.entry], BASE.entry_cost, rtol=1e-12)
    gain = state.export_value - q * chain @ state.waiting
    steps, abroad = np.zeros(0, dtype=int), np.zeros(0, dtype=bool)
    for _ in range(150):
        steps, abroad = np.append(steps, np.full(3000, BASE.entry)), np.append(abroad, np.zeros(3000, dtype=bool))
        abroad |= rng.random(len(steps)) * BASE.start_cost <= gain[steps]
        share, lives = abroad.mean(), rng.random(len(steps)) >= BASE.death
        move = rng.random(len(steps))
        steps = np.clip(steps + (move < BASE.up) - (move > 1 - BASE.down), 0, BASE.top)[lives]
        abroad = abroad[lives]
    assert_allclose(share, state.exporters / state.firms, rtol=0.01)


# --- input -------------------------------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        export_band(0.1, -1.0, 0.05, 0.0, -1.0, float("nan"))
    assert len(raised.value.faults) == 5
    with pytest.raises(DataError, match="no drift"):
        export_band(0.01, 0.0, 0.1, 1.0, 1.0)
    with pytest.raises(DataError) as raised:
        export_thresholds([1.0, -1.0], [[1.0]], 1.0, 0.0, -1.0)
    assert len(raised.value.faults) == 5
    with pytest.raises(DataError, match="add up to one"):
        export_thresholds([1.0, 2.0], [[0.5, 0.4], [0, 1]], 0.9, 1.0, 1.0)
    with pytest.raises(DataError) as raised:
        exporters_along(export_thresholds([1.0], [[1.0]], 0.9, 1.0, 1.0), [0, 1], pareto(4.25), 1.0)
    assert len(raised.value.faults) == 2
    with pytest.raises(DataError) as raised:
        SunkIndustry(1.0, 0.0, 0.0, 0.0, 1, 0.9, 0.0, 1.0, 0.0, 1.0, 0.7, 0.7, 3, 4)
    assert len(raised.value.faults) == 12
    with pytest.raises(DataError) as raised:
        sunk_transition(BASE, 0.9, 1)
    assert len(raised.value.faults) == 2
    with pytest.raises(DataError, match="give more"):
        sunk_transition(BASE, 1.3, 20)


@pytest.mark.slow
def test_figure_shows_a_path() -> None:
    found = sunk_transition(BASE, 1.4, 90)
    ax = transition_figure({"sunk": found}, "trade_elasticity", periods=30)
    assert_allclose(ax.lines[0].get_ydata(), found.paths["trade_elasticity"][:30])
