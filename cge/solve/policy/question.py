"""What is asked of rates, from a shock and who may choose what to the games whose solutions answer it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from cge.model.benchmark import Benchmark
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.solve.asked import Unstable
from cge.solve.changes import solve_hat
from cge.solve.policy.aims import AIMS, Before, Own, Player
from cge.solve.policy.game import TIES, Choice, make_game
from cge.solve.policy.instruments import TARIFF
from cge.solve.policy.points import Points
from cge.solve.search import Memory
from cge.solve.solution import Solution


@dataclass(frozen=True, eq=False)
class Ground:
    """Where a question of rates is asked.

    Attributes:
        solution: of the shock as it stands; before: from where changes are measured.
        tolerance, unstable: as in `cge.solve_hat`.
    """

    solution: Solution
    before: Before
    tolerance: float
    unstable: Unstable


def ground(benchmark: Benchmark, exponents: Exponents, shock: Shock, tolerance: float = 1e-10, unstable: Unstable = "refuse") -> Ground:
    """Solve the shock as it stands. Raises as `cge.solve_hat`."""
    solution = solve_hat(benchmark, exponents, shock, tolerance=tolerance, unstable=unstable)
    return Ground(solution, Before.at(solution.reference), tolerance, unstable)


def contest(ground: Ground, choice: Choice, players: Sequence[Player], aim: str = "real_income") -> Points:
    """Where players choose rates, each for what it wants itself. Raises as `make_game`."""
    found, s = ground.solution.counterfactual, ground.solution
    wants = [Own(AIMS[aim], player, ground.before) for player in players]
    game = make_game(found.system, choice, players, wants)
    return Points(s.benchmark, s.exponents, s.shock, game, ground.tolerance, Memory(found.unknowns))


def by_partner_alone(ground: Ground, choice: Choice, players: Sequence[Player], aim: str = "real_income") -> bool:
    """Whether best tariffs differ by partner alone, however free: one rate for each partner then serves, and there are fewer to look for.

    With one factor, no inputs and no free entry, all that a country's purchases from a partner do abroad is to move what the partner earns, whatever
    is bought, where it taxes no exports: no good of it is worth a rate of its own. Export taxes are worth more on goods that a market finds hard
    to replace, and differ by both.
    """
    found = ground.solution.counterfactual.system
    plain = (
        choice.instruments == (TARIFF,)
        and found.levied is None
        and found.input_share is None
        and len(found.endowed) == 1
        and not found.scale.any()
    )
    own = aim == "real_income" and all(len(player.members) == 1 and player.favour is None for player in players)
    alike = all(np.shape(bound)[:1] in ((), (1,)) for bound in (choice.lower, choice.upper))
    every = bool(choice.sectors.all())
    return TIES[choice.rates] == TIES["free"] and plain and own and alike and every
