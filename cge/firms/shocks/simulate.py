"""Firms of one country in all markets: draws of efficiency and shocks, sales, and who gains by size (chapter, section 6.4).

In v = (unit cost over the highest that enters)^k, uniform among those that enter a market, sales are (α/η)σwF·v^(−1/θ̃)(1 − v^(λ/θ̃)). Efficiency is
u = T z^(−k), so that a firm enters n iff u ≤ (N_n/κ_2)η_n^θ̃, with N_n the number of sellers there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError, nearest
from cge.firms.shocks.economy import ShockEconomy, ShockEquilibrium, Shocks, _cost

BEND, REACH = 2.5, 4.5
"""Draws of u are ū·t^BEND, t uniform, so that productive firms are drawn more often; ū lets in entry shocks of so many standard deviations."""

BLOCK = 8192
"""Firms whose sales are worked out at once."""


class Draws(NamedTuple):
    """Uniform t [firm] and standard normals of demand and of entry [firm, market]."""

    uniform: Array
    demand: Array
    entry: Array


def draws(count: int, markets: int, seed: int) -> Draws:
    """Scrambled Sobol draws: smooth in parameters, where pseudo-random ones would make an objective rough.

    Args:
        count: of firms, best a power of two.
    """
    from scipy.special import ndtri
    from scipy.stats import qmc

    bits = max(int(np.ceil(np.log2(max(count, 2)))), 1)
    points = qmc.Sobol(2 * markets + 1, rng=np.random.default_rng(seed)).random_base2(bits)[:count]
    np.clip(points, 1e-16, 1 - 1e-16, out=points)
    ndtri(points[:, 1:], out=points[:, 1:])  # in place: a hundred thousand firms in a hundred markets are 160 MB
    return Draws(points[:, 0], points[:, 1 : markets + 1], points[:, markets + 1 :])


class Drawn(NamedTuple):
    """Firms drawn [firm, market], sales in units of σw_iF_ni: v (above one: does not enter), sales and market costs over w_iF_ni; weight [firm],
    how many firms a draw stands for.
    """

    position: Array
    sales: Array
    cost: Array
    weight: Array


def drawn(shocks: Shocks, sellers: Array, of: Draws, ceiling: float | Array) -> Drawn:
    """Firms by market, given how many sell there.

    Args:
        sellers: N_n [market]; ceiling: ū, the highest u that is drawn, one for all or one for each [firm].
    """
    t, rho = shocks.theta, shocks.correlation
    log_eta = shocks.sigma_entry * of.entry
    log_alpha = shocks.sigma_demand * (rho * of.entry + np.sqrt(1 - rho**2) * of.demand)
    log_u = np.log(ceiling) + BEND * np.log(of.uniform)
    log_v = log_u[:, None] - np.log(sellers / shocks.kappa_2) - t * log_eta
    enters = log_v <= 0
    log_v = np.where(enters, log_v, 0.0)
    scale = np.exp(log_alpha - log_eta)
    reach = -np.expm1(shocks.convexity / t * log_v) if np.isfinite(shocks.convexity) else np.where(log_v < 0, 1.0, 0.0)
    sales = np.where(enters, scale * np.exp(-log_v / t) * reach, 0.0)
    cost = np.where(enters, scale * _cost(np.minimum(reach, 1 - 1e-16) if shocks.convexity <= 1 else reach, shocks.convexity), 0.0)
    weight = ceiling * density(of)
    return Drawn(np.where(enters, np.exp(log_v), np.inf), sales, cost, weight)


def density(of: Draws) -> Array:
    """What part of all u below the highest a draw stands for [firm]."""
    return np.asarray(BEND * of.uniform ** (BEND - 1) / len(of.uniform))


def highest(shocks: Shocks, sellers: Array) -> float:
    """ū: draws above it would enter a market with next to no probability, given how many sell there [market]."""
    return float(sellers.max() / shocks.kappa_2 * np.exp(REACH * shocks.theta * shocks.sigma_entry))


def _origin(economy: ShockEconomy, origin: str) -> int:
    if origin not in economy.names:
        raise DataError(f"origin: {origin} is not a country.{nearest(origin, economy.names)}")
    return economy.names.index(origin)


def simulate_firms(economy: ShockEconomy, found: ShockEquilibrium, origin: str, count: int = 65_536, seed: int = 0) -> pd.DataFrame:
    """Firms of a country by market, those that sell anywhere.

    Returns:
        One row for each `firm` and `market` where it sells: `weight`, how many firms the draw stands for, `sales` and `market_cost`, money.

    Raises:
        DataError: an unknown country, or less than one draw.
    """
    i = _origin(economy, origin)
    if count < 1:
        raise DataError(f"count = {count}, but there must be at least one draw.")
    unit = found.wage[i] * economy.market_cost[:, i]
    sellers = found.sellers[:, i]
    of, ceiling, parts = draws(count, len(sellers), seed), highest(economy.shocks, sellers), []
    for first in range(0, count, BLOCK):
        some = drawn(economy.shocks, sellers, Draws(*(part[first : first + BLOCK] for part in of)), ceiling)
        firm, market = np.nonzero(some.sales > 0)
        part = {
            "firm": firm + first,
            "market": np.array(economy.names)[market],
            "weight": some.weight[firm] * len(some.weight) / count,
            "sales": (some.sales * unit * economy.sigma)[firm, market],
            "market_cost": (some.cost * unit)[firm, market],
        }
        parts.append(pd.DataFrame(part))
    return pd.concat(parts, ignore_index=True)


def deciles(
    economy: ShockEconomy, before: ShockEquilibrium, after: ShockEquilibrium, origin: str, count: int = 262_144, seed: int = 0
) -> pd.DataFrame:
    """Firms of a country by decile of total sales before a change, each keeping its efficiency and shocks.

    Returns:
        One row for each decile, then `entrants`, who only sell after it: `sales_before`, `sales_after`, money, and `exit_share`, of firms.

    Raises:
        DataError: an unknown country.
    """
    i = _origin(economy, origin)
    sellers = [e.sellers[:, i] for e in (before, after)]
    ceiling = max(highest(economy.shocks, n) for n in sellers)
    of = draws(count, len(economy.names), seed)
    firms = [drawn(economy.shocks, n, of, ceiling) for n in sellers]
    units = [economy.sigma * e.wage[i] * economy.market_cost[:, i] for e in (before, after)]
    old, new = (f.sales @ unit for f, unit in zip(firms, units, strict=True))
    weight = firms[0].weight
    order = np.argsort(old[old > 0])
    upto = np.cumsum(weight[old > 0][order])
    decile = np.zeros(len(old), dtype=int)
    decile[np.flatnonzero(old > 0)[order]] = np.minimum((upto / upto[-1] * 10).astype(int), 9) + 1
    sums = [np.bincount(decile, weights=w, minlength=11) for w in (weight, weight * old, weight * new, weight * (new == 0))]
    rows = pd.DataFrame({"sales_before": sums[1], "sales_after": sums[2], "exit_share": sums[3] / sums[0]})
    rows = pd.concat([rows.iloc[1:], rows.iloc[:1].assign(exit_share=np.nan)])
    return rows.set_axis([*(f"decile {n}" for n in range(1, 11)), "entrants"]).rename_axis("group")
