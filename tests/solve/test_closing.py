"""The end of an interior point's way, and the single precision of its beginning: neither changes the answer."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from linearised import case
from numpy.testing import assert_allclose
from worlds import Array, abroad, drawn

from cge import Benchmark, Exponents, krugman, melitz, solve_hat
from cge import change as changed
from cge.model.build import build
from cge.model.linear import Linearised
from cge.model.rounded import rounded
from cge.model.system import System, evaluate, log_profitability, start
from cge.solve import interior
from cge.solve.closing import closed, closing
from cge.solve.krylov import Layout, product
from cge.solve.newton import Point, Solver
from cge.solve.units import Units

MODELS = {"krugman": krugman(9.0), "melitz": melitz(5.0, 8.0)}
each_model = pytest.mark.parametrize("exponents", MODELS.values(), ids=MODELS.keys())


@cache
def world() -> Benchmark:
    """Small and without inputs."""
    return drawn(3, F=1)


def target(exponents: Exponents) -> System:
    """Dear goods from abroad fall by half in price, so that sectors close."""
    return build(world(), exponents, changed(world(), iceberg=abroad(world(), 0.5)))


def empty(exponents: Exponents) -> tuple[Point, Array]:
    """The equilibrium, and the cells that nobody enters."""
    found = solve_hat(world(), exponents, changed(world(), iceberg=abroad(world(), 0.5))).counterfactual
    point = Point(found.system, found.unknowns)
    return point, np.asarray(found.system.produced & (found.unknowns.entry == 0))


@each_model
def test_cells_that_close_do_not_depend_on_the_unit_of_entry(exponents: Exponents) -> None:
    s, size = target(exponents), np.exp(np.random.default_rng(4).uniform(-6, 6, world().arrays["sales"].shape))
    multiplier = np.exp(np.random.default_rng(5).uniform(-8, 2, size.shape))
    unit = Units(size)

    def found(system: System, u: object) -> Array:
        return closing(Linearised(system, u, evaluate(system, u), np.zeros(size.shape)), multiplier)

    ours = found(s, start(s))
    assert 0 < ours.sum() < ours.size
    np.testing.assert_array_equal(found(unit.of(s), unit.counted(start(s))), ours)


@each_model
@pytest.mark.parametrize("wrong", ["none", "one too many", "one too few"])
def test_closed_cells_give_the_equilibrium_or_nothing(exponents: Exponents, wrong: str) -> None:
    """From near the equilibrium a cell that was thought to close is opened again; where one that closes was thought to stay, the interior point
    goes on.
    """
    point, shut = empty(exponents)
    assert 0 < shut.sum() < shut.size
    near = point.u._replace(entry=np.where(shut, 1e-6, point.u.entry * 1.001))
    guess = shut.copy()
    if wrong == "one too many":
        entry = np.where(shut, np.inf, point.u.entry * point.system.benchmark_sales)
        guess[np.unravel_index(entry.argmin(), entry.shape)] = True
    elif wrong == "one too few":
        loss = np.where(shut, -log_profitability(point.system, point.u, point.v), np.inf)
        guess[np.unravel_index(loss.argmin(), loss.shape)] = False
    found = closed(Solver(point.system), Point(point.system, near), guess, 1e-11, interior.RIDGE)
    assert (found is None) == (wrong == "one too few")
    if found is None:
        return
    np.testing.assert_array_equal(found.u.entry == 0, point.u.entry == 0)
    assert_allclose(found.u.log_factor_price, point.u.log_factor_price, atol=1e-9)
    assert (found.multiplier[shut] >= 0).all()


@each_model
@pytest.mark.parametrize("without", ["closing", "single precision"])
def test_neither_changes_the_answer(exponents: Exponents, without: str, monkeypatch: pytest.MonkeyPatch) -> None:
    point, shut = empty(exponents)
    if without == "closing":
        monkeypatch.setattr(interior, "CALM", -1.0)
    else:
        whole = Solver.linearise
        monkeypatch.setattr(Solver, "linearise", lambda self, *args, rough=False: whole(self, *args))
    other, others = empty(exponents)
    np.testing.assert_array_equal(others, shut)
    assert_allclose(other.u.log_factor_price, point.u.log_factor_price, atol=1e-10)
    assert_allclose(other.u.entry, point.u.entry, rtol=1e-8, atol=1e-10)


@pytest.mark.parametrize("exponents", [lambda b: krugman(4.0), lambda b: melitz(4.0, 5.0)], ids=["krugman", "melitz"])
@pytest.mark.parametrize("name", ["no inputs", "export taxes, two factors", "inputs"])
def test_products_in_single_precision_are_those_in_double(name: str, exponents: object) -> None:
    c = case(name, exponents)
    layout = Layout(c.system)
    columns = np.random.default_rng(6).standard_normal((layout.size, 2))
    single = Linearised(rounded(c.system), rounded(c.u), rounded(c.lin.v), rounded(c.lin.curvature))
    assert single.precision == single.entry_inverse.dtype == np.float32
    expected = product(c.lin, layout, columns)
    found = product(single, layout, columns.astype(np.float32))
    assert_allclose(found, expected, atol=1e-4 * np.abs(expected).max())
    assert np.abs(found - expected).max() > 0
