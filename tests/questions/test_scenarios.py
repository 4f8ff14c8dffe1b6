"""Scenarios of a run file: what each is made of, their faults all at once, and the commands that ask them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from commands import ARMINGTON, MELITZ, TARIFF, invoke, put
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from cge.cli.common import default_folder
from cge.errors import RunFileError
from cge.questions.check import check
from cge.questions.compare.answer import compare
from cge.questions.compare.beside import below, tidy
from cge.questions.solve import solve
from cge.questions.sweep.combinations import read_scenarios
from cge.questions.sweep.differences import pairs
from cge.questions.sweep.store import STORE, open_store
from cge.questions.table import QUESTIONS
from cge.results.welfare import welfare_table
from cge.runfile.load import load, load_all
from cge.runfile.toml import parse, written
from cge.tell.folder import open_results

BACK = '[[scenario.tariff]]\nimporter = ["*", "!Home"]\nexporter = "Home"\nsector = "goods"\nadd = 0.1\n'
MORE = BACK.replace("add = 0.1", "times = 2.0")
TWO = f'[[scenario]]\nname = "answer"\n{BACK}[[scenario]]\nname = "more"\non_top_of = "answer"\n{MORE}'


def rates(case: Any) -> dict[tuple[str, str], float]:
    """New tariffs on goods, exporter and importer."""
    found = case.shock.tariff.sel(sector="goods")
    return {
        (str(i), str(n)): round(float(found.sel(exporter=i, importer=n)), 12)
        for i in found["exporter"].values
        for n in found["importer"].values
    }


def faults(path: Path) -> tuple[str, ...]:
    with pytest.raises(RunFileError) as caught:
        load_all(path)
    return caught.value.faults


def test_shocks_are_stacked_and_other_keys_take_the_place_of_the_files(tmp_path: Path) -> None:
    path = put(tmp_path, ARMINGTON + TARIFF + TWO + '[[scenario]]\nname = "zero"\ntransfers = "zero"\n')
    own, answer, more, zero = load_all(path)
    old = {
        pair: round(float(own.benchmark.data["tariff"].sel(sector="goods", exporter=pair[0], importer=pair[1])), 12) for pair in rates(own)
    }
    ours = {pair: rate + 0.1 * (pair[1] == "Home" and pair[0] != "Home") for pair, rate in old.items()}
    back = {pair: rate + 0.1 * (pair[0] == "Home" and pair[1] != "Home") for pair, rate in ours.items()}
    twice = {pair: rate * (1 + (pair[0] == "Home" and pair[1] != "Home")) for pair, rate in back.items()}
    for case, wanted in ((own, ours), (answer, back), (more, twice), (zero, ours)):
        assert rates(case) == pytest.approx(wanted)
    assert [case.transfers for case in (own, answer, more, zero)] == ["fixed", "fixed", "fixed", "zero"]
    assert [case.title for case in (own, more)] == ["A tariff", "A tariff: more"]
    assert own.benchmark is more.benchmark


def test_the_text_of_a_scenario_is_a_run_file_with_the_same_answer(tmp_path: Path) -> None:
    case = load(put(tmp_path, ARMINGTON + TARIFF + TWO), "more")
    again = load(put(tmp_path, case.text, "again.toml"))
    assert again.table == case.table
    assert rates(again) == rates(case)


values = st.recursive(
    st.one_of(st.booleans(), st.integers(-(2**60), 2**60), st.floats(allow_nan=False), st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)


@settings(max_examples=60)
@given(st.dictionaries(st.text(max_size=6), values, max_size=4))
def test_what_is_written_is_read_as_it_was(tmp_path_factory: pytest.TempPathFactory, table: dict[str, Any]) -> None:
    path = tmp_path_factory.getbasetemp() / "written.toml"
    path.write_bytes(written(table).encode("utf-8"))
    assert parse(path)[0] == table


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[scenario]]\n", ("scenario[0].name: is missing",)),
        ('[[scenario]]\nname = "a"\n[[scenario]]\nname = "A!"\n', ('scenario[1].name: "A!" is the name of another scenario',)),
        ('[[scenario]]\nname = "§!"\n', ('scenario[0].name: "§!" has no letter and no digit',)),
        ('[[scenario]]\nname = "file\'s own"\n', ("scenario[0].name:", "choose another name")),
        (
            '[[scenario]]\nname = "a"\non_top_of = "bck"\n[[scenario]]\nname = "back"\n',
            ("scenario[0].on_top_of: no scenario bck. Did you mean back?",),
        ),
        ('[[scenario]]\nname = "a"\non_top_of = "old.toml"\n', ("A file is named at the top of the run file.",)),
        ('[[scenario]]\nname = "a"\non_top_of = "b"\n[[scenario]]\nname = "b"\non_top_of = "a"\n', ("goes round in a circle",)),
        (
            '[[scenario]]\nname = "a"\neconomy = "icio2022"\n',
            ("scenario[0].economy: all scenarios are measured from the file's own benchmark",),
        ),
        ('[[scenario]]\nname = "a"\n[scenario.sweep]\nmodel = ["melitz"]\n', ("scenario[0].sweep: is a table of the whole file",)),
        (
            '[[scenario]]\nname = "a"\nmodel = "krugman"\n[[scenario]]\nname = "b"\non_top_of = "a"\n',
            ('which gives model ("krugman"); give model here',),
        ),
        ('[[scenario]]\nname = "a"\ntransferz = "zero"\n', ("scenario a: transferz: unknown key `transferz`. Did you mean transfers?",)),
        (
            '[[scenario]]\nname = "a"\n' + BACK.replace('"Home"\n', '"Hme"\n'),
            ("scenario a: scenario[0].tariff[0].exporter: no country Hme. Did you mean Home?",),
        ),
        ('scenario = "a"\n', ("scenario: ", "tables in double brackets")),
    ],
)
def test_faults_of_scenarios(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    head = ARMINGTON.replace("[elasticities]", f"{text}[elasticities]") if text.startswith("scenario =") else ARMINGTON + TARIFF + text
    found = faults(put(tmp_path, head))
    assert all(any(word in fault for fault in found) for word in words), found


def check_faults(path: Path) -> list[str]:
    status, _, err = invoke("check", path)
    assert status == 2
    return err.strip().splitlines()


def test_all_faults_of_file_and_scenarios_at_once_and_each_once(tmp_path: Path) -> None:
    text = ARMINGTON.replace("trade", "trad") + TARIFF.replace("goods", "godos") + TWO.replace("times = 2.0", "times = 2.0\nunit = 3")
    lines = check_faults(put(tmp_path, text))
    assert len(lines) == len(set(lines))
    assert [line.split(": ")[0] for line in lines].count("tariff[0].sector") == 1
    assert [line for line in lines if line.startswith("scenario")] == [line for line in lines if "scenario[1].tariff[0].unit" in line]


def test_a_fault_of_one_table_hides_none_of_another(tmp_path: Path) -> None:
    wrong = (
        '[[scenario]]\ntransferz = "zero"\n[[scenario]]\nname = "b"\non_top_of = "zz"\neconomy = "mini"\nmodel = "krugmann"\ncolour = 3\n'
    )
    path = put(tmp_path, ARMINGTON + TARIFF + wrong + '[[scenario]]\nname = "!"\ntariff = [{importer = "Hme"}]\n')
    starts = ("scenario[0].name:", "scenario[1].on_top_of:", "scenario[1].economy:", "scenario[2].name:", "scenario [0]: transferz:")
    starts += ("scenario b: model:", "scenario b: colour:", "scenario !: scenario[2].tariff[0].exporter:")
    told = check_faults(path)
    assert all(sum(line.startswith(start) for line in told) == 1 for start in starts), told
    one = invoke("run", path, "--scenario", "b")[2].splitlines()
    assert [line.split(":")[0] for line in one if not line.startswith("scenario[")] == ["model", "colour"]


def test_faults_of_a_baseline_stay_where_they_are(tmp_path: Path) -> None:
    """And are told once, though every scenario stands on it."""
    put(tmp_path, ARMINGTON + TARIFF.replace('"Home"', '"Hme"'), "first.toml")
    text = ARMINGTON.replace("[elasticities]", 'on_top_of = "first.toml"\n[elasticities]') + TWO
    assert faults(put(tmp_path, text)) == ('on_top_of "first.toml": tariff[0].importer: no country Hme. Did you mean Home?',)


def test_check_tries_what_a_solve_would_refuse_first(tmp_path: Path) -> None:
    below_zero = '[[scenario]]\nname = "a"\n' + BACK.replace("add = 0.1", "add = -0.9")
    status, _, err = invoke("check", put(tmp_path, ARMINGTON + TARIFF + below_zero))
    assert status == 2
    assert err.startswith("scenario a: tariff: the rate is ")
    case, *scenarios = load_all(put(tmp_path, ARMINGTON + TARIFF + TWO))
    check(case, scenarios)


def test_scenarios_by_models_in_one_table(tmp_path: Path) -> None:
    case = load(put(tmp_path, MELITZ + TARIFF + TWO))
    found = compare(case, solve, ["armington", "melitz"])
    assert [answer.name for answer in found.answers] == [
        f"{model}, {scenario}" for scenario in ("file's own", "answer", "more") for model in ("armington", "melitz")
    ]
    for answer in found.answers:
        other = below(found, answer)
        assert (None if other is None else (other.model, other.scenario)) == {
            "": None,
            "answer": (answer.model, ""),
            "more": (answer.model, "answer"),
        }[answer.scenario]
    table = tidy(found)
    assert list(table.columns)[-3:] == ["member", "scenario", "mobility"]
    alone = compare(load(put(tmp_path, MELITZ + TARIFF)), solve, ["armington", "melitz"])
    own = {answer.model: answer.countries["real_income_pct"] for answer in alone.answers}
    for answer in found.answers[:2]:
        assert_allclose(answer.countries["real_income_pct"], own[answer.model], rtol=1e-12)


def test_a_scenario_may_have_a_model_of_its_own(tmp_path: Path) -> None:
    """Then what it adds is that of the model, and the file's rates stay in force."""
    text = MELITZ + TARIFF + '[[scenario]]\nname = "no selection"\nmodel = "krugman"\nelasticities = {trade = 5.0}\n'
    found = compare(load(put(tmp_path, text)), solve)
    krugman = compare(
        load(put(tmp_path, MELITZ.replace('"melitz"', '"krugman"').replace("sigma = 4.0\n", "") + TARIFF, "k.toml")), solve, ["krugman"]
    )
    one, other = found.answers
    assert_allclose(other.countries["real_income_pct"], krugman.answers[0].countries["real_income_pct"], rtol=1e-10)
    table = tidy(found)
    rows = table[table["statistic"] == "real_income_pct_difference"]
    assert_allclose(rows["value"].astype(float), other.countries["real_income_pct"] - one.countries["real_income_pct"], rtol=1e-12)


