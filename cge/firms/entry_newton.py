"""Semismooth Newton for demand, entrants and wages of countries that differ: at any corner, with exact slopes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cge.data.arrays import Array
from cge.errors import Outcome, SolveError
from cge.firms.entry import Economy, Point, at, autarky, gaps, system

STEPS = 100
"""Newton steps before giving up; ten are usual."""

SMALL, ENOUGH = 1e-13, 1e-9
"""Residual at which Newton stops at once; the largest one with which it may stop where rounding ends its progress."""

LONGEST = 1.0
"""Largest change of ln B, ln w or m in one step."""


RUNGS = ((1.0,), tuple(np.geomspace(2.0, 1.0, 8).tolist()), tuple(np.geomspace(10.0, 1.0, 60).tolist()))
"""Factors on foreign iceberg costs that lead to the equilibrium; the next row if one fails."""


def solve(economy: Economy) -> Point:
    """The point where all conditions hold, from autarky; where Newton's method cannot reach it in one go, along a fall in iceberg costs.

    Raises:
        SolveError: Newton's method stops before it gets there.
    """
    for rungs in RUNGS:
        point = autarky(economy)
        try:
            for dearer in rungs:
                abroad = np.where(np.eye(len(economy.labour), dtype=bool), 1.0, dearer)
                point = _solve_from(point, replace(economy, iceberg=economy.iceberg * abroad))
            return point if economy.outside else _numeraire(economy, point)
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
    """Semismooth Newton with a line search on the first `size` unknowns: 2N at given wages, 3N with them."""
    residual, slopes = system(economy, point)
    for _ in range(STEPS):
        if np.abs(residual[:size]).max() <= SMALL:
            return point
        step = np.zeros(len(residual))
        step[:size] = -np.linalg.lstsq(slopes[:size, :size], residual[:size])[0]
        found = _search(economy, point, step, float(np.linalg.norm(residual[:size])), size)
        if found is None:
            break
        point = found
        residual, slopes = system(economy, point)
    if np.abs(residual[:size]).max() > ENOUGH:
        raise _failure(economy, residual[:size])
    return point


def _failure(economy: Economy, residual: Array) -> SolveError:
    """The worst condition by name."""
    worst = int(np.abs(residual).argmax())
    kind, country = ("free entry", "demand", "labour")[worst // len(economy.labour)], economy.names[worst % len(economy.labour)]
    sentence = (
        f"The open economy was not solved: {kind} of country {country} fails by {residual[worst]:.1g}. Look for a cost or an amount of labour there "
        "that is of another order of magnitude than elsewhere."
    )
    return SolveError(Outcome("not_converged", sentence))


def _search(economy: Economy, point: Point, step: Array, norm: float, size: int) -> Point | None:
    """The first point along the step, halved until the residual falls; nothing where it does not."""
    n = len(economy.labour)
    length = LONGEST / max(float(np.abs(step).max()), LONGEST)
    while length > 1e-10:
        parts = [old + length * step[k * n : (k + 1) * n] for k, old in enumerate(point[:3])]
        found = at(economy, *parts)
        if np.linalg.norm(system(economy, found, slopes=False)[0][:size]) < (1 - 1e-4 * length) * norm:
            return found
        length /= 2
    return None
