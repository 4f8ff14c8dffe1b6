"""Where countries are: shapes for maps, and the country that a label of an economy names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.data import bundled
from cge.data.concordance import bundled_members
from cge.data.countries import country_names, reading, readings

UNNAMED: Mapping[str, str] = {}
"""No names of countries beside those of the bundled table."""


@dataclass(frozen=True)
class Map:
    """The shapes of `data/geography/world.json`.

    Attributes:
        box: x from, y from, x to, y to of what a map shows, in units of the map (Equal Earth, y downwards).
        countries: SVG path by ISO alpha-3 code; other: one path of land that no code names.
    """

    box: tuple[int, int, int, int]
    countries: dict[str, str]
    other: str


@cache
def world() -> Map:
    """The bundled shapes."""
    content = json.loads((bundled.folder("data") / "geography" / "world.json").read_text(encoding="utf-8"))
    return Map(tuple(content["box"]), content["countries"], content["other"])


def code_of(label: str) -> str | None:
    """The ISO alpha-3 code of a label that names a country in any scheme (`cge.data.countries`); None for anything else."""
    found = reading(label.strip())
    return found.code if found is not None and found.code in country_names() else None


def name_of(label: str) -> str:
    """A country's name in words, or the label where it names no country."""
    code = code_of(label)
    return label if code is None else country_names()[code]


def members_of(label: str, attrs: Mapping[Any, Any] = UNNAMED) -> list[str]:
    """The labels that were merged into one, as the attribute `aggregation` of an economy says, else those of the bundled group of this name."""
    merged: dict[str, list[str]] = {}
    for part in str(attrs.get("aggregation", "")).split("; "):
        new, _, old = part.partition(" = ")
        merged[new] = [leaf for one in old.split(", ") for leaf in merged.get(one, [one])]  # of one that was merged before, its members
    return merged.get(label) or [member for dim, member, group in bundled_members() if (dim, group) == ("country", label)]


def located(
    labels: Iterable[str], names: Mapping[str, str] = UNNAMED, attrs: Mapping[Any, Any] = UNNAMED
) -> tuple[dict[str, tuple[str, ...]], list[str]]:
    """Labels with shapes → their codes, and the labels without one (regions, the rest of the world, names in other tongues). A label that is no code
    is looked up by its name, where `names` has one; a merged one has the shapes of its members, as far as no label of their own has them.

    A country named twice keeps its first label; the others count as without a shape.
    """
    every, shapes = [str(label) for label in labels], world().countries
    read = {label: each.code for label, each in readings(every).items() if each.code in country_names()}
    codes = {label: read.get(label) or code_of(names.get(label, "")) for label in every}
    taken: dict[str, str] = {}
    for label, code in codes.items():
        if code in shapes:
            taken.setdefault(str(code), label)
    for label, code in codes.items():
        for member in members_of(label, attrs) if code is None else ():
            if (one := code_of(member)) in shapes:
                taken.setdefault(str(one), label)
    found = {label: tuple(code for code, owner in taken.items() if owner == label) for label in every}
    return {label: parts for label, parts in found.items() if parts}, [label for label in every if not found[label]]


def rings(path: str) -> list[npt.NDArray[np.float64]]:
    """The closed rings [point, x and y] of a path of `world.json`, the first point not repeated."""
    found = []
    for ring in path.split("M")[1:]:
        start, steps = ring.rstrip("z").split("l")
        numbers = [int(n) for n in re.findall(r"-?\d+", f"{start} {steps}")]
        found.append(np.cumsum(np.array(numbers, dtype=np.float64).reshape(-1, 2), axis=0))
    return found


def area(ring: npt.NDArray[np.float64]) -> float:
    """Area inside a ring [point, 2], square units of the map."""
    x, y = ring.T
    return abs(float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))) / 2


def centre(path: str) -> tuple[float, float, float]:
    """x and y of the middle of a country's largest piece, and the area of all pieces: where a mark stands for a country too small to see."""
    pieces = rings(path)
    x, y = max(pieces, key=area).mean(axis=0)
    return float(x), float(y), sum(area(piece) for piece in pieces)
