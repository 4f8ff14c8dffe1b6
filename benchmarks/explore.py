"""How long `cge explore` takes from a message to its answer, in solves of an earlier commit; what a thousand questions do to its memory.

    python benchmarks/explore.py [COMMIT] [QUESTIONS]

The commit (the default is the one that targets are stated against) is checked out in a temporary folder. A process of it solves the tariff of every
step cold, in turn with the explorer of this tree, which answers the same question. Seconds are of the clock, since a person waits for them, and each
answer is over the median of the solves of the same run; beside them those of the processor, of server and solving process together. Then random
questions are asked one after the other (2,000 by default), and the resident memory of the process that solves is told on the way.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import Any

from earlier import TOP, asked, checked_out, environment
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import WebSocketClientConnection, websocket_connect

ECONOMY = "icio2022"

STEPS = 50
"""Positions of the slider."""

SETTLED = 10.0
"""Seconds until the server has prepared another process, which it does beside the first answers."""

COLD = """
import sys, time
import cge
try:
    from cge.runfile.load import load
except ModuleNotFoundError:
    from cge.runfile import load
for line in sys.stdin:
    case = load(line.strip())
    began, spent = time.perf_counter(), time.process_time()
    cge.solve_hat(case.benchmark, case.exponents, case.shock)
    print(time.perf_counter() - began, time.process_time() - spent, flush=True)
