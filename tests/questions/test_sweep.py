"""Sweeps: which scenarios a table means, that each is what its own run says, and that nothing is lost or changed by interruptions."""

import gc
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from outputs import read_back
from typer.testing import CliRunner
from worlds import dataset, random_economy

from cge.cli import app
from cge.data.bundled import find
from cge.errors import InputError, RunFileError
from cge.questions.solve import solve
from cge.questions.sweep import chunks, workers
from cge.questions.sweep.answer import mattering
from cge.questions.sweep.chunks import LOG, chunk_size, sweep
from cge.questions.sweep.combinations import read_scenarios
from cge.questions.sweep.page import variance as page_variance
from cge.questions.sweep.part import Part, Shared, solve_part
from cge.questions.sweep.store import STORE, open_store
from cge.questions.sweep.uncertainty import HARMONICS, bands, chance, first_order, variance
from cge.results.welfare import COLUMNS, welfare_table
from cge.runfile.load import load
from cge.runfile.making import make_case

RUN = 'title = "x"\neconomy = "mini"\nmodel = "{model}"\n{keys}[elasticities]\n{elasticities}\n{shock}[sweep]\n{sweep}'
TARIFF = '[[tariff]]\nimporter = "Home"\nexporter = "*"\nsector = "goods"\nadd = 0.1\n'


