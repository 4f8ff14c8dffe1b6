"""The closed economy: sectors, Krugman's firms and the planner (chapter, sections 3 and 4); worked case 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import optimize
from validation import Validate, within_printed
from worked import SOURCE, compare

from cge.errors import DataError
from cge.firms import (
    Industry,
    Productivity,
    closed_economy,
    degenerate,
    equilibrium,
    firm,
    krugman,
    liberalisation,
    log_normal,
    pareto,
    planner,
    profit_figure,
    truncated_pareto,
)
from cge.firms.productivity import J, inverse_J, tail_moment

Array = NDArray[np.float64]

LABOUR = 100.0
DISTRIBUTIONS = [pareto(4.25), truncated_pareto(4.25, 5.0), log_normal(0.4)]
EACH = pytest.mark.parametrize("G", DISTRIBUTIONS, ids=["Pareto", "truncated", "log-normal"])


def closed(G: Productivity, **changes: Any) -> Industry:
    return replace(Industry(G, 4.0, 1.0, 0.5, LABOUR), **changes)


def open_(G: Productivity, **changes: Any) -> Industry:
    return closed(G, **({"countries": 3, "iceberg": 1.6, "fixed_cost": 1.2} | changes))


# --- sectors -------------------------------------------------------------------------------------------------------------------------------


def test_labour_across_sectors(validate: Validate) -> None:
    """Worked case 1: σ = 3, 6 and a homogeneous good."""
    G = log_normal(0.4)
    found = closed_economy({"low": closed(G, sigma=3.0), "high": closed(G, sigma=6.0)}, {"low": 0.3, "high": 0.5})
    place = "Case 1. Closed economy: labour across sectors that take 0.3, 0.5 and 0.2 of spending"
    compare(
        validate, place, ["σ = 3", "σ = 6", "homogeneous"],
        {"labour share, market": (0.3, 0.5, 0.2), "labour share, planner": (0.36, 0.48, 0.16)},
        {"labour share, market": found.sectors["labour_share"], "labour share, planner": found.sectors["planner_labour_share"]},
    )  # fmt: skip
    gain = "planner's gain in ln U"
    compare(validate, place, ["whole economy"], {gain: 0.01292279358}, {gain: found.planner_gain_log / 100})
    assert_allclose(found.sectors["labour_share"], found.sectors["spending_share"], rtol=1e-12)
    assert list(found.sectors.index) == ["low", "high", "homogeneous"]


def test_the_planners_labour_from_search() -> None:
    """ln U of a planner over labour shares, each sector at its own planner's Q: the same shares and gain, without Q ∝ L^(σ/(σ−1))."""
    sectors = {"a": closed(pareto(4.25), sigma=3.0), "b": closed(log_normal(0.3), sigma=6.0)}
    beta = {"a": 0.3, "b": 0.5}
    found = closed_economy(sectors, beta)
    output = {name: planner(replace(industry, labour=1.0)).output for name, industry in sectors.items()}

    def log_utility(share: Array) -> float:
        values = [
            beta[name] * np.log(output[name] * (share[i] * LABOUR) ** (s.sigma / (s.sigma - 1)))
            for i, (name, s) in enumerate(sectors.items())
        ]
        return float(sum(values) + 0.2 * np.log((1 - share.sum()) * LABOUR))

    for name, industry in sectors.items():  # Q at another size follows the power
        wanted = output[name] * 7 ** (industry.sigma / (industry.sigma - 1))
        assert_allclose(planner(replace(industry, labour=7.0)).output, wanted, rtol=1e-12)
    best = optimize.minimize(lambda x: -log_utility(x), [0.3, 0.5], method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-15})
    assert_allclose(best.x, found.sectors["planner_labour_share"][:2], atol=1e-6)
    assert_allclose(-best.fun - log_utility(np.array([0.3, 0.5])), found.planner_gain_log / 100, atol=1e-12)
    # (13) is what the market's quantities give, less the constant Π β^β of Cobb-Douglas demand
    constant = np.prod(np.array([0.3, 0.5, 0.2]) ** [0.3, 0.5, 0.2])
    assert_allclose(np.exp(log_utility(np.array([0.3, 0.5]))) / LABOUR / constant, found.welfare, rtol=1e-12)


def test_one_sector_is_efficient() -> None:
    found = closed_economy({"all": closed(pareto(4.25))}, {"all": 1.0})
    assert found.planner_gain_log == 0
    assert list(found.sectors.index) == ["all"]
    assert_allclose(found.welfare, equilibrium(closed(pareto(4.25))).welfare, rtol=1e-12)


