"""What theory says of the engine in changes: equivalences of the variants, homogeneity, transfer rules, linear prediction, stability, refusals.

Section and equation numbers: the chapter (Melitz and Redding, "Heterogeneous Firms and Trade").
"""

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
import xarray as xr
from numpy.testing import assert_allclose, assert_array_equal
from worlds import (
    MODELS,
    PRICES,
    Array,
    abroad,
    bilateral,
    by_country,
    dataset,
    drawn,
    economy_from,
    hats,
    random_economy,
    random_shock,
    same,
    shuffled,
    solve,
    variants,
)

from cge import (
    Benchmark,
    Economy,
    Exponents,
    Shock,
    Solution,
    SolveError,
    armington,
    calibrate,
    change,
    eaton_kortum,
    external_economies,
    krugman,
    make_economy,
    melitz,
    open_economy,
    solve_hat,
)
from cge.data.bundled import find
from cge.solve.search import Memory

each_model = pytest.mark.parametrize("model", MODELS)
RULES = ["fixed", "zero", "own_share"]
each_rule = pytest.mark.parametrize("rule", RULES)
each_model_some_rules = pytest.mark.parametrize(
    ("model", "rule"), [*((m, "fixed") for m in MODELS), ("armington", "zero"), ("krugman", "zero"), ("melitz", "own_share")]
)


def rng(seed: int) -> np.random.Generator:
    """Random numbers of a seed."""
    return np.random.default_rng(seed)


PLAIN = drawn(10)
ONE_SECTOR = drawn(11, 5, 1)
INPUTS = drawn(12, F=2, inputs=0.4)
BALANCED = drawn(13, tariffs=False, transfers=False)
SPARSE = drawn(14, J=4, F=2, inputs=0.4, zeros=0.3)


def own(pair: xr.DataArray) -> Array:
    """Domestic entries [sector, country]."""
    return np.diagonal(pair.values, axis1=1, axis2=2)


def own_share_hat(data: xr.Dataset) -> Array:
    """λ̂_nn [sector, country] without tariffs."""
    return own(data.flow) / data.spending.values * data.spending_benchmark.values / own(data.flow_benchmark)


# --- equivalences of variants ------------------------------------------------------------------------------------------------------------


def test_krugman_is_the_limit_of_melitz_as_k_falls_to_sigma_minus_one() -> None:
    """The distance falls in proportion to k − (σ − 1)."""
    shock = random_shock(rng(0), PLAIN, 0.05)
    limit = hats(PLAIN, krugman(4.0), **shock)

    def distance(excess: float) -> float:
        return float(abs(np.log(hats(PLAIN, melitz(4.0, 3.0 + excess), **shock).real_income / limit.real_income)).max())

    far, near = distance(1e-3), distance(1e-4)
    assert far > 1e-6
    assert_allclose(far / near, 10, rtol=0.02)


@each_rule
def test_one_sector_armington_eaton_kortum_and_krugman_are_one_model(rule: str) -> None:
    """Without inputs entry cannot move (section 7): same hats for tariffs, icebergs and productivity, under every transfer rule."""
    shock = random_shock(rng(1), ONE_SECTOR, 0.3) | {"transfers": rule}
    del shock["endowment"]
    first = hats(ONE_SECTOR, armington(5.0), **shock)
    for other in eaton_kortum(4.0), krugman(5.0), external_economies(4.0, 0.1):
        data = hats(ONE_SECTOR, other, **shock)
        same(data, first, rtol=1e-9)
        assert_allclose(data.entry, 1, rtol=1e-9)


def test_one_sector_more_labour_is_more_varieties_under_krugman() -> None:
    """Entry is as large as the endowment, so Krugman is Armington with productivity higher by V̂^(1/(σ−1))."""
    endowment = by_country(ONE_SECTOR, "factor", rng(2).lognormal(0, 0.3, (1, 5)))
    data = hats(ONE_SECTOR, krugman(5.0), endowment=endowment)
    productivity = by_country(ONE_SECTOR, "sector", endowment.values ** (1 / 4))
    armed = hats(ONE_SECTOR, armington(5.0), endowment=endowment, productivity=productivity)
    assert_allclose(data.entry.values, endowment.values, rtol=1e-9)
    same(data, armed, *PRICES, "flow")


