"""A case: what a run file asks for, ready to be solved, and what was read in sentences."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from cge.data.economy import Economy, place
from cge.data.sources import account
from cge.model.benchmark import Benchmark, NegativeFinalDemand
from cge.model.exponents import Exponents
from cge.model.new_tariffs import new_tariffs
from cge.model.parameters import Parameters
from cge.model.shock import SHOCK_DIMS, Shock, TransferRule
from cge.model.technology import Levels
from cge.runfile.keys import Model
from cge.solve.counterfactual import Unstable


@dataclass(frozen=True, eq=False)
class Case:
    """What a run file asks for, ready to be solved.

    Attributes:
        path, text, title: of the run file. model, transfers, intermediates, method, tolerance, negative_final_demand, unstable, scale, flows,
            firms: its keys, defaults filled in.
        economy, benchmark, exponents, shock: arguments of the solvers; the shock of a `baseline` file is in `shock.baseline`.
        parameters: elasticities as given, on the economy's sectors, from which other models can be made; elasticity_source: in words.
        groups, sector_groups: labels of each group, in the economy's order.
        unused: sentences on keys that the model does not use. inputs: SHA-256 of every file read, by the name it was given.
        technology: primitives and their equilibrium, from which the economy was made; None where it was observed.
        sweep, compare: raw tables for these commands. table: the whole file as a table.
    """

    path: Path
    text: str
    title: str
    model: Model
    transfers: TransferRule
    intermediates: bool
    method: Literal["hat", "levels"]
    tolerance: float
    negative_final_demand: NegativeFinalDemand
    unstable: Unstable
    scale: float | None
    flows: Literal["csv", "netcdf", "none"]
    firms: bool
    economy: Economy
    benchmark: Benchmark
    exponents: Exponents
    shock: Shock
    parameters: Parameters
    elasticity_source: str
    groups: dict[str, list[str]] = field(default_factory=dict)
    sector_groups: dict[str, list[str]] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    technology: Levels | None = None
    sweep: dict[str, Any] = field(default_factory=dict)
    compare: list[dict[str, Any]] = field(default_factory=list)
    table: dict[str, Any] = field(default_factory=dict)


def describe(case: Case) -> list[str]:
    """What was read, in sentences: the economy with its zeros, imbalance and tariffs, what the run changes, what it does not use."""
    b = case.benchmark
    sizes = f"{_count(len(b.countries), 'country', 'countries')}, {_count(len(b.sectors), 'sector')}"
    factors_named = f"{_count(len(b.factors), 'factor')} ({', '.join(b.factors)})"
    about = [str(b.attrs[key]) for key in ("year", "unit") if b.attrs.get(key)]
    links = "Input-output links are kept." if case.intermediates else "Input-output links are ignored (intermediates = false)."
    return [
        f"{b.attrs.get('title', case.economy.origin)}: {sizes}, {'; '.join([factors_named, *about])}.",
        *(f"Treated when imported: {entry}" for entry in account(case.economy)),
        links,
        _zeros(case),
        _final_demand(case),
        _transfers(case),
        _tariffs(case),
        f"Model {case.model}, elasticities: {case.elasticity_source}.",
        _changes(case),
        *new_tariffs(case.benchmark, case.shock),
        *case.unused,
    ]


def _count(number: int, one: str, many: str | None = None) -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def _zeros(case: Case) -> str:
    flow, sales, spending = (case.benchmark.data[name].values for name in ("flow", "sales", "spending"))
    home = np.diagonal(flow, axis1=1, axis2=2)
    return (
        f"Zeros: {np.mean(flow == 0):.1%} of flows; {_count(int((sales == 0).sum()), 'country-sector')} without sales, "
        f"{((home == 0) & (sales > 0)).sum()} that sell abroad only, {(spending == 0).sum()} without spending."
    )


def _final_demand(case: Case) -> str:
    count = case.benchmark.negative_final_demand
    if not count:
        return "Final demand is nowhere negative."
    cells = _count(count, "country-sector")
    return f"Final demand was negative in {cells} and is zero there; changes are measured from the equilibrium that follows."


def _transfers(case: Case) -> str:
    transfer = case.benchmark.data["transfer"].values
    income = case.benchmark.data["factor_income"].sum("factor").values
    if not transfer.any():
        return "Every country's trade is balanced."
    largest = int(np.abs(transfer / income).argmax())
    return (
        f"Transfers (trade deficits): half their absolute sum is {np.abs(transfer).sum() / 2 / income.sum():.2%} of world factor income; "
        f"the largest is {case.benchmark.countries[largest]}, {transfer[largest] / income[largest]:.1%} of its own. Rule: {case.transfers}."
    )


def _tariffs(case: Case) -> str:
    rate, flow = case.benchmark.data["tariff"], case.benchmark.data["flow"].values
    if not rate.values.any():
        return "No tariffs in the data."
    imports = flow.sum() - np.trace(flow, axis1=1, axis2=2).sum()
    mean, top = (rate.values * flow).sum() / imports, rate.values.max()
    return f"Tariffs in the data: {mean:.2%} of imports on average, {top:.1%} at most ({place(rate, rate.values == top)})."


def _changes(case: Case) -> str:
    """What the shock moves, by table, with the number of cells."""
    data, parts = case.benchmark.data, []
    for table in SHOCK_DIMS:
        array = getattr(case.shock, table)
        if array is not None:
            moved = int((array.values != (data["tariff"].values if table == "tariff" else 1.0)).sum())
            parts.append(f"{table.replace('_', ' ')} in {_count(moved, 'cell')}")
    measured = " Changes are measured from the baseline." if case.shock.baseline is not None else ""
    return f"Changes: {', '.join(parts) or 'none'}.{measured}"
