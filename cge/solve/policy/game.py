"""Who may choose which rates, within which bounds, and wants what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.model.by_parameter import by_market
from cge.model.linear import Linearised
from cge.model.system import System
from cge.model.transposed import Sensitivity
from cge.solve.policy.aims import Objective, Player


class Cells(NamedTuple):
    """Places of some flows, each with an array [cell]."""

    sector: Array
    exporter: Array
    importer: Array


@dataclass(frozen=True)
class Instrument:
    """What is laid on a flow.

    Attributes:
        name: as in run files, and of the array of a shock that holds its rates; treasury: dim of a flow whose country chooses it and has the revenue.
        derivatives: by ln of a flow's weight, and by ln of one plus the rate at given weight, for all flows of some countries on that side, each of
            one output (`by_market`), with these countries in the place of all [sector, exporter, importer].
    """

    name: str
    treasury: str
    derivatives: Callable[[Linearised, Sensitivity, Array, Array], tuple[Array, Array]]


INSTRUMENTS = {one.name: one for one in (Instrument("tariff", "importer", by_market),)}
"""Instruments by name."""


@dataclass(frozen=True, eq=False)
class Game:
    """Rates that may move, as numbers of their own: one for each flow, or for several that bear the same.

    Attributes:
        players: who choose; instrument: what.
        cells: flows that bear a rate that may move; rate: which rate a flow bears [cell].
        chooser: place of the player who chooses a rate [rate]; lower, upper: its bounds [rate].
        objectives: what is wanted; wants: which of them a rate serves [rate]; countries: how many there are.
    """

    players: tuple[Player, ...]
    instrument: Instrument
    cells: Cells
    rate: Array
    chooser: Array
    lower: Array
    upper: Array
    objectives: tuple[Objective, ...]
    wants: Array
    countries: int

    @cached_property
    def treasuries(self) -> tuple[Array, Array, Array]:
        """Places of the countries that have the revenue [country], the objective that each serves [country], and where among the flows of these a
        flow stands, counted through [cell].
        """
        own = getattr(self.cells, self.instrument.treasury)
        places, first, at = np.unique(own, return_index=True, return_inverse=True)
        here = self.cells._replace(**{self.instrument.treasury: at})
        size = [len(places) if dim == self.instrument.treasury else self.countries for dim in ("exporter", "importer")]
        return places, self.wants[self.rate[first]], (here.sector * size[0] + here.exporter) * size[1] + here.importer

    def derivatives(self, lin: Linearised, x: Sensitivity) -> tuple[Array, Array]:
        """Derivatives of what a flow's rate serves by ln of the flow's weight, and by ln of one plus the rate at given weight [cell]."""
        places, objective, at = self.treasuries
        weight, direct = self.instrument.derivatives(lin, x, places, objective)
        return weight.ravel()[at], direct.ravel()[at]

    def clipped(self, rates: Array) -> Array:
        """Rates within their bounds [rate]."""
        return np.clip(rates, self.lower, self.upper)

    def summed(self, cells: Array) -> Array:
        """Numbers of flows [cell] summed over those that bear the same rate [rate]."""
        return np.bincount(self.rate, cells, len(self.lower))

    def filled(self, whole: Array, rates: Array) -> Array:
        """Rates of all flows [sector, exporter, importer], with these [rate] where they may move."""
        out = whole.copy()
        out[tuple(self.cells)] = rates[self.rate]
        return out

    def of(self, player: int) -> Array:
        """Whether a player chooses a rate [rate]."""
        return np.asarray(self.chooser == player)


TIES = {"free": ("sector", "partner"), "sector": ("sector",), "partner": ("partner",), "uniform": ()}
"""By which labels of a flow the rates of a player differ, by kind of rates."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What players may choose from.

    Attributes:
        instrument: what is laid on flows; rates: kind of rates, of `TIES`.
        sectors, partners: whose flows they may be laid on [sector], [country].
        lower, upper: bounds of the rates [sector, exporter, importer], each with any number of places of one.
    """

    instrument: Instrument
    rates: str
    sectors: Array
    partners: Array
    lower: Array
    upper: Array


def make_game(system: System, choice: Choice, players: Sequence[Player], objectives: Sequence[Objective], joint: bool = False) -> Game:
    """The game of players who may choose rates of what is traded in a system.

    Args:
        objectives: one for each player; or, where it is `joint`, one for all.

    Raises:
        DataError: a player has nothing to lay a rate on, or bounds leave a rate no room; all faults at once.
    """
    parts = [_flows(system, choice, player) for player in players]
    faults = [
        f"policy: {player.name} buys nothing abroad of what the rates are laid on; choose other sectors or partners."
        for player, (cells, _) in zip(players, parts, strict=True)
        if not len(cells.sector)
    ]
    if faults:
        raise DataError(faults)
    cells = Cells(*(np.concatenate(column) for column in zip(*(cells for cells, _ in parts), strict=True)))
    owner = np.repeat(np.arange(len(players)), [len(own.sector) for own, _ in parts])
    keys, rate = np.unique(owner * system.foreign[:, :, 0].size + np.concatenate([key for _, key in parts]), return_inverse=True)
    lower, upper = np.full(len(keys), -np.inf), np.full(len(keys), np.inf)
    shape = system.foreign.shape
    np.maximum.at(lower, rate, np.broadcast_to(choice.lower, shape)[tuple(cells)])
    np.minimum.at(upper, rate, np.broadcast_to(choice.upper, shape)[tuple(cells)])
    chooser = keys // system.foreign[:, :, 0].size
    if names := [players[p].name for p in sorted(set(chooser[lower > upper].tolist()))]:
        raise DataError(
            f"policy: bounds leave no room for a rate of {', '.join(names)} (lower above upper, or flows of one rate that have none in common)."
        )
    return Game(
        tuple(players),
        choice.instrument,
        cells,
        rate,
        chooser,
        lower,
        upper,
        tuple(objectives),
        np.zeros_like(chooser) if joint else chooser,
        shape[1],
    )


def _flows(system: System, choice: Choice, player: Player) -> tuple[Cells, Array]:
    """Flows that a player may lay a rate on, none between its own members; and by what rates differ, in one number [cell]."""
    inside = np.zeros(len(choice.partners), dtype=bool)
    inside[player.members] = True
    mine, others = (inside, ~inside & choice.partners)
    importer, exporter = (mine, others) if choice.instrument.treasury == "importer" else (others, mine)
    may = choice.sectors[:, None, None] & exporter[None, :, None] & importer[None, None, :]
    cells = Cells(*np.nonzero(may & (system.foreign > 0)))
    partner = "exporter" if choice.instrument.treasury == "importer" else "importer"
    key = np.zeros(len(cells.sector), dtype=int)
    for dim, size in (("sector", len(choice.sectors)), ("partner", len(choice.partners))):
        if dim in TIES[choice.rates]:
            key = key * size + getattr(cells, partner if dim == "partner" else dim)
    return cells, key
