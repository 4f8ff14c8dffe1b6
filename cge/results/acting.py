"""Who acts in a counterfactual, and which rates were imposed: what a reader asks first."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from cge.data.arrays import Array
from cge.model.benchmark import Benchmark
from cge.model.shock import RATES, SHOCK_DIMS, Shock
from cge.results.volumes import abroad
from cge.solve.equilibrium import Equilibrium

MANY = 8
"""A shock that touches more countries than this on one side singles none of them out."""

ROWS, COLUMNS = 6, 5
"""Partners and sectors that a table of rates tells apart; the others stand together."""

ALIKE = 1e-4
"""Rates that differ by less are told as one."""

TRACE = 1e-30
"""Weight of what trades or makes nothing, so that it shows where it stands alone, money."""

WORLD = "World"

Groups = Mapping[str, Sequence[str]]


class Moved(Protocol):
    """What tells who acts: a solution, or a shock on the equilibrium that it starts from."""

    @property
    def benchmark(self) -> Benchmark: ...
    @property
    def shock(self) -> Shock: ...
    @property
    def reference(self) -> Equilibrium: ...


class Unsolved(NamedTuple):
    """A shock and what it bears on, before it is solved; the reference is the data where changes are measured from what is not solved yet."""

    benchmark: Benchmark
    shock: Shock
    reference: Equilibrium


class Acting(NamedTuple):
    """Who acts.

    Attributes:
        kind: the shock table that tells, empty where nothing changes; names: countries, or the group that they are, those that move most first;
            `World` where they are too many to name. rises: whether it goes up, weighted by what is touched. alike: whether all who act move
            the same way. also: the other shock tables that change something, to which effects are due as well.
    """

    kind: str
    names: tuple[str, ...]
    rises: bool
    alike: bool = True
    also: tuple[str, ...] = ()


class Part(NamedTuple):
    """Labels that stand together in a table of rates.

    Attributes:
        labels: them; rest: whether they are all that is not told apart; name: of the group that they are, `*` where they are all there are.
    """

    labels: tuple[str, ...]
    rest: bool = False
    name: str = ""


@dataclass(frozen=True)
class Rates:
    """Tariffs that an importer imposed, averages weighted by imports of the reference.

    Attributes:
        importer: a country or a group; partners, sectors: those whose rates changed; before, after: rates [partner, sector]; mean: of all, before
            and after. others: how many partners it has, its own members among them where it is a group of several.
    """

    importer: str
    partners: tuple[Part, ...]
    sectors: tuple[Part, ...]
    before: Array
    after: Array
    mean: tuple[float, float]
    others: int

    def plain(self) -> dict[str, Any]:
        """The same in plain Python types."""
        found: dict[str, Any] = dict(vars(self))
        parts = {side: [part._asdict() for part in getattr(self, side)] for side in ("partners", "sectors")}
        return {**found, **parts, "before": self.before.tolist(), "after": self.after.tolist()}


# --- who -----------------------------------------------------------------------------------------------------------------------------


def acting(solution: Moved, groups: Groups) -> Acting:
    """Whose policy or primitives change: importers whose tariffs moved; else exporters whose taxes did; else countries whose productivity or
    endowments did, or that have a part in every pair whose costs did. What else changes is told beside it.
    """
    changes = {kind: change for kind in SHOCK_DIMS if given(solution, kind) and (change := changed(solution, kind)).any()}
    if not changes:
        return Acting("", (), True)
    kind, *also = changes
    moved = changes[kind] * (_weight(solution, kind) + TRACE)
    hit, size, net = _hit(kind, changes[kind]), _by_country(kind, np.abs(moved)), _by_country(kind, moved)
    order = [place for place in np.argsort(-size, kind="stable") if hit[place]]
    names = _named([solution.benchmark.countries[place] for place in order], groups)
    alike = not ((net[hit] > 0).any() and (net[hit] < 0).any())
    return Acting(kind, names, bool(moved.sum() >= 0), alike, tuple(also))


def given(solution: Moved, kind: str) -> bool:
    """Whether a shock, or what changes are measured from, says anything of a kind."""
    return any(getattr(shock, kind) is not None for shock in (solution.shock, solution.shock.reference))


def changed(solution: Moved, kind: str) -> Array:
    """What a shock changes of a kind (`SHOCK_DIMS`), in rates or logs [dims of the shock]; a pair that opens or closes counts as ten log points."""
    shocks = solution.shock, solution.shock.reference
    if kind in RATES:
        new, old = (shock.rates(solution.benchmark, kind) for shock in shocks)
        return np.broadcast_to(new - old, solution.reference.flow.shape)
    with np.errstate(divide="ignore", invalid="ignore"):
        new, old = (np.log(shock.factor(kind)) for shock in shocks)
        change = np.nan_to_num(new - old, nan=0.0, posinf=10.0, neginf=-10.0)
    return np.broadcast_to(change, _weight(solution, kind).shape)


def _weight(solution: Moved, kind: str) -> Array:
    """What a shock bears on in the reference, money [dims of the shock]."""
    values = solution.reference.values
    own = {"productivity": values.sales, "endowment": solution.reference.by_factor(values.factor_income)}
    return own[kind] if kind in own else abroad(solution.reference.flow)


def _hit(kind: str, change: Array) -> Array:
    """Whether a country acts [country]."""
    if kind in RATES or change.ndim == 2:
        return _by_country(kind, change != 0) > 0
    pairs = change.any(axis=0)
    part = pairs.sum(axis=0) + pairs.sum(axis=1) - np.diagonal(pairs)
    everywhere = part == pairs.sum()  # one side of a border, whatever is on the other
    return np.asarray(everywhere if everywhere.any() else part > 0)


def _by_country(kind: str, values: Array) -> Array:
    """What a shock moves [dims of the shock] summed over all that is a country's: tariffs are the importer's, export taxes the exporter's, costs of
    both sides [country].
    """
    total = values.sum(axis=0)
    if total.ndim == 1:
        return np.asarray(total)
    sides = {"tariff": (0,), "export_tax": (1,)}.get(kind, (0, 1))
    return np.asarray(sum(total.sum(axis=axis) for axis in sides))


def _named(labels: Sequence[str], groups: Groups) -> tuple[str, ...]:
    """Labels, or the group that they are; `World` where they are too many."""
    for name, members in groups.items():
        if len(labels) > 1 and set(members) == set(labels):
            return (name,)
    return tuple(labels) if 0 < len(labels) <= MANY else (WORLD,)


# --- at which rates ------------------------------------------------------------------------------------------------------------------


def imposed(solution: Moved, who: Acting, groups: Groups, sector_groups: Groups, most: int = 4) -> list[Rates]:
    """The rates that changed, a table for each importer that acts (`most` of them at most), by partner and sector.

    Partners and sectors with the same rates stand together; where there are more kinds than a table holds, the largest by imports are told apart and
    the rest is averaged.
    """
    if who.kind != "tariff":
        return []
    members = {WORLD: solution.benchmark.countries, **groups}
    return [_rates(solution, name, members.get(name, [name]), groups, sector_groups) for name in who.names[:most]]


def _rates(solution: Moved, name: str, importers: Sequence[str], groups: Groups, sector_groups: Groups) -> Rates:
    countries, sectors = solution.benchmark.countries, solution.benchmark.sectors
    inside = np.isin(countries, list(importers))
    flow, pairs = (abroad(values)[:, :, inside] for values in (solution.reference.flow, np.ones(solution.reference.flow.shape)))
    old, new = (shock.rates(solution.benchmark)[:, :, inside] for shock in (solution.shock.reference, solution.shock))
    moved = old != new
    rows, columns = np.flatnonzero(moved.any(axis=(1, 2))), np.flatnonzero(moved.any(axis=(0, 2)))
    weight = np.where(flow.sum(axis=2, keepdims=True) > 0, flow, TRACE * pairs)[np.ix_(rows, columns)]
    cells = [(values[np.ix_(rows, columns)] * weight).sum(axis=2) for values in (old, new, pairs)]  # [sector, partner]
    down = _together(cells, COLUMNS)
    square = [_add(values, down).T for values in cells]
    across = _together(square, ROWS)
    before, after, trade = (_add(values, across) for values in square)
    others = [label for label, own in zip(countries, inside, strict=True) if not own or inside.sum() > 1]
    return Rates(
        name,
        _told([[countries[columns[k]] for k in part] for part in across], others, groups),
        _told([[sectors[rows[k]] for k in part] for part in down], sectors, sector_groups),
        before / trade,
        after / trade,
        (float(before.sum() / trade.sum()), float(after.sum() / trade.sum())),
        len(others),
    )


def _told(parts: list[list[str]], every: Sequence[str], groups: Groups) -> tuple[Part, ...]:
    """Parts by the names of groups; the last one is the rest where it is several and others stand before it."""
    named = {frozenset(every): "*", **{frozenset(set(members) & set(every)): name for name, members in groups.items()}}
    last = len(parts) - 1
    return tuple(
        Part(tuple(part), 0 < place == last and len(part) > 1, named.get(frozenset(part), "") if len(part) > 1 else "")
        for place, part in enumerate(parts)
    )


def _add(values: Array, parts: Iterable[Array]) -> Array:
    """Rows summed over the members of each part [part, column]."""
    return np.array([values[part].sum(axis=0) for part in parts])


def _together(cells: Sequence[Array], most: int) -> list[Array]:
    """Rows that stand together: those with the same rates where these are few kinds, else the heaviest alone and the rest as one.

    Args:
        cells: rates before and after, times trade, and trade, money [row, column].
    """
    trade = cells[2]
    heavy = np.argsort(-trade.sum(axis=1), kind="stable")
    keys = np.round(np.concatenate([rate / np.where(trade > 0, trade, 1.0) for rate in cells[:2]], axis=1) / ALIKE).astype(np.int64)
    kinds: dict[bytes, list[int]] = {}
    for row in heavy:
        kinds.setdefault(keys[row].tobytes(), []).append(int(row))
    if len(kinds) <= most:
        return [np.array(rows) for rows in sorted(kinds.values(), key=len)]
    return [*(np.array([row]) for row in heavy[: most - 1]), heavy[most - 1 :]]
