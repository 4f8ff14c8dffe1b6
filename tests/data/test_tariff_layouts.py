"""Tables of tariffs as their publishers lay them out: each gives the rates that its schedule stands for, and says what was chosen and mended."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from places import SHARED
from tariff_layouts import CONCORDANCE, COUNTRIES, DUTIES, SCHEDULE, Duty, comtrade, expected, old_comtrade, wits_query
from test_tariff_rows import WORLD, at
from typer.testing import CliRunner

import cge
from cge.cli import app
from cge.data.tariffs.file import read_rates
from cge.data.tariffs.layouts import LAYOUTS, plain, recognised
from cge.data.tariffs.products import read_products
from cge.data.tariffs.table import Rates
from cge.data.write import write_economy
from cge.errors import DataError

UNIT = {"teti": "percent"}
"""Of layouts whose publishers do not say it."""


def read(folder: Path, name: str, duties: list[Duty], **options: object) -> Rates:
    (folder / "c.csv").write_text(CONCORDANCE + ("01,farm\n02,farm\n87,cars\n" if name == "macmap_aggregated" else ""), encoding="utf-8")
    (folder / "t.csv").write_text(DUTIES[name][1](duties), encoding="utf-8")
    given = {"unit": UNIT[name]} if name in UNIT else {}
    return read_rates(folder / "t.csv", WORLD, read_products(folder / "c.csv"), **given, **options)  # type: ignore[arg-type]


def said(rates: Rates) -> str:
    return " ".join(rates.account)


@pytest.mark.parametrize("layout", DUTIES)
def test_every_layout_gives_the_rates_of_its_schedule(layout: str, tmp_path: Path) -> None:
    """Preferences for members, most favoured nation for the others, nothing inside the Union."""
    rates = read(tmp_path, layout, SCHEDULE)
    for importer in COUNTRIES:
        for exporter in COUNTRIES:
            if importer == exporter:
                continue
            for sector, rate in expected(importer, exporter, preferences=layout != "facility").items():
                assert at(rates.values, importer, exporter, sector) == pytest.approx(rate, abs=1e-12), (importer, exporter, sector)
    assert DUTIES[layout][0] in {each.name for each in LAYOUTS if each.words in said(rates)}
    asked = read(tmp_path, layout, SCHEDULE, layout=DUTIES[layout][0])
    xr.testing.assert_identical(asked.values, rates.values)


def test_a_layout_that_is_asked_for_and_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"not in a layout of wto: .* It looks like a tariff query of WITS: --layout wits\."):
        read(tmp_path, "wits_query", SCHEDULE, layout="wto")
    (tmp_path / "t.csv").write_text(wits_query(SCHEDULE).replace("DutyType", "Dutty Type"), encoding="utf-8")
    with pytest.raises(DataError, match=r"No dutytype\. Did you mean duttytype\?"):
        read_rates(tmp_path / "t.csv", WORLD, layout="wits")


def test_of_two_layouts_the_one_that_asks_for_more_is_recognised() -> None:
    assert all(recognised(layout.needs, None, "t") in LAYOUTS for layout in LAYOUTS)
    assert len({(layout.name, layout.needs) for layout in LAYOUTS}) == len(LAYOUTS)
    assert all(plain(name) == name for layout in LAYOUTS for names in layout.columns.values() for name in names)
    assert recognised(["importer", "exporter", "sector", "tariff"], None, "t") is None


def test_specific_duties_without_an_equivalent_are_left_out_and_named(tmp_path: Path) -> None:
    specific = [replace(d, percent=None) if d.product == "020110" and d.kind == "MFN" else d for d in SCHEDULE]
    for layout in ("wits_query", "trains", "wto"):
        rates = read(tmp_path, layout, specific)
        assert "3 rows have no ad valorem rate (specific duties without an equivalent), left out: importers" in said(rates)
        assert "products 020110 (3 rows)" in said(rates)
        assert at(rates.values, "USA", "DEU", "farm") == pytest.approx(0.05)  # of the product that has one
    lines = said(read(tmp_path, "trains", [replace(d, percent=None) if d.product == "020110" else d for d in SCHEDULE]))
    assert "5 rows have no ad valorem rate" in lines


def test_averages_that_leave_lines_out_are_counted(tmp_path: Path) -> None:
    text = DUTIES["trains"][1](SCHEDULE).replace("5.0,5.0,5.0,5.0,0,", "5.0,5.0,5.0,5.0,2,")
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    (tmp_path / "c.csv").write_text(CONCORDANCE, encoding="utf-8")
    lines = read_rates(tmp_path / "t.csv", WORLD, read_products(tmp_path / "c.csv")).account
    assert "1 rows are means without 2 tariff lines whose duty has no ad valorem rate." in lines


def test_kinds_that_no_one_pays_are_left_out_and_the_nearer_kind_counts(tmp_path: Path) -> None:
    more = [
        *SCHEDULE,
        Duty("USA", "WLD", "870321", "BND", 50.0),
        Duty("USA", "CAN", "870321", "MFN", 2.5),  # gives way to the preference for Canada
    ]
    rates = read(tmp_path, "wits_query", more)
    assert at(rates.values, "USA", "CAN") == 0.0
    assert "Rows that are no duties paid, left out: BND (1 rows)." in rates.account
    assert "1 rows give way to a nearer kind of duty for the same importer, partner and product." in rates.account
    applied = read(tmp_path, "wits_query", [*more, Duty("USA", "CAN", "870321", "AHS", 1.0)])
    assert at(applied.values, "USA", "CAN") == pytest.approx(0.01)


def test_years_are_those_of_each_importer_and_kind(tmp_path: Path) -> None:
    years = {("USA", "MFN"): 2018, ("CAN", "MFN"): 2016, ("EUN", "MFN"): 2021}
    dated = [replace(d, year=years.get((d.importer, d.kind), 2017)) for d in SCHEDULE]
    with pytest.raises(DataError, match="the years are 2016, 2017, 2018, 2021; name one of them"):
        read(tmp_path, "wits_query", dated)
    rates = read(tmp_path, "wits_query", dated, year=2018)
    assert at(rates.values, "CAN", "USA") == 0.0
    assert at(rates.values, "DEU", "USA") == pytest.approx(0.10)
    assert (
        "Importers without rows of 2018, given those of their nearest year: 124 MFN 2016, 918 MFN 2021, 840 PRF 2017, 124 PRF 2017."
        in rates.account
    )


def test_codes_that_lost_their_zero_and_revisions_are_named(tmp_path: Path) -> None:
    short = [replace(d, product=d.product.lstrip("0")) for d in SCHEDULE]
    rates = read(tmp_path, "trains", short)
    xr.testing.assert_identical(rates.values, read(tmp_path, "trains", SCHEDULE).values)
    assert "10 rows have codes that lost their leading zero: 10129 → 010129, 20110 → 020110." in rates.account
    assert "Products are of HS 2017 (16 rows)." in rates.account
    mixed = DUTIES["trains"][1](SCHEDULE).replace("H5,840", "H4,840")
    (tmp_path / "t.csv").write_text(mixed, encoding="utf-8")
    lines = read_rates(tmp_path / "t.csv", WORLD, read_products(tmp_path / "c.csv")).account
    assert "Products are of HS 2017 (10 rows), HS 2012 (6 rows). The concordance must have the codes of each." in lines


def test_weighted_averages_take_the_mean_of_the_publisher_and_its_trade(tmp_path: Path) -> None:
    """Beef is traded three times as much as horses."""
    traded = [replace(d, imports=300.0) if d.product == "020110" else d for d in SCHEDULE]
    rates = read(tmp_path, "wits_query", traded, average="weighted")
    assert at(rates.values, "USA", "DEU", "farm") == pytest.approx((0.05 + 3 * 0.10) / 4)
    (tmp_path / "t.csv").write_text(wits_query(traded).replace("MFN,2.5,2.5", "MFN,2.5,1.5"), encoding="utf-8")
    rates = read_rates(tmp_path / "t.csv", WORLD, read_products(tmp_path / "c.csv"), average="weighted")
    assert at(rates.values, "USA", "DEU", "cars") == pytest.approx(0.015)


def test_a_real_table_joined_with_free_trade_rows(tmp_path: Path) -> None:
    """Caliendo and Parro's tariffs of 2005 for three importers, by what China pays, with rows of zero between the members of NAFTA."""
    path = SHARED / "data" / "cp2015_tariff2005.nc"
    if not path.is_file():
        pytest.skip(f"no {path}: the shared data are not beside this checkout")
    economy, paid = cge.open_economy(SHARED / "data" / "cp2015_economy.nc"), xr.load_dataset(path)["tariff"]
    members = ["USA", "CAN", "MEX"]
    codes = cge.data.countries.by_code(economy.countries)
    own = [codes[code] for code in members]
    china = codes["CHN"]
    duties = [f"{n},*,{s},{float(paid.sel(importer=n, exporter=china, sector=s))!r}" for n in own for s in economy.sectors]
    free = [f"{n},{i},*,0" for n in members for i in members if n != i]
    (tmp_path / "t.csv").write_text("\n".join(["importer,exporter,sector,tariff", *free, *duties]), encoding="utf-8")
    found = read_rates(tmp_path / "t.csv", economy).values
    for n in own:
        assert (found.sel(importer=n, exporter=[i for i in own if i != n]) == 0).all()
        for i in set(economy.countries) - set(own):
            np.testing.assert_array_equal(found.sel(importer=n, exporter=i), paid.sel(importer=n, exporter=china))
    assert found.sel(importer=[n for n in economy.countries if n not in own]).isnull().all()


