"""What the csv files hold that a table [policy] names: bounds of rates, weights of players, political weights of industries."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from cge.data.arrays import BILATERAL, Array
from cge.data.csv import read_csv
from cge.data.labels import Names, select
from cge.data.tariffs.cells import cell_values
from cge.data.tariffs.sheets import Sheets
from cge.errors import DataError, nearest
from cge.runfile.case import Case


def bounds(case: Case, name: str, otherwise: float, path: Path) -> Array:
    """Bounds of a file player,partner,sector and `name` [sector, partner, player], `otherwise` where it has none; `DataError` with its faults."""
    table = read_csv(path, [name], case.cache.read).rename(columns={"player": "importer", "partner": "exporter"})
    kept = table[[column for column in ("importer", "exporter", "sector", name) if column in table]]
    groups = {"country": case.groups, "sector": case.sector_groups}
    values = cell_values(case, Sheets((kept,)), name, groups=groups, origin=path.name).values.transpose(*BILATERAL).values
    return np.where(np.isnan(values), otherwise, values)


def by_player(case: Case, players: list[str], path: Path) -> Array:
    """Weights of a file country,weight [player]; `DataError` with its faults."""
    table = read_csv(path, ("country", "weight"), case.cache.read)
    number = {name: _number(weight) for name, weight in zip(table["country"], table["weight"], strict=True)}
    wrong = [f"{name} stands there {count} times; give one weight." for name, count in Counter(table["country"]).items() if count > 1]
    rows = zip(table["country"], table["weight"], strict=True)
    wrong += [
        f"row {row}: weight {text!r} of {name} is not a positive number."
        for row, (name, text) in enumerate(rows, 2)
        if not 0 < _number(text) < np.inf
    ]
    wrong += [f"{name} is no player.{nearest(name, players)}" for name in number if name not in players]
    wrong += [f"no weight for {name}; give every player one." for name in players if name not in number]
    if wrong:
        raise DataError(f"{path.name}: {fault}" for fault in wrong)
    return np.array([number[name] for name in players])


def by_industry(case: Case, names: Callable[[str], Names], path: Path) -> Array:
    """Weights of a file country,sector,weight [sector, country], one where it has none; later rows replace earlier ones. `DataError` with its faults.

    Args:
        names: what entries of a kind can name.
    """
    table = read_csv(path, ("country", "sector", "weight"), case.cache.read)
    found, wrong = np.ones((len(case.sectors), len(case.countries))), list[str]()
    for row, entry in enumerate(table.to_dict("records"), 2):
        sector, country = (select(entry[kind], names(kind), f"row {row}", wrong) for kind in ("sector", "country"))
        weight = _number(entry["weight"])
        if not 0 <= weight < np.inf:
            wrong.append(f"row {row}: weight {entry['weight']!r} is not a number from zero on.")
        elif sector is not None and country is not None:
            found[sector.mask[:, None] & country.mask] = weight
    if wrong:
        raise DataError(f"{path.name}: {fault}" for fault in wrong)
    return found


def _number(text: Any) -> float:
    """A number as it is written; NaN where it is none."""
    try:
        return float(text)
    except ValueError:
        return float("nan")
