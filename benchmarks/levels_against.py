"""How many times faster counterfactuals in levels are than at an earlier commit.

    python benchmarks/levels_against.py [COMMIT] [WORDS ...]

The commit (the default is the one that the targets are stated against) is checked out as a worktree in a temporary folder, which goes at the end.
Every case whose name contains all WORDS runs by the `levels.py` of either tree in turn, each run a process of its own on one BLAS thread. Seconds are
CPU of `solve_system`: from technology to the solution that IPOPT confirms, without reading data and without the solution in changes. Minima and
medians are over the repeats; `gap` is the largest distance between levels and changes. A case whose data are missing is skipped, with the reason.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import astuple
from pathlib import Path
from statistics import median
from typing import Any

from earlier import asked, checked_out, environment
from levels import TOP, WIOD, Case

LIMIT = 1800
"""Wall seconds after which a run is given up."""

CASES = {
    Case("41x35", True, "armington", "tariff"): 2,
    Case("embedded", True, "armington", "tariff"): 1,
    Case("41x35", False, "krugman", "tariff"): 2,
    Case("41x35", False, "melitz", "tariff"): 2,
    Case("41x35", True, "krugman", "tariff"): 2,
    Case("41x35", True, "melitz", "tariff"): 2,
    Case("41x35", False, "armington", "tariff"): 2,
}
"""Cases and how often each is repeated."""


def measured(tree: Path, case: Case) -> dict[str, Any]:
    """What the tree's own benchmark says of a case, or why it says nothing."""
    order = [sys.executable, tree / "benchmarks" / "levels.py", "--one", json.dumps(astuple(case))]
    try:
        done = subprocess.run(order, capture_output=True, text=True, check=False, env=environment(tree), timeout=LIMIT)
    except subprocess.TimeoutExpired:
        return {"failed": f"given up after {LIMIT} s"}
    if done.returncode:
        return {"failed": done.stderr.strip().splitlines()[-1]}
    return dict(json.loads(done.stdout.splitlines()[-1]))


HEADER = (
    f"{'case':32} {'before':>7} {'median':>7} {'now':>7} {'median':>7} {'ratio':>6} {'median':>7} {'MB before':>9} {'now':>5} "
    f"{'gap before':>10} {'now':>7}"
)


def line(case: Case, before: list[dict[str, Any]], now: list[dict[str, Any]]) -> str:
    """One line of the table."""
    if failed := [run["failed"] for run in (*before, *now) if "failed" in run]:
        solved = [f"{run['total']:.2f} s, {run['peak']:.0f} MB" for run in now if "total" in run]
        return f"{case.name:32} {failed[0][:200]}" + (f"; now {', '.join(solved)}" if solved else "")
    times = [[run["total"] for run in runs] for runs in (before, now)]
    (least, middle), (least_now, middle_now) = ((min(t), median(t)) for t in times)
    memory, gap = ([max(run[key] for run in runs) for runs in (before, now)] for key in ("peak", "gap"))
    return (
        f"{case.name:32} {least:7.2f} {middle:7.2f} {least_now:7.2f} {middle_now:7.2f} {least / least_now:6.1f} {middle / middle_now:7.1f} "
        f"{memory[0]:9.0f} {memory[1]:5.0f} {gap[0]:10.0e} {gap[1]:7.0e}"
    )


def main(commit: str, words: list[str]) -> None:
    """Measure the cases that are asked for."""
    print(f"against {commit}\n{HEADER}", flush=True)
    with checked_out(commit) as earlier:
        for case, repeats in CASES.items():
            if not all(word in case.name.split() for word in words):
                continue
            if case.size != "embedded" and not WIOD.is_file():
                print(f"{case.name:32} skipped: needs {WIOD.name} beside the checkout (../shared/data)", flush=True)
                continue
            runs = [(measured(earlier, case), measured(TOP, case)) for _ in range(repeats)]
            print(line(case, *map(list, zip(*runs, strict=True))), flush=True)


if __name__ == "__main__":
    main(*asked(sys.argv[1:]))