"""
"""Solves run files cold and tells the seconds, of the clock and of the processor."""


@contextmanager
def begun(arguments: list[str], tree: Path) -> Iterator[subprocess.Popen[str]]:
    """A process of Python with the package of a tree, to write to and to read from; it ends with the block."""
    process = subprocess.Popen(
        [sys.executable, *arguments], env=environment(tree), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


class Tab:
    """A session."""

    def __init__(self, socket: WebSocketClientConnection, world: dict[str, Any]) -> None:
        self.socket, self.world, self.serial = socket, world, 0

    @classmethod
    async def opened(cls, address: str) -> Tab:
        """One that is ready to answer."""
        world = json.loads((await AsyncHTTPClient().fetch(f"{address}world")).body)
        origin = {"Origin": "/".join(address.split("/")[:3])}
        tab = cls(await websocket_connect(HTTPRequest(f"{address}ask".replace("http", "ws", 1), headers=origin)), world)
        await tab.ask()
        return tab

    async def ask(self, **changed: Any) -> tuple[float, dict[str, Any]]:
        """Seconds from the message to its answer, and the answer."""
        self.serial += 1
        question = {**self.world["start"], **changed}
        began = time.perf_counter()
        await self.socket.write_message(json.dumps({"kind": "ask", "serial": self.serial, "question": question}))
        while True:
            text = await self.socket.read_message()
            assert text is not None
            seconds, message = time.perf_counter() - began, json.loads(text)
            if message["kind"] == "error":
                raise SystemExit(message["text"])
            if message["kind"] == "answer":
                return seconds, message


async def steps(tab: Tab, server: int, earlier: subprocess.Popen[str], folder: Path) -> None:
    """Answers along a slider in turn with cold solves of the earlier commit."""
    assert earlier.stdin is not None
    assert earlier.stdout is not None
    (first,) = tab.world["start"]["measures"]
    answers: list[float] = []
    solves: list[float] = []
    effort: list[float] = []
    efforts: list[float] = []
    path = folder / "step.toml"
    for step in range(STEPS + 1):
        before = processor(server)
        seconds, answer = await tab.ask(measures=[{**first, "value": 0.01 * (step + 1)}])
        spent = processor(server) - before
        path.write_text(answer["run_file"], encoding="utf-8")
        print(path, file=earlier.stdin, flush=True)
        cold, effort_cold = map(float, earlier.stdout.readline().split())
        if step:  # the first of either loads what it needs
            answers.append(seconds)
            solves.append(cold)
            effort.append(spent)
            efforts.append(effort_cold)
    solve, high = median(solves), quantiles(answers, n=20)[-1]
    print(f"a solve of the earlier commit: median {solve:.3f} s, from {min(solves):.3f} to {max(solves):.3f}")
    print(f"from message to answer: median {median(answers):.3f} s, from {min(answers):.3f}, 95th percentile {high:.3f}")
    print(f"in solves: median {median(answers) / solve:.2f}, 95th percentile {high / solve:.2f}")
    mean, cold = sum(effort) / STEPS, sum(efforts) / STEPS
    print(f"of the processor: {cold:.3f} s for a solve, {mean:.3f} s for an answer, ratio {mean / cold:.2f}")


async def memory(tab: Tab, server: int, count: int) -> None:
    """Random questions one after the other, with the resident memory of the largest process on the way."""
    choose = random.Random(0)
    labels = [one["code"] for one in tab.world["countries"]]
    sectors = [one["code"] for one in tab.world["sectors"]]
    outcomes: dict[str, int] = {}
    for number in range(1, count + 1):
        question = drawn(choose, labels, sectors)
        _, answer = await tab.ask(**question)
        outcomes[answer["outcome"]] = outcomes.get(answer["outcome"], 0) + 1
        if number in (50, 100, 200) or number % max(count // 8, 1) == 0:
            print(f"after {number:5} questions: {max(resident(one) for one in children(server)):6.0f} MB; {outcomes}", flush=True)


def drawn(choose: random.Random, labels: list[str], sectors: list[str]) -> dict[str, Any]:
    """A question of one to four measures under a model without free entry, whose solves are short."""
    kinds = {"tariff": ("add", "set"), "export_tax": ("add", "set"), "iceberg": ("times",)}
    measures = []
    for place in range(choose.randint(1, 4)):
        kind = choose.choice(list(kinds))
        actor, partner = choose.sample(labels, 2)
        rate = choose.uniform(0.0, 0.5)
        measures.append(
            {
                "id": str(place),
                "kind": kind,
                "actor": [actor],
                "partner": choose.choice([["*"], [partner]]),
                "sector": choose.choice([["*"], choose.sample(sectors, 3)]),
                "how": choose.choice(kinds[kind]),
                "value": 1 + rate if kind == "iceberg" else rate,
                "answered": choose.random() < 0.3,
            }
        )
    return {
        "measures": measures,
        "model": choose.choice(["armington", "eaton_kortum"]),
        "intermediates": choose.random() < 0.7,
        "elasticity": choose.choice([{"trade": round(choose.uniform(2.0, 9.0), 2)}, {"set": "caliendo_parro_2015"}]),
        "transfers": choose.choice(["fixed", "own_share"]),
    }


def children(pid: int) -> list[int]:
    """Processes that a process began."""
    listed = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(word) for path in listed for word in path.read_text().split()]


def processor(server: int) -> float:
    """Seconds of the processor of a server and the processes that it began."""
    ticks = os.sysconf("SC_CLK_TCK")
    spent = [Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:13] for pid in (server, *children(server))]
    return sum(int(part) for parts in spent for part in parts) / ticks


def resident(pid: int) -> float:
    """MB of a process."""
    lines = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    return int(lines["VmRSS"].split()[0]) / 1024


async def main(commit: str, words: list[str]) -> None:
    """Measure both."""
    count = int(words[0]) if words else 2000
    with (
        checked_out(commit) as tree,
        begun(["-c", COLD], tree) as earlier,
        begun(["-m", "cge", "explore", ECONOMY, "--json"], TOP) as server,
    ):
        assert server.stdout is not None
        tab = await Tab.opened(json.loads(server.stdout.readline())["address"])
        print(f"{ECONOMY}, {tab.world['start']['model']} with inputs, against {commit}")
        await asyncio.sleep(SETTLED)
        await steps(tab, server.pid, earlier, tree.parent)
        await memory(tab, server.pid, count)


if __name__ == "__main__":
    asyncio.run(main(*asked(sys.argv[1:])))
