"""The README tells the truth: its commands exist, its examples run, and its table is what the main job prints."""

from __future__ import annotations

import re

import pandas as pd
import pytest
from places import TOP
from typer.testing import CliRunner

import cge
from cge.cli import app
from cge.runfile.load import load

README = (TOP / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def test_python_examples_run(monkeypatch, capsys):
    monkeypatch.chdir(TOP)
    assert blocks("python")
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert "solved" in capsys.readouterr().out


def test_the_run_file_of_the_readme_solves(tmp_path):
    file, scenario = blocks("toml")
    (tmp_path / "my.toml").write_text(file + scenario, encoding="utf-8")
    solution = cge.run(tmp_path / "my.toml")
    assert solution.residual <= 1e-10
    assert solution.data["tariff"].sel(importer="DEU", exporter="CHN", sector="C29") == pytest.approx(0.35)
    answer = load(tmp_path / "my.toml", "China answers").shock.tariff
    assert float(answer.sel(importer="DEU", exporter="CHN", sector="C29")) == pytest.approx(0.35)
    assert float(answer.sel(importer="CHN", exporter="FRA", sector="C29")) == pytest.approx(0.10)


def test_commands_of_the_readme_exist():
    known = {command.name or command.callback.__name__ for command in app.registered_commands if command.callback}
    named = set(re.findall(r"bin/cge (\w+)", README))
    assert named
    assert named <= known


@pytest.fixture(scope="module")
def main_job(tmp_path_factory):
    """What the main job prints, and its folder."""
    folder = tmp_path_factory.mktemp("main") / "out"
    done = CliRunner().invoke(app, ["compare", str(TOP / "runs" / "us-tariff-models.toml"), "--out", str(folder)], env={"COLUMNS": "120"})
    assert done.exit_code == 0
    return done.output, folder


def part(name: str, text: str = README) -> list[str]:
    """Lines of a page between two marks."""
    return text.split(f"<!-- {name}: begin -->")[1].split(f"<!-- {name}: end -->")[0].strip().strip("`").splitlines()


def test_the_table_is_what_the_main_job_prints(main_job):
    printed = {line.rstrip() for line in main_job[0].splitlines()}
    rows = [line.rstrip() for line in part("make run") if re.search(r"[+-]\d\.", line)]
    assert len(rows) > 20
    assert [row for row in rows if row not in printed] == []
    first = " ".join(" ".join(part("make run")).split("Real income, the")[0].split())
    assert first in printed


def test_the_comparison_is_that_of_the_main_job(main_job):
    """Ten countries, five models: the effect of the tariff and gains from trade, where models are compared."""
    table = pd.read_csv(main_job[1] / "comparison.csv")
    members = list(dict.fromkeys(table["member"]))
    statistic, seen = "", []
    for line in part("comparison", (TOP / "docs" / "comparing-models.md").read_text(encoding="utf-8")):
        label, *cells = [cell.strip() for cell in line.strip("|").split("|")]
        statistic = {"**US": "real_income_pct", "**ga": "gains_from_trade_pct"}.get(label[:4], statistic)
        if not re.fullmatch("[A-Z]{3}", label):
            continue
        rows = table[(table["country"] == label) & (table["statistic"] == statistic)].set_index("member")["value"]
        digits = ".3f" if statistic == "real_income_pct" else ".2f"
        assert cells == [f"{rows[name]:+{digits}}" for name in members]
        seen.append(label)
    assert len(seen) == 20


def test_make_runs_what_the_readme_says():
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    assert "cge compare runs/us-tariff-models.toml" in makefile
    assert "make test" in (TOP / ".ci" / "run").read_text(encoding="utf-8")
