"""Quadratic demand beside an outside good: theory, methods of their own, limits and invariances, faults."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, optimize, stats

from cge.errors import DataError
from cge.firms import (
    Productivity,
    QuadraticEconomy,
    QuadraticEquilibrium,
    best_tariff,
    choke_price,
    degenerate,
    from_scipy,
    indirect_utility,
    inverse_demand,
    liberalisation_curves,
    liberalisation_paths,
    log_normal,
    markups_figure,
    pareto,
    pareto_equilibrium,
    quadratic_equilibrium,
    quadratic_firm,
    quadratic_flows,
    quadratic_notes,
    quadratic_planner,
    quadratic_table,
    residual_demand_figure,
    symmetric_cutoffs,
    truncated_pareto,
)
from cge.firms.quadratic.conditions import at, flows, residual
from cge.firms.quadratic.selling import moments, selling

Array = npt.NDArray[np.float64]

P = pareto(4.0, 0.5)
DEMAND: dict[str, Any] = {"alpha": 2.5, "gamma": 1.0, "eta": 3.0, "entry_cost": 1.0}
UNLIKE: dict[str, Any] = DEMAND | {
    "productivity": [pareto(4.0, 1 / 1.5), log_normal(0.5, -0.3), truncated_pareto(3.0, 4.0, 0.6)],
    "labour": [100, 120, 100],
    "entry_cost": [1, 1.4, 1.2],
    "iceberg": [[1, 1.5, 1.6], [1.5, 1, 1.5], [1.6, 1.5, 1]],
}
PLAIN = QuadraticEconomy(**UNLIKE)
TAXED = QuadraticEconomy(**UNLIKE, tariff=0.1, specific_tariff=0.02)
MANY = QuadraticEconomy(**UNLIKE, ladder=[0.7, 0.6, 0.5], specific_tariff=0.02)
CORNER = QuadraticEconomy(P, labour=[120, 80, 25], iceberg=1.2, **DEMAND)
TIGHT = QuadraticEconomy(P, labour=[100, 60], iceberg=1.2, **(DEMAND | {"alpha": 3.0, "eta": 2.2}))
WORLDS = {"plain": PLAIN, "taxed": TAXED, "ladders": MANY, "corner": CORNER, "no outside good": TIGHT}
EACH = pytest.mark.parametrize("e", WORLDS.values(), ids=WORLDS)


# --- moments -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("g", [P, truncated_pareto(3.0, 4.0, 0.6), log_normal(0.5, -0.3), pareto(0.2)], ids=lambda g: g.name)
@pytest.mark.parametrize("above", [1e-6, 1e-4, 1e-2, 0.04, 0.06, 0.5, 2.0, 20.0])
def test_truncated_moments_of_cost(g: Productivity, above: float) -> None:
    """Against adaptive quadrature of the density, also where the moments cancel just above the lowest cost."""
    lowest = 1 / g.upper
    x = lowest + above * (lowest or 0.1)

    def of(power: int) -> float:
        start = max(0.0, np.log(x * g.lower) if g.lower else 0.0)
        ends = start, np.log(x / lowest) if lowest else start + 200  # c = x e^(−y)
        value, error = integrate.quad(
            lambda y: (-np.expm1(-y)) ** power * g.density(np.array(np.exp(y) / x)) * np.exp(y) / x,
            *ends,
            epsabs=0,
            epsrel=1e-11,
            limit=400,
        )
        assert error <= 1e-7 * abs(value)
        return float(value)

    got = moments([g], np.array([[x]]))[:, 0, 0]
    assert_allclose(got, [of(0), of(1), of(2)], rtol=1e-9)


def test_nobody_sells_below_the_lowest_cost() -> None:
    bounded, alike = truncated_pareto(3.0, 4.0, 0.6), degenerate(2.0)
    assert not moments([bounded], np.array([[0.0], [0.1], [0.25]])).any()
    assert_allclose(
        moments([alike], np.array([[0.4], [0.51], [1.0]]))[:, :, 0].T,
        [[0, 0, 0], [1, 1 - 0.5 / 0.51, (1 - 0.5 / 0.51) ** 2], [1, 0.5, 0.25]],
        rtol=1e-12,
    )


# --- the equilibrium by other methods ------------------------------------------------------------------------------------------------------


@EACH
def test_slopes_are_those_of_the_conditions(e: QuadraticEconomy) -> None:
    n = len(e.labour)
    x = np.concatenate([np.log(np.linspace(1.1, 1.3, n)), np.linspace(0.05, 0.1, n), np.linspace(0.01, 0.03, n)])
    step = 1e-6 * np.eye(3 * n)
    differences = [(residual(e, None, x + s).values - residual(e, None, x - s).values) / 2e-6 for s in step]
    assert_allclose(residual(e, None, x).slopes(), np.transpose(differences), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("e", [PLAIN, MANY, CORNER], ids=["plain", "ladders", "corner"])
def test_cutoffs_solve_the_convex_program(e: QuadraticEconomy) -> None:
    """maximise Σ L (α c − c²/2)/η subject to expected profits of at most f_E, whose multipliers are the entrants."""
    size, ones = e.labour / 100, np.ones_like(e.labour)

    def profits(c: Array) -> Array:
        return flows(e, selling(e, c, ones)).profit.sum(axis=0) / e.entry_cost

    def slopes(c: Array) -> Array:
        return (e.labour[:, None] * flows(e, selling(e, c, ones)).quantity / e.entry_cost).T

    solved = optimize.minimize(
        lambda c: -float(size @ (e.alpha * c - c**2 / 2)),
        0.4 * e.alpha * ones,
        jac=lambda c: -size * (e.alpha - c),
        bounds=[(0.01, e.alpha)] * len(ones),
        constraints={"type": "ineq", "fun": lambda c: 1 - profits(c), "jac": lambda c: -slopes(c)},
        method="SLSQP",
        options={"ftol": 1e-15, "maxiter": 200},
    )
    found = quadratic_equilibrium(e)
    assert_allclose(solved.x, found.cutoff, rtol=1e-6)
    # the multipliers from the first-order conditions at the program's own answer, of countries that its constraints bind
    binds = profits(solved.x) > 1 - 1e-6
    wanted = e.labour * (e.alpha - solved.x) / e.eta
    multipliers = np.linalg.lstsq(slopes(solved.x)[binds].T, wanted)[0] / e.entry_cost[binds]
    assert_allclose(multipliers, found.entrants[binds], rtol=1e-4)
    assert not found.entrants[~binds].any()


def searching_firms(e: QuadraticEconomy, found: QuadraticEquilibrium, count: int) -> tuple[Array, Array]:
    """Choke prices and expected profits over the entry cost, [country], of an economy of many firms that search for their prices.

    Each origin's firms stand at the middles of `count` equal parts of its distribution, and each looks along a grid of prices, ever finer, for
    what pays most at the demand (26) of its market; the aggregate Q is what they then sell.
    """
    middle = (np.arange(count) + 0.5) / count
    cost = np.array([np.interp(1 - middle, *_survival(g)) for g in e.productivity])  # [origin, firm], productivity
    cost = 1 / cost
    choke, profit = np.empty_like(found.cutoff), np.zeros_like(found.cutoff)
    for n, workers in enumerate(e.labour):
        after, specific = e.after_tariff[n][:, None], e.specific_tariff[n][:, None]
        delivered = (e.iceberg[n] * found.wage)[:, None] * cost

        def sell(level: float, after: Array = after, specific: Array = specific, delivered: Array = delivered) -> tuple[Array, Array]:
            """The best price and what it earns per consumer, both [origin, firm]."""
            low, high = np.zeros_like(delivered), np.full_like(delivered, level)
            for _ in range(14):
                prices = low + (high - low) * np.linspace(0, 1, 9)[:, None, None]
                earned = ((prices - specific) / after - delivered) * np.maximum(level - prices, 0) / e.gamma
                top = earned.argmax(axis=0)
                width = (high - low) / 8
                low, high = np.maximum(low + (top - 1) * width, 0), np.minimum(low + (top + 1) * width, level)
            return (low + high) / 2, earned.max(axis=0)

        def excess(level: float, sell: Any = sell) -> float:
            """α − ηQ less the choke price at which these prices are best."""
            quantity = np.maximum(level - sell(level)[0], 0) / e.gamma
            return float(e.alpha - e.eta * found.entrants @ quantity.mean(axis=1) - level)

        choke[n] = optimize.brentq(excess, 0.3 * e.alpha, e.alpha, xtol=1e-9)
        profit += workers * sell(choke[n])[1].mean(axis=1)
    return choke, profit / (found.wage * e.entry_cost)


def _survival(g: Productivity) -> tuple[Array, Array]:
    """Survival, increasing, and the productivity that has it."""
    phi = np.geomspace(max(g.lower, 1e-3), min(g.upper, 1e4), 200_001)
    return g.survival(phi)[::-1], phi[::-1]


@pytest.mark.parametrize("e", [TAXED, CORNER, TIGHT], ids=["taxed", "corner", "no outside good"])
def test_many_firms_that_search_for_their_prices(e: QuadraticEconomy) -> None:
    found = quadratic_equilibrium(e)
    choke, covered = searching_firms(e, found, 4000)
    assert_allclose(choke, found.cutoff, rtol=2e-4)
    assert_allclose(covered, 1 - found.free_entry_gap, rtol=2e-3)


def test_planner_by_search() -> None:
    """The most utility over cutoff and entrants, with quantities where marginal utility is marginal cost."""
    e = QuadraticEconomy(log_normal(0.5, -0.3), labour=100, **DEMAND)

    def loss(x: Array) -> float:
        cutoff, entrants = np.exp(x)
        sold = selling(e, np.array([cutoff]), np.ones(1))
        first, square = sold.margin[0, 0] / e.gamma, sold.square[0, 0] / e.gamma
        total = entrants * first
        utility = e.alpha * total - e.eta * total**2 / 2 - entrants * square / 2
        labour = entrants * (e.entry_cost[0] / e.labour[0] + cutoff * first - square)
        return -float(1 - labour + utility)

    best = optimize.minimize(loss, np.log([1.2, 9.0]), method="Nelder-Mead", options={"xatol": 1e-9, "fatol": 1e-15, "maxiter": 4000})
    plan = quadratic_planner(e)
    assert_allclose(np.exp(best.x), [plan.cutoff, plan.entrants], rtol=1e-6)
    assert_allclose(-best.fun, plan.welfare, rtol=1e-12)
    assert plan.welfare > quadratic_equilibrium(e).welfare[0]


@pytest.mark.parametrize("specific", [False, True])
def test_pareto_leaves_two_linear_systems(specific: bool) -> None:
    e = QuadraticEconomy(P, labour=[100, 80, 60], iceberg=1.5, tariff=[[0, 0.1, 0.2], [0.05, 0, 0.1], [0, 0.1, 0]], ladder=0.6, **DEMAND)
    if specific:
        with pytest.raises(DataError, match=r"specific_tariff = 0\.1 at market=1 origin=2"):
            pareto_equilibrium(replace(e, specific_tariff=0.1))
        return
    closed, found = pareto_equilibrium(e), quadratic_equilibrium(e)
    assert closed.broken == ()
    assert_allclose(closed.cutoff, found.cutoff, rtol=1e-12)
    assert_allclose(closed.entrants, found.entrants, rtol=1e-11)
    flow = quadratic_flows(e, found)
    assert_allclose(
        flow["trade_share"].to_numpy().reshape(3, 3), (m := flow["varieties"].to_numpy().reshape(3, 3)) / m.sum(axis=1, keepdims=True)
    )
    assert_allclose(flow.groupby("origin")["flow"].sum() / 5, found.entrants * e.entry_cost)


# --- the chapter's formulas ----------------------------------------------------------------------------------------------------------------


@EACH
def test_choke_price_and_indirect_utility(e: QuadraticEconomy) -> None:
    """(27), and welfare from income, sellers, mean and variance of prices."""
    found = quadratic_equilibrium(e)
    t = quadratic_table(e, found)
    taste = {"alpha": e.alpha, "gamma": e.gamma, "eta": e.eta}
    assert_allclose(choke_price(t["sellers"], t["average_price"], **taste), found.cutoff, rtol=1e-12)
    utility = indirect_utility(t["income"], t["sellers"], t["average_price"], t["price_variance"], **taste)
    assert_allclose(utility, found.welfare, rtol=1e-12)
    total = (e.alpha - found.cutoff) / e.eta
    assert_allclose(inverse_demand(0.0, total, **taste), found.cutoff)


def test_symmetric_trade_costs() -> None:
    """(28), and what it says of a closed economy."""
    e = QuadraticEconomy(P, labour=[100, 80, 60], iceberg=1.5, **DEMAND)
    assert_allclose(symmetric_cutoffs(e.labour, 4.0, 2.0, 1.0, 1.5, 1.0), quadratic_equilibrium(e).cutoff, rtol=1e-12)
    closed = quadratic_equilibrium(QuadraticEconomy(P, labour=100, **DEMAND))
    assert_allclose(symmetric_cutoffs(100, 4.0, 2.0, 1.0, 1.0, 1.0), closed.cutoff, rtol=1e-12)


@EACH
def test_the_world_market_of_the_outside_good_clears(e: QuadraticEconomy) -> None:
    """Which no condition of the solution says."""
    found = quadratic_equilibrium(e)
    assert_allclose(found.outside_labour.sum(), e.labour @ (found.income - found.spending), rtol=1e-12)


def test_relative_markups_do_not_move_under_pareto_and_fall_under_log_normal() -> None:
    mean = [[quadratic_table(e, quadratic_equilibrium(e)).loc["1", "relative_markup"]
             for e in (QuadraticEconomy(g, labour=size, **DEMAND) for size in (100, 200))] for g in (P, log_normal(0.5, -0.3))]  # fmt: skip
    assert_allclose(mean[0], 1 + 1 / 6, rtol=1e-12)
    assert mean[1][1] < mean[1][0] - 0.02
    heavy = QuadraticEconomy(pareto(0.8, 0.5), labour=100, **DEMAND)
    assert quadratic_table(heavy, quadratic_equilibrium(heavy)).loc["1", "relative_markup"] == np.inf


def test_a_firm_adds_up_to_the_flow() -> None:
    """Sales over the distribution of costs, by quadrature, are those of the country; with products and tariffs."""
    e = QuadraticEconomy(P, labour=[100, 80], iceberg=1.3, tariff=0.1, specific_tariff=0.05, ladder=0.6, **DEMAND)
    found = quadratic_equilibrium(e)
    nodes, weights = np.polynomial.legendre.leggauss(60)
    flow, varieties = quadratic_flows(e, found).query("origin == '1'")[["flow", "varieties"]].to_numpy().T
    total, sold, edges = np.zeros(2), np.zeros(2), [0.0, *sorted(np.outer(found.selling.cutoff[:, 0], 0.6 ** np.arange(24)).ravel())]
    for low, high in pairwise(edges):
        for node, weight in zip((low + high) / 2 + (high - low) / 2 * nodes, weights * (high - low) / 2, strict=True):
            firm = quadratic_firm(e, found, float(node), "1")
            chance = found.entrants[0] * weight * 4 * node**3 / 2.0**4
            total, sold = total + chance * firm["revenue"].to_numpy(), sold + chance * firm["products"].to_numpy()
    assert_allclose(total, flow, rtol=1e-9)
    assert_allclose(sold, varieties, rtol=1e-9)


# --- invariances, limits -------------------------------------------------------------------------------------------------------------------


def same(one: QuadraticEquilibrium, other: QuadraticEquilibrium, order: Any = slice(None)) -> None:
    for name in ("cutoff", "entrants", "wage", "welfare", "free_entry_gap"):
        assert_allclose(getattr(one, name)[order], getattr(other, name), rtol=1e-10, atol=1e-12)


@EACH
def test_order_of_countries(e: QuadraticEconomy) -> None:
    turn = np.arange(len(e.labour))[::-1]
    both = np.ix_(turn, turn)
    other = QuadraticEconomy(
        [e.productivity[i] for i in turn], e.alpha, e.gamma, e.eta, e.labour[turn], e.entry_cost[turn], e.iceberg[both], e.tariff[both],
        e.specific_tariff[both], None if e.ladder is None else e.ladder[turn],
    )  # fmt: skip
    same(quadratic_equilibrium(e), quadratic_equilibrium(other), turn)


@EACH
def test_tastes_and_size_by_one_factor(e: QuadraticEconomy) -> None:
    """γ, η and L times 3 leave cutoffs, entrants and sellers, and a third of the consumer surplus."""
    found = quadratic_equilibrium(e)
    other = replace(e, gamma=3 * e.gamma, eta=3 * e.eta, labour=3 * e.labour)
    if e is TIGHT:  # with three times the labour the outside good is made everywhere
        return
    again = quadratic_equilibrium(other)
    assert_allclose(again.cutoff, found.cutoff, rtol=1e-11)
    assert_allclose(again.entrants, found.entrants, rtol=1e-10)
    assert_allclose(3 * again.consumer_surplus, found.consumer_surplus, rtol=1e-11)


def test_limits() -> None:
    """A steep ladder is one product; costs that forbid trade are autarky; tariffs of zero are none."""
    bare = quadratic_equilibrium(PLAIN)
    same(bare, quadratic_equilibrium(replace(PLAIN, ladder=1e-8)))
    same(bare, quadratic_equilibrium(replace(PLAIN, tariff=np.zeros((3, 3)), specific_tariff=0.0)))
    shut = quadratic_equilibrium(replace(PLAIN, iceberg=np.inf))
    for n in range(3):
        alone = QuadraticEconomy(PLAIN.productivity[n], 2.5, 1.0, 3.0, PLAIN.labour[n], PLAIN.entry_cost[n])
        assert_allclose(quadratic_equilibrium(alone).cutoff, shut.cutoff[n], rtol=1e-11)
    assert (shut.cutoff > bare.cutoff).all()


def test_two_regions_without_costs_between_them_are_one() -> None:
    parts = QuadraticEconomy(P, labour=[60, 40, 80], iceberg=[[1, 1, 1.4], [1, 1, 1.4], [1.4, 1.4, 1]], **DEMAND)
    whole = QuadraticEconomy(P, labour=[100, 80], iceberg=1.4, **DEMAND)
    split, joined = quadratic_equilibrium(parts), quadratic_equilibrium(whole)
    assert_allclose(split.cutoff[1:], joined.cutoff, rtol=1e-10)
    assert_allclose(split.entrants[:2].sum(), joined.entrants[0], rtol=1e-9)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("tariff", [0.0, 0.1])
def test_random_geographies(seed: int, tariff: float) -> None:
    """Forty countries of any size: most leave the sector, some the outside good; the equilibrium verifies itself, and the world adds up."""
    rng = np.random.default_rng(seed)
    n, place = 40, rng.uniform(0, 1, (40, 2))
    distance = np.linalg.norm(place[:, None] - place, axis=2)
    e = QuadraticEconomy(
        [pareto(4.0, 0.5 * rng.uniform(0.95, 1.05)) for _ in range(n)], 2.5, 1.0, 3.0, 100 * rng.lognormal(0, 1, n), rng.uniform(0.8, 1.2, n),
        np.where(np.eye(n), 1, 1.1 + 0.8 * distance), tariff,
    )  # fmt: skip
    found = quadratic_equilibrium(e)
    assert found.steps <= 28
    assert 0 < (found.entrants == 0).sum() < n
    assert ((found.wage > 1) == (found.outside_labour == 0)).all()
    assert_allclose(found.outside_labour.sum(), e.labour @ (found.income - found.spending), rtol=1e-10)


# --- policy --------------------------------------------------------------------------------------------------------------------------------


def test_both_u_shapes() -> None:
    """Cheaper imports first hurt and then help: in the long run until the last entrant goes, in the short run near autarky."""
    long_run = [
        quadratic_equilibrium(QuadraticEconomy(P, labour=[60, 100], iceberg=[[1, tau], [1.5, 1]], **DEMAND)) for tau in (1.5, 1.3, 1.1)
    ]
    welfare = [found.welfare[0] for found in long_run]
    assert welfare[1] < welfare[0] < welfare[2]
    assert [found.entrants[0] > 0 for found in long_run] == [True, True, False]
    far = QuadraticEconomy(P, labour=[100, 100], iceberg=3.0, **(DEMAND | {"alpha": 4.0, "eta": 8.0}))
    base = quadratic_equilibrium(far)
    at_once = [
        quadratic_equilibrium(replace(far, iceberg=np.array([[1, tau], [3, 1]])), base.entrants).welfare[0] for tau in (3.0, 2.7, 1.5)
    ]
    assert at_once[1] < at_once[0] < at_once[2]


def test_the_outsider_of_a_preference_has_a_u_shape_too() -> None:
    """It loses as long as it has entrants, and gains from what its partners' firms then sell it."""
    e = QuadraticEconomy(P, labour=[100, 100, 50], iceberg=1.4, **DEMAND)
    outsider = []
    for tau in (1.4, 1.2, 1.1, 1.01):
        iceberg = e.iceberg.copy()
        iceberg[0, 1] = iceberg[1, 0] = tau
        found = quadratic_equilibrium(replace(e, iceberg=iceberg))
        outsider.append((found.welfare[2], found.entrants[2] > 0))
    welfare, enters = zip(*outsider, strict=True)
    assert enters == (True, True, False, False)
    assert welfare[0] > welfare[1] > welfare[2] < welfare[3]


