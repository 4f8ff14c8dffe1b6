"""Derivatives at a solution: against the equations, against full solves, and against what theory says of them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import xarray as xr
from linearised import EXPONENTS, STEP, WORLDS, Case, along, case
from numpy.testing import assert_allclose
from places import SHARED
from worlds import (
    MODELS,
    PROFIT,
    SIGMA,
    Array,
    K,
    abroad,
    bilateral,
    by_country,
    dataset,
    drawn,
    random_economy,
    random_shock,
    shuffled,
    solve,
    variants,
)

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
    gradient,
    gradient_of,
    krugman,
    make_economy,
    melitz,
    open_economy,
    restricted_entry,
    solve_hat,
    solve_levels,
    variable_markups,
)
from cge.model.by_parameter import by_export_tax, by_pair
from cge.model.linear import Rows, rows
from cge.model.shock import RATES, SHOCK_DIMS
from cge.model.system import evaluate, log_profitability
from cge.model.transposed import Seeds, backwards
from cge.results.differentiable import OUTPUTS
from cge.solve import adjoint as adjoint_module
from cge.solve.adjoint import transposed
from cge.solve.changes import solve_changes
from cge.solve.krylov import Layout, product

each_world = pytest.mark.parametrize("world", WORLDS)
each_exponents = pytest.mark.parametrize("exponents", EXPONENTS.values(), ids=EXPONENTS.keys())
each_rule = pytest.mark.parametrize("rule", ["fixed", pytest.param("own_share", marks=pytest.mark.slow)])


# --- the linearisation, backwards ------------------------------------------------------------------------------------------------------


def weights(c: Case, seed: int) -> tuple[Rows, Array]:
    """Random weights of the rows, and of ln q where there is an entry equation."""
    rng = np.random.default_rng(seed)
    cell = c.system.home.shape
    market, price, spending = rng.standard_normal(c.system.endowed.shape), rng.standard_normal(cell), rng.standard_normal(cell)
    return Rows(market, price, spending), rng.standard_normal(cell) * ((c.system.scale > 0) & c.system.produced)


@each_world
@each_exponents
@each_rule
def test_backwards_is_the_transpose_of_the_linearisation(world: str, exponents: Callable[[Benchmark], Exponents], rule: str) -> None:
    """⟨A x, y⟩ = ⟨x, Aᵀ y⟩ to rounding, entry eliminated."""
    c = case(world, exponents, rule)
    layout = Layout(c.system)
    x = layout.pack(c.d_wage, c.d_price, c.d_spending)[:, 0]
    y = np.random.default_rng(5).standard_normal(x.shape)
    forward = product(c.lin, layout, x[:, None])[:, 0]
    back = transposed(c.lin, layout, y[:, None])[:, 0]
    assert_allclose(forward @ y, x @ back, rtol=1e-11, atol=1e-12 * np.linalg.norm(forward) * np.linalg.norm(y))


@each_world
@each_exponents
@each_rule
def test_backwards_is_the_derivative_of_the_equations(world: str, exponents: Callable[[Benchmark], Exponents], rule: str) -> None:
    """Weighted rows and profits along a direction of the unknowns, by complex step."""
    c = case(world, exponents, rule)
    chosen, profit = weights(c, 6)
    directions = c.d_wage, c.d_price, c.d_spending, c.d_entry
    theirs = sum(float((w * d).sum()) for w, d in zip((*chosen, profit), along(c, *directions), strict=True))
    x = backwards(c.lin, Rows(*(part[..., None] for part in chosen)), profit[..., None]).column(0)
    parts = zip((x.factor_price, x.price, x.spending, x.entry), directions, strict=True)
    assert_allclose(sum(float((ours * d[..., 0]).sum()) for ours, d in parts), theirs, rtol=1e-10, atol=1e-12)


def outputs(system: Any, u: Any) -> tuple[dict[str, Array], Array]:
    """What seeds weigh, and flows [sector, exporter, importer], at a candidate."""
    v = evaluate(system, u)
    flow = system.net_foreign * v.sender[:, :, None]
    place = np.arange(flow.shape[1])
    flow[:, place, place] = system.home * v.sender
    made = np.where(v.sales == 0, 1.0, v.sales)
    earned, endowed = (np.where(system.pays, part, 1.0) for part in (v.factor_income, system.endowed))
    values = {
        "log_factor_price": np.log(earned / endowed), "log_unit_cost": v.log_unit_cost, "log_price": u.log_price, "log_sales": np.log(made),
        "log_spending": u.log_spending_change, "income": v.income, "tariff_revenue": v.tariff_revenue, "transfer": v.transfer + 0 * v.income,
        "export_tax_revenue": v.export_tax_revenue, "profit": v.profit,
    }  # fmt: skip
    return values, flow * v.demand[:, None, :]


@each_world
@pytest.mark.parametrize(
    "exponents", [EXPONENTS[name] for name in ("melitz 0.5", "mixed", "restricted_entry 1.0")], ids=["melitz", "mixed", "profits"]
)
def test_seeds_pairs_and_endowments_are_derivatives_of_the_equations(world: str, exponents: Callable[[Benchmark], Exponents]) -> None:
    """All outputs and rows at once along a random direction of unknowns, trade weights, tariffs, export taxes and endowments, by complex step."""
    c = case(world, exponents, "own_share")
    s, rng, i = c.system, np.random.default_rng(7), 1j * STEP
    pair, tariff, levy, endowed = (rng.standard_normal(shape) for shape in (*[s.foreign.shape] * 3, s.endowed.shape))
    off = ~np.eye(s.foreign.shape[1], dtype=bool)
    border = s.border * (1 + i * (pair - tariff * off))
    net = s.net_foreign * (1 + i * (pair - (tariff + levy) * off))
    moved = replace(
        s,
        foreign=s.foreign * (1 + i * pair),
        home=s.home * (1 + i * np.diagonal(pair, axis1=1, axis2=2)),
        net_foreign=net,
        taxed=s.foreign * (1 + i * pair) - border,
        levied=border - net,
        endowed=s.endowed * (1 + i * endowed),
    )
    free = (s.scale > 0) & (s.scale < 1)
    u = type(c.u)(
        c.u.log_factor_price + i * c.d_wage[..., 0],
        c.u.log_price + i * c.d_price[..., 0],
        c.u.log_spending_change + i * c.d_spending[..., 0],
        c.u.entry * (1 + i * c.d_entry[..., 0]),
        c.u.log_entry + i * c.d_entry[..., 0] * free,
    )
    found, flow = outputs(moved, u)
    chosen, profit = weights(c, 8)
    seed = {name: rng.standard_normal(value.shape) for name, value in found.items()}
    seed["log_sales"] *= s.produced
    seed["log_factor_price"] *= s.pays
    by_flow = rng.standard_normal(flow.shape)
    seeds = Seeds(**seed, log_flow=by_flow * flow.real)
    v = evaluate(moved, u)
    total = sum((w * r).sum() for w, r in zip(chosen, rows(moved, u, v), strict=True)) + (profit * log_profitability(moved, u, v)).sum()
    total += sum((seed[name] * found[name]).sum() for name in found) + (by_flow * flow).sum()
    columns = Seeds(**{name: value[..., None] for name, value in seed.items()}, log_flow=seeds.log_flow[..., None])
    x = backwards(c.lin, Rows(*(part[..., None] for part in chosen)), profit[..., None], columns).column(0)
    assert all(np.array_equal(getattr(columns.column(0), name), getattr(seeds, name)) for name in (*seed, "log_flow"))
    by_weight, by_tariff = by_pair(c.lin, x, seeds)
    ours = (by_weight * pair).sum() + (by_tariff * tariff).sum() + (by_export_tax(c.lin, x, seeds) * levy).sum()
    ours += ((x.factor_income - x.numeraire * s.endowed) * endowed).sum()
    parts = zip((x.factor_price, x.price, x.spending, x.entry), (c.d_wage, c.d_price, c.d_spending, c.d_entry), strict=True)
    ours += sum((bar * d[..., 0]).sum() for bar, d in parts)
    assert_allclose(ours, np.imag(total) / STEP, rtol=1e-10)


# --- against full solves ---------------------------------------------------------------------------------------------------------------

SETTINGS = [(inputs, factors) for inputs in (0.0, 0.4) for factors in (1, 2)]
each_setting = pytest.mark.parametrize(
    ("inputs", "factors"), SETTINGS, ids=[f"{'inputs' if i else 'no inputs'}, {f} factors" for i, f in SETTINGS]
)
each_model = pytest.mark.parametrize("model", MODELS)


def scale_of(inputs: float) -> float:
    """Full free entry without inputs; with them a scale at which the benchmark is stable."""
    return 0.3 if inputs else 1.0


def asked(data: Benchmark, model: str, seed: int = 5) -> dict[str, xr.DataArray]:
    """A shock to everything; rates leave room below."""
    shock = random_shock(np.random.default_rng(seed), data, export_taxes=True)
    shock |= {name: shock[name] + 0.02 * abroad(data, 1.0, 0.0) for name in RATES}
    if model == "melitz":
        shock["fixed_cost"] = bilateral(data, np.random.default_rng(seed + 1).lognormal(0, 0.1, shock["tariff"].shape))
    return shock


@cache
def solved(model: str, inputs: float, factors: int) -> tuple[Solution, xr.Dataset]:
    """A random economy under a random shock, and all derivatives of all countries."""
    data = drawn(3, F=factors, inputs=inputs)
    solution = solve(data, variants(data.sectors, scale_of(inputs))[model], unstable="follow", **asked(data, model))
    return solution, gradient(solution)


def at_solution(benchmark: Benchmark, exponents: Exponents, shock: Shock) -> Array:
    """Σ β (1 − η)(ln Î − ln P̂) [country] from the data to one equilibrium, without the certificate of stability."""
    found = solve_changes(benchmark, exponents, replace(shock, baseline=None), 1e-10).found
    kept = benchmark.arrays["final_share"] * (1 - exponents.on(benchmark.sectors)["eta"][:, None])
    return np.asarray((kept * (np.log(found.values.income / benchmark.arrays["income"]) - found.unknowns.log_price)).sum(axis=0))


def log_real_income(benchmark: Benchmark, exponents: Exponents, shock: Mapping[str, Any]) -> Array:
    """ln Û [country] but for what no policy moves."""
    return at_solution(benchmark, exponents, change(benchmark, **shock))


def shifted(shock: Mapping[str, Any], name: str, direction: Array, step: float) -> dict[str, Any]:
    """A shock moved along a direction: rates, logs of everything else."""
    old = shock[name]
    return {**shock, name: old + step * direction if name in RATES else old * np.exp(step * direction)}


def second_order(function: Callable[[float], Array], exact: Array, steps: tuple[float, float] = (2e-3, 1e-3)) -> None:
    """Central differences miss the derivative by the square of the step, as far as the solves are accurate (1e-13 or so, over the step)."""
    far, near = (np.abs((function(h) - function(-h)) / (2 * h) - exact).max() for h in steps)
    size = np.abs(exact).max()
    assert size > 0
    assert near <= 0.3 * far + 1e-9
    assert near <= 1e-3 * size + 1e-9


@each_model
@each_setting
@pytest.mark.parametrize("name", list(SHOCK_DIMS))
def test_gradient_against_central_differences(model: str, inputs: float, factors: int, name: str) -> None:
    solution, found = solved(model, inputs, factors)
    data, exponents, shock = solution.benchmark, solution.exponents, asked(solution.benchmark, model)
    if name == "fixed_cost" and model != "melitz":
        assert not found[name].any()
        return
    direction = np.random.default_rng(9).standard_normal(shock[name].shape)
    if name in RATES:
        direction *= ~np.eye(len(data.countries), dtype=bool)
    exact = (found[name].values * direction).reshape(len(data.countries), -1).sum(axis=1)
    second_order(lambda h: log_real_income(data, exponents, shifted(shock, name, direction, h)), exact)


def with_elasticities(model: str, sectors: list[str], scale: float, **bump: Array) -> Exponents:
    """A variant whose structural parameters are moved, sector by sector."""
    sigma, k = np.array(SIGMA[: len(sectors)]), np.array(K[: len(sectors)])
    trade, more_sigma, more_psi = (bump.get(name, 0.0) for name in ("trade", "sigma", "psi"))

    def table(values: Array) -> dict[str, float]:
        return dict(zip(sectors, (values + 0.0 * sigma).tolist(), strict=True))

    if model == "external_economies":
        return external_economies(table(k + trade), table(np.array([0.0, 0.08, 0.1])[: len(sectors)] * scale + more_psi))
    made: dict[str, Callable[[], Exponents]] = {
        "armington": lambda: armington(table(sigma + trade)),
        "eaton_kortum": lambda: eaton_kortum(table(k + trade)),
        "krugman": lambda: krugman(table(sigma + trade), scale),
        "restricted_entry": lambda: restricted_entry(table(k + trade), table(np.array(PROFIT[: len(sectors)]))),
        "melitz": lambda: melitz(table(sigma + more_sigma), table(k + trade / scale), scale),
        "variable_markups": lambda: variable_markups(table(k + trade), "cara" if scale == 1 else "translog", scale=scale),
    }
    return made[model]()


@each_model
@each_setting
@pytest.mark.parametrize("reference", ["data", "baseline", "zero"])
def test_elasticities_against_central_differences(model: str, inputs: float, factors: int, reference: str) -> None:
    """Also where the equilibrium that changes are measured from moves with them; a sector's ψ stands at zero and can only rise."""
    data, scale = drawn(3, F=factors, inputs=inputs), scale_of(inputs)
    baseline = change(data, **random_shock(np.random.default_rng(6), data, 0.05)) if reference == "baseline" else None
    shock = change(data, **asked(data, model), transfers="zero" if reference == "zero" else "fixed", baseline=baseline)

    def function(**bump: Array) -> Array:
        made = with_elasticities(model, data.sectors, scale, **bump)
        before = baseline or Shock(transfers=shock.transfers)
        moved = 0.0 if reference == "data" else at_solution(data, made, before)
        return at_solution(data, made, shock) - moved

    exponents = with_elasticities(model, data.sectors, scale)
    found = gradient(solve_hat(data, exponents, shock, unstable="follow"))
    assert set(exponents.slopes) == {"trade"} | {"melitz": {"sigma"}, "external_economies": {"psi"}}.get(model, set())
    direction = np.array([0.7, -1.1, 0.8])
    for name in exponents.slopes:
        move = direction * (np.arange(3) > 0) if name == "psi" else direction
        second_order(lambda h, name=name, move=move: function(**{name: h * move}), found[name].values @ move)
    if model == "external_economies":
        unit = np.array([1.0, 0.0, 0.0])
        h = 1e-4
        here, once, twice = (function(psi=step * unit) for step in (0.0, h, 2 * h))
        assert_allclose((4 * once - 3 * here - twice) / (2 * h), found["psi"].values @ unit, rtol=1e-4, atol=1e-8)


