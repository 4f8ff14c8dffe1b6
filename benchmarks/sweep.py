"""What a scenario costs: cold, from the last one (warm), and whole, as a sweep does it; and 1,000 draws on all processors.

    python benchmarks/sweep.py [DRAWS]

Everything is measured in one run; ratios are to the cold solve of the same scenarios.
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from scenarios import draws as drawn
from scenarios import run_file

import cge
from cge.questions.sweep import workers
from cge.questions.sweep.chunks import signature, sweep
from cge.questions.sweep.combinations import read_scenarios
from cge.questions.sweep.part import Shared, solve_part
from cge.runfile.load import load
from cge.solve.search import Memory


def timed(work: Callable[[], object]) -> float:
    """Processor seconds of this process."""
    began = time.process_time()
    work()
    return time.process_time() - began


def one_by_one(folder: Path, links: bool, count: int = 20) -> None:
    """Seconds for each scenario, cold, from a memory, and whole (run file, solve, table), in this process."""
    path = folder / "case.toml"
    path.write_text(run_file(drawn(count), links), encoding="utf-8")
    case = load(path)
    scenarios = read_scenarios(case)
    assert scenarios.draws is not None
    made = [cge.eaton_kortum(dict(zip(scenarios.sectors, row.tolist(), strict=True))) for row in scenarios.draws]

    def cold() -> None:
        for exponents in made:
            cge.solve_hat(case.benchmark, exponents, case.shock)

    def warm() -> None:
        memory = Memory()
        for exponents in made:
            cge.solve_hat(case.benchmark, exponents, case.shock, memory=memory)

    shared = Shared(path, case.text, scenarios.grounds.countries, signature(case, scenarios))
    tables = [scenarios.table(case.table, k) for k in range(count)]
    solve_part(shared, tables[:1])  # reads the economy
    seconds = {name: timed(work) / count for name, work in (("cold", cold), ("warm", warm), ("whole", lambda: solve_part(shared, tables)))}
    print(
        f"80 x 50, inputs {str(links).lower()}: {seconds['cold']:.3f} s a scenario cold; warm {seconds['warm'] / seconds['cold']:.2f}, "
        f"whole scenario of a sweep {seconds['whole'] / seconds['cold']:.2f} of it"
    )


def draws(folder: Path, count: int) -> None:
    """A sweep of draws with inputs on all processors."""
    path = folder / "draws.toml"
    path.write_text(run_file(drawn(count)), encoding="utf-8")
    began = time.perf_counter()
    done = sweep(load(path), folder / "out", workers.local)
    wall = time.perf_counter() - began
    parent, children = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(
        f"{done.done} draws, {done.failed} failed: {wall:.1f} s wall ({wall / count:.4f} s each); peak MB {parent:.0f} and {children:.0f} (worker)"
    )


def main() -> None:
    """Everything in turn."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    with tempfile.TemporaryDirectory() as name:
        for links in (True, False):
            one_by_one(Path(name), links)
        draws(Path(name), count)


if __name__ == "__main__":
    main()
