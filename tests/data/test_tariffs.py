"""Tariffs from a table: averages by hand, missing pairs by name, the money that attaching moves, faults, the command."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from places import SHARED
from typer.testing import CliRunner
from worlds import random_economy, solve

import cge
from cge.cli import app
from cge.data import bundled
from cge.data.choices import Average
from cge.data.economy import Economy, make_economy
from cge.data.tariffs.attach import import_tariffs, missing_rates
from cge.data.tariffs.products import read_products
from cge.data.tariffs.table import tariff_rates
from cge.errors import DataError

MINI = cge.open_economy(bundled.find("data", "mini"))
FREE = make_economy(MINI.data.drop_vars("tariff"))


def table(*rows: tuple[object, ...], columns: str = "importer exporter sector tariff weight") -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns.split()[: len(rows[0])])


def everywhere(economy: Economy, rate: float) -> pd.DataFrame:
    """The same rate on all trade between countries."""
    pairs = [(n, i, s, rate) for n in economy.countries for i in economy.countries if i != n for s in economy.sectors]
    return table(*pairs)


def cell(rates: xr.DataArray, importer: str, exporter: str, sector: str = "goods") -> float:
    return float(rates.sel(importer=importer, exporter=exporter, sector=sector))


def faults(rows: pd.DataFrame, products: pd.DataFrame | None = None, average: Average = "simple") -> str:
    with pytest.raises(DataError) as caught:
        tariff_rates(MINI, rows, products, average=average)
    return "\n".join(caught.value.faults)


# --- averages by hand ----------------------------------------------------------------------------------------------------------------

HS = table(
    ("Home", "North", "0101", 0.10, 30.0),
    ("Home", "North", "0102", 0.30, 10.0),
    ("Home", "South", "0101", 0.20, 0.0),
    ("Home", "South", "0102", 0.40, 0.0),
    ("Home", "North", "9901", 0.05, 1.0),
    ("Home", "Mars", "0101", 0.50, 1.0),
)
PRODUCTS = pd.DataFrame(
    [("sector", "0101", "goods", 1.0), ("sector", "0102", "goods", 3.0), ("sector", "9901", "services", 1.0)],
    columns=["dim", "from", "to", "weight"],
)


def test_simple_and_weighted_means() -> None:
    simple, weighted = (tariff_rates(MINI, HS, PRODUCTS, average=average) for average in ("simple", "weighted"))
    assert cell(simple.values, "Home", "North") == pytest.approx((0.1 + 3 * 0.3) / 4)  # the second product counts three times
    assert cell(weighted.values, "Home", "North") == pytest.approx((30 * 0.1 + 30 * 0.3) / 60)
    assert cell(simple.values, "Home", "North", "services") == pytest.approx(0.05)
    assert cell(weighted.values, "Home", "South") == pytest.approx(
        (0.2 + 3 * 0.4) / 4
    )  # nothing is traded: the simple mean, and it is said
    assert "1 cells have rates and no weight" in " ".join(weighted.account)
    assert "Exporters of which nothing is known, left out: Mars (1 rows). Known: Home, North, South." in simple.account
    assert np.isnan(cell(simple.values, "North", "Home"))
    assert np.isfinite(simple.values).sum() == 3


def test_equal_weights_make_the_means_equal() -> None:
    rows = HS.assign(weight=7.0)
    flat = PRODUCTS.assign(weight=1.0)
    simple, weighted = (tariff_rates(MINI, rows, flat, average=average) for average in ("simple", "weighted"))
    xr.testing.assert_allclose(simple.values, weighted.values, rtol=1e-14)


def test_a_product_in_two_sectors_and_a_union_of_countries() -> None:
    products = pd.DataFrame(
        [
            ("sector", "0101", "goods", 1.0),
            ("sector", "0101", "services", 0.2),
            ("country", "EU", "North", 1.0),
            ("country", "EU", "South", 1.0),
        ],
        columns=["dim", "from", "to", "weight"],
    )
    found = tariff_rates(MINI, table(("EU", "Home", "0101", 0.1), ("Home", "EU", "0101", 0.2), ("EU", "EU", "0101", 0.0)), products).values
    for sector in ("goods", "services"):
        assert [
            cell(found, n, i, sector) for n, i in (("North", "Home"), ("South", "Home"), ("Home", "North"), ("Home", "South"))
        ] == pytest.approx([0.1, 0.1, 0.2, 0.2])
        assert cell(found, "North", "South", sector) == 0.0  # a union has no tariffs inside
    assert np.isnan(cell(found, "North", "North"))


def test_products_that_are_left_out_on_purpose() -> None:
    products = pd.concat([PRODUCTS.iloc[:1], pd.DataFrame([("sector", c, "", 1.0) for c in ("0102", "9901")], columns=PRODUCTS.columns)])
    found = tariff_rates(MINI, HS, products)
    assert cell(found.values, "Home", "North") == 0.1
    assert np.isfinite(found.values).sum() == 2


# --- faults of tables ----------------------------------------------------------------------------------------------------------------


def test_all_faults_of_a_table_at_once() -> None:
    rows = table(
        ("Home", "North", "goods", "5%"),
        ("Home", "South", "goods", -0.1),
        ("North", "Home", "goods", 0.1),
        ("North", "Home", "goods", 0.2),
        ("South", "South", "goods", 0.3),
    )
    found = faults(rows)
    assert "row 2: tariff '5%' is not a rate from 0 up (2 such rows)." in found
    assert "rows 4 and 5 are equally near for importer=North exporter=Home sector=goods (0.1 and 0.2)" in found
    assert "row 6: South has a tariff of 0.3 on its own goods (1 such row)." in found
    assert len(found.splitlines()) == 3


def test_products_without_concordance_and_unknown_ones() -> None:
    found = faults(HS)
    assert "3 sectors are not of the economy" in found
    assert "need a concordance" in found
    found = faults(HS, PRODUCTS.iloc[1:].replace("services", "servces"))
    assert "concordance: servces is no sector of the economy. Did you mean services?" in found
    assert "1 products stand nowhere in the concordance: 0101 (3 rows)" in found


def test_a_weight_is_wanted() -> None:
    assert "no column weight" in faults(everywhere(MINI, 0.05), average="weighted")
    assert "weight (empty) is not a value" in faults(everywhere(MINI, 0.05).assign(weight=""), average="weighted")


def test_faults_of_a_concordance(tmp_path: Path) -> None:
    path = tmp_path / "c.csv"
    path.write_text("from,to,weight,dim\n0101,goods,-1,\n0102,goods,1,sectr\n,goods,,\n0103,goods,,\n0103,goods,,\n", encoding="utf-8")
    with pytest.raises(DataError) as caught:
        read_products(path)
    words = ("row 2: weight '-1'", "row 3: dim sectr", "row 4: from is empty", "row 6: repeats 0103 → goods")
    assert all(any(word in fault for fault in caught.value.faults) for word in words)
    path.write_text("from,to\n0101,goods\n", encoding="utf-8")
    assert read_products(path).to_dict("records") == [{"dim": "sector", "from": "0101", "to": "goods", "weight": 1.0}]
    with pytest.raises(DataError, match=r"Known: c\.csv"):
        read_products(tmp_path / "d.csv")


# --- what is missing -----------------------------------------------------------------------------------------------------------------


def test_missing_pairs_are_named_and_refused() -> None:
    rows = everywhere(MINI, 0.1)
    rows = rows[
        (rows["importer"] != "South") & (rows["sector"] == "goods") & ~((rows["importer"] == "Home") & (rows["exporter"] == "South"))
    ]
    with pytest.raises(DataError) as caught:
        cge.attach_tariffs(MINI, rows)
    found = str(caught.value)
    assert "No rate for 9 cells" in found
    assert "Importers without any: South." in found
    assert "Sectors without any: services." in found
    assert "1 further pair, by trade: Home from South (1 sector)." in found
    assert "--missing" in found
    every = missing_rates(MINI, rows)
    assert len(every) == 9
    assert every["flow"].is_monotonic_decreasing
    assert ("Home", "South", "goods") in set(every[["importer", "exporter", "sector"]].itertuples(index=False, name=None))


def test_missing_becomes_zero_or_stays() -> None:
    rows = table(("Home", "North", "goods", 0.3))
    zero = cge.attach_tariffs(MINI, rows, missing="zero").data["tariff"]
    stay = cge.attach_tariffs(MINI, rows, missing="benchmark")
    assert cell(zero, "Home", "North") == cell(stay.data["tariff"], "Home", "North") == 0.3
    assert cell(zero, "South", "North") == cell(zero, "Home", "South") == 0.0
    assert cell(stay.data["tariff"], "South", "North") == 0.2
    assert cell(stay.data["tariff"], "Home", "South") == 0.1
    assert "They keep the rates of the economy." in stay.data.attrs["tariffs"]


def test_cells_without_trade_need_no_rate() -> None:
    data = MINI.data[["flow", "tariff"]].copy(deep=True)
    data["flow"].loc[{"exporter": "South", "importer": "Home", "sector": "goods"}] = 0.0
    economy = make_economy(data)
    rows = everywhere(MINI, 0.1)
    rows = rows[~((rows["importer"] == "Home") & (rows["exporter"] == "South") & (rows["sector"] == "goods"))]
    assert cell(cge.attach_tariffs(economy, rows).data["tariff"], "Home", "South") == 0.1  # the one of `mini`


# --- attaching -----------------------------------------------------------------------------------------------------------------------


def test_attaching_by_hand() -> None:
    """10 % on what Home buys of goods from North (20): the price of goods rises by 2/90 in a world without tariffs."""
    economy = make_economy(FREE.data[["flow", "intermediate"]])  # value added = sales − inputs
    made = cge.attach_tariffs(economy, table(("Home", "North", "goods", 0.1)), missing="zero")
    ratio = 92 / 90
    assert_allclose(made.data["intermediate"].sel(country="Home"), [[20 * ratio, 10 * ratio], [15, 20]], rtol=1e-14)
    assert_allclose(made.data["value_added"].sel(country="Home").isel(factor=0), [90 - 15 - 20 * ratio, 115 - 20 - 10 * ratio], rtol=1e-14)
    xr.testing.assert_identical(made.data["flow"], economy.data["flow"])
    old, new = cge.calibrate(economy).data, cge.calibrate(made).data
    assert_allclose(new["transfer"], old["transfer"], atol=1e-12)
    home = {name: float(new[name].sel(country="Home").sum() - old[name].sel(country="Home").sum()) for name in ("income", "factor_income")}
    assert home["factor_income"] == pytest.approx(-30 * (ratio - 1))  # tariffs on inputs
    assert home["income"] == pytest.approx(60 * (ratio - 1))  # tariffs on final purchases, 90 − 30
    assert home["income"] - home["factor_income"] == pytest.approx(2)  # together: the revenue
    assert_allclose(new["final_share"].sel(sector="goods", country="Home") * new["income"].sel(country="Home"), 60 * ratio, rtol=1e-13)


def test_gross_intermediates_stay() -> None:
    made = cge.attach_tariffs(FREE, table(("Home", "North", "goods", 0.1)), missing="zero", inputs="gross")
    for name in ("flow", "intermediate", "value_added"):
        xr.testing.assert_identical(made.data[name], FREE.data[name])
    old, new = cge.calibrate(FREE).data, cge.calibrate(made).data
    assert_allclose(new["transfer"], old["transfer"], atol=1e-12)
    assert float((new["income"] - old["income"]).sel(country="Home")) == pytest.approx(2)


@pytest.mark.parametrize("seed", range(3))
def test_attaching_and_taking_away_is_the_identity(seed: int) -> None:
    economy = random_economy(np.random.default_rng(seed), 4, 3, 2, inputs=0.4, export_taxes=seed == 0)
    random = np.random.default_rng(seed + 100)
    other = economy.data["tariff"].copy(data=np.where(np.eye(4, dtype=bool)[:, :, None], 0, random.uniform(0, 0.3, (4, 4, 3))))
    there = cge.attach_tariffs(economy, other)
    back = cge.attach_tariffs(there, economy.data["tariff"])
    for name in economy.data.data_vars:
        xr.testing.assert_allclose(back.data[name], economy.data[name], rtol=1e-12)
    assert_allclose(cge.calibrate(there).data["transfer"], cge.calibrate(economy).data["transfer"], atol=1e-9)
    benchmark = cge.calibrate(there)
    assert solve(benchmark, cge.eaton_kortum(4.0), tariff=0 * benchmark.data["tariff"]).outcome.solved


def test_its_own_tariffs_change_nothing() -> None:
    made = cge.attach_tariffs(MINI, MINI.data["tariff"])
    for name in MINI.data.data_vars:
        xr.testing.assert_identical(made.data[name], MINI.data[name])


def test_tariffs_on_inputs_beyond_value_added() -> None:
    with pytest.raises(DataError) as caught:
        cge.attach_tariffs(FREE, everywhere(FREE, 9.0).head(3), missing="zero", unit="rate")
    assert "exceed value added" in str(caught.value)
    assert "country=Home sector=" in str(caught.value)
    assert "gross" in str(caught.value)


def test_gross_inputs_that_spending_no_longer_covers() -> None:
    free = MINI.data.copy(deep=True)
    free["flow"].loc[{"importer": "South", "sector": "goods"}] = [1.0, 30.0, 0.5]
    free["tariff"].loc[{"importer": "South", "exporter": "North", "sector": "goods"}] = 1.0
    free["intermediate"][:] = MINI.data["intermediate"] / 2
    free = free.drop_vars("value_added")
    free["intermediate"].loc[{"country": "South", "input": "goods", "sector": "services"}] = 50.0
    economy = make_economy(free)
    with pytest.raises(DataError, match="less spending than intermediates hold"):
        cge.attach_tariffs(economy, 0 * economy.data["tariff"], inputs="gross")


@pytest.mark.parametrize("change", ["labels", "negative"])
def test_arrays_are_checked(change: str) -> None:
    rates = MINI.data["tariff"]
    rates = rates.isel(exporter=[0, 1]) if change == "labels" else rates - 1
    with pytest.raises(DataError, match="exporter of the rates" if change == "labels" else "below zero"):
        cge.attach_tariffs(MINI, rates)


# --- files, the command, real size ---------------------------------------------------------------------------------------------------


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    HS.to_csv("t.csv", index=False)
    PRODUCTS.to_csv("c.csv", index=False)
    status, _, err = invoke("tariffs", "mini", "t.csv", "o.nc", "--concordance", "c.csv")
    assert status == 2
    assert "North from Home" in err or "Importers without any: North, South." in err
    assert not Path("o.nc").exists()
    status, out, err = invoke(
        "tariffs", "mini", "t.csv", "o.nc", "--concordance", "c.csv", "--average", "weighted", "--missing", "benchmark"
    )
    assert (status, err) == (0, "")
    for word in (
        "6 rates gave 3 cells (means weighted by trade)",
        "left out: Mars",
        "They keep the rates",
        "Tariff revenue 3 before",
        "Written: o.nc",
    ):
        assert word in out
    made = cge.open_economy("o.nc")
    assert cell(made.data["tariff"], "Home", "North") == pytest.approx(0.2)
    same = import_tariffs(MINI, "t.csv", "c.csv", average="weighted", missing="benchmark")
    xr.testing.assert_identical(made.data["tariff"].reset_coords(drop=True), same.data["tariff"].reset_coords(drop=True))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "o.nc", "t.csv"]
    status, _, err = invoke("tariffs", "mini", "x.csv", "p.nc")
    assert status == 2
    assert "no file x.csv" in err


def test_the_bundled_world(tmp_path: Path) -> None:
    """80 × 50, a rate for every cell of goods; services have none, and that is said."""
    economy = cge.open_economy(bundled.find("data", "icio2022"))
    goods = [s for s in economy.sectors if s[0] in "ABC"]
    rows = pd.MultiIndex.from_product([economy.countries, economy.countries, goods], names=["importer", "exporter", "sector"]).to_frame(
        index=False
    )
    rows = rows[rows["importer"] != rows["exporter"]].assign(tariff=0.05)
    with pytest.raises(DataError) as caught:
        cge.attach_tariffs(economy, rows)
    assert "Sectors without any: D, E, F" in str(caught.value)
    assert "further pairs" not in str(caught.value)
    with pytest.raises(DataError, match="exceed value added in 2 cells, most at country=ISL sector=C21"):
        cge.attach_tariffs(economy, rows, missing="zero")
    made = cge.attach_tariffs(economy, rows, missing="zero", inputs="mixed")
    assert "Inputs stay as they are in 2 industries" in made.data.attrs["tariffs"]
    assert "C21 in ISL" in made.data.attrs["tariffs"]
    benchmark = cge.calibrate(made)
    assert float(benchmark.data["transfer"].sum()) == pytest.approx(0, abs=1e-6 * float(benchmark.data["income"].sum()))
    assert_allclose(benchmark.data["transfer"], cge.calibrate(economy).data["transfer"], atol=1e-6)


def test_the_tariffs_of_2005() -> None:
    """Caliendo and Parro's later tariffs in place of those of 1993."""
    paths = SHARED / "data" / "cp2015_economy.nc", SHARED / "data" / "cp2015_tariff2005.nc"
    for path in paths:
        if not path.is_file():
            pytest.skip(f"no {path}: the shared data are not beside this checkout")
    economy, rates = cge.open_economy(paths[0]), xr.load_dataset(paths[1])["tariff"]
    made = cge.attach_tariffs(economy, rates)
    assert_allclose(made.data["tariff"], rates.reindex_like(made.data["tariff"]), rtol=1e-14)
    old, new = (cge.calibrate(e, negative_final_demand="zero").data["transfer"] for e in (economy, made))
    assert_allclose(new, old, atol=1e-6)