@pytest.mark.parametrize("rule", ["fixed", "zero", "own_share"])
@pytest.mark.parametrize("model", ["eaton_kortum", "melitz"])
@pytest.mark.parametrize("inputs", [0.0, 0.4])
def test_transfer_rules(rule: str, model: str, inputs: float) -> None:
    data = drawn(4, F=2, inputs=inputs)
    exponents, shock = variants(data.sectors, scale_of(inputs))[model], {**asked(data, model), "transfers": rule}
    found = gradient(solve(data, exponents, unstable="follow", **shock))
    for name in ("tariff", "endowment"):
        direction = np.random.default_rng(9).standard_normal(shock[name].shape)
        if name == "tariff":
            direction *= ~np.eye(4, dtype=bool)
        exact = (found[name].values * direction).reshape(4, -1).sum(axis=1)
        second_order(lambda h, name=name, d=direction: log_real_income(data, exponents, shifted(shock, name, d, h)), exact)


@each_model
@pytest.mark.parametrize("inputs", [0.0, 0.4])
@pytest.mark.parametrize("tariffs", [False, True])
def test_at_the_data_themselves(model: str, inputs: float, tariffs: bool) -> None:
    """Without a shock; rates that are zero can only rise."""
    data = drawn(5, inputs=inputs, tariffs=tariffs)
    exponents = variants(data.sectors, scale_of(inputs))[model]
    found = gradient(solve(data, exponents, unstable="follow"))
    direction = np.random.default_rng(9).uniform(0.5, 1, (3, 4, 4)) * ~np.eye(4, dtype=bool)
    rate, h = data.data["tariff"], 2e-4
    steps = [{"tariff": rate + step * direction} for step in (h, 2 * h)]
    here, once, twice = (log_real_income(data, exponents, shock) for shock in ({}, *steps))
    exact = (found["tariff"].values * direction).reshape(4, -1).sum(axis=1)
    assert_allclose((4 * once - 3 * here - twice) / (2 * h), exact, rtol=1e-3, atol=1e-5 * np.abs(exact).max())
    for name in exponents.slopes:  # nothing changes: no elasticity matters
        assert_allclose(found[name], 0, atol=1e-13)
    assert (found.attrs["corners"], found.attrs["near_corner"], found.attrs["note"]) == (0, 0, "")


