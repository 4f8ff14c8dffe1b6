"""Who sells where at given demand and wages, for countries that differ (chapter, sections 5.1, 5.2), and how sales react to both."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.firms.countries import OpenEconomy


class Selling(NamedTuple):
    """Firms of an entrant of each origin in each market, all [market, origin].

    Attributes:
        cutoff: φ*_ni, lowest productivity that sells; infinite where nothing can be sold.
        survival: 1 − G_i(φ*_ni), the probability that an entrant sells.
        profit: B_n (τ_ni w_i)^(1−σ) ∫_φ*_ni φ^(σ−1) dG_i, variable profits of an entrant; its sales over σ.
        at_cutoff: −∂profit/∂ln of the cutoff's power φ*^(σ−1): what marginal sellers earn.
        weight: shares of markets in variable profits of the marginal producer, zero where it does not sell; home alone under selection into
            exporting.
    """

    cutoff: Array
    survival: Array
    profit: Array
    at_cutoff: Array
    weight: Array


def selling(economy: OpenEconomy, demand: Array, wage: Array) -> Selling:
    """Cutoffs and expected variable profits, for profits in a market of B_n (τ_ni w_i)^(1−σ) φ^(σ−1) − w_i f_ni (6).

    A producer pays f_ii, which contains the overhead, and then sells abroad where that alone pays. So it produces if home and the foreign markets
    that it would serve together make no loss. Under selection into exporting (φ*_ni ≥ φ*_ii) that is (6) market by market; elsewhere the
    marginal producer serves several markets, and φ*^(σ−1) = Σ w_i f_ni/Σ B_n (τ_ni w_i)^(1−σ) over them: the smallest such ratio of all sets that
    add foreign markets to home in the order of their own ratios.

    Args:
        demand: B_n [market]; wage: w_i [country].
    """
    n, power = len(wage), economy.sigma - 1
    home = np.eye(n, dtype=bool)
    slope = demand[:, None] * (economy.iceberg * wage) ** -power
    outlay = wage * economy.fixed_cost
    alone = np.where(slope > 0, outlay / np.where(slope > 0, slope, 1.0), np.inf)
    order = np.argsort(np.where(home, -np.inf, alone), axis=0)
    together = np.cumsum(np.take_along_axis(outlay, order, 0), 0) / np.cumsum(np.take_along_axis(slope, order, 0), 0)
    producer = together.min(axis=0)
    joint = home | (alone < producer)
    cutoff = np.where(joint, producer, alone) ** (1 / power)
    survival, sold, marginal = _integrals(economy, cutoff)
    weight = np.where(joint, slope, 0.0)
    return Selling(cutoff, survival, slope * sold, slope * marginal / power, weight / weight.sum(axis=0))


def _integrals(economy: OpenEconomy, cutoff: Array) -> tuple[Array, Array, Array]:
    """1 − G_i, ∫ φ^(σ−1) dG_i and φ^σ g_i at each cutoff; origins with the same G in one call."""
    survival, sold, marginal = (np.empty_like(cutoff) for _ in range(3))
    same: dict[int, list[int]] = {}
    for i, g in enumerate(economy.productivity):
        same.setdefault(id(g), []).append(i)
    for origins in same.values():
        g, phi = economy.productivity[origins[0]], cutoff[:, origins]
        finite = np.where(np.isfinite(phi), phi, 1.0)
        survival[:, origins], sold[:, origins] = g.survival(phi), g.moment(phi, economy.sigma - 1)
        marginal[:, origins] = np.where(np.isfinite(phi), finite**economy.sigma * g.density(finite), 0.0)
    return survival, sold, marginal
