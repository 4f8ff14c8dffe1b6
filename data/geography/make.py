"""Make `world.json` from Natural Earth: countries at 1:50 million, simplified along shared borders, projected, as SVG paths by ISO alpha-3 code.

    python data/geography/make.py            # npm downloads world-atlas, 2.3 MB, into a temporary folder
    python data/geography/make.py ARCHIVE    # with the archive at hand; any other file than the one below is refused

Needs numpy. Borders are arcs that neighbours share, so that they stay together when simplified; an island is dropped where it is smaller than
a point of the map, unless it is the largest piece of its country.
"""

import csv
import hashlib
import itertools
import json
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
PACKAGE = "world-atlas@2.0.2"
SHA256 = "032e7765f2ce00edaeafec23ff22bc3b77e42987c257da944cc585b452c05b97"
MEMBER = "package/countries-50m.json"

WIDTH = 7200  # units of the map from 180° W to 180° E along the equator: twenty to a degree
TOLERANCE = 2.5  # units that a simplified border may lie from the true one
SMALLEST = 16.0  # square units below which an island is dropped
WITHOUT_CODE = {"Kosovo": "XKX"}  # shapes without an ISO number that economies may still name; the others are land without a country
LEFT_OUT = ("010",)  # Antarctica


def project(degrees: np.ndarray) -> np.ndarray:
    """Longitude and latitude [point, 2] in degrees → x, y of the Equal Earth projection [point, 2], in units of the map, y downwards.

    Source: Šavrič, Patterson and Jenny (2019), The Equal Earth map projection, Int. J. of Geographical Information Science 33(3), 454–465.
    """
    a = (1.340264, -0.081106, 0.000893, 0.003796)
    longitude, latitude = np.radians(degrees).T
    p = np.arcsin(np.sqrt(3) / 2 * np.sin(latitude))
    slope = a[0] + 3 * a[1] * p**2 + p**6 * (7 * a[2] + 9 * a[3] * p**2)
    x = 2 * np.sqrt(3) * longitude * np.cos(p) / (3 * slope)
    y = p * (a[0] + a[1] * p**2 + p**6 * (a[2] + a[3] * p**2))
    scale = WIDTH / (2 * 2 * np.sqrt(3) * np.pi / (3 * a[0]))
    return np.column_stack([x, -y]) * scale


def kept(points: np.ndarray) -> np.ndarray:
    """Which points [point, 2] of a line Douglas and Peucker (1973) keep within the tolerance; both ends stay, a closed line keeps its extent."""
    keep = np.zeros(len(points), dtype=bool)
    keep[[0, -1]] = True
    pending = [(0, len(points) - 1)]
    while pending:
        first, last = pending.pop()
        if last - first < 2:
            continue
        ends, along = points[last] - points[first], points[first : last + 1] - points[first]
        length = float(np.hypot(*ends))
        away = np.abs(along[:, 0] * ends[1] - along[:, 1] * ends[0]) / length if length > 0 else np.hypot(*along.T)
        farthest = int(away.argmax())
        if away[farthest] > TOLERANCE:
            keep[first + farthest] = True
            pending += [(first, first + farthest), (first + farthest, last)]
    return keep


def unwrapped(degrees: np.ndarray) -> np.ndarray:
    """A line [point, longitude and latitude] whose longitudes run on across 180°."""
    return np.column_stack([np.unwrap(degrees[:, 0], period=360), degrees[:, 1]])


def within(ring: np.ndarray) -> list[np.ndarray]:
    """Closed rings [point, 2] in degrees between 180° W and 180° E: a country that reaches across is cut there (Sutherland and Hodgman, 1974)."""
    ring = unwrapped(ring)
    pieces = []
    for turn in (-360.0, 0.0, 360.0):
        piece = ring + np.array([turn, 0.0])
        for side in (1.0, -1.0):
            piece = clipped(piece, side)
        if len(piece) > 3:
            pieces.append(piece)
    return pieces


def clipped(ring: np.ndarray, side: float) -> np.ndarray:
    """The part of a closed ring with side·longitude ≤ 180, closed."""
    points = []
    for start, end in itertools.pairwise(ring):
        inside = (side * start[0] <= 180, side * end[0] <= 180)
        if inside[0]:
            points.append(start)
        if inside[0] != inside[1]:
            share = (side * 180 - start[0]) / (end[0] - start[0])
            points.append(start + share * (end - start))
    return np.array([*points, points[0]]) if points else np.empty((0, 2))


