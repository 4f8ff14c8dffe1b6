"""Comparisons: what theory says of models side by side, who takes part, and the command end to end."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from outputs import read_back
from typer.testing import CliRunner
from worlds import dataset, random_economy

from cge.cli import app
from cge.errors import RunFileError
from cge.model.variants.melitz import SIZE_SHAPE
from cge.questions.compare.answer import Comparison, compare
from cge.questions.compare.beside import against, tidy
from cge.questions.compare.members import members
from cge.questions.compare.page import COMPARISON, verdict
from cge.questions.solve import solve
from cge.results.channels import CHANNELS
from cge.runfile.load import load

HEAD = 'title = "x"\neconomy = "{economy}"\nmodel = "{model}"\n{keys}[elasticities]\n{elasticities}\n'
TRADE = "trade = 5.0\nsigma = 4.0"
CHEAPER = '[[iceberg]]\nimporter = "C1"\nexporter = ["C0", "C2"]\nsector = "*"\ntimes = 0.8\n'
TARIFF = '[[tariff]]\nimporter = "Home"\nexporter = "*"\nsector = "goods"\nadd = 0.1\n'

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a run file (and an economy beside it) and returns its path."""

    def put(
        economy: Any = "mini", model: str = "melitz", keys: str = "intermediates = false\n", elasticities: str = TRADE, shock: str = TARIFF
    ) -> Path:
        if not isinstance(economy, str):
            economy.to_netcdf(tmp_path / "economy.nc")
            economy = "economy.nc"
        text = HEAD.format(economy=economy, model=model, keys=keys, elasticities=elasticities) + shock
        (tmp_path / "case.toml").write_text(text, encoding="utf-8")
        return tmp_path / "case.toml"

    return put


def compared(path: Path, *args: Any) -> Comparison:
    return compare(load(path), solve, *args)


def one_sector(symmetric: bool = False, tariffs: bool = False, transfers: bool = False) -> xr.Dataset:
    """Three countries, one sector, no inputs; balanced trade unless there are transfers."""
    if symmetric:
        flow = np.full((3, 3, 1), 20.0)
        flow[np.arange(3), np.arange(3)] = 100.0
        return dataset(flow)
    return random_economy(np.random.default_rng(3), 3, 1, tariffs=tariffs, transfers=transfers).data


def figures(found: Comparison, statistic: str) -> dict[str, np.ndarray]:
    """A statistic by member's name [country]."""
    return {answer.name: answer.countries[statistic].to_numpy() for answer in found.answers}


# --- theory --------------------------------------------------------------------------------------------------------------------------


def test_one_sector_all_models_have_the_same_gains_from_trade(write: Write) -> None:
    """Arkolakis, Costinot and Rodríguez-Clare (2012): λ_nn^(−1/trade) whatever the model, at the same trade elasticity."""
    found = compared(write(one_sector(), shock=CHEAPER))
    gains = figures(found, "gains_from_trade_pct")
    share = np.diagonal(found.answers[0].case.benchmark.data["trade_share"].values[0])  # type: ignore[union-attr]
    for name in ("armington", "krugman", "melitz"):
        assert_allclose(gains[name], 100 * (1 - share ** (1 / 5)), rtol=1e-10, err_msg=name)
    assert (gains["krugman, same σ"] > gains["melitz"] + 0.01).all()  # a smaller elasticity, larger gains from the same share


def test_one_sector_models_without_selection_answer_alike_and_melitz_differs_through_wages(write: Write) -> None:
    """Melitz' trade share carries wages to the power kσ/(σ − 1) − 1, so that a shock that moves relative wages tells it apart."""
    found = compared(write(one_sector(), shock=CHEAPER), ["armington", "eaton_kortum", "krugman", "melitz"])
    real = figures(found, "real_income_pct")
    for name in ("eaton_kortum", "krugman"):
        assert_allclose(real[name], real["armington"], atol=1e-10, err_msg=name)
    gap = real["melitz"] - real["armington"]
    assert np.abs(gap).min() > 1e-4
    income = figures(found, "income_pct")["armington"]
    assert np.ptp(income) > 0.1  # relative wages do move
    melitz, armington = ({a.name: a.countries for a in found.answers}[name] for name in ("melitz", "armington"))
    channels = melitz.filter(items=CHANNELS) - armington.filter(items=CHANNELS)
    assert_allclose(channels.sum(axis=1), 100 * np.log((100 + real["melitz"]) / (100 + real["armington"])), atol=1e-9)
    assert (np.sign(channels.sum(axis=1)) == np.sign(gap)).all()


