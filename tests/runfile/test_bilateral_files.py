"""Bilateral shocks in files: factors and effects of gravity equations by pair and sector, in whole or in part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import xarray as xr

import cge
from cge.data import bundled
from cge.errors import DataError, RunFileError
from cge.questions.solve import solve
from cge.runfile.case import Case
from cge.runfile.description import describe
from cge.runfile.load import load
from cge.runfile.making import make_case

HEAD = (
    'title = "x"\neconomy = "mini"\nmodel = "{model}"\nintermediates = false\n'
    "[elasticities]\ntrade = {{goods = 4.0, services = 8.0}}\nsize_shape = 1.4\n"
)
ALL = 'importer = "*"\nexporter = "*"\nsector = "*"\n'
PAIRS = [(i, n) for n in ("Home", "North", "South") for i in ("Home", "North", "South") if i != n]


@pytest.fixture
def run(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Read a run file with one table, its text, and a file of values beside it."""

    def to(table: str, text: str, more: str = "", selection: str = ALL, model: str = "melitz") -> Case:
        (tmp_path / "v.csv").write_text(text, encoding="utf-8")
        (tmp_path / "r.toml").write_text(f'{HEAD.format(model=model)}[[{table}]]\n{selection}file = "v.csv"\n{more}', encoding="utf-8")
        return load(tmp_path / "r.toml")

    return to


def faults(*given: object, **more: object) -> str:
    run, *rest = given
    with pytest.raises(RunFileError) as caught:
        run(*rest, **more)  # type: ignore[operator]
    return "\n".join(caught.value.faults)


def cell(array: xr.DataArray | None, exporter: str, importer: str, sector: str = "goods") -> float:
    assert array is not None
    return float(array.sel(exporter=exporter, importer=importer, sector=sector))


def test_effects_on_trade_are_icebergs_by_the_elasticity_of_each_sector(run) -> None:  # type: ignore[no-untyped-def]
    """At given prices and incomes trade changes by exp(effect): iceberg to the power −trade."""
    rows = "".join(f"{i},{n},{0.1 * k - 0.2}\n" for k, (i, n) in enumerate(PAIRS))
    case = run("iceberg", f"exporter,importer,effect\n{rows}", 'effect = "log"\n')
    iceberg = case.shock.iceberg
    for k, (i, n) in enumerate(PAIRS):
        for sector, trade in (("goods", 4.0), ("services", 8.0)):
            assert cell(iceberg, i, n, sector) ** -trade == pytest.approx(np.exp(0.1 * k - 0.2))
    assert all(cell(iceberg, c, c) == 1.0 for c in ("Home", "North", "South"))
    assert any("no column sector: every row speaks for all." in line for line in describe(case))
    weight = case.shock.log_factors(case.benchmark)["iceberg"]
    assert np.isfinite(weight).all()
    assert solve(case).outcome.solved


