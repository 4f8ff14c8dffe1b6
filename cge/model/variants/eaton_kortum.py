"""Eaton–Kortum: countries draw their productivity, and buyers take the cheapest source."""

from __future__ import annotations

from dataclasses import replace

from cge.model.exponents import ALIKE, Exponents, PerSector, refuse
from cge.model.parameters import Parameters, range_faults
from cge.model.variants.variant import Variant


def eaton_kortum(theta: PerSector) -> Exponents:
    """Eaton–Kortum: θ > 0 is the shape of the Fréchet productivity distribution. `DataError` where θ ≤ 0."""
    refuse(range_faults("trade", theta, "theta"))
    return Exponents("eaton_kortum", theta, theta, theta, 0.0, 0.0, 0.0, {"theta": theta}, ALIKE)


def _make(given: Parameters, scale: float | None) -> Exponents:
    made = eaton_kortum(given["trade"])
    return made if scale is None else replace(made, scale=scale)


EATON_KORTUM = Variant("eaton_kortum", "Eaton–Kortum", ("trade",), _make)