@pytest.mark.parametrize("world", ["zeros, two factors", "zeros, inputs"])
@pytest.mark.parametrize("model", ["eaton_kortum", "krugman", "melitz"])
def test_flows_and_cells_that_do_not_exist(world: str, model: str) -> None:
    data = drawn(1, **WORLDS[world])
    exponents = variants(data.sectors, 0.3)[model]
    shock = asked(data, model) | {"iceberg": bilateral(data, 1.0)}
    shock["iceberg"][0, 1, 0] = np.inf
    found = gradient(solve(data, exponents, unstable="follow", **shock))
    nothing_there = (data.data["flow"].values == 0) | np.isinf(shock["iceberg"].values)
    for name in ("tariff", "iceberg", "fixed_cost"):
        assert not found[name].values[:, nothing_there].any()
    direction = np.random.default_rng(9).standard_normal((3, 4, 4)) * ~np.eye(4, dtype=bool)
    exact = (found["tariff"].values * direction).reshape(4, -1).sum(axis=1)
    second_order(lambda h: log_real_income(data, exponents, shifted(shock, "tariff", direction, h)), exact)
    if model == "melitz":
        assert np.isfinite(found["trade"]).all()


@each_model
def test_linear_functions_of_every_output(model: str) -> None:
    """Random weights on every output at once, along a direction of icebergs and of the trade elasticity."""
    inputs = 0.4 if model in ("armington", "eaton_kortum") else 0.0  # with inputs every solve brings its certificate of stability
    data, rng = drawn(3, F=2, inputs=inputs), np.random.default_rng(11)
    shock, base = asked(data, model), change(data, **random_shock(np.random.default_rng(6), data, 0.05))

    def solution(step: float, direction: Array, bump: Array) -> Solution:
        policy = change(data, **shifted(shock, "iceberg", direction, step), baseline=base)
        return solve_hat(data, with_elasticities(model, data.sectors, 1.0, trade=step * bump), policy)

    still = solution(0.0, np.zeros((3, 4, 4)), np.zeros(3))
    # nothing weighs on cells that do not exist in the reference
    weight = {name: (rng.standard_normal(still.data[name].shape) / (1 + abs(still.data[name]))).fillna(0) for name in OUTPUTS}
    found = gradient_of(still, weight)
    for direction, bump in ((rng.standard_normal((3, 4, 4)), np.zeros(3)), (np.zeros((3, 4, 4)), np.array([0.5, -1.0, 0.7]))):
        exact = float((found["iceberg"].values * direction).sum() + found["trade"].values @ bump)

        def function(h: float, direction: Array = direction, bump: Array = bump) -> Array:
            at = solution(h, direction, bump).data
            return np.array(sum(float((weight[name] * at[name]).sum()) for name in OUTPUTS))

        far, near = (abs((function(h) - function(-h)) / (2 * h) - exact) for h in (5e-4, 2.5e-4))
        assert near <= 0.3 * far + 1e-7
        assert near <= 1e-3 * abs(exact) + 1e-7


