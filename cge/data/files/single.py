"""Single files appear whole or not at all: written beside their place under a temporary name, then renamed."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cge.data.files.folder import made_folders
from cge.errors import InputError


@contextmanager
def replacing_file(path: Path, suffix: str = "") -> Iterator[Path]:
    """A path beside `path` to write to, which takes its place when the block ends (folders above it are made); nothing of it is left where the
    block fails.

    Args:
        path: where the file is to stand; suffix: what its name must end with, so that no other kind of file is overwritten by a slip
            (empty: anything).

    Raises:
        InputError: the name ends with something else, or the place cannot be written.
    """
    if suffix and path.suffix != suffix:
        raise InputError(f"{path}: the file that is written must end in {suffix}.")
    target = Path(os.path.realpath(path))
    fresh = target.with_name(f".{target.stem}.new-{secrets.token_hex(4)}{target.suffix}")
    made: list[Path] = []
    try:
        if target.is_dir():
            raise InputError(f"{path}: is a folder; give the path of a file.")
        made_folders(target.parent, made)
        yield fresh
        fresh.replace(target)
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror or error}).") from error
    finally:
        with suppress(OSError):  # it was never begun, or its folder is none
            fresh.unlink(missing_ok=True)
        for parent in reversed(made):
            with suppress(OSError):  # it holds the file
                parent.rmdir()
