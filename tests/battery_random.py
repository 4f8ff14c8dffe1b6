"""Random worlds by the thousand: every one solves, by equations written anew, or is refused with the proof of why it has no answer.

`python tests/battery_random.py FOLDER [FIRST LAST]` solves worlds FIRST to LAST − 1 (default: all), in parts of 500 that are kept in FOLDER as they
are done: a run that was stopped goes on where it was, and several processes may share the parts. When all are done it prints the table.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from quantities import World

import cge

COUNT, PART = 10_000, 500
TOLERANCE = 1e-8
"""Of residuals of equations written anew, which take differences of large logs: elasticities up to 15, producers down to 1e-15."""

PATIENCE = 100
"""Most Newton steps of one world, solved or refused, in medians."""


@dataclass(frozen=True)
class Row:
    """One world.

    Attributes:
        outcome: `solved`, or the name of the refusal; reason: what proves it, empty where nothing does; steps: of Newton's method, in vain or not.
        residual: of equations written anew, and where.
    """

    seed: int
    model: str
    inputs: bool
    outcome: str
    reason: str
    steps: int
    seconds: float
    residual: float = 0.0
    where: str = ""


def proof(error: cge.SolveError) -> str:
    """What in a refusal's diagnosis proves that there is no answer; empty where nothing does."""
    d = error.diagnosis
    name, market = error.outcome.name, str(d.get("market", ""))
    if name == "unstable":
        radius = float(d.get("radius_solution", d["radius"]))  # type: ignore[arg-type]
        return "unstable under entry" if radius * float(d["scale"]) > 1 else ""  # type: ignore[arg-type]
    if name == "fold":
        fold = d["fold"]
        assert isinstance(fold, dict)
        return "two branches meet" if (fold["radius"] - 1) * (fold["radius_other"] - 1) < 0 else ""
    if name == "no_equilibrium":
        if market.startswith(("competition of", "trade balance of")):
            return "closed by the shock"
        if "income" in d:
            return "nothing to spend" if float(d["income"]) <= 0 else ""  # type: ignore[arg-type]
        lowest = d["lowest_income"]
        assert isinstance(lowest, dict)
        return "income falls to zero" if lowest["income_over_benchmark"] < 0.05 and float(d["shock_followed"]) < 1 else ""  # type: ignore[arg-type]
    return ""


def run(seed: int) -> Row:
    """One world, solved and checked."""
    world, steps = World(seed), [0]
    benchmark, exponents, shock = world.benchmark, world.exponents, world.shock
    said = str(world.parameters["model"]), benchmark.intermediates and bool(world.quantities.intermediate.any())

    def count(step: int, residual: float) -> None:
        steps[0] += 1

    began = time.process_time()
    try:
        solution = cge.solve_hat(benchmark, exponents, shock, report=count)
    except cge.SolveError as error:
        return Row(seed, *said, error.outcome.name, proof(error), steps[0], time.process_time() - began, where=str(error))
    seconds = time.process_time() - began
    return Row(seed, *said, "solved", "", steps[0], seconds, *world.anew(solution.data))


def part(folder: Path, first: int, last: int) -> list[Row]:
    """The worlds of a part, from its file where it was done before."""
    path = folder / f"{first:06d}.json"
    if not path.exists():
        rows = [asdict(run(seed)) for seed in range(first, last)]
        partial = path.with_suffix(".partial")
        partial.write_text(json.dumps(rows), encoding="utf-8")
        partial.replace(path)
    return [Row(**row) for row in json.loads(path.read_text(encoding="utf-8"))]


def battery(folder: Path, first: int = 0, last: int = COUNT) -> list[Row]:
    """All worlds from `first` to `last`, in parts."""
    folder.mkdir(parents=True, exist_ok=True)
    return [row for at in range(first, last, PART) for row in part(folder, at, min(at + PART, last))]


def faults(rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Wrong answers, refusals without proof, and worlds that took too long, by kind."""
    rows = list(rows)
    longest = PATIENCE * float(np.median([row.steps for row in rows]))
    return {
        "wrong": [row for row in rows if row.outcome == "solved" and not row.residual <= TOLERANCE],
        "unproved": [row for row in rows if row.outcome != "solved" and not row.reason],
        "long": [row for row in rows if row.steps > longest],
    }


def table(rows: list[Row]) -> Iterator[str]:
    """Outcomes by variant and reason, and what they took."""
    outcomes = Counter((row.model, row.inputs, row.outcome + (f": {row.reason}" if row.reason else "")) for row in rows)
    columns = sorted({outcome for _, _, outcome in outcomes}, key=lambda o: (o != "solved", o))
    yield "| variant | inputs | " + " | ".join(columns) + " |"
    yield "|---|---|" + "---|" * len(columns)
    for model, inputs in sorted({(model, inputs) for model, inputs, _ in outcomes}):
        counts = " | ".join(str(outcomes[model, inputs, column]) for column in columns)
        yield f"| {model} | {'yes' if inputs else 'no'} | {counts} |"
    steps, seconds = np.array([row.steps for row in rows]), np.array([row.seconds for row in rows])
    worst = max((row for row in rows if row.outcome == "solved"), key=lambda row: row.residual)
    yield f"steps: median {np.median(steps):g}, 99 % {np.quantile(steps, 0.99):g}, most {steps.max()} (world {rows[int(steps.argmax())].seed})"
    yield f"CPU seconds: median {np.median(seconds):.3f}, most {seconds.max():.2f}, sum {seconds.sum():.0f}"
    yield f"largest residual anew: {worst.residual:.1e} ({worst.where} of world {worst.seed})"


if __name__ == "__main__":
    done = battery(Path(sys.argv[1]), *map(int, sys.argv[2:4]))
    print("\n".join(table(done)))
    for kind, found in faults(done).items():
        print(kind, len(found))
        print("\n".join(f"    {row}" for row in found))
