"""The script that makes the shapes of countries, on a small map of its own, and the committed file against what the script and its page promise."""

import hashlib
import importlib.util
import io
import itertools
import json
import shutil
import tarfile
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from cge.data import bundled
from cge.data.countries import iso3166
from cge.data.geography import centre, located, rings, world

GEOGRAPHY = bundled.folder("data") / "geography"


def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_geography", GEOGRAPHY / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make = script()


def square(west: float, south: float, size: float) -> np.ndarray:
    """A closed ring in degrees, corners only."""
    corners = [(0, 0), (size, 0), (size, size), (0, size), (0, 0)]
    return np.array([(west + x, south + y) for x, y in corners], dtype=float)


def winding(ring: np.ndarray, x: float, y: float) -> int:
    """How often a ring (not closed) goes round a point, with its sign."""
    turns = np.unwrap(np.append(angles := np.arctan2(ring[:, 1] - y, ring[:, 0] - x), angles[0]))
    return round(float(turns[-1] - turns[0]) / (2 * np.pi))


# --- projection ----------------------------------------------------------------------------------------------------------------------


def test_the_map_is_as_wide_as_it_says_and_alike_on_all_sides() -> None:
    assert_allclose(make.project(np.array([[0.0, 0.0], [180.0, 0.0], [-180.0, 0.0]])), [[0, 0], [3600, 0], [-3600, 0]], atol=1e-9)
    here, mirrored = make.project(np.array([[30.0, 50.0]])), make.project(np.array([[-30.0, -50.0]]))
    assert_allclose(here, -mirrored)
    assert here[0, 1] < 0  # north is up, where y is small


@pytest.mark.parametrize("latitude", [-75.0, -40.0, 0.0, 55.0, 80.0])
def test_areas_are_true(latitude: float) -> None:
    step = 1e-3
    found = make.area(make.project(square(10.0, latitude, step)))
    whole = make.area(make.project(square(10.0, 0.0, step)))
    on_a_sphere = np.sin(np.radians(latitude + step)) - np.sin(np.radians(latitude))
    assert found / whole == pytest.approx(on_a_sphere / np.sin(np.radians(step)), rel=1e-6)


# --- simplification ------------------------------------------------------------------------------------------------------------------


def test_points_on_a_straight_line_go_and_both_ends_stay() -> None:
    line = np.column_stack([np.linspace(0, 100, 21), np.linspace(0, 50, 21)])
    assert make.kept(line).nonzero()[0].tolist() == [0, 20]
    assert make.kept(line[:2]).all()


def test_what_is_left_out_lies_within_the_tolerance() -> None:
    line = np.random.default_rng(7).normal(size=(400, 2)).cumsum(axis=0)
    keep = make.kept(line)
    assert 2 < keep.sum() < len(line)
    ends = keep.nonzero()[0]
    for first, last in itertools.pairwise(ends):
        (x, y), along = line[last] - line[first], line[first : last + 1] - line[first]
        away = np.abs(along[:, 0] * y - along[:, 1] * x) / np.hypot(x, y)
        assert away.max() <= make.TOLERANCE + 1e-9


def test_a_closed_line_keeps_its_extent() -> None:
    angle = np.linspace(0, 2 * np.pi, 100)
    circle = 50 * np.column_stack([np.cos(angle), np.sin(angle)])
    circle[-1] = circle[0]
    simple = circle[make.kept(circle)]
    assert len(simple) < 30
    assert make.area(simple) == pytest.approx(np.pi * 50**2, rel=0.1)


# --- rings ---------------------------------------------------------------------------------------------------------------------------


