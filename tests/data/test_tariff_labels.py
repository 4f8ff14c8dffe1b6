"""Labels, headings and units of tables of tariffs as their publishers write them: read where a whole column is of one scheme, else named."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from test_tariff_rows import WORLD, at, world
from typer.testing import CliRunner

import cge
from cge.cli import app
from cge.data import bundled
from cge.data.concordance import bundled_groups
from cge.data.countries import ALPHA2, ALPHA3, NAME, NUMBER, by_code, iso3166, other_codes, reading, readings, unions
from cge.data.economy import make_economy
from cge.data.sources import import_economy
from cge.data.tariffs.attach import import_tariffs
from cge.data.tariffs.file import read_rates
from cge.data.tariffs.products import read_products
from cge.data.tariffs.table import tariff_rates
from cge.data.units import seeming_unit
from cge.data.write import write_economy
from cge.errors import DataError

HEADER = "importer,exporter,sector,tariff\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "t.csv"


def faults(path: Path, text: str, products: str = "", **options: object) -> tuple[str, ...]:
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_rates(path, WORLD, listed(path, products), **options)  # type: ignore[arg-type]
    return caught.value.faults


def listed(path: Path, products: str) -> object:
    if not products:
        return None
    (path.parent / "c.csv").write_text(products, encoding="utf-8")
    return read_products(path.parent / "c.csv")


def given(path: Path, text: str, products: str = "", **options: object) -> tuple[xr.DataArray, str]:
    """Rates, and the account in one text."""
    path.write_text(text, encoding="utf-8")
    found = read_rates(path, WORLD, listed(path, products), **options)  # type: ignore[arg-type]
    return found.values, " ".join(found.account)


# --- countries -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("importer", "exporter", "scheme"),
    [("US", "DE", ALPHA2), ("840", "276", NUMBER), ("usa", "deu", ALPHA3), ("United States", "Germany", NAME), ("842", "280", NUMBER)],
)
def test_a_column_in_one_scheme_is_read_and_said(file: Path, importer: str, exporter: str, scheme: str) -> None:
    array, said = given(file, f"{HEADER}{importer},{exporter},cars,0.1\n")
    assert at(array, "USA", "DEU") == 0.1
    assert f"Importers read as {scheme}: {importer} → USA." in said
    assert f"Exporters read as {scheme}: {exporter} → DEU." in said


def test_a_country_that_the_economy_lacks_is_left_out_and_one_of_which_nothing_is_known_too(file: Path) -> None:
    _, said = given(file, f"{HEADER}US,DE,cars,0.1\nUS,AL,cars,0.2\nAT,CA,cars,0.3\nUS,Frence,cars,0.3\n")
    assert "Exporters that the economy lacks, left out: AL (1 rows)." in said
    assert "Importers that the economy lacks, left out: AT (1 rows)." in said
    assert "Exporters of which nothing is known, left out: Frence (1 rows)." in said


def test_numbers_lose_their_leading_zeros() -> None:
    assert [found.code for each in ("40", "040", "8", "842") if (found := reading(each))] == ["AUT", "AUT", "ALB", "USA"]


def test_old_codes_and_those_of_publishers_are_read_among_others(file: Path) -> None:
    array, said = given(file, f"{HEADER}USA,GER,cars,0.1\nUSA,FRA,cars,0.2\nUnited States of America,CAN,farm,0.3\n")
    assert (at(array, "USA", "DEU"), at(array, "USA", "FRA"), at(array, "USA", "CAN", "farm")) == (0.1, 0.2, 0.3)
    assert "Exporters read as codes of IOC and vehicle codes: GER → DEU." in said
    assert "Importers read as names of countries: United States of America → USA." in said


def test_two_letters_are_a_country_only_where_they_are_the_rule(file: Path) -> None:
    """NA beside USA and DEU may be North America."""
    assert "NA" not in readings(["USA", "DEU", "NA"])
    assert readings(["US", "DE", "NA"])["NA"].code == "NAM"
    (said,) = faults(file, f"{HEADER}USA,DE,cars,0.1\nUSA,FRA,cars,0.1\nUSA,CAN,cars,0.1\n")
    assert "exporter: DE is DEU (Germany; ISO alpha-2 codes). Write these labels, or list them in a concordance" in said


def test_the_world_and_unions_are_read_with_the_members_of_the_year(file: Path) -> None:
    text = f"{HEADER[:-1]},year\nUSA,WLD,cars,0.1,2018\nUSA,EUN,cars,0.05,2018\nEUN,World,farm,0.2,2018\nUSA,Mars,cars,0.2,2018\n"
    array, said = given(file, text)
    assert (at(array, "USA", "DEU"), at(array, "USA", "CAN")) == (0.05, 0.1)
    assert (at(array, "DEU", "CAN", "farm"), at(array, "DEU", "FRA", "farm")) == (0.2, 0.0)  # none inside the union
    assert "Exporters read as codes of WITS: WLD → all (*), EUN → EU (2 members in the economy), World → all (*)." in said
    assert ("GBR" in unions(2018)["EU"], "GBR" in unions(2021)["EU"], "HRV" in unions(2012)["EU"]) == (True, False, False)
    assert sorted(unions(None)["EU"]) == sorted(unions(2024)["EU"])
    assert len(unions(None)["EU"]) == 27


@pytest.mark.parametrize(("union", "year", "size"), [("EU15", 1995, 15), ("EU25", 2004, 25), ("EU28", 2013, 28), ("EU27_2020", 2021, 27)])
def test_a_fixed_membership_is_the_same_in_every_year(union: str, year: int, size: int) -> None:
    assert len(unions(1990)[union]) == size
    assert unions(1990)[union] == unions(None)[union] == unions(year)["EU"]


def test_a_fixed_membership_is_read_whatever_the_year_and_said() -> None:
    britain = world("USA DEU GBR HRV")
    for union, members in (("EU28", "DEU GBR HRV"), ("EU25", "DEU GBR"), ("EU27_2020", "DEU HRV")):
        rows = pd.DataFrame([("USA", union, "*", 0.1)], columns=["importer", "exporter", "sector", "tariff"])
        found = tariff_rates(britain, rows, year=None)
        paid = found.values.sel(importer="USA", sector="cars").dropna("exporter")["exporter"].values.tolist()
        assert paid == members.split()
        assert f"{union} → {union} ({len(paid)} members in the economy)." in " ".join(found.account)


@pytest.mark.parametrize(
    ("label", "code"),
    [("ROM", "ROU"), ("ZAR", "COD"), ("TMP", "TLS"), ("KSV", "XKX"), ("UK", "GBR"), ("EL", "GRC"), ("TAI", "TWN"), ("GER", "DEU"), ("rom", "ROU"),
     ("Korea, Rep.", "KOR"), ("Cote d'Ivoire", "CIV"), ("Viet Nam", "VNM"), ("Russian Federation", "RUS"), ("The Gambia", "GMB"), ("251", "FRA"),
     ("FIGW1", "ROW"), ("RoW", "ROW"), ("WWA", "WWA"), ("WA", "WWA"), ("WF", "WWF"), ("xsu", "XSU"), ("PRC", "CHN"), ("EEC", "EU"), ("CHT", "TWN"),
     ("EU27_2020", "EU27_2020"), ("EU27", "EU"), ("918", "EU"), ("899", "NES"), ("World", "*")],
)  # fmt: skip
def test_codes_of_statistics(label: str, code: str) -> None:
    found = reading(label)
    assert found is not None
    assert found.code == code


def test_other_codes_are_no_codes_of_iso_and_lead_to_one() -> None:
    """But WF, which is EXIOBASE's rest of Africa before it is Wallis and Futuna."""
    own = {row[key] for row in iso3166() for key in ("alpha3", "alpha2", "numeric")}
    assert own & {row["code"] for row in other_codes()} == {"WF"}
    countries = {row["alpha3"] for row in other_codes() if row["kind"] in ("code", "number", "name")}
    assert countries <= {row["alpha3"] for row in iso3166()}
    assert {row["alpha3"] for row in other_codes() if row["kind"] == "group"} == {"*", *unions(None)}
    assert len({row["code"].upper() for row in other_codes()}) == len(other_codes())


