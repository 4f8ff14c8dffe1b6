"""The engine in changes against derivations that share no code with it: worlds of firms in levels, and convex programs at corners.

Firms: `primitives` solves a world before and after a change of primitives; an economy recorded from the first and shocked must give the ratio.
Corners: given wages and spending, the allocation of entry in a sector without tariffs is an Eisenberg–Gale program.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import primitives
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from primitives import Equilibrium, World, random_world
from scipy.optimize import minimize
from worlds import Array, abroad, bilateral, by_country, drawn, from_primitives, same, solve

from cge import Benchmark, Exponents, Solution, calibrate, krugman, melitz
from cge.model.shock import RATES

# --- firms -------------------------------------------------------------------------------------------------------------------------------

WORLDS = {
    "one factor": random_world(np.random.default_rng(1), 3, 2),
    "two factors": random_world(np.random.default_rng(4), 3, 2, F=2),
    "inputs": random_world(np.random.default_rng(5), 3, 2, inputs=True),
    "two factors and inputs": random_world(np.random.default_rng(2), 3, 2, F=2, inputs=True),
}
WORLDS["export taxes"] = replace(
    WORLDS["two factors and inputs"],
    export_tax=np.random.default_rng(6).uniform(0, 0.1, (3, 3, 2)) * ~np.eye(3, dtype=bool)[..., None],
)
LEVELS = {"melitz": primitives.melitz, "krugman": primitives.krugman}


def exponents(model: str, world: World) -> Exponents:
    """The variant with a world's own elasticities."""
    sectors = [f"S{s}" for s in range(world.sigma.size)]
    sigma, k = (dict(zip(sectors, values.tolist(), strict=True)) for values in (world.sigma, world.k))
    return krugman(sigma) if model == "krugman" else melitz(sigma, k)


def tariffs(rng: np.random.Generator, world: World) -> dict[str, Array]:
    """New rates, some lower and some higher."""
    return {"tariff": world.tariff * rng.uniform(0.5, 1.5, world.tariff.shape)}


def factors(name: str, spread: float) -> Callable[[np.random.Generator, World], dict[str, Array]]:
    """A change in proportion of one primitive."""
    return lambda rng, world: {name: getattr(world, name) * rng.lognormal(0, spread, getattr(world, name).shape)}


def export_taxes(rng: np.random.Generator, world: World) -> dict[str, Array]:
    """New rates of exporters."""
    return {"export_tax": rng.uniform(0, 0.15, world.tariff.shape) * ~np.eye(len(world.tariff), dtype=bool)[..., None]}


SHOCKS = {
    "tariff": tariffs,
    "export_tax": export_taxes,
    "iceberg": factors("iceberg", 0.03),
    "fixed_cost": factors("fixed_cost", 0.1),
    "productivity": factors("lower_bound", 0.01),
    "endowment": factors("endowment", 0.05),
}
WORD = {"lower_bound": "productivity"}


def in_changes(data: Benchmark, before: World, after: dict[str, Array]) -> dict[str, xr.DataArray]:
    """New primitives as the arguments of `change`."""
    shock = {}
    for name, new in after.items():
        value = (new if name in RATES else new / getattr(before, name)).transpose()  # [sector or factor, …], importer before exporter
        labelled = (
            bilateral(data, value.transpose(0, 2, 1))
            if value.ndim == 3
            else by_country(data, "factor" if name == "endowment" else "sector", value)
        )
        shock[WORD.get(name, name)] = labelled
    return shock


@dataclass(frozen=True)
class Pair:
    """The same change seen by both: `old` and `new` in levels, the solution in changes, and the unit of money of the first in the second."""

    world: World
    old: Equilibrium
    new: Equilibrium
    solution: Solution
    unit: float


def pair(model: str, kind: str, *names: str) -> Pair:
    """A world before and after; transfers are fixed in the engine's numeraire, world factor income with endowments at benchmark prices."""
    world, rng = WORLDS[kind], np.random.default_rng(3)
    old = LEVELS[model](world)
    data = calibrate(from_primitives(world, old))
    after = {key: value for name in names for key, value in SHOCKS[name](rng, world).items()}
    endowment = after.get("endowment", world.endowment)
    unit = float((old.factor_price * endowment).sum() / endowment.sum())
    new = LEVELS[model](replace(world, **after, transfer=world.transfer / unit))
    return Pair(world, old, new, solve(data, exponents(model, world), **in_changes(data, world, after)), unit)


CASES = [
    (model, kind, (shock,))
    for model in LEVELS
    for kind in ("one factor", "two factors and inputs")
    for shock in SHOCKS
    if (model, shock) != ("krugman", "fixed_cost")
] + [(model, kind, ("tariff", "export_tax", "iceberg", "productivity", "endowment")) for model in LEVELS for kind in WORLDS]


@pytest.mark.parametrize(("model", "kind", "shocks"), CASES, ids=[f"{m}, {k}, {' '.join(s)}" for m, k, s in CASES])
def test_changes_are_ratios_of_levels(model: str, kind: str, shocks: tuple[str, ...]) -> None:
    """Welfare, factor prices, prices, unit costs, entrants and flows."""
    p = pair(model, kind, *shocks)
    d, old, new = p.solution.data, p.old, p.new

    def hat(name: str) -> Array:
        return np.asarray(getattr(new, name) / getattr(old, name)).T

    assert float(abs(d.real_income - 1).max()) > 1e-4
    assert_allclose(d.real_income, new.welfare / old.welfare, rtol=1e-8)
    assert_allclose(d.factor_price, p.unit * hat("factor_price"), rtol=1e-8)
    assert_allclose(d.price_index, p.unit * hat("price"), rtol=1e-8)
    assert_allclose(d.unit_cost, p.unit * hat("unit_cost"), rtol=1e-8)
    assert_allclose(d.entry, hat("entrants"), rtol=1e-8)
    assert_allclose(d.flow.transpose("exporter", "importer", "sector"), p.unit * new.flow, rtol=1e-8)
    assert_allclose(d.income, p.unit * new.income, rtol=1e-8)


