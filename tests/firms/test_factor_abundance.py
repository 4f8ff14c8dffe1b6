"""Firms and factor abundance: worked case 6 (two countries, sectors and factors) in closed form and through the engine; theorems in general."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from validation import Validate
from worked import Table, compare

from cge import (
    DataError,
    Exponents,
    Solution,
    World,
    calibrate,
    change,
    external_economies,
    firm_levels,
    gains,
    krugman,
    make_world,
    melitz,
    solve_hat,
    solve_levels,
    solve_world,
)
from cge.data.bundled import find
from cge.firms import open_factors
from cge.firms.autarky import closed_economies
from cge.firms.factor_abundance import Statement, factor_price_equalisation, heckscher_ohlin, rybczynski, stolper_samuelson, theorems
from cge.firms.integrated import Integrated, integrated_equilibrium, production_shares
from cge.firms.open_factors import open_economies
from cge.firms.opening import Opening, opening
from cge.firms.productivity import log_normal, pareto, truncated_pareto
from cge.questions.solve import run
from cge.results.rewards import real_rewards
from cge.results.sectors import sectors_table
from cge.results.tables import factors_table

Array = NDArray[np.float64]

MELITZ = melitz(4.0, 4.25)
COUNTRIES, SECTORS, FACTORS = ["one", "two"], ["first", "second"], ["skilled", "unskilled"]
NINE = 1e-9  # the worked case has ten digits


def world(skill: tuple[float, float], endowments: list[list[float]], first: float = 0.5, **given: Any) -> World:
    """The world of worked case 6; `skill` intensities of the sectors, endowments [country][factor], spending share of the first sector."""
    table: dict[str, Any] = {
        "countries": COUNTRIES, "sectors": SECTORS, "factors": FACTORS,
        "iceberg": 1.4, "fixed_cost": 1.5, "home_fixed_cost": 1.0, "entry_cost": 0.5,
        "endowment": {c: dict(zip(FACTORS, row, strict=True)) for c, row in zip(COUNTRIES, endowments, strict=True)},
        "factor_share": {s: {"skilled": share, "unskilled": 1 - share} for s, share in zip(SECTORS, skill, strict=True)},
        "final_share": {"first": first, "second": 1 - first},
    }  # fmt: skip
    return make_world(table | given)


# --- 6a and 6b: trade with costs -----------------------------------------------------------------------------------------------------------

# Worked case 6: country one; country two is its mirror image, sectors and factors exchanged.
CASES: dict[str, dict[str, Any]] = {
    "6a": {
        "skill": (0.6, 0.4),
        "wage": (1.0, 1.36399652), "unit_cost": (1.132205616, 1.204725096), "cutoff": (1.551115009, 1.484909999),
        "export_cutoff": (2.190660363, 2.700345446), "entrants": (44.19085807, 25.59309712), "firms": (6.840619494, 4.768670173),
        "price": (0.3315413088, 0.376211199), "own_share": (0.9194479942, 0.6820114624), "reward": (2.831491853, 3.862145034),
        "autarky_reward": (2.572366814, 3.858550221), "autarky_firms": (7.502497063, 6.918111897),
        "cutoff_ratio": (1.072387997, 1.026616112), "firms_ratio": (0.91177903, 0.6893022611),
        "total": (0.0959773151, 0.0009312149611), "cost": 0.04752305007, "variety": -0.02087642415, "productivity": 0.06933068918,
    },
    "6b": {
        "skill": (0.7, 0.3),
        "wage": (1.0, 1.196930863), "unit_cost": (1.055408821, 1.134092154), "cutoff": (1.559657568, 1.481792984),
        "export_cutoff": (2.157624283, 2.75100395), "entrants": (46.21041143, 24.14068398), "firms": (6.98820269, 4.538397702),
        "price": (0.3063236311, 0.3548616431), "own_share": (0.9298123632, 0.6488734436), "reward": (3.03305454, 3.630356587),
        "autarky_reward": (2.572366814, 3.858550221), "autarky_firms": (7.81294847, 6.643217267),
        "cutoff_ratio": (1.078294031, 1.024461114), "firms_ratio": (0.8944385998, 0.6831626182),
        "total": (0.1647437963, -0.06096064555), "cost": 0.1128522209, "variety": -0.01986678292, "productivity": 0.07175835828,
    },
}  # fmt: skip
NEARLY = 10.0
"""A factor on the iceberg at which trade is less than 2e-5 of spending. Far beyond, factor prices of countries are no longer tied to each other."""


def both(pair: tuple[float, float]) -> Array:
    """Country one beside its mirror image [row, country]."""
    return np.array([pair, pair[::-1]]).T


def costly(name: str) -> World:
    return world(CASES[name]["skill"], [[120.0, 80.0], [80.0, 120.0]])


COLUMNS = ["sector 1, or skilled", "sector 2, or unskilled"]


def place(name: str, part: str) -> str:
    skill = CASES[name]["skill"]
    return f"Case {name}. Factor abundance, skill intensities {skill[0]} and {skill[1]}, trade with costs: {part}"


def by_country(table: Mapping[str, Array]) -> Table:
    """Rows of countries from arrays [row, country]; countries outermost."""
    return {f"country {n + 1}: {row}": np.asarray(array)[:, n] for n in range(2) for row, array in table.items()}


@pytest.fixture(scope="module", params=["6a", "6b"])
def closing(request: pytest.FixtureRequest) -> tuple[str, Solution]:
    """From the open economy nearly to autarky, solved in levels."""
    levels, economy = solve_world(costly(request.param), MELITZ)
    benchmark = calibrate(economy)
    prohibitive = np.where(np.eye(2, dtype=bool), 1.0, NEARLY) * np.ones((2, 1, 1))
    shock = change(benchmark, iceberg=benchmark.data["flow"].copy(data=prohibitive))
    return request.param, solve_levels(benchmark, MELITZ, shock, written=levels)


OPEN_ROWS = {
    "wage": "wage",
    "unit_cost": "unit cost",
    "cutoff": "domestic cutoff φ*",
    "export_cutoff": "export cutoff φ*_X",
    "entrants": "entrants M_E",
    "firms": "producing firms M",
    "price": "price index P",
    "own_share": "domestic share",
    "reward": "real reward",
}


def test_the_engine_has_the_open_economy_of_the_case(closing: tuple[str, Solution], validate: Validate) -> None:
    name, solution = closing
    assert solution.levels is not None
    firms = firm_levels(solution)
    wage = np.exp(solution.levels.point.log_factor_price)
    unit = wage[1, 1]  # country two's unskilled wage
    found = {
        "wage": wage / unit,
        "unit_cost": firms["bundle_cost_benchmark"] / unit,
        "cutoff": firms["domestic_cutoff_benchmark"],
        "export_cutoff": firms["cutoff_benchmark"].values[:, [0, 1], [1, 0]],
        "entrants": firms["entrants_benchmark"],
        "firms": np.diagonal(firms["exporters_benchmark"], axis1=1, axis2=2),
        "price": firms["price_level_benchmark"] / unit,
        "own_share": np.diagonal(solution.reference.trade_share, axis1=1, axis2=2),
        "reward": wage / np.prod(firms["price_level_benchmark"].values ** 0.5, axis=0),
    }
    published = {words: both(CASES[name][word]) for word, words in OPEN_ROWS.items()}
    compare(validate, place(name, "equilibrium"), COLUMNS, by_country(published), by_country({OPEN_ROWS[w]: found[w] for w in found}))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("country", [0, 1])
def test_the_engine_has_the_autarky_of_the_case(name: str, country: int) -> None:
    """A closed economy is two halves of it that trade at no cost, with half the fixed cost in each market."""
    half, closed = [[60.0, 40.0], [40.0, 60.0]][country], closed_economies(costly(name), MELITZ)
    levels, economy = solve_world(world(CASES[name]["skill"], [half, half], iceberg=1.0, fixed_cost=0.5, home_fixed_cost=0.5), MELITZ)
    benchmark = calibrate(economy)
    found = firm_levels(solve_levels(benchmark, MELITZ, change(benchmark), written=levels))
    reward = np.exp(levels.point.log_factor_price) / np.prod(found["price_level"].values ** 0.5, axis=0)
    assert_allclose(reward, np.broadcast_to(closed.real_reward[:, [country]], (2, 2)), rtol=NINE)
    assert_allclose(found["exporters"].sum("exporter"), np.broadcast_to(closed.firms[:, [country]], (2, 2)), rtol=NINE)
    assert_allclose(found["domestic_cutoff"], np.broadcast_to(closed.cutoff[:, [country]], (2, 2)), rtol=NINE)


@pytest.mark.parametrize("name", CASES)
def test_real_income_over_autarky(name: str) -> None:
    """Gains from trade by exact changes, against the case's real rewards."""
    case = CASES[name]
    _, economy = solve_world(costly(name), MELITZ)
    table = gains(calibrate(economy), MELITZ).table
    endowment = np.array([120.0, 80.0])
    assert_allclose(1 - table["gains_from_trade_pct"] / 100, endowment @ case["autarky_reward"] / (endowment @ case["reward"]), rtol=NINE)


