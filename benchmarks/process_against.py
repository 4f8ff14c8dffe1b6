"""What commands cost as processes, from their start to the files that they leave, against an earlier commit.

    python benchmarks/process_against.py [--installed] [COMMIT] [WORDS ...]

The commit (the default is the one that the targets are stated against) is checked out as a worktree in a temporary folder, which goes at the end.
Every command whose name contains all WORDS runs in turn by either tree, each time in a fresh process with BLAS on one thread. Seconds are of the
processor, of user and system; minima and medians are over the repeats; MB is the largest resident memory. With `--installed` each tree is first
installed into an environment of its own, as its users have it, and the sizes of these are printed; else both run on the packages of this one.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from earlier import TOP, asked, checked_out, environment

REPEATS = 5

COMMANDS: dict[str, tuple[str, ...]] = {
    "python": ("-c", "pass"),
    "import cge": ("-c", "import cge"),
    "cge --help": ("-m", "cge", "--help"),
    "cge run us-tariff-inputs": ("-m", "cge", "run", "us-tariff-inputs", "--out", "run"),
    "cge report of that run": ("-m", "cge", "report", "run"),
    "cge run us-tariff": ("-m", "cge", "run", "us-tariff", "--out", "melitz"),
    "make run: cge compare us-tariff-models": ("-m", "cge", "compare", "us-tariff-models", "--out", "comparison"),
    "cge report of that comparison": ("-m", "cge", "report", "comparison"),
}
"""Arguments of Python; a report comes after what it is of."""


@dataclass(frozen=True)
class Side:
    """A tree with what runs it: the interpreter, the environment of its processes, and the folder that they write into."""

    python: Path
    environment: dict[str, str]
    folder: Path

    def cost(self, arguments: tuple[str, ...]) -> tuple[float, float]:
        """Seconds of the processor and MB of a process."""
        with (self.folder / "said.txt").open("w") as said:
            process = subprocess.Popen([self.python, *arguments], env=self.environment, cwd=self.folder, stdout=said, stderr=said)
            _, status, used = os.wait4(process.pid, 0)
        if status:
            raise SystemExit(f"{' '.join(arguments)} failed:\n{(self.folder / 'said.txt').read_text()}")
        return used.ru_utime + used.ru_stime, used.ru_maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def side(tree: Path, folder: Path, installed: bool) -> Side:
    """A tree, on the packages of this environment or installed into its own."""
    folder.mkdir()
    kept = {name: value for name, value in environment(tree).items() if name != "PYTHONDONTWRITEBYTECODE"}
    if not installed:  # modules are compiled once, as those of whoever has it installed, and not into the tree
        return Side(Path(sys.executable), {**kept, "PYTHONPYCACHEPREFIX": str(folder / "compiled")}, folder)
    place = folder / "environment"
    subprocess.run([sys.executable, "-m", "venv", place], check=True)
    subprocess.run([place / "bin" / "pip", "install", "--quiet", tree], check=True)
    size = sum(path.lstat().st_size for path in place.rglob("*") if path.is_file())
    print(f"{folder.name}: {size / 1e6:.0f} MB installed", flush=True)
    alone = {name: value for name, value in kept.items() if name != "PYTHONPATH"}
    return Side(place / "bin" / "python", alone, folder)


HEADER = f"{'command':40} {'before':>7} {'median':>7} {'now':>7} {'median':>7} {'ratio':>6} {'median':>7} {'MB before':>9} {'now':>5} {'ratio':>6}"


def line(name: str, before: list[tuple[float, float]], now: list[tuple[float, float]]) -> str:
    """One line of the table; ratios are now over before."""
    seconds, memory = ([[cost[k] for cost in costs] for costs in (before, now)] for k in (0, 1))
    (least, middle), (least_now, middle_now) = ((min(t), median(t)) for t in seconds)
    peak, peak_now = map(max, memory)
    return (
        f"{name:40} {least:7.2f} {middle:7.2f} {least_now:7.2f} {middle_now:7.2f} {least_now / least:6.2f} {middle_now / middle:7.2f} "
        f"{peak:9.0f} {peak_now:5.0f} {peak_now / peak:6.2f}"
    )


def main(commit: str, words: list[str], installed: bool) -> None:
    """Measure the commands that are asked for; what a report is of is made for both in any case."""
    print(f"against {commit}", flush=True)
    with checked_out(commit) as earlier, tempfile.TemporaryDirectory() as name:
        sides = [side(tree, Path(name) / when, installed) for when, tree in (("before", earlier), ("now", TOP))]
        print(HEADER, flush=True)
        for command, arguments in COMMANDS.items():
            wanted = all(word in command for word in words)
            costs = [[one.cost(arguments) for one in sides] for _ in range(REPEATS if wanted else 1)]  # the first compiles what is imported
            if wanted:
                print(line(command, *map(list, zip(*costs[1:], strict=True))), flush=True)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(*asked([word for word in given if word != "--installed"]), "--installed" in given)
