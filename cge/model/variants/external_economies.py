"""External economies of scale: productivity rises with the size of the sector."""

from __future__ import annotations

from collections.abc import Container, Iterator

from cge.model.exponents import ALIKE, Exponents, PerSector, by_sector, refuse, require, where_known
from cge.model.parameters import Parameters, in_range, range_faults
from cge.model.variants.variant import Variant


def external_economies(trade: PerSector, psi: PerSector, scale: PerSector | None = None) -> Exponents:
    """External economies of scale: trade elasticity ε > 0, scale elasticity ψ ≥ 0, the exponent on sector size is εψ ≤ 1 (or `scale`, if
    given).
    """
    faults = [*range_faults("trade", trade), *range_faults("psi", psi)]
    faults += _size_faults(_size(in_range("trade", trade), in_range("psi", psi)) if scale is None else scale)
    refuse(faults)
    size = by_sector(lambda e, p: e * p, trade, psi) if scale is None else scale
    slopes = ALIKE if scale is not None else {"trade": {**ALIKE["trade"], "scale": psi}, "psi": {"scale": trade}}
    return Exponents("external_economies", trade, trade, trade, 0.0, size, 0.0, {"psi": psi}, slopes)


def _size(trade: PerSector | None, psi: PerSector | None) -> PerSector:
    """The exponent on sector size, as far as both are known."""
    return where_known(lambda e, p: e * p, trade, psi)


def _size_faults(size: PerSector) -> list[str]:
    faults: list[str] = []
    require(faults, size, "scale = trade·psi", 0.0, "but it must lie in [0, 1]: lower psi", strict=False, high=1.0)
    return faults


def _make(given: Parameters, scale: float | None) -> Exponents:
    """Without `psi` it follows from the scale that replaces trade·psi."""
    psi = given["psi"] if "psi" in given else by_sector(lambda trade: (scale or 0.0) / trade, given["trade"])
    return external_economies(given["trade"], psi, scale)


def _lacks(given: Container[str], scale: float | None) -> Iterator[str]:
    if "psi" not in given and scale is None:
        yield "elasticities: external_economies needs psi beside trade (scale = trade·psi)."


def _together(given: Parameters, names: Container[str], scale: float | None) -> list[str]:
    return _size_faults(_size(given.get("trade"), given.get("psi"))) if scale is None else []


EXTERNAL_ECONOMIES = Variant(
    "external_economies",
    "external economies of scale",
    ("trade", "psi"),
    _make,
    _lacks,
    together=_together,
    idle_at_scale=("psi",),
    scales=True,
)
