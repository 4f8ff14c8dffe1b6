"""A shock followed part by part: where a country's income ends on the way it is said, soon; and who is nearly nothing stays in sight."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import abroad, bilateral, dataset, solve, variants

from cge import Benchmark, Exponents, SolveError, armington, calibrate, change, krugman, make_economy, melitz, solve_hat
from cge.model.build import build
from cge.model.shock import Shock
from cge.model.system import start
from cge.solve.changes import percent
from cge.solve.follow import RUINED, between, follow
from cge.solve.newton import Solver
from cge.solve.units import units

SHIPPER = calibrate(make_economy(dataset(np.array([[[60, 20.0], [4, 2]], [[1, 40], [20, 3]]]))))
"""C1 pays C0 a transfer with what it ships in S1; exporter, importer, sector."""

PAYERS = calibrate(make_economy(dataset(np.array([[[1.4], [0.03], [0.7]], [[0.02], [0.4], [0.6]], [[0.2], [0.15], [9.6]]]))))
"""C0 and C1 pay C2 as much as they spend, nearly."""


def refused(benchmark: Benchmark, exponents: Exponents, **shock: Any) -> tuple[SolveError, int]:
    """The refusal of a shock, and the Newton steps it took."""
    steps: list[int] = []
    with pytest.raises(SolveError) as caught:
        solve_hat(benchmark, exponents, change(benchmark, **shock), report=lambda step, residual: steps.append(step))
    return caught.value, len(steps)


@pytest.mark.parametrize("elasticity", [2.0, 8.0, 20.0, 60.0])
def test_closing_the_trade_that_pays_a_transfer_ruins_the_payer(elasticity: float) -> None:
    """All that C1 ships in S0 is a fortieth of what it owes. Goods of S1 that are close substitutes pay for it as long as any are let through."""
    cost = bilateral(SHIPPER, 1.0)
    cost.loc[{"sector": "S1", "exporter": "C1", "importer": "C0"}] = np.inf
    exponents = armington({"S0": 4.0, "S1": elasticity})
    error, steps = refused(SHIPPER, exponents, iceberg=cost)
    assert error.outcome.name == "no_equilibrium"
    assert "income of C1 falls towards zero" in error.outcome.sentence
    lowest = error.diagnosis["lowest_income"]
    assert isinstance(lowest, dict)
    assert lowest["income_over_benchmark"] < RUINED
    assert 'Use transfers = "zero" or "own_share"' in error.outcome.sentence
    assert steps < 150
    assert solve(SHIPPER, exponents, iceberg=cost, transfers="zero").residual < 1e-10


@pytest.mark.parametrize("part", [-0.01, 0.25, 0.999])
def test_a_flow_closes_as_its_cost_grows_without_bound(part: float) -> None:
    """A part of the way to a closed pair is an iceberg of one over what is left, and to one that opens of one over what is gone."""
    exponents = armington({"S0": 4.0, "S1": 9.0})
    closed, dear = bilateral(SHIPPER, 1.0), bilateral(SHIPPER, 1.0)
    pair = {"sector": "S1", "exporter": "C0", "importer": "C1"}
    closed.loc[pair], dear.loc[pair] = np.inf, 1 / (1 - part)
    base, target, between_them = (
        build(SHIPPER, exponents, change(SHIPPER, iceberg=cost)) for cost in (bilateral(SHIPPER, 1.0), closed, dear)
    )
    assert_allclose(between(base, target, part).foreign, between_them.foreign, rtol=1e-12)
    assert_allclose(between(target, base, min(1.0, 1 - part)).foreign, (base if part < 0 else between_them).foreign, rtol=1e-12)


@pytest.mark.parametrize("model", ["armington", "eaton_kortum", "krugman", "melitz", "external_economies"])
def test_the_end_of_an_income_is_found_soon(model: str) -> None:
    """Where one sector pays for all there is nothing to leave, and no short run in which to begin: less than 40 times what a solution takes."""
    exponents = variants(PAYERS.sectors)[model]
    error, steps = refused(PAYERS, exponents, iceberg=abroad(PAYERS, 4.0))
    assert error.outcome.name == "no_equilibrium"
    assert "income of C1 falls towards zero" in error.outcome.sentence
    assert steps < 250


@pytest.mark.parametrize("size", [1e-6, 1e-9, 1e-12])
@pytest.mark.parametrize("exponents", [krugman(4.0), melitz(4.0, 5.0)], ids=["krugman", "melitz"])
def test_the_only_seller_of_a_market_that_is_nearly_nothing_is_followed(exponents: Exponents, size: float) -> None:
    """C2 buys its iron from itself alone, next to none: its producer cannot leave, and could become as large as any."""
    flow = np.array([[[60, 20.0], [20, 5], [20, 0]], [[15, 6], [90, 30], [10, 0]], [[18, 0], [12, 1e-3 * size], [70, size]]])
    b = calibrate(make_economy(dataset(flow)))
    shock = change(b, tariff=abroad(b, 0.3, 0.0))
    base, target = build(b, exponents, Shock()), build(b, exponents, shock)
    unit = units(target)
    solver = Solver(unit.of(target))
    point, reached, _ = follow(solver, unit.of(base), solver.system, unit.counted(start(target)), 1e-11)
    assert reached == 1
    assert solver.iterations < 60
    entry = unit.inverse.counted(point.u).entry
    assert 0 < entry[1, 2] < 1e3
    assert_allclose(entry, solve_hat(b, exponents, shock).data.entry.fillna(0.0), rtol=1e-8)


def test_no_rule_for_transfers_is_advised_where_it_was_used() -> None:
    """Under `own_share` the mean share moves with incomes, and takes all that C1 earns, which pays 31 of 34 away in the data."""
    b = calibrate(make_economy(dataset(np.array([[[10.0], [1], [4]], [[30], [1], [3]], [[4], [1], [20]]]))))
    cost = bilateral(b, 1.0)
    cost.loc[{"exporter": "C1", "importer": ["C0", "C2"]}] = 3.0
    error, _ = refused(b, armington(4.0), iceberg=cost, transfers="own_share")
    assert "income of C1 falls towards zero" in error.outcome.sentence
    assert 'Use transfers = "zero", or a smaller shock.' in error.outcome.sentence


def test_a_part_of_the_way_is_never_rounded_up_to_the_whole() -> None:
    assert [percent(part) for part in (0.0, 0.5, 0.9264, 0.99999)] == ["0.0%", "50.0%", "92.6%", "99.9%"]
