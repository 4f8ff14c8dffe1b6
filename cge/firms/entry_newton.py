"""Demand, entrants and wages of countries that differ, by semismooth Newton: at any corner, with exact slopes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms import semismooth
from cge.firms.entry import Economy, Point, at, autarky, gaps, system
from cge.firms.semismooth import Residual

ENOUGH = 1e-9
"""The largest residual with which Newton may stop where rounding ends its progress."""

RUNGS = ((1.0,), tuple(np.geomspace(2.0, 1.0, 8).tolist()), tuple(np.geomspace(10.0, 1.0, 60).tolist()))
"""Factors on foreign iceberg costs that lead to the equilibrium; the next row if one fails."""


def solve(economy: Economy) -> Point:
    """The point where all conditions hold, from autarky; where Newton's method cannot reach it in one go, along a fall in iceberg costs.

    Raises:
        SolveError: Newton's method stops before it gets there.
    """
    point = _from_autarky(economy, np.zeros(len(economy.labour)), _solve_from)
    return point if economy.outside else _numeraire(economy, point)


def at_wages(economy: Economy, log_wage: Array, near: Point | None = None) -> Point:
    """The point where free entry and demand hold at given ln w [country], with spending β w L̄; from a point near it, or from autarky.

    Raises:
        SolveError: Newton's method stops before it gets there.
    """
    n = len(economy.labour)
    if near is not None:
        return newton(economy, at(economy, near.log_demand, near.entry, log_wage), 2 * n)
    return _from_autarky(economy, log_wage, lambda point, dearer: newton(dearer, at(dearer, *point[:3]), 2 * n))


def _from_autarky(economy: Economy, log_wage: Array, solved: Callable[[Point, Economy], Point]) -> Point:
    """What is solved step by step as icebergs fall to what they are, from autarky at ln w [country]; B is in units of money to the power σ."""
    for rungs in RUNGS:
        closed = autarky(economy)
        point = at(economy, closed.log_demand + economy.sigma * log_wage, closed.entry, log_wage)
        try:
            for dearer in rungs:
                abroad = np.where(np.eye(len(economy.labour), dtype=bool), 1.0, dearer)
                point = solved(point, replace(economy, iceberg=economy.iceberg * abroad))
            return point
        except SolveError as fault:
            failure = fault
    raise failure


def _numeraire(economy: Economy, point: Point) -> Point:
    """The same point in labour of the last country; B is in units of money to the power σ."""
    unit = point.log_wage[-1]
    return at(economy, point.log_demand - economy.sigma * unit, point.entry, point.log_wage - unit)


def _solve_from(point: Point, economy: Economy) -> Point:
    """With an outside good wages stay at one unless a country's sector needs more labour than it has."""
    n, point = len(economy.labour), at(economy, *point[:3])
    if economy.outside and not point.log_wage.any():
        point = newton(economy, point, 2 * n)
        if (gaps(economy, point)[2] >= 0).all():
            return point
    return newton(economy, point, 3 * n)


def newton(economy: Economy, point: Point, size: int) -> Point:
    """Semismooth Newton on the first `size` unknowns: 2N at given wages, 3N with them."""
    given = np.concatenate(point[:3])

    def there(x: Array) -> Point:
        return at(economy, *np.split(np.concatenate([x, given[size:]]), 3))

    def evaluate(x: Array) -> Residual:
        trial = there(x)
        return Residual(system(economy, trial, slopes=False)[0][:size], lambda: system(economy, trial)[1][:size, :size])

    found = semismooth.newton(evaluate, given[:size])
    if not found.largest <= ENOUGH:
        raise _failure(economy, found.residual)
    return there(found.x)


def _failure(economy: Economy, residual: Array) -> SolveError:
    """The worst condition by name."""
    worst = int(np.abs(residual).argmax())
    kind, country = ("free entry", "demand", "labour")[worst // len(economy.labour)], economy.names[worst % len(economy.labour)]
    sentence = (
        f"The open economy was not solved: {kind} of country {country} fails by {residual[worst]:.1g}. Look for a cost or an amount of labour there "
        "that is of another order of magnitude than elsewhere."
    )
    return SolveError(Outcome("not_converged", sentence))
