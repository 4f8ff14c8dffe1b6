"""A battery of shocks on real economies: who solves, who is refused, and why.

`python tests/battery.py wiod2011 no krugman 1 SEED` prints one case.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from functools import cache

import numpy as np
import xarray as xr
from places import SHARED, TOP

import cge
from cge.model.benchmark import Benchmark, labelled
from cge.model.build import build
from cge.model.system import start
from cge.solve.stability import radius

ECONOMIES = {
    "wiod2011": SHARED / "data" / "wiod2011_economy.nc",
    "cp2015": SHARED / "data" / "cp2015_economy.nc",
    "icio2022": TOP / "data" / "icio2022.nc",
}


@cache
def benchmark(name: str, inputs: bool, factors: int) -> Benchmark:
    """A real economy; with two factors, value added is split at random by country and sector (a labour share of 0.3 to 0.9), seed 7."""
    economy = cge.open_economy(ECONOMIES[name])
    if factors == 2:
        value_added = economy.data["value_added"].sum("factor")
        labour = np.random.default_rng(7).uniform(0.3, 0.9, value_added.shape)
        split = xr.concat([value_added * labour, value_added * (1 - labour)], "factor").assign_coords(factor=["labour", "capital"])
        dataset = economy.data.drop_dims("factor").drop_vars("factor", errors="ignore")
        economy = cge.make_economy(dataset.assign(value_added=split))
    return cge.calibrate(economy, intermediates=inputs, negative_final_demand="zero")


def variant(name: str, data: Benchmark) -> cge.Exponents:
    """Exponents with trade elasticity 5; free entry with inputs at 0.9 of the critical scale of the benchmark."""
    if name == "armington":
        return cge.armington(6.0)
    if name == "eaton_kortum":
        return cge.eaton_kortum(5.0)
    if name == "external_economies":
        return cge.external_economies(5.0, 0.06 if data.intermediates else 0.15)
    if not data.intermediates:
        return cge.krugman(6.0) if name == "krugman" else cge.melitz(4.0, 5.0)
    return at_critical_scale(name, data)


def at_critical_scale(name: str, data: Benchmark, part: float = 0.9) -> cge.Exponents:
    """Krugman or Melitz with trade elasticity 5 at a part of the critical scale, which for Melitz depends on scale itself through `market`.

    Melitz keeps k/(σ − 1) = 5/3, as at k = 5 and σ = 4 (with σ = 4 itself `market` rises as scale falls, and no scale is stable by a margin).
    """
    scale = 0.5
    for _ in range(40):
        model = cge.krugman(6.0, scale) if name == "krugman" else cge.melitz(1 + 3 / scale, 5.0 / scale, scale)
        system = build(data, model, cge.Shock())
        wanted = part / radius(system, start(system))
        if abs(scale - wanted) < 1e-3:
            break
        scale = 0.5 * (scale + wanted)
    return model


def shocks(data: Benchmark, seed: int) -> Iterator[tuple[str, cge.Shock]]:
    """More than 60 shocks: tariffs of all, of one country, in one sector, at random; icebergs × 0.7, × 100, at random; transfers removed."""
    rng = np.random.default_rng(seed)
    countries, sectors = data.countries, data.sectors
    n, j = len(countries), len(sectors)
    away = ~np.eye(n, dtype=bool)
    rates = data.data["tariff"].values

    def tariff(values: np.ndarray, **options: object) -> cge.Shock:
        return cge.change(data, tariff=labelled(data, np.ascontiguousarray(values), "sector", "exporter", "importer"), **options)

    def iceberg(values: np.ndarray, **options: object) -> cge.Shock:
        return cge.change(data, iceberg=labelled(data, np.ascontiguousarray(values), "sector", "exporter", "importer"), **options)

    def of_country(c: int, factor: float) -> np.ndarray:
        own = np.zeros((n, n), bool)
        own[c], own[:, c], own[c, c] = True, True, False
        return np.where(own, factor, 1.0) * np.ones((j, 1, 1))

    yield "10 % tariff of all", tariff(rates + 0.1 * away)
    for c in rng.choice(n, 10, replace=False):
        yield f"50 % tariff of {countries[c]}", tariff(rates + 0.5 * (away & (np.arange(n) == c)))
    yield "icebergs × 0.7", iceberg(np.where(away, 0.7, 1.0) * np.ones((j, 1, 1)))
    for c in rng.choice(n, 5, replace=False):
        yield f"icebergs × 0.7 of {countries[c]}", iceberg(of_country(c, 0.7))
    yield "icebergs × 100", iceberg(np.where(away, 100.0, 1.0) * np.ones((j, 1, 1)), transfers="zero")
    for c in rng.choice(n, 4, replace=False):
        yield f"icebergs × 100 of {countries[c]}", iceberg(of_country(c, 100.0), transfers="zero")
    for s in rng.choice(j, 10, replace=False):
        yield f"50 % tariff on {sectors[s]}", tariff(rates + 0.5 * away * (np.arange(j) == s)[:, None, None])
    for s in rng.choice(j, 5, replace=False):
        yield f"icebergs × 0.7 of {sectors[s]}", iceberg(np.where(away & (np.arange(j) == s)[:, None, None], 0.7, 1.0))
    for r in range(12):
        yield f"random icebergs {r}", iceberg(np.where(away, np.exp(0.2 * rng.standard_normal((j, n, n))), 1.0))
    for r in range(8):
        yield f"random tariffs {r}", tariff(0.6 * rng.random((j, n, n)) * away)
    a, b = rng.choice(n, 2, replace=False)
    war = np.zeros((n, n))
    war[a, b] = war[b, a] = 1.0
    yield f"tariff war of {countries[a]} and {countries[b]}", tariff(rates + war)
    yield "no transfers", cge.change(data, transfers="zero")
    yield "10 % tariff of all without transfers", tariff(rates + 0.1 * away, transfers="zero")
    yield "10 % tariff of all, transfers by own share", tariff(rates + 0.1 * away, transfers="own_share")


def run(name: str, inputs: bool, model: str, factors: int, seed: int) -> Iterator[tuple[str, str, float, float]]:
    """(shock, outcome, residual, seconds) for each shock; `solved`, or the name and sentence of the refusal."""
    data = benchmark(name, inputs, factors)
    exponents = variant(model, data)
    for label, shock in shocks(data, seed):
        began = time.perf_counter()
        try:
            solution = cge.solve_hat(data, exponents, shock)
            yield label, "solved", solution.residual, time.perf_counter() - began
        except cge.SolveError as error:
            yield label, f"{error.outcome.name}: {error}", np.nan, time.perf_counter() - began


if __name__ == "__main__":
    name, inputs, model, factors, seed = sys.argv[1:6]
    outcomes = list(run(name, inputs == "inputs", model, int(factors), int(seed)))
    for label, outcome, _, seconds in outcomes:
        if outcome != "solved":
            print(f"    {label}: {outcome} ({seconds:.1f} s)")
    seconds = [o[3] for o in outcomes]
    solved = [o for o in outcomes if o[1] == "solved"]
    print(
        f"{name} {inputs} {model} {factors} factor(s): {len(solved)}/{len(outcomes)} solved, residual {max(o[2] for o in solved):.1e}, "
        f"seconds median {np.median(seconds):.3f} max {max(seconds):.2f}",
        flush=True,
    )
