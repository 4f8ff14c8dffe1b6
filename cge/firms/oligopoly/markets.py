"""The shares and mark-ups of the firms in every sector and market at given delivered costs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.oligopoly.conduct import Conduct, markup

STEPS = 200
"""Steps of a root before giving up; a dozen are usual."""

ACCURACY = 1e-13
"""Largest distance of Σ s from one."""


class Sellers(NamedTuple):
    """Who sells in which sector, and how: arrays [seller]; a seller may stand for several equal firms.

    Attributes:
        sector, origin: their places; firms: how many equal firms it stands for, above zero.
        sigma: σ of its sector; theta: θ between sectors; conduct.
    """

    sector: Array
    origin: Array
    firms: Array
    sigma: Array
    theta: Array
    conduct: Conduct

    def by_sector(self, values: Array, sectors: int) -> Array:
        """Sums over the firms of each sector: [market, seller] becomes [market, sector]."""
        sums = np.zeros((len(values), sectors))
        np.add.at(sums.T, self.sector, (values * self.firms).T)
        return sums


class Markets(NamedTuple):
    """What firms do: of one firm share s, mark-up m and the slope of ln s in ln(P/cost), [market, seller]; ln P [market, sector]."""

    share: Array
    markup: Array
    slope: Array
    log_price: Array


def markets(sellers: Sellers, log_cost: Array, sectors: int) -> Markets:
    """Shares s = (p/P)^(1−σ), p = m(s)·cost, that add up to one in each sector and market: two nested monotone roots.

    Given P, ln s + (σ−1)(ln m(s) + ln cost − ln P) rises in s; Σ s rises in P. So they exist and are unique for σ > θ where θ > 1 or at least two
    firms sell.

    Args:
        log_cost: delivered, tariffs included [market, seller]; infinite where nothing is sold.

    Raises:
        SolveError: a market whose root is not found.
    """
    power = sellers.sigma - 1
    few = sellers.sigma / power  # the mark-up of a firm without weight
    with np.errstate(over="ignore"):
        attraction = np.exp(-power * (np.log(few) + log_cost))
    sigma = np.ones(sectors)
    sigma[sellers.sector] = sellers.sigma
    low = -np.log(sellers.by_sector(attraction, sectors)) / (sigma - 1)  # the index if all charged that: Σ s is at most one there
    log_price, high = low.copy(), np.full_like(low, np.inf)
    share = np.minimum(attraction * np.exp(power * low[:, sellers.sector]), 1.0)
    for _ in range(STEPS):
        share, slope = _shares(sellers, log_cost - log_price[:, sellers.sector], share)
        total = sellers.by_sector(share, sectors)
        excess = total - 1
        if (np.abs(excess) <= ACCURACY).all():
            with np.errstate(divide="ignore"):
                return Markets(share, markup(sellers.conduct, share, sellers.sigma, sellers.theta), slope, log_price)
        low, high = np.where(excess <= 0, log_price, low), np.where(excess >= 0, log_price, high)
        moved = log_price - total * np.log(total) / sellers.by_sector(share * slope, sectors)
        middle = np.where(np.isfinite(high), (low + high) / 2, low + 1.0)
        inside = (moved > low) & (moved < high) & np.isfinite(moved)
        log_price = np.where(np.abs(excess) <= ACCURACY, log_price, np.where(inside, moved, middle))
        if (high - low <= 4e-16 * np.maximum(np.abs(low), 1.0)).all():
            break
    place = np.unravel_index(int(np.abs(excess).argmax()), excess.shape)
    sentence = (
        f"Few firms: shares in sector {place[1] + 1} of market {place[0] + 1} add up to one but for {excess[place]:.1g}, and no closer."
    )
    raise SolveError(Outcome("not_converged", sentence))


def _shares(sellers: Sellers, log_relative: Array, guess: Array) -> tuple[Array, Array]:
    """s of each firm at its cost over P, and d ln s/d ln(P/cost), [market, seller]; at most one, where the root lies beyond."""
    sells = np.isfinite(log_relative)
    relative = np.where(sells, log_relative, 0.0)
    power = sellers.sigma - 1
    low, high = np.full_like(relative, -800.0), np.zeros_like(relative)
    at = np.log(np.clip(guess, 1e-300, 1.0))
    for _ in range(STEPS):
        share = np.exp(at)
        value, slope = _root(sellers, at, share, relative, power)
        low, high = np.where(value <= 0, at, low), np.where(value >= 0, at, high)
        moved = at - value / slope
        moved = np.where((moved >= low) & (moved <= high) & np.isfinite(moved), moved, (low + high) / 2)
        settled = np.abs(moved - at) <= 4e-15 * np.maximum(np.abs(at), 1.0)
        at = moved
        if settled.all():
            break
    share = np.exp(at)
    slope = _root(sellers, at, share, relative, power)[1]
    with np.errstate(divide="ignore", invalid="ignore"):
        reacts = np.where(sells, power / slope, 0.0)
    return np.where(sells, share, 0.0), np.where(np.isfinite(reacts), reacts, 0.0)


def _root(sellers: Sellers, log_share: Array, share: Array, relative: Array, power: Array) -> tuple[Array, Array]:
    """ln s + (σ−1)(ln m(s) + ln cost/P), and its slope in ln s; d ln m = −dε/(ε(ε − 1))."""
    elasticity = sellers.conduct.elasticity(share, sellers.sigma, sellers.theta)
    with np.errstate(divide="ignore", invalid="ignore"):
        value = log_share + power * (np.log(elasticity / (elasticity - 1)) + relative)
        by_share = -sellers.conduct.slope(share, sellers.sigma, sellers.theta) / (elasticity * (elasticity - 1))
        return value, 1 + power * by_share * share
