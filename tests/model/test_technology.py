"""Technology recovered from shares, and written by hand: levels against worlds of firms from `primitives`, which shares no code with the package."""

from dataclasses import fields, replace
from typing import Any

import numpy as np
import primitives
import pytest
from numpy.testing import assert_allclose, assert_array_equal
from worlds import Array, abroad, by_country, drawn, labels, variants

from cge import DataError, Exponents, Shock, SolveError, armington, change, krugman, melitz
from cge.model.benchmark import Benchmark
from cge.model.system import System, Unknowns, start
from cge.model.technology import Technology, benchmark_point, build_levels, recover, revenue_per_entrant
from cge.solve.equilibrium import Equilibrium, check, equilibrium
from cge.solve.follow import consistent
from cge.solve.interior import approach, snapped
from cge.solve.levels.system import solve_system
from cge.solve.newton import Point, Solver
from cge.solve.search import solve as solve_by_newton

PLAIN = drawn(81)
INPUTS = drawn(82, F=2, inputs=0.4)
SPARSE = drawn(83, J=4, F=2, inputs=0.4, zeros=0.3)
ECONOMIES = {"plain": PLAIN, "two factors and inputs": INPUTS, "sparse": SPARSE}
MODELS = list(variants(["S0"]))
each_economy = pytest.mark.parametrize("economy", ECONOMIES)
each_model = pytest.mark.parametrize("model", MODELS)


def by_pair(array: Array) -> Array:
    """An array [sector, country] of the exporter against pairs [sector, exporter, importer]."""
    return array[:, :, None]


def sigma_and_k(data: Benchmark, exponents: Exponents) -> tuple[Array, Array]:
    """Structural parameters [sector, 1, 1]."""
    values: list[Any] = [exponents.parameters[name] for name in ("sigma", "k")]
    sigma, k = (np.array([value[s] for s in data.sectors])[:, None, None] for value in values)
    return sigma, k


# --- recovered ---------------------------------------------------------------------------------------------------------------------------


@each_economy
@each_model
@pytest.mark.parametrize("scale", [None, 0.6])
def test_levels_reproduce_the_benchmark(model: str, economy: str, scale: float | None) -> None:
    """At the benchmark point every equation in levels holds to 1e-9, and flows are those of the data."""
    data = ECONOMIES[economy]
    exponents = variants(data.sectors, scale)[model]
    system = build_levels(recover(data, exponents), exponents, data.countries, data.sectors, Shock())
    found = equilibrium(system, benchmark_point(data, system))
    assert check(data, found).residual < 1e-9
    assert_allclose(found.flow, data.data.flow, rtol=1e-9, atol=1e-12)
    assert_allclose(found.trade_share, data.data.trade_share, rtol=1e-9, atol=1e-13)


@each_economy
@each_model
def test_domestic_icebergs_are_one(model: str, economy: str) -> None:
    data = ECONOMIES[economy]
    technology = recover(data, variants(data.sectors)[model])
    home = np.diagonal(technology.iceberg, axis1=1, axis2=2)
    sells_at_home = np.diagonal(data.data.trade_share.values, axis1=1, axis2=2) > 0
    assert_allclose(home[sells_at_home], 1, rtol=1e-14)
    assert np.isinf(home[~sells_at_home]).all()
    assert_array_equal(np.isinf(technology.iceberg), data.data.trade_share.values == 0)


@each_economy
def test_a_producer_that_sells_nothing_at_home_has_its_cheapest_market_as_unit(economy: str) -> None:
    data = ECONOMIES[economy]
    technology = recover(data, armington(5.0))
    abroad_only = technology.made & (np.diagonal(data.data.trade_share.values, axis1=1, axis2=2) == 0)
    assert abroad_only.any() == (economy == "sparse")
    assert_allclose(technology.iceberg.min(axis=2)[abroad_only], 1, rtol=1e-14)


