"""The certificate of stability: an eigenvalue as well known as the decision that hangs on it asks for."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import drawn

from cge import Shock, krugman, melitz
from cge.data.arrays import Array
from cge.model.build import build
from cge.model.system import System, start
from cge.solve import stability
from cge.solve.stability import EDGE, leading, leading_mode, radius

LARGE = drawn(8, N=9, J=6, inputs=0.5)


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
    system = build(LARGE, krugman(5.0, 0.3), Shock())
    mode = leading_mode(system, start(system))
    again = leading_mode(system, start(system), mode.pattern)
    assert_allclose(again.value, mode.value, atol=stability.ROUGH)
    assert mode.pattern.shape == system.home.shape
