"""Packed files, told by their first bytes and not by their names: gzip, bzip2 and xz, and the one table in a zip archive.

All are opened by modules of the standard library, as streams, so that a table need not be held twice. An archive may hold archives (the OECD
packs the zip of each year into one of five years).
"""

from __future__ import annotations

import bz2
import gzip
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from cge.errors import DataError

PACKED: dict[bytes, Callable[..., Any]] = {b"\x1f\x8b": gzip.open, b"BZh": bz2.open, b"\xfd7zXZ\x00": lzma.open}
"""Compressions of one file, by their first bytes, and what opens a path or a stream of them."""

ZIP = (b"PK\x03\x04", b"PK\x05\x06")
"""First bytes of a zip archive; the second are those of an empty one."""

BROKEN = (OSError, EOFError, lzma.LZMAError, zlib.error, zipfile.BadZipFile, NotImplementedError)
"""What is raised where packing is cut off or damaged, locked by a password, or of a method that the library lacks."""


class Locked(zipfile.BadZipFile):
    """An entry of an archive is locked by a password."""


Choose = Callable[[list[str]], str]
"""Which of the tables and archives in an archive is meant."""


def unpacked(path: Path) -> IO[bytes]:
    """The content of a file as a stream, decompressed where it is packed with gzip, bzip2 or xz."""
    with path.open("rb") as file:
        start = file.read(8)
    opener = _opener(start)
    return path.open("rb") if opener is None else opener(path, "rb")


def plain(path: Path, content: bytes) -> bytes:
    """What bytes hold once they are unpacked; of a zip archive the one csv in it.

    Raises:
        DataError: an archive holds no csv file or several. Whatever of `BROKEN` the packing gives.
    """
    if not content.startswith(ZIP) and _opener(content) is None:
        return content
    with inside(path, BytesIO(content)) as file:
        return file.read()


@contextmanager
def inside(path: Path, file: IO[bytes]) -> Iterator[IO[bytes]]:
    """What a stream holds once it is unpacked, as a stream; of a zip archive the one csv in it. Raises as `plain`."""
    start = file.read(8)
    file.seek(0)
    opener = _opener(start)
    if start.startswith(ZIP):
        with table_in(file, lambda names: only(path, names)) as (_, table):
            yield table
    elif opener is None:
        yield file
    else:
        with opener(file, "rb") as unpacked_file:
            yield unpacked_file


def _opener(start: bytes) -> Callable[..., Any] | None:
    return next((opener for magic, opener in PACKED.items() if start.startswith(magic)), None)


@contextmanager
def table_in(file: Path | IO[bytes], choose: Choose) -> Iterator[tuple[str, IO[bytes]]]:
    """Name and content of the table in a zip archive, or in an archive in it; `choose` is given the names of csv files and archives."""
    with zipfile.ZipFile(file) as archive:
        name = choose(tables(archive, (".csv", ".zip")))
        with entry(archive, name) as inner:
            if not name.lower().endswith(".zip"):
                yield name, inner
                return
            with TemporaryFile() as whole:  # an archive is read from its end
                shutil.copyfileobj(inner, whole)
                with table_in(whole, choose) as found:
                    yield found


def tables(archive: zipfile.ZipFile, endings: str | tuple[str, ...] = ".csv") -> list[str]:
    """Names of the entries with these endings, in any case; without what macOS packs beside them, which has the same endings."""
    return [name for name in archive.namelist() if name.lower().endswith(endings) and "__MACOSX" not in name]


def entry(archive: zipfile.ZipFile, name: str) -> IO[bytes]:
    """The content of an entry as a stream; `Locked` where it needs a password."""
    if archive.getinfo(name).flag_bits & 1:
        raise Locked(f"{name} in it is locked by a password; unpack it and give what is in it")
    return archive.open(name)


def only(path: Path, names: list[str], which: str = "") -> str:
    """The one name of a list; `DataError` where there is none or several.

    Args:
        which: what narrowed the list, after "csv files".
    """
    if len(names) != 1:
        held = f"{', '.join(names[:8]) or 'none'}{' …' if len(names) > 8 else ''}"
        raise DataError(f"{path} holds {len(names)} csv files{which}: {held}. Unpack it and give one of them.")
    return names[0]
