"""Quadratic demand against numbers computed independently: the worked cases of market size and variable mark-ups."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from quadratic_cases import CASES
from scipy import stats
from validation import Cell, Validate
from worked import Table, compare, rounded

from cge.firms import (
    QuadraticEconomy,
    QuadraticEquilibrium,
    best_tariff,
    from_scipy,
    liberalisation_paths,
    log_normal,
    pareto,
    pareto_equilibrium,
    quadratic_equilibrium,
    quadratic_firm,
    quadratic_flows,
    quadratic_planner,
    quadratic_table,
)

Array = npt.NDArray[np.float64]
Number = Callable[[QuadraticEconomy, QuadraticEquilibrium], npt.ArrayLike]

DEMAND: dict[str, Any] = {"alpha": 2.5, "gamma": 1.0, "eta": 3.0}
P = pareto(4.0, 0.5)


ROWS = {"cutoff": "cutoff c_D", "entrants": "entrants N_E", "sellers": "varieties on sale N", "survival": "survival G(c_D)"}
"""What rows are called on the page, where the word means productivities elsewhere."""


def met(
    validate: Validate, case: str, columns: Sequence[str], published: Table, found: Table, within: Mapping[Cell, float] | None = None
) -> None:
    """A table of a worked case, met to its ten digits, or within what is given for a cell."""
    tables = [{ROWS.get(row, row): values for row, values in table.items()} for table in (published, found)]
    compare(validate, f"Mark-ups, {case}", columns, *tables, rounded(columns, tables[0]) | (within or {}))


def world(productivity: Any = P, **primitives: Any) -> QuadraticEconomy:
    return QuadraticEconomy(productivity, **(DEMAND | {"entry_cost": 1.0} | primitives))


WORLDS = {
    "A2": world(labour=[100, 80, 60], iceberg=1.5),
    "A3a": world(
        [P, pareto(4.0, 1 / 1.9), pareto(4.0, 1 / 2.1)],
        labour=[100, 80, 120],
        entry_cost=[1, 1.2, 0.8],
        iceberg=[[1, 1.4, 1.6], [1.5, 1, 1.3], [1.7, 1.4, 1]],
    ),
    "A3b": world(
        [pareto(4.0, 1 / 1.5), log_normal(0.5, -0.3), from_scipy(stats.weibull_min(2.0, scale=0.9))],
        labour=[100, 120, 100],
        entry_cost=[1, 1.4, 1.2],
        iceberg=[[1, 1.5, 1.6], [1.5, 1, 1.5], [1.6, 1.5, 1]],
    ),
    "A4": world(labour=[120, 80, 25], iceberg=1.2),
    "A6a": world(labour=[100, 80], iceberg=1.3, tariff=[[0, 0.2], [0.1, 0]]),
    "A6b": world(labour=[100, 80], iceberg=1.3, specific_tariff=[[0, 0.2], [0.1, 0]]),
    "A7": world(labour=[100, 60], iceberg=1.2, alpha=3.0, eta=2.2),
}
LADDER = world([P, pareto(4.0, 1 / 1.8)], labour=[100, 80], iceberg=[[1, 1.4], [1.5, 1]], ladder=[0.7, 0.6])


def column(name: str) -> Number:
    return lambda e, found: quadratic_table(e, found)[name].to_numpy()


def shares(market: int) -> Number:
    return lambda e, found: quadratic_flows(e, found)["trade_share"].to_numpy().reshape(len(e.names), -1)[market - 1]


def outside_consumption(e: QuadraticEconomy, found: QuadraticEquilibrium) -> Array:
    return found.income - found.spending


NUMBERS: dict[str, Number] = {
    "outside consumption": outside_consumption,
    "mean relative markup": column("relative_markup"),
    **{f"share of origins in market {n}": shares(n) for n in (1, 2, 3)},
}
"""Rows of the worked cases that are called otherwise here."""


def rows(e: QuadraticEconomy, found: QuadraticEquilibrium, names: Mapping[str, object]) -> dict[str, npt.ArrayLike]:
    return {name: NUMBERS.get(name, column(name.replace(" ", "_")))(e, found) for name in names}


@pytest.mark.parametrize("case", WORLDS)
def test_many_countries(case: str, validate: Validate) -> None:
    e = WORLDS[case]
    found = quadratic_equilibrium(e)
    _, columns, published = CASES[case][0]
    met(validate, f"{case}. Quadratic demand", columns, published, rows(e, found, published))


def test_closed_economies(validate: Validate) -> None:
    unlike = log_normal(0.5, -0.3)
    closed = [
        world(labour=100), world(labour=200), world(pareto(4.0, 1 / 1.2), labour=100, entry_cost=3.0), world(unlike, labour=100),
        world(unlike, labour=200),
    ]  # fmt: skip
    found = [quadratic_equilibrium(e) for e in closed]
    _, columns, published = CASES["A1"][0]
    got: dict[str, list[float]] = {name: [] for name in published}
    for e, one in zip(closed, found, strict=True):
        plan, firm = quadratic_planner(e), quadratic_firm(e, one, 0.5, "1").iloc[0]
        for name in published:
            kind, _, word = name.partition(": ")
            if kind == "planner":
                got[name].append(getattr(plan, word))
            elif kind == "firm of cost 0.5":
                got[name].append(float(firm[word]))
            else:
                got[name].append(float(np.ravel(rows(e, one, {name: ()})[name])[0]))
    met(validate, "A1. Closed economy", columns, published, got)


def test_the_two_linear_systems_are_wrong_at_a_corner(validate: Validate) -> None:
    """What (28) and its kin say where a country has no entrants; the package refuses to call it an equilibrium."""
    e = WORLDS["A4"]
    wrong = pareto_equilibrium(e)
    assert wrong.broken == ("Country 3 would have -10.52 entrants.",)
    welfare = 1 + (e.alpha - wrong.cutoff) * (e.alpha - 5 / 6 * wrong.cutoff) / (2 * e.eta)
    _, columns, published = CASES["A4"][1]
    got = {"cutoff (wrong)": wrong.cutoff, "entrants (wrong)": wrong.entrants, "welfare (wrong)": welfare}
    met(validate, "A4. The linear systems at a corner", columns, published, got)


def times(e: QuadraticEconomy, *pairs: tuple[int, int]) -> QuadraticEconomy:
    """Some iceberg costs times 0.9."""
    iceberg = e.iceberg.copy()
    for n, i in pairs:
        iceberg[n - 1, i - 1] *= 0.9
    return replace(e, iceberg=iceberg)


THREE = world(labour=[100, 100, 100], iceberg=1.5)
NEAR_AUTARKY = world(labour=[100, 100], iceberg=3.0, alpha=4.0, eta=8.0)
CHANGES = {
    "A5": (THREE, {
        "unilateral": times(THREE, (1, 2), (1, 3)), "preferential": times(THREE, (1, 2), (2, 1)),
        "multilateral": times(THREE, *[(n, i) for n in (1, 2, 3) for i in (1, 2, 3) if n != i]),
    }),
    "A5b": (NEAR_AUTARKY, {"unilateral": times(NEAR_AUTARKY, (1, 2))}),
}  # fmt: skip


@pytest.mark.parametrize("case", CHANGES)
def test_short_and_long_run(case: str, validate: Validate) -> None:
    e, changes = CHANGES[case]
    table = liberalisation_paths(e, changes)
    _, columns, published = CASES[case][0]
    got = {}
    for name in published:
        where, _, word = name.partition(": ")
        change, _, run = where.partition(", ")
        key = (next(iter(changes)), "base") if change == "base" else (change, run.split()[0])
        got[name] = table.loc[(table["change"] == key[0]) & (table["run"] == key[1]), word.replace(" ", "_")].to_numpy()
    met(validate, f"{case}. Short and long run", columns, published, got)


def test_unilateral_liberalisation_down_to_the_corner(validate: Validate) -> None:
    _, columns, published = CASES["A5c"][0]
    got = {}
    for name in published:
        tau = float(name.split("=")[1])
        found = quadratic_equilibrium(world(labour=[60, 100], iceberg=[[1, tau], [1.5, 1]]))
        got[name] = np.concatenate([found.cutoff, found.entrants, found.welfare])
    met(validate, "A5c. Unilateral liberalisation", columns, published, got)


@pytest.mark.parametrize("run", ["long run", "short run"])
def test_best_tariff(run: str, validate: Validate) -> None:
    """Tariffs are printed to seven or eight digits; entrants move with them, welfare does not."""
    e = world(labour=[100, 80], iceberg=1.3)
    free = quadratic_equilibrium(e)
    best = best_tariff(e, "1", entrants=free.entrants if run == "short run" else None, highest=1.5, steps=10)
    assert not best.kink
    _, columns, published = CASES["A6c"][0]
    got = {run: np.concatenate([[best.rate], best.equilibrium.welfare, best.equilibrium.entrants, free.welfare])}
    loose = {(run, "t_12"): 1e-8, (run, "U_2"): 1e-9, (run, "N_E1"): 1e-7, (run, "N_E2"): 1e-7}
    met(validate, "A6c. Best ad valorem tariff", columns, {run: published[run]}, got, loose)


@pytest.mark.parametrize("size", [80, 160])
def test_ladders_of_products(size: int, validate: Validate) -> None:
    e = replace(LADDER, labour=np.array([100.0, size]))
    found = quadratic_equilibrium(e)
    place = f"A8. Multi-product firms, L_2 = {size}"
    countries, origins, markets = CASES["A8"][:3] if size == 80 else CASES["A8"][3:]
    met(validate, place, countries[1], countries[2], rows(e, found, countries[2]))
    flows = quadratic_flows(e, found)
    names = {"firms of origin": "firms", "products per firm": "products_per_firm"}
    pairs = {row: flows.loc[flows["market"] == row[-1], names[row.partition(" in market ")[0]]].to_numpy() for row in origins[2]}
    met(validate, place, origins[1], origins[2], pairs)
    firm = quadratic_firm(e, found, 0.3, "1").rename(columns={"revenue": "sales"})
    met(validate, place, markets[1], markets[2], {row: firm[row.replace(" ", "_")].to_numpy(dtype=float) for row in markets[2]})
