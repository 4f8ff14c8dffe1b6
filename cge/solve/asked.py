"""What a solver is asked: arguments of the kinds that it takes, all faults at once."""

from __future__ import annotations

from typing import Literal, get_args

from cge.errors import DataError, nearest, unlike
from cge.model.benchmark import Benchmark
from cge.model.exponents import Exponents, is_number
from cge.model.shock import Shock

Unstable = Literal["refuse", "follow"]
"""What is done where an equilibrium is unstable under entry: an error, or it is returned."""


def check_asked(benchmark: Benchmark, exponents: Exponents, shock: Shock, tolerance: float, unstable: Unstable) -> None:
    """Raise `DataError` where an argument of a solver is none."""
    faults = [
        *unlike("benchmark", benchmark, Benchmark, "cge.calibrate(economy) makes it"),
        *unlike("exponents", exponents, Exponents, "cge.armington(sigma) and its siblings make them"),
        *unlike("shock", shock, Shock, "cge.change and cge.scenario make it"),
    ]
    if not is_number(tolerance) or not 0 < tolerance < 1:
        faults.append(f"tolerance: {tolerance!r}; give the largest relative residual, a number above 0 and below 1.")
    if unstable not in get_args(Unstable):
        faults.append(f"unstable: {unstable!r}; give one of {', '.join(get_args(Unstable))}.{nearest(str(unstable), get_args(Unstable))}")
    if faults:
        raise DataError(faults)