def test_bundled_groups_hold_countries_under_any_code() -> None:
    for labels in ("US DE FR WF", "840 276 250 876", "USA DEU FRA ROW", "United_States GER FRA FIGW1"):
        found = bundled_groups({"country": labels.split(), "sector": []})["country"]
        assert found["EU27"] == labels.split()[1:3]
    assert bundled_groups({"country": ["ROM", "AUT", "NA"], "sector": []})["country"]["EU27"] == ["AUT", "ROM"]


def test_economies_are_recognised() -> None:
    """All countries of the bundled economy and of both releases of WIOD, but the rest of the world."""
    icio = cge.open_economy("icio2022").countries
    names = (
        "AUS AUT BEL BGR BRA CAN CHE CHN CYP CZE DEU DNK ESP EST FIN FRA GBR GRC HRV HUN IDN IND IRL ITA JPN KOR LTU LUX LVA MEX MLT NLD NOR "
        "POL PRT ROU RUS SVK SVN SWE TUR TWN USA RoW"
    )
    wiod = names.split()
    assert [label for label in icio if label not in by_code(icio).values()] == []
    assert [label for label in wiod if label not in by_code(wiod).values()] == []
    assert by_code(wiod)["ROW"] == "RoW"
    assert by_code(["AT", "BE", "US", "WF", "WWA"])["AUT"] == "AT"
    assert by_code(["Home", "North", "South"]) == {}


