"""The derivatives of a run that are worth keeping: whole arrays of the countries asked for, and the largest of them by name."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import Array
from cge.data.concordance import bundled_groups
from cge.data.files.formats import as_json, write_csv, write_json, write_netcdf
from cge.errors import RunFileError, nearest
from cge.model.exponents import per_sector
from cge.model.parameters import PARAMETERS
from cge.questions.datasets import in_words, provenance
from cge.questions.solve import solve
from cge.questions.write import produce
from cge.results.gradient import MOBILITY, NO_GROUPS, elasticities_of, gradient, groups_of
from cge.results.highlights import countries_to_show
from cge.results.welfare import welfare_table
from cge.runfile.case import Case
from cge.solve.counterfactual import Report
from cge.solve.solution import Solution
from cge.tell.provenance import done, summary

COLUMNS = ("country", "of", "importer", "exporter", "sector", "factor", "value")
"""Columns of gradient.csv; where workers move with a finite elasticity also `group`, before the value."""

TOP = 10
"""Entries of each kind that are shown, and written unless all are asked for."""

FEW = 10
"""All countries are differentiated up to this number, a selection beyond it."""

ROUNDING = 1e-14
"""Derivatives up to this (percent per percent) are rounding errors of zero."""

KINDS = ("tariff", "export_tax", "iceberg", "productivity", "endowment")
"""Derivatives by policies and primitives that are written; those by fixed costs are fixed/trade times those by icebergs."""

MEANING = {
    "tariff": ("d ln real income by an ad valorem rate", "percent per percentage point"),
    "export_tax": ("d ln real income by an ad valorem rate of the exporter", "percent per percentage point"),
    "iceberg": ("d ln real income by ln of a variable trade cost", "percent per percent"),
    "productivity": ("d ln real income by ln of productivity", "percent per percent"),
    "endowment": ("d ln real income by ln of an endowment", "percent per percent"),
    **{name: (f"d ln real income by {name}", "log points per unit") for name in PARAMETERS},
    "trade": ("d ln real income by the trade elasticity", "log points per unit"),
    MOBILITY: ("d ln real income by the elasticity with which workers move between sectors", "log points per unit"),
}
"""What each derivative is, and its unit."""


@dataclass(frozen=True, eq=False)
class Gradient:
    """Derivatives of real income at the solution of a run.

    Attributes:
        solution: where; data: `gradient` of the countries and groups asked for, with the members of these as JSON in the attribute `groups`.
        table: columns of gradient.csv, by country and kind, the largest first.
        seconds: of all derivatives, without the solve.
    """

    solution: Solution
    data: xr.Dataset
    table: pd.DataFrame
    seconds: float


def differentiated(
    solution: Solution, countries: list[str], everything: bool = False, groups: Mapping[str, Sequence[str]] = NO_GROUPS
) -> Gradient:
    """Derivatives of the real income of some countries or groups; `everything`: every nonzero entry in the table, not the largest alone."""
    began = time.perf_counter()
    data = gradient(solution, countries, (*KINDS, *elasticities_of(solution)), groups)
    data.attrs["groups"] = as_json({name: labels for name, labels in groups.items() if name in countries})
    for name, array in data.data_vars.items():
        array.attrs |= dict(zip(("long_name", "units"), MEANING[str(name)], strict=True))
    seconds = time.perf_counter() - began
    parts = [ranked(solution, data[name].sel(country=c), c, None if everything else TOP) for c in countries for name in data.data_vars]
    table = pd.concat([part for part in parts if len(part)] or parts[:1], ignore_index=True)
    return Gradient(solution, data, table, seconds)


def ranked(solution: Solution, found: xr.DataArray, country: str, count: int | None) -> pd.DataFrame:
    """Nonzero entries of one derivative as rows of gradient.csv, the largest first.

    Costs of trade within a country are passed over unless all entries are asked for; elasticities are ranked by what one percent of them does.

    Args:
        found: derivative of the real income of `country` [as in `gradient`, without `country`]; count: how many (None: all).
    """
    name, values = str(found.name), found.values
    size = np.abs(values * elasticity(solution, name)) if found.ndim == 1 else np.abs(values)
    if count is not None and found.ndim == 3:
        size = size * ~np.eye(size.shape[1], dtype=bool)
    order = np.argsort(-size, axis=None, kind="stable")[:count]
    order = order[size.ravel()[order] > ROUNDING]
    place = dict(zip(map(str, found.dims), np.unravel_index(order, values.shape), strict=True))
    columns: dict[str, object] = {"country": country, "of": name}
    for dim in (*COLUMNS[2:-1], *(("group",) if groups_of(solution) else ())):
        columns[dim] = found[dim].values[place[dim]].astype(str) if dim in place else ""
    return pd.DataFrame({**columns, "value": values.ravel()[order]})


def elasticity(solution: Solution, name: str) -> Array:
    """A structural parameter [sector], or κ [group]."""
    exponents, workers = solution.exponents, solution.benchmark.workers
    if name == MOBILITY:
        assert workers is not None
        return np.array([workers.kappa[workers.groups.index(group)] for group in groups_of(solution)])
    return per_sector(exponents.trade if name == "trade" else exponents.parameters[name], solution.benchmark.sectors, name)


def named(case: Case, asked: Iterable[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Countries and groups as they are asked for, and the members of all groups that can be: those of the run file, and those that come with the
    package. `RunFileError` names what is unknown.
    """
    known, asked = case.countries, list(dict.fromkeys(asked))
    groups = {**bundled_groups({"country": known, "sector": []})["country"], **case.groups}
    unknown = [word for word in asked if word not in known and word not in groups]
    if unknown:
        raise RunFileError(f"--country: no country or group {word}.{nearest(word, [*known, *groups])}" for word in unknown)
    return asked, groups


def usual(solution: Solution) -> list[str]:
    """Countries to differentiate where none is named: all of a small world, else those of the shock and the largest."""
    known = solution.benchmark.countries
    if len(known) <= FEW:
        return known
    parts = countries_to_show(solution, welfare_table(solution))
    return [str(country) for name in ("in the shock", "largest") if name in parts for country in parts[name]["country"]]


def write_gradient(
    case: Case, folder: Path, countries: Iterable[str] = (), everything: bool = False, report: Report | None = None
) -> Gradient:
    """Derivatives of real income at the solution of a case, and their output folder.

    Args:
        countries: labels, or groups, each as one (default: `usual`); everything: all derivatives in the table, not the largest alone.

    Raises:
        InputError, SolveError: as `write_run`; an unknown country, before anything is solved; a singular linearised system.
    """
    asked, groups = named(case, countries)

    def work(fresh: Path) -> Gradient:
        solution = solve(case, report)
        found = differentiated(solution, asked or usual(solution), everything, groups)
        write_csv(found.table, fresh / "gradient.csv")
        write_netcdf(
            xr.DataTree(found.data.assign_attrs({**found.data.attrs, **provenance(solution, case), "names": as_json(in_words(case))})),
            fresh / "gradient.nc",
        )
        write_json(gradient_summary(found, case), fresh / "summary.json")
        return found

    return produce(case, folder, work)


def gradient_summary(found: Gradient, case: Case) -> dict[str, object]:
    """The keys of summary.json for derivatives: those of the solution, who acts there, and of whom they are, how long they took, how smooth real
    income is.
    """
    about = {"countries": [str(c) for c in found.data["country"].values], "seconds": found.seconds, **found.data.attrs}
    about["groups"] = json.loads(str(found.data.attrs["groups"]))
    return {**summary(found.solution, case), **done(found.solution, case), "gradient": about}
