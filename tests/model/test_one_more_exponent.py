"""A variant with one more exponent, which also moves with the exporter's own spending, is one row of `SELLER`: everything else follows.

Productivity that rises with the real size of the own market, Â = (X̂/ĉ)^φ (Costinot, Donaldson, Kyle and Williams 2019, Quarterly Journal of Economics
134(2)): the weight carries X̂^(εφ) ĉ^−ε(1+φ). It stands here, and only here, so that the tables are held to what they promise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from worlds import Array, abroad, drawn, random_shock, solve

from cge import Exponents, change, eaton_kortum, gains, gradient, solve_hat, solve_levels
from cge.model.exponents import SELLER, PerSector
from cge.results.channels import channels
from cge.solve.changes import solve_changes
from cge.solve.search import solve as equilibrium_of
from cge.solve.stability import at_given_entry, radius

TRADE, PHI = 4.0, 0.08


@dataclass(frozen=True)
class HomeMarket(Exponents):
    """Exponents with one more, on the exporter's own spending."""

    linder: PerSector = 0.0


@pytest.fixture(autouse=True)
def one_more_row(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(SELLER, "linder", ("spending", 1.0))


def home_market(phi: float = PHI, scale: float = 0.0, trade: float = TRADE) -> Exponents:
    slopes = {"trade": {"trade": 1.0, "cost": 1 + phi, "tariff": 1.0, "linder": phi}, "phi": {"cost": trade, "linder": trade}}
    return HomeMarket(
        "home_market", trade, trade * (1 + phi), trade, 0.0, scale, 0.0, {"theta": trade, "phi": phi}, slopes, linder=trade * phi
    )


each_scale = pytest.mark.parametrize("scale", [0.0, 0.3])
each_world = pytest.mark.parametrize(
    "world", [{}, {"inputs": 0.3}, {"inputs": 0.3, "F": 2, "zeros": 0.2}], ids=["no inputs", "inputs", "all at once"]
)


@each_world
def test_without_phi_it_is_eaton_kortum(world: dict[str, float]) -> None:
    data = drawn(2, **world)
    ours, theirs = (
        solve(data, e, **random_shock(np.random.default_rng(5), data))
        for e in (home_market(0.0), HomeMarket(**{f: getattr(eaton_kortum(TRADE), f) for f in eaton_kortum(TRADE).__dataclass_fields__}))
    )
    assert_allclose(ours.data["real_income"], theirs.data["real_income"], rtol=1e-12)


@each_world
@each_scale
def test_real_income_and_its_channels(world: dict[str, float], scale: float) -> None:
    """One country's market grows by what its own income adds: prices below those of Eaton–Kortum where spending over cost has risen."""
    data = drawn(3, **world)
    solution = solve(data, home_market(scale=scale), **random_shock(np.random.default_rng(7), data))
    old, new = solution.reference, solution.counterfactual
    size = new.unknowns.log_spending_change - old.unknowns.log_spending_change
    log_cost = new.values.log_unit_cost - old.values.log_unit_cost
    prices, income = solution.data["price_index"], solution.data["income"] / solution.data["income_benchmark"]
    real = np.log(income) - (data.data["final_share"] * np.log(prices).fillna(0.0)).sum("sector")
    assert_allclose(sum(channels(solution)), real, atol=1e-10)
    home = np.diagonal(new.trade_share / np.where(old.trade_share > 0, old.trade_share, np.nan), axis1=1, axis2=2)
    moved = TRADE * PHI * size - TRADE * (1 + PHI) * log_cost + scale * np.log(new.unknowns.entry / old.unknowns.entry)
    shock = solution.shock
    moved += TRADE * np.log(shock.productivity.values) - TRADE * np.log(np.diagonal(shock.iceberg.values, axis1=1, axis2=2))
    assert_allclose(np.log(prices.values), np.where(np.isfinite(home), (np.log(home) - moved) / TRADE, np.log(prices.values)), atol=1e-10)


@pytest.mark.parametrize("world", [{}, {"inputs": 0.3}, {"inputs": 0.3, "F": 2}], ids=["no inputs", "inputs", "two factors"])
@each_scale
def test_gains_are_a_limit_of_the_solver(world: dict[str, float], scale: float) -> None:
    data, exponents = drawn(1, **world), home_market(scale=scale)
    closed = change(data, iceberg=abroad(data, 1e9 ** (1 / TRADE)), transfers="zero")
    left = solve_hat(data, exponents, closed).counterfactual.log_real_income(data.data["income"].values)
    assert_allclose(gains(data, exponents).table["gains_from_trade_pct"], -100 * np.expm1(left), rtol=2e-6)


@each_world
@each_scale
def test_gradient_against_full_solves(world: dict[str, float], scale: float) -> None:
    data, step = drawn(4, **world), 1e-4
    shock = random_shock(np.random.default_rng(9), data)
    found = gradient(solve(data, home_market(scale=scale), **shock))

    def real(phi: float = PHI, trade: float = TRADE, **other: object) -> Array:
        return np.log(solve(data, home_market(phi, scale, trade), **{**shock, **other}).data["real_income"].values)

    assert_allclose(found["phi"].sum("sector"), (real(PHI + step) - real(PHI - step)) / (2 * step), rtol=1e-5, atol=1e-7)
    assert_allclose(found["trade"].sum("sector"), (real(trade=TRADE + step) - real(trade=TRADE - step)) / (2 * step), rtol=1e-5, atol=1e-7)
    up, down = (real(productivity=shock["productivity"] * np.exp(sign * step)) for sign in (1, -1))
    assert_allclose(found["productivity"].sum(("sector", "exporter")), (up - down) / (2 * step), rtol=1e-5, atol=1e-7)


@each_world
@each_scale
def test_levels_agree_with_changes(world: dict[str, float], scale: float) -> None:
    data = drawn(5, N=3, J=2, **world)
    shock = change(data, **random_shock(np.random.default_rng(11), data))
    solution = solve_levels(data, home_market(scale=scale), shock)
    assert solution.levels_vs_hat is not None
    assert solution.levels_vs_hat < 1e-9


def test_the_certificate_is_the_response_of_profits() -> None:
    """K by hand: revenue over cost at given entry, solved again after each cell's entry has moved by a little."""
    data, exponents, step = drawn(6, N=3, J=2, inputs=0.3), home_market(scale=0.3), 1e-5
    base = solve_changes(data, exponents, change(data), 1e-10).found
    given, shape = at_given_entry(base.system, base.unknowns), base.system.home.shape

    def profit(push: Array) -> Array:
        moved = np.exp(push)[:, :, None]
        pushed = replace(
            given,
            foreign=given.foreign * moved,
            net_foreign=given.net_foreign * moved,
            taxed=None if given.taxed is None else given.taxed * moved,
            home=given.home * np.exp(push),
        )
        point, _, _ = equilibrium_of(pushed, lambda: given, 1e-13)
        return np.asarray(np.log(point.v.sales) - point.v.log_unit_cost)

    columns = []
    for cell in np.ndindex(shape):
        push = np.zeros(shape)
        push[cell] = step
        columns.append((profit(push) - profit(-push)).ravel() / (2 * step))
    assert_allclose(radius(base.system, base.unknowns), np.linalg.eigvals(np.array(columns).T).real.max(), rtol=1e-5)
