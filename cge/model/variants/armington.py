"""Armington: goods differ by origin."""

from __future__ import annotations

from dataclasses import replace

from cge.model.exponents import ALIKE, Exponents, PerSector, by_sector, refuse
from cge.model.parameters import Parameters, range_faults, sigma_or_trade
from cge.model.variants.variant import Variant


def armington(sigma: PerSector) -> Exponents:
    """Armington: goods differ by origin; σ > 1 is the elasticity of substitution. `DataError` where σ ≤ 1."""
    refuse(range_faults("sigma", sigma))
    trade = by_sector(lambda s: s - 1, sigma)
    return Exponents("armington", trade, trade, trade, 0.0, 0.0, 0.0, {"sigma": sigma}, ALIKE)


def _make(given: Parameters, scale: float | None) -> Exponents:
    made = armington(sigma_or_trade(given))
    return made if scale is None else replace(made, scale=scale)


ARMINGTON = Variant("armington", "Armington", ("trade", "sigma"), _make, trade_is_sigma=True)
