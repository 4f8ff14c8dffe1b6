"""The certificate of stability: an eigenvalue as well known as the decision that hangs on it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import drawn, random_economy

from cge import Shock, SolveError, calibrate, krugman, make_economy, melitz
from cge.data.arrays import Array
from cge.model.build import build
from cge.model.linear import Linearised
from cge.model.system import System, start
from cge.solve import stability
from cge.solve.directions import Directions
from cge.solve.stability import EDGE, leading, leading_mode, radius

LARGE = drawn(8, N=9, J=6, inputs=0.5)
LARGE_ECONOMY = random_economy(np.random.default_rng(8), 9, 6, inputs=0.5)


def by_hand(system: System, monkeypatch: pytest.MonkeyPatch) -> float:
    """The radius from the whole matrix."""
    with monkeypatch.context() as patch:
        patch.setattr(stability, "SMALL", 10_000)
        return radius(system, start(system))


@pytest.mark.parametrize("exponents", [krugman(5.0, 0.3), melitz(4.0, 5.0, 0.2)], ids=["krugman", "melitz"])
def test_arnoldi_finds_what_the_whole_matrix_says(exponents: object, monkeypatch: pytest.MonkeyPatch) -> None:
    system = build(LARGE, exponents, Shock())
    assert_allclose(radius(system, start(system)), by_hand(system, monkeypatch), atol=stability.ROUGH)


@pytest.mark.parametrize("away", [3e-4, -3e-4, 1e-6, -1e-6])
def test_the_nearer_the_edge_the_better_the_radius_is_known(away: float, monkeypatch: pytest.MonkeyPatch) -> None:
    critical = 1 / by_hand(build(LARGE, krugman(5.0, 0.3), Shock()), monkeypatch)
    system = build(LARGE, krugman(5.0, critical * (1 + EDGE + away)), Shock())
    found = radius(system, start(system)) / (1 / critical)
    assert abs(found - 1) < 0.1 * abs(away)


def test_a_pattern_that_another_has_overtaken_is_left() -> None:
    """The start is the leading vector of a neighbour; here another one leads."""
    matrix = np.diag(np.linspace(0.0, 1.0, 60))

    def product(vector: Array, accuracy: float) -> Array:
        return np.asarray(matrix @ vector)

    begin = np.eye(60)[58] + 1e-3
    value, vector = leading(product, begin, lambda found: 1e-6)
    assert_allclose(value, 1.0, atol=1e-6)
    assert np.abs(vector).argmax() == 59


def test_the_pattern_is_that_of_its_eigenvalue(monkeypatch: pytest.MonkeyPatch) -> None:
    """And saves products where it is near another."""
    system, made = build(LARGE, krugman(5.0, 0.3), Shock()), list[int]()
    whole = stability.profits

    def counted(lin: Linearised, ways: list[stability.Way], push: Array, accuracy: float) -> Array:
        made.append(1)
        return whole(lin, ways, push, accuracy)

    monkeypatch.setattr(stability, "profits", counted)
    mode = leading_mode(system, start(system))
    cold = len(made)
    again = leading_mode(system, start(system), mode.pattern)
    assert_allclose(again.value, mode.value, atol=stability.ROUGH)
    assert len(made) - cold < 0.8 * cold
    nothing = leading_mode(system, start(system), np.zeros_like(mode.pattern))
    assert_allclose(nothing.value, mode.value, atol=stability.ROUGH)


@pytest.mark.parametrize("unit", [1e-40, 1e38])
def test_the_radius_does_not_depend_on_the_unit_of_money(unit: float) -> None:
    """Beyond the range of single precision, in which the preconditioner works."""
    flows = LARGE_ECONOMY.data.assign({name: LARGE_ECONOMY.data[name] * unit for name in ("flow", "intermediate", "value_added")})
    systems = [build(calibrate(economy), krugman(5.0, 0.3), Shock()) for economy in (LARGE_ECONOMY, make_economy(flows))]
    one, other = (radius(system, start(system)) for system in systems)
    assert_allclose(one, other, rtol=1e-9)


def test_a_response_that_is_not_known_is_no_certificate(monkeypatch: pytest.MonkeyPatch) -> None:
    system = build(LARGE, krugman(5.0, 0.3), Shock())
    monkeypatch.setattr("cge.solve.chains.Chains.__call__", lambda self, columns: np.full(columns.shape, np.nan))
    with pytest.raises(SolveError, match="No certificate"):
        radius(system, start(system))


def test_a_product_out_of_range_leaves_the_other_columns_alone() -> None:
    matrix = np.diag([1.0, 2.0, 4.0])
    space = Directions(
        lambda columns: np.where(np.abs(columns) > 10, np.inf, matrix @ columns), lambda columns: 20 * columns * [1.0, 0.01], 3
    )
    answer, left = space.solve(np.array([[1.0, 1.0], [1.0, 2.0], [1.0, 4.0]]), 1e-12)
    assert left[1] <= 1e-12
    assert_allclose(matrix @ answer[:, 1], [1.0, 2.0, 4.0], rtol=1e-10)
