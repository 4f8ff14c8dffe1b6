"""Solve a counterfactual in changes (exact hat algebra)."""

from __future__ import annotations

import numpy as np

from cge.errors import Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.build import build
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.solve.counterfactual import Report, Solved, Unstable, counterfactual
from cge.solve.equilibrium import Check, Equilibrium, check
from cge.solve.search import Memory, solve
from cge.solve.solution import Solution
from cge.solve.stability import radius


def solve_hat(
    benchmark: Benchmark,
    exponents: Exponents,
    shock: Shock,
    *,
    tolerance: float = 1e-10,
    unstable: Unstable = "refuse",
    report: Report | None = None,
    memory: Memory | None = None,
) -> Solution:
    """The counterfactual of `shock`, verified.

    Args:
        benchmark: shares and values of the data; exponents: the model; shock: what changes, with the transfer rule and the baseline.
        tolerance: largest relative residual of the original equations that is accepted.
        unstable: with free entry and inputs, `refuse` is an error where an equilibrium is unstable under entry; `follow` returns one.
        report: told the number of Newton steps so far and the largest residual, for progress.
        memory: carried from one counterfactual to the next on the same economy, each of which starts from the last; the result is as accurate
            without it.

    Raises:
        DataError: exponents or shock do not fit the benchmark.
        SolveError: the benchmark does not solve without a shock, is unstable, or no verified solution was found; the worst market is named.
    """

    def solver(one: Shock) -> Solved:
        return solve_changes(benchmark, exponents, one, tolerance, report, memory)

    return counterfactual(benchmark, exponents, shock, solver, method="hat", tolerance=tolerance, unstable=unstable)


def solve_changes(
    benchmark: Benchmark,
    exponents: Exponents,
    shock: Shock,
    tolerance: float,
    report: Report | None = None,
    memory: Memory | None = None,
) -> Solved:
    """Solve and verify the equilibrium of one shock; `SolveError` with a diagnosis where that fails."""
    target = build(benchmark, exponents, shock)
    point, solver, reached = solve(target, lambda: build(benchmark, exponents, Shock()), 0.1 * tolerance, report, memory)
    found = Equilibrium(point.system, point.u, point.v)
    checked = check(benchmark, found)
    if reached == 1 and checked.residual <= tolerance:
        return Solved(found, checked, solver.iterations)
    income = found.values.income / benchmark.data["income"].values
    poorest = int(np.nanargmin(income))
    diagnosis = {
        "market": checked.market,
        "residual": checked.residual,
        "shock_followed": reached,
        "iterations": solver.iterations,
        "lowest_income": {"country": benchmark.countries[poorest], "income_over_benchmark": float(income[poorest])},
    }
    if reached < 1:
        diagnosis["radius_scale"] = edge = radius_scale(found)
        if edge is not None and edge > 0.9:
            raise SolveError(folded(reached, edge), diagnosis)
    raise SolveError(failure(benchmark, found, checked, reached, poorest, tolerance), diagnosis)


def radius_scale(found: Equilibrium) -> float | None:
    """Radius times the largest scale at an equilibrium with free entry and inputs (one: the edge of stability), None without these."""
    if found.system.input_share is None or not found.system.scale.any():
        return None
    return radius(found.system, found.unknowns) * float(found.system.scale.max())


def folded(reached: float, edge: float) -> Outcome:
    """The equilibrium could not be followed because it loses its stability on the way."""
    sentence = (
        f"No equilibrium near the benchmark: the one that continues it was followed to {reached:.1%} of the shock, where it folds "
        f"(radius · scale {edge:.3f}; at one it is no longer stable under entry). Beyond, only distant equilibria can exist. Try a lower scale."
    )
    return Outcome("fold", sentence)


def failure(benchmark: Benchmark, found: Equilibrium, checked: Check, reached: float, poorest: int, tolerance: float) -> Outcome:
    """What went wrong, in words: no equilibrium where a country cannot finance its transfer, else the worst market."""
    income = float(found.values.income[poorest])
    paid = -float(np.broadcast_to(found.values.transfer, found.values.income.shape)[poorest])
    if reached < 1 and paid > 0 and income < 0.05 * benchmark.data["income"].values[poorest]:
        country = benchmark.countries[poorest]
        sentence = (
            f"No equilibrium: following the shock, the income of {country} falls towards zero at {reached:.1%} of it, because the transfer "
            f"that it pays ({paid:.6g}) is all that its factors and tariffs earn. "
            'Use transfers = "zero" or "own_share", or a smaller shock.'
        )
        return Outcome("no_equilibrium", sentence)
    sentence = f"Not solved: the {checked.market} has a relative residual of {checked.residual:.2e} (tolerance {tolerance:g})"
    if reached < 1:
        sentence += f"; the equilibrium could be followed to {reached:.1%} of the shock, where it ends or folds"
    return Outcome("not_converged", sentence + ". Try a smaller shock, or a lower scale.")
