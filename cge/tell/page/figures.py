"""The figures of an output folder as files."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from cge.data.geography import UNNAMED, located
from cge.errors import DataError, InputError, nearest
from cge.tell import plot
from cge.tell.headings import titled
from cge.tell.plot.style import FORMATS, SIZES
from cge.tell.question import Chosen, Results

if TYPE_CHECKING:
    from matplotlib.axes import Axes


def write_figures(results: Results, folder: Path, form: str = "png", countries: Sequence[str] = (), size: str = "paper") -> list[Path]:
    """Write every figure that suits the question into `folder` (made where it is missing; other files there stay) and name them.

    Args:
        form: png, svg or pdf; countries: labels of countries and groups that they show, those that matter most where left out; size: of
            `cge.tell.plot.style.SIZES`.

    Raises:
        DataError: another form or size. InputError: the folder cannot be written, or has no country or group of this name.
    """
    if size not in SIZES:
        raise DataError(f"figures: no size {size}; choose one of {', '.join(SIZES)}.")
    known = [*results.countries, *(results.tables["groups"]["country"] if "groups" in results.tables else [])]
    faults = [f"countries: no {label} in {results.folder}.{nearest(label, known)}" for label in countries if label not in known]
    if faults:
        raise InputError(faults)
    results = replace(results, chosen=Chosen(tuple(countries), SIZES[size].rows))
    if f".{form}" not in FORMATS:
        raise DataError(f"figures: no format {form}; choose one of {', '.join(name[1:] for name in FORMATS)}.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        taken: set[str] = set()
        return [plot.save(ax, folder / f"{_free(name, taken)}.{form}", SIZES[size]) for name, ax in figures(results)]
    except OSError as error:
        raise InputError(f"figures: {folder} cannot be written ({error.strerror or error}).") from error


def figures(results: Results) -> Iterator[tuple[str, Axes]]:
    """Names and Axes of the figures of a folder, each made when it is asked for."""
    return (results.question.figures or leading_map)(results)


def leading_map(results: Results) -> Iterator[tuple[str, Axes]]:
    """The leading column of the main table on a map."""
    leads = results.question.leads
    return world_map(results.table, leads, titled(results.heading(leads), results.unit), names=results.country_names, attrs=results.economy)


def world_map(
    table: pd.DataFrame,
    statistic: str,
    title: str,
    name: str = "map",
    names: Mapping[str, str] = UNNAMED,
    attrs: Mapping[str, Any] = UNNAMED,
) -> Iterator[tuple[str, Axes]]:
    """A map, where any label names a country or has members that do."""
    if located(table["country"].astype(str), names, attrs)[0]:
        yield name, plot.world_map(table, statistic, title, names=names, attrs=attrs)


def plain(label: str) -> str:
    """A label as part of a file's name."""
    kept = "".join(mark if mark.isalnum() or mark in "-_" else "_" for mark in str(label))
    return kept[:40] or "_"


def _free(name: str, taken: set[str]) -> str:
    """The name, or with a number where another figure has it (`a/b` and `a|b` are both a_b, and some systems take A for a); `taken` learns it."""
    found = next(one for k in itertools.count(1) if (one := name if k == 1 else f"{name}_{k}").lower() not in taken)
    taken.add(found.lower())
    return found
