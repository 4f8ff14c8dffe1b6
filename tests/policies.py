"""Questions of rates, for the tests of best tariffs and wars."""

from __future__ import annotations

from typing import Any

import numpy as np
from worlds import Array

from cge import Benchmark, Exponents
from cge.model.shock import Shock
from cge.solve.policy.aims import Player
from cge.solve.policy.game import Choice
from cge.solve.policy.instruments import INSTRUMENTS
from cge.solve.policy.points import Point, Points
from cge.solve.policy.question import contest, ground
from cge.solve.policy.search import settle, usual

ZERO = Shock(transfers="zero")


def asked(
    benchmark: Benchmark,
    exponents: Exponents,
    *players: str,
    rates: str = "free",
    aim: str = "real_income",
    lower: Any = 0.0,
    upper: Any = 10.0,
    groups: dict[str, list[str]] | None = None,
    shock: Shock = ZERO,
    instrument: str = "tariff",
) -> Points:
    """A question of rates; groups play as one."""
    inside = {name: [benchmark.countries.index(label) for label in (groups or {}).get(name, [name])] for name in players}
    who = [Player(name, np.array(places)) for name, places in inside.items()]
    everything = np.ones(len(benchmark.sectors), dtype=bool), np.ones(len(benchmark.countries), dtype=bool)
    choice = Choice(INSTRUMENTS[instrument], rates, *everything, np.asarray(lower), np.asarray(upper))
    return contest(ground(benchmark, exponents, shock), choice, who, aim)


def solved(points: Points) -> Point:
    """The answer of a search from the usual start."""
    return settle(points, usual(points))


def whole(points: Points, point: Point, instrument: str = "tariff") -> Array:
    """Rates of all flows [sector, exporter, importer]."""
    return points.laid(point.rates)[instrument]
