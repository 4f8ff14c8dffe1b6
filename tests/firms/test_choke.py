"""Demands with a choke price from the firm up: constants, worked cases, firms that search for their prices, and the package's own Krugman row."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import worlds
from choke_cases import CASES
from numpy.testing import assert_allclose
from scipy import optimize, special
from validation import Validate
from worked import compare, rounded

import cge
from cge.errors import DataError, SolveError
from cge.firms import (
    ChokeEconomy,
    ChokeEquilibrium,
    Productivity,
    chained_real_income,
    choke_equilibrium,
    choke_firm,
    choke_table,
    log_normal,
    pareto,
    semismooth,
    truncated_pareto,
)
from cge.firms.choke.entrants import integrals
from cge.model.demand import DEMANDS, Demand, demand, demand_faults, markup_at, markups, pass_through, price

Array = npt.NDArray[np.float64]

PLACE = "Mark-ups, {}"
NAMED = {
    "translog": demand("translog"),
    "QMOR r=-2": demand("qmor", -2.0),
    "QMOR r=1": demand("qmor", 1.0),
    "CARA": demand("cara"),
    "quadratic": demand("quadratic"),
    "Pollak s=1/2": demand("pollak", 0.5),
    "Pollak s=2": demand("pollak", 2.0),
    "Pollak s=3": demand("pollak", 3.0),
}
EACH = pytest.mark.parametrize("kind", NAMED.values(), ids=NAMED)


def case(name: str) -> Any:
    return next(tables for title, tables in CASES.items() if title.startswith(name))


# --- one firm, and the constants -----------------------------------------------------------------------------------------------------------


@EACH
def test_the_best_price_is_best(kind: Demand) -> None:
    """By search along prices, and the derivatives that are written beside the functions."""
    for z in (0.02, 0.3, 0.8, 0.99):
        best = optimize.minimize_scalar(
            lambda x, z=z: -(x - z) * float(kind.quantity(np.array(x))), bounds=(z, 1), method="bounded", options={"xatol": 1e-10}
        )
        assert_allclose(price(kind, z), best.x, rtol=1e-6)
    z = np.array([1e-12, 1e-3, 0.2, 0.7, 1.0])
    x, step = price(kind, z), 1e-6
    assert_allclose(kind.cost(x), z, rtol=1e-9, atol=1e-15)
    inside = np.array([0.8, 0.95])
    assert_allclose(kind.cost_slope(inside), (kind.cost(inside + step) - kind.cost(inside - step)) / (2 * step), rtol=1e-8)
    assert (pass_through(kind, x[1:]) < 1).all()


def test_prices_in_closed_form() -> None:
    """Translog W(e v), CARA 1/W(e/v), quadratic (1 + v)/2 as mark-ups, v = 1/z; and one family leads to the other demands."""
    z = np.array([1e-8, 0.1, 0.5, 0.999])
    assert_allclose(price(NAMED["translog"], z) / z, np.real(special.lambertw(np.e / z)), rtol=1e-14)
    assert_allclose(price(NAMED["CARA"], z) / z, 1 / np.real(special.lambertw(np.e * z)), rtol=1e-14)
    assert_allclose(price(NAMED["quadratic"], z) / z, (1 + 1 / z) / 2, rtol=1e-14)
    assert_allclose(price(demand("qmor", 2.0), z), price(NAMED["quadratic"], z), rtol=1e-14)
    assert_allclose(price(demand("qmor", 1e-9), z), price(NAMED["translog"], z), rtol=1e-7)
    assert_allclose(price(demand("pollak", 1e-9), z), price(NAMED["CARA"], z), rtol=1e-7)
    assert_allclose(price(NAMED["QMOR r=1"], z), price(NAMED["Pollak s=1/2"], z), rtol=1e-14)  # one demand curve, two utilities


@pytest.mark.parametrize("k", [4.0, 5.0])
def test_constants(k: float, validate: Validate) -> None:
    _, columns, published = case("B1")[k == 5.0]
    found = {name: markups(kind, k) for name, kind in NAMED.items()}
    words = {
        "rho": "rho", "eta": "eta", "eps0": "utility_over_sales", "mean markup": "mean_markup", "sales markup": "sales_weighted_markup",
        "mean log markup": "mean_log_markup",
    }  # fmt: skip
    rows: dict[str, list[float]] = {row: [getattr(found[name], word) for name in columns] for row, word in words.items()}
    rows |= {f"markup p{p}": [float(markup_at(NAMED[name], k, p)) for name in columns] for p in (50, 90, 99)}
    kept = [at for at, value in enumerate(published["eps0"]) if value is not None]
    for row, values in published.items():  # ε is of additive demands alone
        at = kept if row == "eps0" else range(len(columns))
        some = tuple(columns[i] for i in at)
        one = {row: [values[i] for i in at]}
        compare(
            validate, PLACE.format(f"B1. Constants of demands, k = {k:g}"), some, one, {row: [rows[row][i] for i in at]}, rounded(some, one)
        )


@EACH
@pytest.mark.parametrize("k", [1.5, 4.0, 9.0])
def test_what_pareto_costs_imply(kind: Demand, k: float) -> None:
    """Sales over variable cost (k + 1)/k for every demand, and η from ρ and from ε alike."""
    if demand_faults(kind.name, None if np.isnan(kind.parameter) else kind.parameter, k):
        return
    found = markups(kind, k)
    _, _, sales, profit, cost, *_ = integrals(kind, pareto(k, 0.5), np.array([1.1]))
    assert_allclose(sales / cost, (k + 1) / k, rtol=1e-11)
    assert_allclose(profit / sales, 1 / (k + 1), rtol=1e-11)
    if not kind.homothetic:
        assert_allclose(found.eta, 1 - found.utility_over_sales * k / (k + 1), rtol=1e-10, atol=1e-12)
        assert_allclose(found.utility_over_sales, (k + 1 - found.rho) / k, rtol=1e-11)


# --- worlds --------------------------------------------------------------------------------------------------------------------------------

P4, P5 = pareto(4.0, 0.25), pareto(5.0, 0.25)
BEFORE, AFTER = [[[1, 1.5], [1.6, 1]]], [[[1, 1.2], [1.4, 1]]]


def two(kind: Demand, productivity: Productivity = P4, iceberg: Any = BEFORE, **more: Any) -> ChokeEconomy:
    return ChokeEconomy(kind, productivity, [100, 60], iceberg=iceberg, **more)


def test_two_countries_and_five_demands(validate: Validate) -> None:
    _, columns, published = case("B2")[0]
    got: dict[str, list[float]] = {row: [] for row in published}
    for name in dict.fromkeys(column.rsplit(" ", 1)[0] for column in columns):
        change = chained_real_income(two(NAMED[name]), two(NAMED[name], iceberg=AFTER), nodes=3)
        before, after = change.before, change.after
        assert_allclose(before.entrants[0], [20, 12], rtol=1e-10)
        assert_allclose([before.wage[0], after.wage[0]], [1.017921355, 0.9696610415], rtol=1e-9)
        assert_allclose(np.diagonal(after.trade_share[0]), [0.7963030846, 0.6708050614], rtol=1e-9)
        rows = [
            before.choke_price,
            after.choke_price,
            before.sellers,
            after.sellers,
            after.utility / before.utility,
            change.real_income_log,
        ]
        for row, values in zip(published, rows, strict=True):
            got[row] += np.ravel(values).tolist()
    compare(validate, PLACE.format("B2. Two countries, five demands"), columns, published, got, rounded(columns, published))


def test_three_measures_of_one_gain(validate: Validate) -> None:
    """The ratio of utilities, the chained measure and, by search, the income that buys the old utility at the new prices."""
    kind = NAMED["CARA"]
    change = chained_real_income(two(kind), two(kind, iceberg=1.0))
    before, after = change.before, change.after
    krugman = -25 * np.log([after.trade_share[0, n, n] / before.trade_share[0, n, n] for n in (0, 1)])
    exact = []
    for n in (0, 1):
        low, high = after.choke_price[0, n] / 4, after.choke_price[0, n] * 1.2

        def bought(other: float, n: int = n) -> tuple[float, float]:
            """Utility and spending of a consumer whose choke price is another, at the prices that firms set."""
            nodes, weights = np.polynomial.legendre.leggauss(200)
            ends = after.highest_cost[0, n]
            total = np.zeros(2)
            for i in (0, 1):
                top = brentq_cost(after, n, i, other)
                cost = top * (nodes + 1) / 2
                x = np.minimum(price(kind, cost / ends[i]) * after.choke_price[0, n] / other, 1.0)
                mass = after.entrants[0, i] * 4 * cost**3 / 4.0**4 * weights * top / 2
                total += np.array([(1 - x) @ mass, (-np.log(x) * x * other) @ mass])
            return float(total[0]), float(total[1])

        def brentq_cost(after: ChokeEquilibrium, n: int, i: int, other: float) -> float:
            """The cost whose price is the other choke price; the highest that sells if none is as dear."""
            level = other / after.choke_price[0, n]
            return float(after.highest_cost[0, n, i] * (kind.cost(np.array(level)) if level < 1 else 1.0))

        other = float(optimize.brentq(lambda p, n=n: bought(p)[0] - before.utility[0, n], low, high, xtol=1e-14, rtol=1e-14))
        income = after.income[n] / (100, 60)[n]
        exact.append(100 * np.log(income / bought(other)[1]))
    eta = markups(kind, 4.0).eta
    _, columns, published = case("B3")[0]
    rows = [after.utility[0] / before.utility[0], krugman, (1 - eta) * krugman, change.real_income_log, exact]
    got = dict(zip(published, rows, strict=True))
    # the reference's own chain is a quadrature along the path, within 1.5e-10 of the formula in logs
    loose = rounded(columns, published) | {(row, column): 2e-8 for row in published if row.startswith("chained") for column in columns}
    compare(validate, PLACE.format("B3. Three measures of one gain"), columns, published, got, loose)


THREE = {"iceberg": [[[1, 1.6, 1.7], [1.5, 1, 1.6], [1.8, 1.5, 1]]], "entry_cost": [[1, 0.9, 1.1]], "varieties": 0.5}


@pytest.mark.parametrize("name", ["translog", "CARA"])
def test_three_countries_tariff_and_population(name: str, validate: Validate) -> None:
    base = ChokeEconomy(NAMED[name], P5, [100, 70, 40], tariff=[[[0, 0.05, 0.1], [0.1, 0, 0.05], [0.05, 0.15, 0]]], **THREE)
    other = replace(base, labour=np.array([100, 70, 44]), tariff=np.array([[[0, 0.25, 0.1], [0.1, 0, 0.05], [0.05, 0.15, 0]]]))
    change = chained_real_income(base, other, nodes=4)
    _, columns, published = next(tables for title, tables in CASES.items() if title.startswith("B4") and title.endswith(name))[0]
    got: dict[str, npt.ArrayLike] = {}
    for word, one in (("benchmark", change.before), ("counterfactual", change.after)):
        got |= {f"{word}: {row}": getattr(one, row) for row in ("wage", "income")}
        got |= {f"{word}: entrants": one.entrants[0], f"{word}: choke price": one.choke_price[0], f"{word}: varieties": one.sellers[0]}
        got |= {f"{word}: shares in market {n + 1}": one.trade_share[0, n] for n in range(3)}
    got["utility or real consumption per head, ratio"] = change.after.utility[0] / change.before.utility[0]
    got["real income per head, log points × 100"] = change.real_income_log
    got["Krugman, log points × 100"] = change.real_income_log / (1 - markups(NAMED[name], 5.0).eta)
    compare(
        validate,
        PLACE.format(f"B4. Three countries, {name}"),
        columns,
        published,
        {row: got[row] for row in published},
        rounded(columns, published),
    )


SECTORS = ChokeEconomy(
    [NAMED["CARA"], NAMED["translog"]], [P4, P5], [100, 70], [[1.0, 1.1], [0.9, 1.0]], [[[1, 1.5], [1.6, 1]], [[1, 1.4], [1.5, 1]]],
    [[[0, 0.1], [0.2, 0]], [[0, 0.05], [0.0, 0]]], [0.45, 0.55], 0.5,
)  # fmt: skip
OTHER = replace(
    SECTORS,
    iceberg=np.array([[[1, 1.5], [1.6, 1]], [[1, 1.4], [1.3, 1]]]),
    tariff=np.array([[[0, 0.0], [0.2, 0]], [[0, 0.3], [0.0, 0]]]),
)


def krugman(before: ChokeEconomy, after: ChokeEconomy, first: ChokeEquilibrium, sigma: Any) -> tuple[Array, Array]:
    """The same change in the package's Krugman row, on the flows that firms have made: shares λ' [sector, market, origin], and real income in logs
    times 100 [country].
    """
    benchmark = worlds.recorded(before, first)
    found = worlds.hats(benchmark, cge.krugman(sigma), **worlds.stretched(benchmark, before, after))
    paid = found["flow"].transpose("sector", "importer", "exporter").to_numpy() * after.after_tariff
    return paid / paid.sum(axis=2, keepdims=True), 100 * np.log(found["real_income"].to_numpy())


def test_two_sectors_tariffs_and_entry(validate: Validate) -> None:
    """Firm by firm, and by the package's Krugman row with σ − 1 = k: shares and its real income, which mark-ups change by η."""
    change = chained_real_income(SECTORS, OTHER, nodes=4)
    after = change.after
    shares, real_income = krugman(SECTORS, OTHER, change.before, {"S0": 5.0, "S1": 6.0})
    assert_allclose(shares, after.trade_share, rtol=1e-9)
    _, columns, published = case("B5")[0]
    got: dict[str, npt.ArrayLike] = {}
    for word, one in (("benchmark", change.before), ("counterfactual", after)):
        got |= {f"{word}: wage": one.wage, f"{word}: income": one.income}
        for s in (0, 1):
            got |= {
                f"{word}: {row}, sector {s + 1}": value
                for row, value in (
                    ("entrants", one.entrants[s]), ("choke price", one.choke_price[s]), ("varieties", one.sellers[s]),
                    ("shares in market 1", one.trade_share[s, 0]), ("shares in market 2", one.trade_share[s, 1]),
                    ("spending share", one.spending[s] / one.income),
                )
            }  # fmt: skip
    for s in (0, 1):
        got[f"utility or real consumption per head, ratio, sector {s + 1}"] = after.utility[s] / change.before.utility[s]
    got["real income per head, log points × 100"] = change.real_income_log
    got["Krugman, log points × 100"] = real_income
    compare(
        validate, PLACE.format("B5. Two sectors"), columns, published, {row: got[row] for row in published}, rounded(columns, published)
    )