@pytest.mark.parametrize(
    ("member", "words"),
    [
        ('transfers = "zero"\n', ("compare[0].transfers: scenario low gives transfers, too",)),
        ('tariff = []\nmodel = "krugman"\n', ("compare[0].tariff: where the file has scenarios these say what changes",)),
        ('model = "krugmann"\n', ("compare[0]: model", "Did you mean krugman?")),
    ],
)
def test_members_that_would_hide_scenarios(tmp_path: Path, member: str, words: tuple[str, ...]) -> None:
    text = ARMINGTON + TARIFF + '[[scenario]]\nname = "low"\ntransfers = "zero"\n[[compare]]\n' + member
    status, _, err = invoke("check", put(tmp_path, text))
    assert status == 2
    assert all(word in err for word in words), err
    assert len(err.strip().splitlines()) == 1


def test_a_baseline_follows_a_scenario_into_another_model(tmp_path: Path) -> None:
    """Both are solved under the model of the scenario, as those of a member of [[compare]] are."""
    put(tmp_path, ARMINGTON + TARIFF, "first.toml")
    head = ARMINGTON.replace("[elasticities]", 'on_top_of = "first.toml"\n[elasticities]') + BACK.replace("scenario.", "")
    file = put(tmp_path, head + '[[scenario]]\nname = "links off"\nintermediates = false\n')
    _, found = compare(load(file), solve).answers
    put(tmp_path, ARMINGTON.replace("[elast", "intermediates = false\n[elast") + TARIFF, "first.toml")
    alone = solve(load(put(tmp_path, head.replace("on_top", "intermediates = false\non_top"), "alone.toml")))
    assert found.solution is not None
    assert_allclose(found.solution.log_real_income, alone.log_real_income, atol=1e-12)