def test_preferential_liberalisation() -> None:
    """The partners gain and the outsider loses, in the short run through its profits alone and in the long run through entry."""
    e = QuadraticEconomy(P, labour=[100, 100, 100], iceberg=1.5, **DEMAND)
    iceberg = e.iceberg.copy()
    iceberg[0, 1] = iceberg[1, 0] = 1.35
    table = liberalisation_paths(e, {"preferential": replace(e, iceberg=iceberg)}).set_index(["run", "country"])
    base, short, long = (table.loc[run] for run in ("base", "short", "long"))
    assert (short.loc[["1", "2"], "welfare"] > base.loc[["1", "2"], "welfare"]).all()
    assert short.loc["3", "consumer_surplus"] == pytest.approx(base.loc["3", "consumer_surplus"], rel=1e-12)
    assert short.loc["3", "profit_income"] < 0
    assert long.loc["3", "welfare"] < short.loc["3", "welfare"] < base.loc["3", "welfare"]


def test_best_tariff_beats_a_grid() -> None:
    e = QuadraticEconomy(P, labour=[100, 80, 60], iceberg=1.3, **DEMAND)
    best = best_tariff(e, "1", ["2"], highest=1.0, steps=5)
    for rate in (0.0, best.rate - 0.02, best.rate + 0.02, 0.5, 1.0):
        tariff = e.tariff.copy()
        tariff[0, 1] = rate
        assert quadratic_equilibrium(replace(e, tariff=tariff)).welfare[0] <= best.welfare
    assert best.welfare > best.welfare_at_zero


