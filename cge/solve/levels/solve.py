"""Solve a counterfactual in levels: technology recovered from the benchmark, the same equations as a Pyomo model, Newton and IPOPT."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.model.benchmark import Benchmark
from cge.model.build import build
from cge.model.exponents import Exponents
from cge.model.profits import cost_accounts
from cge.model.shock import Shock
from cge.model.system import System, Unknowns
from cge.model.technology import Levels, at_unit_factor_prices, build_levels, recovered
from cge.solve.asked import Unstable, check_asked
from cge.solve.changes import solve_hat
from cge.solve.counterfactual import Report, Solved, counterfactual
from cge.solve.equilibrium import check, equilibrium, markets
from cge.solve.firms import violations
from cge.solve.solution import Solution

if TYPE_CHECKING:  # the module imports Pyomo
    from cge.solve.levels.pyomo_model import Model

log = logging.getLogger(__name__)

AGREEMENT = 1e-7
"""Largest difference between ratios of levels and hats, relative; beyond it one of the two is wrong."""

IN_CHANGES = (
    'Or solve in changes (method = "hat"), which follow a large shock in parts; from their solution (warm_start) levels may be found.'
)
"""What to try where levels do not arrive: they start at the benchmark and go to the whole shock at once."""

REPRODUCED = 1e-9
"""Largest relative residual of the levels at the benchmark: technology must reproduce the data."""


def solve_levels(
    benchmark: Benchmark,
    exponents: Exponents,
    shock: Shock,
    *,
    tolerance: float = 1e-10,
    unstable: Unstable = "refuse",
    report: Report | None = None,
    warm_start: Solution | None = None,
    written: Levels | None = None,
) -> Solution:
    """The counterfactual of `shock` solved in levels, verified, and compared with the solution in changes.

    Technology is recovered from the benchmark (`recover`); the system in levels is a Pyomo model, solved from the benchmark point
    and confirmed by IPOPT. Arguments, result and errors are those of `solve_hat`.

    Args:
        warm_start: a solution to start from in place of the benchmark point.
        written: technology in place of the recovered one, with its equilibrium, from which the benchmark was made (`cge.solve.levels.world`).

    Raises:
        DataError, SolveError: as `solve_hat`; also where technology does not reproduce the benchmark, or levels and changes disagree.
    """
    check_asked(benchmark, exponents, shock, tolerance, unstable)
    levels = recovered(benchmark, exponents) if written is None else written
    inner = levels if written is None else with_workers(at_unit_factor_prices(written, exponents, benchmark.sectors), benchmark, exponents)
    check_reproduces(benchmark, exponents, inner)

    def solver(one: Shock) -> Solved:
        return solve_one(benchmark, exponents, inner, one, tolerance, report, warm_start)

    solution = counterfactual(benchmark, exponents, shock, solver, method="levels", tolerance=tolerance, unstable=unstable)
    other = solve_hat(benchmark, exponents, shock, tolerance=tolerance, unstable=unstable)
    gap, where = difference(solution, other)
    if gap > AGREEMENT:
        sentence = f"Levels and changes disagree: {where} differs by {gap:.2e} (relative; {AGREEMENT:g} is accepted)."
        raise SolveError(Outcome("not_converged", sentence), {"market": where, "levels_vs_hat": gap})
    solution = replace(solution, levels_vs_hat=gap, levels=levels)
    return replace(solution, warnings=(*solution.warnings, *violations(solution)))


def with_workers(levels: Levels, benchmark: Benchmark, exponents: Exponents) -> Levels:
    """A technology written by hand with workers who move between sectors as those of its benchmark, factors costing one there."""
    paid = cost_accounts(benchmark, exponents.on(benchmark.sectors)["profit"])
    technology, point = levels.technology.moving(paid, benchmark), levels.point
    if technology.supply is not None:
        markets = len(technology.supply.names)
        point = point._replace(log_factor_price=np.zeros((markets, len(benchmark.countries))))
    return Levels(technology, point)


def levels_model(benchmark: Benchmark, exponents: Exponents, shock: Shock) -> Model:
    """The system of a shock in levels as a Pyomo model at the benchmark point, on technology recovered from the data; nothing is solved.

    Args:
        benchmark, exponents, shock: as in `solve_levels`; transfers as the shock says, no baseline.
    """
    from cge.solve.levels.pyomo_model import build_model

    levels = recovered(benchmark, exponents)
    system = build_levels(levels.technology, exponents, benchmark.countries, benchmark.sectors, shock)
    return build_model(system, benchmark.countries, benchmark.sectors, markets(benchmark, system), levels.point)


def check_reproduces(benchmark: Benchmark, exponents: Exponents, levels: Levels) -> None:
    """The levels at the benchmark point must solve every equation, with the observed final shares."""
    observed = replace(levels.technology, final_share=benchmark.data["observed_final_share"].values)
    system = build_levels(observed, exponents, benchmark.countries, benchmark.sectors, Shock())
    found = check(benchmark, equilibrium(system, levels.point))
    if found.residual > REPRODUCED:
        sentence = (
            f"The technology that was recovered does not reproduce the benchmark: {found.market} has a residual of {found.residual:.2e}."
        )
        raise SolveError(Outcome("not_an_equilibrium", sentence), {"market": found.market, "residual": found.residual})


def solve_one(
    benchmark: Benchmark,
    exponents: Exponents,
    levels: Levels,
    shock: Shock,
    tolerance: float,
    report: Report | None,
    warm_start: Solution | None,
) -> Solved:
    """The equilibrium of one shock in levels, as hats relative to the data."""
    from cge.solve.levels.system import solve_system  # pyomo is heavy

    system = build_levels(levels.technology, exponents, benchmark.countries, benchmark.sectors, shock)
    origin = levels.point
    beginning = origin if warm_start is None else from_hats(origin, warm_start.counterfactual.unknowns, system)
    try:
        found, iterations = solve_system(
            system, benchmark.countries, benchmark.sectors, markets(benchmark, system), beginning, tolerance, report
        )
    except SolveError as error:
        raise SolveError(Outcome(error.outcome.name, f"{error.outcome.sentence} {IN_CHANGES}"), error.diagnosis) from error
    hats = to_hats(origin, found, system)
    result = equilibrium(build(benchmark, exponents, shock), hats)
    return Solved(result, check(benchmark, result), iterations)


def to_hats(origin: Unknowns, found: Unknowns, system: System) -> Unknowns:
    """Levels relative to the benchmark point."""
    entry = found.entry / np.where(origin.entry > 0, origin.entry, 1.0)
    return Unknowns(
        found.log_factor_price - origin.log_factor_price,
        found.log_price - origin.log_price,
        found.log_spending_change - origin.log_spending_change,
        np.where(system.scale > 0, entry, 1.0),
        found.log_entry - origin.log_entry,
    )


def from_hats(origin: Unknowns, hats: Unknowns, system: System) -> Unknowns:
    """The levels that hats stand for."""
    return Unknowns(
        origin.log_factor_price + hats.log_factor_price,
        origin.log_price + hats.log_price,
        origin.log_spending_change + hats.log_spending_change,
        np.where(system.scale > 0, origin.entry * hats.entry, origin.entry),
        origin.log_entry + hats.log_entry,
    )


def difference(levels: Solution, hats: Solution) -> tuple[float, str]:
    """Largest |level ratio − hat| / max(1, hat) over factor prices, prices, incomes and entry, shares absolute; and where."""
    worst, where = 0.0, "nothing"
    one, other = levels.counterfactual, hats.counterfactual
    pairs: dict[str, tuple[Array, Array]] = {
        "factor price": (one.factor_price, other.factor_price),
        "price index": (np.exp(one.unknowns.log_price), np.exp(other.unknowns.log_price)),
        "income": (one.values.income / levels.reference.values.income, other.values.income / hats.reference.values.income),
        "entry": (one.unknowns.entry, other.unknowns.entry),
        "trade share": (one.trade_share, other.trade_share),
    }
    for name, (a, b) in pairs.items():
        gap = np.abs(a - b) / (1.0 if name == "trade share" else np.maximum(1.0, b))
        index = np.unravel_index(int(gap.argmax()), gap.shape)
        if gap[index] > worst:
            worst, where = float(gap[index]), f"{name} at {_label(levels.benchmark, name, index)}"
    return worst, where


def _label(benchmark: Benchmark, name: str, index: tuple[Any, ...]) -> str:
    rows = [benchmark.factors if name == "factor price" else benchmark.sectors] if len(index) > 1 else []
    axes = [*rows, *[benchmark.countries] * (len(index) - len(rows))]
    return " ".join(labels[i] for labels, i in zip(axes, index, strict=True))
