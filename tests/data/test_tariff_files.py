"""Rates in many files: folders and archives as publishers give them, joined with rows of one's own, and groups to which preferences are given."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from tariff_layouts import CONCORDANCE, COUNTRIES, NUMBER, SCHEDULE, Duty, comtrade, expected, trains, wits_query
from test_tariff_rows import WORLD, at
from typer.testing import CliRunner

import cge
from cge.cli import app
from cge.data.tariffs.file import open_rates, read_rates
from cge.data.tariffs.members import Programmes, read_members
from cge.data.tariffs.products import read_products
from cge.data.tariffs.sheets import Sheets
from cge.data.tariffs.table import Rates, tariff_rates
from cge.data.write import write_economy
from cge.errors import DataError


def rates(folder: Path, *given: Path, **options: object) -> Rates:
    (folder.parent / "c.csv").write_text(CONCORDANCE, encoding="utf-8")
    return read_rates(list(given) or folder, WORLD, read_products(folder.parent / "c.csv"), **options)  # type: ignore[arg-type]


def most_favoured(duties: list[Duty]) -> str:
    """A file AVEMFN_… of TRAINS, which has no partners."""
    table = pd.read_csv(io.StringIO(trains([d for d in duties if d.kind == "MFN"])), dtype=str, keep_default_na=False)
    return table.drop(columns="Partner").to_csv(index=False)


def archive(path: Path, content: Mapping[str, str | bytes]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as packed:
        for name, text in content.items():
            packed.writestr(name, text)
    return path


def reporters(folder: Path, duties: list[Duty]) -> Path:
    """An archive for each reporter and kind of duty, as WITS gives them, with what may lie beside the schedules."""
    for importer in dict.fromkeys(d.importer for d in duties):
        mine = [d for d in duties if d.importer == importer]
        archive(
            folder / f"AVEMFN_H5_{importer}_2018_U2.zip", {f"JobID-{NUMBER[importer]}.CSV": most_favoured(mine), "ReadMe.txt": "See WITS."}
        )
        if preferences := [d for d in mine if d.kind == "PRF"]:
            archive(folder / "pref" / f"AVEPref_H5_{importer}_2018_U2.zip", {f"JobID-{NUMBER[importer]}.CSV": trains(preferences)})
    (folder / "countries.csv").write_text("code,name\n840,United States\n", encoding="utf-8")
    return folder


def test_a_folder_of_archives_is_one_schedule(tmp_path: Path) -> None:
    """Duties for most favoured nations, preferences by agreement, nothing inside the Union, from five archives in two folders."""
    said: list[str] = []
    found = rates(reporters(tmp_path / "wits", SCHEDULE), report=said.append)
    for importer in COUNTRIES:
        for exporter in COUNTRIES:
            for sector, rate in expected(importer, exporter).items() if importer != exporter else ():
                assert at(found.values, importer, exporter, sector) == pytest.approx(rate, abs=1e-12), (importer, exporter, sector)
    assert said[0].startswith("Reading 1 of 6: ")
    assert len(said) == 7
    account = "\n".join(found.account)
    assert "countries.csv is no such table (columns code, name), left out." in account
    words = "3 rows, a schedule of UNCTAD TRAINS in the bulk download of WITS; importers 840; exporters *; years 2018."
    assert f"{tmp_path / 'wits' / 'AVEMFN_H5_USA_2018_U2.zip'}: {words}" in account
    assert account.count(" rows, a schedule of UNCTAD TRAINS") == 5


def test_archives_in_an_archive_and_several_files_are_the_same(tmp_path: Path) -> None:
    folder = reporters(tmp_path / "wits", SCHEDULE)
    files = sorted(folder.rglob("*.zip"))
    whole = archive(tmp_path / "all.zip", {file.name: file.read_bytes() for file in files})
    xr.testing.assert_identical(rates(folder, whole).values, rates(folder).values)
    xr.testing.assert_identical(rates(folder, *files).values, rates(folder).values)
    opened = open_rates(whole, lambda path: path.read_bytes())  # as a run file does, which notes what it has read
    assert isinstance(opened, Sheets)
    assert [len(table) for table in opened.tables] == [3, 3, 3, 4, 3]


def test_rows_of_ones_own_join_a_published_table_of_another_unit(tmp_path: Path) -> None:
    """Free trade of three countries: zero among them, and what most favoured nations pay from all others."""
    (tmp_path / "w").mkdir()
    mfn, free = tmp_path / "w" / "wits.csv", tmp_path / "w" / "free.csv"
    mfn.write_text(wits_query([d for d in SCHEDULE if d.kind == "MFN"]), encoding="utf-8")
    members = ("USA", "CAN", "DEU")
    pairs = [f"{n},{i},0" for n in members for i in members if n != i]
    free.write_text("\n".join(["importer,exporter,tariff", *pairs]), encoding="utf-8")
    found = rates(mfn.parent, mfn, free, year=2018)
    for importer in COUNTRIES:
        for exporter in COUNTRIES:
            for sector, rate in expected(importer, exporter, preferences=False).items() if importer != exporter else ():
                inside = {importer, exporter} <= set(members)
                assert at(found.values, importer, exporter, sector) == pytest.approx(0.0 if inside else rate, abs=1e-12)
    assert "free.csv: no column year, so of any." in "\n".join(found.account)


def test_years_of_preferences_are_their_own(tmp_path: Path) -> None:
    """A publisher may have duties for all of 2018 and preferences of 2016 only: both are kept."""
    dated = [d if d.kind == "MFN" else Duty(d.importer, d.exporter, d.product, d.kind, d.percent, d.imports, 2016) for d in SCHEDULE]
    found = rates(reporters(tmp_path / "wits", dated), year=2018)
    assert at(found.values, "USA", "CAN", "cars") == 0.0
    assert "given those of their nearest year: 124 by partner 2016, 840 by partner 2016." in "\n".join(found.account)
    with pytest.raises(DataError, match=r"the years are 2016, 2018; name one of them"):
        rates(tmp_path / "wits")


def test_every_file_tells_its_faults_at_once_and_rows_name_theirs(tmp_path: Path) -> None:
    folder = tmp_path / "wits"
    reporters(folder, SCHEDULE)
    (folder / "broken.zip").write_bytes((folder / "AVEMFN_H5_USA_2018_U2.zip").read_bytes()[:90])
    (folder / "empty.csv").write_text("", encoding="utf-8")
    archive(folder / "nothing.zip", {"a.pdf": "x"})
    with pytest.raises(DataError) as refused:
        rates(folder)
    faults = "\n".join(refused.value.faults)
    assert [name in faults for name in ("broken.zip cannot be read", "empty.csv is empty", "nothing.zip holds 0 csv files")] == [True] * 3
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("importer,exporter,sector,tariff\nUSA,DEU,cars,0.1\nUSA,FRA,cars,free\n", encoding="utf-8")
    two.write_text("importer,exporter,sector,tariff\nCAN,DEU,cars,0.1\nUSA,DEU,cars,0.2\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"row 3 of {one}: tariff 'free' is not a rate"):
        read_rates([one, two], WORLD)
    one.write_text(one.read_text(encoding="utf-8").replace("free", "0.3"), encoding="utf-8")
    with pytest.raises(DataError, match=rf"rows 2 of {one} and 3 of {two} are equally near for importer=USA exporter=DEU sector=cars"):
        read_rates([one, two], WORLD)


def test_a_copy_of_a_file_and_a_folder_without_rates(tmp_path: Path) -> None:
    folder = reporters(tmp_path / "wits", SCHEDULE)
    with zipfile.ZipFile(folder / "AVEMFN_H5_USA_2018_U2.zip") as packed:
        packed.extract("JobID-840.CSV", folder)
    with pytest.raises(DataError, match=r"AVEMFN_H5_USA_2018_U2\.zip and .*JobID-840\.CSV hold the same rows; give one of them\."):
        rates(folder)
    (tmp_path / "other").mkdir()
    with pytest.raises(DataError, match="is a folder without a csv file"):
        rates(tmp_path / "other")
    (tmp_path / "other" / "countries.csv").write_text("code,name\n840,x\n", encoding="utf-8")
    with pytest.raises(DataError, match="none of the files that were given is a table of rates"):
        rates(tmp_path / "other")


PROGRAMMES = [
    *[d for d in SCHEDULE if d.kind == "MFN"],
    *(Duty("USA", "G01", product, "PRF", percent) for product, percent in (("010129", 4.0), ("020110", 8.0), ("870321", 2.0))),
    Duty("USA", "G02", "010129", "PRF", 1.0),
    Duty("USA", "G02", "870321", "PRF", 2.4),
]
"""Two programmes of the United States, with countries that are in both."""


def test_of_the_programmes_that_a_country_is_in_the_lowest_rate_speaks(tmp_path: Path) -> None:
    """DEU and FRA are in the first, FRA and CAN in the second: neither lies inside the other, and no row is at fault."""
    NUMBER.update(G01="G01", G02="G02")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "t.csv").write_text(trains(PROGRAMMES), encoding="utf-8")
    (tmp_path / "m.csv").write_text("group,country\nG01,DEU\nG01,250\nG01,VUT\nG02,France\nG02,Canada\nG03,VUT\n", encoding="utf-8")
    found = rates(tmp_path / "w", members=tmp_path / "m.csv")
    cars = {exporter: at(found.values, "USA", exporter, "cars") for exporter in ("CAN", "DEU", "FRA")}
    assert cars == pytest.approx({"CAN": 0.024, "DEU": 0.02, "FRA": 0.02})
    farm = {exporter: at(found.values, "USA", exporter, "farm") for exporter in ("CAN", "DEU", "FRA")}
    assert farm == pytest.approx({"CAN": (0.01 + 0.10) / 2, "DEU": (0.04 + 0.08) / 2, "FRA": (0.01 + 0.08) / 2})
    account = "\n".join(found.account)
    assert "m.csv: 3 groups of countries; 1 of their members are not in the economy." in account
    assert "Exporters that are groups given preferences: G01 (2), G02 (2)." in account


def test_programmes_without_members_are_counted_and_named(tmp_path: Path) -> None:
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / "t.csv").write_text(trains(PROGRAMMES), encoding="utf-8")
    account = "\n".join(rates(tmp_path / "w").account)
    assert "Exporters of which nothing is known, left out: G01 (3 rows), G02 (2 rows)." in account
    assert "If G01, G02 are groups that are given preferences, say who is in them (--members)." in account


def test_members_in_the_workbook_of_wits_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    book = tmp_path / "TRAINSPreferenceBenficiaries.xlsx"
    pd.DataFrame({"RegionCode": ["G01", "G01", "G02"], "Country": ["Canada", "Bhutan", "EU"], "Partner": [124, 64, 918]}).to_excel(
        book, index=False
    )
    found = read_members(book, WORLD.countries)
    assert found.members == {"G01": ["CAN"], "G02": ["DEU", "FRA"]}
    wrong = tmp_path / "m.csv"
    wrong.write_text("group,country\nG01,Atlantis\n", encoding="utf-8")
    said = read_members(wrong, WORLD.countries).account[1]
    assert said.startswith(f"{wrong}: 1 members of which nothing is known, left out: Atlantis.")
    wrong.write_text("group,country\nG01,\n", encoding="utf-8")
    with pytest.raises(DataError, match="row 2: a group or a country is empty"):
        read_members(wrong, WORLD.countries)
    wrong.write_text("programme,who\nG01,CAN\n", encoding="utf-8")
    with pytest.raises(DataError, match="not a column each of group or regioncode and partner or country or member; found programme, who"):
        read_members(wrong, WORLD.countries)
    with pytest.raises(DataError, match=r"members: no file .* Known: .*m\.csv"):
        read_members(tmp_path / "n.csv", WORLD.countries)


def test_the_command_takes_files_members_and_weights_of_several_files(tmp_path: Path) -> None:
    """The rate of farm is the mean of horses and beef by what is imported, which stands in a file for each importer."""
    write_economy(WORLD, tmp_path / "e.nc")
    (tmp_path / "c.csv").write_text(CONCORDANCE, encoding="utf-8")
    reporters(tmp_path / "wits", SCHEDULE)
    for importer in ("USA", "CAN"):
        trade = [(importer, "DEU", "010129", 30.0), (importer, "DEU", "020110", 10.0)]
        archive(tmp_path / "trade" / f"{importer}.zip", {f"{importer}.csv": comtrade(trade)})
    line = [
        "tariffs",
        "e.nc",
        "wits",
        "out.nc",
        "--concordance",
        "c.csv",
        "--average",
        "weighted",
        "--weights",
        "trade",
        "--missing",
        "zero",
    ]
    done = CliRunner().invoke(app, [str(tmp_path / word) if (tmp_path / word).exists() or word == "out.nc" else word for word in line])
    assert done.exit_code == 0, done.output
    tariff = cge.open_economy(tmp_path / "out.nc").data["tariff"]
    assert float(tariff.sel(importer="USA", exporter="DEU", sector="farm")) == pytest.approx((3 * 0.05 + 0.10) / 4)
    assert float(tariff.sel(importer="USA", exporter="CAN", sector="farm")) == 0.0


def test_headings_of_the_market_access_map(tmp_path: Path) -> None:
    """Of the ITC, whose numbers have no unit that a source says."""
    path = tmp_path / "itc.csv"
    path.write_text(
        "Revision,ReportingCountry,Year,PartnerCountry,ProductCode,AveAdv\nHS5,842,2019,036,cars,2.5\nHS5,842,2019,124,cars,1.5\n",
        encoding="utf-8",
    )
    found = read_rates(path, WORLD, unit="percent")
    assert at(found.values, "USA", "CAN", "cars") == 0.015
    assert "ReportingCountry as importer, PartnerCountry as exporter, ProductCode as sector, AveAdv as tariff" in found.account[0]
    with pytest.raises(DataError, match="seem to be in percent"):
        read_rates(path, WORLD)


def test_rates_of_other_countries_alone_say_which_these_are(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("importer,exporter,sector,tariff\n156,000,cars,0.1\nMars,000,cars,0.1\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"Found: importers 156, Mars \(156 is CHN; unknown: Mars\)"):
        read_rates(tmp_path / "t.csv", WORLD)


@pytest.mark.parametrize("seed", range(20))
def test_programmes_against_a_search_by_hand(seed: int) -> None:
    """Random rows of countries, of groups that overlap and of all: for each pair and product the country's own row, else the lowest of its
    groups' for the product, else the lowest of their rows for all products, else that for all partners."""
    chance = np.random.default_rng(seed)
    partners, sectors = [label for label in WORLD.countries if label != "USA"], WORLD.sectors
    members = {f"G{k}": [label for label in partners if chance.random() < 0.6] for k in range(4)}
    rows = {
        (exporter, sector): round(float(chance.random()) / 2, 3)
        for exporter in (*partners, *members, "*")
        for sector in (*sectors, "*")
        if chance.random() < (0.2 if exporter in partners else 0.6) or (exporter, sector) == ("*", "*")
    }
    table = pd.DataFrame([("USA", *key, rate) for key, rate in rows.items()], columns=["importer", "exporter", "sector", "tariff"])
    found = tariff_rates(WORLD, table, members=Programmes(members)).values

    def by_hand(exporter: str, sector: str) -> float:
        mine = [group for group, inside in members.items() if exporter in inside]
        for names in ([exporter], mine, ["*"]):
            for product in (sector, "*"):
                given = [rows[name, product] for name in names if (name, product) in rows]
                if given:
                    return min(given)
        raise AssertionError("all partners and products have a row")

    for exporter in partners:
        for sector in sectors:
            assert at(found, "USA", exporter, sector) == by_hand(exporter, sector), (exporter, sector)
