"""The system as a Pyomo model: the equations of `cge/model/equations.py`, with a named variable for each thing they define."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyomo.environ as pyo
from pyomo.common.gc_manager import PauseGC

from cge.data.arrays import Array
from cge.model import equations as eq
from cge.model.system import System, Unknowns, Values, evaluate, log_profitability
from cge.solve.levels.expressions import EXPRESSIONS, Objects, is_number, term


def _choose(which: Array, one: Objects, other: Objects) -> Objects:
    """`one` where `which`, else `other`."""
    return np.where(which, one, other)


@dataclass(frozen=True, eq=False)
class Model:
    """A system as a Pyomo model.

    Every variable is in units of its value at the start, so that it is one there (logs are as they are and have none).

    Attributes:
        pyomo: the model; variables are named after what they are, `defines` holds the equation of every defined variable under the same name, and
            `closes` the conditions that close factor prices, prices, spending and entry.
        unknowns: variables times their units (and numbers, where a cell does not exist) in the arrays of `Unknowns`.
        entry, loss: the variables Ŝ ≥ 0 and its multiplier where scale is one, cell by cell.
        dropped: factor and country of the market that the others imply.
    """

    pyomo: pyo.ConcreteModel
    unknowns: Unknowns
    entry: list[Any]
    loss: list[Any]
    dropped: tuple[str, str]


GAPS = (1e-9, 1e-13)
"""Bounds on the product of entry and loss in turn: the second where the first leaves in doubt which of the two is zero."""


SIGNED = ("taxed_weight", "levied_access")
"""Variables that are not logs and may be below zero: what treasuries get, where they pay subsidies."""


BY_GROUP = {"log_group_wage": "group"}
"""Variables that are not by sector, and the label that they are by."""


class Chosen(Protocol):
    """What a model maximises, and by what: some numbers of its system become expressions in further variables."""

    def moving(self, m: pyo.ConcreteModel, system: System) -> System:
        """The system with these, whose values are the system's own, after variables for them are added to the model."""

    def wanted(self, v: Values, log_price: Objects) -> Any:
        """What is to be largest, from what the equations define and ln P [sector, country]."""


def build_model(
    system: System, countries: list[str], sectors: list[str], factors: list[str], beginning: Unknowns, chosen: Chosen | None = None
) -> Model:
    """The Pyomo model of a system, its variables at `beginning` and what follows from it; square, unless something in it is chosen.

    `factors` are names of factor markets.

    Unknowns are ln w, ln P (with inputs), ln X (with inputs; else ln of income), entry (its log where 0 < scale < 1) and the loss of an entrant.
    """
    with PauseGC():  # which would look through all expressions again and again
        m = pyo.ConcreteModel()
        m.defines, m.closes = pyo.Block(), pyo.Block()
        groups = [] if system.supply is None else list(system.supply.groups)
        builder = _Builder(m, {"sector": sectors, "country": countries, "factor": factors, "group": groups})
        values = _recorded(system, beginning)
        u, log_income = _unknowns(builder, system, beginning, values)
        moving = system if chosen is None else chosen.moving(m, system)
        v = evaluate(moving, u, EXPRESSIONS, lambda name, value: builder.define(name, value, values[name]))
        dropped = _close_markets(builder, system, v)
        if system.input_share is None:
            builder.close("income", [log_income[n] == pyo.log(v.income[n]) for n in range(len(countries))], (countries,))
        else:
            _close_inputs(builder, system, u, v)
        _close_entry(builder, system, u, v)
        log_price = v.log_price if system.input_share is None else u.log_price
        m.objective = pyo.Objective(expr=0.0 if chosen is None else -chosen.wanted(v, log_price))
        return Model(m, u, list(m.entry.values()), list(m.loss.values()), dropped)


def _recorded(system: System, u: Unknowns) -> dict[str, Array]:
    """The value of every defined variable at a point, by name."""
    values: dict[str, Array] = {}

    def record(name: str, value: Array) -> Array:
        values[name] = np.asarray(value)
        return value

    evaluate(system, u, define=record)
    return values