def test_a_table_that_matches_nothing_is_a_fault_and_writes_nothing(file: Path) -> None:
    (said,) = faults(file, f"{HEADER}Mars,Venus,cars,0.1\n")
    assert "none of the 1 rates is for trade between countries of the economy" in said
    assert "importers Mars (unknown: Mars)" in said
    out = file.parent / "o.nc"
    result = CliRunner().invoke(app, ["tariffs", "mini", str(file), str(out), "--missing", "zero"])
    assert result.exit_code == 2
    assert not out.exists()
    array = WORLD.data["tariff"] * np.nan
    with pytest.raises(DataError, match="no rate in the array"):
        cge.attach_tariffs(WORLD, array, missing="zero")


# --- products ------------------------------------------------------------------------------------------------------------------------


def test_codes_that_lost_their_leading_zero(file: Path) -> None:
    products = "from,to\n010129,farm\n020110,farm\n870321,cars\n"
    array, said = given(file, f"{HEADER}USA,DEU,10129,0.1\nUSA,DEU,20110,0.3\nUSA,DEU,870321,0.5\n", products)
    assert at(array, "USA", "DEU", "farm") == pytest.approx(0.2)
    assert "Sectors read as codes without their leading zeros: 10129 → 010129, 20110 → 020110." in said
    (said,) = faults(file, f"{HEADER}USA,DEU,10129,0.1\nUSA,DEU,999999,0.3\n", products)
    assert "2 products stand nowhere in the concordance: 10129 (1 rows), 999999 (1 rows). 10129 is 010129." in said
    array, _ = given(file, f"{HEADER}USA,DEU,1,0.1\n", products)  # the chapter
    assert at(array, "USA", "DEU", "farm") == 0.1


def test_sectors_in_other_capitals(file: Path) -> None:
    _, said = given(file, f"{HEADER}USA,DEU,CARS,0.1\n")
    assert "Sectors read as labels in other capitals: CARS → cars." in said


# --- headings, separators, years -----------------------------------------------------------------------------------------------------


def test_headings_of_publishers_are_read_and_said(file: Path) -> None:
    array, said = given(file, "Reporter,Partner,Product Code,Duty,Note\nUSA,DEU,cars,0.1,x\n")
    assert at(array, "USA", "DEU") == 0.1
    assert "headings read: Reporter as importer, Partner as exporter, Product Code as sector, Duty as tariff." in said


def test_headings_that_may_be_a_missing_column(file: Path) -> None:
    (said,) = faults(file, "importer,from_country,sector,tariff\nUSA,DEU,cars,0.1\n")
    assert "no column exporter; found importer, from_country, sector, tariff." in said
    assert "from_country may be it" in said
    (said,) = faults(file, "reporter,reporting country,partner,sector,tariff\nUSA,USA,DEU,cars,0.1\n")
    assert "reporter and reporting country could each be importer" in said
    assert "no column tariff; found a, b" in faults(file, "a,b\n1,2\n")[0]


def test_semicolons_and_decimal_commas(file: Path) -> None:
    array, _ = given(file, " importer ; exporter;sector;tariff\n USA\u00a0;DEU ;cars;0,1\nUSA;FRA;cars;1,5e-1\n")
    assert at(array, "USA", "DEU") == 0.1
    assert at(array, "USA", "FRA") == 0.15
    assert "'0,1' is not a rate" in faults(file, f'{HEADER}USA,DEU,cars,"0,1"\n')[0]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_line_that_tells_a_spreadsheet_the_separator(separator: str, file: Path) -> None:
    rows = f"{HEADER}USA,DEU,cars,0.1\n".replace(",", separator)
    assert at(given(file, f"sep={separator}\n{rows}")[0], "USA", "DEU") == 0.1
    assert at(given(file, f'\ufeff"sep={separator}"\r\n{rows}')[0], "USA", "DEU") == 0.1


