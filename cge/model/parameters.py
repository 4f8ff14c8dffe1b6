"""Structural parameters as a run file gives them, on the sectors of an economy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.errors import nearest
from cge.model.demand import DEMANDS
from cge.model.exponents import PerSector, by_sector

Parameters = Mapping[str, Any]
"""Structural parameters that a run file gives, by name: `PerSector`, or `Named` where the parameter has names; what it does not give is absent."""


@dataclass(frozen=True)
class Parameter:
    """A structural parameter, dimensionless.

    Attributes:
        title: what it is, for the reference; above: what it exceeds under every model (the other limits are those of the models).
        names: what it may be called, where it is no number.
    """

    title: str
    above: float = -np.inf
    names: tuple[str, ...] = ()


PARAMETERS = {
    "trade": Parameter("Exponent on the variable trade cost: σ − 1, θ or k", above=0.0),
    "sigma": Parameter("Melitz: elasticity of substitution; Krugman with it alone: trade = σ − 1", above=1.0),
    "size_shape": Parameter("Melitz: k/(σ − 1), in place of σ", above=1.0),
    "psi": Parameter("External economies: elasticity of productivity to scale"),
    "demand": Parameter(f"Variable mark-ups: demand with a choke price, one of {', '.join(DEMANDS)}", names=tuple(DEMANDS)),
    "demand_parameter": Parameter("Variable mark-ups: r of qmor, s of pollak"),
    "eta": Parameter("Variable mark-ups: part of a change of prices that they keep from real income, in place of a demand"),
    "profit": Parameter("Restricted entry: share of sales that is profit"),
}
"""What may stand in [elasticities], by name."""


def on_sectors(
    value: Any,
    sectors: list[str],
    active: npt.NDArray[np.bool_],
    where: str,
    faults: list[str],
    *,
    cover: bool = True,
    cure: str = 'give one, or "*" for the rest',
) -> Any:
    """A table with `"*"` as a number for every sector; None after adding to `faults`, or where it need not cover every sector and does not.

    Args:
        value: a number (returned as it is) or a table by sector; active: sectors with sales or spending [sector].
        where: place in the run file, for messages; cover: whether every active sector needs a value; cure: what to do where one has none.
    """
    if not isinstance(value, Mapping):
        return value
    known = len(faults)
    faults += [
        f"{where}: no sector {label} in the economy.{nearest(label, sectors)}" for label in value if label not in sectors and label != "*"
    ]
    rest = value.get("*")
    missing = [s for s, needed in zip(sectors, active, strict=True) if needed and s not in value] if rest is None else []
    if missing and not cover:
        return None
    if missing:
        some = f"{', '.join(missing[:8])}{f' and {len(missing) - 8} more' if len(missing) > 8 else ''}"
        faults.append(f"{where}: no value for {some}, where there are sales or spending; {cure}.")
    if len(faults) > known:
        return None
    # A sector without sales and spending plays no role: it takes the value of the first that does, so that all parameters fit together.
    played = (value[s] for s, needed in zip(sectors, active, strict=True) if needed and s in value)
    spare = next(played, next(iter(value.values()))) if rest is None else rest
    return {s: value.get(s, spare) for s in sectors}


def range_faults(name: str, value: Any) -> list[str]:
    """What `value` says that no model allows."""
    if PARAMETERS[name].names:
        return []
    low = PARAMETERS[name].above
    entries = value.items() if isinstance(value, Mapping) else [("", value)]
    return [
        f"elasticities: {name} = {number:g}{f' at sector={sector}' if sector else ''}, but it must {f'exceed {low:g}' if low else 'be positive'}."
        for sector, number in entries
        if not number > low
    ]


def sigma_or_trade(given: Parameters) -> PerSector:
    """σ where trade = σ − 1."""
    return by_sector(lambda trade: trade + 1, given["trade"]) if "trade" in given else given["sigma"]
