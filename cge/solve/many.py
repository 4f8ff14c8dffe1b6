"""Many counterfactuals of one economy: looked for together where they can be, each verified as if it had been alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import islice

import numpy as np

from cge.errors import InputError, Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.shock import Shock
from cge.solve.asked import Unstable
from cge.solve.changes import solve_changes
from cge.solve.counterfactual import Solved, counterfactual, needs_reference
from cge.solve.equilibrium import check_each, equilibrium
from cge.solve.mixing import alone
from cge.solve.passes import TOGETHER, Learnt, Pass, Passes, Question, search
from cge.solve.search import Memory
from cge.solve.solution import Solution, Solutions
from cge.solve.threads import one_thread

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


def memories(found: Iterable[Pass]) -> dict[int, Memory]:
    """Where the systems of questions are solved, by their places."""
    return {place: Memory(alone(one.u, k)) for one in found for k, place in enumerate(one.places)}
