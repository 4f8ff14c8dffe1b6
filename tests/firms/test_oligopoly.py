"""Few firms inside CES: worked cases, deviations of single firms, limits, changes from observed shares, faults."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from oligopoly_cases import CASES
from validation import Validate
from worked import compare, rounded

from cge.errors import DataError, SolveError
from cge.firms import (
    ObservedOligopoly,
    Oligopoly,
    OligopolyEquilibrium,
    equal_firms,
    oligopoly_changes,
    oligopoly_equilibrium,
    oligopoly_firms,
    oligopoly_markup,
    oligopoly_sectors,
    oligopoly_table,
    procompetitive,
    sector_markup,
    semismooth,
)
from cge.firms.oligopoly import world
from cge.firms.oligopoly.equilibrium import world_of
from cge.firms.oligopoly.world import _residual

Array = npt.NDArray[np.float64]

PLACE = "Mark-ups, {}"
FIRMS = [[[1.0, 1.3], [1.1, 1.2, 1.6]], [[1.5, 1.6], [0.9, 1.4]], [[1.0, 2.0, 1.2], [1.2, 1.3]]]
BOTH = pytest.mark.parametrize("conduct", ["cournot", "bertrand"])


def base(conduct: str) -> Oligopoly:
    return Oligopoly(FIRMS, [0.4, 0.3, 0.3], 6.0, 1.3, [100, 60], [[1, 1.5], [1.4, 1]], conduct=conduct)


def changed(e: Oligopoly) -> Oligopoly:
    return replace(e, iceberg=np.array([[1, 1.2], [1.4, 1]]), tariff=np.array([[0, 0], [0.1, 0]]))


def case(name: str) -> Any:
    return next(tables for title, tables in CASES.items() if title.startswith(name))


@BOTH
def test_two_countries_three_sectors(conduct: str, validate: Validate) -> None:
    e = base(conduct)
    found = [oligopoly_equilibrium(e), oligopoly_equilibrium(changed(e))]
    tables = [table for table in case("C1") if table[0].lower() == conduct]
    columns = ("benchmark, country 1", "benchmark, country 2", "after, country 1", "after, country 2")
    words = {"welfare per head": "welfare", "producers markup": "aggregate_markup"}
    got: dict[str, npt.ArrayLike] = {}
    for row in tables[0][2]:
        if row.startswith("price index"):
            values = [one.price_index[:, int(row[-1]) - 1] for one in found]
        elif row.startswith("shares"):
            values = [one.trade_share[int(row.split("market ")[1][0]) - 1] for one in found]
        else:
            values = [getattr(one, words.get(row, row.replace(" ", "_"))) for one in found]
        got[row] = np.concatenate(values)
    place = PLACE.format(f"C1. Few firms, {conduct}")
    compare(validate, place, columns, tables[0][2], got, rounded(columns, tables[0][2]))
    firms = oligopoly_firms(e, found[0])
    for row, published in tables[1][2].items():
        _, sector, _, market, word = row.replace(":", "").split()
        mine = firms.loc[(firms["sector"] == sector) & (firms["market"] == market), word.replace("-", "").rstrip("s")].to_numpy()
        names = tuple(f"firm {f + 1}" for f in range(len(published)))
        compare(validate, place, names, {row: published}, {row: mine}, rounded(names, {row: published}))


def test_procompetitive_gains(validate: Validate) -> None:
    own = [[1.0, 1.3], [0.8, 1.6], [1.0, 1.05, 1.7]]
    _, columns, published = case("C2")[0]
    got: dict[str, list[float]] = {row: [] for row in published}
    words = {
        "closed productivity": "productivity_before", "open productivity": "productivity_after", "closed first best": "first_best_before",
        "open first best": "first_best_after", "loss closed pct": "loss_before_pct", "loss open pct": "loss_after_pct",
        "gain log x100": "productivity_log", "first best gain log x100": "first_best_log", "procompetitive log x100": "procompetitive_log",
        "markup closed": "markup_before", "markup open": "markup_after",
    }  # fmt: skip
    for conduct in columns:
        common: dict[str, Any] = {"weight": [0.4, 0.3, 0.3], "sigma": 6.0, "theta": 1.3, "conduct": conduct}
        closed = Oligopoly([[costs] for costs in own], labour=1, **common)
        opened = Oligopoly([[costs, costs] for costs in own], labour=[1, 1], iceberg=1.25, **common)
        result = procompetitive(closed, opened)
        shut = procompetitive(replace(opened, iceberg=np.where(np.eye(2), 1, np.inf)), opened)
        assert_allclose(shut, result, rtol=1e-9)  # closed alone, and behind borders that nothing passes
        for row in published:
            got[row].append(getattr(result, words[row]))
    compare(validate, PLACE.format("C2. Pro-competitive gains"), columns, published, got, rounded(columns, published))


def test_limits(validate: Validate) -> None:
    def markup(costs: list[float], theta: float, conduct: str) -> float:
        return float(oligopoly_equilibrium(Oligopoly([[costs]], 1.0, 6.0, theta, 1, conduct=conduct)).markup[0, 0])

    published = {row: values for row, values in case("C3")[0][2].items() if not row.startswith("duopoly, theta = 1: ")}
    got = {}
    for row in published:
        conduct = "cournot" if "ournot" in row else "bertrand"
        costs, theta = ([1.0] * 1000, 1.3) if row.startswith("1,000") else ([1.0], 1.3) if row.startswith("dominant") else ([1.0, 1.0], 1.0)
        got[row] = [markup(costs, theta, conduct)]
    compare(validate, PLACE.format("C3. Limits of few firms"), ("mark-up",), published, got, rounded(("mark-up",), published))
    assert_allclose([markup([1.0, 1e6], 1.3, conduct) for conduct in ("cournot", "bertrand")], 1.3 / 0.3, rtol=1e-9)
    assert_allclose(oligopoly_markup([0.0, 1.0], 6.0, 1.3), [1.2, 1.3 / 0.3])
    assert (oligopoly_markup([0.2, 0.5, 0.9], 6.0, 1.3) > oligopoly_markup([0.2, 0.5, 0.9], 6.0, 1.3, "bertrand")).all()


# --- methods of their own ------------------------------------------------------------------------------------------------------------------


def profits(e: Oligopoly, found: OligopolyEquilibrium, n: int, one: int, factor: float) -> float:
    """What a firm earns in a market if it alone changes its price (Bertrand) or its quantity (Cournot) by a factor; written from demand.

    The sector's spending is X B with B ∝ P^(1−θ) at given other sectors' prices, all scaled alike.
    """
    firms = oligopoly_firms(e, found)
    mine = firms[firms["market"] == e.names[n]].reset_index(drop=True)
    group = mine[mine["sector"] == mine["sector"][one]]
    place, sigma, theta = int(np.flatnonzero(group.index == one)[0]), 6.0, e.theta
    price, cost = group["price"].to_numpy(), group["cost"].to_numpy()
    tariff = price[place] / (group["markup"].to_numpy()[place] * cost[place])
    index = (price ** (1 - sigma)).sum() ** (1 / (1 - sigma))
    quantity = price**-sigma * index ** (sigma - theta)  # spending on the sector is A P^(1−θ), A = 1
    if e.conduct == "bertrand":
        price = price.copy()
        price[place] *= factor
        index = (price ** (1 - sigma)).sum() ** (1 / (1 - sigma))
        sold, paid = price[place] ** -sigma * index ** (sigma - theta), price[place]
    else:
        quantity[place] *= factor
        total = (quantity ** ((sigma - 1) / sigma)).sum() ** (sigma / (sigma - 1))
        sold, paid = quantity[place], quantity[place] ** (-1 / sigma) * total ** (1 / sigma - 1 / theta)
    return float(sold * (paid / tariff - cost[place]))


@BOTH
def test_no_firm_gains_by_another_choice(conduct: str) -> None:
    e = changed(base(conduct))
    found = oligopoly_equilibrium(e)
    for n in (0, 1):
        for one in range(len(e.cost)):
            best = profits(e, found, n, one, 1.0)
            near = [profits(e, found, n, one, factor) for factor in (0.5, 0.98, 0.999, 1.001, 1.02, 2.0)]
            assert max(near) < best


@BOTH
def test_slopes_are_those_of_the_labour_markets(conduct: str) -> None:
    three = world_of(Oligopoly([[[1.0, 1.3], [1.1], [0.9, 2.0]], [[1.5], [0.9, 1.4], [1.2]]], [0.6, 0.4], [6.0, 4.0], 1.5, [100, 60, 30], 1.4, 0.1,
                               conduct))  # fmt: skip
    x, step = np.array([0.1, -0.1, 0.0]), 1e-6
    differences = [(_residual(three, x + move).values - _residual(three, x - move).values) / (2 * step) for move in step * np.eye(3)[:2]]
    assert_allclose(_residual(three, x).slopes(), np.transpose(differences), rtol=1e-7, atol=1e-9)


@BOTH
def test_the_world_adds_up(conduct: str) -> None:
    """Trade balances, profits and revenue go home, and a sector's mark-up under Cournot is its Herfindahl index's."""
    e = changed(base(conduct))
    found = oligopoly_equilibrium(e)
    table, sectors, firms = oligopoly_table(e, found), oligopoly_sectors(e, found), oligopoly_firms(e, found)
    sold = firms.groupby("origin")["sales"].sum()
    assert_allclose(sold + table["revenue"], table["income"])
    assert_allclose(firms.groupby("origin")["profit"].sum(), table["profit"])
    assert_allclose(firms.groupby(["market", "sector"])["share"].sum(), 1)
    if conduct == "cournot":
        free = oligopoly_equilibrium(base(conduct))
        assert_allclose(free.sector_markup, sector_markup(free.hhi, 6.0, 1.3), rtol=1e-12)
    assert_allclose(sectors.groupby("market")["spending_share"].sum(), 1)


def test_many_equal_firms_are_monopolistic_competition() -> None:
    """With thousands of firms prices are σ/(σ−1) of costs, and two equal countries trade as CES says."""
    e = Oligopoly([[[1.0] * 4000, [1.0] * 4000]], 1.0, 4.0, 1.5, [10, 10], 1.5)
    found = oligopoly_equilibrium(e)
    assert_allclose(found.markup, 4 / 3, rtol=1e-3)
    assert_allclose(found.trade_share[0, 0], 1 / (1 + 1.5**-3), rtol=1e-3)


@BOTH
def test_order_of_countries_and_sectors(conduct: str) -> None:
    e = base(conduct)
    turned = Oligopoly([row[::-1] for row in FIRMS[::-1]], [0.3, 0.3, 0.4], 6.0, 1.3, [60, 100], [[1, 1.4], [1.5, 1]], conduct=conduct)
    one, other = oligopoly_equilibrium(e), oligopoly_equilibrium(turned)
    assert_allclose(other.welfare[::-1], one.welfare, rtol=1e-11)
    assert_allclose(other.trade_share[::-1, ::-1], one.trade_share, rtol=1e-11)


# --- changes -------------------------------------------------------------------------------------------------------------------------------


def observed(e: Oligopoly, found: OligopolyEquilibrium) -> ObservedOligopoly:
    table = oligopoly_firms(e, found)
    seen = table.loc[table["share"] > 0, ["sector", "market", "origin", "firm", "share"]].sample(frac=1, random_state=1)
    return ObservedOligopoly(seen, found.spending_share, e.sigma, e.theta, e.tariff, e.conduct, e.names, e.sectors)


@BOTH
def test_changes_from_shares_are_ratios_of_levels(conduct: str) -> None:
    """From firm shares alone: trade costs, tariffs, productivity and labour at once; with tariffs before, and firms that do not export."""
    iceberg = np.where(np.arange(3)[:, None, None] == 1, [[1, 1.3], [np.inf, 1]], [[1, 1.5], [1.4, 1]])
    before = replace(base(conduct), tariff=np.array([[0, 0.2], [0.05, 0]]), iceberg=iceberg)
    cost = np.array([[0.9, 1.0], [1.0, 1.1], [1.0, 0.8]])
    firms = [[[c * cost[s, i] for c in own] for i, own in enumerate(row)] for s, row in enumerate(FIRMS)]
    after = replace(
        before, firms=firms, iceberg=iceberg * np.where(np.eye(2), 1, 0.9), tariff=np.array([[0, 0.0], [0.1, 0]]), labour=[100, 66]
    )
    one, other = oligopoly_equilibrium(before), oligopoly_equilibrium(after)
    found = oligopoly_changes(observed(before, one), 0.9, [[0, 0.0], [0.1, 0]], cost, [1, 1.1])
    for word in ("wage", "income", "consumer_price", "price_index"):
        assert_allclose(getattr(found, word), getattr(other, word) / getattr(one, word), rtol=1e-11)
    assert_allclose(found.welfare, other.welfare / one.welfare * [1, 1.1], rtol=1e-11)  # per head of the benchmark
    assert_allclose(found.benchmark.sector_markup, one.sector_markup, rtol=1e-12)
    assert_allclose(found.counterfactual.trade_share, other.trade_share, rtol=1e-11, atol=1e-15)
    assert_allclose(found.benchmark.profit / found.benchmark.income, one.profit / one.income, rtol=1e-11)


def test_nothing_happens_without_a_change() -> None:
    e = base("cournot")
    found = oligopoly_changes(observed(e, oligopoly_equilibrium(e)))
    for factor in found[:5]:
        assert_allclose(factor, 1, rtol=1e-12)


def test_concentration_stands_for_equal_firms() -> None:
    """Two and four equal firms are found from their indices, in levels and in changes; and 2.5 lie between."""
    e = Oligopoly([[[1.0] * 2, [1.2] * 4], [[1.1] * 3, [0.9] * 5]], [0.5, 0.5], 6.0, 1.3, [100, 60], 1.4)
    found = oligopoly_equilibrium(e)
    by_origin = oligopoly_firms(e, found).groupby(["sector", "market", "origin"])["share"].sum().to_numpy().reshape(2, 2, 2)
    table = equal_firms(by_origin, [[1 / 2, 1 / 4], [1 / 3, 1 / 5]], e.names, e.sectors)
    seen = ObservedOligopoly(table, found.spending_share, 6.0, 1.3)
    result, direct = (oligopoly_changes(o, iceberg=0.9) for o in (seen, observed(e, found)))
    assert_allclose(result.welfare, direct.welfare, rtol=1e-11)
    assert_allclose(result.benchmark.hhi, found.hhi, rtol=1e-11)
    welfare = [
        oligopoly_changes(ObservedOligopoly(equal_firms(by_origin, np.full((2, 2), 1 / count), e.names, e.sectors), found.spending_share, 6.0, 1.3),
                          iceberg=0.9).benchmark.sector_markup[0, 0]
        for count in (2.0, 2.5, 3.0)
    ]  # fmt: skip
    assert welfare[0] > welfare[1] > welfare[2]


# --- faults --------------------------------------------------------------------------------------------------------------------------------


def test_all_faults_at_once() -> None:
    with pytest.raises(DataError) as fault:
        Oligopoly(
            [[[1.0], []], [[], []], [[0.0], [1.0, -1.0]]], [0.4, 0.3, 0.2], 1.0, 1.0, [1, 0], [[2, 0.5], [np.inf, 1]], [[0.1, -1], [0, 0]],
            "stackelberg",
            ["A", "B"], ["x", "y", "z"],
        )  # fmt: skip
    said = "\n".join(fault.value.faults)
    for words in (
        "no 'stackelberg'; known: cournot, bertrand", "sigma = 1, but it must exceed theta = 1", "weights add up to 0.9", "labour = 0 at country=B",
        "cost of sector z, country A = 0 at firm=1", "cost of sector z, country B = -1 at firm=2", "iceberg = 0.5 at sector=x market=A origin=B",
        "iceberg = 2 at sector=x market=A origin=A, but it must be 1 at home", "tariff = -1 at sector=x market=A origin=B",
        "tariff = 0.1 at sector=x market=A origin=A", "sector y has no firm anywhere", "no firm of sector x can sell in market B",
        "one seller alone in sector x of market A, and theta = 1: its mark-up would be infinite",
    ):  # fmt: skip
        assert words in said
    with pytest.raises(DataError) as fault:
        Oligopoly([[[1.0]], [[1.0], [1.0]]], [1.0], 3.0, 0.5, [1, 1], names=["A"])
    assert [line.split(":")[0] for line in fault.value.faults] == ["firms", "weight", "names"]
    with pytest.raises(DataError, match=r"theta = 0\.5(.|\n)*country 2 has no firm in any sector"):
        Oligopoly([[[1.0], []]], [1.0], 3.0, 0.5, [1, 1])


def test_faults_of_a_table_of_firms() -> None:
    rows = [
        ("x", "A", "A", "f", 0.7),
        ("x", "A", "B", "g", 0.4),
        ("x", "B", "B", "g", 1.5),
        ("x", "B", "B", "g", 0.0),
        ("q", "A", "C", "g", 0.1),
    ]
    table = pd.DataFrame(rows, columns=["sector", "market", "origin", "firm", "share"])
    with pytest.raises(DataError) as fault:
        ObservedOligopoly(table, [[1.0]], 3.0, 1.3, names=["A", "B"], sectors=["x"])
    said = "\n".join(fault.value.faults)
    for words in (
        "spending_share: shape (1, 1)", "sector q is not among x", "origin C is not among A, B", "share = 1.5 at row=3", "share = 0 at row=4",
        "row 4 stands twice: sector=x market=B origin=B firm=g",
    ):  # fmt: skip
        assert words in said
    with pytest.raises(DataError) as fault:
        ObservedOligopoly(table[:3].assign(share=[0.7, 0.4, 1.0]), [[0.9], [1.0]], 3.0, 1.0, [[0, -2], [0, 0]], "x")
    said = "\n".join(fault.value.faults)
    for words in (
        "sum of shares = 1.1 at market=A sector=x",
        "the sum = 0.9 at market=A",
        "no 'x'",
        "tariff = -2",
        "one seller alone in sector x of market B",
    ):
        assert words in said
    with pytest.raises(DataError, match="no column share"):
        ObservedOligopoly(table.drop(columns="share"), [[1.0]], 3.0, 1.3)
    with pytest.raises(DataError, match="different numbers of firms"):
        ObservedOligopoly(table[1:3].assign(share=1.0, firms=[1, 2]), [[1.0], [1.0]], 3.0, 1.3)


def test_faults_of_questions(monkeypatch: pytest.MonkeyPatch) -> None:
    e = base("cournot")
    seen = observed(e, oligopoly_equilibrium(e))
    with pytest.raises(DataError) as fault:
        oligopoly_changes(seen, iceberg=0.0, tariff=[[0.1, -1], [0, 0]], cost=-1.0, labour=[1, 0])
    said = "\n".join(fault.value.faults)
    for words in ("iceberg = 0 at", "tariff = -1 at", "tariff = 0.1 at", "cost = -1 at sector=1 origin=1", "labour = 0 at country=2"):
        assert words in said
    with pytest.raises(DataError, match="iceberg: shape"):
        oligopoly_changes(seen, iceberg=[1, 2])
    with pytest.raises(
        DataError, match=r"hhi = 2 at sector=x origin=A(.|\n)*trade_share|trade_share = -1(.|\n)*hhi = 2 at sector=x origin=A"
    ):
        equal_firms([[[1.0, -1.0], [1.0, 0.0]]], [[2.0, 0.0]], ["A", "B"], ["x"])
    with pytest.raises(DataError, match=r"before: countries differ(.|\n)*after: tariff(.|\n)*after: countries differ"):
        procompetitive(e, changed(e))
    with pytest.raises(DataError, match=r"no 'cournott'\. Did you mean cournot"):
        oligopoly_markup(0.5, 6.0, 1.3, "cournott")
    with pytest.raises(DataError, match=r"a share must lie(.|\n)*theta = 0\.5"):
        oligopoly_markup(1.5, 6.0, 0.5)
    monkeypatch.setattr(semismooth, "STEPS", 1)
    monkeypatch.setattr(world, "ROUNDS", (0,))
    with pytest.raises(SolveError, match="the labour market of country 1 fails by"):
        oligopoly_equilibrium(e)


def test_a_seller_alone_and_wages_far_from_one() -> None:
    """A sector behind closed borders with one firm, and countries so unlike that Newton's method alone would lose its way."""
    closed = [[[1, np.inf], [np.inf, 1]], [[1, 1.5], [1.4, 1]]]
    alone = oligopoly_equilibrium(
        Oligopoly([[[1.0], [1.0]], [[1.0, 1.2], [1.1]]], [0.5, 0.5], 5.0, 2.0, [100, 60], closed, conduct="bertrand")
    )
    assert_allclose(alone.markup[[0, 1], [0, 1]], 2.0)
    unlike = Oligopoly(
        [[[1.2, 0.82, 0.5, 1.9], [1.57, 0.6], [0.76, 1.21, 0.84, 0.87]]], 1.0, 7.53, 1.0, [14.5, 461, 17.8],
        [[1, 2.43, 2.61], [1.45, 1, np.inf], [1.56, 1.27, 1]], 0.05, "bertrand",
    )  # fmt: skip
    table = oligopoly_table(unlike, oligopoly_equilibrium(unlike))
    assert_allclose(table["income"], table["wage"] * unlike.labour + table["profit"] + table["revenue"])