def test_armington_is_eaton_kortum_with_theta_sigma_minus_one() -> None:
    shock = random_shock(rng(3), SPARSE)
    theta = dict(zip(SPARSE.sectors, [2.0, 5.0, 9.0, 3.0], strict=True))
    same(hats(SPARSE, armington({s: t + 1 for s, t in theta.items()}), **shock), hats(SPARSE, eaton_kortum(theta), **shock), rtol=1e-12)


@pytest.mark.parametrize("trade", [2.0, 6.0])
def test_external_economies_with_psi_one_over_epsilon_are_krugman(trade: float) -> None:
    shock = random_shock(rng(4), PLAIN)
    same(hats(PLAIN, external_economies(trade, 1 / trade), **shock), hats(PLAIN, krugman(trade + 1), **shock))


def test_without_scale_krugman_is_armington_and_external_economies_are_eaton_kortum() -> None:
    shock = random_shock(rng(5), INPUTS)
    same(hats(INPUTS, krugman(5.0, 0.0), **shock), hats(INPUTS, armington(5.0), **shock), rtol=1e-12)
    same(hats(INPUTS, external_economies(4.0, 0.0), **shock), hats(INPUTS, eaton_kortum(4.0), **shock), rtol=1e-12)


def test_free_entry_is_the_limit_of_nested_scale() -> None:
    """krugman(σ, scale) comes near krugman(σ) in proportion to 1 − scale, where no cell closes."""
    shock = random_shock(rng(6), PLAIN, 0.01)
    limit = solve(PLAIN, krugman(5.0), **shock)
    assert limit.corners["emptied"] == 0
    far, near = (
        float(abs(np.log(hats(PLAIN, krugman(5.0, 1 - d), **shock).real_income / limit.data.real_income)).max()) for d in (1e-4, 1e-5)
    )
    assert far > 1e-7
    assert_allclose(far / near, 10, rtol=0.05)


def symmetric(countries: int, sectors: int) -> Benchmark:
    """Identical countries."""
    home = np.eye(countries, dtype=bool)[..., None]
    return calibrate(make_economy(dataset(np.where(home, 100.0, 7.0) * np.arange(1, sectors + 1))))


@pytest.mark.parametrize("iceberg", [0.7, 1.5])
def test_symmetric_countries_cannot_tell_melitz_from_armington(iceberg: float) -> None:
    """Wages do not move against each other and markets keep their size, so cost, entry and selection by size play no role."""
    world = symmetric(3, 2)
    shock = {"iceberg": abroad(world, iceberg)}
    first = hats(world, armington(5.0), **shock)
    for other in eaton_kortum(4.0), krugman(5.0), melitz(3.5, 4.0):
        same(hats(world, other, **shock), first)


def test_melitz_differs_from_armington_ex_ante_where_countries_differ() -> None:
    """For a given shock the exponent on the wage, kσ/(σ−1) − 1, is felt (else the tests of equality above would be empty)."""
    one = drawn(13, J=1, tariffs=False, transfers=False)
    shock = {"iceberg": abroad(one, rng(7).lognormal(0, 0.3, (1, 4, 4)))}
    gap = hats(one, melitz(3.0, 4.0), **shock).real_income / hats(one, armington(5.0), **shock).real_income - 1
    assert float(abs(gap).max()) > 1e-5


@pytest.mark.parametrize("exponents", [armington(5.0), krugman(5.0), melitz(3.0, 4.0)], ids=["armington", "krugman", "melitz"])
def test_welfare_ex_post_is_the_own_share_to_minus_one_over_the_elasticity(exponents: Exponents) -> None:
    """Arkolakis, Costinot and Rodríguez-Clare (2012): one sector, balanced trade, no tariffs."""
    one = drawn(13, J=1, tariffs=False, transfers=False)
    data = hats(one, exponents, iceberg=abroad(one, rng(7).lognormal(0, 0.5, (1, 4, 4))))
    assert_allclose(data.real_income, own_share_hat(data)[0] ** (-1 / 4), rtol=1e-9)