@dataclass(frozen=True, eq=False)
class _Builder:
    """Makes named variables and constraints."""

    m: pyo.ConcreteModel
    labels: dict[str, list[str]]

    def axes(self, shape: tuple[int, ...], first: str) -> list[list[str]]:
        """Labels of an array whose first axis is `first` and whose last is country."""
        return [self.labels["country"]] if len(shape) == 1 else [self.labels[first], self.labels["country"]]

    def variables(
        self, name: str, beginning: Array, exists: Array, first: str = "sector", lower: float | None = None, log: bool = True
    ) -> Objects:
        """An array of new variables named `name[country, label]`, times their units, where `exists`; of numbers elsewhere."""
        axes = self.axes(beginning.shape, first)
        cells = [tuple(int(i) for i in index) for index in np.argwhere(exists)]
        keys = {cell: tuple(axis[i] for axis, i in zip(axes, cell, strict=True))[::-1] for cell in cells}
        component = pyo.Var([k if len(k) > 1 else k[0] for k in keys.values()], bounds=(lower, None))
        setattr(self.m, name, component)
        out = beginning.astype(object)
        for cell, key in keys.items():
            variable = component[key if len(key) > 1 else key[0]]
            start = float(beginning[cell])
            unit = 1.0 if log or start == 0 else start
            variable.set_value(start / unit, skip_validation=True)
            out[cell] = variable if unit == 1.0 else unit * variable
        return out

    def define(self, name: str, value: Objects, numbers: Array) -> Objects:
        """A variable for every expression in `value` [sector, country], equal to it; numbers stay numbers."""
        value = np.asarray(value, dtype=object)
        exists = np.array([not is_number(v) for v in value.ravel()]).reshape(value.shape)
        log = name.startswith("log_")
        lower = None if log or name in SIGNED else 0.0
        first = BY_GROUP.get(name, "sector")
        new = self.variables(name, np.where(exists, numbers, 0.0).astype(float), exists, first, lower, log)
        out = _choose(exists, new, value)
        axes = self.axes(value.shape, first)
        equations = {}
        for index in np.argwhere(exists):
            cell = tuple(int(i) for i in index)
            unit, variable = term(out[cell])
            equations[tuple(axis[i] for axis, i in zip(axes, cell, strict=True))[::-1]] = variable == value[cell] / unit
        self.constraints(self.m.defines, name, equations)
        return out

    def constraints(self, block: Any, name: str, equations: dict[tuple[str, ...], Any]) -> None:
        """Constraints `block.name[labels]`."""
        setattr(block, name, pyo.Constraint(list(equations), rule=lambda _, *key: equations[key]))

    def close(self, name: str, conditions: list[Any], axes: tuple[list[str], ...]) -> None:
        """Constraints `closes.name[…]`, one for each label or pair of labels, in this order."""
        keys: list[tuple[str, ...]] = [(a,) for a in axes[0]] if len(axes) == 1 else [(b, a) for a in axes[0] for b in axes[1]]
        self.constraints(self.m.closes, name, {k: c for k, c in zip(keys, conditions, strict=True) if c is not None})


def _unknowns(builder: _Builder, s: System, b: Unknowns, values: dict[str, Array]) -> tuple[Unknowns, Objects]:
    log_factor_price = builder.variables("log_factor_price", b.log_factor_price, s.pays, "factor")
    log_income: Objects = np.zeros(0)
    if s.input_share is None:
        # Prices close nothing, and spending on every good is a fixed share of income.
        log_income = builder.variables("log_income", np.log(values["income"]), np.ones(values["income"].shape, bool))
        share = np.log(np.where(s.bought, s.final_share, 1.0) / np.where(s.bought, s.benchmark_spending, 1.0))
        log_spending = np.where(s.bought, log_income + share, 0.0)
        log_price: Objects = np.zeros(s.home.shape)
    else:
        log_price = builder.variables("log_price_index", b.log_price, s.bought)
        log_spending = builder.variables("log_spending", b.log_spending_change, s.bought)
    one, partial = s.produced & (s.scale == 1), s.produced & (s.scale > 0) & (s.scale < 1)
    log_entry = builder.variables("log_entry", np.where(partial, b.log_entry, 0.0), partial)
    entry = builder.variables("entry", np.where(one, b.entry, np.where(s.scale > 0, 0.0, 1.0)), one, lower=0.0, log=False)
    entry = _choose(partial, EXPRESSIONS.exp(log_entry), entry)
    return Unknowns(log_factor_price, log_price, log_spending, entry, log_entry), log_income