@pytest.fixture(autouse=True)
def _small_chunks() -> Iterator[None]:
    """Chunks so small that few scenarios make several."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(chunks, "CHUNK", 20)
        yield


GRID = '"tariff[0].add" = {from = 0.0, to = 0.4, steps = 25}\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def put(sweep: str = GRID, model: str = "eaton_kortum", keys: str = "", elasticities: str = "trade = 5.0", shock: str = TARIFF) -> Path:
        text = RUN.format(model=model, keys=keys, elasticities=elasticities, shock=shock, sweep=sweep)
        (tmp_path / "case.toml").write_text(text, encoding="utf-8")
        return tmp_path / "case.toml"

    return put


def swept(path: Path, work: Any = workers.here, out: str = "out") -> xr.Dataset:
    sweep(load(path), path.parent / out, work)
    return open_store(path.parent / out / STORE).load()


# --- which scenarios -----------------------------------------------------------------------------------------------------------------


def values(path: Path, *names: str) -> list[tuple[Any, ...]]:
    coordinates = read_scenarios(load(path)).coordinates()
    return list(zip(*(coordinates[name].tolist() for name in names), strict=True))


def test_lists_and_grids_form_the_product(write: Write) -> None:
    path = write('"tariff[0].add" = {from = 0.0, to = 0.2, steps = 3}\ntransfers = ["fixed", "zero"]\n')
    found = values(path, "tariff[0].add", "transfers")
    assert found == [(a, t) for a in (0.0, 0.1, 0.2) for t in ("fixed", "zero")]


def test_keys_that_are_joined_move_together(write: Write) -> None:
    both = TARIFF + TARIFF.replace("Home", "North")
    path = write('"tariff[0].add|tariff[1].add" = [0.1, 0.2]\n', shock=both)
    scenarios, case = read_scenarios(load(path)), load(path)
    assert [[t["add"] for t in scenarios.table(case.table, k)["tariff"]] for k in range(len(scenarios))] == [[0.1, 0.1], [0.2, 0.2]]


def test_a_list_as_entry_gives_each_joined_key_its_own(write: Write) -> None:
    both = TARIFF + TARIFF.replace("Home", "North")
    path = write('"tariff[0].add|tariff[1].add" = [[0.1, 0.1], [0.05, 0.2]]\n', shock=both)
    scenarios, case = read_scenarios(load(path)), load(path)
    assert [[t["add"] for t in scenarios.table(case.table, k)["tariff"]] for k in range(len(scenarios))] == [[0.1, 0.1], [0.05, 0.2]]
    assert values(path, "tariff[0].add|tariff[1].add") == [("[0.1, 0.1]",), ("[0.05, 0.2]",)]
    assert (swept(path)["outcome"] == "solved").all()


def test_a_list_of_a_single_key_is_one_value(write: Write) -> None:
    path = write('"tariff[0].importer" = [["Home", "North"], "South"]\n')
    scenarios, case = read_scenarios(load(path)), load(path)
    assert [scenarios.table(case.table, k)["tariff"][0]["importer"] for k in (0, 1)] == [["Home", "North"], "South"]


def test_each_takes_labels_in_turn_and_no_country_with_itself(write: Write) -> None:
    path = write('"tariff[0].importer" = "each"\n"tariff[0].exporter" = "each"\n')
    found = values(path, "tariff[0].importer", "tariff[0].exporter")
    countries = ("Home", "North", "South")
    assert found == [(a, b) for a in countries for b in countries if a != b]
    path = write('"tariff[0].exporter" = "each"\n')
    assert values(path, "tariff[0].exporter") == [("North",), ("South",)]


def test_each_sector(write: Write) -> None:
    assert values(write('"tariff[0].sector" = "each"\n'), "tariff[0].sector") == [("goods",), ("services",)]


def test_whole_tables_can_be_values(write: Write) -> None:
    path = write("elasticities = [{trade = 3.0}, {trade = {goods = 4.0, services = 6.0}}]\n")
    data = swept(path)
    assert list(data["outcome"].values) == ["solved", "solved"]
    assert data.sizes["scenario"] == 2


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ("", ("sweep: is missing",)),
        ('"tarif[0].add" = [0.1]\n', ("no key tarif", "Did you mean tariff?")),
        ('"tariff[1].add" = [0.1]\n', ("no such entry", "1 of [[tariff]]")),
        ('"tariff[0].ad" = [0.1]\n', ("no key ad", "Did you mean add?")),
        ('"tariff[0].add" = 0.1\n', ("not a list",)),
        ('"tariff[0].add" = {from = 0, to = 1}\n', ("not a grid",)),
        ('"tariff[0].add" = "each"\n', ('"each" takes labels',)),
        ("draws = 3\n", ("sweep.draws",)),
        ("[sweep.draws]\nn = 0\n", ("sweep.draws.n",)),
        ("[sweep.draws]\nn = 5\nsed = 1\n", ("sweep.draws.sed", "seed")),
        ("[sweep.draws]\nn = 5\n", ("no sector has a standard error",)),
        (
            "[sweep.draws]\nn = 5\nstandard_error = {gods = 0.5, services = -0.1}\n",
            ("standard_error: no sector gods in the economy. Did you mean goods?", "standard_error: -0.1 at sector=services"),
        ),
        ('"tarif[0].add" = [0.1]\nscal = [1]\n', ("no key tarif", "no key scal")),
        ('"tariff[0].add" = [0.1, 0.2, 0.1]\n', ("0.1 more than once", "write each value once")),
        ('"tariff[0].add" = {from = 0.1, to = 0.1, steps = 2}\n', ("0.1 more than once",)),
        ('"tariff[0].add|scale" = [[0.1, 1.0, 0.2]]\n', ("gives 3 values to 2 keys",)),
        ('"elasticities.trade.goods" = [3.0, 4.0]\n', ("elasticities.trade is no table",)),
        ('"economy.year" = [2008, 2011]\n', ("economy is no table",)),
    ],
)
def test_faults_of_the_table(write: Write, table: str, words: tuple[str, ...]) -> None:
    with pytest.raises(RunFileError) as caught:
        read_scenarios(load(write(table)))
    for word in words:
        assert word in str(caught.value)


@pytest.mark.parametrize("sweep", ["[sweep.draws]\nn = 5\nstandard_error = 1.0\n", 'transfers = ["fixed", "zero"]\n'])
def test_a_sweep_without_a_shock_is_refused(write: Write, sweep: str) -> None:
    with pytest.raises(RunFileError, match="nothing changes in any scenario"):
        read_scenarios(load(write(sweep, shock="")))


# --- what they hold ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("model", "keys"), [("eaton_kortum", ""), ("melitz", "scale = 0.4\n"), ("krugman", "intermediates = false\n")])
def test_every_scenario_is_what_its_own_run_says(write: Write, model: str, keys: str) -> None:
    path = write(model=model, keys=keys, elasticities="trade = 5.0\nsigma = 4.0")
    data = swept(path)
    case = load(path)
    scenarios = read_scenarios(case)
    assert dict(data.sizes) == {"scenario": 25, "country": 3}
    assert set(COLUMNS[1:]) <= set(data.data_vars)
    assert (data["outcome"] == "solved").all()
    assert float(data["residual"].max()) <= 1e-10
    for number in (0, 19, 20, 24):
        table = welfare_table(solve(make_case(scenarios.table(case.table, number), case.text, case.path)))
        for name in table.columns[1:]:
            assert_allclose(data[name].values[number], table[name], rtol=1e-7, atol=1e-7, err_msg=name)


def test_failures_are_recorded_and_hold_no_number(write: Write) -> None:
    """A rate below zero after the shock is bad input; a closed market has no equilibrium."""
    closed = '[[iceberg]]\nimporter = "South"\nexporter = ["*", "South"]\nsector = "goods"\ntimes = 1.0\n'
    path = write('"tariff[0].add" = [0.1, -0.9]\n"iceberg[0].times" = [1.0, inf]\n', shock=TARIFF + closed)
    status, out, _ = invoke("sweep", path, "--out", path.parent / "out")
    data = open_store(path.parent / "out" / STORE).load()
    good = data["outcome"].values == "solved"
    assert good[0]
    assert not good[2:].any()
    assert "bad_input" in data["outcome"].values
    assert np.isnan(data["real_income_pct"].values[~good]).all()
    assert np.isfinite(data["real_income_pct"].values[good]).all()
    assert status == 0
    assert "failed" in out
    listed = pd.read_csv(path.parent / "out" / "failures.csv")
    assert list(listed["scenario"]) == list(np.flatnonzero(~good))


def test_a_sweep_in_which_all_fails_says_why(write: Write, tmp_path: Path) -> None:
    status, out, err = invoke("sweep", write('"tariff[0].add" = [-0.8, -0.9]\n'), "--out", tmp_path / "out")
    said = " ".join(out.split())
    assert (status, err) == (1, "")
    assert "0 solved 100.00% failed (2 bad_input)" in said
    assert said.count("no rate may end below zero (subsidies = true allows") == 2
    assert "residual" not in said
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["solved"], summary["residual"], summary["outcome"]) == (0, None, "not_converged")


def economies(folder: Path) -> xr.Dataset:
    """Files beside the run file: mini, the same with its countries the other way round, and one in which South is called East and comes first."""
    with xr.open_dataset(find("data", "mini")) as file:
        mini = file.load()
    turned = mini.isel({dim: slice(None, None, -1) for dim in ("country", "exporter", "importer") if dim in mini.dims})
    dims = [dim for dim in ("country", "exporter", "importer") if dim in mini.dims]
    renamed = turned.assign_coords({dim: ["East" if label == "South" else label for label in turned[dim].values] for dim in dims})
    for name, data in (("mini", mini), ("turned", turned), ("renamed", renamed)):
        data.to_netcdf(folder / f"{name}.nc")
    return mini


def test_results_are_placed_by_label_whatever_the_order_of_countries(write: Write, tmp_path: Path) -> None:
    economies(tmp_path)
    data = swept(write('economy = ["mini.nc", "turned.nc"]\n'))
    assert list(data["country"].values) == ["Home", "North", "South"]
    for name in COLUMNS[1:]:
        assert_allclose(data[name].values[1], data[name].values[0], rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("draws", ["", pytest.param("[sweep.draws]\nn = 256\nstandard_error = 0.5\n", marks=pytest.mark.slow)])
def test_countries_that_an_economy_lacks_are_gaps(write: Write, tmp_path: Path, draws: str) -> None:
    """Said once on the screen, in the summary and on the page; bands, tables and figures hold what there is."""
    economies(tmp_path)
    path, out = write('economy = ["mini.nc", "renamed.nc"]\n' + draws), tmp_path / "out"
    status, text, err = invoke("sweep", path, "--out", out)
    assert (status, err) == (0, "")
    assert text.count("2 countries are not in every economy of the sweep") == 1
    data = open_store(out / STORE).load()
    first, last = data["real_income_pct"][0].values, data["real_income_pct"][-1].values
    assert list(data["country"].values) == ["Home", "North", "South", "East"]
    assert_array_equal(np.isnan(first), [False, False, False, True])
    assert_array_equal(np.isnan(last), [False, False, True, False])
    repeats = len(data["scenario"]) // 2
    assert_allclose(data["real_income_pct"][repeats].values[[0, 1, 3]], first[:3], rtol=1e-9)
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    assert (summary["gaps"], summary["countries"], summary["solved"]) == (["South", "East"], 4, 2 * repeats)
    assert {"mini.nc", "renamed.nc"} <= set(summary["inputs"])
    status, table, _ = invoke("table", out)
    assert (status, table.count("East")) == (0, 1)
    assert invoke("report", out)[0] == 0
    assert "2 countries are not in every economy" in (out / "report.html").read_text(encoding="utf-8")
    if draws:
        rows = pd.read_csv(out / "bands.csv").query("statistic == 'real_income_pct'").set_index(["economy", "country"])["mean"]
        assert np.isnan(rows["mini.nc", "East"])
        assert np.isnan(rows["renamed.nc", "South"])
        assert_allclose(rows["renamed.nc", "East"], rows["mini.nc", "South"], rtol=1e-9)


def test_another_number_of_countries_is_no_error(write: Write, tmp_path: Path) -> None:
    for count in (2, 4):
        random_economy(np.random.default_rng(count), count, 2).data.to_netcdf(tmp_path / f"{count}.nc")
    shock = '[[tariff]]\nimporter = "C0"\nexporter = "*"\nsector = "*"\nadd = 0.1\n'
    path = write('economy = ["2.nc", "4.nc"]\n', shock=shock)
    path.write_text(path.read_text(encoding="utf-8").replace('"mini"', '"4.nc"'), encoding="utf-8")
    data = swept(path)
    assert list(data["country"].values) == ["C0", "C1", "C2", "C3"]
    assert_array_equal(np.isnan(data["real_income_pct"]).sum("country"), [2, 0])


def test_a_file_that_a_scenario_names_and_that_changed_starts_anew(write: Write, tmp_path: Path) -> None:
    mini = economies(tmp_path)
    path = write('economy = ["mini.nc", "turned.nc"]\n')
    first = swept(path)
    (0.5 * mini["tariff"]).to_dataset().assign({name: mini[name] for name in mini.data_vars if name != "tariff"}).assign(
        intermediate=0 * mini["intermediate"]
    ).drop_vars("value_added").to_netcdf(tmp_path / "new.nc")
    (tmp_path / "new.nc").replace(tmp_path / "turned.nc")
    done = sweep(load(path), tmp_path / "out", workers.here)
    assert done.resumed == 0
    assert not np.allclose(open_store(tmp_path / "out" / STORE)["real_income_pct"][1], first["real_income_pct"][1])


def stood(folder: Path, rate: float, more: str = "") -> None:
    """A run file `first.toml` in a folder of its own, with the rates that it names beside it."""
    folder.mkdir(exist_ok=True)
    table = f'[[tariff]]\nimporter = "Home"\nexporter = ["North", "South"]\nsector = "*"\nfile = "rates.csv"\nunit = "rate"\n{more}'
    (folder / "first.toml").write_text(RUN.split("[sweep]")[0].format(model="armington", keys="", elasticities="trade = 5.0", shock=table))
    (folder / "rates.csv").write_text(f"exporter,importer,sector,tariff\nNorth,Home,*,{rate}\nSouth,Home,*,{rate}\n")


@pytest.mark.parametrize("key", ["baseline", "on_top_of"])
def test_what_a_named_run_file_reads_and_that_changed_starts_anew(write: Write, tmp_path: Path, key: str) -> None:
    """Whichever of several that give their files the same names."""
    for name in ("b1", "b2"):
        stood(tmp_path / name, 0.05)
    path = write(f'{key} = ["b1/first.toml", "b2/first.toml"]\n', model="armington")
    assert sweep(load(path), tmp_path / "out", workers.here).resumed == 0
    for name in ("b1", "b2"):
        assert sweep(load(path), tmp_path / "out", workers.here).resumed == 2
        stood(tmp_path / name, 0.5)
        assert sweep(load(path), tmp_path / "out", workers.here).resumed == 0


def test_a_file_of_a_scenario_of_the_run_file_that_changed_starts_anew(write: Write, tmp_path: Path) -> None:
    rows = "exporter,importer,sector,tariff\nNorth,Home,goods,{}\n"
    (tmp_path / "rates.csv").write_text(rows.format(0.2))
    entry = '[[scenario.tariff]]\nimporter = "Home"\nexporter = "North"\nsector = "goods"\nfile = "rates.csv"\nunit = "rate"\n'
    path = write('"scenario.name" = "each"\n', shock=f'{TARIFF}[[scenario]]\nname = "listed"\n{entry}')
    first = swept(path)["real_income_pct"]
    assert "rates.csv" in json.loads((tmp_path / "out" / "summary.json").read_text())["inputs"]
    (tmp_path / "rates.csv").write_text(rows.format(0.8))
    again = swept(path)["real_income_pct"]
    assert_allclose(again[0], first[0], rtol=1e-8)
    assert not np.allclose(again[1], first[1])


def test_nothing_differs_between_two_runs(write: Write, tmp_path: Path) -> None:
    """Every file of the store, byte by byte."""
    path = write()
    swept(path, out="a")
    swept(path, out="b")
    one, two = ({str(f.relative_to(tmp_path / d)): f.read_bytes() for f in (tmp_path / d / STORE).rglob("*") if f.is_file()} for d in "ab")
    assert one == two


def test_files_of_baselines_are_told_apart_by_their_folder(write: Write, tmp_path: Path) -> None:
    """Both baselines say `file = "rates.csv"`, and each means its own."""
    for name, rate in (("b1", 0.05), ("b2", 0.5)):
        stood(tmp_path / name, rate)
    swept_pct = swept(write('baseline = ["b1/first.toml", "b2/first.toml"]\n', model="armington"))["real_income_pct"].sel(country="Home")
    for name, found in zip(("b1", "b2"), swept_pct.values, strict=True):
        alone = solve(load(write(model="armington", keys=f'baseline = "{name}/first.toml"\n')))
        assert_allclose(found, welfare_table(alone).set_index("country").loc["Home", "real_income_pct"], rtol=1e-8)


# --- interruptions -------------------------------------------------------------------------------------------------------------------


def stopping(after: int) -> Any:
    """A worker that fails after some chunks."""

    def work(shared: Shared, chunks: list[int], tables: Callable[[int], Any]) -> Iterator[tuple[int, Part]]:
        for place, number in enumerate(chunks):
            if place == after:
                raise KeyboardInterrupt
            yield number, solve_part(shared, tables(number))

    return work


def test_an_interrupted_sweep_goes_on_where_it_was(write: Write, tmp_path: Path) -> None:
    path = write()
    whole = swept(path, out="whole")
    with pytest.raises(KeyboardInterrupt):
        swept(path, stopping(1))
    part = open_store(tmp_path / "out" / STORE).load()
    assert (part["outcome"].values[:20] == "solved").all()
    assert (part["outcome"].values[20:] == "").all()
    calls: list[int] = []

    def counting(shared: Shared, chunks: list[int], tables: Callable[[int], Any]) -> Iterator[tuple[int, Part]]:
        calls.extend(chunks)
        yield from workers.here(shared, chunks, tables)

    done = sweep(load(path), tmp_path / "out", counting)
    assert calls == [1]
    assert (done.done, done.resumed) == (25, 20)
    assert swept(path).identical(whole.assign_attrs(swept(path).attrs))


def test_a_line_that_was_cut_off_is_not_done(write: Write, tmp_path: Path) -> None:
    path = write()
    whole = swept(path)
    log = tmp_path / "out" / LOG
    text = log.read_text(encoding="utf-8")
    log.write_text(text[:-10], encoding="utf-8")  # killed within the last line
    done = sweep(load(path), tmp_path / "out", workers.here)
    assert done.resumed == 20
    assert swept(path).identical(whole)
    assert log.read_text(encoding="utf-8").count("\n") == 2


def test_a_comment_in_the_run_file_does_not_start_the_sweep_anew(write: Write, tmp_path: Path) -> None:
    swept(path := write())
    path.write_text(path.read_text(encoding="utf-8") + "# twice as nice\n", encoding="utf-8")
    assert sweep(load(path), tmp_path / "out", workers.here).resumed == 25


def test_a_scheduler_that_does_not_answer_is_named(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import dask

    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}):
        status, _, err = invoke("sweep", write(), "--scheduler", "tcp://127.0.0.1:9", "--out", tmp_path / "out")
    assert status == 2
    assert "no Dask scheduler answers at tcp://127.0.0.1:9" in err
    assert "make room" not in err


def test_a_scheduler_without_dask_names_the_extra_before_anything_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    status, _, err = invoke("sweep", tmp_path / "absent.toml", "--scheduler", "tcp://127.0.0.1:9", "--out", tmp_path / "out")
    assert (status, "pip install 'cge[cluster]'" in err, "absent" in err) == (2, True, False)


def test_another_question_starts_anew(write: Write, tmp_path: Path) -> None:
    swept(write())
    done = sweep(load(write(elasticities="trade = 6.0")), tmp_path / "out", workers.here)
    assert done.resumed == 0


def test_a_changed_economy_is_read_anew(write: Write, tmp_path: Path) -> None:
    """Nothing that this process, or a worker of a cluster, has kept of another file under the same name is taken for it."""
    economy = tmp_path / "mine.nc"
    economy.write_bytes(find("data", "mini").read_bytes())
    path = write()
    path.write_text(path.read_text(encoding="utf-8").replace('"mini"', '"mine.nc"'), encoding="utf-8")
    first = swept(path)
    data = xr.load_dataset(economy)
    data.assign(tariff=0.5 * data["tariff"], intermediate=0 * data["intermediate"]).drop_vars("value_added").to_netcdf(tmp_path / "new.nc")
    (tmp_path / "new.nc").replace(economy)
    assert not np.allclose(swept(path)["real_income_pct"], first["real_income_pct"])
    economy.write_bytes(find("data", "mini").read_bytes())
    assert swept(path).identical(first)


def test_a_folder_of_someone_else_is_refused(write: Write, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(InputError, match=r"mine\.txt"):
        swept(write())


@pytest.mark.slow
def test_killed_at_any_moment(write: Write, tmp_path: Path) -> None:
    """kill -9 again and again, from outside: what was reported as done stays, and the end is the same to the last bit."""
    grid = '"tariff[0].add" = {from = 0.0, to = 0.4, steps = 61}\n'
    path = write(grid, keys="scale = 0.4\n", model="melitz", elasticities="trade = 5.0\nsigma = 4.0")
    whole = swept(path, out="whole")
    code = (
        "from pathlib import Path; from cge.questions.sweep import workers; from cge.questions.sweep.chunks import sweep; "
        "from cge.questions.sweep import chunks; from cge.runfile.load import load; chunks.CHUNK = 20; "
        f"sweep(load({str(path)!r}), Path({str(tmp_path / 'out')!r}), workers.here)"
    )
    log, seen, kills = tmp_path / "out" / LOG, 0, 0
    while kills < 2:
        process = subprocess.Popen([sys.executable, "-c", code])
        while process.poll() is None:
            lines = log.read_text(encoding="utf-8").count("\n") if log.exists() else 0
            if lines > seen and kills < 2:
                process.send_signal(signal.SIGKILL)
                process.wait()
            time.sleep(0.005)
        seen = log.read_text(encoding="utf-8").count("\n") if log.exists() else 0
        kills += 1
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    data = open_store(tmp_path / "out" / STORE).load()
    for name in data.variables:
        assert_array_equal(data[name], whole[name], err_msg=name)


# --- workers -------------------------------------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_a_cluster_whose_worker_is_killed(write: Write, tmp_path: Path) -> None:
    """One worker, two workers, and two of which one is killed in the middle: the same store to the last bit."""
    from distributed import Client, LocalCluster

    path = write('"tariff[0].add" = {from = 0.0, to = 0.4, steps = 101}\n')
    alone = swept(path, out="alone")
    options: dict[str, Any] = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0", "silence_logs": 50}
    with LocalCluster(n_workers=2, **options) as cluster, Client(cluster) as client:
        assert swept(path, lambda *work: workers.by(client, *work), "two").identical(alone)
        killed: list[int] = []

        def tell(done: int, failed: int) -> None:
            if done and not killed:
                pids = list(client.run(os.getpid).values())
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        sweep(load(path), tmp_path / "killed", lambda *work: workers.by(client, *work), tell)
        assert killed
    assert open_store(tmp_path / "killed" / STORE).load().identical(alone)


@pytest.mark.slow
def test_ten_thousand_scenarios_on_a_cluster_whose_workers_are_killed_twice(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of them are there at the end, and equal to what one process finds."""
    distributed = pytest.importorskip("distributed")
    monkeypatch.setattr(chunks, "CHUNK", 64)
    path = write('"tariff[0].add" = {from = 0.0, to = 0.4, steps = 10000}\n')
    alone = swept(path, out="alone")
    options: dict[str, Any] = {"threads_per_worker": 1, "processes": True, "dashboard_address": ":0", "silence_logs": 50}
    killed: list[int] = []
    with distributed.LocalCluster(n_workers=2, **options) as cluster, distributed.Client(cluster) as client:

        def tell(done: int, failed: int) -> None:
            if done > 3000 * (len(killed) + 1) and len(killed) < 2:
                pids = [pid for pid in client.run(os.getpid).values() if pid not in killed]
                killed.append(pids[0])
                os.kill(pids[0], signal.SIGKILL)

        done = sweep(load(path), tmp_path / "out", lambda *work: workers.by(client, *work), tell)
    assert (done.done, done.failed, len(killed)) == (10_000, 0, 2)
    assert open_store(tmp_path / "out" / STORE).load().identical(alone)


