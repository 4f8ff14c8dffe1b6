"""Newton's method for square systems, with sparse LU and GMRES."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from scipy.sparse import csc_array, csr_array
from scipy.sparse.linalg import LinearOperator, SuperLU, gmres, splu

from cge.errors import InputError
from cge.solve.nlp.problem import Problem
from cge.solve.nlp.task import OTHER, Report, Result, Task
from cge.solve.nlp.terms import Array, Indices


@dataclass(frozen=True, eq=False)
class Structure:
    """What is known of a system beyond its numbers. It makes Newton's method faster and surer, and cannot change what solves the system.

    Attributes:
        rows, columns: block of every constraint and of every variable, by number; entries of the Jacobian inside blocks make a preconditioner.
        defined: the variable that a constraint defines as a function of others, without loops, or −1 [constraint].
        closed: the variable that a constraint closes and rises with, though perhaps through other blocks alone, or −1 [constraint].
    """

    rows: Indices
    columns: Indices
    defined: Indices
    closed: Indices


Path = tuple[Any, Sequence[float]]
"""A fixed variable and the values, falling, that it takes before its own."""


def newton(
    problem: Problem,
    start: ArrayLike | None = None,
    tolerance: float = 1e-10,
    limit: int = 50,
    report: Report | None = None,
    structure: Structure | None = None,
    path: Path | None = None,
) -> Result:
    """Newton's method on as many equations as free variables (start [variable]), with sparse LU; `confirm(problem, result.x)` confirms.

    Much faster than IPOPT on large square systems, whose symmetric factorisation is twice the size and made anew in every iteration: here an
    older factorisation, or with `structure` one of its blocks alone, serves as the preconditioner of GMRES, and gives way where it does not
    help. Every variable goes at most 0.99 of the way to its bound (one that is near does not hold up the others unless it must), and steps are
    halved until the residuals fall.

    Args:
        start, tolerance, report: as in `ipopt`. limit: of iterations.
        structure: blocks, and the equations that define a variable: after every step these are substituted, so that residuals are of the others.
        path: inequalities hold with equality (as products of complementary variables do on the central path), while a fixed variable that is in
            them falls to its own value; each value is solved for to its own size.
    Raises:
        InputError: there are more or fewer equations than free variables.
    """
    task = Task(problem, start, tolerance, report)
    if refusal := task.refusal():
        return task.result(task.x, *refusal)
    square = Square(task, structure, tight=path is not None)
    stages, at = [(0.0, tolerance)], np.zeros(0, np.int64)
    if path is not None:
        at = np.flatnonzero([v is path[0] for v in problem.variables])
        stages = [*((value, value) for value in path[1]), (float(path[0].value), tolerance)]
    x, said = task.x, ""
    with np.errstate(all="ignore"):
        for value, enough in stages:
            x[at] = value
            x, said = square.descend(x, max(tolerance, enough), limit)
            if said:
                break
    x[at] = stages[-1][0]
    return task.result(x, f"Newton's method: {said or f'{task.iterations} iterations'}.", OTHER, ended_well=True)


ROUGH, ENOUGH = 1e-5, 1e-2
"""Accuracy of a Newton step that a preconditioner helps to solve for: what it aims at, so that convergence is as fast as it was, and what will do."""

LIFT = 1e-4
"""What is added to the slope of a constraint along the variable that it closes: blocks, and only they, would be singular where that is zero."""

SETTLED, LINKS = 1e-13, 50
"""Substitution ends when no defined variable changes by more than this (of its size, where that is above one), or with the longest chain of them."""


class Square:
    """The equations of a task in its free variables; where `tight`, inequalities with an upper bound are held to it."""

    def __init__(self, task: Task, structure: Structure | None, tight: bool) -> None:
        self.task, self.problem, self.structure = task, task.problem, structure
        self.factors: SuperLU | None = None
        self.rows, self.columns = np.flatnonzero(task.equation | (tight & np.isfinite(task.most))), np.flatnonzero(task.free)
        if self.rows.size != self.columns.size:
            raise InputError(
                f"Newton's method needs as many equations as free variables; there are {self.rows.size} and {self.columns.size}"
            )
        defined = np.full(task.active.size, -1) if structure is None else structure.defined
        self.defining = np.flatnonzero((defined >= 0) & task.equation & task.free[defined])
        self.defined = defined[self.defining]
        self.coefficients = np.asarray(self.problem.linear[self.defining, self.defined])

    def residual(self, x: Array) -> Array:
        """Violations of the equations, with signs [row]."""
        return self.problem.rows(x)[self.rows] - self.task.most[self.rows]

    def settle(self, x: Array) -> Array:
        """The point with variables that equations define put to what these say, once for every link of their chain [variable]."""
        x = x.copy()
        for _ in range(LINKS if self.defining.size else 0):
            change = (self.problem.rows(x)[self.defining] - self.task.most[self.defining]) / self.coefficients
            x[self.defined] = np.clip(x[self.defined] - change, self.task.lower[self.defined], self.task.upper[self.defined])
            if not (np.abs(change) > SETTLED * np.maximum(1.0, np.abs(x[self.defined]))).any():
                break
        return x

    def descend(self, x: Array, tolerance: float, limit: int) -> tuple[Array, str]:
        """Newton steps until residuals are within the tolerance: the last point [variable], and what went wrong, if so."""
        x = self.settle(x)
        residual = self.residual(x)
        while (size := np.abs(residual).max(initial=0.0)) > tolerance:
            if self.task.iterations >= limit:
                return x, f"{limit} iterations"
            self.task.progress(self.task.iterations + 1, size)
            try:
                step = self.step(x, residual)
            except RuntimeError as error:
                return x, str(error)
            for length, to in self.shorter(x, step):
                new = self.settle(to)
                trial = self.residual(new)
                if np.linalg.norm(trial) < (1 - 1e-4 * length) * np.linalg.norm(residual):
                    break
            else:
                return x, "no step reduces the residuals"
            x, residual = new, trial
        return x, ""

    def shorter(self, x: Array, step: Array) -> Iterator[tuple[float, Array]]:
        """Lengths of a step and where they lead [variable]: first with every variable held back on its own, then with all of them alike."""
        below, above = 0.99 * (self.task.lower - x), 0.99 * (self.task.upper - x)
        for length in 0.5 ** np.arange(10):
            yield length, x + np.clip(length * step, below, above)
        reach = np.where(step < 0, below, above)[step != 0] / step[step != 0]
        for length in min(1.0, reach.min(initial=1.0)) * 0.5 ** np.arange(30):
            yield length, x + length * step

    def step(self, x: Array, residual: Array) -> Array:
        """The full step [variable]. Raises RuntimeError: the Jacobian is singular."""
        jacobian, step = self.problem.jacobian(x), np.zeros(x.size)
        matrix = self.part(jacobian)
        if self.structure is not None:
            closing = np.flatnonzero(self.structure.closed >= 0)
            lift = csr_array((np.full(closing.size, LIFT), (closing, self.structure.closed[closing])), shape=jacobian.shape)
            self.factors = within(self.part(jacobian + lift), self.structure.rows[self.rows], self.structure.columns[self.columns])
        step[self.columns], self.factors = solved(matrix, -residual, self.factors)
        return step

    def part(self, matrix: csr_array) -> csr_array:
        """The rows and columns of the system."""
        return csr_array(matrix[self.rows][:, self.columns])


def within(matrix: csr_array, rows: Indices, columns: Indices) -> SuperLU | None:
    """The factorisation of the entries in a row and column of the same block, or None where that is singular (the whole may not be)."""
    entries = matrix.tocoo()
    row, column = entries.coords
    kept = rows[row] == columns[column]
    try:
        return splu(csc_array((entries.data[kept], (row[kept], column[kept])), shape=matrix.shape))
    except RuntimeError:
        return None


def solved(matrix: csr_array, right: Array, factors: SuperLU | None) -> tuple[Array, SuperLU]:
    """The solution of a linear system [row] and the factorisation that gave it: the one at hand if GMRES gets there with it, else a new one.

    Raises:
        RuntimeError: the matrix is singular.
    """
    if factors is not None:
        # from the right, so that GMRES looks at the residuals of the system itself
        nearly = factors.solve
        operator = LinearOperator(matrix.shape, lambda v: matrix @ nearly(v), dtype=np.float64)
        solution = nearly(gmres(operator, right, rtol=ROUGH, restart=150, maxiter=1)[0])
        if np.linalg.norm(matrix @ solution - right) <= ENOUGH * np.linalg.norm(right):
            return solution, factors
    factors = splu(matrix.tocsc())
    return factors.solve(right), factors