@pytest.mark.parametrize("exponents", [krugman(5.0), melitz(3.0, 4.0)], ids=["krugman", "melitz"])
def test_welfare_ex_post_with_entry(exponents: Exponents) -> None:
    """Section 6.3: Û = Π (λ̂_nn / L̂_n)^(−β/k) with L̂ the change in a sector's labour, here revenue over the wage."""
    data = hats(BALANCED, exponents, iceberg=abroad(BALANCED, rng(8).lognormal(0, 0.02, (3, 4, 4))))
    labour = data.sales / data.sales_benchmark / data.unit_cost
    expected = ((own_share_hat(data) / labour.values) ** (-BALANCED.data.final_share.values / 4)).prod(axis=0)
    assert_allclose(data.real_income, expected, rtol=1e-9)
    assert float(abs(labour - 1).max()) > 0.01


def test_balanced_trade_pins_wages() -> None:
    """Section 6: w_i L_i = Σ_s Σ_n λ_ins β_ns w_n L_n without tariffs, inputs and transfers."""
    data = hats(BALANCED, melitz(3.0, 4.0), iceberg=abroad(BALANCED, 0.9))
    earned = data.factor_price.values[0] * BALANCED.data.factor_income.values[0]
    share = (data.flow / data.spending.rename(country="importer")).transpose("sector", "exporter", "importer").values
    assert_allclose(earned, np.einsum("sin,sn,n->i", share, BALANCED.data.final_share.values, earned), rtol=1e-9)


def split(economy: Economy, parts: list[float]) -> Economy:
    """The economy with its first factor divided into fixed parts, the same in all sectors."""
    data = economy.data.drop_vars(["value_added", "factor"])
    added = economy.data.value_added.isel(factor=0, drop=True).expand_dims(factor=[f"part{i}" for i in range(len(parts))])
    return make_economy(data.assign(value_added=added * xr.DataArray(parts, dims="factor")))


@each_model
def test_two_factors_with_equal_shares_are_one(model: str) -> None:
    economy = random_economy(rng(15), 4, 3, inputs=0.4, zeros=0.2)
    one, two = calibrate(economy), calibrate(split(economy, [0.3, 0.7]))
    exponents = variants(one.sectors, 0.5)[model]
    shock = random_shock(rng(9), one)
    both = shock | {"endowment": by_country(two, "factor", shock["endowment"].values)}
    left, right = hats(one, exponents, **shock), hats(two, exponents, **both)
    same(right, left, "real_income", "unit_cost", "price_index", "entry", "flow", "income")
    assert_allclose(right.factor_price, np.broadcast_to(left.factor_price, (2, 4)), rtol=1e-9)


# --- a nested firm model, cutoffs and all -----------------------------------------------------------------------------------------------


def test_nested_melitz_is_what_firms_do() -> None:
    """Scale below one: varieties of one origin substitute with σ, origins with η < σ, where trade = (η − 1)/(1 − m(η − 1)), m = 1/(σ−1) − 1/k.

    Firms' conditions in changes: zero profit at the cutoff, price of the origin's varieties, demand across origins, free entry.
    """
    sigma, k, scale = 4.0, 5.0, 0.6
    m = 1 / (sigma - 1) - 1 / k
    eta = 1 + k * scale / (1 + m * k * scale)
    shock = random_shock(rng(16), INPUTS) | {"fixed_cost": bilateral(INPUTS, rng(17).lognormal(0, 0.2, (3, 4, 4)))}
    d = hats(INPUTS, melitz(sigma, k, scale), **shock)
    dims = ("sector", "exporter", "importer")
    cost, entry = (d[name].rename(country="exporter") for name in ("unit_cost", "entry"))
    price, size = d.price_index.rename(country="importer"), (d.spending / d.spending_benchmark).rename(country="importer")
    paid = (1 + d.tariff) / (1 + d.tariff_benchmark)
    flow = (d.flow / d.flow_benchmark).transpose(*dims)
    marginal = cost * shock["iceberg"] * paid / shock["productivity"].rename(country="exporter")  # buyer's price at productivity one
    # net revenue of the cutoff firm, flow · (p(φ*)/P_in)^(1−σ), is in proportion to c f; P_in^(1−σ) = M φ*^(σ−1−k) marginal^(1−σ)
    cutoff = (cost * shock["fixed_cost"] * entry / flow) ** (1 / k)
    nest = entry ** (1 / (1 - sigma)) * cutoff ** (k / (sigma - 1) - 1) * marginal
    assert_allclose((flow * paid).transpose(*dims), (size * (nest / price) ** (1 - eta)).transpose(*dims), rtol=1e-8)
    share = INPUTS.data.trade_share
    assert_allclose(price.transpose("sector", "importer"), ((share * nest ** (1 - eta)).sum("exporter") ** (1 / (1 - eta))), rtol=1e-8)
    assert_allclose(d.entry, d.sales / d.sales_benchmark / d.unit_cost, rtol=1e-8)