def test_symmetric_countries_all_models_answer_alike(write: Write) -> None:
    """Trade costs of all alike fall: relative wages stay, and so Melitz joins the others."""
    fall = '[[iceberg]]\nimporter = "*"\nexporter = "*"\nsector = "*"\ntimes = 0.8\n'
    real = figures(compared(write(one_sector(symmetric=True), shock=fall)), "real_income_pct")
    for name in ("krugman", "melitz"):
        assert_allclose(real[name], real["armington"], atol=1e-10, err_msg=name)
    assert (real["melitz"] > 1).all()


@pytest.mark.parametrize(("tariffs", "transfers"), [(True, False), (False, True)])
def test_revenue_and_transfers_part_melitz_from_krugman_through_market_size(write: Write, tariffs: bool, transfers: bool) -> None:
    """Spending moves against the cost of entry: `market` is what Krugman does not have, and takes part in the difference."""
    found = compared(write(one_sector(tariffs=tariffs, transfers=transfers), shock=CHEAPER))
    by_name = {answer.name: answer.countries for answer in found.answers}
    assert_allclose(by_name["krugman"]["market_log"], 0, atol=1e-12)
    assert np.abs(by_name["melitz"]["market_log"]).max() > 1e-3
    assert np.abs(by_name["melitz"]["real_income_pct"] - by_name["krugman"]["real_income_pct"]).max() > 1e-4
    assert_allclose(by_name["krugman"]["real_income_pct"], by_name["armington"]["real_income_pct"], atol=1e-10)


def test_a_second_sector_parts_krugman_from_armington_through_entry(write: Write) -> None:
    """The channel has the sign of where firms go: without entry Krugman and Armington would be one model."""
    economy = random_economy(np.random.default_rng(4), 3, 2, tariffs=False, transfers=False).data
    protection = '[[tariff]]\nimporter = "C1"\nexporter = "*"\nsector = "S0"\nset = 0.2\n'
    found = compared(write(economy, shock=protection))
    by_name = {answer.name: answer.countries.set_index("country") for answer in found.answers}
    assert_allclose(by_name["armington"]["entry_log"], 0, atol=1e-12)
    entry = by_name["krugman"]["entry_log"]
    gap = by_name["krugman"]["real_income_pct"] - by_name["armington"]["real_income_pct"]
    assert abs(gap["C1"]) > 1e-3
    assert np.abs(entry).max() > 1e-3


# --- who takes part ------------------------------------------------------------------------------------------------------------------


def who(path: Path, *args: Any) -> list[tuple[str, str]]:
    case = load(path)
    return [(m.keys.get("model", case.model), m.rule) for m in members(case, *args)[0]]


USUAL = [("krugman", "same_elasticity"), ("krugman", "same_sigma"), ("melitz", "same_elasticity")]


def test_the_usual_members(write: Write) -> None:
    assert who(write()) == [("armington", "same_elasticity"), *USUAL]
    assert who(write(model="armington")) == [("armington", "same_elasticity"), *USUAL]
    assert who(write(model="eaton_kortum")) == [("eaton_kortum", "same_elasticity"), *USUAL]


def test_the_run_file_itself_always_takes_part(write: Write) -> None:
    path = write(model="external_economies", elasticities=f"{TRADE}\npsi = 0.1")
    assert who(path)[0] == ("external_economies", "same_elasticity")
    assert who(path, ["armington"]) == [("external_economies", "same_elasticity"), ("armington", "same_elasticity")]


def test_models_can_be_chosen(write: Write) -> None:
    assert who(write(), ["eaton_kortum", "melitz"]) == [("eaton_kortum", "same_elasticity"), ("melitz", "same_elasticity")]


