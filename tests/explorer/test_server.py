"""The server end to end on the small world: its answers are those of `cge run`, and it answers nobody else."""

from __future__ import annotations

import asyncio
import io
import json
import os
import signal
import zipfile
from collections.abc import Iterator
from multiprocessing import active_children
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from asking import Tab, done, fetched, measure, on, origin, serving
from commands import invoke, put
from tornado.httpclient import HTTPClientError, HTTPRequest
from tornado.websocket import websocket_connect

from cge.explorer.processes import Processes
from cge.questions.run.answer import make_tables
from cge.questions.solve import solve
from cge.runfile.load import load


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(on("mini", tmp_path_factory.mktemp("ground"))) as found:
        yield found
    assert active_children() == []


def test_an_answer_is_that_of_the_command_to_the_digit(address: str, tmp_path: Path) -> None:
    async def work() -> dict[str, Any]:
        tab = await Tab.opened(address)
        found = await tab.ask(measures=[measure(value=0.17, answered=True)], model="krugman", intermediates=False)
        tab.socket.close()
        return found

    found = done(work)
    status, _, _ = invoke("run", put(tmp_path, found["run_file"], "copied.toml"), "--out", tmp_path / "out")
    assert status == 0
    for name, stats in (("welfare", found["stats"]), ("groups", found["together"])):
        table = pd.read_csv(tmp_path / "out" / f"{name}.csv").drop(columns="country")
        assert {key: [None if value != value else value for value in column] for key, column in table.items()} == stats
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (found["outcome"], found["residual"], found["notes"]) == ("solved", summary["residual"], summary["notes"])
    assert found["sentence"].startswith("Home (North and South too) raises tariffs")


def test_no_process_begins_once_the_server_ends() -> None:
    """Not by a timer that was set before, by a tab that closes late, nor for a file that waited."""

    before = active_children()  # those of the other server here

    async def work() -> tuple[object, list[object]]:
        processes = Processes("", asyncio.get_running_loop())
        taken = processes.take()  # which sets the timer
        processes.close()
        processes.prepare()
        processes.give(taken)  # dead by now
        with pytest.raises(ConnectionAbortedError):
            processes.take()
        return processes.spare, [one for one in active_children() if one not in before]

    assert asyncio.run(work()) == (None, [])


def test_a_refusal_has_its_reason_and_ways_out_that_work(address: str, tmp_path: Path) -> None:
    """Deficits that are fixed and tariffs that leave a debtor nothing to pay them with."""

    async def work() -> tuple[dict[str, Any], dict[str, Any]]:
        tab = await Tab.opened(address)
        measures = [measure(actor=["*"], value=500.0, how="set")]
        refused = await tab.ask(measures=measures)
        answered = await tab.ask(measures=measures, **refused["ways_out"][0]["question"])
        tab.socket.close()
        return refused, answered

    refused, answered = done(work)
    assert (refused["outcome"], answered["outcome"]) == ("refused", "solved")
    status, _, said = invoke("run", put(tmp_path, refused["run_file"]), "--out", tmp_path / "out")
    assert status == 1
    assert refused["sentence"] in said


def test_faults_come_back_to_the_measure(address: str) -> None:
    async def work() -> list[dict[str, Any]]:
        tab = await Tab.opened(address)
        found = [await tab.ask(measures=[measure(partner=["Norht"])]), await tab.ask(measures=[measure(value="x")])]
        await tab.socket.write_message("{")
        found.append(await tab.hear(lambda message: message["serial"] is None))
        tab.socket.close()
        return found

    first, second, third = done(work)
    assert first["faults"] == [{"measure": "a", "key": "partner", "text": "no country Norht. Did you mean North?"}]
    assert [(one["measure"], one["key"]) for one in second["faults"]] == [("a", "value")]
    assert third["outcome"] == "invalid"


