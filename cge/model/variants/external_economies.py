"""External economies of scale: productivity rises with the size of the sector."""

from __future__ import annotations

from collections.abc import Container, Iterator

from cge.model.exponents import ALIKE, Exponents, PerSector, by_sector, refuse, require
from cge.model.parameters import Parameters
from cge.model.variants.variant import Variant


def external_economies(trade: PerSector, psi: PerSector, scale: PerSector | None = None) -> Exponents:
    """External economies of scale: trade elasticity ε > 0, scale elasticity ψ ≥ 0, the exponent on sector size is εψ ≤ 1 (or `scale`, if
    given).
    """
    faults: list[str] = []
    require(faults, trade, "trade", 0.0, "but the trade elasticity must be positive")
    require(faults, psi, "psi", 0.0, "but it must not be negative", strict=False)
    size = by_sector(lambda e, p: e * p, trade, psi) if scale is None else scale
    require(faults, size, "scale = trade·psi", 0.0, "but it must lie in [0, 1]: lower psi", strict=False, high=1.0)
    refuse(faults)
    slopes = ALIKE if scale is not None else {"trade": {**ALIKE["trade"], "scale": psi}, "psi": {"scale": trade}}
    return Exponents("external_economies", trade, trade, trade, 0.0, size, 0.0, {"psi": psi}, slopes)


def _make(given: Parameters, scale: float | None) -> Exponents:
    """Without `psi` it follows from the scale that replaces trade·psi."""
    psi = given["psi"] if "psi" in given else by_sector(lambda trade: (scale or 0.0) / trade, given["trade"])
    return external_economies(given["trade"], psi, scale)


def _lacks(given: Container[str], scale: float | None) -> Iterator[str]:
    if "psi" not in given and scale is None:
        yield "elasticities: external_economies needs psi beside trade (scale = trade·psi)."


EXTERNAL_ECONOMIES = Variant(
    "external_economies", "external economies of scale", ("trade", "psi"), _make, _lacks, idle_at_scale=("psi",), scales=True
)
