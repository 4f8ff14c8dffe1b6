"""What a run file stands on: an economy or a technology, and what is known of one that has faults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr

from cge.data.arrays import BILATERAL, Array
from cge.data.csv import Read
from cge.data.economy import Economy, labels_in, make_economy, read_dataset
from cge.data.factors.shares import with_factors
from cge.data.labels import KIND, Labelled, Mask, by_kind
from cge.errors import InputError
from cge.model.shock import RATES
from cge.runfile.groups import Groups, name_groups
from cge.runfile.technology import make_world, read_labels
from cge.runfile.toml import parse
from cge.solve.levels.world import World

NONE = np.zeros(0, dtype=bool)


@dataclass(frozen=True, eq=False)
class Ground:
    """An economy or a technology as far as it could be read: faults of its values leave labels, which the rest of the run file is checked against.

    Attributes:
        economy, world: observed, or written by hand; neither where the values have faults.
        faults: one sentence each.
        labels: of each kind (`country`, `sector`, `factor`); a kind that is not known is absent.
        active: sectors with sales or spending, all where that is not known [sector].
        rates: tariffs and export taxes by name [sector, exporter, importer], NaN where they are not known; none without labels.
    """

    economy: Economy | None = None
    world: World | None = None
    faults: tuple[str, ...] = ()
    labels: Mapping[str, list[str]] = field(default_factory=dict)
    active: Mask = field(default_factory=lambda: NONE)
    rates: Mapping[str, xr.DataArray] = field(default_factory=dict)

    @property
    def labelled(self) -> Labelled | None:
        """The economy or the world; None where there are faults, or factors of an economy that could not be split."""
        found = self.economy if self.world is None else self.world
        return found if found is not None and not self.faults and by_kind(found) == self.labels else None


def observed(path: Path, read: Read) -> Ground:
    """The economy in a file; `read` says how its bytes are come by."""
    try:
        dataset = read_dataset(path, read)
    except InputError as error:
        return Ground(faults=error.faults)
    try:
        return _of_economy(make_economy(dataset, str(path)))
    except InputError as error:
        return _labels_alone(labels_in(dataset), error)


def imported(source: str, path: Path, options: Mapping[str, Any]) -> Ground:
    """The economy of a published table (arguments as those of `import_economy`)."""
    from cge.data.sources import import_economy

    try:
        return _of_economy(import_economy(source, path, **options))
    except InputError as error:
        return Ground(faults=error.faults)


def split(ground: Ground, shares: pd.DataFrame | None, groups: Groups, name: str) -> Ground:
    """The economy of a ground with the factors of a table of shares; where there are faults it stays as it is, without known factors.

    Args:
        shares: None where the table has faults; groups: labels of groups that it may name; name: of the table, for messages.
    """
    labels = {kind: known for kind, known in ground.labels.items() if kind != "factor"}
    bare = replace(ground, faults=(), labels=labels)
    if shares is None or not labels:
        return bare
    if ground.economy is None or len(ground.economy.factors) == 1:
        bare = replace(bare, labels={**labels, "factor": list(dict.fromkeys(shares["factor"]))})
    if ground.economy is None:
        return bare
    names = name_groups(ground.labels, groups, [])  # the faults of groups are those of the run file
    sound = {**names["country"].groups, **names["sector"].groups}
    try:
        return replace(bare, economy=with_factors(ground.economy, shares, sound, name))
    except InputError as error:
        return replace(bare, faults=error.faults)


def written(path: Path, read: Read) -> Ground:
    """The world in a technology file; `read` says how its bytes are come by."""
    try:
        table, _ = parse(path, read)
    except InputError as error:
        return Ground(faults=error.faults)
    try:
        world = make_world(table, str(path))
    except InputError as error:
        countries, sectors, factors = read_labels(table, []).values()
        labels = {"country": countries, "sector": sectors, "factor": factors}
        return _labels_alone(labels if all(labels.values()) else {}, error)
    return Ground(None, world, (), by_kind(world), world.active, rates(world))


def _of_economy(economy: Economy) -> Ground:
    active = np.asarray(economy.data["flow"].sum(["exporter", "importer"]).values > 0)
    data = economy.data
    rates = {name: (data[name] if name in data else xr.zeros_like(data["tariff"])).transpose(*BILATERAL) for name in RATES}
    return Ground(economy, None, (), by_kind(economy), active, rates)


def _labels_alone(labels: Mapping[str, list[str]], error: InputError) -> Ground:
    """What is known where values have faults."""
    if not labels:
        return Ground(faults=error.faults)
    shape = [len(labels[KIND[dim]]) for dim in BILATERAL]
    unknown = _bilateral(np.full(shape, np.nan), labels)
    return Ground(None, None, error.faults, labels, np.ones(shape[0], dtype=bool), dict.fromkeys(RATES, unknown))


def rates(world: World) -> dict[str, xr.DataArray]:
    """Tariffs and export taxes of a world by name [sector, exporter, importer]."""
    return {name: _bilateral(getattr(world.technology, name), by_kind(world)) for name in RATES}


def _bilateral(values: Array, labels: Mapping[str, list[str]]) -> xr.DataArray:
    return xr.DataArray(values, {dim: labels[KIND[dim]] for dim in BILATERAL}, BILATERAL)
