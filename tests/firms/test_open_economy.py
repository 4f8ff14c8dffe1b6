"""Countries that differ, with an outside good and without: worked numbers, a convex program, corners, and the chapter's sections 5.1 to 5.6 in words.

Markets are rows and origins columns, as in the chapter. Tables are the worked cases' 2, 3, 5c and 5d; where no source
stands, the test derives it.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import optimize, stats
from validation import Validate, within_printed
from worked import SOURCE, compare

from cge import armington, calibrate, change, eaton_kortum, krugman, melitz, solve_hat
from cge.errors import DataError, SolveError
from cge.firms import (
    Industry,
    OpenEconomy,
    OpenEquilibrium,
    Productivity,
    countries_table,
    equilibrium,
    from_scipy,
    home_market_threshold,
    log_normal,
    notes,
    open_equilibrium,
    pareto,
    semismooth,
    truncated_pareto,
)
from cge.firms import entry as conditions
from cge.firms.productivity import J, tail_moment
from cge.firms.selling import selling
from cge.model.benchmark import Benchmark
from cge.model.shock import Shock
from cge.results.firms import firm_levels
from cge.runfile.technology import make_world
from cge.solve.levels.solve import solve_levels
from cge.solve.levels.world import World, solve_world

Array = NDArray[np.float64]

NINE = 1e-9


def two_costs(n: int, home: float, abroad: float) -> Array:
    return np.where(np.eye(n, dtype=bool), home, abroad)


def alike(G: Productivity, labour: list[float], tau: float, f_x: float, beta: float) -> OpenEconomy:
    """Countries alike but for their size: σ = 4, f = 1, f_E = 0.5."""
    n = len(labour)
    return OpenEconomy(G, 4.0, labour, 0.5, two_costs(n, 1.0, f_x), two_costs(n, 1.0, tau), beta)


CASE_2 = OpenEconomy(
    (pareto(4.25), pareto(4.6, 1.1), log_normal(0.35, 0.1)),
    4.0,
    [100, 80, 120],
    [0.5, 0.6, 0.4],
    [[1, 1.4, 1.3], [1.5, 1.1, 1.6], [1.4, 1.3, 0.9]],
    [[1, 1.5, 1.7], [1.6, 1, 1.4], [1.8, 1.5, 1]],
    0.4,
)
CASE_3A = OpenEconomy(
    (log_normal(0.4), log_normal(0.4, 0.05), log_normal(0.4)), 4.0, [120, 80, 30], 0.5, two_costs(3, 1.0, 1.1), two_costs(3, 1.0, 1.2), 0.3
)
CASE_3B = alike(log_normal(0.4), [100, 40], 1.25, 1.2, 0.9)
CASE_3C = alike(log_normal(0.4), [100, 40], 1.25, 1.2, 0.5)

TWO_ALIKE = "log-normal, labour 100 and 40"
TABLES: dict[str, tuple[str, OpenEconomy, dict[str, Any]]] = {
    "2": ("Case 2. Three asymmetric countries with an outside good, σ = 4, β = 0.4", CASE_2, {
        "cutoff": [[1.522853586, 2.5553992, 2.825453661], [2.718100071, 1.53195474, 2.430056676], [2.731870186, 2.221010362, 1.309862507]],
        "demand": [0.2831558571, 0.3059531165, 0.4004657468],
        "entrants": [16.03686766, 9.29373729, 14.28101034],
        "price_index": [0.4063939679, 0.4492213287, 0.4292728743],
        "welfare": [1.433577245, 1.377259741, 1.402512115],
        "trade_share": [[0.912643834, 0.07745551712, 0.009900648874], [0.1458718887, 0.8005823138, 0.05354579745],
                        [0.0888362061, 0.1142520521, 0.7969117418]],
        "sellers": [[2.684246571, 0.1924360674, 0.05227055142], [0.228818649, 2.025188462, 0.1740416246], [0.2239568221, 0.3668293311, 4.479434798]],
        "sector_labour": [45.43779169, 34.20095323, 40.36125508],
        "outside_labour": [54.56220831, 45.79904677, 79.63874492],
    }),
    "3a": ("Case 3a. A country without entrants, log-normal, labour 120, 80, 30, β = 0.3", CASE_3A, {
        "cutoff": [[1.307843913, 1.620073518, 1.620073518], [1.857235552, 1.499298756, 1.857235552], [1.94855395, 1.94855395, 1.573017763]],
        "demand": [0.4470254553, 0.2967122371, 0.2569207134],
        "entrants": [8.063193445, 11.25772185, 0],
        "price_index": [0.4901195035, 0.4894032013, 0.6468609541],
        "welfare": [1.238538196, 1.239081744, 1.139611227],
        "trade_share": [[0.5772813486, 0.4227186514, 0], [0.1725717947, 0.8274282053, 0], [0.3502774859, 0.6497225141, 0]],
        "sellers": [[2.024879617, 1.573928445, 0], [0.4906011773, 2.109770958, 0], [0.3844996484, 0.6917814366, 0]],
        "sector_labour": [28.07634899, 40.92365101, 0],
        "outside_labour": [91.92365101, 39.07634899, 30],
        "entry_gap": [0, 0, 0.2998925023],
    }),
    "3b": (f"Case 3b. A country that leaves the outside good, {TWO_ALIKE}, β = 0.9", CASE_3B, {
        "wage": [1.028683184, 1],
        "cutoff": [[1.285413845, 1.644262737], [1.835925516, 1.330993013]],
        "demand": [0.5272269976, 0.4241042969],
        "entrants": [29.6779406, 7.426125439],
        "price_index": [0.3779635309, 0.4815951719],
        "welfare": [2.469316353, 1.930127898],
        "trade_share": [[0.9141009962, 0.08589900378], [0.5066524805, 0.4933475195]],
        "sellers": [[7.867611636, 0.7937896839], [1.911181719, 1.762681701]],
        "sector_labour": [100, 25.71316816],
        "outside_labour": [0, 14.28683184],
    }),
    "3c": (f"Case 3c. Home market effect, {TWO_ALIKE}, β = 0.5", CASE_3C, {
        "cutoff": [[1.304870492, 1.733289763], [1.733289763, 1.304870492]],
        "demand": [0.4500883471, 0.4500883471],
        "entrants": [18.63461937, 1.847320042],
        "price_index": [0.4402857761, 0.5975597334],
        "welfare": [1.507067389, 1.293627793],
        "trade_share": [[0.9698779723, 0.03012202768], [0.7596308542, 0.2403691458]],
        "sellers": [[4.713482887, 0.1562047775], [1.57569696, 0.4672653209]],
        "sector_labour": [63.6865157, 6.313484299],
        "outside_labour": [36.3134843, 33.6865157],
    }),
}  # fmt: skip


def places(count: int) -> list[str]:
    """Columns of a table by country, the origin where a row is of a market."""
    return [f"country or origin {i + 1}" for i in range(count)]


@pytest.mark.parametrize("case", TABLES)
def test_worked_cases(case: str, validate: Validate) -> None:
    place, economy, table = TABLES[case]
    found = open_equilibrium(economy)
    compare(validate, place, places(len(economy.labour)), table, {name: getattr(found, name) for name in table})


LIBERALISED = {
    1.6: [1.201233556, 1.201233556, 9.22408539, 9.22408539, 1.255094714, 1.255094714],
    1.5: [1.201120099, 1.20307555, 8.891381737, 9.46026119, 1.25469961, 1.261521484],
    1.4: [1.2009384, 1.206173496, 8.340864101, 9.866702831, 1.254067041, 1.272382203],
}
"""Worked case 3d: U of both countries, their entrants, their domestic cutoffs, by τ_12."""


def unilateral(tau: float) -> OpenEquilibrium:
    economy = alike(log_normal(0.4), [100, 100], 1.6, 1.5, 0.3)
    return open_equilibrium(replace(economy, iceberg=np.array([[1.0, tau], [1.6, 1.0]])))


def test_worked_case_of_unilateral_liberalisation(validate: Validate) -> None:
    found = {tau: unilateral(tau) for tau in LIBERALISED}
    compare(
        validate, "Case 3d. Unilateral import liberalisation with an outside good, log-normal, labour 100 each, β = 0.3",
        ["welfare U of 1", "welfare U of 2", "entrants M_E of 1", "entrants M_E of 2", "cutoff φ*_11", "cutoff φ*_22"],
        {f"τ_12 = {tau}": values for tau, values in LIBERALISED.items()},
        {f"τ_12 = {tau}": [*e.welfare, *e.entrants, *np.diagonal(e.cutoff)] for tau, e in found.items()},
    )  # fmt: skip


def test_lower_import_costs_hurt_with_an_outside_good() -> None:
    """End of section 5.7: production relocates to the country that keeps its import costs, and the liberalising country loses."""
    before, after = unilateral(1.6), unilateral(1.5)
    assert after.welfare[0] < before.welfare[0]
    assert after.welfare[1] > before.welfare[1]
    assert after.entrants[0] < before.entrants[0]
    assert after.entrants[1] > before.entrants[1]
    assert after.sector_labour[0] < before.sector_labour[0]


def test_free_entry_before_entrants_is_wrong_at_a_corner(validate: Validate) -> None:
    """Worked case 3a: B from (8) with equality everywhere, then entrants from (11), one of which is negative; and its welfare."""
    e = CASE_3A

    def excess(log_demand: Array) -> Array:
        cutoff = (e.fixed_cost / np.exp(log_demand)[:, None]) ** (1 / 3) * e.iceberg
        return np.array([e.fixed_cost[:, i] @ J(g, 4.0, cutoff[:, i]) - e.entry_cost[i] for i, g in enumerate(e.productivity)])

    demand = np.exp(optimize.root(excess, np.log([0.4, 0.3, 0.4]), tol=1e-14).x)
    cutoff = (e.fixed_cost / demand[:, None]) ** (1 / 3) * e.iceberg
    sold = np.column_stack([tail_moment(g, 4.0, cutoff[:, i]) for i, g in enumerate(e.productivity)]) * e.iceberg**-3.0
    entrants = np.linalg.solve(sold, 0.3 * e.labour / (4 * demand))
    welfare = (4 / 3 * (4 * demand / (0.3 * e.labour)) ** (1 / 3)) ** -0.3
    compare(
        validate, "Case 3a. A country without entrants: the wrong way, free entry with equality everywhere before entrants",
        places(3),
        {
            "demand": [0.4092708791, 0.2501045087, 0.4092708791],
            "entrants": [10.60899863, 17.33147609, -9.229424183],
            "welfare": [1.249515206, 1.260437605, 1.087766166],
        },
        {"demand": demand, "entrants": entrants, "welfare": welfare},
    )  # fmt: skip


def test_what_is_reported() -> None:
    def said(economy: OpenEconomy) -> tuple[str, ...]:
        return notes(economy, open_equilibrium(economy))

    assert said(CASE_2) == ()
    assert said(CASE_3A) == ("Nobody enters in country 3: expected profits cover 70.01 percent of the entry cost.",)
    leaves, home = said(CASE_3B)
    assert leaves == "Country 1 leaves the outside good: the sector employs all its labour at a wage of 1.02868."
    assert home.startswith("Home market effect: country 1 has 2.5 times the labour of country 2 and 3.996 times")
    assert said(CASE_3C) == ("Home market effect: country 1 has 2.5 times the labour of country 2 and 10.09 times its entrants.",)
    first, second = said(replace(alike(pareto(4.25), [100, 100], 1.1, 0.3, 0.3), names=("A", "B")))
    assert first.startswith("No selection into exporting in country A: its marginal producer also sells abroad")
    assert "country B" in second


# --- a second method -----------------------------------------------------------------------------------------------------------------------


def convex_program(e: OpenEconomy) -> tuple[Array, float]:
    """ln B that maximise Σ X_n ln B_n subject to Σ_n f_ni J_i(φ*_ni(B_n)) ≤ f_Ei (at wages of one, selection into exporting), and the optimum."""
    spending, power = e.spending_share * e.labour, e.sigma - 1
    weight = spending / spending.sum()

    def cutoff(x: Array) -> Array:
        return np.asarray((e.fixed_cost / np.exp(x)[:, None]) ** (1 / power) * e.iceberg)

    def slack(x: Array) -> Array:
        c = cutoff(x)
        return np.array([1 - e.fixed_cost[:, i] @ J(g, e.sigma, c[:, i]) / e.entry_cost[i] for i, g in enumerate(e.productivity)])

    def slope(x: Array) -> Array:
        c = cutoff(x)
        sold = np.column_stack([tail_moment(g, e.sigma, c[:, i]) for i, g in enumerate(e.productivity)])
        return np.asarray(-(np.exp(x)[:, None] * e.iceberg**-power * sold / e.entry_cost).T)

    done = optimize.minimize(
        lambda x: -weight @ x, np.full(len(spending), -1.5), jac=lambda x: -weight, method="SLSQP",
        constraints={"type": "ineq", "fun": slack, "jac": slope}, options={"ftol": 1e-16, "maxiter": 500},
    )  # fmt: skip
    return done.x, float(-done.fun)


@pytest.mark.parametrize("economy", [CASE_2, CASE_3A, CASE_3C], ids=["2", "3a", "3c"])
def test_demand_levels_solve_a_convex_program(economy: OpenEconomy) -> None:
    log_demand, best = convex_program(economy)
    found = open_equilibrium(economy)
    assert_allclose(log_demand, np.log(found.demand), atol=1e-8)
    assert_allclose(best, economy.labour / economy.labour.sum() @ np.log(found.demand), rtol=1e-12)


def test_home_market_effect_in_closed_form(validate: Validate) -> None:
    """Worked case 3c: entrants from a and b, the threshold, and the ratio of entrants."""
    found = open_equilibrium(CASE_3C)
    B, a = found.demand[0], float(tail_moment(log_normal(0.4), 4.0, found.cutoff[0, 0]))
    b = 1.25**-3 * float(tail_moment(log_normal(0.4), 4.0, found.cutoff[0, 1]))
    total = 0.5 * 140 / (4 * B * (a + b))
    assert_allclose(found.entrants, (0.5 * CASE_3C.labour / (4 * B) - b * total) / (a - b), rtol=1e-12)
    threshold = home_market_threshold(CASE_3C, found)
    lead, least = "entrants of country 1 per entrant of country 2", "share of world labour below which nobody enters"
    compare(
        validate, TABLES["3c"][0] + ": in closed form", ["both countries"],
        {lead: 10.0873801, least: 0.238553121}, {lead: found.entrants[0] / found.entrants[1], least: threshold},
        {(lead, "both countries"): within_printed("10.0873801")},
    )  # fmt: skip
    for share, enters in ((0.99 * threshold, False), (1.01 * threshold, True)):
        here = open_equilibrium(replace(CASE_3C, labour=140 * np.array([1 - share, share])))
        assert (here.entrants[1] > 0) == enters


# --- the equations, in random economies ----------------------------------------------------------------------------------------------------


def random_economy(n: int, seed: int, beta: float, kind: str, cheap: bool = False) -> OpenEconomy:
    """Countries drawn at random; with `cheap` exports some firms sell abroad more readily than at home."""
    rng = np.random.default_rng(seed)
    make = {
        "log-normal": lambda: log_normal(rng.uniform(0.2, 0.5), rng.uniform(-0.1, 0.1)),
        "Pareto": lambda: pareto(rng.uniform(4, 6), rng.uniform(0.9, 1.1)),
        "truncated": lambda: truncated_pareto(rng.uniform(3, 6), rng.uniform(3, 6), rng.uniform(0.9, 1.1)),
    }[kind]
    home = np.eye(n, dtype=bool)
    fixed = rng.uniform(0.05, 1.0, (n, n)) if cheap else rng.uniform(1, 2, (n, n))
    iceberg = rng.uniform(1.0 if cheap else 1.1, 1.8, (n, n))
    return OpenEconomy([make() for _ in range(n)], 4.0, 100 * rng.lognormal(0, 0.5, n), rng.uniform(0.4, 0.6, n), np.where(home, 1, fixed),
                       np.where(home, 1, iceberg), beta)  # fmt: skip


@cache
def drawn(kind: str, beta: float, cheap: bool, n: int) -> tuple[OpenEconomy, OpenEquilibrium]:
    e = random_economy(n, 5, beta, kind, cheap)
    return e, open_equilibrium(e)


DRAWN = [
    (kind, beta, cheap, n)
    for kind in ("log-normal", "Pareto", "truncated")
    for beta in (0.3, 0.9, 1.0)
    for cheap in (False, True)
    for n in (2, 7, 40)
]


@pytest.mark.parametrize(
    ("kind", "beta", "cheap", "n"),
    [pytest.param(*draw, marks=pytest.mark.slow if draw[3] == 40 and draw[0] != "log-normal" else []) for draw in DRAWN],
)
def test_equations_hold(kind: str, beta: float, cheap: bool, n: int) -> None:
    e, found = drawn(kind, beta, cheap, n)
    w, cost = found.wage, e.iceberg * found.wage
    sold = np.column_stack([tail_moment(g, e.sigma, found.cutoff[:, i]) for i, g in enumerate(e.productivity)])
    survival = np.column_stack([g.survival(found.cutoff[:, i]) for i, g in enumerate(e.productivity)])
    profit = found.demand[:, None] * cost**-3.0 * sold - w * e.fixed_cost * survival
    # (7), complementary to entry
    lack = 1 - profit.sum(axis=0) / (w * e.entry_cost)
    assert (found.entrants >= 0).all()
    assert_allclose(np.minimum(found.entrants / found.entrants.max(), lack), 0, atol=1e-10)
    assert_allclose(lack, found.entry_gap, atol=1e-10)
    # (9), (11)
    index = (4 / 3) ** -3 * (found.entrants * cost**-3.0 * sold).sum(axis=1)
    assert_allclose(found.price_index**-3.0, index, rtol=1e-9)
    assert_allclose(found.trade_share.sum(axis=1), 1, rtol=1e-9)
    assert_allclose(found.sellers, found.entrants * survival, rtol=1e-12)
    # (6), and (12) where the marginal producer sells at home alone
    alone = (w * e.fixed_cost / found.demand[:, None]) ** (1 / 3) * cost
    chosen = found.exporters_choose
    assert_allclose(found.cutoff[:, chosen], alone[:, chosen], rtol=1e-12)
    assert (found.cutoff[:, chosen] >= np.diagonal(found.cutoff)[chosen] * (1 - 1e-12)).all()
    own, spending = np.diagonal(found.cutoff), beta * w * e.labour
    price = 4 / 3 * (4 * w / spending) ** (1 / 3) * w / own
    assert_allclose(found.price_index[chosen], price[chosen], rtol=1e-9)
    # (13), labour, and the world market for the outside good, which Walras' law leaves
    assert_allclose(found.welfare, w * found.price_index**-beta, rtol=1e-12)
    assert_allclose(found.sector_labour + found.outside_labour, e.labour, rtol=1e-9)
    assert_allclose((w * found.outside_labour).sum(), (1 - beta) * (w * e.labour).sum(), rtol=1e-9, atol=1e-8)
    if beta < 1:
        assert (w >= 1).all()
        assert_allclose(np.minimum(w - 1, found.outside_labour), 0, atol=1e-9)
    else:
        assert w[-1] == pytest.approx(1, abs=1e-12)
        assert_allclose(found.flow.sum(axis=0), found.flow.sum(axis=1), rtol=1e-9)  # balanced trade


def test_the_draws_reach_corners_and_joint_decisions() -> None:
    found = [drawn(*draw)[1] for draw in DRAWN if draw[1] < 1 and draw[3] == 40]
    assert any((f.entrants == 0).any() for f in found)
    assert any((f.outside_labour == 0).any() for f in found)
    assert any((~f.exporters_choose).any() for f in found)


@pytest.mark.parametrize("beta", [0.4, 1.0])
@pytest.mark.parametrize("cheap", [False, True])
def test_slopes_are_exact(beta: float, cheap: bool) -> None:
    e = random_economy(4, 3, beta, "log-normal", cheap)
    rng = np.random.default_rng(0)
    start = np.concatenate([rng.uniform(-1.2, -0.8, 4), rng.uniform(0.2, 0.6, 4), rng.uniform(0.01, 0.1, 4)])

    def residual(z: Array) -> Array:
        return conditions.system(e, conditions.at(e, z[:4], z[4:8], z[8:]), slopes=False)[0]

    step = 1e-6
    numeric = np.column_stack([(residual(start + step * unit) - residual(start - step * unit)) / (2 * step) for unit in np.eye(12)])
    _, exact = conditions.system(e, conditions.at(e, start[:4], start[4:8], start[8:]))
    assert_allclose(exact, numeric, atol=1e-7)


def test_a_producer_chooses_its_markets() -> None:
    """Profit at the cutoff is zero, and the firm serves the set of markets that earns most, found by trying all sets."""
    e = random_economy(5, 11, 0.4, "log-normal", cheap=True)
    demand, wage = np.full(5, 0.3), np.array([1.0, 1.1, 0.9, 1.2, 1.0])
    sold = selling(e, demand, wage)
    sets = [np.array([bool(k >> n & 1) for n in range(5)]) for k in range(32)]
    for i in range(5):
        for phi in np.linspace(0.6, 4.0, 60):
            profit = demand * (e.iceberg[:, i] * wage[i]) ** -3.0 * phi**3 - wage[i] * e.fixed_cost[:, i]
            best = max((profit[s].sum() for s in sets if s[i]), default=0.0)
            serves = phi >= sold.cutoff[:, i]
            assert_allclose(profit[serves].sum(), max(best, 0.0), atol=1e-12)
    assert ((sold.weight[0] > 0).sum(axis=0) > 1).any()


@pytest.mark.parametrize("G", [pareto(4.25), log_normal(0.4), truncated_pareto(4.25, 5.0)], ids=["Pareto", "log-normal", "truncated"])
@pytest.mark.parametrize(("N", "tau", "f_x"), [(3, 1.6, 1.2), (2, 1.1, 0.3), (4, 1.0, 0.1), (1, 1.0, 1.0)])
def test_countries_alike(G: Productivity, N: int, tau: float, f_x: float) -> None:
    """The symmetric economy of section 5.5, its joint decisions included, is a special case."""
    found = open_equilibrium(alike(G, [100.0] * N, tau, f_x, 1.0))
    trade = {} if N == 1 else {"countries": N, "iceberg": tau, "fixed_cost": f_x}
    same = equilibrium(Industry(G, 4.0, 1.0, 0.5, 100.0, **trade))
    home = np.eye(N, dtype=bool)
    assert_allclose(found.wage, 1, rtol=1e-10)
    assert_allclose(found.cutoff, np.where(home, same.cutoff, same.export_cutoff), rtol=1e-10)
    assert_allclose(found.demand, same.demand, rtol=1e-10)
    assert_allclose(found.entrants, same.entrants, rtol=1e-10)
    assert_allclose(np.diagonal(found.trade_share), same.domestic_share, rtol=1e-10)
    assert_allclose(found.sellers.sum(axis=1), same.varieties, rtol=1e-10)
    assert_allclose(found.welfare, same.welfare, rtol=1e-10)


def test_quadrature_gives_the_same() -> None:
    frozen = (stats.pareto(4.25), stats.pareto(4.6, scale=1.1), stats.lognorm(0.35, scale=np.exp(0.1)))
    found = open_equilibrium(replace(CASE_2, productivity=tuple(from_scipy(f) for f in frozen)))
    same = open_equilibrium(CASE_2)
    for name in TABLES["2"][2]:
        assert_allclose(getattr(found, name), getattr(same, name), rtol=NINE, err_msg=name)


def test_closed_pairs() -> None:
    """An infinite iceberg cost: without any trade every country is in autarky (5); with one route closed nothing passes it."""
    closed = open_equilibrium(replace(CASE_2, iceberg=two_costs(3, 1.0, np.inf)))
    for i, g in enumerate(CASE_2.productivity):
        f, f_e = CASE_2.fixed_cost[i, i], CASE_2.entry_cost[i]
        alone = equilibrium(Industry(g, 4.0, f, f_e, 0.4 * CASE_2.labour[i]))
        assert_allclose(closed.cutoff[i, i], alone.cutoff, rtol=1e-12)
        assert_allclose(closed.entrants[i], alone.entrants, rtol=1e-12)
        assert_allclose(closed.price_index[i], alone.price_index, rtol=1e-12)
    iceberg = CASE_2.iceberg.copy()
    iceberg[0, 2] = np.inf
    found = open_equilibrium(replace(CASE_2, iceberg=iceberg))
    assert found.flow[0, 2] == found.sellers[0, 2] == 0
    assert found.cutoff[0, 2] == np.inf
    free = np.where(
        np.eye(3, dtype=bool), CASE_2.fixed_cost, 0.0
    )  # without a fixed cost abroad every producer exports, but not on the closed route
    found = open_equilibrium(replace(CASE_2, iceberg=iceberg, fixed_cost=free))
    assert_allclose(found.cutoff[1:, 2], found.cutoff[2, 2])
    assert_allclose(found.cutoff[:, 1], found.cutoff[1, 1])
    assert found.cutoff[0, 2] == np.inf


# --- what the chapter says in words (sections 5.1 to 5.6) ----------------------------------------------------------------------------------


def test_selection_does_not_depend_on_size() -> None:
    """Section 5.2: cutoffs and demand levels do not depend on L̄, only masses do; (12): welfare moves with size though selection does not."""
    small, large = open_equilibrium(CASE_2), open_equilibrium(replace(CASE_2, labour=CASE_2.labour * 3))
    other = open_equilibrium(replace(CASE_2, labour=np.array([105.0, 80, 115])))
    for found in (large, other):
        assert_allclose(found.cutoff, small.cutoff, rtol=1e-11)
        assert_allclose(found.demand, small.demand, rtol=1e-11)
    assert_allclose(large.entrants, 3 * small.entrants, rtol=1e-10)
    assert (np.abs(other.entrants / small.entrants - 1) > 1e-3).all()


def test_the_domestic_cutoff_is_sufficient_for_welfare() -> None:
    """Section 5.4: U_n changes with φ*_nn^β alone, whatever happens to trade costs abroad."""
    before = open_equilibrium(CASE_2)
    after = open_equilibrium(replace(CASE_2, iceberg=np.where(np.eye(3, dtype=bool), 1, 0.93 * CASE_2.iceberg)))
    moved = np.diagonal(after.cutoff) / np.diagonal(before.cutoff)
    assert_allclose(after.welfare / before.welfare, moved**0.4, rtol=1e-10)
    assert (np.abs(after.sellers.sum(axis=1) / before.sellers.sum(axis=1) - 1) > 1e-3).all()


@pytest.mark.parametrize("G", [pareto(4.25), log_normal(0.4)], ids=["Pareto", "log-normal"])
def test_home_market_effect(G: Productivity) -> None:
    """Section 5.6: entrants, producing firms and labour more than in proportion to size; the larger country has a surplus in the sector."""
    e = alike(G, [100, 85, 70], 1.5, 1.3, 0.3)
    found = open_equilibrium(e)
    assert (found.outside_labour > 0).all()
    assert_allclose(np.diagonal(found.cutoff), found.cutoff[0, 0], rtol=1e-12)
    for values in (found.entrants, np.diagonal(found.sellers), found.sector_labour):
        assert values[0] / values[1] > 100 / 85
        assert values[1] / values[2] > 85 / 70
    surplus = found.sector_labour - 0.3 * e.labour
    assert surplus[0] > 0 > surplus[2]
    assert_allclose(surplus.sum(), 0, atol=1e-9)
    assert_allclose(found.sector_labour, found.flow.sum(axis=0), rtol=1e-12)  # L_i = R_i = M_ii r̄
    average = found.flow.sum(axis=0) / np.diagonal(found.sellers)
    assert_allclose(average, average[0], rtol=1e-10)


def test_gains_from_trade_for_every_country_with_an_outside_good_and_equal_costs() -> None:
    """Section 5.6: every cutoff above autarky, B below, B(1+(N−1)τ^(1−σ)) above; smaller numbers of producers where labour does not move."""
    e = alike(log_normal(0.4), [100, 90, 80], 1.5, 1.3, 0.3)
    found, closed = open_equilibrium(e), open_equilibrium(replace(e, iceberg=two_costs(3, 1.0, np.inf)))
    assert (np.diagonal(found.cutoff) > np.diagonal(closed.cutoff)).all()
    assert (found.welfare > closed.welfare).all()
    assert (found.demand < closed.demand).all()
    assert (found.demand * (1 + 2 * 1.5**-3) > closed.demand).all()


def test_single_sector_masses_in_proportion_to_size_only_with_equal_wages(validate: Validate) -> None:
    """Worked case 5c: unlike sizes, one sector; entrants stay proportional under Pareto alone, producing firms under neither."""
    wanted = {
        "Pareto": [1.0571536, 1.479386616, 1.521330511, 2, 2.25233522],
        "log-normal": [1.042028989, 1.255891849, 1.271799946, 2.04651303, 2.12554464],
    }
    got = {}
    for name, G in zip(wanted, (pareto(4.25), log_normal(0.4)), strict=True):
        found = open_equilibrium(alike(G, [100, 50], 1.5, 1.4, 1.0))
        firms = np.diagonal(found.sellers)
        got[name] = [found.wage[0], *np.diagonal(found.cutoff), found.entrants[0] / found.entrants[1], firms[0] / firms[1]]
    columns = ["wage of 1", "cutoff φ*_11", "cutoff φ*_22", "entrants M_E, 1 over 2", "producing firms M, 1 over 2"]
    nine_digits = {("log-normal", columns[3]): NINE * 2.04651303}  # are printed; the tenth is missed
    place = "Case 5c. One sector, labour 100 and 50, no outside good, Pareto k = 4.25 and log-normal s = 0.4"
    compare(validate, place, columns, wanted, got, nine_digits)


# --- Pareto: the levels of the multi-country engine, and its limits ------------------------------------------------------------------------

LABOUR = [100.0, 60.0, 30.0]
UNLIKE = OpenEconomy(pareto(4.25), 4.0, LABOUR, CASE_2.entry_cost, CASE_2.fixed_cost, CASE_2.iceberg)


NAMES = ["A", "B", "C"]


def unlike_world() -> World:
    """The same economy as a technology file has it."""

    def table(array: Array) -> dict[str, Any]:
        return {i: {n: float(array[k, m]) for k, n in enumerate(NAMES) if n != i} for m, i in enumerate(NAMES)}

    return make_world({
        "countries": NAMES, "sectors": ["goods"], "endowment": dict(zip(NAMES, LABOUR, strict=True)),
        "entry_cost": {c: float(v) for c, v in zip(NAMES, UNLIKE.entry_cost, strict=True)},
        "home_fixed_cost": {c: float(v) for c, v in zip(NAMES, np.diagonal(UNLIKE.fixed_cost), strict=True)},
        "iceberg": table(UNLIKE.iceberg), "fixed_cost": table(UNLIKE.fixed_cost),
    })  # fmt: skip


def cheaper_13() -> OpenEconomy:
    """τ_13 falls by a fifth."""
    iceberg = UNLIKE.iceberg.copy()
    iceberg[0, 2] *= 0.8
    return replace(UNLIKE, iceberg=iceberg)


def shock_13(benchmark: Benchmark) -> Shock:
    """The same in changes."""
    iceberg = xr.ones_like(benchmark.data["flow"])
    iceberg.loc[{"exporter": "C", "importer": "A"}] = 0.8
    return change(benchmark, iceberg=iceberg)


def test_agrees_with_the_system_in_levels() -> None:
    """Pareto, one sector, no outside good: cutoffs, entrants, sellers, prices, welfare of `solve_world` and `solve_levels` (section 6)."""
    exponents = melitz(4.0, 4.25)
    levels, economy = solve_world(unlike_world(), exponents)
    benchmark = calibrate(economy)
    solution = solve_levels(benchmark, exponents, shock_13(benchmark), written=levels)
    firm = firm_levels(solution)
    welfare: list[Array] = []
    for suffix, here in (("_benchmark", UNLIKE), ("", cheaper_13())):
        found = open_equilibrium(here)
        order = ("importer", "exporter")
        for name, value in (("cutoff", found.cutoff), ("exporters", found.sellers)):
            assert_allclose(firm[f"{name}{suffix}"].isel(sector=0).transpose(*order), value, rtol=1e-8, err_msg=name)
        cost = firm[f"bundle_cost{suffix}"].isel(sector=0).values
        assert_allclose(cost / cost[-1], found.wage, rtol=1e-8)
        assert_allclose(firm[f"entrants{suffix}"].isel(sector=0), found.entrants, rtol=1e-8)
        assert_allclose(firm[f"price_level{suffix}"].isel(sector=0) / cost[-1], found.price_index, rtol=1e-8)
        assert_allclose(firm[f"welfare{suffix}"] / LABOUR, found.welfare, rtol=1e-8)
        welfare.append(found.welfare)
    hat = solve_hat(benchmark, exponents, shock_13(benchmark))
    assert_allclose(hat.data["real_income"], welfare[1] / welfare[0], rtol=1e-8)


CASE_5D = "Case 5d. Three countries, one sector, no outside good, Pareto k = 4.25"


def test_gains_from_trade_of_shares(validate: Validate) -> None:
    """Worked case 5d: the base, and welfare over that of autarky, λ_nn^(−1/k) in all models of one trade elasticity."""
    before, closed = open_equilibrium(UNLIKE), open_equilibrium(replace(UNLIKE, iceberg=two_costs(3, 1.0, np.inf)))
    income = before.wage * UNLIKE.labour
    gains = before.welfare / closed.welfare
    share, of_income, of_trade = "trade_share", "share of world income", "gains from trade"
    compare(
        validate, CASE_5D, places(3),
        {
            share: [
                [0.881403067, 0.08608075434, 0.03251617864],
                [0.1438025447, 0.7592887107, 0.09690874454],
                [0.1227613985, 0.1729810173, 0.7042575842],
            ],
            of_income: [0.5352773714, 0.3056988756, 0.1590237529],
            of_trade: [1.03014914, 1.066938884, 1.085995122],
        },
        {share: before.trade_share, of_income: income / income.sum(), of_trade: gains},
    )  # fmt: skip
    assert_allclose(np.diagonal(before.trade_share) ** (-1 / 4.25), gains, rtol=NINE)


CHANGES = {"wage": [0.9374035996, 0.9566641146, 1], "welfare": [1.005626307, 0.9991402758, 1.017084684]}
CHANGES_MELITZ = {"wage": [0.9421999946, 0.9599669325, 1], "welfare": [1.005566934, 0.9991227466, 1.017307548]}
MODELS = {
    "Armington": (armington(5.25), CHANGES),
    "Eaton–Kortum": (eaton_kortum(4.25), CHANGES),
    "Krugman": (krugman(5.25), CHANGES),
    "Melitz": (melitz(4.0, 4.25), CHANGES_MELITZ),
}


def test_models_with_the_same_trade_elasticity(validate: Validate) -> None:
    """Worked case 5d: τ_13 falls by a fifth; Melitz from firms, and every model by exact changes from the base's trade shares."""
    benchmark = calibrate(solve_world(unlike_world(), melitz(4.0, 4.25))[1])
    before, after = open_equilibrium(UNLIKE), open_equilibrium(cheaper_13())
    assert_allclose(benchmark.data["trade_share"].isel(sector=0).transpose("importer", "exporter"), before.trade_share, rtol=NINE)
    firms = "Melitz, from firms"
    published = {name: printed for name, (_, printed) in MODELS.items()} | {firms: CHANGES_MELITZ}
    found = {firms: {"wage": after.wage / before.wage, "welfare": after.welfare / before.welfare}}
    for name, (exponents, _) in MODELS.items():
        solution = solve_hat(benchmark, exponents, shock_13(benchmark)).data
        wage = solution["factor_price"].squeeze("factor")
        found[name] = {"wage": wage / wage[-1], "welfare": solution["real_income"]}

    def rows(table: dict[str, dict[str, Any]]) -> dict[str, Any]:
        return {f"change in {what}, {name}": values for name, one in table.items() for what, values in one.items()}

    place = f"{CASE_5D}: τ_13 × 0.8"
    compare(validate, place, places(3), rows(published), rows(found))
    gap = ("Melitz less the others, change in welfare", "country or origin 3")
    validate(
        SOURCE,
        place,
        {gap: 2.2e-4},
        {gap: float(found["Melitz"]["welfare"][2] - found["Krugman"]["welfare"][2])},
        within_printed("0.00022"),
    )


