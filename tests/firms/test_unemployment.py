"""Search in two sectors (chapter, section 10; Helpman and Itskhoki 2010): worked cases, firms and equilibria by other means, signs and corners."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import integrate, optimize
from validation import Validate
from worked import cases, meet

from cge.errors import DataError
from cge.firms import (
    CobbDouglas,
    OpenEconomy,
    QuasiLinear,
    SearchEconomy,
    SearchTrade,
    log_normal,
    open_equilibrium,
    pareto,
    search_economy_equilibrium,
    unemployment_along,
    unemployment_figure,
    unemployment_table,
)
from cge.firms import entry as conditions
from cge.firms.unemployment.sector import sector

Array = NDArray[np.float64]

CASES = cases("unemployment")
FIXED, TAU = np.array([[1.0, 1.4], [1.3, 1.1]]), np.array([[1.0, 1.5], [1.6, 1.0]])
BASE = SearchEconomy(pareto(4.25), 4.0, [100, 80], [0.5, 0.55], FIXED, TAU, [1.4, 1.5], [1.0, 1.1], CobbDouglas(0.4))
QUASI = replace(BASE, preferences=QuasiLinear(0.08, 1.6))
EASY = replace(BASE, search_cost=0.7 * np.array([1.0, 1.5 / 1.4]))
CHEAPER = np.where(np.eye(2), 1.0, 0.9 * TAU)
NAMES = {
    "x0": "outside_tightness", "x": "tightness", "b": "wage", "wage_differentiated": "wage", "B": "demand", "ME": "entrants", "P": "price_index",
}  # fmt: skip


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


def scaled(economy: SearchEconomy, *factors: float) -> SearchEconomy:
    """Search costs in the differentiated sector times these."""
    return replace(economy, search_cost=economy.search_cost * np.array(factors))


ECONOMIES = {
    "G1": BASE, "G2": scaled(BASE, 0.9, 1.0), "G3": scaled(BASE, 0.9, 0.9), "G4": replace(BASE, iceberg=CHEAPER), "G5": EASY,
    "G6": replace(EASY, iceberg=CHEAPER), "G7q quasi-linear eps=1.6 spend=.08, base": QUASI,
    "G7q quasi-linear eps=1.6 spend=.08, both": scaled(QUASI, 0.9, 0.9),
}  # fmt: skip


def rows(found: SearchTrade) -> dict[str, Array]:
    """Everything that a worked case may ask; cutoffs and shares of a country's own firms, and their cutoff in the other one."""
    return found._asdict() | {
        "cutoff": np.diagonal(found.cutoff), "export_cutoff": found.cutoff[[1, 0], [0, 1]], "domestic_share": np.diagonal(found.trade_share),
    }  # fmt: skip


@pytest.mark.parametrize("name", ECONOMIES)
def test_worked_cases(name: str, validate: Validate) -> None:
    title, table = case(name)
    economy = ECONOMIES[name]
    if name in ("G5", "G6"):  # a = .7 and .75, as the hiring costs say
        assert_allclose(economy.search_cost, [0.7, 0.75])
    meet(validate, title, table, rows(search_economy_equilibrium(economy)), **NAMES)


def test_worked_signs(validate: Validate) -> None:
    title, table = case("G7 signs")
    e = {name: search_economy_equilibrium(ECONOMIES[name]) for name in ("G1", "G2", "G3", "G4", "G5", "G6")}
    here: dict[str, Array] = {}
    for name, against in (("G2", "G1"), ("G3", "G1"), ("G4", "G1"), ("G6", "G5")):
        here[f"dU {name}"] = e[name].welfare / e[against].welfare - 1
        here[f"du {name}"] = e[name].unemployment - e[against].unemployment
        here[f"searchers {name}"] = e[name].share_searchers - e[against].share_searchers
    meet(validate, title, table, here)
    title, table = case("G7q signs")
    base, here = search_economy_equilibrium(QUASI), {}
    for word, economy in (("country 1 a times .9", scaled(QUASI, 0.9, 1.0)), ("both a times .9", scaled(QUASI, 0.9, 0.9)),
                          ("trade costs times .9", replace(QUASI, iceberg=CHEAPER))):  # fmt: skip
        found = search_economy_equilibrium(economy)
        here[f"welfare {word}"] = found.welfare / base.welfare - 1
        here[f"sales {word}"] = found.sales / base.sales - 1
        here[f"unemployment {word}"] = found.unemployment / base.unemployment - 1  # relative here
    meet(validate, title, table, here)