@pytest.mark.parametrize("kind", WORLDS)
def test_extensive_margin(kind: str) -> None:
    """N̂ = change in flow/(ĉ f̂) and φ̂* = Â (M̂/N̂)^(1/k): exporters and cutoffs of every flow follow from a solution."""
    p = pair("melitz", kind, "tariff", "iceberg", "fixed_cost", "productivity")
    d, shock = p.solution.data, p.solution.shock
    dims = ("exporter", "importer", "sector")
    cost, entry, productivity = (array.rename(country="exporter") for array in (d.unit_cost, d.entry, shock.productivity))
    exporters = d.flow / d.flow_benchmark / (cost * shock.fixed_cost)
    cutoff = productivity * (entry / exporters) ** (1 / xr.DataArray(p.world.k, dims="sector"))
    assert_allclose(exporters.transpose(*dims), p.new.exporters / p.old.exporters, rtol=1e-8)
    assert p.old.cutoff is not None
    assert p.new.cutoff is not None
    assert_allclose(cutoff.transpose(*dims), p.new.cutoff / p.old.cutoff, rtol=1e-8)


# --- corners -----------------------------------------------------------------------------------------------------------------------------

CORNERS = {
    "krugman": krugman(5.0),
    "melitz": melitz(3.5, 4.0),
    "krugman by sector": krugman({"S0": 3.0, "S1": 6.0, "S2": 9.0, "S3": 5.0}),
}


def cornered(model: str) -> Solution:
    """A world without tariffs in which a fall in trade costs empties cells."""
    world = drawn(41, 5, 4, tariffs=False)
    solution = solve(world, CORNERS[model], iceberg=abroad(world, np.random.default_rng(6).lognormal(-0.2, 0.1, (4, 5, 5))))
    assert solution.corners["emptied"] > 2
    return solution


def offers(solution: Solution) -> Array:
    """What a unit of entry adds to the trade weight of each market [sector, exporter, importer]: λ τ̂^−trade ĉ^−cost."""
    e, b = solution.exponents.on(solution.benchmark.sectors), solution.benchmark.data
    iceberg = np.ones(b.flow.shape) if solution.shock.iceberg is None else solution.shock.iceberg.values
    cost = solution.data.unit_cost.values[:, :, None]
    return np.asarray(b.trade_share.values * iceberg ** -e["trade"][:, None, None] * cost ** -e["cost"][:, None, None])


@pytest.mark.parametrize("model", CORNERS)
def test_complementarity_cell_by_cell(model: str) -> None:
    """Entry is not negative, profit not positive, and one of the two is zero; a cell that would profit is never left empty."""
    solution = cornered(model)
    d, offer = solution.data, offers(solution)
    demand = d.spending.values / np.einsum("si,sin->sn", d.entry.values, offer)
    revenue = np.einsum("sin,sn->si", offer, demand)  # per unit of entry: the limit of R'/Ŝ where entry is zero
    profit = revenue - d.unit_cost.values * d.sales_benchmark.values
    size = d.sales_benchmark.values.max()
    empty = d.entry.values == 0
    assert d.entry.min() >= 0
    assert_allclose(profit[~empty], 0, atol=1e-9 * size)
    assert (profit[empty] < -1e-6 * size).all()
    assert_allclose(d.sales, d.entry * d.sales_benchmark * d.unit_cost, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("model", CORNERS)
def test_entry_solves_a_convex_program(model: str) -> None:
    """Eisenberg–Gale: given ĉ and X', entry maximises Σ_n X'_n ln Σ_i offer_in Ŝ_i − Σ_i ĉ_i R_i Ŝ_i over Ŝ ≥ 0, sector by sector."""
    solution = cornered(model)
    d = solution.data
    for sector, offer in enumerate(offers(solution)):
        spending = d.spending.values[sector] / d.spending.values[sector].sum()
        cost = (d.unit_cost * d.sales_benchmark).values[sector] / d.spending.values[sector].sum()

        def loss(entry: Array, offer: Array = offer, spending: Array = spending, cost: Array = cost) -> tuple[float, Array]:
            weight = entry @ offer
            return float(cost @ entry - spending @ np.log(weight)), cost - offer @ (spending / weight)

        best = minimize(
            loss, np.ones(len(cost)), jac=True, method="SLSQP", bounds=[(0, None)] * len(cost), options={"ftol": 1e-16, "maxiter": 500}
        )
        found = d.entry.values[sector]
        assert loss(found)[0] <= best.fun + 1e-13
        assert_allclose(found, best.x, atol=2e-5)
        assert ((best.x < 1e-6) == (found == 0)).all()


def test_an_emptied_cell_comes_back() -> None:
    """From a baseline in which cells are empty to the data: the product form Ŝ ĉ R = R' would keep them empty."""
    world = drawn(41, 5, 4, tariffs=False)
    there = cornered("krugman")
    back = solve(world, CORNERS["krugman"], baseline=there.shock)
    assert back.corners["refilled"] == there.corners["emptied"]
    assert_array_equal(np.isnan(back.data.entry), there.data.entry == 0)  # no change in percent from nothing
    same(back.data.rename(flow="now"), xr.Dataset({"now": world.data.flow}), "now", rtol=1e-8)
    assert_allclose(back.data.real_income * there.data.real_income, 1, rtol=1e-9)
