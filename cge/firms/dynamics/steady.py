"""Where a transition begins and ends, and what firms do in a period of it, given demand and the stock of firms (chapter, section 9.3).

Entrants pay f_E in one period and draw a productivity that they use from the next one on, if they live; firms die with probability δ at the end of
every period, entrants too, so that D' = (1−δ)(D + m), with D the living draws of productivity and m entrants.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.firms.envelope import envelope
from cge.firms.industry import Industry
from cge.firms.productivity import Productivity
from cge.firms.symmetric import lines, solved


class Rules(NamedTuple):
    """What firms may do in each period, and for how many it is too late.

    Attributes:
        productivity: G; sigma: σ; labour: L; entry_cost: f_E; death: δ; discount: β; risk_aversion: γ.
        at, slope, cost: steps of the envelope of choices [step, period]; a step that a period lacks adds nothing.
        exports: one where a firm that took the step exports [step, period].
        scrapped: productivity below which firms of the first period no longer exist.
        first: how many living draws there were before the first period.
    """

    productivity: Productivity
    sigma: float
    labour: float
    entry_cost: float
    death: float
    discount: float
    risk_aversion: float
    at: Array
    slope: Array
    cost: Array
    exports: Array
    scrapped: float = 0.0
    first: float = 0.0


class Draw(NamedTuple):
    """Firms of one living draw of productivity [period].

    Attributes:
        variable: V, variable profits; fixed: O, labour for fixed costs; d_variable, d_fixed: ∂ ln B of both.
        producers, exporters: probabilities; home: part of V earned at home; cutoffs: of each step [step, period].
    """

    variable: Array
    fixed: Array
    d_variable: Array
    d_fixed: Array
    producers: Array
    exporters: Array
    home: Array
    cutoffs: Array


class Period(NamedTuple):
    """A period [period]: spending E, entrants m, ln P, ln C, and their slopes in ln B (first) and D (second) [2, period]; profits of a draw.

    Attributes:
        spending, entrants, log_price, log_consumption, profit; d_entrants, d_log_price, d_log_consumption, d_profit: slopes.
        producers, exporters: masses; home: part of spending on own goods; cutoffs: [step, period].
    """

    spending: Array
    entrants: Array
    log_price: Array
    log_consumption: Array
    profit: Array
    d_entrants: Array
    d_log_price: Array
    d_log_consumption: Array
    d_profit: Array
    producers: Array
    exporters: Array
    home: Array
    cutoffs: Array


class Steady(NamedTuple):
    """A stationary state: B, living draws D, entrants m, consumption C, and masses and cutoffs."""

    demand: float
    draws: float
    entrants: float
    consumption: float
    producers: float
    exporters: float
    cutoff: float
    export_cutoff: float
    domestic_share: float


def rules(industries: list[Industry], death: float, discount: float, risk_aversion: float) -> Rules:
    """The choices that firms have in each period, an industry for each; those differ in trade costs alone."""
    first = industries[0]
    steps = {id(i): envelope(lines(i)) for i in industries}
    longest = max(len(s.at) for s in steps.values())

    def padded(name: str) -> Array:
        columns = [getattr(steps[id(i)], name) for i in industries]
        return np.array([np.pad(column, (0, longest - len(column))) for column in columns]).T

    exports = [[float(k == 1) for k in steps[id(i)].chosen] for i in industries]  # the second of `lines` is to export
    return Rules(
        first.productivity, first.sigma, first.labour, first.entry_cost, death, discount, risk_aversion,
        padded("at"), padded("slope"), padded("cost"), np.array([np.pad(e, (0, longest - len(e))) for e in exports]).T,
    )  # fmt: skip


def draw(r: Rules, log_demand: Array, lowest: float) -> Draw:
    """Firms of a draw of productivity above `lowest`, at B [period]."""
    demand, power = np.exp(log_demand), r.sigma - 1
    free = (r.at / demand) ** (1 / power)
    phi = np.maximum(free, lowest)
    survival, sold = r.productivity.survival(phi), r.productivity.moment(phi, power)
    moves = np.where(free > lowest, free * r.productivity.density(free) / power, 0.0)
    variable = demand * (r.slope * sold).sum(axis=0)
    begins = np.diff(r.exports, axis=0, prepend=0.0) > 0
    return Draw(
        variable=variable,
        fixed=(r.cost * survival).sum(axis=0),
        d_variable=variable + demand * (r.slope * phi**power * moves).sum(axis=0),
        d_fixed=(r.cost * moves).sum(axis=0),
        producers=survival[0],
        exporters=(begins * survival).sum(axis=0),
        home=demand * sold[0],
        cutoffs=free,
    )


def period(r: Rules, log_demand: Array, draws: Array, alive: Array) -> Period:
    """What follows from ln B and D [period] in each period; `alive` is the part of D that lived before the first."""
    new, old = draw(r, log_demand, 0.0), draw(r, log_demand, r.scrapped)
    power, young = r.sigma - 1, draws - alive

    def of(name: str) -> Array:
        return np.asarray(young * getattr(new, name) + alive * getattr(old, name))

    variable = of("variable")
    log_spending = np.log(r.sigma * variable)
    d_log_spending = np.array([of("d_variable"), new.variable]) / variable
    by_demand = np.array([np.ones_like(draws), np.zeros_like(draws)])
    log_price = np.log(r.sigma / power) + (np.log(r.sigma) + log_demand - log_spending) / power
    d_log_price = (by_demand - d_log_spending) / power
    used = power * variable + of("fixed")
    d_used = np.array([power * of("d_variable") + of("d_fixed"), power * new.variable + new.fixed])
    return Period(
        spending=np.exp(log_spending),
        entrants=(r.labour - used) / r.entry_cost,
        log_price=log_price,
        log_consumption=log_spending - log_price,
        profit=new.variable - new.fixed,
        d_entrants=-d_used / r.entry_cost,
        d_log_price=d_log_price,
        d_log_consumption=d_log_spending - d_log_price,
        d_profit=new.variable * by_demand,
        producers=of("producers"),
        exporters=of("exporters"),
        home=of("home") / variable,
        cutoffs=new.cutoffs,
    )


def steady(industry: Industry, death: float, discount: float) -> Steady:
    """The stationary state: profits of a draw are f_E(1 − β(1−δ))/(β(1−δ)) per period, entrants δD/(1−δ), and labour is used up."""
    lives = discount * (1 - death)
    demand, cutoff, export_cutoff = solved(replace(industry, entry_cost=industry.entry_cost * (1 - lives) / lives))
    r, log_demand = rules([industry], death, discount, 1.0), np.log([demand])
    of = draw(r, log_demand, 0.0)
    replaced = death / (1 - death)
    draws = industry.labour / ((industry.sigma - 1) * of.variable + of.fixed + replaced * industry.entry_cost)
    at = period(r, log_demand, draws, np.zeros(1))
    return Steady(
        demand=demand,
        draws=float(draws[0]),
        entrants=replaced * float(draws[0]),
        consumption=float(np.exp(at.log_consumption[0])),
        producers=float(at.producers[0]),
        exporters=float(at.exporters[0]),
        cutoff=cutoff,
        export_cutoff=export_cutoff,
        domestic_share=float(at.home[0]),
    )
