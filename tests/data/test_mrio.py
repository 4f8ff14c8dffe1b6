"""Tables through pymrio, from memory and from a saved folder."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from layouts import MRIO_USES, economy, eora26, gloria, published

from cge.data.sources import account, import_economy
from cge.errors import DataError

pymrio = pytest.importorskip("pymrio", reason="needs the extra: pip install 'cge[mrio]'")

WORLD = economy(3, 2)
USES = ("Final consumption expenditure by households", "Gross fixed capital formation", "Changes in inventories")


def system(change: Callable[[pd.DataFrame, pd.DataFrame], Any] | None = None, output: bool = True) -> Any:
    table = published(WORLD, USES)
    rows = pd.MultiIndex.from_tuples(table.rows, names=["region", "sector"])
    n = len(rows)
    z = pd.DataFrame(table.matrix[:, :n], rows, rows)
    y = pd.DataFrame(table.matrix[:, n:-1], rows, pd.MultiIndex.from_tuples(table.columns[n:], names=["region", "category"]))
    if change:
        z, y = change(z, y)
    x = pd.DataFrame(table.output.ravel(), rows, ["indout"]) if output else None
    unit = pd.DataFrame("M.EUR", z.index, ["unit"])
    return pymrio.IOSystem(Z=z, Y=y, x=x, unit=unit, name="toy", description="a table of 2020")


def same(found: Any) -> None:
    assert found.countries == WORLD.countries
    assert found.sectors == WORLD.sectors
    for name in ("flow", "intermediate", "value_added"):
        np.testing.assert_allclose(found.data[name], WORLD.data[name], rtol=1e-9)


def test_from_memory() -> None:
    found = import_economy("mrio", system())
    same(found)
    assert account(found) == []
    assert found.data.attrs["unit"] == "M.EUR"
    assert found.data.attrs["year"] == 2020
    same(import_economy("mrio", system(output=False)))


def test_from_a_folder(tmp_path: Path) -> None:
    system().save_all(tmp_path / "toy_2020")
    same(import_economy("mrio", tmp_path / "toy_2020"))
    with pytest.raises(DataError, match="not of 2019"):
        import_economy("mrio", tmp_path / "toy_2020", year=2019)


def test_the_order_of_rows_of_final_uses_is_free() -> None:
    same(import_economy("mrio", system(lambda z, y: (z, y.iloc[::-1]))))


def test_pymrios_own_test_system() -> None:
    found = import_economy("mrio", pymrio.load_test(), inventories="zero")
    assert len(found.countries) == 6
    assert len(found.sectors) == 8
    assert {entry.name for entry in account(found)} >= {"inventories zero"} or account(found) == []


def balanced(z: pd.DataFrame, y: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """A further region with the one sector TOTAL, as Eora26 has it: buys 2 of each good and sells 1 to each producer."""
    row = ("RST", "TOTAL")
    z = z.copy()
    z[row] = 2.0
    y = y.copy()
    for use in USES:
        y["RST", use] = 0.0
    z.loc[row, :] = 1.0
    y.loc[row, :] = 0.0
    z.loc[row, row] = 0.0
    return z, y


def test_a_region_that_only_balances_is_left_out() -> None:
    found = import_economy("mrio", system(balanced, output=False))
    same(found)
    entries = account(found)
    assert [entry.name for entry in entries] == ["rest_of_world", "rest_of_world"]
    assert [(entry.cells, entry.money) for entry in entries] == [(6, 6.0), (6, 12.0)]


FAULTS: dict[str, tuple[Callable[[pd.DataFrame, pd.DataFrame], Any], str]] = {
    "text": (lambda z, y: (z.astype(object).mask(np.arange(z.size).reshape(z.shape) == 1, "x"), y), "row AUS s1, column AUS s2 holds 'x'"),
    "empty": (lambda z, y: (z, y.mask(np.arange(y.size).reshape(y.shape) == 0)), f"row AUS s1, column AUS {USES[0]} is empty"),
    "missing row": (lambda z, y: (z.iloc[1:], y.iloc[1:]), "no row AUS s1"),
    "missing country": (lambda z, y: (z, y.drop(columns="MEX", level=0)), "MEX"),
    "repeated row": (lambda z, y: (pd.concat([z, z.iloc[[0]]]), pd.concat([y, y.iloc[[0]]])), "row AUS s1 appears more than once"),
    "repeated row of Y": (lambda z, y: (z, pd.concat([y, y.iloc[[0]]])), "row of Y AUS s1 appears more than once"),
    "other rows of Y": (lambda z, y: (z, y.iloc[1:]), "the rows of Y are not those of Z"),
    "negative input": (lambda z, y: (z.mask(np.arange(z.size).reshape(z.shape) == 1, -1.0), y), "row AUS s1, column AUS s2: -1"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str) -> None:
    change, words = FAULTS[name]
    with pytest.raises(DataError) as error:
        import_economy("mrio", system(change))
    assert words in str(error.value)


def test_a_folder_that_is_not_pymrios(tmp_path: Path) -> None:
    (tmp_path / "IOT.txt").write_text("not parsed")
    with pytest.raises(DataError, match="save_all"):
        import_economy("mrio", tmp_path)


# --- final uses and labels as the parsers of pymrio give them --------------------------------------------------------------------------

PARSERS = {
    "parse_oecd": ("HFCE", "GFCF", "INVNT"),
    "parse_oecd of 2016": ("HFCE", "GFCF", "INV"),
    "parse_wiod": ("c37", "c41", "c42"),
    "FIGARO": ("P3_S14", "P51G", "P5M"),
    "Eora26": ("Household final consumption P.3h", "Gross fixed capital formation P.51", "Changes in inventories P.52"),
}


@pytest.mark.parametrize("name", PARSERS)
def test_capital_and_inventories_of_every_parser_may_be_negative(name: str) -> None:
    def change(z: pd.DataFrame, y: pd.DataFrame) -> Any:
        y = y.rename(columns=dict(zip(USES, PARSERS[name], strict=True)), level=1)
        for use in PARSERS[name][1:]:
            y.loc[("AUS", "s1"), ("AUS", use)] -= 1.0 + y.loc[("AUS", "s1"), ("AUS", use)]
        return z, y

    (entry,) = account(import_economy("mrio", system(change, output=False), inventories="spread"))
    assert entry.name == "inventories spread"


def test_the_discrepancies_that_parse_oecd_keeps_have_no_buyer() -> None:
    def change(z: pd.DataFrame, y: pd.DataFrame) -> Any:
        y = y.copy()
        y["ALL", "DISC"] = 0.5
        return z, y

    found = import_economy("mrio", system(change, output=False))
    same(found)
    assert [(entry.name, entry.money) for entry in account(found)] == [("rest_of_world", 3.0)]


def relabelled(country: dict[str, str], sector: dict[str, object], kind: type = str) -> Any:
    """The system with other labels; of sectors, of another type."""

    def change(z: pd.DataFrame, y: pd.DataFrame) -> Any:
        pairs = [(country.get(c, c), sector.get(s, s)) for c, s in z.index]
        rows = pd.MultiIndex.from_arrays([[c for c, _ in pairs], pd.Index([s for _, s in pairs]).astype(kind)], names=["region", "sector"])
        uses = pd.MultiIndex.from_tuples([(country.get(c, c), u) for c, u in y.columns], names=["region", "category"])
        return z.set_axis(rows, axis=0).set_axis(rows, axis=1), y.set_axis(rows, axis=0).set_axis(uses, axis=1)

    return system(change, output=False)


@pytest.mark.parametrize("form", ["txt", "parquet", "pickle"])
def test_labels_that_look_like_something_else_survive_in_a_folder(form: str, tmp_path: Path) -> None:
    """Namibia is no missing value, and 01 is not 1."""
    given = relabelled({"AUS": "NA", "CHN": "null"}, {"s1": "01", "s2": "2e3"})
    given.save_all(tmp_path / "toy_2020", table_format=form)
    found = import_economy("mrio", tmp_path / "toy_2020")
    assert (found.countries, found.sectors) == (["NA", "null", "MEX"], ["01", "2e3"])
    np.testing.assert_allclose(found.data["flow"], WORLD.data["flow"], rtol=1e-9)


def test_a_folder_is_read_without_pymrio(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    system().save_all(tmp_path / "toy_2020")
    monkeypatch.setitem(sys.modules, "pymrio", None)
    same(import_economy("mrio", tmp_path / "toy_2020"))


def test_a_zip_archive_of_a_saved_system(tmp_path: Path) -> None:
    system().save_all(tmp_path / "IOT_2020_ixi")
    shutil.make_archive(str(tmp_path / "IOT_2020_ixi"), "zip", tmp_path, "IOT_2020_ixi")
    same(import_economy("mrio", tmp_path / "IOT_2020_ixi.zip"))
    same(import_economy("mrio", tmp_path))
    system().save_all(tmp_path / "mine" / "one")
    with pytest.raises(DataError, match="in folders of their own; give one: one"):
        import_economy("mrio", tmp_path / "mine")


def test_coefficients_in_place_of_flows(tmp_path: Path) -> None:
    """EXIOBASE 3 had A and Y alone; with output it need not be solved for."""
    for kept in (("A", "Y", "unit"), ("A", "Y", "unit", "x")):
        given = system().calc_system()
        folder = tmp_path / "_".join(kept)
        given.save_all(folder)
        known = json.loads((folder / "file_parameters.json").read_text(encoding="utf-8"))
        known["files"] = {name: about for name, about in known["files"].items() if name in kept}
        (folder / "file_parameters.json").write_text(json.dumps(known), encoding="utf-8")
        found = import_economy("mrio", folder)
        same(found)
        assert "Z is A times output" in found.data.attrs["merged"]
    (folder / "Y.txt").write_text((folder / "Y.txt").read_text(encoding="utf-8").replace("AUS", "XXX"), encoding="utf-8")
    with pytest.raises(DataError, match="the rows of A are not its columns, or not those of Y and x"):
        import_economy("mrio", folder)


def test_a_saved_system_without_one_of_its_files(tmp_path: Path) -> None:
    system().save_all(tmp_path / "toy")
    (tmp_path / "toy" / "Y.txt").unlink()
    with pytest.raises(DataError, match=r"no file Y.txt"):
        import_economy("mrio", tmp_path / "toy")


def test_sectors_that_are_numbers_with_decimals_are_whole() -> None:
    found = import_economy("mrio", relabelled({}, {"s1": 10111.0, "s2": 10112.0}, float))
    assert found.sectors == ["10111", "10112"]


def test_eora_in_thousands_is_not_called_millions(tmp_path: Path) -> None:
    """What `parse_eora26` left behind up to pymrio 0.6.3: the unit, and a note in the history."""
    given = system()
    given.unit = given.unit.assign(unit="Mill USD")
    given.meta.note("Set Eora moneatry units to Mill USD manually")
    given.save_all(tmp_path / "eora_2020")
    for each in (given, tmp_path / "eora_2020"):
        found = import_economy("mrio", each)
        same(found)
        assert found.data.attrs["unit"] == "thousand USD"
        (entry,) = account(found)
        assert entry.name == "unit"
        assert "thousands of dollars" in entry.sentence
    given = system()
    given.unit = given.unit.assign(unit="Mill USD")
    assert import_economy("mrio", given).data.attrs["unit"] == "Mill USD"


# --- folders as downloaded -------------------------------------------------------------------------------------------------------------


def test_eora26_as_downloaded(tmp_path: Path) -> None:
    """In a folder of its year, packed and not; the region that balances is left out by pymrio, and that is said."""
    folder = eora26(tmp_path / "eora" / "2017", published(WORLD, MRIO_USES), 2017)
    found = import_economy("mrio", tmp_path / "eora", strict=True)
    same(found)
    assert found.data.attrs["title"] == "Eora26, basic prices, 2017"
    assert found.data.attrs["unit"] == "thousand USD"
    assert "Rest of the World (ROW) row from Z - losing 12.0" in found.data.attrs["merged"]
    archive = shutil.make_archive(str(tmp_path / "packed" / "Eora26_2017_bp"), "zip", folder)
    same(import_economy("mrio", Path(archive)))
    same(import_economy("mrio", tmp_path / "packed", year=2017))
    eora26(tmp_path / "eora" / "2016", published(WORLD, MRIO_USES), 2016)
    eora26(tmp_path / "eora" / "2016", published(WORLD, MRIO_USES), 2016, "pp")
    same(import_economy("mrio", tmp_path / "eora", year=2016))
    for year, words in ((None, "the years are 2016, 2017; name one"), (2015, "no data of 2015")):
        with pytest.raises(DataError, match=words):
            import_economy("mrio", tmp_path / "eora", year=year)
    (folder / "labels_FD.txt").unlink()
    with pytest.raises(DataError, match=r"cannot be read as Eora26 as downloaded .*labels_FD.txt"):
        import_economy("mrio", folder)


def test_gloria_as_downloaded(tmp_path: Path) -> None:
    folder = gloria(tmp_path / "gloria", published(WORLD, MRIO_USES), 2020)
    found = import_economy("mrio", folder, strict=True)
    same(found)
    assert found.data.attrs["title"] == "GLORIA, version 59, 2020"
    assert found.data.attrs["unit"] == "thousand USD"
    (folder / "GLORIA_ReadMe_059.xlsx").unlink()
    with pytest.raises(DataError, match=r"no GLORIA_ReadMe_059.xlsx beside GLORIA_MRIOs_59_2020; fetch it too"):
        import_economy("mrio", folder)


def test_archives_of_exiobase_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "exiobase"
    for name in ("IOT_2020_ixi", "IOT_2020_pxp", "IOT_2019_ixi"):
        given = system()
        given.meta.change_meta("description", f"a table of {name[4:8]}")
        given.save_all(tmp_path / name)
        shutil.make_archive(str(folder / name), "zip", tmp_path, name)
    same(import_economy("mrio", folder, year=2019))
    with pytest.raises(DataError, match=r"several systems of 2020 \(IOT_2020_ixi.zip, IOT_2020_pxp.zip\)"):
        import_economy("mrio", folder, year=2020)


def test_a_folder_as_downloaded_needs_pymrio_and_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    eora26(tmp_path, published(WORLD, MRIO_USES), 2017)
    monkeypatch.setitem(sys.modules, "pymrio", None)
    with pytest.raises(DataError, match=r"is Eora26 as downloaded: it needs pymrio; install .*cge\[mrio\]"):
        import_economy("mrio", tmp_path)
