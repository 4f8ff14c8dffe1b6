"""`cge policy` end to end: what is written, what is said, what is refused, and what an interruption leaves."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import ARMINGTON, HEAD, MELITZ, TARIFF, invoke, names, put

from cge.questions.policy.answer import write_policy
from cge.questions.policy.asked import faults, read
from cge.questions.policy.work import Worker, journal_of, searches_kept, signature
from cge.runfile.load import load
from cge.solve.policy import searches

BEST = ARMINGTON + '[policy]\nquestion = "best"\nplayer = "Home"\n'
WAR = ARMINGTON + '[policy]\nquestion = "war"\nplayers = "*"\nrates = "free"\n'

POLICY = "player,partner,sector,instrument,rate_benchmark,rate,at_bound,derivative,trade_benchmark,trade,country"
PLAYERS = "player,real_income_pct,gain_from_policy_pp,rate_median_pct,rate_mean_weighted_pct,revenue_share_pct,epsilon_pp,starts,optima"


def asked(folder: Path, text: str, *more: str) -> tuple[dict[str, object], Path]:
    """What summary.json says of rates, and the folder."""
    out = folder / "out"
    status, _, said = invoke("policy", put(folder, text), "--out", out, *more)
    assert status == 0, said
    return json.loads((out / "summary.json").read_text(encoding="utf-8"))["policy"], out


def test_the_folder_is_that_of_a_run_with_who_sets_what(tmp_path: Path) -> None:
    said, out = asked(tmp_path, BEST)
    run = tmp_path / "run"
    assert invoke("run", put(tmp_path, ARMINGTON, "plain.toml"), "--out", run)[0] == 0
    assert names(out) == sorted([*names(run), "players.csv", "policy.csv"])
    policy, players = (pd.read_csv(out / f"{name}.csv", keep_default_na=False) for name in ("policy", "players"))
    assert ",".join(policy) == POLICY
    assert ",".join(players) == PLAYERS
    welfare = pd.read_csv(out / "welfare.csv").set_index("country")
    assert players["real_income_pct"][0] == pytest.approx(welfare.loc["Home", "real_income_pct"], abs=1e-8)
    assert (said["question"], said["players"], said["starts"], len(said["optima"])) == ("best", ["Home"], 2, 1)
    assert said["derivative"] < 1e-5
    assert said["deviation_pp"] <= 1e-6
    assert said["cold_residual"] <= 1e-10
    assert (policy["player"] == "Home").all()
    assert (policy["trade_benchmark"] > 0).all()
    assert np.abs(policy["derivative"]).max() < 1e-5
    flows = pd.read_csv(out / "flows.csv").set_index(["exporter", "importer", "sector"])
    row = policy.iloc[0]
    assert flows.loc[(row["partner"], "Home", row["sector"]), "counterfactual"] == pytest.approx(row["trade"], rel=1e-9)


def test_a_war_says_what_each_could_gain_and_that_transfers_are_none(tmp_path: Path) -> None:
    out = tmp_path / "out"
    status, shown, _ = invoke("policy", put(tmp_path, WAR), "--out", out)
    assert status == 0
    assert "Cost of the war" in shown
    assert "Transfers are zero in questions of rates" in shown
    assert "Certificate: " in shown
    players = pd.read_csv(out / "players.csv")
    assert (players["epsilon_pp"] <= 1e-3).all()
    assert players["real_income_pct"].min() < 0
    assert (players["gain_from_policy_pp"] > 0).all()


def test_a_star_is_everybody_who_is_not_named(tmp_path: Path) -> None:
    said, _ = asked(tmp_path, WAR.replace('players = "*"', 'players = ["North", "*"]'))
    assert said["players"] == ["North", "Home", "South"]


def test_transfers_that_are_fixed_are_repriced_and_that_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, out = 'transfers = "fixed"\n', tmp_path / "out"
    assert "a war reprices them" in invoke("policy", put(tmp_path, kept + BEST), "--out", out)[1]
    monkeypatch.setattr("cge.solve.policy.search.PATIENCE", -1)
    status, _, said = invoke("policy", put(tmp_path, kept + WAR), "--out", out)
    assert status == 1
    assert 'Try transfers = "zero".' in said
    assert not journal_of(out).exists()
    assert names(out) == ["diagnosis.json"]


@pytest.mark.parametrize(
    "weights", [pytest.param("incomes", marks=pytest.mark.slow), "bargain", pytest.param("weights.csv", marks=pytest.mark.slow)]
)
def test_an_agreement_is_told_against_the_war(tmp_path: Path, weights: str) -> None:
    put(tmp_path, "country,weight\nHome,2\nNorth,1\nSouth,1\n", "weights.csv")
    text = WAR.replace('"war"', '"agree"') + f'weights = "{weights}"\nupper = 1.0\n'
    said, out = asked(tmp_path, text)
    players = pd.read_csv(out / "players.csv")
    assert sum(said["weights"].values()) == pytest.approx(1)
    if weights == "incomes":
        assert pd.read_csv(out / "policy.csv")["rate"].max() < 1e-4  # free trade, at scale zero
    if weights == "bargain":
        assert said["losers"] == []
        assert (players["gain_from_policy_pp"] > 0).all()
    assert said["losers"] == players.loc[players["gain_from_policy_pp"] < -1e-6, "player"].tolist()


def test_retaliation_answers_the_shock_of_the_file(tmp_path: Path) -> None:
    said, out = asked(tmp_path, TARIFF.join([ARMINGTON, '[policy]\nquestion = "retaliate"\nplayers = ["North", "South"]\n']))
    policy = pd.read_csv(out / "policy.csv")
    assert set(policy["player"]) == {"North", "South"}
    assert len(said["players"]) == 2
    flows = pd.read_csv(out / "welfare.csv").set_index("country")
    assert flows.loc["Home", "average_tariff_new"] > flows.loc["Home", "average_tariff"]


def test_bounds_of_a_file_bind_and_are_named(tmp_path: Path) -> None:
    put(tmp_path, "player,partner,sector,lower,upper\nHome,*,goods,0,0.05\n*,*,*,0,2\n", "bounds.csv")
    _, out = asked(tmp_path, BEST + 'upper = "bounds.csv"\nlower = "bounds.csv"\n')
    policy = pd.read_csv(out / "policy.csv", keep_default_na=False)
    goods = policy[policy["sector"] == "goods"]
    assert (goods["rate"] == 0.05).all()
    assert (goods["at_bound"] == "upper").all()
    assert (goods["derivative"] > 0).all()


def test_political_weights_shelter_an_industry(tmp_path: Path) -> None:
    put(tmp_path, "country,sector,weight\n*,goods,1.4\n", "favour.csv")
    _, plain = asked(tmp_path, BEST)
    rate = pd.read_csv(plain / "policy.csv").groupby("sector")["rate"].mean()
    _, bent = asked(tmp_path, BEST + 'weights = "favour.csv"\n')
    assert pd.read_csv(bent / "policy.csv").groupby("sector")["rate"].mean()["goods"] > rate["goods"] + 0.02


def test_a_union_plays_as_one(tmp_path: Path) -> None:
    text = ARMINGTON.replace("[elasticities]", '[groups]\nUnion = ["North", "South"]\n[elasticities]')
    _, out = asked(tmp_path, text + '[policy]\nquestion = "best"\nplayer = "Union"\nrates = "uniform"\n')
    policy = pd.read_csv(out / "policy.csv")
    assert set(policy["partner"]) == {"Home"}
    assert set(policy["country"]) == {"North", "South"}
    assert policy["rate"].nunique() == 1
    groups, players = pd.read_csv(out / "groups.csv").set_index("country"), pd.read_csv(out / "players.csv")
    assert players["real_income_pct"][0] == pytest.approx(groups.loc["Union", "real_income_pct"], abs=1e-8)


WRONG = {
    "": 'has no table [policy]; write one with question = "best"',
    'question = "worst"\nplayer = "Home"': 'policy.question: "worst" is not allowed. Give one of best, war, retaliate, agree, revenue',
    'question = "best"': "policy.player: is missing. Give a country or a group",
    'question = "best"\nplayers = ["Home"]': "policy.players: is not of this question; give player",
    'question = "best"\nplayer = "Hone"': "policy.player: no country or group Hone. Did you mean Home?",
    'question = "war"\nplayers = ["Home", "Home"]': "policy.players: Home would play twice",
    'question = "best"\nplayer = "Home"\nrates = "each"': 'policy.rates: "each" is not allowed',
    'question = "best"\nplayer = "Home"\nsectors = ["good"]': "policy.sectors: no sector good. Did you mean goods?",
    'question = "best"\nplayer = "Home"\npartners = ["!North", "!South", "!Home"]': "policy.partners:",
    'question = "best"\nplayer = "Home"\nlower = 0.5\nupper = 0.2': "policy.lower: is above upper somewhere",
    'question = "best"\nplayer = "Home"\nlower = -0.2': "policy.lower: below zero, rates are subsidies; write subsidies = true",
    'question = "best"\nplayer = "Home"\nlower = -2.0': "policy.lower: -2.0 is not allowed. Give a rate above -1",
    'question = "best"\nplayer = "Home"\nupper = "bound.csv"': "policy.upper: no file",
    'question = "best"\nplayer = "Home"\nweights = "bargain"': "policy.weights: bargain is of agreements",
    'question = "agree"\nplayers = "*"\nweights = "even_gains"': "policy.weights: even_gains is no rule and no csv. Did you mean equal_gains?",
    'question = "best"\nplayer = "Home"\nstarts = 0': "policy.starts: 0 is not allowed. Give a whole number from 1",
    'question = "best"\nplayer = "Home"\nseed = 0': "policy.seed: unknown key `seed`",
}


@pytest.mark.parametrize("keys", WRONG)
def test_what_is_wrong_is_said(tmp_path: Path, keys: str) -> None:
    path, out = put(tmp_path, ARMINGTON + (f"[policy]\n{keys}\n" if keys else "")), tmp_path / "out"
    status, _, said = invoke("policy", path, "--out", out)
    assert status == 2
    assert WRONG[keys] in said
    assert not out.exists()
    assert invoke("check", path)[0] == (2 if keys else 0)


def test_all_faults_of_the_table_are_told_at_once(tmp_path: Path) -> None:
    text = '[policy]\nquestion = "best"\nplayer = "Hone"\nsectors = "good"\nupper = "no.csv"\n'
    assert len(faults(load(put(tmp_path, ARMINGTON + text)))) == 3
    for named in ('player = "Hone"', 'players = ["Home", "Hone"]'):  # with a question that nobody knows, too
        said = faults(load(put(tmp_path, ARMINGTON + f'[policy]\nquestion = "bets"\n{named}\nrates = "each"\n')))
        assert [fault.split(":")[0] for fault in said] == ["policy.question", "policy.rates", f"policy.{named.split()[0]}"]


def test_a_player_who_buys_nothing_of_it_is_named(tmp_path: Path) -> None:
    closed = '[[iceberg]]\nimporter = "Home"\nexporter = "*"\nsector = "goods"\ntimes = inf\n'
    status, _, said = invoke(
        "policy", put(tmp_path, ARMINGTON + closed + '[policy]\nquestion = "best"\nplayer = "Home"\nsectors = "goods"\n')
    )
    assert status == 2
    assert "policy: Home buys nothing abroad of what the rates are laid on" in said


def test_all_that_is_wrong_with_weights_is_said_at_once(tmp_path: Path) -> None:
    put(tmp_path, "country,weight\nHome,2\nHome,3\nNorth,x\nNorth,1\nSuoth,1\n", "weights.csv")
    said = faults(load(put(tmp_path, ARMINGTON + '[policy]\nquestion = "agree"\nplayers = "*"\nweights = "weights.csv"\n')))
    words = (
        "Home stands there 2",
        "North stands there 2",
        "row 4: weight 'x' of North is not",
        "Did you mean South?",
        "no weight for South",
    )
    assert len(said) == len(words)
    assert all(word in fault for word, fault in zip(words, said, strict=True))


@pytest.mark.slow
def test_scale_one_begins_from_eight_rates_and_says_what_it_is(tmp_path: Path) -> None:
    said, out = asked(tmp_path, MELITZ + '[policy]\nquestion = "war"\nplayers = "*"\nrates = "uniform"\n')
    assert said["starts"] == 8
    assert said["kinks"]
    assert (pd.read_csv(out / "players.csv")["epsilon_pp"] < 0.01).all()


def test_an_answer_that_does_not_stand_its_trial_is_no_answer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cge.solve.policy.answer.REFUSED", -1.0)
    out = tmp_path / "out"
    status, _, said = invoke("policy", put(tmp_path, BEST), "--out", out)
    assert status == 1
    assert "No answer: a deviation gains" in said
    assert names(out) == ["diagnosis.json"]


def test_an_interrupted_question_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case, out = load(put(tmp_path, BEST + "starts = 3\n")), tmp_path / "out"
    made: list[str] = []
    real = searches.search

    def counted(one: searches.Search, tell: Callable[[int, float], None]) -> searches.Found:
        if len(made) == 2:
            made.append("interrupted")
            raise KeyboardInterrupt
        made.append(one.name)
        return real(one, tell)

    monkeypatch.setattr("cge.questions.policy.work.search", counted)
    with pytest.raises(KeyboardInterrupt):
        write_policy(case, out)
    assert not out.exists()
    assert journal_of(out).is_file()
    found = write_policy(case, out)
    assert made == ["real income, start 1 of 3", "real income, start 2 of 3", "interrupted", "real income, start 3 of 3"]
    assert not journal_of(out).exists()
    fresh = write_policy(case, tmp_path / "other")
    assert (found.answer.rates == fresh.answer.rates).all()
    other = searches_kept(journal_of(out), signature(read(load(put(tmp_path, BEST)))))
    assert other.known == {}


@pytest.mark.slow
def test_searches_in_processes_find_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    case = load(put(tmp_path, BEST + "starts = 5\n"))
    here = write_policy(case, tmp_path / "here")
    monkeypatch.setattr("cge.questions.policy.work.SMALL", 0)
    asked_for = read(case)
    journal = searches_kept(tmp_path / "journal", signature(asked_for))
    from cge.questions.policy.answer import answered

    there = answered(asked_for, Worker(journal, processors=2))
    assert (here.answer.rates == there.rates).all()
    assert len(journal.known) == 5


def test_json_is_the_summary(tmp_path: Path) -> None:
    status, printed, _ = invoke("policy", put(tmp_path, HEAD + BEST.removeprefix(HEAD)), "--out", tmp_path / "out", "--json")
    assert status == 0
    assert json.loads(printed)["policy"]["question"] == "best"


def test_levels_confirm_the_best_rates(tmp_path: Path) -> None:
    said, out = asked(tmp_path, 'method = "levels"\n' + BEST)
    assert 0 <= said["levels_vs_hat"] <= 1e-6
    assert json.loads((out / "summary.json").read_text(encoding="utf-8"))["levels_vs_hat"] <= 1e-6
    status, _, told = invoke("policy", put(tmp_path, 'method = "levels"\n' + WAR))
    assert status == 2
    assert 'method: levels finds rates of question = "best" alone' in told
    status, _, told = invoke("policy", put(tmp_path, 'method = "levels"\n' + BEST + 'instrument = "both"\n'))
    assert status == 2
    assert 'with instrument = "tariff"' in told


# --- export taxes ------------------------------------------------------------------------------------------------------------------------


def test_both_instruments_end_to_end(tmp_path: Path) -> None:
    """Each flow of each instrument has its row, with the rate of the data and the trade that bears it; the page tells them apart."""
    put(tmp_path, TARIFF_ON_EXPORTS, "case.toml")
    status, shown, said = invoke("policy", put(tmp_path, TARIFF_ON_EXPORTS + BOTH), "--out", tmp_path / "out")
    assert status == 0, said
    assert "Lerner" in shown
    assert "Its rates on what it buys and sells most of" in shown
    out = tmp_path / "out"
    policy = pd.read_csv(out / "policy.csv", keep_default_na=False)
    assert ",".join(policy) == POLICY
    tariff, tax = (policy[policy["instrument"] == name] for name in ("tariff", "export_tax"))
    assert len(tariff) == len(tax) == 4
    assert (policy["country"] == "Home").all()
    assert tax["rate"].min() == 0
    assert (tax.loc[tax["rate"] == 0, "at_bound"] == "lower").all()
    assert (tariff["rate"] > 0.1).all()
    assert np.abs(policy["derivative"]).max() < 1e-5
    flows = pd.read_csv(out / "flows.csv").set_index(["exporter", "importer", "sector"])["counterfactual"]
    for rows, pair in ((tariff, lambda row: (row["partner"], "Home")), (tax, lambda row: ("Home", row["partner"]))):
        for row in rows.to_dict("records"):
            assert flows[(*pair(row), row["sector"])] == pytest.approx(row["trade"], rel=1e-9)
    assert (tax["rate_benchmark"] == 0).all()
    answered = json.loads((out / "summary.json").read_text(encoding="utf-8"))["policy"]
    assert (answered["instrument"], len(answered["optima"])) == ("both", 1)
    assert answered["deviation_pp"] <= 1e-6
    welfare = pd.read_csv(out / "welfare.csv").set_index("country").loc["Home"]
    share = (welfare["tariff_revenue"] + welfare["export_tax_revenue"]) / answered_income(out)
    assert pd.read_csv(out / "players.csv")["revenue_share_pct"][0] == pytest.approx(100 * share, rel=1e-8)
    assert invoke("report", out)[0] == 0
    page = (out / "report.html").read_text(encoding="utf-8")
    assert "Which tariffs and export taxes are best for Home?" in page
    assert '"Home, export taxes"' in page


TARIFF_ON_EXPORTS = ARMINGTON + '[[export_tax]]\nexporter = "Home"\nimporter = "*"\nsector = "goods"\nset = 0.05\n'
BOTH = '[policy]\nquestion = "best"\nplayer = "Home"\nrates = "sector"\ninstrument = "both"\n'


def answered_income(out: Path) -> float:
    """What Home has to spend at the solution, money."""
    import xarray as xr

    with xr.open_dataset(out / "solution.nc", group="solution") as found:
        return float(found["income"].sel(country="Home"))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("head", "question"),
    [
        (ARMINGTON, 'question = "war"\nplayers = "*"\n'),
        (ARMINGTON, 'question = "retaliate"\nplayers = ["North", "South"]\n'),
        (ARMINGTON, 'question = "revenue"\nplayer = "South"\n'),
        (ARMINGTON, 'question = "agree"\nplayers = "*"\nweights = "bargain"\nupper = 1.0\n'),
        (MELITZ, 'question = "best"\nplayer = "Home"\n'),
    ],
    ids=["war", "retaliate", "revenue", "agree", "kinks"],
)
@pytest.mark.parametrize("instrument", ["export_tax", "both"])
def test_every_question_may_be_asked_of_export_taxes(tmp_path: Path, head: str, question: str, instrument: str) -> None:
    said, out = asked(tmp_path, f'{head}[policy]\n{question}rates = "partner"\ninstrument = "{instrument}"\n')
    policy = pd.read_csv(out / "policy.csv")
    tools = {"export_tax"} if instrument == "export_tax" else {"tariff", "export_tax"}
    assert set(policy["instrument"]) == tools
    if '"bargain"' in question:  # over a war: near free trade, and better for all
        assert said["losers"] == []
    else:
        assert policy["rate"].max() > 0.02
    if head == ARMINGTON:
        assert said["derivative"] < 1e-4
        assert said["epsilon_pp"] <= 1e-3


def test_bounds_of_export_taxes_are_by_player_and_partner(tmp_path: Path) -> None:
    put(tmp_path, "player,partner,sector,upper\nHome,North,*,0.01\n", "bindings.csv")
    _, out = asked(tmp_path, BEST + 'rates = "free"\ninstrument = "export_tax"\nupper = "bindings.csv"\n')
    policy = pd.read_csv(out / "policy.csv", keep_default_na=False).set_index("partner")
    assert (policy.loc["North", "rate"] == 0.01).all()
    assert (policy.loc["North", "at_bound"] == "upper").all()
    assert (policy.loc["South", "rate"] > 0.05).all()


def test_a_group_lays_on_one_instrument(tmp_path: Path) -> None:
    """Both are refused by name; either is answered."""
    group = ARMINGTON + '[groups]\nPair = ["Home", "South"]\n[policy]\nquestion = "best"\nplayer = "Pair"\ninstrument = '
    status, _, told = invoke("policy", put(tmp_path, group + '"both"\n'), "--out", tmp_path / "none")
    assert status == 2
    assert "policy.instrument: both is of countries; of a group (Pair)" in told
    assert not (tmp_path / "none").exists()
    _, out = asked(tmp_path, group + '"export_tax"\n')
    policy = pd.read_csv(out / "policy.csv")
    assert set(policy["country"]) == {"Home", "South"}
    assert set(policy["partner"]) == {"North"}
    assert policy.groupby("sector")["rate"].agg(np.ptp).max() == 0


def test_subsidies_to_exports_where_they_are_allowed(tmp_path: Path) -> None:
    text = ARMINGTON + BOTH + "lower = -0.2\n"
    status, _, told = invoke("policy", put(tmp_path, text))
    assert status == 2
    assert "subsidies = true" in told
    _, out = asked(tmp_path, "subsidies = true\n" + text)
    policy = pd.read_csv(out / "policy.csv")
    assert policy.loc[policy["instrument"] == "export_tax", "rate"].min() == -0.2


# --- many of them ------------------------------------------------------------------------------------------------------------------------

EVERY = (
    HEAD
    + 'model = "eaton_kortum"\nintermediates = false\n[elasticities]\ntrade = 5.0\nsigma = 4.0\n[policy]\nquestion = "best"\nplayer = "Home"\n'
)


@pytest.mark.slow
def test_the_best_tariff_under_each_model(tmp_path: Path) -> None:
    """Every member answers the question itself; its rates stand among its statistics."""
    out = tmp_path / "out"
    status, shown, said = invoke("compare", put(tmp_path, EVERY), "--out", out)
    assert status == 0, said
    assert "Rates that are chosen: mean weighted by trade, %" in shown
    table = pd.read_csv(out / "comparison.csv", dtype={"member": str})
    rate = table[(table["statistic"] == "rate_mean_weighted_pct") & (table["country"] == "Home")].set_index("member")["value"]
    assert list(rate.index) == ["eaton_kortum", "krugman", "krugman, same σ", "melitz"]
    assert (table["transfers"] == "zero").all()
    for member, text in {"eaton_kortum": EVERY, "melitz": EVERY.replace("eaton_kortum", "melitz")}.items():
        alone = tmp_path / member
        assert invoke("policy", put(tmp_path, text, f"{member}.toml"), "--out", alone)[0] == 0
        assert rate[member] == pytest.approx(pd.read_csv(alone / "players.csv")["rate_mean_weighted_pct"][0], rel=1e-6)
    others = table[(table["statistic"] == "rate_mean_weighted_pct") & (table["country"] != "Home")]
    assert others["value"].isna().all()


@pytest.mark.slow
def test_the_best_tariff_under_draws_has_bands(tmp_path: Path) -> None:
    """Draws and kinds of rates together; a rate for each sector is worth at least as much as one for all, draw by draw."""
    swept = '[sweep]\n"policy.rates" = ["uniform", "sector"]\n[sweep.draws]\nn = 4\nstandard_error = 0.5\n'
    out = tmp_path / "out"
    status, _, said = invoke("sweep", put(tmp_path, EVERY + swept), "--out", out)
    assert status == 0, said
    bands = pd.read_csv(out / "bands.csv", keep_default_na=False)
    rate = bands[(bands["statistic"] == "rate_mean_weighted_pct") & (bands["country"] == "Home")]
    assert len(rate) == 2
    assert (pd.to_numeric(rate["p05"]) < pd.to_numeric(rate["p95"])).all()
    more = bands[(bands["statistic"] == "real_income_pct_difference") & (bands["country"] == "Home")]
    assert (pd.to_numeric(more["p05"]) >= -1e-9).all()


def test_a_technology_is_solved_first(tmp_path: Path) -> None:
    """Two countries alike, written by hand: both set the same rate, and lose the same."""
    world = (Path(__file__).resolve().parents[2] / "runs" / "technology" / "two-countries.toml").read_text(encoding="utf-8")
    put(tmp_path, world, "world.toml")
    text = 'title = "War"\ntechnology = "world.toml"\nmodel = "armington"\n[elasticities]\ntrade = 5.0\n[policy]\nquestion = "war"\nplayers = "*"\n'
    _, out = asked(tmp_path, text)
    players = pd.read_csv(out / "players.csv")
    assert players["rate_median_pct"][0] == pytest.approx(players["rate_median_pct"][1], rel=1e-5)
    assert (players["real_income_pct"] < 0).all()