def test_real_income_as_a_linear_function() -> None:
    solution, found = solved("melitz", 0.0, 2)
    one = (solution.data["real_income"]["country"] == "C2") / solution.data["real_income"]
    same = gradient_of(solution, {"real_income": one})
    for name in found.data_vars:
        assert_allclose(same[name].values, found[name].sel(country="C2").values, rtol=1e-7, atol=1e-10)
    assert same["productivity"].dims == ("sector", "country")
    assert found["productivity"].dims == ("country", "sector", "exporter")


def test_levels_solve_the_same_equilibrium() -> None:
    data = drawn(3, F=2, inputs=0.4)
    exponents, shock = variants(data.sectors, 0.3)["melitz"], change(data, **asked(data, "melitz"))
    hat, levels = (gradient(method(data, exponents, shock, unstable="follow"), "C1") for method in (solve_hat, solve_levels))
    for name in hat.data_vars:
        assert_allclose(levels[name], hat[name], atol=1e-6 * float(abs(hat[name]).max()))


# --- corners ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_industries_at_a_corner_stay_there(model: str) -> None:
    solution, found = solved(model, 0.0, 1)
    empty = solution.empty(solution.counterfactual)
    assert found.attrs["corners"] == empty.sum() > 0
    gone = xr.DataArray(empty, dims=("sector", "exporter"))
    for name in ("tariff", "iceberg", "productivity"):
        assert not found[name].where(gone, 0.0).any()
    entry = gradient_of(solution, {"entry": solution.data["entry"] * 0 + empty})
    assert not entry["tariff"].any()


