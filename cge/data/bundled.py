"""Files that come with the package: economies, calibration, example runs and documentation, by kind and name from any folder."""

from __future__ import annotations

from pathlib import Path

from cge.errors import InputError, nearest

SUFFIX = {"data": ".nc", "calibration": ".csv", "runs": ".toml", "docs": ".md"}
"""Kinds of bundled files and the suffix that a name may leave out."""


ASIDE = ("out", "technology", "replications")
"""Folders beside run files that `names` leaves out: outputs, technologies that run files name, and runs on data that do not come along."""


def folder(kind: str) -> Path:
    """Where a kind is kept: inside an installed package (`cge/bundled/<kind>`), or at the top of a checkout."""
    package = Path(__file__).resolve().parents[1]
    installed = package / "bundled" / kind
    return installed if installed.is_dir() else package.parent / kind


def paths(kind: str) -> dict[str, Path]:
    """The files of a kind by the names that `find` accepts, in order: stems, below their folder if they have one (`elasticities/shapiro_2016`)."""
    top = folder(kind)
    below = sorted((path.relative_to(top).with_suffix("").as_posix(), path) for path in top.rglob(f"*{SUFFIX[kind]}"))
    return {name: path for name, path in below if name.split("/")[0] not in ASIDE}


def names(kind: str) -> list[str]:
    """Names that `find` accepts, in order."""
    return list(paths(kind))


def find(kind: str, name: str) -> Path:
    """The bundled file of a kind (`data`, `calibration`, `runs`, `docs`) and name, with or without its suffix.

    Raises:
        InputError: there is none; the nearest name is given.
    """
    stem = name.removesuffix(SUFFIX[kind])
    known = paths(kind)
    if stem not in known:
        raise InputError(f"{name}: no file of this name comes with the package ({kind}).{nearest(stem, known)}")
    return known[stem]
