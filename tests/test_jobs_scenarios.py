"""Jobs that users bring, in their words: scenarios, calendars, groups, rates by partner, bands. Every number is checked by a relation of its own."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from commands import invoke
from numpy.testing import assert_allclose

import cge
from cge.questions.sweep.store import open_store

KEPT = ("USA", "CHN", "DEU", "FRA", "GBR", "RUS")
MERGED = {"A": "farm", "B": "mining", "C24": "metals", "C2": "chemicals", "C": "industry"}
"""Sectors by how their codes begin; the others are services."""

HEAD = (
    'title = "{title}"\neconomy = "{economy}"\nmodel = "{model}"\nintermediates = false\n{groups}[elasticities]\ntrade = 5.0\nsigma = 4.0\n'
)


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A world of seven countries and six sectors, as a user would have one."""
    icio = cge.open_economy("icio2022")
    rows = [("country", country, country if country in KEPT else "Rest") for country in icio.countries]
    rows += [("sector", s, next((name for head, name in MERGED.items() if s.startswith(head)), "services")) for s in icio.sectors]
    world = cge.aggregate(icio, pd.DataFrame(rows, columns=["dim", "from", "to"]))
    path = tmp_path_factory.mktemp("tables") / "world.nc"
    world.data.to_netcdf(path)
    return path


@pytest.fixture
def here(table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "world.nc").write_bytes(table.read_bytes())
    monkeypatch.chdir(tmp_path)
    return tmp_path


def put(name: str, text: str, model: str = "armington", economy: str = "world.nc", groups: str = "") -> str:
    head = HEAD.format(title=name, economy=economy, model=model, groups=groups and f"[groups]\n{groups}\n")
    Path(f"{name}.toml").write_text(head + text, encoding="utf-8")
    return f"{name}.toml"


def entry(table: str, importer: str, exporter: str, sector: str, action: str) -> str:
    return f"[[{table}]]\nimporter = {importer}\nexporter = {exporter}\nsector = {sector}\n{action}\n"


def real(folder: str | Path) -> pd.Series[float]:
    """Real income of every country in an output folder, changes in percent."""
    return pd.read_csv(Path(folder) / "welfare.csv").set_index("country")["real_income_pct"]


def asked(*args: object) -> str:
    """What a command says; it must succeed."""
    status, out, err = invoke(*args)
    assert (status, err) == (0, "")
    return out


def test_tariffs_by_partner_and_what_retaliation_adds(here: Path) -> None:
    """ "We lay 10 % on everybody, 60 % on China and nothing on Britain. What if they answer, and what does the answer add?" """
    (here / "rates.csv").write_text("exporter,tariff\nCHN,0.6\nGBR,0\n*,0.1\n", encoding="utf-8")
    back = entry("scenario.tariff", '["*", "!USA", "!GBR"]', '"USA"', '"*"', "set = 0.1")
    ours = entry("tariff", '"USA"', '"*"', '["*", "!services"]', 'file = "rates.csv"')
    file = put("war", ours + '[[scenario]]\nname = "They answer"\n' + back)
    said = " ".join(asked("check", file).split())
    assert "new rates from 10.0% to 60.0%" in said
    assert "Scenario They answer: Changes: tariff in " in said
    shown = asked("compare", file, "--out", "both")
    assert "They answer" in shown
    assert "Difference of real income to what a scenario stands on" in shown
    assert "Scenarios of this file: They answer." in asked("run", file)
    assert "Scenarios of this file" not in asked("run", file, "--scenario", "They answer")
    own, answered = real("runs/out/war"), real("runs/out/war.they-answer")
    table = pd.read_csv("both/comparison.csv", keep_default_na=False)
    added = table[(table["scenario"] == "They answer") & (table["statistic"] == "real_income_pct_difference")].set_index("country")["value"]
    assert_allclose(added.astype(float), answered - own, atol=1e-9)
    assert added["USA"] < 0 < own["USA"] - answered["USA"]
    with xr.open_dataset("runs/out/war/solution.nc", group="shock") as shock:
        laid = shock["tariff"].sel(importer="USA", sector="metals").to_series()
    assert dict(laid.round(12)) == {"USA": 0.0, "CHN": 0.6, "GBR": 0.0, "DEU": 0.1, "FRA": 0.1, "RUS": 0.1, "Rest": 0.1}


