"""Jobs in the words of those who have them, from run file to what they take away."""

import re
from pathlib import Path

import pandas as pd
import pytest
from typer.testing import CliRunner

from cge.cli import app

MINI = (
    'title = "{title}"\neconomy = "mini"\nmodel = "{model}"\n{more}\n[groups]\nPartners = ["North", "South"]\n[elasticities]\ntrade = 5.0\n'
)
TARIFF = '[[tariff]]\nimporter = "Home"\nexporter = "*"\nsector = "goods"\nadd = 0.1\n'


def cge(*words: object) -> str:
    """What a command prints; it must succeed."""
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


def answered(folder: Path, title: str, model: str = "armington", more: str = "") -> tuple[Path, str]:
    """The output folder of a run, and its screen."""
    (folder / "case.toml").write_text(MINI.format(title=title, model=model, more=more) + TARIFF, encoding="utf-8")
    return folder / "out", cge("run", folder / "case.toml", "--out", folder / "out")


def test_who_is_paid_more_labour_or_capital(tmp_path: Path) -> None:
    """ "We tax imports of goods. Do our workers gain, or the owners of capital?" """
    out, screen = answered(tmp_path, "Who is paid")
    rewards = pd.read_csv(out / "factors.csv").set_index(["country", "factor"])["real_price_pct"]["Home"]
    assert rewards["labour"] != pytest.approx(rewards["capital"], abs=1e-3)
    said = dict(re.findall(r"its (labour|capital) (?:is paid )?([\d.]+ % (?:less|more))", screen.splitlines()[1]))
    for factor, words in said.items():
        amount, direction = words.split(" % ")
        assert float(amount) == pytest.approx(abs(rewards[factor]), rel=0.05)
        assert (direction == "more") == (rewards[factor] > 0)
    assert set(said) == {"labour", "capital"}
    table = cge("table", out, "--of", "factors", "--statistics", "real_price_pct,cost_log")
    assert [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("| ")][1:] == ["labour", "capital"]


def test_which_sectors_of_one_country_win(tmp_path: Path) -> None:
    """ "Which of our industries make more, which hire, and what happens to their exports – and those of our partners together?" """
    out, _ = answered(tmp_path, "Who wins", "eaton_kortum")
    home = pd.read_csv(out / "sectors.csv").set_index(["country", "sector"]).loc["Home"]
    assert home.loc["goods", "output_pct"] > 0 > home.loc["services", "output_pct"]  # protected, and what pays for it
    assert (home["exports_pct"] < 0).all()  # a tax on imports is a tax on exports
    partners = pd.read_csv(out / "sector_groups.csv").set_index(["country", "sector"])
    assert partners.loc[("Partners", "goods"), "output_pct"] < 0
    columns = cge("table", out, "--of", "sectors", "--countries", "Home,Partners", "--statistics", "output_pct,employment_pct")
    assert "Real output: Home (%)" in columns
    assert "Employment: Partners (%)" in columns
    cge("report", out, "--countries", "Home", "--size", "slide", "--out", tmp_path / "page" / "report.html")
    assert (tmp_path / "page" / "figures" / "sectors_Home.png").exists()


def test_a_table_for_a_paper(tmp_path: Path) -> None:
    """ "Real income, real GDP and terms of trade, for us, our partners and the world, in LaTeX and to three digits." """
    out, _ = answered(tmp_path, "A tariff", "krugman", "intermediates = false")
    wanted = "real_income_pct,real_gdp_expenditure_pct,barter_terms_of_trade_pct"
    text = cge("table", out, "--format", "latex", "--countries", "Home,Partners,World", "--statistics", wanted)
    rows = {line.split("&")[0].strip(): line for line in text.splitlines() if line.count("&") == 3}
    assert {"Home", "Partners", "World"} <= set(rows)
    groups = pd.read_csv(out / "groups.csv").set_index("country")
    shown = [float(cell.strip(" \\").replace("$-$", "-")) for cell in rows["Partners"].split("&")[1:]]
    assert shown == pytest.approx(groups.loc["Partners", wanted.split(",")].tolist(), abs=6e-3)
    assert groups.loc["World", "barter_terms_of_trade_pct"] == pytest.approx(0, abs=1e-9)
    assert r"\toprule" in text
    assert "Real GDP" in text