def edge_of_a_corner(data: Benchmark, exponents: Exponents) -> tuple[Callable[[float], Solution], float]:
    """Solutions by the size of a shock, and the size at which the first industry empties, to about 1e-6."""
    d = asked(data, "krugman")["iceberg"]

    def at(size: float) -> Solution:
        return solve(data, exponents, iceberg=d**size)

    low, high = 0.0, 3.0
    assert at(high).corners["emptied"] > 0
    for _ in range(21):
        middle = (low + high) / 2
        low, high = (low, middle) if at(middle).corners["emptied"] > 0 else (middle, high)
    return at, (low + high) / 2


def test_at_a_kink_it_says_so_and_gives_one_side() -> None:
    data = drawn(3)
    exponents = krugman({"S0": 4.0, "S1": 5.5, "S2": 3.2})
    at, size = edge_of_a_corner(data, exponents)
    here, h = gradient(at(size)), 1e-4
    log_iceberg = np.log(asked(data, "krugman")["iceberg"].values)
    slope = (here["iceberg"].values * log_iceberg).reshape(4, -1).sum(axis=1)

    def value(step: float) -> Array:
        return np.log(at(size + step).data["real_income"].values)

    left, right = ((3 * value(0) - 4 * value(-h) + value(-2 * h)) / (2 * h), (-3 * value(0) + 4 * value(h) - value(2 * h)) / (2 * h))
    assert np.abs(left - right).max() > 1e-4  # a kink indeed
    assert min(np.abs(left - slope).max(), np.abs(right - slope).max()) < 1e-6
    assert here.attrs["near_corner"] == 1
    emptied = at(size + h)
    sector, country = np.argwhere(emptied.empty(emptied.counterfactual))[0]
    assert f"{data.sectors[sector]} in {data.countries[country]}" in here.attrs["note"]
    assert "piecewise smooth" in here.attrs["note"]
    for step, corners in ((-0.3, 0), (0.1, 1)):
        assert gradient(at(size + step)).attrs["corners"] == corners


