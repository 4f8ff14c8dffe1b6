"""What takes longer: the world of 2022, and two thousand questions in a row."""

from __future__ import annotations

import asyncio
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pytest
from asking import Tab, done, drawn, measure, on, serving
from commands import put

from cge.questions.run.answer import make_tables
from cge.questions.solve import solve
from cge.runfile.load import load

pytestmark = pytest.mark.slow

QUESTIONS = 2000

WARM = 200
"""Questions after which everything is loaded that will be."""


def test_answers_on_the_bundled_world_are_those_of_the_command(tmp_path: Path) -> None:
    """Three tabs at once, each with its own questions, with inputs."""
    actors = (["USA"], ["CHN"], ["EU27"])

    async def one(tab: Tab, actor: list[str]) -> list[dict[str, Any]]:
        found = [
            await tab.ask(measures=[measure(actor=actor, partner=["*", f"!{actor[0]}"], sector=["C"], value=0.05 * step)])
            for step in (1, 2, 3)
        ]
        tab.socket.close()
        return found

    async def work() -> list[list[dict[str, Any]]]:
        tabs = [await Tab.opened(address) for _ in actors]
        return await asyncio.gather(*(one(tab, actor) for tab, actor in zip(tabs, actors, strict=True)))

    with serving(on("icio2022", tmp_path)) as address:
        answers = [answer for found in done(work) for answer in found]
    assert len({answer["run_file"] for answer in answers}) == len(answers)
    for answer in answers:
        case = load(put(tmp_path, answer["run_file"]))
        tables = make_tables(solve(case), case)
        assert answer["stats"]["real_income_pct"] == tables["welfare"]["real_income_pct"].tolist()
        assert answer["together"]["equivalent_variation"] == tables["groups"]["equivalent_variation"].tolist()


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads the memory of a process under /proc")
def test_questions_leave_memory_flat(tmp_path: Path) -> None:
    """Within ten percent of what it is when everything is loaded."""

    async def work() -> list[tuple[float, str]]:
        tab = await Tab.opened(address)
        found = []
        for question in drawn(QUESTIONS):
            answer = await tab.ask(**question)
            found.append((max(resident(process.pid or 0) for process in active_children()), str(answer["outcome"])))
            tab.heard.clear()
        tab.socket.close()
        return found

    with serving(on("mini", tmp_path)) as address:
        found = done(work)
    assert {outcome for _, outcome in found} <= {"solved", "refused"}
    assert sum(outcome == "solved" for _, outcome in found) > 0.9 * QUESTIONS
    assert max(size for size, _ in found[WARM:]) < 1.1 * found[WARM][0]


def resident(pid: int) -> float:
    """MB of a process."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next((int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS")), 0.0)
