"""Best rates, wars and agreements by theory: closed forms, what must not matter, and derivatives by cold solves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from policies import ZERO, asked, solved, whole
from worlds import Array, calibrate, dataset, drawn, make_economy, shuffled, variants

from cge import Benchmark, Economy, Exponents, armington, eaton_kortum, krugman, solve_hat
from cge.solve.policy.aims import Player
from cge.solve.policy.certificate import alone, deviations, epsilons, own_searches
from cge.solve.policy.game import Choice
from cge.solve.policy.instruments import INSTRUMENTS
from cge.solve.policy.question import by_partner_alone, ground
from cge.solve.policy.search import projected
from cge.solve.policy.searches import search, searches
from cge.solve.policy.smooth import smoothed


def world(size: Array, abroad: float, sectors: int = 1) -> Economy:
    """Countries of these sizes, each with the same sectors, whose trade with each other is in proportion to both."""
    flow = np.outer(size, size) / size.sum() * abroad
    flow[np.diag_indices(len(size))] = size - flow.sum(axis=1) + np.diag(flow)
    return make_economy(dataset(np.repeat(flow[..., None], sectors, axis=2)))


# --- closed forms ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rates", ["uniform", "free"])
def test_a_small_country_taxes_at_one_over_the_elasticity(rates: str) -> None:
    benchmark = calibrate(world(np.array([1e-5, 1.0, 2.0]), 0.5, 2))
    assert_allclose(solved(asked(benchmark, eaton_kortum(5.0), "C0", rates=rates)).rates, 0.2, rtol=1e-4)


def test_two_countries_at_war_tax_by_what_the_other_buys_of_its_own() -> None:
    """t = 1/(e·s), s the part of what the other spends, at producer prices, that stays at home: the elasticity of its offer curve is 1 + e·s."""
    benchmark = calibrate(world(np.array([1.0, 2.5]), 0.4))
    points = asked(benchmark, armington(4.0), "C0", "C1")
    point = solved(points)
    flow = point.found.flow[0]
    own = np.diag(flow) / flow.sum(axis=0)
    assert_allclose(point.rates, 1 / (3.0 * own[::-1]), rtol=1e-5)
    symmetric = asked(calibrate(world(np.ones(2), 0.4)), armington(4.0), "C0", "C1")
    even = solved(symmetric)
    assert_allclose(even.rates[0], even.rates[1], rtol=1e-6)
    assert (even.values < 0).all()


def test_one_factor_no_inputs_and_no_entry_make_rates_by_partner() -> None:
    """All that purchases do to a partner is to move what it earns; with inputs, two factors or entry a good may be worth a rate of its own."""
    elasticity = {"S0": 3.0, "S1": 6.0, "S2": 4.0}
    benchmark = drawn(3)
    points = asked(benchmark, eaton_kortum(elasticity), "C1")
    point = solved(points)
    by_partner = solved(asked(benchmark, eaton_kortum(elasticity), "C1", rates="partner"))
    assert_allclose(
        whole(points, point),
        whole(
            points,
            replace(
                point, rates=by_partner.rates[points.game.cells.exporter - (points.game.cells.exporter > 1)][np.argsort(points.game.rate)]
            ),
        ),
        atol=2e-5,
    )
    assert_allclose(point.values, by_partner.values, atol=1e-9)
    for other, model in (
        (drawn(3, inputs=0.5), eaton_kortum(elasticity)),
        (drawn(3, F=2), eaton_kortum(elasticity)),
        (benchmark, krugman(4.0, 0.5)),
    ):
        free, tied = (solved(asked(other, model, "C1", rates=rates)) for rates in ("free", "partner"))
        assert free.values[0] > tied.values[0] + 1e-7


def test_when_a_rate_for_each_partner_serves() -> None:
    benchmark = drawn(3)
    every = np.ones(3, dtype=bool), np.ones(4, dtype=bool)
    free = Choice(INSTRUMENTS["tariff"], "free", *every, np.zeros(1), np.ones(1))
    me = [Player("C1", np.array([1]))]
    at = ground(benchmark, eaton_kortum(4.0), ZERO)
    assert by_partner_alone(at, free, me)
    assert not by_partner_alone(at, replace(free, sectors=np.array([True, False, True])), me)
    assert not by_partner_alone(at, replace(free, upper=np.ones((3, 1, 1))), me)
    assert not by_partner_alone(at, free, [Player("both", np.array([1, 2]))])
    assert not by_partner_alone(at, free, me, "revenue")
    assert not by_partner_alone(ground(drawn(3, inputs=0.5), eaton_kortum(4.0), ZERO), free, me)


# --- every model -------------------------------------------------------------------------------------------------------------------------

BELOW = [
    (name, inputs, scale)
    for name, scale in (
        ("armington", 0),
        ("eaton_kortum", 0),
        ("krugman", 0.6),
        ("melitz", 0.4),
        ("external_economies", 0.4),
        ("restricted_entry", 0),
    )
    for inputs in (0.0, 0.4)
]


def model(name: str, benchmark: Benchmark, scale: float) -> Exponents:
    return variants(benchmark.sectors, scale or None)[name]


@pytest.mark.parametrize(("name", "inputs", "scale"), BELOW)
def test_no_deviation_pays(name: str, inputs: float, scale: float) -> None:
    """In every model; and the derivative is what a cold solve from the data says of a little more of a rate."""
    benchmark = drawn(5, inputs=inputs, F=2 if name == "eaton_kortum" else 1)
    points = asked(benchmark, model(name, benchmark, scale), "C2", rates="sector")
    point = solved(points)
    assert np.abs(projected(points, point)).max() <= 1e-7
    assert max(one.gain for one in deviations(points, point.rates, point.values)) <= 1e-9
    off = points.game.clipped(point.rates + 0.1 * np.arange(len(point.rates)))
    here, step = points.at(off), 1e-4
    cold = [solve_hat(benchmark, points.exponents, points.shocked(off + s * step * (np.arange(len(off)) == 1))) for s in (1, -1)]
    change = cold[0].log_real_income[2] - cold[1].log_real_income[2]
    assert_allclose(here.slope[1], change / (2 * step), rtol=1e-5, atol=1e-9)
    assert_allclose(here.values[0], solve_hat(benchmark, points.exponents, points.shocked(off)).log_real_income[2], atol=1e-9)


@pytest.mark.parametrize(("name", "inputs", "scale"), [BELOW[3], BELOW[4]])
def test_a_war_is_an_equilibrium(name: str, inputs: float, scale: float) -> None:
    """Nobody gains by a search of its own, wherever that begins; players in another order, or labels, change nothing."""
    benchmark = drawn(5, inputs=inputs)
    points = asked(benchmark, model(name, benchmark, scale), *benchmark.countries, rates="partner")
    first, second = (search(one) for one in searches(points, 2, "war"))
    assert_allclose(first.rates, second.rates, atol=1e-5)
    made = [(player, search(one)) for player, one in own_searches(points, first.rates)]
    assert max(epsilons(made, first.values).values()) <= 1e-9
    turned = asked(benchmark, model(name, benchmark, scale), *benchmark.countries[::-1], rates="partner")
    assert_allclose(whole(turned, solved(turned)), whole(points, first), atol=1e-5)
    mixed = calibrate(shuffled(benchmark_economy(5, inputs), 1))
    other = asked(mixed, model(name, benchmark, scale), *benchmark.countries, rates="partner")
    relabelled = mixed.labels.array(whole(other, solved(other)), "sector", "exporter", "importer").reindex(
        sector=benchmark.sectors, exporter=benchmark.countries, importer=benchmark.countries
    )
    assert_allclose(relabelled.values, whole(points, first), atol=1e-5)


def benchmark_economy(seed: int, inputs: float) -> Economy:
    from worlds import random_economy

    return random_economy(np.random.default_rng(seed), inputs=inputs)


# --- bounds, groups, aims ------------------------------------------------------------------------------------------------------------------


def test_a_bound_below_the_best_rate_binds() -> None:
    benchmark = drawn(3, inputs=0.4)
    free = solved(asked(benchmark, eaton_kortum(4.0), "C1", rates="sector"))
    upper = np.full((3, 1, 1), 10.0)
    upper[1] = 0.5 * free.rates[1]
    points = asked(benchmark, eaton_kortum(4.0), "C1", rates="sector", upper=upper)
    bound = solved(points)
    assert bound.rates[1] == upper[1, 0, 0]
    assert bound.slope[1] > 0
    assert np.abs(bound.slope[[0, 2]]).max() <= 1e-7
    assert bound.values[0] < free.values[0]


def test_a_bound_is_reached_exactly_by_way_of_logs() -> None:
    """A rate a rounding below its bound would look free, and have a derivative that never vanishes."""
    game = asked(drawn(3), eaton_kortum(4.0), "C1", rates="sector").game
    lower, upper = -0.9 * np.random.default_rng(5).random(500), np.random.default_rng(6).random(500)
    bounded = replace(game, lower=lower, upper=upper)
    for bound in (lower, upper):
        assert (np.expm1(np.log1p(bound)) != bound).any()
        assert (bounded.clipped(np.expm1(np.log1p(bound))) == bound).all()
    assert (bounded.clipped(0.5 * (lower + upper)) == 0.5 * (lower + upper)).all()


def test_a_union_has_one_outer_rate_and_keeps_those_inside() -> None:
    benchmark = drawn(4, inputs=0.3)
    points = asked(benchmark, eaton_kortum(4.0), "EU", rates="sector", groups={"EU": ["C0", "C2"]})
    point = solved(points)
    rate = whole(points, point)
    assert len(point.rates) == 3
    assert (rate[:, [0, 2], [2, 0]] == points.fixed["tariff"][:, [0, 2], [2, 0]]).all()
    assert (rate[:, 1, 0] == rate[:, 3, 2]).all()
    assert max(one.gain for one in deviations(points, point.rates, point.values)) <= 1e-9
    solution = solve_hat(benchmark, eaton_kortum(4.0), points.shocked(point.rates))
    income, real = solution.reference.values.income[[0, 2]], np.exp(solution.log_real_income[[0, 2]])
    assert_allclose(np.exp(point.values[0]), (income * real).sum() / income.sum(), rtol=1e-10)


def test_most_revenue_takes_more_than_the_best_rate_and_costs() -> None:
    benchmark = drawn(4)
    best = solved(asked(benchmark, eaton_kortum(4.0), "C0", rates="uniform"))
    points = asked(benchmark, eaton_kortum(4.0), "C0", rates="uniform", aim="revenue")
    most = solved(points)
    assert most.rates[0] > 1.5 * best.rates[0]
    assert max(one.gain for one in deviations(points, most.rates, most.values)) <= 1e-9


def test_political_weights_shelter_the_favoured() -> None:
    benchmark = drawn(4)
    points = asked(benchmark, eaton_kortum(4.0), "C0", rates="sector")
    favour = np.array([1.5, 0.8, 0.7])[:, None] * np.ones((1, 4))
    own = points.game.objectives[0]
    partial = points.playing(replace(points.game, objectives=(replace(own, player=replace(own.player, favour=favour)),)))
    plain, bent = solved(points), solved(partial)
    assert bent.rates[0] > plain.rates[0] + 0.05
    assert max(one.gain for one in deviations(partial, bent.rates, bent.values)) <= 1e-9


def test_others_do_not_move_while_one_searches() -> None:
    benchmark = drawn(4)
    points = asked(benchmark, eaton_kortum(4.0), "C0", "C1", rates="uniform")
    rates = np.array([0.1, 0.3])
    mine = alone(points, rates, 1)
    assert (mine.fixed["tariff"][:, 1:, 0] == 0.1).all()
    assert_allclose(mine.values(np.array([0.3])), points.values(rates)[1], atol=1e-12)


# --- scale one -----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["krugman", "melitz"])
def test_smooth_points_have_derivatives_and_lead_to_the_exact_ones(name: str) -> None:
    """The adjoint of rounded entry equations against differences of rounded equilibria; what is wanted comes to its exact value with μ."""
    points = asked(drawn(5, 5, 3), variants(drawn(5, 5, 3).sectors)[name], "C2", rates="sector")
    rates, step = np.array([0.1, 0.3, 0.2]), 1e-5
    smooth = smoothed(points, 1e-2, None)
    here = smooth.at(rates)
    ends = [smooth.values(rates + sign * step * (np.arange(3) == 1))[0] for sign in (1, -1)]
    assert_allclose(here.slope[1], (ends[0] - ends[1]) / (2 * step), rtol=1e-6)
    exact = points.values(rates)[0]
    gaps = [abs(smoothed(points, mu, None).values(rates)[0] - exact) for mu in (1e-2, 1e-4)]
    assert gaps[1] < 0.1 * gaps[0] + 1e-9


@pytest.mark.parametrize("rates", ["sector", pytest.param("free", marks=pytest.mark.slow)])
def test_no_deviation_pays_at_scale_one(rates: str) -> None:
    """Rates lie on kinks, where the formula of the exact game does not settle; industries are at their corner."""
    points = asked(drawn(1, 4, 4), krugman(6.0), "C2", rates=rates)
    found = search(searches(points, 1, "best")[0])
    assert not found.failed
    assert (points.equilibrium(found.rates).unknowns.entry == 0).any()
    assert max(one.gain for one in deviations(points, found.rates, found.values)) <= 1e-6