def test_figures(tmp_path: Any) -> None:
    closed = QuadraticEconomy(P, labour=100, **DEMAND)
    axes = residual_demand_figure(closed)
    once, twice = (line.get_xydata() for line in axes.lines)
    assert twice[0, 0] > once[0, 0]
    assert twice[1, 1] < once[1, 1]
    two = QuadraticEconomy(P, labour=[60, 100], iceberg=1.5, **DEMAND)
    curves = liberalisation_curves(two, "1", [1.5, 1.3, 1.1])
    assert_allclose(curves.lines[0].get_ydata()[-1], curves.lines[1].get_ydata()[-1])
    liberalisation_curves(two, "1", [1.5, 1.2], exporter="2", country="2").figure.savefig(tmp_path / "curves.png")
    lines = markups_figure({"closed": closed, "twice": replace(closed, labour=2 * closed.labour)}).lines
    before, after = (np.interp(1.5, *line.get_xydata().T) for line in lines)
    assert after < before
    with pytest.raises(DataError, match="economies: 0 given"):
        markups_figure({})
    with pytest.raises(DataError, match="no country 9"):
        liberalisation_curves(two, "9", [])


# --- what is said, and faults --------------------------------------------------------------------------------------------------------------


def test_notes_say_what_is_proved() -> None:
    said = {name: " ".join(quadratic_notes(e, quadratic_equilibrium(e))) for name, e in WORLDS.items()}
    assert "strictly convex program" in said["plain"]
    assert "not proved: an ad valorem tariff breaks" in said["taxed"]
    assert "Nobody enters in country 3: expected profits cover 80.66 percent" in said["corner"]
    assert "Country 1 leaves the outside good" in said["no outside good"]
    assert "wages move" in said["no outside good"]
    given = quadratic_equilibrium(TAXED, [5, 5, 5])
    assert "the only ones at wages of one" in " ".join(quadratic_notes(TAXED, given))