def low(lowest: float) -> Productivity:
    """Costs between `lowest` and 4."""
    return truncated_pareto(4.0, 1 / lowest, 0.25)


BROKEN: dict[str, ChokeEconomy] = {
    "none broken, translog": two(NAMED["translog"]),
    "bounded productivity (c_low = 0.8), translog": two(NAMED["translog"], low(0.8)),
    "bounded productivity (c_low = 1.6), translog": two(NAMED["translog"], low(1.6)),
    "bounded productivity (c_low = 0.8), CARA": two(NAMED["CARA"], low(0.8)),
    "no selection at home (c_M = 0.5), CARA": two(NAMED["CARA"], pareto(4.0, 2.0)),
    "non-separable quadratic (substitution 0.3)": two(NAMED["quadratic"], substitution=0.3),
}


@pytest.mark.parametrize("name", BROKEN)
def test_where_the_formulas_fail(name: str, validate: Validate) -> None:
    """Shares from the firm up beside those of hats, and the gain beside the formula at the true share."""
    e = BROKEN[name]
    after_economy = replace(e, iceberg=np.array(AFTER, dtype=float))
    before, after = choke_equilibrium(e), choke_equilibrium(after_economy)
    shares, _ = krugman(e, after_economy, before, 5.0)
    own = [np.diagonal(found.trade_share[0]) for found in (before, after)]
    gain = 100 * np.log(after.utility[0] / before.utility[0])
    power = 1 / 4 if e.demand[0].homothetic else 1 / 5  # of utility itself, λ^(−1/k) and λ^(−1/(k + 1))
    first, second = ({name: table[2][name]} for table in case("B6"))
    columns = tuple(f"{word}, {n}" for word in ("own share", "own share from hats", "utility", "formula at the true share") for n in (1, 2))
    got = {name: np.concatenate([own[1], np.diagonal(shares[0]), gain, -100 * power * np.log(own[1] / own[0])])}
    compare(validate, PLACE.format("B6. Where the formulas fail"), columns, first, got, rounded(columns, first))
    columns = tuple(f"{word}, {n}" for word in ("sales over variable cost", "the same after", "ratio of varieties") for n in (1, 2))
    got = {name: np.concatenate([before.aggregate_markup[0], after.aggregate_markup[0], after.sellers[0] / before.sellers[0]])}
    compare(validate, PLACE.format("B6. Mark-ups where the formulas fail"), columns, second, got, rounded(columns, second))


