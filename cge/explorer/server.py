"""The server of the explorer: for one person, on this machine's loopback, below a token that no other page knows."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from cge.data.files.formats import as_line
from cge.explorer.files import TYPES
from cge.explorer.ground import Ground
from cge.explorer.guard import HOST, Closed, Guarded, Site
from cge.explorer.messages import LARGEST, solvable
from cge.explorer.page import page
from cge.explorer.processes import Processes
from cge.explorer.question import Invalid, parsed, read_question
from cge.explorer.run_file import run_file
from cge.explorer.session import Session
from cge.explorer.worker import DONE, ENDED
from cge.explorer.world import world

MOST_SESSIONS = 8
"""Tabs at once: each has a process."""


class Page(Closed):
    """The page."""

    def get(self, token: str) -> None:
        """HTML with a policy that runs its own scripts alone and speaks to this server alone."""
        here = f"{HOST}:{self.site.port}" if self.request.host != f"localhost:{self.site.port}" else self.request.host
        policy = {
            "default-src": "'none'",
            "script-src": f"'nonce-{self.nonce}'",
            "style-src": f"'nonce-{self.nonce}'",
            "img-src": "data: blob:",
            "connect-src": f"'self' ws://{here}",
            "base-uri": "'none'",
            "form-action": "'none'",
            "frame-ancestors": "'none'",
        }
        self.set_header("Content-Security-Policy", "; ".join(f"{name} {value}" for name, value in policy.items()))
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.finish(page(self.site.world, self.nonce))


class WorldHandler(Closed):
    """What the page must know before it asks."""

    def get(self, token: str) -> None:
        """JSON."""
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(as_line(self.site.world))


class File(Closed):
    """What a person takes away: made in a folder that is removed."""

    def initialize(self, site: Site) -> None:
        """What is heard of the process that makes the file."""
        super().initialize(site)
        self.said: asyncio.Queue[tuple[str, str]] = asyncio.Queue()

    async def post(self, token: str, name: str) -> None:
        """The file that answers the question in the body."""
        if name not in TYPES:
            raise HTTPError(404)
        try:
            made = run_file(self.site.ground, read_question(parsed(self.request.body)))
        except Invalid as error:
            self.refuse(400, as_line(error.told))
            return
        if name == RUN:
            self.give(name, made.text.encode())
            return
        async with self.site.making:
            process = self.site.processes.take()
            process.listen(lambda kind, serial, text: self.said.put_nowait((kind, text)))
            process.send({"kind": "file", "serial": 0, "name": name, **solvable(made)})
            if await self.sent(name):
                self.site.processes.give(process)
            else:
                self.site.processes.end(process)

    async def sent(self, name: str) -> bool:
        """Send what the process made, or why it made nothing; whether it did all that it was asked."""
        last, kind, text = "", "", ""
        while kind not in (DONE, ENDED):
            last, (kind, text) = text, await self.said.get()
        if kind == ENDED:
            if text:  # else nobody waits for it
                self.refuse(500, text)
            return False
        found = parsed(last)
        if "path" in found:
            self.give(name, Path(found["path"]).read_bytes())
        else:
            self.refuse(409 if found["outcome"] == "refused" else 400, last)
        return True

    def give(self, name: str, content: bytes) -> None:
        """Send a file as a download."""
        self.set_header("Content-Type", TYPES[name])
        self.set_header("Content-Disposition", f'attachment; filename="{name}"')
        self.finish(content)

    def refuse(self, status: int, text: str) -> None:
        """Say in JSON why there is no file."""
        self.set_status(status)
        self.set_header("Content-Type", "application/json; charset=utf-8")
        self.finish(text)

    def on_connection_close(self) -> None:
        """Nobody waits any more."""
        self.said.put_nowait((ENDED, ""))


RUN = "run.toml"
"""The file that needs no solve."""


class Nothing(Closed):
    """Any other address."""

    def prepare(self) -> None:
        """There is nothing, whoever asks."""
        raise HTTPError(404)


class Socket(Guarded, WebSocketHandler):
    """A session."""

    session: Session | None = None

    def check_origin(self, origin: str) -> bool:
        """Checked in `prepare`, with everything else."""
        return True

    def open(self, token: str) -> None:
        """A tab begins; its process is made ready while the page is read."""
        if len(self.site.sessions) >= MOST_SESSIONS:
            self.write_message(as_line({"kind": "error", "text": f"{MOST_SESSIONS} tabs are open already; close one of them."}))
            self.close(1013, "too many tabs")
            return
        self.session = Session(self.site.ground, self.site.processes, self.tell)
        self.site.sessions.add(self.session)
        self.session.begin()

    def tell(self, text: str) -> None:
        """Send to the page, if it is still there."""
        if self.ws_connection is not None and not self.ws_connection.is_closing():
            future = self.write_message(text)
            future.add_done_callback(_unheard)

    def on_message(self, message: str | bytes) -> None:
        """The page says something."""
        if self.session is not None:
            self.session.told(message)

    def on_close(self) -> None:
        """The tab is closed."""
        if self.session is not None:
            self.site.sessions.discard(self.session)
            self.session.end()


def _unheard(future: asyncio.Future[None]) -> None:
    """A message that came too late for a tab that was being closed."""
    error = future.exception()
    if error is not None and not isinstance(error, WebSocketClosedError):
        raise error


def application(site: Site) -> Application:
    """The addresses below the token."""
    given = {"site": site}
    return Application(
        [
            (r"/([^/]+)/", Page, given),
            (r"/([^/]+)/world", WorldHandler, given),
            (r"/([^/]+)/ask", Socket, given),
            (r"/([^/]+)/file/([^/]+)", File, given),
        ],
        default_handler_class=Nothing,
        default_handler_args=given,
        websocket_max_message_size=LARGEST,
        log_function=lambda handler: None,  # addresses hold the token
    )


def bound(port: int | None) -> tuple[socket.socket, bool]:
    """A socket on the loopback, and whether the port is another than that which was asked for (None: any that is free)."""
    for wanted in (port, 0):
        found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        try:
            found.bind((HOST, wanted or 0))
        except OSError:
            found.close()
            if wanted is None or wanted == 0:
                raise
            continue
        found.listen()
        found.setblocking(False)
        return found, bool(port) and found.getsockname()[1] != port
    raise OSError("no port is free")


async def served(ground: Ground, text: str, sock: socket.socket, ready: Callable[[str], None], stop: asyncio.Event) -> None:
    """Serve until `stop`; `ready` is told the address.

    Args:
        text: the run file that processes are prepared with.
    """
    processes = Processes(text, asyncio.get_running_loop())
    site = Site(ground, world(ground), processes, sock.getsockname()[1])
    server = HTTPServer(application(site), max_body_size=LARGEST, max_header_size=LARGEST, idle_connection_timeout=600)
    try:
        processes.prepare()
        server.add_socket(sock)
        ready(site.address)
        await stop.wait()
    finally:
        server.stop()
        processes.close()
        await server.close_all_connections()
