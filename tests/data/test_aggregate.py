"""Aggregation: sums by hand, what is conserved, faults, the command, and tables of real size."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from places import SHARED
from typer.testing import CliRunner
from worlds import random_economy, shuffled, solve

import cge
from cge.cli import app
from cge.data import bundled, elasticities
from cge.data.aggregate import averaged, totals
from cge.data.concordance import group_names, read_concordance
from cge.data.economy import Economy, make_economy
from cge.errors import DataError

MINI = cge.open_economy(bundled.find("data", "mini"))


def rows(*entries: tuple[str, str, str]) -> pd.DataFrame:
    return pd.DataFrame(entries, columns=["dim", "from", "to"])


def identical(left: Economy, right: Economy) -> None:
    assert set(left.data.data_vars) == set(right.data.data_vars)
    for name in left.data.data_vars:
        xr.testing.assert_identical(left.data[name].reset_coords(drop=True), right.data[name].reset_coords(drop=True))


def faults(table: pd.DataFrame, economy: Economy = MINI) -> str:
    with pytest.raises(DataError) as caught:
        cge.aggregate(economy, table)
    return "\n".join(caught.value.faults)


NORTH_SOUTH = rows(("country", "North", "Rest"), ("country", "South", "Rest"))


# --- by hand -------------------------------------------------------------------------------------------------------------------------


def test_countries_by_hand() -> None:
    """North and South of `mini` (data/README.md): South's tariff of 20 % on 10 of goods from North becomes 2 of value added in goods."""
    made = cge.aggregate(MINI, NORTH_SOUTH, internal_tariffs="value_added")
    flow = made.data["flow"]
    assert made.countries == ["Home", "Rest"]
    assert_allclose(flow.sel(sector="goods"), [[60, 20 + 10], [20 + 10, 90 + 10 + 20 + 50 + 2]], rtol=1e-15)
    assert_allclose(flow.sel(sector="services"), [[100, 10 + 5], [5 + 5, 150 + 5 + 5 + 60]], rtol=1e-15)
    # 10 % on the 10 that South sells, none on the 20 of North
    assert_allclose(made.data["tariff"].sel(sector="goods"), [[0, 0], [1 / 30, 0]], rtol=1e-14)
    assert not made.data["tariff"].sel(sector="services").any()
    assert_allclose(made.data["intermediate"].sel(country="Rest"), [[30 + 20, 15 + 10], [20 + 10, 25 + 15]], rtol=1e-15)
    # labour 70, capital 50 in goods of both: the 2 are split in this proportion
    added = made.data["value_added"].sel(country="Rest")
    assert_allclose(added.sel(sector="goods"), [70 + 2 * 70 / 120, 50 + 2 * 50 / 120], rtol=1e-15)
    assert_allclose(added.sel(sector="services"), [115, 50], rtol=1e-15)
    benchmark = cge.calibrate(made)
    assert_allclose(benchmark.data["income"], [136, 205 + 87], rtol=1e-14)
    assert_allclose(benchmark.data["transfer"], [-5, 15 - 10], rtol=1e-13)
    assert_allclose(benchmark.data["factor_income"].sum("factor"), [140, 190 + 95 + 2], rtol=1e-14)


def test_tariffs_inside_a_new_country_are_refused_with_their_revenue() -> None:
    found = faults(NORTH_SOUTH)
    assert all(word in found for word in ("to each other, 2 (66.67%", "Rest on goods", "--internal-tariffs value_added"))
    made = cge.aggregate(MINI, rows(("country", "Home", "A"), ("country", "North", "A")))  # none between these two
    assert made.countries == ["A", "South"]


def test_sectors_by_hand() -> None:
    made = cge.aggregate(MINI, rows(("sector", "goods", "all"), ("sector", "services", "all")))
    assert made.sectors == ["all"]
    assert_allclose(made.data["flow"].isel(sector=0), [[160, 30, 15], [25, 240, 15], [15, 25, 110]], rtol=1e-15)
    assert_allclose(made.data["tariff"].isel(sector=0), [[0, 0, 0], [0, 0, 2 / 15], [1 / 15, 0, 0]], rtol=1e-14)  # over all they sell
    assert_allclose(made.data["intermediate"].isel(input=0, sector=0), [65, 90, 55], rtol=1e-15)
    assert_allclose(made.data["value_added"].sel(factor="capital").isel(sector=0), [45, 70, 30], rtol=1e-15)
    assert_allclose(totals(made)["spending"][:, 0], [91 + 110, 130 + 165, 72 + 70], rtol=1e-15)


