"""The output folder: files to the letter of the Contract, complete or absent."""

import csv
import io
import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from outputs import read_back
from rich.console import Console

import cge
from cge.data.files import formats
from cge.data.files.formats import write_csv
from cge.errors import InputError, Outcome, SolveError
from cge.questions.gains.answer import write_gains
from cge.questions.run import answer as output
from cge.questions.run.answer import write, write_run
from cge.questions.solve import solve
from cge.questions.write import produce
from cge.results.sectors import sectors_table
from cge.results.tables import flows_table
from cge.results.welfare import TABLE, welfare_table
from cge.runfile.case import Case
from cge.runfile.description import describe
from cge.runfile.load import load
from cge.solve.solution import Solution
from cge.tell.page.words import inputs
from cge.tell.verdict import show_solved

MINI = 'title = "A tariff"\neconomy = "mini"\n'
HEAD = MINI + 'model = "armington"\n'
MELITZ = MINI + 'model = "melitz"\nintermediates = false\n'
ELASTICITIES = "[elasticities]\ntrade = 5.0\nsigma = 4.0\n"
TARIFF = '[[tariff]]\nimporter = "Home"\nexporter = "*"\nsector = "goods"\nadd = 0.1\n'
GROUPS = '[groups]\nOthers = ["North", "South"]\n'
HEADERS = {
    "welfare.csv": ["country", *(column.name for column in TABLE)],
    "groups.csv": ["country", *(column.name for column in TABLE)],
    "factors.csv": [
        "country", "factor", "price_pct", "real_price_pct", "cost_log", "variety_log", "productivity_log", "relative_price_pct",
    ],
    "sectors.csv": [
        "country", "sector", "sales_pct", "entry_pct", "price_pct", "input_cost_pct", "employment_pct", "sales",
        "output_pct", "exports_pct", "imports_pct", "exports", "imports", "value_added_pct", "real_value_added_pct", "value_added",
        "cutoff_pct", "firms_pct", "average_productivity_pct",
    ],
    "partners.csv": ["country", "partner", "exports", "exports_pct", "imports", "imports_pct"],
    "flows.csv": ["exporter", "importer", "sector", "benchmark", "counterfactual", "exporters_pct", "cutoff_pct"],
}  # fmt: skip
HEADERS["sector_groups.csv"] = HEADERS["sectors.csv"][:-3]
CLOSED = '[[iceberg]]\nimporter = "Home"\nexporter = "*"\nsector = "*"\ntimes = inf\n'
CUT_OFF = CLOSED + CLOSED.replace('er = "Home"', 'er = "*"').replace('exporter = "*"', 'exporter = "Home"')


def case_of(folder: Path, text: str) -> Case:
    folder.mkdir(exist_ok=True)
    (folder / "case.toml").write_text(text, encoding="utf-8")
    return load(folder / "case.toml")


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def header(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines()[0].split(",")


def content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Case, Solution, Path]:
    folder = tmp_path_factory.mktemp("written")
    case = case_of(folder, MELITZ + GROUPS + ELASTICITIES + TARIFF)
    solution, _ = write_run(case, folder / "out")
    return case, solution, folder / "out"


# --- files ---------------------------------------------------------------------------------------------------------------------------


def test_every_file_has_the_columns_of_the_contract(written: tuple[Case, Solution, Path]) -> None:
    _, _, out = written
    assert names(out) == sorted([*HEADERS, "solution.nc", "summary.json"])
    assert {name: header(out / name) for name in HEADERS} == HEADERS


def test_rows_stand_in_the_order_of_the_labels(written: tuple[Case, Solution, Path]) -> None:
    case, _, out = written
    countries, sectors, factors = case.benchmark.countries, case.benchmark.sectors, case.benchmark.factors
    assert [r["country"] for r in rows(out / "welfare.csv")] == countries
    assert [r["country"] for r in rows(out / "groups.csv")] == ["World", "Others"]
    assert [(r["country"], r["sector"]) for r in rows(out / "sectors.csv")] == [(c, s) for c in countries for s in sectors]
    assert [(r["country"], r["factor"]) for r in rows(out / "factors.csv")] == [(c, f) for c in countries for f in factors]
    flows = [(r["exporter"], r["importer"], r["sector"]) for r in rows(out / "flows.csv")]
    assert flows == [(i, n, s) for i in countries for n in countries for s in sectors]


