"""A server of the explorer in this process, and tabs that ask it, for the tests of both."""

from __future__ import annotations

import asyncio
import json
import random
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tornado.httpclient import AsyncHTTPClient, HTTPRequest, HTTPResponse
from tornado.websocket import WebSocketClientConnection, websocket_connect

from cge.explorer.ground import Ground, open_ground
from cge.explorer.run_file import run_file
from cge.explorer.server import bound, served

PATIENCE = 240.0
"""Seconds after which a reply does not come."""


@contextmanager
def serving(ground: Ground) -> Iterator[str]:
    """The address of a server on a ground; everything that it began has ended when this does."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    stop, said, failed = asyncio.Event(), list[str](), list[BaseException]()
    sock, _ = bound(0)

    def tell(address: str) -> None:
        said.append(address)
        ready.set()

    def run() -> None:
        try:
            loop.run_until_complete(served(ground, run_file(ground, ground.start).text, sock, tell, stop))
        except BaseException as error:
            failed.append(error)
            ready.set()
        finally:
            loop.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        assert ready.wait(PATIENCE)
        assert failed == []
        yield said[0]
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert failed == []


def on(given: str | Path, folder: Path) -> Ground:
    """The ground of an economy or a run file."""
    return open_ground(str(given), folder)


def done(work: Callable[[], Coroutine[Any, Any, Any]]) -> Any:
    """What a coroutine returns, in a loop of its own."""
    return asyncio.run(work())


def origin(address: str) -> str:
    return "/".join(address.split("/")[:3])


async def fetched(address: str, body: bytes | None = None, **headers: str) -> HTTPResponse:
    """What a request gets, whatever its status; a header that is empty is left out."""
    given = {"Origin": origin(address), **{name.replace("_", "-"): value for name, value in headers.items()}}
    request = HTTPRequest(
        address, "GET" if body is None else "POST", {name: value for name, value in given.items() if value}, body, request_timeout=PATIENCE
    )
    return await AsyncHTTPClient().fetch(request, raise_error=False)


class Tab:
    """A tab of a browser as the server sees it: a socket, and serials."""

    def __init__(self, socket: WebSocketClientConnection, question: dict[str, Any]) -> None:
        self.socket, self.question, self.serial, self.heard = socket, question, 0, list[dict[str, Any]]()

    @classmethod
    async def opened(cls, address: str) -> Tab:
        world = json.loads((await fetched(f"{address}world")).body)
        request = HTTPRequest(f"{address}ask".replace("http", "ws", 1), headers={"Origin": origin(address)})
        return cls(await websocket_connect(request), world["start"])

    async def say(self, kind: str, **more: Any) -> int:
        """Send a message; its serial."""
        self.serial += 1
        await self.socket.write_message(json.dumps({"kind": kind, "serial": self.serial, **more}))
        return self.serial

    async def hear(self, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The next message that is wanted; those before it are in `heard`."""
        while True:
            text = await asyncio.wait_for(self.socket.read_message(), PATIENCE)
            assert text is not None, "the socket was closed"
            message = json.loads(text)
            self.heard.append(message)
            if wanted(message):
                return message
            assert message["kind"] != "error", message["text"]

    async def ask(self, **changed: Any) -> dict[str, Any]:
        """The answer to the question with something changed."""
        return await self.reply("ask", "answer", question={**self.question, **changed})

    async def reply(self, kind: str, under: str = "", **more: Any) -> dict[str, Any]:
        """The last reply of a kind to a message."""
        serial = await self.say(kind, **more)
        return await self.hear(
            lambda message: (
                message.get("serial") == serial and message["kind"] == (under or kind) and message.get("done") == message.get("total")
            )
        )


def measure(**changed: Any) -> dict[str, Any]:
    """A tariff of Home on everything, with something changed."""
    return {
        "id": "a",
        "kind": "tariff",
        "actor": ["Home"],
        "partner": ["*"],
        "sector": ["*"],
        "how": "add",
        "value": 0.1,
        "answered": False,
        **changed,
    }


def drawn(count: int) -> Iterator[dict[str, Any]]:
    """Random questions on the small world."""
    choose = random.Random(1)
    for _ in range(count):
        actor, partner = choose.sample(["Home", "North", "South"], 2)
        kind = choose.choice(["tariff", "export_tax", "iceberg"])
        rate = choose.uniform(0.0, 0.4)
        yield {
            "measures": [
                measure(
                    kind=kind,
                    actor=[actor],
                    partner=[choose.choice(["*", partner])],
                    sector=[choose.choice(["*", "goods"])],
                    how="times" if kind == "iceberg" else "add",
                    value=1 + rate if kind == "iceberg" else rate,
                    answered=choose.random() < 0.5,
                )
            ],
            "model": choose.choice(["armington", "krugman", "melitz"]),
            "intermediates": False,
            "transfers": choose.choice(["fixed", "zero", "own_share"]),
            "elasticity": {"trade": choose.uniform(4.0, 8.0)},
        }