def test_arcs_join_into_a_ring_forwards_and_backwards() -> None:
    arcs = [np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 1.0]])]
    ring = make.joined([0, ~1], arcs)
    assert ring.tolist() == [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    assert (make.area(ring), winding(ring[:-1], 0.5, 0.5)) == (1.0, 1)
    assert winding(make.joined([1, ~0], arcs)[:-1], 0.5, 0.5) == -1


def test_a_ring_across_the_antimeridian_is_cut_there() -> None:
    ring = square(170.0, 10.0, 20.0)
    wrapped = np.column_stack([(ring[:, 0] + 180) % 360 - 180, ring[:, 1]])
    pieces = make.within(wrapped)
    assert sorted((piece[:, 0].min(), piece[:, 0].max()) for piece in pieces) == [(-180.0, -170.0), (170.0, 180.0)]
    assert all((piece[0] == piece[-1]).all() for piece in pieces)
    assert sum(make.area(piece) for piece in pieces) == pytest.approx(400.0)
    assert {winding(piece[:-1], *piece[:-1].mean(axis=0)) for piece in pieces} == {1}  # cut, not turned round


def test_other_rings_stay_as_they_are() -> None:
    ring = square(-20.0, 10.0, 20.0)
    (piece,) = make.within(ring)
    assert {tuple(point) for point in piece} == {tuple(point) for point in ring}


def test_a_path_reads_back_as_its_ring() -> None:
    ring = np.array([[-3.2, 4.0], [10.4, -7.0], [20.0, 30.3], [20.2, 30.4], [-3.2, 4.0]])
    text = make.path([ring, ring + 100])
    assert text.startswith("M-3 4l13-11 10 37z")  # the third step rounds to nothing
    first, second = rings(text)
    assert first.tolist() == [[-3, 4], [10, -7], [20, 30]]
    assert_allclose(second, first + 100)


def test_a_ring_of_less_than_a_unit_can_still_be_seen() -> None:
    (ring,) = rings(make.path([square(5.1, 5.1, 0.2)]))
    assert len(ring) >= 3
    assert np.ptp(ring, axis=0).tolist() == [1, 1]


def test_small_islands_go_and_the_largest_piece_of_a_country_always_stays() -> None:
    large, island = square(0.0, 0.0, 5.0), square(20.0, 0.0, 0.05)
    assert len(make.shape([(large, large), (island, island)])) == 1
    (only,) = make.shape([(island, island)])
    assert make.area(only) < make.SMALLEST
    assert_allclose(only, make.project(island))


# --- a small world -------------------------------------------------------------------------------------------------------------------


def topology() -> dict[str, Any]:
    """Two neighbours with a wiggling border between them, a hole in one that is a third country, land without a code, and Antarctica."""
    steps = np.random.default_rng(1).integers(-3, 4, size=60)
    border = [[1000 + int(x), 10 * k] for k, x in enumerate(np.concatenate([[0], steps, [0]]))]
    top = border[-1][1]
    lines = [
        border,
        [[1000, top], [0, top], [0, 0], [1000, 0]],
        [[1000, 0], [2000, 0], [2000, top], [1000, top]],
        [[1400, 200], [1400, 400], [1600, 400], [1600, 200], [1400, 200]],
        [[3000, 0], [3300, 0], [3300, 300], [3000, 300], [3000, 0]],
    ]
    arcs = [np.diff(np.array(line), axis=0, prepend=[[0, 0]]).tolist() for line in lines]
    alone = {"type": "Polygon", "arcs": [[4]]}
    geometries = [
        {"type": "Polygon", "id": "528", "properties": {"name": "Netherlands"}, "arcs": [[0, 1]]},
        {"type": "MultiPolygon", "id": "276", "properties": {"name": "Germany"}, "arcs": [[[2, ~0], [3]]]},
        {"type": "Polygon", "id": "442", "properties": {"name": "Luxembourg"}, "arcs": [[~3]]},
        {**alone, "properties": {"name": "Kosovo"}},
        {**alone, "properties": {"name": "Somaliland"}},
        {**alone, "id": "010", "properties": {"name": "Antarctica"}},
    ]
    return {
        "transform": {"scale": [0.01, 0.01], "translate": [0.0, 40.0]},
        "arcs": arcs,
        "objects": {"countries": {"geometries": geometries}},
    }


def test_neighbours_still_meet_and_codes_are_found() -> None:
    paths, other = make.shapes(topology())
    assert list(paths) == ["DEU", "LUX", "NLD", "XKX"]
    assert other == paths["XKX"]  # the same square; Antarctica is nowhere
    netherlands, germany = ({tuple(point) for ring in rings(paths[code]) for point in ring} for code in ("NLD", "DEU"))
    shared = netherlands & germany
    assert 2 <= len(shared) < 60  # the border, simplified once for both
    assert len(netherlands) == len(shared) + 2  # and the two corners away from it


def test_a_hole_runs_against_its_country() -> None:
    paths, _ = make.shapes(topology())
    x, y, _ = centre(paths["LUX"])
    assert len(rings(paths["DEU"])) == 2
    assert sum(winding(ring, x, y) for ring in rings(paths["DEU"])) == 0
    assert abs(winding(rings(paths["LUX"])[0], x, y)) == 1


def archive(path: Path) -> Path:
    """An npm archive with the small world in it."""
    content = json.dumps(topology()).encode()
    with tarfile.open(path, "w:gz") as files:
        member = tarfile.TarInfo(make.MEMBER)
        member.size = len(content)
        files.addfile(member, io.BytesIO(content))
    return path


def test_another_archive_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not that of world-atlas"):
        make.read(archive(tmp_path / "a.tgz"))


def test_the_script_writes_its_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = archive(tmp_path / "a.tgz")
    shutil.copy(GEOGRAPHY / "iso3166.csv", tmp_path)
    monkeypatch.setattr(make, "HERE", tmp_path)
    monkeypatch.setattr(make, "SHA256", hashlib.sha256(made.read_bytes()).hexdigest())
    monkeypatch.setattr("sys.argv", ["make.py", str(made)])
    make.main()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.tgz", "iso3166.csv", "world.json"]
    found = json.loads((tmp_path / "world.json").read_text(encoding="utf-8"))
    assert (sorted(found), list(found["countries"])) == (["box", "countries", "other"], ["DEU", "LUX", "NLD", "XKX"])
    assert tuple(found["box"]) == world().box  # of the projection alone, so that of the committed file


# --- the committed file --------------------------------------------------------------------------------------------------------------


def test_checksums_of_the_page_are_those_of_the_files_and_of_the_script() -> None:
    said = (GEOGRAPHY / "README.md").read_text(encoding="utf-8")
    assert hashlib.sha256((GEOGRAPHY / "world.json").read_bytes()).hexdigest() in said
    assert make.SHA256 in said
    assert make.PACKAGE.replace("@", "-") in said


def test_every_country_of_the_bundled_world_lies_where_it_should() -> None:
    with xr.open_dataset(bundled.find("data", "icio2022"), engine="netcdf4") as data:
        labels = [str(label) for label in data["exporter"].values]
    found, without = located(labels)
    assert (len(found), without) == (80, [])
    places = {
        "SGP": (103.8, 1.35),
        "MLT": (14.4, 35.9),
        "HKG": (114.1, 22.4),
        "USA": (-98.0, 39.0),
        "NZL": (170.5, -44.0),
        "LUX": (6.1, 49.8),
    }
    for code, place in places.items():
        assert (code,) in found.values()
        x, y, _ = centre(world().countries[code])
        there = make.project(np.array([place]))[0]
        assert np.hypot(x - there[0], y - there[1]) < (200 if code in ("USA", "NZL") else 12), code  # twenty units are a degree


def test_codes_of_shapes_are_those_of_the_table_and_antarctica_is_left_out() -> None:
    numbers = {row["numeric"]: row["alpha3"] for row in iso3166()}
    assert set(world().countries) <= {row["alpha3"] for row in iso3166()}
    assert all(numbers.get(number, "ATA") not in world().countries for number in make.LEFT_OUT)
    assert set(make.WITHOUT_CODE.values()) <= set(world().countries)


def test_rings_keep_to_the_map_and_small_ones_are_the_only_ones_of_their_country() -> None:
    west, _, east, _ = world().box
    for code, shape in world().countries.items():
        pieces = rings(shape)
        assert all(west <= piece[:, 0].min() and piece[:, 0].max() <= east for piece in pieces), code
        areas = [make.area(np.vstack([piece, piece[:1]])) for piece in pieces]
        # rounding to whole units moves the area of what just passed by a unit or two of its rim
        assert len(pieces) == 1 or min(areas) > 0.5 * make.SMALLEST, code


def test_a_country_inside_another_is_a_hole_of_it() -> None:
    x, y, _ = centre(world().countries["LSO"])
    turns = [winding(ring, x, y) for ring in rings(world().countries["ZAF"])]
    assert (sum(turns), sum(abs(turn) for turn in turns)) == (0, 2)
