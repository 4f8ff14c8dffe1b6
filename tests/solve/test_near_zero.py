"""A producer near zero under free entry: the answer is the limit from above, not that of a world in which nobody could ever enter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.optimize import root
from worlds import Array, abroad, dataset, solve

from cge import Benchmark, Exponents, calibrate, krugman, make_economy, melitz

FLOW = np.array([[[60, 20.0], [20, 5], [20, 4]], [[15, 6], [90, 30], [10, 7]], [[18, 5], [12, 8], [70, 25]]])  # exporter, importer, sector
IRON, TAXES = 1, 1  # the sector of the near-zero producer, and the country that lays a tariff
RATE = np.where((np.arange(3) == TAXES) & ~np.eye(3, dtype=bool), 0.3, 0.0)
SHARES = {1: np.ones((1, 2)), 2: np.array([[0.7, 0.4], [0.3, 0.6]])}  # factor, sector
EXPONENTS = {
    "krugman": {"trade": 3.0, "cost": 3.0, "market": 0.0},
    "melitz": {"trade": 5.0, "cost": 17 / 3, "market": 2 / 15},
}  # MODEL section 4


def exponents(model: str) -> Exponents:
    """The package's record of a row of `EXPONENTS`."""
    return krugman(4.0) if model == "krugman" else melitz(4.0, 5.0)


@cache
def world(who: int, size: float, factors: int) -> Benchmark:
    """The three countries, the producer of iron in `who` cut to `size` of itself."""
    flow = FLOW.copy()
    flow[who, :, IRON] *= size
    added = SHARES[factors].T * flow.sum(axis=1)[..., None]
    return calibrate(make_economy(dataset(flow, None, None, added)))


@cache
def real_income(who: int, size: float, factors: int, model: str) -> Array:
    """Of every country after the tariff."""
    b = world(who, size, factors)
    return np.asarray(solve(b, exponents(model), tariff=abroad(b, RATE, 0.0)).data.real_income.values)


@dataclass(frozen=True)
class Limit:
    """The world as the producer goes to zero, with entry counted in the producer's full size; equations 1 to 11 written anew.

    As its size goes to zero its entry grows without bound, and the product of the two, which is all that equations hold, does not.
    """

    who: int
    factors: int
    model: str

    @cached_property
    def flow(self) -> Array:
        """As recorded in the limit."""
        flow = FLOW.copy()
        flow[self.who, :, IRON] = 0.0
        return flow

    def residuals(self, unknown: Array) -> Array:
        """Of entry and factor markets, at ln ŵ [country, factor] and ln of entry in full sizes [country, sector]."""
        wage, entry = self.split(unknown)
        cost, _, _, sales = self.outcome(wage, entry)
        payments = np.einsum("is,fs->if", self.flow.sum(axis=1), SHARES[self.factors])
        market = np.einsum("is,fs->if", sales, SHARES[self.factors]) / (payments * wage) - 1
        market[0, 0] = (payments * wage).sum() / payments.sum() - 1  # the numeraire in place of the market that the others imply
        return np.concatenate([(sales / (entry * cost * FLOW.sum(axis=1)) - 1).ravel(), market.ravel()])

    def split(self, unknown: Array) -> tuple[Array, Array]:
        """ŵ and entry."""
        levels = np.exp(unknown)
        return levels[: 3 * self.factors].reshape(3, -1), levels[3 * self.factors :].reshape(3, 2)

    def outcome(self, wage: Array, entry: Array) -> tuple[Array, Array, Array, Array]:
        """Unit cost, ln of prices, incomes over those of the data, and sales."""
        e, spending = EXPONENTS[self.model], self.flow.sum(axis=0)
        cost = np.exp(np.log(wage) @ SHARES[self.factors])
        weight = FLOW / spending * (entry * cost ** -e["cost"])[:, None] * (1 + RATE[..., None]) ** -e["cost"]
        competition = weight.sum(axis=0)
        share = weight / competition
        payments = np.einsum("is,fs->if", self.flow.sum(axis=1), SHARES[self.factors])
        transfer = spending.sum(axis=1) - payments.sum(axis=1)
        final = spending / spending.sum(axis=1, keepdims=True)
        kept = share / (1 + RATE[..., None])
        revenue_share = (final * (1 - kept.sum(axis=0))).sum(axis=1)  # of income, since all of income is spent
        income = ((payments * wage).sum(axis=1) + transfer) / (1 - revenue_share)
        new = final * income[:, None]
        log_price = -np.log(competition) / e["trade"] - e["market"] * np.log(new / spending)
        return cost, log_price, income / spending.sum(axis=1), (kept * new).sum(axis=1)

    @cached_property
    def real_income(self) -> Array:
        """Û [country]; every entry is positive in these worlds."""
        found = root(self.residuals, np.zeros(3 * self.factors + 6), tol=1e-13)
        assert np.abs(self.residuals(found.x)).max() < 1e-11, found.message
        _, log_price, income, _ = self.outcome(*self.split(found.x))
        spending = self.flow.sum(axis=0)
        return np.asarray(income / np.exp((spending / spending.sum(axis=1, keepdims=True) * log_price).sum(axis=1)))


@pytest.mark.parametrize("size", [1e-6, 1e-9, 1e-12, 1e-15, 1e-30])
@pytest.mark.parametrize("factors", [1, 2])
@pytest.mark.parametrize("model", list(EXPONENTS))
@pytest.mark.parametrize("who", range(3))
def test_a_producer_near_zero_is_as_in_the_limit(who: int, model: str, factors: int, size: float) -> None:
    limit = Limit(who, factors, model).real_income
    assert_allclose(real_income(who, size, factors, model), limit, rtol=max(1e-9, 10 * size))
    without = real_income(who, 0.0, factors, model)
    assert np.abs(without - limit).max() > 5e-4, "a producer that could enter and one that could not are different worlds"


@pytest.mark.parametrize("model", list(EXPONENTS))
def test_a_producer_near_zero_takes_no_more_steps(model: str) -> None:
    steps = {size: solve(b := world(0, size, 1), exponents(model), tariff=abroad(b, RATE, 0.0)).iterations for size in (1.0, 1e-3, 1e-12)}
    assert max(steps.values()) <= 2 * steps[1.0], steps


def test_a_world_in_balance_without_a_shock_keeps_its_near_zero_producers() -> None:
    """Under `zero` the reference is solved for: where trade is balanced it is the data, near-zero producers included."""
    flow = np.array([[[60, 20.0], [20, 5]], [[20, 5e-12], [90, 30]]])
    flow[0, 1, 1], flow[0, 1, 0] = 5e-12, 20.0
    b = calibrate(make_economy(dataset(flow)))
    solution = solve(b, krugman(4.0), transfers="zero")
    assert solution.corners == {"emptied": 0, "refilled": 0, "benchmark": 0}
    assert_allclose(solution.data.entry, 1, rtol=1e-9)