@each_economy
def test_sellers_never_exceed_entrants(economy: str) -> None:
    """N_ni/M_i = X_ni/R_i · (k − σ + 1)/(σ − 1) · fE_i/f_ni at most one: every cutoff is at least φmin (chapter, eqs. 20 and 22)."""
    data = ECONOMIES[economy]
    exponents = variants(data.sectors)["melitz"]
    sigma, k = sigma_and_k(data, exponents)
    t = recover(data, exponents)
    part = data.data.flow.values / np.where(t.made, data.data.sales.values, 1.0)[:, :, None]
    bound = (sigma - 1) / (k - sigma + 1) * t.fixed_cost / by_pair(t.entry_cost)
    assert (part <= bound * (1 + 1e-12)).all()
    assert t.violations == ()


@each_economy
def test_trade_shares_by_hand(economy: str) -> None:
    """Eq. 23: λ_ni ∝ (R_i/(c_i fE_i)) φmin_i^k τ_ni^−k c_i^−(kσ/(σ−1)−1) f_ni^−(k/(σ−1)−1), each (1 + t)^−(kσ/(σ−1)−1); benchmark costs are one."""
    data = ECONOMIES[economy]
    exponents = variants(data.sectors)["melitz"]
    sigma, k = sigma_and_k(data, exponents)
    t = recover(data, exponents)
    weight = (
        by_pair(data.data.sales.values / t.entry_cost)
        * by_pair(t.productivity) ** k
        * t.iceberg**-k
        * t.fixed_cost ** -(k / (sigma - 1) - 1)
        * (1 + t.tariff) ** -(k * sigma / (sigma - 1) - 1)
    )
    total = weight.sum(axis=1, keepdims=True)
    assert_allclose(weight / np.where(total > 0, total, 1), data.data.trade_share, rtol=1e-10, atol=1e-14)


@pytest.mark.parametrize("model", ["armington", "eaton_kortum", "krugman"])
def test_trade_shares_by_hand_without_selection(model: str) -> None:
    """λ_ni ∝ M_i^scale (φ_i/(τ_ni (1 + t_ni)))^trade; benchmark costs are one, M the number of firms σ fE M = R (Krugman)."""
    exponents = variants(PLAIN.sectors)[model]
    e, t = exponents.on(PLAIN.sectors), recover(PLAIN, exponents)
    trade = e["trade"][:, None, None]
    firms = PLAIN.data.sales.values / revenue_per_entrant(exponents, PLAIN.sectors, t.entry_cost)
    weight = by_pair(firms ** e["scale"][:, None]) * (by_pair(t.productivity) / (t.iceberg * (1 + t.tariff))) ** trade
    assert_allclose(weight / weight.sum(axis=1, keepdims=True), PLAIN.data.trade_share, rtol=1e-10)


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_trade_costs_do_not_depend_on_the_unit_of_money(model: str) -> None:
    """Icebergs are relative to domestic ones: shares decide them, but for size."""
    scaled = replace(PLAIN, data=PLAIN.data.assign({name: PLAIN.data[name] * 1e6 for name in MONEY}))
    exponents = variants(PLAIN.sectors)[model]
    assert_allclose(recover(scaled, exponents).iceberg, recover(PLAIN, exponents).iceberg, rtol=1e-11)


MONEY = ("flow", "spending", "sales", "factor_income", "income", "transfer")


# --- written by hand ---------------------------------------------------------------------------------------------------------------------


def taxed(world: primitives.World) -> primitives.World:
    """A world in which exporters tax, too: what others sell it at half the rate that it pays there."""
    return replace(world, export_tax=0.5 * world.tariff.transpose(1, 0, 2))


SOLVERS = {"melitz": primitives.melitz, "krugman": primitives.krugman}
WORLDS = {
    "one factor": primitives.random_world(np.random.default_rng(1), 3, 2),
    "one factor, free trade": primitives.random_world(np.random.default_rng(11), 3, 2, tariffs=False, transfers=False),
    "two factors": primitives.random_world(np.random.default_rng(4), 3, 2, F=2),
    "inputs": primitives.random_world(np.random.default_rng(5), 3, 2, inputs=True),
    "two factors and inputs": primitives.random_world(np.random.default_rng(2), 3, 2, F=2, inputs=True),
    "four countries": taxed(primitives.random_world(np.random.default_rng(6), 4, 3, F=2, inputs=True)),
}
each_world = pytest.mark.parametrize("kind", WORLDS)
each_firm = pytest.mark.parametrize("model", SOLVERS)