# --- by other means --------------------------------------------------------------------------------------------------------------------------


def test_a_firm_hires_what_is_best() -> None:
    """With a bargain that gives the firm σ/(2σ−1) of revenue, employment and where to sell by search: profit, price and who exports."""
    found, s = search_economy_equilibrium(BASE), 3.0
    for i, phi in ((0, 1.6), (0, 3.5), (1, 2.0), (1, 4.0)):
        other, b = 1 - i, found.wage[i]
        level = found.spending ** (1 / 4) * found.price_index ** (s / 4)  # r = level·q^(3/4)

        def profit(z: Array, both: bool, i: int = i, phi: float = phi, other: int = other, b: float = b, level: Array = level) -> float:
            made, home = phi * np.exp(z[0]), 1 / (1 + np.exp(z[1])) if both else 1.0
            sold = level[i] * (made * home) ** 0.75
            if both:
                sold += level[other] * (made * (1 - home) / TAU[other, i]) ** 0.75
            return float(4 / 7 * sold - b * np.exp(z[0]))

        search = {"method": "Nelder-Mead", "options": {"xatol": 1e-11, "fatol": 1e-15, "maxiter": 4000, "maxfev": 4000}}
        alone, both = (optimize.minimize(lambda z, k=k: -profit(z, k), np.zeros(2 if k else 1), **search) for k in (False, True))
        here = found.demand[i] * (phi / b) ** s
        assert_allclose(-alone.fun, here, rtol=1e-10)
        there = found.demand[other] * (phi / (TAU[other, i] * b)) ** s
        assert_allclose(-both.fun, here + there, rtol=1e-10)
        assert (-both.fun - FIXED[other, i] > -alone.fun) == (phi > found.cutoff[other, i])
        price = level[i] * (phi * np.exp(alone.x[0])) ** -0.25
        assert_allclose(price, 7 / 3 * b / phi, rtol=1e-5)
        revenue = price * phi * np.exp(alone.x[0])
        assert_allclose(revenue * 3 / 7, b * np.exp(alone.x[0]), rtol=1e-5)  # wages, and as much for hires


ONES = replace(BASE, productivity=(log_normal(0.4), log_normal(0.35, 0.05)), search_elasticity=[1.0, 1.4], outside_search_cost=[0.9, 0.8])


