"""What a person waits for on the page of `cge explore`, in a browser, against the solve alone at an earlier commit; and whether memory stays flat.

    python benchmarks/explore_page.py [COMMIT] [STEPS [QUESTIONS [ECONOMY]]]

Steps of a slider and cold solves of the same tariffs by the earlier commit (checked out beside the tree) take turns, so that what else the
machine does falls on both alike. Seconds are what a clock on the wall says: from the input to the frame that shows the new numbers, all sections
drawn. Then random questions are asked one after the other: memory of the page after a collection, and of the server with its processes, at the
first tenth and at the end. Needs a Chromium.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from earlier import TOP, asked, checked_out, environment

sys.path.insert(0, str(TOP / "tests"))

from browser import Page, browser

STEPS, QUESTIONS, ECONOMY = 50, 2000, "icio2022"

FRESH = "document.getElementById('main').dataset.state === 'fresh'"

STEP = """new Promise((done) => {
  const began = performance.now(), slider = document.querySelector('.measure input[type=range]');
  slider.value = VALUE;
  slider.dispatchEvent(new Event('input', { bubbles: true }));
  const look = () => (FRESH ? requestAnimationFrame(() => setTimeout(() => done(performance.now() - began))) : setTimeout(look, 2));
  look();
})"""
"""Milliseconds from an input to the frame behind the new numbers."""


# --- the solve alone -----------------------------------------------------------------------------------------------------------------


def solving(economy: str) -> None:
    """In a process of the earlier tree: for every rate that is read, solve cold and write the seconds."""
    import cge

    world = __import__("changes_against")
    find = world.module("cge.data.bundled", "cge.bundled").find
    data = cge.calibrate(cge.open_economy(find("data", economy)), negative_final_demand="zero")
    exponents = cge.eaton_kortum(5.0)
    for line in sys.stdin:
        shock = world.tariff(data, world.usa(data), float(line))
        began = time.perf_counter()
        cge.solve_hat(data, exponents, shock)
        print(time.perf_counter() - began, flush=True)


class Solver:
    """A process that solves when it is told to."""

    def __init__(self, tree: Path, economy: str) -> None:
        command = [sys.executable, __file__, "--solve", economy]
        self.process = subprocess.Popen(command, env=environment(tree), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def seconds(self, rate: float) -> float:
        """Of one cold solve."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(f"{rate}\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())


# --- the page ------------------------------------------------------------------------------------------------------------------------


