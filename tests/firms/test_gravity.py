"""Margins, gravity and zeros in trade (chapter, sections 6.1 to 6.3), and trade-cost elasticities decomposed two ways."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.testing import assert_allclose
from numpy.typing import NDArray
from scipy import stats

from cge.errors import DataError
from cge.firms import (
    OpenEconomy,
    OpenEquilibrium,
    fixed_cost_elasticity,
    from_scipy,
    gravity,
    gravity_table,
    iceberg_elasticity,
    log_normal,
    open_equilibrium,
    pareto,
    trade_shares,
    truncated_pareto,
)
from cge.firms.productivity import J, tail_moment

Array = NDArray[np.float64]

SIGMA, K = 4.0, 4.25
COSTS: dict[str, Any] = {
    "sigma": SIGMA, "labour": [100, 60, 30], "entry_cost": [0.5, 0.6, 0.4], "fixed_cost": [[1, 1.4, 1.3], [1.5, 1.1, 1.6], [1.4, 1.3, 0.9]],
    "iceberg": [[1, 1.5, 1.7], [1.6, 1, 1.4], [1.8, 1.5, 1]],
}  # fmt: skip
PARETO = [
    OpenEconomy((pareto(K), pareto(K, 1.1), pareto(K, 0.95)), **COSTS),
    OpenEconomy(pareto(K), **(COSTS | {"spending_share": 0.3})),
]
EACH = pytest.mark.parametrize("economy", PARETO, ids=["wages clear", "outside good"])


@EACH
def test_closed_forms_under_pareto(economy: OpenEconomy) -> None:
    """(20) to (25) at the equilibrium of cutoffs and integrals."""
    e, found = economy, open_equilibrium(economy)
    lower = np.array([g.lower for g in e.productivity])
    # (20): exporters times average exports
    sellers, average = found.entrants * (lower / found.cutoff) ** K, SIGMA * K / (K - SIGMA + 1) * found.wage * e.fixed_cost
    assert_allclose(found.sellers, sellers, rtol=1e-9)
    assert_allclose(found.flow, sellers * average, rtol=1e-9)
    # (21), (23)
    assert_allclose(gravity(e, found), found.flow, rtol=1e-9)
    assert_allclose(trade_shares(e, found), found.trade_share, rtol=1e-9)
    # (22)
    assert_allclose(found.entrants, (SIGMA - 1) / (K * SIGMA) * found.sector_labour / e.entry_cost, rtol=1e-9)
    # (24), (25), with spending over the wage for β L̄
    spending, f, own = e.spending_share * e.labour, np.diagonal(e.fixed_cost), np.diagonal(found.cutoff)
    assert_allclose(found.price_index, SIGMA / (SIGMA - 1) * (f * SIGMA / spending) ** (1 / (SIGMA - 1)) * found.wage / own, rtol=1e-9)
    lead = (SIGMA - 1) / (K - SIGMA + 1) * f / e.entry_cost / spending
    assert_allclose(own**K, lower**K * lead * found.sector_labour / np.diagonal(found.trade_share), rtol=1e-9)
    # the price index printed below (22)
    weight = found.sector_labour / e.entry_cost * lower**K * e.iceberg**-K * found.wage ** -(K * SIGMA / (SIGMA - 1) - 1)
    terms = (weight * e.fixed_cost ** (1 - K / (SIGMA - 1))).sum(axis=1) * (spending * found.wage) ** -(1 - K / (SIGMA - 1))
    constant = (SIGMA / (SIGMA - 1)) ** -K * SIGMA ** (-K / (SIGMA - 1)) * (SIGMA - 1) / (K - SIGMA + 1)
    assert_allclose(found.price_index**-K, terms * constant, rtol=1e-9)


def test_gains_from_trade_from_shares_and_labour() -> None:
    """Section 6.3: Û = (λ_nn/L̂_n)^(−β/k), the second part from labour that moves into the sector."""
    economy = PARETO[1]
    found = open_equilibrium(economy)
    closed = open_equilibrium(replace(economy, iceberg=np.where(np.eye(3, dtype=bool), 1.0, np.inf)))
    moved = found.sector_labour / closed.sector_labour
    assert_allclose(found.welfare / closed.welfare, (np.diagonal(found.trade_share) / moved) ** (-0.3 / K), rtol=1e-9)
    assert (np.abs(moved - 1) > 1e-3).all()


# --- elasticities --------------------------------------------------------------------------------------------------------------------------


def test_the_elasticity_decomposed_both_ways_under_pareto() -> None:
    cutoff = open_equilibrium(PARETO[0]).cutoff[:, 0]
    iceberg, fixed = (function(pareto(K), SIGMA, cutoff) for function in (iceberg_elasticity, fixed_cost_elasticity))
    for got, wanted in (
        (iceberg.total, -K), (iceberg.sellers, -K), (iceberg.average_sales, 0), (iceberg.continuing, -(SIGMA - 1)),
        (iceberg.switching, -(K - SIGMA + 1)),
        (fixed.total, 1 - K / (SIGMA - 1)), (fixed.sellers, -K / (SIGMA - 1)), (fixed.average_sales, 1), (fixed.continuing, 0),
        (fixed.switching, -(K - SIGMA + 1) / (SIGMA - 1)),
    ):  # fmt: skip
        assert_allclose(got, wanted, atol=1e-12)


@pytest.mark.parametrize(
    "G", [pareto(K), log_normal(0.4), truncated_pareto(K, 5.0), from_scipy(stats.weibull_min(2.0))], ids=lambda g: g.name
)
def test_elasticities_are_slopes(G: Any) -> None:
    """Central differences of ln flow, ln sellers and ln average sales in ln τ and ln f, demand given."""
    phi, step = np.array([1.3, 1.7, 2.4]), 1e-5
    for elasticity, per, own in (
        (iceberg_elasticity(G, SIGMA, phi), 1.0, 1 - SIGMA),
        (fixed_cost_elasticity(G, SIGMA, phi), 1 / (SIGMA - 1), 0.0),
    ):

        def logs(direction: int, per: float = per, own: float = own) -> tuple[Array, Array]:
            cutoff = phi * np.exp(direction * per * step)
            return np.log(tail_moment(G, SIGMA, cutoff)) + direction * own * step, np.log(G.survival(cutoff))

        (up, more), (down, fewer) = logs(1), logs(-1)
        assert_allclose(elasticity.total, (up - down) / (2 * step), rtol=1e-6)
        assert_allclose(elasticity.sellers, (more - fewer) / (2 * step), rtol=1e-6)
        assert_allclose(elasticity.average_sales, ((up - more) - (down - fewer)) / (2 * step), atol=1e-5)
        assert_allclose(elasticity.continuing + elasticity.switching, elasticity.total, rtol=1e-12)
        assert_allclose(elasticity.continuing, own)


def test_nothing_is_sold_above_the_support() -> None:
    found = iceberg_elasticity(truncated_pareto(K, 5.0), SIGMA, [2.0, 6.0])
    assert np.isfinite([part[0] for part in found]).all()
    assert np.isnan([part[1] for part in found]).all()


def test_continuing_and_new_exporters_in_a_counterfactual() -> None:
    """A tenth off one iceberg cost: of the rise in a flow at given demand, continuing firms give (σ−1) and new ones the rest."""
    e, g = PARETO[0], pareto(K)
    found = open_equilibrium(e)
    old = found.cutoff[1, 0]
    new = old * 0.999
    grown = np.log(tail_moment(g, SIGMA, new) * 0.999 ** (1 - SIGMA) / tail_moment(g, SIGMA, old)) / np.log(0.999)
    assert_allclose(grown, -K, rtol=1e-9)
    newcomers = np.log(tail_moment(g, SIGMA, new) / tail_moment(g, SIGMA, old)) / np.log(0.999)
    assert_allclose(newcomers, -(K - SIGMA + 1), rtol=1e-9)


# --- zeros ---------------------------------------------------------------------------------------------------------------------------------

UPPER = 3.0


def world(seed: int = 0, n: int = 12) -> tuple[OpenEconomy, OpenEquilibrium]:
    """Countries with productivity truncated at 3 and costs drawn at random, some pairs too far apart to trade."""
    rng = np.random.default_rng(seed)
    home = np.eye(n, dtype=bool)
    e = OpenEconomy(truncated_pareto(K, UPPER), SIGMA, rng.uniform(60, 100, n), 0.5, np.where(home, 1, rng.uniform(0.9, 1.3, (n, n))),
                    np.where(home, 1, rng.uniform(1.3, 2.6, (n, n))), 0.3)  # fmt: skip
    return e, open_equilibrium(e)


def test_zeros_in_trade() -> None:
    """Nobody sells where φ*_ni exceeds the highest productivity; elsewhere the flow follows the selection W of Helpman et al. (2008)."""
    e, found = world()
    zero = found.cutoff > UPPER
    assert 0 < zero.sum() < zero.size
    assert ((found.flow == 0) == (zero | (found.entrants == 0))).all()
    table = gravity_table(e, found)
    traded = table[table["flow"] > 0]
    parts = traded[["importer", "exporter", "cost", "selection"]].sum(axis=1)
    assert_allclose(parts, np.log(traded["flow"]), rtol=1e-10)
    assert_allclose(traded["flow"], traded["sellers"] * traded["average_sales"], rtol=1e-12)
    cutoff = found.cutoff.ravel()[traded.index]
    selected = (UPPER / cutoff) ** (K - SIGMA + 1) - 1
    constant = traded["selection"] - np.log(selected)
    inside = cutoff > 1.0
    assert_allclose(constant[inside], constant[inside].iloc[0], rtol=1e-9)
    assert (table.loc[zero.ravel(), "selection"] == -np.inf).all()


def test_gravity_needs_the_selection() -> None:
    """With importer and exporter effects, OLS finds −(σ−1) once the selection is held; without it, an elasticity that is too large."""
    e, found = world()
    table = gravity_table(e, found)
    data = table[(table["flow"] > 0) & (table["market"] != table["origin"])]
    effects = pd.get_dummies(data[["market", "origin"]], dtype=float)
    tau = np.log(e.iceberg).ravel()[data.index]
    y = np.log(data["flow"].to_numpy())
    held, *_ = np.linalg.lstsq(np.column_stack([tau, data["selection"], effects]), y)
    plain, *_ = np.linalg.lstsq(np.column_stack([tau, effects]), y)
    assert_allclose(held[:2], [-(SIGMA - 1), 1], rtol=1e-8)
    assert plain[0] < -K


def test_pareto_gravity_does_not_hold_elsewhere() -> None:
    e, found = world()
    with pytest.raises(DataError, match="truncated at 3, but"):
        gravity(e, found)
    mixed = replace(PARETO[0], productivity=(pareto(K), pareto(4.6), pareto(K)))
    assert_allclose(gravity(mixed, open_equilibrium(mixed)), open_equilibrium(mixed).flow, rtol=1e-9)
    with pytest.raises(DataError, match="one k"):
        trade_shares(mixed, open_equilibrium(mixed))
    everyone = replace(PARETO[0], entry_cost=np.array([5.0, 5.0, 5.0]))
    with pytest.raises(DataError, match="every entrant"):
        gravity(everyone, open_equilibrium(everyone))


def test_J_under_pareto() -> None:
    """Section 6.1."""
    assert_allclose(
        J(pareto(K, 1.2), SIGMA, [1.2, 2.0, 5.0]), (SIGMA - 1) / (K - SIGMA + 1) * (1.2 / np.array([1.2, 2.0, 5.0])) ** K, rtol=1e-12
    )
