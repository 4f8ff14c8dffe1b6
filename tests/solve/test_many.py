"""Many counterfactuals at once are those that each is alone."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import Array, abroad, dataset, drawn, group_shares, random_economy, random_shock

from cge import (
    Benchmark,
    Exponents,
    Shock,
    Solution,
    SolveError,
    armington,
    calibrate,
    change,
    eaton_kortum,
    krugman,
    make_economy,
    melitz,
    solve_hat,
)
from cge.errors import DataError
from cge.model.build import build, build_many
from cge.model.linear import Linearised, rows
from cge.model.overlaid import Overlaid
from cge.model.system import System, Unknowns, Values, evaluate, start
from cge.results.welfare import welfare_numbers
from cge.solve import many, mixing, passes
from cge.solve.blocks import Blocks, country_blocks
from cge.solve.chains import Chains
from cge.solve.equilibrium import Equilibrium
from cge.solve.krylov import Layout, product
from cge.solve.many import solve_many
from cge.solve.partners import Partners
from cge.solve.passes import Question, pieces
from cge.solve.sectors import near_inverse

WORLDS = {"one factor": {"inputs": 0.4}, "two factors": {"inputs": 0.4, "F": 2}, "zeros": {"inputs": 0.4, "zeros": 0.4}}
each_world = pytest.mark.parametrize("world", WORLDS)
each_rule = pytest.mark.parametrize("rule", ["fixed", "own_share", "zero"])


def questions(data: Benchmark, rule: str, count: int = 5) -> list[Question]:
    """Elasticities and shocks that differ: of one importer, of one exporter, of everything, of endowments alone, and none."""
    rng = np.random.default_rng(3)
    every = random_shock(rng, data)
    one = data.data.tariff.copy()
    one[:, :, 1] = abroad(data, 0.3, 0.0)[:, :, 1]
    shocks = [{"tariff": one}, {"productivity": every["productivity"]}, every, {"endowment": every["endowment"]}, {}]
    selection = replace(melitz(3.0, 5.0, 0.5), scale=0.0)  # the size of markets moves their prices
    models: list[Exponents] = [armington(4.0), eaton_kortum(5.0), eaton_kortum(dict.fromkeys(data.sectors, 6.0)), selection, armington(3.0)]
    return [(model, change(data, **shock, transfers=rule)) for model, shock in zip(models, shocks, strict=True)][:count]


@each_world
@each_rule
def test_the_system_of_many_is_that_of_each(world: str, rule: str) -> None:
    """Values and residuals of a candidate, scenario by scenario."""
    data = drawn(2, **WORLDS[world])
    asked = questions(data, rule)
    base = build(data, asked[0][0], Shock(transfers=asked[0][1].transfers))
    system, rng = build_many(base, data, asked), np.random.default_rng(1)
    alone = [build(data, *question) for question in asked]
    bought = start(alone[0])
    points = [
        bought._replace(
            log_factor_price=0.1 * rng.standard_normal(one.endowed.shape),
            log_price=0.1 * rng.standard_normal(one.home.shape) * one.bought,
            log_spending_change=0.1 * rng.standard_normal(one.home.shape) * one.bought,
        )
        for one in alone
    ]
    together = Unknowns(*(np.stack(parts, axis=-1) for parts in zip(*points, strict=True)))
    values = evaluate(system, together)
    residuals = rows(system, together, values)
    for place, (one, u) in enumerate(zip(alone, points, strict=True)):
        v = evaluate(one, u)
        for name in ("log_unit_cost", "competition", "log_price", "sales", "tariff_revenue", "income", "spending", "transfer"):
            assert_allclose(column(getattr(values, name), place), getattr(v, name), rtol=1e-12, atol=1e-13, err_msg=name)
        for ours, theirs in zip(residuals, rows(one, u, v), strict=True):
            assert_allclose(ours[..., place], theirs, atol=1e-12)


def column(array: Array, place: int) -> Array:
    """A scenario of an array whose last axis may be of one place, where all agree."""
    return array[..., place if array.shape[-1] > 1 else 0]


@each_world
@each_rule
def test_solutions_are_those_of_each_alone(world: str, rule: str) -> None:
    data = drawn(2, **WORLDS[world])
    asked = questions(data, rule)
    for found, question in zip(answers(data, asked), asked, strict=True):
        assert isinstance(found, Answer)
        assert found.residual < 1e-10
        alone = solve_hat(data, *question)
        assert_allclose(found.before.values.sales, alone.reference.values.sales, rtol=1e-8)
        for name in ("factor_price", "spending", "flow", "own_share"):
            assert_allclose(getattr(found.after, name), getattr(alone.counterfactual, name), rtol=1e-8, atol=1e-12, err_msg=name)
        assert_allclose(found.welfare, welfare_numbers(alone), rtol=1e-6, atol=1e-7)


class Answer(NamedTuple):
    """What answers one question: equilibria, the numbers of welfare.csv, residual, and whether it was found together with others."""

    before: Equilibrium
    after: Equilibrium
    welfare: Array
    residual: float
    together: bool


def answers(data: Benchmark, asked: list[Question]) -> list[Answer | Exception]:
    """What answers every question, in their order."""
    found: dict[int, Answer | Exception] = {}
    for places, one in solve_many(data, asked):
        for k, place in enumerate(places):
            assert place not in found
            if isinstance(one, Exception):
                found[place] = one
            elif isinstance(one, Solution):
                assert (one.exponents, one.shock) == asked[place]
                found[place] = Answer(one.reference, one.counterfactual, welfare_numbers(one), one.residual, False)
            else:
                assert one.asked[k] == asked[place]
                before, after = apart(one.reference, 0), apart(one.counterfactual, k)
                found[place] = Answer(before, after, welfare_numbers(one)[..., k], one.residual[k], True)
    return [found[place] for place in range(len(asked))]


def apart(found: Equilibrium, place: int) -> Equilibrium:
    """One of several equilibria."""
    s = found.system
    system = s.alone(place) if isinstance(s.foreign, Overlaid) else replace(s, foreign=None, net_foreign=None, taxed=None).alone(place)
    unknowns, values = ([column(part, place) for part in parts] for parts in (found.unknowns, found.values))
    return Equilibrium(system, Unknowns(*unknowns), Values(*values))


def test_models_with_entry_and_faults_stand_among_them() -> None:
    data = drawn(2, inputs=0.4)
    fixed_cost = data.data.tariff.copy(data=np.full(data.data.tariff.shape, 1.1))
    closed = data.data.tariff.copy(
        data=np.where(np.eye(len(data.countries), dtype=bool), 1.0, np.inf)[None] * np.ones((len(data.sectors), 1, 1))
    )
    asked = [
        (armington(4.0), Shock()),
        (krugman(5.0, 0.3), change(data, tariff=abroad(data, 0.1, 0.0))),
        (armington(4.0), change(data, fixed_cost=fixed_cost)),
        (armington({data.sectors[0]: 4.0}), Shock()),
        (armington(4.0), change(data, iceberg=closed)),
        (armington(5.0), change(data, tariff=abroad(data, 0.1, 0.0))),
    ]
    one, two, three, four, five, six = answers(data, asked)
    assert isinstance(one, Answer)
    assert isinstance(two, Answer)
    assert not two.together
    assert isinstance(three, DataError)
    assert "plays no role" in str(three)
    assert isinstance(four, DataError)
    assert "has no value for" in str(four)
    assert isinstance(five, SolveError)
    assert five.outcome.name == "no_equilibrium"
    assert isinstance(six, Answer)
    assert one.together
    assert six.together
    assert_allclose(six.after.factor_price, solve_hat(data, *asked[-1]).counterfactual.factor_price, rtol=1e-9)


def test_a_pass_that_stalls_is_solved_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    data = drawn(2, inputs=0.4)
    asked = questions(data, "fixed")
    monkeypatch.setattr(mixing, "MOST", 3)
    stalled = {place for place, (_, shock) in enumerate(asked) if not shock.nothing}
    assert stalled.isdisjoint(many.memories(passes.search(data, asked, 1e-11, defaultdict(passes.Passes))))
    for place, (found, question) in enumerate(zip(answers(data, asked), asked, strict=True)):
        assert isinstance(found, Answer)
        assert found.together == (place not in stalled)
        assert_allclose(found.after.factor_price, solve_hat(data, *question).counterfactual.factor_price, rtol=1e-9)


def test_a_pass_finds_the_same_whoever_teaches_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no scenario is about solved, the benchmark teaches."""
    data = drawn(2, inputs=0.4)
    asked = questions(data, "fixed")
    by_one = answers(data, asked)
    monkeypatch.setattr(passes, "NEARBY", 0.0)
    for one, other in zip(by_one, answers(data, asked), strict=True):
        assert isinstance(one, Answer)
        assert isinstance(other, Answer)
        assert one.together == other.together
        assert_allclose(other.after.factor_price, one.after.factor_price, rtol=1e-9)