@contextmanager
def explored(economy: str) -> Iterator[tuple[Page, int]]:
    """The page of an economy with its first answer, and the number of the server's process."""
    command = [sys.executable, "-m", "cge", "explore", economy, "--no-browser"]
    server = subprocess.Popen(command, env=environment(TOP), stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    try:
        address = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as profile, browser(Path(profile)) as page:
            page.visit(address)
            page.until(FRESH, 120)
            yield page, server.pid
    finally:
        server.terminate()
        server.wait()


def waits(page: Page, solver: Solver, steps: int) -> None:
    """Print what steps of the slider take, in solves."""
    page.until("curve.done", 120)
    for warm in (0.31, 0.29):
        solver.seconds(warm)
        page.run(STEP.replace("FRESH", FRESH).replace("VALUE", str(100 * warm)))
    values = [1 + 0.5 * (step * 37 % 99) for step in range(steps)]  # up and down the slider
    alone, waited = [], []
    for value in values:
        alone.append(solver.seconds(value / 100))
        waited.append(page.run(STEP.replace("FRESH", FRESH).replace("VALUE", str(value))) / 1000)
    solve, high = median(alone), quantiles(waited, n=20)[-1]
    print(f"{steps} steps; one cold solve alone: median {solve:.3f} s, 95th percentile {quantiles(alone, n=20)[-1]:.3f} s")
    print(f"from input to new numbers: median {median(waited):.3f} s, 95th percentile {high:.3f} s")
    print(f"in solves: median {median(waited) / solve:.2f}, 95th percentile {high / solve:.2f}")


def question(page: Page, chance: random.Random) -> str:
    """A script that asks something else: who, on whom, which, how much, of which kind, under which model without scale."""
    labels, sectors = page.run("D.countries"), page.run("D.sectors")
    actor = chance.choice(labels)
    measure = {
        "id": "1",
        "kind": chance.choice(["tariff", "iceberg", "export_tax"]),
        "actor": [actor],
        "partner": chance.choice([["*"], [chance.choice([label for label in labels if label != actor])]]),
        "sector": chance.choice([["*"], chance.sample(sectors, 2)]),
        "answered": chance.random() < 0.3,
    }
    how = (
        {"how": "times", "value": 1 + 0.2 * chance.random()}
        if measure["kind"] == "iceberg"
        else {"how": "add", "value": 0.3 * chance.random()}
    )
    given = {"measures": [measure | how], "model": chance.choice(["armington", "eaton_kortum"]), "intermediates": chance.random() < 0.7}
    return f"Object.assign(Q, {json.dumps(given)}); active = '1'; drawForm(); changed(); 0"


def resident(server: int) -> float:
    """MB of a process and of all below it."""
    listed = subprocess.run(["ps", "-e", "-o", "pid=,ppid=,rss="], capture_output=True, text=True, check=True).stdout
    rows = [tuple(map(int, line.split())) for line in listed.splitlines()]
    below, size = {server}, 0.0
    while more := {pid for pid, parent, _ in rows if parent in below} - below:
        below |= more
    for pid, _, used in rows:
        size += used / 1024 if pid in below else 0
    return size


def memory(page: Page, server: int) -> tuple[float, float, float]:
    """MB of the page's script after a collection, nodes of the page, MB of the server and its processes."""
    page.call("HeapProfiler.collectGarbage")
    found = {one["name"]: one["value"] for one in page.call("Performance.getMetrics")["metrics"]}
    return found["JSHeapUsedSize"] / 1e6, found["Nodes"], resident(server)


def lasting(page: Page, server: int, count: int) -> None:
    """Print memory while random questions are asked."""
    chance, outcomes, early = random.Random(1), dict[str, int](), (0.0, 0.0, 0.0)
    page.call("Performance.enable")
    began = time.perf_counter()
    for number in range(count):
        page.run(question(page, chance))
        page.until("['fresh', 'refused', 'invalid'].includes(document.getElementById('main').dataset.state)", 120)
        state = page.run("document.getElementById('main').dataset.state")
        outcomes[state] = outcomes.get(state, 0) + 1
        if number + 1 == count // 10:
            early = memory(page, server)
    late = memory(page, server)
    print(f"{count} random questions in {time.perf_counter() - began:.0f} s: {outcomes}; lines on the console: {len(page.errors)}")
    for word, a, b in zip(("page, MB", "nodes", "server, MB"), early, late, strict=True):
        print(f"{word:12} {a:9.1f} at a tenth, {b:9.1f} at the end: {100 * (b / a - 1):+.1f} %")
    print(*page.errors[:5], sep="\n")


def main(commit: str, words: list[str]) -> None:
    """Measure both, and say what was measured."""
    steps, questions, economy = [*words, *[str(STEPS), str(QUESTIONS), ECONOMY][len(words) :]]
    print(f"{economy}, against {commit}, load {os.getloadavg()[0]:.1f}", flush=True)
    with explored(economy) as (page, server):
        if int(steps):
            with checked_out(commit) as tree:
                solver = Solver(tree, economy)
                try:
                    waits(page, solver, int(steps))
                finally:
                    solver.process.kill()
                    solver.process.wait()
        if int(questions):
            lasting(page, server, int(questions))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--solve"]:
        solving(sys.argv[2])
    else:
        given = sys.argv[1:]
        named = bool(given) and len(given[0]) >= 7 and set(given[0]) <= set("0123456789abcdef")
        main(asked(given[:1] if named else [])[0], given[1:] if named else given)