def test_countries_of_scenarios_are_shown_where_the_file_itself_changes_nothing(tmp_path: Path) -> None:
    text = ARMINGTON + TWO
    found = compare(load(put(tmp_path, text)), solve)
    assert not found.answers[0].countries["real_income_pct"].any()
    status, out, _ = invoke("compare", put(tmp_path, text), "--out", tmp_path / "out")
    assert status == 0
    said = " ".join(out.split())
    assert "file's own: Nothing changes." in said
    assert "Note: more: Tariffs after: " in said


def test_a_refused_scenario_is_an_answer_with_its_reason(tmp_path: Path) -> None:
    text = ARMINGTON + TARIFF + '[[scenario]]\nname = "closed"\n'
    text += "".join(
        f'[[scenario.iceberg]]\nimporter = {n}\nexporter = {i}\nsector = "*"\ntimes = inf\n'
        for n, i in (('"Home"', '"*"'), ('"*"', '"Home"'))
    )
    status, out, _ = invoke("compare", put(tmp_path, text), "--out", tmp_path / "out")
    assert status == 0
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    closed = summary["members"][1]
    assert (closed["name"], closed["outcome"] == "solved") == ("closed", False)
    assert f"closed: {closed['sentence']}" in " ".join(out.split())
    table = pd.read_csv(tmp_path / "out" / "comparison.csv")
    assert table[table["scenario"] == "closed"]["value"].isna().all()


