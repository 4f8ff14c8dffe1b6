"""What an answer is held against: deviations that are drawn, rates moved to their bounds, and searches of single players of their own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from cge.data.arrays import Array
from cge.errors import SolveError
from cge.solve.policy.aims import Own
from cge.solve.policy.game import Cells, Game
from cge.solve.policy.points import Points
from cge.solve.policy.searches import Found, Search, starts

SIZES = (0.02, 0.2)
"""How far drawn deviations move every rate, at most."""

EACH = 10
"""Deviations of each size; players who are moved to their bounds, or groups of rates of a single one."""

EVERYONE = 20
"""Up to this many players each searches for a gain of its own; of more the ten largest and ten others."""


@dataclass(frozen=True, eq=False)
class Deviation:
    """Rates that somebody might choose in place of the answer's.

    Attributes:
        objective: place of what it is to serve; rates: all rates [rate]; gain: of that objective, as a part of what it is (ln where small).
    """

    objective: int
    rates: Array
    gain: float


def deviations(points: Points, rates: Array, values: Array) -> Iterator[Deviation]:
    """The gains from deviating: every rate of one objective's moved at random, by either size, and groups of them to their bounds.

    One that has no equilibrium is passed over: nobody can choose it.

    Args:
        rates: of the answer [rate]; values: ln of what is wanted there [objective].
    """
    for objective, other in [*drawn(points.game, rates), *bounds(points.game, rates)]:
        if (other == rates).all():
            continue
        try:
            value = points.values(other, [points.game.objectives[objective]])[0]
        except SolveError:
            continue
        yield Deviation(objective, other, float(np.expm1(value - values[objective])))


def drawn(game: Game, rates: Array) -> Iterator[tuple[int, Array]]:
    """Objectives in turn, with deviations of all the rates that serve them [rate]."""
    random = np.random.default_rng(1)
    for number in range(EACH * len(SIZES)):
        objective = number // len(SIZES) % len(game.objectives)
        moved = random.uniform(-1, 1, len(rates)) * SIZES[number % len(SIZES)] * (game.wants == objective)
        yield objective, game.clipped(rates + moved)


def bounds(game: Game, rates: Array) -> Iterator[tuple[int, Array]]:
    """Objectives, with groups of the rates that serve them at a bound [rate]."""
    parts = max(1, EACH // len(game.objectives))
    for objective in range(min(len(game.objectives), EACH)):
        for part in np.array_split(np.flatnonzero(game.wants == objective), parts):
            for bound in (game.lower, game.upper):
                other = rates.copy()
                other[part] = bound[part]
                yield objective, other


def alone(points: Points, rates: Array, player: int) -> Points:
    """Where only one player's rates move, the others' being those of the answer [rate]."""
    game, mine = points.game, points.game.of(player)
    cells, place = mine[game.rate], np.cumsum(mine) - 1
    own = next(one for one in game.objectives if isinstance(one, Own) and one.player is game.players[player])
    few = replace(
        game,
        players=(game.players[player],),
        laid=game.laid[mine],
        cells=Cells(*(part[cells] for part in game.cells)),
        rate=place[game.rate[cells]],
        chooser=np.zeros(mine.sum(), dtype=int),
        lower=game.lower[mine],
        upper=game.upper[mine],
        objectives=(own,),
        wants=np.zeros(mine.sum(), dtype=int),
        neutral=game.neutral[[player]],
    )
    return replace(points.playing(few), shock=points.shocked(rates))


def examined(points: Points) -> list[int]:
    """Players who search for a gain of their own."""
    size = [one.before.income[one.player.members].sum() for one in points.game.objectives if isinstance(one, Own)]
    if len(size) <= EVERYONE:
        return list(range(len(size)))
    order = [int(place) for place in np.argsort(-np.array(size), kind="stable")]
    half = EVERYONE // 2
    others = np.random.default_rng(2).permutation(order[half:])[:half]
    return sorted([*order[:half], *map(int, others)])


def own_searches(points: Points, rates: Array, count: int = 3) -> list[tuple[int, Search]]:
    """Searches of players of their own: from the answer [rate], and from other starts; with the player of each."""
    found = []
    for player in examined(points):
        own, name = alone(points, rates, player), points.game.players[player].name
        mine = rates[points.game.of(player)]
        for number, start in enumerate([mine, *starts(own, count - 1, seed=1)]):
            found.append((player, Search(f"{name} alone, start {number + 1} of {count}", own, start)))
    return found


def epsilons(made: list[tuple[int, Found]], values: Array) -> dict[int, float]:
    """The largest gain that a player's own searches found, as a part of what it wants, by player; `values`: ln of that at the answer [objective]."""
    gains: dict[int, float] = {}
    for player, found in made:
        gain = 0.0 if found.failed else max(0.0, float(np.expm1(found.values[0] - values[player])))
        gains[player] = max(gains.get(player, 0.0), gain)
    return gains
