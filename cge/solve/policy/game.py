"""Who may choose which rates, within which bounds, and wants what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.model.linear import Linearised
from cge.model.system import System
from cge.model.transposed import Sensitivity
from cge.solve.policy.aims import Objective, Player
from cge.solve.policy.instruments import Instrument

ROUNDING = 1e-12
"""Part of one plus a rate within which it is at its bound."""


class Cells(NamedTuple):
    """Places of some flows, each with an array [cell]."""

    sector: Array
    exporter: Array
    importer: Array


@dataclass(frozen=True, eq=False)
class Game:
    """Rates that may move, as numbers of their own: one for each flow, or for several that bear the same.

    Attributes:
        players: who choose; instruments: what; laid: place of that which a rate is of [rate].
        cells: flows that bear a rate that may move, once for each instrument; rate: which rate a flow bears [cell].
        chooser: place of the player who chooses a rate [rate]; lower, upper: its bounds [rate].
        objectives: what is wanted; wants: which of them a rate serves [rate]; countries: how many there are.
        neutral: whether a common factor on a player's 1 + tariff and 1/(1 + export tax) changes nothing (Lerner) [player].
    """

    players: tuple[Player, ...]
    instruments: tuple[Instrument, ...]
    laid: Array
    cells: Cells
    rate: Array
    chooser: Array
    lower: Array
    upper: Array
    objectives: tuple[Objective, ...]
    wants: Array
    countries: int
    neutral: Array

    @cached_property
    def bearing(self) -> list[Array]:
        """Whether a flow bears an instrument, of each [cell]."""
        return [self.laid[self.rate] == place for place in range(len(self.instruments))]

    @property
    def own(self) -> Array:
        """Places of the countries in whose name flows bear a rate [cell]."""
        return self._side("treasury")

    @property
    def partner(self) -> Array:
        """Places of the countries on the other side [cell]."""
        return self._side("partner")

    def _side(self, side: str) -> Array:
        every = [getattr(self.cells, getattr(instrument, side)) for instrument in self.instruments]
        return np.asarray(np.select(self.bearing, every))

    @cached_property
    def treasuries(self) -> list[tuple[Array, Array, Array]]:
        """Of each instrument: places of the countries that have the revenue [country], the objective that each serves [country], and where among the
        flows of these a flow that bears it stands, counted through [cell].
        """
        found = []
        for instrument, bears in zip(self.instruments, self.bearing, strict=True):
            cells, rate = Cells(*(part[bears] for part in self.cells)), self.rate[bears]
            places, first, at = np.unique(getattr(cells, instrument.treasury), return_index=True, return_inverse=True)
            here = cells._replace(**{instrument.treasury: at})
            size = [len(places) if dim == instrument.treasury else self.countries for dim in ("exporter", "importer")]
            found.append((places, self.wants[rate[first]], (here.sector * size[0] + here.exporter) * size[1] + here.importer))
        return found

    def derivatives(self, lin: Linearised, x: Sensitivity) -> tuple[Array, Array]:
        """Derivatives of what a flow's rate serves by ln of the flow's weight, and by ln of one plus the rate at given weight [cell]."""
        both = np.empty((2, len(self.rate)))
        for instrument, bears, (places, objective, at) in zip(self.instruments, self.bearing, self.treasuries, strict=True):
            both[:, bears] = [part.ravel()[at] for part in instrument.derivatives(lin, x, places, objective)]
        return both[0], both[1]

    def levelled(self, rates: Array) -> Array:
        """Of rates [rate] that are as good as each other by Lerner's symmetry, those with a player's lowest export tax at its lower bound, or as
        near to it as the upper bounds of tariffs allow.
        """
        out = rates.copy()
        for player in np.flatnonzero(self.neutral):
            tariff, tax = (np.flatnonzero(self.of(int(player)) & (self.laid == place)) for place in range(2))
            spare, room = (1 + rates[tax]) / (1 + self.lower[tax]), (1 + self.upper[tariff]) / (1 + rates[tariff])
            factor = min(spare.min(), room.min())
            out[tariff], out[tax] = (1 + rates[tariff]) * factor - 1, (1 + rates[tax]) / factor - 1
            if factor == spare.min():
                out[tax[spare.argmin()]] = self.lower[tax[spare.argmin()]]
        return self.clipped(out)

    def clipped(self, rates: Array) -> Array:
        """Rates within their bounds [rate], and at them where only rounding is between, as on the way to logs and back."""
        within = np.clip(rates, self.lower, self.upper)
        for bound in (self.lower, self.upper):
            within = np.where(np.abs(bound - within) <= ROUNDING * (1 + np.abs(within)), bound, within)
        return within

    def summed(self, cells: Array) -> Array:
        """Numbers of flows [cell] summed over those that bear the same rate [rate]."""
        return np.bincount(self.rate, cells, len(self.lower))

    def steadied(self, rates: Array, target: Array) -> Array:
        """Where to go from rates towards their target [rate], within bounds: of targets that are as good as each other by Lerner's symmetry, the one
        whose export taxes are as high as those of now in the mean, or as near to that as lower bounds of tariffs and of export taxes allow. Both
        instruments of a player would otherwise answer what one of them is to do, and overshoot.
        """
        out = target.copy()
        for player in np.flatnonzero(self.neutral):
            tariff, tax = (np.flatnonzero(self.of(int(player)) & (self.laid == place)) for place in range(2))
            power = np.log1p(np.maximum(target, LOW))
            mean = (power[tax] - np.log1p(rates[tax])).mean()
            least, most = (np.log1p(self.lower[tariff]) - power[tariff]).max(), (power[tax] - np.log1p(self.lower[tax])).min()
            higher = min(max(mean, least), most)
            out[tariff], out[tax] = np.expm1(power[tariff] + higher), np.expm1(power[tax] - higher)
        return self.clipped(out)

    def filled(self, whole: Array, rates: Array, place: int) -> Array:
        """Rates of all flows [sector, exporter, importer] of the instrument in this place, with these [rate] where they may move."""
        out, bears = whole.copy(), self.bearing[place]
        out[tuple(part[bears] for part in self.cells)] = rates[self.rate[bears]]
        return out

    def of(self, player: int) -> Array:
        """Whether a player chooses a rate [rate]."""
        return np.asarray(self.chooser == player)


LOW = -0.9
"""Target below which a rate is not followed where both instruments move together."""

TIES = {"free": ("sector", "partner"), "sector": ("sector",), "partner": ("partner",), "uniform": ()}
"""By which labels of a flow the rates of a player differ, by kind of rates."""


@dataclass(frozen=True, eq=False)
class Choice:
    """What players may choose from.

    Attributes:
        instruments: what is laid on flows, as in `cge.solve.policy.instruments`; rates: kind of rates, of `TIES`.
        sectors, partners: whose flows they may be laid on [sector], [country].
        lower, upper: bounds of the rates [sector, partner, country that chooses], each with any number of places of one.
    """

    instruments: tuple[Instrument, ...]
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
    tools = choice.instruments
    parts = [[_flows(system, choice, tool, player) for tool in tools] for player in players]
    faults = [
        f"policy: {player.name} {' and '.join(tool.trades for tool in tools)} nothing abroad of what the rates are laid on; "
        "choose other sectors or partners."
        for player, own in zip(players, parts, strict=True)
        if not any(len(cells.sector) for cells, _ in own)
    ]
    if faults:
        raise DataError(faults)
    every = [part for own in parts for part in own]  # by player, then by instrument
    cells = Cells(*(np.concatenate(column) for column in zip(*(cells for cells, _ in every), strict=True)))
    group = np.repeat(np.arange(len(every)), [len(own.sector) for own, _ in every])
    size = system.foreign[:, :, 0].size
    keys, rate = np.unique(group * size + np.concatenate([key for _, key in every]), return_inverse=True)
    chooser, laid = np.divmod(keys // size, len(tools))
    lower, upper = np.full(len(keys), -np.inf), np.full(len(keys), np.inf)
    sides = (
        np.concatenate([getattr(part, getattr(tool, side)) for (part, _), tool in zip(every, tools * len(players), strict=True)])
        for side in ("partner", "treasury")
    )
    at = (cells.sector, *sides)
    np.maximum.at(lower, rate, np.broadcast_to(choice.lower, system.foreign.shape)[at])
    np.minimum.at(upper, rate, np.broadcast_to(choice.upper, system.foreign.shape)[at])
    if names := [players[p].name for p in sorted(set(chooser[lower > upper].tolist()))]:
        raise DataError(
            f"policy: bounds leave no room for a rate of {', '.join(names)} (lower above upper, or flows of one rate that have none in common)."
        )
    return Game(
        tuple(players),
        tools,
        laid,
        cells,
        rate,
        chooser,
        lower,
        upper,
        tuple(objectives),
        np.zeros_like(chooser) if joint else chooser,
        system.foreign.shape[1],
        _neutral(system, players, parts),
    )


def _neutral(system: System, players: Sequence[Player], parts: Sequence[Sequence[tuple[Cells, Array]]]) -> Array:
    """Whether a player may lay both instruments on all that it trades and no money changes hands otherwise: Lerner's symmetry then holds [player]."""
    traded = system.foreign > 0
    found = np.zeros(len(players), dtype=bool)
    for place, (player, own) in enumerate(zip(players, parts, strict=True)):
        every = [traded[:, :, player.members].sum(), traded[:, player.members].sum()]
        found[place] = system.rule.none and len(player.members) == 1 and [len(cells.sector) for cells, _ in own] == every
    return found


def _flows(system: System, choice: Choice, instrument: Instrument, player: Player) -> tuple[Cells, Array]:
    """Flows that a player may lay an instrument on, none between its own members; and by what rates differ, in one number [cell]."""
    inside = np.zeros(len(choice.partners), dtype=bool)
    inside[player.members] = True
    side = {instrument.treasury: inside, instrument.partner: ~inside & choice.partners}
    may = choice.sectors[:, None, None] & side["exporter"][None, :, None] & side["importer"][None, None, :]
    cells = Cells(*np.nonzero(may & (system.foreign > 0)))
    key = np.zeros(len(cells.sector), dtype=int)
    for dim, size in (("sector", len(choice.sectors)), ("partner", len(choice.partners))):
        if dim in TIES[choice.rates]:
            key = key * size + getattr(cells, instrument.partner if dim == "partner" else dim)
    return cells, key
