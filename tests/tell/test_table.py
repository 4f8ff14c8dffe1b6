"""Tables for papers: the numbers of the folder, rounded, in four forms that no label can break."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from numpy.testing import assert_allclose
from outputs import HOSTILE, HOSTILE_GROUP, OUTPUTS, read_back
from typer.testing import CliRunner

from cge.cli import app
from cge.errors import InputError
from cge.tell.headings import Heading, decimals, heading
from cge.tell.paper.formats import FORMATS, as_csv, as_latex, as_markdown, as_xlsx, latex_escaped, markdown_escaped, written
from cge.tell.paper.parts import of_parts
from cge.tell.paper.table import Column, Paper, paper

Output = Callable[[str], Path]


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def workbook(content: bytes) -> list[list[object]]:
    from openpyxl import load_workbook

    return [list(row) for row in load_workbook(io.BytesIO(content)).active.iter_rows(values_only=True)]


# --- what is in it -------------------------------------------------------------------------------------------------------------------


def test_a_run_gives_countries_then_world_and_groups(output: Output) -> None:
    found = read_back(output("run"))
    table = paper(found)
    assert (table.rows, table.aggregates) == (("Home", "North", "South", "World", "Rest"), 3)
    assert [column.word for column in table.columns[:2]] == ["Real income", "Equivalent variation"]
    expected = pd.concat([found.tables["welfare"], found.tables["groups"]])["real_income_pct"]
    assert_allclose(table.columns[0].values, expected)
    for words in ("Melitz–Pareto", "trade = 5, sigma = 4", "no input-output links", "transfers fixed", "3 countries, 2 sectors"):
        assert words in table.note


def test_channels_that_are_nothing_are_left_out_unless_asked_for(output: Output) -> None:
    found = read_back(output("inputs"))
    assert "Entry" not in [column.word for column in paper(found).columns]
    assert [column.word for column in paper(found, statistics=["entry_log"]).columns] == ["Entry"]


def test_chosen_countries_and_statistics_keep_their_order(output: Output) -> None:
    table = paper(read_back(output("run")), ["World", "South"], ["imports_pct", "exports_pct", "average_tariff_new"])
    assert table.rows == ("World", "South")
    assert [(column.word, column.unit) for column in table.columns] == [("Imports", "%"), ("Exports", "%"), ("Average tariff after", "%")]


def test_a_comparison_has_a_column_for_each_model(output: Output) -> None:
    found = read_back(output("comparison"))
    table = paper(found)
    assert [column.word for column in table.columns] == ["Armington", "Krugman", "Krugman, same σ", "Melitz–Pareto"]
    both = paper(found, statistics=["real_income_pct", "gains_from_trade_pct"])
    assert [column.word for column in both.columns[3:5]] == ["Real income: Melitz–Pareto", "Gains from trade: Armington"]
    assert pd.isna(both.columns[4].values[-1])  # the world has no autarky


def test_sweeps_give_scenarios_or_quantiles(output: Output) -> None:
    assert [c.word for c in paper(read_back(output("sweep"))).columns] == [
        f"tariff[0].add = {x}" for x in ("0", "0.1", "0.2", "0.3", "0.4")
    ]
    assert [c.word for c in paper(read_back(output("draws"))).columns] == ["p05", "p25", "median", "p75", "p95"]


def test_what_the_folder_does_not_have_is_named(output: Output) -> None:
    found = read_back(output("run"))
    with pytest.raises(InputError, match=r"no Hme in .*\. Did you mean Home\?"):
        paper(found, ["Hme"])
    with pytest.raises(InputError, match=r"no real_incme_pct in .*\. Did you mean real_income_pct\?"):
        paper(found, statistics=["real_incme_pct"])
    status, out, err = invoke("table", output("gains"), "--statistics", "entry_log")
    assert (status, out) == (2, "")
    assert "gains_from_trade_pct" in err


# --- numbers -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "places"), [([0.0579, -0.03], 4), ([0.219, 0.13], 3), ([12.3, 65.0], 1), ([26774.0], 0), ([], 0), ([0.0, float("nan")], 0)]
)
def test_the_typical_number_shows_three_digits(values: list[float], places: int) -> None:
    assert decimals(values) == places


def test_numbers_are_shown_with_a_minus_and_a_result_never_as_zero() -> None:
    column = Column("x", "%", (-0.25, -0.001, 1234.5, float("nan"), 0.0), 2)
    assert [column.cell(row) for row in range(5)] == ["−0.25", "−0.001", "1,234.50", "", "0.00"]


def test_headings_of_what_is_not_listed_are_its_own_words() -> None:
    assert heading("extra_over_krugman_pct") == Heading("Extra over krugman", "%")


# --- forms ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", OUTPUTS)
@pytest.mark.parametrize("form", FORMATS)
def test_every_kind_in_every_form(kind: str, form: str, output: Output) -> None:
    table = paper(read_back(output(kind)))
    assert len(written(table, form)) > 200
    assert len({len(column.values) for column in table.columns}) == 1


def test_latex_is_balanced_and_escaped(output: Output) -> None:
    text = as_latex(paper(read_back(output("hostile"))))
    assert text.count(r"\begin{") == text.count(r"\end{")
    plain = text.replace(r"\{", "").replace(r"\}", "")
    assert plain.count("{") == plain.count("}")
    assert r"A,B \{\{ 7{*}7 \}\} \textbackslash{}textbf\{x\}\_\%" in text
    rows = [line for line in text.splitlines() if line.endswith(r"\\")]
    columns = len(paper(read_back(output("hostile"))).columns)
    assert {line.replace(r"\&", "").count("&") for line in rows} == {columns}


def test_latex_compiles(output: Output, tmp_path: Path) -> None:
    import shutil
    import subprocess

    if shutil.which("pdflatex") is None:
        pytest.skip("no pdflatex on this machine")
    head = "\\documentclass{article}\\usepackage[utf8]{inputenc}\\usepackage{booktabs,amsmath}\\usepackage[T1]{fontenc}\\begin{document}\n"
    body = head + as_latex(paper(read_back(output("hostile")), statistics=["real_income_pct"])) + "\\end{document}\n"
    (tmp_path / "t.tex").write_text(body, encoding="utf-8")
    subprocess.run(["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "t.tex"], cwd=tmp_path, check=True, capture_output=True)


def test_escapes() -> None:
    assert (
        latex_escaped("50 % of $x_1^2$ & \\y\nσ × −1")
        == r"50 \% of \$x\_1\textasciicircum{}2\$ \& \textbackslash{}y $\sigma$ $\times$ $-$1"
    )
    assert markdown_escaped("a|b <i>*c*\n_d_") == r"a\|b \<i\>\*c\* \_d\_"
    assert markdown_escaped("&lt;") == r"\&lt;"  # else it would be shown as <


@pytest.mark.parametrize("label", ["[x]", "* all"])
def test_no_label_becomes_an_argument_of_the_line_end_before_it(label: str) -> None:
    table = Paper("t", ("A", label), 2, (Column("x", "%", (1.0, 2.0), 1),), "n")
    row = next(line for line in as_latex(table).splitlines() if "2.0" in line)
    assert row.startswith("{" + label[0] + "}")


def test_markdown_rows_have_as_many_cells_as_the_head(output: Output) -> None:
    text = as_markdown(paper(read_back(output("hostile"))))
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert len({line.replace(r"\|", "").count("|") for line in lines}) == 1
    assert "<script>" not in text.replace("\\", "\\\\").replace(r"\<", "")
    assert text.splitlines()[-1].startswith("*Note*: ")


def test_csv_reads_back(output: Output) -> None:
    found = read_back(output("hostile"))
    text = as_csv(paper(found))
    rows = list(csv.reader(line for line in io.StringIO(text) if not line.startswith("#")))
    assert [row[0] for row in rows[1:]] == [*HOSTILE, "World", HOSTILE_GROUP]
    assert_allclose([float(row[1]) for row in rows[1:4]], found.tables["welfare"]["real_income_pct"], atol=5e-4)
    assert text.splitlines()[-1].startswith("# Note: ")


def test_workbook_holds_full_numbers_and_no_formula(output: Output) -> None:
    table = paper(read_back(output("run")))
    rows = workbook(as_xlsx(table))
    assert rows[0][0] == table.title
    assert [row[0] for row in rows[4:9]] == list(table.rows)
    assert_allclose([float(str(row[1])) for row in rows[4:9]], table.columns[0].values)
    bad = type(table)('=HYPERLINK("x")', ("=1+1",), 1, (Column("+1", "%", (float("nan"),), 1),), "n")
    cells = workbook(as_xlsx(bad))
    assert (cells[0][0], cells[4][0], cells[4][1]) == ('=HYPERLINK("x")', "=1+1", None)


# --- the command ---------------------------------------------------------------------------------------------------------------------


def test_command_prints_markdown_or_writes_by_ending(output: Output, tmp_path: Path) -> None:
    status, out, err = invoke("table", output("run"), "--countries", "Home,World")
    assert (status, err) == (0, "")
    assert out == as_markdown(paper(read_back(output("run")), ["Home", "World"]))
    for name, mark in (("t.tex", b"\\begin{table}"), ("t.md", b"**"), ("t.csv", b"# "), ("t.xlsx", b"PK")):
        status, out, _ = invoke("table", output("run"), "--out", tmp_path / name)
        assert (status, name in out) == (0, True)
        assert (tmp_path / name).read_bytes().startswith(mark)
    assert invoke("table", output("run"), "--out", tmp_path / "u.tex", "--format", "csv")[0] == 0
    assert (tmp_path / "u.tex").read_text(encoding="utf-8").startswith("# ")


def test_command_prints_json_for_machines(output: Output) -> None:
    status, out, _ = invoke("table", output("run"), "--json", "--countries", "Home")
    facts = json.loads(out)
    assert (status, facts["rows"], facts["file"]) == (0, ["Home"], None)
    assert facts["columns"][0]["values"][0] == pytest.approx(read_back(output("run")).tables["welfare"]["real_income_pct"][0])


def test_a_workbook_needs_a_file(output: Output) -> None:
    status, out, err = invoke("table", output("run"), "--format", "xlsx")
    assert (status, out) == (2, "")
    assert "--out" in err


def test_sectors_factors_and_partners_are_rows_of_who_acts(output: Output) -> None:
    results = read_back(output("run"))
    made = of_parts(results, "sectors")
    assert made.rows == ("goods", "services")
    assert [column.word for column in made.columns] == ["Real output", "Employment", "Price", "Exports", "Imports"]
    table = results.tables["sectors"].set_index(["country", "sector"])
    assert made.columns[0].values == pytest.approx(table.loc["Home", "output_pct"].tolist())
    several = of_parts(results, "sectors", ["South", "Rest", "World"], ["output_pct"])
    assert [column.word for column in several.columns] == ["South", "Rest", "World"]
    groups = results.tables["sector_groups"].set_index(["country", "sector"])
    assert several.columns[1].values[0] == pytest.approx(groups.loc[("Rest", "goods"), "output_pct"])
    assert of_parts(results, "factors").rows == ("labour", "capital")
    partners = of_parts(results, "partners", ["North"], ["exports"])
    assert set(partners.rows) == {"Home", "South", "World", "Rest"}
    assert partners.columns[0].unit == results.unit


def test_parts_that_a_folder_does_not_have_are_named(output: Output) -> None:
    with pytest.raises(InputError, match=r"of: no table of sectors in .*countries alone"):
        of_parts(read_back(output("gains")), "sectors")
    with pytest.raises(InputError) as caught:
        of_parts(read_back(output("run")), "sectors", ["Nowhere"], ["output"])
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["countries", "statistics"]
