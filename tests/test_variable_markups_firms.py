"""Variable mark-ups against firms that set their prices one by one: chained real income, mark-ups, choke prices, who sells."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from choke_worlds import KINDS, integral, market
from numpy.testing import assert_allclose
from worlds import Array, K, abroad, bilateral, drawn, solve

from cge import Benchmark, Exponents, Solution, calibrate, firm_markups, markups_table, open_economy, variable_markups
from cge.data.bundled import find
from cge.results.markups import cutoff_growth, stretch

MINI = calibrate(open_economy(find("data", "mini")), intermediates=False)
PLAIN, INPUTS = drawn(21), drawn(22, F=2, inputs=0.4)
SHAPES = dict(zip(["S0", "S1", "S2"], K, strict=False))


def one_demand(name: str, parameter: float | None, k: Any) -> Exponents:
    """One demand in all sectors."""
    return variable_markups(k, demand=name, demand_parameter=parameter)


def along(data: Benchmark, exponents: Exponents, points: int, **to: Any) -> list[Solution]:
    """Counterfactuals at Chebyshev points of a path that is straight in logs."""
    parts = (1 - np.cos(np.pi * np.arange(points) / (points - 1))) / 2
    rate = data.rates("tariff")
    found = []
    for part in parts:
        shock = {name: value**part for name, value in to.items() if name != "tariff"}
        shock["tariff"] = bilateral(data, (1 + rate) * ((1 + to["tariff"].values) / (1 + rate)) ** part - 1)
        found.append(solve(data, exponents, **shock))
    return found


def by_firms(solution: Solution, kinds: list[Any]) -> Array:
    """Of every sector and country the fields of `market` but shares, which must be those of the solution [field, sector, country]."""
    data, d = solution.benchmark, solution.data
    k = solution.exponents.on(data.sectors)["trade"]
    share = data.arrays["trade_share"]
    dearer = (1 + d["tariff"].values) / (1 + d["tariff_benchmark"].values)
    iceberg = np.broadcast_to(solution.shock.factor("iceberg"), share.shape)
    cost = d["unit_cost"].values / np.broadcast_to(solution.shock.factor("productivity"), d["unit_cost"].shape)
    paid = d["flow"].values * (1 + d["tariff"].values)
    spent = solution.counterfactual.system.final_share * d["income"].values
    out = np.empty((4, *spent.shape))
    for s, kind in enumerate(kinds):
        for n in range(spent.shape[1]):
            delivered = share[s, :, n] ** (-1 / k[s]) * dearer[s, :, n] * iceberg[s, :, n] * cost[s]
            found = market(kind, k[s], d["entry"].values[s], delivered, spent[s, n])
            assert_allclose(found.share, paid[s, :, n] / paid[s, :, n].sum(), rtol=1e-8)
            out[:, s, n] = found.log_choke, found.sellers, found.log_utility, found.elasticity
    return out


SEVERAL = variable_markups(SHAPES, demand={"S0": "cara", "S1": "translog", "S2": "pollak"}, demand_parameter=2.0)
WORLDS: dict[str, tuple[Benchmark, Exponents, list[Any]]] = {
    "mini, cara": (MINI, one_demand("cara", None, {"goods": 5.0, "services": 3.0}), [("cara", None)] * 2),
    "mini, quadratic": (MINI, one_demand("quadratic", None, {"goods": 5.0, "services": 3.0}), [("quadratic", None)] * 2),
    "random, several": (PLAIN, SEVERAL, [("cara", None), ("translog", None), ("pollak", 2.0)]),
    "random, pollak": (PLAIN, one_demand("pollak", 0.5, SHAPES), [("pollak", 0.5)] * 3),
    "inputs, qmor": (INPUTS, variable_markups(SHAPES, "qmor", 1.0, scale=0.0), [("qmor", 1.0)] * 3),
}


@pytest.mark.parametrize("world", WORLDS)
def test_real_income_is_the_integral_over_firms(world: str) -> None:
    """Along a path of tariffs and trade costs: utility of every sector from the prices of single firms, weighted by what spending is worth. Its choke
    prices and varieties are those of markups.csv.
    """
    data, exponents, names = WORLDS[world]
    kinds, rng = [KINDS[name] for name in names], np.random.default_rng(4)
    higher = abroad(data, (1 + data.rates("tariff")) * rng.uniform(0.95, 1.15, data.rates("tariff").shape) - 1, 0.0).clip(min=0)
    path = along(data, exponents, 9, tariff=higher, iceberg=abroad(data, rng.uniform(0.9, 1.05, data.rates("tariff").shape)))
    firms = np.array([by_firms(one, kinds) for one in path])
    beta = np.array([one.counterfactual.system.final_share for one in path])
    last = path[-1]
    assert_allclose(integral(firms[:, 2], beta * firms[:, 3]), last.log_real_income, rtol=1e-8, atol=1e-10)
    table = markups_table(last).pivot(index="sector", columns="country").reindex(data.sectors)
    order = data.countries
    assert_allclose(table["choke_price_pct"][order], 100 * np.expm1(firms[-1, 0] - firms[0, 0]), rtol=1e-8, atol=1e-9)
    assert_allclose(table["sellers_pct"][order], 100 * (firms[-1, 1] / firms[0, 1] - 1), rtol=1e-8, atol=1e-8)
    assert np.abs(last.log_real_income).max() > 1e-3


def test_a_hundred_thousand_firms_that_search_for_their_prices() -> None:
    """Draws of costs, each firm at the best of a grid of prices: mark-ups of all that sell against markups.csv, of single firms before and after
    against `firm_markups`.
    """
    data, k, parameter = drawn(25, 3, 1), 3.0, 2.0
    exponents = one_demand("pollak", parameter, k)
    found = solve(data, exponents, tariff=abroad(data, 0.3, 0.0), iceberg=abroad(data, 0.9))
    row, growth = markups_table(found).iloc[0], cutoff_growth(found)[0]
    rng, count = np.random.default_rng(5), 100_000
    z = ((np.arange(count) + rng.random(count)) / count) ** (1 / k)  # of those that sell at home, before
    best = np.zeros(count)
    for low, high in ((z, np.ones(count)),):
        for _ in range(12):
            prices = low + (high - low) * np.linspace(0, 1, 17)[:, None]
            earned = (prices - z) * (prices**-parameter - 1)
            top, width = earned.argmax(axis=0), (high - low) / 16
            low, high = np.maximum(low + (top - 1) * width, z), np.minimum(low + (top + 1) * width, 1.0)
        best = (low + high) / 2
    markup, sales = best / z, best * (best**-parameter - 1)
    assert_allclose(sales.sum() / (z * sales / best).sum(), row["aggregate_markup"], rtol=2e-3)
    assert_allclose(
        [markup.mean(), np.average(markup, weights=sales)], row[["mean_markup", "sales_weighted_markup"]].astype(float), rtol=2e-3
    )
    assert_allclose(np.quantile(markup, [0.5, 0.9, 0.99]), row[["p50", "p90", "p99"]].astype(float), rtol=2e-3)
    single = firm_markups(found, "C0", "S0", [0, 50, 99])
    assert list(single.index.names) == ["market", "percentile"]
    for n, name in enumerate(data.countries):
        for percentile in (0, 50, 99):
            firm = single.loc[(name, percentile)]
            before = (1 - percentile / 100) ** (1 / k)
            assert firm["markup_benchmark"] == pytest.approx(np.interp(before, z, markup), rel=2e-3)
            now = before / growth[0, n]
            assert firm["sells"] == (now <= 1)
            if now <= 1:
                assert firm["markup"] == pytest.approx(np.interp(now, z, markup), rel=2e-3)
                step = np.interp([now * 0.99, now * 1.01 if now < 0.99 else now], z, best)
                ends = np.log(1.01 / 0.99 if now < 0.99 else 1 / 0.99)
                assert firm["pass_through"] == pytest.approx(np.log(step[1] / step[0]) / ends, abs=0.02)
    assert bool(single["sells_benchmark"].all())


def test_liberalisation_lowers_mark_ups_at_home_and_raises_those_of_exporters() -> None:
    """While the distribution in every market stays; the cutoff that grows most is an exporter's."""
    data = drawn(26, 3, 1, tariffs=False)
    found = solve(data, one_demand("translog", None, 4.0), iceberg=abroad(data, 0.8))
    table = firm_markups(found, "C1", "S0", [50, 90])
    moved = table["markup"] / table["markup_benchmark"]
    assert (moved["C1"] < 1).all()
    assert (moved.drop("C1", level="market") > 1).all()
    most = stretch(found)
    assert most is not None
    assert most.exporter != most.importer
    assert most.factor == pytest.approx(np.nanmax(cutoff_growth(found)))