def test_truncation_tends_to_pareto() -> None:
    """The error of every cutoff falls like H^−(k−σ+1)."""
    limit = open_equilibrium(UNLIKE).cutoff

    def error(H: float) -> Array:
        return np.asarray(open_equilibrium(replace(UNLIKE, productivity=(truncated_pareto(4.25, H),) * 3)).cutoff / limit - 1)

    near, far = error(1e3), error(1e5)
    assert_allclose(near / far, 100**1.25, rtol=0.02)
    assert (np.abs(far) < 1e-5).all()


@pytest.mark.parametrize("s", [0.2, 0.4, 0.5])
def test_a_million_firms(s: float) -> None:
    """Free entry (8) of two countries alike but for their costs, with the integrals over a million draws: ln φ* within its standard error."""
    draws = np.sort(np.random.default_rng(8).lognormal(0.0, s, 1_000_000))
    above = np.append(np.cumsum(draws[::-1] ** 3)[::-1], 0.0) / len(draws)
    share = np.append(np.arange(len(draws), 0, -1), 0) / len(draws)
    e = OpenEconomy(log_normal(s), 4.0, [100, 100], [0.5, 0.55], [[1, 1.4], [1.5, 1.1]], [[1, 1.5], [1.6, 1]], 0.3)

    def cutoffs(x: Array) -> Array:
        return np.asarray((e.fixed_cost / np.exp(x)[:, None]) ** (1 / 3) * e.iceberg)

    def excess(x: Array) -> Array:
        c = cutoffs(x)
        place = np.searchsorted(draws, c)
        return np.asarray((e.fixed_cost * (above[place] / c**3 - share[place])).sum(axis=0) - e.entry_cost)

    found = open_equilibrium(e)
    x = optimize.root(excess, np.log(found.demand), method="hybr", options={"xtol": 1e-10, "eps": 1e-4}).x
    # delta method: the variance of an entrant's profit, over the slope of expected profits
    profit = np.maximum(found.demand[:, None, None] * e.iceberg[:, :, None] ** -3.0 * draws**3 - e.fixed_cost[:, :, None], 0).sum(axis=0)
    slope = (found.demand[:, None] * e.iceberg**-3.0 * above[np.searchsorted(draws, found.cutoff)]).T
    inverse = np.linalg.inv(slope)
    deviation = np.sqrt(np.diag(inverse @ np.cov(profit) @ inverse.T) / len(draws))
    assert (np.abs(x - np.log(found.demand)) < 4 * deviation).all()
    assert (deviation < 0.02).all()


