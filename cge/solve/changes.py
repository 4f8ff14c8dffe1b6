"""Solve a counterfactual in changes (exact hat algebra)."""

from __future__ import annotations

import math
from dataclasses import asdict

import numpy as np

from cge.errors import Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.build import build
from cge.model.exponents import Exponents
from cge.model.shock import Shock
from cge.model.transfers import TransferRule
from cge.solve.asked import Unstable, check_asked
from cge.solve.counterfactual import Report, Solved, counterfactual, lighter, pays
from cge.solve.equilibrium import Check, Equilibrium, check
from cge.solve.follow import RUINED
from cge.solve.newton import Solver
from cge.solve.search import Memory, solve
from cge.solve.solution import Solution
from cge.solve.stability import Fold


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
        DataError: an argument of another kind; exponents or shock do not fit the benchmark.
        SolveError: the benchmark does not solve without a shock, is unstable, or no verified solution was found; the worst market is named.
    """
    check_asked(benchmark, exponents, shock, tolerance, unstable)

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
    raise refusal(benchmark, found, checked, reached, solver, tolerance)


def refusal(benchmark: Benchmark, found: Equilibrium, checked: Check, reached: float, solver: Solver, tolerance: float) -> SolveError:
    """Why there is no solution: the equilibrium that continues the benchmark ends at a fold, or where a country has nothing left; else the residual.

    Args:
        found, checked: the last point; reached: part of the shock that it solves; solver: what looked for it.
    """
    income = found.values.income / benchmark.data["income"].values
    poorest = int(np.nanargmin(income))
    diagnosis: dict[str, object] = {
        "market": checked.market,
        "residual": checked.residual,
        "shock_followed": reached,
        "iterations": solver.iterations,
        "lowest_income": {"country": benchmark.countries[poorest], "income_over_benchmark": float(income[poorest])},
    }
    paid = pays(found, poorest)
    if solver.ended is not None:
        return SolveError(folded(reached, solver.ended), {**diagnosis, "fold": asdict(solver.ended)})
    if reached < 1 and paid > 0 and income[poorest] < RUINED:
        return SolveError(ruined(benchmark.countries[poorest], paid, reached, found.system.rule), diagnosis)
    sentence = f"Not solved: the {checked.market} has a relative residual of {checked.residual:.2e} (tolerance {tolerance:g})"
    if reached < 1:
        sentence = f"Not solved: the equilibrium could be followed to {percent(reached)} of the way, and no further"
    cure = "Try a smaller shock, or a lower scale." if found.system.scale.any() else "Try a smaller shock."
    return SolveError(Outcome("not_converged", f"{sentence}. {cure}"), diagnosis)


def folded(reached: float, ended: Fold) -> Outcome:
    """The equilibrium could not be followed because it meets another, at which it loses its stability."""
    sentence = (
        f"No equilibrium near the benchmark: the one that continues it was followed to {percent(reached)} of the way, where it folds: it "
        f"meets another, and both end (radius · scale {ended.radius:.4f} and {ended.radius_other:.4f} at {percent(ended.part)} of it; an equilibrium "
        "is stable under entry below one). Beyond, only distant equilibria can exist. Try a lower scale."
    )
    return Outcome("fold", sentence)


def ruined(country: str, paid: float, reached: float, rule: TransferRule) -> Outcome:
    """The equilibrium ends where a country has nothing left to spend."""
    sentence = (
        f"No equilibrium: following the shock, the income of {country} falls towards zero at {percent(reached)} of the way, because the transfer "
        f"that it pays ({paid:.6g}) is all that its factors and tariffs earn. {lighter(rule)}"
    )
    return Outcome("no_equilibrium", sentence)


def percent(part: float) -> str:
    """A part of the way in percent, not rounded up to the whole."""
    return f"{math.floor(1000 * part) / 10:.1f}%"