def test_the_newest_question_wins(address: str) -> None:
    """Every question is answered or dropped, the last is answered, and more is told of that one."""

    async def work() -> tuple[list[dict[str, Any]], int, dict[str, Any]]:
        tab = await Tab.opened(address)
        await tab.ask()
        begun = tab.serial + 1
        for step in range(20):
            last = await tab.say("ask", question={**tab.question, "measures": [measure(value=0.01 * step)]})
        await tab.hear(lambda message: message["kind"] == "answer" and message["serial"] == last)
        told = await tab.reply("detail", country="North")
        missing = await tab.reply("detail", country="EU27")  # a group that comes with the package, and nobody of it is here
        assert missing["faults"][0]["key"] == "country"
        tab.socket.close()
        return [one for one in tab.heard if (one.get("serial") or 0) >= begun and one["kind"] != "detail"], last, told

    heard, last, told = done(work)
    assert sorted(one["serial"] for one in heard) == list(range(last - 19, last + 1))
    assert {one["kind"] for one in heard} == {"answer", "dropped"}
    assert (told["of"], {row["partner"] for row in told["partners"]}) == (last, {"Home", "South", "World"})
    assert [row["sector"] for row in told["sectors"]] == ["goods", "services"]


@pytest.mark.slow
def test_what_runs_in_the_background_gives_way(address: str) -> None:
    async def work() -> Tab:
        tab = await Tab.opened(address)
        await tab.say("range", question=tab.question, measure="1", **{"from": 0.0, "to": 2.0, "steps": 201})
        await tab.hear(lambda message: message["kind"] == "range")
        await tab.ask()
        await tab.say("range", question=tab.question, measure="1", **{"from": 0.0, "to": 2.0, "steps": 201})
        await tab.hear(lambda message: message["kind"] == "range" and message["serial"] == tab.serial)
        await tab.say("stop")
        await tab.hear(lambda message: message["kind"] == "dropped" and message["serial"] == tab.serial - 1)
        tab.socket.close()
        return tab

    heard = done(work).heard
    assert [one["serial"] for one in heard if one["kind"] == "dropped"] == [1, 3]
    assert not any(one.get("done") == 201 for one in heard)


@pytest.mark.slow
def test_a_range_goes_through_the_answers(address: str) -> None:
    async def work() -> tuple[list[Any], dict[str, Any]]:
        tab = await Tab.opened(address)
        await tab.reply("range", question=tab.question, measure="1", **{"from": 0.0, "to": 0.2, "steps": 5})
        points = [point for one in tab.heard if one["kind"] == "range" for point in one["points"]]
        answer = await tab.ask(measures=[{**tab.question["measures"][0], "value": 0.1}])
        tab.socket.close()
        return points, answer

    points, answer = done(work)
    assert [value for value, _ in points] == pytest.approx([0.0, 0.05, 0.1, 0.15, 0.2])
    assert points[2][1] == pytest.approx(answer["stats"]["real_income_pct"], abs=1e-7)
    assert points[0][1] == pytest.approx([0.0, 0.0, 0.0], abs=1e-7)


@pytest.mark.slow
def test_draws_and_rates_that_are_chosen(address: str) -> None:
    """The best rate is one that the answer is better at than beside it, and every band holds its median."""

    async def work() -> tuple[dict[str, Any], ...]:
        tab = await Tab.opened(address)
        question = {**tab.question, "transfers": "zero"}
        draws = await tab.reply("draws", question=question, n=8, standard_error=1.0)
        best = await tab.reply("best", question=question, measure="1")
        war = await tab.reply("war", question=question, players=["North", "South"])
        first, rate = question["measures"][0], best["players"][0]["rate"]
        at = [
            (await tab.ask(transfers="zero", measures=[{**first, "how": "set", "value": value}]))["stats"]["real_income_pct"]
            for value in (rate, rate - 0.02, rate + 0.02)
        ]
        home = [
            values[[one["code"] for one in json.loads((await fetched(f"{address}world")).body)["countries"]].index(first["actor"][0])]
            for values in at
        ]
        tab.socket.close()
        return draws, best, war, {"home": home}

    draws, best, war, at = done(work)
    for band in draws["stats"].values():
        assert all(low is None or low <= mid <= high for low, mid, high in zip(band["low"], band["median"], band["high"], strict=True))
    assert draws["stats"]["real_income_pct"]["low"] < draws["stats"]["real_income_pct"]["high"]
    assert at["home"][0] > max(at["home"][1:])
    assert best["players"][0]["real_income_pct"] == pytest.approx(at["home"][0], abs=1e-7)
    assert [row["player"] for row in war["players"]] == ["North", "South"]
    assert all(row["rate"] > 0 for row in war["players"])