def test_tables_of_the_way_to_autarky(closing: tuple[str, Solution]) -> None:
    """Up to what is still traded."""
    case, solution = CASES[closing[0]], closing[1]
    parts, table = real_rewards(solution), factors_table(solution)
    assert_allclose(-parts.total, both(case["total"]), atol=3e-5)
    assert_allclose(-parts.cost, case["cost"] * np.array([[1, -1], [-1, 1]]), atol=3e-5)
    assert_allclose(-parts.variety, case["variety"], atol=3e-5)
    assert_allclose(-parts.productivity, case["productivity"], atol=3e-5)
    assert_allclose(-np.log1p(table["real_price_pct"] / 100), both(case["total"]).T.ravel(), atol=3e-5)
    assert_allclose(-table["cost_log"], 100 * case["cost"] * np.array([1, -1, -1, 1]), atol=3e-3)
    assert_allclose(-table["variety_log"], 100 * case["variety"], atol=3e-3)
    assert_allclose(-table["productivity_log"], 100 * case["productivity"], atol=3e-3)
    sectors = sectors_table(solution)
    assert_allclose(100 / (100 + sectors["cutoff_pct"]), both(case["cutoff_ratio"]).T.ravel(), rtol=2e-5)
    assert_allclose(100 / (100 + sectors["average_productivity_pct"]), both(case["cutoff_ratio"]).T.ravel(), rtol=2e-5)
    assert_allclose(100 / (100 + sectors["firms_pct"]), both(case["firms_ratio"]).T.ravel(), rtol=1e-4)


