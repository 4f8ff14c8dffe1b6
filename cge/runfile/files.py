"""Files that a run file names: found or missed by name, read, and noted with their checksum."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from cge.data import bundled
from cge.data.economy import Economy, open_economy
from cge.data.factors.shares import read_shares, with_factors
from cge.data.sources import import_economy
from cge.errors import InputError
from cge.model.benchmark import Benchmark, NegativeFinalDemand, calibrate
from cge.runfile.faults import section
from cge.runfile.keys import EconomyKeys, RunFile
from cge.runfile.toml import _near

if TYPE_CHECKING:
    from cge.solve.levels.world import World

T = TypeVar("T")

Files = tuple[object, ...]
"""What an economy is made of: its file, and what else decides it."""


@dataclass
class Opened:
    """What was read and calibrated already, for run files of one economy (baselines, members of a comparison, scenarios).

    Attributes:
        economies: by what they are made of; digests: SHA-256 by path.
        benchmarks: of these economies, by how they were calibrated.
    """

    economies: dict[Files, Economy] = field(default_factory=dict)
    digests: dict[Path, str] = field(default_factory=dict)
    benchmarks: dict[tuple[object, ...], Benchmark] = field(default_factory=dict)

    def benchmark(self, economy: Economy, intermediates: bool, rule: NegativeFinalDemand) -> Benchmark:
        """The economy calibrated; raises as `calibrate`."""
        place = next((files for files, known in self.economies.items() if known is economy), None)
        key = (place, intermediates, rule)
        if place is None or key not in self.benchmarks:
            benchmark = calibrate(economy, intermediates=intermediates, negative_final_demand=rule)
            if place is None:  # made for this run file alone
                return benchmark
            self.benchmarks[key] = benchmark
        return self.benchmarks[key]


@dataclass(frozen=True)
class Reading:
    """A run file being read.

    Attributes:
        path: of the run file; chain: run files whose baselines lead here, this one last; opened: shared with baselines.
        faults: found so far; inputs: SHA-256 of files read so far, by the name they were given.
    """

    path: Path
    chain: tuple[Path, ...]
    opened: Opened
    faults: list[str] = field(default_factory=list)
    inputs: dict[str, str] = field(default_factory=dict)

    def note(self, name: str, path: Path) -> None:
        """Record that a file was read."""
        if path not in self.opened.digests:
            self.opened.digests[path] = hashlib.sha256(path.read_bytes()).hexdigest()
        self.inputs[name] = self.opened.digests[path]

    def find(self, name: str, where: str, *suffixes: str) -> Path | None:
        """The file of a name, relative to the run file; None after adding to the faults, with the nearest file of these kinds."""
        path = self.path.parent / name
        if path.is_file():
            return path
        self.faults.append(f"{where}: no file {path}.{_near(path, *suffixes, but=self.path.name)}")
        return None

    def attempt(self, make: Callable[[], T], where: str = "") -> T | None:
        """What `make` returns; None after adding its faults, each behind `where`."""
        try:
            return make()
        except InputError as error:
            self.faults.extend(where + fault for fault in error.faults)
            return None

    def economy(self, keys: RunFile) -> Economy | None:
        """The economy that a run file names; None after adding to the faults."""
        if isinstance(keys.economy, dict):
            return self._split(self._imported(keys.economy), keys)
        if keys.economy is not None:
            return self._split(self._named(keys.economy), keys)
        if not any(fault.startswith("economy:") for fault in self.faults):
            self.faults.append(f"economy: is missing. {RunFile.model_fields['economy'].description}")
        return None

    def _split(self, opened: tuple[Files, Economy] | None, keys: RunFile) -> Economy | None:
        """An economy with the factors of `factor_shares`; None after adding to the faults."""
        name = keys.factor_shares
        if opened is None or name is None:
            return None if opened is None else opened[1]
        files, economy = opened
        shares = self.find(name, "factor_shares", ".csv")
        if shares is None:
            return None
        self.note(name, shares)
        groups = {group: labels for group, labels in keys.groups.items() if isinstance(labels, list)}
        split = self._kept(
            (*files, shares, repr(groups)), lambda: with_factors(economy, read_shares(shares), groups, name), "factor_shares: "
        )
        return None if split is None else split[1]

    def _kept(self, files: Files, make: Callable[[], Economy], where: str = "") -> tuple[Files, Economy] | None:
        """An economy made of files, once, with what it was made of; None after adding to the faults."""
        economies = self.opened.economies
        if files not in economies:
            economy = self.attempt(make, where)
            if economy is None:
                return None
            economies[files] = economy
        return files, economies[files]

    def _imported(self, table: dict[str, Any]) -> tuple[Files, Economy] | None:
        """The economy of a published table; None after adding to the faults."""
        known = len(self.faults)
        given = section(EconomyKeys, table, "economy", self.faults)
        if len(self.faults) > known:
            return None
        path = self.path.parent / given.path
        options = given.model_dump(exclude={"source", "path"})
        found = self._kept((path, repr(table)), lambda: import_economy(given.source, path, **options), "economy: ")
        if found is not None and path.is_file():
            self.note(given.path, path)
        return found

    def world(self, keys: RunFile) -> World | None:
        """The technology that a run file names in place of an economy; None after adding to the faults."""
        from cge.runfile.technology import open_technology

        name, known = str(keys.technology), len(self.faults)
        if keys.economy is not None:
            self.faults.append("technology: stands beside economy; give one of them.")
        if keys.factor_shares is not None:
            self.faults.append("factor_shares: splits an economy; a technology has factor_share of its own.")
        path = self.path.parent / name
        if not path.is_file():
            close = _near(path, ".toml", but=self.path.name)
            self.faults.append(f'technology: no file {path}.{close} Observed trade is named by economy = "..." (cge show economies).')
        if len(self.faults) > known:
            return None
        self.note(name, path)
        world = self.attempt(lambda: open_technology(path), "technology ")
        if world is not None and not keys.intermediates and world.technology.input_share.any():
            self.faults.append(f"intermediates: false, but {name} has input_share; leave it out there, and let factors have all of cost.")
            return None
        return world

    def _named(self, name: str) -> tuple[Files, Economy] | None:
        """A bundled economy, or one in a file beside the run file; None after adding to the faults."""
        known = bundled.names("data")
        path = bundled.find("data", name) if name in known else self.path.parent / name
        if not path.is_file():
            close = _near(path, ".nc", known=known)
            self.faults.append(f"economy: no file {path}, and no economy of this name comes with the package.{close}")
            return None
        self.note(name, path)
        return self._kept((path,), lambda: open_economy(path))
