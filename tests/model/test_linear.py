"""The linearisation against the equations: complex step, Newton steps, preconditioner."""

from collections.abc import Callable

import numpy as np
import pytest
from linearised import EXPONENTS, WORLDS, along, case, of_variant
from numpy.testing import assert_allclose
from worlds import Array, abroad, drawn, group_shares, random_economy

from cge import Benchmark, Exponents, armington, calibrate, change, krugman, melitz, solve_hat
from cge.model.build import build
from cge.model.inverse import inverse
from cge.model.linear import Linearised, rows
from cge.model.system import evaluate, log_profitability, start
from cge.model.whole import jacobian
from cge.solve.blocks import Blocks, country_blocks
from cge.solve.directions import Directions
from cge.solve.krylov import Layout, directions, newton_step, preconditioner, product
from cge.solve.unlinked import Unlinked

each_world = pytest.mark.parametrize("world", WORLDS)
each_exponents = pytest.mark.parametrize("exponents", EXPONENTS.values(), ids=EXPONENTS.keys())


@each_world
@each_exponents
@pytest.mark.parametrize("rule", ["fixed", "own_share"])
def test_derivatives_are_those_of_the_equations(world: str, exponents: Callable[[Benchmark], Exponents], rule: str) -> None:
    c = case(world, exponents, rule)
    d_cost = c.lin.unit_cost(c.d_wage, c.d_price)
    *found, d_access = c.lin.rows(c.d_wage, d_cost, c.d_price, c.d_spending, c.d_entry)
    market, price, spending, profit = along(c, c.d_wage, c.d_price, c.d_spending, c.d_entry)
    for name, ours, theirs in zip(("market", "price", "spending"), found, (market, price, spending), strict=True):
        assert_allclose(ours[..., 0], theirs, rtol=1e-10, atol=1e-12, err_msg=name)
    # ln q = ln access − (cost + 1) ln ĉ − (1 − scale) ln Ŝ, the last where entry is free
    scale, cost, by_spending = c.lin.seller.entry, -c.lin.seller.unit_cost, c.lin.seller.spending
    entry = (1 - scale) * c.d_entry * ((scale > 0) & (scale < 1))
    ours = np.where(c.system.produced, (d_access + by_spending * c.d_spending - (cost + 1) * d_cost - entry)[..., 0], 0.0)
    assert_allclose(ours, profit, rtol=1e-10, atol=1e-12)


@each_world
@each_exponents
def test_a_newton_step_removes_the_linear_residual(world: str, exponents: Callable[[Benchmark], Exponents]) -> None:
    """Entry eliminated, GMRES and preconditioner together: along the step the rows change by minus themselves, ln q by what was asked."""
    c = case(world, exponents)
    residual = rows(c.system, c.u, c.lin.v)
    free = (c.system.scale > 0) & c.system.produced
    ask = np.where(free, log_profitability(c.system, c.u, c.lin.v), 0.0)
    if c.system.input_share is None:
        residual = residual._replace(price=np.zeros_like(residual.price))  # as in newton.moved: nothing follows from prices
        common = (c.system.final_share * residual.spending).sum(axis=0)  # a candidate's spending moves with income alone
        residual = residual._replace(spending=common * c.system.bought)
    step = newton_step(c.lin, residual, ask, directions(c.lin, Blocks(preconditioner(c.lin))), 1e-13)
    market, price, spending, profit = along(c, *(part[..., None] for part in step))
    assert_allclose(market, -residual.market, atol=1e-9)
    assert_allclose(spending, -residual.spending, atol=1e-9)
    if c.system.input_share is not None:
        assert_allclose(price, -residual.price, atol=1e-9)
    assert_allclose(np.where(free, profit - c.lin.curvature * step.entry, 0.0), -ask, atol=1e-9)


