"""The table of words: every variable that the package holds or writes stands in it once, with its dims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
import xarray as xr

from cge.data import bundled, economy, variables
from cge.data.arrays import described
from cge.model import exponents
from cge.model.shock import SHOCK_DIMS, Shock
from cge.names import BY_WORD, NAMES
from cge.questions.run.answer import write_run
from cge.questions.solve import solve
from cge.results.channels import bilateral_terms
from cge.results.firms import firm_levels
from cge.results.gradient import gradient
from cge.runfile.case import Case
from cge.runfile.load import load
from cge.solve.solution import Solution

TEXT = """
title = "A tariff"
economy = "mini"
model = "melitz"
intermediates = false
flows = "netcdf"
baseline = "before.toml"
[elasticities]
trade = 5.0
sigma = 4.0
[[tariff]]
importer = "Home"
exporter = "*"
sector = "goods"
add = 0.1
"""
COSTS = """
[[export_tax]]
importer = "*"
exporter = "Home"
sector = "goods"
set = 0.1
[[iceberg]]
importer = "Home"
exporter = "*"
sector = "*"
times = 1.1
[[fixed_cost]]
importer = "Home"
exporter = "*"
sector = "*"
times = 1.1
[[productivity]]
country = "Home"
sector = "goods"
times = 1.1
[[endowment]]
country = "Home"
factor = "labour"
times = 1.1
"""


@pytest.fixture(scope="module")
def case(tmp_path_factory: pytest.TempPathFactory) -> Case:
    """A run that changes everything, from a baseline."""
    folder = tmp_path_factory.mktemp("names")
    (folder / "before.toml").write_text(TEXT.replace('baseline = "before.toml"\n', ""), encoding="utf-8")
    (folder / "case.toml").write_text(TEXT + COSTS, encoding="utf-8")
    return load(folder / "case.toml")


@pytest.fixture(scope="module")
def written(case: Case) -> tuple[Solution, Path]:
    return write_run(case, case.path.parent / "out")[0], case.path.parent / "out"


def strangers(data: xr.Dataset) -> list[str]:
    """Variables that do not stand in the table with the dims that they have, in any order."""
    return [str(word) for word, v in data.variables.items() if str(word) not in BY_WORD or set(BY_WORD[str(word)].dims) != set(v.dims)]


def datasets(out: Path) -> Iterator[tuple[str, xr.Dataset]]:
    """The groups of every netCDF file of an output folder."""
    for name in ("solution.nc", "flows.nc"):
        with xr.open_datatree(out / name) as tree:
            for node in tree.subtree:
                yield f"{name}{node.path}", node.to_dataset().load()


def test_no_word_stands_twice() -> None:
    assert [word for word, count in Counter(name.word for name in NAMES).items() if count > 1] == []


def test_every_word_is_explained_by_words_that_stand_here() -> None:
    units = {"money", "label", "share", "rate", "factor", "hat", "exponent", "percent", "level"}
    for name in NAMES:
        assert name.meaning, name.word
        assert name.unit in units, name.word
        assert all(BY_WORD[dim].unit == "label" for dim in name.dims), name.word


@pytest.mark.parametrize("name", bundled.names("data"))
def test_economy_files(name: str) -> None:
    with xr.open_dataset(bundled.find("data", name)) as data:
        assert strangers(data) == []
    assert strangers(economy.open_economy(bundled.find("data", name)).data) == []
    assert {word: set(dims) for word, dims in variables.DIMS.items()} == {word: set(BY_WORD[word].dims) for word in variables.DIMS}


def test_benchmark_and_solution(case: Case) -> None:
    assert strangers(case.benchmark.data) == []
    assert strangers(solve(case).data) == []


def test_shock_and_exponents(case: Case) -> None:
    assert {field.name for field in fields(Shock)} == {*SHOCK_DIMS, "transfers", "baseline"}
    assert {word: BY_WORD[word].dims for word in SHOCK_DIMS} == SHOCK_DIMS
    for word in SHOCK_DIMS:
        assert getattr(case.shock, word) is not None, word  # so that the files below hold it
    assert all(BY_WORD[word].unit == "exponent" for word in exponents.names() if word != "tariff")


def test_written_variables_say_what_they_are(written: tuple[Solution, Path]) -> None:
    solution, out = written
    groups = dict(datasets(out))
    assert {"solution.nc/benchmark", "solution.nc/shock", "solution.nc/shock/baseline", "solution.nc/solution", "flows.nc/"} <= set(groups)
    for where, data in groups.items():
        assert strangers(data) == [], where
        for word, variable in data.variables.items():
            name = BY_WORD[str(word)]
            unit = {"money": solution.benchmark.attrs["unit"], "label": None}.get(name.unit, name.unit)
            found = (variable.attrs["long_name"], variable.attrs.get("symbol", ""), variable.attrs.get("units"))
            assert found == (name.meaning, name.symbol, unit), (where, word)


def test_variables_in_memory_say_what_they_are(case: Case) -> None:
    """As those of files do: a figure or a table that xarray makes of them has its labels."""
    solution = solve(case)
    shocked = [array for name in SHOCK_DIMS if (array := getattr(solution.shock, name)) is not None]
    for data in (
        case.economy.data,
        case.benchmark.data,
        solution.data,
        firm_levels(solution),
        bilateral_terms(solution),
        gradient(solution),
    ):
        assert [str(name) for name, array in data.data_vars.items() if not array.attrs.get("long_name")] == []
    assert all(array.attrs["long_name"] for array in shocked)
    for data in (case.economy.data, case.benchmark.data, solution.data):
        assert data["flow"].attrs["units"] == case.benchmark.attrs["unit"]


def test_attributes_leave_the_numbers_and_their_source_alone(written: tuple[Solution, Path]) -> None:
    solution, out = written
    with xr.open_dataset(out / "solution.nc", group="solution") as found:
        xr.testing.assert_equal(found.load(), solution.data)


def test_money_is_in_the_unit_of_the_economy_and_foreign_names_are_kept() -> None:
    data = xr.Dataset({"income": ("country", np.ones(1))}, {"country": ["A"], "colour": ("country", ["red"], {"long_name": "paint"})})
    found = described(data, "million USD")
    assert found["income"].attrs["units"] == "million USD"
    assert found["colour"].attrs == {"long_name": "paint"}
    assert not data["income"].attrs


@pytest.mark.parametrize(("kind", "name"), [("comparison", "comparison.nc"), ("sweep_each", "sweep.zarr")])
def test_statistics_of_many_answers_say_what_they_are(kind: str, name: str, output: Callable[[str], Path]) -> None:
    path = output(kind) / name
    with xr.open_zarr(path) if name.endswith("zarr") else xr.open_dataset(path) as data:
        assert data["equivalent_variation"].attrs["units"] == economy.open_economy("mini").data.attrs["unit"]
        assert (data["real_income_pct"].attrs["long_name"], data["real_income_pct"].attrs["units"]) == ("Real income", "%")
        silent = [str(word) for word in data.data_vars if not data[word].attrs.get("long_name")]
    assert silent == []
