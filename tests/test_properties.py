"""What must hold in every economy: random worlds with zeros, random policy, elasticities from 1 to 65, every variant."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from worlds import MODELS, PRICES, abroad, bilateral, by_country, random_economy, same, shuffled, solve

from cge import (
    Benchmark,
    Economy,
    Exponents,
    Solution,
    SolveError,
    armington,
    calibrate,
    eaton_kortum,
    external_economies,
    krugman,
    melitz,
    restricted_entry,
    variable_markups,
)


@dataclass(frozen=True)
class Draw:
    """A random world, model and shock, all from one seed."""

    seed: int
    countries: int
    sectors: int
    factors: int
    inputs: float
    zeros: float
    model: str
    rule: str
    size: float

    @property
    def economy(self) -> Economy:
        """The values of one year."""
        rng = np.random.default_rng(self.seed)
        return random_economy(rng, self.countries, self.sectors, self.factors, inputs=self.inputs, zeros=self.zeros)

    def exponents(self, sectors: list[str]) -> Exponents:
        """Elasticities from 1 to 65, another in every sector; with inputs, entry at a quarter of its full scale."""
        rng = np.random.default_rng(self.seed + 1)
        trade = {s: float(v) for s, v in zip(sectors, np.exp(rng.uniform(0, np.log(65), len(sectors))), strict=True)}
        scale = 0.25 if self.inputs else 1.0
        sigma = {s: v + 1 for s, v in trade.items()}
        if self.model == "melitz":
            return melitz({s: 1 + v / rng.uniform(1.05, 1.5) for s, v in trade.items()}, trade, scale)
        if self.model == "external_economies":
            return external_economies(trade, 0.0, {s: float(scale * rng.uniform(0, 1)) for s in sectors})
        if self.model == "restricted_entry":
            return restricted_entry(trade, {s: float(rng.uniform(0, 0.1)) for s in sectors})
        if self.model == "variable_markups":  # a demand that may sell inputs, of k above one; free entry or none
            return variable_markups({s: max(v, 1.5) for s, v in trade.items()}, "qmor", -1.0, scale=0.0 if self.inputs else 1.0)
        return {"armington": armington(sigma), "eaton_kortum": eaton_kortum(trade), "krugman": krugman(sigma, scale)}[self.model]

    def shock(self, data: Benchmark) -> dict[str, Any]:
        """New tariffs, icebergs, productivity and endowments."""
        rng = np.random.default_rng(self.seed + 2)
        J, N, F = len(data.sectors), len(data.countries), len(data.factors)
        return {
            "tariff": abroad(data, rng.uniform(0, 2 * self.size, (J, N, N)) * (rng.random((J, N, N)) < 0.7), 0.0),
            "iceberg": bilateral(data, rng.lognormal(0, self.size, (J, N, N))),
            "productivity": by_country(data, "sector", rng.lognormal(0, self.size / 2, (J, N))),
            "endowment": by_country(data, "factor", rng.lognormal(0, self.size, (F, N))),
            "transfers": self.rule,
        }

    def solve(self) -> Solution:
        """The solution; a world that is rightly refused is no example."""
        data = calibrate(self.economy)
        try:
            return solve(data, self.exponents(data.sectors), **self.shock(data))
        except SolveError as error:
            assume(error.outcome.name not in ("unstable", "fold", "no_equilibrium"))
            raise


draws = st.builds(
    Draw,
    seed=st.integers(0, 10**6),
    countries=st.integers(2, 5),
    sectors=st.integers(1, 5),
    factors=st.integers(1, 2),
    inputs=st.sampled_from([0.0, 0.3, 0.6]),
    zeros=st.sampled_from([0.0, 0.3, 0.6]),
    model=st.sampled_from(MODELS),
    rule=st.sampled_from(["fixed", "zero", "own_share"]),
    size=st.sampled_from([0.02, 0.1, 0.3]),
)


def accounts_balance(solution: Solution) -> None:
    """Every account of an equilibrium, rebuilt from what the solution reports."""
    d, b = solution.data, solution.benchmark.data
    assert solution.residual < 1e-10
    assert abs(solution.walras) < 1e-9
    paid = (d.flow * (1 + d.tariff)).sum("exporter").rename(importer="country").transpose("sector", "country")
    world = float(d.spending.sum())
    assert_allclose(solution.counterfactual.trade_share.sum(axis=1)[d.spending.values > 0], 1, rtol=1e-12, err_msg="trade shares")
    assert_allclose(d.spending, paid, rtol=1e-12, err_msg="spending is flows and tariffs")
    assert_allclose(d.sales, d.flow.sum("importer"), rtol=1e-10, atol=1e-13 * world, err_msg="sales are the sum of flows")
    assert abs(float(d.transfer.sum())) < 1e-10 * world
    inputs = (b.input_share * d.sales).sum("sector").rename(input="sector")
    final = (d.spending - inputs).transpose("sector", "country")
    assert_allclose(final.sum("sector"), d.income, rtol=1e-9, err_msg="income is spent")
    assert_allclose(final, b.final_share * d.income, rtol=1e-8, atol=1e-12 * world, err_msg="final shares")
    revenue = (d.flow * d.tariff).sum(["sector", "exporter"]).rename(importer="country")
    assert_allclose(d.tariff_revenue, revenue, rtol=1e-9, atol=1e-13 * world, err_msg="revenue")
    assert (d.flow.values[b.flow.values == 0] == 0).all(), "no flow appears that was not there"
    assert (d.real_income > 0).all()


EXPLODING = Draw(seed=2, countries=2, sectors=4, factors=1, inputs=0.6, zeros=0.6, model="melitz", rule="fixed", size=0.02)
"""No stable equilibrium is near: entry dynamics grow without bound, and must be stopped before numbers leave their range."""


@pytest.mark.slow
@given(draws)
@example(EXPLODING)
@settings(max_examples=40)
def test_every_economy_solves_and_its_accounts_balance(draw: Draw) -> None:
    accounts_balance(draw.solve())


@given(draws)
@settings(max_examples=12)
def test_order_of_labels_changes_nothing(draw: Draw) -> None:
    """Countries, sectors and factors in another order, exporters unlike importers: the same changes, label by label."""
    first = draw.solve()
    exponents, shock = first.exponents, draw.shock(first.benchmark)
    mixed = calibrate(shuffled(draw.economy, draw.seed + 3))
    same(solve(mixed, exponents, **shock).data, first.data, *PRICES, "flow", rtol=1e-8)


@pytest.mark.slow
@given(draws)
@settings(max_examples=1500)
def test_many_economies(draw: Draw) -> None:
    accounts_balance(draw.solve())


HARD = Draw(seed=720665, countries=3, sectors=3, factors=2, inputs=0.0, zeros=0.6, model="krugman", rule="own_share", size=0.3)


def solve_hard(scale: float) -> Solution:
    """A world of two factors and elasticities of 19 to 35 at some scale."""
    data = calibrate(HARD.economy)
    return solve(data, krugman(HARD.exponents(data.sectors).parameters["sigma"], scale), **HARD.shock(data))


@pytest.mark.parametrize("scale", [0.999, 1.0])
def test_two_factors_and_high_elasticities_under_free_entry(scale: float) -> None:
    """From the benchmark Newton's matrix is singular on the way; entry dynamics find who stays."""
    accounts_balance(solve_hard(scale))


def test_full_free_entry_is_the_limit_of_nearly_full() -> None:
    assert_allclose(solve_hard(1.0).data.real_income, solve_hard(1 - 1e-6).data.real_income, rtol=1e-5)
