"""What importing the ICIO csv costs in time and memory, beside an earlier commit.

    python benchmarks/importing.py [COMMIT] [REPEATS]

The commit (the default is the one that the targets are stated against) is checked out as a worktree in a temporary folder, which goes at the end. The
file is the embedded economy in the layout of the OECD (80 countries × 50 industries, 323 MB). Every run is `cge import icio` in a process of its own
on one BLAS thread, before and now in turn; seconds are of the processor, memory is the peak of the process. Targets: no more time, and at most 60 %
of the memory.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

import numpy as np
from earlier import COMMIT, TOP, checked_out, environment

import cge

RUN = """
import json, resource, sys
from cge.cli import app
status = app(sys.argv[1:], standalone_mode=False)
used = resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps({"seconds": used.ru_utime + used.ru_stime, "megabytes": used.ru_maxrss / 1024}), file=sys.stderr)
sys.exit(status)
"""


WRITE = """
import sys
import pyarrow
from pyarrow.csv import write_csv
import cge
sys.path.insert(0, "tests")
from layouts import ICIO_USES, icio_frame, published
frame = icio_frame(published(cge.open_economy("icio2022"), ICIO_USES), 2025).reset_index()
write_csv(pyarrow.Table.from_pandas(frame, preserve_index=False), sys.argv[1])
"""
"""The embedded economy as an ICIO csv; users of a good all buy from the same mix of origins. Written by another process, because the peak of a child
begins with what its parent holds."""


def measured(tree: Path, table: Path, out: Path) -> dict[str, float]:
    """Seconds and peak memory of an import by the package in a tree."""
    order = [sys.executable, "-c", RUN, "import", "icio", str(table), str(out)]
    done = subprocess.run(order, capture_output=True, text=True, check=False, env=environment(tree), cwd=tree)
    if done.returncode:
        raise SystemExit(done.stderr)
    return {str(key): float(value) for key, value in json.loads(done.stderr.splitlines()[-1]).items()}


def main(commit: str, repeats: int) -> None:
    """Measure both trees in turn and print medians and ratios."""
    with tempfile.TemporaryDirectory() as folder, checked_out(commit) as earlier:
        table = Path(folder) / "2022_SML.csv"
        subprocess.run([sys.executable, "-c", WRITE, table], check=True, cwd=TOP)
        print(f"{table.stat().st_size / 1e6:.0f} MB, {repeats} runs in turn, against {commit}", flush=True)
        runs = [(measured(earlier, table, Path(folder) / "a.nc"), measured(TOP, table, Path(folder) / "b.nc")) for _ in range(repeats)]
        for what in ("seconds", "megabytes"):
            before, now = ([run[side][what] for run in runs] for side in (0, 1))
            ratio = median(n / b for b, n in zip(before, now, strict=True))
            print(f"{what}: {median(before):.2f} before, {median(now):.2f} now, ratio {ratio:.2f}", flush=True)
        one, other = (cge.open_economy(Path(folder) / name).data for name in ("a.nc", "b.nc"))
        largest = max(
            float(np.abs(one[name] - other[name]).max() / np.abs(one[name]).max()) for name in ("flow", "intermediate", "value_added")
        )
        print(f"largest difference of the economies, over the largest number: {largest:.1e}")


if __name__ == "__main__":
    main(*(sys.argv[1:2] or [COMMIT]), *map(int, sys.argv[2:3] or ["5"]))
