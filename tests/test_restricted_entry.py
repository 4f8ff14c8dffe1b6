"""Restricted entry with profits: theory, an equilibrium in levels from firms that shares no code with the package, and run files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import root
from worlds import Array, abroad, bilateral, by_country, dataset, drawn, random_economy, random_shock, same, solve

from cge import calibrate, eaton_kortum, gains, make_economy, restricted_entry
from cge.data.write import write_economy
from cge.errors import DataError, RunFileError
from cge.questions.compare.answer import compare
from cge.questions.run.answer import write_run
from cge.questions.solve import solve as solve_case
from cge.results.channels import CHANNELS
from cge.results.gradient import gradient
from cge.results.welfare import groups_table, welfare_table
from cge.runfile.load import load

# --- firms: one factor, monopolistic competition, a given number of firms -----------------------------------------------------------------


@dataclass(frozen=True)
class World:
    """Ossa's (2014) world: σ [sector]; firms M [country, sector]; labour, transfer [country]; β [country, sector]; θ, t, x, pairs
    [exporter, importer, sector]. Firms set p = σ/(σ − 1) w θ and keep what their sales exceed wages by.
    """

    sigma: Array
    firms: Array
    labour: Array
    transfer: Array
    final: Array
    iceberg: Array
    tariff: Array
    export_tax: Array

    def at(self, wage: Array, income: Array) -> tuple[Array, Array, Array]:
        """Flows at producer prices [exporter, importer, sector], price indices [country, sector], and profits [country]."""
        s = self.sigma
        price = s / (s - 1) * wage[:, None, None] * self.iceberg
        paid = price * (1 + self.export_tax) * (1 + self.tariff)
        index = ((self.firms[:, None, :] * paid ** (1 - s)).sum(axis=0)) ** (1 / (1 - s))
        quantity = paid**-s * index[None] ** (s - 1) * (self.final * income[:, None])[None]
        flow = self.firms[:, None, :] * price * quantity
        labour_used = (self.firms[:, None, :] * self.iceberg * quantity).sum(axis=1)
        return flow, index, (flow.sum(axis=1) - wage[:, None] * labour_used).sum(axis=1)

    def residual(self, logs: Array) -> Array:
        """Income and labour markets, the last of which the numeraire (world wages) replaces."""
        wage, income = np.exp(logs.reshape(2, -1))
        flow, _, profit = self.at(wage, income)
        border = flow * (1 + self.export_tax)
        revenue = (border * self.tariff).sum(axis=(0, 2)) + (border - flow).sum(axis=(1, 2))
        earned = wage * self.labour
        income_gap = (earned + profit + revenue + self.transfer) / income - 1
        labour_gap = (flow.sum(axis=(1, 2)) - profit) / earned - 1
        return np.concatenate([income_gap, labour_gap[:-1], [earned.sum() / self.labour.sum() - 1]])

    def solve(self) -> tuple[Array, Array, Array, Array]:
        """Flows, price indices, incomes, wages."""
        start = np.concatenate([np.zeros(len(self.labour)), np.log(1.2 * self.labour)])
        found = root(self.residual, start, method="hybr", tol=1e-13)
        assert np.abs(self.residual(found.x)).max() < 1e-11
        wage, income = np.exp(found.x.reshape(2, -1))
        flow, index, _ = self.at(wage, income)
        return flow, index, income, wage


def draw(seed: int, N: int = 3, J: int = 3) -> World:
    """A random world with tariffs, export taxes and transfers."""
    rng = np.random.default_rng(seed)
    home = np.eye(N, dtype=bool)[..., None]
    final, transfer = rng.uniform(0.5, 1.5, (N, J)), rng.uniform(-3, 3, N)

    def rates(high: float) -> Array:
        return np.where(home, 0.0, rng.uniform(0, high, (N, N, J)))

    return World(
        sigma=rng.uniform(2.5, 6, J),
        firms=rng.uniform(0.5, 2, (N, J)),
        labour=rng.uniform(60, 140, N),
        transfer=transfer - transfer.mean(),
        final=final / final.sum(axis=1, keepdims=True),
        iceberg=np.where(home, 1.0, rng.uniform(1.2, 1.6, (N, N, J))),
        tariff=rates(0.3),
        export_tax=rates(0.2),
    )


@pytest.mark.parametrize("seed", range(4))
def test_changes_are_ratios_of_levels(seed: int) -> None:
    """Record a world, change tariffs, export taxes, icebergs and labour, and compare with the world solved again."""
    old, rng = draw(seed), np.random.default_rng(seed + 50)
    pair = old.tariff.shape
    away = ~np.eye(3, dtype=bool)[..., None]
    iceberg, labour = np.where(away, rng.lognormal(0, 0.1, pair), 1.0), rng.lognormal(0, 0.1, 3)
    rates = {name: away * rng.uniform(0, 0.4, pair) for name in ("tariff", "export_tax")}
    flow, index, income, wage = old.solve()
    b = calibrate(make_economy(dataset(flow, old.tariff, export_tax=old.export_tax)))
    profit = dict(zip(b.sectors, (1 / old.sigma).tolist(), strict=True))
    trade = dict(zip(b.sectors, (old.sigma - 1).tolist(), strict=True))
    found = solve(
        b,
        restricted_entry(trade, profit),
        **{name: abroad(b, rate.transpose(2, 0, 1), 0.0) for name, rate in rates.items()},
        iceberg=bilateral(b, iceberg.transpose(2, 0, 1)),
        endowment=by_country(b, "factor", labour[None]),
    ).data
    # the engine's numeraire keeps world factor income at old wages: money of the new world is counted in that
    unit = float((wage * old.labour * labour).sum() / (old.labour * labour).sum())
    new = World(old.sigma, old.firms, old.labour * labour, old.transfer / unit, old.final, old.iceberg * iceberg, **rates)
    flow_new, index_new, income_new, wage_new = new.solve()
    assert_allclose(found["flow"].transpose("exporter", "importer", "sector"), flow_new * unit, rtol=1e-8)
    assert_allclose(found["factor_price"][0], wage_new * unit / wage, rtol=1e-9)
    assert_allclose(found["price_index"].T, index_new * unit / index, rtol=1e-9)
    real = income_new / income / (index_new / index).__pow__(old.final).prod(axis=1)
    assert_allclose(found["real_income"], real, rtol=1e-9)
    assert_allclose(found["profit_benchmark"], (flow.sum(axis=1) / old.sigma).sum(axis=1), rtol=1e-9)
    assert_allclose(found["profit"], (flow_new.sum(axis=1) / old.sigma).sum(axis=1) * unit, rtol=1e-8)


# --- theory --------------------------------------------------------------------------------------------------------------------------


def test_without_profits_it_is_eaton_kortum() -> None:
    b = drawn(3, F=2, inputs=0.4)
    shock = random_shock(np.random.default_rng(1), b)
    same(solve(b, restricted_entry(4.0, 0.0), **shock).data, solve(b, eaton_kortum(4.0), **shock).data, rtol=1e-12)


def test_profits_alike_in_all_industries_are_labour_without_inputs() -> None:
    """With one factor and no inputs a share ν everywhere is a part of what labour earns: real income is as without profits."""
    b = drawn(3, transfers=False)
    shock = {**random_shock(np.random.default_rng(1), b), "transfers": "zero"}
    shock.pop("endowment")
    one, other = solve(b, restricted_entry(4.0, 0.3), **shock).data, solve(b, eaton_kortum(4.0), **shock).data
    assert_allclose(one["real_income"], other["real_income"], rtol=1e-9)
    assert_allclose(one["profit"], 0.3 * one["sales"].sum("sector"), rtol=1e-12)


@pytest.mark.parametrize("rate", [0.1, 0.5])
def test_two_symmetric_countries_in_closed_form(rate: float) -> None:
    """A tariff t of both on one of two goods: wages stay, shares follow from 1 + t alone, and income from the labour that makes both.

    λ' = 1 − δ with δ = d (1 + t)^−ε/(1 − d + d (1 + t)^−ε) from an import share d, κ = 1 − δ + δ/(1 + t) of spending is sales, and wages are
    what is left of sales of all goods after profits: I' = w L/Σ (1 − ν) β κ.
    """
    trade, profit, beta, d = np.array([4.0, 3.0]), np.array([0.1, 0.4]), np.array([0.6, 0.4]), np.array([0.3, 0.2])
    flow = 100 * beta * np.array([[1 - d, d], [d, 1 - d]])
    b = calibrate(make_economy(dataset(flow)))
    new = np.zeros((2, 2, 2))
    new[1] = rate
    exponents = restricted_entry(*(dict(zip(b.sectors, v.tolist(), strict=True)) for v in (trade, profit)))
    found = solve(b, exponents, tariff=abroad(b, new, 0.0))
    t = np.array([0.0, rate])
    competition = 1 - d + d * (1 + t) ** -trade
    share = d * (1 + t) ** -trade / competition
    kept = 1 - share + share / (1 + t)
    income = ((1 - profit) * beta).sum() / ((1 - profit) * beta * kept).sum()
    price = (competition ** (-beta / trade)).prod()
    assert_allclose(found.data["factor_price"], 1, rtol=1e-12)
    assert_allclose(found.data["real_income"], income / price, rtol=1e-10)
    assert_allclose(found.data["profit"], 100 * income * (profit * beta * kept).sum(), rtol=1e-10)


def test_a_tariff_on_goods_with_profits_shifts_them_home() -> None:
    """Ossa (2014): it can gain more than where goods have none, and its profits rise."""
    b = drawn(5, 3, 2, transfers=False, tariffs=False)
    rate = np.zeros((2, 3, 3))
    rate[0, :, 0] = 0.05
    shock = {"tariff": abroad(b, rate, 0.0)}
    with_profits, without = (solve(b, restricted_entry(4.0, {"S0": nu, "S1": 0.0}), **shock) for nu in (0.3, 0.0))
    profits = with_profits.data["profit"] - with_profits.data["profit_benchmark"]
    assert float(profits[0]) > 0
    assert float(profits[1:].max()) < 0
    assert with_profits.log_real_income[0] > without.log_real_income[0]


def test_gains_are_a_limit_of_the_solver() -> None:
    """Autarky in closed form, with inputs and profits, against trade costs that rise without end."""
    b = drawn(6, inputs=0.3, transfers=False)
    e = restricted_entry(4.0, {"S0": 0.1, "S1": 0.3, "S2": 0.2})
    closed = solve(b, e, iceberg=abroad(b, 1e4), transfers="zero")
    found = gains(b, e, closed.shock).table["gains_from_trade_pct"]
    assert_allclose(-100 * np.expm1(closed.log_real_income), found, rtol=1e-4)


def test_channels_columns_and_groups() -> None:
    b = drawn(7, F=2, inputs=0.3)
    found = solve(b, restricted_entry(4.0, {"S0": 0.1, "S1": 0.3, "S2": 0.0}), **random_shock(np.random.default_rng(2), b))
    table = welfare_table(found).set_index("country")
    assert_allclose(table.filter(items=CHANNELS).sum(axis=1), 100 * found.log_real_income, atol=1e-9)
    profit = (np.array([0.1, 0.3, 0.0])[:, None] * found.counterfactual.values.sales).sum(axis=0)
    assert_allclose(table["profit"], profit, rtol=1e-12)
    income = found.counterfactual.values
    parts = income.factor_income.sum(axis=0) + table["profit"] + table["tariff_revenue"] + table["transfer"]
    assert_allclose(parts, income.income, rtol=1e-10)
    assert_allclose(groups_table(found, {}).iloc[0]["profit_change"], table["profit_change"].sum(), atol=1e-9)
    assert table["welfare_linear_pct"].isna().all()
    assert (table["export_tax_revenue"] == 0).all()


def test_world_gdp_is_world_income_for_small_changes() -> None:
    b = drawn(7, transfers=False)
    found = solve(b, restricted_entry(4.0, {"S0": 0.1, "S1": 0.3, "S2": 0.0}), tariff=abroad(b, 1e-4 + b.rates("tariff"), 0.0))
    values = found.reference.values
    gdp = values.factor_income.sum(axis=0) + values.profit + values.tariff_revenue
    table = welfare_table(found)
    assert_allclose(table["real_gdp_pct"] @ gdp, table["real_gdp_expenditure_pct"] @ gdp, rtol=1e-3)
    assert_allclose(table["real_gdp_pct"] @ gdp, table["real_income_pct"] @ gdp, rtol=1e-3)


def test_the_derivative_of_a_welfare_weight_by_a_tariff_feels_profits() -> None:
    """At zero rates and with profits elsewhere a tariff has a first-order effect on the world, which it has not without."""
    b = drawn(7, tariffs=False, transfers=False)
    income = b.data["income"]
    size = {}
    for nu in (0.0, 0.3):
        found = gradient(solve(b, restricted_entry(4.0, {"S0": nu, "S1": 0.0, "S2": 0.0})), by=["tariff"])["tariff"]
        size[nu] = float(abs((found * income).sum("country")).max())
    assert size[0.0] < 1e-9 * float(income.sum())
    assert size[0.3] > 1e-4 * float(income.sum())


# --- refusals and run files ------------------------------------------------------------------------------------------------------------

RUN = """
title = "Profits"
economy = "world.nc"
model = "{model}"
{top}
[elasticities]
{elasticities}
[[tariff]]
importer = "C0"
exporter = "*"
sector = "S1"
add = 0.1
"""


def put(folder: Path, elasticities: str, model: str = "restricted_entry", top: str = "") -> Path:
    """A run file beside an economy."""
    write_economy(random_economy(np.random.default_rng(5), 4, 3, inputs=0.4), folder / "world.nc")
    (folder / "run.toml").write_text(RUN.format(elasticities=elasticities, model=model, top=top), encoding="utf-8")
    return folder / "run.toml"


@pytest.mark.parametrize(
    ("elasticities", "top", "words"),
    [
        ("trade = 4.0", "", "restricted_entry needs profit beside trade"),
        ("trade = 4.0\nprofit = -0.1", "", "profit = -0.1, but a share of sales must not be negative"),
        ("trade = 4.0\nprofit = 1.0", "", "something must be left for costs"),
        ("trade = 4.0\nprofit = {S0 = 0.1}", "", r"elasticities.profit: no value for S1, S2"),
        ("trade = 4.0\nprofit = 0.2", "scale = 0.5", "nobody enters; leave it out, or use krugman"),
        ("trade = 4.0\nprofit = 0.9", "", r"profit: 0.9 of sales in S0 leaves nothing to factors .* C0 \(0\.\d+\)"),
    ],
)
def test_faults(tmp_path: Path, elasticities: str, top: str, words: str) -> None:
    with pytest.raises(RunFileError, match=words):
        load(put(tmp_path, elasticities, top=top))


def test_profits_that_leave_nothing_to_factors_are_refused_in_python() -> None:
    with pytest.raises(DataError, match=r"profit: 0\.95 of sales in S0 leaves nothing to factors"):
        solve(drawn(3, inputs=0.4), restricted_entry(4.0, 0.95))


def test_run_levels_and_compare(tmp_path: Path) -> None:
    path = put(tmp_path, 'trade = 4.0\nprofit = {S0 = 0.3, "*" = 0.1}')
    found, _ = write_run(load(path), tmp_path / "out")
    read = pd.read_csv(tmp_path / "out" / "welfare.csv")
    assert list(read)[-4:] == ["export_tax_revenue", "export_tax_revenue_change", "profit", "profit_change"]
    levels = solve_case(load(put(tmp_path, 'trade = 4.0\nprofit = {S0 = 0.3, "*" = 0.1}', top='method = "levels"')))
    assert_allclose(levels.log_real_income, found.log_real_income, atol=1e-9)
    others = compare(
        load(put(tmp_path, "trade = 4.0\nprofit = 0.2\nsigma = 4.0", "armington")), solve_case, ["armington", "restricted_entry"]
    )
    assert [answer.model for answer in others.answers] == ["armington", "restricted_entry"]
    assert all(answer.outcome.solved for answer in others.answers)
    own = compare(load(put(tmp_path, "trade = 4.0\nprofit = 0.2", top="intermediates = false")), solve_case)
    assert [answer.model for answer in own.answers][:2] == ["restricted_entry", "armington"]
