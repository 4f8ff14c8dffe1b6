"""A tab of a browser: one socket, one process that solves for it, and the newest question first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cge.data.files.formats import as_line
from cge.explorer.ground import Ground
from cge.explorer.inbox import Message, unwanted
from cge.explorer.messages import MESSAGES, read
from cge.explorer.processes import Process, Processes
from cge.explorer.question import Invalid, parsed
from cge.explorer.worker import DONE, ENDED, REPLIES

GRACE = 0.3
"""Seconds that a process has to leave what is no longer wanted; then it is ended as soon as another is prepared to take its place."""

LOST = "The process that solves ended ({}). Another takes its place when you ask again."
"""What a page is told of a process that ended."""


@dataclass(eq=False)
class Session:
    """What the server keeps of a tab.

    Attributes:
        ground: of the server; processes: of it; say: sends text to the page. open: what the process was asked and has not finished, by serial.
    """

    ground: Ground
    processes: Processes
    say: Callable[[str], None]
    process: Process | None = None
    open: dict[int, Message] = field(default_factory=dict)

    def begin(self) -> Process:
        """The process, taken where there is none."""
        if self.process is None:
            self.process = self.processes.take()
            self.process.listen(self.heard)
        return self.process

    def told(self, text: str | bytes) -> None:
        """A message of the page."""
        raw = None
        try:
            raw = parsed(text)
            message = read(self.ground, raw)
        except Invalid as error:
            self.say(as_line({**_replying(raw), **error.told}))
            return
        late = [serial for serial, one in self.open.items() if unwanted(one, message)]
        if message["kind"] != "stop":
            self.open[message["serial"]] = message
        if self.process is not None or message["kind"] != "stop":
            self.begin().send(message)
        if late:
            asyncio.get_running_loop().call_later(GRACE, self.overdue, late)

    def heard(self, kind: str, serial: int | None, text: str) -> None:
        """What the process says."""
        if kind == ENDED:
            self.lost(text)
            return
        if kind == DONE:
            self.open.pop(serial or 0, None)
        else:
            self.say(text)

    def lost(self, text: str) -> None:
        """The process has ended by itself; another begins with the next message, so that one that cannot live is not begun for ever."""
        open_ones, self.open = list(self.open), {}
        if self.process is not None:
            self.processes.end(self.process)
            self.process = None
        self.say(as_line({"kind": "error", "serials": open_ones, "text": LOST.format(parsed(text)["text"])}))

    def overdue(self, serials: list[int]) -> None:
        """End a process that has not left what is no longer wanted, and give the rest to another."""
        late = [serial for serial in serials if serial in self.open]
        if not late or self.process is None:
            return
        if self.processes.spare is None or not self.processes.spare.ready:
            asyncio.get_running_loop().call_later(GRACE, self.overdue, late)
            return
        self.processes.end(self.process)
        self.process = None
        for serial in late:
            self.say(as_line({"kind": "dropped", "serial": serial, "of": self.open.pop(serial)["kind"]}))
        for message in self.open.values():
            self.begin().send(message)

    def end(self) -> None:
        """The tab is closed; a process that is at nothing serves the next, as when a page is loaded again."""
        if self.process is not None:
            (self.processes.end if self.open else self.processes.give)(self.process)
            self.process = None
        self.open = {}


def _replying(raw: Any) -> dict[str, Any]:
    """The kind and the serial of a reply to what came, whatever it is."""
    given = raw if isinstance(raw, dict) else {}
    kind, serial = given.get("kind"), given.get("serial")
    named = kind if isinstance(kind, str) and kind in MESSAGES else "invalid"
    return {"kind": REPLIES.get(named, named), "serial": serial if isinstance(serial, int) else None}
