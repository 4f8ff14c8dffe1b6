"""Restricted entry: the number of firms is given, and a share of what they sell is profit."""

from __future__ import annotations

from collections.abc import Container, Iterator

from cge.model.exponents import ALIKE, Exponents, PerSector, refuse
from cge.model.parameters import Parameters, range_faults
from cge.model.variants.variant import Variant


def restricted_entry(trade: PerSector, profit: PerSector) -> Exponents:
    """Restricted entry: trade elasticity ε > 0, and a share ν in [0, 1) of sales that is profit of the country's residents.

    Source: Ossa (2014), American Economic Review 104(12), with ν = 1/σ and ε = σ − 1; Lashkaripour and Lugovskyy (2023), American Economic Review
    113(10), with ν = μ/(1 + μ) for the mark-up μ. `DataError` where a parameter is out of range.
    """
    refuse([*range_faults("trade", trade), *range_faults("profit", profit)])
    return Exponents("restricted_entry", trade, trade, trade, 0.0, 0.0, 0.0, {"profit": profit}, ALIKE, profit=profit)


def _make(given: Parameters, scale: float | None) -> Exponents:
    return restricted_entry(given["trade"], given["profit"])


def _lacks(given: Container[str], scale: float | None) -> Iterator[str]:
    if "profit" not in given:
        yield "elasticities: restricted_entry needs profit beside trade, the share of sales that is profit (1/sigma with CES demand)."
    if scale:
        yield f"scale: {scale:g} means free entry, and under restricted_entry nobody enters; leave it out, or use krugman."


RESTRICTED_ENTRY = Variant(
    "restricted_entry", "restricted entry with profits", ("trade", "profit"), _make, _lacks, fewer=("armington", "eaton_kortum")
)
