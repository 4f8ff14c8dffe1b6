"""What a sweep of draws costs as a command, on all processors, against an earlier commit: wall, processor and memory, and per draw.

    python benchmarks/sweep_against.py [COMMIT] [DRAWS [DRAWS_THEN]]

`cge sweep` of 80 x 50 with inputs, processes and reading included: DRAWS of them (1,000) by this tree, and a fifth of that, or DRAWS_THEN, by the
commit, whose seconds grow in proportion to draws. Runs take turns, so that what else the machine does falls on both alike; trust the ratios.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from earlier import TOP, asked, checked_out, environment
from scenarios import draws as drawn
from scenarios import run_file

REPEATS = 2


@dataclass(frozen=True)
class Cost:
    """Seconds by the clock and of all processors, and MB of the largest process."""

    wall: float
    processor: float
    memory: float


def swept(tree: Path, folder: Path, draws: int) -> Cost:
    """One sweep by a tree."""
    (folder / "draws.toml").write_text(run_file(drawn(draws)), encoding="utf-8")
    command = [sys.executable, "-m", "cge", "sweep", "draws.toml", "--out", "out", "--json"]
    shutil.rmtree(folder / "out", ignore_errors=True)
    began = time.perf_counter()
    with (folder / "said.txt").open("w") as said:
        process = subprocess.Popen(command, env=environment(tree), cwd=folder, stdout=said, stderr=said)
        _, status, used = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"the sweep failed:\n{(folder / 'said.txt').read_text()}")
    wall = time.perf_counter() - began
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024))


def line(name: str, draws: int, costs: list[Cost]) -> None:
    """One line: the least of every kind."""
    wall, processor, memory = (min(getattr(cost, kind) for cost in costs) for kind in ("wall", "processor", "memory"))
    print(
        f"{name:8} {draws:6} {wall:8.1f} {processor:9.1f} {1e3 * wall / draws:12.1f} {1e3 * processor / draws:12.1f} {memory:6.0f}",
        flush=True,
    )


def main(commit: str, draws: int, before: int) -> None:
    """Both in turn."""
    print(f"{'':8} {'draws':>6} {'wall s':>8} {'cpu s':>9} {'wall ms each':>12} {'cpu ms each':>12} {'MB':>6}")
    with checked_out(commit) as tree, tempfile.TemporaryDirectory() as name:
        places = [Path(name) / when for when in ("then", "now")]
        for place in places:
            place.mkdir()
        both = [(swept(tree, places[0], before), swept(TOP, places[1], draws)) for _ in range(REPEATS)]
    then, now = map(list, zip(*both, strict=True))
    line("then", before, then)
    line("now", draws, now)
    for kind in ("wall", "processor"):
        ratios = sorted(getattr(n, kind) / draws / (getattr(t, kind) / before) for t, n in both)
        print(f"{kind}: {' to '.join(f'{ratio:.3f}' for ratio in (ratios[0], ratios[-1]))} of what a draw cost then")


if __name__ == "__main__":
    commit, words = asked(sys.argv[1:])
    counts = [int(word) for word in words] or [1000]
    main(commit, counts[0], counts[1] if len(counts) > 1 else max(counts[0] // 5, 1))
