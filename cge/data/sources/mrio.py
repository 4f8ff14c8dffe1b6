"""Whatever pymrio parses: EXIOBASE 3, Eora26, GLORIA, OECD, WIOD; as downloaded, a folder or archive that it has saved, or an `IOSystem` in memory.

Folders of EXIOBASE 3, Eora26 and GLORIA are parsed where they are read (`raw`); of others, parse with pymrio and give the result, or save it with
`save_all` and give the folder. The zip archives of EXIOBASE 3 are saved systems as they are.
Only `Z`, `Y`, `unit` and, if there, `x` are read. What a final use is, is known by
its name or code (`final_uses`). Sales to a use that is a discrepancy (`DISC`, which `parse_oecd` lays on the region ALL) have no buyer.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.data.sources.files import agreed_year, existing, year_in
from cge.data.sources.final_uses import kind
from cge.data.sources.matrix import Label, as_labels, assemble, frame_numbers, repeated
from cge.data.sources.raw import read_raw
from cge.data.sources.saved import read_saved
from cge.data.sources.table import Table, Treatment
from cge.errors import DataError

BALANCE = "TOTAL"
"""The one sector of a region that only balances the table (`ROW` in Eora26)."""

OLD_EORA = "to Mill USD manually"
"""What pymrio up to 0.6.3 notes in a system's history where `parse_eora26` calls thousands of dollars millions; 0.7 says "000 USD"."""

RENAMED = (
    "pymrio before 0.7 calls Eora's thousands of dollars millions; the unit is said to be thousand USD, and every number is as it was."
)

THOUSANDS = "thousand USD"

UNITS = {"000 USD": THOUSANDS, "‘000 US$": THOUSANDS}
"""What pymrio calls thousands of dollars."""


def read_mrio(path: Path | Any, year: int | None = None) -> Table:
    """A table that pymrio has parsed.

    Args:
        path: a folder as downloaded, a folder or archive that pymrio has saved, or an `IOSystem`.

    Raises:
        DataError: the folder is not one of pymrio's; cells that are no numbers; labels that are absent or repeated.
    """
    system: Any = read_raw(existing(path, folder=True), year) or read_saved(path) if isinstance(path, Path) else path
    origin = str(path) if isinstance(path, Path) else "mrio"
    absent = [name for name in ("Z", "Y") if not isinstance(getattr(system, name, None), pd.DataFrame)]
    if absent:
        raise DataError(f"{origin}: the system has no {name}; have pymrio calculate it (calc_all) before." for name in absent)
    rows, sellers, buyers, final = (_pairs(axis) for axis in (system.Z.index, system.Y.index, system.Z.columns, system.Y.columns))
    faults = [*repeated("row", map(" ".join, rows)), *repeated("row of Y", map(" ".join, sellers))]
    if not faults and set(sellers) != set(rows):
        faults.append("the rows of Y are not those of Z.")
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    uses = [*buyers, *final]
    # by place, so that labels of another type (01 and 1) cannot come apart
    order = system.Y.iloc[pd.Index(sellers).get_indexer(pd.Index(rows))].set_axis(system.Z.index, axis=0)
    values, faults = frame_numbers(
        pd.concat([system.Z, order], axis=1), lambda i, j: f"row {' '.join(rows[i])}, column {' '.join(uses[j])}"
    )
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    table = _closed(values, rows, uses, _output(system, rows, origin), origin, _about(system, path, year))
    renamed = [table.treatment("unit", 0, 0.0, RENAMED)] if _mislabelled(system) else []
    notes = tuple(getattr(getattr(system, "meta", None), "notes", None) or ())
    return replace(table, account=(*table.account, *renamed), notes=notes)


def _pairs(axis: pd.Index) -> list[Label]:
    """Country and sector or use of an axis, as labels."""
    return list(zip(as_labels(axis.get_level_values(0)), as_labels(axis.get_level_values(1)), strict=True))


def _output(system: Any, rows: list[Label], origin: str) -> Array | None:
    """Gross output in the order of the rows; None where the system has none."""
    made = getattr(system, "x", None)
    if not isinstance(made, pd.DataFrame):
        return None
    places = _pairs(made.index)
    faults = repeated("row of x", map(" ".join, places)) or ([] if set(places) >= set(rows) else ["the rows of x are not those of Z."])
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    return made.iloc[pd.Index(places).get_indexer(pd.Index(rows)), 0].to_numpy(float)


def _about(system: Any, path: Path | Any, year: int | None) -> dict[str, object]:
    """Attributes, as far as the system's metadata go."""
    meta = getattr(system, "meta", None)
    name, words = str(getattr(meta, "name", "") or "MRIO"), str(getattr(meta, "description", "") or "")
    unit = getattr(system, "unit", None)
    units = sorted(set(unit.iloc[:, 0].astype(str))) if isinstance(unit, pd.DataFrame) else []
    if len(units) > 1:
        raise DataError(f"{path}: the sectors have different units ({', '.join(units[:5])}); an economy has one unit of money.")
    if _mislabelled(system):
        units = [THOUSANDS]
    named = year_in(words) or year_in(name)
    dated = agreed_year(path, year, None, named or year_in(path.name)) if isinstance(path, Path) else year or named
    edition = str(getattr(meta, "version", "") or "")
    return {
        "title": ", ".join([name, *([f"version {edition}"] if edition else []), *([str(dated)] if dated else [])]),
        "source": f"{words or name} (read through pymrio)",
        "licence": str(getattr(meta, "licence", "")),
        "edition": edition,
        "year": dated or "",
        "unit": UNITS.get((units or ["money"])[0], (units or ["money"])[0]),
    }


def _mislabelled(system: Any) -> bool:
    """Whether the system's history says that a pymrio before 0.7 called its thousands of dollars millions."""
    return any(OLD_EORA in str(line) for line in getattr(getattr(system, "meta", None), "history", None) or ())


def _closed(values: Array, rows: list[Label], columns: list[Label], output: Array | None, origin: str, about: dict[str, object]) -> Table:
    """The table; a region that only balances it is left out, with an account: sales to it have no buyer, purchases from it become value added."""
    balance = {c for c, s in rows if s == BALANCE and sum(country == c for country, _ in rows) == 1}
    sectors = {s for _, s in rows}
    inner = np.array([c not in balance for c, _ in rows])
    across = np.array([c not in balance and (use in sectors or kind(use) != "discrepancy") for c, use in columns])
    table = assemble(
        values[np.ix_(inner, across)], _kept(rows, inner), _kept(columns, across), origin,
        output=None if output is None else output[inner],
        unallocated=None if across.all() else values[inner][:, ~across].sum(1), attrs=about,
    )  # fmt: skip
    return replace(table, account=tuple(_account(table, values[~inner][:, across], balance)))


def _kept(labels: list[Label], stays: npt.NDArray[np.bool_]) -> list[Label]:
    return [label for label, kept in zip(labels, stays, strict=True) if kept]


def _account(table: Table, bought: Array, balance: set[str]) -> Iterator[Treatment]:
    """What the reader itself did: purchases from a region that only balances."""
    if bought.any():
        text = f"{', '.join(sorted(balance))} only balances the table and is left out; purchases from it, here, are counted as value added."
        yield table.treatment("rest_of_world", np.count_nonzero(bought), np.abs(bought).sum(), text)
