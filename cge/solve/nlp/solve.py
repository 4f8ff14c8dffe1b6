"""Solvers of a compiled model: IPOPT through cyipopt, and Newton's method with sparse LU for square systems."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from types import SimpleNamespace
from typing import Any

import cyipopt
import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csc_array
from scipy.sparse.linalg import LinearOperator, SuperLU, gmres, splu

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
    on, kept = task.active, np.append(np.flatnonzero(task.active), task.active.size)
    entries = np.repeat([*on, False], np.diff(problem.linear.indptr))
    calls = SimpleNamespace(
        objective=lambda x: task.sign * problem.rows(x)[-1],
        gradient=lambda x: task.sign * problem.jacobian(x)[[-1]].toarray()[0],
        constraints=lambda x: problem.rows(x)[:-1][on],
        jacobian=lambda x: problem.jacobian(x).data[entries],
        jacobianstructure=lambda: problem.linear[:-1][on].tocoo().coords,
        hessian=lambda x, weights, factor: (
            np.zeros(0) if flat else problem.hessian(x, np.bincount(kept, np.append(weights, task.sign * factor)).astype(float))
        ),
        hessianstructure=lambda: tuple(problem.triangle[:, :0] if flat else problem.triangle),
        intermediate=lambda _, iteration, objective, infeasibility, *others: task.progress(iteration, infeasibility),
    )
    solver = cyipopt.Problem(task.x.size, int(on.sum()), calls, task.lower, task.upper, task.least[on], task.most[on])
    try:
        ours = {"tol": tolerance / 10, "constr_viol_tol": tolerance, "bound_relax_factor": 0.0}
        set_options(solver, {**DEFAULTS, **ours, **(options or {})})
        if refusal := task.refusal():
            return task.result(task.x, *refusal)
        found = run(solver, task, task.x)
        if found.slope > tolerance:
            # its scaling is that of the slopes where it starts, which may be far from those at the optimum, or infinite
            task.earlier = task.iterations
            found = run(solver, task, found.x)
    finally:
        solver.close()
    return found


def run(solver: Any, task: Task, start: Array) -> Result:
    """IPOPT from a point [variable], and the verdict. Raises InputError: an option that it refuses only now."""
    x, info = solver.solve(start)
    status = info["status"]
    if status == -12:
        raise InputError("IPOPT refused an option when it started: perhaps a linear solver that is not installed")
    said = f"IPOPT status {status}: {info['status_msg'].decode().removesuffix('.')}."
    multipliers = np.zeros(task.active.size)
    multipliers[task.active] = info["mult_g"]
    return task.result(x, said, FAILURES.get(status, OTHER), status == 0 or not task.sign, multipliers if status == 0 else None)


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


ROUGH = 1e-5
"""Accuracy of a Newton step that is solved for with an older factorisation: it leaves convergence as fast as it was."""


def newton(
    problem: Problem, start: ArrayLike | None = None, tolerance: float = 1e-10, limit: int = 50, report: Report | None = None
) -> Result:
    """Newton's method on as many equations as free variables (start [variable]), with sparse LU; `ipopt(problem, result.x)` confirms.

    Much faster than IPOPT on large square systems, whose symmetric factorisation is twice the size and made anew in every iteration: here an
    older factorisation serves as the preconditioner of GMRES, and gives way where it no longer helps. Every variable goes at most 0.99 of
    the way to its bound (one that is near does not hold up the others), and steps are halved until the residuals fall.

    Args:
        start, tolerance, report: as in `ipopt`. limit: of iterations.
    Raises:
        InputError: there are more or fewer equations than free variables.
    """
    task = Task(problem, start, tolerance, report)
    if refusal := task.refusal():
        return task.result(task.x, *refusal)
    rows, columns = np.flatnonzero(task.equation), np.flatnonzero(task.free)
    if rows.size != columns.size:
        raise InputError(f"Newton's method needs as many equations as free variables; there are {rows.size} and {columns.size}")
    x, step, said, factors = task.x, np.zeros(task.x.size), "", None
    residual = problem.rows(x)[rows] - task.least[rows]
    with np.errstate(all="ignore"):
        while np.isfinite(size := np.abs(residual).max(initial=0.0)) and size > tolerance and task.iterations < limit:
            task.progress(task.iterations + 1, size)
            try:
                step[columns], factors = solved(problem.jacobian(x)[rows][:, columns].tocsc(), -residual, factors)
            except RuntimeError as error:
                said = str(error)
                break
            least, most = x - 0.99 * (x - task.lower), x + 0.99 * (task.upper - x)
            for length in 0.5 ** np.arange(30):
                new = np.clip(x + length * step, least, most)
                trial = problem.rows(new)[rows] - task.least[rows]
                if np.linalg.norm(trial) < (1 - 1e-4 * length) * np.linalg.norm(residual):
                    break
            else:
                said = "no step reduces the residuals"
                break
            x, residual = new, trial
    return task.result(x, f"Newton's method: {said or f'{task.iterations} iterations'}.", OTHER, ended_well=True)


def solved(matrix: csc_array, right: Array, factors: SuperLU | None) -> tuple[Array, SuperLU]:
    """The solution of a linear system [row] and the factorisation that gave it: the one at hand if GMRES gets there with it, else a new one.

    Raises:
        RuntimeError: the matrix is singular.
    """
    if factors is not None:
        solution, failed = gmres(matrix, right, M=LinearOperator(matrix.shape, factors.solve), rtol=ROUGH, restart=25, maxiter=2)
        if not failed:
            return solution, factors
    factors = splu(matrix)
    return factors.solve(right), factors
