"""A world written by hand rather than observed: its equilibrium in levels, and the economy that a statistician would record of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import xarray as xr

from cge.data.arrays import Labels
from cge.data.economy import Economy, make_economy
from cge.data.variables import DIMS
from cge.errors import DataError, SolveError
from cge.model.benchmark import calibrate
from cge.model.exponents import Exponents
from cge.model.shock import RATES, Shock
from cge.model.system import System, Unknowns
from cge.model.technology import Levels, Technology, build_levels, revenue_per_entrant
from cge.solve.equilibrium import Equilibrium, check, equilibrium
from cge.solve.firms import average_factor, below_bound

TIGHT = 1e-12
"""Tolerance of the benchmark: its residuals are what the economy's identities inherit."""


@dataclass(frozen=True, eq=False)
class World:
    """A technology with its labels.

    Attributes:
        technology: primitives; countries, sectors, factors: labels; attrs: title, unit and source; origin: file it came from, for messages.
    """

    technology: Technology
    countries: list[str]
    sectors: list[str]
    factors: list[str]
    attrs: dict[str, str]
    origin: str = "technology"

    @property
    def labels(self) -> Labels:
        """All labels."""
        return Labels(self.countries, self.sectors, self.factors)

    @property
    def linked(self) -> bool:
        """Whether producers buy inputs."""
        return bool(self.technology.input_share.any())

    @property
    def active(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Sectors that someone makes or buys [sector]."""
        return np.asarray(self.technology.made.any(axis=1) | self.technology.bought.any(axis=1))


def solve_world(world: World, exponents: Exponents) -> tuple[Levels, Economy]:
    """The equilibrium of a world in levels, and the economy that a statistician would record of it (money: world factor endowments are the unit).

    Raises:
        DataError: exponents lack a sector; the benchmark has no equilibrium, or one in which firms are not selected.
    """
    from cge.solve.levels.system import solve_system  # pyomo is heavy

    system = build_or_fault(world, exponents)
    try:
        found, _ = solve_system(system, world.countries, world.sectors, world.factors, beginning(world, exponents, system), TIGHT, None)
    except SolveError as error:
        raise DataError(f"{world.origin}: the benchmark of this technology cannot be solved. {error.outcome.sentence}") from error
    state = equilibrium(system, found)
    economy = record(world, state)
    checked = check(calibrate(economy), state)
    if not checked.residual <= 10 * TIGHT:
        raise DataError(
            f"{world.origin}: the benchmark of this technology is not solved: the {checked.market} has a relative residual of {checked.residual:.2e}."
        )
    sentence = unselected(world, exponents, state)
    if sentence:
        raise DataError(f"{world.origin}: {sentence}. Raise fixed costs or icebergs there, or lower entry_cost or productivity.")
    return Levels(world.technology, found), economy


def build_or_fault(world: World, exponents: Exponents) -> System:
    """The system of a world; `DataError` where no trade can determine its factor prices."""
    try:
        return build_levels(world.technology, exponents, world.countries, world.sectors, Shock())
    except SolveError as error:
        raise DataError(f"{world.origin}: {error.outcome.sentence}") from error


def beginning(world: World, exponents: Exponents, system: System) -> Unknowns:
    """Where to start: factor prices of one, every country making its part of what the world buys, entrants as eq. 22 of the chapter has them."""
    t = world.technology
    income = t.endowment.sum(axis=0) + t.transfer
    spending = t.final_share * income
    size = t.made * t.endowment.sum(axis=0)
    part = size / np.where(size.any(axis=1), size.sum(axis=1), 1.0)[:, None]
    for _ in range(50):
        sales = part * spending.sum(axis=1)[:, None]
        spending = t.final_share * income + (t.input_share * sales[None]).sum(axis=1)
    entrants = np.where(system.scale > 0, sales / revenue_per_entrant(exponents, world.sectors, t.entry_cost), 1.0)
    partial = (system.scale > 0) & (system.scale < 1) & t.made
    zeros = np.zeros(t.made.shape)
    return Unknowns(
        np.zeros(t.endowment.shape),
        zeros,
        np.log(np.where(t.bought, spending, 1.0)),
        entrants,
        np.where(partial, np.log(np.where(partial, entrants, 1.0)), 0.0),
    )


def record(world: World, state: Equilibrium) -> Economy:
    """Flows, tariffs, purchases of inputs and payments to factors of an equilibrium in levels."""
    t, flow = world.technology, state.flow
    sales = flow.sum(axis=2)
    paid, added = state.system.cost(sales), t.factor_share.sum(axis=0)
    profit = (sales - paid) / np.where(added > 0, added, 1.0)  # value added, in which it stands as factors have theirs
    dims = {
        "flow": (flow, ("sector", "exporter", "importer")),
        **{name: (getattr(t, name), ("sector", "exporter", "importer")) for name in RATES},
        "intermediate": (t.input_share * paid[None], ("input", "sector", "country")),
        "value_added": (t.factor_share * (paid + profit)[None], ("factor", "sector", "country")),
    }
    arrays = {name: world.labels.array(array, *order).transpose(*DIMS[name]) for name, (array, order) in dims.items()}
    return make_economy(xr.Dataset(arrays, attrs=dict(world.attrs)), world.origin)


def unselected(world: World, exponents: Exponents, state: Equilibrium) -> str:
    """Where a cutoff lies below the lower bound of productivity, in words; empty where none does, or the model has no cutoffs."""
    if not exponents.entrants.differ:
        return ""
    t, entrants = world.technology, state.unknowns.entry
    cost = np.exp(state.values.log_unit_cost)
    sellers = state.flow / (average_factor(exponents, world.sectors) * cost[:, :, None] * t.fixed_cost)
    k = exponents.parameters_on(world.sectors)["k"][:, None, None]
    made = (entrants > 0)[:, :, None] & (sellers > 0)
    part = np.where(made, sellers, 1.0) / np.where(made, entrants[:, :, None], 1.0)
    cutoff = np.where(made, t.productivity[:, :, None] * part ** (-1 / k), np.inf)
    return below_bound(cutoff, t.productivity, world.countries, world.sectors)
