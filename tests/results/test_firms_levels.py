"""Firms of a Melitz solution in levels: the chapter's identities, its closed forms for countries alike, and worlds solved by integrals over firms."""

from dataclasses import replace
from typing import Any

import numpy as np
import primitives
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from numpy.typing import NDArray

from cge import Exponents, Solution, calibrate, change, krugman, melitz, open_economy, solve_hat
from cge.data.bundled import find
from cge.errors import InputError
from cge.model.shock import Shock
from cge.results.firms import firm_levels, trade_costs_table
from cge.results.tables import firm_margins
from cge.runfile.technology import make_world
from cge.solve.firms import firms, violations
from cge.solve.levels.solve import solve_levels
from cge.solve.levels.world import World, solve_world

Array = NDArray[np.float64]

SIGMA, K = 4.0, 5.0


def solved(world: World, exponents: Exponents, **shock: Any) -> Solution:
    """The counterfactual in levels of a world written by hand."""
    levels, economy = solve_world(world, exponents)
    benchmark = calibrate(economy)
    return solve_levels(benchmark, exponents, change(benchmark, **shock), written=levels)


def abroad(world: World, value: float) -> xr.DataArray:
    """`value` between countries, one at home."""
    axis = {"sector": world.sectors, "exporter": world.countries, "importer": world.countries}
    pairs = np.where(np.eye(len(world.countries), dtype=bool), 1.0, value)
    return xr.DataArray(np.broadcast_to(pairs, (len(world.sectors), *pairs.shape)).copy(), axis, list(axis))


# --- N countries alike (sections 5.5, 5.6, 6.1) --------------------------------------------------------------------------------------------

F, F_E, LABOUR = 1.0, 0.5, 100.0


def alike(N: int, tau: float = 1.4, f_x: float = 1.2) -> World:
    countries = [f"C{i}" for i in range(N)]
    costs = {"iceberg": tau, "fixed_cost": f_x, "home_fixed_cost": F, "entry_cost": F_E}
    return make_world({"countries": countries, "sectors": ["goods"], "endowment": LABOUR, **costs})


def domestic_cutoff(N: int, tau: float = 1.4, f_x: float = 1.2) -> float:
    """φ* of section 6.1 in a symmetric open economy with φmin = 1 (N = 1: the closed economy)."""
    spent = F + (N - 1) * tau**-K * (f_x / F) ** (-K / (SIGMA - 1)) * f_x
    return float(((SIGMA - 1) / (K - (SIGMA - 1)) * spent / F_E) ** (1 / K))


def welfare(cutoff: float) -> float:
    """L/P with the price index (12): the wage is one."""
    return float(LABOUR / (SIGMA / (SIGMA - 1) * (F * SIGMA / LABOUR) ** (1 / (SIGMA - 1)) / cutoff))


@pytest.mark.parametrize("N", [2, 3, 6])
@pytest.mark.parametrize(("tau", "f_x"), [(1.4, 1.2), (1.8, 0.7), (1.0, 1.0)])
def test_countries_alike_have_the_closed_forms(N: int, tau: float, f_x: float) -> None:
    assert tau ** (SIGMA - 1) * f_x >= F
    found = firm_levels(solved(alike(N, tau, f_x), melitz(SIGMA, K)))
    cutoff = domestic_cutoff(N, tau, f_x)
    exporting = tau * (f_x / F) ** (1 / (SIGMA - 1)) * cutoff
    same = np.eye(N, dtype=bool)
    assert_allclose(found["cutoff"].values[0], np.where(same, cutoff, exporting), rtol=1e-9)
    assert_allclose(found["domestic_cutoff"], cutoff, rtol=1e-9)
    assert_allclose(found["bundle_cost"], 1.0, rtol=1e-9)
    assert_allclose(found["entrants"], (SIGMA - 1) * LABOUR / (K * SIGMA * F_E), rtol=1e-9)
    assert_allclose(found["exporters"], found["entrants"].values[:, :, None] * found["cutoff"] ** -K, rtol=1e-9)
    assert_allclose(found["average_sales"].values[0], SIGMA * K / (K - SIGMA + 1) * np.where(same, F, f_x), rtol=1e-9)
    assert_allclose(found["welfare"], welfare(cutoff), rtol=1e-9)


