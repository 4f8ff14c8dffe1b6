"""Many counterfactuals of one economy: looked for together where they can be, each verified as if it had been alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, InputError, SolveError
from cge.model.benchmark import Benchmark
from cge.model.build import build, build_many
from cge.model.exponents import Exponents
from cge.model.linear import Linearised, rows
from cge.model.shock import Shock
from cge.model.system import System, Unknowns, evaluate, start
from cge.solve.chains import Chains
from cge.solve.changes import solve_changes
from cge.solve.counterfactual import Solved, Unstable, counterfactual, needs_reference
from cge.solve.krylov import Layout, directions
from cge.solve.mixing import mix
from cge.solve.search import Memory
from cge.solve.solution import Solution
from cge.solve.threads import one_thread

TOGETHER = 16
"""Most scenarios in one pass: with more a residual costs no less for each, and memory grows."""

ROOM = 40e6
"""Most bytes of trade weights that the scenarios of a pass have for themselves."""

LEARNT = 1e-6
"""To what residual the first step of the average scenario is taken, for what it teaches of the Jacobian."""

ALIKE = 1e-5
"""Part of the largest by which solved scenarios must differ to be told apart."""

T = TypeVar("T")
Question = tuple[Exponents, Shock]
"""A model and what changes."""


def solve_many(
    benchmark: Benchmark, asked: Iterable[Question], *, tolerance: float = 1e-10, unstable: Unstable = "refuse"
) -> Iterator[Solution | SolveError | InputError]:
    """The verified counterfactual of every model and shock in turn, or the error that `cge.solve_hat` raises for it.

    Without free entry but with inputs equilibria are looked for together, in passes that depend on the questions and their order alone, and counted
    as no iterations of a solution. Where that fails, and under other models, they are looked for one after the other, each from the last.

    Args:
        asked: models and shocks, taken as they are needed; tolerance, unstable: as in `cge.solve_hat`.
    """
    questions, memory = iter(asked), Memory()
    learnt: Learnt = defaultdict(Passes)
    while some := list(islice(questions, TOGETHER)):
        yield from solve_some(benchmark, some, tolerance, unstable, memory, learnt)


def solve_some(
    benchmark: Benchmark, asked: Sequence[Question], tolerance: float, unstable: Unstable, memory: Memory, learnt: Learnt
) -> Iterator[Solution | SolveError | InputError]:
    """As `solve_many`, for questions that are all at hand; `memory`, `learnt`: what was left by those before, and what these leave."""
    bases, place_of = references(benchmark, asked)
    found, before = (search(benchmark, questions, 0.1 * tolerance, learnt) for questions in (asked, bases))
    solved = dict[int, Solved]()

    def solve_one(place: int, one: Shock) -> Solved:
        exponents, shock = asked[place]
        if one is shock:
            return solve_changes(benchmark, exponents, one, tolerance, memory=found[place] or memory)
        base = place_of[place]
        if base not in solved:
            solved[base] = solve_changes(benchmark, exponents, one, tolerance, memory=before[base] or memory)
        return solved[base]

    for place, (exponents, shock) in enumerate(asked):
        try:
            solver = partial(solve_one, place)
            yield counterfactual(benchmark, exponents, shock, solver, method="hat", tolerance=tolerance, unstable=unstable)
        except (SolveError, InputError) as error:
            yield error


def references(benchmark: Benchmark, asked: Sequence[Question]) -> tuple[list[Question], dict[int, int]]:
    """What changes are measured from, as far as it must be solved, each once; and the place of it for every question that has one."""
    found: list[Question] = []
    place_of = {}
    for place, (exponents, shock) in enumerate(asked):
        if needs_reference(benchmark, shock):
            same = [
                k for k, (e, s) in enumerate(found) if (s.baseline, s.transfers) == (shock.baseline, shock.transfers) and e == exponents
            ]
            place_of[place] = same[0] if same else len(found)
            found += [] if same else [(exponents, shock)]
    return [(exponents, shock.reference) for exponents, shock in found], place_of


def search(benchmark: Benchmark, asked: Sequence[Question], tolerance: float, learnt: Learnt) -> list[Memory | None]:
    """Where every question's system is solved to a largest residual of `tolerance`; None where that was not found together with others."""
    found: list[Memory | None] = [None] * len(asked)
    able = [place for place, (exponents, _) in enumerate(asked) if mixable(benchmark, exponents)]
    for rule in dict.fromkeys(asked[place][1].transfers for place in able):
        mine = [place for place in able if asked[place][1].transfers == rule]
        for some in pieces(mine, most_together(benchmark, [asked[place][1] for place in mine])):
            if len(some) > 1:
                for place, memory in zip(some, together(benchmark, [asked[k] for k in some], tolerance, learnt[rule]), strict=True):
                    found[place] = memory
    return found


