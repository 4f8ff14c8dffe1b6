"""Tables of tariffs by importer, exporter and product, and their averages over the products of each sector of an economy."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from cge.data.arrays import Array
from cge.data.concordance import DIMENSIONS
from cge.data.csv import read_csv
from cge.data.economy import DIMS, Economy
from cge.errors import DataError, nearest

HEADER = ("importer", "exporter", "sector", "tariff")
"""Columns of a table of tariffs; `weight`, the value of trade, is a further one."""

KEYS = ("importer", "exporter", "sector")

Positions = npt.NDArray[np.intp]

Average = Literal["simple", "weighted"]
"""How rates of products become the rate of a sector: their mean, or their mean with weights of trade."""

PERCENT = 10
"""Positive rates needed before a table whose median rate exceeds 1 is taken to be in percent, and refused."""


@dataclass(frozen=True, eq=False)
class Rates:
    """Tariff rates on the labels of an economy.

    Attributes:
        values: ad valorem rates [exporter, importer, sector], NaN where there is none; origin: file, for messages; account: what averaging did.
    """

    values: xr.DataArray
    origin: str = "tariffs"
    account: tuple[str, ...] = ()


def read_tariff_table(path: str | os.PathLike[str]) -> pd.DataFrame:
    """Rows of a csv file `importer,exporter,sector,tariff` and, if it has it, `weight`, as text; `DataError` where it is not that."""
    if not Path(path).is_file():
        siblings = [p.name for p in Path(path).parent.glob("*.csv")] if Path(path).parent.is_dir() else []
        raise DataError(f"tariffs: no file {path}.{nearest(Path(path).name, siblings)}")
    return read_csv(Path(path), HEADER)


def read_products(path: str | os.PathLike[str]) -> pd.DataFrame:
    """A csv file `from,to` that says which product (or country) of a table of tariffs belongs to which sector (or country) of the economy.

    Optional columns: `dim` (`sector` where it is left out, or `country`) and `weight` (the part of a product that counts, 1 where it is left
    out). A product may go to several sectors, a union of countries to each of its members. An empty `to` leaves the product out on purpose.

    Returns:
        Columns `dim, from, to, weight`.

    Raises:
        DataError: with every fault of the file.
    """
    if not Path(path).is_file():
        siblings = [p.name for p in Path(path).parent.glob("*.csv")] if Path(path).parent.is_dir() else []
        raise DataError(f"concordance: no file {path}.{nearest(Path(path).name, siblings)}")
    table = read_csv(Path(path), ("from", "to"))
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


def tariff_rates(
    economy: Economy, table: pd.DataFrame, products: pd.DataFrame | None = None, *, average: Average = "simple", origin: str = "tariffs"
) -> Rates:
    """Rates by importer, exporter and sector of an economy, NaN where the table has none.

    Args:
        economy: whose labels are wanted; countries that it lacks are left out. table: columns `importer, exporter, sector, tariff` (a rate: 0.05 is
            five percent) and, for weighted averages, `weight` (value of trade). products: as from `read_products`; without it, `sector` must
            be sectors of the economy.
        average: `simple`: mean of the rates, `weighted`: mean with the values of trade as weights (the simple mean where none of the
            products is traded). Both count a product by its weight in `products`.

    Raises:
        DataError: with every kind of fault: columns, rates that are not numbers or negative or in percent, rows twice, unknown products.
    """
    rows = _parsed(table, average, origin)
    spread, left = _spread(economy, rows, products, origin)
    codes = {"exporter": economy.countries, "importer": economy.countries, "sector": economy.sectors}
    rates, untraded = _means(spread, codes, average)
    kind = {"simple": "simple means", "weighted": "means weighted by trade"}[average]
    lines = [f"{origin}: {len(rows)} rates gave {np.isfinite(rates).sum()} cells ({kind}).", *left]
    if untraded:
        lines.append(f"{untraded} cells have rates and no weight; they take the simple mean.")
    return Rates(xr.DataArray(rates, {dim: codes[dim] for dim in DIMS["tariff"]}, DIMS["tariff"]), origin, tuple(lines))


def _means(spread: pd.DataFrame, codes: dict[str, list[str]], average: Average) -> tuple[Array, int]:
    """Mean rates [exporter, importer, sector], and the number of weighted ones without a weight."""
    shape = [len(codes[dim]) for dim in DIMS["tariff"]]
    cell = np.ravel_multi_index(tuple(spread[dim].to_numpy(dtype=np.intp) for dim in DIMS["tariff"]), shape)
    part, rate, value = (spread[name].to_numpy(float) for name in ("part", "tariff", "value"))
    terms = {"count": part, "plain": part * rate, "weight": part * value, "weighted": part * value * rate}
    sums = {name: np.bincount(cell, each, minlength=int(np.prod(shape))).reshape(shape) for name, each in terms.items()}
    rates = np.full(sums["count"].shape, np.nan)
    np.divide(sums["plain"], sums["count"], out=rates, where=sums["count"] > 0)
    if average == "simple":
        return rates, 0
    np.divide(sums["weighted"], sums["weight"], out=rates, where=sums["weight"] > 0)
    return rates, int(((sums["weight"] == 0) & (sums["count"] > 0)).sum())


def _parsed(table: pd.DataFrame, average: Average, origin: str) -> pd.DataFrame:
    """Rows with `tariff` and `value` as numbers; `DataError` with every kind of fault."""
    wanted = [*HEADER, "weight"] if average == "weighted" else list(HEADER)
    absent = [column for column in wanted if column not in table]
    if absent:
        hint = " (the value of trade, for weighted averages)" if "weight" in absent else ""
        raise DataError(f"{origin}: no column {', '.join(absent)}{hint}; the header is {','.join(wanted)}.")
    table = table.reset_index(drop=True)
    rows = pd.DataFrame({key: table[key].astype(str).astype("category") for key in KEYS})  # few names, many rows
    rows["tariff"] = pd.to_numeric(table["tariff"], errors="coerce")
    rows["value"] = pd.to_numeric(table["weight"], errors="coerce") if average == "weighted" else 1.0
    faults = list(_value_faults(table, rows, average))
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    return rows


def _value_faults(table: pd.DataFrame, rows: pd.DataFrame, average: Average) -> Iterable[str]:
    rate, value = rows["tariff"], rows["value"]
    bad = {"tariff {tariff!r} is not a rate from 0 up": ~np.isfinite(rate) | (rate < 0)}
    if average == "weighted":
        bad["weight {weight!r} is not a value from 0 up"] = ~np.isfinite(value) | (value < 0)
    bad["repeats importer={importer} exporter={exporter} sector={sector}"] = _repeated(rows)
    own = rows["importer"].astype(str) == rows["exporter"].astype(str)
    bad["{importer} has a tariff of {tariff} on its own goods"] = own & (rate > 0)
    for said, where in bad.items():
        at = rows.index[where]
        if len(at):
            words = {str(column): value for column, value in table.loc[at[0]].items()}
            yield f"row {at[0] + 2}: {said.format(**words)} ({len(at)} such {'row' if len(at) == 1 else 'rows'})."
    positive = rate[rate > 0]
    if len(positive) >= PERCENT and positive.median() > 1:
        yield f"half of the positive rates exceed 1 (100 %), so they seem to be in percent: divide them by 100 (median {positive.median():.4g})."


def _repeated(rows: pd.DataFrame) -> pd.Series:
    """Rows whose importer, exporter and sector stood before."""
    codes = [rows[key].cat.codes.to_numpy().astype(np.int64) for key in KEYS]
    sizes = [len(rows[key].cat.categories) for key in KEYS]
    return pd.Series((codes[0] * sizes[1] + codes[1]) * sizes[2] + codes[2], index=rows.index).duplicated()


def _spread(economy: Economy, rows: pd.DataFrame, products: pd.DataFrame | None, origin: str) -> tuple[pd.DataFrame, list[str]]:
    """Rows at positions of labels of the economy, `part` of each counting, and what was left out in words; `DataError` for unknown products."""
    table = pd.DataFrame(columns=["dim", "from", "to", "weight"]) if products is None else products
    faults, lines = list(_target_faults(economy, table)), []
    rows = rows.assign(part=1.0)
    for key, dim, labels in (
        ("importer", "country", economy.countries),
        ("exporter", "country", economy.countries),
        ("sector", "sector", economy.sectors),
    ):
        links = _links(table[table["dim"] == dim], labels, weighted=dim == "sector")
        code, names = pd.factorize(rows[key])
        unknown = pd.Series(np.bincount(code, minlength=len(names)), index=names).loc[[name not in links for name in names]]
        unknown = unknown[unknown > 0].sort_values(ascending=False)
        if len(unknown) and dim == "sector":
            faults += [_unknown(unknown, labels, products is not None)]
        elif len(unknown):
            lines.append(f"{key.capitalize()}s that the economy lacks, left out: {_some(unknown)}.")
        row, to, part = _expanded(np.asarray(code), [links.get(str(name), []) for name in names])
        rows = rows.iloc[row].assign(**{key: to, "part": rows["part"].to_numpy()[row] * part})
    if faults:
        raise DataError(f"{origin}: {fault}" for fault in faults)
    return rows[rows["importer"] != rows["exporter"]], lines


def _links(listed: pd.DataFrame, labels: list[str], *, weighted: bool) -> dict[str, list[tuple[int, float]]]:
    """Where every name in a table goes: positions of labels with weights; labels that are not listed go to themselves."""
    place = {label: i for i, label in enumerate(labels)}
    found: dict[str, list[tuple[int, float]]] = {}
    for name, to, weight in zip(listed["from"], listed["to"], listed["weight"], strict=True):
        found.setdefault(str(name), []).extend([(place[to], float(weight) if weighted else 1.0)] if to in place else [])
    return {label: [(i, 1.0)] for label, i in place.items()} | found


def _expanded(code: Positions, links: list[list[tuple[int, float]]]) -> tuple[Positions, Positions, Array]:
    """A row for every link of every row: which row it was, where it goes, with which weight; `code` tells the links of a row."""
    count = np.array([len(each) for each in links], dtype=np.intp)
    start = np.cumsum(count) - count
    flat = [link for each in links for link in each]
    row = np.repeat(np.arange(len(code)), count[code])
    within = np.arange(len(row)) - np.repeat(np.cumsum(count[code]) - count[code], count[code])
    at = start[code][row] + within
    return row, np.array([to for to, _ in flat], dtype=np.intp)[at], np.array([weight for _, weight in flat])[at]


def _target_faults(economy: Economy, products: pd.DataFrame) -> Iterable[str]:
    labels = {"country": economy.countries, "sector": economy.sectors}
    for dim, to in products.loc[products["to"] != "", ["dim", "to"]].drop_duplicates().itertuples(index=False):
        if to not in labels[dim]:
            yield f"concordance: {to} is no {dim} of the economy.{nearest(to, labels[dim])}"


def _unknown(found: pd.Series, labels: list[str], listed: bool) -> str:
    first = str(found.index[0])
    if listed:
        return f"{len(found)} products stand nowhere in the concordance: {_some(found)}. Add rows; an empty `to` leaves a product out on purpose."
    return f"{len(found)} sectors are not of the economy: {_some(found)}.{nearest(first, labels)} Products need a concordance (from,to[,weight])."


def _some(found: pd.Series, limit: int = 8) -> str:
    named = [f"{label or '(empty)'} ({count} rows)" for label, count in found.head(limit).items()]
    return ", ".join(named) + (f" and {len(found) - limit} more" if len(found) > limit else "")
