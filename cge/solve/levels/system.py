"""A system in levels solved: by Newton's method, by IPOPT where that does not arrive, and with IPOPT's word on the solution."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import numpy as np

from cge.errors import SolveError
from cge.model.system import System, Unknowns
from cge.solve import nlp
from cge.solve.counterfactual import Report
from cge.solve.follow import consistent
from cge.solve.levels import pyomo_model
from cge.solve.levels.corners import PATH, close_corners, relax_corners
from cge.solve.levels.pyomo_model import GAPS, Model, read_unknowns
from cge.solve.levels.structure import structure

APPROXIMATE_MINIMUM_DEGREE = 0
"""MUMPS's ordering without inputs: a factorisation at 80 × 50 takes 2 seconds with it and 13 with MUMPS's own choice."""

IPOPT_UP_TO = 8000
"""Variables with inputs up to which IPOPT takes over where Newton's method does not arrive: its factorisation is of twice the size."""

LOOSE = 1e-7
"""Tolerance of the stage that finds which cells are empty."""


def solve_system(
    system: System,
    countries: list[str],
    sectors: list[str],
    factors: list[str],
    beginning: Unknowns,
    tolerance: float,
    report: Report | None,
) -> tuple[Unknowns, int]:
    """The equilibrium of a system in levels, confirmed by IPOPT, and the number of iterations.

    Where entry can be zero, first Ŝ·loss is brought to a small number in every cell, then the smaller of the two is fixed at zero and the
    square system that is left is solved to `tolerance`; where that has no solution the number is made smaller first.

    Raises:
        SolveError: the last outcome, with the worst constraints by name.
    """
    model = pyomo_model.build_model(system, countries, sectors, factors, consistent(system, beginning))
    search = Search(model, system.input_share is not None, tolerance, report)
    for _ in search.corners() if model.entry else (None,):
        if search.square():
            return read_unknowns(model, system), search.iterations
    last = search.results[-1]
    raise SolveError(last.outcome, {"worst": dict(last.worst(10)), "iterations": search.iterations})


class Search:
    """The solves of one model, each from where the last arrived.

    Attributes:
        model, tolerance: as in `solve_system`; problem: the model compiled; results: of all solves so far.
    """

    def __init__(self, model: Model, inputs: bool, tolerance: float, report: Report | None) -> None:
        self.model, self.problem, self.tolerance = model, nlp.compile(model.pyomo), tolerance
        self.results: list[nlp.Result] = []
        options: dict[str, float | str] = {} if inputs else {"mumps_pivot_order": APPROXIMATE_MINIMUM_DEGREE}
        self.newton = partial(nlp.newton, self.problem, report=report, structure=structure(model, self.problem))
        self.ipopt = partial(nlp.ipopt, self.problem, report=report, options=options)
        self.confirm = partial(nlp.confirm, self.problem, report=report)
        self.affordable = not inputs or len(self.problem.variables) <= IPOPT_UP_TO

    @property
    def iterations(self) -> int:
        """Of all solves so far."""
        return sum(result.iterations for result in self.results)

    def arrived(self, result: nlp.Result, enough: float) -> bool:
        """Whether no violation is beyond `enough`; only then do the variables take its values."""
        self.results.append(result)
        if result.violation <= enough:
            result.load()
        return result.violation <= enough

    def corners(self) -> Iterator[None]:
        """Fix at zero the smaller of entry and loss in every cell, after solving for both; ever more closely, as long as it is asked for."""
        for gap in GAPS:
            relax_corners(self.model, gap)
            path = self.model.pyomo.gap, [value for value in PATH if value > gap]
            if not self.arrived(self.newton(tolerance=max(gap, 0.01 * self.tolerance), path=path), LOOSE):
                # with curvature it takes ten times as long at 41 × 35, in short steps and restorations
                self.arrived(self.ipopt(tolerance=LOOSE, flat=True), np.inf)
            close_corners(self.model)
            yield

    def square(self) -> bool:
        """Whether the square system is solved, with what is zero fixed there."""
        if self.arrived(self.newton(tolerance=0.01 * self.tolerance), 0.1 * self.tolerance):
            return self.arrived(self.confirm(tolerance=0.1 * self.tolerance), 0.1 * self.tolerance)
        return self.affordable and self.arrived(self.ipopt(tolerance=0.01 * self.tolerance), 0.1 * self.tolerance)
