"""Two countries that differ, no outside good (chapter, section 5.7): worked case 5, the curves of figure 1.4, the small open economy."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from validation import Validate
from worked import compare

from cge.errors import DataError
from cge.firms import OpenEconomy, abroad, curves, curves_figure, log_normal, open_equilibrium, pareto, small_open_economy
from cge.firms.two_countries import competitiveness, state, trade_balance

Array = NDArray[np.float64]

NINE = 1e-9
COSTS: dict[str, Any] = {
    "sigma": 4.0, "labour": [100, 60], "entry_cost": [0.5, 0.6], "fixed_cost": [[1, 1.4], [1.5, 1.1]], "iceberg": [[1, 1.5], [1.6, 1]],
}  # fmt: skip
WORLDS = {
    "Pareto": OpenEconomy((pareto(4.25), pareto(4.25, 1.05)), **COSTS),
    "log-normal": OpenEconomy((log_normal(0.4), log_normal(0.4, 0.05)), **COSTS),
}
CELLS = {"tau_12": ("iceberg", (0, 1)), "tau_21": ("iceberg", (1, 0)), "f_12": ("fixed_cost", (0, 1)), "f_21": ("fixed_cost", (1, 0))}


def cheaper(economy: OpenEconomy, cost: str, factor: float = 0.9) -> OpenEconomy:
    """One cost times a factor; the base for an unknown word."""
    if cost not in CELLS:
        return economy
    name, cell = CELLS[cost]
    array = np.array(getattr(economy, name))
    array[cell] *= factor
    return replace(economy, **{name: array})


BOTH: dict[str, dict[str, list[float]]] = {
    "Pareto": {
        "wage w_1": [1.012219818, 0.9683309172, 1.054468148],
        "cutoff φ*_11": [1.479535286, 1.488154019, 1.486201199],
        "cutoff φ*_22": [1.54800654, 1.560789373, 1.56424479],
        "cutoff φ*_21": [2.791421461, 2.652948816, 2.680883991],
        "cutoff φ*_12": [2.442827593, 2.345988781, 2.323629728],
        "entrants M_E1": [35.29411765, 35.29411765, 35.29411765],
        "entrants M_E2": [17.64705882, 17.64705882, 17.64705882],
        "producing firms M_11": [6.678357881, 6.515516246, 6.55197902],
        "producing firms M_22": [3.389943751, 3.273509323, 3.242886931],
        "domestic share of 1": [0.9082566719, 0.8861102095, 0.8910691467],
        "domestic share of 2": [0.8452259751, 0.8161949912, 0.8085598082],
        "welfare U_1": [3.244640565, 3.263541562, 3.259259001],
        "welfare U_2": [2.773747428, 2.79665195, 2.802843432],
    },
    "log-normal": {
        "wage w_1": [0.990908053, 0.9509490817, 1.034014663],
        "cutoff φ*_11": [1.25546721, 1.260177074, 1.259361888],
        "cutoff φ*_22": [1.305391916, 1.313358151, 1.314763424],
        "cutoff φ*_21": [2.288081923, 2.17910939, 2.195222577],
        "cutoff φ*_12": [2.132528455, 2.035158963, 2.021074024],
        "entrants M_E1": [30.72589922, 30.47989146, 30.52005598],
        "entrants M_E2": [15.3453909, 15.19918871, 15.17594665],
        "producing firms M_11": [8.749393471, 8.582770747, 8.610754049],
        "producing firms M_22": [4.514073602, 4.39173521, 4.371165163],
        "domestic share of 1": [0.9391843032, 0.917416323, 0.9210778585],
        "domestic share of 2": [0.8995620605, 0.8691118803, 0.8639889141],
        "welfare U_1": [2.753256293, 2.763585088, 2.761797375],
        "welfare U_2": [2.339025951, 2.353300001, 2.355817996],
    },
}
"""Worked case 5: base, τ_12 × 0.9, τ_21 × 0.9, both countries responding."""

SMALL: dict[str, dict[str, list[float]]] = {
    "Pareto": {
        "wage w_1": [1.012219818, 0.9717912783, 1.059241045, 1.016717812],
        "cutoff φ*_11": [1.479535286, 1.488822942, 1.487011812, 1.480202524],
        "cutoff φ*_21": [2.791421461, 2.643765684, 2.669077653, 2.711067794],
        "cutoff φ*_12": [2.442827593, 2.33590676, 2.310939741, 2.42952386],
        "entrants M_E1": [35.29411765, 35.29411765, 35.29411765, 35.29411765],
        "exports": [9.286441492, 11.23202105, 11.75688197, 9.504490309],
        "imports": [9.286441492, 11.23202105, 11.75688197, 9.504490309],
        "welfare U_1": [3.244640565, 3.265008518, 3.261036686, 3.246103828],
    },
    "log-normal": {
        "wage w_1": [0.990908053, 0.9528403885, 1.036453186, 0.9989257723],
        "cutoff φ*_11": [1.25546721, 1.260571285, 1.259800844, 1.2562736],
        "cutoff φ*_21": [2.288081923, 2.171637351, 2.186431404, 2.232983702],
        "cutoff φ*_12": [2.132528455, 2.030409548, 2.015438629, 2.11109226],
        "entrants M_E1": [30.72589922, 30.46079226, 30.49831455, 30.70041811],
        "exports": [6.026276371, 8.036236547, 8.384790339, 6.39996655],
        "imports": [6.026276371, 8.036236547, 8.384790339, 6.39996655],
        "welfare U_1": [2.753256293, 2.764449598, 2.762760011, 2.755024717],
    },
}
"""Worked case 5, country 1 small: base, τ_12, τ_21, f_21 × 0.9."""


HEADINGS = {"base": "base", "tau_12": "τ_12 × 0.9", "tau_21": "τ_21 × 0.9", "f_21": "f_21 × 0.9"}
PLACE = "Case 5. Two asymmetric countries without an outside good, {}: {}"


@pytest.mark.parametrize("name", WORLDS)
def test_both_countries_respond(name: str, validate: Validate) -> None:
    costs = ["base", "tau_12", "tau_21"]
    found = [open_equilibrium(cheaper(WORLDS[name], cost)) for cost in costs]
    got = {
        "wage w_1": [e.wage[0] for e in found],
        "cutoff φ*_11": [e.cutoff[0, 0] for e in found],
        "cutoff φ*_22": [e.cutoff[1, 1] for e in found],
        "cutoff φ*_21": [e.cutoff[1, 0] for e in found],
        "cutoff φ*_12": [e.cutoff[0, 1] for e in found],
        "entrants M_E1": [e.entrants[0] for e in found],
        "entrants M_E2": [e.entrants[1] for e in found],
        "producing firms M_11": [e.sellers[0, 0] for e in found],
        "producing firms M_22": [e.sellers[1, 1] for e in found],
        "domestic share of 1": [e.trade_share[0, 0] for e in found],
        "domestic share of 2": [e.trade_share[1, 1] for e in found],
        "welfare U_1": [e.welfare[0] for e in found],
        "welfare U_2": [e.welfare[1] for e in found],
    }
    compare(validate, PLACE.format(name, "both respond"), [HEADINGS[cost] for cost in costs], BOTH[name], got)


OF_SMALL = {
    "wage w_1": "wage",
    "cutoff φ*_11": "cutoff_11",
    "cutoff φ*_21": "cutoff_21",
    "cutoff φ*_12": "cutoff_12",
    "entrants M_E1": "entrants_1",
    "exports": "exports",
    "imports": "imports",
    "welfare U_1": "welfare",
}


@pytest.mark.parametrize("name", WORLDS)
def test_country_1_is_small(name: str, validate: Validate) -> None:
    found = [small_open_economy(cheaper(WORLDS[name], cost), abroad(WORLDS[name])) for cost in HEADINGS]
    got = {row: [getattr(state, word) for state in found] for row, word in OF_SMALL.items()}
    compare(validate, PLACE.format(name, "country 1 small"), list(HEADINGS.values()), SMALL[name], got)


@pytest.mark.parametrize("name", WORLDS)
def test_the_curves_cross_in_the_equilibrium(name: str) -> None:
    economy = WORLDS[name]
    found, given = open_equilibrium(economy), abroad(economy)
    for here in (None, given):
        assert_allclose(competitiveness(economy, found.wage[0], here), found.cutoff[1, 0], rtol=1e-9)
        assert_allclose(trade_balance(economy, found.wage[0], here), found.cutoff[1, 0], rtol=1e-9)
    both = state(economy, found.wage[0], found.cutoff[1, 0])
    assert_allclose([both.entrants_1, both.entrants_2], found.entrants, rtol=1e-9)
    assert_allclose([both.exports, both.imports], [found.flow[1, 0], found.flow[0, 1]], rtol=1e-9)
    small = small_open_economy(economy, given)
    assert_allclose(small, both, rtol=1e-9)


WAGES = np.linspace(0.9, 1.1, 5)


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("small", [False, True])
def test_competitiveness_rises_and_trade_balance_falls(name: str, small: bool) -> None:
    """Section 5.7, (18) and (19); the slope of (18) has the sign of 1 − (X_12/X_22)(X_21/X_11)."""
    economy = WORLDS[name]
    table = curves(economy, WAGES, abroad(economy) if small else None)
    assert (np.diff(table["competitiveness"]) > 0).all()
    assert (np.diff(table["trade_balance"]) < 0).all()
    flow = open_equilibrium(economy).flow
    assert flow[0, 1] / flow[1, 1] * flow[1, 0] / flow[0, 0] < 1


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("cost", ["tau_12", "f_12"])
def test_own_liberalisation_of_a_small_country(name: str, cost: str) -> None:
    """Section 5.7: competitiveness stays, trade balance shifts inwards; w_1 and φ*_21 fall, φ*_11 and welfare rise."""
    economy, given = WORLDS[name], abroad(WORLDS[name])
    old, new = small_open_economy(economy, given), small_open_economy(cheaper(economy, cost), given)
    assert new.wage < old.wage
    assert new.cutoff_21 < old.cutoff_21
    assert new.cutoff_11 > old.cutoff_11
    assert new.welfare > old.welfare
    before, after = curves(economy, WAGES, given), curves(cheaper(economy, cost), WAGES, given)
    assert_allclose(after["competitiveness"], before["competitiveness"], rtol=1e-12)
    assert (after["trade_balance"] < before["trade_balance"]).all()


@pytest.mark.parametrize("name", WORLDS)
def test_foreign_liberalisation_towards_a_small_country(name: str) -> None:
    """Section 5.7: competitiveness shifts outwards, trade balance stays; w_1 rises, φ*_21 falls, φ*_11 and welfare rise."""
    economy, given = WORLDS[name], abroad(WORLDS[name])
    old, new = small_open_economy(economy, given), small_open_economy(cheaper(economy, "tau_21"), given)
    assert new.wage > old.wage
    assert new.cutoff_21 < old.cutoff_21
    assert new.cutoff_11 > old.cutoff_11
    assert new.welfare > old.welfare
    before, after = curves(economy, WAGES, given), curves(cheaper(economy, "tau_21"), WAGES, given)
    assert (after["competitiveness"] < before["competitiveness"]).all()  # the same wage goes with a lower cutoff
    assert_allclose(after["trade_balance"], before["trade_balance"], rtol=1e-9)


@pytest.mark.parametrize("name", WORLDS)
def test_a_lower_foreign_fixed_cost_shifts_both_curves(name: str) -> None:
    economy, given = WORLDS[name], abroad(WORLDS[name])
    before, after = curves(economy, WAGES, given), curves(cheaper(economy, "f_21"), WAGES, given)
    for column in before:
        assert (np.abs(after[column] / before[column] - 1) > 1e-3).all()


@pytest.mark.parametrize("name", WORLDS)
@pytest.mark.parametrize("cost", ["tau_12", "tau_21"])
@pytest.mark.parametrize("small", [False, True])
def test_cheaper_trade_either_way_raises_welfare_without_an_outside_good(name: str, cost: str, small: bool) -> None:
    """End of section 5.7. Entry is pressed, not increased: M_E1 is constant under Pareto (22), and falls under log-normal."""
    economy = WORLDS[name]
    if small:
        given = abroad(economy)
        old, new = small_open_economy(economy, given), small_open_economy(cheaper(economy, cost), given)
        welfare, entrants = new.welfare / old.welfare, new.entrants_1 / old.entrants_1
    else:
        before, after = open_equilibrium(economy), open_equilibrium(cheaper(economy, cost))
        welfare, entrants = after.welfare[0] / before.welfare[0], after.entrants[0] / before.entrants[0]
    assert welfare > 1
    if name == "Pareto":
        assert_allclose(entrants, 1, rtol=1e-10)
    else:
        assert entrants < 1


def test_closed_forms_under_pareto() -> None:
    """Wages from balanced trade and (23), entrants (22), cutoffs (25), welfare (24): no cutoff is solved for."""
    economy, k = WORLDS["Pareto"], 4.25
    found = open_equilibrium(economy)
    size = economy.labour / economy.entry_cost * np.array([1.0, 1.05]) ** k
    weight = size * economy.iceberg**-k * found.wage ** -(k * 4 / 3 - 1) * economy.fixed_cost ** (1 - k / 3)
    share = weight / weight.sum(axis=1, keepdims=True)
    assert_allclose(found.trade_share, share, rtol=NINE)
    assert_allclose(share.T @ (found.wage * economy.labour), found.wage * economy.labour, rtol=NINE)
    assert_allclose(found.entrants, 3 * economy.labour / (k * 4 * economy.entry_cost), rtol=NINE)
    f, own = np.diagonal(economy.fixed_cost), np.diagonal(share)
    cutoff = (3 / (k - 3) * f / economy.entry_cost / own) ** (1 / k) * np.array([1.0, 1.05])
    assert_allclose(np.diagonal(found.cutoff), cutoff, rtol=NINE)
    assert_allclose(found.welfare, 3 / 4 * (economy.labour / (4 * f)) ** (1 / 3) * cutoff, rtol=NINE)


def test_where_a_curve_has_no_point() -> None:
    """At a wage so high that foreign exports earn more than the entry cost, free entry cannot hold in both countries."""
    assert np.isnan(competitiveness(WORLDS["Pareto"], 10.0))


def test_figure() -> None:
    economy, given = WORLDS["log-normal"], abroad(WORLDS["log-normal"])
    tables = {"base": curves(economy, WAGES, given), "cheaper imports": curves(cheaper(economy, "tau_12"), WAGES, given)}
    ax = curves_figure(tables)
    drawn = [line for line in ax.get_lines() if len(np.asarray(line.get_xdata()))]
    assert len(drawn) == 4
    for line, (label, column) in zip(drawn, [(t, c) for t in tables for c in ("competitiveness", "trade_balance")], strict=True):
        assert_allclose(line.get_xdata(), WAGES)
        assert_allclose(line.get_ydata(), tables[label][column])
    legend = ax.get_legend()
    assert legend is not None
    assert [text.get_text() for text in legend.get_texts()] == ["Competitiveness", "Trade balance", "base", "cheaper imports"]
    ax.figure.savefig(BytesIO(), format="pdf")
    box, page = ax.get_tightbbox(), ax.figure.get_window_extent()
    assert box is not None
    assert page.x0 <= box.x0 < box.x1 <= page.x1
    assert curves_figure(tables, ax) is ax


def test_faults() -> None:
    three = OpenEconomy(pareto(5.0), 4.0, [1, 1, 1], 0.5, np.ones((3, 3)), np.where(np.eye(3), 1, 1.5))
    with pytest.raises(DataError, match="two countries"):
        curves(three, [1.0])
    with pytest.raises(DataError, match="no outside good"):
        abroad(replace(WORLDS["Pareto"], spending_share=0.5))
    with pytest.raises(DataError, match="wage must be positive"):
        curves(WORLDS["Pareto"], [0.0])
    economy, given = cheaper(cheaper(WORLDS["Pareto"], "f_21", 0.1), "tau_21", 0.63), abroad(WORLDS["Pareto"])
    with pytest.raises(DataError, match="rather export"):
        small_open_economy(economy, given)
