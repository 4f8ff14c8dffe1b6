"""Tariff wars on published tables: what a package prints beside what is exact, and 7 × 44 with inputs."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from places import SHARED
from validation import within_printed

import cge
from cge.model.shock import Shock
from cge.solve.policy.agreed import agreed
from cge.solve.policy.aims import Player
from cge.solve.policy.answer import contested
from cge.solve.policy.certificate import alone
from cge.solve.policy.game import Choice
from cge.solve.policy.instruments import INSTRUMENTS
from cge.solve.policy.points import Points
from cge.solve.policy.question import Ground, contest, ground
from cge.solve.policy.search import settle, usual
from cge.solve.policy.searches import here

DATA = SHARED / "data"
pytestmark = pytest.mark.skipif(not (DATA / "icio2022_81x28_economy.nc").is_file(), reason="needs the data beside the checkout (../shared)")


def world(name: str, elasticity: Any, inputs: bool) -> Ground:
    """A table without transfers."""
    economy = cge.open_economy(DATA / f"{name}_economy.nc")
    benchmark = cge.calibrate(economy, intermediates=inputs, negative_final_demand="zero")
    return ground(benchmark, cge.eaton_kortum(elasticity), Shock(transfers="zero"))


def everybody(at: Ground, rates: str) -> tuple[Choice, list[Player]]:
    """All countries, and what they may choose."""
    b = at.solution.benchmark
    every = np.ones(len(b.sectors), dtype=bool), np.ones(len(b.countries), dtype=bool)
    choice = Choice(INSTRUMENTS["tariff"], rates, *every, np.array(0.0), np.array(10.0))
    return choice, [Player(name, np.array([place])) for place, name in enumerate(b.countries)]


def mean(points: Points, rates: np.ndarray[Any, Any]) -> float:
    """Mean change of real income over all players, in percent."""
    return float(100 * np.expm1(points.values(rates)).mean())


def at_given_wages(points: Points) -> np.ndarray[Any, Any]:
    """The rates that are equilibrium if the wages of others are held still: 1/Σ χ e (1 − λ), χ shares of a country's exports by market and good.

    Source: Lashkaripour (2021, Journal of International Economics 131), as the package tariffwar computes it.
    """
    elasticity = points.exponents.on(points.benchmark.sectors)["trade"]
    rates = usual(points)
    for _ in range(100):
        found = points.equilibrium(rates)
        exports, place = found.flow.copy(), np.arange(len(rates))
        exports[:, place, place] = 0.0
        share = exports / exports.sum(axis=(0, 2))[None, :, None]
        last, rates = rates, 1 / np.einsum("sin,s,sin->i", share, elasticity, 1 - found.trade_share)
        if np.abs(rates - last).max() < 1e-10:
            return rates
    raise AssertionError("no fixed point")


@pytest.fixture(scope="module")
def at_81() -> Ground:
    """81 countries and 28 sectors of the ICIO of 2022, without inputs."""
    elasticity = pd.read_csv(DATA / "icio2022_elasticities.csv", index_col=0)["IS"].to_dict()
    return world("icio2022_81x28", elasticity, inputs=False)


def test_a_war_that_holds_wages_still(at_81: Ground, validate) -> None:  # type: ignore[no-untyped-def]
    """A package prints a mean of −1.748 %: met at its rates, at which the USA gains by another rate, so that they are no equilibrium."""
    points = contest(at_81, *everybody(at_81, "uniform"))
    printed = at_given_wages(points)
    cell = ("81 countries, 28 sectors, 2022", "mean change of real income, %")
    place = "tariff war of all countries, one rate a country, no inputs, wages of others held still"
    validate("tariffwar (Lashkaripour 2021)", place, {cell: -1.748}, {cell: mean(points, printed)}, within_printed("-1.748"))
    usa = at_81.solution.benchmark.countries.index("USA")
    own = alone(points, printed, usa)
    better = settle(own, usual(own))
    assert better.rates[0] > printed[usa] + 0.01
    assert better.values[0] > points.values(printed)[usa] + 1e-6


@pytest.mark.slow
def test_the_war_itself_costs_more_than_one_that_holds_wages_still(at_81: Ground) -> None:
    """A little with one rate a country, more with a rate by partner."""
    points = contest(at_81, *everybody(at_81, "uniform"))
    war = settle(points, usual(points))
    by_partner = contest(at_81, *everybody(at_81, "partner"))
    assert mean(points, war.rates) == pytest.approx(-1.7787, abs=2e-4)
    assert mean(by_partner, settle(by_partner, usual(by_partner)).rates) == pytest.approx(-1.8218, abs=2e-4)
    usa = at_81.solution.benchmark.countries.index("USA")
    answer = alone(points, war.rates, usa)
    assert settle(answer, usual(answer)).values[0] <= war.values[usa] + 1e-9


@pytest.mark.slow
def test_a_war_and_a_bargain_of_seven() -> None:
    """With inputs: everybody loses by the war, no player gains by another rate, and nobody loses by the bargain."""
    at = world("tradewar2017", 4.0, inputs=True)
    choice, players = everybody(at, "sector")
    work = lambda searches: list(here(searches))  # noqa: E731
    fought = contested(at, choice, players, "real_income", 2, work)
    assert (fought.real < -0.01).all()
    assert fought.certificate.largest <= 1e-8
    assert len(fought.certificate.optima) == 1
    bargained = agreed(at, choice, players, "bargain", None, fought.real, 2, work)
    assert (bargained.real > fought.real + 0.01).all()
    free = agreed(at, choice, players, "incomes", None, fought.real, 2, work)
    assert free.rates.max() < 1e-4


@pytest.mark.slow
def test_equal_gains_of_seven() -> None:
    """With subsidies rates move enough income to even out gains; without, they do not, and that is said."""
    at = world("tradewar2017", 4.0, inputs=True)
    choice, players = everybody(at, "sector")
    work = lambda searches: list(here(searches))  # noqa: E731
    fallback = contested(at, choice, players, "real_income", 2, work).real
    wide = Choice(choice.instruments, choice.rates, choice.sectors, choice.partners, np.array(-0.5), choice.upper)
    even = agreed(at, wide, players, "equal_gains", None, fallback, 2, work)
    gain = even.real - fallback
    assert np.ptp(gain) <= 4e-6
    assert gain.min() > 0.01


def test_the_conditions_under_restricted_entry() -> None:
    """A war in the model of Ossa (2014) and of Lashkaripour and Lugovskyy (2023): the share 1/σ of sales is profit, which is income. At its rates
    no cold solve with a little more or less of a rate gives its player more, to second order, and each gains by a policy of its own.
    """
    sigma = {name: 1 + value for name, value in pd.read_csv(DATA / "tradewar2017_elasticities.csv", index_col=0)["trade"].items()}
    economy = cge.open_economy(DATA / "tradewar2017_economy.nc")
    benchmark = cge.calibrate(economy, intermediates=False, negative_final_demand="zero")
    exponents = cge.restricted_entry({name: s - 1 for name, s in sigma.items()}, {name: 1 / s for name, s in sigma.items()})
    at = ground(benchmark, exponents, Shock(transfers="zero"))
    points = contest(at, *everybody(at, "sector"))
    war = settle(points, usual(points))
    step = 1e-3
    for player, place in ((0, 3), (4, 20)):
        rate = np.flatnonzero(points.game.chooser == player)[place]
        cold = [points.values(war.rates + change * (np.arange(len(war.rates)) == rate))[player] for change in (-step, 0.0, step)]
        assert abs(cold[2] - cold[0]) / (2 * step) <= 1e-6
        assert cold[2] + cold[0] - 2 * cold[1] < 0
