"""Who may ask: the person at this machine, through the page that this server made, and nobody else."""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from typing import Any

from tornado.httputil import HTTPServerRequest
from tornado.web import HTTPError, RequestHandler

from cge.explorer.ground import Ground
from cge.explorer.processes import Processes
from cge.explorer.session import Session

HOST = "127.0.0.1"
"""Loopback, and nothing else."""

NAMES = (HOST, "localhost")
"""What this machine may be called in a request; any other is a page elsewhere whose name was made to lead here."""


@dataclass(eq=False)
class Site:
    """What all handlers share.

    Attributes:
        ground: of every question; world: of its page; processes: that solve; port, token: of the address. sessions: tabs that are open;
            making: lets one file be made at a time.
    """

    ground: Ground
    world: dict[str, Any]
    processes: Processes
    port: int
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    sessions: set[Session] = field(default_factory=set)
    making: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

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
        if origin is None and (request.method not in ("GET", "HEAD") or "Upgrade" in request.headers):
            return 403  # a browser names the page that writes or opens a socket
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
