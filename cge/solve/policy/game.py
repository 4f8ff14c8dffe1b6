"""Who may choose which rates, within which bounds, and wants what."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.model.by_parameter import Cells, by_cell
from cge.model.linear import Linearised
from cge.model.system import System
from cge.model.transposed import Sensitivity
from cge.solve.policy.aims import Objective, Player


@dataclass(frozen=True)
class Instrument:
    """What is laid on a flow.

    Attributes:
        name: as in run files, and of the array of a shock that holds its rates; treasury: dim of a flow whose country chooses it and has the revenue.
        derivatives: by ln of a flow's weight, and by ln of one plus the rate at given weight, for some flows, each of one output [cell] (`by_cell`).
    """

    name: str
    treasury: str
    derivatives: Callable[[Linearised, Sensitivity, Cells, Array], tuple[Array, Array]]


INSTRUMENTS = {one.name: one for one in (Instrument("tariff", "importer", by_cell),)}
"""Instruments by name."""


@dataclass(frozen=True, eq=False)
class Game:
    """Rates that may move, as numbers of their own: one for each flow, or for several that bear the same.

    Attributes:
        players: who choose; instrument: what.
        cells: flows that bear a rate that may move; rate: which rate a flow bears [cell].
        chooser: place of the player who chooses a rate [rate]; lower, upper: its bounds [rate].
        objectives: what is wanted; wants: which of them a rate serves [rate].
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
    keys = np.column_stack([owner, np.concatenate([key for _, key in parts])])
    rates, rate = np.unique(keys, axis=0, return_inverse=True)
    rate = rate.reshape(-1)
    lower, upper = np.full(len(rates), -np.inf), np.full(len(rates), np.inf)
    shape = system.foreign.shape
    np.maximum.at(lower, rate, np.broadcast_to(choice.lower, shape)[tuple(cells)])
    np.minimum.at(upper, rate, np.broadcast_to(choice.upper, shape)[tuple(cells)])
    if names := [players[p].name for p in sorted(set(rates[lower > upper, 0].tolist()))]:
        raise DataError(
            f"policy: bounds leave no room for a rate of {', '.join(names)} (lower above upper, or flows of one rate that have none in common)."
        )
    chooser = rates[:, 0]
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
    )


def _flows(system: System, choice: Choice, player: Player) -> tuple[Cells, Array]:
    """Flows that a player may lay a rate on, none between its own members; and the labels by which rates differ [cell, label]."""
    inside = np.zeros(len(choice.partners), dtype=bool)
    inside[player.members] = True
    mine, others = (inside, ~inside & choice.partners)
    importer, exporter = (mine, others) if choice.instrument.treasury == "importer" else (others, mine)
    may = choice.sectors[:, None, None] & exporter[None, :, None] & importer[None, None, :]
    cells = Cells(*np.nonzero(may & (system.foreign > 0)))
    partner = "exporter" if choice.instrument.treasury == "importer" else "importer"
    labels = [getattr(cells, partner if dim == "partner" else dim) for dim in TIES[choice.rates]]
    return cells, np.column_stack([np.zeros(len(cells.sector), dtype=int), *labels])
