"""The README tells the truth: its commands exist, its examples run, and its table is what the main job prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cge
from cge.cli import app

TOP = Path(__file__).resolve().parents[1]
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
    (file,) = blocks("toml")
    (tmp_path / "my.toml").write_text(file, encoding="utf-8")
    solution = cge.run(tmp_path / "my.toml")
    assert solution.residual <= 1e-10
    assert solution.data["tariff"].sel(importer="DEU", exporter="CHN", sector="C29") == pytest.approx(0.35)


def test_commands_of_the_readme_exist():
    known = {command.callback.__name__ for command in app.registered_commands if command.callback}
    named = set(re.findall(r"bin/cge (\w+)", README))
    assert named
    assert named <= known


def test_the_table_is_what_the_main_job_prints(tmp_path, monkeypatch):
    monkeypatch.setenv("COLUMNS", "120")
    done = CliRunner().invoke(app, ["run", str(TOP / "runs" / "us-tariff.toml"), "--out", str(tmp_path / "out")])
    assert done.exit_code == 0
    printed = {line.rstrip() for line in done.output.splitlines()}
    table = README.split("<!-- make run: begin -->")[1].split("<!-- make run: end -->")[0].strip().strip("`").splitlines()
    rows = [line.rstrip() for line in table if re.search(r"[+-]\d", line)]
    assert len(rows) > 20
    assert [row for row in rows if row not in printed] == []


def test_make_runs_what_the_readme_says():
    makefile = (TOP / "Makefile").read_text(encoding="utf-8")
    assert "cge run runs/us-tariff.toml" in makefile
    assert "make test" in (TOP / ".ci" / "run").read_text(encoding="utf-8")