@pytest.mark.slow
def test_memory_does_not_grow_from_chunk_to_chunk(write: Write) -> None:
    """What is kept after more scenarios, other elasticities or other rates, is no more than after some."""
    for axis in ('"tariff[0].add" = {from = 0.0, to = 0.4, steps = 100}\n', "[sweep.draws]\nn = 100\nstandard_error = 0.5\n"):
        case = load(write(axis))
        scenarios, kept = read_scenarios(case), []
        shared = Shared(case.path, case.text, scenarios.grounds.countries, axis)
        tracemalloc.start()
        for first in range(0, 100, 20):
            solve_part(shared, [scenarios.table(case.table, number) for number in range(first, first + 20)])
            gc.collect()
            kept.append(tracemalloc.get_traced_memory()[0])
        tracemalloc.stop()
        assert max(kept[2:]) < kept[1] + 100_000


@pytest.mark.slow
def test_processes_of_this_machine_give_the_same(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    """What `cge sweep` does where chunks are many, done for few."""
    path = write()
    alone = swept(path, out="alone")
    monkeypatch.setattr(workers, "FEW", 0)
    assert swept(path, workers.local, "processes").identical(alone)


@pytest.mark.slow
def test_a_worker_that_is_lost_says_nothing_where_the_sweep_succeeds(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    psutil, killed = pytest.importorskip("psutil"), []
    monkeypatch.setattr(workers, "FEW", 0)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)

    def tell(done: int, failed: int) -> None:
        if done and not killed:
            (one, *_) = [p for p in psutil.Process().children(recursive=True) if "spawn_main" in " ".join(p.cmdline())]
            killed.append(one.pid)
            one.kill()

    done = sweep(load(write('"tariff[0].add" = {from = 0.0, to = 0.4, steps = 181}\n')), tmp_path / "out", workers.local, tell)
    assert (done.done, done.failed, len(killed)) == (181, 0, 1)
    assert capfd.readouterr().err == ""


def test_chunks_depend_on_the_number_of_scenarios_alone() -> None:
    assert [chunk_size(n) for n in (1, 20, 40_000, 1_000_000)] == [20, 20, 20, 500]


# --- draws ---------------------------------------------------------------------------------------------------------------------------

DRAWS = "[sweep.draws]\nn = {}\nseed = 3\nstandard_error = {{goods = 1.0}}\n"


def test_draws_have_the_published_mean_and_standard_error(write: Write) -> None:
    scenarios = read_scenarios(load(write(DRAWS.format(4096))))
    assert scenarios.draws is not None
    goods, services = scenarios.draws.T
    assert goods.mean() == pytest.approx(5.0, rel=1e-3)
    assert goods.std() == pytest.approx(1.0, rel=1e-2)
    assert (services == 5.0).all()
    assert (goods > 0).all()
    assert abs(np.log(goods).mean() - np.median(np.log(goods))) < 1e-3  # log-normal


@pytest.mark.parametrize("sampling", ["quasi", "random"])
def test_draws_are_correlated_on_request_and_the_same_for_a_seed(write: Write, sampling: str) -> None:
    table = f'[sweep.draws]\nn = 2000\ncorrelation = 0.6\nsampling = "{sampling}"\nstandard_error = 1.0\n'
    draws = read_scenarios(load(write(table))).draws
    assert draws is not None
    assert np.corrcoef(np.log(draws).T)[0, 1] == pytest.approx(0.6, abs=0.05)
    again = read_scenarios(load(write(table))).draws
    assert_array_equal(draws, again)
    other = read_scenarios(load(write(table.replace("correlation", "seed = 9\ncorrelation")))).draws
    assert other is not None
    assert not np.array_equal(draws, other)


def test_quasi_random_draws_are_nearer_to_the_mean(write: Write) -> None:
    gaps = {}
    for sampling in ("quasi", "random"):
        draws = read_scenarios(load(write(f'[sweep.draws]\nn = 256\nsampling = "{sampling}"\nstandard_error = 1.0\n'))).draws
        assert draws is not None
        gaps[sampling] = float(np.abs(draws.mean(axis=0) - 5).max())
    assert gaps["quasi"] < 0.3 * gaps["random"]


def test_the_embedded_sets_have_standard_errors() -> None:
    from cge.questions.sweep.draws import estimates
    from cge.runfile.keys.questions import DrawKeys

    case = load("us-tariff-inputs")
    table = {**case.table, "elasticities": {"set": "caliendo_parro_2015"}}
    estimate, error = estimates(make_case(table, case.text, case.path), DrawKeys(n=1, seed=0))
    assert estimate is not None
    assert (error[estimate != 5] >= 0).all()
    assert (error > 0).sum() > 15


def test_bands_leave_failures_out(write: Write) -> None:
    """A draw below σ − 1 has no Melitz model: counted, not averaged."""
    table = "[sweep.draws]\nn = 64\nstandard_error = {goods = 1.5}\n"
    path = write(table, model="melitz", keys="intermediates = false\n", elasticities="trade = 4.0\nsigma = 4.2")
    data = swept(path)
    scenarios = read_scenarios(load(path))
    bad = data["trade"].sel(sector="goods").values <= 3.2
    assert 0 < bad.sum() < 64
    assert_array_equal(data["outcome"].values == "bad_input", bad)
    row = bands(data, scenarios).query("statistic == 'real_income_pct' and country == 'Home'").iloc[0]
    kept = data["real_income_pct"].sel(country="Home").values[~bad]
    assert (row["draws"], row["failed"]) == (64 - bad.sum(), bad.sum())
    assert row["mean"] == pytest.approx(kept.mean())
    assert row["median"] == pytest.approx(np.median(kept))
    assert row["p05"] == pytest.approx(np.quantile(kept, 0.05))


@pytest.mark.slow
def test_shares_of_variance_are_those_of_a_nearly_linear_model(write: Write) -> None:
    """Where the response is nearly linear a first-order index is the squared correlation, whatever estimates it."""
    path = write("[sweep.draws]\nn = 512\nstandard_error = {goods = 0.4, services = 0.1}\n")
    data = swept(path)
    table = variance(data, read_scenarios(load(path)))
    for country in ("Home", "North", "South"):
        output = data["real_income_pct"].sel(country=country).values
        for sector in ("goods", "services"):
            squared = np.corrcoef(output, data["trade"].sel(sector=sector).values)[0, 1] ** 2
            (found,) = table.query("country == @country and sector == @sector")["first_order"]
            assert found == pytest.approx(squared, abs=0.08), (country, sector)


def test_shares_that_chance_makes_lie_below_their_bound() -> None:
    """The bound holds for white noise of any distribution: of sectors without effect the largest share exceeds it in one sweep of twenty."""
    rng, draws, sectors, rounds = np.random.default_rng(0), 256, 5, 400
    for output in (rng.normal(size=draws), rng.lognormal(size=draws)):
        shares = [first_order(rng.random((draws, sectors)), output[:, None]).max() for _ in range(rounds)]
        assert 0.02 < np.mean(np.array(shares) > chance(draws, sectors)) < 0.09
    assert chance(1000, 50) == pytest.approx(0.0253, abs=1e-4)


@pytest.mark.parametrize("draws", [256, 301])
def test_shares_are_those_of_salib(draws: int) -> None:
    from SALib.analyze import rbd_fast

    rng = np.random.default_rng(draws)
    given = rng.lognormal(size=(draws, 3))
    output = np.stack([np.log(given) @ weights + 0.1 * rng.normal(size=draws) for weights in ([1.0, 0.5, 0.0], [0.0, -1.0, 3.0])], axis=1)
    problem = {"num_vars": 3, "names": ["a", "b", "c"], "bounds": [[0, 1]] * 3}
    theirs = [rbd_fast.analyze(problem, given, y, M=HARMONICS, num_resamples=2, seed=0)["S1"] for y in output.T]
    assert_allclose(first_order(given, output).T, np.array(theirs, dtype=float), rtol=1e-9)


def untraded(tmp_path: Path) -> Path:
    """Three countries and three sectors, the last without trade, in economy.nc."""
    flow = random_economy(np.random.default_rng(5), 3, 3, inputs=0).data["flow"].transpose("exporter", "importer", "sector").values.copy()
    flow[~np.eye(3, dtype=bool), 2] = 0
    dataset(flow).to_netcdf(tmp_path / "economy.nc")
    return tmp_path / "economy.nc"


@pytest.mark.slow
def test_noise_is_not_shown_as_importance(write: Write, tmp_path: Path) -> None:
    """A sector without trade has no row, and one whose elasticity hardly matters is neither on the screen nor on the page."""
    untraded(tmp_path)
    errors = "[sweep.draws]\nn = 256\nstandard_error = {S0 = 1.0, S1 = 0.001, S2 = 1.0}\n"
    shock = '[[iceberg]]\nimporter = "C0"\nexporter = ["C1", "C2"]\nsector = "*"\ntimes = 0.8\n'
    path, out = write(errors, shock=shock), tmp_path / "out"
    path.write_text(path.read_text(encoding="utf-8").replace('"mini"', '"economy.nc"'), encoding="utf-8")
    status, text, _ = invoke("sweep", path, "--out", out)
    table = pd.read_csv(out / "variance.csv")
    assert status == 0
    assert set(table["sector"]) == {"S0", "S1"}
    assert_allclose(table["bound"], chance(256, 2))
    assert (table.query("sector == 'S0'")["first_order"] > 0.9).all()
    shown = text[text.index("Share of the variance") :]
    assert "S0" in shown
    assert "S1" not in shown
    assert [row["sector"] for row in page_variance(read_back(out))] == ["S0"]


def test_under_free_entry_a_sector_without_trade_can_matter(write: Write, tmp_path: Path) -> None:
    """Its elasticity says what variety is worth: it keeps its place among the shares."""
    untraded(tmp_path)
    path = write("[sweep.draws]\nn = 4\nstandard_error = 1.0\n", model="krugman")
    path.write_text(path.read_text(encoding="utf-8").replace('"mini"', '"economy.nc"').replace("Home", "C0").replace("goods", "S0"))
    case = load(path)
    assert mattering(case, read_scenarios(case)) == ["S0", "S1", "S2"]


# --- the command ---------------------------------------------------------------------------------------------------------------------


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_command_with_draws(write: Write, tmp_path: Path) -> None:
    path = write('"tariff[0].add" = [0.1, 0.3]\n' + DRAWS.format(32))
    status, out, err = invoke("sweep", path, "--out", tmp_path / "out")
    assert (status, err) == (0, "")
    names = sorted(p.name for p in (tmp_path / "out").iterdir())
    assert names == [
        "bands.csv",
        "convergence.csv",
        "convergence.png",
        "failures.csv",
        "summary.json",
        "sweep.log",
        "sweep.zarr",
        "variance.csv",
    ]
    for words in ("64 scenarios", "64 solved", "Real income over draws", "median"):
        assert words in out
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["outcome"], summary["scenarios"], summary["solved"], summary["draws"]) == ("solved", 64, 64, 32)
    status, out, _ = invoke("sweep", path, "--out", tmp_path / "out", "--json")  # everything is there already
    assert json.loads(out) == summary
    settled = pd.read_csv(tmp_path / "out" / "convergence.csv")
    assert list(settled["draws"].unique()) == [4, 8, 16, 32]


