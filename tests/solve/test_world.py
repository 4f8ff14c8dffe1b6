"""The world's Jacobian in single precision is the Jacobian; and what is found with it does not depend on it."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from linearised import EXPONENTS, WORLDS, case
from numpy.testing import assert_allclose
from worlds import Array, drawn, random_shock

from cge import Benchmark, Exponents, Shock, armington, change, eaton_kortum, gradient, melitz, solve_hat
from cge.model.build import build, build_many
from cge.model.linear import Linearised
from cge.model.system import evaluate, start
from cge.solve.adjoint import transposed
from cge.solve.krylov import Layout, product
from cge.solve.world import World


def selection(data: Benchmark) -> Exponents:
    """The size of markets moves their prices, without entry."""
    return replace(melitz(3.0, 5.0, 0.5), scale=0.0)


GIVEN = {"armington": EXPONENTS["armington 1.0"], "profits": EXPONENTS["restricted_entry 1.0"], "selection": selection}


@pytest.mark.parametrize("world", [name for name in WORLDS if {"inputs", "mobility"} & {*WORLDS[name]}])
@pytest.mark.parametrize("exponents", GIVEN.values(), ids=GIVEN.keys())
@pytest.mark.parametrize("rule", ["fixed", "own_share"])
def test_it_is_the_jacobian_forwards_and_backwards(world: str, exponents: Callable[[Benchmark], Exponents], rule: str) -> None:
    c = case(world, exponents, rule)
    layout, near = Layout(c.system), World(c.lin)
    columns = np.random.default_rng(2).standard_normal((layout.size, 3))
    wage, price, spending = layout.unpack(columns)
    columns = layout.pack(wage, price, spending * c.system.bought[..., None])
    for exact, ours in ((product, near.times), (transposed, near.backwards)):
        theirs = exact(c.lin, layout, columns)
        assert_allclose(ours(columns), theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("world", ["inputs", "inputs, two factors", "zeros, inputs"])
def test_columns_may_have_exponents_of_their_own(world: str) -> None:
    """Where nothing has changed models differ in exponents alone: each column is moved as by the Jacobian of its own."""
    data = drawn(1, **WORLDS[world])
    models = [armington(4.0), eaton_kortum(dict.fromkeys(data.sectors, 9.0)), selection(data)]
    alone = [build(data, exponents, Shock()) for exponents in models]
    lins = [Linearised(s, start(s), evaluate(s, start(s)), np.zeros(s.home.shape)) for s in alone]
    layout = Layout(alone[0])
    columns = np.random.default_rng(2).standard_normal((layout.size, len(models)))
    wage, price, spending = layout.unpack(columns)
    columns = layout.pack(wage, price, spending * alone[0].bought[..., None])
    ours = World(lins[0]).under(build_many(alone[0], data, [(exponents, Shock()) for exponents in models])).times(columns)
    theirs = np.hstack([product(lin, layout, columns[:, [place]]) for place, lin in enumerate(lins)])
    assert_allclose(ours, theirs, rtol=1e-4, atol=1e-5 * np.abs(theirs).max())


@pytest.mark.parametrize("wrong", [np.nan, 2.0])
def test_derivatives_do_not_depend_on_it(wrong: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it leads nowhere, the equations themselves are asked."""
    data = drawn(3, N=6, inputs=0.4)
    solution = solve_hat(data, armington(4.0), change(data, **random_shock(np.random.default_rng(1), data)))
    before = gradient(solution)
    near = World.backwards

    def elsewhere(self: World, columns: Array) -> Array:
        return near(self, columns) + wrong * columns[::-1]

    monkeypatch.setattr(World, "backwards", elsewhere)
    after = gradient(solution)
    for name in before:
        assert_allclose(after[name], before[name], rtol=1e-8, atol=1e-10)
