"""What firms that choose, firms in time and firms with shocks cost, over one cold solve at an earlier commit.

    python benchmarks/firms_against.py [COMMIT] [CASE ...]

The solve is `icio2022` with inputs under a tariff of 10 %, by the commit, checked out beside the tree. Seconds are of the processor: the lowest of
five, in turn with the solve, or of one where a case takes more than ten; trust the ratios. Memory is the peak of a process for each case, in MB above
what it holds when it has imported and prepared everything.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import resource
import subprocess
import sys
import time
from collections.abc import Callable

import numpy as np
from changes_against import tree
from earlier import TOP, asked, checked_out, environment

from cge.firms import (
    Industry,
    Innovation,
    LadderIndustry,
    MultiProductCountries,
    MultiProductIndustry,
    Option,
    Shocks,
    SunkIndustry,
    adoption,
    choices,
    estimate,
    innovation,
    innovation_dynamics,
    log_normal,
    multi_product,
    multi_product_countries,
    pareto,
    shock_economy,
    shock_equilibrium,
    simulate_firms,
    stationary,
    sunk_state,
    sunk_transition,
    transition,
)

SOLVE = "cold solve, inputs, tariff of USA"

REPEATS, LONG = 5, 10.0
"""How often a case is measured, and the seconds from which once is enough."""

G = log_normal(0.4)
TWO = Industry(G, 4.0, 1.0, 0.5, 100.0, 2, 1.3, 1.2)
LIVES = 0.975 * 0.99
GHIRONI_MELITZ = Industry(pareto(3.4), 3.8, 0.0, 1.0, 1.0, 2, 1.3, 0.235 * (1 - LIVES) / LIVES)
OVERHEAD = Industry(G, 4.0, 0.05, 1.0, 10.0, 2, 1.4, 0.06)
LADDER = LadderIndustry(4.0, 0.2, 8.0, 100.0, Innovation(1.25, 9.0, 1.0), 0.1, 0.96, 0.5, countries=2, iceberg=1.3, fixed_cost=0.5)
SUNK = SunkIndustry(4.0, 6.0, 12.0, 10.0, 2, 1.5, 0.08, 0.96, 1.0, 1.25, 0.3, 0.3, 24, 8)
EKK = Shocks(2.46, 0.91, 1.69, 0.34, -0.65)
AFFILIATES = (Option("home", 1.0, 1.0), Option("export", 1.4, 2.2), Option("affiliate", 2.0, 6.0), Option("affiliate, adopt", 3.0, 15.0))
PRODUCTS = MultiProductCountries(
    (G, log_normal(0.4, 0.05)),
    log_normal(0.3),
    4.0,
    [100, 60],
    [[0.6, 0.9], [0.8, 0.5]],
    [[0.8, 1], [1.1, 0.7]],
    [0.5, 0.6],
    [[1, 1.5], [1.4, 1]],
)


def many_products(n: int) -> MultiProductCountries:
    """Countries drawn at random, each with a log-normal ability of its own."""
    rng, home = np.random.default_rng(1), np.eye(n) > 0
    ability = [log_normal(rng.uniform(0.3, 0.5), rng.uniform(-0.1, 0.1)) for _ in range(n)]
    market, product = np.where(home, 0.6, rng.uniform(0.8, 1.2, (n, n))), np.where(home, 0.8, rng.uniform(0.9, 1.3, (n, n)))
    iceberg = np.where(home, 1, rng.uniform(1.3, 2, (n, n)))
    return MultiProductCountries(ability, log_normal(0.3), 4.0, 100 * rng.lognormal(0, 0.3, n), market, product, 0.5, iceberg)


def ekk() -> object:
    """100 countries, and 100,000 firms of one of them."""
    n, rng = 100, np.random.default_rng(0)
    iceberg = np.where(np.eye(n) > 0, 1, rng.uniform(1.2, 2.5, (n, n)))
    world = shock_economy(3.0, EKK, rng.uniform(10, 30, n), rng.uniform(30, 100, n), iceberg, 0.02 * np.where(np.eye(n) > 0, 1, 1.6))
    return simulate_firms(world, shock_equilibrium(world), "1", 100_000)


def of_firms() -> Callable[[], object]:
    """Parameters from the firms of one country in five markets, 65,536 drawn and weighted, with ten samples of the bootstrap."""
    sellers = np.array([60000.0, 12000, 5000, 2000, 700])
    cost = 1e-3 * (60000 / sellers)[:, None] * np.ones(5)
    world = shock_economy(3.0, Shocks(2.0, 0.6, 0.8, 0.4, -0.3), np.full(5, 20.0), np.full(5, 100.0), np.ones((5, 5)), cost)
    table = simulate_firms(world, shock_equilibrium(world), "1", 1 << 16)
    return lambda: estimate(table, "1", bootstrap=10)


CASES: dict[str, tuple[float, Callable[[], Callable[[], object]]]] = {
    "multi-product firms": (0.5, lambda: lambda: multi_product(MultiProductIndustry(G, log_normal(0.3), 4.0, 0.6, 0.8, 0.5, 100.0))),
    "multi-product firms, two countries": (0.5, lambda: lambda: multi_product_countries(PRODUCTS)),
    "multi-product firms, ten countries": (0.5, lambda: lambda: multi_product_countries(many_products(10))),
    "adoption": (0.5, lambda: lambda: adoption(TWO, 1.3, 2.0)),
    "choices among four": (0.5, lambda: lambda: choices(TWO, AFFILIATES)),
    "innovation, once": (0.5, lambda: lambda: innovation(TWO, Innovation(1.3, 0.6, 1.0))),
    "innovation, ladder": (0.5, lambda: lambda: innovation_dynamics(LADDER)),
    "stationary": (0.5, lambda: lambda: stationary(TWO, 0.1, 0.96)),
    "stationary, sunk export cost": (0.5, lambda: lambda: sunk_state(SUNK)),
    "transition, 400 periods, no overhead": (15, lambda: lambda: transition(GHIRONI_MELITZ, 1.17, 0.025, 0.99, 2.0, 400)),
    "transition, 400 periods, log-normal": (15, lambda: lambda: transition(OVERHEAD, 1.2, 0.05, 0.96, 1.0, 400)),
    "transition, 150 periods, sunk": (15, lambda: lambda: sunk_transition(SUNK, 1.3, 150)),
    "transition, 400 periods, sunk": (15, lambda: lambda: sunk_transition(SUNK, 1.3, 400)),
    "shocks, 100,000 firms, 100 markets": (40, lambda: ekk),
    "estimation": (6000, of_firms),
}
"""What a case may cost, in solves, and what prepares it."""


def serve(name: str) -> None:
    """Prepare a case; at every line do the work, and say how long it took and how much memory more than before it ever took."""
    work = CASES[name][1]()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in sys.stdin:
        began = time.process_time()
        work()
        print(time.process_time() - began, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024, flush=True)


def main(commit: str, wanted: list[str]) -> None:
    """A line for every case: seconds, solves, how many it may take, and memory."""
    print(f"{'case':38} {'solve s':>8} {'case s':>9} {'solves':>9} {'target':>7} {'MB':>6}")
    with checked_out(commit) as old, tree(old) as solve:
        solve(SOLVE)
        for name in [case for case in CASES if not wanted or any(part in case for part in wanted)]:
            command = [sys.executable, "-P", __file__, "--serve", name]
            known = {**environment(TOP), "PYTHONPATH": os.pathsep.join(map(str, (TOP, TOP / "benchmarks")))}
            with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=known) as process:
                assert process.stdin is not None
                assert process.stdout is not None
                found, memory = [], 0.0
                while len(found) < REPEATS and not (found and found[0][1] > LONG):
                    cold = float(solve(""))
                    process.stdin.write("\n")
                    process.stdin.flush()
                    seconds, memory = map(float, process.stdout.readline().split())
                    found.append((cold, seconds))
                process.stdin.close()
            cold, seconds = (min(side) for side in zip(*found, strict=True))
            print(f"{name:38} {cold:8.3f} {seconds:9.4f} {seconds / cold:9.3f} {CASES[name][0]:7g} {memory:6.0f}", flush=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--serve"]:
        serve(sys.argv[2])
    else:
        main(*asked(sys.argv[1:]))