def test_a_file_of_factors_is_the_same_as_its_rows_one_by_one(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(f"{i},{n},{s},{1.1 + 0.1 * k}\n" for k, (i, n) in enumerate(PAIRS) for s in ("goods", "services"))
    for table in ("iceberg", "fixed_cost"):
        case = run(table, f"exporter,importer,sector,times\n{rows}")
        each = "".join(
            f'[[{table}]]\nexporter = "{i}"\nimporter = "{n}"\nsector = "*"\ntimes = {1.1 + 0.1 * k}\n' for k, (i, n) in enumerate(PAIRS)
        )
        (tmp_path / "e.toml").write_text(HEAD.format(model="melitz") + each, encoding="utf-8")
        xr.testing.assert_allclose(getattr(case.shock, table), getattr(load(tmp_path / "e.toml").shock, table))


@pytest.mark.parametrize(("column", "more", "value"), [("times", "", 30.5), ("effect", 'effect = "log"\n', np.exp(-30.5 / 4))])
def test_decimal_commas(run, column: str, more: str, value: float) -> None:  # type: ignore[no-untyped-def]
    text = f"exporter;importer;{column}\n*;*;1\nNorth;Home;30,5\n"
    assert cell(run("iceberg", text, more).shock.iceberg, "North", "Home") == pytest.approx(value)
    assert f"row 2: {column} (empty) is not a" in faults(run, "iceberg", text.replace(";1\n", ";\n"), more)


def test_the_nearer_row_speaks_and_files_multiply_with_other_entries(run) -> None:  # type: ignore[no-untyped-def]
    text = "exporter,importer,times\n*,*,1.2\nSouth,Home,inf\n*,North,1.5\n"
    case = run("iceberg", text, f"[[iceberg]]\n{ALL}times = 2.0\n")
    assert cell(case.shock.iceberg, "North", "Home") == pytest.approx(2.4)
    assert cell(case.shock.iceberg, "Home", "North") == pytest.approx(3.0)
    assert cell(case.shock.iceberg, "South", "Home") == np.inf


def test_a_file_lists_every_selected_cell_or_says_that_it_is_partial(run) -> None:  # type: ignore[no-untyped-def]
    text = "exporter,importer,times\nNorth,Home,0.9\n"
    said = faults(run, "iceberg", text)
    assert "iceberg[0].file: v.csv has no value for 10 of 12 selected cells, first" in said
    assert "or write partial = true" in said
    case = run("iceberg", text, "partial = true\n")
    assert (cell(case.shock.iceberg, "North", "Home"), cell(case.shock.iceberg, "South", "Home")) == (0.9, 1.0)
    rates = "exporter,importer,sector,tariff\nNorth,Home,goods,0.5\n"
    assert "tariff[0].file: v.csv has no rate for 11 of 12 selected cells" in faults(run, "tariff", rates)
    new = run("tariff", rates, "partial = true\n").shock.tariff
    old = cge.open_economy("mini").data["tariff"]
    assert cell(new, "North", "Home") == 0.5
    assert cell(new, "South", "Home") == cell(old, "South", "Home")


def test_rows_of_a_country_with_itself_are_said(run) -> None:  # type: ignore[no-untyped-def]
    rows = "".join(f"{i},{n},1.1\n" for i in ("Home", "North", "South") for n in ("Home", "North", "South"))
    case = run("iceberg", f"exporter,importer,times\n{rows}")
    assert "v.csv: 3 rows of a country with itself say nothing of trade between countries, and are not used." in describe(case)
    assert cell(case.shock.iceberg, "Home", "Home") == 1.0


def test_faults_of_files_and_keys(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    assert "row 2: times '-1' is not a factor above zero (1 such row)" in faults(run, "iceberg", "exporter,importer,times\n*,*,-1\n")
    assert "row 3: effect 'x' is not a number" in faults(
        run, "iceberg", "exporter,importer,effect\n*,*,1\nSouth,Home,x\n", 'effect = "log"\n'
    )
    assert "no column effect; found exporter, importer, times" in faults(
        run, "iceberg", "exporter,importer,times\n*,*,1\n", 'effect = "log"\n'
    )
    assert "rows 2 and 3 are equally near" in faults(run, "iceberg", "exporter,times\n*,1.1\n*,1.2\n")
    assert "iceberg[0]: has times and file; give exactly one of times, file." in faults(
        run, "iceberg", "exporter,times\n*,1.1\n", "times = 2.0\n"
    )
    assert "fixed_cost[0].effect: unknown key" in faults(run, "fixed_cost", "exporter,times\n*,1.1\n", 'effect = "log"\n')
    (tmp_path / "r.toml").write_text(f"{HEAD.format(model='melitz')}[[iceberg]]\n{ALL}times = 2.0\npartial = true\n", encoding="utf-8")
    with pytest.raises(RunFileError, match=r"iceberg\[0\].partial: is said of a file; leave it out, or give file in place of times"):
        load(tmp_path / "r.toml")
    assert "none of the 1 rates is for trade" in faults(run, "iceberg", "exporter,times\nMars,1.1\n")


def test_in_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("v.csv").write_text("exporter,importer,times\n*,*,1.25\n", encoding="utf-8")
    benchmark = cge.calibrate(cge.open_economy(bundled.find("data", "mini")))
    entry = {"importer": "*", "exporter": "*", "sector": "*", "file": "v.csv"}
    assert cell(cge.scenario(benchmark, iceberg=entry).iceberg, "North", "Home") == 1.25
    with pytest.raises(DataError, match=r"iceberg\[0\].effect: needs the trade elasticity of a run file"):
        cge.scenario(benchmark, iceberg={**entry, "effect": "log"})


def test_effects_follow_the_elasticity_of_every_scenario(run) -> None:  # type: ignore[no-untyped-def]
    """Scenarios of a sweep share what they have in common, and an effect on trade is another cost under another elasticity."""
    case = run("iceberg", "exporter,importer,effect\n*,*,0.2\n", 'effect = "log"\n', model="armington")
    for trade in (4.0, 6.0):
        one = make_case({**case.table, "elasticities": {"trade": trade}}, case.text, case.path, case.cache)
        assert cell(one.shock.iceberg, "Home", "North") ** -trade == pytest.approx(np.exp(0.2))