@pytest.mark.parametrize("above", ["", "Tariffs of all,1999", "Tariffs of all", "Tariffs of all,,,", ",,,"])
def test_what_stands_above_the_headings(above: str, file: Path) -> None:
    (said,) = faults(file, f"{above}\n{HEADER}USA,DEU,cars,0.1\n")
    assert "The first line must be the headings: delete what stands above them." in said


def test_one_year_of_several(file: Path) -> None:
    text = f"{HEADER[:-1]},year\nUSA,DEU,cars,0.05,2010\nUSA,DEU,cars,0.07,2011\nUSA,DEU,cars,0.09,2011\n"
    assert "the years are 2010, 2011; name one of them (--year)" in faults(file, text)[0]
    assert at(given(file, text, year=2010)[0], "USA", "DEU") == 0.05
    assert "rows 3 and 4 are equally near" in faults(file, text, year=2011)[0]
    other = text.replace("0.09,2011", "0.09,2016").replace("2011", "2014")
    array, said = given(file, f"{other}FRA,DEU,cars,0.02,2008\n", year=2012)
    assert (at(array, "USA", "DEU"), at(array, "FRA", "DEU")) == (0.05, 0.02)  # of two years equally near the earlier
    assert "Importers without rows of 2012, given those of their nearest year: USA 2010, FRA 2008." in said
    assert "no column year" in faults(file, f"{HEADER}USA,DEU,cars,0.05\n", year=2010)[0]
    for odd in ("now", "inf", "2018.5", "1e300"):
        assert f"row 2: {odd!r} is no year" in faults(file, text.replace("2010", odd))[0]


# --- units ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "unit"),
    [
        ([0.0, 0.05, 0.1, 0.025], "rate"),
        ([0.0, 0.0], "rate"),
        ([0.05] * 20 + [3.0, 5.0, 8.0], "rate"),  # peaks of agriculture in an ordinary table
        ([0.02, 0.1, 8.87], "rate"),
        ([10.0, 25.0, 10.0, 25.0], "percent"),
        ([25.0], "percent"),
        ([2.5] * 12, "percent"),
        ([0.0, 0.0, 1.0, 1.0], "percent"),
        ([0.2, 0.5, 0.8, 3.2, 12.0, 0.0], "percent"),
        ([1.0, 1.0, 1.0, 1.05], "power"),
        ([1.0] * 50, "power"),
        ([1.1, 1.25], "power"),
        ([0.98, 1.0, 1.02, 1.05, 3.5], "power"),
        ([0.1, np.nan, np.nan], "rate"),
    ],
)
def test_what_numbers_look_like(values: list[float], unit: str) -> None:
    assert seeming_unit(np.array(values)) == unit
    assert seeming_unit(np.array(values)[::-1]) == unit


def test_tables_in_other_units(file: Path) -> None:
    text = f"{HEADER}USA,DEU,cars,25\nUSA,FRA,cars,10\n"
    (said,) = faults(file, text)
    assert "100% of the positive rates are 1 (100 %) or more, so they seem to be in percent" in said
    assert "unit = percent divides them by 100" in said
    assert at(given(file, text, unit="percent")[0], "USA", "DEU") == 0.25
    assert at(given(file, text, unit="rate")[0], "USA", "DEU") == 25
    text = f"{HEADER}USA,DEU,cars,1.25\nUSA,FRA,cars,1\n"
    assert "powers (1 + t)" in faults(file, text)[0]
    assert at(given(file, text, unit="power")[0], "USA", "DEU") == 0.25
    assert "'0.9' is not a rate" in faults(file, text.replace(",1\n", ",0.9\n"), unit="power")[0]


def test_high_rates_that_were_confirmed_stay_so_in_files(file: Path) -> None:
    file.write_text(f"{HEADER}USA,DEU,cars,2.5\n", encoding="utf-8")
    with pytest.raises(DataError, match="seem to be in percent"):
        import_tariffs(WORLD, file, missing="zero")
    made = import_tariffs(WORLD, file, missing="zero", unit="rate")
    write_economy(made, file.with_suffix(".nc"))
    again = cge.open_economy(file.with_suffix(".nc"))
    assert at(again.data["tariff"], "USA", "DEU") == 2.5
    assert at(cge.aggregate(again, file_of(file, "dim,from,to\nsector,farm,food\n")).data["tariff"], "USA", "DEU") == 2.5