# --- many firms that search for their prices -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "e",
    [
        two(NAMED["QMOR r=-2"], tariff=0.1),
        two(NAMED["Pollak s=2"]),
        two(NAMED["CARA"], log_normal(0.4)),
        BROKEN["no selection at home (c_M = 0.5), CARA"],
    ],
    ids=["QMOR", "Pollak", "log-normal", "all sell"],
)
def test_many_firms_that_search_for_their_prices(e: ChokeEconomy) -> None:
    """4,000 firms, closer among the most productive, each along ever finer grids of prices, against demand as it is written."""
    found, kind, count = choke_equilibrium(e), e.demand[0], 4000
    edges = np.linspace(0, 1, count + 1) ** 5  # chances of a still higher productivity
    part, phi = np.diff(edges), np.geomspace(max(e.productivity[0][0].lower, 1e-2), 1e5, 400_001)
    log_chance = np.log(np.maximum(e.productivity[0][0].survival(phi)[::-1], 1e-300))
    cost = 1 / np.interp(np.log((edges[1:] + edges[:-1]) / 2), log_chance, phi[::-1])
    profit, spent, closed = np.zeros(2), np.zeros(2), np.zeros(2)
    for n in (0, 1):
        choke, scale = found.choke_price[0, n], found.quantity[0, n]
        for i in (0, 1):
            after, delivered = e.after_tariff[0, n, i], e.iceberg[0, n, i] * found.wage[i] * cost
            low, high = np.full(count, 1e-9), np.full(count, choke)
            for _ in range(14):
                prices = low + (high - low) * np.linspace(0, 1, 9)[:, None]
                earned = (prices / after - delivered) * scale * kind.quantity(np.minimum(prices / choke, 1.0))
                top, width = earned.argmax(axis=0), (high - low) / 8
                low, high = np.maximum(low + (top - 1) * width, 1e-9), np.minimum(low + (top + 1) * width, choke)
            x = (low + high) / 2 / choke
            mass = found.entrants[0, i] * part
            profit[i] += part @ earned.max(axis=0)
            spent[n] += mass @ (x * choke * scale * kind.quantity(x))
            closed[n] += mass @ kind.measure(x)
    assert_allclose(profit, found.wage * e.entry_cost[0], rtol=3e-3)
    assert_allclose(spent, found.spending[0], rtol=3e-3)
    assert_allclose(closed, np.broadcast_to(e.varieties, 2) if kind.homothetic else found.utility[0], rtol=3e-3)


