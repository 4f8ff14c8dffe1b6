"""Where countries are: shapes for maps, and the country that a label of an economy names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from cge.data import bundled
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


def located(labels: Iterable[str], names: Mapping[str, str] = UNNAMED) -> tuple[dict[str, str], list[str]]:
    """Labels with a shape → their code, and the labels without one (regions, the rest of the world, names in other tongues). A label that is no code
    is looked up by its name, where `names` has one.

    A country named twice keeps its first label; the others count as without a shape.
    """
    every = [str(label) for label in labels]
    read = readings(every)
    found: dict[str, str] = {}
    without = []
    for label in every:
        own = read[label].code if label in read else ""
        code = own if own in country_names() else code_of(names.get(label, ""))
        if code in world().countries and code not in found.values():
            found[label] = str(code)
        else:
            without.append(label)
    return found, without


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
