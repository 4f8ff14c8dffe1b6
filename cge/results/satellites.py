"""Satellite accounts before and after: jobs, tonnes, energy by producer and by final buyer, and what leaks abroad."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.choices import MovesWith
from cge.data.satellite import Accounts, accounts, check_cells
from cge.model import equations as eq
from cge.model.shock import Shock
from cge.results.columns import membership
from cge.results.footprint import footprints
from cge.solve.equilibrium import Equilibrium
from cge.solve.solution import Solution

COLUMNS = ("producer_benchmark", "producer", "buyer_benchmark", "buyer")
"""Of satellites.csv and satellite_groups.csv behind `name` and `country`."""


def output(solution: Solution, found: Equilibrium, shock: Shock) -> Array:
    """Real output of an equilibrium over that of the data [sector, country]: R̂ over the seller's price, ĉ/Â, with external economies ĉ/(Â Ŝ^ψ)."""
    sold = found.values.sales > 0
    entry = np.where(sold & (found.unknowns.entry > 0), found.unknowns.entry, 1.0)
    returns = solution.exponents.returns_on(solution.benchmark.sectors)[:, None]
    log_price = eq.log_seller_price(found.values.log_unit_cost, np.log(shock.factor("productivity")), np.log(entry), returns)
    return np.where(sold, found.values.sales * np.exp(-log_price), 0.0) / _some(found.system.benchmark_sales)


def employment(solution: Solution, found: Equilibrium, shock: Shock) -> Array:
    """Factors at work in an equilibrium over those of the data, at prices of the data [sector, country]: Σ_f a_f R̂/ŵ_f over Σ_f a_f.

    Units of them, as `employment_pct` of sectors.csv, and not heads.
    """
    share = found.system.factor_share
    units = (share / np.exp(found.log_unit_price)).sum(axis=0) * found.values.sales
    return np.asarray(units / _some(share.sum(axis=0) * found.system.benchmark_sales))


def _some(values: Array) -> Array:
    """Values, one where there is nothing."""
    return np.where(values > 0, values, 1.0)


MOVES: dict[MovesWith, Callable[[Solution, Equilibrium, Shock], Array]] = {"output": output, "employment": employment}
"""What an account is in proportion to in a cell, over its value in the data."""


def satellites_table(solution: Solution, table: Accounts | pd.DataFrame) -> pd.DataFrame:
    """Accounts by country, the columns of satellites.csv: `name, country, producer_benchmark, producer, buyer_benchmark, buyer`.

    Amounts per unit of what they move with (`MOVES`) are those of the data in every cell; `_benchmark` is the equilibrium that changes are measured
    from. `producer` is what a country's producers use up; `buyer` what goes into that which its final buyers buy, wherever it was
    made (`cge.results.footprint`). Both add up to the same over countries. What final buyers use up themselves (fuel of households) is in neither.

    Args:
        table: accounts on the labels of the benchmark, or rows `country, sector, name, amount, moves_with`.

    Raises:
        DataError: faults of the rows (`cge.data.satellite.accounts`); an amount where there is no output or employment.
    """
    found = _placed(solution, table)
    stages = (solution.reference, solution.shock.reference), (solution.counterfactual, solution.shock)
    amounts = [np.asarray(sum(MOVES[kind](solution, *stage) * own for kind, own in found.amount.items())) for stage in stages]
    producers = [amount.sum(axis=1) for amount in amounts]
    buyers = [footprints(equilibrium, amount) for (equilibrium, _), amount in zip(stages, amounts, strict=True)]
    return _rows(found.names, solution.benchmark.countries, [*producers, *buyers])


def satellite_groups_table(table: pd.DataFrame, groups: Mapping[str, Sequence[str]]) -> pd.DataFrame:
    """Accounts of `World` and of groups, sums over their members, from those of countries, with the same columns."""
    names, countries = (list(dict.fromkeys(table[column])) for column in ("name", "country"))
    several = {"World": countries, **groups}
    members = membership(countries, several)
    return _rows(names, list(several), [table[column].to_numpy().reshape(len(names), -1) @ members.T for column in COLUMNS])


class Leak(NamedTuple):
    """An account of the world, and how far what falls at home rises abroad; amounts by producer.

    Attributes:
        name; world_benchmark, world: before and after; at_home, abroad: changes; leakage_pct: the change abroad over the fall at home, None where
            nothing falls at home or no country is abroad.
    """

    name: str
    world_benchmark: float
    world: float
    at_home: float
    abroad: float
    leakage_pct: float | None


def leakages(table: pd.DataFrame, home: Sequence[str]) -> list[Leak]:
    """What leaks abroad of each account.

    Args:
        table: of countries, as `satellites_table`; home: the countries that act.
    """
    found = []
    for name, rows in table.groupby("name", sort=False):
        before, after, inside = rows["producer_benchmark"], rows["producer"], rows["country"].isin(list(home))
        at_home, abroad = (float((after - before)[side].sum()) for side in (inside, ~inside))
        leakage = -100 * abroad / at_home if at_home < 0 and not inside.all() else None
        found.append(Leak(str(name), float(before.sum()), float(after.sum()), at_home, abroad, leakage))
    return found


def _placed(solution: Solution, table: Accounts | pd.DataFrame) -> Accounts:
    """Accounts on the labels of a solution, none of which has nothing to move with."""
    benchmark = solution.benchmark
    cells = benchmark.arrays["sales"], benchmark.arrays["factor_share"].sum(axis=0)
    if isinstance(table, Accounts):
        found = table
        check_cells(found, *cells, benchmark.countries, benchmark.sectors)
    else:
        found = accounts(table, benchmark.countries, benchmark.sectors, "satellite", *cells)
    return found


def _rows(names: Sequence[str], labels: Sequence[str], blocks: Sequence[Array]) -> pd.DataFrame:
    """A table of arrays [name, label], account by account."""
    left = {"name": np.repeat(np.array(names, dtype=object), len(labels)), "country": np.tile(np.array(labels, dtype=object), len(names))}
    return pd.DataFrame({**left, **{column: block.ravel() for column, block in zip(COLUMNS, blocks, strict=True)}})
