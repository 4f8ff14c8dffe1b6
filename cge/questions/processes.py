"""A function called again and again in processes of this machine; what a process that is lost was doing is done by another."""

from __future__ import annotations

import pickle
import signal
import traceback
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, TypeVar

from cge.errors import InputError

T = TypeVar("T")

TRIES = 3
"""How often a call may lose its process before that is its own fault."""

FROM_OUTSIDE: dict[int | None, str] = {-9: "SIGKILL", -15: "SIGTERM"}
"""Status of a process that another ended, with the signal; those of other signals are of what it did itself."""

LEAVE = 10.0
"""Seconds for a process that has closed its pipe to end, and to say how."""


@dataclass(frozen=True, eq=False)
class Worker:
    """A process and this end of the pipe to it."""

    process: BaseProcess
    pipe: Connection


@dataclass(frozen=True)
class Raised:
    """What a process sends in the place of a result.

    Attributes:
        error: what was raised, or a `RuntimeError` that names it where it cannot be sent.
        trace: the traceback over there, as text.
    """

    error: Exception
    trace: str


def called(
    function: Callable[..., T], numbers: Iterable[int], given: Callable[[int], tuple[Any, ...]], count: int
) -> Iterator[tuple[int, T]]:
    """Numbers with what the function makes of the arguments `given` for each, as they are done, in `count` processes.

    Raises:
        InputError: a call lost its process again and again. What the function raises, with its traceback as a note; `RuntimeError` in its
            place where it cannot be sent from one process to another.
    """
    waiting, lost = deque(numbers), Counter[int]()
    idle: list[Worker] = []
    busy: dict[Connection, tuple[Worker, int]] = {}

    def lose(worker: Worker, number: int) -> None:
        lost[number] += 1
        worker.process.join(LEAVE)
        if lost[number] >= TRIES:
            raise InputError(_how(worker.process.exitcode, lost[number]))

    def feed() -> None:
        while waiting and len(busy) < count:
            arguments = pickle.dumps(given(waiting[0]))
            new = not idle
            if new:
                idle.append(_begin(function))
            worker = idle[-1]  # until it is busy, so that whatever interrupts this ends it
            try:
                worker.pipe.send_bytes(arguments)
            except OSError:
                if new:  # else it was lost while it had nothing to do, which is no fault of this call
                    lose(worker, waiting[0])
                _end(worker)
            else:
                busy[worker.pipe] = worker, waiting.popleft()
            idle.pop()

    try:
        feed()
        while busy:
            ready = wait(list(busy))
            for pipe in [pipe for pipe in busy if pipe in ready]:
                worker, number = busy[pipe]
                answer = _received(worker)
                if answer is None:
                    lose(worker, number)
                    _end(worker)
                    del busy[pipe]
                    waiting.appendleft(number)
                    feed()
                    continue
                del busy[pipe]
                idle.append(worker)
                result = pickle.loads(answer)
                if isinstance(result, Raised):
                    result.error.add_note(result.trace)
                    raise result.error
                feed()  # before whoever asked is busy with this one
                yield number, result
    finally:
        for worker in (*idle, *(worker for worker, _ in busy.values())):
            _end(worker)


def _received(worker: Worker) -> bytes | None:
    """What a process sends; nothing where it has ended."""
    try:
        return worker.pipe.recv_bytes()
    except (EOFError, OSError):
        return None


def _begin(function: Callable[..., T]) -> Worker:
    """A new process."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(function, theirs), daemon=True)
    process.start()
    theirs.close()
    return Worker(process, ours)


def _end(worker: Worker) -> None:
    """End a process, whatever it does."""
    worker.process.kill()
    worker.process.join()
    worker.pipe.close()


def _how(status: int | None, times: int) -> str:
    """The sentence on a call that lost its process so many times, the last with this status."""
    lost = f"{times} times at the same scenarios"
    if status in FROM_OUTSIDE:
        return (
            f"a process of this sweep was ended from outside {lost}, by {FROM_OUTSIDE[status]}, as the system does where memory runs out; "
            "make room and start again: what is done stays."
        )
    return f"a process of this sweep ended by itself {lost}, with status {status}; what it said stands above. What is done stays."


def _serve(function: Callable[..., T], pipe: Connection) -> None:
    """What a process does: call the function with what comes through the pipe, until that is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this process ends it
    with suppress(EOFError, OSError):
        while True:
            arguments = pipe.recv_bytes()
            pipe.send_bytes(_answer(function, arguments))


def _answer(function: Callable[..., T], arguments: bytes) -> bytes:
    """What to send for what came: the result, or what was `Raised`, be it by the sending."""
    try:
        return pickle.dumps(function(*pickle.loads(arguments)))
    except Exception as error:
        return pickle.dumps(Raised(_sendable(error), "".join(traceback.format_exception(error))))


def _sendable(error: Exception) -> Exception:
    """An error that arrives: itself, or one that names it where it cannot be pickled, or not be made anew."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception as fault:  # whatever its class does there
        return RuntimeError(f"{type(error).__name__}: {error} (which cannot be sent between processes: {fault})")
    return error
