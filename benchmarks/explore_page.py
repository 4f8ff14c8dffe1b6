"""What a person waits for on the page of `cge explore`, in a browser, in solves of an earlier commit; what thousands of questions do to its memory.

    python benchmarks/explore_page.py [COMMIT] [QUESTIONS [STEPS]]

As `explore.py`, which stops at the socket: here seconds run from an input of the slider to the frame behind the new numbers, with all that is on a
screen of 1280 by 900 drawn.
Steps and cold solves of the earlier commit take turns. Then random questions are asked one after the other (2,000 by default); memory of the page
after a collection, its nodes, the memory of its process and that of the largest process of the server are told at every tenth. Needs a Chromium.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path
from statistics import median, quantiles

from earlier import TOP, asked, checked_out
from explore import COLD, ECONOMY, STEPS, begun, children, drawn, resident

sys.path.insert(0, str(TOP / "tests"))

from browser import Page, browser

QUESTIONS = 2000

STATE = "document.getElementById('main').dataset.state"

STEP = f"""new Promise((done) => {{
  const began = performance.now(), slider = document.querySelector('.measure input[type=range]');
  slider.value = VALUE;
  slider.dispatchEvent(new Event('input', {{ bubbles: true }}));
  const shown = () => requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
  const look = () => ({STATE} === 'fresh' ? shown() : setTimeout(look, 2));
  look();
}})"""
"""Milliseconds from an input to the frame behind the new numbers."""


def steps(page: Page, earlier: subprocess.Popen[str], folder: Path, count: int) -> None:
    """Answers along a slider in turn with cold solves of the same questions by the earlier commit."""
    assert earlier.stdin is not None
    assert earlier.stdout is not None
    page.until("curve.done", 300)
    path, waited, solves = folder / "step.toml", list[float](), list[float]()
    for step in range(count + 1):
        seconds = page.run(STEP.replace("VALUE", str(1 + 0.5 * (step * 37 % 99)))) / 1000  # up and down the slider
        path.write_text(page.run("last.run_file"), encoding="utf-8")
        print(path, file=earlier.stdin, flush=True)
        cold = float(earlier.stdout.readline().split()[0])
        if step:  # the first of either loads what it needs
            waited.append(seconds)
            solves.append(cold)
    solve, high = median(solves), quantiles(waited, n=20)[-1]
    print(f"a solve of the earlier commit: median {solve:.3f} s, from {min(solves):.3f} to {max(solves):.3f}")
    print(f"from input to new numbers: median {median(waited):.3f} s, from {min(waited):.3f}, 95th percentile {high:.3f}")
    print(f"in solves: median {median(waited) / solve:.2f}, 95th percentile {high / solve:.2f}", flush=True)


def memory(page: Page, server: int) -> dict[str, float]:
    """What the script of the page and its elements hold after a collection, its process, and the largest process of the server."""
    page.call("HeapProfiler.collectGarbage")
    found = page.call("Runtime.getHeapUsage")
    return {
        "script, MB": found["usedSize"] / 1e6,
        "elements, MB": found["embedderHeapUsedSize"] / 1e6,
        "nodes": page.call("Memory.getDOMCounters")["nodes"],
        "its process, MB": max(resident(one) for one in page.processes()),
        "solver, MB": max(resident(one) for one in children(server)),
    }


def lasting(page: Page, server: int, count: int) -> None:
    """Random questions one after the other, with memory at every tenth."""
    choose, outcomes, held = random.Random(0), dict[str, int](), list[dict[str, float]]()
    labels, sectors = page.run("D.countries"), page.run("D.sectors")
    began = time.perf_counter()
    for number in range(1, count + 1):
        page.run(f"askAnew({{...D.start, ...{json.dumps(drawn(choose, labels, sectors))}}})")
        page.until(f"['fresh', 'refused', 'invalid'].includes({STATE})", 300)
        state = page.run(STATE)
        outcomes[state] = outcomes.get(state, 0) + 1
        if number * 10 // count > len(held):
            held.append(memory(page, server))
    print(f"{count} random questions in {time.perf_counter() - began:.0f} s: {outcomes}; lines on the console: {len(page.errors)}")
    for word in held[0]:
        print(f"{word:15}", *(f"{one[word]:9.1f}" for one in held), end="")
        print(f"{100 * (held[-1][word] / held[1][word] - 1):+7.1f} % from the second to the last" if len(held) > 1 else "")
    print(*page.errors[:5], sep="\n")


def main(commit: str, words: list[str]) -> None:
    """Measure both."""
    questions, count = map(int, [*words, *[QUESTIONS, STEPS][len(words) :]])
    with (
        checked_out(commit) as tree,
        begun(["-c", COLD], tree) as earlier,
        begun(["-m", "cge", "explore", ECONOMY, "--json"], TOP) as server,
        browser() as page,
    ):
        assert server.stdout is not None
        page.call("Emulation.setDeviceMetricsOverride", width=1280, height=900, deviceScaleFactor=1, mobile=False)  # a screen on a desk
        page.visit(json.loads(server.stdout.readline())["address"])
        page.until(f"{STATE} === 'fresh'", 300)
        print(f"{ECONOMY}, {page.run('Q.model')} with inputs, against {commit}", flush=True)
        if count:
            steps(page, earlier, tree.parent, count)
        if questions:
            lasting(page, server.pid, questions)


if __name__ == "__main__":
    main(*asked(sys.argv[1:]))
