"""Search costs in the final good (chapter, section 10; in the spirit of Felbermayr, Prat and Schmerer 2011): cases, its own sums, conditions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import integrate, optimize
from validation import Validate
from worked import cases, meet

from cge.errors import DataError
from cge.firms import FinalGoodSearch, Industry, equilibrium, log_normal, pareto, search_costs_final_good, truncated_pareto

CASES = cases("unemployment")
CLOSED = Industry(log_normal(0.4), 4.0, 1.0, 0.5, 100.0)
OPEN = replace(CLOSED, countries=3, iceberg=1.5, fixed_cost=1.3)
WAYS = {
    "closed": CLOSED, "open tau=1.5": OPEN, "open tau=1.2": replace(OPEN, iceberg=1.2),
    "open, cheap entry f_X=.5 tau=1.5": replace(OPEN, fixed_cost=0.5),
}  # fmt: skip


def row(found: FinalGoodSearch) -> list[float]:
    return [found.cutoff, found.mean_productivity, found.wage, found.tightness, found.unemployment, found.entrants, found.welfare]


@pytest.mark.parametrize(("name", "given"), [("G8", (1.1, 1.0)), ("G9", (2.5, 1.5, 0.5))])
def test_worked_cases(name: str, given: tuple[float, ...], validate: Validate) -> None:
    title, table = next((title, table) for title, table in CASES.items() if title.startswith(name))
    meet(validate, title, table, {way: row(search_costs_final_good(WAYS[way], *given)) for way in table})


@pytest.mark.parametrize("industry", [CLOSED, OPEN, WAYS["open, cheap entry f_X=.5 tau=1.5"], replace(OPEN, productivity=pareto(4.25))])
@pytest.mark.parametrize("variety", [0.0, 0.5, 1.0])
def test_the_equilibrium_by_its_own_sums(industry: Industry, variety: float) -> None:
    """Firm by firm at given b and M_E: the price index of the good is one, entry pays, wages are consumed; b and M_E by a root."""
    i, a, e, s = industry, 10.0, 1.5, 3.0
    found, base, others = search_costs_final_good(i, a, e, variety), equilibrium(industry), industry.countries - 1
    assert_allclose([found.cutoff, found.export_cutoff], [base.cutoff, base.export_cutoff], rtol=1e-13)
    tau, f_x = (i.iceberg, i.fixed_cost) if others else (1.0, 0.0)

    def above(cut: float, power: float) -> float:
        if cut == np.inf:
            return 0.0
        low = np.log(max(cut, i.productivity.lower))
        top = low + (40 if i.productivity.lower else 8)
        return integrate.quad(
            lambda t: float(i.productivity.density(np.exp(t))) * np.exp((1 + power) * t), low, top, epsrel=1e-12, limit=300
        )[0]

    sells, exports = above(found.cutoff, 0.0), above(found.export_cutoff, 0.0)
    home, abroad = above(found.cutoff, s), above(found.export_cutoff, s)

    def gaps(z: np.ndarray) -> list[float]:
        b, mass = np.exp(z)
        x = (b / a) ** (1 / e)
        count = mass * (sells + others * exports)
        # P^(1−σ) = n^(ν−1) Σ p^(1−σ), p = (2σ−1)/(σ−1)·τb/φ
        index = count ** (variety - 1) * mass * (7 / 3 * b) ** -s * (home + others * tau**-s * abroad)
        consumed = b * x * 100
        revenue = consumed * 7 / 3  # as much goes for hires, and what is left of it for fixed and entry costs
        fixed = mass * (0.5 + 1.0 * sells + others * f_x * exports)
        return [float(np.log(index)), float(revenue - 2 * consumed - fixed)]

    root = optimize.root(gaps, np.log([1.02 * found.wage, 0.98 * found.entrants]), tol=1e-13)
    assert_allclose(np.exp(root.x), [found.wage, found.entrants], rtol=1e-8)
    assert_allclose(found.varieties, found.entrants * (sells + others * exports), rtol=1e-9)
    assert_allclose(found.unemployment, 1 - (found.wage / a) ** (1 / e), rtol=1e-12)


def test_a_firm_hires_what_is_best() -> None:
    """At b a worker, with a bargain that leaves the firm σ/(2σ−1) of revenue: the price is (2σ−1)/(σ−1)·b/φ."""
    b, phi, level = 0.7, 1.6, 1.3
    best = optimize.minimize_scalar(lambda z: -(4 / 7 * level * (phi * np.exp(z)) ** 0.75 - b * np.exp(z)), bounds=(-6, 6), method="bounded",
                                    options={"xatol": 1e-10})  # fmt: skip
    assert_allclose(level * (phi * np.exp(best.x)) ** -0.25, 7 / 3 * b / phi, rtol=1e-6)


# --- unemployment follows average productivity, net of transport, and its conditions ----------------------------------------------------------


def pairs(kind: str, count: int = 60) -> list[tuple[Industry, Industry]]:
    """Closed and open industries drawn at random, under one kind of productivity; f_X is at least f."""
    rng, found = np.random.default_rng(7), []
    while len(found) < count:
        sigma = rng.uniform(2, 6)
        g = {"Pareto": lambda s: pareto(rng.uniform(s - 0.8, s + 4)), "log-normal": lambda s: log_normal(rng.uniform(0.1, 2 / s))}[kind](
            sigma
        )
        closed = Industry(g, sigma, rng.uniform(0.2, 2), rng.uniform(0.05, 2), 100.0)
        if equilibrium(closed).cutoff > g.lower:
            cost = closed.home_fixed_cost * (1 + rng.exponential(0.3))
            found.append((closed, replace(closed, countries=int(rng.integers(2, 6)), iceberg=rng.uniform(1, 2), fixed_cost=cost)))
    return found


@pytest.mark.parametrize("kind", ["Pareto", "log-normal"])
def test_unemployment_falls_if_and_only_if_average_productivity_rises(kind: str) -> None:
    """Without variety effects. Under Pareto with selection it always does where f_X ≥ f; log-normal firms do so in some worlds, not in others."""
    rises = []
    for worlds in pairs(kind):
        shut, opened = (search_costs_final_good(i, 60.0, 1.0) for i in worlds)
        assert (opened.unemployment < shut.unemployment) == (opened.mean_productivity > shut.mean_productivity)
        rises.append(opened.mean_productivity > shut.mean_productivity)
    assert all(rises) if kind == "Pareto" else 0 < sum(rises) < len(rises)


def test_cheap_foreign_markets_may_raise_unemployment() -> None:
    """f_X < f: marginal importers, net of transport, are worse than marginal firms at home. Gross of it sellers are as good as before."""
    shut, opened = (search_costs_final_good(WAYS[way], 1.1, 1.0) for way in ("closed", "open, cheap entry f_X=.5 tau=1.5"))
    assert opened.unemployment > shut.unemployment + 0.04
    assert opened.export_cutoff / 1.5 < opened.cutoff
    dearer = search_costs_final_good(OPEN, 1.1, 1.0)
    assert dearer.unemployment < shut.unemployment
    assert dearer.export_cutoff / 1.5 > dearer.cutoff

    def gross(industry: Industry) -> float:
        e, g = equilibrium(industry), industry.productivity
        cuts = np.array([e.cutoff, e.export_cutoff])
        weights = np.array([1, industry.countries - 1])
        return float((weights @ g.moment(cuts, 3.0) / (weights @ g.survival(cuts))) ** (1 / 3))

    assert gross(WAYS["open, cheap entry f_X=.5 tau=1.5"]) > shut.mean_productivity


def test_pareto_in_closed_form() -> None:
    """Φ^(σ−1) = k/(k−σ+1)·φ*^(σ−1)·(mean fixed cost of sellers)/f, with selection; where all entrants produce it is not so, and Φ may fall."""
    i = replace(OPEN, productivity=pareto(4.25))
    found, base = search_costs_final_good(i, 60.0, 1.0), equilibrium(i)
    share = 2 * base.exporters_per_firm / (1 + 2 * base.exporters_per_firm)
    assert_allclose(found.mean_productivity**3, 4.25 / 1.25 * base.cutoff**3 * (1 - share + share * 1.3), rtol=1e-12)
    everyone = Industry(pareto(5.4), 3.0, 0.9, 1.8, 100.0)
    assert equilibrium(everyone).cutoff < 1
    shut, opened = (
        search_costs_final_good(w, 60.0, 1.0) for w in (everyone, replace(everyone, countries=3, iceberg=1.56, fixed_cost=1.25))
    )
    assert opened.mean_productivity < shut.mean_productivity


def test_with_variety_effects_it_is_no_longer_productivity_alone() -> None:
    """ν > 0: more varieties lower unemployment even where average productivity falls."""
    cheap = WAYS["open, cheap entry f_X=.5 tau=1.5"]
    for variety, falls in ((0.0, False), (1.0, True)):
        shut, opened = (search_costs_final_good(i, 3.0, 1.0, variety) for i in (CLOSED, cheap))
        assert opened.mean_productivity < shut.mean_productivity
        assert (opened.unemployment < shut.unemployment) == falls


def test_what_search_costs_do() -> None:
    """They move neither cutoffs nor, without variety effects, wages; cheaper search alone puts more to work."""
    dear, cheap = (search_costs_final_good(OPEN, cost, 1.0) for cost in (1.5, 1.1))
    assert_allclose([dear.cutoff, dear.wage], [cheap.cutoff, cheap.wage], rtol=1e-14)
    assert cheap.unemployment < dear.unemployment
    steep = search_costs_final_good(OPEN, 1.1, 1e6)  # e → ∞: everybody works, as without search costs that bind
    assert steep.unemployment < 1e-6


# --- input -----------------------------------------------------------------------------------------------------------------------------------


def test_faults_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        search_costs_final_good(CLOSED, 0.0, -1.0, 1.5)
    words = ("search_cost = 0", "elasticity = -1", "variety = 1.5")
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * 3
    with pytest.raises(DataError, match=r"exceed the wage, 0\.74.*raise search costs"):
        search_costs_final_good(CLOSED, 0.743, 1.0)
    assert search_costs_final_good(CLOSED, 0.744, 1.0).unemployment < 1e-3
    few = replace(CLOSED, sigma=2.5)  # ν(1 + 1/e) ≥ σ − 1 has no bound on wages
    with pytest.raises(DataError, match="number of varieties without end"):
        search_costs_final_good(few, 100.0, 1.0, 0.75)
    search_costs_final_good(few, 100.0, 1.0, 0.7)
    with pytest.raises(DataError, match="exceed the wage"):  # near the bound, beyond floating point
        search_costs_final_good(few, 1.0, 1.0, 0.7499)
    search_costs_final_good(replace(CLOSED, productivity=truncated_pareto(2.0, 3.0)), 5.0, 1.0)
