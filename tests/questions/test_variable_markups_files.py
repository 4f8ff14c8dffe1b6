"""Variable mark-ups in run files: what is written, drawn, compared and told, and every fault at once."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import invoke
from numpy.testing import assert_allclose

from cge import calibrate, change, open_economy, solve_hat, variable_markups
from cge.data.bundled import find
from cge.errors import RunFileError
from cge.questions.run.answer import write_run
from cge.questions.sweep.store import STORE, open_store
from cge.results.channels import CHANNELS
from cge.runfile.load import load

HEADER = "country,sector,demand,k,eta,rho,aggregate_markup,mean_markup,sales_weighted_markup,p50,p90,p99,choke_price_pct,sellers_pct"
COLUMNS = HEADER.split(",")
FILE = """title = "x"
economy = "mini"
model = "{model}"
intermediates = {links}
[elasticities]
{elasticities}
[[tariff]]
importer = "Home"
exporter = "*"
sector = "*"
add = 0.1
{more}"""
MIXED = 'trade = {goods = 5.0, services = 3.0}\ndemand = {goods = "cara", services = "pollak"}\ndemand_parameter = 2.0'


def put(folder: Path, elasticities: str = MIXED, more: str = "", model: str = "variable_markups", links: str = "false") -> Path:
    """A run file."""
    path = folder / "case.toml"
    path.write_text(FILE.format(elasticities=elasticities, more=more, model=model, links=links), encoding="utf-8")
    return path


def test_a_run(tmp_path: Path) -> None:
    """Files and columns, the channel that closes the sum, Krugman's number beside it on screen and page, and the cutoff that grows most."""
    status, shown, _ = invoke("run", put(tmp_path), "--out", tmp_path / "out")
    assert status == 0
    said = " ".join(shown.split())
    for words in ("equivalent", "mark-ups %", "% at constant mark-ups)", "The cutoff cost that grows most is that of"):
        assert words in said
    table = pd.read_csv(tmp_path / "out" / "markups.csv", keep_default_na=False)
    assert list(table) == COLUMNS
    assert list(table["demand"]) == ["cara", "pollak"] * 3
    welfare = pd.read_csv(tmp_path / "out" / "welfare.csv")
    assert list(welfare)[-2:] == ["markups_log", "real_income_constant_markups_pct"]
    assert_allclose(welfare[list(CHANNELS)].sum(axis=1), 100 * np.log1p(welfare["real_income_pct"] / 100), atol=1e-10)
    groups = pd.read_csv(tmp_path / "out" / "groups.csv")
    assert list(groups) == list(welfare)
    status, shown, _ = invoke("table", tmp_path / "out")
    assert status == 0
    assert "Real income at constant mark-ups" in shown
    assert "Variable mark-ups" in shown
    status, shown, _ = invoke("report", tmp_path / "out", "--figures", "svg")
    assert status == 0
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "real_income_constant_markups_pct" in page
    assert "at constant mark-ups" in page
    assert "mark-ups" in (tmp_path / "out" / "figures" / "welfare.svg").read_text(encoding="utf-8")


def test_a_solution_tells_of_itself(tmp_path: Path) -> None:
    """In Python, without a run file, as in a notebook."""
    solution, _ = write_run(load(put(tmp_path)), tmp_path / "out")
    bare = solve_hat(solution.benchmark, solution.exponents, solution.shock)
    assert list(bare.tables["markups"]) == COLUMNS
    assert "Real income at constant mark-ups" in bare._repr_html_()


def test_eta_follows_elasticities_that_are_drawn(tmp_path: Path) -> None:
    """Every draw of k is what it says by itself; bands have the channel."""
    more = "[sweep]\n[sweep.draws]\nn = 4\nseed = 3\nstandard_error = 0.8\n"
    path = put(tmp_path, more=more)
    status, _, said = invoke("sweep", path, "--out", tmp_path / "out")
    assert status == 0, said
    found = open_store(tmp_path / "out" / STORE).load()
    data = calibrate(open_economy(find("data", "mini")), intermediates=False)
    shock = load(path).shock
    assert shock.tariff is not None
    k = found["elasticity"] if "elasticity" in found else found["trade"]
    etas = set()
    for number in range(4):
        at = {sector: float(k.isel(scenario=number).sel(sector=sector)) for sector in data.sectors}
        own = variable_markups(at, {"goods": "cara", "services": "pollak"}, 2.0)
        solution = solve_hat(data, own, change(data, tariff=shock.tariff))
        assert_allclose(found["real_income_pct"].values[number], 100 * np.expm1(solution.log_real_income), rtol=1e-7, atol=1e-9)
        etas.add(own.on(data.sectors)["eta"][0])
    assert len(etas) == 4
    assert "markups_log" in set(pd.read_csv(tmp_path / "out" / "bands.csv")["statistic"])


