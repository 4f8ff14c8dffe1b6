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
from cge.model.exponents import PerSector, by_sector, entries, is_number, number_fault

Parameters = Mapping[str, Any]
"""Structural parameters that a run file gives, by name: `PerSector`, or `Named` where the parameter has names; what it does not give is absent."""


@dataclass(frozen=True)
class Parameter:
    """A structural parameter, dimensionless.

    Attributes:
        title: what it is, for the reference; above, below: what it exceeds, and stays below, under every model (the other limits are those of the
            models); reached: whether it may be `above` itself; why: the limits in words.
        names: what it may be called, where it is no number.
        needed_by: another parameter, and which of its names need this one; sectors where it has another name need no value.
    """

    title: str
    above: float = -np.inf
    below: float = np.inf
    reached: bool = False
    why: str = ""
    names: tuple[str, ...] = ()
    needed_by: tuple[str, tuple[str, ...]] | None = None

    def allows(self, value: Any) -> bool:
        """Whether a sector can have this value under some model."""
        if self.names:
            return isinstance(value, str) and value in self.names
        return is_number(value) and (self.above < value < self.below or (self.reached and value == self.above))


PARAMETERS = {
    "trade": Parameter("Exponent on the variable trade cost: σ − 1, θ or k", above=0.0, why="but it must be positive"),
    "sigma": Parameter("Melitz: elasticity of substitution; Krugman with it alone: trade = σ − 1", above=1.0, why="but it must exceed 1"),
    "size_shape": Parameter("Melitz: k/(σ − 1), in place of σ", above=1.0, why="but it must exceed 1"),
    "psi": Parameter("External economies: elasticity of productivity to scale", above=0.0, reached=True, why="but it must not be negative"),
    "demand": Parameter(f"Variable mark-ups: demand with a choke price, one of {', '.join(DEMANDS)}", names=tuple(DEMANDS)),
    "demand_parameter": Parameter(
        "Variable mark-ups: r of qmor, s of pollak",
        why="but it must be finite",
        needed_by=("demand", tuple(name for name, kind in DEMANDS.items() if kind.parameter)),
    ),
    "eta": Parameter(
        "Variable mark-ups: part of a change of prices that they keep from real income, in place of a demand",
        below=1.0,
        why="but it must be below 1",
    ),
    "profit": Parameter(
        "Restricted entry: share of sales that is profit",
        above=0.0,
        below=1.0,
        reached=True,
        why="but a share of sales must not be negative, and something must be left for costs",
    ),
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
    """A table with `"*"` as a number for every sector; None where it need not cover every sector and does not. After adding to `faults` it has those
    sectors alone of which the value is known.

    Args:
        value: a number (returned as it is) or a table by sector, None where there is a fault that is told; active: sectors with sales or spending
            [sector].
        where: place in the run file, for messages; cover: whether every active sector needs a value; cure: what to do where one has none.
    """
    if not isinstance(value, Mapping):
        return value
    known = len(faults)
    faults += [
        f"{where}: no sector {label} in the economy.{nearest(label, sectors)}" for label in value if label not in sectors and label != "*"
    ]
    rest = value.get("*")
    missing = [] if "*" in value else [s for s, needed in zip(sectors, active, strict=True) if needed and s not in value]
    if missing and not cover:
        return None
    if missing:
        some = f"{', '.join(missing[:8])}{f' and {len(missing) - 8} more' if len(missing) > 8 else ''}"
        faults.append(f"{where}: no value for {some}, where there are sales or spending; {cure}.")
    if len(faults) > known or None in value.values():
        return {s: number for s in sectors if (number := value.get(s, rest)) is not None}
    # A sector without sales and spending plays no role: it takes the value of the first that does, so that all parameters fit together.
    played = (value[s] for s, needed in zip(sectors, active, strict=True) if needed and s in value)
    spare = next(played, next(iter(value.values()))) if rest is None else rest
    return {s: value.get(s, spare) for s in sectors}


def range_faults(name: str, value: Any, called: str = "") -> list[str]:
    """What `value` says that no model allows, one sentence for each number or name, with its sectors; `called`: in place of `name`."""
    parameter, wrong = PARAMETERS[name], dict[str, tuple[Any, list[str]]]()
    for label, one in entries(value):
        if not parameter.allows(one):
            wrong.setdefault(repr(one), (one, []))[1].append(str(label))
    return [_range_fault(parameter, called or name, one, [label for label in labels if label]) for one, labels in wrong.values()]


def _range_fault(parameter: Parameter, name: str, value: Any, sectors: list[str]) -> str:
    """A sentence on a value that these sectors have, all where none is named."""
    if parameter.names:
        where = f" Sectors: {some(sectors)}." if sectors else ""
        return f"elasticities: {name}: there is no {value!r}.{nearest(str(value), parameter.names)}{where}"
    where = f" at sector{'=' if len(sectors) == 1 else 's '}{some(sectors)}" if sectors else ""
    return f"elasticities: {name} = {value:g}{where}, {parameter.why}." if is_number(value) else number_fault(name, where, value)


def in_range(name: str, value: Any) -> Any:
    """What of `value` some model allows: the table without the other sectors; None where a value for all is one that no model does."""
    if isinstance(value, Mapping):
        return {label: one for label, one in value.items() if PARAMETERS[name].allows(one)}
    return value if PARAMETERS[name].allows(value) else None


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
