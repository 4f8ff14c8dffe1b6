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


@pytest.mark.parametrize("classic", [False, True])
def test_misspelt_labels_are_told_all_at_once(classic: bool, tmp_path: Path) -> None:
    """They would be countries and sectors of their own, with little but zeros."""
    base, private, source = ("VDFM", "VDPM", "VIMS") if classic else ("VDFB", "VDPB", "VMSB")
    folder = gtap_csv(tmp_path / "gtap", gtap_headers(classic))
    goods, regions = gtap_world().sectors, gtap_world().countries
    for name, right, misspelt in ((private, f"{goods[0]},{regions[0]}", f"{goods[0]},{regions[0]}A"), (source, goods[1], f"{goods[1]}r")):
        text = (folder / f"{name}.csv").read_text()
        (folder / f"{name}.csv").write_text(text.replace(f"\n{right},", f"\n{misspelt},", 1))
    with pytest.raises(DataError) as error:
        import_economy("gtap", folder)
    assert sorted(error.value.faults) == sorted(
        [
            f"{folder}: {private}: '{regions[0]}A' is no region of {base}. Did you mean {regions[0]}?",
            f"{folder}: {source}: '{goods[1]}r' is no good of {base}. Did you mean {goods[1]}?",
        ]
    )


@pytest.mark.parametrize(("place", "misspelt", "word"), [(0, "agrr", "good"), (2, "USAA", "region")])
def test_a_label_misspelt_in_vdfb_itself(place: int, misspelt: str, word: str, tmp_path: Path) -> None:
    folder = gtap_csv(tmp_path / "gtap", gtap_headers())
    lines = [line.split(",") for line in (folder / "VDFB.csv").read_text().splitlines()]
    lines[1][place] = misspelt
    (folder / "VDFB.csv").write_text("\n".join(map(",".join, lines)) + "\n")
    with pytest.raises(DataError, match=f"VDFB: '{misspelt}' is a {word} of no other header"):
        import_economy("gtap", folder)


def test_a_good_that_nobody_uses_from_home_needs_no_line_of_its_own(tmp_path: Path) -> None:
    """Dwellings, where zeros are left out: VDFB has the good as an activity alone."""
    folder = gtap_csv(tmp_path / "gtap", gtap_headers())
    good = gtap_world().sectors[1]
    lines = [line for line in (folder / "VDFB.csv").read_text().splitlines(True) if not line.startswith(f"{good},")]
    (folder / "VDFB.csv").write_text("".join(lines))
    assert import_economy("gtap", folder).sectors == gtap_world().sectors


@pytest.mark.parametrize(("value", "words"), [("n.a.", "holds 'n.a.'"), ("", "is empty")])
def test_a_first_line_that_is_no_number_is_no_heading(value: str, words: str, tmp_path: Path) -> None:
    folder = gtap_csv(tmp_path / "gtap", gtap_headers(), headings=False)
    lines = (folder / "VDPB.csv").read_text().splitlines(True)
    good, region, _ = lines[0].split(",")
    (folder / "VDPB.csv").write_text("".join([f"{good},{region},{value}\n", *lines[1:]]))
    with pytest.raises(DataError) as error:
        import_economy("gtap", folder)
    assert f"VDPB.csv, line 1 ({good} {region}) {words}" in str(error.value)


@pytest.mark.parametrize("headings", [False, True])
@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(separator: str, headings: bool, tmp_path: Path) -> None:
    folder = gtap_csv(tmp_path / "gtap", gtap_headers(), headings)
    for file in folder.iterdir():
        file.write_text(file.read_text().replace(",", separator).replace(".", "," if separator == ";" else "."))
    same(import_economy("gtap", folder))


def test_utf_16_is_said_to_be_no_utf_8(tmp_path: Path) -> None:
    folder = gtap_csv(tmp_path / "gtap", gtap_headers())
    (folder / "VDPB.csv").write_text((folder / "VDPB.csv").read_text(), encoding="utf-16")
    with pytest.raises(DataError, match=r"VDPB.csv is not text in UTF-8 \(it has bytes that are zero, as UTF-16 has\)"):
        import_economy("gtap", folder)


def test_a_folder_of_other_files_is_told_what_is_looked_for(tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text("a,b\n")
    with pytest.raises(DataError, match=r"no csv of a header \(VDFB, VMFB"):
        import_economy("gtap", tmp_path)
