"""Files of another form than the one that is read: the first sentence says what they are and what reads them."""

import bz2
import gzip
import lzma
import re
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from damage import locked
from test_sources import adb, columns2016, faults, icio, same, tidy, wiod2013, wiod2016

from cge.data.sources import import_economy

PACKERS: dict[str, Callable[[Path, str], Any]] = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}

TABLES: dict[str, tuple[str, Callable[[Path], Path]]] = {
    "icio": ("icio", lambda folder: icio(folder, 2023)),
    "tidy": ("tidy", tidy),
    "wiod2016 sheet": ("wiod2016", lambda folder: wiod2016(folder, kind="csv")),
    "wiod2016 by columns": ("wiod2016", lambda folder: columns2016(folder, "csv")),
}


@pytest.mark.parametrize("ending", PACKERS)
@pytest.mark.parametrize("name", TABLES)
def test_a_packed_csv_is_read(name: str, ending: str, tmp_path: Path) -> None:
    source, write = TABLES[name]
    plain = write(tmp_path)
    packed = plain.with_name(f"{plain.name}.{ending}")
    with PACKERS[ending](packed, "wb") as file:
        file.write(plain.read_bytes())
    same(import_economy(source, packed))
    packed.write_bytes(packed.read_bytes()[: packed.stat().st_size // 2])
    assert "cut off" in faults(source, packed)


def test_a_tidy_table_in_a_zip_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "flows.zip", "w") as archive:
        archive.write(tidy(tmp_path), "flows.csv")
    same(import_economy("tidy", tmp_path / "flows.zip"))


BYTES = {
    "x.RData": (gzip.compress(b"RDX3\nX\n"), "R data", "write.csv"),
    "x.rds": (gzip.compress(b"X\n\x00\x00\x00\x03"), "R data", "write.csv"),
    "plain.RData": (b"RDX2\nX\n", "R data", "write.csv"),
    "x.dta": (b"<stata_dta><header>", "a Stata file", "cge import wiod2016"),
    "x.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of the old kind", "xlsx"),
    "x.nc": (b"\x89HDF\r\n\x1a\n", "netCDF", "economy = "),
    "x.har": (b"\x04\x00\x00\x00VDFB\x04\x00\x00\x00", "a HAR file", "cge import gtap"),
    "x.gdx": (b"\x7b\x07GAMSGDX", "a GDX file", "gdx2har"),
    "x.mat": (b"MATLAB 5.0 MAT-file", "a MATLAB file", "cge import tidy"),
    "x.pdf": (b"%PDF-1.7", "a PDF", "Fetch the table"),
    "x.csv": (b"<!DOCTYPE html>\n<html>", "a web page", "Fetch the file itself"),
    "x.7z": (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "Unpack"),
}


@pytest.mark.parametrize("source", ["icio", "tidy", "mrio"])
@pytest.mark.parametrize("name", BYTES)
def test_other_forms_by_their_first_bytes(name: str, source: str, tmp_path: Path) -> None:
    content, words, cure = BYTES[name]
    (tmp_path / name).write_bytes(content)
    (found,) = faults(source, tmp_path / name).splitlines()
    assert found.startswith(f"{tmp_path / name} is {words}")
    assert cure in found
    assert "cut off" not in found


def test_a_workbook_reader_says_it_too(tmp_path: Path) -> None:
    (tmp_path / "WIOT2014_October16_ROW.RData").write_bytes(b"RDX3\nX\n")
    assert "is R data" in faults("wiod2016", tmp_path / "WIOT2014_October16_ROW.RData")
    assert "is a tidy table" in faults("wiod2013", tidy(tmp_path))
    assert "is a Parquet file" in faults("wiod2013", tidy(tmp_path, "parquet"))


def test_the_other_release_of_wiod(tmp_path: Path) -> None:
    assert "`cge import wiod2013` reads it" in faults("wiod2016", wiod2013(tmp_path))
    assert "`cge import wiod2016` reads it" in faults("wiod2013", wiod2016(tmp_path))
    assert "cge import wiod2013" in faults("icio", wiod2013(tmp_path))
    assert "`cge import adb` reads it" in faults("wiod2013", adb(tmp_path))
    assert "`cge import wiod2013` reads it" in faults("adb", wiod2013(tmp_path))


