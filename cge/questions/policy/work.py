"""Who makes the searches of a question of rates: this process, or one for each processor; and what is kept of an interrupted one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.files.formats import as_json
from cge.data.files.kept import Kept
from cge.data.versions import versions
from cge.questions.policy.asked import Asked
from cge.questions.processes import called
from cge.solve.policy.search import Tell, silent
from cge.solve.policy.searches import Found, Search, search

FEW = 4
"""Up to this many searches are made here: starting processes takes as long as they do."""

SMALL = 3e4
"""Cells of a world (sector and pair of countries) below which a search takes no longer than starting a process."""

Progress = Callable[[str], Tell | None]
"""Makes who is told of the steps of a search, from its name."""


def journal_of(folder: Path) -> Path:
    """Where the searches of an output folder are kept until it is there."""
    return folder.with_name(f".{folder.name}.searches")


def searches_kept(path: Path, signature: str) -> Kept[Found]:
    """Searches that are done, by name of the search and what it began with, in a file; the signature is of the question."""
    return Kept(path, signature, _numbers, _found)


def signature(asked: Asked) -> str:
    """Changes with whatever decides what a search finds: run file, the files that it names, versions."""
    whole = {"table": asked.case.table, "inputs": asked.case.inputs, "named": asked.case.named, "versions": versions()}
    return hashlib.sha256(as_json(whole).encode()).hexdigest()


def _key(one: Search) -> str:
    """A search by its name, and what it begins with."""
    return f"{one.name}, {hashlib.sha256(np.ascontiguousarray(one.start).tobytes()).hexdigest()[:16]}"


def _numbers(found: Found) -> dict[str, Any]:
    """What a search found, as JSON holds it."""
    return {name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in asdict(found).items()}


def _found(entry: dict[str, Any]) -> Found:
    """The same, back."""
    return Found(**{**entry, "rates": np.array(entry["rates"]), "values": np.array(entry["values"])})


@dataclass(eq=False)
class Worker:
    """Makes searches in order, those that are not known.

    Attributes:
        journal: of what is known; progress: of steps; processors: how many searches are made at once.
    """

    journal: Kept[Found]
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