def test_the_command_takes_a_layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_economy(WORLD, Path("w.nc"))
    Path("c.csv").write_text(CONCORDANCE, encoding="utf-8")
    Path("t.csv").write_text(wits_query(SCHEDULE), encoding="utf-8")
    result = CliRunner().invoke(app, ["tariffs", "w.nc", "t.csv", "o.nc", "--concordance", "c.csv", "--layout", "wits", "--year", "2018"])
    assert result.exit_code == 0, result.output
    assert "read as a tariff query of WITS; duties are in percent." in " ".join(result.output.split())
    assert at(cge.open_economy("o.nc").data["tariff"], "USA", "DEU") == pytest.approx(0.025)
    assert CliRunner().invoke(app, ["tariffs", "w.nc", "t.csv", "p.nc", "--concordance", "c.csv", "--layout", "teti"]).exit_code == 2
    assert not Path("p.nc").exists()


def own_trade(rows: list[tuple[str, str, str, float]]) -> str:
    return "importer,exporter,sector,value\n" + "".join(f"{n},{i},{product},{value}\n" for n, i, product, value in rows)


@pytest.mark.parametrize("write", [comtrade, old_comtrade, own_trade])
def test_trade_of_its_own_table_weighs_the_rates(write: Callable[[list[tuple[str, str, str, float]]], str], tmp_path: Path) -> None:
    """Duties for most favoured nations, weighted by what each partner sells; where nothing is sold the simple mean."""
    trade = [("USA", "DEU", "010129", 30.0), ("USA", "DEU", "020110", 10.0), ("USA", "FRA", "020110", 7.0), ("USA", "WLD", "020110", 500.0)]
    (tmp_path / "w.csv").write_text(write(trade), encoding="utf-8")
    rates = read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")
    assert at(rates.values, "USA", "DEU", "farm") == pytest.approx((30 * 0.05 + 10 * 0.10) / 40)
    assert at(rates.values, "USA", "FRA", "farm") == pytest.approx(0.10)
    assert at(rates.values, "USA", "CAN", "farm") == pytest.approx(0.075)
    assert "trade of 3 rows weighs the rates." in said(rates)
    assert "1 rows are of several countries or products at once, left out." in rates.account
    with pytest.raises(DataError, match=r"w.csv: weighs nothing in simple averages"):
        read(tmp_path, "facility", SCHEDULE, weights=tmp_path / "w.csv")


