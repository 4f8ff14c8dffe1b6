"""What is done of long work, in a file, so that work that was interrupted goes on where it was."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(eq=False)
class Kept(Generic[T]):
    """Results by key, one a line; those of other work are begun anew.

    Attributes:
        path: of the file; signature: of the work, its first line, changes with whatever decides its results; known: what is done.
        written, read: a result as what JSON holds, and back; numbers come back to the last bit.
    """

    path: Path
    signature: str
    written: Callable[[T], Any]
    read: Callable[[Any], T]
    known: dict[str, T] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        if lines[:1] == [self.signature]:
            for line in lines[1:]:
                if (entry := _entry(line)) is not None:
                    self.known[entry["key"]] = self.read(entry["value"])
        elif lines:
            self.path.unlink()

    def keep(self, key: str, result: T) -> None:
        """Add a result."""
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            if new:
                file.write(f"{self.signature}\n")
            file.write(f"{json.dumps({'key': key, 'value': self.written(result)})}\n")
            file.flush()
            os.fsync(file.fileno())
        self.known[key] = result

    def drop(self) -> None:
        """All is done."""
        self.path.unlink(missing_ok=True)


def _entry(line: str) -> dict[str, Any] | None:
    """A line of the file; None where it was cut short."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None
