"""A system that pymrio has saved: a folder or zip archive with `file_parameters.json`, its tables as text, Parquet or pickle.

`file_parameters.json` names the file of each table with the number of its index columns and header rows, `metadata.json` has a name, a
description and a history. Read here and not by `pymrio.load_all`, which (0.7) lets pandas guess the types of labels, so that a country NA
becomes a missing value and a sector 01 the number 1 in the rows but not in the columns. Only Z, Y, x and unit are read, not the satellites; where
there is no Z, as in EXIOBASE 3 up to version 3.7 (A, Y and unit, as pymrio's own test files of it have them), it is made of A.
"""

from __future__ import annotations

import csv
import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
import pandas as pd

from cge.data.packed import entry
from cge.data.sources.files import frame
from cge.data.sources.forms import mistaken
from cge.errors import DataError

PARAMETERS = "file_parameters.json"
TABLES = ("Z", "Y", "x", "unit")
WANTED = "a system saved by pymrio (IOSystem.save_all)"


@dataclass(frozen=True)
class Meta:
    """What the metadata say of a system; `notes` are what its parser left out, in sentences."""

    name: str = ""
    description: str = ""
    history: list[str] = field(default_factory=list)
    version: str = ""
    licence: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Saved:
    """Tables of a saved system, under the names that they have in pymrio; None where there is none."""

    Z: pd.DataFrame | None
    Y: pd.DataFrame | None
    x: pd.DataFrame | None
    unit: pd.DataFrame | None
    meta: Meta


def read_saved(path: Path) -> Saved:
    """The system saved at `path`, a folder or a zip archive.

    Raises:
        DataError: there is none, and what there is instead; a table that cannot be read.
    """
    root = _root(path)
    known = frame(path, lambda: json.loads((root / PARAMETERS).read_text(encoding="utf-8")), WANTED)
    if known.get("systemtype") != "IOSystem":
        raise DataError(f"{path} holds a satellite account of pymrio, not a whole system; give the folder above it.")
    about = json.loads((root / "metadata.json").read_text(encoding="utf-8")) if (root / "metadata.json").is_file() else {}
    tables = {name: _table(path, root, known["files"][name]) if name in known["files"] else None for name in TABLES}
    notes: tuple[str, ...] = ()
    if tables["Z"] is None and tables["Y"] is not None and "A" in known["files"]:
        tables["Z"], tables["x"] = _flows(path, _table(path, root, known["files"]["A"]), tables["Y"], tables["x"])
        solved = "" if "x" in known["files"] else ", which is (1 - A)^-1 Y"
        notes = (f"The system has coefficients and no flows: Z is A times output{solved}.",)
    name, description, version = (str(about.get(key) or "") for key in ("name", "description", "version"))
    return Saved(**tables, meta=Meta(name, description, list(about.get("history") or []), version, notes=notes))


def _flows(path: Path, coefficients: pd.DataFrame, final: pd.DataFrame, made: pd.DataFrame | None) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Flows between producers Z = A x̂ [seller, buyer] and output x [seller, 1], which solves x = A x + Y 1 where it is not there.

    Raises:
        DataError: labels of A and Y (and x) that differ, cells that are no numbers.
    """
    labels = coefficients.index
    if not labels.equals(coefficients.columns.set_names(labels.names)) or any(
        sorted(labels) != sorted(other.index) for other in (final, made) if other is not None
    ):
        raise DataError(f"{path}: the rows of A are not its columns, or not those of Y and x.")
    try:
        shares, used = coefficients.to_numpy(float), final.reindex(labels).to_numpy(float).sum(1)
        output = np.linalg.solve(np.eye(len(shares)) - shares, used) if made is None else made.reindex(labels).to_numpy(float)[:, 0]
    except (ValueError, np.linalg.LinAlgError) as error:
        raise DataError(f"{path}: no flows can be made of A and Y ({error}); fetch it again.") from error
    return pd.DataFrame(shares * output, labels, labels), pd.DataFrame(output, labels, ["indout"])


def _root(path: Path) -> Path | zipfile.Path:
    """Where the parameters of the system lie: in the folder, or in the one folder of an archive that has them for a system."""
    if path.is_dir():
        if (path / PARAMETERS).is_file():
            return path
        inner = [found.parent.name for found in sorted(path.glob(f"*/{PARAMETERS}"))]
        if inner:
            raise DataError(f"{path} holds systems saved by pymrio in folders of their own; give one: {', '.join(inner[:5])}.")
        raise mistaken(path, WANTED) or DataError(f"{path} is a folder without {PARAMETERS}, so not {WANTED}. {HOW}")
    if not zipfile.is_zipfile(path):
        raise mistaken(path, WANTED) or DataError(f"{path} is not {WANTED}: neither folder nor zip archive, or cut off. {HOW}")
    with zipfile.ZipFile(path) as archive:
        places = [name for name in archive.namelist() if name.rpartition("/")[2] == PARAMETERS]
        whole = frame(path, lambda: [name for name in places if _parameters(archive, name).get("systemtype") == "IOSystem"], WANTED)
    if len(whole) != 1:
        few = DataError(f"{path} is a zip archive with {len(whole)} systems saved by pymrio; unpack it and give the folder of one.")
        raise few if whole else (mistaken(path, WANTED) or few)
    return zipfile.Path(path, whole[0].removesuffix(PARAMETERS))


def _parameters(archive: zipfile.ZipFile, name: str) -> dict[str, Any]:
    with entry(archive, name) as file:
        return dict(json.load(file))


PARQUET = ("parquet", "par", "parq")
HOW = "Parse what the publisher gives with pymrio and save it with IOSystem.save_all."


def _table(path: Path, root: Path | zipfile.Path, about: dict[str, str]) -> pd.DataFrame:
    """One table, as the parameters of the system describe it."""
    file, rows, columns = root / about["name"], int(about["nr_index_col"]), int(about["nr_header"])
    if not file.is_file():
        raise DataError(f"{path}: no file {about['name']}, which {PARAMETERS} names; the system is incomplete.")

    kind = about["name"].rpartition(".")[2]

    def read() -> pd.DataFrame:
        with file.open("rb") as content:
            if kind in PARQUET:
                return pd.read_parquet(content)
            return pd.DataFrame(pd.read_pickle(content)) if kind in ("pickle", "pkl") else _text(content, rows, columns)

    return frame(path, read, f"a table of pymrio ({about['name']})")


def _cells(line: bytes) -> list[str]:
    return next(csv.reader([line.decode("utf-8-sig")], delimiter="\t"), [])


def _text(content: IO[bytes], rows: int, columns: int) -> pd.DataFrame:
    """A table in text separated by tabs, with labels as they stand; a line with names of the index alone may follow the header."""
    lines = [_cells(content.readline()) for _ in range(columns)]
    start = content.tell()
    if any(_cells(content.readline())[rows:]):
        content.seek(start)
    labels = list(zip(*(line[rows:] for line in lines), strict=True))
    place = range(rows + len(labels))
    data = pd.read_csv(
        content,
        sep="\t",
        header=None,
        names=place,
        dtype=dict.fromkeys(range(rows), str),
        keep_default_na=False,
        na_values=[""],
        low_memory=False,
    )
    index = pd.MultiIndex.from_arrays([data[k].fillna("") for k in range(rows)]) if rows > 1 else pd.Index(data[0].fillna(""))
    heads = pd.MultiIndex.from_tuples(labels) if columns > 1 else pd.Index([label for (label,) in labels])
    return data.iloc[:, rows:].set_axis(index, axis=0).set_axis(heads, axis=1)
