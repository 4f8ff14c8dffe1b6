"""Search and screening (chapter, section 10; Helpman, Itskhoki and Redding 2010): worked cases, a firm's own search for what is best, conditions."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import integrate, optimize
from validation import Validate
from worked import cases, meet

from cge.errors import DataError
from cge.firms import (
    Industry,
    SearchEquilibrium,
    SearchIndustry,
    equilibrium,
    inequality_along,
    log_normal,
    pareto,
    search_equilibrium,
    search_firms,
    truncated_pareto,
)

Array = NDArray[np.float64]

CASES = cases("wages")
BASE = SearchIndustry(
    pareto(3.2), sigma=4.0, home_fixed_cost=1.0, entry_cost=0.3, labour=100.0, returns=0.4, ability_shape=2.0, screening_cost=0.1,
    screening_exponent=3.0, search_cost=1.2, search_elasticity=1.0, spending_share=0.4,
)  # fmt: skip
OPEN = replace(BASE, countries=2, iceberg=1.5, fixed_cost=1.4)
MANY = replace(BASE, countries=2, iceberg=1.2, fixed_cost=0.7)
ALL = replace(BASE, countries=2, iceberg=1.1, fixed_cost=0.2)
FIVE = replace(BASE, countries=5, iceberg=1.5, fixed_cost=2.0)
LOG_NORMAL = replace(MANY, productivity=log_normal(0.4))
NAMES = {
    "Gamma": "gamma", "zeta_r": "revenue_exponent", "zeta_l": "employment_exponent", "zeta_w": "wage_exponent", "rho": "cutoff_ratio",
    "b": "search_cost", "x": "tightness", "wd": "lowest_wage", "ld": "lowest_employment", "A": "demand", "P": "price_index", "ME": "entrants",
    "M": "firms", "zeta_g": "tail", "var_log": "variance_log",
}  # fmt: skip
MEASURES = ("theil", "gini", "variance_log", "cv_squared")


def case(name: str) -> tuple[str, dict[str, list[float]]]:
    return next((title, table) for title, table in CASES.items() if title.startswith(name))


def rows(found: SearchEquilibrium) -> dict[str, float]:
    """Everything that a worked case may ask; wages at the jump in units of the lowest, as there."""
    i, w = found.industry, found.wages()
    of_industry = {name: getattr(i, name) for name in ("gamma", "revenue_exponent", "employment_exponent", "wage_exponent")}
    of_wages = {name: float(getattr(w, name)()) for name in (*MEASURES, "share_domestic")}
    of_wages |= {name: float(getattr(w, name)) for name in ("tail", "top_domestic_wage", "lowest_exporter_wage")}
    return found._asdict() | of_industry | of_wages


@pytest.mark.parametrize(("name", "industry"), [("C5", BASE), ("C6", OPEN), ("C7", ALL), ("C8", FIVE)])
def test_worked_cases(name: str, industry: SearchIndustry, validate: Validate) -> None:
    title, table = case(name)
    meet(validate, title, table, rows(search_equilibrium(industry)), **NAMES)


@pytest.mark.parametrize(("name", "industry", "cost"), [("C9", replace(BASE, countries=2, fixed_cost=0.55, iceberg=2.0), "iceberg"),
                                                      ("C10", replace(BASE, countries=2, iceberg=1.2, fixed_cost=1.0), "fixed_cost")])  # fmt: skip
def test_worked_liberalisation(name: str, industry: SearchIndustry, cost: str, validate: Validate) -> None:
    title, table = case(name)
    found = inequality_along(industry, cost, [float(row.split("=")[1]) for row in table]).drop(columns="cv_squared")
    if cost == "fixed_cost":
        found = found.drop(columns="revenue_premium")
    meet(validate, title, table, dict(zip(table, found.to_numpy(), strict=True)))


# --- a firm's own problem --------------------------------------------------------------------------------------------------------------------


def produced(i: SearchIndustry, phi: float, matches: float, ability: float) -> tuple[float, float]:
    """Output and employment of a firm that screens n workers to a_c: φ h^γ ā, mean ability by adding up workers above a_c."""
    hired = matches * (i.lowest_ability / ability) ** i.ability_shape
    mean = integrate.quad(lambda s: ability * s ** (-1 / i.ability_shape), 0, 1, epsrel=1e-12)[0]  # quantiles of ability among the hired
    return phi * hired**i.returns * mean, hired


def best(
    i: SearchIndustry | SimpleNamespace, found: SearchEquilibrium, phi: float, markets: int, least: float | None = None
) -> tuple[float, Array]:
    """Highest profit before fixed costs where a firm sells in so many foreign markets, and ln n, ln a_c, ln of the part sold at home.

    `least` is a lower bound of a_c. Of revenue, Stole and Zwiebel's bargain leaves the firm 1/(1 + βγ).
    """
    beta, mean = i.beta, i.ability_shape / (i.ability_shape - 1)

    def profit(z: Array) -> float:
        matches, ability, home = np.exp(z[0]), np.exp(z[1]), 1 / (1 + np.exp(z[2])) if markets else 1.0
        hired = matches * (i.lowest_ability / ability) ** i.ability_shape
        output = phi * hired**i.returns * mean * ability
        revenue = found.demand * (home * output) ** beta
        if markets:
            revenue += markets * found.demand * ((1 - home) / markets * output / i.iceberg) ** beta
        spent = found.search_cost * matches + i.screening_cost / i.screening_exponent * ability**i.screening_exponent
        return float(revenue / (1 + beta * i.returns) - spent)

    bounds = [(-10.0, 12.0), (-4.0 if least is None else np.log(least), 8.0), (-8.0, 8.0) if markets else (0.0, 0.0)]
    start = np.array([0.0, max(0.5, bounds[1][0]), 0.0])
    value = optimize.minimize(
        lambda z: -profit(z), start, bounds=bounds, method="L-BFGS-B", options={"ftol": 1e-15, "gtol": 1e-11, "maxiter": 5000}
    )
    value = optimize.minimize(lambda z: -profit(np.clip(z, *np.array(bounds).T)), value.x, method="Nelder-Mead",
                              options={"xatol": 1e-12, "fatol": 1e-16, "maxiter": 5000, "maxfev": 5000})  # fmt: skip
    return -float(value.fun), np.clip(value.x, *np.array(bounds).T)


@pytest.mark.parametrize("industry", [OPEN, MANY, ALL, FIVE], ids=["few export", "many", "all", "five countries"])
def test_a_firm_does_what_is_best(industry: SearchIndustry) -> None:
    """How many workers to match, how hard to screen, what to sell where and whether to export, by search; profit to 1e-10."""
    i, found = industry, search_equilibrium(industry)
    cuts = {found.cutoff * 1.02, min(found.export_cutoff * 0.97, 6.0), found.export_cutoff * 1.03, 9.0}
    phis = sorted(phi for phi in cuts if phi > found.cutoff)
    for phi, told in zip(phis, search_firms(found, phis).to_dict("records"), strict=True):
        home, at_home = best(i, found, phi, 0)
        abroad, everywhere = best(i, found, phi, i.countries - 1)
        profits = home - i.home_fixed_cost, abroad - i.home_fixed_cost - i.export_outlay
        assert told["exports"] == (profits[1] > profits[0])
        assert_allclose(told["profit"], max(profits), rtol=1e-10, atol=1e-10)
        matches, ability = np.exp((everywhere if told["exports"] else at_home)[:2])
        output, hired = produced(i, phi, matches, ability)
        assert_allclose([told["matches"], told["ability_cutoff"], told["employment"]], [matches, ability, hired], rtol=1e-6)
        assert_allclose(told["wage"], i.bargained * told["revenue"] / hired, rtol=1e-6)
        if not told["exports"]:
            assert_allclose(told["revenue"], found.demand * output**i.beta, rtol=1e-6)
    below = search_firms(found, [0.98 * found.cutoff]).iloc[0]
    assert below["revenue"] == below["employment"] == 0
    assert np.isnan(below["wage"])
    assert max(best(i, found, 0.98 * found.cutoff, m)[0] - i.home_fixed_cost - m * i.fixed_cost for m in range(i.countries)) < 0


def test_the_bargain_with_the_last_worker() -> None:
    """Stole and Zwiebel: a worker gets what he adds to the firm's share, ∂(r − wh)/∂h = w, when r is in proportion to h^(βγ)."""
    found = search_equilibrium(OPEN)
    told, i = search_firms(found, [3.0]).iloc[0], OPEN
    step = 1e-6

    def kept(h: float) -> float:
        revenue = told["revenue"] * (h / told["employment"]) ** (i.beta * i.returns)
        return revenue * (1 - i.bargained)

    slope = (kept(told["employment"] * (1 + step)) - kept(told["employment"] * (1 - step))) / (2 * step * told["employment"])
    assert_allclose(slope, told["wage"], rtol=1e-8)


