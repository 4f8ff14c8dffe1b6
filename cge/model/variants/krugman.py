"""Krugman: firms that are alike enter until profits are zero."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from cge.data.arrays import Array
from cge.model.entrants import Entrants
from cge.model.exponents import ALIKE, Exponents, PerSector, by_sector, refuse, require
from cge.model.parameters import Parameters, range_faults, sigma_or_trade
from cge.model.variants.variant import Variant


def krugman(sigma: PerSector, scale: PerSector = 1.0) -> Exponents:
    """Krugman: identical firms, free entry; `scale` in [0, 1] below one is the nested-CES model. `DataError` where σ ≤ 1 or scale is
    outside.
    """
    faults = range_faults("sigma", sigma)
    require(faults, scale, "scale", 0.0, "but it must lie in [0, 1]", strict=False, high=1.0)
    refuse(faults)
    trade = by_sector(lambda s: s - 1, sigma)
    return Exponents("krugman", trade, trade, trade, 0.0, scale, 0.0, {"sigma": sigma}, ALIKE, FIRMS)


def _revenue(p: Mapping[str, Array]) -> Array:
    """σ: free entry at the mark-up σ/(σ − 1)."""
    return p["sigma"]


def _log_price_constant(p: Mapping[str, Array]) -> Array:
    """The mark-up to the power 1 − σ."""
    return np.asarray((1 - p["sigma"]) * np.log(p["sigma"] / (p["sigma"] - 1)))


FIRMS = Entrants(firms=True, revenue=_revenue, log_price_constant=_log_price_constant)
"""Firms that are alike."""


def _make(given: Parameters, scale: float | None) -> Exponents:
    return krugman(sigma_or_trade(given), 1.0 if scale is None else scale)


KRUGMAN = Variant(
    "krugman",
    "Krugman",
    ("trade", "sigma"),
    _make,
    trade_is_sigma=True,
    entrants=FIRMS,
    scales=True,
    fewer=("armington", "eaton_kortum"),
    compared=True,
    at_same_sigma=True,
)
