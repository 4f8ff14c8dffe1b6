"""Where tables of rates lie: a file, the csv files of an archive (and of archives in it), a folder of both; publishers give one for each reporter."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from cge.data.csv import Read
from cge.data.packed import BROKEN, ZIP, entry, inside, only, tables
from cge.errors import DataError, nearest

ENDINGS = (".csv", ".tsv", ".zip", ".gz", ".bz2", ".xz")
"""Of what is read in a folder or an archive; other text only where there is nothing of these."""


@dataclass(frozen=True)
class Part:
    """A csv.

    Attributes:
        name: for messages. path: of the file. within: what it is in that: the entry of an archive, of an archive in it.
        content: bytes of the file, where they are read already. found: it was found in a folder or beside others in an archive, and not given.
    """

    name: str
    path: Path
    within: tuple[str, ...] = ()
    content: bytes | None = None
    found: bool = False

    @contextmanager
    def opened(self) -> Iterator[IO[bytes]]:
        """Its content, unpacked by what it is."""
        with _bytes(self.path, self.content) as file, _entered(file, self.within) as own, inside(self.path, own) as table:
            yield table


def parts_of(paths: list[Path], read: Read | None = None, what: str = "tariffs") -> tuple[list[Part], list[str]]:
    """Every csv of some files and folders, those of a folder by name; and faults: what is not there, archives that cannot be opened or hold none.

    Args:
        read: how the bytes of a file are come by, and noted; None: as it lies. what: they are, for messages.
    """
    found: list[Part] = []
    faults: list[str] = []
    for path in paths:
        if path.is_dir():
            files = [file for file in _of_kind(sorted(p for p in path.rglob("*") if p.is_file())) if not file.name.startswith(".")]
            faults += [] if files else [f"{path} is a folder without a csv file. Give the folder that holds them."]
            several = True
        else:
            files, several = [path], False
        for file in files:
            try:
                found += _of_file(file, read, several, what)
            except DataError as error:
                faults += error.faults
            except BROKEN as error:
                faults.append(f"{file} cannot be read as csv ({error}). Fetch it again.")
    return found, faults


def _of_file(path: Path, read: Read | None, several: bool, what: str) -> list[Part]:
    if not path.is_file():
        siblings = [p.name for kind in ("*.csv", "*.nc", "*.zip") for p in path.parent.glob(kind)] if path.parent.is_dir() else []
        raise DataError(f"{what}: no file {path}.{nearest(path.name, siblings)}")
    content = None if read is None else read(path)
    with _bytes(path, content) as file:
        start = file.read(4)
        file.seek(0)
        if not start.startswith(ZIP):
            return [Part(str(path), path, content=content, found=several)]
        entries = list(_entries(file))
    if not entries:
        only(path, [])
    alone = len(entries) == 1
    return [Part(str(path) if alone else f"{path}: {'/'.join(at)}", path, at, content, several or not alone) for at in entries]


def _of_kind(files: list[Path]) -> list[Path]:
    return [file for file in files if file.suffix.lower() in ENDINGS] or [file for file in files if file.suffix.lower() == ".txt"]


def _entries(file: IO[bytes]) -> Iterator[tuple[str, ...]]:
    """Csv files in an archive and in archives in it."""
    with zipfile.ZipFile(file) as archive:
        for name in sorted(tables(archive, ENDINGS) or tables(archive, ".txt")):
            if not name.lower().endswith(".zip"):
                yield (name,)
                continue
            with entry(archive, name) as inner, _whole(inner) as whole:
                yield from ((name, *more) for more in _entries(whole))


@contextmanager
def _entered(file: IO[bytes], within: tuple[str, ...]) -> Iterator[IO[bytes]]:
    if not within:
        yield file
        return
    with zipfile.ZipFile(file) as archive, entry(archive, within[0]) as inner:
        if len(within) == 1:
            yield inner
            return
        with _whole(inner) as whole, _entered(whole, within[1:]) as found:
            yield found


@contextmanager
def _whole(inner: IO[bytes]) -> Iterator[IO[bytes]]:
    """An archive in an archive laid down, for it is read from its end."""
    with TemporaryFile() as whole:
        shutil.copyfileobj(inner, whole)
        yield whole


def _bytes(path: Path, content: bytes | None) -> IO[bytes]:
    return path.open("rb") if content is None else BytesIO(content)