def unchecked(**changes: float) -> SimpleNamespace:
    """The base industry, changed, without its checks."""
    return SimpleNamespace(**(vars(BASE) | {"beta": BASE.beta} | changes))


def test_where_firms_do_not_screen_it_is_refused() -> None:
    """On both sides of each condition, what a search over n and a_c ≥ a_min finds: the numerical firm screens exactly where parameters pass."""
    found = search_equilibrium(BASE)
    limit = BASE.beta * (1 - BASE.returns * BASE.ability_shape) / BASE.gamma  # of c·a_min^δ, f = 1
    inside = replace(BASE, screening_cost=0.99 * limit)
    near = search_equilibrium(inside)
    assert np.exp(best(inside, near, near.cutoff * (1 + 1e-9), 0, 1.0)[1][1]) > 1.003
    with pytest.raises(DataError, match="screening condition fails"):
        replace(BASE, screening_cost=1.01 * limit)
    # the marginal firm has just f to cover: at the demand that lets it break even it would not screen
    outside = unchecked(screening_cost=1.2 * limit)
    demand = optimize.brentq(lambda a: best(outside, found._replace(demand=a), 1.2, 0, 1.0)[0] - 1.0, 0.5, 5.0, xtol=1e-10)
    assert_allclose(np.exp(best(outside, found._replace(demand=demand), 1.2, 0, 1.0)[1][1]), 1.0, rtol=1e-9)
    # γk_a ≥ 1: the more workers go, the less output, whatever their ability
    with pytest.raises(DataError, match="no firm screens"):
        replace(BASE, returns=0.5)
    assert_allclose(np.exp(best(unchecked(returns=0.5), found, 6.0, 0, 1.0)[1][1]), 1.0, rtol=1e-9)
    assert np.exp(best(replace(BASE, returns=0.45), found, 6.0, 0, 1.0)[1][1]) > 1.2
    # δ ≤ k_a: more productive firms would employ fewer workers
    with pytest.raises(DataError, match="employ fewer workers"):
        replace(BASE, screening_exponent=2.0)

    def employment(i: SearchIndustry | SimpleNamespace, phi: float) -> float:
        n, a, _ = best(i, found, phi, 0, 1.0)[1]
        return float(np.exp(n - i.ability_shape * a))

    assert employment(unchecked(screening_exponent=1.8), 3.0) < employment(unchecked(screening_exponent=1.8), 2.0)
    assert employment(BASE, 3.0) > employment(BASE, 2.0)