# --- homogeneity, numeraire, Walras ------------------------------------------------------------------------------------------------------


@each_model_some_rules
def test_unit_of_money_does_not_matter(model: str, rule: str) -> None:
    economy = random_economy(rng(18), 4, 3, F=2, inputs=0.4, zeros=0.2)
    names = ["flow", "intermediate", "value_added"]
    thousand = make_economy(economy.data.assign({name: economy.data[name] * 1000 for name in names}))
    small, large = calibrate(economy), calibrate(thousand)
    exponents = variants(small.sectors, 0.5)[model]
    shock = random_shock(rng(19), small)
    same(hats(large, exponents, **shock, transfers=rule), hats(small, exponents, **shock, transfers=rule), money=1000)


GROWTH = {  # of real income when the world's endowments double: income × varieties^(1/trade), and the love of variety 1/(σ−1) under Melitz
    "armington": (armington(4.0), 1.0),
    "krugman": (krugman(4.0), 1 + 1 / 3),
    "melitz": (melitz(4.0, 5.0), 1 + 1 / 3),
    "external_economies": (external_economies(5.0, 0.1), 1.1),
}


@pytest.mark.parametrize("model", GROWTH)
def test_doubling_the_world(model: str) -> None:
    exponents, power = GROWTH[model]
    data = hats(PLAIN, exponents, endowment=by_country(PLAIN, "factor", 2.0), transfers="own_share")
    assert_allclose(data.factor_price, 1, rtol=1e-9)
    assert_allclose(data.sales, 2 * data.sales_benchmark, rtol=1e-9)
    assert_allclose(data.entry, 1.0 if model == "armington" else 2.0, rtol=1e-9)
    assert_allclose(data.real_income, 2**power, rtol=1e-9)


@cache
def shaken(model: str, rule: str) -> tuple[dict[str, xr.DataArray], Solution]:
    """All kinds of shocks at once to an economy with zeros, inputs, tariffs and two factors; measured from the data."""
    shock = random_shock(rng(20), SPARSE)
    return shock, solve(SPARSE, variants(SPARSE.sectors, 0.5)[model], **shock, transfers=rule, baseline=Shock())


@each_rule
@each_model
def test_world_factor_income_is_the_numeraire(model: str, rule: str) -> None:
    shock, solution = shaken(model, rule)
    payments = paid_to_factors(model)[1] * shock["endowment"]
    assert_allclose((solution.data.factor_price * payments).sum(), payments.sum(), rtol=1e-10)


def paid_to_factors(model: str) -> tuple[xr.DataArray, xr.DataArray]:
    """Parts of sales that factors get, profits taken out of value added in proportion, and what they earn, in the data."""
    profit = xr.DataArray(variants(SPARSE.sectors)[model].on(SPARSE.sectors)["profit"], {"sector": SPARSE.sectors})
    share, added = SPARSE.data.factor_share, SPARSE.data.factor_share.sum("factor")
    share = (share * (1 - profit / added.where(added > 0, 1.0))).where(added > 0, 0.0).transpose(*share.dims)
    return share, (share * SPARSE.data.sales).sum("sector")


@each_rule
@each_model
def test_every_market_clears_the_implied_one_too(model: str, rule: str) -> None:
    """Rebuilt from flows: every factor is paid what its sectors owe it, and imports less exports are the transfer."""
    shock, solution = shaken(model, rule)
    d = solution.data
    assert abs(solution.walras) < 1e-10
    share, payments = paid_to_factors(model)
    paid = (share * d.flow.sum("importer").rename(exporter="country")).sum("sector")
    earned = d.factor_price * payments * shock["endowment"]
    assert_allclose(earned.transpose(*paid.dims), paid, rtol=1e-10)
    imports, exports = d.flow.sum(["sector", "exporter"]).values, d.flow.sum(["sector", "importer"]).values
    assert_allclose(imports - exports, d.transfer, atol=1e-10 * imports.max())


