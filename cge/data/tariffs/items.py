"""What rates are decided for before they are averaged to the labels of an economy, and what an entry of a table of rates names of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.data.labels import WILD

Positions = npt.NDArray[np.integer[Any]]

ONE, GROUP, ALL = 0, 1, 2
"""How much an entry names: a single country or product; several (a union, a group, a chapter, a pattern); everything (`*`)."""

NONE: Mapping[str, list[str]] = {}
"""No unions."""


@dataclass(frozen=True, eq=False)
class Entry:
    """What stands in a label column of a table of rates.

    Attributes:
        name: as written; items: positions of what it names; kind: `ONE`, `GROUP` or `ALL`; union: it names several countries by one name, which
            have one schedule of tariffs and none between them; extent: what it names as a whole, where `items` is a part of that.
            programme: it is of those who are given a preference, of which a country may be in several.
    """

    name: str
    items: Positions
    kind: int
    union: bool = False
    extent: Positions | None = None
    programme: bool = False

    @property
    def whole(self) -> Positions:
        """Positions of all that the name means."""
        return self.items if self.extent is None else self.extent


@dataclass(frozen=True, eq=False)
class Items:
    """The products of sectors, or the countries that make up those of an economy: what rates are decided for.

    Attributes:
        labels: of the economy. name [item]: a product or country of the table, or the label itself where the concordance lists none for it.
            label [item]: the position of its label. weight [item]: how much it counts in the mean of its label. A product in two
            sectors is two items.
        listed: positions of labels that each name of the concordance goes to. places: items by name. groups: labels of each group.
        merged: the names are countries, so that one that goes to several is a union of them. unions: labels of each customs union.
        programmes: labels of each group to which preferences are given.
    """

    labels: list[str]
    name: list[str]
    label: Positions
    weight: Array
    listed: Mapping[str, list[int]]
    places: Mapping[str, list[int]]
    groups: Mapping[str, list[str]] = field(default_factory=dict)
    merged: bool = False
    unions: Mapping[str, list[str]] = field(default_factory=dict)
    programmes: Mapping[str, list[str]] = field(default_factory=dict)

    def entry(self, name: str) -> Entry | None:
        """What a name in a table names; None where it is unknown. A name of the concordance goes before a group to which preferences are
        given, that before a label, a label before another group."""
        if name in self.listed:
            return self._listed(name)
        if name in self.programmes:
            return Entry(name, self._of_labels([self.labels.index(label) for label in self.programmes[name]]), GROUP, programme=True)
        if name in self.labels:
            found = self._of_labels([self.labels.index(name)])
            return Entry(name, found, ONE if len({self.name[i] for i in found}) == 1 else GROUP)
        if name in self.groups:
            return Entry(name, self._of_labels([self.labels.index(label) for label in self.groups[name]]), GROUP, self.merged)
        if name == "*":
            return self.everything()
        matching = self._matching(name)
        return Entry(name, matching, GROUP) if len(matching) else None

    def union(self, name: str, code: str) -> Entry:
        """The members of a customs union, under the name that it has in a table."""
        return Entry(name, self._of_labels([self.labels.index(label) for label in self.unions[code]]), GROUP, union=True)

    def everything(self, name: str = "*") -> Entry:
        """All items, under the name that the world has in a table."""
        return Entry(name, np.arange(len(self.name)), ALL)

    def count(self, entry: Entry) -> int:
        """How many products or countries an entry names, at least one."""
        return max(1, len({self.name[i] for i in entry.whole}))

    def starts(self) -> Positions:
        """Where the items of each label begin: they stand in the order of labels, and every label has some."""
        return np.searchsorted(self.label, np.arange(len(self.labels)))

    def _listed(self, name: str) -> Entry:
        to = self.listed[name]
        if self.merged and len(to) > 1:
            return Entry(name, self._of_labels(to), GROUP, union=True)
        return Entry(name, np.array([i for i in self.places.get(name, []) if self.label[i] in to], dtype=np.intp), ONE)

    def _of_labels(self, wanted: list[int]) -> Positions:
        return np.flatnonzero(np.isin(self.label, wanted))

    def _matching(self, name: str) -> Positions:
        """Items of a pattern, or of a chapter or heading of the Harmonized System: two, four or six digits with which products begin."""
        if any(c in name for c in WILD):
            known = [fnmatchcase(own, name) or fnmatchcase(self.labels[at], name) for own, at in zip(self.name, self.label, strict=True)]
            return np.flatnonzero(known)
        heading = name.isdigit() and len(name) % 2 == 0 and not self.merged
        return np.flatnonzero([heading and own.isdigit() and own.startswith(name) for own in self.name])


def make_items(
    labels: list[str],
    listed: pd.DataFrame,
    groups: Mapping[str, list[str]],
    merged: bool,
    unions: Mapping[str, list[str]] = NONE,
    programmes: Mapping[str, list[str]] = NONE,
) -> Items:
    """The items of one dim.

    Args:
        labels: of the economy. listed: rows `from, to, weight` of a concordance for this dim. groups: labels of each group.
        merged: the dim is of countries: a name that goes to several is a union, and no item of its own. unions: labels of each customs union.
        programmes: labels of each group to which preferences are given.
    """
    place = {label: i for i, label in enumerate(labels)}
    goes: dict[str, list[tuple[int, float]]] = {}
    for name, to, weight in zip(listed["from"], listed["to"], listed["weight"], strict=True):
        goes.setdefault(str(name), []).extend([(place[to], 1.0 if merged else float(weight))] if to in place else [])
    parts = [(name, to, weight) for name, links in goes.items() if not merged or len(links) == 1 for to, weight in links]
    covered = {to for _, to, _ in parts}
    parts += [(label, i, 1.0) for label, i in place.items() if i not in covered]
    parts.sort(key=lambda part: part[1])
    name, to, weights = zip(*parts, strict=True)
    places: dict[str, list[int]] = {}
    for i, own in enumerate(name):
        places.setdefault(own, []).append(i)
    targets = {own: [at for at, _ in links] for own, links in goes.items()}
    return Items(labels, list(name), np.array(to, dtype=np.intp), np.array(weights), targets, places, groups, merged, unions, programmes)