def technology(world: primitives.World) -> Technology:
    """A world's primitives in the order of axes of the package."""
    pair = (2, 0, 1)
    everywhere = np.ones(world.final_share.T.shape, bool)
    return Technology(
        iceberg=world.iceberg.transpose(pair),
        fixed_cost=world.fixed_cost.transpose(pair),
        tariff=world.tariff.transpose(pair),
        export_tax=world.export_tax.transpose(pair),
        entry_cost=world.entry_cost.T,
        productivity=world.lower_bound.T,
        endowment=world.endowment.T,
        transfer=world.transfer,
        factor_share=world.factor_share.transpose(2, 1, 0),
        input_share=world.input_share.transpose(1, 2, 0),
        final_share=world.final_share.T,
        made=everywhere,
        bought=everywhere,
    )


def elasticities(model: str, world: primitives.World) -> Exponents:
    """The variant with a world's own parameters."""
    sectors = labels("S", world.sigma.size)
    sigma, k = (dict(zip(sectors, values.tolist(), strict=True)) for values in (world.sigma, world.k))
    return krugman(sigma) if model == "krugman" else melitz(sigma, k)


def names(world: primitives.World) -> tuple[list[str], list[str], list[str]]:
    """Countries, sectors, factors."""
    return labels("C", len(world.endowment)), labels("S", world.sigma.size), labels("F", world.endowment.shape[1])


def beginning(world: primitives.World, system: System) -> Unknowns:
    """Factor prices of one, spending out of income alone, entrants that sell only at home."""
    spending = (world.endowment.sum(axis=1) + world.transfer) * world.final_share.T
    nothing = np.zeros(spending.shape)
    return Unknowns(np.zeros(system.endowed.shape), nothing, np.log(spending), spending / system.benchmark_sales, nothing)


def system_of(model: str, world: primitives.World) -> System:
    countries, sectors, _ = names(world)
    return build_levels(technology(world), elasticities(model, world), countries, sectors, Shock())


def in_levels(model: str, world: primitives.World) -> Equilibrium:
    """The equilibrium of the Pyomo model."""
    system = system_of(model, world)
    found, _ = solve_system(system, *names(world), beginning(world, system), 1e-10, None)
    return equilibrium(system, found)


def same_levels(found: Equilibrium, true: primitives.Equilibrium, world: primitives.World) -> None:
    """Factor prices, price indices, unit costs, entrants, flows, spending, income and welfare in absolute terms."""
    welfare = found.values.income / np.exp((world.final_share.T * found.unknowns.log_price).sum(axis=0))
    pairs = {
        "factor_price": (found.factor_price.T, true.factor_price),
        "price": (np.exp(found.unknowns.log_price).T, true.price),
        "unit_cost": (np.exp(found.values.log_unit_cost).T, true.unit_cost),
        "entrants": (found.unknowns.entry.T, true.entrants),
        "flow": (found.flow.transpose(1, 2, 0), true.flow),
        "spending": (found.spending.T, true.spending),
        "income": (found.values.income, true.income),
        "welfare": (welfare, true.welfare),
    }
    for name, (ours, theirs) in pairs.items():
        assert_allclose(ours, theirs, rtol=1e-8, err_msg=name)


@each_world
@each_firm
def test_levels_are_those_of_firms(model: str, kind: str) -> None:
    """Against cutoffs, entry and integrals over firms: nothing is relative to a benchmark here."""
    world = WORLDS[kind]
    same_levels(in_levels(model, world), SOLVERS[model](world), world)


@each_firm
@pytest.mark.parametrize("kind", ["one factor", "two factors and inputs"])
def test_a_shock_to_levels_is_another_world(model: str, kind: str) -> None:
    """Factors multiply primitives, tariffs replace them."""
    world, rng = WORLDS[kind], np.random.default_rng(9)
    countries, sectors, factors = names(world)
    data = drawn(84, len(countries), len(sectors), len(factors))  # for its labels only
    icebergs = rng.lognormal(0, 0.03, (len(sectors), len(countries), len(countries)))
    bounds, rates = rng.lognormal(0, 0.01, world.lower_bound.T.shape), 1.3 * world.tariff.transpose(2, 0, 1)
    shock = change(data, iceberg=abroad(data, icebergs), productivity=by_country(data, "sector", bounds), tariff=abroad(data, rates, 0.0))
    new = replace(
        world,
        iceberg=world.iceberg * shock.iceberg.values.transpose(1, 2, 0),
        lower_bound=world.lower_bound * bounds.T,
        tariff=1.3 * world.tariff,
    )
    system = build_levels(technology(world), elasticities(model, world), countries, sectors, shock)
    found, _ = solve_system(system, countries, sectors, factors, beginning(world, system), 1e-10, None)
    same_levels(equilibrium(system, found), SOLVERS[model](new), new)


