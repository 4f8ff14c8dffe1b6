"""From a case to a folder of results: what is solved and what is written."""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar, cast

import pandas as pd
import xarray as xr

from cge.assembly import build
from cge.compare import KEYS, Answer, Comparison, compare, tidy
from cge.counterfactual import Report, check_benchmark
from cge.datasets import comparison_dataset, flows_dataset, provenance, tree
from cge.errors import InputError, Outcome, SolveError
from cge.firms.levels import firms_table, trade_costs_table
from cge.folder import replacing
from cge.formats import write_csv, write_json, write_netcdf
from cge.gains import Gains, gains
from cge.gradient_tables import Marginal, marginal, named, usual
from cge.hat import solve_hat
from cge.provenance import origin, summary
from cge.runfile import Case, load
from cge.search import Memory
from cge.shock import Shock
from cge.solution import Solution
from cge.tables import factors_table, flows_table, sectors_table
from cge.welfare import groups_table, welfare_table

Result = TypeVar("Result")
Tables = dict[str, pd.DataFrame]


# --- solving a case ------------------------------------------------------------------------------------------------------------------


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
    from cge.levels import solve_levels  # Pyomo, CasADi and IPOPT are loaded only where they are used

    return solve_levels


def verify(case: Case) -> None:
    """Raise, without solving, what a solve would raise before its first step: shocks that do not fit, data that are not an equilibrium."""
    check_benchmark(case.benchmark, build(case.benchmark, case.exponents, Shock()), case.tolerance)
    shock: Shock | None = case.shock
    while shock is not None:
        build(case.benchmark, case.exponents, shock)
        shock = shock.baseline


# --- what is written -----------------------------------------------------------------------------------------------------------------


def make_tables(solution: Solution, case: Case) -> Tables:
    """Every table of a solution by file name without its ending; `flows` only where it is asked for."""
    found = {
        "welfare": welfare_table(solution),
        "groups": groups_table(solution, case.groups),
        "factors": factors_table(solution),
        "sectors": sectors_table(solution),
    }
    if case.flows != "none":
        found["flows"] = flows_table(solution)
    if case.model == "melitz" and case.method == "levels":
        found["trade_costs"] = trade_costs_table(solution)
    if case.model == "melitz" and case.firms:
        found["firms"] = firms_table(solution)
    return found


def write(solution: Solution, case: Case, folder: str | os.PathLike[str]) -> None:
    """Write the output folder of a solution; an earlier one is replaced as a whole.

    Raises:
        InputError: the folder cannot be written, or holds files that are not of this package.
    """
    with replacing(Path(folder)) as fresh:
        fill(fresh, solution, case, make_tables(solution, case))


def write_run(case: Case, folder: Path, report: Report | None = None) -> tuple[Solution, Tables]:
    """Solve a case and write its output folder; what was solved, and its tables.

    Raises:
        InputError: of the case or the folder, which is left alone; SolveError: the folder then holds `diagnosis.json` alone.
    """

    def work(fresh: Path) -> tuple[Solution, Tables]:
        solution = solve(case, report)
        tables = make_tables(solution, case)
        fill(fresh, solution, case, tables)
        return solution, tables

    return produce(case, folder, work)


def write_gains(case: Case, folder: Path, report: Report | None = None) -> Gains:
    """Gains from trade of a case and their output folder; raises as `write_run`."""

    def work(fresh: Path) -> Gains:
        found = gains(case.benchmark, case.exponents, case.shock, tolerance=case.tolerance, report=report)
        write_csv(found.table, fresh / "gains.csv")
        write_json(gains_summary(found, case), fresh / "summary.json")
        return found

    return produce(case, folder, work)


def gains_summary(found: Gains, case: Case) -> dict[str, object]:
    """The keys of summary.json for gains from trade: those of the equilibrium they are measured from, and why a country has no number."""
    kept = {"run_file_text": case.text, "economy_attributes": dict(case.benchmark.attrs)}  # other folders keep these in their netCDF
    return {**summary(found.solution, case), "reasons": found.reasons, **kept}


