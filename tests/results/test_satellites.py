"""Satellite accounts: who uses up what, who buys it in the end, and what leaks abroad."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from worlds import MODELS, Array, abroad, bilateral, by_country, dataset, drawn, random_economy, random_shock, shuffled, solve, variants

from cge import Benchmark, DataError, calibrate, make_economy
from cge.data.choices import MovesWith
from cge.data.satellite import HEADER
from cge.results.satellites import MOVES, leakages, satellite_groups_table, satellites_table
from cge.results.sectors import sectors_table
from cge.solve.solution import Solution

SIDES = ["producer_benchmark", "producer", "buyer_benchmark", "buyer"]
LINKED = drawn(11, 4, 3, 2, inputs=0.45, zeros=0.2)
PLAIN = drawn(12, 4, 3, 2, zeros=0.2)
ROY = drawn(16, 4, 3, 2, inputs=0.4, mobility=2.0)
TAXED = drawn(13, 4, 3, 2, inputs=0.45, export_taxes=True)


def rows(benchmark: Benchmark, seed: int = 0) -> pd.DataFrame:
    """An account of each kind, and one that moves with output in some cells and with employment in others."""
    rng = np.random.default_rng(seed)
    cells = [
        (n, s) for i, n in enumerate(benchmark.countries) for j, s in enumerate(benchmark.sectors) if benchmark.arrays["sales"][j, i] > 0
    ]
    kinds = {"CO2": ("output", "output"), "jobs": ("employment", "employment"), "energy": ("output", "employment")}
    found = [
        (n, s, name, float(rng.lognormal(0, 1)), pair[place % 2]) for name, pair in kinds.items() for place, (n, s) in enumerate(cells)
    ]
    return pd.DataFrame(found, columns=list(HEADER))


def sums(table: pd.DataFrame) -> Array:
    """Over countries [account, side]."""
    return table.groupby("name", sort=False)[SIDES].sum().to_numpy()


def adds_up(solution: Solution, seed: int = 0) -> pd.DataFrame:
    table = satellites_table(solution, rows(solution.benchmark, seed))
    assert_allclose(sums(table)[:, [0, 1]], sums(table)[:, [2, 3]], rtol=1e-12)
    return table


# --- what must hold --------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("transfers", ["fixed", "zero", "own_share"])
def test_producers_and_buyers_add_up_to_the_same_under_every_model_and_shock(name: str, transfers: str) -> None:
    """Free entry without inputs, where industries vanish, and at half its scale with them; tariffs, export taxes, all primitives."""
    for benchmark, scale in ((PLAIN, 1.0), (LINKED, 0.5), (TAXED, 0.5)):
        shock = random_shock(np.random.default_rng(3), benchmark, 0.1, export_taxes=benchmark is TAXED)
        table = adds_up(solve(benchmark, variants(benchmark.sectors, scale)[name], transfers=transfers, **shock))
        assert np.abs(table["producer"] / table["producer_benchmark"] - 1).max() > 0.01


def test_nothing_changes_without_a_shock() -> None:
    given = rows(LINKED)
    table = satellites_table(solve(LINKED, variants(LINKED.sectors)["armington"]), given)
    assert_allclose(table["producer"], table["producer_benchmark"], rtol=1e-9)
    assert_allclose(table["buyer"], table["buyer_benchmark"], rtol=1e-9)
    wanted = given.groupby(["name", "country"], sort=False)["amount"].sum()
    assert_allclose(
        table.set_index(["name", "country"])["producer_benchmark"], wanted.reindex(table.set_index(["name", "country"]).index), rtol=1e-12
    )


@pytest.mark.parametrize("name", MODELS)
@pytest.mark.parametrize("world", [LINKED, ROY], ids=["one pool", "workers who cannot move freely"])
def test_amounts_follow_what_sectors_csv_says_of_output_and_employment(name: str, world: Benchmark) -> None:
    solution = solve(world, variants(world.sectors, 0.5)[name], **random_shock(np.random.default_rng(4), world, 0.1))
    given = rows(world)
    hats = sectors_table(solution).set_index(["country", "sector"])
    factor = [
        1 + hats.loc[(n, s), f"{kind}_pct"] / 100 for n, s, kind in zip(given["country"], given["sector"], given["moves_with"], strict=True)
    ]
    wanted = given.assign(amount=given["amount"] * factor).groupby(["name", "country"], sort=False)["amount"].sum()
    found = satellites_table(solution, given).set_index(["name", "country"])["producer"]
    assert_allclose(found, wanted.reindex(found.index), rtol=1e-10)


def test_every_kind_of_the_contract_has_its_row() -> None:
    assert set(MOVES) == set(MovesWith.__args__)  # type: ignore[attr-defined]


def test_what_vanishes_uses_nothing_up() -> None:
    """An industry that empties has no output and no jobs, and its account goes to nobody."""
    solution = solve(PLAIN, variants(PLAIN.sectors)["krugman"], iceberg=abroad(PLAIN, 0.7))
    gone = np.argwhere(solution.counterfactual.values.sales[:, :] + (PLAIN.arrays["sales"] == 0) == 0)
    assert len(gone)
    s, n = gone[0]
    given = pd.DataFrame(
        [(PLAIN.countries[n], PLAIN.sectors[s], name, 5.0, name) for name in ("output", "employment")], columns=list(HEADER)
    )
    assert_allclose(sums(satellites_table(solution, given)), [[5.0, 0.0, 5.0, 0.0]] * 2, rtol=1e-12)


def test_twice_the_productivity_of_the_world_is_twice_the_output_and_as_many_jobs() -> None:
    economy = drawn(14, 3, 3, transfers=False)
    solution = solve(economy, variants(economy.sectors)["armington"], productivity=by_country(economy, "sector", 2.0))
    ratio = sums(satellites_table(solution, rows(economy)))
    assert_allclose(ratio[:2, 1] / ratio[:2, 0], [2.0, 1.0], rtol=1e-8)


def test_the_order_of_labels_and_rows_does_not_matter() -> None:
    economy = random_economy(np.random.default_rng(15), 4, 3, 2, inputs=0.4)
    tables = []
    for one, seed in ((economy, 0), (shuffled(economy, 1), 2)):
        benchmark = calibrate(one)
        given = rows(calibrate(economy)).sample(frac=1, random_state=seed, ignore_index=True)
        tariff = bilateral(benchmark, 0.0)
        tariff.loc[{"importer": "C1", "exporter": ["C0", "C2", "C3"]}] = 0.3
        tables.append(
            satellites_table(solve(benchmark, variants(["S0", "S1", "S2"])["armington"], tariff=tariff), given).set_index(
                ["name", "country"]
            )
        )
    assert_allclose(tables[0], tables[1].reindex(tables[0].index), rtol=1e-9)


def test_who_trades_only_what_has_no_account_buys_what_it_makes() -> None:
    """Two goods stay at home and go into each other; a third, which is traded, goes into them and is made of labour alone."""
    flow = np.zeros((2, 2, 3))
    flow[0, 0], flow[1, 1], flow[0, 1, 2], flow[1, 0, 2] = [60.0, 40.0, 30.0], [20.0, 30.0, 25.0], 10.0, 12.0
    inputs = np.zeros((2, 3, 3))  # [country, input, sector]
    inputs[:, :, :2] = [[[10.0, 5.0], [8.0, 4.0], [3.0, 7.0]], [[3.0, 6.0], [2.0, 9.0], [4.0, 2.0]]]
    benchmark = calibrate(make_economy(dataset(flow, None, inputs)))
    solution = solve(benchmark, variants(benchmark.sectors)["armington"], iceberg=abroad(benchmark, 1.3))
    table = satellites_table(solution, rows(benchmark).query("sector != 'S2'"))
    assert np.abs(table["producer"] / table["producer_benchmark"] - 1).max() > 1e-3
    assert_allclose(table["buyer"], table["producer"], rtol=1e-12)
    assert_allclose(table["buyer_benchmark"], table["producer_benchmark"], rtol=1e-12)


# --- other derivations -----------------------------------------------------------------------------------------------------------------


def test_two_countries_and_one_good_by_hand() -> None:
    """A's producers buy 30 and B's 20 of 100 and 50 sold; each market takes one mix of origins, so that the content per unit of money is
    v = a + A'v with two equations, solved by Cramer's rule.
    """
    flow = np.array([[[80.0], [20.0]], [[10.0], [40.0]]])
    benchmark = calibrate(make_economy(dataset(flow, None, np.array([[[30.0]], [[20.0]]]))))
    given = pd.DataFrame([("C0", "S0", "CO2", 200.0, "output"), ("C1", "S0", "CO2", 25.0, "output")], columns=list(HEADER))
    table = satellites_table(solve(benchmark, variants(["S0"])["armington"]), given)
    a, b = 200 / 100, 25 / 50
    aa, ba = 0.3 * 80 / 90, 0.3 * 10 / 90  # of A and of B in a unit of A's sales
    ab, bb = 0.4 * 20 / 60, 0.4 * 40 / 60
    det = (1 - aa) * (1 - bb) - ba * ab
    va, vb = ((1 - bb) * a + ba * b) / det, ((1 - aa) * b + ab * a) / det
    buyers = [60 * (va * 80 + vb * 10) / 90, 40 * (va * 20 + vb * 40) / 60]
    assert_allclose(table["buyer"], buyers, rtol=1e-10)


@pytest.mark.parametrize(
    ("name", "benchmark"), [("armington", LINKED), ("melitz", LINKED), ("eaton_kortum", TAXED), ("restricted_entry", TAXED)]
)
def test_footprints_are_those_of_the_dense_inverse_in_physical_units(name: str, benchmark: Benchmark) -> None:
    """Quantities q = R/p and flows over the seller's price: a (I − A)^{-1} Y with matrices of the whole world, from labelled results alone."""
    model = variants(benchmark.sectors, 0.5)[name]
    solution = solve(benchmark, model, **random_shock(np.random.default_rng(5), benchmark, 0.1, export_taxes=benchmark is TAXED))
    data, given = solution.data, rows(benchmark)
    sales, flow, spending = (data[key].values for key in ("sales", "flow", "spending"))  # [sector, country], [sector, exporter, importer]
    J, N = sales.shape
    hats = sectors_table(solution).set_index(["sector", "country"])
    output = 1 + hats["output_pct"].unstack().reindex(index=benchmark.sectors, columns=benchmark.countries).to_numpy() / 100
    quantity = np.where(sales > 0, np.nan_to_num(output) * data["sales_benchmark"].values, 1.0)
    price = np.where(sales > 0, sales / quantity, 1.0)
    profit = model.on(benchmark.sectors)["profit"]
    uses = benchmark.arrays["input_share"] * sales  # [input, sector, country]; shares of sales, of which profit takes a part
    taken = np.where(spending[:, None, :] > 0, flow / np.where(spending > 0, spending, 1.0)[:, None, :], 0.0)
    goods = taken / price[:, :, None]
    A = np.einsum("kin,ksn->kisn", goods, uses).reshape(J * N, J * N) / quantity.ravel()
    Y = np.einsum("kin,kn->kin", goods, spending - uses.sum(axis=1)).reshape(J * N, N)
    inverse = np.linalg.inv(np.eye(J * N) - A)
    table = satellites_table(solution, given)
    assert profit.any() == (name == "restricted_entry")
    for account, own in given.groupby("name", sort=False):
        moved = 1 + hats.reindex(pd.MultiIndex.from_frame(own[["sector", "country"]]))
        moved = np.where(own["moves_with"] == "output", 1 + (moved["output_pct"] - 1) / 100, 1 + (moved["employment_pct"] - 1) / 100)
        amount = pd.Series(own["amount"].to_numpy() * moved, pd.MultiIndex.from_frame(own[["sector", "country"]])).unstack()
        amount = amount.reindex(index=benchmark.sectors, columns=benchmark.countries).fillna(0.0).to_numpy()
        found = table[table["name"] == account]["buyer"]
        assert_allclose(found, (amount.ravel() / quantity.ravel()) @ inverse @ Y, rtol=1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(60))