@pytest.mark.parametrize("name", CASES)
def test_the_opening_of_trade(name: str, validate: Validate) -> None:
    """From autarky in closed form to the open economy of the engine."""
    case, given = CASES[name], costly(name)
    closed, found = closed_economies(given, MELITZ), opening(given, MELITZ)
    words = {
        "autarky_reward": "autarky real reward",
        "autarky_firms": "autarky producing firms M",
        "cutoff_ratio": "cutoff φ* over autarky",
        "firms_ratio": "producing firms M over autarky",
    }
    ours = (closed.real_reward, closed.firms, found.data["cutoff"], found.data["firms"])
    compare(
        validate, place(name, "from autarky"), COLUMNS,
        by_country({row: both(case[word]) for word, row in words.items()}), by_country(dict(zip(words.values(), ours, strict=True))),
    )  # fmt: skip
    assert_allclose(closed.cutoff, 1.446412132, rtol=NINE)  # worked case 1: selection is that of a closed economy with one sector
    assert_allclose(found.data["average_productivity"], found.data["cutoff"], rtol=NINE)


@pytest.mark.parametrize("name", CASES)
def test_the_split_of_real_rewards(name: str, validate: Validate) -> None:
    case, found = CASES[name], opening(costly(name), MELITZ).data
    rows = [f"country {n}, {factor}" for n in (1, 2) for factor in FACTORS]
    total = both(case["total"]).T.ravel()
    published = np.column_stack(
        [total, case["cost"] * np.array([1, -1, -1, 1]), *np.full((2, 4), [[case["variety"]], [case["productivity"]]])]
    )
    parts = xr.broadcast(np.log(found["real_reward"]), *(found[f"{part}_log"] / 100 for part in ("cost", "variety", "productivity")))
    compare(
        validate, place(name, "log real reward less autarky's, split"),
        ["total", "cost (Stolper–Samuelson)", "variety", "productivity"],
        dict(zip(rows, published, strict=True)),
        dict(zip(rows, np.column_stack([part.transpose("country", "factor").values.ravel() for part in parts]), strict=True)),
    )  # fmt: skip


def test_the_sentences_of_section_7_hold_and_the_last_may_fail() -> None:
    for name, rises in (("6a", True), ("6b", False)):
        case = CASES[name]
        selected, cutoff, productivity, firms, cost, scarce = opening(costly(name), MELITZ).statements
        assert [s.holds for s in (selected, cutoff, productivity, firms, cost, scarce)] == [True] * 5 + [rises]
        assert_allclose(list(cutoff.numbers.values()), 100 * np.log(case["cutoff_ratio"][0] / case["cutoff_ratio"][1]), rtol=1e-7)
        assert productivity.numbers == cutoff.numbers
        assert_allclose(list(firms.numbers.values()), 100 * np.log(case["firms_ratio"][0] / case["firms_ratio"][1]), rtol=1e-7)
        assert_allclose(list(cost.numbers.values()), 200 * case["cost"], rtol=1e-8)
        assert_allclose(list(scarce.numbers.values()), 100 * case["total"][1], rtol=1e-7)
        exporting = np.divide(case["export_cutoff"], case["cutoff"])
        assert_allclose(sorted(selected.numbers.values()), sorted([*exporting, *exporting]), rtol=1e-8)


def test_without_selection_into_exporting_it_is_said() -> None:
    found: Opening = opening(world((0.6, 0.4), [[120.0, 80.0], [80.0, 120.0]], iceberg=1.1, fixed_cost=0.6), MELITZ)
    selected = found.statements[0]
    assert selected.holds is False
    assert "do not sell at home" in selected.sentence


def test_a_country_that_leaves_a_sector() -> None:
    found = opening(world((0.7, 0.3), [[180.0, 20.0], [20.0, 180.0]], iceberg=1.05, fixed_cost=1.0), MELITZ)
    assert_allclose(found.data["firms"].values[[0, 1], [1, 0]], 0.0)
    assert all(np.isfinite(found.data[name]).all() for name in ("real_reward", "cost_log", "variety_log", "productivity_log"))
    whole = 100 * np.log(found.data["real_reward"])
    assert_allclose(found.data["cost_log"] + found.data["variety_log"] + found.data["productivity_log"], whole, atol=1e-10)
    assert np.isnan(found.data["cutoff"].values[[0, 1], [1, 0]]).all()
    _, cutoff, productivity, firms, *_ = found.statements
    assert [cutoff.holds, productivity.holds, firms.holds] == [None, None, True]
    assert firms.numbers == {"one": np.inf, "two": np.inf}


def test_countries_alike_have_no_comparative_advantage() -> None:
    for endowments in ([[100.0, 80.0], [100.0, 80.0]], [[100.0, 80.0], [150.0, 120.0]]):
        *_, last = opening(world((0.6, 0.4), endowments), MELITZ).statements
        assert last.holds is None
        assert "Does not apply" in last.sentence


def test_a_country_like_the_average_of_two_others_has_no_advantage_of_its_own() -> None:
    given = make_world({
        "countries": ["one", "two", "middle"], "sectors": SECTORS, "factors": FACTORS,
        "iceberg": 1.4, "fixed_cost": 1.5, "home_fixed_cost": 1.0, "entry_cost": 0.5,
        "endowment": {"one": {"skilled": 120, "unskilled": 80}, "two": {"skilled": 80, "unskilled": 120}, "middle": 100},
        "factor_share": {"first": {"skilled": 0.6, "unskilled": 0.4}, "second": {"skilled": 0.4, "unskilled": 0.6}},
        "final_share": 0.5,
    })  # fmt: skip
    cutoff = opening(given, MELITZ).statements[1]
    assert cutoff.holds
    assert list(cutoff.numbers) == ["one", "two"]


# --- 6c: costless trade --------------------------------------------------------------------------------------------------------------------

ENDOWMENTS = [[110.0, 90.0], [90.0, 210.0]]


