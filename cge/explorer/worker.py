"""The process of a session: it has read the economy, solves what it is asked, and knows nothing of the network."""

from __future__ import annotations

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cge.data.files.formats import as_line
from cge.errors import InputError, SolveError
from cge.explorer.answer import answer, detail
from cge.explorer.background import along, chosen, drawn
from cge.explorer.files import RUN_FILE, filed
from cge.explorer.inbox import Inbox, Message, Replaced
from cge.explorer.refusals import invalid, refused
from cge.questions.solve import solve
from cge.runfile.case import Case
from cge.runfile.load import load
from cge.runfile.reading import Cache
from cge.solve.solution import Solution

Reply = dict[str, Any]
Look = Callable[..., None]


@dataclass(eq=False)
class Worker:
    """What a process keeps between questions.

    Attributes:
        say: sends to the server. cache: files that were read, benchmarks. last: serial, solution and case of the last answer.
    """

    say: Callable[[Reply], None]
    cache: Cache = field(default_factory=Cache)
    last: tuple[int, Solution, Case] | None = None

    def case(self, text: str) -> Case:
        """The case of a run file, read as `cge run` reads it, in the folder of this process."""
        path = Path(RUN_FILE)
        path.write_text(text, encoding="utf-8")
        return load(path, cache=self.cache)

    def ask(self, message: Message, look: Look) -> Iterator[Reply]:
        """Solve a question as `cge run` does."""
        self.last = None
        case = self.case(message["text"])
        look()
        try:
            solution = solve(case, look)
        except SolveError as error:
            yield {"kind": "answer", **refused(error, case), "run_file": case.text}
        else:
            self.last = message["serial"], solution, case
            yield {"kind": "answer", **answer(solution, case)}

    def at_once(self, message: Message) -> None:
        """More of the last answer."""
        given = {"kind": "detail", "serial": message["serial"], "country": message["country"]}
        if self.last is None:
            self.say({**given, "missing": "Nothing is solved yet."})
        else:
            serial, solution, case = self.last
            self.say({**given, "of": serial, **detail(solution, case, message["country"])})
        self.say({"kind": DONE, "serial": message["serial"]})

    def serve(self, pipe: Connection) -> None:
        """Do what comes through the pipe until it is closed."""
        inbox = Inbox(pipe, self.at_once, self.drop)
        while True:
            message = inbox.next()
            said = {"serial": message["serial"], "kind": REPLIES.get(message["kind"], message["kind"])}
            try:
                for reply in KINDS[message["kind"]](self, message, inbox.look):
                    self.say({**said, **reply})
            except Replaced:
                self.leave(message)
            except InputError as error:
                self.say({**said, **invalid(error, message.get("places", {}))})
            except SolveError as error:
                self.say({**said, **refused(error)})
            self.say({"kind": DONE, "serial": message["serial"]})

    def drop(self, message: Message) -> None:
        """Say that something is no longer wanted, and was not begun."""
        self.leave(message)
        self.say({"kind": DONE, "serial": message["serial"]})

    def leave(self, message: Message) -> None:
        """Say that something is no longer done."""
        self.say({"kind": "dropped", "serial": message["serial"], "of": message["kind"]})


KINDS: dict[str, Callable[[Worker, Message, Look], Iterator[Reply]]] = {
    "ask": Worker.ask,
    "range": along,
    "draws": drawn,
    "best": chosen,
    "war": chosen,
    "file": filed,
}
"""What answers each kind of message."""

DONE, READY, ENDED = "done", "ready", "ended"
"""What the server is told and pages are not: nothing more is said to a message; the process is prepared; it has ended."""

REPLIES = {"ask": "answer"}
"""Kinds of replies that are called otherwise than what was asked."""


def work(pipe: Connection, folder: Path, text: str) -> None:
    """What the process does: prepare itself with a run file, and serve until the pipe is closed.

    An error that is none of the user's ends the process, after it was told; the server starts another.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends this process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(folder)

    def say(reply: Reply) -> None:
        pipe.send((reply["kind"], reply.get("serial"), as_line(reply)))

    worker = Worker(say)
    try:
        prepare(worker, text)
        say({"kind": READY})
        worker.serve(pipe)
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the server has gone
        return
    except Exception as error:
        traceback.print_exc()
        say({"kind": ENDED, "text": f"{type(error).__name__}: {error}"})
        raise SystemExit(1) from None


def prepare(worker: Worker, text: str) -> None:
    """Read what every question needs and solve the first, so that modules are loaded and benchmarks made."""
    try:
        case = worker.case(text)
        answer(solve(case), case)
    except (InputError, SolveError):  # which the page is told when it asks
        return
