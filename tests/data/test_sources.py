"""Import of published tables: each layout there and back, and every fault named by row and column."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import numpy as np
import openpyxl
import pandas as pd
import pytest
from layouts import (
    ADB_USES,
    ICIO,
    WIOD2013_USES,
    WIOD2016_USES,
    Published,
    adb_cells,
    economy,
    icio_frame,
    published,
    tidy_frame,
    wiod_cells,
    wiod_columns,
    write_xlsb,
    write_xlsx,
)
from typer.testing import CliRunner

import cge
from cge.cli import app
from cge.data import sources
from cge.data.choices import Accounts, Source
from cge.data.economy import Economy
from cge.data.factors.accounts_file import SOURCES
from cge.data.sources import account, import_economy
from cge.errors import DataError

WORLD = economy(5, 3)
CODES = ["A01", "A02", "B"]
C2013 = ["c1", "c2", "c3"]


def wiod2013(folder: Path, change: Callable[[list[list[object]]], object] | None = None) -> Path:
    cells = wiod_cells(published(WORLD, WIOD2013_USES, C2013), 2011, 2013)
    if change:
        change(cells)
    return write_xlsx(folder / "wiot11_row_sep12.xlsx", cells)


def wiod2016(folder: Path, change: Callable[[list[list[object]]], object] | None = None, kind: str = "xlsb") -> Path:
    cells = wiod_cells(published(WORLD, WIOD2016_USES, CODES), 2014, 2016)
    if change:
        change(cells)
    path = folder / f"WIOT2014_Nov16_ROW.{kind}"
    if kind == "csv":
        pd.DataFrame(cells).to_csv(path, header=False, index=False)
        return path
    return (write_xlsb if kind == "xlsb" else write_xlsx)(path, cells, "2014")


def adb(
    folder: Path, change: Callable[[list[list[object]]], object] | None = None, name: str = "ADB-MRIO62-2023_July 2025", **options: Any
) -> Path:
    cells = adb_cells(published(WORLD, ADB_USES, C2013), 2023, **options)
    if change:
        change(cells)
    return write_xlsx(folder / f"{name}.xlsx", cells, "ADB MRIO 2023")


def columns2016(folder: Path, kind: str, change: Callable[[pd.DataFrame], pd.DataFrame] | None = None) -> Path:
    frame = wiod_columns(published(WORLD, WIOD2016_USES, CODES), 2014, "v" if kind == "dta" else "")
    frame = change(frame) if change else frame
    path = folder / f"WIOT2014_October16_ROW.{kind}"
    if kind == "dta":
        frame.to_stata(path, write_index=False)
    else:
        frame.to_csv(path, index=False)
    return path


def icio(
    folder: Path, edition: int, parts: bool = False, change: Callable[[pd.DataFrame], pd.DataFrame] | None = None, own: bool = False
) -> Path:
    """A table of an edition; with `own`, its industries bear the names of the edition."""
    _, _, _, _, uses, codes = ICIO[edition]
    frame = icio_frame(published(WORLD, uses, list(codes) if own else CODES), edition, parts)
    path = folder / f"ICIO{edition}_2014.csv"
    (change(frame) if change else frame).to_csv(path)
    return path


def tidy(folder: Path, kind: str = "csv", change: Callable[[pd.DataFrame], pd.DataFrame] | None = None) -> Path:
    frame = tidy_frame(published(WORLD, ("households", "inventories"), CODES))
    frame = change(frame) if change else frame
    path = folder / f"flows.{kind}"
    if kind == "csv":
        frame.to_csv(path, index=False)
    else:
        frame.to_parquet(path)
    return path


LAYOUTS: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "wiod2013 xlsx": ("wiod2013", wiod2013),
    "wiod2016 xlsb": ("wiod2016", wiod2016),
    "wiod2016 csv of the sheet": ("wiod2016", lambda folder: wiod2016(folder, kind="csv")),
    "wiod2016 csv": ("wiod2016", lambda folder: columns2016(folder, "csv")),
    "wiod2016 Stata": ("wiod2016", lambda folder: columns2016(folder, "dta")),
    "adb": ("adb", adb),
    "adb of Latin America": ("adb", lambda folder: adb(folder, numbered=True)),
    "icio 2016": ("icio", lambda folder: icio(folder, 2016)),
    "icio 2016 extended": ("icio", lambda folder: icio(folder, 2016, parts=True)),
    "icio 2018": ("icio", lambda folder: icio(folder, 2018)),
    "icio 2018 extended": ("icio", lambda folder: icio(folder, 2018, parts=True)),
    "icio 2021": ("icio", lambda folder: icio(folder, 2021)),
    "icio 2021 extended": ("icio", lambda folder: icio(folder, 2021, parts=True)),
    "icio 2023": ("icio", lambda folder: icio(folder, 2023)),
    "icio 2025": ("icio", lambda folder: icio(folder, 2025)),
    "tidy csv": ("tidy", tidy),
    "tidy parquet": ("tidy", lambda folder: tidy(folder, "parquet")),
}


def same(found: Economy, world: Economy = WORLD, relative: float = 1e-9) -> None:
    """Countries and numbers of an economy; sectors bear the names of the layout."""
    assert found.countries == world.countries
    for name in ("flow", "intermediate", "value_added", "tariff"):
        np.testing.assert_allclose(found.data[name].values, world.data[name].values, rtol=relative, atol=1e-9)


def faults(source: str, path: Path, **options: object) -> str:
    with pytest.raises(DataError) as error:
        import_economy(source, path, **options)  # type: ignore[arg-type]
    assert all(str(path) in fault for fault in error.value.faults)
    return str(error.value)


# --- there and back ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", LAYOUTS)
def test_round_trip(name: str, tmp_path: Path) -> None:
    source, write = LAYOUTS[name]
    found = import_economy(source, write(tmp_path))
    same(found)
    assert account(found) == []
    assert found.sectors == (C2013 if source in ("wiod2013", "adb") else CODES)
    if source != "tidy":
        assert found.data.attrs["year"] == {"wiod2013": 2011, "adb": 2023}.get(source, 2014)
        assert found.data.attrs["unit"] == "million USD"
    same(import_economy(source, write(tmp_path), strict=True))


def test_sectors_have_their_names(tmp_path: Path) -> None:
    found = import_economy("wiod2013", wiod2013(tmp_path))
    assert found.data["sector_name"].values.tolist() == ["Industry c1", "Industry c2", "Industry c3"]
    assert found.data["sector_isic3"].values.tolist() == ["code c1", "code c2", "code c3"]
    assert import_economy("wiod2016", wiod2016(tmp_path)).data["sector_name"].values[2] == "Industry c3"


ADB_NAMES = {
    "ADB-MRIO-2023-August 2025": "edition August 2025, 2023",
    "ADB-MRIO72-2023_July 2025": "edition July 2025, 2023",
    "ADB-MRIO-2023_Dec2022-2": "edition Dec 2022, 2023",
    "ADB-MRIO-LAC-2023_Mar2022-2": "edition Mar 2022, 2023",
    "ADB-MRIO-2023": "2023",
}


@pytest.mark.parametrize("name", ADB_NAMES)
def test_the_year_of_an_adb_table_is_not_that_of_its_edition(name: str, tmp_path: Path) -> None:
    found = import_economy("adb", adb(tmp_path, name=name))
    assert found.data.attrs["title"] == f"ADB MRIO, {ADB_NAMES[name]}"
    assert found.data["sector_name"].values[0] == "Name of c1"
    constant = adb(tmp_path, name="ADB MRIO 2023, at constant 2010 prices_Oct 2024", prices="at constant 2010 prices")
    assert import_economy("adb", constant).data.attrs["title"] == "ADB MRIO, edition Oct 2024, 2023, at constant 2010 prices"


def test_a_table_behind_a_legend_is_found_and_another_unit_refused(tmp_path: Path) -> None:
    cells = adb_cells(published(WORLD, ADB_USES, C2013), 2023)
    same(import_economy("adb", write_xlsx(tmp_path / "ADB-MRIO-2023.xlsx", cells, "ADB MRIO 2023", before="Legend")))
    cells[2][0] = "In millions of euro"
    assert "the unit is 'In millions of euro'" in faults("adb", write_xlsx(tmp_path / "ADB-MRIO-2023.xlsx", cells))


def test_rows_below_may_be_empty_under_final_uses(tmp_path: Path) -> None:
    def blank(cells: list[list[object]]) -> None:
        for row in cells[6 + 15 :]:
            row[4 + 15 :] = [""] * len(row[4 + 15 :])

    same(import_economy("wiod2013", wiod2013(tmp_path, blank)))
    same(import_economy("wiod2016", wiod2016(tmp_path, blank)))
    same(
        import_economy(
            "icio", icio(tmp_path, 2023, change=lambda f: f.mask((np.arange(len(f)) >= 15)[:, None] & (np.arange(f.shape[1]) >= 15)))
        )
    )
    assert account(import_economy("wiod2013", tmp_path / "wiot11_row_sep12.xlsx")) == []


def test_icio_in_a_zip_archive_of_several_years(tmp_path: Path) -> None:
    table = icio(tmp_path, 2025)
    with zipfile.ZipFile(tmp_path / "2013-2014_SML.zip", "w") as archive:
        archive.write(table, "2014_SML.csv")
        archive.writestr("2013_SML.csv", "V1,OUT\n")
        archive.writestr("ReadMe.txt", "about")
    path = tmp_path / "2013-2014_SML.zip"
    same(import_economy("icio", path, year=2014))
    assert "2 csv files" in faults("icio", path)
    assert "--year" in faults("icio", path, year=2012)


@pytest.mark.parametrize("edition", ICIO)
def test_the_edition_of_icio_is_known_by_name_or_first_industry(edition: int, tmp_path: Path) -> None:
    path = icio(tmp_path, edition, own=True)
    assert import_economy("icio", path).data.attrs["title"] == f"OECD ICIO, edition {edition}, 2014"
    shutil.move(path, tmp_path / "2014_SML.CSV")
    found = import_economy("icio", tmp_path / "2014_SML.CSV").data.attrs
    assert (found["title"], found["edition"]) == (f"OECD ICIO, edition {edition}, 2014", edition)


def test_icio_in_an_archive_of_archives(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "2014.zip", "w") as archive:
        archive.write(icio(tmp_path, 2023), "2014.csv")
    with zipfile.ZipFile(tmp_path / "ICIO-2011-2015-extended.zip", "w") as archive:
        archive.write(tmp_path / "2014.zip", "2014.zip")
        archive.writestr("2013.zip", b"PK")
    same(import_economy("icio", tmp_path / "ICIO-2011-2015-extended.zip", year=2014))
    assert "2 csv files: 2014.zip, 2013.zip" in faults("icio", tmp_path / "ICIO-2011-2015-extended.zip")


def test_tidy_without_use_has_no_links_and_takes_tariffs(tmp_path: Path) -> None:
    frame = (
        tidy_frame(published(WORLD, ("households",), CODES))
        .groupby(["exporter", "importer", "sector"], as_index=False, sort=False)["value"]
        .sum()
    )
    frame["tariff"] = np.where(frame["exporter"] == frame["importer"], 0.0, 0.1)
    frame.to_csv(tmp_path / "flows.csv", index=False)
    found = import_economy("tidy", tmp_path / "flows.csv")
    np.testing.assert_allclose(found.data["flow"], WORLD.data["flow"], rtol=1e-12)
    assert not found.data["intermediate"].values.any()
    assert float(found.data["tariff"].sel(exporter="USA", importer="MEX", sector="B")) == 0.1
    assert cge.calibrate(found).data["tariff"].values.max() == 0.1


def test_tidy_tariffs_are_part_of_what_inputs_cost(tmp_path: Path) -> None:
    path = tidy(tmp_path, change=lambda frame: frame.assign(tariff=np.where(frame["exporter"] == frame["importer"], 0.0, 0.25)))
    found, plain = import_economy("tidy", path), import_economy("tidy", tidy(tmp_path))
    flow = found.data["flow"].values
    weight = (flow * (1 + found.data["tariff"].values)).sum(0) / flow.sum(0)
    np.testing.assert_allclose(found.data["intermediate"], plain.data["intermediate"].values * weight[:, :, None], rtol=1e-12)


def test_tidy_picks_a_year(tmp_path: Path) -> None:
    path = tidy(tmp_path, change=lambda f: pd.concat([f.assign(year=2010, value=1.0), f.assign(year=2011)]))
    same(import_economy("tidy", path, year=2011))
    assert "2010, 2011" in faults("tidy", path)


def test_tidy_labels_have_no_blanks_around_them(tmp_path: Path) -> None:
    path = tidy(tmp_path, change=lambda f: f.assign(exporter=f["exporter"] + " ", sector=" " + f["sector"], use=f["use"] + "\t"))
    found = import_economy("tidy", path)
    same(found)
    assert found.sectors == CODES
    twice = tidy(tmp_path, change=lambda f: pd.concat([f, f.iloc[[0]].assign(exporter="AUS ")]))
    assert "AUS AUS A01) stands more than once" in faults("tidy", twice)


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_tidy_sectors_that_are_numbers_with_decimals_are_whole(kind: str, tmp_path: Path) -> None:
    code = {"A01": 10111.0, "A02": 10112.0, "B": 10113.0}
    path = tidy(
        tmp_path,
        kind,
        lambda f: f.assign(sector=f["sector"].map(code).astype(float), use=f["use"].replace({k: str(v) for k, v in code.items()})),
    )
    found = import_economy("tidy", path)
    assert found.sectors == ["10111", "10112", "10113"]
    assert import_economy("tidy", tidy(tmp_path, change=lambda f: f.assign(sector=f["sector"].replace({"A01": "1.0"})))).sectors[0] == "1.0"


def test_tidy_parquet_may_have_its_keys_in_the_index(tmp_path: Path) -> None:
    frame = tidy_frame(published(WORLD, ("households", "inventories"), CODES))
    frame.set_index(["exporter", "importer", "sector", "use"]).to_parquet(tmp_path / "flows.pq")
    same(import_economy("tidy", tmp_path / "flows.pq"))


# --- faults --------------------------------------------------------------------------------------------------------------------------


def put(row: int, column: int, value: object) -> Callable[[list[list[object]]], None]:
    def change(cells: list[list[object]]) -> None:
        cells[row][column] = value

    return change


def less(cells: list[list[object]]) -> None:
    """A final use a little smaller than output says."""
    cells[6][4 + 15 + 4] = float(cells[6][4 + 15 + 4]) - 0.25  # type: ignore[arg-type]


def without_columns(country: str) -> Callable[[list[list[object]]], None]:
    def change(cells: list[list[object]]) -> None:
        gone = [j for j, cell in enumerate(cells[4]) if cell == country]
        for row in cells:
            for j in reversed(gone):
                del row[j]

    return change


SHEETS = {
    "text": (put(7, 5, "n.a."), ("row AUS {1}", "column AUS {1}", "F8", "'n.a.'")),
    "empty": (put(6, 4, ""), ("row AUS {0}", "column AUS {0}", "E7", "empty")),
    "text that looks like a number": (put(6, 5, "12"), ("row AUS {0}", "column AUS {1}", "'12'")),
    "text below": (put(6 + 15 + 1, 4, "?"), ("column AUS {0}", "E23")),
    "negative input": (put(6, 5, -1.0), ("row AUS {0}", "column AUS {1}", "-1 is negative")),
    "negative consumption": (put(6, 4 + 15, -1.0), ("row AUS {0}", "column AUS", "-1 is negative")),
    "missing country in columns": (without_columns("USA"), ("country USA",)),
    "missing country in rows": (lambda cells: cells.__delitem__(slice(6, 9)), ("country AUS",)),
    "missing row": (lambda cells: cells.__delitem__(7), ("no row AUS {1}",)),
    "repeated row": (lambda cells: cells.insert(7, list(cells[6])), ("row AUS {0} appears more than once",)),
    "cut off below": (lambda cells: cells.__delitem__(slice(10, None)), ("no row CHN {1}", "country USA")),
    "cut off right": (lambda cells: [row.__delitem__(slice(30, None)) for row in cells], ("total output",)),
    "not a table": (lambda cells: cells.__delitem__(slice(0, 6)), ("c1",)),
    "does not add up": (put(6, 5, 1e6), ("rounding", "row", "%")),
}


@pytest.mark.parametrize("name", SHEETS)
@pytest.mark.parametrize("release", ["wiod2013", "wiod2016"])
def test_faults_of_a_sheet(name: str, release: str, tmp_path: Path) -> None:
    change, words = SHEETS[name]
    write, sectors = (wiod2013, C2013) if release == "wiod2013" else (wiod2016, CODES)
    found = faults(release, write(tmp_path, change))
    for word in words:
        if word != "row":
            assert word.format(*sectors) in found


@pytest.mark.parametrize("words", ["#N/A", "#REF!"])
def test_an_error_of_excel_is_not_called_empty(words: str, tmp_path: Path) -> None:
    path = wiod2013(tmp_path)
    book = openpyxl.load_workbook(path)
    book.active["F8"].value = words  # type: ignore[index]
    book.active["F8"].data_type = "e"  # type: ignore[index]
    book.save(path)
    found = faults("wiod2013", path)
    assert "(cell F8)" in found
    assert f"holds '{words}'" in found


def test_all_cells_at_once(tmp_path: Path) -> None:
    def change(cells: list[list[object]]) -> None:
        cells[7][5], cells[9][11] = "a", ""

    found = faults("wiod2013", wiod2013(tmp_path, change)).splitlines()
    assert len(found) == 2
    assert "F8" in found[0]
    assert "L10" in found[1]


@pytest.mark.parametrize(("source", "name"), [("wiod2013", "wiod2013 xlsx"), ("wiod2016", "wiod2016 xlsb"), ("wiod2016", "wiod2016 Stata")])
def test_a_truncated_file(source: str, name: str, tmp_path: Path) -> None:
    path = LAYOUTS[name][1](tmp_path)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    assert "cut off" in faults(source, path)


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_wrong_year(name: str, tmp_path: Path) -> None:
    source, write = LAYOUTS[name]
    path = write(tmp_path)
    if source == "tidy":
        path = path.rename(tmp_path / f"flows_2010{path.suffix}")
    found = faults(source, path, year=1999)
    assert "1999" in found
    assert "--year" in found


def test_title_and_name_must_agree(tmp_path: Path) -> None:
    path = wiod2013(tmp_path).rename(tmp_path / "wiot10_row_sep12.xlsx")
    found = faults("wiod2013", path)
    assert "2011" in found
    assert "2010" in found
    same(import_economy("wiod2013", path, year=2011))


CSV = {
    "text": (
        lambda f: f.astype(object).where(np.arange(f.size).reshape(f.shape) != 1, "n.a."),
        ("row AUS_A01", "column AUS_A02", "'n.a.'"),
    ),
    "empty": (lambda f: f.where(np.arange(f.size).reshape(f.shape) != 1), ("row AUS_A01", "column AUS_A02", "empty")),
    "repeated row": (lambda f: pd.concat([f, f.iloc[[0]]]), ("row AUS_A01 appears more than once",)),
    "repeated column": (lambda f: pd.concat([f, f.iloc[:, [0]]], axis=1), ("column AUS_A01 appears more than once",)),
    "missing country in rows": (lambda f: f[~f.index.str.startswith("USA")], ("country USA",)),
    "missing country in columns": (lambda f: f.loc[:, ~f.columns.str.startswith("USA")], ("country USA",)),
    "missing row": (lambda f: f.drop(index="MEX_B"), ("no row MEX B",)),
    "no output": (lambda f: f.iloc[:-1], ("no row of output",)),
    "foreign label": (lambda f: f.rename(index={"AUS_A01": "whatever"}), ("'whatever'",)),
    "negative input": (lambda f: f.where(np.arange(f.size).reshape(f.shape) != 1, -3.0), ("row AUS A01", "column AUS A02", "-3")),
}


@pytest.mark.parametrize("name", CSV)
@pytest.mark.parametrize("edition", [2021, 2025])
def test_faults_of_icio(name: str, edition: int, tmp_path: Path) -> None:
    change, words = CSV[name]
    found = faults("icio", icio(tmp_path, edition, change=change))
    for word in words:
        assert word in found


def test_a_truncated_csv(tmp_path: Path) -> None:
    path = icio(tmp_path, 2023)
    path.write_text(path.read_text()[: path.stat().st_size // 2])
    found = faults("icio", path)
    assert "empty" in found or "no row" in found
    with zipfile.ZipFile(tmp_path / "whole.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(icio(tmp_path, 2023), "ICIO2023_2014.csv")
    broken = tmp_path / "half.zip"
    broken.write_bytes((tmp_path / "whole.zip").read_bytes()[:2000])
    assert "cut off" in faults("icio", broken)


COLUMNS = {
    "text": (lambda f: f.astype({"AUS2": object}).replace({"AUS2": {f["AUS2"][0]: "x"}}), ("row AUS A01", "column AUS A02", "AUS2")),
    "empty": (lambda f: f.assign(AUS2=f["AUS2"].where(f.index != 0)), ("row AUS A01", "column AUS A02", "empty")),
    "repeated row": (lambda f: pd.concat([f.iloc[[0]], f]), ("row AUS A01 appears more than once",)),
    "missing country": (lambda f: f[f["Country"] != "USA"], ("country USA",)),
    "missing heads": (lambda f: f.drop(columns=["RNr"]), ("no column RNr",)),
    "two years": (lambda f: pd.concat([f, f.assign(Year=2013)]), ("2014, 2013", "--year")),
}


@pytest.mark.parametrize("name", COLUMNS)
def test_faults_of_columns(name: str, tmp_path: Path) -> None:
    change, words = COLUMNS[name]
    found = faults("wiod2016", columns2016(tmp_path, "csv", change))
    for word in words:
        assert word in found


TIDY = {
    "text": (lambda f: f.assign(value=["1", "x", *f["value"][2:].astype(str)]), ("row 3", "'x'")),
    "empty": (lambda f: f.assign(value=f["value"].where(f.index != 2)), ("row 4", "column value is empty")),
    "empty label": (lambda f: f.assign(sector=f["sector"].where(f.index != 2, "")), ("row 4", "column sector is empty")),
    "repeated": (lambda f: pd.concat([f, f.iloc[[0]]]), ("AUS AUS A01", "more than once")),
    "missing country": (lambda f: f[f["exporter"] != "USA"], ("country USA buys and never sells",)),
    "missing column": (lambda f: f.rename(columns={"value": "values"}), ("no column value", "Did you mean values")),
    "tariffs by use": (
        lambda f: f.assign(tariff=np.where((f["exporter"] != f["importer"]) & (f.index % 2 == 0), 0.1, 0.0)),
        ("different tariffs",),
    ),
}


@pytest.mark.parametrize("name", TIDY)
def test_faults_of_tidy(name: str, tmp_path: Path) -> None:
    change, words = TIDY[name]
    found = faults("tidy", tidy(tmp_path, change=change))
    for word in words:
        assert word in found


@pytest.mark.parametrize("source", ["wiod2013", "wiod2016", "icio", "tidy"])
def test_no_file_an_empty_one_and_a_folder(source: str, tmp_path: Path) -> None:
    assert "no file" in faults(source, tmp_path / "none.csv")
    (tmp_path / "empty.csv").write_text("")
    assert "is empty" in faults(source, tmp_path / "empty.csv")
    assert "folder" in faults(source, tmp_path)


def test_unknown_source_and_rule_name_the_nearest(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Did you mean wiod2013"):
        import_economy("wiod13", tmp_path)
    with pytest.raises(DataError, match="Did you mean spread"):
        import_economy("tidy", tmp_path, inventories="sprad")  # type: ignore[arg-type]


# --- command and run file ------------------------------------------------------------------------------------------------------------


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_import_writes_an_economy_file(tmp_path: Path) -> None:
    status, out, err = invoke("import", "wiod2013", wiod2013(tmp_path), tmp_path / "e.nc")
    assert (status, err) == (0, "")
    assert "5 countries, 3 sectors" in out
    same(cge.open_economy(tmp_path / "e.nc"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["e.nc", "wiot11_row_sep12.xlsx"]


def test_import_as_json_has_the_account(tmp_path: Path) -> None:
    path = wiod2013(tmp_path, less)
    status, out, _ = invoke("import", "wiod2013", path, tmp_path / "e.nc", "--json")
    found = json.loads(out)
    assert status == 0
    assert found["outcome"] == "imported"
    assert [entry["name"] for entry in found["treatments"]] == ["rounding"]
    assert len(found["inputs"][str(path)]) == 64
    assert [entry.name for entry in account(cge.open_economy(tmp_path / "e.nc"))] == ["rounding"]


def test_a_refused_table_leaves_no_file_and_an_earlier_one_alone(tmp_path: Path) -> None:
    path = wiod2013(tmp_path, put(6, 5, "x"))
    status, out, err = invoke("import", "wiod2013", path, tmp_path / "e.nc")
    assert (status, out) == (2, "")
    assert "F7" in err
    assert not (tmp_path / "e.nc").exists()
    (tmp_path / "e.nc").write_text("mine")
    assert invoke("import", "wiod2013", path, tmp_path / "e.nc")[0] == 2
    assert (tmp_path / "e.nc").read_text() == "mine"


def test_tariffs_are_attached_while_importing(tmp_path: Path) -> None:
    path = wiod2013(tmp_path)
    invoke("import", "wiod2013", path, tmp_path / "e.nc")
    economy = cge.open_economy(tmp_path / "e.nc")
    pairs = [(n, i, s) for n in economy.countries for i in economy.countries for s in economy.sectors if n != i]
    rates = pd.DataFrame(pairs, columns=["importer", "exporter", "sector"]).assign(tariff=0.05)
    rates.to_csv(tmp_path / "rates.csv", index=False)
    status, out, err = invoke("import", "wiod2013", path, tmp_path / "taxed.nc", "--tariffs", tmp_path / "rates.csv")
    assert (status, err) == (0, "")
    assert "ariff" in out
    taxed = cge.open_economy(tmp_path / "taxed.nc").data
    away = ~np.eye(len(economy.countries), dtype=bool)
    np.testing.assert_allclose(taxed["tariff"].transpose("exporter", "importer", "sector").values[away], 0.05)
    np.testing.assert_allclose(taxed["flow"], economy.data["flow"])
    rates.iloc[1:].to_csv(tmp_path / "rates.csv", index=False)  # a pair that trades has no rate
    status, _, err = invoke("import", "wiod2013", path, tmp_path / "none.nc", "--tariffs", tmp_path / "rates.csv")
    assert status == 2
    assert not (tmp_path / "none.nc").exists()


def test_an_unwritable_place_is_bad_input(tmp_path: Path) -> None:
    path = wiod2013(tmp_path)
    for out, words in ((path / "e.nc", "cannot be written"), (tmp_path, "must end in .nc")):
        status, _, err = invoke("import", "wiod2013", path, out)
        assert status == 2
        assert words in err
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_subsidies_are_taken_off_where_the_command_or_the_run_file_says_so(tmp_path: Path) -> None:
    rates = {("AUS", "USA"): -0.25}
    tidy(tmp_path, change=lambda f: f.assign(tariff=[rates.get(pair, 0.0) for pair in zip(f["exporter"], f["importer"], strict=True)]))
    status, _, err = invoke("import", "tidy", tmp_path / "flows.csv", tmp_path / "e.nc")
    assert status == 2
    assert "--subsidies zero" in err
    status, out, _ = invoke("import", "tidy", tmp_path / "flows.csv", tmp_path / "e.nc", "--subsidies", "zero")
    assert status == 0
    assert "subsidies zero: 3 cells" in out
    run = RUN.replace("wiod2013", "tidy").replace("wiot11_row_sep12.xlsx", "flows.csv")
    (tmp_path / "run.toml").write_text(run.format(', subsidies = "zero"'))
    assert not cge.runfile.load.load(tmp_path / "run.toml").economy.data["tariff"].values.any()


def test_strict_refuses_what_would_be_treated(tmp_path: Path) -> None:
    path = wiod2013(tmp_path, less)
    status, _, err = invoke("import", "wiod2013", path, tmp_path / "e.nc", "--strict")
    assert status == 2
    assert "--strict: rounding" in err
    assert not (tmp_path / "e.nc").exists()


RUN = 'title = "t"\neconomy = {{source = "wiod2013", path = "wiot11_row_sep12.xlsx"{}}}\nmodel = "armington"\n[elasticities]\ntrade = 5.0\n'


def test_an_economy_as_a_table_in_a_run_file(tmp_path: Path) -> None:
    wiod2013(tmp_path)
    (tmp_path / "run.toml").write_text(RUN.format(', year = 2011, inventories = "zero"'))
    case = cge.runfile.load.load(tmp_path / "run.toml")
    same(case.economy)
    assert len(case.inputs["wiot11_row_sep12.xlsx"]) == 64


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (", years = 2011", ("economy.years", "year")),
        (', inventories = "sprad"', ("economy.inventories", "spread")),
        (", year = 2010", ("economy:", "2011")),
        (', subsidies = "zer"', ("economy.subsidies", "refuse, zero")),
    ],
)
def test_faults_of_an_economy_as_a_table(options: str, words: tuple[str, ...], tmp_path: Path) -> None:
    wiod2013(tmp_path)
    (tmp_path / "run.toml").write_text(RUN.format(options))
    with pytest.raises(cge.RunFileError) as error:
        cge.runfile.load.load(tmp_path / "run.toml")
    for word in words:
        assert word in str(error.value)


def test_a_table_and_its_copy_are_the_same(tmp_path: Path) -> None:
    path = wiod2013(tmp_path)
    shutil.copy(path, tmp_path / "copy_of_2011.xlsx")
    same(import_economy("wiod2013", tmp_path / "copy_of_2011.xlsx"))


def test_the_table_keeps_what_users_buy(tmp_path: Path) -> None:
    table: Published = published(WORLD, WIOD2013_USES)
    np.testing.assert_allclose(table.z.sum((2, 3)) + table.f.sum((2, 3)), table.output)


def test_every_source_that_can_be_named_has_a_reader() -> None:
    assert set(get_args(Source)) == set(sources.READERS)
    assert set(get_args(Accounts)) == set(SOURCES)