def test_where_all_export_the_marginal_firm_has_more_to_screen_with() -> None:
    """Its fixed costs are f + F_X together: a screening cost may pass that is refused in the closed economy."""
    limit = BASE.beta * (1 - BASE.returns * BASE.ability_shape) / BASE.gamma
    with pytest.raises(DataError, match="screening condition fails"):
        replace(BASE, screening_cost=1.1 * limit)
    found = search_equilibrium(replace(ALL, screening_cost=1.1 * limit))
    assert found.cutoff_ratio == 1
    marginal = search_firms(found, found.cutoff * (1 + 1e-12)).iloc[0]
    assert marginal["ability_cutoff"] > 1
    with pytest.raises(DataError, match="screening condition fails"):
        replace(ALL, screening_cost=1.21 * limit)


# --- the sector, on its own ------------------------------------------------------------------------------------------------------------------


def revenue(i: SearchIndustry, demand: float, b: float, phi: float, access: float) -> float:
    """r from its own equation, r = (1 + access)^(1−β) A y^β, where matches and screening follow r; by a root."""
    beta, bg = i.beta, i.beta * i.returns

    def excess(log_r: float) -> float:
        r = np.exp(log_r)
        matches = bg / (1 + bg) * r / b
        ability = (beta * (1 - i.returns * i.ability_shape) / (1 + bg) * r / i.screening_cost) ** (1 / i.screening_exponent)
        hired = matches * (i.lowest_ability / ability) ** i.ability_shape
        output = phi * hired**i.returns * i.ability_shape / (i.ability_shape - 1) * ability
        return float(np.log(demand * (1 + access) ** (1 - beta) * output**beta) - log_r)

    return float(np.exp(optimize.brentq(excess, -60, 60, xtol=1e-13)))