@pytest.mark.parametrize("free_entry", [False, True])
@each_model
def test_order_of_labels_does_not_matter(model: str, free_entry: bool) -> None:
    economy = random_economy(rng(22), 4, 4, F=1 if free_entry else 2, inputs=0 if free_entry else 0.4, zeros=0.3)
    plain, mixed = calibrate(economy), calibrate(shuffled(economy, 23))
    assert mixed.countries != plain.countries
    exponents = variants(plain.sectors, None if free_entry else 0.5)[model]
    shock = random_shock(rng(24), plain)
    turned = {
        name: array.isel({d: slice(None, None, -1) for d in array.dims}).transpose(*reversed(array.dims)) for name, array in shock.items()
    }
    same(hats(mixed, exponents, **turned), hats(plain, exponents, **shock), rtol=1e-10)


# --- nothing, there and back -------------------------------------------------------------------------------------------------------------


@each_rule
@each_model
def test_no_shock_is_no_change(model: str, rule: str) -> None:
    data = hats(SPARSE, variants(SPARSE.sectors, 0.5)[model], transfers=rule)
    for name in (*PRICES, "entry"):
        assert_array_equal(data[name].values[~np.isnan(data[name].values)], 1.0, err_msg=name)


@each_model
def test_a_shock_of_ones_is_no_change(model: str) -> None:
    """The data's own tariffs and factors of one, sent through the solver."""
    shock = {"tariff": PLAIN.data.tariff, "iceberg": bilateral(PLAIN, 1.0), "endowment": by_country(PLAIN, "factor", 1.0)}
    data = hats(PLAIN, variants(PLAIN.sectors)[model], **shock)
    for name in (*PRICES, "entry"):
        assert_allclose(data[name], 1, rtol=1e-9, err_msg=name)


@each_model_some_rules
def test_changes_from_a_baseline_are_the_ratio_of_two_runs(model: str, rule: str) -> None:
    exponents = variants(INPUTS.sectors, 0.5)[model]
    first, second = random_shock(rng(25), INPUTS), random_shock(rng(26), INPUTS)
    baseline = change(INPUTS, **first, transfers=rule)
    direct = hats(INPUTS, exponents, **second, transfers=rule, baseline=baseline)
    before, after = (hats(INPUTS, exponents, **s, transfers=rule, baseline=Shock()) for s in (first, second))
    for name in (*PRICES, "entry"):
        assert_allclose(direct[name], after[name] / before[name], rtol=1e-9, err_msg=name)
    for name in ("flow", "sales", "spending", "income", "tariff", "transfer", "tariff_revenue"):
        assert_allclose(direct[f"{name}_benchmark"], before[name], rtol=1e-9, err_msg=name)
        assert_allclose(direct[name], after[name], rtol=1e-9, err_msg=name)


@each_model
def test_there_and_back(model: str) -> None:
    """An economy recorded after a shock, and the shock undone: the data again (one step of calibration in between)."""
    exponents = variants(INPUTS.sectors, 0.5)[model]
    shock = random_shock(rng(27), INPUTS)
    del shock["endowment"]  # it moves the numeraire, in which transfers are fixed
    there = hats(INPUTS, exponents, **shock)
    after = calibrate(economy_from(there, INPUTS))
    undone = {name: INPUTS.data.tariff if name == "tariff" else 1 / factor for name, factor in shock.items()}
    back = hats(after, exponents, **undone)
    assert_allclose(back.real_income * there.real_income, 1, rtol=1e-9)
    assert_allclose(back.flow, INPUTS.data.flow, rtol=1e-8)


# --- transfers (section 7 of MODEL.md) ---------------------------------------------------------------------------------------------------


@each_model
def test_fixed_transfers_keep_their_value(model: str) -> None:
    data = shaken(model, "fixed")[1].data
    assert_array_equal(data.transfer, SPARSE.data.transfer)
    assert_array_equal(data.transfer_benchmark, SPARSE.data.transfer)


@each_model
def test_zero_transfers_are_two_solves_from_the_same_data(model: str) -> None:
    """Changes are ratios of the equilibrium without transfers and with the shock to that without either; the benchmark is the latter."""
    exponents = variants(INPUTS.sectors, 0.5)[model]
    shock = random_shock(rng(29), INPUTS)
    rule = {"transfers": "zero"}
    data = hats(INPUTS, exponents, **shock, **rule)
    before, after = hats(INPUTS, exponents, **rule, baseline=Shock()), hats(INPUTS, exponents, **shock, **rule, baseline=Shock())
    assert float(abs(before.real_income - 1).max()) > 0.005
    assert_array_equal(data.transfer, 0)
    assert_array_equal(data.transfer_benchmark, 0)
    for name in (*PRICES, "entry"):
        assert_allclose(data[name], after[name] / before[name], rtol=1e-9, err_msg=name)
    assert_allclose(data.flow_benchmark, before.flow, rtol=1e-9)


