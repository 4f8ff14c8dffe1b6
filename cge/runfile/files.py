"""What the files that a run file names hold, beside its baseline: economy or technology, factor shares, elasticities, rates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cge.data import bundled, elasticities
from cge.data.elasticities import ElasticitySet
from cge.data.factors.shares import read_shares
from cge.data.factors.worker_groups import GroupShares, group_shares, read_group_shares
from cge.runfile.faults import Given, section
from cge.runfile.ground import Ground, imported, observed, split, written
from cge.runfile.groups import name_groups
from cge.runfile.keys.economy import EconomyKeys
from cge.runfile.keys.shocks import BILATERAL_ACTIONS
from cge.runfile.keys.top import RunFile
from cge.runfile.reading import Key, Reading
from cge.runfile.toml import near

if TYPE_CHECKING:
    from cge.data.tariffs.file import Opened


@dataclass(frozen=True, eq=False)
class Files:
    """What the files of a run file hold; what has faults or is not named is absent.

    Attributes:
        ground: economy or technology; key: what it was made of, for the cache.
        estimates: the set of elasticities; rates: of bilateral tables, by file as it is named; groups: of workers.
    """

    ground: Ground
    key: Key
    estimates: ElasticitySet | None
    rates: dict[str, Opened]
    groups: GroupShares | None = None


def read_files(reading: Reading, given: Given) -> Files:
    """Everything that a run file names beside its baseline; adds to the faults."""
    key, ground = _ground(reading, given)
    key, groups = _groups(reading, given, key, ground)
    return Files(ground, key, _estimates(reading, given.elasticities.set), _rates(reading, given), groups)


NOTHING: tuple[Key, Ground] = ((), Ground())


def _ground(reading: Reading, given: Given) -> tuple[Key, Ground]:
    """The economy or the technology that a run file names."""
    keys = given.top
    if keys.technology is not None:
        found = _technology(reading, keys, keys.technology)
        if keys.factor_shares is not None:
            reading.faults.append("factor_shares: splits an economy; a technology has factor_share of its own.")
        if keys.economy is None:
            return found
        reading.faults.append("technology: stands beside economy; give one of them.")
        _economy(reading, keys)  # tells its faults
        return NOTHING
    found = _economy(reading, keys)
    return found if keys.factor_shares is None else _split(reading, given, keys.factor_shares, *found)


def _economy(reading: Reading, keys: RunFile) -> tuple[Key, Ground]:
    """The economy that a run file names, before its factors are split."""
    if isinstance(keys.economy, dict):
        return _imported(reading, keys.economy)
    if keys.economy is not None:
        return _named(reading, keys.economy)
    if not any(fault.startswith("economy:") for fault in reading.faults):
        reading.faults.append(f"economy: is missing. {RunFile.model_fields['economy'].description}")
    return NOTHING


def _named(reading: Reading, name: str) -> tuple[Key, Ground]:
    """A bundled economy, or one in a file beside the run file."""
    come_along = reading.cache.once(("bundled", "data"), lambda: bundled.paths("data"))
    path = come_along.get(name, reading.path.parent / name)
    if not path.is_file():
        close = near(path, ".nc", known=come_along)
        reading.faults.append(f"economy: no file {path}, and no economy of this name comes with the package.{close}")
        return NOTHING
    return _stood(reading, ("economy", reading.place(path)), name, path, lambda: observed(path, reading.cache.read))


def _imported(reading: Reading, table: dict[str, Any]) -> tuple[Key, Ground]:
    """The economy of a published table."""
    known = len(reading.faults)
    given = section(EconomyKeys, table, "economy", reading.faults)
    if len(reading.faults) > known:
        return NOTHING
    path, options = reading.path.parent / given.path, given.model_dump(exclude={"source", "path"})

    def make() -> Ground:
        ground = imported(given.source, path, options)
        if ground.economy is not None and path.is_file():  # it has been read for its checksum, too
            reading.cache.digests[reading.place(path)] = str(ground.economy.data.attrs["source_sha256"])
        return ground

    return _stood(reading, ("import", reading.place(path), repr(table)), given.path, path, make, "economy: ")


def _technology(reading: Reading, keys: RunFile, name: str) -> tuple[Key, Ground]:
    """The world in a technology file."""
    path = reading.path.parent / name
    if not path.is_file():
        close = near(path, ".toml", but=reading.path.name)
        reading.faults.append(f'technology: no file {path}.{close} Observed trade is named by economy = "..." (cge show economies).')
        return NOTHING
    key, ground = _stood(reading, ("technology", reading.place(path)), name, path, lambda: written(path, reading.cache.read), "technology ")
    if ground.world is not None and not keys.intermediates and ground.world.linked:
        reading.faults.append(f"intermediates: false, but {name} has input_share; leave it out there, and let factors have all of cost.")
    return key, ground


def _split(reading: Reading, given: Given, name: str, key: Key, ground: Ground) -> tuple[Key, Ground]:
    """An economy with the factors of `factor_shares`."""
    path, read = reading.find(name, "factor_shares", ".csv"), reading.cache.read
    shares = None if path is None else reading.opened(("shares", reading.place(path)), lambda: read_shares(path, read), "factor_shares: ")
    if path is None or shares is None:
        return key, split(ground, None, given.groups, name)
    whole = (*key, reading.place(path), repr(given.groups))
    return _stood(reading, whole, name, path, lambda: split(ground, shares, given.groups, name), "factor_shares: ")


def _groups(reading: Reading, given: Given, key: Key, ground: Ground) -> tuple[Key, GroupShares | None]:
    """Groups of workers on the labels of the economy, and what both are made of."""
    name = given.top.group_shares
    if name is None:
        return key, None
    if given.top.mobility is None and "mobility" in given.sound:
        reading.faults.append("group_shares: says nothing without mobility, the elasticity with which workers move; give both.")
    if given.top.technology is not None:
        reading.faults.append("group_shares: are of an economy; every factor of a technology is one group in each country.")
    path, read = reading.find(name, "group_shares", ".csv"), reading.cache.read
    table = (
        None
        if path is None
        else reading.opened(("group shares", reading.place(path)), lambda: read_group_shares(path, read), "group_shares: ")
    )
    economy = ground.economy if ground.labelled is not None else None
    if path is None or table is None or economy is None:
        return key, None
    names = name_groups(ground.labels, given.groups, [])  # the faults of groups are those of the run file
    sound = {**names["country"].groups, **names["sector"].groups}
    whole = (*key, "group shares", reading.place(path), repr(given.groups))
    found = reading.opened(whole, lambda: group_shares(economy, table, sound, name), "group_shares: ")
    if found is not None:
        reading.note(name, path)
    return whole, found


def _stood(reading: Reading, key: Key, name: str, path: Path, make: Callable[[], Ground], where: str = "") -> tuple[Key, Ground]:
    """A ground that is made of a file, once; its faults are told."""
    ground = reading.cache.once(key, make)
    reading.tell(key, ground.faults, where)
    if not ground.faults and path.is_file():
        reading.note(name, path)
    return key, ground


def _estimates(reading: Reading, name: str | None) -> ElasticitySet | None:
    """The set of elasticities that a run file names."""
    if name is None:
        return None
    chosen = elasticities.chosen(name, reading.path.parent)
    own = isinstance(chosen, Path)
    if own and reading.find(name, "elasticities.set", ".csv") is None:
        return None
    key = ("set", reading.place(chosen) if isinstance(chosen, Path) else chosen)
    found = reading.opened(key, lambda: elasticities.open_set(chosen, reading.cache.read), "elasticities.set: " if own else "")
    for path, noted in zip(() if found is None else found.files, (name, "concordance {}"), strict=False):
        reading.note(noted.format(path.stem), path)
    return found


def _rates(reading: Reading, given: Given) -> dict[str, Opened]:
    """What the files of bilateral tables hold, by file as it is named."""
    named = {
        f"{table}[{number}].file": entry.file
        for table in BILATERAL_ACTIONS
        for number, entry in enumerate(given.shocks[table])
        if entry.file is not None
    }
    found = {where: (name, _file_of_rates(reading, name, where)) for where, name in named.items()}
    return {name: rates for name, rates in found.values() if rates is not None}


def _file_of_rates(reading: Reading, name: str, where: str) -> Opened | None:
    from cge.data.tariffs.file import open_rates

    path = reading.find(name, where, ".nc", ".csv")
    if path is None:
        return None
    rates = reading.opened(("rates", reading.place(path)), lambda: open_rates(path, reading.cache.read), f"{where}: ")
    if rates is not None:
        reading.note(name, path)
    return rates
