"""Who sells where at given demand and wages, for countries that differ (chapter, sections 5.1, 5.2, 9.2.1), and how sales react to both."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

from cge.data.arrays import Array
from cge.firms.origins import Origins
from cge.firms.productivity import Productivity


class Selling(NamedTuple):
    """Firms of an entrant of each origin in each market, all [market, origin] unless said otherwise.

    Attributes:
        cutoff: φ*_ni, lowest productivity that sells; infinite where nothing can be sold.
        survival: 1 − G_i(φ*_ni), the probability that an entrant sells.
        profit: variable profits of an entrant; its sales over σ.
        outlay: labour for fixed costs of an entrant, before entry [origin].
        own: −∂profit/∂ln of the cutoff's power φ*^(σ−1) where a market is decided upon by itself: what marginal sellers earn there.
        joint: the same at the steps at which several markets are decided upon together [step, market, origin].
        weight: of each market in what such a step adds to variable profits; zero where it has no part in it [step, market, origin]. The first step
            is to produce; home alone takes part under selection into exporting.
        upgrade_cutoff: lowest productivity that adopts the better technology; infinite where none does [origin].
    """

    cutoff: Array
    survival: Array
    profit: Array
    outlay: Array
    own: Array
    joint: Array
    weight: Array
    upgrade_cutoff: Array


class Sellers(Protocol):
    """What decides who sells where, as `OpenEconomy` has it: costs of markets [market, origin], of the better technology [country]."""

    @property
    def productivity(self) -> tuple[Productivity, ...]: ...
    @property
    def sigma(self) -> float: ...
    @property
    def fixed_cost(self) -> Array: ...
    @property
    def iceberg(self) -> Array: ...
    @property
    def upgrade(self) -> float: ...
    @property
    def upgrade_cost(self) -> Array: ...


def selling(economy: Sellers, demand: Array, wage: Array) -> Selling:
    """Cutoffs and expected variable profits, for profits in a market of B_n (τ_ni w_i)^(1−σ) φ^(σ−1) − w_i f_ni (6).

    A producer pays f_ii, which contains the overhead, and then sells abroad where that alone pays. So it produces if home and the foreign markets
    that it would serve together make no loss. Under selection into exporting (φ*_ni ≥ φ*_ii) that is (6) market by market; elsewhere the
    marginal producer serves several markets, and φ*^(σ−1) = Σ w_i f_ni/Σ B_n (τ_ni w_i)^(1−σ) over them: the smallest such ratio of all sets that
    add foreign markets to home in the order of their own ratios.

    With a better technology, ι times the productivity for w_i f_Ii, adoption is worth the more the more productive the firm; at its cutoff a firm
    may begin to sell in several markets at once (`_adopting`).

    Args:
        demand: B_n [market]; wage: w_i [country].
    """
    power = economy.sigma - 1
    slope = demand[:, None] * (economy.iceberg * wage) ** -power
    outlay = wage * economy.fixed_cost
    gain = economy.upgrade**power
    alone, producer, together = _from(slope, outlay)
    x = np.where(together, producer, alone)
    later, adopts = np.zeros_like(together), np.full(len(wage), np.inf)
    if gain > 1:
        adopts, all_adopt = _adopting(slope, outlay, alone, producer, wage * economy.upgrade_cost, gain)
        producer = np.where(all_adopt, adopts, producer)
        reached = np.where(adopts < alone, np.maximum(alone / gain, adopts), alone)
        together = np.eye(len(wage), dtype=bool) | (reached <= producer)
        x = np.where(together, producer, reached)
        later = (x == adopts) & ~together
    survival, sold, marginal = _integrals(economy, x ** (1 / power))
    by, once = adopts ** (1 / power), x >= adopts
    better, switching, share = np.zeros_like(x), np.zeros_like(x), np.zeros(len(wage))
    if np.isfinite(adopts).any():
        _, better, switching = _integrals(economy, np.maximum(x, adopts) ** (1 / power))
        share = Origins(economy.productivity).survival(by)
    jump = slope * np.where(once, gain, 1.0)  # what a market adds to the slope where a firm begins to sell there
    switch = slope * np.where(later, gain, np.where((x < adopts) & np.isfinite(adopts), gain - 1, 0.0))
    steps = np.stack([np.where(together, jump, 0.0), switch])
    with np.errstate(invalid="ignore"):
        weight = np.nan_to_num(steps / steps.sum(axis=1, keepdims=True))
    return Selling(
        cutoff=x ** (1 / power),
        survival=survival,
        profit=slope * (sold + (gain - 1) * better),
        outlay=(economy.fixed_cost * survival).sum(axis=0) + np.where(share > 0, economy.upgrade_cost, 0.0) * share,
        own=np.where(together | later, 0.0, jump * marginal) / power,
        joint=np.stack([steps[0] * marginal, steps[1] * switching]) / power,
        weight=weight,
        upgrade_cutoff=by,
    )


def _from(slope: Array, outlay: Array) -> tuple[Array, Array, npt.NDArray[np.bool_]]:
    """x = φ^(σ−1) at which each market alone pays [market, origin], at which producing pays [origin], and markets served from there on."""
    home = np.eye(len(slope), dtype=bool)
    alone = np.where(slope > 0, outlay / np.where(slope > 0, slope, 1.0), np.inf)
    order = np.argsort(np.where(home, -np.inf, alone), axis=0)
    together = np.cumsum(np.take_along_axis(outlay, order, 0), 0) / np.cumsum(np.take_along_axis(slope, order, 0), 0)
    producer = together.min(axis=0)
    return alone, producer, home | (alone < producer)


def _adopting(slope: Array, outlay: Array, alone: Array, producer: Array, cost: Array, gain: float) -> tuple[Array, npt.NDArray[np.bool_]]:
    """x from which firms of each origin adopt [origin], and whether every producer does.

    With W(x) the profit of a producer, W(ιx) − max(0, W(x)) rises in x; it is linear between the points where markets begin to be served.
    """
    n, never = len(cost), ~np.isfinite(cost)
    home, cost = np.eye(n, dtype=bool), np.where(never, 0.0, cost)

    def worth(x: Array) -> Array:
        """W at x [point, origin]."""
        each = slope * x[:, None] - outlay
        return np.asarray(np.where(home, each, np.maximum(each, 0.0)).sum(axis=1))

    knots = np.sort(np.vstack([np.where(home, 0.0, alone), np.where(home, 0.0, alone / gain), producer]), axis=0)
    knots = np.vstack([np.where(np.isfinite(knots), knots, 0.0), np.zeros(n)])
    knots.sort(axis=0)
    lead = worth(gain * knots) - np.maximum(worth(knots), 0.0) - cost
    below = (lead < 0).sum(axis=0) - 1
    columns = np.arange(n)
    low, at_low = knots[below, columns], lead[below, columns]
    onwards = np.where(below + 1 < len(knots), knots[np.minimum(below + 1, len(knots) - 1), columns], 2 * low + 1)
    rise = (worth(gain * onwards[None])[0] - np.maximum(worth(onwards[None])[0], 0.0) - cost - at_low) / (onwards - low)
    adopts = np.where(never, np.inf, low - at_low / rise)
    return adopts, adopts <= producer


def _integrals(economy: Sellers, cutoff: Array) -> tuple[Array, Array, Array]:
    """1 − G_i, ∫ φ^(σ−1) dG_i and φ^σ g_i at each cutoff [market, origin]."""
    g, phi = Origins(economy.productivity), cutoff.T
    finite = np.where(np.isfinite(phi), phi, 1.0)
    marginal = np.where(np.isfinite(phi), finite**economy.sigma * g.density(finite), 0.0)
    return g.survival(phi).T, g.moment(phi, economy.sigma - 1).T, marginal.T