def file_of(beside: Path, text: str) -> Path:
    path = beside.with_name("m.csv")
    path.write_text(text, encoding="utf-8")
    return path


def test_economies_in_percent_are_refused_at_the_door(tmp_path: Path) -> None:
    data = WORLD.data.copy(deep=True)
    abroad = 1 - np.eye(4)[:, :, None]
    data["tariff"] = (data["flow"].dims, 10 * abroad * np.ones(data["flow"].shape))
    free = data[["flow", "tariff"]]
    with pytest.raises(DataError, match=r'seem to be in percent.*attrs\["units"\] = "1"'):
        make_economy(free)
    free["tariff"].attrs["units"] = "1"
    assert at(make_economy(free).data["tariff"], "USA", "DEU") == 10
    free["tariff"].attrs["units"] = "percent"
    with pytest.raises(DataError, match="its units are percent"):
        make_economy(free)
    free.to_netcdf(tmp_path / "r.nc")
    assert at(read_rates(tmp_path / "r.nc", WORLD).values, "USA", "DEU") == 0.1


def test_a_tidy_table_in_percent(tmp_path: Path) -> None:
    pairs = [(i, n, s) for i in ("A", "B") for n in ("A", "B") for s in ("x", "y")]
    text = "".join(f"{i},{n},{s},{9 if i == n else 1},{0 if i == n else 2.5}\n" for i, n, s in pairs)
    path = tmp_path / "t.csv"
    path.write_text(f"exporter,importer,sector,value,tariff\n{text}", encoding="utf-8")
    with pytest.raises(DataError, match=r"column tariff: 100% of the positive rates .* percent.* cge tariffs --unit rate"):
        import_economy("tidy", path)


@pytest.mark.parametrize(
    ("odd", "said"), [("inf", "holds 'inf', which is no year"), ("2018.5", "holds '2018.5', which is no year"), ("", "is empty")]
)
def test_a_year_of_a_tidy_table_that_is_none(odd: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(f"exporter,importer,sector,value,year\nA,A,x,9,2018\nA,A,y,9,{odd}\n", encoding="utf-8")
    with pytest.raises(DataError, match=rf"row 3, column year {said}\."):
        import_economy("tidy", tmp_path / "t.csv", year=2018)


# --- labels of economies -------------------------------------------------------------------------------------------------------------


def test_labels_are_text_without_blanks(tmp_path: Path) -> None:
    """Characters of a fixed width, blanks and no-break spaces: AUS, not b'AUS'."""
    data = WORLD.data[["flow"]].copy(deep=True)
    codes = np.array([f"{c:<5}".encode() for c in WORLD.countries], dtype="S5")
    named = data.assign_coords(exporter=codes, importer=codes, sector=["cars\u00a0", " farm"])
    named.to_netcdf(tmp_path / "c.nc")
    assert cge.open_economy(tmp_path / "c.nc").countries == WORLD.countries
    assert make_economy(named).sectors == ["cars", "farm"]
    numbers = data.assign_coords(exporter=[36.0, 40.0, 276.0, 840.0], importer=[36, 40, 276, 840])
    assert make_economy(numbers).countries == ["36", "40", "276", "840"]
    twice = data.assign_coords(exporter=["USA", "USA ", "FRA", "CAN"], importer=["USA", "USA ", "FRA", "CAN"])
    with pytest.raises(DataError, match="label USA appears more than once; labels must be unique, and blanks"):
        make_economy(twice)


def test_a_blank_in_a_tidy_table_makes_no_country(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "exporter,importer, sector,value\nUSA,USA,cars,9\nUSA ,DEU,cars,2\nDEU,DEU,cars,8\nDEU,\u00a0USA,cars,3\n", encoding="utf-8"
    )
    assert import_economy("tidy", path).countries == ["USA", "DEU"]


def test_the_bundled_world_reads_alpha_2_codes(file: Path) -> None:
    economy = cge.open_economy(bundled.find("data", "icio2022"))
    by_alpha3 = {row["alpha3"]: row["alpha2"] for row in iso3166()}
    codes = [by_alpha3[c] for c in economy.countries if c in by_alpha3]
    file.write_text(HEADER + "".join(f"US,{code},C29,0.25\n" for code in codes if code != "US"), encoding="utf-8")
    found = read_rates(file, economy).values.sel(importer="USA", sector="C29")
    assert int(found.notnull().sum()) == len(codes) - 1
    assert world("US DE FR CA").countries == ["US", "DE", "FR", "CA"]
