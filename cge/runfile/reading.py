"""A run file being read: files are found or missed by name, opened once, noted with their checksum; faults gather."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cge.errors import InputError
from cge.runfile.toml import near

T = TypeVar("T")

Key = tuple[Hashable, ...]
"""What something was made of: its kind, its file, and what else decides it."""


@dataclass(frozen=True, eq=False)
class Cache:
    """What was read and calibrated already, for run files that name the same files (baselines, members of a comparison, scenarios).

    Attributes:
        digests: SHA-256 of every file that was opened; made: what was made of files, or the fault that there was.
        latest: what was made last of a kind that is too large to keep all of, with its key. places: of files that were looked for.
    """

    digests: dict[Path, str] = field(default_factory=dict)
    made: dict[Key, Any] = field(default_factory=dict)
    latest: dict[Hashable, tuple[Key, Any]] = field(default_factory=dict)
    places: dict[Path, Path] = field(default_factory=dict)

    def place(self, path: Path) -> Path:
        """Where a file is, as `Path.resolve` finds it, which asks for every folder on the way."""
        whole = path.absolute()
        if whole not in self.places:
            self.places[whole] = whole.resolve()
        return self.places[whole]

    def read(self, path: Path) -> bytes:
        """The bytes of a file, whose checksum is noted."""
        content = path.read_bytes()
        self.digests[self.place(path)] = hashlib.sha256(content).hexdigest()
        return content

    def digest(self, path: Path) -> str:
        """SHA-256 of a file."""
        whole = self.place(path)
        if whole not in self.digests:
            self.read(path)
        return self.digests[whole]

    def once(self, key: Key, make: Callable[[], T]) -> T:
        """What `make` returned when this key was asked for first."""
        if key not in self.made:
            self.made[key] = make()
        found: T = self.made[key]
        return found

    def again(self, key: Key, make: Callable[[], T | None]) -> T | None:
        """What `make` returned for the last of its kind (the first of the key), if that had the same key; nothing is not kept."""
        before, last = self.latest.get(key[0], ((), None))
        found: T | None = last if before == key else make()
        if found is not None:
            self.latest[key[0]] = key, found
        return found


def caught(make: Callable[[], T]) -> T | InputError:
    """What `make` returns, or the faults that it raises."""
    try:
        return make()
    except InputError as error:
        return error


def noted(inputs: dict[str, str], files: Mapping[str, str], below: str) -> None:
    """Add files to others by the name they were given; a name that is another file's already stands behind that of the run file `below`."""
    for name, digest in files.items():
        inputs[name if inputs.get(name, digest) == digest else f"{below}: {name}"] = digest


@dataclass(frozen=True, eq=False)
class Reading:
    """A run file being read.

    Attributes:
        path: of the run file; cache: shared with its baselines; chain: run files whose baselines lead here, this one last.
        told: what was made of files and had faults that one of the chain has told: a file that several of them name is mended once.
        faults: found so far; inputs: SHA-256 of files read so far, by the name they were given.
    """

    path: Path
    cache: Cache
    chain: tuple[Path, ...]
    told: set[Key] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def below(self, path: Path) -> Reading:
        """The reading of a baseline of this run file."""
        return Reading(path, self.cache, (*self.chain, self.place(path)), self.told)

    def place(self, path: Path) -> Path:
        """Where a file is (`Cache.place`)."""
        return self.cache.place(path)

    def note(self, name: str, path: Path) -> None:
        """Record that a file was read."""
        self.inputs[name] = self.cache.digest(path)

    def find(self, name: str, where: str, *suffixes: str) -> Path | None:
        """The file of a name, relative to the run file; None after adding to the faults, with the nearest file of these kinds."""
        path = self.path.parent / name
        if path.is_file():
            return path
        self.faults.append(f"{where}: no file {path}.{near(path, *suffixes, but=self.path.name)}")
        return None

    def take(self, made: T | InputError, where: str = "") -> T | None:
        """What was made; None after adding its faults, each behind `where`."""
        if not isinstance(made, InputError):
            return made
        self.faults.extend(where + fault for fault in made.faults)
        return None

    def opened(self, key: Key, make: Callable[[], T], where: str = "") -> T | None:
        """What `make` makes of a file, once; None where it has faults, which are added behind `where` unless one of the chain has told them."""
        made = self.cache.once(key, lambda: caught(make))
        if isinstance(made, InputError):
            self.tell(key, made.faults, where)
            return None
        return made

    def tell(self, key: Key, faults: Iterable[str], where: str = "") -> None:
        """Add the faults of what was made of files, each behind `where`, unless one of the chain has told them."""
        if key not in self.told:
            self.faults.extend(where + fault for fault in faults)
            self.told.add(key)
