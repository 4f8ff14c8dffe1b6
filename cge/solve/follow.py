"""A shock followed part by part, each equilibrium from the last."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from cge.data.arrays import Array
from cge.model.system import System, Unknowns, evaluate
from cge.solve.interior import resume
from cge.solve.newton import Point, Solver


def between(base: System, target: System, part: float) -> System:
    """A system part of the way from `base` to `target` (same benchmark and exponents): logs of weights, tariff factors and endowments are mixed.

    A flow that is closed at one end is mixed in levels. The rule for transfers is the target's all the way, so that trade can fall to nothing.
    """
    if part == 1.0:
        return target

    def mix(a: Array, b: Array) -> Array:
        both = (a > 0) & (b > 0)
        log = (1 - part) * np.log(np.where(both, a, 1.0)) + part * np.log(np.where(both, b, 1.0))
        return np.where(both, np.exp(log), (1 - part) * a + part * b)

    foreign = mix(base.foreign, target.foreign)
    some = (base.foreign > 0) & (target.foreign > 0)
    kept = mix(
        np.where(some, base.net_foreign, 1.0) / np.where(some, base.foreign, 1.0),
        np.where(some, target.net_foreign, 1.0) / np.where(some, target.foreign, 1.0),
    )
    untaxed = base.taxed is None and target.taxed is None
    return replace(
        target,
        foreign=foreign,
        home=mix(base.home, target.home),
        net_foreign=foreign if untaxed else foreign * kept,
        taxed=None if untaxed else foreign * (1 - kept),
        log_unit=(1 - part) * base.log_unit + part * target.log_unit,
        endowed=mix(base.endowed, target.endowed),
        produced=base.produced & target.produced,
    )


def consistent(system: System, u: Unknowns, passes: int = 12) -> Unknowns:
    """Spending and prices that follow from unchanged factor prices and entry, by a few passes over their equations."""
    for _ in range(passes):
        v = evaluate(system, u)
        wanted = np.where(system.bought, v.spending, 1.0) / np.where(system.bought, system.benchmark_spending, 1.0)
        if not (wanted > 0).all():  # a country that pays more than it earns at these prices
            break
        change = np.log(wanted) - u.log_spending_change
        u = u._replace(log_price=v.log_price, log_spending_change=u.log_spending_change + change)
        if np.abs(change).max() < 0.1:
            break
    return u


def follow(solver: Solver, origin: Point, target: System, tolerance: float, shortest: float = 1e-3) -> tuple[Point, float]:
    """Follow the equilibrium from `origin`, the benchmark, to `target` in parts of the shock, each from the last, shorter after a failure.

    The first point is the benchmark under the target's rule for transfers. Incomes may fall below zero on the way, where the equations have such
    roots: if there is none with all incomes positive at the end, that is why.

    Returns the last point that solves its part, and the part that was reached.
    """
    base = origin.system
    first = between(base, target, 0.0)
    point = Point(first, origin.u)
    if not point.balances(tolerance):
        point = resume(solver.on(first), point, tolerance)
    reached, length = 0.0, 0.5
    if not point.balances(tolerance):
        return point, reached
    while reached < 1 and length >= shortest:
        part = min(1.0, reached + length)
        system = between(base, target, part)
        new = resume(solver.on(system), Point(system, point.u), tolerance, 40)
        if new.balances(tolerance):
            point, reached, length = new, part, 2 * length
        else:
            length *= 0.35
    return point, reached
