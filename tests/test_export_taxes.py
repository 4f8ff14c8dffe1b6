"""Export taxes and subsidies: theory, and how they stand beside tariffs under every model. Equations written anew and firms from primitives see
them in `tests/test_battery_random.py` and `tests/test_independent.py`, derivatives in `tests/model` and `tests/results`.
"""

from typing import Any

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import MODELS, Array, abroad, by_country, drawn, economy_from, random_economy, same, shuffled, solve, variants

from cge import Benchmark, Exponents, calibrate, change, eaton_kortum, solve_hat, solve_levels
from cge.errors import DataError
from cge.model.shock import RATES
from cge.results.channels import CHANNELS, bilateral_terms
from cge.results.welfare import FURTHER, groups_table, welfare_table
from cge.solve.many import solve_many

each_model = pytest.mark.parametrize("model", MODELS)
each_link = pytest.mark.parametrize("inputs", [0.0, 0.4], ids=["no inputs", "inputs"])
HOME = "C1"


def model_of(b: Benchmark, model: str) -> Exponents:
    """Full free entry without inputs; with them a scale at which the benchmark is stable."""
    return variants(b.sectors, 0.3 if b.uses is not None else 1.0)[model]


def laid(b: Benchmark, side: str, rate: float) -> Array:
    """A rate on all that HOME exports, or imports [sector, exporter, importer]."""
    place, shape = {"exporter": 1, "importer": 2}[side], [1, 1, 1]
    shape[place] = -1
    return np.broadcast_to(rate * (np.array(b.countries) == HOME).reshape(shape), b.arrays["flow"].shape)


def raised(b: Benchmark, name: str, rate: Array) -> dict[str, Any]:
    """1 + rate of the data, times 1 + another."""
    return {name: abroad(b, (1 + b.rates(name)) * (1 + rate) - 1, 0.0)}


# --- theory --------------------------------------------------------------------------------------------------------------------------


@each_model
@each_link
@pytest.mark.parametrize("rate", [0.25, -0.1], ids=["tax", "subsidy"])
def test_lerner_symmetry(model: str, inputs: float, rate: float) -> None:
    """Without transfers a uniform export tax is a uniform tariff: it multiplies 1 + t of all imports, whatever rates there were."""
    b = drawn(8, F=2, inputs=inputs, export_taxes=True)
    one, other = (
        solve_hat(b, model_of(b, model), change(b, **raised(b, name, laid(b, side, rate)), transfers="zero", subsidies=True)).data
        for name, side in (("export_tax", "exporter"), ("tariff", "importer"))
    )
    assert_allclose(one["real_income"], other["real_income"], rtol=1e-9)
    assert_allclose(one["entry"], other["entry"], rtol=1e-8, atol=1e-12)
    assert float(abs(one["real_income"] - 1).max()) > 1e-3
    wages = (one["factor_price"] / other["factor_price"]).sel(
        factor="F0"
    )  # home's against all others' are higher by 1 + x under the tariff
    assert_allclose(wages / wages.sel(country=HOME), np.where(np.array(b.countries) == HOME, 1.0, 1 + rate), rtol=1e-9)


def test_with_fixed_transfers_the_two_differ() -> None:
    b = drawn(8)
    one, other = (
        solve(b, model_of(b, "eaton_kortum"), **raised(b, name, laid(b, side, 0.25))).data["real_income"]
        for name, side in (("export_tax", "exporter"), ("tariff", "importer"))
    )
    assert float(abs(one - other).max()) > 1e-4


@pytest.mark.parametrize("model", ["krugman", "melitz"])
def test_lerner_symmetry_where_industries_close(model: str) -> None:
    b = drawn(12)
    e, cheaper = model_of(b, model), abroad(b, 0.5)
    one, other = (
        solve(b, e, **raised(b, name, laid(b, side, 0.4)), iceberg=cheaper, transfers="zero")
        for name, side in (("export_tax", "exporter"), ("tariff", "importer"))
    )
    assert one.corners == other.corners
    assert one.corners["emptied"] > 0
    assert_allclose(one.data["real_income"], other.data["real_income"], rtol=1e-9)