def test_sigma_follows_the_stated_rule_where_none_is_given(write: Write) -> None:
    """k/(σ − 1) = 1.42; Krugman with the same σ has the trade elasticity σ − 1."""
    found = compared(write(model="eaton_kortum", elasticities="trade = 4.25"))
    made = {answer.name: answer.case.exponents for answer in found.answers if answer.case}
    sigma = 1 + 4.25 / SIZE_SHAPE
    assert made["melitz"].parameters["sigma"] == pytest.approx(sigma)
    assert made["krugman, same σ"].trade == pytest.approx(sigma - 1)
    assert made["krugman"].trade == made["melitz"].trade == 4.25
    assert any("1.42" in note for note in found.notes)
    without = compared(write(model="eaton_kortum", elasticities="trade = 4.25"), ["armington"])
    assert not any("melitz" in note for note in without.notes)


def test_sigma_alone_gives_the_trade_elasticity(write: Write) -> None:
    found = compared(write(model="armington", elasticities="sigma = 6.0"))
    made = {answer.name: answer.case.exponents for answer in found.answers if answer.case}
    assert [made[name].trade for name in ("armington", "krugman", "melitz")] == [5.0, 5.0, 5.0]
    assert made["melitz"].parameters["sigma"] == pytest.approx(1 + 5 / SIZE_SHAPE)
    assert any("sigma alone" in note for note in found.notes)


def test_elasticities_by_sector_and_by_set(write: Write) -> None:
    found = compared(write(elasticities="trade = {goods = 5.0, services = 8.0}\nsize_shape = 1.5"))
    made = {answer.name: answer.case.exponents for answer in found.answers if answer.case}
    assert made["krugman, same σ"].trade == pytest.approx({"goods": 5 / 1.5, "services": 8 / 1.5})
    assert made["melitz"].parameters["sigma"] == pytest.approx({"goods": 1 + 5 / 1.5, "services": 1 + 8 / 1.5})


def test_scale_is_for_models_with_free_entry(write: Write) -> None:
    found = compared(write(keys="scale = 0.3\n"))
    scales = {answer.name: answer.case.exponents.scale for answer in found.answers if answer.case}
    assert scales == {"armington": 0.0, "krugman": 0.3, "krugman, same σ": 0.3, "melitz": 0.3}
    made = {answer.name: answer.case.exponents for answer in found.answers if answer.case}
    assert made["melitz"].trade == pytest.approx(5.0)


def test_across_transfers_and_links(write: Write) -> None:
    found = compared(write(keys="scale = 0.3\n"), [], ["transfers", "intermediates"])
    assert len(found.answers) == 4 * 3 * 2
    assert len({answer.name for answer in found.answers}) == 24
    assert {(a.transfers, a.intermediates) for a in found.answers} == {
        (t, i) for t in ("fixed", "zero", "own_share") for i in (True, False)
    }
    for answer in found.answers:
        assert answer.case is not None
        assert (answer.case.transfers, answer.case.intermediates) == (answer.transfers, answer.intermediates)
        for other in against(found, answer).values():
            assert other.transfers == answer.transfers


NAMED = """
[[compare]]
model = "krugman"
scale = 0.5
label = "half"
[[compare]]
model = "krugman"
scale = 0.5
transfers = "zero"
tariff = []
[[compare]]
model = "krugman"
elasticity_rule = "same_sigma"
elasticities = {sigma = 4.0}
"""


def test_tables_of_the_run_file_name_the_members(write: Write) -> None:
    found = compared(write(shock=TARIFF + NAMED))
    assert [(a.name, a.transfers, a.elasticity_rule) for a in found.answers] == [
        ("melitz, transfers fixed", "fixed", "same_elasticity"),
        ("half", "fixed", "same_elasticity"),
        ("krugman, transfers zero", "zero", "same_elasticity"),
        ("krugman, same σ, transfers fixed", "fixed", "same_sigma"),
    ]
    assert found.own == 0
    assert found.answers[1].case.exponents.scale == 0.5  # type: ignore[union-attr]
    assert_allclose(found.answers[2].countries["real_income_pct"], 0, atol=1e-9)  # its shock was taken away


