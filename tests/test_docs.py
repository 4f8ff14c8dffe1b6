"""The guided documents tell the truth: their blocks run in order, print what stands below them, and draw the figures they show."""

from __future__ import annotations

import contextlib
import io
import re
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from places import TOP

DOCS = TOP / "docs"
PAGES = sorted(DOCS.glob("*.md"))
DEAR = ("policy.md", "markups.md", "sweeps.md", "comparing-models.md", "own-elasticities.md", "firms-choices.md", "mobility.md")
"""Pages whose blocks take seconds."""

GUIDED = [
    pytest.param(page, marks=pytest.mark.slow) if page.name in DEAR else page
    for page in PAGES
    if page.name not in ("validation.md", "explore.md")
]
"""Pages that lead through the package by examples; the reference beside them follows from the code, and one is of a page in the browser."""


@pytest.mark.parametrize("path", GUIDED, ids=lambda path: path.name)
def test_blocks_run_in_order(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    text = path.read_text(encoding="utf-8")
    blocks = re.findall(r"```(python|text)\n(.*?)```", text, re.DOTALL)
    assert [language for language, _ in blocks].count("python")
    names: dict[str, Any] = {}
    printed = ""
    for language, block in blocks:
        if language == "text":
            assert block.splitlines() == [line.rstrip() for line in printed.splitlines()]
            continue
        output = io.StringIO()
        with contextlib.redirect_stdout(output):
            exec(compile(block, path.name, "exec"), names)
        printed = output.getvalue()
    shown = re.findall(r"!\[[^]]+\]\(figures/([^)]+)\)", text)
    assert sorted(drawn.name for drawn in tmp_path.iterdir()) == sorted(shown)
    assert all((DOCS / "figures" / name).is_file() for name in shown)


@pytest.mark.parametrize("name", ["cge", "cge.firms", "cge.plot", "cge.model.equations"])
def test_the_reference_names_everything_public(name: str) -> None:
    """What a module offers stands on a page of the reference, under the name by which it is imported."""
    module = import_module(name)
    text = "\n".join(path.read_text(encoding="utf-8") for path in (DOCS / "reference").glob("*.md"))
    named = set()
    for part in re.findall(r"currentmodule:: (\S+)\n(.*?)```", text, re.DOTALL):
        named |= {word if "." in word else f"{part[0]}.{word}" for word in re.findall(r"auto(?:function|class|exception):: (\S+)", part[1])}
    own = [word for word, value in vars(module).items() if callable(value) and value.__module__ == module.__name__ and word[0] != "_"]
    assert {f"{name}.{word}" for word in getattr(module, "__all__", own)} <= named


@pytest.mark.parametrize("kind", ["run", "gains", "comparison", "scenarios", "sweep_each", "draws_grid", "gradient"])
def test_every_file_and_column_of_an_output_is_explained(kind: str, output: Callable[[str], Path]) -> None:
    words = set(re.findall(r"`([^`]+)`", (DOCS / "reference" / "outputs.md").read_text(encoding="utf-8")))
    folder = output(kind)
    files = {path.name for path in folder.iterdir() if path.suffix in (".csv", ".nc", ".zarr", ".json")}
    columns = {column for path in folder.glob("*.csv") for column in pd.read_csv(path, nrows=0).columns}
    swept = {column for column in columns if "[" in column}
    assert (files | columns) - swept <= words


def test_the_tables_of_a_solution_are_named_where_python_is_told(output: Callable[[str], Path]) -> None:
    always = {path.stem for path in output("run").glob("*.csv")} - {"firms"}  # which a run file asks for
    said = re.search(r"^- `solution\.tables`.*?(?=^- )", (DOCS / "python.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert said is not None
    assert set(re.findall(r"`(\w+)`", said[0])) == always | {"flows"}


def test_lines_are_short() -> None:
    """Readable in a terminal."""
    assert all(len(line) <= 150 for path in PAGES if path.name != "validation.md" for line in path.read_text(encoding="utf-8").splitlines())