def test_the_page_of_a_comparison_says_what_scenarios_add(tmp_path: Path) -> None:
    assert invoke("compare", put(tmp_path, ARMINGTON + TARIFF + TWO), "--out", tmp_path / "out")[0] == 0
    results = open_results(tmp_path / "out", QUESTIONS)
    said = results.question.asks(results.run_file)
    assert any(line.startswith("Scenario answer: Every country except Home: the tariff on") for line in said)
    assert any(line.startswith("Scenario more, on top of answer: ") for line in said)
    assert results.heading("real_income_pct_difference").word == "Real income, difference"
    assert invoke("report", tmp_path / "out", "--figures", "none")[0] == 0


@pytest.mark.parametrize(("command", "options"), [("run", []), ("sweep", []), ("gradient", ["--country", "Home"]), ("gains", [])])
def test_a_scenario_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str, options: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    sweep = '[sweep]\n"tariff[1].add" = [0.0, 0.1]\n'
    file = put(tmp_path, ARMINGTON + TARIFF + TWO + (sweep if command == "sweep" else ""))
    status, out, err = invoke(command, file, "--scenario", "answer", *options)
    assert (status, err) == (0, "")
    assert "A tariff: answer" in out
    summary = json.loads((tmp_path / "runs" / "out" / "case.answer" / "summary.json").read_text(encoding="utf-8"))
    assert summary["scenario"] == "answer"
    assert default_folder(load(file, "answer")) != default_folder(load(put(tmp_path, ARMINGTON, "case-answer.toml")))
    status, _, err = invoke(command, file, "--scenario", "anser", *options)
    assert status == 2
    assert "--scenario: the run file has no scenario anser. Did you mean answer?" in err


# --- in sweeps -----------------------------------------------------------------------------------------------------------------------

Sweep = Callable[[str], Any]


