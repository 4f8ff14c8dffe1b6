"""Many systems of one economy, solved together: passes of scenarios, and what each teaches the next. Verified elsewhere (`cge.solve.many`)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, SolveError
from cge.model.benchmark import Benchmark
from cge.model.build import build, build_many, distinct
from cge.model.exponents import Exponents
from cge.model.linear import Linearised, rows
from cge.model.shock import Shock
from cge.model.system import System, Unknowns, evaluate, start
from cge.solve.blocks import Blocks
from cge.solve.counterfactual import Solved, measured_from_data, needs_reference
from cge.solve.directions import Directions
from cge.solve.krylov import Layout, preconditioner
from cge.solve.mixing import alone, mix
from cge.solve.partners import Partners
from cge.solve.sectors import near_inverse
from cge.solve.threads import one_thread
from cge.solve.world import World

TOGETHER = 16
"""Most scenarios in one pass: with more a residual costs no less for each, and memory grows."""

ROOM = 40e6
"""Most bytes of trade weights that the scenarios of a pass have for themselves."""

LEARNT = 1e-6
"""To what residual the first step of the average scenario is taken, for what it teaches of the Jacobian."""

NEARBY = 1e-3
"""Largest residual at which a scenario is about solved."""

STEPS = 3
"""Of what is near the inverse of Jacobians: each leaves a quarter or so, and costs a third of a residual."""

ALIKE = 1e-5
"""Part of the largest by which solved scenarios must differ to be told apart."""

T = TypeVar("T")
Question = tuple[Exponents, Shock]
"""A model and what changes."""


def search(benchmark: Benchmark, asked: Sequence[Question], tolerance: float, learnt: Learnt) -> list[Pass]:
    """The passes in which questions' systems are solved to a largest residual of `tolerance`; without those where that was not found."""
    able = [place for place, (exponents, _) in enumerate(asked) if mixable(benchmark, exponents)]
    found = []
    for rule in dict.fromkeys(asked[place][1].transfers for place in able):
        mine = [place for place in able if asked[place][1].transfers == rule]
        for some in pieces(mine, most_together(benchmark, [asked[place][1] for place in mine])):
            one = together(benchmark, [asked[k] for k in some], tolerance, learnt[rule]) if len(some) > 1 else None
            if one is not None:
                found.append(replace(one, places=[some[k] for k in one.places]))
    return found


