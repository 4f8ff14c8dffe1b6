"""What the scenarios of a sweep stand on: the countries of all their economies, and the files that they read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cge.runfile.case import Case
from cge.runfile.faults import checked
from cge.runfile.files import read_files
from cge.runfile.reading import Reading

TOPS, LASTS = ("economy", "technology", "factor_shares", "baseline"), ("set", "file")
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


def grounds(case: Case, tables: Iterable[dict[str, Any]]) -> Grounds:
    """What the scenarios of a run file stand on. Faults of files are left to the scenarios.

    Args:
        tables: run files of scenarios that name every economy and every other file; none where all scenarios read what the run file reads.
    """
    read = [_read(case, table) for table in tables]
    known = [labels for labels, _ in read if labels] or [case.countries]
    union = dict.fromkeys(country for labels in known for country in labels)
    inputs = {name: digest for _, files in read for name, digest in files.items()}
    lacking = tuple(country for country in union if not all(country in labels for labels in known))
    return Grounds(tuple(union), lacking, {**case.inputs, **inputs})


def gaps(countries: Sequence[str]) -> str:
    """A sentence on countries that some economy lacks."""
    count = "1 country is" if len(countries) == 1 else f"{len(countries)} countries are"
    return f"{count} not in every economy of the sweep, and without a number where the economy lacks them: {', '.join(countries)}."


def names_file(path: tuple[str | int, ...]) -> bool:
    """Whether a key names a file."""
    return path[0] in TOPS or path[-1] in LASTS or path == ("elasticities",)


def _read(case: Case, table: dict[str, Any]) -> tuple[list[str], dict[str, str]]:
    """Countries of a run file, none where they are not known, and the files that it names."""
    reading = Reading(case.path, case.cache, (case.path.resolve(),))
    given = checked(table, reading.faults)
    files = read_files(reading, given)
    name = given.top.baseline
    if name is not None and (case.path.parent / name).is_file():
        reading.note(name, case.path.parent / name)
    return files.ground.labels.get("country", []), reading.inputs