@pytest.mark.parametrize("simple", ["5.0", "n/a"])
def test_the_simple_mean_stands_in_for_a_weighted_one_that_is_blank(simple: str, tmp_path: Path) -> None:
    """And where there is neither, the duty is specific."""
    text = (
        wits_query(SCHEDULE)
        .replace("MFN,5.0,5.0", f"MFN,{simple},")
        .replace("MFN,10.0,10.0,0,10.0,10.0,3,0,0,100.0", "MFN,10.0,,0,10.0,10.0,3,0,0,100.0")
    )
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    (tmp_path / "c.csv").write_text(CONCORDANCE, encoding="utf-8")
    rates = read_rates(tmp_path / "t.csv", WORLD, read_products(tmp_path / "c.csv"), average="weighted")
    both = simple == "5.0"
    assert at(rates.values, "USA", "DEU", "farm") == pytest.approx(0.075 if both else 0.10)
    assert at(rates.values, "DEU", "USA", "cars") == pytest.approx(0.10)
    assert f"{3 if both else 2} rows have no weighted mean, and are given the simple one." in rates.account
    assert ("no ad valorem rate" in said(rates)) == (not both)


def test_a_blank_weight_is_no_trade(tmp_path: Path) -> None:
    text = wits_query(SCHEDULE).replace("100.0,100", ",100", 1)
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    (tmp_path / "c.csv").write_text(CONCORDANCE, encoding="utf-8")
    rates = read_rates(tmp_path / "t.csv", WORLD, read_products(tmp_path / "c.csv"), average="weighted")
    assert at(rates.values, "USA", "DEU", "farm") == pytest.approx(0.10)  # of beef alone: horses are not traded
    assert "1 rows have no weight, which is read as no trade." in rates.account
    (tmp_path / "w.csv").write_text(own_trade([("USA", "DEU", "010129", 30.0), ("USA", "DEU", "020110", "")]), encoding="utf-8")  # type: ignore[list-item]
    rates = read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")
    assert at(rates.values, "USA", "DEU", "farm") == pytest.approx(0.05)
    assert "1 rows have no value, which is read as no trade." in rates.account