@pytest.mark.parametrize("economy", [BASE, QUASI, ONES, replace(ONES, preferences=QuasiLinear(0.05, 2.8))])
def test_the_equilibrium_by_its_own_sums(economy: SearchEconomy) -> None:
    """Search from its two equations by a root, free entry by quadrature and a root in B, entrants from demand as a linear system."""
    found, s = search_economy_equilibrium(economy), economy.sigma - 1

    def search(a: float, a0: float, e: float) -> tuple[float, float, float]:
        x0 = optimize.brentq(lambda x: a0 * x**e - 0.5, 1e-9, 1.0)
        x = optimize.brentq(lambda x: x * a * x**e - x0 / 2, 1e-9, 1.0)
        return x0, x, a * x**e

    searched = np.array(
        [search(*one) for one in zip(economy.search_cost, economy.outside_search_cost, economy.search_elasticity, strict=True)]
    )
    x0, x, b = searched.T

    def sums(n: int, i: int, demand: Array) -> tuple[float, float]:
        """Of an entrant of i in n: sales over B, and the chance to sell."""
        g, unit = economy.productivity[i], economy.iceberg[n, i] * b[i]
        cut = max((economy.fixed_cost[n, i] / demand[n]) ** (1 / s) * unit, g.lower)
        over = [integrate.quad(lambda t, p=p: float(g.density(np.exp(t))) * np.exp((1 + p) * t), np.log(cut), np.log(cut) + (40 if g.lower else 8),
                               epsrel=1e-12, limit=300)[0] for p in (s, 0.0)]  # fmt: skip
        return unit**-s * over[0], over[1]

    def excess(log_demand: Array) -> list[float]:
        demand = np.exp(log_demand)
        of = [[sums(n, i, demand) for n in range(2)] for i in range(2)]
        return [
            sum(demand[n] * of[i][n][0] - economy.fixed_cost[n, i] * of[i][n][1] for n in range(2)) - economy.entry_cost[i]
            for i in range(2)
        ]

    root = optimize.root(excess, np.log(found.demand) + 0.05, tol=1e-12)
    demand = np.exp(root.x)
    assert_allclose(found.demand, demand, rtol=1e-9)
    mark, p = (2 * economy.sigma - 1) / s, economy.preferences
    income = x0 / 2

    def spent(n: int, price: float) -> float:
        each = p.share * income[n] if isinstance(p, CobbDouglas) else p.weight * price ** (1 - p.elasticity)
        return float(economy.labour[n] * each)

    def gap(q: float, n: int) -> float:
        """Of B from spending and the price index, in logs."""
        return float(np.log(spent(n, q) * (q / mark) ** s / (2 * economy.sigma - 1) / demand[n]))

    price = np.array([optimize.brentq(gap, 1e-3, 1e3, args=(n,), xtol=1e-14) for n in range(2)])
    spending = np.array([spent(n, price[n]) for n in range(2)])
    per_entrant = np.array([[(2 * economy.sigma - 1) * demand[n] * sums(n, i, demand)[0] for i in range(2)] for n in range(2)])
    entrants = np.linalg.solve(per_entrant, spending)
    assert_allclose(found.entrants, entrants, rtol=1e-8)
    assert_allclose(found.price_index, price, rtol=1e-8)
    searchers = s / (2 * economy.sigma - 1) * (per_entrant * entrants).sum(axis=0) / income
    assert_allclose(found.unemployment, (searchers * (1 - x) + (economy.labour - searchers) * (1 - x0)) / economy.labour, rtol=1e-8)


def test_simulated_workers_expect_the_same_everywhere() -> None:
    """A hundred thousand searchers in each sector of country 1, matched or not: mean incomes agree, and so does unemployment."""
    found, rng, count = search_economy_equilibrium(BASE), np.random.default_rng(3), 100_000
    incomes = [np.where(rng.random(count) < x, w, 0.0) for x, w in ((found.tightness[0], found.wage[0]), (found.outside_tightness[0], 0.5))]
    for income in incomes:
        assert abs(income.mean() - found.expected_income[0]) < 4 * income.std() / np.sqrt(count)
    idle = [(income == 0).mean() for income in incomes]
    share = found.share_searchers[0]
    assert abs(share * idle[0] + (1 - share) * idle[1] - found.unemployment[0]) < 4 * 0.5 / np.sqrt(count)


@pytest.mark.parametrize("economy", [BASE, QUASI])
def test_slopes_are_exact(economy: SearchEconomy) -> None:
    """Of entry and demand, spending that reacts included, off the equilibrium."""
    firms = sector(economy)
    start = np.array([-2.6, -2.9, 0.05, 0.02])

    def residual(z: Array) -> Array:
        return conditions.system(firms, conditions.at(firms, z[:2], z[2:], np.zeros(2)), slopes=False)[0][:4]

    step = 1e-6
    numeric = np.column_stack([(residual(start + step * u) - residual(start - step * u)) / (2 * step) for u in np.eye(4)])
    exact = conditions.system(firms, conditions.at(firms, start[:2], start[2:], np.zeros(2)))[1][:4, :4]
    assert_allclose(exact, numeric, rtol=1e-7, atol=1e-9)


