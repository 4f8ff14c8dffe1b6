"""HAR files of GTAP, both generations of headers, written by harpy3 from an economy with tariffs."""

import warnings
from collections.abc import Callable
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from layouts import Headers as Arrays
from layouts import gtap_headers as arrays
from layouts import gtap_world as world

from cge.data.sources import account, import_economy
from cge.errors import DataError

harpy = pytest.importorskip("harpy", reason="needs the extra: pip install 'cge[gtap]'")


def write(path: Path, content: Arrays) -> Path:
    file = harpy.HarFileObj()
    for name, (array, sets) in content.items():
        described = [{"name": s, "status": "k", "dim_type": "Set", "dim_desc": labels} for s, labels in sets]
        dims = (*array.shape, *[1] * (7 - array.ndim))
        header = harpy.HeaderArrayObj.HeaderArrayFromData(
            name, array.astype(np.float32), name, "x", sets=described, data_type="RE", storage_type="FULL", file_dims=dims
        )
        file.addHeaderArrayObj(header)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        file.writeToDisk(str(path))
    return path


@pytest.mark.parametrize("classic", [False, True])
def test_round_trip(classic: bool, tmp_path: Path) -> None:
    found, known = import_economy("gtap", write(tmp_path / "basedata.har", arrays(classic)), year=2017), world()
    assert (found.countries, found.sectors, found.factors) == (known.countries, known.sectors, known.factors)
    assert found.data.attrs["year"] == 2017
    for name in ("flow", "tariff", "intermediate", "value_added"):
        np.testing.assert_allclose(found.data[name], known.data[name], rtol=1e-5, atol=1e-6)  # HAR has seven digits


def test_margins_and_trade_inside_a_region_are_in_the_account(tmp_path: Path) -> None:
    content = arrays()
    cif, sets = content["VCIF"]
    content["VFOB"] = (0.9 * cif, sets)
    cif, basic = cif.copy(), content["VMSB"][0].copy()
    inside, bought = 2.0, content["VMPB"][0].copy()
    cif[0, 1, 1], basic[0, 1, 1] = inside, 1.5 * inside
    bought[0, 1] += 1.5 * inside
    content |= {"VCIF": (cif, sets), "VMSB": (basic, sets), "VMPB": (bought, content["VMPB"][1])}
    found = import_economy("gtap", write(tmp_path / "basedata.har", content))
    entries = {entry.name: entry for entry in account(found)}
    assert entries["tariffs_inside_regions"].money == pytest.approx(1.0, rel=1e-5)
    assert entries["transport_margins"].money == pytest.approx((cif - content["VFOB"][0]).sum(), rel=1e-4)
    home = float(world().data["flow"].values[1, 1, 0])
    assert float(found.data["flow"].values[1, 1, 0]) == pytest.approx(home + 1.5 * inside, rel=1e-5)


def with_other_headers(path: Path) -> Path:
    """The file with a header that nobody needs: of the kind RL, with Latin-1 in its name in words."""
    content = {**arrays(), "XTRA": (np.ones((2, 3)), [("COMM", world().sectors), ("REG", world().countries)])}
    raw = write(path, content).read_bytes()
    name = raw.index(b"XTRA")
    kind, words = raw.index(b"    RE", name), raw.index(b"XTRA", name + 4)
    raw = raw[: kind + 4] + b"RL" + raw[kind + 6 : words] + b"\xf4TRA" + raw[words + 4 :]
    path.write_bytes(raw)
    return path


def test_headers_that_are_not_needed_are_not_read(tmp_path: Path) -> None:
    path = with_other_headers(tmp_path / "basedata.har")
    with warnings.catch_warnings(), redirect_stderr(StringIO()):
        warnings.simplefilter("ignore", DeprecationWarning)
        with pytest.raises(ValueError, match="RL"):
            harpy.HarFileObj.loadFromDisk(str(path))
    found, known = import_economy("gtap", path), world()
    np.testing.assert_allclose(found.data["flow"], known.data["flow"], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("part", [0.1, 1.0])
def test_subsidies_to_imports_are_taken_off_by_name(part: float, tmp_path: Path) -> None:
    content = {name: (array.copy(), sets) for name, (array, sets) in arrays().items()}
    cif, basic = (content[name][0] for name in ("VCIF", "VMSB"))
    before = basic[0, :, 1].sum()
    basic[0, 0, 1] = (1 - part) * cif[0, 0, 1]
    for name in ("VMFB", "VMPB", "VMGB", "VMIB"):  # all users pay less
        content[name][0][0, ..., 1] *= basic[0, :, 1].sum() / before
    path = write(tmp_path / "basedata.har", content)
    with pytest.raises(DataError, match="--subsidies zero"):
        import_economy("gtap", path)
    found, known = import_economy("gtap", path, subsidies="zero"), world()
    entry = next(entry for entry in account(found) if entry.name == "subsidies zero")
    assert entry.cells == 1
    assert entry.money == pytest.approx(part * cif[0, 0, 1], rel=1e-4)
    np.testing.assert_allclose(found.data["flow"], known.data["flow"], rtol=1e-5, atol=1e-6)
    assert float(found.data["tariff"].min()) == 0.0


def without(name: str) -> Callable[[Arrays], Any]:
    return lambda content: content.pop(name)


def spoiled(name: str, value: float) -> Callable[[Arrays], Any]:
    def change(content: Arrays) -> None:
        content[name][0].flat[0] = value

    return change


def swapped(content: Arrays) -> None:
    array, sets = content["VMPB"]
    content["VMPB"] = (array, [sets[0], ("REG", sets[1][1][::-1])])


FAULTS = {
    "absent header": (without("VMSB"), "no header VMSB (classic: VIMS)"),
    "negative": (spoiled("VDFB", -1.0), "VDFB at s1 s1 AUS: -1"),
    "not a number": (spoiled("VDPB", np.nan), "VDPB at s1 AUS"),
    "other labels": (swapped, "VMPB: its labels"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str, tmp_path: Path) -> None:
    change, words = FAULTS[name]
    content = {key: (array.copy(), sets) for key, (array, sets) in arrays().items()}
    change(content)
    with pytest.raises(DataError) as error:
        import_economy("gtap", write(tmp_path / "basedata.har", content))
    assert words in str(error.value)


def test_a_truncated_file(tmp_path: Path) -> None:
    path = write(tmp_path / "basedata.har", arrays())
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(DataError, match="cut off"):
        import_economy("gtap", path)
