"""Concordances of products: which product (or country) of a published table belongs to which sector (or country) of an economy."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from cge.data.concordance import DIMENSIONS
from cge.data.correspondences import published, to_sectors
from cge.data.csv import read_csv
from cge.errors import DataError, nearest

Given = str | os.PathLike[str] | Sequence[str | os.PathLike[str]]
"""A concordance, or several that belong together."""


def products_on(given: Given, sectors: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """As `read_products`, of one file or several, published correspondences (`cge.data.correspondences`) carried on to the sectors of an economy; and
    what these do, in sentences."""
    paths = [Path(given)] if isinstance(given, str | os.PathLike) else [Path(path) for path in given]
    found = {path: published(_existing(path)) for path in paths}
    tables = [table for table in found.values() if table is not None]
    own = [read_products(path) for path, table in found.items() if table is None]
    if not tables:
        return pd.concat(own, ignore_index=True), []
    origin = ", ".join(str(path) for path, table in found.items() if table is not None)
    rows, said = to_sectors(tables, sectors, origin)
    listed = {(dim, name) for table in own for dim, name in zip(table["dim"], table["from"], strict=True)}  # one's own rows go before
    return pd.concat([*own, rows[[("sector", name) not in listed for name in rows["from"]]]], ignore_index=True), said


def _existing(path: Path) -> Path:
    if not path.is_file():
        siblings = [p.name for p in path.parent.glob("*.csv")] if path.parent.is_dir() else []
        raise DataError(f"concordance: no file {path}.{nearest(path.name, siblings)}")
    return path


def read_products(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A csv file `from,to` that says which product (or country) of a table of tariffs belongs to which sector (or country) of the economy.

    Optional columns: `dim` (`sector` where it is left out, or `country`) and `weight` (the part of a product that counts, 1 where it is left
    out). A product may go to several sectors, a union of countries to each of its members. An empty `to` leaves the product out on purpose.

    Returns:
        Columns `dim, from, to, weight`.

    Raises:
        DataError: with every fault of the file.
    """
    table = read_csv(_existing(Path(path)), ("from", "to"))
    table = table.assign(dim=table["dim"].replace("", "sector") if "dim" in table else "sector")
    text = table["weight"].replace("", "1") if "weight" in table else pd.Series("1", index=table.index)
    weight = pd.to_numeric(text, errors="coerce")
    faults = [f"row {row + 2}: weight {text[row]!r} is not a positive number." for row in table.index[~(weight > 0) | ~np.isfinite(weight)]]
    faults += [
        f"row {row + 2}: dim {table['dim'][row]} is not one of {', '.join(DIMENSIONS)}."
        for row in table.index[~table["dim"].isin(DIMENSIONS)]
    ]
    faults += [f"row {row + 2}: from is empty." for row in table.index[table["from"] == ""]]
    faults += [
        f"row {row + 2}: repeats {table['from'][row]} → {table['to'][row]}." for row in table.index[table.duplicated(["dim", "from", "to"])]
    ]
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    return table[["dim", "from", "to"]].assign(weight=weight.astype(float))
