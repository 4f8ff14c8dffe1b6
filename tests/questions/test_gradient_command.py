"""`cge gradient` from end to end: what is printed, what is written, and the exit status."""

import json
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from commands import ARMINGTON, CUT_OFF, MELITZ, TARIFF, invoke, names, put
from numpy.testing import assert_allclose

import cge
from cge.questions.gradient.answer import COLUMNS, TOP, usual
from cge.questions.gradient.page import totals
from cge.runfile.load import load
from cge.solve import adjoint

GROUPS = '[groups]\nOthers = ["North", "South"]\n'
WITH_GROUPS = MELITZ.replace("[elasticities]", GROUPS + "[elasticities]") + TARIFF


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_it_prints_what_matters_to_each_country_and_writes_its_folder(here: Path) -> None:
    status, out, err = invoke("gradient", put(here, WITH_GROUPS))
    assert (status, err) == (0, "")
    folder = here / "runs" / "out" / "case"
    assert names(folder) == ["gradient.csv", "gradient.nc", "summary.json"]
    for words in ("A tariff", "Home", "North", "South", "per point", "per percent", "Elasticity that matters most", "Files: runs/out/case"):
        assert words in out
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert summary["outcome"] == "solved"
    assert summary["gradient"]["countries"] == ["Home", "North", "South"]
    assert {"seconds", "corners", "near_corner", "note"} <= set(summary["gradient"])


def test_tables_hold_the_derivatives_of_the_solution(here: Path) -> None:
    file = put(here, WITH_GROUPS)
    assert invoke("gradient", file, "--out", "out")[0] == 0
    table = pd.read_csv(here / "out" / "gradient.csv", keep_default_na=False)
    assert list(table.columns) == list(COLUMNS)
    assert set(table["of"]) == {"tariff", "export_tax", "iceberg", "productivity", "endowment", "trade", "sigma"}
    assert table.groupby(["country", "of"]).size().max() == TOP
    found = cge.gradient(cge.run(file))
    for row in table.to_dict("records"):
        place = {dim: row[dim] for dim in found[row["of"]].dims}
        assert_allclose(row["value"], float(found[row["of"]].sel(place)), rtol=1e-12)
    for _, rows in table[table["of"].isin(["tariff", "export_tax", "iceberg", "productivity", "endowment"])].groupby(["country", "of"]):
        assert (np.diff(np.abs(rows["value"])) <= 0).all()
    traded = table[table["of"].isin(["tariff", "export_tax", "iceberg"])]
    assert (traded["importer"] != traded["exporter"]).all()
    with xr.open_dataset(here / "out" / "gradient.nc") as kept:
        assert kept["tariff"].attrs["units"] == "percent per percentage point"
        assert kept.attrs["outcome"] == "solved"
        for name in kept.data_vars:
            assert_allclose(kept[name], found[name], rtol=1e-12)


def test_all_of_a_country_and_a_group(here: Path) -> None:
    file = put(here, WITH_GROUPS)
    status, out, _ = invoke("gradient", file, "--country", "South, Others", "--all", "--out", "out", "--json")
    assert status == 0
    about = json.loads(out)["gradient"]
    assert (about["countries"], about["groups"]) == (["South", "Others"], {"Others": ["North", "South"]})
    table = pd.read_csv(here / "out" / "gradient.csv", keep_default_na=False)
    assert list(table["country"].unique()) == ["South", "Others"]
    solution = cge.run(file)
    south = cge.gradient(solution, "South")
    some = (np.abs(south["iceberg"]) > 1e-14).sum()
    assert (table[table["country"] == "South"]["of"] == "iceberg").sum() == int(some)


