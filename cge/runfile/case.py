"""A case: what a run file asks for, with what was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from cge.data.economy import Economy
from cge.data.labels import Labelled
from cge.data.satellite import Accounts
from cge.model.benchmark import Benchmark, NegativeFinalDemand
from cge.model.exponents import Exponents
from cge.model.parameters import Parameters
from cge.model.shock import Shock
from cge.model.technology import Levels
from cge.model.transfers import Transfers
from cge.model.variants import Model
from cge.model.workers import Mobility
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
