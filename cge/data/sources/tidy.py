"""Tidy tables: one row for each flow, csv or Parquet with columns exporter, importer, sector, value, and optionally tariff and use.

Csv may be packed, and separated by tabs, or by semicolons, with decimal commas then.

`use` is the sector that buys, or a final use; without it there are no input-output links. A final use may have any name; changes in
inventories, and what else may be negative, are known by theirs: a word (`inventories`) or a publisher's code (`final_uses`). `tariff` is the
ad valorem rate on the value, the same for all uses of a flow; values are at producer prices, net of it. Own-country sales are rows like the
others; where a use `output` gives a producer's gross output (exporter and importer alike) and the producer has no row of own-country sales,
these are what exports leave. A flow without a row is zero, and counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.sources.files import agreed_year, existing, frame, opened
from cge.data.sources.final_uses import SIGNED, of_kind
from cge.data.sources.forms import beginning, headed
from cge.data.sources.matrix import as_labels, short, wrong
from cge.data.sources.table import Table
from cge.data.sources.wide import decimal_point, heading
from cge.data.text import text
from cge.data.units import unit_fault
from cge.data.years import is_year
from cge.errors import DataError, nearest

KEYS = ("exporter", "importer", "sector")
OUTPUT, FINAL = "output", "final"

UNIT_REMEDY = "Write rates. If these are rates all the same, leave the column out, and attach them: cge tariffs --unit rate."


def read_tidy(path: Path, year: int | None = None) -> Table:
    """A tidy table; a column `year` picks the rows of one year.

    Raises:
        DataError: with every fault: columns that are absent, values that are no numbers, flows that stand twice, countries that only buy or sell.
    """
    data, dated = _of_year(path, _with_text(_read(existing(path), year)), year)
    faults = _faults(data)
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    data = data if "use" in data else data.assign(use=FINAL)
    made = data["use"] == OUTPUT
    about = {"title": path.stem, "source": path.name, "licence": "", "year": dated or "", "unit": "money"}
    return _with_account(*_flows(data[~made], about), data[made])


def _flows(data: pd.DataFrame, about: Mapping[str, object]) -> tuple[Table, npt.NDArray[np.bool_]]:
    """The table of the rows that are flows, and which flows [exporter, sector, importer] have a row."""
    labels = {key: list(dict.fromkeys(data[key])) for key in KEYS}
    countries, sectors = labels["exporter"], labels["sector"]
    uses = list(dict.fromkeys(use for use in data["use"] if use not in sectors)) or [FINAL]
    order = {"exporter": countries, "sector": sectors, "importer": countries}
    place = tuple(_places(data[key], known) for key, known in order.items())
    parts = []
    for buyers in (sectors, uses):
        array = np.zeros((len(countries), len(sectors), len(countries), len(buyers)))
        buyer = _places(data["use"], buyers)
        rows = buyer >= 0
        array[(*(p[rows] for p in place), buyer[rows])] = data["value"].to_numpy(float)[rows]
        parts.append(array)
    named = np.zeros(parts[0].shape[:3], dtype=bool)
    named[place] = True
    tariff = None
    if "tariff" in data:
        rates = np.zeros(named.shape)
        rates[place] = data["tariff"].to_numpy(float)
        tariff = rates.transpose(0, 2, 1)
    stocks, signed = of_kind(uses, "inventories"), of_kind(uses, *SIGNED)
    return Table(countries, sectors, uses, parts[0], parts[1], inventories=stocks, signed=signed, tariff=tariff, attrs=about), named


def _places(column: pd.Series, labels: list[str]) -> npt.NDArray[np.intp]:
    """Where the labels of a column stand among `labels`; -1 where they do not."""
    return np.asarray(pd.Index(labels).get_indexer(pd.Index(column)))


def _read(path: Path, year: int | None) -> pd.DataFrame:
    if path.suffix.lower() in (".parquet", ".pq") or beginning(path).startswith(b"PAR1"):
        data = frame(path, lambda: pd.read_parquet(path), "a Parquet file")
        return data.reset_index() if any(name is not None for name in data.index.names) else data
    with opened(path, year) as (_, file):
        read = frame(path, lambda: _csv(path, file), "csv")
    if not isinstance(read.index, pd.RangeIndex):  # what pandas makes of lines with more fields than headings
        raise DataError(f"{path}: lines have more fields than the heading has; write decimal points, or semicolons between fields.")
    return read


def _csv(path: Path, file: IO[bytes]) -> pd.DataFrame:
    """A table separated by commas, by tabs, or by semicolons and with decimal commas then."""
    start = file.tell()
    heads, separator, above = heading(path, file)
    decimal = decimal_point(file, separator)
    file.seek(start)
    options: dict[str, Any] = {"keep_default_na": False, "na_values": {"value": [""], "tariff": [""], "year": [""]}, "low_memory": False}
    labels = {head: "str" for head in heads if text(head) in (*KEYS, "use")}
    return pd.DataFrame(pd.read_csv(file, dtype=labels, encoding="utf-8-sig", sep=separator, decimal=decimal, skiprows=above, **options))


def _with_text(data: pd.DataFrame) -> pd.DataFrame:
    """Headings and labels as they are called (`as_labels`), without blanks around them: `USA ` is USA; each distinct one looked at once."""
    data = data.rename(columns={column: text(column) for column in data})
    for key in (key for key in (*KEYS, "use") if key in data):
        places, distinct = pd.factorize(data[key], use_na_sentinel=False)
        data = data.assign(**{key: np.array([text(label) for label in as_labels(distinct)], dtype=object)[places]})
    return data


def _of_year(path: Path, data: pd.DataFrame, year: int | None) -> tuple[pd.DataFrame, int | None]:
    """The rows of a year, where there is a column of years, and the year."""
    if "year" not in data:
        return data, agreed_year(path, year, None)
    found = pd.to_numeric(data["year"].astype("object"), errors="coerce")
    bad = np.flatnonzero(~is_year(found.to_numpy(float)))
    if len(bad):
        raise DataError(
            f"{path}: {fault}" for fault in short([f"row {k + 2}, column year {_held(data['year'].iloc[k], 'no year')}." for k in bad])
        )
    years = sorted({int(y) for y in found})
    if len(years) == 1:
        return data, agreed_year(path, year, years[0])
    if year not in years:
        raise DataError(f"{path}: the years are {', '.join(map(str, years))}; name one of them with --year.")
    return data[found == year], year


def _held(cell: Any, kind: str) -> str:
    """What is wrong with a cell, in words."""
    return "is empty" if pd.isna(cell) else f"holds {str(cell)!r}, which is {kind}"


def _faults(data: pd.DataFrame) -> list[str]:
    absent = [column for column in (*KEYS, "value") if column not in data]
    if len(absent) > len(KEYS):
        return [f"no tidy table: none of the columns exporter, importer, sector, value; it is {headed(data.columns)}"]
    if absent:
        return [f"no column {name}; found {', '.join(map(str, data.columns))}.{nearest(name, map(str, data.columns))}" for name in absent]
    if data.empty:
        return ["no line below the headings; the file is cut off: fetch it again."]
    line = "row {} ({})"
    named = [line.format(k + 2, " ".join(map(str, row))) for k, row in zip(data.index, data[list(KEYS)].to_numpy().tolist(), strict=True)]
    found: list[str] = []
    for column in [*KEYS, *(["use"] if "use" in data else [])]:
        found += short([f"{named[k]}, column {column} is empty." for k in np.flatnonzero(data[column] == "")])
    for column in ["value", *(["tariff"] if "tariff" in data else [])]:
        numbers = pd.to_numeric(data[column].astype("object").where(data[column].notna(), None), errors="coerce")
        bad = np.flatnonzero(~np.isfinite(numbers.to_numpy(float)))
        cells = [wrong(None if pd.isna(cell) else cell) for cell in data[column].iloc[bad]]
        found += short([f"{named[k]}, column {column} {cell}" for k, cell in zip(bad, cells, strict=True)])
    keys = [*KEYS, *(["use"] if "use" in data else [])]
    found += short([f"{named[k]} stands more than once." for k in np.flatnonzero(data.duplicated(keys))])
    sell, buy = set(data["exporter"]), set(data["importer"])
    found += [f"country {c} buys and never sells: it has no row as exporter." for c in sorted(buy - sell)]
    found += [f"country {c} sells and never buys: it has no row as importer." for c in sorted(sell - buy)]
    if not found and "tariff" in data:
        found += [f"column tariff: {fault}" for fault in unit_fault(data["tariff"].to_numpy(float), UNIT_REMEDY)]
        spread = data.groupby(list(KEYS))["tariff"].nunique()
        found += short(
            [f"flow {' '.join(map(str, key))} has different tariffs by use; a flow has one rate." for key in spread.index[spread > 1]]
        )
    return found


def _with_account(table: Table, named: npt.NDArray[np.bool_], made: pd.DataFrame) -> Table:
    """The table with own-country sales that exports leave of output, and with the count of flows that have no row.

    Where output is less than exports (goods that pass through), nothing is left; that is for `treat_reexports` to say and mend.
    """
    if len(made):
        given = (_places(made["exporter"], table.countries), _places(made["sector"], table.sectors))
        output = table.sales.copy()
        output[given] = made["value"].to_numpy(float)
        derived = np.zeros(output.shape, dtype=bool)
        derived[given] = True
        derived &= ~np.einsum("isi->is", named)
        left = np.where(derived, np.maximum(output - table.sales, 0.0), 0.0)
        final = table.final.copy()
        for country in range(len(table.countries)):
            final[country, :, country, 0] += left[country]
            named[country, :, country] |= derived[country]
        table = replace(table, final=final, output=output)
    absent = np.argwhere(~named)
    if not len(absent):
        return table
    exporter, sector, importer = absent[0]
    where = f"exporter={table.countries[exporter]} importer={table.countries[importer]} sector={table.sectors[sector]}"
    return replace(table, account=(table.treatment("absent_flows", len(absent), 0.0, f"Flows without a row are zero, first {where}."),))