def costless(endowments: list[list[float]] = ENDOWMENTS, **given: Any) -> World:
    return world((0.7, 0.3), endowments, 0.4, **given)


@pytest.fixture(scope="module")
def integrated() -> Integrated:
    return integrated_equilibrium(costless(), MELITZ)


# Worked case 6c; money in units of the unskilled wage.
WORLD = {
    "factor_price": (1.277777778, 1.0), "bundle_cost": (1.187185905, 1.076308077), "price_level": (0.3036890675, 0.232785484),
    "cutoff": (1.446412132, 1.446412132), "firms": (13.76353039, 22.77210815), "entrants": (66.06494589, 109.3061191),
    "real_reward": (4.935261062, 3.862378223),
}  # fmt: skip
MONEY = ("factor_price", "bundle_cost", "price_level")
SHARES = [[0.803125, 0.196875], [0.15625, 0.84375]]
COSTLESS = "Case 6c. Factor abundance, skill intensities 0.7 and 0.3, costless trade"
INTEGRATED_ROWS = {
    "factor_price": "wage",
    "bundle_cost": "unit cost",
    "price_level": "price index P",
    "cutoff": "cutoff φ*",
    "firms": "producing firms M of the world",
    "entrants": "entrants M_E of the world",
    "real_reward": "real reward",
}


def test_the_integrated_equilibrium(integrated: Integrated, validate: Validate) -> None:
    unskilled = integrated.equilibrium.factor_price[1, 0]
    found = {name: getattr(integrated.equilibrium, name)[:, 0] / (unskilled if name in MONEY else 1.0) for name in WORLD}
    for name, ours in found.items():
        assert_allclose(integrated.data[name] / (unskilled if name in MONEY else 1.0), ours, rtol=NINE, err_msg=name)
    assert integrated.inside
    assert integrated.unique
    compare(
        validate, COSTLESS, COLUMNS,
        {INTEGRATED_ROWS[name]: WORLD[name] for name in WORLD}
        | by_country({"share of world production": np.array(SHARES)})
        | {"country 1: net exports": (86.25, -86.25), "country 1: net factor exports": (27.0, -34.5)},
        {INTEGRATED_ROWS[name]: found[name] for name in WORLD}
        | by_country({"share of world production": integrated.production_share})
        | by_country({"net exports": integrated.net_exports / unskilled, "net factor exports": integrated.factor_content}),
    )  # fmt: skip
    compare(
        validate, f"{COSTLESS}: income", ["country 1", "country 2"],
        {"income": (230.5555556, 325.0)}, {"income": integrated.income / unskilled},
    )  # fmt: skip
    assert_allclose(integrated.net_exports[:, 1], -integrated.net_exports[:, 0], rtol=NINE)
    assert_allclose(integrated.vanek, integrated.factor_content, rtol=NINE)
    assert_allclose(integrated.factor_content[:, 1], -integrated.factor_content[:, 0], rtol=NINE)
    assert integrated.data["production_share"].dims == ("sector", "country")
    assert_allclose(integrated.data["factor_content"].sel(factor="skilled", country="one"), integrated.factor_content[0, 0], rtol=NINE)


THEOREMS = {
    "factor-price equalisation": {
        "first in one": 0.803125, "first in two": 0.196875, "second in one": 0.15625, "second in two": 0.84375,
    },
    "Stolper–Samuelson": {
        "price of skilled": 0.03216745665, "price of unskilled": 0.0,
        "price of varieties of first": 0.02251721966, "price of varieties of second": 0.009650236995,
        "price index of first": 0.008784354746, "price index of second": 0.01919228315,
    },
    "Rybczynski": {
        "growth of the factor": 0.01818181818, "growth of first": 0.02505836576, "growth of second": -0.0368,
        "share of first in one": 0.82325, "share of second in one": 0.1505,
    },
    "Heckscher–Ohlin": {
        "net exports of first in one": 86.25, "net exports of second in one": -86.25,
        "factor content of skilled in one": 27.0, "factor content of unskilled in one": -34.5,
    },
}  # fmt: skip
"""Worked case 6c. Stolper–Samuelson: Δ ln as 0.02 of spending moves to the first; Rybczynski: two skilled workers move to country one."""


def test_the_theorems(integrated: Integrated, validate: Validate) -> None:
    fpe, ss, ryb, ho = statements = theorems(costless(), MELITZ)
    assert [s.name for s in statements] == list(THEOREMS)
    assert all(s.holds for s in statements)
    found = {s.name: dict(s.numbers) for s in statements}
    follow = {"factor-price equalisation": {"smallest"}, "Rybczynski": {"share of first in two", "share of second in two"}}
    for name in ("factor-price equalisation", "Stolper–Samuelson", "Rybczynski"):
        assert set(found[name]) == set(THEOREMS[name]) | follow.get(name, set())
    assert fpe.numbers["smallest"] == fpe.numbers["second in one"]
    for sector in SECTORS:
        assert ryb.numbers[f"share of {sector} in two"] == pytest.approx(1 - ryb.numbers[f"share of {sector} in one"], rel=NINE)
        found["Heckscher–Ohlin"][f"net exports of {sector} in one"] /= integrated.equilibrium.factor_price[1, 0]
    of = {"factor-price equalisation": "share of "}
    rows = {f"{name}: {of.get(name, '')}{row}": (name, row) for name, numbers in THEOREMS.items() for row in numbers}
    compare(
        validate, f"{COSTLESS}: theorems", ["number"],
        {words: THEOREMS[name][row] for words, (name, row) in rows.items()},
        {words: found[name][row] for words, (name, row) in rows.items()},
    )  # fmt: skip
    assert ho.numbers["largest difference from Vanek"] < 1e-13
    for statement, words in (
        (fpe, "equalises"),
        (ss, "skilled most intensively"),
        (ryb, "2 more of skilled"),
        (ho, "one, abundant in skilled"),
    ):
        assert statement.sentence.startswith("Holds")
        assert words in statement.sentence


