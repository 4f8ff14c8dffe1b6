"""Best rates found by IPOPT: the system in levels as constraints, rates as variables beside prices, what is wanted as objective (an MPEC).

It shares neither the formula nor its derivatives with `cge.solve.policy`, and stands beside it on small worlds.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyomo.environ as pyo

from cge.data.arrays import Array
from cge.errors import SolveError
from cge.model.system import System, Values
from cge.model.technology import build_levels, recovered
from cge.solve import nlp
from cge.solve.equilibrium import markets
from cge.solve.levels import pyomo_model
from cge.solve.levels.expressions import Objects
from cge.solve.levels.solve import from_hats
from cge.solve.policy.aims import Own
from cge.solve.policy.points import Points

OPTIMAL = 1e-10
"""Tolerance of IPOPT at the optimum."""


@dataclass(eq=False)
class Rates:
    """Rates as variables of a model (`cge.solve.levels.pyomo_model.Chosen`).

    Attributes:
        points: which rates, and what they serve; start: where they begin [rate]; origin: ln of prices in levels at the benchmark [sector, country].
        variables: of the model, one a rate.
    """

    points: Points
    start: Array
    origin: Array
    variables: Any = None

    def moving(self, m: pyo.ConcreteModel, system: System) -> System:
        """The system whose weights are expressions in the rates: they hold those that the system stands for, at which they are its numbers."""
        game = self.points.game
        bounds = list(zip(game.lower.tolist(), game.upper.tolist(), strict=True))
        m.rate = pyo.Var(range(len(self.start)), bounds=lambda _, k: bounds[k], initialize=dict(enumerate(self.start.tolist())))
        self.variables = m.rate
        net = system.net_foreign.astype(object)
        foreign, taxed = system.foreign.astype(object), (system.foreign - system.net_foreign).astype(object)
        for *cell, k, e in zip(*game.cells, game.rate.tolist(), self.points.elasticity.tolist(), strict=True):
            at, power = tuple(int(place) for place in cell), 1 + m.rate[k]
            weight = float(system.foreign[at]) * (1 + float(self.start[k])) ** e * power ** (-e)
            foreign[at], net[at], taxed[at] = weight, weight / power, weight * m.rate[k] / power
        return replace(system, foreign=foreign, net_foreign=net, taxed=taxed)

    def wanted(self, v: Values, log_price: Objects) -> Any:
        """ln of the members' real incomes together, weighted by benchmark income, up to a constant; `log_price` [sector, country]."""
        (own,) = self.points.game.objectives
        assert isinstance(own, Own)
        b = self.points.benchmark
        share = b.arrays["final_share"] * (1 - self.points.exponents.on(b.sectors)["eta"][:, None])
        base = (share * (self.origin + own.before.log_price)).sum(axis=0)
        part = share.sum(axis=0)  # of a change of income that reaches real income
        real = [
            (v.income[n] / float(own.before.income[n])) ** float(part[n]) * pyo.exp(float(base[n]) - sum(share[:, n] * log_price[:, n]))
            for n in own.player.members
        ]
        weight = own.before.income[own.player.members]
        return pyo.log(sum(w * one for w, one in zip(weight.tolist(), real, strict=True)))


def best_by_ipopt(points: Points, start: Array) -> Array:
    """The rates [rate] of one player whose real income is largest, by IPOPT from rates `start` [rate].

    Raises:
        SolveError: IPOPT did not arrive.
    """
    b = points.benchmark
    levels = recovered(b, points.exponents)
    shock = points.shocked(start)
    system = build_levels(levels.technology, points.exponents, b.countries, b.sectors, shock)
    if system.taxed is None:
        system = replace(system, taxed=np.zeros_like(system.foreign))
    beginning = from_hats(levels.point, points.equilibrium(start).unknowns, system)
    rates = Rates(points, start, levels.point.log_price)
    model = pyomo_model.build_model(system, b.countries, b.sectors, markets(b, system), beginning, rates)
    found = nlp.ipopt(nlp.compile(model.pyomo), tolerance=OPTIMAL)
    if not found.outcome.solved:
        raise SolveError(found.outcome, {"worst": dict(found.worst(10))})
    found.load()
    return np.array([pyo.value(rates.variables[k]) for k in range(len(start))])
