"""What a process keeps between questions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from cge.runfile.case import Case
from cge.runfile.load import load
from cge.runfile.reading import Cache
from cge.solve.solution import Solution

Reply = dict[str, Any]

Look = Callable[..., None]
"""Called in the middle of what is done, also as the report of a solve: takes in what has come, and raises `Replaced` where that ends it."""

RUN_FILE = "explore.toml"
"""What the run file of a question is called."""


@dataclass(eq=False)
class State:
    """What a process keeps.

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
