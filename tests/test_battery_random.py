"""Random worlds: none is answered wrongly, none is refused without proof, none takes long; and the equations written anew are not blind."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import xarray as xr
from battery_random import COUNT, PART, TOLERANCE, faults, run
from quantities import World

from cge import solve_hat


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, COUNT, PART))
def test_random_worlds_solve_or_are_refused_with_proof(first: int) -> None:
    found = faults(run(seed) for seed in range(first, first + PART))
    assert not any(found.values()), found


def test_some_random_worlds_solve_or_are_refused_with_proof() -> None:
    found = faults(run(seed) for seed in range(COUNT, COUNT + 40))
    assert not any(found.values()), found


KNOWN = {
    467: ("solved", ""),  # transfers of 1e-8 removed beside producers of 1e-10
    1067: ("solved", ""),  # transfers of 1e-13 removed beside a producer of 1e-14
    1489: ("fold", "two branches meet"),  # while transfers are removed, from a benchmark that is not stable
    1805: ("fold", "two branches meet"),  # at the benchmark itself
    2282: ("fold", "two branches meet"),
    3236: ("no_equilibrium", "income falls to zero"),
    4314: ("no_equilibrium", "income falls to zero"),  # in the short run too
    5208: ("no_equilibrium", "income falls to zero"),  # closed to goods of which the last millionth would pay
    6925: ("solved", ""),  # a producer of 1e-15 is the only one to sell to markets of 1e-15
    9136: ("solved", ""),  # a scale of 0.9987, under which an industry shrinks to less than the smallest number
}
"""Worlds that were refused without a proof, or took long."""


@pytest.mark.parametrize("seed", KNOWN)
def test_worlds_that_were_refused_solve_or_say_why(seed: int) -> None:
    row = run(seed)
    assert (row.outcome, row.reason) == KNOWN[seed], row
    assert row.steps < 400
    assert row.residual <= TOLERANCE


# --- equations written anew -------------------------------------------------------------------------------------------------------------


@cache
def solved(variant: str) -> tuple[World, xr.Dataset]:
    """The first random world of a variant with several sectors, and what its solution reports."""
    worlds = (World(seed) for seed in range(COUNT))
    world = next(w for w in worlds if w.parameters["model"] == variant and w.quantities.flow.shape[2] > 2 and w.rule == "fixed")
    return world, solve_hat(world.benchmark, world.exponents, world.shock).data


@pytest.mark.parametrize(
    "name", ["flow", "spending", "sales", "income", "transfer", "factor_price", "unit_cost", "price_index", "real_income"]
)
@pytest.mark.parametrize("variant", ["eaton_kortum", "krugman", "melitz"])
def test_a_wrong_number_is_seen(variant: str, name: str) -> None:
    """Every reported variable moved by a millionth, in its largest cell."""
    world, data = solved(variant)
    assert world.anew(data)[0] <= TOLERANCE
    values = data[name].values.copy()
    values[np.unravel_index(np.nanargmax(np.abs(values)), values.shape)] *= 1 + 1e-6
    assert world.anew(data.assign({name: data[name].copy(data=values)}))[0] > TOLERANCE


@pytest.mark.parametrize("variant", ["krugman", "melitz", "external_economies"])
def test_an_empty_cell_that_could_earn_a_profit_is_seen(variant: str) -> None:
    """The product form of entry has a root in which a producer that would earn a profit does not exist: nothing else is out of balance there."""
    world, data = solved(variant)
    sales = data.sales.values
    sector, country = np.unravel_index(np.argmax(np.where(sales < np.quantile(sales, 0.5), sales, 0.0)), sales.shape)
    where = {"sector": data.sector[sector], "exporter": data.exporter[country]}
    flow = data.flow.copy()
    flow.loc[where] = 0.0
    empty = data.sales.copy()
    empty.loc[{"sector": data.sector[sector], "country": data.country[country]}] = 0.0
    assert world.anew(data.assign(flow=flow, sales=empty))[0] > 1e-4