@pytest.mark.parametrize(("write", "column", "part"), [
    (comtrade, "motCode", "1000"), (comtrade, "partner2Code", "251"), (comtrade, "customsCode", "C01"), (old_comtrade, "2nd Partner Code", "251"),
])  # fmt: skip
def test_parts_of_trade_do_not_count_beside_their_total(
    write: Callable[[list[tuple[str, str, str, float]]], str], column: str, part: str, tmp_path: Path
) -> None:
    text = write([("USA", "DEU", "010129", 30.0), ("USA", "DEU", "020110", 10.0), ("USA", "DEU", "020110", 8.0)])
    table = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False)
    table.loc[2, column] = part
    table.to_csv(tmp_path / "w.csv", index=False)
    rates = read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")
    assert at(rates.values, "USA", "DEU", "farm") == pytest.approx((30 * 0.05 + 10 * 0.10) / 40)
    assert f"Rows that are parts of a total by {column}, left out: {part} (1 rows)." in rates.account
    table.assign(**{column: part}).to_csv(tmp_path / "w.csv", index=False)
    with pytest.raises(DataError, match=rf"w.csv: no row is a total. .* by {column}, left out: {part} \(3 rows\)"):
        read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")


@pytest.mark.parametrize("write", [comtrade, old_comtrade, own_trade])
def test_trade_that_stands_twice_is_a_fault(write: Callable[[list[tuple[str, str, str, float]]], str], tmp_path: Path) -> None:
    trade = [("USA", "WLD", "020110", 50.0), ("USA", "DEU", "010129", 30.0), ("USA", "DEU", "020110", 10.0), ("USA", "DEU", "010129", 8.0)]
    (tmp_path / "w.csv").write_text(write(trade), encoding="utf-8")
    with pytest.raises(DataError, match=r"w.csv: rows 3 and 5 are both trade of USA from DEU in 010129 \(1 such rows\)\. Keep one of them"):
        read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")


def test_decimal_commas_in_a_table_of_trade(tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("importer;exporter;sector;value\nUSA;DEU;010129;30,5\nUSA;DEU;020110;9,5\n", encoding="utf-8")
    rates = read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")
    assert at(rates.values, "USA", "DEU", "farm") == pytest.approx((30.5 * 0.05 + 9.5 * 0.10) / 40)


def test_trade_is_no_duty_and_duties_are_no_trade(tmp_path: Path) -> None:
    trade = [("USA", "DEU", "010129", 30.0)]
    (tmp_path / "w.csv").write_text(comtrade(trade), encoding="utf-8")
    with pytest.raises(DataError, match=r"trade and no duties. Give a table of duties, and this one as their weights \(--weights\)"):
        read_rates(tmp_path / "w.csv", WORLD)
    (tmp_path / "w.csv").write_text(wits_query(SCHEDULE), encoding="utf-8")
    with pytest.raises(DataError, match="is a tariff query of WITS: duties, not trade that weighs them"):
        read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")
    (tmp_path / "w.csv").write_text(comtrade(trade, flow="X"), encoding="utf-8")
    with pytest.raises(DataError, match="none of its rows is trade of countries and products of the economy"):
        read(tmp_path, "facility", SCHEDULE, average="weighted", weights=tmp_path / "w.csv")