# --- nests -----------------------------------------------------------------------------------------------------------------------------------


def test_where_hires_cost_one_it_is_melitz_with_an_outside_good() -> None:
    """b = 1: cutoffs and B are those of the base; mark-ups are (2σ−1)/σ times as high, which leaves σ/(2σ−1) of entrants for the same spending."""
    x0 = BASE.outside_tightness
    at_one = replace(BASE, search_cost=2 / x0)  # x = ω = x_0/2 where a·x = 1
    found = search_economy_equilibrium(at_one)
    assert_allclose(found.wage, 1, rtol=1e-14)
    income = found.expected_income
    same = open_equilibrium(OpenEconomy(pareto(4.25), 4.0, income * BASE.labour, BASE.entry_cost, FIXED, TAU, 0.4))
    assert_allclose(found.cutoff, same.cutoff, rtol=1e-12)
    assert_allclose(found.demand, same.demand, rtol=1e-12)
    assert_allclose(found.entrants, 4 / 7 * same.entrants, rtol=1e-11)
    assert_allclose(found.trade_share, same.trade_share, rtol=1e-11)
    assert_allclose(found.price_index, 7 / 4 * same.price_index * (4 / 7) ** (-1 / 3), rtol=1e-11)


def test_hiring_costs_are_productivity() -> None:
    """Cutoffs in φ/b are those of Melitz with G of φ/b: search costs everywhere times the same leave cutoffs in φ where they are."""
    found = search_economy_equilibrium(BASE)
    same = open_equilibrium(OpenEconomy([pareto(4.25, 1 / b) for b in found.wage], 4.0, [1000, 800], BASE.entry_cost, FIXED, TAU, 0.1))
    assert_allclose(found.cutoff / found.wage, same.cutoff, rtol=1e-11)
    both = search_economy_equilibrium(scaled(BASE, 0.81, 0.81))
    assert_allclose(both.cutoff, found.cutoff, rtol=1e-11)


def test_countries_alike_and_labels() -> None:
    """Three alike are each other's copy; the order of countries does not matter."""
    three = SearchEconomy(
        log_normal(0.4), 4.0, [50.0] * 3, 0.5, np.where(np.eye(3), 1, 1.2), np.where(np.eye(3), 1, 1.4), 1.4, 1.0, QuasiLinear(0.05, 2.0)
    )
    found = search_economy_equilibrium(three)
    for values in (found.entrants, found.unemployment, found.welfare, found.cutoff.diagonal()):
        assert_allclose(values, values[0], rtol=1e-10)
    turned = SearchEconomy(
        pareto(4.25), 4.0, [80, 100], [0.55, 0.5], FIXED[::-1, ::-1], TAU[::-1, ::-1], [1.5, 1.4], [1.1, 1.0], CobbDouglas(0.4)
    )
    assert_allclose(search_economy_equilibrium(turned).unemployment[::-1], search_economy_equilibrium(BASE).unemployment, rtol=1e-11)


# --- the chapter's sentences, and their conditions -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("economy", [BASE, QUASI])
def test_a_countrys_institutions_are_its_comparative_advantage(economy: SearchEconomy) -> None:
    """Cheaper search at home: the sector grows there and shrinks abroad, welfare rises there and falls abroad."""
    base, found = (search_economy_equilibrium(e) for e in (economy, scaled(economy, 0.9, 1.0)))
    assert found.welfare[0] > base.welfare[0]
    assert found.welfare[1] < base.welfare[1]
    assert (np.sign(found.sales - base.sales) == [1, -1]).all()
    assert found.price_index[0] < base.price_index[0]


def test_a_country_without_the_sector_gains_from_its_partners_institutions() -> None:
    """It has no sector that could contract: it only buys, and the same reform abroad makes that cheaper."""
    small = replace(BASE, labour=[100.0, 3.0], search_cost=[1.4, 3.0], iceberg=np.where(np.eye(2), 1, 1.2))
    base, found = (search_economy_equilibrium(e) for e in (small, scaled(small, 0.9, 1.0)))
    assert base.entrants[1] == found.entrants[1] == 0
    assert found.welfare[1] > base.welfare[1]


