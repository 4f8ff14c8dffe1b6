"""Growth of firms on a ladder of sizes: the stationary distribution that innovation makes (chapter, section 9.2.2; Atkeson and Burstein 2010).

Sizes are ι^n. In every period a firm produces, chooses α, dies with probability δ, and moves up a step with probability α if it lives. From the step
on from which nothing but size changes, values are exactly linear in size and masses geometric, so that no ladder is cut off.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.innovation.ladder_industry import LadderIndustry
from cge.firms.innovation.values import Policy, highest_demand, policy, worth_of_entry
from cge.firms.symmetric import price_level

LISTED = 40
"""Steps of the ladder that are listed at least; sums go over all of them, without end."""


class Ladder(NamedTuple):
    """The stationary equilibrium, the same in every country and period; money in labour.

    Attributes:
        demand: B, so that a firm on step n earns Bι^n at home before fixed costs.
        lowest_step: lowest step on which entrants stay; first_export_step: −1 in a closed economy.
        alpha: α by step, up to the first of those that all do the same, or further [step]; alpha_exporter: of all beyond.
        alpha_before_export: of the last step that does not export; NaN where there is none.
        value_slope_exporter: value of a firm over its size, beyond a constant, from there on.
        mass: of firms by step, as far as `alpha` goes [step].
        entrants_per_period; firms: M; exporters_per_firm; mean_size: of ι^n.
        innovation_labour: of a country and period. domestic_share: λ.
        tail_ratio: by which masses fall from step to step far up, where entrants' do not fall more slowly; tail_exponent: of size there, above one.
        spending: E; price_index: P; welfare: U = E/(L·P), per worker and period.
    """

    demand: float
    lowest_step: int
    first_export_step: int
    alpha: Array
    alpha_before_export: float
    alpha_exporter: float
    value_slope_exporter: float
    mass: Array
    entrants_per_period: float
    firms: float
    exporters_per_firm: float
    mean_size: float
    innovation_labour: float
    domestic_share: float
    tail_ratio: float
    tail_exponent: float
    spending: float
    price_index: float
    welfare: float

    def intensity(self, step: int) -> float:
        """α on any step."""
        return float(self.alpha[step]) if step < len(self.alpha) else self.alpha_exporter


def innovation_dynamics(industry: LadderIndustry, frozen: Ladder | None = None) -> Ladder:
    """The stationary equilibrium of firms that grow by innovation.

    A firm on step n has v_n = Bϕ_n − f + max(0, TBϕ_n − F_X) + max_α {−ϕ_n c(α) + β(1−δ)[αv_{n+1} + (1−α)v_n]}, ϕ_n = ι^n, and exits where that is
    negative. Free entry gives B. Sizes have an upper tail with exponent −ln r/ln ι, r = (1−δ)α/(1 − (1−δ)(1−α)), at exporters' α: trade raises α, so
    that a closed economy may have a mean size where the open one has none.

    Args:
        frozen: an equilibrium whose α by step firms keep, in place of what is best.

    Raises:
        DataError: values that are infinite, or sizes without a mean: (1−δ)(1 + α(ι−1)) ≥ 1.
    """
    from scipy.optimize import brentq

    def excess(log_demand: float) -> float:
        return worth_of_entry(industry, policy(industry, math.exp(log_demand), frozen)) - industry.entry_cost

    top = math.log(highest_demand(industry)) if frozen is None else math.inf
    high = min(top - 1e-12, 0.0)
    while excess(high) < 0:
        if high + 1 >= top:
            high = top - 1e-12
            if excess(high) < 0:
                raise DataError(
                    "innovation: values of firms are infinite before they pay for entry, for β(1−δ)(1 + α(ι−1)) reaches 1. Raise cost or death, "
                    "lower step, discount or entry_cost."
                )
            break
        high += 1
    low = high - 1
    while excess(low) > 0:
        low -= 1
    demand = math.exp(brentq(excess, low, high, xtol=1e-15, rtol=1e-15))
    return _stationary(industry, demand, policy(industry, demand, frozen))


def _stationary(i: LadderIndustry, demand: float, found: Policy) -> Ladder:
    """Masses by step, m_n(1 − (1−δ)(1−α_n)) = inflow + (1−δ)α_{n−1}m_{n−1}, and what they add up to."""
    q, iota, t, lives = i.start, i.technology.step, i.technology, 1 - i.death
    stays = math.ceil(math.log(found.constant / found.slope) / math.log(iota)) if found.constant > 0 else 0
    end = max(len(found.alpha), stays, LISTED)
    alpha = np.append(found.alpha, np.full(end - len(found.alpha), found.beyond))
    if lives * (1 + found.beyond * (iota - 1)) >= 1:
        raise DataError(
            f"innovation: sizes of firms have no mean, for (1−δ)(1 + α(ι−1)) = {lives * (1 + found.beyond * (iota - 1)):.4g} is not below 1 at the "
            f"α = {found.beyond:.4g} of {'exporters' if i.countries > 1 else 'firms'}. Raise cost or death"
            f"{'; or trade less, which has exporters innovate less' if i.countries > 1 else ''}."
        )
    beyond = np.arange(len(found.alpha), end, dtype=float)
    value = np.append(found.value[: len(found.alpha)], found.slope * iota**beyond - found.constant)
    inflow = np.where(value > 0, (1 - q) * q ** np.arange(end), 0.0)
    mass, climbing = np.zeros(end), 0.0
    for n in range(end):
        mass[n] = (inflow[n] + climbing) / (1 - lives * (1 - alpha[n]))
        climbing = lives * alpha[n] * mass[n]
    size = iota ** np.arange(end)
    # beyond, where α is one number: sums of masses and of sizes over all steps
    rest = (q**end + climbing) / i.death
    rest_size = ((1 - q) * q**end * iota**end / (1 - q * iota) + climbing * iota**end) / (1 - lives * (1 + found.beyond * (iota - 1)))
    exports = np.arange(end) >= found.first_export if i.countries > 1 else np.zeros(end, dtype=bool)
    exporters = mass @ exports + (rest if i.countries > 1 else 0.0)
    sizes, abroad = mass @ size + rest_size, mass @ (size * exports) + (rest_size if i.countries > 1 else 0.0)
    firms = mass.sum() + rest
    innovating = (mass * size) @ t.spent(alpha) + rest_size * float(t.spent(np.asarray(found.beyond)))
    variable = demand * (sizes + i.market_access * abroad)
    used = (i.sigma - 1) * variable + i.home_fixed_cost * firms + i.export_outlay * exporters + innovating + i.entry_cost
    entrants = i.labour / used
    spending = i.sigma * variable * entrants
    price = price_level(i.sigma, demand, spending)
    ratio = lives * found.beyond / (1 - lives * (1 - found.beyond))
    last = found.first_export - 1
    lowest = np.flatnonzero(inflow > 0)
    return Ladder(
        demand=demand,
        lowest_step=int(lowest[0]) if lowest.size else end,
        first_export_step=found.first_export,
        alpha=alpha,
        alpha_before_export=float(alpha[last]) if last >= 0 else math.nan,
        alpha_exporter=found.beyond,
        value_slope_exporter=found.slope,
        mass=entrants * mass,
        entrants_per_period=float(entrants),
        firms=float(entrants * firms),
        exporters_per_firm=float(exporters / firms),
        mean_size=float(sizes / firms),
        innovation_labour=float(entrants * innovating),
        domestic_share=float(sizes / (sizes + i.market_access * abroad)),
        tail_ratio=ratio,
        tail_exponent=size_tail(found.beyond, iota, i.death),
        spending=float(spending),
        price_index=price,
        welfare=float(spending / (i.labour * price)),
    )


def size_tail(alpha: float, step: float, death: float, down: float = 0.0) -> float:
    """ζ with (1−δ)E[growth^ζ] = 1: sizes above s are s^(−ζ) of firms far up, if entrants' sizes have a thinner tail.

    Firms move up by ι with probability α, down by 1/ι with probability `down`, and stay otherwise; with y = ι^ζ that is quadratic in y. Sizes have a
    mean iff ζ > 1.

    Raises:
        DataError: probabilities or ι out of range; all at once.
    """
    faults = [] if 1 < step < math.inf else [f"step = {step:g}, but it must exceed 1."]
    if not 0 < death < 1:
        faults.append(f"death = {death:g}, but a probability of death must lie between 0 and 1.")
    if not (0 < alpha <= 1 and down >= 0 and alpha + down <= 1 + 1e-12):
        faults.append(f"alpha = {alpha:g}, down = {down:g}, but they are probabilities, the first positive, together at most 1.")
    if faults:
        raise DataError(faults)
    lives = 1 - death
    middle = 1 - lives * (1 - alpha - down)
    # (1−δ)(αy² + down) − (1 − (1−δ)(1−α−down))·y = 0, the root above one
    root = (middle + math.sqrt(middle**2 - 4 * lives**2 * alpha * down)) / (2 * lives * alpha)
    return math.log(root) / math.log(step)