def test_scenarios_that_are_solved_together(tmp_path: Path) -> None:
    """Homothetic demand, inputs, entry restricted: what solves many at once has the columns of mark-ups, too."""
    more = '[sweep]\n"tariff[0].add" = [0.05, 0.1, 0.15]\n'
    path = put(tmp_path, 'trade = 5.0\ndemand = "translog"', more, links="true\nscale = 0.0")
    assert invoke("sweep", path, "--out", tmp_path / "out")[0] == 0
    found = open_store(tmp_path / "out" / STORE).load()
    assert_allclose(found["real_income_constant_markups_pct"], found["real_income_pct"], rtol=1e-12)
    assert not found["markups_log"].values.any()
    case = load(path)
    own = solve_hat(case.benchmark, case.exponents, case.shock)
    assert_allclose(found["real_income_pct"].values[1], 100 * np.expm1(own.log_real_income), rtol=1e-7, atol=1e-9)


def test_a_member_of_a_comparison(tmp_path: Path) -> None:
    """A file that gives a demand is answered with it beside Krugman and Melitz; what sets it apart from Krugman is the sixth channel alone."""
    path = put(tmp_path, 'trade = 5.0\nsigma = 4.0\ndemand = "quadratic"', model="armington")
    status, shown, _ = invoke("compare", path, "--out", tmp_path / "out")
    assert status == 0
    table = pd.read_csv(tmp_path / "out" / "comparison.csv")
    same = table[table["elasticity_rule"] == "same_elasticity"].pivot(index=["country", "statistic"], columns="model", values="value")
    assert list(same) == ["armington", "krugman", "melitz", "variable_markups"]
    real, gains = (same.xs(name, level="statistic") for name in ("real_income_pct", "gains_from_trade_pct"))
    eta = 7 / 72  # quadratic, k = 5
    assert_allclose(np.log1p(real["variable_markups"] / 100), (1 - eta) * np.log1p(real["krugman"] / 100), rtol=1e-9)
    assert_allclose(np.log1p(-gains["variable_markups"] / 100), (1 - eta) * np.log1p(-gains["krugman"] / 100), rtol=1e-9)
    assert same.xs("markups_log", level="statistic")["krugman"].isna().all()
    assert "What makes the difference: variable_markups less krugman" in " ".join(shown.split())
    assert invoke("report", tmp_path / "out", "--figures", "none")[0] == 0


def test_a_member_that_cannot_answer(tmp_path: Path) -> None:
    """Additive demand where inputs are sold: empty values and the reason, and the others answer."""
    path = put(tmp_path, "trade = 5.0\neta = 0.1", model="armington", links="true")
    status, _, _ = invoke("compare", path, "--models", "armington,variable_markups", "--out", tmp_path / "out")
    assert status == 0
    members = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["members"]
    refused = next(one for one in members if one["model"] == "variable_markups")
    assert "goods, services sell inputs" in refused["sentence"]


@pytest.mark.parametrize(
    ("elasticities", "links", "words"),
    [
        ("trade = 5.0", "false", ["variable_markups needs demand, one of translog, qmor, cara, quadratic, pollak, or eta, beside trade"]),
        ('trade = 5.0\ndemand = "cara"\neta = 1.5', "false", ["has demand and eta; give one of them", "eta = 1.5, but it must be below 1"]),
        (
            'trade = 5.0\ndemand = {goods = "carra", services = "qmor"}',
            "false",
            ["'carra'. Did you mean cara? Sectors: goods.", "qmor needs its parameter r, above −k and at most 2. Sectors: services."],
        ),
        ('trade = 5.0\ndemand = "cara"', "true", ["goods, services sell inputs", "no sector gods"]),
        (
            'trade = 2.0\ndemand = "pollak"\ndemand_parameter = 9.0',
            "false",
            ["pollak with s = 9 at k = 2, but it must be positive and below k + 1"],
        ),
        ("trade = 5.0\ndemand = 3", "false", ["Give a name or a table {sector = name}"]),
    ],
)
def test_faults_come_at_once(tmp_path: Path, elasticities: str, links: str, words: list[str]) -> None:
    more = '[[iceberg]]\nimporter = "Home"\nexporter = "*"\nsector = "gods"\ntimes = 0.9\n'
    with pytest.raises(RunFileError) as fault:
        load(put(tmp_path, elasticities, more, links=links))
    said = "\n".join(fault.value.faults)
    for word in (*words, "no sector gods"):
        assert word in said, said