@pytest.mark.parametrize("exponents", [krugman(4.0), melitz(4.0, 4.5)], ids=["krugman", "melitz"])
def test_two_exporters_that_sell_to_one_market_only(exponents: Exponents) -> None:
    """Their entry equations are the same at given costs, and only all equations together say who sells how much."""
    rng = np.random.default_rng(4)
    flow = rng.uniform(5, 20, (4, 4, 3)) + 60 * np.eye(4)[..., None]
    flow[:2, :, 2] = 0.0
    flow[:2, 2, 2] = 10.0, 14.0
    data = calibrate(make_economy(dataset(flow)))
    found = gradient(solve(data, exponents))
    direction = rng.uniform(0.5, 1, (1, 4))
    shock = {"endowment": by_country(data, "factor", 1.0)}
    exact = (found["endowment"].values * direction).reshape(4, -1).sum(axis=1)
    second_order(lambda h: log_real_income(data, exponents, shifted(shock, "endowment", direction, h)), exact, (1e-3, 5e-4))


# --- theory ----------------------------------------------------------------------------------------------------------------------------


@each_model
@pytest.mark.parametrize("factors", [1, 2])
def test_more_of_every_endowment(model: str, factors: int) -> None:
    """All endowments up by one percent: real income by 1 + Σ β (scale/trade + market) percent, without inputs and with transfers that follow."""
    data = drawn(6, F=factors)
    exponents = variants(data.sectors, 0.6)[model]
    solution = solve(data, exponents, transfers="own_share", **asked(data, model))
    e = {name: value[:, None] for name, value in exponents.on(data.sectors).items()}
    expected = 1 + (data.data["final_share"].values * (e["scale"] / e["trade"] + e["market"])).sum(axis=0)
    assert_allclose(gradient(solution, by=["endowment"])["endowment"].sum(("factor", "exporter")), expected, rtol=1e-8)


