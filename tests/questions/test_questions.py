"""Every question has one row in a table, and what tells of results works on its folder; a new one needs a few lines."""

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from outputs import OUTPUTS, read_back
from typer.testing import CliRunner

from cge.cli import app
from cge.data.files.folder import FOLDERS, OURS
from cge.questions.table import QUESTIONS, ROWS
from cge.tell.folder import open_results
from cge.tell.page import write_figures
from cge.tell.page.shell import page
from cge.tell.paper.table import paper
from cge.tell.question import Question

Output = Callable[[str], Path]
every = pytest.mark.parametrize("question", QUESTIONS, ids=lambda question: question.name)


def invoke(*args: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


@every
def test_report_and_table_work_on_the_folder_of_every_question(question: Question, output: Output, tmp_path: Path) -> None:
    folder = output(question.name)
    status, out = invoke("report", folder, "--out", tmp_path / "page.html", "--json")
    assert (status, json.loads(out)["kind"]) == (0, question.name)
    assert f"cge {question.word} case.toml" in (tmp_path / "page.html").read_text(encoding="utf-8")
    status, out = invoke("table", folder, "--json")
    assert (status, json.loads(out)["outcome"]) == (0, "made")


@every
def test_the_command_of_every_question_is_one_of_ours(question: Question) -> None:
    assert invoke(question.word, "--help")[0] == 0


@pytest.mark.parametrize("kind", OUTPUTS)
def test_a_question_lists_what_its_command_writes(kind: str, output: Output) -> None:
    question = read_back(output(kind)).question
    written = {path.name for path in output(kind).iterdir()}
    assert {*question.files, "summary.json"} <= written <= {*question.files, *question.sometimes, "summary.json"}


def test_what_may_be_replaced_is_what_questions_and_reports_write() -> None:
    """`OURS` stands in `cge.data`, which knows no question."""
    written = {name for question in QUESTIONS for name in (*question.files, *question.sometimes)}
    assert written | {"summary.json", ".summary.json", "diagnosis.json", "report.html", "figures"} == OURS | FOLDERS


def test_the_first_file_tells_the_question() -> None:
    assert list(ROWS) == [question.files[0] for question in QUESTIONS]
    for place, question in enumerate(QUESTIONS):  # one whose folder holds another's stands before that
        assert not any(question.files[0] in later.files for later in QUESTIONS[place + 1 :])


TARIFFS = Question("optimal", files=("optimal.csv",), leads="optimal_tariff_pct")


def test_a_question_that_writes_one_table_of_numbers_by_country_needs_no_more(output: Output, tmp_path: Path) -> None:
    """A page, a figure where there is a map, and a table for a paper, from a table and the summary of a solution."""
    table = pd.DataFrame({"country": ["USA", "Germany", "ROW"], "optimal_tariff_pct": [21.0, 14.5, 33.25]})
    table.to_csv(tmp_path / "optimal.csv", index=False)
    (tmp_path / "summary.json").write_bytes((output("mapped") / "summary.json").read_bytes())
    results = open_results(tmp_path, [*QUESTIONS, TARIFFS])
    text = page(results)
    assert "cge optimal case.toml" in text
    assert '"word":"Optimal tariff"' in text.replace(": ", ":")
    assert [path.name for path in write_figures(results, tmp_path / "figures")] == ["map.png"]
    made = paper(results, ["ROW", "USA"])
    assert (made.rows, made.columns[0].word, made.columns[0].values) == (
        ("ROW", "United States of America"),
        "Optimal tariff",
        (33.25, 21.0),
    )