def pieces(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Items in pieces of about the same length, at most this."""
    size = -(-len(items) // max(1, -(-len(items) // most)))
    return (items[first : first + size] for first in range(0, len(items), max(1, size)))


def mixable(benchmark: Benchmark, exponents: Exponents) -> bool:
    """Whether the model has inputs and neither free entry nor profits on this economy; not where exponents are missing, which its solve says."""
    try:
        e = exponents.on(benchmark.sectors)
        return benchmark.uses is not None and not e["scale"].any() and not e["profit"].any()
    except DataError:
        return False


def most_together(benchmark: Benchmark, shocks: list[Shock]) -> int:
    """Most of these scenarios in one pass."""
    share = benchmark.arrays["trade_share"]
    touched = np.zeros(share.shape[2], dtype=bool)
    for shock in distinct(shocks):
        touched[shock.importers(benchmark)] = True
    bytes_each = 3 * share.itemsize * share[:, :, touched].size
    return min(TOGETHER, max(1, int(ROOM / max(bytes_each, 1))))


@dataclass(frozen=True, eq=False)
class Pass:
    """Systems that are solved, as one.

    Attributes:
        places: of the questions; system, u: theirs, scenarios at the end.
    """

    places: list[int]
    system: System
    u: Unknowns

    def some(self, scenarios: Array) -> Pass:
        """Some of them [scenario]."""
        if len(scenarios) == len(self.places):
            return self
        mine = Unknowns(*(part[..., scenarios] for part in self.u))
        return Pass([self.places[k] for k in scenarios], self.system.some(scenarios), mine)


@dataclass(eq=False)
class Passes:
    """What passes leave to the next on the same economy under the same rule for transfers.

    Attributes:
        near: the inverse of something near Jacobians; None before the first pass.
        residual, moved: of scenarios that are solved, what the benchmark leaves in their equations, and how far from it they are [row, scenario].
        data: the data as an equilibrium, under the first of the models: where nothing has changed exponents play no role.
    """

    near: Taught | None = None
    residual: list[Array] = field(default_factory=list)
    moved: list[Array] = field(default_factory=list)
    data: Solved | None = None

    def measured_from(self, benchmark: Benchmark, exponents: Exponents, shock: Shock, tolerance: float) -> Solved | None:
        """The data as an equilibrium; None where they are none, or are not what this shock is measured from."""
        if self.data is None and not needs_reference(benchmark, shock):
            self.data = measured_from_data(benchmark, exponents, shock, tolerance)
        return self.data

    def start(self, residual: Array) -> Array:
        """How far from the benchmark scenarios are that leave this in their equations there [row, scenario]: as those that are solved, combined."""
        if not self.residual:
            return np.zeros_like(residual)
        known, moved = np.concatenate(self.residual, axis=1), np.concatenate(self.moved, axis=1)
        parts = np.linalg.pinv(known.T @ known, rcond=ALIKE**2, hermitian=True) @ (known.T @ residual)
        return np.asarray(moved @ parts)

    def keep(self, residual: Array, moved: Array) -> None:
        """Keep what a pass found, and that of the one before."""
        self.residual, self.moved = [*self.residual[-1:], residual], [*self.moved[-1:], moved]


Learnt = defaultdict[str, Passes]
"""By rule for transfers."""


@one_thread
def together(benchmark: Benchmark, asked: list[Question], tolerance: float, learnt: Passes) -> Pass | None:
    """The systems of questions that can be mixed under one rule for transfers, those that are solved; None where no one is."""
    try:
        base = build(benchmark, asked[0][0], Shock(transfers=asked[0][1].transfers))
    except SolveError:  # not even without a shock: the solve of each says so
        return None
    system, u, layout = build_many(base, benchmark, asked), start(base), Layout(base)
    many = Unknowns(*(np.repeat(part[..., None], len(asked), axis=2) for part in u))
    with np.errstate(all="ignore"):  # a scenario without an equilibrium may leave the range of floats; its own solve says what is wrong
        residual = layout.pack(*rows(system, many, evaluate(system, many)))
    fit = np.isfinite(residual).all(axis=0)
    if not fit.any():
        return None
    beginning = layout.pack(*many[:3])
    near = learnt.near = learnt.near or first_taught(base, system, many, residual, int(np.flatnonzero(fit)[fit.sum() // 2]), learnt)
    first = beginning + learnt.start(np.where(fit, residual, 0.0))
    found = mix(system, at(many, layout, first), near.under(system), tolerance)
    good = fit & (found.largest <= tolerance)
    if not good.any():
        return None
    learnt.keep(residual[:, good], (layout.pack(*found.u[:3]) - beginning)[:, good])
    return Pass(list(range(len(asked))), system, found.u).some(np.flatnonzero(good))


def first_taught(base: System, system: System, many: Unknowns, residual: Array, place: int, learnt: Passes) -> Taught:
    """What is near the inverse of Jacobians where one scenario of a system is about solved, which is nearer to the others than the benchmark is.

    Args:
        base, many: the benchmark, alone and for scenarios; residual: what it leaves in equations [row, scenario]; place: of the scenario.
    """
    some, right, u, layout = np.array([place]), residual[:, [place]], alone(many, place), Layout(system)
    lin = Linearised(base, u, evaluate(base, u), np.zeros(base.home.shape))
    begin = Unknowns(*(part[..., some] for part in many))
    found = mix(system.some(some), begin, near_inverse(lin), NEARBY)
    if not found.largest[0] <= NEARBY:
        return Taught(base, u, right)
    learnt.keep(right, layout.pack(*found.u[:3]) - layout.pack(*begin[:3]))
    return Taught(system.alone(place), alone(found.u), right)


def at(u: Unknowns, layout: Layout, columns: Array) -> Unknowns:
    """These unknowns with the values of columns [unknown, scenario]."""
    return u._replace(**dict(zip(u._fields[:3], layout.unpack(columns), strict=True)))


class Taught:
    """Near the inverse of Jacobians, in single precision: directions that one right-hand side [row, 1] has taught at a point, and `Partners`."""

    def __init__(self, system: System, u: Unknowns, right: Array) -> None:
        lin = Linearised(system, u, evaluate(system, u), np.zeros(system.home.shape))
        self.world = World(lin)
        self.space = Directions(self.world.times, Partners(lin, Blocks(preconditioner(lin))), len(right), np.float32)
        self.space.solve(right, LEARNT)

    def under(self, system: System) -> Callable[[Array], Array]:
        """Near the inverse of scenarios' own Jacobians, which differ in exponents, times columns [row, scenario]."""
        return partial(self.space.near, steps=STEPS, product=self.world.under(system).times)