@each_link
def test_a_tax_that_the_importer_pays_back_is_a_transfer(inputs: float) -> None:
    """(1 + x)(1 + t) = 1: buyers see no tax, and what the exporter's treasury gets is what the importer's pays."""
    b = drawn(8, inputs=inputs, tariffs=False)
    rate = np.random.default_rng(1).uniform(0, 0.3, b.arrays["flow"].shape)
    both = {"export_tax": abroad(b, rate, 0.0), "tariff": abroad(b, 1 / (1 + rate) - 1, 0.0)}
    net = solve_hat(b, model_of(b, "armington"), change(b, **both, subsidies=True))
    paid = net.data["tariff"] * (1 + net.data["export_tax"]) * net.data["flow"]
    assert_allclose(paid, -net.data["export_tax"] * net.data["flow"], rtol=1e-12)
    got = net.data["export_tax_revenue"] + net.data["tariff_revenue"]
    assert abs(float(got.sum())) < 1e-9 * float(net.data["export_tax_revenue"].sum())


@each_model
@each_link
def test_taxes_of_the_data_are_those_that_are_laid_on(model: str, inputs: float) -> None:
    """What an equilibrium with export taxes and subsidies would be recorded as, without the shock: back to the data."""
    b = drawn(9, inputs=inputs)
    e = variants(b.sectors, 0.3)[model]
    rate = np.random.default_rng(3).uniform(0, 0.4, b.arrays["flow"].shape)
    there = solve(b, e, export_tax=abroad(b, rate, 0.0)).data
    recorded = calibrate(economy_from(there, b))
    assert recorded.rates("export_tax").max() > 0.3
    back = solve(recorded, e, export_tax=abroad(recorded, 0.0, 0.0)).data
    assert_allclose(back["real_income"] * there["real_income"], 1, rtol=1e-8)


@each_model
def test_label_order(model: str) -> None:
    economy = random_economy(np.random.default_rng(4), 4, 3, 2, inputs=0.3, export_taxes=True)
    b, mixed = calibrate(economy), calibrate(shuffled(economy, 5))
    shock = raised(b, "export_tax", np.random.default_rng(2).uniform(0, 0.3, b.arrays["flow"].shape))
    one, other = (solve(x, model_of(b, model), **shock).data for x in (b, mixed))
    same(one, other, rtol=1e-8)
    same(one, other, "export_tax_revenue", rtol=1e-8)


# --- both solvers, many, negative rates --------------------------------------------------------------------------------------------------


@each_model
@each_link
def test_levels_are_changes(model: str, inputs: float) -> None:
    """Taxes and subsidies on both sides, in the data and in the shock."""
    b = drawn(10, 3, 2, inputs=inputs, export_taxes=True)
    rng = np.random.default_rng(1)
    rates = {name: abroad(b, rng.uniform(-0.2, 0.3, b.arrays["flow"].shape), 0.0) for name in RATES}
    solution = solve_levels(b, model_of(b, model), change(b, **rates, subsidies=True))
    assert solution.levels_vs_hat is not None
    assert solution.levels_vs_hat < 1e-8
    assert (solution.data["tariff_revenue"] < 0).any() or (solution.data["export_tax_revenue"] < 0).any()


def test_many_together_are_each_alone() -> None:
    b = drawn(11, inputs=0.4, export_taxes=True)
    e = eaton_kortum(4.0)
    shocks = [change(b, **raised(b, "export_tax", laid(b, "exporter", rate))) for rate in (0.1, 0.2, 0.3)]
    shocks.append(change(b, **raised(b, "tariff", laid(b, "importer", 0.1))))
    found = {place: one for places, one in solve_many(b, [(e, shock) for shock in shocks]) for place in places}
    for place, shock in enumerate(shocks):
        same(found[place].data, solve_hat(b, e, shock).data, rtol=1e-8)  # type: ignore[union-attr]


def test_rates_below_zero_are_asked_for() -> None:
    b = drawn(8)
    for name in RATES:
        with pytest.raises(DataError, match=f"{name}: rate -0.1 .*subsidies = true"):
            change(b, **{name: abroad(b, -0.1, 0.0)})
        with pytest.raises(DataError, match=f"{name}: rate -1 .* above -1"):
            change(b, **{name: abroad(b, -1.0, 0.0)}, subsidies=True)