@pytest.mark.parametrize("industry", [BASE, OPEN, MANY, ALL, FIVE, LOG_NORMAL, replace(MANY, productivity=truncated_pareto(2.0, 4.0))])
def test_the_equilibrium_by_its_own_sums(industry: SearchIndustry) -> None:
    """Revenue by a root, cutoffs by a root, entry and employment by quadrature over firms, A by a root: another way to the same numbers."""
    i, found = industry, search_equilibrium(industry)
    others = i.countries - 1
    access = others * i.iceberg ** (1 - i.sigma) if others else 0.0
    b = i.search_cost ** (1 / (1 + i.search_elasticity))
    bg = i.beta * i.returns
    kept = (1 - bg - i.beta * (1 - i.returns * i.ability_shape) / i.screening_exponent) / (1 + bg)
    export = others * i.fixed_cost if others else np.inf

    def firm(demand: float, at_one: tuple[float, float], phi: float) -> tuple[float, float, float]:
        """Profit, revenue and employment; r is a power of φ, whose exponent is taken from two roots."""
        size, power = at_one
        r = size * phi**power
        more = revenue(i, demand, b, 1.0, access) / size
        home, away = kept * r - i.home_fixed_cost, kept * more * r - i.home_fixed_cost - export
        if max(home, away) < 0:
            return 0.0, 0.0, 0.0
        r = r * (more if away > home else 1.0)
        ability = (i.beta * (1 - i.returns * i.ability_shape) / (1 + bg) * r / i.screening_cost) ** (1 / i.screening_exponent)
        return max(home, away), r, bg / (1 + bg) * r / b * (i.lowest_ability / ability) ** i.ability_shape

    def sums(demand: float) -> Array:
        one, two = revenue(i, demand, b, 1.0, 0.0), revenue(i, demand, b, 2.0, 0.0)
        at_one = one, float(np.log2(two / one))
        more = revenue(i, demand, b, 1.0, access) / one
        cuts = [(i.home_fixed_cost / kept / one) ** (1 / at_one[1])]
        if others:
            cuts += [
                (export / kept / one / (more - 1)) ** (1 / at_one[1]),
                ((i.home_fixed_cost + export) / kept / one / more) ** (1 / at_one[1]),
            ]
        g = i.productivity
        low, high = max(g.lower, 1e-2), min(g.upper, 1e5)
        ends = np.log(sorted({low, high, 3.0, 10.0, 100.0, *cuts}))
        ends = ends[(ends >= np.log(low)) & (ends <= np.log(high))]
        return np.array([sum(integrate.quad(lambda t, k=k: firm(demand, at_one, np.exp(t))[k] * float(g.density(np.exp(t))) * np.exp(t), a, c,
                             epsabs=1e-13, epsrel=1e-11, limit=200)[0] for a, c in pairwise(ends)) for k in range(3)])  # fmt: skip

    def excess(demand: float) -> float:
        return float(sums(demand)[0]) - i.entry_cost

    demand = float(optimize.brentq(excess, 0.9 * found.demand, 1.1 * found.demand, xtol=1e-11))
    assert_allclose(found.demand, demand, rtol=1e-8)
    _, earned, employed = sums(demand)
    spending = i.spending_share * i.labour
    assert_allclose(found.entrants, spending / earned, rtol=1e-7)
    assert_allclose(found.employment, spending / earned * employed, rtol=1e-7)
    assert_allclose(found.mean_wage, bg / (1 + bg) * earned / employed, rtol=1e-7)
    assert_allclose(found.searchers, bg / (1 + bg) * spending, rtol=1e-12)
    assert_allclose(found.price_index, (demand / spending ** (1 - i.beta)) ** (1 / i.beta), rtol=1e-7)