def test_both_together_expand_the_sector_only_where_demand_is_elastic() -> None:
    """Welfare rises in both; sales, entrants and searchers do not move at all with (1), and grow with quasi-linear utility."""
    base, found = (search_economy_equilibrium(e) for e in (BASE, scaled(BASE, 0.9, 0.9)))
    assert (found.welfare > base.welfare).all()
    for name in ("cutoff", "sales", "entrants", "searchers"):
        assert_allclose(getattr(found, name), getattr(base, name), rtol=1e-10)
    base, found = (search_economy_equilibrium(e) for e in (QUASI, scaled(QUASI, 0.9, 0.9)))
    assert (found.welfare > base.welfare).all()
    assert_allclose(found.cutoff, base.cutoff, rtol=1e-10)
    assert (found.sales > 1.03 * base.sales).all()
    little = replace(QUASI, preferences=QuasiLinear(0.08, 1 + 1e-9))  # and in proportion to ε − 1
    base, found = (search_economy_equilibrium(e) for e in (little, scaled(little, 0.9, 0.9)))
    assert_allclose(found.sales, base.sales, rtol=1e-8)


@pytest.mark.parametrize("economy", [BASE, EASY, replace(BASE, labour=[80, 100]), replace(EASY, entry_cost=[0.6, 0.5])])
def test_trade_moves_unemployment_by_what_expands(economy: SearchEconomy) -> None:
    """Its change is the change of the sector's searchers times x_0 − x: the sign turns with which sector is the more frictional."""
    base, found = (search_economy_equilibrium(e) for e in (economy, replace(economy, iceberg=CHEAPER)))
    grows = found.share_searchers - base.share_searchers
    assert (np.sign(grows[0]), np.sign(grows[1])) in ((1, -1), (-1, 1))
    assert_allclose(found.unemployment - base.unemployment, grows * (base.outside_tightness - base.tightness), rtol=1e-6)
    assert (found.welfare > base.welfare).all()


def test_where_both_sectors_search_alike_trade_moves_nothing() -> None:
    """x = x_0, as where a·x_0^e = ½: everybody finds work as often anywhere."""
    even = replace(BASE, search_cost=0.5 / BASE.outside_tightness)
    base, found = (search_economy_equilibrium(e) for e in (even, replace(even, iceberg=CHEAPER)))
    assert_allclose(base.tightness, base.outside_tightness, rtol=1e-14)
    assert_allclose(found.unemployment, base.unemployment, rtol=1e-13)
    assert abs(found.sales / base.sales - 1).max() > 1e-3


# --- corners ---------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("preferences", [CobbDouglas(0.4), QuasiLinear(0.05, 1.6), QuasiLinear(0.02, 3.5)])
def test_nobody_enters_where_it_does_not_pay(preferences: CobbDouglas | QuasiLinear) -> None:
    """Entry in 1 alone: B of 1 and 2 from free entry of 1 and both demands, by a root; profits in 2 would not cover entry."""
    small = replace(BASE, labour=[100.0, 3.0], search_cost=[1.4, 3.0], iceberg=np.where(np.eye(2), 1, 1.2), preferences=preferences)
    found, firms = search_economy_equilibrium(small), sector(small)
    assert found.entrants[1] == found.sales[1] == found.searchers[1] == 0
    assert 0 < found.entry_gap[1] < 1
    assert found.unemployment[1] == pytest.approx(1 - found.outside_tightness[1], rel=1e-14)

    def excess(z: Array) -> Array:
        demand, mass = np.exp(z[:2]), np.exp(z[2])
        sold = firms.selling(demand, np.ones(2))
        income = small.expected_income
        price = found.price_index * (demand / found.demand) ** (1 / (3 - preferences.price_elasticity()))
        spent = small.labour * preferences.spending(income, price)
        free = sold.profit[:, 0].sum() - sold.outlay[0] - small.entry_cost[0]
        return np.array([free, *(7 * mass * sold.profit[:, 0] / spent - 1)])

    start = np.log([*found.demand, found.entrants[0]])
    root = optimize.root(excess, start + np.array([0.1, -0.1, 0.1]), tol=1e-12)
    assert_allclose(root.x, start, rtol=1e-8, atol=1e-8)
    assert_allclose(found.flow.sum(axis=1), found.spending, rtol=1e-9)


