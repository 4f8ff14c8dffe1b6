"""Many counterfactuals of one economy: looked for together where they can be, each verified as if it had been alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import TypeVar

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError, InputError, Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.build import build, build_many, distinct
from cge.model.exponents import Exponents
from cge.model.linear import Linearised, rows
from cge.model.shock import Shock
from cge.model.system import System, Unknowns, evaluate, start
from cge.solve.chains import Chains
from cge.solve.changes import solve_changes
from cge.solve.counterfactual import Solved, Unstable, counterfactual, measured_from_data, needs_reference
from cge.solve.equilibrium import check_each, equilibrium
from cge.solve.krylov import Layout, directions
from cge.solve.mixing import mix
from cge.solve.search import Memory
from cge.solve.solution import Solution, Solutions
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

Found = Solution | Solutions | SolveError | InputError
"""What answers a question, or several, or why one has no answer."""


def solve_many(
    benchmark: Benchmark, asked: Iterable[Question], *, tolerance: float = 1e-10, unstable: Unstable = "refuse"
) -> Iterator[tuple[list[int], Found]]:
    """The verified counterfactual of every model and shock, or the error that `cge.solve_hat` raises for it, behind the places of what it answers
    among those asked.

    Without free entry but with inputs equilibria are looked for together, in passes that depend on the questions and their order alone, and counted
    as no iterations of a solution; `Solutions` are those of a pass that are measured from the data and change no trade costs. Where that fails, and
    under other models, they are looked for one after the other, each from the last.

    Args:
        asked: models and shocks, taken as they are needed; tolerance, unstable: as in `cge.solve_hat`.
    """
    questions, memory, first = iter(asked), Memory(), 0
    learnt: Learnt = defaultdict(Passes)
    while some := list(islice(questions, TOGETHER)):
        for places, found in solve_some(benchmark, some, tolerance, unstable, memory, learnt):
            yield [first + place for place in places], found
        first += len(some)


def solve_some(
    benchmark: Benchmark, asked: Sequence[Question], tolerance: float, unstable: Unstable, memory: Memory, learnt: Learnt
) -> Iterator[tuple[list[int], Found]]:
    """As `solve_many`, for questions that are all at hand; `memory`, `learnt`: what was left by those before, and what these leave."""
    found, left = search(benchmark, asked, 0.1 * tolerance, learnt), set(range(len(asked)))
    for one in found:
        places, solutions = verified(benchmark, asked, one, learnt[asked[one.places[0]][1].transfers], tolerance)
        if solutions is not None:
            left.difference_update(places)
            yield places, solutions
    alone = [asked[place] for place in sorted(left)]
    bases, place_of = references(benchmark, alone)
    before = memories(search(benchmark, bases, 0.1 * tolerance, learnt))
    own = {place: mine for place, mine in memories(found).items() if place in left}
    solved = dict[int, Solved]()

    def solve_one(place: int, question: int, one: Shock) -> Solved:
        exponents, shock = asked[place]
        if one is shock:
            return solve_changes(benchmark, exponents, one, tolerance, memory=own.get(place) or memory)
        base = place_of[question]
        if base not in solved:
            solved[base] = solve_changes(benchmark, exponents, one, tolerance, memory=before.get(base) or memory)
        return solved[base]

    for question, place in enumerate(sorted(left)):
        exponents, shock = asked[place]
        try:
            solver = partial(solve_one, place, question)
            yield [place], counterfactual(benchmark, exponents, shock, solver, method="hat", tolerance=tolerance, unstable=unstable)
        except (SolveError, InputError) as error:
            yield [place], error


@one_thread
def verified(
    benchmark: Benchmark, asked: Sequence[Question], found: Pass, learnt: Passes, tolerance: float
) -> tuple[list[int], Solutions | None]:
    """Those of a pass that can be read together (`Solutions`), as far as they solve the original equations; and their places."""
    base = learnt.measured_from(benchmark, *asked[found.places[0]], tolerance)
    able = [k for k, place in enumerate(found.places) if base is not None and readable(benchmark, asked[place][1])]
    if base is None or not able:
        return [], None
    mine = found.some(np.array(able))
    at_hand = equilibrium(mine.system, mine.u)
    checks = [check.residual for check in check_each(benchmark, at_hand)]
    good = np.flatnonzero((np.array(checks) <= tolerance) & (at_hand.values.income > 0).all(axis=0))
    if not len(good):
        return [], None
    if len(good) < len(able):
        mine = mine.some(good)
        at_hand = equilibrium(mine.system, mine.u)
    worst = np.maximum(np.array(checks)[good], base.check.residual)
    outcome = Outcome("solved", f"solved together: largest relative residual {worst.max():.1e}")
    questions = [asked[place] for place in mine.places]
    return mine.places, Solutions(benchmark, questions, base.found.columns, at_hand, outcome, worst)


def readable(benchmark: Benchmark, shock: Shock) -> bool:
    """Whether a shock is measured from the data, and neither changes trade costs nor lets exports be taxed (`Solutions`)."""
    plain = shock.iceberg is None and shock.fixed_cost is None and not shock.rates(benchmark, "export_tax").any()
    return plain and not needs_reference(benchmark, shock)


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


def memories(found: Iterable[Pass]) -> dict[int, Memory]:
    """Where the systems of questions are solved, by their places."""
    return {place: Memory(alone(one.u, k)) for one in found for k, place in enumerate(one.places)}


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
        near: the inverse of something near the Jacobian, times columns [row, column]; None before the first pass.
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
    near = learnt.near or Taught(base, u, residual[:, fit].mean(axis=1, keepdims=True))
    beginning = layout.pack(*many[:3])
    first = beginning + learnt.start(np.where(fit, residual, 0.0))
    found, largest = mix(system, at(many, layout, first), near, tolerance)
    good = fit & (largest <= tolerance)
    if not good.any():
        return None
    middle = int(np.flatnonzero(good)[good.sum() // 2])
    if not learnt.residual:  # the first pass: its middle is nearer to what follows than the benchmark is
        learnt.near = Taught(system.alone(middle), alone(found, middle), residual[:, [middle]])
    learnt.keep(residual[:, good], (layout.pack(*found[:3]) - beginning)[:, good])
    return Pass(list(range(len(asked))), system, found).some(np.flatnonzero(good))


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
        left, answer = self.space.explain(columns)
        return np.asarray(answer + self.chains(left))
