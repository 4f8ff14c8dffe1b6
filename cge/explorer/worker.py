"""The process of a session: it has read the economy, solves what it is asked, and knows nothing of the network."""

from __future__ import annotations

import signal
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from cge.data.files.formats import as_line, plain
from cge.errors import InputError, SolveError
from cge.explorer.answer import answer, detail
from cge.explorer.inbox import Inbox, Message, Replaced
from cge.explorer.run_file import located
from cge.questions.solve import solve
from cge.runfile.case import Case
from cge.runfile.load import load
from cge.runfile.reading import Cache
from cge.solve.solution import Solution

Reply = dict[str, Any]


@dataclass(eq=False)
class Worker:
    """What a process keeps between questions.

    Attributes:
        folder: its own, where run files are read from; say: sends to the server. cache: files that were read, benchmarks. last: the last answer.
    """

    folder: Path
    say: Callable[[Reply], None]
    cache: Cache = field(default_factory=Cache)
    last: tuple[int, Solution, Case] | None = None

    def case(self, text: str) -> Case:
        """The case of a run file, read as `cge run` reads it."""
        path = self.folder / "explore.toml"
        path.write_text(text, encoding="utf-8")
        return load(path, cache=self.cache)

    def ask(self, message: Message, look: Callable[..., None]) -> Iterator[Reply]:
        """Solve a question as `cge run` does."""
        self.last = None
        case = self.case(message["text"])
        look()
        solution = solve(case, look)
        self.last = message["serial"], solution, case
        yield {"kind": "answer", **answer(solution, case)}

    def at_once(self, message: Message) -> None:
        """More of the last answer."""
        if self.last is None:
            self.say({"kind": "detail", "serial": message["serial"], "country": message["country"], "missing": "nothing is solved yet"})
            return
        serial, solution, case = self.last
        self.say({"kind": "detail", "serial": message["serial"], "of": serial, **detail(solution, case, message["country"])})

    def serve(self, pipe: Connection) -> None:
        """Do what comes through the pipe until it is closed."""
        inbox = Inbox(pipe, self.at_once, self.drop)
        while True:
            message = inbox.next()
            try:
                for reply in KINDS[message["kind"]](self, message, inbox.look):
                    self.say({"serial": message["serial"], **reply})
            except Replaced:
                self.drop(message)
            except (InputError, SolveError) as error:
                self.say({"serial": message["serial"], "kind": REPLIES.get(message["kind"], message["kind"]), **refusal(error, message)})

    def drop(self, message: Message) -> None:
        """Say that something is no longer done."""
        self.say({"kind": "dropped", "serial": message["serial"], "of": message["kind"]})


KINDS: dict[str, Callable[[Worker, Message, Callable[..., None]], Iterator[Reply]]] = {"ask": Worker.ask}
"""What answers each kind of message."""

REPLIES = {"ask": "answer"}
"""Kinds of replies that are called otherwise than what was asked."""


def refusal(error: InputError | SolveError, message: Message) -> Reply:
    """Why there is no answer."""
    if isinstance(error, InputError):
        return {"outcome": "invalid", "faults": [fault._asdict() for fault in located(error.faults, message.get("places", {}))]}
    return {"outcome": "refused", "name": error.outcome.name, "sentence": error.outcome.sentence, "diagnosis": plain(error.diagnosis)}


def work(pipe: Connection, folder: Path, text: str) -> None:
    """What the process does: prepare itself with the run file of the first question, and serve.

    An error that is none of the user's ends the process, after it was told; the server starts another.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the server ends this process
    signal.signal(signal.SIGTERM, signal.SIG_DFL)

    def say(reply: Reply) -> None:
        pipe.send((reply["kind"], reply.get("serial"), as_line(reply)))

    worker = Worker(folder, say)
    try:
        prepared(worker, text)
        say({"kind": "ready"})
        worker.serve(pipe)
    except (EOFError, BrokenPipeError, ConnectionResetError):
        return
    except Exception as error:
        traceback.print_exc()
        say({"kind": "ended", "text": f"{type(error).__name__}: {error}"})
        raise SystemExit(1) from None


def prepared(worker: Worker, text: str) -> None:
    """Read what every question needs and solve the first, so that modules are loaded and libraries warm."""
    try:
        case = worker.case(text)
        answer(solve(case), case)
    except (InputError, SolveError):  # which the page is told when it asks
        return
