"""Who makes the searches of a question of rates: this process, or one for each processor; and what is kept of an interrupted one."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.files.formats import as_json
from cge.questions.policy.asked import Asked
from cge.questions.processes import called
from cge.solve.policy.search import Tell, silent
from cge.solve.policy.searches import Found, Search, search
from cge.tell.provenance import versions

FEW = 4
"""Up to this many searches are made here: starting processes takes as long as they do."""

SMALL = 3e4
"""Cells of a world (sector and pair of countries) below which a search takes no longer than starting a process."""

Progress = Callable[[str], Tell | None]
"""Makes who is told of the steps of a search, from its name."""


def journal_of(folder: Path) -> Path:
    """Where the searches of an output folder are kept until it is there."""
    return folder.with_name(f".{folder.name}.searches")


@dataclass(eq=False)
class Journal:
    """Searches that are done, one a line, so that an interrupted question goes on where it was; of another question it is begun anew.

    Attributes:
        path: of the file; signature: of the question, its first line; known: what was found, by name of the search and what it began with.
    """

    path: Path
    signature: str
    known: dict[str, Found] = field(default_factory=dict)

    def __post_init__(self) -> None:
        lines = self.path.read_text(encoding="utf-8").splitlines() if self.path.is_file() else []
        if lines[:1] == [self.signature]:
            for line in lines[1:]:
                if (entry := _entry(line)) is not None:
                    self.known[entry["key"]] = _found(entry)
        elif lines:
            self.path.unlink()

    def keep(self, key: str, found: Found) -> None:
        """Add what a search found."""
        new = not self.path.exists()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8") as file:
            if new:
                file.write(f"{self.signature}\n")
            file.write(f"{_line(key, found)}\n")
            file.flush()
            os.fsync(file.fileno())
        self.known[key] = found

    def drop(self) -> None:
        """The question is answered."""
        self.path.unlink(missing_ok=True)


def signature(asked: Asked) -> str:
    """Changes with whatever decides what a search finds: run file, the files that it names, versions."""
    whole = {"table": asked.case.table, "inputs": asked.case.inputs, "named": asked.case.named, "versions": versions()}
    return hashlib.sha256(as_json(whole).encode()).hexdigest()


def _key(one: Search) -> str:
    """A search by its name, and what it begins with."""
    return f"{one.name}, {hashlib.sha256(np.ascontiguousarray(one.start).tobytes()).hexdigest()[:16]}"


def _line(key: str, found: Found) -> str:
    numbers = {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in asdict(found).items()}
    return json.dumps({"key": key, **numbers})


def _entry(line: str) -> dict[str, Any] | None:
    """A line of the journal; None where it was cut short."""
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _found(entry: dict[str, Any]) -> Found:
    """What a line says."""
    own = {name: entry[name] for name in Found.__dataclass_fields__}
    return Found(**{**own, "rates": np.array(own["rates"]), "values": np.array(own["values"])})


@dataclass(eq=False)
class Worker:
    """Makes searches in order, those that are not known.

    Attributes:
        journal: of what is known; progress: of steps; processors: how many searches are made at once.
    """

    journal: Journal
    progress: Progress = lambda name: None
    processors: int = 1

    def __call__(self, searches: Sequence[Search]) -> list[Found]:
        """What they find."""
        keys = [_key(one) for one in searches]
        left = [place for place, key in enumerate(keys) if key not in self.journal.known]
        for place, found in self.made(searches, left):
            self.journal.keep(keys[place], found)
        return [replace(self.journal.known[key], name=one.name) for key, one in zip(keys, searches, strict=True)]

    def made(self, searches: Sequence[Search], left: Sequence[int]) -> Iterator[tuple[int, Found]]:
        """Places with what their searches found, as they are done; those of large worlds in several processes where they are many."""
        large = bool(left) and searches[left[0]].points.benchmark.arrays["flow"].size >= SMALL
        if len(left) <= FEW or self.processors == 1 or not large:
            for place in left:
                yield place, search(searches[place], self.progress(searches[place].name) or silent)
            return
        tell = self.progress(f"{len(left)} searches") or silent
        for number, (place, found) in enumerate(called(search, left, lambda place: (searches[place],), self.processors), 1):
            tell(number, found.derivative)
            yield place, found


def processors() -> int:
    """How many of this machine's processors may be used."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