def test_labels_stand_where_their_first_member_stood() -> None:
    economy = random_economy(np.random.default_rng(3), 4, 3, tariffs=False)
    made = cge.aggregate(economy, rows(("country", "C3", "X"), ("country", "C1", "X"), ("sector", "S2", "S0")))
    assert (made.countries, made.sectors) == (["C0", "X", "C2"], ["S0", "S1"])


def test_a_label_can_join_one_that_stays() -> None:
    made = cge.aggregate(MINI, rows(("country", "Home", "North")))
    assert made.countries == ["North", "South"]
    assert_allclose(made.data["flow"].sel(exporter="North", importer="North"), [60 + 20 + 20 + 90, 100 + 10 + 5 + 150])


def test_without_trade_a_rate_is_the_simple_mean() -> None:
    data = MINI.data.copy(deep=True)
    data["flow"].loc[{"exporter": ["Home", "North"], "importer": "South"}] = 0.0
    data["tariff"].loc[{"exporter": "Home", "importer": "South", "sector": "goods"}] = 0.1
    economy = make_economy(data[["flow", "tariff"]])
    made = cge.aggregate(economy, rows(("country", "Home", "A"), ("country", "North", "A")))
    assert float(made.data["tariff"].sel(exporter="A", importer="South", sector="goods")) == pytest.approx((0.1 + 0.2) / 2)


# --- properties ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("economy", [MINI, random_economy(np.random.default_rng(5), 4, 3)], ids=["mini", "random"])
def test_the_same_labels_are_the_identity(economy: Economy) -> None:
    every = rows(*(("country", c, c) for c in economy.countries), *(("sector", s, s) for s in economy.sectors))
    identical(cge.aggregate(economy, every), economy)
    assert "aggregation" not in cge.aggregate(economy, every).data.attrs


def test_renaming_is_only_a_name() -> None:
    made = cge.aggregate(MINI, rows(("country", "Home", "Abroad"), ("sector", "goods", "things")))
    assert (made.countries, made.sectors) == (["Abroad", "North", "South"], ["things", "services"])
    for name in MINI.data.data_vars:
        assert np.array_equal(made.data[name].values, MINI.data[name].values)


@pytest.mark.parametrize("seed", range(3))
def test_order_of_labels_and_of_rows_does_not_matter(seed: int) -> None:
    economy = random_economy(np.random.default_rng(seed), 5, 4, export_taxes=seed == 0)
    table = rows(("country", "C0", "X"), ("country", "C3", "X"), ("sector", "S1", "Y"), ("sector", "S2", "Y"))
    one = cge.aggregate(economy, table, internal_tariffs="value_added")
    other = cge.aggregate(shuffled(economy, seed), table.sample(frac=1.0, random_state=seed), internal_tariffs="value_added")
    for name in economy.data.data_vars:
        xr.testing.assert_allclose(other.data[name].reindex_like(one.data[name]), one.data[name], rtol=1e-12)


def test_two_steps_are_one() -> None:
    economy = random_economy(np.random.default_rng(8), 4, 4)
    first = rows(("country", "C0", "X"), ("country", "C1", "X"), ("sector", "S0", "Y"), ("sector", "S3", "Y"))
    then = rows(("country", "X", "Z"), ("country", "C2", "Z"), ("sector", "Y", "W"), ("sector", "S1", "W"))
    once = rows(*(("country", c, "Z") for c in ("C0", "C1", "C2")), *(("sector", s, "W") for s in ("S0", "S3", "S1")))
    steps = cge.aggregate(cge.aggregate(economy, first, internal_tariffs="value_added"), then, internal_tariffs="value_added")
    whole = cge.aggregate(economy, once, internal_tariffs="value_added")
    for name in ("flow", "tariff", "intermediate"):
        xr.testing.assert_allclose(steps.data[name], whole.data[name], rtol=1e-12)
    assert_allclose(steps.data["value_added"].sum("factor"), whole.data["value_added"].sum("factor"), rtol=1e-12)
    assert "X = C0, C1" in steps.data.attrs["aggregation"]