@each_exponents
def test_preconditioner_is_the_own_part_of_the_jacobian(exponents: Callable[[Benchmark], Exponents]) -> None:
    """Every country's block of the product with unit vectors, without tariff revenue, which the blocks leave out.

    With entry, the balance of trade (last factor's row) also leaves out what the answer of foreign entrants does to own exports.
    """
    c = case("no tariff", exponents)
    blocks = np.linalg.inv(country_blocks(c.lin))
    count, size = blocks.shape[:2]
    dense = product(c.lin, Layout(c.system), np.eye(count * size)).reshape(count, size, count, size)
    own = dense[np.arange(count), :, np.arange(count)]
    rows_compared = np.ones(size, bool)
    rows_compared[len(c.system.endowed) - 1] = not c.system.scale.any()
    assert_allclose(blocks[:, rows_compared], own[:, rows_compared], atol=1e-9)


@each_exponents
@pytest.mark.parametrize("world", [name for name, options in WORLDS.items() if not options.get("inputs") and not options.get("mobility")])
@pytest.mark.parametrize("rule", ["fixed", "own_share"])
def test_the_whole_jacobian_is_its_products(world: str, exponents: Callable[[Benchmark], Exponents], rule: str) -> None:
    c = case(world, exponents, rule)
    layout = Layout(c.system)
    assert_allclose(jacobian(c.lin), product(c.lin, layout, np.eye(layout.size)), atol=1e-11)


@each_exponents
@pytest.mark.parametrize("rule", ["fixed", "own_share"])
@pytest.mark.parametrize("moving", [("F0", "F1"), ("F0",), ("F1",)], ids=["all move", "the last is one pool", "the first is"])
def test_what_serves_workers_who_move_without_inputs_is_the_inverse(
    moving: tuple[str, ...], exponents: Callable[[Benchmark], Exponents], rule: str
) -> None:
    given = random_economy(np.random.default_rng(1), F=2, zeros=0.4, export_taxes=True)
    groups = group_shares(given, 2)
    data = calibrate(given, mobility=dict.fromkeys(moving, 1.7), group_shares=groups[groups.factor.isin(moving)])
    c = case("export taxes, two factors", exponents, rule, data)
    columns = np.random.default_rng(2).standard_normal((Layout(c.system).size, 2))
    assert_allclose(product(c.lin, Layout(c.system), Unlinked(c.lin)(columns)), columns, atol=1e-10)


@pytest.mark.parametrize("exponents", [armington(5.0), krugman(5.0, 0.5), melitz(4.0, 5.0, 0.5)], ids=["armington", "krugman", "melitz"])
@pytest.mark.parametrize("world", ["inputs, two factors", "zeros, inputs"])
def test_one_newton_step_predicts_small_shocks(world: str, exponents: Exponents) -> None:
    """From the benchmark, the linear prediction misses the solution by the square of the shock."""
    data = drawn(2, **WORLDS[world])

    def error(size: float) -> Array:
        shock = change(data, tariff=abroad(data, (1 + data.data.tariff.values) * (1 + size) - 1, 0.0))
        system = build(data, exponents, shock)
        u = start(system)
        lin = Linearised(system, u, evaluate(system, u), np.zeros(system.home.shape))
        ask = np.where((system.scale > 0) & system.produced, log_profitability(system, u, lin.v), 0.0)
        step = newton_step(lin, rows(system, u, lin.v), ask, directions(lin, Blocks(preconditioner(lin))), 1e-13)
        return np.asarray(step.wage - solve_hat(data, exponents, shock).counterfactual.unknowns.log_factor_price)

    far, near = (float(np.linalg.norm(error(size))) for size in (2e-3, 1e-3))
    assert far > 1e-9
    assert_allclose(far / near, 4, rtol=0.05)


# --- the parts ---------------------------------------------------------------------------------------------------------------------------


def test_directions_solve_and_serve_the_next_right_hand_side() -> None:
    rng = np.random.default_rng(3)
    matrix = np.eye(12) + 0.1 * rng.standard_normal((12, 12))
    one, other = rng.standard_normal((2, 12, 1))
    space = Directions(lambda v: matrix @ v, lambda v: v, 12)
    solution, left = space.solve(one, 1e-12)
    assert_allclose(matrix @ solution, one, atol=1e-11)
    assert left[0] <= 1e-12
    assert space.count <= 12
    before = space.count
    sum_of_both, _ = space.solve(one + 1e-3 * other, 1e-12)
    assert_allclose(matrix @ sum_of_both, one + 1e-3 * other, atol=1e-11)
    again, _ = space.solve(one, 1e-11)
    assert space.count == 12 >= before  # the whole space: nothing is left to look for
    assert_allclose(again, solution, atol=1e-10)
    exact = Directions(lambda v: matrix @ v, Blocks(np.linalg.inv(matrix)[None]), 12)
    assert_allclose(exact.solve(one, 1e-12)[0], solution, atol=1e-11)
    assert exact.count == 1