LIBERALISED = [("more countries", (2,), (3,)), ("lower τ", (3, 1.4), (3, 1.2)), ("lower f_X", (3, 1.4, 1.2), (3, 1.4, 0.8))]


@pytest.mark.parametrize(("before", "after"), [pair[1:] for pair in LIBERALISED], ids=[pair[0] for pair in LIBERALISED])
def test_multilateral_liberalisation(before: tuple[Any, ...], after: tuple[Any, ...]) -> None:
    """Section 5.6: the cutoff rises and the least productive exit (entrants stay, fewer sell at home), welfare rises; from autarky on."""
    old, new = (
        firm_levels(solved(alike(*world), melitz(SIGMA, K))).isel(exporter=0, importer=0, country=0, sector=0) for world in (before, after)
    )
    assert domestic_cutoff(1) < float(old["cutoff"]) < float(new["cutoff"])
    assert float(new["exporters"]) < float(old["exporters"])
    assert_allclose(new["entrants"], old["entrants"], rtol=1e-9)
    assert welfare(domestic_cutoff(1)) < float(old["welfare"]) < float(new["welfare"])
    for found, world in ((old, before), (new, after)):
        assert_allclose(found["cutoff"], domestic_cutoff(*world), rtol=1e-9)
        assert_allclose(found["welfare"], welfare(domestic_cutoff(*world)), rtol=1e-9)


@pytest.mark.parametrize(("name", "tau", "f_x"), [("iceberg", 1.26, 1.2), ("fixed_cost", 1.4, 1.08)])
def test_a_shock_leads_from_one_closed_form_to_the_other(name: str, tau: float, f_x: float) -> None:
    world = alike(4)
    solution = solved(world, melitz(SIGMA, K), **{name: abroad(world, 0.9)})
    found = firm_levels(solution)
    assert_allclose(found["domestic_cutoff_benchmark"], domestic_cutoff(4), rtol=1e-9)
    assert_allclose(found["domestic_cutoff"], domestic_cutoff(4, tau, f_x), rtol=1e-9)
    assert_allclose(found["welfare"], welfare(domestic_cutoff(4, tau, f_x)), rtol=1e-9)
    assert_allclose(solution.data["real_income"], found["welfare"] / found["welfare_benchmark"], rtol=1e-12)


# --- worlds of unlike countries ------------------------------------------------------------------------------------------------------------

WORLDS = {
    "one factor": primitives.random_world(np.random.default_rng(1), 3, 2),
    "two factors": primitives.random_world(np.random.default_rng(4), 3, 2, F=2),
    "inputs": primitives.random_world(np.random.default_rng(5), 3, 2, inputs=True),
    "two factors and inputs": primitives.random_world(np.random.default_rng(2), 3, 2, F=2, inputs=True),
}
NAMES = {"lower_bound": "productivity"}


def written(world: primitives.World) -> tuple[World, Exponents]:
    """The same primitives as a table of labels, and elasticities."""
    countries, sectors, factors = (
        [f"{letter}{i}" for i in range(size)]
        for letter, size in zip("CSF", (*world.final_share.shape, world.endowment.shape[1]), strict=True)
    )
    axes = {
        "endowment": (countries, factors), "transfer": (countries,), "final_share": (countries, sectors), "entry_cost": (countries, sectors),
        "lower_bound": (countries, sectors), "factor_share": (countries, sectors, factors), "input_share": (countries, sectors, sectors),
        "iceberg": (countries, countries, sectors), "fixed_cost": (countries, countries, sectors), "tariff": (countries, countries, sectors),
    }  # fmt: skip

    def nested(array: Array, labels: tuple[list[str], ...], own: bool) -> Any:
        if not labels:
            return float(array)
        return {label: nested(array[i], labels[1:], own) for i, label in enumerate(labels[0])}

    table = {NAMES.get(name, name): nested(getattr(world, name), labels, False) for name, labels in axes.items()}
    table["home_fixed_cost"] = nested(primitives.own(world.fixed_cost), (countries, sectors), False)
    for name in ("iceberg", "fixed_cost", "tariff"):
        for country in countries:
            del table[name][country][country]
    sigma, k = (dict(zip(sectors, values.tolist(), strict=True)) for values in (world.sigma, world.k))
    return make_world({"countries": countries, "sectors": sectors, "factors": factors, **table}), melitz(sigma, k)


