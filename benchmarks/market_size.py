"""What market size from primitives costs: 100 asymmetric countries with quadratic demand, in Newton steps and in cold solves of a world table.

    python benchmarks/market_size.py [COMMIT]

A cold solve is a tariff of 10 % of the USA on `icio2022` with inputs (Eaton–Kortum) at an earlier commit, in a process of its own. Both work in turn,
so that what else the machine does falls on both alike; seconds are of the processor, the median of five; trust the ratios. Worlds are drawn with a
fixed seed: sizes log-normal with a spread of one, entry costs ±20 %, highest costs ±5 %, trade costs by distance.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import subprocess
import sys
import time

import numpy as np
from earlier import asked, checked_out, environment

from cge.firms import QuadraticEconomy, log_normal, pareto, quadratic_equilibrium

REPEATS, COUNTRIES = 5, 100

COLD = """
import sys, time
import cge
try:
    from cge.data.bundled import find
except ModuleNotFoundError:
    from cge.bundled import find
data = cge.calibrate(cge.open_economy(find("data", "icio2022")), intermediates=True, negative_final_demand="zero")
old = data.data["tariff"]
rates = old.values.copy()
usa = data.countries.index("USA")
rates[:, [i for i in range(len(data.countries)) if i != usa], usa] += 0.1
shock = cge.change(data, tariff=old.copy(data=rates))
for line in sys.stdin:
    began = time.process_time()
    cge.solve_hat(data, cge.eaton_kortum(5.0), shock)
    print(time.process_time() - began, flush=True)
"""


def world(kind: str, tariff: float, seed: int) -> QuadraticEconomy:
    """Countries drawn at random on a square."""
    rng = np.random.default_rng(seed)
    place = rng.uniform(0, 1, (COUNTRIES, 2))
    distance = np.linalg.norm(place[:, None] - place, axis=2)
    better = rng.uniform(0.95, 1.05, COUNTRIES)
    draws = [pareto(4.0, 0.5 * by) if kind == "Pareto" else log_normal(0.5, -0.3 + np.log(by)) for by in better]
    return QuadraticEconomy(
        draws, 2.5, 1.0, 3.0, 100 * rng.lognormal(0, 1, COUNTRIES), rng.uniform(0.8, 1.2, COUNTRIES),
        np.where(np.eye(COUNTRIES), 1, 1.1 + 0.8 * distance), tariff,
    )  # fmt: skip


def main() -> None:
    """Print the table."""
    commit, _ = asked(sys.argv[1:])
    worlds = [(kind, tariff, seed) for kind in ("Pareto", "log-normal") for tariff in (0.0, 0.1) for seed in (1, 2, 3)]
    with checked_out(commit) as tree:
        process = subprocess.Popen(
            [sys.executable, "-c", COLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment(tree), cwd=tree
        )
        assert process.stdin is not None
        assert process.stdout is not None

        def cold() -> float:
            process.stdin.write("again\n")
            process.stdin.flush()
            return float(process.stdout.readline())

        cold()
        print(
            f"{'world of 100 countries':26}{'steps':>6}{'no entrants':>13}{'no outside good':>17}{'seconds':>9}{'cold solve':>12}{'ratio':>7}"
        )
        for kind, tariff, seed in worlds:
            economy, ours, theirs = world(kind, tariff, seed), [], []
            for _ in range(REPEATS):
                began = time.process_time()
                found = quadratic_equilibrium(economy)
                ours.append(time.process_time() - began)
                theirs.append(cold())
            empty, left = int((found.entrants == 0).sum()), int((found.outside_labour == 0).sum())
            one, other = statistics.median(ours), statistics.median(theirs)
            name = f"{kind}, tariff {tariff:g}, seed {seed}"
            print(f"{name:26}{found.steps:6}{empty:13}{left:17}{one:9.2f}{other:12.2f}{one / other:7.2f}", flush=True)
        process.stdin.close()
        process.wait()


if __name__ == "__main__":
    main()
