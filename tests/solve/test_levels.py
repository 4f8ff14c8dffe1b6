"""Counterfactuals in levels agree with changes: every variant, one and two factors, with and without inputs, shocks, corners, transfer rules."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pyomo.environ as pyo
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from places import TOP
from worlds import Array, abroad, by_country, dataset, drawn, pooled, random_shock, same, solve, variants

from cge import (
    Benchmark,
    DataError,
    Exponents,
    Shock,
    Solution,
    SolveError,
    armington,
    calibrate,
    change,
    eaton_kortum,
    external_economies,
    krugman,
    make_economy,
    melitz,
    open_economy,
    restricted_entry,
    run,
    solve_hat,
    variable_markups,
)
from cge.data import bundled
from cge.data.bundled import find
from cge.model.technology import benchmark_point, build_levels, recover
from cge.runfile.load import load
from cge.solve.follow import consistent
from cge.solve.levels.pyomo_model import build_model
from cge.solve.levels.solve import solve_levels
from cge.solve.levels.structure import structure
from cge.solve.nlp import compile as compile_model
from cge.solve.nlp import ipopt

WIOD = TOP.parent / "shared" / "data" / "wiod2011_economy.nc"

MODELS = ["armington", "eaton_kortum", "krugman", "melitz", "external_economies", "restricted_entry", "variable_markups"]
each_model = pytest.mark.parametrize("model", MODELS)
free_entry = pytest.mark.parametrize("model", ["krugman", "melitz"])


def model_of(name: str, sectors: list[str], scale: float = 1.0) -> Exponents:
    """A variant with elasticities that differ by sector, for any number of sectors."""
    rng = np.random.default_rng(3)
    sigma = dict(zip(sectors, rng.uniform(3, 6, len(sectors)).tolist(), strict=True))
    k = {s: (v - 1) * float(rng.uniform(1.15, 1.5)) for s, v in sigma.items()}
    made: dict[str, Callable[[], Exponents]] = {
        "armington": lambda: armington(sigma),
        "eaton_kortum": lambda: eaton_kortum(k),
        "krugman": lambda: krugman(sigma, scale),
        "melitz": lambda: melitz(sigma, k, scale),
        "external_economies": lambda: external_economies(k, 0.0, scale=0.4 * scale),
        "restricted_entry": lambda: restricted_entry(k, 0.2),
        "variable_markups": lambda: variable_markups(k, "translog", scale=scale),
    }
    return made[name]()


def tariffs(b: Benchmark) -> dict[str, xr.DataArray]:
    """A tenth on top of every border."""
    return {"tariff": abroad(b, 1.1 * (1 + b.data["tariff"].values) - 1, 0.0)}


def icebergs(b: Benchmark) -> dict[str, xr.DataArray]:
    """Trade costs that fall on average."""
    return {"iceberg": abroad(b, np.random.default_rng(1).lognormal(-0.1, 0.1, b.data["flow"].shape))}


def fixed_costs(b: Benchmark) -> dict[str, xr.DataArray]:
    """Fixed costs of serving foreign markets."""
    return {"fixed_cost": abroad(b, np.random.default_rng(2).lognormal(0, 0.2, b.data["flow"].shape))}


SHOCKS = {"tariff": tariffs, "iceberg": icebergs, "fixed cost": fixed_costs}


def in_levels(b: Benchmark, e: Exponents, *, unstable: Any = "refuse", warm_start: Solution | None = None, **shock: Any) -> Solution:
    """`solve_levels` with the arguments of `change`."""
    return solve_levels(b, e, change(b, **shock), unstable=unstable, warm_start=warm_start)


def agrees(levels: Solution, hats: Solution) -> None:
    """Every change and every value to 1e-8, and the same cells empty."""
    assert levels.levels_vs_hat is not None
    assert levels.levels_vs_hat < 1e-8
    assert levels.residual < 1e-10
    assert (levels.method, hats.method) == ("levels", "hat")
    same(levels.data, hats.data, rtol=1e-8)
    for of in (lambda s: s.reference, lambda s: s.counterfactual):
        assert_array_equal(levels.empty(of(levels)), hats.empty(of(hats)))
    assert levels.corners == hats.corners


def attempt(solver: Callable[..., Solution], *args: Any, **options: Any) -> Solution | SolveError:
    """What a solver returns, or its refusal."""
    try:
        return solver(*args, **options)
    except SolveError as refusal:
        return refusal


def compare(b: Benchmark, e: Exponents, **shock: Any) -> Solution:
    """The solution in levels, after comparison with changes; where changes refuse, levels must refuse for the same reason, and so do we."""
    hats = attempt(solve, b, e, **shock)
    if isinstance(hats, SolveError):
        levels = attempt(in_levels, b, e, **shock)
        assert isinstance(levels, SolveError)
        assert levels.outcome.name == hats.outcome.name
        raise levels
    levels = in_levels(b, e, **shock)
    agrees(levels, hats)
    return levels


# --- the matrix --------------------------------------------------------------------------------------------------------------------------


def matrix(b: Benchmark, model: str, shock: str, scale: float) -> None:
    """One cell: agreement, or a refusal of fixed costs in the same words where a variant has none."""
    e = model_of(model, b.sectors, scale)
    what = SHOCKS[shock](b)
    if shock == "fixed cost" and model != "melitz":
        for solver in (solve, in_levels):
            with pytest.raises(DataError, match=f"plays no role under {model}"):
                solver(b, e, **what)
        return
    levels = compare(b, e, **what)
    assert float(abs(levels.data.real_income - 1).max()) > 1e-4


each_shock = pytest.mark.parametrize("shock", SHOCKS)
each_kind = pytest.mark.parametrize(("factors", "inputs", "scale"), [(1, 0.0, 1.0), (2, 0.0, 1.0), (1, 0.3, 0.6), (2, 0.3, 0.6)])


@each_shock
@each_kind
@each_model
def test_levels_agree_with_changes(model: str, factors: int, inputs: float, scale: float, shock: str) -> None:
    """5 × 4. With inputs at a scale at which the equilibrium is stable."""
    matrix(drawn(90 + factors, 5, 4, factors, inputs=inputs), model, shock, scale)


@pytest.mark.slow
@each_shock
@each_kind
@each_model
def test_levels_agree_with_changes_at_ten_by_eight(model: str, factors: int, inputs: float, scale: float, shock: str) -> None:
    matrix(drawn(90 + factors, 10, 8, factors, inputs=inputs), model, shock, scale)


@pytest.mark.parametrize("shock", ["tariff", "fixed cost"])
@pytest.mark.parametrize("factors", [1, 2])
@free_entry
def test_full_scale_with_inputs_where_it_is_stable(model: str, factors: int, shock: str) -> None:
    matrix(drawn(90 + factors, 5, 4, factors, inputs=0.3), model, shock, 1.0)


@cache
def mini(factors: int, inputs: bool) -> Benchmark:
    """The bundled three-country economy."""
    economy = open_economy(TOP / "data" / "mini.nc")
    if factors == 1:
        total = economy.data["value_added"].sum("factor").expand_dims(factor=["labour"])
        economy = make_economy(economy.data.drop_dims("factor").assign(value_added=total))
    return calibrate(economy, intermediates=inputs)


@each_shock
@pytest.mark.parametrize("inputs", [False, True])
@pytest.mark.parametrize("factors", [1, 2])
@each_model
def test_levels_agree_with_changes_on_mini(model: str, factors: int, inputs: bool, shock: str) -> None:
    matrix(mini(factors, inputs), model, shock, 0.3 if inputs else 1.0)


@each_model
def test_everything_at_once_where_cells_do_not_exist(model: str) -> None:
    """Zeros among flows, producers and markets; two factors, inputs; five shocks together."""
    sparse = drawn(95, 4, 4, F=2, inputs=0.4, zeros=0.3)
    compare(sparse, model_of(model, sparse.sectors, 0.5), **random_shock(np.random.default_rng(5), sparse))


# --- corners -----------------------------------------------------------------------------------------------------------------------------


@free_entry
@pytest.mark.parametrize("factors", [1, 2])
def test_emptied_cells_agree(model: str, factors: int) -> None:
    b = drawn(90 + factors, 5, 4, factors)
    levels = compare(b, model_of(model, b.sectors), **icebergs(b))
    assert levels.corners["emptied"] > 0


@free_entry
def test_emptied_cells_agree_with_inputs(model: str) -> None:
    b = drawn(91, 5, 4, 1, inputs=0.3)
    levels = compare(b, model_of(model, b.sectors), **icebergs(b))
    assert levels.corners["emptied"] > 0


@free_entry
def test_an_emptied_cell_comes_back(model: str) -> None:
    """From a baseline, and from a start, in which cells are empty: in the product form Ŝ·(ĉ R − R'/Ŝ) = 0 they would stay so."""
    b = drawn(91, 5, 4)
    e, shock = model_of(model, b.sectors), icebergs(b)
    there = in_levels(b, e, **shock)
    emptied = there.corners["emptied"]
    assert emptied > 0
    back = compare(b, e, baseline=there.shock)
    assert back.corners["refilled"] == emptied
    again = in_levels(b, e, warm_start=there, iceberg=abroad(b, 1.0))
    assert again.corners["emptied"] == 0
    assert_allclose(again.data.entry, 1, rtol=1e-8)


@cache
def wiod(countries: int, sectors: int) -> Benchmark:
    """WIOD 2011 without inputs: the largest countries and the rest, sectors in contiguous groups."""
    if not WIOD.is_file():
        pytest.skip(f"needs {WIOD.name} beside the checkout (../shared/data)")
    flow = open_economy(WIOD).data["flow"].values
    order = np.argsort(-flow.sum(axis=(1, 2)))
    country = np.minimum(np.argsort(order), countries - 1)
    sector = np.arange(flow.shape[2]) * sectors // flow.shape[2]
    to_country, to_sector = np.eye(countries)[country], np.eye(sectors)[sector]
    pooled = np.einsum("imj,ic,md,js->cds", flow, to_country, to_country, to_sector, optimize=True)
    return calibrate(make_economy(dataset(pooled)))


@free_entry
def test_emptied_cells_agree_on_real_data(model: str) -> None:
    """Trade costs × 0.7 on WIOD 2011 (10 × 8): cell by cell, entry to 1e-8."""
    b = wiod(10, 8)
    e = krugman(6.0) if model == "krugman" else melitz(4.0, 5.0)
    levels = compare(b, e, iceberg=abroad(b, 0.7))
    assert levels.corners["emptied"] > 5
    hats = solve(b, e, iceberg=abroad(b, 0.7))
    assert_allclose(levels.counterfactual.unknowns.entry, hats.counterfactual.unknowns.entry, rtol=1e-8, atol=0)


@free_entry
def test_no_cell_is_left_empty_that_would_profit(model: str) -> None:
    """What a first entrant would earn over its cost, in the empty cells of the solution in levels, by hand."""
    b = drawn(91, 5, 4)
    e = model_of(model, b.sectors)
    exponents = {name: value[:, None] for name, value in e.on(b.sectors).items()}
    shock = icebergs(b)
    d = in_levels(b, e, **shock).data
    cost = d.unit_cost.values
    offer = b.data["trade_share"].values * (shock["iceberg"].values ** -exponents["trade"][:, :, None])
    offer = offer * (cost ** -exponents["cost"])[:, :, None]
    entry, rate = d.entry.values, 1 + b.data["tariff"].values
    demand = d.spending.values / np.einsum("si,sin->sn", entry, offer)
    earned: Array = np.einsum("sin,sn->si", offer / rate, demand) / (cost * b.data["sales"].values)
    assert (entry == 0).any()
    assert (earned[entry == 0] < 1).all()
    assert_allclose(earned[entry > 0], 1, rtol=1e-9)


# --- the arguments of `solve_hat` --------------------------------------------------------------------------------------------------------

PLAIN = drawn(96)
INPUTS = drawn(97, F=2, inputs=0.4)


@pytest.mark.parametrize("rule", ["zero", "own_share"])
@each_model
def test_transfer_rules(model: str, rule: str) -> None:
    compare(INPUTS, variants(INPUTS.sectors, 0.5)[model], **tariffs(INPUTS), transfers=rule)


@each_model
def test_baseline(model: str) -> None:
    compare(INPUTS, variants(INPUTS.sectors, 0.5)[model], **icebergs(INPUTS), baseline=change(INPUTS, **tariffs(INPUTS)))


@each_model
def test_a_shock_of_ones_is_no_change(model: str) -> None:
    """The observed technology, solved: nothing moves."""
    levels = in_levels(PLAIN, variants(PLAIN.sectors)[model], iceberg=abroad(PLAIN, 1.0))
    for name in ("real_income", "factor_price", "price_index", "entry"):
        assert_allclose(levels.data[name], 1, rtol=1e-9, err_msg=name)
    assert_allclose(levels.data.flow, PLAIN.data.flow, rtol=1e-9)


@each_model
def test_without_a_shock_nothing_is_solved(model: str) -> None:
    assert in_levels(PLAIN, variants(PLAIN.sectors)[model]).iterations == 0


@each_model
def test_warm_start(model: str) -> None:
    """From the solution in changes IPOPT has little to do, and finds the same."""
    b, e = INPUTS, variants(INPUTS.sectors, 0.5)[model]
    hats = solve(b, e, **icebergs(b))
    cold, warm = (in_levels(b, e, **icebergs(b), warm_start=start) for start in (None, hats))
    agrees(warm, hats)
    assert warm.iterations < cold.iterations


def test_negative_final_demand() -> None:
    """Where a market buys less than its producers use, the world with that set to zero is solved first, in levels too."""
    data, dims = INPUTS.data, ("exporter", "importer", "sector")
    flow = data["flow"].transpose(*dims).copy()
    moved = 0.9 * flow.values[:, 0, 1]
    flow.values[:, 0, 1] -= moved
    flow.values[:, 1, 1] += moved
    sales = flow.sum("importer").rename(exporter="country")
    variables = {
        "flow": flow,
        "tariff": data["tariff"].transpose(*dims),
        "intermediate": (data["input_share"] * sales).transpose("country", "input", "sector"),
        "value_added": (data["factor_share"] * sales).transpose("country", "sector", "factor"),
    }
    b = calibrate(make_economy(xr.Dataset(variables)), negative_final_demand="zero")
    assert b.negative_final_demand > 0
    compare(b, variants(b.sectors, 0.5)["krugman"], **tariffs(b))


def test_progress_is_reported() -> None:
    seen: list[tuple[int, float]] = []
    solve_levels(PLAIN, krugman(4.0), change(PLAIN, **tariffs(PLAIN)), report=lambda *told: seen.append(told))
    assert len(seen) > 3
    assert seen[-1][1] < seen[0][1]


# --- the Pyomo model ---------------------------------------------------------------------------------------------------------------------


def pyomo_model(b: Benchmark, e: Exponents) -> pyo.ConcreteModel:
    """The model at the benchmark point of a benchmark's technology."""
    system = build_levels(recover(b, e), e, b.countries, b.sectors, Shock())
    return build_model(system, b.countries, b.sectors, b.factors, consistent(system, benchmark_point(b, system))).pyomo


def names(m: pyo.ConcreteModel, kind: Any) -> set[str]:
    return {c.name for c in m.component_data_objects(kind)}


def test_names_can_be_read() -> None:
    m = pyomo_model(INPUTS, variants(INPUTS.sectors)["melitz"])
    assert {
        "log_factor_price[C0,F1]", "log_price_index[C2,S1]", "log_spending[C3,S0]", "entry[C1,S2]", "loss[C1,S2]", "log_unit_cost[C0,S0]",
        "sender[C0,S0]", "competition[C3,S2]", "demand[C0,S1]", "access[C0,S1]", "paid[C0,S1]", "income[C2]",
    } <= names(m, pyo.Var)  # fmt: skip
    constraints = names(m, pyo.Constraint)
    assert {
        "defines.log_unit_cost[C0,S0]", "defines.competition[C3,S2]", "defines.paid[C0,S1]", "defines.income[C2]",
        "closes.factor_market[C0,F0]", "closes.price_index[C2,S1]", "closes.spending[C3,S0]", "closes.zero_profit[C1,S2]",
        "closes.complementarity[C1,S2]", "closes.numeraire[world]",
    } <= constraints  # fmt: skip
    assert all(name.startswith(("defines.", "closes.")) for name in constraints)


@each_model
def test_as_many_equations_as_unknowns(model: str) -> None:
    """All factor markets but one, which the others imply; entry with its loss counts once."""
    for b in (PLAIN, INPUTS):
        m = pyomo_model(b, variants(b.sectors)[model])
        unknowns = [v for v in m.component_data_objects(pyo.Var) if not v.fixed]
        equations = [c for c in m.component_data_objects(pyo.Constraint, active=True) if c.equality]
        assert len(unknowns) - len(list(m.loss.values())) == len(equations)
        assert len(list(m.closes.factor_market.values())) == len(b.countries) * len(b.factors) - 1


@each_model
def test_the_model_starts_at_the_benchmark(model: str) -> None:
    """Every equation holds at the start, to rounding, with all variables in their units."""
    m = pyomo_model(INPUTS, variants(INPUTS.sectors, 0.5)[model])
    for c in m.component_data_objects(pyo.Constraint, active=True):
        if c.equality:
            assert abs(pyo.value(c.body) - pyo.value(c.upper)) < 1e-9, c.name


def test_contradictory_bounds_are_named() -> None:
    m = pyomo_model(PLAIN, krugman(4.0))
    m.entry["C0", "S0"].setlb(3.0)
    m.entry["C0", "S0"].setub(2.0)
    outcome = ipopt(compile_model(m)).outcome
    assert outcome.name == "infeasible"
    assert "The lower bound is above the upper one: entry[C0,S0]" in outcome.sentence


def test_an_impossible_bound_is_said_with_equations_by_name() -> None:
    m = pyomo_model(PLAIN, armington(4.0))
    m.income["C0"].setub(0.5)  # in units of its value at the benchmark
    outcome = ipopt(compile_model(m)).outcome
    assert not outcome.solved
    assert any(f"{block}." in outcome.sentence for block in ("defines", "closes"))


# --- refusals ----------------------------------------------------------------------------------------------------------------------------

FULL = drawn(33, 3, 3, inputs=0.65)


@free_entry
def test_an_unstable_benchmark_is_refused_as_in_changes(model: str) -> None:
    with pytest.raises(SolveError, match="Refused: with inputs and free entry the benchmark is unstable") as caught:
        compare(FULL, variants(FULL.sectors)[model], **tariffs(FULL))
    assert caught.value.outcome.name == "unstable"
    assert compare(FULL, variants(FULL.sectors, 0.3)[model], **tariffs(FULL)).outcome.solved


def test_an_unstable_benchmark_can_be_followed_with_a_warning() -> None:
    levels = in_levels(FULL, krugman(5.0), unstable="follow", iceberg=abroad(FULL, 1.0))
    assert any("one branch of several" in warning for warning in levels.warnings)


@pytest.mark.parametrize(("name", "where"), [("entry", "entry at S1 C2"), ("log_price", "price index at S1 C2")])
def test_disagreement_is_an_error_that_says_where(monkeypatch: pytest.MonkeyPatch, name: str, where: str) -> None:
    def wrong(*args: Any, **options: Any) -> Solution:
        right = solve_hat(*args, **options)
        u = right.counterfactual.unknowns
        moved = getattr(u, name).copy()
        moved[1, 2] += 1e-5
        return replace(right, counterfactual=replace(right.counterfactual, unknowns=u._replace(**{name: moved})))

    monkeypatch.setattr("cge.solve.levels.solve.solve_hat", wrong)
    with pytest.raises(SolveError, match=f"Levels and changes disagree: {where} differs by") as caught:
        in_levels(PLAIN, krugman(4.0), **tariffs(PLAIN))
    assert caught.value.diagnosis["market"] == where


def test_technology_that_does_not_reproduce_the_data_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(*args: Any) -> Any:
        right = recover(*args)
        return replace(right, iceberg=right.iceberg * 1.01)

    monkeypatch.setattr("cge.model.technology.recover", wrong)
    with pytest.raises(SolveError, match=r"does not reproduce the benchmark: .* of S"):
        in_levels(PLAIN, krugman(4.0), **tariffs(PLAIN))


@each_model
def test_a_country_without_a_factor_is_refused(model: str) -> None:
    with pytest.raises(DataError, match="endowment: factor 0 at factor=F0 country=C0"):
        in_levels(PLAIN, variants(PLAIN.sectors)[model], endowment=by_country(PLAIN, "factor", 0.0))


@each_model
def test_a_market_without_sellers_is_refused(model: str) -> None:
    cost = abroad(PLAIN, 1.0)
    cost.loc[{"sector": "S1", "importer": "C2"}] = np.inf
    with pytest.raises(SolveError, match="S1 in C2") as caught:
        compare(PLAIN, variants(PLAIN.sectors)[model], iceberg=cost)
    assert caught.value.outcome.name == "no_equilibrium"


@pytest.mark.slow
@pytest.mark.parametrize("model", ["armington", "krugman", "melitz"])
def test_fixed_transfers_that_trade_cannot_pay(model: str) -> None:
    """Nothing is returned, and the equations that cannot hold are named (changes name the country, too).

    Which of them is worst is where IPOPT's restoration gives up, and that differs between processors.
    """
    with pytest.raises(SolveError, match=r"Violated most: (closes|defines)\.\w+\[C\d") as caught:
        in_levels(PLAIN, variants(PLAIN.sectors)[model], iceberg=abroad(PLAIN, 1e5))
    assert caught.value.diagnosis["worst"]
    assert 'method = "hat"' in caught.value.outcome.sentence


def test_changes_lead_to_levels_far_away() -> None:
    """Trade costs times twenty, which IPOPT does not find from the benchmark: the way that its message names."""
    benchmark = calibrate(open_economy(find("data", "mini")))
    cost = benchmark.data["tariff"].copy(data=np.where(np.eye(3), 1.0, 20.0) * np.ones((2, 1, 1)))
    shock = change(benchmark, iceberg=cost)
    found = solve_levels(benchmark, eaton_kortum(5.0), shock, warm_start=solve_hat(benchmark, eaton_kortum(5.0), shock))
    assert found.levels_vs_hat is not None
    assert found.levels_vs_hat < 1e-9


# --- large systems -----------------------------------------------------------------------------------------------------------------------


def told(monkeypatch: pytest.MonkeyPatch, *solvers: str) -> list[str]:
    """How each call of these solvers ended, in the order of the calls."""
    from cge.solve import nlp

    calls: list[str] = []

    def telling(name: str, plain: Callable[..., nlp.Result]) -> Callable[..., nlp.Result]:
        def call(*args: Any, **options: Any) -> nlp.Result:
            found = plain(*args, **options)
            calls.append(f"{name} {found.outcome.name}" + (f" after {found.iterations}" if name == "confirm" else ""))
            return found

        return call

    for name in solvers:
        monkeypatch.setattr(nlp, name, telling(name, getattr(nlp, name)))
    return calls


@pytest.mark.parametrize("model", ["armington", "melitz"])
def test_newton_is_confirmed_by_ipopt(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newton's method, then IPOPT from its point, which does not move it."""
    calls = told(monkeypatch, "newton", "confirm", "ipopt")
    compare(INPUTS, variants(INPUTS.sectors, 0.5)[model], **tariffs(INPUTS))
    assert calls == ["newton solved", "confirm solved after 0"]


@free_entry
def test_corners_are_found_on_the_central_path(model: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Products of entry and loss fall to nothing; what is zero is fixed there, the rest solved and confirmed; IPOPT has nothing else to do."""
    calls = told(monkeypatch, "newton", "confirm", "ipopt")
    b = drawn(91, 5, 4)
    levels = compare(b, model_of(model, b.sectors), **icebergs(b))
    assert levels.corners["emptied"] > 0
    assert calls == ["newton solved", "newton solved", "confirm solved after 0"]


@pytest.mark.parametrize(("model", "inputs"), [("armington", 0.3), ("krugman", 0.0)])
def test_ipopt_takes_over_where_newton_does_not_arrive(model: str, inputs: float, monkeypatch: pytest.MonkeyPatch) -> None:
    from cge.solve import nlp

    plain = nlp.newton
    monkeypatch.setattr(nlp, "newton", lambda *args, **options: plain(*args, **{**options, "limit": 1}))
    calls = told(monkeypatch, "ipopt")
    b = drawn(91, 5, 4, inputs=inputs)
    compare(b, model_of(model, b.sectors), **icebergs(b))
    assert calls[-1] == "ipopt solved"


@each_model
def test_structure_is_that_of_countries_and_definitions(model: str) -> None:
    """Every country is a block of as many equations as unknowns; every defined variable has its equation; zero profits close entry."""
    system = build_levels(recover(PLAIN, e := variants(PLAIN.sectors)[model]), e, PLAIN.countries, PLAIN.sectors, Shock())
    built = build_model(system, PLAIN.countries, PLAIN.sectors, PLAIN.factors, consistent(system, benchmark_point(PLAIN, system)))
    problem = compile_model(built.pyomo)
    known = structure(built, problem)
    free = [not v.fixed and v.parent_component() is not built.pyomo.loss for v in problem.variables]
    equal = [c.equality for c in problem.constraints]
    assert_array_equal(np.bincount(known.rows[equal]), np.bincount(known.columns[free])[: len(PLAIN.countries)])
    for constraint, defined, closed in zip(problem.constraints, known.defined, known.closed, strict=True):
        name = constraint.name
        assert (defined >= 0) == name.startswith("defines.")
        assert (closed >= 0) == (name.startswith("closes.zero_profit") and hasattr(built.pyomo, "entry") and len(built.entry) > 0)
        if defined >= 0:
            assert problem.variables[defined].name == name.removeprefix("defines.")
        if closed >= 0:
            assert problem.variables[closed].name == name.replace("closes.zero_profit", "entry")


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=pytest.mark.slow if name == "us-china-tariff-war" else []) for name in bundled.names("runs")]
)
def test_every_run_file_solves_in_levels(name: str) -> None:
    """From the benchmark point, with the twenty largest countries, the sixteen largest sectors and the rest; files in levels, as they are."""
    case = load(bundled.find("runs", name))
    if "technology" in case.table:
        assert run(case.path).levels_vs_hat < 1e-8
        return
    benchmark, exponents, shock = pooled(case, 21, 17)
    solution = solve_levels(benchmark, exponents, shock, unstable=case.unstable)
    agrees(solution, solve_hat(benchmark, exponents, shock, unstable=case.unstable))


@pytest.mark.slow
@pytest.mark.parametrize("model", ["armington", "krugman", "melitz"])
def test_thirty_by_twenty_four_without_inputs(model: str) -> None:
    b = wiod(30, 24)
    e = {"armington": armington(6.0), "krugman": krugman(6.0), "melitz": melitz(4.0, 5.0)}[model]
    compare(b, e, tariff=abroad(b, 0.1, 0.0))
