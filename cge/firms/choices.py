"""Any list of choices between a fixed cost and a proportional gain, with free entry and many firms (chapter, sections 5.5 and 9.2)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.errors import DataError
from cge.firms.envelope import Option, Steps, demand_level, envelope, step_cutoffs
from cge.firms.industry import Industry
from cge.firms.productivity import Productivity, tail_moment
from cge.firms.symmetric import price_level


class Choices(NamedTuple):
    """An equilibrium in which every firm does what is best for it; money in labour, one entry of an array for each thing that some firm does.

    Attributes:
        productivity: G; sigma: σ.
        options: what is done, from the least productive producers upwards.
        cutoffs: lowest productivity that does it [option].
        demand: B; entrants: M_E; firms: M, producers.
        firm_share, sales_share: of each in producers and in their sales [option].
        outlay: fixed costs of an entrant, before entry.
        price_index: P; welfare: U = 1/P, per worker.
    """

    productivity: Productivity
    sigma: float
    options: tuple[Option, ...]
    cutoffs: Array
    demand: float
    entrants: float
    firms: float
    firm_share: Array
    sales_share: Array
    outlay: float
    price_index: float
    welfare: float

    @property
    def order(self) -> str:
        """What is done, as `home < export < export+adopt`."""
        return " < ".join(option.name for option in self.options)


def choices(industry: Industry, options: Sequence[Option]) -> Choices:
    """The equilibrium where a producer takes the best of a list of options: any choice between a fixed cost and a proportional gain.

    Profits are slope·Bφ^(σ−1) − fixed cost, so that a firm is on the upper envelope of straight lines (`envelope`), and free entry is one equation
    in B. Countries must be alike: what all firms of one country do in all markets together is one line. Foreign affiliates (Helpman, Melitz and
    Yeaple 2004) have slope N and a fixed cost for each market, imported inputs a slope above one.

    Args:
        industry: its productivity, σ, entry cost and labour count; the rest is what the options say.
        options: `Option(name, slope, fixed_cost)`, or tuples of these; slopes over variable profits of selling at home, costs in labour.

    Raises:
        DataError: no option, a name that stands twice, a slope that is not positive, a negative fixed cost; all at once.
    """
    known = tuple(Option(*option) for option in options)
    _check(known)
    g, sigma, steps = industry.productivity, industry.sigma, envelope(known)
    demand = demand_level(g, sigma, steps, industry.entry_cost)
    return taken(industry, tuple(known[k] for k in steps.chosen), steps, demand)


def taken(industry: Industry, options: tuple[Option, ...], steps: Steps, demand: float) -> Choices:
    """What follows from B and the options on the envelope."""
    g, sigma, cutoffs = industry.productivity, industry.sigma, step_cutoffs(steps, industry.sigma, demand)
    survival, sold = g.survival(cutoffs), tail_moment(g, sigma, cutoffs)
    outlay = float(steps.cost @ survival)
    entrants = industry.labour / (sigma * (industry.entry_cost + outlay))
    price = price_level(sigma, demand, industry.labour)
    return Choices(
        productivity=g,
        sigma=sigma,
        options=options,
        cutoffs=cutoffs,
        demand=demand,
        entrants=entrants,
        firms=entrants * float(survival[0]),
        firm_share=_parts(survival) / survival[0],
        sales_share=np.array([option.slope for option in options]) * _parts(sold) / (steps.slope @ sold),
        outlay=outlay,
        price_index=price,
        welfare=1 / price,
    )


def _parts(above: Array) -> Array:
    """What lies between each cutoff and the next, from what lies above each."""
    return np.asarray(above - np.append(above[1:], 0.0))


def _check(options: Sequence[Option]) -> None:
    names = [option.name for option in options]
    faults = [f"options: {name} stands twice; give each its own name." for name in dict.fromkeys(names) if names.count(name) > 1]
    for name, slope, cost in options:
        if not 0 < slope < math.inf:
            faults.append(f"options: {name} has slope = {slope:g}, but it must be positive and finite (1: as selling at home).")
        if not 0 <= cost < math.inf:
            faults.append(
                f"options: {name} has fixed_cost = {cost:g}, but it must be at least 0 and finite (leave out what nobody can do)."
            )
    if not options:
        faults.append("options: the list is empty; give at least one.")
    if faults:
        raise DataError(faults)
