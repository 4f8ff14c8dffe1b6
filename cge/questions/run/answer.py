"""From a case to a folder of results: what is solved and what is written."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import xarray as xr

from cge.data.files.folder import replacing
from cge.data.files.formats import write_csv, write_json, write_netcdf
from cge.questions.datasets import flows_dataset, tree
from cge.questions.solve import solve
from cge.questions.write import produce
from cge.results.acting import WORLD, Acting, acting
from cge.results.firms import firms_table, trade_costs_table
from cge.results.markups import markups_table
from cge.results.satellites import leakages, satellite_groups_table, satellites_table
from cge.results.sectors import sector_groups_table, sectors_table
from cge.results.tables import factors_table, flows_table, partners_table
from cge.results.welfare import groups_table, welfare_table
from cge.results.workers import groups_income_table
from cge.runfile.case import Case
from cge.solve.counterfactual import Report
from cge.solve.solution import Solution
from cge.tell.answer import Told, told_of
from cge.tell.provenance import done, summary

Tables = dict[str, pd.DataFrame]


# --- solving a case ------------------------------------------------------------------------------------------------------------------


# --- what is written -----------------------------------------------------------------------------------------------------------------


def make_tables(solution: Solution, case: Case) -> Tables:
    """Every table of a solution by file name without its ending; `flows` only where it is asked for."""
    found = {
        "welfare": welfare_table(solution),
        "groups": groups_table(solution, case.groups),
        "factors": factors_table(solution),
        "sectors": sectors_table(solution),
        "sector_groups": sector_groups_table(solution, case.groups, case.sector_groups),
        "partners": partners_table(solution, case.groups),
    }
    if case.accounts is not None:
        found["satellites"] = satellites_table(solution, case.accounts)
        found["satellite_groups"] = satellite_groups_table(found["satellites"], case.groups)
    if solution.benchmark.workers is not None:
        found["groups_income"] = groups_income_table(solution)
    if case.flows != "none":
        found["flows"] = flows_table(solution)
    differ = solution.exponents.entrants.differ
    if differ and case.method == "levels":
        found["trade_costs"] = trade_costs_table(solution)
    if differ and case.firms:
        found["firms"] = firms_table(solution)
    if solution.exponents.entrants.vary:
        found["markups"] = markups_table(solution)
    return found


def write(solution: Solution, case: Case, folder: str | os.PathLike[str]) -> None:
    """Write the output folder of a solution; an earlier one is replaced as a whole.

    Raises:
        InputError: the folder cannot be written, or holds files that are not of this package.
    """
    with replacing(Path(folder)) as fresh:
        told = told_of_run(solution, case)
        fill(fresh, solution, case, told.tables, told.summary)


def write_run(case: Case, folder: Path, report: Report | None = None) -> tuple[Solution, Told]:
    """Solve a case and write its output folder; what was solved, and what the folder tells of it.

    Raises:
        InputError: of the case or the folder, which is left alone; SolveError: the folder then holds `diagnosis.json` alone.
    """

    def work(fresh: Path) -> tuple[Solution, Told]:
        solution = solve(case, report)
        told = told_of_run(solution, case)
        fill(fresh, solution, case, told.tables, told.summary)
        return solution, told

    return produce(case, folder, work)


def told_of_run(solution: Solution, case: Case) -> Told:
    """What the output folder of a solution tells."""
    tables = make_tables(solution, case)
    return told_of(run_summary(solution, case, tables), tables, solution.benchmark)


def fill(folder: Path, solution: Solution, case: Case, tables: Mapping[str, pd.DataFrame], says: Mapping[str, object]) -> None:
    """Write every file of a solution into an empty folder; `says`: summary.json."""
    for name, table in tables.items():
        if name == "flows" and case.flows == "netcdf":
            write_netcdf(xr.DataTree(flows_dataset(table, solution, case)), folder / "flows.nc")
        else:
            write_csv(table, folder / f"{name}.csv")
    write_netcdf(tree(solution, case), folder / "solution.nc")
    write_json(says, folder / "summary.json")


def run_summary(solution: Solution, case: Case, tables: Mapping[str, pd.DataFrame]) -> dict[str, object]:
    """The keys of summary.json: those of any solution, who acts, the rates that were imposed, and what became of satellite accounts."""
    found = {**summary(solution, case), **done(solution, case)}
    if "satellites" in tables:
        home = members_of(acting(solution, case.groups), case)
        found["satellites"] = {"home": home, "accounts": [one._asdict() for one in leakages(tables["satellites"], home)]}
    return found


def members_of(who: Acting, case: Case) -> list[str]:
    """The countries that act."""
    several = {WORLD: case.countries, **case.groups}
    inside = {label for name in who.names for label in several.get(name, [name])}
    return [label for label in case.countries if label in inside]


# --- where no solution is found ------------------------------------------------------------------------------------------------------
