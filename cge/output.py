"""From a case to a folder of results that is complete or is not there."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TypeVar, cast

import numpy as np
import pandas as pd
import xarray as xr

from cge.errors import InputError, Outcome, SolveError
from cge.gains import Gains, gains
from cge.hat import Report, check_benchmark, solve_hat
from cge.provenance import as_json, origin, summary, tree
from cge.runfile import Case, load
from cge.shock import Shock
from cge.solution import Solution
from cge.system import build
from cge.tables import factors_table, flows_table, sectors_table
from cge.welfare import groups_table, welfare_table

OURS = {
    "welfare.csv", "groups.csv", "factors.csv", "sectors.csv", "flows.csv", "flows.nc", "firms.csv", "gains.csv", "comparison.csv",
    "trade_costs.csv", "solution.nc", "summary.json", "diagnosis.json",
}  # fmt: skip
"""Files an output folder may hold."""

MARKS = ("summary.json", "diagnosis.json")
"""Every output folder holds one of these, and it names this package."""

Result = TypeVar("Result")
Tables = dict[str, pd.DataFrame]


# --- solving a case ------------------------------------------------------------------------------------------------------------------


def run(path: str | os.PathLike[str]) -> Solution:
    """Load a run file and solve it.

    Raises:
        DataError, RunFileError: faults of the data or the run file, all of them; SolveError: no verified solution.
    """
    return solve(load(path))


def solve(case: Case, report: Report | None = None) -> Solution:
    """The verified counterfactual of a case; `report` is told of progress. Raises as `cge.solve_hat`."""
    solver = engine(case)
    return solver(case.benchmark, case.exponents, case.shock, tolerance=case.tolerance, unstable=case.unstable, report=report)


def engine(case: Case) -> Callable[..., Solution]:
    """The solver of a case's method; `InputError` where this version lacks what the case asks for."""
    if case.firms and find_spec("cge.firms") is None:
        raise InputError(f"{case.path}: firms = true is not in this version of cge; leave it out.")
    if case.method == "hat":
        return solve_hat
    if find_spec("cge.levels") is None:
        raise InputError(f'{case.path}: method = "levels" is not in this version of cge; use method = "hat".')
    return cast(Callable[..., Solution], import_module("cge.levels").solve_levels)


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
    engine(case)

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
    return {**summary(found.solution, case), "reasons": found.reasons}


def fill(folder: Path, solution: Solution, case: Case, tables: Tables) -> None:
    """Write every file of a solution into an empty folder."""
    for name, table in tables.items():
        if name == "flows" and case.flows == "netcdf":
            write_netcdf(xr.DataTree(flows_dataset(table, solution, case)), folder / "flows.nc")
        else:
            write_csv(table, folder / f"{name}.csv")
    write_netcdf(tree(solution, case), folder / "solution.nc")
    write_json(summary(solution, case), folder / "summary.json")


def write_json(value: object, path: Path) -> None:
    """Write JSON, UTF-8; what is not finite is null."""
    path.write_text(as_json(value) + "\n", encoding="utf-8")


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write csv: UTF-8, comma, one header row, 17 significant digits, nothing where a number is not finite."""
    columns = [cells(table[name]) for name in table]
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(",".join(quoted(str(name)) for name in table) + "\n")
        file.write("".join(f"{row}\n" for row in map(",".join, zip(*columns, strict=True))))


def cells(column: pd.Series) -> list[str]:
    """The entries of a column as csv text; one pass of Python's own formatting, which is twice as fast as pandas' `float_format`."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        labels = np.array([quoted(str(label)) for label in column.cat.categories], dtype=object)
        return cast(list[str], labels[column.cat.codes.to_numpy()].tolist())
    if pd.api.types.is_float_dtype(column.dtype):
        values = column.to_numpy(dtype=np.float64)
        text = [format(value, ".17g") for value in values.tolist()]
        for row in np.flatnonzero(~np.isfinite(values)):
            text[row] = ""
        return text
    return ["" if pd.isna(value) else quoted(str(value)) for value in column.tolist()]