@pytest.fixture
def swept(tmp_path: Path) -> Sweep:
    """The scenarios of a table [sweep] beside two scenarios of the file."""

    def read(sweep: str, more: str = "") -> Any:
        case = load(put(tmp_path, ARMINGTON + TARIFF + TWO + more + f"[sweep]\n{sweep}"))
        return read_scenarios(case), case

    return read


def test_scenarios_and_models_of_a_sweep_stand_against_each_other(swept: Sweep) -> None:
    found, case = swept('"scenario.name" = "each"\nmodel = ["armington", "krugman"]\n')
    assert len(found) == 6
    tables = [found.table(case.table, k) for k in range(6)]
    assert [len(table["tariff"]) for table in tables] == [1, 1, 2, 2, 3, 3]
    assert [table["model"] for table in tables] == ["armington", "krugman"] * 3
    assert sorted(pairs(found)) == sorted(
        [
            (2, 0, "file's own"),
            (3, 1, "file's own"),
            (4, 2, "answer"),
            (5, 3, "answer"),
            (1, 0, "armington"),
            (3, 2, "armington"),
            (5, 4, "armington"),
        ]
    )
    only, _ = swept('"scenario.name" = ["more", "file\'s own"]\n')
    assert list(pairs(only)) == [(0, 1, "file's own")]  # what lies between is not there


def test_a_calendar_moves_lists_together_and_leaves_models_to_the_product(swept: Sweep) -> None:
    found, case = swept(
        'period = ["now", "later"]\n"tariff[0].add" = [0.1, 0.1]\nmodel = ["armington", "krugman"]\n"tariff[0].exporter" = ["*", "North"]\n'
    )
    assert [(axis.name, len(axis.values)) for axis in found.axes] == [("period", 2), ("model", 2)]
    first, last = found.table(case.table, 0), found.table(case.table, 3)
    assert (first["tariff"][0]["exporter"], first["model"]) == ("*", "armington")
    assert (last["tariff"][0]["exporter"], last["model"]) == ("North", "krugman")
    assert found.coordinates()["tariff[0].exporter"].tolist() == ["*", "*", "North", "North"]


@pytest.mark.parametrize(
    ("sweep", "more", "words"),
    [
        ('"scenario.name" = ["anser"]\n', "", "no scenario anser. Did you mean answer?"),
        ('"scenario.name" = "answer"\n', "", 'is not a list of names of scenarios or "each"'),
        ('"scenario[0].name" = ["answer"]\n', "", "under cge sweep FILE --scenario NAME"),
        ('period = [1, 2]\n"tariff[0].add" = [0.1]\n', "", "1 value for 2 periods; a list has one for each"),
        ('period = [1, 1]\n"tariff[0].add" = [0.1, 0.2]\n', "", "sweep.period: 1 more than once"),
        ('period = 3\n"tariff[0].add" = [0.1]\n', "", "sweep.period: 3 is not a list of years or names."),
        ("period = [1, 2]\nmodel = ['armington', 'krugman']\n", "", "no key has a list of values"),
        (
            '"scenario.name" = "each"\ntransfers = ["zero", "fixed"]\n',
            '[[scenario]]\nname = "z"\ntransfers = "zero"\n',
            "scenario z gives transfers, too",
        ),
        (
            '"scenario.name" = "each"\ndraws = {n = 4, standard_error = 0.1}\n',
            '[[scenario]]\nname = "z"\nelasticities = {trade = 3.0}\n',
            "scenario z gives its own",
        ),
        ('"elasticities.trade" = [3.0, 4.0]\ndraws = {n = 4, standard_error = 0.1}\n', "", "draws take the place of these elasticities"),
    ],
)
def test_faults_of_scenarios_and_calendars_in_a_sweep(swept: Sweep, sweep: str, more: str, words: str) -> None:
    with pytest.raises(RunFileError) as caught:
        swept(sweep, more)
    assert any(words in fault for fault in caught.value.faults), caught.value.faults


