"""Who acts, and at which rates: told from arrays, whatever the run file looked like."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import abroad, bilateral, by_country, drawn, solve, variants

from cge import change
from cge.results.acting import Acting, Part, Rates, acting, imposed
from cge.results.highlights import concerned

BENCHMARK = drawn(5)
MODEL = variants(BENCHMARK.sectors)["armington"]
GROUPS = {"Pair": ["C1", "C3"]}


def with_tariffs(**added: float) -> object:
    """Every importer adds this to its rates on all others."""
    rate = BENCHMARK.data["tariff"].transpose("sector", "exporter", "importer").values.copy()
    for importer, more in added.items():
        rate[:, :, BENCHMARK.countries.index(importer)] += more
    return solve(BENCHMARK, MODEL, tariff=abroad(BENCHMARK, rate, 0.0))


def with_acting(**shock: object) -> Acting:
    """Who acts in a shock, without groups."""
    return acting(solve(BENCHMARK, MODEL, **shock), {})


def rates_of(solution: object, groups: dict[str, list[str]], sector_groups: dict[str, list[str]]) -> list[Rates]:
    """The rates of whoever acts."""
    return imposed(solution, acting(solution, groups), groups, sector_groups)


def test_importers_act_and_who_moves_most_stands_first() -> None:
    found = acting(with_tariffs(C0=0.02, C2=0.2), {})
    assert (found.kind, found.names, found.rises) == ("tariff", ("C2", "C0"), True)
    assert acting(with_tariffs(C1=0.1, C3=0.1), GROUPS).names == ("Pair",)


def test_nobody_acts_where_nothing_changes() -> None:
    assert acting(solve(BENCHMARK, MODEL), {}) == ("", (), True, True, ())


def test_of_costs_between_one_country_and_several_the_one_acts() -> None:
    cost = np.ones((3, 4, 4))
    cost[:, 2, :] = cost[:, :, 2] = 1.1
    cost[:, 2, 2] = 1.0
    found = acting(solve(BENCHMARK, MODEL, iceberg=bilateral(BENCHMARK, cost)), GROUPS)
    assert (found.kind, found.names, found.rises) == ("iceberg", ("C2",), True)


def test_a_world_that_acts_as_a_whole_is_the_world() -> None:
    benchmark = drawn(3, N=10, J=2)
    found = acting(solve(benchmark, variants(benchmark.sectors)["armington"], iceberg=abroad(benchmark, 0.9)), {})
    assert (found.names, found.rises) == (("World",), False)


def test_partners_of_a_group_are_all_that_it_buys_from() -> None:
    benchmark = drawn(3, N=10, J=2)
    rate = benchmark.data["tariff"].transpose("sector", "exporter", "importer").values + np.linspace(0.1, 0.2, 10)[:, None]
    solution = solve(benchmark, variants(benchmark.sectors)["armington"], tariff=abroad(benchmark, rate, 0.0))
    (table,) = rates_of(solution, {}, {})
    assert (table.importer, table.others, table.plain()["others"]) == ("World", 10, 10)
    assert sum(len(part.labels) for part in table.partners) == 10
    assert [one.others for one in rates_of(with_tariffs(C1=0.1, C3=0.1), GROUPS, {})] == [4]
    assert [one.others for one in rates_of(with_tariffs(C0=0.1, C2=0.2), {}, {})] == [3, 3]


def test_productivity_names_its_country() -> None:
    gain = np.ones((3, 4))
    gain[1, 3] = 1.2
    found = acting(solve(BENCHMARK, MODEL, productivity=by_country(BENCHMARK, "sector", gain)), {})
    assert (found.kind, found.names, found.rises) == ("productivity", ("C3",), True)


def test_who_acts_alike_and_who_does_not() -> None:
    assert acting(with_tariffs(C0=0.02, C2=0.2), {}).alike
    rate = BENCHMARK.data["tariff"].transpose("sector", "exporter", "importer").values.copy()
    rate[:, :, 0] += 0.2
    rate[:, :, 2] *= 0.9
    found = with_acting(tariff=abroad(BENCHMARK, rate, 0.0))
    assert (found.names, found.rises, found.alike) == (("C0", "C2"), True, False)
    gain = np.ones((3, 4))
    gain[:, 1], gain[0, 2] = 1.3, 0.9
    assert with_acting(productivity=by_country(BENCHMARK, "sector", gain))[1:4] == (("C1", "C2"), True, False)
    gain[:, 2] = 1.1
    assert with_acting(productivity=by_country(BENCHMARK, "sector", gain)).alike
    cost = np.ones((3, 4, 4))
    cost[:, 0, 1], cost[:, 2, 3] = 1.2, 0.9
    assert not with_acting(iceberg=bilateral(BENCHMARK, cost)).alike


def test_what_else_changes_is_told_beside_who_acts() -> None:
    rate = BENCHMARK.data["tariff"].transpose("sector", "exporter", "importer").values.copy()
    rate[:, :, 0] += 0.001
    gain, cost = np.ones((3, 4)), np.ones((3, 4, 4))
    gain[0, 1], cost[:, :, 2] = 0.9, 1.2
    shock = {"productivity": by_country(BENCHMARK, "sector", gain), "iceberg": bilateral(BENCHMARK, cost)}
    found = acting(solve(BENCHMARK, MODEL, tariff=abroad(BENCHMARK, rate, 0.0), **shock), {})
    assert (found.kind, found.names, found.also) == ("tariff", ("C0",), ("iceberg", "productivity"))
    assert with_acting(**shock).also == ("productivity",)


def test_countries_that_a_shock_singles_out_on_either_side() -> None:
    benchmark = drawn(3, N=10, J=2)
    model = variants(benchmark.sectors)["armington"]
    rate = benchmark.data["tariff"].transpose("sector", "exporter", "importer").values.copy()
    rate[:, :, 4] += 0.1  # by one importer on all others: these are too many
    cost, gain = np.ones((2, 10, 10)), np.ones((2, 10))
    cost[0, 7, 2], gain[1, 9] = np.inf, 1.1
    policy = {"tariff": abroad(benchmark, rate, 0.0), "iceberg": bilateral(benchmark, cost)}
    shock = {**policy, "productivity": by_country(benchmark, "sector", gain)}
    assert concerned(solve(benchmark, model, **shock)) == ["C4", "C7", "C2", "C9"]
    assert concerned(solve(benchmark, model, **shock, baseline=change(benchmark, **policy))) == ["C9"]
    assert concerned(solve(benchmark, model)) == []


def test_rates_are_averages_by_imports_of_the_benchmark() -> None:
    solution = with_tariffs(C0=0.05)
    (table,) = rates_of(solution, {}, {})
    flow, old = (BENCHMARK.data[name].transpose("sector", "exporter", "importer").values[:, 1:, 0] for name in ("flow", "tariff"))
    assert table.mean == pytest.approx(((flow * old).sum() / flow.sum(), (flow * (old + 0.05)).sum() / flow.sum()))
    for row, partner in enumerate(table.partners):
        for column, sector in enumerate(table.sectors):
            cell = np.ix_([BENCHMARK.sectors.index(s) for s in sector.labels], [BENCHMARK.countries.index(p) - 1 for p in partner.labels])
            assert table.before[row, column] == pytest.approx((flow * old)[cell].sum() / flow[cell].sum())
    assert_allclose(table.after - table.before, 0.05, rtol=1e-9)


def test_what_has_one_rate_stands_together() -> None:
    free = drawn(8, tariffs=False)
    rate = np.zeros((3, 4, 4))
    rate[:2, 1:, 0] = 0.1
    rate[:2, 3, 0] = 0.25
    solution = solve(free, MODEL, tariff=abroad(free, rate, 0.0))
    (table,) = rates_of(solution, {}, {"Goods": ["S0", "S1"]})
    (goods,) = table.sectors
    assert goods == Part(goods.labels, rest=False, name="Goods")
    assert sorted(goods.labels) == ["S0", "S1"]
    rows = {frozenset(part.labels): (table.before[k, 0], table.after[k, 0]) for k, part in enumerate(table.partners)}
    assert rows == {frozenset({"C3"}): (0.0, pytest.approx(0.25)), frozenset({"C1", "C2"}): (0.0, pytest.approx(0.1))}


def test_of_many_partners_the_largest_are_told_apart_and_the_rest_is_averaged() -> None:
    free = drawn(3, N=10, J=2, tariffs=False)
    rate = np.random.default_rng(0).uniform(0.1, 0.5, (2, 10, 10))
    rate[:, :, 1:] = 0.0
    solution = solve(free, variants(free.sectors)["armington"], tariff=abroad(free, rate, 0.0))
    (table,) = rates_of(solution, {}, {})
    flow = free.data["flow"].transpose("sector", "exporter", "importer").values[:, 1:, 0].sum(axis=0)
    assert [part.rest for part in table.partners] == [False] * 5 + [True]
    largest = [free.countries[1 + place] for place in np.argsort(-flow)[:5]]
    assert [part.labels[0] for part in table.partners[:5]] == largest
    assert len(table.partners[-1].labels) == 4
