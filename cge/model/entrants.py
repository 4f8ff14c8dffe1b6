"""Who stands behind entry: firms that are alike, firms that differ, or nobody."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from cge.data.arrays import Array

OfParameters = Callable[[Mapping[str, Array]], Array | float]
"""A number for each sector, from structural parameters [sector]."""


def _one(parameters: Mapping[str, Array]) -> float:
    return 1.0


def _zero(parameters: Mapping[str, Array]) -> float:
    return 0.0


@dataclass(frozen=True)
class Entrants:
    """Who stands behind the entry of a variant, and what levels need to know of them.

    Attributes:
        firms: whether entry counts firms (else it has no unit); differ: whether they differ, so that cutoffs select who sells where.
        vary: whether their mark-ups vary, since demand has a choke price.
        revenue: R/(M c fE), revenue per entrant over the cost of entry, where there are firms.
        log_price_constant: ln C of P^(−trade) = C Σ_i z_i · X^(trade·market), with z_ins = M^scale φmin^trade τ^−trade c^−cost f^−fixed
            (1 + t)^−tariff.
        entry_cost: fE in the units in which technology is recovered from shares, bundles.
    """

    firms: bool = False
    differ: bool = False
    vary: bool = False
    revenue: OfParameters = _one
    log_price_constant: OfParameters = _zero
    entry_cost: OfParameters = _one


NOBODY = Entrants()
"""Goods differ by origin, or by luck: no firms are behind them."""
