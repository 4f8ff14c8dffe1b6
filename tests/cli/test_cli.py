"""The command line from outside: exit status, what is printed where, and what is left on disk."""

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import xarray as xr
from commands import ARMINGTON, CUT_OFF, HEAD, MELITZ, TARIFF, invoke, names, put
from places import TOP
from rich.console import Console

import cge.cli
from cge.data import bundled
from cge.errors import Outcome, SolveError
from cge.questions.run import screen
from cge.questions.run.answer import told_of_run
from cge.questions.solve import solve
from cge.runfile.load import load
from cge.tell import terminal

ESCAPE = "\x1b"

BAD = {
    "unknown label": ARMINGTON + TARIFF.replace("Home", "Hone"),
    "unknown key": ARMINGTON + TARIFF.replace("sector", "sectr"),
    "two faults": ARMINGTON + TARIFF.replace("Home", "Hone") + TARIFF.replace("goods", "godos"),
    "no such economy": ARMINGTON.replace("mini", "minni") + TARIFF,
    "no elasticity": HEAD + 'model = "armington"\n' + TARIFF,
    "not TOML": "title = ",
    "fixed cost without a role": ARMINGTON + TARIFF.replace("tariff", "fixed_cost").replace("add", "times"),
}


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def process(*args: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "cge", *map(str, args)], capture_output=True, text=True, cwd=cwd, encoding="utf-8")


# --- solved --------------------------------------------------------------------------------------------------------------------------


def test_run_writes_under_the_current_folder_and_reports(here: Path) -> None:
    status, out, err = invoke("run", put(here, MELITZ + TARIFF))
    folder = here / "runs" / "out" / "case"
    assert (status, err) == (0, "")
    assert "welfare.csv" in names(folder)
    assert names(folder.parent) == ["case"]
    for word in (
        "A tariff",
        "melitz",
        "solved: largest relative residual",
        "Walras",
        "Stability",
        "Newton steps",
        "Home",
        "North",
        "South",
        "World",
    ):
        assert word in out
    for word in ("income %", "equivalent", "variation", "over cost", "share", "entry", "market", "Corners", "welfare.csv"):
        assert word in out