def test_entry_that_pays_nowhere_leaves_no_sector() -> None:
    e = QuadraticEconomy(P, labour=[100, 80], iceberg=1.5, **(DEMAND | {"alpha": 1.0}))
    found = quadratic_equilibrium(e)
    assert_allclose(found.cutoff, 1.0)
    assert_allclose(found.welfare, 1.0)
    assert not found.entrants.any()
    assert "only the outside good is made" in quadratic_notes(e, found)[0]
    assert quadratic_planner(QuadraticEconomy(P, labour=100, **(DEMAND | {"alpha": 1.0}))).entrants == 0


def test_the_outside_good_must_be_consumed() -> None:
    with pytest.raises(DataError, match=r"country 1: spending on the sector would be .* lower alpha or raise eta"):
        quadratic_equilibrium(QuadraticEconomy(P, labour=[100, 60], iceberg=1.2, **(DEMAND | {"alpha": 6.0, "eta": 0.7})))


def test_all_faults_at_once() -> None:
    with pytest.raises(DataError) as fault:
        QuadraticEconomy(
            P, alpha=0.0, gamma=0.0, eta=0.0, labour=[100, -1], entry_cost=[0, np.nan], iceberg=[[2, 0.5], [1, 1]], tariff=[[0.1, -1], [0, 0]],
            specific_tariff=[[0.1, -0.1], [0, 0]], ladder=[1.0, 0.0], names=["A", "B"],
        )  # fmt: skip
    said = "\n".join(fault.value.faults)
    for words in (
        "alpha = 0,", "gamma = 0, but it must be positive and finite (with gamma = 0 varieties are perfect substitutes", "eta = 0,",
        "labour = -1 at country=B", "entry_cost = 0 at country=A", "entry_cost = nan at country=B", "iceberg = 0.5 at market=A origin=B",
        "iceberg = 2 at market=A origin=A, but it must be 1 at home", "tariff = -1 at market=A origin=B", "tariff = 0.1 at market=A origin=A",
        "specific_tariff = -0.1 at market=A origin=B", "specific_tariff = 0.1 at market=A origin=A", "ladder = 1 at country=A",
        "ladder = 0 at country=B",
    ):  # fmt: skip
        assert words in said
    with pytest.raises(DataError) as fault:
        QuadraticEconomy([P, P, P], 2.5, 1, 3, labour=[1, 1], entry_cost=[1], iceberg=[1, 2], names=["A"])
    assert [line.split(":")[0] for line in fault.value.faults] == ["entry_cost", "iceberg", "productivity", "names"]
    with pytest.raises(DataError, match="names: A given more than once"):
        QuadraticEconomy(P, 2.5, 1, 3, labour=[1, 1], entry_cost=1, names=["A", "A"])


