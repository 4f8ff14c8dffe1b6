"""Sets of trade elasticities, published ones by name and the user's own in a file, matched to the sectors of an economy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data import bundled
from cge.data.classifications import of_sectors, sharing
from cge.data.csv import Read, read_csv
from cge.data.named import some
from cge.errors import DataError, nearest

Chosen = str | Path
"""A set: the name of one that comes with the package, or a csv file."""

COLUMNS = ("sector", "trade", "standard_error", "classification", "source", "page")
"""Columns of a set: code of the sector, trade elasticity, its standard error (may be empty), scheme of the codes, where it was published, with
table and, where it was looked up, page. A file of one's own needs the first two."""


def set_names() -> list[str]:
    """Names of the bundled sets of elasticities."""
    return [name.removeprefix("elasticities/") for name in bundled.names("calibration") if name.startswith("elasticities/")]


def chosen(name: str, folder: Path) -> Chosen:
    """The set that a run file in `folder` names: one that comes with the package, or a csv file beside it."""
    return folder / name if is_file(name) else name


def is_file(name: str) -> bool:
    """Whether the name of a set is that of a csv file, plain or packed."""
    return ".csv" in Path(name).suffixes


@dataclass(frozen=True, eq=False)
class ElasticitySet:
    """A set of elasticities as published, and how other codes lead to its own.

    Attributes:
        published: `trade`, `standard_error` (NaN: none), `classification`, `source`, indexed by `sector`.
        links: sectors of the set, with weights, by code of other classifications.
        files: that it was read from, its table first and then the concordance, where there is one.
    """

    published: pd.DataFrame
    links: Mapping[str, Mapping[str, float]]
    files: tuple[Path, ...]


def open_set(given: Chosen, read: Read = Path.read_bytes) -> ElasticitySet:
    """A set with its concordance; `read` says how the bytes of a file are come by. Raises as `read_set`."""
    published = read_set(given, read)
    concordance = _concordance(published)
    return ElasticitySet(published, _links(published, concordance, read), (_table(given), *concordance))


def _table(given: Chosen) -> Path:
    if isinstance(given, Path):
        return given
    if given not in set_names():
        raise DataError(f'elasticities.set: no set "{given}".{nearest(given, set_names())} cge show elasticities lists them.')
    return bundled.find("calibration", f"elasticities/{given}")


def _concordance(published: pd.DataFrame) -> list[Path]:
    name = f"concordances/{published['classification'].iloc[0]}"
    return [bundled.find("calibration", name)] if name in bundled.names("calibration") else []


def read_set(given: Chosen, read: Read = Path.read_bytes) -> pd.DataFrame:
    """A set as published: `trade`, `standard_error` (NaN: none), `classification`, `source`, indexed by `sector`.

    Raises:
        DataError: no such set; a file without the columns sector and trade, or with sectors twice, values that are not positive numbers, or several
            classifications; all faults at once.
    """
    path = _table(given)
    table = read_csv(path, COLUMNS[:2], read)
    for column, absent in (("standard_error", ""), ("classification", ""), ("source", path.name)):
        if column not in table:
            table[column] = absent
    numbers = {column: pd.to_numeric(table[column], errors="coerce").astype(float) for column in ("trade", "standard_error")}
    faults = list(_faults(table, numbers))
    if faults:
        raise DataError(f"{path}: {fault}" for fault in faults)
    return table.assign(**numbers).set_index("sector")


def _faults(table: pd.DataFrame, numbers: Mapping[str, pd.Series[float]]) -> Iterator[str]:
    """Faults of a set, by line of its file."""
    for column in [str(name) for name in table if name not in COLUMNS]:
        yield f"unknown column {column}.{nearest(column, COLUMNS)}"
    if table.empty:
        yield "no rows; a set has sector,trade and, where there is one, standard_error."
    for line, sector in enumerate(table["sector"], start=2):
        if not sector:
            yield f"line {line}: no sector."
    for sector in table["sector"][table["sector"].duplicated() & (table["sector"] != "")].unique():
        yield f"sector {sector} stands in several lines; one number for each."
    for column, given in numbers.items():
        bad = ~(given > 0) & ((table[column] != "") | (column == "trade"))
        for row in table.index[bad | np.isinf(given)]:
            yield f"line {row + 2}, sector {table['sector'][row]}: {column} {table[column][row]!r} is not a number above zero."
    if table["classification"].nunique() > 1:
        yield f"classification: {', '.join(table['classification'].unique())}; all codes of a set are of one."