def test_a_free_trade_agreement_that_comes_by_sector(here: Path) -> None:
    """ "Metals are free at once, farm goods over three years. What is gained in which year?" """
    rates = entry("tariff", '["USA", "GBR"]', '["USA", "GBR"]', '["metals", "farm"]', "set = {}")
    steps = "".join(entry("tariff", '["USA", "GBR"]', '["USA", "GBR"]', f'"{s}"', "times = 1.0") for s in ("metals", "farm"))
    before = put("before", rates.format(0.2))
    assert before
    calendar = '[sweep]\nperiod = [2026, 2027, 2028]\n"tariff[0].times" = [0.0, 0.0, 0.0]\n"tariff[1].times" = [0.8, 0.4, 0.0]\n'
    file = put("agreement", steps + calendar)
    Path(file).write_text('on_top_of = "before.toml"\n' + Path(file).read_text(encoding="utf-8"), encoding="utf-8")
    asked("check", file)
    shown = asked("sweep", file, "--out", "years")
    assert "period = 2028" in shown
    store = open_store(Path("years/sweep.zarr"))
    assert store["period"].values.tolist() == [2026, 2027, 2028]
    assert store["tariff[1].times"].values.tolist() == [0.8, 0.4, 0.0]
    gained = store["real_income_pct"].to_pandas()
    for place, farm in enumerate([0.8, 0.4, 0.0]):
        one = entry("tariff", '["USA", "GBR"]', '["USA", "GBR"]', '"metals"', "set = 0.0")
        one += entry("tariff", '["USA", "GBR"]', '["USA", "GBR"]', '"farm"', f"set = {0.2 * farm}")
        year = put("year", one)
        Path(year).write_text('on_top_of = "before.toml"\n' + Path(year).read_text(encoding="utf-8"), encoding="utf-8")
        asked("run", year, "--out", "year")
        assert_allclose(gained.iloc[place], real("year"), atol=1e-8)
    assert gained["GBR"].is_monotonic_increasing


def test_a_border_charge_on_three_sectors(here: Path) -> None:
    """ "The Union charges 30 % on metals, 10 % on chemicals, 5 % on mining, and nothing on Britain. Who pays, what comes in?" """
    (here / "charge.csv").write_text("sector,tariff\nmetals,0.3\nchemicals,0.1\nmining,0.05\n", encoding="utf-8")
    three = '["metals", "chemicals", "mining"]'
    file = put("charge", entry("tariff", '"EU27"', '["*", "!EU27", "!GBR"]', three, 'file = "charge.csv"'), groups='EU27 = "EU27"')
    said = asked("check", file)
    assert "new rates from 5.0% to 30.0%, 15.0% on average" in said
    asked("run", file, "--out", "out")
    flows = pd.read_csv("out/flows.csv")
    rate = {"metals": 0.3, "chemicals": 0.1, "mining": 0.05}
    charged = flows[
        flows["importer"].isin(["DEU", "FRA"]) & flows["exporter"].isin(["USA", "CHN", "RUS", "Rest"]) & flows["sector"].isin(rate)
    ]
    welfare = pd.read_csv("out/welfare.csv").set_index("country")
    taken = (charged["counterfactual"] * charged["sector"].map(rate)).groupby(charged["importer"]).sum()
    assert_allclose(welfare.loc[["DEU", "FRA"], "tariff_revenue"], taken, rtol=1e-9)
    assert (welfare.drop(["DEU", "FRA"])["tariff_revenue"] == 0).all()
    union = pd.read_csv("out/groups.csv").set_index("country").loc["EU27"]
    assert_allclose(union["tariff_revenue"], taken.sum(), rtol=1e-9)


def test_trade_costs_with_a_table_of_ones_own_merged_to_the_union(here: Path) -> None:
    """ "My table has single members. Merge them, then let trade between the Union and Britain cost a little more." """
    asked("aggregate", "world.nc", "EU27", "merged.nc")
    old, new = cge.open_economy("world.nc").data["flow"], cge.open_economy("merged.nc").data["flow"]
    members = ["DEU", "FRA"]
    both = old.sel(exporter=members, importer="GBR").sum("exporter")
    assert_allclose(new.sel(exporter="EU27", importer="GBR"), both.reindex(sector=new["sector"]), rtol=1e-12)
    costs = "".join(entry("iceberg", f'"{n}"', f'"{i}"', '"*"', "times = 1.001") for n, i in (("GBR", "EU27"), ("EU27", "GBR")))
    file = put("costs", costs, economy="merged.nc")
    assert f"Changes: iceberg in {2 * new.sizes['sector']} cells" in asked("check", file)
    asked("run", file, "--out", "out")
    none = put("none", "", economy="merged.nc")
    asked("gradient", none, "--country", "GBR,EU27", "--out", "slopes")
    with xr.open_dataset("slopes/gradient.nc") as data:
        slope = data["iceberg"].sum("sector")
        for country in ("GBR", "EU27"):
            by = slope.sel(country=country)
            first = float(by.sel(exporter="GBR", importer="EU27") + by.sel(exporter="EU27", importer="GBR"))
            assert_allclose(np.log1p(real("out")[country] / 100), first * np.log(1.001), rtol=5e-3)


