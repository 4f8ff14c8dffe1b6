"""Trade flows of countries that differ: margins, gravity, zeros, and what trade costs do to them (chapter, sections 6.1 to 6.3).

Elasticities are those of one flow to its own cost, with wages, demand and entrants given: what gravity with importer and exporter effects estimates.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.countries import OpenEconomy
from cge.firms.open_equilibrium import OpenEquilibrium
from cge.firms.productivity import Productivity, sales_hazard, tail_moment


class Elasticity(NamedTuple):
    """d ln X_ni/d ln of a trade cost, decomposed twice; each the shape of the cutoffs, NaN where nothing is sold.

    Attributes:
        total: = sellers + average_sales = continuing + switching.
        sellers: of the mass of exporters; average_sales: of sales per exporter.
        continuing: firms that sell before and after; switching: firms that begin or stop.
    """

    total: Array
    sellers: Array
    average_sales: Array
    continuing: Array
    switching: Array


def iceberg_elasticity(productivity: Productivity, sigma: float, cutoff: npt.ArrayLike) -> Elasticity:
    """Of a flow to its iceberg cost τ_ni. Continuing firms sell −(σ−1) percent, and φ*_ni rises by one percent (6).

    Under Pareto: sellers −k and average sales 0 (20), whatever σ; continuing −(σ−1) and switching −(k−σ+1).

    Args:
        cutoff: φ*_ni under selection into exporting, any shape […]; the result has it.

    Raises:
        DataError: σ or a cutoff out of range.
    """
    return _elasticity(productivity, sigma, cutoff, 1.0, 1 - sigma)


def fixed_cost_elasticity(productivity: Productivity, sigma: float, cutoff: npt.ArrayLike) -> Elasticity:
    """Of a flow to its fixed cost f_ni. Continuing firms sell the same, and φ*_ni rises by 1/(σ−1) percent (6).

    Under Pareto: sellers −k/(σ−1) and average sales 1, together 1 − k/(σ−1) (21); arguments and shape […] as `iceberg_elasticity`.
    """
    return _elasticity(productivity, sigma, cutoff, 1 / (sigma - 1), 0.0)


def _elasticity(g: Productivity, sigma: float, cutoff: npt.ArrayLike, moves: float, continuing: float) -> Elasticity:
    """With h = φ*^σ g/∫ φ^(σ−1) dG for sales, and the hazard φ* g/(1−G) for firms, each times what the cutoff `moves`."""
    phi = np.asarray(cutoff, dtype=float)
    switching = -moves * sales_hazard(g, sigma, phi)
    with np.errstate(invalid="ignore", divide="ignore"):
        sellers = np.where(np.isfinite(switching), -moves * phi * g.density(phi) / g.survival(phi), np.nan)
    total = continuing + switching
    return Elasticity(total, sellers, total - sellers, np.where(np.isfinite(switching), continuing, np.nan), switching)


def gravity_table(economy: OpenEconomy, found: OpenEquilibrium) -> pd.DataFrame:
    """Every flow, its margins (20) and the parts of its logarithm, for any G (section 6.2), the selection of Helpman et al. (2008) among them.

    ln X_ni = `importer` + `exporter` + `cost` + `selection`: ln σB_n, ln[M_Ei w_i^(1−σ)], −(σ−1) ln τ_ni and ln ∫_φ*_ni φ^(σ−1) dG_i, where φ is
    that of the better technology for firms that have it. Truncation makes zeros: where φ*_ni lies above the highest productivity nobody sells. Among
    positive flows the selection varies with trade costs, so that only with it is −(σ−1) the elasticity to τ; without, gravity finds the sum of both
    margins.

    Returns:
        One row for each `market` and `origin`: `cutoff`, `flow` (money), `trade_share` (in the market's spending), `sellers` (mass of firms),
        `average_sales`, and the four parts; average sales are NaN and the selection −inf where nothing can be sold.
    """
    market, origin = (place.ravel() for place in np.indices(found.flow.shape))
    sigma = economy.sigma
    sold = np.column_stack([tail_moment(g, sigma, found.cutoff[:, i]) for i, g in enumerate(economy.productivity)])
    if economy.upgrade > 1:
        better = np.maximum(found.cutoff, found.upgrade_cutoff)
        of_these = np.column_stack([tail_moment(g, sigma, better[:, i]) for i, g in enumerate(economy.productivity)])
        sold = sold + (economy.upgrade ** (sigma - 1) - 1) * of_these
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = {
            "average_sales": np.where(found.sellers > 0, found.flow / found.sellers, np.nan),
            "importer": np.log(sigma * found.demand)[:, None] + 0 * found.flow,
            "exporter": np.log(found.entrants * found.wage ** (1 - sigma)) + 0 * found.flow,
            "cost": (1 - sigma) * np.log(economy.iceberg),
            "selection": np.log(sold),
        }
    names = np.array(economy.names)
    table = {"market": names[market], "origin": names[origin]}
    table |= {name: getattr(found, name).ravel() for name in ("cutoff", "flow", "trade_share", "sellers")}
    return pd.DataFrame(table | {name: values.ravel() for name, values in parts.items()})


def gravity(economy: OpenEconomy, found: OpenEquilibrium) -> Array:
    """Flows X_ni [market, origin] under Pareto from revenue, spending and price indices (21).

    X_ni = R_i/Ξ_i · (X_n/P_n^(1−σ))^(k/(σ−1)) τ_ni^(−k) f_ni^(1−k/(σ−1)), Ξ_i the sum over markets. Each origin may have its own k.

    Raises:
        DataError: productivity is not Pareto, or a cutoff lies below its lower bound.
    """
    k = _shapes(economy, found) / (economy.sigma - 1)
    spending = economy.spending_share * found.wage * economy.labour
    pull = (spending / found.price_index ** (1 - economy.sigma))[:, None] ** k
    weight = pull * economy.iceberg ** -(k * (economy.sigma - 1)) * economy.fixed_cost ** (1 - k)
    return np.asarray(found.flow.sum(axis=0) * weight / weight.sum(axis=0))


def trade_shares(economy: OpenEconomy, found: OpenEquilibrium) -> Array:
    """λ_ni [market, origin] under Pareto from labour in the sector and wages alone (23), with φmin_i^k where lower bounds differ.

    λ_ni ∝ (L_i/f_Ei) φmin_i^k τ_ni^(−k) w_i^(−(kσ/(σ−1)−1)) f_ni^(1−k/(σ−1)), one k for all.

    Raises:
        DataError: productivity is not Pareto with one k, or a cutoff lies below its lower bound.
    """
    k = _shapes(economy, found)
    if np.ptp(k) > 0:
        raise DataError("gravity: the trade share (23) supposes one k for all countries.")
    lower = np.array([g.lower for g in economy.productivity])
    sigma = economy.sigma
    size = found.sector_labour / economy.entry_cost * lower**k * found.wage ** -(k * sigma / (sigma - 1) - 1)
    weight = size * economy.iceberg**-k * economy.fixed_cost ** (1 - k / (sigma - 1))
    return np.asarray(weight / weight.sum(axis=1, keepdims=True))


def _shapes(economy: OpenEconomy, found: OpenEquilibrium) -> Array:
    """k of each origin: the tail index, since Pareto alone has a finite one among distributions that J makes a power of the cutoff."""
    if np.isfinite(found.upgrade_cutoff).any():
        raise DataError("gravity: (21) and (23) suppose one technology; leave out the better one.")
    for i, g in enumerate(economy.productivity):
        ends = np.array([1.0, 2.0]) * g.lower
        if not (g.lower > 0 and np.isclose(g.survival(ends)[1], 2.0**-g.tail_index, rtol=1e-12) and g.tail_index < np.inf):
            raise DataError(f"gravity: productivity of country {economy.names[i]} is {g.name}, but (21) and (23) suppose Pareto.")
        if (found.cutoff[:, i] < g.lower * (1 - 1e-9)).any():
            raise DataError(f"gravity: every entrant of country {economy.names[i]} sells in some market, where the closed forms end.")
    return np.array([g.tail_index for g in economy.productivity])