@pytest.mark.parametrize(
    ("entrants", "words"),
    [
        ([1], "shape"),
        ([-1, 5], "entrants = -1 at country=1"),
        ([1, 1000], "entrants = 1000 at country=2, but it must be fewer"),
        ("x", "not"),
    ],
)
def test_faults_of_given_entrants(entrants: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        quadratic_equilibrium(TIGHT, entrants)


def test_faults_of_questions() -> None:
    found = quadratic_equilibrium(TIGHT)
    with pytest.raises(DataError, match=r"cost = -1(.|\n)*no country 7"):
        quadratic_firm(TIGHT, found, -1.0, "7")
    with pytest.raises(DataError, match=r"no country 7(.|\n)*highest = -1(.|\n)*steps = 1"):
        best_tariff(TIGHT, "7", highest=-1.0, steps=1)
    with pytest.raises(DataError, match="other countries"):
        liberalisation_paths(TIGHT, {"x": CORNER})
    with pytest.raises(DataError, match="closed economy"):
        quadratic_planner(TIGHT)
    with pytest.raises(DataError, match=r"productivity of country 1 is log-normal"):
        pareto_equilibrium(QuadraticEconomy(log_normal(0.5), labour=100, **DEMAND))


def test_any_distribution_of_scipy() -> None:
    closed, numerical = log_normal(0.5, -0.3), from_scipy(stats.lognorm(0.5, scale=np.exp(-0.3)))
    same(*(quadratic_equilibrium(QuadraticEconomy(g, labour=[100, 80], iceberg=1.4, **DEMAND)) for g in (closed, numerical)))


def test_a_point_of_the_conditions() -> None:
    """z is (ln c_D, m, ln w), with m L/f_E entrants."""
    point = at(TIGHT, np.array([0.1, 0.2, 0.3, 0.4, 0.0, 0.01]))
    assert_allclose(point.entrants, [30, 24])
    assert_allclose(point.wage, [1, np.exp(0.01)])
