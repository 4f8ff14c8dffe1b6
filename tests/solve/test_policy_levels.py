"""Best rates by IPOPT on the system in levels, with the rates as variables: the same as by the formula, of which it knows nothing."""

import numpy as np
import pytest
from policies import asked, solved
from worlds import drawn

from cge import Exponents, eaton_kortum, krugman, melitz, variable_markups
from cge.solve.levels.best import best_by_ipopt
from cge.solve.policy.search import settle, usual

MODELS = [(eaton_kortum(4.0), "free"), (krugman(4.0, 0.5), "sector"), (melitz(4.0, 5.0, 0.3), "sector")]


@pytest.mark.parametrize(("model", "rates"), MODELS, ids=["eaton_kortum", "krugman", "melitz"])
def test_ipopt_finds_the_same_rates(model: Exponents, rates: str) -> None:
    """7 × 5 with inputs."""
    points = asked(drawn(2, 7, 5, inputs=0.4), model, "C1", rates=rates)
    by_formula = settle(points, usual(points), enough=1e-9)
    by_ipopt = best_by_ipopt(points, usual(points))
    assert np.abs(by_ipopt - by_formula.rates).max() <= 1e-6
    assert abs(points.values(by_ipopt)[0] - by_formula.values[0]) <= 1e-10


def test_a_union_and_bounds() -> None:
    points = asked(drawn(2, 4, 3), eaton_kortum(4.0), "EU", rates="sector", groups={"EU": ["C0", "C2"]}, upper=0.24)
    by_formula = solved(points)
    assert (by_formula.rates == 0.24).any()
    assert np.abs(best_by_ipopt(points, usual(points)) - by_formula.rates).max() <= 1e-6


def test_mark_ups_that_weigh_sectors_unlike() -> None:
    """What a player wants counts a sector whose mark-ups keep a part of its gains for less: other rates than without, by formula and by IPOPT."""
    data = drawn(2, 4, 3)
    keeps = dict(zip(data.sectors, (0.3, 0.0, -0.2), strict=True))
    points = asked(data, variable_markups(4.0, eta=keeps, scale=0.0), "C1", rates="sector")
    by_formula = settle(points, usual(points), enough=1e-9)
    assert np.abs(best_by_ipopt(points, usual(points)) - by_formula.rates).max() <= 1e-6
    plain = asked(data, eaton_kortum(4.0), "C1", rates="sector")
    assert np.abs(settle(plain, usual(plain), enough=1e-9).rates - by_formula.rates).max() > 1e-2