def pieces(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Items in pieces of about the same length, at most this."""
    size = -(-len(items) // max(1, -(-len(items) // most)))
    return (items[first : first + size] for first in range(0, len(items), max(1, size)))


def mixable(benchmark: Benchmark, exponents: Exponents) -> bool:
    """Whether the model has inputs and no free entry on this economy; not where exponents are missing, which its solve says."""
    try:
        return benchmark.uses is not None and not exponents.on(benchmark.sectors)["scale"].any()
    except DataError:
        return False


def most_together(benchmark: Benchmark, shocks: list[Shock]) -> int:
    """Most of these scenarios in one pass."""
    rate = benchmark.arrays["tariff"]
    touched = np.zeros(rate.shape[2], dtype=bool)
    for shock in shocks:
        touched[shock.importers(rate)] = True
    bytes_each = 3 * rate.itemsize * rate[:, :, touched].size
    return min(TOGETHER, max(1, int(ROOM / max(bytes_each, 1))))


@dataclass(eq=False)
class Passes:
    """What passes leave to the next on the same economy under the same rule for transfers.

    Attributes:
        near: the inverse of something near the Jacobian, times columns [row, column]; None before the first pass.
        residual, moved: of scenarios that are solved, what the benchmark leaves in their equations, and how far from it they are [row, scenario].
    """

    near: Taught | None = None
    residual: list[Array] = field(default_factory=list)
    moved: list[Array] = field(default_factory=list)

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
def together(benchmark: Benchmark, asked: list[Question], tolerance: float, learnt: Passes) -> list[Memory | None]:
    """Where the systems of questions that can be mixed under one rule for transfers are solved; None where not."""
    try:
        base = build(benchmark, asked[0][0], Shock(transfers=asked[0][1].transfers))
    except SolveError:  # not even without a shock: the solve of each says so
        return [None] * len(asked)
    system, u, layout = build_many(base, benchmark, asked), start(base), Layout(base)
    many = Unknowns(*(np.repeat(part[..., None], len(asked), axis=2) for part in u))
    with np.errstate(all="ignore"):  # a scenario without an equilibrium may leave the range of floats; its own solve says what is wrong
        residual = layout.pack(*rows(system, many, evaluate(system, many)))
    fit = np.isfinite(residual).all(axis=0)
    if not fit.any():
        return [None] * len(asked)
    near = learnt.near or Taught(base, u, residual[:, fit].mean(axis=1, keepdims=True))
    beginning = layout.pack(*many[:3])
    first = beginning + learnt.start(np.where(fit, residual, 0.0))
    found, largest = mix(system, at(many, layout, first), near, tolerance)
    good = fit & (largest <= tolerance)
    if good.any():
        middle = int(np.flatnonzero(good)[good.sum() // 2])
        if not learnt.residual:  # the first pass: its middle is nearer to what follows than the benchmark is
            learnt.near = Taught(system.alone(middle), alone(found, middle), residual[:, [middle]])
        learnt.keep(residual[:, good], (layout.pack(*found[:3]) - beginning)[:, good])
    return [Memory(alone(found, place)) if good[place] else None for place in range(len(asked))]


def at(u: Unknowns, layout: Layout, columns: Array) -> Unknowns:
    """These unknowns with the values of columns [unknown, scenario]."""
    return u._replace(**dict(zip(u._fields[:3], layout.unpack(columns), strict=True)))


def alone(u: Unknowns, place: int) -> Unknowns:
    """Those of one scenario."""
    return Unknowns(*(part[..., place].copy() for part in u))


class Taught:
    """`Chains`, and what one right-hand side [row, 1] taught of the Jacobian at a point."""

    def __init__(self, system: System, u: Unknowns, right: Array) -> None:
        lin = Linearised(system, u, evaluate(system, u), np.zeros(system.home.shape))
        self.chains = Chains(lin)
        self.space = directions(lin, self.chains)
        self.space.solve(right, LEARNT)

    def __call__(self, columns: Array) -> Array:
        """Near the inverse of the Jacobian times columns [row, column]."""
        left, answer = self.space.explain(columns.T)
        return np.asarray(answer.T + self.chains(left.T))