def test_a_group_counts_its_members_by_income(here: Path) -> None:
    """Its real income is that of groups.csv: a small tariff moves both by the same."""
    file = put(here, WITH_GROUPS)
    solution = cge.run(file)
    step = 1e-5
    more = cge.run(put(here, WITH_GROUPS.replace("add = 0.1", f"add = {0.1 + step}"), "more.toml"))
    together = [cge.groups_table(one, {"Others": ["North", "South"]}).set_index("country")["real_income_pct"] for one in (solution, more)]
    slope = np.log((100 + together[1]["Others"]) / (100 + together[0]["Others"])) / step
    found = cge.gradient(solution, ["Others"], groups={"Others": ["North", "South"]})
    assert_allclose(float(found["tariff"].sel(sector="goods", importer="Home", exporter=["North", "South"]).sum()), slope, rtol=1e-3)


def test_the_page_sums_what_members_of_a_group_do(here: Path) -> None:
    file = put(here, WITH_GROUPS)
    assert invoke("gradient", file, "--country", "Others", "--out", "out")[0] == 0
    with xr.open_dataset(here / "out" / "gradient.nc") as data:
        found = totals(data).set_index("country").loc["Others"]
        tariff = data["tariff"].sel(country="Others").sum("sector")
        inside, outside = ["North", "South"], ["Home"]
        own = sum(float(tariff.sel(importer=n, exporter=i)) for n in inside for i in ("Home", "North", "South") if i != n)
        assert_allclose(found["own_tariffs"], own, rtol=1e-12)
        assert_allclose(found["tariffs_abroad"], float(tariff.sel(importer=outside, exporter=inside).sum()), rtol=1e-12)
        assert_allclose(found["own_productivity"], float(data["productivity"].sel(country="Others", exporter=inside).sum()), rtol=1e-12)


def test_without_elasticities_that_matter(here: Path) -> None:
    """Nothing changes at the data: no elasticity matters, and no note is needed."""
    status, out, _ = invoke("gradient", put(here, ARMINGTON), "--country", "Home")
    assert status == 0
    assert "No elasticity matters to first order here." in out
    assert "piecewise" not in out


def test_a_note_where_an_industry_is_near_its_corner(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["cge.results.gradient"], "NEAR", 1e3)
    status, out, _ = invoke("gradient", put(here, MELITZ + TARIFF))
    assert status == 0
    assert "Note: Real income is only piecewise smooth, and 6 industries are within" in out
    assert json.loads((here / "runs/out/case/summary.json").read_text(encoding="utf-8"))["gradient"]["near_corner"] == 6


def test_usual_countries_of_a_large_world() -> None:
    solution = cge.run("us-tariff-inputs")
    countries = usual(solution)
    assert countries[0] == "USA"
    assert len(countries) == 10


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (MELITZ + TARIFF, ["--country", "Nroth"], "no country or group Nroth. Did you mean North?"),
        (ARMINGTON + TARIFF.replace("Home", "Hone"), [], "Hone"),
    ],
)
def test_bad_input_touches_nothing(here: Path, text: str, options: list[str], words: str) -> None:
    status, _, err = invoke("gradient", put(here, text), *options)
    assert status == 2
    assert words in err
    assert not (here / "runs").exists()


def test_no_solution_leaves_a_diagnosis(here: Path) -> None:
    status, out, err = invoke("gradient", put(here, MELITZ + CUT_OFF), "--json")
    assert status == 1
    assert names(here / "runs/out/case") == ["diagnosis.json"]
    assert json.loads(out)["outcome"] == "no_equilibrium"
    assert "diagnosis.json" in err


def test_no_derivative_leaves_a_diagnosis(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(adjoint, "ACCEPTED", -1.0)
    status, _, err = invoke("gradient", put(here, MELITZ + TARIFF))
    assert status == 1
    assert "No derivative" in err
    assert names(here / "runs/out/case") == ["diagnosis.json"]


def test_an_output_folder_of_ours_is_replaced(here: Path) -> None:
    file = put(here, MELITZ + TARIFF)
    assert invoke("gradient", file)[0] == 0
    assert invoke("run", file)[0] == 0
    assert "gradient.csv" not in names(here / "runs/out/case")
    assert load(file).title == "A tariff"
