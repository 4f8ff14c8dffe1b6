"""Satellite accounts of a run file, end to end: what is refused, what is written, what terminal and page say."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from commands import invoke, put
from numpy.testing import assert_allclose
from outputs import read_back

from cge import RunFileError
from cge.questions.run.answer import write_run
from cge.runfile.load import load
from cge.tell.page.satellites import satellites

HEAD = 'title = "x"\neconomy = "mini"\nsatellite = "accounts.csv"\nmodel = "armington"\n{}[elasticities]\ntrade = 5.0\n'
TAX = '[[export_tax]]\nexporter = "Home"\nimporter = "*"\nsector = "goods"\nset = 0.2\n'
ACCOUNTS = "country,sector,name,amount,moves_with\n{}"
SOUND = "Home,goods,CO2,40,output\nNorth,goods,CO2,90,output\nSouth,goods,CO2,120,output\nHome,services,jobs,9,employment\n"


def case(folder: Path, rows: str = SOUND, keys: str = "", more: str = TAX) -> Path:
    (folder / "accounts.csv").write_text(ACCOUNTS.format(rows), encoding="utf-8")
    return put(folder, HEAD.format(keys) + more)


def test_a_run_writes_accounts_of_countries_and_groups(tmp_path: Path) -> None:
    path = case(tmp_path, more=f'{TAX}[groups]\nAbroad = ["North", "South"]\n')
    status, out, _ = invoke("run", path, "--out", tmp_path / "out", "--json")
    assert status == 0
    said = json.loads(out)["satellites"]
    assert said == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["satellites"]
    table, groups = (pd.read_csv(tmp_path / "out" / f"satellite{end}.csv") for end in ("s", "_groups"))
    assert table["country"].tolist() == ["Home", "North", "South"] * 2
    assert groups["country"].tolist() == ["World", "Abroad"] * 2
    co2 = table[table["name"] == "CO2"]
    assert_allclose(co2["producer_benchmark"], [40.0, 90.0, 120.0], rtol=1e-14)
    assert_allclose(co2["producer"].sum(), co2["buyer"].sum(), rtol=1e-12)
    change = (co2["producer"] - co2["producer_benchmark"]).to_numpy()
    assert said["home"] == ["Home"]
    assert said["accounts"][0]["leakage_pct"] == pytest.approx(-100 * change[1:].sum() / change[0], rel=1e-12)
    assert said["accounts"][1]["name"] == "jobs"
    status, out, _ = invoke("run", path, "--out", tmp_path / "out")
    assert status == 0
    assert "Satellite accounts (home: Home)" in out
    assert "satellite_groups.csv, satellites.csv" in out


def test_check_says_what_was_read(tmp_path: Path) -> None:
    status, out, _ = invoke("check", case(tmp_path))
    assert status == 0
    assert "Satellite account CO2: 250 in 3 country-sectors, moving with output." in out
    assert "Satellite account jobs: 9 in 1 country-sector, moving with employment." in out


def test_all_faults_come_at_once(tmp_path: Path) -> None:
    """Of the accounts and of the rest of the run file, each with its file and rows."""
    path = case(tmp_path, "Hom,goods,CO2,40,output\nNorth,goods,CO2,-1,output\n", more=TAX.replace("goods", "goodes"))
    with pytest.raises(RunFileError) as caught:
        load(path)
    said = "\n".join(caught.value.faults)
    assert len(caught.value.faults) == 3
    assert "satellite: accounts.csv: row 2: no country Hom in the economy. Did you mean Home?" in said
    assert "satellite: accounts.csv: row 3: amount -1 is below zero" in said
    assert "export_tax[0].sector: no sector goodes" in said
    assert invoke("run", path, "--out", tmp_path / "out")[0] == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("country,sector,name,amount\nHome,goods,CO2,1\n", "satellite: {file}: no column moves_with"),
        (ACCOUNTS.format(""), "satellite: accounts.csv: has no rows"),
        (None, "satellite: no file {file}"),
    ],
)
def test_a_file_that_is_none(text: str | None, words: str, tmp_path: Path) -> None:
    path = case(tmp_path)
    file = tmp_path / "accounts.csv"
    file.unlink() if text is None else file.write_text(text, encoding="utf-8")
    with pytest.raises(RunFileError) as caught:
        load(path)
    assert [words.format(file=file) in fault for fault in caught.value.faults] == [True]


def test_accounts_of_a_world_written_by_hand(tmp_path: Path) -> None:
    """Nobody knows its sales before they are solved, and where nothing can be made there is no account."""
    world = 'countries = ["Home", "Foreign"]\nsectors = ["goods", "fish"]\nendowment = 100.0\niceberg = 1.5\nentry_cost = 0.5\n'
    world += "home_fixed_cost = 1.0\nfixed_cost = 1.2\nfinal_share = 0.5\n"
    lakes = "[productivity]\nHome = {goods = 1.0, fish = 0.0}\nForeign = 1.0\n"
    put(tmp_path, world + lakes, "world.toml")
    path = case(tmp_path, "Home,goods,CO2,5,output\nForeign,fish,CO2,7,output\n", more="")
    text = path.read_text(encoding="utf-8").replace('economy = "mini"', 'technology = "world.toml"')
    path.write_text(text, encoding="utf-8")
    write_run(load(path), tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "satellites.csv")
    assert_allclose(table["producer"], [5.0, 7.0], rtol=1e-9)
    assert_allclose(table["buyer"].sum(), 12.0, rtol=1e-12)
    case(tmp_path, "Home,fish,CO2,5,output\n", more="")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(
        RunFileError, match="CO2 moves with output in 1 cell that make nothing in the economy, first country=Home sector=fish"
    ):
        load(path)


def test_the_page_carries_what_the_tables_say(output: Callable[[str], Path]) -> None:
    results = read_back(output("inputs"))
    (first, second), table = satellites(results) or [], results.tables["satellites"]
    assert [first["name"], second["name"]] == list(dict.fromkeys(table["name"]))
    own = table[table["name"] == "jobs"]
    places = len(results.countries)
    assert_allclose(second["producer"][:places], own["producer_benchmark"], rtol=1e-5)
    assert_allclose(second["buyerChange"][:places], own["buyer"] - own["buyer_benchmark"], rtol=1e-5, atol=1e-9)
    assert second["said"].startswith("Producers of Home: ")
    assert satellites(read_back(output("run"))) is None
