"""Rules for transfers (trade deficits): what a country gets in the counterfactual, with derivative and transpose. One row each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from cge.data.arrays import Array, Values

Value = Callable[[Values, Array, Array], Values]
Derivative = Callable[[Array, Array, Array, Array], Array]


@dataclass(frozen=True)
class TransferRule:
    """A rule for transfers. Its functions take own factor income Y' [country], then what is carried through, the transfers of the data and Y.

    Attributes:
        name: as in run files; words: for readers; limit: what the numbers cannot tell because of it, empty where there is nothing to say.
        value: transfers (Y', observed, Y) [country].
        derivative: d transfers (Y', dY', observed, Y) [country, column].
        transposed: derivatives by Y' (Y', derivatives by transfers, observed, Y) [country, column].
        none: whether nobody gets or gives anything, so that changes are measured from the equilibrium without transfers.
    """

    name: str
    words: str
    value: Value
    derivative: Derivative
    transposed: Derivative
    limit: str = ""
    none: bool = False


def _observed(own: Values, observed: Array, benchmark_income: Array) -> Values:
    return observed + 0.0 * own


def _none(own: Values, observed: Array, benchmark_income: Array) -> Values:
    return 0.0 * own


def _still(own: Array, moved: Array, observed: Array, benchmark_income: Array) -> Array:
    """No derivative: transfers do not follow income."""
    return np.zeros(moved.shape)


def _own_share(own: Values, observed: Array, benchmark_income: Array) -> Values:
    """d_n Y'_n − (Y'_n/ΣY') Σ_m d_m Y'_m with d = observed transfer over factor income."""
    ratio = observed / benchmark_income
    return own * (ratio - (ratio * own).sum(axis=0) / own.sum(axis=0))


def _own_share_derivative(own: Array, moved: Array, observed: Array, benchmark_income: Array) -> Array:
    ratio = observed / benchmark_income
    mean = (ratio * own).sum() / own.sum()
    d_mean = ((ratio[:, None] - mean) * moved).sum(axis=0) / own.sum()
    return np.asarray(moved * (ratio - mean)[:, None] - own[:, None] * d_mean)


def _own_share_transposed(own: Array, moved: Array, observed: Array, benchmark_income: Array) -> Array:
    ratio = observed / benchmark_income
    mean = (ratio * own).sum() / own.sum()
    return np.asarray((ratio - mean)[:, None] * (moved - (moved * own[:, None]).sum(axis=0) / own.sum()))


TRANSFER_RULES = {
    rule.name: rule
    for rule in (
        TransferRule(
            "fixed",
            "trade deficits stay as they are in the numeraire (fixed)",
            _observed,
            _still,
            _still,
            limit="Trade deficits are constant in the numeraire; under another rule countries with large imbalances answer differently.",
        ),
        TransferRule("zero", "trade deficits are removed first, and changes measured from there (zero)", _none, _still, _still, none=True),
        TransferRule(
            "own_share",
            "trade deficits move with the country's own income (own_share)",
            _own_share,
            _own_share_derivative,
            _own_share_transposed,
        ),
    )
}
"""The rules, by name; the first is the default."""

if TYPE_CHECKING:
    Transfers = str
else:
    Transfers = Literal[tuple(TRANSFER_RULES)]
"""The name of a rule."""
