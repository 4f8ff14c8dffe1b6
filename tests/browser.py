"""A headless Chromium, told what to do over the pipe of its DevTools protocol: enough to open a page, run script in it and hear its errors."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")

KEYS = {
    "Enter": (13, "\r"),
    "Space": (32, " "),
    "Tab": (9, ""),
    "Escape": (27, ""),
    "ArrowLeft": (37, ""),
    "ArrowUp": (38, ""),
    "ArrowRight": (39, ""),
    "ArrowDown": (40, ""),
}
"""Keys with the number that browsers know them by, and what they write."""

BAD = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")


class Page:
    """A page that is open.

    Attributes:
        errors: what its script threw, and every line on its console.
    """

    def __init__(self, read: int, write: int) -> None:
        self.read, self.write, self.number, self.rest, self.session = read, write, 0, b"", ""
        self.errors: list[str] = []
        self.seen: set[str] = set()
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command and return its answer."""
        self.number += 1
        session = {"sessionId": self.session} if self.session else {}
        message = {"id": self.number, "method": method, "params": parameters, **session}
        os.write(self.write, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.message()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer
                return dict(answer["result"])

    def processes(self) -> list[int]:
        """Those that draw pages: the page's own, and one that waits."""
        session, self.session = self.session, ""
        every = self.call("SystemInfo.getProcessInfo")["processInfo"]
        self.session = session
        return [int(one["id"]) for one in every if one["type"] == "renderer"]

    def message(self) -> dict[str, Any]:
        """The next message; errors of the page and the addresses that it asks for are kept."""
        while b"\0" not in self.rest:
            more = os.read(self.read, 1 << 16)
            assert more, "the browser ended"
            self.rest += more
        text, _, self.rest = self.rest.partition(b"\0")
        found: dict[str, Any] = json.loads(text)
        if found.get("method") in BAD:
            self.errors.append(json.dumps(found["params"])[:500])
        if found.get("method") == "Network.requestWillBeSent":
            self.seen.add(str(found["params"]["request"]["url"]))
        return found

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        self.visit(path.as_uri())

    def visit(self, address: str) -> None:
        """Open an address and wait until it is loaded."""
        self.call("Page.navigate", url=address)
        self.run("new Promise((done) => (document.readyState === 'complete' ? done() : addEventListener('load', done)))")

    def run(self, script: str) -> Any:
        """The value of an expression in the page."""
        found = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in found, found
        return found["result"].get("value")

    def until(self, condition: str, seconds: float = 30.0) -> None:
        """Wait for a condition in the page."""
        end = time.monotonic() + seconds
        while not self.run(f"Boolean({condition})"):
            assert time.monotonic() < end, (condition, self.errors)
            time.sleep(0.02)

    def key(self, name: str) -> None:
        """Press a key, with what the browser itself does: Enter and Space press what has the focus, Tab moves it, arrows move a slider."""
        code, typed = KEYS.get(name, (0, ""))
        written = {"text": typed} if typed else {}
        for kind in ("keyDown", "keyUp"):
            self.call(
                "Input.dispatchKeyEvent", type=kind, key=" " if name == "Space" else name, code=name, windowsVirtualKeyCode=code, **written
            )

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse."""
        place = f"(() => {{ const e = document.querySelector({json.dumps(selector)}); e.scrollIntoView({{block: 'center'}}); "
        x, y = self.run(place + "const b = e.getBoundingClientRect(); return [b.x + b.width / 2, b.y + b.height / 2]; })()")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def choose(self, selector: str, value: object) -> None:
        """Choose an option of a selector, as a reader does."""
        e = f"document.querySelector({json.dumps(selector)})"
        self.run(f"{e}.value = {json.dumps(str(value))}; {e}.dispatchEvent(new Event('change', {{bubbles: true}}))")


@contextmanager
def browser(profile: Path) -> Iterator[Page]:
    """A page in a browser of its own, which ends with the block."""
    assert CHROMIUM is not None
    from_browser, its_out = os.pipe()
    its_in, to_browser = os.pipe()
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-pipe", f"--user-data-dir={profile}", "--no-first-run"]
    command = f'exec "$0" "$@" 3<&{its_in} 4>&{its_out}'
    process = subprocess.Popen(
        ["bash", "-c", command, CHROMIUM, *options], pass_fds=(its_in, its_out), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    os.close(its_in)
    os.close(its_out)
    try:
        yield Page(from_browser, to_browser)
    finally:
        os.close(to_browser)  # the browser ends with its pipe
        os.close(from_browser)
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
