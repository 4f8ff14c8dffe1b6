"""Worlds written by hand: read with every fault at once, solved in levels, and then an economy as any other."""

import csv
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose

from cge import calibrate, change, eaton_kortum, external_economies, krugman, melitz
from cge.data.bundled import find
from cge.errors import DataError, RunFileError
from cge.questions.run.answer import write_run
from cge.questions.solve import solve
from cge.results.firms import firm_levels
from cge.runfile.load import load
from cge.runfile.technology import make_world, open_technology
from cge.solve.levels.solve import solve_levels
from cge.solve.levels.world import solve_world

ALIKE: dict[str, Any] = {
    "countries": ["Home", "Foreign"], "sectors": ["goods"], "endowment": 100.0,
    "iceberg": 1.4, "fixed_cost": 1.2, "home_fixed_cost": 1.0, "entry_cost": 0.5,
}  # fmt: skip
TWO = {**ALIKE, "sectors": ["goods", "services"], "final_share": {"goods": 0.4, "services": 0.6}, "endowment": {"Home": 100, "Foreign": 60}}
RUN = 'title = "x"\ntechnology = "world.toml"\nmodel = "melitz"\n{}[elasticities]\ntrade = 5.0\nsigma = 4.0\n'
SHOCK = '[[iceberg]]\nimporter = "*"\nexporter = "*"\nsector = "*"\ntimes = 0.9\n'


def faults(**changed: Any) -> tuple[str, ...]:
    with pytest.raises(DataError) as caught:
        make_world({**TWO, **changed})
    return caught.value.faults


def written(folder: Path, run: str = "") -> Path:
    text = find("runs", "two-countries").parent / "technology" / "two-countries.toml"
    (folder / "world.toml").write_text(text.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "run.toml").write_text(RUN.format(run) + SHOCK, encoding="utf-8")
    return folder / "run.toml"


# --- reading -------------------------------------------------------------------------------------------------------------------------------


def test_tables_name_labels_and_the_rest() -> None:
    iceberg = {"*": {"goods": 1.5, "*": 1.6}, "Home": {"Foreign": {"goods": 1.2, "*": 1.3}}}
    t = make_world({**TWO, "iceberg": iceberg, "tariff": {"Home": {"Foreign": 0.1}}}).technology
    assert_allclose(t.iceberg, [[[1, 1.2], [1.5, 1]], [[1, 1.3], [1.6, 1]]])
    assert_allclose(t.tariff, [[[0, 0.1], [0, 0]]] * 2)
    assert_allclose(t.fixed_cost, [[[1, 1.2], [1.2, 1]]] * 2)
    assert_allclose(t.endowment, [[100, 60]])
    assert_allclose(t.final_share, [[0.4, 0.4], [0.6, 0.6]])
    assert_allclose(t.factor_share, 1.0)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"endowment": {"Home": 1.0, "Foreign": 0.0}}, ("endowment: 0 at country=Foreign factor=labour", "positive")),
        ({"endowment": {"Home": 1.0, "Foriegn": 1.0}}, ("endowment: no country Foriegn", "Did you mean Foreign?")),
        ({"endowment": {"Home": 1.0}}, ("endowment: no value for country=Foreign",)),
        ({"entry_costs": 1.0}, ("unknown key `entry_costs`", "Did you mean entry_cost?")),
        ({"iceberg": "high"}, ("iceberg: 'high' is not a number",)),
        ({"tariff": -0.1}, ("tariff: -0.1 at exporter=Home importer=Foreign sector=goods",)),
        ({"final_share": 0.4}, ("final_share: adds up to 0.8 in Home",)),
        ({"input_share": {"goods": {"services": 1.2}}}, ("factor_share: -0.2",)),
        ({"transfer": {"Home": 3.0}}, ("transfers add up to 3",)),
        ({"productivity": {"goods": 0.0, "*": 1.0}}, ("nobody can sell goods in Home",)),
        ({"countries": ["Home", "Home"]}, ("Home appears more than once",)),
    ],
)
def test_faults_say_what_and_where(changed: dict[str, Any], words: tuple[str, ...]) -> None:
    assert all(word in " ".join(faults(**changed)) for word in words)


def test_all_faults_at_once() -> None:
    found = faults(endowment=0.0, entry_cost=-1.0, iceberg=0.0)
    assert [re.search(r": (\w+):", fault).group(1) for fault in found] == ["endowment", "entry_cost", "iceberg"]  # type: ignore[union-attr]


def test_missing_files_name_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "world.toml").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match=r"Did you mean world.toml\?"):
        open_technology(tmp_path / "wordl.toml")


