"""Who works: groups of a factor that move between sectors with a finite elasticity, as a benchmark has them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from cge.data.arrays import Array, Labels
from cge.data.factors.worker_groups import GroupShares
from cge.errors import DataError, nearest
from cge.model.exponents import entries, is_number
from cge.model.supply import Place, Roy, Supply

Mobility = float | Mapping[str, float]
"""κ of all groups, or of each by its label (or by that of its factor, `*` for the rest); infinite where a factor is one pool."""

LARGEST = 1e5
"""Largest κ that is told from none: beyond, prices of a factor in two sectors differ by less than their rounding allows to solve for."""


def in_words(mobility: object) -> str:
    """κ as a word for the column of a table: a number, inf (which is no mobility given, too), or each group's own."""
    if isinstance(mobility, Mapping):
        return ", ".join(f"{label} {value:g}" for label, value in mobility.items())
    return "inf" if mobility is None else f"{mobility:g}"


@dataclass(frozen=True, eq=False)
class Workers:
    """Groups of all factors.

    Attributes:
        groups: labels; factor: the place of the factor that each is a part of [group]; kappa: κ [group], infinite where a factor is one pool.
        part: θ, a group's part of what a sector pays to its factor [group, sector, country].
        aversion: to inequality between groups, for what is said of all of them together.
    """

    groups: tuple[str, ...]
    factor: tuple[int, ...]
    kappa: Array
    part: Array
    aversion: float = 1.0

    @cached_property
    def mobile(self) -> list[int]:
        """Places of factors that have a market in every sector."""
        return sorted({f for f, kappa in zip(self.factor, self.kappa, strict=True) if np.isfinite(kappa)})

    def of(self, factor: int) -> list[int]:
        """Places of the groups of a factor."""
        return [g for g, own in enumerate(self.factor) if own == factor]

    def supply(self, labels: Labels, payments: Array) -> Supply | None:
        """The markets of factors that are paid this [factor, sector, country]; None where each is one pool."""
        if not self.mobile:
            return None
        places: list[Place] = []
        roys, names = [], list[str]()
        for f, factor in enumerate(labels.factors):
            if f not in self.mobile:
                places.append(len(names))
                names.append(factor)
                continue
            at = slice(len(names), len(names) + len(labels.sectors))
            places.append(at)
            names += [f"{factor} in {sector}" for sector in labels.sectors]
            roys.append(self._roy(at, self.of(f), payments[f]))
        groups = [self.groups[g] for f in self.mobile for g in self.of(f)]
        return Supply(tuple(places), tuple(roys), tuple(names), tuple(groups))

    def _roy(self, at: slice, groups: list[int], paid: Array) -> Roy:
        """The groups of a factor that sectors pay this [sector, country]."""
        part = np.where(paid > 0, self.part[groups], 0.0)
        earned = part * paid
        total = earned.sum(axis=1, keepdims=True)
        share = earned / np.where(total > 0, total, 1.0)
        return Roy(at, self.kappa[groups][:, None, None], share, part)


def workers(labels: Labels, mobility: Mobility, shares: GroupShares | None = None, aversion: float = 1.0) -> Workers:
    """Groups with their κ; without shares every factor is one group in each country.

    Raises:
        DataError: κ that is not above one, unknown labels, groups of one factor of which some are pooled; all at once.
    """
    given = shares or GroupShares(tuple(labels.factors), tuple(range(len(labels.factors))), _alone(labels))
    faults = [*mobility_faults(mobility, [*given.groups, *labels.factors]), *aversion_faults(aversion)]
    numbers = {label: value for label, value in entries(mobility) if is_number(value)}
    kappa = np.array([_kappa(numbers, group, labels.factors[f]) for group, f in zip(given.groups, given.factor, strict=True)])
    for f, factor in enumerate(labels.factors):
        mine = np.array([g for g, own in enumerate(given.factor) if own == f])
        finite = np.isfinite(kappa[mine])
        if finite.any() and not finite.all():
            pooled = ", ".join(given.groups[g] for g in mine[~finite])
            faults.append(f"mobility: {pooled} has none (inf) and other groups of {factor} have; give it a number too.")
    if faults:
        raise DataError(faults)
    return Workers(given.groups, given.factor, kappa, given.part, aversion)


def mobility_faults(mobility: Mobility, known: Iterable[str] | None = None) -> Iterator[str]:
    """κ that no group can have, and labels of none, one sentence each; `known`: labels of groups and factors, None where they are not known."""
    labels = None if known is None else list(dict.fromkeys([*known, "*"]))
    for label, value in entries(mobility):
        where = f" at {label}" if label else ""
        if label and labels is not None and label not in labels:
            yield f"mobility: no group or factor {label} in the economy.{nearest(label, labels)}"
        if not is_number(value):
            yield f"mobility: {value!r}{where} is not a number; give one above 1, or inf."
        elif not value > 1:
            yield f"mobility: {value:g}{where}, but it must exceed 1 (at 1 efficiency units stay where they are); inf is one pool."
        elif LARGEST < value < np.inf:
            yield f"mobility: {value:g}{where} is not told from one pool; give inf, or a number up to {LARGEST:g}."


def aversion_faults(aversion: float) -> Iterator[str]:
    """What is wrong with an aversion to inequality."""
    if not is_number(aversion) or not 0 <= aversion < np.inf:
        yield f"inequality_aversion: {aversion!r}, but it must be a number from zero (none)."


def _kappa(mobility: Mapping[str, float], group: str, factor: str) -> float:
    """κ of a group: its own, that of its factor, or that of the rest or all; infinite where nothing is said of it."""
    return next((float(mobility[label]) for label in (group, factor, "*", "") if label in mobility), np.inf)


def _alone(labels: Labels) -> Array:
    """Every factor one group [group, sector, country]."""
    return np.ones((len(labels.factors), len(labels.sectors), len(labels.countries)))
