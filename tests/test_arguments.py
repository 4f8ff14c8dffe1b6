"""What Python hands to the public functions and is none of the kind: refused by name, all of it at once, and never taken for something else."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import cge
from cge import DataError

ECONOMY = cge.open_economy("mini")
BENCHMARK = cge.calibrate(ECONOMY)
MODEL, NOTHING = cge.armington(4.0), cge.Shock()
TARIFF = BENCHMARK.data["tariff"]
ENTRY = {"importer": "North", "exporter": "*", "sector": "*"}

MODELS: dict[str, tuple[Callable[..., Any], str]] = {
    "sigma": (lambda: cge.armington("4"), "sigma = '4' is not a number"),
    "a sector": (
        lambda: cge.krugman({"goods": "4", "services": 0.5}, "1"),
        "(?s)'4' at sector=goods is not.*= 0.5 at sector=serv.*scale = '1' is not",
    ),
    "k": (lambda: cge.melitz(0.5, "5"), "(?s)k = '5' is not a number.*sigma = 0.5, but it must exceed 1"),
    "a list": (lambda: cge.eaton_kortum([4.0]), r"theta = \[4.0\] is not a number"),
    "psi": (lambda: cge.external_economies(-1.0, None), "(?s)trade = -1, but.*psi = None is not a number"),
    "profit": (lambda: cge.restricted_entry("4", 1.5), "(?s)trade = '4' is not.*something must be left for costs"),
    "demand": (lambda: cge.variable_markups(4.0, 3), "there is no 3"),
    "its parameter": (lambda: cge.variable_markups(4.0, "qmor", "x"), "demand_parameter = 'x' is not a number"),
    "no parameter": (
        lambda: cge.variable_markups({"goods": 4.0, "services": 3.0}, {"goods": "qmor", "services": "pollak"}, {"goods": 1.0}),
        "demand_parameter has no value for services",
    ),
}

WORLDS: dict[str, tuple[Callable[..., Any], str]] = {
    "a path": (lambda: cge.calibrate("mini"), r"economy: must be of type Economy, and is str; cge.open_economy\(path\) reads one"),
    "a benchmark": (lambda: cge.make_economy(ECONOMY), "economy: must be of type Dataset, and is Economy"),
    "mobility": (
        lambda: cge.calibrate(ECONOMY, mobility={"labour": "2", "*": 0.5, "land": 2.0}, inequality_aversion="1"),
        "(?s)'2' at labour is not a number.*0.5 at \\*, but it must exceed.*no group or factor land.*inequality_aversion: '1', but",
    ),
    "groups": (
        lambda: cge.calibrate(ECONOMY, mobility=2.0, group_shares="groups.csv"),
        "group_shares: must be of type DataFrame, and is str",
    ),
    "rule": (lambda: cge.calibrate(ECONOMY, negative_final_demand="zer"), "negative_final_demand: 'zer'; give one of refuse, zero"),
}

SHOCKS: dict[str, tuple[Callable[..., Any], str]] = {
    "numbers": (
        lambda: cge.change(BENCHMARK, tariff=0.1, iceberg=np.ones((2, 3, 3)), transfers=["zero"], baseline="x"),
        "(?s)transfers: .* is not a rule.*baseline: must be of type Shock.*tariff: must be of type DataArray, and is float.*iceberg: .* ndarray",
    ),
    "words": (
        lambda: cge.change(BENCHMARK, tariff=TARIFF.astype(object).where(TARIFF.importer != "North", "x")),
        r"tariff: 'x' at sector=goods exporter=\w+ importer=North is not a number \(6 entries\)",
    ),
    "nothing said": (
        lambda: cge.scenario(BENCHMARK, tariff={**ENTRY, "set": None}),
        r"tariff\[0\].set: None says nothing. Give the new rate",
    ),
    "a key": (lambda: cge.scenario(BENCHMARK, tariff={3: 4}), r"tariff\[0\]: \{3: 4\} is no entry"),
    "its groups": (lambda: cge.scenario(BENCHMARK, groups=["EU"]), "groups: must be of type Mapping, and is list"),
    "a group": (lambda: cge.scenario(BENCHMARK, groups={3: ["North"]}), "groups: 3 is no name of a group"),
    "its benchmark": (lambda: cge.scenario(ECONOMY), "benchmark: must be of type Benchmark, and is Economy"),
    "what it is measured from": (lambda: cge.scenario(BENCHMARK, on_top_of="x"), "on_top_of: must be of type Shock, and is str"),
}

SOLVES: dict[str, tuple[Callable[..., Any], str]] = {
    f"{solve.__name__} {name}": (lambda solve=solve, given=given, options=options: solve(*given, **options), words)
    for solve in (cge.solve_hat, cge.solve_levels)
    for name, given, options, words in (
        ("kinds", (ECONOMY, "armington", {}), {}, "(?s)benchmark: .*and is Economy.*exponents: .*and is str.*shock: .*and is dict"),
        ("NaN", (BENCHMARK, MODEL, NOTHING), {"tolerance": np.nan}, "tolerance: nan; give"),
        (
            "options",
            (BENCHMARK, MODEL, NOTHING),
            {"tolerance": "1e-8", "unstable": "folow"},
            "(?s)tolerance: '1e-8'.*unstable: 'folow'.*mean follow",
        ),
    )
}


@pytest.mark.parametrize(
    ("call", "words"), [pytest.param(*case, id=name) for name, case in {**MODELS, **WORLDS, **SHOCKS, **SOLVES}.items()]
)
def test_an_argument_of_another_kind(call: Callable[[], object], words: str) -> None:
    with pytest.raises(DataError, match=words):
        call()


def test_groups_of_a_table_have_labels_of_the_solution() -> None:
    """A misspelt country would be left out of the sum, and nobody would see it."""
    solution = cge.solve_hat(BENCHMARK, MODEL, NOTHING)
    for groups, words in (
        ({"A": ["Nrth"]}, "A has Nrth.*Did you mean North"),
        ({"A": "North"}, "A is no list"),
        (["A"], "groups: must be of type"),
    ):
        with pytest.raises(DataError, match=words):
            cge.groups_table(solution, groups)  # type: ignore[arg-type]
