"""What the scenarios of a sweep stand on: the countries of all their economies, and the files that they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cge.runfile.baseline import STACKS
from cge.runfile.case import Case
from cge.runfile.making import reads
from cge.runfile.reading import noted
from cge.runfile.scenarios import stated

TOPS, LASTS = ("economy", "technology", "factor_shares", "group_shares", *STACKS), ("set", "file")
"""Keys at the top of a run file, and keys of its tables, that name files."""


@dataclass(frozen=True)
class Grounds:
    """What scenarios stand on.

    Attributes:
        countries: of all economies, those of the first in its order, then others as they come; gaps: countries that some economy lacks.
        inputs: SHA-256 of every file read, by the name it was given.
    """

    countries: tuple[str, ...]
    gaps: tuple[str, ...]
    inputs: Mapping[str, str]


def grounds(case: Case, tables: Iterable[dict[str, Any]], follows: Iterable[str] = ()) -> Grounds:
    """What the scenarios of a run file stand on. Faults of files are left to the scenarios.

    Args:
        tables: run files of scenarios that name every economy and every other file; none where all scenarios read what the run file reads.
        follows: keys in which baselines follow them.
    """
    known, inputs = [], dict(case.inputs)
    for table in tables:
        labels, files = reads(table, case, stated(table, follows))
        known += [labels] if labels else []
        noted(inputs, files, " ".join(str(table[key]) for key in STACKS if key in table))
    known = known or [case.countries]
    union = dict.fromkeys(country for labels in known for country in labels)
    lacking = tuple(country for country in union if not all(country in labels for labels in known))
    return Grounds(tuple(union), lacking, inputs)


def gaps(countries: Sequence[str]) -> str:
    """A sentence on countries that some economy lacks."""
    count = "1 country is" if len(countries) == 1 else f"{len(countries)} countries are"
    return f"{count} not in every economy of the sweep, and without a number where the economy lacks them: {', '.join(countries)}."


def names_file(path: tuple[str | int, ...]) -> bool:
    """Whether a key names a file, or a scenario, which may name some."""
    return path[0] in (*TOPS, "scenario") or path[-1] in LASTS or path == ("elasticities",)