@pytest.mark.parametrize("name", WORLDS)
def test_firms_are_those_of_integrals_over_them(name: str) -> None:
    """Solved from cutoffs, entry and integrals in `primitives`, before and after a shock to icebergs, productivity and endowments."""
    world = WORLDS[name]
    rng = np.random.default_rng(7)
    home = np.eye(len(world.endowment), dtype=bool)[..., None]
    new = replace(
        world,
        iceberg=np.where(home, 1.0, world.iceberg * rng.lognormal(0, 0.03, world.iceberg.shape)),
        lower_bound=world.lower_bound * rng.lognormal(0, 0.01, world.lower_bound.shape),
        endowment=world.endowment * rng.lognormal(0, 0.02, world.endowment.shape),
        transfer=0.0 * world.transfer,
    )
    old, new = replace(world, transfer=0.0 * world.transfer), new  # so that the numeraire does not matter
    before, after = primitives.melitz(old), primitives.melitz(new)
    by_hand, exponents = written(old)
    levels, economy = solve_world(by_hand, exponents)
    benchmark = calibrate(economy)
    data = benchmark.data
    shock = change(
        benchmark,
        iceberg=data["flow"].copy(data=(new.iceberg / old.iceberg).transpose(2, 0, 1)),
        productivity=data["sales"].copy(data=(new.lower_bound / old.lower_bound).T),
        endowment=data["factor_income"].copy(data=(new.endowment / old.endowment).T),
    )
    found = firm_levels(solve_levels(benchmark, exponents, shock, written=levels))
    for suffix, true in (("_benchmark", before), ("", after)):
        money = float((found[f"bundle_cost{suffix}"].values / true.unit_cost.T).mean())  # the numeraires differ with endowments
        assert true.cutoff is not None
        wanted = {
            "cutoff": true.cutoff.transpose(2, 0, 1), "exporters": true.exporters.transpose(2, 0, 1), "entrants": true.entrants.T,
            "price_level": money * true.price.T, "bundle_cost": money * true.unit_cost.T, "welfare": true.welfare,
            "average_sales": money * (true.flow / true.exporters).transpose(2, 0, 1),
        }  # fmt: skip
        for word, value in wanted.items():
            assert_allclose(found[f"{word}{suffix}"], value, rtol=1e-8, err_msg=f"{word}{suffix}")
    ratio = found["cutoff"] / found["cutoff_benchmark"]
    assert ratio.values.std() > 1e-3  # the shock moves something


# --- identities ----------------------------------------------------------------------------------------------------------------------------


def case(kind: str) -> Solution:
    """A shock to a world written by hand, or to data, solved in levels."""
    if kind == "by hand":
        world, exponents = written(WORLDS["two factors"])
        return solved(world, exponents, iceberg=abroad(world, 0.97), fixed_cost=abroad(world, 1.1), transfers="own_share")
    benchmark = calibrate(open_economy(find("data", "mini")), intermediates=kind == "inputs")
    rate = benchmark.data["tariff"].copy()
    rate.loc[{"importer": "Home", "exporter": "South"}] = 0.3
    exponents = melitz({"goods": 4.0, "services": 3.0}, {"goods": 5.0, "services": 3.5})
    return solve_levels(benchmark, exponents, change(benchmark, tariff=rate), unstable="follow")


