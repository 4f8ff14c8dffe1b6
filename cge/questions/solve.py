"""A case solved, and what can be refused before."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain as chain_of

from cge.errors import DataError, RunFileError
from cge.model.benchmark import calibrate
from cge.model.build import build
from cge.model.shock import Shock
from cge.model.technology import build_levels
from cge.runfile.case import Case, Start
from cge.runfile.load import load
from cge.solve.changes import solve_hat
from cge.solve.counterfactual import Report, check_benchmark
from cge.solve.levels.world import World, build_or_fault, solve_world
from cge.solve.many import Found, solve_many
from cge.solve.search import Memory
from cge.solve.solution import Solution


def run(path: str | os.PathLike[str], scenario: str = "") -> Solution:
    """Load a run file and solve it, or one of its scenarios by name.

    Raises:
        DataError, RunFileError: faults of the data or the run file, all of them; SolveError: no verified solution.
    """
    return solve(load(path, scenario))


def ready(case: Case) -> Case:
    """The case with what it starts from: the benchmark of a technology is solved in levels here, an observed one stands there already.

    Raises:
        RunFileError: the technology has no equilibrium, or one in which firms are not selected.
    """
    if isinstance(case.start, Start):
        return case
    with of_technology():
        levels, economy = solve_world(case.start, case.exponents)
        benchmark = calibrate(
            economy,
            intermediates=case.intermediates,
            negative_final_demand=case.negative_final_demand,
            mobility=case.mobility,
            inequality_aversion=case.inequality_aversion,
        )
    return replace(case, start=Start(economy, benchmark, levels))


@contextmanager
def of_technology() -> Iterator[None]:
    """Faults of a technology as those of the run file that names it."""
    try:
        yield
    except DataError as error:
        raise RunFileError(f"technology {fault}" for fault in error.faults) from error


def solve(case: Case, report: Report | None = None, memory: Memory | None = None) -> Solution:
    """The verified counterfactual of a case; `report` is told of progress, `memory` is that of `cge.solve_hat`. Raises as that, and as `ready`."""
    case = ready(case)
    written = case.levels
    options: dict[str, object] = {"memory": memory} if case.method == "hat" else {} if written is None else {"written": written}
    limits = {"tolerance": case.tolerance, "unstable": case.unstable}
    solution = engine(case)(case.benchmark, case.exponents, case.shock, report=report, **limits, **options)
    # changes need no technology, but firms and varieties are counted in the units of the one that was written
    return replace(solution, case=case, levels=solution.levels if written is None else written)


def solve_all(cases: Iterable[Case]) -> Iterator[tuple[list[int], Found]]:
    """The verified counterfactuals of cases on one benchmark, solved in changes under one tolerance, or the error of each, behind the places of the
    cases (`cge.solve.many.solve_many`).
    """
    cases = iter(cases)
    first = next(cases)
    asked = ((case.exponents, case.shock) for case in chain_of((first,), cases))
    yield from solve_many(first.benchmark, asked, tolerance=first.tolerance, unstable=first.unstable)


def engine(case: Case) -> Callable[..., Solution]:
    """The solver of a case's method."""
    if case.method == "hat":
        return solve_hat
    from cge.solve.levels.solve import solve_levels  # Pyomo and IPOPT are loaded only where they are used

    return solve_levels


def verify(case: Case) -> None:
    """Raise, without solving, what a solve would raise before its first step: shocks that do not fit, data that are not an equilibrium."""
    world = case.start
    if isinstance(world, World):
        with of_technology():
            build_or_fault(world, case.exponents)
        for shock in chain(case.shock):
            build_levels(world.technology, case.exponents, world.countries, world.sectors, shock)
        return
    check_benchmark(case.benchmark, build(case.benchmark, case.exponents, Shock()), case.tolerance)
    for shock in chain(case.shock):
        build(case.benchmark, case.exponents, shock)


def chain(shock: Shock | None) -> Iterator[Shock]:
    """A shock and those whose equilibria it is measured from."""
    while shock is not None:
        yield shock
        shock = shock.baseline
