"""The satellite accounts that a run file names, on the labels of what it stands on."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from cge.data.satellite import Accounts, accounts, read_satellite
from cge.runfile.case import Start
from cge.runfile.faults import Given
from cge.runfile.files import Files
from cge.runfile.reading import Reading
from cge.solve.levels.world import World


def read_accounts(reading: Reading, given: Given, files: Files, start: Start | World | None) -> Accounts | None:
    """The accounts, checked as far as is known what they stand on; None where none are named, or after adding to the faults."""
    name = given.top.satellite
    path = None if name is None else reading.find(name, "satellite", ".csv")
    if name is None or path is None:
        return None
    whole = reading.place(path)
    table = reading.opened(("satellite", whole), lambda: read_satellite(path, reading.cache.read), "satellite: ")
    labels = files.ground.labels
    if table is None or not labels:
        return None
    reading.note(name, path)
    key = ("accounts", whole, *files.key, given.top.intermediates, start is None)
    return reading.opened(key, lambda: _placed(table, labels["country"], labels["sector"], start, name), "satellite: ")


def _placed(table: pd.DataFrame, countries: Sequence[str], sectors: Sequence[str], start: Start | World | None, name: str) -> Accounts:
    """Accounts on labels, none of which has nothing to move with where that is known."""
    if start is None:
        return accounts(table, countries, sectors, name)
    if isinstance(start, World):
        sells, paid = start.technology.made, start.technology.factor_share
    else:
        sells, paid = start.benchmark.arrays["sales"], start.benchmark.arrays["factor_share"]
    return accounts(table, countries, sectors, name, sells, paid.sum(axis=0))
