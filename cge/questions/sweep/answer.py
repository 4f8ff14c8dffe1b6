"""What a sweep leaves beside its store when it is done: failures, bands, what the variance comes from, and a summary."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from cge.data.files.formats import write_csv, write_json
from cge.model.variants import VARIANTS
from cge.questions.policy.asked import meant
from cge.questions.sweep.axes import NAME
from cge.questions.sweep.chunks import Sweep, Work, about, signature, sweep
from cge.questions.sweep.combinations import Scenarios
from cge.questions.sweep.doing import doing
from cge.questions.sweep.store import STORE, open_store
from cge.questions.sweep.uncertainty import bands, convergence, convergence_figure, variance
from cge.runfile.case import Case, Start

if TYPE_CHECKING:
    import xarray as xr


def write_sweep(case: Case, folder: Path, work: Work, tell: Callable[[int, int], None] = lambda done, failed: None) -> dict[str, object]:
    """Solve a sweep (arguments as those of `cge.questions.sweep.chunks.sweep`), write what follows from it, and return the keys of summary.json.

    Raises:
        RunFileError, InputError: as `sweep`.
    """
    case = meant(case)
    done = sweep(case, folder, work, tell)
    data = open_store(folder / STORE)
    write_csv(failures(data, done.scenarios), folder / "failures.csv")
    if done.scenarios.draws is not None:
        write_uncertainty(data, done.scenarios, mattering(case, done.scenarios), folder)
    found = summary(case, done, data)
    # the summary is what says that a sweep is whole, so it comes last and at once
    write_json(found, folder / ".summary.json")
    os.replace(folder / ".summary.json", folder / "summary.json")
    return found


def failures(data: xr.Dataset, scenarios: Scenarios) -> pd.DataFrame:
    """Scenarios without a solution: `scenario`, the axes, `draw`, `outcome`."""
    bad = data["outcome"].values != "solved"
    columns = {name: values[bad] for name, values in scenarios.coordinates().items()}
    return pd.DataFrame({"scenario": data["scenario"].values[bad], **columns, "outcome": data["outcome"].values[bad].astype(str)})


def mattering(case: Case, scenarios: Scenarios) -> list[str]:
    """Sectors whose trade elasticity can matter: those that are traded in the benchmark.

    All sectors where that is not known before scenarios are solved (a technology, economies or models that vary), and under free entry, where
    the elasticity of a sector without trade still says what variety is worth.
    """
    paths = {path for axis in scenarios.axes for path in axis.paths}
    varies = any(path[0] in ("economy", "technology", "model") for path in paths)
    varies |= NAME in paths and any("model" in one.own for one in scenarios.asked.values())
    if varies or VARIANTS[case.model].scales or not isinstance(case.start, Start):
        return case.sectors
    flow = case.benchmark.data["flow"].transpose("sector", "exporter", "importer").values
    abroad = flow.sum(axis=(1, 2)) - np.trace(flow, axis1=1, axis2=2)
    return [sector for sector, traded in zip(case.sectors, abroad > 0, strict=True) if traded]


def write_uncertainty(data: xr.Dataset, scenarios: Scenarios, among: list[str], folder: Path) -> None:
    """bands.csv, variance.csv, convergence.csv, convergence.png (the country whose real income is least certain)."""
    write_csv(bands(data, scenarios), folder / "bands.csv")
    write_csv(variance(data, scenarios, among=among), folder / "variance.csv")
    settled = convergence(data, scenarios)
    write_csv(settled, folder / "convergence.csv")
    if len(settled):
        last = settled[settled["draws"] == settled["draws"].max()]
        widest = str(last["country"].iloc[int((last["p95"] - last["p05"]).to_numpy(float).argmax())])
        convergence_figure(settled, widest).figure.savefig(folder / "convergence.png", dpi=200, metadata={"Software": None})  # type: ignore[union-attr]


def summary(case: Case, done: Sweep, data: xr.Dataset) -> dict[str, object]:
    """The keys of summary.json: how many scenarios, how many failed and why, the largest residual, who acts."""
    outcomes = Counter(str(name) for name in data["outcome"].values)
    solved = outcomes.pop("solved", 0)
    count = len(done.scenarios)
    residual = float(np.nanmax(data["residual"].values)) if solved else None
    return {
        "outcome": "solved" if solved else "not_converged",
        **about(case, done.scenarios),
        "scenarios": count,
        "solved": solved,
        "failed": dict(outcomes),
        "failed_share": (count - solved) / count,
        "residual": residual,
        "axes": {axis.name: len(axis.values) for axis in done.scenarios.axes},
        "draws": 0 if done.scenarios.draws is None else len(done.scenarios.draws),
        "gaps": list(done.scenarios.grounds.gaps),
        **(doing(case, done.scenarios, data) if solved else {}),
        "signature": signature(case, done.scenarios),
    }
