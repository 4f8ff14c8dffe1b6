"""The answer in plain words says what the tables say, and numbers as text lose nothing."""

from collections.abc import Callable
from pathlib import Path

import pytest
from outputs import read_back

from cge.questions.run.answer import write_run
from cge.runfile.load import load
from cge.tell.digits import fixed, money_in_words, sized
from cge.tell.rates import called

Output = Callable[[str], Path]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0.000"),
        (-0.0, "0.000"),
        (1e-12, "0.000"),
        (0.0004, "+0.0004"),
        (-0.00004, "-0.00004"),
        (1234.5, "+1,234.500"),
        (-0.0006, "-0.001"),
    ],
)
def test_nothing_that_is_something_reads_as_zero(value: float, text: str) -> None:
    assert fixed(value, 3, plus=True) == text


@pytest.mark.parametrize(
    ("value", "text"), [(0.0123, "0.012"), (0.0996, "0.10"), (12.34, "12"), (1234.0, "1,234"), (-0.5, "-0.50"), (0.0, "0")]
)
def test_digits_follow_the_size(value: float, text: str) -> None:
    assert sized(value) == text


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (26774.0, "million USD", "26.8 billion USD"),
        (-1.5e6, "million USD", "1.50 trillion USD"),
        (0.4, "million USD", "400 thousand USD"),
        (12.0, "invented money", "12.0 invented money"),
    ],
)
def test_money_in_the_step_that_fits(value: float, unit: str, text: str) -> None:
    assert money_in_words(value, unit) == text


def test_names_within_a_sentence() -> None:
    assert [called(name) for name in ("United States", "Netherlands", "France")] == ["the United States", "the Netherlands", "France"]


HEAD = 'title = "Who acts"\neconomy = "mini"\nmodel = "armington"\nelasticities = {trade = 5.0}\n'


def sentence(folder: Path, shock: str) -> str:
    """The sentence of a run of the small economy; `shock` is the rest of its run file."""
    (folder / "case.toml").write_text(HEAD + shock, encoding="utf-8")
    write_run(load(folder / "case.toml"), folder / "out")
    results = read_back(folder / "out")
    answer = results.question.answer(results)
    assert answer is not None
    return str(answer.sentence)


HOME = 'importer = "Home", exporter = "*", sector = "*", add = 0.1'


@pytest.mark.parametrize(
    ("shock", "begins", "holds"),
    [
        (f"tariff = [{{{HOME}}}, {{{HOME.replace('Home', 'South')}}}]", "Home (South too) raises tariffs on ", " on average: Home gains "),
        (
            f'tariff = [{{{HOME}}}, {{importer = "South", exporter = "*", sector = "*", set = 0.0}}]',
            "Home raises tariffs on ",
            " on average; South moves its own: Home ",
        ),
        (
            'productivity = [{country = "Home", sector = "*", times = 1.2}, {country = "South", sector = "*", times = 1.1}]',
            "Home (South too) becomes more productive: Home gains ",
            "",
        ),
        (
            'productivity = [{country = "Home", sector = "*", times = 1.2}, {country = "South", sector = "*", times = 0.8}]',
            "Productivities of Home and South change in unlike directions: Home gains ",
            "",
        ),
        (
            'productivity = [{country = "Home", sector = "*", times = 1.2}, {country = "South", sector = "*", times = 0.8}]\n'
            'groups = {Pair = ["Home", "South"]}',
            "Productivities of Pair change in unlike directions: Pair ",
            "",
        ),
    ],
)
def test_all_who_act_are_named_and_none_is_said_to_do_what_it_does_not(tmp_path: Path, shock: str, begins: str, holds: str) -> None:
    told = sentence(tmp_path, shock)
    assert told.startswith(begins)
    assert holds in told


PAIR = 'groups = {Pair = ["Home", "North"]}\n'


@pytest.mark.parametrize(
    ("rates", "says"),
    [
        (
            {("Pair", "Home"): 0.1, ("Pair", "North"): 0.2, ("Pair", "South"): 0.3},
            "Pair raises tariffs on all sectors from every partner from ",
        ),
        ({("Home", "North"): 0.1, ("Home", "South"): 0.3}, "Home raises tariffs on all sectors from every partner from "),
        ({("Pair", "North"): 0.1, ("North", "South"): 0.3}, "Pair raises tariffs on all sectors from 2 partners from "),
        (
            {("*", "Home"): 0.1, ("*", "North"): 0.2, ("*", "South"): 0.3},
            "All raises tariffs on all sectors from every partner from ",
        ),
        ({("*", "Home"): 0.1, ("*", "North"): 0.2}, "All raises tariffs on all sectors from 2 partners from "),
    ],
)
def test_every_partner_is_every_partner_of_who_acts(tmp_path: Path, rates: dict[tuple[str, str], float], says: str) -> None:
    rows = [f'{{importer = "{n}", exporter = ["{i}"], sector = "*", add = {rate}}}' for (n, i), rate in rates.items()]
    groups = 'groups = {All = ["Home", "North", "South"]}\n' if ("*", "Home") in rates else PAIR
    assert sentence(tmp_path, f"tariff = [{', '.join(rows)}]\n{groups}").startswith(says)


def test_nobody_is_credited_with_what_else_changes(tmp_path: Path) -> None:
    tariff = 'tariff = [{importer = "Home", exporter = "*", sector = "*", add = 0.001}]\n'
    costs = 'iceberg = [{importer = "North", exporter = "*", sector = "*", times = 1.5}]\n'
    assert " change as well: " not in sentence(tmp_path, tariff)
    both = sentence(tmp_path, tariff + costs)
    assert both.startswith("Home raises tariffs on all sectors from every partner from ")
    assert " on average, while trade costs change as well: it " in both
    more = 'productivity = [{country = "South", sector = "goods", times = 1.1}]\n'
    assert ", while trade costs and productivities change as well: it " in sentence(tmp_path, tariff + costs + more)


def test_the_sentence_and_the_tiles_are_the_tables(output: Output) -> None:
    results = read_back(output("run"))
    answer = results.question.answer(results)
    assert answer is not None
    home = results.tables["welfare"].set_index("country").loc["Home"]
    world = results.tables["groups"].set_index("country").loc["World"]
    assert answer.who == "Home"
    assert answer.sentence.startswith("Home raises tariffs on goods from every partner from ")
    for row in (home, world):
        verb = "loses" if row["real_income_pct"] < 0 else "gains"
        amount = money_in_words(row["equivalent_variation"], results.unit)
        assert f"{verb} {sized(abs(row['real_income_pct']))} % of real income ({amount} a year)" in answer.sentence
    assert f"its treasury takes {money_in_words(home['tariff_revenue_change'], results.unit)} " in answer.sentence
    factors = results.tables["factors"].set_index(["country", "factor"])["real_price_pct"]["Home"]
    for name, pct in factors.items():
        assert f"its {name} " in answer.sentence
        assert f"{sized(abs(pct))} % {'less' if pct < 0 else 'more'}" in answer.sentence
    assert len(answer.tiles) == 4
    assert answer.tiles[0].value == f"{sized(home['real_income_pct'], plus=True, minus='−')} %"
    (rates,) = answer.rates
    assert rates.columns == ("Goods",)
    before, after = (float(part.strip(" %")) for part in rates.rows[0][1][0].split("→"))
    assert after - before == pytest.approx(10, abs=0.11)