def test_random_worlds(seed: int) -> None:
    rng = np.random.default_rng(seed)
    inputs, name = float(rng.uniform(0, 0.45)), MODELS[seed % len(MODELS)]
    benchmark = calibrate(
        random_economy(rng, int(rng.integers(2, 7)), int(rng.integers(1, 5)), 2, inputs=inputs, zeros=0.3, export_taxes=bool(seed % 2))
    )
    model = variants(benchmark.sectors, 0.2)[name]
    adds_up(solve(benchmark, model, **random_shock(rng, benchmark, 0.1, export_taxes=bool(seed % 2))), seed)


# --- leakage and groups ----------------------------------------------------------------------------------------------------------------


def account(**pairs: tuple[float, float]) -> pd.DataFrame:
    found = [("CO2", country, before, after, before, after) for country, (before, after) in pairs.items()]
    return pd.DataFrame(found, columns=["name", "country", *SIDES])


@pytest.mark.parametrize(
    ("home", "leakage"),
    [(["A"], 30.0), (["A", "B"], pytest.approx(100 * 1 / 8)), (["B"], None), (["A", "B", "C"], None), ([], None)],
)
def test_leakage_is_the_rise_abroad_over_the_fall_at_home(home: list[str], leakage: Any) -> None:
    (found,) = leakages(account(A=(100.0, 90.0), B=(50.0, 52.0), C=(20.0, 21.0)), home)
    assert found.leakage_pct == leakage
    assert (found.world_benchmark, found.world) == (170.0, 163.0)