@each_model
def test_zero_transfers_are_a_shock_to_a_balanced_economy(model: str) -> None:
    """The first solve recorded as data and shocked anew gives the same changes (where no cell is empty)."""
    exponents = variants(INPUTS.sectors, 0.5)[model]
    shock = random_shock(rng(30), INPUTS)
    del shock["endowment"]  # its value is part of the numeraire
    data = hats(INPUTS, exponents, **shock, transfers="zero")
    balanced = calibrate(economy_from(data, INPUTS, "_benchmark"))
    same(hats(balanced, exponents, **shock), data, *PRICES, "entry", "flow", "income")


@each_model
def test_own_share_transfers(model: str) -> None:
    """transfer'_n = d_n Y'_n − (Y'_n/ΣY') Σ_m d_m Y'_m, d = benchmark transfer over factor income; they sum to zero."""
    shock, solution = shaken(model, "own_share")
    data, payments = solution.data, paid_to_factors(model)[1]
    own_income = (data.factor_price * shock["endowment"] * payments).sum("factor")
    ratio = SPARSE.data.transfer / payments.sum("factor")
    expected = own_income * (ratio - (ratio * own_income).sum() / own_income.sum())
    assert_allclose(data.transfer, expected, rtol=1e-9)
    assert abs(float(data.transfer.sum())) < 1e-9
    assert float(abs(data.transfer - SPARSE.data.transfer).max()) > 0.1


def test_a_country_may_change_sides_under_own_share() -> None:
    """Where those who give most shrink, a small recipient must give; the balance of trade is written for either side."""
    data = hats(PLAIN, armington(4.0), iceberg=abroad(PLAIN, 300.0), transfers="own_share")
    assert ((PLAIN.data.transfer > 0) & (data.transfer < 0)).any()


@each_rule
def test_rules_agree_where_there_is_no_transfer(rule: str) -> None:
    shock = {"iceberg": abroad(BALANCED, 0.9)}
    same(hats(BALANCED, krugman(5.0), **shock, transfers=rule), hats(BALANCED, krugman(5.0), **shock), *PRICES, "entry", "flow")


# --- small shocks ------------------------------------------------------------------------------------------------------------------------


def first_order(benchmark: Benchmark, shock: dict[str, xr.DataArray], data: xr.Dataset) -> xr.DataArray:
    """Terms of trade, volume of trade and direct effects, over income: what Caliendo and Parro (2015) call a change in welfare."""
    b = benchmark.data
    income = b.income.rename(country="importer")
    at_origin = {"country": "exporter"}
    price = (data.unit_cost / shock["productivity"] - 1).fillna(0)
    sold, bought = b.flow * price.rename(at_origin), b.flow * (price.rename(at_origin) + shock["iceberg"] - 1)
    terms = sold.sum(["sector", "importer"]).rename(exporter="importer") - bought.sum(["sector", "exporter"])
    # each flow's change in quantity; flows that do not exist have none
    flow, border_price = data.flow / b.flow.where(b.flow > 0), data.unit_cost.rename(at_origin) * shock["iceberg"]
    border_price = border_price / shock["productivity"].rename(at_origin)
    volume = (b.tariff * b.flow * (flow - border_price)).sum(["sector", "exporter"])
    direct = (b.sales * (shock["productivity"] - 1)).sum("sector") + (b.factor_income * (shock["endowment"] - 1)).sum("factor")
    return (terms + volume + direct.rename(country="importer")) / income


@pytest.mark.parametrize("exponents", [armington(5.0), eaton_kortum(2.0)], ids=["armington", "eaton_kortum"])
@pytest.mark.parametrize("rule", ["fixed", "own_share"])
def test_small_shocks_have_first_order_effects(exponents: Exponents, rule: str) -> None:
    """Tariffs, icebergs, productivity and endowments at once: the error of the linear prediction falls as the square of the shock."""

    def error(size: float) -> Array:
        shock = random_shock(rng(32), SPARSE, size)
        data = hats(SPARSE, exponents, **shock, transfers=rule)
        moved = ((data.transfer - data.transfer_benchmark) / SPARSE.data.income).values
        return np.asarray(data.real_income.values - 1 - first_order(SPARSE, shock, data).values - moved)

    far, near = error(2e-3), error(1e-3)
    assert_allclose(far / near, 4, rtol=0.05)