@pytest.mark.parametrize("industry", [BASE, MANY, ALL, FIVE])
def test_wages_are_those_of_firms(industry: SearchIndustry) -> None:
    """The closed form against firms of the equilibrium, weighted by their employment; and the wage bill is what searchers expect."""
    found = search_equilibrium(industry)
    phi = found.cutoff * ((np.arange(200_000) + 0.5) / 200_000) ** (-1 / 3.2)
    firms = search_firms(found, phi)
    mass, wage = firms["employment"] / firms["employment"].sum(), firms["wage"]
    w = found.wages()
    assert_allclose(found.lowest_wage, wage.min(), rtol=1e-5)
    assert_allclose(mass @ wage, found.mean_wage, rtol=3e-3)
    assert_allclose(w.mean() * found.lowest_wage, found.mean_wage, rtol=1e-12)
    for at in (1.1, 1.5, 2.0, 4.0):
        assert_allclose(w.cdf(at), mass[wage <= at * found.lowest_wage].sum(), atol=1e-3)
    assert_allclose(found.mean_wage * found.employment, found.searchers, rtol=1e-12)
    assert_allclose(found.exporters_per_firm, firms["exports"].mean(), atol=1e-4)


# --- what it is without screening ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("industry", [BASE, MANY, ALL, LOG_NORMAL])
def test_without_screening_it_is_melitz(industry: SearchIndustry) -> None:
    """δ → ∞: one wage, and the cutoffs of Melitz with σ − 1 := β/(1 − βγ) and T := premium − 1."""
    i = replace(industry, screening_exponent=1e6)
    found = search_equilibrium(i)
    power = i.beta / (1 - i.beta * i.returns)
    access = (1 + i.market_access) ** ((1 - i.beta) / (1 - i.beta * i.returns)) - 1
    tau = (access / (i.countries - 1)) ** (-1 / power) if access else np.inf
    same = equilibrium(Industry(i.productivity, 1 + power, 1.0, 0.3, 100.0, i.countries, max(tau, 1.0), i.fixed_cost))
    assert tau >= 1
    assert_allclose([found.cutoff, found.exporters_per_firm], [same.cutoff, same.exporters_per_firm], rtol=1e-5)
    assert_allclose(found.mean_wage, found.lowest_wage, rtol=1e-5)
    if i.productivity.tail_index < np.inf:
        assert float(found.wages().variance_log()) < 2e-12


def test_autarky_is_the_limit_of_trade_costs() -> None:
    shut = search_equilibrium(BASE)
    for dear in (replace(OPEN, iceberg=1e6), replace(OPEN, fixed_cost=1e9)):
        found = search_equilibrium(dear)
        for name in ("cutoff", "demand", "employment", "real_income", "mean_wage"):
            assert_allclose(getattr(found, name), getattr(shut, name), rtol=1e-9, err_msg=name)
    double = search_equilibrium(replace(MANY, labour=200.0))
    one = search_equilibrium(MANY)
    assert_allclose([double.entrants, double.employment], [2 * one.entrants, 2 * one.employment], rtol=1e-12)
    assert_allclose([double.cutoff, double.lowest_wage, double.unemployment], [one.cutoff, one.lowest_wage, one.unemployment], rtol=1e-12)


# --- the chapter's sentences, and their conditions -------------------------------------------------------------------------------------------


def test_entrants_do_not_move_under_pareto() -> None:
    """Fixed costs of an entrant are what entry is, times a constant of the tail; under other distributions trade moves entry."""
    same = [search_equilibrium(i).entrants for i in (BASE, OPEN, MANY, ALL, FIVE)]
    assert_allclose(same, same[0], rtol=1e-12)
    for g in (log_normal(0.4), truncated_pareto(2.0, 4.0)):
        moved = [search_equilibrium(replace(i, productivity=g)).entrants for i in (BASE, replace(MANY, fixed_cost=0.5))]
        assert abs(moved[1] / moved[0] - 1) > 1e-3


def test_trade_raises_inequality_until_all_firms_export() -> None:
    """0 < ρ < 1: above autarky by Lorenz curves and all measures. ρ = 1: as in autarky, though wages are higher."""
    shut, u = search_equilibrium(BASE).wages(), np.linspace(0.01, 0.99, 99)
    for industry in (OPEN, MANY, FIVE):
        found = search_equilibrium(industry).wages()
        assert all(getattr(found, name)() > getattr(shut, name)() for name in MEASURES)
        assert (found.lorenz(u) < shut.lorenz(u)).all()
    every = search_equilibrium(ALL)
    assert_allclose(every.wages().lorenz(u), shut.lorenz(u), rtol=1e-12)
    assert every.lowest_wage > search_equilibrium(BASE).lowest_wage


