"""What the numbers of a tariff stand for: rates (0.25), percent (25) or powers 1 + t (1.25), and which of them numbers look like."""

from __future__ import annotations

from typing import TypeVar

import numpy as np

from cge.data.arrays import Array
from cge.data.choices import Unit

STATED: dict[str, Unit] = {"1": "rate", "rate": "rate", "percent": "percent", "%": "percent"}
"""The unit of a netCDF variable by its attribute `units`, as the CF conventions write it."""

RATES = {"units": "1"}
"""Attributes of a variable of rates."""

UPPER = 0.75
"""Part of the positive rates that must lie below one. Single duties of several hundred percent are real (the maximum of many members in WTO, ITC
and UNCTAD, World Tariff Profiles), and stand among thousands of lines of a few percent; a table where a quarter of what is not free pays
100 % or more is none that a country applies. In percent, or as powers, such a table is an ordinary one."""

NEAR_ONE = (0.9, 2.0)
"""Where the middle half of a table of powers lies: between a subsidy of a tenth and a doubled price, zero for nothing."""

ODD = 5.0
"""A single rate from here on (500 %) is taken for percent: 5, 10 and 25 are what is typed for 0.05, 0.1 and 0.25. Rates below it are not judged
alone: the United States and China laid 145 % and 125 % on each other in April 2025."""

EXAMPLE = {"percent": "0.25 stands for 25 %", "power": "0.05 stands for a power of 1.05"}


Numbers = TypeVar("Numbers", float, Array)


def as_rates(values: Numbers, unit: Unit | None) -> Numbers:
    """Numbers in a unit as rates, any dims; None: they are rates."""
    return values / 100 if unit == "percent" else values - 1 if unit == "power" else values


def seeming_unit(values: Array) -> Unit:
    """What a table of numbers [any dims] looks like; NaN is no number. Zeros count where powers are told apart: free trade is a power of one."""
    finite = np.isfinite(values)
    found = values if finite.all() else values[finite]
    positive, high = np.count_nonzero(found > 0), np.count_nonzero(found >= 1)
    if positive - high > int(UPPER * (positive - 1)) or not positive:  # of the sorted positive ones that at this part is below one
        return "rate"
    low, high = np.quantile(found, (1 - UPPER, UPPER))
    return "power" if low >= NEAR_ONE[0] and high < NEAR_ONE[1] else "percent"


def unit_fault(values: Array, remedy: str) -> list[str]:
    """A sentence where a table of rates [any dims] looks like percent or powers, else none.

    Args:
        values: numbers that should be rates, any dims. remedy: what to write where they are given, whatever they are.
    """
    unit = seeming_unit(values)
    if unit == "rate":
        return []
    positive = values[values > 0]
    high = np.count_nonzero(positive >= 1) / positive.size
    words = {"percent": "in percent", "power": "powers (1 + t)"}[unit]
    return [f"{high:.0%} of the positive rates are 1 (100 %) or more, so they seem to be {words}; {EXAMPLE[unit]}. {remedy}"]


def single_fault(value: float, remedy: str) -> list[str]:
    """The same for a rate that stands alone."""
    if value < ODD:
        return []
    return [f"{value:g} is {100 * value:,.4g} %; it looks like percent: write {value / 100:g}. {remedy}"]
