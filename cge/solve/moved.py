"""What a solution's shock moves, counterfactual over reference."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cge.data.arrays import Array
from cge.solve.solution import Solution


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


def primitives(solution: Solution) -> Primitives:
    """τ̂, f̂, Â, V̂ of a solution, counterfactual over reference (one where a pair is closed in both)."""
    reference = solution.shock.reference
    sectors, countries = len(solution.benchmark.sectors), len(solution.benchmark.countries)
    bilateral, own, factor = (sectors, countries, countries), (sectors, countries), (len(solution.benchmark.factors), countries)
    shapes = {"iceberg": bilateral, "fixed_cost": bilateral, "productivity": own, "endowment": factor}
    out = {}
    for name, shape in shapes.items():
        if getattr(solution.shock, name) is None and getattr(reference, name) is None:
            out[name] = np.broadcast_to(1.0, shape)
            continue
        new, old = (np.broadcast_to(shock.factor(name), shape) for shock in (solution.shock, reference))
        closed = np.isinf(new) & np.isinf(old)
        out[name] = np.where(closed, 1.0, new / np.where(closed, 1.0, old))
    return Primitives(**out)


def tariffs(solution: Solution) -> tuple[Array, Array]:
    """Ad valorem rates of the reference and of the counterfactual [sector, exporter, importer]."""
    return solution.shock.reference.rates(solution.benchmark), solution.shock.rates(solution.benchmark)


def export_taxes(solution: Solution) -> tuple[Array, Array]:
    """Ad valorem rates of the reference and of the counterfactual [sector, exporter, importer]; one zero for all where there are none [1, 1, 1]."""
    before, after = (shock.rates(solution.benchmark, "export_tax") for shock in (solution.shock.reference, solution.shock))
    return before, after