def area(ring: np.ndarray) -> float:
    """Area inside a closed ring [point, 2], square units."""
    x, y = ring.T
    return abs(float(np.dot(x[:-1], y[1:]) - np.dot(x[1:], y[:-1]))) / 2


def joined(numbers: list[int], arcs: list[np.ndarray]) -> np.ndarray:
    """A ring from its arcs; a number below zero is an arc run backwards (TopoJSON)."""
    parts = [arcs[n] if n >= 0 else arcs[~n][::-1] for n in numbers]
    return np.vstack([parts[0], *(part[1:] for part in parts[1:])])


def path(rings: list[np.ndarray]) -> str:
    """Closed rings as an SVG path of whole numbers: absolute start, then steps."""
    text = []
    for ring in rings:
        whole = np.rint(ring).astype(int)
        steps = np.diff(whole, axis=0)[:-1]
        steps = steps[steps.any(axis=1)]
        if len(steps) < 2:  # less than a unit across
            steps = np.array([[1, 0], [0, 1], [-1, 0]])
        text.append(f"M{whole[0][0]} {whole[0][1]}l{' '.join(f'{x} {y}' for x, y in steps)}z")
    return "".join(text).replace(" -", "-")


def shape(rings: list[tuple[np.ndarray, np.ndarray]]) -> list[np.ndarray]:
    """The rings of a country that stay, projected, from pairs (true, simplified) in degrees: those that can be seen, and the largest anyway."""
    pieces = [(project(true), [project(piece) for piece in within(simple)]) for true, simple in rings]
    largest = max(range(len(pieces)), key=lambda k: area(pieces[k][0]))
    seen = []
    for place, (true, simple) in enumerate(pieces):
        visible = [piece for piece in simple if area(piece) >= SMALLEST]
        seen += visible
        if place == largest and not visible:
            seen.append(true if len(true) < 40 else np.vstack([true[: -1 : len(true) // 20], true[:1]]))
    return seen


def shapes(topology: dict) -> tuple[dict[str, str], str]:
    """Paths by alpha-3 code, and one path of land without a code."""
    scale, move = (np.array(topology["transform"][key]) for key in ("scale", "translate"))
    true = [unwrapped(np.cumsum(np.array(arc), axis=0) * scale + move) for arc in topology["arcs"]]
    simple = [arc[kept(project(arc))] for arc in true]
    with (HERE / "iso3166.csv").open(encoding="utf-8", newline="") as file:
        alpha3 = {row["numeric"]: row["alpha3"] for row in csv.DictReader(file) if row["numeric"]}
    rings: dict[str, list[tuple[np.ndarray, np.ndarray]]] = {}
    for geometry in topology["objects"]["countries"]["geometries"]:
        number = geometry.get("id")
        if number in LEFT_OUT:
            continue
        code = alpha3[number] if number else WITHOUT_CODE.get(geometry["properties"]["name"], "")
        polygons = [geometry["arcs"]] if geometry["type"] == "Polygon" else geometry["arcs"]
        rings.setdefault(code, []).extend((joined(ring, true), joined(ring, simple)) for polygon in polygons for ring in polygon)
    paths = {code: path(shape(found)) for code, found in sorted(rings.items())}
    return paths, paths.pop("")


def read(archive: Path) -> dict:
    """The topology inside the npm archive; ValueError where it is not the one this script was written for."""
    found = hashlib.sha256(archive.read_bytes()).hexdigest()
    if found != SHA256:
        raise ValueError(f"{archive}: SHA-256 {found}, not that of {PACKAGE}")
    with tarfile.open(archive) as files:
        member = files.extractfile(MEMBER)
        assert member is not None
        return json.load(member)


def main() -> None:
    """Read the archive, write world.json under a temporary name, rename it."""
    with tempfile.TemporaryDirectory() as folder:
        if len(sys.argv) > 1:
            archive = Path(sys.argv[1])
        else:
            subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, PACKAGE], check=True, stdout=subprocess.DEVNULL)
            archive = next(Path(folder).glob("*.tgz"))
        countries, other = shapes(read(archive))
    corners = project(np.array([[-180.0, 0.0], [180.0, 0.0], [0.0, 84.0], [0.0, -57.0]]))
    box = [int(np.floor(corners[0, 0])), int(np.floor(corners[2, 1])), int(np.ceil(corners[1, 0])), int(np.ceil(corners[3, 1]))]
    temporary = HERE / "world.json.part"
    temporary.write_text(json.dumps({"box": box, "countries": countries, "other": other}, indent=0) + "\n", encoding="utf-8")
    temporary.rename(HERE / "world.json")


if __name__ == "__main__":
    main()
