"""Whatever pymrio parses: EXIOBASE 3, Eora26, GLORIA, OECD, WIOD; a folder that pymrio has saved, or an `IOSystem` in memory.

Parse with pymrio, for example `pymrio.parse_exiobase3("IOT_2022_ixi.zip")`, and give the result, or save it with `save_all` and give the folder.
Only `Z`, `Y` and, if there, `x` are read. Changes in inventories and uses that may be negative are known by their names.
"""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.data.sources.files import agreed_year, existing, frame, year_in
from cge.data.sources.matrix import Label, assemble, frame_numbers
from cge.data.sources.table import Table, Treatment
from cge.errors import DataError

INVENTORIES = re.compile(r"inventor|stock", re.IGNORECASE)
SIGNED = re.compile(r"fixed capital|valuables|GFCF|DPABR|P33|NONRES|acquisition", re.IGNORECASE)
BALANCE = "TOTAL"
"""The one sector of a region that only balances the table (`ROW` in Eora26)."""


def read_mrio(path: Path | Any, year: int | None = None) -> Table:
    """A table that pymrio has parsed.

    Args:
        path: a folder that pymrio has saved, or an `IOSystem`.

    Raises:
        DataError: pymrio is not installed; the folder is not one of pymrio's; cells that are no numbers; labels that are absent or repeated.
    """
    system, origin = (_load(path), str(path)) if isinstance(path, Path) else (path, "mrio")
    absent = [name for name in ("Z", "Y") if not isinstance(getattr(system, name, None), pd.DataFrame)]
    if absent:
        raise DataError(f"{origin}: the system has no {name}; have pymrio calculate it (calc_all) before." for name in absent)
    rows, buyers = [[(str(a), str(b)) for a, b in axis] for axis in (system.Z.index, system.Z.columns)]
    final = [(str(label[0]), str(label[1])) for label in system.Y.columns]
    order = system.Y.reindex(system.Z.index)
    uses = [*buyers, *final]
    values, faults = frame_numbers(
        pd.concat([system.Z, order], axis=1), lambda i, j: f"row {' '.join(rows[i])}, column {' '.join(uses[j])}"
    )
    if not system.Y.index.equals(system.Z.index) and set(system.Y.index) != set(system.Z.index):
        faults.append("the rows of Y are not those of Z.")
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    output = None
    if isinstance(getattr(system, "x", None), pd.DataFrame):
        output = system.x.iloc[:, 0].reindex(system.Z.index).to_numpy(float)
    return _closed(values, rows, uses, output, origin, _about(system, path, year))


def _load(path: Path) -> Any:
    existing(path, folder=True)
    try:
        import pymrio
    except ImportError as error:
        raise DataError("mrio: needs pymrio; install it with the extra: pip install 'cge[mrio]'.") from error
    system = frame(path, lambda: pymrio.load_all(path), "a system saved by pymrio (IOSystem.save_all)")
    if system is None:
        raise DataError(f"{path} holds no system saved by pymrio; parse the source with pymrio and save it with IOSystem.save_all.")
    return system


def _about(system: Any, path: Path | Any, year: int | None) -> dict[str, object]:
    """Attributes, as far as the system's metadata go."""
    meta = getattr(system, "meta", None)
    name, words = str(getattr(meta, "name", "") or "MRIO"), str(getattr(meta, "description", "") or "")
    unit = getattr(system, "unit", None)
    units = sorted(set(unit.iloc[:, 0].astype(str))) if isinstance(unit, pd.DataFrame) else []
    if len(units) > 1:
        raise DataError(f"{path}: the sectors have different units ({', '.join(units[:5])}); an economy has one unit of money.")
    named = year_in(words) or year_in(name)
    dated = agreed_year(path, year, None, named or year_in(path.name)) if isinstance(path, Path) else year or named
    title = f"{name}, {dated}" if dated else name
    return {
        "title": title,
        "source": f"{words or name} (read through pymrio)",
        "licence": "",
        "year": dated or "",
        "unit": (units or ["money"])[0],
    }


def _closed(values: Array, rows: list[Label], columns: list[Label], output: Array | None, origin: str, about: dict[str, object]) -> Table:
    """The table; a region that only balances it is left out, with an account: sales to it have no buyer, purchases from it become value added."""
    balance = {c for c, s in rows if s == BALANCE and sum(country == c for country, _ in rows) == 1}
    inner = np.array([c not in balance for c, _ in rows])
    across = np.array([c not in balance for c, _ in columns])
    lost = values[inner][:, ~across].sum(1)
    bought = np.abs(values[~inner][:, across]).sum()
    kept = [row for row, stays in zip(rows, inner, strict=True) if stays]
    buyers = [column for column, stays in zip(columns, across, strict=True) if stays]
    uses = dict.fromkeys(use for _, use in buyers)
    table = assemble(
        values[np.ix_(inner, across)], kept, buyers, origin,
        output=None if output is None else output[inner],
        inventories=tuple(use for use in uses if INVENTORIES.search(use)),
        signed=tuple(use for use in uses if SIGNED.search(use)),
        unallocated=lost if balance else None, attrs=about,
    )  # fmt: skip
    if not bought:
        return table
    names = ", ".join(sorted(balance))
    text = f"{names} only balances the table and is left out; purchases from it, here, are counted as value added."
    entry: Treatment = table.treatment("rest_of_world", np.count_nonzero(values[~inner][:, across]), bought, text)
    return replace(table, account=(entry,))
