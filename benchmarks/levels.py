"""What a counterfactual in levels costs: the stages of the Pyomo model, sparse Newton and IPOPT, memory, and the ratio to changes.

    python benchmarks/levels.py [WORDS ...]

Every case whose name contains all WORDS runs in a process of its own, so that peak memory is its own (importing everything takes about 300 MB of it).
Seconds are of one run on one BLAS thread (`make bench` sets it): `build` makes the Pyomo model, `compile` its derivatives, `Newton` is all stages
together with their iterations, `confirm` IPOPT's word on the solution, `IPOPT` what it had to solve itself, `total` is `solve_system` as a whole;
`changes` is one solve of the same system in changes, in the same process. The machine's speed cancels in the ratio only.

Economies are WIOD 2011 (../shared/data beside the checkout) with its largest countries kept, the rest pooled, and sectors in contiguous groups; and
the embedded one. Free entry with inputs takes a scale below the critical one (Krugman and Melitz are unstable at one there).
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

import cge
from cge.errors import SolveError
from cge.model.benchmark import Benchmark, labelled
from cge.model.build import build
from cge.model.system import start
from cge.model.technology import benchmark_point, build_levels, recover
from cge.solve import nlp, stability
from cge.solve.changes import solve_changes
from cge.solve.levels import pyomo_model as model
from cge.solve.levels.system import solve_system

TOP = Path(__file__).resolve().parents[1]
WIOD = TOP.parent / "shared" / "data" / "wiod2011_economy.nc"
TOLERANCE = 1e-10


def pooled(economy: cge.Economy, countries: int, sectors: int) -> cge.Economy:
    """The largest countries with the rest pooled into one, and contiguous groups of sectors; tariffs are averages over flows."""
    data = economy.data
    size = data["flow"].sum(["importer", "sector"])
    kept = set(size["exporter"].values[np.argsort(-size.values)[: countries - 1]])
    place = np.array([c if c in kept else "rest" for c in size["exporter"].values])
    if countries == len(place):
        place = size["exporter"].values
    group = np.array([f"s{int(g)}" for g in np.arange(data.sizes["sector"]) * sectors // data.sizes["sector"]])

    def gather(array: xr.DataArray) -> xr.DataArray:
        array = array.drop_vars("sector_name", errors="ignore")
        for dim in [str(d) for d in array.dims if d != "factor"]:
            array = array.groupby(xr.DataArray(group if dim in ("sector", "input") else place, {dim: array[dim]}, dim, name=dim)).sum()
        return array

    flow = gather(data["flow"])
    away = xr.where(flow["exporter"] != flow["importer"], 1.0, 0.0)
    revenue = gather(data["flow"] * data["tariff"])
    rate = (revenue / flow.where(flow > 0, 1.0) * away).transpose(*flow.dims)
    # revenue inside a pooled country would be lost to its accounts: data with tariffs cannot be pooled without it
    if float(abs((revenue * (1 - away)).max())) > 0:
        raise ValueError("pooled: countries with tariffs between them cannot be pooled")
    return cge.make_economy(
        xr.Dataset({"flow": flow, "tariff": rate, "intermediate": gather(data["intermediate"]), "value_added": gather(data["value_added"])})
    )


def stable(name: str, data: Benchmark, part: float = 0.8) -> cge.Exponents:
    """Free entry at a part of the critical scale, with trade elasticity 5 (Melitz keeps k/(σ − 1) = 5/3; its critical scale depends on scale)."""
    scale = 0.3
    for _ in range(40):
        e = cge.krugman(6.0, scale) if name == "krugman" else cge.melitz(1 + 3 / scale, 5.0 / scale, scale)
        system = build(data, e, cge.Shock())
        wanted = min(1.0, part / stability.radius(system, start(system)))
        if abs(scale - wanted) < 1e-3:
            break
        scale = 0.5 * (scale + wanted)
    return e


def exponents(name: str, data: Benchmark) -> cge.Exponents:
    """The variant with trade elasticity 5."""
    if name == "armington":
        return cge.armington(6.0)
    if data.intermediates:
        return stable(name, data)
    return cge.krugman(6.0) if name == "krugman" else cge.melitz(4.0, 5.0)


def shock(name: str, data: Benchmark) -> cge.Shock:
    """`tariff`: 10 % of all on everything foreign; `iceberg`: trade costs × 0.9."""
    away = ~np.eye(len(data.countries), dtype=bool)
    dims = ("sector", "exporter", "importer")
    if name == "tariff":
        return cge.change(data, tariff=labelled(data, data.data["tariff"].values + 0.1 * away, *dims))
    return cge.change(data, iceberg=labelled(data, np.where(away, 0.9, 1.0) * np.ones((len(data.sectors), 1, 1)), *dims))


@dataclass(frozen=True)
class Case:
    """One line of the table: an economy (countries × sectors of WIOD, or the embedded one), inputs or not, variant, shock."""

    size: str
    inputs: bool
    variant: str
    shock: str

    @property
    def name(self) -> str:
        """In words."""
        return f"{self.size} {'inputs' if self.inputs else 'none'} {self.variant} {self.shock}"

    def benchmark(self) -> Benchmark:
        """The calibrated economy."""
        if self.size == "embedded":
            economy = cge.open_economy(TOP / "data" / "icio2022.nc")
        else:
            economy = cge.open_economy(WIOD)
            countries, sectors = map(int, self.size.split("x"))
            if self.size != "41x35":
                economy = pooled(economy, countries, sectors)
        return cge.calibrate(economy, intermediates=self.inputs, negative_final_demand="zero")


def cases() -> Iterator[Case]:
    """The sizes and cases that the levels are meant for."""
    sizes = ("5x4", "10x8", "20x16", "30x24", "41x35")
    for inputs in (False, True):
        for size in sizes if WIOD.is_file() else ():
            for variant in ("armington", "krugman", "melitz"):
                for name in ("tariff", "iceberg"):
                    yield Case(size, inputs, variant, name)
    yield Case("embedded", False, "armington", "tariff")
    yield Case("embedded", False, "armington", "iceberg")
    yield Case("embedded", True, "armington", "tariff")


class Stages:
    """Seconds and iterations of each stage, by wrapping the functions that `solve_system` calls."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(("build", "compile", "Newton", "confirm", "IPOPT"), 0.0)
        self.iterations: dict[str, list[int]] = {"Newton": [], "confirm": [], "IPOPT": []}
        self.size = (0, 0, 0, 0)

    def timed(self, stage: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """`function` with its time added to a stage."""

        @wraps(function)
        def wrapped(*args: Any, **options: Any) -> Any:
            began = time.process_time()
            result = function(*args, **options)
            self.seconds[stage] += time.process_time() - began
            if stage in self.iterations:
                self.iterations[stage].append(result.iterations)
            if stage == "compile":
                shape = result.linear.shape
                self.size = (shape[1], shape[0] - 1, result.linear.nnz, result.triangle.shape[1])
            return result

        return wrapped

    def watch(self) -> None:
        """Wrap the stages in their modules (`solve_system` looks them up there)."""
        model.build_model = self.timed("build", model.build_model)  # type: ignore[assignment]
        nlp.compile = self.timed("compile", nlp.compile)  # type: ignore[assignment]
        nlp.ipopt = self.timed("IPOPT", nlp.ipopt)  # type: ignore[assignment]
        nlp.newton = self.timed("Newton", nlp.newton)  # type: ignore[assignment]
        nlp.confirm = self.timed("confirm", nlp.confirm)  # type: ignore[assignment]


def peak() -> float:
    """Peak memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(case: Case) -> dict[str, Any]:
    """Stages of one case, or why it was not solved."""
    data = case.benchmark()
    e, what = exponents(case.variant, data), shock(case.shock, data)
    out: dict[str, Any] = {"scale": float(np.max(e.on(data.sectors)["scale"]))}
    began = time.process_time()
    other = solve_changes(data, e, what, TOLERANCE).found
    out["changes"] = time.process_time() - began
    stages = Stages()
    stages.watch()
    system = build_levels(recover(data, e), e, data.countries, data.sectors, what)
    origin = benchmark_point(data, system)
    began, wall = time.process_time(), time.perf_counter()
    try:
        found, _ = solve_system(system, data.countries, data.sectors, data.factors, origin, TOLERANCE, None)
        entry = found.entry / np.where(origin.entry > 0, origin.entry, 1.0)
        gaps = (found.log_factor_price - other.unknowns.log_factor_price, np.where(system.produced, entry - other.unknowns.entry, 0.0))
        out["gap"] = max(float(abs(gap).max()) for gap in gaps)
        out["corners"] = int(((found.entry == 0) & system.produced).sum())
    except SolveError as error:
        out["failed"] = str(error)
    out |= {"total": time.process_time() - began, "wall": time.perf_counter() - wall, "size": stages.size, "peak": peak()}
    return out | {**stages.seconds, "iterations": stages.iterations}


HEADER = (
    f"{'case':34} {'scale':>5} {'unknowns':>8} {'nnz J':>8} {'nnz H':>8} {'build':>6} {'comp.':>6} {'Newton':>14} {'confirm':>7} {'IPOPT':>11} "
    f"{'total':>7} {'wall':>6} {'MB':>5} {'empty':>6} {'gap':>7} {'changes':>8} {'ratio':>6}"
)


def line(case: Case, m: dict[str, Any]) -> str:
    """One line of the table."""

    def stage(name: str, width: int) -> str:
        counts = m["iterations"][name]
        return f"{m[name]:.1f} s ({'+'.join(map(str, counts))})".rjust(width) if counts else "-".rjust(width)

    ending = m.get("failed", "")[:200] or f"{m['corners']:6d} {m['gap']:7.0e}"
    return (
        f"{case.name:34} {m['scale']:5.2f} {m['size'][0]:8d} {m['size'][2]:8d} {m['size'][3]:8d} {m['build']:6.1f} {m['compile']:6.1f} "
        f"{stage('Newton', 14)} {m['confirm']:7.1f} {stage('IPOPT', 11)} {m['total']:7.1f} {m['wall']:6.1f} {m['peak']:5.0f} {ending} "
        f"{m['changes']:8.2f} {m['total'] / m['changes']:6.0f}"
    )


def main(words: list[str]) -> None:
    """Measure the cases that are asked for, each in a process of its own."""
    print(HEADER, flush=True)
    for case in cases():
        if all(word in case.name.split() for word in words):
            order = [sys.executable, __file__, "--one", json.dumps([case.size, case.inputs, case.variant, case.shock])]
            done = subprocess.run(order, capture_output=True, text=True, check=False)
            if done.returncode:
                print(f"{case.name:34} failed: {done.stderr.strip().splitlines()[-1][:300]}", flush=True)
            else:
                print(line(case, json.loads(done.stdout.splitlines()[-1])), flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(Case(*json.loads(sys.argv[2])))))
    else:
        main(sys.argv[1:])
