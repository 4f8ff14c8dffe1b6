"""The server of the explorer: for one person, on this machine's loopback, below a token that no other page knows."""

from __future__ import annotations

import asyncio
import secrets
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from tornado.httpserver import HTTPServer
from tornado.httputil import HTTPServerRequest
from tornado.web import Application, HTTPError, RequestHandler
from tornado.websocket import WebSocketClosedError, WebSocketHandler

from cge.data.files.formats import as_line
from cge.explorer.ground import Ground
from cge.explorer.messages import LARGEST
from cge.explorer.page import page
from cge.explorer.processes import Processes
from cge.explorer.session import Session
from cge.explorer.world import world

HOST = "127.0.0.1"
"""Loopback, and nothing else."""

NAMES = (HOST, "localhost")
"""What this machine may be called in a request; any other is a page elsewhere whose name was made to lead here."""

MOST_SESSIONS = 8
"""Tabs at once: each has a process."""


@dataclass(eq=False)
class Site:
    """What all handlers share.

    Attributes:
        ground: of every question; world: of its page; processes: that solve; port, token: of the address. sessions: tabs that are open.
    """

    ground: Ground
    world: dict[str, Any]
    processes: Processes
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    sessions: set[Session] = field(default_factory=set)

    @property
    def address(self) -> str:
        """Where the page is."""
        return f"http://{HOST}:{self.port}/{self.token}/"

    def trusts(self, request: HTTPServerRequest, given: str) -> int:
        """0 where a request comes from the page or the person; else the status it gets.

        Args:
            given: the token of the request.
        """
        hosts = {f"{name}:{self.port}" for name in NAMES}
        origin = request.headers.get("Origin")
        if request.headers.get("Host") not in hosts or (origin is not None and origin not in {f"http://{host}" for host in hosts}):
            return 403
        if origin is None and request.headers.get("Upgrade", request.method) not in ("GET", "HEAD"):
            return 403  # browsers name the page that writes or opens a socket
        return 0 if secrets.compare_digest(given.encode(), self.token.encode()) else 404


class Guarded:
    """What every answer passes before it is made."""

    site: Site
    request: HTTPServerRequest
    path_args: list[str]

    def initialize(self, site: Site) -> None:
        """The site."""
        self.site = site

    def prepare(self) -> None:
        """Turn away what does not come from the page."""
        if status := self.site.trusts(self.request, self.path_args[0] if self.path_args else ""):
            raise HTTPError(status)


class Closed(Guarded, RequestHandler):
    """Pages that answer: policy and headers, and no word of what runs here."""

    def set_default_headers(self) -> None:
        """Headers of every answer, errors too."""
        self.nonce = secrets.token_urlsafe(16)
        for name, value in HEADERS.items():
            self.set_header(name, value)
        self.clear_header("Server")

    def write_error(self, status_code: int, **about: Any) -> None:
        """One plain sentence."""
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(f"{status_code}: {self._reason}\n")


HEADERS = {
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""Of every answer; the page has a policy of its own."""


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
        [(r"/([^/]+)/", Page, given), (r"/([^/]+)/world", WorldHandler, given), (r"/([^/]+)/ask", Socket, given)],
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


async def served(ground: Ground, text: str, sockets: Iterable[socket.socket], ready: Any, stop: asyncio.Event) -> None:
    """Serve until `stop`; `ready` is told the address.

    Args:
        text: the run file that processes are prepared with.
    """
    sockets = list(sockets)
    processes = Processes(text, asyncio.get_running_loop())
    site = Site(ground, world(ground), processes, sockets[0].getsockname()[1])
    server = HTTPServer(application(site), max_body_size=LARGEST, max_header_size=LARGEST, idle_connection_timeout=600)
    try:
        processes.prepare()
        server.add_sockets(sockets)
        ready(site.address)
        await stop.wait()
    finally:
        server.stop()
        processes.close()
        await server.close_all_connections()