@pytest.mark.parametrize(
    ("table", "words"),
    [
        ('elasticity_rule = "same"', ("compare[0].elasticity_rule", "same_sigma")),
        ("label = 3", ("compare[0].label",)),
        ('model = "krugmann"', ("compare", "krugman")),
        ("modell = 'krugman'", ("compare", "unknown key", "model")),
        ('sweep = {"scale" = [0.1]}', ("compare[0].sweep",)),
    ],
)
def test_bad_tables_are_bad_input(write: Write, table: str, words: tuple[str, ...]) -> None:
    with pytest.raises(RunFileError) as caught:
        compared(write(shock=f"{TARIFF}[[compare]]\n{table}\n"))
    for word in words:
        assert word in str(caught.value)


def test_a_fault_says_which_table_it_is_in(write: Write) -> None:
    tables = '[[compare]]\nmodel = "armington"\n[[compare]]\nname = "retaliation"\nscal = 1.0\n'
    with pytest.raises(RunFileError) as caught:
        compared(write(shock=TARIFF + tables))
    assert [fault.split(":")[0] for fault in caught.value.faults] == ["compare[1].name", "compare[1]"]
    assert "stands under label" in caught.value.faults[0]


def test_unknown_models_and_axes_are_all_named(write: Write) -> None:
    with pytest.raises(RunFileError) as caught:
        compared(write(), ["krugmn"], ["transfer"])
    assert "Did you mean krugman?" in caught.value.faults[0]
    assert "Did you mean transfers?" in caught.value.faults[1]


def test_a_baseline_is_solved_under_every_member(write: Write, tmp_path: Path) -> None:
    """Changes of Krugman are measured from the baseline under Krugman, though the baseline's file says Melitz."""
    base = write()
    base.rename(tmp_path / "base.toml")
    found = compared(write(keys='intermediates = false\nbaseline = "base.toml"\n', shock=TARIFF.replace("0.1", "0.3")))
    assert [answer.outcome.name for answer in found.answers] == ["solved"] * 4
    krugman = {a.name: a for a in found.answers}["krugman"]
    assert krugman.solution is not None
    base_only, both = (compared(write(shock=TARIFF.replace("0.1", rate))) for rate in ("0.1", "0.3"))
    steps = [1 + figures(one, "real_income_pct")["krugman"] / 100 for one in (base_only, both)]
    assert_allclose(krugman.countries["real_income_pct"], 100 * (steps[1] / steps[0] - 1), atol=1e-8)


# --- refused members -----------------------------------------------------------------------------------------------------------------


FRAGILE = random_economy(np.random.default_rng(33), 3, 3, inputs=0.65).data
"""Much of cost is inputs: at full scale its benchmark is unstable under Krugman and Melitz."""


def test_a_refused_member_has_empty_values_and_its_reason(write: Write) -> None:
    """Armington, whose file it is, is solved."""
    path = write(FRAGILE, model="armington", keys="", shock=CHEAPER)
    found = compared(path)
    outcomes = {answer.name: answer.outcome.name for answer in found.answers}
    assert outcomes["armington"] == "solved"
    refused = [answer for answer in found.answers if answer.outcome.name == "unstable"]
    assert refused
    table = tidy(found)
    for answer in refused:
        assert answer.countries.drop(columns="country").isna().all(axis=None)
        assert table.loc[table["member"] == answer.name, "value"].isna().all()
        assert "Refused" in answer.outcome.sentence


def test_a_model_that_cannot_be_made_of_the_file_says_why(write: Write) -> None:
    """A fixed-cost shock plays no role but under Melitz."""
    shock = '[[fixed_cost]]\nimporter = "Home"\nexporter = "*"\nsector = "goods"\ntimes = 1.2\n'
    found = compared(write(shock=shock))
    for answer in found.answers:
        if answer.model == "melitz":
            assert answer.outcome.solved
        else:
            assert answer.outcome.name == "bad_input"
            assert "plays no role" in answer.outcome.sentence


# --- the command ---------------------------------------------------------------------------------------------------------------------


def invoke(*args: object) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, [str(arg) for arg in args])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout, result.stderr


