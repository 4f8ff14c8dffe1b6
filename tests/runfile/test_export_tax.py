"""Export taxes and subsidies in run files, economies and outputs."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from worlds import random_economy

from cge import aggregate, calibrate, change, eaton_kortum, make_economy, open_economy, scenario, solve_hat
from cge.data.aggregate import totals
from cge.data.tariffs.attach import attach_tariffs
from cge.data.write import write_economy
from cge.errors import DataError, RunFileError
from cge.model.benchmark import labelled
from cge.questions.compare.answer import compare
from cge.questions.run.answer import write_run
from cge.questions.solve import solve
from cge.questions.sweep.answer import write_sweep
from cge.questions.sweep.store import open_store
from cge.questions.sweep.workers import here
from cge.questions.told import economy_of
from cge.results.welfare import welfare_table
from cge.runfile.description import describe
from cge.runfile.in_words import question
from cge.runfile.load import load

RUN = """
title = "Taxes on what others buy"
economy = "world.nc"
model = "eaton_kortum"
{top}
[elasticities]
trade = 4.0
"""

ENTRY = """
[[export_tax]]
exporter = "C0"
importer = ["*", "!C1"]
sector = "S1"
{action}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with an economy that has export taxes."""
    write_economy(random_economy(np.random.default_rng(5), 4, 3, inputs=0.3, export_taxes=True), tmp_path / "world.nc")
    return tmp_path


def run_file(folder: Path, *actions: str, top: str = "", name: str = "run.toml", more: str = "") -> Path:
    """A run file with entries of export taxes."""
    path = folder / name
    path.write_text(RUN.format(top=top) + "".join(ENTRY.format(action=action) for action in actions) + more, encoding="utf-8")
    return path


def test_an_economy_file_keeps_its_export_taxes(folder: Path) -> None:
    economy = open_economy(folder / "world.nc")
    assert economy.data["export_tax"].values.max() > 0.2
    assert economy.data["export_tax"].attrs["units"] == "1"
    spent = (economy.border * (1 + economy.data["tariff"].values)).sum(axis=(0, 2))
    assert_allclose(calibrate(economy).data["spending"].sum("sector"), spent)
    home = economy.data["export_tax"].copy()
    home[0, 0, 0] = 0.1
    for bad, words in ((home, "export_tax: 1 nonzero rate on own-country sales"), (home - 0.5, "Subsidies to exports")):
        with pytest.raises(DataError, match=words):
            make_economy(economy.data.assign(export_tax=bad))


def test_entries_act_in_their_order_on_the_rates_of_the_data(folder: Path) -> None:
    case = load(run_file(folder, "set = 0.2", "add = 0.1", "times = 0.5"))
    old, new = case.benchmark.rates("export_tax"), case.shock.rates(case.benchmark, "export_tax")
    wanted = old.copy()
    wanted[1, 0, 2:] = 0.15
    assert_allclose(new, wanted)
    said = describe(case)
    assert any(line.startswith("Export taxes in the data: ") for line in said)
    assert any("export tax in 2 cells" in line for line in said)
    assert any(line.startswith("Export taxes after: ") and line.endswith("new rates 15.0%.") for line in said)
    assert question(case.text)[1] == "C0: the tax on exports of S1 to every country except C1 rises by 10 percentage points."
    twin = scenario(case.benchmark, export_tax=[{"exporter": "C0", "importer": ["*", "!C1"], "sector": "S1", "set": 0.15}])
    assert_allclose(twin.rates(case.benchmark, "export_tax"), wanted)


def test_a_file_of_rates(folder: Path) -> None:
    (folder / "rates.csv").write_text("importer,export_tax\nC2,30\n*,10\n", encoding="utf-8")
    case = load(run_file(folder, 'file = "rates.csv"\nunit = "percent"'))
    assert_allclose(case.shock.rates(case.benchmark, "export_tax")[1, 0, 2:], [0.3, 0.1])
    assert "rates.csv" in case.inputs
    with pytest.raises(RunFileError, match="seem to be in percent"):
        load(run_file(folder, 'file = "rates.csv"'))
    (folder / "rates.csv").write_text("importer,export_tax\nC2,0.3\n", encoding="utf-8")
    with pytest.raises(RunFileError, match=r"export_tax\[0\].file: rates.csv has no rate for 1 of 2 selected cells"):
        load(run_file(folder, 'file = "rates.csv"'))


@pytest.mark.parametrize(
    ("action", "words"),
    [
        ("set = -0.5", r"export_tax: the rate is -0.5 at .* after export_tax\[0\] .*no rate may end below zero \(subsidies = true"),
        ("times = 1.0\nset = 0.1", r"export_tax\[0\]: has set and times; give exactly one of set, add, times, file"),
        ("", r"export_tax\[0\]: has no action"),
        ("set = 25", r"export_tax\[0\].set: 25 is 2,500 %; it looks like percent"),
    ],
)
def test_faults(folder: Path, action: str, words: str) -> None:
    with pytest.raises(RunFileError, match=words):
        load(run_file(folder, action))


def test_home_sales_bear_none(folder: Path) -> None:
    text = run_file(folder, "set = 0.1").read_text(encoding="utf-8").replace('["*", "!C1"]', '"C0"')
    (folder / "run.toml").write_text(text, encoding="utf-8")
    with pytest.raises(RunFileError, match="exporter and importer are both C0; sales at home bear no export tax"):
        load(folder / "run.toml")


def test_subsidies_are_asked_for_and_end_above_minus_one(folder: Path) -> None:
    tariff = '\n[[tariff]]\nimporter = "C1"\nexporter = "*"\nsector = "*"\nset = -0.2\n'
    case = load(run_file(folder, "set = -0.3", top="subsidies = true", more=tariff))
    found = solve(case)
    table = welfare_table(found).set_index("country")
    assert table.loc["C1", "tariff_revenue"] < 0
    assert found.residual < 1e-10
    levels = solve(load(run_file(folder, "set = -0.3", top='subsidies = true\nmethod = "levels"', more=tariff)))
    assert_allclose(levels.log_real_income, found.log_real_income, atol=1e-9)
    with pytest.raises(RunFileError, match=r"a rate must end above -1"):
        load(run_file(folder, "set = -1.0", top="subsidies = true"))
    with pytest.raises(RunFileError, match=r'subsidies: "yes" is not allowed\. Give true or false'):
        load(run_file(folder, "set = 0.1", top='subsidies = "yes"'))
    (folder / "rates.csv").write_text("sector,tariff\n*,-0.2\n", encoding="utf-8")
    listed = tariff.replace("set = -0.2", 'file = "rates.csv"')
    same = load(run_file(folder, "set = -0.3", top="subsidies = true", more=listed))
    assert_allclose(same.shock.rates(same.benchmark), case.shock.rates(case.benchmark))
    with pytest.raises(RunFileError, match=r"tariff '-0\.2' is not a rate from 0 up"):
        load(run_file(folder, "set = 0.3", more=listed))


def test_what_a_run_writes(folder: Path) -> None:
    case = load(run_file(folder, "set = 0.4"))
    solution, _ = write_run(case, folder / "out")
    read = pd.read_csv(folder / "out" / "welfare.csv")
    assert list(read)[-4:] == ["export_tax_revenue", "export_tax_revenue_change", "profit", "profit_change"]
    assert_allclose(read["export_tax_revenue"], solution.data["export_tax_revenue"], rtol=1e-12)
    with xr.open_datatree(folder / "out" / "solution.nc") as saved:
        assert_allclose(saved["solution/export_tax"].sel(exporter="C0", importer="C2", sector="S1"), 0.4)
        assert "export_tax" in saved["shock"]
        assert "export_tax" in saved["benchmark"]
    summary = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["acting"]["kind"] == "export_tax"
    assert summary["acting"]["names"] == ["C0"]
    assert any(line.startswith("Export taxes after") for line in summary["notes"])


def test_on_top_of_and_compare(folder: Path) -> None:
    run_file(folder, "set = 0.2", name="first.toml")
    case = load(run_file(folder, "add = 0.1", top='on_top_of = "first.toml"'))
    assert_allclose(case.shock.rates(case.benchmark, "export_tax")[1, 0, 2:], 0.3)
    assert_allclose(case.shock.reference.rates(case.benchmark, "export_tax")[1, 0, 2:], 0.2)
    scenarios = '\n[[scenario]]\nname = "none"\n[[scenario.export_tax]]\nexporter = "*"\nimporter = "*"\nsector = "*"\nset = 0.0\n'
    found = compare(load(run_file(folder, "set = 0.2", more=scenarios)), solve)
    assert {answer.scenario for answer in found.answers} >= {"none"}
    assert all("export_tax_revenue" in answer.countries for answer in found.answers if answer.solution is not None)


def test_a_sweep_over_rates(folder: Path) -> None:
    case = load(run_file(folder, "set = 0.2", more='\n[sweep]\n"export_tax[0].set" = [0.0, 0.1, 0.2]\n'))
    write_sweep(case, folder / "sweep", here)
    store = open_store(folder / "sweep" / "sweep.zarr")
    last = welfare_table(solve(case))
    for name in ("real_income_pct", "export_tax_revenue"):
        assert_allclose(store[name][2], last[name], rtol=1e-8)


def test_countries_that_become_one_and_new_tariffs(folder: Path) -> None:
    economy = open_economy(folder / "world.nc")
    concordance = pd.DataFrame({"dim": "country", "from": ["C0", "C1"], "to": "AB"})
    with pytest.raises(DataError, match="pay tariffs or export taxes to each other"):
        aggregate(economy, concordance)
    merged = aggregate(economy, concordance, internal_tariffs="value_added")
    for name in ("spending", "transfers"):
        assert_allclose(totals(merged)[name].sum(), totals(economy)[name].sum(), atol=1e-9)
    at = economy.countries.index("C2")
    revenue = ((economy.border - economy.data["flow"].values)[at]).sum()
    assert_allclose((merged.border - merged.data["flow"].values)[merged.countries.index("C2")].sum(), revenue)
    rates = 0.0 * economy.data["tariff"] + 0.1 * (economy.data["exporter"] != economy.data["importer"])
    attached = attach_tariffs(economy, rates, inputs="gross")
    assert_allclose(attached.data["export_tax"], economy.data["export_tax"])
    before, after = (calibrate(x).data["transfer"] for x in (economy, attached))
    assert_allclose(after, before, atol=1e-9)


def test_a_saved_solution_tells_its_economy(folder: Path) -> None:
    b = calibrate(open_economy(folder / "world.nc"))
    assert_allclose(economy_of(b).data["export_tax"].transpose(*b.data["export_tax"].dims), b.data["export_tax"])
    rate = labelled(b, 0.1 * (1 - np.eye(4)) * np.ones((3, 1, 1)), "sector", "exporter", "importer")
    solve_hat(b, eaton_kortum(4.0), change(b, export_tax=rate)).save(folder / "saved")
    assert "export_tax_revenue" in pd.read_csv(folder / "saved" / "welfare.csv")
