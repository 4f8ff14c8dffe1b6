"""Python and notebooks: what a solution tells there is what its output folder holds, and the example notebook runs from economy to figure."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import numpy as np
import pytest
import worlds
from nbclient import NotebookClient
from places import TOP

import cge
from cge.questions.run.answer import write_run
from cge.questions.table import QUESTIONS
from cge.questions.told import economy_of
from cge.runfile.load import load
from cge.tell.folder import open_results

NOTEBOOKS = sorted((TOP / "docs" / "notebooks").glob("*.ipynb"))

RUN = """
title = "Mine"
economy = "mini"
model = "melitz"
intermediates = false
[groups]
Both = ["Home", "North"]
[elasticities]
trade = 5.0
sigma = 4.0
[[tariff]]
importer = "Home"
exporter = "North"
sector = "goods"
add = 0.1
"""


@pytest.mark.slow
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_example_notebooks_run(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(TOP))
    notebook = nbformat.read(path, as_version=4)
    assert not any(cell.get("outputs") for cell in notebook.cells), "outputs grow old: keep none"
    NotebookClient(notebook, timeout=300, kernel_name="python3").execute()
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [output for output in outputs if output.output_type == "stream"] == []  # no warning, nothing that a cell did not ask for
    shown = [output.get("data", {}) for output in outputs]
    assert any("image/png" in data for data in shown)
    told = next(data["text/html"] for data in shown if "Solution:" in data.get("text/html", ""))
    assert "Real income, %" in told
    assert "CHN" in told


@pytest.fixture(scope="module")
def run_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("told") / "mine.toml"
    path.write_text(RUN, encoding="utf-8")
    return path


def test_a_scenario_is_the_run_file_in_python(run_file: Path) -> None:
    """The same words give the same rates, and a scenario on top of another the same as a run file on top of another."""
    case = load(run_file)
    entry = {"importer": "Home", "exporter": "North", "sector": "goods", "add": 0.1}
    first = cge.scenario(case.benchmark, tariff=entry)
    np.testing.assert_array_equal(first.rates(case.benchmark), case.shock.rates(case.benchmark))
    second = run_file.with_name("answer.toml")
    text = RUN.replace('importer = "Home"\nexporter = "North"', 'importer = "North"\nexporter = "Home"')
    second.write_text('on_top_of = "mine.toml"\n' + text, encoding="utf-8")
    there = load(second)
    here = cge.scenario(case.benchmark, tariff=[{**entry, "importer": "North", "exporter": "Home"}], on_top_of=first)
    np.testing.assert_array_equal(here.rates(case.benchmark), there.shock.rates(case.benchmark))
    assert here.baseline is first
    cheaper = {"importer": "*", "exporter": "Both", "sector": "*", "times": 0.9}
    ended = cge.scenario(
        case.benchmark,
        iceberg=cheaper,
        groups={"Both": ["Home", "North"]},
        baseline=first,
    )
    np.testing.assert_array_equal(ended.rates(case.benchmark), case.benchmark.data["tariff"].values)


def test_all_faults_of_a_scenario_at_once(run_file: Path) -> None:
    benchmark = load(run_file).benchmark
    first = cge.scenario(benchmark)
    entries = [
        {"importer": "Hom", "exporter": "*", "sector": "*", "add": 10.0},
        {"importer": "Home"},
        {"importer": "Home", "exporter": "*", "sector": "*", "file": "none.csv"},
    ]
    with pytest.raises(cge.DataError) as caught:
        cge.scenario(benchmark, tariff=entries, groups={"X": "Home"}, on_top_of=first, transfers="zero")  # type: ignore[dict-item]
    told = "\n".join(caught.value.faults)
    for part in (
        "tariff[0].importer: no country Hom. Did you mean Home?",
        "tariff[0].add: 10 is 1,000 %",
        "tariff[1].exporter: is missing",
        "tariff[1]: has no action",
        "tariff[2].file: no file none.csv",
        "groups.X",
        "transfers: zero here, fixed",
    ):
        assert part in told
    with pytest.raises(cge.DataError) as caught:
        cge.scenario(benchmark, tariff="x", iceberg=[3, {**entries[2], "file": "none.csv"}], endowment=["Home"])  # type: ignore[arg-type,list-item]
    assert [fault.split("; give")[0] for fault in caught.value.faults] == [
        'tariff[0]: "x" is no entry',
        "iceberg[0]: 3 is no entry",
        'endowment[0]: "Home" is no entry',
        "iceberg[1].file: no file none.csv.",
    ]
    assert "of importer, exporter, sector, times, file" in caught.value.faults[1]
    with pytest.raises(cge.DataError, match="on_top_of: stands beside baseline"):
        cge.scenario(benchmark, on_top_of=first, baseline=first)


def test_a_solution_saves_what_the_command_writes(run_file: Path, tmp_path: Path) -> None:
    """From a run file, byte for byte but for the time it took."""
    write_run(load(run_file), tmp_path / "command")
    cge.run(run_file).save(tmp_path / "python")
    names = sorted(path.name for path in (tmp_path / "command").iterdir())
    assert names == sorted(path.name for path in (tmp_path / "python").iterdir())
    for name in names:
        if name.endswith(".csv"):
            assert (tmp_path / "python" / name).read_bytes() == (tmp_path / "command" / name).read_bytes(), name
    one, other = (json.loads((tmp_path / folder / "summary.json").read_text(encoding="utf-8")) for folder in ("command", "python"))
    assert {**one, "seconds": 0} == {**other, "seconds": 0}


@pytest.mark.parametrize(
    "model", [pytest.param(model, marks=[] if model in ("armington", "melitz") else pytest.mark.slow) for model in worlds.MODELS]
)
def test_a_solution_made_in_python_tells_of_itself(model: str, tmp_path: Path) -> None:
    economy = worlds.random_economy(np.random.default_rng(3))
    benchmark = cge.calibrate(economy, intermediates=False)
    shock = cge.scenario(benchmark, tariff={"importer": "C0", "exporter": "*", "sector": "*", "add": 0.1})
    solution = cge.solve_hat(benchmark, worlds.variants(benchmark.sectors)[model], shock)
    solution.save(tmp_path / "out", title="By hand", groups={"Two": ["C0", "C1"]})
    results = open_results(tmp_path / "out", QUESTIONS)
    assert results.title == "By hand"
    assert list(results.tables["groups"]["country"]) == ["World", "Two"]
    for name in ("welfare", "factors", "sectors"):
        numbers = solution.tables[name].select_dtypes("number")
        np.testing.assert_allclose(results.tables[name][numbers.columns].to_numpy(float), numbers.to_numpy(float), rtol=1e-9, atol=1e-12)
    solution.report(tmp_path / "page.html", title="By hand")
    page = (tmp_path / "page.html").read_text(encoding="utf-8")
    assert "Solved in Python" in page
    assert "<code>cge run" not in page
    assert repr(solution) == f"<Solution: {model}, 4 countries × {len(benchmark.sectors)} sectors, {solution.outcome.sentence}>"
    assert all(country in solution._repr_html_() for country in benchmark.countries)
    with pytest.raises(cge.RunFileError, match=r"groups\.Two: no country, sector or group C9"):
        solution.save(tmp_path / "out", groups={"Two": ["C0", "C9"]})


def test_the_economy_of_a_benchmark_is_the_one_it_was_made_of() -> None:
    economy = worlds.random_economy(np.random.default_rng(3))
    again = economy_of(cge.calibrate(economy))
    for name in economy.data.data_vars:
        np.testing.assert_allclose(again.data[name].values, economy.data[name].values, rtol=1e-12, atol=1e-12)
