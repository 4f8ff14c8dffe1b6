"""The labelled arrays of solution.nc and flows.nc, every variable with its words from `cge.names`."""

from __future__ import annotations

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import described
from cge.data.economy import names_in
from cge.data.files.formats import as_json
from cge.model.shock import SHOCK_DIMS, Shock
from cge.runfile.case import Case, Start
from cge.solve.solution import Solution
from cge.tell.provenance import origin


def tree(solution: Solution, case: Case) -> xr.DataTree:
    """The groups of solution.nc: `benchmark`, `shock` (with `shock/baseline` where there is one) and `solution`, with their provenance.

    Attributes: `run_file` (its text), `versions` and `inputs` (SHA-256, both JSON), `outcome`, `sentence`, `residual`, `walras_market`,
    `walras_residual`, and those of the economy on `benchmark`.
    """
    attrs = provenance(solution, case)
    benchmark = solution.benchmark.data.assign_attrs(solution.benchmark.attrs)
    groups = {"/benchmark": benchmark, **shock_groups(solution.shock, "/shock"), "/solution": solution.data}
    unit = solution.benchmark.unit
    return xr.DataTree.from_dict({"/": xr.Dataset(attrs=attrs), **{path: described(data, unit) for path, data in groups.items()}})


def provenance(solution: Solution, case: Case) -> dict[str, object]:
    """Where a result comes from and how well it was solved, as attributes."""
    facts = origin(case)
    return {
        "title": case.title,
        "outcome": solution.outcome.name,
        "sentence": solution.outcome.sentence,
        "residual": solution.residual,
        "walras_market": solution.dropped,
        "walras_residual": solution.walras,
        "model": case.model,
        "transfers": case.transfers,
        "method": case.method,
        "run_file": case.text,
        "economy": as_json(case.attrs),
        "inputs": as_json(facts["inputs"]),
        "versions": as_json(facts["versions"]),
    }


def in_words(case: Case) -> dict[str, dict[str, str]]:
    """Countries and sectors in words, for files that hold no economy; none where a technology has none."""
    return {kind: names_in(case.economy.data, kind) for kind in ("country", "sector")} if isinstance(case.start, Start) else {}


def shock_groups(shock: Shock, path: str) -> dict[str, xr.Dataset]:
    """A shock, and the baselines behind it, as datasets by group; what a shock leaves alone is absent."""
    given = {name: array for name in SHOCK_DIMS if (array := getattr(shock, name)) is not None}
    here = {path: xr.Dataset(given, attrs={"transfers": shock.transfers})}
    return here if shock.baseline is None else {**here, **shock_groups(shock.baseline, f"{path}/baseline")}


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
    unit = solution.benchmark.unit
    return described(xr.Dataset(variables, labels, {"title": case.title, "unit": unit}), unit)