def test_no_pass_has_more_than_it_may(monkeypatch: pytest.MonkeyPatch) -> None:
    data = drawn(2, inputs=0.4)
    shocks = [shock for _, shock in questions(data, "fixed")]
    assert passes.most_together(data, shocks) == passes.TOGETHER
    monkeypatch.setattr(passes, "ROOM", 2.5 * 3 * 8 * data.data.flow.size)
    assert passes.most_together(data, shocks) == 2
    assert [list(piece) for piece in pieces(range(7), 3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [len(piece) for piece in pieces(range(20), 16)] == [10, 10]
    assert not list(pieces([], 3))


def test_results_depend_on_the_questions_and_not_on_what_was_solved_before() -> None:
    data = drawn(2, inputs=0.4)
    asked = questions(data, "fixed")
    first, again = (answers(data, asked) for _ in range(2))
    for one, other in zip(first, again, strict=True):
        assert isinstance(one, Answer)
        assert isinstance(other, Answer)
        assert np.array_equal(one.welfare, other.welfare, equal_nan=True)


def test_one_that_does_not_solve_the_original_equations_is_solved_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a pass finds is not taken at its word."""
    data = drawn(2, inputs=0.4)
    asked = questions(data, "fixed")
    right = many.equilibrium

    def wrong(system: System, u: Unknowns) -> Equilibrium:
        moved = u.log_price.copy()
        moved[..., 1] += 1e-6
        return right(system, u._replace(log_price=moved))

    monkeypatch.setattr(many, "equilibrium", wrong)
    found = answers(data, asked)
    assert [one.together for one in found if isinstance(one, Answer)].count(False) == 2  # and that with trade costs
    for one, question in zip(found, asked, strict=True):
        assert isinstance(one, Answer)
        assert_allclose(one.after.factor_price, solve_hat(data, *question).counterfactual.factor_price, rtol=1e-9)


# --- the method ----------------------------------------------------------------------------------------------------------------------------


@each_world
def test_chains_are_near_the_inverse_of_the_blocks(world: str) -> None:
    """With many rounds they are it, but for what spending does to prices."""
    data = drawn(2, **WORLDS[world])
    system = build(data, armington(4.0), change(data, **random_shock(np.random.default_rng(5), data)))
    u = start(system)
    lin = Linearised(system, u, evaluate(system, u), np.zeros(system.home.shape))
    blocks, columns = country_blocks(lin), np.random.default_rng(6).standard_normal((Layout(system).size, 3))
    exact = np.matmul(blocks, columns.reshape(len(blocks), -1, 3)).reshape(columns.shape)
    errors = []
    for rounds in (2, 40):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("cge.solve.chains.ROUNDS", rounds)
            errors.append(np.linalg.norm(Chains(lin)(columns) - exact) / np.linalg.norm(exact))
    assert errors[0] < 0.3
    assert errors[1] < 1e-5


@pytest.mark.parametrize("factors", [1, 2])
def test_partners_undo_all_of_trade_where_there_is_one_sector(factors: int) -> None:
    """Then its sectors are alike, and nothing is left of what countries do to each other."""
    data = drawn(2, N=5, J=1, F=factors, inputs=0.4, tariffs=False)
    selection = replace(melitz(3.0, 5.0, 0.5), scale=0.0)  # the size of markets moves their prices
    system = build(data, selection, change(data, **random_shock(np.random.default_rng(5), data, tariffs=False)))
    u, layout = start(system), Layout(system)
    lin = Linearised(system, u, evaluate(system, u), np.zeros(system.home.shape))
    columns = np.random.default_rng(6).standard_normal((layout.size, 3))
    images = product(lin, layout, columns)
    assert_allclose(Partners(lin, Blocks(country_blocks(lin)))(images), columns, atol=1e-4)


def test_partners_show_the_way_where_every_country_is_split_in_two() -> None:
    """Halves trade with each other as with themselves, which the own parts of neither know."""
    whole = random_economy(np.random.default_rng(7), 4, 3, inputs=0.4)
    half = np.kron(np.eye(4), [[0.6], [0.4]])
    flow = np.einsum("imk,ai,bm->abk", whole.data["flow"].transpose("exporter", "importer", "sector").values, half, half)
    inputs = np.einsum("cjk,ac->ajk", whole.data["intermediate"].transpose("country", "input", "sector").values, half)
    added = np.einsum("csf,ac->asf", whole.data["value_added"].transpose("country", "sector", "factor").values, half)
    data = calibrate(make_economy(dataset(flow, None, inputs, added)))
    system = build(data, armington(6.0), change(data, tariff=abroad(data, 0.1, 0.0)))
    u = start(system)
    lin = Linearised(system, u, evaluate(system, u), np.zeros(system.home.shape))
    many_of_one = Unknowns(*(part[..., None] for part in u))
    steps = []
    for near in (Chains(lin), Partners(lin, Chains(lin))):
        told: list[float] = []
        left = mixing.mix(system.columns, many_of_one, near, 1e-11, told.append).largest
        assert left[0] <= 1e-11
        steps.append(len(told))
    assert steps[1] < 0.75 * steps[0]


def test_sectors_show_the_way_where_workers_stay_in_theirs() -> None:
    """What is paid in one sector of a world whose countries are alike moves its cost everywhere, which all sectors together do not tell."""
    whole = random_economy(np.random.default_rng(7), 1, 12, inputs=0.3, tariffs=False, transfers=False)
    size = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    flow, inputs, added = (whole.data[name].values for name in ("flow", "intermediate", "value_added"))
    economy = make_economy(
        dataset(flow * np.multiply.outer(size, size)[..., None], None, *(np.multiply.outer(size, part[0]) for part in (inputs, added)))
    )
    data = calibrate(economy, mobility=1.2, group_shares=group_shares(economy, 3))
    system = build(data, armington(6.0), change(data, **random_shock(np.random.default_rng(5), data, 0.05, tariffs=False)))
    u = start(system)
    lin = Linearised(system, u, evaluate(system, u), np.zeros(system.home.shape))
    many_of_one = Unknowns(*(part[..., None] for part in u))
    steps = []
    for near in (Partners(lin, Chains(lin)), near_inverse(lin)):
        told: list[float] = []
        left = mixing.mix(system.columns, many_of_one, near, 1e-11, told.append).largest
        assert left[0] <= 1e-11
        steps.append(len(told))
    assert steps[1] < 0.75 * steps[0]


def test_a_rule_without_an_equilibrium_refuses_its_own_alone() -> None:
    """A country that sells nothing abroad cannot pay for imports without transfers: those that keep them are answered."""
    economy = random_economy(np.random.default_rng(4), 3, 2, inputs=0.3)
    names = {
        "flow": ("exporter", "importer", "sector"),
        "intermediate": ("country", "input", "sector"),
        "value_added": ("country", "sector", "factor"),
    }
    flow, inputs, added = (economy.data[name].transpose(*dims).values.copy() for name, dims in names.items())
    sold = flow[2].sum(axis=0)
    flow[2, :2] = 0.0
    left = flow[2].sum(axis=0) / sold
    inputs[2], added[2] = inputs[2] * left, added[2] * left[:, None]
    data = calibrate(make_economy(dataset(flow, None, inputs, added)))
    asked = [(armington(4.0), change(data, tariff=abroad(data, 0.1, 0.0), transfers=rule)) for rule in ("zero", "zero", "fixed", "fixed")]
    found = answers(data, asked)
    assert [type(one) for one in found] == [SolveError, SolveError, Answer, Answer]
    assert "C2" in str(found[0])


def test_mixing_gives_up_on_what_it_cannot_solve_and_keeps_the_rest() -> None:
    data = drawn(2, inputs=0.4)
    asked = questions(data, "fixed", 2)
    system = build_many(build(data, asked[0][0], Shock()), data, asked)
    broken = replace(system, endowed=system.endowed * np.array([1.0, np.nan]))
    u = start(build(data, *asked[0]))
    lin = Linearised(build(data, *asked[0]), u, evaluate(build(data, *asked[0]), u), np.zeros(u.log_price.shape))
    largest = mixing.mix(broken, Unknowns(*(np.repeat(part[..., None], 2, axis=2) for part in u)), Chains(lin), 1e-11).largest
    assert largest[0] <= 1e-11
    assert np.isnan(largest[1])
