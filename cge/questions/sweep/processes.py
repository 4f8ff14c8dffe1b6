"""A function called again and again in processes of this machine; what a process that is lost was doing is done by another."""

from __future__ import annotations

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


@dataclass(frozen=True, eq=False)
class Worker:
    """A process and this end of the pipe to it."""

    process: BaseProcess
    pipe: Connection


def called(
    function: Callable[..., T], numbers: Iterable[int], given: Callable[[int], tuple[Any, ...]], count: int
) -> Iterator[tuple[int, T]]:
    """Numbers with what the function makes of the arguments `given` for each, as they are done, in `count` processes.

    Raises:
        InputError: a call lost its process again and again. What the function raises, with its traceback as a note.
    """
    waiting, lost = deque(numbers), Counter[int]()
    idle: list[Worker] = []
    busy: dict[Connection, tuple[Worker, int]] = {}

    def feed() -> None:
        while waiting and len(busy) < count:
            worker = idle.pop() if idle else _begin(function)
            try:
                worker.pipe.send(given(waiting[0]))
            except OSError:  # it was lost while it had nothing to do
                _end(worker)
            else:
                busy[worker.pipe] = worker, waiting.popleft()

    try:
        feed()
        while busy:
            ready = wait(list(busy))
            for pipe in [pipe for pipe in busy if pipe in ready]:
                worker, number = busy.pop(pipe)
                result = _received(worker)
                if result is LOST:
                    lost[number] += 1
                    _refuse_lost(lost[number])
                    waiting.appendleft(number)
                    feed()
                    continue
                idle.append(worker)
                if isinstance(result, Exception):
                    raise result
                feed()  # before whoever asked is busy with this one
                yield number, result
    finally:
        for worker in (*idle, *(worker for worker, _ in busy.values())):
            _end(worker)


LOST = object()
"""In the place of a result: the process is gone."""


def _received(worker: Worker) -> Any:
    """What a process sends; `LOST` where it has ended."""
    try:
        return worker.pipe.recv()
    except (EOFError, OSError):
        _end(worker)
        return LOST


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


def _refuse_lost(times: int) -> None:
    """`InputError` where a call lost its process too often."""
    if times >= TRIES:
        raise InputError(
            f"a process of this sweep was ended from outside {times} times at the same scenarios, as the system does where memory runs out; "
            "make room and start again: what is done stays."
        )


def _serve(function: Callable[..., T], pipe: Connection) -> None:
    """What a process does: call the function with what comes through the pipe, until that is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever started this process ends it
    with suppress(EOFError, OSError):
        while True:
            arguments = pipe.recv()
            try:
                result: object = function(*arguments)
            except Exception as error:
                error.add_note("".join(traceback.format_exception(error)))
                result = error
            pipe.send(result)