def test_a_sweep_over_scenarios_beside_one_scenario(tmp_path: Path) -> None:
    file = put(tmp_path, ARMINGTON + TARIFF + TWO + '[sweep]\n"scenario.name" = "each"\n')
    status, _, err = invoke("sweep", file, "--scenario", "answer", "--out", tmp_path / "out")
    assert status == 2
    assert 'sweep."scenario.name": stands beside --scenario answer, which asks for one scenario alone; leave out one of the two.' in err
    assert len(err.strip().splitlines()) == 1


def test_baselines_follow_the_scenarios_and_draws_of_a_sweep(tmp_path: Path) -> None:
    """As they follow a scenario that is run by itself; in what nobody varies they must agree with the file."""
    put(tmp_path, ARMINGTON + TARIFF, "first.toml")
    head = ARMINGTON.replace("[elasticities]", 'on_top_of = "first.toml"\n[elasticities]') + BACK.replace("scenario.", "")
    head += '[[scenario]]\nname = "links off"\nintermediates = false\n'

    def real(sweep: str, *options: str) -> Any:
        status, _, err = invoke("sweep", put(tmp_path, head + sweep), "--out", tmp_path / "out", *options)
        assert (status, err) == (0, "")
        return open_store(tmp_path / "out" / STORE)["real_income_pct"].values

    alone = welfare_table(solve(load(put(tmp_path, head), "links off")))["real_income_pct"]
    by_name = '[sweep]\n"scenario.name" = "each"\n'
    assert invoke("check", put(tmp_path, head + by_name))[0] == 0
    assert_allclose(real(by_name)[1], alone, rtol=1e-7)
    draws = "[sweep.draws]\nn = 2\nstandard_error = 0.4\n"
    trade = "[sweep]\n'elasticities.trade' = [5.0, 7.0]\n"
    assert_allclose(real(trade, "--scenario", "links off")[0], alone, rtol=1e-7)
    status, out, _ = invoke("gains", put(tmp_path, head + draws), "--draws", "--out", tmp_path / "gains")
    assert status == 0
    assert "over 2 draws of elasticities" in out
    put(tmp_path, ARMINGTON.replace("[elast", 'transfers = "zero"\n[elast') + TARIFF, "other.toml")
    found = check_faults(put(tmp_path, head + '[sweep]\non_top_of = ["first.toml", "other.toml"]\n'))
    assert len(found) == 1
    assert 'sweep."on_top_of" = "other.toml": on_top_of: "other.toml" differs in transfers' in found[0]


def test_bands_of_gains_from_trade(tmp_path: Path) -> None:
    """Over the same draws as a sweep: those of each draw are what `cge gains` says of a file with these elasticities."""
    draws = "[sweep.draws]\nn = 4\nseed = 2\nstandard_error = 0.4\n"
    file = put(tmp_path, ARMINGTON + draws)
    status, out, err = invoke("gains", file, "--draws", "--out", tmp_path / "out")
    assert (status, err) == (0, "")
    assert "over 4 draws of elasticities" in out
    case = load(file)
    drawn = read_scenarios(load(put(tmp_path, ARMINGTON + TARIFF + draws, "sweep.toml"))).draws
    each = []
    for trade in drawn:
        table = ", ".join(f"{sector} = {value!r}" for sector, value in zip(case.sectors, trade.tolist(), strict=True))
        one = put(tmp_path, ARMINGTON.replace("trade = 5.0", f"trade = {{{table}}}"), "one.toml")
        assert invoke("gains", one, "--out", tmp_path / "one")[0] == 0
        each.append(pd.read_csv(tmp_path / "one" / "gains.csv")["gains_from_trade_pct"].to_numpy())
    bands = pd.read_csv(tmp_path / "out" / "bands.csv")
    assert_allclose(bands["mean"], np.mean(each, axis=0), rtol=1e-9)
    assert_allclose(bands["p95"], np.quantile(each, 0.95, axis=0), rtol=1e-9)
    status, _, err = invoke("gains", put(tmp_path, ARMINGTON, "none.toml"), "--draws")
    assert status == 2
    assert "--draws: the run file has no draws." in err