def quoted(text: str) -> str:
    """A csv field, in quotes where it must be."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def flows_dataset(table: pd.DataFrame, solution: Solution, case: Case) -> xr.Dataset:
    """The table of flows as arrays [exporter, importer, sector]; money is zero and changes are not defined where nothing is traded."""
    countries, sectors = solution.benchmark.countries, solution.benchmark.sectors
    labels = {"exporter": countries, "importer": countries, "sector": sectors}
    place = tuple(table[dim].cat.codes.to_numpy() for dim in labels)
    variables = {}
    for name in table.columns[len(labels) :]:
        array = np.full([len(v) for v in labels.values()], 0.0 if name in ("benchmark", "counterfactual") else np.nan)
        array[place] = table[name].to_numpy()
        variables[name] = (tuple(labels), array)
    return xr.Dataset(variables, labels, {"title": case.title, "unit": str(solution.benchmark.attrs.get("unit", ""))})


def write_netcdf(data: xr.DataTree, path: Path) -> None:
    """Write netCDF4, numbers packed at the fastest level."""
    packing = {"zlib": True, "complevel": 1, "shuffle": True}
    encoding = {node.path: dict.fromkeys(node.data_vars, packing) for node in data.subtree}
    try:
        data.to_netcdf(path, engine="netcdf4", encoding=encoding)
    except RuntimeError as error:  # how netCDF reports a full disk
        raise OSError(f"netCDF: {error}") from error


# --- the folder ----------------------------------------------------------------------------------------------------------------------


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
        return {"outcome": error.outcome.name, "sentence": error.outcome.sentence, **origin(case), "diagnosis": error.diagnosis}
    outcome = Outcome("internal_error", f"An error of cge itself, not of your input: {type(error).__name__}: {error}")
    return {
        "outcome": outcome.name,
        "sentence": outcome.sentence,
        **origin(case),
        "diagnosis": {"traceback": traceback.format_exception(error)},
    }


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new, empty folder beside `folder` that takes its place when the block ends; nothing of it is left where the block fails.

    Raises:
        InputError: before the block, `folder` cannot be written or holds files that are not ours; after it, writing failed.
    """
    folder = Path(os.path.realpath(folder))
    fresh, old = (folder.with_name(f".{folder.name}.{kind}-{secrets.token_hex(4)}") for kind in ("new", "old"))
    made: list[Path] = []
    try:
        refuse_foreign(folder)
        made_folders(folder.parent, made)
        fresh.mkdir()
        yield fresh
        refuse_foreign(folder)
        swap(fresh, folder, old)
    except OSError as error:
        raise InputError(f"out: {folder} cannot be written ({error.strerror or error}); give another folder with --out.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
        for parent in reversed(made):
            with suppress(OSError):  # it holds the result, or something of another process
                parent.rmdir()


def made_folders(folder: Path, made: list[Path]) -> None:
    """Create `folder` and what is missing above it; each new one is added to `made`."""
    for parent in [*reversed(folder.parents), folder]:
        if not parent.exists():
            parent.mkdir(exist_ok=True)
            made.append(parent)


def swap(fresh: Path, folder: Path, old: Path) -> None:
    """Put `fresh` in the place of `folder`, whose content goes to `old`; everything is as before where that fails."""
    try:
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


def refuse_foreign(folder: Path) -> None:
    """`InputError` where replacing `folder` would delete something that is not an output of this package."""
    hint = "an output folder is replaced as a whole, so give another one with --out"
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"out: {folder} is not a folder; {hint}.")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise InputError(f"out: {folder} cannot be read and written; {hint}.")
    if folder.is_mount():
        raise InputError(f"out: {folder} is the top of a disk or volume, which cannot be replaced; give a folder inside it with --out.")
    entries = sorted(folder.iterdir())
    foreign = [entry.name for entry in entries if entry.name not in OURS or entry.is_dir()]
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise InputError(f"out: {folder} holds what is not of cge ({', '.join(foreign[:3])}{more}); {hint}.")
    if entries and not any(marked(folder / name) for name in MARKS):
        raise InputError(f"out: {folder} holds {', '.join(e.name for e in entries[:3])} but no {' or '.join(MARKS)} of cge; {hint}.")


def marked(path: Path) -> bool:
    """Whether a summary or diagnosis was written by this package."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "outcome" in content and "cge" in (content.get("versions") or {})