@pytest.mark.parametrize("kind", ["by hand", "data", "inputs"])
@pytest.mark.parametrize("state", ["benchmark", "counterfactual"])
def test_identities_of_the_chapter(kind: str, state: str) -> None:
    solution = case(kind)
    found, shock = (solution.reference, Shock()) if state == "benchmark" else (solution.counterfactual, solution.shock)
    firm = firms(solution, found, shock)
    b, assert_levels = solution.benchmark, solution.levels
    assert assert_levels is not None
    t = assert_levels.technology
    p = solution.exponents.parameters_on(b.sectors)
    sigma, k = p["sigma"][:, None], p["k"][:, None]
    s3, k3 = sigma[:, :, None], k[:, :, None]
    rate = t.tariff if shock.tariff is None else shock.tariff.values
    c, spending, sales, flow = firm.bundle_cost, found.spending, found.values.sales, found.flow
    cost = c[:, :, None] * firm.fixed_cost
    # (6): net revenue of the marginal firm over σ is the fixed cost
    price = s3 / (s3 - 1) * c[:, :, None] * firm.iceberg / firm.cutoff
    revenue = price ** (1 - s3) * (1 + rate) ** -s3 * (spending * firm.price_level ** (sigma - 1))[:, None, :]
    assert_allclose(revenue / s3, cost, rtol=1e-9)
    # (20): flow is the mass of exporters times their average sales
    mass = firm.entrants[:, :, None] * (firm.lower_bound[:, :, None] / firm.cutoff) ** k3
    assert_allclose(mass * s3 * k3 / (k3 - s3 + 1) * cost, flow, rtol=1e-9)
    assert_allclose(firm.exporters, mass, rtol=1e-9)
    # (22): entrants
    assert_allclose(firm.entrants, (sigma - 1) / (k * sigma) * sales / (c * t.entry_cost), rtol=1e-9)
    # (23): trade shares, with lower bounds and tariffs on revenue
    power = k3 * s3 / (s3 - 1) - 1
    size = sales / c / t.entry_cost * firm.lower_bound**k
    weight = size[:, :, None] * firm.iceberg**-k3 * c[:, :, None] ** -power * firm.fixed_cost ** (1 - k3 / (s3 - 1)) * (1 + rate) ** -power
    assert_allclose(weight / weight.sum(axis=1, keepdims=True), found.trade_share, rtol=1e-9)
    assert_allclose(flow * (1 + rate) / spending[:, None, :], found.trade_share, rtol=1e-9)
    # the price index below (22)
    index = weight.sum(axis=1) * spending ** -(1 - k / (sigma - 1)) * (sigma / (sigma - 1)) ** -k * sigma ** (-k / (sigma - 1))
    assert_allclose(firm.price_level**-k, index * (sigma - 1) / (k - sigma + 1), rtol=1e-8)
    # (24): the price index from the domestic cutoff, X/c for β L
    own = np.diagonal(firm.cutoff, axis1=1, axis2=2)
    f = np.diagonal(firm.fixed_cost, axis1=1, axis2=2)
    assert_allclose(firm.price_level, sigma / (sigma - 1) * (f * sigma * c / spending) ** (1 / (sigma - 1)) * c / own, rtol=1e-9)
    # (25): the domestic cutoff from the domestic share
    share = np.diagonal(found.trade_share, axis1=1, axis2=2)
    lead = (sigma - 1) / (k - (sigma - 1)) * f / t.entry_cost
    assert_allclose(own**k, firm.lower_bound**k * lead * c / spending * (sales / c) / share, rtol=1e-9)
    # welfare
    assert_allclose(firm.welfare, found.values.income / np.prod(firm.price_level ** b.data["final_share"].values, axis=0), rtol=1e-9)