def test_endowments_outside_the_set(validate: Validate) -> None:
    fpe, ss, ryb, ho = theorems(costless([[170.0, 60.0], [30.0, 240.0]]), MELITZ)
    assert fpe.holds is False
    published = {"share of first in one": 1.508125, "share of second in one": -0.17375}
    outside = "endowments (170, 60) and (30, 240), outside the set"
    compare(
        validate, f"{COSTLESS}: {outside}", ["number"], published, {row: fpe.numbers[row.removeprefix("share of ")] for row in published}
    )
    assert fpe.sentence.startswith("Fails")
    assert ss.holds  # a property of the integrated economy
    assert ryb.holds is None
    assert ho.holds is None
    assert all("Does not apply" in s.sentence for s in (ryb, ho))


def test_costless_trade_in_the_engine_is_the_integrated_equilibrium(integrated: Integrated) -> None:
    """τ = 1, and fixed costs of a market in proportion to the importer's income: all cutoffs of a sector coincide."""
    part = dict(zip(COUNTRIES, (integrated.income / integrated.income.sum()).tolist(), strict=True))
    given = costless(iceberg=1.0, fixed_cost=dict.fromkeys(COUNTRIES, part), home_fixed_cost=part)
    levels, economy = solve_world(given, MELITZ)
    benchmark = calibrate(economy)
    solution = solve_levels(benchmark, MELITZ, change(benchmark), written=levels)
    found, whole = firm_levels(solution), integrated.equilibrium
    assert_allclose(np.exp(levels.point.log_factor_price), np.broadcast_to(whole.factor_price, (2, 2)), rtol=NINE)
    assert_allclose(found["bundle_cost"], np.broadcast_to(whole.bundle_cost, (2, 2)), rtol=NINE)
    assert_allclose(found["cutoff"], np.broadcast_to(whole.cutoff[:, :, None], (2, 2, 2)), rtol=NINE)
    assert_allclose(found["entrants"].sum("country"), whole.entrants[:, 0], rtol=NINE)
    assert_allclose(found["exporters"].sum("exporter"), np.broadcast_to(whole.firms, (2, 2)), rtol=NINE)
    assert_allclose(found["entrants"] / found["entrants"].sum("country"), SHARES, rtol=1e-8)
    assert_allclose(solution.data["sales"] / solution.data["sales"].sum("country"), SHARES, rtol=1e-8)
    assert_allclose(found["price_level"], np.broadcast_to(whole.price_level, (2, 2)), rtol=NINE)
    exports = solution.data["flow"].sum("importer").values - solution.data["flow"].sum("exporter").values
    assert_allclose(exports, integrated.net_exports, rtol=1e-8)


# --- in general ----------------------------------------------------------------------------------------------------------------------------


def random_world(seed: int, N: int, J: int, F: int, shares: Array | None = None) -> tuple[World, Exponents]:
    """A world with one technology; its endowments are what `shares` in production [sector, country] employ (default: any endowments)."""
    rng = np.random.default_rng(seed)
    countries, sectors, factors = ([f"{letter}{i}" for i in range(size)] for letter, size in zip("CSF", (N, J, F), strict=True))
    intensity, beta = rng.dirichlet(np.ones(F), J).T, rng.dirichlet(np.full(J, 5.0))
    endowment = rng.uniform(50, 150, (F, N))
    if shares is not None:
        # payments to factors are intensities times spending, whatever factors cost: endowments of a country in units of the world's
        endowment = endowment.sum(axis=1, keepdims=True) * ((intensity * beta) @ shares) / (intensity @ beta)[:, None]
    sigma, k = rng.uniform(2.5, 5, J), rng.uniform(1.1, 1.4, J)
    exponents = melitz(dict(zip(sectors, sigma.tolist(), strict=True)), dict(zip(sectors, ((sigma - 1) * k).tolist(), strict=True)))
    table = {
        "countries": countries, "sectors": sectors, "factors": factors, "iceberg": 1.3, "fixed_cost": 1.2, "home_fixed_cost": 1.0,
        "entry_cost": dict(zip(sectors, rng.uniform(0.3, 0.7, J).tolist(), strict=True)),
        "endowment": {c: dict(zip(factors, endowment[:, n].tolist(), strict=True)) for n, c in enumerate(countries)},
        "factor_share": {s: dict(zip(factors, intensity[:, j].tolist(), strict=True)) for j, s in enumerate(sectors)},
        "final_share": dict(zip(sectors, beta.tolist(), strict=True)),
    }  # fmt: skip
    return make_world(table), exponents


@pytest.mark.parametrize(("N", "J", "F"), [(2, 2, 2), (3, 2, 2), (2, 3, 3), (4, 3, 2), (3, 4, 4), (3, 1, 1), (2, 3, 1)])
@pytest.mark.parametrize("seed", range(4))
def test_endowments_that_shares_employ_lie_inside_the_set(seed: int, N: int, J: int, F: int) -> None:
    shares = np.random.default_rng(seed + 100).dirichlet(np.ones(N), J)
    found = integrated_equilibrium(*random_world(seed, N, J, F, shares))
    assert found.inside
    assert found.unique == (J == F)
    if found.unique:
        assert_allclose(found.production_share, shares, atol=1e-9)
    assert_allclose(found.production_share.sum(axis=1), 1.0, rtol=1e-9)
    assert_allclose(found.net_exports.sum(axis=0), 0.0, atol=1e-7 * found.income.sum())
    assert_allclose(found.factor_content, found.vanek, atol=1e-7 * found.world.technology.endowment.sum())
    assert factor_price_equalisation(found).holds
    assert heckscher_ohlin(found).holds