def test_groups_are_sums() -> None:
    table = account(A=(100.0, 90.0), B=(50.0, 52.0), C=(20.0, 21.0))
    groups = satellite_groups_table(table, {"BC": ["B", "C"]})
    assert groups["country"].tolist() == ["World", "BC"]
    assert_allclose(groups[SIDES], [[170.0, 163.0, 170.0, 163.0], [70.0, 73.0, 70.0, 73.0]])


# --- what is wrong ---------------------------------------------------------------------------------------------------------------------


def test_all_faults_at_once() -> None:
    s = np.argwhere(PLAIN.arrays["sales"] == 0)
    bad = pd.DataFrame(
        [
            ("C0", "S0", "CO2", 1.0, "output"), ("C0", "S0", "CO2", 2.0, "output"), ("C9", "S0", "CO2", 1.0, "output"),
            ("C1", "S00", "CO2", 1.0, "output"), ("C1", "S0", "CO2", "much", "output"), ("C2", "S0", "CO2", -3.0, "output"),
            ("C3", "S0", "CO2", 1.0, ""), ("C3", "S0", "jobs", 1.0, "employmnt"), ("C0", "S0", "", 1.0, "output"),
            (PLAIN.countries[s[0][1]], PLAIN.sectors[s[0][0]], "waste", 7.0, "output"),
        ],
        columns=list(HEADER),
    )  # fmt: skip
    solution = solve(PLAIN, variants(PLAIN.sectors)["armington"])
    with pytest.raises(DataError) as caught:
        satellites_table(solution, bad)
    said = caught.value.faults
    words = (
        "row 4: no country C9 in the economy.", "row 5: no sector S00 in the economy. Did you mean S0?", "row 10: no name",
        "row 6: amount 'much' is not a number.", "row 7: amount -3 is below zero", "row 8: moves_with (empty); give output or employment.",
        "row 9: moves_with employmnt", "rows 2, 3: country=C0 sector=S0 name=CO2 stands there 2 times",
        "waste moves with output in 1 cell that make nothing in the economy, first country=",
    )  # fmt: skip
    assert len(said) == len(words)
    assert all(sum(word in one for one in said) == 1 for word in words)
    place, country = s[0]
    given = pd.DataFrame([(PLAIN.countries[country], PLAIN.sectors[place], "CO2", 1.0, "output")], columns=list(HEADER))
    with pytest.raises(DataError, match=r"CO2 moves with output in 1 cell that make nothing in the economy, first country="):
        satellites_table(solution, given)
    with pytest.raises(DataError, match=r"no column moves_with; the header is country,sector,name,amount,moves_with"):
        satellites_table(solution, given.drop(columns="moves_with"))