# --- what is told --------------------------------------------------------------------------------------------------------------------


@each_model
def test_channels_add_up_and_the_revenue_is_told(model: str) -> None:
    b = drawn(13, inputs=0.3, export_taxes=True)
    found = solve(b, model_of(b, model), **raised(b, "export_tax", laid(b, "exporter", 0.2)))
    table = welfare_table(found).set_index("country")
    assert_allclose(table.filter(items=CHANNELS).sum(axis=1), 100 * found.log_real_income, atol=1e-9)
    assert [name for name in table if "export_tax" in name] == [column.name for column in FURTHER if "export_tax" in column.name]
    assert_allclose(table["export_tax_revenue"], found.data["export_tax_revenue"], rtol=1e-12)
    change_of = found.data["export_tax_revenue"] - found.data["export_tax_revenue_benchmark"]
    assert_allclose(table["export_tax_revenue_change"], change_of, rtol=1e-9, atol=1e-9)
    world = groups_table(found, {}).iloc[0]
    assert_allclose(world["export_tax_revenue"], table["export_tax_revenue"].sum())
    without = solve(drawn(13, inputs=0.3), model_of(b, model))
    assert (
        bool([name for name in welfare_table(without) if "export_tax" in name]) == without.has_profits
    )  # the two kinds of income come together


@pytest.mark.parametrize("name", [*RATES, "iceberg", "productivity"])
@each_link
def test_linear_terms_are_the_first_order_of_welfare(name: str, inputs: float) -> None:
    """With rates in the data: terms and volume of trade and direct effects miss a small change by its square."""
    b = drawn(14, inputs=inputs, export_taxes=True)
    rng = np.random.default_rng(2)
    direction = rng.uniform(0.5, 1.5, b.arrays["flow"].shape)

    def error(size: float) -> float:
        shock = {
            "iceberg": lambda: {"iceberg": abroad(b, np.exp(size * direction))},
            "productivity": lambda: {"productivity": by_country(b, "sector", np.exp(size * direction[:, :, 0]))},
        }.get(name, lambda: raised(b, name, size * direction))()
        found = solve(b, eaton_kortum(4.0), **shock)
        table = welfare_table(found)
        terms = bilateral_terms(found).sum(["partner", "sector"])
        income = found.reference.values.income
        assert_allclose(100 * terms["terms_of_trade"] / income, table["terms_of_trade_pct"], atol=1e-10)
        assert_allclose(100 * terms["volume_of_trade"] / income, table["volume_of_trade_pct"], atol=1e-10)
        return float(np.abs(table["welfare_linear_pct"] - table["real_income_pct"]).max())

    far, near = error(2e-3), error(1e-3)
    assert far < 0.01
    assert_allclose(far / near, 4, rtol=0.1)


@each_link
def test_world_real_gdp_is_world_real_income(inputs: float) -> None:
    b = drawn(15, inputs=inputs, export_taxes=True, transfers=False)
    found = solve(b, eaton_kortum(4.0), **raised(b, "export_tax", laid(b, "exporter", 1e-4)))
    table, world = welfare_table(found), groups_table(found, {}).iloc[0]
    assert_allclose(world["real_gdp_expenditure_pct"], world["real_income_pct"], rtol=1e-7)
    values = found.reference.values
    gdp = values.factor_income.sum(axis=0) + values.tariff_revenue + values.export_tax_revenue
    assert_allclose(table["real_gdp_pct"] @ gdp, table["real_gdp_expenditure_pct"] @ gdp, rtol=1e-3)  # to first order


@each_link
def test_where_nobody_taxes_exports_there_is_no_array_and_no_other_answer(inputs: float) -> None:
    b = drawn(8, inputs=inputs)
    plain, zero = (solve(b, model_of(b, "armington"), **raised(b, "tariff", laid(b, "importer", 0.1)), **more)
                   for more in ({}, {"export_tax": abroad(b, 0.0, 0.0)}))  # fmt: skip
    assert plain.counterfactual.system.levied is zero.counterfactual.system.levied is None
    assert plain.counterfactual.system.profit is None
    for name in ("real_income", "factor_price", "flow"):
        assert np.array_equal(plain.data[name], zero.data[name])
