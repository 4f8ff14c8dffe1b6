"""What the tables of a shock change, all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import xarray as xr

from cge.data.arrays import labelled
from cge.data.labels import KIND, Mask, Names
from cge.model.exponents import Exponents
from cge.model.shock import RATES, SHOCK_DIMS
from cge.runfile.shocks.factors import factors
from cge.runfile.shocks.rates import rates
from cge.runfile.shocks.sources import Rates, Sources

NOTHING: Mapping[str, xr.DataArray] = {}


def changes(
    shocks: Mapping[str, Sequence[Any]],
    names: Mapping[str, Names],
    old: Mapping[str, xr.DataArray],
    exponents: Exponents | None,
    files: Rates,
    faults: list[str],
    first: Mapping[str, xr.DataArray] = NOTHING,
    *,
    subsidies: bool = False,
) -> dict[str, xr.DataArray]:
    """What the tables of a shock change, labelled, by name of the table; one that changes nothing or has faults is left out. Adds to `faults`.

    Args:
        shocks: entries of each table; names: what they can name, of the kinds whose labels are known.
        old: rates before by name [sector, exporter, importer], NaN where they are not known; none without labels. files: rates in files.
        exponents: of the model, which say where fixed costs play no role; None: not known.
        first: what the tables act on in place of the data, by name of the table. subsidies: whether rates may end below zero.
    """
    idle = None if exponents is None else _idle(exponents, names)
    found = {}
    for table, entries in shocks.items():
        account = list[str]()
        before = first.get(table)
        if not entries and before is None:
            continue
        known = len(faults)
        given = Sources(files, exponents, account, subsidies)
        if table in RATES:
            if table not in old:
                continue
            under = old[table] if before is None else before
            array, same = rates(table, entries, names, under, given, faults), old[table].values
        else:
            array, same = factors(table, entries, names, faults, idle if table == "fixed_cost" else None, given), np.ones(1)
            array = array if array is None or before is None else array * before.values
        if array is not None and len(faults) == known and not np.all(array == same):
            found[table] = labelled(array, {dim: names[KIND[dim]].labels for dim in SHOCK_DIMS[table]})
            found[table].attrs |= {"account": "\n".join(account)} if account else {}
    return found


def _idle(exponents: Exponents, names: Mapping[str, Names]) -> Mask:
    """Where fixed costs play no role under a model [sector]; one place for all where sectors are not known."""
    sectors = names["sector"].labels if "sector" in names else ["*"]
    return np.asarray(exponents.on(sectors)["fixed"] == 0)
