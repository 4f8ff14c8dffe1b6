"""Structural parameters as a run file gives them, on the sectors of an economy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from cge.data.named import some
from cge.errors import nearest
from cge.model.demand import DEMANDS
from cge.model.exponents import PerSector, by_sector

Parameters = Mapping[str, Any]
"""Structural parameters that a run file gives, by name: `PerSector`, or `Named` where the parameter has names; what it does not give is absent."""


@dataclass(frozen=True)
class Parameter:
    """A structural parameter, dimensionless.

    Attributes:
        title: what it is, for the reference; above, below: what it exceeds, and stays below, under every model (the other limits are those of the
            models).
        names: what it may be called, where it is no number.
        needed_by: another parameter, and which of its names need this one; sectors where it has another name need no value.
    """

    title: str
    above: float = -np.inf
    below: float = np.inf
    names: tuple[str, ...] = ()
    needed_by: tuple[str, tuple[str, ...]] | None = None


PARAMETERS = {
    "trade": Parameter("Exponent on the variable trade cost: σ − 1, θ or k", above=0.0),
    "sigma": Parameter("Melitz: elasticity of substitution; Krugman with it alone: trade = σ − 1", above=1.0),
    "size_shape": Parameter("Melitz: k/(σ − 1), in place of σ", above=1.0),
    "psi": Parameter("External economies: elasticity of productivity to scale"),
    "demand": Parameter(f"Variable mark-ups: demand with a choke price, one of {', '.join(DEMANDS)}", names=tuple(DEMANDS)),
    "demand_parameter": Parameter(
        "Variable mark-ups: r of qmor, s of pollak", needed_by=("demand", tuple(name for name, kind in DEMANDS.items() if kind.parameter))
    ),
    "eta": Parameter("Variable mark-ups: part of a change of prices that they keep from real income, in place of a demand", below=1.0),
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
    parameter, entries = PARAMETERS[name], value.items() if isinstance(value, Mapping) else [("", value)]
    if parameter.names:
        at = {
            word: [str(sector) for sector, other in entries if sector and other == word]
            for _, word in entries
            if word not in parameter.names
        }
        where = {word: f" Sectors: {some(sectors)}." if sectors else "" for word, sectors in at.items()}
        return [f"elasticities: {name}: there is no {word!r}.{nearest(word, parameter.names)}{where[word]}" for word in at]
    low, high = parameter.above, parameter.below
    bound = f"be below {high:g}" if high < np.inf else f"exceed {low:g}" if low else "be positive"
    return [
        f"elasticities: {name} = {number:g}{f' at sector={sector}' if sector else ''}, but it must {bound}."
        for sector, number in entries
        if not low < number < high
    ]


def needed(name: str, given: Parameters, sectors: list[str]) -> npt.NDArray[np.bool_]:
    """Whether a sector needs a value of a parameter, from the name of another there [sector]; `given`: on the sectors, or one for all."""
    rule = PARAMETERS[name].needed_by
    if rule is None:
        return np.ones(len(sectors), dtype=bool)
    other, names = rule
    of = given.get(other)
    return np.array([(of.get(sector) if isinstance(of, Mapping) else of) in names for sector in sectors], dtype=bool)


def sigma_or_trade(given: Parameters) -> PerSector:
    """σ where trade = σ − 1."""
    return by_sector(lambda trade: trade + 1, given["trade"]) if "trade" in given else given["sigma"]
