"""What a solution's shock moves, counterfactual over reference."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TypeGuard

import numpy as np

from cge.data.arrays import Array
from cge.model.benchmark import Benchmark
from cge.model.shock import SHOCK_DIMS, Shock
from cge.solve.solution import Answered, Solution


@dataclass(frozen=True)
class Primitives:
    """What the shock changes relative to the reference, in full (ones where it does not).

    Attributes:
        iceberg, fixed_cost: τ̂, f̂ [sector, exporter, importer]; productivity: Â [sector, country]; endowment: V̂ [factor, country].
    """

    iceberg: Array
    fixed_cost: Array
    productivity: Array
    endowment: Array


def primitives(solution: Answered) -> Primitives:
    """τ̂, f̂, Â, V̂ of a solution, counterfactual over reference (one where a pair is closed in both); scenarios stand at the end."""
    return Primitives(**{field.name: _moved(solution, field.name) for field in fields(Primitives)})


def moves(solution: Answered, name: str) -> bool:
    """Whether any shock says something of a primitive."""
    return any(getattr(one, name) is not None for _, shock in solution.asked for one in (shock, shock.reference))


def needs_pairs(solution: Answered) -> TypeGuard[Solution]:
    """Whether sums over trade need its pairs: exports are taxed, or a shock says something of what it takes to deliver; `Solutions` do without."""
    return solution.taxes_exports or moves(solution, "iceberg")


def _moved(solution: Answered, name: str) -> Array:
    """One of the primitives; all ones are no array of their own."""
    if not moves(solution, name):
        return np.broadcast_to(1.0, (*shape(solution.benchmark, name), *solution.axis))
    return solution.each(lambda _, shock: moved(solution.benchmark, shock, name))


def moved(benchmark: Benchmark, shock: Shock, name: str) -> Array:
    """What a shock makes of a primitive, over what its reference does [dims as in `Primitives`]."""
    new, old = (np.broadcast_to(one.factor(name), shape(benchmark, name)) for one in (shock, shock.reference))
    closed = np.isinf(new) & np.isinf(old)
    return np.where(closed, 1.0, new / np.where(closed, 1.0, old))


def shape(benchmark: Benchmark, name: str) -> tuple[int, ...]:
    """The lengths of a primitive's axes."""
    return tuple(len(benchmark.labels.of(dim)) for dim in SHOCK_DIMS[name])


def tariffs(solution: Solution) -> tuple[Array, Array]:
    """Ad valorem rates of the reference and of the counterfactual [sector, exporter, importer]."""
    return rates_before(solution), solution.shock.rates(solution.benchmark)


def rates_before(solution: Answered) -> Array:
    """Ad valorem rates of the reference [sector, exporter, importer], which all have in common."""
    return solution.asked[0][1].reference.rates(solution.benchmark)


def export_taxes(solution: Solution) -> tuple[Array, Array]:
    """Ad valorem rates of the reference and of the counterfactual [sector, exporter, importer]; one zero for all where there are none [1, 1, 1]."""
    before, after = (shock.rates(solution.benchmark, "export_tax") for shock in (solution.shock.reference, solution.shock))
    return before, after
