"""The worked cases for Melitz and Redding (2014): their numbers, of ten significant digits, as `validate` takes them."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from validation import Cell, Validate

SOURCE = "Worked cases for Melitz and Redding (2014)"

WORDS = {
    "cutoff": "cutoff φ*",
    "export_cutoff": "export cutoff φ*_X",
    "demand": "demand level B",
    "exporter_demand": "B(1 + (N−1)τ^(1−σ))",
    "survival": "survival 1 − G(φ*)",
    "mean_productivity": "mean productivity φ̃",
    "mean_exporter_productivity": "mean productivity of exporters φ̃_X",
    "average_profit": "average profit",
    "average_revenue": "average revenue",
    "entrants": "entrants M_E",
    "firms": "producing firms M",
    "varieties": "varieties on sale",
    "exporters_per_firm": "exporters per firm",
    "price_index": "price index P",
    "welfare": "welfare U",
    "trade_share": "trade share",
    "domestic_share": "domestic share",
    "trade_elasticity": "trade elasticity",
    "sector_labour": "labour in the sector",
    "outside_labour": "labour in the outside good",
    "entry_gap": "f_E less expected profit, share of f_E",
    "twin_welfare": "twin: welfare U",
    "twin_domestic_share": "twin: domestic share",
    "twin_firms": "twin: producing firms M",
    "closed_twin_welfare": "closed-economy twin: welfare U",
    "closed_twin_exports": "closed-economy twin exports (1: yes)",
}
"""What a row is called on the page, by our name for it; other rows are called as they are typed."""

CASES = Path(__file__).parent / "firms" / "cases"
"""Worked cases of the chapter's further models, as they were handed over: a title, and rows of numbers (– where nothing is defined)."""


def cases(family: str) -> dict[str, dict[str, list[float]]]:
    """The worked cases of a family by title and row."""
    found: dict[str, dict[str, list[float]]] = {}
    for line in (CASES / f"{family}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("**"):
            table = found.setdefault(line.strip("*"), {})
        elif line.startswith("|") and line.strip("|- ") != "" and line.count("|") == 3:
            name, values = (part.strip() for part in line.strip("|").split("|"))
            with contextlib.suppress(ValueError):  # a row of words
                table[name] = [math.nan if word == "–" else float(word) for word in values.split()]
    return found


def meet(
    validate: Validate, place: str, published: Mapping[str, Sequence[float]], found: Mapping[str, npt.ArrayLike], **names: str
) -> None:
    """Every row of a worked case that is a number, met to its digits by what `found` calls `names[row]`, or the row's own name."""
    of = {row: np.atleast_1d(np.asarray(found[names.get(row, row)], dtype=float)).ravel() for row in published}
    assert all(len(of[row]) == len(values) for row, values in published.items()), place
    for row, values in published.items():  # what is not defined, or not bounded, is so here too
        wanted = np.array(values)
        assert (np.isfinite(wanted) == np.isfinite(of[row])).all(), (place, row)
    at = {(row, i): (WORDS.get(names.get(row, row), row.replace("_", " ")), f"number {i + 1}" if len(values) > 1 else "value")
          for row, values in published.items() for i in range(len(values)) if np.isfinite(values[i])}  # fmt: skip
    wanted = {cell: published[row][i] for (row, i), cell in at.items()}
    here = {cell: float(of[row][i]) for (row, i), cell in at.items()}
    validate(SOURCE, place, wanted, here, {cell: ten_digits(number) for cell, number in wanted.items()})


Table = Mapping[str, npt.ArrayLike]
"""By row: a number for each column; [market, column] stands for a row of each market."""


def cells(columns: Sequence[str], table: Table) -> dict[Cell, float]:
    """A table by (row, column)."""
    rows: dict[str, npt.ArrayLike] = {}
    for name, values in table.items():
        words, array = WORDS.get(name, name), np.asarray(values, dtype=float)
        rows |= {f"{words}, market {n}": row for n, row in enumerate(array, 1)} if array.ndim == 2 else {words: array}
    return {(row, column): float(x) for row, values in rows.items() for column, x in zip(columns, np.atleast_1d(values), strict=True)}


def ten_digits(number: float) -> float:
    """Half a unit of the last of ten significant digits, and a little for rounding: at least 1e-13, and 1e-12 where the number is zero."""
    if number == 0:
        return 1e-12
    return max(0.5 * 10.0 ** (math.floor(math.log10(abs(number))) - 9) * (1 + 1e-6), 1e-13)


def rounded(columns: Sequence[str], published: Table) -> dict[Cell, float]:
    """Ten digits, and 1e-11 of the number itself: for numbers that stand, as it happens, in the middle between two."""
    return {cell: ten_digits(number) + 1e-11 * abs(number) for cell, number in cells(columns, published).items()}


def compare(
    validate: Validate, place: str, columns: Sequence[str], published: Table, found: Table, within: Mapping[Cell, float] | None = None
) -> None:
    """A table of a worked case, met to its ten digits, or within what is given for a cell."""
    wanted = cells(columns, published)
    tolerance = {cell: ten_digits(number) for cell, number in wanted.items()} | (within or {})
    validate(SOURCE, place, wanted, cells(columns, found), tolerance)