@each_model
def test_better_technology_or_cheaper_trade_everywhere(model: str) -> None:
    """All productivities up, or all trade costs (within countries too) down, by one percent: real income up by one percent, without inputs."""
    found = solved(model, 0.0, 2)[1]
    assert_allclose(found["productivity"].sum(("sector", "exporter")), 1, rtol=1e-8)
    assert_allclose(found["iceberg"].sum(("sector", "exporter", "importer")), -1, rtol=1e-8)


@pytest.mark.parametrize("inputs", [0.0, 0.4])
@pytest.mark.parametrize("rule", ["fixed", "zero"])
def test_an_efficient_world_loses_what_melts(inputs: float, rule: str) -> None:
    """Without tariffs and scale effects: Σ_n I'_n d ln Û_n = −Σ flow' d ln τ, for every flow (the envelope theorem; Hulten 1978)."""
    data = drawn(7, F=2, inputs=inputs, tariffs=False)
    shock = {name: array for name, array in asked(data, "armington").items() if name not in RATES}
    solution = solve(data, variants(data.sectors)["armington"], transfers=rule, **shock)
    world = (gradient(solution, by=["iceberg"])["iceberg"] * solution.data["income"]).sum("country")
    assert_allclose(world, -solution.data["flow"], rtol=1e-7, atol=1e-9)


def test_a_country_alone_loses_its_import_shares() -> None:
    """No distortions, balanced trade: d ln Û_n = −Σ share · d ln τ − Σ share · d ln of the sellers' factor prices relative to its own."""
    data = drawn(7, tariffs=False, transfers=False)
    solution = solve(data, eaton_kortum(4.0))
    found = gradient(solution, "C0", ["iceberg"])["iceberg"].sel(country="C0")
    share = (data.data["trade_share"] * data.data["final_share"].sel(country="C0", drop=True)).sel(importer="C0", drop=True)
    bought = solution.data["factor_price"] * 0 + share.sum("sector").rename(exporter="country")
    relative = bought - (bought["country"] == "C0") * bought.sum("country")  # Σ_i share_i (ln ŵ_i − ln ŵ_C0)
    terms = gradient_of(solution, {"factor_price": relative}, ["iceberg"])["iceberg"]
    direct = share * (xr.DataArray(data.countries, {"importer": data.countries}) == "C0")
    assert_allclose(found, -(direct + terms).transpose(*found.dims), atol=1e-10)


def test_one_sector_armington_and_krugman_are_one() -> None:
    """One sector, no inputs: the same for every shock, so the same derivatives (MODEL: Krugman against Melitz)."""
    data = drawn(8, J=1)
    shock = {name: array for name, array in asked(data, "armington").items() if name in ("tariff", "iceberg")}
    one, two = (gradient(solve(data, model, **shock)) for model in (armington(5.0), krugman(5.0)))
    for name in ("tariff", "iceberg", "trade"):
        assert_allclose(one[name], two[name], rtol=1e-7, atol=1e-10)