def test_a_sector_larger_than_its_country_is_refused() -> None:
    cheap = np.where(np.eye(2), 1, 1.2)
    large = replace(BASE, preferences=CobbDouglas(0.9), search_cost=[0.6, 3.0], labour=[20.0, 300.0], iceberg=cheap)
    with pytest.raises(DataError, match=r"sector of country 1 would need .* times its workers"):
        search_economy_equilibrium(large)
    assert search_economy_equilibrium(replace(large, labour=[200.0, 300.0])).share_searchers[0] < 1
    with pytest.raises(DataError) as raised:
        search_economy_equilibrium(replace(QUASI, preferences=QuasiLinear(0.3, 1.6)))
    assert sum("times its income on the differentiated sector" in fault for fault in raised.value.faults) == 2


# --- input, table and figure -----------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        SearchEconomy(pareto(2.0), 4.0, [100, -1], 0.5, FIXED, TAU, [1.4, 0.0], [1.0, np.nan], QuasiLinear(0.0, 4.0), -1.0, ["A", "B"])
    words = ("weight = 0", "elasticity = 4", "tail index is 2", "labour = -1 at country=B", "search_cost = 0 at country=B",
             "outside_search_cost = nan at country=B", "search_elasticity = -1 at country=A", "search_elasticity = -1 at country=B")  # fmt: skip
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * len(words)
    with pytest.raises(DataError) as raised:
        replace(BASE, search_cost=[0.2, 1.5], outside_search_cost=[1.0, 0.5])
    assert [word in fault for word, fault in zip(("outside_search_cost = 0.5 at country=2", "search_cost = 0.2 at country=1"), raised.value.faults,
                                               strict=True)] == [True, True]  # fmt: skip
    assert all("raise search costs" in fault for fault in raised.value.faults)
    replace(BASE, search_cost=[0.26, 1.5], outside_search_cost=[1.0, 0.51])
    with pytest.raises(DataError, match="names: A given more than once"):
        replace(BASE, names=("A", "A"))
    with pytest.raises(DataError, match="search_cost: shape"):
        replace(BASE, search_cost=[1.0, 1.0, 1.0])
    for share in (0.0, 1.0):
        with pytest.raises(DataError, match="share ="):
            replace(BASE, preferences=CobbDouglas(share))
    with pytest.raises(DataError, match="iceberg"):
        unemployment_along(BASE, [0.5])
    with pytest.raises(DataError, match="at least one"):
        unemployment_along(BASE, [])


def test_table_path_and_figure() -> None:
    economy = replace(BASE, names=("A", "B"))
    found = search_economy_equilibrium(economy)
    table = unemployment_table(economy, found)
    assert list(table.index) == ["A", "B"]
    assert_allclose(table["trade_share"], found.trade_share.diagonal())
    path = unemployment_along(economy, [1.2, 1.0])
    assert path["unemployment"].dims == ("times", "country")
    assert_allclose(path["unemployment"].sel(times=1.0), found.unemployment)
    line = path["unemployment"].sel(country="A").to_series()
    ax = unemployment_figure({"A": line})
    assert_allclose(ax.lines[0].get_ydata(), [100 * (line[1.0] - line[1.2]), 0], atol=1e-14)
    for bad, word in (({}, "0 lines"), ({"A": line.iloc[:1]}, "needs two"), ({str(k): line for k in range(5)}, "5 lines")):
        with pytest.raises(DataError, match=word):
            unemployment_figure(bad)
    assert isinstance(table, pd.DataFrame)