def test_numbers_return_to_the_last_bit(written: tuple[Case, Solution, Path]) -> None:
    _, solution, out = written
    for name, table in {"welfare": welfare_table(solution), "sectors": sectors_table(solution), "flows": flows_table(solution)}.items():
        read = rows(out / f"{name}.csv")
        for column in table.select_dtypes("number"):
            text = [row[str(column)] for row in read]
            values = table[column].tolist()
            assert [float(t) if t else math.nan for t in text] == pytest.approx(values, rel=0, abs=0, nan_ok=True)
            assert text == ["" if math.isnan(v) else f"{v:.17g}" for v in values]


def test_what_is_not_defined_is_empty(written: tuple[Case, Solution, Path], tmp_path: Path) -> None:
    _, _, out = written
    assert {r["welfare_linear_pct"] for r in rows(out / "welfare.csv")} == {""}
    table = pd.DataFrame({"x": [1.0, np.nan, np.inf, -np.inf, 0.1]})
    write_csv(table, tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_bytes() == b"x\n1\n\n\n\n0.10000000000000001\n"


def test_labels_survive_whatever_they_hold(tmp_path: Path) -> None:
    labels = ["Côte d'Ivoire", 'a "b", c', "two\nlines", "[red]"]
    codes = pd.Categorical.from_codes([0, 1, 2, 3], labels)
    write_csv(pd.DataFrame({"plain": labels, "coded": codes, "count": [1, 2, 3, 4]}), tmp_path / "x.csv")
    read = rows(tmp_path / "x.csv")
    assert [r["plain"] for r in read] == labels
    assert [r["coded"] for r in read] == labels
    assert [r["count"] for r in read] == ["1", "2", "3", "4"]


def test_an_empty_table_is_a_header(tmp_path: Path) -> None:
    write_csv(pd.DataFrame({"a": [], "b": []}), tmp_path / "x.csv")
    assert (tmp_path / "x.csv").read_text() == "a,b\n"


def test_flows_as_netcdf_hold_the_table(tmp_path: Path, written: tuple[Case, Solution, Path]) -> None:
    _, solution, _ = written
    case = case_of(tmp_path, MELITZ + 'flows = "netcdf"\n' + GROUPS + ELASTICITIES + TARIFF)
    write(solution, case, tmp_path / "out")
    assert "flows.csv" not in names(tmp_path / "out")
    with xr.open_dataset(tmp_path / "out" / "flows.nc") as flows:
        for row in flows_table(solution).to_dict("records"):
            cell = flows.sel(exporter=row["exporter"], importer=row["importer"], sector=row["sector"])
            for name in ("benchmark", "counterfactual", "exporters_pct", "cutoff_pct"):
                np.testing.assert_array_equal(cell[name], row[name])


def test_flows_can_be_left_out(tmp_path: Path) -> None:
    case = case_of(tmp_path, MELITZ + 'flows = "none"\n' + ELASTICITIES + TARIFF)
    write_run(case, tmp_path / "out")
    assert not [name for name in names(tmp_path / "out") if name.startswith("flows")]


def test_armington_has_no_firm_margins_and_has_linear_terms(tmp_path: Path) -> None:
    case = case_of(tmp_path, MINI + 'model = "armington"\n[elasticities]\ntrade = 5.0\n' + TARIFF)
    write_run(case, tmp_path / "out")
    assert header(tmp_path / "out" / "flows.csv") == HEADERS["flows.csv"][:5]
    assert header(tmp_path / "out" / "sectors.csv") == HEADERS["sectors.csv"][:-3]
    assert all(float(r["welfare_linear_pct"]) for r in rows(tmp_path / "out" / "welfare.csv"))


def test_linear_terms_by_partner_add_up_to_the_table(written: tuple[Case, Solution, Path], tmp_path: Path) -> None:
    case = case_of(tmp_path, MINI + 'model = "armington"\n[elasticities]\ntrade = 5.0\n' + TARIFF)
    solution, _ = write_run(case, tmp_path / "out")
    table, terms = welfare_table(solution), cge.bilateral_terms(solution)
    assert terms["terms_of_trade"].dims == ("country", "partner", "sector")
    assert terms["terms_of_trade"].sel(country="Home", partner="Home").values == pytest.approx(0)
    for name, money in terms.items():
        whole = 100 * money.sum(["partner", "sector"]) / solution.reference.values.income
        assert table[f"{name}_pct"].values == pytest.approx(whole.values, rel=1e-12)
    assert cge.bilateral_terms(written[1]).isnull().all().to_array().all()  # Melitz: there are none


# --- solution.nc and summary.json ----------------------------------------------------------------------------------------------------


def test_solution_reloads_to_the_last_bit(written: tuple[Case, Solution, Path]) -> None:
    case, solution, out = written
    with xr.open_datatree(out / "solution.nc") as tree:
        assert sorted(tree.children) == ["benchmark", "shock", "solution"]
        xr.testing.assert_equal(tree["solution"].to_dataset().load(), solution.data)
        xr.testing.assert_equal(tree["benchmark"].to_dataset().load(), case.benchmark.data)
        assert case.shock.tariff is not None
        np.testing.assert_array_equal(tree["shock"]["tariff"].values, case.shock.tariff.values)
        assert tree["shock"].attrs["transfers"] == "fixed"
        assert tree["benchmark"].attrs["unit"] == case.benchmark.attrs["unit"]
        assert {array.dtype for node in tree.subtree for array in node.data_vars.values()} == {np.dtype("float64")}
    with xr.open_dataset(out / "solution.nc", group="solution") as alone:
        np.testing.assert_array_equal(alone["real_income"], solution.data["real_income"])


def test_solution_says_where_it_comes_from(written: tuple[Case, Solution, Path]) -> None:
    case, solution, out = written
    with xr.open_datatree(out / "solution.nc") as tree:
        attrs = tree.attrs
    assert attrs["run_file"] == case.text
    assert attrs["outcome"] == "solved"
    assert attrs["residual"] == solution.residual
    assert attrs["walras_residual"] == solution.walras
    assert json.loads(attrs["inputs"]) == case.inputs
    assert {"cge", "numpy", "scipy", "xarray", "python"} <= set(json.loads(attrs["versions"]))


def test_a_baseline_is_kept(tmp_path: Path) -> None:
    case_of(tmp_path, MELITZ + ELASTICITIES + TARIFF).path.rename(tmp_path / "before.toml")
    case = case_of(tmp_path, MELITZ + 'baseline = "before.toml"\n' + ELASTICITIES + TARIFF.replace("0.1", "0.2"))
    write_run(case, tmp_path / "out")
    with xr.open_datatree(tmp_path / "out" / "solution.nc") as tree:
        assert "tariff" in tree["shock/baseline"]
    assert "baseline" in " ".join(json.loads((tmp_path / "out" / "summary.json").read_text())["notes"])


def test_summary_has_the_keys_of_the_contract(written: tuple[Case, Solution, Path]) -> None:
    case, solution, out = written
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    expected: dict[str, Any] = {
        "outcome": "solved", "model": "melitz", "transfers": "fixed", "method": "hat", "countries": 3, "sectors": 2, "title": "A tariff",
        "iterations": solution.iterations, "seconds": solution.seconds, "residual": solution.residual, "stability": None,
        "walras": {"market": solution.dropped, "residual": solution.walras}, "corners": solution.corners, "inputs": case.inputs,
    }  # fmt: skip
    assert {key: summary[key] for key in expected} == expected
    assert sorted(summary["corners"]) == ["benchmark", "emptied", "refilled"]
    assert summary["stability_note"]
    assert "levels_vs_hat" not in summary


def test_summary_holds_the_certificate_and_no_infinity(tmp_path: Path) -> None:
    case = case_of(tmp_path, MINI + 'model = "krugman"\nscale = 0.3\n[elasticities]\ntrade = 5.0\npsi = 0.1\n' + TARIFF)
    solution, _ = write_run(case, tmp_path / "out")
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(), parse_constant=pytest.fail)
    assert solution.stability is not None
    one = solution.stability
    kept = {"radius": one.radius, "critical_scale": one.critical_scale, "radius_solution": one.radius_solution}
    assert summary["stability"] == kept
    assert "psi" in " ".join(summary["notes"])
    assert formats.as_json({"a": np.float64("inf"), "b": [np.int64(1)], "c": math.nan}) == formats.as_json({"a": None, "b": [1], "c": None})