# --- invariances, corners, what is told, faults --------------------------------------------------------------------------------------------


def test_order_of_countries_and_sectors() -> None:
    both = np.ix_([1, 0], [1, 0], [1, 0])
    other = ChokeEconomy(
        SECTORS.demand[::-1], [P5, P4], SECTORS.labour[::-1], SECTORS.entry_cost[::-1, ::-1], SECTORS.iceberg[both], SECTORS.tariff[both],
        SECTORS.weight[::-1], 0.5,
    )  # fmt: skip
    one, turned = choke_equilibrium(SECTORS), choke_equilibrium(other)
    assert_allclose(turned.trade_share[both], one.trade_share, rtol=1e-9)
    assert_allclose(turned.utility[::-1, ::-1], one.utility, rtol=1e-9)


def test_a_country_without_entrants() -> None:
    """Two sectors, and a country so bad at one of them that nobody enters there."""
    e = ChokeEconomy(
        [NAMED["CARA"], NAMED["translog"]], [P4, P5], [100, 30], [[1.0, 6.0], [1.0, 1.0]], 1.1, weight=[0.5, 0.5], sectors=["hard", "easy"],
        names=["A", "B"],
    )  # fmt: skip
    found = choke_equilibrium(e)
    assert found.entrants[0, 1] == 0
    assert 0 < found.entry_gap[0, 1] < 1
    table = choke_table(e, found).set_index(["sector", "country"])
    assert table.loc[("hard", "B"), "own_share"] == 0
    assert_allclose(table.groupby("country")["spending_share"].sum(), 1)


