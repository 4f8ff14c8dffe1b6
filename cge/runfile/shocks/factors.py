"""Factors on the benchmark: entries multiply."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from cge.data.arrays import BILATERAL, Array, Labels
from cge.data.labels import KIND, Mask, Names
from cge.errors import DataError
from cge.model.shock import SHOCK_DIMS
from cge.runfile.shocks.cells import cells, gaps
from cge.runfile.shocks.sources import Sources


def factors(
    table: str,
    entries: Sequence[Any],
    names: Mapping[str, Names],
    faults: list[str],
    idle: Mask | None = None,
    given: Sources | None = None,
) -> Array | None:
    """Factors on the benchmark, entries multiplied [dims of `SHOCK_DIMS`]; adds to `faults`. None where labels of a dim are not known.

    Args:
        idle: sectors where a change does nothing under the model (its exponent is zero); selecting one is a fault. given: what files hold.
    """
    known = [names[KIND[dim]].labels for dim in SHOCK_DIMS[table] if KIND[dim] in names]
    array = np.ones([len(labels) for labels in known])
    for number, entry in enumerate(entries):
        where = f"{table}[{number}]"
        mask = cells(table, entry, names, where, faults)
        if idle is not None and (idle.all() or (mask is not None and (mask.any(axis=(1, 2)) & idle).any())):
            faults.append(f"{where}: plays no role under this model (the exponent is zero); use melitz, or an iceberg shock.")
        if mask is None:
            continue
        if entry.times is not None:
            array[mask] *= entry.times
        elif getattr(entry, "file", None) is not None and given is not None:
            array[mask] *= _listed(entry, mask, where, names, given, faults)[mask]
    return array if len(known) == len(SHOCK_DIMS[table]) else None


def _listed(entry: Any, mask: Mask, where: str, names: Mapping[str, Names], given: Sources, faults: list[str]) -> Array:
    """Factors in the file of an entry [sector, exporter, importer], one where it has none; adds to `faults` for selected cells that it lacks.

    An effect e on ln trade is the factor exp(−e/trade): trade costs enter trade with the exponent −trade (equation of the trade weight).
    """
    one = np.ones(mask.shape)
    name, log = str(entry.file), getattr(entry, "effect", None) is not None
    if name not in given.files:
        return one
    labels = Labels(names["country"].labels, names["sector"].labels, [])
    groups = {kind: names[kind].groups for kind in ("country", "sector")}
    from cge.data.tariffs.cells import cell_values  # readers of rates are many modules, loaded where a file is named
    from cge.data.tariffs.sheets import Sheets

    opened = given.files[name]
    try:
        if not isinstance(opened, Sheets):
            raise DataError(f"{name}: is netCDF; give csv exporter,importer,sector,{'effect' if log else 'times'}.")
        read = cell_values(labels, opened, "effect" if log else "times", groups=groups, origin=name)
    except DataError as error:
        faults.extend(f"{where}.file: {fault}" for fault in error.faults)
        return one
    given.account.extend(read.account)
    found = read.values.transpose(*BILATERAL)
    if not entry.partial:
        faults += gaps(found, mask, f"{where}.file: {name}", "value")
    values = np.asarray(found.values)
    if log:
        if given.exponents is None:  # and that is told already
            return one
        values = np.exp(-values / given.exponents.on(labels.sectors)["trade"][:, None, None])
    return np.where(np.isnan(values), 1.0, values)
