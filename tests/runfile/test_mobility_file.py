"""Workers who move between sectors, from run files to folders: every fault at once, files end to end, comparisons, sweeps, derivatives."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose

from cge import RunFileError, Solution, run, solve_levels
from cge.cli import app
from cge.data.bundled import find
from cge.questions.compare.files import write_comparison
from cge.questions.gradient.answer import write_gradient
from cge.questions.run.answer import write_run
from cge.questions.solve import ready
from cge.questions.table import QUESTIONS
from cge.runfile.description import describe
from cge.runfile.load import load
from cge.tell.folder import open_results
from cge.tell.page import write_report

GROUPS = """country,factor,group,sector,share
*,labour,makers,goods,0.8
*,labour,makers,services,0.3
*,labour,servers,goods,0.2
*,labour,servers,services,0.7
"""


def written(folder: Path, keys: str = "", model: str = "eaton_kortum", groups: str = GROUPS, more: str = "") -> Path:
    (folder / "groups.csv").write_text(groups, encoding="utf-8")
    text = f"""
title = "A tariff of North"
economy = "mini"
model = "{model}"
{keys}
[elasticities]
trade = 5.0
[[tariff]]
importer = "North"
exporter = "*"
sector = "goods"
add = 0.1
{more}
"""
    (folder / "run.toml").write_text(text, encoding="utf-8")
    return folder / "run.toml"


def moving(folder: Path, kappa: str = "{makers = 2.0, servers = 3.0}", **more: str) -> Path:
    return written(folder, f'mobility = {kappa}\ngroup_shares = "groups.csv"', **more)


def numbers(solution: Solution) -> pd.DataFrame:
    return solution.tables["welfare"].set_index("country")


# --- what is read ------------------------------------------------------------------------------------------------------------------------


def test_every_fault_comes_at_once(tmp_path: Path) -> None:
    wrong = GROUPS.replace("*,labour,makers,goods,0.8", "*,labour,makers,goods,0.9").replace(
        "labour,servers,services", "labour,servers,serices"
    )
    file = written(tmp_path, 'mobility = 0.5\ngroup_shares = "groups.csv"\nscale = 7.0', groups=wrong)
    with pytest.raises(RunFileError) as error:
        load(file)
    told = "\n".join(error.value.faults)
    for part in (
        "shares of labour add up to 1.1",
        "no sector serices",
        "did you mean services",
        "scale: ",
        "mobility: 0.5, but it must exceed 1",
    ):
        assert part.lower() in told.lower()
    with pytest.raises(RunFileError, match="must exceed 1"):
        load(written(tmp_path, "mobility = 0.5"))
    with pytest.raises(RunFileError, match=r"mobility: true .*Give a number above 1, inf"):
        load(written(tmp_path, "mobility = true"))
    with pytest.raises(RunFileError, match=r"no group or factor labor .*labour"):
        load(written(tmp_path, "mobility = {labor = 2.0}"))
    with pytest.raises(RunFileError, match="group_shares: says nothing without mobility"):
        load(written(tmp_path, 'group_shares = "groups.csv"'))
    with pytest.raises(RunFileError, match=r"row 2: share 'much' is not a number"):
        load(moving(tmp_path, groups=GROUPS.replace("0.8", "much")))
    with pytest.raises(RunFileError, match="group_shares: no file"):
        load(written(tmp_path, 'mobility = 2.0\ngroup_shares = "group.csv"'))


def test_a_mobility_is_checked_whatever_it_is_of(tmp_path: Path) -> None:
    """Groups of an economy, an economy that cannot be opened, a world written by hand; values that are no numbers hide none of the others."""
    half = written(tmp_path, 'mobility = {labour = "x", capital = 0.5, land = true}')
    words = {'"x" at labour is not a number or inf; true at land is not', "mobility: 0.5 at capital, but it must exceed 1"}
    for text in ("mini", "none.nc"):
        half.write_text(half.read_text(encoding="utf-8").replace('"mini"', f'"{text}"'), encoding="utf-8")
        with pytest.raises(RunFileError) as error:
            load(half)
        assert all(sum(word in fault for fault in error.value.faults) == 1 for word in words), error.value.faults
    world = find("runs", "two-countries").parent / "technology" / "two-countries.toml"
    (tmp_path / "world.toml").write_text(world.read_text(encoding="utf-8"), encoding="utf-8")
    for given, word in (("0.5", "0.5, but it must exceed 1"), ("{labor = 2.0}", r"no group or factor labor .*labour")):
        text = f'title = "x"\ntechnology = "world.toml"\nmodel = "melitz"\nmobility = {given}\n[elasticities]\ntrade = 5.0\nsigma = 4.0\n'
        (tmp_path / "hand.toml").write_text(text, encoding="utf-8")
        with pytest.raises(RunFileError, match=word):
            load(tmp_path / "hand.toml")


def test_a_table_by_group_of_a_factor_names_the_rest(tmp_path: Path) -> None:
    case = load(moving(tmp_path, '{labour = 2.0, "*" = 4.0}'))
    workers = case.benchmark.workers
    assert workers is not None
    assert dict(zip(workers.groups, workers.kappa, strict=True)) == {"makers": 2.0, "servers": 2.0, "capital": 4.0}
    assert any("labour (2 groups) moves between sectors with an elasticity of 2" in line for line in describe(case))
    alone = load(moving(tmp_path, "{labour = 2.0}")).benchmark.workers
    assert alone is not None
    assert alone.kappa.tolist() == [2.0, 2.0, np.inf]


def test_a_baseline_must_have_the_same_workers(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(moving(tmp_path, "2.0").read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(RunFileError, match="differs in mobility"):
        load(written(tmp_path, 'mobility = 3.0\ngroup_shares = "groups.csv"\nbaseline = "base.toml"'))
    assert load(written(tmp_path, 'mobility = 2.0\ngroup_shares = "groups.csv"\nbaseline = "base.toml"')).shock.baseline is not None


# --- what is written ---------------------------------------------------------------------------------------------------------------------


def test_the_folder_says_who_wins(tmp_path: Path) -> None:
    solution, told = write_run(load(moving(tmp_path)), tmp_path / "out")
    tables = told.tables
    table = pd.read_csv(tmp_path / "out" / "groups_income.csv")
    assert list(table) == ["country", "group", "income_pct", "real_income_pct", "employed_benchmark", "moved_pct"]
    assert len(table) == 9
    assert np.isfinite(table.select_dtypes("number")).all(axis=None)
    # groups earn what their factors do
    before = table.groupby("country")["employed_benchmark"].sum()
    after = (table["employed_benchmark"] * (1 + table["income_pct"] / 100)).groupby(table["country"]).sum()
    v = solution.counterfactual.values.factor_income.sum(axis=0)
    assert_allclose(before[solution.benchmark.countries], solution.benchmark.data["factor_income"].sum("factor"), rtol=1e-12)
    assert_allclose(after[solution.benchmark.countries], v, rtol=1e-9)
    factors = tables["factors"].set_index(["country", "factor"])["price_pct"]
    labour = table[table["group"] != "capital"]
    worth = (labour["employed_benchmark"] * (1 + labour["income_pct"] / 100)).groupby(labour["country"]).sum()
    assert_allclose(
        factors.xs("labour", level="factor")[worth.index], 100 * (worth / labour.groupby("country")["employed_benchmark"].sum() - 1)
    )
    # nobody is lost: heads of all sectors stay, and fewer units do
    sectors, sales = tables["sectors"], solution.benchmark.data["factor_share"] * solution.benchmark.data["sales"]
    paid = sales.sum("factor").transpose("country", "sector").values.ravel()
    heads = (sectors["moved_pct"] * paid).groupby(sectors["country"]).sum()
    assert_allclose(heads, 0, atol=1e-9)
    units = (sectors["employment_pct"] * paid / 100).groupby(sectors["country"]).sum()
    gdp = tables["welfare"].set_index("country")["real_gdp_pct"]
    assert (units < 0).all()
    assert gdp.notna().all()
    results = open_results(tmp_path / "out", QUESTIONS)
    write_report(results, tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Who wins at home" in page
    assert "servers" in page
    assert json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["mobility"] == "makers 2, servers 3"


def test_inequality_and_what_it_is_worth(tmp_path: Path) -> None:
    even = run(moving(tmp_path, "2.0"))
    file = written(tmp_path, 'mobility = 2.0\ngroup_shares = "groups.csv"\ninequality_aversion = 0.0')
    averse, neutral = even.tables["groups"].iloc[0], run(file).tables["groups"].iloc[0]
    table = even.tables["groups_income"]
    weight = table["employed_benchmark"] / table["employed_benchmark"].sum()
    change = 1 + table["real_income_pct"] / 100
    mean, geometric = float(weight @ change), float(np.exp(weight @ np.log(change)))
    assert_allclose(neutral["weighted_real_income_pct"], 100 * (mean - 1))
    assert_allclose(averse["weighted_real_income_pct"], 100 * (geometric - 1))
    assert_allclose(averse["inequality_log"], 100 * np.log(mean / geometric), rtol=1e-6)
    with pytest.raises(RunFileError, match="inequality_aversion"):
        load(written(tmp_path, "mobility = 2.0\ninequality_aversion = -1.0"))


def test_one_pool_of_several_groups_is_the_model_without_them(tmp_path: Path) -> None:
    pooled, plain = run(moving(tmp_path, "inf")), run(written(tmp_path))
    columns = list(numbers(plain))
    pd.testing.assert_frame_equal(numbers(pooled)[columns], numbers(plain)[columns], rtol=1e-12)
    table = pooled.tables["groups_income"].set_index(["country", "group"])
    assert_allclose(table["income_pct"].xs("makers", level="group"), table["income_pct"].xs("servers", level="group"), rtol=1e-12)
    assert table["moved_pct"].xs("makers", level="group").isna().all()


def test_levels_answer_the_same(tmp_path: Path) -> None:
    case = load(moving(tmp_path, model="armington"))
    found = solve_levels(case.benchmark, case.exponents, case.shock)
    assert found.levels_vs_hat is not None
    assert found.levels_vs_hat < 1e-8


# --- other questions ---------------------------------------------------------------------------------------------------------------------


def test_a_comparison_goes_across_mobility(tmp_path: Path) -> None:
    case = load(moving(tmp_path))
    write_comparison(case, tmp_path / "out", ["eaton_kortum"], ["mobility"])
    table = pd.read_csv(tmp_path / "out" / "comparison.csv", dtype={"mobility": str})
    assert list(dict.fromkeys(table["mobility"])) == ["makers 2, servers 3", "inf", "1.01"]
    real = table[table["statistic"] == "real_income_pct"].pivot(index="country", columns="mobility", values="value")
    assert_allclose(real["inf"][list(numbers(run(written(tmp_path))).index)], numbers(run(written(tmp_path)))["real_income_pct"], rtol=1e-9)
    spread = table[table["statistic"] == "inequality_log"].pivot(index="country", columns="mobility", values="value")
    assert (spread > 0).all(axis=None)
    assert (spread["1.01"] != spread["makers 2, servers 3"]).all()
    with xr.open_dataset(tmp_path / "out" / "comparison.nc") as data:
        assert list(data["mobility"].values) == ["makers 2, servers 3", "inf", "1.01"]


def test_derivatives_by_mobility_are_written_by_group(tmp_path: Path) -> None:
    found = write_gradient(ready(load(moving(tmp_path))), tmp_path / "out")
    rows = found.table[found.table["of"] == "mobility"]
    assert set(rows["group"]) == {"makers", "servers"}
    two = [numbers(run(moving(tmp_path, f"{{makers = {2.0 + h}, servers = 3.0}}")))["real_income_pct"] for h in (1e-3, -1e-3)]
    slope = (np.log1p(two[0] / 100) - np.log1p(two[1] / 100)) / 2e-3
    ours = rows[rows["group"] == "makers"].set_index("country")["value"]
    assert_allclose(ours[slope.index], slope, rtol=1e-4)


def test_a_sweep_over_mobility(tmp_path: Path) -> None:
    from typer.testing import CliRunner

    file = moving(tmp_path, "2.0", more="[sweep]\nmobility = [1.5, 3.0, inf]")
    result = CliRunner().invoke(app, ["sweep", str(file), "--out", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    with xr.open_zarr(tmp_path / "out" / "sweep.zarr") as data:
        swept = data["real_income_pct"].transpose("scenario", "country")
        last = numbers(run(moving(tmp_path, "inf")))["real_income_pct"]
        assert_allclose(swept.values[2], last[data["country"].values], rtol=1e-8)
        assert np.isfinite(swept.values).all()
