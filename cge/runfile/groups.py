"""Groups of a run file: lists of labels, patterns and other groups, or the name of groups that come with the package."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from cge.data.concordance import bundled_groups
from cge.data.labels import Names, name_tables
from cge.errors import nearest

Groups = Mapping[str, list[str] | str]
"""The table [groups]: a list, or the name of a bundled group as text."""


def name_groups(labels: Mapping[str, list[str]], raw: Groups, faults: list[str]) -> dict[str, Names]:
    """What entries of each kind can name, with the groups of a run file; adds to `faults` for groups that cannot be.

    Of a bundled group those members count that the economy has.

    Args:
        labels: of each kind, `factor` may be absent.
    """
    packaged = _packaged(labels) if any(isinstance(given, str) for given in raw.values()) else {}
    lists = {name: packaged.get(given, []) if isinstance(given, str) else given for name, given in raw.items()}
    for name, given in raw.items():
        if isinstance(given, str) and given not in packaged:
            faults.append(
                f"groups.{name}: no groups {given} with members in this economy come with the package (cge show groups).{nearest(given, packaged)} "
                'A list of labels is written ["DEU", "FRA"].'
            )
    found = name_tables(labels, {name: members for name, members in lists.items() if members}, faults, frozenset(raw))
    return {kind: replace(names, ready=partial(_packaged, {kind: labels[kind]})) for kind, names in found.items()}


def _packaged(labels: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Members of the bundled groups of these kinds of labels, by name."""
    found = bundled_groups({"country": [], "sector": [], **labels})
    return {name: members for of_kind in found.values() for name, members in of_kind.items()}