@pytest.mark.parametrize("seed", range(6))
def test_the_linear_program_agrees_with_the_exact_shares(seed: int) -> None:
    """A sector split in two equal halves leaves the set as it is."""
    rng = np.random.default_rng(seed)
    employed, endowment = rng.uniform(1, 5, (3, 3)), rng.uniform(1, 5, (3, 2))
    endowment *= (employed.sum(axis=1) / endowment.sum(axis=1))[:, None]
    share, unique = production_shares(employed, endowment)
    halves, still = production_shares(np.hstack([employed[:, :2], employed[:, 2:] / 2, employed[:, 2:] / 2]), endowment)
    assert unique
    assert not still
    assert_allclose(halves[:2], share[:2], atol=1e-8)
    assert_allclose(halves[2:].mean(axis=0), share[2], atol=1e-8)
    assert (halves.min() >= -1e-9) == (share.min() >= 0)


@pytest.mark.parametrize(("J", "F"), [(1, 2), (2, 3)])
def test_fewer_sectors_than_factors(J: int, F: int) -> None:
    """Trade in goods alone equalises factor prices only by accident."""
    given, exponents = random_world(3, 2, J, F)
    found = integrated_equilibrium(given, exponents)
    assert not found.inside
    assert factor_price_equalisation(found).holds is False
    assert "cannot equalise" in factor_price_equalisation(found).sentence
    assert heckscher_ohlin(found).holds is None
    shares = np.random.default_rng(1).dirichlet(np.ones(2), J)
    accident = integrated_equilibrium(*random_world(3, 2, J, F, shares))
    assert accident.inside
    assert_allclose(accident.production_share, shares, atol=1e-7)


def test_sectors_of_one_intensity() -> None:
    alike = world((0.5, 0.5), [[100.0, 100.0], [50.0, 50.0]])
    found = integrated_equilibrium(alike, MELITZ)
    assert found.inside
    assert not found.unique
    assert_allclose(found.factor_content, 0.0, atol=1e-7)
    assert rybczynski(found, "skilled", "two", "one", 1.0).holds is None
    assert not integrated_equilibrium(world((0.5, 0.5), ENDOWMENTS), MELITZ).inside


@pytest.mark.parametrize(("J", "F"), [(2, 2), (3, 3), (4, 3), (3, 2)])
@pytest.mark.parametrize("seed", range(4))
def test_theorems_hold_in_random_worlds(seed: int, J: int, F: int) -> None:
    shares = np.random.default_rng(seed).dirichlet(np.full(2, 20.0), J)
    fpe, ss, ryb, ho = theorems(*random_world(seed, 2, J, F, shares))
    assert fpe.holds
    assert ss.holds
    assert ho.holds
    assert ryb.holds is (True if J == F else None) or "Does not apply" in ryb.sentence


def test_theorems_take_no_more_than_there_is() -> None:
    """A giver with next to nothing of the factor, and one sector alone."""
    *_, ryb, _ = theorems(costless([[110.0, 90.0], [0.5, 210.0]]), MELITZ)
    assert ryb.holds is None
    assert ryb.numbers["growth of the factor"] == pytest.approx(0.25 / 110.0)
    _, ss, *_ = theorems(*random_world(1, 2, 1, 1, np.array([[0.3, 0.7]])))
    assert ss.holds is None
    assert "one sector" in ss.sentence


@pytest.mark.parametrize("sector", SECTORS)
def test_stolper_samuelson_either_way(sector: str, integrated: Integrated) -> None:
    found = stolper_samuelson(costless(), MELITZ, sector, 0.05)
    assert found.holds
    assert found.numbers["price of skilled" if sector == "second" else "price of unskilled"] == 0.0


def test_the_scarce_factor_moves_too(integrated: Integrated) -> None:
    found: Statement = rybczynski(integrated, "unskilled", "two", "one", 1.0)
    assert found.holds
    assert found.numbers["growth of second"] > found.numbers["growth of the factor"] > 0 > found.numbers["growth of first"]


# --- what has no closed economy, no integration --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "exponents", "words"),
    [
        ({}, krugman(4.0), "need melitz, not krugman"),
        ({}, external_economies(4.0, 0.1), "need melitz"),
        ({}, melitz(4.0, 4.25, 0.5), "need scale = 1"),
        ({"home_fixed_cost": 0.01}, MELITZ, "every entrant would produce first in a closed"),
        ({"final_share": {"first": 1.0, "second": 0.0}}, MELITZ, "second in .* not made or not bought"),
        ({"productivity": {"one": {"second": 0.0}, "*": 1.0}}, MELITZ, "differs between countries|not made"),
        ({"entry_cost": {"one": 0.4, "two": 0.5}}, MELITZ, "entry_cost: differs between countries"),
        ({"home_fixed_cost": {"one": 1.0, "two": 1.1}}, MELITZ, "home_fixed_cost: differs between countries"),
        ({"final_share": {"one": {"first": 0.4, "second": 0.6}, "two": 0.5}}, MELITZ, "final_share: differs between countries"),
        ({"transfer": {"one": 1.0, "two": -1.0}}, MELITZ, "transfer: .* balanced trade"),
    ],
)
def test_worlds_without_an_integrated_equilibrium(given: dict[str, Any], exponents: Exponents, words: str) -> None:
    with pytest.raises(DataError, match=words):
        integrated_equilibrium(costless(**given), exponents)


