"""An output folder is complete or is not there: written beside its place, put there as a whole, and never over files of others."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from cge.errors import InputError

OURS = {
    "welfare.csv", "groups.csv", "factors.csv", "sectors.csv", "sector_groups.csv", "partners.csv", "flows.csv", "flows.nc", "firms.csv",
    "markups.csv",
    "gains.csv", "comparison.csv", "comparison_groups.csv", "comparison.nc", "trade_costs.csv", "solution.nc", "summary.json", "diagnosis.json",
    "sweep.log", ".summary.json", "failures.csv", "bands.csv", "variance.csv", "convergence.csv", "convergence.png",
    "satellites.csv", "satellite_groups.csv", "groups_income.csv", "gradient.csv", "gradient.nc", "policy.csv", "players.csv", "report.html",
}  # fmt: skip
"""Files an output folder may hold."""

FOLDERS = {"sweep.zarr", "figures"}
"""Folders it may hold."""

MARKS = ("summary.json", "diagnosis.json")
"""Every output folder holds one of these, and it names this package."""


@contextmanager
def replacing(folder: Path) -> Iterator[Path]:
    """A new, empty folder beside `folder` that takes its place when the block ends; nothing of it is left where the block fails.

    Raises:
        InputError: before the block, `folder` cannot be written or holds files that are not ours; after it, writing failed.
    """
    folder = Path(os.path.realpath(folder))
    fresh, old = (folder.with_name(f".{folder.name}.{kind}-{secrets.token_hex(4)}") for kind in ("new", "old"))
    made: list[Path] = []
    try:
        refuse_foreign(folder)
        made_folders(folder.parent, made)
        fresh.mkdir()
        yield fresh
        refuse_foreign(folder)
        swap(fresh, folder, old)
    except OSError as error:
        raise InputError(f"out: {folder} cannot be written ({error.strerror or error}); give another folder with --out.") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)
        for parent in reversed(made):
            with suppress(OSError):  # it holds the result, or something of another process
                parent.rmdir()


def made_folders(folder: Path, made: list[Path]) -> None:
    """Create `folder` and what is missing above it; each new one is added to `made`."""
    for parent in [*reversed(folder.parents), folder]:
        if not parent.exists():
            parent.mkdir(exist_ok=True)
            made.append(parent)


def swap(fresh: Path, folder: Path, old: Path) -> None:
    """Put `fresh` in the place of `folder`, whose content goes to `old`; everything is as before where that fails."""
    try:
        if folder.exists():
            folder.rename(old)
        fresh.rename(folder)
    except BaseException:
        if old.exists() and not folder.exists():
            old.rename(folder)
        raise


def refuse_foreign(folder: Path) -> None:
    """`InputError` where replacing `folder` would delete something that is not an output of this package."""
    hint = "an output folder is replaced as a whole, so give another one with --out"
    if not folder.exists():
        return
    if not folder.is_dir():
        raise InputError(f"out: {folder} is not a folder; {hint}.")
    if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
        raise InputError(f"out: {folder} cannot be read and written; {hint}.")
    if folder.is_mount():
        raise InputError(f"out: {folder} is the top of a disk or volume, which cannot be replaced; give a folder inside it with --out.")
    entries = sorted(folder.iterdir())
    foreign = [entry.name for entry in entries if entry.name not in (FOLDERS if entry.is_dir() else OURS)]
    if foreign:
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise InputError(f"out: {folder} holds what is not of cge ({', '.join(foreign[:3])}{more}); {hint}.")
    if entries and not any(marked(folder / name) for name in MARKS):
        raise InputError(f"out: {folder} holds {', '.join(e.name for e in entries[:3])} but no {' or '.join(MARKS)} of cge; {hint}.")


def marked(path: Path) -> bool:
    """Whether a summary or diagnosis was written by this package."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and "outcome" in content and "cge" in (content.get("versions") or {})
