"""From a command to a server that is open: what it stands on, its port, the browser, and its end."""

from __future__ import annotations

import asyncio
import signal
import webbrowser
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from cge.data.files.formats import as_line
from cge.explorer.ground import open_ground
from cge.explorer.run_file import run_file
from cge.explorer.server import bound, served

HOW = "Open this address in a browser on this machine; Ctrl-C ends the server. Whoever has the address can ask, so keep it to yourself."


def explored(given: str | None, port: int, *, browser: bool, as_json: bool, say: Callable[..., None]) -> None:
    """Open the explorer of a run file or an economy and serve until it is interrupted.

    Args:
        given: of the command; port: wanted, 0 for any; browser: whether to open one; as_json: print the address as JSON.
        say: prints a line, on standard error where `err` is true.

    Raises:
        RunFileError, DataError: faults of what was given, all of them.
    """
    with TemporaryDirectory(prefix="cge-explore-") as folder:
        ground = open_ground(given, Path(folder))
    text = run_file(ground, ground.start).text
    sock, other = bound(port)

    def ready(address: str) -> None:
        if other:
            say(f"Port {port} is taken; another was chosen.", err=True)
        if as_json:
            say(as_line({"outcome": "serving", "address": address, "port_taken": other}))
        elif not browser:
            say(address)
        else:
            say(address)
            say(HOW)
            webbrowser.open(address)

    asyncio.run(_until_interrupted(lambda stop: served(ground, text, sock, ready, stop)))


async def _until_interrupted(serve: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Serve until Ctrl-C, or until the process is asked to end."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):  # where a loop takes no signals, Ctrl-C is an interruption
            loop.add_signal_handler(number, stop.set)
    await serve(stop)
