"""A headless Chromium, driven by Playwright: enough to open a page, use it as a reader does, run script in it and hear its errors.

What Playwright has no words for (dark mode and print together, memory, the accessibility tree) is asked of the browser's own protocol. Its downloads
of browsers are not used: the one of the system is.
"""

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from playwright.sync_api import Page as Tab

CHROMIUM = next((path for name in ("chromium", "chromium-browser", "google-chrome") if (path := shutil.which(name))), None)

needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine: apt-get install chromium")

RUNNING: list[Browser] = []
"""The browser, while a block of `browser` lasts."""


class Page:
    """A page that is open.

    Attributes:
        errors: what its script threw, and every line on its console; seen: addresses that it asked for.
    """

    def __init__(self, tab: Tab) -> None:
        self.tab, self.errors, self.seen = tab, list[str](), set[str]()
        self.protocol = tab.context.new_cdp_session(tab)
        tab.on("console", lambda line: self.errors.append(f"{line.type}: {line.text}"[:500]))
        tab.on("pageerror", lambda error: self.errors.append(str(error)[:500]))
        tab.on("request", lambda request: self.seen.add(request.url))

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Send a command of the browser's protocol and return its answer."""
        return dict(self.protocol.send(method, parameters))

    def processes(self) -> list[int]:
        """Those that draw pages: the page's own, and one that waits."""
        every = RUNNING[-1].new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
        return [int(one["id"]) for one in every if one["type"] == "renderer"]

    def open(self, path: Path) -> None:
        """Open a file and wait until it is loaded."""
        self.visit(path.as_uri())

    def visit(self, address: str) -> None:
        """Open an address and wait until it is loaded."""
        self.tab.goto(address)

    def run(self, script: str) -> Any:
        """The value of an expression in the page, under whatever its content policy forbids scripts of its own."""
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
        self.tab.keyboard.press(name)

    def type(self, text: str) -> None:
        """Type into what has the focus."""
        self.tab.keyboard.insert_text(text)

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse, once nothing lies over it."""
        self.tab.locator(selector).first.click()

    def choose(self, selector: str, value: object) -> None:
        """Choose an option of a selector, as a reader does."""
        self.tab.locator(selector).first.select_option(str(value))


@contextmanager
def browser() -> Iterator[Page]:
    """A page with a profile of its own, which ends with the block; blocks may stand in one another."""
    with running() as found, found.new_context(no_viewport=True) as context:
        yield Page(context.new_page())


@contextmanager
def running() -> Iterator[Browser]:
    """The browser, which the outermost block begins and ends."""
    if RUNNING:
        yield RUNNING[-1]
        return
    with sync_playwright() as driver, driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]) as found:
        RUNNING.append(found)
        try:
            yield found
        finally:
            RUNNING.pop()