def _close_markets(builder: _Builder, s: System, v: Values) -> tuple[str, str]:
    """Every factor market but one, and the numeraire in its place."""
    countries, factors = builder.labels["country"], builder.labels["factor"]
    paid = _payments(s, v)
    largest = int(s.endowed.sum(axis=0).argmax())
    dropped = (int(np.flatnonzero(s.pays[:, largest])[-1]), largest)
    conditions = [
        None if (f, n) == dropped or not s.pays[f, n] else paid[f, n] / s.endowed[f, n] == v.factor_income[f, n] / s.endowed[f, n]
        for f in range(len(factors))
        for n in range(len(countries))
    ]
    builder.close("factor_market", conditions, (factors, countries))
    total = float(s.endowed.sum())
    builder.close("numeraire", [sum(v.factor_income.ravel() / total) == 1.0], (["world"],))
    return factors[dropped[0]], countries[dropped[1]]


def _payments(s: System, v: Values) -> Objects:
    """What producers pay in every factor market [market, country]."""
    paid = eq.factor_payment(v.paid, s.factor_share)
    if s.supply is None:
        return paid
    parts = [
        total[None] if isinstance(place, int) else share * v.paid
        for place, total, share in zip(s.supply.places, paid, s.factor_share, strict=True)
    ]
    return np.concatenate(parts)


def _close_inputs(builder: _Builder, s: System, u: Unknowns, v: Values) -> None:
    """Prices and spending are what their equations say."""
    countries, sectors = builder.labels["country"], builder.labels["sector"]
    cells = [(k, n) for k in range(len(sectors)) for n in range(len(countries))]
    prices = [u.log_price[c] == v.log_price[c] if s.bought[c] else None for c in cells]
    builder.close("price_index", prices, (sectors, countries))
    unit = np.exp(np.array([float(pyo.value(u.log_spending_change[c])) for c in cells]))
    spending = [
        pyo.exp(u.log_spending_change[c] - float(np.log(unit[i]))) == v.spending[c] / unit[i] if s.bought[c] else None
        for i, c in enumerate(cells)
    ]
    builder.close("spending", spending, (sectors, countries))


def _close_entry(builder: _Builder, s: System, u: Unknowns, v: Values) -> None:
    """0 ≤ Ŝ ⟂ loss ≥ 0 where scale is one (loss = −ln of revenue per entrant over its cost), zero profits where it is below."""
    countries, sectors = builder.labels["country"], builder.labels["sector"]
    cells = [(k, n) for k in range(len(sectors)) for n in range(len(countries))]
    one, partial = s.produced & (s.scale == 1), s.produced & (s.scale > 0) & (s.scale < 1)
    loss = builder.variables("loss", np.zeros(s.home.shape), one, lower=0.0)
    log_profit = log_profitability(s, u, v, EXPRESSIONS)
    zero_profit = [-log_profit[c] == (loss[c] if one[c] else 0.0) if one[c] or partial[c] else None for c in cells]
    builder.close("zero_profit", zero_profit, (sectors, countries))
    builder.m.gap = pyo.Var(initialize=GAPS[0])
    builder.m.gap.fix()
    products = [term(u.entry[c])[1] * loss[c] <= builder.m.gap if one[c] else None for c in cells]
    builder.close("complementarity", products, (sectors, countries))


def read_unknowns(model: Model, system: System) -> Unknowns:
    """The values of the model's variables as `Unknowns`."""

    def number(array: Objects) -> Array:
        return np.array([float(pyo.value(v)) for v in np.ravel(array)]).reshape(np.shape(array))

    u = model.unknowns
    found = Unknowns(*(number(a) for a in u))
    if system.input_share is None:
        # prices follow from the rest
        found = found._replace(log_price=np.asarray(evaluate(system, found).log_price))
    return found