def test_links_are_said_where_they_enter_the_solution(tmp_path: Path) -> None:
    """Of an economy without inputs nothing says that it has some, whatever the run file would keep: `check`, the verdict, summary.json, the page."""
    economy = cge.open_economy("mini").data.drop_vars(["intermediate", "value_added"])
    economy.to_netcdf(tmp_path / "bare.nc")
    bare = HEAD.replace('"mini"', '"bare.nc"') + ELASTICITIES + TARIFF
    said = {"bare": "economy has no", "none": "are ignored", "linked": "are kept"}
    paged = {"bare": "economy has no", "none": "are left out", "linked": "are kept"}
    files = {"bare": bare, "none": HEAD + "intermediates = false\n" + ELASTICITIES + TARIFF, "linked": HEAD + ELASTICITIES + TARIFF}
    for name, text in files.items():
        case = case_of(tmp_path, text)
        write_run(case, tmp_path / name)
        assert any("nput-output links" in line and said[name] in line for line in describe(case)), name
        assert json.loads((tmp_path / name / "summary.json").read_text())["intermediates"] is (name == "linked")
        assert paged[name] in inputs(read_back(tmp_path / name))
        out = Console(file=io.StringIO(), width=200)
        show_solved(out, solve(case), case)
        assert ("with inputs" in out.file.getvalue()) is (name == "linked")  # type: ignore[attr-defined]