# --- stability ---------------------------------------------------------------------------------------------------------------------------


def response_of_profits(benchmark: Benchmark, exponents: Exponents) -> Array:
    """K = ∂ ln(R'/ĉ) / ∂ ln Ŝ^scale [cell, cell] by central differences of equilibria in which entry is given and sellers are pushed."""
    given = replace(exponents, scale=0.0)
    trade = exponents.on(benchmark.sectors)["trade"]
    shape = benchmark.data.sales.shape

    def profits(cell: int, step: float) -> Array:
        push = np.ones(shape)
        push.flat[cell] = np.exp(step / trade[cell // shape[1]])
        data = hats(benchmark, given, productivity=by_country(benchmark, "sector", push))
        return np.log(data.sales / data.sales_benchmark / data.unit_cost).values.ravel()

    h = 1e-4
    return np.stack([(profits(c, h) - profits(c, -h)) / (2 * h) for c in range(np.prod(shape))], axis=1)


FULL = drawn(33, 3, 3, inputs=0.65)


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_radius_is_the_leading_eigenvalue_of_the_response_of_profits(model: str) -> None:
    exponents = variants(FULL.sectors, 0.3)[model]
    found = solve_hat(FULL, exponents, Shock()).stability
    assert found is not None
    eigenvalues = np.linalg.eigvals(response_of_profits(FULL, exponents))
    assert_allclose(found.radius, eigenvalues.real.max(), rtol=1e-6)
    assert_allclose(found.critical_scale, 1 / found.radius, rtol=1e-12)


def test_radius_where_scale_differs_by_sector() -> None:
    scale = {"S0": 0.5, "S1": 0.1, "S2": 0.3}
    found = solve_hat(FULL, krugman(5.0, scale), Shock()).stability
    assert found is not None
    weighted = response_of_profits(FULL, krugman(5.0)) * np.repeat(list(scale.values()), 3)
    assert_allclose(found.radius * 0.5, np.linalg.eigvals(weighted).real.max(), rtol=1e-6)


def test_radius_does_not_depend_on_scale_so_stability_is_linear_in_it() -> None:
    radii = [solve_hat(FULL, krugman(5.0, scale), Shock(), unstable="follow").stability.radius for scale in (0.2, 0.5, 1.0)]
    assert_allclose(radii, radii[0], rtol=1e-6)


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_an_unstable_benchmark_is_refused_and_a_lower_scale_is_not(model: str) -> None:
    def exponents(scale: float) -> Exponents:
        return variants(FULL.sectors, scale)[model]

    with pytest.raises(SolveError, match="stable below a scale of" if model == "krugman" else "the radius moves with it") as caught:
        solve(FULL, exponents(1.0), tariff=FULL.data.tariff)
    assert caught.value.outcome.name == "unstable"
    critical = float(caught.value.diagnosis["critical_scale"])
    assert critical < 1
    if model == "melitz":  # its `market` depends on scale: iterate to the scale that is critical for itself
        for _ in range(30):
            critical = solve_hat(FULL, exponents(critical), Shock(), unstable="follow").stability.critical_scale
    tariff = {"tariff": abroad(FULL, 1.02 * (1 + FULL.data.tariff.values) - 1, 0.0)}
    below = solve(FULL, exponents(0.9 * critical), **tariff)
    assert below.outcome.solved
    assert below.residual < 1e-10
    with pytest.raises(SolveError, match="unstable"):
        solve(FULL, exponents(1.05 * critical), **tariff)


def test_an_unstable_benchmark_can_be_followed_with_a_warning() -> None:
    solution = solve(FULL, krugman(5.0), unstable="follow", iceberg=bilateral(FULL, 1.0))
    assert any("one branch of several" in warning for warning in solution.warnings)


# --- refusals ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["armington", "krugman"])
def test_fixed_transfers_that_trade_cannot_pay_have_no_equilibrium(model: str) -> None:
    """Costs so high that the largest surplus cannot be shipped: the message names the country, and the other rules solve."""
    exponents = variants(PLAIN.sectors)[model]
    shock = {"iceberg": abroad(PLAIN, 1e5)}
    with pytest.raises(SolveError, match="No equilibrium") as caught:
        solve(PLAIN, exponents, **shock)
    assert caught.value.outcome.name == "no_equilibrium"
    largest_payer = str(PLAIN.data.transfer.idxmin().values)
    assert f"income of {largest_payer} falls towards zero" in caught.value.outcome.sentence
    for rule in ("zero", "own_share"):
        assert solve(PLAIN, exponents, **shock, transfers=rule).residual < 1e-10


def test_a_country_that_pays_more_than_it_earns_has_no_equilibrium() -> None:
    """Tariffs so high that the largest payer of a fixed transfer would have less than nothing to spend, which solves every equation."""
    benchmark = calibrate(open_economy(find("data", "mini")))
    rate = benchmark.data["tariff"].copy(data=20.0 * (1 - np.eye(3)) * np.ones((2, 1, 1)))
    with pytest.raises(SolveError, match=r"South would have -3\.14.* to spend") as caught:
        solve(benchmark, eaton_kortum(5.0), tariff=rate)
    assert caught.value.outcome.name == "no_equilibrium"
    solution = solve(benchmark, eaton_kortum(5.0), tariff=rate, transfers="zero")
    assert np.isfinite(solution.data["real_income"]).all()


def test_a_market_that_is_closed_to_every_seller_has_no_equilibrium() -> None:
    cost = bilateral(PLAIN, 1.0)
    cost.loc[{"sector": "S1", "importer": "C2"}] = np.inf
    with pytest.raises(SolveError, match="S1 in C2") as caught:
        solve(PLAIN, armington(5.0), iceberg=cost)
    assert caught.value.outcome.name == "no_equilibrium"


def test_a_country_cut_off_has_no_equilibrium() -> None:
    cost = bilateral(PLAIN, 1.0)
    cost.loc[{"exporter": "C1"}] = np.inf
    cost.loc[{"exporter": "C1", "importer": "C1"}] = 1.0
    with pytest.raises(SolveError, match="C1"):
        solve(PLAIN, armington(5.0), iceberg=cost)


def test_closed_pairs_solve_and_carry_nothing() -> None:
    cost = bilateral(INPUTS, 1.0)
    cost.loc[{"exporter": "C0", "importer": "C1"}] = np.inf
    data = hats(INPUTS, armington(5.0), iceberg=cost)
    assert_array_equal(data.flow.sel(exporter="C0", importer="C1"), 0)
    assert float(data.real_income.sel(country="C1")) < 1


def test_a_benchmark_that_does_not_add_up_is_not_solved() -> None:
    """Final shares that are not those of the data: caught by the zero-shock check, with the market by name."""
    wrong = INPUTS.data.assign(observed_final_share=INPUTS.data.observed_final_share.roll(sector=1))
    with pytest.raises(SolveError, match="The benchmark is not an equilibrium") as caught:
        solve_hat(replace(INPUTS, data=wrong), armington(5.0), Shock())
    assert caught.value.outcome.name == "not_an_equilibrium"
    assert "spending of S" in str(caught.value.diagnosis["market"])


# --- a memory from solve to solve ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["armington", "krugman", "melitz", "external_economies"])
def test_a_memory_changes_nothing_but_the_way(model: str) -> None:
    """A chain of tariffs, each solved from the last: the same answers in fewer steps, for entry below full scale too."""
    b = drawn(63, 4, 3, 1, inputs=0.4)
    e = variants(b.sectors, 0.4)[model]
    memory, steps = Memory(), [0, 0]
    for rate in (0.5, 0.505, 0.51, 0.515):
        shock = change(b, tariff=abroad(b, rate, 0.0))
        cold, warm = solve_hat(b, e, shock), solve_hat(b, e, shock, memory=memory)
        assert warm.residual < 1e-10
        same(warm.data, cold.data, rtol=1e-9)
        steps = [steps[0] + cold.iterations, steps[1] + warm.iterations]
    assert steps[1] < steps[0]


def test_full_free_entry_starts_anew() -> None:
    b = drawn(63, 4, 3)
    memory = Memory()
    solve_hat(b, variants(b.sectors)["krugman"], change(b, tariff=abroad(b, 0.1, 0.0)), memory=memory)
    assert memory.u is None
