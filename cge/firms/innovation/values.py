"""What firms on a ladder of sizes are worth, and what they do, at a given demand level (chapter, section 9.2.2)."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

import numpy as np

from cge.data.arrays import Array
from cge.firms.innovation.ladder_industry import LadderIndustry


class Frozen(Protocol):
    """Intensities that firms keep: by step [step], and beyond."""

    @property
    def alpha(self) -> Array: ...
    @property
    def alpha_exporter(self) -> float: ...

    def intensity(self, step: int) -> float:
        """α on any step."""


class Policy(NamedTuple):
    """What firms do at a demand level: first step that exports, α below `alpha`'s end and beyond, values, and slope and constant of values beyond."""

    first_export: int
    alpha: Array
    beyond: float
    value: Array
    slope: float
    constant: float


def highest_demand(i: LadderIndustry) -> float:
    """B at which an exporter's value is just finite: β(1−δ)(1 + α(ι−1)) = 1; infinite where that takes more than α = 1."""
    alpha = (1 - i.lives) / (i.lives * (i.technology.step - 1))
    if alpha >= 1:
        return math.inf
    # at the fold c′(α) = β(1−δ)(ι−1)V, and V(1−β(1−δ)) = B(1+T) + αc′(α) − c(α)
    marginal = i.technology.cost * alpha**i.technology.curvature
    slope = marginal / (i.lives * (i.technology.step - 1))
    worth = float(i.technology.worth(np.asarray(marginal)))
    return float((slope * (1 - i.lives) - worth) / (1 + i.market_access))


def policy(i: LadderIndustry, demand: float, frozen: Frozen | None = None) -> Policy:
    """What firms do at B, solved backwards from the step from which all do the same; with α as `frozen` has it, in place of what is best."""
    access, iota, t, lives = i.market_access, i.technology.step, i.technology, i.lives
    first = 0
    if access and i.export_outlay > 0:
        first = max(0, math.ceil(math.log(i.export_outlay / (access * demand)) / math.log(iota) - 1e-12))
    end = max(first, len(frozen.alpha) if frozen else 0)
    if frozen:
        beyond = frozen.alpha_exporter
        slope = (demand * (1 + access) - float(t.spent(np.asarray(beyond)))) / (1 - lives * (1 + beyond * (iota - 1)))
    else:
        slope = _slope(i, demand * (1 + access))
        beyond = float(t.best(np.asarray(lives * (iota - 1) * slope)))
    constant = (i.home_fixed_cost + i.export_outlay) / (1 - lives)
    size = iota ** np.arange(end + 1, dtype=float)
    value, alpha = np.zeros(end + 1), np.zeros(end)
    value[end] = max(slope * size[end] - constant, 0.0)
    for n in range(end - 1, -1, -1):
        profit = demand * size[n] - i.home_fixed_cost + (max(0.0, access * demand * size[n] - i.export_outlay) if access else 0.0)
        value[n], alpha[n] = _value(i, profit, size[n], value[n + 1], frozen.intensity(n) if frozen else None)
    return Policy(first if access else -1, alpha, beyond, value, slope, constant)


def _slope(i: LadderIndustry, earned: float) -> float:
    """V of V(1 − β(1−δ)) = B(1+T) + max_α {αβ(1−δ)(ι−1)V − c(α)}, the smaller root: Newton from below, where the difference is concave."""
    rate = i.lives * (i.technology.step - 1)
    slope = earned / (1 - i.lives)
    for _ in range(200):
        gap = slope * (1 - i.lives) - earned - float(i.technology.worth(np.asarray(rate * slope)))
        rise = 1 - i.lives - rate * float(i.technology.best(np.asarray(rate * slope)))
        step = gap / rise
        slope -= step
        if abs(step) <= 1e-16 * slope:
            break
    return slope


def _value(i: LadderIndustry, profit: float, size: float, above: float, given: float | None) -> tuple[float, float]:
    """v and α on a step, from the value one step higher; v is zero where a firm exits."""
    t, lives = i.technology, i.lives
    if given is not None:
        value = (profit - size * float(t.spent(np.asarray(given))) + lives * given * above) / (1 - lives * (1 - given))
        return max(value, 0.0), given
    if profit + size * float(t.worth(np.asarray(lives * above / size))) <= 0:
        return 0.0, 0.0
    value = max(profit / (1 - lives), 0.0)
    for _ in range(200):
        gain = np.asarray(lives * (above - value) / size)
        step = (value * (1 - lives) - profit - size * float(t.worth(gain))) / (1 - lives + lives * float(t.best(gain)))
        value -= step
        if abs(step) <= 1e-15 * max(value, size):
            break
    return value, float(t.best(np.asarray(lives * (above - value) / size)))


def worth_of_entry(i: LadderIndustry, found: Policy) -> float:
    """Expected value of an entrant, on all steps."""
    q, iota, end = i.start, i.technology.step, len(found.alpha)
    below = (1 - q) * q ** np.arange(end) @ found.value[:end]
    stays = max(end, math.ceil(math.log(found.constant / found.slope) / math.log(iota)) if found.constant > 0 else 0)
    beyond = found.slope * (1 - q) * iota**stays * q**stays / (1 - q * iota) - found.constant * q**stays
    return float(below + beyond)
