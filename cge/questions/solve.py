"""A case solved, and what can be refused before."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace

from cge.model.build import build
from cge.model.shock import Shock
from cge.runfile.load import Case, load
from cge.solve.changes import solve_hat
from cge.solve.counterfactual import Report, check_benchmark
from cge.solve.search import Memory
from cge.solve.solution import Solution


def run(path: str | os.PathLike[str]) -> Solution:
    """Load a run file and solve it.

    Raises:
        DataError, RunFileError: faults of the data or the run file, all of them; SolveError: no verified solution.
    """
    return solve(load(path))


def solve(case: Case, report: Report | None = None, memory: Memory | None = None) -> Solution:
    """The verified counterfactual of a case; `report` is told of progress, `memory` is that of `cge.solve_hat`. Raises as that."""
    written = case.technology
    options: dict[str, object] = {"memory": memory} if case.method == "hat" else {} if written is None else {"written": written}
    limits = {"tolerance": case.tolerance, "unstable": case.unstable}
    solution = engine(case)(case.benchmark, case.exponents, case.shock, report=report, **limits, **options)
    # changes need no technology, but firms and varieties are counted in the units of the one that was written
    return solution if written is None else replace(solution, levels=written)


def engine(case: Case) -> Callable[..., Solution]:
    """The solver of a case's method."""
    if case.method == "hat":
        return solve_hat
    from cge.solve.levels.solve import solve_levels  # Pyomo, CasADi and IPOPT are loaded only where they are used

    return solve_levels


def verify(case: Case) -> None:
    """Raise, without solving, what a solve would raise before its first step: shocks that do not fit, data that are not an equilibrium."""
    check_benchmark(case.benchmark, build(case.benchmark, case.exponents, Shock()), case.tolerance)
    shock: Shock | None = case.shock
    while shock is not None:
        build(case.benchmark, case.exponents, shock)
        shock = shock.baseline
