"""IPOPT on a compiled model, through cyipopt."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from types import SimpleNamespace
from typing import Any

import cyipopt
import numpy as np
from numpy.typing import ArrayLike

from cge.errors import InputError
from cge.solve.nlp.problem import Problem
from cge.solve.nlp.task import FAILURES, OTHER, Report, Result, Task
from cge.solve.nlp.terms import Array

SILENT: dict[str, float | str] = {"print_level": 0, "sb": "yes", "option_file_name": ""}
DEFAULTS = {**SILENT, "check_derivatives_for_naninf": "yes", "acceptable_iter": 0, "mu_strategy": "adaptive"}
"""IPOPT's options unless the caller sets them: nothing printed, no file `ipopt.opt` read, NaN in derivatives noticed, no loose stop."""


def ipopt(
    problem: Problem,
    start: ArrayLike | None = None,
    options: Mapping[str, float | str] | None = None,
    tolerance: float = 1e-8,
    report: Report | None = None,
    flat: bool = False,
) -> Result:
    """Solve with IPOPT.

    Args:
        start: [n]; by default the values of the Pyomo variables.
        options: IPOPT's (max_iter, max_wall_time, …), over `DEFAULTS`.
        tolerance: largest violation of a solved model. IPOPT's own tolerances are set so that its status 0 keeps to it.
        report: is told iteration and infeasibility.
        flat: leave second derivatives out, which may help where there is nothing to minimise but inequalities to keep to.
    Raises:
        InputError: options that IPOPT refuses. KeyboardInterrupt: at the end of the iteration.
    """
    task = Task(problem, start, tolerance, report)
    ours = {"tol": tolerance / 10, "constr_viol_tol": tolerance, "bound_relax_factor": 0.0}
    with opened(task, {**DEFAULTS, **ours, **(options or {})}, flat) as solver:
        if refusal := task.refusal():
            return task.result(task.x, *refusal)
        found = run(solver, task, task.x)
        if found.slope > tolerance:
            # its scaling is that of the slopes where it starts, which may be far from those at the optimum, or infinite
            task.earlier = task.iterations
            found = run(solver, task, found.x)
    return found


PUSHES = "bound_push", "bound_frac", "slack_bound_push", "slack_bound_frac"
HERE: dict[str, float | str] = {"warm_start_init_point": "yes", "warm_start_mult_bound_push": 1e-16, "max_iter": 0}
HERE |= {f"{when}{push}": 1e-16 for when in ("", "warm_start_") for push in PUSHES}
"""IPOPT looks at the point that it is given, and not at one a little inside its bounds, with multipliers of zero."""


def confirm(problem: Problem, start: ArrayLike | None = None, tolerance: float = 1e-8, report: Report | None = None) -> Result:
    """IPOPT's word on whether a point [variable] keeps to all constraints and bounds, whatever the objective: status 0 where it does.

    It takes no step and no factorisation. IPOPT makes one for the multipliers of a square problem, which are zero here: so it is given one more
    variable, which is in no row, and a start with multipliers.

    Args:
        start, tolerance, report: as in `ipopt`.
    """
    task = Task(problem, start, tolerance, report)
    task.sign = 0.0
    ours = {"tol": tolerance, "constr_viol_tol": tolerance, "bound_relax_factor": 0.0}
    with opened(task, {**DEFAULTS, **ours, **HERE}, flat=True, idle=1) as solver:
        if refusal := task.refusal():
            return task.result(task.x, *refusal)
        return run(solver, task, np.append(task.x, 0.0))


@contextmanager
def opened(task: Task, options: Mapping[str, float | str], flat: bool = False, idle: int = 0) -> Iterator[Any]:
    """A task as IPOPT's problem, with options; `flat` without second derivatives, `idle` variables more that are in no row.

    Raises:
        InputError: as `set_options`.
    """
    problem, n, free = task.problem, task.x.size, np.full(idle, np.inf)
    on, kept = task.active, np.append(np.flatnonzero(task.active), task.active.size)
    entries = np.repeat([*on, False], np.diff(problem.linear.indptr))
    calls = SimpleNamespace(
        objective=lambda x: task.sign * problem.rows(x[:n])[-1],
        gradient=lambda x: np.append(task.sign * problem.jacobian(x[:n])[[-1]].toarray()[0], np.zeros(idle)),
        constraints=lambda x: problem.rows(x[:n])[:-1][on],
        jacobian=lambda x: problem.jacobian(x[:n]).data[entries],
        jacobianstructure=lambda: problem.linear[:-1][on].tocoo().coords,
        hessian=lambda x, weights, factor: (
            np.zeros(0) if flat else problem.hessian(x, np.bincount(kept, np.append(weights, task.sign * factor)).astype(float))
        ),
        hessianstructure=lambda: tuple(problem.triangle[:, :0] if flat else problem.triangle),
        intermediate=lambda _, iteration, objective, infeasibility, *others: task.progress(iteration, infeasibility),
    )
    bounds = np.append(task.lower, -free), np.append(task.upper, free), task.least[on], task.most[on]
    solver = cyipopt.Problem(n + idle, int(on.sum()), calls, *bounds)
    try:
        set_options(solver, options)
        yield solver
    finally:
        solver.close()


def run(solver: Any, task: Task, start: Array) -> Result:
    """IPOPT from a point [variable], and the verdict. Raises InputError: an option that it refuses only now."""
    x, info = solver.solve(start)
    status = info["status"]
    if status == -12:
        raise InputError("IPOPT refused an option when it started: perhaps a linear solver that is not installed")
    said = f"IPOPT status {status}: {info['status_msg'].decode().removesuffix('.')}."
    multipliers = np.zeros(task.active.size)
    multipliers[task.active] = info["mult_g"]
    return task.result(
        x[: task.x.size], said, FAILURES.get(status, OTHER), status == 0 or not task.sign, multipliers if status == 0 else None
    )


def set_options(solver: Any, options: Mapping[str, float | str]) -> None:
    """Set IPOPT's options. Raises InputError: those it refuses, in its own words, which it would otherwise print."""
    refused = []
    sys.stdout.flush()
    with tempfile.TemporaryFile() as said:
        stdout = os.dup(1)
        os.dup2(said.fileno(), 1)
        try:
            for name, given in options.items():
                plain = given.item() if isinstance(given, np.generic) else given
                for same in (plain, float(plain)) if type(plain) is int else (plain,):
                    with suppress(TypeError):
                        solver.add_option(name, same)
                        break
                else:
                    refused.append(f"{name} = {given!r}")
        finally:
            os.dup2(stdout, 1)
            os.close(stdout)
        if refused:
            said.seek(0)
            raise InputError(f"IPOPT refuses {', '.join(refused)}. {' '.join(said.read().decode().split())}")