def test_one_firm_in_every_market() -> None:
    e = two(NAMED["CARA"], tariff=0.2)
    found = choke_equilibrium(e)
    firm = choke_firm(e, found, 0.9, "1")
    assert firm["sells"].all()
    delivered = np.array([1, 1.6]) * found.wage[0] * 0.9
    assert_allclose(firm["price"] / [1, 1.2] / delivered, firm["markup"])
    assert_allclose(firm["profit"], firm["sales"] * (1 - 1 / firm["markup"]))
    assert not choke_firm(e, found, 3.9, "1")["sells"].any()
    nudged = replace(e, entry_cost=e.entry_cost.copy())
    assert_allclose(choke_equilibrium(nudged).choke_price, found.choke_price)


def test_the_path_converges() -> None:
    """Where nothing is constant, more points of the path change nothing any more; and two ways add up."""
    e = two(NAMED["CARA"], low(1.6))
    whole = replace(e, iceberg=np.ones((1, 2, 2)))
    direct = chained_real_income(e, whole).real_income_log
    assert_allclose(direct, chained_real_income(e, whole, nodes=11).real_income_log, rtol=1e-8)
    back = chained_real_income(whole, e, nodes=6).real_income_log
    assert_allclose(back, -direct, rtol=1e-6)


def test_all_faults_at_once() -> None:
    with pytest.raises(DataError) as fault:
        ChokeEconomy(
            [demand("pollak", 3.0), NAMED["CARA"]], [pareto(1.5), P4], [100, -1], [[0, 1], [1, 1]], np.full((2, 2, 2), 0.9), 0.1 * np.ones((2, 2, 2)),
            [0.5, 0.6], 0.0, [0.3, -1], ["A", "B"], ["x", "y"],
        )  # fmt: skip
    said = "\n".join(fault.value.faults)
    for words in (
        "sector x: demand: pollak with s = 3 at k = 1.5, but it must be positive and below k + 1", "labour = -1 at country=B",
        "the weights add up to 1.1", "entry_cost = 0 at sector=x country=A", "iceberg = 0.9 at sector=x market=A origin=A, but it must be at least 1",
        "iceberg: 3 more that must be at least 1", "tariff = 0.1 at sector=x market=A origin=A, but it must be 0 at home",
        "varieties = 0 at sector=x",
        "substitution = -1 at sector=y", "substitution = 0.3 at sector=x, but it must be 0 where demand is not quadratic",
    ):  # fmt: skip
        assert words in said
    with pytest.raises(DataError) as fault:
        ChokeEconomy(NAMED["CARA"], [[P4]], [1, 1], entry_cost=[1], names=["A"])
    assert [line.split(":")[0] for line in fault.value.faults] == ["entry_cost", "names", "productivity of sector 1"]
    with pytest.raises(DataError, match="names: A given more than once"):
        ChokeEconomy(NAMED["CARA"], P4, [1, 1], names=["A", "A"])