def test_the_numbers_on_the_screen_are_those_of_the_files(here: Path) -> None:
    _, out, _ = invoke("run", put(here, MELITZ + TARIFF))
    with (here / "runs/out/case/welfare.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            line = next(line for line in out.splitlines() if re.match(rf"{row['country']} +[+-]", line))
            assert line.split()[1:4] == [f"{float(row[c]):{f}}" for c, f in zip(SHOWN, ("+.3f", ",.3f", "+.3f"), strict=True)]


SHOWN = ("real_income_pct", "equivalent_variation", "income_over_cost_log")


def test_factors_are_shown_where_there_are_several(here: Path) -> None:
    _, out, _ = invoke("run", put(here, MELITZ + TARIFF))
    assert "Factors (cost, variety, productivity" in out
    with (here / "runs/out/case/factors.csv").open(encoding="utf-8") as file:
        row = next(csv.DictReader(file))
    shown = ("price_pct", "real_price_pct", "cost_log", "variety_log", "productivity_log")
    line = next(line for line in out.splitlines() if re.match(rf"{row['country']} +{row['factor']} +[+-]", line))
    assert line.split()[2:] == [f"{float(row[name]):+.3f}" for name in shown]


def test_json_prints_the_summary_and_nothing_else(here: Path) -> None:
    status, out, err = invoke("run", put(here, MELITZ + TARIFF), "--json", "--out", here / "o")
    assert (status, err) == (0, "")
    assert json.loads(out) == json.loads((here / "o" / "summary.json").read_text(encoding="utf-8"))


def test_a_process_exits_zero_without_colours(here: Path) -> None:
    done = process("run", put(here, MELITZ + TARIFF), cwd=here)
    assert (done.returncode, done.stderr) == (0, "")
    assert "solved" in done.stdout
    assert ESCAPE not in done.stdout


def test_a_reader_may_stop_reading(here: Path) -> None:
    command = [sys.executable, "-m", "cge", "run", str(put(here, MELITZ + TARIFF))]
    running = subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert running.stdout is not None
    running.stdout.close()
    _, err = running.communicate(timeout=60)
    assert (running.returncode, err) == (0, b"")


def test_labels_are_printed_as_they_are(here: Path) -> None:
    with xr.open_dataset(bundled.find("data", "mini")) as mini:
        labels = ["[red]", "[/bold] :smile:", f"South{ESCAPE}[31m"]
        mini.load().assign_coords(dict.fromkeys(("exporter", "importer", "country"), labels)).to_netcdf(here / "odd.nc")
    text = MELITZ.replace('"mini"', '"odd.nc"').replace("A tariff", "[blink]A tariff") + TARIFF.replace("Home", "[red]")
    status, out, _ = invoke("run", put(here, text))
    assert status == 0
    for label in ("[red]", "[/bold] :smile:", "South [31m", "[blink]A tariff"):
        assert label in out
    assert ESCAPE not in out


def test_a_terminal_gets_colours(here: Path) -> None:
    case = load(put(here, MELITZ + TARIFF))
    solution = solve(case)
    console = Console(force_terminal=True, markup=False, color_system="standard", width=100)
    with console.capture() as shown:
        screen.show_run(console, solution, case, told_of_run(solution, case), here)
    assert ESCAPE in shown.get()


def test_no_tariffs_and_unused_keys_are_noted(here: Path) -> None:
    with xr.open_dataset(bundled.find("data", "mini")) as mini:
        free = mini.load().drop_vars("tariff")
    free["intermediate"] = 0 * free["intermediate"]
    free = free.drop_vars("value_added")
    free.to_netcdf(here / "free.nc")
    text = MELITZ.replace('"mini"', '"free.nc"').replace("[elasticities]", "[elasticities]\npsi = 0.1") + TARIFF
    status, out, _ = invoke("run", put(here, text))
    assert status == 0
    assert "no tariffs" in out
    assert "psi" in out
    assert "no tariffs" not in invoke("run", put(here, MELITZ + TARIFF))[1]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The embedded economy under Melitz: folder of the run and what was printed."""
    folder = tmp_path_factory.mktemp("world")
    text = MELITZ.replace('"mini"', '"icio2022"').replace('"melitz"', '"melitz"\nflows = "none"')
    text += '[groups]\nNAFTA = ["CAN", "MEX", "USA"]\n' + TARIFF.replace("Home", "USA").replace("goods", "*").replace("0.1", "0.25")
    status, out, _ = invoke("run", put(folder, text), "--out", folder / "out")
    assert status == 0
    return folder / "out", out


def test_many_countries_are_shown_by_interest(world: tuple[Path, str]) -> None:
    folder, out = world
    with (folder / "welfare.csv").open(encoding="utf-8") as file:
        change = {row["country"]: float(row["real_income_pct"]) for row in csv.DictReader(file)}
    ranked = sorted(change, key=lambda country: change[country])
    shown = [line.split()[0] for line in out.splitlines() if re.match(r"[A-Z]{3} [A-Z].* [+-]\d", line)]
    assert set(shown) == {"USA", *ranked[:10], *ranked[-10:]}
    assert len(shown) == len(set(shown))
    assert [label for label in shown if label in ranked[:10]] == ranked[:10]  # who loses most stands first
    assert out.splitlines()[1].startswith(
        "The United States raises tariffs on all sectors from every partner from 0 % to 25 % on average: it "
    )
    assert "The other countries are in" in out
    assert "NAFTA" in out


def test_industries_that_vanish_are_named_by_size(world: tuple[Path, str]) -> None:
    folder, out = world
    emptied = json.loads((folder / "summary.json").read_text(encoding="utf-8"))["corners"]["emptied"]
    with (folder / "sectors.csv").open(encoding="utf-8") as file:
        gone = [(row["country"], row["sector"]) for row in csv.DictReader(file) if row["entry_pct"] == "-100"]
    assert len(gone) == emptied > 0
    assert f"{emptied} of " in out
    lines = out.splitlines()
    first = lines.index(next(line for line in lines if line.startswith("Largest industries"))) + 2
    listed = [line.split() for line in lines[first : first + 8]]
    assert {(words[0], words[1]) for words in listed} <= set(gone)
    sales = [float(words[-2].replace(",", "")) for words in listed]
    assert sales == sorted(sales, reverse=True)
    assert len(listed[0]) > 4  # the sector has a name


# --- not solved ----------------------------------------------------------------------------------------------------------------------


def test_no_solution_is_status_one_with_the_diagnosis_alone(here: Path) -> None:
    assert invoke("run", put(here, MELITZ + TARIFF), "--out", "o")[0] == 0
    status, out, err = invoke("run", put(here, MELITZ + CUT_OFF), "--out", "o")
    assert (status, out) == (1, "")
    assert "No equilibrium" in err
    assert "Home" in err
    assert "diagnosis.json" in err
    assert names(here / "o") == ["diagnosis.json"]


def test_no_solution_as_json(here: Path) -> None:
    status, out, err = invoke("run", put(here, MELITZ + CUT_OFF), "--out", "o", "--json")
    assert status == 1
    assert json.loads(out)["outcome"] == "no_equilibrium"
    assert "No equilibrium" in err


def test_no_solution_as_a_process(here: Path) -> None:
    done = process("run", put(here, MELITZ + CUT_OFF), cwd=here)
    assert done.returncode == 1
    assert "Traceback" not in done.stdout + done.stderr
    assert names(here / "runs/out/case") == ["diagnosis.json"]


def test_an_error_of_ours_shows_its_traceback_and_is_not_a_result(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by us")

    monkeypatch.setattr("cge.questions.solve.solve_hat", fail)
    with pytest.raises(ZeroDivisionError):
        invoke("run", put(here, MELITZ + TARIFF), "--out", "o")
    assert names(here / "o") == ["diagnosis.json"]


# --- bad input -----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", ["run", "check", "gains"])
@pytest.mark.parametrize("text", BAD.values(), ids=BAD)
def test_bad_input_is_status_two_and_touches_nothing(here: Path, command: str, text: str) -> None:
    status, out, err = invoke(command, put(here, text))
    assert (status, out) == (2, "")
    assert err.strip()
    assert "Traceback" not in err
    assert names(here) == ["case.toml"]


def test_every_fault_has_its_line(here: Path) -> None:
    _, _, err = invoke("run", put(here, BAD["two faults"]))
    lines = err.splitlines()
    assert len(lines) == 2
    assert "Hone" in lines[0]
    assert "Home" in lines[0]
    assert "godos" in lines[1]
    assert "goods" in lines[1]
    status, out, _ = invoke("run", here / "case.toml", "--json")
    assert status == 2
    assert json.loads(out) == {"outcome": "bad_input", "faults": lines}


def test_bad_input_leaves_an_earlier_output_alone(here: Path) -> None:
    invoke("run", put(here, MELITZ + TARIFF), "--out", "o")
    before = {path.name: path.read_bytes() for path in (here / "o").iterdir()}
    assert invoke("run", put(here, BAD["unknown label"]), "--out", "o")[0] == 2
    assert {path.name: path.read_bytes() for path in (here / "o").iterdir()} == before


def test_a_missing_file_is_bad_input(here: Path) -> None:
    put(here, MELITZ)
    status, _, err = invoke("run", "cse.toml")
    assert status == 2
    assert "case.toml" in err


@pytest.mark.parametrize("command", ["run", "gains"])
def test_a_folder_of_someone_else_is_refused(here: Path, command: str) -> None:
    (here / "o").mkdir()
    put(here / "o", "mine", "notes.txt")
    status, _, err = invoke(command, put(here, MELITZ + TARIFF), "--out", "o")
    assert status == 2
    assert "notes.txt" in err
    assert "--out" in err
    assert names(here / "o") == ["notes.txt"]


def test_an_unwritable_folder_is_bad_input(here: Path) -> None:
    put(here, "", "file")
    status, _, err = invoke("run", put(here, MELITZ + CUT_OFF), "--out", "file/o")
    assert status == 2  # not 1: it is refused before the case is found to have no solution
    assert "file/o" in err
    assert names(here) == ["case.toml", "file"]


def test_levels_solves_and_says_how_far_it_is_from_changes(here: Path) -> None:
    status, out, _ = invoke("run", put(here, MELITZ.replace("[elast", 'method = "levels"\n[elast') + TARIFF), "--out", "o")
    assert status == 0
    summary = json.loads((here / "o" / "summary.json").read_text())
    assert summary["method"] == "levels"
    assert summary["levels_vs_hat"] < 1e-7
    assert f"Levels and changes differ by {summary['levels_vs_hat']:.1e} at most." in out
    assert "Newton" not in out


@pytest.mark.parametrize("args", [["run"], ["run", "case.toml", "--colour"], ["rn", "case.toml"], ["show", "models"], ["check", "a", "b"]])
def test_wrong_usage_is_status_two(here: Path, args: list[str]) -> None:
    put(here, MELITZ)
    status, _, err = invoke(*args)
    assert status == 2
    assert "Traceback" not in err
    assert names(here) == ["case.toml"]


# --- interruption --------------------------------------------------------------------------------------------------------------------


def test_an_interruption_is_clean(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("cge.questions.solve.solve_hat", stop)
    status, out, err = invoke("run", put(here, MELITZ + TARIFF))
    assert (status, out) == (130, "")
    assert "Interrupted" in err
    assert names(here) == ["case.toml"]


@pytest.mark.skipif(sys.platform == "win32", reason="no such signals")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_process_that_is_stopped_leaves_nothing(here: Path, number: signal.Signals) -> None:
    text = MELITZ.replace('"mini"', '"icio2022"') + TARIFF.replace("Home", "USA").replace("goods", "*")
    command = [sys.executable, "-m", "cge", "run", str(put(here, text)), "--out", "deep/o"]
    running = subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 60
    while not list(here.glob("deep/.o.new-*")) and time.monotonic() < deadline:
        time.sleep(0.01)
    running.send_signal(number)
    out, err = running.communicate(timeout=60)
    assert running.returncode == 130
    assert "Traceback" not in out + err
    assert names(here) == ["case.toml"]


# --- check, gains, show --------------------------------------------------------------------------------------------------------------


def test_check_solves_and_writes_nothing(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cge.questions.solve.solve_hat", lambda *_, **__: pytest.fail("solved"))
    status, out, _ = invoke("check", put(here, MELITZ + TARIFF))
    assert status == 0
    assert "No faults" in out
    status, out, _ = invoke("check", here / "case.toml", "--json")
    assert json.loads(out)["outcome"] == "no faults"
    assert names(here) == ["case.toml"]


def test_check_finds_what_a_solve_would_refuse_at_once(here: Path) -> None:
    status, _, err = invoke("check", put(here, MELITZ + CUT_OFF))
    assert status == 1
    assert "Home" in err
    assert names(here) == ["case.toml"]


def test_check_finds_faults_of_sweep_and_compare(here: Path) -> None:
    """All that `cge sweep` and `cge compare` would find, and every value of a key of a sweep that gives no case."""
    tables = (
        '[sweep]\n"tariff[0].add" = [0.1, -5.0, -6.0]\n"tariff[0].importer" = ["Home", "Hone"]\n'
        '[[compare]]\nmodel = "krugman"\n[[compare]]\nmodel = "krugmann"\n'
    )
    status, out, err = invoke("check", put(here, ARMINGTON + TARIFF + tables))
    assert (status, out) == (2, "")
    lines = err.splitlines()
    assert sum(line.startswith('sweep."tariff[0].add" = -5.0') or line.startswith('sweep."tariff[0].add" = -6.0') for line in lines) == 2
    (importer,) = [line for line in lines if line.startswith('sweep."tariff[0].importer" = "Hone"')]
    assert "Home" in importer
    (member,) = [line for line in lines if line.startswith("compare[1]")]
    assert "krugman" in member
    assert len(lines) == 4
    for sweep, word in (("tarif = [1]", "no key tarif"), ('"tariff[0].importer" = "eech"', "each"), ("[sweep.draws]\nn = 9", "no sector")):
        status, _, err = invoke("check", put(here, f"{ARMINGTON}{TARIFF}[sweep]\n{sweep}\n"))
        assert (status, word in err) == (2, True), err


def test_check_passes_what_the_commands_take(here: Path) -> None:
    tables = '[sweep]\n"tariff[0].add" = [0.1, 0.2]\n"tariff[0].importer" = "each"\n[[compare]]\nmodel = "krugman"\n'
    status, out, err = invoke("check", put(here, ARMINGTON + TARIFF + tables))
    assert (status, err) == (0, "")
    assert "No faults." in out


def test_gains_has_a_number_or_a_reason(here: Path) -> None:
    status, out, _ = invoke(
        "gains", put(here, HEAD + 'model = "krugman"\nunstable = "follow"\n[elasticities]\ntrade = 0.2\n'), "--out", "o"
    )
    assert status == 0
    assert names(here / "o") == ["gains.csv", "summary.json"]
    summary = json.loads((here / "o" / "summary.json").read_text(encoding="utf-8"))
    with (here / "o" / "gains.csv").open(encoding="utf-8") as file:
        table = list(csv.DictReader(file))
    assert list(table[0]) == ["country", "gains_from_trade_pct", "radius"]
    assert {row["country"] for row in table if not row["gains_from_trade_pct"]} == set(summary["reasons"])
    assert summary["outcome"] == "solved"
    for row in table:
        assert row["country"] in out
    assert f"No number for {len(summary['reasons'])} of 3 countries" in out
    assert (
        "  3 have scale effects through inputs that leave no autarky (radius of the autarky price map 1 or more): Home, North, South" in out
    )
    assert "buy what they do not make" not in out


def test_gains_group_countries_that_buy_what_they_do_not_make(here: Path) -> None:
    with xr.open_dataset(bundled.find("data", "mini")) as mini:
        flow = mini["flow"].load().copy()
    flow.loc[{"exporter": "North", "sector": "goods"}] = 0.0
    flow.to_dataset().to_netcdf(here / "gap.nc")
    status, out, _ = invoke("gains", put(here, ARMINGTON.replace('"mini"', '"gap.nc"')), "--out", "o")
    assert status == 0
    assert "No number for 1 of 3 countries (`reasons` in summary.json" in out
    assert "  1 buy what they do not make, directly or through their suppliers: North" in out
    assert "goods" in json.loads((here / "o" / "summary.json").read_text(encoding="utf-8"))["reasons"]["North"]


def test_gains_say_that_autarky_has_no_transfers(here: Path) -> None:
    sentence = "Autarky has no transfers: a country that gives them (a trade surplus)"
    assert sentence in invoke("gains", put(here, ARMINGTON))[1]
    assert sentence not in invoke("gains", put(here, ARMINGTON.replace("[elast", 'transfers = "zero"\n[elast')))[1]


def test_gains_as_json(here: Path) -> None:
    status, out, err = invoke("gains", put(here, ARMINGTON), "--json", "--out", "o")
    assert (status, err) == (0, "")
    assert json.loads(out) == json.loads((here / "o" / "summary.json").read_text(encoding="utf-8"))
    assert json.loads(out)["reasons"] == {}


def test_gains_without_solution(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise SolveError(Outcome("not_an_equilibrium", "The benchmark is not an equilibrium."))

    monkeypatch.setattr("cge.questions.gains.answer.gains", fail)
    status, _, err = invoke("gains", put(here, ARMINGTON), "--out", "o")
    assert status == 1
    assert "not an equilibrium" in err
    assert names(here / "o") == ["diagnosis.json"]


@pytest.mark.parametrize(("shelf", "word"), [("elasticities", "caliendo"), ("economies", "icio2022"), ("runs", "Runs"), ("groups", "EU27")])
def test_show_lists_what_is_bundled(here: Path, shelf: str, word: str) -> None:
    status, out, _ = invoke("show", shelf)
    assert status == 0
    assert word in " ".join(out.split())
    assert set(json.loads(invoke("show", shelf, "--json")[1])) == {shelf}
    assert names(here) == []


def test_docs_lists_pages_and_prints_them() -> None:
    listed = json.loads(invoke("docs", "--json")[1])
    titles = {record["page"]: record["title"] for record in listed}
    assert (titles["tutorial"], titles["run-file"]) == ("A first counterfactual in ten minutes", "Keys of a run file")
    status, out, _ = invoke("docs", "tutorial")
    assert (status, out) == (0, (TOP / "docs" / "tutorial.md").read_text(encoding="utf-8") + "\n")
    assert "| `economy` |" in invoke("docs", "run-file")[1]
    assert "{py:" not in invoke("docs", "outputs")[1]
    status, _, err = invoke("docs", "tutoral")
    assert (status, "Did you mean tutorial?" in err) == (2, True)


def test_shells_are_told_the_commands() -> None:
    line = "from cge.cli import app; app(prog_name='cge')"
    environment = {**os.environ, "_CGE_COMPLETE": "complete_bash", "COMP_WORDS": "cge gr", "COMP_CWORD": "1"}
    done = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout.split() == ["gradient"]


def test_show_lists_everything_by_default() -> None:
    found = json.loads(invoke("show", "--json")[1], parse_constant=pytest.fail)
    assert list(found) == ["elasticities", "economies", "runs", "groups"]
    assert {record["name"] for record in found["economies"]} == set(bundled.names("data"))
    assert {record["name"] for record in found["runs"]} == set(bundled.names("runs"))
    mini = next(record for record in found["economies"] if record["name"] == "mini")
    assert (mini["countries"], mini["sectors"], mini["tariffs"]) == (3, 2, True)


def test_show_lists_the_labels_of_economies() -> None:
    """Those of every bundled economy, or of one by name or file, with the bundled groups that they are in."""
    found = json.loads(invoke("show", "countries", "--json")[1])
    assert list(found) == ["countries of icio2022", "countries of mini"]
    germany = next(row for row in found["countries of icio2022"] if row["country"] == "DEU")
    assert germany == {"country": "DEU", "name": "Germany", "groups": "EU27, OECD, Europe, High"}
    assert [row["sector"] for row in json.loads(invoke("show", "sectors", "--json")[1])["sectors of mini"]] == ["goods", "services"]
    for name in ("mini", bundled.find("data", "mini")):
        one = json.loads(invoke("show", name, "--json")[1])
        assert list(one) == ["economy", "countries", "sectors"]
        assert [row["country"] for row in one["countries"]] == ["Home", "North", "South"]


# --- the program ---------------------------------------------------------------------------------------------------------------------


def test_version_and_help() -> None:
    status, out, _ = invoke("--version")
    assert status == 0
    assert out.startswith("cge ")
    status, out, _ = invoke("--help")
    assert status == 0
    assert all(command in out for command in ("run", "check", "gains", "show"))


def test_nothing_heavy_is_imported_before_it_is_used() -> None:
    """A name of the package brings its module when it is asked for; help brings none."""
    heavy = "numpy|pandas|xarray|scipy|netCDF4|pydantic|rich|matplotlib|pyomo|cyipopt|zarr|dask"
    line = f"import sys, cge, cge.cli; print(sorted({{name.split('.')[0] for name in sys.modules}} & set({heavy!r}.split('|'))))"
    assert subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True).stdout.strip() == "[]"
    line = "import cge; print(set(cge.__all__) <= set(dir(cge)), hasattr(cge, 'no'), cge.Economy.__module__, cge.firms.__name__)"
    said = subprocess.run([sys.executable, "-c", line], capture_output=True, text=True, check=True).stdout
    assert said.split() == ["True", "False", "cge.data.economy", "cge.firms"]


def test_the_command_line_itself_imports_nothing_heavy() -> None:
    for file in Path(cge.cli.__file__).parent.glob("*.py"):
        top = [line for line in file.read_text(encoding="utf-8").splitlines() if line.startswith(("import ", "from "))]
        assert not [line for line in top if re.search(r"numpy|pandas|xarray|rich|netCDF4|cge\.(?!errors|cli|data\.choices)", line)]


def test_progress_is_silent_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    with terminal.progress() as progress:
        assert progress(" 1 of 2, krugman") is None
    assert capsys.readouterr() == ("", "")
