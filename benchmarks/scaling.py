"""How time and memory of one scenario grow with countries and sectors, beside what the formulas of docs/sweeps.md say.

    python benchmarks/scaling.py

Sizes below 80 × 50 are the embedded economy with its smallest countries and sectors pooled; larger ones split its largest in two.
Every size runs in a process of its own, so that peak memory is its own. Seconds are of one processor; the machine's speed cancels in the ratios.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import time

import numpy as np
import xarray as xr

import cge
from cge.data.bundled import find
from cge.solve.search import Memory

SIZES = ((20, 16), (41, 35), (80, 50), (160, 65))
REPEATS = 6


def places(size: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Which old item each new one comes from, and its share of it: the smallest pooled, or the largest halved."""
    order = np.argsort(-size, kind="stable")
    n = len(size)
    if count <= n:
        matrix = np.zeros((n, count))
        for rank, item in enumerate(order):
            matrix[item, min(rank, count - 1)] = 1.0
        return matrix, order
    matrix = np.zeros((n, count))
    matrix[np.arange(n), np.arange(n)] = 1.0
    for extra, item in enumerate(order[: count - n]):
        matrix[item, item], matrix[item, n + extra] = 0.6, 0.4
    return matrix, order


def resized(countries: int, sectors: int) -> cge.Benchmark:
    """The embedded economy at another size."""
    data = cge.open_economy(find("data", "icio2022")).data
    flow = data["flow"].values
    c, _ = places(flow.sum(axis=(1, 2)), countries)
    s, _ = places(flow.sum(axis=(0, 1)), sectors)
    new = np.einsum("imk,ia,mb,ks->abs", flow, c, c, s, optimize=True)
    inputs = np.einsum("ckj,ca,kx,jy->axy", data["intermediate"].values, c, s, s, optimize=True)
    added = np.einsum("cjf,ca,jy->ayf", data["value_added"].values, c, s, optimize=True)
    labels = {"c": [f"C{i}" for i in range(countries)], "s": [f"S{i}" for i in range(sectors)]}
    variables = {
        "flow": (("exporter", "importer", "sector"), new),
        "intermediate": (("country", "input", "sector"), inputs),
        "value_added": (("country", "sector", "factor"), added),
    }
    coordinates = {"exporter": labels["c"], "importer": labels["c"], "country": labels["c"], "sector": labels["s"], "input": labels["s"]}
    return cge.calibrate(cge.make_economy(xr.Dataset(variables, {**coordinates, "factor": ["labour"]})))


def measure(countries: int, sectors: int) -> None:
    """One line: seconds of a scenario cold and warm, peak memory."""
    b = resized(countries, sectors)
    away = ~np.eye(countries, dtype=bool)
    seconds = {}
    for name in ("cold", "warm"):
        memory, began = Memory(), time.process_time()
        for step in range(REPEATS):
            rate = np.broadcast_to(0.1 * away, (sectors, countries, countries)) * (1 + 0.05 * step)
            tariff = xr.DataArray(
                rate, {"sector": b.sectors, "exporter": b.countries, "importer": b.countries}, ("sector", "exporter", "importer")
            )
            solution = cge.solve_hat(b, cge.eaton_kortum(5.0), cge.change(b, tariff=tariff), memory=memory if name == "warm" else None)
            assert solution.residual <= 1e-10
        seconds[name] = (time.process_time() - began) / REPEATS
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    pairs, blocks = sectors * countries**2 / 1e6, countries * (2 * sectors + 1) ** 3 / 1e6
    print(
        f"{countries:4d} x {sectors:2d}  {seconds['cold']:8.3f}  {seconds['warm']:8.3f}  {peak:7.0f}  {pairs:9.3f}  {blocks:9.1f}",
        flush=True,
    )


def main() -> None:
    """Every size in a process of its own."""
    print("size       cold, s   warm, s  peak MB  pairs, 1e6  blocks, 1e6")
    for size in SIZES:
        subprocess.run([sys.executable, __file__, *map(str, size)], check=True)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        measure(int(sys.argv[1]), int(sys.argv[2]))
    else:
        main()