@pytest.mark.parametrize(
    ("name", "parameter", "words"),
    [
        ("translogg", None, "Did you mean translog"), ("qmor", None, "needs its parameter r"), ("qmor", 2.5, "r = 2.5, but it must be above"),
        ("pollak", -1.0, "s = -1, but it must be positive"), ("cara", 1.0, "cara has no parameter"), ("pollak", np.nan, "s = nan"),
    ],
)  # fmt: skip
def test_faults_of_demands(name: str, parameter: float | None, words: str) -> None:
    with pytest.raises(DataError, match=words):
        demand(name, parameter)


def test_faults_of_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DataError, match="qmor with r = -5 at k = 4"):
        markups(demand("qmor", -5.0), 4.0)
    with pytest.raises(DataError, match="k = 0, but it must be positive"):
        markups(NAMED["CARA"], 0.0)
    e = two(NAMED["CARA"])
    with pytest.raises(DataError, match=r"cost = 0(.|\n)*no country 3(.|\n)*no sector x"):
        choke_firm(e, choke_equilibrium(e), 0.0, "3", "x")
    with pytest.raises(
        DataError, match=r"other demands(.|\n)*other distributions(.|\n)*varieties(.|\n)*closed in one world(.|\n)*nodes = 1"
    ):
        chained_real_income(e, two(NAMED["translog"], P5, iceberg=[[[1, np.inf], [1.5, 1]]], varieties=2.0), nodes=1)
    with pytest.raises(DataError, match="other names"):
        chained_real_income(e, two(NAMED["CARA"], names=["A", "B"]))
    with pytest.raises(DataError, match="resists the quadrature"):
        choke_equilibrium(two(NAMED["CARA"], log_normal(0.001)))
    monkeypatch.setattr(semismooth, "STEPS", 0)
    with pytest.raises(SolveError, match=r"not solved: .* of sector 1 in country"):
        choke_equilibrium(e)


def test_every_demand_has_a_name() -> None:
    assert {kind.name for kind in NAMED.values()} == set(DEMANDS)