def test_label_order_plays_no_role() -> None:
    economy = random_economy(np.random.default_rng(3), F=2, inputs=0.4)
    found = []
    for one in (economy, shuffled(economy, 1)):
        data = calibrate(one)
        found.append(
            gradient(solve(data, melitz(4.0, 5.0, 0.3), unstable="follow", **asked(drawn(3, F=2, inputs=0.4), "melitz")), ["C2", "C0"])
        )
    for name in found[0].data_vars:
        a, b = found[0][name], found[1][name].reindex_like(found[0][name]).transpose(*found[0][name].dims)
        assert_allclose(a, b, rtol=1e-6, atol=1e-9 * float(abs(a).max()))
    assert list(found[1]["country"].values) == ["C2", "C0"]


# --- what is asked ---------------------------------------------------------------------------------------------------------------------


def test_only_what_is_asked_is_kept() -> None:
    solution, found = solved("eaton_kortum", 0.4, 1)
    some = gradient(solution, "C3", ["tariff", "trade"])
    assert list(some.data_vars) == ["tariff", "trade"]
    assert some["tariff"].dims == ("country", "sector", "exporter", "importer")
    for name in some.data_vars:  # alone and among others, to the accuracy of the adjoint equation
        among = found[name].sel(country="C3")
        assert_allclose(some[name].sel(country="C3"), among, atol=adjoint_module.ACCURACY * float(abs(among).max()))


def test_faults_are_named() -> None:
    solution, _ = solved("armington", 0.0, 1)
    income = solution.data["income"]
    with pytest.raises(DataError, match="no country C9"):
        gradient(solution, ["C1", "C9"])
    with pytest.raises(DataError, match="no country was given"):
        gradient(solution, [])
    with pytest.raises(DataError, match=r"no derivative by tarif\. Did you mean tariff"):
        gradient(solution, by=["tarif"])
    faults = {
        "incom": (income, "no output incom.*income"),
        "income": (income.isel(country=slice(2)), "exactly the labels"),
        "sales": (income, "dims"),
        "spending": (solution.data["spending"] * np.nan, "not a finite number"),
    }
    with pytest.raises(DataError) as error:
        gradient_of(solution, {name: array for name, (array, _) in faults.items()})
    assert len(error.value.faults) == len(faults)
    for (_, words), fault in zip(faults.values(), error.value.faults, strict=True):
        assert re.search(words, fault)


def test_no_derivative_where_the_system_is_singular(monkeypatch: pytest.MonkeyPatch) -> None:
    """As at a fold; here a system of which nothing is accepted stands for it."""
    solution, _ = solved("armington", 0.0, 1)
    monkeypatch.setattr(adjoint_module, "ACCEPTED", -1.0)
    with pytest.raises(SolveError, match="fold"):
        gradient(solution)


# --- the real world --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "inputs"),
    [
        pytest.param(eaton_kortum(5.0), True, id="eaton_kortum, inputs"),
        pytest.param(krugman(6.0, 0.5), True, id="krugman, scale 0.5, inputs", marks=pytest.mark.slow),
        pytest.param(krugman(6.0), False, id="krugman", marks=pytest.mark.slow),
        pytest.param(melitz(4.0, 5.0), False, id="melitz"),
    ],
)
def test_all_tariffs_of_the_world(model: Exponents, inputs: bool) -> None:
    """41 × 35, 58,835 tariffs: those of the US and all at once; steps so small that no industry empties or comes back."""
    path = SHARED / "data" / "wiod2011_economy.nc"
    if not path.is_file():
        pytest.skip(f"no {path.name} beside the checkout")
    data = calibrate(open_economy(path), intermediates=inputs)
    rate = abroad(data, 0.2, 0.0)
    found = gradient(solve(data, model, tariff=rate), ["USA", "LUX"], ["tariff"])["tariff"]
    us = np.array(data.countries) == "USA"
    for direction in (abroad(data, 1.0, 0.0), abroad(data, 1.0, 0.0) * us):

        def real_income(step: float, direction: xr.DataArray = direction) -> Array:
            found = log_real_income(data, model, {"tariff": rate + step * direction})
            return found[[data.countries.index(country) for country in ("USA", "LUX")]]

        exact = (found * direction).sum(("sector", "exporter", "importer")).values
        second_order(real_income, exact, (1e-4, 5e-5))
