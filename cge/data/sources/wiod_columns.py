"""The 2016 release of the World Input-Output Database with a variable for each column, as Stata and R have it."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from cge.data.sources.files import agreed_year
from cge.data.sources.matrix import frame_numbers
from cge.data.sources.table import Table
from cge.data.sources.wiod_release import WIOD2016, release_table
from cge.errors import DataError

FIRST_USE = 57
"""Number of the first final use in the columns of the 2016 release (`vAUS57`); industries have 1 to 56."""


def _years(path: Path, column: pd.Series) -> list[int]:
    """The years of a column, whose cells may be empty."""
    found = pd.to_numeric(column, errors="coerce")
    odd = column[found.isna() & column.notna()]
    if len(odd):
        raise DataError(f"{path}: line {odd.index[0] + 2}, column Year holds {odd.iloc[0]!r}, which is no year.")
    return [int(year) for year in found.dropna().unique()]


def read_columns(path: Path, data: pd.DataFrame, year: int | None) -> Table:
    """The 2016 release with a variable for each column: IndustryCode, IndustryDescription, Country, RNr, Year, AUS1 … ROW61 (vAUS1 in Stata), TOT."""
    heads = ("IndustryCode", "IndustryDescription", "Country", "RNr")
    faults = [f"no column {name}" for name in (*heads, "TOT") if name not in data]
    if faults:
        raise DataError(f"{path}: {fault}; this is not a WIOD table as published." for fault in faults)
    years = _years(path, data["Year"]) if "Year" in data else []
    if len(years) > 1:
        data = data[data["Year"] == year]
    if data.empty and not years:
        raise DataError(f"{path}: no line below the headings; the file is cut off: fetch it again.")
    if data.empty:
        raise DataError(f"{path}: the years are {', '.join(map(str, years))}; name one of them with --year.")
    found = [match for match in (re.fullmatch(r"v?([A-Z]{3})(\d+)", str(name)) for name in data.columns) if match]
    industry = data["Country"].astype(str) != "TOT"
    rows = list(zip(data["Country"].astype(str), data["IndustryCode"].astype(str), strict=True))
    numbers = pd.to_numeric(data["RNr"][industry], errors="coerce")
    if numbers.isna().any():
        first = numbers.index[numbers.isna()][0]
        raise DataError(
            f"{path}: row {data['Country'][first]} {data['IndustryCode'][first]}, RNr holds {data['RNr'][first]!r}, which is no number."
        )
    code = {int(n): c for n, c in zip(numbers, data["IndustryCode"][industry].astype(str), strict=True)}
    code |= {FIRST_USE + k: use for k, use in enumerate(WIOD2016.uses)}
    columns = [(match[1], code.get(int(match[2]), match[2])) for match in found]
    picked = data[[match[0] for match in found] + ["TOT"]]
    labels = [*columns, ("total", "output")]

    def name(i: int, j: int) -> str:
        return f"row {' '.join(rows[i])}, column {' '.join(labels[j])} (variable {picked.columns[j]})"

    values, faults = frame_numbers(picked[industry.to_numpy()], name)
    # below final uses the rows of value added and taxes may be empty; only what producers pay is read
    under = picked[~industry.to_numpy()].drop(columns="TOT")
    final = [match[0] for match in found if int(match[2]) >= FIRST_USE]
    under = under.assign(**{column: under[column].fillna(0.0) for column in final})
    below, more = frame_numbers(under, lambda i, j: name(int(industry.sum()) + i, j))
    if faults or more:
        raise DataError(f"{path}: {fault}" for fault in [*faults, *more])
    rows = [row for row, kept in zip(rows, industry, strict=True) if kept]
    extra = dict(zip(data["IndustryCode"][~industry].astype(str), below, strict=True))
    described = dict(zip((sector for _, sector in rows), data["IndustryDescription"][industry].astype(str), strict=True))
    named = agreed_year(path, year, years[0] if len(years) == 1 else year)
    return release_table(path, values, rows, columns, extra, WIOD2016, named, {"sector_name": list(described.values())})