# --- solving -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("exponents", [krugman(5.0), eaton_kortum(4.0), external_economies(4.0, 0.1), melitz(4.0, 5.0, 0.8)])
def test_every_model_can_be_written_by_hand(exponents: Any) -> None:
    """Wages differ from one: what is solved in units of the file's factors agrees with changes, transfers included."""
    world = make_world({**TWO, "endowment": {"Home": 100, "Foreign": 30}, "transfer": {"Home": 2.0, "Foreign": -2.0}, "tariff": 0.1})
    levels, economy = solve_world(world, exponents)
    assert np.abs(levels.point.log_factor_price).max() > 1e-3
    benchmark = calibrate(economy)
    endowment = benchmark.data["factor_income"].copy(data=np.array([[1.1, 0.9]]))
    solution = solve_levels(benchmark, exponents, change(benchmark, endowment=endowment), written=levels)
    assert solution.levels_vs_hat is not None
    assert solution.levels_vs_hat < 1e-9


def test_a_country_that_cannot_make_a_good() -> None:
    world = make_world({**TWO, "productivity": {"Foreign": {"goods": 0.0, "*": 1.0}, "*": 1.0}})
    levels, economy = solve_world(world, melitz(4.0, 5.0))
    assert float(economy.data["flow"].sel(exporter="Foreign", sector="goods").sum()) == 0
    benchmark = calibrate(economy)
    iceberg = benchmark.data["flow"].copy(data=np.where(np.eye(2, dtype=bool), 1.0, 0.9) * np.ones((2, 1, 1)))
    found = firm_levels(solve_levels(benchmark, melitz(4.0, 5.0), change(benchmark, iceberg=iceberg), written=levels))
    assert np.isnan(found["entrants"].sel(country="Foreign", sector="goods"))
    assert np.isposinf(found["cutoff"].sel(exporter="Foreign", sector="goods")).all()


def test_unselected_firms_are_refused() -> None:
    """Entry so dear that the cutoff lies below the lower bound: (φ*)^k = (σ − 1)/(k − σ + 1)·(f + …)/f_E < 1."""
    with pytest.raises(DataError, match=r"cutoffs below the lower bound .* exporter=\w+ importer=\w+ sector=goods .* times the bound"):
        solve_world(make_world({**ALIKE, "entry_cost": 5.0}), melitz(4.0, 5.0))


def test_closed_countries_are_refused_in_words() -> None:
    with pytest.raises(DataError, match="factor price is not determined"):
        solve_world(make_world({**ALIKE, "iceberg": float("inf")}), melitz(4.0, 5.0))


# --- run files -----------------------------------------------------------------------------------------------------------------------------


def test_the_example_runs(tmp_path: Path) -> None:
    case = load("two-countries")
    solution, told = write_run(case, tmp_path / "out")
    tables = told.tables
    assert solution.levels_vs_hat is not None
    assert solution.levels_vs_hat < 1e-9
    assert (tables["flows"]["cutoff_pct"][[0, 3]] > 0).all()  # the least productive exit
    assert (tables["welfare"]["real_income_pct"] > 0).all()
    with (tmp_path / "out" / "trade_costs.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["exporter", "importer", "sector", "iceberg", "fixed_cost", "cutoff"]
    cutoff = (3 * (1 + 1.4**-5 * 1.2 ** (-5 / 3) * 1.2) / 0.5 / 2) ** 0.2
    assert [(r["exporter"], r["importer"], float(r["iceberg"]), float(r["fixed_cost"])) for r in rows[:2]] == [
        ("Home", "Home", 1.0, 1.0),
        ("Home", "Foreign", 1.4, 1.2),
    ]
    assert_allclose([float(r["cutoff"]) for r in rows[:2]], [cutoff, 1.4 * 1.2 ** (1 / 3) * cutoff], rtol=1e-9)


def test_levels_and_hat_agree(tmp_path: Path) -> None:
    hat = solve(load(written(tmp_path)))
    levels = solve(load(written(tmp_path, 'method = "levels"\n')))
    assert (hat.method, levels.method) == ("hat", "levels")
    assert_allclose(levels.data["real_income"], hat.data["real_income"], rtol=1e-10)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("sigma = 4.0", "sigma = 6.5"), ("k > sigma − 1",)),
        (("trade = 5.0", 'trade = {god = 5.0, "*" = 5.0}'), ("no sector god", "Did you mean goods?")),
        (('"world.toml"', '"wrld.toml"'), ("technology: no file", "Did you mean world.toml?")),
        (('model = "melitz"', 'model = "melitz"\neconomy = "mini"'), ("technology: stands beside economy",)),
    ],
)
def test_run_files_with_faults(tmp_path: Path, change: tuple[str, str], words: tuple[str, ...]) -> None:
    path = written(tmp_path)
    path.write_text(path.read_text(encoding="utf-8").replace(*change), encoding="utf-8")
    with pytest.raises(RunFileError) as caught:
        load(path)
    assert all(word in str(caught.value) for word in words)
    assert len(caught.value.faults) == 1


def test_the_technology_is_noted_with_its_checksum(tmp_path: Path) -> None:
    case = load(written(tmp_path))
    assert "world.toml" in case.inputs
    assert case.attrs["title"] == "Two countries alike"
