"""Equilibria by the rates that are chosen, each from the last, with what a little more of every rate does to what its chooser wants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from cge.data.arrays import BILATERAL, Array
from cge.model.benchmark import Benchmark
from cge.model.build import build
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.model.system import System
from cge.solve.adjoint import Kept, adjoint
from cge.solve.changes import refusal
from cge.solve.equilibrium import Equilibrium, check
from cge.solve.policy.aims import Objective, together
from cge.solve.policy.game import Game
from cge.solve.search import Memory, solve

FINEST = 1e-11
"""Largest residual of an equilibrium, and of the adjoint equation relative to its right-hand side, where full accuracy is asked for."""


LOOSER, LOOSEST = 100.0, 1e-3
"""Accuracy of the adjoint equation over that of the equilibrium where less than full accuracy is asked for (what it answers is a hundredth of what
the equilibrium is made of); and the least accuracy.
"""


FEW, MANY = 4, 25
"""Objectives up to which a preconditioner of the adjoint equation is used again, and directions from which on it is not."""


@dataclass(frozen=True, eq=False)
class Point:
    """An equilibrium at chosen rates.

    Attributes:
        rates: chosen [rate]; found: the equilibrium; values: ln of what is wanted [objective].
        slope: derivative by a rate of the value that it serves [rate]; target: where that would vanish if sensitivities stayed [rate].
    """

    rates: Array
    found: Equilibrium
    values: Array
    slope: Array
    target: Array


@dataclass(eq=False)
class Points:
    """Where rates lead.

    Attributes:
        benchmark, exponents, shock: what is asked beside the rates; the shock's transfers, and rates that do not move.
        game: which rates move; tolerance: largest residual of a solution.
        memory: of the last equilibrium; solves, adjoints: how many there were. kept: of the last adjoint equation.
    """

    benchmark: Benchmark
    exponents: Exponents
    shock: Shock
    game: Game
    tolerance: float = 1e-10
    memory: Memory = field(default_factory=Memory)
    solves: int = 0
    adjoints: int = 0
    kept: Kept | None = None

    @cached_property
    def fixed(self) -> dict[str, Array]:
        """Rates of the shock [sector, exporter, importer], by instrument."""
        b = self.benchmark
        every = {one.name: self.shock.rates(b, one.name) for one in self.game.instruments}
        return {name: np.array(np.broadcast_to(rates, b.arrays["flow"].shape)) for name, rates in every.items()}

    @cached_property
    def elasticity(self) -> Array:
        """Of the weight of a flow to one plus its rate [cell]."""
        return np.asarray(self.exponents.on(self.benchmark.sectors)["tariff"][self.game.cells.sector])

    def playing(self, game: Game) -> Points:
        """The same for another game, from where this one is."""
        return replace(self, game=game, memory=Memory(self.memory.u, self.memory.blocks), solves=0, adjoints=0, kept=None)

    def shocked(self, rates: Array, left: Array | None = None) -> Shock:
        """The shock with these rates [rate]; those that are `left` [rate] are as the shock has them, flow by flow."""
        whole = self.laid(rates)
        if left is not None:
            keep = 1.0 * left
            for place, (name, fixed) in enumerate(self.fixed.items()):
                whole[name] = np.where(self.game.filled(np.zeros(fixed.shape), keep, place) > 0, fixed, whole[name])
        changed: dict[str, Any] = {name: self.benchmark.labels.array(own, *BILATERAL) for name, own in whole.items()}
        return replace(self.shock, **changed)

    def laid(self, rates: Array) -> dict[str, Array]:
        """Rates of all flows [sector, exporter, importer], by instrument, with these [rate] where they may move."""
        return {name: self.game.filled(fixed, rates, place) for place, (name, fixed) in enumerate(self.fixed.items())}

    def levelled(self, point: Point) -> Point:
        """The point that stands for all that are as good as this one (`Game.levelled`)."""
        rates = self.game.levelled(point.rates)
        return point if (rates == point.rates).all() else self.at(rates)

    def equilibrium(self, rates: Array, accuracy: float = FINEST, left: Array | None = None) -> Equilibrium:
        """The equilibrium at rates [rate] as in `shocked`, to a residual of `accuracy`; `SolveError` where none is found."""
        system = build(self.benchmark, self.exponents, self.shocked(rates, left))
        self.solves += 1
        return self.solved(system, accuracy)

    def solved(self, system: System, accuracy: float) -> Equilibrium:
        """The equilibrium of a system, to this residual; raises as `equilibrium`."""
        point, solver, reached = solve(system, lambda: build(self.benchmark, self.exponents, Shock()), accuracy, None, self.memory)
        found = Equilibrium(point.system, point.u, point.v)
        if reached < 1 or not point.solves(max(accuracy, self.tolerance)):
            raise refusal(self.benchmark, found, check(self.benchmark, found), reached, solver, self.tolerance)
        return found

    def values(self, rates: Array, objectives: Sequence[Objective] | None = None) -> Array:
        """ln of what is wanted [objective] at rates [rate]."""
        found = self.equilibrium(rates)
        return np.array([one.value(found) for one in (self.game.objectives if objectives is None else objectives)])

    def at(self, rates: Array, accuracy: float = FINEST) -> Point:
        """The point at rates [rate]; residuals of the equilibrium and of the adjoint equation up to `accuracy`."""
        return self.told(rates, self.equilibrium(rates, accuracy), accuracy)

    def curvature(self, found: Equilibrium) -> Array | None:
        """What entry equations hold beside ln q (`cge.solve.adjoint.adjoint`) [sector, country]."""
        return None

    @property
    def blocks(self) -> Array | None:
        """What preconditioned the last adjoint equation [block, row, row], where that serves the next: making it anew costs as much as some products
        for one objective, and less than those for many.
        """
        few = self.kept is not None and len(self.game.objectives) <= FEW and self.benchmark.uses is not None
        return self.kept.blocks if few and self.kept is not None and self.kept.taken <= MANY else None

    def told(self, rates: Array, found: Equilibrium, accuracy: float = FINEST) -> Point:
        """The point of an equilibrium at rates [rate], by one adjoint equation with a column for each objective.

        At an equilibrium, with Gw and Gn the derivatives of an objective by ln of a flow's weight and by ln(1 + t) at given weight, everything
        responding, its derivative by ln(1 + t) is Gn − e·Gw, t a tariff or an export tax and e the exponent on 1 + t. Gn·(1 + t) and Gw + Gn do not
        depend on t directly; with both held still the derivative vanishes where e(Gw + Gn)·(1 + t) = (1 + e)·Gn·(1 + t), summed over the flows that
        bear the rate. Fixed points are the points where the derivative vanishes, in every model.
        """
        game = self.game
        around = adjoint(found.system, found.unknowns, self.curvature(found), self.blocks)
        enough = min(LOOSER * accuracy, LOOSEST) if accuracy > FINEST else FINEST
        x, self.kept = around.answer(together([one.seeds(found) for one in game.objectives]), self.kept, enough)
        self.adjoints += len(game.objectives)
        weight, direct = game.derivatives(around.lin, x)
        e, power = self.elasticity, 1 + rates[game.rate]
        slope = game.summed((direct - e * weight) / power)
        below = game.summed(e * (weight + direct))
        above = game.summed((1 + e) * power * direct - e * (weight + direct))
        onward = np.where(slope > 0, 1.3 * rates + 0.05, 0.7 * rates - 0.05)
        target = np.where(below > 0, np.divide(above, below, out=np.zeros_like(above), where=below > 0), onward)
        values = np.array([one.value(found) for one in game.objectives])
        return Point(rates, found, values, slope, game.steadied(rates, target))