def test_totals_are_conserved_and_the_result_solves() -> None:
    economy = random_economy(np.random.default_rng(11), 5, 4, inputs=0.4)
    table = rows(("country", "C1", "X"), ("country", "C2", "X"), ("sector", "S1", "Y"), ("sector", "S3", "Y"))
    made = cge.aggregate(economy, table, internal_tariffs="value_added")
    old, new = totals(economy), totals(made)
    assert_allclose(new["spending"].sum(), old["spending"].sum(), rtol=1e-13)
    assert_allclose(new["transfers"].sum(), 0, atol=1e-12 * old["sales"].sum())
    inside = new["sales"].sum() - old["sales"].sum()
    revenue = [float((e.data["flow"] * e.data["tariff"]).sum()) for e in (economy, made)]
    assert inside == pytest.approx(revenue[0] - revenue[1])
    assert new["value added"].sum() - old["value added"].sum() == pytest.approx(inside)
    benchmark = cge.calibrate(made)
    assert solve(benchmark, cge.eaton_kortum(4.0), tariff=benchmark.data["tariff"] + 0.1 * (benchmark.data["tariff"] > 0)).outcome.solved


def test_a_broken_total_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["cge.data.aggregate"], "CONSERVED", -1.0)
    assert "sales: " in faults(rows(("country", "Home", "North")))


def test_names_of_sectors() -> None:
    data = MINI.data.assign_coords(sector_name=("sector", ["Goods", "Services"]))
    economy = make_economy(data)
    table = rows(("sector", "goods", "all"), ("sector", "services", "all"))
    assert cge.aggregate(economy, table).data["sector_name"].item() == "Goods; Services"
    assert cge.aggregate(economy, table.assign(name="Everything")).data["sector_name"].item() == "Everything"
    assert cge.aggregate(economy, NORTH_SOUTH, internal_tariffs="value_added").data["sector_name"].values.tolist() == ["Goods", "Services"]


def test_numbers_by_sector_are_weighted_by_sales() -> None:
    table = rows(("sector", "goods", "all"), ("sector", "services", "all"))
    assert averaged({"goods": 4.0, "services": 8.0}, MINI, table)["all"] == pytest.approx((290 * 4 + 345 * 8) / 635)
    economy = cge.open_economy(bundled.find("data", "icio2022"))
    found = averaged(elasticities.match("caliendo_parro_2015", economy.sectors)["trade"].to_dict(), economy, "sections")
    assert found["A"] == pytest.approx(9.11)
    assert 1 < found["C"] < 64.85
    with pytest.raises(DataError, match="no number for services"):
        averaged({"goods": 4.0}, MINI, table)


def test_a_run_on_an_aggregated_file(tmp_path: Path) -> None:
    assert invoke("aggregate", "icio2022", "EU27", tmp_path / "eu.nc")[0] == 0
    text = 'title = "t"\neconomy = "eu.nc"\nmodel = "eaton_kortum"\nflows = "none"\n[elasticities]\nset = "shapiro_2016"\n'
    text += '[[tariff]]\nimporter = "EU27"\nexporter = "CHN"\nsector = "C*"\nset = 0.1\n'
    (tmp_path / "case.toml").write_text(text, encoding="utf-8")
    status, out, _ = invoke("run", tmp_path / "case.toml", "--out", tmp_path / "o")
    assert status == 0
    assert "EU27" in out


# --- faults --------------------------------------------------------------------------------------------------------------------------


