"""Processes that solve, as the server has them: each with a pipe, a thread that listens to it, and one prepared before it is needed."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from queue import SimpleQueue
from tempfile import TemporaryDirectory

from cge.explorer.inbox import FORGET, Message
from cge.explorer.worker import ENDED, READY, work

Heard = Callable[[str, int | None, str], None]
"""Is told what a process says: the kind, the serial of what it answers, and the whole as JSON."""


@dataclass(eq=False)
class Process:
    """A process that solves.

    Attributes:
        process, pipe: of it; folder: its own, removed with it. unsent: what it is to be asked. heard: who is told what it says, on the loop of the
            server. ready: whether it is prepared.
    """

    process: BaseProcess
    pipe: Connection
    folder: TemporaryDirectory[str]
    unsent: SimpleQueue[Message | None] = field(default_factory=SimpleQueue)
    heard: Heard | None = None
    ready: bool = False

    def send(self, message: Message) -> None:
        """Ask something, without waiting until the process takes it; that it has ended is heard."""
        self.unsent.put(message)

    def listen(self, heard: Heard) -> None:
        """Let somebody hear what the process says, first that it is ready, if it is."""
        self.heard = heard
        if self.ready:
            heard(READY, None, f'{{"kind":"{READY}"}}')

    def hear(self, kind: str, serial: int | None, text: str) -> None:
        """What has come from the process."""
        self.ready = self.ready or kind == READY
        if self.heard is not None:
            self.heard(kind, serial, text)

    def end(self) -> None:
        """End the process, whatever it does, and remove its folder."""
        self.heard = None
        self.unsent.put(None)
        self.process.kill()
        self.process.join()
        self.folder.cleanup()


KEPT = {"MALLOC_MMAP_THRESHOLD_": "268435456", "MALLOC_TRIM_THRESHOLD_": "536870912"}
"""For the allocator of glibc, which a process reads when it starts: memory that a solve frees is kept for the next. To give it back and be given
it anew is a tenth of an answer; other allocators pass this over.
"""


def begin(text: str, loop: asyncio.AbstractEventLoop) -> Process:
    """A new process, prepared with a run file; what it says is heard on the loop."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    folder = TemporaryDirectory(prefix="cge-explore-")
    process = context.Process(target=work, args=(theirs, Path(folder.name), text), daemon=True)
    for name, value in KEPT.items():
        os.environ.setdefault(name, value)
    process.start()
    theirs.close()
    made = Process(process, ours, folder)
    threading.Thread(target=_listen, args=(made, loop), daemon=True).start()
    threading.Thread(target=_send, args=(made,), daemon=True).start()
    return made


def _send(process: Process) -> None:
    """Hand over what a process is asked, in order."""
    with suppress(OSError):  # it has ended, as the other thread hears
        while (message := process.unsent.get()) is not None:
            process.pipe.send(message)


def _listen(process: Process, loop: asyncio.AbstractEventLoop) -> None:
    """Hand what a process says to the loop, until it ends."""
    told = False
    try:
        while True:
            kind, serial, text = process.pipe.recv()
            told = told or kind == ENDED
            loop.call_soon_threadsafe(process.hear, kind, serial, text)
    except (EOFError, OSError):
        process.process.join()
        if not told and not loop.is_closed():
            loop.call_soon_threadsafe(process.hear, ENDED, None, f'{{"kind":"{ENDED}","text":"{_how(process.process.exitcode)}"}}')
    except RuntimeError:  # the loop is closed: the server has ended
        return
    finally:
        process.pipe.close()


def _how(status: int | None) -> str:
    """How a process ended that said nothing."""
    return f"it was ended by signal {-status}" if status is not None and status < 0 else f"it ended with status {status}"


@dataclass(eq=False)
class Processes:
    """All processes of a server, and one more that is prepared for whoever needs one next.

    Attributes:
        text: the run file that they are prepared with; loop: of the server. alive: those that are in use; spare: the one that is not.
        closed: whether the server ends, so that none may begin.
    """

    text: str
    loop: asyncio.AbstractEventLoop
    alive: set[Process] = field(default_factory=set)
    spare: Process | None = None
    closed: bool = False

    def prepare(self) -> None:
        """Begin a process for whoever needs one next, unless the server ends."""
        if self.closed:
            return
        if self.spare is None or not self.spare.process.is_alive():
            if self.spare is not None:
                self.spare.end()
            self.spare = begin(self.text, self.loop)

    def take(self) -> Process:
        """A process, prepared or being so; another begins in its place a little later. `ConnectionAbortedError` where the server ends."""
        self.prepare()
        if self.spare is None:
            raise ConnectionAbortedError("the server ends")
        taken, self.spare = self.spare, None
        self.alive.add(taken)
        self.loop.call_later(AFTER, self.prepare)
        return taken

    def give(self, process: Process) -> None:
        """Give one back that has done all that it was asked; it is kept where none is prepared."""
        if self.spare is None and process.process.is_alive() and not self.closed:
            self.alive.discard(process)
            process.unsent.put({"kind": FORGET})
            process.heard, self.spare = None, process
        else:
            self.end(process)

    def end(self, process: Process) -> None:
        """End one."""
        self.alive.discard(process)
        process.end()

    def close(self) -> None:
        """End all of them, for good."""
        self.closed = True
        for process in [*self.alive, *([self.spare] if self.spare else [])]:
            process.end()
        self.alive.clear()
        self.spare = None


AFTER = 2.0
"""Seconds after which another process is prepared, so that it does not slow down the first answer of the one that was taken."""