def test_the_output_folder(write: Write, tmp_path: Path) -> None:
    status, out, err = invoke("compare", write(), "--out", tmp_path / "out")
    assert (status, err) == (0, "")
    folder = tmp_path / "out"
    assert sorted(p.name for p in folder.iterdir()) == ["comparison.csv", "comparison.nc", "comparison_groups.csv", "summary.json"]
    with (folder / "comparison.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0])[:7] == [
        "country",
        "model",
        "elasticity_rule",
        "transfers",
        "intermediates",
        "statistic",
        "value",
    ]  # programs count on their places
    assert list(rows[0])[7:] == ["member", "scenario", "mobility"]
    assert list(dict.fromkeys(row["country"] for row in rows)) == ["Home", "North", "South"]
    summary = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    assert [m["name"] for m in summary["members"]] == ["armington", "krugman", "krugman, same σ", "melitz"]
    assert all(m["residual"] <= 1e-10 for m in summary["members"])
    for words in ("Real income, change in %", "Gains from trade", "Extra gain", "melitz less krugman", "World"):
        assert words in out
    with xr.open_dataset(folder / "comparison.nc") as data:
        for row in rows:
            cell = data[row["statistic"]].sel(member=row["member"], country=row["country"]).item()
            assert (row["value"] == "" and np.isnan(cell)) or float(row["value"]) == cell
        assert list(data["elasticity_rule"].values) == ["same_elasticity", "same_elasticity", "same_sigma", "same_elasticity"]


TWO_SHOCKS = (
    '[[compare]]\nlabel = "both"\ntariff = [{importer = "Home", exporter = "*", sector = "goods", add = 0.1}, '
    '{importer = "North", exporter = "Home", sector = "goods", add = 0.2}]\n'
)


def test_what_each_member_changes_is_said(write: Write, tmp_path: Path) -> None:
    """On the screen, in the summary and on the page; where all change the same it is not repeated."""
    alone = "Home: the tariff on imports of goods from every country rises by 10 percentage points."
    more = "North: the tariff on imports of goods from Home rises by 20 percentage points."
    path, out = write(model="armington", elasticities="trade = 5.0", shock=TARIFF + TWO_SHOCKS), tmp_path / "out"
    _, text, _ = invoke("compare", path, "--out", out)
    assert f"armington: {alone}\nboth: {alone} {more}\n" in text
    members = json.loads((out / "summary.json").read_text(encoding="utf-8"))["members"]
    assert [member["changes"] for member in members] == [[alone], [alone, more]]
    results = read_back(out)
    assert COMPARISON.asks(results.run_file) == [alone, f"Table 1 of [[compare]] (both) instead: {alone} {more}"]
    assert [row["Changes"] for row in verdict(results).members] == [alone, f"{alone} {more}"]
    _, text, _ = invoke("compare", write(), "--out", out)
    assert alone not in text
    assert "Changes" not in verdict(read_back(out)).members[0]


def test_every_member_says_what_its_own_run_says(write: Write, tmp_path: Path) -> None:
    invoke("compare", write(), "--out", tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "comparison.csv")
    alone = {
        "armington": {"model": "armington"},
        "krugman": {"model": "krugman"},
        "krugman, same σ": {"model": "krugman", "elasticities": "sigma = 4.0"},
        "melitz": {"model": "melitz"},
    }
    for name, keys in alone.items():
        invoke("run", write(**keys), "--out", tmp_path / "run")
        invoke("gains", write(**keys), "--out", tmp_path / "gains")
        own = table[table["member"] == name].pivot(index="country", columns="statistic", values="value")
        welfare, gains = (pd.read_csv(tmp_path / f).set_index("country") for f in ("run/welfare.csv", "gains/gains.csv"))
        for statistic in welfare.columns:
            assert_allclose(own[statistic], welfare[statistic], atol=1e-9, err_msg=f"{name} {statistic}")
        assert_allclose(own["gains_from_trade_pct"], gains["gains_from_trade_pct"], atol=1e-9)


def test_extra_gains_are_ratios_of_real_income(write: Write, tmp_path: Path) -> None:
    invoke("compare", write(), "--out", tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "comparison.csv")
    real = table[table["statistic"] == "real_income_pct"].pivot(index="country", columns="member", values="value")
    extra = table[(table["member"] == "melitz") & (table["statistic"] == "extra_over_krugman_same_sigma_pct")].set_index("country")["value"]
    ratio = (1 + real["melitz"] / 100) / (1 + real["krugman, same σ"] / 100)
    assert_allclose(extra.loc[ratio.index], 100 * (ratio - 1), atol=1e-10)