def match(given: Chosen | ElasticitySet, sectors: list[str], weights: Mapping[str, float] | None = None) -> pd.DataFrame:
    """A set on the sectors of an economy.

    A sector takes the estimate of the same code; else the mean over the sectors that the set's concordance gives for it; else the mean over those
    that share a division of ISIC with it (`classifications`), where it is a code or name of a published one. Means are weighted by output: that of
    `weights`, else the one in the concordance (world output of 2022 in the bundled economy), else all count the same. The standard error of
    a mean takes the estimates as independent; it is missing where one of them is.

    Args:
        given: the set, or what names it. sectors: codes. weights: output by sector of the set, any unit.

    Returns:
        `trade`, `standard_error`, `matched` (codes in the set, joined by ` + `), `way` (`own` code, `concordance`, or by `divisions` of ISIC),
        `source`, indexed by `sector`; NaN and empty where the set has none.

    Raises:
        DataError: no such set, or its file has faults; `weights` lacks a sector that a mean takes.
    """
    opened = given if isinstance(given, ElasticitySet) else open_set(given)
    published, links = opened.published, opened.links
    position = {str(sector): row for row, sector in enumerate(published.index)}
    classification = str(published["classification"].iloc[0])
    covered = of_sectors(sectors)
    ways, found = (
        zip(*(_members(s, position, links, classification, covered.get(s)) for s in sectors), strict=True) if sectors else ((), ())
    )
    lacking = sorted({own for members in found if len(members) > 1 for own in members} - set(weights)) if weights is not None else []
    if lacking:
        raise DataError(f"elasticities: no weight for {', '.join(lacking)} of {opened.files[0].stem}, over which a mean is taken.")
    shares = [
        _normal([share if weights is None or len(members) == 1 else weights[own] for own, share in members.items()]) for members in found
    ]
    rows = [[position[own] for own in members] for members in found]
    trade, error = published["trade"].to_numpy(float), published["standard_error"].to_numpy(float)
    columns = {
        "trade": [share @ trade[at] if at else np.nan for at, share in zip(rows, shares, strict=True)],
        "standard_error": [np.sqrt(share**2 @ error[at] ** 2) if at else np.nan for at, share in zip(rows, shares, strict=True)],
        "matched": [" + ".join(published.index[at]) for at in rows],
        "way": ways,
        "source": ["; ".join(dict.fromkeys(published["source"].iloc[at])) for at in rows],
    }
    return pd.DataFrame(columns, index=pd.Index(sectors, name="sector"))


def _links(published: pd.DataFrame, concordance: list[Path], read: Read) -> dict[str, dict[str, float]]:
    """Sectors of the set, with weights, that its concordance gives for other codes."""
    links: dict[str, dict[str, float]] = {}
    for path in concordance:
        table = read_csv(path, ("code", "sector"), read)
        weight = pd.to_numeric(table["weight"]).fillna(1.0) if "weight" in table else pd.Series(1.0, index=table.index)
        for code, own, each in zip(table["code"], table["sector"], weight, strict=True):
            if own in published.index:  # a set of one's own need not have all of them
                links.setdefault(str(code), {})[str(own)] = float(each)
    return links


def _members(
    sector: str,
    own: Mapping[str, int],
    links: Mapping[str, Mapping[str, float]],
    classification: str,
    covered: frozenset[str] | None,
) -> tuple[str, Mapping[str, float]]:
    """How a sector of an economy is found in a set, and the sectors of the set that stand for it, with their weights."""
    if sector in own:
        return "own", {sector: 1.0}
    if sector in links:
        return "concordance", links[sector]
    shared = [] if covered is None else sharing(covered, classification, own)
    return "divisions" if shared else "", dict.fromkeys(shared, 1.0)


def _normal(weights: list[float]) -> npt.NDArray[np.float64]:
    """Weights that add up to one; equal ones where all are zero."""
    array = np.array(weights, dtype=np.float64)
    return array / array.sum() if array.sum() > 0 else np.full(len(array), 1 / max(len(array), 1))


def table(sectors: list[str] | None = None) -> pd.DataFrame:
    """All sets side by side on the given sectors (default: those of the bundled ICIO economy): for each set its trade elasticity and `<set>_se`."""
    if sectors is None:
        codes = read_csv(bundled.find("calibration", "concordances/caliendo_parro_2015"), ("classification", "code"))
        sectors = list(dict.fromkeys(codes.loc[codes["classification"] == "icio", "code"]))
    columns: dict[str, pd.Series[float]] = {}
    for name in set_names():
        matched = match(name, sectors)
        columns |= {name: matched["trade"], f"{name}_se": matched["standard_error"]}
    return pd.DataFrame(columns)


def origin(name: str, matched: pd.DataFrame) -> str:
    """Where the values of a matched set come from, in words: how many sectors of each source, and which are found by divisions of ISIC alone."""
    sources = matched.loc[matched["matched"] != "", "source"].value_counts(sort=False)
    listed = [f"{count} of {len(matched)} sectors: {source}" for source, count in sources.items()]
    spread = matched.index[matched["way"] == "divisions"]
    means = [f"by divisions of ISIC, as means where these are several: {some(map(str, spread))}"] if len(spread) else []
    return f"set {name} ({'; '.join([*listed, *means])})"