def test_the_command_without_draws(write: Write, tmp_path: Path) -> None:
    status, out, _ = invoke("sweep", write(), "--out", tmp_path / "out")
    assert status == 0
    assert "Real income over scenarios" in out


def test_bad_input_leaves_nothing(write: Write, tmp_path: Path) -> None:
    status, _, err = invoke("sweep", write('"tarif[0].add" = [0.1]\n'), "--out", tmp_path / "out")
    assert status == 2
    assert "Did you mean tariff?" in err
    assert not (tmp_path / "out").exists()


def test_an_interruption_is_clean(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write()
    monkeypatch.setattr(workers, "local", stopping(1))
    status, _, err = invoke("sweep", path, "--out", tmp_path / "out")
    assert status == 130
    assert "goes on from there" in err
    monkeypatch.undo()
    status, out, _ = invoke("sweep", path, "--out", tmp_path / "out")
    assert status == 0
    assert "25 solved" in out


def test_a_full_disk_is_said_and_the_sweep_goes_on_later(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from cge.questions.sweep import chunks as module

    plain, calls = module.put_part, []

    def full(*args: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        plain(*args)

    path = write()
    monkeypatch.setattr(module, "put_part", full)
    status, _, err = invoke("sweep", path, "--out", tmp_path / "out")
    assert status == 2
    assert "No space left" in err
    monkeypatch.undo()
    assert sweep(load(path), tmp_path / "out", workers.here).resumed == 20


def test_a_copy_of_the_store_is_labelled(write: Write, tmp_path: Path) -> None:
    swept(write())
    shutil.copytree(tmp_path / "out" / STORE, tmp_path / "copy.zarr")
    data = open_store(tmp_path / "copy.zarr")
    assert list(data["country"].values) == ["Home", "North", "South"]
    assert float(data["tariff[0].add"][24]) == 0.4
