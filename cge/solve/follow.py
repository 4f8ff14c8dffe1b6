"""A shock followed part by part, each equilibrium from the last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

import numpy as np

from cge.data.arrays import Array
from cge.model.system import System, Unknowns, evaluate
from cge.model.transfers import TRANSFER_RULES
from cge.solve.interior import resume
from cge.solve.newton import Point, Solver

SHORTEST = 1e-3
"""Part of the way that is still worth a try."""

RUINED = 0.05
"""Income over that of the benchmark below which a country counts as ruined by what it pays to others."""

TOWARDS = 0.75
"""How much is gone at once of the way on which a country's income falls to nothing."""

LOOSE = 1e-6
"""Largest residual on the way."""

TRIES, STEPS = 100, 25
"""Most parts, and most Newton steps to the next, which is near."""


def between(base: System, target: System, part: float) -> System:
    """A system part of the way from `base` to `target` (same benchmark and exponents): logs of weights, tariff factors and endowments are mixed.

    The cost of a flow that is closed at the end is divided by what is left of the way, of one that is open only then by what is gone: with high
    elasticities its weight, mixed in levels, would matter to the last millionth. The rule for transfers is the target's all the way, so that trade
    can fall to nothing. Parts a little below zero are the shock turned round.
    """
    if part == 1.0:
        return target

    def mix(a: Array, b: Array, elasticity: Array | float = 1.0) -> Array:
        both = (a > 0) & (b > 0)
        log = (1 - part) * np.log(np.where(both, a, 1.0)) + part * np.log(np.where(both, b, 1.0))
        return np.where(both, np.exp(log), (1 - part) ** elasticity * a + max(part, 0.0) ** elasticity * b)

    foreign = mix(base.foreign, target.foreign, target.buyer.trade[..., None])
    some = (base.foreign > 0) & (target.foreign > 0)

    def left(whole: Array, taken: str, before: str, after: str) -> Array:
        """What a treasury leaves of a weight: the part that it leaves is mixed. The weight itself where it takes nothing at either end."""
        if getattr(base, taken) is None and getattr(target, taken) is None:
            return whole
        parts = [np.where(some, getattr(s, after), 1.0) / np.where(some, getattr(s, before), 1.0) for s in (base, target)]
        return whole * mix(*parts)

    border = left(foreign, "taxed", "foreign", "border")
    net = left(border, "levied", "border", "net_foreign")
    return replace(
        target,
        foreign=foreign,
        home=mix(base.home, target.home),
        net_foreign=net,
        taxed=None if border is foreign else foreign - border,
        levied=None if net is border else border - net,
        log_unit=(1 - part) * base.log_unit + part * target.log_unit,
        endowed=mix(base.endowed, target.endowed),
        produced=base.produced & target.produced,
        supply=None if target.supply is None else target.supply.within(base.produced),
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


def fading(system: System, part: float) -> System:
    """The system with all but this part of its transfers, as they are in the data."""
    return replace(system, rule=TRANSFER_RULES["fixed"], transfer=(1 - part) * system.transfer)


Path = Callable[[float], System]
"""Systems by part of the way, from zero to one."""


def follow(solver: Solver, base: System, target: System, u: Unknowns, tolerance: float) -> tuple[Point, float, Path]:
    """Follow the equilibrium from the benchmark, at which `u` solves `base`, to `target`: transfers as the target's rule has them, then the shock.

    Returns the last point that solves its part, the part that was reached, and the path that it is a part of.
    """
    shocked = partial(between, base, target)
    point = beginning(solver, shocked(0.0), u, tolerance)
    if not point.balances(tolerance) and target.rule.none:
        faded = partial(fading, point.system)
        point, reached = along(solver, faded, beginning(solver, faded(0.0), u, tolerance), tolerance)
        if reached < 1:
            return point, reached, faded
    if not point.balances(tolerance):
        return point, 0.0, shocked
    return *along(solver, shocked, Point(shocked(0.0), point.u), tolerance), shocked


def beginning(solver: Solver, system: System, u: Unknowns, tolerance: float) -> Point:
    """Where a path begins: at `u` if it solves the system, else at a solution nearby (data with other transfers or final shares), if one is found."""
    point = Point(system, u)
    return point if point.balances(tolerance) else resume(solver.on(system), Point(system, consistent(system, u)), tolerance)


def along(solver: Solver, path: Path, point: Point, tolerance: float) -> tuple[Point, float]:
    """Follow the equilibrium along a path from `point`, which solves its beginning, each part from the last, in shorter parts after a failure.

    Incomes may fall below zero on the way, where the equations have such roots: if there is none with all incomes positive at the end, that is why.
    Where they have none, the way ends when a country that pays others has nothing left: after a failure it goes on towards that, not beyond.

    Returns the last point that solves its part, and the part that was reached.
    """
    reached, length, failed = 0.0, 0.5, False
    for _ in range(TRIES):
        if reached == 1 or length < SHORTEST:
            break
        part = min(1.0, reached + length)
        system, enough, length = path(part), tolerance if part == 1 else max(LOOSE, tolerance), part - reached
        new = resume(solver.on(system), Point(system, point.u), enough, STEPS)
        if not new.balances(enough):
            failed, length = True, 0.35 * length
            continue
        left = length * lasts(point, new)
        point, reached = new, part
        ending = failed and system.input_share is None and reached + left < 1
        length = max(TOWARDS * left, SHORTEST) if ending else 2 * length
    return point, reached


def lasts(before: Point, now: Point) -> float:
    """How often the way between two points can be gone again until a country that pays others has nothing left, if incomes fall on as before."""
    fall = before.v.income - now.v.income
    falls = (fall > 0) & (now.v.income > 0) & (now.v.transfer < 0)
    return float(np.min(now.v.income[falls] / fall[falls], initial=np.inf))
