"""One industry of heterogeneous firms in N countries alike, and in a closed economy, for any distribution of productivity (chapter, sections 4, 5.5).

One sector, one factor, balanced trade; labour is the numeraire, so that money is labour. f is paid by every producer, f_X by an exporter for each
foreign market, both in labour; f contains the overhead of production.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.errors import DataError, Outcome, SolveError
from cge.firms.envelope import Option, demand_level, envelope, step_cutoffs
from cge.firms.industry import Industry
from cge.firms.productivity import mean_productivity, sales_hazard, tail_moment

TOLERANCE = 1e-9
"""Largest gap between expected profits and the entry cost in an equilibrium, relative to all fixed outlays per entrant."""


class Equilibrium(NamedTuple):
    """The equilibrium, the same in every country; money in units of labour, masses in firms, shares and probabilities between 0 and 1.

    Attributes:
        cutoff: φ*, the productivity of zero profit; below the support of G, as where producing takes no fixed cost, every entrant produces.
        export_cutoff: φ*_X of exporting; φ* where all producers export, infinite in a closed economy.
        demand: B, so that profits at home are B φ^(σ−1) − f.
        exporter_demand: B(1 + (N−1)τ^(1−σ)), to which an exporter's sales are proportional.
        survival: 1 − G(φ*), the probability that an entrant produces.
        exporters_per_firm: [1 − G(φ*_X)]/[1 − G(φ*)], the share of producers that export.
        mean_productivity: φ̃ of producers; `mean_exporter_productivity`: of exporters, NaN where there are none.
        average_profit, average_revenue: per producer; profit before the entry cost.
        entrants: M_E; firms: M, producers; varieties: home and foreign, on sale in a country.
        domestic_share: λ, own goods in spending.
        price_index: P; welfare: U = 1/P, per worker.
        trade_elasticity: −d ln[(1−λ)/λ]/d ln τ, all adjustments included; NaN where nothing is traded.
    """

    cutoff: float
    export_cutoff: float
    demand: float
    exporter_demand: float
    survival: float
    exporters_per_firm: float
    mean_productivity: float
    mean_exporter_productivity: float
    average_profit: float
    average_revenue: float
    entrants: float
    firms: float
    varieties: float
    domestic_share: float
    price_index: float
    welfare: float
    trade_elasticity: float


class Firm(NamedTuple):
    """Firms of given productivities, each attribute of their shape; zero where a firm does not produce, but for the price.

    Attributes:
        price: at home, in labour; abroad τ times as much.
        output: for all markets, what melts on the way included.
        revenue, profit: from all markets, in labour; profit before the entry cost.
        labour: for output and fixed costs.
    """

    price: Array
    output: Array
    revenue: Array
    profit: Array
    labour: Array


def lines(industry: Industry) -> tuple[Option, ...]:
    """What a firm may do: sell at home, or also in all foreign markets."""
    home = Option("home", 1.0, industry.home_fixed_cost)
    if industry.countries == 1:
        return (home,)
    return home, Option("export", 1 + industry.market_access, industry.home_fixed_cost + industry.export_outlay)


def solved(industry: Industry) -> tuple[float, float, float]:
    """B, φ* and φ*_X from zero profits (14), (15) and free entry (16), f J(φ*) + (N−1) f_X J(φ*_X) = f_E.

    Where exporting takes no more productivity than producing, f + (N−1) f_X is one joint decision, [f + (N−1) f_X] J(φ*) = f_E, and all firms
    export: (14) and (15) market by market would have firms refuse the home market, though f contains the overhead. In a closed economy (5).
    """
    steps = envelope(lines(industry))
    demand = demand_level(industry.productivity, industry.sigma, steps, industry.entry_cost)
    at = step_cutoffs(steps, industry.sigma, demand)
    return demand, float(at[0]), float(at[-1]) if industry.countries > 1 else math.inf


def equilibrium(industry: Industry) -> Equilibrium:
    """The equilibrium of N countries alike, or of a closed economy (chapter, sections 4.1, 5.5, 5.6).

    The marginal producer's total profit is zero, which gives B; an entrant's expected revenue is σ times all its fixed outlays; entrants employ all
    labour; the price index follows from (10), P = σ/(σ−1)·(σB/L)^(1/(σ−1)), which is (12) where (14) holds.

    Raises:
        SolveError: expected profits (7) do not equal the entry cost.
        DataError: an integral over G that quadrature cannot give.
    """
    g, sigma, access = industry.productivity, industry.sigma, industry.market_access
    demand, *at = solved(industry)
    both = np.array(at)
    survival, exporting = g.survival(both).tolist()
    sold, exported = tail_moment(g, sigma, both).tolist()
    mean, mean_exporter = mean_productivity(g, sigma, both).tolist()
    spent = industry.home_fixed_cost * survival + industry.export_outlay * exporting
    verify_entry(demand * (sold + access * exported) - spent, industry.entry_cost, spent)
    entrants = industry.labour / (sigma * (industry.entry_cost + spent))
    share = sold / (sold + access * exported)
    return Equilibrium(
        cutoff=at[0],
        export_cutoff=at[1],
        demand=demand,
        exporter_demand=demand * (1 + access),
        survival=survival,
        exporters_per_firm=exporting / survival,
        mean_productivity=mean,
        mean_exporter_productivity=mean_exporter,
        average_profit=industry.entry_cost / survival,
        average_revenue=sigma * (industry.entry_cost + spent) / survival,
        entrants=entrants,
        firms=entrants * survival,
        varieties=entrants * (survival + (industry.countries - 1) * exporting),
        domestic_share=share,
        price_index=price_level(sigma, demand, industry.labour),
        welfare=1 / price_level(sigma, demand, industry.labour),
        trade_elasticity=_trade_elasticity(industry, both, share) if exported > 0 else math.nan,
    )


def price_level(sigma: float, demand: float, spending: float) -> float:
    """P = σ/(σ−1)·(σB/X)^(1/(σ−1)), from B = X P^(σ−1)·(σ−1)^(σ−1)/σ^σ (10); X in labour."""
    return float(sigma / (sigma - 1) * (sigma * demand / spending) ** (1 / (sigma - 1)))


def verify_entry(expected_profit: float, entry_cost: float, spent: float) -> None:
    """Expected profits of an entrant pay for entry, to 1e-9 of all its fixed outlays, of which it expects to spend `spent` after entry.

    Raises:
        SolveError: they do not.
    """
    gap = abs(expected_profit - entry_cost) / (entry_cost + spent)
    if not gap <= TOLERANCE:
        sentence = f"Free entry fails by {gap:.1g} of fixed outlays: expected profit {expected_profit:.10g}, entry cost {entry_cost:g}."
        raise SolveError(Outcome("not_converged", sentence))


def _trade_elasticity(industry: Industry, both: Array, share: float) -> float:
    """σ − 1 + λ h(φ*_X) + (1−λ) h(φ*), for d ln φ*/d ln τ = −(1−λ); σ − 1 where all export, since the two sums over firms are then one."""
    if not industry.selects_exporters:
        return industry.sigma - 1
    home, abroad = sales_hazard(industry.productivity, industry.sigma, both).tolist()
    return float(industry.sigma - 1 + share * abroad + (1 - share) * home)


def firm(industry: Industry, found: Equilibrium, productivity: npt.ArrayLike) -> Firm:
    """What firms of given productivities charge, make, earn and employ in an equilibrium (chapter, sections 4.1, 5.1).

    p = σ/(σ−1)/φ; r = σBφ^(σ−1), from φ*_X on times 1 + (N−1)τ^(1−σ); π = r/σ less fixed costs; q = r/p; l = q/φ plus fixed costs.

    Args:
        productivity: φ > 0, any shape […], which every array of the result has.

    Raises:
        DataError: a productivity that is not positive.
    """
    phi = np.asarray(productivity, dtype=float)
    if not (phi > 0).all():
        raise DataError("productivity: a firm's productivity must be positive.")
    produces, exports = phi >= found.cutoff, phi >= found.export_cutoff
    price = industry.sigma / (industry.sigma - 1) / phi
    fixed = np.where(produces, industry.home_fixed_cost, 0.0) + np.where(exports, industry.export_outlay, 0.0)
    revenue = np.where(produces, industry.sigma * np.where(exports, found.exporter_demand, found.demand) * phi ** (industry.sigma - 1), 0.0)
    output = revenue / price
    return Firm(price, output, revenue, revenue / industry.sigma - fixed, output / phi + fixed)
