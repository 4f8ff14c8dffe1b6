"""A counterfactual in Python with the words of a run file: the same as another, with something changed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr

from cge.data.labels import by_kind
from cge.data.tariffs.file import open_rates
from cge.errors import DataError, unlike
from cge.model.benchmark import Benchmark
from cge.model.shock import RATES, Shock, change
from cge.model.transfers import Transfers
from cge.runfile.faults import group_entries, shock_entries
from cge.runfile.groups import Groups, name_groups
from cge.runfile.keys.shocks import BILATERAL_ACTIONS, SHOCK_TABLES
from cge.runfile.shocks.changes import NOTHING, changes
from cge.runfile.shocks.sources import Rates
from cge.runfile.toml import near

Entries = Mapping[str, Any] | Sequence[Mapping[str, Any]]
"""An entry of a table of a run file, or several, which act one after the other."""


def scenario(
    benchmark: Benchmark,
    *,
    tariff: Entries = (),
    export_tax: Entries = (),
    iceberg: Entries = (),
    fixed_cost: Entries = (),
    productivity: Entries = (),
    endowment: Entries = (),
    groups: Groups | None = None,
    transfers: Transfers | None = None,
    on_top_of: Shock | None = None,
    baseline: Shock | None = None,
    subsidies: bool = False,
) -> Shock:
    """A counterfactual as a run file says it: who, to whom, in which sector, and what becomes of the rate or cost.

    `scenario(benchmark, tariff={"importer": "USA", "exporter": "*", "sector": "*", "add": 0.1})` is the table [[tariff]] with these keys.

    Args:
        benchmark: whose labels count.
        tariff, export_tax, iceberg, fixed_cost, productivity, endowment: entries with the keys of the table of a run file that bears the name:
            labels, groups, patterns or lists of these, and `set`, `add`, `times` or `file` (rates; 0.05 is 5 %), else `times` (a factor).
        groups: names for several countries or sectors: lists of labels, patterns or groups, or the name of a bundled group.
        transfers: rule for trade deficits [default: that of the other scenario, else `fixed`].
        on_top_of: another scenario, whose policies stay in force under these, and from whose equilibrium changes are measured.
        baseline: the same, but its policies end: entries act on the data.
        subsidies: whether rates may end below zero, above −1.

    Raises:
        DataError: an argument of another kind; every fault of the entries, with the table, the entry and the key; both of `on_top_of` and
            `baseline`, or another rule for transfers than theirs.
    """
    measured = {"on_top_of": on_top_of, "baseline": baseline}
    faults = [
        *unlike("benchmark", benchmark, Benchmark, "cge.calibrate(economy) makes it"),
        *unlike("groups", groups or {}, Mapping, 'give them as {"EU": ["DEU", "FRA"]}'),
        *(fault for name, shock in measured.items() if shock is not None for fault in unlike(name, shock, Shock, "cge.scenario makes one")),
    ]
    if faults:
        raise DataError(faults)
    given = {
        "tariff": tariff, "export_tax": export_tax, "iceberg": iceberg, "fixed_cost": fixed_cost, "productivity": productivity,
        "endowment": endowment,
    }  # fmt: skip
    several = {name: isinstance(entries, Iterable) and not isinstance(entries, Mapping | str) for name, entries in given.items()}
    tables = {name: list(entries) if several[name] else [entries] for name, entries in given.items()}
    shocks = shock_entries(tables, faults)
    names = name_groups(by_kind(benchmark), group_entries(groups or {}, faults), faults)
    before = baseline if on_top_of is None else on_top_of
    rule: Transfers = transfers or ("fixed" if before is None else before.transfers)
    faults += _measured_faults(on_top_of, baseline, rule)
    under = NOTHING if on_top_of is None else {name: array for name in SHOCK_TABLES if (array := getattr(on_top_of, name)) is not None}
    arrays = changes(shocks, names, _of_data(benchmark), None, _rates(shocks, faults), faults, under, subsidies=subsidies)
    if faults:
        raise DataError(faults)
    return change(benchmark, **arrays, transfers=rule, baseline=before, subsidies=subsidies)


def _of_data(benchmark: Benchmark) -> dict[str, xr.DataArray]:
    """Rates of the data by name [sector, exporter, importer]."""
    tariff = benchmark.data["tariff"]
    return {name: tariff.copy(data=np.broadcast_to(benchmark.rates(name), tariff.shape)) for name in RATES}


def _measured_faults(on_top_of: Shock | None, baseline: Shock | None, rule: str) -> list[str]:
    """What is wrong with what changes are measured from."""
    if on_top_of is not None and baseline is not None:
        return [
            "on_top_of: stands beside baseline; give one of them: on_top_of keeps the policies of the other scenario, baseline ends them."
        ]
    before = on_top_of or baseline
    if before is not None and before.transfers != rule:
        return [f"transfers: {rule} here, {before.transfers} in the scenario that changes are measured from; they must be the same."]
    return []


def _rates(shocks: Mapping[str, Sequence[Any]], faults: list[str]) -> Rates:
    """What the files of bilateral tables hold, by name; adds to `faults`, effects too, which a model turns into costs."""
    found = {}
    for table in BILATERAL_ACTIONS:
        for number, entry in enumerate(shocks[table]):
            where = f"{table}[{number}]"
            if getattr(entry, "effect", None) is not None:
                faults.append(f"{where}.effect: needs the trade elasticity of a run file; give factors exp(-effect/trade) in times.")
            if entry.file is None:
                continue
            path = Path(entry.file)
            if not path.is_file():
                faults.append(f"{where}.file: no file {path}.{near(path, '.nc', '.csv')}")
                continue
            try:
                found[entry.file] = open_rates(path)
            except DataError as error:
                faults.extend(f"{where}.file: {fault}" for fault in error.faults)
    return found