def test_json_is_the_summary(write: Write, tmp_path: Path) -> None:
    status, out, _ = invoke("compare", write(), "--json", "--out", tmp_path / "out")
    assert status == 0
    assert json.loads(out) == json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))


def test_options_of_the_command(write: Write, tmp_path: Path) -> None:
    status, _, _ = invoke("compare", write(), "--models", "armington, melitz", "--across", "models,transfers", "--out", tmp_path / "out")
    assert status == 0
    table = pd.read_csv(tmp_path / "out" / "comparison.csv")
    assert set(table["model"]) == {"armington", "melitz"}
    assert set(table["transfers"]) == {"fixed", "zero", "own_share"}
    assert set(table["intermediates"]) == {False}


def test_more_than_six_members_stand_in_one_table_for_each_rule(write: Write, tmp_path: Path) -> None:
    _, out, _ = invoke("compare", write(), "--across", "transfers", "--out", tmp_path / "out")
    assert out.count("Real income, change in %") == 3


@pytest.mark.slow
def test_status_is_that_of_the_run_file_itself(write: Write, tmp_path: Path) -> None:
    """Where a member is refused the command succeeds; where the run file itself is, it fails."""
    status, out, _ = invoke("compare", write(FRAGILE, model="armington", keys="", shock=CHEAPER), "--out", tmp_path / "out")
    assert status == 0
    assert "melitz: Refused" in out
    status, _, err = invoke("compare", write(FRAGILE, model="krugman", keys="", shock=CHEAPER), "--out", tmp_path / "out")
    assert status == 1
    assert "No equilibrium near the benchmark" in err
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["diagnosis.json"]


def test_bad_options_leave_nothing_behind(write: Write, tmp_path: Path) -> None:
    status, _, err = invoke("compare", write(), "--models", "krugmn", "--out", tmp_path / "out")
    assert status == 2
    assert "Did you mean krugman?" in err
    assert not (tmp_path / "out").exists()


def test_an_economy_without_inputs_has_none_in_any_member(write: Write) -> None:
    """`intermediates` is what entered the solution; what the run file would have kept, had there been any, tells no members apart."""
    path = write(one_sector(), keys="", shock=CHEAPER)
    found = compared(path, ["krugman"], ["intermediates"])
    assert [(answer.name, answer.intermediates) for answer in found.answers] == [
        ("melitz", False), ("krugman", False), ("krugman, same σ", False),
    ]  # fmt: skip
    assert "no input-output links" in found.notes[-1]
    text = path.read_text(encoding="utf-8") + '[[compare]]\nmodel = "krugman"\n[[compare]]\nmodel = "krugman"\nintermediates = false\n'
    path.write_text(text, encoding="utf-8")
    assert [answer.name for answer in compared(path).answers] == ["melitz", "krugman", "krugman (2)"]


def test_a_file_on_top_of_another_is_compared_and_solved_in_levels(write: Write, tmp_path: Path) -> None:
    """Every member stands on the other file under its own model; changes and levels agree."""
    write(model="armington").rename(tmp_path / "first.toml")
    second = TARIFF.replace('"Home"', '"South"').replace("0.1", "0.3")
    keys = 'intermediates = false\non_top_of = "first.toml"\n'
    found = compared(write(model="armington", keys=keys, shock=second), ["krugman"])
    first = compared(tmp_path / "first.toml", ["krugman"])
    whole = compared(write(model="armington", shock=TARIFF + second), ["krugman"])
    for name, value in figures(whole, "real_income_pct").items():
        parts = [1 + figures(one, "real_income_pct")[name] / 100 for one in (first, found)]
        assert_allclose(100 * (parts[0] * parts[1] - 1), value, rtol=0, atol=1e-7, err_msg=name)
    solution = solve(load(write(model="armington", keys=f'method = "levels"\n{keys}', shock=second)))
    assert solution.levels_vs_hat is not None
    assert solution.levels_vs_hat < 1e-8