def write_gradient(
    case: Case, folder: Path, countries: Iterable[str] = (), everything: bool = False, report: Report | None = None
) -> Marginal:
    """Derivatives of real income at the solution of a case, and their output folder.

    Args:
        countries: labels or groups (default: `usual`); everything: all derivatives in the table, not the largest alone.

    Raises:
        InputError, SolveError: as `write_run`; an unknown country, before anything is solved; a singular linearised system.
    """
    asked = named(case, countries)

    def work(fresh: Path) -> Marginal:
        solution = solve(case, report)
        found = marginal(solution, asked or usual(solution), everything)
        write_csv(found.table, fresh / "gradient.csv")
        write_netcdf(xr.DataTree(found.data.assign_attrs({**found.data.attrs, **provenance(solution, case)})), fresh / "gradient.nc")
        write_json(gradient_summary(found, case), fresh / "summary.json")
        return found

    return produce(case, folder, work)


def gradient_summary(found: Marginal, case: Case) -> dict[str, object]:
    """The keys of summary.json for derivatives: those of the solution, and of whom they are, how long they took, how smooth real income is."""
    about = {"countries": [str(c) for c in found.data["country"].values], "seconds": found.seconds, **found.data.attrs}
    return {**summary(found.solution, case), "gradient": about}


def write_comparison(
    case: Case,
    folder: Path,
    models: Iterable[str] = (),
    across: Iterable[str] = (),
    progress: Callable[[str], Report | None] = lambda name: None,
) -> Comparison:
    """The same question under several models (arguments as those of `cge.compare.compare`) and its output folder; raises as `write_run`."""

    def work(fresh: Path) -> Comparison:
        found = compare(case, solve, models, across, progress)
        write_csv(tidy(found), fresh / "comparison.csv")
        write_csv(tidy(found, "groups"), fresh / "comparison_groups.csv")
        write_netcdf(xr.DataTree(comparison_dataset(found, case)), fresh / "comparison.nc")
        write_json(comparison_summary(found, case), fresh / "summary.json")
        return found

    return produce(case, folder, work)


def comparison_summary(found: Comparison, case: Case) -> dict[str, object]:
    """The keys of summary.json for a comparison: those of the run file itself, and of every member how it was solved or why it was not."""
    about = [{**{name: getattr(answer, name) for name in ("name", *KEYS)}, **verdict(answer)} for answer in found.answers]
    own = summary(found.solution, case)
    return {**own, "notes": [*found.notes, *cast(list[str], own["notes"])], "members": about}


def verdict(answer: Answer) -> dict[str, object]:
    """How a member was solved, or why it was not."""
    reason: dict[str, object] = {"outcome": answer.outcome.name, "sentence": answer.outcome.sentence}
    if answer.solution is None or answer.case is None or answer.gains is None:
        return reason
    own = summary(answer.solution, answer.case)
    kept = ("elasticities", "iterations", "seconds", "residual", "walras", "corners", "stability", "stability_note", "notes")
    return {**reason, **{name: own[name] for name in kept}, "reasons": answer.gains.reasons}


def fill(folder: Path, solution: Solution, case: Case, tables: Tables) -> None:
    """Write every file of a solution into an empty folder."""
    for name, table in tables.items():
        if name == "flows" and case.flows == "netcdf":
            write_netcdf(xr.DataTree(flows_dataset(table, solution, case)), folder / "flows.nc")
        else:
            write_csv(table, folder / f"{name}.csv")
    write_netcdf(tree(solution, case), folder / "solution.nc")
    write_json(summary(solution, case), folder / "summary.json")


# --- where no solution is found ------------------------------------------------------------------------------------------------------


def produce(case: Case, folder: Path, work: Callable[[Path], Result]) -> Result:
    """Let `work` fill a new folder and put it in the place of `folder`.

    Where `work` finds no solution (or fails by an error of this package) the new folder holds `diagnosis.json` alone, and the error is raised
    again; bad input, a full disk and an interruption leave everything as it was.
    """
    with replacing(folder) as fresh:
        try:
            return work(fresh)
        except (InputError, OSError):
            raise
        except Exception as error:
            failure = error
            for path in fresh.iterdir():
                path.unlink()
            write_json(diagnosis(error, case), fresh / "diagnosis.json")
    raise failure


def diagnosis(error: Exception, case: Case) -> dict[str, object]:
    """The keys of diagnosis.json."""
    if isinstance(error, SolveError):
        outcome, figures = error.outcome, error.diagnosis
    else:
        outcome = Outcome("internal_error", f"An error of cge itself, not of your input: {type(error).__name__}: {error}")
        figures = {"traceback": traceback.format_exception(error)}
    return {"outcome": outcome.name, "sentence": outcome.sentence, **origin(case), "diagnosis": figures}