def test_an_archive_of_workbooks_is_to_be_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "WIOTS_in_EXCEL.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(wiod2016(tmp_path), "WIOT2014_Nov16_ROW.xlsb")
    for source in ("wiod2016", "tidy"):
        assert "is WIOD of 2016" in faults(source, path)
    with zipfile.ZipFile(tmp_path / "notes.zip", "w") as archive:
        archive.writestr("ReadMe.txt", "about")
    assert "is a zip archive of ReadMe.txt, not csv. Unpack it" in faults("icio", tmp_path / "notes.zip")


@pytest.mark.parametrize(("source", "name"), [("gtap", "VDFB.csv"), ("tidy", "flows.csv"), ("mrio", "file_parameters.json")])
def test_an_archive_that_is_locked_says_so(source: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / "locked.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name, "{}\n")
    path.write_bytes(locked(path.read_bytes()))
    assert faults(source, path) == f"{path} cannot be read: {name} in it is locked by a password; unpack it and give what is in it."


def test_between_tabs_a_comma_is_no_decimal(tmp_path: Path) -> None:
    """It may stand between thousands: taken for 1.234, that would pass unseen."""
    path = tmp_path / "flows.csv"
    path.write_text("exporter\timporter\tsector\tvalue\nA\tA\ts\t1,234\n")
    assert "row 2 (A A s), column value holds '1,234', which is not a finite number: write decimal points" in faults("tidy", path)


FOLDERS = {
    "Eora26_2017_bp_T.txt": ("Eora26 as downloaded", "cge import mrio"),
    "2017/Eora26_2017_bp.zip": ("Eora26 as downloaded", "cge import mrio"),
    "GLORIA_MRIOs_59_2020.zip": ("GLORIA as downloaded", "cge import mrio"),
    "20240110_120secMother_AllCountries_002_T-Results_2020_059_Markup001(full).csv": ("GLORIA as downloaded", "cge import mrio"),
    "IOT_2022_ixi.zip": ("EXIOBASE 3 as downloaded", "cge import mrio"),
    "wiot11_row_sep12.xlsx": ("WIOD of 2013", "cge import wiod2013"),
    "2020_SML.csv": ("OECD ICIO", "cge import icio"),
    "matrix_eu-ic-io_ind-by-ind_25ed_2023.csv": ("FIGARO as downloaded", "cge import figaro"),
    "ADB-MRIO72-2023_July 2025.xlsx": ("ADB MRIO as downloaded", "cge import adb"),
}


@pytest.mark.parametrize("name", FOLDERS)
def test_folders_as_downloaded(name: str, tmp_path: Path) -> None:
    words, cure = FOLDERS[name]
    folder = tmp_path / "data"
    (folder / name).parent.mkdir(parents=True)
    (folder / name).write_bytes(b"1\t2\n")
    (found,) = faults("tidy", folder).splitlines()
    assert found.startswith(f"{folder} is a folder with {words}")
    assert cure in found
    if not re.match(r"(2017/)?(Eora26_2017|GLORIA_MRIOs|IOT_2022)", name):  # `mrio` reads the others itself
        assert f"{folder} is {words}, not a system saved by pymrio" in faults("mrio", folder)


def test_a_csv_that_is_no_table_of_its_source_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "wto.csv"
    path.write_text("country,hs_level,hs_code,avg_duty\n" + "".join(f"Canada,6,0101{k:02},\n" for k in range(30)))
    for source in ("icio", "tidy"):
        (found,) = faults(source, path).splitlines()
        assert "a csv with 4 columns (country, hs_level, hs_code, avg_duty)" in found
    (found,) = faults("icio", tidy(tmp_path)).splitlines()
    assert "it is a tidy table" in found
    (found,) = faults("tidy", icio(tmp_path, 2025)).splitlines()
    assert "it is an ICIO table" in found
    (found,) = faults("wiod2016", icio(tmp_path, 2025)).splitlines()
    assert "It is an ICIO table" in found