# --- faults --------------------------------------------------------------------------------------------------------------------------------


def test_all_faults_at_once() -> None:
    with pytest.raises(DataError) as fault:
        OpenEconomy(pareto(2.5), 4.0, [100, -1], 0.5, [[1, 1], [1, 0]], [[1, 0.9], [1.2, 1.1]], 1.5, ["Home", "Abroad"])
    said = "\n".join(fault.value.faults)
    for words in (
        "tail index", "spending_share = 1.5", "labour = -1 at country=Abroad", "fixed_cost = 0 at market=Abroad origin=Abroad",
        "iceberg = 0.9 at market=Home origin=Abroad", "iceberg = 1.1 at market=Abroad origin=Abroad, but it must be 1 at home",
    ):  # fmt: skip
        assert words in said


def test_faults_of_shapes() -> None:
    with pytest.raises(DataError) as fault:
        OpenEconomy((pareto(5.0),), 4.0, [100, 90], [0.5], [[1, 1]], 1.2, names=["A"])
    assert [line.split(":")[0] for line in fault.value.faults] == ["entry_cost", "fixed_cost", "iceberg", "productivity", "names"]
    with pytest.raises(DataError, match="fixed_cost: not numbers"):
        OpenEconomy(pareto(5.0), 4.0, [100, 90], 0.5, [[1, 1], [1]], 1.2)


def test_primitives_cannot_be_changed() -> None:
    labour = np.array([100.0, 90.0])
    economy = alike(pareto(5.0), list(labour), 1.5, 1.2, 0.5)
    with pytest.raises(ValueError, match="read-only"):
        economy.labour[0] = 1.0
    again = replace(economy, labour=labour)
    labour[0] = 1.0
    assert again.labour[0] == 100


def test_what_is_not_solved_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(semismooth, "STEPS", 1)
    with pytest.raises(SolveError, match=r"not solved: .* of country \d fails by"):
        open_equilibrium(CASE_2)


def test_table_of_countries() -> None:
    economy = replace(CASE_2, names=("A", "B", "C"))
    found = open_equilibrium(economy)
    table = countries_table(economy, found)
    assert list(table.index) == ["A", "B", "C"]
    assert_allclose(
        table.loc["B", ["cutoff", "trade_share", "producers"]].tolist(), [found.cutoff[1, 1], found.trade_share[1, 1], found.sellers[1, 1]]
    )
    assert_allclose(table["varieties"], found.sellers.sum(axis=1))
    assert_allclose(table["sector_labour"] + table["outside_labour"], economy.labour)