def test_rebalancing_is_reported(tmp_path: Path) -> None:
    case = case_of(tmp_path, MELITZ + 'transfers = "zero"\n' + ELASTICITIES + TARIFF)
    write_run(case, tmp_path / "out")
    notes = " ".join(json.loads((tmp_path / "out" / "summary.json").read_text())["notes"])
    assert "without transfers" in notes
    assert "empties" in notes
    assert "real income" in notes


# --- the folder ----------------------------------------------------------------------------------------------------------------------


def test_an_earlier_output_is_replaced_as_a_whole(tmp_path: Path, written: tuple[Case, Solution, Path]) -> None:
    case, solution, _ = written
    out = tmp_path / "deep" / "er" / "out"
    write_gains(case, out)
    assert "gains.csv" in names(out)
    write(solution, case, out)
    assert names(out) == sorted([*HEADERS, "solution.nc", "summary.json"])
    assert names(out.parent) == ["out"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device")])
@pytest.mark.parametrize("before", ["nothing", "earlier output"])
def test_an_interrupted_write_leaves_everything_as_it_was(
    tmp_path: Path, written: tuple[Case, Solution, Path], monkeypatch: pytest.MonkeyPatch, before: str, error: Any
) -> None:
    case, solution, _ = written
    if before != "nothing":
        write_gains(case, tmp_path / "new" / "out")
    old = content(tmp_path)

    def stop(*_: object) -> None:
        raise error

    monkeypatch.setattr(output, "write_netcdf", stop)
    with pytest.raises((KeyboardInterrupt, InputError)):
        write(solution, case, tmp_path / "new" / "out")
    with pytest.raises((KeyboardInterrupt, InputError)):
        write_run(case, tmp_path / "new" / "out")
    assert content(tmp_path) == old
    assert before != "nothing" or not (tmp_path / "new").exists()


def test_a_failed_swap_restores_the_old_folder(
    tmp_path: Path, written: tuple[Case, Solution, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, solution, _ = written
    out = tmp_path / "out"
    write_gains(case, out)
    old, rename = content(tmp_path), Path.rename

    def fail(path: Path, target: Path) -> Path:
        if ".new-" in path.name:
            raise OSError("busy")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", fail)
    with pytest.raises(InputError, match="busy"):
        write(solution, case, out)
    assert content(tmp_path) == old


def test_an_unsolved_run_leaves_its_diagnosis_alone(tmp_path: Path, written: tuple[Case, Solution, Path]) -> None:
    solved, solution, _ = written
    write(solution, solved, tmp_path / "out")
    case = case_of(tmp_path, MELITZ + ELASTICITIES + CUT_OFF)
    with pytest.raises(SolveError):
        write_run(case, tmp_path / "out")
    assert names(tmp_path / "out") == ["diagnosis.json"]
    diagnosis = json.loads((tmp_path / "out" / "diagnosis.json").read_text())
    assert diagnosis["outcome"] == "no_equilibrium"
    assert "Home" in diagnosis["sentence"]
    assert "Home" in diagnosis["diagnosis"]["market"]
    write(solution, solved, tmp_path / "out")
    assert "diagnosis.json" not in names(tmp_path / "out")


def test_a_solution_that_fails_late_leaves_its_diagnosis_alone(
    tmp_path: Path, written: tuple[Case, Solution, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    case, _, _ = written

    def fail(*_: object) -> None:
        raise SolveError(Outcome("not_converged", "late"), {"residual": math.nan})

    monkeypatch.setattr(output, "write_netcdf", fail)
    with pytest.raises(SolveError, match="late"):
        write_run(case, tmp_path / "out")
    assert names(tmp_path / "out") == ["diagnosis.json"]
    assert json.loads((tmp_path / "out" / "diagnosis.json").read_text())["diagnosis"] == {"residual": None}


def test_an_error_of_ours_is_a_diagnosis_too(tmp_path: Path, written: tuple[Case, Solution, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    case, _, _ = written

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by us")

    monkeypatch.setattr("cge.questions.solve.solve_hat", fail)
    with pytest.raises(ZeroDivisionError):
        write_run(case, tmp_path / "out")
    diagnosis = json.loads((tmp_path / "out" / "diagnosis.json").read_text())
    assert diagnosis["outcome"] == "internal_error"
    assert "by us" in diagnosis["sentence"]


@pytest.mark.parametrize("foreign", ["notes.txt", "data/flows.csv", "welfare.csv", "summary.json"])
def test_a_folder_of_someone_else_is_refused_before_solving(tmp_path: Path, written: tuple[Case, Solution, Path], foreign: str) -> None:
    case, _, _ = written
    file = tmp_path / "out" / foreign
    file.parent.mkdir(parents=True)
    file.write_text('{"outcome": "mine"}')
    old = content(tmp_path)

    with pytest.raises(InputError, match=foreign.split("/")[0]):
        produce(case, tmp_path / "out", lambda _: pytest.fail("solved"))
    assert content(tmp_path) == old


def test_a_file_added_to_our_folder_is_refused(tmp_path: Path, written: tuple[Case, Solution, Path]) -> None:
    case, solution, _ = written
    write(solution, case, tmp_path / "out")
    (tmp_path / "out" / "thesis.md").write_text("mine")
    with pytest.raises(InputError, match=r"thesis\.md"):
        write(solution, case, tmp_path / "out")
    assert (tmp_path / "out" / "thesis.md").exists()


def test_an_empty_folder_is_taken(tmp_path: Path, written: tuple[Case, Solution, Path]) -> None:
    case, solution, _ = written
    (tmp_path / "out").mkdir()
    write(solution, case, tmp_path / "out")
    assert "welfare.csv" in names(tmp_path / "out")


def test_a_link_stays_a_link(tmp_path: Path, written: tuple[Case, Solution, Path]) -> None:
    case, solution, _ = written
    (tmp_path / "link").symlink_to(tmp_path / "disk", target_is_directory=True)
    write(solution, case, tmp_path / "link")
    write(solution, case, tmp_path / "link")
    assert (tmp_path / "link").is_symlink()
    assert "welfare.csv" in names(tmp_path / "disk")


@pytest.mark.parametrize("place", ["file", "file/under/out", "locked/out", "locked"])
def test_a_folder_that_cannot_be_written_is_refused_before_solving(
    tmp_path: Path, written: tuple[Case, Solution, Path], place: str
) -> None:
    case, _, _ = written
    (tmp_path / "file").write_text("")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    if place.startswith("locked") and os.access(locked, os.W_OK):
        pytest.skip("the superuser writes anywhere")
    with pytest.raises(InputError, match="out: "):
        produce(case, tmp_path / place, lambda _: pytest.fail("solved"))
    assert names(tmp_path) == ["file", "locked"]


def test_bad_input_found_while_solving_touches_nothing(tmp_path: Path, written: tuple[Case, Solution, Path]) -> None:
    case, _, _ = written

    def work(_: Path) -> None:
        raise InputError("a shock that does not fit")

    with pytest.raises(InputError, match="does not fit"):
        produce(case, tmp_path / "a" / "out", work)
    assert names(tmp_path) == []


def test_firms_are_written_where_they_are_asked_for(tmp_path: Path) -> None:
    case = case_of(tmp_path / "run", MELITZ + "firms = true\n" + ELASTICITIES + TARIFF)
    write_run(case, tmp_path / "out")
    margins = ["cutoff", "exporters", "average_sales"]
    wanted = ["exporter", "importer", "sector", *(f"{name}{suffix}" for name in margins for suffix in ("_benchmark", ""))]
    assert header(tmp_path / "out" / "firms.csv") == wanted
