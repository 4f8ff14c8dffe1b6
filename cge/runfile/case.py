"""A case: what a run file asks for, with what was read, and in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from cge.data.economy import Economy, place
from cge.data.labels import Labelled
from cge.data.satellite import Accounts, told
from cge.data.text import counted
from cge.model.benchmark import Benchmark, NegativeFinalDemand
from cge.model.exponents import Exponents
from cge.model.new_rates import new_rates, rates_of_data
from cge.model.parameters import Parameters
from cge.model.shock import RATES, SHOCK_DIMS, Shock
from cge.model.technology import Levels
from cge.model.transfers import Transfers
from cge.model.variants import Model
from cge.model.workers import Mobility, Workers
from cge.runfile.ground import rates
from cge.runfile.reading import Cache
from cge.solve.asked import Unstable
from cge.solve.levels.world import World

Policy = tuple[str, Mapping[str, Any]]
"""An entry of a shock table as it is written, behind the name of the table."""


@dataclass(frozen=True, eq=False)
class Start:
    """What a counterfactual starts from.

    Attributes:
        economy: values; benchmark: their shares.
        levels: primitives and their equilibrium, of which the economy is the record; None where it was observed.
    """

    economy: Economy
    benchmark: Benchmark
    levels: Levels | None = None

    @property
    def linked(self) -> bool:
        """Whether producers of the economy buy inputs, also where these are left out of the benchmark."""
        return self.economy.linked


@dataclass(frozen=True, eq=False)
class Case:
    """What a run file asks for.

    Attributes:
        path, text, title: of the run file. model, transfers, intermediates, method, tolerance, negative_final_demand, unstable, scale, flows,
            firms, mobility, inequality_aversion: its keys, defaults filled in.
        start: the observed economy and its benchmark; or a world written by hand, whose benchmark `cge.questions.solve.ready` solves.
        exponents, shock: arguments of the solvers; the shock of a `baseline` file is in `shock.baseline`.
        parameters: elasticities as given, on the economy's sectors, from which other models can be made; elasticity_source: in words.
        estimates: the published set of elasticities on these sectors (`cge.data.elasticities.match`); None where none is named.
        groups, sector_groups: labels of each group, in the economy's order.
        accounts: satellite accounts on the economy's labels; None where none are named.
        unused: sentences on keys that the model does not use. inputs: SHA-256 of every file read, by the name it was given.
        policies: entries of the shock tables that are in force, as they are written, those of `on_top_of` first; stacked: whether there is such a
            file. ended: sentences on policies of a `baseline` that are not among them.
        sweep, policy, compare, scenario: raw tables for these commands. named: the scenario of the file that this is, empty for the file's own.
        imposed: keys in which its baselines follow it. table: the whole file as a table. cache: what was read, for files that name the same.
    """

    path: Path
    text: str
    title: str
    model: Model
    transfers: Transfers
    intermediates: bool
    method: Literal["hat", "levels"]
    tolerance: float
    negative_final_demand: NegativeFinalDemand
    unstable: Unstable
    scale: float | None
    flows: Literal["csv", "netcdf", "none"]
    firms: bool
    start: Start | World
    exponents: Exponents
    shock: Shock
    parameters: Parameters
    elasticity_source: str
    estimates: pd.DataFrame | None = None
    mobility: Mobility | None = None
    inequality_aversion: float = 1.0
    groups: dict[str, list[str]] = field(default_factory=dict)
    sector_groups: dict[str, list[str]] = field(default_factory=dict)
    accounts: Accounts | None = None
    unused: tuple[str, ...] = ()
    inputs: dict[str, str] = field(default_factory=dict)
    policies: tuple[Policy, ...] = ()
    stacked: bool = False
    ended: tuple[str, ...] = ()
    sweep: dict[str, Any] = field(default_factory=dict)
    policy: dict[str, Any] = field(default_factory=dict)
    compare: list[dict[str, Any]] = field(default_factory=list)
    scenario: list[dict[str, Any]] = field(default_factory=list)
    named: str = ""
    imposed: Mapping[str, Any] = field(default_factory=dict)
    table: dict[str, Any] = field(default_factory=dict)
    cache: Cache = field(default_factory=Cache, repr=False)

    @property
    def economy(self) -> Economy:
        """Values; `ValueError` where the benchmark of a technology is not solved yet."""
        return self._solved.economy

    @property
    def benchmark(self) -> Benchmark:
        """Shares of the economy; `ValueError` where the benchmark of a technology is not solved yet."""
        return self._solved.benchmark

    @property
    def levels(self) -> Levels | None:
        """Primitives and their equilibrium of a technology whose benchmark is solved; None where the economy was observed."""
        return self._solved.levels

    @property
    def _solved(self) -> Start:
        if isinstance(self.start, World):
            raise ValueError(f"{self.start.origin}: the benchmark of a technology is solved first: case = cge.questions.solve.ready(case).")
        return self.start

    @property
    def linked(self) -> bool:
        """Whether input-output links enter the solution: there are some, and the run file keeps them."""
        return self.intermediates and self.start.linked

    @property
    def _labels(self) -> Labelled:
        return self.start if isinstance(self.start, World) else self.start.economy

    @property
    def countries(self) -> list[str]:
        """Country labels."""
        return self._labels.countries

    @property
    def sectors(self) -> list[str]:
        """Sector labels."""
        return self._labels.sectors

    @property
    def factors(self) -> list[str]:
        """Factor labels."""
        return self._labels.factors

    @property
    def attrs(self) -> dict[str, object]:
        """Title, source, unit and the like, of the economy or technology."""
        return dict(self.start.attrs if isinstance(self.start, World) else self.start.benchmark.attrs)

    @property
    def economy_title(self) -> str:
        """What the economy or technology calls itself, or where it came from."""
        origin = self.start.origin if isinstance(self.start, World) else self.start.economy.origin
        return str(self.attrs.get("title", origin))


def describe(case: Case, scenarios: Iterable[Case] = ()) -> list[str]:
    """What was read, in sentences: the economy with its zeros, imbalance and tariffs, or the technology; what changes, what is not used.

    Args:
        scenarios: of the run file, each with what changes under it.
    """
    sizes = f"{counted(len(case.countries), 'country', 'countries')}, {counted(len(case.sectors), 'sector')}"
    factors_named = f"{counted(len(case.factors), 'factor')} ({', '.join(case.factors)})"
    about = [str(case.attrs[key]) for key in ("year", "unit") if case.attrs.get(key)]
    return [
        f"{case.economy_title}: {sizes}, {'; '.join([factors_named, *about])}.",
        *(_of_world(case.start) if isinstance(case.start, World) else _of_economy(case)),
        *([] if case.accounts is None else told(case.accounts)),
        f"Model {case.model}, elasticities: {case.elasticity_source}.",
        *_workers(case),
        *_changes(case),
        *case.ended,
        *case.unused,
        *(
            line
            for one in scenarios
            for line in (f"Scenario {one.named}:", *_changes(one), *(x for x in one.unused if x not in case.unused))
        ),
    ]


def _workers(case: Case) -> list[str]:
    """Who moves between sectors, and how easily; nothing where nothing is said of it."""
    if isinstance(case.start, World):
        return [] if case.mobility is None else ["Workers move between sectors with a finite elasticity; every factor is one group."]
    who = case.start.benchmark.workers
    return [] if who is None else [f"Workers: {'; '.join(_of_factor(who, f, name) for f, name in enumerate(case.factors))}."]


def _of_factor(who: Workers, place: int, name: str) -> str:
    """The groups of a factor with their κ."""
    groups = who.of(place)
    kappas = sorted({float(who.kappa[g]) for g in groups})
    count = "one group" if len(groups) == 1 else f"{len(groups)} groups"
    if np.isinf(kappas[0]):
        return f"{name} ({count}) is one pool"
    between = f"{kappas[0]:g}" if len(kappas) == 1 else f"{kappas[0]:g} to {kappas[-1]:g}"
    return f"{name} ({count}) moves between sectors with an elasticity of {between}"


def _read_in_files(shock: Shock, table: str) -> list[str]:
    """What files of factors were read as."""
    array = getattr(shock, table)
    return [] if array is None else str(array.attrs.get("account", "")).splitlines()


def _of_economy(case: Case) -> list[str]:
    from cge.data.sources import account

    treated = [f"Treated when imported: {entry}" for entry in account(case.economy)]
    attrs = case.economy.data.attrs
    rounded = [str(attrs["rounding"])] if attrs.get("rounding") else []
    return [*treated, *rounded, _links(case), _zeros(case), _final_demand(case), _transfers(case), *rates_of_data(case.benchmark)]


def _links(case: Case) -> str:
    if not case.start.linked:
        return "The economy has no input-output links."
    return "Input-output links are kept." if case.linked else "Input-output links are ignored (intermediates = false)."


def _of_world(world: World) -> list[str]:
    """What can be said of a technology before its benchmark is solved."""
    t = world.technology
    links = "Producers buy inputs." if world.linked else "Producers buy no inputs."
    closed = int((np.isinf(t.iceberg) & t.made[:, :, None] & t.bought[:, None, :]).sum())
    unmade = counted(int((~t.made).sum()), "country-sector")
    given, highest = np.abs(t.transfer).sum() / 2 / t.endowment.sum(), t.tariff == t.tariff.max()
    return [
        "A technology written by hand: commands that solve begin with its benchmark, of which nothing is known here.",
        f"{links} {unmade} without producers, {counted(closed, 'flow')} closed by an infinite iceberg.",
        f"Transfers: half their absolute sum is {given:.2%} of world factor endowments." if given else "Every country's trade is balanced.",
        f"Tariffs: {t.tariff.max():.1%} at most ({place(rates(world)['tariff'], highest)})."
        if t.tariff.any()
        else "No tariffs in the technology.",
    ]


def _zeros(case: Case) -> str:
    flow, sales, spending = (case.benchmark.data[name].values for name in ("flow", "sales", "spending"))
    home = np.diagonal(flow, axis1=1, axis2=2)
    return (
        f"Zeros: {np.mean(flow == 0):.1%} of flows; {counted(int((sales == 0).sum()), 'country-sector')} without sales, "
        f"{((home == 0) & (sales > 0)).sum()} that sell abroad only, {(spending == 0).sum()} without spending."
    )


def _final_demand(case: Case) -> str:
    count = case.benchmark.negative_final_demand
    if not count:
        return "Final demand is nowhere negative."
    cells = counted(count, "country-sector")
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


def _changes(case: Case) -> list[str]:
    """What the shock moves, by table, with the number of cells; what tariffs are then, and what files of factors were read as."""
    start, parts = case.start, []
    first = case.shock.baseline if case.stacked else None
    rate = {name: getattr(start.technology, name) if isinstance(start, World) else start.benchmark.rates(name) for name in RATES}
    for table in SHOCK_DIMS:
        same = rate.get(table, 1.0)
        new, old = (same if (array := getattr(shock, table, None)) is None else array.values for shock in (case.shock, first))
        if moved := int(np.sum(new != old)):
            parts.append(f"{table.replace('_', ' ')} in {counted(moved, 'cell')}")
    base = " on top of that file" if case.stacked else ""
    measured = (
        f" Changes are measured from {'its equilibrium' if case.stacked else 'the baseline'}." if case.shock.baseline is not None else ""
    )
    rates_then = [] if isinstance(start, World) else new_rates(start.benchmark, case.shock)
    in_files = [line for table in ("iceberg", "fixed_cost") for line in _read_in_files(case.shock, table)]
    return [f"Changes{base}: {', '.join(parts) or 'none'}.{measured}", *rates_then, *in_files]