@pytest.mark.slow
def test_tabs_do_not_see_each_other_and_one_that_loses_its_process_goes_on(address: str, tmp_path: Path) -> None:
    async def work() -> tuple[list[dict[str, Any]], dict[str, Any], dict[str, Any]]:
        tabs = [await Tab.opened(address) for _ in range(3)]
        answers = await asyncio.gather(
            *(tab.ask(measures=[measure(value=value)]) for tab, value in zip(tabs, (0.1, 0.2, 0.3), strict=True))
        )
        for tab in tabs[1:]:
            tab.socket.close()
        for process in active_children():
            process.kill()
        lost = await tabs[0].hear(lambda message: message["kind"] == "error")
        again = await tabs[0].ask(measures=[measure(value=0.1)])
        tabs[0].socket.close()
        return answers, lost, again

    answers, lost, again = done(work)
    for answer in answers:
        own = make_tables(solve(load(put(tmp_path, answer["run_file"]))), load(put(tmp_path, answer["run_file"])))["welfare"]
        assert answer["stats"]["real_income_pct"] == own["real_income_pct"].tolist()
    assert len({tuple(answer["stats"]["real_income_pct"]) for answer in answers}) == 3
    assert "was ended by signal 9" in lost["text"]
    assert again["stats"] == answers[0]["stats"]


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="finds the process of a tab by its folder under /proc")
def test_a_process_that_does_not_leave_what_is_unwanted_is_replaced(address: str) -> None:
    """One that is stopped in the middle of everything; another is prepared, and answers."""

    async def work() -> list[dict[str, Any]]:
        tab = await Tab.opened(address)
        await tab.ask(measures=[measure(value=0.123456)])
        for process in active_children():
            path = Path(f"/proc/{process.pid}/cwd/explore.toml")
            if path.exists() and "0.123456" in path.read_text(encoding="utf-8"):
                os.kill(process.pid or 0, signal.SIGSTOP)
        first = await tab.say("ask", question=tab.question)
        answer = await tab.ask(measures=[measure(value=0.4)])
        tab.socket.close()
        return [answer, *(one for one in tab.heard if one.get("serial") == first)]

    answer, *first = done(work)
    assert answer["outcome"] == "solved"
    assert [one["kind"] for one in first] == ["dropped"]


@pytest.mark.slow
def test_what_is_taken_away_is_what_is_on_screen(address: str, tmp_path: Path) -> None:
    async def work() -> tuple[dict[str, Any], dict[str, Any]]:
        tab = await Tab.opened(address)
        answer = await tab.ask()
        body = json.dumps(tab.question).encode()
        bad = json.dumps({**tab.question, "measures": [measure(actor=["*"], value=500.0, how="set")]}).encode()
        names = ("run.toml", "welfare.csv", "report.html", "all.zip")
        got = {name: await fetched(f"{address}file/{name}", body) for name in names}
        got["refused"] = await fetched(f"{address}file/welfare.csv", bad)
        got["invalid"] = await fetched(f"{address}file/welfare.csv", b"{}")
        got["other"] = await fetched(f"{address}file/..%2Fsecret", body)
        tab.socket.close()
        return answer, got

    answer, got = done(work)
    assert {name: one.code for name, one in got.items()} == {
        "run.toml": 200, "welfare.csv": 200, "report.html": 200, "all.zip": 200, "refused": 409, "invalid": 400, "other": 404,
    }  # fmt: skip
    assert got["run.toml"].body.decode() == answer["run_file"]
    table = pd.read_csv(io.BytesIO(got["welfare.csv"].body))
    assert table["real_income_pct"].tolist() == answer["stats"]["real_income_pct"]
    assert answer["sentence"] in got["report.html"].body.decode().replace("\u00a0", " ")
    with zipfile.ZipFile(io.BytesIO(got["all.zip"].body)) as archive:
        assert {"explore.toml", "answer/welfare.csv", "answer/flows.csv", "answer/report.html", "answer/summary.json"} <= set(
            archive.namelist()
        )
        assert archive.read("answer/welfare.csv") == got["welfare.csv"].body
        assert archive.read("explore.toml").decode() == answer["run_file"]
    assert json.loads(got["refused"].body)["outcome"] == "refused"


