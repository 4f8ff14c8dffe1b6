"""What best tariffs and wars cost, in cold solves of the same world at an earlier commit: processor seconds of both, in turn.

    python benchmarks/policy.py [COMMIT] [CASE ...]

The commit is checked out beside the tree (`git worktree` in a temporary folder); a process of it solves a tariff of 25 % of the largest country from
nothing but the benchmark, whenever a search here has ended. A search is that for the rates, from one over the trade elasticity, with all its
equilibria and adjoint equations; what certifies an answer is left out but for the cold solve at its end. Worlds that are not beside the checkout
are skipped.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from earlier import TOP, asked, checked_out, environment

REPEATS = 3

WORLDS = {"81x28": TOP.parent / "shared" / "data" / "icio2022_81x28_economy.nc", "80x50": TOP / "data" / "icio2022.nc"}


@dataclass(frozen=True)
class Case:
    """A search: world, whether its inputs are kept, how many play (the largest; 0: all), kind of rates, scale (0: Eaton–Kortum), most cold solves."""

    world: str
    inputs: bool
    players: int
    rates: str
    scale: float
    target: float


CASES = {
    "best, free": Case("81x28", False, 1, "free", 0.0, 10),
    "best, free, inputs": Case("81x28", True, 1, "free", 0.0, 10),
    "best, free, scale 0.8": Case("81x28", False, 1, "free", 0.8, 25),
    "war, uniform": Case("81x28", False, 0, "uniform", 0.0, 25),
    "war, sector, inputs": Case("81x28", True, 0, "sector", 0.0, 120),
    "best, sector, inputs, 80x50": Case("80x50", True, 1, "sector", 0.0, 12),
    "war of ten, sector, inputs, 80x50": Case("80x50", True, 10, "sector", 0.0, 80),
}

COLD = """
import sys, time
import cge
path, inputs, scale = sys.argv[1], sys.argv[2] == "True", float(sys.argv[3])
data = cge.calibrate(cge.open_economy(path), intermediates=inputs, negative_final_demand="zero")
model = cge.krugman(5.0, scale) if scale else cge.eaton_kortum(4.0)
old = data.data["tariff"]
new = old.values.copy()
place = int(data.data["income"].values.argmax())
new[:, :, place] = 0.25
new[:, place, place] = 0.0
shock = cge.change(data, tariff=old.copy(data=new))
cge.solve_hat(data, model, shock)
for _ in sys.stdin:
    began = time.process_time()
    cge.solve_hat(data, model, shock)
    print(time.process_time() - began, flush=True)
"""


def searching(case: Case) -> tuple[float, int]:
    """Processor seconds of a search, with the cold solve at its end, and how many equilibria it looked for."""
    import numpy as np

    import cge
    from cge.model.shock import Shock
    from cge.solve.changes import solve_changes
    from cge.solve.policy.aims import Player
    from cge.solve.policy.game import INSTRUMENTS, Choice
    from cge.solve.policy.question import by_partner_alone, contest, ground
    from cge.solve.policy.search import settle, usual

    data = cge.calibrate(cge.open_economy(WORLDS[case.world]), intermediates=case.inputs, negative_final_demand="zero")
    model = cge.krugman(5.0, case.scale) if case.scale else cge.eaton_kortum(4.0)
    largest = np.argsort(-data.data["income"].values, kind="stable")[: case.players or None]
    players = [Player(data.countries[place], np.array([place])) for place in largest]
    every = np.ones(len(data.sectors), dtype=bool), np.ones(len(data.countries), dtype=bool)
    choice = Choice(INSTRUMENTS["tariff"], case.rates, *every, np.array(0.0), np.array(10.0))
    here = ground(data, model, Shock(transfers="zero"))
    if by_partner_alone(here, choice, players):
        choice = Choice(INSTRUMENTS["tariff"], "partner", *every, np.array(0.0), np.array(10.0))
    began = time.process_time()
    points = contest(here, choice, players)
    point = settle(points, usual(points))
    solve_changes(data, model, points.shocked(point.rates), 1e-10)
    return time.process_time() - began, points.solves


def report(name: str, case: Case, tree: Path) -> None:
    """Print the figures of one case."""
    line = [sys.executable, "-c", COLD, str(WORLDS[case.world]), str(case.inputs), str(case.scale)]
    with subprocess.Popen(line, env=environment(tree), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        cold, search, solves = [], [], 0
        for _ in range(REPEATS):
            seconds, solves = searching(case)
            search.append(seconds)
            process.stdin.write("\n")
            process.stdin.flush()
            cold.append(float(process.stdout.readline()))
        process.stdin.close()
    ratio = statistics.median(s / c for s, c in zip(search, cold, strict=True))
    print(f"{name:36} {min(cold):8.3f} {min(search):8.3f} {solves:6d} {ratio:8.1f} {case.target:8.0f}", flush=True)


if __name__ == "__main__":
    commit, wanted = asked(sys.argv[1:])
    with checked_out(commit) as tree:
        print(f"{'case':36} {'cold s':>8} {'search s':>8} {'solves':>6} {'in cold':>8} {'at most':>8}")
        for name, case in CASES.items():
            if (not any(wanted) or name in wanted) and WORLDS[case.world].is_file():
                report(name, case, tree)
