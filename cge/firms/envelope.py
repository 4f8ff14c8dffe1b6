"""The best of several choices, each a straight line in x = Bφ^(σ−1): their upper envelope, and free entry along it.

A choice multiplies the variable profits x of selling at home by a slope and takes a fixed cost; a firm that makes none earns nothing. Where the
envelope breaks does not depend on demand, so that one equation in B is left, whatever the choices are (chapter, sections 4, 5.5, 9.2).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from cge.data.arrays import Array
from cge.firms.paying import paying
from cge.firms.productivity import Productivity, tail_moment


class Option(NamedTuple):
    """Something that a firm may do: `name`; `slope`, variable profits over those of selling at home; `fixed_cost`, labour, of all that it does."""

    name: str
    slope: float
    fixed_cost: float


class Steps(NamedTuple):
    """The upper envelope, one entry for each step [step], from the lowest x upwards.

    Attributes:
        chosen: which of the options is taken from the step on.
        at: x where the step is taken; zero where a choice costs nothing.
        slope, cost: what the step adds to the slope and to the fixed cost.
    """

    chosen: tuple[int, ...]
    at: Array
    slope: Array
    cost: Array


def envelope(options: Sequence[Option]) -> Steps:
    """Which options are taken, and from which x on.

    From the best option at one x the next is the one whose line crosses it first, the steepest of those that cross there. An option may never be
    taken, and several changes may be one step.
    """
    here, chosen = Option("nothing", 0.0, 0.0), []
    steps: list[tuple[float, float, float]] = []
    while steeper := [k for k, option in enumerate(options) if option.slope > here.slope]:
        at = {k: (options[k].fixed_cost - here.fixed_cost) / (options[k].slope - here.slope) for k in steeper}
        best = min(steeper, key=lambda k: (at[k], -options[k].slope))
        steps.append((at[best], options[best].slope - here.slope, options[best].fixed_cost - here.fixed_cost))
        here = options[best]
        chosen.append(best)
    return Steps(tuple(chosen), *np.array(steps).T)


def step_cutoffs(steps: Steps, sigma: float, demand: float) -> Array:
    """φ_j = (x_j/B)^(1/(σ−1)), the productivity from which each step is taken [step]."""
    return np.asarray((steps.at / demand) ** (1 / (sigma - 1)))


def demand_level(productivity: Productivity, sigma: float, steps: Steps, entry_cost: float) -> float:
    """B at which Σ_j [B·slope_j·∫_φj φ^(σ−1) dG − cost_j·(1 − G(φ_j))] = f_E: expected profits of the best choices pay for entry (7).

    Where every step costs something that is Σ_j cost_j·J(φ_j) = f_E, as in (16). The left side rises in B.
    """

    def best(demand: Array) -> tuple[Array, Array]:
        cutoff = step_cutoffs(steps, sigma, float(demand))
        return steps.cost @ productivity.survival(cutoff), steps.slope @ productivity.moment(cutoff, sigma - 1)

    everyone = steps.slope.sum() * tail_moment(productivity, sigma, 0.0)  # the last option, taken by all
    return float(paying(best, np.asarray(entry_cost), (entry_cost + steps.cost.sum()) / everyone))