def test_inputs_are_refused() -> None:
    given = costless()
    with pytest.raises(DataError, match=r"input_share: .* leave inputs out"):
        closed_economies(replace(given, technology=replace(given.technology, input_share=0.2 * np.ones((2, 2, 2)))), MELITZ)


def test_faults_of_the_experiments_are_named(integrated: Integrated) -> None:
    with pytest.raises(DataError, match="no sector third; there are first, second"):
        stolper_samuelson(costless(), MELITZ, "third", 0.02)
    with pytest.raises(DataError, match=r"must lie between 0 and 0\.6"):
        stolper_samuelson(costless(), MELITZ, "first", 0.7)
    with pytest.raises(DataError, match="no country three"):
        rybczynski(integrated, "skilled", "three", "one", 2.0)
    with pytest.raises(DataError, match="no factor capital"):
        rybczynski(integrated, "capital", "two", "one", 2.0)
    with pytest.raises(DataError, match="cannot move from two, which has 90"):
        rybczynski(integrated, "skilled", "two", "one", 90.0)


# --- the run file --------------------------------------------------------------------------------------------------------------------------


def test_the_run_file_opens_trade() -> None:
    """From next to no trade to worked case 6a: its numbers but for what is traded at an iceberg of 14."""
    solution = run(find("runs", "factor-abundance"))
    case = CASES["6a"]
    factors, sectors = factors_table(solution), sectors_table(solution)
    assert_allclose(factors["cost_log"], 100 * case["cost"] * np.array([1, -1, -1, 1]), atol=1e-3)
    assert_allclose(factors["variety_log"], 100 * case["variety"], atol=1e-3)
    assert_allclose(factors["productivity_log"], 100 * case["productivity"], atol=1e-3)
    assert_allclose(sectors["cutoff_pct"], 100 * (both(case["cutoff_ratio"]).T.ravel() - 1), atol=2e-3)
    assert_allclose(sectors["firms_pct"], 100 * (both(case["firms_ratio"]).T.ravel() - 1), atol=2e-2)
    assert (factors["real_price_pct"] > 0).all()
    by_changes = solve_hat(solution.benchmark, solution.exponents, solution.shock)
    xr.testing.assert_allclose(by_changes.data, solution.data, rtol=1e-8)


# --- any distribution of productivity ------------------------------------------------------------------------------------------------------

DRAWS = {"first": log_normal(0.4), "second": truncated_pareto(4.25, 4.0)}


LEAVES = world((0.7, 0.3), [[180.0, 20.0], [20.0, 180.0]], iceberg=1.05, fixed_cost=1.0)
"""Each country leaves a sector; the other then sells as easily abroad as at home, to the last bit or not."""


@pytest.mark.parametrize("given", [costly("6a"), costly("6b"), costless(), LEAVES])
def test_pareto_by_hand_is_the_models_own(given: World) -> None:
    """Closed economies by the chapter's formulas, written anew; the opening against the system in levels, also where a country leaves a sector."""
    t, closed = given.technology, closed_economies(given, MELITZ, pareto(4.25))
    assert_allclose(closed.cutoff, (3 / 1.25 / 0.5) ** (1 / 4.25), rtol=1e-12)
    assert_allclose(closed.entrants, 3 / (4.25 * 4) * closed.sales / closed.bundle_cost / 0.5, rtol=1e-12)
    assert_allclose(closed.firms, closed.entrants * closed.cutoff**-4.25, rtol=1e-12)
    assert_allclose(closed.average_productivity, (4.25 / 1.25) ** (1 / 3) * closed.cutoff, rtol=1e-12)
    assert_allclose((t.factor_share * closed.sales).sum(axis=1), closed.factor_price * t.endowment, rtol=1e-12)
    if np.isfinite(t.iceberg).all() and t.iceberg.max() > 1:
        levels, general = opening(given, MELITZ), opening(given, MELITZ, pareto(4.25))
        xr.testing.assert_allclose(general.data, levels.data, rtol=1e-9, atol=1e-9)
        first = 1 if given is LEAVES else 0
        assert [s.holds for s in general.statements[first:]] == [s.holds for s in levels.statements[first:]]


def test_closed_economies_by_drawn_firms() -> None:
    """Two million firms of each distribution: profits pay for entry at the cutoff, prices of those that produce add up to the index."""
    given = world((0.6, 0.4), [[120.0, 80.0], [80.0, 120.0]], productivity=1.3)
    closed, rng = closed_economies(given, MELITZ, DRAWS), np.random.default_rng(0)
    uniform = rng.random(2_000_000)
    drawn = {
        "first": np.exp(0.4 * rng.standard_normal(len(uniform))),
        "second": (1 - uniform * (1 - 4.0**-4.25)) ** (-1 / 4.25),
    }
    for s, name in enumerate(SECTORS):
        phi, c, M = 1.3 * drawn[name], closed.bundle_cost[s, 0], closed.entrants[s, 0]
        profit = np.maximum((phi / closed.cutoff[s, 0]) ** 3 - 1, 0)
        assert abs(profit.mean() - 0.5) < 4 * profit.std() / np.sqrt(len(phi))
        produces = phi > closed.cutoff[s, 0]
        assert_allclose(M * produces.mean(), closed.firms[s, 0], rtol=5e-3)
        price = (M * np.mean(np.where(produces, (4 / 3 * c / phi) ** -3, 0))) ** (-1 / 3)
        assert_allclose(price, closed.price_level[s, 0], rtol=2e-3)
        assert_allclose(np.mean(phi[produces] ** 3) ** (1 / 3), closed.average_productivity[s, 0], rtol=2e-3)


