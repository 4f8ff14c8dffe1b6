"""The first screen of comparisons, gains, derivatives and sweeps says what their tables say, and the terminal what the page says."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from commands import invoke
from outputs import OUTPUTS, read_back

from cge.questions.sweep.store import open_store
from cge.tell.answer import Answer, At, gains, ranged, ranged_money, shifts, span, within_sentences
from cge.tell.digits import sized

Output = Callable[[str], Path]


def first(folder: Path) -> Answer:
    """What the page of a folder says first."""
    results = read_back(folder)
    answer = results.question.answer(results)
    assert answer is not None
    return answer


def percent(value: float) -> str:
    return f"{sized(value, plus=True, minus='−')} %"


# --- words ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ((0.0, 0.0), "keeps its real income"),
        ((0.2, 0.2), "gains 0.20 % of real income"),
        ((0.2, 0.1), "gains 0.10 % (b) to 0.20 % (a) of real income"),
        ((-0.2, -0.1), "loses 0.10 % (b) to 0.20 % (a) of real income"),
        ((-0.2, 0.1), "ends between a loss of 0.20 % (a) and a gain of 0.10 % (b) of real income"),
        ((0.0, 0.1), "gains 0 % (a) to 0.10 % (b) of real income"),
        ((-1e-6, -0.1), "loses almost nothing (a) to 0.10 % (b) of real income"),
        ((float("nan"), 0.1), "gains 0.10 % of real income"),
        ((float("nan"), float("nan")), "has no number for real income"),
    ],
)
def test_what_is_gained_from_the_least_to_the_most(values: tuple[float, float], says: str) -> None:
    assert gains(span([At(values[0], "a"), At(values[1], "b")])) == says


def test_what_is_added() -> None:
    assert shifts(span([At(-0.6), At(-0.5)]), "France") == "takes 0.50 to 0.60 percentage points from France"
    assert shifts(span([At(0.5), At(0.5)]), "France") == "brings France 0.50 percentage points"
    assert shifts(span([At(-0.1), At(0.2)]), "France") == "moves France by −0.10 to +0.20 percentage points"
    assert shifts(span([At(0.0)]), "France") == "changes nothing for France"


def test_both_ends_of_a_range_have_one_unit() -> None:
    assert ranged(span([At(-0.1), At(0.25)]), "%") == "−0.10 to +0.25 %"
    assert ranged(span([At(-1e-6), At(0.25)]), "%") == "almost 0 to +0.25 %"
    assert ranged_money(span([At(-500.0), At(26774.0)]), "million USD") == "−0.500 to +26.8 billion USD"


def test_sectors_stand_in_a_sentence() -> None:
    words = {"a": "Manufacture of food products; beverages", "b": "Fishing", "c": "IT services"}
    assert list(within_sentences(words).values()) == ["food products, beverages", "fishing", "IT services"]


# --- every kind of folder ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [kind for kind in OUTPUTS if kind != "hostile"])
def test_every_kind_has_a_sentence_and_four_numbers(kind: str, output: Output) -> None:
    answer = first(output(kind))
    assert answer.sentence.endswith(".")
    assert len(answer.tiles) == 4
    for text in (answer.sentence, *(part for tile in answer.tiles for part in tile)):
        assert not re.search(r"nan|None|_|\s\s|[+−-]0(\.0*)? |\d{8}", text), text


@pytest.mark.parametrize(
    ("command", "kind"), [("compare", "scenarios"), ("gains", "gains"), ("gradient", "gradient"), ("sweep", "draws_grid")]
)
def test_the_terminal_says_first_what_the_page_says(command: str, kind: str, output: Output, tmp_path: Path) -> None:
    status, said, _ = invoke(command, output(kind).parent / "case.toml", "--out", tmp_path / "out")
    answer = first(output(kind))
    assert status == 0
    lines = said.splitlines()
    assert lines[1] == answer.sentence
    for tile, line in zip(answer.tiles, lines[3:7], strict=True):
        assert line.startswith(f"{tile.word}: {tile.value}")
    assert said.index(lines[6]) < said.index("This is the long run") < said.index("residual") < said.index("Files: ")


def test_a_comparison_names_the_ends_and_their_models(output: Output) -> None:
    answer, folder = first(output("comparison")), output("comparison")
    table = pd.read_csv(folder / "comparison.csv")
    home = table[(table["country"] == "Home") & (table["statistic"] == "real_income_pct")].set_index("member")["value"]
    assert answer.who == "Home"
    assert answer.tiles[0].value == f"{percent(home.min())[:-2]} to {percent(home.max())}"
    words = {"melitz": "Melitz–Pareto", "krugman": "Krugman", "armington": "Armington", "krugman, same σ": "Krugman, same σ"}
    assert answer.tiles[0].note == f"lowest: {words[home.idxmin()]}; highest: {words[home.idxmax()]}"
    assert f"{sized(home.max())} % ({words[home.idxmax()]}) of real income" in answer.sentence


def test_a_comparison_says_what_each_scenario_adds(output: Output) -> None:
    answer, folder = first(output("scenarios")), output("scenarios")
    table = pd.read_csv(folder / "comparison.csv")
    groups = pd.read_csv(folder / "comparison_groups.csv")
    both = pd.concat([table[table["country"] == "Home"], groups[groups["country"] == "World"]])
    rows = both[both["statistic"] == "real_income_pct_difference"].set_index(["scenario", "country"])["value"]
    for name in ("<b>They</b> answer, {{ 7*7 }}", "cheaper"):
        own = rows[name, "Home"]
        verb = f"takes {sized(-own)} percentage points from Home" if own < 0 else f"brings Home {sized(own)} percentage points"
        assert f"“{name}”" in answer.sentence
        assert verb in answer.sentence
    assert " on top of " not in answer.sentence.split("“cheaper”")[0]
    assert "“cheaper” on top of “<b>They</b> answer, {{ 7*7 }}”" in answer.sentence
    assert [tile.word.startswith("“") for tile in answer.tiles] == [False, True, True, False]


def test_gains_are_those_of_the_table(output: Output) -> None:
    answer, table = first(output("gains")), pd.read_csv(output("gains") / "gains.csv").set_index("country")["gains_from_trade_pct"]
    for country in (table.idxmin(), table.idxmax()):
        assert f"{sized(table[country], minus='−')} % ({country})" in answer.sentence
    mean = json.loads((output("gains") / "summary.json").read_text())["average"]["gains_from_trade_pct"]
    assert table.min() < mean < table.max()
    assert answer.tiles[0].value == f"{sized(mean, minus='−')} %"


def test_derivatives_name_the_best_tariff(output: Output) -> None:
    answer, results = first(output("gradient")), read_back(output("gradient"))
    table = results.table
    own = table[(table["country"] == "Home") & (table["of"] == "tariff") & (table["importer"] == "Home") & (table["exporter"] != "Home")]
    best = own.loc[own["value"].idxmax()]
    assert (
        f"a higher tariff of its own on {best['sector']} from {best['exporter']} ({sized(best['value'])} % of real income"
        in answer.sentence
    )
    assert answer.tiles[0].value == percent(best["value"])
    assert answer.tiles[1].value == percent(results.tables["totals"].set_index("country")["own_tariffs"]["Home"])


def test_a_sweep_goes_from_the_first_value_to_the_last(output: Output) -> None:
    answer, store = first(output("sweep")), open_store(output("sweep") / "sweep.zarr")
    home = store["real_income_pct"].sel(country="Home").values
    assert "as the added rate of the tariff goes from 0 % to 40 %, its real income changes by 0 % at first and " in answer.sentence
    assert f"{percent(home[-1])} at last" in answer.sentence
    weight = store["income_benchmark"].values
    world = (weight * store["real_income_pct"].values).sum(axis=1) / weight.sum(axis=1)
    assert f"that of the world by 0 % at first and {percent(world[-1])} at last" in answer.sentence
    assert answer.rates == ()


def test_a_sweep_over_who_acts_tells_of_each_at_its_turn(output: Output) -> None:
    answer, store = first(output("sweep_each")), open_store(output("sweep_each") / "sweep.zarr")
    assert answer.who == "World"
    assert answer.sentence.startswith("Each of 3 countries in turn raises tariffs on goods from every partner")
    own = [float(store["real_income_pct"][k].sel(country=str(who))) for k, who in enumerate(store["tariff[0].importer"].values)]
    assert answer.tiles[0].value == f"{percent(min(own))[:-2]} to {percent(max(own))}"


def test_draws_have_a_median_and_a_band(output: Output) -> None:
    answer, store = first(output("draws")), open_store(output("draws") / "sweep.zarr")
    low, middle, high = np.quantile(store["real_income_pct"].sel(country="Home").values, (0.05, 0.5, 0.95))
    assert f"over 8 draws of elasticities it gains {sized(middle)} % of real income in the median" in answer.sentence
    assert answer.tiles[0].note == f"{percent(low)[:-2]} to {percent(high)} in nine of ten draws"


def test_the_page_carries_differences_with_their_bands(output: Output) -> None:
    """Every combination less what it stands against, over the same draws."""
    results = read_back(output("draws_grid"))
    assert results.question.payload(results)["differences"] == {"rows": [], "left": 0}  # rates stand against nothing
    table = results.tables["bands"]
    some = table[(table["statistic"] == "real_income_pct")].assign(statistic="real_income_pct_difference", against="0.1")
    found = replace(results, tables={**results.tables, "bands": pd.concat([table, some])})
    rows = results.question.payload(found)["differences"]["rows"]
    assert [row["name"] for row in rows] == ["0.1 less 0.1", "0.2 less 0.1", "0.3 less 0.1"]
    np.testing.assert_allclose(np.concatenate([row["p95"] for row in rows]), some["p95"], rtol=1e-5)


def test_the_world_of_a_sweep_is_that_of_a_run(output: Output, tmp_path: Path) -> None:
    folder = output("sweep")
    text = (folder.parent / "case.toml").read_text(encoding="utf-8").split("[sweep]")[0].replace("add = 0.1", "add = 0.4")
    (tmp_path / "one.toml").write_text(text, encoding="utf-8")
    assert invoke("run", tmp_path / "one.toml", "--out", tmp_path / "one")[0] == 0
    groups = pd.read_csv(tmp_path / "one" / "groups.csv").set_index("country")
    results = read_back(folder)
    assert results.question.views is not None
    views = results.question.views(results)
    last = views.groups[-1]["views"][0]["together"]
    assert list(views.aggregates) == ["World", "Rest"] == list(groups.index)
    for statistic in ("real_income_pct", "equivalent_variation", "income_pct", "tariff_revenue_change"):
        if statistic in last:
            np.testing.assert_allclose(last[statistic], groups[statistic], rtol=1e-5, atol=1e-9)