def test_masses_of_firms_by_sector() -> None:
    """Section 4.2: M_j = β_j L̄/(σ[f_Ej/(1 − G(φ*_j)) + f_j]); sector size moves neither cutoffs nor firms (section 4.1)."""
    sectors = {"a": closed(pareto(4.25), sigma=3.0, entry_cost=0.7), "b": closed(log_normal(0.3), sigma=6.0, home_fixed_cost=1.4)}
    small, large = (closed_economy(sectors, {"a": a, "b": 1 - a}).sectors for a in (0.3, 0.6))
    for name, industry in sectors.items():
        row = small.loc[name]
        wanted = row["spending_share"] * LABOUR / (industry.sigma * (industry.entry_cost / row["survival"] + industry.home_fixed_cost))
        assert_allclose(row["firms"], wanted, rtol=1e-12)
    for column in ("cutoff", "demand", "mean_productivity", "average_profit", "average_revenue"):
        assert_allclose(small[column], large[column], rtol=1e-12)
    assert_allclose(large["entrants"] / small["entrants"], [2.0, 4 / 7], rtol=1e-12)


def test_faults() -> None:
    good = closed(pareto(4.25))
    with pytest.raises(DataError) as fault:
        closed_economy({"a": good, "b": open_(pareto(4.25)), "c": replace(good, labour=1.0)}, {"a": 0.7, "b": 0.6, "d": -0.1})
    said = "\n".join(fault.value.faults)
    for words in ("no share for sector c", "sector d is not", "d = -0.1", "add up to 1.2", "b has countries = 3", "the same in all"):
        assert words in said
    with pytest.raises(DataError, match="positive"):
        degenerate(0.0)


# --- Krugman -------------------------------------------------------------------------------------------------------------------------------


@EACH
def test_krugman_as_the_degenerate_case(G: Productivity) -> None:
    """Section 4.1: the aggregates, and the averages, of firms all of productivity φ̃ with a sunk cost f_E/[1 − G(φ*)]."""
    melitz, alike = equilibrium(closed(G)), equilibrium(krugman(closed(G)))
    for name in ("firms", "price_index", "welfare", "average_revenue", "average_profit", "mean_productivity", "demand"):
        assert_allclose(getattr(alike, name), getattr(melitz, name), rtol=1e-12, err_msg=name)
    assert alike.survival == 1
    one = firm(krugman(closed(G)), alike, melitz.mean_productivity)
    assert_allclose([one.revenue, one.profit], [melitz.average_revenue, melitz.average_profit], rtol=1e-12)
    sigma, cost = 4.0, melitz.average_profit
    assert_allclose(alike.firms, LABOUR / (sigma * (1.0 + cost)), rtol=1e-12)  # Krugman's own formulas
    assert_allclose(alike.price_index, alike.firms ** (1 / (1 - sigma)) * sigma / (sigma - 1) / melitz.mean_productivity, rtol=1e-12)


def test_the_sunk_cost_must_be_per_producing_firm(validate: Validate) -> None:
    """With f_E itself the mass differs (worked cases, conditions)."""
    alike = krugman(closed(log_normal(0.4)))
    wrong = equilibrium(replace(alike, entry_cost=0.5))
    assert_allclose(wrong.firms, LABOUR / (4 * 1.5), rtol=1e-12)
    per_firm, itself = (("producing firms M", f"sunk cost {cost}") for cost in ("f_E/(1 − G(φ*))", "f_E"))
    validate(
        SOURCE, "Case 1. Closed economy: Krugman's firms, of the productivity φ̃ of the log-normal column",
        {per_firm: 9.22, itself: 16.67}, {per_firm: equilibrium(alike).firms, itself: wrong.firms}, within_printed("9.22"),
    )  # fmt: skip


@pytest.mark.parametrize("G", [pareto(4.25), log_normal(0.4)], ids=["Pareto", "log-normal"])
def test_krugmans_firms_in_trade_are_the_closed_twin(G: Productivity) -> None:
    """Section 6.3: the degenerate industry under trade is the twin made in the closed economy of `liberalisation`."""
    taus = [1.2, 1.4, 1.6, 1.8, 2.2]
    table = liberalisation(open_(G), taus)
    found = [equilibrium(replace(krugman(open_(G)), iceberg=tau)) for tau in taus]
    assert_allclose([e.welfare for e in found], table["closed_twin_welfare"], rtol=1e-12)
    assert [e.exporters_per_firm > 0 for e in found] == table["closed_twin_exports"].tolist()


# --- the planner ---------------------------------------------------------------------------------------------------------------------------


@EACH
def test_the_planner_agrees_with_the_market_within_a_sector(G: Productivity) -> None:
    """Section 4.2: the same Q, entrants and cutoff; a flat optimum leaves the choices fewer digits than the value."""
    plan, market = planner(closed(G)), equilibrium(closed(G))
    assert_allclose(plan.output, LABOUR / market.price_index, rtol=1e-13)
    assert_allclose(plan.cutoff, market.cutoff, rtol=1e-6)
    assert_allclose(plan.entrants, market.entrants, rtol=1e-6)


@pytest.mark.parametrize("G", [pareto(4.25), log_normal(0.4)], ids=["Pareto", "log-normal"])
@pytest.mark.parametrize("tau", [1.2, 1.6, 2.2])
def test_the_world_planner_agrees_with_countries_alike(G: Productivity, tau: float) -> None:
    """Section 5.6 and worked case 4: entrants and both cutoffs."""
    plan, market = planner(open_(G, iceberg=tau)), equilibrium(open_(G, iceberg=tau))
    assert_allclose(plan.output, LABOUR / market.price_index, rtol=1e-13)
    assert_allclose([plan.cutoff, plan.export_cutoff], [market.cutoff, market.export_cutoff], rtol=1e-6)
    assert_allclose(plan.entrants, market.entrants, rtol=1e-6)


