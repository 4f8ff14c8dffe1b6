"""An earlier commit beside this tree: what the benchmarks share that measure one against the other."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

TOP = Path(__file__).resolve().parents[1]

COMMIT = "6690f9e"
"""The commit that targets are stated against."""


@contextmanager
def checked_out(commit: str) -> Iterator[Path]:
    """A worktree of a commit in a temporary folder, with the shared data beside it as they are beside this one."""
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "tree"
        if (TOP.parent / "shared").is_dir():
            (Path(folder) / "shared").symlink_to(TOP.parent / "shared")
        git = ["git", "-C", str(TOP), "worktree"]
        subprocess.run([*git, "add", "--quiet", "--detach", tree, commit], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=True)


def environment(tree: Path) -> dict[str, str]:
    """Of a process that works with the package of a tree, with BLAS on one thread."""
    return {**os.environ, "PYTHONPATH": str(tree), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


def asked(arguments: list[str]) -> tuple[str, list[str]]:
    """The commit and the words of a command line `[COMMIT] [WORDS ...]`."""
    first, *rest = arguments or [COMMIT]
    named = len(first) >= 7 and set(first) <= set("0123456789abcdef")
    return (first, rest) if named else (COMMIT, [first, *rest])