def test_sanctions(here: Path) -> None:
    """ "The Union and America buy nothing of Russia's mining and metals. What if it sells nothing to them at all, and buys nothing either?" """
    west, closed = '["West"]', "times = inf"
    groups = 'EU27 = "EU27"\nWest = ["EU27", "USA", "GBR"]'
    file = put(
        "sanctions",
        entry("iceberg", west, '"RUS"', '["mining", "metals"]', closed)
        + '[[scenario]]\nname = "all goods"\n'
        + entry("scenario.iceberg", west, '"RUS"', '["*", "!services"]', closed)
        + '[[scenario]]\nname = "both ways"\non_top_of = "all goods"\n'
        + entry("scenario.iceberg", '"RUS"', west, '["*", "!services"]', closed),
        groups=groups,
    )
    asked("compare", file, "--out", "all")
    summary = json.loads(Path("all/summary.json").read_text(encoding="utf-8"))
    assert [(member["name"], member.get("on_top_of")) for member in summary["members"]] == [
        ("file's own", None),
        ("all goods", ""),
        ("both ways", "all goods"),
    ]
    table = pd.read_csv("all/comparison.csv", keep_default_na=False)
    wide = table[table["country"] == "RUS"].pivot(index="statistic", columns="member", values="value").astype(float, errors="ignore")
    level, added = (pd.to_numeric(wide.loc[name]) for name in ("real_income_pct", "real_income_pct_difference"))
    assert level["both ways"] < level["all goods"] < level["file's own"] < 0
    assert_allclose(added["both ways"] + added["all goods"] + level["file's own"], level["both ways"], atol=1e-9)
    asked("run", file, "--scenario", "both ways", "--out", "out")
    flows = pd.read_csv("out/flows.csv")
    inside = flows["importer"].isin(["DEU", "FRA", "USA", "GBR"])
    goods = flows["sector"] != "services"
    sold = flows[inside & (flows["exporter"] == "RUS") & goods]
    bought = flows[(flows["importer"] == "RUS") & flows["exporter"].isin(["DEU", "FRA", "USA", "GBR"]) & goods]
    assert (sold["benchmark"] > 0).all()
    assert (pd.concat([sold, bought])["counterfactual"] == 0).all()
    assert (flows[inside & (flows["exporter"] == "CHN") & goods]["counterfactual"] > 0).all()


def test_krugman_against_melitz_with_bands(here: Path) -> None:
    """ "How sure is it that Melitz says less than Krugman, given what we know of the elasticities?" """
    shock = entry("tariff", '"USA"', '"*"', '["*", "!services"]', "set = 0.1")
    draws = '[sweep]\nmodel = ["krugman", "melitz"]\n[sweep.draws]\nn = 8\nstandard_error = 0.3\n'
    shown = asked("sweep", put("margins", shock + draws, model="melitz"), "--out", "out")
    assert "Difference of real income over the same draws" in shown
    store = open_store(Path("out/sweep.zarr"))
    values = store["real_income_pct"].values.reshape(2, 8, -1)
    by_draw = pd.DataFrame(values[1] - values[0], columns=store["country"].values)
    bands = pd.read_csv("out/bands.csv", keep_default_na=False)
    of_real = bands[bands["statistic"] == "real_income_pct_difference"].set_index("country")
    assert set(of_real["against"]) == {"krugman"}
    assert set(of_real["model"]) == {"melitz"}
    assert_allclose(of_real["median"].astype(float), by_draw.median()[of_real.index], rtol=1e-9)
    assert_allclose(of_real["sd"].astype(float), by_draw.std()[of_real.index], rtol=1e-9)
    assert (store["trade"].values[:8] == store["trade"].values[8:]).all()
    apart = values[1].std(axis=0) + values[0].std(axis=0)
    assert (by_draw.std(ddof=0).to_numpy() < apart).all()


def test_a_panel_of_three_years_from_three_tables(here: Path) -> None:
    """ "The same tariff on the tables of three years." """
    flow = xr.load_dataset("world.nc", engine="netcdf4")
    for year, growth in ((2018, 0.8), (2020, 0.9), (2022, 1.0)):
        part = flow.copy(deep=True)
        abroad = part["exporter"] != part["importer"]
        part = part[["flow"]].assign(flow=part["flow"].where(~abroad, part["flow"] * growth)).assign_attrs(flow.attrs, year=year)
        part.to_netcdf(f"table{year}.nc", engine="netcdf4")
    shock = entry("tariff", '"USA"', '"CHN"', '"*"', "set = 0.25")
    tables = [f"table{year}.nc" for year in (2018, 2020, 2022)]
    file = put("panel", shock + f"[sweep]\nperiod = [2018, 2020, 2022]\neconomy = {json.dumps(tables)}\n", economy="table2018.nc")
    asked("check", file)
    asked("sweep", file, "--out", "years")
    store = open_store(Path("years/sweep.zarr"))
    assert store["period"].values.tolist() == [2018, 2020, 2022]
    found = store["real_income_pct"].to_pandas()
    for place, name in enumerate(tables):
        asked("run", put("one", shock, economy=name), "--out", "one")
        assert_allclose(found.iloc[place], real("one")[found.columns], atol=1e-8)
    failed = store["outcome"].values != "solved"
    assert not failed.any()
