"""Headers of a GTAP data base as csv, one file each, in a folder or a zip archive.

A file is called after its header (`VDFB.csv`, or with the data base before it, `gsdfVDFB.csv`); each line has the labels of a cell, in the order of
the header's sets, and its value last, with a line of headings (`COMM,ACTS,REG,Value` from HAR2CSV of GEMPACK; `Dim1,Dim2,Dim3,Val` or names of one's
own from gdxdump of GAMS; no word of it recurs below) or none. Cells that are zero may be left out, as gdxdump does. Labels stand in the order of
their first appearance.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cge.data.csv import IN_UTF_16, WITH_DECIMAL_COMMAS, separator_of, told
from cge.data.packed import BROKEN, entry, plain, tables
from cge.data.sources.matrix import short, wrong
from cge.data.sources.wide import TURNED
from cge.errors import DataError, nearest

COMM, ACTS, REG, ENDW = "COMM", "ACTS", "REG", "ENDW"

SETS = (
    dict.fromkeys(("VDFB", "VMFB", "MAKB"), (COMM, ACTS, REG))
    | dict.fromkeys(("VDPB", "VMPB", "VDGB", "VMGB", "VDIB", "VMIB"), (COMM, REG))
    | dict.fromkeys(("VMSB", "VCIF", "VFOB"), (COMM, REG, REG))
    | {"EVFB": (ENDW, ACTS, REG)}
)
"""Sets of each header of version 7, in the order of its columns."""


def read_headers(path: Path, names: Mapping[str, str]) -> dict[str, Any]:
    """The headers that are there, by the name of their file, as harpy3 gives those of a HAR file.

    Args:
        names: what each header may be called, and what it is called in version 7.

    Raises:
        DataError: with every fault: none of the headers, other numbers of columns, values that are no numbers, cells that stand twice, labels of
            goods and regions that are not those of VDFB.
    """
    found: dict[str, pd.DataFrame] = {}
    faults: list[str] = []
    for file, content in _files(path):
        name = next((name for name in names if Path(file).name.upper().partition(".")[0].endswith(name)), None)
        if name is None:
            continue
        if name in found:
            faults.append(f"{name} stands in more than one file; keep one of them.")
        found[name], more = _cells(file, content, SETS[names[name]])
        faults += more
    if all(len(table.columns) for table in found.values()):
        faults += _strangers({name: _of_kinds(table, SETS[names[name]]) for name, table in found.items()}, names)
    if not found:
        faults.append(f"no csv of a header ({', '.join(list(names)[:6])} …); name each file after its header, VDFB.csv.")
    if faults:
        raise DataError(f"{path}: {fault}" for fault in short(faults))
    labels = _labels(found, names)
    return {name: _header(table, SETS[names[name]], labels) for name, table in found.items()}


def _files(path: Path) -> Iterator[tuple[str, bytes]]:
    """Names and contents of the csv files, unpacked."""
    if path.is_dir():
        yield from ((file.name, plain(file, file.read_bytes())) for file in sorted(path.iterdir()) if ".csv" in file.name.lower())
        return
    with zipfile.ZipFile(path) as archive:
        for name in tables(archive):
            with entry(archive, name) as file:
                yield name, file.read()


def _cells(file: str, content: bytes, sets: tuple[str, ...]) -> tuple[pd.DataFrame, list[str]]:
    """Labels and value of each cell, and faults by line."""
    width = len(sets) + 1
    if b"\0" in content:
        return pd.DataFrame(), [f"{file} {IN_UTF_16}"]
    if not content.endswith(b"\n"):
        return pd.DataFrame(), [
            f"{file} ends in the middle of a line, so it is cut off: fetch it again, or end its last line if it is whole."
        ]
    first = content.partition(b"\n")[0].decode(errors="replace")
    above = told(first)
    skipped = 0 if above is None else 1
    separator = above or separator_of(first)
    try:
        read = pd.read_csv(
            BytesIO(content), header=None, skiprows=skipped, dtype=str, keep_default_na=False, encoding="utf-8-sig", sep=separator
        )
    except (*BROKEN, ValueError) as error:
        return pd.DataFrame(), [f"{file} cannot be read as csv ({str(error).strip()})."]
    if read.shape[1] != width:
        return pd.DataFrame(), [f"{file} has {read.shape[1]} columns; a line has {', '.join(sets)} and the value, {width} in all."]
    read = read.apply(lambda column: column.str.strip())
    cells = read[width - 1]
    commas = separator == WITH_DECIMAL_COMMAS and cells.str.contains(",").any()
    values = pd.to_numeric(cells.str.translate(TURNED) if commas else cells, errors="coerce")
    keys = list(range(width - 1))
    headed = int(pd.isna(values.iloc[0]) and not any(read[k].iloc[0] in set(read[k].iloc[1:]) for k in keys))
    read, values = read.iloc[headed:], values.iloc[headed:]
    first_line = 1 + skipped + headed
    bad = np.flatnonzero(~np.isfinite(values.to_numpy(float)))
    faults = [f"{file}, line {k + first_line} ({' '.join(read.iloc[k, :-1])}) {wrong(read.iloc[k, -1])}" for k in bad.tolist()]
    faults += [
        f"{file}, line {k + first_line} ({' '.join(read.iloc[k, :-1])}) stands more than once."
        for k in np.flatnonzero(read.duplicated(keys))
    ]
    return read[keys].assign(value=values), short(faults)


def _of_kinds(table: pd.DataFrame, sets: tuple[str, ...]) -> dict[str, set[str]]:
    """Labels of a header: goods, activities and regions."""
    return {kind: {label for k, own in enumerate(sets) if own == kind for label in table[k]} for kind in (COMM, ACTS, REG)}


def _strangers(headers: Mapping[str, Mapping[str, set[str]]], names: Mapping[str, str]) -> list[str]:
    """Goods and regions that VDFB lacks, or that it alone has: a label that is misspelt would be a good or a region of its own.

    A good of which nobody uses any from home, cells that are zero being left out, stands in VDFB as an activity.
    """
    base = next((name for name in headers if names[name] == "VDFB"), None)
    others = {name: labels for name, labels in headers.items() if name != base}
    if base is None or not others:
        return []
    faults = []
    for kind, also, word in ((COMM, ACTS, "good"), (REG, REG, "region")):
        known = headers[base][kind] | headers[base][also]
        elsewhere = {label for labels in others.values() for label in labels[kind] | labels[also]}
        for name, labels in others.items():
            faults += [
                f"{name}: {label!r} is no {word} of {base}.{nearest(label, sorted(known))}" for label in sorted(labels[kind] - known)
            ]
        alone = sorted(headers[base][kind] - elsewhere)
        faults += [f"{base}: {label!r} is a {word} of no other header.{nearest(label, sorted(elsewhere))}" for label in alone]
    return short(faults)


def _labels(headers: Mapping[str, pd.DataFrame], names: Mapping[str, str]) -> dict[str, list[str]]:
    """Labels of each set, in the order of their first appearance; activities are goods first, and then what else makes something."""
    found: dict[str, dict[str, None]] = {kind: {} for kind in (COMM, ACTS, REG, ENDW)}
    for name in sorted(headers, key=list(names).index):
        for place, kind in enumerate(SETS[names[name]]):
            found[kind] |= dict.fromkeys(headers[name][place])
    return {kind: list(labels) for kind, labels in (found | {ACTS: found[COMM] | found[ACTS]}).items()}


def _header(table: pd.DataFrame, sets: Iterable[str], labels: Mapping[str, list[str]]) -> dict[str, Any]:
    """A header as an array with the labels of its sets; of activities that are no goods those that the header has."""
    here = set(table[list(sets).index(ACTS)]) if ACTS in sets else set()
    along = [[label for label in labels[kind] if kind != ACTS or label in labels[COMM] or label in here] for kind in sets]
    array = np.zeros([len(known) for known in along])
    array[tuple(pd.Index(known).get_indexer(pd.Index(table[k])) for k, known in enumerate(along))] = table["value"].to_numpy(float)
    return {"array": array, "sets": [{"dim_desc": known} for known in along]}
