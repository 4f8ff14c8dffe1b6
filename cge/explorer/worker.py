"""The process of a session: it has read the economy, solves what it is asked, and knows nothing of the network."""

from __future__ import annotations

import gc
import os
import signal
import traceback
from collections.abc import Callable, Iterator
from functools import partial
from multiprocessing.connection import Connection
from pathlib import Path

from cge.data.files.formats import as_line
from cge.errors import InputError, SolveError
from cge.explorer.answer import answer, detail
from cge.explorer.background import along, chosen, drawn
from cge.explorer.files import filed
from cge.explorer.inbox import FORGET, Inbox, Message, Replaced
from cge.explorer.refusals import invalid, refused
from cge.explorer.state import Look, Reply, State
from cge.questions.solve import solve


def ask(state: State, message: Message, look: Look) -> Iterator[Reply]:
    """Solve a question as `cge run` does."""
    state.last = None
    case = state.case(message["text"])
    look()
    try:
        solution = solve(case, look)
    except SolveError as error:
        yield {"kind": "answer", **refused(error, case), "run_file": case.text}
    else:
        state.last = message["serial"], solution, case
        yield {"kind": "answer", **answer(solution, case)}


def at_once(state: State, message: Message) -> None:
    """What needs no solve: more of the last answer, or to forget it."""
    if message["kind"] == FORGET:
        state.last = None
        return
    country = message["country"]
    given = {"kind": "detail", "serial": message["serial"], "country": country}
    if state.last is None:
        state.say({**given, "missing": "Nothing is solved yet."})
    else:
        serial, solution, case = state.last
        state.say({**given, "of": serial, **(detail(solution, case, country) or {"missing": f"The answer has no group {country}."})})
    state.say({"kind": DONE, "serial": message["serial"]})


def serve(state: State, pipe: Connection) -> None:
    """Do what comes through the pipe until it is closed."""

    def leave(message: Message) -> None:
        state.say({"kind": "dropped", "serial": message["serial"], "of": message["kind"]})

    def drop(message: Message) -> None:
        leave(message)
        state.say({"kind": DONE, "serial": message["serial"]})

    inbox = Inbox(pipe, partial(at_once, state), drop)
    while True:
        message = inbox.next()
        said = {"serial": message["serial"], "kind": REPLIES.get(message["kind"], message["kind"])}
        try:
            for reply in KINDS[message["kind"]](state, message, inbox.look):
                state.say({**said, **reply})
        except Replaced:
            leave(message)
        except InputError as error:
            state.say({**said, **invalid(error, message.get("places", {}))})
        except SolveError as error:
            state.say({**said, **refused(error)})
        state.say({"kind": DONE, "serial": message["serial"]})


KINDS: dict[str, Callable[[State, Message, Look], Iterator[Reply]]] = {
    "ask": ask,
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

    state = State(say)
    try:
        prepare(state, text)
        gc.collect()
        gc.freeze()  # what stands now stays: no collection on the way to an answer looks through it again
        say({"kind": READY})
        serve(state, pipe)
    except (EOFError, BrokenPipeError, ConnectionResetError):  # the server has gone
        return
    except Exception as error:
        traceback.print_exc()
        say({"kind": ENDED, "text": f"{type(error).__name__}: {error}"})
        raise SystemExit(1) from None


def prepare(state: State, text: str) -> None:
    """Read what every question needs and solve the first, so that modules are loaded and benchmarks made."""
    try:
        case = state.case(text)
        answer(solve(case), case)
    except (InputError, SolveError):  # which the page is told when it asks
        return
