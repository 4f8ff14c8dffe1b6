"""Factor accounts: published layouts made small, shares by hand, what is negative or missing, and the way into an economy."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from places import SHARED
from typer.testing import CliRunner
from worlds import dataset

import cge
from cge.cli import app
from cge.data.economy import Economy, make_economy
from cge.data.factors.accounts import factor_accounts
from cge.data.factors.accounts_file import ISIC3
from cge.data.factors.shares import read_shares
from cge.errors import DataError

Published = Callable[..., Path]


def published(
    path: Path, cells: dict[tuple[str, str, str], tuple[float | str, ...]], years: tuple[str, ...], capital: bool = False
) -> Path:
    """Accounts as WIOD publishes them (sheet DATA): a row for each country, variable and industry, a column for each year."""
    names = ["Country", "Variable", "Description", "Code"] if capital else ["country", "variable", "description", "code"]
    rows = [(country, variable, f"Industry {code}", code, *values) for (country, variable, code), values in cells.items()]
    pd.DataFrame(rows, columns=[*names, *years]).to_csv(path, index=False)
    return path


@pytest.fixture
def release_2016(tmp_path: Path) -> Path:
    cells = {
        ("AAA", "LAB", "A01"): (30.0, 40.0), ("AAA", "CAP", "A01"): (70.0, 60.0), ("AAA", "VA", "A01"): (100.0, 100.0),
        ("AAA", "LAB", "B"): (120.0, 120.0), ("AAA", "CAP", "B"): (80.0, -20.0), ("AAA", "VA", "B"): (200.0, 100.0),
        ("AAA", "LAB", "U"): (0.0, 0.0), ("AAA", "CAP", "U"): (0.0, 0.0),
        ("BBB", "LAB", "A01"): ("", 9.0), ("BBB", "CAP", "A01"): ("NA", 1.0),
        ("BBB", "LAB", "B"): (5.0, 5.0), ("BBB", "CAP", "B"): (5.0, 5.0),
        ("AAA", "LAB", "TOT"): (150.0, 160.0), ("AAA", "CAP", "TOT"): (150.0, 40.0),
    }  # fmt: skip
    return published(tmp_path / "sea16.csv", cells, ("2000", "2001"))


def shares(table: pd.DataFrame) -> dict[tuple[str, str], tuple[float, ...]]:
    """Shares of a cell in the order of factors."""
    return {(str(c), str(s)): tuple(rows["share"]) for (c, s), rows in table.groupby(["country", "sector"], sort=False)}


def test_the_release_of_2016_by_hand(release_2016: Path) -> None:
    found = factor_accounts("wiod2016", release_2016, year=2000)
    assert list(found.table.columns) == ["country", "sector", "factor", "share"]
    assert found.table["factor"].unique().tolist() == ["labour", "capital"]
    assert shares(found.table) == {("AAA", "A01"): (0.3, 0.7), ("AAA", "B"): (0.6, 0.4), ("BBB", "B"): (0.5, 0.5)}
    assert "2 cells have no payments: AAA U, BBB A01. They have no rows." in found.account


def test_a_workbook_is_read_and_its_errors_are_no_gaps(release_2016: Path, tmp_path: Path) -> None:
    path = tmp_path / "sea16.xlsx"
    with pd.ExcelWriter(path, engine="openpyxl") as book:
        pd.DataFrame({"Notes": ["about"]}).to_excel(book, sheet_name="Notes", index=False)
        pd.read_csv(release_2016).to_excel(book, sheet_name="DATA", index=False)
    known = factor_accounts("wiod2016", release_2016, year=2000)
    assert shares(factor_accounts("wiod2016", path, year=2000).table) == shares(known.table)
    workbook = openpyxl.load_workbook(path)
    workbook["DATA"]["E3"].value, workbook["DATA"]["E3"].data_type = "#REF!", "e"
    workbook.save(path)
    with pytest.raises(DataError, match="row 3, column 5 of DATA holds #REF!"):
        factor_accounts("wiod2016", path, year=2000)


def test_negative_capital_is_refused_by_name(release_2016: Path) -> None:
    with pytest.raises(DataError) as caught:
        factor_accounts("wiod2016", release_2016, year=2001)
    found = str(caught.value)
    assert all(word in found for word in ("1 cell has a negative payment", "AAA B (-14.3%)", "--negative"))


def test_negative_capital_by_treatment(release_2016: Path) -> None:
    clipped = shares(factor_accounts("wiod2016", release_2016, year=2001, negative="clip").table)
    country = factor_accounts("wiod2016", release_2016, year=2001, negative="country")
    assert clipped["AAA", "B"] == (1.0, 0.0)
    assert shares(country.table)["AAA", "B"] == (0.4, 0.6)  # what is left of the country is A01
    assert "AAA B (-14.3%). They take the shares of their country." in " ".join(country.account)
    assert clipped["BBB", "A01"] == shares(country.table)["BBB", "A01"] == (0.9, 0.1)


def test_averages_come_first_and_cells_replace_them(release_2016: Path) -> None:
    table = factor_accounts("wiod2016", release_2016, year=2000, missing="average").table
    found = shares(table)
    assert list(found)[:3] == [("*", "*"), ("AAA", "*"), ("BBB", "*")]
    assert_allclose(found["AAA", "*"], (0.5, 0.5))  # 150 of 300
    assert_allclose(found["*", "*"], (0.5, 0.5))
    assert ("AAA", "U") not in found


@pytest.fixture
def small() -> Economy:
    """Countries AAA, BBB, ROW; sectors A01, B."""
    flow = np.full((3, 3, 2), 10.0)
    data = dataset(flow)
    names = {dim: ["AAA", "BBB", "ROW"] for dim in ("exporter", "importer")} | {"sector": ["A01", "B"]}
    return make_economy(data.assign_coords(names))


def test_into_an_economy(release_2016: Path, small: Economy) -> None:
    found = factor_accounts("wiod2016", release_2016, year=2000, economy=small, missing="average")
    assert "Countries of the economy without accounts: ROW." in found.account
    assert "Mean over 2 countries, each counting once, for ROW: labour 0.500, capital 0.500." in found.account
    made = cge.with_factors(small, found.table)
    assert made.factors == ["labour", "capital"]
    assert_allclose(made.data["value_added"].sel(country="AAA"), [[9, 21], [18, 12]])
    left = factor_accounts("wiod2016", release_2016, year=2000, economy=small)
    with pytest.raises(DataError, match="add up to 0 at country=BBB sector=A01"):
        cge.with_factors(small, left.table)


def test_a_concordance_adds_and_spreads(tmp_path: Path, release_2016: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("dim,from,to\nsector,A01,primary\nsector,B,primary\ncountry,AAA,Aland\n", encoding="utf-8")
    found = shares(factor_accounts("wiod2016", release_2016, year=2000, concordance=path).table)
    assert found["Aland", "primary"] == (150 / 300, 150 / 300)
    assert found["BBB", "primary"] == (0.5, 0.5)  # of B alone, and that is said
    account = factor_accounts("wiod2016", release_2016, year=2000, concordance=path).account
    assert "1 merged cells lack the payments of some of their parts, and are the sum of the others: BBB primary." in account
    path.write_text("from,to\nB,B05\nB,B06\nA01,\n", encoding="utf-8")
    found = shares(factor_accounts("wiod2016", release_2016, year=2000, concordance=path).table)
    assert found["AAA", "B05"] == found["AAA", "B06"] == (0.6, 0.4)
    assert ("AAA", "A01") not in found
    path.write_text("from,to\nB5,B05\n", encoding="utf-8")
    with pytest.raises(DataError, match="sector B5 is not in the accounts"):
        factor_accounts("wiod2016", release_2016, year=2000, concordance=path)
    path.write_text("dim,from,to\ncountry,AAA,X\ncountry,BBB,X\n", encoding="utf-8")
    with pytest.raises(DataError, match="currencies differ"):
        factor_accounts("wiod2016", release_2016, year=2000, concordance=path)


def test_the_release_of_2013_has_skills(tmp_path: Path) -> None:
    cells: dict[tuple[str, str, str], tuple[float | str, ...]] = {}
    for place, code in enumerate(ISIC3):
        values = {"LAB": 60.0 + place, "CAP": 40.0, "LABHS": 0.25, "LABMS": 0.5, "LABLS": 0.25, "VA": 100.0 + place}
        cells |= {("USA", variable, code): (1.0 if variable == "CAP" else value, value) for variable, value in values.items()}
    path = published(tmp_path / "sea13.csv", cells | {("USA", "LAB", "TOT"): (1.0, 1.0)}, ("_1995", "_2011"), capital=True)
    found = factor_accounts("wiod2013", path, year=2011)
    assert found.table["sector"].unique().tolist() == [f"c{i}" for i in range(1, 36)]
    assert_allclose(shares(found.table)["USA", "c1"], (0.15, 0.3, 0.15, 0.4))
    assert_allclose(shares(found.table)["USA", "c35"], (0.25 * 94 / 134, 0.5 * 94 / 134, 0.25 * 94 / 134, 40 / 134))
    assert found.table["factor"].unique().tolist() == ["high_skilled", "medium_skilled", "low_skilled", "capital"]
    broken = {**cells, ("USA", "LABHS", "C"): (0.9, 0.9)}
    with pytest.raises(DataError, match=r"add up to 1\.65 in USA C"):
        factor_accounts("wiod2013", published(path, broken, ("_1995", "_2011"), capital=True), year=2011)


def test_penn_world_table(tmp_path: Path, small: Economy) -> None:
    path = tmp_path / "pwt.csv"
    path.write_text("countrycode,year,labsh\nAAA,2010,0.5\nAAA,2011,0.6\nBBB,2011,\nCCC,2011,0.4\n", encoding="utf-8")
    found = factor_accounts("pwt", path, year=2011)
    assert shares(found.table) == {("AAA", "*"): (0.6, 0.4), ("CCC", "*"): (0.4, 0.6)}
    assert "1 cells have no payments: BBB. They have no rows." in found.account
    filled = factor_accounts("pwt", path, year=2011, economy=small, missing="average")
    assert shares(filled.table) == {("*", "*"): (0.6, 0.4), ("AAA", "*"): (0.6, 0.4)}
    assert cge.with_factors(small, filled.table).factors == ["labour", "capital"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("LAB,Industry A01,A01,30.0", "LAB,Industry A01,A01,x"), ("LAB of AAA A01 is 'x'", "not a number")),
        (("AAA,CAP,Industry B,B", "AAA,LAB,Industry B,B"), ("row 6 repeats AAA B LAB",)),
        (("country,variable", "land,variable"), ("no column country",)),
        (("2000,2001", "1990,1991"), ("no year 2000", "1990 to 1991")),
        (("CAP", "KAP"), ("no variable CAP", "it has KAP, LAB, VA")),
    ],
)
def test_malformed_accounts(release_2016: Path, change: tuple[str, str], words: tuple[str, ...]) -> None:
    release_2016.write_text(release_2016.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(DataError) as caught:
        factor_accounts("wiod2016", release_2016, year=2000)
    assert all(word in str(caught.value) for word in words), caught.value


def test_other_faults(tmp_path: Path, release_2016: Path, small: Economy) -> None:
    with pytest.raises(DataError, match="Did you mean wiod2016"):
        factor_accounts("wiod2015", release_2016)
    with pytest.raises(DataError, match="several years; it has 2000 to 2001"):
        factor_accounts("wiod2016", release_2016)
    with pytest.raises(DataError, match=r"Did you mean sea16\.csv"):
        factor_accounts("wiod2016", tmp_path / "sea15.csv")
    (tmp_path / "half.csv").write_text('country,variable\n"AAA', encoding="utf-8")
    with pytest.raises(DataError, match="cannot be read as csv"):
        factor_accounts("wiod2016", tmp_path / "half.csv")
    other = make_economy(small.data.assign_coords(sector=["x", "y"], input=["x", "y"])[["flow"]])
    with pytest.raises(DataError, match="no label of the accounts is one of the economy"):
        factor_accounts("wiod2016", release_2016, year=2000, economy=other)


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command(tmp_path: Path, release_2016: Path) -> None:
    out = tmp_path / "shares.csv"
    status, _, err = invoke("factors", "wiod2016", release_2016, out, "--year", 2001)
    assert status == 2
    assert "negative payment" in err
    assert not out.exists()
    status, printed, err = invoke("factors", "wiod2016", release_2016, out, "--year", 2001, "--negative", "clip")
    assert (status, err) == (0, "")
    assert "Set to zero, the others scaled." in printed
    assert shares(read_shares(out))["AAA", "A01"] == (0.4, 0.6)


# --- the published data, where they are -----------------------------------------------------------------------------------------------


def shared(name: str) -> Path:
    if not (SHARED / "data" / name).is_file():
        pytest.skip(f"no {SHARED / 'data' / name}: the shared data are not beside this checkout")
    return SHARED / "data" / name


def test_the_united_states_in_2011() -> None:
    """Insurance agents and brokers (K66): labour compensation 220,696 of value added 190,332 million dollars."""
    path = shared("wiod2016_sea_USA.csv")
    with pytest.raises(DataError, match=r"USA K66 \(-12\.1%\)"):
        factor_accounts("wiod2016", path, year=2011)
    found = shares(factor_accounts("wiod2016", path, year=2011, negative="clip").table)
    assert len(found) == 55  # of 56: U has nothing
    assert found["USA", "K66"] == (1.0, 0.0)
    rows = pd.read_csv(path)
    row = rows[(rows["code"] == "C29") & (rows["year"] == 2011)].iloc[0]
    assert_allclose(found["USA", "C29"], (row["LAB"] / row["VA"], row["CAP"] / row["VA"]), rtol=1e-6)


def test_penn_shares_split_the_bundled_world() -> None:
    economy = cge.open_economy(cge.data.bundled.find("data", "icio2022"))
    found = factor_accounts("pwt", shared("pwt90_2011.csv"), economy=economy, missing="average")
    made = cge.with_factors(economy, found.table)
    part = made.data["value_added"].sel(factor="labour").sum("sector") / made.data["value_added"].sum(["sector", "factor"])
    assert float(part.sel(country="USA")) == pytest.approx(0.59, abs=0.02)
    assert cge.calibrate(made).factors == ["labour", "capital"]


def test_a_country_may_be_called_na(tmp_path: Path) -> None:
    """Namibia's code is no missing value, and neither is NA in a number cell a number."""
    path = tmp_path / "sea.csv"
    path.write_text("country,code,year,LAB,CAP\nNA,farm,2022,30,50\nNA,cars,2022,55,NA\nZA ,farm,2022,20,30\n,,,,\n", encoding="utf-8")
    table = factor_accounts("wiod2016", path).table
    assert list(dict.fromkeys(table["country"])) == ["NA", "ZA"]
    assert list(table["sector"]) == ["farm"] * 4
    frame = pd.read_csv(path, dtype=str, keep_default_na=False).iloc[:3]
    frame.to_excel(tmp_path / "sea.xlsx", sheet_name="DATA", index=False)
    pd.testing.assert_frame_equal(factor_accounts("wiod2016", tmp_path / "sea.xlsx").table, table)
