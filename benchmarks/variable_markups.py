"""What variable mark-ups cost beside Krugman with the same trade elasticity, on `icio2022`.

    python benchmarks/variable_markups.py

A tariff of 10 % of the USA on everything, without inputs (CARA) and with them (translog, entry at scale 0.3). Both models solve the same question in
turn, each once to warm up; seconds are of the processor, medians of nine; trust the ratios, and beside them that of a model with itself.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import time
from collections.abc import Callable
from functools import partial

import cge
from cge.data.bundled import find

REPEATS = 9


def answer(data: cge.Benchmark, exponents: cge.Exponents, shock: cge.Shock) -> None:
    """Solve, and say who gains."""
    cge.welfare_table(cge.solve_hat(data, exponents, shock))


def in_turn(*works: Callable[[], object]) -> list[float]:
    """Median seconds of the processor of each."""
    seconds: list[list[float]] = [[] for _ in works]
    for work in works:
        work()
    for _ in range(REPEATS):
        for work, taken in zip(works, seconds, strict=True):
            began = time.process_time()
            work()
            taken.append(time.process_time() - began)
    return [statistics.median(taken) for taken in seconds]


def main() -> None:
    """Print the table."""
    economy = cge.open_economy(find("data", "icio2022"))
    print(f"{'icio2022':30}{'Krugman':>9}{'again':>9}{'mark-ups':>10}{'ratio':>8}{'of itself':>11}")
    for links, demand, scale in ((False, "cara", 1.0), (True, "translog", 0.3)):
        data = cge.calibrate(economy, intermediates=links, negative_final_demand="zero")
        rates = data.data["tariff"].copy()
        rates.loc[{"importer": "USA", "exporter": [c for c in data.countries if c != "USA"]}] += 0.1
        shock = cge.change(data, tariff=rates)
        plain, varying = cge.krugman(6.0, scale), cge.variable_markups(5.0, demand, scale=scale)
        # the second turn of the first shows what chance makes of a ratio
        first, again, ours = in_turn(*(partial(answer, data, one, shock) for one in (plain, plain, varying)))
        name = f"{demand}, {'inputs' if links else 'no inputs'}"
        print(f"{name:30}{first:9.3f}{again:9.3f}{ours:10.3f}{2 * ours / (first + again):8.3f}{again / first:11.3f}", flush=True)


if __name__ == "__main__":
    main()