# --- who may ask ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "headers", "status"),
    [
        ("{whole}", {}, 200),
        ("{whole}world", {}, 200),
        ("{whole}", {"Origin": ""}, 200),
        ("{whole}", {"Host": "example.org"}, 403),
        ("{whole}world", {"Host": "127.0.0.1"}, 403),
        ("{whole}world", {"Host": "127.0.0.1:1"}, 403),
        ("{whole}world", {"Origin": "http://example.org"}, 403),
        ("{whole}world", {"Origin": "null"}, 403),
        ("{top}/", {}, 404),
        ("{top}/world", {}, 404),
        ("{top}/wrong/world", {}, 404),
        ("{top}/%00/world", {}, 404),
        ("{whole}nothing", {}, 404),
        ("{whole}../world", {}, 404),
    ],
)
def test_whose_requests_are_answered(address: str, where: str, headers: dict[str, str], status: int) -> None:
    found = done(lambda: fetched(where.format(whole=address, top=origin(address)), **headers))
    assert found.code == status
    assert found.headers["X-Content-Type-Options"] == "nosniff"
    assert found.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "Server" not in found.headers
    assert address.split("/")[3] not in (found.body or b"").decode(errors="replace")


@pytest.mark.parametrize(
    ("headers", "status"), [({"Origin": ""}, 403), ({"Origin": "http://example.org"}, 403), ({"Host": "example.org"}, 403)]
)
def test_a_file_is_for_the_page_alone(address: str, headers: dict[str, str], status: int) -> None:
    assert done(lambda: fetched(f"{address}file/run.toml", b"{}", **headers)).code == status


def test_a_body_has_its_bounds(address: str) -> None:
    found = done(lambda: fetched(f"{address}file/run.toml", b"x" * 70_000))
    assert found.code in (400, 599)  # turned away before it is read; a client that still writes may see the line cut


@pytest.mark.parametrize(
    ("where", "headers", "status"),
    [
        ("{whole}ask", {}, 403),
        ("{whole}ask", {"Origin": "http://example.org"}, 403),
        ("{whole}ask", {"Origin": "{top}", "Host": "example.org"}, 403),
        ("{top}/wrong/ask", {"Origin": "{top}"}, 404),
    ],
)
def test_whose_sockets_are_opened(address: str, where: str, headers: dict[str, str], status: int) -> None:
    names = {"whole": address, "top": origin(address)}

    async def work() -> None:
        given = {name: value.format(**names) for name, value in headers.items()}
        await websocket_connect(HTTPRequest(where.format(**names).replace("http", "ws", 1), headers=given))

    with pytest.raises(HTTPClientError) as caught:
        done(work)
    assert caught.value.code == status


def test_a_message_has_its_bounds(address: str) -> None:
    """One that is too long closes the socket, and the server goes on."""

    async def work() -> tuple[str | bytes | None, int]:
        tab = await Tab.opened(address)
        await tab.hear(lambda message: message["kind"] == "ready")
        await tab.socket.write_message("x" * 70_000)
        said = await asyncio.wait_for(tab.socket.read_message(), 10)
        tab.socket.close()
        return said, (await fetched(f"{address}world")).code

    assert done(work) == (None, 200)


def test_the_page_speaks_to_this_server_alone(address: str) -> None:
    found = done(lambda: fetched(address))
    policy = dict(part.split(" ", 1) for part in found.headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["connect-src"] == f"'self' ws://{address.split('/')[2]}"
    assert "unsafe" not in found.headers["Content-Security-Policy"]
    nonces = {done(lambda: fetched(address)).headers["Content-Security-Policy"] for _ in range(2)}
    assert len(nonces) == 2