def test_wage_of_one() -> None:
    """(12), with several sectors, where countries are alike."""
    world = make_world({
        "countries": ["A", "B", "C"], "sectors": ["goods", "services"], "endowment": 90.0, "iceberg": {"goods": 1.3, "services": 1.9},
        "fixed_cost": 1.1, "home_fixed_cost": {"goods": 1.0, "services": 0.8}, "entry_cost": 0.4, "final_share": {"goods": 0.3, "services": 0.7},
    })  # fmt: skip
    sigma, k = {"goods": 4.0, "services": 3.0}, {"goods": 5.0, "services": 2.9}
    found = firm_levels(solved(world, melitz(sigma, k), iceberg=abroad(world, 0.95)))
    for suffix in ("", "_benchmark"):
        for sector, f, beta in (("goods", 1.0, 0.3), ("services", 0.8, 0.7)):
            s = sigma[sector]
            at = found.sel(sector=sector)
            price = s / (s - 1) * (f * s / (beta * 90.0)) ** (1 / (s - 1)) / at[f"domestic_cutoff{suffix}"]
            assert_allclose(at[f"price_level{suffix}"], price, rtol=1e-9)
        # (13): welfare per worker, without an outside sector
        assert_allclose(
            found[f"welfare{suffix}"] / 90.0, np.prod(found[f"price_level{suffix}"] ** -np.array([[0.3], [0.7]]), axis=0), rtol=1e-9
        )


# --- ratios, tables, limits ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["by hand", "data"])
def test_ratios_are_the_firm_margins(kind: str) -> None:
    solution = case(kind)
    exporters, cutoff = firm_margins(solution)
    found = firm_levels(solution)
    assert_allclose(found["exporters"] / found["exporters_benchmark"], exporters, rtol=1e-9)
    assert_allclose(found["cutoff"] / found["cutoff_benchmark"], cutoff, rtol=1e-9)


def test_empty_cells_have_no_firms_and_a_finite_cutoff() -> None:
    benchmark = calibrate(open_economy(find("data", "mini")), intermediates=False)
    iceberg = benchmark.data["flow"].copy(data=np.where(np.eye(3, dtype=bool), 1.0, 0.9) * np.ones((2, 1, 1)))
    productivity = xr.ones_like(benchmark.data["sales"])
    productivity.loc[{"country": "South", "sector": "goods"}] = 0.6
    solution = solve_hat(benchmark, melitz(4.0, 5.0), change(benchmark, iceberg=iceberg, productivity=productivity))
    assert solution.corners["emptied"] > 0
    found = firm_levels(solution)
    empty = solution.counterfactual.unknowns.entry == 0
    assert (found["entrants"].values[empty] == 0).all()
    assert (found["exporters"].values[empty] == 0).all()
    assert np.isfinite(found["cutoff"].values[empty]).all()
    assert_allclose(found["cutoff"] / found["cutoff_benchmark"], firm_margins(solution)[1], rtol=1e-9)


def test_trade_costs_are_those_written_by_hand() -> None:
    world = make_world({
        "countries": ["A", "B", "C"], "sectors": ["goods"], "endowment": {"A": 50, "*": 100}, "entry_cost": 0.5, "home_fixed_cost": 1.0,
        "fixed_cost": 1.3, "iceberg": {"A": {"B": float("inf"), "*": 1.5}, "*": 1.4},
    })  # fmt: skip
    table = trade_costs_table(solved(world, melitz(SIGMA, K), iceberg=abroad(world, 0.9))).set_index(["exporter", "importer", "sector"])
    assert list(table.columns) == ["iceberg", "fixed_cost", "cutoff"]
    assert len(table) == 8
    assert ("A", "B", "goods") not in table.index
    assert table.loc[("A", "C", "goods"), ["iceberg", "fixed_cost"]].tolist() == [1.5, 1.3]
    assert table.loc[("B", "B", "goods"), ["iceberg", "fixed_cost"]].tolist() == [1.0, 1.0]
    assert (table["cutoff"] > 1).all()


def test_cutoffs_below_the_bound_are_named() -> None:
    world = alike(2)
    solution = solved(world, melitz(SIGMA, K), fixed_cost=abroad(world, 0.1), iceberg=abroad(world, 0.6))
    (sentence,) = violations(solution)
    assert sentence in solution.warnings
    assert all(word in sentence for word in ("counterfactual", "lower bound", "exporter=C", "sector=goods"))
    assert violations(solved(world, melitz(SIGMA, K))) == ()


def test_other_models_have_no_cutoffs() -> None:
    benchmark = calibrate(open_economy(find("data", "mini")), intermediates=False)
    with pytest.raises(InputError, match="need melitz"):
        firm_levels(solve_hat(benchmark, krugman(5.0), Shock()))
