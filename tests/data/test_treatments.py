"""Every treatment of a table by hand: two countries, two sectors, numbers that can be followed."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from places import SHARED

from cge.data.economy import Economy
from cge.data.sources import Table, account, import_economy, to_economy
from cge.errors import DataError

RAW = SHARED / "data" / "wiod2013_2011.nc"
open_data = pytest.mark.skipif(not RAW.is_file(), reason="needs the raw tables of WIOD 2013 in ../shared/data")

HOUSEHOLDS, CAPITAL, STOCKS = 0, 1, 2  # positions of the uses C, I, V


def table(**changes: Any) -> Table:
    """Every producer sells 100: 10 to each of the four producers, and finally 40 at home and 20 abroad, all to households."""
    z = np.full((2, 2, 2, 2), 10.0)
    f = np.zeros((2, 2, 2, 3))
    f[..., HOUSEHOLDS] = 20.0
    for country in range(2):
        f[country, :, country, HOUSEHOLDS] = 40.0
    whole = Table(["A", "ROW"], ["g", "s"], ["C", "I", "V"], z, f, np.full((2, 2), 100.0), inventories=("V",), signed=("I",))
    return replace(whole, **changes)


def final(**cells: float) -> np.ndarray:
    """Final uses with cells of the first producer (A g) in its own country changed."""
    f = table().final.copy()
    for use, value in cells.items():
        f[0, 0, 0, "CIV".index(use)] = value
    return f


def sales(economy: Economy) -> np.ndarray:
    return np.asarray(economy.data["flow"].transpose("exporter", "sector", "importer").sum("importer").values)


def only(economy: Economy) -> Any:
    (entry,) = account(economy)
    return entry


def refused(given: Table, **options: Any) -> str:
    with pytest.raises(DataError) as error:
        to_economy(given, **options)
    return str(error.value)


def test_a_clean_table_is_proportional() -> None:
    economy = to_economy(table(), strict=True)
    assert account(economy) == []
    data = economy.data
    np.testing.assert_array_equal(data["flow"].sel(sector="g"), [[60, 40], [40, 60]])
    np.testing.assert_array_equal(data["intermediate"], np.full((2, 2, 2), 20.0))
    np.testing.assert_array_equal(data["value_added"], np.full((2, 2, 1), 60.0))


# --- inventories: A g runs down 50 at home, so that final uses there are −10 and it sells 50 -------------------------------------------

RUN_DOWN = table(final=final(V=-50.0), output=np.array([[50.0, 100.0], [100.0, 100.0]]))


def test_refuse_names_the_cell_and_the_cures() -> None:
    found = refused(RUN_DOWN, origin="t.xlsx")
    assert "1 of 8 sums of final uses are negative, -10 in all" in found
    assert "--inventories keep, drop, spread or zero" in found
    assert "row A g, final uses of A: -10" in found
    assert all(line.startswith("t.xlsx: ") for line in found.splitlines())


def test_refuse_lets_run_downs_pass_that_other_uses_outweigh() -> None:
    economy = to_economy(table(final=final(V=-15.0), output=np.array([[85.0, 100.0], [100.0, 100.0]])), strict=True)
    assert sales(economy)[0, 0] == 85


def test_keep_leaves_negative_final_demand_to_the_run() -> None:
    # inputs from abroad keep the flow itself positive: 20 to producers, −10 to final users
    economy = to_economy(RUN_DOWN, "keep")
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money, entry.share) == ("inventories keep", 1, 10.0, 10 / 350)
    assert float(economy.data["flow"].sel(exporter="A", importer="A", sector="g")) == 10.0
    # A spends 10 + 40 on g, and its producers buy 40 of it
    demand = economy.data["flow"].sum("exporter") - economy.data["intermediate"].sum("sector").rename(country="importer", input="sector")
    assert float(demand.sel(importer="A", sector="g")) == 10.0


def test_keep_still_refuses_a_negative_flow() -> None:
    found = refused(table(final=final(V=-62.0), output=np.array([[38.0, 100.0], [100.0, 100.0]])), inventories="keep")
    assert "exporter=A importer=A sector=g" in found


def test_drop_lowers_output_by_the_column() -> None:
    f = final(V=-50.0)
    f[1, 1, 0, STOCKS] = 7.0
    economy = to_economy(table(final=f, output=np.array([[50.0, 100.0], [100.0, 107.0]])), "drop")
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money) == ("inventories drop", 2, 57.0)
    assert entry.share == pytest.approx(57 / 357)
    np.testing.assert_array_equal(sales(economy), np.full((2, 2), 100.0))
    np.testing.assert_array_equal(economy.data["value_added"], np.full((2, 2, 1), 60.0))


def test_spread_scales_the_other_uses() -> None:
    economy = to_economy(RUN_DOWN, "spread")
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money) == ("inventories spread", 1, 50.0)
    # A g sold 100 and runs down 50: each of its sales is halved; purchases of g in both countries fall by 5 per producer
    np.testing.assert_array_equal(economy.data["flow"].sel(exporter="A", sector="g"), [30, 20])
    np.testing.assert_array_equal(economy.data["intermediate"].sel(input="g"), np.full((2, 2), 15.0))
    np.testing.assert_array_equal(economy.data["value_added"].squeeze("factor"), [[15, 65], [65, 65]])


def test_spread_without_other_uses_keeps_additions_and_leaves_out_run_downs() -> None:
    z, f = table().intermediate.copy(), table().final.copy()
    z[0, 0], z[:, :, 0, 0] = 0.0, 0.0
    f[0, 0] = 0.0
    f[0, 0, 0, STOCKS] = 3.0
    output = z.sum((2, 3)) + f.sum((2, 3))
    kept = to_economy(table(intermediate=z, final=f, output=output), "spread")
    assert sales(kept)[0, 0] == 3.0
    f[0, 0, 0, STOCKS] = -0.5
    output = z.sum((2, 3)) + f.sum((2, 3))
    left = to_economy(table(intermediate=z, final=f, output=np.maximum(output, 0)), "spread")
    assert sales(left)[0, 0] == 0.0
    assert "1 sellers have no other use (first A g)" in next(e for e in account(left) if e.name == "inventories spread").sentence


def test_zero_solves_output_anew() -> None:
    economy = to_economy(RUN_DOWN, "zero")
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money) == ("inventories zero", 1, 10.0)
    coefficient = RUN_DOWN.intermediate.reshape(4, 4) / np.array([50, 100, 100, 100])
    new = np.linalg.solve(np.eye(4) - coefficient, [0 + 20, 60, 60, 60])
    np.testing.assert_allclose(sales(economy).ravel(), new, rtol=1e-14)
    np.testing.assert_allclose(economy.data["value_added"].values.ravel(), new * (1 - coefficient.sum(0)), rtol=1e-13)
    assert "A g (50 to " in entry.sentence


@pytest.mark.parametrize("rule", ["drop", "spread"])
def test_a_rule_that_needs_a_column_says_so(rule: str) -> None:
    assert "no column of inventories" in refused(table(inventories=()), inventories=rule)


def test_capital_may_be_negative_but_not_the_sum() -> None:
    to_economy(table(final=final(C=45.0, I=-5.0)), strict=True)
    lower = table(final=final(C=0.0, I=-5.0), output=np.array([[55.0, 100.0], [100.0, 100.0]]))
    assert "row A g, final uses of A: -5" in refused(lower, inventories="spread")


# --- other defects -------------------------------------------------------------------------------------------------------------------


def test_negative_cells_outside_inventories_are_errors_all_at_once() -> None:
    z = table().intermediate.copy()
    z[0, 1, 1, 0] = -4.0
    found = refused(table(intermediate=z, final=final(C=-1.0)), inventories="zero").splitlines()
    assert "row A s, column ROW g: -4 is negative" in found[0]
    assert "row A g, column A C: -1 is negative" in found[1]


def test_rounding_takes_sales_from_uses() -> None:
    economy = to_economy(table(output=np.array([[100.5, 100.0], [99.0, 100.0]])))
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money, entry.share) == ("rounding", 2, 1.5, 1.5 / 400)
    assert "most for ROW g (1)" in entry.sentence
    np.testing.assert_array_equal(sales(economy), np.full((2, 2), 100.0))


def test_rounding_of_cost_is_counted_apart() -> None:
    primary = {"taxes": np.full((2, 2), 10.0), "value added": np.array([[50.0, 50.0], [50.0, 50.25]])}
    entry = only(to_economy(table(primary=primary)))
    assert (entry.name, entry.cells, entry.money) == ("rounding of cost", 1, 0.25)


def test_large_gaps_are_no_rounding() -> None:
    found = refused(table(output=np.array([[105.0, 100.0], [100.0, 100.0]])))
    assert "rounding: 1 cell, 5 (1.25 % of world output)" in found
    assert "is the file complete" in found


def test_sales_without_a_buyer_are_left_out() -> None:
    lost = np.array([[0.0, 8.0], [-2.0, 0.0]])
    economy = to_economy(table(output=100 + lost, unallocated=lost))
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money) == ("rest_of_world", 2, 10.0)
    np.testing.assert_array_equal(sales(economy), np.full((2, 2), 100.0))


def test_a_rest_of_the_world_that_does_not_close() -> None:
    economy = to_economy(table(output=np.array([[100.0, 100.0], [100.0, 130.0]])))
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money, entry.share) == ("rest_of_world", 1, 30.0, 30 / 400)
    assert "ROW s (30)" in entry.sentence


def test_exports_above_output_raise_it() -> None:
    f = table().final.copy()
    z = table().intermediate.copy()
    f[0, 0, 0], z[0, 0, 0] = 0.0, 0.0  # A g sells abroad only, 40
    economy = to_economy(table(intermediate=z, final=f, output=np.array([[37.0, 100.0], [100.0, 100.0]])))
    entries = {entry.name: entry for entry in account(economy)}
    assert set(entries) == {"reexports", "no_home_sales"}
    assert (entries["reexports"].cells, entries["reexports"].money) == (1, 3.0)
    assert sales(economy)[0, 0] == 40.0


def test_zero_output_and_sales_abroad_only_are_counted() -> None:
    z, f = table().intermediate.copy(), table().final.copy()
    z[0, 0], z[:, :, 0, 0], f[0, 0] = 0.0, 0.0, 0.0
    z[1, 1, 1], f[1, 1, 1] = 0.0, 0.0
    economy = to_economy(table(intermediate=z, final=f, output=z.sum((2, 3)) + f.sum((2, 3))))
    entries = {entry.name: entry for entry in account(economy)}
    assert (entries["zero_output"].cells, entries["zero_output"].money) == (1, 0.0)
    assert "first A g" in entries["zero_output"].sentence
    assert "first ROW s" in entries["no_home_sales"].sentence


def test_inputs_above_sales_become_final_demand() -> None:
    z, f = table().intermediate.copy(), table().final.copy()
    f[0, 0] = 0.0
    z[:, :, 0, 0] = 10.5  # A g buys 42 and sells 40.5
    economy = to_economy(table(intermediate=z, final=f, output=None))
    entry = only(economy)
    assert (entry.name, entry.cells, entry.money) == ("value_added", 1, 1.5)
    assert "A g (42 against 40.5)" in entry.sentence
    assert float(economy.data["value_added"].sel(country="A", sector="g").squeeze()) == 0.0
    assert float(economy.data["intermediate"].sel(country="A", sector="g").sum()) == pytest.approx(40.5)
    np.testing.assert_array_equal(sales(economy), [[40.5, 100.5], [100.5, 100.5]])


def test_inputs_far_above_sales_are_refused() -> None:
    z = table().intermediate.copy()
    z[:, :, 0, 0] *= 4
    assert "value_added" in refused(table(intermediate=z, output=None))


DEFECTS: dict[str, Callable[[], Table]] = {
    "rounding": lambda: table(output=np.array([[100.5, 100.0], [100.0, 100.0]])),
    "rest_of_world": lambda: table(output=np.array([[100.0, 100.0], [100.0, 130.0]])),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_strict_refuses(name: str) -> None:
    assert refused(DEFECTS[name](), strict=True).startswith(f"economy: --strict: {name}")


@pytest.mark.parametrize("rule", ["keep", "drop", "spread", "zero"])
def test_strict_refuses_every_rule_for_inventories(rule: str) -> None:
    assert f"--strict: inventories {rule}" in refused(RUN_DOWN, inventories=rule, strict=True)


def test_tidy_output_leaves_home_sales_and_shows_reexports(tmp_path: Path) -> None:
    rows = [("A", "B", "g", "final", 30), ("B", "A", "g", "final", 20), ("A", "A", "g", "output", 100), ("B", "B", "g", "output", 15)]
    rows += [("A", "A", "s", "final", 8), ("B", "B", "s", "final", 9)]
    pd.DataFrame(rows, columns=["exporter", "importer", "sector", "use", "value"]).to_csv(tmp_path / "t.csv", index=False)
    economy = import_economy("tidy", tmp_path / "t.csv")
    np.testing.assert_array_equal(economy.data["flow"].sel(sector="g"), [[70, 30], [20, 0]])
    entries = {entry.name: entry for entry in account(economy)}
    assert (entries["reexports"].cells, entries["reexports"].money) == (1, 5.0)


def test_tidy_flows_without_a_row_are_counted(tmp_path: Path) -> None:
    rows = [("A", "A", "g", 70), ("A", "B", "g", 30), ("B", "A", "g", 20), ("B", "B", "g", 9), ("B", "B", "s", 4)]
    pd.DataFrame(rows, columns=["exporter", "importer", "sector", "value"]).to_csv(tmp_path / "t.csv", index=False)
    entry = account(import_economy("tidy", tmp_path / "t.csv"))[0]
    assert (entry.name, entry.cells) == ("absent_flows", 3)
    assert "exporter=A importer=A sector=s" in entry.sentence


# --- no sales at home -----------------------------------------------------------------------------------------------------------------


def trade(path: Path, *home: tuple[str, str]) -> Path:
    """Trade of two goods among three countries, with own sales of the countries and goods that are named."""
    names = ("USA", "DEU", "ROU")
    rows = [(i, n, g, 5 + len(i + n + g)) for i in names for n in names for g in ("cars", "food") if i != n or (i, g) in home]
    pd.DataFrame(rows, columns=["exporter", "importer", "sector", "value"]).to_csv(path, index=False)
    return path


EVERY = [(c, g) for c in ("USA", "DEU", "ROU") for g in ("cars", "food")]


def test_trade_statistics_are_no_table(tmp_path: Path) -> None:
    with pytest.raises(DataError) as error:
        import_economy("tidy", trade(tmp_path / "t.csv"))
    (found,) = error.value.faults
    assert "no sales at home in USA, DEU, ROU (no country has any: these are trade statistics)" in found
    assert "own sales = gross output − exports" in found


def test_countries_and_goods_without_any_sales_at_home_are_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no sales at home in ROU\. Without"):
        import_economy("tidy", trade(tmp_path / "t.csv", *EVERY[:4]))
    with pytest.raises(DataError, match="no country sells cars at home"):
        import_economy("tidy", trade(tmp_path / "t.csv", *EVERY[1::2]))


def test_a_producer_without_sales_at_home_is_let_pass(tmp_path: Path) -> None:
    found = import_economy("tidy", trade(tmp_path / "t.csv", *EVERY[1:]))
    assert [(entry.name, entry.cells) for entry in account(found)] == [("absent_flows", 1), ("no_home_sales", 1)]


# --- subsidies to imports: B's imports of g from ROW are worth less inside than at the border ----------------------------------------------


def subsidised() -> Table:
    rate = np.zeros((2, 2, 2))
    rate[1, 0, 0], rate[0, 1, 1] = -0.25, 0.1
    return table(tariff=rate)


def test_subsidies_are_refused_by_cell_and_money() -> None:
    found = refused(subsidised())
    assert "1 of 8 rates are below zero: imports are subsidised, by 10 (2.5 % of world output)" in found
    assert "--subsidies zero" in found
    assert "exporter=ROW importer=A sector=g: -0.25" in found


def test_subsidies_that_are_taken_off_are_paid_by_the_buyers() -> None:
    rates = subsidised().tariff
    assert rates is not None
    found, plain = to_economy(subsidised(), subsidies="zero"), to_economy(table(tariff=np.maximum(rates, 0.0)))
    assert (only(found).name, only(found).cells, only(found).money) == ("subsidies zero", 1, 10.0)
    assert "inputs (5)" in only(found).sentence
    for name in ("flow", "tariff", "intermediate", "value_added"):
        np.testing.assert_array_equal(found.data[name], plain.data[name])
    assert "--strict: subsidies zero" in refused(subsidised(), subsidies="zero", strict=True)


# --- real tables ---------------------------------------------------------------------------------------------------------------------


@open_data
def test_the_raw_table_of_2011_gives_the_published_economy() -> None:
    economy = import_economy("wiod2013", RAW, inventories="zero")
    with xr.open_dataset(SHARED / "data" / "wiod2011_economy.nc") as known:
        for name in ("flow", "intermediate", "value_added"):
            np.testing.assert_allclose(economy.data[name], known[name].transpose(*economy.data[name].dims), rtol=1e-9, atol=1e-9)
    entries = {entry.name: entry for entry in account(economy)}
    assert (entries["inventories zero"].cells, entries["inventories zero"].money) == (43, 11248)
    assert "JPN c2 (40,771 to 48,763)" in entries["inventories zero"].sentence
    assert (entries["rounding"].cells, entries["rounding"].money) == (1384, 59272)
    assert entries["zero_output"].cells == 22
    assert entries["no_home_sales"].cells == 16
    assert economy.data["sector_name"].values[2] == "Food, Beverages and Tobacco"


@open_data
def test_the_raw_table_is_refused_by_default() -> None:
    with pytest.raises(DataError, match=r"43 of 58,835 sums of final uses are negative, -11,248 in all"):
        import_economy("wiod2013", RAW)


@open_data
@pytest.mark.parametrize("rule", ["drop", "spread"])
def test_the_raw_table_under_the_other_rules(rule: Any) -> None:
    economy = import_economy("wiod2013", RAW, inventories=rule)
    entry = next(entry for entry in account(economy) if entry.name.startswith("inventories"))
    assert (entry.cells, entry.money) == (1149, 931752)
    raw = xr.load_dataset(RAW)
    moved = raw["F"].sel(fd_category="c42").sum() if rule == "drop" else 0
    whole = raw["Z"].sum() + raw["F"].sum() - moved
    assert float(economy.data["flow"].sum()) == pytest.approx(float(whole), abs=3)


@open_data
def test_the_wrong_year_of_netcdf() -> None:
    with pytest.raises(DataError, match="of 2011, not of 2008"):
        import_economy("wiod2013", RAW, year=2008)