# --- firms (section 3) ---------------------------------------------------------------------------------------------------------------------


@EACH
def test_firms_of_section_3(G: Productivity) -> None:
    """Relative revenue and output depend on relative productivity alone; revenue per worker rises with size through fixed costs (section 3.4)."""
    industry = closed(G)
    found = firm(industry, equilibrium(industry), [2.0, 3.0])
    assert_allclose(found.revenue[1] / found.revenue[0], 1.5**3, rtol=1e-12)
    assert_allclose(found.output[1] / found.output[0], 1.5**4, rtol=1e-12)
    assert_allclose(found.price[1] / found.price[0], 1 / 1.5, rtol=1e-12)
    assert_allclose(found.revenue / found.labour, 4 / 3 * (1 - 1 / found.labour), rtol=1e-12)


@EACH
def test_the_inverse_of_J(G: Productivity) -> None:
    for value in (1e-6, 0.5, 3.0, 50.0):
        assert_allclose(J(G, 4.0, inverse_J(G, 4.0, value)), value, rtol=1e-8)
    assert inverse_J(G, 4.0, 0.0) == np.inf
    assert inverse_J(G, 4.0, -1.0) == np.inf
    assert_allclose(inverse_J(G, 4.0, 0.5), equilibrium(closed(G)).cutoff, rtol=1e-12)  # (5): f J(φ*) = f_E


def test_a_million_firms() -> None:
    """Log-normal: free entry (5) with a million draws gives ln φ* within four standard errors."""
    for s in (0.2, 0.4, 0.5):
        draws = np.random.default_rng(5).lognormal(0.0, s, 1_000_000)
        true = equilibrium(closed(log_normal(s))).cutoff

        def excess(x: float, draws: Array = draws) -> float:
            return float(np.maximum((draws / np.exp(x)) ** 3 - 1, 0).mean() - 0.5)

        sample = optimize.brentq(excess, np.log(true) - 0.1, np.log(true) + 0.1, xtol=1e-10)
        profit = np.maximum((draws / true) ** 3 - 1, 0)
        slope = 3 * float(tail_moment(log_normal(s), 4.0, true)) / true**3
        assert abs(sample - np.log(true)) < 4 * profit.std() / slope / 1000


def test_the_standard_error_of_a_million_firms(validate: Validate) -> None:
    """Worked case 1: of ln φ*, by the delta method; profits of an entrant are max((φ/φ*)³ − 1, 0), on average f_E."""

    def error(s: float) -> float:
        g = log_normal(s)
        true = equilibrium(closed(g)).cutoff
        third, sixth = (float(tail_moment(g, power + 1.0, true)) / true**power for power in (3, 6))
        variance = sixth - 2 * third + float(g.survival(true)) - 0.5**2
        return float(np.sqrt(variance) / (3 * third) / 1000)

    printed = {0.2: "0.0002", 0.4: "0.0007", 0.7: "0.004"}
    cells = {s: (f"s = {s}", "standard error of ln φ*") for s in printed}
    validate(
        SOURCE, "Case 1. Closed economy: a million draws from a log-normal distribution",
        {cells[s]: float(text) for s, text in printed.items()}, {cells[s]: error(s) for s in printed},
        {cells[s]: within_printed(text) for s, text in printed.items()},
    )  # fmt: skip


# --- no fixed cost of producing ------------------------------------------------------------------------------------------------------------


@EACH
def test_without_a_fixed_cost_every_entrant_produces(G: Productivity) -> None:
    """B ∫ φ^(σ−1) dG = f_E; a limit of small fixed costs; with trade only exporters are chosen, and with free exports nobody is."""
    found, near = equilibrium(closed(G, home_fixed_cost=0.0)), equilibrium(closed(G, home_fixed_cost=1e-12))
    assert found.cutoff == 0
    assert found.survival == 1
    assert_allclose(found.demand * tail_moment(G, 4.0, 0.0), 0.5, rtol=1e-12)
    assert_allclose((found.welfare, found.entrants), (near.welfare, near.entrants), rtol=1e-9)
    trade = equilibrium(open_(G, home_fixed_cost=0.0))
    assert_allclose(trade.demand * trade.export_cutoff**3 * 1.6**-3, 1.2, rtol=1e-12)
    assert trade.firms == trade.entrants
    free = equilibrium(open_(G, home_fixed_cost=0.0, fixed_cost=0.0))
    assert free.exporters_per_firm == 1
    assert_allclose(free.welfare, found.welfare * (1 + 2 * 1.6**-3) ** (1 / 3), rtol=1e-12)
    assert profit_figure(closed(G, home_fixed_cost=0.0)).get_xlim()[1] > 0