def test_directions_answer_columns_together() -> None:
    """Twenty right-hand sides, of which five say anything new; each to its own accuracy."""
    rng = np.random.default_rng(4)
    matrix = np.eye(90) + 0.05 * rng.standard_normal((90, 90))
    right = rng.standard_normal((90, 5)) @ rng.standard_normal((5, 20))
    tolerance = np.where(np.arange(20) < 10, 1e-11, 1e-3)
    space = Directions(lambda v: matrix @ v, lambda v: v, 90)
    solution, left = space.solve(right, tolerance)
    assert (left <= tolerance).all()
    residual = np.linalg.norm(matrix @ solution - right, axis=0) / np.linalg.norm(right, axis=0)
    assert_allclose(residual, left, atol=1e-12)
    assert space.count <= 90
    assert not space.solve(np.zeros((90, 2)), 1e-12)[0].any()


@pytest.mark.parametrize("strength", [0.02, 0.06])
def test_directions_serve_many_columns_that_go_on_alone(strength: float) -> None:
    """After the first few nothing is kept, unless steps bring too little; each to its own accuracy, in single precision."""
    rng = np.random.default_rng(5)
    matrix = (np.eye(200) + strength * rng.standard_normal((200, 200))).astype(np.float32)
    right = rng.standard_normal((200, 50))
    space = Directions(lambda v: matrix @ v, lambda v: v, 200, np.float32)
    space.solve_many(right[:, :4], np.full(4, 1e-4))
    before, tolerance = space.count, np.where(np.arange(50) < 25, 1e-5, 1e-2)
    solution, left = space.solve_many(right, tolerance)
    assert solution.dtype == np.float32
    assert (left <= tolerance).all()
    residual = np.linalg.norm(matrix @ solution - right, axis=0) / np.linalg.norm(right, axis=0)
    assert_allclose(residual, left, atol=1e-5)
    assert (space.count == before) == (strength < 0.05)


def test_directions_end_where_the_matrix_is_singular() -> None:
    matrix = np.diag([1.0, 2.0, 0.0])
    solution, left = Directions(lambda v: matrix @ v, lambda v: v, 3).solve(np.ones((3, 1)), 1e-12)
    assert np.isfinite(solution).all()
    assert_allclose(left, 1 / np.sqrt(3), rtol=1e-9)


def test_directions_are_no_more_than_unknowns() -> None:
    """Asked beyond what rounding allows, again and again: what is left then says nothing, and answers stay what they are."""
    rng = np.random.default_rng(6)
    matrix = np.eye(9) + 0.2 * rng.standard_normal((9, 9))
    space = Directions(lambda v: matrix @ v, lambda v: v, 9)
    for _ in range(4):
        right = rng.standard_normal((9, 4))
        solution, _ = space.solve(right, 1e-17)
        assert space.count <= 9
        assert_allclose(matrix @ solution, right, atol=1e-12)


@pytest.mark.parametrize("rows", [1, 8, 17, 40, 101])
def test_inverse_by_halves(rows: int) -> None:
    matrices = np.eye(rows) + 0.2 / np.sqrt(rows) * np.random.default_rng(4).standard_normal((20, rows, rows))
    assert_allclose(inverse(matrices), np.linalg.inv(matrices), atol=1e-12)


def test_pack_undoes_unpack() -> None:
    c = case("inputs, two factors", of_variant("armington", 1.0))
    layout = Layout(c.system)
    packed = layout.pack(c.d_wage, c.d_price, c.d_spending)
    for ours, theirs in zip(layout.unpack(packed), (c.d_wage, c.d_price, c.d_spending), strict=True):
        assert_allclose(ours, theirs, rtol=0)
