"""Export taxes beside tariffs: Lerner's symmetry, what the two are worth together, and derivatives by cold solves."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from policies import asked, solved, whole
from worlds import calibrate, drawn, random_economy

from cge import Benchmark, Exponents, eaton_kortum, krugman, restricted_entry, solve_hat
from cge.solve.policy.aims import Player
from cge.solve.policy.certificate import deviations, epsilons, own_searches
from cge.solve.policy.game import Choice
from cge.solve.policy.instruments import INSTRUMENTS
from cge.solve.policy.points import Points
from cge.solve.policy.question import by_partner_alone, contest, ground
from cge.solve.policy.search import projected, settle
from cge.solve.policy.searches import search, searches

ELASTICITY = {"S0": 3.0, "S1": 6.0, "S2": 4.0}
INPUTS = drawn(5, inputs=0.4, export_taxes=True)
"""A world with inputs, tariffs and export taxes."""

MODELS = [(INPUTS, eaton_kortum(ELASTICITY)), (INPUTS, restricted_entry(4.0, 0.2)), (drawn(5, export_taxes=True), krugman(4.0, 0.5))]


def untaxed(seed: int, **options: float) -> Benchmark:
    """A world without rates."""
    return calibrate(random_economy(np.random.default_rng(seed), 3, 3, tariffs=False, **options))


@pytest.mark.parametrize("model", [eaton_kortum(ELASTICITY), krugman(4.0, 0.5)], ids=["eaton_kortum", "krugman"])
def test_the_best_uniform_export_tax_is_the_best_uniform_tariff(model: Exponents) -> None:
    """Lerner: and both together can do no more, of which the answer is that without an export tax."""
    benchmark = untaxed(6, inputs=0.3)
    tariff, tax, both = (solved(asked(benchmark, model, "C0", rates="uniform", instrument=name)) for name in INSTRUMENTS)
    assert_allclose(tax.values, tariff.values, atol=1e-10)
    assert_allclose(tax.rates, tariff.rates, rtol=1e-5)
    assert_allclose(both.values, tariff.values, atol=1e-10)
    assert_allclose(both.rates, [tariff.rates[0], 0.0], atol=1e-5)
    assert tariff.rates[0] > 0.1


@pytest.mark.parametrize("rates", ["free", "sector", "partner"])
def test_both_instruments_do_more_than_either(rates: str) -> None:
    benchmark = untaxed(7)
    points = asked(benchmark, eaton_kortum(ELASTICITY), "C1", rates=rates, instrument="both")
    point = solved(points)
    for name in ("tariff", "export_tax"):
        assert point.values[0] > solved(asked(benchmark, eaton_kortum(ELASTICITY), "C1", rates=rates, instrument=name)).values[0] + 1e-7
    assert np.abs(projected(points, point)).max() <= 1e-7
    assert point.rates[points.game.laid == 1].min() == 0.0
    other = [search(one) for one in searches(points, 3, "best")]
    for found in other:
        assert_allclose(found.values, point.values, atol=1e-9)
        assert_allclose(found.rates, point.rates, atol=1e-3)


def test_the_answer_stays_where_the_two_are_no_substitutes() -> None:
    """A factor on 1 + t and 1/(1 + x) changes nothing if both are laid on all that is traded, by one country, without transfers."""
    benchmark, model = untaxed(7), eaton_kortum(ELASTICITY)
    points = asked(benchmark, model, "C1", instrument="both")
    assert points.game.neutral.tolist() == [True]
    point = solved(points)
    start, factor = np.log1p(point.rates), np.where(points.game.laid == 0, 1.0, -1.0)
    moved = points.values(np.expm1(start + 0.02 * factor))
    assert_allclose(moved, point.values, atol=1e-10)
    few = Choice(INSTRUMENTS["both"], "free", np.array([True, False, True]), np.ones(3, dtype=bool), np.array(0.0), np.array(10.0))
    some = contest(ground(benchmark, model, points.shock), few, points.game.players)
    assert some.game.neutral.tolist() == [False]


@pytest.mark.parametrize(("benchmark", "model"), MODELS, ids=["inputs", "profits", "entry"])
@pytest.mark.parametrize("instrument", ["export_tax", "both"])
def test_derivatives_are_those_of_cold_solves(benchmark: Benchmark, model: Exponents, instrument: str) -> None:
    """Anywhere, of flows that already bear rates of others; at the answer none is left and no deviation pays."""
    points = asked(benchmark, model, "C2", rates="sector", instrument=instrument)
    off = points.game.clipped(0.05 + 0.1 * np.arange(len(points.game.lower)) / len(points.game.lower))
    here = points.at(off)
    assert_allclose(here.slope, [cold(points, off, place, 2) for place in range(len(off))], rtol=1e-5, atol=1e-8)
    point = solved(points)
    assert np.abs(projected(points, point)).max() <= 1e-7
    free = (point.rates > points.game.lower) & (point.rates < points.game.upper)
    assert free.any()
    assert_allclose([cold(points, point.rates, place, 2) for place in np.flatnonzero(free)], 0.0, atol=1e-6)
    assert max(one.gain for one in deviations(points, point.rates, point.values)) <= 1e-9


def cold(points: Points, rates: np.ndarray, place: int, country: int) -> float:
    """d ln real income of a country by one rate, from solves of the data."""
    step = 1e-4 * (np.arange(len(rates)) == place)
    up, down = (solve_hat(points.benchmark, points.exponents, points.shocked(rates + s * step)).log_real_income[country] for s in (1, -1))
    return float(up - down) / 2e-4


def test_a_bound_below_the_best_export_tax_binds() -> None:
    benchmark, model = untaxed(8), eaton_kortum(ELASTICITY)
    free = solved(asked(benchmark, model, "C0", rates="sector", instrument="export_tax"))
    points = asked(benchmark, model, "C0", rates="sector", instrument="export_tax", upper=0.5 * free.rates.min())
    point = solved(points)
    assert_allclose(point.rates, points.game.upper)
    assert (point.slope > 0).all()
    by_country = np.zeros((1, 3, 3))  # of what C0 sells to C1: bounds by sector, partner and who chooses
    by_country[:, 1, 0] = 0.3
    bounded = asked(benchmark, model, "C0", instrument="both", lower=by_country)
    low = bounded.game.lower[bounded.game.rate]
    assert set(low[bounded.game.partner == 1]) == {0.3}
    assert set(low[bounded.game.partner == 2]) == {0.0}


@pytest.mark.slow
@pytest.mark.parametrize("instrument", ["export_tax", "both"])
def test_a_war_with_export_taxes_is_an_equilibrium(instrument: str) -> None:
    """By finite differences of cold solves, and by searches of each of two players of its own."""
    benchmark = untaxed(9, inputs=0.3)
    points = asked(benchmark, eaton_kortum(ELASTICITY), "C0", "C1", rates="sector", instrument=instrument)
    first, second = (search(one) for one in searches(points, 2, "war"))
    assert not first.failed
    assert_allclose(first.rates, second.rates, atol=1e-5)
    made = [(player, search(one)) for player, one in own_searches(points, first.rates)]
    assert max(epsilons(made, first.values).values()) <= 1e-9
    for player in range(2):
        mine = np.flatnonzero(points.game.of(player) & (first.rates > points.game.lower))
        assert_allclose([cold(points, first.rates, place, player) for place in mine], 0.0, atol=1e-6)
    assert first.rates.max() > 0.05


def test_revenue_counts_both_kinds_of_duties() -> None:
    """By Lerner, export taxes that raise most raise as much as the tariffs do, and nobody taxes less for revenue than for income."""
    benchmark, model = untaxed(6), eaton_kortum(4.0)
    tariff, tax, both = (solved(asked(benchmark, model, "C0", rates="uniform", aim="revenue", instrument=name)) for name in INSTRUMENTS)
    assert_allclose([tax.values, both.values], [tariff.values, tariff.values], atol=1e-9)
    best = solved(asked(benchmark, model, "C0", rates="uniform", instrument="export_tax"))
    assert tax.rates[0] > 1.5 * best.rates[0]


def test_export_taxes_differ_by_sector_where_tariffs_do_not() -> None:
    benchmark, model = untaxed(7), eaton_kortum(ELASTICITY)
    every = np.ones(3, dtype=bool), np.ones(3, dtype=bool)
    where = ground(benchmark, model, asked(benchmark, model, "C1").shock)
    choices = {name: Choice(tools, "free", *every, np.zeros(1), np.ones(1)) for name, tools in INSTRUMENTS.items()}
    tied = {name: by_partner_alone(where, choice, [Player("C1", np.array([1]))]) for name, choice in choices.items()}
    assert tied == {"tariff": True, "export_tax": False, "both": False}
    points = asked(benchmark, model, "C1", instrument="export_tax")
    rates = whole(points, solved(points), "export_tax")[:, 1, [0, 2]]
    assert np.ptp(rates, axis=0).min() > 1e-3


def test_searches_of_both_instruments_take_as_few_steps_as_of_one_from_anywhere() -> None:
    """What one instrument is to do both would answer, and overshoot; or stay where a tariff would have to be below its bound."""
    benchmark = untaxed(9, inputs=0.3)
    points = asked(benchmark, eaton_kortum(ELASTICITY), "C0", "C1", rates="sector", instrument="both")
    answer = solved(points)
    for one in searches(points, 4, "war"):
        steps: list[float] = []
        found = settle(points.playing(points.game), one.start, lambda _, derivative, steps=steps: steps.append(derivative))  # type: ignore[misc]
        assert_allclose(found.rates, answer.rates, atol=1e-5)
        assert len(steps) <= 15