def test_all_faults_at_once() -> None:
    table = rows(
        ("country", "Nroth", "A"),
        ("contry", "North", "A"),
        ("country", "South", ""),
        ("country", "goods", "B"),
        ("country", "Home", "World"),
        ("country", "Home", "C"),
    )
    found = faults(table)
    for word in (
        "row 2: no country Nroth. Did you mean North?",
        "row 3: dim contry is not one of country, sector. Did you mean country?",
        "row 4: country South goes nowhere",
        "row 5: no country goods. It is a sector: write dim sector.",
        "row 6: outputs give the name World",
        "row 7: country Home stands in row 6 already",
    ):
        assert word in found, found
    assert len(found.splitlines()) == 6


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("dim,from\ncountry,Home\n", ("no column to", "dim,from,to")),
        ("dim,from,to\n", ("holds no rows",)),
        ("", ("cannot be read as csv",)),
    ],
)
def test_faults_of_a_file(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    (tmp_path / "c.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError) as caught:
        cge.aggregate(MINI, tmp_path / "c.csv")
    assert all(word in str(caught.value) for word in words)


def test_a_name_that_is_neither_file_nor_groups() -> None:
    with pytest.raises(DataError, match="Did you mean sections"):
        cge.aggregate(MINI, "section")
    with pytest.raises(DataError, match="no label of the economy stands in these groups"):
        cge.aggregate(MINI, "sections")


# --- groups that come with the package -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", group_names())
def test_bundled_groups_are_well_formed(name: str) -> None:
    table = read_concordance(name).rows
    assert list(table.columns) == ["dim", "from", "to", "name"]
    assert not table.duplicated(["dim", "from"]).any()
    assert (table[["dim", "from", "to"]] != "").all().all()
    assert set(table["dim"]) in ({"country"}, {"sector"})
    assert table.groupby("to")["name"].nunique().max() == 1


def test_known_members() -> None:
    members = {name: read_concordance(name).rows for name in group_names()}
    assert len(set(members["EU27"]["from"]) - {"ROM"}) == 27  # Romania stands twice: ROU, and ROM in WIOD
    assert len(members["OECD"]) == 38
    assert set(members["continents"]["to"]) == {"Africa", "Americas", "Asia", "Europe", "Oceania"}
    assert set(members["EU27"]["from"]) < set(members["continents"]["from"]) & set(members["income_groups"]["from"])
    assert set(members["income_groups"]["from"]) < set(members["continents"]["from"])


@pytest.mark.parametrize(
    ("name", "countries", "sectors"),
    [("EU27", 54, 50), ("OECD", 43, 50), ("continents", 5, 50), ("income_groups", 4, 50), ("sections", 80, 20)],
)
def test_the_bundled_world(name: str, countries: int, sectors: int) -> None:
    """80 × 50, of which 27 and 38 countries become one."""
    economy = cge.open_economy(bundled.find("data", "icio2022"))
    made = cge.aggregate(economy, name)
    assert (len(made.countries), len(made.sectors)) == (countries, sectors)
    assert_allclose([v.sum() for v in totals(made).values()][:4], [v.sum() for v in totals(economy).values()][:4], rtol=1e-12)
    assert cge.calibrate(made).negative_final_demand == 0
    assert made.data.attrs["title"] == "OECD ICIO 2022: 80 countries, 50 sectors, aggregated"
    if name == "sections":
        assert made.data["sector_name"].sel(sector="C").item() == "Manufacturing"
        assert made.data["sector_name"].sel(sector="K").item() == economy.data["sector_name"].sel(sector="K").item()


@pytest.mark.parametrize(
    ("file", "name", "size"), [("wiod2011", "sections", (41, 15)), ("wiod2011", "EU27", (16, 35)), ("icio2022_81x28", "EU27", (55, 28))]
)
def test_tables_of_real_size(file: str, name: str, size: tuple[int, int]) -> None:
    path = SHARED / "data" / f"{file}_economy.nc"
    if not path.is_file():
        pytest.skip(f"no {path}: the shared data are not beside this checkout")
    made = cge.aggregate(cge.open_economy(path), name)
    assert (len(made.countries), len(made.sectors)) == size
    benchmark = cge.calibrate(made)
    shock = cge.change(benchmark, tariff=benchmark.data["tariff"] + 0.1 * (benchmark.data["exporter"] != benchmark.data["importer"]))
    assert cge.solve_hat(benchmark, cge.eaton_kortum(5.0), shock).outcome.solved


# --- results back on the old labels --------------------------------------------------------------------------------------------------


def test_disaggregate_countries() -> None:
    table = pd.DataFrame({"country": ["Home", "Rest"], "real_income_pct": [1.0, 2.0], "equivalent_variation": [1.36, 5.84]})
    found = cge.disaggregate(table, MINI, NORTH_SOUTH).set_index("country")
    assert found["real_income_pct"].to_dict() == {"Home": 1.0, "North": 2.0, "South": 2.0}
    assert found["country_group"].to_dict() == {"Home": "Home", "North": "Rest", "South": "Rest"}
    assert_allclose(found.loc[["Home", "North", "South"], "share"], [1, 190 / 285, 95 / 285])  # value added
    assert_allclose(found.loc[["North", "South"], "equivalent_variation"], [5.84 * 190 / 285, 5.84 * 95 / 285])


def test_disaggregate_cells_and_flows() -> None:
    both = pd.concat([NORTH_SOUTH, rows(("sector", "goods", "all"), ("sector", "services", "all"))])
    cells = pd.DataFrame({"country": ["Home", "Rest"], "sector": ["all", "all"], "sales": [205.0, 430.0]})
    found = cge.disaggregate(cells, MINI, both, ["sales"]).set_index(["country", "sector"])
    assert_allclose(found.loc[("South", "services"), ["share", "sales"]].astype(float), [70 / 430, 70])
    assert found["sales"].sum() == pytest.approx(635)
    pairs = pd.DataFrame({"exporter": ["Home"], "importer": ["Rest"], "benchmark": [45.0]})
    found = cge.disaggregate(pairs, MINI, NORTH_SOUTH, ["benchmark"]).set_index("importer")
    assert found["benchmark"].to_dict() == pytest.approx({"North": 30.0, "South": 15.0})


def test_disaggregate_faults() -> None:
    with pytest.raises(DataError, match="Did you mean Rest"):
        cge.disaggregate(pd.DataFrame({"country": ["Rst"], "x": [1.0]}), MINI, NORTH_SOUTH)
    with pytest.raises(DataError, match="label columns none"):
        cge.disaggregate(pd.DataFrame({"x": [1.0]}), MINI, NORTH_SOUTH)


# --- the command ---------------------------------------------------------------------------------------------------------------------


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_writes_an_economy_file(tmp_path: Path) -> None:
    table = tmp_path / "c.csv"
    NORTH_SOUTH.to_csv(table, index=False)
    status, out, err = invoke("aggregate", "mini", table, tmp_path / "o.nc", "--internal-tariffs", "value_added")
    assert (status, err) == (0, "")
    for word in (
        "3 countries became 2 (new: Rest).",
        "2 sectors as before.",
        "of which 2 are tariffs inside new countries",
        "World spending",
        "o.nc",
    ):
        assert word in out
    identical(cge.open_economy(tmp_path / "o.nc"), cge.aggregate(MINI, NORTH_SOUTH, internal_tariffs="value_added"))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "o.nc"]
    status, out, _ = invoke("aggregate", tmp_path / "o.nc", table, tmp_path / "p.nc", "--json")
    assert status == 2  # North is no longer there
    assert "no country North" in json.loads(out)["faults"][0]
    assert not (tmp_path / "p.nc").exists()


@pytest.mark.parametrize(
    ("economy", "concordance", "out", "word"),
    [
        ("mini", "c.csv", "o.nc", "--internal-tariffs"),
        ("minni", "c.csv", "o.nc", "Did you mean mini?"),
        ("mini", "d.csv", "o.nc", "c.csv"),
        ("mini", "free.csv", "o.csv", "must end in .nc"),
        ("mini", "free.csv", "free.csv/o.nc", "cannot be written"),
    ],
)
def test_bad_input_is_status_two_and_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, economy: str, concordance: str, out: str, word: str
) -> None:
    monkeypatch.chdir(tmp_path)
    NORTH_SOUTH.to_csv("c.csv", index=False)
    rows(("country", "Home", "North")).to_csv("free.csv", index=False)
    status, printed, err = invoke("aggregate", economy, concordance, out)
    assert (status, printed) == (2, "")
    assert word in err
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "free.csv"]


def test_a_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows(("country", "Home", "North")).to_csv(tmp_path / "c.csv", index=False)
    (tmp_path / "o.nc").write_bytes(b"old")

    def fail(_: object, path: Path) -> None:
        path.write_bytes(b"half")
        raise OSError("disk full")

    monkeypatch.setattr("cge.data.write.write_netcdf", fail)
    status, _, err = invoke("aggregate", "mini", tmp_path / "c.csv", tmp_path / "o.nc")
    assert status == 2
    assert "disk full" in err
    assert (tmp_path / "o.nc").read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "o.nc"]