def test_an_open_economy_by_drawn_firms() -> None:
    """Log-normal and truncated Pareto, 6a's costs: from cutoffs and factor prices alone, firms drawn anew pay for entry, sell what is spent and use
    up all factors.
    """
    given = costly("6a")
    found, rng = open_economies(given, MELITZ, DRAWS), np.random.default_rng(1)
    t, w, f = given.technology, found.factor_price, found.firms
    uniform = rng.random(1_000_000)
    drawn = [np.exp(0.4 * rng.standard_normal(len(uniform))), (1 - uniform * (1 - 4.0**-4.25)) ** (-1 / 4.25)]
    income = (w * t.endowment).sum(axis=0)
    revenue = np.zeros((2, 2))
    for s, phi in enumerate(drawn):
        spent = np.zeros(2)
        for i in range(2):
            profit = np.zeros(len(phi))
            for n in range(2):
                price = 4 / 3 * t.iceberg[s, i, n] * f.bundle_cost[s, i] / phi
                sales = np.where(phi > f.cutoff[s, i, n], t.final_share[s, n] * income[n] * (price / f.price_level[s, n]) ** -3, 0)
                fixed = f.bundle_cost[s, i] * t.fixed_cost[s, i, n]
                assert_allclose(sales[sales > 0].min() / 4, fixed, rtol=1e-2)  # the marginal firm
                profit += np.where(sales > 0, sales / 4 - fixed, 0)
                revenue[s, i] += f.entrants[s, i] * sales.mean()
                spent[n] += f.entrants[s, i] * sales.mean()
                assert_allclose(f.exporters[s, i, n], f.entrants[s, i] * (sales > 0).mean(), rtol=0.02)
                assert_allclose(f.average_sales[s, i, n] * f.exporters[s, i, n], f.entrants[s, i] * sales.mean(), rtol=0.02)
            assert abs(profit.mean() / f.bundle_cost[s, i] - 0.5) < 5 * profit.std() / np.sqrt(len(phi)) / f.bundle_cost[s, i]
            own = phi[phi > f.cutoff[s, i, i]]
            assert_allclose(found.average_productivity[s, i], np.mean(own**3) ** (1 / 3), rtol=5e-3)
        assert_allclose(spent, t.final_share[s] * income, rtol=0.01)
    assert_allclose((t.factor_share * revenue).sum(axis=1), w * t.endowment, rtol=0.01)
    assert_allclose(income.sum(), 400.0, rtol=1e-9)


def test_theorems_do_not_depend_on_the_distribution() -> None:
    """Nor does what the chapter says of factor prices; selection does."""
    own, other = theorems(costless(), MELITZ), theorems(costless(), MELITZ, DRAWS)
    for one, two in zip(own, other, strict=True):
        assert one.holds == two.holds
        kept = [name for name in one.numbers if not name.startswith("price index")]
        assert [two.numbers[name] for name in kept] == pytest.approx([one.numbers[name] for name in kept], rel=1e-10, abs=1e-12)
    found = integrated_equilibrium(costless(), MELITZ, DRAWS)
    assert found.inside
    assert found.equilibrium.cutoff[0, 0] != pytest.approx(found.equilibrium.cutoff[1, 0], rel=1e-3)
    opened = opening(costly("6a"), MELITZ, DRAWS)
    assert [s.holds for s in opened.statements] == [True, True, True, True, True, False]
    assert (opened.data["average_productivity"] < opened.data["cutoff"]).all()  # under Pareto they are the same


def test_faults_of_distributions_come_at_once() -> None:
    with pytest.raises(DataError) as raised:
        closed_economies(costly("6a"), MELITZ, {"frist": log_normal(0.4), "second": pareto(2.0)})
    words = ("no sector frist. Did you mean first?", "sector first has no distribution", "second: productivity: Pareto with k = 2")
    assert [word in fault for word, fault in zip(words, raised.value.faults, strict=True)] == [True] * 3
    with pytest.raises(DataError, match="tariff: an open economy under a distribution"):
        opening(world((0.6, 0.4), [[120.0, 80.0], [80.0, 120.0]], tariff=0.1), MELITZ, pareto(4.25))


@pytest.mark.parametrize("scarce", [99.0, 40.0])
def test_slopes_of_factor_demand_are_exact(scarce: float, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that Newton's method for factor prices uses, against differences; where factors are scarce, in countries without one of the sectors."""
    seen: dict[str, Any] = {}

    def stop(evaluate: Any, start: Array) -> Any:
        seen.update(evaluate=evaluate, start=start)
        raise InterruptedError

    monkeypatch.setattr(open_factors, "newton", stop)
    with pytest.raises(InterruptedError):
        open_economies(world((0.7, 0.3), [[100.0, scarce], [scarce, 100.0]]), MELITZ, log_normal(0.4))
    evaluate, at, step = seen["evaluate"], seen["start"] + 0.001 * np.arange(4), 1e-5
    slopes = evaluate(at).slopes()
    numeric = np.column_stack([(evaluate(at + step * u).values - evaluate(at - step * u).values) / (2 * step) for u in np.eye(4)])
    assert_allclose(slopes, numeric, atol=1e-7)
