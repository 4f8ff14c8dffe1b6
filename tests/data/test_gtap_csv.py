"""GTAP as csv, a file for each header: there and back in both generations, packed, without zeros and headings, and faults by line."""

import gzip
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from layouts import gtap_csv, gtap_headers, gtap_world

from cge.data.economy import Economy
from cge.data.sources import import_economy
from cge.errors import DataError


def same(found: Economy) -> None:
    known = gtap_world()
    assert (found.countries, found.sectors, found.factors) == (known.countries, known.sectors, known.factors)
    for name in ("flow", "tariff", "intermediate", "value_added"):
        np.testing.assert_allclose(found.data[name], known.data[name], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("classic", [False, True])
@pytest.mark.parametrize("headings", [False, True])
def test_there_and_back_without_harpy(classic: bool, headings: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "harpy", None)
    folder = gtap_csv(tmp_path / "gtap", gtap_headers(classic), headings, zeros=headings)
    same(import_economy("gtap", folder, year=2017))
    same(import_economy("gtap", Path(shutil.make_archive(str(tmp_path / "gtap"), "zip", folder))))
    for file in list(folder.iterdir()):
        (folder / f"gsdf{file.name}.gz").write_bytes(gzip.compress(file.read_bytes()))
        file.unlink()
    same(import_economy("gtap", folder))


FAULTS = {
    "text": ("VDPB.csv", "s1,AUS,n.a.\n", "VDPB.csv, line 8 (s1 AUS) holds 'n.a.'"),
    "empty": ("VDPB.csv", "s1,AUS,\n", "VDPB.csv, line 8 (s1 AUS) is empty"),
    "twice": ("VDPB.csv", "s1,AUS,1\n", "VDPB.csv, line 8 (s1 AUS) stands more than once"),
    "columns": ("VDPB.csv", None, "VDPB.csv has 2 columns; a line has COMM, REG and the value, 3 in all"),
    "absent": ("VMSB.csv", "", "no header VMSB (classic: VIMS)"),
}


@pytest.mark.parametrize("name", FAULTS)
def test_faults(name: str, tmp_path: Path) -> None:
    file, line, words = FAULTS[name]
    folder = gtap_csv(tmp_path / "gtap", gtap_headers())
    text = (folder / file).read_text()
    if name == "absent":
        (folder / file).unlink()
    else:
        (folder / file).write_text(text + line if line else "COMM,Value\ns1,1\n")
    with pytest.raises(DataError) as error:
        import_economy("gtap", folder)
    assert words in str(error.value)
    assert all(str(folder) in fault for fault in error.value.faults)


def test_a_folder_of_other_files_is_told_what_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a,b\n")
    with pytest.raises(DataError, match=r"no csv of a header \(VDFB, VMFB"):
        import_economy("gtap", tmp_path)