@each_world
@each_firm
def test_two_solvers_of_one_system(model: str, kind: str) -> None:
    """IPOPT on the Pyomo model and the interior point in numpy, on the same numbers."""
    world = WORLDS[kind]
    system = system_of(model, world)
    point = snapped(approach(Solver(system), Point(system, consistent(system, beginning(world, system))), 1e-11))
    assert point.largest <= 1e-11
    same_levels(equilibrium(system, point.u), SOLVERS[model](world), world)
    ours = in_levels(model, world)
    for name in ("log_factor_price", "log_price", "log_spending_change", "entry"):
        assert_allclose(getattr(point.u, name), getattr(ours.unknowns, name), rtol=1e-8, atol=1e-9, err_msg=name)


@each_model
def test_the_solver_of_changes_takes_levels(model: str) -> None:
    """`cge.solve.search.solve`, from no change at all of its units, finds the observed world in recovered technology."""
    exponents = variants(PLAIN.sectors)[model]
    system = build_levels(recover(PLAIN, exponents), exponents, PLAIN.countries, PLAIN.sectors, Shock())
    point, _, reached = solve_by_newton(system, lambda: system, 1e-11)
    assert reached == 1
    there, wanted = equilibrium(system, point.u), benchmark_point(PLAIN, system)
    assert np.abs(start(system).log_spending_change - wanted.log_spending_change).max() > 1
    assert_allclose(there.flow, PLAIN.data.flow, rtol=1e-8)
    assert_allclose(point.u.log_factor_price, 0, atol=1e-9)
    assert_allclose(point.u.entry, wanted.entry, rtol=1e-8)


# --- refusals ----------------------------------------------------------------------------------------------------------------------------


@each_model
def test_a_country_without_a_factor_is_refused_in_words(model: str) -> None:
    exponents = variants(PLAIN.sectors)[model]
    recovered = recover(PLAIN, exponents)
    nothing = recovered.endowment.copy()
    nothing[0, 2] = 0.0
    with pytest.raises(DataError, match="endowment: 0 of factor 1 in C2"):
        build_levels(replace(recovered, endowment=nothing), exponents, PLAIN.countries, PLAIN.sectors, Shock())


def test_a_market_without_sellers_is_refused_in_words() -> None:
    recovered = recover(PLAIN, krugman(4.0))
    closed = recovered.iceberg.copy()
    closed[1, :, 0] = np.inf
    with pytest.raises(SolveError, match="closes every seller of S1 in C0"):
        build_levels(replace(recovered, iceberg=closed), krugman(4.0), PLAIN.countries, PLAIN.sectors, Shock())


def test_pareto_without_a_mean_is_refused_in_words() -> None:
    """k = σ − 1: average productivity is infinite."""
    with pytest.raises(DataError, match="k − \\(sigma − 1\\) = 0, but Melitz needs k > sigma − 1"):
        melitz(4.0, 3.0)


def test_fixed_costs_under_a_variant_without_any() -> None:
    shock = change(PLAIN, fixed_cost=abroad(PLAIN, 1.1))
    with pytest.raises(DataError, match=r"fixed_cost: .* plays no role under krugman"):
        build_levels(recover(PLAIN, krugman(4.0)), krugman(4.0), PLAIN.countries, PLAIN.sectors, shock)


def test_the_worlds_use_every_primitive() -> None:
    """No primitive of the worlds is at a value where getting it wrong would not show."""
    world = WORLDS["four countries"]
    for field in fields(world):
        assert np.ptp(getattr(world, field.name)) > 0, field.name
