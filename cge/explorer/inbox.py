"""What a worker is asked, in order: the newest question first, and what runs in the background only until then."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any

Message = dict[str, Any]

FORGET = "forget"
"""The kind of message by which a process is made as new for another session."""

NOW = ("detail", FORGET)
"""Kinds that are answered at once, also in the middle of a solve: they say more of the last answer and solve nothing."""


class Replaced(Exception):
    """What is being done is no longer wanted."""


@dataclass(eq=False)
class Inbox:
    """Messages from the server.

    Attributes:
        pipe: from the server; at_once: answers those of `NOW`. waiting: what is to be done. doing: the kind of what is.
    """

    pipe: Connection
    at_once: Callable[[Message], None]
    dropped: Callable[[Message], None]
    waiting: deque[Message] = field(default_factory=deque)
    doing: Message | None = None

    def next(self) -> Message:
        """What is to be done next; waits for it. `EOFError` where the server has closed the pipe."""
        self.doing = None
        while not self.waiting:
            self.take(self.pipe.recv())
        self.doing = self.waiting.popleft()
        return self.doing

    def look(self, *told: object) -> None:
        """Take in what has come, while something is done; `Replaced` where that is no longer wanted. Any arguments, so that it can be a `report`."""
        while self.pipe.poll():
            self.take(self.pipe.recv())
        if self.doing is not None and self.doing.get("unwanted"):
            raise Replaced

    def take(self, message: Message) -> None:
        """Take in one message: a question drops what stands before it, another of a kind that runs in the background the one before it."""
        kind = message["kind"]
        if kind in NOW:
            self.at_once(message)
            return
        for one in self.waiting:
            if unwanted(one, message):
                self.dropped(one)
        self.waiting = deque(one for one in self.waiting if not unwanted(one, message))
        if self.doing is not None and unwanted(self.doing, message):
            self.doing["unwanted"] = True
        if kind != "stop":
            self.waiting.append(message)


def unwanted(one: Message, newer: Message) -> bool:
    """Whether a newer message ends what an older one asked."""
    kind: str = one["kind"]
    if newer["kind"] == "ask":
        return True
    return kind != "ask" if newer["kind"] == "stop" else kind == newer["kind"]