def test_pareto_is_a_condition() -> None:
    """Where all firms export inequality is that of autarky under Pareto; under other distributions it is not, for the least productive are others."""

    def theil(industry: SearchIndustry) -> float:
        found = search_equilibrium(industry)
        phi = np.exp(np.linspace(np.log(found.cutoff), np.log(min(industry.productivity.upper, 1e4)), 200_001))[:-1]
        firms = search_firms(found, phi)
        mass = firms["employment"] * industry.productivity.density(phi) * phi
        mass, wage = mass / mass.sum(), firms["wage"]
        mean = mass @ wage
        return float(mass @ (wage / mean * np.log(wage / mean)))

    assert_allclose(theil(ALL), theil(BASE), rtol=1e-3)
    for g in (log_normal(0.4), truncated_pareto(2.0, 4.0)):
        every, shut = (theil(replace(i, productivity=g)) for i in (ALL, BASE))
        assert every < 0.98 * shut


def test_the_peak_is_passed_only_where_all_come_to_export() -> None:
    """f_X = 0.55: inequality rises all the way to τ = 1. f_X = 0.3: it peaks before. The hump is one in ρ, not in τ."""
    grid = np.linspace(1.0, 3.0, 41)
    for cost, passes in ((0.55, False), (0.3, True)):
        table = inequality_along(replace(BASE, countries=2, fixed_cost=cost, iceberg=1.0), "iceberg", grid)
        for name in ("theil", "gini", "variance_log", "cv_squared"):
            assert (table[name].idxmax() > 1.0) == passes
        assert (table["cutoff_ratio"].iloc[0] == 1) == passes


def test_openness_raises_unemployment_and_income_here() -> None:
    """Exporters screen harder: of those matched fewer are hired. Real income rises all the same."""
    table = inequality_along(replace(BASE, countries=2, fixed_cost=0.3, iceberg=1.0), "iceberg", np.linspace(3.0, 1.0, 21))
    assert (np.diff(table["unemployment_sector"]) > 0).all()
    assert (np.diff(table["real_income"]) > 0).all()
    easier = [search_equilibrium(replace(MANY, search_cost=cost)) for cost in (1.4, 1.2)]  # cheaper search, by contrast, lowers it
    assert easier[1].unemployment < easier[0].unemployment
    nearly = replace(MANY, screening_exponent=1e6)  # without screening trade leaves it where it is
    assert_allclose(search_equilibrium(nearly).unemployment, search_equilibrium(replace(nearly, countries=1)).unemployment, rtol=1e-5)


# --- input -----------------------------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        SearchIndustry(pareto(3.2), 1.0, 0.0, -1.0, 0.0, 1.0, 1.0, 0.0, 0.5, 1.0, 0.0, 1.0, 0.0, 2, 0.5, -1.0)
    words = ("entry_cost = -1", "labour = 0", "iceberg = 0.5", "fixed_cost = -1", "sigma = 1", "returns = 1", "spending_share = 1",
             "ability_shape = 1", "screening_cost = 0", "search_cost = 1", "search_elasticity = 0", "lowest_ability = 0", "home_fixed_cost = 0",
             "screening_exponent = 0.5", "no firm screens")  # fmt: skip
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * len(words)
    with pytest.raises(DataError) as raised:
        replace(BASE, productivity=pareto(1.15), screening_cost=0.5)
    assert [word in fault for word, fault in zip(("tail index is 1.15", "screening condition"), raised.value.faults, strict=True)] == [
        True,
        True,
    ]
    search_equilibrium(replace(BASE, productivity=pareto(1.16)))
    with pytest.raises(DataError, match="Every entrant produces"):
        search_equilibrium(replace(BASE, entry_cost=3.0))
    with pytest.raises(DataError, match="where productivity is Pareto"):
        search_equilibrium(LOG_NORMAL).wages()
    with pytest.raises(DataError, match="must be positive"):
        search_firms(search_equilibrium(BASE), [0.0])
    with pytest.raises(DataError) as raised:
        inequality_along(BASE, "icebergs", [])
    assert [word in fault for word, fault in zip(("iceberg", "give at least one"), raised.value.faults, strict=True)] == [True, True]
    with pytest.raises(DataError, match="no trade in a closed economy"):
        inequality_along(BASE, "iceberg", [1.5])
    assert inequality_along(BASE, "search_cost", [1.3]).index.name == "search_cost"
